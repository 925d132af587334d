#include "edge_order.h"

static int by_ends(const dfl_edge *a, const dfl_edge *b) {
    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    return (a->to > b->to) - (a->to < b->to);
}

static void sift(const dfl_edge *edges, uint32_t *order, uint32_t at, uint32_t n) {
    for (uint32_t child; (child = 2 * at + 1) < n; at = child) {
        uint32_t moved = order[at];
        if (child + 1 < n && by_ends(&edges[order[child]], &edges[order[child + 1]]) < 0)
            child++;
        if (by_ends(&edges[moved], &edges[order[child]]) >= 0)
            return;
        order[at] = order[child];
        order[child] = moved;
    }
}

/* Heapsort: the order needs the edges, which qsort would not hand on. */
void dfl__edge_order(const dfl_graph *graph, uint32_t *order) {
    uint32_t n = graph->n_edges;
    for (uint32_t i = 0; i < n; i++)
        order[i] = i;
    for (uint32_t i = n / 2; i-- > 0;)
        sift(graph->edges, order, i, n);
    for (uint32_t last = n; last-- > 1;) {
        uint32_t largest = order[0];
        order[0] = order[last];
        order[last] = largest;
        sift(graph->edges, order, 0, last);
    }
}

uint32_t dfl__edge_find(const dfl_graph *graph, const uint32_t *order, uint32_t from, uint32_t to) {
    const dfl_edge edge = {from, to, NULL};
    uint32_t low = 0, high = graph->n_edges;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (by_ends(&graph->edges[order[middle]], &edge) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < graph->n_edges && by_ends(&graph->edges[order[low]], &edge) == 0)
        return low;
    return graph->n_edges;
}
