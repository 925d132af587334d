/* The work that a run can have done since its last save: what the next one protects.
 *
 * Only in the graph's own region: what is done beside a branch is protected, too. */
#ifndef DFLC_PENDING_H
#define DFLC_PENDING_H

#include "analysis/ways.h"
#include "cost.h"

enum { PENDING_UNKNOWN = -1 };

/* The most, on coming to a place. */
typedef struct Pending {
    int64_t ns;              /* PENDING_UNKNOWN: some cost is not known, or a loop adds to it */
    const Place *save;       /* where that was; NULL: at start, or at several places */
    bool reached;
} Pending;

typedef struct PendingOptions {
    const Graph *graph;
    const Ways *ways;
    const Costs *costs;
    bool runs_inside;        /* a node of some graph runs this one: what ran before is not known */
    bool assume;             /* what rests on assumptions counts, and loops as they are expected */
} PendingOptions;

/* By position, of the places of region 0. */
Pending *pending_of(Arena *arena, const PendingOptions *options);
/* The same when the place has done its work, and before it saves. */
int64_t pending_at(const PendingOptions *options, const Place *place, const Pending *before);
/* Whether a run that saves does so at every call of the node. */
bool node_saves(const Graph *graph, const Node *node);

#endif
