/* Reclaiming: what the roots reach is copied to fresh chunks, the old ones are freed.
 *
 * The cost is that of the live data, not of the garbage. Chunks that hold one large allocation are
 * not copied: those that something reaches change hands as they are. After reclaiming, the next
 * threshold is twice what is left (at least 128 KiB), so that in a run of small steps
 *
 *     memory <= 2 * live + 192 KiB between safe points, 3 * live + 256 KiB while reclaiming
 *
 * plus what one node allocates by itself. `live` is what the last reclaiming left: data, the headers
 * of list buffers (32 bytes each), the index of a map, an eighth of a chunk at most that the next
 * allocation did not fit, and large allocations of which at least a quarter is still seen.
 *
 * When memory runs out half-way, old and new chunks are both kept: every pointer leads into one of
 * them, and which one makes no difference. */
#include "move.h"

/* A root itself stays where it is, also when it was allocated in this arena: the frame of a large
 * section is. So its chunk is kept as a whole, until the root is no more. */
static void pin(const dfl__mem *mem, const dfl__root *roots) {
    for (; roots; roots = roots->next) {
        dfl__chunk *chunk = dfl__mem_chunk(mem, roots->base);
        if (chunk)
            chunk->kept = true;
    }
}

static void move_roots(dfl__mover *m, const dfl__root *roots) {
    for (; roots && !m->failed; roots = roots->next)
        if (roots->base && roots->type)
            dfl__mover_value(m, roots->type, roots->base);
}

/* Frees the chunks that nothing reaches; the others go to `fresh`. */
static void sweep(dfl__chunk *chunks, dfl__mem *fresh) {
    dfl__chunk *chunk, *next;
    for (chunk = chunks; chunk; chunk = next) {
        next = chunk->next;
        if (chunk->kept) {
            chunk->kept = false;
            dfl__mem_insert(fresh, chunk);
        } else {
            dfl__heap_free(fresh->heap, chunk);
        }
    }
}

static void keep_everything(dfl__mem *mem, dfl__mem *fresh) {
    for (dfl__chunk *chunk = mem->chunks; chunk; chunk = chunk->next)
        chunk->kept = false;
    dfl__mem_adopt(mem, fresh);
}

int dfl__mem_reclaim(dfl__mem *mem, const dfl__root *roots) {
    dfl__mem_drop_spare(mem);
    dfl__mem fresh = {
        .epoch = mem->epoch + 1, .stand = mem->stand, .heap = mem->heap, .ctx = mem->ctx};
    dfl__mover mover;
    pin(mem, roots);
    dfl__mover_begin(&mover, &fresh, mem);
    move_roots(&mover, roots);
    dfl__mover_end(&mover);
    if (mover.failed) {
        keep_everything(mem, &fresh);
    } else {
        sweep(mem->chunks, &fresh);
        dfl__heap_free(mem->heap, mem->table);
        *mem = fresh;
    }
    dfl__mem_set_threshold(mem);
    return mover.failed ? DFL_ENOMEM : DFL_OK;
}
