#include "update_chooses_the_edge_at_resume.h"

#include "resume_hooks.h"

int main(void) {
    dfl_store *store = dfl_store_memory();
    seen all = {0};
    dfl_hooks hooks = SEEN_HOOKS(&all);
    dfl_error error = {0};
    dfl_run run = {.store = store, .thread_id = "t", .hooks = &hooks, .error = &error};
    g_node next;
    g_state s;

    g_state_init(&s);
    CHECK_INT(g_run(&s, &run), DFL_PAUSED);
    CHECK_NODES(&all, "a ");

    s.way = 2;
    CHECK_INT(g_update(&run, &s, g_at_b1), DFL_EINVAL);
    CHECK(strstr(error.message, "b1"));

    s.log = (dfl_str_list){0};
    CHECK_INT(g_update(&run, &s, g_at_a), DFL_OK);
    g_state_reset(&s);
    CHECK_INT(g_resume(&s, &run), DFL_PAUSED);
    CHECK_NODES(&all, "right b1 ");
    CHECK_INT(s.log.len, 1);                /* replaced, not appended to */
    CHECK_STR(s.log.items[0], "right");

    CHECK_INT(g_update(&run, &s, g_at_left), DFL_OK);   /* what b1 did is dropped */
    g_state_reset(&s);
    CHECK_INT(g_load(&s, &next, &run), DFL_OK);
    CHECK_INT(s.log.len, 1);
    CHECK_INT(g_resume(&s, &run), DFL_PAUSED);
    CHECK_NODES(&all, "b1 ");
    CHECK_INT(g_resume(&s, &run), DFL_OK);
    CHECK_NODES(&all, "b2 sub/deep sub ");
    CHECK_INT(s.log.len, 3);
    CHECK_STR(s.log.items[0], "right");
    CHECK_STR(s.log.items[1], "b1");
    CHECK_STR(s.log.items[2], "b2");

    CHECK_INT(g_update(&run, &s, g_at_end), DFL_OK);    /* and it is finished */
    CHECK_INT(g_resume(&s, &run), DFL_OK);
    CHECK_NODES(&all, "");
    CHECK_INT(g_update(&run, &s, g_at_start), DFL_OK);  /* from the start again */
    CHECK_INT(g_resume(&s, &run), DFL_PAUSED);
    CHECK_NODES(&all, "a ");
    g_state_free(&s);
    dfl_store_close(store);
    return 0;
}
