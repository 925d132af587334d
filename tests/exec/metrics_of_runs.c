#include "metrics_of_runs.h"

#include <pthread.h>

#include "metrics_check.h"

enum { THREADS = 3, RUNS = 4 };

static dfl_hooks *metrics;
static dfl_store *store;

/* Runs that pause, and their resumes, of which each second one fails. */
static void *run_some(void *thread) {
    static const int32_t list[] = {10, 20};
    for (int i = 0; i < RUNS; i++) {
        dfl_run run = {.hooks = metrics, .store = store, .thread_id = thread};
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

/* Every sample that is not 0, and no time. */
static void show(const char *text) {
    for (const char *p = text; *p; p = strchr(p, '\n') + 1) {
        const char *end = p + strcspn(p, "\n"), *value = strstr(p, "} ");
        size_t n = (size_t)(end - p);
        bool is_time = strstr(p, "_bucket{") && strstr(p, "_bucket{") < end;
        is_time = is_time || (strstr(p, "_sum{") && strstr(p, "_sum{") < end);
        if (*p != '#' && !is_time && strncmp(value, "} 0\n", 4) != 0)
            printf("%.*s\n", (int)n, p);
    }
}

int main(void) {
    static char names[THREADS][2] = {"a", "b", "c"};
    pthread_t threads[THREADS];
    dfl_buf text;
    memset(&text, 0, sizeof text);
    metrics = dfl_metrics_new();
    store = dfl_store_memory();
    CHECK(metrics && store);
    for (int i = 0; i < THREADS; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, run_some, names[i]), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    CHECK_INT(dfl_metrics_text(metrics, &text), DFL_OK);
    CHECK(dfl_buf_room(&text, 1));
    text.p[text.n - 1] = '\0';
    metrics_check((char *)text.p);
    show((char *)text.p);
    dfl_buf_free(&text);
    dfl_metrics_free(metrics);
    dfl_store_close(store);
    return 0;
}
