/* What a fork copies.
 *
 * A branch has a value of its own of each field that it writes. Copied is what lies in the state
 * struct itself: arrays, and structs that hold them; lists, maps and strings are shared until they
 * are changed. A value that a branch always writes before it reads it need not be copied, nor one
 * to which it only appends or adds: those updates are kept apart, and the join makes them. */
#ifndef DFLC_COPIES_H
#define DFLC_COPIES_H

#include "analysis/access.h"
#include "analysis/live.h"
#include "liveness.h"
#include "sizes.h"

/* The bytes that the fork copies of one field for one branch. live: NULL to leave out the second
 * question, which gives a bound from above. */
uint64_t fork_copies(const Sizes *sizes, const Live *live, const Region *branch,
                     const FieldUse *use);

/* The branch of a section that a region is, or lies in; NULL: none. */
const Region *branch_around(const Section *section, const Region *region);
/* Why a branch needs the value: who in it reads the field, or else who updates it (a reducer adds
 * to what was there) or writes it, though not on every way. */
const Access *fork_copy_reason(Arena *arena, const Accesses *accesses, const Region *branch,
                               const Field *field);

#endif
