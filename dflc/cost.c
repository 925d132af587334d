#include "cost.h"

#include <inttypes.h>

const uint32_t cost_cpus[COST_CPUS] = {2, 4, 8, 16};

/* Times a node inside a loop is expected to run, where nothing says otherwise. */
enum { LOOP_TURNS = 3 };

static void add(RegionCost *sum, bool known, int64_t ns) {
    sum->known &= known;
    if (ns > INT64_MAX - sum->work_ns)
        sum->work_ns = INT64_MAX;
    else
        sum->work_ns += ns;
}

static RegionCost cost_region(const Costs *costs, const Region *region) {
    RegionCost sum = {true, 0};
    size_t i;
    for (i = 0; i < region->n_places; i++) {
        const Place *place = region->places[i];
        if (place->kind == PL_NODE)
            add(&sum, place->node->has_cost, place->node->cost_ns);
        if (place->section) {
            const SectionCost *inner = &costs->sections[place->section->index];
            add(&sum, inner->known && !place->section->over, inner->work_ns);
        }
    }
    if (region->has_cycle && sum.work_ns <= INT64_MAX / LOOP_TURNS)
        sum.work_ns *= LOOP_TURNS;
    return sum;
}

/* A bound from below: the branches may not fall into two halves. */
int64_t cost_makespan(int64_t work_ns, int64_t span_ns) {
    int64_t half = work_ns - work_ns / 2;
    return half > span_ns ? half : span_ns;
}

static void decide_auto(Compilation *comp, const Section *section, SectionCost *cost) {
    int64_t gain = cost->work_ns - cost_makespan(cost->work_ns, cost->span_ns);
    if (!cost->known) {
        cost->reason = "inline: not every node in it says its cost";
    } else if (section->over) {
        int64_t twice = 2 * (int64_t)COST_GAIN_NS;
        cost->threads_from =
            cost->work_ns ? (uint64_t)((twice + cost->work_ns - 1) / cost->work_ns) : UINT64_MAX;
        if (cost->threads_from < 2)
            cost->threads_from = 2;
        cost->threads = cost->work_ns > 0;
        cost->reason =
            arena_printf(comp->arena, "threads from %" PRIu64 " elements on: %" PRId64 " ns each",
                         cost->threads_from, cost->work_ns);
    } else {
        cost->threads = gain > COST_GAIN_NS;
        cost->reason =
            arena_printf(comp->arena, "%s: two workers save %" PRId64 " ns of %" PRId64 ", %s %d",
                         cost->threads ? "threads" : "inline", gain, cost->work_ns,
                         cost->threads ? "more than" : "not more than", COST_GAIN_NS);
    }
}

/* What handing over and joining take when the workers are awake; see runtime/README.md. */
enum { HOT_PRICE_NS = 500 };

static void find_gains(const Section *section, SectionCost *cost) {
    for (size_t i = 0; i < COST_CPUS; i++) {
        int64_t share = cost->work_ns / cost_cpus[i];
        int64_t saved = cost->work_ns - (share > cost->span_ns ? share : cost->span_ns);
        uint64_t each = (uint64_t)cost->work_ns;
        cost->gain[i] = (Gain){saved - HOT_PRICE_NS, saved - COST_GAIN_NS};
        cost->from[i] = (PaysFrom){UINT64_MAX, UINT64_MAX};
        if (section->over && each > 0)
            cost->from[i] = (PaysFrom){2 * HOT_PRICE_NS / each + 2, 2 * COST_GAIN_NS / each + 2};
    }
}

/* A chunk for each branch. */
static void pack_branches(Compilation *comp, const Section *section, SectionCost *cost) {
    uint32_t n = (uint32_t)section->n_branches;
    cost->order = ARENA_ARRAY(comp->arena, uint32_t, n);
    cost->chunk_end = ARENA_ARRAY(comp->arena, uint32_t, n);
    cost->n_chunks = n;
    for (uint32_t i = 0; i < n; i++) {
        cost->order[i] = i;
        cost->chunk_end[i] = i + 1;
    }
}

static void cost_section(Compilation *comp, Costs *costs, const Section *section,
                         SectionMode mode) {
    SectionCost *cost = &costs->sections[section->index];
    SectionMode wanted = section->mode != SECTION_AUTO ? section->mode : mode;
    size_t i;
    cost->known = true;
    for (i = 0; i < section->n_branches; i++) {
        RegionCost branch = cost_region(costs, section->branches[i]);
        RegionCost sum = {cost->known, cost->work_ns};
        costs->regions[section->branches[i]->index] = branch;
        add(&sum, branch.known, branch.work_ns);
        cost->known = sum.known;
        cost->work_ns = sum.work_ns;
        if (branch.work_ns > cost->span_ns)
            cost->span_ns = branch.work_ns;
    }
    find_gains(section, cost);
    if (!section->over)
        pack_branches(comp, section, cost);
    if (wanted == SECTION_AUTO) {
        decide_auto(comp, section, cost);
        cost->run = cost->threads ? RUN_EITHER : RUN_INLINE;
        return;
    }
    cost->threads = wanted == SECTION_THREADS;
    cost->run = cost->threads ? RUN_THREADS : RUN_INLINE;
    cost->threads_from = cost->threads && section->over ? 2 : 0;
    cost->reason =
        arena_printf(comp->arena, "%s: %s", cost->threads ? "threads" : "inline",
                     section->mode != SECTION_AUTO ? "the source says so" : "-fsections says so");
}

Costs *cost_sections(Compilation *comp, const Graph *graph, SectionMode mode) {
    Costs *costs = ARENA_NEW(comp->arena, Costs);
    size_t i;
    costs->sections = ARENA_ARRAY(comp->arena, SectionCost, graph->n_sections + 1);
    costs->regions = ARENA_ARRAY(comp->arena, RegionCost, graph->n_regions);
    /* Regions come parents first, so backwards every inner section is known before the outer. */
    for (i = graph->n_regions; i-- > 0;) {
        const Region *region = graph->regions[i];
        if (region->section && region->branch == 0)
            cost_section(comp, costs, region->section, mode);
    }
    return costs;
}
