/* Fields are new, nodes get another name (`was`); in every other graph fields do, too, and change their places, which
 * a run that stands in a section or subgraph does not survive. No type changes, and no edge: what a run does is the
 * same under other names.
 *
 * Where names are data (in faults, and in what an error edge tells), what was saved has the old ones; there
 * nothing gets another name. */
#include "later.h"

#include <string.h>

#include "dice.h"

static bool region_tells(const Region *region);

static bool place_tells(const Place *place) {
    const Section *section = place->section;
    if (place->node && (place->node->script.reads_error || (place->node->runs && region_tells(place->node->runs->region))))
        return true;
    for (unsigned i = 0; section && i < section->n_branches; i++)
        if (region_tells(section->branches[i]))
            return true;
    return section && section->settle;
}

/* Whether names may come to be data in it. */
static bool region_tells(const Region *region) {
    for (unsigned i = 0; i < region->n_places; i++)
        if (place_tells(region->places[i]))
            return true;
    return false;
}

static void rename_node(Node *node, Dice *dice) {
    if (dice_below(dice, 3) != 0)
        return;
    node->was = node->name;
    node->name = text("m%s", node->name + 1);
}

static void rename_field(Field *field, Dice *dice) {
    if (dice_below(dice, 3) != 0)
        return;
    field->was = field->name;
    field->name = text("w%s", field->name + 1);
}

static void add_fields(Graph *graph, Dice *dice) {
    static const Type types[] = {{.kind = K_I64, .dfl = "i64", .stem = "dfl_i64", .c = "int64_t"},
                                 {.kind = K_STRING, .dfl = "string", .stem = "dfl_str", .c = "dfl_str"}};
    for (unsigned n = dice_below(dice, 3); n > 0; n--) {
        Field *field = room(sizeof *field);
        field->index = graph->n_fields;
        field->name = text("a%u", field->index);
        field->type = &types[dice_below(dice, 2)];
        field->added = true;
        PUSH(graph->fields, graph->n_fields, field);
    }
}

static void reorder_fields(Graph *graph, Dice *dice) {
    graph->declared = room((graph->n_fields + 1) * sizeof *graph->declared);
    for (unsigned i = 0; i < graph->n_fields; i++) {
        unsigned at = dice_below(dice, i + 1);
        graph->declared[i] = graph->declared[at];
        graph->declared[at] = graph->fields[i];
    }
}

/* What changes in a graph, and in those that it runs. */
typedef struct Changes {
    bool nodes, fields;
    Dice dice;
} Changes;

static void change_graph(Graph *graph, Changes *change);

static void change_region(Region *region, Changes *change) {
    for (unsigned i = 0; i < region->n_places; i++) {
        Place *place = region->places[i];
        if (place->kind == P_NODE && change->nodes)
            rename_node(place->node, &change->dice);
        if (place->kind == P_NODE && place->node->runs && change->fields)
            change_graph(place->node->runs, change);
        else if (place->kind == P_NODE && place->node->runs)
            change_region(place->node->runs->region, change);
        for (unsigned k = 0; place->section && k < place->section->n_branches; k++)
            change_region(place->section->branches[k], change);
    }
}

static void change_graph(Graph *graph, Changes *change) {
    for (unsigned i = 0; i < graph->n_fields && change->nodes && change->fields; i++)
        rename_field(graph->fields[i], &change->dice);
    add_fields(graph, &change->dice);
    if (change->fields)
        reorder_fields(graph, &change->dice);
    change_region(graph->region, change);
}

void become_later(File *file) {
    for (unsigned i = 0; i < file->n_graphs; i++) {
        Graph *graph = file->graphs[i];
        Changes change = {.dice = {mix_bytes(1, graph->name, strlen(graph->name))}};
        if (graph->is_child)
            continue;
        change.nodes = !region_tells(graph->region);
        change.fields = graph->others_within = dice_below(&change.dice, 2) == 0;
        change_graph(graph, &change);
    }
}
