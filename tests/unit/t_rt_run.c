// A run: its options, failures and messages, deadlines and cancelling, and what it saves and loads.
#include "rt_run.h"

#include <errno.h>

#include "store.h"

static int add_one(dfl_ctx *ctx, int64_t *n) {
    (void)ctx;
    ++*n;
    return 0;
}

static int fail_3(dfl_ctx *ctx, int64_t *n) {
    *n = 99;
    return dfl_fail(ctx, 3, "no %s", "way");
}

static int take_a_microsecond(dfl_ctx *ctx, int64_t *n) {
    int64_t begin = dfl__now();
    (void)ctx, (void)n;
    while (dfl__now() - begin < 1000)
        continue;
    return 0;
}

static int fail_silently(dfl_ctx *ctx, int64_t *n) {
    (void)ctx, (void)n;
    return 4;
}

/* ---- options ---- */

static void null_options_are_a_plain_run(void **state) {
    small s = {.n = 1};
    dfl__run self;
    (void)state;
    assert_int_equal(dfl__run_begin(&self, &small_graph, &s, NULL, NULL, 0), DFL_OK);
    assert_int_equal(self.ctx.flags, 0);
    assert_null(dfl_user(&self.ctx));
    assert_string_equal(dfl_thread_id(&self.ctx), "");
    assert_int_equal(dfl_attempt(&self.ctx), 1);
    assert_false(dfl_cancelled(&self.ctx));
    assert_true(dfl_time_left(&self.ctx) == INT64_MAX);
    assert_int_equal(dfl__run_end(&self, DFL_OK), DFL_OK);
}

static void check_refused(dfl_run run, const dfl_graph *graph, const char *why) {
    Script script = {0};
    dfl_error error;
    small s = {0};
    run.error = &error;
    run.user = &script;
    assert_int_equal(small_run_of(graph, &s, &run), DFL_EINVAL);
    assert_int_equal(error.status, DFL_EINVAL);
    assert_string_equal(error.message, why);
    assert_string_equal(error.node, "");
    assert_int_equal(script.runs_of_a, 0);
}

static void senseless_options_are_refused(void **state) {
    dfl_store *store = dfl_store_memory();
    dfl_graph old = small_graph;
    (void)state;
    old.abi = DFL_ABI_VERSION + 1;
    check_refused((dfl_run){0}, &old, "the graph was compiled for another version of the runtime");
    check_refused((dfl_run){.timeout_ns = -1}, &small_graph, "timeout_ns is negative");
    check_refused((dfl_run){.store = store}, &small_graph, "a store takes a thread_id");
    check_refused((dfl_run){.store = store, .thread_id = ""}, &small_graph,
                  "a store takes a thread_id");
    check_refused((dfl_run){.durability = (dfl_durability)7}, &small_graph,
                  "durability is none of its values");
    dfl_store_close(store);
}

static int ask_everything(dfl_ctx *ctx, int64_t *n) {
    assert_string_equal(dfl_thread_id(ctx), "t-1");
    assert_int_equal(dfl_attempt(ctx), 1);
    assert_true(dfl_time_left(ctx) > 0 && dfl_time_left(ctx) <= INT64_C(3600000000000));
    assert_false(dfl_cancelled(ctx));
    return add_one(ctx, n);
}

static void a_node_can_ask(void **state) {
    Script script = {.a = ask_everything};
    dfl_run run = {.user = &script, .thread_id = "t-1", .timeout_ns = INT64_C(3600000000000)};
    small s = {0};
    (void)state;
    assert_int_equal(small_run(&s, &run), DFL_OK);
    run.timeout_ns = INT64_MAX; /* saturates */
    script.a = add_one;
    assert_int_equal(small_run(&s, &run), DFL_OK);
}

static void a_ctx_of_ones_own_answers_too(void **state) {
    int mine;
    dfl_ctx *ctx = dfl_ctx_new(&mine);
    (void)state;
    assert_ptr_equal(dfl_user(ctx), &mine);
    assert_string_equal(dfl_thread_id(ctx), "");
    assert_int_equal(dfl_attempt(ctx), 1);
    assert_true(dfl_time_left(ctx) == INT64_MAX);
    assert_false(dfl_cancelled(ctx));
    dfl_emit(ctx, "nobody hears", (dfl_bytes){NULL, 0});
    assert_int_equal(dfl_fail(ctx, 0, "x"), 1);
    dfl_ctx_free(ctx);
}

/* ---- failures ---- */

static void a_failure_is_told(void **state) {
    Script script = {.a = add_one, .b = fail_3};
    dfl_error error;
    dfl_run run = {.user = &script, .error = &error};
    small s = {0};
    (void)state;
    assert_int_equal(small_run(&s, &run), DFL_ENODE);
    assert_int_equal(s.n, 1);
    assert_int_equal(error.code, 3);
    assert_string_equal(error.node, "b");
    assert_string_equal(error.at, "small.dfl:4");
    assert_string_equal(error.message, "no way");
    script.b = fail_silently;
    assert_int_equal(small_run(&s, &run), DFL_ENODE);
    assert_int_equal(error.code, 4);
    assert_string_equal(error.message, "");
}

static int complain_and_go_on(dfl_ctx *ctx, int64_t *n) {
    (void)dfl_fail(ctx, 1, "on second thought");
    return add_one(ctx, n);
}

static void a_message_is_of_its_attempt(void **state) {
    Script script = {.a = complain_and_go_on, .b = fail_silently};
    dfl_error error;
    dfl_run run = {.user = &script, .error = &error};
    small s = {0};
    (void)state;
    assert_int_equal(small_run(&s, &run), DFL_ENODE);
    assert_string_equal(error.message, "");
}

static void messages_are_cut_between_characters(void **state) {
    dfl_ctx *ctx = dfl_ctx_new(NULL);
    char text[300];
    (void)state;
    for (size_t before = 250; before < 260; before++) {
        memset(text, 'x', before);
        strcpy(text + before, "\xe2\x82\xac\xf0\x9f\x98\x80\xc3\xbc");
        dfl_fail(ctx, 1, "%s", text);
        size_t n = strlen(ctx->failure.message);
        assert_true(n <= 255 && n >= 252);
        assert_memory_equal(ctx->failure.message, text, n);
        assert_true(((unsigned char)text[n] & 0xc0) != 0x80);
    }
    dfl_ctx_free(ctx);
}

static int run_out_of_memory(dfl_ctx *ctx, int64_t *n) {
    dfl__fail_after(0);
    assert_null(dfl_alloc(ctx, 100000));
    dfl__fail_after(-1);
    return add_one(ctx, n);
}

static void no_memory_fails_a_node_that_did_not_look(void **state) {
    Script script = {.a = run_out_of_memory, .b = add_one};
    dfl_error error;
    dfl_run run = {.user = &script, .error = &error};
    small s = {0};
    (void)state;
    assert_int_equal(small_run(&s, &run), DFL_ENOMEM);
    assert_int_equal(s.n, 0);
    assert_string_equal(error.node, "a");
    script.a = add_one;
    assert_int_equal(small_run(&s, &run), DFL_OK);
    dfl__mem_free(&s.mem);
}

/* ---- stopping ---- */

static int outlast(dfl_ctx *ctx, int64_t *n) {
    while (dfl_time_left(ctx) > 0)
        ;
    assert_true(dfl_cancelled(ctx));
    return add_one(ctx, n);
}

static void a_deadline_ends_the_run_at_the_next_node(void **state) {
    Script script = {.a = outlast, .b = add_one};
    dfl_error error;
    dfl_run run = {.user = &script, .error = &error, .timeout_ns = 100000000};
    small s = {0};
    (void)state;
    assert_int_equal(small_run(&s, &run), DFL_ETIMEOUT);
    assert_int_equal(s.n, 1); /* the work stands */
    assert_int_equal(script.runs_of_b, 0);
    assert_string_equal(error.message, "the run's time was over before 'b'");
    /* Nothing but the end was left: that is no failure. */
    script = (Script){.b = outlast};
    assert_int_equal(small_run(&s, &run), DFL_OK);
}

static void a_cancelled_run_does_not_begin(void **state) {
    Script script = {0};
    dfl_cancel cancel = {0};
    dfl_run run = {.user = &script, .cancel = &cancel};
    small s = {0};
    (void)state;
    assert_int_equal(small_run(&s, &run), DFL_OK);
    dfl_cancel_now(&cancel);
    assert_int_equal(small_run(&s, &run), DFL_ECANCELLED);
    assert_int_equal(script.runs_of_a, 1);
}

/* ---- saving ---- */

typedef struct List {
    char text[256];
} List;

static int add_next(void *user, const dfl_checkpoint *about) {
    List *list = user;
    size_t n = strlen(list->text);
    snprintf(list->text + n, sizeof list->text - n, "%llu:%s ", (unsigned long long)about->step,
             about->next);
    return 0;
}

/* "step:next" of every checkpoint of thread t, newest first. */
static void check_saved(dfl_store *store, const char *expected) {
    List list = {""};
    int rc = dfl_store_history(store, "t", 0, add_next, &list);
    assert_true(rc == DFL_OK || (rc == DFL_ENOTFOUND && !expected[0]));
    assert_string_equal(list.text, expected);
    if (rc == DFL_OK)
        assert_int_equal(dfl_store_delete_thread(store, "t"), DFL_OK);
}

static void what_is_saved_when(void **state) {
    Script script = {.a = add_one, .b = add_one};
    dfl_run run = {.user = &script, .thread_id = "t", .store = dfl_store_memory()};
    dfl_graph graph = small_graph;
    small s = {0};
    (void)state;
    assert_int_equal(small_run_of(&graph, &s, &run), DFL_OK);
    check_saved(run.store, "2:end 0:a ");
    script.mark_a = true;
    assert_int_equal(small_run_of(&graph, &s, &run), DFL_OK);
    check_saved(run.store, "2:end 1:b 0:a ");
    run.durability = DFL_ON_EXIT;
    assert_int_equal(small_run_of(&graph, &s, &run), DFL_OK);
    check_saved(run.store, "2:end ");
    run.durability = DFL_SYNC;
    graph.save_every = 1;
    script.mark_a = false;
    assert_int_equal(small_run_of(&graph, &s, &run), DFL_OK);
    check_saved(run.store, "2:end 1:b 0:a ");
    graph.save_every = 2;
    assert_int_equal(small_run_of(&graph, &s, &run), DFL_OK);
    check_saved(run.store, "2:end 0:a ");
    graph.never_saves = true;
    assert_int_equal(small_run_of(&graph, &s, &run), DFL_OK);
    check_saved(run.store, "");
    dfl_store_close(run.store);
}

/* checkpoint auto: where as much is at risk as the table says, and what marks and failures do to that. */
static void work_at_risk_is_saved(void **state) {
    enum { N = 4 };
    dfl__risk risks[N] = {{0, UINT64_MAX}, {30, UINT64_MAX}, {5, 30}, {0, UINT64_MAX}};
    Script script = {.a = add_one, .b = add_one};
    dfl_run run = {.user = &script, .thread_id = "t", .store = dfl_store_memory()};
    dfl_graph graph = small_graph;
    small s = {0};
    (void)state;
    graph.risks = risks;
    assert_int_equal(small_run_of(&graph, &s, &run), DFL_OK);
    check_saved(run.store, "2:end 1:b 0:a ");
    risks[AT_B].save_from_ns = 31;
    assert_int_equal(small_run_of(&graph, &s, &run), DFL_OK);
    check_saved(run.store, "2:end 0:a ");
    /* What a mark has saved is not at risk: b's 5 are. */
    script.mark_a = true;
    risks[AT_B].save_from_ns = UINT64_MAX;
    risks[AT_END].save_from_ns = 6;
    assert_int_equal(small_run_of(&graph, &s, &run), DFL_OK);
    check_saved(run.store, "2:end 1:b 0:a ");
    script.mark_a = false;
    /* Timed: a call takes longer than no time; and never 292 years. */
    risks[AT_A].work_ns = -1;
    risks[AT_B].save_from_ns = 1;
    script.a = take_a_microsecond;
    assert_int_equal(small_run_of(&graph, &s, &run), DFL_OK);
    check_saved(run.store, "2:end 1:b 0:a ");
    risks[AT_B].save_from_ns = INT64_MAX;
    assert_int_equal(small_run_of(&graph, &s, &run), DFL_OK);
    check_saved(run.store, "2:end 0:a ");
    /* Nothing on the way, where the policy or the caller says so. */
    risks[AT_B].save_from_ns = 1;
    run.durability = DFL_ON_EXIT;
    assert_int_equal(small_run_of(&graph, &s, &run), DFL_OK);
    check_saved(run.store, "2:end ");
    dfl_store_close(run.store);
}

/* What had been done before is in the checkpoint. */
static void after_a_resume_nothing_is_at_risk(void **state) {
    dfl__risk risks[] = {{0, UINT64_MAX}, {30, UINT64_MAX}, {5, UINT64_MAX}, {0, UINT64_MAX}};
    Script script = {.a = add_one, .b = fail_3};
    dfl_run run = {.user = &script, .thread_id = "t", .store = dfl_store_memory()};
    dfl_graph graph = small_graph;
    small s = {0};
    (void)state;
    graph.risks = risks;
    assert_int_equal(small_run_of(&graph, &s, &run), DFL_ENODE);
    script.b = add_one;
    risks[AT_B].save_from_ns = 1;
    assert_int_equal(small_resume_of(&graph, &s, &run, 1), DFL_OK);
    check_saved(run.store, "2:end 1:b 0:a ");
    dfl_store_close(run.store);
    dfl__mem_free(&s.mem);
}

static void a_failed_run_saves_where_it_stood(void **state) {
    Script script = {.a = add_one, .b = fail_3};
    dfl_run run = {.user = &script, .thread_id = "t", .store = dfl_store_memory()};
    small s = {0};
    uint32_t next = 0;
    (void)state;
    assert_int_equal(small_run(&s, &run), DFL_ENODE);
    s.n = 55;
    assert_int_equal(dfl__load(&small_graph, &s, &run, &next), DFL_OK);
    assert_true(s.n == 1 && next == AT_B);
    script.b = add_one;
    assert_int_equal(small_resume(&s, &run), DFL_OK);
    assert_true(s.n == 2 && script.runs_of_a == 1);
    check_saved(run.store, "2:end 1:b 0:a ");
    /* What failed first was saved as the input already: nothing changed since. */
    script.a = fail_3;
    assert_int_equal(small_run(&s, &run), DFL_ENODE);
    check_saved(run.store, "0:a ");
    dfl_store_close(run.store);
    dfl__mem_free(&s.mem);
}

static void an_older_checkpoint_by_its_number(void **state) {
    Script script = {.a = add_one, .b = add_one, .mark_a = true};
    dfl_run run = {.user = &script, .thread_id = "t", .store = dfl_store_memory()};
    dfl_checkpoint latest;
    small s = {0};
    (void)state;
    assert_int_equal(small_run(&s, &run), DFL_OK);
    run.checkpoint = "2";
    assert_int_equal(small_resume(&s, &run), DFL_OK);
    assert_true(script.runs_of_a == 1 && script.runs_of_b == 2);
    assert_int_equal(dfl_store_latest(run.store, "t", &latest), DFL_OK);
    assert_true(latest.id == 4 && latest.previous == 2);
    dfl_store_close(run.store);
    dfl__mem_free(&s.mem);
}

/* ---- what cannot be loaded ---- */

static void check_unloadable(const dfl_graph *graph, dfl_run *run, uint32_t n_counts, int status,
                             const char *why) {
    dfl_error error = {0};
    small s = {.n = 77};
    run->error = &error;
    assert_int_equal(small_resume_of(graph, &s, run, n_counts), status);
    assert_string_equal(error.message, why);
    assert_int_equal(error.status, status);
    assert_int_equal(s.n, 77);
    run->error = NULL;
}

static void what_cannot_be_resumed_is_named(void **state) {
    Script script = {.a = add_one};
    dfl_run run = {.user = &script, .thread_id = "t", .store = dfl_store_memory()};
    dfl_graph graph = small_graph;
    small s = {0};
    (void)state;
    check_unloadable(&graph, &run, 1, DFL_ENOTFOUND, "the store has no thread 't'");
    script.b = fail_3;
    assert_int_equal(small_run(&s, &run), DFL_ENODE);
    run.checkpoint = "12";
    check_unloadable(&graph, &run, 1, DFL_ENOTFOUND, "thread 't' has no checkpoint 12");
    run.checkpoint = "1x";
    check_unloadable(&graph, &run, 1, DFL_EINVAL, "checkpoint '1x' is not a number");
    run.checkpoint = "18446744073709551616";
    check_unloadable(&graph, &run, 1, DFL_EINVAL,
                     "checkpoint '18446744073709551616' is not a number");
    run.checkpoint = NULL;
    check_unloadable(&graph, &run, 2, DFL_ESCHEMA,
                     "the checkpoint counts other loops than graph 'small'");
    graph.name = "large";
    check_unloadable(&graph, &run, 1, DFL_ESCHEMA,
                     "the checkpoint is one of graph 'small', not of 'large'");
    graph = small_graph;
    graph.schema++;
    check_unloadable(&graph, &run, 1, DFL_ESCHEMA,
                     "the checkpoint has other fields than graph 'small', and the "
                        "store does not tell which");
    dfl_store_close(run.store);
}

static void a_node_that_is_gone_is_named(void **state) {
    static const dfl_place renamed[] = {{DFL_PLACE_START, "start", "", -1, -1, -1},
                                        {DFL_PLACE_NODE, "a", "", -1, -1, -1},
                                        {DFL_PLACE_NODE, "bee", "", -1, -1, -1},
                                        {DFL_PLACE_END, "end", "", -1, -1, -1}};
    Script script = {.a = add_one, .b = fail_3};
    dfl_run run = {.user = &script, .thread_id = "t", .store = dfl_store_memory()};
    dfl_graph graph = small_graph;
    small s = {0};
    (void)state;
    assert_int_equal(small_run(&s, &run), DFL_ENODE);
    graph.places = renamed;
    check_unloadable(&graph, &run, 1, DFL_ESCHEMA,
                     "the checkpoint goes on at 'b', which graph 'small' has not");
    dfl_store_close(run.store);
}

static void resuming_takes_a_store_or_a_pause(void **state) {
    dfl_run run = {.thread_id = "t"};
    (void)state;
    check_unloadable(&small_graph, &run, 1, DFL_ENOTFOUND,
                     "the state has not paused, and there is no store to resume from");
    run.checkpoint = "1";
    check_unloadable(&small_graph, &run, 1, DFL_EINVAL, "a checkpoint takes a store");
    assert_int_equal(dfl__load(&small_graph, &(small){0}, NULL, NULL), DFL_EINVAL);
}

/* ---- a store that fails, or that returns rubbish ---- */

typedef struct Broken {
    dfl_store store;
    int puts, fail_at; /* which put fails */
    const uint8_t *body;
    size_t n;
} Broken;

static int broken_put(void *self, const dfl_record *record, dfl_durability durability,
                      uint64_t *id) {
    Broken *broken = self;
    (void)record, (void)durability;
    *id = (uint64_t)++broken->puts;
    errno = ENOSPC;
    return broken->puts == broken->fail_at ? DFL_ESTORE : DFL_OK;
}

static int broken_read(void *self, const char *thread, uint64_t id, dfl_record *out,
                       dfl_buf *hold) {
    const Broken *broken = self;
    (void)thread, (void)id, (void)hold;
    if (!broken->body) {
        errno = EIO;
        return DFL_ESTORE;
    }
    *out = (dfl_record){.graph = "small", .layout = 0x77, .body = broken->body, .n = broken->n};
    out->about.next = "b";
    return DFL_OK;
}

static const dfl_store_ops broken_ops = {.put = broken_put, .read = broken_read};

static void a_failing_save_ends_the_run(void **state) {
    (void)state;
    for (int at = 1; at <= 3; at++) {
        Broken broken = {.fail_at = at};
        Script script = {.a = add_one, .mark_a = true};
        dfl_error error;
        dfl_run run = {.user = &script, .thread_id = "t", .store = &broken.store, .error = &error};
        small s = {0};
        broken.store = (dfl_store){&broken_ops, &broken};
        errno = 0;
        assert_int_equal(small_run(&s, &run), DFL_ESTORE);
        assert_int_equal(errno, ENOSPC);
        assert_int_equal(error.code, ENOSPC);
        assert_string_equal(error.message, "the store failed to save a checkpoint");
        assert_int_equal(script.runs_of_a, at > 1);
        assert_int_equal(script.runs_of_b, at > 2);
    }
}

/* The node's failure is what the caller must hear of. */
static void a_failing_save_hides_no_failure(void **state) {
    Broken broken = {.fail_at = 2};
    Script script = {.a = add_one, .b = fail_3};
    dfl_error error;
    dfl_run run = {.user = &script, .thread_id = "t", .store = &broken.store, .error = &error};
    small s = {0};
    (void)state;
    broken.store = (dfl_store){&broken_ops, &broken};
    assert_int_equal(small_run(&s, &run), DFL_ENODE);
    assert_string_equal(error.message, "no way");
    assert_int_equal(broken.puts, 2);
}

static void rubbish_is_not_loaded(void **state) {
    Broken broken = {0};
    dfl_run run = {.thread_id = "t", .store = &broken.store};
    dfl_buf good = {0};
    (void)state;
    broken.store = (dfl_store){&broken_ops, &broken};
    check_unloadable(&small_graph, &run, 1, DFL_ESTORE,
                     "the checkpoint of thread 't' cannot be read");
    memcpy(dfl__buf_room(&good, 5), "\x02\x00\x01\x05\x00", 5);
    assert_int_equal(small_encode(&(small){.n = 3}, &good), DFL_OK);
    broken.body = good.p;
    for (broken.n = 0; broken.n < good.n; broken.n++)
        check_unloadable(&small_graph, &run, 1, DFL_ECORRUPT,
                         broken.n < 5 ? "the checkpoint is damaged"
                                      : "the checkpoint's state cannot be decoded");
    good.p[2] = 200;
    check_unloadable(&small_graph, &run, 1, DFL_ECORRUPT, "the checkpoint is damaged");
    good.p[0] = 3;
    check_unloadable(&small_graph, &run, 1, DFL_ESCHEMA,
                     "the checkpoint is of form 3, and this reads form 2");
    dfl_buf_free(&good);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(null_options_are_a_plain_run),
        cmocka_unit_test(senseless_options_are_refused),
        cmocka_unit_test(a_node_can_ask),
        cmocka_unit_test(a_ctx_of_ones_own_answers_too),
        cmocka_unit_test(a_failure_is_told),
        cmocka_unit_test(a_message_is_of_its_attempt),
        cmocka_unit_test(messages_are_cut_between_characters),
        cmocka_unit_test(no_memory_fails_a_node_that_did_not_look),
        cmocka_unit_test(a_deadline_ends_the_run_at_the_next_node),
        cmocka_unit_test(a_cancelled_run_does_not_begin),
        cmocka_unit_test(what_is_saved_when),
        cmocka_unit_test(work_at_risk_is_saved),
        cmocka_unit_test(after_a_resume_nothing_is_at_risk),
        cmocka_unit_test(a_failed_run_saves_where_it_stood),
        cmocka_unit_test(an_older_checkpoint_by_its_number),
        cmocka_unit_test(what_cannot_be_resumed_is_named),
        cmocka_unit_test(a_node_that_is_gone_is_named),
        cmocka_unit_test(resuming_takes_a_store_or_a_pause),
        cmocka_unit_test(a_failing_save_ends_the_run),
        cmocka_unit_test(a_failing_save_hides_no_failure),
        cmocka_unit_test(rubbish_is_not_loaded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
