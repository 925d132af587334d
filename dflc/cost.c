#include "cost.h"

#include <inttypes.h>

#include "cost/internal.h"

const uint32_t cost_cpus[COST_CPUS] = {2, 4, 8, 16};

struct ProgramCosts {
    Compilation *comp;
    CostOptions options;
    Sizes sizes;
    StrMap graphs; /* of Costs, by Graph.c_name */
};

/* ---- decisions ---- */

/* The first number of CPUs on which awake workers are worth it; COST_CPUS: none. */
static size_t pays_on(const Machine *machine, const Section *section, const SectionCost *cost) {
    for (size_t i = 0; i < COST_CPUS && cost_is_possible(machine, i); i++)
        if (section->over ? cost->from[i].hot != UINT64_MAX
                          : cost_pays(cost->gain[i].hot_ns, cost->work_ns))
            return i;
    return COST_CPUS;
}

int64_t cost_best_gain(const Machine *machine, const SectionCost *cost) {
    int64_t best = 0;
    for (size_t i = 0; i < COST_CPUS && cost_is_possible(machine, i); i++)
        best = cost->gain[i].hot_ns > best ? cost->gain[i].hot_ns : best;
    return best;
}

int64_t cost_section_ns(const SectionCost *cost, int64_t gain_ns) {
    if (cost->run == RUN_INLINE || (cost->run == RUN_EITHER && gain_ns < 0))
        return cost->total_ns;
    return cost->total_ns - gain_ns;
}

static const char *why_inline(Arena *arena, const Machine *machine, const Section *section,
                              const SectionCost *cost) {
    int64_t best = cost_best_gain(machine, cost);
    if (machine->cpus == 1)
        return "inline: the machine has one CPU";
    if (!cost->known)
        return "inline: not every node in it says its cost";
    if (section->over)
        return "inline: an element takes no time";
    if (best == 0)
        return arena_printf(arena, "inline: %" PRId64 " ns of work is too little for threads",
                            cost->work_ns);
    return arena_printf(arena, "inline: of %" PRId64 " ns threads would save only %" PRId64,
                        cost->work_ns, best);
}

static const char *why_from(Arena *arena, const SectionCost *cost, size_t i) {
    const char *asleep = "";
    if (cost->from[i].cold != UINT64_MAX)
        asleep = arena_printf(arena, ", asleep from %" PRIu64, cost->from[i].cold);
    return arena_printf(arena,
                        "threads as they pay: with %" PRIu32 " CPUs from %" PRIu64
                        " elements on%s; %" PRId64 " ns each",
                        cost_cpus[i], cost->from[i].hot, asleep, cost->work_ns);
}

static const char *why_either(Arena *arena, const SectionCost *cost, size_t i) {
    return arena_printf(arena,
                        "threads as they pay: %" PRId64 " ns inline; on %" PRIu32 " CPUs %" PRId64
                        " awake, %" PRId64 " asleep",
                        cost->work_ns, cost_cpus[i], cost->work_ns - cost->gain[i].hot_ns,
                        cost->work_ns - cost->gain[i].cold_ns);
}

static void decide_auto(Arena *arena, const Machine *machine, const Section *section,
                        SectionCost *cost) {
    size_t i = pays_on(machine, section, cost);
    cost->run = i < COST_CPUS ? RUN_EITHER : RUN_INLINE;
    cost->reason = i == COST_CPUS  ? why_inline(arena, machine, section, cost)
                   : section->over ? why_from(arena, cost, i)
                                   : why_either(arena, cost, i);
    if (cost->basis & (BASIS_PROFILED | BASIS_ASSUMED))
        cost->reason =
            arena_printf(arena, "%s (%s)", cost->reason, cost_basis_text(arena, cost->basis));
}

/* What runs on ranks has the functions of what may run on threads. */
static void decide_ranks(Arena *arena, const Machine *machine, const Section *section, SectionCost *cost) {
    RanksCost *ranks = &cost->ranks;
    ranks->chosen = ranks->reckoned && !ranks->why_not && ranks->pays_from != UINT64_MAX;
    if (!ranks->chosen)
        return;
    if (cost->run == RUN_INLINE)
        cost->run = RUN_EITHER;
    cost->reason =
        section->over
            ? arena_printf(arena, "ranks as they pay: with %" PRIu32 " from %" PRIu64 " elements on; here %s",
                           machine->ranks, ranks->pays_from, cost->reason_here)
            : arena_printf(arena, "ranks as they pay: with %" PRIu32 " %" PRId64 " ns; here %s", machine->ranks,
                           ranks->ns, cost->reason_here);
}

/* On as few CPUs as it ever does. */
static uint64_t pays_asleep_from(const SectionCost *cost) {
    for (size_t i = 0; i < COST_CPUS; i++)
        if (cost->from[i].cold != UINT64_MAX)
            return cost->from[i].cold;
    return INT64_MAX;
}

static void decide(Compilation *comp, const CostOptions *options, const Section *section,
                   SectionCost *cost) {
    SectionMode wanted = section->mode != SECTION_AUTO ? section->mode : options->sections;
    if (options->no_threads) {
        cost->run = RUN_INLINE;
        cost->reason = "inline: -fstatic-memory has no threads";
    } else if (wanted == SECTION_AUTO) {
        decide_auto(comp->arena, options->machine, section, cost);
        cost->reason_here = cost->reason;
        decide_ranks(comp->arena, options->machine, section, cost);
    } else {
        cost->run = wanted == SECTION_THREADS ? RUN_THREADS : RUN_INLINE;
        cost->reason = arena_printf(
            comp->arena, "%s: %s",
            section->ranks              ? "ranks, or threads where a run has none"
            : cost->run == RUN_THREADS ? "threads"
                                       : "inline",
            section->mode != SECTION_AUTO ? "the source says so" : "-fsections says so");
        if (section->ranks)
            cost->reason_here = "threads: the source says so";
    }
    cost->reason_here = cost->reason_here ? cost->reason_here : cost->reason;
    cost->threads = cost->run != RUN_INLINE;
    if (cost->threads && section->over)
        cost->threads_from = cost->run == RUN_THREADS ? 2 : pays_asleep_from(cost);
}

/* ---- graphs ---- */

static Costs *costs_new(Arena *arena, const Graph *graph) {
    Costs *costs = ARENA_NEW(arena, Costs);
    costs->sections = ARENA_ARRAY(arena, SectionCost, graph->n_sections + 1);
    costs->regions = ARENA_ARRAY(arena, RegionCost, graph->n_regions);
    costs->nodes = ARENA_ARRAY(arena, NodeCost, graph->n_nodes + 1);
    costs->visits = ARENA_ARRAY(arena, Visits, graph->n_places);
    costs->turns = ARENA_ARRAY(arena, Visits, graph->n_places);
    costs->loop = ARENA_ARRAY(arena, uint32_t, graph->n_places);
    costs->turn_ns = ARENA_ARRAY(arena, int64_t, graph->n_places);
    return costs;
}

/* Regions come parents first, so backwards every inner section is known before the outer. */
static void cost_sections(CostWork *w) {
    const Graph *graph = w->graph;
    for (size_t i = graph->n_regions; i-- > 0;) {
        const Region *region = graph->regions[i];
        const Section *section = region->section;
        if (!section || region->branch != 0)
            continue;
        find_section_work(w, section);
        find_gains(w, section);
        find_ranks(w, section);
        decide(w->comp, w->options, section, &w->costs->sections[section->index]);
    }
    w->costs->regions[0] = region_cost(w, graph->regions[0]);
}

/* Depth: sema bounds how deep graphs run each other. */
static void cost_graph(ProgramCosts *all, const Graph *graph) {
    if (costs_of(all, graph))
        return;
    for (size_t i = 0; i < graph->n_nodes; i++)
        if (graph->nodes[i]->runs)
            cost_graph(all, graph->nodes[i]->runs);
    CostWork w = {.comp = all->comp,
                  .arena = arena_new(),
                  .options = &all->options,
                  .all = all,
                  .sizes = &all->sizes,
                  .graph = graph,
                  .costs = costs_new(all->comp->arena, graph)};
    w.ways = ways_of(w.arena, graph);
    w.guessed = ARENA_ARRAY(w.arena, bool, graph->n_regions);
    find_live(&w);
    find_visits(&w);
    find_node_costs(&w);
    cost_sections(&w);
    find_turns(&w);
    find_live_bytes(&w);
    strmap_put(&all->graphs, all->comp->arena, graph->c_name, w.costs);
    arena_free(w.arena);
}

const ProgramCosts *cost_program(Compilation *comp, const Program *program, CostOptions options) {
    ProgramCosts *all = ARENA_NEW(comp->arena, ProgramCosts);
    all->comp = comp;
    all->options = options;
    all->sizes = sizes_of(comp->arena, program);
    for (size_t i = 0; i < program->n_graphs; i++)
        cost_graph(all, program->graphs[i]);
    return all;
}

const Costs *costs_of(const ProgramCosts *costs, const Graph *graph) {
    return strmap_get(&costs->graphs, graph->c_name);
}

const CostOptions *cost_options(const ProgramCosts *costs) {
    return &costs->options;
}

const Sizes *cost_sizes(const ProgramCosts *costs) {
    return &costs->sizes;
}

const char *cost_basis_text(Arena *arena, unsigned basis) {
    static const char *const names[] = {"annotated", "profiled", "assumed", "missing"};
    const char *text = "";
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (basis & 1u << i)
            text = arena_printf(arena, "%s%s%s", text, *text ? ", " : "", names[i]);
    return text;
}
