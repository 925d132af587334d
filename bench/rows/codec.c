/* DashFlow's three states, encoded; `make bench-codec` holds the codec against other libraries. */
#include "state.h"

static small_state small;
static medium_state medium;
static large_state large;
static dfl_buf out;

static void fill_small(void) {
    small_state_init(&small);
    small.counter = 42;
    small.status = DFL_STR("initialized");
    small.value = DFL_STR("a value of the length of a short line of text");
}

static void fill_texts(dfl_ctx *ctx, dfl_str_list *messages, uint32_t n, const char *name,
                       dfl_str_map *metadata, uint32_t pairs) {
    for (uint32_t i = 0; i < n; i++)
        dfl_str_list_push(ctx, messages, dfl_printf(ctx, "%s %u", name, (unsigned)i));
    for (uint32_t i = 0; i < pairs; i++)
        dfl_str_map_put(ctx, metadata, dfl_printf(ctx, "key_%u", (unsigned)i),
                        dfl_printf(ctx, "value_%u", (unsigned)i));
}

static void fill_medium(void) {
    dfl_ctx *ctx;
    medium_state_init(&medium);
    ctx = medium_state_ctx(&medium);
    fill_texts(ctx, &medium.messages, 100, "Item", &medium.metadata, 50);
    for (uint32_t i = 0; i < 100; i++)
        dfl_u32_list_push(ctx, &medium.numbers, i);
}

static void fill_large(void) {
    static const uint8_t block[10240];
    dfl_ctx *ctx;
    large_state_init(&large);
    ctx = large_state_ctx(&large);
    fill_texts(ctx, &large.messages, 1000, "Message", &large.metadata, 500);
    for (uint32_t i = 0; i < 10; i++)
        dfl_bytes_list_push(ctx, &large.blocks, (dfl_bytes){block, sizeof block});
}

#define ENCODE(NAME)                                                                               \
    static void encode_##NAME(void) {                                                              \
        if (!NAME.dfl_mem.chunks && !small.counter)                                                \
            fill_small(), fill_medium(), fill_large();                                             \
        out.n = 0;                                                                                 \
        must(NAME##_encode(&NAME, &out) == DFL_OK && out.n > 20, "encode");                        \
    }
ENCODE(small)
ENCODE(medium)
ENCODE(large)

const Row rows_codec[] = {
    {"encode small", KIND_CODEC, 0, 15.1, {{"dflc", encode_small}}},
    {"encode medium", KIND_CODEC, 0, 947, {{"dflc", encode_medium}}},
    {"encode large", KIND_CODEC, 0, 50200, {{"dflc", encode_large}}},
    {.name = NULL},
};
