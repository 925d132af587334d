/* Layers: which item stands how far down.
 *
 * Rows come first: one for each step from the entry on the longest way without loops. Below a row
 * whose edges say something lies a layer of labels; so labels of one choice stand side by side.
 *
 * note [long edges]
 * An edge has a bend in each layer that it passes. As some graphs have edges from everywhere to one
 * place (`on error`), edges to one place share their bends where these would be many. Where it
 * still are too many for what is drawn, the longest edges are not drawn: their labels say where they
 * lead. */
#include <stdlib.h>

#include "scene.h"

/* Edges of different looks do not share bends. */
typedef enum Style { STYLE_NORMAL, STYLE_ERROR, STYLE_LOOP, N_STYLES } Style;

/* What all edges of a style to one item need. */
typedef struct Trunk {
    uint32_t rows, most; /* sum and greatest of the rows that they pass */
    Item **bends;        /* shared, by their distance from the item; NULL: none are */
} Trunk;

typedef struct Ranks {
    Arena *arena;
    Flow *flow;
    uint32_t *row; /* by Item.index, of the places */
    uint32_t n_rows;
    bool *labels;    /* by row: its edges say something */
    uint32_t *layer; /* by row */
    Trunk *trunks;   /* by Item.index of the places * N_STYLES + Style */
    size_t n_places;
} Ranks;

/* ---- rows ---- */

typedef struct Visit {
    uint32_t leave;
    Item *item;
} Visit;

static int later_first(const void *a, const void *b) {
    uint32_t x = ((const Visit *)a)->leave, y = ((const Visit *)b)->leave;
    return (x < y) - (x > y);
}

/* An item comes before all that its edges lead down to: those are left first by the walk of draw.c. */
static Visit *in_order(Ranks *r) {
    const Flow *flow = r->flow;
    Visit *order = ARENA_ARRAY(r->arena, Visit, flow->n + 1);
    for (size_t i = 0; i < flow->n; i++) {
        const Place *place = flow->items[i]->place;
        uint32_t leave = place ? flow->g->facts->leave[place->index] : UINT32_MAX;
        order[i] = (Visit){leave, flow->items[i]};
    }
    qsort(order, flow->n, sizeof *order, later_first);
    return order;
}

static void push_down(Ranks *r, const Item *item, const uint32_t *first) {
    uint32_t below = r->row[item->index] + 1;
    for (uint32_t k = first[item->index]; k < first[item->index + 1]; k++) {
        const Link *link = &r->flow->links[k];
        if (!link->loop && r->row[link->to->index] < below)
            r->row[link->to->index] = below;
    }
}

/* The exit stands below all else, also where nothing leads there from the last row. */
static void find_rows(Ranks *r) {
    const Flow *flow = r->flow;
    const Visit *order = in_order(r);
    const uint32_t *first = flow_links_of(r->arena, flow);
    uint32_t last = 0;
    for (size_t i = 0; i < flow->n; i++)
        push_down(r, order[i].item, first);
    for (size_t i = 0; i < flow->n; i++)
        if (flow->items[i] != flow->exit && r->row[i] > last)
            last = r->row[i];
    if (r->row[flow->exit->index] <= last)
        r->row[flow->exit->index] = last + 1;
    r->n_rows = r->row[flow->exit->index] + 1;
}

/* ---- edges that are too long ---- */

static uint32_t rows_passed(const Ranks *r, const Link *link) {
    uint32_t from = r->row[link->from->index], to = r->row[link->to->index];
    return link->loop ? from - to + 1 : to - from - 1;
}

static Trunk *trunk_of(const Ranks *r, const Link *link) {
    Style style = link->loop ? STYLE_LOOP : link->kind == EDGE_NORMAL ? STYLE_NORMAL : STYLE_ERROR;
    return &r->trunks[link->to->index * N_STYLES + style];
}

static bool trunk_is_shared(const Trunk *trunk) {
    return trunk->rows > 4 * trunk->most + 16;
}

/* Without the edges that pass more rows than `most`. */
static uint64_t count_bends(const Ranks *r, uint32_t most) {
    uint64_t sum = 0;
    for (size_t i = 0; i < r->n_places * N_STYLES; i++)
        r->trunks[i] = (Trunk){0};
    for (size_t i = 0; i < r->flow->n_links; i++) {
        uint32_t rows = rows_passed(r, &r->flow->links[i]);
        Trunk *trunk = trunk_of(r, &r->flow->links[i]);
        if (rows > most)
            continue;
        trunk->rows += rows;
        if (rows > trunk->most)
            trunk->most = rows;
    }
    for (size_t i = 0; i < r->n_places * N_STYLES; i++)
        sum += trunk_is_shared(&r->trunks[i]) ? r->trunks[i].most : r->trunks[i].rows;
    return sum;
}

static void mark_far(Ranks *r) {
    uint64_t budget = 256 + 8 * (uint64_t)(r->flow->n + r->flow->n_links);
    uint32_t most = r->n_rows;
    while (count_bends(r, most) > budget)
        most /= 2;
    for (size_t i = 0; i < r->flow->n_links; i++)
        r->flow->links[i].far = rows_passed(r, &r->flow->links[i]) > most;
}

static void name_far(Ranks *r) {
    for (size_t i = 0; i < r->flow->n_links; i++) {
        Link *link = &r->flow->links[i];
        if (!link->far)
            continue;
        if (!link->label)
            link->label = flow_add(r->arena, r->flow, ITEM_LABEL, link);
        words_add(r->arena, &link->label->words, FACE_CODE, ICON_NONE,
                  arena_printf(r->arena, "\xe2\x86\x92 %s", place_title(r->arena, link->to->place)),
                  LABEL_WIDTH, 2);
        item_fit(link->label);
    }
}

/* ---- layers ---- */

static void find_layers(Ranks *r) {
    uint32_t layer = 0;
    for (size_t i = 0; i < r->flow->n_links; i++)
        if (r->flow->links[i].label)
            r->labels[r->row[r->flow->links[i].from->index]] = true;
    for (uint32_t row = 0; row < r->n_rows; row++) {
        r->layer[row] = layer;
        layer += r->labels[row] ? 2 : 1;
    }
    r->flow->n_layers = layer;
    r->flow->layers = ARENA_ARRAY(r->arena, Layer, layer + 1);
    for (uint32_t row = 0; row < r->n_rows; row++)
        if (r->labels[row])
            r->flow->layers[r->layer[row] + 1].labels = true;
    for (size_t i = 0; i < r->n_places; i++)
        r->flow->items[i]->layer = r->layer[r->row[i]];
}

static Item *bend_at(Ranks *r, Link *link, uint32_t layer) {
    Trunk *trunk = trunk_of(r, link);
    uint32_t away = layer > link->to->layer ? layer - link->to->layer : link->to->layer - layer;
    if (!trunk_is_shared(trunk))
        return flow_add(r->arena, r->flow, ITEM_BEND, link);
    if (!trunk->bends)
        trunk->bends = ARENA_ARRAY(r->arena, Item *, 2 * r->n_rows + 1);
    if (!trunk->bends[away])
        trunk->bends[away] = flow_add(r->arena, r->flow, ITEM_BEND, link);
    return trunk->bends[away];
}

/* From the item in front of it down, or up, to `to`. Shared bends go on by themselves. */
static void bend_link(Ranks *r, Link *link, Item *before) {
    uint32_t to = link->to->layer, from = before->layer;
    uint32_t n = link->loop ? from - to + 1 : to - from - 1;
    Item **next = before == link->label ? &before->next : &link->first;
    for (uint32_t i = 0; i < n && !*next; i++) {
        uint32_t layer = link->loop ? from - i : from + 1 + i;
        *next = bend_at(r, link, layer);
        (*next)->layer = layer;
        next = &(*next)->next;
    }
    if (!*next)
        *next = link->to;
}

static void add_bends(Ranks *r) {
    for (size_t i = 0; i < r->flow->n_links; i++) {
        Link *link = &r->flow->links[i];
        if (link->label) {
            link->label->layer = link->from->layer + 1;
            link->first = link->label;
        }
        if (!link->far)
            bend_link(r, link, link->label ? link->label : link->from);
    }
}

void flow_rank(Arena *arena, Flow *flow) {
    size_t n_places = 0;
    while (n_places < flow->n && flow->items[n_places]->kind < ITEM_LABEL)
        n_places++;
    Ranks r = {.arena = arena, .flow = flow, .n_places = n_places};
    r.row = ARENA_ARRAY(arena, uint32_t, flow->n + 1);
    r.trunks = ARENA_ARRAY(arena, Trunk, n_places * N_STYLES + 1);
    find_rows(&r);
    r.labels = ARENA_ARRAY(arena, bool, r.n_rows + 1);
    r.layer = ARENA_ARRAY(arena, uint32_t, r.n_rows + 1);
    mark_far(&r);
    name_far(&r);
    find_layers(&r);
    add_bends(&r);
}
