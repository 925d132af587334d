#include "strmap.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "fnv.h"

/* Both tables are open addressing with linear probing: the size is a power of two, a slot holds
 * the number of its entry plus one (0: free), and at most half of the slots are taken. */

typedef struct Interned {
    const char *text;
    size_t n;
    uint64_t hash;
} Interned;

struct Interner {
    Arena *arena;
    Interned *names;
    size_t n, cap;
    unsigned *index;
    size_t index_size;
};

/* A final mix, because the low bits choose the slot. */
static uint64_t hash_bytes(const char *s, size_t n) {
    uint64_t hash = fnv(FNV_BEGIN, s, n);
    return hash ^ hash >> 29;
}

static uint64_t hash_pointer(const void *p) {
    uint64_t hash = (uint64_t)(uintptr_t)p * 11400714819323198485u;
    return hash ^ hash >> 32;
}

Interner *interner_new(Arena *arena) {
    Interner *interner = ARENA_NEW(arena, Interner);
    interner->arena = arena;
    return interner;
}

static void interner_reindex(Interner *interner) {
    size_t size = interner->index_size ? interner->index_size * 2 : 64;
    interner->index = ARENA_ARRAY(interner->arena, unsigned, size);
    interner->index_size = size;
    for (size_t i = 0; i < interner->n; i++) {
        size_t slot = interner->names[i].hash & (size - 1);
        while (interner->index[slot])
            slot = (slot + 1) & (size - 1);
        interner->index[slot] = (unsigned)i + 1;
    }
}

static bool is_name(const Interned *name, const char *s, size_t n, uint64_t hash) {
    return name->hash == hash && name->n == n && memcmp(name->text, s, n) == 0;
}

const char *intern(Interner *interner, const char *s, size_t n) {
    if (interner->n * 2 >= interner->index_size)
        interner_reindex(interner);
    uint64_t hash = hash_bytes(s, n);
    size_t slot = hash & (interner->index_size - 1);
    for (; interner->index[slot]; slot = (slot + 1) & (interner->index_size - 1)) {
        const Interned *name = &interner->names[interner->index[slot] - 1];
        if (is_name(name, s, n, hash))
            return name->text;
    }
    Interned name = {arena_strndup(interner->arena, s, n), n, hash};
    ARENA_PUSH(interner->arena, interner->names, interner->n, interner->cap, name);
    interner->index[slot] = (unsigned)interner->n;
    return name.text;
}

const char *intern_cstr(Interner *interner, const char *s) {
    return intern(interner, s, strlen(s));
}

/* The slot of the name, or the free slot where it belongs. */
static size_t map_slot(const StrMap *map, const char *name) {
    size_t slot = hash_pointer(name) & (map->index_size - 1);
    while (map->index[slot] && map->entries[map->index[slot] - 1].name != name)
        slot = (slot + 1) & (map->index_size - 1);
    return slot;
}

void *strmap_get(const StrMap *map, const char *name) {
    if (map->n == 0)
        return NULL;
    unsigned entry = map->index[map_slot(map, name)];
    return entry ? map->entries[entry - 1].value : NULL;
}

static void map_reindex(StrMap *map, Arena *arena) {
    map->index_size = map->index_size ? map->index_size * 2 : 16;
    map->index = ARENA_ARRAY(arena, unsigned, map->index_size);
    for (size_t i = 0; i < map->n; i++)
        map->index[map_slot(map, map->entries[i].name)] = (unsigned)i + 1;
}

void *strmap_put(StrMap *map, Arena *arena, const char *name, void *value) {
    if (map->n * 2 >= map->index_size)
        map_reindex(map, arena);
    size_t slot = map_slot(map, name);
    if (map->index[slot]) {
        struct StrMapEntry *entry = &map->entries[map->index[slot] - 1];
        void *old = entry->value;
        entry->value = value;
        return old;
    }
    struct StrMapEntry entry = {name, value};
    ARENA_PUSH(arena, map->entries, map->n, map->cap, entry);
    map->index[slot] = (unsigned)map->n;
    return NULL;
}
