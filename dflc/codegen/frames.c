/* The structs that branches and sections keep their values in, and their descriptors. */
#include "section.h"

#include <inttypes.h>
#include <string.h>

const Type *added_type(Emit *e, const Slot *slot) {
    if (slot->merge == MERGE_CUSTOM || slot->merge == MERGE_SUM_FLOAT)
        return plan_list_type(e->plan, slot->field->type);
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

static const char *slot_declaration(Emit *e, const Slot *slot, Part part) {
    switch (part) {
    case PART_OWN:
        return c_declare(e, slot->field->type, slot->field->name);
    case PART_ADDED:
        return say(e, "%s %s", added_type(e, slot)->c_name, slot->field->name);
    case PART_SUM:
        return say(e, "dfl__wide %s", slot->field->name);
    default:
        return say(e, "bool %s", slot->field->name);
    }
}

static const char *const part_names[] = {"own", "added", "sum", "wrote"};

static void emit_part(Emit *e, const RegionPlan *region, Part part, bool chunk) {
    size_t i;
    bool any = false;
    for (i = 0; i < region->n_slots; i++) {
        const Slot *slot = &region->slots[i];
        if (!slot_in(slot, part, chunk))
            continue;
        if (!any)
            cw_open(e->w, "struct {");
        any = true;
        cw_line(e->w, "%s;", slot_declaration(e, slot, part));
    }
    if (any)
        cw_close(e->w, "} %s;", part_names[part]);
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

/* What every region's frame ends with. */
static void close_region_frame(Emit *e, const RegionPlan *region) {
    cw_line(e->w, "dfl_bytes inner;");
    if (region->n_counts)
        cw_line(e->w, "uint64_t count[%" PRIu32 "];", region->n_counts);
    emit_parts(e, region, false);
    cw_close(e->w, "};");
    cw_blank(e->w);
}

static void emit_region_frame(Emit *e, const RegionPlan *region) {
    const Section *section = region->region->section;
    cw_line(e->w, "/* %s: %s '%s' */", where(e, section->span),
            section->over ? "one element, from" : "branch", region->region->label);
    cw_open(e->w, "struct %s {", region->frame);
    emit_links(e, region->up);
    if (section->over)
        cw_line(e->w, "uint64_t i;");
    cw_line(e->w, "uint32_t at;");
    close_region_frame(e, region);
}

/* Of a subgraph's own region: a pause within must not give it its attempts again. */
static bool is_retried(Emit *e, const RegionPlan *region) {
    return !region->up && e->graph->at && e->graph->at->node->retries > 0;
}

static void emit_subgraph_frame(Emit *e, const RegionPlan *region) {
    cw_line(e->w, "/* %s: what node '%s' runs */", where(e, e->graph->at->span),
            e->graph->at->node->name);
    cw_open(e->w, "struct %s {", region->frame);
    cw_line(e->w, "uint32_t at;");
    if (is_retried(e, region))
        cw_line(e->w, "uint32_t attempt;");
    close_region_frame(e, region);
}

static void emit_section_frame(Emit *e, const SectionPlan *plan) {
    const Section *section = plan->section;
    size_t i;
    cw_line(e->w, "/* %s: %s%s */", where(e, section->span), section->label,
            section->over ? ", one chunk of elements" : "");
    cw_open(e->w, "struct %s {", plan->frame);
    if (plan->chunks)
        emit_chunk_members(e, plan);
    for (i = 0; i < section->n_branches; i++) {
        const RegionPlan *branch = &e->graph->regions[section->branches[i]->index];
        cw_line(e->w, "struct %s %s;", branch->frame, branch->member);
    }
    if (section->over) {
        const RegionPlan *body = &e->graph->regions[section->branches[0]->index];
        emit_links(e, body->up);
        cw_line(e->w, "uint32_t at;");
        cw_line(e->w, "uint64_t from, next, to, steps_before, steps;");
        cw_line(e->w, "dfl_buf items;   /* what is kept of it, once an element has parked */");
        emit_parts(e, body, true);
    }
    if (section->settle) {
        if (section->over) {
            cw_line(e->w, "dfl_fault_list faults;");
            cw_line(e->w, "uint64_t n_good;");
        } else {
            /* Beside branches, which may have any name but such. */
            cw_line(e->w, "dfl_fault_list dfl_faults[%zu];", section->n_branches);
            cw_line(e->w, "bool dfl_good[%zu];", section->n_branches);
        }
    }
    if (section->over && plan->cost->threads)
        cw_line(e->w, "char apart[DFL__CACHE_LINES];   /* no two threads write to one line */");
    cw_close(e->w, "};");
    cw_blank(e->w);
}

/* ---- descriptors ---- */

/* A frame's descriptor tells reclaiming what it points to, and packing what to keep of it: all but
 * the links to what is around. */
typedef struct FrameType {
    Emit *e;
    const char *frame;
    size_t n;
} FrameType;

static FrameType open_frame_type(Emit *e, const char *frame) {
    FrameType type = {e, frame, 0};
    cw_open(e->w, "static const dfl_member %s_members[] = {", frame);
    return type;
}

static void add_member(FrameType *type, const char *name, const char *descriptor,
                       const char *path) {
    cw_line(type->e->w, "{\"%s\", &%s, offsetof(struct %s, %s), 0},", name, descriptor, type->frame,
            path);
    type->n++;
}

static void close_frame_type(FrameType *type) {
    CWriter *w = type->e->w;
    cw_close(w, "};");
    cw_open(w, "static const dfl_type %s_type = {", type->frame);
    cw_line(w, ".kind = DFL_KIND_STRUCT, .is_frame = true, .name = \"%s\",", type->frame);
    cw_line(w, ".size = sizeof(struct %s),", type->frame);
    cw_line(w, ".n = %zu, .members = %s_members};", type->n, type->frame);
    w->depth--;
    cw_blank(w);
}

/* An array that only a frame has: its counters, the faults and outcomes of its branches. */
static const char *emit_array_type(Emit *e, const char *frame, const char *member,
                                   const char *c_type, const char *elem, bool flat, size_t n) {
    const char *name = say(e, "%s_dfl_%s_type", frame, member);
    cw_open(e->w, "static const dfl_type %s = {", name);
    cw_line(e->w, ".kind = DFL_KIND_ARRAY, .flat = %s, .name = \"%s\", .size = sizeof(%s[%zu]),",
            flat ? "true" : "false", member, c_type, n);
    cw_line(e->w, ".n = %zu, .elem = &%s};", n, elem);
    e->w->depth--;
    return name;
}

static const char *part_descriptor(Emit *e, const Slot *slot, Part part) {
    switch (part) {
    case PART_OWN:
        return type_descriptor(e, slot->field->type);
    case PART_ADDED:
        return type_descriptor(e, added_type(e, slot));
    case PART_SUM:
        return "dfl_type_wide";
    default:
        return "dfl_type_bool";
    }
}

static void add_parts(FrameType *type, const RegionPlan *region, bool chunk) {
    size_t i;
    int part;
    for (part = PART_OWN; part <= PART_WROTE; part++)
        for (i = 0; i < region->n_slots; i++) {
            const Slot *slot = &region->slots[i];
            if (slot_in(slot, (Part)part, chunk))
                add_member(type, slot->field->name, part_descriptor(type->e, slot, (Part)part),
                           say(type->e, "%s.%s", part_names[part], slot->field->name));
        }
}

static void emit_region_type(Emit *e, const RegionPlan *region) {
    const char *counts = NULL;
    FrameType type;
    if (region->n_counts)
        counts = emit_array_type(e, region->frame, "count", "uint64_t", "dfl_type_u64", true,
                                 region->n_counts);
    type = open_frame_type(e, region->frame);
    add_member(&type, "at", "dfl_type_u32", "at");
    if (is_retried(e, region))
        add_member(&type, "attempt", "dfl_type_u32", "attempt");
    add_member(&type, "inner", "dfl_type_bytes", "inner");
    if (counts)
        add_member(&type, "count", counts, "count");
    add_parts(&type, region, false);
    close_frame_type(&type);
}

static void emit_chunk_type(Emit *e, const SectionPlan *plan) {
    const RegionPlan *body = &e->graph->regions[plan->section->branches[0]->index];
    FrameType type = open_frame_type(e, plan->frame);
    add_member(&type, "at", "dfl_type_u32", "at");
    add_member(&type, "from", "dfl_type_u64", "from");
    add_member(&type, "next", "dfl_type_u64", "next");
    add_member(&type, "to", "dfl_type_u64", "to");
    add_member(&type, "steps", "dfl_type_u64", "steps");
    add_member(&type, body->member, say(e, "%s_type", body->frame), body->member);
    add_parts(&type, body, true);
    if (plan->section->settle) {
        add_member(&type, "faults", "dfl_fault_list__type", "faults");
        add_member(&type, "n_good", "dfl_type_u64", "n_good");
    }
    close_frame_type(&type);
}

static void emit_section_type(Emit *e, const SectionPlan *plan) {
    const Section *section = plan->section;
    const char *faults = NULL, *good = NULL;
    FrameType type;
    size_t i;
    if (section->settle) {
        faults = emit_array_type(e, plan->frame, "faults", "dfl_fault_list", "dfl_fault_list__type",
                                 false, section->n_branches);
        good = emit_array_type(e, plan->frame, "good", "bool", "dfl_type_bool", true,
                               section->n_branches);
    }
    type = open_frame_type(e, plan->frame);
    for (i = 0; i < section->n_branches; i++) {
        const RegionPlan *branch = &e->graph->regions[section->branches[i]->index];
        add_member(&type, branch->member, say(e, "%s_type", branch->frame), branch->member);
    }
    if (section->settle) {
        add_member(&type, "faults", faults, "dfl_faults");
        add_member(&type, "good", good, "dfl_good");
    }
    close_frame_type(&type);
}

/* A chunk keeps lists that the state may not have. */
static void mark_slot(Emit *e, StrMap *used, const Slot *slot) {
    mark_type(e, used, slot->field->type);
    if (slot->added)
        mark_type(e, used, added_type(e, slot));
}

void mark_frame_types(Emit *e, const GraphPlan *graph, StrMap *used) {
    size_t i, k;
    for (i = 0; i < graph->graph->n_regions; i++)
        for (k = 0; k < graph->regions[i].n_slots; k++)
            mark_slot(e, used, &graph->regions[i].slots[k]);
    for (i = 0; i < graph->graph->n_sections; i++)
        if (graph->graph->sections[i]->settle)
            mark_type(e, used, graph->graph->sections[i]->settle->type);
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
        if (graph->sections[i]->over)
            emit_chunk_type(e, &e->graph->sections[i]);
        else
            emit_section_type(e, &e->graph->sections[i]);
}
