/* The syntax tree of a text that is being written. */
#ifndef DFLC_LSP_REPAIR_H
#define DFLC_LSP_REPAIR_H

#include "dflc/ast.h"

/* All that can be read of it: where a statement is broken, it is left out, but
 * not what follows it. Spans are of `source`; errors are told to nobody. names:
 * of all the files that are looked at together. */
AstFile *parse_tolerant(Arena *arena, Interner *names, Source *source);

#endif
