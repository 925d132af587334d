/* How edges go from layer to layer, and so how far the layers are apart.
 *
 * In a channel an edge goes down to its track, along it, and down again (tracks.c). A loop turns below
 * the item that it leaves, goes up beside it, and turns again above the place where it arrives. */
#include <stdlib.h>

#include "tracks.h"

enum {
    TRACK_GAP = 10,
    CORNER_ROOM = 10, /* between an item and a track */
    ARROW_ROOM = 10,  /* besides, where arrows arrive */
    LEAST_GAP = 16,   /* between two layers */
    TALL = 80,        /* what is lower than its layer by more than that stands at its top */
    PORT = 14,        /* how far beside the middle an edge ends that stands back */
};

typedef struct Channel {
    Wire **wires;
    size_t n, cap;
    int32_t y, h, first_track; /* first_track: y within it */
    bool arrows;
} Channel;

typedef struct Route {
    Arena *arena;
    Flow *flow;
    Usual usual;
    Wire *of_link;     /* by number of the link: its first piece */
    Wire *of_item;     /* by Item.index: the piece that follows a label or bend; a == NULL: none */
    Channel *channels; /* one above each layer, and one below the last */
    Item **run_end;    /* by Item.index of bends: the last one on the same straight line */
} Route;

/* ---- wires ---- */

/* Ends that stand back lie on the side of the other end. */
static int32_t port(const Item *item, const Item *other, bool beside) {
    if (item->kind != ITEM_PLACE || !beside || item->w < 4 * PORT)
        return item->x;
    return other->x < item->x ? item->x - PORT : item->x + PORT;
}

static void add_wire(Route *r, Wire *w, Item *a, Item *b, const Link *link) {
    bool back = link->loop || link->kind != EDGE_NORMAL;
    w->a = a;
    w->b = b;
    w->ax = port(a, b, back && r->usual.leaves[a->index]);
    w->bx = port(b, a, back && r->usual.arrives[b->index]);
    w->a_top = a->layer < b->layer || (a->layer == b->layer && b->kind == ITEM_BEND);
    w->b_top = a->layer == b->layer ? w->a_top : !w->a_top;
    Channel *channel = &r->channels[a->layer + w->a_top];
    ARENA_PUSH(r->arena, channel->wires, channel->n, channel->cap, w);
    channel->arrows |= b->kind == ITEM_PLACE && !w->b_top;
}

static void add_wires(Route *r) {
    r->of_link = ARENA_ARRAY(r->arena, Wire, r->flow->n_links + 1);
    r->of_item = ARENA_ARRAY(r->arena, Wire, r->flow->n + 1);
    for (size_t i = 0; i < r->flow->n_links; i++) {
        Link *link = &r->flow->links[i];
        add_wire(r, &r->of_link[i], link->from, link->first, link);
    }
    for (size_t i = 0; i < r->flow->n; i++) {
        Item *item = r->flow->items[i];
        if (item->next && !item->gone)
            add_wire(r, &r->of_item[i], item, item->next, item->link);
    }
}

/* ---- heights ---- */

static void measure_channel(Channel *channel, int32_t n_tracks, bool inner) {
    int32_t arrows = channel->arrows ? ARROW_ROOM : 0;
    channel->first_track = CORNER_ROOM;
    if (n_tracks > 0)
        channel->h = 2 * CORNER_ROOM + (n_tracks - 1) * TRACK_GAP + arrows;
    if (inner && channel->h < LEAST_GAP + arrows)
        channel->h = LEAST_GAP + arrows;
}

static void measure_layer(Layer *layer) {
    layer->h = 0;
    for (size_t i = 0; i < layer->n; i++)
        if (layer->items[i]->h > layer->h)
            layer->h = layer->items[i]->h;
}

static void place_layer(Layer *layer, int32_t y) {
    layer->y = y;
    for (size_t i = 0; i < layer->n; i++) {
        Item *item = layer->items[i];
        int32_t rest = layer->h - item->h;
        item->y = y + (rest < TALL ? rest / 2 : 0);
        if (item->kind == ITEM_BEND)
            item->y = y;
    }
}

static void find_heights(Route *r) {
    Flow *flow = r->flow;
    Tracks *tracks = tracks_new(r->arena, flow);
    int32_t y = 0;
    for (size_t i = 0; i <= flow->n_layers; i++) {
        Channel *channel = &r->channels[i];
        measure_channel(channel, tracks_find(tracks, channel->wires, channel->n),
                        i > 0 && i < flow->n_layers);
        channel->y = y;
        y += channel->h;
        if (i < flow->n_layers) {
            measure_layer(&flow->layers[i]);
            place_layer(&flow->layers[i], y);
            y += flow->layers[i].h;
        }
    }
    flow->h = y;
}

/* ---- points ---- */

static bool goes_straight(const Wire *w, bool up) {
    return w->ax == w->bx && w->b->kind == ITEM_BEND &&
           (up ? w->b->layer < w->a->layer : w->b->layer > w->a->layer);
}

static void find_run(Route *r, Item *item) {
    const Wire *w = &r->of_item[item->index];
    bool straight = item->kind == ITEM_BEND && w->a && goes_straight(w, item->link->loop);
    r->run_end[item->index] = straight ? r->run_end[w->b->index] : item;
}

/* Edges that go down from the bottom on, and those that go up from the top on, so that what follows is
 * known. */
static void find_runs(Route *r) {
    size_t n = r->flow->n_layers;
    r->run_end = ARENA_ARRAY(r->arena, Item *, r->flow->n + 1);
    for (size_t i = 0; i < 2 * n; i++) {
        const Layer *layer = &r->flow->layers[i < n ? i : 2 * n - 1 - i];
        for (size_t k = 0; k < layer->n; k++)
            if (layer->items[k]->kind == ITEM_BEND && layer->items[k]->link->loop == (i < n))
                find_run(r, layer->items[k]);
    }
}

typedef struct Points {
    Point *all;
    size_t n, cap;
} Points;

static void add_point(Route *r, Points *points, int32_t x, int32_t y) {
    Point point = {x, y};
    ARENA_PUSH(r->arena, points->all, points->n, points->cap, point);
}

static void add_corners(Route *r, Points *points, const Wire *w) {
    const Channel *channel = &r->channels[w->a->layer + w->a_top];
    if (w->track == NO_TRACK || (w->ax == w->bx && w->a_top != w->b_top))
        return;
    int32_t y = channel->y + channel->first_track + w->track * TRACK_GAP;
    add_point(r, points, w->ax, y);
    add_point(r, points, w->bx, y);
}

static void find_points(Route *r, Link *link, const Wire *w) {
    Points points = {0};
    add_point(r, &points, w->ax, w->a->y + w->a->h);
    for (;;) {
        add_corners(r, &points, w);
        Item *item = w->b;
        if (item->kind == ITEM_BEND)
            item = r->run_end[item->index];
        if (!item->next) {
            add_point(r, &points, w->bx, item->y);
            break;
        }
        w = &r->of_item[item->index];
    }
    link->points = points.all;
    link->n_points = points.n;
}

void flow_route(Arena *arena, Flow *flow) {
    Route r = {.arena = arena, .flow = flow, .usual = flow_usual(arena, flow)};
    r.channels = ARENA_ARRAY(arena, Channel, flow->n_layers + 1);
    add_wires(&r);
    find_heights(&r);
    find_runs(&r);
    for (size_t i = 0; i < flow->n_links; i++)
        find_points(&r, &flow->links[i], &r.of_link[i]);
}
