/* dfl_buf: bytes on the heap that grow at their end.
 *
 * Those of a run whose state lies in a caller's buffer (-fstatic-memory) grow there: the highest bit of
 * their `cap` says so. A program never sees one. */
#include "mem.h"

enum { FIRST_CAP = 256 };

#define IN_BUFFER (SIZE_MAX / 2 + 1)

static size_t cap_of(const dfl_buf *buf) {
    return buf->cap & ~IN_BUFFER;
}

static bool is_in_buffer(const dfl_buf *buf) {
    return (buf->cap & IN_BUFFER) != 0;
}

bool dfl__buf_begin(dfl_buf *buf, dfl__heap *heap) {
    if (buf->p || !heap)
        return true;
    *buf = (dfl_buf){.p = dfl__heap_alloc(heap, FIRST_CAP), .cap = FIRST_CAP | IN_BUFFER};
    if (!buf->p)
        buf->cap = 0;
    return buf->p != NULL;
}

static DFL__APART bool grow(dfl_buf *buf, size_t n) {
    dfl__heap *heap = is_in_buffer(buf) ? dfl__static_heap_of(buf->p) : NULL;
    size_t cap = cap_of(buf) < FIRST_CAP ? FIRST_CAP : cap_of(buf);
    if (n > SIZE_MAX / 4 - buf->n)
        return false;
    while (cap < buf->n + n)
        cap *= 2;
    uint8_t *p = buf->p ? dfl__heap_realloc(heap, buf->p, cap) : dfl__malloc(cap);
    if (!p)
        return false;
    buf->p = p;
    buf->cap = heap ? cap | IN_BUFFER : cap;
    return true;
}

uint8_t *dfl__buf_room(dfl_buf *buf, size_t n) {
    if ((!buf->p || n > cap_of(buf) - buf->n) && !grow(buf, n))
        return NULL;
    uint8_t *room = buf->p + buf->n;
    buf->n += n;
    return room;
}

uint8_t *dfl_buf_room(dfl_buf *buf, size_t n) {
    return dfl__buf_room(buf, n);
}

void dfl_buf_free(dfl_buf *buf) {
    if (is_in_buffer(buf))
        dfl__static_free(buf->p);
    else
        dfl__free(buf->p);
    *buf = (dfl_buf){0};
}
