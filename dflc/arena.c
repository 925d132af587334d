#include "arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 16, FIRST_BLOCK = 64 * 1024, LARGEST_BLOCK = 4 * 1024 * 1024 };

/* A block is this header, then its bytes. Blocks come zeroed from calloc, so allocating is an
 * addition; a fresh block doubles the one before it, up to LARGEST_BLOCK. */
typedef struct Block {
    struct Block *before;
    size_t used, size;
    _Alignas(ALIGNMENT) char bytes[];
} Block;

struct Arena {
    Block *current;
};

void arena_out_of_memory(void) {
    fputs("dflc: out of memory\n", stderr);
    exit(2);
}

static Block *block_new(Block *before, size_t size) {
    if (size > SIZE_MAX - sizeof(Block))
        arena_out_of_memory();
    Block *block = calloc(1, sizeof(Block) + size);
    if (!block)
        arena_out_of_memory();
    block->before = before;
    block->size = size;
    return block;
}

Arena *arena_new(void) {
    Arena *arena = malloc(sizeof *arena);
    if (!arena)
        arena_out_of_memory();
    arena->current = block_new(NULL, FIRST_BLOCK);
    return arena;
}

void arena_free(Arena *arena) {
    if (!arena)
        return;
    for (Block *block = arena->current, *before; block; block = before) {
        before = block->before;
        free(block);
    }
    free(arena);
}

static size_t next_block_size(const Block *current, size_t n) {
    size_t size = current->size < LARGEST_BLOCK ? current->size * 2 : LARGEST_BLOCK;
    return size > n ? size : n;
}

/* A big request gets a block of its own behind the current one, whose rest stays in use. */
static void *alloc_beside(Arena *arena, size_t n) {
    Block *block = block_new(arena->current->before, n);
    block->used = n;
    arena->current->before = block;
    return block->bytes;
}

void *arena_alloc(Arena *arena, size_t n) {
    if (n > SIZE_MAX - ALIGNMENT)
        arena_out_of_memory();
    n = (n + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (n > arena->current->size - arena->current->used) {
        if (n > FIRST_BLOCK)
            return alloc_beside(arena, n);
        arena->current = block_new(arena->current, next_block_size(arena->current, n));
    }
    void *p = arena->current->bytes + arena->current->used;
    arena->current->used += n;
    return p;
}

char *arena_strndup(Arena *arena, const char *s, size_t n) {
    char *copy = arena_alloc(arena, n + 1);
    if (n)
        memcpy(copy, s, n);
    return copy;
}

char *arena_vprintf(Arena *arena, const char *fmt, va_list args) {
    va_list measure;
    va_copy(measure, args);
    int n = vsnprintf(NULL, 0, fmt, measure);
    va_end(measure);
    if (n < 0)
        arena_out_of_memory();
    char *text = arena_alloc(arena, (size_t)n + 1);
    vsnprintf(text, (size_t)n + 1, fmt, args);
    return text;
}

char *arena_printf(Arena *arena, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    char *text = arena_vprintf(arena, fmt, args);
    va_end(args);
    return text;
}

void *arena_grow(Arena *arena, void *items, size_t item_bytes, size_t n, size_t *cap) {
    size_t wider = *cap ? *cap * 2 : 4;
    if (wider < *cap || wider > SIZE_MAX / item_bytes)
        arena_out_of_memory();
    void *copy = arena_alloc(arena, wider * item_bytes);
    if (n)
        memcpy(copy, items, n * item_bytes);
    *cap = wider;
    return copy;
}
