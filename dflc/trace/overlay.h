/* A trace laid over a drawing: how often and how long each place ran, which edges were taken, and what the
 * longest run waited for. */
#ifndef DFLC_TRACE_OVERLAY_H
#define DFLC_TRACE_OVERLAY_H

#include "trace.h"

/* Of a place, over all runs that were laid. */
typedef struct Ran {
    uint64_t n; /* how often it ended: each attempt counts */
    uint64_t failed;
    uint64_t open; /* began and did not end */
    bool next;     /* of a history: stands there */
    bool closed;   /* likewise: is in something of which nothing more is told */
    bool timed;    /* ns is known */
    int64_t ns;
    int64_t critical_ns; /* of it on the critical path */
} Ran;

typedef struct Taken {
    uint64_t n;
    bool unsure; /* several edges lead there, and the trace does not tell which: n is the most */
    bool critical;
    bool closed; /* as of Ran */
} Taken;

struct Overlay {
    const Trace *trace;
    Ran *places;          /* by Drawn.first_place + Place.index */
    uint32_t *first_edge; /* likewise: the number of its first edge; one more at the end */
    Taken *edges;         /* by number: first_edge of its place + which of its edges, from 0 */
    Taken *forks;         /* by Drawn.first_region + Region.index: how often a branch was run */
    RunTold **runs;       /* those that were laid, in the order of the trace */
    size_t n_runs, cap_runs;
    uint64_t n_failed;       /* of them */
    int64_t ns;              /* all of them together */
    int64_t most_ns;         /* of the node that took longest, all its calls together */
    uint64_t most_n;         /* of the one that ran most often */
    const RunTold *critical; /* the longest run, whose critical path is shown; NULL: none ended */
};

/* `run`: only the run of that number; 0: all. NULL with *why, a sentence, when the trace is not one of what
 * is drawn. Links the parts of the trace to the drawing. */
Overlay *overlay_lay(Drawing *d, Trace *trace, uint64_t run, const char **why);

/* Marks what a run waited for: all that is not in a branch, and of each section the branch that ended last;
 * before it, the one that its thread was busy with until then, and so on. */
void critical_mark(Arena *arena, Part *run);

/* 0 to 5: the share of a node in the time of the one that took longest; without times, in the count of the
 * one that ran most often. */
int overlay_heat(const Overlay *overlay, const Ran *ran);
/* "once, 32.6us", "3 times, 1.20ms, 1 failed"; "" of what did not run. */
const char *ran_text(Arena *arena, const Ran *ran);
/* "once", "3 times", "at most 3 times"; "" of what was not taken. */
const char *taken_text(Arena *arena, const Taken *taken);
/* With three digits: "32.6us", "1.20ms". */
const char *rough_duration(Arena *arena, int64_t ns);
/* "12 runs in run.json, 2 of them failed, 1.30ms together; critical path: run 3, 194us",
 * "thread anna of checkpoints, 12 checkpoints". */
const char *overlay_text(Arena *arena, const Overlay *overlay);

#endif
