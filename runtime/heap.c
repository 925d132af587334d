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
    return p ? memset(p, 0, n) : NULL;
}

void *dfl__realloc(void *p, size_t n) {
    return may_allocate() ? realloc(p, n) : NULL;
}

void dfl__free(void *p) {
    free(p);
}
