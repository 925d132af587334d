/* per_graph.h: what a hook counts of each graph whose runs it sees.
 *
 * Found without a lock, by any thread, once it is there; made under one, at a graph's first event. Never removed
 * before all of it is. */
#ifndef DFL_PER_GRAPH_H
#define DFL_PER_GRAPH_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "dfl.h"

/* The first member of what is counted of one graph: nodes and the like are the hook's own. */
typedef struct dfl__tally {
    struct dfl__tally *next;
    const dfl_graph *graph;
    _Atomic uint64_t *edges; /* how often each was taken, as in `order` */
    uint32_t *order;         /* edges by from and to */
} dfl__tally;

typedef struct dfl__tallies {
    pthread_mutex_t lock; /* guards adding */
    _Atomic(dfl__tally *) first;
    atomic_bool lost; /* some graph found no memory */
} dfl__tallies;

/* Makes a zeroed one of a graph ready. False: out of memory; it is to be freed as one that is ready. */
bool dfl__tally_init(dfl__tally *tally, const dfl_graph *graph);
void dfl__tally_free_edges(dfl__tally *tally);
void dfl__tally_edge(dfl__tally *tally, const dfl_event *event);

/* NULL: there is none. */
dfl__tally *dfl__tally_find(dfl__tallies *tallies, const dfl_graph *graph);
/* The one that is there, or what `make` returns; NULL, and `lost` is set, where that has found no memory. */
dfl__tally *dfl__tally_get(dfl__tallies *tallies, const dfl_graph *graph,
                           dfl__tally *(*make)(const dfl_graph *graph));
/* No other thread counts any more. */
void dfl__tally_free_all(dfl__tallies *tallies, void (*free_one)(dfl__tally *tally));

#endif
