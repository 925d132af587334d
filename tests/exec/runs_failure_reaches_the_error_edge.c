#include "runs_failure_reaches_the_error_edge.h"

#include "check.h"

int main(void) {
    parent_state s;
    parent_state_init(&s);
    SHOW_RUN(parent, &s);
    s.bad = true, s.said = DFL_STR("old");
    SHOW_RUN(parent, &s);
    parent_state_free(&s);
    return 0;
}
