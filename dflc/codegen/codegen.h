/* Plan to C: the header and the source, as text.
 *
 * requires: a finished Plan; nothing else is read. Everything that is emitted is decided here by
 * the plan and the order of the source: the same input gives the same bytes. */
#ifndef DFLC_CODEGEN_H
#define DFLC_CODEGEN_H

#include "../cwriter.h"
#include "../plan.h"

typedef struct Output {
    CWriter *header, *source;
} Output;

Output codegen_program(Compilation *comp, const Plan *plan);

#endif
