// needs: tsan
// Pauses: questions and their answers, with a store and without, in branches too.
#include "rt_pause.h"

#include "store.h"

/* ---- nodes ---- */

static int say(dfl_ctx *ctx, dfl_str *said) {
    *said = dfl_printf(ctx, "say %lld", (long long)ctx->index);
    return 0;
}

/* One question; the answer is said. */
static int ask_one(dfl_ctx *ctx, dfl_str *said) {
    char text[32] = "who?"; /* ends with the call */
    dfl_str question = {text, strlen(text)};
    int rc = dfl_interrupt(ctx, question, said);
    memset(text, 'x', sizeof text - 1);
    return rc;
}

static int ask_two(dfl_ctx *ctx, dfl_str *said) {
    dfl_str first, second;
    int rc = dfl_interrupt(ctx, DFL_STR("first?"), &first);
    if (rc != DFL_OK)
        return rc;
    rc = dfl_interrupt(ctx, DFL_STR("second?"), &second);
    if (rc != DFL_OK)
        return rc;
    *said = dfl_printf(ctx, "%s and %s", first.p, second.p);
    return 0;
}

static int ask_both_at_once(dfl_ctx *ctx, dfl_str *said) {
    dfl_str first, second;
    int one = dfl_interrupt(ctx, DFL_STR("first?"), &first);
    int two = dfl_interrupt(ctx, DFL_STR("second?"), &second);
    if (one != DFL_OK || two != DFL_OK)
        return DFL_PAUSED;
    *said = dfl_printf(ctx, "%s and %s", first.p, second.p);
    return 0;
}

static int ask_and_do_without(dfl_ctx *ctx, dfl_str *said) {
    if (dfl_interrupt(ctx, DFL_STR("who?"), said) == DFL_PAUSED)
        *said = DFL_STR("nobody");
    return 0;
}

static int ask_and_fail(dfl_ctx *ctx, dfl_str *said) {
    (void)dfl_interrupt(ctx, DFL_STR("who?"), said);
    return dfl_fail(ctx, 7, "never mind");
}

static int pause_without_a_question(dfl_ctx *ctx, dfl_str *said) {
    (void)ctx, (void)said;
    return DFL_PAUSED;
}

/* Fails the first time that it has the answer. */
static bool has_failed;
static int fail_once_answered(dfl_ctx *ctx, dfl_str *said) {
    int rc = dfl_interrupt(ctx, DFL_STR("who?"), said);
    if (rc == DFL_OK && !has_failed) {
        has_failed = true;
        return dfl_fail(ctx, 3, "not now");
    }
    return rc;
}

static int odd_ones_ask(dfl_ctx *ctx, dfl_str *said) {
    return ctx->index % 2 ? ask_one(ctx, said) : say(ctx, said);
}

static int all_ask(dfl_ctx *ctx, dfl_str *said) {
    return ask_one(ctx, said);
}

/* Element 0 asks, the others fail. */
static int ask_or_fail(dfl_ctx *ctx, dfl_str *said) {
    return ctx->index == 0 ? ask_one(ctx, said) : dfl_fail(ctx, 4, "element %d", (int)ctx->index);
}

/* The other way round. */
static int fail_or_ask(dfl_ctx *ctx, dfl_str *said) {
    return ctx->index > 0 ? ask_one(ctx, said) : dfl_fail(ctx, 4, "element %d", (int)ctx->index);
}

/* ---- what is looked at ---- */

static void check_questions(const talk *s, size_t n, const char *const *ids) {
    const dfl_question *questions;
    assert_int_equal(dfl__questions(&s->mem, &questions), n);
    for (size_t i = 0; i < n; i++)
        assert_string_equal(questions[i].id, ids[i]);
}

#define QUESTIONS(STATE, ...)                                                                      \
    check_questions(STATE, COUNT(((const char *const[]){__VA_ARGS__})),                            \
                    (const char *const[]){__VA_ARGS__})

static void check_said(const talk *s, const char *const *words, size_t n) {
    assert_int_equal(s->said.len, n);
    for (size_t i = 0; i < n; i++)
        assert_string_equal(s->said.items[i].p, words[i]);
}

#define SAID(STATE, ...)                                                                           \
    check_said(STATE, (const char *const[]){__VA_ARGS__},                                          \
               COUNT(((const char *const[]){__VA_ARGS__})))

/* A case with a store, where every resume is given a new state; and without, the same state. */
typedef struct Case {
    Talk script;
    dfl_error error;
    dfl_run run;
    talk s;
} Case;

static void begin_case(Case *c, bool store, unsigned threads) {
    memset(c, 0, sizeof *c);
    c->run.user = &c->script;
    c->run.error = &c->error;
    c->run.thread_id = "t";
    c->run.store = store ? dfl_store_memory() : NULL;
    c->run.pool = dfl_pool_new(threads);
}

static void end_case(Case *c) {
    talk_free(&c->s);
    dfl_store_close(c->run.store);
    dfl_pool_free(c->run.pool);
}

static int resume(Case *c) {
    int rc;
    if (c->run.store)
        talk_free(&c->s);
    rc = talk_resume(&c->s, &c->run);
    c->run.answer = (dfl_str){NULL, 0};
    c->run.n_answers = 0;
    return rc;
}

static int answer(Case *c, const char *text) {
    c->run.answer = (dfl_str){text, strlen(text)};
    return resume(c);
}

static int answer_to(Case *c, const char *id, const char *text) {
    dfl_answer one = {id, {text, strlen(text)}};
    c->run.answers = &one;
    c->run.n_answers = 1;
    return resume(c);
}

#define FOR_CASES(C)                                                                               \
    for (int way = 0; way < 6; way++)                                                              \
        for (bool once = (begin_case(C, way % 2, 1 + (unsigned)way / 2), true); once;              \
             end_case(C), once = false)

/* ---- questions ---- */

static void a_question_pauses_and_its_answer_goes_on(void **state) {
    Case c;
    const dfl_question *q;
    (void)state;
    FOR_CASES(&c) {
        c.script.ask = ask_one;
        assert_int_equal(talk_run(&c.s, &c.run), DFL_PAUSED);
        assert_int_equal(dfl__questions(&c.s.mem, &q), 1);
        assert_string_equal(q->id, "ask");
        assert_string_equal(q->node, "ask");
        assert_string_equal(q->text.p, "who?");
        assert_true(q->index == -1);
        assert_int_equal(resume(&c), DFL_PAUSED); /* nobody answered: asked again */
        QUESTIONS(&c.s, "ask");
        assert_int_equal(answer(&c, "me"), DFL_OK);
        assert_int_equal(dfl__questions(&c.s.mem, NULL), 0);
        SAID(&c.s, "me");
        assert_int_equal(c.script.runs_of_ask, 3);
        assert_int_equal(c.script.runs_of_last, 1);
    }
}

static void an_empty_answer_is_one(void **state) {
    Case c;
    (void)state;
    FOR_CASES(&c) {
        c.script.ask = ask_one;
        assert_int_equal(talk_run(&c.s, &c.run), DFL_PAUSED);
        assert_int_equal(answer(&c, ""), DFL_OK);
        assert_int_equal(c.s.said.len, 0);
    }
}

static void earlier_answers_are_kept(void **state) {
    Case c;
    (void)state;
    FOR_CASES(&c) {
        c.script.ask = ask_two;
        assert_int_equal(talk_run(&c.s, &c.run), DFL_PAUSED);
        QUESTIONS(&c.s, "ask");
        assert_int_equal(answer(&c, "one"), DFL_PAUSED);
        QUESTIONS(&c.s, "ask#2");
        assert_int_equal(resume(&c), DFL_PAUSED);
        QUESTIONS(&c.s, "ask#2");
        assert_int_equal(answer_to(&c, "ask#2", "two"), DFL_OK);
        SAID(&c.s, "one and two");
    }
}

static void a_node_may_ask_twice_at_once(void **state) {
    Case c;
    (void)state;
    FOR_CASES(&c) {
        c.script.ask = ask_both_at_once;
        assert_int_equal(talk_run(&c.s, &c.run), DFL_PAUSED);
        QUESTIONS(&c.s, "ask", "ask#2");
        assert_int_equal(answer_to(&c, "ask#2", "two"), DFL_PAUSED);
        QUESTIONS(&c.s, "ask");
        assert_int_equal(answer(&c, "one"), DFL_OK);
        SAID(&c.s, "one and two");
    }
}

static void who_does_without_an_answer_succeeds(void **state) {
    Case c;
    (void)state;
    FOR_CASES(&c) {
        c.script.ask = ask_and_do_without;
        assert_int_equal(talk_run(&c.s, &c.run), DFL_OK);
        assert_int_equal(dfl__questions(&c.s.mem, NULL), 0);
        SAID(&c.s, "nobody");
    }
}

static void who_asks_and_fails_has_failed(void **state) {
    Case c;
    (void)state;
    FOR_CASES(&c) {
        c.script.ask = ask_and_fail;
        c.script.retries = 2;
        assert_int_equal(talk_run(&c.s, &c.run), DFL_ENODE);
        assert_int_equal(c.error.code, 7);
        assert_int_equal(c.script.runs_of_ask, 3);
        assert_int_equal(dfl__questions(&c.s.mem, NULL), 0);
    }
}

static void to_pause_takes_a_question(void **state) {
    Case c;
    (void)state;
    FOR_CASES(&c) {
        c.script.ask = pause_without_a_question;
        assert_int_equal(talk_run(&c.s, &c.run), DFL_ENODE);
        assert_int_equal(c.error.code, DFL_PAUSED);
        assert_string_equal(c.error.node, "ask");
    }
}

/* Also over a run that failed in between, where there is a checkpoint to keep it in. */
static void answers_are_kept_until_the_node_succeeds(void **state) {
    Case c;
    (void)state;
    FOR_CASES(&c) {
        has_failed = false;
        c.script.ask = fail_once_answered;
        c.script.retries = c.run.store ? 0 : 1;
        assert_int_equal(talk_run(&c.s, &c.run), DFL_PAUSED);
        if (!c.run.store) {
            assert_int_equal(answer(&c, "me"), DFL_OK);
        } else {
            assert_int_equal(answer(&c, "me"), DFL_ENODE);
            assert_int_equal(dfl__questions(&c.s.mem, NULL), 0);
            assert_int_equal(resume(&c), DFL_OK);
        }
        SAID(&c.s, "me");
    }
}

static void a_ctx_of_ones_own_has_no_answers(void **state) {
    dfl_ctx *ctx = dfl_ctx_new(NULL);
    dfl_str said = DFL_STR("x");
    (void)state;
    assert_int_equal(dfl_interrupt(ctx, DFL_STR("who?"), &said), DFL_PAUSED);
    assert_string_equal(said.p, "");
    dfl_ctx_free(ctx);
}

/* ---- answers that do not fit ---- */

static void check_refused(Case *c, int rc, const char *why) {
    assert_int_equal(rc, DFL_EINVAL);
    assert_string_equal(c->error.message, why);
}

static void answers_that_do_not_fit_are_refused(void **state) {
    dfl_answer twice[] = {{"ask", DFL_STR("a")}, {"ask", DFL_STR("b")}}, nameless = {NULL, {"", 0}};
    Case c;
    (void)state;
    FOR_CASES(&c) {
        c.run.answer = DFL_STR("early");
        check_refused(&c, talk_run(&c.s, &c.run), "there is an answer, but no question waits");
        c.run.answer.p = NULL;
        c.script.ask = ask_both_at_once;
        assert_int_equal(talk_run(&c.s, &c.run), DFL_PAUSED);
        check_refused(&c, answer(&c, "which?"), "several questions wait: answer them by their ids");
        check_refused(&c, answer_to(&c, "ask#3", "no"), "no question 'ask#3' waits for an answer");
        c.run.answers = twice, c.run.n_answers = 2;
        check_refused(&c, resume(&c), "question 'ask' is answered twice");
        c.run.answers = &nameless, c.run.n_answers = 1;
        check_refused(&c, resume(&c), "an answer has no id");
        c.run.answers = twice, c.run.n_answers = 1;
        check_refused(&c, answer(&c, "both"), "give `answer` or `answers`, not both");
        c.run.answers = NULL, c.run.n_answers = 1;
        check_refused(&c, resume(&c), "n_answers without answers");
        /* Nothing was lost by all that. */
        c.run.answers = twice, c.run.n_answers = 1;
        assert_int_equal(resume(&c), DFL_PAUSED);
        QUESTIONS(&c.s, "ask#2");
        check_refused(&c, answer_to(&c, "ask", "again"), "no question 'ask' waits for an answer");
        assert_int_equal(answer(&c, "b"), DFL_OK);
        SAID(&c.s, "a and b");
    }
}

/* ---- in branches ---- */

static void a_branch_that_pauses_parks(void **state) {
    Case c;
    const dfl_question *q;
    (void)state;
    FOR_CASES(&c) {
        c.script.tell = odd_ones_ask;
        assert_int_equal(talk_run(&c.s, &c.run), DFL_PAUSED);
        assert_int_equal(dfl__questions(&c.s.mem, &q), 1);
        assert_string_equal(q->id, "fan/tell[1]");
        assert_string_equal(q->node, "fan/tell");
        assert_true(q->index == 1);
        assert_int_equal(c.s.said.len, 0);
        assert_int_equal(answer(&c, "me"), DFL_OK);
        SAID(&c.s, "say 0", "me", "say 2");
        assert_int_equal(c.script.runs_of_ask, 1);
        assert_int_equal(c.script.runs_of_tell[0], 1);
        assert_int_equal(c.script.runs_of_tell[1], 2);
        assert_int_equal(c.script.runs_of_tell[2], 1);
    }
}

static void branches_are_answered_in_any_order(void **state) {
    Case c;
    (void)state;
    FOR_CASES(&c) {
        c.script.tell = all_ask;
        assert_int_equal(talk_run(&c.s, &c.run), DFL_PAUSED);
        QUESTIONS(&c.s, "fan/tell[0]", "fan/tell[1]", "fan/tell[2]");
        assert_int_equal(answer_to(&c, "fan/tell[2]", "two"), DFL_PAUSED);
        QUESTIONS(&c.s, "fan/tell[0]", "fan/tell[1]");
        assert_int_equal(answer_to(&c, "fan/tell[0]", "zero"), DFL_PAUSED);
        assert_int_equal(answer(&c, "one"), DFL_OK);
        SAID(&c.s, "zero", "one", "two");
        assert_int_equal(c.script.runs_of_tell[2], 2);
    }
}

/* A failure waits for a question of a branch before it: then its node is called again. */
static void a_failure_waits_for_a_pause_before_it(void **state) {
    Case c;
    (void)state;
    FOR_CASES(&c) {
        c.script.tell = ask_or_fail;
        assert_int_equal(talk_run(&c.s, &c.run), DFL_PAUSED);
        QUESTIONS(&c.s, "fan/tell[0]");
        assert_int_equal(answer(&c, "zero"), DFL_ENODE);
        assert_string_equal(c.error.message, "element 1");
        assert_int_equal(c.script.runs_of_tell[1], 2);
        if (!c.run.store)
            continue;
        c.script.tell = odd_ones_ask;
        assert_int_equal(talk_resume(&c.s, &c.run), DFL_PAUSED);
        assert_int_equal(answer(&c, "me"), DFL_OK);
        SAID(&c.s, "zero", "me", "say 2");
    }
}

/* It does not wait for those behind it; what they asked is kept where there is a store. */
static void a_failure_beside_a_pause(void **state) {
    Case c;
    (void)state;
    FOR_CASES(&c) {
        c.script.tell = fail_or_ask;
        assert_int_equal(talk_run(&c.s, &c.run), DFL_ENODE);
        assert_string_equal(c.error.message, "element 0");
        if (!c.run.store)
            continue;
        c.script.tell = odd_ones_ask;
        assert_int_equal(talk_resume(&c.s, &c.run), DFL_PAUSED);
        assert_int_equal(answer(&c, "me"), DFL_OK);
        SAID(&c.s, "say 0", "me", "say 2");
    }
}

/* A failure that is caught ends the section, and with it what was asked there. */
static void a_caught_failure_withdraws_questions(void **state) {
    Case c;
    (void)state;
    FOR_CASES(&c) {
        c.script.tell = fail_or_ask;
        c.script.fan_on_error = true;
        c.script.last = ask_one;
        assert_int_equal(talk_run(&c.s, &c.run), DFL_PAUSED);
        QUESTIONS(&c.s, "last");
        assert_int_equal(answer(&c, "me"), DFL_OK);
        SAID(&c.s, "me");
    }
}

static const dfl_error *seen_error;
static dfl_error error_copy;
static int ask_about_the_error(dfl_ctx *ctx, dfl_str *said) {
    error_copy = *dfl_last_error(ctx);
    seen_error = &error_copy;
    return ask_one(ctx, said);
}

static void the_last_error_survives_a_pause(void **state) {
    Case c;
    (void)state;
    FOR_CASES(&c) {
        c.script.tell = fail_or_ask;
        c.script.fan_on_error = true;
        c.script.last = ask_about_the_error;
        assert_int_equal(talk_run(&c.s, &c.run), DFL_PAUSED);
        memset(&error_copy, 0, sizeof error_copy);
        assert_int_equal(answer(&c, "me"), DFL_OK);
        assert_int_equal(error_copy.code, 4);
        assert_string_equal(error_copy.node, "fan/tell");
        assert_string_equal(error_copy.at, "talk.dfl:4");
        assert_string_equal(error_copy.message, "element 0");
        assert_true(error_copy.index == 0);
    }
}

/* A resume that ends before it comes to the section keeps what was parked there. */
static void a_cancelled_resume_loses_nothing(void **state) {
    Case c;
    dfl_cancel cancel = {1};
    (void)state;
    begin_case(&c, true, 2);
    c.script.tell = odd_ones_ask;
    assert_int_equal(talk_run(&c.s, &c.run), DFL_PAUSED);
    c.run.cancel = &cancel;
    assert_int_equal(answer(&c, "me"), DFL_ECANCELLED);
    c.run.cancel = NULL;
    assert_int_equal(resume(&c), DFL_OK);
    SAID(&c.s, "say 0", "me", "say 2");
    assert_int_equal(c.script.runs_of_tell[0], 1);
    end_case(&c);
}

/* ---- pause before and after ---- */

static void a_pause_before_and_after_a_node(void **state) {
    Case c;
    (void)state;
    FOR_CASES(&c) {
        c.script.pause_before = c.script.pause_after = true;
        c.script.last = say;
        assert_int_equal(talk_run(&c.s, &c.run), DFL_PAUSED);
        assert_int_equal(c.script.runs_of_last, 0);
        assert_int_equal(dfl__questions(&c.s.mem, NULL), 0);
        assert_int_equal(resume(&c), DFL_PAUSED);
        assert_int_equal(c.script.runs_of_last, 1);
        assert_int_equal(resume(&c), DFL_OK);
        assert_int_equal(c.script.runs_of_last, 1);
        SAID(&c.s, "say -1");
    }
}

static void a_finished_run_runs_nothing(void **state) {
    Case c;
    (void)state;
    begin_case(&c, true, 1);
    c.script.last = say;
    assert_int_equal(talk_run(&c.s, &c.run), DFL_OK);
    assert_int_equal(resume(&c), DFL_OK);
    SAID(&c.s, "say -1");
    assert_int_equal(c.script.runs_of_last, 1);
    check_refused(&c, answer(&c, "late"), "there is an answer, but no question waits");
    end_case(&c);
    begin_case(&c, false, 1);
    assert_int_equal(talk_run(&c.s, &c.run), DFL_OK);
    assert_int_equal(resume(&c), DFL_ENOTFOUND);
    end_case(&c);
}

/* ---- the state that paused ---- */

static void a_new_run_forgets_the_pause(void **state) {
    Case c;
    (void)state;
    begin_case(&c, false, 1);
    c.script.ask = ask_one;
    assert_int_equal(talk_run(&c.s, &c.run), DFL_PAUSED);
    c.script.ask = say;
    assert_int_equal(talk_run(&c.s, &c.run), DFL_OK);
    assert_int_equal(dfl__questions(&c.s.mem, NULL), 0);
    assert_int_equal(resume(&c), DFL_ENOTFOUND);
    end_case(&c);
}

static void a_pause_is_of_its_graph(void **state) {
    Case c;
    dfl_graph other = talk_graph;
    (void)state;
    begin_case(&c, false, 1);
    c.script.ask = ask_one;
    assert_int_equal(talk_run(&c.s, &c.run), DFL_PAUSED);
    assert_int_equal(talk_resume_of(&other, &c.s, &c.run), DFL_ENOTFOUND);
    assert_int_equal(answer(&c, "me"), DFL_OK);
    end_case(&c);
}

/* A graph that never saves still saves a pause, for whoever answers it. */
static void a_pause_is_saved_by_every_policy(void **state) {
    dfl_graph never = talk_graph;
    Case c;
    dfl__run self;
    uint64_t count[1] = {0};
    int rc;
    (void)state;
    begin_case(&c, true, 1);
    never.never_saves = true;
    c.script.ask = ask_one;
    rc = dfl__run_begin(&self, &never, &c.s, &c.run, count, 1);
    assert_int_equal(rc, DFL_OK);
    rc = talk_flow(&self.ctx, &c.s, AT_START);
    assert_int_equal(dfl__run_end(&self, rc), DFL_PAUSED);
    c.run.answer = DFL_STR("me");
    talk_free(&c.s);
    assert_int_equal(talk_resume_of(&never, &c.s, &c.run), DFL_OK);
    SAID(&c.s, "me");
    end_case(&c);
}

/* ---- load, latest, update ---- */

static void a_load_looks_at_what_waits(void **state) {
    Case c;
    talk look = {0};
    uint32_t next = 99;
    (void)state;
    begin_case(&c, true, 2);
    assert_int_equal(dfl__latest(&talk_graph, &c.run), DFL_ENOTFOUND);
    c.script.tell = odd_ones_ask;
    assert_int_equal(talk_run(&c.s, &c.run), DFL_PAUSED);
    assert_int_equal(dfl__latest(&talk_graph, &c.run), DFL_OK);
    assert_int_equal(dfl__load(&talk_graph, &look, &c.run, &next), DFL_OK);
    assert_int_equal(next, AT_TELL);
    QUESTIONS(&look, "fan/tell[1]");
    /* What was loaded can also go on by itself. */
    c.run.store = (dfl_store_close(c.run.store), NULL);
    c.run.answer = DFL_STR("me");
    assert_int_equal(talk_resume(&look, &c.run), DFL_OK);
    SAID(&look, "say 0", "me", "say 2");
    assert_int_equal(dfl__latest(&talk_graph, &c.run), DFL_EINVAL);
    assert_int_equal(dfl__latest(&talk_graph, NULL), DFL_EINVAL);
    talk_free(&look);
    c.run.answer.p = NULL;
    end_case(&c);
}

static int update(Case *c, uint32_t place) {
    uint64_t count[1] = {0};
    return dfl__update(&talk_graph, &c->s, &c->run, place, count, 1);
}

static void an_update_stands_behind_its_node(void **state) {
    Case c;
    uint32_t next = 99;
    (void)state;
    begin_case(&c, true, 2);
    c.script.tell = odd_ones_ask;
    assert_int_equal(talk_run(&c.s, &c.run), DFL_PAUSED);
    dfl_str_list_push(dfl__mem_ctx(&c.s.mem), &c.s.said, DFL_STR("by hand"));
    assert_int_equal(update(&c, AT_LAST), DFL_OK);
    assert_int_equal(dfl__load(&talk_graph, &c.s, &c.run, &next), DFL_OK);
    assert_int_equal(next, AT_LAST);
    assert_int_equal(dfl__questions(&c.s.mem, NULL), 0);
    assert_int_equal(resume(&c), DFL_OK);
    SAID(&c.s, "by hand");
    assert_int_equal(c.script.runs_of_last, 0);
    /* From the start, and at the end. */
    c.script.tell = NULL;
    assert_int_equal(update(&c, AT_START), DFL_OK);
    assert_int_equal(resume(&c), DFL_OK);
    assert_int_equal(c.script.runs_of_last, 1);
    assert_int_equal(update(&c, AT_END), DFL_OK);
    assert_int_equal(resume(&c), DFL_OK);
    assert_int_equal(c.script.runs_of_last, 1);
    end_case(&c);
}

static void an_update_can_begin_a_thread(void **state) {
    Case c;
    (void)state;
    begin_case(&c, true, 1);
    assert_int_equal(update(&c, AT_ASK), DFL_OK);
    assert_int_equal(resume(&c), DFL_OK);
    assert_int_equal(c.script.runs_of_ask, 0);
    assert_int_equal(c.script.runs_of_tell[0], 1);
    end_case(&c);
}

static void senseless_updates_are_refused(void **state) {
    Case c;
    (void)state;
    begin_case(&c, true, 1);
    check_refused(&c, update(&c, AT_TELL),
                  "'fan/tell' is inside a section or subgraph: a run cannot stand behind it");
    check_refused(&c, update(&c, AT_FAN), "as_node is no node of the graph");
    c.run.checkpoint = "3";
    assert_int_equal(update(&c, AT_ASK), DFL_ENOTFOUND);
    c.run.thread_id = NULL;
    check_refused(&c, update(&c, AT_ASK), "a store takes a thread_id");
    dfl_store_close(c.run.store);
    c.run.store = NULL;
    check_refused(&c, update(&c, AT_ASK), "to update takes a store and a thread_id");
    end_case(&c);
}

/* ---- another graph since ---- */

static void a_graph_with_other_places_is_refused(void **state) {
    dfl_place places[COUNT(talk_places)];
    dfl_graph other = talk_graph;
    Case c;
    (void)state;
    memcpy(places, talk_places, sizeof places);
    other.places = places;
    places[AT_TELL].name = "fan/shout";
    begin_case(&c, true, 1);
    c.script.ask = ask_one;
    assert_int_equal(talk_run(&c.s, &c.run), DFL_PAUSED);
    c.run.answer = DFL_STR("me");
    c.script.tell = all_ask;
    assert_int_equal(talk_resume_of(&other, &c.s, &c.run), DFL_PAUSED); /* ask is still there */
    c.run.answer.p = NULL;
    assert_int_equal(talk_resume(&c.s, &c.run), DFL_ESCHEMA);
    assert_string_equal(c.error.message, "the checkpoint stands within 'fan', and the graph has "
                                         "other nodes since");
    end_case(&c);
}

/* ---- events ---- */

static char trace[4096];

static void note(void *user, const dfl_event *event) {
    size_t n = strlen(trace);
    (void)user;
    snprintf(trace + n, sizeof trace - n, "%s %s%s%.*s;",
             event->kind == DFL_EVENT_PAUSED    ? "paused"
             : event->kind == DFL_EVENT_RESUMED ? "resumed"
                                                : "end",
             event->path, event->data.n ? " " : "", (int)event->data.n,
             event->data.p ? (const char *)event->data.p : "");
    assert_true(event->kind == DFL_EVENT_RESUMED || event->status == DFL_PAUSED ||
                event->kind == DFL_EVENT_RUN_END);
}

static void pauses_are_told(void **state) {
    dfl_hooks hooks = {.mask = DFL_EV_PAUSE | DFL_EV_RUN, .on_event = note, .ordered = true};
    Case c;
    (void)state;
    FOR_CASES(&c) {
        trace[0] = '\0';
        hooks.mask = DFL_EV_PAUSE;
        c.run.hooks = &hooks;
        c.script.ask = ask_both_at_once;
        c.script.pause_before = c.script.pause_after = true;
        assert_int_equal(talk_run(&c.s, &c.run), DFL_PAUSED);
        assert_string_equal(trace, "paused ask first?;");
        assert_int_equal(answer_to(&c, "ask", "a"), DFL_PAUSED);
        assert_string_equal(trace, "paused ask first?;resumed ask;paused ask second?;");
        trace[0] = '\0';
        c.script.tell = all_ask;
        assert_int_equal(answer(&c, "b"), DFL_PAUSED);
        assert_string_equal(trace, "resumed ask;paused fan/tell who?;paused fan/tell who?;"
                                   "paused fan/tell who?;");
        c.script.tell = say;
        trace[0] = '\0';
        assert_int_equal(resume(&c), DFL_PAUSED);
        assert_int_equal(resume(&c), DFL_PAUSED);
        assert_int_equal(resume(&c), DFL_OK);
        assert_string_equal(trace,
                            "resumed fan;paused last;resumed last;paused last;resumed last;");
    }
}

/* ---- when memory runs out ---- */

/* Whatever allocation fails, the result is one of those that can be, and the thread can go on from
 * its last checkpoint. */
static void memory_may_run_out_anywhere(void **state) {
    (void)state;
    for (long left = 0; left < 400; left++) {
        Case c;
        const dfl_question *q;
        int rc;
        begin_case(&c, true, 1);
        c.script.ask = ask_two;
        c.script.tell = odd_ones_ask;
        assert_int_equal(talk_run(&c.s, &c.run), DFL_PAUSED);
        assert_int_equal(answer(&c, "one"), DFL_PAUSED);
        dfl__fail_after(left);
        rc = answer(&c, "two");
        dfl__fail_after(-1);
        assert_true(rc == DFL_PAUSED || rc == DFL_ENOMEM || rc == DFL_ESTORE);
        assert_int_equal(resume(&c), DFL_PAUSED);
        assert_int_equal(dfl__questions(&c.s.mem, &q), 1);
        if (strcmp(q->id, "ask#2") == 0)
            assert_int_equal(answer(&c, "two"), DFL_PAUSED);
        assert_int_equal(answer_to(&c, "fan/tell[1]", "me"), DFL_OK);
        SAID(&c.s, "one and two", "say 0", "me", "say 2");
        end_case(&c);
    }
}

/* ---- damaged records ---- */

typedef struct Damaged {
    dfl_store store;
    dfl_store *from;
    size_t cut, flip;
} Damaged;

static int damaged_read(void *self, const char *thread, uint64_t id, dfl_record *out,
                        dfl_buf *hold) {
    Damaged *damaged = self;
    int rc = damaged->from->ops->read(damaged->from->self, thread, id, out, hold);
    if (rc != DFL_OK)
        return rc;
    if (damaged->cut < out->n)
        out->n = damaged->cut;
    if (damaged->flip < out->n * 8)
        hold->p[damaged->flip / 8] ^= (uint8_t)(1u << damaged->flip % 8);
    return DFL_OK;
}

static int no_put(void *self, const dfl_record *record, dfl_durability durability, uint64_t *id) {
    (void)self, (void)record, (void)durability;
    *id = 1;
    return DFL_OK;
}

static void damaged_records_are_safe(void **state) {
    static const dfl_store_ops ops = {.put = no_put, .read = damaged_read};
    Damaged damaged = {.from = dfl_store_memory(), .cut = SIZE_MAX, .flip = SIZE_MAX};
    Talk script = {.tell = all_ask, .fan_on_error = true};
    dfl_run run = {.user = &script, .thread_id = "t", .store = damaged.from};
    dfl_record record;
    dfl_buf hold = {0};
    talk s = {0};
    (void)state;
    damaged.store = (dfl_store){&ops, &damaged};
    assert_int_equal(talk_run(&s, &run), DFL_PAUSED);
    talk_free(&s);
    assert_int_equal(damaged.from->ops->read(damaged.from->self, "t", 0, &record, &hold), DFL_OK);
    run.store = &damaged.store;
    for (damaged.cut = 0; damaged.cut < record.n; damaged.cut++) {
        assert_int_equal(talk_resume(&s, &run), DFL_ECORRUPT);
        talk_free(&s);
    }
    damaged.cut = SIZE_MAX;
    for (damaged.flip = 0; damaged.flip < record.n * 8; damaged.flip++) {
        uint32_t next;
        (void)dfl__load(&talk_graph, &s, &run, &next);
        talk_free(&s);
    }
    dfl_buf_free(&hold);
    dfl_store_close(damaged.from);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_pauses_and_its_answer_goes_on),
        cmocka_unit_test(an_empty_answer_is_one),
        cmocka_unit_test(earlier_answers_are_kept),
        cmocka_unit_test(a_node_may_ask_twice_at_once),
        cmocka_unit_test(who_does_without_an_answer_succeeds),
        cmocka_unit_test(who_asks_and_fails_has_failed),
        cmocka_unit_test(to_pause_takes_a_question),
        cmocka_unit_test(answers_are_kept_until_the_node_succeeds),
        cmocka_unit_test(a_ctx_of_ones_own_has_no_answers),
        cmocka_unit_test(answers_that_do_not_fit_are_refused),
        cmocka_unit_test(a_branch_that_pauses_parks),
        cmocka_unit_test(branches_are_answered_in_any_order),
        cmocka_unit_test(a_failure_waits_for_a_pause_before_it),
        cmocka_unit_test(a_failure_beside_a_pause),
        cmocka_unit_test(a_caught_failure_withdraws_questions),
        cmocka_unit_test(the_last_error_survives_a_pause),
        cmocka_unit_test(a_cancelled_resume_loses_nothing),
        cmocka_unit_test(a_pause_before_and_after_a_node),
        cmocka_unit_test(a_finished_run_runs_nothing),
        cmocka_unit_test(a_new_run_forgets_the_pause),
        cmocka_unit_test(a_pause_is_of_its_graph),
        cmocka_unit_test(a_pause_is_saved_by_every_policy),
        cmocka_unit_test(a_load_looks_at_what_waits),
        cmocka_unit_test(an_update_stands_behind_its_node),
        cmocka_unit_test(an_update_can_begin_a_thread),
        cmocka_unit_test(senseless_updates_are_refused),
        cmocka_unit_test(a_graph_with_other_places_is_refused),
        cmocka_unit_test(pauses_are_told),
        cmocka_unit_test(memory_may_run_out_anywhere),
        cmocka_unit_test(damaged_records_are_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
