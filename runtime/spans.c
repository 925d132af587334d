/* What of a run is under way, as far as events go: places and branches, the innermost last. Only runs
 * that are watched keep it, in memory of their own. */
#include "event.h"
#include "mem.h"

struct dfl__spans {
    uint32_t room;
    dfl__span at[];
};

static bool grow(dfl_ctx *ctx) {
    uint32_t room = ctx->spans ? 2 * ctx->spans->room : 8;
    struct dfl__spans *spans = dfl__realloc(ctx->spans, sizeof *spans + room * sizeof spans->at[0]);
    if (!spans)
        return false;
    spans->room = room;
    ctx->spans = spans;
    return true;
}

static bool has_room(const dfl_ctx *ctx) {
    return ctx->spans && ctx->depth < ctx->spans->room;
}

void dfl__span_push(dfl_ctx *ctx, dfl__span span) {
    static const dfl__span unknown = {DFL__SPAN_PLACE, DFL__NOWHERE, -1, 0, 0};
    /* After one that was lost there may be room again: it must not be taken for that. */
    uint32_t known = ctx->spans ? ctx->spans->room : 0;
    if (!has_room(ctx) && grow(ctx))
        for (uint32_t i = known; i < ctx->depth && i < ctx->spans->room; i++)
            ctx->spans->at[i] = unknown;
    if (has_room(ctx))
        ctx->spans->at[ctx->depth] = span;
    ctx->depth++;
}

bool dfl__span_top(const dfl_ctx *ctx, dfl__span *span) {
    if (ctx->depth == 0 || !ctx->spans || ctx->depth > ctx->spans->room)
        return false;
    *span = ctx->spans->at[ctx->depth - 1];
    return span->place != DFL__NOWHERE;
}

int64_t dfl__span_pop(dfl_ctx *ctx, int64_t now) {
    dfl__span span;
    int64_t began = dfl__span_top(ctx, &span) ? span.began : now;
    if (ctx->depth > 0)
        ctx->depth--;
    return began;
}

/* Drawn by branches on several threads; that no two are the same is all that matters. */
uint64_t dfl__span_new(dfl_ctx *ctx) {
    return __atomic_add_fetch(&ctx->run->spans, 1, __ATOMIC_RELAXED);
}

uint64_t dfl__span_now(const dfl_ctx *ctx) {
    uint32_t depth = ctx->depth;
    if (ctx->spans && depth > ctx->spans->room)
        depth = ctx->spans->room;
    while (ctx->spans && depth > 0 && ctx->spans->at[depth - 1].number == 0)
        depth--;
    return ctx->spans && depth > 0 ? ctx->spans->at[depth - 1].number : ctx->within;
}

void dfl__spans_free(dfl_ctx *ctx) {
    dfl__free(ctx->spans);
    ctx->spans = NULL;
    ctx->depth = 0;
}
