/* Logs: a line for each event, for people or as JSON.
 *
 *     2026-03-01T09:30:00.000123Z run 1 node_start   classify
 *     2026-03-01T09:30:00.000412Z run 1 node_error   classify, 289 us: "no such model" (code 3, support.dfl:12)
 *     2026-03-01T09:30:00.000413Z run 1 edge         classify -> apologise
 *
 * Text that comes from elsewhere is in quotes and escaped, so that no line can be forged. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <pthread.h>
#include <stdio.h>

#include "event_json.h"
#include "internal.h"
#include "mem.h"
#include "stdio_out.h"

enum {
    FLUSH_NS = 100000,         /* see trace_out.c, note [what a kill loses] */
    LOOK_AGAIN_NS = 1000000000 /* at the wall clock, which may be set */
};

typedef struct Log {
    dfl_hooks hooks;
    pthread_mutex_t lock; /* guards all that follows */
    FILE *file;
    int failed; /* errno of the first write that failed; nothing is written after it */
    bool lost, as_json;
    int64_t flushed, looked; /* when, on the clock of the events */
    int64_t ahead;           /* of which the wall clock was, then */
    dfl__json_out line;
} Log;

/* ---- words ---- */

static void put(dfl__json_out *out, const char *text) {
    dfl__put_raw(out, text, strlen(text));
}

static void put_number(dfl__json_out *out, const char *before, int64_t v, const char *after) {
    char text[80];
    snprintf(text, sizeof text, "%s%lld%s", before, (long long)v, after);
    put(out, text);
}

/* In quotes. */
static void put_quoted(dfl__json_out *out, const char *p, size_t n) {
    out->comma = false;
    dfl__put_text(out, NULL, p, n);
}

/* To three digits: "999 ns", "1.23 us", "45.6 ms", "1234 s". */
static void put_duration(dfl__json_out *out, int64_t ns) {
    static const char *const units[] = {" ns", " us", " ms", " s"};
    int64_t unit = 1;
    size_t i = 0;
    char text[40];
    for (; i < 3 && ns >= 1000 * unit; i++)
        unit *= 1000;
    if (i == 0 || ns >= 100 * unit)
        snprintf(text, sizeof text, "%lld", (long long)(ns / unit));
    else if (ns >= 10 * unit)
        snprintf(text, sizeof text, "%d.%d", (int)(ns / unit), (int)(ns * 10 / unit % 10));
    else
        snprintf(text, sizeof text, "%d.%02d", (int)(ns / unit), (int)(ns * 100 / unit % 100));
    put(out, text);
    put(out, units[i]);
}

/* ---- an event ---- */

static void put_where(dfl__json_out *out, const dfl_event *event, dfl__pair pair) {
    put(out, event->path);
    if (event->index >= 0)
        put_number(out, "[", event->index, "]");
    if (pair == DFL__PAIR_BRANCH)
        put_number(out, ", branch ", event->branch, "");
    if (pair == DFL__PAIR_CHUNK)
        put_number(out, ", chunk ", event->branch, "");
}

/* Why it failed: what the node said, or else what the status means. */
static void put_error(dfl__json_out *out, const dfl_event *event) {
    const dfl_error *error = event->error;
    const char *message = error->message[0] ? error->message : dfl_strerror(error->status);
    put(out, ": ");
    put_quoted(out, message, strlen(message));
    put_number(out, " (code ", error->code, "");
    if (event->kind == DFL_EVENT_RUN_END && error->node[0]) {
        put(out, ", ");
        put(out, error->node);
    }
    if (error->at[0]) {
        put(out, ", ");
        put(out, error->at);
    }
    put(out, ")");
}

static void put_data(dfl__json_out *out, dfl_bytes data) {
    put(out, ": ");
    out->comma = false;
    dfl__put_data(out, NULL, data);
}

static void put_values(dfl__json_out *out, const dfl_event *event) {
    for (uint32_t i = 0; i < event->n_values; i++) {
        put(out, i == 0 ? ": " : ", ");
        out->comma = false;
        dfl__put_value(out, &event->values[i]);
    }
}

static void put_state(dfl__json_out *out, const dfl_event *event) {
    dfl_value state = {"state", event->graph->state, event->state};
    put(out, ": ");
    out->comma = false;
    dfl__put_value(out, &state);
}

static void put_end(dfl__json_out *out, const dfl_event *event) {
    put(out, ", ");
    put_duration(out, event->duration_ns);
    if (event->kind == DFL_EVENT_RUN_END ||
        (event->status && !event->error && event->kind != DFL_EVENT_PAUSED)) {
        put(out, ", ");
        put(out, dfl_strerror(event->status));
    }
}

static void put_details(dfl__json_out *out, const dfl_event *event) {
    if (event->thread_id) {
        put(out, ", thread ");
        put_quoted(out, event->thread_id, strlen(event->thread_id));
    }
    if (event->attempt > 1)
        put_number(out, ", attempt ", event->attempt, "");
    if (dfl__ended_by(event) != DFL__PAIR_NONE)
        put_end(out, event);
    if (event->kind == DFL_EVENT_EDGE) {
        put(out, " -> ");
        put(out, event->to);
    } else if (event->kind == DFL_EVENT_CUSTOM) {
        put(out, ", ");
        put_quoted(out, event->to, strlen(event->to));
    } else if (event->kind == DFL_EVENT_SAVED || event->kind == DFL_EVENT_LOADED) {
        put_number(out, ", checkpoint ", (int64_t)event->checkpoint, "");
    }
    if (event->error)
        put_error(out, event);
    if (event->data.n)
        put_data(out, event->data);
    if (event->state)
        put_state(out, event);
    put_values(out, event);
}

static void put_line(dfl__json_out *out, const dfl_event *event, int64_t wall_ns) {
    dfl__pair begun = dfl__begins(event->kind), ended = dfl__ends(event->kind);
    char time[DFL__TIME_TEXT], head[DFL__TIME_TEXT + 64];
    dfl__time_text(time, wall_ns);
    snprintf(head, sizeof head, "%s run %llu %-12s ", time, (unsigned long long)event->run,
             dfl_event_name(event->kind));
    put(out, head);
    put_where(out, event, begun ? begun : ended);
    put_details(out, event);
}

/* ---- the file ---- */

static void flush(Log *log) {
    if (!log->failed)
        log->failed = dfl__stdio_flush(log->file);
}

/* A line goes to the file as one piece; only it is missing where there was no memory for it. */
static void write_line(Log *log) {
    dfl__json_out *line = &log->line;
    dfl__put_raw(line, "\n", 1);
    if (!line->whole)
        log->lost = true;
    else if (!log->failed)
        log->failed = dfl__stdio_write(log->file, line->buf.p, line->buf.n);
}

/* ---- the hook ---- */

static int64_t wall_of(Log *log, int64_t ns) {
    if (ns - log->looked >= LOOK_AGAIN_NS) {
        log->looked = dfl__now();
        log->ahead = dfl__wall_clock() - log->looked;
    }
    return ns + log->ahead;
}

static void begin_line(Log *log) {
    log->line.buf.n = 0;
    log->line.whole = true;
    log->line.comma = false;
}

static void on_event(void *user, const dfl_event *event) {
    Log *log = user;
    int64_t wall_ns;
    pthread_mutex_lock(&log->lock);
    wall_ns = wall_of(log, event->ns);
    begin_line(log);
    if (log->as_json)
        dfl__put_event(&log->line, event, wall_ns);
    else
        put_line(&log->line, event, wall_ns);
    write_line(log);
    if (event->kind == DFL_EVENT_RUN_END || event->ns - log->flushed >= FLUSH_NS) {
        flush(log);
        log->flushed = event->ns;
    }
    pthread_mutex_unlock(&log->lock);
}

static dfl_hooks *open_log(FILE *file, bool as_json) {
    Log *log = file ? dfl__zalloc(sizeof *log) : NULL;
    int why;
    if (!log) {
        errno = file ? ENOMEM : EINVAL;
        return NULL;
    }
    why = pthread_mutex_init(&log->lock, NULL);
    if (why) {
        dfl__free(log);
        errno = why;
        return NULL;
    }
    log->hooks = (dfl_hooks){.mask = DFL_EV_ALL, .on_event = on_event, .user = log};
    log->file = file;
    log->as_json = as_json;
    log->line.cuts = !as_json;
    log->looked = INT64_MIN / 2;
    return &log->hooks;
}

dfl_hooks *dfl_log_open(FILE *file) {
    return open_log(file, false);
}

dfl_hooks *dfl_log_open_json(FILE *file) {
    return open_log(file, true);
}

int dfl_log_close(dfl_hooks *hooks) {
    Log *log = (Log *)hooks;
    int status, why;
    if (!hooks)
        return DFL_OK;
    flush(log);
    why = log->failed ? log->failed : errno;
    status = log->failed ? DFL_ESTORE : log->lost ? DFL_ENOMEM : DFL_OK;
    pthread_mutex_destroy(&log->lock);
    dfl_buf_free(&log->line.buf);
    dfl__free(log);
    errno = why;
    return status;
}
