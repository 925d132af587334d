/* A file of graphs as text: the .dfl, and its nodes in C. */
#ifndef ORACLE_PRINT_H
#define ORACLE_PRINT_H

#include <stdio.h>

#include "model.h"

void print_dfl(FILE *out, const File *file);
/* `name`: of the .dfl, without its end. */
void print_nodes(FILE *out, const File *file, const char *name);

#endif
