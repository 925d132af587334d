#include "liveness.h"

#include <stdlib.h>

#include "analysis/access.h"

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

/* A settled section reads the faults that are there, to add its own. */
static void collect_access(void *context, const Access *access) {
    Collector *c = context;
    if (access->kind == ACCESS_PAUSE)
        return;
    if (!access->field) {
        read_all(c);
        return;
    }
    FieldUse *use = use_of(c, access->field);
    use->reads |= access->kind == ACCESS_READ || access->place->section;
    use->writes |= access->kind != ACCESS_READ;
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

static void collect_place(Collector *c, Place *place) {
    access_each(place, collect_access, c);
    if (place->section)
        collect_nested(c, place->section);
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
