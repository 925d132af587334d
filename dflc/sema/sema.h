/* AST to Program: names, types, expressions, flow, regions. Every independent error is reported.
 * requires: a file that parsed without an error. What it imports is looked for beside the file that
 * says so, then in each of import_dirs. Returns NULL when it reported an error. */
#ifndef DFLC_SEMA_H
#define DFLC_SEMA_H

#include "../ast.h"
#include "../graph.h"

Program *sema_program(Compilation *comp, AstFile *file, const char **import_dirs,
                      size_t n_import_dirs);

/* Every section with `ranks` is an error: with this option there is nothing to send. */
void ranks_refuse(Compilation *comp, const Program *program, const char *option, const char *why);

#endif
