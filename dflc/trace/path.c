/* All walks of the right length are tried, but no more than MOST_VISITS: where that does not do, or two are
 * found, nothing is known. Only what runs last can be marked as a checkpoint: behind another one there
 * would be one. How many steps a section or subgraph takes is not known, and a node that fails takes none. */
#include "path.h"

#include <string.h>

enum { MOST_VISITS = 20000, MOST_STEPS = 256 };

typedef struct Walk {
    Arena *arena;
    const PathAsked *asked;
    PathStep stack[MOST_STEPS];
    size_t n;
    uint64_t steps;    /* of the nodes in it */
    bool open, failed; /* something of an unknown number of steps is in it; what failed is */
    unsigned n_found, visits;
    PathFound *out;
} Walk;

static bool saves(const Walk *w, const Place *place) {
    return place->node && place->node->checkpoint && w->asked->graph->policy != CP_NEVER;
}

static bool ends_with_saver(const Walk *w) {
    return w->n > 0 && !w->stack[w->n - 1].failed && saves(w, w->stack[w->n - 1].place);
}

static void found(Walk *w) {
    bool fits = w->open ? w->steps <= w->asked->steps : w->steps == w->asked->steps;
    if (!fits || w->failed != (w->asked->failed != NULL) ||
        (w->asked->by_saver && !ends_with_saver(w)) || w->n_found++ > 0)
        return;
    for (size_t i = 0; i < w->n; i++)
        ARENA_PUSH(w->arena, w->out->all, w->out->n, w->out->cap, w->stack[i]);
}

static void run(Walk *w, const Place *place);

/* Two edges to one place are one way. */
static void leave(Walk *w, const Place *place);

static void arrive(Walk *w, const Place *place) {
    if (place->kind == PL_CHOICE) {
        leave(w, place);
        return;
    }
    if (place == w->asked->to && !w->asked->to_done)
        found(w);
    if (!ends_with_saver(w))
        run(w, place);
}

static void leave(Walk *w, const Place *place) {
    for (size_t i = 0; i < place->n_edges && w->n_found < 2; i++) {
        bool again = false;
        for (size_t k = 0; k < i; k++)
            again |= place->edges[k]->to == place->edges[i]->to;
        if (!again)
            arrive(w, place->edges[i]->to);
    }
}

static bool fails(const Walk *w, const Place *place) {
    const char *name = place->section ? place->section->label : place->node->name;
    return w->asked->failed && !w->failed && strcmp(name, w->asked->failed) == 0;
}

static void fail(Walk *w, const Place *place) {
    w->stack[w->n++] = (PathStep){place, true};
    w->failed = true;
    if (place->on_timeout &&
        place->on_timeout->to != (place->on_error ? place->on_error->to : NULL))
        arrive(w, place->on_timeout->to);
    if (place->on_error)
        arrive(w, place->on_error->to);
    w->failed = false;
    w->n--;
}

static void run(Walk *w, const Place *place) {
    bool open = w->open, simple = place->node && !place->node->runs;
    if (place->kind == PL_END || w->n == MOST_STEPS || w->steps + simple > w->asked->steps ||
        ++w->visits > MOST_VISITS)
        return;
    w->stack[w->n++] = (PathStep){place, false};
    w->steps += simple;
    w->open |= !simple;
    if (w->asked->to_done && place == w->asked->to)
        found(w);
    leave(w, place);
    w->n--;
    w->steps -= simple;
    w->open = open;
    if (fails(w, place))
        fail(w, place);
}

PathFound path_find(Arena *arena, const PathAsked *asked) {
    PathFound out = {0};
    Walk *w = ARENA_NEW(arena, Walk);
    *w = (Walk){.arena = arena, .asked = asked, .out = &out};
    if (asked->from == asked->to && asked->from_done == asked->to_done && asked->steps == 0) {
        out.found = true;
        return out;
    }
    if (asked->from_done)
        leave(w, asked->from);
    else
        run(w, asked->from);
    out.found = w->n_found == 1 && w->visits <= MOST_VISITS;
    if (!out.found)
        out.n = 0;
    return out;
}
