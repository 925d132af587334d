/* How many bytes a value takes in the state struct itself, as on 64-bit machines. What lists, maps
 * and strings point to is not part of it. */
#ifndef DFLC_SIZES_H
#define DFLC_SIZES_H

#include "graph.h"

typedef struct Sizes {
    StrMap structs;          /* by Struct.c_name */
} Sizes;

Sizes sizes_of(Arena *arena, const Program *program);
uint64_t size_bytes(const Sizes *sizes, const Type *type);

#endif
