/* How files are called in what is written, so that it does not tell where they lay. */
#ifndef DFLC_PATHMAP_H
#define DFLC_PATHMAP_H

#include <stddef.h>

#include "arena.h"

typedef struct PathMap {
    const char *from, *to;   /* what a path begins with, and what stands there instead */
} PathMap;

typedef struct PathMaps {
    PathMap *items;
    size_t n, cap;
} PathMaps;

/* By the last map that fits, as gcc reads -ffile-prefix-map; the path itself when none does. */
const char *path_mapped(Arena *arena, const PathMaps *maps, const char *path);

#endif
