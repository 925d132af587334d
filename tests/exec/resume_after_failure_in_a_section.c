#include "resume_after_failure_in_a_section.h"

#include "resume_hooks.h"

const char *bad_node = "";

int main(void) {
    dfl_store *store = dfl_store_memory();
    seen all = {0};
    dfl_hooks hooks = SEEN_HOOKS(&all);
    dfl_error error = {0};
    dfl_run run = {.store = store, .thread_id = "t", .hooks = &hooks, .error = &error};
    g_state s;

    g_state_init(&s);
    bad_node = "b2";
    CHECK_INT(g_run(&s, &run), DFL_ENODE);
    CHECK_NODES(&all, "fill a b1 b2! ");
    CHECK_STR(s.log, "");   /* the state is as at the fork */
    g_state_reset(&s);
    CHECK_INT(g_resume(&s, &run), DFL_ENODE);   /* still bad */
    CHECK_NODES(&all, "b2! ");
    bad_node = "item";
    g_state_reset(&s);
    CHECK_INT(g_resume(&s, &run), DFL_ENODE);
    CHECK_NODES(&all, "b2 item item item item! ");
    CHECK_STR(s.log, "a b1 b2 ");
    CHECK_INT(error.index, 3);
    bad_node = "last";
    g_state_reset(&s);
    CHECK_INT(g_resume(&s, &run), DFL_ENODE);
    CHECK_NODES(&all, "item last! ");
    CHECK_STR(s.log, "a b1 b2 0 1 2 3 ");
    bad_node = "";
    g_state_reset(&s);
    CHECK_INT(g_resume(&s, &run), DFL_OK);
    CHECK_NODES(&all, "last ");
    CHECK_STR(s.log, "a b1 b2 0 1 2 3 last ");

    g_state_reset(&s);
    CHECK_INT(g_resume(&s, &run), DFL_OK);   /* finished: nothing runs */
    CHECK_NODES(&all, "");
    CHECK_STR(s.log, "a b1 b2 0 1 2 3 last ");
    g_state_free(&s);
    dfl_store_close(store);
    return 0;
}
