/* How much work can be at risk: the least and the most, joined over all ways that lead to a place.
 *
 * A save that may be made makes the least 0; one that is not made leaves less than what would have paid
 * for it. Any amount may come back to a place on a way that leads back, says the first pass; by then
 * saves and marks in the loop have bounded it, and the second one takes what that has found. */
#include "risk.h"

static int64_t plus(int64_t a, int64_t b) {
    return a > INT64_MAX - b ? INT64_MAX : a + b;
}

static AtRisk join(AtRisk a, AtRisk b) {
    if (!a.reached || !b.reached)
        return a.reached ? a : b;
    return (AtRisk){a.least_ns < b.least_ns ? a.least_ns : b.least_ns,
                    a.most_ns > b.most_ns ? a.most_ns : b.most_ns, true};
}

static AtRisk nothing_at_risk(const AtRisk *at) {
    return (AtRisk){0, 0, at->reached};
}

/* ---- what a place does to it ---- */

SaveHow risk_how(const AutoSave *save, const AtRisk *coming) {
    if (!coming->reached || save->from_ns == SAVE_NEVER || coming->most_ns < save->from_ns)
        return SAVE_NOT;
    return coming->least_ns >= save->from_ns ? SAVE_EACH_TIME : SAVE_SOMETIMES;
}

static AtRisk saved_before(const Risk *r, const Place *place, AtRisk coming) {
    const AutoSave *save = &r->saves->before[place->index];
    if (place->node && place->node->pause_before)
        return nothing_at_risk(&coming);
    switch (risk_how(save, &coming)) {
    case SAVE_NOT:
        break;
    case SAVE_SOMETIMES:
        return (AtRisk){0, coming.most_ns < save->from_ns ? coming.most_ns : save->from_ns - 1,
                        true};
    case SAVE_EACH_TIME:
        return nothing_at_risk(&coming);
    }
    return coming;
}

static int64_t most_of_section(const SectionCost *cost) {
    return section_is_sure(cost) ? cost->total_ns : RISK_UNKNOWN;
}

static int64_t most_of_graph(const AutoSaves *inner) {
    const RegionCost *cost = &inner->costs->regions[0];
    return work_is_sure(cost->basis) ? cost->work_ns : RISK_UNKNOWN;
}

/* Within sections and subgraphs the run may save as well: behind them as little as nothing is at risk. */
static AtRisk worked(const Risk *r, const Place *place, AtRisk at) {
    const Node *node = place->kind == PL_NODE ? place->node : NULL;
    if (!at.reached || (!place->section && !node))
        return at;
    if (place->section || node->runs) {
        int64_t most = place->section
                           ? most_of_section(&r->saves->costs->sections[place->section->index])
                           : most_of_graph(r->saves->inner[node->index]);
        return (AtRisk){0, plus(at.most_ns, most), true};
    }
    int64_t ns = auto_work_ns(r->saves, node);
    at.least_ns = plus(at.least_ns, ns < 0 ? 0 : ns);
    at.most_ns = plus(at.most_ns, ns < 0 ? RISK_UNKNOWN : ns);
    return at;
}

AtRisk risk_within(const Risk *risk, const Place *place) {
    AtRisk within = risk->done[risk->ways->position[place->index]];
    within.least_ns = 0;
    return within;
}

static void pass_place(Risk *r, uint32_t at) {
    const Place *place = r->ways->order[at];
    bool stops = place->kind == PL_NODE || place->kind == PL_SECTION;
    AtRisk now = stops ? saved_before(r, place, r->coming[at]) : r->coming[at];
    r->done[at] = worked(r, place, now);
    r->failed[at] = join(now, r->done[at]); /* what was done within it, counts */
    r->left[at] =
        place->node && node_saves_behind(place->node) ? nothing_at_risk(&r->done[at]) : r->done[at];
}

/* ---- the whole ---- */

static AtRisk from_edge(const Risk *r, const Edge *edge) {
    uint32_t from = r->ways->position[edge->from->index];
    bool fails = edge == edge->from->on_error || edge == edge->from->on_timeout;
    return fails ? r->failed[from] : r->left[from];
}

static AtRisk coming_to(const Risk *r, uint32_t at, bool any_back) {
    const AtRisk any = {0, RISK_UNKNOWN, true};
    const Place *place = r->ways->order[at];
    AtRisk all = {0, 0, at == 0}; /* the input is saved before the first place */
    for (size_t i = 0; i < place->n_in; i++) {
        bool back = r->ways->position[place->in[i]->from->index] >= at;
        all = join(all, back && any_back ? any : from_edge(r, place->in[i]));
    }
    return all;
}

Risk *risk_of(Arena *arena, const ProgramCosts *all, const Ways *ways, const Graph *graph) {
    uint32_t n = ways->region_first[1];
    Risk *r = ARENA_NEW(arena, Risk);
    r->saves = auto_saves_of(arena, all, graph);
    r->ways = ways;
    r->coming = ARENA_ARRAY(arena, AtRisk, n);
    r->done = ARENA_ARRAY(arena, AtRisk, n);
    r->left = ARENA_ARRAY(arena, AtRisk, n);
    r->failed = ARENA_ARRAY(arena, AtRisk, n);
    for (int pass = 0; pass < 2; pass++)
        for (uint32_t at = 0; at < n; at++) {
            r->coming[at] = coming_to(r, at, pass == 0);
            pass_place(r, at);
        }
    return r;
}
