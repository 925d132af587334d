#include "plan.h"

#include <inttypes.h>

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
        return plan->n_nodes - 1;
    case PL_NODE:
        return plan->node_ids[place->node->index];
    case PL_SECTION:
        return plan->n_nodes + place->section->index;
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
    slot.own = !split || use->reads;
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

/* Whether a place of the region itself, not of a section in it, uses the local field. */
static bool reads_directly(const Expr *expr, const Field *field) {
    size_t i;
    if (!expr)
        return false;
    if (expr->kind == EX_FIELD && expr->field == field)
        return true;
    if (expr->kind == EX_PREDICATE)
        for (i = 0; i < expr->node->n_params; i++)
            if (expr->node->params[i].field == field)
                return true;
    return reads_directly(expr->left, field) || reads_directly(expr->right, field);
}

static bool place_uses(const Place *place, const Field *field) {
    size_t i;
    if (place->node)
        for (i = 0; i < place->node->n_params; i++)
            if (place->node->params[i].field == field)
                return true;
    if (place->section &&
        (place->section->settle == field || reads_directly(place->section->over, field)))
        return true;
    if (reads_directly(place->subject, field))
        return true;
    for (i = 0; i < place->n_edges; i++)
        if (reads_directly(place->edges[i]->guard, field))
            return true;
    return false;
}

static bool region_uses_directly(const Region *region, const Field *field) {
    size_t i;
    for (i = 0; i < region->n_places; i++)
        if (place_uses(region->places[i], field))
            return true;
    return false;
}

static void plan_slots(Compilation *comp, const Liveness *live, RegionPlan *plan) {
    const RegionUse *use = &live->regions[plan->region->index];
    size_t i, n = 0;
    if (!plan->up)
        return;
    plan->slots = ARENA_ARRAY(comp->arena, Slot, use->n + 1);
    for (i = 0; i < use->n; i++) {
        Field *field = use->uses[i].field;
        if (field->local) {
            if (!owned_above(plan->up, field) && region_uses_directly(plan->region, field))
                plan->slots[n++] = make_slot(&use->uses[i], true);
            else if (use->uses[i].writes && owned_above(plan->up, field))
                plan->slots[n++] = make_slot(&use->uses[i], false);
        } else if (use->uses[i].writes) {
            plan->slots[n++] = make_slot(&use->uses[i], false);
        }
        plan->n_slots = n;
    }
    for (i = 0; i < n; i++)
        plan->roots |= !plan->slots[i].field->type->flat || plan->slots[i].merge == MERGE_CUSTOM;
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

/* A place needs a label when an edge that is no fall-through leads to it. A choice's arms, and
 * guarded edges, always jump. */
static void plan_labels(Compilation *comp, const GraphPlan *graph, RegionPlan *plan) {
    const Region *region = plan->region;
    size_t i, k;
    plan->labelled = ARENA_ARRAY(comp->arena, bool, plan->n_order + 1);
    for (i = 0; i < plan->n_order; i++) {
        const Place *place = plan->order[i];
        bool arms = place->kind == PL_CHOICE && place->subject;
        if (!region->section && (place->kind == PL_NODE || place->kind == PL_SECTION))
            plan->labelled[i] = true; /* a resume may begin here */
        for (k = 0; k < place->n_edges; k++) {
            const Edge *edge = place->edges[k];
            bool bare = !edge->guard && !edge->has_max && !arms;
            if (edge->to == region->exit) {
                plan->exit_labelled |= !(bare && i + 1 == plan->n_order);
                continue;
            }
            if (!(bare && i + 1 < plan->n_order && plan->order[i + 1] == edge->to))
                plan->labelled[graph->order_of[edge->to->index]] = true;
        }
    }
    if (!region->section)
        plan->exit_labelled = true;
}

/* ---- names ---- */

static const char *member_name(Compilation *comp, const Region *region) {
    const Section *section = region->section;
    size_t i;
    if (section->over)
        return "body";
    for (i = 0; i < section->n_branches; i++)
        if (section->branches[i] != region && section->branches[i]->label == region->label)
            break;
    if (i == section->n_branches && region->entry->kind == PL_NODE)
        return region->label;
    return arena_printf(comp->arena, "b%" PRIu32, region->branch + 1);
}

static void name_region(Compilation *comp, const Graph *graph, RegionPlan *plan) {
    const Region *region = plan->region;
    if (!region->section) {
        plan->fn = arena_printf(comp->arena, "%s__flow", graph->c_name);
        return;
    }
    plan->member = member_name(comp, region);
    plan->fn = arena_printf(comp->arena, "%s__s%" PRIu32 "_%s", graph->c_name,
                            region->section->index + 1, plan->member);
    plan->frame = plan->fn;
}

static void plan_section(Compilation *comp, GraphPlan *plan, const Section *section,
                         const Costs *costs) {
    SectionPlan *out = &plan->sections[section->index];
    size_t i;
    out->section = section;
    out->cost = &costs->sections[section->index];
    out->fn = arena_printf(comp->arena, "%s__s%" PRIu32, plan->graph->c_name, section->index + 1);
    out->frame = out->fn;
    if (section->over)
        out->chunk_fn = arena_printf(comp->arena, "%s_chunk", out->fn);
    for (i = 0; i < section->n_branches; i++)
        out->roots |= plan->regions[section->branches[i]->index].roots;
    out->roots |= section->over && section->settle;
    /* a chunk keeps one float for each element */
    for (i = 0; section->over && i < plan->regions[section->branches[0]->index].n_slots; i++)
        out->roots |= plan->regions[section->branches[0]->index].slots[i].merge == MERGE_SUM_FLOAT;
}

static GraphPlan *plan_graph(Compilation *comp, const Graph *graph, SectionMode mode) {
    GraphPlan *plan = ARENA_NEW(comp->arena, GraphPlan);
    const Liveness *live = liveness_of(comp, graph);
    const Costs *costs = cost_sections(comp, graph, mode);
    size_t i;
    plan->graph = graph;
    plan->regions = ARENA_ARRAY(comp->arena, RegionPlan, graph->n_regions + 1);
    plan->sections = ARENA_ARRAY(comp->arena, SectionPlan, graph->n_sections + 1);
    plan->order_of = ARENA_ARRAY(comp->arena, uint32_t, graph->n_places + 1);
    plan->node_ids = ARENA_ARRAY(comp->arena, uint32_t, graph->n_nodes + 1);
    plan->n_nodes = 1;
    for (i = 0; i < graph->n_nodes; i++)
        if (graph->nodes[i]->kind == NODE_CALL)
            plan->node_ids[i] = plan->n_nodes++;
    plan->n_nodes++;
    for (i = 0; i < graph->n_regions; i++) {
        RegionPlan *region = &plan->regions[i];
        region->region = graph->regions[i];
        region->up = region->region->parent ? &plan->regions[region->region->parent->index] : NULL;
        region->n_counts = region->region->n_max + (graph->has_limit ? 1 : 0);
        name_region(comp, graph, region);
        plan_slots(comp, live, region);
        plan_order(comp, plan, region);
        plan_labels(comp, plan, region);
    }
    for (i = 0; i < graph->n_sections; i++)
        plan_section(comp, plan, graph->sections[i], costs);
    return plan;
}

/* ---- types ---- */

const Type *plan_list_type(const Plan *plan, const Type *elem) {
    size_t i;
    for (i = 0; i < plan->n_types; i++)
        if (plan->types[i]->kind == TY_LIST && plan->types[i]->elem == elem)
            return plan->types[i];
    return NULL;
}

static void plan_custom_list(Compilation *comp, Plan *plan, const Field *field) {
    Type *list;
    if (field->reducer != RD_CUSTOM || plan_list_type(plan, field->type))
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
            plan_custom_list(comp, plan, program->graphs[g]->fields[i]);
}

Plan *plan_program(Compilation *comp, const Program *program, SectionMode sections) {
    Plan *plan = ARENA_NEW(comp->arena, Plan);
    size_t i;
    plan->program = program;
    plan->graphs = ARENA_ARRAY(comp->arena, GraphPlan *, program->n_graphs + 1);
    plan_types(comp, plan);
    for (i = 0; i < program->n_graphs; i++)
        plan->graphs[i] = plan_graph(comp, program->graphs[i], sections);
    return plan;
}

/* ---- dump ---- */

static void dump_slots(const RegionPlan *region, FILE *out) {
    static const char *const merges[] = {"replace", "last",  "fold",   "sum_int", "sum_float",
                                         "append",  "union", "custom", "local"};
    size_t i;
    for (i = 0; i < region->n_slots; i++) {
        const Slot *slot = &region->slots[i];
        fprintf(out, "    %s: %s%s%s%s\n", slot->field->name, merges[slot->merge],
                slot->own ? " own" : "", slot->added ? " added" : "", slot->wrote ? " wrote" : "");
    }
}

void plan_dump(const Plan *plan, FILE *out) {
    size_t g, i;
    for (g = 0; g < plan->program->n_graphs; g++) {
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
