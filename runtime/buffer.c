/* Headers of list and map buffers; the rules are in buffer.h. */
#include "buffer.h"

dfl__head *dfl__buffer_at(const dfl__mem *mem, uintptr_t first, uint64_t n) {
    const void *items = (const void *)first;
    if (!items || first % DFL__ALIGN != 0)
        return NULL;
    dfl__chunk *chunk = dfl__mem_chunk(mem, items);
    if (!chunk || (size_t)((const char *)items - dfl__chunk_start(chunk)) < sizeof(dfl__head))
        return NULL;
    dfl__head *head = dfl__head_before(items);
    return dfl__is_head(head, first) && n <= head->used ? head : NULL;
}

dfl__head *dfl__buffer_init(dfl__head *block, const dfl__mem *mem, const void *self, uint32_t used,
                            uint32_t cap) {
    block->check = dfl__check_of(block + 1);
    block->used = used;
    block->cap = cap;
    dfl__buffer_claim(block, mem, self, 0);
    return block;
}

dfl__head *dfl__buffer_new(dfl_ctx *ctx, const void *self, uint32_t used, uint32_t cap,
                           size_t bytes) {
    if (bytes > SIZE_MAX - sizeof(dfl__head)) {
        ctx->flags |= DFL__NOMEM;
        return NULL;
    }
    dfl__head *block = dfl__ctx_alloc(ctx, sizeof(dfl__head) + bytes, DFL__ALIGN);
    return block ? dfl__buffer_init(block, ctx->mem, self, used, cap) : NULL;
}
