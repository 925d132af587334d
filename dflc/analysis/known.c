#include "known.h"

#include <string.h>

/* Facts about larger expressions are not kept; an && that is false, or an || that is true, is
 * taken apart only to this depth, as each level looks at its operands twice. */
enum { MAX_TERMS = 24, MAX_SPLITS = 5 };

/* ---- expressions ---- */

static bool same_const(const Const *a, const Const *b) {
    if (a->type != b->type || a->is_none != b->is_none)
        return false;
    ValueSet x = set_of_const(a), y = set_of_const(b);
    return x.kind != SET_ANY && set_equal(&x, &y);
}

/* Written alike. Both are small: see MAX_TERMS. */
static bool same_expr(const Expr *a, const Expr *b) {
    if (a == b || !a || !b)
        return a == b;
    if (a->kind != b->kind || a->type != b->type || a->field != b->field || a->var != b->var ||
        a->member != b->member || a->node != b->node)
        return false;
    if (a->constant && !same_const(a->constant, b->constant))
        return false;
    return same_expr(a->left, b->left) && same_expr(a->right, b->right);
}

/* Counts down `terms` along the parts that a fact may be about; false when one cannot be. */
static bool count_terms(const Expr *expr, int *terms) {
    if (!expr)
        return true;
    if (--*terms < 0 || expr->kind == EX_PREDICATE)
        return false;
    if (expr->kind == EX_FIELD && expr->field->transient)
        return false;
    return count_terms(expr->left, terms) && count_terms(expr->right, terms);
}

static bool can_track(const Expr *expr) {
    int terms = MAX_TERMS;
    return count_terms(expr, &terms);
}

/* ---- facts ---- */

static bool is_about(const Fact *fact, ExprKind relation, const Expr *left, const Expr *right) {
    if (fact->relation != relation)
        return false;
    if (same_expr(fact->left, left) && same_expr(fact->right, right))
        return true;
    return relation == EX_EQ && same_expr(fact->left, right) && same_expr(fact->right, left);
}

static Fact *find_fact(Known *known, ExprKind relation, const Expr *left, const Expr *right) {
    for (uint32_t i = 0; i < known->n; i++)
        if (is_about(&known->facts[i], relation, left, right))
            return &known->facts[i];
    return NULL;
}

static const Fact *get_fact(const Known *known, const Fact *like) {
    for (uint32_t i = 0; i < known->n; i++)
        if (is_about(&known->facts[i], like->relation, like->left, like->right))
            return &known->facts[i];
    return NULL;
}

void known_copy(Known *to, const Known *from) {
    to->impossible = from->impossible;
    to->n = from->n;
    if (from->n)
        memcpy(to->facts, from->facts, from->n * sizeof *from->facts);
}

static void remove_fact(Known *known, uint32_t i) {
    memmove(&known->facts[i], &known->facts[i + 1], (--known->n - i) * sizeof *known->facts);
}

static Fact *add_fact(Known *known, Fact fact) {
    if (known->n == KNOWN_FACTS)
        remove_fact(known, 0);
    known->facts[known->n] = fact;
    return &known->facts[known->n++];
}

static ValueSet mask_of_bool(bool truth) {
    ValueSet set = {.kind = SET_MASK};
    set.u.mask = truth ? 2 : 1;
    return set;
}

/* ---- values ---- */

static bool is_arithmetic(ExprKind kind) {
    return kind == EX_NEG || (kind >= EX_MUL && kind <= EX_SUB);
}

static ValueSet value_of(Known *known, const Expr *expr);

/* Ends of intervals are within 64 bits, but for products nothing leaves 128. */
static ValueSet value_of_arithmetic(Known *known, const Expr *expr) {
    ValueSet whole = set_of_type(expr->type), out;
    ValueSet a = value_of(known, expr->left);
    ValueSet b = expr->right ? value_of(known, expr->right) : a;
    if (whole.kind != SET_INT || a.kind != SET_INT || b.kind != SET_INT)
        return whole;
    switch (expr->kind) {
    case EX_NEG:
        out = set_of_range(-a.u.i.high, -a.u.i.low);
        break;
    case EX_ADD:
        out = set_of_range(a.u.i.low + b.u.i.low, a.u.i.high + b.u.i.high);
        break;
    case EX_SUB:
        out = set_of_range(a.u.i.low - b.u.i.high, a.u.i.high - b.u.i.low);
        break;
    default:
        return whole;
    }
    return set_intersection(&out, &whole);
}

static ValueSet value_of(Known *known, const Expr *expr) {
    if (expr->kind == EX_CONST)
        return set_of_const(expr->constant);
    ValueSet value = set_of_type(expr->type);
    if (expr->kind == EX_LEN)
        value = set_of_range(0, (Wide)1 << 57);
    else if (is_arithmetic(expr->kind))
        value = value_of_arithmetic(known, expr);
    const Fact *fact = find_fact(known, EX_FIELD, expr, NULL);
    return fact ? set_intersection(&value, &fact->set) : value;
}

static void limit_value(Known *known, const Expr *expr, const ValueSet *set, const Edge *origin) {
    ValueSet before = value_of(known, expr);
    ValueSet now = set_intersection(&before, set);
    if (set_is_empty(&now))
        known->impossible = true;
    if (known->impossible || set_equal(&now, &before) || expr->kind == EX_CONST || !can_track(expr))
        return;
    Fact *fact = find_fact(known, EX_FIELD, expr, NULL);
    if (!fact)
        fact = add_fact(known, (Fact){.relation = EX_FIELD, .left = expr});
    fact->set = now;
    fact->origin = origin;
}

/* ---- comparisons ---- */

typedef struct Comparison {
    ExprKind kind; /* EX_LT, EX_LE, EX_EQ, EX_IN */
    const Expr *left, *right;
    bool truth;
} Comparison;

/* Greater is less the other way round, and of what is no float `a <= b` is `!(b < a)`. */
static Comparison normal_form(const Expr *expr, bool truth) {
    Comparison c = {expr->kind, expr->left, expr->right, truth};
    if (c.kind == EX_GT || c.kind == EX_GE) {
        c.left = expr->right;
        c.right = expr->left;
        c.kind = expr->kind == EX_GT ? EX_LT : EX_LE;
    }
    if (c.kind == EX_NE) {
        c.kind = EX_EQ;
        c.truth = !truth;
    }
    if (c.kind == EX_LE && type_is_integer(c.left->type) && type_is_integer(c.right->type)) {
        const Expr *left = c.left;
        c.left = c.right;
        c.right = left;
        c.kind = EX_LT;
        c.truth = !c.truth;
    }
    return c;
}

static bool is_true(Known *known, ExprKind kind, const Expr *left, const Expr *right) {
    const Fact *fact = find_fact(known, kind, left, right);
    return fact && fact->set.u.mask == 2;
}

/* Of a < b, b < a and a == b, one at most is true. */
static bool excludes(Known *known, const Comparison *c) {
    if (!c->truth || (c->kind != EX_LT && c->kind != EX_EQ))
        return false;
    return is_true(known, EX_LT, c->right, c->left) ||
           is_true(known, c->kind == EX_LT ? EX_EQ : EX_LT, c->left, c->right);
}

static void relate(Known *known, const Comparison *c, const Edge *origin) {
    ValueSet truth = mask_of_bool(c->truth);
    Fact *fact = find_fact(known, c->kind, c->left, c->right);
    known->impossible = known->impossible || excludes(known, c);
    if (fact) {
        known->impossible = known->impossible || !set_equal(&fact->set, &truth);
        return;
    }
    bool constant = c->left->kind == EX_CONST || c->right->kind == EX_CONST;
    if ((constant && c->kind != EX_IN) || !can_track(c->left) || !can_track(c->right))
        return;
    add_fact(known, (Fact){c->kind, c->left, c->right, truth, origin});
}

static void assume_comparison(Known *known, const Expr *expr, bool truth, const Edge *origin) {
    Comparison c = normal_form(expr, truth);
    if (c.kind != EX_IN) {
        ValueSet left = value_of(known, c.left), right = value_of(known, c.right);
        set_compare(c.kind, c.truth, &left, &right);
        limit_value(known, c.left, &left, origin);
        limit_value(known, c.right, &right, origin);
    }
    relate(known, &c, origin);
}

/* ---- guards ---- */

static void assume(Known *known, const Expr *expr, bool truth, const Edge *origin, int splits);

/* One of two operands is `truth`, which one is not known. */
static void assume_either(Known *known, const Expr *expr, bool truth, const Edge *origin,
                          int splits) {
    Known first, second;
    if (splits == 0)
        return;
    known_copy(&first, known);
    known_copy(&second, known);
    assume(&first, expr->left, truth, origin, splits - 1);
    assume(&second, expr->left, !truth, origin, splits - 1);
    if (!second.impossible)
        assume(&second, expr->right, truth, origin, splits - 1);
    known_join(&first, &second);
    known_copy(known, &first);
}

static void assume(Known *known, const Expr *expr, bool truth, const Edge *origin, int splits) {
    ValueSet wanted = mask_of_bool(truth);
    switch (expr->kind) {
    case EX_NOT:
        assume(known, expr->left, !truth, origin, splits);
        break;
    case EX_AND:
    case EX_OR:
        if (truth != (expr->kind == EX_AND)) {
            assume_either(known, expr, truth, origin, splits);
            break;
        }
        assume(known, expr->left, truth, origin, splits);
        if (!known->impossible)
            assume(known, expr->right, truth, origin, splits);
        break;
    case EX_IS_SOME:
    case EX_IS_NONE:
        wanted = mask_of_bool(truth == (expr->kind == EX_IS_SOME));
        limit_value(known, expr->left, &wanted, origin);
        break;
    case EX_LT:
    case EX_LE:
    case EX_GT:
    case EX_GE:
    case EX_EQ:
    case EX_NE:
    case EX_IN:
        assume_comparison(known, expr, truth, origin);
        break;
    case EX_PREDICATE:
        break;
    default:
        limit_value(known, expr, &wanted, origin);
    }
}

void known_assume(Known *known, const Expr *expr, bool truth, const Edge *origin) {
    if (!known->impossible)
        assume(known, expr, truth, origin, MAX_SPLITS);
}

/* ---- matches ---- */

void known_assume_arm(Known *known, const Place *match, const Edge *arm, bool taken) {
    const Expr *subject = match->subject;
    ValueSet value = value_of(known, subject), rest = value, none = value;
    for (size_t i = 0; i < arm->n_values; i++) {
        ValueSet one = set_of_const(arm->values[i]);
        rest = set_without(&rest, &one);
        ValueSet both = set_intersection(&value, &one);
        none = i == 0 ? both : set_union(&none, &both);
    }
    if (arm->n_values)
        limit_value(known, subject, taken ? &none : &rest, arm);
    else if (!taken)
        known->impossible = true;
}

/* ---- what stays true ---- */

static bool mentions_written(const Expr *expr, IsWritten *written, const void *context) {
    if (!expr)
        return false;
    if (expr->kind == EX_FIELD && written(context, expr->field))
        return true;
    return mentions_written(expr->left, written, context) ||
           mentions_written(expr->right, written, context);
}

void known_forget(Known *known, IsWritten *written, const void *context) {
    for (uint32_t i = known->n; i-- > 0;)
        if (mentions_written(known->facts[i].left, written, context) ||
            mentions_written(known->facts[i].right, written, context))
            remove_fact(known, i);
}

static bool tells_nothing(const Fact *fact) {
    ValueSet all = {.kind = SET_MASK, .u.mask = 3};
    if (fact->relation == EX_FIELD && fact->left->kind != EX_LEN)
        all = set_of_type(fact->left->type);
    return fact->set.kind == SET_ANY || set_equal(&fact->set, &all);
}

/* What is known of the values of one fact in either case; true when that is less than before. */
static bool join_fact(Fact *fact, const Fact *there) {
    if (there->origin != fact->origin)
        fact->origin = NULL;
    if (set_equal(&fact->set, &there->set))
        return false;
    ValueSet both = set_union(&fact->set, &there->set);
    bool same = set_equal(&both, &fact->set);
    fact->set = both;
    return !same;
}

bool known_join(Known *known, const Known *other) {
    bool changed = false;
    if (other->impossible)
        return false;
    if (known->impossible) {
        known_copy(known, other);
        return true;
    }
    for (uint32_t i = known->n; i-- > 0;) {
        Fact *fact = &known->facts[i];
        const Fact *there = get_fact(other, fact);
        bool less = !there || join_fact(fact, there);
        if (!there || (less && tells_nothing(fact)))
            remove_fact(known, i);
        changed = changed || less;
    }
    return changed;
}

void known_widen(Known *known, const Known *before) {
    for (uint32_t i = known->n; i-- > 0;) {
        const Fact *there = get_fact(before, &known->facts[i]);
        if (!there || !set_equal(&there->set, &known->facts[i].set))
            remove_fact(known, i);
    }
}
