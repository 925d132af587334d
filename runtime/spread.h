/* spread.h: what goes to a rank and comes back from it, for spread.c and rank.c. */
#ifndef DFL_SPREAD_H
#define DFL_SPREAD_H

#include "internal.h"

/* A branch, or a chunk of an each, to be run. */
typedef struct dfl__errand {
    dfl_str graph;
    uint64_t schema;
    uint32_t place, branch; /* of the section; its branch, 0 of an each */
    uint64_t epoch;         /* of the state: one for each time that a section is come to */
    bool has_state;         /* else it is the one of that epoch that came before */
    bool has_deadline;
    int64_t time_left;      /* then, ns */
    int64_t index;          /* of the element of an each around the section, or -1 */
    dfl_str thread_id;      /* of the run, or empty */
    bool counts;            /* the run has a store: nodes are counted, and have keys */
    uint64_t steps;         /* of the outermost region, as the run has counted them */
    dfl_bytes state;        /* the fields that it needs, as dfl__saved.save has them */
    dfl_bytes frame;        /* packed */
} dfl__errand;

/* What came of it. */
typedef struct dfl__outcome {
    int32_t status;
    int32_t code;           /* what follows until `message` is of a failure */
    uint32_t place, attempt;
    int64_t index;
    dfl_str at;             /* empty: where the place is */
    bool fatal, late;
    dfl_str message;
    uint64_t nodes;         /* that succeeded */
    bool saves;             /* dfl_checkpoint was asked for */
    dfl_bytes frame;
} dfl__outcome;

extern const dfl_type dfl__errand_type, dfl__outcome_type;

/* The section of a graph that is at `place`; NULL: there is none that is spread. */
const dfl__spread *dfl__spread_at(const dfl_graph *graph, uint32_t place);
/* How many bytes its `needs` are. */
static inline size_t dfl__needs_bytes(const dfl_graph *graph)
{
    return (graph->layout->saved->n + 7) / 8;
}

#endif
