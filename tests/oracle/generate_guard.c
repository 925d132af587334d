/* Conditions by chance, and what else asks for a value. */
#include "generate.h"

bool may_read(const Field *field, const Region *region) {
    return !field->local || region->holds[field->index];
}

bool may_ask(const Field *field, const Region *region) {
    return may_read(field, region) && !field->transient;
}

static Expr *expr(ExprKind kind, const Expr *a, const Expr *b) {
    Expr *e = room(sizeof *e);
    e->kind = kind;
    e->a = a, e->b = b;
    return e;
}

static const Expr *integer(uint64_t n) {
    Expr *e = expr(E_INT, NULL, NULL);
    e->number = n;
    return e;
}

/* ---- what there is to read ---- */

static void add_members(Reads *reads, const Expr *of) {
    PUSH(reads->all, reads->n, of);
    if (of->type->kind != K_STRUCT)
        return;
    for (unsigned i = 0; i < of->type->n; i++) {
        Expr *e = expr(E_MEMBER, of, NULL);
        e->member = &of->type->members[i];
        e->type = e->member->type;
        add_members(reads, e);
    }
}

Reads readable(const Generate *g, const Region *region, const Scope *scope) {
    Reads reads = {0};
    for (unsigned i = 0; i < g->graph->n_fields; i++) {
        const Field *field = g->graph->fields[i];
        if (!may_ask(field, region))
            continue;
        Expr *e = expr(E_FIELD, NULL, NULL);
        e->field = field;
        e->type = field->type;
        add_members(&reads, e);
    }
    for (; scope; scope = scope->out) {
        Expr *e = expr(E_VAR, NULL, NULL);
        e->var = scope->var;
        e->type = scope->var->type;
        add_members(&reads, e);
    }
    return reads;
}

static bool has_length(const Type *type) {
    return type->kind == K_STRING || type->kind == K_BYTES || type->kind == K_LIST ||
           type->kind == K_MAP;
}

static bool is_numeric(const Expr *e) {
    return is_number(e->type) || has_length(e->type);
}

/* ---- optionals ---- */

static bool same_read(const Expr *a, const Expr *b) {
    if (a->kind != b->kind || a->field != b->field || a->var != b->var || a->member != b->member)
        return false;
    return !a->a || same_read(a->a, b->a);
}

static bool is_known(const Generate *g, const Expr *opt) {
    for (unsigned i = 0; i < g->n_known; i++)
        if (same_read(g->known[i], opt))
            return true;
    return false;
}

void note_known(Generate *g, const Expr *guard, bool holds) {
    if (!guard)
        return;
    if (guard->kind == E_NOT)
        note_known(g, guard->a, !holds);
    if (guard->kind == (holds ? E_AND : E_OR)) {
        note_known(g, guard->a, holds);
        note_known(g, guard->b, holds);
    }
    if (guard->kind == (holds ? E_SOME : E_NONE) && g->n_known < sizeof g->known / sizeof *g->known)
        g->known[g->n_known++] = guard->a;
}

static const Expr *value_of(const Expr *opt) {
    Expr *e = room(sizeof *e);
    *e = *opt;
    e->type = opt->type->elem;
    return e;
}

/* The values of the known ones, and their members, may be read, too. */
static void add_known(const Generate *g, Reads *reads) {
    for (unsigned i = 0; i < g->n_known; i++)
        add_members(reads, value_of(g->known[i]));
}

const Expr *generate_presence(Generate *g, const Region *region, const Scope *scope) {
    Reads reads = readable(g, region, scope);
    const Expr *fit[64];
    unsigned n = 0;
    for (unsigned i = 0; i < reads.n && n < 64; i++)
        if (reads.all[i]->type->kind == K_OPT && !is_known(g, reads.all[i]))
            fit[n++] = reads.all[i];
    if (n == 0)
        return NULL;
    const Expr *opt = fit[pick(g->choices, n)];
    switch (pick(g->choices, 4)) {
    case 0:
        return expr(E_SOME, opt, NULL);
    case 1:
        return expr(E_NOT, expr(E_NONE, opt, NULL), NULL);
    default:
        return expr(E_NONE, opt, NULL);
    }
}

/* ---- numbers ---- */

/* A field, or the length of one; which must not be without any. */
static const Expr *number_read(Generate *g, const Reads *reads) {
    const Expr *numbers[64];
    unsigned n = 0;
    for (unsigned i = 0; i < reads->n && n < 64; i++)
        if (is_numeric(reads->all[i]))
            numbers[n++] = reads->all[i];
    if (n == 0)
        return NULL;
    const Expr *e = numbers[pick(g->choices, n)];
    return is_number(e->type) ? e : expr(E_LEN, e, NULL);
}

static bool is_whole(const Expr *e) {
    switch (e->kind) {
    case E_INT:
    case E_LEN:
        return true;
    case E_FIELD:
    case E_VAR:
    case E_MEMBER:
        return is_int(e->type);
    default:
        return (!e->a || is_whole(e->a)) && (!e->b || is_whole(e->b));
    }
}

/* Something read, perhaps with one or two operations around it. */
static const Expr *generate_number(Generate *g, const Reads *reads) {
    const Expr *e = number_read(g, reads);
    unsigned times = pick(g->choices, 4) / 2;
    for (unsigned i = 0; e && i < times; i++) {
        static const ExprKind kinds[] = {E_ADD, E_SUB, E_MUL, E_DIV, E_MOD};
        ExprKind kind = kinds[pick(g->choices, 5)];
        const Expr *other = rarely(g->choices, 3) ? number_read(g, reads)
                                                  : integer(pick_from(g->choices, 1, 4));
        if (kind == E_MOD && (!is_whole(e) || !is_whole(other)))
            kind = E_ADD;
        e = rarely(g->choices, 6) ? expr(kind, other, e) : expr(kind, e, other);
        if (kind == E_DIV && e->b->kind != E_INT && !rarely(g->choices, 2))
            e = expr(E_SUB, e->a, e->b);
    }
    return e;
}

static const Expr *generate_comparison(Generate *g, const Reads *reads) {
    static const ExprKind kinds[] = {E_GT, E_LT, E_GE, E_LE, E_EQ, E_NE};
    const Expr *a = generate_number(g, reads);
    if (!a)
        return NULL;
    ExprKind kind = kinds[pick(g->choices, 6)];
    switch (pick(g->choices, 6)) {
    case 4: {
        Expr *real = expr(E_FLOAT, NULL, NULL);
        real->real = (double)pick(g->choices, 16) * 0.25;
        return expr(kind, a, real);
    }
    case 5:
        return expr(kind, a, generate_number(g, reads));
    default:
        return expr(kind, a, integer(pick_from(g->choices, 1, 6)));
    }
}

/* ---- the rest ---- */

static const Expr *text_of(Generate *g) {
    static const char *const texts[] = {"a", "bc", "z", "line\nx"};
    Expr *e = expr(E_TEXT, NULL, NULL);
    e->type = builtin_type(K_STRING);
    e->text = texts[pick(g->choices, 4)];
    return e;
}

static const Expr *in_list(Generate *g, const Expr *list) {
    const Type *elem = list->type->elem;
    if (elem->kind == K_STRING)
        return expr(E_IN, text_of(g), list);
    return is_int(elem) ? expr(E_IN, integer(pick_from(g->choices, 0, 3)), list) : NULL;
}

/* `x is some`, and perhaps what is asked of its value; nothing of what is known. */
static const Expr *ask_opt(Generate *g, const Expr *opt) {
    if (is_known(g, opt))
        return NULL;
    if (rarely(g->choices, 3))
        return expr(E_NONE, opt, NULL);
    const Expr *some = expr(E_SOME, opt, NULL), *value = value_of(opt);
    if (!is_number(value->type) || !rarely(g->choices, 2))
        return some;
    return expr(E_AND, some, expr(E_GT, value, integer(pick(g->choices, 4))));
}

static const Expr *ask_enum(Generate *g, const Expr *e) {
    Expr *value = expr(E_ENUM, NULL, NULL);
    value->type = e->type;
    value->number = pick(g->choices, e->type->n);
    return expr(rarely(g->choices, 3) ? E_NE : E_EQ, e, value);
}

/* A condition on one thing that is read; NULL where none comes to mind. */
static const Expr *ask(Generate *g, const Expr *e) {
    switch (e->type->kind) {
    case K_BOOL:
        return rarely(g->choices, 2) ? expr(E_NOT, e, NULL) : e;
    case K_STRING:
        return rarely(g->choices, 2) ? expr(E_LE, e, text_of(g)) : expr(E_EQ, e, text_of(g));
    case K_ENUM:
        return ask_enum(g, e);
    case K_OPT:
        return ask_opt(g, e);
    case K_LIST:
    case K_ARRAY:
        return in_list(g, e);
    default:
        return NULL;
    }
}

static const Expr *generate_asked(Generate *g, const Reads *reads) {
    const Expr *e = reads->n ? ask(g, reads->all[pick(g->choices, reads->n)]) : NULL;
    return e ? e : generate_comparison(g, reads);
}

static const Expr *ask_predicate(Generate *g, const Region *region, const Scope *scope) {
    Expr *e = expr(E_PREDICATE, NULL, NULL);
    e->predicate = generate_predicate(g, region, scope);
    e->type = builtin_type(K_BOOL);
    return rarely(g->choices, 3) ? expr(E_NOT, e, NULL) : e;
}

const Expr *generate_guard(Generate *g, const Region *region, const Scope *scope) {
    Reads reads = readable(g, region, scope);
    add_known(g, &reads);
    const Expr *e = rarely(g->choices, 2) ? generate_asked(g, &reads)
                                          : generate_comparison(g, &reads);
    if (rarely(g->choices, 6))
        e = ask_predicate(g, region, scope);
    if (!e)
        e = generate_asked(g, &reads);
    if (!e || !rarely(g->choices, 4))
        return e;
    const Expr *other = generate_asked(g, &reads);
    if (!other)
        return e;
    ExprKind kind = pick(g->choices, 2) ? E_AND : E_OR;
    return rarely(g->choices, 4) ? expr(kind, expr(E_NOT, e, NULL), other) : expr(kind, e, other);
}

/* ---- match ---- */

/* One that has a known value is refused. */
static bool can_match(const Expr *e) {
    return e->type->kind == K_BOOL || e->type->kind == K_ENUM || e->type->kind == K_STRING ||
           is_int(e->type);
}

const Expr *generate_subject(Generate *g, const Region *region, const Scope *scope) {
    Reads reads = readable(g, region, scope);
    add_known(g, &reads);
    const Expr *fit[64];
    unsigned n = 0;
    for (unsigned i = 0; i < reads.n && n < 64; i++)
        if (can_match(reads.all[i]))
            fit[n++] = reads.all[i];
    if (n == 0)
        return NULL;
    const Expr *e = fit[pick(g->choices, n)];
    if (!is_int(e->type) || !rarely(g->choices, 3))
        return e;
    Expr *rest = expr(E_MOD, e, integer(pick_from(g->choices, 2, 4)));
    rest->type = builtin_type(e->type->kind == K_U64 ? K_U64 : K_I64);
    return rest;
}

/* Value `i` of those that arms may ask for. */
const Expr *subject_value(const Type *type, unsigned i) {
    static const char *const texts[] = {"a", "bc", "", "z", "line\nx"};
    Expr *e = expr(type->kind == K_ENUM     ? E_ENUM
                   : type->kind == K_BOOL   ? E_BOOL
                   : type->kind == K_STRING ? E_TEXT
                                            : E_INT,
                   NULL, NULL);
    e->type = type;
    e->number = i;
    e->text = texts[i % 5];
    return is_signed(type) && i == 4 ? expr(E_NEG, e, NULL) : e;
}

unsigned subject_values(const Type *type) {
    return type->kind == K_ENUM ? type->n : type->kind == K_BOOL ? 2 : 5;
}
