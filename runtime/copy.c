/* Deep copies of single values. */
#include "move.h"

void dfl__assign(const dfl_type *type, void *to, const void *from) {
    if (type->kind != DFL_KIND_STRUCT) {
        memcpy(to, from, type->size);
        return;
    }
    for (uint32_t i = 0; i < type->n; i++) {
        size_t offset = type->members[i].offset;
        dfl__assign(type->members[i].type, (char *)to + offset, (const char *)from + offset);
    }
}

int dfl__copy_value(dfl_ctx *ctx, const dfl_type *type, void *to, const void *from) {
    dfl__mover mover;
    dfl__assign(type, to, from);
    if (type->flat)
        return DFL_OK;
    dfl__mover_begin(&mover, ctx->mem, NULL);
    dfl__mover_value(&mover, type, to);
    dfl__mover_end(&mover);
    dfl__ctx_note(ctx);
    if (!mover.failed)
        return DFL_OK;
    ctx->flags |= DFL__NOMEM;
    return DFL_ENOMEM;
}
