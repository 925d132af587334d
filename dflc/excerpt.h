/* A source line with what is meant underlined:
 *
 *    14 |     draft -> [facts, tone] -> merge;
 *       |               ^~~~~  ~~~~
 */
#ifndef DFLC_EXCERPT_H
#define DFLC_EXCERPT_H

#include <stdio.h>

#include "source.h"

/* Prints the line where `at` begins, `^~~~` under `at` (to the end of that line at most) and `~~~`
 * under `also` where it lies on the same line. Tabs are expanded to multiples of 8, what a terminal
 * could not show becomes '?', and a long line is cut around `at`. color, off: escape sequences
 * around the marks, or "". */
void excerpt_print(FILE *out, Span at, Span also, const char *color, const char *off);

#endif
