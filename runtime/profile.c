/* Profiles: how often and how long the nodes of a graph ran, which edges were taken, how often its
 * sections were entered. The form of the file is in dflc/formats.md.
 *
 * Counters are relaxed atomics: runs on many threads count into one profile, nobody waits, and a
 * number means nothing until the runs are over. */
#define _POSIX_C_SOURCE 200809L

#include "profile.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "edge_order.h"
#include "internal.h"
#include "mem.h"
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
    struct Table *next;
    const dfl_graph *graph;
    _Atomic uint64_t runs;
    Node *nodes;             /* by place */
    _Atomic uint64_t *edges; /* as in `order` */
    uint32_t *order;         /* edges by from and to */
} Table;

typedef struct Profile {
    dfl_hooks hooks;
    pthread_mutex_t lock; /* guards adding tables */
    _Atomic(Table *) tables;
    char *path;
    bool lost; /* some graph found no memory */
} Profile;

/* ---- tables ---- */

static void free_table(Table *table) {
    dfl__free(table->nodes);
    dfl__free(table->edges);
    dfl__free(table->order);
    dfl__free(table);
}

static Table *new_table(const dfl_graph *graph) {
    Table *table = dfl__zalloc(sizeof *table);
    if (!table)
        return NULL;
    table->graph = graph;
    table->nodes = dfl__zalloc(graph->n_places * sizeof *table->nodes);
    table->edges = dfl__zalloc((graph->n_edges + 1) * sizeof *table->edges);
    table->order = dfl__zalloc((graph->n_edges + 1) * sizeof *table->order);
    if (table->nodes && table->edges && table->order) {
        dfl__edge_order(graph, table->order);
        return table;
    }
    free_table(table);
    return NULL;
}

static Table *find_table(Profile *profile, const dfl_graph *graph) {
    Table *table = atomic_load_explicit(&profile->tables, memory_order_acquire);
    while (table && table->graph != graph)
        table = table->next;
    return table;
}

static Table *add_table(Profile *profile, const dfl_graph *graph) {
    Table *table;
    pthread_mutex_lock(&profile->lock);
    table = find_table(profile, graph);
    if (!table) {
        table = new_table(graph);
        if (table) {
            table->next = atomic_load_explicit(&profile->tables, memory_order_relaxed);
            atomic_store_explicit(&profile->tables, table, memory_order_release);
        }
        profile->lost = profile->lost || !table;
    }
    pthread_mutex_unlock(&profile->lock);
    return table;
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

static void count_edge(Table *table, uint32_t from, uint32_t to) {
    uint32_t at = dfl__edge_find(table->graph, table->order, from, to);
    if (at < table->graph->n_edges)
        add(&table->edges[at], 1);
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
    Table *table = find_table(profile, event->graph);
    if (!table)
        table = add_table(profile, event->graph);
    if (!table)
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
        count_edge(table, event->place, event->to_place);
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
    const dfl_graph *graph = table->graph;
    fprintf(out, "graph\t%s\t%" PRIu64 "\n", graph->name, get(&table->runs));
    for (uint32_t i = 0; i < graph->n_places; i++) {
        const dfl_place *place = &graph->places[i];
        if (place->kind == DFL_PLACE_NODE)
            write_node(out, place, &table->nodes[i]);
        if (place->kind == DFL_PLACE_SECTION)
            fprintf(out, "section\t%s\t%" PRIu64 "\n", place->name, get(&table->nodes[i].begun));
    }
    for (uint32_t i = 0; i < graph->n_edges; i++) {
        const dfl_edge *edge = &graph->edges[table->order[i]];
        if (get(&table->edges[i]) > 0)
            fprintf(out, "edge\t%s\t%s\t%" PRIu64 "\n", graph->places[edge->from].name,
                    graph->places[edge->to].name, get(&table->edges[i]));
    }
}

/* By name, so that what happened first does not matter. */
static int by_name(const void *a, const void *b) {
    const Table *const *x = a, *const *y = b;
    return strcmp((*x)->graph->name, (*y)->graph->name);
}

static int write_tables(FILE *out, void *user) {
    Profile *profile = user;
    size_t n = 0, i = 0;
    Table *table, **all;
    for (table = atomic_load(&profile->tables); table; table = table->next)
        n++;
    all = dfl__malloc((n + 1) * sizeof(Table *));
    if (!all)
        return DFL_ENOMEM;
    for (table = atomic_load(&profile->tables); table; table = table->next)
        all[i++] = table;
    if (n > 0)
        qsort((void *)all, n, sizeof(Table *), by_name);
    fprintf(out, "dflc profile 1\n");
    for (i = 0; i < n; i++)
        write_table(out, all[i]);
    dfl__free((void *)all);
    return DFL_OK;
}

/* ---- the hook ---- */

dfl_hooks *dfl_profile_open(const char *path) {
    Profile *profile = path ? dfl__zalloc(sizeof *profile) : NULL;
    if (!profile)
        return NULL;
    profile->path = dfl__malloc(strlen(path) + 1);
    if (!profile->path || pthread_mutex_init(&profile->lock, NULL) != 0) {
        dfl__free(profile->path);
        dfl__free(profile);
        return NULL;
    }
    memcpy(profile->path, path, strlen(path) + 1);
    profile->hooks = (dfl_hooks){.mask = DFL__PROFILE_MASK, .on_event = on_event, .user = profile};
    return &profile->hooks;
}

static void free_tables(Profile *profile) {
    Table *table = atomic_load(&profile->tables), *next;
    for (; table; table = next) {
        next = table->next;
        free_table(table);
    }
    atomic_store(&profile->tables, NULL);
}

int dfl_profile_close(dfl_hooks *hooks) {
    Profile *profile = (Profile *)hooks;
    int status;
    if (!hooks)
        return DFL_OK;
    status = dfl__write_whole(profile->path, write_tables, profile);
    if (status == DFL_OK && profile->lost)
        status = DFL_ENOMEM;
    free_tables(profile);
    pthread_mutex_destroy(&profile->lock);
    dfl__free(profile->path);
    dfl__free(profile);
    return status;
}

/* ---- -finstrument ---- */

/* All instrumented graphs of the process count here; their tables are told apart by the graph. */
static Profile built_in = {.lock = PTHREAD_MUTEX_INITIALIZER};

void dfl__instrument(const dfl_event *event) {
    count(&built_in, event);
}

int dfl__instrument_write(const dfl_graph *graph, const char *path) {
    Profile one = {.path = NULL};
    Table *table = find_table(&built_in, graph), copy;
    int status;
    if (!path)
        return DFL_EINVAL;
    if (table) {
        copy = *table;
        copy.next = NULL;
        atomic_init(&one.tables, &copy);
    }
    pthread_mutex_lock(&built_in.lock);
    one.lost = built_in.lost;
    pthread_mutex_unlock(&built_in.lock);
    status = dfl__write_whole(path, write_tables, &one);
    return status == DFL_OK && one.lost ? DFL_ENOMEM : status;
}

__attribute__((destructor)) static void forget_built_in(void) {
    free_tables(&built_in);
}
