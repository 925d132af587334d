/* The nodes of every row: compiled apart, so that neither side can take them in. */
#include "nodes.h"

#include "rows.h"

#define PUSH(LIST, ...) dfl_str_list_push(ctx, LIST, dfl_printf(ctx, __VA_ARGS__))
#define PUT(MAP, KEY_, VALUE) dfl_str_map_put(ctx, MAP, KEY_, VALUE)

/* ---- one after another ---- */

#define BARE(I)                                                                                    \
    int bare3_node##I(dfl_ctx *ctx, uint32_t *counter) {                                           \
        (void)ctx;                                                                                 \
        *counter += 1;                                                                             \
        return 0;                                                                                  \
    }
BARE(1)
BARE(2)
BARE(3)

#define SEQ3(I)                                                                                    \
    int seq3_node##I(dfl_ctx *ctx, uint32_t *counter, dfl_str *data) {                             \
        *counter += 1;                                                                             \
        *data = dfl_printf(ctx, "%snode%d ", data->p, I);                                          \
        return 0;                                                                                  \
    }
SEQ3(1)
SEQ3(2)
SEQ3(3)

#define SEQ5(I)                                                                                    \
    int seq5_node##I(dfl_ctx *ctx, uint32_t *counter, dfl_str_list *messages,                      \
                     dfl_str_map *metadata) {                                                      \
        *counter += 1;                                                                             \
        PUSH(messages, "Processed by node%d", I);                                                  \
        PUT(metadata, KEY(ctx, "step%d", I), DFL_STR("completed"));                                \
        return 0;                                                                                  \
    }
SEQ5(1)
SEQ5(2)
SEQ5(3)
SEQ5(4)
SEQ5(5)

#define SEQ10(I)                                                                                   \
    int seq10_node##I(dfl_ctx *ctx, uint32_t *counter, dfl_str_list *messages,                     \
                      dfl_str_map *metadata) {                                                     \
        *counter += 1;                                                                             \
        PUSH(messages, "Node %d processing", I - 1);                                               \
        for (int j = 0; j < 10; j++)                                                               \
            PUT(metadata, KEY(ctx, "node%d_item%d", I - 1, j), DFL_STR("value"));                  \
        return 0;                                                                                  \
    }
SEQ10(1)
SEQ10(2)
SEQ10(3)
SEQ10(4)
SEQ10(5)
SEQ10(6)
SEQ10(7)
SEQ10(8)
SEQ10(9)
SEQ10(10)

/* ---- routes ---- */

int binary_check(dfl_ctx *ctx, uint32_t *counter, dfl_str *next) {
    (void)ctx;
    *counter += 1;
    *next = *counter % 2 == 0 ? DFL_STR("even") : DFL_STR("odd");
    return 0;
}

int binary_odd(dfl_ctx *ctx, dfl_str_list *messages) {
    return dfl_str_list_push(ctx, messages, DFL_STR("Odd path"));
}

int binary_even(dfl_ctx *ctx, dfl_str_list *messages) {
    return dfl_str_list_push(ctx, messages, DFL_STR("Even path"));
}

int fourway_choose(dfl_ctx *ctx, uint32_t counter, way *next) {
    (void)ctx;
    *next = (way)(counter % 4);
    return 0;
}

#define ROUTE(NAME)                                                                                \
    int fourway_##NAME(dfl_ctx *ctx, dfl_str_list *messages) {                                     \
        return PUSH(messages, "Processed by %s", #NAME);                                           \
    }
ROUTE(route_a)
ROUTE(route_b)
ROUTE(route_c)
ROUTE(route_d)

#define LEVEL(I, NEXT)                                                                             \
    int nested10_level##I(dfl_ctx *ctx, uint32_t *counter, dfl_str_list *messages, dfl_str *next) { \
        *counter += 1;                                                                             \
        *next = NEXT;                                                                              \
        return PUSH(messages, "Level %d", I);                                                      \
    }
#define NEXT_LEVEL(I) dfl_printf(ctx, "level%d", (I) + 1)
LEVEL(0, NEXT_LEVEL(0))
LEVEL(1, NEXT_LEVEL(1))
LEVEL(2, NEXT_LEVEL(2))
LEVEL(3, NEXT_LEVEL(3))
LEVEL(4, NEXT_LEVEL(4))
LEVEL(5, NEXT_LEVEL(5))
LEVEL(6, NEXT_LEVEL(6))
LEVEL(7, NEXT_LEVEL(7))
LEVEL(8, NEXT_LEVEL(8))
LEVEL(9, DFL_STR("end"))

int nested10_shallow(dfl_ctx *ctx, dfl_str_list *messages) {
    return dfl_str_list_push(ctx, messages, DFL_STR("Shallow path"));
}

/* ---- loops, and graphs in graphs ---- */

int loop_step(dfl_ctx *ctx, uint32_t *counter, dfl_str_list *messages) {
    *counter += 1;
    return PUSH(messages, "Iteration %" PRIu32, *counter);
}

int nest_step(dfl_ctx *ctx, uint32_t *n) {
    (void)ctx;
    *n += 1;
    return 0;
}

/* ---- sections ---- */

#define WORKER(I)                                                                           \
    int fan3_worker##I(dfl_ctx *ctx, dfl_str_list *messages, dfl_str_map *metadata) {           \
        dfl_str_list_push(ctx, messages, dfl_printf(ctx, "Worker %d processing", I));              \
        dfl_str_map_put(ctx, metadata, KEY(ctx, "worker%d_result", I), DFL_STR("completed"));      \
        return 0;                                                                                  \
    }

WORKER(1)
WORKER(2)
WORKER(3)

int fan3_collect(dfl_ctx *ctx, uint32_t *counter) {
    (void)ctx;
    *counter += 1;
    return 0;
}

#define HEAVY(I)                                                                                   \
    int heavy5_worker##I(dfl_ctx *ctx, dfl_str_list *messages, dfl_str_map *metadata) {            \
        PUSH(messages, "Worker %d started", I);                                                    \
        for (int j = 0; j < 20; j++)                                                               \
            PUT(metadata, KEY(ctx, "worker%d_item%d", I, j), dfl_printf(ctx, "result_%d", j));     \
        PUSH(messages, "Worker %d completed", I);                                                  \
        return 0;                                                                                  \
    }
HEAVY(1)
HEAVY(2)
HEAVY(3)
HEAVY(4)
HEAVY(5)

int heavy5_collect(dfl_ctx *ctx, uint32_t *counter) {
    (void)ctx;
    *counter += 1;
    return 0;
}

#define STAGE(NAME, STAGE_, I)                                                                     \
    int stages_##NAME##I(dfl_ctx *ctx, dfl_str_map *metadata) {                                    \
        return PUT(metadata, KEY(ctx, "stage%d_%d", STAGE_, I), DFL_STR("done"));                  \
    }
STAGE(one, 1, 1)
STAGE(one, 1, 2)
STAGE(one, 1, 3)
STAGE(two, 2, 1)
STAGE(two, 2, 2)
STAGE(two, 2, 3)

/* ---- applications ---- */

int customer_classify(dfl_ctx *ctx, uint32_t *counter, dfl_str_list *messages,
                      dfl_str_map *metadata, dfl_str *next) {
    static const char *const intents[] = {"billing", "tech", "sales", "other"};
    const char *found;
    *counter += 1;
    found = intents[*counter % 4];
    *next = (dfl_str){found, strlen(found)};
    PUT(metadata, DFL_STR("intent"), *next);
    return dfl_str_list_push(ctx, messages, DFL_STR("Classifying customer intent"));
}

#define SPECIALIST(NAME, TEXT, ESCALATES)                                                          \
    int customer_by_##NAME(dfl_ctx *ctx, uint32_t counter, dfl_str_list *messages,                 \
                           dfl_str_map *metadata, dfl_str *next) {                                 \
        PUT(metadata, DFL_STR("specialist"), DFL_STR(#NAME));                                      \
        *next = (ESCALATES) && counter % 5 == 0 ? DFL_STR("escalate") : DFL_STR("resolve");        \
        return dfl_str_list_push(ctx, messages, DFL_STR(TEXT));                                    \
    }
SPECIALIST(billing, "Billing specialist handling request", true)
SPECIALIST(tech, "Tech specialist handling request", true)
SPECIALIST(sales, "Sales specialist handling request", false)
SPECIALIST(general, "General agent handling request", false)

int customer_escalate(dfl_ctx *ctx, dfl_str_list *messages, dfl_str_map *metadata, dfl_str *status) {
    PUT(metadata, DFL_STR("escalated"), DFL_STR("true"));
    *status = DFL_STR("escalated");
    return dfl_str_list_push(ctx, messages, DFL_STR("Escalating to supervisor"));
}

int customer_resolve(dfl_ctx *ctx, dfl_str_list *messages, dfl_str *status) {
    *status = DFL_STR("resolved");
    return dfl_str_list_push(ctx, messages, DFL_STR("Request resolved"));
}

int batch_receive(dfl_ctx *ctx, dfl_str_list *messages) {
    return dfl_str_list_push(ctx, messages, DFL_STR("Batch received"));
}

static int process(dfl_ctx *ctx, int i, dfl_str_map *metadata) {
    PUT(metadata, KEY(ctx, "item%d_status", i), DFL_STR("processed"));
    PUT(metadata, KEY(ctx, "item%d_result", i), dfl_printf(ctx, "result_%d", i));
    return i == 5 ? dfl_fail(ctx, 5, "item %d is bad", i) : 0;
}

#define PROCESS(I)                                                                                 \
    int batch_process##I(dfl_ctx *ctx, dfl_str_map *metadata) { return process(ctx, I, metadata); }
PROCESS(1)
PROCESS(2)
PROCESS(3)
PROCESS(4)
PROCESS(5)

int batch_on_fault(dfl_ctx *ctx, dfl_fault_list faults, dfl_str_list *messages) {
    return PUSH(messages, "Handled %" PRIu32 " errors", faults.len);
}

int batch_aggregate(dfl_ctx *ctx, uint32_t *counter, dfl_str_list *messages) {
    *counter += 1;
    return dfl_str_list_push(ctx, messages, DFL_STR("Batch aggregated"));
}

int finance_gather(dfl_ctx *ctx, dfl_str_list *messages, dfl_str_map *metadata) {
    PUT(metadata, DFL_STR("data"), DFL_STR("gathered"));
    return dfl_str_list_push(ctx, messages, DFL_STR("Gathered market data"));
}

#define ANALYST(NAME)                                                                              \
    int finance_##NAME(dfl_ctx *ctx, dfl_str_list *messages, dfl_str_map *metadata) {              \
        PUT(metadata, KEY(ctx, "%s_score", #NAME), DFL_STR("0.75"));                               \
        return PUSH(messages, "Analysis: %s", #NAME);                                              \
    }
ANALYST(fundamental)
ANALYST(technical)
ANALYST(sentiment)

int finance_assess(dfl_ctx *ctx, uint32_t *counter, dfl_str_map *metadata, bool *risky) {
    *counter += 1;
    *risky = false;
    return PUT(metadata, DFL_STR("risk"), DFL_STR("low"));
}

int finance_standard(dfl_ctx *ctx, dfl_str_list *messages) {
    return dfl_str_list_push(ctx, messages, DFL_STR("Standard report"));
}

int finance_cautious(dfl_ctx *ctx, dfl_str_list *messages) {
    return dfl_str_list_push(ctx, messages, DFL_STR("Cautious report"));
}

int resumed_first(dfl_ctx *ctx, uint32_t *counter, dfl_str_list *messages, dfl_str_map *metadata) {
    *counter += 1;
    PUT(metadata, DFL_STR("first"), DFL_STR("done"));
    return PUSH(messages, "Node %d processing", 1);
}

/* The program says by its user pointer whether it works today. */
int resumed_flaky(dfl_ctx *ctx, uint32_t *counter) {
    *counter += 1;
    return *(const int *)dfl_user(ctx);
}

/* ---- what is saved, and what is streamed ---- */

static void put_ten(dfl_ctx *ctx, dfl_str_map *metadata, int node) {
    for (int j = 0; j < 10; j++)
        PUT(metadata, KEY(ctx, "node%d_item%d", node, j), DFL_STR("value"));
}

#define COUNTED(GRAPH, I, TEXT)                                                                    \
    int GRAPH##_node##I(dfl_ctx *ctx, uint32_t *counter, dfl_str_list *messages) {                 \
        *counter += 1;                                                                             \
        return PUSH(messages, TEXT, I);                                                            \
    }
COUNTED(saved3, 1, "Node %d completed")
COUNTED(saved3, 2, "Node %d completed")
COUNTED(saved3, 3, "Node %d completed")
COUNTED(told5, 1, "Node %d")
COUNTED(told5, 2, "Node %d")
COUNTED(told5, 3, "Node %d")
COUNTED(told5, 4, "Node %d")
COUNTED(told5, 5, "Node %d")

#define WITH_TEN(GRAPH, I, TEXT)                                                                   \
    int GRAPH##_node##I(dfl_ctx *ctx, uint32_t *counter, dfl_str_list *messages,                   \
                        dfl_str_map *metadata) {                                                   \
        *counter += 1;                                                                             \
        put_ten(ctx, metadata, I);                                                                 \
        return PUSH(messages, TEXT, I);                                                            \
    }
WITH_TEN(saved5, 1, "Node %d completed")
WITH_TEN(saved5, 2, "Node %d completed")
WITH_TEN(saved5, 3, "Node %d completed")
WITH_TEN(saved5, 4, "Node %d completed")
WITH_TEN(saved5, 5, "Node %d completed")
WITH_TEN(told3, 1, "Node %d")
WITH_TEN(told3, 2, "Node %d")
WITH_TEN(told3, 3, "Node %d")

int told_fan_first(dfl_ctx *ctx, dfl_str *status) {
    (void)ctx;
    *status = DFL_STR("started");
    return 0;
}

int told_fan_collect(dfl_ctx *ctx, dfl_str *status) {
    (void)ctx;
    *status = DFL_STR("collected");
    return 0;
}

#define TOLD_WORKER(I)                                                                             \
    int told_fan_worker##I(dfl_ctx *ctx, dfl_str_list *messages) { return PUSH(messages, "Worker %d", I); }
TOLD_WORKER(1)
TOLD_WORKER(2)
TOLD_WORKER(3)

/* ---- work: a recurrence of a calibrated number of rounds ---- */

double rounds_per_us;

static int64_t compute(uint64_t rounds) {
    uint64_t x = rounds | 1;
    for (uint64_t i = 0; i < rounds; i++)
        x = x * 6364136223846793005u + 1442695040888963407u;
    return (int64_t)(x >> 60);
}

int64_t work_us(int us) {
    return compute((uint64_t)((double)us * rounds_per_us));
}

#define WORK(US)                                                                                   \
    int work_##US##us(dfl_ctx *ctx, int64_t *total) {                                              \
        (void)ctx;                                                                                 \
        *total = work_us(US);                                                                      \
        return 0;                                                                                  \
    }
WORK(5)
WORK(20)
WORK(100)

int elements_weigh(dfl_ctx *ctx, uint32_t x, int64_t *total) {
    (void)ctx;
    *total = (int64_t)(x % 7) + compute(x % 16);
    return 0;
}
