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
    DFL__ALIGN = 16,       /* of dfl_alloc: enough for anything */
    DFL__CHUNK_HEAD = 32,  /* bytes of a chunk before its first allocation */
    DFL__LARGE = 8 * 1024, /* what is larger has a chunk of its own, and never moves */
    DFL__LARGEST_CHUNK = 64 * 1024,
    DFL__MALLOC_HEAD = 16 /* left to malloc, so that a chunk fills a whole power of two */
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

static inline size_t dfl__chunk_size(const dfl__chunk *chunk) {
    return (size_t)(chunk->end - (const char *)chunk);
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

/* ---- values that will take the place of others ---- */

/* Puts what `mem` holds aside, and gives it a chunk for about `bytes` (within limits): the one that it has to
 * spare, or a new one; false, with nothing changed, when out of memory. Then either
 *     forget   what was put aside is freed, but for one chunk, so that beginning again and again needs no
 *              malloc; or
 *     back     what came since is freed, and mem holds what it did.
 * What is decoded goes into one arena again and again, so begin and forget are in place. */

/* The rarer halves of begin and forget. */
bool dfl__mem_begin_new(dfl__mem *mem, dfl__aside *aside, size_t bytes);
void dfl__mem_free_aside(dfl__mem *mem, const dfl__aside *aside);

/* The spare chunk stays. */
static inline void dfl__mem_put_aside(dfl__mem *mem, dfl__aside *aside) {
    aside->at = mem->at;
    aside->end = mem->end;
    aside->chunks = mem->chunks;
    aside->table = mem->table;
    aside->bytes = mem->bytes;
    if (mem->spare)
        aside->bytes -= dfl__chunk_size(mem->spare);
}

static inline bool dfl__mem_begin(dfl__mem *mem, dfl__aside *aside, size_t bytes) {
    const size_t head = DFL__CHUNK_HEAD + DFL__ALIGN;
    const size_t most = DFL__LARGEST_CHUNK - DFL__MALLOC_HEAD - head;
    dfl__chunk *chunk = mem->spare;
    dfl__mem_put_aside(mem, aside);
    bytes = bytes < most ? bytes : most;
    if (!chunk || dfl__chunk_size(chunk) < bytes + head)
        return dfl__mem_begin_new(mem, aside, bytes);
    mem->spare = NULL;
    mem->chunks = chunk;
    mem->table = NULL;
    mem->bytes = dfl__chunk_size(chunk);
    mem->at = dfl__chunk_start(chunk);
    mem->end = chunk->end;
    return true;
}

static inline void dfl__mem_set_spare(dfl__mem *mem, dfl__chunk *chunk) {
    mem->spare = chunk;
    mem->bytes += dfl__chunk_size(chunk);
    chunk->next = NULL;
}

static inline void dfl__mem_forget(dfl__mem *mem, const dfl__aside *aside) {
    dfl__chunk *only = aside->chunks;
    mem->reclaim_at = 0;
    mem->epoch++; /* no buffer of either may pass for one that this attempt made */
    if (only && !only->next && !only->large && !aside->table && !mem->spare)
        dfl__mem_set_spare(mem, only); /* as when one state is decoded into again and again */
    else
        dfl__mem_free_aside(mem, aside);
}

void dfl__mem_back(dfl__mem *mem, const dfl__aside *aside);

/* ---- for nodes ---- */

/* dfl__bump, but a failure, and the need to reclaim, are remembered by the ctx. */
void *dfl__ctx_alloc(dfl_ctx *ctx, size_t n, size_t align);
/* After the live bytes of mem are known: when to reclaim next. */
void dfl__mem_set_threshold(dfl__mem *mem);
/* Marks ctx when its memory has passed the threshold. */
void dfl__ctx_note(dfl_ctx *ctx);

#endif
