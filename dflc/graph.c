/* Small questions about types and fields, and graph_check: the invariants that later stages
 * build on. */
#include "graph.h"

#include <stdlib.h>

bool type_is_integer(const Type *type) {
    return type->kind >= TY_I8 && type->kind <= TY_U64;
}

bool type_is_number(const Type *type) {
    return type->kind >= TY_I8 && type->kind <= TY_F64;
}

bool type_is_unsigned(const Type *type) {
    return type->kind >= TY_U8 && type->kind <= TY_U64;
}

bool field_merges(const Field *field) {
    return field->reducer != RD_NONE && field->reducer != RD_LAST;
}

bool field_is_saved(const Field *field) {
    return field->type->kind != TY_HANDLE && !field->local && !field->transient;
}

/* ---- who uses a field ---- */

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

static bool binds(const Node *node, const Field *field) {
    size_t i;
    for (i = 0; i < node->n_bindings; i++)
        if (node->bindings[i].parent == field || reads_directly(node->bindings[i].value, field))
            return true;
    return false;
}

static bool place_uses(const Place *place, const Field *field) {
    size_t i;
    if (place->node && binds(place->node, field))
        return true;
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

bool region_uses_itself(const Region *region, const Field *field) {
    size_t i;
    for (i = 0; i < region->n_places; i++)
        if (place_uses(region->places[i], field))
            return true;
    return false;
}

/* ---- graph_check ---- */

/* A broken invariant is a bug of this compiler, in any build. */
static void check(bool holds, const char *invariant, const char *name) {
    if (holds)
        return;
    fprintf(stderr, "dflc: internal error: graph_check: '%s': %s\n", name, invariant);
    abort();
}

static void check_type(const Type *type) {
    check(type->name && type->c_name && type->stem, "a type has its names", "type");
    bool composite = type->kind >= TY_LIST && type->kind <= TY_OPT;
    check(composite == (type->elem != NULL), "composite types alone have elements", type->name);
    check((type->kind == TY_ENUM) == (type->enum_ != NULL), "an enum type has its enum",
          type->name);
    check((type->kind == TY_STRUCT) == (type->struct_ != NULL), "a struct type has its struct",
          type->name);
    check((type->kind == TY_ARRAY) == (type->count > 0), "an array alone has a count", type->name);
    check(type->kind != TY_ERROR, "no error type is left", type->name);
}

static void check_expr(const Expr *expr, const char *name) {
    check(expr->type && expr->type->kind != TY_ERROR, "an expression has a type", name);
    check((expr->kind == EX_CONST) == (expr->constant != NULL), "a constant has a value", name);
    check((expr->kind == EX_FIELD) == (expr->field != NULL), "a field expression has one", name);
    check((expr->kind == EX_VAR) == (expr->var != NULL), "a variable expression has one", name);
    check((expr->kind == EX_PREDICATE) == (expr->node != NULL), "a predicate has its node", name);
    check((expr->kind >= EX_MEMBER && expr->kind != EX_PREDICATE) == (expr->left != NULL),
          "an operation has its operands", name);
    check((expr->kind == EX_IN || expr->kind >= EX_MUL) == (expr->right != NULL),
          "a binary operation has two operands", name);
    if (expr->left)
        check_expr(expr->left, name);
    if (expr->right)
        check_expr(expr->right, name);
    bool below = (expr->left && expr->left->can_fail) || (expr->right && expr->right->can_fail);
    check(!below || expr->can_fail, "what holds something that can fail can fail", name);
}

static void check_binding(const Graph *graph, const Node *node, const Binding *binding) {
    const Graph *runs = node->runs;
    const Field *child = binding->child, *parent = binding->parent;
    check(child && runs->fields[child->index] == child, "a binding has a field of what runs",
          node->name);
    check((binding->value == NULL) == (parent != NULL), "a binding goes in or out", node->name);
    check(!parent || graph->fields[parent->index] == parent, "an out binding writes its graph",
          node->name);
    if (binding->value)
        check_expr(binding->value, node->name);
}

static void check_node(const Graph *graph, const Node *node, uint32_t index) {
    const char *name = node->name;
    check(node->index == index, "nodes are numbered in order", name);
    check(node->c_name != NULL, "a node has a C function", name);
    check(!!node->calls + !!node->body + !!node->runs <= 1,
          "a node has a body, calls a function or runs a graph", name);
    check(node->kind == NODE_PREDICATE || node->place, "every node has one place", name);
    check(node->kind != NODE_PREDICATE || !node->place, "a predicate has no place", name);
    check((node->kind == NODE_ROUTER) == (node->n_targets > 0), "routers alone have targets", name);
    check(node->runs || !node->n_bindings, "nodes that run graphs alone have bindings", name);
    check(!node->runs || node->kind == NODE_CALL, "nodes alone run graphs", name);
    check(!node->runs || !node->n_params, "a node that runs a graph has no parameters", name);
    for (size_t i = 0; i < node->n_bindings; i++)
        check_binding(graph, node, &node->bindings[i]);
    check(!node->retries || node->retry_cap_ns >= node->retry_ns, "waits grow up to a cap", name);
    for (size_t i = 0; i < node->n_params; i++) {
        const Param *param = &node->params[i];
        check(param->name != NULL, "a parameter has a name", name);
        check(!!param->field + !!param->var + param->whole_state == 1,
              "a parameter is a field, a variable or the state", name);
        check(!param->field || graph->fields[param->field->index] == param->field,
              "a parameter's field is of its graph", name);
        check(param->mode == MODE_IN || (param->field && node->kind == NODE_CALL),
              "nodes alone write, and only fields", name);
    }
}

static void check_edge(const Graph *graph, const Place *from, const Edge *edge, bool last) {
    const char *name = graph->name;
    check(edge->from == from, "an edge knows its source", name);
    check(edge->to && edge->to->region == from->region, "an edge stays in its region", name);
    check(!edge->has_max || edge->max_index < from->region->n_max, "max edges are numbered", name);
    check(!(edge->guard && edge->n_values), "an edge has a guard or values", name);
    check(!edge->guard || edge->guard->type->kind == TY_BOOL, "a guard is a bool", name);
    check(!edge->n_values || from->subject, "values stand behind a match", name);
    check(last || edge->guard || edge->has_max || edge->n_values || from->kind == PL_ROUTER,
          "the else is last", name);
    if (edge->guard)
        check_expr(edge->guard, name);
    for (size_t i = 0; i < edge->n_values; i++)
        check(edge->values[i]->type == from->subject->type, "values have the subject's type", name);
}

static void check_error_edge(const Graph *graph, const Place *from, const Edge *edge) {
    if (!edge)
        return;
    check(from->kind == PL_NODE || from->kind == PL_SECTION, "nodes and sections fail",
          graph->name);
    check(edge->from == from && edge->to && edge->to->region == from->region,
          "an error edge stays in its region", graph->name);
    check(!edge->guard && !edge->n_values && !edge->has_max, "an error edge asks nothing",
          graph->name);
}

static void check_place(const Graph *graph, const Place *place, uint32_t index) {
    const char *name = graph->name;
    check(place->index == index && graph->places[index] == place, "places are numbered", name);
    check(place->region != NULL, "every place has a region", name);
    bool is_node = place->kind == PL_NODE || place->kind == PL_ROUTER;
    check(is_node == (place->node != NULL), "a node place has a node", name);
    check(!is_node || (place->kind == PL_ROUTER) == (place->node->kind == NODE_ROUTER),
          "a router's place is one", name);
    check(place->kind != PL_ROUTER || place->n_edges == place->node->n_targets,
          "a router has an edge for each target", name);
    check(!place->node || place->node->place == place, "a node knows its place", name);
    check((place->kind == PL_SECTION) == (place->section != NULL), "a section has its own", name);
    bool is_exit = place->kind == PL_END || place->kind == PL_JOIN;
    check(is_exit == (place->n_edges == 0), "all but exits lead on", name);
    check(is_exit == (place == place->region->exit), "end and join are exits", name);
    check(place->kind != PL_START || place->n_in == 0, "nothing leads into start", name);
    if (place->subject)
        check_expr(place->subject, name);
    for (size_t i = 0; i < place->n_edges; i++)
        check_edge(graph, place, place->edges[i], i + 1 == place->n_edges);
    check_error_edge(graph, place, place->on_error);
    check_error_edge(graph, place, place->on_timeout);
    check(!place->on_timeout || (place->node && place->node->timeout_ns > 0),
          "what leads on after a timeout has one", name);
    for (size_t i = 0; i < place->n_in; i++)
        check(place->in[i]->to == place, "incoming edges lead here", name);
}

static void check_section(const Graph *graph, const Section *section, uint32_t index) {
    const char *name = section->label;
    check(section->index == index, "sections are numbered in order", name);
    check(section->place && section->place->section == section, "a section has its place", name);
    check(section->n_branches > 0, "a section has branches", name);
    check((section->item != NULL) == (section->over != NULL), "an each has its list", name);
    check(!section->item || section->n_branches == 1, "an each has one body", name);
    for (size_t i = 0; i < section->n_branches; i++) {
        const Region *branch = section->branches[i];
        check(branch->section == section && branch->branch == i, "branches are numbered", name);
        check(branch->parent == section->place->region, "a branch lies in its section's region",
              name);
        check(graph->regions[branch->index] == branch, "a branch is a region", name);
    }
    if (section->over)
        check_expr(section->over, name);
}

static void check_region(const Region *region, uint32_t index) {
    const char *name = region->label;
    check(region->index == index, "regions are numbered in order", name);
    check((region->section == NULL) == (index == 0), "the first region is the graph's own", name);
    check((region->parent == NULL) == (index == 0), "branches alone have a parent", name);
    check(!region->parent || region->parent->index < index, "parents before children", name);
    check(!region->parent || region->depth == region->parent->depth + 1, "depth counts", name);
    check(region->n_places >= 2, "a region has an entry and an exit", name);
    check(region->places[0] == region->entry, "the entry is first", name);
    check(region->places[region->n_places - 1] == region->exit, "the exit is last", name);
    for (size_t i = 0; i < region->n_places; i++)
        check(region->places[i]->region == region, "places know their region", name);
}

static void check_graph(const Graph *graph) {
    size_t in_regions = 0;
    for (size_t i = 0; i < graph->n_fields; i++) {
        check(graph->fields[i]->index == i, "fields are numbered", graph->fields[i]->name);
        check(graph->fields[i]->type->kind != TY_ERROR, "a field has a type",
              graph->fields[i]->name);
    }
    for (size_t i = 0; i < graph->n_nodes; i++)
        check_node(graph, graph->nodes[i], (uint32_t)i);
    for (size_t i = 0; i < graph->n_places; i++)
        check_place(graph, graph->places[i], (uint32_t)i);
    for (size_t i = 0; i < graph->n_sections; i++)
        check_section(graph, graph->sections[i], (uint32_t)i);
    for (size_t i = 0; i < graph->n_regions; i++) {
        check_region(graph->regions[i], (uint32_t)i);
        in_regions += graph->regions[i]->n_places;
    }
    check(in_regions == graph->n_places, "every place is in one region", graph->name);
}

void graph_check(const Program *program) {
    for (size_t i = 0; i < program->n_types; i++)
        check_type(program->types[i]);
    for (size_t i = 0; i < program->n_graphs; i++)
        check_graph(program->graphs[i]);
}
