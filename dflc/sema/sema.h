/* AST to Program: names, types, expressions, flow, regions. Every independent error is reported.
 * requires: a file that parsed without an error. Returns NULL when it reported an error. */
#ifndef DFLC_SEMA_H
#define DFLC_SEMA_H

#include "../ast.h"
#include "../graph.h"

Program *sema_program(Compilation *comp, AstFile *file);

#endif
