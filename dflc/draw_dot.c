/* Graphviz. Names are paths in quotes ("support/draft"), which no keyword of dot can be mistaken
 * for; what has no name is numbered ("support/section 1 fork"). */
#include <inttypes.h>
#include <string.h>

#include "draw.h"

/* ---- text ---- */

/* In quotes. `end` is the letter behind a backslash that ends a line: l for one to the left. */
static const char *quoted_lines(Arena *arena, const char *text, char end) {
    char *out = arena_alloc(arena, strlen(text) * 2 + 3), *o = out;
    *o++ = '"';
    for (; *text; text++) {
        if (*text == '"' || *text == '\\' || *text == '\n')
            *o++ = '\\';
        *o++ = *text == '\n' ? end : *text;
    }
    *o = '"';
    return out;
}

static const char *quoted(Arena *arena, const char *text) {
    return quoted_lines(arena, text, 'n');
}

/* A label in which the first line is the name and the others are small. */
static const char *two_sizes(Arena *arena, const char *name, const char *small) {
    Text t = {.arena = arena};
    text_add(&t, "", "<");
    text_add(&t, "", name);
    while (*small) {
        size_t n = strcspn(small, "\n");
        text_add(&t, "", "<br/><font point-size=\"9\" color=\"#555555\">");
        text_add_n(&t, small, n);
        text_add(&t, "", "</font>");
        small += n + (small[n] == '\n');
    }
    text_add(&t, "", ">");
    return text_end(&t);
}

/* ---- names ---- */

static const char *section_end(Drawing *d, const Drawn *g, const Section *section,
                               const char *end) {
    return arena_printf(d->comp->arena, "%ssection %" PRIu32 " %s", g->path, section->index + 1,
                        end);
}

static const char *place_name(Drawing *d, const Drawn *g, const Place *place) {
    Arena *arena = d->comp->arena;
    switch (place->kind) {
    case PL_START:
        return arena_printf(arena, "%sstart", g->path);
    case PL_END:
        return arena_printf(arena, "%send", g->path);
    case PL_NODE:
    case PL_ROUTER:
        return arena_printf(arena, "%s%s", g->path, place->node->name);
    case PL_JOIN:
        return section_end(d, g, place->region->section, "join");
    case PL_SECTION:
    case PL_CHOICE:
        break;
    }
    return arena_printf(arena, "%schoice %" PRIu32, g->path, place->index);
}

/* Where an edge arrives, and where it leaves: a box has two ends. */
static const char *head_name(Drawing *d, const Drawn *g, const Place *place) {
    const Drawn *inner = place->node ? g->inner[place->node->index] : NULL;
    if (inner)
        return place_name(d, inner, inner->graph->regions[0]->entry);
    return place->section ? section_end(d, g, place->section, "fork") : place_name(d, g, place);
}

static const char *tail_name(Drawing *d, const Drawn *g, const Place *place) {
    const Drawn *inner = place->node ? g->inner[place->node->index] : NULL;
    if (inner)
        return place_name(d, inner, inner->graph->regions[0]->exit);
    return place->section ? section_end(d, g, place->section, "join") : place_name(d, g, place);
}

/* ---- boxes ---- */

static void open_cluster(Drawing *d, const char *kind, uint32_t number, const char *label,
                         const char *look) {
    cw_open(d->out, "subgraph \"cluster_%s%" PRIu32 "\" {", kind, number);
    const char *lines = strchr(label, '\n') ? arena_printf(d->comp->arena, "%s\n", label) : label;
    cw_line(d->out, "graph [label=%s, %s];", quoted_lines(d->comp->arena, lines, 'l'), look);
}

static void open_graph(Drawing *d, const Drawn *g) {
    Arena *arena = d->comp->arena;
    if (!g->outer) {
        open_cluster(d, "graph", g->number, g->graph->name, "peripheries=0, fontsize=16");
        return;
    }
    const char *label =
        arena_printf(arena, "%s\n%s", g->at->node->name, node_text(arena, g->at->node));
    open_cluster(d, "graph", g->number, label,
                 "peripheries=1, fontsize=10, fontcolor=\"#555588\", style=\"rounded,filled\", "
                 "fillcolor=\"#f3f3fb\", color=\"#8888bb\"");
}

static void bar(Drawing *d, const char *name) {
    cw_line(d->out,
            "%s [shape=box, style=filled, fillcolor=\"#444444\", label=\"\", width=0.8, "
            "height=0.06, fixedsize=true];",
            quoted(d->comp->arena, name));
}

static void open_section(Drawing *d, const Drawn *g, const Section *section) {
    open_cluster(d, "section", g->first_section + section->index,
                 section_text(d->comp->arena, g, section),
                 "peripheries=1, fontsize=9, fontcolor=\"#557733\", style=\"rounded,filled\", "
                 "fillcolor=\"#f7faf3\", color=\"#88aa66\"");
    bar(d, section_end(d, g, section, "fork"));
    bar(d, section_end(d, g, section, "join"));
}

static void open_branch(Drawing *d, const Drawn *g, const Region *region) {
    open_cluster(d, "branch", g->first_region + region->index, "",
                 "peripheries=1, style=\"rounded,dashed\", color=\"#aabb99\"");
}

static void close_cluster(Drawing *d) {
    cw_close(d->out, "}");
}

/* ---- places ---- */

/* A frame says what interrupts or saves a run there: twice for a checkpoint, orange for a pause,
 * thick for an effect. */
static const char *node_look(Arena *arena, const Node *node) {
    bool pauses = node->pause_before || node->pause_after;
    const char *look = node->kind == NODE_ROUTER ? "shape=diamond, style=filled" : "";
    look = arena_printf(arena, "%s%s%s", look, *look && node->checkpoint ? ", " : "",
                        node->checkpoint ? "peripheries=2" : "");
    look = arena_printf(arena, "%s%s%s", look, *look && node->effect ? ", " : "",
                        node->effect ? "penwidth=2.5" : "");
    return arena_printf(arena, "%s%s%s", look, *look && pauses ? ", " : "",
                        pauses ? "color=\"#dd7700\", fillcolor=\"#fff3e0\"" : "");
}

static void node(Drawing *d, const char *name, const Node *node) {
    Arena *arena = d->comp->arena;
    const char *look = node_look(arena, node);
    cw_line(d->out, "%s [label=%s%s%s];", quoted(arena, name),
            two_sizes(arena, node->name, node_text(arena, node)), *look ? ", " : "", look);
}

static void place(Drawing *d, const Drawn *g, const Place *place) {
    Arena *arena = d->comp->arena;
    const char *name = place_name(d, g, place);
    if (place->node)
        node(d, name, place->node);
    else if (place->kind == PL_CHOICE)
        cw_line(d->out, "%s [label=%s, shape=diamond, style=filled, fillcolor=\"#fffbe6\"];",
                quoted(arena, name), quoted(arena, choice_text(arena, place)));
    else
        cw_line(d->out, "%s [label=%s, shape=oval, fillcolor=\"#e8e8e8\"];", quoted(arena, name),
                place->kind == PL_START ? "start" : "end");
}

/* ---- edges ---- */

/* An edge back does not count for the ranks, so that `start` stays above all else. */
static const char *edge_look(const Drawn *g, const Edge *edge, EdgeKind kind) {
    if (kind != EDGE_NORMAL)
        return "style=dashed, color=\"#cc3333\", fontcolor=\"#cc3333\"";
    if (edge_is_loop(g->facts, edge))
        return "constraint=false, color=\"#3366cc\", fontcolor=\"#3366cc\"";
    return "";
}

static void draw_edge(Drawing *d, const Drawn *g, const Edge *edge, EdgeKind kind) {
    Arena *arena = d->comp->arena;
    const char *text = edge_text(arena, edge, kind), *look = edge_look(g, edge, kind);
    const char *more = look;
    if (*text)
        more = arena_printf(arena, "label=%s%s%s", quoted(arena, arena_printf(arena, " %s ", text)),
                            *look ? ", " : "", look);
    cw_line(d->out, "%s -> %s%s%s%s;", quoted(arena, tail_name(d, g, edge->from)),
            quoted(arena, head_name(d, g, edge->to)), *more ? " [" : "", more, *more ? "]" : "");
}

static void draw_fork(Drawing *d, const Drawn *g, const Section *section) {
    Arena *arena = d->comp->arena;
    for (size_t i = 0; i < section->n_branches; i++)
        cw_line(d->out, "%s -> %s;", quoted(arena, section_end(d, g, section, "fork")),
                quoted(arena, head_name(d, g, section->branches[i]->entry)));
}

void draw_dot(Drawing *d) {
    static const DrawSteps steps = {open_graph, open_section, open_branch, place, close_cluster};
    cw_open(d->out, "digraph dfl {");
    cw_line(d->out,
            "graph [fontname=\"Helvetica\", fontsize=11, labeljust=l, nodesep=0.35, ranksep=0.4];");
    cw_line(d->out,
            "node [fontname=\"Helvetica\", fontsize=11, shape=box, style=\"rounded,filled\","
            " fillcolor=white, height=0.3];");
    cw_line(d->out, "edge [fontname=\"Helvetica\", fontsize=9, arrowsize=0.7];");
    drawing_walk(d, &steps);
    drawing_edges(d, draw_fork, draw_edge);
    cw_close(d->out, "}");
}
