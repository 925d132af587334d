/* What every run of a row does around the nodes: the initial state, and what is asserted of the last one. */
#ifndef STATE_H
#define STATE_H

#include "bench.h"
#include "byhand.h"

/* The hand-written side's ctx: one for all runs, over the memory of the state of this one. */
dfl_ctx *hand_ctx(dfl__mem *mem);

/* DashFlow's state `Complex` begins with one message and two pairs. */
void begin_messages(dfl_ctx *ctx, dfl_str_list *messages, dfl_str_map *metadata);

/* So many items and pairs of so many bytes, keys and values together. */
void expect_messages(const dfl_str_list *messages, uint32_t n, size_t bytes);
void expect_pairs(const dfl_str_map *metadata, uint32_t n, size_t bytes);

/* The two runs of a graph: dflc_NAME and byhand_NAME. BEGIN sees `ctx` and `s`, END sees `s`. */
#define BOTH_SIDES(NAME, GRAPH, BEGIN, END)                                                        \
    static void dflc_##NAME(void) {                                                                \
        GRAPH##_state s;                                                                           \
        GRAPH##_state_init(&s);                                                                    \
        {                                                                                          \
            dfl_ctx *ctx = GRAPH##_state_ctx(&s);                                                  \
            (void)ctx;                                                                             \
            BEGIN;                                                                                 \
        }                                                                                          \
        must(GRAPH##_run(&s, NULL) == DFL_OK, #NAME ": the run failed");                           \
        END;                                                                                       \
        GRAPH##_state_free(&s);                                                                    \
    }                                                                                              \
    static void byhand_##NAME(void) {                                                              \
        GRAPH##_state s;                                                                           \
        dfl_ctx *ctx;                                                                              \
        GRAPH##_state_init(&s);                                                                    \
        ctx = hand_ctx(&s.dfl_mem);                                                                \
        BEGIN;                                                                                     \
        must(hand_##GRAPH(&s, ctx) == 0, #NAME ": a node failed");                                 \
        END;                                                                                       \
        GRAPH##_state_free(&s);                                                                    \
    }

/* The same where the caller puts nothing into the initial state. */
#define BOTH_SIDES_OF_NOTHING(NAME, GRAPH, END)                                                    \
    static void dflc_##NAME(void) {                                                                \
        GRAPH##_state s;                                                                           \
        GRAPH##_state_init(&s);                                                                    \
        must(GRAPH##_run(&s, NULL) == DFL_OK, #NAME ": the run failed");                           \
        END;                                                                                       \
        GRAPH##_state_free(&s);                                                                    \
    }                                                                                              \
    static void byhand_##NAME(void) {                                                              \
        GRAPH##_state s;                                                                           \
        GRAPH##_state_init(&s);                                                                    \
        must(hand_##GRAPH(&s, hand_ctx(&s.dfl_mem)) == 0, #NAME ": a node failed");                \
        END;                                                                                       \
        GRAPH##_state_free(&s);                                                                    \
    }

#define BEGIN_MESSAGES begin_messages(ctx, &s.messages, &s.metadata)
#define EXPECT(MESSAGES, MESSAGE_BYTES, PAIRS, PAIR_BYTES)                                         \
    expect_messages(&s.messages, MESSAGES, MESSAGE_BYTES);                                         \
    expect_pairs(&s.metadata, PAIRS, PAIR_BYTES)
#define ROW_SIDES(NAME) {{"dflc", dflc_##NAME}, {"byhand", byhand_##NAME}}

#endif
