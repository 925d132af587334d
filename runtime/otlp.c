/* Spans for OpenTelemetry: OTLP in its JSON form, a TracesData a line, as the file exporter of its specification
 * writes and the collector's otlpjsonfile receiver reads.
 *
 * A run is a trace; the run, sections, branches, chunks and each attempt of a node are spans, and what else happens
 * in one is an event of it. A span is written when it ends, with those that ended since the last line.
 *
 * note [batches]
 * A line goes out in one write when it is large, when a second has passed, or when no run is under way. So a
 * process that is killed loses what had not ended, and of what had, the last second at most. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "event_pair.h"
#include "hash.h"
#include "internal.h"
#include "json_out.h"
#include "mem.h"

enum {
    OPEN_LISTS = 1024,
    BATCH_BYTES = 64 << 10,
    BATCH_NS = 1000000000,
    MOST_EVENTS = 128, /* of a span; more are counted */
    MOST_BYTES = 750,  /* of data that is no text: below what is cut */
    SPAN_INTERNAL = 1,
    STATUS_ERROR = 2
};

/* What has begun and not ended. */
typedef struct Open {
    struct Open *next;
    uint64_t run, span, parent;
    uint64_t inside;   /* of a run: what else of it is open */
    int64_t ns, ahead; /* when; by how much the wall clock was ahead when the run began */
    const dfl_graph *graph;
    const char *path;
    pid_t process; /* that the run began in: a child of a fork() has numbers of its own */
    uint32_t place, worker, n_events;
    int32_t branch;
    int64_t index;
    unsigned attempt;
    dfl__pair pair;
    dfl__json_out events;
} Open;

typedef struct Otlp {
    dfl_hooks hooks;
    pthread_mutex_t lock; /* guards all that follows */
    int fd;
    int failed; /* errno of the first write that failed; nothing is written after it */
    bool lost;
    uint64_t key[2]; /* of the numbers of traces and spans */
    uint64_t n_runs;
    Open *open[OPEN_LISTS];
    int64_t flushed;    /* when, on the clock of the events */
    dfl__json_out line; /* that is not written yet, up to its last span */
    dfl_buf resource;   /* its attributes */
} Otlp;

/* ---- attributes ---- */

static void put_string(dfl__json_out *out, const char *name, const char *text) {
    dfl__put_text(out, name, text, strlen(text));
}

/* 64 bits are strings. */
static void put_int64(dfl__json_out *out, const char *name, int64_t v) {
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, v);
    dfl__put_literal(out, name, text);
}

static void begin_attribute(dfl__json_out *out, const char *key) {
    dfl__put_object(out, NULL, '{');
    dfl__put_literal(out, "key", key);
    dfl__put_object(out, "value", '{');
}

static void end_attribute(dfl__json_out *out) {
    dfl__put_close(out, '}');
    dfl__put_close(out, '}');
}

static void attribute(dfl__json_out *out, const char *key, const char *text, size_t n) {
    begin_attribute(out, key);
    dfl__put_text(out, "stringValue", text, n);
    end_attribute(out);
}

static void attribute_text(dfl__json_out *out, const char *key, const char *text) {
    attribute(out, key, text, strlen(text));
}

static void attribute_number(dfl__json_out *out, const char *key, int64_t v) {
    begin_attribute(out, key);
    put_int64(out, "intValue", v);
    end_attribute(out);
}

/* Text, or else bytes; of these a value that was cut would be no base64. */
static void attribute_data(dfl__json_out *out, const char *key, const char *length,
                           dfl_bytes data) {
    dfl_bytes shown = {data.p, data.n < MOST_BYTES ? data.n : MOST_BYTES};
    dfl_value value = {"bytesValue", &dfl_type_bytes, &shown};
    if (dfl__is_utf8(data.p, data.n)) {
        attribute(out, key, (const char *)data.p, data.n);
        return;
    }
    begin_attribute(out, key);
    dfl__put_value(out, &value);
    end_attribute(out);
    if (shown.n < data.n)
        attribute_number(out, length, (int64_t)data.n);
}

/* "support.dfl:12" */
static void attribute_source(dfl__json_out *out, const char *at) {
    const char *colon = strrchr(at, ':');
    if (!colon)
        return;
    attribute(out, "code.file.path", at, (size_t)(colon - at));
    attribute_number(out, "code.line.number", strtol(colon + 1, NULL, 10));
}

/* ---- lines ---- */

static const char spans_end[] = "]}]}]}\n";

static void begin_line(Otlp *otlp) {
    dfl__json_out *line = &otlp->line;
    static const char head[] = "{\"resourceSpans\":[{\"resource\":{\"attributes\":[";
    static const char scope[] = "]},\"scopeSpans\":[{\"scope\":{\"name\":\"dflrt\"},\"spans\":[";
    line->comma = false;
    dfl__put_raw(line, head, sizeof head - 1);
    dfl__put_raw(line, (const char *)otlp->resource.p, otlp->resource.n);
    dfl__put_raw(line, scope, sizeof scope - 1);
}

static void write_line(Otlp *otlp) {
    const uint8_t *p = otlp->line.buf.p;
    size_t n = otlp->line.buf.n;
    while (n > 0 && !otlp->failed) {
        ssize_t done = write(otlp->fd, p, n);
        if (done < 0 && errno != EINTR)
            otlp->failed = errno;
        p += done < 0 ? 0 : done;
        n -= done < 0 ? 0 : (size_t)done;
    }
}

static void flush(Otlp *otlp, int64_t ns) {
    otlp->flushed = ns;
    if (otlp->line.buf.n == 0)
        return;
    otlp->line.whole = true;
    dfl__put_raw(&otlp->line, spans_end, sizeof spans_end - 1);
    if (otlp->line.whole)
        write_line(otlp);
    else
        otlp->lost = true;
    otlp->line.buf.n = 0;
}

static void flush_if_due(Otlp *otlp, int64_t ns) {
    if (otlp->n_runs == 0 || otlp->line.buf.n >= BATCH_BYTES || ns - otlp->flushed >= BATCH_NS)
        flush(otlp, ns);
}

/* ---- numbers ---- */

/* Of a span of a run; no span is 0 or UINT64_MAX, which are for the trace. Never 0, which means none. */
static uint64_t number_of(const Otlp *otlp, const Open *open, uint64_t span) {
    const uint64_t words[] = {open->run, span, (uint64_t)open->process};
    uint64_t number = dfl__siphash(otlp->key, words, sizeof words);
    return number ? number : 1;
}

static void put_trace_id(dfl__json_out *out, const Otlp *otlp, const Open *open) {
    char text[40];
    snprintf(text, sizeof text, "%016" PRIx64 "%016" PRIx64, number_of(otlp, open, 0),
             number_of(otlp, open, UINT64_MAX));
    dfl__put_literal(out, "traceId", text);
}

static void put_span_id(dfl__json_out *out, const Otlp *otlp, const char *name, const Open *open,
                        uint64_t span) {
    char text[24];
    snprintf(text, sizeof text, "%016" PRIx64, number_of(otlp, open, span));
    dfl__put_literal(out, name, text);
}

/* ---- spans ---- */

/* Of few kinds, as names of spans should be: which branch or element it is, an attribute tells. */
static void put_name(dfl__json_out *out, const Open *open) {
    char name[256];
    snprintf(name, sizeof name, "%s%s", open->path,
             open->pair == DFL__PAIR_BRANCH  ? " branch"
             : open->pair == DFL__PAIR_CHUNK ? " chunk"
                                             : "");
    put_string(out, "name", name);
}

static void put_attributes(dfl__json_out *out, const Open *open, const dfl_event *end) {
    dfl__put_object(out, "attributes", '[');
    attribute_text(out, "dfl.graph", open->graph->name);
    attribute_number(out, "dfl.run", (int64_t)open->run);
    if (open->pair == DFL__PAIR_NODE && open->place < open->graph->n_places)
        attribute_source(out, open->graph->places[open->place].at);
    if (open->attempt)
        attribute_number(out, "dfl.attempt", open->attempt);
    if (open->branch >= 0)
        attribute_number(out, open->pair == DFL__PAIR_CHUNK ? "dfl.chunk" : "dfl.branch",
                         open->branch);
    if (open->index >= 0)
        attribute_number(out, "dfl.element", open->index);
    if (open->worker)
        attribute_number(out, "dfl.worker", open->worker);
    if (end->status)
        attribute_number(out, "dfl.status", end->status);
    if (end->error)
        attribute_number(out, "dfl.code", end->error->code);
    if (end->data.n)
        attribute_data(out, "dfl.question", "dfl.question.length", end->data);
    dfl__put_close(out, ']');
}

static void put_status(dfl__json_out *out, const dfl_event *end) {
    const char *message = dfl_strerror(end->status);
    if (end->status >= 0)
        return;
    if (end->error && end->error->message[0])
        message = end->error->message;
    dfl__put_object(out, "status", '{');
    dfl__put_number(out, "code", STATUS_ERROR);
    put_string(out, "message", message);
    dfl__put_close(out, '}');
}

static void put_events(dfl__json_out *out, const Open *open) {
    if (open->n_events == 0)
        return;
    dfl__put_object(out, "events", '[');
    dfl__put_raw(out, (const char *)open->events.buf.p, open->events.buf.n);
    dfl__put_close(out, ']');
    if (open->n_events > MOST_EVENTS)
        dfl__put_number(out, "droppedEventsCount", open->n_events - MOST_EVENTS);
}

static void put_span(const Otlp *otlp, dfl__json_out *out, const Open *open, const dfl_event *end) {
    dfl__put_object(out, NULL, '{');
    put_trace_id(out, otlp, open);
    put_span_id(out, otlp, "spanId", open, open->span);
    if (open->parent)
        put_span_id(out, otlp, "parentSpanId", open, open->parent);
    put_name(out, open);
    dfl__put_number(out, "kind", SPAN_INTERNAL);
    put_int64(out, "startTimeUnixNano", open->ns + open->ahead);
    put_int64(out, "endTimeUnixNano", end->ns + open->ahead);
    put_attributes(out, open, end);
    put_events(out, open);
    put_status(out, end);
    dfl__put_close(out, '}');
}

/* Only this span is missing where there is no memory for it. */
static void write_span(Otlp *otlp, const Open *open, const dfl_event *end) {
    dfl__json_out *line = &otlp->line;
    size_t before = line->buf.n;
    bool comma = line->comma;
    line->whole = true;
    if (before == 0)
        begin_line(otlp);
    put_span(otlp, line, open, end);
    if (line->whole)
        return;
    otlp->lost = true;
    line->buf.n = before;
    line->comma = comma;
}

/* ---- what is open ---- */

static Open **find_open(Otlp *otlp, uint64_t run, uint64_t span) {
    Open **at = &otlp->open[(run * 31 + span) % OPEN_LISTS];
    while (*at && ((*at)->run != run || (*at)->span != span))
        at = &(*at)->next;
    return at;
}

static void free_open(Open **at) {
    Open *open = *at;
    *at = open->next;
    dfl_buf_free(&open->events.buf);
    dfl__free(open);
}

static void begin(Otlp *otlp, const dfl_event *event, dfl__pair pair) {
    Open *run = pair == DFL__PAIR_RUN ? NULL : *find_open(otlp, event->run, 1);
    Open **at = find_open(otlp, event->run, event->span), *open = dfl__zalloc(sizeof *open);
    if (!open) {
        otlp->lost = true;
        return;
    }
    *open = (Open){.next = *at,
                   .run = event->run,
                   .span = event->span,
                   .parent = event->parent,
                   .ns = event->ns,
                   .ahead = run ? run->ahead : dfl__wall_clock() - dfl__now(),
                   .process = run ? run->process : getpid(),
                   .graph = event->graph,
                   .path = event->path,
                   .place = event->place,
                   .worker = event->worker,
                   .branch = event->branch,
                   .index = event->index,
                   .attempt = event->attempt,
                   .pair = pair,
                   .events = {.cuts = true}};
    *at = open;
    otlp->n_runs += pair == DFL__PAIR_RUN;
    if (run)
        run->inside++;
}

/* What has no end of its own (a pause that the mask leaves out) ends with its run. */
static void end_all_inside(Otlp *otlp, const dfl_event *end) {
    dfl_event bare = {.ns = end->ns};
    for (size_t i = 0; i < OPEN_LISTS; i++)
        for (Open **at = &otlp->open[i]; *at;) {
            if ((*at)->run != end->run || (*at)->span == end->span) {
                at = &(*at)->next;
                continue;
            }
            write_span(otlp, *at, &bare);
            free_open(at);
        }
}

static void end(Otlp *otlp, const dfl_event *event) {
    Open **at = find_open(otlp, event->run, event->span), *open = *at, *run;
    if (!open)
        return;
    run = *find_open(otlp, event->run, 1);
    if (open->pair == DFL__PAIR_RUN && open->inside > 0) {
        end_all_inside(otlp, event);
        at = find_open(otlp, event->run, event->span);
    }
    write_span(otlp, open, event);
    otlp->n_runs -= open->pair == DFL__PAIR_RUN;
    if (run && run != open)
        run->inside--;
    free_open(at);
}

/* ---- events of spans ---- */

static void put_event(dfl__json_out *out, const dfl_event *event, int64_t ahead) {
    bool custom = event->kind == DFL_EVENT_CUSTOM;
    dfl__put_object(out, NULL, '{');
    put_int64(out, "timeUnixNano", event->ns + ahead);
    put_string(out, "name", custom ? event->to : dfl_event_name(event->kind));
    dfl__put_object(out, "attributes", '[');
    attribute_text(out, "dfl.at", event->path);
    if (event->kind == DFL_EVENT_SAVED || event->kind == DFL_EVENT_LOADED)
        attribute_number(out, "dfl.checkpoint", (int64_t)event->checkpoint);
    if (event->attempt)
        attribute_number(out, "dfl.attempt", event->attempt);
    if (custom)
        attribute_data(out, "dfl.data", "dfl.data.length", event->data);
    dfl__put_close(out, ']');
    dfl__put_close(out, '}');
}

static void add_event(Otlp *otlp, const dfl_event *event) {
    Open *open = *find_open(otlp, event->run, event->span);
    dfl__json_out *out = open ? &open->events : NULL;
    size_t before = out ? out->buf.n : 0;
    bool comma = out && out->comma;
    if (!open || ++open->n_events > MOST_EVENTS)
        return;
    out->whole = true;
    put_event(out, event, open->ahead);
    if (out->whole)
        return;
    otlp->lost = true;
    out->buf.n = before;
    out->comma = comma;
    open->n_events--;
}

static bool is_told(dfl_event_kind kind) {
    switch (kind) {
    case DFL_EVENT_RETRY:
    case DFL_EVENT_TIMEOUT:
    case DFL_EVENT_LIMIT:
    case DFL_EVENT_SAVED:
    case DFL_EVENT_LOADED:
    case DFL_EVENT_PAUSED:
    case DFL_EVENT_RESUMED:
    case DFL_EVENT_CUSTOM:
        return true;
    default:
        return false;
    }
}

/* ---- the hook ---- */

static void on_event(void *user, const dfl_event *event) {
    Otlp *otlp = user;
    dfl__pair begun = dfl__begins(event->kind);
    pthread_mutex_lock(&otlp->lock);
    if (begun != DFL__PAIR_NONE)
        begin(otlp, event, begun);
    else if (dfl__ended_by(event) != DFL__PAIR_NONE)
        end(otlp, event);
    else if (is_told(event->kind))
        add_event(otlp, event);
    flush_if_due(otlp, event->ns);
    pthread_mutex_unlock(&otlp->lock);
}

/* OTEL_SERVICE_NAME is where programs of OpenTelemetry are told what they are called. */
static bool make_resource(Otlp *otlp) {
    const char *name = getenv("OTEL_SERVICE_NAME");
    dfl__json_out out = {.whole = true, .cuts = true};
    attribute_text(&out, "service.name", name && *name ? name : "unknown_service");
    attribute_number(&out, "process.pid", getpid());
    otlp->resource = out.buf;
    return out.whole;
}

static void make_key(Otlp *otlp) {
    for (int i = 0; i < 2; i++) {
        const int64_t words[] = {dfl__wall_clock(), dfl__now(), getpid(), i, (intptr_t)otlp};
        otlp->key[i] = dfl__hash(words, sizeof words);
    }
}

/* A line that was cut off stays one of its own. */
static bool ends_within_a_line(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;
    char last = '\n';
    bool within = fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
                  status.st_size > 0 && pread(fd, &last, 1, status.st_size - 1) == 1 &&
                  last != '\n';
    if (fd >= 0)
        close(fd);
    return within;
}

/* 0, or errno with nothing open. */
static int open_file(Otlp *otlp, const char *path) {
    int why;
    otlp->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (otlp->fd < 0)
        return errno;
    if (!ends_within_a_line(path) || write(otlp->fd, "\n", 1) == 1)
        return 0;
    why = errno;
    close(otlp->fd);
    return why;
}

static void free_otlp(Otlp *otlp) {
    for (size_t i = 0; i < OPEN_LISTS; i++)
        while (otlp->open[i])
            free_open(&otlp->open[i]);
    dfl_buf_free(&otlp->line.buf);
    dfl_buf_free(&otlp->resource);
    dfl__free(otlp);
}

/* 0, or errno with nothing open. */
static int set_up(Otlp *otlp, const char *path) {
    int why = make_resource(otlp) ? open_file(otlp, path) : ENOMEM;
    if (why)
        return why;
    why = pthread_mutex_init(&otlp->lock, NULL);
    if (why) {
        close(otlp->fd);
        return why;
    }
    make_key(otlp);
    otlp->flushed = dfl__now();
    otlp->line.cuts = true;
    otlp->hooks =
        (dfl_hooks){.mask = DFL_EV_ALL & ~DFL_EV_EDGE, .on_event = on_event, .user = otlp};
    return 0;
}

dfl_hooks *dfl_otlp_open(const char *path) {
    Otlp *otlp = path ? dfl__zalloc(sizeof *otlp) : NULL;
    int why = otlp ? set_up(otlp, path) : path ? ENOMEM : EINVAL;
    if (why == 0)
        return &otlp->hooks;
    if (otlp)
        free_otlp(otlp);
    errno = why;
    return NULL;
}

int dfl_otlp_close(dfl_hooks *hooks) {
    Otlp *otlp = (Otlp *)hooks;
    int status, why;
    if (!hooks)
        return DFL_OK;
    flush(otlp, 0);
    if (close(otlp->fd) != 0 && !otlp->failed)
        otlp->failed = errno;
    why = otlp->failed ? otlp->failed : errno;
    status = otlp->failed ? DFL_ESTORE : otlp->lost ? DFL_ENOMEM : DFL_OK;
    pthread_mutex_destroy(&otlp->lock);
    free_otlp(otlp);
    errno = why;
    return status;
}
