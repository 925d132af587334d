#include "continue_takes_what_is_there.h"

#include "resume_hooks.h"

const char *bad_node = "b";

int main(void) {
    dfl_store *store = dfl_store_memory();
    seen all = {0};
    dfl_hooks hooks = SEEN_HOOKS(&all);
    dfl_run run = {.store = store, .thread_id = "t", .hooks = &hooks};
    g_node next;
    g_state s;

    g_state_init(&s);
    CHECK_INT(g_resume(&s, &run), DFL_ENOTFOUND);
    CHECK_INT(g_load(&s, &next, &run), DFL_ENOTFOUND);
    CHECK_NODES(&all, "");

    s.n = 1;
    CHECK_INT(g_continue(&s, &run), DFL_ENODE);   /* new: it runs */
    CHECK_NODES(&all, "a b! ");
    bad_node = "";
    g_state_reset(&s);
    CHECK_INT(g_continue(&s, &run), DFL_OK);      /* unfinished: it resumes */
    CHECK_NODES(&all, "b ");
    CHECK_STR(s.log, "a b1 ");
    g_state_reset(&s);
    CHECK_INT(g_continue(&s, &run), DFL_OK);      /* finished: it loads */
    CHECK_NODES(&all, "");
    CHECK_STR(s.log, "a b1 ");

    g_state_reset(&s);
    s.n = 2;
    CHECK_INT(g_run(&s, &run), DFL_OK);           /* a new line in the thread */
    CHECK_NODES(&all, "a b ");
    CHECK_STR(s.log, "a b2 ");
    g_state_reset(&s);
    CHECK_INT(g_load(&s, &next, &run), DFL_OK);
    CHECK_INT(next, g_at_end);
    CHECK_STR(s.log, "a b2 ");
    g_state_free(&s);
    dfl_store_close(store);
    return 0;
}
