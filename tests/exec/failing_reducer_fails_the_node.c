#include "failing_reducer_fails_the_node.h"

#include "check.h"

int capped_add(dfl_ctx *ctx, dfl_i32_list *items, const dfl_i32_list *update) {
    if (items->len + update->len > 3)
        return dfl_fail(ctx, 33, "%u items are too many", items->len + update->len);
    return dfl_i32_list_append(ctx, items, update);
}

int main(void) {
    for (how how = how_alone; how <= how_joined; how++) {
        capped_state s;
        capped_state_init(&s);
        s.how = how;
        SHOW_RUN(capped, &s);
        capped_state_free(&s);
    }
    return 0;
}
