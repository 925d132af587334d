/* The structs that branches and sections keep their values in, and their descriptors. */
#include "emit.h"

#include <inttypes.h>
#include <string.h>

const Type *added_type(Emit *e, const Slot *slot, bool chunk) {
    if (slot->merge == MERGE_CUSTOM)
        return plan_list_type(e->plan, slot->field->type);
    if (slot->merge == MERGE_SUM_FLOAT && chunk) {
        /* One float for each element, so that the sum does not depend on the chunks. */
        static Type f64 = {.kind = TY_F64, .name = "f64", .c_name = "double", .flat = true};
        static Type f32 = {.kind = TY_F32, .name = "f32", .c_name = "float", .flat = true};
        static const Type f64_list = {
            .kind = TY_LIST, .name = "f64[]", .c_name = "dfl_f64_list", .elem = &f64};
        static const Type f32_list = {
            .kind = TY_LIST, .name = "f32[]", .c_name = "dfl_f32_list", .elem = &f32};
        return slot->field->type->kind == TY_F32 ? &f32_list : &f64_list;
    }
    return slot->field->type;
}

/* ---- structs ---- */

typedef enum Part { PART_OWN, PART_ADDED, PART_SUM, PART_WROTE } Part;

static bool slot_in(const Slot *slot, Part part, bool chunk) {
    if (chunk && slot->merge == MERGE_LOCAL)
        return false;
    switch (part) {
    case PART_OWN:
        return chunk ? slot->merge == MERGE_FOLD || slot->merge == MERGE_LAST : slot->own;
    case PART_ADDED:
        return slot->added;
    case PART_SUM:
        return chunk && slot->merge == MERGE_SUM_INT;
    case PART_WROTE:
        return slot->wrote;
    }
    return false;
}

static const char *slot_declaration(Emit *e, const Slot *slot, Part part, bool chunk) {
    switch (part) {
    case PART_OWN:
        return c_declare(e, slot->field->type, slot->field->name);
    case PART_ADDED:
        return say(e, "%s %s", added_type(e, slot, chunk)->c_name, slot->field->name);
    case PART_SUM:
        return say(e, "dfl__wide %s", slot->field->name);
    default:
        return say(e, "bool %s", slot->field->name);
    }
}

static void emit_part(Emit *e, const RegionPlan *region, Part part, bool chunk) {
    static const char *const names[] = {"own", "added", "sum", "wrote"};
    size_t i;
    bool any = false;
    for (i = 0; i < region->n_slots; i++) {
        const Slot *slot = &region->slots[i];
        if (!slot_in(slot, part, chunk))
            continue;
        if (!any)
            cw_open(e->w, "struct {");
        any = true;
        cw_line(e->w, "%s;", slot_declaration(e, slot, part, chunk));
    }
    if (any)
        cw_close(e->w, "} %s;", names[part]);
}

static void emit_parts(Emit *e, const RegionPlan *region, bool chunk) {
    emit_part(e, region, PART_OWN, chunk);
    emit_part(e, region, PART_ADDED, chunk);
    emit_part(e, region, PART_SUM, chunk);
    emit_part(e, region, PART_WROTE, chunk);
}

static void emit_links(Emit *e, const RegionPlan *around) {
    if (around->in_state)
        cw_line(e->w, "const %s_state *s;", e->graph->graph->c_name);
    if (around->frame)
        cw_line(e->w, "const struct %s *up;", around->frame);
}

static void emit_region_frame(Emit *e, const RegionPlan *region) {
    const Section *section = region->region->section;
    cw_line(e->w, "/* %s: %s '%s' */", where(e, section->span),
            section->over ? "one element, from" : "branch", region->region->label);
    cw_open(e->w, "struct %s {", region->frame);
    emit_links(e, region->up);
    if (section->over)
        cw_line(e->w, "uint64_t i;");
    if (region->n_counts)
        cw_line(e->w, "uint64_t count[%" PRIu32 "];", region->n_counts);
    emit_parts(e, region, false);
    cw_close(e->w, "};");
    cw_blank(e->w);
}

static void emit_subgraph_frame(Emit *e, const RegionPlan *region) {
    cw_line(e->w, "/* %s: what node '%s' runs */", where(e, e->graph->at->span),
            e->graph->at->node->name);
    cw_open(e->w, "struct %s {", region->frame);
    if (region->n_counts)
        cw_line(e->w, "uint64_t count[%" PRIu32 "];", region->n_counts);
    emit_parts(e, region, false);
    cw_close(e->w, "};");
    cw_blank(e->w);
}

static void emit_section_frame(Emit *e, const SectionPlan *plan) {
    const Section *section = plan->section;
    size_t i;
    cw_line(e->w, "/* %s: %s%s */", where(e, section->span), section->label,
            section->over ? ", one chunk of elements" : "");
    cw_open(e->w, "struct %s {", plan->frame);
    for (i = 0; i < section->n_branches; i++) {
        const RegionPlan *branch = &e->graph->regions[section->branches[i]->index];
        cw_line(e->w, "struct %s %s;", branch->frame, branch->member);
    }
    if (section->over) {
        const RegionPlan *body = &e->graph->regions[section->branches[0]->index];
        emit_links(e, body->up);
        cw_line(e->w, "uint64_t from, to;");
        if (e->graph->graph->has_limit)
            cw_line(e->w, "uint64_t left_at, steps;");
        emit_parts(e, body, true);
    }
    if (section->settle) {
        cw_line(e->w, "dfl_fault_list faults;");
        if (section->over)
            cw_line(e->w, "uint64_t n_good;");
        else
            cw_line(e->w, "bool good[%zu];", section->n_branches);
    }
    cw_close(e->w, "};");
    cw_blank(e->w);
}

/* ---- descriptors ---- */

const char *frame_type(Emit *e, const char *frame, bool roots) {
    return roots ? say(e, "&%s_type", frame) : "NULL";
}

static void emit_part_members(Emit *e, const RegionPlan *region, const char *frame, Part part,
                              const char *path, bool chunk, size_t *n) {
    size_t i;
    for (i = 0; i < region->n_slots; i++) {
        const Slot *slot = &region->slots[i];
        const Type *type = part == PART_ADDED ? added_type(e, slot, chunk) : slot->field->type;
        if (!slot_in(slot, part, chunk) || type->flat)
            continue;
        cw_line(e->w, "{\"%s\", &%s, offsetof(struct %s, %s.%s), 0},", slot->field->name,
                type_descriptor(e, type), frame, path, slot->field->name);
        ++*n;
    }
}

static void close_frame_type(Emit *e, const char *frame, size_t n) {
    cw_close(e->w, "};");
    cw_open(e->w, "static const dfl_type %s_type = {", frame);
    cw_line(e->w, ".kind = DFL_KIND_STRUCT, .name = \"%s\", .size = sizeof(struct %s),", frame,
            frame);
    cw_line(e->w, ".n = %zu, .members = %s_members};", n, frame);
    e->w->depth--;
    cw_blank(e->w);
}

static void emit_region_type(Emit *e, const RegionPlan *region) {
    size_t n = 0;
    if (!region->roots)
        return;
    cw_open(e->w, "static const dfl_member %s_members[] = {", region->frame);
    emit_part_members(e, region, region->frame, PART_OWN, "own", false, &n);
    emit_part_members(e, region, region->frame, PART_ADDED, "added", false, &n);
    close_frame_type(e, region->frame, n);
}

static void emit_section_type(Emit *e, const SectionPlan *plan) {
    const Section *section = plan->section;
    size_t i, n = 0;
    if (!plan->roots || (plan->cost->threads && !section->over))
        return;
    cw_open(e->w, "static const dfl_member %s_members[] = {", plan->frame);
    for (i = 0; i < section->n_branches; i++) {
        const RegionPlan *branch = &e->graph->regions[section->branches[i]->index];
        if (branch->roots) {
            cw_line(e->w, "{\"%s\", &%s_type, offsetof(struct %s, %s), 0},", branch->member,
                    branch->frame, plan->frame, branch->member);
            n++;
        }
    }
    if (section->over) {
        const RegionPlan *body = &e->graph->regions[section->branches[0]->index];
        emit_part_members(e, body, plan->frame, PART_OWN, "own", true, &n);
        emit_part_members(e, body, plan->frame, PART_ADDED, "added", true, &n);
    }
    if (section->settle) {
        cw_line(e->w, "{\"faults\", &dfl_fault_list__type, offsetof(struct %s, faults), 0},",
                plan->frame);
        n++;
    }
    close_frame_type(e, plan->frame, n);
}

/* A chunk keeps lists that the state may not have. */
static void mark_slot(Emit *e, StrMap *used, const Slot *slot, bool chunk) {
    if (!slot->field->type->flat)
        mark_type(e, used, slot->field->type);
    if (slot->added)
        mark_type(e, used, added_type(e, slot, chunk));
}

void mark_frame_types(Emit *e, const GraphPlan *graph, StrMap *used) {
    size_t i, k;
    for (i = 0; i < graph->graph->n_regions; i++)
        for (k = 0; k < graph->regions[i].n_slots; k++)
            mark_slot(e, used, &graph->regions[i].slots[k],
                      i > 0 && graph->regions[i].region->section->over != NULL);
    for (i = 0; i < graph->graph->n_nodes; i++)
        if (graph->inner[i])
            mark_frame_types(e, graph->inner[i], used);
}

void emit_frames(Emit *e) {
    const Graph *graph = e->graph->graph;
    size_t i;
    /* Innermost first: a section holds the frames of its branches. */
    for (i = graph->n_regions; i-- > 1;)
        emit_region_frame(e, &e->graph->regions[i]);
    if (e->graph->outer)
        emit_subgraph_frame(e, &e->graph->regions[0]);
    for (i = graph->n_sections; i-- > 0;)
        emit_section_frame(e, &e->graph->sections[i]);
    for (i = graph->n_regions; i-- > 1;)
        emit_region_type(e, &e->graph->regions[i]);
    if (e->graph->outer)
        emit_region_type(e, &e->graph->regions[0]);
    for (i = graph->n_sections; i-- > 0;)
        emit_section_type(e, &e->graph->sections[i]);
}
