#include "profile_file.h"

#include <inttypes.h>
#include <string.h>

/* ---- lines and columns ---- */

/* A line, cut at its tabs. */
typedef struct Row {
    Compilation *comp;
    Span span;
    Span *cells;
    size_t n, cap;
    bool failed; /* something was said of it */
} Row;

static const char *text_of(const Row *row, size_t i) {
    Span at = row->cells[i];
    return intern(row->comp->names, at.source->text + at.begin, at.end - at.begin);
}

static void say(Row *row, Span at, const char *text) {
    if (!row->failed)
        diag_error(row->comp->diags, at, "%s", text);
    row->failed = true;
}

static uint64_t read_number(Row *row, Span at) {
    uint64_t value = 0;
    for (uint32_t i = at.begin; i < at.end; i++) {
        unsigned digit = (unsigned char)at.source->text[i] - '0';
        if (digit > 9 || value > (UINT64_MAX - digit) / 10) {
            say(row, at, "expected a count, up to 18446744073709551615");
            return 0;
        }
        value = value * 10 + digit;
    }
    if (at.begin == at.end)
        say(row, row->span, "expected a count");
    return value;
}

static uint64_t number_of(Row *row, size_t i) {
    return i < row->n ? read_number(row, row->cells[i]) : 0;
}

static void cut(Row *row) {
    uint32_t begin = row->span.begin;
    for (uint32_t at = begin; at <= row->span.end; at++) {
        if (at < row->span.end && row->span.source->text[at] != '\t')
            continue;
        Span cell = {row->span.source, begin, at};
        ARENA_PUSH(row->comp->arena, row->cells, row->n, row->cap, cell);
        begin = at + 1;
    }
}

/* A NUL would end a name where it is written. */
static bool has_cells(Row *row, size_t least, size_t most, const char *form) {
    const char *text = row->span.source->text + row->span.begin;
    if (row->n >= least && row->n <= most && row->cells[1].end > row->cells[1].begin &&
        !memchr(text, '\0', row->span.end - row->span.begin))
        return true;
    say(row, row->span, form);
    return false;
}

/* ---- adding up ---- */

static void add(uint64_t *to, uint64_t n) {
    *to = n > UINT64_MAX - *to ? UINT64_MAX : *to + n;
}

static const char *key_of(Compilation *comp, char kind, const char *a, const char *b) {
    return intern_cstr(comp->names, arena_printf(comp->arena, "%c%s\t%s", kind, a, b));
}

static ProfiledGraph *graph_of(Row *row, ProfileFile *file) {
    const char *name = text_of(row, 1);
    ProfiledGraph *graph = strmap_get(&file->by_name, name);
    if (graph)
        return graph;
    graph = ARENA_NEW(row->comp->arena, ProfiledGraph);
    graph->name = name;
    graph->span = row->span;
    strmap_put(&file->by_name, row->comp->arena, name, graph);
    ARENA_PUSH(row->comp->arena, file->graphs, file->n, file->cap, graph);
    return graph;
}

static ProfiledNode *node_of(Row *row, ProfiledGraph *graph) {
    Arena *arena = row->comp->arena;
    const char *name = text_of(row, 1), *key = key_of(row->comp, 'n', name, "");
    ProfiledNode *node = strmap_get(&graph->by_name, key);
    if (node)
        return node;
    node = ARENA_NEW(arena, ProfiledNode);
    node->name = name;
    node->span = row->cells[1];
    node->buckets = ARENA_ARRAY(arena, uint32_t, PROFILE_BUCKETS);
    strmap_put(&graph->by_name, arena, key, node);
    ARENA_PUSH(arena, graph->nodes, graph->n_nodes, graph->cap_nodes, node);
    return node;
}

static void read_bucket(Row *row, size_t i, ProfiledNode *node) {
    Span at = row->cells[i], number = at, count = at;
    const char *colon = memchr(at.source->text + at.begin, ':', at.end - at.begin);
    if (!colon) {
        say(row, at, "expected 'bucket:count'");
        return;
    }
    number.end = (uint32_t)(colon - at.source->text);
    count.begin = number.end + 1;
    uint64_t bucket = read_number(row, number), n = read_number(row, count);
    if (bucket >= PROFILE_BUCKETS)
        say(row, number, "there are buckets 0 to 495");
    else if (n > UINT32_MAX - node->buckets[bucket])
        node->buckets[bucket] = UINT32_MAX;
    else
        node->buckets[bucket] += (uint32_t)n;
}

static void read_node(Row *row, ProfiledGraph *graph) {
    ProfiledNode *node;
    if (!has_cells(row, 6, 6 + PROFILE_BUCKETS,
                   "expected a node's name, begun, succeeded, calls, ns, and buckets"))
        return;
    node = node_of(row, graph);
    add(&node->begun, number_of(row, 2));
    add(&node->succeeded, number_of(row, 3));
    add(&node->calls, number_of(row, 4));
    add(&node->ns, number_of(row, 5));
    for (size_t i = 6; i < row->n; i++)
        read_bucket(row, i, node);
}

static void read_section(Row *row, ProfiledGraph *graph) {
    Arena *arena = row->comp->arena;
    if (!has_cells(row, 3, 3, "expected a section's name and a count"))
        return;
    const char *name = text_of(row, 1), *key = key_of(row->comp, 's', name, "");
    ProfiledSection *section = strmap_get(&graph->by_name, key);
    if (!section) {
        section = ARENA_NEW(arena, ProfiledSection);
        *section = (ProfiledSection){name, row->cells[1], 0};
        strmap_put(&graph->by_name, arena, key, section);
        ARENA_PUSH(arena, graph->sections, graph->n_sections, graph->cap_sections, section);
    }
    add(&section->begun, number_of(row, 2));
}

static void read_edge(Row *row, ProfiledGraph *graph) {
    Arena *arena = row->comp->arena;
    if (!has_cells(row, 4, 4, "expected two names and a count"))
        return;
    const char *from = text_of(row, 1), *to = text_of(row, 2);
    const char *key = key_of(row->comp, 'e', from, to);
    ProfiledEdge *edge = strmap_get(&graph->by_name, key);
    if (!edge) {
        edge = ARENA_NEW(arena, ProfiledEdge);
        *edge = (ProfiledEdge){from, to, row->span, 0};
        strmap_put(&graph->by_name, arena, key, edge);
        ARENA_PUSH(arena, graph->edges, graph->n_edges, graph->cap_edges, edge);
    }
    add(&edge->taken, number_of(row, 3));
}

/* ---- a file ---- */

static bool is_kind(const Row *row, const char *kind) {
    Span at = row->cells[0];
    return at.end - at.begin == strlen(kind) &&
           memcmp(at.source->text + at.begin, kind, at.end - at.begin) == 0;
}

static void read_row(Row *row, ProfileFile *file, ProfiledGraph **graph) {
    if (is_kind(row, "graph")) {
        if (!has_cells(row, 3, 3, "expected a graph's name and its runs"))
            return;
        *graph = graph_of(row, file);
        add(&(*graph)->runs, number_of(row, 2));
    } else if (!*graph) {
        say(row, row->span, "expected 'graph' first");
    } else if (is_kind(row, "node")) {
        read_node(row, *graph);
    } else if (is_kind(row, "section")) {
        read_section(row, *graph);
    } else if (is_kind(row, "edge")) {
        read_edge(row, *graph);
    } else {
        say(row, row->cells[0], "expected 'graph', 'node', 'section' or 'edge'");
    }
}

static bool check_first(Compilation *comp, const Source *source, Span line) {
    static const char first[] = "dflc profile 1";
    if (line.end - line.begin == strlen(first) &&
        memcmp(source->text + line.begin, first, strlen(first)) == 0)
        return true;
    diag_error(comp->diags, line, "this is no profile, or one of another version: expected '%s'",
               first);
    return false;
}

void profile_file_read(Compilation *comp, const Source *source, ProfileFile *into) {
    enum { MOST_ERRORS = 20 };
    ProfiledGraph *graph = NULL;
    size_t errors = diags_errors(comp->diags);
    Row row = {.comp = comp};
    for (uint32_t begin = 0, end; begin < source->n; begin = end + 1) {
        const char *newline = memchr(source->text + begin, '\n', source->n - begin);
        end = newline ? (uint32_t)(newline - source->text) : (uint32_t)source->n;
        row.span = (Span){source, begin, end};
        row.n = 0;
        row.failed = false;
        if (begin == 0) {
            if (!check_first(comp, source, row.span))
                return;
            continue;
        }
        if (begin == end)
            continue;
        cut(&row);
        read_row(&row, into, &graph);
        if (diags_errors(comp->diags) - errors >= MOST_ERRORS)
            return;
    }
    if (source->n == 0)
        (void)check_first(comp, source, (Span){source, 0, 0});
}

/* ---- writing ---- */

static void write_node(const ProfiledNode *node, FILE *out) {
    fprintf(out, "node\t%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64, node->name,
            node->begun, node->succeeded, node->calls, node->ns);
    for (unsigned i = 0; i < PROFILE_BUCKETS; i++)
        if (node->buckets[i] > 0)
            fprintf(out, "\t%u:%" PRIu32, i, node->buckets[i]);
    fputc('\n', out);
}

void profile_file_write(const ProfileFile *file, FILE *out) {
    fprintf(out, "dflc profile %d\n", PROFILE_FORMAT);
    for (size_t g = 0; g < file->n; g++) {
        const ProfiledGraph *graph = file->graphs[g];
        fprintf(out, "graph\t%s\t%" PRIu64 "\n", graph->name, graph->runs);
        for (size_t i = 0; i < graph->n_nodes; i++)
            write_node(graph->nodes[i], out);
        for (size_t i = 0; i < graph->n_sections; i++)
            fprintf(out, "section\t%s\t%" PRIu64 "\n", graph->sections[i]->name,
                    graph->sections[i]->begun);
        for (size_t i = 0; i < graph->n_edges; i++)
            fprintf(out, "edge\t%s\t%s\t%" PRIu64 "\n", graph->edges[i]->from, graph->edges[i]->to,
                    graph->edges[i]->taken);
    }
}

/* ---- percentiles ---- */

/* The middle of a bucket. */
static int64_t middle_of(unsigned bucket) {
    if (bucket < 8)
        return (int64_t)bucket;
    unsigned shift = bucket / 8 - 1;
    uint64_t low = (uint64_t)(8 + bucket % 8) << shift, width = (uint64_t)1 << shift;
    uint64_t middle = low + width / 2;
    return middle > INT64_MAX ? INT64_MAX : (int64_t)middle;
}

int64_t profiled_percentile(const ProfiledNode *node, unsigned percent) {
    uint64_t all = 0, seen = 0;
    for (unsigned i = 0; i < PROFILE_BUCKETS; i++)
        all += node->buckets[i];
    for (unsigned i = 0; i < PROFILE_BUCKETS; i++) {
        seen += node->buckets[i];
        if (node->buckets[i] > 0 && seen * 100 >= all * percent)
            return middle_of(i);
    }
    return 0;
}
