/* Profiles: how often and how long the nodes of a graph ran, which edges were taken, how often its
 * sections were entered. The form of the file is in dflc/formats.md.
 *
 * Counters are relaxed atomics: runs on many threads count into one profile, nobody waits, and a
 * number means nothing until the runs are over. */
#define _POSIX_C_SOURCE 200809L

#include "profile.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "internal.h"
#include "mem.h"
#include "per_graph.h"
#include "whole_file.h"

/* Durations by size, eight buckets to a power of two: a percentile is 6 % off at most.
 *
 *     ns below 8: one bucket each; above, bucket (s + 1) * 8 + m for (8 + m) << s up to (9 + m) << s */
enum { BUCKETS = 62 * 8 };

typedef struct Node {
    _Atomic uint64_t begun; /* first attempts; of a section or router: how often it was come to */
    _Atomic uint64_t succeeded;
    _Atomic uint64_t calls, ns; /* attempts that ended */
    _Atomic uint64_t buckets[BUCKETS];
} Node;

/* Of one graph. */
typedef struct Table {
    dfl__tally tally;
    _Atomic uint64_t runs;
    Node *nodes; /* by place */
} Table;

typedef struct Profile {
    dfl_hooks hooks;
    dfl__tallies tables;
    char *path;
} Profile;

/* ---- tables ---- */

static Table *table_of(dfl__tally *tally) {
    return (Table *)(void *)tally;
}

static void free_table(dfl__tally *tally) {
    dfl__tally_free_edges(tally);
    dfl__free(table_of(tally)->nodes);
    dfl__free(tally);
}

static dfl__tally *new_table(const dfl_graph *graph) {
    Table *table = dfl__zalloc(sizeof *table);
    if (!table)
        return NULL;
    table->nodes = dfl__zalloc(graph->n_places * sizeof *table->nodes);
    if (dfl__tally_init(&table->tally, graph) && table->nodes)
        return &table->tally;
    free_table(&table->tally);
    return NULL;
}

/* ---- counting ---- */

static void add(_Atomic uint64_t *counter, uint64_t n) {
    atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static uint32_t bucket_of(uint64_t ns) {
    uint32_t shift;
    if (ns < 8)
        return (uint32_t)ns;
    shift = 60 - (uint32_t)__builtin_clzll(ns);
    return (shift + 1) * 8 + (uint32_t)(ns >> shift & 7);
}

static void count_end(Node *node, const dfl_event *event) {
    uint64_t ns = event->duration_ns > 0 ? (uint64_t)event->duration_ns : 0;
    add(&node->calls, 1);
    add(&node->ns, ns);
    if (event->kind == DFL_EVENT_NODE_END)
        add(&node->succeeded, 1);
    add(&node->buckets[bucket_of(ns)], 1);
}

/* Allocates at a graph's first event, and counts nothing where there is no memory. */
static void count(Profile *profile, const dfl_event *event) {
    dfl__tally *tally = dfl__tally_get(&profile->tables, event->graph, new_table);
    Table *table = table_of(tally);
    if (!tally)
        return;
    switch (event->kind) {
    case DFL_EVENT_RUN_START:
        add(&table->runs, 1);
        break;
    case DFL_EVENT_NODE_START:
        if (event->attempt <= 1)
            add(&table->nodes[event->place].begun, 1);
        break;
    case DFL_EVENT_NODE_END:
    case DFL_EVENT_NODE_ERROR:
        count_end(&table->nodes[event->place], event);
        break;
    case DFL_EVENT_FORK:
        add(&table->nodes[event->place].begun, 1);
        break;
    case DFL_EVENT_EDGE:
        dfl__tally_edge(tally, event);
        break;
    default:
        break;
    }
}

static void on_event(void *user, const dfl_event *event) {
    count(user, event);
}

/* ---- writing ---- */

static uint64_t get(_Atomic uint64_t *counter) {
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static void write_node(FILE *out, const dfl_place *place, Node *node) {
    fprintf(out, "node\t%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64, place->name,
            get(&node->begun), get(&node->succeeded), get(&node->calls), get(&node->ns));
    for (uint32_t i = 0; i < BUCKETS; i++) {
        uint64_t n = get(&node->buckets[i]);
        if (n > 0)
            fprintf(out, "\t%u:%" PRIu64, (unsigned)i, n);
    }
    fprintf(out, "\n");
}

/* Places that nobody came to, too: a graph that has others since is told by what is not there. */
static void write_table(FILE *out, Table *table) {
    const dfl_graph *graph = table->tally.graph;
    fprintf(out, "graph\t%s\t%" PRIu64 "\n", graph->name, get(&table->runs));
    for (uint32_t i = 0; i < graph->n_places; i++) {
        const dfl_place *place = &graph->places[i];
        if (place->kind == DFL_PLACE_NODE)
            write_node(out, place, &table->nodes[i]);
        if (place->kind == DFL_PLACE_SECTION)
            fprintf(out, "section\t%s\t%" PRIu64 "\n", place->name, get(&table->nodes[i].begun));
    }
    for (uint32_t i = 0; i < graph->n_edges; i++) {
        const dfl_edge *edge = &graph->edges[table->tally.order[i]];
        if (get(&table->tally.edges[i]) > 0)
            fprintf(out, "edge\t%s\t%s\t%" PRIu64 "\n", graph->places[edge->from].name,
                    graph->places[edge->to].name, get(&table->tally.edges[i]));
    }
}

/* By name, so that what happened first does not matter. */
static int by_name(const void *a, const void *b) {
    const dfl__tally *const *x = a, *const *y = b;
    return strcmp((*x)->graph->name, (*y)->graph->name);
}

static int write_tables(FILE *out, void *user) {
    Profile *profile = user;
    size_t n = 0, i = 0;
    dfl__tally *tally, **all;
    for (tally = atomic_load(&profile->tables.first); tally; tally = tally->next)
        n++;
    all = dfl__malloc((n + 1) * sizeof(dfl__tally *));
    if (!all)
        return DFL_ENOMEM;
    for (tally = atomic_load(&profile->tables.first); tally; tally = tally->next)
        all[i++] = tally;
    if (n > 0)
        qsort((void *)all, n, sizeof(dfl__tally *), by_name);
    fprintf(out, "dflc profile 1\n");
    for (i = 0; i < n; i++)
        write_table(out, table_of(all[i]));
    dfl__free((void *)all);
    return DFL_OK;
}

/* ---- the hook ---- */

dfl_hooks *dfl_profile_open(const char *path) {
    Profile *profile = path ? dfl__zalloc(sizeof *profile) : NULL;
    if (!profile)
        return NULL;
    profile->path = dfl__malloc(strlen(path) + 1);
    if (!profile->path || pthread_mutex_init(&profile->tables.lock, NULL) != 0) {
        dfl__free(profile->path);
        dfl__free(profile);
        return NULL;
    }
    memcpy(profile->path, path, strlen(path) + 1);
    profile->hooks = (dfl_hooks){.mask = DFL__PROFILE_MASK, .on_event = on_event, .user = profile};
    return &profile->hooks;
}

int dfl_profile_close(dfl_hooks *hooks) {
    Profile *profile = (Profile *)hooks;
    int status;
    if (!hooks)
        return DFL_OK;
    status = dfl__write_whole(profile->path, write_tables, profile);
    if (status == DFL_OK && atomic_load(&profile->tables.lost))
        status = DFL_ENOMEM;
    dfl__tally_free_all(&profile->tables, free_table);
    pthread_mutex_destroy(&profile->tables.lock);
    dfl__free(profile->path);
    dfl__free(profile);
    return status;
}

/* ---- -finstrument ---- */

/* All instrumented graphs of the process count here; their tables are told apart by the graph. */
static Profile built_in = {.tables = {.lock = PTHREAD_MUTEX_INITIALIZER}};

void dfl__instrument(const dfl_event *event) {
    count(&built_in, event);
}

int dfl__instrument_write(const dfl_graph *graph, const char *path) {
    Profile one = {.path = NULL};
    dfl__tally *tally = dfl__tally_find(&built_in.tables, graph);
    Table copy;
    bool lost = atomic_load(&built_in.tables.lost);
    int status;
    if (!path)
        return DFL_EINVAL;
    if (tally) {
        copy = *table_of(tally);
        copy.tally.next = NULL;
        atomic_init(&one.tables.first, &copy.tally);
    }
    status = dfl__write_whole(path, write_tables, &one);
    return status == DFL_OK && lost ? DFL_ENOMEM : status;
}

__attribute__((destructor)) static void forget_built_in(void) {
    dfl__tally_free_all(&built_in.tables, free_table);
}
