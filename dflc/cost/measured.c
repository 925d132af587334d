/* What a profile says of the questions of the cost model.
 *
 * A choice is no place that a run is seen at: what leads to it is counted as leading to where it led.
 * The way out of a branch or a subgraph is not seen either; it is what is left of the times that the
 * place before succeeded. */
#include "../profile.h"

#include "internal.h"

/* Choices nest little; what is deeper is not looked into. */
enum { MAX_CHOICES = 8 };

static Measured of_place(const CostWork *w, const Place *place) {
    return profile_place(w->options->profile, w->graph, place);
}

bool measured_node(const CostWork *w, const Node *node, int64_t *mean_ns) {
    Measured m = node->place ? of_place(w, node->place) : (Measured){0};
    if (node->runs || m.calls == 0)
        return false;
    *mean_ns = (int64_t)(m.ns / m.calls > INT64_MAX ? INT64_MAX : m.ns / m.calls);
    return true;
}

/* ---- how often something is entered ---- */

/* False: the profile does not tell. */
static bool arrivals(const CostWork *w, const Place *place, uint64_t *n) {
    Measured m = of_place(w, place);
    *n = m.begun;
    return m.known && (place->kind == PL_NODE || place->kind == PL_SECTION);
}

/* An element begins at the body's first place, which loops in the body may come to again. */
static bool elements_of(const CostWork *w, const Section *section, uint64_t *n) {
    const Region *body = section->branches[0];
    if (!arrivals(w, body->entry, n))
        return false;
    for (size_t i = 0; i < body->entry->n_in; i++) {
        const Place *from = body->entry->in[i]->from;
        uint64_t again = profile_taken(w->options->profile, w->graph, from, body->entry);
        *n -= again < *n ? again : *n;
    }
    return true;
}

static bool entries_of(const CostWork *w, const Region *region, uint64_t *n) {
    if (!region->section) {
        *n = profile_entries(w->options->profile, w->graph);
        return *n > 0;
    }
    if (region->section->over)
        return elements_of(w, region->section, n);
    return arrivals(w, region->section->place, n);
}

static Visits ratio(uint64_t n, uint64_t of) {
    Wide times = ((Wide)n << 32) / of;
    return times > (Wide)UINT64_MAX ? UINT64_MAX : (Visits)times;
}

bool measured_visits(const CostWork *w, const Place *place, Visits *visits) {
    uint64_t n, entries;
    if (!w->options->profile || !arrivals(w, place, &n) ||
        !entries_of(w, place->region, &entries) || entries == 0)
        return false;
    *visits = ratio(n, entries);
    return true;
}

bool measured_elements(const CostWork *w, const Section *section, Visits *elements) {
    uint64_t n, forks;
    if (!w->options->profile || !arrivals(w, section->place, &forks) || forks == 0 ||
        !elements_of(w, section, &n))
        return false;
    *elements = ratio(n, forks);
    return true;
}

/* ---- ways ---- */

static uint64_t taken_from(const CostWork *w, const Place *from, const Place *to, int depth) {
    uint64_t n = 0;
    if (to->kind != PL_CHOICE)
        return profile_taken(w->options->profile, w->graph, from, to);
    for (size_t i = 0; depth < MAX_CHOICES && i < to->n_edges; i++)
        n += taken_from(w, from, to->edges[i]->to, depth + 1);
    return n;
}

/* From wherever a choice was come to. */
static uint64_t taken_at(const CostWork *w, const Place *place, const Place *to, int depth) {
    uint64_t n = 0;
    if (place->kind != PL_CHOICE)
        return taken_from(w, place, to, 0);
    for (size_t i = 0; depth < MAX_CHOICES && i < place->n_in; i++)
        n += taken_at(w, place->in[i]->from, to, depth + 1);
    return n;
}

/* The ways on from a place that went well, as far as that is known. */
static uint64_t left_well(const CostWork *w, const Place *place) {
    Measured m = of_place(w, place);
    return place->kind == PL_SECTION ? m.begun : m.succeeded;
}

bool measured_ways(const CostWork *w, const Place *place, uint64_t *counts, uint64_t *total) {
    size_t unseen = SIZE_MAX;
    *total = 0;
    if (!w->options->profile)
        return false;
    for (size_t k = 0; k < ways_count(place); k++) {
        const Edge *edge = ways_get(place, k);
        counts[k] = edge ? taken_at(w, place, edge->to, 0) : 0;
        *total += counts[k];
        if (edge && !ways_is_failure(place, k) &&
            (edge->to->kind == PL_JOIN || edge->to->kind == PL_END))
            unseen = k;
    }
    if (unseen != SIZE_MAX && left_well(w, place) > *total) {
        counts[unseen] += left_well(w, place) - *total;
        *total = left_well(w, place);
    }
    return *total > 0;
}
