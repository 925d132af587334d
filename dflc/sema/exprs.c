/* Expressions of guards and matches: names resolved, types checked.
 *
 * What is wrong is reported once, at the smallest part that shows it; the whole then has the type
 * TY_ERROR, which fits everything. */
#include "internal.h"

#include <string.h>

enum { MAX_SHOWN_TEXT = 40 };

/* Source text, when it is short. */
static const char *expr_text(ExprScope *scope, Span span) {
    if (!span.source || span.end - span.begin > MAX_SHOWN_TEXT)
        return "this";
    const char *text = span.source->text + span.begin;
    if (memchr(text, '\n', span.end - span.begin))
        return "this";
    return arena_printf(scope->g->sema->arena, "%.*s", (int)(span.end - span.begin), text);
}

static const char *quoted(ExprScope *scope, Span span) {
    const char *text = expr_text(scope, span);
    return strcmp(text, "this") == 0 ? text : arena_printf(scope->g->sema->arena, "'%s'", text);
}

static Diags *diags_of(ExprScope *scope) {
    return scope->g->sema->diags;
}

static Expr *new_expr(ExprScope *scope, ExprKind kind, const AstExpr *ast, const Type *type) {
    return range_new_expr(scope->g->sema->arena, kind, ast->span, type);
}

static Expr *error_expr(ExprScope *scope, const AstExpr *ast) {
    return new_expr(scope, EX_CONST, ast, scope->g->sema->error);
}

static bool is_error(const Expr *expr) {
    return expr->type->kind == TY_ERROR;
}

static const Type *builtin(ExprScope *scope, TypeKind kind) {
    return scope->g->sema->builtin[kind];
}

static Expr *finished(Expr *expr) {
    range_set(expr);
    return expr;
}

/* ---- constants ---- */

static Expr *const_expr(ExprScope *scope, const AstExpr *ast, const Const *value) {
    Expr *expr = new_expr(scope, EX_CONST, ast, value->type);
    Const *copy = ARENA_NEW(scope->g->sema->arena, Const);
    *copy = *value;
    expr->constant = copy;
    return finished(expr);
}

static Expr *integer_expr(ExprScope *scope, const AstExpr *ast, Literal literal) {
    Const value = {.type = builtin(scope, TY_I64)};
    if (literal.negative && literal.magnitude > (uint64_t)1 << 63) {
        diag_error(diags_of(scope), ast->span, "%s does not fit an i64",
                   expr_text(scope, ast->span));
        return error_expr(scope, ast);
    }
    if (literal.negative) {
        value.u.i = -(int64_t)(literal.magnitude - 1) - 1;
    } else if (literal.magnitude <= INT64_MAX) {
        value.u.i = (int64_t)literal.magnitude;
    } else {
        value.type = builtin(scope, TY_U64);
        value.u.u = literal.magnitude;
    }
    return const_expr(scope, ast, &value);
}

static Expr *literal_expr(ExprScope *scope, const AstExpr *ast, Literal literal) {
    Const value = {0};
    switch (literal.kind) {
    case LIT_INT:
        return integer_expr(scope, ast, literal);
    case LIT_REAL:
        value.type = builtin(scope, TY_F64);
        value.u.real = literal.real;
        return const_expr(scope, ast, &value);
    case LIT_BOOL:
        value.type = builtin(scope, TY_BOOL);
        value.u.boolean = literal.boolean;
        return const_expr(scope, ast, &value);
    case LIT_STRING:
        value.type = builtin(scope, TY_STRING);
        value.u.string.p = literal.p;
        value.u.string.n = literal.n;
        return const_expr(scope, ast, &value);
    case LIT_DURATION:
        diag_error(diags_of(scope), ast->span, "a duration cannot be compared or computed with");
        break;
    case LIT_NONE:
        diag_error(diags_of(scope), ast->span, "'none' stands behind 'is', as in 'x is none'");
        break;
    case LIT_NAME:
    case LIT_ERROR:
        break;
    }
    return error_expr(scope, ast);
}

/* A constant of an operation with a float, or with a u64, is made one too when that is exact. */
static void adapt_const(ExprScope *scope, Expr *expr, const Type *other) {
    const int64_t exact = (int64_t)1 << 53;
    if (expr->kind != EX_CONST || expr->type->kind != TY_I64)
        return;
    int64_t value = expr->constant->u.i;
    bool other_is_float = other->kind == TY_F32 || other->kind == TY_F64;
    if (other_is_float && value >= -exact && value <= exact) {
        expr->type = expr->constant->type = builtin(scope, TY_F64);
        expr->constant->u.real = (double)value;
    } else if (other->kind == TY_U64 && value >= 0) {
        expr->type = expr->constant->type = builtin(scope, TY_U64);
        expr->constant->u.u = (uint64_t)value;
    }
}

/* ---- names ---- */

static Expr *var_expr(ExprScope *scope, const AstExpr *ast, EachVar *var) {
    Expr *expr = new_expr(scope, EX_VAR, ast, var->type);
    expr->var = var;
    return finished(expr);
}

static bool is_visible(ExprScope *scope, const AstExpr *ast, const Field *field) {
    if (!field->local || scope->region->section)
        return true;
    Diag *diag = diag_error(diags_of(scope), ast->span,
                            "'%s' is local, and this %s is in no branch that could have one",
                            field->name, scope->is_binding ? "node" : "guard");
    diag_note(diag, field->span, "'%s' is declared here", field->name);
    return false;
}

static Expr *field_expr(ExprScope *scope, const AstExpr *ast, Field *field) {
    Expr *expr = new_expr(scope, EX_FIELD, ast, field->type);
    expr->field = field;
    return is_visible(scope, ast, field) ? finished(expr) : error_expr(scope, ast);
}

static Expr *predicate_expr(ExprScope *scope, const AstExpr *ast, NodeInfo *node) {
    node->used = true;
    if (node->node.kind != NODE_PREDICATE) {
        Diag *diag =
            diag_error(diags_of(scope), ast->span,
                       scope->is_binding ? "'%s' is a %s; what is bound is a value of the state"
                                         : "'%s' is a %s; a guard can ask fields and predicates",
                       node->node.name, node_kind_text(node->ast));
        diag_note(diag, node->node.span, "'%s' is declared here", node->node.name);
        return error_expr(scope, ast);
    }
    if (scope->is_binding) {
        diag_error(diags_of(scope), ast->span,
                   "a predicate is asked in guards; bind a field, and let a node set it");
        return error_expr(scope, ast);
    }
    each_bind_params(scope->g, node, scope->region, ast->span);
    for (size_t i = 0; i < node->node.n_params; i++)
        if (node->node.params[i].field && !is_visible(scope, ast, node->node.params[i].field))
            return error_expr(scope, ast);
    Expr *expr = new_expr(scope, EX_PREDICATE, ast, builtin(scope, TY_BOOL));
    expr->node = &node->node;
    return expr;
}

static Expr *enumerator_expr(ExprScope *scope, const AstExpr *ast, const Enum *enum_,
                             const Enumerator *value) {
    Const constant = {.type = enum_->type, .u.enumerator = value};
    return const_expr(scope, ast, &constant);
}

/* All that a guard can name, values of any enum included. */
static StrMap visible_names(ExprScope *scope) {
    Sema *s = scope->g->sema;
    const StrMap *maps[] = {&scope->g->fields, &s->consts, &s->enum_values};
    StrMap visible = {0};
    for (size_t m = 0; m < sizeof maps / sizeof *maps; m++)
        for (size_t i = 0; i < maps[m]->n; i++)
            strmap_put(&visible, s->arena, maps[m]->entries[i].name, s);
    for (size_t i = 0; i < scope->g->graph->n_nodes; i++)
        if (scope->g->graph->nodes[i]->kind == NODE_PREDICATE)
            strmap_put(&visible, s->arena, scope->g->graph->nodes[i]->name, s);
    return visible;
}

static Expr *unknown_name(ExprScope *scope, const AstExpr *ast, const Enum *expected) {
    Sema *s = scope->g->sema;
    const char *name = ast->u.name;
    StrMap values = {0}, visible = {0};
    if (hints_are_shown(s)) {
        visible = visible_names(scope);
        for (size_t i = 0; expected && i < expected->n_values; i++)
            strmap_put(&values, s->arena, expected->values[i].name, s);
    }
    const char *near;
    const char *hint = hint_from(s, name, &values, &visible, &near);
    NodeInfo *predicate = near ? strmap_get(&scope->g->nodes, near) : NULL;
    if (predicate)
        predicate->used = true;
    if (!expected) {
        diag_error(s->diags, ast->span, "unknown name '%s'%s", name, hint);
        return error_expr(scope, ast);
    }
    Diag *diag =
        diag_error(s->diags, ast->span, "'%s' is neither a field nor a value of enum '%s'%s", name,
                   expected->name, hint);
    const Enum *other;
    const EnumValues *elsewhere = enum_values_find(s, name, &other);
    if (elsewhere)
        diag_note(diag, elsewhere->value->span, "it is a value of enum '%s'",
                  elsewhere->enum_->name);
    return error_expr(scope, ast);
}

static Expr *ambiguous_value(ExprScope *scope, const AstExpr *ast, const EnumValues *values,
                             const Enum *other) {
    Diag *diag = diag_error(diags_of(scope), ast->span,
                            "'%s' is a value of enum '%s' and of enum '%s'; compare it with a "
                            "field of the one that is meant",
                            ast->u.name, values->enum_->name, other->name);
    diag_note(diag, values->value->span, "one of them is here");
    return error_expr(scope, ast);
}

/* A name that means the same whatever it is compared with. */
static bool is_plain_name(ExprScope *scope, const AstExpr *ast) {
    GraphSema *g = scope->g;
    if (ast->kind != AE_NAME)
        return true;
    const char *name = ast->u.name;
    return each_find(scope->region, name) || strmap_get(&g->fields, name);
}

/* A field shadows the values of enums, so that a new value never changes an old guard. */
static Expr *check_name(ExprScope *scope, const AstExpr *ast, const Enum *expected) {
    GraphSema *g = scope->g;
    const char *name = ast->u.name;
    EachVar *var = each_find(scope->region, name);
    if (var)
        return var_expr(scope, ast, var);
    FieldInfo *field = strmap_get(&g->fields, name);
    if (field)
        return field_expr(scope, ast, &field->field);
    const Enumerator *value = expected ? enum_find(g->sema, expected, name) : NULL;
    if (value)
        return enumerator_expr(scope, ast, expected, value);
    const ConstDecl *constant = const_find(g->sema, name);
    if (constant)
        return literal_expr(scope, ast, constant->literal);
    NodeInfo *node = strmap_get(&g->nodes, name);
    if (node && (node->node.kind == NODE_PREDICATE || !expected))
        return predicate_expr(scope, ast, node);
    const Enum *other;
    const EnumValues *values = enum_values_find(g->sema, name, &other);
    if (!values || expected)
        return unknown_name(scope, ast, expected);
    if (other)
        return ambiguous_value(scope, ast, values, other);
    return enumerator_expr(scope, ast, values->enum_, values->value);
}

/* ---- optionals, members, len ---- */

Expr *expr_value(ExprScope *scope, Expr *expr) {
    Sema *s = scope->g->sema;
    if (expr->type->kind != TY_OPT)
        return expr;
    const char *path = facts_path(s->comp, expr);
    if (!facts_know(scope->facts, path)) {
        const char *advice = scope->when_none ? scope->when_none
                                              : arena_printf(s->arena, "write '%s is some && ...'",
                                                             expr_text(scope, expr->span));
        diag_error(s->diags, expr->span, "%s may be none here; %s", quoted(scope, expr->span),
                   advice);
        expr->type = s->error;
        return expr;
    }
    Expr *value = range_new_expr(s->arena, EX_UNWRAP, expr->span, expr->type->elem);
    value->left = expr;
    return finished(value);
}

static Expr *check_value(ExprScope *scope, const AstExpr *ast, const Enum *expected) {
    return expr_value(scope, expr_check(scope, ast, expected));
}

static Expr *unknown_member(ExprScope *scope, const AstExpr *ast, const Struct *struct_) {
    Sema *s = scope->g->sema;
    StrMap members = {0};
    for (size_t i = 0; hints_are_shown(s) && i < struct_->n_members; i++)
        strmap_put(&members, s->arena, struct_->members[i].name, &members);
    Diag *diag = diag_error(s->diags, ast->op, "struct '%s' has no member '%s'%s", struct_->name,
                            ast->u.name, hint_from(s, ast->u.name, &members, NULL, NULL));
    if (!struct_->builtin)
        diag_note(diag, struct_->span, "'%s' is declared here", struct_->name);
    return error_expr(scope, ast);
}

static Expr *check_member(ExprScope *scope, const AstExpr *ast) {
    Expr *left = check_value(scope, ast->left, NULL);
    if (is_error(left))
        return error_expr(scope, ast);
    if (left->type->kind != TY_STRUCT) {
        diag_error(diags_of(scope), ast->op, "%s is %s, which has no members",
                   quoted(scope, ast->left->span), type_text(left->type));
        return error_expr(scope, ast);
    }
    const Struct *struct_ = left->type->struct_;
    Member *member = struct_member(scope->g->sema, struct_, ast->u.name);
    if (!member)
        return unknown_member(scope, ast, struct_);
    Expr *expr = new_expr(scope, EX_MEMBER, ast, member->type);
    expr->left = left;
    expr->member = member;
    return finished(expr);
}

static Expr *check_len(ExprScope *scope, const AstExpr *ast) {
    Expr *left = check_value(scope, ast->left, NULL);
    switch (left->type->kind) {
    case TY_ERROR:
        return error_expr(scope, ast);
    case TY_STRING:
    case TY_BYTES:
    case TY_LIST:
    case TY_MAP:
    case TY_ARRAY:
        break;
    default:
        diag_error(diags_of(scope), ast->left->span,
                   "len() is of a string, bytes, a list, a map or an array, and %s is %s",
                   quoted(scope, ast->left->span), type_text(left->type));
        return error_expr(scope, ast);
    }
    Expr *expr = new_expr(scope, EX_LEN, ast, builtin(scope, TY_I64));
    expr->left = left;
    return finished(expr);
}

static Expr *check_is(ExprScope *scope, const AstExpr *ast) {
    Expr *left = expr_check(scope, ast->left, NULL);
    const char *word = ast->kind == AE_IS_NONE ? "none" : "some";
    if (is_error(left))
        return error_expr(scope, ast);
    if (left->type->kind != TY_OPT) {
        diag_error(diags_of(scope), ast->span, "%s is never none: its type is %s, not %s?",
                   quoted(scope, ast->left->span), type_text(left->type), type_text(left->type));
        return error_expr(scope, ast);
    }
    if (!facts_path(scope->g->sema->comp, left)) {
        diag_error(diags_of(scope), ast->left->span, "'is %s' needs a field or a member", word);
        return error_expr(scope, ast);
    }
    Expr *expr = new_expr(scope, ast->kind == AE_IS_NONE ? EX_IS_NONE : EX_IS_SOME, ast,
                          builtin(scope, TY_BOOL));
    expr->left = left;
    return finished(expr);
}

/* ---- operators ---- */

static Expr *binary(ExprScope *scope, ExprKind kind, const AstExpr *ast, const Type *type,
                    Expr *left, Expr *right) {
    Expr *expr = new_expr(scope, kind, ast, type);
    expr->left = left;
    expr->right = right;
    return finished(expr);
}

static const Enum *enum_of(const Expr *expr) {
    return expr->type->kind == TY_ENUM ? expr->type->enum_ : NULL;
}

/* Both operands; a bare name may be a value of the other one's enum. */
static void check_operands(ExprScope *scope, const AstExpr *ast, Expr **left, Expr **right) {
    if (is_plain_name(scope, ast->left)) {
        *left = check_value(scope, ast->left, NULL);
        *right = check_value(scope, ast->right, enum_of(*left));
    } else {
        *right = check_value(scope, ast->right, NULL);
        *left = check_value(scope, ast->left, enum_of(*right));
    }
}

static bool is_composite(const Type *type) {
    return type->kind >= TY_STRUCT || type->kind == TY_BYTES;
}

static const char *composite_advice(const Type *type) {
    switch (type->kind) {
    case TY_STRUCT:
        return "; compare its members";
    case TY_HANDLE:
        return "; ask a predicate";
    default:
        return "; compare len() of it, or ask a predicate";
    }
}

/* "'score' (f64)"; a literal speaks for itself. */
static const char *operand_text(ExprScope *scope, const AstExpr *ast, const Type *type) {
    const AstExpr *inner = ast->kind == AE_NEG ? ast->left : ast;
    if (inner->kind <= AE_BOOL)
        return expr_text(scope, ast->span);
    return arena_printf(scope->g->sema->arena, "%s (%s)", quoted(scope, ast->span),
                        type_text(type));
}

/* Two values of one scalar kind: numbers, bools, strings, or values of one enum. */
static bool are_comparable(ExprScope *scope, const AstExpr *ast, const Expr *left,
                           const Expr *right) {
    const Type *l = left->type, *r = right->type;
    const Expr *composite = is_composite(l) ? left : (is_composite(r) ? right : NULL);
    if (composite) {
        diag_error(diags_of(scope), composite->span, "%s is %s, which cannot be compared%s",
                   quoted(scope, composite->span), type_text(composite->type),
                   composite_advice(composite->type));
        return false;
    }
    bool fits = type_is_number(l) ? type_is_number(r) : l == r;
    if (!fits) {
        Diag *diag =
            diag_error(diags_of(scope), left->span, "cannot compare %s with %s",
                       operand_text(scope, ast->left, l), operand_text(scope, ast->right, r));
        diag_also(diag, right->span);
    }
    return fits;
}

static bool refuse_none(ExprScope *scope, const AstExpr *ast) {
    const AstExpr *none = ast->left->kind == AE_NONE ? ast->left : ast->right;
    const AstExpr *other = none == ast->left ? ast->right : ast->left;
    if (none->kind != AE_NONE)
        return false;
    diag_error(diags_of(scope), ast->span, "write '%s is %s'", expr_text(scope, other->span),
               ast->kind == AE_NE ? "some" : "none");
    return true;
}

static ExprKind kind_of(AstExprKind kind) {
    static const ExprKind kinds[] = {
        [AE_MUL] = EX_MUL, [AE_DIV] = EX_DIV, [AE_MOD] = EX_MOD, [AE_ADD] = EX_ADD,
        [AE_SUB] = EX_SUB, [AE_LT] = EX_LT,   [AE_LE] = EX_LE,   [AE_GT] = EX_GT,
        [AE_GE] = EX_GE,   [AE_EQ] = EX_EQ,   [AE_NE] = EX_NE,   [AE_AND] = EX_AND,
        [AE_OR] = EX_OR,
    };
    return kinds[kind];
}

static const char *operator_text(ExprScope *scope, const AstExpr *ast) {
    return expr_text(scope, ast->op);
}

static Expr *check_comparison(ExprScope *scope, const AstExpr *ast) {
    Expr *left, *right;
    if (refuse_none(scope, ast))
        return error_expr(scope, ast);
    check_operands(scope, ast, &left, &right);
    if (is_error(left) || is_error(right) || !are_comparable(scope, ast, left, right))
        return error_expr(scope, ast);
    bool ordered = ast->kind != AE_EQ && ast->kind != AE_NE;
    if (ordered && (left->type->kind == TY_BOOL || left->type->kind == TY_ENUM)) {
        diag_error(diags_of(scope), ast->op, "%s has no order; it is compared with == and !=",
                   left->type->kind == TY_BOOL ? "a bool" : "an enum");
        return error_expr(scope, ast);
    }
    adapt_const(scope, left, right->type);
    adapt_const(scope, right, left->type);
    return binary(scope, kind_of(ast->kind), ast, builtin(scope, TY_BOOL), left, right);
}

static Expr *check_in(ExprScope *scope, const AstExpr *ast) {
    Expr *right = check_value(scope, ast->right, NULL);
    const Type *list = right->type;
    bool is_list = list->kind == TY_LIST || list->kind == TY_ARRAY;
    const Enum *expected = is_list && list->elem->kind == TY_ENUM ? list->elem->enum_ : NULL;
    Expr *left = check_value(scope, ast->left, expected);
    if (is_error(left) || is_error(right))
        return error_expr(scope, ast);
    if (!is_list) {
        diag_error(diags_of(scope), ast->right->span,
                   "'in' looks into a list or an array, and %s is %s",
                   quoted(scope, ast->right->span), type_text(list));
        return error_expr(scope, ast);
    }
    const Type *elem = list->elem;
    bool scalar = !is_composite(elem) && !is_composite(left->type);
    if (!scalar || (type_is_number(elem) ? !type_is_number(left->type) : elem != left->type)) {
        diag_error(diags_of(scope), left->span, "cannot look for %s in %s%s",
                   operand_text(scope, ast->left, left->type),
                   operand_text(scope, ast->right, list),
                   scalar ? "" : ", whose items cannot be compared");
        return error_expr(scope, ast);
    }
    adapt_const(scope, left, elem);
    return binary(scope, EX_IN, ast, builtin(scope, TY_BOOL), left, right);
}

static bool is_number_here(ExprScope *scope, const AstExpr *ast, const Expr *operand) {
    if (type_is_number(operand->type))
        return true;
    diag_error(diags_of(scope), operand->span, "'%s' needs numbers, and %s is %s",
               operator_text(scope, ast), quoted(scope, operand->span), type_text(operand->type));
    return false;
}

static bool is_zero(const Expr *expr) {
    return expr->kind == EX_CONST &&
           (type_is_unsigned(expr->type) ? expr->constant->u.u == 0 : expr->constant->u.i == 0);
}

static const Type *arithmetic_type(ExprScope *scope, const Type *left, const Type *right) {
    if (!type_is_integer(left) || !type_is_integer(right))
        return builtin(scope, TY_F64);
    bool wide = left->kind == TY_U64 || right->kind == TY_U64;
    return builtin(scope, wide ? TY_U64 : TY_I64);
}

static Expr *check_arithmetic(ExprScope *scope, const AstExpr *ast) {
    Expr *left = check_value(scope, ast->left, NULL);
    Expr *right = check_value(scope, ast->right, NULL);
    if (is_error(left) || is_error(right) || !is_number_here(scope, ast, left) ||
        !is_number_here(scope, ast, right))
        return error_expr(scope, ast);
    adapt_const(scope, left, right->type);
    adapt_const(scope, right, left->type);
    const Type *type = arithmetic_type(scope, left->type, right->type);
    if (ast->kind == AE_MOD && type->kind == TY_F64) {
        diag_error(diags_of(scope), ast->op, "'%%' is for integers");
        return error_expr(scope, ast);
    }
    if ((ast->kind == AE_DIV || ast->kind == AE_MOD) && type_is_integer(type) && is_zero(right)) {
        diag_error(diags_of(scope), ast->right->span, "division by zero");
        return error_expr(scope, ast);
    }
    return binary(scope, kind_of(ast->kind), ast, type, left, right);
}

/* -5 is a constant, so that the least i64 can be written. */
static Expr *check_negation(ExprScope *scope, const AstExpr *ast) {
    const AstExpr *inner = ast->left;
    if (inner->kind == AE_INT || inner->kind == AE_FLOAT)
        return literal_expr(scope, ast, literal_of(scope->g->sema, ast));
    Expr *left = check_value(scope, inner, NULL);
    if (is_error(left) || !is_number_here(scope, ast, left))
        return error_expr(scope, ast);
    const Type *type = builtin(scope, type_is_integer(left->type) ? TY_I64 : TY_F64);
    return binary(scope, EX_NEG, ast, type, left, NULL);
}

static Expr *check_condition(ExprScope *scope, const AstExpr *ast) {
    Expr *expr = check_value(scope, ast, NULL);
    if (is_error(expr) || expr->type->kind == TY_BOOL)
        return expr;
    const char *advice =
        type_is_number(expr->type) || expr->type->kind == TY_STRING || expr->type->kind == TY_ENUM
            ? "; compare it"
            : "";
    diag_error(diags_of(scope), ast->span, "a condition is needed here, and %s is %s%s",
               quoted(scope, ast->span), type_text(expr->type), advice);
    return error_expr(scope, ast);
}

static Expr *check_not(ExprScope *scope, const AstExpr *ast) {
    Expr *left = check_condition(scope, ast->left);
    return is_error(left) ? error_expr(scope, ast)
                          : binary(scope, EX_NOT, ast, builtin(scope, TY_BOOL), left, NULL);
}

/* The right side of && is asked when the left is true, that of || when it is false. */
static Expr *check_logic(ExprScope *scope, const AstExpr *ast) {
    Sema *s = scope->g->sema;
    Facts *facts = scope->facts;
    Expr *left = check_condition(scope, ast->left);
    size_t known = facts->n;
    if (is_error(left))
        facts_learn_asked(facts, s->comp, ast->left);
    else
        facts_learn_if(facts, s->comp, left, ast->kind == AE_AND);
    Expr *right = check_condition(scope, ast->right);
    facts_forget(facts, s->arena, known);
    if (is_error(left) || is_error(right))
        return error_expr(scope, ast);
    return binary(scope, kind_of(ast->kind), ast, builtin(scope, TY_BOOL), left, right);
}

Expr *expr_check(ExprScope *scope, const AstExpr *ast, const Enum *expected) {
    switch (ast->kind) {
    case AE_INT:
    case AE_FLOAT:
    case AE_STRING:
    case AE_DURATION:
    case AE_BOOL:
    case AE_NONE:
        return literal_expr(scope, ast, literal_of(scope->g->sema, ast));
    case AE_NAME:
        return check_name(scope, ast, expected);
    case AE_MEMBER:
        return check_member(scope, ast);
    case AE_LEN:
        return check_len(scope, ast);
    case AE_IS_NONE:
    case AE_IS_SOME:
        return check_is(scope, ast);
    case AE_IN:
        return check_in(scope, ast);
    case AE_NEG:
        return check_negation(scope, ast);
    case AE_NOT:
        return check_not(scope, ast);
    case AE_MUL:
    case AE_DIV:
    case AE_MOD:
    case AE_ADD:
    case AE_SUB:
        return check_arithmetic(scope, ast);
    case AE_LT:
    case AE_LE:
    case AE_GT:
    case AE_GE:
    case AE_EQ:
    case AE_NE:
        return check_comparison(scope, ast);
    case AE_AND:
    case AE_OR:
        return check_logic(scope, ast);
    }
    return error_expr(scope, ast);
}

Expr *expr_guard(ExprScope *scope, const AstExpr *ast) {
    Expr *expr = check_condition(scope, ast);
    return is_error(expr) ? NULL : expr;
}
