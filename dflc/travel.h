/* Sections on other ranks: what keeps one where the run is, and what travels of the state.
 *
 * requires: a finished graph and its liveness. Sections in graphs that nodes of others run stay at home in any case
 * (codegen/spread.c); sema/ranks.c tells of what stands in the way where the source says `ranks`. */
#ifndef DFLC_TRAVEL_H
#define DFLC_TRAVEL_H

#include "liveness.h"

typedef enum ObstacleKind {
    OB_NESTED, /* the section is in a branch: it runs where that does */
    OB_PAUSE,  /* `node` pauses, or runs a graph in which `pausing` does */
    OB_FIELD,  /* a branch uses `field`, which is a handle or transient */
} ObstacleKind;

typedef struct Obstacle {
    ObstacleKind kind;
    const Node *node, *pausing;
    const Field *field;
} Obstacle;

typedef struct Obstacles {
    Obstacle *all;
    size_t n, cap;
} Obstacles;

/* Appends each of them, in the order of the text; of a section in a branch that alone. */
void travel_obstacles(Arena *arena, const Graph *graph, const Section *section, const Liveness *uses,
                      Obstacles *out);
/* In a few words, for who has not asked for ranks: "'ask' pauses the run". */
const char *travel_obstacle_text(Arena *arena, const Obstacle *obstacle);

/* What an each runs over lies in the field. */
bool travel_runs_over(const Section *section, const Field *field);
/* Whether branches read the field of the state. */
bool travel_needs(const Liveness *uses, const Section *section, const Field *field);
/* The list that an each runs over, where its chunks take their elements with them: no branch reads the list itself.
 * NULL: all of what it runs over goes to each rank. */
const Field *travel_in_pieces(const Liveness *uses, const Section *section);

#endif
