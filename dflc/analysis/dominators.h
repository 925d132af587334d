/* Which places every way to a place passes: the dominator tree of each region.
 *
 * Lengauer and Tarjan, "A fast algorithm for finding dominators in a flowgraph" (1979), the simple
 * version: O(edges * log places), and no recursion. */
#ifndef DFLC_ANALYSIS_DOMINATORS_H
#define DFLC_ANALYSIS_DOMINATORS_H

#include "ways.h"

typedef struct Dominators {
    const Ways *ways;
    uint32_t *parent;         /* by position: the nearest one that dominates it; an entry: itself */
    uint32_t *enter, *leave;  /* by position: the tree walked from its root; see dominates() */
} Dominators;

Dominators *dominators_of(Arena *arena, const Ways *ways);
/* Whether every way from the entry of their region to `to` passes `by`. Each place dominates
 * itself; places of different regions never do. O(1). */
bool dominates(const Dominators *dominators, const Place *by, const Place *to);

#endif
