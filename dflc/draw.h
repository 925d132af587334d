/* What all drawings of a program share: which graphs, what runs inside of what, and texts.
 *
 * A node that runs a graph is drawn as that graph, inside of the outer one: a Drawn is one graph at
 * one place, so a graph that two nodes run is there twice. */
#ifndef DFLC_DRAW_H
#define DFLC_DRAW_H

#include "cost.h"
#include "cwriter.h"
#include "graph.h"
#include "options.h"

/* What is known of a graph wherever it is drawn. */
typedef struct DrawnFacts {
    const Costs *costs;
    uint32_t *enter, *leave; /* by Place.index: a walk from the entry of its region, depth first */
} DrawnFacts;

typedef struct Drawn {
    const Graph *graph;
    const DrawnFacts *facts;
    const struct Drawn *outer; /* NULL: a graph of the file */
    const Place *at;           /* the node of `outer` that runs it */
    const char *path;          /* "support/" or "support/research/" */
    uint32_t number;
    uint32_t first_place, first_section, first_region; /* numbers are unique in the drawing */
    struct Drawn **inner; /* by Node.index; NULL: runs nothing, or too much was drawn */
} Drawn;

typedef struct Overlay Overlay; /* trace/overlay.h */

typedef struct Drawing {
    Compilation *comp;
    const Options *options;
    const Program *program;
    const ProgramCosts *costs;
    const Graph **graphs; /* the ones asked for */
    size_t n_graphs, cap_graphs;
    Drawn **drawn; /* each after the one that it lies in */
    size_t n_drawn, cap_drawn;
    StrMap facts; /* by graph */
    uint32_t n_places, n_sections, n_regions;
    CWriter *out;
    const Overlay *overlay; /* NULL: no trace is laid over it */
} Drawing;

void draw_dot(Drawing *d);
void draw_mermaid(Drawing *d);
void draw_json(Drawing *d, FILE *out);

/* Fills `drawn` and `facts`. */
void drawing_expand(Drawing *d);
const DrawnFacts *drawing_facts(Drawing *d, const Graph *graph);

/* What a drawing is made of, in an order in which boxes can be opened and closed. */
typedef struct DrawSteps {
    void (*open_graph)(Drawing *d, const Drawn *g);
    void (*open_section)(Drawing *d, const Drawn *g, const Section *section);
    void (*open_branch)(Drawing *d, const Drawn *g, const Region *region);
    void (*place)(Drawing *d, const Drawn *g, const Place *place);
    void (*close)(Drawing *d);
} DrawSteps;
/* All boxes. A branch of one place has none; join places are not shown. Iterative. */
void drawing_walk(Drawing *d, const DrawSteps *steps);

typedef enum EdgeKind { EDGE_NORMAL, EDGE_ERROR, EDGE_TIMEOUT } EdgeKind;

/* The edges of a place: the normal ones, then on_timeout, then on_error; NULL behind the last. */
const Edge *place_edge(const Place *place, size_t i, EdgeKind *kind);
/* All edges of a drawing, by place: of a section those into its branches first. */
typedef void DrawFork(Drawing *d, const Drawn *g, const Section *section);
typedef void DrawEdge(Drawing *d, const Drawn *g, const Edge *edge, EdgeKind kind);
void drawing_edges(Drawing *d, DrawFork *draw_fork, DrawEdge *draw_edge);
bool edge_is_loop(const DrawnFacts *facts, const Edge *edge);
/* "score >= 0.8 max 3", "billing, refund", "else", "on error", or "". */
const char *edge_text(Arena *arena, const Edge *edge, EdgeKind kind);
/* "each doc in docs", "fan", "[a, b]"; with the decision of cost.c behind it. */
const char *section_text(Arena *arena, const Drawn *g, const Section *section);
/* "each doc, i in docs", of an each. */
const char *each_text(Arena *arena, const Section *section);
/* "settle faults need 2", or "". */
const char *settle_text(Arena *arena, const Section *section);
/* "retry 3 every 10ms up to 1s", of a node that is tried again. */
const char *retry_text(Arena *arena, const Node *node);
/* "cost 30us", "retry 3 every 10ms", "checkpoint": one a line. */
const char *node_text(Arena *arena, const Node *node);
/* "match intent", or "when". */
const char *choice_text(Arena *arena, const Place *place);

/* Short texts put together: separator before all but the first part. */
typedef struct Text {
    Arena *arena;
    char *p;          /* NUL-terminated; NULL while empty */
    size_t n, cap;
} Text;
void text_add(Text *text, const char *separator, const char *part);
void text_add_n(Text *text, const char *part, size_t n);
const char *text_end(const Text *text);

/* As in the source, with single blanks. */
const char *source_text(Arena *arena, Span span);
const char *const_text(Arena *arena, const Const *value);

#endif
