/* Which integer arithmetic may fail: overflow, a negative value as u64, division by zero.
 *
 * Every integer expression gets the range of values that it can have from the widths of what it
 * is made of, so that `a + b` of two i32 needs no check in i64. */
#include "internal.h"

#include "../wide.h"

typedef struct RangedExpr {
    Expr expr;      /* first: the two convert by cast */
    Wide low, high; /* of an integer */
} RangedExpr;

static RangedExpr *ranged(Expr *expr) {
    return (RangedExpr *)expr;
}

static void type_range(const Type *type, Wide *low, Wide *high) {
    static const unsigned bits[] = {[TY_I8] = 8, [TY_I16] = 16, [TY_I32] = 32, [TY_I64] = 64,
                                    [TY_U8] = 8, [TY_U16] = 16, [TY_U32] = 32, [TY_U64] = 64};
    unsigned n = bits[type->kind];
    bool is_unsigned = type_is_unsigned(type);
    *low = is_unsigned ? 0 : -((Wide)1 << (n - 1));
    *high = ((Wide)1 << (is_unsigned ? n : n - 1)) - 1;
}

Expr *range_new_expr(Arena *arena, ExprKind kind, Span span, const Type *type) {
    RangedExpr *expr = ARENA_NEW(arena, RangedExpr);
    expr->expr.kind = kind;
    expr->expr.span = span;
    expr->expr.type = type;
    return &expr->expr;
}

/* Whether every value of an operand can be converted to the type of the operation. */
static bool operand_fits(const RangedExpr *operand, const Type *type) {
    Wide low, high;
    type_range(type, &low, &high);
    return operand->low >= low && operand->high <= high;
}

/* Least and greatest of four products; false when one leaves 128 bits. */
static bool multiply(const RangedExpr *a, const RangedExpr *b, Wide *low, Wide *high) {
    const Wide left[] = {a->low, a->high}, right[] = {b->low, b->high};
    for (int i = 0; i < 4; i++) {
        Wide product;
        if (__builtin_mul_overflow(left[i / 2], right[i % 2], &product))
            return false;
        *low = i == 0 || product < *low ? product : *low;
        *high = i == 0 || product > *high ? product : *high;
    }
    return true;
}

/* A quotient or remainder is no larger than its dividend. A negative divisor may turn the sign; as
 * INT64_MIN / -1 leaves the type, so does INT64_MIN % -1 count as failing. */
static void divide(const RangedExpr *a, const RangedExpr *b, Wide *low, Wide *high) {
    *low = a->low < 0 ? a->low : 0;
    *high = a->high > 0 ? a->high : 0;
    if (b->low >= 0)
        return;
    Wide turned_low = -*high, turned_high = -*low;
    *low = turned_low < *low ? turned_low : *low;
    *high = turned_high > *high ? turned_high : *high;
}

/* The range of a result; false when the operation itself may fail. */
static bool compute(const Expr *expr, Wide *low, Wide *high) {
    const RangedExpr *a = ranged(expr->left), *b = expr->right ? ranged(expr->right) : NULL;
    switch (expr->kind) {
    case EX_NEG:
        *low = -a->high;
        *high = -a->low;
        return true;
    case EX_ADD:
        *low = a->low + b->low;
        *high = a->high + b->high;
        return true;
    case EX_SUB:
        *low = a->low - b->high;
        *high = a->high - b->low;
        return true;
    case EX_MUL:
        return multiply(a, b, low, high);
    case EX_DIV:
    case EX_MOD:
        divide(a, b, low, high);
        return b->low > 0 || b->high < 0;
    default:
        type_range(expr->type, low, high);
        return true;
    }
}

bool range_integer(const Expr *expr, bool *negative, uint64_t *magnitude) {
    const RangedExpr *self = (const RangedExpr *)expr;
    if (!type_is_integer(expr->type) || expr->can_fail || self->low != self->high)
        return false;
    *negative = self->low < 0;
    *magnitude = (uint64_t)(*negative ? -self->low : self->low);
    return true;
}

bool range_fits(const Expr *expr, const Type *type) {
    const RangedExpr *self = (const RangedExpr *)expr;
    Wide low, high;
    if (type_is_integer(type)) {
        type_range(type, &low, &high);
    } else {
        /* The bits of a float's mantissa. */
        high = (Wide)1 << (type->kind == TY_F32 ? 24 : 53);
        low = -high;
    }
    return self->low >= low && self->high <= high;
}

static bool is_arithmetic(ExprKind kind) {
    return kind == EX_NEG || (kind >= EX_MUL && kind <= EX_SUB);
}

/* The part of a range that the type can hold: what is outside has failed. */
static void clamp(const Type *type, Wide *low, Wide *high) {
    Wide least, most;
    type_range(type, &least, &most);
    *low = *low < least ? least : (*low > most ? most : *low);
    *high = *high > most ? most : (*high < least ? least : *high);
}

static bool arithmetic_can_fail(RangedExpr *self) {
    Expr *expr = &self->expr;
    bool safe = operand_fits(ranged(expr->left), expr->type) &&
                (!expr->right || operand_fits(ranged(expr->right), expr->type));
    Wide low = 0, high = 0, least, most;
    type_range(expr->type, &least, &most);
    bool known = compute(expr, &low, &high);
    if (!known) {
        low = least;
        high = most;
    }
    safe = safe && known && low >= least && high <= most;
    clamp(expr->type, &low, &high);
    self->low = low;
    self->high = high;
    return !safe;
}

static void set_leaf(RangedExpr *self) {
    const Expr *expr = &self->expr;
    if (expr->kind == EX_CONST) {
        self->low =
            type_is_unsigned(expr->type) ? (Wide)expr->constant->u.u : (Wide)expr->constant->u.i;
        self->high = self->low;
        return;
    }
    type_range(expr->type, &self->low, &self->high);
    if (expr->kind == EX_LEN) {
        /* No object is longer than an address space. */
        self->low = 0;
        self->high = (Wide)1 << 57;
    }
}

void range_set(Expr *expr) {
    expr->can_fail = (expr->left && expr->left->can_fail) || (expr->right && expr->right->can_fail);
    if (!type_is_integer(expr->type))
        return;
    if (!is_arithmetic(expr->kind))
        set_leaf(ranged(expr));
    else if (arithmetic_can_fail(ranged(expr)))
        expr->can_fail = true;
}
