/* A heap in a caller's buffer (-fstatic-memory): all that a state and its runs allocate comes from it.
 *
 *     buffer   | dfl__heap | part | part | ...                    |
 *     part     | heap, bytes | what it is given out for           |
 *
 * Free parts are in a list in order of their addresses; the first that is large enough is taken, and
 * what is left of it stays in the list. A part that is given back joins its neighbours. Walking the
 * list is short: few parts are out at a time, the chunks of an arena and what a pause leaves. */
#include "arena.h"

typedef struct dfl__part {
    dfl__heap *heap;
    size_t bytes; /* with this header */
    struct dfl__part *next; /* of a free one: the next free one */
} Part;

enum { PART_HEAD = DFL__ALIGN, LEAST_PART = 2 * DFL__ALIGN };

_Static_assert(offsetof(Part, next) <= PART_HEAD, "what is given out begins behind the header");
_Static_assert(sizeof(Part) <= LEAST_PART, "a part that is free holds its link");

static size_t rounded(size_t n) {
    return (n + DFL__ALIGN - 1) & ~(size_t)(DFL__ALIGN - 1);
}

static Part *part_of(void *p) {
    return (Part *)(void *)((char *)p - PART_HEAD);
}

/* Of a state that was given no buffer. Nothing ever writes to it. */
static const dfl__heap none;

dfl__heap *dfl__heap_in(void *buffer, size_t n) {
    size_t pad = (size_t)(-(uintptr_t)buffer & (DFL__ALIGN - 1));
    size_t head = pad + rounded(sizeof(dfl__heap));
    if (!buffer || n < head + LEAST_PART)
        return (dfl__heap *)(uintptr_t)&none;
    dfl__heap *heap = (dfl__heap *)(void *)((char *)buffer + pad);
    Part *part = (Part *)(void *)((char *)buffer + head);
    size_t bytes = (n - head) & ~(size_t)(DFL__ALIGN - 1);
    *part = (Part){.heap = heap, .bytes = bytes};
    *heap = (dfl__heap){.bytes = n, .used = n - bytes, .peak = n - bytes, .free = part};
    return heap;
}

/* Leaves what is more than `bytes` of *link in the list. */
static Part *cut(Part **link, size_t bytes) {
    Part *part = *link;
    if (part->bytes - bytes < LEAST_PART) {
        *link = part->next;
        return part;
    }
    Part *rest = (Part *)(void *)((char *)part + bytes);
    *rest = (Part){part->heap, part->bytes - bytes, part->next};
    part->bytes = bytes;
    *link = rest;
    return part;
}

void *dfl__static_alloc(dfl__heap *heap, size_t n) {
    Part **link = &heap->free, *part;
    size_t bytes;
    if (n > heap->bytes)
        return NULL;
    bytes = rounded(n < DFL__ALIGN ? DFL__ALIGN : n) + PART_HEAD;
    while (*link && (*link)->bytes < bytes)
        link = &(*link)->next;
    if (!*link)
        return NULL;
    part = cut(link, bytes);
    heap->used += part->bytes;
    if (heap->used > heap->peak)
        heap->peak = heap->used;
    return (char *)part + PART_HEAD;
}

static bool touch(const Part *before, const Part *after) {
    return (const char *)before + before->bytes == (const char *)after;
}

static void join_next(Part *part) {
    Part *next = part->next;
    if (!next || !touch(part, next))
        return;
    part->bytes += next->bytes;
    part->next = next->next;
}

void dfl__static_free(void *p) {
    Part *part = part_of(p), *before = NULL, *after = part->heap->free;
    part->heap->used -= part->bytes;
    for (; after && after < part; after = after->next)
        before = after;
    part->next = after;
    if (before)
        before->next = part;
    else
        part->heap->free = part;
    join_next(part);
    if (before)
        join_next(before);
}

size_t dfl__static_size(const void *p) {
    return part_of((void *)(uintptr_t)p)->bytes - PART_HEAD;
}

dfl__heap *dfl__static_heap_of(const void *p) {
    return part_of((void *)(uintptr_t)p)->heap;
}

size_t dfl__heap_peak(const dfl__heap *heap) {
    return heap->peak;
}
