/* Which nodes ran between two checkpoints, where only one answer is possible. */
#ifndef DFLC_TRACE_PATH_H
#define DFLC_TRACE_PATH_H

#include "trace.h"

/* Both in the graph's own region. `done`: its work is done; else it is next. */
typedef struct PathAsked {
    const Graph *graph;
    const Place *from, *to;
    bool from_done, to_done;
    uint64_t steps;     /* nodes that ran, those in sections and subgraphs too */
    bool by_saver;      /* what ran last is marked as a checkpoint, for nothing else saves here */
    const char *failed; /* a node or section that failed for good in between; NULL: none did */
} PathAsked;

typedef struct PathStep {
    const Place *place;
    bool failed;
} PathStep;

typedef struct PathFound {
    bool found;    /* else nothing is known */
    PathStep *all; /* what ran, in order; perhaps nothing */
    size_t n, cap;
} PathFound;

PathFound path_find(Arena *arena, const PathAsked *asked);

#endif
