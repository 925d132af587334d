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

/* ---- finding ---- */

static uint32_t scan(const dfl__map *map, dfl_str key, size_t entry) {
    for (uint32_t i = 0; i < map->len; i++)
        if (dfl_str_eq(*key_of(map->entries, i, entry), key))
            return i;
    return UINT32_MAX;
}

static uint32_t find_hashed(const dfl__map *map, dfl_str key, uint32_t hash, size_t entry) {
    const dfl__key_index *index = map->index;
    for (size_t at = hash & index->mask; index->slots[at].number; at = (at + 1) & index->mask) {
        uint32_t i = index->slots[at].number - 1;
        if (index->slots[at].hash == hash && i < map->len &&
            dfl_str_eq(*key_of(map->entries, i, entry), key))
            return i;
    }
    return UINT32_MAX;
}

uint32_t dfl__map_find(const dfl__map *map, dfl_str key, size_t entry) {
    if (map->index)
        return find_hashed(map, key, hash_of(map->index, key), entry);
    return scan(map, key, entry);
}

/* ---- changing ---- */

static dfl__head *buffer_of(const dfl_ctx *ctx, const dfl__map *map) {
    return dfl__buffer_of(ctx->mem, map->entries, map->len, map->cap);
}

/* The map in a fresh buffer of its own. */
static dfl__head *move_to_new(dfl_ctx *ctx, const void *self, dfl__map *map, uint32_t cap,
                              size_t entry) {
    dfl__head *head = dfl__buffer_new(ctx, self, map->len, cap, dfl__map_bytes(cap, entry));
    if (!head)
        return NULL;
    char *entries = dfl__items_of(head);
    dfl__key_index *index = dfl__map_index(entries, cap, entry);
    if (map->len)
        memcpy(entries, map->entries, map->len * entry);
    if (index) {
        dfl__key_index_clear(index, cap);
        dfl__key_index_add(index, map->index, entries, entry, 0, map->len);
    }
    *map = (dfl__map){entries, map->len, cap, index};
    return head;
}

/* A buffer with room behind the map's last entry, that may be written there. */
static dfl__head *room_for_one(dfl_ctx *ctx, const void *self, dfl__map *map, size_t entry) {
    dfl__head *head = buffer_of(ctx, map);
    if (head && map->len == head->used && map->len < head->cap) {
        if (!dfl__is_owner(head, ctx->mem, self))
            dfl__buffer_claim(head, ctx->mem, self, map->len);
        return head;
    }
    if (map->len == UINT32_MAX - 1) {
        ctx->flags |= DFL__NOMEM;
        return NULL;
    }
    uint32_t want = map->len + 1;
    uint32_t cap = dfl__grown(map->len, want > 4 ? want : 4);
    return move_to_new(ctx, self, map, cap, entry);
}

/* hash: of the key when the map had an index already. */
static void *add_entry(dfl_ctx *ctx, const void *self, dfl__map *map, dfl_str key, uint32_t hash,
                       size_t entry) {
    bool hashed = map->index != NULL;
    dfl__head *head = room_for_one(ctx, self, map, entry);
    if (!head)
        return NULL;
    char *entries = dfl__items_of(head);
    char *fresh = entries + map->len * entry;
    dfl__key_index *index = dfl__map_index(entries, head->cap, entry);
    memset(fresh, 0, entry);
    memcpy(fresh, &key, sizeof key);
    if (index)
        index_put(index, hashed ? hash : hash_of(index, key), map->len);
    head->used = ++map->len;
    map->cap = head->cap;
    return fresh;
}

/* Entry i, in a buffer where the map may change it. */
static void *own_entry(dfl_ctx *ctx, const void *self, dfl__map *map, uint32_t i, size_t entry) {
    dfl__head *head = buffer_of(ctx, map);
    if (!head || !dfl__is_owner(head, ctx->mem, self) || i < head->shared)
        head = move_to_new(ctx, self, map, map->len, entry);
    return head ? (char *)dfl__items_of(head) + i * entry : NULL;
}

void *dfl__map_slot(dfl_ctx *ctx, const void *self, dfl__map *map, dfl_str key, size_t entry) {
    uint32_t hash = map->index ? hash_of(map->index, key) : 0;
    uint32_t i = map->index ? find_hashed(map, key, hash, entry) : scan(map, key, entry);
    if (i != UINT32_MAX)
        return own_entry(ctx, self, map, i, entry);
    return add_entry(ctx, self, map, key, hash, entry);
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
    dfl__head *head = buffer_of(ctx, map);
    if (!head || !dfl__is_owner(head, ctx->mem, self) || i < head->shared)
        head = move_to_new(ctx, self, map, map->len, entry);
    if (!head)
        return DFL_ENOMEM;
    remove_entry(head, i, entry);
    map->len--;
    return DFL_OK;
}
