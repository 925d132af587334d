#include "timeout_late_return_fails.h"

#include "check.h"
#include "timeout_sleep.inc"

int main(void) {
    dfl_error error = {0};
    g_state s;
    without_state w;

    g_state_init(&s);
    CHECK_INT(g_run(&s, NULL), DFL_OK);
    CHECK_INT(s.x, 1);
    CHECK(s.left > 0 && s.left <= 200000000);

    s.slow = 1, s.left = 0;
    CHECK_INT(g_run(&s, NULL), DFL_OK);   /* the second attempt was in time */
    CHECK_INT(s.x, 2);
    CHECK(s.left > 0 && s.left <= 200000000);

    s.slow = 2, s.left = 7;
    CHECK_INT(g_run(&s, &(dfl_run){.error = &error}), DFL_ENODE);
    CHECK_INT(s.x, 2);
    CHECK_INT(s.left, 7);
    CHECK_INT(error.attempt, 2);
    CHECK(strcmp(error.node, "work") == 0);
    CHECK(error.message[0] != 0);
    g_state_free(&s);

    without_state_init(&w);
    CHECK_INT(without_run(&w, NULL), DFL_OK);
    CHECK_INT(w.none_left, true);
    CHECK_INT(without_run(&w, &(dfl_run){.timeout_ns = 3600000000000}), DFL_OK);
    CHECK_INT(w.none_left, false);
    without_state_free(&w);
    return 0;
}
