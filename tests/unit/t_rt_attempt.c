// needs: tsan
// Attempts: how long retries wait and what ends the wait, what is not retried, timeouts.
#include "rt_run.h"

#include <pthread.h>
#include <time.h>

#define MS INT64_C(1000000)

static int fail_1(dfl_ctx *ctx, int64_t *n) {
    (void)n;
    return dfl_fail(ctx, 1, "attempt %u", dfl_attempt(ctx));
}

static int fail_for_good(dfl_ctx *ctx, int64_t *n) {
    (void)n;
    return dfl_fatal(ctx, 2, "for good");
}

/* Tries `node` as generated code would; what became of it, how often it ran, and how long it took. */
typedef struct Tries {
    int (*node)(dfl_ctx *ctx, int64_t *n);
    uint64_t attempts;
    int64_t every_ns, cap_ns;
    int rc, runs;
    int64_t took_ns;
    dfl_error error;
} Tries;

static void try_it(Tries *tries, dfl_run options) {
    dfl__run run;
    dfl_ctx *ctx = &run.ctx;
    small s = {0};
    int64_t began = dfl__now();
    int rc;
    memset(&run, 0xa5, sizeof run);
    options.error = &tries->error;
    tries->runs = 0;
    assert_int_equal(dfl__run_begin(&run, &small_graph, &s, &options, NULL, 0), DFL_OK);
    do {
        tries->runs++;
        rc = tries->node(ctx, &s.n);
        rc = dfl__after(ctx, AT_A, rc);
    } while (rc != DFL_OK && dfl__retry(ctx, &rc, tries->attempts, tries->every_ns, tries->cap_ns));
    tries->took_ns = dfl__now() - began;
    tries->rc = dfl__run_end(&run, dfl__stop(ctx, AT_A, rc));
    dfl__mem_free(&s.mem);
}

static void waits_double_up_to_the_cap(void **state) {
    /* 4, 8, 10, 10 ms, less at most a quarter each */
    Tries tries = {.node = fail_1, .attempts = 4, .every_ns = 4 * MS, .cap_ns = 10 * MS};
    (void)state;
    try_it(&tries, (dfl_run){0});
    assert_int_equal(tries.rc, DFL_ENODE);
    assert_int_equal(tries.runs, 5);
    assert_int_equal(tries.error.attempt, 5);
    assert_string_equal(tries.error.message, "attempt 5");
    assert_true(tries.took_ns >= 24 * MS);
    assert_true(tries.took_ns < 10000 * MS);
}

static void without_a_wait_it_is_tried_at_once(void **state) {
    Tries tries = {.node = fail_1, .attempts = 1000};
    (void)state;
    try_it(&tries, (dfl_run){0});
    assert_int_equal(tries.runs, 1001);
    assert_true(tries.took_ns < 1000 * MS);
}

static void a_fatal_failure_is_not_retried(void **state) {
    Tries tries = {.node = fail_for_good, .attempts = 3};
    (void)state;
    try_it(&tries, (dfl_run){0});
    assert_int_equal(tries.runs, 1);
    assert_int_equal(tries.error.code, 2);
    assert_string_equal(tries.error.message, "for good");
}

static void a_cancelled_run_is_not_retried(void **state) {
    dfl_cancel cancel = {1};
    Tries tries = {.node = fail_1, .attempts = 3};
    (void)state;
    try_it(&tries, (dfl_run){.cancel = &cancel});
    assert_int_equal(tries.rc, DFL_ECANCELLED);
    assert_int_equal(tries.runs, 1);
    assert_string_equal(tries.error.node, "a");
}

static void *cancel_soon(void *arg) {
    nanosleep(&(struct timespec){0, 20 * MS}, NULL);
    dfl_cancel_now(arg);
    return NULL;
}

static void cancelling_ends_a_wait(void **state) {
    dfl_cancel cancel = {0};
    Tries tries = {.node = fail_1, .attempts = 3, .every_ns = 60000 * MS, .cap_ns = 60000 * MS};
    pthread_t thread;
    (void)state;
    pthread_create(&thread, NULL, cancel_soon, &cancel);
    try_it(&tries, (dfl_run){.cancel = &cancel});
    pthread_join(thread, NULL);
    assert_int_equal(tries.rc, DFL_ECANCELLED);
    assert_string_equal(tries.error.message, "cancelled in a retry's wait");
    assert_true(tries.took_ns >= 15 * MS && tries.took_ns < 30000 * MS);
}

static void the_deadline_ends_a_wait(void **state) {
    Tries tries = {.node = fail_1, .attempts = 3, .every_ns = 60000 * MS, .cap_ns = 60000 * MS};
    (void)state;
    try_it(&tries, (dfl_run){.timeout_ns = 20 * MS});
    assert_int_equal(tries.rc, DFL_ETIMEOUT);
    assert_int_equal(tries.runs, 1);
    assert_true(tries.took_ns >= 20 * MS && tries.took_ns < 30000 * MS);
}

/* The largest waits there are do not overflow: the deadline still ends them. */
static void no_wait_overflows(void **state) {
    Tries tries = {.node = fail_1, .attempts = 70, .every_ns = INT64_MAX, .cap_ns = INT64_MAX};
    (void)state;
    try_it(&tries, (dfl_run){.timeout_ns = 5 * MS});
    assert_int_equal(tries.rc, DFL_ETIMEOUT);
}

/* ---- timeouts ---- */

static void a_late_node_has_failed(void **state) {
    dfl__mem none = {0};
    dfl_ctx ctx;
    dfl__timer timer;
    (void)state;
    dfl__ctx_init(&ctx, &none);
    timer = dfl__time(&ctx, 60000 * MS);
    assert_true(dfl_time_left(&ctx) > 0 && dfl_time_left(&ctx) <= 60000 * MS);
    assert_int_equal(dfl__timed(&ctx, timer, 0), 0);
    assert_int_equal(ctx.flags, 0);
    assert_true(dfl_time_left(&ctx) == INT64_MAX);
    timer = dfl__time(&ctx, 0);
    assert_true(dfl_time_left(&ctx) == 0);
    assert_int_equal(dfl__timed(&ctx, timer, 0), DFL_ETIMEOUT);
    assert_true(ctx.flags & DFL__LATE);
    /* What it returned itself comes first. */
    assert_int_equal(dfl__timed(&ctx, dfl__time(&ctx, 0), 5), 5);
}

/* The nearer of two deadlines counts, and the outer one is put back. */
static void timeouts_nest(void **state) {
    dfl__mem none = {0};
    dfl_ctx ctx;
    dfl__timer outer, inner;
    (void)state;
    dfl__ctx_init(&ctx, &none);
    outer = dfl__time(&ctx, 1000 * MS);
    inner = dfl__time(&ctx, INT64_MAX);
    assert_true(dfl_time_left(&ctx) <= 1000 * MS);
    assert_int_equal(dfl__timed(&ctx, inner, 0), 0);
    inner = dfl__time(&ctx, 500 * MS);
    assert_true(dfl_time_left(&ctx) <= 500 * MS);
    assert_int_equal(dfl__timed(&ctx, inner, 0), 0);
    assert_true(dfl_time_left(&ctx) > 500 * MS);
    assert_int_equal(dfl__timed(&ctx, outer, 0), 0);
    assert_int_equal(ctx.flags, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_double_up_to_the_cap),
        cmocka_unit_test(without_a_wait_it_is_tried_at_once),
        cmocka_unit_test(a_fatal_failure_is_not_retried),
        cmocka_unit_test(a_cancelled_run_is_not_retried),
        cmocka_unit_test(cancelling_ends_a_wait),
        cmocka_unit_test(the_deadline_ends_a_wait),
        cmocka_unit_test(no_wait_overflows),
        cmocka_unit_test(a_late_node_has_failed),
        cmocka_unit_test(timeouts_nest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
