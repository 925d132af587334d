/* Metrics as text, in Prometheus' format (0.0.4):
 *
 *     # HELP dfl_node_errors_total Attempts of a node that failed.
 *     # TYPE dfl_node_errors_total counter
 *     dfl_node_errors_total{graph="support",node="classify"} 2
 *
 * All lines of one metric stand together, in order of the names of graphs, nodes and edges. What was never counted
 * is 0, so that rates have something to begin with. */
#include "metrics.h"

#include <inttypes.h>
#include <stdlib.h>

#include "mem.h"

const dfl__bound dfl__metrics_bounds[DFL__BUCKETS] = {
    {1000, "0.000001"},    {3000, "0.000003"},   {10000, "0.00001"},  {30000, "0.00003"},
    {100000, "0.0001"},    {300000, "0.0003"},   {1000000, "0.001"},  {3000000, "0.003"},
    {10000000, "0.01"},    {30000000, "0.03"},   {100000000, "0.1"},  {300000000, "0.3"},
    {1000000000, "1"},     {3000000000, "3"},    {10000000000, "10"}, {30000000000, "30"},
    {100000000000, "100"}, {UINT64_MAX, "+Inf"},
};

static const struct {
    int status;
    const char *name;
} statuses[DFL__STATUSES] = {
    {DFL_OK, "DFL_OK"},
    {DFL_PAUSED, "DFL_PAUSED"},
    {DFL_ENODE, "DFL_ENODE"},
    {DFL_ENOMEM, "DFL_ENOMEM"},
    {DFL_ELIMIT, "DFL_ELIMIT"},
    {DFL_ETIMEOUT, "DFL_ETIMEOUT"},
    {DFL_ECANCELLED, "DFL_ECANCELLED"},
    {DFL_EGUARD, "DFL_EGUARD"},
    {DFL_ESTORE, "DFL_ESTORE"},
    {DFL_ECORRUPT, "DFL_ECORRUPT"},
    {DFL_ESCHEMA, "DFL_ESCHEMA"},
    {DFL_ENOTFOUND, "DFL_ENOTFOUND"},
    {DFL_EBUSY, "DFL_EBUSY"},
    {DFL_EINVAL, "DFL_EINVAL"},
    {INT32_MIN, "other"},
};

uint32_t dfl__metrics_status(int status) {
    uint32_t i = 0;
    while (i < DFL__STATUSES - 1 && statuses[i].status != status)
        i++;
    return i;
}

/* ---- rows: sorted, one for each name ---- */

static int by_graph(const void *a, const void *b) {
    const dfl__graph_row *x = a, *y = b;
    return strcmp(x->graph, y->graph);
}

static int by_place(const void *a, const void *b) {
    const dfl__place_row *x = a, *y = b;
    int order = strcmp(x->graph, y->graph);
    if (order == 0)
        order = (x->kind > y->kind) - (x->kind < y->kind);
    return order ? order : strcmp(x->name, y->name);
}

static int by_edge(const void *a, const void *b) {
    const dfl__edge_row *x = a, *y = b;
    int order = strcmp(x->graph, y->graph);
    if (order == 0)
        order = strcmp(x->from, y->from);
    return order ? order : strcmp(x->to, y->to);
}

static void add_all(uint64_t *to, const uint64_t *from, size_t n) {
    for (size_t i = 0; i < n; i++)
        to[i] += from[i];
}

static void add_histogram(dfl__histogram *to, const dfl__histogram *from) {
    add_all(to->counts, from->counts, DFL__BUCKETS);
    to->sum_ns += from->sum_ns;
}

static void merge_graphs(dfl__snapshot *all) {
    size_t n = 0;
    qsort(all->graphs, all->n_graphs, sizeof *all->graphs, by_graph);
    for (size_t i = 0; i < all->n_graphs; i++) {
        dfl__graph_row *row = &all->graphs[i], *last = n ? &all->graphs[n - 1] : NULL;
        if (!last || by_graph(last, row) != 0) {
            all->graphs[n++] = *row;
            continue;
        }
        add_histogram(&last->durations, &row->durations);
        add_all(last->counts, row->counts, DFL__GRAPH_COUNTS);
        add_all(last->ended, row->ended, DFL__STATUSES);
    }
    all->n_graphs = n;
}

static void merge_places(dfl__snapshot *all) {
    size_t n = 0;
    qsort(all->places, all->n_places, sizeof *all->places, by_place);
    for (size_t i = 0; i < all->n_places; i++) {
        dfl__place_row *row = &all->places[i], *last = n ? &all->places[n - 1] : NULL;
        if (!last || by_place(last, row) != 0) {
            all->places[n++] = *row;
            continue;
        }
        add_histogram(&last->durations, &row->durations);
        add_all(last->counts, row->counts, DFL__PLACE_COUNTS);
    }
    all->n_places = n;
}

static void merge_edges(dfl__snapshot *all) {
    size_t n = 0;
    qsort(all->edges, all->n_edges, sizeof *all->edges, by_edge);
    for (size_t i = 0; i < all->n_edges; i++) {
        dfl__edge_row *row = &all->edges[i], *last = n ? &all->edges[n - 1] : NULL;
        if (last && by_edge(last, row) == 0)
            last->taken += row->taken;
        else
            all->edges[n++] = *row;
    }
    all->n_edges = n;
}

/* ---- lines ---- */

typedef struct Text {
    dfl_buf *out;
    bool whole; /* all of it found memory */
} Text;

/* What stands before a value: the metric with a suffix, and labels. */
typedef struct Series {
    const char *metric, *suffix;
    struct {
        const char *name, *value; /* NULL: no more */
    } labels[4];
} Series;

static void put(Text *text, const char *p) {
    size_t n = strlen(p);
    uint8_t *room = text->whole ? dfl__buf_room(text->out, n) : NULL;
    if (room)
        memcpy(room, p, n);
    else
        text->whole = false;
}

static void put_number(Text *text, uint64_t n) {
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRIu64, n);
    put(text, digits);
}

/* In seconds, to the nanosecond. */
static void put_seconds(Text *text, uint64_t ns) {
    char digits[40];
    snprintf(digits, sizeof digits, "%" PRIu64 ".%09" PRIu64, ns / 1000000000, ns % 1000000000);
    put(text, digits);
}

static void put_label(Text *text, const char *value) {
    char one[2] = {0, 0};
    for (; *value; value++) {
        one[0] = *value;
        put(text, *value == '\n' ? "\\n" : *value == '\\' || *value == '"' ? "\\" : "");
        put(text, *value == '\n' ? "" : one);
    }
}

static void put_series(Text *text, const Series *series) {
    put(text, series->metric);
    put(text, series->suffix);
    for (size_t i = 0; series->labels[i].name; i++) {
        put(text, i == 0 ? "{" : ",");
        put(text, series->labels[i].name);
        put(text, "=\"");
        put_label(text, series->labels[i].value);
        put(text, "\"");
    }
    put(text, "} ");
}

static void put_sample(Text *text, const Series *series, uint64_t value) {
    put_series(text, series);
    put_number(text, value);
    put(text, "\n");
}

static void put_head(Text *text, const char *metric, const char *type, const char *help) {
    put(text, "# HELP ");
    put(text, metric);
    put(text, " ");
    put(text, help);
    put(text, "\n# TYPE ");
    put(text, metric);
    put(text, " ");
    put(text, type);
    put(text, "\n");
}

/* Of labels there is room for one more. */
static void put_histogram(Text *text, Series series, const dfl__histogram *histogram) {
    uint64_t below = 0;
    Series bucket = series;
    size_t le = 0;
    while (bucket.labels[le].name)
        le++;
    bucket.suffix = "_bucket";
    bucket.labels[le].name = "le";
    for (size_t i = 0; i < DFL__BUCKETS; i++) {
        bucket.labels[le].value = dfl__metrics_bounds[i].seconds;
        below += histogram->counts[i];
        put_sample(text, &bucket, below);
    }
    series.suffix = "_sum";
    put_series(text, &series);
    put_seconds(text, histogram->sum_ns);
    put(text, "\n");
    series.suffix = "_count";
    put_sample(text, &series, below);
}

/* ---- metrics ---- */

static void put_graph_counts(Text *text, const dfl__snapshot *all) {
    static const struct {
        const char *metric, *help;
    } counters[DFL__GRAPH_COUNTS] = {
        [DFL__COUNT_STARTED] = {"dfl_runs_started_total", "Runs and resumes that began."},
        [DFL__COUNT_RESUMED] = {"dfl_runs_resumed_total",
                                "Runs that went on from where one stood."},
        [DFL__COUNT_SAVED] = {"dfl_checkpoints_saved_total", "Checkpoints that were saved."},
        [DFL__COUNT_LOADED] = {"dfl_checkpoints_loaded_total", "Checkpoints that were loaded."},
        [DFL__COUNT_LIMITS] = {"dfl_limits_reached_total", "Runs that passed their step limit."},
    };
    for (size_t c = 0; c < DFL__GRAPH_COUNTS; c++) {
        put_head(text, counters[c].metric, "counter", counters[c].help);
        for (size_t i = 0; i < all->n_graphs; i++)
            put_sample(text, &(Series){counters[c].metric, "", {{"graph", all->graphs[i].graph}}},
                       all->graphs[i].counts[c]);
    }
}

static void put_ended(Text *text, const dfl__snapshot *all) {
    put_head(text, "dfl_runs_ended_total", "counter", "Runs that ended, by what they returned.");
    for (size_t i = 0; i < all->n_graphs; i++)
        for (size_t k = 0; k < DFL__STATUSES; k++)
            put_sample(text,
                       &(Series){"dfl_runs_ended_total",
                                 "",
                                 {{"graph", all->graphs[i].graph}, {"status", statuses[k].name}}},
                       all->graphs[i].ended[k]);
}

static uint64_t active(const dfl__graph_row *row) {
    uint64_t ended = 0, started = row->counts[DFL__COUNT_STARTED];
    for (size_t k = 0; k < DFL__STATUSES; k++)
        ended += row->ended[k];
    return started > ended ? started - ended : 0;
}

static void put_graphs(Text *text, const dfl__snapshot *all) {
    put_graph_counts(text, all);
    put_ended(text, all);
    put_head(text, "dfl_runs_active", "gauge", "Runs that are under way.");
    for (size_t i = 0; i < all->n_graphs; i++)
        put_sample(text, &(Series){"dfl_runs_active", "", {{"graph", all->graphs[i].graph}}},
                   active(&all->graphs[i]));
    put_head(text, "dfl_run_duration_seconds", "histogram", "How long runs took.");
    for (size_t i = 0; i < all->n_graphs; i++)
        put_histogram(text,
                      (Series){"dfl_run_duration_seconds", "", {{"graph", all->graphs[i].graph}}},
                      &all->graphs[i].durations);
}

static Series series_of(const char *metric, const char *label, const dfl__place_row *row) {
    return (Series){metric, "", {{"graph", row->graph}, {label, row->name}}};
}

static void put_durations(Text *text, const dfl__snapshot *all, dfl_place_kind kind,
                          const char *metric, const char *label, const char *help) {
    put_head(text, metric, "histogram", help);
    for (size_t i = 0; i < all->n_places; i++)
        if (all->places[i].kind == kind)
            put_histogram(text, series_of(metric, label, &all->places[i]),
                          &all->places[i].durations);
}

static void put_node_counts(Text *text, const dfl__snapshot *all) {
    static const struct {
        const char *metric, *help;
    } counters[DFL__PLACE_COUNTS] = {
        [DFL__COUNT_ERRORS] = {"dfl_node_errors_total", "Attempts of a node that failed."},
        [DFL__COUNT_RETRIES] = {"dfl_node_retries_total", "Further attempts after a failure."},
        [DFL__COUNT_TIMEOUTS] = {"dfl_node_timeouts_total", "Attempts that took too long."},
        [DFL__COUNT_PAUSES] = {"dfl_node_pauses_total", "Pauses in or before a node."},
        [DFL__COUNT_CUSTOM] = {"dfl_node_custom_events_total", "Events that a node emitted."},
    };
    for (size_t c = 0; c < DFL__PLACE_COUNTS; c++) {
        put_head(text, counters[c].metric, "counter", counters[c].help);
        for (size_t i = 0; i < all->n_places; i++) {
            const dfl__place_row *row = &all->places[i];
            Series series = series_of(counters[c].metric, "node", row);
            if (row->kind == DFL_PLACE_NODE)
                put_sample(text, &series, row->counts[c]);
        }
    }
}

static void put_edges(Text *text, const dfl__snapshot *all) {
    put_head(text, "dfl_edges_taken_total", "counter", "Times that an edge was taken.");
    for (size_t i = 0; i < all->n_edges; i++) {
        const dfl__edge_row *row = &all->edges[i];
        put_sample(text,
                   &(Series){"dfl_edges_taken_total",
                             "",
                             {{"graph", row->graph}, {"from", row->from}, {"to", row->to}}},
                   row->taken);
    }
}

int dfl__metrics_put(dfl__snapshot *all, dfl_buf *out) {
    Text text = {out, true};
    merge_graphs(all);
    merge_places(all);
    merge_edges(all);
    put_graphs(&text, all);
    put_durations(&text, all, DFL_PLACE_NODE, "dfl_node_duration_seconds", "node",
                  "How long each attempt of a node took.");
    put_node_counts(&text, all);
    put_durations(&text, all, DFL_PLACE_SECTION, "dfl_section_duration_seconds", "section",
                  "How long sections took, from fork to join.");
    put_edges(&text, all);
    return text.whole ? DFL_OK : DFL_ENOMEM;
}
