#define _POSIX_C_SOURCE 200809L

#include "per_graph.h"

#include "edge_order.h"
#include "mem.h"

bool dfl__tally_init(dfl__tally *tally, const dfl_graph *graph) {
    tally->graph = graph;
    tally->edges = dfl__zalloc((graph->n_edges + 1) * sizeof *tally->edges);
    tally->order = dfl__zalloc((graph->n_edges + 1) * sizeof *tally->order);
    if (!tally->edges || !tally->order)
        return false;
    dfl__edge_order(graph, tally->order);
    return true;
}

void dfl__tally_free_edges(dfl__tally *tally) {
    dfl__free(tally->edges);
    dfl__free(tally->order);
}

void dfl__tally_edge(dfl__tally *tally, const dfl_event *event) {
    uint32_t at = dfl__edge_find(tally->graph, tally->order, event->place, event->to_place);
    if (at < tally->graph->n_edges)
        atomic_fetch_add_explicit(&tally->edges[at], 1, memory_order_relaxed);
}

dfl__tally *dfl__tally_find(dfl__tallies *tallies, const dfl_graph *graph) {
    dfl__tally *tally = atomic_load_explicit(&tallies->first, memory_order_acquire);
    while (tally && tally->graph != graph)
        tally = tally->next;
    return tally;
}

static dfl__tally *add(dfl__tallies *tallies, const dfl_graph *graph,
                       dfl__tally *(*make)(const dfl_graph *graph)) {
    dfl__tally *tally;
    pthread_mutex_lock(&tallies->lock);
    tally = dfl__tally_find(tallies, graph);
    if (!tally) {
        tally = make(graph);
        if (tally) {
            tally->next = atomic_load_explicit(&tallies->first, memory_order_relaxed);
            atomic_store_explicit(&tallies->first, tally, memory_order_release);
        } else {
            atomic_store(&tallies->lost, true);
        }
    }
    pthread_mutex_unlock(&tallies->lock);
    return tally;
}

dfl__tally *dfl__tally_get(dfl__tallies *tallies, const dfl_graph *graph,
                           dfl__tally *(*make)(const dfl_graph *graph)) {
    dfl__tally *tally = dfl__tally_find(tallies, graph);
    return tally ? tally : add(tallies, graph, make);
}

void dfl__tally_free_all(dfl__tallies *tallies, void (*free_one)(dfl__tally *tally)) {
    dfl__tally *tally = atomic_load(&tallies->first), *next;
    for (; tally; tally = next) {
        next = tally->next;
        free_one(tally);
    }
    atomic_store(&tallies->first, NULL);
}
