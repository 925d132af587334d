/* A dfl_ctx without a run: of a state before it runs, or of a unit test. */
#include "mem.h"

const uint32_t dfl__never = 0;

/* The message means nothing before something has failed, nor `caught` before an error edge was taken. */
void dfl__ctx_init(dfl_ctx *ctx, dfl__mem *mem) {
    dfl__clear(ctx, offsetof(dfl_ctx, failure) + offsetof(dfl__failure, message) + 1);
    ctx->attempt = 1;
    ctx->cancel = &dfl__never;
    ctx->mem = mem;
    ctx->index = -1;
}

/* The ctx comes first, so that freeing it is freeing both. */
typedef struct Own {
    dfl_ctx ctx;
    dfl__mem mem;
} Own;

dfl_ctx *dfl_ctx_new(void *user) {
    Own *own = dfl__malloc(sizeof *own);
    if (!own)
        return NULL;
    dfl__mem_init(&own->mem);
    dfl__ctx_init(&own->ctx, &own->mem);
    own->ctx.user = user;
    return &own->ctx;
}

void dfl_ctx_free(dfl_ctx *ctx) {
    if (!ctx)
        return;
    dfl__mem_free(ctx->mem);
    dfl__free(ctx);
}

_Static_assert(offsetof(dfl_ctx, held) == DFL__CTX_BEGIN, "a state has room for the begin of a ctx");

/* In the state, of which there are many: so it costs them no allocation, and as few bytes as values can be made
 * with. The state may have been moved as a whole, so the ctx is made each time. */
dfl_ctx *dfl__mem_ctx(dfl__mem *mem) {
    dfl_ctx *ctx = (dfl_ctx *)(void *)mem->ctx.room;
    ctx->flags = DFL__BEGIN;
    ctx->attempt = 1;
    ctx->index = -1;
    ctx->passed = DFL__NOWHERE;
    ctx->cancel = &dfl__never;
    ctx->mem = mem;
    ctx->run = NULL;
    ctx->roots = NULL;
    ctx->user = NULL;
    ctx->last_error = NULL;
    ctx->pending = NULL;
    ctx->around = NULL;
    return ctx;
}
