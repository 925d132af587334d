/* note [tracks]
 * Edges that leave an item together share a track, and so do edges that arrive together: such a group
 * is a net. Nets that overlap lie on different tracks. Where one net comes from above at the same x to
 * which another one goes down, the first has to lie above the other, or they would run over each other.
 * Otherwise nets that go to the right lie the higher the farther right they begin, and those that go to
 * the left the other way round: then neighbours that go the same way do not cross. What turns lies
 * nearest to where it came from. */
#include "tracks.h"

#include <stdlib.h>

enum {
    APART = 8, /* of two ends at the same x: half the space that they keep on a track */
    NEAR = 10, /* lines that are closer would look like one */
};

typedef struct Net {
    int32_t low, high;   /* x */
    int64_t top, bottom; /* sums of x of the ends at the top, and at the bottom */
    int32_t n_top, n_bottom;
    int32_t track;
    uint32_t first_rule; /* in Tracks.rules: nets that have to lie above this one */
    bool placed, waits;
} Net;

/* An end of a net. */
typedef struct Pin {
    int32_t x;
    uint32_t net;
    bool top;
} Pin;

/* `above` has to lie above `below`. */
typedef struct Rule {
    uint32_t below, above;
} Rule;

/* A net in the order in which it would like to be placed. */
typedef struct Wish {
    int32_t group;
    int64_t key;
    uint32_t net;
} Wish;

struct Tracks {
    Arena *arena;
    uint32_t *count; /* by end_number: wires that leave there */
    uint32_t *net;   /* by end_number: number of a net + 1; 0: none yet */
    Net *nets;
    size_t n_nets, cap_nets;
    Pin *pins;
    size_t n_pins, cap_pins;
    Rule *rules;
    size_t n_rules, cap_rules;
    Wish *wishes;
    size_t n_wishes, cap_wishes;
    uint32_t *stack;
    size_t n_stack, cap_stack;
    int32_t *xs; /* all x where nets begin and end, sorted */
    size_t n_xs, cap_xs;
    int32_t *most,
        *least; /* a tree over xs: the last track in a stretch, and one set for all of it */
    size_t tree_size;
};

Tracks *tracks_new(Arena *arena, const Flow *flow) {
    Tracks *t = ARENA_NEW(arena, Tracks);
    t->arena = arena;
    t->count = ARENA_ARRAY(arena, uint32_t, flow->n * 6 + 1);
    t->net = ARENA_ARRAY(arena, uint32_t, flow->n * 6 + 1);
    return t;
}

/* ---- nets ---- */

typedef enum End { LEAVING, ARRIVING } End;

/* Ends of one item lie left of its middle, there, or right of it. */
static size_t end_number(const Item *item, int32_t x, End end) {
    size_t side = x < item->x ? 0 : x == item->x ? 1 : 2;
    return item->index * 6 + (end == LEAVING ? 0 : 3) + side;
}

static void widen(Net *net, int32_t x, bool top) {
    net->low = x < net->low ? x : net->low;
    net->high = x > net->high ? x : net->high;
    *(top ? &net->top : &net->bottom) += x;
    ++*(top ? &net->n_top : &net->n_bottom);
}

static void add_pin(Tracks *t, int32_t x, uint32_t net, bool top) {
    Pin pin = {x, net, top};
    ARENA_PUSH(t->arena, t->pins, t->n_pins, t->cap_pins, pin);
    widen(&t->nets[net], x, top);
}

/* By what it leaves if others leave there too, else by where it arrives. */
static void join_net(Tracks *t, Wire *w) {
    size_t leaving = end_number(w->a, w->ax, LEAVING);
    size_t end = t->count[leaving] > 1 ? leaving : end_number(w->b, w->bx, ARRIVING);
    if (t->net[end] == 0) {
        Net net = {.low = INT32_MAX, .high = INT32_MIN, .track = NO_TRACK};
        ARENA_PUSH(t->arena, t->nets, t->n_nets, t->cap_nets, net);
        t->net[end] = (uint32_t)t->n_nets;
    }
    w->net = t->net[end] - 1;
    add_pin(t, w->ax, w->net, w->a_top);
    add_pin(t, w->bx, w->net, w->b_top);
}

static void find_nets(Tracks *t, Wire **wires, size_t n) {
    t->n_nets = t->n_pins = 0;
    for (size_t i = 0; i < n; i++)
        t->count[end_number(wires[i]->a, wires[i]->ax, LEAVING)]++;
    for (size_t i = 0; i < n; i++)
        join_net(t, wires[i]);
    for (size_t i = 0; i < n; i++) {
        t->count[end_number(wires[i]->a, wires[i]->ax, LEAVING)] = 0;
        t->net[end_number(wires[i]->a, wires[i]->ax, LEAVING)] = 0;
        t->net[end_number(wires[i]->b, wires[i]->bx, ARRIVING)] = 0;
    }
}

static bool is_straight(const Net *net) {
    return net->low == net->high;
}

/* ---- which lies above which: see note [tracks] ---- */

static int by_x(const void *a, const void *b) {
    const Pin *x = a, *y = b;
    if (x->x != y->x)
        return x->x < y->x ? -1 : 1;
    return (x->net > y->net) - (x->net < y->net);
}

static int by_below(const void *a, const void *b) {
    const Rule *x = a, *y = b;
    if (x->below != y->below)
        return x->below < y->below ? -1 : 1;
    return (x->above > y->above) - (x->above < y->above);
}

static void add_rule(Tracks *t, const Pin *a, const Pin *b) {
    const Pin *top = a->top ? a : b, *bottom = a->top ? b : a;
    Rule rule = {bottom->net, top->net};
    if (a->top == b->top || a->net == b->net || is_straight(&t->nets[a->net]) ||
        is_straight(&t->nets[b->net]))
        return;
    ARENA_PUSH(t->arena, t->rules, t->n_rules, t->cap_rules, rule);
}

static void find_rules(Tracks *t) {
    t->n_rules = 0;
    if (t->n_pins > 0)
        qsort(t->pins, t->n_pins, sizeof *t->pins, by_x);
    for (size_t i = 0; i < t->n_pins; i++)
        for (size_t k = i + 1; k < t->n_pins && t->pins[k].x - t->pins[i].x < NEAR; k++)
            add_rule(t, &t->pins[i], &t->pins[k]);
    if (t->n_rules > 0)
        qsort(t->rules, t->n_rules, sizeof *t->rules, by_below);
    for (size_t i = t->n_rules; i-- > 0;)
        t->nets[t->rules[i].below].first_rule = (uint32_t)i;
}

static int by_wish(const void *a, const void *b) {
    const Wish *x = a, *y = b;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->net > y->net) - (x->net < y->net);
}

static Wish wish_of(const Net *net, uint32_t number) {
    if (net->n_bottom == 0) /* the wider of two turns lies around the other */
        return (Wish){0, net->high - net->low, number};
    if (net->n_top == 0)
        return (Wish){3, net->low - net->high, number};
    int64_t top = net->top / net->n_top, bottom = net->bottom / net->n_bottom;
    return bottom > top ? (Wish){1, -top, number} : (Wish){2, top, number};
}

static void find_wishes(Tracks *t) {
    t->n_wishes = 0;
    for (size_t i = 0; i < t->n_nets; i++) {
        if (is_straight(&t->nets[i]))
            continue;
        Wish wish = wish_of(&t->nets[i], (uint32_t)i);
        ARENA_PUSH(t->arena, t->wishes, t->n_wishes, t->cap_wishes, wish);
    }
    if (t->n_wishes > 0)
        qsort(t->wishes, t->n_wishes, sizeof *t->wishes, by_wish);
}

/* ---- tracks ---- */

static int by_value(const void *a, const void *b) {
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

static void add_x(Tracks *t, int32_t x) {
    ARENA_PUSH(t->arena, t->xs, t->n_xs, t->cap_xs, x);
}

/* The tree has leaves for xs, from tree_size on; a node's children are 2 n and 2 n + 1. */
static void tree_clear(Tracks *t) {
    size_t old = t->tree_size;
    t->n_xs = 0;
    for (size_t i = 0; i < t->n_wishes; i++) {
        add_x(t, t->nets[t->wishes[i].net].low - APART);
        add_x(t, t->nets[t->wishes[i].net].high + APART);
    }
    if (t->n_xs > 0)
        qsort(t->xs, t->n_xs, sizeof *t->xs, by_value);
    for (t->tree_size = 1; t->tree_size < t->n_xs;)
        t->tree_size *= 2;
    if (t->tree_size > old || !t->most) {
        t->most = ARENA_ARRAY(t->arena, int32_t, 2 * t->tree_size);
        t->least = ARENA_ARRAY(t->arena, int32_t, 2 * t->tree_size);
    }
    for (size_t i = 0; i < 2 * t->tree_size; i++)
        t->most[i] = t->least[i] = NO_TRACK;
}

static size_t find_x(const Tracks *t, int32_t x) {
    size_t low = 0, high = t->n_xs;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (t->xs[middle] < x)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* A stretch of leaves, seen from a node that has the leaves from `at` up to at + n - 1. */
typedef struct Stretch {
    size_t low, high;
} Stretch;

static int32_t last_track(const Tracks *t, Stretch s, size_t node, size_t at, size_t n) {
    if (s.high < at || s.low >= at + n)
        return NO_TRACK;
    if (s.low <= at && at + n - 1 <= s.high)
        return t->most[node];
    int32_t left = last_track(t, s, 2 * node, at, n / 2);
    int32_t right = last_track(t, s, 2 * node + 1, at + n / 2, n / 2);
    int32_t most = left > right ? left : right;
    return most > t->least[node] ? most : t->least[node];
}

static void set_track(Tracks *t, Stretch s, int32_t track, size_t node, size_t at, size_t n) {
    if (s.high < at || s.low >= at + n)
        return;
    if (t->most[node] < track)
        t->most[node] = track;
    if (s.low <= at && at + n - 1 <= s.high) {
        t->least[node] = track;
        return;
    }
    set_track(t, s, track, 2 * node, at, n / 2);
    set_track(t, s, track, 2 * node + 1, at + n / 2, n / 2);
}

/* Below everything that it would run over. */
static void place_net(Tracks *t, Net *net) {
    Stretch s = {find_x(t, net->low - APART), find_x(t, net->high + APART)};
    net->track = last_track(t, s, 1, 0, t->tree_size) + 1;
    set_track(t, s, net->track, 1, 0, t->tree_size);
    net->placed = true;
}

static void push(Tracks *t, uint32_t net) {
    t->nets[net].waits = true;
    ARENA_PUSH(t->arena, t->stack, t->n_stack, t->cap_stack, net);
}

/* A net that has to lie above this one, and is not placed; NULL: none. In a circle of rules one of
 * them is broken. */
static Net *still_above(Tracks *t, Net *net, uint32_t number) {
    while (net->first_rule < t->n_rules && t->rules[net->first_rule].below == number) {
        Net *above = &t->nets[t->rules[net->first_rule].above];
        if (!above->placed && !above->waits)
            return above;
        net->first_rule++;
    }
    return NULL;
}

static void place_with_those_above(Tracks *t, uint32_t first) {
    push(t, first);
    while (t->n_stack > 0) {
        uint32_t number = t->stack[t->n_stack - 1];
        Net *above = still_above(t, &t->nets[number], number);
        if (above) {
            push(t, (uint32_t)(above - t->nets));
            continue;
        }
        place_net(t, &t->nets[number]);
        t->n_stack--;
    }
}

int32_t tracks_find(Tracks *t, Wire **wires, size_t n) {
    int32_t most = NO_TRACK;
    find_nets(t, wires, n);
    find_rules(t);
    find_wishes(t);
    tree_clear(t);
    for (size_t i = 0; i < t->n_wishes; i++)
        if (!t->nets[t->wishes[i].net].placed)
            place_with_those_above(t, t->wishes[i].net);
    for (size_t i = 0; i < n; i++) {
        wires[i]->track = t->nets[wires[i]->net].track;
        most = wires[i]->track > most ? wires[i]->track : most;
    }
    return most + 1;
}
