#include "limit_loop_of_failures.h"

#include "check.h"

static void fails(int turns, int status, const char *node, bool ended) {
    dfl_error error = {0};
    fails_state s;
    fails_state_init(&s);
    s.turns = turns;
    CHECK_INT(fails_run(&s, &(dfl_run){.error = &error}), status);
    CHECK(strcmp(error.node, node) == 0);
    CHECK_INT(s.n, ended);
    CHECK_INT(s.ended, ended);
    fails_state_free(&s);
}

lost_way_to lost_way(dfl_ctx *ctx, int32_t turns) {
    if (turns > 0)
        dfl_fail(ctx, 2, "no way");
    return lost_way_more;
}

static void lost(int turns, int status, const char *node) {
    dfl_error error = {0};
    lost_state s;
    lost_state_init(&s);
    s.turns = turns;
    CHECK_INT(lost_run(&s, &(dfl_run){.error = &error, .timeout_ns = 10 * INT64_C(1000000000)}), status);
    CHECK(strcmp(error.node, node) == 0);
    CHECK_INT(s.n, status == DFL_OK);
    lost_state_free(&s);
}

static void nothing(int n, int64_t most, int status, const char *node, int64_t sum) {
    static const int64_t ones[] = {1, 1, 1};
    dfl_error error = {0};
    nothing_state s;
    nothing_state_init(&s);
    s.items = (dfl_i64_list){ones, (uint32_t)n, 0};
    s.most = most;
    CHECK_INT(nothing_run(&s, &(dfl_run){.error = &error}), status);
    CHECK(strcmp(error.node, node) == 0);
    CHECK_INT(s.n, sum);
    nothing_state_free(&s);
}

static void needs(void) {
    dfl_error error = {0};
    needs_state s;
    needs_state_init(&s);
    CHECK_INT(needs_run(&s, &(dfl_run){.error = &error}), DFL_ELIMIT);
    CHECK(strcmp(error.node, "s") == 0);
    CHECK(strcmp(error.message, "limit of 10 steps reached") == 0);
    needs_state_free(&s);
}

int main(void) {
    fails(0, DFL_OK, "", true);
    fails(1, DFL_ELIMIT, "good", false);
    lost(0, DFL_OK, "");
    lost(1, DFL_ELIMIT, "s");
    nothing(0, 0, DFL_OK, "", 0);
    nothing(0, 1, DFL_ELIMIT, "s", 0);
    nothing(3, 9, DFL_OK, "", 9);
    nothing(3, 10, DFL_ELIMIT, "s", 9);
    needs();
    return 0;
}
