#include "streams_of_a_run.h"

#include "check.h"

int streams_fill(dfl_ctx *ctx, int64_t n, dfl_i64_list *xs, mood *feel, dfl_str *title) {
    for (int64_t i = 1; i <= n; i++)
        if (dfl_i64_list_push(ctx, xs, i))
            return 1;
    *feel = mood_cross;
    *title = dfl_printf(ctx, "the %d", (int)n);
    return 0;
}

int streams_left(dfl_ctx *ctx, int64_t n, dfl_str_list *words) {
    return dfl_str_list_push(ctx, words, dfl_printf(ctx, "left %d", (int)n));
}

int streams_right(dfl_ctx *ctx, int64_t n, dfl_str_list *words, double *best) {
    *best = (double)n / 2;
    return dfl_str_list_push(ctx, words, dfl_printf(ctx, "right %d", (int)n));
}

int streams_place(dfl_ctx *ctx, point_opt *at, dfl_i64_map *sizes) {
    at->has = true;
    at->value = (point){1, 2.5};
    return dfl_i64_map_put(ctx, sizes, DFL_STR("\"one\""), 1);
}

int streams_shaky(dfl_ctx *ctx, dfl_str *title) {
    if (dfl_attempt(ctx) < 3)
        return dfl_fail(ctx, 7, "not yet");
    *title = dfl_printf(ctx, "%.*s!", (int)title->n, title->p);
    return 0;
}

typedef struct Seen {
    int open;
    int starts, ends;
    char text[2][16384]; /* of the events in section a and in section b, without its own names */
} Seen;

static void value(const dfl_type *type, const void *value) {
    dfl_buf json = {0};
    CHECK_INT(dfl_value_json(type, value, &json), DFL_OK);
    printf("%.*s", (int)json.n, (const char *)json.p);
    dfl_buf_free(&json);
}

static void updates(const dfl_event *event) {
    for (uint32_t i = 0; i < event->n_values; i++) {
        printf(" %s = ", event->values[i].name);
        value(event->values[i].type, event->values[i].value);
    }
}

static void print(void *user, const dfl_event *event) {
    (void)user;
    printf("  %s %s", dfl_event_name(event->kind), event->path);
    if (event->kind == DFL_EVENT_UPDATES)
        updates(event);
    if (event->kind == DFL_EVENT_VALUES) {
        printf(" ");
        CHECK(((const streams_state *)event->state)->n == 2);
        value(event->graph->state, event->state);
    }
    printf("\n");
}

/* Every start has its end, the innermost first. */
static void balance(Seen *seen, const dfl_event *event) {
    switch (event->kind) {
    case DFL_EVENT_RUN_START:
    case DFL_EVENT_NODE_START:
    case DFL_EVENT_FORK:
    case DFL_EVENT_BRANCH_START:
    case DFL_EVENT_CHUNK_START:
        seen->starts++;
        break;
    case DFL_EVENT_RUN_END:
    case DFL_EVENT_NODE_END:
    case DFL_EVENT_NODE_ERROR:
    case DFL_EVENT_JOIN:
    case DFL_EVENT_BRANCH_END:
    case DFL_EVENT_CHUNK_END:
        seen->ends++;
        CHECK(event->duration_ns >= 0);
        break;
    default:
        break;
    }
    CHECK(seen->ends <= seen->starts);
}

static void append(char *text, const dfl_event *event) {
    size_t n = strlen(text), k;
    snprintf(text + n, 16384 - n, "%s %.4s %d %d;", dfl_event_name(event->kind),
             event->place < event->graph->n_nodes ? event->path : "", event->branch,
             (int)event->n_values);
    for (k = 0; k < event->n_values; k++) {
        dfl_buf json = {0};
        CHECK_INT(dfl_value_json(event->values[k].type, event->values[k].value, &json), DFL_OK);
        n = strlen(text);
        snprintf(text + n, 16384 - n, "%.*s;", (int)json.n, (const char *)json.p);
        dfl_buf_free(&json);
    }
}

static void compare(void *user, const dfl_event *event) {
    Seen *seen = user;
    int32_t section = event->place == UINT32_MAX ? -1 : event->graph->places[event->place].section;
    const char *of = section >= 0 ? event->graph->places[section].name : event->path;
    balance(seen, event);
    if (event->kind == DFL_EVENT_EDGE || event->kind == DFL_EVENT_VALUES)
        return;
    if (strcmp(of, "a") == 0)
        append(seen->text[0], event);
    if (strcmp(of, "b") == 0)
        append(seen->text[1], event);
}

static void run(dfl_hooks *hooks, bool streamed) {
    dfl_run run = {.hooks = streamed ? hooks : NULL};
    dfl_buf json = {0};
    static char plain[4096];
    streams_state s;
    streams_state_init(&s);
    s.n = 2;
    CHECK_INT(streams_run(&s, &run), DFL_OK);
    CHECK_INT(streams_to_json(&s, &json), DFL_OK);
    if (!streamed)
        snprintf(plain, sizeof plain, "%.*s", (int)json.n, (const char *)json.p);
    CHECK(strlen(plain) == json.n && memcmp(plain, json.p, json.n) == 0);
    dfl_buf_free(&json);
    streams_state_free(&s);
}

int main(void) {
    static Seen seen, unordered;
    dfl_hooks updates = {.mask = DFL_STREAM_UPDATES, .on_event = print, .ordered = true};
    dfl_hooks values = {.mask = DFL_STREAM_VALUES, .on_event = print};
    dfl_hooks all = {.mask = DFL_STREAM_EVENTS | DFL_STREAM_UPDATES | DFL_STREAM_VALUES,
                     .on_event = compare,
                     .user = &seen,
                     .ordered = true};
    run(NULL, false);
    printf("updates\n");
    run(&updates, true);
    printf("values\n");
    run(&values, true);
    run(&all, true);
    CHECK_INT(seen.starts, seen.ends);
    CHECK(strlen(seen.text[0]) > 200);
    CHECK(strcmp(seen.text[0], seen.text[1]) == 0);
    all.ordered = false;
    all.user = &unordered;
    run(&all, true);
    CHECK_INT(unordered.starts, seen.starts);
    CHECK_INT(unordered.ends, seen.starts);
    return 0;
}
