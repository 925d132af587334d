/* Which region each place belongs to: what a branch reaches without passing its section's end.
 *
 * The graph's own region is walked from start, then the branches of the sections found in it, and
 * so on inwards, so that a place claimed from outside a branch is never taken to be inside. The
 * first place of a branch is that branch's own whoever comes first. Each place and each edge is
 * looked at once.
 * requires: flow_build. Afterwards every reached place has its region, every accepted edge its
 * target and its place in target->in, a missing else in a branch leads to the join, and the else
 * is the last edge of a place. */
#include "internal.h"

#include <stdlib.h>

const char *region_text(GraphSema *g, const Region *region) {
    if (!region->section)
        return "the graph";
    if (region->section->item)
        return arena_printf(g->sema->arena, "the body of 'each %s'", region->section->item->name);
    return arena_printf(g->sema->arena, "branch '%s'", region->label);
}

static bool is_inside(const Region *inner, const Region *outer) {
    while (inner && inner != outer)
        inner = inner->parent;
    return inner != NULL;
}

/* ---- edges that cross a border ---- */

static void note_claim(GraphSema *g, Diag *diag, const FlowPlace *to) {
    if (to->claim)
        diag_note(diag, to->claim->to_span, "%s is reached in %s here", place_text(g, &to->place),
                  region_text(g, to->place.region));
    else
        diag_note(diag, to->home_span, "%s begins that branch here", place_text(g, &to->place));
}

/* How an edge to the join would be written. */
static const char *join_example(GraphSema *g, const FlowEdge *edge) {
    static const char *const on[] = {
        [AO_NORMAL] = "", [AO_ERROR] = " on error", [AO_TIMEOUT] = " on timeout"};
    const Place *from = edge->edge.from;
    const char *source = place_spelling(from);
    if (from->kind == PL_ROUTER)
        return arena_printf(g->sema->arena, "make 'join' a target of '%s'", source);
    return arena_printf(g->sema->arena, "write '%s%sjoin%s'", source ? source : "",
                        source ? " -> " : "-> ", on[edge->on]);
}

static void refuse_leaving(GraphSema *g, FlowEdge *edge, const Region *from, FlowPlace *to) {
    const char *name = place_text(g, &to->place);
    Diag *diag = diag_error(g->sema->diags, edge->to_span,
                            "this edge leads out of %s to %s; a branch ends at its join: %s, and "
                            "lead the section on to %s",
                            region_text(g, from), name, join_example(g, edge), name);
    if (to->claim)
        diag_note(diag, to->claim->to_span, "%s is outside of the branch here", name);
    else
        diag_note(diag, to->place.span, "%s is outside of the branch", name);
}

static void refuse_entering(GraphSema *g, FlowEdge *edge, const Region *home, FlowPlace *to) {
    const Section *section = home->section;
    const char *advice = section->name
                             ? arena_printf(g->sema->arena, "lead it to '%s'", section->name)
                             : "give the section a name, '-> NAME: [...]', and lead it there";
    Diag *diag = diag_error(g->sema->diags, edge->to_span, "this edge leads into %s of %s; %s",
                            region_text(g, home), place_text(g, section->place), advice);
    if (to->home)
        diag_note(diag, to->home_span, "%s begins the branch here", place_text(g, &to->place));
    else
        note_claim(g, diag, to);
}

static void refuse_sharing(GraphSema *g, FlowEdge *edge, const Region *from, const Region *other,
                           FlowPlace *to) {
    const char *name = place_text(g, &to->place);
    const char *advice = to->place.kind == PL_NODE
                             ? "reuse its code with a second node that says 'calls'"
                         : to->place.kind == PL_ROUTER ? "write a router for each"
                                                       : "write it in each";
    if (to->place.node)
        name = arena_printf(g->sema->arena, "%s %s", node_kind_text(node_info(to->place.node)->ast),
                            name);
    Diag *diag = diag_error(g->sema->diags, edge->to_span, "%s is in two regions, %s and %s; %s",
                            name, region_text(g, other), region_text(g, from), advice);
    if (to->place.region)
        note_claim(g, diag, to);
    else
        diag_note(diag, to->home_span, "it begins a branch here");
}

/* The branch that begins with a place, or else the region that reached it first. */
static const Region *owner_of(const FlowPlace *place) {
    return place->home ? place->home : place->place.region;
}

/* requires: all regions walked, so that every reached one knows its parent. */
static void refuse_crossing(GraphSema *g, FlowEdge *edge) {
    FlowPlace *to = flow_place(edge->edge.to);
    const Region *from = edge->edge.from->region, *owner = owner_of(to);
    if (is_inside(from, owner))
        refuse_leaving(g, edge, from, to);
    else if (is_inside(owner, from) || !owner->exit)
        refuse_entering(g, edge, owner, to);
    else
        refuse_sharing(g, edge, from, owner, to);
}

static void refuse_end(GraphSema *g, FlowEdge *edge, const Region *region) {
    diag_error(g->sema->diags, edge->to_span,
               "'end' is outside of %s; a branch ends at its join: write 'join'",
               region_text(g, region));
}

static void refuse_join(GraphSema *g, FlowEdge *edge) {
    diag_error(g->sema->diags, edge->to_span,
               "'join' ends a branch, and this edge is in none; did you mean 'end'?");
}

/* ---- one region ---- */

static void push_place(GraphSema *g, Region *region, FlowPlace *place, FlowEdge *via) {
    place->place.region = region;
    place->claim = via;
    ARENA_PUSH(g->sema->arena, region->places, region->n_places, region->cap_places, &place->place);
}

static bool accept_target(GraphSema *g, Region *region, FlowEdge *edge) {
    if (edge->target == TO_JOIN && !region->section) {
        refuse_join(g, edge);
        return false;
    }
    if (edge->target == TO_JOIN) {
        edge->edge.to = region->exit;
        return true;
    }
    FlowPlace *to = flow_place(edge->edge.to);
    if (to == g->end) {
        if (region->section)
            refuse_end(g, edge, region);
        return !region->section;
    }
    const Region *owner = owner_of(to);
    if (owner && owner != region) {
        ARENA_PUSH(g->sema->arena, g->crossings, g->n_crossings, g->cap_crossings, edge);
        return false;
    }
    if (!to->place.region)
        push_place(g, region, to, edge);
    return true;
}

static void note_arrival(GraphSema *g, Edge *edge) {
    Place *to = edge->to;
    ARENA_PUSH(g->sema->arena, to->in, to->n_in, to->cap_in, edge);
}

static void follow_edges(GraphSema *g, Region *region, FlowPlace *place) {
    size_t n = 0;
    for (size_t i = 0; i < place->place.n_edges; i++) {
        FlowEdge *edge = flow_edge(place->place.edges[i]);
        if (!accept_target(g, region, edge)) {
            place->open = true;
            continue;
        }
        place->place.edges[n++] = &edge->edge;
        note_arrival(g, &edge->edge);
    }
    place->place.n_edges = n;
}

/* After the edges of success, so that a place that both reach is claimed by these. */
static void follow_error_edges(GraphSema *g, Region *region, Place *place) {
    Edge **slots[] = {&place->on_error, &place->on_timeout};
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) {
        if (*slots[i] && accept_target(g, region, flow_edge(*slots[i])))
            note_arrival(g, *slots[i]);
        else
            *slots[i] = NULL;
    }
}

/* ---- the way on from a place ---- */

static void imply_join(GraphSema *g, FlowPlace *place) {
    Place *join = place->place.region->exit;
    FlowEdge *edge = ARENA_NEW(g->sema->arena, FlowEdge);
    edge->edge.span = place->place.span;
    edge->edge.from = &place->place;
    edge->edge.to = join;
    edge->target = TO_JOIN;
    edge->to_span = place->place.span;
    edge->bare = true;
    ARENA_PUSH(g->sema->arena, place->place.edges, place->place.n_edges, place->place.cap_edges,
               &edge->edge);
    note_arrival(g, &edge->edge);
}

enum { MAX_FORK_SHOWN = 8 };

/* "[b, c]", from the targets of the edges without a guard; NULL when one has no spelling. */
static const char *fork_spelling(GraphSema *g, const Place *place) {
    const char *text = "[";
    size_t n = 0;
    for (size_t i = 0; i < place->n_edges && n <= MAX_FORK_SHOWN; i++) {
        const FlowEdge *edge = flow_edge(place->edges[i]);
        if (!edge->bare)
            continue;
        const char *name = n < MAX_FORK_SHOWN ? place_spelling(edge->edge.to) : "...";
        if (!name)
            return NULL;
        text = arena_printf(g->sema->arena, "%s%s%s", text, n++ > 0 ? ", " : "", name);
    }
    return arena_printf(g->sema->arena, "%s]", text);
}

static void refuse_two_bare(GraphSema *g, const Place *place, const FlowEdge *first,
                            const FlowEdge *second) {
    Diags *diags = g->sema->diags;
    const char *from = place_text(g, place);
    const char *source = place->kind == PL_START ? "start" : place_spelling(place);
    const char *fork = fork_spelling(g, place);
    Diag *diag;
    if (first->edge.to == second->edge.to)
        diag = diag_error(diags, second->to_span, "this edge from %s to %s is written twice", from,
                          place_text(g, first->edge.to));
    else if (fork && source)
        diag = diag_error(diags, second->to_span,
                          "two edges leave %s without a guard; to run both, write '%s -> %s'", from,
                          source, fork);
    else
        diag = diag_error(diags, second->to_span,
                          "two edges leave %s without a guard; give one of them a 'when'", from);
    diag_also(diag, first->to_span);
    diag_note(diag, first->to_span, "the other one leads here");
}

static void refuse_dead_end(GraphSema *g, FlowPlace *place) {
    const char *text = place_text(g, &place->place);
    place->open = true;
    if (place == g->start)
        diag_error(g->sema->diags, g->ast->name.span,
                   "graph '%s' has no edge from 'start'; say where it begins: 'start -> ...'",
                   g->ast->name.text);
    else
        diag_error(g->sema->diags, place->place.span,
                   "nothing follows %s; lead it to another node or to 'end'", text);
}

static void refuse_no_else(GraphSema *g, FlowPlace *place) {
    const FlowEdge *last = flow_edge(place->place.edges[place->place.n_edges - 1]);
    place->open = true;
    diag_error(g->sema->diags, last->edge.span,
               "when no guard of %s is true, there is no way on; add an 'else', or an edge "
               "without a guard",
               place_text(g, &place->place));
}

static bool is_match(const FlowPlace *place) {
    return place->place.kind == PL_CHOICE && place->ast->kind == AP_MATCH;
}

/* Exactly one edge without a guard, and it comes last. A router's edges are its targets. */
static void check_ways(GraphSema *g, Region *region, FlowPlace *place) {
    Place *p = &place->place;
    if (p->kind == PL_ROUTER)
        return;
    FlowEdge *bare = NULL;
    size_t n = 0;
    for (size_t i = 0; i < p->n_edges; i++) {
        FlowEdge *edge = flow_edge(p->edges[i]);
        if (edge->bare && bare) {
            refuse_two_bare(g, p, bare, edge);
            return;
        }
        if (edge->bare)
            bare = edge;
        else
            p->edges[n++] = &edge->edge;
    }
    if (bare)
        p->edges[n] = &bare->edge;
    else if (place->open || (is_match(place) && p->n_edges > 0))
        return;
    else if (region->section)
        imply_join(g, place);
    else if (p->n_edges == 0)
        refuse_dead_end(g, place);
    else
        refuse_no_else(g, place);
}

static int by_order(const void *a, const void *b) {
    uint32_t x = ((const FlowPlace *)*(Place *const *)a)->order;
    uint32_t y = ((const FlowPlace *)*(Place *const *)b)->order;
    return x < y ? -1 : x > y;
}

/* Source order, but for the entry, which is first. */
static void sort_places(Region *region) {
    if (region->n_places > 1)
        qsort(region->places + 1, region->n_places - 1, sizeof *region->places, by_order);
}

static void add_region(GraphSema *g, Region *region, Region *parent) {
    region->index = (uint32_t)g->graph->n_regions;
    region->parent = parent;
    region->depth = parent ? parent->depth + 1 : 0;
    ARENA_PUSH(g->sema->arena, g->graph->regions, g->graph->n_regions, g->graph->cap_regions,
               region);
}

static void add_branches(GraphSema *g, Region *region, Section *section) {
    for (size_t i = 0; i < section->n_branches; i++)
        if (section->branches[i]->entry)
            add_region(g, section->branches[i], region);
}

static Place *new_exit(GraphSema *g, Region *region) {
    if (!region->section)
        return &g->end->place;
    FlowPlace *join = ARENA_NEW(g->sema->arena, FlowPlace);
    join->place.kind = PL_JOIN;
    join->place.span = region->section->span;
    join->place.region = region;
    join->order = UINT32_MAX;
    return &join->place;
}

static void walk_region(GraphSema *g, Region *region) {
    region->exit = new_exit(g, region);
    push_place(g, region, flow_place(region->entry), NULL);
    for (size_t i = 0; i < region->n_places; i++) {
        FlowPlace *place = flow_place(region->places[i]);
        follow_edges(g, region, place);
        follow_error_edges(g, region, &place->place);
        check_ways(g, region, place);
    }
    sort_places(region);
    for (size_t i = 0; i < region->n_places; i++)
        if (region->places[i]->kind == PL_SECTION)
            add_branches(g, region, region->places[i]->section);
    region->exit->region = region;
    ARENA_PUSH(g->sema->arena, region->places, region->n_places, region->cap_places, region->exit);
}

void regions_assign(GraphSema *g) {
    Region *own = ARENA_NEW(g->sema->arena, Region);
    own->entry = &g->start->place;
    own->label = g->graph->name;
    add_region(g, own, NULL);
    for (size_t i = 0; i < g->graph->n_regions; i++)
        walk_region(g, g->graph->regions[i]);
    for (size_t i = 0; i < g->n_crossings; i++)
        refuse_crossing(g, g->crossings[i]);
}
