#include "subgraph_of_a_router.h"
#include "check.h"

child_pick_to child_pick(dfl_ctx *ctx, int32_t a) {
    (void)ctx;
    CHECK_INT(a, 4);
    return child_pick_end;
}

int parent_add(dfl_ctx *ctx, int32_t a, int32_t b, int32_t *c) {
    (void)ctx;
    *c = a + b;
    return 0;
}

int main(void) {
    parent_state s;
    parent_state_init(&s);
    s.a = 4;
    CHECK_INT(parent_run(&s, NULL), DFL_OK);
    CHECK_INT(s.c, 7);
    parent_state_free(&s);
    return 0;
}
