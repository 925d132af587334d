/* Fields and guards as C text, seen from one region's function. */
#include "emit.h"

#include <inttypes.h>
#include <string.h>

/* ---- fields ---- */

/* From the region's frame outwards to the first that has a value of its own; else the state. */
const char *lvalue(Emit *e, const Field *field) {
    const RegionPlan *at = e->view ? e->view : e->region;
    const char *path = e->view ? e->view_path : "f->";
    for (; at && at->frame; at = at->up) {
        const Slot *slot = region_slot(at, field);
        if (slot && slot->own) {
            e->used_frame = true;
            return say(e, "%sown.%s", path, field->name);
        }
        path = say(e, "%sup->", path);
    }
    if (!in_run(e)) {
        e->used_frame = true;
        return say(e, "f->s->%s", field->name);
    }
    e->used_state = true;
    return say(e, "s->%s", field->name);
}

const char *added_lvalue(Emit *e, const Field *field) {
    e->used_frame = true;
    return say(e, "f->added.%s", field->name);
}

const char *wrote_lvalue(Emit *e, const Field *field) {
    e->used_frame = true;
    return say(e, "f->wrote.%s", field->name);
}

const char *count_lvalue(Emit *e, uint32_t index) {
    e->used_count = true;
    e->used_frame |= !in_run(e);
    return say(e, in_run(e) ? "count[%" PRIu32 "]" : "f->count[%" PRIu32 "]", index);
}

/* What an each runs over, as the region around its section sees it: a body that appends to the
 * same list still walks the one of the fork. */
static const char *over_text(Emit *e, const Section *section, const RegionPlan *around,
                             const char *path) {
    const RegionPlan *view = e->view;
    const char *view_path = e->view_path, *text;
    e->view = around;
    e->view_path = path;
    text = c_expr(e, section->over);
    e->view = view;
    e->view_path = view_path;
    return text;
}

/* The variable of an each: the body's frame has the number of the element. */
const char *var_value(Emit *e, const EachVar *var) {
    const RegionPlan *at = e->view ? e->view : e->region;
    const char *path = e->view ? e->view_path : "f->", *number, *over;
    TypeKind kind = var->section->over->type->kind;
    e->used_frame = true;
    for (; at->region->section != var->section; at = at->up)
        path = say(e, "%sup->", path);
    number = say(e, "%si", path);
    if (var->is_index && kind != TY_MAP)
        return say(e, "(int64_t)%s", number);
    over = over_text(e, var->section, at->up, say(e, "%sup->", path));
    if (kind == TY_MAP)
        return say(e, "%s.entries[%s].%s", over, number, var->is_index ? "key" : "value");
    if (kind == TY_LIST)
        return say(e, "%s.items[%s]", over, number);
    return say(e, "%s[DFL__WITHIN(%s, %" PRIu32 ")]", over, number,
               var->section->over->type->count);
}

const char *in_argument(Emit *e, const Type *type, const char *value) {
    switch (type->kind) {
    case TY_STRUCT:
    case TY_MAP:
        return say(e, "&%s", value);
    case TY_OPT:
        return say(e, "%s.has ? &%s.value : NULL", value, value);
    default:
        return value;
    }
}

/* ---- guards ---- */

static bool is_wide_unsigned(const Type *type) {
    return type->kind == TY_U64;
}

static bool is_float(const Type *type) {
    return type->kind == TY_F32 || type->kind == TY_F64;
}

/* A number whose every value a double holds exactly. */
static bool fits_double(const Expr *expr) {
    const Type *type = expr->type;
    if (expr->kind == EX_CONST && type_is_integer(type)) {
        uint64_t magnitude = type_is_unsigned(type) || expr->constant->u.i >= 0
                                 ? expr->constant->u.u
                                 : 0 - expr->constant->u.u;
        return magnitude <= (UINT64_C(1) << 53);
    }
    return is_float(type) || (type->kind != TY_I64 && type->kind != TY_U64);
}

static bool is_natural_const(const Expr *expr) {
    return expr->kind == EX_CONST && type_is_integer(expr->type) &&
           (type_is_unsigned(expr->type) || expr->constant->u.i >= 0);
}

static bool is_zero_const(const Expr *expr) {
    return is_natural_const(expr) && expr->constant->u.u == 0;
}

/* The expression as an int64_t, uint64_t or double. */
static const char *as_number(Emit *e, const Expr *expr, TypeKind kind) {
    const char *text = c_expr(e, expr);
    if (kind == TY_F64)
        return expr->type->kind == TY_F64 ? text : say(e, "(double)%s", text);
    if (expr->kind == EX_CONST)
        return say(e, kind == TY_U64 ? "UINT64_C(%" PRIu64 ")" : "INT64_C(%" PRId64 ")",
                   kind == TY_U64 ? expr->constant->u.u : expr->constant->u.u);
    if (expr->type->kind == kind)
        return text;
    if (kind == TY_U64)
        return type_is_unsigned(expr->type) ? say(e, "(uint64_t)%s", text)
                                            : say(e, "dfl__i64_to_u64(&why, %s)", text);
    if (is_wide_unsigned(expr->type))
        return say(e, "dfl__u64_to_i64(&why, %s)", text);
    return say(e, "(int64_t)%s", text);
}

static const char *const_number(Emit *e, const Expr *expr, TypeKind kind) {
    if (expr->kind == EX_CONST && kind == TY_I64 && expr->constant->u.i == INT64_MIN)
        return "INT64_MIN";
    return as_number(e, expr, kind);
}

static const char *arithmetic(Emit *e, const Expr *expr) {
    static const char *const checked[] = {
        [EX_MUL] = "mul", [EX_DIV] = "div", [EX_MOD] = "mod", [EX_ADD] = "add", [EX_SUB] = "sub"};
    static const char *const plain[] = {
        [EX_MUL] = "*", [EX_DIV] = "/", [EX_MOD] = "%", [EX_ADD] = "+", [EX_SUB] = "-"};
    TypeKind kind = is_float(expr->type) ? TY_F64 : expr->type->kind;
    const char *left = const_number(e, expr->left, kind);
    const char *right = const_number(e, expr->right, kind);
    if (kind == TY_F64 || !expr->can_fail)
        return say(e, "(%s %s %s)", left, plain[expr->kind], right);
    return say(e, "dfl__%s_%s(&why, %s, %s)", checked[expr->kind], kind == TY_U64 ? "u64" : "i64",
               left, right);
}

static const char *const comparison[] = {
    [EX_LT] = "<", [EX_LE] = "<=", [EX_GT] = ">", [EX_GE] = ">=", [EX_EQ] = "==", [EX_NE] = "!="};

static ExprKind mirrored(ExprKind kind) {
    switch (kind) {
    case EX_LT:
        return EX_GT;
    case EX_LE:
        return EX_GE;
    case EX_GT:
        return EX_LT;
    case EX_GE:
        return EX_LE;
    default:
        return kind;
    }
}

/* The result of a three-way comparison that is 2 when a NaN took part. */
static const char *three_way(Emit *e, ExprKind kind, const char *call) {
    switch (kind) {
    case EX_LT:
        return say(e, "(%s == -1)", call);
    case EX_LE:
        return say(e, "(%s <= 0)", call);
    case EX_GT:
        return say(e, "(%s == 1)", call);
    case EX_GE:
        return say(e, "((unsigned)%s <= 1)", call);
    default:
        return say(e, "(%s %s 0)", call, comparison[kind]);
    }
}

static const char *compare_with_float(Emit *e, ExprKind kind, const Expr *left, const Expr *right) {
    if (fits_double(left) && fits_double(right))
        return say(e, "(%s %s %s)", as_number(e, left, TY_F64), comparison[kind],
                   as_number(e, right, TY_F64));
    if (is_float(left->type))
        return compare_with_float(e, mirrored(kind), right, left);
    return three_way(e, kind,
                     say(e, "dfl__cmp_%s_f64(%s, %s)", is_wide_unsigned(left->type) ? "u64" : "i64",
                         const_number(e, left, is_wide_unsigned(left->type) ? TY_U64 : TY_I64),
                         as_number(e, right, TY_F64)));
}

/* Compilers warn of `u < 0`, and of any comparison with a constant at or beyond the edge of a narrow
 * type's range: those are made by a function. */
static bool is_at_the_edge(const Expr *narrow, const Expr *constant) {
    static const struct {
        int64_t min, max;
    } range[] = {[TY_I8] = {INT8_MIN, INT8_MAX},    [TY_I16] = {INT16_MIN, INT16_MAX},
                 [TY_I32] = {INT32_MIN, INT32_MAX}, [TY_I64] = {INT64_MIN, INT64_MAX},
                 [TY_U8] = {0, UINT8_MAX},          [TY_U16] = {0, UINT16_MAX},
                 [TY_U32] = {0, UINT32_MAX}};
    if (constant->kind != EX_CONST || is_wide_unsigned(narrow->type) ||
        is_wide_unsigned(constant->type))
        return false;
    return constant->constant->u.i <= range[narrow->type->kind].min ||
           constant->constant->u.i >= range[narrow->type->kind].max;
}

/* Nor of a comparison of something with itself. */
static const char *compare_texts(Emit *e, ExprKind kind, TypeKind common, const char *left,
                                 const char *right) {
    if (strcmp(left, right) == 0)
        return say(e, "(dfl__cmp_%s(%s, %s) %s 0)", common == TY_U64 ? "u64" : "i64", left, right,
                   comparison[kind]);
    return say(e, "(%s %s %s)", left, comparison[kind], right);
}

static const char *compare_numbers(Emit *e, ExprKind kind, const Expr *left, const Expr *right) {
    bool wide_left = is_wide_unsigned(left->type), wide_right = is_wide_unsigned(right->type);
    TypeKind common = TY_I64;
    if (is_float(left->type) || is_float(right->type))
        return compare_with_float(e, kind, left, right);
    if (wide_left || wide_right) {
        bool left_fits = type_is_unsigned(left->type) || is_natural_const(left);
        bool right_fits = type_is_unsigned(right->type) || is_natural_const(right);
        common = TY_U64;
        if (wide_left && !right_fits)
            return compare_numbers(e, mirrored(kind), right, left);
        if (!left_fits)
            return say(e, "(dfl__cmp_i64_u64(%s, %s) %s 0)", const_number(e, left, TY_I64),
                       as_number(e, right, TY_U64), comparison[kind]);
        if (is_zero_const(left) || is_zero_const(right))
            return say(e, "(dfl__cmp_u64(%s, %s) %s 0)", as_number(e, left, TY_U64),
                       as_number(e, right, TY_U64), comparison[kind]);
    }
    if (is_at_the_edge(left, right) || is_at_the_edge(right, left))
        return say(e, "(dfl__cmp_i64(%s, %s) %s 0)", const_number(e, left, common),
                   const_number(e, right, common), comparison[kind]);
    return compare_texts(e, kind, common, const_number(e, left, common),
                         const_number(e, right, common));
}

static const char *compare(Emit *e, const Expr *expr) {
    const Expr *left = expr->left, *right = expr->right;
    if (type_is_number(left->type))
        return compare_numbers(e, expr->kind, left, right);
    if (left->type->kind == TY_STRING && (expr->kind == EX_EQ || expr->kind == EX_NE))
        return say(e, "%sdfl_str_eq(%s, %s)", expr->kind == EX_NE ? "!" : "", c_expr(e, left),
                   c_expr(e, right));
    if (left->type->kind == TY_STRING)
        return say(e, "(dfl_str_cmp(%s, %s) %s 0)", c_expr(e, left), c_expr(e, right),
                   comparison[expr->kind]);
    return compare_texts(e, expr->kind, TY_I64, c_expr(e, left), c_expr(e, right));
}

static const char *contains(Emit *e, const Expr *expr) {
    const Type *type = expr->right->type, *elem = type->elem;
    const char *list = c_expr(e, expr->right), *items = list, *n;
    const char *stem = elem->kind == TY_STRING ? "dfl__str_in"
                       : elem->kind == TY_ENUM ? say(e, "%s__in", elem->c_name)
                                               : say(e, "dfl__%s_in", number_stem(elem));
    if (type->kind == TY_LIST) {
        items = say(e, "%s.items", list);
        n = say(e, "%s.len", list);
    } else {
        n = say(e, "%" PRIu32, type->count);
    }
    if (type_is_number(elem))
        return say(e, "%s(%s, %s, %s)", stem,
                   const_number(e, expr->left,
                                is_float(elem)           ? TY_F64
                                : type_is_unsigned(elem) ? TY_U64
                                                         : TY_I64),
                   items, n);
    return say(e, "%s(%s, %s, %s)", stem, c_expr(e, expr->left), items, n);
}

static const char *length(Emit *e, const Expr *of) {
    switch (of->type->kind) {
    case TY_ARRAY:
        return say(e, "INT64_C(%" PRIu32 ")", of->type->count);
    case TY_STRING:
    case TY_BYTES:
        return say(e, "(int64_t)%s.n", c_expr(e, of));
    default:
        return say(e, "(int64_t)%s.len", c_expr(e, of));
    }
}

static const char *predicate_call(Emit *e, const Node *node) {
    CWriter *list = list_open(e, say(e, "%s(ctx", node->c_name));
    size_t i;
    for (i = 0; i < node->n_params; i++) {
        const Param *param = &node->params[i];
        const char *value = param->var     ? var_value(e, param->var)
                            : param->field ? lvalue(e, param->field)
                                           : "s";
        list_add(list, in_argument(e, param->type, value));
    }
    return list_close(list);
}

static const char *negation(Emit *e, const Expr *expr) {
    if (is_float(expr->type))
        return say(e, "(-%s)", as_number(e, expr->left, TY_F64));
    if (expr->can_fail)
        return say(e, "dfl__neg_i64(&why, %s)", const_number(e, expr->left, TY_I64));
    return say(e, "(-%s)", const_number(e, expr->left, TY_I64));
}

/* ---- what two guards decide together ---- */

/* Compilers warn of `(c != red) || (c == red)` and `b && !b`, which a graph may say: such a pair is written as the
 * constant that it is. */
typedef struct Test {
    const Expr *of;     /* NULL: of something else than one value's being this or not */
    const Const *value; /* of an enum; NULL: true, or some */
    bool is_not;
} Test;

/* A field, a variable, or a member of one: reading it twice gives the same. */
static bool is_same_value(const Expr *a, const Expr *b) {
    if (a->kind != b->kind || a->type != b->type)
        return false;
    switch (a->kind) {
    case EX_FIELD:
        return a->field == b->field;
    case EX_VAR:
        return a->var == b->var;
    case EX_MEMBER:
        return a->member == b->member && is_same_value(a->left, b->left);
    case EX_UNWRAP:
        return is_same_value(a->left, b->left);
    default:
        return false;
    }
}

static Test test_of_enum(const Expr *expr) {
    const Expr *left = expr->left, *right = expr->right;
    Test test = {NULL, NULL, expr->kind == EX_NE};
    if (left->type->kind != TY_ENUM || (left->kind == EX_CONST) == (right->kind == EX_CONST))
        return test;
    test.of = left->kind == EX_CONST ? right : left;
    test.value = left->kind == EX_CONST ? left->constant : right->constant;
    return test;
}

static Test test_of(const Expr *expr) {
    Test test = {NULL, NULL, false};
    switch (expr->kind) {
    case EX_EQ:
    case EX_NE:
        return test_of_enum(expr);
    case EX_NOT:
        test = test_of(expr->left);
        test.is_not = !test.is_not;
        return test;
    case EX_IS_SOME:
    case EX_IS_NONE:
        return (Test){expr->left, NULL, expr->kind == EX_IS_NONE};
    case EX_FIELD:
    case EX_VAR:
    case EX_MEMBER:
    case EX_UNWRAP:
        return (Test){expr, NULL, false};
    default:
        return test;
    }
}

static bool is_same_constant(const Const *a, const Const *b) {
    return a == b || (a && b && a->u.enumerator->value == b->u.enumerator->value);
}

/* Whether the two sides of an && cannot both be true, or one of those of an || always is. */
static bool is_decided(const Expr *expr) {
    Test left = test_of(expr->left), right = test_of(expr->right);
    if (!left.of || !right.of || !left.value != !right.value || !is_same_value(left.of, right.of))
        return false;
    if (is_same_constant(left.value, right.value))
        return left.is_not != right.is_not;
    return left.is_not == right.is_not && left.is_not == (expr->kind == EX_OR);
}

static const char *logic(Emit *e, const Expr *expr) {
    bool is_or = expr->kind == EX_OR;
    if (is_decided(expr))
        return is_or ? "true" : "false";
    return say(e, "(%s %s %s)", c_expr(e, expr->left), is_or ? "||" : "&&", c_expr(e, expr->right));
}

const char *c_expr(Emit *e, const Expr *expr) {
    switch (expr->kind) {
    case EX_CONST:
        return c_const(e, expr->constant);
    case EX_FIELD:
        return lvalue(e, expr->field);
    case EX_VAR:
        return var_value(e, expr->var);
    case EX_MEMBER:
        return say(e, "%s.%s", c_expr(e, expr->left), expr->member->name);
    case EX_UNWRAP:
        return say(e, "%s.value", c_expr(e, expr->left));
    case EX_PREDICATE:
        return predicate_call(e, expr->node);
    case EX_LEN:
        return length(e, expr->left);
    case EX_IS_NONE:
        return say(e, "!%s.has", c_expr(e, expr->left));
    case EX_IS_SOME:
        return say(e, "%s.has", c_expr(e, expr->left));
    case EX_IN:
        return contains(e, expr);
    case EX_NEG:
        return negation(e, expr);
    case EX_NOT:
        return say(e, "!(%s)", c_expr(e, expr->left));
    case EX_MUL:
    case EX_DIV:
    case EX_MOD:
    case EX_ADD:
    case EX_SUB:
        return arithmetic(e, expr);
    case EX_AND:
    case EX_OR:
        return logic(e, expr);
    default:
        return compare(e, expr);
    }
}
