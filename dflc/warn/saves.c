/* cheap-checkpoint: a save costs more than the work it protects.
 * effect-unsaved: an `effect` in a graph that never checkpoints. */
#include "internal.h"

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

enum { UNKNOWN = -1 };

/* The most work that a run can have done since its last save, on coming to a place. */
typedef struct Pending {
    int64_t ns;        /* UNKNOWN: some cost is not known, or a loop adds to it */
    const Place *save; /* where that was; NULL: at start, or at several places */
    bool reached;
} Pending;

static bool saves(const Warn *w, const Node *node) {
    if (!node || w->graph->policy == CP_NEVER)
        return false;
    bool every = w->graph->policy == CP_EVERY && w->graph->checkpoint_every == 1;
    return node->checkpoint || node->effect || node->pause_before || node->pause_after || every;
}

/* What rests on an assumption is not known. */
static int64_t known_ns(int64_t ns, unsigned basis) {
    return basis == 0 || basis & (BASIS_MISSING | BASIS_ASSUMED) ? UNKNOWN : ns;
}

static int64_t work_of(const Warn *w, const Place *place) {
    if (place->node) {
        const NodeCost *cost = &w->costs->nodes[place->node->index];
        return known_ns(cost->ns, cost->basis);
    }
    if (!place->section)
        return 0;
    const SectionCost *cost = &w->costs->sections[place->section->index];
    return cost->guesses_elements ? UNKNOWN : known_ns(cost->total_ns, cost->basis);
}

static int64_t sum(int64_t a, int64_t b) {
    return a == UNKNOWN || b == UNKNOWN || a > INT64_MAX - b ? UNKNOWN : a + b;
}

/* Attempts that failed were work, too, but nothing is saved of them. */
static Pending after(const Warn *w, const Place *place, const Pending *before) {
    Pending out = *before;
    out.ns = sum(before->ns, work_of(w, place));
    if (saves(w, place->node)) {
        out.ns = 0;
        out.save = place;
    }
    return out;
}

static void come_to(Pending *to, const Pending *from) {
    bool more = !to->reached || from->ns == UNKNOWN || (to->ns != UNKNOWN && from->ns > to->ns);
    if (to->reached && to->save != from->save)
        to->save = NULL;
    else
        to->save = from->save;
    if (more)
        to->ns = from->ns;
    to->reached = true;
}

static void warn_cheap(Warn *w, const Place *place, const Pending *before) {
    int64_t work = sum(before->ns, work_of(w, place));
    const Node *node = place->node;
    if (!node->checkpoint || node->effect || node->pause_before || node->pause_after ||
        work == UNKNOWN || work >= w->machine->save_ns)
        return;
    Diag *diag =
        diag_warning(w->comp->diags, node->span, "cheap-checkpoint",
                     "the checkpoint after '%s' costs more than it protects: a save takes "
                     "about %s, the work since the last one %s",
                     node->name, warn_duration(w, w->machine->save_ns), warn_duration(w, work));
    if (before->save)
        diag_note(diag, before->save->node->span, "the last save is after '%s'",
                  before->save->node->name);
}

static void lead_on(Warn *w, Pending *pending, uint32_t at) {
    const Place *place = w->ways->order[at];
    Pending done = after(w, place, &pending[at]);
    for (size_t k = 0; k < ways_count(place); k++) {
        const Edge *edge = ways_get(place, k);
        if (!edge)
            continue;
        uint32_t to = w->ways->position[edge->to->index];
        Pending next = ways_is_failure(place, k) ? pending[at] : done;
        if (ways_is_failure(place, k))
            next.ns = sum(next.ns, work_of(w, place));
        come_to(&pending[to], &next);
    }
}

/* What leads back from a place that does not save adds to the work without end. */
static void mark_loops(Warn *w, Pending *pending, uint32_t n) {
    for (uint32_t at = 0; at < n; at++) {
        const Place *place = w->ways->order[at];
        for (size_t k = 0; k < ways_count(place); k++) {
            const Edge *edge = ways_get(place, k);
            uint32_t to = edge ? w->ways->position[edge->to->index] : n;
            if (to <= at && (!saves(w, place->node) || ways_is_failure(place, k)))
                pending[to] = (Pending){UNKNOWN, NULL, true};
        }
    }
}

/* Only in the graph's own region: what is done beside a branch is protected, too. */
static void warn_marked(Warn *w) {
    uint32_t n = w->ways->region_first[1];
    Pending *pending = ARENA_ARRAY(w->arena, Pending, n);
    mark_loops(w, pending, n);
    /* What ran before a graph that a node runs is not known; at start of a run it is saved. */
    Pending start = {w->runs_inside ? UNKNOWN : 0, NULL, true};
    come_to(&pending[0], &start);
    for (uint32_t at = 0; at < n; at++) {
        if (w->ways->order[at]->kind == PL_NODE && warn_is_reached(w, w->ways->order[at]))
            warn_cheap(w, w->ways->order[at], &pending[at]);
        lead_on(w, pending, at);
    }
}

/* `checkpoint every N nodes`: what N of the most expensive nodes do. */
static void warn_every(Warn *w) {
    const Graph *graph = w->graph;
    int64_t most = 0, limit = w->machine->save_ns;
    for (size_t i = 0; i < graph->n_nodes; i++) {
        const Node *node = graph->nodes[i];
        const NodeCost *cost = &w->costs->nodes[i];
        if (node->kind != NODE_CALL)
            continue;
        if (node->effect || known_ns(cost->ns, cost->basis) == UNKNOWN)
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
