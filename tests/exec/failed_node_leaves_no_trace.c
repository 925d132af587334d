#include "failed_node_leaves_no_trace.h"

#include "check.h"

int spoil_everything(dfl_ctx *ctx, int64_t *number, dfl_str *text, dfl_str_list *list,
                     dfl_i32_map *table, pair *both, dfl_i32_opt *maybe, double *array,
                     dfl_str *names, int32_t *total, dfl_str_list *log, dfl_str *fresh) {
    *number = 2, *text = DFL_STR("after");
    dfl_str_list_push(ctx, list, DFL_STR("new"));
    dfl_str_list_set(ctx, list, 0, DFL_STR("changed"));
    dfl_i32_map_put(ctx, table, DFL_STR("k1"), 100);
    dfl_i32_map_put(ctx, table, DFL_STR("new"), 100);
    dfl_i32_map_del(ctx, table, DFL_STR("k0"));
    both->name = DFL_STR("spoiled");
    dfl_i32_list_set(ctx, &both->numbers, 0, 100);
    dfl_i32_list_push(ctx, &both->numbers, 100);
    maybe->has = false, maybe->value = 100;
    array[0] = 100, names[0] = DFL_STR("first"), names[1] = DFL_STR("");
    *total = 100;
    dfl_str_list_push(ctx, log, DFL_STR("new"));
    *fresh = DFL_STR("fresh");
    return dfl_fail(ctx, 7, "spoiled %d fields", 11);
}

static void fails(bool branched) {
    spoil_state s;
    dfl_error error = {0};
    spoil_state_init(&s);
    s.branched = branched;
    show_end(branched ? "in a branch" : "alone", spoil_run(&s, &(dfl_run){.error = &error}), &error);
    SHOW_STATE(spoil, &s);
    spoil_state_free(&s);
}

int main(void) {
    fails(false);
    fails(true);
    return 0;
}
