/* Between what is counted (metrics.c) and the text that tells of it (metrics_text.c). */
#ifndef DFL_METRICS_H
#define DFL_METRICS_H

#include "event_pair.h"

/* Durations up to and with each bound; the last bucket has none. */
enum { DFL__BUCKETS = 18 };
typedef struct dfl__bound {
    uint64_t ns;
    const char *seconds;
} dfl__bound;
extern const dfl__bound dfl__metrics_bounds[DFL__BUCKETS];

/* Statuses as numbers from 0; the last stands for any that has no name. */
enum { DFL__STATUSES = 15 };
uint32_t dfl__metrics_status(int status);

enum {
    DFL__COUNT_ERRORS,
    DFL__COUNT_RETRIES,
    DFL__COUNT_TIMEOUTS,
    DFL__COUNT_PAUSES,
    DFL__COUNT_CUSTOM,
    DFL__PLACE_COUNTS
};
enum {
    DFL__COUNT_STARTED,
    DFL__COUNT_RESUMED,
    DFL__COUNT_SAVED,
    DFL__COUNT_LOADED,
    DFL__COUNT_LIMITS,
    DFL__GRAPH_COUNTS
};

/* ---- a copy: several rows may have the same names ---- */

typedef struct dfl__histogram {
    uint64_t counts[DFL__BUCKETS], sum_ns;
} dfl__histogram;

typedef struct dfl__graph_row {
    const char *graph;
    dfl__histogram durations;
    uint64_t counts[DFL__GRAPH_COUNTS], ended[DFL__STATUSES];
} dfl__graph_row;

typedef struct dfl__place_row {
    const char *graph, *name;
    dfl_place_kind kind;
    dfl__histogram durations;
    uint64_t counts[DFL__PLACE_COUNTS];
} dfl__place_row;

typedef struct dfl__edge_row {
    const char *graph, *from, *to;
    uint64_t taken;
} dfl__edge_row;

typedef struct dfl__snapshot {
    dfl__graph_row *graphs;
    dfl__place_row *places;
    dfl__edge_row *edges;
    size_t n_graphs, n_places, n_edges;
} dfl__snapshot;

/* Sorts it, adds up the rows of the same names, and appends all as text. DFL_OK or DFL_ENOMEM. */
int dfl__metrics_put(dfl__snapshot *snapshot, dfl_buf *out);

#endif
