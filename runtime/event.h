/* Between the files of events. */
#ifndef DFL_EVENT_H
#define DFL_EVENT_H

#include "internal.h"

static inline const dfl_hooks *dfl__hooks_of(const dfl_ctx *ctx) {
    return ctx->run->options->hooks;
}

/* To the hooks, if they ask for it; numbers it. */
void dfl__deliver(dfl__run *run, dfl_event *event);
/* Holds an event back where ctx is of a branch whose events come in written order; false: deliver it. */
bool dfl__held_back(dfl_ctx *ctx, const dfl_event *event);

/* ---- spans.c: what has begun and not ended ---- */

typedef enum dfl__span_kind { DFL__SPAN_PLACE, DFL__SPAN_BRANCH, DFL__SPAN_CHUNK } dfl__span_kind;

typedef struct dfl__span {
    dfl__span_kind kind;
    uint32_t place; /* of a branch: its section */
    int32_t branch;
    int64_t began;
    uint64_t number; /* dfl_event.span */
} dfl__span;

/* Where there was no memory to note one, its end is told with a duration of 0, or, should it end
 * without a call that tells so, not at all. */
void dfl__span_push(dfl_ctx *ctx, dfl__span span);
/* The innermost; false when nothing is open, or it was not noted. */
bool dfl__span_top(const dfl_ctx *ctx, dfl__span *span);
/* Ends the innermost; when it began, or `now`. */
int64_t dfl__span_pop(dfl_ctx *ctx, int64_t now);
/* A number for one that begins; and of the innermost that is known. */
uint64_t dfl__span_new(dfl_ctx *ctx);
uint64_t dfl__span_now(const dfl_ctx *ctx);
void dfl__spans_free(dfl_ctx *ctx);

#endif
