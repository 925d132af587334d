/* Edges as they are written -> places joined by edges.
 *
 * A chain is walked with the places that its next arrow leaves from: one, or several after
 * `a, b -> ...`; none when an error hides where it comes from, and then what it reaches is excused
 * from being unreached. Which region a place lies in is not known yet; an edge to `join` stays
 * without a target until regions.c. */
#include "internal.h"

typedef struct Sources {
    FlowPlace **items;
    size_t n;
} Sources;

/* What stands between the sources and the next place. */
typedef struct Link {
    const AstHop *hop;
    const AstArm *arm; /* NULL: no arm */
    bool of_match;
    const AstExpr *guard;
    bool *reported;
    bool has_max;
    uint64_t max;
} Link;

static void walk_hops(GraphSema *g, Sources from, const AstChain *chain, size_t first,
                      const AstArm *arm, bool of_match);

/* ---- edges ---- */

static bool link_is_bare(const Link *link) {
    return !link->guard && !link->has_max && !(link->of_match && !link->arm->is_else);
}

static void add_edge(GraphSema *g, FlowPlace *from, FlowPlace *to, const Link *link) {
    FlowEdge *edge = ARENA_NEW(g->sema->arena, FlowEdge);
    edge->edge.span = link->arm ? link->arm->span : link->hop->arrow;
    edge->edge.from = &from->place;
    edge->edge.to = to ? &to->place : NULL;
    edge->edge.has_max = link->has_max;
    edge->edge.max = link->max;
    edge->target = to ? TO_PLACE : TO_JOIN;
    edge->to_span = link->hop->place->kind == AP_SECTION && link->hop->place->name.text
                        ? link->hop->place->name.span
                        : link->hop->place->span;
    edge->guard = link->guard;
    edge->arm = link->of_match ? link->arm : NULL;
    edge->reported = link->reported;
    edge->bare = link_is_bare(link);
    ARENA_PUSH(g->sema->arena, from->place.edges, from->place.n_edges, from->place.cap_edges,
               &edge->edge);
}

/* The sources that an edge to `ast` can leave. */
static Sources without_routers(GraphSema *g, Sources from, const AstPlace *ast) {
    Sources left = {ARENA_ARRAY(g->sema->arena, FlowPlace *, from.n), 0};
    for (size_t i = 0; i < from.n; i++) {
        if (from.items[i]->place.kind == PL_ROUTER)
            routers_refuse_edge(g, from.items[i], ast->span, ast->name.text);
        else
            left.items[left.n++] = from.items[i];
    }
    return left;
}

/* to: NULL is the join. */
static void connect(GraphSema *g, Sources from, FlowPlace *to, const Link *link) {
    from = without_routers(g, from, link->hop->place);
    for (size_t i = 0; i < from.n; i++)
        add_edge(g, from.items[i], to, link);
    if (from.n == 0 && to)
        to->excused = true;
}

/* An edge that an error hides: what it left is not reported as leading nowhere. */
static void lose(Sources from, FlowPlace *to) {
    for (size_t i = 0; i < from.n; i++)
        from.items[i]->open = true;
    if (to)
        to->excused = true;
}

/* The guard of the arm and of its first hop cannot both be. */
static void check_link(GraphSema *g, const Link *link) {
    const AstHop *hop = link->hop;
    Diags *diags = g->sema->diags;
    if (!link->arm || (!hop->guard && !hop->max))
        return;
    if (link->of_match)
        diag_error(diags, hop->guard ? hop->guard->span : hop->max->span,
                   "an arm of a match is chosen by its value alone; lead it to a node or a 'when' "
                   "and guard what follows");
    else if (hop->guard && link->arm->is_else)
        diag_error(diags, hop->guard->span, "'else' takes no guard; make it an arm of its own");
    else if (hop->guard)
        diag_error(diags, hop->guard->span,
                   "this arm has its guard already; join the two with '&&'");
}

/* ---- error edges ---- */

static const char *on_text(const AstHop *hop) {
    return hop->on == AO_ERROR ? "on error" : "on timeout";
}

/* What can fail, and with `on timeout` what has one. */
static bool can_catch(GraphSema *g, const FlowPlace *from, const AstHop *hop) {
    Diags *diags = g->sema->diags;
    const char *name = place_text(g, &from->place);
    const Node *node = from->place.node;
    switch (from->place.kind) {
    case PL_NODE:
        if (hop->on == AO_ERROR || attrs_have(node_info((Node *)(uintptr_t)node), AA_TIMEOUT))
            return true;
        diag_note(diag_error(diags, hop->on_span,
                             "'%s' has no timeout that could pass; give it one, such as 'timeout "
                             "2s', or write 'on error'",
                             node->name),
                  node->span, "'%s' is declared here", node->name);
        return false;
    case PL_SECTION:
        if (hop->on == AO_ERROR)
            return true;
        diag_error(diags, hop->on_span,
                   "a section has no timeout, only its nodes have; write 'on error', or '%s' "
                   "behind a node",
                   on_text(hop));
        return false;
    case PL_ROUTER:
        diag_error(diags, hop->on_span, "a router has no '%s': what fails in it ends the run",
                   on_text(hop));
        return false;
    default:
        diag_error(diags, hop->on_span, "'%s' leaves a node or a section, and not %s", on_text(hop),
                   name);
        return false;
    }
}

static bool add_error_edge(GraphSema *g, FlowPlace *from, FlowPlace *to, const AstHop *hop) {
    Edge **slot = hop->on == AO_ERROR ? &from->place.on_error : &from->place.on_timeout;
    if (!can_catch(g, from, hop))
        return false;
    if (*slot) {
        Diag *diag = diag_error(g->sema->diags, hop->on_span, "two '%s' edges leave %s",
                                on_text(hop), place_text(g, &from->place));
        diag_note(diag, flow_edge(*slot)->to_span, "the other one leads here");
        return false;
    }
    FlowEdge *edge = ARENA_NEW(g->sema->arena, FlowEdge);
    edge->edge.span = hop->arrow;
    edge->edge.from = &from->place;
    edge->edge.to = to ? &to->place : NULL;
    edge->target = to ? TO_PLACE : TO_JOIN;
    edge->to_span = hop->place->span;
    edge->on = hop->on;
    *slot = &edge->edge;
    return true;
}

/* Taken after a failure, whatever the state is: nothing else is asked. */
static void connect_error(GraphSema *g, Sources from, FlowPlace *to, const AstHop *hop,
                          const AstArm *arm) {
    Diags *diags = g->sema->diags;
    bool conditional = arm || hop->guard || hop->max, any = false;
    if (arm)
        diag_error(
            diags, hop->on_span,
            "an arm is chosen after success; write '... -> %s %s;' as a statement of its own",
            hop->place->name.text ? hop->place->name.text : "...", on_text(hop));
    else if (conditional)
        diag_error(diags, hop->guard ? hop->guard->span : hop->max->span,
                   "an edge that is taken '%s' has no other condition; lead it to a node, and let "
                   "that one's edges decide",
                   on_text(hop));
    for (size_t i = 0; i < from.n && !conditional; i++)
        any = add_error_edge(g, from.items[i], to, hop) || any;
    if (!any && to)
        to->excused = true;
}

/* ---- links ---- */

static Link make_link(GraphSema *g, const AstHop *hop, const AstArm *arm, bool of_match) {
    Link link = {.hop = hop, .arm = arm, .of_match = of_match};
    check_link(g, &link);
    if (arm && !of_match)
        link.guard = arm->guard;
    else if (!arm)
        link.guard = hop->guard;
    link.reported = ARENA_NEW(g->sema->arena, bool);
    link.has_max = hop->max != NULL;
    if (hop->max)
        count_of(g->sema, hop->max, "'max'", UINT64_MAX, &link.max);
    return link;
}

/* ---- when and match ---- */

static void walk_arms(GraphSema *g, Sources from, const AstPlace *block) {
    const AstArm *other = NULL;
    for (size_t i = 0; i < block->n_arms; i++) {
        const AstArm *arm = &block->arms[i];
        bool never = other != NULL;
        if (never) {
            Diag *diag = diag_error(g->sema->diags, arm->span,
                                    "an arm after 'else' is never taken; move it before");
            diag_note(diag, other->span, "'else' is here");
        }
        if (arm->is_else && !other)
            other = arm;
        walk_hops(g, never ? (Sources){0} : from, arm->chain, 0, arm, block->kind == AP_MATCH);
    }
}

static bool any_choice(Sources from) {
    for (size_t i = 0; i < from.n; i++)
        if (from.items[i]->place.kind == PL_CHOICE)
            return true;
    return false;
}

/* The arms of a `when` that plainly follows a place are edges of that place; a `match`, and a
 * `when` behind a guard or another choice, is a place of its own. */
static void walk_block(GraphSema *g, Sources from, const AstPlace *block, const Link *link) {
    bool plain = block->kind == AP_WHEN && !link->arm && link_is_bare(link) && !any_choice(from);
    if (plain) {
        walk_arms(g, without_routers(g, from, block), block);
        return;
    }
    FlowPlace *choice = place_new(g, PL_CHOICE, block->span);
    choice->ast = block;
    connect(g, from, choice, link);
    walk_arms(g, (Sources){&choice, 1}, block);
}

/* ---- sections ---- */

static bool can_begin_branch(GraphSema *g, const AstPlace *ast) {
    if (ast->kind == AP_NAME || ast->kind == AP_SECTION)
        return true;
    diag_error(g->sema->diags, ast->span, "a branch begins with a node or a section, not with '%s'",
               ast->kind == AP_START ? "start" : (ast->kind == AP_END ? "end" : "join"));
    return false;
}

static void build_section(GraphSema *g, FlowPlace *place, const AstPlace *ast);

/* The place that a chain names; a section is built where it is defined. */
static FlowPlace *walk_place(GraphSema *g, const AstPlace *ast) {
    FlowPlace *place = place_of(g, ast);
    if (place && ast->kind == AP_SECTION && !place->built)
        build_section(g, place, ast);
    return place;
}

static void build_section(GraphSema *g, FlowPlace *place, const AstPlace *ast) {
    section_begin(g, place, ast);
    for (size_t i = 0; i < ast->n_branches; i++) {
        const AstChain *branch = ast->branches[i];
        const AstPlace *first = branch->hops[0].place;
        FlowPlace *head = can_begin_branch(g, first) ? walk_place(g, first) : NULL;
        Span head_span = first->name.text ? first->name.span : first->span;
        bool begun = section_add_branch(g, place, head, head_span);
        walk_hops(g, (Sources){&head, begun ? 1 : 0}, branch, 1, NULL, false);
    }
    section_end(g, place, ast);
}

/* ---- chains ---- */

/* Whether a chain can go on behind this place; start is refused as a target by the caller. */
static bool leads_on(GraphSema *g, const AstPlace *ast, bool goes_on) {
    if (goes_on && (ast->kind == AP_END || ast->kind == AP_JOIN))
        diag_error(g->sema->diags, ast->span, "nothing follows '%s'",
                   ast->kind == AP_END ? "end" : "join");
    return ast->kind != AP_END && ast->kind != AP_JOIN;
}

/* One arrow and the place it leads to; where the next arrow leaves from is in *from. */
static void walk_hop(GraphSema *g, Sources *from, const AstHop *hop, const Link *link,
                     FlowPlace **next) {
    const AstPlace *ast = hop->place;
    *next = ast->kind == AP_JOIN ? NULL : walk_place(g, ast);
    bool known = ast->kind == AP_JOIN || *next;
    if (ast->kind == AP_START) {
        diag_error(g->sema->diags, ast->span, "no edge leads into 'start'");
        known = false;
        *next = NULL;
    }
    if (known && hop->on != AO_NORMAL)
        connect_error(g, *from, *next, hop, link->arm);
    else if (known)
        connect(g, *from, *next, link);
    else
        lose(*from, *next);
    *from = (Sources){next, *next ? 1 : 0};
}

static void walk_hops(GraphSema *g, Sources from, const AstChain *chain, size_t first,
                      const AstArm *arm, bool of_match) {
    FlowPlace *places[2]; /* by turns: one is left while the other is reached */
    for (size_t i = first; i < chain->n; i++) {
        const AstHop *hop = &chain->hops[i];
        Link link = make_link(g, hop, i == first ? arm : NULL, i == first && of_match);
        if (hop->place->kind == AP_WHEN || hop->place->kind == AP_MATCH) {
            walk_block(g, from, hop->place, &link);
            return;
        }
        walk_hop(g, &from, hop, &link, &places[i % 2]);
        if (!leads_on(g, hop->place, i + 1 < chain->n))
            from.n = 0;
    }
}

static void walk_edges(GraphSema *g, const AstEdges *edges) {
    FlowPlace **items = ARENA_ARRAY(g->sema->arena, FlowPlace *, edges->n_sources);
    Sources from = {items, 0};
    for (size_t i = 0; i < edges->n_sources; i++) {
        const AstPlace *ast = edges->sources[i];
        FlowPlace *place = walk_place(g, ast);
        if (leads_on(g, ast, true) && place)
            from.items[from.n++] = place;
    }
    walk_hops(g, from, edges->chain, 0, NULL, false);
}

void flow_build(GraphSema *g) {
    g->start = place_new(g, PL_START, g->ast->name.span);
    g->end = place_new(g, PL_END, g->ast->close);
    places_collect_sections(g);
    for (size_t i = 0; i < g->ast->n_edges; i++)
        walk_edges(g, &g->ast->edges[i]);
    routers_lead_on(g);
}
