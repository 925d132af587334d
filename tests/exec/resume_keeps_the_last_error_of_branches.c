#include "resume_keeps_the_last_error_of_branches.h"

#include <stdio.h>

#include "check.h"

enum { MOST = 64 };

static const char *const whole =
    "first:1 a:2 more:2 end:2 b:1 in:3 c1:3 c2:4 c:3 d:5 x7:7 x8:8 after:1";

static void begin(g_state *s, turn turn) {
    static const int32_t items[] = {7, 8};
    g_state_init(s);
    s->turn = turn;
    s->each_of = (dfl_i32_list){items, 2, 0};
}

/* Resumes and answers until it is done; nothing fails any more. */
static void goes_on(dfl_store *store, const char *checkpoint) {
    dfl_run run = {.store = store, .thread_id = "t", .checkpoint = checkpoint};
    dfl_answer answers[8];
    g_state s;
    int status;
    g_state_init(&s);
    while ((status = g_resume(&s, &run)) == DFL_PAUSED) {
        const dfl_question *q;
        run.n_answers = g_questions(&s, &q);
        CHECK(run.n_answers > 0 && run.n_answers <= 8);
        for (size_t i = 0; i < run.n_answers; i++)
            answers[i] = (dfl_answer){q[i].id, DFL_STR("yes")};
        run.answers = answers;
        run.checkpoint = NULL;
    }
    CHECK_INT(status, DFL_OK);
    CHECK_STR(s.log, whole);
    g_state_free(&s);
}

typedef struct Ids {
    char all[MOST][24];
    int n;
} Ids;

static int note(void *user, const dfl_checkpoint *checkpoint) {
    Ids *ids = user;
    snprintf(ids->all[ids->n++], 24, "%llu", (unsigned long long)checkpoint->id);
    return ids->n == MOST;
}

/* From where it stopped, and from each checkpoint before, as after a crash. */
static void stops(turn turn, int status, const char *question) {
    dfl_store *store = dfl_store_memory();
    static int yes;
    dfl_run run = {.store = store, .thread_id = "t", .user = &yes};
    Ids ids = {.n = 0};
    g_state s;
    begin(&s, turn);
    CHECK_INT(g_run(&s, &run), status);
    if (question) {
        const dfl_question *q;
        CHECK_INT(g_questions(&s, &q), 3);
        CHECK_STR(q[0].text, question);
    }
    g_state_free(&s);
    CHECK_INT(dfl_store_history(store, "t", 0, note, &ids), DFL_OK);
    CHECK(ids.n > 1);
    for (int i = 0; i < ids.n; i++)
        goes_on(store, ids.all[i]);
    dfl_store_close(store);
}

int main(void) {
    stops(turn_asks, DFL_PAUSED, "a of a?");
    stops(turn_fails, DFL_ENODE, NULL);
    stops(turn_breaks, DFL_ENODE, NULL);
    return 0;
}
