/* Who writes what: two branches that write one field, elements of an each that do, the fields of
 * `local` and `settle`. requires: regions_assign; the parameters of all nodes. */
#include "internal.h"

/* What a branch writes, nested sections included: each field once, with the one who does. */
typedef struct Write {
    FieldInfo *field;
    Span span;          /* the parameter, or the field behind `settle` */
    const char *writer; /* the node; NULL: `settle` */
} Write;

typedef struct Writes {
    Write *items;
    size_t n, cap;
} Writes;

typedef struct WritesCheck {
    GraphSema *g;
    Writes *of_region;      /* by Region.index */
    uint32_t *stamp;        /* by Field.index: the last region (index + 1) that noted it */
    uint32_t *seen_section; /* by Field.index: the last section (index + 1) that noted it ... */
    Write **seen;           /* ... and through whom ... */
    Region **seen_branch;   /* ... in which branch */
} WritesCheck;

static void note_write(WritesCheck *c, const Region *region, Write write) {
    uint32_t *stamp = &c->stamp[write.field->field.index];
    if (*stamp == region->index + 1)
        return;
    *stamp = region->index + 1;
    Writes *writes = &c->of_region[region->index];
    ARENA_PUSH(c->g->sema->arena, writes->items, writes->n, writes->cap, write);
}

/* ---- two branches, one field ---- */

/* The innermost branch from `region` outwards that uses the local field itself: that has its value; NULL: each
 * branch further in has its own. */
static const Region *holder(const Region *region, const Field *field) {
    while (region && !region_uses_itself(region, field))
        region = region->parent;
    return region;
}

static void note_declaration(Diag *diag, const Region *around, const FieldInfo *field) {
    const Type *type = field->field.type;
    const char *example = type_is_number(type)    ? "sum"
                          : type->kind == TY_BOOL ? "or"
                          : type->kind == TY_MAP  ? "union"
                          : type->kind == TY_LIST ? "append"
                                                  : "last";
    if (field->field.local) {
        diag_note(diag, field->field.span,
                  "'%s' is declared here; branch '%s' uses it, so all within share the value of "
                  "that branch",
                  field->field.name, holder(around, &field->field)->label);
        return;
    }
    diag_note(diag, field->field.span,
              "'%s' is declared here; give it a reducer, for example 'merge %s'", field->field.name,
              example);
}

/* Where a branch writes, when that is not by its first node. */
static void note_writer(Diag *diag, const Region *branch, const Write *write) {
    const Node *head = branch->entry->node;
    if (head && write->writer == head->name)
        return;
    if (write->writer)
        diag_note(diag, write->span, "in branch '%s' it is written by '%s'", branch->label,
                  write->writer);
    else
        diag_note(diag, write->span, "in branch '%s' it is written by 'settle'", branch->label);
}

static Span head_span(const Region *branch) {
    return ((const FlowPlace *)branch->entry)->home_span;
}

static void report_conflict(WritesCheck *c, const Write *write, const Region *branch) {
    uint32_t index = write->field->field.index;
    const Region *first = c->seen_branch[index];
    Diag *diag =
        diag_error(c->g->sema->diags, head_span(first), "branches '%s' and '%s' both write '%s'",
                   first->label, branch->label, write->field->field.name);
    diag_also(diag, head_span(branch));
    note_declaration(diag, first->parent, write->field);
    if (span_line(head_span(branch)) != span_line(head_span(first)))
        diag_note(diag, head_span(branch), "branch '%s' begins here", branch->label);
    note_writer(diag, first, c->seen[index]);
    note_writer(diag, branch, write);
    write->field->conflict_reported = true;
}

static void report_each(WritesCheck *c, const Section *section, const Write *write) {
    Diag *diag =
        diag_error(c->g->sema->diags, write->span, "every element of 'each %s' writes '%s'",
                   section->item->name, write->field->field.name);
    note_declaration(diag, section->branches[0]->parent, write->field);
    diag_note(diag, section->item->span, "the 'each' is here");
    write->field->conflict_reported = true;
}

static void check_write(WritesCheck *c, const Section *section, Region *branch, Write *write) {
    const Field *field = &write->field->field;
    if (field->reducer != RD_NONE || write->field->conflict_reported)
        return;
    if (section->item) {
        report_each(c, section, write);
    } else if (c->seen_section[field->index] != section->index + 1) {
        c->seen_section[field->index] = section->index + 1;
        c->seen_branch[field->index] = branch;
        c->seen[field->index] = write;
    } else if (c->seen_branch[field->index] != branch) {
        report_conflict(c, write, branch);
    }
}

/* What a branch writes to the field of its section's faults would be replaced by them. */
static void check_settled_write(WritesCheck *c, const Region *region, const Section *section,
                                const Write *write) {
    if (&write->field->field != section->settle || field_merges(section->settle))
        return;
    Diag *diag = diag_error(c->g->sema->diags, write->span,
                            "'%s' receives the faults of this section, so a branch of it cannot "
                            "write it",
                            write->field->field.name);
    note_declaration(diag, region, write->field);
    write->field->conflict_reported = true;
}

/* What a section writes: all that leaves its branches. */
static void add_section(WritesCheck *c, const Region *region, Section *section) {
    for (size_t i = 0; i < section->n_branches; i++) {
        Region *branch = section->branches[i];
        if (!branch->exit)
            continue;
        Writes *writes = &c->of_region[branch->index];
        for (size_t k = 0; k < writes->n; k++) {
            const Field *field = &writes->items[k].field->field;
            if (field->local && !holder(region, field))
                continue;
            check_settled_write(c, region, section, &writes->items[k]);
            check_write(c, section, branch, &writes->items[k]);
            note_write(c, region, writes->items[k]);
        }
    }
    if (section->settle)
        note_write(c, region, (Write){field_info(section->settle), section->span, NULL});
}

/* ---- one place ---- */

static void check_local(WritesCheck *c, const Region *region, const Field *field, Span use,
                        const Place *user) {
    if (!field->local || region->section)
        return;
    Diag *diag = diag_error(c->g->sema->diags, use,
                            "'%s' is local, and %s is in no branch that could have one",
                            field->name, place_text(c->g, user));
    diag_note(diag, field->span, "'%s' is declared here", field->name);
}

static void add_param(WritesCheck *c, const Place *place, const Param *param) {
    const Region *region = place->region;
    if (!param->field)
        return;
    check_local(c, region, param->field, param->span, place);
    if (param->mode == MODE_INOUT && field_merges(param->field) && region->section) {
        Diag *diag = diag_error(c->g->sema->diags, param->span,
                                "'inout %s' would replace what other branches merge; in a branch "
                                "it is 'out %s', one update",
                                param->field->name, param->field->name);
        diag_note(diag, param->field->span, "'%s' has a reducer here", param->field->name);
    }
    if (param->mode != MODE_IN)
        note_write(c, region, (Write){field_info(param->field), param->span, place->node->name});
}

/* What a subgraph gives back is one update of the node that runs it. */
static void add_bindings(WritesCheck *c, const Place *place) {
    const Node *node = place->node;
    for (size_t i = 0; i < node->n_bindings; i++) {
        const Binding *binding = &node->bindings[i];
        if (!binding->parent)
            continue;
        check_local(c, place->region, binding->parent, binding->span, place);
        note_write(c, place->region,
                   (Write){field_info(binding->parent), binding->span, node->name});
    }
}

static void add_place(WritesCheck *c, Place *place) {
    Section *section = place->section;
    if (place->node)
        add_bindings(c, place);
    if (place->node)
        for (size_t i = 0; i < place->node->n_params; i++)
            add_param(c, place, &place->node->params[i]);
    if (section && section->settle)
        check_local(c, place->region, section->settle, flow_place(place)->ast->settle.span, place);
    if (section)
        add_section(c, place->region, section);
}

void writes_check(GraphSema *g) {
    const Graph *graph = g->graph;
    Arena *arena = g->sema->arena;
    WritesCheck c = {
        .g = g,
        .of_region = ARENA_ARRAY(arena, Writes, graph->n_regions),
        .stamp = ARENA_ARRAY(arena, uint32_t, graph->n_fields),
        .seen_section = ARENA_ARRAY(arena, uint32_t, graph->n_fields),
        .seen = ARENA_ARRAY(arena, Write *, graph->n_fields),
        .seen_branch = ARENA_ARRAY(arena, Region *, graph->n_fields),
    };
    /* Inner regions first. */
    for (size_t i = graph->n_regions; i-- > 0;)
        for (size_t k = 0; k < graph->regions[i]->n_places; k++)
            add_place(&c, graph->regions[i]->places[k]);
}
