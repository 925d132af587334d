/* Symbols: all that has a name. */
#include <string.h>

#include "index.h"

static Symbol *add(Index *index, const FileIndex *file, SymbolKind kind, AstName name,
                   Symbol *owner) {
    Symbol *symbol = ARENA_NEW(index->arena, Symbol);
    symbol->kind = kind;
    symbol->name = name.text;
    symbol->span = name.span;
    symbol->owner = owner;
    symbol->file = file;
    ARENA_PUSH(index->arena, index->symbols, index->n_symbols, index->cap_symbols, symbol);
    return symbol;
}

/* The first of a name stays: a second one is an error. */
static void put(Index *index, StrMap *map, Symbol *symbol) {
    if (!strmap_get(map, symbol->name))
        strmap_put(map, index->arena, symbol->name, symbol);
}

static void declare_var(Index *index, Symbol *graph, AstName name) {
    Symbol *symbol = name.text && !strmap_get(&graph->inner, name.text)
                         ? add(index, graph->file, SYM_VAR, name, graph)
                         : NULL;
    if (symbol)
        put(index, &graph->inner, symbol);
}

static void declare_chain(Index *index, Symbol *graph, const AstChain *chain);

static void declare_place(Index *index, Symbol *graph, const AstPlace *place) {
    if (!place)
        return;
    if (place->kind == AP_SECTION && place->name.text) {
        Symbol *section = add(index, graph->file, SYM_SECTION, place->name, graph);
        section->ast.section = place;
        put(index, &graph->inner, section);
    }
    if (place->is_each) {
        declare_var(index, graph, place->item);
        Symbol *var = place->item.text ? strmap_get(&graph->inner, place->item.text) : NULL;
        const AstType *over = type_without_opt(expr_type(index, graph, place->over));
        if (var && var->kind == SYM_VAR && !var->type)
            var->type = over ? over->elem : NULL;
        declare_var(index, graph, place->index);
    }
    for (size_t i = 0; i < place->n_branches; i++)
        declare_chain(index, graph, place->branches[i]);
    for (size_t i = 0; i < place->n_arms; i++)
        declare_chain(index, graph, place->arms[i].chain);
}

static void declare_chain(Index *index, Symbol *graph, const AstChain *chain) {
    for (size_t i = 0; chain && i < chain->n; i++)
        declare_place(index, graph, chain->hops[i].place);
}

static void declare_graph(Index *index, const FileIndex *file, const AstItem *item) {
    static const SymbolKind kinds[] = {SYM_NODE, SYM_PREDICATE, SYM_ROUTER};
    const AstGraph *ast = item->graph;
    Symbol *graph = add(index, file, SYM_GRAPH, item->name, NULL);
    graph->ast.item = item;
    put(index, &index->graphs, graph);
    for (size_t i = 0; i < ast->n_fields; i++) {
        Symbol *field = add(index, file, SYM_FIELD, ast->fields[i].name, graph);
        field->ast.field = &ast->fields[i];
        field->type = ast->fields[i].type;
        put(index, &graph->inner, field);
    }
    for (size_t i = 0; i < ast->n_nodes; i++) {
        Symbol *node = add(index, file, kinds[ast->nodes[i].kind], ast->nodes[i].name, graph);
        node->ast.node = &ast->nodes[i];
        put(index, &graph->inner, node);
    }
    for (size_t i = 0; i < ast->n_edges; i++) {
        for (size_t k = 0; k < ast->edges[i].n_sources; k++)
            declare_place(index, graph, ast->edges[i].sources[k]);
        declare_chain(index, graph, ast->edges[i].chain);
    }
}

static void declare_enum(Index *index, const FileIndex *file, const AstItem *item) {
    Symbol *type = add(index, file, SYM_ENUM, item->name, NULL);
    type->ast.item = item;
    put(index, &index->types, type);
    for (size_t i = 0; i < item->n_enumerators; i++) {
        Symbol *value = add(index, file, SYM_VALUE, item->enumerators[i].name, type);
        value->ast.value = &item->enumerators[i];
        put(index, &type->inner, value);
        put(index, &index->values, value);
    }
}

static void declare_struct(Index *index, const FileIndex *file, const AstItem *item) {
    Symbol *type = add(index, file, SYM_STRUCT, item->name, NULL);
    type->ast.item = item;
    put(index, &index->types, type);
    for (size_t i = 0; i < item->n_members; i++) {
        Symbol *member = add(index, file, SYM_MEMBER, item->members[i].name, type);
        member->type = item->members[i].type;
        put(index, &type->inner, member);
    }
}

static void declare_const(Index *index, const FileIndex *file, const AstItem *item) {
    Symbol *constant = add(index, file, SYM_CONST, item->name, NULL);
    constant->ast.item = item;
    put(index, &index->consts, constant);
}

/* Types first: what an each goes over is looked up in them. */
void index_declare(Index *index) {
    for (size_t f = 0; f < index->n_files; f++)
        for (size_t i = 0; i < index->files[f]->file->n_items; i++) {
            const AstItem *item = &index->files[f]->file->items[i];
            if (item->kind == AI_ENUM)
                declare_enum(index, index->files[f], item);
            else if (item->kind == AI_STRUCT)
                declare_struct(index, index->files[f], item);
            else if (item->kind == AI_CONST)
                declare_const(index, index->files[f], item);
        }
    for (size_t f = 0; f < index->n_files; f++)
        for (size_t i = 0; i < index->files[f]->file->n_items; i++)
            if (index->files[f]->file->items[i].kind == AI_GRAPH)
                declare_graph(index, index->files[f], &index->files[f]->file->items[i]);
}

/* ---- types ---- */

const AstType *type_without_opt(const AstType *type) {
    return type && type->kind == AT_OPT ? type->elem : type;
}

const Symbol *type_symbol(const Index *index, const AstType *type) {
    type = type_without_opt(type);
    return type && type->kind == AT_NAME ? strmap_get(&index->types, type->name) : NULL;
}

const AstType *expr_type(const Index *index, const Symbol *graph, const AstExpr *expr) {
    if (expr && expr->kind == AE_NAME && graph) {
        const Symbol *symbol = strmap_get(&graph->inner, expr->u.name);
        return symbol ? symbol->type : NULL;
    }
    if (expr && expr->kind == AE_MEMBER) {
        const Symbol *type = type_symbol(index, expr_type(index, graph, expr->left));
        const Symbol *member = type ? strmap_get(&type->inner, expr->u.name) : NULL;
        return member ? member->type : NULL;
    }
    return NULL;
}

/* ---- symbols ---- */

bool same_symbol(const Symbol *a, const Symbol *b) {
    if (a->kind != b->kind || strcmp(a->name, b->name) != 0)
        return false;
    if (a->kind == SYM_C || a->kind == SYM_FILE)
        return true;
    return strcmp(a->file->real, b->file->real) == 0 && a->span.begin == b->span.begin;
}

/* As sema/cnames.c has it; what it had to put apart is known to a program
 * alone. */
const char *symbol_c_name(Arena *arena, const Symbol *symbol) {
    if (symbol->kind == SYM_C)
        return symbol->name;
    if (symbol->kind != SYM_NODE && symbol->kind != SYM_PREDICATE && symbol->kind != SYM_ROUTER)
        return NULL;
    const AstNode *node = symbol->ast.node;
    for (size_t i = 0; i < node->n_attrs; i++)
        if (node->attrs[i].kind == AA_CALLS)
            return node->attrs[i].name.text;
    return node->runs.text ? NULL
                           : arena_printf(arena, "%s%s_%s", symbol->file->prefix,
                                          symbol->owner->name, symbol->name);
}
