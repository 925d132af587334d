/* Syncing the log of a file store, one sync for all that wait for one.
 *
 * note [group commit]
 * Syncs are made in rounds, one at a time; one of the threads that want it leads a round. It appends what they want
 * to save (store_append.c, note [appending together]), and syncs as far as anybody has asked for when it begins;
 * who comes later waits for the next one. When a round ends its leader first has the next one begun, so that the
 * disk has something to do again: one of those that wait for it leads it, or somebody who comes just then. After
 * that it wakes all that its round was for, at once. They take no lock any more. A round whose sync has failed has
 * served nobody but its leader: the others find out by themselves, in further rounds.
 *
 * note [gathering]
 * Threads that do nothing but save come back from a round a moment after it has ended. If the next one has
 * begun by then, they wait for all of it and for one more, and each round serves half of them. So a leader
 * waits for as many as the last round was for, and came during it. Who comes last leads the round in its stead, at
 * once: to wake it up would take its time (32 writers: 7 us a save instead of 5). It waits no longer than a sync
 * takes, which is what they would lose; and if they have not come then it does not try that again for 1, 3, 7 and so
 * on up to 63 rounds. */
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"
#include "park.h"
#include "store_file.h"

enum {
    ASYNC_NS = 50 * 1000 * 1000,
    LEAST_PATIENCE_NS = 20000, /* a shorter wait is over too late */
    MOST_SKIPPED = 63,
    SMOOTH = 8 /* a sync counts for this part of what they take of late */
};

int dfl__file_check_poison(const File *file) {
    int why = file->log.failed_sync;
    if (why == 0)
        return DFL_OK;
    errno = why;
    return DFL_ESTORE;
}

uint64_t dfl__file_synced(const File *file) {
    return atomic_load_explicit(&file->syncs.synced, memory_order_acquire);
}

static bool is_over(const dfl__file_syncs *syncs, unsigned round) {
    return (int)(atomic_load_explicit(&syncs->over, memory_order_acquire) - round) >= 0;
}

/* ---- the sync ---- */

/* Everything in older segments was synced when the last one was begun. A descriptor of its own, as segments
 * may be closed meanwhile. */
static int follow_segment(File *file, uint64_t end) {
    dfl__file_syncs *syncs = &file->syncs;
    const dfl__segment *last;
    if (syncs->fd >= 0 && dfl__position_segment(end) <= syncs->number)
        return DFL_OK;
    if (syncs->fd >= 0)
        close(syncs->fd);
    pthread_mutex_lock(&file->lock);
    last = &file->log.segments[file->log.n - 1];
    syncs->number = last->number;
    syncs->fd = fcntl(last->fd, F_DUPFD_CLOEXEC, 3);
    pthread_mutex_unlock(&file->lock);
    return syncs->fd >= 0 ? DFL_OK : DFL_ESTORE;
}

static int sync_once(File *file, uint64_t end) {
    int status = follow_segment(file, end);
    if (status == DFL_OK)
        status = dfl__log_sync_file(&file->log, file->syncs.fd);
    /* Waits for the end of a sync under the append lock; note [a failed sync]. */
    if (file->log.syncing) {
        int why = errno;
        pthread_mutex_lock(&file->lock);
        pthread_mutex_unlock(&file->lock);
        errno = why;
    }
    return status == DFL_OK ? dfl__file_check_poison(file) : status;
}

/* ---- gathering ---- */

/* Whether to wait. */
static bool begin_gathering(dfl__file_syncs *syncs) {
    bool begins;
    pthread_mutex_lock(&syncs->lock);
    begins = syncs->is_gathering = syncs->joined < syncs->expected;
    pthread_mutex_unlock(&syncs->lock);
    return begins;
}

/* Lock held. True: it is this one that leads the round. */
static bool end_gathering(dfl__file_syncs *syncs) {
    bool was = syncs->is_gathering;
    syncs->is_gathering = false;
    return was;
}

static void note_gathering(dfl__file_syncs *syncs, bool all) {
    syncs->skipped = all                             ? 0
                     : syncs->skipped < MOST_SKIPPED ? 2 * syncs->skipped + 1
                                                     : MOST_SKIPPED;
    syncs->to_skip = syncs->skipped;
}

/* True: not all have come, and the round is to be led all the same. */
static bool wait_in_vain(dfl__file_syncs *syncs, unsigned round, int64_t patience_ns) {
    atomic_uint *changes = &syncs->changes[round % 2];
    int64_t until = dfl__now() + patience_ns, left;
    bool leads;
    do {
        unsigned seen = atomic_load_explicit(changes, memory_order_acquire);
        if (is_over(syncs, round))
            return false;
        left = until - dfl__now();
        if (left > 0)
            dfl__park_wait(changes, seen, left);
    } while (left > 0);
    pthread_mutex_lock(&syncs->lock);
    leads = end_gathering(syncs);
    pthread_mutex_unlock(&syncs->lock);
    return leads;
}

/* False: who came last leads the round. */
static bool gather(dfl__file_syncs *syncs, unsigned round) {
    int64_t patience_ns = syncs->sync_ns;
    if (syncs->to_skip > 0) {
        syncs->to_skip--;
        return true;
    }
    if (patience_ns < LEAST_PATIENCE_NS || !begin_gathering(syncs))
        return true;
    if (!wait_in_vain(syncs, round, patience_ns))
        return false;
    note_gathering(syncs, false);
    return true;
}

/* Lock held. Whether this is who came last. */
static bool completes(dfl__file_syncs *syncs) {
    if (syncs->joined < syncs->expected || !end_gathering(syncs))
        return false;
    note_gathering(syncs, true);
    return true;
}

/* ---- a round ---- */

static uint64_t begin_round(dfl__file_syncs *syncs, dfl__put **puts) {
    uint64_t end;
    pthread_mutex_lock(&syncs->lock);
    syncs->round++;
    syncs->expected = syncs->joined;
    syncs->joined = 0;
    end = syncs->wanted;
    *puts = syncs->puts;
    syncs->puts = NULL;
    syncs->puts_end = &syncs->puts;
    pthread_mutex_unlock(&syncs->lock);
    return end;
}

/* synced: 0 where that has failed. */
static void note_end(dfl__file_syncs *syncs, uint64_t synced) {
    if (synced > atomic_load_explicit(&syncs->synced, memory_order_relaxed))
        atomic_store_explicit(&syncs->synced, synced, memory_order_release);
    atomic_store_explicit(&syncs->over, syncs->round, memory_order_release);
}

static void end_round(dfl__file_syncs *syncs, uint64_t synced) {
    atomic_uint *this, *next;
    bool has_next;
    pthread_mutex_lock(&syncs->lock);
    this = &syncs->changes[syncs->round % 2];
    next = &syncs->changes[(syncs->round + 1) % 2];
    note_end(syncs, synced);
    has_next = syncs->has_leader = syncs->joined > 0;
    syncs->expected += syncs->joined;
    if (has_next)
        atomic_store_explicit(&syncs->may_begin, true, memory_order_release);
    atomic_fetch_add_explicit(next, 1, memory_order_release);
    atomic_fetch_add_explicit(this, 1, memory_order_release);
    pthread_mutex_unlock(&syncs->lock);
    if (has_next)
        dfl__park_wake(next, 1);
    dfl__park_wake(this, UINT_MAX);
}

static int sync_timed(File *file, uint64_t end) {
    dfl__file_syncs *syncs = &file->syncs;
    int64_t begun = dfl__now();
    int status = sync_once(file, end), why = errno;
    syncs->sync_ns += (dfl__now() - begun - syncs->sync_ns) / SMOOTH;
    errno = why;
    return status;
}

static int lead(File *file) {
    dfl__put *puts;
    uint64_t end = begin_round(&file->syncs, &puts),
             appended = puts ? dfl__file_append_all(file, puts) : 0;
    int status = dfl__file_check_poison(file), why;
    if (appended > end)
        end = appended;
    if (status == DFL_OK && end > dfl__file_synced(file))
        status = sync_timed(file, end);
    if (status == DFL_OK)
        dfl__share_raise_synced(&file->share, end);
    why = errno;
    end_round(&file->syncs, status == DFL_OK ? end : 0);
    errno = why;
    return status;
}

/* ---- those that wait ---- */

typedef enum Part {
    WAITS,
    LEADS,        /* once those that it expects have come */
    LEADS_AT_ONCE /* they have */
} Part;

/* Joins the next round, which is to append `put`, if it is not NULL, and to reach a position. */
static Part join_round(dfl__file_syncs *syncs, dfl__put *put, uint64_t position, unsigned *round) {
    Part part;
    pthread_mutex_lock(&syncs->lock);
    *round = syncs->round + 1;
    if (position > syncs->wanted)
        syncs->wanted = position;
    if (put) {
        *syncs->puts_end = put;
        syncs->puts_end = &put->next;
    }
    syncs->joined++;
    part = !syncs->has_leader ? LEADS : completes(syncs) ? LEADS_AT_ONCE : WAITS;
    syncs->has_leader = true;
    pthread_mutex_unlock(&syncs->lock);
    return part;
}

static bool take_lead(dfl__file_syncs *syncs) {
    return atomic_load_explicit(&syncs->may_begin, memory_order_relaxed) &&
           atomic_exchange_explicit(&syncs->may_begin, 0u, memory_order_acquire);
}

/* True: it is to be led; else it is over. */
static bool wait_for_round(dfl__file_syncs *syncs, unsigned round) {
    atomic_uint *changes = &syncs->changes[round % 2];
    for (;;) {
        unsigned seen = atomic_load_explicit(changes, memory_order_acquire);
        if (is_over(syncs, round))
            return false;
        if (take_lead(syncs))
            return true;
        dfl__park_wait(changes, seen, -1);
    }
}

/* What the round has come to, where this thread has led it. */
static int take_part(File *file, dfl__put *put, uint64_t position) {
    dfl__file_syncs *syncs = &file->syncs;
    unsigned round;
    Part part = join_round(syncs, put, position, &round);
    if (part == WAITS && wait_for_round(syncs, round))
        part = LEADS;
    if (part == LEADS && !gather(syncs, round) && !wait_for_round(syncs, round))
        part = WAITS;
    return part == WAITS ? DFL_OK : lead(file);
}

int dfl__file_sync_to(File *file, uint64_t position) {
    int status = DFL_OK;
    while (status == DFL_OK && dfl__file_synced(file) < position)
        status = take_part(file, NULL, position);
    return status;
}

int dfl__file_put_durably(File *file, dfl__put *put) {
    int status = take_part(file, put, 0);
    if (put->status != DFL_OK) {
        errno = put->why;
        return put->status;
    }
    return status == DFL_OK ? dfl__file_sync_to(file, put->end) : status;
}

/* ---- syncing later ---- */

/* Lock held. Whether it has become the leader. */
static bool try_to_lead(dfl__file_syncs *syncs) {
    if (syncs->has_leader)
        return false;
    syncs->has_leader = true;
    if (syncs->wanted_soon > syncs->wanted)
        syncs->wanted = syncs->wanted_soon;
    return true;
}

/* What is wanted is on the disk 50 ms later at the latest (and what a sync takes). */
static void *sync_in_turn(void *arg) {
    File *file = arg;
    dfl__file_syncs *syncs = &file->syncs;
    struct timespec pause = {0, ASYNC_NS / 2};
    pthread_mutex_lock(&syncs->lock);
    while (!syncs->closing) {
        bool is_leader;
        if (syncs->wanted_soon <= dfl__file_synced(file) ||
            dfl__file_check_poison(file) != DFL_OK) {
            pthread_cond_wait(&syncs->is_wanted, &syncs->lock);
            continue;
        }
        pthread_mutex_unlock(&syncs->lock);
        (void)nanosleep(&pause, NULL);
        pthread_mutex_lock(&syncs->lock);
        is_leader = try_to_lead(syncs);
        pthread_mutex_unlock(&syncs->lock);
        if (is_leader)
            (void)lead(file);
        pthread_mutex_lock(&syncs->lock);
    }
    pthread_mutex_unlock(&syncs->lock);
    return NULL;
}

int dfl__file_sync_soon(File *file, uint64_t position) {
    dfl__file_syncs *syncs = &file->syncs;
    bool has_syncer;
    pthread_mutex_lock(&syncs->lock);
    if (!syncs->has_syncer)
        syncs->has_syncer = pthread_create(&syncs->syncer, NULL, sync_in_turn, file) == 0;
    has_syncer = syncs->has_syncer;
    if (position > syncs->wanted_soon)
        syncs->wanted_soon = position;
    pthread_cond_signal(&syncs->is_wanted);
    pthread_mutex_unlock(&syncs->lock);
    return has_syncer ? DFL_OK : dfl__file_sync_to(file, position);
}

void dfl__file_stop_syncer(File *file) {
    dfl__file_syncs *syncs = &file->syncs;
    pthread_mutex_lock(&syncs->lock);
    syncs->closing = true;
    pthread_cond_signal(&syncs->is_wanted);
    pthread_mutex_unlock(&syncs->lock);
    if (syncs->has_syncer)
        pthread_join(syncs->syncer, NULL);
}

/* ---- fork ---- */

void dfl__file_forget_syncers(File *file) {
    dfl__file_syncs *syncs = &file->syncs;
    atomic_store_explicit(&syncs->over, syncs->round, memory_order_relaxed);
    atomic_store_explicit(&syncs->may_begin, false, memory_order_relaxed);
    syncs->has_leader = syncs->is_gathering = syncs->has_syncer = false;
    syncs->joined = syncs->expected = 0;
    syncs->puts = NULL;
    syncs->puts_end = &syncs->puts;
    pthread_cond_init(&syncs->is_wanted, NULL);
}

/* ---- its memory ---- */

void dfl__file_init_sync(File *file) {
    dfl__file_syncs *syncs = &file->syncs;
    syncs->fd = -1;
    syncs->puts_end = &syncs->puts;
    pthread_mutex_init(&syncs->lock, NULL);
    pthread_cond_init(&syncs->is_wanted, NULL);
}

void dfl__file_free_sync(File *file) {
    if (file->syncs.fd >= 0)
        close(file->syncs.fd);
    pthread_mutex_destroy(&file->syncs.lock);
    pthread_cond_destroy(&file->syncs.is_wanted);
}
