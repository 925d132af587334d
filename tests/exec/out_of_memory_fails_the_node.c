#include "out_of_memory_fails_the_node.h"

#include "check.h"

int hungry_branch(dfl_ctx *ctx, dfl_i32_list *list, int32_t *n) {
    *n = 1;
    dfl_i32_list_push(ctx, list, 1);
    CHECK(dfl_alloc(ctx, SIZE_MAX - 64) == NULL);
    return 0;
}

int main(void) {
    for (way way = way_push; way <= way_settled; way++) {
        hungry_state s;
        hungry_state_init(&s);
        s.way = way;
        SHOW_RUN(hungry, &s);
        hungry_state_free(&s);
    }
    return 0;
}
