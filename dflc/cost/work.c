/* What nodes, regions and sections take when they run one thing after another. */
#include "internal.h"

/* Smaller fields are copied with the frame that a branch has in any case. */
enum { COPY_BYTES = 256 };

int64_t add_ns(int64_t a, int64_t b) {
    return a > INT64_MAX - b ? INT64_MAX : a + b;
}

int64_t cost_times(Visits visits, int64_t ns) {
    Wide product = ((Wide)visits * ns + (Wide)(VISIT_ONCE / 2)) / (Wide)VISIT_ONCE;
    return product > INT64_MAX ? INT64_MAX : (int64_t)product;
}

/* ---- nodes ---- */

/* What a node's attribute says wins over what the graph that it runs adds up to. */
static NodeCost node_cost(const CostWork *w, const Node *node) {
    NodeCost cost = {0, 0, false};
    if (measured_node(w, node, &cost.ns)) {
        cost.basis = BASIS_PROFILED;
    } else if (node->has_cost) {
        cost = (NodeCost){node->cost_ns, BASIS_ANNOTATED, false};
    } else if (node->runs) {
        const RegionCost *child = &costs_of(w->all, node->runs)->regions[0];
        cost = (NodeCost){child->work_ns, child->basis, true};
    } else if (node->kind == NODE_CALL) {
        cost.basis = BASIS_MISSING;
    }
    return cost;
}

void find_node_costs(CostWork *w) {
    for (size_t i = 0; i < w->graph->n_nodes; i++)
        w->costs->nodes[i] = node_cost(w, w->graph->nodes[i]);
}

/* ---- regions ---- */

/* Of one place and one visit. */
static NodeCost place_cost(const CostWork *w, const Place *place) {
    if (place->section) {
        const SectionCost *inner = &w->costs->sections[place->section->index];
        unsigned guess = inner->guesses_elements && inner->total_ns > 0 ? BASIS_ASSUMED : 0;
        return (NodeCost){inner->total_ns, inner->basis | guess, false};
    }
    return place->node ? w->costs->nodes[place->node->index] : (NodeCost){0, 0, false};
}

RegionCost region_cost(const CostWork *w, const Region *region) {
    RegionCost sum = {.known = true};
    Wide work = (Wide)(VISIT_ONCE / 2);
    for (size_t i = 0; i < region->n_places; i++) {
        const Place *place = region->places[i];
        Visits visits = w->costs->visits[place->index], measured;
        NodeCost cost = place_cost(w, place);
        work += (Wide)visits * cost.ns;
        sum.basis |= cost.basis;
        if (cost.ns > 0 && visits != VISIT_ONCE && w->guessed[region->index] &&
            !measured_visits(w, place, &measured))
            sum.basis |= BASIS_ASSUMED;
    }
    work /= (Wide)VISIT_ONCE;
    sum.work_ns = work > INT64_MAX ? INT64_MAX : (int64_t)work;
    sum.known = !(sum.basis & BASIS_MISSING);
    return sum;
}

/* ---- sections ---- */

static uint64_t copied_bytes(const CostWork *w, const Region *branch) {
    const RegionUse *uses = w->live ? &w->uses->regions[branch->index] : NULL;
    uint64_t sum = 0;
    for (size_t i = 0; uses && i < uses->n; i++) {
        uint64_t bytes = fork_copies(w->sizes, w->live, branch, &uses->uses[i]);
        sum += bytes >= COPY_BYTES ? bytes : 0;
    }
    return sum;
}

/* Strings, lists and maps that it writes come from an arena of the branch's own, where it is on a thread. */
static bool node_writes_memory(const Node *node) {
    for (size_t i = 0; i < node->n_params; i++)
        if (node->params[i].mode != MODE_IN && node->params[i].field &&
            !node->params[i].field->type->flat)
            return true;
    for (size_t i = 0; i < node->n_bindings; i++)
        if (!node->bindings[i].value && !node->bindings[i].child->type->flat)
            return true;
    return false;
}

static bool writes_memory(const Region *region);

static bool section_writes_memory(const Section *section) {
    for (size_t i = 0; i < section->n_branches; i++)
        if (writes_memory(section->branches[i]))
            return true;
    return false;
}

static bool writes_memory(const Region *region) {
    for (size_t i = 0; i < region->n_places; i++) {
        const Place *place = region->places[i];
        if ((place->node && node_writes_memory(place->node)) ||
            (place->kind == PL_SECTION && section_writes_memory(place->section)))
            return true;
    }
    return false;
}

/* Maps that its nodes put entries into, each time that one does. */
static uint32_t unions(const Region *region) {
    uint32_t n = 0;
    for (size_t i = 0; i < region->n_places; i++) {
        const Place *place = region->places[i];
        for (size_t k = 0; place->node && k < place->node->n_params; k++)
            n += place->node->params[k].mode != MODE_IN && place->node->params[k].field &&
                 place->node->params[k].field->reducer == RD_UNION;
        for (size_t k = 0; place->section && k < place->section->n_branches; k++)
            n += unions(place->section->branches[k]);
    }
    return n;
}

/* An array has as many as its type says. */
static void find_elements(const CostWork *w, const Section *section, SectionCost *cost) {
    cost->elements = VISIT_ONCE;
    if (!section->over)
        return;
    if (measured_elements(w, section, &cost->elements)) {
        cost->basis |= BASIS_PROFILED;
    } else if (section->over->type->kind == TY_ARRAY) {
        cost->elements = section->over->type->count * VISIT_ONCE;
    } else {
        cost->elements = EACH_ELEMENTS * VISIT_ONCE;
        cost->guesses_elements = true;
    }
}

void find_section_work(CostWork *w, const Section *section) {
    SectionCost *cost = &w->costs->sections[section->index];
    for (size_t i = 0; i < section->n_branches; i++) {
        RegionCost branch = region_cost(w, section->branches[i]);
        w->costs->regions[section->branches[i]->index] = branch;
        cost->basis |= branch.basis;
        cost->work_ns = add_ns(cost->work_ns, branch.work_ns);
        cost->span_ns = branch.work_ns > cost->span_ns ? branch.work_ns : cost->span_ns;
        cost->copied_bytes += copied_bytes(w, section->branches[i]);
        cost->n_arenas += writes_memory(section->branches[i]);
        cost->n_unions += unions(section->branches[i]);
    }
    cost->known = !(cost->basis & BASIS_MISSING);
    find_elements(w, section, cost);
    cost->total_ns = cost_times(cost->elements, cost->work_ns);
}

/* ---- loops ---- */

/* Positions ascend from the outer loop to the inner one. */
void find_turns(CostWork *w) {
    Costs *costs = w->costs;
    for (size_t at = w->graph->n_places; at-- > 0;) {
        const Place *place = w->ways->order[at];
        int64_t ns = cost_times(costs->visits[place->index], place_cost(w, place).ns);
        int64_t *turn = &costs->turn_ns[place->index];
        uint32_t loop = costs->loop[place->index], around = w->outer_loop[place->index];
        bool begins = loop == place->index;
        ns = begins ? add_ns(ns, *turn) : ns;
        if (around != UINT32_MAX)
            costs->turn_ns[around] = add_ns(costs->turn_ns[around], ns);
        if (begins && costs->visits[place->index] > 0)
            *turn = (int64_t)((Wide)ns * (Wide)VISIT_ONCE / (Wide)costs->visits[place->index]);
    }
}

/* ---- copies ---- */

static bool has_large_field(const CostWork *w) {
    for (size_t i = 0; i < w->graph->n_fields; i++)
        if (size_bytes(w->sizes, w->graph->fields[i]->type) >= COPY_BYTES)
            return true;
    return false;
}

void find_live(CostWork *w) {
    Compilation local = *w->comp;
    local.arena = w->arena;
    if (w->graph->n_sections == 0 || !has_large_field(w))
        return;
    w->uses = liveness_of(&local, w->graph);
    w->live = live_of(&local, w->graph);
}
