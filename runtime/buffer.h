/* buffer.h: the buffers of lists and maps, and who may write to one.
 *
 *     | dfl__head | items or entries [cap] ... | (maps above 8 entries: index) |
 *                 ^ list.items, map.entries
 *
 * Lists and maps are plain structs that C code copies at will, so several may lead to one buffer,
 * with lengths of their own. Two rules keep each from seeing what another does:
 *
 *   1. Items from `used` on are seen by nobody: a list whose len is `used` may be pushed to in place.
 *   2. Items from `shared` on were written in this attempt (`epoch`) through the list at address
 *      `owner`: that list may change them in place. Every other change goes to a fresh copy.
 *
 * A new attempt has a new epoch, so the list that a failed attempt's caller puts back sees nothing
 * of that attempt: what was pushed lies beyond its len, and nothing below was changed. What rule 2
 * cannot see is a plain assignment of the struct within the attempt, after the list got a buffer of
 * its own: see "Lists" in dfl.h.
 *
 * A header is believed only when its address is in the ctx's own arena and `check` fits; so
 * constants, slices, other threads' buffers and memory from dfl_alloc are read and never written.
 *
 * note [tails]
 * What is to be appended to a list, once it is known to count, is made where it will stand: NAME__behind
 * gives an empty list that lies behind the last item of another one, in the same buffer.
 *
 *     | dfl__head | items of the list     | items of the tail      | ...
 *                 ^ list.items            ^ tail.items = list.items + list.len
 *
 * Its cap has the bit DFL__TAIL, and how many items come before its own, so that the header is found. To
 * the two rules a tail is a list like others: the items before it are none that it may change. NAME__join
 * appends it to the list again, which is no more than another length; what does not lie there (any
 * more) is copied. A tail that outgrows the buffer takes what is before it along, so that the list may move
 * there when it is joined: if those are the same items, byte by byte, the list is what the buffer begins with.
 * A large list is left where it is; a failed attempt should not cost a copy of it. Where a small one has no room for
 * what is expected, it is moved before (NAME__expect): then nothing needs to be compared. What one has left behind the list
 * is dropped (NAME__drop), so that the next one finds the room free.
 *
 * A tail of a map tells in its cap (DFL__OVERLAPS) when a key of its own is also before it: then it is no
 * union to put one behind the other. */
#ifndef DFL_BUFFER_H
#define DFL_BUFFER_H

#include "arena.h"

typedef struct dfl__head {
    uint64_t epoch, owner;
    uint32_t check, shared; /* the last 16 bytes: dfl_alloc puts zeroes there */
    uint32_t used, cap;
} dfl__head;

_Static_assert(sizeof(dfl__head) == 2 * DFL__ALIGN, "items are aligned for anything");

/* Never 0. */
static inline uint32_t dfl__check_of(const void *items) {
    uint64_t mixed = ((uint64_t)(uintptr_t)items >> 4) * 0x9e3779b97f4a7c15u;
    return (uint32_t)(mixed >> 32) | 1;
}

static inline dfl__head *dfl__head_before(const void *items) {
    return (dfl__head *)((uintptr_t)items - sizeof(dfl__head));
}

/* The header of the buffer whose first item is at `first` and of which `n` items are shown; NULL when there is
 * no such buffer in mem. */
dfl__head *dfl__buffer_at(const dfl__mem *mem, uintptr_t first, uint64_t n);

/* Whether the header of a buffer whose first item is at `first` is what lies before that, in memory of the arena's own. */
static inline bool dfl__is_head(const dfl__head *head, uintptr_t first) {
    return head->check == dfl__check_of((const void *)first) && head->used <= head->cap;
}

/* The same as dfl__buffer_at where the buffer is in the newest chunk, as most are that are written to; else NULL. */
static inline dfl__head *dfl__newest_buffer(const dfl__mem *mem, uintptr_t first) {
    dfl__chunk *chunk = mem->chunks;
    if (!chunk || first % DFL__ALIGN != 0 ||
        first < (uintptr_t)dfl__chunk_start(chunk) + sizeof(dfl__head) || first >= (uintptr_t)chunk->end)
        return NULL;
    dfl__head *head = dfl__head_before((const void *)first);
    return dfl__is_head(head, first) ? head : NULL;
}

/* The header of a list or map, items[len] of `item` bytes, or NULL when they are in no buffer of mem. */
static inline dfl__head *dfl__buffer_of(const dfl__mem *mem, const void *items, uint32_t len,
                                        uint32_t cap, size_t item) {
    uint32_t before = dfl__offset(cap);
    return cap ? dfl__buffer_at(mem, (uintptr_t)items - before * item, (uint64_t)before + len) : NULL;
}

/* What a list or map with all of a buffer to itself has as cap. */
static inline uint32_t dfl__shown_cap(uint32_t cap) {
    return cap < DFL__TAIL ? cap : DFL__TAIL - 1;
}

/* The first item of the buffer that a list or map lies in. */
static inline const char *dfl__first_item(const void *items, uint32_t cap, size_t item) {
    return (const char *)items - dfl__offset(cap) * item;
}

/* How many items a tail takes along to a larger buffer: those before it, or none. `head` is its own, or NULL. */
enum { DFL__LARGE_LIST = 16 * 1024 };
static inline uint32_t dfl__taken_along(const dfl__head *head, uint32_t len, uint32_t cap, size_t item) {
    uint32_t before = dfl__offset(cap);
    bool last = before && head && before + len == head->used;
    return last && before * item <= DFL__LARGE_LIST ? before : 0;
}

/* Whether a list that ends its buffer is to have room for n items more before a tail is made behind it: those that a
 * tail would take along. */
static inline bool dfl__may_move(const dfl__head *head, uint32_t len, uint32_t n, size_t item) {
    return head && head->used == len && len * item <= DFL__LARGE_LIST && n <= DFL__OFFSET - len;
}

static inline bool dfl__is_owner(const dfl__head *head, const dfl__mem *mem, const void *self) {
    return head->epoch == mem->epoch && head->owner == (uintptr_t)self;
}

/* A buffer of `bytes` whose first [0, used) are about to be filled; nobody else sees it. */
dfl__head *dfl__buffer_new(dfl_ctx *ctx, const void *self, uint32_t used, uint32_t cap,
                           size_t bytes);
/* The header of a buffer that lies at `block` in mem. */
dfl__head *dfl__buffer_init(dfl__head *block, const dfl__mem *mem, const void *self, uint32_t used,
                            uint32_t cap);
/* Rule 1 was used by the list at self: items from `shared` on are its own. */
static inline void dfl__buffer_claim(dfl__head *head, const dfl__mem *mem, const void *self,
                                     uint32_t shared) {
    head->epoch = mem->epoch;
    head->owner = (uintptr_t)self;
    head->shared = shared;
}

static inline void *dfl__items_of(dfl__head *head) {
    return head + 1;
}

/* The header of a tail whose buffer begins with what `list` is, so that the tail may take it in; or NULL. */
static inline dfl__head *dfl__continuing(const dfl__mem *mem, const dfl__list *list, const dfl__list *tail,
                           size_t item) {
    uint32_t before = dfl__offset(tail->cap), skipped = dfl__offset(list->cap);
    if (!(tail->cap & DFL__TAIL) || before != skipped + list->len)
        return NULL;
    if (skipped && !dfl__buffer_of(mem, list->items, list->len, list->cap, item))
        return NULL;
    dfl__head *head = dfl__buffer_of(mem, tail->items, tail->len, tail->cap, item);
    const char *first = dfl__first_item(list->items, list->cap, item);
    return head && memcmp(dfl__items_of(head), first, before * item) == 0 ? head : NULL;
}

/* cap * item, or SIZE_MAX when that is beyond all memory. */
static inline size_t dfl__bytes_of(uint32_t cap, size_t item) {
    return item && cap > SIZE_MAX / 4 / item ? SIZE_MAX : cap * item;
}

/* What to make room for when `want` items no longer fit a cap: twice as many, within uint32_t. */
static inline uint32_t dfl__grown(uint32_t cap, uint32_t want) {
    uint32_t twice = cap > UINT32_MAX / 2 ? UINT32_MAX : cap * 2;
    return twice > want ? twice : want;
}

#endif
