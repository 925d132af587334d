/* Which fields are live: what a checkpoint has to save, and what a fork has to copy.
 *
 * requires: a Program that sema accepted. Guards are not reasoned about here, all ways count: what
 * a person changes before a resume may turn any guard. A field is live before a place when what it
 * holds there may be read on some way from it: by a node, a guard, an each, a subgraph's binding, or
 * by the program at end (field_is_output). Outputs that merge are live wherever updates may follow,
 * as the updates add to what is there; and so are other fields whose updates may fail, by what is there.
 *
 * In a branch it is the branch's own view that is meant: at its join are live the fields that it
 * writes and that are live behind the section. What a branch only reads it reads in the region
 * around, where the field is live before the section.
 *
 * What was chosen before a save goes on at the target of the edge: save field_live_before of that.
 * After `pause after` the edge is chosen at the resume: save field_live_after of the place.
 *
 * A person reads all fields at a `pause before` or `pause after`.
 *
 * Handles and transient fields are live like others; that they are not saved is not said here. */
#ifndef DFLC_ANALYSIS_LIVE_H
#define DFLC_ANALYSIS_LIVE_H

#include "../graph.h"

typedef struct Live Live;

Live *live_of(Compilation *comp, const Graph *graph);

/* O(log segments) each. */
bool field_live_before(const Live *live, const Place *place, const Field *field);
/* After a place has done its work, before its guards are asked. */
bool field_live_after(const Live *live, const Place *place, const Field *field);

/* Tells, for each field and in order of the flow, from which slot on it is live, and from which not,
 * in the graph's own region. A place has two slots: 2 p before it, 2 p + 1 after it, where p is its
 * live_position; they are as dense as the places of the region. At slot 0 nothing is live before it
 * is told. In all O(places that touch a block of 64 fields, and changes). */
typedef void LiveChange(void *context, const Field *field, uint32_t slot, bool is_live);
void live_changes(const Live *live, LiveChange *change, void *context);
uint32_t live_position(const Live *live, const Place *place);

/* Whether a branch needs the value that a field has at the fork: it reads it before writing, or
 * may come to the join without having written what it would hand over. False also for a field that
 * it does not touch. */
bool branch_needs_value(const Live *live, const Region *branch, const Field *field);

#endif
