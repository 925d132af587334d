#include "access.h"

/* ---- one place ---- */

typedef struct Visit {
    AccessVisit *visit;
    void *context;
    Place *place;
    bool late;
    Span span; /* where a predicate is asked: its parameters are declared elsewhere */
} Visit;

static void visit(const Visit *v, AccessKind kind, Field *field, Span span, bool inout) {
    Access access = {.kind = kind,
                     .late = v->late,
                     .inout = inout,
                     .place = v->place,
                     .field = field,
                     .span = span};
    v->visit(v->context, &access);
}

static void visit_reads(const Visit *v, const Node *node) {
    for (size_t i = 0; i < node->n_params; i++) {
        const Param *param = &node->params[i];
        Span span = v->span.source ? v->span : param->span;
        if (param->whole_state || (param->field && param->mode != MODE_OUT))
            visit(v, ACCESS_READ, param->field, span, param->mode == MODE_INOUT);
    }
}

/* Depth is bounded by the parser's limit on nesting. */
static void visit_expr(Visit *v, const Expr *expr) {
    if (!expr)
        return;
    if (expr->kind == EX_FIELD)
        visit(v, ACCESS_READ, expr->field, expr->span, false);
    if (expr->kind == EX_PREDICATE) {
        v->span = expr->span;
        visit_reads(v, expr->node);
        v->span = (Span){0};
    }
    visit_expr(v, expr->left);
    visit_expr(v, expr->right);
}

static AccessKind update_kind(const Field *field) {
    return field_merges(field) ? ACCESS_UPDATE : ACCESS_WRITE;
}

static void visit_writes(const Visit *v, const Node *node) {
    for (size_t i = 0; i < node->n_params; i++) {
        const Param *param = &node->params[i];
        if (param->mode == MODE_OUT)
            visit(v, update_kind(param->field), param->field, param->span, false);
        if (param->mode == MODE_INOUT)
            visit(v, ACCESS_WRITE, param->field, param->span, true);
    }
    for (size_t i = 0; i < node->n_bindings; i++) {
        const Binding *binding = &node->bindings[i];
        if (!binding->value)
            visit(v, update_kind(binding->parent), binding->parent, binding->span, false);
    }
}

static void visit_node(Visit *v, const Node *node) {
    if (node->pause_before)
        visit(v, ACCESS_PAUSE, NULL, node->span, false);
    visit_reads(v, node);
    for (size_t i = 0; i < node->n_bindings; i++)
        visit_expr(v, node->bindings[i].value);
    visit_writes(v, node);
}

static void visit_section(Visit *v, const Section *section) {
    visit_expr(v, section->over);
    if (section->settle)
        visit(v, ACCESS_UPDATE, section->settle, section->span, false);
}

void access_each(Place *place, AccessVisit *to, void *context) {
    Visit v = {.visit = to, .context = context, .place = place};
    if (place->node)
        visit_node(&v, place->node);
    if (place->section)
        visit_section(&v, place->section);
    v.late = true;
    if (place->node && place->node->pause_after)
        visit(&v, ACCESS_PAUSE, NULL, place->node->span, false);
    visit_expr(&v, place->subject);
    for (size_t i = 0; i < place->n_edges; i++)
        visit_expr(&v, place->edges[i]->guard);
}

/* ---- all of a graph ---- */

typedef struct Collect {
    Arena *arena;
    Accesses *out;
    StrMap pausing; /* graphs that pause somewhere, and &no_pause for those that do not */
} Collect;

static void note_pause(Collect *c, const Access *access) {
    bool *pauses = access->late ? c->out->pauses_after : c->out->pauses_before;
    pauses[access->place->index] = true;
}

static void collect(void *context, const Access *access) {
    Collect *c = context;
    Accesses *out = c->out;
    if (access->kind == ACCESS_PAUSE)
        note_pause(c, access);
    if (access->field)
        ARENA_PUSH(c->arena, out->all, out->n, out->cap, *access);
    else
        ARENA_PUSH(c->arena, out->whole, out->n_whole, out->cap_whole, *access);
}

/* How deep graphs run each other is bounded by sema. */
static bool graph_pauses(Collect *c, const Graph *graph) {
    static const char no_pause, pause;
    const char *known = strmap_get(&c->pausing, graph->c_name);
    if (known)
        return known == &pause;
    bool pauses = false;
    for (size_t i = 0; i < graph->n_nodes && !pauses; i++) {
        const Node *node = graph->nodes[i];
        pauses =
            node->pause_before || node->pause_after || (node->runs && graph_pauses(c, node->runs));
    }
    strmap_put(&c->pausing, c->arena, graph->c_name,
               (void *)(uintptr_t)(pauses ? &pause : &no_pause));
    return pauses;
}

/* What pauses inside of a section or subgraph pauses all that is around it. */
static void collect_inner_pauses(Collect *c, const Graph *graph) {
    for (size_t i = graph->n_places; i-- > 0;) {
        Place *place = graph->places[i];
        Access pause = {.kind = ACCESS_PAUSE, .late = true, .place = place, .span = place->span};
        if (place->node && place->node->runs && graph_pauses(c, place->node->runs))
            collect(c, &pause);
    }
    for (size_t i = graph->n_regions; i-- > 1;) {
        const Region *region = graph->regions[i];
        Place *place = region->section->place;
        Access pause = {.kind = ACCESS_PAUSE, .late = true, .place = place, .span = place->span};
        bool pauses = false;
        for (size_t k = 0; k < region->n_places && !pauses; k++)
            pauses = c->out->pauses_before[region->places[k]->index] ||
                     c->out->pauses_after[region->places[k]->index];
        if (pauses && !c->out->pauses_after[place->index])
            collect(c, &pause);
    }
}

/* Counting sort, which keeps the order of the places within a field. */
static void sort_by_field(Arena *arena, const Graph *graph, Accesses *out) {
    uint32_t *next = ARENA_ARRAY(arena, uint32_t, graph->n_fields + 1);
    out->of_field = ARENA_ARRAY(arena, uint32_t, graph->n_fields + 2);
    out->by_field = ARENA_ARRAY(arena, uint32_t, out->n + 1);
    for (size_t i = 0; i < out->n; i++)
        out->of_field[out->all[i].field->index + 1]++;
    for (size_t i = 0; i < graph->n_fields; i++) {
        out->of_field[i + 1] += out->of_field[i];
        next[i] = out->of_field[i];
    }
    for (size_t i = 0; i < out->n; i++)
        out->by_field[next[out->all[i].field->index]++] = (uint32_t)i;
}

Accesses *accesses_of(Arena *arena, const Graph *graph) {
    Accesses *out = ARENA_NEW(arena, Accesses);
    Collect c = {.arena = arena, .out = out};
    out->pauses_before = ARENA_ARRAY(arena, bool, graph->n_places);
    out->pauses_after = ARENA_ARRAY(arena, bool, graph->n_places);
    out->of_place = ARENA_ARRAY(arena, uint32_t, graph->n_places + 1);
    for (size_t i = 0; i < graph->n_places; i++) {
        access_each(graph->places[i], collect, &c);
        out->of_place[i + 1] = (uint32_t)out->n;
    }
    collect_inner_pauses(&c, graph);
    sort_by_field(arena, graph, out);
    return out;
}
