/* Guards of edges and arms of matches, in the order in which they are tried.
 *
 * What an earlier edge of a place being false tells is known to the later ones; what an edge being
 * taken tells is known to the `when` or `match` that it leads to. requires: each_resolve. */
#include "internal.h"

#include <inttypes.h>
#include <string.h>

static void check_place(GraphSema *g, FlowPlace *place, Facts *facts);

/* ---- match ---- */

typedef struct Match {
    GraphSema *g;
    FlowPlace *place;
    const Type *type; /* of the subject; TY_ERROR: only skimmed */
    StrMap seen;      /* values so far, as text -> AstExpr */
    size_t n_seen;
    bool failed; /* some value was refused: the match is not asked to be complete */
} Match;

/* What tells one value of a match from another. */
static const char *value_key(Sema *s, const Const *value) {
    const char *text;
    switch (value->type->kind) {
    case TY_ENUM:
        return value->u.enumerator->name;
    case TY_STRING:
        return intern(s->comp->names, value->u.string.p, value->u.string.n);
    case TY_BOOL:
        text = value->u.boolean ? "true" : "false";
        break;
    default:
        text = type_is_unsigned(value->type) ? arena_printf(s->arena, "%" PRIu64, value->u.u)
                                             : arena_printf(s->arena, "%" PRId64, value->u.i);
    }
    return intern_cstr(s->comp->names, text);
}

static Const *arm_value(Match *match, const AstExpr *ast) {
    Sema *s = match->g->sema;
    const Field *field = NULL;
    if (ast->kind == AE_NAME && match->type->kind != TY_ENUM) {
        const FieldInfo *info = strmap_get(&match->g->fields, ast->u.name);
        field = info ? &info->field : NULL;
    }
    if (field) {
        diag_error(s->diags, ast->span, "an arm of a match is a constant, and '%s' is a field",
                   field->name);
        return NULL;
    }
    return const_of(s, ast, match->type);
}

static void check_value(Match *match, FlowEdge *edge, const AstExpr *ast) {
    Sema *s = match->g->sema;
    Const *value = arm_value(match, ast);
    if (!value) {
        match->failed = true;
        return;
    }
    const char *key = value_key(s, value);
    const AstExpr *first = strmap_get(&match->seen, key);
    if (first) {
        Diag *diag = diag_error(s->diags, ast->span, "%s has an arm already", quoted_text(s, ast));
        diag_note(diag, first->span, "the first one is here");
        return;
    }
    strmap_put(&match->seen, s->arena, key, (void *)(uintptr_t)ast);
    match->n_seen++;
    ARENA_PUSH(s->arena, edge->edge.values, edge->edge.n_values, edge->edge.cap_values, value);
}

static void report_missing(Match *match) {
    Sema *s = match->g->sema;
    const AstPlace *ast = match->place->ast;
    const Enum *enum_ = match->type->enum_;
    const char **missing = ARENA_ARRAY(s->arena, const char *, enum_->n_values);
    size_t n = 0;
    for (size_t i = 0; i < enum_->n_values; i++)
        if (!strmap_get(&match->seen, enum_->values[i].name))
            missing[n++] = enum_->values[i].name;
    Diag *diag = diag_error(
        s->diags, ast->span, "this match over %s leaves out %s; add the arm%s, or an 'else'",
        quoted_text(s, ast->subject), names_text(s, missing, n, 4), n == 1 ? "" : "s");
    diag_note(diag, enum_->span, "enum '%s' is declared here", enum_->name);
}

static void check_complete(Match *match) {
    Sema *s = match->g->sema;
    const AstPlace *ast = match->place->ast;
    if (match->type->kind == TY_ENUM) {
        if (match->n_seen < match->type->enum_->n_values)
            report_missing(match);
    } else if (match->type->kind == TY_BOOL) {
        const char *missing =
            strmap_get(&match->seen, intern_cstr(s->comp->names, "true")) ? "false" : "true";
        if (match->n_seen < 2)
            diag_error(s->diags, ast->span,
                       "this match over %s leaves out '%s'; add the arm, or an 'else'",
                       quoted_text(s, ast->subject), missing);
    } else {
        diag_error(s->diags, ast->span, "a match over %s needs an 'else'", type_text(match->type));
    }
}

static bool can_match(const Type *type) {
    return type->kind == TY_BOOL || type->kind == TY_ENUM || type->kind == TY_STRING ||
           type_is_integer(type);
}

static const Type *check_subject(GraphSema *g, FlowPlace *place, Facts *facts) {
    Sema *s = g->sema;
    ExprScope scope = {.g = g,
                       .region = place->place.region,
                       .facts = facts,
                       .when_none = "lead to the match from a 'when' that asks 'is some'"};
    Expr *subject = expr_value(&scope, expr_check(&scope, place->ast->subject, NULL));
    if (subject->type->kind == TY_ERROR)
        return s->error;
    if (!can_match(subject->type)) {
        diag_error(s->diags, place->ast->subject->span,
                   "a match is over an enum, an integer, a bool or a string, and %s is %s",
                   quoted_text(s, place->ast->subject), type_text(subject->type));
        return s->error;
    }
    bool negative;
    uint64_t magnitude;
    if (subject->kind == EX_CONST ||
        (type_is_integer(subject->type) && range_integer(subject, &negative, &magnitude))) {
        diag_error(s->diags, place->ast->subject->span,
                   "%s is a constant: this match always takes the same arm",
                   quoted_text(s, place->ast->subject));
        return s->error;
    }
    place->place.subject = subject;
    return subject->type;
}

static const AstArm *last_arm(const FlowPlace *place) {
    return flow_edge(place->place.edges[place->place.n_edges - 1])->arm;
}

static void check_match(GraphSema *g, FlowPlace *place, Facts *facts) {
    Match match = {.g = g, .place = place, .type = check_subject(g, place, facts)};
    bool has_else = false;
    for (size_t i = 0; i < place->place.n_edges; i++) {
        FlowEdge *edge = flow_edge(place->place.edges[i]);
        has_else = has_else || edge->bare;
        for (size_t k = 0; edge->arm && k < edge->arm->n_values; k++)
            if (match.type->kind != TY_ERROR)
                check_value(&match, edge, edge->arm->values[k]);
    }
    if (has_else && match.type->kind == TY_BOOL && match.n_seen == 2)
        diag_error(g->sema->diags, last_arm(place)->span,
                   "this 'else' is never taken: both values have an arm");
    /* An edge that was refused took its values with it. */
    if (!has_else && !match.failed && !place->open && match.type->kind != TY_ERROR)
        check_complete(&match);
}

/* ---- guards ---- */

static void check_guard(GraphSema *g, FlowEdge *edge, Facts *facts) {
    if (!edge->guard)
        return;
    ExprScope scope = {.g = g, .region = edge->edge.from->region, .facts = facts};
    if (!*edge->reported)
        edge->edge.guard = expr_guard(&scope, edge->guard);
    if (edge->edge.guard)
        return;
    *edge->reported = g->guards_skipped = true;
    facts_learn_asked(facts, g->sema->comp, edge->guard);
}

/* A guard that constants decide is a slip, or hides an edge that is never taken. */
static void check_decided(GraphSema *g, const Place *place, size_t i) {
    FlowEdge *edge = flow_edge(place->edges[i]);
    Truth truth = edge->edge.guard ? fold_condition(edge->edge.guard) : TRUTH_UNKNOWN;
    Diags *diags = g->sema->diags;
    if (truth == TRUTH_UNKNOWN || *edge->reported || (truth == TRUTH_TRUE && edge->edge.has_max))
        return;
    *edge->reported = true;
    if (truth == TRUTH_FALSE) {
        diag_error(diags, edge->guard->span,
                   "this guard is never true: the edge to %s is never taken",
                   place_text(g, edge->edge.to));
        return;
    }
    Diag *diag = diag_error(diags, edge->guard->span,
                            "this guard is always true: no edge behind it is ever taken; leave out "
                            "the guard, or the others");
    const FlowEdge *next = i + 1 < place->n_edges ? flow_edge(place->edges[i + 1]) : NULL;
    if (next && next->to_span.begin != place->span.begin)
        diag_note(diag, next->to_span, "this is never reached from %s", place_text(g, place));
}

/* A choice that has but one way to it is looked at on that way, with what is known there. */
static bool is_reached_once(const Place *place) {
    return place->kind == PL_CHOICE && place->n_in == 1;
}

static void check_edge(GraphSema *g, FlowEdge *edge, Facts *facts) {
    Sema *s = g->sema;
    Place *to = edge->edge.to;
    check_guard(g, edge, facts);
    const Expr *guard = edge->edge.guard;
    size_t known = facts->n;
    if (is_reached_once(to)) {
        if (guard)
            facts_learn_if(facts, s->comp, guard, true);
        check_place(g, flow_place(to), facts);
        facts_forget(facts, s->arena, known);
    }
    /* A spent `max` makes an edge false whatever its guard says. */
    if (guard && !edge->edge.has_max)
        facts_learn_if(facts, s->comp, guard, false);
}

static void check_place(GraphSema *g, FlowPlace *place, Facts *facts) {
    size_t known = facts->n;
    if (place->place.kind == PL_CHOICE && place->ast->kind == AP_MATCH)
        check_match(g, place, facts);
    for (size_t i = 0; i < place->place.n_edges; i++) {
        check_edge(g, flow_edge(place->place.edges[i]), facts);
        check_decided(g, &place->place, i);
    }
    facts_forget(facts, g->sema->arena, known);
}

void guards_resolve(GraphSema *g) {
    Facts facts = {0};
    for (size_t i = 0; i < g->n_places; i++) {
        FlowPlace *place = g->places[i];
        if (!place->place.region)
            g->guards_skipped = true;
        else if (!is_reached_once(&place->place))
            check_place(g, place, &facts);
    }
}
