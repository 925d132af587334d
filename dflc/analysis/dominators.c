#include "dominators.h"

#define NONE UINT32_MAX

/* Of one region at a time; numbers are those of a walk from the entry, in preorder. */
typedef struct Finder {
    const Ways *ways;
    uint32_t first;        /* position of the region's entry */
    uint32_t n;            /* reached places */
    uint32_t *number;      /* by position */
    uint32_t *at;          /* by number: the position */
    uint32_t *parent;      /* in the tree of the walk */
    uint32_t *semi, *idom; /* the paper's semi and dom */
    uint32_t *up, *label;  /* the forest of those looked at, with compressed paths */
    uint32_t *bucket, *next_in_bucket;
    uint32_t *path; /* scratch: a stack */
    uint32_t *ways_seen;
} Finder;

static Finder finder_new(Arena *arena, const Ways *ways) {
    size_t n = ways->graph->n_places;
    Finder f = {.ways = ways};
    f.number = ARENA_ARRAY(arena, uint32_t, n);
    f.at = ARENA_ARRAY(arena, uint32_t, n);
    f.parent = ARENA_ARRAY(arena, uint32_t, n);
    f.semi = ARENA_ARRAY(arena, uint32_t, n);
    f.idom = ARENA_ARRAY(arena, uint32_t, n);
    f.up = ARENA_ARRAY(arena, uint32_t, n);
    f.label = ARENA_ARRAY(arena, uint32_t, n);
    f.bucket = ARENA_ARRAY(arena, uint32_t, n);
    f.next_in_bucket = ARENA_ARRAY(arena, uint32_t, n);
    f.path = ARENA_ARRAY(arena, uint32_t, n);
    f.ways_seen = ARENA_ARRAY(arena, uint32_t, n);
    for (size_t i = 0; i < n; i++)
        f.number[i] = NONE;
    return f;
}

static void discover(Finder *f, uint32_t position, uint32_t parent) {
    uint32_t v = f->n++;
    f->number[position] = v;
    f->at[v] = position;
    f->parent[v] = parent;
    f->semi[v] = f->label[v] = f->idom[v] = v;
    f->up[v] = f->bucket[v] = NONE;
    f->ways_seen[v] = 0;
}

static void walk(Finder *f) {
    uint32_t depth = 0;
    f->n = 0;
    discover(f, f->first, 0);
    f->path[depth++] = 0;
    while (depth > 0) {
        uint32_t v = f->path[depth - 1];
        const Place *place = f->ways->order[f->at[v]];
        size_t k = f->ways_seen[v]++;
        if (k >= ways_count(place)) {
            depth--;
            continue;
        }
        const Edge *edge = ways_get(place, k);
        uint32_t to = edge ? f->ways->position[edge->to->index] : 0;
        if (edge && f->number[to] == NONE) {
            f->path[depth++] = f->n;
            discover(f, to, v);
        }
    }
}

/* The number of least semidominator between v and the root of its tree in the forest. */
static uint32_t eval(Finder *f, uint32_t v) {
    uint32_t depth = 0;
    if (f->up[v] == NONE)
        return f->label[v];
    for (uint32_t u = v; f->up[f->up[u]] != NONE; u = f->up[u])
        f->path[depth++] = u;
    while (depth > 0) {
        uint32_t u = f->path[--depth], above = f->up[u];
        if (f->semi[f->label[above]] < f->semi[f->label[u]])
            f->label[u] = f->label[above];
        f->up[u] = f->up[above];
    }
    return f->label[v];
}

static void lower_semi(Finder *f, uint32_t v) {
    const Place *place = f->ways->order[f->at[v]];
    for (size_t i = 0; i < place->n_in; i++) {
        uint32_t from = f->number[f->ways->position[place->in[i]->from->index]];
        uint32_t u = from == NONE ? v : eval(f, from);
        if (f->semi[u] < f->semi[v])
            f->semi[v] = f->semi[u];
    }
}

/* The dominators of those whose semidominator is v's parent, now that its tree is known. */
static void empty_bucket(Finder *f, uint32_t parent) {
    while (f->bucket[parent] != NONE) {
        uint32_t w = f->bucket[parent], u = eval(f, w);
        f->bucket[parent] = f->next_in_bucket[w];
        f->idom[w] = f->semi[u] < f->semi[w] ? u : parent;
    }
}

static void find_in_region(Finder *f) {
    walk(f);
    for (uint32_t v = f->n; v-- > 1;) {
        lower_semi(f, v);
        f->next_in_bucket[v] = f->bucket[f->semi[v]];
        f->bucket[f->semi[v]] = v;
        f->up[v] = f->parent[v];
        empty_bucket(f, f->parent[v]);
    }
    for (uint32_t v = 1; v < f->n; v++)
        if (f->idom[v] != f->semi[v])
            f->idom[v] = f->idom[f->idom[v]];
}

/* ---- the tree, walked ---- */

/* A parent has a lower number than its children: sizes upwards, then intervals downwards. */
static void number_tree(Finder *f, Dominators *out) {
    uint32_t *size = f->up, *next = f->label;
    for (uint32_t v = 0; v < f->n; v++)
        size[v] = 1;
    for (uint32_t v = f->n; v-- > 1;)
        size[f->idom[v]] += size[v];
    for (uint32_t v = 0; v < f->n; v++) {
        uint32_t at = f->at[v], above = f->idom[v];
        out->parent[at] = f->at[above];
        out->enter[at] = v == 0 ? f->first : next[above];
        out->leave[at] = out->enter[at] + size[v];
        next[v] = out->enter[at] + 1;
        if (v > 0)
            next[above] += size[v];
    }
}

Dominators *dominators_of(Arena *arena, const Ways *ways) {
    size_t n = ways->graph->n_places;
    Dominators *out = ARENA_NEW(arena, Dominators);
    Finder f = finder_new(arena, ways);
    out->ways = ways;
    out->parent = ARENA_ARRAY(arena, uint32_t, n);
    out->enter = ARENA_ARRAY(arena, uint32_t, n);
    out->leave = ARENA_ARRAY(arena, uint32_t, n);
    for (size_t i = 0; i < ways->graph->n_regions; i++) {
        f.first = ways->region_first[i];
        find_in_region(&f);
        number_tree(&f, out);
    }
    return out;
}

bool dominates(const Dominators *dominators, const Place *by, const Place *to) {
    uint32_t a = dominators->ways->position[by->index];
    uint32_t b = dominators->ways->position[to->index];
    return dominators->enter[a] <= dominators->enter[b] &&
           dominators->enter[b] < dominators->leave[a];
}
