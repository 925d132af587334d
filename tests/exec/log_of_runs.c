#include "log_of_runs.h"

#include "json_check.h"

enum { MASK = DFL_EV_ALL & ~DFL_EV_CHUNK };

/* A run that pauses, and its resume, which fails if `fail`. */
static void run_once(dfl_hooks *hooks, int32_t fail) {
    static const int32_t list[] = {10, 20};
    dfl_run run = {.hooks = hooks, .store = dfl_store_memory(), .thread_id = "t"};
    outer_state s;
    CHECK(hooks && run.store);
    hooks->ordered = true;
    outer_state_init(&s);
    s.list = (dfl_i32_list){list, 2, 0};
    s.fail = fail;
    CHECK_INT(outer_run(&s, &run), DFL_PAUSED);
    run.answer = DFL_STR("yes");
    CHECK_INT(outer_resume(&s, &run), fail ? DFL_ENODE : DFL_OK);
    outer_state_free(&s);
    dfl_store_close(run.store);
    CHECK_INT(dfl_log_close(hooks), DFL_OK);
}

/* ---- for people ---- */

/* Durations differ from run to run: ", 28.1 us". */
static size_t duration(const char *p) {
    static const char *const units[] = {" ns", " us", " ms", " s"};
    size_t digits;
    if (p[0] != ',' || p[1] != ' ')
        return 0;
    digits = strspn(p + 2, "0123456789.");
    for (int i = 0; digits && i < 4; i++)
        if (strncmp(p + 2 + digits, units[i], strlen(units[i])) == 0)
            return 2 + digits + strlen(units[i]);
    return 0;
}

/* What the clock says is left out. */
static void show_line(const char *p) {
    CHECK(strlen(p) > 28 && p[4] == '-' && p[10] == 'T' && p[19] == '.' && p[26] == 'Z');
    for (p += 28; *p; p++) {
        size_t n = duration(p);
        if (n)
            printf(", TIME");
        putchar(p[n]);
        p += n;
    }
}

static void show(const char *path) {
    char line[4096];
    FILE *in = fopen(path, "r");
    CHECK(in);
    while (fgets(line, sizeof line, in))
        show_line(line);
    fclose(in);
}

/* ---- as JSON ---- */

static void check_times(const char *at) {
    CHECK(*json_need(at, "time") == '"' && *json_need(at, "since_ns") != '-');
    if (json_is(json_need(at, "event"), "node_end"))
        CHECK(strtoll(json_need(at, "duration_ns"), NULL, 10) >= 0);
}

/* Each line is an object; shown are the members that are not the clock's, a thread's or all the same. */
static void show_json(const char *path) {
    static const char *const names[] = {
        "run",     "event",  "graph", "path",       "thread_id", "to",   "branch", "index",
        "attempt", "status", "error", "checkpoint", "base64",    "data", "values", "state"};
    char line[4096];
    FILE *in = fopen(path, "r");
    CHECK(in);
    for (long n = 0; fgets(line, sizeof line, in); n++) {
        CHECK(strcmp(json_value(line, 0), "\n") == 0);
        check_times(line);
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            const char *value = json_get(line, names[i]);
            if (value)
                printf("%s%s %.*s", i ? ", " : "", names[i], (int)(json_value(value, 0) - value),
                       value);
        }
        printf("\n");
    }
    fclose(in);
}

int main(void) {
    FILE *out = fopen("log.txt", "w");
    dfl_hooks *hooks = dfl_log_open(out);
    CHECK(hooks);
    hooks->mask = MASK;
    run_once(hooks, 5);
    fclose(out);
    show("log.txt");
    out = fopen("log.json", "w");
    hooks = dfl_log_open_json(out);
    CHECK(hooks);
    hooks->mask = MASK | DFL_STREAM_UPDATES | DFL_STREAM_VALUES;
    run_once(hooks, 0);
    fclose(out);
    show_json("log.json");
    return 0;
}
