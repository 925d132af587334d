#include "update_refuses_a_field_that_was_not_saved.h"

#include "check.h"

int main(void) {
    dfl_error error = {0};
    dfl_run run = {.store = dfl_store_memory(), .thread_id = "t", .error = &error};
    dfl_checkpoint latest;
    g_state s;
    g_state_init(&s);
    s.topic = DFL_STR("rain");
    CHECK_INT(g_run(&s, &run), DFL_OK);
    CHECK_STR(s.text, "draft of rain, 1 notes, try 2!");
    CHECK_STR(s.draft, "draft of rain");               /* never destroyed in memory */

    /* Before `polish` neither the draft nor the notes live any more. */
    run.checkpoint = "2";
    CHECK_INT(g_load(&s, NULL, &run), DFL_OK);
    CHECK_STR(s.text, "draft of rain, 1 notes, try 2");
    CHECK_STR(s.draft, "");
    CHECK_INT(s.notes.len, 0);
    CHECK_INT(s.tries, 1);
    CHECK_INT(g_update(&run, &s, g_at_plan), DFL_EINVAL);
    CHECK(strcmp(error.message, "'draft' is needed behind 'plan', and was neither saved nor set") == 0);
    CHECK(strcmp(error.node, "plan") == 0);
    s.draft = DFL_STR("mine");
    CHECK_INT(g_update(&run, &s, g_at_plan), DFL_EINVAL);
    CHECK(strcmp(error.message, "'notes' is needed behind 'plan', and was neither saved nor set") == 0);
    CHECK_INT(dfl_store_latest(run.store, "t", &latest), DFL_OK);
    CHECK_INT(latest.id, 3);
    CHECK_INT(dfl_str_list_push(g_state_ctx(&s), &s.notes, DFL_STR("x")), DFL_OK);
    s.tries = 5;
    CHECK_INT(g_update(&run, &s, g_at_plan), DFL_OK);
    run.checkpoint = NULL;
    CHECK_INT(g_resume(&s, &run), DFL_OK);
    CHECK_STR(s.text, "mine, 1 notes, try 6!");

    /* Where nothing of it is needed nothing is asked for; a new thread has what it is given. */
    run.checkpoint = "2";
    CHECK_INT(g_load(&s, NULL, &run), DFL_OK);
    CHECK_INT(g_update(&run, &s, g_at_write), DFL_OK);
    run.checkpoint = NULL;
    run.thread_id = "new";
    CHECK_INT(g_update(&run, &s, g_at_plan), DFL_OK);
    g_state_free(&s);
    dfl_store_close(run.store);
    return 0;
}
