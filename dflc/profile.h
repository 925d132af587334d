/* A profile held against a program: what was measured of each place, wherever its graph ran. */
#ifndef DFLC_PROFILE_H
#define DFLC_PROFILE_H

#include "graph.h"
#include "profile_file.h"

/* Of one place. */
typedef struct Measured {
    bool known;                /* the profile tells of it */
    uint64_t begun, succeeded, calls, ns;
} Measured;

typedef struct Profile Profile;

/* What fits is taken; of what does not, one warning tells (stale-profile). Graphs of other files that
 * the profile tells of are no matter. */
Profile *profile_fit(Compilation *comp, const ProfileFile *file, const Program *program);
/* All zero when the profile tells nothing of the graph or the place. */
Measured profile_place(const Profile *profile, const Graph *graph, const Place *place);
/* How often the graph's own region was entered: runs, and calls of nodes that run it; 0: never. */
uint64_t profile_entries(const Profile *profile, const Graph *graph);
/* How often a run went from one place to another, perhaps through choices. */
uint64_t profile_taken(const Profile *profile, const Graph *graph, const Place *from,
                       const Place *to);

#endif
