/* Traces: what happens in runs as a Chrome trace, for Perfetto, chrome://tracing and speedscope, and for
 * `dflc graph --trace`. The form of the file is in dflc/formats.md.
 *
 * note [tracks]
 *
 * A slice is a B and an E, and those of one track must nest. What one thread does nests, so a thread of a
 * pool is a track. Other threads have no number: there, the part of a run that is on the thread which
 * called it has a track, its lane. Runs that are under way at once are in different lanes, each in the
 * lowest that was free, so that a program which makes a million runs one after another has one lane.
 *
 * Events carry their own time and thread, so it does not matter whether they come at once, held back to
 * written order, or from a queue: viewers sort a track by time, and what a track tells has rising times. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include "event_pair.h"
#include "internal.h"
#include "mem.h"
#include "trace_out.h"

enum {
    LANES = 1000000, /* the track of the first lane; those of pools have their thread's number */
    RUN_LISTS = 256,
    NO_LANE = -1
};

/* A section that is open. */
typedef struct Section {
    uint64_t span;
    int64_t ns, index;
    int64_t track;
    uint64_t *arrows; /* that have begun where a branch or chunk ended */
    uint32_t n, room;
} Section;

/* A run that is open. */
typedef struct Run {
    struct Run *next;
    uint64_t number;
    int64_t lane;
    Section *sections;
    uint32_t n, room;
} Run;

/* The track of callers that one run at a time has. */
typedef struct Lane {
    bool taken;
    int64_t until; /* the last run in it ended */
} Lane;

typedef struct Trace {
    dfl_hooks hooks;
    pthread_mutex_t lock; /* guards all that follows */
    dfl__trace_out out;
    int64_t pid, origin;
    uint64_t arrows;      /* that were drawn */
    Run *runs[RUN_LISTS]; /* by number */
    uint32_t n_runs;
    Lane *lanes;
    uint32_t n_lanes, room_lanes;
    bool *named; /* which workers have a name */
    uint32_t n_named;
} Trace;

/* Room for item i, and as much again; false when there was no memory. */
static bool more_room(Trace *trace, void **items, uint32_t i, uint32_t *room, size_t item) {
    size_t want = 2 * (size_t)i + 4;
    void *more;
    if (i < *room)
        return true;
    more = want <= UINT32_MAX ? dfl__realloc(*items, want * item) : NULL;
    if (!more) {
        trace->out.lost = true;
        return false;
    }
    *items = more;
    *room = (uint32_t)want;
    return true;
}

/* ---- tracks ---- */

static void name_track(Trace *trace, int64_t track, const char *what, int64_t number) {
    dfl__json_out *out = &trace->out.json;
    char name[40];
    snprintf(name, sizeof name, "%s %lld", what, (long long)number);
    dfl__line_begin(&trace->out);
    dfl__put_literal(out, "ph", "M");
    dfl__put_number(out, "pid", trace->pid);
    dfl__put_number(out, "tid", track);
    dfl__put_literal(out, "name", "thread_name");
    dfl__put_object(out, "args", '{');
    dfl__put_literal(out, "name", name);
    dfl__put_close(out, '}');
    dfl__line_end(&trace->out, trace->out.flushed);
}

/* A run may begin before the one in a free lane has ended, and be told of after that. NO_LANE when there
 * was no memory. */
static int64_t take_lane(Trace *trace, int64_t ns) {
    uint32_t lane = 0;
    void *lanes = trace->lanes;
    while (lane < trace->n_lanes && (trace->lanes[lane].taken || trace->lanes[lane].until > ns))
        lane++;
    if (lane == trace->n_lanes) {
        if (!more_room(trace, &lanes, lane, &trace->room_lanes, sizeof *trace->lanes))
            return NO_LANE;
        trace->lanes = lanes;
        trace->n_lanes++;
        name_track(trace, LANES + lane, "caller", lane + 1);
    }
    trace->lanes[lane] = (Lane){.taken = true};
    return lane;
}

/* Without memory it has no name. */
static int64_t track_of_worker(Trace *trace, uint32_t worker) {
    void *named = trace->named;
    uint32_t before = trace->n_named;
    if (worker >= before &&
        more_room(trace, &named, worker, &trace->n_named, sizeof *trace->named)) {
        trace->named = named;
        memset(trace->named + before, 0, trace->n_named - before);
    }
    if (worker < trace->n_named && !trace->named[worker]) {
        trace->named[worker] = true;
        name_track(trace, worker, "worker", worker);
    }
    return worker;
}

/* False: there is no memory for its lane; then nothing more is told of the run. */
static bool find_track(Trace *trace, Run *run, const dfl_event *event, int64_t *track) {
    if (event->worker > 0) {
        *track = track_of_worker(trace, event->worker);
        return true;
    }
    if (run->lane == NO_LANE)
        run->lane = take_lane(trace, event->ns);
    *track = LANES + run->lane;
    return run->lane != NO_LANE;
}

/* ---- runs ---- */

static Run **find_run(Trace *trace, uint64_t number) {
    Run **at = &trace->runs[number % RUN_LISTS];
    while (*at && (*at)->number != number)
        at = &(*at)->next;
    return at;
}

/* NULL when there is no memory: nothing is told of a run whose start could not be. */
static Run *run_of(Trace *trace, const dfl_event *event) {
    Run **at = find_run(trace, event->run), *run = *at;
    if (run || ((trace->hooks.mask & DFL_EV_RUN) && event->kind != DFL_EVENT_RUN_START))
        return run;
    run = dfl__zalloc(sizeof *run);
    if (!run) {
        trace->out.lost = true;
        return NULL;
    }
    run->number = event->run;
    run->lane = NO_LANE;
    *at = run;
    trace->n_runs++;
    return run;
}

static void free_run(Trace *trace, Run *run, int64_t ns) {
    *find_run(trace, run->number) = run->next;
    if (run->lane != NO_LANE)
        trace->lanes[run->lane] = (Lane){.until = ns};
    trace->n_runs--;
    for (uint32_t i = 0; i < run->n; i++)
        dfl__free(run->sections[i].arrows);
    dfl__free(run->sections);
    dfl__free(run);
}

/* ---- lines ---- */

static void begin_line(Trace *trace, const char *phase, const char *category, int64_t track,
                       int64_t ns) {
    dfl__json_out *out = &trace->out.json;
    dfl__line_begin(&trace->out);
    dfl__put_literal(out, "ph", phase);
    dfl__put_number(out, "pid", trace->pid);
    dfl__put_number(out, "tid", track);
    dfl__put_us(out, "ts", ns - trace->origin);
    dfl__put_literal(out, "cat", category);
}

static void put_string(dfl__json_out *out, const char *name, const char *text) {
    dfl__put_text(out, name, text, strlen(text));
}

/* Of a node, section or run its name; of what is in a section, which part of it. */
static void put_name(dfl__json_out *out, const dfl_event *event, dfl__pair pair, bool element) {
    char part[32];
    if (pair != DFL__PAIR_BRANCH && pair != DFL__PAIR_CHUNK) {
        put_string(out, "name", event->path);
    } else if (element) {
        dfl__put_literal(out, "name", "element");
    } else {
        snprintf(part, sizeof part, "%s %d", pair == DFL__PAIR_CHUNK ? "chunk" : "branch",
                 (int)event->branch);
        dfl__put_literal(out, "name", part);
    }
}

/* What `dflc graph --trace` reads. Viewers do not look at it, so that slices which differ in nothing else
 * count as the same. */
static void put_numbers(dfl__json_out *out, const dfl_event *event, bool ends) {
    dfl__put_object(out, "dfl", '{');
    dfl__put_number(out, "run", (int64_t)event->run);
    dfl__put_number(out, "seq", (int64_t)event->sequence);
    dfl__put_number(out, "span", (int64_t)event->span);
    if (event->parent)
        dfl__put_number(out, "in", (int64_t)event->parent);
    if (event->path)
        put_string(out, "at", event->path);
    if (event->branch >= 0)
        dfl__put_number(out, "branch", event->branch);
    if (event->index >= 0)
        dfl__put_number(out, "element", event->index);
    if (event->attempt > 0)
        dfl__put_number(out, "attempt", event->attempt);
    if (event->status)
        dfl__put_number(out, "status", event->status);
    if (ends)
        dfl__put_number(out, "ns", event->duration_ns);
    dfl__put_close(out, '}');
}

static const char *category_of(dfl__pair pair) {
    static const char *const names[] = {
        [DFL__PAIR_RUN] = "run",       [DFL__PAIR_NODE] = "node",   [DFL__PAIR_SECTION] = "section",
        [DFL__PAIR_BRANCH] = "branch", [DFL__PAIR_CHUNK] = "chunk",
    };
    return names[pair];
}

/* ---- arrows ---- */

/* Binds to the slice around `ns` on its track. */
static void arrow_end(Trace *trace, const char *phase, const char *name, uint64_t arrow,
                      int64_t track, int64_t ns) {
    dfl__json_out *out = &trace->out.json;
    begin_line(trace, phase, "arrow", track, ns);
    dfl__put_literal(out, "name", name);
    dfl__put_number(out, "id", (int64_t)arrow);
    if (*phase == 'f')
        dfl__put_literal(out, "bp", "e");
    dfl__line_end(&trace->out, ns);
}

static Section *section_of(Run *run, uint64_t span) {
    for (uint32_t i = run->n; i-- > 0;)
        if (run->sections[i].span == span)
            return &run->sections[i];
    return NULL;
}

static void section_begins(Trace *trace, Run *run, const dfl_event *event, int64_t track) {
    void *sections = run->sections;
    if (!more_room(trace, &sections, run->n, &run->room, sizeof *run->sections))
        return;
    run->sections = sections;
    run->sections[run->n++] =
        (Section){.span = event->span, .ns = event->ns, .index = event->index, .track = track};
}

/* Arrows lead to branches and chunks; an element lies in a chunk, or on the section's own track, and
 * there may be millions. */
static bool is_drawn(const Section *section, const dfl_event *event, dfl__pair pair,
                     int64_t track) {
    return section &&
           (pair == DFL__PAIR_CHUNK || event->index == section->index || track != section->track);
}

static void part_begins(Trace *trace, Run *run, const dfl_event *event, dfl__pair pair,
                        int64_t track) {
    const Section *section = section_of(run, event->parent);
    uint64_t arrow;
    if (!is_drawn(section, event, pair, track))
        return;
    arrow = ++trace->arrows;
    arrow_end(trace, "s", "fork", arrow, section->track, section->ns);
    arrow_end(trace, "f", "fork", arrow, track, event->ns);
}

static void part_ends(Trace *trace, Run *run, const dfl_event *event, dfl__pair pair,
                      int64_t track) {
    Section *section = section_of(run, event->parent);
    void *arrows;
    if (!is_drawn(section, event, pair, track))
        return;
    arrows = section->arrows;
    if (!more_room(trace, &arrows, section->n, &section->room, sizeof *section->arrows))
        return;
    section->arrows = arrows;
    section->arrows[section->n++] = ++trace->arrows;
    arrow_end(trace, "s", "join", trace->arrows, track, event->ns);
}

static void section_ends(Trace *trace, Run *run, const dfl_event *event, int64_t track) {
    Section *section = section_of(run, event->span);
    if (!section)
        return;
    for (uint32_t i = 0; i < section->n; i++)
        arrow_end(trace, "f", "join", section->arrows[i], track, event->ns);
    dfl__free(section->arrows);
    *section = run->sections[--run->n];
}

/* ---- slices ---- */

/* A branch has the element that its section is in; an element has its own. */
static bool is_element(Run *run, const dfl_event *event, dfl__pair pair) {
    const Section *section = section_of(run, event->parent);
    return pair == DFL__PAIR_BRANCH && event->index != (section ? section->index : -1);
}

static void put_begin_args(dfl__json_out *out, const dfl_event *event) {
    if (!event->thread_id)
        return;
    dfl__put_object(out, "args", '{');
    put_string(out, "thread", event->thread_id);
    dfl__put_close(out, '}');
}

static void begin_slice(Trace *trace, Run *run, const dfl_event *event, dfl__pair pair,
                        int64_t track) {
    begin_line(trace, "B", category_of(pair), track, event->ns);
    put_name(&trace->out.json, event, pair, is_element(run, event, pair));
    put_begin_args(&trace->out.json, event);
    put_numbers(&trace->out.json, event, false);
    dfl__line_end(&trace->out, event->ns);
    if (pair == DFL__PAIR_SECTION)
        section_begins(trace, run, event, track);
    else if (pair == DFL__PAIR_BRANCH || pair == DFL__PAIR_CHUNK)
        part_begins(trace, run, event, pair, track);
}

static void put_error(dfl__json_out *out, const dfl_error *error) {
    dfl__put_object(out, "error", '{');
    put_string(out, "node", error->node);
    put_string(out, "file", error->at);
    dfl__put_number(out, "code", error->code);
    put_string(out, "message", error->message);
    dfl__put_close(out, '}');
}

/* A viewer shows these; one that is told in what a slice differs from others does not merge them. */
static void put_end_args(dfl__json_out *out, const dfl_event *event, dfl__pair pair) {
    if (pair != DFL__PAIR_RUN && event->index < 0 && event->attempt <= 1 && !event->status)
        return;
    dfl__put_object(out, "args", '{');
    if (pair == DFL__PAIR_RUN)
        dfl__put_number(out, "run", (int64_t)event->run);
    if (event->index >= 0)
        dfl__put_number(out, "element", event->index);
    if (event->attempt > 1)
        dfl__put_number(out, "attempt", event->attempt);
    if (event->status)
        put_string(out, "status", dfl_strerror(event->status));
    if (event->error)
        put_error(out, event->error);
    if (event->data.n)
        dfl__put_data(out, "question", event->data);
    dfl__put_close(out, '}');
}

static void end_slice(Trace *trace, Run *run, const dfl_event *event, dfl__pair pair,
                      int64_t track) {
    if (pair == DFL__PAIR_SECTION)
        section_ends(trace, run, event, track);
    else if (pair == DFL__PAIR_BRANCH || pair == DFL__PAIR_CHUNK)
        part_ends(trace, run, event, pair, track);
    begin_line(trace, "E", category_of(pair), track, event->ns);
    put_name(&trace->out.json, event, pair, is_element(run, event, pair));
    put_numbers(&trace->out.json, event, true);
    put_end_args(&trace->out.json, event, pair);
    dfl__line_end(&trace->out, event->ns);
}

/* ---- moments ---- */

static void put_values(dfl__json_out *out, const dfl_event *event) {
    size_t n_cut = 0;
    dfl__put_object(out, "wrote", '{');
    for (uint32_t i = 0; i < event->n_values; i++)
        n_cut += dfl__put_value(out, &event->values[i]);
    dfl__put_close(out, '}');
    if (n_cut > 0)
        dfl__put_number(out, "cut", (int64_t)n_cut);
}

static void put_moment_args(dfl__json_out *out, const dfl_event *event) {
    dfl__put_object(out, "args", '{');
    if (event->path)
        put_string(out, "at", event->path);
    if (event->kind == DFL_EVENT_EDGE)
        put_string(out, "to", event->to);
    if (event->kind == DFL_EVENT_SAVED || event->kind == DFL_EVENT_LOADED)
        dfl__put_number(out, "checkpoint", (int64_t)event->checkpoint);
    if (event->index >= 0)
        dfl__put_number(out, "element", event->index);
    if (event->attempt > 0)
        dfl__put_number(out, "attempt", event->attempt);
    if (event->kind == DFL_EVENT_CUSTOM)
        dfl__put_data(out, "data", event->data);
    if (event->kind == DFL_EVENT_UPDATES)
        put_values(out, event);
    dfl__put_close(out, '}');
}

static void moment(Trace *trace, const dfl_event *event, int64_t track) {
    dfl__json_out *out = &trace->out.json;
    begin_line(trace, "i", dfl_event_name(event->kind), track, event->ns);
    put_string(out, "name",
               event->kind == DFL_EVENT_CUSTOM ? event->to : dfl_event_name(event->kind));
    dfl__put_literal(out, "s", "t");
    put_numbers(out, event, false);
    put_moment_args(out, event);
    dfl__line_end(&trace->out, event->ns);
}

/* ---- the hook ---- */

static void tell(Trace *trace, Run *run, const dfl_event *event, int64_t track) {
    dfl__pair begun = dfl__begins(event->kind), ended = dfl__ended_by(event);
    if (begun != DFL__PAIR_NONE)
        begin_slice(trace, run, event, begun, track);
    else if (ended != DFL__PAIR_NONE)
        end_slice(trace, run, event, ended, track);
    else
        moment(trace, event, track);
}

static void tell_of_run(Trace *trace, Run *run, const dfl_event *event) {
    int64_t track;
    bool found = find_track(trace, run, event, &track);
    if (found)
        tell(trace, run, event, track);
    if (!found || event->kind == DFL_EVENT_RUN_END)
        free_run(trace, run, event->ns);
    if (trace->n_runs == 0)
        dfl__trace_out_flush(&trace->out, event->ns);
}

static void on_event(void *user, const dfl_event *event) {
    Trace *trace = user;
    Run *run;
    pthread_mutex_lock(&trace->lock);
    run = run_of(trace, event);
    if (run)
        tell_of_run(trace, run, event);
    pthread_mutex_unlock(&trace->lock);
}

/* What times are counted from, so that a reader's doubles hold them to the nanosecond. */
static void put_origin(Trace *trace) {
    dfl__json_out *out = &trace->out.json;
    dfl__line_begin(&trace->out);
    dfl__put_literal(out, "ph", "M");
    dfl__put_number(out, "pid", trace->pid);
    dfl__put_literal(out, "name", "dflc_trace");
    dfl__put_object(out, "args", '{');
    dfl__put_number(out, "version", 1);
    dfl__put_number(out, "monotonic_ns", trace->origin);
    dfl__put_number(out, "time_ns", dfl__wall_clock());
    dfl__put_close(out, '}');
    dfl__line_end(&trace->out, trace->origin);
}

dfl_hooks *dfl_trace_open(const char *path) {
    Trace *trace = path ? dfl__zalloc(sizeof *trace) : NULL;
    int why;
    if (!trace) {
        errno = path ? ENOMEM : EINVAL;
        return NULL;
    }
    why = pthread_mutex_init(&trace->lock, NULL);
    if (why == 0) {
        if (dfl__trace_out_open(&trace->out, path) == DFL_OK) {
            trace->hooks = (dfl_hooks){
                .mask = DFL_EV_ALL | DFL_STREAM_UPDATES, .on_event = on_event, .user = trace};
            trace->pid = getpid();
            trace->origin = dfl__now();
            put_origin(trace);
            return &trace->hooks;
        }
        why = errno;
        pthread_mutex_destroy(&trace->lock);
    }
    dfl__free(trace);
    errno = why;
    return NULL;
}

int dfl_trace_close(dfl_hooks *hooks) {
    Trace *trace = (Trace *)hooks;
    int status, why;
    if (!hooks)
        return DFL_OK;
    status = dfl__trace_out_close(&trace->out);
    why = errno;
    for (uint32_t i = 0; i < RUN_LISTS; i++)
        while (trace->runs[i])
            free_run(trace, trace->runs[i], 0);
    pthread_mutex_destroy(&trace->lock);
    dfl__free(trace->lanes);
    dfl__free(trace->named);
    dfl__free(trace);
    errno = why;
    return status;
}
