/* The ways through a graph: its places in an order that an analysis can go by.
 *
 * Places are numbered region by region, parents first, each in reverse postorder with the exit
 * last; such a number is a position. Without loops every edge leads to a greater one.
 *
 * A cut is a place that no edge leads past: every way through the region passes it. Cuts divide a
 * region into segments, each from one cut to the next. What happens to a field in a segment that
 * does not touch it is nothing, so an analysis skips it: that is what keeps 100,000 nodes with as
 * many fields linear, where each field is used in a few segments.
 *
 * The ways out of a place are its edges, then its `on error` and `on timeout` edges; all have a
 * number. */
#ifndef DFLC_ANALYSIS_WAYS_H
#define DFLC_ANALYSIS_WAYS_H

#include "../graph.h"

typedef struct Segment {
    const Region *region;
    uint32_t first, end;     /* positions; [first] is the cut */
    bool loops;              /* some edge leads back */
} Segment;

typedef struct Ways {
    const Graph *graph;
    Place **order;           /* by position */
    uint32_t *position;      /* by Place.index */
    uint32_t *region_first;  /* by Region.index: the entry's position; one more at the end */
    uint32_t *first_way;     /* by Place.index: number of its first way; one more at the end */
    Segment *segments;       /* in order of positions */
    size_t n_segments, cap_segments;
    uint32_t *segment_of;    /* by position */
} Ways;

Ways *ways_of(Arena *arena, const Graph *graph);

/* Number of ways out of a place, and the k-th: NULL where there is no error edge. */
size_t ways_count(const Place *place);
Edge *ways_get(const Place *place, size_t k);
/* Whether the k-th way is that of a failure, before anything is written. */
bool ways_is_failure(const Place *place, size_t k);

#endif
