#include "policy_auto_leaves_little_unsaved.h"

#include "check.h"

static int show(void *user, const dfl_checkpoint *checkpoint) {
    (void)user;
    printf("%llu:%s\n", (unsigned long long)checkpoint->step, checkpoint->next);
    return 0;
}

int main(void) {
    dfl_run run = {.store = dfl_store_memory(), .thread_id = "t"};
    quick_state s;
    quick_state_init(&s);
    CHECK_INT(quick_run(&s, &run), DFL_OK);
    (void)dfl_store_history(run.store, "t", 0, show, NULL);
    quick_state_free(&s);
    dfl_store_close(run.store);
    return 0;
}
