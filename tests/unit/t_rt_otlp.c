// needs: tsan
// Spans for OpenTelemetry: what a span says, what is cut or counted, when a line is written, and that lines are whole
// whatever fails. tests/exec/otlp_of_runs holds the file against whole runs.
#include "rt_run.h"

#include <errno.h>
#include <pthread.h>

#include "../exec/otlp_check.h"
#include "scratch.h"

static int64_t clock_ns; /* of events by hand */

static const char *file_path(void) {
    return scratch_path("spans.jsonl");
}

static dfl_hooks *open_otlp(void) {
    dfl_hooks *hooks;
    scratch_begin();
    hooks = dfl_otlp_open(file_path());
    assert_non_null(hooks);
    clock_ns = dfl__now();
    return hooks;
}

static OtlpFile close_otlp(dfl_hooks *hooks) {
    assert_int_equal(dfl_otlp_close(hooks), DFL_OK);
    return otlp_read(file_path(), true);
}

static void end_otlp(OtlpFile *file) {
    otlp_free(file);
    scratch_end();
}

static dfl_event event_of(dfl_event_kind kind, uint64_t run, uint64_t span, uint64_t parent) {
    return (dfl_event){.kind = kind,
                       .run = run,
                       .ns = ++clock_ns,
                       .span = span,
                       .parent = parent,
                       .graph = &small_graph,
                       .place = span == 1 ? UINT32_MAX : AT_A,
                       .path = span == 1 ? "small" : "a",
                       .branch = -1,
                       .index = -1};
}

static void give(dfl_hooks *hooks, dfl_event event) {
    hooks->on_event(hooks->user, &event);
}

static void tell(dfl_hooks *hooks, dfl_event_kind kind, uint64_t run, uint64_t span,
                 uint64_t parent) {
    give(hooks, event_of(kind, run, span, parent));
}

static const OtlpSpan *only(const OtlpFile *file, const char *name) {
    const OtlpSpan *span = NULL;
    assert_int_equal(otlp_count(file, name, &span), 1);
    return span;
}

static const char *attribute(const char *object, const char *key) {
    const char *value = otlp_attribute(object, key);
    assert_non_null(value);
    return value;
}

/* ---- spans ---- */

static void a_run_is_a_trace(void **state) {
    dfl_hooks *hooks = open_otlp();
    OtlpFile file;
    (void)state;
    for (uint64_t run = 1; run <= 3; run++) {
        tell(hooks, DFL_EVENT_RUN_START, run, 1, 0);
        tell(hooks, DFL_EVENT_NODE_START, run, 2, 1);
        tell(hooks, DFL_EVENT_NODE_END, run, 2, 1);
        tell(hooks, DFL_EVENT_RUN_END, run, 1, 0);
    }
    file = close_otlp(hooks);
    assert_int_equal(file.n, 6);
    assert_int_equal(file.lines, 3); /* one whenever nothing is under way */
    for (size_t i = 0; i < 6; i += 2) {
        assert_string_equal(file.spans[i].trace, file.spans[i + 1].trace);
        assert_string_equal(file.spans[i].parent, file.spans[i + 1].id);
        assert_string_equal(file.spans[i + 1].parent, "");
        assert_int_equal(file.spans[i].end - file.spans[i].start, 1);
        assert_true(i == 0 || strcmp(file.spans[i].trace, file.spans[0].trace) != 0);
    }
    assert_true(json_is(attribute(file.spans[0].at, "dfl.graph"), "small"));
    assert_true(json_is(attribute(file.spans[0].at, "code.file.path"), "small.dfl"));
    assert_true(json_is(attribute(file.spans[0].at, "code.line.number"), "3"));
    assert_true(json_is(attribute(file.spans[5].at, "dfl.run"), "3"));
    assert_null(otlp_attribute(file.spans[5].at, "code.file.path"));
    end_otlp(&file);
}

static void parts_of_sections_say_which_they_are(void **state) {
    dfl_hooks *hooks = open_otlp();
    dfl_event event;
    OtlpFile file;
    const char *at;
    (void)state;
    tell(hooks, DFL_EVENT_RUN_START, 1, 1, 0);
    tell(hooks, DFL_EVENT_FORK, 1, 2, 1);
    for (int end = 0; end < 2; end++) {
        event = event_of(end ? DFL_EVENT_CHUNK_END : DFL_EVENT_CHUNK_START, 1, 3, 2);
        event.branch = 7, event.worker = 4;
        give(hooks, event);
        event = event_of(end ? DFL_EVENT_BRANCH_END : DFL_EVENT_BRANCH_START, 1, 4, 2);
        event.branch = 0, event.index = 12;
        give(hooks, event);
    }
    tell(hooks, DFL_EVENT_JOIN, 1, 2, 1);
    tell(hooks, DFL_EVENT_RUN_END, 1, 1, 0);
    file = close_otlp(hooks);
    at = only(&file, "a chunk")->at;
    assert_true(json_is(attribute(at, "dfl.chunk"), "7"));
    assert_true(json_is(attribute(at, "dfl.worker"), "4"));
    at = only(&file, "a branch")->at;
    assert_true(json_is(attribute(at, "dfl.branch"), "0"));
    assert_true(json_is(attribute(at, "dfl.element"), "12"));
    only(&file, "a");
    end_otlp(&file);
}

static int fail_3(dfl_ctx *ctx, int64_t *n) {
    (void)n;
    return dfl_fail(ctx, 3, "no way");
}

static int run_small(dfl_hooks *hooks, Script script) {
    small s = {0};
    int rc = small_run(&s, &(dfl_run){.hooks = hooks, .user = &script});
    dfl__mem_free(&s.mem);
    return rc;
}

static void failures_are_errors(void **state) {
    dfl_hooks *hooks = open_otlp();
    OtlpFile file;
    const char *at;
    (void)state;
    assert_int_equal(run_small(hooks, (Script){.b = fail_3}), DFL_ENODE);
    file = close_otlp(hooks);
    assert_int_equal(file.n, 3);
    assert_null(json_get(only(&file, "a")->at, "status"));
    for (int i = 0; i < 2; i++) {
        at = only(&file, i ? "b" : "small")->at;
        assert_true(json_is(json_need(json_need(at, "status"), "message"), "no way"));
        assert_true(json_is(attribute(at, "dfl.code"), "3"));
        assert_true(json_is(attribute(at, "dfl.status"), "-1"));
    }
    end_otlp(&file);
}

static void a_pause_is_no_error(void **state) {
    dfl_hooks *hooks = open_otlp();
    dfl_event event;
    OtlpFile file;
    const char *at;
    (void)state;
    tell(hooks, DFL_EVENT_RUN_START, 1, 1, 0);
    tell(hooks, DFL_EVENT_NODE_START, 1, 2, 1);
    event = event_of(DFL_EVENT_PAUSED, 1, 2, 1);
    event.status = DFL_PAUSED, event.data = (dfl_bytes){(const uint8_t *)"well?", 5};
    give(hooks, event);
    event = event_of(DFL_EVENT_PAUSED, 1, 1, 0); /* before a node */
    event.path = "b", event.status = DFL_PAUSED;
    give(hooks, event);
    event = event_of(DFL_EVENT_RUN_END, 1, 1, 0);
    event.status = DFL_PAUSED;
    give(hooks, event);
    file = close_otlp(hooks);
    at = only(&file, "a")->at;
    assert_true(json_is(attribute(at, "dfl.question"), "well?"));
    assert_null(json_get(at, "status"));
    at = only(&file, "small")->at;
    assert_null(json_get(at, "status"));
    at = otlp_next(json_need(at, "events"), NULL);
    assert_true(json_is(json_need(at, "name"), "paused"));
    assert_true(json_is(attribute(at, "dfl.at"), "b"));
    end_otlp(&file);
}

/* A node that paused where nobody asks for pauses: it ends with its run. */
static void what_has_no_end_ends_with_its_run(void **state) {
    dfl_hooks *hooks = open_otlp();
    OtlpFile file;
    (void)state;
    tell(hooks, DFL_EVENT_RUN_START, 1, 1, 0);
    tell(hooks, DFL_EVENT_RUN_START, 2, 1, 0);
    for (uint64_t span = 2; span < 3000; span++)
        tell(hooks, DFL_EVENT_NODE_START, 1, span, 1);
    tell(hooks, DFL_EVENT_NODE_START, 2, 2, 1);
    tell(hooks, DFL_EVENT_RUN_END, 1, 1, 0);
    tell(hooks, DFL_EVENT_NODE_END, 2, 2, 1);
    tell(hooks, DFL_EVENT_RUN_END, 2, 1, 0);
    file = close_otlp(hooks);
    assert_int_equal(file.n, 2 + 2998 + 1);
    end_otlp(&file);
}

/* ---- events and data ---- */

static void many_events_are_counted(void **state) {
    dfl_hooks *hooks = open_otlp();
    dfl_event event;
    OtlpFile file;
    const char *at, *events;
    size_t n = 0;
    (void)state;
    tell(hooks, DFL_EVENT_RUN_START, 1, 1, 0);
    for (int i = 0; i < 1000; i++) {
        event = event_of(DFL_EVENT_SAVED, 1, 1, 0);
        event.checkpoint = (uint64_t)i;
        give(hooks, event);
    }
    tell(hooks, DFL_EVENT_RUN_END, 1, 1, 0);
    file = close_otlp(hooks);
    at = only(&file, "small")->at;
    events = json_need(at, "events");
    assert_true(
        json_is(attribute(otlp_next(events, otlp_next(events, NULL)), "dfl.checkpoint"), "1"));
    for (const char *p = otlp_next(events, NULL); p; p = otlp_next(events, p))
        n++;
    assert_int_equal(n, 128);
    assert_int_equal(strtol(json_need(at, "droppedEventsCount"), NULL, 10), 1000 - 128);
    end_otlp(&file);
}

static void any_data_is_safe(void **state) {
    enum { MANY = 5000 };
    static uint8_t text[MANY], bytes[MANY];
    const dfl_bytes data[] = {{(const uint8_t *)"a\"\n\0", 4},
                              {text, MANY},
                              {(const uint8_t *)"\xff\0\xfe", 3},
                              {bytes, MANY}};
    dfl_hooks *hooks = open_otlp();
    OtlpFile file;
    const char *events, *p = NULL;
    (void)state;
    memset(text, 'x', MANY);
    memset(bytes, 0xff, MANY);
    tell(hooks, DFL_EVENT_RUN_START, 1, 1, 0);
    for (size_t i = 0; i < COUNT(data); i++) {
        dfl_event event = event_of(DFL_EVENT_CUSTOM, 1, 1, 0);
        event.to = i ? "said" : "any \"name\"\n";
        event.data = data[i];
        give(hooks, event);
    }
    tell(hooks, DFL_EVENT_RUN_END, 1, 1, 0);
    file = close_otlp(hooks);
    events = json_need(only(&file, "small")->at, "events");
    p = otlp_next(events, NULL);
    assert_true(json_is(json_need(p, "name"), "any \\\"name\\\"\\n"));
    assert_true(json_is(attribute(p, "dfl.data"), "a\\\"\\n\\u0000"));
    p = otlp_next(events, p);
    assert_int_equal(json_string(attribute(p, "dfl.data")) - attribute(p, "dfl.data"),
                     1024 + strlen("\"...\""));
    p = otlp_next(events, p);
    assert_true(json_is(attribute(p, "dfl.data"), "/wD+"));
    assert_null(otlp_attribute(p, "dfl.data.length"));
    p = otlp_next(events, p);
    assert_int_equal(strspn(attribute(p, "dfl.data") + 1, "/"), 1000);
    assert_true(json_is(attribute(p, "dfl.data.length"), "5000"));
    end_otlp(&file);
}

static void the_service_has_a_name(void **state) {
    (void)state;
    for (int i = 0; i < 3; i++) {
        static const char *const names[] = {NULL, "", "say \"hello\""};
        dfl_hooks *hooks;
        OtlpFile file;
        if (names[i])
            setenv("OTEL_SERVICE_NAME", names[i], 1);
        hooks = open_otlp();
        unsetenv("OTEL_SERVICE_NAME");
        run_small(hooks, (Script){0});
        file = close_otlp(hooks);
        assert_non_null(
            strstr(file.text, i == 2 ? "\"say \\\"hello\\\"\"" : "\"unknown_service\""));
        end_otlp(&file);
    }
}

/* ---- lines ---- */

static size_t lines_now(void) {
    OtlpFile file = otlp_read(file_path(), false);
    size_t n = file.lines;
    otlp_free(&file);
    return n;
}

/* What has ended is in the file a second later, or when there is much of it. */
static void lines_are_written_in_time(void **state) {
    dfl_hooks *hooks = open_otlp();
    uint64_t span = 2;
    OtlpFile file;
    (void)state;
    tell(hooks, DFL_EVENT_RUN_START, 1, 1, 0);
    tell(hooks, DFL_EVENT_NODE_START, 1, span, 1);
    tell(hooks, DFL_EVENT_NODE_END, 1, span, 1);
    assert_int_equal(lines_now(), 0);
    clock_ns += 1000000000;
    tell(hooks, DFL_EVENT_NODE_START, 1, ++span, 1);
    assert_int_equal(lines_now(), 1);
    tell(hooks, DFL_EVENT_NODE_END, 1, span, 1);
    for (size_t i = 0; i < 1000; i++) {
        tell(hooks, DFL_EVENT_NODE_START, 1, ++span, 1);
        tell(hooks, DFL_EVENT_NODE_END, 1, span, 1);
    }
    assert_in_range(lines_now(), 3, 20);
    tell(hooks, DFL_EVENT_RUN_END, 1, 1, 0);
    file = otlp_read(file_path(), true);
    assert_int_equal(file.n, 1003);
    otlp_free(&file);
    assert_int_equal(dfl_otlp_close(hooks), DFL_OK);
    scratch_end();
}

/* The file is added to; the rest of a line that a crash left stays one of its own. */
static void a_file_is_added_to(void **state) {
    FILE *torn;
    char *text, *last;
    (void)state;
    scratch_begin();
    torn = fopen(file_path(), "w");
    fputs("{\"resourceSpans\":[{\"res", torn);
    fclose(torn);
    for (int i = 0; i < 2; i++) {
        dfl_hooks *hooks = dfl_otlp_open(file_path());
        assert_non_null(hooks);
        run_small(hooks, (Script){0});
        assert_int_equal(dfl_otlp_close(hooks), DFL_OK);
    }
    text = json_read(file_path());
    last = strchr(text, '\n') + 1;
    assert_memory_equal(last, "{\"resourceSpans\":[{\"resource\"", 28);
    last = strchr(last, '\n') + 1;
    assert_string_equal(json_value(last, 0), "\n");
    free(text);
    scratch_end();
}

static void *run_many(void *arg) {
    for (int i = 0; i < 50; i++)
        assert_int_equal(run_small(arg, (Script){0}), DFL_OK);
    return NULL;
}

static void threads_may_use_it_at_once(void **state) {
    dfl_hooks *hooks = open_otlp();
    pthread_t threads[4];
    OtlpFile file;
    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run_many, hooks), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    file = close_otlp(hooks);
    assert_int_equal(otlp_count(&file, "small", NULL), 200);
    assert_int_equal(file.n, 600);
    end_otlp(&file);
}

/* ---- failures ---- */

static void what_cannot_be_opened_is_said(void **state) {
    (void)state;
    errno = 0;
    assert_null(dfl_otlp_open("/no/such/directory/x.jsonl"));
    assert_int_equal(errno, ENOENT);
    assert_null(dfl_otlp_open(NULL));
    assert_int_equal(errno, EINVAL);
    for (int n = 0; n < 2; n++) {
        scratch_begin();
        errno = 0;
        dfl__fail_after(n);
        assert_null(dfl_otlp_open(file_path()));
        dfl__fail_after(-1);
        assert_int_equal(errno, ENOMEM);
        scratch_end();
    }
    assert_int_equal(dfl_otlp_close(NULL), DFL_OK);
}

static void a_full_disk_is_told_at_the_end(void **state) {
    dfl_hooks *hooks = dfl_otlp_open("/dev/full");
    (void)state;
    assert_non_null(hooks);
    run_many(hooks);
    errno = 0;
    assert_int_equal(dfl_otlp_close(hooks), DFL_ESTORE);
    assert_int_equal(errno, ENOSPC);
}

/* Whatever there is no memory for is missing, which is told; all else is in whole lines. */
static void without_memory_spans_are_left_out(void **state) {
    int status = DFL_ENOMEM;
    (void)state;
    for (long n = 0; status == DFL_ENOMEM; n++) {
        dfl_hooks *hooks = open_otlp();
        OtlpFile file;
        dfl__fail_after(n);
        for (uint64_t run = 1; run <= 2; run++) {
            tell(hooks, DFL_EVENT_RUN_START, run, 1, 0);
            tell(hooks, DFL_EVENT_SAVED, run, 1, 0);
            for (uint64_t span = 2; span < 6; span++) {
                tell(hooks, DFL_EVENT_NODE_START, run, span, 1);
                tell(hooks, DFL_EVENT_NODE_END, run, span, 1);
            }
            tell(hooks, DFL_EVENT_RUN_END, run, 1, 0);
        }
        dfl__fail_after(-1);
        status = dfl_otlp_close(hooks);
        file = otlp_read(file_path(), false);
        assert_true(n > 0 || (status == DFL_ENOMEM && file.n < 10));
        assert_true(status != DFL_OK || file.n == 10);
        end_otlp(&file);
    }
    assert_int_equal(status, DFL_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_is_a_trace),
        cmocka_unit_test(parts_of_sections_say_which_they_are),
        cmocka_unit_test(failures_are_errors),
        cmocka_unit_test(a_pause_is_no_error),
        cmocka_unit_test(what_has_no_end_ends_with_its_run),
        cmocka_unit_test(many_events_are_counted),
        cmocka_unit_test(any_data_is_safe),
        cmocka_unit_test(the_service_has_a_name),
        cmocka_unit_test(lines_are_written_in_time),
        cmocka_unit_test(a_file_is_added_to),
        cmocka_unit_test(threads_may_use_it_at_once),
        cmocka_unit_test(what_cannot_be_opened_is_said),
        cmocka_unit_test(a_full_disk_is_told_at_the_end),
        cmocka_unit_test(without_memory_spans_are_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
