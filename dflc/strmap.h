/* Interned names, and maps from names to pointers. */
#ifndef DFLC_STRMAP_H
#define DFLC_STRMAP_H

#include <stddef.h>

#include "arena.h"

/* Names are interned once per compilation, so that they compare by pointer. */
typedef struct Interner Interner;
Interner *interner_new(Arena *arena);
const char *intern(Interner *interner, const char *s, size_t n);
const char *intern_cstr(Interner *interner, const char *s);

/* Name (interned) to pointer. Iteration is in order of insertion. */
typedef struct StrMap {
    struct StrMapEntry {
        const char *name;
        void *value;
    } *entries;
    size_t n, cap;
    unsigned *index;     /* open addressing; entry number + 1 */
    size_t index_size;
} StrMap;
void *strmap_get(const StrMap *map, const char *name);
/* Replaces what was there; returns the old value or NULL. */
void *strmap_put(StrMap *map, Arena *arena, const char *name, void *value);

#endif
