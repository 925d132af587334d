// The pool under stress: pools of 1 to 64 threads, up to 1,000 runs at once, sections in sections, schedules that are
// disturbed, signals in all of it, threads that cannot be created, a wall clock that jumps. Each run comes to what it is.
// needs: tsan; quick: 8; full: 3000; link: -Wl,--wrap=pthread_create,--wrap=clock_gettime
#define _GNU_SOURCE
#include "torture.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "../unit/branches.h"
#include "pool.h"

/* ---- what goes wrong ---- */

int __real_pthread_create(pthread_t *id, const pthread_attr_t *attr, void *(*body)(void *),
                          void *arg);
int __wrap_pthread_create(pthread_t *id, const pthread_attr_t *attr, void *(*body)(void *),
                          void *arg);
int __real_clock_gettime(clockid_t clock, struct timespec *time);
int __wrap_clock_gettime(clockid_t clock, struct timespec *time);

static atomic_uint refused_in;      /* one thread in so many cannot be created; 0: all can */
static atomic_ulong asked, refused; /* for threads */
static atomic_ulong looks;          /* at the wall clock */

/* What the runtime asks for; the threads of this program are made by the real one. */
int __wrap_pthread_create(pthread_t *id, const pthread_attr_t *attr, void *(*body)(void *),
                          void *arg) {
    unsigned in = atomic_load(&refused_in);
    if (in == 0 || atomic_fetch_add(&asked, 1) % in != in - 1)
        return __real_pthread_create(id, attr, body, arg);
    atomic_fetch_add(&refused, 1);
    return EAGAIN;
}

/* The wall clock goes an hour forwards and two back, with every look. */
int __wrap_clock_gettime(clockid_t clock, struct timespec *time) {
    int rc = __real_clock_gettime(clock, time);
    if (rc == 0 && clock == CLOCK_REALTIME)
        time->tv_sec += atomic_fetch_add(&looks, 1) % 2 ? 3600 : -3600;
    return rc;
}

/* Signals are for the threads of the program: those that it made. */
static _Thread_local bool is_mine;
static atomic_ulong signals, strays;

static void count_signal(int signal) {
    (void)signal;
    atomic_fetch_add(is_mine ? &signals : &strays, 1);
}

static atomic_bool rains;

static void *rain(void *arg) {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    while (atomic_load(&rains)) {
        kill(getpid(), SIGUSR1);
        usleep(200);
    }
    return arg;
}

/* ---- one run ---- */

static const dfl_place places[] = {{DFL_PLACE_START, "start", "", -1, -1, -1},
                                   {DFL_PLACE_END, "end", "", -1, -1, -1},
                                   {DFL_PLACE_SECTION, "[a, b]", "x.dfl:1", -1, -1, -1}};
static const dfl_graph graph = {
    .abi = DFL_ABI_VERSION, .name = "g", .places = places, .n_places = 3, .n_nodes = 2};

enum { WIDTH = 5, LEAVES_FAIL = 61 };

/* A leaf says what it is in memory of its own; what is above adds that up. */
typedef struct Twig {
    uint64_t seed;
    unsigned depth;
    uint64_t sum; /* what it comes to */
} Twig;

static uint64_t seed_below(const Twig *twig, unsigned i) {
    return twig->seed * 31 + i * 7 + 1;
}

static uint64_t value_of(uint64_t seed) {
    return chance_of(seed, 1).state >> 32;
}

static bool fails(uint64_t seed) {
    return chance_of(seed, 2).state % LEAVES_FAIL == 0;
}

/* Whoever runs a branch is late, sleeps in its midst, or is overtaken. */
static void disturb(uint64_t seed) {
    Chance chance = chance_of(seed, 3);
    switch (chance_below(&chance, 8)) {
    case 0:
        sched_yield();
        break;
    case 1:
        usleep((useconds_t)chance_below(&chance, 128));
        break;
    case 2:
    case 3:
        for (volatile uint64_t i = 0; i < (chance.state & 4095); i++)
            ;
        break;
    default:
        break;
    }
}

/* By a deadline that only a clock that jumps would let it miss. */
static int leaf(dfl_ctx *ctx, Twig *twig) {
    dfl__timer timer = dfl__time(ctx, INT64_C(1800) * 1000000000);
    dfl_str text = dfl_printf(ctx, "%llu", (unsigned long long)value_of(twig->seed));
    disturb(twig->seed);
    twig->sum = strtoull(text.p, NULL, 10);
    if (dfl__timed(ctx, timer, 0) != 0)
        return dfl__failed(ctx, DFL_ENODE, 1, 2, "late");
    return fails(twig->seed)
               ? dfl__failed(ctx, DFL_ENODE, 1, 2, "%llu", (unsigned long long)twig->seed)
               : DFL_OK;
}

static int grow(dfl_ctx *ctx, void *frame) {
    Twig *twig = frame, below[WIDTH];
    Branch branches[WIDTH];
    int rc;
    if (twig->depth == 0)
        return leaf(ctx, twig);
    for (unsigned i = 0; i < WIDTH; i++) {
        below[i] = (Twig){seed_below(twig, i), twig->depth - 1, 0};
        branches[i] = (Branch){.body = grow, .frame = &below[i]};
    }
    rc = run_branches(ctx, branches, WIDTH, false);
    disturb(twig->seed + 1);
    twig->sum = 0;
    for (unsigned i = 0; rc == DFL_OK && i < WIDTH; i++)
        twig->sum += below[i].sum;
    return rc;
}

/* What it comes to, by no pool: the sum, or the seed of the first leaf that fails. */
static bool expect(const Twig *twig, uint64_t *sum, uint64_t *failed) {
    if (twig->depth == 0) {
        *sum += value_of(twig->seed);
        *failed = twig->seed;
        return !fails(twig->seed);
    }
    for (unsigned i = 0; i < WIDTH; i++) {
        const Twig below = {seed_below(twig, i), twig->depth - 1, 0};
        if (!expect(&below, sum, failed))
            return false;
    }
    return true;
}

typedef struct Line {
    dfl__mem mem;
    dfl_run options;
    dfl__run run;
} Line;

static void run_once(dfl_pool *pool, uint64_t seed) {
    Line line = {.options = {.pool = pool}};
    Twig twig = {seed, 2, 0};
    uint64_t sum = 0, failed = 0;
    char message[32];
    int rc = dfl__run_begin(&line.run, &graph, &line.mem, &line.options, NULL, 0);
    MUST(rc == DFL_OK, "a run does not begin: %d", rc);
    rc = grow(&line.run.ctx, &twig);
    if (expect(&twig, &sum, &failed)) {
        MUST(rc == DFL_OK, "status %d (%s)", rc, line.run.ctx.failure.message);
        MUST(twig.sum == sum, "%llu, not %llu", (unsigned long long)twig.sum,
             (unsigned long long)sum);
    } else {
        snprintf(message, sizeof message, "%llu", (unsigned long long)failed);
        MUST(rc == DFL_ENODE, "status %d, not that of leaf %s", rc, message);
        MUST(strcmp(line.run.ctx.failure.message, message) == 0, "the failure of %s, not of %s",
             line.run.ctx.failure.message, message);
    }
    dfl__run_end(&line.run, DFL_OK);
    dfl__mem_free(&line.mem);
}

/* ---- many of them ---- */

typedef struct Caller {
    pthread_t id;
    dfl_pool *pool;
    uint64_t seed;
    unsigned runs;
} Caller;

static void *call(void *arg) {
    const Caller *caller = arg;
    sigset_t all;
    is_mine = true;
    sigfillset(&all);
    pthread_sigmask(SIG_UNBLOCK, &all, NULL);
    for (unsigned i = 0; i < caller->runs; i++)
        run_once(caller->pool, caller->seed + i);
    return NULL;
}

static void call_at_once(dfl_pool *pool, unsigned n, unsigned runs, Chance *chance) {
    static Caller callers[1000];
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, 512 * 1024);
    for (unsigned i = 0; i < n; i++) {
        callers[i] = (Caller){.pool = pool, .seed = chance_next(chance), .runs = runs};
        MUST(__real_pthread_create(&callers[i].id, &attr, call, &callers[i]) == 0,
             "no thread for run %u", i);
    }
    for (unsigned i = 0; i < n; i++)
        pthread_join(callers[i].id, NULL);
    pthread_attr_destroy(&attr);
}

/* Every eighth round is the full thousand; the shared pool serves some of the others. */
static void one_round(Chance *chance) {
    static const unsigned refusing[] = {0, 0, 1, 3}; /* none, all, some */
    bool thousand = torture.rounds > 8 && torture.round % 8 == 7;
    unsigned threads = 1 + (unsigned)chance_below(chance, 64);
    unsigned callers = thousand ? 1000 : 1 + (unsigned)chance_below(chance, 16);
    dfl_pool *pool = chance_one_in(chance, 6) ? NULL : dfl_pool_new(threads);
    pthread_t cloud;
    torture_within(120);
    atomic_store(&refused_in, refusing[torture.round % 4]);
    atomic_store(&rains, true);
    MUST(__real_pthread_create(&cloud, NULL, rain, NULL) == 0, "no thread for signals");
    call_at_once(pool, callers, thousand ? 3 : 12, chance);
    MUST(atomic_load(&strays) == 0, "%lu signals on threads of the pool", atomic_load(&strays));
    if (pool && refusing[torture.round % 4] == 1)
        MUST(atomic_load(&pool->n_workers) == 0, "%u workers of no thread",
             atomic_load(&pool->n_workers));
    dfl_pool_free(pool);
    atomic_store(&rains, false);
    pthread_join(cloud, NULL);
    torture_within(0);
}

/* The first thread is the one that the system would rather wake: it leaves signals to the others. */
int main(int argc, char **argv) {
    struct sigaction count = {.sa_handler =
                                  count_signal}; /* no SA_RESTART: calls are interrupted */
    sigset_t rain_drops;
    int status;
    sigaction(SIGUSR1, &count, NULL);
    sigemptyset(&rain_drops);
    sigaddset(&rain_drops, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &rain_drops, NULL);
    status = torture_run(argc, argv, "rounds of runs", one_round);
    MUST(torture.rounds < 4 || (atomic_load(&signals) > 0 && atomic_load(&refused) > 0),
         "%lu signals, %lu threads refused", atomic_load(&signals), atomic_load(&refused));
    return status;
}
