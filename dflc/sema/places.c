/* Places by name, and how messages call them. */
#include "internal.h"

FlowPlace *place_new(GraphSema *g, PlaceKind kind, Span span) {
    FlowPlace *place = ARENA_NEW(g->sema->arena, FlowPlace);
    place->place.kind = kind;
    place->place.span = span;
    place->order = (uint32_t)g->n_places;
    ARENA_PUSH(g->sema->arena, g->places, g->n_places, g->cap_places, place);
    return place;
}

/* ---- sections by name ---- */

static void collect_chain(GraphSema *g, const AstChain *chain);

static void collect_section(GraphSema *g, const AstPlace *ast) {
    Sema *s = g->sema;
    const char *name = ast->name.text;
    const NodeInfo *node = name ? strmap_get(&g->nodes, name) : NULL;
    const AstPlace *first = name ? strmap_get(&g->sections, name) : NULL;
    if (node || first) {
        Diag *diag =
            node ? diag_error(s->diags, ast->name.span, "section '%s' has the name of a node", name)
                 : diag_error(s->diags, ast->name.span, "section '%s' is written twice", name);
        diag_note(diag, node ? node->node.span : first->name.span, "the other '%s' is here", name);
    } else if (name) {
        strmap_put(&g->sections, s->arena, name, (void *)(uintptr_t)ast);
    }
    for (size_t i = 0; i < ast->n_branches; i++)
        collect_chain(g, ast->branches[i]);
}

static void collect_place(GraphSema *g, const AstPlace *ast) {
    if (ast->kind == AP_SECTION)
        collect_section(g, ast);
    for (size_t i = 0; i < ast->n_arms; i++)
        collect_chain(g, ast->arms[i].chain);
}

static void collect_chain(GraphSema *g, const AstChain *chain) {
    for (size_t i = 0; i < chain->n; i++)
        collect_place(g, chain->hops[i].place);
}

void places_collect_sections(GraphSema *g) {
    for (size_t i = 0; i < g->ast->n_edges; i++) {
        const AstEdges *edges = &g->ast->edges[i];
        for (size_t k = 0; k < edges->n_sources; k++)
            collect_place(g, edges->sources[k]);
        collect_chain(g, edges->chain);
    }
}

/* ---- names to places ---- */

static FlowPlace *node_place(GraphSema *g, NodeInfo *info, Span mention) {
    if (!info->node.place) {
        bool router = info->node.kind == NODE_ROUTER;
        FlowPlace *place = place_new(g, router ? PL_ROUTER : PL_NODE, mention);
        place->place.node = &info->node;
        info->node.place = &place->place;
        info->used = true;
    }
    return flow_place(info->node.place);
}

static FlowPlace *section_place(GraphSema *g, const AstPlace *definition, Span mention) {
    const char *name = definition->name.text;
    bool named = name && strmap_get(&g->sections, name) == definition;
    FlowPlace *place = named ? strmap_get(&g->section_places, name) : NULL;
    if (place)
        return place;
    place = place_new(g, PL_SECTION, mention);
    place->ast = definition;
    place->place.section = ARENA_NEW(g->sema->arena, Section);
    place->place.section->place = &place->place;
    place->place.section->name = name;
    place->place.section->c_label = name ? name_label(g->sema, name) : NULL;
    place->place.section->label = name;
    if (named)
        strmap_put(&g->section_places, g->sema->arena, name, place);
    return place;
}

/* `Start`, `END`, `stop`: no node, but one of the words for where it begins and ends. */
static const char *ending_hint(Sema *s, const char *name) {
    static const char *const words[] = {"start", "end", "join"};
    Nearest nearest = nearest_to(name);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        nearest_try(&nearest, words[i]);
    return nearest_hint(&nearest, s->arena);
}

/* The node that was probably meant is not reported as unused. */
static FlowPlace *unknown_place(GraphSema *g, const AstName *name) {
    Sema *s = g->sema;
    const char *near = NULL;
    const char *hint = hint_from(s, name->text, &g->nodes, &g->sections, &near);
    if (!near)
        hint = ending_hint(s, name->text);
    NodeInfo *meant = near ? strmap_get(&g->nodes, near) : NULL;
    if (meant)
        meant->used = true;
    if (strmap_get(&g->fields, name->text) && !near)
        diag_error(s->diags, name->span, "'%s' is a field; an edge leads from node to node",
                   name->text);
    else
        diag_error(s->diags, name->span, "unknown node '%s'%s", name->text, hint);
    return NULL;
}

static FlowPlace *named_place(GraphSema *g, const AstName *name) {
    const AstPlace *section = strmap_get(&g->sections, name->text);
    if (section)
        return section_place(g, section, name->span);
    NodeInfo *node = strmap_get(&g->nodes, name->text);
    if (!node)
        return unknown_place(g, name);
    if (node->node.kind != NODE_PREDICATE)
        return node_place(g, node, name->span);
    Diag *diag = diag_error(g->sema->diags, name->span,
                            "'%s' is a predicate: it stands in guards, as in '-> x when %s'",
                            name->text, name->text);
    diag_note(diag, node->node.span, "'%s' is declared here", name->text);
    node->used = true;
    return NULL;
}

FlowPlace *place_of(GraphSema *g, const AstPlace *ast) {
    switch (ast->kind) {
    case AP_NAME:
        return named_place(g, &ast->name);
    case AP_SECTION:
        return section_place(g, ast, ast->name.text ? ast->name.span : ast->span);
    case AP_START:
        return g->start;
    case AP_END:
        return g->end;
    case AP_JOIN:
    case AP_WHEN:
    case AP_MATCH:
        break;
    }
    return NULL;
}

/* ---- messages ---- */

const char *place_spelling(const Place *place) {
    if (place->node)
        return place->node->name;
    return place->kind == PL_SECTION ? place->section->label : NULL;
}

const char *place_text(GraphSema *g, const Place *place) {
    Arena *arena = g->sema->arena;
    switch (place->kind) {
    case PL_START:
        return "'start'";
    case PL_END:
        return "'end'";
    case PL_JOIN:
        return "'join'";
    case PL_NODE:
    case PL_ROUTER:
        return arena_printf(arena, "'%s'", place->node->name);
    case PL_SECTION:
        if (place->section->name)
            return arena_printf(arena, "section '%s'", place->section->name);
        return arena_printf(arena, place->section->item ? "'%s'" : "section %s",
                            place->section->label);
    case PL_CHOICE:
        break;
    }
    const FlowPlace *choice = (const FlowPlace *)place;
    return choice->ast->kind == AP_MATCH ? "this 'match'" : "this 'when'";
}
