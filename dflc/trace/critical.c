#include "overlay.h"

#include <stdlib.h>

static int by_end_last_first(const void *a, const void *b) {
    const Part *x = *(Part *const *)a, *y = *(Part *const *)b;
    if (x->end_ns != y->end_ns)
        return x->end_ns < y->end_ns ? 1 : -1;
    return (x->begin_ns < y->begin_ns) - (x->begin_ns > y->begin_ns);
}

static void mark_all(Arena *arena, Part *part);

/* The branch, or chunk, that ended last was waited for. A branch waits for what its thread does before it. */
static void mark_section(Arena *arena, Part *section) {
    Part **ended = NULL;
    const Part *waited = NULL;
    size_t n = 0, cap = 0;
    for (Part *part = section->first; part; part = part->next)
        if (part->ended)
            ARENA_PUSH(arena, ended, n, cap, part);
    if (n > 0)
        qsort(ended, n, sizeof(Part *), by_end_last_first);
    for (size_t i = 0; i < n; i++) {
        if (waited && (ended[i]->track != waited->track || ended[i]->end_ns > waited->begin_ns))
            continue;
        waited = ended[i];
        mark_all(arena, ended[i]);
    }
}

/* read.c bounds how deep parts nest. */
static void mark_all(Arena *arena, Part *part) {
    part->critical = true;
    if (part->kind == PART_SECTION) {
        mark_section(arena, part);
        return;
    }
    for (Part *inner = part->first; inner; inner = inner->next)
        mark_all(arena, inner);
}

void critical_mark(Arena *arena, Part *run) {
    mark_all(arena, run);
}
