/* Between the files of events. */
#ifndef DFL_EVENT_H
#define DFL_EVENT_H

#include "internal.h"

static inline const dfl_hooks *dfl__hooks_of(const dfl_ctx *ctx) {
    return ctx->run->options->hooks;
}

/* The bit of dfl_hooks.mask. */
uint32_t dfl__event_bit(dfl_event_kind kind);
/* To the hooks, if they ask for it; numbers it. */
void dfl__deliver(dfl__run *run, dfl_event *event);
/* Before and after branches of `ctx` are on threads; the second where the first said true. */
bool dfl__events_forked(dfl_ctx *ctx);
void dfl__events_joined(dfl_ctx *ctx);
/* Holds an event back where ctx is of a branch whose events come in written order; false: deliver it. */
bool dfl__held_back(dfl_ctx *ctx, const dfl_event *event);

/* ---- spans.c: what has begun and not ended ---- */

/* Where there was no memory to note one, its end is told with a duration of 0, or, should it end
 * without a call that tells so, not at all. */
void dfl__span_push(dfl_ctx *ctx, int64_t began, uint64_t number, uint32_t place, int32_t branch);
/* The innermost; false when nothing is open, or it was not noted. */
bool dfl__span_top(const dfl_ctx *ctx, dfl__span *span);
/* Ends the innermost; when it began, or `now`. */
int64_t dfl__span_pop(dfl_ctx *ctx, int64_t now);
/* A number for one that begins; and of the innermost that is known. */
uint64_t dfl__span_new(dfl_ctx *ctx);
uint64_t dfl__span_now(const dfl_ctx *ctx);
/* For a ctx that is watched, in what has the number `within`; a copy of it must not be used. */
void dfl__spans_begin(dfl_ctx *ctx, uint64_t within);
void dfl__spans_free(dfl_ctx *ctx);

#endif
