#include "every_reducer.h"

#include "check.h"

/* The update of node k; every field gets one. */
#define UPDATE                                                                                     \
    int8_t *s8, int16_t *s16, int32_t *s32, int64_t *s64, uint8_t *u8_, uint16_t *u16_,            \
        uint32_t *u32_, uint64_t *u64_, float *f, double *d, int8_t *low8, int64_t *low,           \
        uint32_t *lowu, float *lowf, double *lowd, uint8_t *high8, int64_t *high, int16_t *highi,  \
        float *highf, double *highd, bool *all, bool *any, bool *none_of, bool *each_of,           \
        dfl_i32_list *list, dfl_str *text, dfl_bytes *raw, dfl_i32_map *table, int32_t *latest,    \
        dfl_str *latest_text, dfl_i32_list *latest_list, dfl_i32_opt *latest_maybe
#define GIVEN                                                                                      \
    s8, s16, s32, s64, u8_, u16_, u32_, u64_, f, d, low8, low, lowu, lowf, lowd, high8, high,      \
        highi, highf, highd, all, any, none_of, each_of, list, text, raw, table, latest,           \
        latest_text, latest_list, latest_maybe

int reducers_work(dfl_ctx *ctx, int32_t k, UPDATE) {
    *s8 = (int8_t)(-10 * k), *s16 = (int16_t)(-1000 * k), *s32 = -100000 * k;
    *s64 = INT64_C(-10000000000) * k;
    *u8_ = (uint8_t)(10 * k), *u16_ = (uint16_t)(1000 * k), *u32_ = 100000u * (uint32_t)k;
    *u64_ = UINT64_C(4000000000000000000) + (uint64_t)k;
    *f = 0.5F * (float)k, *d = 0.1 * k;
    *low8 = (int8_t)(k == 2 ? -128 : k), *low = k, *lowu = 7u - (uint32_t)k, *lowf = (float)-k;
    *lowd = k == 1 ? -1e300 : k;
    *high8 = (uint8_t)(k == 2 ? 255 : k), *high = -k, *highi = (int16_t)-k, *highf = (float)k;
    *highd = k == 1 ? 1e300 : k;
    *all = k != 2, *any = k == 2, *none_of = false, *each_of = true;
    *text = dfl_printf(ctx, "<%d>", k);
    *raw = (dfl_bytes){(const uint8_t *)"\0\1\2\3", (size_t)k};
    *latest = k, *latest_text = *text;
    *latest_maybe = (dfl_i32_opt){k == 2, k};
    for (int i = 0; i < k; i++) {
        dfl_i32_list_push(ctx, list, 10 * k + i);
        dfl_i32_map_put(ctx, table, dfl_printf(ctx, "%d", i), k);
    }
    return dfl_i32_list_push(ctx, latest_list, k);
}

int reducers_n1(dfl_ctx *ctx, UPDATE) {
    return reducers_work(ctx, 1, GIVEN);
}

int reducers_n2(dfl_ctx *ctx, UPDATE) {
    return reducers_work(ctx, 2, GIVEN);
}

int reducers_n3(dfl_ctx *ctx, UPDATE) {
    return reducers_work(ctx, 3, GIVEN);
}

int main(void) {
    for (how how = how_alone; how <= how_elements; how++) {
        reducers_state s;
        reducers_state_init(&s);
        s.how = how;
        for (int32_t k = 1; k <= 3; k++)
            dfl_i32_list_push(reducers_state_ctx(&s), &s.numbers, k);
        SHOW_RUN(reducers, &s);
        reducers_state_free(&s);
    }
    return 0;
}
