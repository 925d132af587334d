/* Where in the file each name stands, with what it means there. */
#include <stdlib.h>
#include <string.h>

#include "index.h"

typedef struct Walk {
    Index *index;
    Symbol *graph; /* that is walked through; NULL: outside of graphs */
} Walk;

static Occurrence *occurs(Walk *w, AstName name, Symbol *symbol) {
    Index *index = w->index;
    if (!symbol || !name.text)
        return NULL;
    Occurrence one = {.span = name.span, .symbol = symbol};
    one.declares = name.span.source == symbol->span.source && name.span.begin == symbol->span.begin;
    ARENA_PUSH(index->arena, index->all, index->n, index->cap, one);
    return &index->all[index->n - 1];
}

static Symbol *inner(const Walk *w, const char *name) {
    return w->graph && name ? strmap_get(&w->graph->inner, name) : NULL;
}

static Symbol *inner_field(const Walk *w, const char *name) {
    Symbol *symbol = inner(w, name);
    return symbol && (symbol->kind == SYM_FIELD || symbol->kind == SYM_VAR) ? symbol : NULL;
}

/* What is in no .dfl file is made when it is first met. */
static Symbol *outside(Walk *w, SymbolKind kind, const char *name) {
    Index *index = w->index;
    Symbol *symbol = strmap_get(&index->c_names, name);
    if (!symbol) {
        symbol = ARENA_NEW(index->arena, Symbol);
        symbol->kind = kind;
        symbol->name = name;
        symbol->file = index->files[0];
        strmap_put(&index->c_names, index->arena, name, symbol);
    }
    return symbol;
}

static void occurs_in_c(Walk *w, AstName name) {
    if (name.text)
        occurs(w, name, outside(w, SYM_C, name.text));
}

/* ---- expressions and types ---- */

static void walk_name(Walk *w, const AstExpr *expr, const Symbol *expected) {
    Symbol *symbol = inner_field(w, expr->u.name);
    if (!symbol && expected && expected->kind == SYM_ENUM)
        symbol = strmap_get(&expected->inner, expr->u.name);
    if (!symbol)
        symbol = strmap_get(&w->index->consts, expr->u.name);
    if (!symbol && (symbol = inner(w, expr->u.name)) && symbol->kind == SYM_SECTION)
        symbol = NULL;
    if (!symbol)
        symbol = strmap_get(&w->index->values, expr->u.name);
    occurs(w, ast_word(expr->u.name, expr->span), symbol);
}

static void walk_expr(Walk *w, const AstExpr *expr, const Symbol *expected) {
    if (!expr)
        return;
    const Symbol *left = type_symbol(w->index, expr_type(w->index, w->graph, expr->left));
    const Symbol *right = type_symbol(w->index, expr_type(w->index, w->graph, expr->right));
    if (expr->kind == AE_NAME) {
        walk_name(w, expr, expected);
    } else if (expr->kind == AE_MEMBER) {
        walk_expr(w, expr->left, NULL);
        occurs(w, ast_word(expr->u.name, expr->op),
               left ? strmap_get(&left->inner, expr->u.name) : NULL);
    } else if (expr->kind == AE_IN) {
        const AstType *list = type_without_opt(expr_type(w->index, w->graph, expr->right));
        walk_expr(w, expr->left, list ? type_symbol(w->index, list->elem) : NULL);
        walk_expr(w, expr->right, NULL);
    } else {
        walk_expr(w, expr->left, right);
        walk_expr(w, expr->right, left);
    }
}

static void walk_type(Walk *w, const AstType *type) {
    for (; type; type = type->elem) {
        if (type->kind == AT_NAME)
            occurs(w, ast_word(type->name, type->span), strmap_get(&w->index->types, type->name));
        walk_expr(w, type->count, NULL);
    }
}

static void walk_value(Walk *w, const AstExpr *value, const AstType *type) {
    walk_expr(w, value, type_symbol(w->index, type));
}

/* ---- nodes ---- */

static void walk_binding(Walk *w, const AstParam *param, const Symbol *child) {
    Symbol *of_child = child ? strmap_get(&child->inner, param->name.text) : NULL;
    bool out = param->mode == AD_OUT;
    if (of_child && of_child->kind != SYM_FIELD)
        of_child = NULL;
    if (!param->binding) {
        Occurrence *both = occurs(w, param->name, inner_field(w, param->name.text));
        if (both) {
            both->child = of_child;
            both->writes = out;
        } else {
            occurs(w, param->name, of_child);
        }
        return;
    }
    Occurrence *name = occurs(w, param->name, out ? inner_field(w, param->name.text) : of_child);
    if (name)
        name->writes = true;
    if (!out) {
        walk_value(w, param->binding, of_child ? of_child->type : NULL);
    } else if (param->binding->kind == AE_NAME && child) {
        Symbol *field = strmap_get(&child->inner, param->binding->u.name);
        if (field && field->kind == SYM_FIELD)
            occurs(w, ast_word(param->binding->u.name, param->binding->span), field);
    }
}

static void walk_params(Walk *w, const AstNode *node) {
    const Symbol *child = node->runs.text ? strmap_get(&w->index->graphs, node->runs.text) : NULL;
    for (size_t i = 0; i < node->n_params; i++) {
        const AstParam *param = &node->params[i];
        if (param->whole_state)
            continue;
        if (node->runs.text) {
            walk_binding(w, param, child);
            continue;
        }
        Occurrence *one = occurs(w, param->name, inner_field(w, param->name.text));
        if (one)
            one->writes = param->mode == AD_OUT || param->mode == AD_INOUT;
        walk_type(w, param->type);
    }
}

static void walk_node(Walk *w, const AstNode *node) {
    occurs(w, node->name, inner(w, node->name.text));
    if (node->runs.text)
        occurs(w, node->runs, strmap_get(&w->index->graphs, node->runs.text));
    walk_params(w, node);
    for (size_t i = 0; i < node->n_attrs; i++) {
        const AstAttr *attr = &node->attrs[i];
        walk_expr(w, attr->value, NULL);
        walk_expr(w, attr->every, NULL);
        walk_expr(w, attr->up_to, NULL);
        if (attr->kind == AA_CALLS)
            occurs_in_c(w, attr->name);
    }
    for (size_t i = 0; i < node->n_targets; i++)
        occurs(w, node->targets[i], inner(w, node->targets[i].text));
}

/* ---- edges ---- */

static void walk_chain(Walk *w, const AstChain *chain);

static void walk_arm(Walk *w, const AstArm *arm, const Symbol *subject) {
    walk_expr(w, arm->guard, NULL);
    for (size_t i = 0; i < arm->n_values; i++) {
        const AstExpr *value = arm->values[i];
        if (value->kind == AE_NAME && subject && subject->kind == SYM_ENUM &&
            strmap_get(&subject->inner, value->u.name))
            occurs(w, ast_word(value->u.name, value->span),
                   strmap_get(&subject->inner, value->u.name));
        else
            walk_expr(w, value, subject);
    }
    walk_chain(w, arm->chain);
}

static void walk_place(Walk *w, const AstPlace *place) {
    if (!place)
        return;
    if (place->kind == AP_NAME || place->kind == AP_SECTION)
        occurs(w, place->name, inner(w, place->name.text));
    if (place->is_each) {
        occurs(w, place->item, inner(w, place->item.text));
        occurs(w, place->index, inner(w, place->index.text));
        walk_expr(w, place->over, NULL);
    }
    for (size_t i = 0; i < place->n_branches; i++)
        walk_chain(w, place->branches[i]);
    Occurrence *settle = occurs(w, place->settle, inner_field(w, place->settle.text));
    if (settle)
        settle->writes = true;
    walk_expr(w, place->need, NULL);
    walk_expr(w, place->subject, NULL);
    const Symbol *subject = type_symbol(w->index, expr_type(w->index, w->graph, place->subject));
    for (size_t i = 0; i < place->n_arms; i++)
        walk_arm(w, &place->arms[i], subject);
}

static void walk_chain(Walk *w, const AstChain *chain) {
    for (size_t i = 0; chain && i < chain->n; i++) {
        walk_place(w, chain->hops[i].place);
        walk_expr(w, chain->hops[i].guard, NULL);
        walk_expr(w, chain->hops[i].max, NULL);
    }
}

static void walk_graph(Walk *w, const AstItem *item) {
    const AstGraph *graph = item->graph;
    w->graph = strmap_get(&w->index->graphs, item->name.text);
    if (!w->graph || w->graph->ast.item != item)
        return; /* a second one of the name */
    occurs(w, item->name, w->graph);
    for (size_t i = 0; i < graph->n_fields; i++) {
        const AstField *field = &graph->fields[i];
        occurs(w, field->name, inner(w, field->name.text));
        walk_type(w, field->type);
        walk_value(w, field->init, field->type);
        occurs_in_c(w, field->merge_with);
    }
    for (size_t i = 0; i < graph->n_nodes; i++)
        walk_node(w, &graph->nodes[i]);
    for (size_t i = 0; i < graph->n_edges; i++) {
        for (size_t k = 0; k < graph->edges[i].n_sources; k++)
            walk_place(w, graph->edges[i].sources[k]);
        walk_chain(w, graph->edges[i].chain);
    }
    for (size_t i = 0; i < graph->n_settings; i++)
        walk_expr(w, graph->settings[i].value, NULL);
    w->graph = NULL;
}

static void walk_item(Walk *w, const AstItem *item) {
    Symbol *type;
    switch (item->kind) {
    case AI_GRAPH:
        walk_graph(w, item);
        break;
    case AI_ENUM:
    case AI_STRUCT:
        type = strmap_get(&w->index->types, item->name.text);
        if (!type || type->ast.item != item)
            break;
        occurs(w, item->name, type);
        for (size_t i = 0; i < item->n_enumerators; i++) {
            occurs(w, item->enumerators[i].name,
                   strmap_get(&type->inner, item->enumerators[i].name.text));
            walk_expr(w, item->enumerators[i].value, NULL);
        }
        for (size_t i = 0; i < item->n_members; i++) {
            occurs(w, item->members[i].name, strmap_get(&type->inner, item->members[i].name.text));
            walk_type(w, item->members[i].type);
            walk_value(w, item->members[i].init, item->members[i].type);
        }
        break;
    case AI_CONST:
        occurs(w, item->name, strmap_get(&w->index->consts, item->name.text));
        walk_expr(w, item->value, NULL);
        break;
    case AI_IMPORT:
    case AI_INCLUDE:
        occurs(w, ast_word(intern_cstr(w->index->names, item->text), item->span),
               outside(w, SYM_FILE, intern_cstr(w->index->names, item->text)));
        break;
    default:
        break;
    }
}

static int by_place(const void *a, const void *b) {
    const Occurrence *x = a, *y = b;
    return x->span.begin < y->span.begin ? -1 : x->span.begin > y->span.begin;
}

void index_occur(Index *index) {
    Walk w = {.index = index};
    const AstFile *file = index->files[0]->file;
    for (size_t i = 0; i < file->n_items; i++)
        walk_item(&w, &file->items[i]);
    if (index->n)
        qsort(index->all, index->n, sizeof *index->all, by_place);
}

const Occurrence *index_at(const Index *index, uint32_t offset) {
    size_t low = 0, high = index->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (index->all[middle].span.end < offset)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t i = low; i < index->n && index->all[i].span.begin <= offset; i++)
        if (offset < index->all[i].span.end || i + 1 == index->n ||
            index->all[i + 1].span.begin > offset)
            return &index->all[i];
    return NULL;
}

Symbol *index_graph_at(const Index *index, uint32_t offset) {
    Symbol *found = NULL;
    for (size_t i = 0; i < index->n_symbols; i++) {
        Symbol *symbol = index->symbols[i];
        if (symbol->kind == SYM_GRAPH && symbol->file == index->files[0] &&
            symbol->span.begin <= offset)
            found = symbol;
    }
    if (found) {
        uint32_t close =
            found->ast.item->graph->close.source ? found->ast.item->graph->close.begin : UINT32_MAX;
        found = offset <= close ? found : NULL;
    }
    return found;
}
