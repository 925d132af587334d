/* Rows with sections, and many runs at once. */
#include <pthread.h>
#include <unistd.h>

#include "peers.h"
#include "state.h"

/* Not called where the peer is not there. */
#define PEER static __attribute__((unused)) void

BOTH_SIDES(fan3, fan3, BEGIN_MESSAGES, EXPECT(4, 15 + 3 * 19, 5, 32 + 3 * 23))
BOTH_SIDES(heavy5, heavy5, BEGIN_MESSAGES, EXPECT(11, 15 + 5 * 34, 102, 32 + 5 * (10 * 21 + 10 * 23)))
BOTH_SIDES(stages, stages, BEGIN_MESSAGES, EXPECT(1, 15, 8, 32 + 6 * 12))
BOTH_SIDES(batch, batch, BEGIN_MESSAGES, EXPECT(4, 61, 10, 32 + 4 * (12 + 9 + 12 + 8));
           must(s.faults.len == 1 && s.faults.items[0].code == 5, "batch: another fault"))
BOTH_SIDES(finance, finance, BEGIN_MESSAGES, EXPECT(6, 15 + 20 + 21 + 19 + 19 + 15, 7, 110))

#define WORK(US)                                                                                   \
    BOTH_SIDES_OF_NOTHING(work##US, work##US, must(s.total >= 0, "work"))                          \
    static int64_t part##US(int i) {                                                               \
        (void)i;                                                                                   \
        return work_us(US);                                                                        \
    }                                                                                              \
    PEER openmp_work##US(void) { must(openmp_sum(3, part##US) >= 0, "work"); }                     \
    PEER tbb_work##US(void) { must(tbb_sum(3, part##US) >= 0, "work"); }
WORK(5)
WORK(20)
WORK(100)

/* ---- each over 10,000 elements ---- */

enum { ELEMENTS = 10000 };

static uint32_t xs[ELEMENTS];
static int64_t expected;

static void fill_xs(void) {
    if (xs[ELEMENTS - 1])
        return;
    for (uint32_t i = 0; i < ELEMENTS; i++) {
        int64_t part = 0;
        xs[i] = i * 7919;
        (void)elements_weigh(NULL, xs[i], &part);
        expected += part;
    }
}

#define BEGIN_ELEMENTS                                                                             \
    fill_xs();                                                                                     \
    s.xs = (dfl_u32_list){xs, ELEMENTS, ELEMENTS}
BOTH_SIDES(elements, elements, BEGIN_ELEMENTS, must(s.total == expected, "elements: another sum"))

static int64_t element(int i) {
    int64_t part = 0;
    (void)elements_weigh(NULL, xs[i], &part);
    return part;
}

PEER openmp_elements(void) {
    fill_xs();
    must(openmp_sum(ELEMENTS, element) == expected, "elements: another sum");
}

PEER tbb_elements(void) {
    fill_xs();
    must(tbb_sum(ELEMENTS, element) == expected, "elements: another sum");
}

/* ---- 1,000 runs on all CPUs ---- */

enum { RUNS = 1000, MAX_CPUS = 64 };

static void *share_of_runs(void *share) {
    int n = *(int *)share;
    for (int i = 0; i < n; i++) {
        seq5_state s;
        seq5_state_init(&s);
        begin_messages(seq5_state_ctx(&s), &s.messages, &s.metadata);
        must(seq5_run(&s, NULL) == DFL_OK, "a run failed");
        EXPECT(6, 105, 7, 102);
        seq5_state_free(&s);
    }
    return NULL;
}

static void *share_by_hand(void *share) {
    int n = *(int *)share;
    dfl_ctx *ctx = dfl_ctx_new(NULL);
    dfl__mem *own = ctx->mem;
    for (int i = 0; i < n; i++) {
        seq5_state s;
        seq5_state_init(&s);
        ctx->mem = &s.dfl_mem;
        begin_messages(ctx, &s.messages, &s.metadata);
        must(hand_seq5(&s, ctx) == 0, "a node failed");
        EXPECT(6, 105, 7, 102);
        seq5_state_free(&s);
    }
    ctx->mem = own;
    dfl_ctx_free(ctx);
    return NULL;
}

static void on_all_cpus(void *(*share)(void *)) {
    pthread_t threads[MAX_CPUS];
    int shares[MAX_CPUS], n = (int)sysconf(_SC_NPROCESSORS_ONLN);
    n = n < 1 ? 1 : n > MAX_CPUS ? MAX_CPUS : n;
    for (int i = 0; i < n; i++) {
        shares[i] = RUNS / n + (i < RUNS % n);
        must(pthread_create(&threads[i], NULL, share, &shares[i]) == 0, "no thread");
    }
    for (int i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
}

static void dflc_runs(void) {
    on_all_cpus(share_of_runs);
}

static void byhand_runs(void) {
    on_all_cpus(share_by_hand);
}

#define PEERS(NAME)                                                                                \
    {{"dflc", dflc_##NAME},                                                                        \
     {"byhand", byhand_##NAME},                                                                    \
     OPENMP_SIDE(openmp_##NAME) TBB_SIDE(tbb_##NAME)}

const Row rows_parallel[] = {
    {"fan-out 3", KIND_SECTION, 4, 10400, ROW_SIDES(fan3)},
    {"fan-out 5 heavy", KIND_SECTION, 6, 23600, ROW_SIDES(heavy5)},
    {"two-stage 3 + 3", KIND_SECTION, 6, 18800, ROW_SIDES(stages)},
    {"batch pipeline", KIND_SECTION, 8, 15300, ROW_SIDES(batch)},
    {"financial analysis", KIND_SECTION, 6, 12900, ROW_SIDES(finance)},
    {"3 x 5 us", KIND_OTHER, 3, 0, PEERS(work5)},
    {"3 x 20 us", KIND_OTHER, 3, 0, PEERS(work20)},
    {"3 x 100 us", KIND_OTHER, 3, 0, PEERS(work100)},
    {"each of 10,000", KIND_OTHER, 10000, 0, PEERS(elements)},
    {"1,000 runs", KIND_OTHER, 5000, 0, ROW_SIDES(runs)},
    {.name = NULL},
};
