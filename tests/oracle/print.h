/* A file of graphs as text: the .dfl, and its nodes in C. */
#ifndef ORACLE_PRINT_H
#define ORACLE_PRINT_H

#include <stdio.h>

#include "model.h"

void print_dfl(FILE *out, const File *file);
/* Of the function that does what a node with a body does: "g1_body_n2(dfl_ctx *ctx, ...)", and a call. */
void print_function(FILE *out, const Graph *graph, const Node *node);
void print_call(FILE *out, const Graph *graph, const Node *node);
/* `name`: of the .dfl, without its end. */
void print_nodes(FILE *out, const File *file, const char *name);

#endif
