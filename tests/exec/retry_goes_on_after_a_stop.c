#include "retry_goes_on_after_a_stop.h"

#include "check.h"

/* What the nodes tell: "ask1 " for the first attempt of a call. In branches only one of them is told of. */
typedef struct Told {
    char calls[512];
    dfl_cancel cancel;
    unsigned works_from;   /* the attempt of a subgraph, or call, that does not fail; 0: none */
    unsigned works;        /* so many calls of fails_work */
    bool no_cancel;
} Told;

static void tell(Told *told, const char *what, unsigned attempt) {
    size_t n = strlen(told->calls);
    snprintf(told->calls + n, sizeof told->calls - n, "%s%u ", what, attempt);
}

#define CHECK_TOLD(SHOULD_BE)                                                                      \
    do {                                                                                           \
        CHECK_STR(((dfl_str){told.calls, strlen(told.calls)}), SHOULD_BE);                         \
        told.calls[0] = 0;                                                                         \
    } while (0)

int asks_ask(dfl_ctx *ctx, dfl_str *answer) {
    tell(dfl_user(ctx), "ask", dfl_attempt(ctx));
    return dfl_attempt(ctx) == 1 ? dfl_fail(ctx, 1, "not yet")
                                 : dfl_interrupt(ctx, DFL_STR("what?"), answer);
}

/* Fails, and whoever tries it again is stopped. */
int fails_work(dfl_ctx *ctx, int64_t *n) {
    Told *told = dfl_user(ctx);
    tell(told, "work", dfl_attempt(ctx));
    *n += 1;
    if (++told->works == told->works_from)
        return 0;
    if (!told->no_cancel)
        dfl_cancel_now(&told->cancel);
    return dfl_fail(ctx, 1, "it does not work");
}

static dfl_store *store;

/* Of a thread: with a store as another process would, without one in the same state. */
static dfl_run options(Told *told, const char *thread, dfl_error *error) {
    told->cancel.requested = 0;
    return (dfl_run){.thread_id = thread, .store = thread ? store : NULL, .user = told, .error = error,
                     .cancel = &told->cancel};
}

static void pauses(const char *thread) {
    Told told = {0};
    dfl_error error = {0};
    dfl_run run = options(&told, thread, &error);
    asks_state s;
    asks_state_init(&s);
    CHECK_INT(asks_run(&s, &run), DFL_PAUSED);
    CHECK_TOLD("ask1 ask2 ");
    CHECK_INT(asks_resume(&s, &run), DFL_PAUSED);   /* still without an answer */
    CHECK_TOLD("ask2 ");
    if (thread)
        asks_state_free(&s), asks_state_init(&s);
    run.answer = DFL_STR("this");
    CHECK_INT(asks_resume(&s, &run), DFL_OK);
    CHECK_TOLD("ask2 ");
    CHECK_STR(s.answer, "this");
    CHECK_INT(s.n, 1);   /* the next node counts its own attempts */
    asks_state_free(&s);
}

static void is_cancelled(void) {
    Told told = {0};
    dfl_error error = {0};
    dfl_run run = options(&told, "cancelled", &error);
    fails_state s;
    fails_state_init(&s);
    CHECK_INT(fails_run(&s, &run), DFL_PAUSED);   /* before it */
    CHECK_INT(fails_resume(&s, &run), DFL_ECANCELLED);
    CHECK_INT(error.attempt, 1);
    CHECK_TOLD("work1 ");
    /* Stopped before it has begun again, it loses none. */
    CHECK_INT(fails_resume(&s, &run), DFL_ECANCELLED);
    CHECK_TOLD("");
    for (unsigned attempt = 2; attempt <= 3; attempt++) {
        run = options(&told, "cancelled", &error);
        CHECK_INT(fails_resume(&s, &run), attempt < 3 ? DFL_ECANCELLED : DFL_ENODE);
        CHECK_INT(error.attempt, attempt);
        CHECK_TOLD(attempt < 3 ? "work2 " : "work3 ");
        CHECK_INT(s.n, 1);
    }
    /* It has failed for good: who comes to it again has all its attempts. */
    run = options(&told, "cancelled", &error);
    told.no_cancel = true;
    CHECK_INT(fails_resume(&s, &run), DFL_ENODE);
    CHECK_TOLD("work1 work2 work3 ");
    fails_state_free(&s);
}

static void subgraph_is_cancelled(void) {
    Told told = {0};
    dfl_error error = {0};
    dfl_run run;
    whole_state s;
    whole_state_init(&s);
    for (unsigned i = 1; i <= 3; i++) {
        run = options(&told, "whole", &error);
        CHECK_INT(i == 1 ? whole_run(&s, &run) : whole_resume(&s, &run), i < 3 ? DFL_ECANCELLED : DFL_ENODE);
        CHECK_INT(error.attempt, 1);   /* that of the node in it */
        CHECK_TOLD("work1 ");
    }
    whole_state_free(&s);

    /* Each attempt is a fresh one. */
    told = (Told){.works_from = 2};
    whole_state_init(&s);
    run = options(&told, "again", &error);
    CHECK_INT(whole_run(&s, &run), DFL_ECANCELLED);
    run = options(&told, "again", &error);
    CHECK_INT(whole_resume(&s, &run), DFL_OK);
    CHECK_INT(s.n, 2);
    CHECK_INT(told.works, 2);
    whole_state_free(&s);
}

/* A branch that pauses in its second attempt, beside one that is stopped between two. */
static void in_branches(void) {
    Told told = {.works_from = 3};
    dfl_error error = {0};
    dfl_run run = options(&told, "fan", &error);
    fan_state s;
    int rc;
    fan_state_init(&s);
    for (rc = fan_run(&s, &run); rc == DFL_ECANCELLED; rc = fan_resume(&s, &run))
        run = options(&told, "fan", &error);
    CHECK_INT(rc, DFL_PAUSED);
    CHECK_INT(told.works, 3);
    told.calls[0] = 0;
    run = options(&told, "fan", &error);
    run.answer = DFL_STR("so it is");
    CHECK_INT(fan_resume(&s, &run), DFL_OK);
    CHECK_TOLD("ask2 ");
    CHECK_INT(s.done, 9);
    CHECK_INT(s.n, 2);
    fan_state_free(&s);
}

int main(void) {
    store = dfl_store_memory();
    CHECK(store);
    pauses(NULL);
    pauses("pauses");
    is_cancelled();
    subgraph_is_cancelled();
    in_branches();
    dfl_store_close(store);
    return 0;
}
