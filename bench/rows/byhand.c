#include "byhand.h"

#define DO(CALL)                                                                                   \
    do {                                                                                           \
        int rc_ = (CALL);                                                                          \
        if (rc_ != 0)                                                                              \
            return rc_;                                                                            \
    } while (0)

/* ---- one after another ---- */

int hand_bare3(bare3_state *s, dfl_ctx *ctx) {
    DO(bare3_node1(ctx, &s->counter));
    DO(bare3_node2(ctx, &s->counter));
    DO(bare3_node3(ctx, &s->counter));
    return 0;
}

int hand_seq3(seq3_state *s, dfl_ctx *ctx) {
    DO(seq3_node1(ctx, &s->counter, &s->data));
    DO(seq3_node2(ctx, &s->counter, &s->data));
    DO(seq3_node3(ctx, &s->counter, &s->data));
    return 0;
}

int hand_seq5(seq5_state *s, dfl_ctx *ctx) {
    DO(seq5_node1(ctx, &s->counter, &s->messages, &s->metadata));
    DO(seq5_node2(ctx, &s->counter, &s->messages, &s->metadata));
    DO(seq5_node3(ctx, &s->counter, &s->messages, &s->metadata));
    DO(seq5_node4(ctx, &s->counter, &s->messages, &s->metadata));
    DO(seq5_node5(ctx, &s->counter, &s->messages, &s->metadata));
    return 0;
}

int hand_seq10(seq10_state *s, dfl_ctx *ctx) {
    DO(seq10_node1(ctx, &s->counter, &s->messages, &s->metadata));
    DO(seq10_node2(ctx, &s->counter, &s->messages, &s->metadata));
    DO(seq10_node3(ctx, &s->counter, &s->messages, &s->metadata));
    DO(seq10_node4(ctx, &s->counter, &s->messages, &s->metadata));
    DO(seq10_node5(ctx, &s->counter, &s->messages, &s->metadata));
    DO(seq10_node6(ctx, &s->counter, &s->messages, &s->metadata));
    DO(seq10_node7(ctx, &s->counter, &s->messages, &s->metadata));
    DO(seq10_node8(ctx, &s->counter, &s->messages, &s->metadata));
    DO(seq10_node9(ctx, &s->counter, &s->messages, &s->metadata));
    DO(seq10_node10(ctx, &s->counter, &s->messages, &s->metadata));
    return 0;
}

/* ---- routes ---- */

int hand_binary(binary_state *s, dfl_ctx *ctx) {
    DO(binary_check(ctx, &s->counter, &s->next));
    if (dfl_str_eq(s->next, DFL_STR("odd")))
        DO(binary_odd(ctx, &s->messages));
    else
        DO(binary_even(ctx, &s->messages));
    return 0;
}

int hand_fourway(fourway_state *s, dfl_ctx *ctx) {
    DO(fourway_choose(ctx, s->counter, &s->next));
    switch (s->next) {
    case way_a: return fourway_route_a(ctx, &s->messages);
    case way_b: return fourway_route_b(ctx, &s->messages);
    case way_c: return fourway_route_c(ctx, &s->messages);
    default: return fourway_route_d(ctx, &s->messages);
    }
}

int hand_nested10(nested10_state *s, dfl_ctx *ctx) {
    DO(nested10_level0(ctx, &s->counter, &s->messages, &s->next));
    if (!dfl_str_eq(s->next, DFL_STR("level1")))
        return nested10_shallow(ctx, &s->messages);
    DO(nested10_level1(ctx, &s->counter, &s->messages, &s->next));
    if (!dfl_str_eq(s->next, DFL_STR("level2")))
        return nested10_shallow(ctx, &s->messages);
    DO(nested10_level2(ctx, &s->counter, &s->messages, &s->next));
    if (!dfl_str_eq(s->next, DFL_STR("level3")))
        return nested10_shallow(ctx, &s->messages);
    DO(nested10_level3(ctx, &s->counter, &s->messages, &s->next));
    if (!dfl_str_eq(s->next, DFL_STR("level4")))
        return nested10_shallow(ctx, &s->messages);
    DO(nested10_level4(ctx, &s->counter, &s->messages, &s->next));
    if (!dfl_str_eq(s->next, DFL_STR("level5")))
        return nested10_shallow(ctx, &s->messages);
    DO(nested10_level5(ctx, &s->counter, &s->messages, &s->next));
    if (!dfl_str_eq(s->next, DFL_STR("level6")))
        return nested10_shallow(ctx, &s->messages);
    DO(nested10_level6(ctx, &s->counter, &s->messages, &s->next));
    if (!dfl_str_eq(s->next, DFL_STR("level7")))
        return nested10_shallow(ctx, &s->messages);
    DO(nested10_level7(ctx, &s->counter, &s->messages, &s->next));
    if (!dfl_str_eq(s->next, DFL_STR("level8")))
        return nested10_shallow(ctx, &s->messages);
    DO(nested10_level8(ctx, &s->counter, &s->messages, &s->next));
    if (!dfl_str_eq(s->next, DFL_STR("level9")))
        return nested10_shallow(ctx, &s->messages);
    DO(nested10_level9(ctx, &s->counter, &s->messages, &s->next));
    if (!dfl_str_eq(s->next, DFL_STR("end")))
        return nested10_shallow(ctx, &s->messages);
    return 0;
}

/* ---- loops ---- */

int hand_loop(loop_state *s, dfl_ctx *ctx) {
    do
        DO(loop_step(ctx, &s->counter, &s->messages));
    while (s->counter < s->times);
    return 0;
}

/* ---- what is a section there is one call after another here ---- */

int hand_fan3(fan3_state *s, dfl_ctx *ctx) {
    DO(fan3_worker1(ctx, &s->messages, &s->metadata));
    DO(fan3_worker2(ctx, &s->messages, &s->metadata));
    DO(fan3_worker3(ctx, &s->messages, &s->metadata));
    return fan3_collect(ctx, &s->counter);
}

int hand_heavy5(heavy5_state *s, dfl_ctx *ctx) {
    DO(heavy5_worker1(ctx, &s->messages, &s->metadata));
    DO(heavy5_worker2(ctx, &s->messages, &s->metadata));
    DO(heavy5_worker3(ctx, &s->messages, &s->metadata));
    DO(heavy5_worker4(ctx, &s->messages, &s->metadata));
    DO(heavy5_worker5(ctx, &s->messages, &s->metadata));
    return heavy5_collect(ctx, &s->counter);
}

int hand_stages(stages_state *s, dfl_ctx *ctx) {
    DO(stages_one1(ctx, &s->metadata));
    DO(stages_one2(ctx, &s->metadata));
    DO(stages_one3(ctx, &s->metadata));
    DO(stages_two1(ctx, &s->metadata));
    DO(stages_two2(ctx, &s->metadata));
    DO(stages_two3(ctx, &s->metadata));
    return 0;
}

/* ---- applications ---- */

int hand_customer(customer_state *s, dfl_ctx *ctx) {
    int (*specialist)(dfl_ctx *, uint32_t, dfl_str_list *, dfl_str_map *, dfl_str *);
    DO(customer_classify(ctx, &s->counter, &s->messages, &s->metadata, &s->next));
    if (dfl_str_eq(s->next, DFL_STR("billing")))
        specialist = customer_by_billing;
    else if (dfl_str_eq(s->next, DFL_STR("tech")))
        specialist = customer_by_tech;
    else if (dfl_str_eq(s->next, DFL_STR("sales")))
        specialist = customer_by_sales;
    else
        specialist = customer_by_general;
    DO(specialist(ctx, s->counter, &s->messages, &s->metadata, &s->next));
    if (dfl_str_eq(s->next, DFL_STR("escalate")))
        return customer_escalate(ctx, &s->messages, &s->metadata, &s->status);
    return customer_resolve(ctx, &s->messages, &s->status);
}

/* One processor's pairs count only when it succeeds, so each has a map of its own. */
static int process(dfl_ctx *ctx, batch_state *s, const char *name,
                   int (*node)(dfl_ctx *, dfl_str_map *)) {
    dfl_str_map update = {0};
    int code = node(ctx, &update);
    if (code != 0) {
        dfl_fault fault = {.branch = dfl_strdup(ctx, name),
                           .node = dfl_strdup(ctx, name),
                           .message = dfl_strdup(ctx, "item 5 is bad"),
                           .index = -1,
                           .code = code,
                           .attempt = 1};
        return dfl_fault_list_push(ctx, &s->faults, fault);
    }
    for (uint32_t i = 0; i < update.len; i++)
        DO(dfl_str_map_put(ctx, &s->metadata, update.entries[i].key, update.entries[i].value));
    return 0;
}

int hand_batch(batch_state *s, dfl_ctx *ctx) {
    DO(batch_receive(ctx, &s->messages));
    DO(process(ctx, s, "process1", batch_process1));
    DO(process(ctx, s, "process2", batch_process2));
    DO(process(ctx, s, "process3", batch_process3));
    DO(process(ctx, s, "process4", batch_process4));
    DO(process(ctx, s, "process5", batch_process5));
    if (s->faults.len > 0)
        DO(batch_on_fault(ctx, s->faults, &s->messages));
    return batch_aggregate(ctx, &s->counter, &s->messages);
}

int hand_finance(finance_state *s, dfl_ctx *ctx) {
    DO(finance_gather(ctx, &s->messages, &s->metadata));
    DO(finance_fundamental(ctx, &s->messages, &s->metadata));
    DO(finance_technical(ctx, &s->messages, &s->metadata));
    DO(finance_sentiment(ctx, &s->messages, &s->metadata));
    DO(finance_assess(ctx, &s->counter, &s->metadata, &s->risky));
    return s->risky ? finance_cautious(ctx, &s->messages) : finance_standard(ctx, &s->messages);
}

/* ---- work ---- */

#define WORK(US)                                                                                   \
    int hand_work##US(work##US##_state *s, dfl_ctx *ctx) {                                         \
        for (int i = 0; i < 3; i++) {                                                              \
            int64_t part;                                                                          \
            DO(work_##US##us(ctx, &part));                                                         \
            s->total += part;                                                                      \
        }                                                                                          \
        return 0;                                                                                  \
    }
WORK(5)
WORK(20)
WORK(100)

int hand_elements(elements_state *s, dfl_ctx *ctx) {
    for (uint32_t i = 0; i < s->xs.len; i++) {
        int64_t part;
        DO(elements_weigh(ctx, s->xs.items[i], &part));
        s->total += part;
    }
    return 0;
}

int hand_nest10(nest10_state *s, dfl_ctx *ctx) {
    for (int i = 0; i < 10; i++)
        DO(nest_step(ctx, &s->n));
    return 0;
}
