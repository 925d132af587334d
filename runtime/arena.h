/* arena.h: inside an arena, for the files that allocate values in it; others see mem.h.
 *
 *     dfl__mem.chunks -> chunk -> chunk -> ... -> NULL
 *                        | dfl__chunk | bytes ............ | end
 *                                      in the newest:  ^at ^end of dfl__mem
 */
#ifndef DFL_ARENA_H
#define DFL_ARENA_H

#include "mem.h"

enum {
    DFL__ALIGN = 16,      /* of dfl_alloc: enough for anything */
    DFL__CHUNK_HEAD = 32, /* bytes of a chunk before its first allocation */
    DFL__LARGE = 8 * 1024 /* what is larger has a chunk of its own, and never moves */
};

typedef struct dfl__chunk {
    struct dfl__chunk *next;
    char *end;
    bool large; /* holds one allocation */
    bool kept;  /* reclaiming: something reaches into it */
} dfl__chunk;

_Static_assert(sizeof(dfl__chunk) <= DFL__CHUNK_HEAD, "allocations begin after the header");

static inline char *dfl__chunk_start(dfl__chunk *chunk) {
    return (char *)chunk + DFL__CHUNK_HEAD;
}

/* The chunk of mem that p points into, or NULL. Looks at the address alone. */
dfl__chunk *dfl__mem_chunk(const dfl__mem *mem, const void *p);
/* Puts a chunk that belongs to no arena into mem. Never fails. */
void dfl__mem_insert(dfl__mem *mem, dfl__chunk *chunk);

/* Frees the chunk that mem has to spare, if it has. */
void dfl__mem_drop_spare(dfl__mem *mem);

/* n bytes (at least 1) when the newest chunk has no room for them. */
void *dfl__mem_more(dfl__mem *mem, size_t n, size_t align);

/* n bytes (at least 1) at a multiple of align (a power of two up to DFL__ALIGN), or NULL. */
static inline void *dfl__bump(dfl__mem *mem, size_t n, size_t align) {
    size_t room = (size_t)(mem->end - mem->at);
    size_t pad = (size_t)(-(uintptr_t)mem->at & (align - 1));
    if (n > room || pad > room - n)
        return dfl__mem_more(mem, n, align);
    char *p = mem->at + pad;
    mem->at = p + n;
    return p;
}

/* The same for a node: a failure, and the need to reclaim, are remembered by the ctx. */
void *dfl__ctx_alloc(dfl_ctx *ctx, size_t n, size_t align);
/* After the live bytes of mem are known: when to reclaim next. */
void dfl__mem_set_threshold(dfl__mem *mem);
/* Marks ctx when its memory has passed the threshold. */
void dfl__ctx_note(dfl_ctx *ctx);

#endif
