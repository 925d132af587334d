/* mem.h: the memory of a state, as the other parts of the runtime see it; see README.md.
 *
 * A dfl__mem belongs to one thread at a time. No call here locks. */
#ifndef DFL_MEM_H
#define DFL_MEM_H

#include "dfl.h"

/* Keeps what is rare from costing what is common registers. */
#if defined(__GNUC__)
#define DFL__APART __attribute__((noinline))
#define DFL__INTO __attribute__((always_inline)) /* and the other way around, where compilers would not */
#else
#define DFL__APART
#define DFL__INTO
#endif

/* ---- the heap: every allocation of the runtime goes through these (heap.c) ---- */

void *dfl__malloc(size_t n);
void *dfl__zalloc(size_t n); /* the same, zeroed */
void *dfl__realloc(void *p, size_t n);
/* Zeroes of a struct of some hundred bytes by the C library, which is quicker at that than what compilers put
 * in place. */
void dfl__clear(void *p, size_t n);
void dfl__free(void *p);

/* The same of a state and its run, whose memory may be in a caller's buffer. heap: dfl__mem.heap; NULL:
 * malloc. What was given out goes back to the same one. */
void *dfl__heap_alloc(dfl__heap *heap, size_t n);
void *dfl__heap_realloc(dfl__heap *heap, void *p, size_t n);
void dfl__heap_free(dfl__heap *heap, void *p);

/* ---- heaps in buffers (static_heap.c) ---- */

struct dfl__heap {
    size_t bytes;      /* of the buffer; 0: there is none */
    size_t used, peak; /* of them, now and at most */
    struct dfl__part *free;
};

void *dfl__static_alloc(dfl__heap *heap, size_t n);
void dfl__static_free(void *p);
/* What p, which came from such a heap, has room for; and that heap. */
size_t dfl__static_size(const void *p);
dfl__heap *dfl__static_heap_of(const void *p);

/* For tests: let this many more allocations succeed, then fail one. Negative: fail none. */
void dfl__fail_after(long n);

/* ---- arenas (arena.c) ---- */

/* n bytes, aligned for anything, contents undefined; NULL when out of memory (no flag is set). */
void *dfl__mem_alloc(dfl__mem *mem, size_t n);
/* All that `from` allocated now belongs to `into`; `from` is empty and may be used again. Never
 * fails. Afterwards `into` may be due for reclaiming. */
void dfl__mem_adopt(dfl__mem *into, dfl__mem *from);
/* Has mem passed its threshold? What DFL__RECLAIM tells of ctx->mem. */
bool dfl__mem_due(const dfl__mem *mem);
/* Does p point into mem? Never reads what p points to. */
bool dfl__mem_holds(const dfl__mem *mem, const void *p);

/* ---- reclaiming (reclaim.c) ---- */

/* Moves what the roots reach within mem to fresh memory, rewrites every pointer to it, and frees
 * the rest. For a safe point only: pointers into mem that no root knows are dead afterwards. The
 * roots themselves are not moved; one that lies in mem is kept, also when its type is NULL (it holds
 * no pointer). No roots at all: nothing is alive.
 * DFL_OK; or DFL_ENOMEM when there was no memory to move to: then nothing was freed, every value is
 * as good as before, and the next attempt is put off. The caller clears DFL__RECLAIM either way. */
int dfl__mem_reclaim(dfl__mem *mem, const dfl__root *roots);

/* ---- a ctx (ctx.c) ---- */

/* What ctx->cancel points to when nobody can cancel. */
extern const uint32_t dfl__never;
/* A ctx made ready over `mem`: no run, first attempt, no element, never cancelled, nothing failed or caught. */
void dfl__ctx_init(dfl_ctx *ctx, dfl__mem *mem);

#endif
