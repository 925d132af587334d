/* Shared by marks_inside_are_saved_at_once: what ran, and which node is to fail. */
#ifndef MARKS_INSIDE_H
#define MARKS_INSIDE_H

#include <dfl.h>

extern const char *failing;
void note(dfl_ctx *ctx, const char *name);
int fails(const char *name);

#endif
