/* Edges by chance: what leads from place to place within a region. */
#include "generate.h"

enum { DEEPEST_CHOICE = 2 };

static Place *place_at(const Region *region, unsigned i) {
    return i < region->n_ways ? region->places[i] : NULL;
}

static void insert_edge(Edge **edges, unsigned *n, Edge edge, unsigned at) {
    PUSH(*edges, *n, edge);
    for (unsigned i = *n - 1; i > at; i--) {
        Edge swap = (*edges)[i];
        (*edges)[i] = (*edges)[i - 1];
        (*edges)[i - 1] = swap;
    }
}

static bool any_leads(const Edge *edges, unsigned n, const Place *to) {
    for (unsigned i = 0; i < n; i++)
        if (edges[i].choice ? any_leads(edges[i].choice->edges, edges[i].choice->n_edges, to)
                            : edges[i].to == to)
            return true;
    return false;
}

static bool leads(const Place *from, const Place *to) {
    return any_leads(from->edges, from->n_edges, to);
}

/* ---- where to ---- */

static bool is_step(const Place *place);

/* Whether every way through the section counts as a step. */
static bool has_steps(const Section *section) {
    for (unsigned i = 0; i < section->n_branches; i++)
        if (!is_step(section->branches[i]->places[0]))
            return false;
    return true;
}

static bool is_step(const Place *place) {
    return place->kind == P_NODE || (place->kind == P_SECTION && has_steps(place->section));
}

/* Some place to lead to; back only from what is a step, so that each loop comes to its limit. */
static Place *generate_target(Generate *g, Region *region, const Place *from) {
    Place *to = place_at(region, pick(g->choices, region->n_ways + 1));
    if (from->kind == P_START || !to || to->index > from->index)
        return to;
    if (!is_step(from))
        return NULL;
    g->graph->has_cycle = true;
    return to;
}

/* ---- choices ---- */

static const Choice *generate_choice(Generate *g, Region *region, const Place *from, Place *otherwise,
                                     const Scope *scope, unsigned depth);

/* Where an arm leads. */
static void generate_arm(Generate *g, Region *region, const Place *from, Edge *edge,
                         const Scope *scope, unsigned depth) {
    unsigned known = g->n_known;
    edge->to = generate_target(g, region, from);
    note_known(g, edge->guard, true);
    if (depth < DEEPEST_CHOICE && rarely(g->choices, g->n_known > known ? 2 : 5))
        edge->choice = generate_choice(g, region, from, edge->to, scope, depth + 1);
    g->n_known = known;
}

static void generate_when(Generate *g, Region *region, const Place *from, Choice *choice,
                          const Scope *scope, unsigned depth) {
    unsigned n = pick_from(g->choices, 1, 3);
    for (unsigned i = 0; i < n; i++) {
        Edge edge = {.guard = NULL};
        if (rarely(g->choices, 3))
            edge.guard = generate_presence(g, region, scope);
        if (!edge.guard)
            edge.guard = generate_guard(g, region, scope);
        if (!edge.guard)
            continue;
        generate_arm(g, region, from, &edge, scope, depth);
        if (!edge.choice && rarely(g->choices, 4)) {
            edge.max = pick_from(g->choices, 1, 3);
            edge.counter = region->n_counters++;
        }
        if (!edge.max)
            note_known(g, edge.guard, false);
        PUSH(choice->edges, choice->n_edges, edge);
    }
}

/* Each value has an arm: without an else if these are all; then the last one leads where that would. */
static bool generate_arms(Generate *g, Region *region, const Place *from, Choice *choice,
                          Place *otherwise, const Scope *scope, unsigned depth) {
    const Type *type = choice->subject->type;
    unsigned most = subject_values(type), n = pick_from(g->choices, 1, most), next = 0;
    bool complete = n == most && (type->kind == K_BOOL || (type->kind == K_ENUM && pick(g->choices, 2)));
    while (next < n) {
        Edge edge = {.n_values = 0};
        unsigned values = pick_from(g->choices, 1, n - next);
        for (unsigned i = 0; i < values; i++)
            PUSH(edge.values, edge.n_values, subject_value(type, next++));
        if (complete && next == n)
            edge.to = otherwise;
        else
            generate_arm(g, region, from, &edge, scope, depth);
        PUSH(choice->edges, choice->n_edges, edge);
    }
    return complete;
}

static const Choice *generate_choice(Generate *g, Region *region, const Place *from, Place *otherwise,
                                     const Scope *scope, unsigned depth) {
    Choice *choice = room(sizeof *choice);
    bool complete = false;
    unsigned known = g->n_known;
    if (pick(g->choices, 2) == 0)
        choice->subject = generate_subject(g, region, scope);
    if (choice->subject)
        complete = generate_arms(g, region, from, choice, otherwise, scope, depth);
    else
        generate_when(g, region, from, choice, scope, depth);
    Edge last = {.to = otherwise};
    if (g->n_known > known && depth < DEEPEST_CHOICE && rarely(g->choices, 3))
        last.choice = generate_choice(g, region, from, otherwise, scope, depth + 1);
    g->n_known = known;
    if (!complete)
        PUSH(choice->edges, choice->n_edges, last);
    return choice;
}

/* ---- edges ---- */

static void generate_max(Generate *g, Region *region, Edge *edge) {
    edge->max = pick_from(g->choices, 1, 3);
    edge->counter = region->n_counters++;
}

/* The first edge asks whether an optional is there. */
static bool ask_first(Generate *g, Region *region, Place *from, Place *to, const Scope *scope) {
    if (from->asked || !rarely(g->choices, 4))
        return false;
    from->asked = generate_presence(g, region, scope);
    if (from->asked)
        insert_edge(&from->edges, &from->n_edges, (Edge){.to = to, .guard = from->asked}, 0);
    return from->asked;
}

/* A guarded edge before or behind the others, unless one leads there already. */
static void generate_edge(Generate *g, Region *region, Place *from, Place *to, const Scope *scope) {
    Edge edge = {.to = to};
    if (leads(from, to) || ask_first(g, region, from, to, scope))
        return;
    note_known(g, from->asked, false);
    if (rarely(g->choices, 6))
        edge.guard = generate_presence(g, region, scope);
    if (!edge.guard && pick(g->choices, 4) != 3)
        edge.guard = generate_guard(g, region, scope);
    note_known(g, edge.guard, true);
    if (edge.guard && rarely(g->choices, g->n_known > 0 ? 2 : 5))
        edge.choice = generate_choice(g, region, from, to, scope, 1);
    else if (!edge.guard || rarely(g->choices, 3))
        generate_max(g, region, &edge);
    g->n_known = 0;
    unsigned first = from->asked ? 1 : 0;
    insert_edge(&from->edges, &from->n_edges, edge, first + pick(g->choices, from->n_edges + 1 - first));
}

/* Most lead to the next place; and some of them by way of a choice, whose else does. */
static void bare_edge(Generate *g, Region *region, Place *from, unsigned first, const Scope *scope) {
    unsigned left = region->n_ways > first ? region->n_ways - first + 1 : 1;
    Edge edge = {.to = place_at(region, first)};
    if (rarely(g->choices, 4))
        edge.to = place_at(region, first + pick(g->choices, left));
    if (from->kind != P_ROUTER && rarely(g->choices, 7))
        edge.choice = generate_choice(g, region, from, edge.to, scope, 1);
    insert_edge(&from->edges, &from->n_edges, edge, 0);
}

static bool is_reached(const Region *region, const Place *place) {
    for (unsigned i = 0; i < place->index; i++)
        if (leads(region->places[i], place))
            return true;
    return false;
}

/* One more target of a router, which lies ahead. */
static void add_target(Place *from, Place *to) {
    Edge edge = {.to = to};
    if (!leads(from, to) && (!to || to->index > from->index))
        insert_edge(&from->edges, &from->n_edges, edge, from->n_edges);
}

static void add_way(Generate *g, Region *region, Place *from, Place *to, const Scope *scope) {
    if (from->kind == P_ROUTER)
        add_target(from, to);
    else
        generate_edge(g, region, from, to, scope);
}

/* Arms need a guard each. */
static bool can_be_block(const Place *place) {
    unsigned bare = 0;
    for (unsigned i = 0; i < place->n_edges; i++)
        if (!place->edges[i].guard)
            bare += place->edges[i].max ? 2 : 1;
    return place->kind != P_ROUTER && place->n_edges > 1 && bare == 1;
}

/* ---- after a failure ---- */

/* A place behind the others, which only failures lead to: what failed can be read there. */
static Place *add_handler(Generate *g, Region *region, const Scope *scope, const Own *own) {
    Place *place = room(sizeof *place);
    place->index = region->n_places;
    place->kind = P_NODE;
    place->is_handler = true;
    place->node = generate_handler(g, region, scope, own);
    PUSH(region->places, region->n_places, place);
    bare_edge(g, region, place, pick(g->choices, region->n_ways + 1), scope);
    g->graph->has_cycle |= place->edges[0].to != NULL;
    return place;
}

static Place *generate_way_out(Generate *g, Region *region, const Place *place, const Scope *scope,
                               const Own *own) {
    if (g->nodes_left > 0 && rarely(g->choices, 3)) {
        g->nodes_left--;
        return add_handler(g, region, scope, own);
    }
    Place *to = place_at(region, pick(g->choices, region->n_ways + 1));
    if (to && to->index <= place->index)
        g->graph->has_cycle = true;
    return to;
}

static void generate_errors(Generate *g, Region *region, const Scope *scope, const Own *own) {
    for (unsigned i = 0; i < region->n_ways; i++) {
        Place *place = region->places[i];
        if (place->kind == P_ROUTER)
            continue;
        if (rarely(g->choices, 4)) {
            place->has_error = true;
            place->on_error = generate_way_out(g, region, place, scope, own);
        }
        if (place->kind == P_NODE && place->node->late != NO_TIMEOUT && rarely(g->choices, 2)) {
            place->has_timeout = true;
            place->on_timeout = generate_way_out(g, region, place, scope, own);
        }
    }
}

/* ---- all of them ---- */

void generate_edges(Generate *g, Region *region, const Scope *scope, const Own *own) {
    region->n_ways = region->n_places;
    for (unsigned i = 0; i < region->n_ways; i++)
        bare_edge(g, region, region->places[i], i + 1, scope);
    for (unsigned i = 1; i < region->n_ways; i++)
        if (!is_reached(region, region->places[i]))
            add_way(g, region, region->places[pick(g->choices, i)], region->places[i], scope);
    unsigned more = pick(g->choices, region->n_ways + 1);
    for (unsigned i = 0; i < more; i++) {
        Place *from = region->places[pick(g->choices, region->n_ways)];
        add_way(g, region, from, generate_target(g, region, from), scope);
    }
    for (unsigned i = 0; i < region->n_ways; i++)
        region->places[i]->in_one_block = can_be_block(region->places[i]) && pick(g->choices, 2);
    generate_errors(g, region, scope, own);
}

Place *generate_start(Generate *g, Region *region) {
    Place *start = room(sizeof *start);
    start->kind = P_START;
    insert_edge(&start->edges, &start->n_edges, (Edge){.to = region->places[0]}, 0);
    if (rarely(g->choices, 5) && !g->graph->waits)
        generate_edge(g, region, start, place_at(region, pick(g->choices, region->n_ways + 1)), NULL);
    start->in_one_block = can_be_block(start) && pick(g->choices, 2);
    return start;
}
