#include "runs_retry_starts_the_child_anew.h"

#include "resume_hooks.h"

int main(void) {
    int calls = 0;
    seen all = {0};
    dfl_hooks hooks = SEEN_HOOKS(&all);
    dfl_error error = {0};
    dfl_run run = {.user = &calls, .hooks = &hooks, .error = &error};
    twice_state s;

    twice_state_init(&s);
    CHECK_INT(twice_run(&s, &run), DFL_OK);
    CHECK_INT(calls, 3);
    CHECK_INT(s.result, 200);   /* two steps: not six */
    CHECK_INT(all.retries, 2);

    twice_state_reset(&s);
    s.goal = 5, calls = 0;
    CHECK_INT(twice_run(&s, &run), DFL_ENODE);
    CHECK_INT(calls, 3);
    CHECK_INT(s.result, -1);
    CHECK_INT(error.code, 7);
    CHECK(strcmp(error.node, "call/second") == 0);
    CHECK(strcmp(error.message, "call 3") == 0);
    twice_state_free(&s);
    return 0;
}
