#include "retry_counts_attempts.h"

#include "resume_hooks.h"

static int calls;

static int run(g_state *s, int64_t good_at, dfl_error *error) {
    g_state_init(s);
    s->good_at = good_at, calls = 0;
    return g_run(s, &(dfl_run){.user = &calls, .error = error});
}

int main(void) {
    dfl_error error = {0};
    g_state s;

    CHECK_INT(run(&s, 4, &error), DFL_OK);
    CHECK_INT(calls, 4);
    CHECK_INT(s.a, 15);
    CHECK_INT(s.b, 20);
    CHECK_INT(s.list.len, 1);
    CHECK_INT(s.list.items[0], 4);
    CHECK_STR(s.seen, "4:5:0:0 ");
    g_state_free(&s);

    CHECK_INT(run(&s, 5, &error), DFL_ENODE);
    CHECK_INT(calls, 4);
    CHECK_INT(s.a, 5);
    CHECK_INT(s.b, 6);
    CHECK_INT(s.list.len, 0);
    CHECK_STR(s.seen, "");
    CHECK_INT(error.attempt, 4);
    CHECK_INT(error.code, 3);
    CHECK(strcmp(error.message, "attempt 4") == 0);
    g_state_free(&s);

    CHECK_INT(run(&s, 1, &error), DFL_OK);
    CHECK_INT(calls, 1);
    g_state_free(&s);
    return 0;
}
