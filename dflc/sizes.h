/* How many bytes a value takes in the state struct itself, as on 64-bit machines: what lists, maps and
 * strings point to is not part of it. And how many it takes with that, when lists, maps and strings are as
 * long as is assumed. */
#ifndef DFLC_SIZES_H
#define DFLC_SIZES_H

#include "graph.h"

typedef struct Sizes {
    StrMap structs;          /* by Struct.c_name */
} Sizes;

Sizes sizes_of(Arena *arena, const Program *program);
uint64_t size_bytes(const Sizes *sizes, const Type *type);

typedef struct Assumed {
    uint64_t elements, text_bytes; /* of each list and map; of each string */
} Assumed;

/* A struct within itself counts once. At most SIZE_MOST. */
#define SIZE_MOST (UINT64_C(1) << 40)
uint64_t size_with_contents(const Sizes *sizes, const Type *type, Assumed assumed);

#endif
