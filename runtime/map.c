/* Maps: entries side by side in order of insertion, and above DFL__UNINDEXED of them an index
 * behind them in the same buffer. Who may write to a buffer is said in buffer.h. */
#include "map.h"

#include "hash.h"

static const dfl_str *key_of(const void *entries, uint32_t i, size_t entry) {
    return (const dfl_str *)(const void *)((const char *)entries + i * entry);
}

static inline uint32_t hash_of(const dfl__key_index *index, dfl_str key) {
    return dfl__hash_key(index->random, key.p, key.n);
}

/* ---- the index ---- */

static size_t slots_for(uint32_t cap) {
    size_t n = 16;
    while (n / 4 * 3 < cap)
        n *= 2;
    return n;
}

/* Entries hold pointers, so what comes behind them is aligned for the index. */
size_t dfl__map_bytes(uint32_t cap, size_t entry) {
    size_t entries = dfl__bytes_of(cap, entry);
    if (cap <= DFL__UNINDEXED || entries == SIZE_MAX)
        return entries;
    return entries + sizeof(dfl__key_index) + slots_for(cap) * sizeof(dfl__slot);
}

dfl__key_index *dfl__map_index(void *entries, uint32_t cap, size_t entry) {
    return cap > DFL__UNINDEXED ? (dfl__key_index *)(void *)((char *)entries + cap * entry) : NULL;
}

void dfl__key_index_clear(dfl__key_index *index, uint32_t cap) {
    size_t n = slots_for(cap);
    index->mask = n - 1;
    index->random = dfl__hash_words();
    memset(index->slots, 0, n * sizeof *index->slots);
}

static void index_put(dfl__key_index *index, uint32_t hash, uint32_t i) {
    size_t at = hash & index->mask;
    while (index->slots[at].number)
        at = (at + 1) & index->mask;
    index->slots[at] = (dfl__slot){hash, i + 1};
}

void dfl__key_index_add(dfl__key_index *index, const dfl__key_index *known, const char *entries,
                        size_t entry, uint32_t from, uint32_t to) {
    if (!known) {
        for (uint32_t i = from; i < to; i++)
            index_put(index, hash_of(index, *key_of(entries, i, entry)), i);
        return;
    }
    for (size_t at = 0; at <= known->mask; at++) {
        dfl__slot slot = known->slots[at];
        if (slot.number > from && slot.number <= to)
            index_put(index, slot.hash, slot.number - 1);
    }
}

/* The last bytes first: keys that were numbered begin alike. */
static bool same_key(dfl_str a, dfl_str b) {
    return a.n == b.n && (a.n == 0 || (a.p[a.n - 1] == b.p[a.n - 1] && memcmp(a.p, b.p, a.n) == 0));
}

static bool same_keys(const void *entries, uint32_t i, uint32_t k, size_t entry) {
    return same_key(*key_of(entries, i, entry), *key_of(entries, k, entry));
}

static bool is_new(const void *entries, uint32_t i, size_t entry) {
    for (uint32_t k = 0; k < i; k++)
        if (same_keys(entries, i, k, entry))
            return false;
    return true;
}

/* Out of the way of the others: a long key, a map without an index, and a hash that is there. */
static DFL__APART bool enter(dfl__key_index *index, const void *entries, uint32_t i, size_t entry) {
    uint32_t hash;
    size_t at;
    if (!index)
        return is_new(entries, i, entry);
    hash = hash_of(index, *key_of(entries, i, entry));
    for (at = hash & index->mask; index->slots[at].number; at = (at + 1) & index->mask)
        if (index->slots[at].hash == hash &&
            same_keys(entries, i, index->slots[at].number - 1, entry))
            return false;
    index->slots[at] = (dfl__slot){hash, i + 1};
    return true;
}

bool dfl__index_new(void *index_, const void *entries, uint32_t i, size_t entry) {
    dfl__key_index *index = index_;
    const dfl_str *key = key_of(entries, i, entry);
    uint32_t hash;
    size_t at;
    if (!index || key->n > DFL__SHORT_KEY)
        return enter(index, entries, i, entry);
    hash = dfl__hash_short(index->random, key->p, key->n);
    for (at = hash & index->mask; index->slots[at].number; at = (at + 1) & index->mask)
        if (index->slots[at].hash == hash)
            return enter(index, entries, i, entry);
    index->slots[at] = (dfl__slot){hash, i + 1};
    return true;
}

/* The slot of entry i, which is there. */
static size_t slot_of_entry(const dfl__key_index *index, uint32_t hash, uint32_t i) {
    size_t at = hash & index->mask;
    while (index->slots[at].number != i + 1)
        at = (at + 1) & index->mask;
    return at;
}

/* Frees a slot by moving back what was displaced past it (Knuth, TAOCP 3, 6.4, algorithm R). */
static void index_remove(dfl__key_index *index, size_t hole) {
    size_t mask = index->mask, at = hole;
    for (;;) {
        at = (at + 1) & mask;
        dfl__slot slot = index->slots[at];
        if (slot.number == 0)
            break;
        size_t displaced = (at - slot.hash) & mask;
        if (displaced >= ((at - hole) & mask)) {
            index->slots[hole] = slot;
            hole = at;
        }
    }
    index->slots[hole].number = 0;
}

/* Entry i is gone; those behind it move down by one. */
static void index_close_gap(dfl__key_index *index, uint32_t hash, uint32_t i) {
    index_remove(index, slot_of_entry(index, hash, i));
    for (size_t at = 0; at <= index->mask; at++)
        if (index->slots[at].number > i + 1)
            index->slots[at].number--;
}

/* ---- finding: an entry's number in the buffer, of which a tail sees those from its offset on ---- */

static uint32_t scan(const char *entries, uint32_t from, uint32_t to, dfl_str key, size_t entry) {
    for (uint32_t i = from; i < to; i++)
        if (same_key(*key_of(entries, i, entry), key))
            return i;
    return UINT32_MAX;
}

static uint32_t find_hashed(const dfl__key_index *index, const char *entries, uint32_t from,
                            uint32_t to, dfl_str key, uint32_t hash, size_t entry) {
    for (size_t at = hash & index->mask; index->slots[at].number; at = (at + 1) & index->mask) {
        uint32_t i = index->slots[at].number - 1;
        if (index->slots[at].hash == hash && i >= from && i < to &&
            dfl_str_eq(*key_of(entries, i, entry), key))
            return i;
    }
    return UINT32_MAX;
}

/* Where the entries of a map are in its buffer: [from, to). */
typedef struct Span {
    const char *entries; /* the first of the buffer */
    uint32_t from, to;
} Span;

static inline Span span_of(const dfl__map *map, size_t entry) {
    uint32_t before = dfl__offset(map->cap);
    const char *entries = map->entries;
    return (Span){before ? entries - before * entry : entries, before, before + map->len};
}

/* hash: of the key where there is an index. */
static inline uint32_t find(const dfl__key_index *index, Span in, dfl_str key, uint32_t hash,
                            size_t entry) {
    return index ? find_hashed(index, in.entries, in.from, in.to, key, hash, entry)
                 : scan(in.entries, in.from, in.to, key, entry);
}

uint32_t dfl__map_find(const dfl__map *map, dfl_str key, size_t entry) {
    Span own = span_of(map, entry);
    uint32_t hash = map->index ? hash_of(map->index, key) : 0;
    uint32_t i = find(map->index, own, key, hash, entry);
    return i == UINT32_MAX ? i : i - own.from;
}

/* The same of a tail, and whether the key is also before it. Keys of both are rare, so one look is enough. */
static inline uint32_t find_in_tail(dfl__map *map, Span own, dfl_str key, uint32_t hash, size_t entry) {
    Span all = {own.entries, 0, own.to};
    uint32_t i = find(map->index, all, key, hash, entry);
    if (i >= own.from)
        return i;
    map->cap |= DFL__OVERLAPS;
    return find(map->index, own, key, hash, entry);
}

/* ---- changing ---- */

static inline dfl__head *buffer_of(const dfl_ctx *ctx, const dfl__map *map, Span own) {
    return map->cap && own.entries ? dfl__buffer_at(ctx->mem, (uintptr_t)own.entries, own.to) : NULL;
}

/* What the map's cap is in a buffer for `cap` entries, of which `along` come before its own. */
static uint32_t cap_shown(const dfl__map *map, uint32_t along, uint32_t cap) {
    return along ? DFL__TAIL | (map->cap & DFL__OVERLAPS) | along : dfl__shown_cap(cap);
}

/* Of all `n` entries, whose hashes `known` has (or NULL). */
static DFL__APART void begin_index(dfl__key_index *index, const dfl__key_index *known,
                                   const char *entries, uint32_t n, uint32_t cap, size_t entry) {
    dfl__key_index_clear(index, cap);
    dfl__key_index_add(index, known, entries, entry, 0, n);
}

/* The map in a fresh buffer of its own, with `along` entries of those before it: all, or none. */
static dfl__head *move_to_new(dfl_ctx *ctx, const void *self, dfl__map *map, uint32_t along,
                              uint32_t cap, size_t entry) {
    uint32_t n = along + map->len;
    size_t bytes = cap <= DFL__UNINDEXED ? cap * entry : dfl__map_bytes(cap, entry);
    dfl__head *head = dfl__buffer_new(ctx, self, n, cap, bytes);
    if (!head)
        return NULL;
    char *entries = dfl__items_of(head);
    dfl__key_index *index = dfl__map_index(entries, cap, entry);
    if (n)
        memcpy(entries, (const char *)map->entries - along * entry, n * entry);
    if (index)
        begin_index(index, along == dfl__offset(map->cap) ? map->index : NULL, entries, n, cap,
                    entry);
    map->entries = entries + along * entry;
    map->cap = cap_shown(map, along, cap);
    map->index = index;
    return head;
}

static DFL__APART dfl__head *more_room(dfl_ctx *ctx, const void *self, dfl__map *map,
                                       const dfl__head *head, size_t entry) {
    uint32_t along = dfl__taken_along(head, map->len, map->cap, entry), len = along + map->len;
    if (map->len >= UINT32_MAX - 1 - along) {
        ctx->flags |= DFL__NOMEM;
        return NULL;
    }
    return move_to_new(ctx, self, map, along, dfl__grown(len, len > 3 ? len + 1 : 4), entry);
}

static DFL__APART dfl__head *room_anywhere(dfl_ctx *ctx, const void *self, dfl__map *map, Span own, size_t entry) {
    dfl__head *head = buffer_of(ctx, map, own);
    if (!head || own.to != head->used || own.to >= head->cap)
        return more_room(ctx, self, map, head, entry);
    if (!dfl__is_owner(head, ctx->mem, self))
        dfl__buffer_claim(head, ctx->mem, self, own.to);
    return head;
}

/* A buffer with room behind the map's last entry, that may be written there. */
static inline dfl__head *room_for_one(dfl_ctx *ctx, const void *self, dfl__map *map, Span own,
                                      size_t entry) {
    dfl__mem *mem = ctx->mem;
    dfl__head *head = dfl__newest_buffer(mem, (uintptr_t)own.entries);
    if (!head || own.to != head->used || own.to >= head->cap || map->cap == 0)
        return room_anywhere(ctx, self, map, own, entry);
    if (!dfl__is_owner(head, mem, self))
        dfl__buffer_claim(head, mem, self, own.to);
    return head;
}

/* A zeroed entry with the key. Most values take as much as a string. */
static inline void begin_entry(char *at, dfl_str key, size_t entry) {
    if (entry == 2 * sizeof key)
        memset(at, 0, 2 * sizeof key);
    else
        memset(at, 0, entry);
    memcpy(at, &key, sizeof key);
}

/* hash: of the key when the map had an index already. */
DFL__INTO static inline void *add_entry(dfl_ctx *ctx, const void *self, dfl__map *map, Span own, dfl_str key,
                              uint32_t hash, size_t entry) {
    bool hashed = map->index != NULL;
    dfl__head *head = room_for_one(ctx, self, map, own, entry);
    if (!head)
        return NULL;
    char *entries = dfl__items_of(head);
    uint32_t cap = head->cap, i = head->used; /* nothing in the buffer is behind the map */
    char *fresh = entries + i * entry;
    dfl__key_index *index = dfl__map_index(entries, cap, entry);
    begin_entry(fresh, key, entry);
    if (index)
        index_put(index, hashed ? hash : hash_of(index, key), i);
    head->used = i + 1;
    /* The cap is never a tail's where i is beyond it. */
    DFL__PUT_LEN_CAP(dfl__map, map, map->len + 1, i >= map->cap ? dfl__shown_cap(cap) : map->cap);
    return fresh;
}

/* The header of a buffer where the map may change entry *i, which may be another number there. */
static dfl__head *own_entry(dfl_ctx *ctx, const void *self, dfl__map *map, uint32_t *i, size_t entry) {
    dfl__head *head = buffer_of(ctx, map, span_of(map, entry));
    if (head && dfl__is_owner(head, ctx->mem, self) && *i >= head->shared)
        return head;
    *i -= dfl__offset(map->cap);
    return move_to_new(ctx, self, map, 0, map->len, entry);
}

/* The value's entry that was found. */
static DFL__APART void *change_entry(dfl_ctx *ctx, const void *self, dfl__map *map, uint32_t i,
                                     size_t entry) {
    dfl__head *head = own_entry(ctx, self, map, &i, entry);
    return head ? (char *)dfl__items_of(head) + i * entry : NULL;
}

/* Written once, compiled for each: what only a tail needs costs other maps nothing. */
DFL__INTO static inline void *slot(dfl_ctx *ctx, const void *self, dfl__map *map, dfl_str key, bool tail,
                                   size_t entry) {
    Span own = tail ? span_of(map, entry) : (Span){map->entries, 0, map->len};
    uint32_t hash = map->index ? hash_of(map->index, key) : 0;
    uint32_t i = tail ? find_in_tail(map, own, key, hash, entry)
                      : find(map->index, own, key, hash, entry);
    if (i != UINT32_MAX)
        return change_entry(ctx, self, map, i, entry);
    return add_entry(ctx, self, map, own, key, hash, entry);
}

static DFL__APART void *add_to_tail(dfl_ctx *ctx, dfl__map *map, dfl_str key, size_t entry) {
    return slot(ctx, map, map, key, true, entry);
}

static DFL__APART void *add_to_whole(dfl_ctx *ctx, dfl__map *map, dfl_str key, size_t entry) {
    return slot(ctx, map, map, key, false, entry);
}

/* Neither is in place here: what one of them keeps in registers would be saved for the other, too. */
void *dfl__map_add(dfl_ctx *ctx, void *map, dfl_str key, size_t entry) {
    dfl__map *own = map;
    return own->cap & DFL__TAIL ? add_to_tail(ctx, own, key, entry) : add_to_whole(ctx, own, key, entry);
}

void *dfl__map_slot(dfl_ctx *ctx, const void *self, dfl__map *map, dfl_str key, size_t entry) {
    return slot(ctx, self, map, key, true, entry);
}

static void remove_entry(dfl__head *head, uint32_t i, size_t entry) {
    char *entries = dfl__items_of(head);
    dfl__key_index *index = dfl__map_index(entries, head->cap, entry);
    if (index)
        index_close_gap(index, hash_of(index, *key_of(entries, i, entry)), i);
    memmove(entries + i * entry, entries + (i + 1) * entry, (head->used - i - 1) * entry);
    head->used--;
}

int dfl__map_del(dfl_ctx *ctx, const void *self, dfl__map *map, dfl_str key, size_t entry) {
    uint32_t i = dfl__map_find(map, key, entry);
    if (i == UINT32_MAX)
        return DFL_OK;
    i += dfl__offset(map->cap);
    dfl__head *head = own_entry(ctx, self, map, &i, entry);
    if (!head)
        return DFL_ENOMEM;
    remove_entry(head, i, entry);
    map->len--;
    return DFL_OK;
}

static bool take_place(const dfl_ctx *ctx, dfl__map *map, const dfl__map *more, size_t entry) {
    dfl__list all = {map->entries, map->len, map->cap}, tail = {more->entries, more->len, more->cap};
    dfl__head *head =
        more->cap & DFL__OVERLAPS ? NULL : dfl__continuing(ctx->mem, &all, &tail, entry);
    if (!head)
        return false;
    char *entries = dfl__items_of(head);
    uint32_t before = dfl__offset(map->cap);
    *map = (dfl__map){entries + before * entry, map->len + more->len,
                      cap_shown(map, before, head->cap), dfl__map_index(entries, head->cap, entry)};
    return true;
}

static DFL__APART int put_all(dfl_ctx *ctx, dfl__map *map, const dfl__map *more, size_t entry) {
    dfl__map grown = *map;
    for (uint32_t i = 0; i < more->len; i++) {
        const dfl_str *key = key_of(more->entries, i, entry);
        char *at = dfl__map_add(ctx, &grown, *key, entry);
        if (!at)
            return DFL_ENOMEM;
        memcpy(at + sizeof *key, key + 1, entry - sizeof *key);
    }
    *map = grown;
    return DFL_OK;
}

/* Member by member: both have just been written, and what was written in parts is quicker to read in these parts. */
static inline dfl__map view_of(const dfl__map *map) {
    dfl__map view;
    view.entries = map->entries;
    view.len = map->len;
    view.cap = map->cap;
    view.index = map->index;
    return view;
}

void dfl__map_expect(dfl_ctx *ctx, void *map, uint32_t n, size_t entry) {
    dfl__map own = view_of(map);
    dfl__head *head = buffer_of(ctx, &own, span_of(&own, entry));
    uint32_t flags = ctx->flags;
    if (!dfl__may_move(head, own.len, n, entry))
        return;
    if (head->cap - own.len >= n)
        own.cap = dfl__shown_cap(head->cap);
    else if (!move_to_new(ctx, map, &own, 0, dfl__grown(head->cap, own.len + n), entry))
        ctx->flags = flags; /* the tail may yet find room */
    memcpy(map, &own, sizeof own);
}

int dfl__map_join(dfl_ctx *ctx, void *map, const void *more, size_t entry) {
    dfl__map all = view_of(map), tail = view_of(more);
    int status = DFL_OK;
    if (tail.len == 0)
        return DFL_OK;
    if (all.len == 0)
        all = tail;
    else if (!take_place(ctx, &all, &tail, entry))
        status = put_all(ctx, &all, &tail, entry);
    memcpy(map, &all, sizeof all);
    return status;
}

/* As dfl__list_drop; the index forgets the entries, too. */
void dfl__map_drop(const dfl_ctx *ctx, const void *map, size_t entry) {
    dfl__map own;
    memcpy(&own, map, sizeof own);
    dfl__head *head = buffer_of(ctx, &own, span_of(&own, entry));
    if (!head || !(own.cap & DFL__TAIL) || !dfl__is_owner(head, ctx->mem, map))
        return;
    char *entries = dfl__items_of(head);
    dfl__key_index *index = dfl__map_index(entries, head->cap, entry);
    for (uint32_t i = head->used; index && i-- > head->shared;)
        index_remove(index, slot_of_entry(index, hash_of(index, *key_of(entries, i, entry)), i));
    head->used = head->shared;
}
