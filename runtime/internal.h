/* Shared by the files of the runtime that run graphs; see mem.h for memory and values. */
#ifndef DFL_INTERNAL_H
#define DFL_INTERNAL_H

#include <stdarg.h>

#include "dfl.h"

/* ---- clock.c ---- */

int64_t dfl__now(void);        /* CLOCK_MONOTONIC, ns */
int64_t dfl__wall_clock(void); /* CLOCK_REALTIME, ns */

/* ---- error.c ---- */

/* Fills ctx->failure; returns `status`. place: DFL__NOWHERE when no place is to blame. */
int dfl__failed(dfl_ctx *ctx, int status, int code, uint32_t place, const char *fmt, ...)
    DFL__PRINTF(5, 6);
/* The failure of a node that returned `code`; `seen` are the flags that its attempt left. */
int dfl__node_failed(dfl_ctx *ctx, uint32_t place, int code, uint32_t seen);
/* A message of at most 255 bytes, cut between characters. */
void dfl__message(char message[256], const char *fmt, va_list args);
void dfl__error_from(dfl_error *error, const dfl_graph *graph, const dfl__failure *failure);

/* ---- event.c ---- */

/* All of them do nothing unless the hooks ask for the event; call them where DFL__WATCH is set. */
void dfl__events_begin(dfl__run *run);
void dfl__events_end(dfl__run *run, int status);
void dfl__event_enter(dfl_ctx *ctx, uint32_t place);
void dfl__event_leave(dfl_ctx *ctx, uint32_t place, int status);
void dfl__event_join(dfl_ctx *ctx, uint32_t place, int status);
void dfl__event_limit(dfl_ctx *ctx, uint32_t place);
void dfl__event_retry(dfl_ctx *ctx, uint32_t place);
void dfl__event_checkpoint(dfl__run *run, dfl_event_kind kind, uint64_t id, uint32_t place);

/* hooks->ordered: the events of a branch are held from its begin and handed to `parent` at the
 * join (delivered, or held on). Branches are joined in written order, by one thread. */
void dfl__held_begin(dfl_ctx *branch);
void dfl__held_join(dfl_ctx *parent, dfl_ctx *branch);

/* ---- checkpoint.c ---- */

/* Saves the run's state with `place` as the one to run next. DFL_OK, or a status with the failure
 * in run->ctx. */
int dfl__save(dfl__run *run, uint32_t place);

typedef struct dfl__loaded {
    uint64_t id, step;
    uint32_t place;
} dfl__loaded;

/* Replaces `state` and counts[n_counts] (NULL: not wanted) by the checkpoint that `options` names.
 * On an error both are as before, and `ctx->failure` tells. */
int dfl__load_checkpoint(dfl_ctx *ctx, const dfl_graph *graph, void *state, const dfl_run *options,
                         uint64_t *counts, uint32_t n_counts, dfl__loaded *out);

#endif
