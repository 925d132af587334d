/* spread.h: what goes to a rank and comes back from it, for spread.c and rank.c. */
#ifndef DFL_SPREAD_H
#define DFL_SPREAD_H

#include "internal.h"

/* A branch, or a chunk of an each, to be run.
 *
 *     byte      DFL__ERRAND_... bits
 *     varints   branch, epoch, index + 1, steps; of a deadline time_left
 *     state     with one: varints place, n_list; block graph, u64 schema, u64 frames, block thread_id (with its NUL, or
 *               empty), block state
 *     rest      elements, where they go along (dfl__spread.list), as a list that dfl__pack has packed; likewise the frame
 *
 * A block is a varint length and the bytes. What is read points into the bytes that it was read from. */
typedef struct dfl__errand {
    uint32_t branch;        /* of the section; 0 of an each */
    uint64_t epoch;         /* of the state: one for each time that a section is come to */
    int64_t index;          /* of the element of an each around the section, or -1 */
    uint64_t steps;         /* of the outermost region, as the run has counted them */
    bool counts;            /* the run has a store: nodes are counted, and have keys */
    bool has_deadline;
    int64_t time_left;      /* then, ns */
    bool has_state;         /* else it is the one of that epoch that came before */
    uint32_t place;         /* then, until `state`: of the section */
    uint32_t n_list;        /* how many elements there are, where they go along */
    dfl_str graph;
    uint64_t schema, frames;
    dfl_str thread_id;      /* of the run, or empty */
    dfl_bytes state;        /* the fields that it needs, as dfl__saved.save has them */
    dfl_bytes rest;         /* elements and frame, packed */
} dfl__errand;

/* What came of it.
 *
 *     byte      DFL__OUTCOME_... bits
 *     varint    nodes
 *     failure   of one that failed: varints -status, code (as 32 bits), place, attempt, index + 1, blocks at, message
 *     rest      the frame */
typedef struct dfl__outcome {
    int32_t status;         /* none above DFL_OK: nothing pauses */
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

/* The type-blind view of a list. */
typedef struct dfl__elements {
    const void *items;
    uint32_t len, cap;
} dfl__elements;

/* Append all but the rest, or the frame. DFL_OK or DFL_ENOMEM. */
int dfl__put_errand(dfl_buf *out, const dfl__errand *errand);
int dfl__put_outcome(dfl_buf *out, const dfl__outcome *outcome);
/* False: the bytes are none. */
bool dfl__get_errand(dfl__in *in, dfl__errand *errand);
bool dfl__get_outcome(dfl__in *in, dfl__outcome *outcome);

/* The section of a graph that is at `place`; NULL: there is none that is spread. */
const dfl__spread *dfl__spread_at(const dfl_graph *graph, uint32_t place);
/* Of a state: the list whose elements go along. */
static inline dfl__elements dfl__spread_list(const dfl__spread *spread, const void *state)
{
    dfl__elements list;
    memcpy(&list, (const char *)state + spread->list_at, sizeof list);
    return list;
}
/* Of a chunk's frame: the number at one of dfl__spread.next_at and to_at. */
static inline uint64_t dfl__number_in(const void *frame, size_t at)
{
    uint64_t n;
    memcpy(&n, (const char *)frame + at, sizeof n);
    return n;
}

/* How many bytes its `needs` are. */
static inline size_t dfl__needs_bytes(const dfl_graph *graph)
{
    return (graph->layout->saved->n + 7) / 8;
}

#endif
