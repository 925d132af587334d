#include "state.h"

#include <stdio.h>
#include <stdlib.h>

dfl_ctx *hand_ctx(dfl__mem *mem) {
    static dfl_ctx *ctx;
    if (!ctx)
        must((ctx = dfl_ctx_new(NULL)) != NULL, "out of memory");
    ctx->mem = mem;
    return ctx;
}

void begin_messages(dfl_ctx *ctx, dfl_str_list *messages, dfl_str_map *metadata) {
    dfl_str_list_push(ctx, messages, DFL_STR("Initial message"));
    dfl_str_map_put(ctx, metadata, DFL_STR("user"), DFL_STR("test_user"));
    dfl_str_map_put(ctx, metadata, DFL_STR("session"), DFL_STR("test_session"));
}

static void expect(const char *what, uint32_t n, size_t bytes, uint32_t n_wanted, size_t wanted) {
    if (n == n_wanted && bytes == wanted)
        return;
    fprintf(stderr, "rows: %u %s of %zu bytes at the end, not %u of %zu\n", (unsigned)n, what, bytes,
            (unsigned)n_wanted, wanted);
    exit(1);
}

/* Reading every byte would be work of its own, so lengths are what is looked at. */
void expect_messages(const dfl_str_list *messages, uint32_t n, size_t bytes) {
    size_t sum = 0;
    for (uint32_t i = 0; i < messages->len; i++)
        sum += messages->items[i].n;
    expect("messages", messages->len, sum, n, bytes);
}

void expect_pairs(const dfl_str_map *metadata, uint32_t n, size_t bytes) {
    size_t sum = 0;
    for (uint32_t i = 0; i < metadata->len; i++)
        sum += metadata->entries[i].key.n + metadata->entries[i].value.n;
    expect("pairs", metadata->len, sum, n, bytes);
}
