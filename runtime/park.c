#define _GNU_SOURCE

#include "park.h"

#include <limits.h>
#include <time.h>

#ifdef __linux__

#include <sys/syscall.h>
#include <unistd.h>

/* Of the system's interface; its header is not among those of every libc. */
enum { FUTEX_WAIT_PRIVATE = 128, FUTEX_WAKE_PRIVATE = 129 };

void dfl__park_wait(atomic_uint *word, unsigned seen, int64_t ns) {
    struct timespec time = {(time_t)(ns / 1000000000), (long)(ns % 1000000000)};
    (void)syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, seen, ns < 0 ? NULL : &time, NULL, 0);
}

void dfl__park_wake(atomic_uint *word, unsigned n) {
    (void)syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, n > INT_MAX ? INT_MAX : (int)n, NULL, NULL,
                  0);
}

void dfl__park_reset(void) {
}

#else

#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static struct timespec in(int64_t ns) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    time.tv_sec += (time_t)(ns / 1000000000);
    time.tv_nsec += (long)(ns % 1000000000);
    if (time.tv_nsec >= 1000000000) {
        time.tv_nsec -= 1000000000;
        time.tv_sec++;
    }
    return time;
}

void dfl__park_wait(atomic_uint *word, unsigned seen, int64_t ns) {
    struct timespec until;
    pthread_mutex_lock(&lock);
    if (atomic_load(word) == seen) {
        if (ns < 0) {
            pthread_cond_wait(&changed, &lock);
        } else {
            until = in(ns);
            pthread_cond_timedwait(&changed, &lock, &until);
        }
    }
    pthread_mutex_unlock(&lock);
}

/* Whoever sleeps on another word wakes, too, and looks at it again. */
void dfl__park_wake(atomic_uint *word, unsigned n) {
    (void)word, (void)n;
    pthread_mutex_lock(&lock);
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

void dfl__park_reset(void) {
    pthread_mutex_init(&lock, NULL);
    pthread_cond_init(&changed, NULL);
}

#endif
