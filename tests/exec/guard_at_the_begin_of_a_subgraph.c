#include "guard_at_the_begin_of_a_subgraph.h"

#include "check.h"

int inner_n1(dfl_ctx *ctx, int64_t m, int64_t *k) {
    (void)ctx;
    *k = m;
    return 0;
}

int outer_turn(dfl_ctx *ctx, int64_t *turns) {
    (void)ctx;
    *turns = 1;
    return 0;
}

int outer_rest(dfl_ctx *ctx, int64_t *turns) {
    (void)ctx;
    *turns = 1;
    return 0;
}

static void ends(int64_t m, int status, const char *node, const char *line) {
    dfl_error error = {0};
    dfl_run run = {.error = &error};
    outer_state s;
    outer_state_init(&s);
    s.m = m;
    CHECK_INT(outer_run(&s, &run), status);
    if (strcmp(error.node, node) != 0 || strcmp(strrchr(error.at, ':'), line) != 0)
        fprintf(stderr, "%s at %s\n", error.node, error.at);
    CHECK(strcmp(error.node, node) == 0);
    CHECK(strcmp(strrchr(error.at, ':'), line) == 0);
    outer_state_free(&s);
}

int main(void) {
    ends(0, DFL_EGUARD, "runs_it", ":8");
    ends(5, DFL_EGUARD, "runs_it", ":9");
    ends(2, DFL_ELIMIT, "turn", ":18"); /* it turns for ever */
    return 0;
}
