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

/* No run takes an error edge in it, so it ends before `caught`: half of the bytes, which most heaps then keep at
 * hand for the next state. */
dfl_ctx *dfl__mem_ctx(dfl__mem *mem) {
    if (!mem->ctx) {
        mem->ctx = dfl__heap_alloc(mem->heap, offsetof(dfl_ctx, caught));
        if (!mem->ctx)
            return NULL;
        dfl__ctx_init(mem->ctx, mem);
    }
    mem->ctx->mem = mem; /* the state may have been moved as a whole */
    return mem->ctx;
}
