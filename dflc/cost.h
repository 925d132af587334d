/* Work and span of sections, and whether one runs inline or on threads.
 *
 * requires: sema. The decision rests on the `cost` attributes alone: without them a section runs
 * inline. Nothing is timed while compiling, so the same input gives the same output everywhere. */
#ifndef DFLC_COST_H
#define DFLC_COST_H

#include "graph.h"

/* What threading must win before it is chosen: a wake-up of sleeping workers costs the caller 6 to
 * 10 us, and their first instruction comes 12 to 45 us later, so two branches pay above about
 * twice that (measured on a 2-core x86-64 VM, medians; see runtime/README.md, "When threads
 * pay"). */
enum { COST_GAIN_NS = 50000 };

/* What one save to a file takes until it is durable: 81 to 181 us for states of 200 bytes to
 * 100 KB, appended to a log and synced once (the same machine, ext4 on a virtual disk, medians). */
enum { COST_SAVE_NS = 100000 };

/* Of all its places, sections included; loops are taken to turn a few times. */
typedef struct RegionCost {
    bool known;
    int64_t work_ns;
} RegionCost;

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
    RegionCost *regions;     /* by Region.index; of branches, not of the graph's own */
} Costs;

/* What two workers need at least for `work_ns`, the longest part of which is `span_ns`. */
int64_t cost_makespan(int64_t work_ns, int64_t span_ns);

Costs *cost_sections(Compilation *comp, const Graph *graph, SectionMode mode);

#endif
