#include "reached.h"

#include <string.h>

#include "agenda.h"

/* A place that has changed this often keeps only what stays the same. */
enum { PATIENCE = 3 };

/* What is known on entry to a place; only as many facts as there are. */
typedef struct KnownAt {
    Fact *facts;
    uint32_t n, cap;
    uint32_t changes;
} KnownAt;

typedef struct Walk {
    Arena *arena;
    Reached *out;
    Agenda agenda;
    ReachedStop *stops; /* NULL: none does */
    const void *context;
} Walk;

static void load(Known *known, const KnownAt *at) {
    known->impossible = false;
    known->n = at->n;
    if (at->n)
        memcpy(known->facts, at->facts, at->n * sizeof *at->facts);
}

static void store(Arena *arena, KnownAt *at, const Known *known) {
    if (known->n > at->cap) {
        at->facts = ARENA_ARRAY(arena, Fact, known->n);
        at->cap = known->n;
    }
    at->n = known->n;
    if (known->n)
        memcpy(at->facts, known->facts, known->n * sizeof *known->facts);
}

/* ---- what a place writes ---- */

typedef struct Writer {
    const Reached *reached;
    const Place *place;
} Writer;

static bool place_writes(const void *context, const Field *field) {
    const Writer *writer = context;
    const Accesses *accesses = writer->reached->accesses;
    uint32_t i = accesses->of_place[writer->place->index];
    for (; i < accesses->of_place[writer->place->index + 1]; i++)
        if (accesses->all[i].field == field && accesses->all[i].kind != ACCESS_READ)
            return true;
    const Section *section = writer->place->section;
    for (size_t k = 0; section && k < section->n_branches; k++) {
        const FieldUse *use = region_use(writer->reached->uses, section->branches[k], field);
        if (use && use->writes)
            return true;
    }
    return false;
}

static bool every_field(const void *context, const Field *field) {
    (void)context;
    (void)field;
    return true;
}

static void pause_before(const Reached *reached, Known *known, const Place *place) {
    if (reached->accesses->pauses_before[place->index])
        known_forget(known, every_field, NULL);
}

static void do_work(const Reached *reached, Known *known, const Place *place) {
    Writer writer = {reached, place};
    if (reached->accesses->pauses_after[place->index])
        known_forget(known, every_field, NULL);
    else if (place->node || place->section)
        known_forget(known, place_writes, &writer);
}

Known reached_known(const Reached *reached, const Place *place) {
    Known known;
    load(&known, &reached->known[reached->ways->position[place->index]]);
    pause_before(reached, &known, place);
    do_work(reached, &known, place);
    return known;
}

/* ---- ways ---- */

void reached_try(Known *known, const Place *place, size_t k, bool taken) {
    const Edge *edge = place->edges[k];
    if (!taken && (edge->has_max || place->kind == PL_ROUTER))
        return; /* a spent edge is passed over whatever its guard says */
    if (place->subject)
        known_assume_arm(known, place, edge, taken);
    else if (edge->guard)
        known_assume(known, edge->guard, taken, edge);
    else if (!taken)
        known->impossible = true;
}

static void arrive(Walk *walk, const Place *place, const Known *known) {
    uint32_t position = walk->out->ways->position[place->index];
    KnownAt *at = &walk->out->known[position];
    if (!walk->out->place[place->index]) {
        walk->out->place[place->index] = true;
        store(walk->arena, at, known);
        agenda_add(&walk->agenda, position);
        return;
    }
    Known now;
    load(&now, at);
    if (!known_join(&now, known))
        return;
    if (++at->changes > PATIENCE) {
        Known before;
        load(&before, at);
        known_widen(&now, &before);
    }
    store(walk->arena, at, &now);
    agenda_add(&walk->agenda, position);
}

static void take(Walk *walk, const Place *place, size_t k, const Known *known) {
    walk->out->way[walk->out->ways->first_way[place->index] + k] = true;
    arrive(walk, ways_get(place, k)->to, known);
}

static void try_edges(Walk *walk, const Place *place, Known *known) {
    for (size_t k = 0; k < place->n_edges && !known->impossible; k++) {
        Known taken;
        known_copy(&taken, known);
        reached_try(&taken, place, k, true);
        if (!taken.impossible)
            take(walk, place, k, &taken);
        reached_try(known, place, k, false);
    }
}

static void visit(Walk *walk, const Place *place) {
    Known known;
    load(&known, &walk->out->known[walk->out->ways->position[place->index]]);
    pause_before(walk->out, &known, place);
    for (size_t k = place->n_edges; k < ways_count(place); k++)
        if (ways_get(place, k))
            take(walk, place, k, &known);
    for (size_t k = 0; place->section && k < place->section->n_branches; k++)
        arrive(walk, place->section->branches[k]->entry, &known);
    if (walk->stops && walk->stops(walk->context, place))
        return;
    do_work(walk->out, &known, place);
    try_edges(walk, place, &known);
}

/* Positions of an outer region are less than those within its sections: it has settled before its
 * branches are looked at. */
static Reached *walk_all(Walk *walk, Reached from) {
    const Ways *ways = from.ways;
    size_t n = ways->graph->n_places;
    Known nothing = {.n = 0};
    uint32_t position;
    walk->out = ARENA_NEW(walk->arena, Reached);
    *walk->out = from;
    walk->out->place = ARENA_ARRAY(walk->arena, bool, n);
    walk->out->way = ARENA_ARRAY(walk->arena, bool, ways->first_way[n]);
    walk->out->known = ARENA_ARRAY(walk->arena, KnownAt, n);
    walk->agenda = agenda_new(walk->arena, n);
    arrive(walk, ways->graph->regions[0]->entry, &nothing);
    while (agenda_take(&walk->agenda, &position))
        visit(walk, ways->order[position]);
    return walk->out;
}

Reached *reached_of(Arena *arena, const Ways *ways, const Accesses *accesses,
                    const Liveness *uses) {
    Walk walk = {.arena = arena};
    return walk_all(&walk, (Reached){.ways = ways, .uses = uses, .accesses = accesses});
}

Reached *reached_past(Arena *arena, const Reached *all, ReachedStop *stops, const void *context) {
    Walk walk = {.arena = arena, .stops = stops, .context = context};
    return walk_all(&walk, *all);
}
