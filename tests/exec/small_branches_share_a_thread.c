#include "small_branches_share_a_thread.h"

#include "resume_hooks.h"

const char *bad_node = "";

static dfl_error error;

/* A state that is ready to run. */
static g_state ready(void) {
    g_state s;
    g_state_init(&s);
    s.n = 5, s.stop = 500, s.all = true;
    return s;
}

/* The order of floats counts: any other way to add them up ends with 0 or 2. */
static void check_results(const g_state *s) {
    CHECK_INT(s->n, 5 + 1103);
    CHECK_INT(s->most, 120);
    CHECK(s->low == -3);
    CHECK_INT(s->high, 40);
    CHECK(s->any && !s->all);
    CHECK_STR(s->last, "of 7");
    CHECK_STR(s->log, "1 1000 4 8 ");
    CHECK(s->real == 1);
    CHECK_STR(s->text, "text of 4");
}

static void check_fork(const g_state *s) {
    CHECK_INT(s->n, 5);
    CHECK_INT(s->most, 0);
    CHECK(s->all && !s->any && s->real == 0);
    CHECK_STR(s->log, "");
}

static void all_goes_well(void) {
    g_state s = ready();
    CHECK_INT(g_run(&s, NULL), DFL_OK);
    check_results(&s);
    g_state_free(&s);
}

/* Whichever thread is first, the lowest branch that fails has failed. */
static void the_lowest_fails(void) {
    static const char *const bad[] = {"b1", "b2", "b4", "b6", "b7", "b8"};
    for (size_t i = 0; i < 300; i++) {
        g_state s = ready();
        bad_node = bad[i % (sizeof bad / sizeof *bad)];
        CHECK_INT(g_run(&s, &(dfl_run){.error = &error}), DFL_ENODE);
        CHECK(strcmp(error.node, bad_node) == 0);
        check_fork(&s);
        g_state_free(&s);
    }
    bad_node = "";
}

/* So that nothing of a run before is found where this one has its frames. */
static void soil_the_stack(void) {
    volatile unsigned char soil[64 * 1024];
    for (size_t i = 0; i < sizeof soil; i++)
        soil[i] = 0xff;
}

/* What is kept of a failed section: what is done, what has failed, and what has not begun. */
static void a_failure_is_resumed(dfl_pool *pool) {
    for (size_t i = 0; i < 50; i++) {
        dfl_store *store = dfl_store_memory();
        dfl_run run = {.store = store, .thread_id = "t", .error = &error, .pool = pool};
        g_state s = ready();
        bad_node = i % 2 ? "b2" : "b6";
        soil_the_stack();
        CHECK_INT(g_run(&s, &run), DFL_ENODE);
        CHECK(strcmp(error.node, bad_node) == 0);
        bad_node = "";
        g_state_reset(&s);
        CHECK_INT(g_resume(&s, &run), DFL_OK);
        check_results(&s);
        g_state_free(&s);
        dfl_store_close(store);
    }
}

/* The others run to their end; of them nothing runs again. */
static void a_branch_waits(void) {
    seen all = {0};
    dfl_hooks hooks = SEEN_HOOKS(&all);
    dfl_store *store = dfl_store_memory();
    dfl_run run = {.store = store, .thread_id = "t", .error = &error, .hooks = &hooks};
    g_state s = ready();
    s.waits = true, s.stop = 2;
    CHECK_INT(g_run(&s, &run), DFL_PAUSED);
    CHECK_NODES(&all, "b1 b5 b5 b2 b4 b6 b7 b8 ");
    g_state_reset(&s);
    run.answer = DFL_STR("yes");
    bad_node = "b3"; /* asks, and does not look */
    CHECK_INT(g_resume(&s, &run), DFL_OK);
    CHECK_NODES(&all, "b3 ");
    CHECK_INT(s.n, 5 + 1103);
    CHECK_STR(s.log, "1 1000 4 8 ");
    CHECK(s.real == 1);
    bad_node = "";
    g_state_free(&s);
    dfl_store_close(store);
}

static void updates_do_not_fit(void) {
    g_state s = ready();
    bad_node = "sum";
    CHECK_INT(g_run(&s, &(dfl_run){.error = &error}), DFL_ENODE);
    CHECK(strstr(error.message, "'most'"));
    check_fork(&s);
    bad_node = "";
    g_state_free(&s);
}

/* Of one branch alone, and of all of them. */
static void steps_run_out(void) {
    for (int32_t stop = 590; stop <= 600; stop++) {
        g_state s = ready();
        s.stop = stop;
        CHECK_INT(g_run(&s, NULL), stop + 7 <= 600 ? DFL_OK : DFL_ELIMIT);
        g_state_free(&s);
    }
}

int main(void) {
    dfl_pool *alone = dfl_pool_new(1);
    all_goes_well();
    the_lowest_fails();
    a_failure_is_resumed(NULL);
    a_failure_is_resumed(alone); /* there, what is behind the failed branch has not begun */
    dfl_pool_free(alone);
    a_branch_waits();
    updates_do_not_fit();
    steps_run_out();
    return 0;
}
