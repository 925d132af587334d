#include "trace_of_runs.h"

#include <pthread.h>
#include <unistd.h>

#include "trace_check.h"

enum { THREADS = 4, RUNS = 3 };

static dfl_hooks *hooks;
static dfl_store *store;

/* A run that pauses, and its resume; or one that fails. */
static void one(const char *thread, int32_t fail) {
    dfl_run run = {.hooks = hooks, .store = store, .thread_id = thread};
    outer_state s;
    outer_state_init(&s);
    s.fail = fail;
    if (fail) {
        CHECK_INT(outer_run(&s, &run), DFL_ENODE);
    } else {
        CHECK_INT(outer_run(&s, &run), DFL_PAUSED);
        run.answer = DFL_STR("yes");
        CHECK_INT(outer_resume(&s, &run), DFL_OK);
        CHECK_INT(s.total, 300 * 299 / 2 + 2 + 2 + 300);
    }
    outer_state_free(&s);
}

static void *many(void *arg) {
    for (int i = 0; i < RUNS; i++)
        one(arg, i == 1);
    return NULL;
}

/* What must be in the trace of n runs that pause and are resumed, and of `failed` ones. */
static void check_content(const TraceFile *file, size_t n, size_t failed) {
    size_t all = n + failed;
    CHECK_INT(file->phases['B'], file->phases['E']);
    CHECK_INT(trace_count(file, 'B', "run", "outer"), 2 * n + failed);
    CHECK_INT(trace_count(file, 'B', "node", "fill"), all);
    CHECK_INT(trace_count(file, 'B', "node", "shaky"), 3 * all);
    CHECK_INT(trace_count(file, 'B', "node", "sub/double_it"), all);
    CHECK_INT(trace_count(file, 'B', "node", "ask"), 2 * n);
    CHECK_INT(trace_count(file, 'B', "node", "one"), 300 * n);
    CHECK_INT(trace_count(file, 'B', "branch", "element"), 300 * n);
    CHECK_INT(trace_count(file, 'B', "branch", "branch 0"), 2 * all);
    CHECK_INT(trace_count(file, 'B', "section", "fan"), all);
    CHECK_INT(trace_count(file, 'i', "retry", "retry"), 2 * all);
    CHECK_INT(trace_count(file, 'i', "custom", "hello"), all);
    CHECK_INT(trace_count(file, 'i', "resumed", "resumed"), n);
    CHECK_INT(trace_count(file, 'i', "edge", "edge"), 8 * n + 4 * failed + 300 * n);
    CHECK(trace_count(file, 'i', "saved", "saved") > 0);
    CHECK(trace_count(file, 's', "arrow", "fork") >= 4 * all);
    CHECK(trace_count(file, 's', "arrow", "join") >= 4 * all);
}

/* The updates of one node, the first that is in the file. */
static const char *updates_of(const TraceFile *file, const char *node) {
    for (size_t i = 0; i < file->n; i++) {
        const char *at = file->events[i].at;
        if (json_is(json_get(at, "cat"), "updates") &&
            json_is(json_get(json_need(at, "args"), "at"), node))
            return json_need(at, "args");
    }
    CHECK(!"updates");
    return NULL;
}

static void check_values(const TraceFile *file) {
    const char *args = updates_of(file, "shaky");
    const char *text;
    CHECK_INT(strtol(json_need(json_need(args, "wrote"), "tries"), NULL, 10), 1);
    CHECK(!json_get(args, "cut"));
    args = updates_of(file, "long_one");
    text = json_need(json_need(args, "wrote"), "answer");
    CHECK_INT(json_value(text, 0) - text, 1024 + strlen("\"\\...\""));
    CHECK(strncmp(text, "\"\\\"xxx", 6) == 0);
    CHECK_INT(strtol(json_need(args, "cut"), NULL, 10), 1);
    args = updates_of(file, "left");
    CHECK(strncmp(json_need(json_need(args, "wrote"), "words"), "[\"left\"]", 8) == 0);
}

static void one_run(void) {
    TraceFile file;
    hooks = dfl_trace_open("one.json");
    CHECK(hooks);
    one("t", 0);
    CHECK_INT(dfl_trace_close(hooks), DFL_OK);
    file = trace_check("one.json");
    check_content(&file, 1, 0);
    check_values(&file);
    trace_free(&file);
}

static void many_runs(bool ordered) {
    static char names[THREADS][8];
    pthread_t threads[THREADS];
    TraceFile file;
    hooks = dfl_trace_open("many.json");
    CHECK(hooks);
    hooks->ordered = ordered;
    for (int i = 0; i < THREADS; i++) {
        snprintf(names[i], sizeof names[i], "t%d", i);
        CHECK_INT(pthread_create(&threads[i], NULL, many, names[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    CHECK_INT(dfl_trace_close(hooks), DFL_OK);
    file = trace_check("many.json");
    check_content(&file, 2 * THREADS, THREADS);
    trace_free(&file);
}

/* What happened is in the file although nothing was closed: all of it but the end of the array. */
static void cut_off(void) {
    TraceFile file;
    char *text;
    size_t n;
    hooks = dfl_trace_open("cut.json");
    CHECK(hooks);
    one("t", 0);
    text = json_read("cut.json");
    n = strlen(text);
    CHECK(text[n - 1] == '}');
    text = realloc(text, n + 2);
    memcpy(text + n, "]", 2);
    file = trace_check_text(text, false);
    check_content(&file, 1, 0);
    trace_free(&file);
    CHECK_INT(dfl_trace_close(hooks), DFL_OK);
}

int main(void) {
    store = dfl_store_memory();
    CHECK(store);
    one_run();
    many_runs(false);
    many_runs(true);
    cut_off();
    dfl_store_close(store);
    return 0;
}
