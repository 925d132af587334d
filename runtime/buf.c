/* dfl_buf: bytes on the heap that grow at their end. */
#include "mem.h"

enum { FIRST_CAP = 256 };

uint8_t *dfl__buf_room(dfl_buf *buf, size_t n) {
    if (!buf->p || n > buf->cap - buf->n) {
        size_t cap = buf->cap < FIRST_CAP ? FIRST_CAP : buf->cap;
        if (n > SIZE_MAX / 2 - buf->n)
            return NULL;
        while (cap < buf->n + n)
            cap *= 2;
        uint8_t *p = dfl__realloc(buf->p, cap);
        if (!p)
            return NULL;
        buf->p = p;
        buf->cap = cap;
    }
    uint8_t *room = buf->p + buf->n;
    buf->n += n;
    return room;
}

uint8_t *dfl_buf_room(dfl_buf *buf, size_t n) {
    return dfl__buf_room(buf, n);
}

void dfl_buf_free(dfl_buf *buf) {
    dfl__free(buf->p);
    *buf = (dfl_buf){0};
}
