/* Where `checkpoint auto` saves: saves.h, note [automatic saves].
 *
 * Each region is gone through once, backwards, with what comes behind it. */
#include "../saves.h"

#include "internal.h"

/* What comes at some point of the flow. */
typedef struct Coming {
    int64_t next_ns, ahead_ns;
} Coming;

typedef struct Walk {
    Arena *arena;
    const ProgramCosts *all;
    SaveTerms terms;
} Walk;

/* A graph, while its regions are gone through. */
typedef struct Inside {
    AutoSaves *saves;
    const Ways *ways;
    Coming *coming; /* by position: before the place */
    uint64_t bytes; /* that are saved of what is around it */
    bool is_inner;
} Inside;

/* ---- questions ---- */

bool work_is_sure(unsigned basis) {
    return !(basis & (BASIS_MISSING | BASIS_ASSUMED | BASIS_PROFILED));
}

bool section_is_sure(const SectionCost *cost) {
    return work_is_sure(cost->basis) && !cost->guesses_elements;
}

/* With branches that take less in all than T, neither L (L + w) nor 2 L w comes to T^2 in any. */
bool section_may_save(const AutoSaves *saves, const Section *section) {
    const SectionCost *cost = &saves->costs->sections[section->index];
    return !section_is_sure(cost) ||
           cost->total_ns >= saves->before[section->place->index].interval_ns;
}

bool node_is_whole(const Node *node) {
    return node->runs && (node->retries > 0 || node->timeout_ns > 0);
}

bool node_saves_behind(const Node *node) {
    return node->checkpoint || node->effect || node->pause_after;
}

int64_t auto_work_ns(const AutoSaves *saves, const Node *node) {
    const NodeCost *cost = &saves->costs->nodes[node->index];
    if (node->kind != NODE_CALL || node->runs)
        return 0;
    return cost->basis & BASIS_MISSING ? -1 : cost->ns;
}

/* ---- what comes ---- */

static Coming most(Coming a, Coming b) {
    return (Coming){a.next_ns > b.next_ns ? a.next_ns : b.next_ns,
                    a.ahead_ns > b.ahead_ns ? a.ahead_ns : b.ahead_ns};
}

/* Behind a place, on any way: what leads back may do so for ever. */
static Coming behind(const Inside *in, uint32_t at, bool failed) {
    const Place *place = in->ways->order[at];
    Coming all = {0, 0};
    for (size_t k = 0; k < ways_count(place); k++) {
        const Edge *edge = ways_get(place, k);
        if (!edge || ways_is_failure(place, k) != failed)
            continue;
        uint32_t to = in->ways->position[edge->to->index];
        Coming after = to > at ? in->coming[to] : (Coming){0, AHEAD_UNKNOWN};
        all = most(all, after);
    }
    return all;
}

static Coming before_region(Walk *w, Inside *in, const Region *region, Coming behind);

/* Branches one after another, the last first; on threads less is ahead of each, and the save that
 * this makes a little early costs no more than others. */
static Coming before_branches(Walk *w, Inside *in, const Section *section, Coming coming) {
    const SectionCost *cost = &in->saves->costs->sections[section->index];
    int64_t all_ns =
        section_is_sure(cost) ? add_ns(cost->total_ns, coming.ahead_ns) : AHEAD_UNKNOWN;
    if (section->over) /* how many elements are still to come, no place in it knows */
        coming.ahead_ns = AHEAD_UNKNOWN;
    for (size_t k = section->n_branches; k-- > 0;)
        coming = before_region(w, in, section->branches[k], coming);
    if (section->over)
        coming.ahead_ns = all_ns;
    return coming;
}

static AutoSaves *saves_of(Walk *w, const Graph *graph, Coming *coming, uint64_t bytes,
                           bool is_inner);

static uint64_t bytes_before(const Inside *in, const Place *place) {
    const LiveBytes *live = in->saves->costs->live_bytes;
    while (place->region->section) /* frames hold little else than what they replace */
        place = place->region->section->place;
    return in->bytes + (live && !in->is_inner ? live[place->index].before : 0);
}

static Coming before_graph(Walk *w, Inside *in, const Node *node, Coming coming) {
    uint64_t bytes = bytes_before(in, node->place);
    AutoSaves *inner = saves_of(w, node->runs, &coming, bytes, true);
    in->saves->inner[node->index] = inner;
    if (node_is_whole(node))
        coming.next_ns = in->saves->costs->nodes[node->index].ns;
    return coming;
}

static Coming before_node(Walk *w, Inside *in, const Node *node, Coming coming) {
    const NodeCost *cost = &in->saves->costs->nodes[node->index];
    if (node->kind != NODE_CALL)
        return coming;
    if (node_saves_behind(node))
        coming.ahead_ns = 0;
    if (node->runs)
        return before_graph(w, in, node, coming);
    coming.next_ns = cost->basis & BASIS_MISSING ? 0 : cost->ns;
    coming.ahead_ns =
        cost->basis & BASIS_MISSING ? AHEAD_UNKNOWN : add_ns(cost->ns, coming.ahead_ns);
    return coming;
}

/* Attempts that fail take as long, and nothing is saved behind them. */
static Coming before_failure(const Inside *in, uint32_t at) {
    const Place *place = in->ways->order[at];
    Coming failed = {0, 0};
    if (!place->on_error && !place->on_timeout)
        return failed;
    failed.ahead_ns = behind(in, at, true).ahead_ns;
    unsigned basis = place->node ? in->saves->costs->nodes[place->node->index].basis
                                 : in->saves->costs->sections[place->section->index].basis;
    int64_t ns = place->node ? in->saves->costs->nodes[place->node->index].ns
                             : in->saves->costs->sections[place->section->index].total_ns;
    failed.ahead_ns =
        basis & (BASIS_MISSING | BASIS_ASSUMED) ? AHEAD_UNKNOWN : add_ns(ns, failed.ahead_ns);
    return failed;
}

static Coming before_place(Walk *w, Inside *in, uint32_t at) {
    const Place *place = in->ways->order[at];
    Coming coming = behind(in, at, false);
    if (place->node)
        coming = before_node(w, in, place->node, coming);
    else if (place->section)
        coming = before_branches(w, in, place->section, coming);
    coming.ahead_ns = most(coming, before_failure(in, at)).ahead_ns;
    /* There it is saved in any case. */
    return place->node && place->node->pause_before ? (Coming){0, 0} : coming;
}

/* ---- what follows from it ---- */

static void decide(const Walk *w, const Inside *in, const Place *place, Coming coming) {
    AutoSave *save = &in->saves->before[place->index];
    save->next_ns = coming.next_ns;
    save->ahead_ns = coming.ahead_ns;
    save->price_ns = save_price(&w->terms, bytes_before(in, place));
    save->interval_ns = save_interval(save->price_ns, w->terms.mtbf_ns);
    save->from_ns = save_pays_from(save->interval_ns, coming.next_ns, coming.ahead_ns);
    save->is_near =
        save->from_ns != save_pays_from(save->interval_ns, coming.next_ns, AHEAD_UNKNOWN);
}

static Coming before_region(Walk *w, Inside *in, const Region *region, Coming coming) {
    uint32_t first = in->ways->region_first[region->index];
    uint32_t last = in->ways->region_first[region->index + 1] - 1;
    in->coming[last] = coming;
    for (uint32_t at = last; at-- > first;)
        in->coming[at] = before_place(w, in, at);
    for (uint32_t at = first; at <= last; at++)
        decide(w, in, in->ways->order[at], in->coming[at]);
    return in->coming[first];
}

static uint64_t state_bytes(const ProgramCosts *all, const Graph *graph) {
    uint64_t sum = 0;
    for (size_t i = 0; i < graph->n_fields; i++)
        sum += size_bytes(cost_sizes(all), graph->fields[i]->type);
    return sum;
}

/* coming: behind the graph; becomes what comes before it. A graph that a node runs is saved as a whole. */
static AutoSaves *saves_of(Walk *w, const Graph *graph, Coming *coming, uint64_t bytes,
                           bool is_inner) {
    AutoSaves *saves = ARENA_NEW(w->arena, AutoSaves);
    Arena *arena = arena_new();
    saves->graph = graph;
    saves->costs = costs_of(w->all, graph);
    saves->before = ARENA_ARRAY(w->arena, AutoSave, graph->n_places);
    saves->inner = ARENA_ARRAY(w->arena, AutoSaves *, graph->n_nodes + 1);
    Inside in = {.saves = saves, .ways = ways_of(arena, graph), .bytes = bytes};
    in.coming = ARENA_ARRAY(arena, Coming, graph->n_places);
    in.is_inner = is_inner;
    if (is_inner)
        in.bytes += state_bytes(w->all, graph);
    *coming = before_region(w, &in, graph->regions[0], *coming);
    arena_free(arena);
    return saves;
}

const AutoSaves *auto_saves_of(Arena *arena, const ProgramCosts *all, const Graph *graph) {
    Walk w = {arena, all, save_terms(cost_options(all))};
    Coming end = {0, 0}; /* the run saves there */
    return saves_of(&w, graph, &end, 0, false);
}
