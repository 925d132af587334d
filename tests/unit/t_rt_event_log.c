// needs: tsan
// Logs: the form of a line, what is cut and what is not, and that a file which cannot be written to is told of.
// tests/exec/log_of_runs shows the lines of whole runs.
#define _GNU_SOURCE
#include "rt_run.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "../exec/json_check.h"
#include "event_json.h"

/* ---- a log in memory ---- */

typedef struct Memory {
    char *text;
    size_t n;
    FILE *file;
    dfl_hooks *hooks;
} Memory;

static void begin(Memory *memory, bool as_json) {
    memory->file = open_memstream(&memory->text, &memory->n);
    assert_non_null(memory->file);
    memory->hooks = as_json ? dfl_log_open_json(memory->file) : dfl_log_open(memory->file);
    assert_non_null(memory->hooks);
}

static void end(Memory *memory) {
    assert_int_equal(dfl_log_close(memory->hooks), DFL_OK);
    fclose(memory->file);
}

static void give(dfl_hooks *hooks, dfl_event event) {
    event.graph = &small_graph;
    event.path = event.path ? event.path : "a";
    event.run = event.run ? event.run : 1;
    hooks->on_event(hooks->user, &event);
}

static dfl_event event_of(dfl_event_kind kind) {
    return (dfl_event){.kind = kind, .parent = 1, .branch = -1, .index = -1};
}

/* The line of one event without its time. */
static void check_line(dfl_event event, const char *expected) {
    Memory memory;
    begin(&memory, false);
    give(memory.hooks, event);
    end(&memory);
    assert_true(memory.n > 28);
    assert_string_equal(memory.text + 28, expected);
    free(memory.text);
}

/* ---- lines ---- */

static void durations_have_three_digits(void **state) {
    static const struct {
        int64_t ns;
        const char *text;
    } cases[] = {{0, "0 ns"},
                 {7, "7 ns"},
                 {999, "999 ns"},
                 {1000, "1.00 us"},
                 {1239, "1.23 us"},
                 {12999, "12.9 us"},
                 {129999, "129 us"},
                 {999999, "999 us"},
                 {1000000, "1.00 ms"},
                 {59990000000, "59.9 s"},
                 {123456000000000, "123456 s"}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char expected[80];
        dfl_event event = event_of(DFL_EVENT_NODE_END);
        event.duration_ns = cases[i].ns;
        snprintf(expected, sizeof expected, "run 1 node_end     a, %s\n", cases[i].text);
        check_line(event, expected);
    }
}

static void each_kind_has_its_form(void **state) {
    static const dfl_error plain = {.status = DFL_ENODE,
                                    .code = 3,
                                    .index = -1,
                                    .node = "a",
                                    .at = "x.dfl:1",
                                    .message = "no way"},
                           bare = {.status = DFL_ETIMEOUT, .index = -1};
    dfl_event event;
    (void)state;
    check_line(event_of(DFL_EVENT_RUN_START), "run 1 run_start    a\n");
    event = event_of(DFL_EVENT_RUN_START);
    event.thread_id = "an\na";
    check_line(event, "run 1 run_start    a, thread \"an\\na\"\n");
    event = event_of(DFL_EVENT_RUN_END);
    check_line(event, "run 1 run_end      a, 0 ns, success\n");
    event.status = DFL_ENODE, event.error = &plain;
    check_line(event,
               "run 1 run_end      a, 0 ns, a node failed: \"no way\" (code 3, a, x.dfl:1)\n");
    event.status = DFL_ETIMEOUT, event.error = &bare;
    check_line(
        event,
        "run 1 run_end      a, 0 ns, the run's time was up: \"the run's time was up\" (code 0)\n");
    event = event_of(DFL_EVENT_NODE_ERROR);
    event.index = 3, event.attempt = 2, event.status = DFL_ENODE, event.error = &plain;
    check_line(event, "run 1 node_error   a[3], attempt 2, 0 ns: \"no way\" (code 3, x.dfl:1)\n");
    event = event_of(DFL_EVENT_CHUNK_START);
    event.branch = 2;
    check_line(event, "run 1 chunk_start  a, chunk 2\n");
    event = event_of(DFL_EVENT_BRANCH_END);
    event.branch = 1, event.status = DFL_PAUSED;
    check_line(event, "run 1 branch_end   a, branch 1, 0 ns, waiting for an answer\n");
    event = event_of(DFL_EVENT_PAUSED); /* before a node */
    event.parent = 0, event.status = DFL_PAUSED;
    check_line(event, "run 1 paused       a\n");
    event = event_of(DFL_EVENT_LIMIT);
    event.status = DFL_ELIMIT;
    check_line(event, "run 1 limit        a\n");
    event = event_of(DFL_EVENT_TIMEOUT);
    event.status = DFL_ETIMEOUT, event.attempt = 1;
    check_line(event, "run 1 timeout      a\n");
    event = event_of(DFL_EVENT_LOADED);
    event.checkpoint = 17;
    check_line(event, "run 1 loaded       a, checkpoint 17\n");
}

/* No text that a node gives ends a line, or is taken for one. */
static void text_is_quoted(void **state) {
    static const char forged[] = "x\n2026-01-01T00:00:00.000000Z run 9 run_start \"\x1b[31m";
    dfl_event event = event_of(DFL_EVENT_CUSTOM);
    (void)state;
    event.to = forged;
    event.data = (dfl_bytes){(const uint8_t *)"\r\n\0", 3};
    check_line(event, "run 1 custom       a, \"x\\n2026-01-01T00:00:00.000000Z run 9 run_start "
                      "\\\"\\u001b[31m\": "
                      "\"\\r\\n\\u0000\"\n");
}

static void times_are_utc(void **state) {
    static const struct {
        int64_t ns;
        const char *text;
    } cases[] = {{0, "1970-01-01T00:00:00.000000Z"},
                 {999, "1970-01-01T00:00:00.000000Z"},
                 {INT64_C(1709210096123456789), "2024-02-29T12:34:56.123456Z"},
                 {INT64_C(4102444799999999999), "2099-12-31T23:59:59.999999Z"}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[DFL__TIME_TEXT];
        assert_int_equal(dfl__time_text(text, cases[i].ns), strlen(cases[i].text));
        assert_string_equal(text, cases[i].text);
    }
}

/* An event's own time, on the wall clock: one of an hour ago has that of an hour ago. */
static void events_have_their_own_time(void **state) {
    const int64_t hour = INT64_C(3600000000000);
    Memory memory;
    (void)state;
    begin(&memory, false);
    for (int64_t ago = 2; ago >= 0; ago--) {
        dfl_event event = event_of(DFL_EVENT_RUN_START);
        event.ns = dfl__now() - ago * hour;
        give(memory.hooks, event);
    }
    end(&memory);
    for (int64_t ago = 2; ago >= 0; ago--) {
        char least[DFL__TIME_TEXT], most[DFL__TIME_TEXT];
        const char *line = memory.text + (2 - ago) * (int64_t)(memory.n / 3);
        dfl__time_text(least, dfl__wall_clock() - ago * hour - hour / 2);
        dfl__time_text(most, dfl__wall_clock() - ago * hour + hour / 2);
        assert_true(strncmp(line, least, 27) > 0 && strncmp(line, most, 27) < 0);
    }
    free(memory.text);
}

/* For people the start of a long text is enough; a program is given all. */
static void only_people_are_spared(void **state) {
    enum { MANY = 5000 };
    static char text[MANY + 1];
    dfl_str value = {text, MANY};
    dfl_value values[] = {{"long", &dfl_type_string, &value}, {"last", &dfl_type_string, &value}};
    (void)state;
    memset(text, 'x', MANY);
    for (int as_json = 0; as_json < 2; as_json++) {
        dfl_event event = event_of(DFL_EVENT_UPDATES);
        Memory memory;
        begin(&memory, as_json);
        event.values = values, event.n_values = 2;
        give(memory.hooks, event);
        event = event_of(DFL_EVENT_CUSTOM);
        event.to = text, event.data = (dfl_bytes){(const uint8_t *)text, MANY};
        give(memory.hooks, event);
        end(&memory);
        if (as_json) {
            const char *second = strchr(memory.text, '\n') + 1;
            assert_int_equal(json_value(memory.text, 0) + 1 - second, 0);
            assert_string_equal(json_value(second, 0), "\n");
            assert_int_equal(strspn(json_need(second, "data") + 1, "x"), MANY);
            assert_int_equal(strspn(json_need(json_need(memory.text, "values"), "last") + 1, "x"),
                             MANY);
        } else {
            assert_true(memory.n > 4096 && memory.n < 4096 + 256);
            assert_non_null(strstr(memory.text, "xxx...\"\n"));
        }
        free(memory.text);
    }
}

/* ---- many at once ---- */

static void *run_many(void *arg) {
    for (int i = 0; i < 50; i++) {
        small s = {0};
        assert_int_equal(small_run(&s, &(dfl_run){.hooks = arg, .user = &(Script){0}}), DFL_OK);
        dfl__mem_free(&s.mem);
    }
    return NULL;
}

static void lines_of_threads_are_whole(void **state) {
    pthread_t threads[4];
    Memory memory;
    size_t n = 0;
    (void)state;
    begin(&memory, true);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run_many, memory.hooks), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    end(&memory);
    for (const char *p = memory.text; *p; n++) {
        p = json_value(p, 0);
        assert_int_equal(*p++, '\n');
    }
    assert_int_equal(n, 4 * 50 * 9); /* a run, two nodes, three edges */
    free(memory.text);
}

/* ---- failures ---- */

static void a_full_disk_is_told_at_the_end(void **state) {
    (void)state;
    for (int buffered = 0; buffered < 2; buffered++) {
        FILE *full = fopen("/dev/full", "w");
        dfl_hooks *hooks;
        assert_non_null(full);
        setvbuf(full, NULL, buffered ? _IOFBF : _IONBF, BUFSIZ);
        hooks = dfl_log_open(full);
        run_many(hooks);
        errno = 0;
        assert_int_equal(dfl_log_close(hooks), DFL_ESTORE);
        assert_int_equal(errno, ENOSPC);
        fclose(full);
    }
}

/* Every other write fails with EINTR. */
typedef struct Fickle {
    char text[1 << 16];
    size_t n;
    unsigned calls;
} Fickle;

static ssize_t write_some(void *cookie, const char *p, size_t n) {
    Fickle *fickle = cookie;
    if (fickle->calls++ % 2) {
        errno = EINTR;
        return 0;
    }
    memcpy(fickle->text + fickle->n, p, n);
    fickle->n += n;
    return (ssize_t)n;
}

static void signals_lose_nothing(void **state) {
    static Fickle fickle;
    FILE *file = fopencookie(&fickle, "w", (cookie_io_functions_t){.write = write_some});
    dfl_hooks *hooks = dfl_log_open(file);
    small s = {0};
    size_t lines = 0;
    (void)state;
    setvbuf(file, NULL, _IONBF, 0);
    assert_int_equal(small_run(&s, &(dfl_run){.hooks = hooks, .user = &(Script){0}}), DFL_OK);
    dfl__mem_free(&s.mem);
    assert_int_equal(dfl_log_close(hooks), DFL_OK);
    fclose(file);
    for (size_t i = 0; i < fickle.n; i++)
        lines += fickle.text[i] == '\n';
    assert_int_equal(lines, 9);
}

/* The file is the caller's: it may be written to before, between and after. */
static void the_file_stays_open(void **state) {
    Memory memory;
    (void)state;
    begin(&memory, false);
    fputs("before\n", memory.file);
    give(memory.hooks, event_of(DFL_EVENT_RUN_START));
    assert_int_equal(dfl_log_close(memory.hooks), DFL_OK);
    fputs("after\n", memory.file);
    fclose(memory.file);
    assert_memory_equal(memory.text, "before\n2", 8);
    assert_memory_equal(memory.text + memory.n - 9, " a\nafter\n", 9);
    free(memory.text);
}

static void what_cannot_be_opened_is_said(void **state) {
    (void)state;
    errno = 0;
    assert_null(dfl_log_open(NULL));
    assert_int_equal(errno, EINVAL);
    dfl__fail_after(0);
    assert_null(dfl_log_open_json(stderr));
    dfl__fail_after(-1);
    assert_int_equal(errno, ENOMEM);
    assert_int_equal(dfl_log_close(NULL), DFL_OK);
}

static void without_memory_a_line_is_left_out(void **state) {
    Memory memory;
    (void)state;
    begin(&memory, false);
    dfl__fail_after(0);
    give(memory.hooks, event_of(DFL_EVENT_RUN_START));
    dfl__fail_after(-1);
    give(memory.hooks, event_of(DFL_EVENT_NODE_START));
    assert_int_equal(dfl_log_close(memory.hooks), DFL_ENOMEM);
    fclose(memory.file);
    assert_string_equal(memory.text + 28, "run 1 node_start   a\n");
    free(memory.text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_have_three_digits),
        cmocka_unit_test(each_kind_has_its_form),
        cmocka_unit_test(text_is_quoted),
        cmocka_unit_test(times_are_utc),
        cmocka_unit_test(events_have_their_own_time),
        cmocka_unit_test(only_people_are_spared),
        cmocka_unit_test(lines_of_threads_are_whole),
        cmocka_unit_test(a_full_disk_is_told_at_the_end),
        cmocka_unit_test(signals_lose_nothing),
        cmocka_unit_test(the_file_stays_open),
        cmocka_unit_test(what_cannot_be_opened_is_said),
        cmocka_unit_test(without_memory_a_line_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
