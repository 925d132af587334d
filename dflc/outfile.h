/* Writing the results: all of them or none.
 *
 * Every file is first written beside its target under another name, and renamed when all are
 * complete. What was there before is left alone until then. */
#ifndef DFLC_OUTFILE_H
#define DFLC_OUTFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"

typedef struct OutFile {
    const char *path;
    const char *text;
    size_t n;
} OutFile;

/* Returns false after one line on stderr that says which file and why. */
bool outfiles_write(Arena *arena, const OutFile *files, size_t n_files);

/* The path with its ending (".dfl", ".c") replaced, and, where directory is not NULL, moved there:
 * outfile_name(arena, "a/b.dfl", "out", ".h") is "out/b.h". */
const char *outfile_name(Arena *arena, const char *path, const char *directory,
                         const char *ending);

#endif
