#include "runs_nested_three_deep.h"

#include "resume_hooks.h"

int main(void) {
    seen all = {0};
    dfl_hooks hooks = SEEN_HOOKS(&all);
    dfl_error error = {0};
    dfl_run run = {.hooks = &hooks, .error = &error};
    outer_state s;

    outer_state_init(&s);
    CHECK_INT(outer_run(&s, &run), DFL_OK);
    CHECK_INT(s.r, 21 + 31);
    CHECK(strstr(all.nodes, "top/left/low/add "));
    CHECK(strstr(all.nodes, "top/left/high/add "));
    CHECK(strstr(all.nodes, "top/right/low/add "));
    CHECK(strstr(all.nodes, "top/right/high/add "));

    s.n = 6;
    CHECK_INT(outer_run(&s, &run), DFL_ENODE);
    CHECK_INT(s.r, 52);
    CHECK_INT(error.code, 77);
    CHECK(strcmp(error.node, "top/right/low/add") == 0);
    CHECK(strncmp(error.at, "runs_nested_three_deep.dfl:", 27) == 0);
    outer_state_free(&s);
    return 0;
}
