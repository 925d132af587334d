/* Where everything in a picture stands: what svg.c draws and html.c tells of.
 *
 * Each region is laid out by itself, as a flow: its places in layers from top to bottom, each layer
 * from left to right, with bends where an edge passes a layer and a label where it says something.
 * Between two layers, above the first and below the last one is a channel, in which edges go sideways
 * on tracks.
 *
 *     channel 0
 *     layer 0      | place | ... label ... bend ...
 *     channel 1      --------- track 0
 *                        ----------- track 1
 *     layer 1
 *
 * A section is a box with a lane for each branch, a subgraph a box with a flow: inner ones are laid out
 * first, and count as one item of a known size outside. Nothing of one flow is ever outside of its
 * box, so nothing of two flows can overlap.
 *
 * All lengths are whole pixels, and all widths even, so that centres are whole too. */
#ifndef DFLC_DRAW_SCENE_H
#define DFLC_DRAW_SCENE_H

#include "../draw.h"
#include "words.h"

struct Ran;
struct Taken;

typedef struct Item Item;
typedef struct Link Link;
typedef struct Flow Flow;

enum { LABEL_WIDTH = 230 }; /* at most, of its text */

typedef enum ItemKind {
    ITEM_PLACE,
    ITEM_FORK,  /* where a branch begins: of no size, on the fork's bar */
    ITEM_LABEL, /* what an edge says */
    ITEM_BEND,  /* an edge passes a layer */
} ItemKind;

struct Item {
    ItemKind kind;
    const Place *place; /* ITEM_PLACE */
    Link *link;         /* ITEM_LABEL, ITEM_BEND: whose it is (one of them, where several meet) */
    Item *next;         /* likewise: where the edge goes on */
    Words words;        /* ITEM_LABEL, and places without a box of their own */
    int32_t w, h;
    int32_t x, y;   /* the middle of its top, in the flow */
    uint32_t index; /* in Flow.items */
    uint32_t layer, pos;
    bool gone; /* a bend that became one with its neighbour */
};

typedef struct Point {
    int32_t x, y;
} Point;

struct Link {
    const Edge *edge; /* NULL: from the fork to the branch's first place */
    EdgeKind kind;
    uint32_t number; /* among the edges of its place, from 1 */
    bool loop;       /* goes up */
    bool far;        /* too long to be drawn: its label names where it leads */
    Item *from, *to;
    Item *label;   /* NULL: says nothing */
    Item *first;   /* label, bend or `to` */
    Point *points; /* in the flow, from `from` to `to`, or to the label if it is far */
    size_t n_points;
};

typedef struct Layer {
    Item **items; /* from left to right */
    size_t n, cap;
    int32_t y, h;
    bool labels; /* holds labels and bends, no places */
} Layer;

struct Flow {
    const Drawn *g;
    const Region *region;
    Item **items; /* places first, in the order of the region; then labels and bends */
    size_t n, cap;
    Link *links;
    size_t n_links;
    Layer *layers;
    size_t n_layers;
    Item *entry, *exit;
    int32_t w, h;
    int32_t x, y; /* of its top left corner in the picture */
};

/* A branch of a section, from the fork's bar to the join's. x, y: in the frame. */
typedef struct Lane {
    Flow *flow;
    int32_t x, y, w, h;
} Lane;

/* Lanes that stand side by side between two bars: where there are many, there are several rows. */
typedef struct LaneRow {
    size_t first, n;
    int32_t fork_y, join_y; /* in the frame */
} LaneRow;

/* A frame around flows, with a head above them. x, y: its top left corner in the picture. */
typedef struct Frame {
    Words head;
    int32_t head_h; /* 0: it has none */
    int32_t x, y, w, h;
    int32_t bar_x, bar_w; /* of the bars of a section, in the frame */
    Flow *flow;           /* of a graph; of a section NULL */
    Lane *lanes;          /* of a section */
    size_t n_lanes;
    LaneRow *rows;
    size_t n_rows;
} Frame;

typedef struct Scene {
    Drawing *d;
    Arena *arena;
    bool costs;
    const Overlay *overlay; /* NULL: none */
    Item **places;          /* by Drawn.first_place + Place.index */
    Flow **flows;           /* by Drawn.first_region + Region.index */
    Frame *sections;        /* by Drawn.first_section + Section.index */
    Frame *graphs;          /* by Drawn.number */
    int32_t w, h;
} Scene;

/* What a place is called where an edge cannot be drawn to it: "draft", "[a, b]", "match intent". */
const char *place_title(Arena *arena, const Place *place);

/* All of a drawing that was expanded. Time and memory are linear in what is drawn, but for sorting. */
Scene *scene_of(Drawing *d);

/* "cost 4us", "measured 4us", "more than 4us", "no cost said". */
const char *cost_text(Arena *arena, const NodeCost *cost);
/* "work 7us, longest branch 4us", "an element takes 4us"; of a section whose cost is known. */
const char *section_work_text(Arena *arena, const Section *section, const SectionCost *cost);

/* Of a place, or a link, in the trace that is laid over it. */
const struct Ran *ran_of(const Scene *scene, const Drawn *g, const Place *place);
const struct Taken *taken_of(const Scene *scene, const Flow *flow, const Link *link);

/* What a node's box, or the head of its frame, says. */
void node_words(Scene *scene, const Drawn *g, const Node *node, Words *words);

/* ---- the steps of a flow, in their order; each rests on those before it ---- */

/* Items of the places, links and labels. What stands in the region has its size already. */
Flow *flow_new(Scene *scene, const Drawn *g, const Region *region);
/* Makes a label as large as its words. */
void item_fit(Item *label);
Item *flow_add(Arena *arena, Flow *flow, ItemKind kind, Link *link);
/* The links by the item that they leave: links[at[i]] up to links[at[i + 1] - 1]. */
uint32_t *flow_links_of(Arena *arena, const Flow *flow);
/* Layers, labels and bends; links that are too far. */
void flow_rank(Arena *arena, Flow *flow);
/* The order within the layers, so that few edges cross; joins bends that go the same way. */
void flow_order(Arena *arena, Flow *flow);
/* x of all items, and the width. */
void flow_columns(Arena *arena, Flow *flow);
/* y of all items, the height, and the points of the links. */
void flow_route(Arena *arena, Flow *flow);

/* By Item.index: whether an edge that is no error and no loop leaves a place, or arrives there. Where
 * it does, the others stand back: they do not pull the place under them, and have ends beside it. */
typedef struct Usual {
    bool *leaves, *arrives;
} Usual;
Usual flow_usual(Arena *arena, const Flow *flow);

/* Two items of neighbouring layers that an edge joins. */
typedef struct Seg {
    Item *upper, *lower;
    Link *link;
    bool weak; /* stands back at one end */
} Seg;

/* The segs between a layer and the one below it, in the order of items and links. */
typedef struct Segs {
    Seg *all;
    size_t n, cap;
    uint32_t *up, *down;             /* numbers in `all` by lower item, by upper item */
    uint32_t *first_up, *first_down; /* by Item.index; n + 1 of them */
    /* By Item.index: the part of a long edge there; NULL: none. Where several have become one, one goes
     * straight on and the others join it. */
    const Seg **inner_up, **inner_down;
} Segs;
Segs flow_segs(Arena *arena, const Flow *flow);

/* An edge that turns within a channel: from an item to a bend beside it (below), or from a bend to the
 * place beside it where it arrives (above). */
typedef struct Turn {
    Item *bend, *end;
    Link *link;
    bool below;
} Turn;
typedef struct Turns {
    Turn *all;
    size_t n, cap;
} Turns;
Turns flow_turns(Arena *arena, const Flow *flow);

#endif
