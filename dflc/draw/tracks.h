/* Which edge takes which track of a channel. */
#ifndef DFLC_DRAW_TRACKS_H
#define DFLC_DRAW_TRACKS_H

#include "scene.h"

enum { NO_TRACK = -1 };

/* One piece of an edge in a channel, from a to b. Both ends at the top, or both at the bottom: it
 * turns. */
typedef struct Wire {
    Item *a, *b;
    int32_t ax, bx;
    bool a_top, b_top; /* the end is at the top of the channel */
    int32_t track;     /* from 0, the topmost one; NO_TRACK: it goes straight */
    uint32_t net;
} Wire;

typedef struct Tracks Tracks;
Tracks *tracks_new(Arena *arena, const Flow *flow);
/* Finds the tracks of all wires of one channel, and returns how many there are. */
int32_t tracks_find(Tracks *t, Wire **wires, size_t n);

#endif
