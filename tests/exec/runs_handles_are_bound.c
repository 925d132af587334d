#include "runs_handles_are_bound.h"

#include "check.h"

int main(void) {
    outer_state s;
    outer_state_init(&s);
    s.to = stdout;
    CHECK_INT(outer_run(&s, NULL), DFL_OK);
    CHECK_INT(s.wrote, 7);
    outer_state_free(&s);
    return 0;
}
