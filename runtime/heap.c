/* The heap, as the runtime uses it: one door to malloc, with a hinge for tests. */
#include <stdatomic.h>
#include <stdlib.h>

#include "mem.h"

/* Allocations that may still succeed before one fails; negative when none is to fail. Tests set it
 * while no other thread allocates; a plain run pays one load of a line that nobody writes. */
static atomic_long left = -1;

void dfl__fail_after(long n) {
    atomic_store_explicit(&left, n, memory_order_relaxed);
}

static bool may_allocate(void) {
    if (atomic_load_explicit(&left, memory_order_relaxed) < 0)
        return true;
    return atomic_fetch_sub_explicit(&left, 1, memory_order_relaxed) != 0;
}

void *dfl__malloc(size_t n) {
    return may_allocate() ? malloc(n) : NULL;
}

void *dfl__zalloc(size_t n) {
    void *p = dfl__malloc(n);
    if (p)
        memset(p, 0, n);
    return p;
}

void dfl__clear(void *p, size_t n) {
    memset(p, 0, n);
}

void *dfl__realloc(void *p, size_t n) {
    return may_allocate() ? realloc(p, n) : NULL;
}

void dfl__free(void *p) {
    free(p);
}

/* ---- of a state ---- */

void *dfl__heap_alloc(dfl__heap *heap, size_t n) {
    if (!heap)
        return dfl__malloc(n);
    return may_allocate() ? dfl__static_alloc(heap, n) : NULL;
}

void *dfl__heap_realloc(dfl__heap *heap, void *p, size_t n) {
    if (!heap)
        return dfl__realloc(p, n);
    void *fresh = dfl__heap_alloc(heap, n);
    if (fresh && p) {
        size_t old = dfl__static_size(p);
        memcpy(fresh, p, old < n ? old : n);
        dfl__static_free(p);
    }
    return fresh;
}

void dfl__heap_free(dfl__heap *heap, void *p) {
    if (!heap)
        dfl__free(p);
    else if (p)
        dfl__static_free(p);
}
