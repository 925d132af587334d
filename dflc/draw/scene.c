#include "scene.h"

#include "../trace/overlay.h"
#include "../units.h"

/* note [from the inside out]
 * Graphs are numbered so that each comes after the one that it lies in, and so are the regions of a graph.
 * Going backwards, the size of all that lies in a region is known when its turn comes; going forwards,
 * the place of all that it lies in. */

enum {
    MARGIN = 24,    /* around the picture */
    GRAPH_GAP = 40, /* between two graphs */
    TITLE_GAP = 12,
    PAD = 14, /* between a frame and what is in it */
    HEAD_PAD = 6,
    HEAD_WIDTH = 320, /* at most, where what is in the frame is not wider */
    LANE_PAD = 12,
    LANE_GAP = 10,
    ROW_GAP = 26,
    ROW_WIDTH = 1400, /* of lanes, before they go into several rows */
    TRUNK_ROOM = 16,  /* at each side, for the lines that join the bars of rows */
    STEM = 12,        /* from the border of a frame to a bar */
};

static int32_t larger(int32_t a, int32_t b) {
    return a > b ? a : b;
}

static int32_t even(int32_t w) {
    return (w + 1) & ~1;
}

/* ---- heads ---- */

static void fit_head(Frame *frame) {
    frame->head_h = frame->head.n > 0 ? frame->head.h + 2 * HEAD_PAD : 0;
    frame->w = larger(frame->w, even(frame->head.w + 2 * PAD));
}

const char *section_work_text(Arena *arena, const Section *section, const SectionCost *cost) {
    const char *work = text_of_duration(arena, cost->work_ns);
    return section->over ? arena_printf(arena, "an element takes %s", work)
                         : arena_printf(arena, "work %s, longest branch %s", work,
                                        text_of_duration(arena, cost->span_ns));
}

static void add_decision(Arena *arena, Words *head, const Section *section, const SectionCost *cost,
                         int32_t width) {
    words_add(arena, head, FACE_SMALL, ICON_COST, cost->reason, width, 4);
    if (cost->known)
        words_add(arena, head, FACE_SMALL, ICON_NONE, section_work_text(arena, section, cost),
                  width, 2);
}

static void section_head(Scene *scene, const Drawn *g, const Section *section, Frame *frame) {
    static const char *const modes[] = {"", "inline", "threads"};
    Arena *arena = scene->arena;
    int32_t width = larger(HEAD_WIDTH, frame->w - 2 * PAD);
    Words *head = &frame->head;
    if (section->name)
        words_add(arena, head, FACE_NAME, ICON_NONE, section->name, width, 2);
    if (section->over)
        words_add(arena, head, FACE_CODE, ICON_NONE, each_text(arena, section), width, 3);
    words_add(arena, head, FACE_SMALL, ICON_NONE, settle_text(arena, section), width, 2);
    if (scene->costs)
        add_decision(arena, head, section, &g->facts->costs->sections[section->index], width);
    else
        words_add(arena, head, FACE_SMALL, ICON_NONE, modes[section->mode], width, 1);
    if (scene->overlay)
        words_add(arena, head, FACE_SMALL, ICON_NONE,
                  ran_text(arena, ran_of(scene, g, section->place)), width, 1);
    fit_head(frame);
}

/* ---- sections ---- */

/* The lanes go into as few rows as the width allows, all about as wide. */
static void find_rows(Arena *arena, Frame *frame) {
    int64_t total = 0;
    size_t first = 0;
    for (size_t i = 0; i < frame->n_lanes; i++)
        total += frame->lanes[i].w + LANE_GAP;
    int64_t n = (total + ROW_WIDTH - 1) / ROW_WIDTH, width = total / n, sum = 0;
    frame->rows = ARENA_ARRAY(arena, LaneRow, frame->n_lanes);
    for (size_t i = 0; i < frame->n_lanes; i++) {
        sum += frame->lanes[i].w + LANE_GAP;
        bool last = i + 1 == frame->n_lanes;
        if (!last && sum + (frame->lanes[i + 1].w + LANE_GAP) / 2 <= width)
            continue;
        frame->rows[frame->n_rows++] = (LaneRow){.first = first, .n = i + 1 - first};
        first = i + 1;
        sum = 0;
    }
}

static int32_t row_width(const Frame *frame, const LaneRow *row) {
    int32_t w = -LANE_GAP;
    for (size_t i = row->first; i < row->first + row->n; i++)
        w += frame->lanes[i].w + LANE_GAP;
    return w;
}

/* All lanes of a row reach down to its join. */
static void stretch(Flow *flow, int32_t h) {
    for (size_t i = 0; i < flow->n_links; i++) {
        Link *link = &flow->links[i];
        if (link->to == flow->exit && !link->far)
            link->points[link->n_points - 1].y += h - flow->h;
    }
    flow->exit->y += h - flow->h;
    flow->h = h;
}

static int32_t place_row(Frame *frame, LaneRow *row, int32_t y) {
    int32_t h = 0, x = frame->bar_x + (frame->bar_w - row_width(frame, row)) / 2;
    for (size_t i = row->first; i < row->first + row->n; i++)
        h = larger(h, frame->lanes[i].flow->h);
    for (size_t i = row->first; i < row->first + row->n; i++) {
        Lane *lane = &frame->lanes[i];
        stretch(lane->flow, h);
        lane->x = x;
        lane->y = y;
        lane->h = h;
        x += lane->w + LANE_GAP;
    }
    row->fork_y = y;
    row->join_y = y + h;
    return y + h;
}

static void section_frame(Scene *scene, const Drawn *g, const Section *section) {
    Frame *frame = &scene->sections[g->first_section + section->index];
    frame->n_lanes = section->n_branches;
    frame->lanes = ARENA_ARRAY(scene->arena, Lane, frame->n_lanes + 1);
    for (size_t i = 0; i < frame->n_lanes; i++) {
        Flow *flow = scene->flows[g->first_region + section->branches[i]->index];
        frame->lanes[i] = (Lane){.flow = flow, .w = even(flow->w + 2 * LANE_PAD)};
    }
    find_rows(scene->arena, frame);
    int32_t side = PAD + (frame->n_rows > 1 ? TRUNK_ROOM : 0), y, content = 0;
    for (size_t i = 0; i < frame->n_rows; i++)
        content = larger(content, row_width(frame, &frame->rows[i]));
    frame->w = even(content + 2 * side);
    section_head(scene, g, section, frame);
    frame->bar_x = side;
    frame->bar_w = frame->w - 2 * side;
    y = frame->head_h + STEM;
    for (size_t i = 0; i < frame->n_rows; i++)
        y = place_row(frame, &frame->rows[i], y) + ROW_GAP;
    frame->h = y - ROW_GAP + STEM;
}

/* ---- graphs ---- */

static void graph_frame(Scene *scene, const Drawn *g) {
    Frame *frame = &scene->graphs[g->number];
    frame->flow = scene->flows[g->first_region];
    if (g->outer) {
        node_words(scene, g->outer, g->at->node, &frame->head);
        frame->w = even(frame->flow->w + 2 * PAD);
        fit_head(frame);
        frame->h = frame->head_h + frame->flow->h + 2 * PAD;
        return;
    }
    words_add(scene->arena, &frame->head, FACE_TITLE, ICON_NONE, g->graph->name, 900, 2);
    if (scene->overlay && g->number == 0)
        words_add(scene->arena, &frame->head, FACE_SMALL, ICON_NONE,
                  overlay_text(scene->arena, scene->overlay), larger(HEAD_WIDTH, frame->flow->w),
                  4);
    frame->head_h = frame->head.h + TITLE_GAP;
    frame->w = even(larger(frame->flow->w, frame->head.w));
    frame->h = frame->head_h + frame->flow->h;
}

static void lay_out(Scene *scene, const Drawn *g) {
    for (size_t i = g->graph->n_regions; i-- > 0;) {
        Flow *flow;
        const Region *region = g->graph->regions[i];
        for (size_t k = 0; k < region->n_places; k++)
            if (region->places[k]->section)
                section_frame(scene, g, region->places[k]->section);
        flow = flow_new(scene, g, region);
        flow_rank(scene->arena, flow);
        flow_order(scene->arena, flow);
        flow_columns(scene->arena, flow);
        flow_route(scene->arena, flow);
        scene->flows[g->first_region + i] = flow;
    }
    graph_frame(scene, g);
}

/* ---- places in the picture ---- */

static void put_section(Scene *scene, const Drawn *g, const Section *section, int32_t x,
                        int32_t y) {
    Frame *frame = &scene->sections[g->first_section + section->index];
    frame->x = x;
    frame->y = y;
    for (size_t i = 0; i < frame->n_lanes; i++) {
        const Lane *lane = &frame->lanes[i];
        lane->flow->x = x + lane->x + (lane->w - lane->flow->w) / 2;
        lane->flow->y = y + lane->y;
    }
}

static void put_graph(Frame *frame, bool outer, int32_t x, int32_t y) {
    frame->x = x;
    frame->y = y;
    frame->flow->x = x + (frame->w - frame->flow->w) / 2;
    frame->flow->y = y + frame->head_h + (outer ? 0 : PAD);
}

static void put_frames(Scene *scene, const Drawn *g, const Flow *flow) {
    for (size_t i = 0; i < flow->n; i++) {
        const Place *place = flow->items[i]->place;
        if (!place)
            continue;
        const Drawn *inner = place->node ? g->inner[place->node->index] : NULL;
        int32_t x = flow->x + flow->items[i]->x - flow->items[i]->w / 2;
        int32_t y = flow->y + flow->items[i]->y;
        if (place->section)
            put_section(scene, g, place->section, x, y);
        else if (inner)
            put_graph(&scene->graphs[inner->number], false, x, y);
    }
}

static void put_all(Scene *scene) {
    const Drawing *d = scene->d;
    int32_t y = MARGIN;
    for (size_t i = 0; i < d->n_drawn; i++) {
        const Drawn *g = d->drawn[i];
        if (!g->outer) {
            Frame *frame = &scene->graphs[g->number];
            put_graph(frame, true, MARGIN, y);
            y += frame->h + GRAPH_GAP;
            scene->w = larger(scene->w, frame->w + 2 * MARGIN);
        }
        for (size_t k = 0; k < g->graph->n_regions; k++)
            put_frames(scene, g, scene->flows[g->first_region + k]);
    }
    scene->h = y - GRAPH_GAP + MARGIN;
}

Scene *scene_of(Drawing *d) {
    Arena *arena = d->comp->arena;
    Scene *scene = ARENA_NEW(arena, Scene);
    scene->d = d;
    scene->arena = arena;
    scene->costs = d->options->costs;
    scene->overlay = d->overlay;
    scene->places = ARENA_ARRAY(arena, Item *, d->n_places + 1);
    scene->flows = ARENA_ARRAY(arena, Flow *, d->n_regions + 1);
    scene->sections = ARENA_ARRAY(arena, Frame, d->n_sections + 1);
    scene->graphs = ARENA_ARRAY(arena, Frame, d->n_drawn + 1);
    for (size_t i = d->n_drawn; i-- > 0;)
        lay_out(scene, d->drawn[i]);
    put_all(scene);
    return scene;
}
