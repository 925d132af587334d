#include "late_subgraph_begins_again.h"

#include <time.h>

#include "check.h"

int called[2];

/* Later than the timeout, the first time. */
int slow_at_first(dfl_ctx *ctx, int64_t n, int64_t *m) {
    *m = n;
    while (called[0] == 0 && dfl_time_left(ctx) > 0)
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    called[0]++;
    return 0;
}

int main(void) {
    dfl_error error = {0};
    dfl_run run = {.store = dfl_store_memory(), .thread_id = "t", .error = &error};
    late_state s;
    late_state_init(&s);
    s.n = 5;
    CHECK_INT(late_run(&s, &run), DFL_ENODE);
    CHECK(strcmp(error.node, "sub") == 0);
    CHECK_INT(error.code, DFL_ETIMEOUT);
    CHECK_INT(called[0], 1);
    CHECK_INT(called[1], 0);
    late_state_reset(&s);
    CHECK_INT(late_resume(&s, &run), DFL_OK);
    CHECK_INT(called[0], 2);
    CHECK_INT(called[1], 1);
    CHECK_INT(s.sum, 6);
    late_state_free(&s);
    dfl_store_close(run.store);
    return 0;
}
