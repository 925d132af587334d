#include "runs_bindings_are_expressions.h"

#include "check.h"

int main(void) {
    parent_state s;
    fails_state f;

    parent_state_init(&s);
    CHECK_INT(parent_run(&s, NULL), DFL_OK);
    CHECK_INT(s.sum, 81 + 2 + 9);
    CHECK(s.twice == 3.0);
    CHECK_STR(s.said, "hm!");
    parent_state_free(&s);

    fails_state_init(&f);
    CHECK_INT(fails_run(&f, NULL), DFL_EGUARD);
    f.by = 1;
    CHECK_INT(fails_run(&f, NULL), DFL_OK);
    CHECK_INT(f.sum, 10);
    fails_state_free(&f);
    return 0;
}
