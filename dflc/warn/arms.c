/* unreachable-arm: a guard that can never be the first true one.
 *
 * The facts of analysis/known.h say which ways out of a place can be taken. Where one cannot, the
 * same facts say why: the guard contradicts itself or the types; what leads here has decided it
 * already; or an arm before takes what it would. */
#include "internal.h"

static const char warning[] = "unreachable-arm";

/* Where a branch has no else, one to the join is implied; nobody wrote it. */
static bool is_written(const Place *place, size_t k) {
    const Edge *edge = place->edges[k];
    return edge->to->kind != PL_JOIN || edge->guard || edge->has_max || edge->n_values ||
           edge->span.begin != place->span.begin;
}

static bool can_take(Known known, const Place *place, size_t k) {
    reached_try(&known, place, k, true);
    return !known.impossible;
}

static Span arm_span(const Edge *edge) {
    return edge->guard ? edge->guard->span : edge->span;
}

static const char *text_at(const Warn *w, Span span) {
    return arena_strndup(w->comp->arena, span.source->text + span.begin, span.end - span.begin);
}

/* The facts of what leads here that decide the arm: the first without which it could be taken. */
static const Fact *deciding_fact(const Known *known, const Place *place, size_t k) {
    for (uint32_t i = 0; i < known->n; i++) {
        Known without = *known;
        for (uint32_t j = i + 1; j < known->n; j++)
            without.facts[j - 1] = known->facts[j];
        without.n--;
        if (can_take(without, place, k))
            return &known->facts[i];
    }
    return NULL;
}

static void note_fact(Warn *w, Diag *diag, const Fact *fact) {
    if (!fact)
        return;
    const char *text = text_at(w, fact->left->span);
    if (fact->origin)
        diag_note(diag, arm_span(fact->origin), "what leads here has decided about '%s'", text);
    else
        diag_note(diag, fact->left->span, "every way that leads here has decided about '%s'", text);
}

static void report_never(Warn *w, const Place *place, size_t k, const Known *known) {
    const Edge *edge = place->edges[k];
    Known nothing = {0};
    bool by_itself = !can_take(nothing, place, k);
    Diag *diag = diag_warning(w->comp->diags, arm_span(edge), warning, "this %s is never %s%s",
                              edge->guard ? "guard" : "arm", edge->guard ? "true" : "taken",
                              by_itself ? "" : " here");
    if (!by_itself)
        note_fact(w, diag, deciding_fact(known, place, k));
}

/* The edge `by` is taken whenever it is tried, or else takes what was left. */
static void note_cover(Diag *diag, const Place *place, size_t by, Known known) {
    const Edge *other = place->edges[by];
    Known nothing = {0};
    reached_try(&nothing, place, by, false);
    reached_try(&known, place, by, false);
    const char *text = !other->guard || !known.impossible ? "after this one nothing is left for it"
                       : nothing.impossible               ? "this guard is always true"
                                                          : "this guard is always true here";
    diag_note(diag, arm_span(other), "%s", text);
}

static void report_covered(Warn *w, const Place *place, size_t k, size_t by, const Known *known) {
    const Edge *edge = place->edges[k];
    bool is_arrow = edge->span.end - edge->span.begin == 2;
    Diag *diag;
    if (edge->guard)
        diag = diag_warning(w->comp->diags, edge->guard->span, warning,
                            "this guard is never the first true one: what comes before it takes "
                            "all that it would");
    else
        diag = diag_warning(w->comp->diags, edge->span, warning,
                            "this %s is never taken: what comes before it takes everything",
                            is_arrow ? "edge" : "else");
    note_cover(diag, place, by, *known);
}

/* The edge before the k-th after which that one cannot be taken any more; k: what leads here
 * decides it. */
static size_t covering_edge(Known known, const Place *place, size_t k) {
    for (size_t i = 0; i < k; i++) {
        reached_try(&known, place, i, false);
        if (!can_take(known, place, k))
            return i;
    }
    return k;
}

static void warn_place_arms(Warn *w, const Place *place) {
    const bool *way = &w->reached->way[w->ways->first_way[place->index]];
    Known known = reached_known(w->reached, place);
    size_t told = SIZE_MAX;
    for (size_t k = 0; k < place->n_edges; k++) {
        if (way[k] || !is_written(place, k))
            continue;
        if (!can_take(known, place, k)) {
            report_never(w, place, k, &known);
            continue;
        }
        /* What follows an arm that takes everything is one mistake. */
        size_t by = covering_edge(known, place, k);
        if (by < k && by != told)
            report_covered(w, place, k, by, &known);
        told = by;
    }
}

void warn_arms(Warn *w) {
    for (size_t i = 0; i < w->graph->n_places; i++) {
        const Place *place = w->graph->places[i];
        bool all = true;
        for (size_t k = 0; k < place->n_edges; k++)
            all = all && w->reached->way[w->ways->first_way[i] + k];
        if (!all && warn_is_reached(w, place))
            warn_place_arms(w, place);
    }
}
