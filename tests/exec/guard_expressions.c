#include "guard_expressions.h"

#include "check.h"

bool guards_positive(dfl_ctx *ctx, double x) {
    (void)ctx;
    return x > 0;
}

int main(void) {
    guards_state s;
    dfl_ctx *ctx;
    guards_state_init(&s);
    ctx = guards_state_ctx(&s);
    s.o.inner.level = -5, s.o.inner.name = DFL_STR("Ada"), s.o.mood = mood_wild;
    dfl_str_list_push(ctx, &s.o.tags, DFL_STR("tag"));
    s.n = 4, s.u = 7, s.x = 0.5;
    s.text = DFL_STR("abc"), s.raw = (dfl_bytes){(const uint8_t *)"\0\1", 2};
    for (int i = 1; i < 4; i++)
        dfl_i32_list_push(ctx, &s.list, i);
    dfl_i32_map_put(ctx, &s.table, DFL_STR("one"), 1);
    dfl_i32_map_put(ctx, &s.table, DFL_STR("two"), 2);
    mood_list_push(ctx, &s.moods, mood_wild);
    dfl_str_list_push(ctx, &s.words, DFL_STR("abc"));
    dfl_f64_list_push(ctx, &s.reals, 0.5);
    CHECK_INT(guards_run(&s, NULL), DFL_OK);
    CHECK_STR(s.log, "abcdef");
    guards_state_free(&s);
    return 0;
}
