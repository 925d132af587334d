/* Expressions: numbers as in mathematics, and what does not fit its 64 bits is no number. */
#include "interpret.h"

#include <math.h>

const Value *bound_value(const Bound *bound, const Var *var) {
    while (bound && bound->var != var)
        bound = bound->out;
    return bound ? bound->value : NULL;
}

static Result whole(Wide n, bool is_u64, bool *failed) {
    Wide low = is_u64 ? 0 : INT64_MIN, high = is_u64 ? (Wide)UINT64_MAX : INT64_MAX;
    if (n < low || n > high)
        *failed = true;
    return (Result){.kind = IS_INT, .is_u64 = is_u64, .n = n};
}

static Result real_of(double real) {
    return (Result){.kind = IS_REAL, .real = real};
}

static Result truth(bool is) {
    return (Result){.kind = IS_BOOL, .n = is};
}

static Result of_value(const Value *value) {
    const Type *type = value->type;
    if (type->kind == K_OPT && value->len)
        value = value->items[0], type = value->type;
    if (is_int(type))
        return (Result){.kind = IS_INT, .is_u64 = type->kind == K_U64, .n = value_wide(value)};
    if (is_float(type))
        return real_of(value->real);
    if (type->kind == K_BOOL)
        return truth(value->n != 0);
    if (type->kind == K_ENUM)
        return (Result){.kind = IS_INT, .n = (int64_t)value->n};
    return (Result){.kind = type->kind == K_STRING ? IS_TEXT : IS_OTHER, .value = value};
}

/* What is there of an optional that is known to be some. */
static const Value *within(const Value *value) {
    return value->type->kind == K_OPT ? value->items[0] : value;
}

const Value *looked_at(const Expr *e, const View *view) {
    if (e->kind == E_FIELD)
        return view->state[e->field->index];
    if (e->kind == E_VAR)
        return bound_value(view->bound, e->var);
    const Value *of = within(looked_at(e->a, view));
    return of->items[e->member - of->type->members];
}

/* ---- arithmetic ---- */

static double as_real(Result r) {
    return r.kind == IS_REAL ? r.real : (double)r.n;
}

static Result real_arithmetic(ExprKind kind, double a, double b) {
    switch (kind) {
    case E_ADD:
        return real_of(a + b);
    case E_SUB:
        return real_of(a - b);
    case E_MUL:
        return real_of(a * b);
    default:
        return real_of(a / b);
    }
}

static Result arithmetic(ExprKind kind, Result a, Result b, bool *failed) {
    bool is_u64 = a.is_u64 || b.is_u64;
    if (a.kind == IS_REAL || b.kind == IS_REAL)
        return real_arithmetic(kind, as_real(a), as_real(b));
    a = whole(a.n, is_u64, failed), b = whole(b.n, is_u64, failed);
    if ((kind == E_DIV || kind == E_MOD) && b.n == 0)
        *failed = true;
    if (*failed)
        return a;
    switch (kind) {
    case E_ADD:
        return whole(a.n + b.n, is_u64, failed);
    case E_SUB:
        return whole(a.n - b.n, is_u64, failed);
    case E_MUL:
        return whole(a.n * b.n, is_u64, failed);
    case E_DIV:
        return whole(a.n / b.n, is_u64, failed);
    default:
        return whole(a.n % b.n, is_u64, failed);
    }
}

/* ---- comparisons ---- */

static int sign(bool less, bool more) {
    return more - less;
}

/* 2 where nothing is less, equal or more. A double between integers is floor and a rest. */
static int compare_mixed(Wide n, double real) {
    if (real != real)
        return 2;
    if (fabs(real) > 1e30)
        return real < 0 ? 1 : -1;
    Wide below = (Wide)floor(real);
    return n != below ? sign(n < below, n > below) : sign(real > floor(real), false);
}

static int compare_texts(const Value *a, const Value *b) {
    size_t n = a->len < b->len ? a->len : b->len;
    int order = memcmp(a->p, b->p, n);
    return order ? sign(order < 0, order > 0) : sign(a->len < b->len, a->len > b->len);
}

static int compare(Result a, Result b) {
    if (a.kind == IS_TEXT)
        return compare_texts(a.value, b.value);
    if (a.kind == IS_REAL && b.kind == IS_REAL)
        return a.real != a.real || b.real != b.real ? 2 : sign(a.real < b.real, a.real > b.real);
    if (a.kind == IS_REAL) {
        int order = compare_mixed(b.n, a.real);
        return order == 2 ? 2 : -order;
    }
    return b.kind == IS_REAL ? compare_mixed(a.n, b.real) : sign(a.n < b.n, a.n > b.n);
}

bool are_equal(Result a, Result b) {
    return compare(a, b) == 0;
}

static bool holds(ExprKind kind, int order) {
    switch (kind) {
    case E_LT:
        return order == -1;
    case E_LE:
        return order == -1 || order == 0;
    case E_GT:
        return order == 1;
    case E_GE:
        return order == 1 || order == 0;
    case E_EQ:
        return order == 0;
    default:
        return order != 0;
    }
}

static bool is_in(Result what, const Value *list) {
    for (size_t i = 0; i < list->len; i++)
        if (are_equal(what, of_value(list->items[i])))
            return true;
    return false;
}

/* ---- predicates ---- */

uint64_t hash_reads(uint64_t hash, const Node *node, const View *view) {
    for (unsigned i = 0; i < node->n_params; i++) {
        const Param *param = &node->params[i];
        if (param->mode == M_OUT || (param->field && param->field->transient))
            continue;
        hash = value_hash(hash, param->var ? bound_value(view->bound, param->var)
                                           : view->state[param->field->index]);
    }
    return hash;
}

/* What its C does (print_nodes.c). */
static bool ask(const Node *predicate, const View *view) {
    Dice dice = {hash_reads(mix(predicate->script.seed, 1), predicate, view)};
    return dice_below(&dice, 2) == 0;
}

/* ---- all of it ---- */

static Result eval_binary(const Expr *e, const View *view, bool *failed) {
    Result a = eval(e->a, view, failed);
    if (*failed || (e->kind == E_AND && !a.n) || (e->kind == E_OR && a.n))
        return a;
    if (e->kind == E_IN)
        return truth(is_in(a, looked_at(e->b, view)));
    Result b = eval(e->b, view, failed);
    if (*failed || e->kind == E_AND || e->kind == E_OR)
        return b;
    if (e->kind >= E_MUL && e->kind <= E_SUB)
        return arithmetic(e->kind, a, b, failed);
    return truth(holds(e->kind, compare(a, b)));
}

Result eval(const Expr *e, const View *view, bool *failed) {
    switch (e->kind) {
    case E_INT:
        return (Result){.kind = IS_INT, .is_u64 = e->number > INT64_MAX, .n = e->number};
    case E_FLOAT:
        return real_of(e->real);
    case E_BOOL:
        return truth(e->number);
    case E_TEXT:
        return of_value(value_text(e->type, e->text, strlen(e->text)));
    case E_ENUM:
        return (Result){.kind = IS_INT, .n = e->type->values[e->number]};
    case E_FIELD:
    case E_VAR:
    case E_MEMBER:
        return of_value(looked_at(e, view));
    case E_LEN:
        return (Result){.kind = IS_INT, .n = (Wide)within(looked_at(e->a, view))->len};
    case E_SOME:
    case E_NONE:
        return truth((looked_at(e->a, view)->len == 0) == (e->kind == E_NONE));
    case E_PREDICATE:
        return truth(ask(e->predicate, view));
    case E_NOT:
        return truth(!eval(e->a, view, failed).n);
    case E_NEG: {
        Result a = eval(e->a, view, failed);
        return a.kind == IS_REAL ? real_of(-a.real) : whole(-a.n, false, failed);
    }
    default:
        return eval_binary(e, view, failed);
    }
}
