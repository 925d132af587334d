/* Which fields each region reads and writes.
 *
 * requires: a Program that sema accepted (regions complete, parents before children).
 * Everything that happens inside a region counts, nested sections included. What a branch writes
 * is what its fork gives it a private copy of; what it only reads it reads in place. */
#ifndef DFLC_LIVENESS_H
#define DFLC_LIVENESS_H

#include "graph.h"

typedef struct FieldUse {
    Field *field;
    bool reads;      /* a node, a guard, an each reads its value */
    bool writes;     /* a node, a settling section writes it */
} FieldUse;

typedef struct RegionUse {
    FieldUse *uses;  /* in order of the fields */
    size_t n;
    bool whole_state;   /* some node takes `in state` */
} RegionUse;

typedef struct Liveness {
    RegionUse *regions;   /* by Region.index */
} Liveness;

Liveness *liveness_of(Compilation *comp, const Graph *graph);
/* NULL when the region does not touch the field. O(log n). */
const FieldUse *region_use(const Liveness *live, const Region *region, const Field *field);

#endif
