/* How often each place is expected to be come to, each time its region is entered.
 *
 * note [visits]
 * A place hands on what comes to it: where nothing else is known, evenly to its edges, and nothing
 * to its failures. Loops nest; each is looked at once, the inner ones first, as if it were a place
 * of the loop around it:
 *
 *     start -> a -> b -> c -> b when more max 5;  c -> end;      c hands 2/3 back and 1/3 on, so
 *              1    3    3                                       that b and c turn LOOP_TURNS times
 *
 * One turn begins with VISIT_ONCE at the loop's first place (the target of an edge that leads
 * back). What comes back there says whether the loop turns at all; all that comes out of its other
 * edges is scaled so that it is what came in. So nothing is lost, and each edge is looked at once a
 * loop that it leaves.
 *
 * A loop that is entered in its midst is taken to be entered at its first place; what comes late to a
 * place by that is handed on in another pass. */
#include "internal.h"

#include "../analysis/known.h"

enum { MAX_EXITS = 64, MAX_PASSES = 8 };

#define NO_LOOP UINT32_MAX

/* Where a loop leads out; `most` is how often its edges may be taken, by their `max`. */
typedef struct Exit {
    uint32_t to;
    Visits visits;
    uint64_t most;
} Exit;

typedef struct Loop {
    Exit *exits;
    size_t n, cap;
    Visits turns; /* 0: not looked at yet */
} Loop;

typedef struct Positions {
    uint32_t *at;
    size_t n, cap;
} Positions;

/* All of these are by position. */
typedef struct Walk {
    CostWork *w;
    const Ways *ways;
    uint32_t *loop_of;      /* the first place of the innermost loop around it (not its own) */
    uint32_t *first, *next; /* the places directly in a loop, ascending */
    uint32_t *leader;       /* while loops are found: what it has become part of */
    Positions *midst;       /* of the first places of loops: from where else they are entered */
    Loop **loops;           /* of the first places of loops */
    Visits *coming;         /* and was not handed on yet */
    Visits *flow;           /* for one turn of loop_of */
    uint64_t *counts;       /* of the ways of one place */
    bool *leaves;           /* the same: leads out of the loop */
    bool *dead;             /* the same: never taken, as constants decide */
} Walk;

/* A loop, or a region as a whole, while what comes to its places is handed on. */
typedef struct Level {
    uint32_t loop; /* NO_LOOP: a region */
    uint32_t now;  /* the place that hands on */
    bool late;     /* something has come to a place that has handed on already */
    Visits back;
    uint64_t most_back;
    bool guessed; /* some share, or number of turns, is assumed */
} Level;

/* ---- arithmetic ---- */

static Visits plus(Visits a, Visits b) {
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* a * b / of, rounded. */
static Visits scaled(Visits a, uint64_t b, uint64_t of) {
    Wide product = (Wide)a * b + of / 2;
    Wide quotient = product / of;
    return quotient > UINT64_MAX ? UINT64_MAX : (Visits)quotient;
}

Visits visits_times(Visits a, Visits b) {
    return scaled(a, b, VISIT_ONCE);
}

/* ---- which loops there are (Havlak, "Nesting of reducible and irreducible loops", 1997) ---- */

static uint32_t leader_of(Walk *walk, uint32_t at) {
    while (walk->leader[at] != at) {
        walk->leader[at] = walk->leader[walk->leader[at]];
        at = walk->leader[at];
    }
    return at;
}

static void add_to_body(Walk *walk, Positions *body, uint32_t first, uint32_t from) {
    uint32_t leader = leader_of(walk, from);
    if (leader == first || walk->loop_of[leader] == first)
        return;
    walk->loop_of[leader] = first;
    ARENA_PUSH(walk->w->arena, body->at, body->n, body->cap, leader);
}

/* An edge into the loop: from within it, or past its first place. */
static void come_from(Walk *walk, Positions *body, uint32_t first, uint32_t from) {
    Positions *midst = &walk->midst[first];
    if (from > first)
        add_to_body(walk, body, first, from);
    else if (from < first)
        ARENA_PUSH(walk->w->arena, midst->at, midst->n, midst->cap, from);
}

/* What leads to a place, or to a loop that is known already; not back within it. */
static void look_back(Walk *walk, Positions *body, uint32_t first, uint32_t at) {
    const Place *place = walk->ways->order[at];
    for (size_t i = 0; i < place->n_in; i++) {
        uint32_t from = walk->ways->position[place->in[i]->from->index];
        if (from < at)
            come_from(walk, body, first, from);
    }
    for (size_t i = 0; i < walk->midst[at].n; i++)
        come_from(walk, body, first, walk->midst[at].at[i]);
}

/* Everything from which an edge back to `first` can be reached without passing it. */
static void find_loop(Walk *walk, uint32_t first, Positions *body) {
    const Place *place = walk->ways->order[first];
    bool loops = false;
    body->n = 0;
    for (size_t i = 0; i < place->n_in; i++) {
        uint32_t from = walk->ways->position[place->in[i]->from->index];
        loops |= from >= first;
        if (from > first)
            add_to_body(walk, body, first, from);
    }
    for (size_t k = 0; k < body->n; k++)
        look_back(walk, body, first, body->at[k]);
    for (size_t k = 0; k < body->n; k++)
        walk->leader[body->at[k]] = first;
    if (loops)
        walk->loops[first] = ARENA_NEW(walk->w->arena, Loop);
}

static void find_loops(Walk *walk) {
    uint32_t n = (uint32_t)walk->w->graph->n_places;
    Positions body = {NULL, 0, 0};
    for (uint32_t at = 0; at < n; at++) {
        walk->leader[at] = at;
        walk->loop_of[at] = walk->first[at] = walk->next[at] = NO_LOOP;
    }
    for (uint32_t at = n; at-- > 0;)
        find_loop(walk, at, &body);
    for (uint32_t at = n; at-- > 0;) {
        uint32_t loop = walk->loop_of[at];
        if (loop == NO_LOOP)
            continue;
        walk->next[at] = walk->first[loop];
        walk->first[loop] = at;
    }
}

/* ---- handing on ---- */

/* The place of the level that `at` is, or is in: NO_LOOP when it is outside. */
static uint32_t place_of_level(const Walk *walk, const Level *level, uint32_t at) {
    while (walk->loop_of[at] != level->loop) {
        if (walk->loop_of[at] == NO_LOOP || (level->loop != NO_LOOP && at <= level->loop))
            return NO_LOOP;
        at = walk->loop_of[at];
    }
    return at;
}

/* Few targets are told apart: what leads on to many is added to the last. */
static void lead_out(Walk *walk, Loop *loop, Exit exit) {
    for (size_t i = 0; i < loop->n; i++) {
        if (loop->exits[i].to != exit.to && i + 1 < MAX_EXITS)
            continue;
        loop->exits[i].visits = plus(loop->exits[i].visits, exit.visits);
        loop->exits[i].most = plus(loop->exits[i].most, exit.most);
        return;
    }
    ARENA_PUSH(walk->w->arena, loop->exits, loop->n, loop->cap, exit);
}

static void hand_on(Walk *walk, Level *level, Exit exit) {
    if (exit.to == level->loop) {
        level->back = plus(level->back, exit.visits);
        if (exit.visits > 0)
            level->most_back = plus(level->most_back, exit.most);
        return;
    }
    uint32_t to = place_of_level(walk, level, exit.to);
    if (to != NO_LOOP) {
        walk->coming[to] = plus(walk->coming[to], exit.visits);
        level->late |= to <= level->now && exit.visits > 0;
    } else if (level->loop != NO_LOOP)
        lead_out(walk, walk->loops[level->loop], exit);
}

static void hand_on_loop(Walk *walk, Level *level, uint32_t at, Visits visits) {
    const Loop *inner = walk->loops[at];
    for (size_t i = 0; i < inner->n; i++) {
        Exit exit = inner->exits[i];
        exit.visits = visits_times(visits, exit.visits);
        hand_on(walk, level, exit);
    }
}

/* Finds which edges are never taken: constants decide them. */
static void find_dead(Walk *walk, const Place *place) {
    bool decided = false;
    for (size_t k = 0; k < place->n_edges; k++) {
        const Edge *edge = place->edges[k];
        Known yes = {.n = 0}, no = {.n = 0};
        walk->dead[k] = decided;
        if (!edge->guard || place->kind == PL_ROUTER)
            continue;
        known_assume(&yes, edge->guard, true, edge);
        known_assume(&no, edge->guard, false, edge);
        walk->dead[k] |= yes.impossible;
        decided |= no.impossible && !edge->has_max;
    }
}

/* What one of several edges gets, where nothing is known; counts how many there are of its kind. */
static void share_evenly(Walk *walk, Level *level, uint32_t at, Visits visits) {
    const Place *place = walk->ways->order[at];
    uint64_t n[2] = {0, 0};
    find_dead(walk, place);
    for (size_t k = 0; k < place->n_edges; k++) {
        uint32_t to = walk->ways->position[place->edges[k]->to->index];
        walk->leaves[k] = level->loop != NO_LOOP && to != level->loop &&
                          place_of_level(walk, level, to) == NO_LOOP;
        n[walk->leaves[k]] += !walk->dead[k];
    }
    level->guessed |= n[0] + n[1] > 1 && visits > 0;
    Visits leaving = n[1] == 0 ? 0 : n[0] == 0 ? visits : visits / LOOP_TURNS;
    Visits left[2] = {visits - leaving, leaving};
    for (size_t k = 0; k < place->n_edges; k++) {
        const Edge *edge = place->edges[k];
        bool kind = walk->leaves[k];
        Visits share = walk->dead[k] ? 0 : left[kind] / n[kind];
        if (!walk->dead[k])
            n[kind]--;
        left[kind] -= share;
        hand_on(walk, level,
                (Exit){walk->ways->position[edge->to->index], share,
                       edge->has_max ? edge->max : UINT64_MAX});
    }
}

static void share_as_measured(Walk *walk, Level *level, uint32_t at, Visits visits,
                              uint64_t total) {
    const Place *place = walk->ways->order[at];
    for (size_t k = 0; k < ways_count(place); k++) {
        const Edge *edge = ways_get(place, k);
        if (edge)
            hand_on(walk, level,
                    (Exit){walk->ways->position[edge->to->index],
                           scaled(visits, walk->counts[k], total), UINT64_MAX});
    }
}

static void hand_on_place(Walk *walk, Level *level, uint32_t at, Visits visits) {
    const Place *place = walk->ways->order[at];
    uint64_t total = 0;
    if (measured_ways(walk->w, place, walk->counts, &total) && total > 0) {
        share_as_measured(walk, level, at, visits, total);
        return;
    }
    share_evenly(walk, level, at, visits);
    for (size_t k = place->n_edges; k < ways_count(place); k++) {
        const Edge *edge = ways_get(place, k);
        if (edge)
            hand_on(walk, level, (Exit){walk->ways->position[edge->to->index], 0, 0});
    }
}

static void hand_on_member(Walk *walk, Level *level, uint32_t at) {
    Visits visits = walk->coming[at];
    level->now = at;
    walk->coming[at] = 0;
    walk->flow[at] = plus(walk->flow[at], visits);
    if (walk->loops[at])
        hand_on_loop(walk, level, at, visits);
    else
        hand_on_place(walk, level, at, visits);
}

/* ---- loops ---- */

static Visits turns_of(const Walk *walk, const Level *level) {
    const Graph *graph = walk->w->graph;
    uint64_t turns = LOOP_TURNS;
    if (level->back == 0)
        return VISIT_ONCE;
    if (!level->guessed && level->back < VISIT_ONCE) /* measured */
        return scaled(VISIT_ONCE, VISIT_ONCE, VISIT_ONCE - level->back);
    if (level->most_back < turns)
        turns = level->most_back + 1;
    if (graph->has_limit && graph->limit < turns)
        turns = graph->limit;
    return turns * VISIT_ONCE;
}

/* What comes out is what came in. When all ways out are failures, each is as likely. */
static void scale_exits(Loop *loop) {
    Visits sum = 0;
    for (size_t i = 0; i < loop->n; i++)
        sum = plus(sum, loop->exits[i].visits);
    for (size_t i = 0; i < loop->n; i++)
        loop->exits[i].visits =
            sum > 0 ? scaled(loop->exits[i].visits, VISIT_ONCE, sum) : VISIT_ONCE / loop->n;
}

static void mark_guess(Walk *walk, uint32_t at, const Level *level) {
    if (level->guessed)
        walk->w->guessed[walk->ways->order[at]->region->index] = true;
}

static void walk_loop(Walk *walk, uint32_t first) {
    Loop *loop = walk->loops[first];
    Level level = {.loop = first};
    level.now = first;
    hand_on_place(walk, &level, first, VISIT_ONCE);
    for (int pass = 0; pass == 0 || (level.late && pass < MAX_PASSES); pass++) {
        level.late = false;
        for (uint32_t at = walk->first[first]; at != NO_LOOP; at = walk->next[at])
            hand_on_member(walk, &level, at);
    }
    level.guessed |= level.back == VISIT_ONCE;
    loop->turns = turns_of(walk, &level);
    scale_exits(loop);
    mark_guess(walk, first, &level);
}

static void walk_region(Walk *walk, const Region *region) {
    uint32_t entry = walk->ways->region_first[region->index];
    Level level = {.loop = NO_LOOP};
    walk->coming[entry] = VISIT_ONCE;
    for (int pass = 0; pass == 0 || (level.late && pass < MAX_PASSES); pass++) {
        level.late = false;
        for (uint32_t at = entry; at < walk->ways->region_first[region->index + 1]; at++)
            if (walk->loop_of[at] == NO_LOOP)
                hand_on_member(walk, &level, at);
    }
    mark_guess(walk, entry, &level);
}

/* ---- the whole ---- */

/* What has been divided and added up again is once. */
static Visits tidy(Visits visits) {
    enum { SLACK = 64 };
    return visits > VISIT_ONCE - SLACK && visits < VISIT_ONCE + SLACK ? VISIT_ONCE : visits;
}

/* Positions ascend from the outer loop to the inner one. */
static void add_up(Walk *walk) {
    CostWork *w = walk->w;
    Visits most = w->graph->has_limit && w->graph->limit < UINT64_MAX / VISIT_ONCE
                      ? w->graph->limit * VISIT_ONCE
                      : UINT64_MAX;
    for (uint32_t at = 0; at < w->graph->n_places; at++) {
        const Place *place = walk->ways->order[at];
        uint32_t outer = walk->loop_of[at];
        Visits visits = walk->flow[at], *out = &w->costs->visits[place->index];
        if (outer != NO_LOOP)
            visits = visits_times(visits, w->costs->visits[walk->ways->order[outer]->index]);
        bool turns = walk->loops[at] && walk->loops[at]->turns > VISIT_ONCE;
        uint32_t around =
            outer == NO_LOOP ? NO_LOOP : w->costs->loop[walk->ways->order[outer]->index];
        w->costs->loop[place->index] = turns ? place->index : around;
        w->outer_loop[place->index] = around;
        if (walk->loops[at]) {
            w->costs->turns[place->index] = walk->loops[at]->turns;
            visits = visits_times(visits, walk->loops[at]->turns);
        }
        *out = tidy(visits < most ? visits : most);
        measured_visits(w, place, out);
    }
}

static size_t most_ways(const Graph *graph) {
    size_t most = 0;
    for (size_t i = 0; i < graph->n_places; i++)
        most = ways_count(graph->places[i]) > most ? ways_count(graph->places[i]) : most;
    return most;
}

void find_visits(CostWork *w) {
    size_t n = w->graph->n_places, ways = most_ways(w->graph);
    Walk walk = {.w = w, .ways = w->ways};
    walk.loop_of = ARENA_ARRAY(w->arena, uint32_t, n);
    walk.first = ARENA_ARRAY(w->arena, uint32_t, n);
    walk.next = ARENA_ARRAY(w->arena, uint32_t, n);
    walk.leader = ARENA_ARRAY(w->arena, uint32_t, n);
    walk.midst = ARENA_ARRAY(w->arena, Positions, n);
    walk.loops = ARENA_ARRAY(w->arena, Loop *, n);
    walk.coming = ARENA_ARRAY(w->arena, Visits, n);
    walk.flow = ARENA_ARRAY(w->arena, Visits, n);
    walk.counts = ARENA_ARRAY(w->arena, uint64_t, ways);
    walk.leaves = ARENA_ARRAY(w->arena, bool, ways);
    walk.dead = ARENA_ARRAY(w->arena, bool, ways);
    w->outer_loop = ARENA_ARRAY(w->arena, uint32_t, n);
    find_loops(&walk);
    for (uint32_t at = (uint32_t)n; at-- > 0;)
        if (walk.loops[at])
            walk_loop(&walk, at);
    for (size_t i = 0; i < w->graph->n_regions; i++)
        walk_region(&walk, w->graph->regions[i]);
    add_up(&walk);
}
