#include "retry_stops_after_dfl_fatal.h"

#include "check.h"

int main(void) {
    int calls = 0;
    dfl_error error = {0};
    g_state s;
    caught_state c;

    g_state_init(&s);
    CHECK_INT(g_run(&s, &(dfl_run){.user = &calls, .error = &error}), DFL_ENODE);
    CHECK_INT(calls, 3);
    CHECK_INT(error.code, 2);
    CHECK_INT(error.attempt, 3);
    CHECK_INT(s.x, 0);
    g_state_free(&s);

    caught_state_init(&c);
    CHECK_INT(caught_run(&c, NULL), DFL_OK);
    CHECK_INT(c.code, 41);
    CHECK_INT(c.x, 0);
    caught_state_free(&c);
    return 0;
}
