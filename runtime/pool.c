/* The pool: workers that help the caller of a threaded section with its branches.
 *
 * The caller opens a Fork on its own stack, begins branch 0, then takes whatever branch nobody has
 * begun; workers do the same. So a section ends even if no worker ever comes, and a section that
 * workers come late to costs little more than the same branches in a row.
 *
 *     Fork: branches 0 1 2 3 4 5 6 7
 *                      ^ next: the first that nobody has begun, raised by one per branch taken
 *
 * note [the pool lock]
 *
 * pool->lock guards every member of a dfl_pool that is not atomic, the list of open forks, and
 * Fork.before, .after, .listed and .asleep. It is held for a few instructions at a time, never while a branch
 * runs and never across a wait but that of a condition variable.
 *
 * A Fork lives on the caller's stack, so nobody may touch it once the caller has returned. A worker
 * touches it only as a visitor: it becomes one under the lock, while the Fork is in the list, and
 * its last touch is the decrement of fork->visitors. The caller takes the Fork out of the list (no
 * new visitors from then on) and returns when visitors is 0.
 *
 * note [why nobody waits in a circle]
 *
 * A thread waits only at the join of a fork that it opened, and only for visitors of that fork, each
 * of which is running one of its branches. A visitor in turn may wait at the join of a fork that its
 * branch opened, which is nested one deeper. The deepest join waits for threads that just run.
 *
 * note [memory orders]
 *
 * What the caller wrote before the fork reaches a worker through the lock: the caller releases it
 * after listing the Fork, the worker acquires it before it becomes a visitor. What a worker wrote
 * in its branches reaches the caller through fork->visitors: the decrement is a release, the
 * caller's read an acquire. `next` only deals out numbers, and `failed` only saves work early (its
 * final value is read behind the join): both are relaxed. */
#define _GNU_SOURCE

#include "pool.h"

#include <limits.h>
#include <signal.h>
#include <stdatomic.h>

#include "cpus.h"
#include "internal.h"
#include "mem.h"

enum {
    SPIN_NS = 50 * 1000,           /* about what a sleep and a wake-up cost together */
    STACK_BYTES = 8 * 1024 * 1024, /* as a main thread has: a node must not care where it runs */
    CHUNKS_PER_THREAD = 4
};

/* dfl__branch.status of a branch that did not end. */
enum { NOT_ENDED = INT_MIN, SKIPPED };

typedef struct Fork {
    const dfl_ctx *ctx; /* of the caller; nobody writes it until the join */
    dfl__branch *branches;
    uint32_t n;
    bool settle;
    bool listed; /* in pool->first .. last */
    bool asleep; /* the caller waits on pool->done */
    atomic_uint next;
    atomic_uint failed;   /* the lowest branch that failed so far; n: none */
    atomic_uint visitors; /* workers that may touch this Fork */
    struct Fork *before, *after;
} Fork;

struct dfl_pool {
    pthread_mutex_t lock;
    pthread_cond_t wake; /* workers: there is a token, or stopping */
    pthread_cond_t done; /* callers: the last visitor of some fork has left */
    unsigned threads;    /* the caller included */
    int64_t spin_ns;
    bool started, stopping;
    pthread_t *workers; /* room for threads - 1 */
    unsigned n_workers;
    unsigned sleeping; /* workers on `wake` that no token is meant for */
    unsigned tokens;   /* wake-ups given and not yet taken */
    unsigned busy;     /* workers that visit a fork */
    Fork *first, *last;
    atomic_uint opened;  /* forks so far; raised under the lock, watched by spinning workers */
    unsigned generation; /* how often this process was forked; changes only in the child */
    struct dfl_pool *next_pool;
};

/* ---- waiting ---- */

static void relax(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
    __asm__ volatile("yield");
#endif
}

/* Watches a word until it differs from `seen` or the time is over. */
static void spin_while(const atomic_uint *word, unsigned seen, int64_t ns) {
    int64_t deadline;
    if (ns == 0)
        return;
    deadline = dfl__now() + ns;
    do {
        for (int i = 0; i < 64; i++) {
            if (atomic_load_explicit(word, memory_order_acquire) != seen)
                return;
            relax();
        }
    } while (dfl__now() < deadline);
}

/* As spin_while, but for a number that falls: until it is 0. */
static void spin_until_zero(const atomic_uint *word, int64_t ns) {
    int64_t deadline = dfl__now() + ns;
    unsigned seen;
    while ((seen = atomic_load_explicit(word, memory_order_acquire)) != 0 && dfl__now() < deadline)
        spin_while(word, seen, deadline - dfl__now());
}

/* ---- one branch ---- */

static void begin_branch(const dfl_ctx *parent, dfl__branch *branch) {
    dfl_ctx *ctx = &branch->ctx;
    memset(&branch->mem, 0, sizeof branch->mem);
    branch->root.base = branch->frame;
    branch->root.type = branch->type;
    branch->root.next = NULL;
    ctx->flags = parent->flags & (DFL__WATCH | DFL__CLOCK | DFL__POLL | DFL__COUNT | DFL__ASKS);
    ctx->attempt = 1;
    ctx->cancel = parent->cancel;
    ctx->mem = &branch->mem;
    ctx->run = parent->run;
    ctx->roots = &branch->root; /* also without pointers: then nothing of its memory is alive */
    ctx->deadline = parent->deadline;
    ctx->index = parent->index;
    ctx->last = parent->last;
    ctx->last_index = parent->last_index;
    ctx->nodes = 0;
    ctx->user = parent->user;
    ctx->last_error = parent->last_error;
    ctx->inner = ctx->resume = (dfl_bytes){NULL, 0};
    ctx->passed = DFL__NOWHERE;
    ctx->pending = NULL;
    ctx->around = parent->around;
    ctx->closed = 0;
    ctx->reentered = false;
    dfl__held_begin(ctx);
}

/* A pause is none: the other branches run on. */
static bool is_failure(const Fork *fork, int status) {
    return status != DFL_OK && status != DFL_PAUSED && !(fork->settle && status == DFL_ENODE);
}

static void lower(atomic_uint *word, unsigned to) {
    unsigned seen = atomic_load_explicit(word, memory_order_relaxed);
    while (to < seen && !atomic_compare_exchange_weak_explicit(
                            word, &seen, to, memory_order_relaxed, memory_order_relaxed))
        ;
}

/* Branches are dealt in rising order and `failed` only falls, so a branch below the lowest failed
 * one is never skipped: which one is lowest does not depend on timing. */
static void run_branch(Fork *fork, uint32_t i) {
    dfl__branch *branch = &fork->branches[i];
    int status;
    if (i > atomic_load_explicit(&fork->failed, memory_order_relaxed)) {
        branch->status = SKIPPED;
        return;
    }
    begin_branch(fork->ctx, branch);
    status = branch->body(&branch->ctx, branch->frame);
    branch->status = status;
    if (is_failure(fork, status))
        lower(&fork->failed, i);
}

static bool has_work(const Fork *fork) {
    return atomic_load_explicit(&fork->next, memory_order_relaxed) < fork->n;
}

static void take_branches(Fork *fork) {
    while (has_work(fork)) {
        uint32_t i = atomic_fetch_add_explicit(&fork->next, 1, memory_order_relaxed);
        if (i < fork->n)
            run_branch(fork, i);
    }
}

/* ---- workers ---- */

/* The oldest open fork with a branch to begin: an outer section's branches are the larger ones. */
static Fork *find_work(const dfl_pool *pool) {
    Fork *fork = pool->first;
    while (fork && !has_work(fork))
        fork = fork->after;
    return fork;
}

/* Lock held. The caller of the fork may be gone as soon as visitors is 0: so `asleep` is read
 * before. If it is false the caller is yet to look at visitors, under the lock if it means to
 * sleep. */
static void leave(dfl_pool *pool, Fork *fork) {
    bool asleep = fork->asleep;
    if (atomic_fetch_sub_explicit(&fork->visitors, 1, memory_order_release) == 1 && asleep)
        pthread_cond_broadcast(&pool->done);
}

/* Lock held, before and after. False when this thread is the only one of a forked child: then the
 * pool and the fork are no longer its business, and the lock is not held. */
static bool visit(dfl_pool *pool, Fork *fork) {
    unsigned generation = pool->generation;
    atomic_fetch_add_explicit(&fork->visitors, 1, memory_order_relaxed);
    pool->busy++;
    pthread_mutex_unlock(&pool->lock);
    take_branches(fork);
    /* Unlocked: only the child of a fork() writes it, where no other thread is left. */
    if (pool->generation != generation)
        return false;
    pthread_mutex_lock(&pool->lock);
    pool->busy--;
    leave(pool, fork);
    return true;
}

/* Lock held, before and after. Whoever opens a fork raises `opened` under the lock, so looking at it
 * once more before sleeping misses none. */
static void rest(dfl_pool *pool) {
    unsigned seen = atomic_load_explicit(&pool->opened, memory_order_relaxed);
    pthread_mutex_unlock(&pool->lock);
    spin_while(&pool->opened, seen, pool->spin_ns);
    pthread_mutex_lock(&pool->lock);
    if (atomic_load_explicit(&pool->opened, memory_order_relaxed) != seen || pool->stopping)
        return;
    pool->sleeping++;
    while (pool->tokens == 0 && !pool->stopping)
        pthread_cond_wait(&pool->wake, &pool->lock);
    if (pool->tokens > 0)
        pool->tokens--;
}

static void *worker(void *arg) {
    dfl_pool *pool = arg;
    pthread_mutex_lock(&pool->lock);
    while (!pool->stopping) {
        Fork *fork = find_work(pool);
        if (!fork)
            rest(pool);
        else if (!visit(pool, fork))
            return NULL;
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* Lock held. As many as can be had; with none, sections run inline. */
static void start_workers(dfl_pool *pool) {
    unsigned wanted = pool->threads - 1;
    pthread_attr_t attr;
    sigset_t all, old;
    pool->started = true;
    if (!pool->workers)
        pool->workers = dfl__malloc(wanted * sizeof *pool->workers);
    if (!pool->workers || pthread_attr_init(&attr) != 0)
        return;
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    /* Workers inherit the mask: the program's signals are for the program's threads. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    while (pool->n_workers < wanted &&
           pthread_create(&pool->workers[pool->n_workers], &attr, worker, pool) == 0)
        pool->n_workers++;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_attr_destroy(&attr);
}

/* Lock not held. Ends the workers, each after the branches that it has begun. */
static void stop_workers(dfl_pool *pool) {
    pthread_mutex_lock(&pool->lock);
    pool->stopping = true;
    /* Spinning workers look at `opened`, and then at `stopping`. */
    atomic_fetch_add_explicit(&pool->opened, 1, memory_order_relaxed);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->n_workers; i++)
        pthread_join(pool->workers[i], NULL);
    pool->n_workers = 0;
}

/* ---- forks ---- */

static void list_fork(dfl_pool *pool, Fork *fork) {
    fork->before = pool->last;
    fork->after = NULL;
    fork->listed = true;
    *(pool->last ? &pool->last->after : &pool->first) = fork;
    pool->last = fork;
}

static void unlist_fork(dfl_pool *pool, Fork *fork) {
    if (!fork->listed)
        return;
    *(fork->before ? &fork->before->after : &pool->first) = fork->after;
    *(fork->after ? &fork->after->before : &pool->last) = fork->before;
    fork->listed = false;
}

/* Lock held. Hands out wake-ups for up to `most` sleeping workers. */
static unsigned give_tokens(dfl_pool *pool, uint32_t most) {
    unsigned n = pool->sleeping < most ? pool->sleeping : most;
    pool->sleeping -= n;
    pool->tokens += n;
    return n;
}

/* False when there are no workers to open it to. */
static bool open_fork(dfl_pool *pool, Fork *fork) {
    unsigned tokens = 0;
    bool open;
    pthread_mutex_lock(&pool->lock);
    if (!pool->started)
        start_workers(pool);
    open = pool->n_workers > 0;
    if (open) {
        list_fork(pool, fork);
        atomic_fetch_add_explicit(&pool->opened, 1, memory_order_relaxed);
        tokens = give_tokens(pool, fork->n - 1);
    }
    pthread_mutex_unlock(&pool->lock);
    for (; tokens > 0; tokens--)
        pthread_cond_signal(&pool->wake);
    return open;
}

/* Waits until nobody but the caller can touch the fork. */
static void close_fork(dfl_pool *pool, Fork *fork) {
    pthread_mutex_lock(&pool->lock);
    unlist_fork(pool, fork);
    pthread_mutex_unlock(&pool->lock);
    spin_until_zero(&fork->visitors, pool->spin_ns);
    if (atomic_load_explicit(&fork->visitors, memory_order_acquire) == 0)
        return;
    pthread_mutex_lock(&pool->lock);
    fork->asleep = true;
    while (atomic_load_explicit(&fork->visitors, memory_order_acquire) != 0)
        pthread_cond_wait(&pool->done, &pool->lock);
    pthread_mutex_unlock(&pool->lock);
}

static void run_fork(dfl_pool *pool, Fork *fork) {
    bool open = fork->n > 1 && pool->threads > 1 && open_fork(pool, fork);
    run_branch(fork, 0);
    take_branches(fork);
    if (open)
        close_fork(pool, fork);
}

/* ---- the join ---- */

/* Only after a fork() within the section: the thread that had begun the branch is in the parent
 * process. Its memory may be half changed, and is left alone. */
static void lose_branch(Fork *fork, uint32_t i) {
    dfl__branch *branch = &fork->branches[i];
    branch->ctx.attempt = 1;
    branch->ctx.index = fork->ctx->index;
    branch->status = dfl__failed(&branch->ctx, DFL_ECANCELLED, 0, DFL__NOWHERE,
                                 "the process was forked within a section");
    lower(&fork->failed, i);
}

static void join_branch(dfl_ctx *ctx, dfl__branch *branch) {
    ctx->nodes += branch->ctx.nodes;
    ctx->flags |= branch->ctx.flags & DFL__SAVE;
    dfl__mem_adopt(ctx->mem, &branch->mem);
    dfl__held_join(ctx, &branch->ctx);
    if (branch->status < 0)
        dfl__asks_joined(ctx, &branch->ctx);
}

/* Whether a branch has paused. */
static bool join_all(dfl_ctx *ctx, Fork *fork) {
    bool paused = false;
    for (uint32_t i = 0; i < fork->n; i++) {
        dfl__branch *branch = &fork->branches[i];
        if (branch->status == NOT_ENDED)
            lose_branch(fork, i);
        else if (branch->status == SKIPPED)
            branch->status = DFL_ECANCELLED;
        else
            join_branch(ctx, branch);
        paused |= branch->status == DFL_PAUSED;
    }
    if (dfl__mem_due(ctx->mem))
        ctx->flags |= DFL__RECLAIM;
    return paused;
}

static dfl_pool *pool_of(const dfl_ctx *ctx) {
    dfl_pool *pool = ctx->run ? ctx->run->options->pool : NULL;
    return pool ? pool : dfl__shared_pool();
}

int dfl__threads(dfl_ctx *ctx, dfl__branch *branches, uint32_t n, bool settle) {
    Fork fork = {.ctx = ctx, .branches = branches, .n = n, .settle = settle};
    unsigned failed;
    bool paused;
    if (n == 0)
        return DFL_OK;
    for (uint32_t i = 0; i < n; i++)
        branches[i].status = NOT_ENDED;
    atomic_init(&fork.next, 1);
    atomic_init(&fork.failed, n);
    atomic_init(&fork.visitors, 0);
    run_fork(pool_of(ctx), &fork);
    paused = join_all(ctx, &fork);
    failed = atomic_load_explicit(&fork.failed, memory_order_relaxed);
    if (failed == n)
        return paused ? DFL_PAUSED : DFL_OK;
    ctx->failure = branches[failed].ctx.failure;
    return branches[failed].status;
}

uint32_t dfl__chunks(dfl_ctx *ctx, uint64_t n) {
    unsigned threads = pool_of(ctx)->threads;
    uint32_t most = threads < 2 ? 1 : threads * CHUNKS_PER_THREAD;
    if (n < 1)
        return 1;
    return n < most ? (uint32_t)n : most;
}

/* ---- pools ---- */

/* note [fork() and the pools]
 *
 * The child of a fork() has one thread and a copy of everything else. Before the fork all pools are
 * locked, in the order of `pools`, so the copies are whole; in the child every pool becomes one that
 * has not started its workers and has no fork open. One that the forking thread is itself in loses
 * its visitors, and with them the branches that they had begun (lose_branch). */
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

static void forget_workers(dfl_pool *pool) {
    pthread_cond_init(&pool->wake, NULL);
    pthread_cond_init(&pool->done, NULL);
    pool->generation++;
    pool->started = false;
    pool->n_workers = pool->sleeping = pool->tokens = pool->busy = 0;
    while (pool->first) {
        atomic_store_explicit(&pool->first->visitors, 0, memory_order_relaxed);
        unlist_fork(pool, pool->first);
    }
}

static void in_child(void) {
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
    /* Who spins while others wait for a CPU takes it from them. */
    pool->spin_ns = pool->threads <= cpus ? SPIN_NS : 0;
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

static bool init_pool(dfl_pool *pool) {
    memset(pool, 0, sizeof *pool);
    atomic_init(&pool->opened, 0);
    if (pthread_mutex_init(&pool->lock, NULL) != 0)
        return false;
    if (pthread_cond_init(&pool->wake, NULL) == 0) {
        if (pthread_cond_init(&pool->done, NULL) == 0)
            return true;
        pthread_cond_destroy(&pool->wake);
    }
    pthread_mutex_destroy(&pool->lock);
    return false;
}

dfl_pool *dfl_pool_new(unsigned threads) {
    dfl_pool *pool = dfl__malloc(sizeof *pool);
    if (!pool)
        return NULL;
    if (!init_pool(pool)) {
        dfl__free(pool);
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
    pthread_cond_destroy(&pool->wake);
    pthread_cond_destroy(&pool->done);
    pthread_mutex_destroy(&pool->lock);
    dfl__free(pool->workers);
    dfl__free(pool);
}

/* ---- the shared pool ---- */

static dfl_pool shared = {.lock = PTHREAD_MUTEX_INITIALIZER,
                          .wake = PTHREAD_COND_INITIALIZER,
                          .done = PTHREAD_COND_INITIALIZER};
static bool shared_begun;

static void begin_shared(void) {
    begin_pool(&shared, 0);
    shared_begun = true;
}

dfl_pool *dfl__shared_pool(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, begin_shared);
    return &shared;
}

static bool shared_is_idle(void) {
    bool idle;
    pthread_mutex_lock(&shared.lock);
    idle = shared.busy == 0;
    pthread_mutex_unlock(&shared.lock);
    return idle;
}

/* At exit. If exit() was called while branches still run, their workers are not waited for: they may
 * never end, and one of them may be the caller of exit(). */
__attribute__((destructor)) static void end_shared(void) {
    if (!shared_begun || !shared_is_idle())
        return;
    stop_workers(&shared);
    dfl__free(shared.workers);
    shared.workers = NULL;
    /* Whoever still comes (a later exit handler) finds no workers, and starts none. */
    shared.started = true;
}
