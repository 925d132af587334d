// needs: tsan
// The trace: which line an event becomes and on which track, what is cut, and that the file is a trace
// whatever fails. tests/exec/trace_of_runs holds it against whole runs.
#include "rt_run.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

#include "../exec/trace_check.h"
#include "scratch.h"

static int64_t clock_ns; /* of events by hand */

static const char *file_path(void) {
    return scratch_path("trace.json");
}

static dfl_hooks *open_trace(void) {
    dfl_hooks *hooks;
    scratch_begin();
    hooks = dfl_trace_open(file_path());
    assert_non_null(hooks);
    clock_ns = dfl__now();
    return hooks;
}

static TraceFile close_trace(dfl_hooks *hooks) {
    assert_int_equal(dfl_trace_close(hooks), DFL_OK);
    return trace_check(file_path());
}

static void end_trace(TraceFile *file) {
    trace_free(file);
    scratch_end();
}

/* ---- events by hand ---- */

static dfl_event event_of(dfl_event_kind kind, uint64_t run, uint64_t span, const char *path) {
    return (dfl_event){.kind = kind,
                       .run = run,
                       .sequence = 1,
                       .ns = ++clock_ns,
                       .span = span,
                       .graph = &small_graph,
                       .place = UINT32_MAX,
                       .to_place = UINT32_MAX,
                       .path = path,
                       .branch = -1,
                       .index = -1};
}

static void give(dfl_hooks *hooks, dfl_event event) {
    hooks->on_event(hooks->user, &event);
}

static void tell_run(dfl_hooks *hooks, uint64_t run, bool starts) {
    give(hooks, event_of(starts ? DFL_EVENT_RUN_START : DFL_EVENT_RUN_END, run, 1, "small"));
}

/* The n-th event of this phase and category in order of tracks and times. */
static const char *nth(const TraceFile *file, char phase, const char *category, size_t n) {
    for (size_t i = 0; i < file->n; i++)
        if (file->events[i].phase == phase &&
            json_is(json_get(file->events[i].at, "cat"), category) && n-- == 0)
            return file->events[i].at;
    fail_msg("no '%c' of %s", phase, category);
    return NULL;
}

static long long number(const char *at, const char *name) {
    return strtoll(json_need(at, name), NULL, 10);
}

/* ---- tracks ---- */

static void runs_one_after_another_share_a_track(void **state) {
    dfl_hooks *hooks = open_trace();
    TraceFile file;
    (void)state;
    for (uint64_t run = 1; run <= 1000; run++) {
        tell_run(hooks, run, true);
        tell_run(hooks, run, false);
    }
    file = close_trace(hooks);
    assert_int_equal(file.phases['M'], 2);
    assert_int_equal(trace_count(&file, 'B', "run", "small"), 1000);
    end_trace(&file);
}

static void runs_at_once_have_tracks_of_their_own(void **state) {
    dfl_hooks *hooks = open_trace();
    TraceFile file;
    (void)state;
    for (uint64_t run = 1; run <= 1000; run++)
        tell_run(hooks, run, true);
    for (uint64_t run = 1; run <= 1000; run++)
        tell_run(hooks, run, false);
    /* The lowest one is free again. */
    tell_run(hooks, 1001, true);
    tell_run(hooks, 1001, false);
    file = close_trace(hooks);
    assert_int_equal(file.phases['M'], 1001);
    assert_int_equal(number(nth(&file, 'B', "run", 1), "tid"), 1000000);
    assert_int_equal(number(nth(&file, 'B', "run", 1000), "tid"), 1000999);
    end_trace(&file);
}

static void a_run_tells_its_thread(void **state) {
    dfl_hooks *hooks = open_trace();
    dfl_event start = event_of(DFL_EVENT_RUN_START, 1, 1, "small");
    TraceFile file;
    (void)state;
    start.thread_id = "an\na";
    give(hooks, start);
    tell_run(hooks, 1, false);
    tell_run(hooks, 2, true);
    tell_run(hooks, 2, false);
    file = close_trace(hooks);
    assert_true(
        json_is(json_need(json_need(nth(&file, 'B', "run", 0), "args"), "thread"), "an\\na"));
    assert_null(json_get(nth(&file, 'B', "run", 1), "args"));
    end_trace(&file);
}

/* A run that begins on another thread before the last one has ended, and is told of afterwards. */
static void a_track_is_free_when_its_run_has_ended(void **state) {
    dfl_hooks *hooks = open_trace();
    TraceFile file;
    dfl_event early;
    (void)state;
    tell_run(hooks, 1, true);
    early = event_of(DFL_EVENT_RUN_START, 2, 1, "small");
    tell_run(hooks, 1, false);
    give(hooks, early);
    tell_run(hooks, 2, false);
    file = close_trace(hooks);
    assert_int_equal(number(nth(&file, 'B', "run", 1), "tid"), 1000001);
    end_trace(&file);
}

/* A run within a node of a branch: what a thread of a pool does is on its track, whatever run it is of. */
static void a_thread_of_a_pool_is_a_track(void **state) {
    dfl_hooks *hooks = open_trace();
    TraceFile file;
    (void)state;
    tell_run(hooks, 1, true);
    for (dfl_event_kind kind = DFL_EVENT_NODE_START; kind <= DFL_EVENT_NODE_END; kind++) {
        dfl_event event = event_of(kind, 1, 2, "a");
        event.worker = 70, event.parent = 1;
        if (kind == DFL_EVENT_NODE_START)
            give(hooks, event);
        for (dfl_event_kind run = DFL_EVENT_RUN_START;
             kind == DFL_EVENT_NODE_START && run <= DFL_EVENT_RUN_END; run++) {
            dfl_event inner = event_of(run, 2, 1, "other");
            inner.worker = 70;
            give(hooks, inner);
        }
        event.ns = ++clock_ns;
        if (kind == DFL_EVENT_NODE_END)
            give(hooks, event);
    }
    tell_run(hooks, 1, false);
    file = close_trace(hooks);
    assert_int_equal(number(nth(&file, 'B', "run", 0), "tid"), 70);
    assert_int_equal(number(nth(&file, 'B', "node", 0), "tid"), 70);
    assert_int_equal(number(nth(&file, 'B', "run", 1), "tid"), 1000000);
    end_trace(&file);
}

/* ---- what lines hold ---- */

static void times_are_exact(void **state) {
    dfl_hooks *hooks = open_trace();
    TraceFile file;
    dfl_event start = event_of(DFL_EVENT_RUN_START, 1, 1, "small"), end = start;
    int64_t origin = 0;
    (void)state;
    start.ns = 123456789012345678;
    end.kind = DFL_EVENT_RUN_END, end.ns = start.ns + 7;
    give(hooks, start);
    give(hooks, end);
    file = close_trace(hooks);
    for (size_t i = 0; i < file.n; i++)
        if (json_is(json_get(file.events[i].at, "name"), "dflc_trace")) {
            const char *args = json_need(file.events[i].at, "args");
            assert_int_equal(number(args, "version"), 1);
            origin = number(args, "monotonic_ns");
        }
    for (int i = 0; i < 2; i++) {
        const char *ts = json_need(nth(&file, i ? 'E' : 'B', "run", 0), "ts");
        char expected[64];
        int64_t ns = start.ns + 7 * i - origin;
        snprintf(expected, sizeof expected, "%lld.%03d,", (long long)(ns / 1000), (int)(ns % 1000));
        assert_memory_equal(ts, expected, strlen(expected));
    }
    end_trace(&file);
}

/* Text from anywhere: quotes, control characters, no UTF-8, and too much of it. */
static void any_text_is_safe(void **state) {
    enum { MANY = 5000 };
    dfl_hooks *hooks = open_trace();
    char longest[MANY + 1];
    uint8_t bytes[MANY];
    dfl_event event;
    TraceFile file;
    const char *args;
    (void)state;
    for (int i = 0; i < MANY; i += 2)
        memcpy(longest + i, "\xc3\xa4", 2);
    longest[MANY] = '\0';
    longest[1] = 'x'; /* from here on the limit is within a character */
    memset(bytes, 0xff, sizeof bytes);
    tell_run(hooks, 1, true);
    event = event_of(DFL_EVENT_CUSTOM, 1, 1, "a");
    event.to = "a\"\\\n\x01\xff";
    event.data = (dfl_bytes){(const uint8_t *)"\xff\0\xfe", 3};
    give(hooks, event);
    event = event_of(DFL_EVENT_CUSTOM, 1, 1, longest);
    event.to = longest + 1;
    event.data = (dfl_bytes){bytes, MANY};
    give(hooks, event);
    event = event_of(DFL_EVENT_CUSTOM, 1, 1, "a");
    event.to = "";
    event.data = (dfl_bytes){(const uint8_t *)"plain", 5};
    give(hooks, event);
    tell_run(hooks, 1, false);
    file = close_trace(hooks);
    args = nth(&file, 'i', "custom", 0);
    assert_memory_equal(json_need(args, "name"), "\"a\\\"\\\\\\n\\u0001\xef\xbf\xbd\"", 18);
    assert_memory_equal(json_need(json_need(args, "args"), "base64"), "\"/wD+\"", 6);
    args = nth(&file, 'i', "custom", 1);
    assert_int_equal(json_string(json_need(args, "name")) - json_need(args, "name"),
                     1023 + strlen("\"...\""));
    assert_memory_equal(json_need(json_need(args, "args"), "base64"), "\"\\\"/////", 8);
    args = nth(&file, 'i', "custom", 2);
    assert_memory_equal(json_need(json_need(args, "args"), "data"), "\"plain\"", 7);
    end_trace(&file);
}

static void values_are_cut_by_the_field(void **state) {
    dfl_hooks *hooks = open_trace();
    char text[3000];
    int64_t n = 5;
    dfl_str words = {text, sizeof text};
    dfl_bytes data = {(const uint8_t *)text, sizeof text};
    tree deep[1001] = {{{"x", 1}, {NULL, 0, 0}}};
    dfl_value values[] = {{"n", &dfl_type_i64, &n},
                          {"words", &dfl_type_string, &words},
                          {"data", &dfl_type_bytes, &data},
                          {"deep", &type_trees, &deep[1000].kids},
                          {"last", &dfl_type_i64, &n}};
    dfl_event event;
    TraceFile file;
    const char *wrote;
    (void)state;
    /* Of three bytes each: some limit is within one. */
    for (size_t i = 0; i < sizeof text; i += 3)
        memcpy(text + i, "\xe2\x82\xac", 3);
    for (int i = 1; i <= 1000; i++)
        deep[i].kids = (tree_list){&deep[i - 1], 1, 0};
    tell_run(hooks, 1, true);
    event = event_of(DFL_EVENT_UPDATES, 1, 1, "a");
    event.values = values, event.n_values = COUNT(values);
    give(hooks, event);
    tell_run(hooks, 1, false);
    file = close_trace(hooks);
    wrote = json_need(nth(&file, 'i', "updates", 0), "args");
    assert_int_equal(number(wrote, "cut"), 3);
    wrote = json_need(wrote, "wrote");
    assert_int_equal(number(wrote, "n"), 5);
    assert_int_equal(number(wrote, "last"), 5);
    for (size_t i = 1; i <= 3; i++) {
        const char *value = json_need(wrote, values[i].name);
        const char *end = json_string(value);
        assert_memory_equal(end - 4, "...\"", 4);
        assert_true(end - value > 1000 && end - value < 2048 + 16);
        assert_null(strstr(value, "\xef\xbf\xbd"));
    }
    end_trace(&file);
}

static void arrows_lead_from_section_to_section(void **state) {
    dfl_hooks *hooks = open_trace();
    TraceFile file;
    dfl_event event;
    (void)state;
    tell_run(hooks, 1, true);
    give(hooks, event_of(DFL_EVENT_FORK, 1, 2, "fan"));
    for (uint32_t i = 0; i < 8; i++) {
        event = event_of(DFL_EVENT_BRANCH_START, 1, 3 + i, "fan");
        event.parent = 2, event.branch = (int32_t)i, event.worker = i % 4;
        give(hooks, event);
        event.ns = ++clock_ns, event.kind = DFL_EVENT_BRANCH_END;
        give(hooks, event);
    }
    give(hooks, event_of(DFL_EVENT_JOIN, 1, 2, "fan"));
    tell_run(hooks, 1, false);
    file = close_trace(hooks);
    assert_int_equal(trace_count(&file, 's', "arrow", "fork"), 8);
    assert_int_equal(trace_count(&file, 's', "arrow", "join"), 8);
    end_trace(&file);
}

/* The elements of an each that runs inline are no arrows' business. */
static void elements_are_slices_without_arrows(void **state) {
    dfl_hooks *hooks = open_trace();
    TraceFile file;
    dfl_event event;
    (void)state;
    tell_run(hooks, 1, true);
    give(hooks, event_of(DFL_EVENT_FORK, 1, 2, "all"));
    for (int i = 0; i < 8; i++) {
        event = event_of(DFL_EVENT_BRANCH_START, 1, (uint64_t)(3 + i), "all");
        event.parent = 2, event.branch = 0, event.index = i;
        give(hooks, event);
        event.ns = ++clock_ns, event.kind = DFL_EVENT_BRANCH_END;
        give(hooks, event);
    }
    give(hooks, event_of(DFL_EVENT_JOIN, 1, 2, "all"));
    tell_run(hooks, 1, false);
    file = close_trace(hooks);
    assert_int_equal(trace_count(&file, 'B', "branch", "element"), 8);
    assert_int_equal(file.phases['s'], 0);
    assert_int_equal(number(json_need(nth(&file, 'E', "branch", 5), "args"), "element"), 5);
    end_trace(&file);
}

/* ---- whole runs ---- */

static int fail_3(dfl_ctx *ctx, int64_t *n) {
    (void)n;
    return dfl_fail(ctx, 3, "no way");
}

static int speak(dfl_ctx *ctx, int64_t *n) {
    (void)n;
    dfl_emit(ctx, "said", (dfl_bytes){(const uint8_t *)"abc", 3});
    return 0;
}

static int run_small(dfl_hooks *hooks, Script script) {
    small s = {0};
    int rc = small_run(&s, &(dfl_run){.hooks = hooks, .user = &script});
    dfl__mem_free(&s.mem);
    return rc;
}

static void errors_are_told(void **state) {
    dfl_hooks *hooks = open_trace();
    TraceFile file;
    const char *error;
    (void)state;
    assert_int_equal(run_small(hooks, (Script){.b = fail_3}), DFL_ENODE);
    file = close_trace(hooks);
    error = json_need(json_need(nth(&file, 'E', "node", 1), "args"), "error");
    assert_int_equal(number(error, "code"), 3);
    assert_true(json_is(json_need(error, "message"), "no way"));
    assert_true(json_is(json_need(error, "node"), "b"));
    assert_true(json_is(json_need(error, "file"), "small.dfl:4"));
    error = nth(&file, 'E', "run", 0);
    assert_true(json_is(json_need(json_need(error, "args"), "status"), "a node failed"));
    assert_int_equal(number(json_need(error, "dfl"), "status"), DFL_ENODE);
    end_trace(&file);
}

static void the_mask_can_be_narrowed(void **state) {
    static const uint32_t masks[] = {DFL_EV_RUN, DFL_EV_NODE | DFL_EV_PAUSE, DFL_EV_EDGE,
                                     DFL_EV_RUN | DFL_EV_CUSTOM, 0};
    static const size_t begins[] = {3, 6, 0, 3, 0}, instants[] = {0, 0, 9, 3, 0};
    (void)state;
    for (size_t i = 0; i < COUNT(masks); i++) {
        dfl_hooks *hooks = open_trace();
        TraceFile file;
        hooks->mask = masks[i];
        for (int k = 0; k < 3; k++)
            assert_int_equal(run_small(hooks, (Script){.a = speak}), DFL_OK);
        file = close_trace(hooks);
        assert_int_equal(file.phases['B'], begins[i]);
        assert_int_equal(file.phases['i'], instants[i]);
        end_trace(&file);
    }
}

static void one_that_saw_nothing_is_a_trace(void **state) {
    dfl_hooks *hooks = open_trace();
    TraceFile file = close_trace(hooks);
    (void)state;
    assert_int_equal(file.n, 1);
    end_trace(&file);
}

/* ---- failures ---- */

static void what_cannot_be_opened_is_said(void **state) {
    (void)state;
    errno = 0;
    assert_null(dfl_trace_open("/no/such/directory/x.json"));
    assert_int_equal(errno, ENOENT);
    assert_null(dfl_trace_open("/tmp"));
    assert_int_equal(errno, EISDIR);
    assert_null(dfl_trace_open(NULL));
    assert_int_equal(errno, EINVAL);
    for (int n = 0; n < 2; n++) {
        scratch_begin();
        errno = 0;
        dfl__fail_after(n);
        assert_null(dfl_trace_open(file_path()));
        dfl__fail_after(-1);
        assert_int_equal(errno, ENOMEM);
        scratch_end();
    }
    assert_int_equal(dfl_trace_close(NULL), DFL_OK);
}

static void a_full_disk_is_told_at_the_end(void **state) {
    dfl_hooks *hooks = dfl_trace_open("/dev/full");
    (void)state;
    assert_non_null(hooks);
    assert_int_equal(run_small(hooks, (Script){0}), DFL_OK);
    assert_int_equal(run_small(hooks, (Script){0}), DFL_OK);
    errno = 0;
    assert_int_equal(dfl_trace_close(hooks), DFL_ESTORE);
    assert_int_equal(errno, ENOSPC);
}

/* Wherever the disk is full, what was written until then is a trace. */
static void what_fits_is_a_trace(void **state) {
    struct rlimit before, limit;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    (void)state;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    for (rlim_t bytes = 1000; bytes < 9000; bytes += 777) {
        dfl_hooks *hooks = open_trace();
        TraceFile file;
        limit = (struct rlimit){bytes, before.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        for (int i = 0; i < 10; i++)
            assert_int_equal(run_small(hooks, (Script){.a = speak}), DFL_OK);
        errno = 0;
        assert_int_equal(dfl_trace_close(hooks), DFL_ESTORE);
        assert_int_equal(errno, EFBIG);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        file = trace_check_text(json_read(file_path()), false);
        assert_true(file.n >= 1);
        end_trace(&file);
    }
    signal(SIGXFSZ, handler);
}

/* A run of which there is no memory to tell is left out, and said at the end; slices nest all the same. */
static void without_memory_runs_are_left_out(void **state) {
    bool lost = false, whole = false;
    (void)state;
    for (long n = 0; n < 12; n++) {
        dfl_hooks *hooks = open_trace();
        TraceFile file;
        int status;
        dfl__fail_after(n);
        for (uint64_t run = 1; run <= 6; run++)
            tell_run(hooks, run, true);
        give(hooks, event_of(DFL_EVENT_FORK, 3, 2, "fan"));
        for (dfl_event_kind kind = DFL_EVENT_BRANCH_START; kind <= DFL_EVENT_BRANCH_END; kind++) {
            dfl_event event = event_of(kind, 3, 3, "fan");
            event.parent = 2, event.branch = 0;
            give(hooks, event);
        }
        give(hooks, event_of(DFL_EVENT_JOIN, 3, 2, "fan"));
        for (uint64_t run = 1; run <= 6; run++)
            tell_run(hooks, run, false);
        dfl__fail_after(-1);
        status = dfl_trace_close(hooks);
        file = trace_check(file_path());
        assert_int_equal(file.phases['B'], file.phases['E']);
        assert_true(status == DFL_OK || status == DFL_ENOMEM);
        assert_true(status == DFL_ENOMEM || file.phases['B'] == 8);
        lost = lost || status == DFL_ENOMEM;
        whole = whole || status == DFL_OK;
        end_trace(&file);
    }
    assert_true(lost && whole);
}

/* A line that needs more memory than there is: only it is missing. */
static void without_memory_a_line_is_left_out(void **state) {
    enum { FIELDS = 100 };
    dfl_hooks *hooks = open_trace();
    char text[3000];
    dfl_str value = {text, sizeof text};
    dfl_value values[FIELDS];
    dfl_event event;
    TraceFile file;
    (void)state;
    memset(text, 'x', sizeof text);
    for (int i = 0; i < FIELDS; i++)
        values[i] = (dfl_value){"field", &dfl_type_string, &value};
    tell_run(hooks, 1, true);
    event = event_of(DFL_EVENT_UPDATES, 1, 1, "a");
    event.values = values, event.n_values = FIELDS;
    dfl__fail_after(0);
    give(hooks, event);
    dfl__fail_after(-1);
    give(hooks, event);
    tell_run(hooks, 1, false);
    assert_int_equal(dfl_trace_close(hooks), DFL_ENOMEM);
    file = trace_check(file_path());
    assert_int_equal(trace_count(&file, 'i', "updates", NULL), 1);
    end_trace(&file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_one_after_another_share_a_track),
        cmocka_unit_test(runs_at_once_have_tracks_of_their_own),
        cmocka_unit_test(a_run_tells_its_thread),
        cmocka_unit_test(a_track_is_free_when_its_run_has_ended),
        cmocka_unit_test(a_thread_of_a_pool_is_a_track),
        cmocka_unit_test(times_are_exact),
        cmocka_unit_test(any_text_is_safe),
        cmocka_unit_test(values_are_cut_by_the_field),
        cmocka_unit_test(arrows_lead_from_section_to_section),
        cmocka_unit_test(elements_are_slices_without_arrows),
        cmocka_unit_test(errors_are_told),
        cmocka_unit_test(the_mask_can_be_narrowed),
        cmocka_unit_test(one_that_saw_nothing_is_a_trace),
        cmocka_unit_test(what_cannot_be_opened_is_said),
        cmocka_unit_test(a_full_disk_is_told_at_the_end),
        cmocka_unit_test(what_fits_is_a_trace),
        cmocka_unit_test(without_memory_runs_are_left_out),
        cmocka_unit_test(without_memory_a_line_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
