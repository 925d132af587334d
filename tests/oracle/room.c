/* Memory that is freed together. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

typedef struct Block {
    struct Block *next;
    _Alignas(16) char bytes[];
} Block;

static Block *blocks;

void *room(size_t n) {
    Block *block = calloc(1, sizeof *block + n);
    if (!block)
        abort();
    block->next = blocks;
    blocks = block;
    return block->bytes;
}

void room_clear(void) {
    while (blocks) {
        Block *next = blocks->next;
        free(blocks);
        blocks = next;
    }
}

void *room_grow(const void *old, size_t n, size_t more) {
    void *grown = room(more);
    if (n)
        memcpy(grown, old, n);
    return grown;
}

char *text(const char *fmt, ...) {
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    char *out = room((size_t)n + 1);
    vsnprintf(out, (size_t)n + 1, fmt, again);
    va_end(args);
    va_end(again);
    return out;
}
