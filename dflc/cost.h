/* Work and span of sections, and whether one runs inline or on threads.
 *
 * requires: sema. The decision rests on the `cost` attributes alone: without them a section runs
 * inline. Nothing is timed while compiling, so the same input gives the same output everywhere. */
#ifndef DFLC_COST_H
#define DFLC_COST_H

#include "graph.h"

typedef struct SectionCost {
    bool known;              /* every node inside says its cost */
    int64_t work_ns;         /* sum over all branches; of one element in an each */
    int64_t span_ns;         /* the longest branch */
    bool threads;            /* always (each: from `threads_from` elements on) */
    uint64_t threads_from;   /* each: the smallest count that pays; 0 elsewhere */
    const char *reason;      /* for the comment in the generated C */
} SectionCost;

typedef struct Costs {
    SectionCost *sections;   /* by Section.index */
} Costs;

Costs *cost_sections(Compilation *comp, const Graph *graph, SectionMode mode);

#endif
