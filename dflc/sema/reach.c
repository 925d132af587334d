/* What is never reached, what never ends, and the step limit that a cycle needs.
 * requires: regions_assign, guards_resolve. Linear in places and edges; nothing recurses. */
#include "internal.h"

/* ---- never reached ---- */

typedef struct Work {
    FlowPlace **items;
    size_t n, cap;
} Work;

static void push_work(GraphSema *g, Work *work, FlowPlace *place) {
    if (!place || place->marked || place->place.region)
        return;
    place->marked = true;
    ARENA_PUSH(g->sema->arena, work->items, work->n, work->cap, place);
}

/* Marks all that an unreached place leads to: its one message stands for them. */
static void mark_from(GraphSema *g, FlowPlace *first) {
    Work work = {0};
    push_work(g, &work, first);
    while (work.n > 0) {
        const Place *place = &work.items[--work.n]->place;
        const FlowEdge *edge;
        for (size_t i = 0; (edge = way_out(place, i)); i++)
            push_work(g, &work, (FlowPlace *)edge->edge.to);
        for (size_t i = 0; place->section && i < place->section->n_branches; i++)
            push_work(g, &work, (FlowPlace *)place->section->branches[i]->entry);
    }
}

/* Whether some other unreached place leads to each one; `low` counts them. */
static void count_sources(GraphSema *g) {
    for (size_t i = 0; i < g->n_places; i++) {
        const Place *place = &g->places[i]->place;
        if (place->region)
            continue;
        const FlowEdge *edge;
        for (size_t k = 0; (edge = way_out(place, k)); k++)
            if (edge->edge.to && edge->edge.to != place)
                flow_place(edge->edge.to)->low++;
        for (size_t k = 0; place->section && k < place->section->n_branches; k++)
            if (place->section->branches[k]->entry)
                flow_place(place->section->branches[k]->entry)->low++;
    }
}

static void report_unreached(GraphSema *g, FlowPlace *place) {
    if (place->marked || place->place.region)
        return;
    mark_from(g, place);
    if (place->place.kind == PL_CHOICE)
        return;
    diag_error(g->sema->diags, place->place.span, "no edge leads to %s: it is never reached",
               place_text(g, &place->place));
}

static void check_unreached(GraphSema *g) {
    for (size_t i = 0; i < g->n_places; i++)
        if (g->places[i]->excused)
            mark_from(g, g->places[i]);
    /* Without a way from start everything is unreached; that one message is enough. */
    if (g->start->place.n_edges == 0 || g->start->open)
        return;
    count_sources(g);
    for (size_t i = 0; i < g->n_places; i++)
        if (g->places[i]->low == 0)
            report_unreached(g, g->places[i]);
    for (size_t i = 0; i < g->n_places; i++)
        report_unreached(g, g->places[i]);
}

static void check_unused(GraphSema *g) {
    for (size_t i = 0; i < g->graph->n_nodes; i++) {
        const Node *node = g->graph->nodes[i];
        bool predicate = node->kind == NODE_PREDICATE;
        if (node_info((Node *)(uintptr_t)node)->used || (predicate && g->guards_skipped))
            continue;
        diag_error(g->sema->diags, node->span, "%s '%s' is declared and never used",
                   node_kind_text(node_info((Node *)(uintptr_t)node)->ast), node->name);
    }
}

/* ---- cycles: Tarjan's strongly connected components, one region at a time ---- */

typedef struct Tarjan {
    GraphSema *g;
    Work path; /* the places on the way down, each with its `next` edge */
    Work open; /* places whose component is not known yet */
    uint32_t n_numbers, n_components;
} Tarjan;

static void enter_place(Tarjan *t, FlowPlace *place) {
    Arena *arena = t->g->sema->arena;
    place->number = place->low = ++t->n_numbers;
    place->next = 0;
    place->component = 0;
    ARENA_PUSH(arena, t->path.items, t->path.n, t->path.cap, place);
    ARENA_PUSH(arena, t->open.items, t->open.n, t->open.cap, place);
}

static void lower(FlowPlace *place, uint32_t to) {
    place->low = to < place->low ? to : place->low;
}

/* The component of a place that no edge leads back above. */
static void close_component(Tarjan *t, Region *region, const FlowPlace *place) {
    uint32_t component = ++t->n_components;
    size_t n = 0;
    FlowPlace *member;
    do {
        member = t->open.items[--t->open.n];
        member->component = component;
        n++;
    } while (member != place);
    if (n > 1)
        region->has_cycle = true;
}

static void leave_place(Tarjan *t, Region *region) {
    FlowPlace *place = t->path.items[--t->path.n];
    if (place->low == place->number)
        close_component(t, region, place);
    if (t->path.n > 0)
        lower(t->path.items[t->path.n - 1], place->low);
}

static void walk_component(Tarjan *t, Region *region, FlowPlace *root) {
    enter_place(t, root);
    while (t->path.n > 0) {
        FlowPlace *place = t->path.items[t->path.n - 1];
        const FlowEdge *edge = way_out(&place->place, place->next++);
        if (!edge) {
            leave_place(t, region);
            continue;
        }
        FlowPlace *to = flow_place(edge->edge.to);
        if (to == place)
            region->has_cycle = true;
        else if (!to->number)
            enter_place(t, to);
        else if (!to->component)
            lower(place, to->number);
    }
}

static void find_cycles(GraphSema *g, Region *region) {
    Tarjan t = {.g = g};
    for (size_t i = 0; i < region->n_places; i++) {
        FlowPlace *place = flow_place(region->places[i]);
        place->number = place->component = 0;
        place->marked = false;
    }
    for (size_t i = 0; i < region->n_places; i++)
        if (!flow_place(region->places[i])->number)
            walk_component(&t, region, flow_place(region->places[i]));
}

/* ---- no way out ---- */

static void mark_way_out(GraphSema *g, Work *work, FlowPlace *place) {
    if (place->marked)
        return;
    place->marked = true;
    ARENA_PUSH(g->sema->arena, work->items, work->n, work->cap, place);
}

/* Marks what leads to the exit, or to a place about whose ways something was said already. */
static void mark_ways_out(GraphSema *g, const Region *region) {
    Work work = {0};
    mark_way_out(g, &work, flow_place(region->exit));
    for (size_t i = 0; i < region->n_places; i++)
        if (flow_place(region->places[i])->open)
            mark_way_out(g, &work, flow_place(region->places[i]));
    while (work.n > 0) {
        const Place *place = &work.items[--work.n]->place;
        for (size_t i = 0; i < place->n_in; i++)
            mark_way_out(g, &work, flow_place(place->in[i]->from));
    }
}

static bool stays_inside(const FlowPlace *place) {
    const FlowEdge *edge;
    for (size_t i = 0; (edge = way_out(&place->place, i)); i++)
        if (flow_place(edge->edge.to)->component != place->component)
            return false;
    return true;
}

/* What to write so that a loop can be left; a router has its targets. */
static const char *loop_advice(GraphSema *g, const Region *region, const Place *router) {
    const char *exit = region->section ? "join" : "end";
    const char *for_ever = region->section ? "" : ", or say 'limit none;' if it is to run for ever";
    if (!router)
        return arena_printf(g->sema->arena, "add an edge that leads on%s", for_ever);
    return arena_printf(g->sema->arena,
                        "add '%s' to the targets of '%s', or an edge that leads on%s", exit,
                        router->node->name, for_ever);
}

static void report_loop(GraphSema *g, const Region *region, const FlowPlace *first) {
    const char **names = ARENA_ARRAY(g->sema->arena, const char *, region->n_places);
    const Place *router = NULL;
    size_t n = 0;
    for (size_t i = 0; i < region->n_places; i++) {
        const FlowPlace *place = flow_place(region->places[i]);
        const char *name = place_spelling(&place->place);
        if (place->component != first->component || !name)
            continue;
        names[n++] = name;
        if (place->place.kind == PL_ROUTER && !router)
            router = &place->place;
    }
    diag_error(g->sema->diags, first->place.span,
               "from %s there is no way to %s: it loops through %s; %s",
               place_text(g, &first->place), region->section ? "the join" : "'end'",
               names_text(g->sema, names, n, 4), loop_advice(g, region, router));
}

/* One message for each loop that nothing leaves. What only leads into it needs none. */
static void check_way_out(GraphSema *g, Region *region) {
    if (!region->has_cycle || (g->limit_none && !region->section))
        return;
    mark_ways_out(g, region);
    size_t n = region->n_places;
    bool *leaks = ARENA_ARRAY(g->sema->arena, bool, n + 2);
    for (size_t i = 0; i < n; i++)
        if (!stays_inside(flow_place(region->places[i])))
            leaks[flow_place(region->places[i])->component] = true;
    for (size_t i = 0; i < n; i++) {
        FlowPlace *place = flow_place(region->places[i]);
        if (place->marked || leaks[place->component])
            continue;
        leaks[place->component] = true;
        report_loop(g, region, place);
    }
}

void reach_check(GraphSema *g) {
    check_unreached(g);
    check_unused(g);
    for (size_t i = 0; i < g->graph->n_regions; i++) {
        find_cycles(g, g->graph->regions[i]);
        check_way_out(g, g->graph->regions[i]);
    }
}
