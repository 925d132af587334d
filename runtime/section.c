/* What the code of a section asks of the runtime besides threads: settling and merging. */
#include "internal.h"

int dfl__settle(dfl_ctx *ctx, int status, const dfl__failure *failure, const char *branch,
                dfl_fault_list *faults, uint32_t *at, bool *good) {
    *good = status == DFL_OK && faults->len == 0;
    if (status == DFL_OK)
        return DFL_OK;
    if (status == DFL_ENODE) {
        *at = DFL__DONE;
        dfl__drop_inner(ctx);
        dfl__asks_caught(ctx, DFL__FAILED);
        return dfl__add_fault(ctx, faults, failure, branch);
    }
    if (failure != &ctx->failure)
        ctx->failure = *failure;
    return status;
}

int dfl__merge_failed(dfl_ctx *ctx, uint32_t place, int code) {
    uint32_t seen = ctx->flags;
    ctx->flags &= ~DFL__ATTEMPT;
    if (seen & DFL__NOMEM)
        return dfl__failed(ctx, DFL_ENOMEM, 0, place, "out of memory");
    if (code == 0)
        return DFL_OK;
    if (!(seen & DFL__MESSAGE))
        return dfl__failed(ctx, DFL_ENODE, code, place, "a reducer returned %d", code);
    return dfl__node_failed(ctx, place, code, seen);
}

int dfl__folded(dfl_ctx *ctx, uint32_t place, int status) {
    return (ctx->flags & DFL__NOMEM) ? dfl__merged(ctx, place, 0) : status;
}
