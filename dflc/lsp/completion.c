/* What could stand where the cursor is: the words that the grammar would take
 * there, and the names that mean something of the kind. */
#include <ctype.h>
#include <string.h>

#include "dflc/parse.h"
#include "names.h"

enum {
    ITEM_FUNCTION = 3,
    ITEM_FIELD = 5,
    ITEM_VARIABLE = 6,
    ITEM_CLASS = 7,
    ITEM_ENUM = 13,
    ITEM_KEYWORD = 14,
    ITEM_ENUM_MEMBER = 20,
    ITEM_CONSTANT = 21,
    ITEM_STRUCT = 22,
};

typedef struct Completer {
    Request *r;
    const Index *index;
    const Symbol *graph; /* around the cursor; NULL: none */
    const Symbol *child; /* that a node of this statement runs; NULL: none */
    json_t *items;
    StrMap offered;
} Completer;

static void offer(Completer *c, const char *label, int kind, const char *detail) {
    const char *name = intern_cstr(c->index->names, label);
    if (strmap_put(&c->offered, c->r->arena, name, c))
        return;
    json_t *item = json_pack("{s:s, s:i}", "label", label, "kind", kind);
    if (detail)
        json_object_set_new(item, "detail", json_of_text(detail, strlen(detail)));
    json_array_append_new(c->items, item);
}

static const char *type_text(Completer *c, const Symbol *symbol) {
    return symbol->type ? arena_strndup(c->r->arena,
                                        symbol->type->span.source->text + symbol->type->span.begin,
                                        span_bytes(symbol->type->span))
                        : NULL;
}

/* ---- names ---- */

static void offer_symbol(Completer *c, const Symbol *symbol) {
    static const int kinds[] = {
        [SYM_GRAPH] = ITEM_CLASS,       [SYM_FIELD] = ITEM_FIELD,
        [SYM_NODE] = ITEM_FUNCTION,     [SYM_PREDICATE] = ITEM_FUNCTION,
        [SYM_ROUTER] = ITEM_FUNCTION,   [SYM_SECTION] = ITEM_FUNCTION,
        [SYM_VAR] = ITEM_VARIABLE,      [SYM_ENUM] = ITEM_ENUM,
        [SYM_VALUE] = ITEM_ENUM_MEMBER, [SYM_STRUCT] = ITEM_STRUCT,
        [SYM_MEMBER] = ITEM_FIELD,      [SYM_CONST] = ITEM_CONSTANT,
        [SYM_FILE] = ITEM_VARIABLE,     [SYM_C] = ITEM_FUNCTION,
    };
    const char *detail = symbol->kind == SYM_VALUE ? symbol->owner->name : type_text(c, symbol);
    offer(c, symbol->name, kinds[symbol->kind], detail);
}

/* Those of a map of these kinds: one bit each. */
static void offer_all(Completer *c, const StrMap *map, unsigned kinds) {
    for (size_t i = 0; map && i < map->n; i++) {
        const Symbol *symbol = map->entries[i].value;
        if (kinds & 1u << symbol->kind)
            offer_symbol(c, symbol);
    }
}

enum {
    FIELDS = 1 << SYM_FIELD,
    VARS = 1 << SYM_VAR,
    PLACES = 1 << SYM_NODE | 1 << SYM_ROUTER | 1 << SYM_SECTION,
    PREDICATES = 1 << SYM_PREDICATE,
    ALL = (1 << (SYM_C + 1)) - 1,
};

static const StrMap *inner_of(const Symbol *symbol) {
    return symbol ? &symbol->inner : NULL;
}

static void offer_values(Completer *c) {
    offer_all(c, &c->index->values, ALL);
}

static void offer_expression(Completer *c) {
    offer_all(c, inner_of(c->graph), FIELDS | VARS | PREDICATES);
    offer_all(c, inner_of(c->child), FIELDS);
    offer_all(c, &c->index->consts, ALL);
    offer_values(c);
    offer(c, "len", ITEM_KEYWORD, NULL);
}

/* Of what stands before the '.': a, a.b, ... */
static void offer_members(Completer *c, const TokenList *tokens, size_t dot) {
    size_t first = dot;
    while (first >= 2 && tokens->all[first].kind == '.' && tokens->all[first - 1].kind != '.')
        first -= 2;
    first += tokens->all[first].kind == '.' ? 0 : 2;
    const AstType *type = NULL;
    for (size_t i = first - 1; i < dot; i += 2) {
        const LspToken *token = &tokens->all[i];
        const char *name =
            intern(c->index->names, tokens->source->text + token->begin, token->end - token->begin);
        const Symbol *of = i == first - 1 ? c->graph : type_symbol(c->index, type);
        const Symbol *symbol = of ? strmap_get(&of->inner, name) : NULL;
        type = symbol ? symbol->type : NULL;
    }
    offer_all(c, inner_of(type_symbol(c->index, type)), ALL);
}

static void offer_reducers(Completer *c) {
    static const char *const words[] = {"sum",    "min",   "max",  "and",  "or",
                                        "append", "union", "last", "with", NULL};
    for (size_t i = 0; words[i]; i++)
        offer(c, words[i], ITEM_KEYWORD, NULL);
}

static void offer_names(Completer *c, const Expectation *e, const TokenList *tokens) {
    static const char *const items[] = {"node", "predicate", "router", "limit", "checkpoint", NULL};
    switch (e->name) {
    case EXPECT_ITEM:
        for (size_t i = 0; items[i]; i++)
            offer(c, items[i], ITEM_KEYWORD, NULL);
        offer_all(c, inner_of(c->graph), PLACES);
        break;
    case EXPECT_TYPE:
        offer_all(c, &c->index->types, ALL);
        break;
    case EXPECT_PARAM:
        offer_all(c, inner_of(c->graph), FIELDS | VARS);
        offer_all(c, inner_of(c->child), FIELDS);
        break;
    case EXPECT_PLACE:
        offer_all(c, inner_of(c->graph), PLACES);
        break;
    case EXPECT_EXPRESSION:
        offer_expression(c);
        break;
    case EXPECT_VALUE:
        offer_values(c);
        break;
    case EXPECT_COUNT:
        offer_all(c, &c->index->consts, ALL);
        break;
    case EXPECT_GRAPH:
        offer_all(c, &c->index->graphs, ALL);
        break;
    case EXPECT_FIELD:
        offer_all(c, inner_of(c->graph), FIELDS);
        break;
    case EXPECT_REDUCER:
        offer_reducers(c);
        break;
    case EXPECT_MEMBER:
        offer_members(c, tokens, tokens->n >= 2 ? tokens->n - 2 : 0);
        break;
    case EXPECT_NO_NAME:
        break;
    }
}

/* ---- where the cursor is ---- */

static bool is_word(char ch) {
    return isalnum((unsigned char)ch) || ch == '_';
}

/* Not in a comment, a string or a body. */
static bool is_code(const TokenList *tokens, uint32_t offset) {
    for (size_t i = 0; i < tokens->n_comments; i++)
        if (tokens->comments[i].begin < offset && offset <= tokens->comments[i].end)
            return false;
    if (offset > tokens->unclosed)
        return false;
    const LspToken *token = &tokens->all[token_at(tokens, offset)];
    bool text = token->kind == T_STRING || token->kind == T_BODY || token->kind == T_HEADER;
    return !(text && token->begin < offset && offset < token->end);
}

/* The graph that a node of the last statement runs. */
static const Symbol *child_of(const Index *index, const TokenList *tokens) {
    for (size_t i = tokens->n - 1; i > 0; i--) {
        int kind = tokens->all[i - 1].kind;
        const LspToken *name = &tokens->all[i];
        if (kind == T_RUNS)
            return strmap_get(
                &index->graphs,
                intern(index->names, tokens->source->text + name->begin, name->end - name->begin));
        if (kind == ';' || kind == '{' || kind == '}')
            return NULL;
    }
    return NULL;
}

/* Where the statement is broken before the cursor, the grammar has nothing to
 * say: all names of the graph. */
static void offer_anything(Completer *c) {
    offer_all(c, inner_of(c->graph), ALL);
    offer_all(c, &c->index->types, ALL);
    offer_all(c, &c->index->consts, ALL);
    offer_values(c);
}

json_t *answer_completion(Request *r) {
    uint32_t offset;
    Document *document = request_document(r);
    if (!document || !request_offset(r, document, &offset))
        return NULL;
    const Index *index = request_index(r, document);
    if (!index || !is_code(&index->tokens, offset))
        return json_array();
    Completer c = {.r = r, .index = index, .items = json_array()};
    uint32_t begin = offset;
    while (begin > 0 && is_word(document->text.p[begin - 1]))
        begin--;
    Compilation comp = {r->arena, interner_new(r->arena), diags_new(r->arena)};
    Expectation e = {0};
    Source *before = source_from_text(r->arena, document->path, document->text.p, begin);
    TokenList tokens = tokens_of(r->arena, before);
    c.graph = index_graph_at(index, begin);
    c.child = child_of(index, &tokens);
    ast_expect(&comp, before, &e);
    if (!e.known)
        offer_anything(&c);
    for (size_t i = 0; e.known && i < e.n_words; i++)
        offer(&c, e.words[i], ITEM_KEYWORD, NULL);
    if (e.known)
        offer_names(&c, &e, &tokens);
    return c.items;
}
