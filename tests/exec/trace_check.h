/* trace_check.h: is a file a Chrome trace whose slices nest and whose arrows lead from one to another?
 *
 * A reader of its own, which knows JSON and the trace format, and nothing of how traces are written. */
#ifndef TRACE_CHECK_H
#define TRACE_CHECK_H

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "check.h"

/* ---- JSON (RFC 8259) ---- */

static inline const char *trace_value(const char *p, int depth);

static inline const char *trace_space(const char *p) {
    return p + strspn(p, " \t\r\n");
}

static inline const char *trace_string(const char *p) {
    CHECK(*p++ == '"');
    for (; *p != '"'; p++) {
        CHECK((unsigned char)*p >= 0x20);
        if (*p != '\\')
            continue;
        CHECK(*++p && strchr("\"\\/bfnrtu", *p));
        for (int i = 0; *p == 'u' && i < 4; i++)
            CHECK(isxdigit((unsigned char)p[1 + i]));
    }
    return p + 1;
}

static inline const char *trace_number(const char *p) {
    p += *p == '-';
    CHECK(isdigit((unsigned char)*p) && !(p[0] == '0' && isdigit((unsigned char)p[1])));
    p += strspn(p, "0123456789");
    if (*p == '.') {
        CHECK(isdigit((unsigned char)p[1]));
        p += 1 + strspn(p + 1, "0123456789");
    }
    if (*p == 'e' || *p == 'E') {
        p += 1 + (p[1] == '-' || p[1] == '+');
        CHECK(isdigit((unsigned char)*p));
        p += strspn(p, "0123456789");
    }
    return p;
}

/* The members of an object or the items of an array, and its end. */
static inline const char *trace_inside(const char *p, int depth) {
    char end = *p == '{' ? '}' : ']';
    bool object = *p == '{';
    CHECK(depth < 1000);
    p = trace_space(p + 1);
    if (*p == end)
        return p + 1;
    for (;; p = trace_space(p + 1)) {
        if (object) {
            p = trace_space(trace_string(p));
            CHECK(*p == ':');
            p = trace_space(p + 1);
        }
        p = trace_space(trace_value(p, depth + 1));
        if (*p == end)
            return p + 1;
        CHECK(*p == ',');
    }
}

/* Behind the value at p. */
static inline const char *trace_value(const char *p, int depth) {
    static const char *const words[] = {"true", "false", "null"};
    if (*p == '{' || *p == '[')
        return trace_inside(p, depth);
    if (*p == '"')
        return trace_string(p);
    for (int i = 0; i < 3; i++)
        if (strncmp(p, words[i], strlen(words[i])) == 0)
            return p + strlen(words[i]);
    return trace_number(p);
}

/* The value of a member of the object at p, or NULL. The JSON is known to be good. */
static inline const char *trace_get(const char *p, const char *name) {
    size_t n = strlen(name);
    for (p = trace_space(p + 1); *p != '}'; p = trace_space(p + (*p == ','))) {
        bool found = strncmp(p + 1, name, n) == 0 && p[n + 1] == '"';
        p = trace_space(trace_space(trace_string(p)) + 1);
        if (found)
            return p;
        p = trace_space(trace_value(p, 0));
    }
    return NULL;
}

static inline const char *trace_need(const char *p, const char *name) {
    const char *value = trace_get(p, name);
    if (!value)
        fprintf(stderr, "no \"%s\" in %.300s\n", name, p);
    CHECK(value);
    return value;
}

static inline bool trace_same(const char *a, const char *b) {
    size_t n = (size_t)(trace_value(a, 0) - a);
    return (size_t)(trace_value(b, 0) - b) == n && memcmp(a, b, n) == 0;
}

static inline bool trace_is(const char *value, const char *text) {
    size_t n = strlen(text);
    return value && value[0] == '"' && strncmp(value + 1, text, n) == 0 && value[n + 1] == '"';
}

static inline char *trace_read(const char *path) {
    size_t n = 0, room = 1 << 16;
    char *text = malloc(room);
    FILE *in = fopen(path, "r");
    CHECK(text && in);
    for (size_t got; (got = fread(text + n, 1, room - n - 1, in)) > 0; n += got)
        if (room - n - got < 2)
            text = realloc(text, room *= 2);
    fclose(in);
    text[n] = '\0';
    CHECK(strlen(text) == n);
    return text;
}

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
    const char *phase = trace_need(at, "ph");
    CHECK(*trace_need(at, "name") == '"' && isdigit((unsigned char)*trace_need(at, "pid")));
    CHECK(phase[0] == '"' && phase[2] == '"' && strchr("MBEisf", phase[1]));
    e.phase = phase[1];
    if (e.phase == 'M' && !trace_is(trace_get(at, "name"), "thread_name"))
        return e;
    e.track = strtod(trace_need(at, "tid"), NULL);
    if (e.phase != 'M')
        e.us = strtod(trace_need(at, "ts"), NULL);
    return e;
}

static inline TraceFile trace_parse(char *text) {
    TraceFile file = {.text = text};
    size_t room = 64;
    const char *p = text;
    CHECK(*trace_space(trace_value(p, 0)) == '\0');
    CHECK(*p == '[');
    file.events = malloc(room * sizeof *file.events);
    for (p = trace_space(p + 1); *p != ']'; p = trace_space(p + (*p == ','))) {
        CHECK(*p == '{');
        if (file.n == room)
            file.events = realloc(file.events, (room *= 2) * sizeof *file.events);
        file.events[file.n] = trace_event(p, file.n);
        file.phases[(unsigned char)file.events[file.n].phase]++;
        file.n++;
        p = trace_space(trace_value(p, 0));
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
        if (e->phase == 'M' && trace_is(trace_get(e->at, "name"), "thread_name"))
            named = true;
        CHECK(named || e->phase == 'M');
        if (e->phase == 'E') {
            CHECK(depth > 0);
            depth--;
            CHECK(trace_same(trace_get(e->at, "name"), trace_get(open[depth], "name")));
            CHECK(trace_same(trace_need(e->at, "cat"), trace_need(open[depth], "cat")));
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
    return trace_same(trace_need(a, "id"), trace_need(b, "id")) &&
           trace_same(trace_need(a, "name"), trace_get(b, "name")) &&
           trace_same(trace_need(a, "cat"), trace_need(b, "cat"));
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
            CHECK(f->us >= s->us && trace_is(trace_need(f->at, "bp"), "e"));
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
    return trace_check_text(trace_read(path), true);
}

/* How many events have this phase and category, and this name (NULL: any). */
static inline size_t trace_count(const TraceFile *file, char phase, const char *category,
                                 const char *name) {
    size_t n = 0;
    for (size_t i = 0; i < file->n; i++)
        n += file->events[i].phase == phase &&
             trace_is(trace_get(file->events[i].at, "cat"), category) &&
             (!name || trace_is(trace_get(file->events[i].at, "name"), name));
    return n;
}

#endif
