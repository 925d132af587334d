/* An event as a JSON object, for logs. */
#define _POSIX_C_SOURCE 200809L

#include "event_json.h"

#include <time.h>

#include "internal.h"

size_t dfl__time_text(char text[DFL__TIME_TEXT], int64_t wall_ns) {
    time_t seconds = (time_t)(wall_ns / 1000000000);
    struct tm parts = {0};
    size_t n;
    gmtime_r(&seconds, &parts);
    n = strftime(text, DFL__TIME_TEXT, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text + n, DFL__TIME_TEXT - n, ".%06dZ", (int)(wall_ns % 1000000000 / 1000));
    return n + strlen(text + n);
}

static void put_string(dfl__json_out *out, const char *name, const char *text) {
    dfl__put_text(out, name, text, strlen(text));
}

static void put_error(dfl__json_out *out, const dfl_error *error) {
    dfl__put_object(out, "error", '{');
    dfl__put_number(out, "status", error->status);
    put_string(out, "node", error->node);
    put_string(out, "at", error->at);
    dfl__put_number(out, "code", error->code);
    dfl__put_number(out, "attempt", error->attempt);
    if (error->index >= 0)
        dfl__put_number(out, "index", error->index);
    put_string(out, "message", error->message);
    dfl__put_close(out, '}');
}

/* Which run, and what of it. */
static void put_where(dfl__json_out *out, const dfl_event *event) {
    dfl__put_number(out, "run", (int64_t)event->run);
    dfl__put_number(out, "sequence", (int64_t)event->sequence);
    dfl__put_number(out, "since_ns", event->since_ns);
    dfl__put_number(out, "span", (int64_t)event->span);
    if (event->parent)
        dfl__put_number(out, "parent", (int64_t)event->parent);
    put_string(out, "graph", event->graph->name);
    put_string(out, "path", event->path);
    if (event->thread_id)
        put_string(out, "thread_id", event->thread_id);
    if (event->to)
        put_string(out, "to", event->to);
    if (event->branch >= 0)
        dfl__put_number(out, "branch", event->branch);
    if (event->index >= 0)
        dfl__put_number(out, "index", event->index);
    if (event->worker)
        dfl__put_number(out, "worker", event->worker);
}

/* What came of it. */
static void put_result(dfl__json_out *out, const dfl_event *event, dfl__pair ended) {
    if (event->attempt)
        dfl__put_number(out, "attempt", event->attempt);
    if (ended != DFL__PAIR_NONE || event->status)
        dfl__put_number(out, "status", event->status);
    if (ended != DFL__PAIR_NONE)
        dfl__put_number(out, "duration_ns", event->duration_ns);
    if (event->error)
        put_error(out, event->error);
    if (event->kind == DFL_EVENT_SAVED || event->kind == DFL_EVENT_LOADED)
        dfl__put_number(out, "checkpoint", (int64_t)event->checkpoint);
    if (event->kind == DFL_EVENT_CUSTOM || event->data.n)
        dfl__put_data(out, "data", event->data);
}

static void put_values(dfl__json_out *out, const dfl_event *event) {
    dfl_value state = {"state", event->graph->state, event->state};
    if (event->state)
        dfl__put_value(out, &state);
    if (event->kind != DFL_EVENT_UPDATES)
        return;
    dfl__put_object(out, "values", '{');
    for (uint32_t i = 0; i < event->n_values; i++)
        dfl__put_value(out, &event->values[i]);
    dfl__put_close(out, '}');
}

void dfl__put_event(dfl__json_out *out, const dfl_event *event, int64_t wall_ns) {
    char time[DFL__TIME_TEXT];
    dfl__time_text(time, wall_ns);
    dfl__put_object(out, NULL, '{');
    dfl__put_literal(out, "time", time);
    dfl__put_literal(out, "event", dfl_event_name(event->kind));
    put_where(out, event);
    put_result(out, event, dfl__ended_by(event));
    put_values(out, event);
    dfl__put_close(out, '}');
}
