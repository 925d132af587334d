/* Nodes that run graphs: the fields of the child that are bound have the types of what they are bound to. */
#include "generate.h"

enum { MOST_INNER_NODES = 4 };

static void bind(Binding **bindings, unsigned *n, const Field *child, const Field *parent,
                 const Expr *value) {
    Binding binding = {child, parent, value};
    PUSH(*bindings, *n, binding);
}

static void bind_in(Generate *child, Node *node, const Expr *value, const Type *type) {
    Field *field = add_field(child, type);
    field->in = true;
    field->many = value->kind == E_FIELD && value->field->many;
    bind(&node->ins, &node->n_ins, field, NULL, value);
}

/* What fits an i64 whatever is added to it. */
static bool is_narrow(const Type *type) {
    return is_int(type) && int_bits(type) <= 32;
}

/* The value itself, or a little more than it. */
static void bind_value(Generate *g, Generate *child, Node *node, Expr *value) {
    if (!is_narrow(value->type) || !rarely(g->choices, 2)) {
        bind_in(child, node, value, value->type);
        return;
    }
    Expr *more = room(sizeof *more), *one = room(sizeof *one);
    *one = (Expr){.kind = E_INT, .number = pick_from(g->choices, 1, 3)};
    *more = (Expr){.kind = pick(g->choices, 2) ? E_MUL : E_ADD, .a = value, .b = one};
    bind_in(child, node, more, builtin_type(K_I64));
}

static void bind_ins(Generate *g, Generate *child, Node *node, const Region *region,
                     const Scope *scope) {
    for (unsigned i = 0; i < g->graph->n_fields; i++) {
        const Field *field = g->graph->fields[i];
        if (field->faults || !may_ask(field, region) || pick(g->choices, 3) != 2)
            continue;
        Expr *value = room(sizeof *value);
        *value = (Expr){.kind = E_FIELD, .field = field, .type = field->type};
        bind_value(g, child, node, value);
    }
    for (; scope; scope = scope->out) {
        if (pick(g->choices, 2) == 0)
            continue;
        Expr *value = room(sizeof *value);
        *value = (Expr){.kind = E_VAR, .var = scope->var, .type = scope->var->type};
        bind_value(g, child, node, value);
    }
}

/* Where nothing is marked, what is bound as an in may be bound as an out, too. */
static Field *child_out(Generate *g, Generate *child, const Type *type, bool marked) {
    for (unsigned i = 0; !marked && i < child->graph->n_fields; i++)
        if (child->graph->fields[i]->type == type && pick(g->choices, 2))
            return child->graph->fields[i];
    return add_field(child, type);
}

static void bind_outs(Generate *g, Generate *child, Node *node, const Region *region,
                      const Own *own, bool marked) {
    for (unsigned i = 0; i < g->graph->n_fields; i++) {
        const Field *field = g->graph->fields[i];
        if (!may_update(field, region, own) || pick(g->choices, 4) != 3)
            continue;
        Field *from = child_out(g, child, field->type, marked);
        from->out = true;
        bind(&node->outs, &node->n_outs, from, field, NULL);
    }
}

/* Inputs that nobody binds would be an error. */
static void mark(Graph *graph, unsigned n_bound, bool marked) {
    for (unsigned i = 0; i < graph->n_fields; i++) {
        Field *field = graph->fields[i];
        field->in = field->in && marked && (i < n_bound || field->initial);
        field->out = field->out && marked;
    }
}

void generate_subgraph(Generate *g, Node *node, const Region *region, const Scope *scope,
                       const Own *own) {
    Graph *graph = room(sizeof *graph);
    unsigned number = 1000000 + g->file->n_children++;
    unsigned most = g->nodes_left < MOST_INNER_NODES ? g->nodes_left : MOST_INNER_NODES;
    Generate child = {.choices = g->choices, .file = g->file, .graph = graph, .number = number, .nodes_left = most,
                      .depth = g->depth + 1, .in_branch = g->in_branch || region->section};
    bool marked = !rarely(g->choices, 4);
    graph->waits = rarely(g->choices, 8);
    node->late = graph->waits ? ALWAYS_LATE : NO_TIMEOUT;
    graph->name = text("c%u", number);
    graph->is_child = true;
    bind_ins(g, &child, node, region, scope);
    bind_outs(g, &child, node, region, own, marked);
    unsigned bound = graph->n_fields;
    generate_fields(&child, pick_from(g->choices, 1, 4));
    mark(graph, bound, marked);
    if (graph->waits)
        generate_waiting(&child);
    else
        generate_rest(&child);
    g->nodes_left -= most - child.nodes_left;
    g->graph->has_threads |= graph->has_threads;
    node->runs = graph;
}
