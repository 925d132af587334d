/* dflc profile: what runs have measured, as tables or JSON, or merged into one file. */
#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "explain/table.h"
#include "json.h"
#include "outfile.h"
#include "units.h"

typedef struct Show {
    Arena *arena;
    const ProfiledGraph *graph;
    uint64_t total_ns; /* of all its nodes */
} Show;

static const char *count(const Show *s, uint64_t n) {
    return arena_printf(s->arena, "%" PRIu64, n);
}

static const char *percent(const Show *s, uint64_t part, uint64_t whole) {
    double share = whole > 0 ? 100.0 * (double)part / (double)whole : 0;
    return arena_printf(s->arena, "%.1f %%", share);
}

static const char *ns(const Show *s, uint64_t value) {
    return text_of_ns(s->arena, value > INT64_MAX ? INT64_MAX : (int64_t)value);
}

static uint64_t mean(const ProfiledNode *node) {
    return node->calls > 0 ? node->ns / node->calls : 0;
}

/* The most expensive first. */
static int by_cost(const void *a, const void *b) {
    const ProfiledNode *const *x = a, *const *y = b;
    if ((*x)->ns != (*y)->ns)
        return (*x)->ns < (*y)->ns ? 1 : -1;
    return strcmp((*x)->name, (*y)->name);
}

static ProfiledNode **sorted(const Show *s) {
    size_t n = s->graph->n_nodes;
    ProfiledNode **nodes = ARENA_ARRAY(s->arena, ProfiledNode *, n + 1);
    for (size_t i = 0; i < n; i++)
        nodes[i] = s->graph->nodes[i];
    if (n > 0)
        qsort(nodes, n, sizeof *nodes, by_cost);
    return nodes;
}

static void cells(Table *t, const char *const *texts, size_t n) {
    for (size_t i = 0; i < n; i++)
        table_cell(t, texts[i]);
    table_end_row(t);
}

static void show_nodes(const Show *s) {
    static const char *const head[] = {"node", "calls", "total", "share",
                                       "mean", "p50",   "p90",   "p99"};
    ProfiledNode **nodes = sorted(s);
    Table t = {.arena = s->arena};
    cells(&t, head, 8);
    for (size_t i = 0; i < s->graph->n_nodes; i++) {
        const ProfiledNode *node = nodes[i];
        const char *row[] = {node->name,
                             count(s, node->calls),
                             ns(s, node->ns),
                             percent(s, node->ns, s->total_ns),
                             ns(s, mean(node)),
                             ns(s, (uint64_t)profiled_percentile(node, 50)),
                             ns(s, (uint64_t)profiled_percentile(node, 90)),
                             ns(s, (uint64_t)profiled_percentile(node, 99))};
        cells(&t, row, 8);
    }
    table_print(&t, 2, "lrrrrrrr", stdout);
}

/* The edges that leave a place where there are several. */
static uint64_t leaving(const ProfiledGraph *graph, const char *from, size_t *n) {
    uint64_t sum = 0;
    *n = 0;
    for (size_t i = 0; i < graph->n_edges; i++)
        if (graph->edges[i]->from == from) {
            sum += graph->edges[i]->taken;
            ++*n;
        }
    return sum;
}

static void show_edges(const Show *s) {
    static const char *const head[] = {"from", "to", "taken", "share"};
    const ProfiledGraph *graph = s->graph;
    Table t = {.arena = s->arena};
    cells(&t, head, 4);
    for (size_t i = 0; i < graph->n_edges; i++) {
        const ProfiledEdge *edge = graph->edges[i];
        size_t n;
        uint64_t all = leaving(graph, edge->from, &n);
        const char *row[] = {edge->from, edge->to, count(s, edge->taken),
                             percent(s, edge->taken, all)};
        if (n > 1)
            cells(&t, row, 4);
    }
    if (t.n > 1) {
        printf("\n");
        table_print(&t, 2, "llrr", stdout);
    }
}

static void show_sections(const Show *s) {
    static const char *const head[] = {"section", "entered"};
    Table t = {.arena = s->arena};
    cells(&t, head, 2);
    for (size_t i = 0; i < s->graph->n_sections; i++) {
        const char *row[] = {s->graph->sections[i]->name, count(s, s->graph->sections[i]->begun)};
        cells(&t, row, 2);
    }
    if (t.n > 1) {
        printf("\n");
        table_print(&t, 2, "lr", stdout);
    }
}

static void show_graph(const Show *s, bool first) {
    printf("%sgraph %s: %" PRIu64 " run%s\n", first ? "" : "\n", s->graph->name, s->graph->runs,
           s->graph->runs == 1 ? "" : "s");
    if (s->graph->n_nodes > 0)
        show_nodes(s);
    show_edges(s);
    show_sections(s);
}

/* ---- JSON ---- */

static void json_node(Json *j, const ProfiledNode *node) {
    json_open_flat(j, NULL, '{');
    json_string(j, "name", node->name);
    json_uint(j, "begun", node->begun);
    json_uint(j, "succeeded", node->succeeded);
    json_uint(j, "calls", node->calls);
    json_uint(j, "ns", node->ns);
    json_uint(j, "meanNs", mean(node));
    json_int(j, "p50Ns", profiled_percentile(node, 50));
    json_int(j, "p90Ns", profiled_percentile(node, 90));
    json_int(j, "p99Ns", profiled_percentile(node, 99));
    json_close(j);
}

static void json_graph(Json *j, const ProfiledGraph *graph) {
    json_open(j, NULL, '{');
    json_string(j, "name", graph->name);
    json_uint(j, "runs", graph->runs);
    json_open(j, "nodes", '[');
    for (size_t i = 0; i < graph->n_nodes; i++)
        json_node(j, graph->nodes[i]);
    json_close(j);
    json_open(j, "sections", '[');
    for (size_t i = 0; i < graph->n_sections; i++) {
        json_open_flat(j, NULL, '{');
        json_string(j, "name", graph->sections[i]->name);
        json_uint(j, "entered", graph->sections[i]->begun);
        json_close(j);
    }
    json_close(j);
    json_open(j, "edges", '[');
    for (size_t i = 0; i < graph->n_edges; i++) {
        json_open_flat(j, NULL, '{');
        json_string(j, "from", graph->edges[i]->from);
        json_string(j, "to", graph->edges[i]->to);
        json_uint(j, "taken", graph->edges[i]->taken);
        json_close(j);
    }
    json_close(j);
    json_close(j);
}

static void show_json(const ProfileFile *file) {
    Json j = {.out = stdout, .lines = true};
    json_open(&j, NULL, '{');
    json_int(&j, "format", PROFILE_FORMAT);
    json_open(&j, "graphs", '[');
    for (size_t i = 0; i < file->n; i++)
        json_graph(&j, file->graphs[i]);
    json_close(&j);
    json_close(&j);
    printf("\n");
}

/* ---- the command ---- */

static int write_merged(Compilation *comp, const Options *options, const ProfileFile *file) {
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    if (!out) {
        fprintf(stderr, "dflc: out of memory\n");
        return BAD_USE;
    }
    profile_file_write(file, out);
    fclose(out);
    OutFile merged = {options->output, text, n};
    bool written = outfiles_write(comp->arena, &merged, 1);
    free(text);
    return written ? DONE : BAD_USE;
}

int cmd_profile(Compilation *comp, const Options *options, const ProfileFile *file) {
    if (options->output)
        return write_merged(comp, options, file);
    if (options->json) {
        show_json(file);
        return end_of_output();
    }
    for (size_t g = 0; g < file->n; g++) {
        Show show = {.arena = comp->arena, .graph = file->graphs[g]};
        for (size_t i = 0; i < show.graph->n_nodes; i++)
            show.total_ns += show.graph->nodes[i]->ns;
        show_graph(&show, g == 0);
    }
    return end_of_output();
}
