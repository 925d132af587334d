/* Who touches which field: the reads and writes of each place by itself.
 *
 * requires: a Program that sema accepted. What happens inside a section belongs to the places of
 * its branches, and what a subgraph does to its own fields to that graph: of both, only what the
 * place itself reads and writes is listed here.
 *
 * A place acts in this order, and `late` tells the two reads apart:
 *
 *     reads its parameters, what an `each` goes over, the expressions of its in-bindings
 *     writes its outputs; a settled section adds its faults
 *     reads what the guards of its edges ask for (late)
 *
 * A node that fails has read and not written. */
#ifndef DFLC_ANALYSIS_ACCESS_H
#define DFLC_ANALYSIS_ACCESS_H

#include "../graph.h"

typedef enum AccessKind {
    ACCESS_READ,     /* in, inout; a guard, a match, an each; `in state` */
    ACCESS_WRITE,    /* out, inout: what was there before is gone */
    ACCESS_UPDATE,   /* out of a merging field, settle: what was there counts on */
    ACCESS_PAUSE,    /* a person may read and set every field here */
} AccessKind;

typedef struct Access {
    AccessKind kind;
    bool late;           /* after what the place writes */
    bool inout;          /* the read, or the write, of an inout parameter */
    Place *place;
    Field *field;        /* NULL: all of them (`in state`, a pause) */
    Span span;           /* the parameter, the binding, or the name in the guard */
} Access;

typedef void AccessVisit(void *context, const Access *access);
/* All accesses of one place: reads, writes, late reads. */
void access_each(Place *place, AccessVisit *visit, void *context);

/* All accesses of a graph. */
typedef struct Accesses {
    Access *all;             /* of one field, in order of the places */
    size_t n, cap;
    uint32_t *of_place;      /* Place.index: its first in `all`; n_places + 1 of them */
    uint32_t *by_field;      /* numbers in `all`, field by field */
    uint32_t *of_field;      /* Field.index: its first in `by_field`; n_fields + 1 of them */
    Access *whole;           /* those without a field */
    size_t n_whole, cap_whole;
    bool *pauses_before;     /* Place.index: a person may change the state before its work ... */
    bool *pauses_after;      /* ... or after, or within its section or subgraph */
} Accesses;

Accesses *accesses_of(Arena *arena, const Graph *graph);

#endif
