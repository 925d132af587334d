#include "draw.h"

#include <inttypes.h>
#include <string.h>

#include "units.h"

/* A graph that two nodes run is drawn twice, so nesting can double the drawing with each level:
 * beyond this many graphs, what a node runs is only named. */
enum { MOST_DRAWN = 20000 };

/* ---- facts of a graph ---- */

/* note [loops in a drawing]
 * An edge closes a loop when it leads back to a place that is still being walked: one that was
 * entered before the edge's source and is left after it. */

typedef struct Step {
    const Place *place;
    size_t edge;
} Step;

typedef struct Walk {
    Arena *arena;
    Step *steps;
    size_t n, cap;
    uint32_t clock;
} Walk;

static void enter(Walk *walk, const DrawnFacts *facts, const Place *place) {
    Step step = {place, 0};
    facts->enter[place->index] = ++walk->clock;
    ARENA_PUSH(walk->arena, walk->steps, walk->n, walk->cap, step);
}

static void walk_from(Walk *walk, const DrawnFacts *facts, const Place *entry) {
    enter(walk, facts, entry);
    while (walk->n > 0) {
        Step *step = &walk->steps[walk->n - 1];
        EdgeKind kind;
        const Edge *edge = place_edge(step->place, step->edge++, &kind);
        if (!edge) {
            facts->leave[step->place->index] = ++walk->clock;
            walk->n--;
        } else if (facts->enter[edge->to->index] == 0) {
            enter(walk, facts, edge->to);
        }
    }
}

const DrawnFacts *drawing_facts(Drawing *d, const Graph *graph) {
    Arena *arena = d->comp->arena;
    DrawnFacts *facts = strmap_get(&d->facts, graph->name);
    if (facts)
        return facts;
    facts = ARENA_NEW(arena, DrawnFacts);
    facts->costs = costs_of(d->costs, graph);
    facts->enter = ARENA_ARRAY(arena, uint32_t, graph->n_places + 1);
    facts->leave = ARENA_ARRAY(arena, uint32_t, graph->n_places + 1);
    Walk walk = {.arena = arena};
    for (size_t i = 0; i < graph->n_regions; i++)
        walk_from(&walk, facts, graph->regions[i]->entry);
    strmap_put(&d->facts, arena, graph->name, facts);
    return facts;
}

const Edge *place_edge(const Place *place, size_t i, EdgeKind *kind) {
    size_t timeout = place->n_edges, error = timeout + (place->on_timeout != NULL);
    *kind = EDGE_NORMAL;
    if (i < place->n_edges)
        return place->edges[i];
    *kind = i == error ? EDGE_ERROR : EDGE_TIMEOUT;
    return i == error ? place->on_error : i == timeout ? place->on_timeout : NULL;
}

bool edge_is_loop(const DrawnFacts *facts, const Edge *edge) {
    uint32_t from = edge->from->index, to = edge->to->index;
    return facts->enter[to] <= facts->enter[from] && facts->leave[to] >= facts->leave[from];
}

/* ---- which graphs are drawn where ---- */

static Drawn *draw_graph(Drawing *d, const Graph *graph, const Drawn *outer, const Place *at) {
    Arena *arena = d->comp->arena;
    Drawn *g = ARENA_NEW(arena, Drawn);
    g->graph = graph;
    g->facts = drawing_facts(d, graph);
    g->outer = outer;
    g->at = at;
    g->path = outer ? arena_printf(arena, "%s%s/", outer->path, at->node->name)
                    : arena_printf(arena, "%s/", graph->name);
    g->number = (uint32_t)d->n_drawn;
    g->first_place = d->n_places;
    g->first_section = d->n_sections;
    g->first_region = d->n_regions;
    g->inner = ARENA_ARRAY(arena, Drawn *, graph->n_nodes + 1);
    d->n_places += (uint32_t)graph->n_places;
    d->n_sections += (uint32_t)graph->n_sections;
    d->n_regions += (uint32_t)graph->n_regions;
    ARENA_PUSH(arena, d->drawn, d->n_drawn, d->cap_drawn, g);
    return g;
}

void drawing_expand(Drawing *d) {
    for (size_t i = 0; i < d->n_graphs; i++)
        draw_graph(d, d->graphs[i], NULL, NULL);
    for (size_t i = 0; i < d->n_drawn; i++) {
        Drawn *g = d->drawn[i];
        for (size_t k = 0; k < g->graph->n_nodes && d->n_drawn < MOST_DRAWN; k++) {
            const Node *node = g->graph->nodes[k];
            if (node->runs && node->place)
                g->inner[k] = draw_graph(d, node->runs, g, node->place);
        }
    }
}

/* ---- boxes ---- */

/* A region being drawn, or (section set) a section between two of its branches. */
typedef struct Frame {
    const Drawn *g;
    const Region *region;
    const Section *section;
    size_t next;
    bool boxed;
} Frame;

typedef struct Frames {
    Frame *items;
    size_t n, cap;
} Frames;

static void push(Drawing *d, Frames *frames, Frame frame) {
    ARENA_PUSH(d->comp->arena, frames->items, frames->n, frames->cap, frame);
}

static void walk_place(Drawing *d, const DrawSteps *steps, Frames *frames, const Drawn *g,
                       const Place *place) {
    const Drawn *inner = place->node ? g->inner[place->node->index] : NULL;
    if (place->kind == PL_SECTION) {
        steps->open_section(d, g, place->section);
        push(d, frames, (Frame){.g = g, .section = place->section, .boxed = true});
    } else if (inner) {
        steps->open_graph(d, inner);
        push(d, frames, (Frame){.g = inner, .region = inner->graph->regions[0], .boxed = true});
    } else if (place->kind != PL_JOIN) {
        steps->place(d, g, place);
    }
}

static void walk_branch(Drawing *d, const DrawSteps *steps, Frames *frames, const Drawn *g,
                        const Region *branch) {
    bool boxed = branch->n_places > 2; /* more than one place, and the join */
    if (boxed)
        steps->open_branch(d, g, branch);
    push(d, frames, (Frame){.g = g, .region = branch, .boxed = boxed});
}

void drawing_walk(Drawing *d, const DrawSteps *steps) {
    Frames frames = {0};
    for (size_t i = 0; i < d->n_graphs; i++) {
        steps->open_graph(d, d->drawn[i]);
        push(d, &frames,
             (Frame){.g = d->drawn[i], .region = d->graphs[i]->regions[0], .boxed = true});
        while (frames.n > 0) {
            Frame *frame = &frames.items[frames.n - 1];
            const Drawn *g = frame->g;
            size_t next = frame->next++;
            if (frame->region && next < frame->region->n_places) {
                walk_place(d, steps, &frames, g, frame->region->places[next]);
            } else if (frame->section && next < frame->section->n_branches) {
                walk_branch(d, steps, &frames, g, frame->section->branches[next]);
            } else {
                if (frame->boxed)
                    steps->close(d);
                frames.n--;
            }
        }
    }
}

static void edges_of(Drawing *d, const Drawn *g, DrawFork *draw_fork, DrawEdge *draw_edge) {
    for (size_t i = 0; i < g->graph->n_places; i++) {
        const Place *from = g->graph->places[i];
        EdgeKind kind;
        const Edge *edge;
        if (from->section)
            draw_fork(d, g, from->section);
        for (size_t k = 0; (edge = place_edge(from, k, &kind)); k++)
            draw_edge(d, g, edge, kind);
    }
}

void drawing_edges(Drawing *d, DrawFork *draw_fork, DrawEdge *draw_edge) {
    for (size_t i = 0; i < d->n_drawn; i++)
        edges_of(d, d->drawn[i], draw_fork, draw_edge);
}

/* ---- texts ---- */

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

const char *source_text(Arena *arena, Span span) {
    char *text = arena_alloc(arena, span.end - span.begin + 1), *t = text;
    for (uint32_t i = span.begin; i < span.end; i++) {
        char c = span.source->text[i];
        if (!is_blank(c))
            *t++ = c;
        else if (t > text && t[-1] != ' ')
            *t++ = ' ';
    }
    return text;
}

const char *const_text(Arena *arena, const Const *value) {
    const Type *type = value->type->kind == TY_OPT ? value->type->elem : value->type;
    if (value->is_none)
        return "none";
    switch (type->kind) {
    case TY_BOOL:
        return value->u.boolean ? "true" : "false";
    case TY_F32:
    case TY_F64:
        return arena_printf(arena, "%.17g", value->u.real);
    case TY_STRING:
    case TY_BYTES:
        return c_string(arena, value->u.string.p, value->u.string.n);
    case TY_ENUM:
        return value->u.enumerator->name;
    default:
        return type_is_unsigned(type) ? arena_printf(arena, "%" PRIu64, value->u.u)
                                      : arena_printf(arena, "%" PRId64, value->u.i);
    }
}

void text_add_n(Text *text, const char *part, size_t n) {
    while (text->n + n + 1 > text->cap)
        text->p = arena_grow(text->arena, text->p, 1, text->n, &text->cap);
    memcpy(text->p + text->n, part, n);
    text->n += n;
    text->p[text->n] = '\0';
}

void text_add(Text *text, const char *separator, const char *part) {
    if (text->n > 0)
        text_add_n(text, separator, strlen(separator));
    text_add_n(text, part, strlen(part));
}

const char *text_end(const Text *text) {
    return text->n > 0 ? text->p : "";
}

static bool is_else(const Edge *edge) {
    const Place *from = edge->from;
    return !edge->guard && edge->n_values == 0 && !edge->has_max && from->n_edges > 1 &&
           from->kind != PL_ROUTER;
}

const char *edge_text(Arena *arena, const Edge *edge, EdgeKind kind) {
    if (kind != EDGE_NORMAL)
        return kind == EDGE_ERROR ? "on error" : "on timeout";
    Text t = {.arena = arena};
    if (edge->guard)
        text_add(&t, "", source_text(arena, edge->guard->span));
    for (size_t i = 0; i < edge->n_values; i++)
        text_add(&t, ", ", const_text(arena, edge->values[i]));
    if (is_else(edge))
        text_add(&t, "", "else");
    if (edge->has_max)
        text_add(&t, " ", arena_printf(arena, "max %" PRIu64, edge->max));
    return text_end(&t);
}

const char *choice_text(Arena *arena, const Place *place) {
    if (!place->subject)
        return "when";
    return arena_printf(arena, "match %s", source_text(arena, place->subject->span));
}

const char *each_text(Arena *arena, const Section *section) {
    return arena_printf(arena, "each %s%s%s in %s", section->item->name, section->key ? ", " : "",
                        section->key ? section->key->name : "",
                        source_text(arena, section->over->span));
}

const char *settle_text(Arena *arena, const Section *section) {
    if (!section->settle)
        return "";
    const char *text = arena_printf(arena, "settle %s", section->settle->name);
    return section->has_need ? arena_printf(arena, "%s need %" PRIu64, text, section->need) : text;
}

const char *section_text(Arena *arena, const Drawn *g, const Section *section) {
    const SectionCost *cost = &g->facts->costs->sections[section->index];
    Text t = {.arena = arena};
    if (section->name)
        text_add(&t, "", section->name);
    if (section->over)
        text_add(&t, ": ", each_text(arena, section));
    if (section->settle)
        text_add(&t, "  ", settle_text(arena, section));
    text_add(&t, "\n", cost->reason);
    return text_end(&t);
}

const char *retry_text(Arena *arena, const Node *node) {
    const char *text = arena_printf(arena, "retry %" PRIu64, node->retries);
    if (node->retry_ns > 0)
        text = arena_printf(arena, "%s every %s", text, text_of_duration(arena, node->retry_ns));
    if (node->retry_ns > 0 && node->retry_cap_ns < INT64_MAX)
        text = arena_printf(arena, "%s up to %s", text, text_of_duration(arena, node->retry_cap_ns));
    return text;
}

const char *node_text(Arena *arena, const Node *node) {
    Text t = {.arena = arena};
    if (node->runs)
        text_add(&t, "\n", arena_printf(arena, "runs %s", node->runs->name));
    if (node->pause_before)
        text_add(&t, "\n", "pause before");
    if (node->has_cost)
        text_add(&t, "\n", arena_printf(arena, "cost %s", text_of_duration(arena, node->cost_ns)));
    if (node->retries > 0)
        text_add(&t, "\n", retry_text(arena, node));
    if (node->timeout_ns > 0)
        text_add(&t, "\n",
                 arena_printf(arena, "timeout %s", text_of_duration(arena, node->timeout_ns)));
    if (node->effect)
        text_add(&t, "\n", "effect");
    if (node->checkpoint)
        text_add(&t, "\n", "checkpoint");
    if (node->pause_after)
        text_add(&t, "\n", "pause after");
    return text_end(&t);
}
