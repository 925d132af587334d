/* The rule that tells make what the output depends on. */
#ifndef DFLC_DEPFILE_H
#define DFLC_DEPFILE_H

#include "graph.h"
#include "options.h"
#include "outfile.h"

/* "finance.c finance.h: finance.dfl common.dfl", and with -MP "common.dfl:"; a machine
 * file and a profile are among them. Path and text; written
 * where -MF says, else beside c_path. */
OutFile depfile(Arena *arena, const Options *options, const Program *program, const char *c_path,
                const char *h_path);

#endif
