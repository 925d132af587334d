#include "ways.h"

/* ---- ways out of a place ---- */

size_t ways_count(const Place *place) {
    return place->n_edges + 2;
}

Edge *ways_get(const Place *place, size_t k) {
    if (k < place->n_edges)
        return place->edges[k];
    return k == place->n_edges ? place->on_error : place->on_timeout;
}

bool ways_is_failure(const Place *place, size_t k) {
    return k >= place->n_edges;
}

/* ---- positions ---- */

typedef struct Walk {
    Arena *arena;
    Ways *ways;
    bool *seen;     /* by Place.index */
    uint32_t *next; /* by Place.index: the way to look at next */
    Place **path;
    size_t n, cap;
} Walk;

static void enter(Walk *walk, Place *place) {
    walk->seen[place->index] = true;
    walk->next[place->index] = 0;
    ARENA_PUSH(walk->arena, walk->path, walk->n, walk->cap, place);
}

/* Depth first, the last way first, so that in reverse postorder the first one comes first. The
 * exit is numbered beforehand: a loop without a way out must not come after it. */
static void number_region(Walk *walk, const Region *region) {
    Ways *ways = walk->ways;
    uint32_t first = ways->region_first[region->index];
    uint32_t next = first + (uint32_t)region->n_places - 1;
    walk->seen[region->exit->index] = true;
    ways->order[next] = region->exit;
    if (region->entry != region->exit)
        enter(walk, region->entry);
    while (walk->n > 0) {
        Place *place = walk->path[walk->n - 1];
        size_t n = ways_count(place), k = walk->next[place->index]++;
        const Edge *edge = k < n ? ways_get(place, n - 1 - k) : NULL;
        if (edge && !walk->seen[edge->to->index]) {
            enter(walk, edge->to);
        } else if (k >= n) {
            walk->n--;
            ways->order[--next] = place;
        }
    }
}

static void number_places(Arena *arena, Ways *ways) {
    const Graph *graph = ways->graph;
    Walk walk = {.arena = arena, .ways = ways};
    walk.seen = ARENA_ARRAY(arena, bool, graph->n_places);
    walk.next = ARENA_ARRAY(arena, uint32_t, graph->n_places);
    for (size_t i = 0; i < graph->n_regions; i++) {
        ways->region_first[i + 1] = ways->region_first[i] + (uint32_t)graph->regions[i]->n_places;
        number_region(&walk, graph->regions[i]);
    }
    for (uint32_t at = 0; at < graph->n_places; at++)
        ways->position[ways->order[at]->index] = at;
}

static void number_ways(Ways *ways) {
    for (size_t i = 0; i < ways->graph->n_places; i++)
        ways->first_way[i + 1] = ways->first_way[i] + (uint32_t)ways_count(ways->graph->places[i]);
}

/* ---- segments ---- */

static uint32_t target(const Ways *ways, const Edge *edge) {
    return ways->position[edge->to->index];
}

/* An edge on passes over what lies strictly between its ends: +1 behind the first, -1 at the last. One back passes
 * over its source, too, so that a loop is within one segment. */
static void count_passing(const Ways *ways, int32_t *passing) {
    for (uint32_t at = 0; at < ways->graph->n_places; at++) {
        const Place *place = ways->order[at];
        for (size_t k = 0; k < ways_count(place); k++) {
            const Edge *edge = ways_get(place, k);
            if (!edge)
                continue;
            uint32_t to = target(ways, edge);
            passing[(at < to ? at : to) + 1]++;
            passing[at < to ? to : at + 1]--;
        }
    }
}

static bool leads_back(const Ways *ways, uint32_t at) {
    const Place *place = ways->order[at];
    for (size_t k = 0; k < ways_count(place); k++) {
        const Edge *edge = ways_get(place, k);
        if (edge && target(ways, edge) <= at)
            return true;
    }
    return false;
}

static void find_segments(Arena *arena, Ways *ways) {
    size_t n = ways->graph->n_places;
    int32_t *passing = ARENA_ARRAY(arena, int32_t, n + 2), now = 0;
    count_passing(ways, passing);
    for (uint32_t at = 0; at < n; at++) {
        const Region *region = ways->order[at]->region;
        now += passing[at];
        if (now == 0) {
            Segment fresh = {region, at, at, false};
            ARENA_PUSH(arena, ways->segments, ways->n_segments, ways->cap_segments, fresh);
        }
        Segment *segment = &ways->segments[ways->n_segments - 1];
        segment->end = at + 1;
        segment->loops = segment->loops || leads_back(ways, at);
        ways->segment_of[at] = (uint32_t)ways->n_segments - 1;
    }
}

Ways *ways_of(Arena *arena, const Graph *graph) {
    Ways *ways = ARENA_NEW(arena, Ways);
    ways->graph = graph;
    ways->order = ARENA_ARRAY(arena, Place *, graph->n_places);
    ways->position = ARENA_ARRAY(arena, uint32_t, graph->n_places);
    ways->region_first = ARENA_ARRAY(arena, uint32_t, graph->n_regions + 1);
    ways->first_way = ARENA_ARRAY(arena, uint32_t, graph->n_places + 1);
    ways->segment_of = ARENA_ARRAY(arena, uint32_t, graph->n_places);
    number_places(arena, ways);
    number_ways(ways);
    find_segments(arena, ways);
    return ways;
}
