/* could-parallel: adjacent nodes without dependences whose costs would pay for a fork, even where the
 * workers sleep.
 *
 * Nodes of a chain could be branches of one section when none reads what an earlier one writes, no
 * two write one field that does not merge, and all that the fork would change is when they run:
 * none has an effect, a checkpoint, a pause, or an error edge of its own. That one reads what a
 * later one writes is no matter: branches see the state at the fork. */
#include "internal.h"

enum { MAX_RUN = 16 };

typedef struct Run {
    const Place *places[MAX_RUN];
    int64_t ns[MAX_RUN];
    size_t n;
    int64_t work_ns, span_ns;
} Run;

/* ---- who can be a branch ---- */

static bool replaces_merged(const Node *node) {
    for (size_t i = 0; i < node->n_params; i++)
        if (node->params[i].mode == MODE_INOUT && field_merges(node->params[i].field))
            return true;
    return false;
}

/* Depth: sema bounds how deep graphs run each other, and how much that comes to. */
static bool is_quiet(const Node *node) {
    if (node->effect || node->checkpoint || node->pause_before || node->pause_after)
        return false;
    for (size_t i = 0; node->runs && i < node->runs->n_nodes; i++)
        if (!is_quiet(node->runs->nodes[i]))
            return false;
    return true;
}

static bool can_branch(const Warn *w, const Place *place) {
    const Node *node = place->node;
    if (place->kind != PL_NODE || w->costs->nodes[node->index].basis & BASIS_MISSING)
        return false;
    if (place->on_error || place->on_timeout || !is_quiet(node))
        return false;
    return !replaces_merged(node);
}

/* The node behind this one and no other, that no one else leads to. */
static const Place *next_in_chain(const Warn *w, const Place *place) {
    if (place->n_edges != 1 || place->edges[0]->guard || place->edges[0]->has_max)
        return NULL;
    const Place *next = place->edges[0]->to;
    return next->n_in == 1 && can_branch(w, next) ? next : NULL;
}

/* ---- dependences ---- */

static bool has_whole_read(const Node *node) {
    for (size_t i = 0; i < node->n_params; i++)
        if (node->params[i].whole_state)
            return true;
    return false;
}

/* Whether `later` reads what `write` writes, or replaces it. */
static bool depends_on(const Warn *w, const Access *write, const Place *later) {
    const Accesses *a = w->accesses;
    if (has_whole_read(later->node))
        return true;
    for (uint32_t i = a->of_place[later->index]; i < a->of_place[later->index + 1]; i++) {
        const Access *access = &a->all[i];
        if (access->late || access->field != write->field)
            continue;
        if (access->kind == ACCESS_READ || !field_merges(write->field))
            return true;
    }
    return false;
}

static bool are_independent(const Warn *w, const Place *first, const Place *later) {
    const Accesses *a = w->accesses;
    for (uint32_t i = a->of_place[first->index]; i < a->of_place[first->index + 1]; i++)
        if (a->all[i].kind != ACCESS_READ && depends_on(w, &a->all[i], later))
            return false;
    return true;
}

/* ---- runs of nodes ---- */

static bool add_to_run(const Warn *w, Run *run, const Place *place) {
    for (size_t i = 0; i < run->n; i++)
        if (!are_independent(w, run->places[i], place))
            return false;
    int64_t cost = w->costs->nodes[place->node->index].ns;
    if (run->n == MAX_RUN || cost > INT64_MAX - run->work_ns)
        return false;
    run->ns[run->n] = cost;
    run->places[run->n++] = place;
    run->work_ns += cost;
    run->span_ns = cost > run->span_ns ? cost : run->span_ns;
    return true;
}

/* As many as can follow: what is left out could begin the next run. */
static Run run_from(const Warn *w, const Place *place) {
    Run run = {.n = 0};
    while (place && add_to_run(w, &run, place))
        place = next_in_chain(w, place);
    return run;
}

static void report(Warn *w, const Run *run, int64_t gain, uint32_t cpus) {
    const char *names[MAX_RUN], *fork = "";
    for (size_t i = 0; i < run->n; i++) {
        names[i] = run->places[i]->node->name;
        fork = arena_printf(w->comp->arena, "%s%s%s", fork, i == 0 ? "" : ", ", names[i]);
    }
    diag_warning(w->comp->diags, run->places[0]->edges[0]->span, "could-parallel",
                 "%s need nothing of each other; '[%s]' would save %s of their %s on %u CPUs",
                 warn_names(w, names, run->n), fork, warn_duration(w, gain),
                 warn_duration(w, run->work_ns), (unsigned)cpus);
}

static bool warn_run(Warn *w, const Run *run) {
    bool balanced = run->span_ns / MOST_OF_WORK <= run->work_ns / 100;
    int64_t best = 0;
    uint32_t cpus = 0;
    for (size_t i = 0; run->n >= 2 && balanced && i < COST_CPUS && cost_is_possible(w->machine, i);
         i++) {
        int64_t gain = cost_gain(w->arena, w->machine, run->ns, run->n, cost_cpus[i]).cold_ns;
        cpus = gain > best ? cost_cpus[i] : cpus;
        best = gain > best ? gain : best;
    }
    if (!cost_pays(best, run->work_ns))
        return false;
    report(w, run, best, cpus);
    return true;
}

/* Within a section that has threads the workers are busy already. */
static bool has_threads_around(const Warn *w, const Region *region) {
    for (; region->section; region = region->parent)
        if (w->costs->sections[region->section->index].threads)
            return true;
    return false;
}

static void warn_region(Warn *w, const Region *region, bool *told) {
    uint32_t at = w->ways->region_first[region->index];
    for (size_t i = 0; i < region->n_places; i++) {
        const Place *place = w->ways->order[at + i];
        if (!can_branch(w, place) || told[place->index] || !warn_is_reached(w, place))
            continue;
        Run run = run_from(w, place);
        bool is_told = warn_run(w, &run);
        for (size_t k = 0; is_told && k < run.n; k++)
            told[run.places[k]->index] = true;
    }
}

void warn_chains(Warn *w) {
    bool *told = ARENA_ARRAY(w->arena, bool, w->graph->n_places);
    if (w->sections == SECTION_INLINE)
        return;
    for (size_t i = 0; i < w->graph->n_regions; i++)
        if (!has_threads_around(w, w->graph->regions[i]))
            warn_region(w, w->graph->regions[i], told);
}
