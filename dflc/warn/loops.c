/* unbounded-loop: a cycle with neither `max` nor `limit steps`.
 *
 * Looked for are the strongly connected components (Tarjan) of each region without its edges that
 * have a `max`, and without those that no run takes. `limit none` is an answer, too. */
#include "internal.h"

static const char warning[] = "unbounded-loop";

typedef struct Finder {
    Warn *w;
    uint32_t *number, *low; /* by position; number 0: not come to yet */
    uint32_t *component;    /* by position; 0: not known yet */
    uint32_t *next;         /* by position: the way to look at next */
    uint32_t *path, *open;  /* stacks of positions */
    size_t n_path, n_open;
    uint32_t n_numbers, n_components;
} Finder;

static bool can_repeat(const Warn *w, const Place *place, size_t k) {
    const Edge *edge = ways_get(place, k);
    return edge && !edge->has_max && w->reached->way[w->ways->first_way[place->index] + k];
}

/* ---- components ---- */

static void enter(Finder *f, uint32_t at) {
    f->number[at] = f->low[at] = ++f->n_numbers;
    f->path[f->n_path++] = f->open[f->n_open++] = at;
}

static void lower(Finder *f, uint32_t at, uint32_t to) {
    if (to < f->low[at])
        f->low[at] = to;
}

static void leave(Finder *f) {
    uint32_t at = f->path[--f->n_path], member;
    if (f->low[at] == f->number[at]) {
        f->n_components++;
        do {
            member = f->open[--f->n_open];
            f->component[member] = f->n_components;
        } while (member != at);
    }
    if (f->n_path > 0)
        lower(f, f->path[f->n_path - 1], f->low[at]);
}

static void walk(Finder *f, uint32_t root) {
    const Ways *ways = f->w->ways;
    enter(f, root);
    while (f->n_path > 0) {
        uint32_t at = f->path[f->n_path - 1];
        const Place *place = ways->order[at];
        size_t k = f->next[at]++;
        if (k >= ways_count(place)) {
            leave(f);
            continue;
        }
        if (!can_repeat(f->w, place, k))
            continue;
        uint32_t to = ways->position[ways_get(place, k)->to->index];
        if (!f->number[to])
            enter(f, to);
        else if (!f->component[to])
            lower(f, at, f->number[to]);
    }
}

/* ---- loops ---- */

typedef struct Back {
    const Edge *edge;
    uint32_t from, to;
} Back;

/* An edge that leads back within a component: best to its first place, from one that only comes
 * after that, and not an error edge, which takes no `max`. */
static int worth(const Warn *w, const Back *back, bool failure) {
    const Ways *ways = w->ways;
    return (dominates(w->dominators, ways->order[back->to], ways->order[back->from]) ? 2 : 0) +
           (failure ? 0 : 1);
}

static void note_back(Finder *f, uint32_t at, Back *best, int *best_worth) {
    const Place *place = f->w->ways->order[at];
    for (size_t k = 0; k < ways_count(place); k++) {
        if (!can_repeat(f->w, place, k))
            continue;
        const Edge *edge = ways_get(place, k);
        Back back = {edge, at, f->w->ways->position[edge->to->index]};
        uint32_t component = f->component[at];
        if (back.to > at || f->component[back.to] != component)
            continue;
        int value = worth(f->w, &back, ways_is_failure(place, k));
        if (!best[component].edge || value > best_worth[component]) {
            best[component] = back;
            best_worth[component] = value;
        }
    }
}

/* The names of the nodes and sections that a loop goes through, from its first place on. */
static const char *loop_text(Finder *f, const Back *back) {
    enum { ENOUGH = 64 };
    const Ways *ways = f->w->ways;
    const char *names[ENOUGH];
    size_t n = 0;
    for (uint32_t at = back->to; at <= back->from && n < ENOUGH; at++) {
        const Place *place = ways->order[at];
        if (f->component[at] != f->component[back->to] || (!place->node && !place->section))
            continue;
        names[n++] = place->node ? place->node->name : place->section->label;
    }
    return n ? warn_names(f->w, names, n) : "a choice";
}

static void report(Finder *f, const Back *back) {
    const Warn *w = f->w;
    const Place *head = back->edge->to;
    Diag *diag = diag_warning(w->comp->diags, back->edge->span, warning,
                              "nothing bounds the loop through %s: it has neither 'max' nor 'limit "
                              "steps', and fails after %llu steps",
                              loop_text(f, back), (unsigned long long)w->graph->limit);
    diag_note(diag, head->span, "it leads back to %s", warn_place(w, head));
    diag_note(diag, (Span){0},
              "write 'max N' behind an edge of it, or 'limit steps N;' in graph '%s' ('limit "
              "none;' if it is to serve for ever)",
              w->graph->name);
}

void warn_loops(Warn *w) {
    size_t n = w->graph->n_places;
    if (!w->graph->limit_is_default)
        return;
    Finder f = {.w = w};
    uint32_t **arrays[] = {&f.number, &f.low, &f.component, &f.next, &f.path, &f.open};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        *arrays[i] = ARENA_ARRAY(w->arena, uint32_t, n);
    for (uint32_t at = 0; at < n; at++)
        if (!f.number[at])
            walk(&f, at);
    Back *best = ARENA_ARRAY(w->arena, Back, f.n_components + 1);
    int *best_worth = ARENA_ARRAY(w->arena, int, f.n_components + 1);
    for (uint32_t at = 0; at < n; at++)
        note_back(&f, at, best, best_worth);
    for (uint32_t i = 1; i <= f.n_components; i++)
        if (best[i].edge)
            report(&f, &best[i]);
}
