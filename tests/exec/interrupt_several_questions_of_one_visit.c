#include "interrupt_several_questions_of_one_visit.h"

#include "check.h"

static void answer(g_state *s, dfl_run *run, const char *id, const char *text, const char *reply) {
    const dfl_question *q;
    CHECK_INT(g_questions(s, &q), 1);
    CHECK(strcmp(q->id, id) == 0);
    CHECK(strcmp(q->node, "ask") == 0);
    CHECK_INT(q->index, -1);
    CHECK_STR(q->text, text);
    run->answer = (dfl_str){reply, strlen(reply)};
}

static void one_by_one(dfl_store *store) {
    int calls = 0;
    dfl_run run = {.store = store, .thread_id = store ? "t" : NULL, .user = &calls};
    g_state s;

    g_state_init(&s);
    s.name = DFL_STR("Ann");
    CHECK_INT(g_run(&s, &run), DFL_PAUSED);
    answer(&s, &run, "ask", "first, Ann?", "1");
    CHECK_STR(s.seen, "");
    CHECK_INT(g_resume(&s, &run), DFL_PAUSED);
    answer(&s, &run, "ask#2", "after 1?", "2");
    CHECK_INT(g_resume(&s, &run), DFL_PAUSED);
    answer(&s, &run, "ask#3", "after 2?", "3");
    CHECK_INT(g_resume(&s, &run), DFL_PAUSED);   /* the second visit asks anew */
    CHECK_INT(s.rounds, 1);
    CHECK_STR(s.said, "1-2-3");
    answer(&s, &run, "ask", "first, Ann?", "x");
    CHECK_INT(g_resume(&s, &run), DFL_PAUSED);
    answer(&s, &run, "ask#2", "after x?", "y");
    CHECK_INT(g_resume(&s, &run), DFL_PAUSED);
    answer(&s, &run, "ask#3", "after y?", "z");
    CHECK_INT(g_resume(&s, &run), DFL_OK);
    CHECK_STR(s.said, "x-y-z");
    CHECK_STR(s.seen, "seen seen ");
    CHECK_INT(s.rounds, 2);
    CHECK_INT(calls, 8);
    g_state_free(&s);
}

static void both_at_once(dfl_store *store) {
    dfl_run run = {.store = store, .thread_id = store ? "u" : NULL};
    dfl_answer answers[] = {{"ask#2", DFL_STR("second")}, {"ask", DFL_STR("first")}};
    const dfl_question *q;
    together_state s;

    together_state_init(&s);
    CHECK_INT(together_run(&s, &run), DFL_PAUSED);
    CHECK_INT(together_questions(&s, &q), 2);
    CHECK(strcmp(q[0].id, "ask") == 0 && strcmp(q[1].id, "ask#2") == 0);
    CHECK_STR(q[1].text, "two?");
    run.answers = answers, run.n_answers = 2;
    CHECK_INT(together_resume(&s, &run), DFL_OK);
    CHECK_STR(s.said, "first-second");
    CHECK_INT(together_questions(&s, &q), 0);
    together_state_free(&s);
}

int main(void) {
    dfl_store *store = dfl_store_memory();
    one_by_one(NULL);
    one_by_one(store);
    both_at_once(NULL);
    both_at_once(store);
    dfl_store_close(store);
    return 0;
}
