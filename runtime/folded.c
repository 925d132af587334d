/* Folded stacks: where the time of runs went, as flame graphs want it told.
 *
 *     finance 40
 *     finance;[fundamental, technical] 31
 *     finance;[fundamental, technical];technical 1020
 *
 * A frame is a graph, a section, a subgraph or a node, and its time what passed on a thread in it but in
 * no frame within: of a section on threads what its caller waited, and what branches do between nodes. Where a
 * node stands in its graph never changes, so a frame is one of the graph's places. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

#include "event_pair.h"
#include "internal.h"
#include "mem.h"
#include "whole_file.h"

enum { OPEN_LISTS = 1024 };

typedef struct Frame {
    const struct Frame *parent; /* NULL: not known, or none */
    const char *name;
    uint64_t ns;
} Frame;

/* Of one graph. */
typedef struct Table {
    struct Table *next;
    const dfl_graph *graph;
    Frame frames[]; /* by place; and behind them that of the graph */
} Table;

/* What has begun and not ended. */
typedef struct Open {
    struct Open *next;
    uint64_t run, span;
    Frame *frame; /* of a branch or chunk that of its section */
    uint32_t worker;
    int64_t within_ns; /* that ended in it, on its thread */
} Open;

typedef struct Folded {
    dfl_hooks hooks;
    pthread_mutex_t lock; /* guards all that follows */
    char *path;
    Table *tables;
    Open *open[OPEN_LISTS];
    bool lost;
} Folded;

/* ---- what is open ---- */

static Open **find_open(Folded *folded, uint64_t run, uint64_t span) {
    Open **at = &folded->open[(run * 31 + span) % OPEN_LISTS];
    while (*at && ((*at)->run != run || (*at)->span != span))
        at = &(*at)->next;
    return at;
}

/* NULL: there was no memory. */
static Table *table_of(Folded *folded, const dfl_graph *graph) {
    Table *table = folded->tables;
    while (table && table->graph != graph)
        table = table->next;
    if (table)
        return table;
    table = dfl__zalloc(sizeof *table + (graph->n_places + 1) * sizeof *table->frames);
    if (!table)
        return NULL;
    table->graph = graph;
    table->next = folded->tables;
    folded->tables = table;
    for (uint32_t i = 0; i < graph->n_places; i++)
        table->frames[i].name = graph->places[i].name;
    table->frames[graph->n_places].name = graph->name;
    return table;
}

static Frame *frame_of(Folded *folded, const dfl_event *event, const Open *around) {
    Table *table = table_of(folded, event->graph);
    bool whole = event->kind == DFL_EVENT_RUN_START;
    Frame *frame;
    if (!table)
        return NULL;
    frame = &table->frames[whole ? event->graph->n_places : event->place];
    if (!frame->parent && !whole)
        frame->parent = around ? around->frame : NULL;
    return frame;
}

static void begin(Folded *folded, const dfl_event *event, dfl__pair pair) {
    const Open *around = *find_open(folded, event->run, event->parent);
    bool part = pair == DFL__PAIR_BRANCH || pair == DFL__PAIR_CHUNK;
    Frame *frame = part && around ? around->frame : frame_of(folded, event, around);
    Open *open = frame ? dfl__malloc(sizeof *open) : NULL;
    Open **at = find_open(folded, event->run, event->span);
    if (!open) {
        folded->lost = true;
        return;
    }
    *open = (Open){*at, event->run, event->span, frame, event->worker, 0};
    *at = open;
}

static void end(Folded *folded, const dfl_event *event) {
    Open **at = find_open(folded, event->run, event->span), *open = *at, *around;
    if (!open)
        return;
    if (event->duration_ns > open->within_ns)
        open->frame->ns += (uint64_t)(event->duration_ns - open->within_ns);
    *at = open->next;
    around = *find_open(folded, event->run, event->parent);
    if (around && around->worker == open->worker)
        around->within_ns += event->duration_ns;
    dfl__free(open);
}

static void on_event(void *user, const dfl_event *event) {
    Folded *folded = user;
    dfl__pair begun = dfl__begins(event->kind);
    pthread_mutex_lock(&folded->lock);
    if (begun != DFL__PAIR_NONE)
        begin(folded, event, begun);
    else if (dfl__ended_by(event) != DFL__PAIR_NONE)
        end(folded, event);
    pthread_mutex_unlock(&folded->lock);
}

/* ---- writing ---- */

/* A semicolon parts frames, and a line ends where it ends. */
static void write_name(FILE *out, const char *name) {
    for (; *name; name++)
        putc(*name == ';' ? ',' : (unsigned char)*name < ' ' ? ' ' : *name, out);
}

static const Frame *above(const Frame *frame, size_t n) {
    while (n-- > 0)
        frame = frame->parent;
    return frame;
}

static void write_frame(FILE *out, const Frame *frame) {
    uint64_t us = (frame->ns + 500) / 1000;
    size_t depth = 0;
    for (const Frame *at = frame; at->parent; at = at->parent)
        depth++;
    for (; depth > 0; depth--) {
        write_name(out, above(frame, depth)->name);
        putc(';', out);
    }
    write_name(out, frame->name);
    fprintf(out, " %" PRIu64 "\n", us > 0 ? us : 1);
}

static void write_table(FILE *out, const Table *table) {
    uint32_t n = table->graph->n_places;
    if (table->frames[n].ns > 0)
        write_frame(out, &table->frames[n]);
    for (uint32_t i = 0; i < n; i++)
        if (table->frames[i].ns > 0)
            write_frame(out, &table->frames[i]);
}

/* In the order of the names of graphs, and then of their places: that of what happened does not matter. */
static Table *take_first(Table **tables) {
    Table **first = tables, *taken;
    for (Table **at = tables; *at; at = &(*at)->next)
        if (strcmp((*at)->graph->name, (*first)->graph->name) < 0)
            first = at;
    taken = *first;
    *first = taken->next;
    return taken;
}

static int write_tables(FILE *out, void *user) {
    Folded *folded = user;
    while (folded->tables) {
        Table *table = take_first(&folded->tables);
        write_table(out, table);
        dfl__free(table);
    }
    return DFL_OK;
}

/* ---- the hook ---- */

dfl_hooks *dfl_folded_open(const char *path) {
    Folded *folded = path ? dfl__zalloc(sizeof *folded) : NULL;
    if (!folded)
        return NULL;
    folded->path = dfl__malloc(strlen(path) + 1);
    if (!folded->path || pthread_mutex_init(&folded->lock, NULL) != 0) {
        dfl__free(folded->path);
        dfl__free(folded);
        return NULL;
    }
    memcpy(folded->path, path, strlen(path) + 1);
    folded->hooks = (dfl_hooks){.mask = DFL_EV_RUN | DFL_EV_NODE | DFL_EV_SECTION | DFL_EV_BRANCH |
                                        DFL_EV_CHUNK | DFL_EV_PAUSE,
                                .on_event = on_event,
                                .user = folded};
    return &folded->hooks;
}

static void free_folded(Folded *folded) {
    for (size_t i = 0; i < OPEN_LISTS; i++)
        for (Open *open = folded->open[i], *next; open; open = next) {
            next = open->next;
            dfl__free(open);
        }
    for (Table *table = folded->tables, *next; table; table = next) {
        next = table->next;
        dfl__free(table);
    }
    pthread_mutex_destroy(&folded->lock);
    dfl__free(folded->path);
    dfl__free(folded);
}

int dfl_folded_close(dfl_hooks *hooks) {
    Folded *folded = (Folded *)hooks;
    int status, why;
    if (!hooks)
        return DFL_OK;
    status = dfl__write_whole(folded->path, write_tables, folded);
    if (status == DFL_OK && folded->lost)
        status = DFL_ENOMEM;
    why = errno;
    free_folded(folded);
    errno = why;
    return status;
}
