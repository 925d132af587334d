#include "each_in_each.h"

#include "check.h"

int main(void) {
    static const char *const names[] = {"first", "empty", "quiet", "last"};
    grid_state s;
    dfl_ctx *ctx;
    dfl_error error = {0};
    grid_state_init(&s);
    ctx = grid_state_ctx(&s);
    for (int i = 0; i < 4; i++) {
        row r = {dfl_strdup(ctx, names[i]), {0}, {0}};
        dfl_i32_list slice = {0};
        for (int k = 0; k < 3 && i != 1; k++) {
            dfl_i32_list_push(ctx, &r.cells, i == 3 && k == 1 ? -5 : 10 * i + k + (k == 2 ? 15 : 0));
            dfl_i32_list_push(ctx, &slice, 1);
        }
        if (i % 2 == 1)
            dfl_str_map_put(ctx, &r.notes, DFL_STR("colour"), dfl_printf(ctx, "shade %d", i));
        row_list_push(ctx, &s.rows, r);
        dfl_i32_list_list_push(ctx, &s.cubes, slice);
    }
    show_end("grid", grid_run(&s, &(dfl_run){.error = &error}), &error);
    for (uint32_t i = 0; i < s.seen.len; i++)
        printf("%s\n", s.seen.items[i].p);
    for (uint32_t i = 0; i < s.faults.len; i++)
        printf("fault: %s, element %d: %s\n", s.faults.items[i].node.p, (int)s.faults.items[i].index,
               s.faults.items[i].message.p);
    printf("total %d, best %d\n", (int)s.total, s.best);
    grid_state_free(&s);
    return 0;
}
