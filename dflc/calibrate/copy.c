/* Copying a field: 64 KiB, from where it was just used to where nothing was lately. */
#include <string.h>

#include "calibrate.h"

enum { KIB = 64, BLOCK = KIB * 1024, BLOCKS = 16, MOST_SAMPLES = 1000 };

bool measure_copy(Bench *bench, int64_t until_ns) {
    void *(*volatile copy)(void *, const void *, size_t) = memcpy;
    int64_t cost_ns = clock_cost_ns();
    char *from = arena_alloc(bench->arena, BLOCK);
    char *to = arena_alloc(bench->arena, (size_t)BLOCK * BLOCKS);
    for (int i = 0; i < MOST_SAMPLES + BLOCKS; i++) {
        int64_t begin = clock_ns();
        if (i > BLOCKS && begin >= until_ns)
            break;
        copy(to + (size_t)(i % BLOCKS) * BLOCK, from, BLOCK);
        int64_t took = clock_ns() - begin - cost_ns;
        if (i >= BLOCKS) /* by then the pages are there */
            samples_add(&bench->figures[FIG_COPY], (took + KIB / 2) / KIB);
    }
    return true;
}
