/* note [chunks]
 * A worker takes a chunk of branches at a time, as taking one costs it about CLAIM (60 ns) and a
 * cache line. So small branches are put together until a chunk has CHUNK_NS of work, and no more
 * than MAX_CHUNKS are made: four for each of 16 workers are enough for one to be late.
 *
 * Branches are packed the longest first, each into the chunk that has least so far (LPT: Graham,
 * "Bounds on multiprocessing timing anomalies", 1969), and chunks handed out the largest first.
 * Within a chunk they keep their written order, in which failures skip those behind. Where all
 * branches take about the same, or several small ones share a chunk, it is of neighbours: what they hold
 * lies side by side, and one cache line is not written by two workers; and a chunk of several can be one
 * function (codegen/chunks.c). Of those there are as many for one of two workers as for the other, where there are
 * branches enough. */
#include "internal.h"

#include <stdlib.h>

typedef struct Item {
    int64_t ns;
    uint32_t index; /* of the branch; of the chunk */
} Item;

/* The longest first; the first written among equals. */
static int by_length(const void *a, const void *b) {
    const Item *x = a, *y = b;
    if (x->ns != y->ns)
        return x->ns < y->ns ? 1 : -1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static uint32_t count_chunks(const int64_t *weights, size_t n) {
    int64_t small = 0;
    uint64_t large = 0;
    for (size_t i = 0; i < n; i++) {
        if (weights[i] >= CHUNK_NS)
            large++;
        else
            small += weights[i];
    }
    uint64_t chunks = large + (uint64_t)small / CHUNK_NS;
    if (chunks < 2)
        chunks = 2;
    if (chunks > MAX_CHUNKS)
        chunks = MAX_CHUNKS;
    return (uint32_t)(chunks < n ? chunks : n);
}

static bool is_taken_before(const Item *a, const Item *b) {
    return a->ns != b->ns ? a->ns < b->ns : a->index < b->index;
}

/* Restores the heap below `at`: each chunk is taken before the two below it. */
static void sift(Item *heap, uint32_t n, uint32_t at) {
    for (;;) {
        uint32_t least = at, left = 2 * at + 1;
        for (uint32_t k = left; k < left + 2 && k < n; k++)
            if (is_taken_before(&heap[k], &heap[least]))
                least = k;
        if (least == at)
            return;
        Item moved = heap[at];
        heap[at] = heap[least];
        heap[least] = moved;
        at = least;
    }
}

/* Which chunk each branch goes into; their work is left in `chunks`. */
static void assign(Arena *arena, const int64_t *weights, size_t n, Item *chunks, uint32_t n_chunks,
                   uint32_t *chunk_of) {
    Item *items = ARENA_ARRAY(arena, Item, n);
    for (size_t i = 0; i < n; i++)
        items[i] = (Item){weights[i], (uint32_t)i};
    qsort(items, n, sizeof *items, by_length);
    for (size_t i = 0; i < n; i++) {
        chunk_of[items[i].index] = chunks[0].index;
        chunks[0].ns = add_ns(chunks[0].ns, items[i].ns);
        sift(chunks, n_chunks, 0);
    }
}

static bool are_even(const int64_t *ns, size_t n) {
    int64_t least = INT64_MAX, most = 0;
    for (size_t i = 0; i < n; i++) {
        least = ns[i] < least ? ns[i] : least;
        most = ns[i] > most ? ns[i] : most;
    }
    return most - least <= most / 8;
}

/* Neighbours, as many in each chunk. */
static void cut(const int64_t *weights, size_t n, Item *chunks, uint32_t n_chunks,
                uint32_t *chunk_of) {
    for (size_t i = 0; i < n; i++) {
        chunk_of[i] = (uint32_t)((uint64_t)i * n_chunks / n);
        chunks[chunk_of[i]].ns = add_ns(chunks[chunk_of[i]].ns, weights[i]);
    }
}

/* Whether chunks of neighbours are about as even as any: no branch is more than a chunk. Then each of them has one
 * whose middle it is that lies within it. */
static bool are_small(const int64_t *weights, size_t n, uint32_t n_chunks) {
    int64_t sum = 0, most = 0;
    for (size_t i = 0; i < n; i++) {
        sum = add_ns(sum, weights[i]);
        most = weights[i] > most ? weights[i] : most;
    }
    return n_chunks <= n / 2 && most <= sum / n_chunks && sum < INT64_MAX / (4 * MAX_CHUNKS);
}

/* Neighbours, about as much work in each chunk; of small branches, so that nothing here overflows. */
static void cut_by_work(const int64_t *weights, size_t n, Item *chunks, uint32_t n_chunks, uint32_t *chunk_of) {
    int64_t sum = 0, before = 0;
    for (size_t i = 0; i < n; i++)
        sum += weights[i];
    for (size_t i = 0; i < n; i++) {
        int64_t chunk = (2 * before + weights[i]) * n_chunks / (2 * sum);
        chunk_of[i] = chunk < n_chunks ? (uint32_t)chunk : n_chunks - 1; /* of no work, at the end */
        before += weights[i];
        chunks[chunk_of[i]].ns += weights[i];
    }
}

/* The branches of each chunk in written order: a counting sort by the chunk's rank. */
static void lay_out(Packing *out, Arena *arena, const Item *chunks, const uint32_t *chunk_of,
                    size_t n) {
    uint32_t *rank = ARENA_ARRAY(arena, uint32_t, out->n_chunks);
    uint32_t *next = ARENA_ARRAY(arena, uint32_t, out->n_chunks + 1);
    for (uint32_t k = 0; k < out->n_chunks; k++) {
        rank[chunks[k].index] = k;
        out->chunk_ns[k] = chunks[k].ns;
    }
    for (size_t i = 0; i < n; i++)
        next[rank[chunk_of[i]] + 1]++;
    for (uint32_t k = 0; k < out->n_chunks; k++) {
        next[k + 1] += next[k];
        out->chunk_end[k] = next[k + 1];
    }
    for (size_t i = 0; i < n; i++)
        out->order[next[rank[chunk_of[i]]]++] = (uint32_t)i;
}

Packing pack_branches(Arena *keep, Arena *arena, const int64_t *weights, size_t n) {
    bool even = are_even(weights, n);
    Packing out = {.n_chunks = count_chunks(weights, n)};
    if (out.n_chunks + out.n_chunks % 2 <= n / 2)
        out.n_chunks += out.n_chunks % 2;
    out.whole = are_small(weights, n, out.n_chunks);
    out.order = ARENA_ARRAY(keep, uint32_t, n);
    out.chunk_end = ARENA_ARRAY(keep, uint32_t, out.n_chunks);
    out.chunk_ns = ARENA_ARRAY(arena, int64_t, out.n_chunks);
    Item *chunks = ARENA_ARRAY(arena, Item, out.n_chunks);
    uint32_t *chunk_of = ARENA_ARRAY(arena, uint32_t, n);
    for (uint32_t k = 0; k < out.n_chunks; k++)
        chunks[k] = (Item){0, k};
    if (even)
        cut(weights, n, chunks, out.n_chunks, chunk_of);
    else if (out.whole)
        cut_by_work(weights, n, chunks, out.n_chunks, chunk_of);
    else
        assign(arena, weights, n, chunks, out.n_chunks, chunk_of);
    qsort(chunks, out.n_chunks, sizeof *chunks, by_length);
    lay_out(&out, arena, chunks, chunk_of, n);
    out.even = out.chunk_ns[out.n_chunks - 1] >= out.chunk_ns[0] / 4 * 3;
    return out;
}
