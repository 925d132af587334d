#include "profile.h"

#include <string.h>

/* What was measured of one graph, over all places where it runs. */
typedef struct Counts {
    const Graph *graph;
    uint64_t entries;
    Measured *places; /* by Place.index */
    StrMap by_name;   /* of places: nodes, routers, sections by label */
    StrMap taken;     /* "from\tto" to uint64_t */
} Counts;

struct Profile {
    Compilation *comp;
    StrMap counts; /* Graph.c_name to Counts */
};

enum { NAMED_STALE = 8 };

typedef struct Fit {
    Compilation *comp;
    Profile *profile;
    Diag *stale; /* the warning, once there is one */
    size_t n_stale;
} Fit;

/* ---- names ---- */

static const char *name_of(const Place *place) {
    switch (place->kind) {
    case PL_START:
        return "start";
    case PL_END:
        return "end";
    case PL_NODE:
    case PL_ROUTER:
        return place->node->name;
    case PL_SECTION:
        return place->section->label;
    case PL_JOIN:
    case PL_CHOICE:
        break;
    }
    return NULL;
}

static Counts *counts_of(Profile *profile, const Graph *graph) {
    Arena *arena = profile->comp->arena;
    Counts *counts = strmap_get(&profile->counts, graph->c_name);
    if (counts)
        return counts;
    counts = ARENA_NEW(arena, Counts);
    counts->graph = graph;
    counts->places = ARENA_ARRAY(arena, Measured, graph->n_places + 1);
    for (size_t i = 0; i < graph->n_places; i++) {
        const char *name = name_of(graph->places[i]);
        if (name)
            strmap_put(&counts->by_name, arena, intern_cstr(profile->comp->names, name),
                       graph->places[i]);
    }
    strmap_put(&profile->counts, arena, graph->c_name, counts);
    return counts;
}

/* "research/plan" from a graph: follows the nodes that run graphs; *last is the name in the last of
 * them. NULL when some node is not there, or runs nothing. A label may hold no '/', but for the ends of
 * its path. */
static Counts *follow(Profile *profile, const Graph *graph, const char *path, const char **last) {
    Counts *counts = counts_of(profile, graph);
    const char *slash;
    while ((slash = strchr(path, '/')) != NULL) {
        const Place *place = strmap_get(&counts->by_name,
                                        intern(profile->comp->names, path, (size_t)(slash - path)));
        if (!place || !place->node || !place->node->runs)
            return NULL;
        counts = counts_of(profile, place->node->runs);
        path = slash + 1;
    }
    *last = intern_cstr(profile->comp->names, path);
    return counts;
}

/* ---- what does not fit ---- */

static void tell_stale(Fit *fit, Span at, const char *what, const char *name, const char *graph) {
    const char *text = arena_printf(fit->comp->arena, "graph '%s' has no such %s '%s' any more",
                                    graph, what, name);
    if (fit->n_stale++ == 0)
        fit->stale =
            diag_warning(fit->comp->diags, at, "stale-profile",
                         "%s: what was measured of it is left out, all else is used", text);
    else if (fit->stale && fit->n_stale <= NAMED_STALE)
        diag_note(fit->stale, at, "%s", text);
}

/* ---- fitting ---- */

static void add(uint64_t *to, uint64_t n) {
    *to = n > UINT64_MAX - *to ? UINT64_MAX : *to + n;
}

static void fit_node(Fit *fit, const Graph *graph, const ProfiledNode *node) {
    const char *last = NULL;
    Counts *counts = follow(fit->profile, graph, node->name, &last);
    const Place *place = counts ? strmap_get(&counts->by_name, last) : NULL;
    if (!place || place->kind != PL_NODE) {
        tell_stale(fit, node->span, "node", node->name, graph->name);
        return;
    }
    Measured *m = &counts->places[place->index];
    m->known = true;
    add(&m->begun, node->begun);
    add(&m->succeeded, node->succeeded);
    add(&m->calls, node->calls);
    add(&m->ns, node->ns);
    if (place->node->runs)
        add(&counts_of(fit->profile, place->node->runs)->entries, node->begun);
}

static void fit_section(Fit *fit, const Graph *graph, const ProfiledSection *section) {
    const char *last = NULL;
    Counts *counts = follow(fit->profile, graph, section->name, &last);
    const Place *place = counts ? strmap_get(&counts->by_name, last) : NULL;
    if (!place || place->kind != PL_SECTION) {
        tell_stale(fit, section->span, "section", section->name, graph->name);
        return;
    }
    counts->places[place->index].known = true;
    add(&counts->places[place->index].begun, section->begun);
}

static const char *edge_key(Compilation *comp, const char *from, const char *to) {
    return intern_cstr(comp->names, arena_printf(comp->arena, "%s\t%s", from, to));
}

static void fit_edge(Fit *fit, const Graph *graph, const ProfiledEdge *edge) {
    const char *from = NULL, *to = NULL;
    Counts *counts = follow(fit->profile, graph, edge->from, &from);
    Counts *there = follow(fit->profile, graph, edge->to, &to);
    if (!counts || counts != there || !strmap_get(&counts->by_name, from) ||
        !strmap_get(&counts->by_name, to)) {
        const char *name = arena_printf(fit->comp->arena, "%s -> %s", edge->from, edge->to);
        tell_stale(fit, edge->span, "edge", name, graph->name);
        return;
    }
    const char *key = edge_key(fit->comp, from, to);
    uint64_t *taken = strmap_get(&counts->taken, key);
    if (!taken) {
        taken = ARENA_NEW(fit->comp->arena, uint64_t);
        strmap_put(&counts->taken, fit->comp->arena, key, taken);
    }
    add(taken, edge->taken);
}

static void fit_graph(Fit *fit, const Graph *graph, const ProfiledGraph *profiled) {
    add(&counts_of(fit->profile, graph)->entries, profiled->runs);
    for (size_t i = 0; i < profiled->n_nodes; i++)
        fit_node(fit, graph, profiled->nodes[i]);
    for (size_t i = 0; i < profiled->n_sections; i++)
        fit_section(fit, graph, profiled->sections[i]);
    for (size_t i = 0; i < profiled->n_edges; i++)
        fit_edge(fit, graph, profiled->edges[i]);
}

Profile *profile_fit(Compilation *comp, const ProfileFile *file, const Program *program) {
    Profile *profile = ARENA_NEW(comp->arena, Profile);
    Fit fit = {.comp = comp, .profile = profile};
    profile->comp = comp;
    for (size_t g = 0; g < program->n_graphs; g++) {
        const Graph *graph = program->graphs[g];
        const ProfiledGraph *profiled =
            strmap_get(&file->by_name, intern_cstr(comp->names, graph->name));
        if (profiled)
            fit_graph(&fit, graph, profiled);
    }
    if (fit.stale && fit.n_stale > NAMED_STALE)
        diag_note(fit.stale, (Span){0}, "and %zu more", fit.n_stale - NAMED_STALE);
    return profile;
}

/* ---- asking ---- */

static const Counts *known_counts(const Profile *profile, const Graph *graph) {
    return profile ? strmap_get(&profile->counts, graph->c_name) : NULL;
}

Measured profile_place(const Profile *profile, const Graph *graph, const Place *place) {
    const Counts *counts = known_counts(profile, graph);
    return counts ? counts->places[place->index] : (Measured){0};
}

uint64_t profile_entries(const Profile *profile, const Graph *graph) {
    const Counts *counts = known_counts(profile, graph);
    return counts ? counts->entries : 0;
}

uint64_t profile_taken(const Profile *profile, const Graph *graph, const Place *from,
                       const Place *to) {
    const Counts *counts = known_counts(profile, graph);
    const char *a = name_of(from), *b = name_of(to);
    const uint64_t *taken =
        counts && a && b ? strmap_get(&counts->taken, edge_key(profile->comp, a, b)) : NULL;
    return taken ? *taken : 0;
}
