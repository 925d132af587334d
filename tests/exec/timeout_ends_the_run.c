#include "timeout_ends_the_run.h"

#include "check.h"

static void loops(bool branches) {
    slow_state s;
    dfl_error error = {0};
    slow_state_init(&s);
    s.branches = branches;
    CHECK_INT(slow_run(&s, &(dfl_run){.timeout_ns = 100000000, .error = &error}), DFL_ETIMEOUT);
    CHECK_INT(error.status, DFL_ETIMEOUT);
    CHECK(s.early && s.m == 0 && s.k == 0 && (!branches || s.n == 0));
    slow_state_free(&s);
}

int main(void) {
    waits_state s;
    loops(false);
    loops(true);
    waits_state_init(&s);
    CHECK_INT(waits_run(&s, &(dfl_run){.timeout_ns = 300000000}), DFL_ETIMEOUT);
    CHECK(s.waited && !s.after);
    CHECK_INT(waits_run(&s, &(dfl_run){.timeout_ns = -1}), DFL_EINVAL);
    waits_state_free(&s);
    return 0;
}
