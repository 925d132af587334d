/* Keys for what nodes do outside: the same however often a call of a node is begun again, and never that of another.
 *
 * note [which call it is]
 * In the outermost region it is told by the node executions before it, which checkpoints keep. Within a section or a
 * subgraph that count depends on which branches are done, so there it is the steps of the outermost region at the
 * time, the elements around, and the node; which tells the calls apart unless a loop leads back to the node within the section,
 * or around it uncounted. Then there is no key. */
#include <stdio.h>

#include "internal.h"
#include "mem.h"

static bool are_siblings(const dfl_place *a, const dfl_place *b) {
    return a->section == b->section && a->branch == b->branch;
}

/* Marks what can be reached by one more edge of the region that `place` is in; whether there was anything new. */
static bool reach_further(const dfl_graph *graph, uint32_t place, bool *reached) {
    bool any = false;
    for (uint32_t i = 0; i < graph->n_edges; i++) {
        const dfl_edge *edge = &graph->edges[i];
        if (!are_siblings(&graph->places[edge->from], &graph->places[place]) ||
            !are_siblings(&graph->places[edge->to], &graph->places[place]) ||
            (edge->from != place && !reached[edge->from]) || reached[edge->to])
            continue;
        any = reached[edge->to] = true;
    }
    return any;
}

/* Without memory to find out it is one. */
static bool is_in_loop(dfl_ctx *ctx, uint32_t place) {
    const dfl_graph *graph = ctx->run->graph;
    bool *reached = dfl_alloc(ctx, graph->n_places * sizeof *reached);
    if (!reached)
        return true;
    memset(reached, 0, graph->n_places * sizeof *reached);
    while (!reached[place] && reach_further(graph, place, reached))
        ;
    return reached[place];
}

static bool counts_steps(const dfl_graph *graph) {
    return graph->layout && graph->layout->n_counters > 0 &&
           strcmp(graph->layout->counters[0].now, "steps") == 0;
}

static bool can_be_told(dfl_ctx *ctx, uint32_t place) {
    const dfl_graph *graph = ctx->run->graph;
    for (; graph->places[place].section >= 0; place = (uint32_t)graph->places[place].section)
        if (is_in_loop(ctx, place))
            return false;
    return counts_steps(graph) || !is_in_loop(ctx, place);
}

/* The elements around, the outermost first. */
static dfl_str elements(dfl_ctx *ctx) {
    const dfl__around *around = ctx->around;
    dfl_str text = {"", 0};
    int64_t index = ctx->index;
    while (index >= 0) {
        text = dfl_printf(ctx, "[%lld]%s", (long long)index, text.p);
        index = around ? around->index : -1;
        around = around ? around->out : NULL;
    }
    return text;
}

dfl_str dfl_effect_key(dfl_ctx *ctx) {
    const dfl__run *run = ctx->run;
    const dfl_graph *graph;
    uint64_t step;
    uint32_t place = ctx->place;
    if (!run || !(ctx->flags & DFL__COUNT) || place >= run->graph->n_nodes) /* counted is where there is a store */
        return (dfl_str){"", 0};
    graph = run->graph;
    if (graph->places[place].section < 0)
        step = ctx->nodes;
    else if (can_be_told(ctx, place))
        step = counts_steps(graph) ? run->counts[0] : 0;
    else
        return (dfl_str){"", 0};
    return dfl_printf(ctx, "%s:%s%s:%llu", run->options->thread_id, graph->places[place].name,
                      elements(ctx).p, (unsigned long long)step);
}
