#include "runs_own_limit.h"

#include "check.h"

int main(void) {
    dfl_error error = {0};
    dfl_run run = {.error = &error};
    parent_state s;

    parent_state_init(&s);
    CHECK_INT(parent_run(&s, &run), DFL_OK);   /* three entries of four steps each */
    CHECK_INT(s.i, 3);
    CHECK_INT(s.result, 4);

    parent_state_reset(&s);
    s.rounds = 5;
    CHECK_INT(parent_run(&s, &run), DFL_ELIMIT);
    CHECK_INT(s.saved, false);
    CHECK_INT(s.result, 0);
    CHECK_INT(error.status, DFL_ELIMIT);
    parent_state_free(&s);
    return 0;
}
