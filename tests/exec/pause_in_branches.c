#include "pause_in_branches.h"

#include "resume_hooks.h"

static void check(dfl_store *store) {
    seen all = {0};
    dfl_hooks hooks = SEEN_HOOKS(&all);
    dfl_run run = {.store = store, .thread_id = store ? "t" : NULL, .hooks = &hooks};
    g_state s;

    g_state_init(&s);
    CHECK_INT(g_run(&s, &run), DFL_PAUSED);
    CHECK_NODES(&all, "a c d ");
    CHECK_STR(s.log, "");   /* nothing is merged before the join */
    CHECK_INT(s.sum, 0);

    if (store)
        g_state_reset(&s);
    CHECK_INT(g_resume(&s, &run), DFL_OK);
    CHECK_NODES(&all, "b b2 c2 ");
    CHECK_STR(s.log, "a b b2 c c2 d ");
    CHECK_INT(s.sum, 1111);
    g_state_free(&s);
}

int main(void) {
    dfl_store *store = dfl_store_memory();
    check(NULL);
    check(store);
    dfl_store_close(store);
    return 0;
}
