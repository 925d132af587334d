#include "run_with_null.h"

#include "check.h"

int main(void) {
    plain_state s;
    plain_state_init(&s);
    CHECK_INT(plain_run(&s, NULL), DFL_OK);
    CHECK_INT(plain_run(&s, &(dfl_run){0}), DFL_OK);
    CHECK_INT(s.n, 2);
    s.fail = true;
    CHECK_INT(plain_run(&s, NULL), DFL_ENODE);
    CHECK_INT(s.n, 2);
    plain_state_free(&s);
    return 0;
}
