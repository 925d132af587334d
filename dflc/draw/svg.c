#include "svg.h"

#include <inttypes.h>
#include <string.h>

#include "../trace/overlay.h"
#include "theme.h"

enum {
    CORNER = 7,
    BAR = 5,
    ROUND = 7,
    DASH = 8, /* a dash with its gap, as in drawing.css */
};

typedef struct Svg {
    const Scene *scene;
    Arena *arena;
    FILE *out;
} Svg;

/* ---- text ---- */

void xml_text(FILE *out, const char *text) {
    while (*text) {
        const char *begin = text;
        uint32_t c = text_next(&text);
        if (c == '&' || c == '<' || c == '>' || c == '"' || c == '\'')
            fprintf(out, "&#%" PRIu32 ";", c);
        else if (c == 0xfffd && *begin != '\n')
            fputs("\xef\xbf\xbd", out);
        else
            fwrite(begin, 1, (size_t)(text - begin), out);
    }
}

static void title(const Svg *s, const char *text) {
    if (!text)
        return;
    fputs("<title>", s->out);
    xml_text(s->out, text);
    fputs("</title>", s->out);
}

static void attribute(const Svg *s, const char *name, const char *value) {
    fprintf(s->out, " %s=\"", name);
    xml_text(s->out, value);
    fputc('"', s->out);
}

static const char *const face_class[] = {
    [FACE_TITLE] = "title", [FACE_NAME] = "name", [FACE_SMALL] = "small", [FACE_CODE] = "code"};

static const struct {
    const char *class, *path; /* in a square of 12 */
} icons[N_ICONS] = {
    [ICON_CHECKPOINT] = {"checkpoint", "M3 1.5h6v9l-3-2.5-3 2.5z"},
    [ICON_PAUSE] = {"pause", "M2.5 1.5h2.5v9H2.5zM7 1.5h2.5v9H7z"},
    [ICON_EFFECT] = {"effect", "M7 .5L2.5 7h3l-.5 4.5L9.5 5h-3z"},
    [ICON_RETRY] = {"retry", "M10 6a4 4 0 1 1-1.5-3.1M9 .5v2.6H6.4"},
    [ICON_TIMEOUT] = {"timeout", "M6 1.5a4.5 4.5 0 1 0 .01 0M6 3.5v2.7l1.8 1"},
    [ICON_COST] = {"cost", "M1 11V7h2.5v4zM4.8 11V4h2.5v7zM8.6 11V1h2.5v10z"},
};

/* A line whose middle or left end is x; y: its top. */
static void line(const Svg *s, const Line *l, int32_t x, int32_t y, bool middle) {
    int32_t base = y + (l->h + face_size(l->face) * 7 / 10) / 2;
    int32_t left = middle ? x - l->w / 2 : x;
    if (l->icon)
        fprintf(s->out, "<path class=\"icon %s\" transform=\"translate(%d %d)\" d=\"%s\"/>",
                icons[l->icon].class, left, y + (l->h - 12) / 2, icons[l->icon].path);
    fprintf(s->out, "<text class=\"%s\" x=\"%d\" y=\"%d\"%s>", face_class[l->face],
            l->icon ? left + ICON_ROOM : x, base,
            middle && !l->icon ? " text-anchor=\"middle\"" : "");
    xml_text(s->out, l->text);
    fputs("</text>", s->out);
}

static void lines(const Svg *s, const Words *words, int32_t x, int32_t y, bool middle) {
    for (size_t i = 0; i < words->n; i++) {
        line(s, &words->lines[i], x, y, middle);
        y += words->lines[i].h;
    }
}

/* ---- names ---- */

const char *id_of_place(Arena *arena, const Drawn *g, const Place *place) {
    switch (place->kind) {
    case PL_START:
        return arena_printf(arena, "%sstart", g->path);
    case PL_END:
        return arena_printf(arena, "%send", g->path);
    case PL_JOIN:
        return arena_printf(arena, "%sjoin.%" PRIu32, g->path, place->index);
    case PL_NODE:
    case PL_ROUTER:
        return arena_printf(arena, "%s%s", g->path, place->node->name);
    case PL_SECTION:
        return arena_printf(arena, "%ssection.%" PRIu32, g->path, place->section->index + 1);
    case PL_CHOICE:
        break;
    }
    return arena_printf(arena, "%schoice.%" PRIu32, g->path, place->index);
}

const char *id_of_link(Arena *arena, const Drawn *g, const Link *link) {
    if (!link->edge)
        return arena_printf(arena, "%sfork.%" PRIu32, g->path, link->to->place->region->index);
    return arena_printf(arena, "%s>%" PRIu32, id_of_place(arena, g, link->edge->from),
                        link->number);
}

/* ---- what a trace says ---- */

/* " heat-3 critical", " idle": with a blank before each; "" without a trace. */
static const char *ran_class(const Svg *s, const Drawn *g, const Place *place) {
    const Overlay *o = s->scene->overlay;
    if (!o || place->kind == PL_START || place->kind == PL_END || place->kind == PL_CHOICE)
        return "";
    const Ran *ran = ran_of(s->scene, g, place);
    if (ran->n + ran->open == 0 && !ran->next)
        return ran->closed ? "" : " idle";
    bool leaf = place->node && !g->inner[place->node->index];
    return arena_printf(s->arena, "%s%s%s%s",
                        leaf ? arena_printf(s->arena, " heat-%d", overlay_heat(o, ran)) : "",
                        ran->critical_ns > 0 ? " critical" : "", ran->failed ? " failed" : "",
                        ran->next ? " next" : "");
}

static const char *taken_class(const Svg *s, const Flow *flow, const Link *link) {
    if (!s->scene->overlay)
        return "";
    const Taken *taken = taken_of(s->scene, flow, link);
    if (taken->n == 0)
        return taken->closed ? "" : " idle";
    return taken->critical ? " taken critical" : taken->unsure ? " unsure" : " taken";
}

/* ---- frames ---- */

typedef struct Rect {
    int32_t x, y, w, h;
} Rect;

static void rect(const Svg *s, const char *class, Rect r, int32_t round) {
    fprintf(s->out, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"", class, r.x,
            r.y, r.w, r.h);
    if (round)
        fprintf(s->out, " rx=\"%d\"", round);
    fputs("/>", s->out);
}

static void open_thing(const Svg *s, const char *class, const char *id, const char *whole) {
    fprintf(s->out, "<g class=\"%s\"", class);
    attribute(s, "id", id);
    fputc('>', s->out);
    title(s, whole);
}

static void close_thing(const Svg *s) {
    fputs("</g>\n", s->out);
}

/* A head is round above and straight below. */
static void head(const Svg *s, const Frame *f) {
    if (f->head_h == 0)
        return;
    fprintf(s->out,
            "<path class=\"head\" d=\"M%d %dv-%da%d %d 0 0 1 %d -%dh%da%d %d 0 0 1 %d %dv%dz\"/>",
            f->x, f->y + f->head_h, f->head_h - ROUND, ROUND, ROUND, ROUND, ROUND, f->w - 2 * ROUND,
            ROUND, ROUND, ROUND, ROUND, f->head_h - ROUND);
    lines(s, &f->head, f->x + ROUND + 5, f->y + (f->head_h - f->head.h) / 2, false);
}

static void bar(const Svg *s, const Frame *f, int32_t y) {
    rect(s, "bar", (Rect){f->x + f->bar_x, f->y + y, f->bar_w, BAR}, 2);
}

/* An each has more lanes than can be drawn: sheets behind the one that is. */
static void sheets(const Svg *s, const Frame *f, const Lane *lane) {
    for (int32_t i = 2; i > 0; i--)
        rect(s, "sheet",
             (Rect){f->x + lane->x + 4 * i, f->y + lane->y + 4 * i, lane->w, lane->h - 8}, ROUND);
}

static void lanes(const Svg *s, const Frame *f, bool each) {
    for (size_t i = 0; i < f->n_lanes; i++) {
        const Lane *lane = &f->lanes[i];
        if (each)
            sheets(s, f, lane);
        if (each || f->n_lanes > 1)
            rect(s, "lane", (Rect){f->x + lane->x, f->y + lane->y, lane->w, lane->h}, ROUND);
    }
}

/* Several rows: the forks hang on a line at the left, the joins on one at the right. */
static void trunks(const Svg *s, const Frame *f) {
    const LaneRow *first = f->rows, *last = f->rows + f->n_rows - 1;
    int32_t left = f->x + f->bar_x, right = left + f->bar_w, out = 10;
    if (f->n_rows == 1)
        return;
    for (const LaneRow *row = first; row < last; row++)
        fprintf(s->out,
                "<path class=\"trunk\" d=\"M%d %dh-%dV%dh%d\"/><path class=\"trunk\" d=\"M%d "
                "%dh%dV%dh-%d\"/>",
                left, f->y + row->fork_y - 2, out, f->y + row[1].fork_y - 2, out, right,
                f->y + row->join_y + 2, out, f->y + row[1].join_y + 2, out);
}

static void stems(const Svg *s, const Frame *f) {
    int32_t x = f->x + f->w / 2, last = f->rows[f->n_rows - 1].join_y + BAR;
    fprintf(s->out, "<path class=\"edge\" d=\"M%d %dV%dM%d %dV%d\"/>", x, f->y + f->head_h,
            f->y + f->rows[0].fork_y - BAR, x, f->y + last, f->y + f->h);
}

static void section(const Svg *s, const Drawn *g, const Section *section) {
    const Frame *f = &s->scene->sections[g->first_section + section->index];
    const char *class = arena_printf(s->arena, "section%s%s", section->over ? " each" : "",
                                     ran_class(s, g, section->place));
    open_thing(s, class, id_of_place(s->arena, g, section->place), f->head.whole);
    rect(s, "box", (Rect){f->x, f->y, f->w, f->h}, ROUND);
    head(s, f);
    lanes(s, f, section->over != NULL);
    stems(s, f);
    trunks(s, f);
    for (size_t i = 0; i < f->n_rows; i++) {
        bar(s, f, f->rows[i].fork_y - BAR);
        bar(s, f, f->rows[i].join_y);
    }
    close_thing(s);
}

static void graph(const Svg *s, const Drawn *g) {
    const Frame *f = &s->scene->graphs[g->number];
    if (!g->outer) {
        open_thing(s, "whole", g->graph->name, f->head.whole);
        lines(s, &f->head, f->x, f->y, false);
    } else {
        const char *class = arena_printf(s->arena, "graph%s", ran_class(s, g->outer, g->at));
        open_thing(s, class, id_of_place(s->arena, g->outer, g->at), f->head.whole);
        rect(s, "box", (Rect){f->x, f->y, f->w, f->h}, ROUND);
        head(s, f);
    }
    close_thing(s);
}

/* ---- edges ---- */

static const char *link_class(const Link *link) {
    if (link->kind == EDGE_ERROR)
        return "error";
    return link->kind == EDGE_TIMEOUT ? "timeout" : link->loop ? "loop" : "";
}

static int32_t distance(Point a, Point b) {
    int32_t x = a.x < b.x ? b.x - a.x : a.x - b.x, y = a.y < b.y ? b.y - a.y : a.y - b.y;
    return x + y;
}

/* From a, n pixels towards b; one of x and y is the same in both. */
static Point towards(Point a, Point b, int32_t n) {
    Point p = a;
    p.x += b.x > a.x ? n : b.x < a.x ? -n : 0;
    p.y += b.y > a.y ? n : b.y < a.y ? -n : 0;
    return p;
}

static int32_t smaller(int32_t a, int32_t b) {
    return a < b ? a : b;
}

/* Without points on a straight line between others. Returns how many are left. */
static size_t simplify(Point *p, size_t n) {
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        while (kept > 0 && p[kept - 1].x == p[i].x && p[kept - 1].y == p[i].y)
            kept--;
        while (kept > 1 && ((p[kept - 2].x == p[kept - 1].x && p[kept - 1].x == p[i].x) ||
                            (p[kept - 2].y == p[kept - 1].y && p[kept - 1].y == p[i].y)))
            kept--;
        p[kept++] = p[i];
    }
    return kept;
}

static int32_t corner(const Point *p) {
    return smaller(CORNER, smaller(distance(p[-1], p[0]), distance(p[0], p[1])) / 2);
}

static void path(const Svg *s, const Point *p, size_t n) {
    fprintf(s->out, " d=\"M%d %d", p[0].x, p[0].y);
    for (size_t i = 1; i + 1 < n; i++) {
        int32_t round = corner(&p[i]);
        Point a = towards(p[i], p[i - 1], round), b = towards(p[i], p[i + 1], round);
        fprintf(s->out, "L%d %dQ%d %d %d %d", a.x, a.y, p[i].x, p[i].y, b.x, b.y);
    }
    fprintf(s->out, "L%d %d\"", p[n - 1].x, p[n - 1].y);
}

/* Dashes are counted from the end of an edge, so that those of edges that run over each other lie over
 * each other too. A corner is 1.623 times as long as it is round. */
static void dashes(const Svg *s, const Point *p, size_t n) {
    int64_t length = 0;
    for (size_t i = 0; i + 1 < n; i++) {
        int32_t round = i > 0 ? corner(&p[i]) : 0;
        length += 1000 * (int64_t)(distance(p[i], p[i + 1]) - 2 * round) + 1623 * (int64_t)round;
    }
    int64_t rest = (DASH * 1000 - length % (DASH * 1000)) / 100;
    fprintf(s->out, " stroke-dashoffset=\"%d.%d\"", (int)(rest / 10), (int)(rest % 10));
}

static void edge(const Svg *s, const Flow *flow, const Link *link) {
    const char *class = link_class(link);
    size_t n = link->n_points;
    Point *points = ARENA_ARRAY(s->arena, Point, n);
    for (size_t i = 0; i < n; i++)
        points[i] = (Point){flow->x + link->points[i].x, flow->y + link->points[i].y};
    n = simplify(points, n);
    fprintf(s->out, "<path class=\"edge%s%s%s\"", *class ? " " : "", class,
            taken_class(s, flow, link));
    attribute(s, "id", id_of_link(s->arena, flow->g, link));
    if (link->edge) {
        attribute(s, "data-from", id_of_place(s->arena, flow->g, link->edge->from));
        attribute(s, "data-to", id_of_place(s->arena, flow->g, link->edge->to));
    }
    if (strstr(taken_class(s, flow, link), "critical"))
        class = "critical";
    if (!link->far)
        fprintf(s->out, " marker-end=\"url(#arrow%s%s)\"", *class ? "-" : "", class);
    if (link->kind != EDGE_NORMAL)
        dashes(s, points, n);
    path(s, points, n);
    fputs("/>\n", s->out);
}

/* Errors and loops first: where others run over them, these are seen. What a trace tells lies above all. */
static int edge_level(const Svg *s, const Flow *flow, const Link *link) {
    bool critical = strstr(taken_class(s, flow, link), "critical") != NULL;
    return critical ? 2 : *link_class(link) == '\0';
}

static void edges(const Svg *s, const Flow *flow) {
    for (int level = 0; level < 3; level++)
        for (size_t i = 0; i < flow->n_links; i++)
            if (edge_level(s, flow, &flow->links[i]) == level)
                edge(s, flow, &flow->links[i]);
}

/* ---- places and labels ---- */

static Rect box_of(const Flow *flow, const Item *item) {
    return (Rect){flow->x + item->x - item->w / 2, flow->y + item->y, item->w, item->h};
}

static void label(const Svg *s, const Flow *flow, const Item *item) {
    const Link *link = item->link;
    const char *class = link_class(link);
    const char *kind = *class ? arena_printf(s->arena, "label %s", class)
                       : link->edge->guard || link->edge->n_values > 0 ? "label"
                                                                       : "label else";
    Rect r = box_of(flow, item);
    fprintf(s->out, "<g class=\"%s%s%s\"", kind, link->far ? " far" : "",
            taken_class(s, flow, link));
    attribute(s, "data-edge", id_of_link(s->arena, flow->g, link));
    fputc('>', s->out);
    title(s, item->words.whole);
    rect(s, "box", r, r.h < 24 ? r.h / 2 : 10);
    lines(s, &item->words, r.x + r.w / 2, r.y + 2, true);
    close_thing(s);
}

/* Pointed at the left and the right. */
static void pointed_box(const Svg *s, Rect r) {
    int32_t point = smaller(12, r.h / 2);
    fprintf(s->out, "<path class=\"box\" d=\"M%d %dh%dl%d %dl-%d %dh-%dl-%d -%dz\"/>", r.x + point,
            r.y, r.w - 2 * point, point, r.h / 2, point, r.h - r.h / 2, r.w - 2 * point, point,
            r.h - r.h / 2);
}

static const char *node_class(Arena *arena, const Node *node) {
    return arena_printf(arena, "%s%s%s%s", node->kind == NODE_ROUTER ? "node router" : "node",
                        node->pause_before || node->pause_after ? " pause" : "",
                        node->effect ? " effect" : "", node->checkpoint ? " checkpoint" : "");
}

/* What stops or saves a run is seen where it happens: above or below the node. */
static void marks(const Svg *s, const Node *node, Rect r) {
    if (node->pause_before)
        rect(s, "halt", (Rect){r.x + 8, r.y - 2, r.w - 16, 4}, 2);
    if (node->pause_after)
        rect(s, "halt", (Rect){r.x + 8, r.y + r.h - 2, r.w - 16, 4}, 2);
    if (node->checkpoint)
        fprintf(s->out, "<path class=\"mark\" d=\"M%d %dh%d\"/>", r.x + 6, r.y + r.h - 4, r.w - 12);
}

static void end(const Svg *s, const Drawn *g, const Item *item, Rect r) {
    if (!g->outer) {
        rect(s, "box", r, r.h / 2);
        return;
    }
    fprintf(s->out, "<circle class=\"point%s\" cx=\"%d\" cy=\"%d\" r=\"%d\"/>",
            item->place->kind == PL_END ? " exit" : "", r.x + r.w / 2, r.y + r.h / 2,
            item->place->kind == PL_END ? 4 : 6);
}

static void place(const Svg *s, const Flow *flow, const Item *item) {
    const Place *place = item->place;
    const Drawn *g = flow->g;
    Rect r = box_of(flow, item);
    if (place->section || place->kind == PL_JOIN || (place->node && g->inner[place->node->index]))
        return;
    const char *class = place->node                ? node_class(s->arena, place->node)
                        : place->kind == PL_CHOICE ? "choice"
                                                   : "end";
    class = arena_printf(s->arena, "%s%s", class, ran_class(s, g, place));
    open_thing(s, class, id_of_place(s->arena, g, place), item->words.whole);
    if (place->kind == PL_CHOICE || place->kind == PL_ROUTER)
        pointed_box(s, r);
    else if (place->node)
        rect(s, "box", r, ROUND);
    else
        end(s, g, item, r);
    if (place->node)
        marks(s, place->node, r);
    lines(s, &item->words, r.x + r.w / 2, r.y + (r.h - item->words.h) / 2, true);
    close_thing(s);
}

static void items(const Svg *s, const Flow *flow) {
    for (size_t i = 0; i < flow->n; i++) {
        const Item *item = flow->items[i];
        if (item->kind == ITEM_LABEL)
            label(s, flow, item);
        else if (item->kind == ITEM_PLACE)
            place(s, flow, item);
    }
}

/* ---- all of it ---- */

static void frames(const Svg *s, const Drawn *g) {
    graph(s, g);
    for (size_t i = 0; i < g->graph->n_sections; i++)
        section(s, g, g->graph->sections[i]);
}

static void markers(const Svg *s) {
    static const char *const classes[] = {"", "loop", "error", "timeout", "critical"};
    size_t n = sizeof classes / sizeof *classes - !s->scene->overlay;
    for (size_t i = 0; i < n; i++)
        fprintf(s->out,
                "<marker id=\"arrow%s%s\" viewBox=\"0 0 9 8\" refX=\"8.5\" refY=\"4\" "
                "markerWidth=\"9\" "
                "markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path "
                "class=\"arrow %s\" d=\"M0 0l9 4l-9 4z\"/></marker>\n",
                *classes[i] ? "-" : "", classes[i], classes[i]);
}

void svg_write(const Scene *scene, bool in_page, FILE *out) {
    const Drawing *d = scene->d;
    Svg s = {scene, scene->arena, out};
    Text names = {.arena = scene->arena};
    for (size_t i = 0; i < d->n_graphs; i++)
        text_add(&names, ", ", d->graphs[i]->name);
    fprintf(out,
            "<svg class=\"dfl%s\" xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
            "viewBox=\"0 0 %d %d\"",
            scene->overlay ? " traced" : "", scene->w, scene->h, scene->w, scene->h);
    if (in_page) {
        fprintf(out, " role=\"group\" aria-label=\"%s\">\n", text_end(&names));
    } else {
        fprintf(out, " role=\"img\">\n<title>%s</title>\n<style>\n", text_end(&names));
        theme_write_plain(out, scene->overlay);
        fputs("</style>\n", out);
    }
    fputs("<defs>\n", out);
    markers(&s);
    fprintf(out, "</defs>\n<rect class=\"paper\" width=\"%d\" height=\"%d\"/>\n", scene->w,
            scene->h);
    for (size_t i = 0; i < d->n_drawn; i++)
        frames(&s, d->drawn[i]);
    for (size_t i = 0; i < d->n_regions; i++)
        edges(&s, scene->flows[i]);
    for (size_t i = 0; i < d->n_regions; i++)
        items(&s, scene->flows[i]);
    fputs("</svg>\n", out);
}
