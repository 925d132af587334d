/* Mermaid. Every identifier is a letter and a number, since words such as `end` and `default` break
 * a flowchart; what the user named stands in quoted labels alone. */
#include <inttypes.h>
#include <string.h>

#include "draw.h"

/* ---- text ---- */

/* Quotes, and what would be read as HTML, as an entity or as Markdown, become entities. */
static const char *quoted(Arena *arena, const char *text) {
    Text t = {.arena = arena};
    text_add_n(&t, "\"", 1);
    for (; *text; text++) {
        if (*text == '\n')
            text_add_n(&t, "<br/>", 5);
        else if (strchr("\"#<>&`\\%", *text))
            text_add(&t, "", arena_printf(arena, "#%d;", *text));
        else
            text_add_n(&t, text, 1);
    }
    text_add_n(&t, "\"", 1);
    return text_end(&t);
}

/* ---- names ---- */

static const char *numbered(Drawing *d, char letter, uint32_t number) {
    return arena_printf(d->comp->arena, "%c%" PRIu32, letter, number);
}

/* n: a place, f and j: the fork and the join of a section */
static const char *place_name(Drawing *d, const Drawn *g, const Place *place) {
    if (place->kind == PL_JOIN)
        return numbered(d, 'j', g->first_section + place->region->section->index);
    return numbered(d, 'n', g->first_place + place->index);
}

static const char *head_name(Drawing *d, const Drawn *g, const Place *place) {
    const Drawn *inner = place->node ? g->inner[place->node->index] : NULL;
    if (inner)
        return place_name(d, inner, inner->graph->regions[0]->entry);
    return place->section ? numbered(d, 'f', g->first_section + place->section->index)
                          : place_name(d, g, place);
}

static const char *tail_name(Drawing *d, const Drawn *g, const Place *place) {
    const Drawn *inner = place->node ? g->inner[place->node->index] : NULL;
    if (inner)
        return place_name(d, inner, inner->graph->regions[0]->exit);
    return place->section ? numbered(d, 'j', g->first_section + place->section->index)
                          : place_name(d, g, place);
}

/* ---- boxes and places ---- */

static void open_box(Drawing *d, char letter, uint32_t number, const char *label) {
    cw_open(d->out, "subgraph %s[%s]", numbered(d, letter, number),
            quoted(d->comp->arena, *label ? label : " "));
}

static void open_graph(Drawing *d, const Drawn *g) {
    Arena *arena = d->comp->arena;
    open_box(d, 'g', g->number,
             g->outer
                 ? arena_printf(arena, "%s\n%s", g->at->node->name, node_text(arena, g->at->node))
                 : g->graph->name);
}

static void open_section(Drawing *d, const Drawn *g, const Section *section) {
    uint32_t number = g->first_section + section->index;
    open_box(d, 's', number, section_text(d->comp->arena, g, section));
    cw_line(d->out, "%s((\" \")):::bar", numbered(d, 'f', number));
    cw_line(d->out, "%s((\" \")):::bar", numbered(d, 'j', number));
}

static void open_branch(Drawing *d, const Drawn *g, const Region *region) {
    open_box(d, 'b', g->first_region + region->index, "");
}

static void close_box(Drawing *d) {
    cw_close(d->out, "end");
}

static const char *class_of(const Node *node) {
    return node->pause_before || node->pause_after ? ":::pause"
           : node->effect                          ? ":::effect"
           : node->checkpoint                      ? ":::checkpoint"
                                                   : "";
}

static void place(Drawing *d, const Drawn *g, const Place *place) {
    Arena *arena = d->comp->arena;
    const char *name = place_name(d, g, place);
    if (place->node) {
        const char *more = node_text(arena, place->node);
        const char *text = quoted(
            arena, arena_printf(arena, "%s%s%s", place->node->name, *more ? "\n" : "", more));
        bool router = place->kind == PL_ROUTER;
        cw_line(d->out, "%s%s%s%s%s", name, router ? "{" : "(", text, router ? "}" : ")",
                class_of(place->node));
    } else if (place->kind == PL_CHOICE) {
        cw_line(d->out, "%s{%s}", name, quoted(arena, choice_text(arena, place)));
    } else {
        cw_line(d->out, "%s([\"%s\"])", name, place->kind == PL_START ? "start" : "end");
    }
}

/* ---- edges ---- */

static void draw_edge(Drawing *d, const Drawn *g, const Edge *edge, EdgeKind kind) {
    Arena *arena = d->comp->arena;
    const char *text = edge_text(arena, edge, kind);
    cw_line(d->out, "%s %s%s%s%s %s", tail_name(d, g, edge->from),
            kind == EDGE_NORMAL ? "-->" : "-.->", *text ? "|" : "",
            *text ? quoted(arena, text) : "", *text ? "|" : "", head_name(d, g, edge->to));
}

static void draw_fork(Drawing *d, const Drawn *g, const Section *section) {
    for (size_t i = 0; i < section->n_branches; i++)
        cw_line(d->out, "%s --> %s", numbered(d, 'f', g->first_section + section->index),
                head_name(d, g, section->branches[i]->entry));
}

void draw_mermaid(Drawing *d) {
    static const DrawSteps steps = {open_graph, open_section, open_branch, place, close_box};
    cw_open(d->out, "flowchart TD");
    drawing_walk(d, &steps);
    drawing_edges(d, draw_fork, draw_edge);
    cw_line(d->out, "classDef bar fill:#444,stroke:#444");
    cw_line(d->out, "classDef checkpoint stroke-width:3px");
    cw_line(d->out, "classDef effect stroke-width:3px,stroke:#333");
    cw_line(d->out, "classDef pause fill:#fff3e0,stroke:#d70");
}
