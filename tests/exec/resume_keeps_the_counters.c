#include "resume_keeps_the_counters.h"

#include "check.h"

static void check(dfl_store *store) {
    dfl_run run = {.store = store, .thread_id = store ? "edges" : NULL};
    edges_state e;
    limited_state l;
    int pauses = 0, rc;

    edges_state_init(&e);
    for (rc = edges_run(&e, &run); rc == DFL_PAUSED && pauses < 50; rc = edges_resume(&e, &run)) {
        pauses++;
        if (store)
            edges_state_reset(&e);
    }
    CHECK_INT(rc, DFL_OK);
    CHECK_STR(e.log, "aaab cddddttt");
    CHECK_INT(pauses, 3 + 4 + 3);
    edges_state_free(&e);

    limited_state_init(&l);
    run.thread_id = store ? "limited" : NULL;
    CHECK_INT(limited_run(&l, &run), DFL_PAUSED);
    for (int i = 2; i <= 4; i++)
        CHECK_INT(limited_resume(&l, &run), DFL_PAUSED);
    CHECK_INT(limited_resume(&l, &run), DFL_ELIMIT);
    CHECK_INT(l.n, 4);
    limited_state_free(&l);
}

int main(void) {
    dfl_store *store = dfl_store_memory();
    check(NULL);
    check(store);
    dfl_store_close(store);
    return 0;
}
