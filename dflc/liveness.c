#include "liveness.h"

#include <stdlib.h>

/* The uses of one region while they are collected. slot[field] is its number + 1 in `uses` when
 * stamp[field] is the region's; so that clearing costs nothing. */
typedef struct Collector {
    Compilation *comp;
    const Graph *graph;
    Liveness *live;
    uint32_t *slot, *stamp;
    uint32_t current;
    FieldUse *uses;
    size_t n, cap;
    bool whole_state;
} Collector;

static FieldUse *use_of(Collector *c, Field *field) {
    uint32_t i = field->index;
    if (c->stamp[i] != c->current) {
        FieldUse use = {field, false, false};
        c->stamp[i] = c->current;
        c->slot[i] = (uint32_t)c->n;
        ARENA_PUSH(c->comp->arena, c->uses, c->n, c->cap, use);
    }
    return &c->uses[c->slot[i]];
}

static void read_all(Collector *c) {
    size_t i;
    c->whole_state = true;
    for (i = 0; i < c->graph->n_fields; i++)
        if (!c->graph->fields[i]->local)
            use_of(c, c->graph->fields[i])->reads = true;
}

static void collect_params(Collector *c, const Node *node) {
    size_t i;
    for (i = 0; i < node->n_params; i++) {
        const Param *param = &node->params[i];
        if (param->whole_state)
            read_all(c);
        if (!param->field)
            continue;
        if (param->mode != MODE_OUT)
            use_of(c, param->field)->reads = true;
        if (param->mode != MODE_IN)
            use_of(c, param->field)->writes = true;
    }
}

/* Depth is bounded by the parser's limit on nesting. */
static void collect_expr(Collector *c, const Expr *expr) {
    if (!expr)
        return;
    if (expr->kind == EX_FIELD)
        use_of(c, expr->field)->reads = true;
    if (expr->kind == EX_PREDICATE)
        collect_params(c, expr->node);
    collect_expr(c, expr->left);
    collect_expr(c, expr->right);
}

static void collect_nested(Collector *c, const Section *section) {
    size_t i, k;
    for (i = 0; i < section->n_branches; i++) {
        const RegionUse *inner = &c->live->regions[section->branches[i]->index];
        c->whole_state |= inner->whole_state;
        for (k = 0; k < inner->n; k++) {
            FieldUse *use = use_of(c, inner->uses[k].field);
            use->reads |= inner->uses[k].reads;
            use->writes |= inner->uses[k].writes;
        }
    }
}

static void collect_place(Collector *c, const Place *place) {
    size_t i;
    if (place->node)
        collect_params(c, place->node);
    if (place->section) {
        collect_expr(c, place->section->over);
        if (place->section->settle) {
            FieldUse *use = use_of(c, place->section->settle);
            use->reads = use->writes = true;
        }
        collect_nested(c, place->section);
    }
    collect_expr(c, place->subject);
    for (i = 0; i < place->n_edges; i++)
        collect_expr(c, place->edges[i]->guard);
}

static int by_field(const void *a, const void *b) {
    const FieldUse *x = a, *y = b;
    return (x->field->index > y->field->index) - (x->field->index < y->field->index);
}

static void collect_region(Collector *c, const Region *region) {
    RegionUse *out = &c->live->regions[region->index];
    size_t i;
    c->current++;
    c->uses = NULL;
    c->n = c->cap = 0;
    c->whole_state = false;
    for (i = 0; i < region->n_places; i++)
        collect_place(c, region->places[i]);
    if (c->n)
        qsort(c->uses, c->n, sizeof *c->uses, by_field);
    out->uses = c->uses;
    out->n = c->n;
    out->whole_state = c->whole_state;
}

Liveness *liveness_of(Compilation *comp, const Graph *graph) {
    Collector c = {.comp = comp, .graph = graph};
    size_t i;
    c.live = ARENA_NEW(comp->arena, Liveness);
    c.live->regions = ARENA_ARRAY(comp->arena, RegionUse, graph->n_regions);
    c.slot = ARENA_ARRAY(comp->arena, uint32_t, graph->n_fields + 1);
    c.stamp = ARENA_ARRAY(comp->arena, uint32_t, graph->n_fields + 1);
    for (i = graph->n_regions; i-- > 0;)
        collect_region(&c, graph->regions[i]);
    return c.live;
}

const FieldUse *region_use(const Liveness *live, const Region *region, const Field *field) {
    const RegionUse *use = &live->regions[region->index];
    size_t low = 0, high = use->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        uint32_t index = use->uses[mid].field->index;
        if (index == field->index)
            return &use->uses[mid];
        if (index < field->index)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}
