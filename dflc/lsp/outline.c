/* The symbols of a document: graphs with their fields, nodes, predicates,
 * routers and named sections; enums with their values, structs with their
 * members, constants. */
#include <string.h>

#include "repair.h"
#include "server.h"
#include "tokens.h"

/* The protocol's numbers. */
enum {
    KIND_CLASS = 5,
    KIND_FIELD = 8,
    KIND_ENUM = 10,
    KIND_FUNCTION = 12,
    KIND_CONSTANT = 14,
    KIND_BOOLEAN = 17,
    KIND_ARRAY = 18,
    KIND_KEY = 20,
    KIND_ENUM_MEMBER = 22,
    KIND_STRUCT = 23,
};

typedef struct Outline {
    Request *r;
    const Document *document;
    TokenList tokens;
    json_t *flat; /* NULL: the editor takes a tree */
} Outline;

static const char *text_of_span(const Outline *o, Span span) {
    const char *text =
        arena_strndup(o->r->arena, o->tokens.source->text + span.begin, span.end - span.begin);
    return text;
}

static Span statement_of(const Outline *o, AstName name) {
    return statement_around(&o->tokens, token_at(&o->tokens, name.span.begin));
}

/* Adds one below `parent`, a list, and returns the list of its own. */
static json_t *add(Outline *o, json_t *parent, const char *container, AstName name, Span whole,
                   int kind, const char *detail) {
    const Text *text = &o->document->text;
    if (o->flat) {
        json_t *one = json_pack("{s:s, s:i, s:{s:s, s:o}}", "name", name.text, "kind", kind,
                                "location", "uri", o->document->uri, "range",
                                json_of_range(text, whole.begin, whole.end));
        if (container)
            json_object_set_new(one, "containerName", json_string(container));
        json_array_append_new(o->flat, one);
        return NULL;
    }
    json_t *children = json_array();
    json_t *one = json_pack("{s:s}", "name", name.text);
    if (detail)
        json_object_set_new(one, "detail", json_of_text(detail, strlen(detail)));
    json_object_set_new(one, "kind", json_integer(kind));
    json_object_set_new(one, "range", json_of_range(text, whole.begin, whole.end));
    json_object_set_new(one, "selectionRange", json_of_range(text, name.span.begin, name.span.end));
    json_object_set_new(one, "children", children);
    json_array_append_new(parent, one);
    return children;
}

static void add_fields(Outline *o, json_t *list, const AstGraph *graph) {
    for (size_t i = 0; i < graph->n_fields; i++) {
        const AstField *field = &graph->fields[i];
        const char *mode = field->direction == AD_IN    ? "in "
                           : field->direction == AD_OUT ? "out "
                                                        : "";
        const char *type = field->type ? text_of_span(o, field->type->span) : "";
        add(o, list, graph->name.text, field->name, statement_of(o, field->name), KIND_FIELD,
            arena_printf(o->r->arena, "%s%s", mode, type));
    }
}

static void add_nodes(Outline *o, json_t *list, const AstGraph *graph) {
    static const char *const words[] = {"node", "predicate", "router"};
    static const int kinds[] = {KIND_FUNCTION, KIND_BOOLEAN, KIND_KEY};
    for (size_t i = 0; i < graph->n_nodes; i++) {
        const AstNode *node = &graph->nodes[i];
        const char *detail = words[node->kind];
        if (node->runs.text)
            detail = arena_printf(o->r->arena, "runs %s", node->runs.text);
        add(o, list, graph->name.text, node->name, statement_of(o, node->name), kinds[node->kind],
            detail);
    }
}

static void add_sections(Outline *o, json_t *list, const char *graph, const AstPlace *place,
                         int depth);

static void add_chain(Outline *o, json_t *list, const char *graph, const AstChain *chain,
                      int depth) {
    for (size_t i = 0; chain && i < chain->n; i++)
        add_sections(o, list, graph, chain->hops[i].place, depth);
}

static void add_sections(Outline *o, json_t *list, const char *graph, const AstPlace *place,
                         int depth) {
    if (!place || depth > AST_MAX_DEPTH)
        return;
    if (place->kind == AP_SECTION && place->name.text)
        add(o, list, graph, place->name, span_join(place->name.span, place->span), KIND_ARRAY,
            "section");
    for (size_t i = 0; i < place->n_branches; i++)
        add_chain(o, list, graph, place->branches[i], depth + 1);
    for (size_t i = 0; i < place->n_arms; i++)
        add_chain(o, list, graph, place->arms[i].chain, depth + 1);
}

static void add_graph(Outline *o, json_t *list, const AstGraph *graph) {
    json_t *inner =
        add(o, list, NULL, graph->name, statement_of(o, graph->name), KIND_CLASS, "graph");
    add_fields(o, inner, graph);
    add_nodes(o, inner, graph);
    for (size_t i = 0; i < graph->n_edges; i++) {
        for (size_t k = 0; k < graph->edges[i].n_sources; k++)
            add_sections(o, inner, graph->name.text, graph->edges[i].sources[k], 0);
        add_chain(o, inner, graph->name.text, graph->edges[i].chain, 0);
    }
}

static void add_item(Outline *o, json_t *list, const AstItem *item) {
    json_t *inner;
    switch (item->kind) {
    case AI_GRAPH:
        add_graph(o, list, item->graph);
        break;
    case AI_ENUM:
        inner = add(o, list, NULL, item->name, statement_of(o, item->name), KIND_ENUM, "enum");
        for (size_t i = 0; i < item->n_enumerators; i++) {
            const AstEnumerator *value = &item->enumerators[i];
            Span whole = value->name.span;
            if (value->value)
                whole = span_join(whole, value->value->span);
            add(o, inner, item->name.text, value->name, whole, KIND_ENUM_MEMBER, NULL);
        }
        break;
    case AI_STRUCT:
        inner = add(o, list, NULL, item->name, statement_of(o, item->name), KIND_STRUCT, "struct");
        for (size_t i = 0; i < item->n_members; i++)
            add(o, inner, item->name.text, item->members[i].name,
                statement_of(o, item->members[i].name), KIND_FIELD,
                text_of_span(o, item->members[i].type->span));
        break;
    case AI_CONST:
        add(o, list, NULL, item->name, statement_of(o, item->name), KIND_CONSTANT,
            text_of_span(o, item->value->span));
        break;
    default:
        break;
    }
}

json_t *answer_outline(Request *r) {
    Document *document = request_document(r);
    if (!document)
        return NULL;
    Source *source = source_from_text(r->arena, document->path, document->text.p, document->text.n);
    AstFile *file = parse_tolerant(r->arena, interner_new(r->arena), source);
    Outline o = {.r = r, .document = document, .tokens = tokens_of(r->arena, source)};
    json_t *list = json_array();
    o.flat = r->server->nested_symbols ? NULL : list;
    for (size_t i = 0; i < file->n_items; i++)
        add_item(&o, list, &file->items[i]);
    return list;
}
