#include "interrupt_answers_must_fit.h"

#include "check.h"

static void check(dfl_store *store) {
    int calls = 0;
    dfl_answer unknown[] = {{"a", DFL_STR("1")}, {"c", DFL_STR("2")}};
    dfl_answer right[] = {{"a", DFL_STR("1")}, {"b", DFL_STR("2")}};
    dfl_error error = {0};
    dfl_run run = {.store = store, .thread_id = store ? "t" : NULL, .user = &calls, .error = &error};
    const dfl_question *q;
    g_state s;

    g_state_init(&s);
    CHECK_INT(g_run(&s, &run), DFL_PAUSED);
    CHECK_INT(calls, 1);

    run.answers = unknown, run.n_answers = 2;
    CHECK_INT(g_resume(&s, &run), DFL_EINVAL);
    CHECK(strstr(error.message, "'c'"));
    run.answers = NULL, run.n_answers = 0, run.answer = DFL_STR("which?");
    CHECK_INT(g_resume(&s, &run), DFL_EINVAL);
    CHECK_INT(calls, 1);

    run.answer.p = NULL, run.answer.n = 0;
    CHECK_INT(g_resume(&s, &run), DFL_PAUSED);   /* no answer: asked again */
    CHECK_INT(g_questions(&s, &q), 2);
    run.answers = right, run.n_answers = 2;
    CHECK_INT(g_resume(&s, &run), DFL_OK);
    CHECK_STR(s.log, "12");
    g_state_free(&s);
}

int main(void) {
    dfl_store *store = dfl_store_memory();
    check(NULL);
    check(store);
    dfl_store_close(store);
    return 0;
}
