#include "travel.h"

/* ---- what stands in the way ---- */

typedef struct Search {
    Arena *arena;
    Obstacles *out;
} Search;

static void found(const Search *s, Obstacle obstacle) {
    ARENA_PUSH(s->arena, s->out->all, s->out->n, s->out->cap, obstacle);
}

/* Depth: sema bounds how deep graphs run each other. */
static const Node *pausing_in(const Graph *graph) {
    for (size_t i = 0; i < graph->n_nodes; i++) {
        const Node *node = graph->nodes[i], *inner;
        if (node->pause_before || node->pause_after)
            return node;
        inner = node->runs ? pausing_in(node->runs) : NULL;
        if (inner)
            return inner;
    }
    return NULL;
}

static void find_pauses(const Search *s, const Region *region) {
    for (size_t i = 0; i < region->n_places; i++) {
        const Place *place = region->places[i];
        const Node *node = place->node, *inner = node && node->runs ? pausing_in(node->runs) : NULL;
        if (node && (node->pause_before || node->pause_after))
            found(s, (Obstacle){.kind = OB_PAUSE, .node = node, .pausing = node});
        else if (inner)
            found(s, (Obstacle){.kind = OB_PAUSE, .node = node, .pausing = inner});
        for (size_t k = 0; place->kind == PL_SECTION && k < place->section->n_branches; k++)
            find_pauses(s, place->section->branches[k]);
    }
}

static void find_fields(const Search *s, const Graph *graph, const Section *section, const Liveness *uses) {
    bool *told = ARENA_ARRAY(s->arena, bool, graph->n_fields + 1);
    for (size_t k = 0; k < section->n_branches; k++) {
        const RegionUse *use = &uses->regions[section->branches[k]->index];
        for (size_t i = 0; i < use->n; i++) {
            const Field *field = use->uses[i].field;
            if (field->local || field_is_saved(field) || told[field->index])
                continue;
            told[field->index] = true;
            found(s, (Obstacle){.kind = OB_FIELD, .field = field});
        }
    }
}

void travel_obstacles(Arena *arena, const Graph *graph, const Section *section, const Liveness *uses,
                      Obstacles *out) {
    Search s = {arena, out};
    if (section->place->region->section) {
        found(&s, (Obstacle){.kind = OB_NESTED});
        return;
    }
    for (size_t k = 0; k < section->n_branches; k++)
        find_pauses(&s, section->branches[k]);
    find_fields(&s, graph, section, uses);
}

const char *travel_obstacle_text(Arena *arena, const Obstacle *obstacle) {
    switch (obstacle->kind) {
    case OB_NESTED:
        return "it is in a branch, and runs where that does";
    case OB_PAUSE:
        return arena_printf(arena, "'%s' pauses the run", obstacle->pausing->name);
    case OB_FIELD:
        break;
    }
    return arena_printf(arena, "'%s' is %s", obstacle->field->name,
                        obstacle->field->type->kind == TY_HANDLE ? "a handle" : "transient");
}

/* ---- what travels ---- */

bool travel_runs_over(const Section *section, const Field *field) {
    const Expr *over = section->over;
    while (over && over->kind != EX_FIELD)
        over = over->left;
    return over && over->field == field;
}

/* Whether a branch reads the field of the state itself, beyond its elements. */
static bool is_read(const Liveness *uses, const Section *section, const Field *field) {
    for (size_t k = 0; k < section->n_branches; k++) {
        const Region *branch = section->branches[k];
        const FieldUse *use = region_use(uses, branch, field);
        if (uses->regions[branch->index].whole_state || (use && use->reads))
            return true;
    }
    return false;
}

const Field *travel_in_pieces(const Liveness *uses, const Section *section) {
    const Expr *over = section->over;
    if (!over || over->kind != EX_FIELD || over->type->kind != TY_LIST || is_read(uses, section, over->field))
        return NULL;
    return over->field;
}

bool travel_needs(const Liveness *uses, const Section *section, const Field *field) {
    return travel_runs_over(section, field) || is_read(uses, section, field);
}
