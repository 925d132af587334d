/* What the nodes of both sides are made of. */
#ifndef NODES_H
#define NODES_H

#include <dfl.h>

#include <inttypes.h>
#include <stdio.h>

/* A key of a map, formatted as the seed's nodes do. It lives until the next one. */
#define KEY(CTX, ...) dfl_printf(CTX, __VA_ARGS__)

#endif
