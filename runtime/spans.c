/* What of a run is under way, as far as events go: places and branches, the innermost last. Only runs
 * that are watched keep it; few nest so deep that it takes memory of its own. */
#include "event.h"
#include "mem.h"

void dfl__spans_begin(dfl_ctx *ctx, uint64_t within) {
    ctx->within = within;
    ctx->spans = ctx->few;
    ctx->depth = 0;
    ctx->room = DFL__FEW_SPANS;
}

/* Below what could not be noted there may be room again: it must not be taken for that. */
static void forget(dfl__span *spans, uint32_t from, uint32_t to) {
    for (uint32_t i = from; i < to; i++)
        spans[i] = (dfl__span){0, 0, DFL__NOWHERE, -1};
}

static bool grow(dfl_ctx *ctx) {
    uint32_t room = 2 * ctx->room;
    dfl__span *old = ctx->spans == ctx->few ? NULL : ctx->spans;
    dfl__span *spans = dfl__heap_realloc(ctx->mem->heap, old, room * sizeof *spans);
    if (!spans)
        return false;
    if (!old)
        memcpy(spans, ctx->few, sizeof ctx->few);
    forget(spans, ctx->room, ctx->depth < room ? ctx->depth : room);
    ctx->spans = spans;
    ctx->room = room;
    return ctx->depth < room;
}

/* Field by field: a whole span would be read back while it is being written in parts. */
void dfl__span_push(dfl_ctx *ctx, int64_t began, uint64_t number, uint32_t place, int32_t branch) {
    if (ctx->depth < ctx->room || grow(ctx)) {
        dfl__span *span = &ctx->spans[ctx->depth];
        span->began = began;
        span->number = number;
        span->place = place;
        span->branch = branch;
    }
    ctx->depth++;
}

static const dfl__span *top(const dfl_ctx *ctx) {
    const dfl__span *span;
    if (ctx->depth == 0 || ctx->depth > ctx->room)
        return NULL;
    span = &ctx->spans[ctx->depth - 1];
    return span->place == DFL__NOWHERE ? NULL : span;
}

bool dfl__span_top(const dfl_ctx *ctx, dfl__span *span) {
    const dfl__span *innermost = top(ctx);
    if (innermost)
        *span = *innermost;
    return innermost;
}

int64_t dfl__span_pop(dfl_ctx *ctx, int64_t now) {
    const dfl__span *span = top(ctx);
    int64_t began = span ? span->began : now;
    if (ctx->depth > 0)
        ctx->depth--;
    return began;
}

/* Drawn by branches on several threads; that no two are the same is all that matters. */
uint64_t dfl__span_new(dfl_ctx *ctx) {
    dfl__run *run = ctx->run;
    return run->forked ? __atomic_add_fetch(&run->spans, 1, __ATOMIC_RELAXED) : ++run->spans;
}

uint64_t dfl__span_now(const dfl_ctx *ctx) {
    uint32_t depth = ctx->depth < ctx->room ? ctx->depth : ctx->room;
    while (depth > 0 && ctx->spans[depth - 1].number == 0)
        depth--;
    return depth > 0 ? ctx->spans[depth - 1].number : ctx->within;
}

void dfl__spans_free(dfl_ctx *ctx) {
    if (ctx->spans != ctx->few)
        dfl__heap_free(ctx->mem->heap, ctx->spans);
    dfl__spans_begin(ctx, ctx->within);
}
