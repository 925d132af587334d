/* Pools: their workers' lives, and a job from its opening to its end. pool.h has the rules.
 *
 * note [why nobody waits in a circle]
 * A thread waits only at the end of a job that it opened, and only for chunks of that job that others
 * have claimed, and so are running. Such a chunk may wait in turn, for a job that it opened, nested
 * one deeper. The deepest waits for threads that just run.
 */
#define _GNU_SOURCE

#include "pool.h"

#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include "cpus.h"
#include "internal.h"
#include "mem.h"
#include "park.h"

enum {
    SPIN_NS = 50 * 1000,           /* about what a sleep and a wake-up cost together */
    STACK_BYTES = 8 * 1024 * 1024, /* as a main thread has: a node must not care where it runs */
    LOOKS = 64,
    LONG_WAIT_NS = 1000 * 1000, /* beyond this the system has put a worker aside */
    SHY_NS = 20 * 1000 * 1000
};

/* ---- waking ---- */

#ifdef __linux__
/* The system likes to put a thread on the CPU of the one that wakes or starts it, where it would wait for
 * the caller: 166 us against 83 (medians of a section of 8 branches of 20 us after 2 ms). So workers are
 * kept off that CPU, by their own masks; the caller is never pinned. */
static void keep_off(dfl_pool *pool, unsigned n_workers) {
    int cpu = sched_getcpu();
    cpu_set_t allowed = pool->allowed;
    if (cpu < 0 || cpu == atomic_load_explicit(&pool->kept_off, memory_order_relaxed) ||
        !CPU_ISSET((size_t)cpu, &allowed) || CPU_COUNT(&allowed) < 2)
        return;
    CPU_CLR((size_t)cpu, &allowed);
    for (unsigned i = 0; i < n_workers; i++)
        (void)pthread_setaffinity_np(pool->workers[i], sizeof allowed, &allowed);
    atomic_store_explicit(&pool->kept_off, cpu, memory_order_relaxed);
}
#else
static void keep_off(dfl_pool *pool, unsigned n_workers) {
    (void)pool, (void)n_workers;
}
#endif

void dfl__pool_wake(dfl_pool *pool, unsigned n) {
    keep_off(pool, atomic_load_explicit(&pool->n_workers, memory_order_acquire));
    atomic_fetch_add_explicit(&pool->wake, 1, memory_order_release);
    dfl__park_wake(&pool->wake, n);
}

/* ---- jobs ---- */

static dfl__lane *take_lane(dfl_pool *pool) {
    for (unsigned i = 0; i < pool->n_lanes; i++) {
        atomic_uint *taken = &pool->lanes[i].taken;
        if (!atomic_load_explicit(taken, memory_order_relaxed) &&
            !atomic_exchange_explicit(taken, 1u, memory_order_acquire))
            return &pool->lanes[i];
    }
    return NULL;
}

static void set_near(dfl__lane *lane, const dfl__job *job, const void *const near[DFL__NEAR - 1]) {
    atomic_store_explicit(&lane->near[0], job, memory_order_relaxed);
    for (unsigned i = 1; i < DFL__NEAR; i++)
        atomic_store_explicit(&lane->near[i], near[i - 1], memory_order_relaxed);
}

static void open_lane(dfl_pool *pool, dfl__lane *lane, dfl__job *job) {
    unsigned sleeping;
    lane->job = job;
    lane->epoch++;
    /* next is 1: chunk 0 is the caller's. */
    atomic_store_explicit(&lane->ticket,
                          lane->epoch << DFL__TICKET_EPOCH | (uint64_t)job->share << DFL__TICKET_SHARE |
                              (uint64_t)job->n << 16 | 1,
                          memory_order_seq_cst);
    sleeping = atomic_load_explicit(&pool->sleeping, memory_order_seq_cst);
    if (sleeping > 0)
        dfl__pool_wake(pool, sleeping < job->n - 1 ? sleeping : job->n - 1);
}

/* Sleeps until `done` is n, after it was looked at for long. False: the process was forked. */
static bool sleep_until_done(const dfl_pool *pool, dfl__lane *lane, unsigned n,
                             unsigned generation) {
    const unsigned before = lane->done_before;
    bool forked = false;
    atomic_store_explicit(&lane->waits, 1, memory_order_seq_cst);
    for (;;) {
        unsigned done = atomic_load_explicit(&lane->done, memory_order_seq_cst);
        forked = pool->generation != generation;
        if (done - before >= n || forked)
            break;
        dfl__park_wait(&lane->done, done, -1);
    }
    atomic_store_explicit(&lane->waits, 0, memory_order_relaxed);
    return !forked;
}

static bool is_done(dfl__lane *lane, unsigned n) {
    return atomic_load_explicit(&lane->done, memory_order_acquire) - lane->done_before >= n;
}

/* note [a busy neighbour], worker.c */
static void note_wait(dfl_pool *pool, int64_t began) {
    int64_t now = dfl__now();
    bool interrupted = atomic_exchange_explicit(&pool->interrupted, 0u, memory_order_relaxed);
    if (interrupted && now - began > LONG_WAIT_NS)
        atomic_store_explicit(&pool->shy_until, now + SHY_NS, memory_order_relaxed);
}

/* Waits for the n chunks that workers have claimed. */
static bool wait_for_workers(dfl_pool *pool, dfl__lane *lane, unsigned n, unsigned generation) {
    int64_t began = 0;
    bool whole;
    for (int i = 0; !is_done(lane, n); i++) {
        if (i < LOOKS) {
            dfl__relax();
            continue;
        }
        i = 0;
        if (pool->generation != generation)
            return false;
        if (began == 0)
            began = dfl__now();
        else if (pool->spin_ns == 0 || dfl__now() - began > pool->spin_ns)
            break;
    }
    if (is_done(lane, n))
        return true;
    whole = sleep_until_done(pool, lane, n, generation);
    note_wait(pool, began);
    return whole;
}

bool dfl__pool_is_busy(const dfl_pool *pool) {
    for (unsigned i = 0; i < pool->n_lanes; i++)
        if (atomic_load_explicit(&pool->lanes[i].taken, memory_order_acquire))
            return true;
    return false;
}

static void run_alone(dfl__job *job) {
    for (uint32_t k = 0; k < job->n; k++)
        job->chunk(job, k);
}

bool dfl__pool_run(dfl_pool *pool, dfl__job *job, const void *const near[DFL__NEAR - 1]) {
    unsigned generation = pool->generation, mine;
    dfl__lane *lane;
    bool whole;
    if (job->n > 1 && pool->threads > 1)
        dfl__pool_start(pool);
    lane = job->n > 1 && atomic_load_explicit(&pool->n_workers, memory_order_relaxed) > 0
               ? take_lane(pool)
               : NULL;
    if (!lane) {
        run_alone(job);
        return pool->generation == generation;
    }
    set_near(lane, job, near);
    open_lane(pool, lane, job);
    job->chunk(job, 0);
    /* As if half of the rest was taken: to look would be to wait for the ticket twice. */
    mine = 1 + dfl__take_chunks(pool, lane, dfl__claim_size(pool, job->share, job->n / 2));
    whole = wait_for_workers(pool, lane, job->n - mine, generation);
    /* In a forked child the lanes were given back already. */
    if (pool->generation == generation) {
        lane->done_before += job->n - mine;
        atomic_store_explicit(&lane->taken, false, memory_order_release);
    }
    return whole && pool->generation == generation;
}

/* ---- workers ---- */

/* Lock held. As many as can be had; with none, sections run inline. */
static void start_workers(dfl_pool *pool) {
    unsigned wanted = pool->threads - 1, n = 0;
    pthread_attr_t attr;
    sigset_t all, old;
    pool->started = true;
    if (!pool->workers)
        pool->workers = dfl__malloc(wanted * sizeof *pool->workers);
    if (!pool->workers || pthread_attr_init(&attr) != 0)
        return;
#ifdef __linux__
    if (sched_getaffinity(0, sizeof pool->allowed, &pool->allowed) != 0)
        CPU_ZERO(&pool->allowed);
#endif
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    /* Workers inherit the mask: the program's signals are for the program's threads. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    while (n < wanted && pthread_create(&pool->workers[n], &attr, dfl__worker, pool) == 0)
        n++;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_attr_destroy(&attr);
    keep_off(pool, n);
    atomic_store_explicit(&pool->n_workers, n, memory_order_release);
}

void dfl__pool_start(dfl_pool *pool) {
    if (atomic_load_explicit(&pool->n_workers, memory_order_acquire) > 0)
        return;
    pthread_mutex_lock(&pool->lock);
    if (!pool->started)
        start_workers(pool);
    pthread_mutex_unlock(&pool->lock);
}

/* Ends the workers, each after the chunks that it has begun. */
static void stop_workers(dfl_pool *pool) {
    unsigned n = atomic_load_explicit(&pool->n_workers, memory_order_acquire);
    atomic_store_explicit(&pool->stopping, true, memory_order_seq_cst);
    atomic_fetch_add_explicit(&pool->wake, 1, memory_order_seq_cst);
    dfl__park_wake(&pool->wake, UINT_MAX);
    for (unsigned i = 0; i < n; i++)
        pthread_join(pool->workers[i], NULL);
    atomic_store_explicit(&pool->n_workers, 0, memory_order_relaxed);
}

/* ---- pools ---- */

/* note [fork() and the pools]
 * The child of a fork() has one thread and a copy of everything else. Before the fork all pools are
 * locked, in the order of `pools`, so that none is being started; in the child every pool becomes one
 * that has not started its workers, with all lanes free. A job that the forking thread had open there
 * loses what other threads had claimed: its wait ends, as `generation` differs. */
static pthread_mutex_t pools_lock = PTHREAD_MUTEX_INITIALIZER;
static dfl_pool *pools;

static void lock_pools(void) {
    pthread_mutex_lock(&pools_lock);
    for (dfl_pool *pool = pools; pool; pool = pool->next_pool)
        pthread_mutex_lock(&pool->lock);
}

static void unlock_pools(void) {
    for (dfl_pool *pool = pools; pool; pool = pool->next_pool)
        pthread_mutex_unlock(&pool->lock);
    pthread_mutex_unlock(&pools_lock);
}

static void clear_lanes(dfl_pool *pool) {
    for (unsigned i = 0; i < DFL__MAX_LANES; i++) {
        dfl__lane *lane = &pool->lanes[i];
        atomic_store_explicit(&lane->ticket, 0, memory_order_relaxed);
        atomic_store_explicit(&lane->done, 0, memory_order_relaxed);
        lane->done_before = 0;
        lane->epoch = 0;
        atomic_store_explicit(&lane->waits, 0, memory_order_relaxed);
        atomic_store_explicit(&lane->taken, false, memory_order_relaxed);
    }
}

static void forget_workers(dfl_pool *pool) {
    pool->generation++;
    pool->started = false;
    atomic_store_explicit(&pool->n_workers, 0, memory_order_relaxed);
    atomic_store_explicit(&pool->sleeping, 0, memory_order_relaxed);
    atomic_store_explicit(&pool->kept_off, -1, memory_order_relaxed);
    clear_lanes(pool);
}

static void in_child(void) {
    dfl__park_reset();
    for (dfl_pool *pool = pools; pool; pool = pool->next_pool)
        forget_workers(pool);
    unlock_pools();
}

static void watch_for_fork(void) {
    pthread_atfork(lock_pools, unlock_pools, in_child);
}

static void begin_pool(dfl_pool *pool, unsigned threads) {
    static pthread_once_t watching = PTHREAD_ONCE_INIT;
    unsigned cpus = dfl__cpus();
    pool->threads = threads ? threads : cpus;
    pool->n_lanes = pool->threads <= 1                   ? 1
                    : pool->threads - 1 < DFL__MAX_LANES ? pool->threads - 1
                                                         : DFL__MAX_LANES;
    /* Who spins while others wait for a CPU takes it from them. */
    pool->spin_ns = pool->threads <= cpus ? SPIN_NS : 0;
    atomic_store_explicit(&pool->kept_off, -1, memory_order_relaxed);
    pthread_once(&watching, watch_for_fork);
    pthread_mutex_lock(&pools_lock);
    pool->next_pool = pools;
    pools = pool;
    pthread_mutex_unlock(&pools_lock);
}

static void unlist_pool(const dfl_pool *pool) {
    pthread_mutex_lock(&pools_lock);
    for (dfl_pool **at = &pools; *at; at = &(*at)->next_pool)
        if (*at == pool) {
            *at = pool->next_pool;
            break;
        }
    pthread_mutex_unlock(&pools_lock);
}

/* The heap aligns to 16; the block is kept in front of the pool. */
static dfl_pool *new_pool(void) {
    char *block = dfl__malloc(sizeof(dfl_pool) + 2 * DFL__LINE);
    uintptr_t at;
    if (!block)
        return NULL;
    at = ((uintptr_t)block + 2 * DFL__LINE - 1) / DFL__LINE * DFL__LINE;
    ((void **)at)[-1] = block;
    return memset((void *)at, 0, sizeof(dfl_pool));
}

static void free_pool(dfl_pool *pool) {
    dfl__free(((void **)pool)[-1]);
}

dfl_pool *dfl_pool_new(unsigned threads) {
    dfl_pool *pool = new_pool();
    if (!pool)
        return NULL;
    if (pthread_mutex_init(&pool->lock, NULL) != 0) {
        free_pool(pool);
        return NULL;
    }
    begin_pool(pool, threads);
    return pool;
}

void dfl_pool_free(dfl_pool *pool) {
    if (!pool)
        return;
    stop_workers(pool);
    unlist_pool(pool);
    pthread_mutex_destroy(&pool->lock);
    dfl__free(pool->workers);
    free_pool(pool);
}

/* ---- the shared pool ---- */

static dfl_pool shared = {.lock = PTHREAD_MUTEX_INITIALIZER};
static atomic_bool shared_begun;

static void begin_shared(void) {
    begin_pool(&shared, 0);
    atomic_store_explicit(&shared_begun, true, memory_order_release);
}

dfl_pool *dfl__shared_pool(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (!atomic_load_explicit(&shared_begun, memory_order_acquire))
        pthread_once(&once, begin_shared);
    return &shared;
}

/* At exit. If exit() was called while branches still run, their workers are not waited for: they may
 * never end, and one of them may be the caller of exit(). */
__attribute__((destructor)) static void end_shared(void) {
    if (!atomic_load_explicit(&shared_begun, memory_order_acquire) || dfl__pool_is_busy(&shared))
        return;
    stop_workers(&shared);
    dfl__free(shared.workers);
    shared.workers = NULL;
    /* Whoever still comes (a later exit handler) finds no workers, and starts none. */
    shared.started = true;
}
