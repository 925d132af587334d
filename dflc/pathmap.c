#include "pathmap.h"

#include <string.h>

const char *path_mapped(Arena *arena, const PathMaps *maps, const char *path) {
    for (size_t i = maps->n; i-- > 0;) {
        const PathMap *map = &maps->items[i];
        size_t n = strlen(map->from);
        if (strncmp(path, map->from, n) == 0)
            return arena_printf(arena, "%s%s", map->to, path + n);
    }
    return path;
}
