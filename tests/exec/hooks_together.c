#include "hooks_together.h"

#include <pthread.h>

#include "metrics_check.h"
#include "otlp_check.h"
#include "trace_check.h"

enum { THREADS = 4, RUNS = 10, ALL = 2 * THREADS * RUNS, CAPACITY = 20000 };

static dfl_hooks *together;
static dfl_store *store;

/* Runs that pause, and their resumes. */
static void *run_some(void *thread) {
    static const int32_t list[] = {10, 20};
    for (int i = 0; i < RUNS; i++) {
        dfl_run run = {.hooks = together, .store = store, .thread_id = thread};
        outer_state s;
        outer_state_init(&s);
        s.list = (dfl_i32_list){list, 2, 0};
        CHECK_INT(outer_run(&s, &run), DFL_PAUSED);
        run.answer = DFL_STR("yes");
        CHECK_INT(outer_resume(&s, &run), DFL_OK);
        outer_state_free(&s);
    }
    return NULL;
}

static void run_all(void) {
    static char names[THREADS][2] = {"a", "b", "c", "d"};
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, run_some, names[i]), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

static size_t lines_with(const char *path, const char *text) {
    char *all = json_read(path);
    size_t n = 0;
    for (const char *p = all; (p = strstr(p, text)) != NULL; p++)
        n++;
    free(all);
    return n;
}

static void check_metrics(dfl_hooks *metrics) {
    dfl_buf text;
    memset(&text, 0, sizeof text);
    CHECK_INT(dfl_metrics_text(metrics, &text), DFL_OK);
    CHECK(dfl_buf_room(&text, 1));
    text.p[text.n - 1] = '\0';
    metrics_check((char *)text.p);
    CHECK_INT(metrics_value((char *)text.p,
                            "dfl_runs_ended_total{graph=\"outer\",status=\"DFL_PAUSED\"}"),
              ALL / 2);
    dfl_buf_free(&text);
    dfl_metrics_free(metrics);
}

static void check_queue(dfl_hooks *queue) {
    dfl_event event;
    size_t ended = 0;
    CHECK_INT(dfl_queue_dropped(queue), 0);
    while (dfl_queue_take(queue, &event))
        ended += event.kind == DFL_EVENT_RUN_END;
    CHECK_INT(ended, ALL);
    dfl_queue_free(queue);
}

static void check_trace(dfl_hooks *trace) {
    TraceFile file;
    CHECK_INT(dfl_trace_close(trace), DFL_OK);
    file = trace_check("all.json");
    CHECK_INT(trace_count(&file, 'B', "run", "outer"), ALL);
    CHECK_INT(trace_count(&file, 'B', "node", "one"), ALL);
    trace_free(&file);
}

static void check_otlp(dfl_hooks *otlp) {
    OtlpFile file;
    CHECK_INT(dfl_otlp_close(otlp), DFL_OK);
    file = otlp_read("all.spans", true);
    CHECK_INT(otlp_count(&file, "outer", NULL), ALL);
    CHECK_INT(otlp_count(&file, "one", NULL), ALL);
    otlp_free(&file);
    remove("all.spans"); /* it would be added to */
}

int main(void) {
    FILE *lines = fopen("all.log", "w"), *json = fopen("all.jsonl", "w");
    dfl_hooks *log = dfl_log_open(lines), *log_json = dfl_log_open_json(json),
              *metrics = dfl_metrics_new();
    dfl_hooks *trace = dfl_trace_open("all.json"), *folded = dfl_folded_open("all.folded");
    dfl_hooks *profile = dfl_profile_open("all.profile"), *queue = dfl_queue_new(CAPACITY);
    dfl_hooks *otlp = dfl_otlp_open("all.spans");
    dfl_hooks *progress = dfl_progress_open(lines), *live = dfl_live_open(".");
    dfl_hooks *all[] = {log,     log_json, metrics,  trace, folded,
                        profile, queue,    progress, live,  otlp};
    store = dfl_store_memory();
    together = dfl_hooks_all(all, sizeof all / sizeof *all);
    CHECK(together && store && log && log_json && metrics && trace && folded && profile && queue &&
          progress && live && otlp);
    run_all();
    dfl_hooks_all_free(together);
    CHECK_INT(dfl_log_close(log), DFL_OK);
    CHECK_INT(dfl_log_close(log_json), DFL_OK);
    CHECK_INT(dfl_progress_close(progress), DFL_OK);
    CHECK_INT(dfl_folded_close(folded), DFL_OK);
    CHECK_INT(dfl_profile_close(profile), DFL_OK);
    dfl_live_close(live);
    check_otlp(otlp);
    fclose(lines);
    fclose(json);
    CHECK_INT(lines_with("all.log", " run_end      outer, "), ALL);
    CHECK_INT(lines_with("all.jsonl", "\"event\":\"run_end\""), ALL);
    CHECK_INT(lines_with("all.jsonl", "\"event\":\"node_start\""), ALL / 2 * 10);
    CHECK_INT(lines_with("all.jsonl", "\"event\":\"updates\""), 0);
    CHECK_INT(lines_with("all.folded", "outer;fan;left "), 1);
    CHECK_INT(lines_with("all.profile", "graph\touter\t80\n"), 1);
    check_metrics(metrics);
    check_trace(trace);
    check_queue(queue);
    dfl_store_close(store);
    return 0;
}
