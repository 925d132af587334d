// needs: tsan
// The pool: branches run once, on whoever comes; the same outcome whatever the timing; nested, from
// many threads, in pools of every size, and across fork().
#define _GNU_SOURCE
#include "rt.h"

#include "branches.h"

#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cpus.h"
#include "internal.h"
#include "pool.h"

/* A graph of nothing but places, so that a ctx has a run with a pool. */
static const dfl_place places[] = {{DFL_PLACE_START, "start", "", -1, -1, -1},
                                   {DFL_PLACE_END, "end", "", -1, -1, -1},
                                   {DFL_PLACE_SECTION, "[a, b]", "x.dfl:1", -1, -1, -1}};
static const dfl_graph graph = {
    .abi = DFL_ABI_VERSION, .name = "g", .places = places, .n_places = 3, .n_nodes = 2};

typedef struct Line {
    dfl__mem mem;
    dfl_run options;
    dfl__run run;
} Line;

static dfl_ctx *begin_line(Line *line, dfl_pool *pool) {
    memset(line, 0, sizeof *line);
    line->options.pool = pool;
    assert_int_equal(dfl__run_begin(&line->run, &graph, &line->mem, &line->options, NULL, 0), 0);
    return &line->run.ctx;
}

static void end_line(Line *line) {
    dfl__run_end(&line->run, DFL_OK);
    dfl__mem_free(&line->mem);
}

/* ---- every branch runs once ---- */

typedef struct Cell {
    uint32_t number;
    uint32_t runs;
    dfl_str text;
} Cell;

static int count_and_allocate(dfl_ctx *ctx, void *frame) {
    Cell *cell = frame;
    cell->runs++;
    cell->text = dfl_printf(ctx, "branch %u", cell->number);
    return DFL_OK;
}

enum { MOST = 64 };

typedef struct Section {
    Cell cells[MOST];
    Branch branches[MOST];
} Section;

static void prepare(Section *section, uint32_t n, int (*body)(dfl_ctx *, void *)) {
    for (uint32_t i = 0; i < n; i++) {
        section->cells[i] = (Cell){.number = i};
        section->branches[i].body = body;
        section->branches[i].frame = &section->cells[i];
        section->branches[i].type = NULL;
    }
}

static bool all_ran(const Section *section, uint32_t n) {
    char expected[32];
    for (uint32_t i = 0; i < n; i++) {
        snprintf(expected, sizeof expected, "branch %u", i);
        if (section->cells[i].runs != 1 || section->branches[i].status != DFL_OK ||
            strcmp(section->cells[i].text.p, expected) != 0)
            return false;
    }
    return true;
}

static void each_branch_runs_once(void **state) {
    (void)state;
    for (unsigned threads = 1; threads <= 8; threads++) {
        dfl_pool *pool = dfl_pool_new(threads);
        Section section;
        Line line;
        dfl_ctx *ctx = begin_line(&line, pool);
        for (uint32_t round = 0; round < 300; round++) {
            uint32_t n = round % MOST + 1;
            prepare(&section, n, count_and_allocate);
            assert_int_equal(run_branches(ctx, section.branches, n, false), DFL_OK);
            assert_true(all_ran(&section, n));
        }
        end_line(&line);
        dfl_pool_free(pool);
    }
}

static void no_branches_is_no_work(void **state) {
    Line line;
    dfl_ctx *ctx = begin_line(&line, NULL);
    (void)state;
    assert_int_equal(run_branches(ctx, NULL, 0, false), DFL_OK);
    end_line(&line);
}

/* ---- failures ---- */

/* Which branches fail, by bits; later ones are made to fail sooner. */
static int fail_by_bits(dfl_ctx *ctx, void *frame) {
    const Cell *cell = frame;
    uint64_t bits = *(const uint64_t *)dfl_user(ctx);
    uint32_t spins = cell->number < 32 ? (32 - cell->number) * 20 : 0;
    for (volatile uint32_t i = 0; i < spins; i++)
        ;
    ((Cell *)frame)->runs++;
    if (bits >> cell->number & 1)
        return dfl__failed(ctx, DFL_ENODE, (int)cell->number + 100, 2, "branch %u", cell->number);
    return DFL_OK;
}

static uint64_t random_u64(void) {
    static uint64_t x = 88172645463325252u;
    x ^= x << 13, x ^= x >> 7, x ^= x << 17;
    return x;
}

static uint32_t lowest_bit(uint64_t bits) {
    uint32_t i = 0;
    while (!(bits >> i & 1))
        i++;
    return i;
}

static void check_failure(dfl_ctx *ctx, const Section *section, uint64_t bits, int status) {
    uint32_t lowest = lowest_bit(bits);
    char message[32];
    snprintf(message, sizeof message, "branch %u", lowest);
    assert_int_equal(status, DFL_ENODE);
    assert_int_equal(ctx->failure.code, lowest + 100);
    assert_string_equal(ctx->failure.message, message);
    for (uint32_t i = 0; i < lowest; i++)
        assert_true(section->cells[i].runs == 1 && section->branches[i].status == DFL_OK);
    for (uint32_t i = lowest + 1; i < MOST; i++)
        assert_true(section->cells[i].runs <= 1);
}

static void the_lowest_failure_wins(void **state) {
    (void)state;
    for (unsigned threads = 1; threads <= 4; threads++) {
        dfl_pool *pool = dfl_pool_new(threads);
        Section section;
        uint64_t bits;
        Line line;
        dfl_ctx *ctx = begin_line(&line, pool);
        ctx->user = &bits;
        for (int round = 0; round < 500; round++) {
            bits = random_u64() & random_u64() & random_u64();
            prepare(&section, MOST, fail_by_bits);
            int status = run_branches(ctx, section.branches, MOST, false);
            if (bits)
                check_failure(ctx, &section, bits, status);
            else
                assert_int_equal(status, DFL_OK);
        }
        end_line(&line);
        dfl_pool_free(pool);
    }
}

/* ---- tasks that fork their frames by themselves ---- */

enum { TASKS = 4 };

static atomic_uint forked[TASKS];

#define FORK_TASK(I)                                                                               \
    static void fork_task_##I(void *frames) {                                                      \
        assert_ptr_equal(((Section *)frames)->cells[I].text.p, NULL);                              \
        forked[I]++;                                                                               \
    }
FORK_TASK(0)
FORK_TASK(1)
FORK_TASK(2)
FORK_TASK(3)
static void (*const fork_tasks[TASKS])(void *) = {fork_task_0, fork_task_1, fork_task_2, fork_task_3};

/* What is kept of the section has frames of those, too, that have not begun, as one before them failed. */
static void what_is_skipped_is_forked(void **state) {
    static const uint32_t order[TASKS] = {0, 1, 2, 3}, chunk_end[TASKS] = {1, 2, 3, 4};
    uint64_t bits = 2; /* the second fails */
    (void)state;
    for (unsigned round = 0; round < 40; round++) {
        dfl_pool *pool = dfl_pool_new(1 + round % 4);
        dfl__task tasks[TASKS];
        dfl__section section = {tasks, TASKS, order, chunk_end, TASKS, .forks = fork_tasks};
        dfl__ended *ended[TASKS] = {NULL};
        Section frames;
        Line line;
        dfl_ctx *ctx = begin_line(&line, pool);
        ctx->user = &bits;
        prepare(&frames, TASKS, fail_by_bits);
        for (uint32_t i = 0; i < TASKS; i++) {
            tasks[i] = (dfl__task){fail_by_bits, NULL, offsetof(Section, cells) + i * sizeof(Cell)};
            forked[i] = 0;
        }
        assert_int_equal(dfl__threads(ctx, &section, &frames, false, ended), DFL_ENODE);
        for (uint32_t i = 0; i < TASKS; i++)
            assert_int_equal(frames.cells[i].runs + forked[i], 1);
        assert_true(round % 4 > 0 || (forked[2] == 1 && forked[3] == 1));
        end_line(&line);
        dfl_pool_free(pool);
    }
}

static void settling_runs_all(void **state) {
    dfl_pool *pool = dfl_pool_new(3);
    Section section;
    uint64_t bits = UINT64_C(0xf0f0);
    Line line;
    dfl_ctx *ctx = begin_line(&line, pool);
    (void)state;
    ctx->user = &bits;
    prepare(&section, MOST, fail_by_bits);
    assert_int_equal(run_branches(ctx, section.branches, MOST, true), DFL_OK);
    for (uint32_t i = 0; i < MOST; i++) {
        assert_int_equal(section.cells[i].runs, 1);
        assert_int_equal(section.branches[i].status, bits >> i & 1 ? DFL_ENODE : DFL_OK);
        if (bits >> i & 1)
            assert_int_equal(section.branches[i].ended->ctx.failure.code, i + 100);
    }
    end_line(&line);
    dfl_pool_free(pool);
}

static int cancelled_from_three_on(dfl_ctx *ctx, void *frame) {
    const Cell *cell = frame;
    if (cell->number >= 3)
        return dfl__failed(ctx, DFL_ECANCELLED, 0, DFL__NOWHERE, "stop");
    return DFL_OK;
}

/* What ends a run is no data. */
static void settling_does_not_hold_a_cancelled_run(void **state) {
    dfl_pool *pool = dfl_pool_new(3);
    Section section;
    Line line;
    dfl_ctx *ctx = begin_line(&line, pool);
    (void)state;
    prepare(&section, 8, cancelled_from_three_on);
    assert_int_equal(run_branches(ctx, section.branches, 8, true), DFL_ECANCELLED);
    assert_string_equal(ctx->failure.message, "stop");
    end_line(&line);
    dfl_pool_free(pool);
}

/* ---- nested, and many at once ---- */

typedef struct Tree {
    unsigned depth;
    uint64_t leaves;
} Tree;

/* Two levels of four branches under each of four. */
static int count_leaves(dfl_ctx *ctx, void *frame) {
    Tree *tree = frame, below[4];
    Branch branches[4];
    int rc;
    tree->leaves = 1;
    if (tree->depth == 0)
        return DFL_OK;
    for (int i = 0; i < 4; i++) {
        below[i] = (Tree){tree->depth - 1, 0};
        branches[i].body = count_leaves;
        branches[i].frame = &below[i];
        branches[i].type = NULL;
    }
    rc = run_branches(ctx, branches, 4, false);
    tree->leaves = below[0].leaves + below[1].leaves + below[2].leaves + below[3].leaves;
    return rc;
}

static void sections_nest(void **state) {
    (void)state;
    for (unsigned threads = 1; threads <= 8; threads++) {
        dfl_pool *pool = dfl_pool_new(threads);
        Line line;
        dfl_ctx *ctx = begin_line(&line, pool);
        for (int round = 0; round < 30; round++) {
            Tree tree = {3, 0};
            assert_int_equal(count_leaves(ctx, &tree), DFL_OK);
            assert_int_equal(tree.leaves, 64);
        }
        end_line(&line);
        dfl_pool_free(pool);
    }
}

typedef struct Caller {
    pthread_t id;
    dfl_pool *pool;
    unsigned wrong;
} Caller;

static void *many_sections(void *arg) {
    Caller *caller = arg;
    Section section;
    Line line;
    dfl_ctx *ctx = begin_line(&line, caller->pool);
    for (uint32_t round = 0; round < 200; round++) {
        Tree tree = {2, 0};
        prepare(&section, 8, count_and_allocate);
        if (run_branches(ctx, section.branches, 8, false) || !all_ran(&section, 8))
            caller->wrong++;
        if (count_leaves(ctx, &tree) || tree.leaves != 16)
            caller->wrong++;
    }
    end_line(&line);
    return NULL;
}

static void many_callers(dfl_pool *pool) {
    Caller callers[6];
    for (int i = 0; i < 6; i++) {
        callers[i] = (Caller){.pool = pool};
        assert_int_equal(pthread_create(&callers[i].id, NULL, many_sections, &callers[i]), 0);
    }
    for (int i = 0; i < 6; i++) {
        pthread_join(callers[i].id, NULL);
        assert_int_equal(callers[i].wrong, 0);
    }
}

static void many_runs_share_a_pool(void **state) {
    (void)state;
    for (unsigned threads = 1; threads <= 5; threads += 2) {
        dfl_pool *pool = dfl_pool_new(threads);
        many_callers(pool);
        dfl_pool_free(pool);
    }
    many_callers(NULL);
}

/* ---- what a branch inherits, and what the join collects ---- */

static int look_around(dfl_ctx *ctx, void *frame) {
    Cell *cell = frame;
    cell->runs = ctx->index == 7 && ctx->deadline == 99 && (ctx->flags & DFL__CLOCK) &&
                 !(ctx->flags & DFL__NOMEM) && ctx->user == (void *)&places && ctx->attempt == 1;
    ctx->nodes += 2;
    if (cell->number == 1)
        ctx->flags |= DFL__SAVE;
    return DFL_OK;
}

static void a_branch_inherits_and_hands_back(void **state) {
    dfl_pool *pool = dfl_pool_new(2);
    Section section;
    Line line;
    dfl_ctx *ctx = begin_line(&line, pool);
    (void)state;
    ctx->index = 7;
    ctx->deadline = 99;
    ctx->user = (void *)(uintptr_t)&places;
    ctx->flags = DFL__CLOCK | DFL__RECLAIM;
    prepare(&section, 4, look_around);
    assert_int_equal(run_branches(ctx, section.branches, 4, false), DFL_OK);
    for (int i = 0; i < 4; i++)
        assert_int_equal(section.cells[i].runs, 1);
    assert_int_equal(ctx->nodes, 8);
    assert_true(ctx->flags & DFL__SAVE);
    end_line(&line);
    dfl_pool_free(pool);
}

/* ---- schedules that are perturbed ---- */

/* Whoever runs a branch waits a while, in one of four ways, or not at all: so that workers come late,
 * overtake each other, sleep in the midst, and find sections closed that they meant to help with. */
static void disturb(uint64_t seed) {
    seed ^= seed >> 33, seed *= UINT64_C(0xff51afd7ed558ccd), seed ^= seed >> 33;
    switch (seed % 8) {
    case 0:
        sched_yield();
        break;
    case 1:
        usleep((useconds_t)(seed >> 8 & 127));
        break;
    case 2:
    case 3:
        for (volatile uint64_t i = 0; i < (seed >> 8 & 4095); i++)
            ;
        break;
    default:
        break;
    }
}

typedef struct Disturbed {
    uint64_t seed;
    int depth;
    uint64_t sum;
} Disturbed;

/* Sections within sections; a branch whose seed says so fails. */
static int disturbed_branch(dfl_ctx *ctx, void *frame) {
    enum { INNER = 5 };
    Disturbed *d = frame, inner[INNER];
    Branch branches[INNER];
    int rc;
    disturb(d->seed);
    d->sum = d->seed % 1000;
    if (d->depth == 0)
        return d->seed % 97 == 0 ? dfl__failed(ctx, DFL_ENODE, 1, 2, "%d", (int)(d->seed % 1000))
                                 : DFL_OK;
    for (uint64_t i = 0; i < INNER; i++) {
        inner[i] = (Disturbed){d->seed * 31 + i * 7 + 1, d->depth - 1, 0};
        branches[i] = (Branch){.body = disturbed_branch, .frame = &inner[i]};
    }
    rc = run_branches(ctx, branches, INNER, false);
    for (int i = 0; rc == DFL_OK && i < INNER; i++)
        d->sum += inner[i].sum;
    disturb(d->seed + 1);
    return rc;
}

static void *disturbed_rounds(void *pool) {
    for (uint64_t round = 0; round < 150; round++) {
        Disturbed threaded = {round + 1, 2, 0}, alone = threaded;
        Line line, single;
        dfl_pool *one = dfl_pool_new(1);
        dfl_ctx *ctx = begin_line(&line, pool), *plain = begin_line(&single, one);
        assert_int_equal(disturbed_branch(ctx, &threaded), disturbed_branch(plain, &alone));
        assert_int_equal(threaded.sum, alone.sum);
        if (ctx->failure.status == DFL_ENODE && plain->failure.status == DFL_ENODE)
            assert_string_equal(ctx->failure.message, plain->failure.message);
        end_line(&line);
        end_line(&single);
        dfl_pool_free(one);
    }
    return NULL;
}

static void disturbed_schedules_change_nothing(void **state) {
    (void)state;
    for (unsigned threads = 1; threads <= 64; threads = threads * 3 + 1) {
        dfl_pool *pool = dfl_pool_new(threads);
        pthread_t other;
        pthread_create(&other, NULL, disturbed_rounds, pool);
        disturbed_rounds(pool);
        pthread_join(other, NULL);
        dfl_pool_free(pool);
    }
}

/* ---- when threads pay ---- */

static const dfl__gain pays_awake[] = {{5000, 0}, {5000, 0}, {5000, 0}, {5000, 0}};
static const dfl__gain pays_always[] = {
    {50000, 20000}, {50000, 20000}, {50000, 20000}, {50000, 20000}};
static const dfl__gain pays_never[] = {{0, 0}, {0, 0}, {0, 0}, {0, 0}};

/* Rent or buy: what is missed while the workers sleep pays for a wake-up; then they are awake. */
static void small_gains_add_up_to_a_wake_up(void **state) {
    dfl_pool *pool = dfl_pool_new(2);
    int asked = 0;
    Line line;
    (void)state;
    dfl_ctx *ctx = begin_line(&line, pool);
    assert_false(dfl__pays(ctx, pays_never, 10000));
    assert_false(dfl__pays(ctx, pays_awake, 10000)); /* 5 of 10 us */
    assert_true(dfl__pays(ctx, pays_always, 10000));
    if (dfl__cpus() >= 2) {
        while (!dfl__pays(ctx, pays_awake, 10000) && asked++ < 1000000)
            ;
        assert_true(asked < 1000000);
        usleep(200000);
        assert_false(dfl__pays(ctx, pays_awake, 10000)); /* they sleep again */
    }
    end_line(&line);
    dfl_pool_free(pool);
}

static const dfl__gain pays_much[] = {{20000, 0}, {20000, 0}, {20000, 0}, {20000, 0}};

/* What was woken waits for the section after this one, though that takes longer than workers look as a rule. */
static void long_sections_in_a_row_get_their_workers(void **state) {
    enum { LONG_NS = 150 * 1000, ROUNDS = 20000 };
    dfl_pool *pool = dfl_pool_new(2);
    int rounds = 0;
    Line line;
    (void)state;
    dfl_ctx *ctx = begin_line(&line, pool);
    while (dfl__cpus() >= 2 && !dfl__pays(ctx, pays_much, LONG_NS)) {
        int64_t began = dfl__now();
        assert_true(rounds++ < ROUNDS);
        while (dfl__now() - began < LONG_NS)
            ;
    }
    end_line(&line);
    dfl_pool_free(pool);
}

/* 64 sections that miss 20 us each: after one, and after 1, 2, 4, 8, 16 and 32 more of them. */
static void wake_ups_in_vain_cost_more_and_more(void **state) {
    dfl_pool *pool = dfl_pool_new(2);
    Line line;
    (void)state;
    dfl_ctx *ctx = begin_line(&line, pool);
    pool->started = true; /* with no worker that could be found awake */
    for (int i = 0; i < 64; i++)
        assert_false(dfl__pays(ctx, pays_much, 60000));
    assert_int_equal(atomic_load(&pool->wake), 7);
    assert_false(dfl__pays(ctx, pays_much, 1000000)); /* what is so long is not waited for */
    assert_int_equal(atomic_load(&pool->missed_ns), 0);
    end_line(&line);
    dfl_pool_free(pool);
}

static void a_pool_of_one_never_pays(void **state) {
    static const dfl__pays_from from[] = {{1, 1}, {1, 1}, {1, 1}, {1, 1}};
    dfl_pool *pool = dfl_pool_new(1);
    Line line;
    (void)state;
    dfl_ctx *ctx = begin_line(&line, pool);
    for (int i = 0; i < 100; i++) {
        assert_false(dfl__pays(ctx, pays_always, 10000));
        assert_false(dfl__pays_each(ctx, from, 1000, 1000));
        dfl__expect(ctx, pays_always, 1000000);
    }
    end_line(&line);
    dfl_pool_free(pool);
}

static void an_each_pays_from_its_count_on(void **state) {
    static const dfl__pays_from from[] = {{10, 100}, {8, 80}, {8, 80}, {8, 80}};
    dfl_pool *pool = dfl_pool_new(4);
    Line line;
    (void)state;
    dfl_ctx *ctx = begin_line(&line, pool);
    assert_false(dfl__pays_each(ctx, from, 7, 10));
    assert_false(dfl__pays_each(ctx, from, 79, 10)); /* asleep: 395 ns missed */
    assert_true(dfl__pays_each(ctx, from, 80, 10));
    end_line(&line);
    dfl_pool_free(pool);
}

#ifdef __linux__
/* How often a thread has gone to sleep. It sleeps if the state of it says so. */
static long sleeps_of(int tid, bool *asleep) {
    char path[64], line[256];
    long n = -1;
    FILE *file;
    snprintf(path, sizeof path, "/proc/self/task/%d/status", tid);
    file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        if (strncmp(line, "State:", 6) == 0)
            *asleep = strchr(line, 'S') != NULL && strstr(line, "sleeping") != NULL;
        sscanf(line, "voluntary_ctxt_switches: %ld", &n);
    }
    fclose(file);
    return n;
}

/* The thread of this process that has begun last: numbers rise. */
static int youngest_thread(void) {
    DIR *tasks = opendir("/proc/self/task");
    int youngest = 0;
    assert_non_null(tasks);
    for (struct dirent *entry; (entry = readdir(tasks));)
        if (atoi(entry->d_name) > youngest)
            youngest = atoi(entry->d_name);
    closedir(tasks);
    return youngest;
}

/* A program that sleeps between its sections burns no CPU: its worker goes to sleep, and once it
 * sleeps nothing wakes it. (bench/forkjoin measures what spinning before that takes.) */
static void idle_workers_burn_nothing(void **state) {
    dfl_pool *pool = dfl_pool_new(2);
    bool asleep = false;
    long before;
    int tid;
    Section section;
    Line line;
    (void)state;
    dfl_ctx *ctx = begin_line(&line, pool);
    prepare(&section, 8, count_and_allocate);
    assert_int_equal(run_branches(ctx, section.branches, 8, false), DFL_OK);
    tid = youngest_thread();
    while (atomic_load(&pool->sleeping) == 0 || (before = sleeps_of(tid, &asleep), !asleep))
        usleep(1000); /* one that never sleeps is ended by the runner's limit */
    usleep(200000);
    assert_int_equal(sleeps_of(tid, &asleep), before);
    assert_true(asleep);
    end_line(&line);
    dfl_pool_free(pool);
}

/* From their start: one that is begun on the caller's CPU would wait there for a whole section. */
static void workers_begin_off_the_callers_cpu(void **state) {
    dfl_pool *pool = dfl_pool_new(3);
    cpu_set_t mine, theirs;
    int off;
    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof mine, &mine), 0);
    dfl__pool_start(pool);
    off = atomic_load(&pool->kept_off);
    if (CPU_COUNT(&mine) < 2) {
        assert_int_equal(off, -1);
    } else {
        assert_true(CPU_ISSET((size_t)off, &mine));
        CPU_CLR((size_t)off, &mine);
    }
    for (unsigned i = 0; i < atomic_load(&pool->n_workers); i++) {
        assert_int_equal(pthread_getaffinity_np(pool->workers[i], sizeof theirs, &theirs), 0);
        assert_true(CPU_EQUAL(&theirs, &mine));
    }
    dfl_pool_free(pool);
}
#endif

static void chunks_follow_the_pool(void **state) {
    dfl_pool *one = dfl_pool_new(1), *three = dfl_pool_new(3);
    Line line;
    (void)state;
    dfl_ctx *ctx = begin_line(&line, one);
    assert_int_equal(dfl__chunks(ctx, 1000, 1000), 1);
    line.options.pool = three;
    assert_int_equal(dfl__chunks(ctx, 0, 1000), 1);
    assert_int_equal(dfl__chunks(ctx, 5, 2000), 5);
    assert_int_equal(dfl__chunks(ctx, UINT64_MAX, 1000), 12);
    assert_int_equal(dfl__chunks(ctx, 100, 150), 10); /* of 1.5 us at least */
    assert_int_equal(dfl__chunks(ctx, 100, 1), 3);    /* but one for each thread */
    assert_int_equal(dfl__chunks(ctx, 1000, 0), 12);  /* nobody knows */
    end_line(&line);
    dfl_pool_free(one);
    dfl_pool_free(three);
}

/* ---- fork() ---- */

static int in_child(dfl_pool *pool) {
    Section section;
    Line line;
    dfl_ctx *ctx = begin_line(&line, pool);
    bool ok = true;
    for (uint32_t round = 0; round < 20; round++) {
        prepare(&section, 16, count_and_allocate);
        ok =
            ok && run_branches(ctx, section.branches, 16, false) == DFL_OK && all_ran(&section, 16);
    }
    end_line(&line);
    return ok ? 0 : 1;
}

static void check_child(pid_t child) {
    int status = -1;
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

#if defined(__SANITIZE_THREAD__)
#define TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TSAN 1
#endif
#endif

/* ThreadSanitizer allows no threads in the child of a process that had some. */
static void forked_children_have_workers_too(void **state) {
    dfl_pool *pool = dfl_pool_new(3);
    Section section;
    Line line;
    dfl_ctx *ctx = begin_line(&line, pool);
    (void)state;
#ifdef TSAN
    skip();
#endif
    for (int round = 0; round < 20; round++) {
        pid_t child;
        prepare(&section, 16, count_and_allocate);
        assert_int_equal(run_branches(ctx, section.branches, 16, false), DFL_OK);
        child = fork();
        if (child == 0)
            _exit(in_child(round % 2 ? pool : NULL));
        check_child(child);
    }
    end_line(&line);
    dfl_pool_free(pool);
}

/* One branch forks while others run; the child ends its section as cancelled, and can go on. */
static int fork_in_branch(dfl_ctx *ctx, void *frame) {
    pid_t *child = *(pid_t **)dfl_user(ctx);
    const Cell *cell = frame;
    if (cell->number == 0)
        *child = fork();
    else
        usleep(2000);
    return DFL_OK;
}

static void a_fork_within_a_section(void **state) {
    dfl_pool *pool = dfl_pool_new(2);
    pid_t child = -1, *at = &child;
    Section section;
    Line line;
    dfl_ctx *ctx = begin_line(&line, pool);
    int status;
    (void)state;
#ifdef TSAN
    skip();
#endif
    ctx->user = &at;
    prepare(&section, 4, fork_in_branch);
    status = run_branches(ctx, section.branches, 4, false);
    if (child == 0)
        _exit(status == DFL_OK || status == DFL_ECANCELLED ? in_child(pool) : 2);
    assert_int_equal(status, DFL_OK);
    check_child(child);
    end_line(&line);
    dfl_pool_free(pool);
}

/* The child has the worker alone, which is none there any more: it ends, and the process with it. */
enum { ENDED = 7 };

static void tell_that_it_ended(void) {
    _exit(ENDED);
}

static atomic_bool on_a_worker;

static int fork_on_a_worker(dfl_ctx *ctx, void *frame) {
    pid_t *child = *(pid_t **)dfl_user(ctx);
    const Cell *cell = frame;
    if (cell->number == 0) {
        while (!on_a_worker)
            usleep(100);
        return DFL_OK;
    }
    on_a_worker = true;
    *child = fork();
    if (*child == 0)
        atexit(tell_that_it_ended);
    return DFL_OK;
}

static void a_fork_by_a_worker(void **state) {
    dfl_pool *pool = dfl_pool_new(2);
    pid_t child = -1, *at = &child;
    Section section;
    Line line;
    dfl_ctx *ctx = begin_line(&line, pool);
    int status;
    (void)state;
#ifdef TSAN
    skip();
#endif
    ctx->user = &at;
    prepare(&section, 2, fork_on_a_worker);
    assert_int_equal(run_branches(ctx, section.branches, 2, false), DFL_OK);
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), ENDED);
    end_line(&line);
    dfl_pool_free(pool);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_branch_runs_once),
        cmocka_unit_test(no_branches_is_no_work),
        cmocka_unit_test(the_lowest_failure_wins),
        cmocka_unit_test(what_is_skipped_is_forked),
        cmocka_unit_test(settling_runs_all),
        cmocka_unit_test(settling_does_not_hold_a_cancelled_run),
        cmocka_unit_test(sections_nest),
        cmocka_unit_test(many_runs_share_a_pool),
        cmocka_unit_test(a_branch_inherits_and_hands_back),
        cmocka_unit_test(disturbed_schedules_change_nothing),
        cmocka_unit_test(small_gains_add_up_to_a_wake_up),
        cmocka_unit_test(long_sections_in_a_row_get_their_workers),
        cmocka_unit_test(wake_ups_in_vain_cost_more_and_more),
        cmocka_unit_test(a_pool_of_one_never_pays),
        cmocka_unit_test(an_each_pays_from_its_count_on),
#ifdef __linux__
        cmocka_unit_test(idle_workers_burn_nothing),
        cmocka_unit_test(workers_begin_off_the_callers_cpu),
#endif
        cmocka_unit_test(chunks_follow_the_pool),
        cmocka_unit_test(forked_children_have_workers_too),
        cmocka_unit_test(a_fork_within_a_section),
        cmocka_unit_test(a_fork_by_a_worker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
