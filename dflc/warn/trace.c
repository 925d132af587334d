/* Searches for the place that a note points to: the nearest first. */
#include "internal.h"

#define NOWHERE UINT32_MAX

typedef struct Queue {
    Warn *w;
    uint32_t *items; /* positions */
    size_t n, cap;
} Queue;

static uint32_t position_of(const Warn *w, const Place *place) {
    return w->ways->position[place->index];
}

/* way: the number of the way that led there. */
static void push(Queue *queue, const Place *place, uint32_t way) {
    Warn *w = queue->w;
    uint32_t at = position_of(w, place);
    if (w->seen[at] == w->round)
        return;
    w->seen[at] = w->round;
    w->via[at] = way;
    ARENA_PUSH(w->arena, queue->items, queue->n, queue->cap, at);
}

static void push_ways(Queue *queue, const Place *from, Through through) {
    const Warn *w = queue->w;
    for (size_t k = 0; k < ways_count(from); k++) {
        uint32_t number = w->ways->first_way[from->index] + (uint32_t)k;
        bool failure = ways_is_failure(from, k);
        if (w->reached->way[number] && (failure || through == THROUGH_ALL))
            push(queue, ways_get(from, k)->to, number);
    }
}

const Place *warn_search(Warn *w, const Search *search, const Place *from, bool from_itself) {
    Queue queue = {.w = w};
    w->round++;
    if (from_itself)
        push(&queue, from, NOWHERE);
    else
        push_ways(&queue, from, THROUGH_ALL);
    for (size_t i = 0; i < queue.n && w->steps > 0; i++, w->steps--) {
        const Place *place = w->ways->order[queue.items[i]];
        if (search->found(search->context, place))
            return place;
        Through through = search->through(search->context, place);
        if (through != THROUGH_NOT)
            push_ways(&queue, place, through);
    }
    return NULL;
}

/* The place that a way leaves: ways are numbered in order of Place.index. */
static const Place *source_of(const Warn *w, uint32_t way) {
    const uint32_t *first = w->ways->first_way;
    size_t low = 0, high = w->graph->n_places;
    while (high - low > 1) {
        size_t mid = low + (high - low) / 2;
        if (first[mid] <= way)
            low = mid;
        else
            high = mid;
    }
    return w->graph->places[low];
}

Step warn_came_from(const Warn *w, const Place *place) {
    uint32_t way = w->via[position_of(w, place)];
    if (way == NOWHERE)
        return (Step){.place = place};
    const Place *from = source_of(w, way);
    return (Step){place, from, way - w->ways->first_way[from->index]};
}
