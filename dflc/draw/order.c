/* The order within the layers.
 *
 * It begins as the source has it: what is written first stands to the left. Then the layers are sorted
 * by where their neighbours stand, downwards and upwards in turn, and the order with the fewest
 * crossings of all is kept; where nothing crosses at first, nothing is moved. A loop stays on the side of
 * the place where it was, so all of it is tried once more with the loops on the left. Last, bends side by
 * side that go to the same place become one. */
#include <stdlib.h>
#include <string.h>

#include "scene.h"

enum { ROUNDS = 8 };

/* An item, and where it would like to be. */
typedef struct Wish {
    int64_t middle;
    uint32_t pos;
    Item *item;
} Wish;

typedef struct Order {
    Arena *arena;
    Flow *flow;
    Segs segs;
    Turns turns;
    Turn **above, **below; /* by Item.index of the bend; NULL: none */
    uint64_t *keys;        /* room for the segs between two layers */
    uint32_t *tree;        /* and for a Fenwick tree over the widest layer */
    Item **room;           /* and for the items of one */
    Wish *wishes;
    uint32_t *slot; /* by Item.index: the place of an item in `room` */
    uint32_t *best; /* pos by Item.index */
} Order;

/* ---- as in the source ---- */

static void append(Arena *arena, Flow *flow, Item *item) {
    Layer *layer = &flow->layers[item->layer];
    item->pos = (uint32_t)layer->n;
    ARENA_PUSH(arena, layer->items, layer->n, layer->cap, item);
}

typedef struct Search {
    Arena *arena;
    Flow *flow;
    const uint32_t *first;
    bool *seen;
    Link **stack;
    size_t n;
} Search;

static void visit(Search *s, Item *item) {
    if (s->seen[item->index])
        return;
    s->seen[item->index] = true;
    append(s->arena, s->flow, item);
    if (item->kind < ITEM_LABEL)
        for (uint32_t k = s->first[item->index + 1]; k-- > s->first[item->index];)
            s->stack[s->n++] = &s->flow->links[k];
}

/* Depth first along the links, each with what lies on it. */
static void first_order(Arena *arena, Flow *flow) {
    Search s = {.arena = arena, .flow = flow, .first = flow_links_of(arena, flow)};
    s.seen = ARENA_ARRAY(arena, bool, flow->n + 1);
    s.stack = ARENA_ARRAY(arena, Link *, flow->n_links + 1);
    visit(&s, flow->entry);
    while (s.n > 0) {
        const Link *link = s.stack[--s.n];
        for (Item *item = link->first; item && !s.seen[item->index]; item = item->next)
            visit(&s, item);
        if (link->far)
            visit(&s, link->to);
    }
    visit(&s, flow->exit); /* where nothing leads to it: a graph that serves for ever */
}

/* ---- crossings ---- */

static int by_key(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Pairs of keys whose low halves are in the other order than their high ones. */
static uint64_t inversions(Order *o, size_t n, size_t width) {
    uint64_t sum = 0;
    memset(o->tree, 0, (width + 2) * sizeof *o->tree);
    for (size_t i = n; i-- > 0;) {
        uint32_t low = (uint32_t)o->keys[i];
        for (uint32_t k = low; k > 0; k -= k & -k)
            sum += o->tree[k];
        for (uint32_t k = low + 1; k <= width; k += k & -k)
            o->tree[k]++;
    }
    return sum;
}

static uint64_t crossings_below(Order *o, const Layer *layer) {
    size_t n = 0;
    for (size_t i = 0; i < layer->n; i++) {
        uint32_t item = layer->items[i]->index;
        for (uint32_t k = o->segs.first_down[item]; k < o->segs.first_down[item + 1]; k++) {
            const Item *lower = o->segs.all[o->segs.down[k]].lower;
            o->keys[n++] = (uint64_t)i << 32 | lower->pos;
        }
    }
    qsort(o->keys, n, sizeof *o->keys, by_key);
    return inversions(o, n, layer[1].n);
}

/* What a turn crosses: the segs of the items between its ends, on its side. */
static uint64_t crossings_of_turn(const Turn *turn, const uint32_t *degrees) {
    uint32_t a = turn->bend->pos, b = turn->end->pos;
    return a < b ? degrees[b] - degrees[a + 1] : degrees[a] - degrees[b + 1];
}

static void sum_degrees(const Layer *layer, const uint32_t *first, uint32_t *degrees) {
    degrees[0] = 0;
    for (size_t i = 0; i < layer->n; i++) {
        uint32_t item = layer->items[i]->index;
        degrees[i + 1] = degrees[i] + (first[item + 1] - first[item]);
    }
}

/* The turns of a layer's bends on one side. `tree` serves as room. */
static uint64_t crossings_beside(Order *o, const Layer *layer, bool below) {
    uint64_t sum = 0;
    sum_degrees(layer, below ? o->segs.first_down : o->segs.first_up, o->tree);
    for (size_t i = 0; i < layer->n; i++) {
        Turn *turn = (below ? o->below : o->above)[layer->items[i]->index];
        if (turn)
            sum += crossings_of_turn(turn, o->tree);
    }
    return sum;
}

static uint64_t crossings(Order *o) {
    uint64_t sum = 0;
    for (size_t i = 0; i < o->flow->n_layers; i++) {
        const Layer *layer = &o->flow->layers[i];
        if (i + 1 < o->flow->n_layers)
            sum += crossings_below(o, layer);
        sum += crossings_beside(o, layer, true) + crossings_beside(o, layer, false);
    }
    return sum;
}

/* ---- sorting a layer ---- */

/* Where the neighbours of an item stand on average, in 1/1024 of a place; -1: it has none. A long edge
 * goes on where it comes from, whatever joins it. */
static int64_t middle_of(const Order *o, const Item *item, bool down) {
    const Segs *segs = &o->segs;
    const Seg *inner = (down ? segs->inner_up : segs->inner_down)[item->index];
    if (inner)
        return 1024 * (int64_t)(down ? inner->upper : inner->lower)->pos;
    const uint32_t *first = down ? segs->first_up : segs->first_down;
    uint32_t begin = first[item->index], end = first[item->index + 1];
    int64_t sum = 0;
    for (uint32_t k = begin; k < end; k++)
        sum += down ? segs->all[segs->up[k]].upper->pos : segs->all[segs->down[k]].lower->pos;
    return begin == end ? -1 : sum * 1024 / (end - begin);
}

static int by_wish(const void *a, const void *b) {
    const Wish *x = a, *y = b;
    if (x->middle != y->middle)
        return x->middle < y->middle ? -1 : 1;
    return (x->pos > y->pos) - (x->pos < y->pos);
}

/* Turns of bends at which an edge does nothing else, seen from the side that the layer is sorted by. */
static const Turn *only_turns(const Order *o, const Item *item, int64_t middle, bool down) {
    const Turn *turn = (down ? o->above : o->below)[item->index];
    return middle < 0 && item->kind == ITEM_BEND ? turn : NULL;
}

/* What has neighbours is sorted into the places of such items; what has none stays where it is.
 * Returns the items without those that only turn, numbered by `slot`. */
static size_t sort_by_neighbours(Order *o, const Layer *layer, bool down) {
    size_t n = 0, n_wishes = 0;
    for (size_t i = 0; i < layer->n; i++) {
        Item *item = layer->items[i];
        int64_t middle = middle_of(o, item, down);
        if (only_turns(o, item, middle, down))
            continue;
        o->room[n++] = middle < 0 ? item : NULL;
        if (middle >= 0)
            o->wishes[n_wishes++] = (Wish){middle, item->pos, item};
    }
    qsort(o->wishes, n_wishes, sizeof *o->wishes, by_wish);
    for (size_t i = 0, k = 0; i < n; i++) {
        if (!o->room[i])
            o->room[i] = o->wishes[k++].item;
        o->slot[o->room[i]->index] = (uint32_t)i;
    }
    return n;
}

/* Then those that only turn go beside what they turn to, on the side where they were. */
static void sort_layer(Order *o, Layer *layer, bool down) {
    size_t n = sort_by_neighbours(o, layer, down);
    for (size_t i = 0; i < n; i++)
        o->wishes[i] = (Wish){4 * (int64_t)i + 1, 0, o->room[i]};
    for (size_t i = 0; i < layer->n; i++) {
        Item *item = layer->items[i];
        const Turn *turn = only_turns(o, item, middle_of(o, item, down), down);
        if (turn)
            o->wishes[n++] = (Wish){4 * (int64_t)o->slot[turn->end->index] +
                                        (item->pos < turn->end->pos ? 0 : 2),
                                    item->pos, item};
    }
    qsort(o->wishes, n, sizeof *o->wishes, by_wish);
    for (size_t i = 0; i < n; i++) {
        layer->items[i] = o->wishes[i].item;
        layer->items[i]->pos = (uint32_t)i;
    }
}

/* ---- rounds ---- */

static void keep_best(Order *o) {
    for (size_t i = 0; i < o->flow->n; i++)
        o->best[i] = o->flow->items[i]->pos;
}

static void take_best(Order *o) {
    for (size_t i = 0; i < o->flow->n; i++) {
        Item *item = o->flow->items[i];
        item->pos = o->best[i];
        o->flow->layers[item->layer].items[item->pos] = item;
    }
}

static void sweep(Order *o, bool down) {
    size_t n = o->flow->n_layers;
    for (size_t i = 0; i < n; i++)
        sort_layer(o, &o->flow->layers[down ? i : n - 1 - i], down);
}

/* Returns the fewest crossings that were seen, now or before. */
static uint64_t rounds(Order *o, uint64_t least) {
    uint64_t now = crossings(o);
    for (int round = 0;; round++) {
        if (now < least) {
            least = now;
            keep_best(o);
        }
        if (round == ROUNDS || least == 0)
            return least;
        sweep(o, round % 2 == 0);
        now = crossings(o);
    }
}

/* Loops go up at the left of all else, and no longer where the source has them. */
static void loops_to_the_left(Order *o, Layer *layer) {
    size_t n = 0;
    for (int rest = 0; rest < 2; rest++)
        for (size_t i = 0; i < layer->n; i++)
            if (rest != (layer->items[i]->kind == ITEM_BEND && layer->items[i]->link->loop))
                o->room[n++] = layer->items[i];
    for (size_t i = 0; i < n; i++) {
        layer->items[i] = o->room[i];
        layer->items[i]->pos = (uint32_t)i;
    }
}

static void untangle(Order *o) {
    uint64_t least = rounds(o, UINT64_MAX);
    take_best(o);
    if (least > 0) {
        for (size_t i = 0; i < o->flow->n_layers; i++)
            loops_to_the_left(o, &o->flow->layers[i]);
        rounds(o, least);
        take_best(o);
    }
}

/* ---- bends that become one ---- */

static bool same_way(const Item *a, const Item *b) {
    return a->kind == ITEM_BEND && b->kind == ITEM_BEND && a->link->to == b->link->to &&
           !a->link->loop && !b->link->loop && a->link->kind == b->link->kind;
}

/* What leads to b leads to a instead. */
static void redirect(Order *o, Item *a, Item *b) {
    for (uint32_t k = o->segs.first_up[b->index]; k < o->segs.first_up[b->index + 1]; k++) {
        Seg *seg = &o->segs.all[o->segs.up[k]];
        if (seg->upper->kind >= ITEM_LABEL)
            seg->upper->next = a;
        else
            seg->link->first = a;
    }
    for (; b->kind == ITEM_BEND; b = b->next)
        b->gone = true;
}

static void join_bends(Order *o, Layer *layer) {
    size_t n = 0;
    for (size_t i = 0; i < layer->n; i++) {
        Item *item = layer->items[i];
        if (item->gone)
            continue;
        if (n > 0 && same_way(layer->items[n - 1], item)) {
            redirect(o, layer->items[n - 1], item);
            continue;
        }
        item->pos = (uint32_t)n;
        layer->items[n++] = item;
    }
    layer->n = n;
}

static void order_new(Order *o) {
    size_t widest = 0, n = o->flow->n + 2;
    for (size_t i = 0; i < o->flow->n_layers; i++)
        if (o->flow->layers[i].n > widest)
            widest = o->flow->layers[i].n;
    o->segs = flow_segs(o->arena, o->flow);
    o->turns = flow_turns(o->arena, o->flow);
    o->above = ARENA_ARRAY(o->arena, Turn *, n);
    o->below = ARENA_ARRAY(o->arena, Turn *, n);
    o->keys = ARENA_ARRAY(o->arena, uint64_t, o->segs.n + 1);
    o->tree = ARENA_ARRAY(o->arena, uint32_t, widest + 2);
    o->room = ARENA_ARRAY(o->arena, Item *, widest + 1);
    o->wishes = ARENA_ARRAY(o->arena, Wish, widest + 1);
    o->slot = ARENA_ARRAY(o->arena, uint32_t, n);
    o->best = ARENA_ARRAY(o->arena, uint32_t, n);
    for (size_t i = 0; i < o->turns.n; i++) {
        Turn *turn = &o->turns.all[i];
        (turn->below ? o->below : o->above)[turn->bend->index] = turn;
    }
}

void flow_order(Arena *arena, Flow *flow) {
    Order o = {.arena = arena, .flow = flow};
    first_order(arena, flow);
    order_new(&o);
    untangle(&o);
    for (size_t i = 0; i < flow->n_layers; i++)
        join_bends(&o, &flow->layers[i]);
}
