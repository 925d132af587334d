/* What a worker does: look for open tickets, a while; then sleep.
 *
 * note [sections that are expected]
 * No worker can know when the next section comes, but the compiler often does: it says so, a node or
 * more ahead (dfl__expect). A worker that goes to sleep sets its alarm a little before that time and
 * then looks for a while longer. So the caller finds it awake and pays for no wake-up, and nothing is
 * burnt in between. */
#define _GNU_SOURCE

#include "internal.h"
#include "park.h"
#include "pool.h"

#ifdef __linux__
#include <sys/prctl.h>
#include <sys/resource.h>
#endif

enum {
    AHEAD_NS = 120 * 1000, /* the alarm rings so long before: it and the way up take 50 to 100 us */
    PATIENCE_NS = 150 * 1000,    /* how long after the expected time it is still looked for */
    FORESIGHT_NS = 50000 * 1000, /* what is expected later than this is not */
    TAIL_NS = 500 * 1000, /* and while a section is not over yet: the next may be close behind */
    LOOKS = 32            /* between two looks at the clock */
};

void dfl__relax(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
    __asm__ volatile("yield");
#endif
}

/* ---- chunks ---- */

uint32_t dfl__claim_size(const dfl_pool *pool, dfl__share share, uint32_t left) {
    switch (share) {
    case DFL__SHARE:
        return (left + pool->threads - 1) / pool->threads;
    case DFL__HALF_SHARE:
        return left < 4 * pool->threads ? 1 : left / (2 * pool->threads);
    default:
        return 1;
    }
}

static uint32_t next_of(uint64_t ticket) {
    return (uint32_t)(ticket & 0xffff);
}

static uint32_t end_of(uint64_t ticket) {
    return (uint32_t)(ticket >> 16 & 0xffff);
}

/* 0: there is nothing left. */
static uint32_t look_for_claim(const dfl_pool *pool, const dfl__lane *lane) {
    uint64_t ticket = atomic_load_explicit(&lane->ticket, memory_order_relaxed);
    if (!dfl__ticket_is_open(ticket))
        return 0;
    return dfl__claim_size(pool, (dfl__share)(ticket >> DFL__TICKET_SHARE & 3),
                           end_of(ticket) - next_of(ticket));
}

/* `next` may pass n, by a share of each thread; there is room for that. Who has claimed the last chunk need not look
 * again. */
unsigned dfl__take_chunks(const dfl_pool *pool, dfl__lane *lane, uint32_t size) {
    unsigned taken = 0;
    uint32_t end = 0, n = 1;
    if (size == 0)
        size = look_for_claim(pool, lane);
    for (; size > 0; size = end < n ? look_for_claim(pool, lane) : 0) {
        uint64_t ticket = atomic_fetch_add_explicit(&lane->ticket, size, memory_order_acquire);
        if (!dfl__ticket_is_open(ticket))
            return taken;
        n = end_of(ticket);
        end = next_of(ticket) + size;
        for (uint32_t k = next_of(ticket); k < n && k < end; k++, taken++)
            lane->job->chunk(lane->job, k);
    }
    return taken;
}

/* note [a busy neighbour]
 * Where another program wants the CPU, a worker that has claimed a chunk may be put aside for
 * milliseconds, and the caller waits. A worker that ends while the caller sleeps for it asks the system
 * whether it was interrupted. If so, and the wait was long (pool.c), the pool is shy: for a while
 * sections that may run inline do. */
#ifdef __linux__
static bool was_interrupted(void) {
    static _Thread_local long before;
    struct rusage used;
    bool more;
    if (getrusage(RUSAGE_THREAD, &used) != 0)
        return false;
    more = used.ru_nivcsw > before;
    before = used.ru_nivcsw;
    return more;
}
#else
static bool was_interrupted(void) {
    return false;
}
#endif

/* note [memory orders]: `done`, then `waits`. The lane outlives the job. */
static void report(dfl_pool *pool, dfl__lane *lane, unsigned n) {
    atomic_fetch_add_explicit(&lane->done, n, memory_order_seq_cst);
    if (!atomic_load_explicit(&lane->waits, memory_order_seq_cst))
        return;
    if (was_interrupted())
        atomic_store_explicit(&pool->interrupted, true, memory_order_relaxed);
    dfl__park_wake(&lane->done, 1);
}

/* ---- looking for work ---- */

/* note [what is read first] */
static void fetch_near(const dfl__lane *lane) {
#if defined(__GNUC__)
    for (unsigned i = 0; i < DFL__NEAR; i++)
        __builtin_prefetch(atomic_load_explicit(&lane->near[i], memory_order_relaxed));
#else
    (void)lane;
#endif
}

static bool help(dfl_pool *pool, unsigned generation) {
    bool helped = false;
    for (unsigned i = 0; i < pool->n_lanes; i++) {
        dfl__lane *lane = &pool->lanes[i];
        unsigned n;
        if (!dfl__ticket_is_open(atomic_load_explicit(&lane->ticket, memory_order_relaxed)))
            continue;
        fetch_near(lane);
        n = dfl__take_chunks(pool, lane, 0);
        /* The child of a fork() in a chunk: the lane is not this thread's business any more. */
        if (n == 0 || pool->generation != generation)
            continue;
        report(pool, lane, n);
        helped = true;
    }
    return helped;
}

/* True: there was something to do. While a section is not over its end is waited for, within reason. */
static bool look_around(dfl_pool *pool, unsigned generation, int64_t until) {
    const int64_t tail = until + TAIL_NS;
    for (;;) {
        int64_t now;
        for (int i = 0; i < LOOKS; i++) {
            if (help(pool, generation) || pool->generation != generation ||
                atomic_load_explicit(&pool->stopping, memory_order_relaxed))
                return true;
            dfl__relax();
        }
        now = dfl__now();
        if (now < until)
            continue;
        /* Not before: who takes a lane would wait for its line, which this reads. */
        if (pool->spin_ns == 0 || now >= tail || !dfl__pool_is_busy(pool))
            return false;
        until = now + pool->spin_ns;
    }
}

/* ---- sleeping ---- */

static bool any_open(const dfl_pool *pool) {
    for (unsigned i = 0; i < pool->n_lanes; i++)
        if (dfl__ticket_is_open(atomic_load_explicit(&pool->lanes[i].ticket, memory_order_seq_cst)))
            return true;
    return false;
}

/* How long to sleep before what is expected; negative: nothing is. */
static int64_t time_to_alarm(const dfl_pool *pool, int64_t *look_until) {
    int64_t at = atomic_load_explicit(&pool->expected_at, memory_order_relaxed), now;
    if (at == 0)
        return -1;
    now = dfl__now();
    if (at < now || at - now > FORESIGHT_NS)
        return -1;
    *look_until = at + PATIENCE_NS;
    return at - now > AHEAD_NS ? at - now - AHEAD_NS : 0;
}

/* Until woken, or until the alarm; returns until when to look around then. */
static int64_t sleep_a_while(dfl_pool *pool) {
    int64_t look_until = 0, alarm = time_to_alarm(pool, &look_until);
    unsigned seen;
    if (alarm == 0)
        return look_until;
    (void)was_interrupted(); /* what happened until here is no section's */
    seen = atomic_load_explicit(&pool->wake, memory_order_relaxed);
    atomic_fetch_add_explicit(&pool->sleeping, 1, memory_order_seq_cst);
    if (!any_open(pool) && !atomic_load_explicit(&pool->stopping, memory_order_seq_cst))
        dfl__park_wait(&pool->wake, seen, alarm);
    atomic_fetch_sub_explicit(&pool->sleeping, 1, memory_order_relaxed);
    return alarm > 0 ? look_until : 0;
}

/* Until when to look around after a sleep; one that was woken before its alarm looks no longer for
 * what is far off. */
static int64_t after_sleep(const dfl_pool *pool, int64_t look_until) {
    int64_t now = dfl__now(), until = now + pool->spin_ns;
    int64_t bought = atomic_load_explicit(&pool->look_until, memory_order_relaxed);
    if (bought > until)
        until = bought;
    if (pool->spin_ns == 0 || look_until <= until)
        return until;
    return look_until - now > AHEAD_NS + PATIENCE_NS ? until : look_until;
}

static void begin_worker(void) {
    dfl__event_worker();
#ifdef __linux__
    /* An alarm is to ring when it is set for, not up to 50 us later. */
    (void)prctl(PR_SET_TIMERSLACK, 1000UL, 0UL, 0UL, 0UL);
#endif
}

void *dfl__worker(void *arg) {
    dfl_pool *pool = arg;
    unsigned generation = pool->generation;
    int64_t until = dfl__now() + pool->spin_ns;
    begin_worker();
    while (!atomic_load_explicit(&pool->stopping, memory_order_relaxed)) {
        if (look_around(pool, generation, until)) {
            if (pool->generation != generation)
                return NULL;
            until = dfl__now() + pool->spin_ns;
            continue;
        }
        until = after_sleep(pool, sleep_a_while(pool));
    }
    return NULL;
}
