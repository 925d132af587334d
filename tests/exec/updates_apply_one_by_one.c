#include "updates_apply_one_by_one.h"

#include "check.h"

/* Not associative: wrap(wrap(x, a), b) is not wrap(x, wrap(a, b)). */
int one_by_one_wrap(dfl_ctx *ctx, dfl_str *total, const dfl_str *update) {
    *total = dfl_printf(ctx, "(%s+%s)", total->p, update->p);
    return 0;
}

static void many_floats(void) {
    many_state s;
    uint64_t random = 1;
    double d = 0.5;
    float f = 0.5F;
    many_state_init(&s);
    for (int i = 0; i < 5000; i++) {
        double x;
        random = random * 6364136223846793005u + 1442695040888963407u;
        x = (double)(int64_t)random / (random & 1024 ? 1e15 : 1e3);
        d += x, f += (float)x;
        dfl_f64_list_push(many_state_ctx(&s), &s.numbers, x);
    }
    CHECK_INT(many_run(&s, NULL), DFL_OK);
    CHECK(s.d == d && memcmp(&s.f, &f, sizeof f) == 0);
    many_state_free(&s);
}

int main(void) {
    elements_state s;
    SHOW(one_by_one);
    elements_state_init(&s);
    for (int i = 0; i < 5; i++)
        dfl_str_list_push(elements_state_ctx(&s), &s.words,
                          dfl_printf(elements_state_ctx(&s), "w%d", i));
    SHOW_RUN(elements, &s);
    elements_state_free(&s);
    many_floats();
    return 0;
}
