/* File stores across fork().
 *
 * note [a store and fork()]
 * The child has the memory of a handle, but of the threads that were at it only the one that forked. So a
 * fork() waits for what is being done to each handle, and finds all of it whole; in the child nobody waits
 * or syncs, and the handle has no byte of `lock` (log_share.h, note [a handle and fork()]). Whoever goes on using
 * the handle, which one of the two may, begins its own.
 * Some calls take long, and a callback may fork() within one. So it waits for a while only: then the handle
 * is lost to the child, which says so whenever it is used. The parent's goes on. */
#define _POSIX_C_SOURCE 200809L

#include <time.h>

#include "store_file.h"

enum { PATIENCE_S = 1 };

/* The handles that are open. */
static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static File *open_files;

static void hold(File *file, const struct timespec *until) {
    file->is_held = pthread_mutex_timedlock(&file->lock, until) == 0;
    pthread_mutex_lock(&file->syncs.lock);
}

static void let_go(File *file) {
    pthread_mutex_unlock(&file->syncs.lock);
    if (file->is_held)
        pthread_mutex_unlock(&file->lock);
}

static void before_fork(void) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    pthread_mutex_lock(&list_lock);
    for (File *file = open_files; file; file = file->next_open)
        hold(file, &until);
}

static void in_parent(void) {
    for (File *file = open_files; file; file = file->next_open)
        let_go(file);
    pthread_mutex_unlock(&list_lock);
}

/* A lock that somebody else holds has to be made anew: nobody will let it go. */
static void in_child(void) {
    for (File *file = open_files; file; file = file->next_open) {
        dfl__share_leave(&file->share);
        dfl__file_forget_syncers(file);
        file->is_lost = file->is_lost || !file->is_held;
        let_go(file);
        if (!file->is_held)
            pthread_mutex_init(&file->lock, NULL);
    }
    pthread_mutex_unlock(&list_lock);
}

static void watch_for_fork(void) {
    pthread_atfork(before_fork, in_parent, in_child);
}

void dfl__file_expect_fork(File *file) {
    static pthread_once_t watching = PTHREAD_ONCE_INIT;
    (void)pthread_once(&watching, watch_for_fork);
    pthread_mutex_lock(&list_lock);
    file->next_open = open_files;
    if (open_files)
        open_files->previous_open = file;
    open_files = file;
    pthread_mutex_unlock(&list_lock);
}

void dfl__file_expect_no_fork(File *file) {
    pthread_mutex_lock(&list_lock);
    *(file->previous_open ? &file->previous_open->next_open : &open_files) = file->next_open;
    if (file->next_open)
        file->next_open->previous_open = file->previous_open;
    pthread_mutex_unlock(&list_lock);
}
