#include "plan.h"

#include <inttypes.h>

/* What is known of a graph wherever it runs. */
typedef struct Facts {
    const Graph *graph;
    const Liveness *uses;
    const Live *live;
    const Costs *costs;
} Facts;

typedef struct Planner {
    Compilation *comp;
    const ProgramCosts *costs;
    StrMap facts; /* graph name to Facts */
} Planner;

/* note [local fields]
 * A local field belongs to the branch that is the lowest region around all its uses; where that
 * region only passes it on to several branches of a section, each of them has a value of its own,
 * and so on inwards. Top down: a region owns the field when it uses it itself (not merely inside a
 * section) and no region around it owns it. */

Merge merge_of(const Field *field, bool local) {
    if (local)
        return MERGE_LOCAL;
    switch (field->reducer) {
    case RD_NONE:
        return MERGE_REPLACE;
    case RD_LAST:
        return MERGE_LAST;
    case RD_SUM:
        return type_is_integer(field->type) ? MERGE_SUM_INT : MERGE_SUM_FLOAT;
    case RD_MIN:
    case RD_MAX:
    case RD_AND:
    case RD_OR:
        return MERGE_FOLD;
    case RD_APPEND:
        return MERGE_APPEND;
    case RD_UNION:
        return MERGE_UNION;
    case RD_CUSTOM:
        return MERGE_CUSTOM;
    }
    return MERGE_REPLACE;
}

const Slot *region_slot(const RegionPlan *plan, const Field *field) {
    size_t low = 0, high = plan->n_slots;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        uint32_t index = plan->slots[mid].field->index;
        if (index == field->index)
            return &plan->slots[mid];
        if (index < field->index)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

uint32_t place_id(const GraphPlan *plan, const Place *place) {
    switch (place->kind) {
    case PL_START:
        return 0;
    case PL_END:
        return plan->outermost->n_nodes - 1;
    case PL_NODE:
    case PL_ROUTER:
        return plan->node_ids[place->node->index];
    case PL_SECTION:
        return plan->section_ids[place->section->index];
    case PL_JOIN:
    case PL_CHOICE:
        break;
    }
    return UINT32_MAX;
}

/* ---- slots ---- */

static Slot make_slot(const FieldUse *use, bool local) {
    Slot slot = {.field = use->field, .merge = merge_of(use->field, local)};
    bool split = slot.merge == MERGE_APPEND || slot.merge == MERGE_UNION ||
                 slot.merge == MERGE_SUM_FLOAT || slot.merge == MERGE_CUSTOM;
    slot.added = split;
    /* A custom reducer runs at the node too: it is the node that fails when it fails. */
    slot.own = !split || use->reads || slot.merge == MERGE_CUSTOM;
    slot.wrote = slot.merge == MERGE_LAST;
    return slot;
}

static bool owned_above(const RegionPlan *plan, const Field *field) {
    for (; plan; plan = plan->up) {
        const Slot *slot = region_slot(plan, field);
        if (slot)
            return true;
    }
    return false;
}

/* A subgraph's own region holds all of its state. */
static void plan_subgraph_slots(Compilation *comp, const Graph *graph, RegionPlan *plan) {
    size_t i;
    plan->slots = ARENA_ARRAY(comp->arena, Slot, graph->n_fields + 1);
    for (i = 0; i < graph->n_fields; i++)
        if (!graph->fields[i]->local) {
            Slot slot = {.field = graph->fields[i], .merge = MERGE_LOCAL, .own = true};
            plan->slots[plan->n_slots++] = slot;
        }
}

/* What adds up from the value at the fork starts from it; what replaces may not care for it. */
static bool needs_copy(const Facts *facts, const Region *branch, const Slot *slot) {
    if (slot->merge != MERGE_REPLACE && slot->merge != MERGE_LAST)
        return true;
    return branch_needs_value(facts->live, branch, slot->field);
}

static void plan_branch_slots(Compilation *comp, const Facts *facts, RegionPlan *plan) {
    const RegionUse *use = &facts->uses->regions[plan->region->index];
    size_t i;
    plan->slots = ARENA_ARRAY(comp->arena, Slot, use->n + 1);
    for (i = 0; i < use->n; i++) {
        Field *field = use->uses[i].field;
        bool owned = field->local && owned_above(plan->up, field);
        bool owns = field->local && !owned && region_uses_itself(plan->region, field);
        if (owns)
            plan->slots[plan->n_slots++] = make_slot(&use->uses[i], true);
        else if (use->uses[i].writes && (owned || !field->local))
            plan->slots[plan->n_slots++] = make_slot(&use->uses[i], false);
    }
    for (i = 0; i < plan->n_slots; i++)
        plan->slots[i].needed = needs_copy(facts, plan->region, &plan->slots[i]);
}

static void plan_slots(Compilation *comp, const GraphPlan *graph, const Facts *facts,
                       RegionPlan *plan) {
    if (plan->up)
        plan_branch_slots(comp, facts, plan);
    else if (graph->outer)
        plan_subgraph_slots(comp, graph->graph, plan);
}

/* ---- order of emission ---- */

/* Follow the last edge of each place (the else, or the only one) while it leads somewhere new: so
 * the usual way falls through and the code reads like the graph. */
static void plan_order(Compilation *comp, GraphPlan *graph, RegionPlan *plan) {
    const Region *region = plan->region;
    bool *placed = ARENA_ARRAY(comp->arena, bool, region->n_places + 1);
    uint32_t *number = graph->order_of;
    size_t i, n = 0;
    plan->order = ARENA_ARRAY(comp->arena, const Place *, region->n_places + 1);
    for (i = 0; i < region->n_places; i++)
        number[region->places[i]->index] = (uint32_t)i;
    for (i = 0; i < region->n_places; i++) {
        const Place *place = region->places[i];
        while (place != region->exit && !placed[number[place->index]]) {
            placed[number[place->index]] = true;
            plan->order[n++] = place;
            if (!place->n_edges)
                break;
            place = place->edges[place->n_edges - 1]->to;
        }
    }
    plan->n_order = n;
    for (i = 0; i < n; i++)
        number[plan->order[i]->index] = (uint32_t)i;
}

static void label_handlers(const GraphPlan *graph, RegionPlan *plan, const Place *place) {
    const Edge *edges[] = {place->on_error, place->on_timeout};
    size_t i;
    for (i = 0; i < 2; i++)
        if (edges[i] && edges[i]->to == plan->region->exit)
            plan->exit_labelled = true;
        else if (edges[i])
            plan->labelled[graph->order_of[edges[i]->to->index]] = true;
}

/* The else of a match whose other arms name every value: what is none of them fails. */
static bool is_never_taken(const Place *place, const Edge *edge) {
    size_t named = 0;
    if (!place->subject || place->subject->type->kind != TY_ENUM || edge->n_values > 0)
        return false;
    for (size_t i = 0; i < place->n_edges; i++)
        named += place->edges[i]->n_values;
    return named >= place->subject->type->enum_->n_values;
}

/* A place needs a label when an edge that is no fall-through leads to it. A choice's arms, and
 * guarded edges, always jump. */
static void plan_labels(Compilation *comp, const GraphPlan *graph, RegionPlan *plan) {
    const Region *region = plan->region;
    size_t i, k;
    plan->labelled = ARENA_ARRAY(comp->arena, bool, plan->n_order + 1);
    for (i = 0; i < plan->n_order; i++) {
        const Place *place = plan->order[i];
        bool arms = place->kind == PL_CHOICE && place->subject;
        if (place->kind != PL_CHOICE && place->kind != PL_START)
            plan->labelled[i] = true; /* a resume may begin here */
        for (k = 0; k < place->n_edges; k++) {
            const Edge *edge = place->edges[k];
            bool bare = !edge->guard && !edge->has_max && !arms && place->kind != PL_ROUTER;
            if (is_never_taken(place, edge))
                continue;
            if (edge->to == region->exit) {
                plan->exit_labelled |= !(bare && i + 1 == plan->n_order);
                continue;
            }
            if (!(bare && i + 1 < plan->n_order && plan->order[i + 1] == edge->to))
                plan->labelled[graph->order_of[edge->to->index]] = true;
        }
    }
    for (i = 0; i < plan->n_order; i++)
        label_handlers(graph, plan, plan->order[i]);
    if (!region->section && !graph->outer)
        plan->exit_labelled = true;
}

/* ---- names ---- */

/* Heads that are nodes are unique in a section, and no label of one begins with dfl_b. */
static const char *member_name(Compilation *comp, const Region *region) {
    if (region->section->over)
        return "body";
    if (region->entry->node)
        return region->entry->node->c_label;
    return arena_printf(comp->arena, "dfl_b%" PRIu32, region->branch + 1);
}

static void name_region(Compilation *comp, const GraphPlan *graph, RegionPlan *plan) {
    const Region *region = plan->region;
    if (!region->section) {
        plan->fn = arena_printf(comp->arena, "%s__flow", graph->c_path);
        plan->frame = graph->outer ? plan->fn : NULL;
        return;
    }
    plan->member = member_name(comp, region);
    plan->fn = arena_printf(comp->arena, "%s__s%" PRIu32 "_%s", graph->c_path,
                            region->section->index + 1, plan->member);
    plan->frame = plan->fn;
}

static void plan_section(Compilation *comp, GraphPlan *plan, const Section *section,
                         const Costs *costs) {
    SectionPlan *out = &plan->sections[section->index];
    out->section = section;
    out->cost = &costs->sections[section->index];
    out->fn = arena_printf(comp->arena, "%s__s%" PRIu32, plan->c_path, section->index + 1);
    out->frame = out->fn;
    if (section->over)
        out->chunk_fn = arena_printf(comp->arena, "%s_chunk", out->fn);
}

static void plan_region(Compilation *comp, GraphPlan *plan, const Facts *facts, size_t i) {
    const Graph *graph = plan->graph;
    RegionPlan *region = &plan->regions[i];
    region->region = graph->regions[i];
    region->up = region->region->parent ? &plan->regions[region->region->parent->index] : NULL;
    region->in_state = !plan->outer;
    region->n_counts = region->region->n_max + (graph->has_limit ? 1 : 0);
    name_region(comp, plan, region);
    plan_slots(comp, plan, facts, region);
    plan_order(comp, plan, region);
    plan_labels(comp, plan, region);
}

/* ---- sections that are expected ---- */

/* Workers look for work this long by themselves; and what takes longer than that is not foreseen. */
enum { NEAR_NS = 30 * 1000, FAR_NS = 20 * 1000 * 1000, FAR_NODES = 64 };

/* The node before a place where nothing else leads to it and the node to nothing else. */
static const Place *only_node_before(const Place *place) {
    const Place *before = place->n_in == 1 ? place->in[0]->from : NULL;
    if (!before || before->kind != PL_NODE || before->n_edges != 1 || before->edges[0]->has_max ||
        before->edges[0]->guard || before->on_error == place->in[0] ||
        before->on_timeout == place->in[0])
        return NULL;
    return before;
}

/* Back along the chain that leads to a section, as far as it is near enough. */
static void expect_section(GraphPlan *plan, SectionPlan *section, const Costs *costs) {
    const Place *place = section->section->place, *told = NULL;
    int64_t ns = 0, told_ns = 0;
    for (int i = 0; i < FAR_NODES && (place = only_node_before(place)) != NULL; i++) {
        const NodeCost *cost = &costs->nodes[place->node->index];
        if ((cost->basis & BASIS_MISSING) || cost->ns > FAR_NS - ns)
            break;
        ns += cost->ns;
        told = place;
        told_ns = ns;
    }
    if (!told || told_ns < NEAR_NS)
        return;
    plan->expected[told->index] = (Expected){section, told_ns};
    section->is_expected = true;
}

/* What is known of a graph wherever it runs; made once. */
static const Facts *facts_of(Planner *planner, const Graph *graph) {
    Facts *facts = strmap_get(&planner->facts, graph->c_name);
    if (facts)
        return facts;
    facts = ARENA_NEW(planner->comp->arena, Facts);
    facts->graph = graph;
    facts->uses = liveness_of(planner->comp, graph);
    facts->live = live_of(planner->comp, graph);
    facts->costs = costs_of(planner->costs, graph);
    strmap_put(&planner->facts, planner->comp->arena, graph->c_name, facts);
    return facts;
}

static void name_graph(Compilation *comp, GraphPlan *plan) {
    const char *name;
    if (!plan->outer) {
        plan->path = "";
        plan->c_path = plan->graph->c_name;
        return;
    }
    name = plan->at->node->name;
    plan->path = arena_printf(comp->arena, "%s%s/", plan->outer->path, name);
    plan->c_path = arena_printf(comp->arena, "%s__%s", plan->outer->c_path, name);
}

/* ---- error edges ---- */

static bool section_catches(const GraphPlan *plan, const Section *section) {
    for (size_t i = 0; i < section->n_branches; i++)
        if (plan->regions[section->branches[i]->index].catches_errors)
            return true;
    return false;
}

static bool place_catches(const GraphPlan *plan, const Place *place) {
    const GraphPlan *inner = place->node ? plan->inner[place->node->index] : NULL;
    return place->on_error || place->on_timeout || (inner && inner->regions[0].catches_errors) ||
           (place->section && section_catches(plan, place->section));
}

/* Regions within others come behind them. */
static void find_catches(GraphPlan *plan) {
    for (size_t i = plan->graph->n_regions; i-- > 0;) {
        RegionPlan *region = &plan->regions[i];
        for (size_t k = 0; k < region->region->n_places && !region->catches_errors; k++)
            region->catches_errors = place_catches(plan, region->region->places[k]);
    }
}

/* Depth: sema bounds how deep graphs run each other. */
static GraphPlan *plan_graph(Planner *planner, const Graph *graph, GraphPlan *outer,
                             const Place *at) {
    Arena *arena = planner->comp->arena;
    GraphPlan *plan = ARENA_NEW(arena, GraphPlan);
    const Facts *facts = facts_of(planner, graph);
    size_t i;
    plan->graph = graph;
    plan->outer = outer;
    plan->outermost = outer ? outer->outermost : plan;
    plan->at = at;
    plan->live = facts->live;
    plan->costs = facts->costs;
    plan->auto_saves = outer ? outer->auto_saves ? outer->auto_saves->inner[at->node->index] : NULL
                       : graph->policy == CP_AUTO ? auto_saves_of(arena, planner->costs, graph)
                                                  : NULL; /* the outermost policy rules */
    name_graph(planner->comp, plan);
    plan->regions = ARENA_ARRAY(arena, RegionPlan, graph->n_regions + 1);
    plan->sections = ARENA_ARRAY(arena, SectionPlan, graph->n_sections + 1);
    plan->expected = ARENA_ARRAY(arena, Expected, graph->n_places + 1);
    plan->inner = ARENA_ARRAY(arena, GraphPlan *, graph->n_nodes + 1);
    plan->order_of = ARENA_ARRAY(arena, uint32_t, graph->n_places + 1);
    plan->node_ids = ARENA_ARRAY(arena, uint32_t, graph->n_nodes + 1);
    plan->section_ids = ARENA_ARRAY(arena, uint32_t, graph->n_sections + 1);
    for (i = 0; i < graph->n_regions; i++)
        plan_region(planner->comp, plan, facts, i);
    for (i = 0; i < graph->n_sections; i++)
        plan_section(planner->comp, plan, graph->sections[i], facts->costs);
    for (i = 0; i < graph->n_sections; i++)
        if (plan->sections[i].cost->threads)
            expect_section(plan, &plan->sections[i], facts->costs);
    for (i = 0; i < graph->n_nodes; i++)
        if (graph->nodes[i]->runs && graph->nodes[i]->place)
            plan->inner[i] =
                plan_graph(planner, graph->nodes[i]->runs, plan, graph->nodes[i]->place);
    find_catches(plan);
    return plan;
}

/* ---- numbers ---- */

/* Nodes in order of declaration, those of a subgraph after the node that runs it. */
static void number_nodes(GraphPlan *plan, uint32_t *next) {
    size_t i;
    for (i = 0; i < plan->graph->n_nodes; i++) {
        if (plan->graph->nodes[i]->kind == NODE_CALL)
            plan->node_ids[i] = (*next)++;
        if (plan->inner[i])
            number_nodes(plan->inner[i], next);
    }
}

static void number_others(GraphPlan *plan, uint32_t *next) {
    size_t i;
    for (i = 0; i < plan->graph->n_sections; i++)
        plan->section_ids[i] = (*next)++;
    for (i = 0; i < plan->graph->n_nodes; i++) {
        if (plan->graph->nodes[i]->kind == NODE_ROUTER)
            plan->node_ids[i] = (*next)++;
        if (plan->inner[i])
            number_others(plan->inner[i], next);
    }
}

static void number_places(GraphPlan *plan) {
    uint32_t next = 1;
    number_nodes(plan, &next);
    plan->n_nodes = ++next;
    number_others(plan, &next);
    plan->n_places = next;
}

/* ---- types ---- */

const Type *plan_list_type(const Plan *plan, const Type *elem) {
    size_t i;
    for (i = 0; i < plan->n_types; i++)
        if (plan->types[i]->kind == TY_LIST && plan->types[i]->elem == elem)
            return plan->types[i];
    return NULL;
}

/* Updates that are replayed one by one at a join are collected in a list. */
static void plan_replayed(Compilation *comp, Plan *plan, const Field *field) {
    Merge merge = merge_of(field, false);
    Type *list;
    if ((merge != MERGE_CUSTOM && merge != MERGE_SUM_FLOAT) || plan_list_type(plan, field->type))
        return;
    list = ARENA_NEW(comp->arena, Type);
    list->kind = TY_LIST;
    list->name = arena_printf(comp->arena, "%s[]", field->type->name);
    list->stem = list->c_name = arena_printf(comp->arena, "%s_list", field->type->stem);
    list->elem = (Type *)(uintptr_t)field->type;
    ARENA_PUSH(comp->arena, plan->types, plan->n_types, plan->cap_types, list);
}

static void plan_types(Compilation *comp, Plan *plan) {
    const Program *program = plan->program;
    size_t g, i;
    for (i = 0; i < program->n_types; i++)
        ARENA_PUSH(comp->arena, plan->types, plan->n_types, plan->cap_types, program->types[i]);
    for (g = 0; g < program->n_graphs; g++)
        for (i = 0; i < program->graphs[g]->n_fields; i++)
            plan_replayed(comp, plan, program->graphs[g]->fields[i]);
}

Plan *plan_program(Compilation *comp, const Program *program, const ProgramCosts *costs) {
    Plan *plan = ARENA_NEW(comp->arena, Plan);
    Planner planner = {.comp = comp, .costs = costs};
    size_t i;
    plan->program = program;
    plan->save_terms = save_terms(cost_options(costs));
    plan_types(comp, plan);
    for (i = 0; i < program->n_graphs; i++) {
        GraphPlan *graph;
        if (program->graphs[i]->imported)
            continue;
        graph = plan_graph(&planner, program->graphs[i], NULL, NULL);
        number_places(graph);
        ARENA_PUSH(comp->arena, plan->graphs, plan->n_graphs, plan->cap_graphs, graph);
    }
    for (i = 0; i < planner.facts.n; i++) {
        const Facts *facts = planner.facts.entries[i].value;
        ARENA_PUSH(comp->arena, plan->used, plan->n_used, plan->cap_used, facts->graph);
    }
    return plan;
}

/* ---- dump ---- */

static void dump_slots(const RegionPlan *region, FILE *out) {
    static const char *const merges[] = {"replace", "last",  "fold",   "sum_int", "sum_float",
                                         "append",  "union", "custom", "local"};
    size_t i;
    for (i = 0; i < region->n_slots; i++) {
        const Slot *slot = &region->slots[i];
        fprintf(out, "    %s: %s%s%s%s%s\n", slot->field->name, merges[slot->merge],
                slot->own ? " own" : "", slot->own && !slot->needed ? " not copied" : "",
                slot->added ? " added" : "", slot->wrote ? " wrote" : "");
    }
}

void plan_dump(const Plan *plan, FILE *out) {
    size_t g, i;
    for (g = 0; g < plan->n_graphs; g++) {
        const GraphPlan *graph = plan->graphs[g];
        fprintf(out, "graph %s\n", graph->graph->name);
        for (i = 0; i < graph->graph->n_regions; i++) {
            fprintf(out, "  region %s counts %" PRIu32 "\n", graph->regions[i].fn,
                    graph->regions[i].n_counts);
            dump_slots(&graph->regions[i], out);
        }
        for (i = 0; i < graph->graph->n_sections; i++)
            fprintf(out, "  section %s %s: %s\n", graph->sections[i].fn,
                    graph->graph->sections[i]->label, graph->sections[i].cost->reason);
    }
}
