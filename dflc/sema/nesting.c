/* Graphs that run graphs: none runs itself, they nest so deep and no deeper, and what is compiled
 * in place stays within bounds.
 * requires: runs_resolve of all graphs. Linear in graphs and the nodes that run them. */
#include "internal.h"

/* Later stages recurse over the nesting, and write all places of a subgraph for each node that
 * runs it. */
enum { MAX_NESTING = 64, MAX_EXPANDED = 250000 };

typedef struct Nesting {
    GraphSema **stack; /* each one runs the next */
    size_t n, cap;
    Sema *s;
} Nesting;

static Diag *report_self(Nesting *n, const GraphSema *graph, const Node *last) {
    const char *name = graph->graph->name;
    const AstName *runs = &node_info((Node *)(uintptr_t)last)->ast->runs;
    if (graph == n->stack[n->n - 1])
        return diag_error(n->s->diags, runs->span, "graph '%s' runs itself", name);
    return diag_error(n->s->diags, runs->span,
                      "graph '%s' runs itself, through what it runs in turn", name);
}

/* stack[from] .. stack[n - 1] run each other, the last one the first, by `last`. */
static void report_cycle(Nesting *n, const GraphSema *graph, const Node *last) {
    enum { MAX_NOTES = 8 };
    Diag *diag = report_self(n, graph, last);
    size_t from = n->n;
    while (n->stack[from - 1] != graph)
        from--;
    for (size_t i = from; i < n->n; i++) {
        const Node *node = n->stack[i - 1]->graph->nodes[n->stack[i - 1]->next - 1];
        if (i - from == MAX_NOTES) {
            diag_note(diag, (Span){0}, "and so on, through %zu more", n->n - i);
            return;
        }
        diag_note(diag, node_info((Node *)(uintptr_t)node)->ast->runs.span, "'%s' runs '%s' here",
                  n->stack[i - 1]->graph->name, node->runs->name);
    }
}

static GraphSema *child_of(Sema *s, const Node *node) {
    return node->runs ? strmap_get(&s->graphs, node->runs->name) : NULL;
}

/* All that a graph's nodes run is known: how deep that goes, and how much it is. */
static void leave(Nesting *n, GraphSema *g) {
    const Graph *graph = g->graph;
    const Node *deepest = NULL;
    g->nesting = NESTING_KNOWN;
    g->expanded = graph->n_places;
    for (size_t i = 0; i < graph->n_nodes; i++) {
        const GraphSema *child = child_of(n->s, graph->nodes[i]);
        if (!child || child->nesting != NESTING_KNOWN)
            continue;
        g->expanded += child->expanded;
        if (g->expanded > (uint64_t)1 << 60)
            g->expanded = (uint64_t)1 << 60;
        if (child->depth >= g->depth) {
            g->depth = child->depth + 1;
            deepest = graph->nodes[i];
        }
    }
    if (g->depth == MAX_NESTING + 1)
        diag_error(n->s->diags, node_info((Node *)(uintptr_t)deepest)->ast->runs.span,
                   "graph '%s' runs graphs that run graphs, more than %d deep", graph->name,
                   MAX_NESTING);
}

static void enter(Nesting *n, GraphSema *g) {
    g->nesting = NESTING_OPEN;
    ARENA_PUSH(n->s->arena, n->stack, n->n, n->cap, g);
}

static void walk(Nesting *n, GraphSema *root) {
    if (root->nesting != NESTING_UNSEEN)
        return;
    enter(n, root);
    while (n->n > 0) {
        GraphSema *top = n->stack[n->n - 1];
        if (top->next == top->graph->n_nodes) {
            n->n--;
            leave(n, top);
            continue;
        }
        const Node *node = top->graph->nodes[top->next++];
        GraphSema *child = child_of(n->s, node);
        if (child && child->nesting == NESTING_OPEN)
            report_cycle(n, child, node);
        else if (child && child->nesting == NESTING_UNSEEN)
            enter(n, child);
    }
}

/* Only the graphs of the main file are compiled; what they run is, with each of them. */
static void check_expansion(Sema *s) {
    uint64_t expanded = 0;
    for (size_t i = 0; i < s->graphs.n; i++) {
        const GraphSema *g = s->graphs.entries[i].value;
        const Graph *graph = g->graph;
        if (graph->imported)
            continue;
        expanded += g->expanded - graph->n_places;
        if (expanded <= MAX_EXPANDED)
            continue;
        diag_error(s->diags, graph->span,
                   "with graph '%s' the graphs that nodes run come to more than %d places, each "
                   "counted as often as it is run; run fewer, or call functions instead",
                   graph->name, MAX_EXPANDED);
        return;
    }
}

void nesting_check(Sema *s) {
    Nesting n = {.s = s};
    for (size_t i = 0; i < s->graphs.n; i++)
        walk(&n, s->graphs.entries[i].value);
    check_expansion(s);
}
