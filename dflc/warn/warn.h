/* The warnings of the language, for every graph of the main file.
 *
 * requires: a Program without errors. Each warning rests on dflc/analysis or dflc/cost.c; what is
 * said here is only said where it is sure: a path that no run takes, as far as the guards tell,
 * counts for nothing. */
#ifndef DFLC_WARN_H
#define DFLC_WARN_H

#include "../cost.h"

void warn_program(Compilation *comp, const Program *program, const ProgramCosts *costs);

#endif
