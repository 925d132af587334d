/* Dataflow of fields: where they are live, and where nothing has set them yet.
 *
 * Fields are looked at in blocks of 64, one bit each, in order of first use, and in each block only
 * the segments (ways.h) that touch a field of it: so a field costs what it touches.
 *
 *     live(p)   = reads(p) | ((late reads(p) | live of what follows) & ~kills(p))
 *     unset(p)  = unset of what leads to p, after its own writes
 *
 * A failure leads on from before the writes of a place. A section reads what its branches read
 * before they write it (exposed). It kills what some branch kills on every way through it, but
 * nothing where branches may fail and be settled, and nothing where an `each` may be of no
 * elements. At the join of a branch is live what is live behind the section and written in the
 * branch, but for what a later branch surely writes over it. What a branch writes, no other sees.
 *
 * note [regions of local fields]
 * A local field belongs to the outermost regions that use it themselves, not merely within a
 * section; there it begins unset, and ends with the branch. */
#ifndef DFLC_ANALYSIS_FIELDFLOW_H
#define DFLC_ANALYSIS_FIELDFLOW_H

#include "access.h"
#include "agenda.h"
#include "ways.h"

enum { BLOCK_FIELDS = 64 };

typedef uint64_t FieldBits;

/* What a place does to the fields of the block. */
typedef struct Effect {
    FieldBits reads, late_reads;
    FieldBits kills;          /* replaces */
    FieldBits sets;           /* replaces, updates, or lets a person set */
    bool pauses_before;
} Effect;

/* What surely happens on every way from a place to the exit. */
typedef struct Sure {
    FieldBits killed, set;
} Sure;

typedef struct RegionFlow {
    FieldBits exposed, killed, set;   /* of the region as a whole */
    FieldBits writes;                 /* somewhere in it */
    FieldBits later;                  /* killed by later branches of its section */
    FieldBits used, known;            /* local fields: used by its own places; of its own or around */
    bool touched;
} RegionFlow;

typedef struct FieldFlowOptions {
    const bool *way;          /* ways that count, by number; NULL: all */
    bool people;              /* a person reads all fields at a pause */
    bool updates;             /* an update that may fail reads what it is merged into */
    bool all_at_end;          /* all fields are live at end, local ones at the join; false: outputs */
} FieldFlowOptions;

typedef struct FieldFlow {
    Arena *arena;
    const Ways *ways;
    const Accesses *accesses;
    FieldFlowOptions options;
    Field **order;            /* all fields; block b is order[b * BLOCK_FIELDS] and so on */
    uint32_t *slot;           /* Field.index: where it is in `order` */
    size_t n_blocks, block;
    FieldBits locals, others; /* of the block: local fields, and those that are not */
    uint32_t *next_of;        /* by position: the first of its ways in `next`; one more at the end */
    uint32_t *failures_of;    /* by position: the first of those that are failures */
    uint32_t *next;           /* the positions that the ways lead to; only ways that count */
    uint32_t *from_of, *from; /* the same backwards */
    Effect *effects;          /* by position, as are the next three */
    FieldBits *live;          /* before the place */
    Sure *sure;               /* of branches alone */
    FieldBits *unset;         /* on coming to the place */
    RegionFlow *regions;      /* by Region.index */
    uint32_t *touched;        /* segments that touch the block, ascending */
    size_t n_touched;
    bool *is_touched;         /* by segment */
    Agenda agenda;
} FieldFlow;

FieldFlow *fieldflow_new(Arena *arena, const Ways *ways, const Accesses *accesses,
                         FieldFlowOptions options);
/* Computes `live` and the regions for one block. */
void fieldflow_load(FieldFlow *flow, size_t block);
/* Then also `unset`. */
void fieldflow_find_unset(FieldFlow *flow);

/* Live when the place at a position has done its work: guards are asked, then one of the ways is
 * taken. */
FieldBits fieldflow_live_behind(const FieldFlow *flow, uint32_t at);
/* All of these are about a field of the block that was loaded, and its accesses. */
bool fieldflow_live_after(const FieldFlow *flow, const Place *place, const Field *field);
/* Whether nothing has set the field yet on some way to where it is read. */
bool fieldflow_is_unset(const FieldFlow *flow, const Access *read);
bool fieldflow_kills(const FieldFlow *flow, const Place *place, const Field *field);
bool fieldflow_sets(const FieldFlow *flow, const Place *place, const Field *field);
bool fieldflow_region_kills(const FieldFlow *flow, const Region *region, const Field *field);
bool fieldflow_counts(const FieldFlow *flow, const Place *place, size_t way);

/* Whether the program may read the field when the graph has ended: what is marked `out`; where
 * nothing is marked so, all that is not local. */
bool field_is_output(const Graph *graph, const Field *field);
/* Whether a run begins without a value that somebody meant. */
bool field_begins_unset(const Graph *graph, const Field *field);

#endif
