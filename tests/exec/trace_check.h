/* trace_check.h: is a file a Chrome trace whose slices nest and whose arrows lead from one to another?
 *
 * A reader of its own, which knows JSON and the trace format, and nothing of how traces are written. */
#ifndef TRACE_CHECK_H
#define TRACE_CHECK_H

#include <stdint.h>

#include "json_check.h"

/* ---- the format ---- */

typedef struct TraceEvent {
    const char *at; /* its object */
    char phase;
    double track; /* tid; all have one pid */
    double us;
    size_t place; /* in the file */
} TraceEvent;

typedef struct TraceFile {
    char *text;
    TraceEvent *events; /* by track and time; those of a moment as in the file */
    size_t n;
    size_t phases[128]; /* how many of each */
} TraceFile;

static inline int trace_order(const void *a, const void *b) {
    const TraceEvent *x = a, *y = b;
    if (x->track != y->track)
        return x->track < y->track ? -1 : 1;
    if (x->us != y->us)
        return x->us < y->us ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

static inline TraceEvent trace_event(const char *at, size_t place) {
    TraceEvent e = {at, 0, 0, 0, place};
    const char *phase = json_need(at, "ph");
    CHECK(*json_need(at, "name") == '"' && isdigit((unsigned char)*json_need(at, "pid")));
    CHECK(phase[0] == '"' && phase[2] == '"' && strchr("MBEisf", phase[1]));
    e.phase = phase[1];
    if (e.phase == 'M' && !json_is(json_get(at, "name"), "thread_name"))
        return e;
    e.track = strtod(json_need(at, "tid"), NULL);
    if (e.phase != 'M')
        e.us = strtod(json_need(at, "ts"), NULL);
    return e;
}

static inline TraceFile trace_parse(char *text) {
    TraceFile file = {.text = text};
    size_t room = 64;
    const char *p = text;
    CHECK(*json_space(json_value(p, 0)) == '\0');
    CHECK(*p == '[');
    file.events = malloc(room * sizeof *file.events);
    for (p = json_space(p + 1); *p != ']'; p = json_space(p + (*p == ','))) {
        CHECK(*p == '{');
        if (file.n == room)
            file.events = realloc(file.events, (room *= 2) * sizeof *file.events);
        file.events[file.n] = trace_event(p, file.n);
        file.phases[(unsigned char)file.events[file.n].phase]++;
        file.n++;
        p = json_space(json_value(p, 0));
    }
    qsort(file.events, file.n, sizeof *file.events, trace_order);
    return file;
}

static inline void trace_free(TraceFile *file) {
    free(file->events);
    free(file->text);
}

/* Slices of each track nest, by name, and none is left open; the track has a name. What stands at
 * open[i] is around event i, or NULL; to be freed. */
static inline const char **trace_nesting(const TraceFile *file, bool whole) {
    const char **around = malloc((file->n + 1) * sizeof *around);
    const char **open = malloc((file->n + 1) * sizeof *open);
    size_t depth = 0;
    bool named = false;
    for (size_t i = 0; i < file->n; i++) {
        const TraceEvent *e = &file->events[i];
        if (i == 0 || e->track != e[-1].track) {
            CHECK(depth == 0 || !whole);
            depth = 0, named = false;
        }
        if (e->phase == 'M' && json_is(json_get(e->at, "name"), "thread_name"))
            named = true;
        CHECK(named || e->phase == 'M');
        if (e->phase == 'E') {
            CHECK(depth > 0);
            depth--;
            CHECK(json_same(json_get(e->at, "name"), json_get(open[depth], "name")));
            CHECK(json_same(json_need(e->at, "cat"), json_need(open[depth], "cat")));
        }
        around[i] = depth ? open[depth - 1] : NULL;
        if (e->phase == 'B')
            open[depth++] = e->at;
    }
    CHECK(depth == 0 || !whole);
    free(open);
    return around;
}

static inline bool trace_same_arrow(const char *a, const char *b) {
    return json_same(json_need(a, "id"), json_need(b, "id")) &&
           json_same(json_need(a, "name"), json_get(b, "name")) &&
           json_same(json_need(a, "cat"), json_need(b, "cat"));
}

/* Each arrow has two ends, both in slices, and points forward. */
static inline void trace_arrows(const TraceFile *file, const char **around) {
    for (size_t i = 0; i < file->n; i++) {
        const TraceEvent *s = &file->events[i];
        size_t ends = 0;
        if (s->phase != 's')
            continue;
        for (size_t k = 0; k < file->n; k++) {
            const TraceEvent *f = &file->events[k];
            if (f->phase != 'f' || !trace_same_arrow(s->at, f->at))
                continue;
            ends++;
            CHECK(f->us >= s->us && json_is(json_need(f->at, "bp"), "e"));
            CHECK(around[i] && around[k] && around[i] != around[k]);
        }
        CHECK(ends == 1);
    }
    CHECK(file->phases['s'] == file->phases['f']);
}

static inline TraceFile trace_check_text(char *text, bool whole) {
    TraceFile file = trace_parse(text);
    const char **around = trace_nesting(&file, whole);
    if (whole)
        trace_arrows(&file, around);
    free(around);
    return file;
}

static inline TraceFile trace_check(const char *path) {
    return trace_check_text(json_read(path), true);
}

/* How many events have this phase and category, and this name (NULL: any). */
static inline size_t trace_count(const TraceFile *file, char phase, const char *category,
                                 const char *name) {
    size_t n = 0;
    for (size_t i = 0; i < file->n; i++)
        n += file->events[i].phase == phase &&
             json_is(json_get(file->events[i].at, "cat"), category) &&
             (!name || json_is(json_get(file->events[i].at, "name"), name));
    return n;
}

#endif
