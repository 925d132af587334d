/* A graph by chance. It is valid by construction: what the compiler refuses is a finding.
 *
 * Every place of a region has a bare edge to a later one (or the end), and an edge from an earlier one
 * leads to it; so all are reached and all reach the end. What comes on top is free. */
#include "generate.h"

#include <string.h>

enum { MOST_NODES = 9, DEEPEST = 3, DEEPEST_GRAPH = 2 };

/* ---- the state ---- */

static Reducer reducer_for(Generate *g, const Type *type) {
    Reducer fit[6];
    unsigned n = 0;
    fit[n++] = R_LAST;
    if (is_number(type))
        fit[n++] = R_SUM, fit[n++] = R_MIN, fit[n++] = R_MAX;
    if (type->kind == K_BOOL)
        fit[n++] = R_AND, fit[n++] = R_OR;
    if (type->kind == K_LIST || type->kind == K_STRING || type->kind == K_BYTES)
        fit[n++] = R_APPEND;
    if (type->kind == K_MAP)
        fit[n++] = R_UNION;
    if (type->kind != K_ARRAY)
        fit[n++] = R_WITH;
    return fit[pick(g->choices, n)];
}

Field *add_field(Generate *g, const Type *type) {
    Field *field = room(sizeof *field);
    field->index = g->graph->n_fields;
    field->name = text("f%u", g->graph->n_fields);
    field->type = type;
    PUSH(g->graph->fields, g->graph->n_fields, field);
    return field;
}

static void generate_field(Generate *g) {
    Field *field = add_field(g, generate_type(g, 0));
    if (pick(g->choices, 5) >= 3)
        field->reducer = reducer_for(g, field->type);
    unsigned direction = pick(g->choices, 8);
    field->in = direction == 5 || direction == 6;
    field->out = direction == 7;
}

void generate_fields(Generate *g, unsigned n) {
    for (unsigned i = 0; i < n; i++)
        generate_field(g);
}

/* A field for the faults of a section in `region`. */
static const Field *generate_faults(Generate *g) {
    Field *field = add_field(g, fault_list_type());
    field->faults = true;
    field->reducer = R_APPEND;
    return field;
}

/* ---- nodes ---- */

bool may_replace(const Field *field, const Region *region, const Own *own) {
    if (field->faults)
        return false;
    if (field->reducer == R_NONE)
        return own->field[field->index] || (field->local && region->section);
    return !region->section;
}

bool may_update(const Field *field, const Region *region, const Own *own) {
    return !field->faults && (field->reducer != R_NONE || may_replace(field, region, own));
}

static void add_param(Node *node, Mode mode, const Field *field, const Var *var, bool beside) {
    Param param = {mode, field, var, beside};
    PUSH(node->params, node->n_params, param);
}

static void generate_param(Generate *g, Node *node, const Field *field, const Region *region,
                           const Own *own) {
    bool replace = may_replace(field, region, own);
    bool out = may_update(field, region, own);
    switch (may_read(field, region) ? pick(g->choices, 8) : 0) {
    case 3:
    case 4:
        add_param(node, M_IN, field, NULL, false);
        break;
    case 5:
        add_param(node, out ? M_OUT : M_IN, field, NULL, false);
        break;
    case 6:
        add_param(node, replace ? M_INOUT : out ? M_OUT : M_IN, field, NULL, false);
        break;
    case 7:
        add_param(node, M_IN, field, NULL, false);
        if (out)
            add_param(node, M_OUT, field, NULL, true);
        break;
    default:
        break;
    }
}

static Script generate_script(Generate *g) {
    static const unsigned one_in[] = {0, 0, 0, 0, 0, 0, 9, 4, 2, 1};
    Script script = {.seed = pick(g->choices, 1000)};
    script.fails_one_in = one_in[pick(g->choices, 10)];
    if (script.fails_one_in) {
        script.code = (int)pick_from(g->choices, 1, 3);
        script.says = pick(g->choices, 2) == 0;
        script.fatal = rarely(g->choices, 4);
    }
    return script;
}

static void generate_params(Generate *g, Node *node, const Region *region, const Scope *scope,
                            const Own *own) {
    for (unsigned i = 0; i < g->graph->n_fields; i++)
        generate_param(g, node, g->graph->fields[i], region, own);
    for (; scope; scope = scope->out)
        if (pick(g->choices, 2))
            add_param(node, M_IN, NULL, scope->var, false);
    node->script = generate_script(g);
}

static Node *generate_node(Generate *g, const Region *region, const Scope *scope, const Own *own) {
    Node *node = room(sizeof *node);
    node->name = text("n%u", g->graph->n_names++);
    node->late = NO_TIMEOUT;
    if (g->depth < DEEPEST_GRAPH && g->nodes_left > 1 && rarely(g->choices, 7))
        generate_subgraph(g, node, region, scope, own);
    else
        generate_params(g, node, region, scope, own);
    if ((node->runs || node->script.fails_one_in) && pick(g->choices, 2))
        node->retries = pick_from(g->choices, 1, 3);
    node->cost_us = pick(g->choices, 4) * 20;
    node->checkpoint = rarely(g->choices, 6);
    node->effect = rarely(g->choices, 8);
    if (!region->section && g->depth == 0) {
        node->pause_before = rarely(g->choices, 12);
        node->pause_after = rarely(g->choices, 12);
        node->script.asks = !node->runs && rarely(g->choices, 12);
    }
    return node;
}

/* ---- sections ---- */

static Region *generate_region(Generate *g, const Region *parent, const Section *section,
                               unsigned branch, const Scope *scope, const Own *own, unsigned depth);

static bool has_elements(const Type *type) {
    return type->kind == K_LIST || type->kind == K_MAP || type->kind == K_ARRAY;
}

/* A field to go over; NULL where there is none. */
static const Field *generate_over(Generate *g, const Region *region) {
    const Field *fit[64];
    unsigned n = 0;
    for (unsigned i = 0; i < g->graph->n_fields; i++) {
        const Field *field = g->graph->fields[i];
        if (has_elements(field->type) && !field->faults && may_read(field, region))
            fit[n++] = field;
    }
    return n ? fit[pick(g->choices, n)] : NULL;
}

/* A variable that holds a list, to go over; NULL where there is none. */
static const Var *generate_over_var(Generate *g, const Scope *scope) {
    for (; scope; scope = scope->out)
        if (has_elements(scope->var->type) && pick(g->choices, 2))
            return scope->var;
    return NULL;
}

static void generate_each(Generate *g, const Region *region, Section *section, const Scope *scope,
                          unsigned depth) {
    const Type *list = section->over ? section->over->type : section->over_var->type;
    Scope element = {&section->element, scope}, index = {&section->index, &element};
    Own none = {{false}};
    section->element = (Var){text("x%u", g->graph->n_names), list->elem, section, false};
    if (pick(g->choices, 2))
        section->index = (Var){text("at%u", g->graph->n_names),
                               builtin_type(list->kind == K_MAP ? K_STRING : K_I64), section, true};
    g->graph->n_names++;
    section->branches = room(sizeof *section->branches);
    section->n_branches = 1;
    section->branches[0] = generate_region(
        g, region, section, 0, section->index.name ? &index : &element, &none, depth + 1);
}

static void generate_branches(Generate *g, const Region *region, Section *section,
                              const Scope *scope, const Own *own, unsigned depth) {
    unsigned n = pick_from(g->choices, 1, 3);
    Own parts[3] = {{{false}}};
    for (unsigned i = 0; i < g->graph->n_fields; i++)
        if (own->field[i] && !g->graph->fields[i]->faults) {
            unsigned k = pick(g->choices, 4);
            if (k < n)
                parts[k].field[i] = true;
        }
    section->branches = room(n * sizeof *section->branches);
    for (unsigned k = 0; k < n; k++) {
        section->branches[k] = generate_region(g, region, section, k, scope, &parts[k], depth + 1);
        section->n_branches++;
    }
}

static Section *generate_section(Generate *g, const Region *region, const Scope *scope,
                                 const Own *own, unsigned depth) {
    Section *section = room(sizeof *section);
    section->name = text("s%u", g->graph->n_names++);
    if (rarely(g->choices, 2)) {
        section->over_var = generate_over_var(g, scope);
        section->over = section->over_var ? NULL : generate_over(g, region);
    }
    if (section->over || section->over_var)
        generate_each(g, region, section, scope, depth);
    else
        generate_branches(g, region, section, scope, own, depth);
    if (rarely(g->choices, 4)) {
        section->settle = generate_faults(g);
        if (rarely(g->choices, 3))
            section->need = section->over || section->over_var
                                ? pick_from(g->choices, 1, 3)
                                : pick_from(g->choices, 1, section->n_branches);
    }
    static const int how[] = {AS_DECIDED, AS_DECIDED, AS_DECIDED, INLINE, THREADS};
    section->how = how[pick(g->choices, 5)];
    return section;
}

/* ---- edges ---- */

static Place *place_at(const Region *region, unsigned i) {
    return i < region->n_places ? region->places[i] : NULL;
}

static void add_edge(Place *from, Edge edge, unsigned at) {
    PUSH(from->edges, from->n_edges, edge);
    for (unsigned i = from->n_edges - 1; i > at; i--) {
        Edge swap = from->edges[i];
        from->edges[i] = from->edges[i - 1];
        from->edges[i - 1] = swap;
    }
}

static bool leads(const Place *from, const Place *to) {
    for (unsigned i = 0; i < from->n_edges; i++)
        if (from->edges[i].to == to)
            return true;
    return false;
}

/* A guarded edge before or behind the others, unless one leads there already. */
static void generate_edge(Generate *g, Region *region, Place *from, Place *to, const Scope *scope) {
    Edge edge = {.to = to};
    if (leads(from, to))
        return;
    if (pick(g->choices, 4) != 3)
        edge.guard = generate_guard(g, region, scope);
    if (!edge.guard || rarely(g->choices, 3)) {
        edge.max = pick_from(g->choices, 1, 3);
        edge.counter = region->n_counters++;
    }
    if (to && to->index <= from->index)
        g->graph->has_cycle = true;
    add_edge(from, edge, pick(g->choices, from->n_edges + 1));
}

static void bare_edges(Generate *g, Region *region) {
    for (unsigned i = 0; i < region->n_places; i++) {
        unsigned left = region->n_places - i;
        Edge edge = {.to = place_at(region, rarely(g->choices, 4) ? i + 1 + pick(g->choices, left)
                                                                  : i + 1)};
        add_edge(region->places[i], edge, 0);
    }
}

static bool is_reached(const Region *region, const Place *place) {
    for (unsigned i = 0; i < place->index; i++)
        if (leads(region->places[i], place))
            return true;
    return false;
}

static void generate_errors(Generate *g, Region *region) {
    for (unsigned i = 0; i < region->n_places; i++) {
        Place *place = region->places[i];
        if (!rarely(g->choices, 4))
            continue;
        place->has_error = true;
        place->on_error = place_at(region, pick(g->choices, region->n_places + 1));
        if (place->on_error && place->on_error->index <= i)
            g->graph->has_cycle = true;
    }
}

static void generate_edges(Generate *g, Region *region, const Scope *scope) {
    bare_edges(g, region);
    for (unsigned i = 1; i < region->n_places; i++)
        if (!is_reached(region, region->places[i]))
            generate_edge(g, region, region->places[pick(g->choices, i)], region->places[i], scope);
    unsigned more = pick(g->choices, region->n_places + 1);
    for (unsigned i = 0; i < more; i++) {
        Place *from = region->places[pick(g->choices, region->n_places)];
        generate_edge(g, region, from, place_at(region, pick(g->choices, region->n_places + 1)),
                      scope);
    }
    generate_errors(g, region);
}

/* ---- regions ---- */

static void generate_place(Generate *g, Region *region, const Scope *scope, const Own *own,
                           unsigned depth) {
    Place *place = room(sizeof *place);
    place->index = region->n_places;
    if (depth < DEEPEST && g->nodes_left > 2 && rarely(g->choices, 3)) {
        place->kind = P_SECTION;
        place->section = generate_section(g, region, scope, own, depth);
    } else {
        place->kind = P_NODE;
        place->node = generate_node(g, region, scope, own);
        g->nodes_left -= g->nodes_left > 0;
    }
    PUSH(region->places, region->n_places, place);
}

static Region *generate_region(Generate *g, const Region *parent, const Section *section,
                               unsigned branch, const Scope *scope, const Own *own, unsigned depth) {
    Region *region = room(sizeof *region);
    unsigned n = pick_from(g->choices, 1, depth == 0 ? 5 : 3);
    region->parent = parent;
    region->section = section;
    region->branch = branch;
    for (unsigned i = 0; i < n && (i == 0 || g->nodes_left > 0); i++)
        generate_place(g, region, scope, own, depth);
    generate_edges(g, region, scope);
    return region;
}

static void generate_settings(Generate *g) {
    Graph *graph = g->graph;
    if (graph->has_cycle || rarely(g->choices, 4))
        graph->limit = pick_from(g->choices, 3, 50);
    graph->policy = (Policy)pick(g->choices, 5);
    graph->every = pick_from(g->choices, 1, 4);
}

void generate_rest(Generate *g) {
    Own all;
    memset(&all, true, sizeof all);
    g->graph->region = generate_region(g, NULL, NULL, 0, NULL, &all, 0);
    generate_settings(g);
    PUSH(g->file->graphs, g->file->n_graphs, g->graph);
}

Graph *generate(Choices *choices, File *file, unsigned number) {
    Graph *graph = room(sizeof *graph);
    Generate g = {choices, file, graph, number, MOST_NODES, 0};
    graph->name = text("g%u", number);
    generate_fields(&g, pick_from(choices, 1, 9));
    generate_rest(&g);
    return graph;
}
