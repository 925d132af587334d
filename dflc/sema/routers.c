/* Routers: where each one may lead, and how its answers are called in C.
 * requires: all edges as written are places, so that the targets that no edge names come last. */
#include "internal.h"

/* The place that a target names; NULL for the join, and after a message. */
static FlowPlace *target_place(GraphSema *g, const AstName *target, bool *known) {
    AstPlace ast = {.kind = AP_NAME, .span = target->span, .name = *target};
    if (target->text == g->words.start) {
        diag_error(g->sema->diags, target->span, "no edge leads into 'start'");
        *known = false;
        return NULL;
    }
    if (target->text == g->words.join)
        return NULL;
    if (target->text == g->words.end)
        ast.kind = AP_END;
    FlowPlace *place = place_of(g, &ast);
    *known = place != NULL;
    return place;
}

static bool is_target_twice(GraphSema *g, StrMap *seen, const AstName *target) {
    const AstName *first = strmap_get(seen, target->text);
    if (!first) {
        strmap_put(seen, g->sema->arena, target->text, (void *)(uintptr_t)target);
        return false;
    }
    Diag *diag = diag_error(g->sema->diags, target->span, "'%s' is a target twice", target->text);
    diag_also(diag, first->span);
    if (span_line(first->span) != span_line(target->span))
        diag_note(diag, first->span, "the first one is here");
    return true;
}

static void add_target(GraphSema *g, FlowPlace *router, const AstName *target) {
    Arena *arena = g->sema->arena;
    Node *node = router->place.node;
    bool known = true;
    FlowPlace *to = target_place(g, target, &known);
    if (!known) {
        router->open = true;
        return;
    }
    RouterTarget answer = {
        .name = target->text,
        .c_name = arena_printf(arena, "%s_%s", node->c_name, target->text),
        .span = target->span,
    };
    ARENA_PUSH(arena, node->targets, node->n_targets, node->cap_targets, answer);
    FlowEdge *edge = ARENA_NEW(arena, FlowEdge);
    edge->edge.span = edge->to_span = target->span;
    edge->edge.from = &router->place;
    edge->edge.to = to ? &to->place : NULL;
    edge->target = to ? TO_PLACE : TO_JOIN;
    ARENA_PUSH(arena, router->place.edges, router->place.n_edges, router->place.cap_edges,
               &edge->edge);
}

static void add_targets(GraphSema *g, FlowPlace *router) {
    const AstNode *ast = node_info(router->place.node)->ast;
    StrMap seen = {0};
    for (size_t i = 0; i < ast->n_targets; i++)
        if (!is_target_twice(g, &seen, &ast->targets[i]))
            add_target(g, router, &ast->targets[i]);
}

void routers_lead_on(GraphSema *g) {
    /* A target may be a router that nothing else leads to: the list grows meanwhile. */
    for (size_t i = 0; i < g->n_places; i++)
        if (g->places[i]->place.kind == PL_ROUTER)
            add_targets(g, g->places[i]);
}

/* `pick -> a` beside `router pick (...) -> b | end`. */
void routers_refuse_edge(GraphSema *g, const FlowPlace *router, Span to, const char *name) {
    const Node *node = router->place.node;
    const AstNode *ast = node_info((Node *)(uintptr_t)node)->ast;
    bool listed = false;
    for (size_t i = 0; name && i < ast->n_targets; i++)
        listed = listed || ast->targets[i].text == name;
    Diag *diag =
        !name ? diag_error(g->sema->diags, to, "a router chooses its own way: no edge leaves '%s'",
                           node->name)
        : listed ? diag_error(g->sema->diags, to,
                              "a router chooses its own way, and '%s' is a target of '%s' already: "
                              "leave out this edge",
                              name, node->name)
                 : diag_error(g->sema->diags, to,
                              "a router chooses its own way: make '%s' one of the targets of '%s'",
                              name, node->name);
    diag_note(diag, node->span, "router '%s' is declared here", node->name);
}
