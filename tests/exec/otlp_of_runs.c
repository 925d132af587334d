#include "otlp_of_runs.h"

#include <pthread.h>

#include "otlp_check.h"

enum { THREADS = 3, RUNS = 4, ALL = THREADS * RUNS };

static dfl_hooks *hooks;
static dfl_store *store;

/* Runs that pause, and their resumes, of which each second one fails. */
static void *run_some(void *thread) {
    static const int32_t list[] = {10, 20};
    for (int i = 0; i < RUNS; i++) {
        dfl_run run = {.hooks = hooks, .store = store, .thread_id = thread};
        outer_state s;
        outer_state_init(&s);
        s.list = (dfl_i32_list){list, 2, 0};
        s.fail = i % 2;
        CHECK_INT(outer_run(&s, &run), DFL_PAUSED);
        run.answer = DFL_STR("yes");
        CHECK_INT(outer_resume(&s, &run), i % 2 ? DFL_ENODE : DFL_OK);
        outer_state_free(&s);
    }
    return NULL;
}

/* What is around the spans of this name. */
static void check_around(const OtlpFile *file, const char *name, size_t n, const char *around) {
    CHECK_INT(otlp_count(file, name, NULL), n);
    for (size_t i = 0; i < file->n; i++)
        if (json_is(json_need(file->spans[i].at, "name"), name))
            CHECK(json_is(json_need(otlp_parent(file, &file->spans[i])->at, "name"), around));
}

static void check_events(const OtlpFile *file) {
    const OtlpSpan *span;
    const char *first;
    CHECK_INT(otlp_count(file, "left", &span), ALL);
    first = otlp_next(json_need(span->at, "events"), NULL);
    CHECK(json_is(json_need(first, "name"), "hello"));
    CHECK(json_is(otlp_attribute(first, "dfl.data"), "/wA="));
    CHECK_INT(otlp_count(file, "shaky", &span), 2 * ALL);
    CHECK(json_is(json_need(json_need(span->at, "status"), "message"), "not \\\"yet\\\"\\n"));
    CHECK(json_is(otlp_attribute(span->at, "code.file.path"), "otlp_of_runs.dfl"));
    CHECK(json_is(otlp_attribute(span->at, "dfl.attempt"), "1"));
}

int main(void) {
    static char names[THREADS][2] = {"a", "b", "c"};
    pthread_t threads[THREADS];
    OtlpFile file;
    remove("spans.jsonl"); /* it would be added to */
    hooks = dfl_otlp_open("spans.jsonl");
    store = dfl_store_memory();
    CHECK(hooks && store);
    for (int i = 0; i < THREADS; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, run_some, names[i]), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    CHECK_INT(dfl_otlp_close(hooks), DFL_OK);
    dfl_store_close(store);
    file = otlp_read("spans.jsonl", true);
    CHECK_INT(otlp_count(&file, "outer", NULL), 2 * ALL);
    check_around(&file, "fan", ALL, "outer");
    check_around(&file, "fan branch", 2 * ALL, "fan");
    check_around(&file, "left", ALL, "fan branch");
    check_around(&file, "sub/double_it", ALL, "sub");
    check_around(&file, "one", 2 * ALL, "each v in list [one] branch");
    check_around(&file, "ask", 2 * ALL, "outer");
    check_events(&file);
    otlp_free(&file);
    return 0;
}
