#include "each_over_list_map_array_nothing.h"

#include "check.h"

int main(void) {
    over_state s;
    dfl_ctx *ctx;
    over_state_init(&s);
    ctx = over_state_ctx(&s);
    for (int i = 0; i < 3; i++) {
        pair p = {dfl_printf(ctx, "p%d", i), i * i};
        pair_list_push(ctx, &s.list, p);
        pair_map_put(ctx, &s.table, dfl_printf(ctx, "key %d", 9 - i), p);
        s.array[i] = (int16_t)-i;
    }
    CHECK_INT(over_run(&s, NULL), DFL_OK);
    for (uint32_t i = 0; i < s.seen.len; i++)
        printf("%s\n", s.seen.items[i].p);
    CHECK(!s.never);
    CHECK_STR(s.after, "done");
    over_state_free(&s);
    return 0;
}
