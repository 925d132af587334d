/* A graph by chance. It is valid by construction: what the compiler refuses is a finding.
 *
 * Every place of a region has a bare edge to a later one (or the end), and an edge from an earlier one
 * leads to it; so all are reached and all reach the end. What comes on top is free. */
#include "generate.h"

#include <string.h>

enum { MOST_NODES = 9, DEEPEST = 3 };

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
    unsigned direction = pick(g->choices, 10);
    field->in = direction == 5 || direction == 6;
    field->out = direction == 7;
    field->initial = generate_initial(g, field->type);
    field->local = direction == 8 && field->reducer == R_NONE;
    field->transient = direction == 9 && field->reducer == R_NONE;
}

static void generate_many(Generate *g) {
    static const Kind kinds[] = {K_I64, K_STRING, K_U8};
    Field *field = add_field(g, type_of(g, K_LIST, builtin_type(kinds[pick(g->choices, 3)]), 0));
    field->in = field->many = true;
    field->reducer = rarely(g->choices, 3) ? R_APPEND : R_NONE;
}

void generate_fields(Generate *g, unsigned n) {
    for (unsigned i = 0; i < n; i++)
        generate_field(g);
}

/* ---- regions ---- */

static void generate_place(Generate *g, Region *region, const Scope *scope, const Own *own,
                           unsigned depth) {
    Place *place = room(sizeof *place);
    place->index = region->n_places;
    if (depth < DEEPEST && g->nodes_left > 2 && rarely(g->choices, 3)) {
        place->kind = P_SECTION;
        place->section = generate_section(g, region, scope, own, depth);
    } else if (rarely(g->choices, 10)) {
        place->kind = P_ROUTER;
        place->node = generate_router(g, region, scope);
    } else {
        place->kind = P_NODE;
        place->node = generate_node(g, region, scope, own);
        g->nodes_left -= g->nodes_left > 0;
    }
    PUSH(region->places, region->n_places, place);
}

/* Local fields that no branch around uses may be this one's own. */
static void hold_locals(Generate *g, Region *region, Own *own) {
    for (unsigned i = 0; i < g->graph->n_fields; i++) {
        if (!g->graph->fields[i]->local || !region->section)
            continue;
        region->holds[i] = region->parent->holds[i];
        if (!region->holds[i] && pick(g->choices, 3) > 0)
            region->holds[i] = own->field[i] = true;
    }
}

Region *generate_region(Generate *g, const Region *parent, const Section *section, unsigned branch,
                        const Scope *scope, const Own *own, unsigned depth) {
    Region *region = room(sizeof *region);
    unsigned n = pick_from(g->choices, 1, depth == 0 ? 5 : 3);
    Own its = *own;
    region->parent = parent;
    region->section = section;
    region->branch = branch;
    hold_locals(g, region, &its);
    for (unsigned i = 0; i < n && (i == 0 || g->nodes_left > 0); i++)
        generate_place(g, region, scope, &its, depth);
    generate_edges(g, region, scope, &its);
    return region;
}

static void generate_settings(Generate *g) {
    Graph *graph = g->graph;
    if (graph->has_cycle || rarely(g->choices, 4))
        graph->limit = pick_from(g->choices, 3, 50);
    for (unsigned i = 0; i < graph->n_fields; i++)
        if (graph->fields[i]->many && graph->limit && pick(g->choices, 2) == 0)
            graph->limit += 60;
    graph->policy = (Policy)pick(g->choices, 5);
    graph->every = pick_from(g->choices, 1, 4);
}

void generate_rest(Generate *g) {
    Own all;
    memset(&all, true, sizeof all);
    g->graph->is_cheap = rarely(g->choices, 3);
    g->graph->region = generate_region(g, NULL, NULL, 0, NULL, &all, 0);
    g->graph->start = generate_start(g, g->graph->region);
    generate_settings(g);
    PUSH(g->file->graphs, g->file->n_graphs, g->graph);
}

void generate_waiting(Generate *g) {
    Region *region = room(sizeof *region);
    Place *wait = room(sizeof *wait), *behind = room(sizeof *behind);
    wait->node = generate_waiter(g, region);
    PUSH(region->places, region->n_places, wait);
    behind->index = 1;
    behind->node = generate_waiter(g, region);
    PUSH(region->places, region->n_places, behind);
    region->n_ways = 2;
    PUSH(wait->edges, wait->n_edges, ((Edge){.to = behind}));
    PUSH(behind->edges, behind->n_edges, ((Edge){.to = NULL}));
    g->graph->region = region;
    g->graph->start = generate_start(g, region);
    PUSH(g->file->graphs, g->file->n_graphs, g->graph);
}

Graph *generate(Choices *choices, File *file, unsigned number) {
    Graph *graph = room(sizeof *graph);
    Generate g = {.choices = choices, .file = file, .graph = graph, .number = number, .nodes_left = MOST_NODES};
    graph->name = text("g%u", number);
    generate_fields(&g, pick_from(choices, 1, 9));
    if (rarely(choices, 5))
        generate_many(&g);
    generate_rest(&g);
    return graph;
}
