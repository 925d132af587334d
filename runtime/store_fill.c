#define _GNU_SOURCE

#include "store_fill.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log_io.h"
#include "park.h"

enum {
    ROOM_FOR = 128, /* records */
    A_FEW = 4,      /* likewise */
    LEAST_AHEAD = 1 << 20,
    MOST_AHEAD = 16 << 20,
    LITTLE = 8,        /* this part of what is wanted */
    STEP = 1 << 20,    /* bytes between two looks at what is wanted */
    FORGET = 256,      /* of the longest record: this part of it with each shorter one */
    QUIET_NS = 2000000 /* in which nobody has saved */
};

/* What the thread is to do. It sets IDLE and STUCK by itself. */
enum {
    IDLE,
    WAITING, /* for a quiet moment */
    FILLING,
    STUCK, /* the last write failed: until whoever saves has got any further */
    STOPPING
};

/* ---- the thread ---- */

/* The file that it fills. */
typedef struct Target {
    uint32_t number;
    int fd;
} Target;

static int open_target(const dfl__filler *filler, Target *target, uint32_t number) {
    if (target->fd >= 0 && target->number == number)
        return DFL_OK;
    if (target->fd >= 0)
        close(target->fd);
    target->number = number;
    target->fd = dfl__log_open_to_fill(filler->dir, number);
    return target->fd >= 0 ? DFL_OK : DFL_ESTORE;
}

/* Asks for them to be written out, lest the next sync do it. Where nobody syncs, records will lie over most
 * of them before it is time to. */
static void push_out(int fd, uint64_t from, uint64_t n) {
#ifdef SYNC_FILE_RANGE_WRITE
    (void)sync_file_range(fd, (off_t)from, (off_t)n, SYNC_FILE_RANGE_WRITE);
#else
    (void)fd, (void)from, (void)n;
#endif
}

/* *enough: there was nothing left to do. */
static int fill_some(const dfl__filler *filler, Target *target, bool *enough) {
    uint64_t end = atomic_load_explicit(&filler->end, memory_order_relaxed),
             to = dfl__position_offset(end) +
                  atomic_load_explicit(&filler->ahead, memory_order_relaxed);
    int status = open_target(filler, target, dfl__position_segment(end));
    struct stat about;
    uint64_t from, n;
    if (status == DFL_OK && fstat(target->fd, &about) != 0)
        status = DFL_ESTORE;
    if (status != DFL_OK)
        return status;
    if (to > filler->segment_bytes)
        to = filler->segment_bytes;
    from = (uint64_t)about.st_size;
    *enough = from >= to;
    if (*enough)
        return DFL_OK;
    n = to - from < STEP ? to - from : STEP;
    status = dfl__append_zeroes(target->fd, n);
    if (atomic_load_explicit(&filler->is_synced, memory_order_relaxed))
        push_out(target->fd, from, n);
    return status;
}

static void change(dfl__filler *filler, unsigned from, unsigned to) {
    (void)atomic_compare_exchange_strong_explicit(&filler->state, &from, to, memory_order_acq_rel,
                                                  memory_order_relaxed);
}

/* Sleeps; true: nobody has saved meanwhile. */
static bool was_quiet(dfl__filler *filler) {
    uint64_t end = atomic_load_explicit(&filler->end, memory_order_relaxed);
    dfl__park_wait(&filler->state, WAITING, QUIET_NS);
    return atomic_load_explicit(&filler->end, memory_order_relaxed) == end;
}

static void step(dfl__filler *filler, Target *target, unsigned state) {
    bool enough = false;
    if (fill_some(filler, target, &enough) != DFL_OK)
        change(filler, state, STUCK);
    else if (enough)
        change(filler, state, IDLE);
}

static void *fill(void *arg) {
    dfl__filler *filler = arg;
    Target target = {0, -1};
    unsigned state;
    while ((state = atomic_load_explicit(&filler->state, memory_order_acquire)) != STOPPING) {
        if (state == IDLE || state == STUCK)
            dfl__park_wait(&filler->state, state, -1);
        else if (state == FILLING || was_quiet(filler))
            step(filler, &target, state);
    }
    if (target.fd >= 0)
        close(target.fd);
    return NULL;
}

/* ---- whoever appends ---- */

void dfl__filler_init(dfl__filler *filler, int dir, uint64_t segment_bytes) {
    *filler = (dfl__filler){.dir = dir, .segment_bytes = segment_bytes};
}

/* Signals are for the threads of the program. */
static bool begin_thread(dfl__filler *filler) {
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    filler->has_thread = pthread_create(&filler->thread, NULL, fill, filler) == 0;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    filler->process = getpid();
    return filler->has_thread;
}

/* In the child of a fork() there is no thread, whatever it was at. */
static bool needs_thread(const dfl__filler *filler) {
    return !filler->has_thread || filler->process != getpid();
}

static void wake(dfl__filler *filler, unsigned state) {
    atomic_store_explicit(&filler->state, state, memory_order_release);
    if (!needs_thread(filler))
        dfl__park_wake(&filler->state, 1);
    else if (!begin_thread(filler))
        atomic_store_explicit(&filler->state, STUCK, memory_order_relaxed);
}

static uint64_t last_zero(const dfl__log *log) {
    const dfl__segment *last = &log->segments[log->n - 1];
    return dfl__position(last->number, last->filled);
}

static uint64_t room(const dfl__log *log) {
    return last_zero(log) > log->end ? last_zero(log) - log->end : 0;
}

static uint64_t wanted(const dfl__filler *filler) {
    uint64_t bytes = filler->longest * ROOM_FOR;
    return bytes < LEAST_AHEAD ? LEAST_AHEAD : bytes > MOST_AHEAD ? MOST_AHEAD : bytes;
}

/* Whether the thread, which has something to do, or could not do it, is to be left alone. In the child of a
 * fork() nobody is at it, which shows when whoever saves has had to go on alone. */
static bool is_to_be_left(dfl__filler *filler, const dfl__log *log, unsigned state) {
    if (state == FILLING && last_zero(log) != filler->woken_at) {
        filler->woken_at = last_zero(log);
        return !needs_thread(filler);
    }
    return (state == STUCK || state == FILLING) && last_zero(log) == filler->woken_at;
}

/* Less than half of what is wanted is there, as far as is known. */
static void ask_for_more(dfl__filler *filler, dfl__log *log, uint64_t ahead) {
    unsigned state = atomic_load_explicit(&filler->state, memory_order_acquire);
    uint64_t little = ahead > LEAST_AHEAD ? ahead / LITTLE : 0;
    atomic_store_explicit(&filler->end, log->end, memory_order_relaxed);
    atomic_store_explicit(&filler->ahead, ahead, memory_order_relaxed);
    if (is_to_be_left(filler, log, state) || (state == WAITING && room(log) >= little))
        return;
    (void)dfl__log_look_at_size(log);
    if (room(log) >= ahead / 2)
        return;
    filler->woken_at = last_zero(log);
    wake(filler, room(log) < little ? FILLING : WAITING);
}

void dfl__filler_note(dfl__filler *filler, dfl__log *log, uint64_t n, uint64_t synced) {
    const dfl__segment *last = &log->segments[log->n - 1];
    uint64_t ahead;
    filler->longest = n > filler->longest ? n : filler->longest - filler->longest / FORGET;
    ahead = wanted(filler);
    if (room(log) >= ahead / 2 || last->filled >= filler->segment_bytes)
        return;
    atomic_store_explicit(&filler->is_synced, synced + A_FEW * filler->longest >= log->end,
                          memory_order_relaxed);
    ask_for_more(filler, log, ahead);
}

void dfl__filler_stop(dfl__filler *filler) {
    if (needs_thread(filler))
        return;
    atomic_store_explicit(&filler->state, STOPPING, memory_order_release);
    dfl__park_wake(&filler->state, 1);
    pthread_join(filler->thread, NULL);
    filler->has_thread = false;
}
