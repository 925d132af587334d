#include "warn.h"

#include "../units.h"
#include "internal.h"

/* Notes are worth this many steps a graph; after that warnings stand without them. */
enum { MAX_STEPS = 4000000 };

/* ---- texts ---- */

const char *warn_place(const Warn *w, const Place *place) {
    switch (place->kind) {
    case PL_START:
        return "'start'";
    case PL_END:
        return "'end'";
    case PL_JOIN:
        return "the join";
    case PL_CHOICE:
        return place->subject ? "this 'match'" : "this 'when'";
    case PL_SECTION:
        return place->section->name
                   ? arena_printf(w->comp->arena, "section '%s'", place->section->name)
                   : arena_printf(w->comp->arena, "section %s", place->section->label);
    case PL_NODE:
    case PL_ROUTER:
        break;
    }
    return arena_printf(w->comp->arena, "'%s'", place->node->name);
}

const char *warn_duration(const Warn *w, int64_t ns) {
    return text_of_ns(w->comp->arena, ns);
}

const char *warn_bytes(const Warn *w, uint64_t bytes) {
    return text_of_bytes(w->comp->arena, bytes);
}

const char *warn_names(const Warn *w, const char *const *names, size_t n) {
    enum { SHOWN = 4 };
    size_t shown = n <= SHOWN ? n : SHOWN - 1;
    const char *text = "";
    for (size_t i = 0; i < shown; i++)
        text = arena_printf(w->comp->arena, "%s%s'%s'", text,
                            i == 0 ? "" : (i + 1 == n ? " and " : ", "), names[i]);
    if (shown < n)
        text = arena_printf(w->comp->arena, "%s and %zu more", text, n - shown);
    return text;
}

const char *warn_default(const Warn *w, const Type *type) {
    if (type_is_number(type))
        return "= 0";
    if (type->kind == TY_BOOL)
        return "= false";
    if (type->kind == TY_STRING)
        return "= \"\"";
    if (type->kind == TY_ENUM)
        return arena_printf(w->comp->arena, "= %s", type->enum_->values[0].name);
    return NULL;
}

/* ---- questions ---- */

bool warn_is_reached(const Warn *w, const Place *place) {
    return w->reached->place[place->index];
}

const Access *warn_first(const Warn *w, const Field *field, bool reads) {
    const Accesses *a = w->accesses;
    for (uint32_t i = a->of_field[field->index]; i < a->of_field[field->index + 1]; i++) {
        const Access *access = &a->all[a->by_field[i]];
        if ((access->kind == ACCESS_READ) == reads)
            return access;
    }
    return NULL;
}

/* ---- one graph ---- */

static void find_bindings(Warn *w, const Node *node) {
    if (node->runs != w->graph)
        return;
    w->runs_inside = true;
    for (size_t i = 0; i < node->n_bindings; i++) {
        const Binding *binding = &node->bindings[i];
        bool *bound = binding->value ? w->bound_in : w->bound_out;
        bound[binding->child->index] = true;
    }
}

/* What every warning needs. runners: all nodes of the program that run a graph. */
static void prepare(Warn *w, Node *const *runners, size_t n_runners) {
    const Graph *graph = w->graph;
    size_t n = graph->n_places;
    w->accesses = accesses_of(w->arena, graph);
    w->ways = ways_of(w->arena, graph);
    Compilation local = *w->comp;
    local.arena = w->arena;
    w->uses = liveness_of(&local, graph);
    w->reached = reached_of(w->arena, w->ways, w->accesses, w->uses);
    w->dominators = dominators_of(w->arena, w->ways);
    w->bound_in = ARENA_ARRAY(w->arena, bool, graph->n_fields + 1);
    w->bound_out = ARENA_ARRAY(w->arena, bool, graph->n_fields + 1);
    w->unread = ARENA_ARRAY(w->arena, bool, graph->n_fields + 1);
    for (size_t i = 0; i < n_runners; i++)
        find_bindings(w, runners[i]);
    w->via = ARENA_ARRAY(w->arena, uint32_t, n);
    w->seen = ARENA_ARRAY(w->arena, uint32_t, n);
    w->steps = MAX_STEPS;
}

/* A person reads the state where a run pauses, and whatever a later node may still overwrite is
 * seen at end when nothing does. */
static void warn_field_flow(Warn *w) {
    FieldFlowOptions options = {.way = w->reached->way, .people = true, .all_at_end = true};
    FieldFlow *flow = fieldflow_new(w->arena, w->ways, w->accesses, options);
    for (size_t i = 0; i < flow->n_blocks; i++) {
        fieldflow_load(flow, i);
        warn_dead_writes(w, flow);
        fieldflow_find_unset(flow);
        warn_unset_reads(w, flow);
    }
}

static void warn_graph(Warn *w) {
    warn_fields(w);
    warn_field_flow(w);
    warn_arms(w);
    warn_loops(w);
    warn_sections(w);
    warn_chains(w);
    warn_copies(w);
    warn_saves(w);
}

void warn_program(Compilation *comp, const Program *program, const ProgramCosts *costs) {
    Node **runners = NULL;
    size_t n = 0, cap = 0;
    for (size_t i = 0; i < program->n_graphs; i++)
        for (size_t k = 0; k < program->graphs[i]->n_nodes; k++)
            if (program->graphs[i]->nodes[k]->runs)
                ARENA_PUSH(comp->arena, runners, n, cap, program->graphs[i]->nodes[k]);
    for (size_t i = 0; i < program->n_graphs; i++) {
        if (program->graphs[i]->imported)
            continue;
        Warn w = {.comp = comp,
                  .arena = arena_new(),
                  .program = program,
                  .graph = program->graphs[i],
                  .costs = costs_of(costs, program->graphs[i]),
                  .sections = cost_options(costs)->sections,
                  .machine = cost_options(costs)->machine,
                  .save_terms = save_terms(cost_options(costs))};
        prepare(&w, runners, n);
        warn_graph(&w);
        arena_free(w.arena);
    }
}
