/* Rows with a stream: the items are counted by a callback. Those of values and updates carry no time, which neither
 * has in the seed. */
#include "state.h"

static uint64_t items;

static void count(void *user, const dfl_event *event) {
    (void)user, (void)event;
    items++;
}

static const dfl_hooks values = {.mask = DFL_STREAM_VALUES, .on_event = count, .untimed = true};
static const dfl_hooks events = {.mask = DFL_STREAM_EVENTS, .on_event = count, .quick = true};
static const dfl_hooks updates = {.mask = DFL_STREAM_UPDATES, .on_event = count, .untimed = true};

#define STREAM(NAME, GRAPH, HOOKS, ITEMS, BEGIN, END)                                              \
    static void dflc_##NAME(void) {                                                                \
        GRAPH##_state s;                                                                           \
        dfl_run run = {.hooks = &HOOKS};                                                           \
        GRAPH##_state_init(&s);                                                                    \
        BEGIN;                                                                                     \
        items = 0;                                                                                 \
        must(GRAPH##_run(&s, &run) == DFL_OK, #NAME ": the run failed");                           \
        must(items == (ITEMS), #NAME ": another number of items");                                 \
        END;                                                                                       \
        GRAPH##_state_free(&s);                                                                    \
    }

#define MESSAGES(GRAPH) begin_messages(GRAPH##_state_ctx(&s), &s.messages, &s.metadata)

STREAM(values, told5, values, 5, MESSAGES(told5), EXPECT(6, 15 + 5 * 6, 2, 32))
STREAM(events, told5, events, 18, MESSAGES(told5), EXPECT(6, 15 + 5 * 6, 2, 32))
STREAM(updates, told3, updates, 3, MESSAGES(told3), EXPECT(4, 15 + 3 * 6, 32, 32 + 30 * 16))
STREAM(parallel, told_fan, values, 3, MESSAGES(told_fan), EXPECT(4, 15 + 3 * 8, 2, 32))
STREAM(bare, bare3, values, 3, (void)0, must(s.counter == 3, "counter"))

const Row rows_stream[] = {
    {"stream values", KIND_STREAM, 5, 3150, {{"dflc", dflc_values}}},
    {"stream events", KIND_STREAM, 5, 3330, {{"dflc", dflc_events}}},
    {"stream updates", KIND_STREAM, 3, 7560, {{"dflc", dflc_updates}}},
    {"stream parallel", KIND_STREAM, 5, 2850, {{"dflc", dflc_parallel}}},
    {"stream of 3 bare nodes", KIND_STREAM, 3, 0, {{"dflc", dflc_bare}}},
    {.name = NULL},
};
