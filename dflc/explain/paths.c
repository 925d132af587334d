#include "explain.h"

/* ---- what a run is expected to take ---- */

static int64_t plus(int64_t a, int64_t b) {
    return a > INT64_MAX - b ? INT64_MAX : a + b;
}

int64_t explain_section_ns(const SectionCost *cost, size_t kind) {
    if (kind == 0)
        return cost->total_ns;
    return cost_section_ns(cost, kind < FIRST_ASLEEP ? cost->gain[kind - FIRST_AWAKE].hot_ns
                                                     : cost->gain[kind - FIRST_ASLEEP].cold_ns);
}

static int64_t place_ns(Explain *all, const Costs *costs, const Place *place, size_t kind) {
    if (place->section)
        return explain_section_ns(&costs->sections[place->section->index], kind);
    if (!place->node)
        return 0;
    const NodeCost *cost = &costs->nodes[place->node->index];
    return cost->of_graph ? explain_times(all, place->node->runs)->ns[kind] : cost->ns;
}

/* Depth: sema bounds how deep graphs run each other. */
const Times *explain_times(Explain *all, const Graph *graph) {
    Times *times = strmap_get(&all->times, graph->c_name);
    const Costs *costs = costs_of(all->costs, graph);
    const Region *region = graph->regions[0];
    if (times)
        return times;
    times = ARENA_NEW(all->comp->arena, Times);
    for (size_t kind = 0; kind < RUN_KINDS; kind++)
        for (size_t i = 0; i < region->n_places; i++)
            times->ns[kind] =
                plus(times->ns[kind], cost_times(costs->visits[region->places[i]->index],
                                                 place_ns(all, costs, region->places[i], kind)));
    strmap_put(&all->times, all->comp->arena, graph->c_name, times);
    return times;
}

/* ---- paths ---- */

/* By position in region 0. */
typedef struct Reach {
    int64_t ns; /* INT64_MAX: not yet */
    uint32_t from;
} Reach;

/* Along each edge once, in reverse postorder; whether anything became shorter. */
static bool shorten(Explained *e, Reach *reach, uint32_t n, bool failures) {
    bool changed = false;
    for (uint32_t at = 0; at < n; at++) {
        const Place *place = e->ways->order[at];
        if (reach[at].ns == INT64_MAX)
            continue;
        int64_t done = plus(reach[at].ns, place_ns(e->all, e->costs, place, 0));
        for (size_t k = 0; k < (failures ? ways_count(place) : place->n_edges); k++) {
            const Edge *edge = ways_get(place, k);
            Reach *to = edge ? &reach[e->ways->position[edge->to->index]] : NULL;
            if (!to || to->ns <= done)
                continue;
            *to = (Reach){done, at};
            changed = true;
        }
    }
    return changed;
}

static void add_backwards(Explained *e, Path *path, const Reach *reach, uint32_t at) {
    Arena *arena = e->all->comp->arena;
    for (;; at = reach[at].from) {
        ARENA_PUSH(arena, path->places, path->n, path->cap, e->ways->order[at]);
        if (at == 0)
            break;
    }
    for (size_t i = 0; i < path->n / 2; i++) {
        const Place *moved = path->places[i];
        path->places[i] = path->places[path->n - 1 - i];
        path->places[path->n - 1 - i] = moved;
    }
}

/* Loops never shorten a way, so one pass is enough, but for loops that are entered in their midst.
 * Failures are only tried where nothing else leads to the end. */
static void find_shortest(Explained *e) {
    enum { MAX_PASSES = 8 };
    uint32_t n = e->ways->region_first[1];
    Reach *reach = ARENA_ARRAY(e->all->comp->arena, Reach, n);
    for (int failures = 0; failures < 2; failures++) {
        for (uint32_t at = 0; at < n; at++)
            reach[at] = (Reach){at == 0 ? 0 : INT64_MAX, 0};
        for (int i = 0; i < MAX_PASSES && shorten(e, reach, n, failures); i++)
            continue;
        if (reach[n - 1].ns < INT64_MAX)
            break;
    }
    e->shortest.ns = reach[n - 1].ns;
    if (reach[n - 1].ns < INT64_MAX)
        add_backwards(e, &e->shortest, reach, n - 1);
}

/* From where the end is reached without going back. */
static bool *find_forward(const Explained *e) {
    uint32_t n = e->ways->region_first[1];
    bool *forward = ARENA_ARRAY(e->all->comp->arena, bool, n);
    forward[n - 1] = true;
    for (uint32_t at = n - 1; at-- > 0;) {
        const Place *place = e->ways->order[at];
        for (size_t k = 0; k < ways_count(place); k++) {
            const Edge *edge = ways_get(place, k);
            uint32_t to = edge ? e->ways->position[edge->to->index] : 0;
            forward[at] |= to > at && forward[to];
        }
    }
    return forward;
}

/* Onwards to where most runs come, the first in order among those that are about equal. */
static const Place *most_visited_next(const Explained *e, const bool *forward, const Place *place) {
    const Visits slack = VISIT_ONCE / 65536;
    const Place *best = NULL;
    for (size_t k = 0; k < ways_count(place); k++) {
        const Edge *edge = ways_get(place, k);
        uint32_t to = edge ? e->ways->position[edge->to->index] : 0;
        if (to <= e->ways->position[place->index] || !forward[to])
            continue;
        if (!best || e->costs->visits[edge->to->index] > e->costs->visits[best->index] + slack)
            best = edge->to;
    }
    return best;
}

static void find_likely(Explained *e) {
    Arena *arena = e->all->comp->arena;
    const Place *place = e->graph->regions[0]->entry;
    const bool *forward = find_forward(e);
    for (; place; place = most_visited_next(e, forward, place))
        ARENA_PUSH(arena, e->likely.places, e->likely.n, e->likely.cap, place);
    e->likely.ns = e->expected.ns[0];
}

void explain_paths(Explained *e) {
    e->expected = *explain_times(e->all, e->graph);
    find_shortest(e);
    find_likely(e);
}
