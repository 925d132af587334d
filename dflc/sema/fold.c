/* Conditions that constants decide: an edge behind one of them is always or never taken. What
 * fields can hold, and what earlier guards tell of them, is for the warnings. */
#include "internal.h"

#include <string.h>

static Truth truth(bool value) {
    return value ? TRUTH_TRUE : TRUTH_FALSE;
}

/* ---- comparisons of constants: -1, 0, 1; false when they are not both known ---- */

static int sign(bool less, bool greater) {
    return (greater ? 1 : 0) - (less ? 1 : 0);
}

static bool compare_integers(const Expr *left, const Expr *right, int *order) {
    bool l_negative, r_negative;
    uint64_t l, r;
    if (!range_integer(left, &l_negative, &l) || !range_integer(right, &r_negative, &r))
        return false;
    if (l_negative != r_negative)
        *order = l_negative ? -1 : 1;
    else
        *order = l_negative ? sign(l > r, l < r) : sign(l<r, l> r);
    return true;
}

static bool compare_strings(const Const *left, const Const *right, int *order) {
    size_t l = left->u.string.n, r = right->u.string.n, n = l < r ? l : r;
    int bytes = n > 0 ? memcmp(left->u.string.p, right->u.string.p, n) : 0;
    *order = bytes != 0 ? sign(bytes<0, bytes> 0) : sign(l<r, l> r);
    return true;
}

static bool compare(const Expr *left, const Expr *right, int *order) {
    if (type_is_integer(left->type) && type_is_integer(right->type))
        return compare_integers(left, right, order);
    if (left->kind != EX_CONST || right->kind != EX_CONST || left->type != right->type)
        return false;
    switch (left->type->kind) {
    case TY_F64:
        *order = sign(left->constant->u.real<right->constant->u.real, left->constant->u.real> right
                          ->constant->u.real);
        return true;
    case TY_STRING:
        return compare_strings(left->constant, right->constant, order);
    case TY_ENUM:
        *order = left->constant->u.enumerator == right->constant->u.enumerator ? 0 : 1;
        return true;
    default:
        return false;
    }
}

static Truth fold_comparison(const Expr *expr) {
    int order;
    if (expr->left->type->kind == TY_BOOL) {
        Truth left = fold_condition(expr->left), right = fold_condition(expr->right);
        if (left == TRUTH_UNKNOWN || right == TRUTH_UNKNOWN)
            return TRUTH_UNKNOWN;
        order = left == right ? 0 : 1;
    } else if (!compare(expr->left, expr->right, &order)) {
        return TRUTH_UNKNOWN;
    }
    switch (expr->kind) {
    case EX_LT:
        return truth(order < 0);
    case EX_LE:
        return truth(order <= 0);
    case EX_GT:
        return truth(order > 0);
    case EX_GE:
        return truth(order >= 0);
    case EX_EQ:
        return truth(order == 0);
    default:
        return truth(order != 0);
    }
}

/* ---- conditions ---- */

/* One side that is `decides` decides, whatever the other one is. */
static Truth fold_logic(const Expr *expr, Truth decides) {
    Truth left = fold_condition(expr->left), right = fold_condition(expr->right);
    if (left == decides || right == decides)
        return decides;
    return left == TRUTH_UNKNOWN || right == TRUTH_UNKNOWN ? TRUTH_UNKNOWN : left;
}

Truth fold_condition(const Expr *expr) {
    switch (expr->kind) {
    case EX_CONST:
        return truth(expr->constant->u.boolean);
    case EX_NOT: {
        Truth inner = fold_condition(expr->left);
        return inner == TRUTH_UNKNOWN ? inner : truth(inner == TRUTH_FALSE);
    }
    case EX_AND:
        return fold_logic(expr, TRUTH_FALSE);
    case EX_OR:
        return fold_logic(expr, TRUTH_TRUE);
    case EX_LT:
    case EX_LE:
    case EX_GT:
    case EX_GE:
    case EX_EQ:
    case EX_NE:
        return fold_comparison(expr);
    default:
        return TRUTH_UNKNOWN;
    }
}
