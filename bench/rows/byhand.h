/* The same jobs written by hand: the nodes called one after another with `if`, `switch` and `while`, no failure
 * put back, no event, no save. ctx: a node's, over the memory of the state. 0, or what a node returned. */
#ifndef BYHAND_H
#define BYHAND_H

#include "rows.h"

int hand_bare3(bare3_state *s, dfl_ctx *ctx);
int hand_seq3(seq3_state *s, dfl_ctx *ctx);
int hand_seq5(seq5_state *s, dfl_ctx *ctx);
int hand_seq10(seq10_state *s, dfl_ctx *ctx);
int hand_binary(binary_state *s, dfl_ctx *ctx);
int hand_fourway(fourway_state *s, dfl_ctx *ctx);
int hand_nested10(nested10_state *s, dfl_ctx *ctx);
int hand_loop(loop_state *s, dfl_ctx *ctx);
int hand_fan3(fan3_state *s, dfl_ctx *ctx);
int hand_heavy5(heavy5_state *s, dfl_ctx *ctx);
int hand_stages(stages_state *s, dfl_ctx *ctx);
int hand_customer(customer_state *s, dfl_ctx *ctx);
int hand_batch(batch_state *s, dfl_ctx *ctx);
int hand_finance(finance_state *s, dfl_ctx *ctx);
int hand_work5(work5_state *s, dfl_ctx *ctx);
int hand_work20(work20_state *s, dfl_ctx *ctx);
int hand_work100(work100_state *s, dfl_ctx *ctx);
int hand_elements(elements_state *s, dfl_ctx *ctx);
int hand_nest10(nest10_state *s, dfl_ctx *ctx);

#endif
