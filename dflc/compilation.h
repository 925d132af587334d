/* What every stage of one compilation shares. No stage keeps file-level state, so two
 * compilations can live in one process. */
#ifndef DFLC_COMPILATION_H
#define DFLC_COMPILATION_H

#include "arena.h"
#include "diag.h"
#include "source.h"
#include "strmap.h"

typedef struct Compilation {
    Arena *arena;
    Interner *names;
    Diags *diags;
} Compilation;

#endif
