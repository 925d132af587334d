#include "valueset.h"

#include <math.h>
#include <string.h>

enum { MAX_ENUM = 64 };

/* ---- sets ---- */

ValueSet set_of_range(Wide low, Wide high) {
    ValueSet set = {.kind = SET_INT};
    set.u.i.low = low;
    set.u.i.high = high;
    return set;
}

static ValueSet set_of_reals(double least, double most, bool nan) {
    ValueSet set = {.kind = SET_REAL, .nan = nan};
    set.u.r.least = least;
    set.u.r.most = most;
    return set;
}

static ValueSet set_of_mask(uint64_t mask) {
    ValueSet set = {.kind = SET_MASK};
    set.u.mask = mask;
    return set;
}

static ValueSet set_of_integers(TypeKind kind) {
    static const unsigned bits[] = {[TY_I8] = 8, [TY_I16] = 16, [TY_I32] = 32, [TY_I64] = 64,
                                    [TY_U8] = 8, [TY_U16] = 16, [TY_U32] = 32, [TY_U64] = 64};
    Wide half = (Wide)1 << (bits[kind] - 1);
    return kind >= TY_U8 ? set_of_range(0, 2 * half - 1) : set_of_range(-half, half - 1);
}

ValueSet set_of_type(const Type *type) {
    if (type_is_integer(type))
        return set_of_integers(type->kind);
    switch (type->kind) {
    case TY_F32:
    case TY_F64:
        return set_of_reals(-HUGE_VAL, HUGE_VAL, true);
    case TY_BOOL:
    case TY_OPT:
        return set_of_mask(3);
    case TY_ENUM:
        if (type->enum_->n_values > MAX_ENUM)
            break;
        return set_of_mask(UINT64_MAX >> (MAX_ENUM - type->enum_->n_values));
    case TY_STRING:
        return (ValueSet){.kind = SET_TEXT};
    default:
        break;
    }
    return (ValueSet){.kind = SET_ANY};
}

static uint64_t enum_bit(const Enum *enum_, const Enumerator *value) {
    return (uint64_t)1 << (value - enum_->values);
}

ValueSet set_of_const(const Const *constant) {
    const Type *type = constant->type;
    ValueSet set = set_of_type(type);
    if (type_is_integer(type)) {
        Wide value = type_is_unsigned(type) ? (Wide)constant->u.u : (Wide)constant->u.i;
        return set_of_range(value, value);
    }
    if (set.kind == SET_REAL)
        return constant->u.real == constant->u.real
                   ? set_of_reals(constant->u.real, constant->u.real, false)
                   : set;
    if (type->kind == TY_BOOL)
        set.u.mask = constant->u.boolean ? 2 : 1;
    if (set.kind == SET_MASK && type->kind == TY_ENUM)
        set.u.mask = enum_bit(type->enum_, constant->u.enumerator);
    if (set.kind == SET_TEXT)
        set.u.t.only = constant;
    return set;
}

static bool same_text(const Const *a, const Const *b) {
    return a->u.string.n == b->u.string.n &&
           (a->u.string.n == 0 || memcmp(a->u.string.p, b->u.string.p, a->u.string.n) == 0);
}

bool set_is_empty(const ValueSet *set) {
    switch (set->kind) {
    case SET_INT:
        return set->u.i.low > set->u.i.high;
    case SET_REAL:
        return set->u.r.least > set->u.r.most && !set->nan;
    case SET_MASK:
        return set->u.mask == 0;
    case SET_TEXT:
        return set->u.t.empty;
    case SET_ANY:
        break;
    }
    return false;
}

/* ---- exceptions ---- */

static bool excepts_int(const ValueSet *set, Wide value) {
    for (int i = 0; i < set->n_except; i++)
        if (set->u.i.except[i] == value)
            return true;
    return false;
}

static bool excepts_text(const ValueSet *set, const Const *text) {
    for (int i = 0; i < set->n_except; i++)
        if (same_text(set->u.t.except[i], text))
            return true;
    return false;
}

/* The ends of an interval are no exceptions: they are moved. */
static void trim_int(ValueSet *set) {
    while (set->u.i.low <= set->u.i.high && excepts_int(set, set->u.i.low))
        set->u.i.low++;
    while (set->u.i.low <= set->u.i.high && excepts_int(set, set->u.i.high))
        set->u.i.high--;
}

static void except_int(ValueSet *set, Wide value) {
    if (value < set->u.i.low || value > set->u.i.high || excepts_int(set, value))
        return;
    if (value == set->u.i.low)
        set->u.i.low++;
    else if (value == set->u.i.high)
        set->u.i.high--;
    else if (set->n_except < SET_EXCEPT && value >= INT64_MIN && value <= INT64_MAX)
        set->u.i.except[set->n_except++] = (int64_t)value;
    trim_int(set);
}

static void except_text(ValueSet *set, const Const *text) {
    if (set->u.t.only)
        set->u.t.empty = set->u.t.empty || same_text(set->u.t.only, text);
    else if (!excepts_text(set, text) && set->n_except < SET_EXCEPT)
        set->u.t.except[set->n_except++] = text;
}

ValueSet set_without(const ValueSet *set, const ValueSet *value) {
    ValueSet out = *set;
    if (set->kind != value->kind)
        return out;
    if (set->kind == SET_MASK)
        out.u.mask &= ~value->u.mask;
    if (set->kind == SET_INT && value->u.i.low == value->u.i.high)
        except_int(&out, value->u.i.low);
    if (set->kind == SET_TEXT && value->u.t.only)
        except_text(&out, value->u.t.only);
    return out;
}

/* ---- two sets ---- */

static bool equal_int(const ValueSet *a, const ValueSet *b) {
    if (a->u.i.low != b->u.i.low || a->u.i.high != b->u.i.high || a->n_except != b->n_except)
        return false;
    for (int i = 0; i < a->n_except; i++)
        if (!excepts_int(b, a->u.i.except[i]))
            return false;
    return true;
}

static bool equal_text(const ValueSet *a, const ValueSet *b) {
    const Const *x = a->u.t.only, *y = b->u.t.only;
    if (a->u.t.empty != b->u.t.empty || !x != !y || a->n_except != b->n_except)
        return false;
    for (int i = 0; i < a->n_except; i++)
        if (!excepts_text(b, a->u.t.except[i]))
            return false;
    return !x || same_text(x, y);
}

bool set_equal(const ValueSet *a, const ValueSet *b) {
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case SET_INT:
        return equal_int(a, b);
    case SET_REAL:
        return !(a->u.r.least < b->u.r.least || a->u.r.least > b->u.r.least ||
                 a->u.r.most < b->u.r.most || a->u.r.most > b->u.r.most) &&
               a->nan == b->nan;
    case SET_MASK:
        return a->u.mask == b->u.mask;
    case SET_TEXT:
        return equal_text(a, b);
    case SET_ANY:
        break;
    }
    return true;
}

static bool may_be_int(const ValueSet *set, Wide value) {
    return value >= set->u.i.low && value <= set->u.i.high && !excepts_int(set, value);
}

static bool may_be_text(const ValueSet *set, const Const *text) {
    if (set->u.t.empty)
        return false;
    return set->u.t.only ? same_text(set->u.t.only, text) : !excepts_text(set, text);
}

static ValueSet union_int(const ValueSet *a, const ValueSet *b) {
    ValueSet out = set_of_range(a->u.i.low < b->u.i.low ? a->u.i.low : b->u.i.low,
                                a->u.i.high > b->u.i.high ? a->u.i.high : b->u.i.high);
    for (int i = 0; i < a->n_except; i++)
        if (!may_be_int(b, a->u.i.except[i]))
            except_int(&out, a->u.i.except[i]);
    for (int i = 0; i < b->n_except; i++)
        if (!may_be_int(a, b->u.i.except[i]))
            except_int(&out, b->u.i.except[i]);
    return out;
}

static ValueSet union_text(const ValueSet *a, const ValueSet *b) {
    if (a->u.t.empty || b->u.t.empty)
        return a->u.t.empty ? *b : *a;
    if (a->u.t.only && b->u.t.only && same_text(a->u.t.only, b->u.t.only))
        return *a;
    ValueSet out = {.kind = SET_TEXT};
    for (int i = 0; i < a->n_except; i++)
        if (!may_be_text(b, a->u.t.except[i]))
            except_text(&out, a->u.t.except[i]);
    for (int i = 0; i < b->n_except; i++)
        if (!may_be_text(a, b->u.t.except[i]))
            except_text(&out, b->u.t.except[i]);
    return out;
}

static ValueSet union_real(const ValueSet *a, const ValueSet *b) {
    return set_of_reals(a->u.r.least < b->u.r.least ? a->u.r.least : b->u.r.least,
                        a->u.r.most > b->u.r.most ? a->u.r.most : b->u.r.most, a->nan || b->nan);
}

ValueSet set_union(const ValueSet *a, const ValueSet *b) {
    if (a->kind != b->kind)
        return (ValueSet){.kind = SET_ANY};
    if (set_is_empty(a) || set_is_empty(b))
        return set_is_empty(a) ? *b : *a;
    switch (a->kind) {
    case SET_INT:
        return union_int(a, b);
    case SET_REAL:
        return union_real(a, b);
    case SET_MASK:
        return set_of_mask(a->u.mask | b->u.mask);
    case SET_TEXT:
        return union_text(a, b);
    case SET_ANY:
        break;
    }
    return *a;
}

static ValueSet intersect_int(const ValueSet *a, const ValueSet *b) {
    ValueSet out = *a;
    out.u.i.low = a->u.i.low > b->u.i.low ? a->u.i.low : b->u.i.low;
    out.u.i.high = a->u.i.high < b->u.i.high ? a->u.i.high : b->u.i.high;
    for (int i = 0; i < b->n_except; i++)
        except_int(&out, b->u.i.except[i]);
    trim_int(&out);
    return out;
}

static ValueSet intersect_text(const ValueSet *a, const ValueSet *b) {
    ValueSet out = a->u.t.only ? *a : *b;
    const ValueSet *other = a->u.t.only ? b : a;
    out.u.t.empty = a->u.t.empty || b->u.t.empty;
    if (out.u.t.only)
        out.u.t.empty = out.u.t.empty || !may_be_text(other, out.u.t.only);
    else
        for (int i = 0; i < other->n_except; i++)
            except_text(&out, other->u.t.except[i]);
    return out;
}

static ValueSet intersect_real(const ValueSet *a, const ValueSet *b) {
    return set_of_reals(a->u.r.least > b->u.r.least ? a->u.r.least : b->u.r.least,
                        a->u.r.most < b->u.r.most ? a->u.r.most : b->u.r.most, a->nan && b->nan);
}

ValueSet set_intersection(const ValueSet *a, const ValueSet *b) {
    if (a->kind != b->kind)
        return a->kind == SET_ANY ? *b : *a;
    switch (a->kind) {
    case SET_INT:
        return intersect_int(a, b);
    case SET_REAL:
        return intersect_real(a, b);
    case SET_MASK:
        return set_of_mask(a->u.mask & b->u.mask);
    case SET_TEXT:
        return intersect_text(a, b);
    case SET_ANY:
        break;
    }
    return *a;
}

/* ---- comparisons ---- */

/* The double after x, towards +infinity (or before it): the bits of doubles are in their order. */
static double next_double(double x, bool up) {
    int64_t bits;
    if (x == 0)
        x = 0.0;
    memcpy(&bits, &x, sizeof bits);
    if (x == 0)
        bits = up ? 1 : (int64_t)(INT64_MIN + 1);
    else if (x < HUGE_VAL && x > -HUGE_VAL)
        bits += (x > 0) == up ? 1 : -1;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* left < right, or with `equal` left <= right. */
static void below_int(ValueSet *left, ValueSet *right, bool equal) {
    Wide gap = equal ? 0 : 1;
    Wide most = right->u.i.high - gap, least = left->u.i.low + gap;
    if (left->u.i.high > most)
        left->u.i.high = most;
    if (right->u.i.low < least)
        right->u.i.low = least;
    trim_int(left);
    trim_int(right);
}

static void below_real(ValueSet *left, ValueSet *right, bool equal) {
    double most = equal ? right->u.r.most : next_double(right->u.r.most, false);
    double least = equal ? left->u.r.least : next_double(left->u.r.least, true);
    /* Nothing is below -infinity, and nothing above infinity. */
    bool never = !equal && (right->u.r.most <= -HUGE_VAL || left->u.r.least >= HUGE_VAL);
    if (left->u.r.most > most)
        left->u.r.most = most;
    if (right->u.r.least < least)
        right->u.r.least = least;
    if (never)
        *left = set_of_reals(1, 0, left->nan);
}

/* A comparison with NaN is false: one that is true rules it out, and one that is false tells
 * something of a side only when the other side is a number. */
static void compare_real(ExprKind kind, bool truth, ValueSet *left, ValueSet *right) {
    ValueSet a = *left, b = *right;
    if (truth)
        a.nan = b.nan = false;
    if (kind == EX_EQ && !truth)
        return;
    if (kind == EX_EQ)
        a = b = set_intersection(&a, &b);
    else if (truth)
        below_real(&a, &b, kind == EX_LE);
    else
        below_real(&b, &a, kind == EX_LT);
    if (truth || !right->nan)
        *left = a;
    if (truth || !left->nan)
        *right = b;
}

static void compare_equal(bool truth, ValueSet *left, ValueSet *right) {
    ValueSet a = *left;
    if (truth) {
        *left = *right = set_intersection(&a, right);
        return;
    }
    bool one_right = right->kind != SET_MASK || (right->u.mask & (right->u.mask - 1)) == 0;
    bool one_left = a.kind != SET_MASK || (a.u.mask & (a.u.mask - 1)) == 0;
    if (one_right)
        *left = set_without(left, right);
    if (one_left)
        *right = set_without(right, &a);
}

void set_compare(ExprKind kind, bool truth, ValueSet *left, ValueSet *right) {
    if (left->kind != right->kind || left->kind == SET_ANY)
        return;
    if (left->kind == SET_REAL)
        compare_real(kind, truth, left, right);
    else if (kind == EX_EQ)
        compare_equal(truth, left, right);
    else if (left->kind == SET_INT && truth)
        below_int(left, right, kind == EX_LE);
    else if (left->kind == SET_INT)
        below_int(right, left, kind == EX_LT);
}
