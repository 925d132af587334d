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

/* The numbers of CPUs that a section is decided for. The runtime takes the greatest that is not
 * more than the threads of its pool. */
enum { COST_CPUS = 4 };
extern const uint32_t cost_cpus[COST_CPUS];   /* 2, 4, 8, 16 */

typedef enum SectionRun {
    RUN_INLINE,    /* never on threads */
    RUN_THREADS,   /* always: the author or -fsections says so */
    RUN_EITHER,    /* as the state of the pool is: see Gain */
} SectionRun;

/* What a threaded run of the section saves by the model: its time inline less its time on that many
 * CPUs. hot: the workers are awake; cold: they sleep. It pays where it is above 0. */
typedef struct Gain {
    int64_t hot_ns, cold_ns;
} Gain;

/* each: the smallest count of elements that pays; UINT64_MAX: none does. */
typedef struct PaysFrom {
    uint64_t hot, cold;
} PaysFrom;

typedef struct SectionCost {
    bool known;              /* every node inside says its cost */
    int64_t work_ns;         /* sum over all branches; of one element in an each */
    int64_t span_ns;         /* the longest branch */
    SectionRun run;
    Gain gain[COST_CPUS];    /* of branches; by index in cost_cpus */
    PaysFrom from[COST_CPUS];   /* of an each */
    /* Branches are handed out in chunks, the largest first: chunk k is order[chunk_end[k - 1]] up to
     * order[chunk_end[k] - 1]. NULL in an each. */
    uint32_t *order, *chunk_end;
    uint32_t n_chunks;
    bool threads;            /* run is not RUN_INLINE */
    uint64_t threads_from;   /* each: from[0].cold, or 2 with RUN_THREADS; 0 elsewhere */
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
