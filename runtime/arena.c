/* The memory of a state: bump allocation in chunks, and knowing which chunk an address is in.
 *
 * Every chunk comes from malloc. The first ones are small, so that a state of a few strings costs
 * a kilobyte; later ones have 64 KiB. An allocation above DFL__LARGE has a chunk to itself.
 *
 * Lists ask "is this buffer mine?" before they write to one, and must not look at the buffer to
 * find out: it may be a constant, or belong to another thread. So the answer comes from a table of
 * the 64 KiB pages that the chunks touch: page number -> chunk, open addressing, one entry for each
 * page of each chunk (two chunks may share a page). The table is only a shortcut past the list of
 * chunks: a few chunks go without, and when there is no memory for it the list is walked instead.
 * So neither adopting nor reclaiming can fail for the table's sake. */
#include "arena.h"

#include "internal.h"

enum {
    PAGE_SHIFT = 16,
    FIRST_CHUNK = 1024,
    CHUNK_GROWTH = 4,
    FEW_CHUNKS = 4, /* found by walking the list */
    FIRST_THRESHOLD = 128 * 1024,
    STATIC_CHUNKS = 16, /* of which a caller's buffer has room for about so many, */
    STATIC_CHUNK = 256, /* each of at least so many bytes */
    /* What malloc may be short of DFL__ALIGN: ARM of 32 bits aligns to 8. */
    MALLOC_SHORT = _Alignof(max_align_t) < DFL__ALIGN ? DFL__ALIGN - _Alignof(max_align_t) : 0
};

/* ---- the table of pages ---- */

typedef struct Slot {
    uintptr_t page;
    dfl__chunk *chunk; /* NULL: free */
} Slot;

typedef struct Table {
    size_t mask, used;
    Slot slots[];
} Table;

static size_t slot_of(uintptr_t page, size_t mask) {
    uint64_t mixed = (uint64_t)page * 0x9e3779b97f4a7c15u; /* Knuth's multiplicative hashing */
    return (size_t)(mixed >> 32) & mask;
}

static uintptr_t first_page(const dfl__chunk *chunk) {
    return (uintptr_t)chunk >> PAGE_SHIFT;
}

static uintptr_t last_page(const dfl__chunk *chunk) {
    return ((uintptr_t)chunk->end - 1) >> PAGE_SHIFT;
}

static size_t pages_of(const dfl__chunk *chunk) {
    return (size_t)(last_page(chunk) - first_page(chunk) + 1);
}

static Table *table_new(dfl__heap *heap, size_t entries) {
    size_t n = 16;
    while (n < entries * 2)
        n *= 2;
    Table *table = dfl__heap_alloc(heap, sizeof *table + n * sizeof(Slot));
    if (!table)
        return NULL;
    table->mask = n - 1;
    table->used = 0;
    memset(table->slots, 0, n * sizeof(Slot));
    return table;
}

static void table_add(Table *table, dfl__chunk *chunk) {
    uintptr_t page;
    for (page = first_page(chunk); page <= last_page(chunk); page++) {
        size_t i = slot_of(page, table->mask);
        while (table->slots[i].chunk)
            i = (i + 1) & table->mask;
        table->slots[i] = (Slot){page, chunk};
        table->used++;
    }
}

/* The table of all chunks in the list; mem->table stays NULL when they are few or memory is. */
static void table_rebuild(dfl__mem *mem) {
    size_t chunks = 0, pages = 0;
    dfl__chunk *chunk;
    dfl__heap_free(mem->heap, mem->table);
    mem->table = NULL;
    for (chunk = mem->chunks; chunk; chunk = chunk->next)
        chunks++, pages += pages_of(chunk);
    if (chunks <= FEW_CHUNKS)
        return;
    Table *table = table_new(mem->heap, pages * 2);
    if (!table)
        return;
    for (chunk = mem->chunks; chunk; chunk = chunk->next)
        table_add(table, chunk);
    mem->table = table;
}

static bool within(const dfl__chunk *chunk, uintptr_t p) {
    return p >= (uintptr_t)chunk + DFL__CHUNK_HEAD && p < (uintptr_t)chunk->end;
}

static dfl__chunk *table_find(const Table *table, uintptr_t p) {
    size_t i = slot_of(p >> PAGE_SHIFT, table->mask);
    for (; table->slots[i].chunk; i = (i + 1) & table->mask)
        if (table->slots[i].page == p >> PAGE_SHIFT && within(table->slots[i].chunk, p))
            return table->slots[i].chunk;
    return NULL;
}

dfl__chunk *dfl__mem_chunk(const dfl__mem *mem, const void *p) {
    dfl__chunk *chunk = mem->chunks;
    if (!chunk || within(chunk, (uintptr_t)p))
        return chunk;
    if (mem->table)
        return table_find(mem->table, (uintptr_t)p);
    for (chunk = chunk->next; chunk; chunk = chunk->next)
        if (within(chunk, (uintptr_t)p))
            return chunk;
    return NULL;
}

bool dfl__mem_holds(const dfl__mem *mem, const void *p) {
    return dfl__mem_chunk(mem, p) != NULL;
}

/* ---- chunks ---- */

/* The chunk is already in the list. */
static void register_chunk(dfl__mem *mem, dfl__chunk *chunk) {
    Table *table = mem->table;
    if (table && (table->used + pages_of(chunk)) * 2 <= table->mask)
        table_add(table, chunk);
    else
        table_rebuild(mem);
}

void dfl__mem_insert(dfl__mem *mem, dfl__chunk *chunk) {
    chunk->next = mem->chunks;
    mem->chunks = chunk;
    mem->bytes += dfl__chunk_size(chunk);
    register_chunk(mem, chunk);
}

void dfl__mem_drop_spare(dfl__mem *mem) {
    dfl__chunk *spare = mem->spare;
    if (!spare)
        return;
    mem->spare = NULL;
    mem->bytes -= dfl__chunk_size(spare);
    dfl__heap_free(mem->heap, spare);
}

/* total: of the block, header included. The spare chunk may be what a buffer has no room beside. */
static dfl__chunk *chunk_new(dfl__mem *mem, size_t total, bool large) {
    dfl__chunk *chunk = dfl__heap_alloc(mem->heap, total);
    if (!chunk && mem->heap && mem->spare) {
        dfl__mem_drop_spare(mem);
        chunk = dfl__heap_alloc(mem->heap, total);
    }
    if (!chunk)
        return NULL;
    memset(chunk, 0, DFL__CHUNK_HEAD);
    chunk->end = (char *)chunk + total;
    chunk->large = large;
    dfl__mem_insert(mem, chunk);
    return chunk;
}

static void *alloc_large(dfl__mem *mem, size_t n) {
    if (n > SIZE_MAX / 2)
        return NULL;
    dfl__chunk *chunk = chunk_new(mem, n + DFL__CHUNK_HEAD + MALLOC_SHORT, true);
    if (!chunk)
        return NULL;
    uintptr_t start = (uintptr_t)dfl__chunk_start(chunk);
    return dfl__chunk_start(chunk) + (MALLOC_SHORT ? -start % DFL__ALIGN : 0);
}

/* Of a buffer: small chunks, so that little of it is left over in each. */
static size_t static_chunk_size(const dfl__heap *heap, size_t n) {
    size_t size = heap->bytes / STATIC_CHUNKS, least = n + DFL__CHUNK_HEAD + DFL__ALIGN;
    size = size < STATIC_CHUNK         ? STATIC_CHUNK
           : size > DFL__LARGEST_CHUNK ? DFL__LARGEST_CHUNK
                                       : size;
    return size < least ? least : size;
}

/* An arena that has grown gets bigger chunks: at most a few of each size. */
static size_t next_chunk_size(const dfl__mem *mem, size_t n) {
    size_t size = FIRST_CHUNK;
    if (mem->heap)
        return static_chunk_size(mem->heap, n);
    while (size < DFL__LARGEST_CHUNK &&
           (size <= mem->bytes || size < n + DFL__CHUNK_HEAD + DFL__MALLOC_HEAD + DFL__ALIGN))
        size *= CHUNK_GROWTH;
    return size - DFL__MALLOC_HEAD;
}

static bool add_chunk(dfl__mem *mem, size_t total) {
    dfl__chunk *chunk = chunk_new(mem, total, false);
    if (!chunk)
        return false;
    mem->at = dfl__chunk_start(chunk);
    mem->end = chunk->end;
    return true;
}

void *dfl__mem_more(dfl__mem *mem, size_t n, size_t align) {
    if (n > DFL__LARGE)
        return alloc_large(mem, n);
    return add_chunk(mem, next_chunk_size(mem, n)) ? dfl__bump(mem, n, align) : NULL;
}

bool dfl__mem_due(const dfl__mem *mem) {
    size_t first = mem->heap ? mem->heap->bytes / 4 : FIRST_THRESHOLD;
    return mem->bytes > (mem->reclaim_at ? mem->reclaim_at : first);
}

/* Reclaiming moves what lives to what is free, so half of that is left for it. */
static size_t static_threshold(const dfl__mem *mem) {
    size_t live = mem->bytes, rest = mem->heap->bytes > live ? mem->heap->bytes - live : 0;
    size_t more = live < rest / 2 ? live : rest / 2, least = mem->heap->bytes / 4;
    return live + more > least ? live + more : least;
}

void dfl__mem_set_threshold(dfl__mem *mem) {
    if (mem->heap) {
        mem->reclaim_at = static_threshold(mem);
        return;
    }
    size_t twice = mem->bytes <= SIZE_MAX / 2 ? mem->bytes * 2 : SIZE_MAX;
    mem->reclaim_at = twice > FIRST_THRESHOLD ? twice : FIRST_THRESHOLD;
}

void dfl__mem_adopt(dfl__mem *into, dfl__mem *from) {
    dfl__chunk *chunk, *next;
    dfl__mem_drop_spare(from);
    for (chunk = from->chunks; chunk; chunk = next) {
        next = chunk->next;
        dfl__mem_insert(into, chunk);
    }
    if (from->end - from->at > into->end - into->at)
        into->at = from->at, into->end = from->end;
    /* Past both: no buffer of either may pass for one that this attempt made. */
    if (from->epoch > into->epoch)
        into->epoch = from->epoch;
    into->epoch++;
    dfl__heap_free(from->heap, from->table);
    from->chunks = from->table = NULL;
    from->at = from->end = NULL;
    from->bytes = 0;
}

void dfl__mem_free(dfl__mem *mem) {
    dfl__chunk *chunk, *next;
    for (chunk = mem->chunks; chunk; chunk = next) {
        next = chunk->next;
        dfl__heap_free(mem->heap, chunk);
    }
    dfl__heap_free(mem->heap, mem->spare);
    dfl__heap_free(mem->heap, mem->table);
    dfl__stand_free(mem->stand);
    dfl__mem_init(mem);
}

/* ---- one arena in place of another ---- */

bool dfl__mem_begin_new(dfl__mem *mem, dfl__aside *aside, size_t bytes) {
    const dfl__mem empty = {.heap = mem->heap};
    size_t size = next_chunk_size(&empty, bytes);
    mem->bytes -= aside->bytes;
    mem->chunks = mem->table = NULL;
    mem->at = mem->end = NULL;
    if (add_chunk(mem, size))
        return true;
    dfl__mem_back(mem, aside);
    return false;
}

static void free_all_but(const dfl__mem *mem, dfl__chunk *chunks, void *table,
                         const dfl__chunk *spare) {
    dfl__chunk *chunk, *next;
    for (chunk = chunks; chunk; chunk = next) {
        next = chunk->next;
        if (chunk != spare)
            dfl__heap_free(mem->heap, chunk);
    }
    dfl__heap_free(mem->heap, table);
}

void dfl__mem_back(dfl__mem *mem, const dfl__aside *aside) {
    free_all_but(mem, mem->chunks, mem->table, NULL);
    mem->at = aside->at;
    mem->end = aside->end;
    mem->chunks = aside->chunks;
    mem->table = aside->table;
    mem->bytes = aside->bytes;
    if (mem->spare)
        mem->bytes += dfl__chunk_size(mem->spare);
}

/* The largest that is not for one allocation; or NULL. */
static dfl__chunk *largest(dfl__chunk *chunks) {
    dfl__chunk *chunk, *best = NULL;
    for (chunk = chunks; chunk; chunk = chunk->next)
        if (!chunk->large && (!best || dfl__chunk_size(chunk) > dfl__chunk_size(best)))
            best = chunk;
    return best;
}

void dfl__mem_free_aside(dfl__mem *mem, const dfl__aside *aside) {
    dfl__chunk *spare = largest(aside->chunks);
    if (spare && mem->spare && dfl__chunk_size(spare) > dfl__chunk_size(mem->spare))
        dfl__mem_drop_spare(mem);
    if (mem->spare)
        spare = NULL;
    free_all_but(mem, aside->chunks, aside->table, spare);
    if (spare)
        dfl__mem_set_spare(mem, spare);
}

/* ---- allocating ---- */

void dfl__ctx_note(dfl_ctx *ctx) {
    if (dfl__mem_due(ctx->mem))
        ctx->flags |= DFL__RECLAIM;
}

void *dfl__ctx_alloc(dfl_ctx *ctx, size_t n, size_t align) {
    size_t before = ctx->mem->bytes;
    void *p = dfl__bump(ctx->mem, n, align);
    if (!p)
        ctx->flags |= DFL__NOMEM;
    if (ctx->mem->bytes != before)
        dfl__ctx_note(ctx);
    return p;
}

/* The zeroes before the block keep it from being taken for a buffer that a list may grow in. */
static void *after_zeroes(void *block) {
    if (!block)
        return NULL;
    memset(block, 0, DFL__ALIGN);
    return (char *)block + DFL__ALIGN;
}

void *dfl__mem_alloc(dfl__mem *mem, size_t n) {
    if (n > SIZE_MAX - DFL__ALIGN)
        return NULL;
    return after_zeroes(dfl__bump(mem, n + DFL__ALIGN, DFL__ALIGN));
}

void *dfl_alloc(dfl_ctx *ctx, size_t n) {
    if (n > SIZE_MAX - DFL__ALIGN) {
        ctx->flags |= DFL__NOMEM;
        return NULL;
    }
    return after_zeroes(dfl__ctx_alloc(ctx, n + DFL__ALIGN, DFL__ALIGN));
}
