/* file: URIs and the paths that they name. */
#ifndef DFLC_LSP_URI_H
#define DFLC_LSP_URI_H

#include <stdbool.h>

#include "dflc/arena.h"

/* "file:///a%20b.dfl" -> "/a b.dfl"; NULL: it names no file. */
const char *uri_path(Arena *arena, const char *uri);
/* "/a b.dfl" -> "file:///a%20b.dfl"; path: absolute. */
const char *uri_of(Arena *arena, const char *path);
/* Without "//", "/./" and "/x/../". */
const char *path_clean(Arena *arena, const char *path);
/* The real path of a file that exists, else path_clean. */
const char *path_real(Arena *arena, const char *path);
/* "lib/a.dfl" and "b.dfl" -> "lib/b.dfl" */
const char *path_beside(Arena *arena, const char *path, const char *name);
/* The beginning, up to the last '/': "" where there is none. */
const char *path_directory(Arena *arena, const char *path);
bool path_ends_in(const char *path, const char *end);

#endif
