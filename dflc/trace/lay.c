#include "overlay.h"

#include <inttypes.h>
#include <string.h>

typedef struct Lay {
    Drawing *d;
    Arena *arena;
    Overlay *overlay;
    StrMap places;       /* "support/plan" to Named */
    const Drawn *root;   /* of the run that is laid */
    bool resumed, moved; /* moved: something in it has begun, so what follows has come by an edge */
    const char *why;
} Lay;

/* A place of a name; of sections several may have the same one. */
typedef struct Named {
    const Drawn *g;
    const Place *place;
    struct Named *other;
} Named;

/* ---- names ---- */

static const char *key(Lay *l, const char *path, const char *name) {
    return intern_cstr(l->d->comp->names, arena_printf(l->arena, "%s%s", path, name));
}

static void add_name(Lay *l, const Drawn *g, const Place *place) {
    const char *name = place->section ? place->section->label
                       : place->node  ? place->node->name
                                      : NULL;
    if (!name && place->kind != PL_START && place->kind != PL_END)
        return;
    Named *named = ARENA_NEW(l->arena, Named);
    *named = (Named){g, place, NULL};
    const char *k = key(l, g->path, name ? name : place->kind == PL_START ? "start" : "end");
    named->other = strmap_put(&l->places, l->arena, k, named);
}

static void add_names(Lay *l) {
    Overlay *o = l->overlay;
    uint32_t n = 0;
    for (size_t i = 0; i < l->d->n_drawn; i++) {
        const Drawn *g = l->d->drawn[i];
        for (size_t k = 0; k < g->graph->n_places; k++) {
            const Place *place = g->graph->places[k];
            EdgeKind kind;
            add_name(l, g, place);
            o->first_edge[g->first_place + k] = n;
            for (size_t e = 0; place_edge(place, e, &kind); e++)
                n++;
        }
    }
    o->first_edge[l->d->n_places] = n;
    o->edges = ARENA_ARRAY(l->arena, Taken, n + 1);
}

/* Of several sections of one name, the one in this region. */
static const Named *named_in(const Named *named, const Region *region) {
    for (const Named *at = named; at; at = at->other)
        if (at->place->region == region)
            return at;
    return named;
}

/* ---- edges ---- */

static uint32_t edge_number(const Lay *l, const Drawn *g, const Place *place, size_t i) {
    return l->overlay->first_edge[g->first_place + place->index] + (uint32_t)i;
}

/* The ways from a place to another one, over choices, that are found. */
typedef struct Search {
    Lay *lay;
    const Drawn *g;
    const Place *to;
    WaysTaken path, found;
    size_t n_found;
} Search;

enum { MOST_CHOICES = 64, MOST_FOUND = 64 };

static void arrive(Search *s) {
    s->n_found++;
    for (size_t i = 0; i < s->path.n; i++)
        ARENA_PUSH(s->lay->arena, s->found.all, s->found.n, s->found.cap, s->path.all[i]);
}

static void search(Search *s, const Place *from, EdgeKind wanted) {
    EdgeKind kind;
    const Edge *edge;
    for (size_t i = 0; (edge = place_edge(from, i, &kind)); i++) {
        if (kind != wanted || s->n_found == MOST_FOUND || s->path.n == MOST_CHOICES)
            continue;
        ARENA_PUSH(s->lay->arena, s->path.all, s->path.n, s->path.cap,
                   edge_number(s->lay, s->g, from, i));
        if (edge->to == s->to)
            arrive(s);
        else if (edge->to->kind == PL_CHOICE)
            search(s, edge->to, EDGE_NORMAL);
        s->path.n--;
    }
}

/* A timeout of the node's own, where there is an edge for it. */
static EdgeKind kind_left_by(const Place *from, int64_t status) {
    enum { TIME_WAS_UP = -4 };
    if (status >= 0)
        return EDGE_NORMAL;
    return status == TIME_WAS_UP && from->on_timeout ? EDGE_TIMEOUT : EDGE_ERROR;
}

static WaysTaken find_ways(Lay *l, const Drawn *g, const Place *from, int64_t status,
                           const Place *to, bool *unsure) {
    Search s = {.lay = l, .g = g, .to = to};
    search(&s, from, kind_left_by(from, status));
    if (s.n_found == 0 &&
        status < 0) /* what was told of last had failed, and was tried again since */
        search(&s, from, EDGE_NORMAL);
    *unsure = s.n_found > 1;
    return s.found;
}

static void take_ways(Lay *l, const WaysTaken *ways, bool unsure, bool critical) {
    for (size_t i = 0; i < ways->n; i++) {
        Taken *taken = &l->overlay->edges[ways->all[i]];
        bool again = false;
        for (size_t k = 0; k < i; k++)
            again |= ways->all[k] == ways->all[i];
        taken->n += !again;
        taken->unsure |= unsure && !again;
        taken->critical |= critical && !unsure;
    }
}

/* ---- parts ---- */

/* A run, branch, element or subgraph under way: what it is in, and where it stands. */
typedef struct Frame {
    const Drawn *g;
    const Region *region;
    const Place *last; /* NULL: nowhere yet */
    int64_t status;    /* with which that ended */
    bool lost;         /* nothing tells where it stands */
} Frame;

/* What was before the first place. A branch begins with one of its places, unless that is a choice. */
static const Place *beginning(const Frame *f) {
    PlaceKind kind = f->region->entry->kind;
    return kind == PL_START || kind == PL_CHOICE ? f->region->entry : NULL;
}

/* A resumed run begins in the midst: where from, only an edge tells. */
static const Place *came_from(Lay *l, const Frame *f, const Part *part) {
    if (f->last)
        return f->last;
    const Named *named =
        part->from ? strmap_get(&l->places, key(l, l->root->path, part->from)) : NULL;
    if (named)
        return named_in(named, f->region)->place;
    return f->lost || (l->resumed && !l->moved) ? NULL : beginning(f);
}

static void come_to(Lay *l, const Frame *f, Part *part) {
    const Place *from = came_from(l, f, part);
    bool unsure;
    if (!from || (from == part->place && part->attempt > 1))
        return;
    part->in = find_ways(l, f->g, from, f->last ? f->status : 0, part->place, &unsure);
    take_ways(l, &part->in, unsure, part->critical);
}

static void leave(Lay *l, const Frame *f, Part *part) {
    const Place *from = f->last ? f->last : l->resumed || f->lost ? NULL : beginning(f);
    bool unsure;
    if (!from || !part->ended || part->status != 0)
        return;
    part->out = find_ways(l, f->g, from, f->last ? f->status : 0, f->region->exit, &unsure);
    take_ways(l, &part->out, unsure, part->critical);
}

static void count(Lay *l, const Part *part) {
    Ran *ran = &l->overlay->places[part->g->first_place + part->place->index];
    ran->n += part->ended;
    ran->open += !part->ended && !part->is_next;
    ran->next |= part->is_next;
    ran->timed |= part->ended && !l->overlay->trace->thread;
    ran->failed += part->ended && part->status < 0;
    ran->ns += part->ns;
    ran->critical_ns += part->critical ? part->ns : 0;
}

/* What a node runs is not drawn where too much would be: see draw.c. */
static bool is_within_undrawn(Lay *l, const char *at) {
    char *path = arena_strndup(l->arena, at, strlen(at));
    for (char *slash; (slash = strrchr(path, '/'));) {
        *slash = '\0';
        const Named *named = strmap_get(&l->places, key(l, l->root->path, path));
        if (named)
            return named->place->node && named->place->node->runs &&
                   !named->g->inner[named->place->node->index];
    }
    return false;
}

static bool find_place(Lay *l, const Frame *f, Part *part) {
    const Named *named = strmap_get(&l->places, key(l, l->root->path, part->at));
    if (!named) {
        if (!l->why && !is_within_undrawn(l, part->at))
            l->why = arena_printf(
                l->arena, "'%s' is not in graph '%s'; was it made by another version of it?",
                part->at, l->root->graph->name);
        return false;
    }
    named = named_in(named, f->region);
    part->g = named->g;
    part->place = named->place;
    return true;
}

static void walk_frame(Lay *l, const Drawn *g, const Region *region, Part *part);

static void walk_branches(Lay *l, const Drawn *g, const Section *section, Part *around) {
    for (Part *part = around->first; part; part = part->next) {
        part->g = g;
        part->place = section->place;
        if (part->kind == PART_CHUNK) {
            walk_branches(l, g, section, part);
            continue;
        }
        size_t number = section->over || part->branch < 0 ? 0 : (size_t)part->branch;
        if (part->kind != PART_BRANCH || number >= section->n_branches)
            continue;
        Taken *fork = &l->overlay->forks[g->first_region + section->branches[number]->index];
        fork->n++;
        fork->critical |= part->critical;
        walk_frame(l, g, section->branches[number], part);
    }
}

/* All that is in a section or subgraph, or where a history has a gap, may have run. */
static void close_region(Lay *l, const Drawn *g, const Region *region) {
    Taken *fork = &l->overlay->forks[g->first_region + region->index];
    if (fork->closed)
        return;
    fork->closed = true;
    for (size_t i = 0; i < region->n_places; i++) {
        const Place *place = region->places[i];
        const Drawn *inner = place->node ? g->inner[place->node->index] : NULL;
        EdgeKind kind;
        l->overlay->places[g->first_place + place->index].closed = true;
        for (size_t k = 0; place_edge(place, k, &kind); k++)
            l->overlay->edges[edge_number(l, g, place, k)].closed = true;
        if (inner)
            close_region(l, inner, inner->graph->regions[0]);
        for (size_t k = 0; place->section && k < place->section->n_branches; k++)
            close_region(l, g, place->section->branches[k]);
    }
}

static void close_part(Lay *l, const Part *part, const Drawn *inner) {
    const Section *section = part->place->section;
    if (inner)
        close_region(l, inner, inner->graph->regions[0]);
    for (size_t i = 0; section && i < section->n_branches; i++)
        close_region(l, part->g, section->branches[i]);
}

static void walk_part(Lay *l, Frame *f, Part *part) {
    if (part->kind == PART_GAP) {
        close_region(l, f->g, f->region);
        *f = (Frame){.g = f->g, .region = f->region, .lost = true};
        return;
    }
    if ((part->kind != PART_NODE && part->kind != PART_SECTION) || !find_place(l, f, part))
        return;
    const Drawn *inner = part->place->node ? part->g->inner[part->place->node->index] : NULL;
    come_to(l, f, part);
    count(l, part);
    l->moved |= part->place->node && !inner;
    if (part->closed)
        close_part(l, part, inner);
    else if (inner)
        walk_frame(l, inner, inner->graph->regions[0], part);
    if (part->place->section && !part->closed)
        walk_branches(l, part->g, part->place->section, part);
    f->last = part->place;
    f->status = part->status;
}

/* read.c bounds how deep parts nest. */
static void walk_frame(Lay *l, const Drawn *g, const Region *region, Part *part) {
    Frame f = {.g = g, .region = region};
    for (Part *inner = part->first; inner; inner = inner->next)
        walk_part(l, &f, inner);
    leave(l, &f, part);
}

/* ---- runs ---- */

static const Drawn *root_of(const Drawing *d, const RunTold *run) {
    for (size_t i = 0; i < d->n_drawn && run->part; i++)
        if (!d->drawn[i]->outer && strcmp(d->drawn[i]->graph->name, run->part->at) == 0)
            return d->drawn[i];
    return NULL;
}

static void choose_runs(Lay *l, const Trace *trace, uint64_t number) {
    Overlay *o = l->overlay;
    for (size_t i = 0; i < trace->n_runs; i++) {
        RunTold *run = trace->runs[i];
        if ((number && run->number != number) || !root_of(l->d, run))
            continue;
        ARENA_PUSH(l->arena, o->runs, o->n_runs, o->cap_runs, run);
        o->n_failed += run->part->ended && run->part->status < 0;
        o->ns += run->part->ns;
        if (!trace->thread && run->part->ended &&
            (!o->critical || run->part->ns > o->critical->part->ns))
            o->critical = run;
    }
}

static const char *no_runs(const Lay *l, uint64_t number) {
    Text t = {.arena = l->arena};
    for (size_t i = 0; i < l->d->n_graphs; i++)
        text_add(&t, "' or '", l->d->graphs[i]->name);
    const char *names = text_end(&t);
    return number ? arena_printf(l->arena, "it has no run %" PRIu64 " of '%s'", number, names)
                  : arena_printf(l->arena, "it has no run of '%s'", names);
}

static void find_most(Lay *l) {
    for (size_t i = 0; i < l->d->n_drawn; i++) {
        const Drawn *g = l->d->drawn[i];
        for (size_t k = 0; k < g->graph->n_places; k++) {
            const Node *node = g->graph->places[k]->node;
            const Ran *ran = &l->overlay->places[g->first_place + k];
            if (!node || g->inner[node->index])
                continue;
            if (ran->ns > l->overlay->most_ns)
                l->overlay->most_ns = ran->ns;
            if (ran->n > l->overlay->most_n)
                l->overlay->most_n = ran->n;
        }
    }
}

Overlay *overlay_lay(Drawing *d, Trace *trace, uint64_t number, const char **why) {
    Arena *arena = d->comp->arena;
    Lay l = {.d = d, .arena = arena, .overlay = ARENA_NEW(arena, Overlay)};
    Overlay *o = l.overlay;
    o->trace = trace;
    o->places = ARENA_ARRAY(arena, Ran, d->n_places + 1);
    o->first_edge = ARENA_ARRAY(arena, uint32_t, d->n_places + 1);
    o->forks = ARENA_ARRAY(arena, Taken, d->n_regions + 1);
    add_names(&l);
    choose_runs(&l, trace, number);
    if (o->n_runs == 0)
        l.why = no_runs(&l, number);
    if (o->critical)
        critical_mark(arena, o->critical->part);
    for (size_t i = 0; i < o->n_runs && !l.why; i++) {
        l.root = root_of(d, o->runs[i]);
        l.resumed = o->runs[i]->resumed;
        l.moved = false;
        o->runs[i]->part->g = l.root;
        walk_frame(&l, l.root, l.root->graph->regions[0], o->runs[i]->part);
    }
    find_most(&l);
    *why = l.why;
    return l.why ? NULL : o;
}
