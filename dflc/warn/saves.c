/* cheap-checkpoint: a save costs more than the work it protects.
 * effect-unsaved: an `effect` in a graph that never checkpoints. */
#include "internal.h"

#include "../pending.h"

/* ---- effect-unsaved ---- */

/* The first node with an effect, of this graph or one that it runs. How deep graphs run each other
 * is bounded by sema; each is looked at once. */
static const Node *find_effect(Warn *w, StrMap *seen, const Graph *graph) {
    if (strmap_put(seen, w->arena, graph->c_name, w))
        return NULL;
    for (size_t i = 0; i < graph->n_nodes; i++) {
        const Node *node = graph->nodes[i];
        const Node *found = node->effect ? node
                            : node->runs ? find_effect(w, seen, node->runs)
                                         : NULL;
        if (found)
            return found;
    }
    return NULL;
}

static void warn_unsaved(Warn *w, const Node *node) {
    StrMap seen = {0};
    const Node *inner = node->runs ? find_effect(w, &seen, node->runs) : NULL;
    if (node->effect) {
        Diag *diag = diag_warning(w->comp->diags, node->span, "effect-unsaved",
                                  "'%s' is an effect, and graph '%s' never saves that it happened: "
                                  "a run that is begun again repeats it",
                                  node->name, w->graph->name);
        diag_note(diag, w->graph->span,
                  "graph '%s' says 'checkpoint never'; 'checkpoint marked' saves after effects",
                  w->graph->name);
    } else if (inner) {
        Diag *diag = diag_warning(w->comp->diags, node->span, "effect-unsaved",
                                  "'%s' runs graph '%s', which has an effect, and graph '%s' never "
                                  "saves that it happened: a run that is begun again repeats it",
                                  node->name, node->runs->name, w->graph->name);
        diag_note(diag, inner->span, "'%s' is the effect", inner->name);
    }
}

/* ---- cheap-checkpoint ---- */

/* Behind a place of the graph's own region. */
static int64_t price_behind(const Warn *w, const Place *place) {
    const LiveBytes *live = w->costs->live_bytes;
    return save_price(&w->save_terms, live ? live[place->index].behind : 0);
}

/* `checkpoint auto` would ask for far more work (saves.h, note [how often to save]). But a mark may be
 * there for other reasons than time; where doing the work again takes less than a save, it hardly is. */
static void warn_cheap(Warn *w, const Place *place, const Pending *before, int64_t work) {
    const Node *node = place->node;
    int64_t price = price_behind(w, place);
    if (!node->checkpoint || node->effect || node->pause_before || node->pause_after ||
        work == PENDING_UNKNOWN || work >= price)
        return;
    Diag *diag =
        diag_warning(w->comp->diags, node->span, "cheap-checkpoint",
                     "the checkpoint after '%s' costs more than it protects: a save takes "
                     "about %s, the work since the last one %s",
                     node->name, warn_duration(w, price), warn_duration(w, work));
    if (before->save)
        diag_note(diag, before->save->node->span, "the last save is after '%s'",
                  before->save->node->name);
}

static void warn_marked(Warn *w) {
    PendingOptions options = {w->graph, w->ways, w->costs, w->runs_inside, false};
    const Pending *pending = pending_of(w->arena, &options);
    for (uint32_t at = 0; at < w->ways->region_first[1]; at++) {
        const Place *place = w->ways->order[at];
        if (place->kind == PL_NODE && warn_is_reached(w, place))
            warn_cheap(w, place, &pending[at], pending_at(&options, place, &pending[at]));
    }
}

/* `checkpoint every N nodes`: what N of the most expensive nodes do. */
static void warn_every(Warn *w) {
    const Graph *graph = w->graph;
    int64_t most = 0, limit = w->save_terms.save_ns;
    for (size_t i = 0; i < graph->n_nodes; i++) {
        const Node *node = graph->nodes[i];
        const NodeCost *cost = &w->costs->nodes[i];
        if (node->kind != NODE_CALL)
            continue;
        if (node->effect || cost->basis & (BASIS_MISSING | BASIS_ASSUMED))
            return;
        most = cost->ns > most ? cost->ns : most;
    }
    if (most >= limit || (uint64_t)most * graph->checkpoint_every >= (uint64_t)limit)
        return;
    diag_warning(w->comp->diags, graph->span, "cheap-checkpoint",
                 "the checkpoints of graph '%s' cost more than they protect: a save takes about "
                 "%s, %s %s at most; 'checkpoint auto' saves where it pays",
                 graph->name, warn_duration(w, limit),
                 graph->checkpoint_every == 1
                     ? "one node"
                     : arena_printf(w->comp->arena, "%llu nodes",
                                    (unsigned long long)graph->checkpoint_every),
                 warn_duration(w, most * (int64_t)graph->checkpoint_every));
}

void warn_saves(Warn *w) {
    if (w->graph->policy == CP_NEVER)
        for (size_t i = 0; i < w->graph->n_nodes; i++)
            warn_unsaved(w, w->graph->nodes[i]);
    else if (w->graph->policy == CP_EVERY)
        warn_every(w);
    else
        warn_marked(w);
}
