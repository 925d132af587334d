#include "pending.h"

enum { UNKNOWN = PENDING_UNKNOWN };

bool node_saves(const Graph *graph, const Node *node) {
    if (!node || graph->policy == CP_NEVER)
        return false;
    bool every = graph->policy == CP_EVERY && graph->checkpoint_every == 1;
    return node->checkpoint || node->effect || node->pause_before || node->pause_after || every;
}

static int64_t known_ns(const PendingOptions *o, int64_t ns, unsigned basis) {
    if (basis & BASIS_MISSING)
        return UNKNOWN;
    return o->assume || (basis != 0 && !(basis & BASIS_ASSUMED)) ? ns : UNKNOWN;
}

/* Of one visit; of all where loops are taken to turn as they are expected to. */
static int64_t work_of(const PendingOptions *o, const Place *place) {
    const Costs *costs = o->costs;
    int64_t ns = 0;
    if (place->node) {
        const NodeCost *cost = &costs->nodes[place->node->index];
        ns = known_ns(o, cost->ns, cost->basis);
    } else if (place->section) {
        const SectionCost *cost = &costs->sections[place->section->index];
        ns = cost->guesses_elements && !o->assume ? UNKNOWN
                                                  : known_ns(o, cost->total_ns, cost->basis);
    }
    bool many = o->assume && !node_saves(o->graph, place->node);
    if (ns != UNKNOWN && many && costs->visits[place->index] > VISIT_ONCE)
        ns = cost_times(costs->visits[place->index], ns);
    return ns;
}

static int64_t sum(int64_t a, int64_t b) {
    return a == UNKNOWN || b == UNKNOWN || a > INT64_MAX - b ? UNKNOWN : a + b;
}

int64_t pending_at(const PendingOptions *o, const Place *place, const Pending *before) {
    return sum(before->ns, work_of(o, place));
}

/* Attempts that failed were work, too, but nothing is saved of them. */
static Pending after(const PendingOptions *o, const Place *place, const Pending *before) {
    Pending out = *before;
    out.ns = pending_at(o, place, before);
    if (node_saves(o->graph, place->node)) {
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

static void lead_on(const PendingOptions *o, Pending *pending, uint32_t at) {
    const Place *place = o->ways->order[at];
    Pending done = after(o, place, &pending[at]);
    for (size_t k = 0; k < ways_count(place); k++) {
        const Edge *edge = ways_get(place, k);
        if (!edge)
            continue;
        uint32_t to = o->ways->position[edge->to->index];
        Pending next = ways_is_failure(place, k) ? pending[at] : done;
        if (ways_is_failure(place, k))
            next.ns = sum(next.ns, work_of(o, place));
        if (!o->assume || to > at)
            come_to(&pending[to], &next);
    }
}

/* What leads back from a place that does not save adds to the work without end. */
static void mark_loops(const PendingOptions *o, Pending *pending, uint32_t n) {
    for (uint32_t at = 0; at < n; at++) {
        const Place *place = o->ways->order[at];
        for (size_t k = 0; k < ways_count(place); k++) {
            const Edge *edge = ways_get(place, k);
            uint32_t to = edge ? o->ways->position[edge->to->index] : n;
            if (to <= at && (!node_saves(o->graph, place->node) || ways_is_failure(place, k)))
                pending[to] = (Pending){UNKNOWN, NULL, true};
        }
    }
}

Pending *pending_of(Arena *arena, const PendingOptions *o) {
    uint32_t n = o->ways->region_first[1];
    Pending *pending = ARENA_ARRAY(arena, Pending, n);
    if (!o->assume)
        mark_loops(o, pending, n);
    /* At start of a run it is saved. */
    Pending start = {o->runs_inside && !o->assume ? UNKNOWN : 0, NULL, true};
    come_to(&pending[0], &start);
    for (uint32_t at = 0; at < n; at++)
        lead_on(o, pending, at);
    return pending;
}
