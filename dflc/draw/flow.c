/* What stands in a region: its places, each with its words and size, and the edges between them. */
#include <string.h>

#include "../trace/overlay.h"
#include "../units.h"
#include "scene.h"

enum {
    NAME_WIDTH = 200,
    TEXT_WIDTH = 230,
    NAME_LINES = 3,
    TEXT_LINES = 2,
    LABEL_LINES = 3,
    PAD_X = 14,
    PAD_Y = 7,
    LEAST_WIDTH = 72,
    POINT_SIDE = 12, /* of the start and the end of a subgraph, and of the ends of choices */
    LABEL_PAD = 8,
};

static int32_t even(int32_t w) {
    return (w + 1) & ~1;
}

/* ---- words ---- */

const char *place_title(Arena *arena, const Place *place) {
    switch (place->kind) {
    case PL_START:
        return "start";
    case PL_END:
        return "end";
    case PL_JOIN:
        return "join";
    case PL_NODE:
    case PL_ROUTER:
        return place->node->name;
    case PL_SECTION:
        return place->section->label;
    case PL_CHOICE:
        break;
    }
    return choice_text(arena, place);
}

static void small(Arena *arena, Words *words, Icon icon, const char *text) {
    words_add(arena, words, FACE_SMALL, icon, text, TEXT_WIDTH, TEXT_LINES);
}

const char *cost_text(Arena *arena, const NodeCost *cost) {
    const char *time = text_of_duration(arena, cost->ns);
    const char *word = cost->basis & BASIS_PROFILED ? "measured"
                       : cost->of_graph             ? "expected"
                                                    : "cost";
    if (cost->basis & BASIS_MISSING)
        return cost->ns > 0 ? arena_printf(arena, "more than %s", time) : "no cost said";
    return arena_printf(arena, "%s %s", word, time);
}

/* ---- what a trace says ---- */

const Ran *ran_of(const Scene *scene, const Drawn *g, const Place *place) {
    return &scene->overlay->places[g->first_place + place->index];
}

const Taken *taken_of(const Scene *scene, const Flow *flow, const Link *link) {
    const Overlay *o = scene->overlay;
    if (!link->edge)
        return &o->forks[flow->g->first_region + flow->region->index];
    return &o->edges[o->first_edge[flow->g->first_place + link->edge->from->index] + link->number -
                     1];
}

/* What the source says of a node, its cost if that is asked for, and what a trace says. */
void node_words(Scene *scene, const Drawn *g, const Node *node, Words *words) {
    Arena *arena = scene->arena;
    words_add(arena, words, FACE_NAME, ICON_NONE, node->name, NAME_WIDTH, NAME_LINES);
    if (node->kind == NODE_ROUTER)
        small(arena, words, ICON_NONE, "router");
    if (node->runs)
        small(arena, words, ICON_NONE, arena_printf(arena, "runs %s", node->runs->name));
    if (node->pause_before)
        small(arena, words, ICON_PAUSE, "pause before");
    if (scene->costs)
        small(arena, words, ICON_COST, cost_text(arena, &g->facts->costs->nodes[node->index]));
    if (node->retries > 0)
        small(arena, words, ICON_RETRY, retry_text(arena, node));
    if (node->timeout_ns > 0)
        small(arena, words, ICON_TIMEOUT,
              arena_printf(arena, "timeout %s", text_of_duration(arena, node->timeout_ns)));
    if (node->effect)
        small(arena, words, ICON_EFFECT, "effect");
    if (node->checkpoint)
        small(arena, words, ICON_CHECKPOINT, "checkpoint");
    if (node->pause_after)
        small(arena, words, ICON_PAUSE, "pause after");
    if (scene->overlay && node->place)
        small(arena, words, ICON_NONE, ran_text(arena, ran_of(scene, g, node->place)));
}

/* ---- items ---- */

Item *flow_add(Arena *arena, Flow *flow, ItemKind kind, Link *link) {
    Item *item = ARENA_NEW(arena, Item);
    item->kind = kind;
    item->link = link;
    item->index = (uint32_t)flow->n;
    ARENA_PUSH(arena, flow->items, flow->n, flow->cap, item);
    return item;
}

void item_fit(Item *label) {
    label->w = even(label->words.w + 2 * LABEL_PAD);
    label->h = label->words.h + 4;
}

/* A choice is pointed on both sides, which takes room besides. */
static void fit_box(Item *item, int32_t points) {
    int32_t w = item->words.w + 2 * PAD_X;
    item->w = even((w > LEAST_WIDTH ? w : LEAST_WIDTH) + 2 * points);
    item->h = item->words.h + 2 * PAD_Y;
}

static void fit_frame(Item *item, const Frame *frame) {
    item->w = frame->w;
    item->h = frame->h;
}

static void fit_end(Scene *scene, const Drawn *g, Item *item) {
    item->w = item->h = POINT_SIDE;
    if (g->outer)
        return;
    words_add(scene->arena, &item->words, FACE_NAME, ICON_NONE,
              place_title(scene->arena, item->place), NAME_WIDTH, 1);
    fit_box(item, 0);
    item->h = item->words.h + PAD_Y;
}

static void fit_place(Scene *scene, const Drawn *g, Item *item) {
    const Place *place = item->place;
    const Drawn *inner = place->node ? g->inner[place->node->index] : NULL;
    if (place->kind == PL_SECTION) {
        fit_frame(item, &scene->sections[g->first_section + place->section->index]);
    } else if (inner) {
        fit_frame(item, &scene->graphs[inner->number]);
    } else if (place->node) {
        node_words(scene, g, place->node, &item->words);
        fit_box(item, place->kind == PL_ROUTER ? POINT_SIDE : 0);
    } else if (place->kind == PL_CHOICE) {
        words_add(scene->arena, &item->words, FACE_CODE, ICON_NONE,
                  choice_text(scene->arena, place), TEXT_WIDTH, LABEL_LINES);
        fit_box(item, POINT_SIDE);
    } else if (place->kind != PL_JOIN) {
        fit_end(scene, g, item);
    }
}

static void add_places(Scene *scene, Flow *flow) {
    const Drawn *g = flow->g;
    if (flow->region->section)
        flow->entry = flow_add(scene->arena, flow, ITEM_FORK, NULL);
    for (size_t i = 0; i < flow->region->n_places; i++) {
        const Place *place = flow->region->places[i];
        Item *item = flow_add(scene->arena, flow, ITEM_PLACE, NULL);
        item->place = place;
        scene->places[g->first_place + place->index] = item;
        fit_place(scene, g, item);
        if (place == flow->region->exit)
            flow->exit = item;
        if (!flow->entry && place == flow->region->entry)
            flow->entry = item;
    }
}

/* ---- links ---- */

static size_t count_links(const Flow *flow) {
    size_t n = 1;
    EdgeKind kind;
    for (size_t i = 0; i < flow->region->n_places; i++)
        for (size_t k = 0; place_edge(flow->region->places[i], k, &kind); k++)
            n++;
    return n;
}

static void add_label(Scene *scene, Flow *flow, Link *link) {
    Arena *arena = scene->arena;
    const char *text = edge_text(arena, link->edge, link->kind);
    if (!*text)
        return;
    link->label = flow_add(arena, flow, ITEM_LABEL, link);
    words_add(arena, &link->label->words, FACE_CODE, ICON_NONE, text, LABEL_WIDTH, LABEL_LINES);
    if (scene->overlay)
        small(arena, &link->label->words, ICON_NONE,
              taken_text(arena, taken_of(scene, flow, link)));
    item_fit(link->label);
}

static void add_links(Scene *scene, Flow *flow) {
    Item **places = scene->places + flow->g->first_place;
    flow->links = ARENA_ARRAY(scene->arena, Link, count_links(flow));
    if (flow->region->section)
        flow->links[flow->n_links++] =
            (Link){.from = flow->entry, .to = places[flow->region->entry->index]};
    for (size_t i = 0; i < flow->region->n_places; i++) {
        const Place *from = flow->region->places[i];
        EdgeKind kind;
        const Edge *edge;
        for (size_t k = 0; (edge = place_edge(from, k, &kind)); k++) {
            Link *link = &flow->links[flow->n_links++];
            *link = (Link){.edge = edge, .kind = kind, .number = (uint32_t)k + 1};
            link->loop = edge_is_loop(flow->g->facts, edge);
            link->from = places[from->index];
            link->to = places[edge->to->index];
            add_label(scene, flow, link);
        }
    }
}

Flow *flow_new(Scene *scene, const Drawn *g, const Region *region) {
    Flow *flow = ARENA_NEW(scene->arena, Flow);
    flow->g = g;
    flow->region = region;
    add_places(scene, flow);
    add_links(scene, flow);
    return flow;
}
