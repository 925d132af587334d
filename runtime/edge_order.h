/* The edges of a graph by their ends, to find one that was taken. */
#ifndef DFL_EDGE_ORDER_H
#define DFL_EDGE_ORDER_H

#include "dfl.h"

/* order: n_edges numbers of edges, filled in, by `from` and then `to`. */
void dfl__edge_order(const dfl_graph *graph, uint32_t *order);
/* Where in it the first edge with these ends is; n_edges: there is none. */
uint32_t dfl__edge_find(const dfl_graph *graph, const uint32_t *order, uint32_t from, uint32_t to);

#endif
