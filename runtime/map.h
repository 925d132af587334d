/* map.h: the index of a map, for the files that move maps. */
#ifndef DFL_MAP_H
#define DFL_MAP_H

#include "buffer.h"

enum { DFL__UNINDEXED = 8 }; /* up to so many entries a scan is faster than an index */

typedef struct dfl__slot {
    uint32_t hash;
    uint32_t number; /* of the entry, from 1; 0: free */
} dfl__slot;

/* Open addressing with linear probing; at most three in four slots are taken. It numbers every
 * entry below head.used; a map whose len is smaller ignores those from len on. */
typedef struct dfl__key_index {
    size_t mask;
    const uint64_t *random; /* dfl__hash_words() */
    dfl__slot slots[];
} dfl__key_index;

/* Bytes of a buffer for `cap` entries and their index; SIZE_MAX when beyond all memory. */
size_t dfl__map_bytes(uint32_t cap, size_t entry);
/* The index within such a buffer, NULL when it needs none. */
dfl__key_index *dfl__map_index(void *entries, uint32_t cap, size_t entry);
void dfl__key_index_clear(dfl__key_index *index, uint32_t cap);
/* Adds entries [from, to); their hashes are taken from `known` (an index of the same entries, or
 * NULL), else computed. */
void dfl__key_index_add(dfl__key_index *index, const dfl__key_index *known, const char *entries, size_t entry,
                    uint32_t from, uint32_t to);

#endif
