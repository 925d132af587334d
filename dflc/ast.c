#include "ast_build.h"

#include <string.h>

#define NEW(T)                     ARENA_NEW(p->comp->arena, T)
#define PUSH(items, n, cap, value) ARENA_PUSH(p->comp->arena, items, n, cap, value)

AstName ast_word(const char *text, Span span) {
    return (AstName){text, span};
}

/* Says that something stands twice where once is all it can mean. */
static void twice(Parse *p, const char *what, Span second, Span first) {
    Diag *diag = parse_error(p, second, "%s given twice", what);
    diag_note(diag, first, "the first one is here");
}

/* ---- expressions ---- */

/* A tree that has grown too deep is reported once, and marked with TOO_DEEP; what is built on it
 * is left out. */
enum { TOO_DEEP = UINT16_MAX };

static uint16_t deeper(Parse *p, uint16_t left, uint16_t right, Span span, const char *what) {
    uint16_t deepest = left > right ? left : right;
    if (deepest < AST_MAX_DEPTH)
        return (uint16_t)(deepest + 1);
    if (deepest != TOO_DEEP)
        parse_error(p, span, "%s nested deeper than %d levels", what, AST_MAX_DEPTH);
    return TOO_DEEP;
}

static AstExpr *expr_new(Parse *p, AstExprKind kind, Span span) {
    AstExpr *expr = NEW(AstExpr);
    expr->kind = kind;
    expr->span = span;
    expr->op = span;
    expr->depth = 1;
    return expr;
}

AstExpr *ast_integer(Parse *p, Span span, uint64_t value) {
    AstExpr *expr = expr_new(p, AE_INT, span);
    expr->u.integer = value;
    return expr;
}

AstExpr *ast_float(Parse *p, Span span, double value) {
    AstExpr *expr = expr_new(p, AE_FLOAT, span);
    expr->u.real = value;
    return expr;
}

AstExpr *ast_duration(Parse *p, Span span, uint64_t ns) {
    AstExpr *expr = expr_new(p, AE_DURATION, span);
    expr->u.integer = ns;
    return expr;
}

AstExpr *ast_string(Parse *p, Span span, const char *s, size_t n) {
    AstExpr *expr = expr_new(p, AE_STRING, span);
    expr->u.string.p = s;
    expr->u.string.n = n;
    return expr;
}

AstExpr *ast_bool(Parse *p, Span span, bool value) {
    AstExpr *expr = expr_new(p, AE_BOOL, span);
    expr->u.boolean = value;
    return expr;
}

AstExpr *ast_none(Parse *p, Span span) {
    return expr_new(p, AE_NONE, span);
}

AstExpr *ast_name(Parse *p, AstName name) {
    AstExpr *expr = expr_new(p, AE_NAME, name.span);
    expr->u.name = name.text;
    return expr;
}

static AstExpr *operation(Parse *p, AstExprKind kind, Span span, Span op, AstExpr *left,
                          AstExpr *right) {
    uint16_t depth = deeper(p, left->depth, right ? right->depth : 0, op, "expression");
    if (depth == TOO_DEEP) {
        left->depth = TOO_DEEP;
        return left;
    }
    AstExpr *expr = expr_new(p, kind, span);
    expr->op = op;
    expr->left = left;
    expr->right = right;
    expr->depth = depth;
    return expr;
}

AstExpr *ast_member(Parse *p, AstExpr *of, AstName name) {
    AstExpr *expr = operation(p, AE_MEMBER, span_join(of->span, name.span), name.span, of, NULL);
    if (expr != of)
        expr->u.name = name.text;
    return expr;
}

AstExpr *ast_len(Parse *p, Span span, Span op, AstExpr *of) {
    return operation(p, AE_LEN, span, op, of, NULL);
}

AstExpr *ast_prefix(Parse *p, AstExprKind kind, Span op, AstExpr *operand) {
    return operation(p, kind, span_join(op, operand->span), op, operand, NULL);
}

AstExpr *ast_suffix(Parse *p, AstExprKind kind, AstExpr *operand, Span op) {
    return operation(p, kind, span_join(operand->span, op), op, operand, NULL);
}

static bool is_order(AstExprKind kind) {
    return kind == AE_LT || kind == AE_LE || kind == AE_GT || kind == AE_GE;
}

static bool is_equality(AstExprKind kind) {
    return kind == AE_EQ || kind == AE_NE;
}

/* a < b < c: precedence makes the left operand a comparison of the same level. */
static void check_comparison(Parse *p, AstExprKind kind, const AstExpr *left, Span op) {
    bool same_level =
        (is_order(kind) && is_order(left->kind)) || (is_equality(kind) && is_equality(left->kind));
    if (!same_level || left->parens)
        return;
    Diag *diag = parse_error(p, op, "comparisons do not chain; write 'a %s b && b %s c'",
                             is_order(kind) ? "<" : "==", is_order(kind) ? "<" : "==");
    diag_also(diag, left->op);
}

AstExpr *ast_binary(Parse *p, AstExprKind kind, AstExpr *left, Span op, AstExpr *right) {
    check_comparison(p, kind, left, op);
    return operation(p, kind, span_join(left->span, right->span), op, left, right);
}

AstExpr *ast_parens(AstExpr *inside, Span span) {
    inside->parens = true;
    inside->span = span;
    return inside;
}

void ast_predicate_call(Parse *p, Span parens, const char *name) {
    parse_error(p, parens, "a predicate takes no arguments here; write '%s' alone", name);
    parse_recover(p);
}

/* ---- types ---- */

static AstType *type_new(Parse *p, AstTypeKind kind, Span span) {
    AstType *type = NEW(AstType);
    type->kind = kind;
    type->span = span;
    type->depth = 1;
    return type;
}

AstType *ast_type_name(Parse *p, AstName name) {
    AstType *type = type_new(p, AT_NAME, name.span);
    type->name = name.text;
    return type;
}

AstType *ast_type_suffix(Parse *p, AstTypeKind kind, AstType *elem, AstExpr *count, Span span) {
    uint16_t depth = deeper(p, elem->depth, 0, span, "type");
    if (depth == TOO_DEEP) {
        elem->depth = TOO_DEEP;
        return elem;
    }
    AstType *type = type_new(p, kind, span);
    type->elem = elem;
    type->count = count;
    type->depth = depth;
    return type;
}

AstType *ast_type_map(Parse *p, AstType *key, AstType *elem, Span span) {
    AstType *type = ast_type_suffix(p, AT_MAP, elem, NULL, span);
    if (type != elem)
        type->key = key;
    return type;
}

AstType *ast_type_handle(Parse *p, const char *c_type, Span span) {
    AstType *type = type_new(p, AT_HANDLE, span);
    type->c_type = c_type;
    return type;
}

/* ---- items of a file ---- */

AstItem *ast_item(Parse *p, AstItemKind kind, Span span, AstName name) {
    AstItem *item = NEW(AstItem);
    item->kind = kind;
    item->span = span;
    item->name = name;
    return item;
}

void ast_add_item(Parse *p, const AstItem *item) {
    p->outside = false;
    PUSH(p->file->items, p->file->n_items, p->file->cap_items, *item);
}

void ast_include(Parse *p, Span quoted) {
    AstItem *item = ast_item(p, AI_INCLUDE, quoted, (AstName){0});
    item->text = arena_strndup(p->comp->arena, parse_text(p, quoted), span_bytes(quoted));
    ast_add_item(p, item);
}

void ast_import(Parse *p, Span span, const char *path) {
    AstItem *item = ast_item(p, AI_IMPORT, span, (AstName){0});
    item->text = path;
    ast_add_item(p, item);
}

void ast_const(Parse *p, AstName name, AstExpr *value) {
    AstItem *item = ast_item(p, AI_CONST, name.span, name);
    item->value = value;
    ast_add_item(p, item);
}

void ast_add_enumerator(Parse *p, AstItem *item, AstName name, AstExpr *value) {
    AstEnumerator enumerator = {name, value};
    PUSH(item->enumerators, item->n_enumerators, item->cap_enumerators, enumerator);
}

void ast_add_member(Parse *p, AstItem *item, AstName name, AstType *type, AstExpr *init) {
    AstMember member = {name, type, init};
    PUSH(item->members, item->n_members, item->cap_members, member);
}

void ast_graph_begin(Parse *p, AstName name) {
    AstItem *item = ast_item(p, AI_GRAPH, name.span, name);
    item->graph = NEW(AstGraph);
    item->graph->name = name;
    ast_add_item(p, item);
    p->graph = item->graph;
}

void ast_graph_end(Parse *p, Span close) {
    p->graph->close = close;
    p->graph = NULL;
}

/* ---- fields ---- */

AstField *ast_field(Parse *p, AstDirection direction, AstName name, AstType *type) {
    AstField *field = NEW(AstField);
    field->direction = direction;
    field->name = name;
    field->type = type;
    return field;
}

void ast_field_init(Parse *p, AstField *field, Span op, AstExpr *init) {
    if (field->init)
        twice(p, "default", span_join(op, init->span), field->init->span);
    else
        field->init = init;
}

void ast_field_merge(Parse *p, AstField *field, AstName reducer, AstName function) {
    if (field->merge.text) {
        twice(p, "'merge'", reducer.span, field->merge.span);
        return;
    }
    field->merge = reducer;
    field->merge_with = function;
}

void ast_field_transient(Parse *p, AstField *field, Span span) {
    if (field->transient)
        twice(p, "'transient'", span, field->transient_span);
    field->transient = true;
    field->transient_span = span;
}

void ast_field_local(Parse *p, AstField *field, Span span) {
    if (field->local)
        twice(p, "'local'", span, field->local_span);
    field->local = true;
    field->local_span = span;
}

void ast_field_was(Parse *p, AstField *field, AstName name) {
    if (field->was.text)
        twice(p, "'was'", name.span, field->was.span);
    else
        field->was = name;
}

void ast_add_field(Parse *p, const AstField *field) {
    PUSH(p->graph->fields, p->graph->n_fields, p->graph->cap_fields, *field);
}

/* ---- nodes, predicates, routers ---- */

AstNode *ast_node(Parse *p, AstNodeKind kind, AstName name, AstName runs) {
    AstNode *node = NEW(AstNode);
    node->kind = kind;
    node->name = name;
    node->runs = runs;
    return node;
}

void ast_add_param(Parse *p, AstNode *node, AstParam param) {
    if (param.mode == AD_NONE && node->n_params > 0)
        param.mode = node->params[node->n_params - 1].mode;
    PUSH(node->params, node->n_params, node->cap_params, param);
}

AstAttr ast_attr(AstAttrKind kind, Span span, AstExpr *value) {
    return (AstAttr){.kind = kind, .span = span, .value = value};
}

AstAttr ast_attr_retry(Span span, AstExpr *times, AstExpr *every, AstExpr *up_to) {
    return (AstAttr){
        .kind = AA_RETRY, .span = span, .value = times, .every = every, .up_to = up_to};
}

AstAttr ast_attr_name(AstAttrKind kind, Span span, AstName name) {
    return (AstAttr){.kind = kind, .span = span, .name = name};
}

static const char *attr_word(AstAttrKind kind) {
    static const char *const words[] = {
        [AA_COST] = "cost",
        [AA_RETRY] = "retry",
        [AA_TIMEOUT] = "timeout",
        [AA_CHECKPOINT] = "checkpoint",
        [AA_EFFECT] = "effect",
        [AA_PAUSE_BEFORE] = "pause before",
        [AA_PAUSE_AFTER] = "pause after",
        [AA_WAS] = "was",
        [AA_CALLS] = "calls",
    };
    return words[kind];
}

void ast_add_attr(Parse *p, AstNode *node, AstAttr attr) {
    for (size_t i = 0; i < node->n_attrs; i++) {
        if (node->attrs[i].kind != attr.kind)
            continue;
        const char *word = arena_printf(p->comp->arena, "'%s'", attr_word(attr.kind));
        twice(p, word, attr.span, node->attrs[i].span);
        return;
    }
    PUSH(node->attrs, node->n_attrs, node->cap_attrs, attr);
}

void ast_add_target(Parse *p, AstNode *node, AstName name) {
    PUSH(node->targets, node->n_targets, node->cap_targets, name);
}

void ast_node_body(AstNode *node, Span text) {
    node->body = text.source->text + text.begin;
    node->body_n = span_bytes(text);
    node->body_span = text;
}

void ast_add_node(Parse *p, const AstNode *node) {
    const char *name = node->name.text;
    if (node->kind == AN_ROUTER && node->n_targets == 0)
        parse_error(p, node->name.span,
                    "router '%s' needs its targets: 'router %s (...) -> a | b;'", name, name);
    else if (node->kind != AN_ROUTER && node->n_targets > 0)
        parse_error(p, node->targets[0].span,
                    "only a router declares where it leads; edges are statements: '%s -> %s;'",
                    name, node->targets[0].text);
    PUSH(p->graph->nodes, p->graph->n_nodes, p->graph->cap_nodes, *node);
}

void ast_setting(Parse *p, AstSettingKind kind, Span span, AstExpr *value) {
    AstSetting setting = {kind, span, value};
    PUSH(p->graph->settings, p->graph->n_settings, p->graph->cap_settings, setting);
}
