/* world.h: what is simulated: a floor with walls, parcels, a dock, and a cat that walks to and fro. */
#ifndef WORLD_H
#define WORLD_H

#include <stdbool.h>

enum { WORLD_MOST = 64, WORLD_REACH = 5, WORLD_FULL = 90 };

typedef struct world {
    int width, height;
    char floor[WORLD_MOST][WORLD_MOST + 2]; /* '#' wall, ' ' free, 'p' parcel, 'D' where parcels go, 'H' the dock */
    int x, y;                               /* of the robot */
    int cat_x, cat_y, cat_step;
    int charge, grips;
} world;

/* Reads a floor from a file: the robot begins at the dock. NULL, or what is wrong. */
const char *world_read(world *w, const char *path);
/* Time goes on: the cat walks one step. */
void world_tick(world *w);
/* The robot goes a step, which takes a unit of charge; false: something stands there, or the battery is empty. */
bool world_step(world *w, int x, int y);
bool world_is_wall(const world *w, int x, int y);
bool world_find(const world *w, char what, int *x, int *y);
int world_count(const world *w, char what);
/* The steps from the robot to a place, around walls; -1: there is no way. *next_x, *next_y: the first of them. */
int world_way(const world *w, int x, int y, int *next_x, int *next_y);
void world_draw(const world *w);

#endif
