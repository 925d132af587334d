/* Metrics: what runs have done, counted by graph, node and edge, for Prometheus.
 *
 * Counters are relaxed atomics: runs on many threads count into one place and nobody waits. A text is made of a
 * copy of all of them (metrics_text.c). */
#define _POSIX_C_SOURCE 200809L

#include "metrics.h"

#include <stdlib.h>

#include "internal.h"
#include "mem.h"
#include "per_graph.h"
#include "whole_file.h"

typedef struct Histogram {
    _Atomic uint64_t counts[DFL__BUCKETS];
    _Atomic uint64_t sum_ns;
} Histogram;

/* A node or section. */
typedef struct Place {
    Histogram durations;
    _Atomic uint64_t counts[DFL__PLACE_COUNTS];
} Place;

/* Of one graph. */
typedef struct Table {
    dfl__tally tally;
    Histogram durations;
    _Atomic uint64_t counts[DFL__GRAPH_COUNTS];
    _Atomic uint64_t ended[DFL__STATUSES];
    Place *places;
} Table;

typedef struct Metrics {
    dfl_hooks hooks;
    dfl__tallies tables;
} Metrics;

/* ---- tables ---- */

static Table *table_of(dfl__tally *tally) {
    return (Table *)(void *)tally;
}

static void free_table(dfl__tally *tally) {
    dfl__tally_free_edges(tally);
    dfl__free(table_of(tally)->places);
    dfl__free(tally);
}

static dfl__tally *new_table(const dfl_graph *graph) {
    Table *table = dfl__zalloc(sizeof *table);
    if (!table)
        return NULL;
    table->places = dfl__zalloc(graph->n_places * sizeof *table->places);
    if (dfl__tally_init(&table->tally, graph) && table->places)
        return &table->tally;
    free_table(&table->tally);
    return NULL;
}

/* ---- counting ---- */

static void add(_Atomic uint64_t *counter, uint64_t n) {
    atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static void observe(Histogram *histogram, int64_t ns) {
    uint64_t length = ns > 0 ? (uint64_t)ns : 0;
    uint32_t i = 0;
    while (i < DFL__BUCKETS - 1 && length > dfl__metrics_bounds[i].ns)
        i++;
    add(&histogram->counts[i], 1);
    add(&histogram->sum_ns, length);
}

static void count_run_end(Table *table, const dfl_event *event) {
    observe(&table->durations, event->duration_ns);
    /* A release: who sees the end sees the start, see copy_graph. */
    atomic_fetch_add_explicit(&table->ended[dfl__metrics_status(event->status)], 1,
                              memory_order_release);
}

/* Of events that have no end of their own. */
static int place_count_of(dfl_event_kind kind) {
    switch (kind) {
    case DFL_EVENT_NODE_ERROR:
        return DFL__COUNT_ERRORS;
    case DFL_EVENT_RETRY:
        return DFL__COUNT_RETRIES;
    case DFL_EVENT_TIMEOUT:
        return DFL__COUNT_TIMEOUTS;
    case DFL_EVENT_PAUSED:
        return DFL__COUNT_PAUSES;
    case DFL_EVENT_CUSTOM:
        return DFL__COUNT_CUSTOM;
    default:
        return -1;
    }
}

static int graph_count_of(dfl_event_kind kind) {
    switch (kind) {
    case DFL_EVENT_RUN_START:
        return DFL__COUNT_STARTED;
    case DFL_EVENT_RESUMED:
        return DFL__COUNT_RESUMED;
    case DFL_EVENT_SAVED:
        return DFL__COUNT_SAVED;
    case DFL_EVENT_LOADED:
        return DFL__COUNT_LOADED;
    case DFL_EVENT_LIMIT:
        return DFL__COUNT_LIMITS;
    default:
        return -1;
    }
}

static void count_in(Table *table, const dfl_event *event) {
    dfl__pair ended = dfl__ended_by(event);
    int of_place = place_count_of(event->kind), of_graph = graph_count_of(event->kind);
    Place *place = event->place < table->tally.graph->n_places ? &table->places[event->place] : NULL;
    if (of_graph >= 0)
        add(&table->counts[of_graph], 1);
    if (of_place >= 0 && place)
        add(&place->counts[of_place], 1);
    if (event->kind == DFL_EVENT_EDGE)
        dfl__tally_edge(&table->tally, event);
    else if (ended == DFL__PAIR_RUN)
        count_run_end(table, event);
    else if ((ended == DFL__PAIR_NODE || ended == DFL__PAIR_SECTION) && place)
        observe(&place->durations, event->duration_ns);
}

/* Allocates at a graph's first event, and counts nothing where there is no memory. */
static void on_event(void *user, const dfl_event *event) {
    Metrics *metrics = user;
    dfl__tally *tally = dfl__tally_get(&metrics->tables, event->graph, new_table);
    if (tally)
        count_in(table_of(tally), event);
}

/* ---- a copy ---- */

static uint64_t get(const _Atomic uint64_t *counter) {
    return atomic_load_explicit(counter, memory_order_acquire);
}

static void add_all(uint64_t *to, const _Atomic uint64_t *from, size_t n) {
    for (size_t i = 0; i < n; i++)
        to[i] += get(&from[i]);
}

static void add_histogram(dfl__histogram *to, const Histogram *from) {
    add_all(to->counts, from->counts, DFL__BUCKETS);
    to->sum_ns += get(&from->sum_ns);
}

/* Ends are copied before starts, so that there are never more of them. */
static void copy_graph(dfl__graph_row *row, const Table *table) {
    row->graph = table->tally.graph->name;
    add_histogram(&row->durations, &table->durations);
    add_all(row->ended, table->ended, DFL__STATUSES);
    add_all(row->counts, table->counts, DFL__GRAPH_COUNTS);
}

static bool has_row(const dfl_place *place) {
    return place->kind == DFL_PLACE_NODE || place->kind == DFL_PLACE_SECTION;
}

static void copy_places(dfl__snapshot *snapshot, const Table *table) {
    for (uint32_t i = 0; i < table->tally.graph->n_places; i++) {
        const dfl_place *place = &table->tally.graph->places[i];
        dfl__place_row *row = &snapshot->places[snapshot->n_places];
        if (!has_row(place))
            continue;
        row->graph = table->tally.graph->name;
        row->name = place->name;
        row->kind = place->kind;
        add_histogram(&row->durations, &table->places[i].durations);
        add_all(row->counts, table->places[i].counts, DFL__PLACE_COUNTS);
        snapshot->n_places++;
    }
}

static void copy_edges(dfl__snapshot *snapshot, const Table *table) {
    const dfl_graph *graph = table->tally.graph;
    for (uint32_t i = 0; i < graph->n_edges; i++) {
        const dfl_edge *edge = &graph->edges[table->tally.order[i]];
        snapshot->edges[snapshot->n_edges++] = (dfl__edge_row){
            .graph = graph->name,
            .from = graph->places[edge->from].name,
            .to = graph->places[edge->to].name,
            .taken = get(&table->tally.edges[i]),
        };
    }
}

static bool make_room(dfl__snapshot *snapshot, const dfl__tally *first) {
    size_t graphs = 1, places = 1, edges = 1;
    for (const dfl__tally *tally = first; tally; tally = tally->next) {
        graphs++;
        places += tally->graph->n_places;
        edges += tally->graph->n_edges;
    }
    snapshot->graphs = dfl__zalloc(graphs * sizeof *snapshot->graphs);
    snapshot->places = dfl__zalloc(places * sizeof *snapshot->places);
    snapshot->edges = dfl__zalloc(edges * sizeof *snapshot->edges);
    return snapshot->graphs && snapshot->places && snapshot->edges;
}

static int copy_all(Metrics *metrics, dfl__snapshot *snapshot) {
    dfl__tally *first = atomic_load_explicit(&metrics->tables.first, memory_order_acquire);
    if (!make_room(snapshot, first))
        return DFL_ENOMEM;
    for (dfl__tally *tally = first; tally; tally = tally->next) {
        const Table *table = table_of(tally);
        copy_graph(&snapshot->graphs[snapshot->n_graphs++], table);
        copy_places(snapshot, table);
        copy_edges(snapshot, table);
    }
    return DFL_OK;
}

static void free_snapshot(dfl__snapshot *snapshot) {
    dfl__free(snapshot->graphs);
    dfl__free(snapshot->places);
    dfl__free(snapshot->edges);
}

int dfl_metrics_text(const dfl_hooks *hooks, dfl_buf *out) {
    Metrics *metrics = (Metrics *)(uintptr_t)hooks;
    size_t before = out->n;
    dfl__snapshot snapshot = {0};
    int status = copy_all(metrics, &snapshot);
    if (status == DFL_OK)
        status = dfl__metrics_put(&snapshot, out);
    free_snapshot(&snapshot);
    if (status != DFL_OK)
        out->n = before;
    else if (atomic_load(&metrics->tables.lost))
        status = DFL_ENOMEM;
    return status;
}

static int write_text(FILE *out, void *user) {
    const dfl_buf *text = user;
    return fwrite(text->p, 1, text->n, out) == text->n ? DFL_OK : DFL_ESTORE;
}

int dfl_metrics_write(const dfl_hooks *hooks, const char *path) {
    dfl_buf text = {0};
    int status = dfl_metrics_text(hooks, &text), written = DFL_OK;
    if (text.n > 0 || status == DFL_OK)
        written = dfl__write_whole(path, write_text, &text);
    dfl_buf_free(&text);
    return written != DFL_OK ? written : status;
}

/* ---- the hook ---- */

dfl_hooks *dfl_metrics_new(void) {
    Metrics *metrics = dfl__zalloc(sizeof *metrics);
    if (!metrics || pthread_mutex_init(&metrics->tables.lock, NULL) != 0) {
        dfl__free(metrics);
        return NULL;
    }
    metrics->hooks = (dfl_hooks){.mask = DFL_EV_ALL & ~(DFL_EV_BRANCH | DFL_EV_CHUNK),
                                 .on_event = on_event,
                                 .user = metrics,
                                 .quick = true};
    return &metrics->hooks;
}

void dfl_metrics_free(dfl_hooks *hooks) {
    Metrics *metrics = (Metrics *)hooks;
    if (!metrics)
        return;
    dfl__tally_free_all(&metrics->tables, free_table);
    pthread_mutex_destroy(&metrics->tables.lock);
    dfl__free(metrics);
}
