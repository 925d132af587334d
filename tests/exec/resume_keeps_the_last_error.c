#include "resume_keeps_the_last_error.h"

#include "check.h"

static void check(dfl_store *store) {
    dfl_run run = {.store = store, .thread_id = store ? "t" : NULL};
    const dfl_question *q;
    g_state s;

    g_state_init(&s);
    CHECK_INT(g_run(&s, &run), DFL_PAUSED);
    CHECK_INT(g_questions(&s, &q), 1);
    CHECK_STR(q->text, "it rained?");
    if (store)
        g_state_reset(&s);
    run.answer = DFL_STR("yes");
    CHECK_INT(g_resume(&s, &run), DFL_OK);
    CHECK_STR(s.told, "yes: bad 55");
    g_state_free(&s);
}

int main(void) {
    dfl_store *store = dfl_store_memory();
    check(NULL);
    check(store);
    dfl_store_close(store);
    return 0;
}
