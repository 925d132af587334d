// needs: tsan
// Events: which come, in which order, one at a time, and none that was not asked for.
#include "rt_run.h"

#include "branches.h"

#include <stdatomic.h>
#include <unistd.h>

static const char *const kinds[] = {
    "run",        "run_end", "node",      "node_end", "error",   "edge",    "fork",    "join",
    "save",       "load",    "limit",     "retry",    "custom",  "paused",  "resumed", "branch",
    "branch_end", "chunk",   "chunk_end", "merge",    "timeout", "updates", "values"};

typedef struct Trace {
    char text[8192];
    uint64_t sequence, run;
    atomic_int inside;
    int64_t ns;
    dfl_event last;
    dfl_error error;
    char thread[32];
} Trace;

/* "kind path>to" and, where it is told, ":status"; a comma after each. */
static void note(void *user, const dfl_event *event) {
    Trace *trace = user;
    size_t n = strlen(trace->text);
    assert_int_equal(atomic_fetch_add(&trace->inside, 1), 0);
    assert_int_equal(event->sequence, trace->sequence + 1);
    trace->sequence = event->sequence;
    trace->run = event->run;
    trace->last = *event;
    if (event->thread_id)
        snprintf(trace->thread, sizeof trace->thread, "%s of %s", dfl_event_name(event->kind),
                 event->thread_id);
    if (event->error)
        trace->error = *event->error;
    snprintf(trace->text + n, sizeof trace->text - n, "%s %s%s%s", kinds[event->kind], event->path,
             event->to ? ">" : "", event->to ? event->to : "");
    n = strlen(trace->text);
    if (event->status)
        snprintf(trace->text + n, sizeof trace->text - n, ":%d,", event->status);
    else
        snprintf(trace->text + n, sizeof trace->text - n, ",");
    atomic_fetch_sub(&trace->inside, 1);
}

static void check_trace(Trace *trace, const char *expected) {
    assert_string_equal(trace->text, expected);
    trace->text[0] = '\0';
    trace->sequence = 0;
}

static int fail_3(dfl_ctx *ctx, int64_t *n) {
    (void)n;
    return dfl_fail(ctx, 3, "no way");
}

static int speak(dfl_ctx *ctx, int64_t *n) {
    (void)n;
    dfl_emit(ctx, "said", (dfl_bytes){(const uint8_t *)"abc", 3});
    return 0;
}

/* ---- a run without sections ---- */

static void everything_in_order(void **state) {
    static Trace trace;
    dfl_hooks hooks = {.mask = DFL_EV_ALL, .on_event = note, .user = &trace};
    Script script = {.a = speak};
    dfl_run run = {.user = &script, .hooks = &hooks};
    small s = {0};
    (void)state;
    assert_int_equal(small_run(&s, &run), DFL_OK);
    check_trace(&trace, "run small,edge start>a,node a,custom a>said,node_end a,"
                        "edge a>b,node b,node_end b,edge b>end,run_end small,");
    assert_true(trace.last.duration_ns >= 0 && trace.last.graph == &small_graph);
    assert_true(trace.last.branch == -1 && trace.last.index == -1 && !trace.last.error);
}

static void only_what_was_asked_for(void **state) {
    static Trace trace;
    static const struct {
        uint32_t mask;
        const char *expected;
    } cases[] = {
        {0, ""},
        {DFL_EV_RUN, "run small,run_end small,"},
        {DFL_EV_NODE, "node a,node_end a,node b,node_end b,"},
        {DFL_EV_EDGE, "edge start>a,edge a>b,edge b>end,"},
        {DFL_EV_SECTION, ""},
        {DFL_EV_CHECKPOINT, "save a,save end,"},
        {DFL_EV_CUSTOM, "custom a>said,"},
        {DFL_EV_EDGE | DFL_EV_CUSTOM, "edge start>a,custom a>said,edge a>b,edge b>end,"},
        {DFL_STREAM_UPDATES, ""},
        {DFL_STREAM_VALUES, "values a,values b,"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        dfl_hooks hooks = {.mask = cases[i].mask, .on_event = note, .user = &trace};
        Script script = {.a = speak};
        dfl_run run = {.user = &script, .hooks = &hooks, .thread_id = "t"};
        small s = {0};
        run.store = dfl_store_memory();
        assert_int_equal(small_run(&s, &run), DFL_OK);
        check_trace(&trace, cases[i].expected);
        dfl_store_close(run.store);
    }
    small s = {0};
    Script script = {0};
    dfl_hooks deaf = {.mask = DFL_EV_ALL};
    assert_int_equal(small_run(&s, &(dfl_run){.user = &script, .hooks = &deaf}), DFL_OK);
}

static void failures_are_told(void **state) {
    static Trace trace;
    dfl_hooks hooks = {.mask = DFL_EV_NODE | DFL_EV_RUN, .on_event = note, .user = &trace};
    Script script = {.b = fail_3};
    dfl_run run = {.user = &script, .hooks = &hooks};
    small s = {0};
    (void)state;
    assert_int_equal(small_run(&s, &run), DFL_ENODE);
    check_trace(&trace, "run small,node a,node_end a,node b,error b:-1,run_end small:-1,");
    assert_string_equal(trace.error.message, "no way");
    assert_string_equal(trace.error.node, "b");
    assert_int_equal(trace.error.code, 3);
}

static void a_run_that_cannot_begin_ends_too(void **state) {
    static Trace trace;
    dfl_hooks hooks = {.mask = DFL_EV_ALL, .on_event = note, .user = &trace};
    Script script = {0};
    dfl_run run = {.user = &script, .hooks = &hooks, .timeout_ns = -1};
    small s = {0};
    (void)state;
    assert_int_equal(small_run(&s, &run), DFL_EINVAL);
    check_trace(&trace, "run small,run_end small:-12,");
    run.timeout_ns = 0;
    assert_int_equal(small_resume(&s, &run), DFL_ENOTFOUND);
    check_trace(&trace, "run small,run_end small:-10,");
}

static void saves_and_loads(void **state) {
    static Trace trace;
    dfl_hooks hooks = {.mask = DFL_EV_CHECKPOINT | DFL_EV_EDGE, .on_event = note, .user = &trace};
    Script script = {.b = fail_3, .mark_a = true};
    dfl_run run = {.user = &script, .hooks = &hooks, .thread_id = "t"};
    small s = {0};
    (void)state;
    run.store = dfl_store_memory();
    assert_int_equal(small_run(&s, &run), DFL_ENODE);
    check_trace(&trace, "save a,edge start>a,save b,edge a>b,");
    assert_int_equal(trace.last.checkpoint, 0);
    script.b = NULL;
    /* The edge to b was taken by the run before. */
    assert_int_equal(small_resume(&s, &run), DFL_OK);
    check_trace(&trace, "load b,edge b>end,save end,");
    assert_int_equal(trace.last.checkpoint, 3);
    dfl_store_close(run.store);
    dfl__mem_free(&s.mem);
}

static void runs_have_numbers(void **state) {
    static Trace trace;
    dfl_hooks hooks = {.mask = DFL_EV_RUN, .on_event = note, .user = &trace};
    Script script = {0};
    dfl_run run = {.user = &script, .hooks = &hooks};
    small s = {0};
    uint64_t first;
    (void)state;
    assert_int_equal(small_run(&s, &run), DFL_OK);
    first = trace.run;
    check_trace(&trace, "run small,run_end small,");
    assert_int_equal(small_run(&s, &run), DFL_OK);
    assert_true(first >= 1 && trace.run == first + 1);
    assert_string_equal(trace.thread, "");
    check_trace(&trace, "run small,run_end small,");
    run.thread_id = "anna";
    assert_int_equal(small_run(&s, &run), DFL_OK);
    assert_string_equal(trace.thread, "run_start of anna");
    assert_null(trace.last.thread_id);
}

/* ---- sections ----
 *
 *     start -> [l, [ra, rb] -> r] -> end      places 1: l, 2: ra, 3: rb, 4: r, 6: outer, 7: inner */

static const dfl_place nested_places[] = {
    {DFL_PLACE_START, "start", "", -1, -1, -1},   {DFL_PLACE_NODE, "l", "", 6, 0, -1},
    {DFL_PLACE_NODE, "ra", "", 7, 0, -1},         {DFL_PLACE_NODE, "rb", "", 7, 1, -1},
    {DFL_PLACE_NODE, "r", "", 6, 1, -1},          {DFL_PLACE_END, "end", "", -1, -1, -1},
    {DFL_PLACE_SECTION, "outer", "", -1, -1, -1}, {DFL_PLACE_SECTION, "inner", "", 6, 1, -1}};
static const dfl_graph nested_graph = {.abi = DFL_ABI_VERSION,
                                       .name = "nested",
                                       .places = nested_places,
                                       .n_places = 8,
                                       .n_nodes = 6,
                                       .state = &type_small,
                                       .mem_offset = offsetof(small, mem)};

/* Of a nested_run: 5 for each of four nodes, 2 for each section, 3 edges, 2 for the run. */
enum { EVENTS = 31 };

static int node(dfl_ctx *ctx, uint32_t place) {
    char text[16];
    int rc = dfl__before(ctx, place);
    if (rc != DFL_OK)
        return rc;
    for (int i = 0; i < 3; i++) {
        snprintf(text, sizeof text, "%d", i);
        dfl_emit(ctx, text, (dfl_bytes){(const uint8_t *)text, 1});
        /* The name and the data were only lent. */
        memset(text, 'x', sizeof text);
    }
    return dfl__after(ctx, place, 0);
}

static int left(dfl_ctx *ctx, void *frame) {
    (void)frame;
    usleep(500);
    return node(ctx, 1);
}

static int inner_branch(dfl_ctx *ctx, void *frame) {
    uint32_t place = *(const uint32_t *)frame;
    if (place == 2)
        usleep(500);
    return node(ctx, place);
}

static int section(dfl_ctx *ctx, uint32_t place, int (*const body[2])(dfl_ctx *, void *)) {
    uint32_t frames[2] = {2, 3};
    Branch branches[2];
    int rc = dfl__before(ctx, place);
    if (rc != DFL_OK)
        return rc;
    for (int i = 0; i < 2; i++) {
        branches[i].body = body[i];
        branches[i].frame = &frames[i];
        branches[i].type = NULL;
    }
    rc = run_branches(ctx, branches, 2, false);
    return dfl__after_section(ctx, place, rc);
}

static int right(dfl_ctx *ctx, void *frame) {
    static int (*const body[2])(dfl_ctx *, void *) = {inner_branch, inner_branch};
    int rc = section(ctx, 7, body);
    (void)frame;
    return rc == DFL_OK ? node(ctx, 4) : rc;
}

static int nested_run(const dfl_run *options) {
    static int (*const body[2])(dfl_ctx *, void *) = {left, right};
    small s = {0};
    dfl__run self;
    int rc = dfl__run_begin(&self, &nested_graph, &s, options, NULL, 0);
    if (rc == DFL_OK)
        rc = section(&self.ctx, 6, body);
    if (rc == DFL_OK)
        rc = dfl__before(&self.ctx, 5);
    rc = dfl__run_end(&self, rc);
    dfl__mem_free(&s.mem);
    return rc;
}

#define CUSTOM(NODE)                                                                               \
    "node " NODE ",custom " NODE ">0,custom " NODE ">1,custom " NODE ">2,node_end " NODE ","

static void ordered_events_are_in_written_order(void **state) {
    static Trace trace;
    dfl_hooks hooks = {.mask = DFL_EV_ALL, .on_event = note, .user = &trace, .ordered = true};
    (void)state;
    for (unsigned threads = 1; threads <= 4; threads++) {
        dfl_pool *pool = dfl_pool_new(threads);
        for (int round = 0; round < 20; round++) {
            assert_int_equal(nested_run(&(dfl_run){.hooks = &hooks, .pool = pool}), DFL_OK);
            check_trace(&trace, "run nested,edge start>outer,fork outer," CUSTOM(
                                    "l") "fork inner," CUSTOM("ra")
                                    CUSTOM("rb") "merge inner,join inner,edge inner>r," CUSTOM(
                                        "r") "merge outer,join outer,edge outer>end,run_end nested,");
        }
        dfl_pool_free(pool);
    }
}

/* Branches interleave, but each comes in its own order, one event at a time (see note). */
static void unordered_events_come_at_once(void **state) {
    static Trace trace;
    dfl_hooks hooks = {.mask = DFL_EV_ALL, .on_event = note, .user = &trace};
    dfl_pool *pool = dfl_pool_new(3);
    (void)state;
    for (int round = 0; round < 50; round++) {
        const char *ra, *rb, *join;
        assert_int_equal(nested_run(&(dfl_run){.hooks = &hooks, .pool = pool}), DFL_OK);
        ra = strstr(trace.text, "node_end ra,");
        rb = strstr(trace.text, "node_end rb,");
        join = strstr(trace.text, "join inner,");
        assert_true(ra && rb && join && ra < join && rb < join);
        assert_true(strstr(trace.text, "fork outer,") < strstr(trace.text, "node l,"));
        assert_int_equal(trace.sequence, EVENTS);
        trace.text[0] = '\0';
        trace.sequence = 0;
    }
    dfl_pool_free(pool);
}

static void a_slow_callback(void *user, const dfl_event *event) {
    if (event->kind == DFL_EVENT_CUSTOM)
        usleep(1000);
    note(user, event);
}

static void a_callback_may_be_slow(void **state) {
    static Trace trace;
    dfl_hooks hooks = {.mask = DFL_EV_ALL, .on_event = a_slow_callback, .user = &trace};
    dfl_pool *pool = dfl_pool_new(3);
    (void)state;
    assert_int_equal(nested_run(&(dfl_run){.hooks = &hooks, .pool = pool}), DFL_OK);
    assert_int_equal(trace.sequence, EVENTS);
    dfl_pool_free(pool);
}

/* Events that there is no memory to hold come at once: out of order, but all of them. */
static void without_memory_nothing_is_lost(void **state) {
    static Trace trace;
    dfl_hooks hooks = {.mask = DFL_EV_ALL, .on_event = note, .user = &trace, .ordered = true};
    dfl_pool *pool = dfl_pool_new(1);
    (void)state;
    for (long n = 0; n < 40; n++) {
        dfl__fail_after(n);
        assert_int_equal(nested_run(&(dfl_run){.hooks = &hooks, .pool = pool}), DFL_OK);
        dfl__fail_after(-1);
        assert_int_equal(trace.sequence, EVENTS);
        trace.text[0] = '\0';
        trace.sequence = 0;
    }
    dfl_pool_free(pool);
}

/* An edge is no edge from element to element of an each that runs inline. */
static void elements_are_no_edges(void **state) {
    static Trace trace;
    dfl_hooks hooks = {.mask = DFL_EV_EDGE | DFL_EV_SECTION, .on_event = note, .user = &trace};
    small s = {0};
    dfl__run self;
    dfl_run options = {.hooks = &hooks};
    dfl_ctx *ctx = &self.ctx;
    (void)state;
    assert_int_equal(dfl__run_begin(&self, &nested_graph, &s, &options, NULL, 0), DFL_OK);
    assert_int_equal(dfl__before(ctx, 6), DFL_OK);
    for (ctx->index = 0; ctx->index < 3; ctx->index++) {
        assert_int_equal(dfl__before(ctx, 1), DFL_OK);
        assert_int_equal(dfl__after(ctx, 1, 0), DFL_OK);
    }
    ctx->index = -1;
    assert_int_equal(dfl__after_section(ctx, 6, DFL_OK), DFL_OK);
    assert_int_equal(dfl__before(ctx, 5), DFL_OK);
    assert_int_equal(dfl__run_end(&self, DFL_OK), DFL_OK);
    check_trace(&trace, "edge start>outer,fork outer,merge outer,join outer,edge outer>end,");
}

/* ---- spans ---- */

enum { MOST_SPANS = 64 };

typedef struct Spans {
    struct {
        const char *path;
        bool open;
        uint64_t parent;
    } of[MOST_SPANS];
} Spans;

static bool begins(dfl_event_kind kind) {
    return kind == DFL_EVENT_RUN_START || kind == DFL_EVENT_NODE_START || kind == DFL_EVENT_FORK;
}

static void note_span(void *user, const dfl_event *event) {
    Spans *spans = user;
    assert_true(event->span >= 1 && event->span < MOST_SPANS);
    if (begins(event->kind)) {
        assert_true(!spans->of[event->span].path);
        spans->of[event->span].path = event->path;
        spans->of[event->span].open = true;
        spans->of[event->span].parent = event->parent;
    }
    assert_true(spans->of[event->span].open);
    if (event->parent)
        assert_true(spans->of[event->parent].open);
    if (event->kind == DFL_EVENT_RUN_END || event->kind == DFL_EVENT_NODE_END ||
        event->kind == DFL_EVENT_JOIN) {
        assert_string_equal(spans->of[event->span].path, event->path);
        assert_int_equal(spans->of[event->span].parent, event->parent);
        spans->of[event->span].open = false;
    }
    assert_true(event->since_ns >= 0);
}

static const char *parent_of(const Spans *spans, const char *path) {
    for (size_t i = 1; i < MOST_SPANS; i++)
        if (spans->of[i].path && strcmp(spans->of[i].path, path) == 0)
            return spans->of[i].parent ? spans->of[spans->of[i].parent].path : "";
    return NULL;
}

/* Each start has a number of its own, its end the same, and both what is around them. */
static void spans_are_numbered(void **state) {
    dfl_pool *pool = dfl_pool_new(3);
    (void)state;
    for (int round = 0; round < 50; round++) {
        Spans spans = {0};
        dfl_hooks hooks = {.mask = DFL_EV_ALL, .on_event = note_span, .user = &spans};
        hooks.ordered = round % 2;
        assert_int_equal(nested_run(&(dfl_run){.hooks = &hooks, .pool = pool}), DFL_OK);
        assert_string_equal(parent_of(&spans, "nested"), "");
        assert_string_equal(parent_of(&spans, "outer"), "nested");
        assert_string_equal(parent_of(&spans, "l"), "outer");
        assert_string_equal(parent_of(&spans, "inner"), "outer");
        assert_string_equal(parent_of(&spans, "ra"), "inner");
        assert_string_equal(parent_of(&spans, "rb"), "inner");
        assert_string_equal(parent_of(&spans, "r"), "outer");
        for (size_t i = 1; i < MOST_SPANS; i++)
            assert_false(spans.of[i].open);
    }
    dfl_pool_free(pool);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_in_order),
        cmocka_unit_test(only_what_was_asked_for),
        cmocka_unit_test(failures_are_told),
        cmocka_unit_test(a_run_that_cannot_begin_ends_too),
        cmocka_unit_test(saves_and_loads),
        cmocka_unit_test(runs_have_numbers),
        cmocka_unit_test(ordered_events_are_in_written_order),
        cmocka_unit_test(unordered_events_come_at_once),
        cmocka_unit_test(a_callback_may_be_slow),
        cmocka_unit_test(without_memory_nothing_is_lost),
        cmocka_unit_test(elements_are_no_edges),
        cmocka_unit_test(spans_are_numbered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
