/* Which places and ways a run can take, as far as the guards tell, and what is known at each place.
 *
 * A way that is not marked is never taken. One that is marked may still never be: what C code
 * answers is not known. A pause forgets everything, for a person may change the state there. */
#ifndef DFLC_ANALYSIS_REACHED_H
#define DFLC_ANALYSIS_REACHED_H

#include "../liveness.h"
#include "access.h"
#include "known.h"
#include "ways.h"

typedef struct Reached {
    const Ways *ways;
    const Liveness *uses;
    const Accesses *accesses;
    bool *place;             /* by Place.index */
    bool *way;               /* by the numbers of ways */
    struct KnownAt *known;   /* by position; see reached_known */
} Reached;

Reached *reached_of(Arena *arena, const Ways *ways, const Accesses *accesses,
                    const Liveness *uses);
/* The same of runs that end at the places for which `stops` is true, when they have done their
 * work: what else can be reached is reached past them. A failure still leads on. */
typedef bool ReachedStop(const void *context, const Place *place);
Reached *reached_past(Arena *arena, const Reached *all, ReachedStop *stops, const void *context);
/* What is known when a place has done its work, and its first guard is asked. */
Known reached_known(const Reached *reached, const Place *place);
/* Learns that the k-th way is tried and, as `taken` says, goes on there or to the next. */
void reached_try(Known *known, const Place *place, size_t k, bool taken);

#endif
