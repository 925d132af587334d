/* Decoding: what the generated decoders share, and pack.c. The form of an encoding is in dfl.h. */
#include "internal.h"
#include "map.h"

/* ---- what pack.c calls ---- */

int dfl__get_count(dfl__in *in, size_t least, uint32_t *n) {
    uint64_t count;
    if (!dfl__get_varint(in, &count) || count > UINT32_MAX || count > dfl__left(in) / least)
        return DFL_ECORRUPT;
    *n = (uint32_t)count;
    return DFL_OK;
}

int dfl__get_str(dfl__in *in, dfl_ctx *ctx, dfl_str *v) {
    dfl_bytes block;
    if (!dfl__get_block(in, &block))
        return DFL_ECORRUPT;
    *v = dfl_copy(ctx, block.p, block.n);
    return v->n == block.n ? DFL_OK : DFL_ENOMEM;
}

int dfl__get_bytes(dfl__in *in, dfl_ctx *ctx, dfl_bytes *v) {
    dfl_bytes block;
    uint8_t *copy = NULL;
    if (!dfl__get_block(in, &block))
        return DFL_ECORRUPT;
    if (block.n > 0) {
        copy = dfl_alloc(ctx, block.n);
        if (!copy)
            return DFL_ENOMEM;
        memcpy(copy, block.p, block.n);
    }
    *v = (dfl_bytes){copy, block.n};
    return DFL_OK;
}

void *dfl__items(dfl_ctx *ctx, uint32_t n, size_t item) {
    if (n == 0 || item > SIZE_MAX / n)
        return NULL;
    return dfl_alloc(ctx, n * item);
}

/* ---- what generated decoders call ---- */

enum {
    FIRST_STRETCH = 256,
    STRETCH_GROWTH = 4,
    LAST_STRETCH = DFL__LARGE - 1, /* and a NUL: in a chunk with others */
    LONG_STRING = 1024             /* has a copy of its own */
};

/* Of two bytes, as most that are not of one? */
static inline bool is_short_length(const dfl__decode *in, const uint8_t *at) {
    return dfl__has(in, at, 2) && at[0] >= 128 && at[1] < 128 && at[1] > 0;
}

static inline uint32_t short_length(const uint8_t *at) {
    return (at[0] & 127u) | (uint32_t)at[1] << 7;
}

const uint8_t *dfl__read_long_length(const dfl__decode *in, const uint8_t *at, uint64_t *v) {
    dfl__in rest = {at, in->end};
    if (is_short_length(in, at)) {
        *v = short_length(at);
        return at + 2;
    }
    return dfl__get_varint(&rest, v) ? rest.at : NULL;
}

static void *take(dfl__decode *in, size_t n, size_t align) {
    void *p = dfl__bump(in->mem, n, align);
    if (!p)
        in->status = DFL_ENOMEM;
    return p;
}

/* How much to copy where a string of n bytes begins. While strings follow each other ever more; after
 * something else little, which might not be strings either. */
static size_t next_stretch(const dfl__decode *in, const uint8_t *at, size_t n) {
    size_t left = (size_t)(in->end - at), size = FIRST_STRETCH;
    if (at <= in->copied + DFL__VARINT_MAX && in->stretch > 0)
        size = in->stretch * STRETCH_GROWTH;
    size = size < LAST_STRETCH ? size : LAST_STRETCH;
    size = size > n ? size : n;
    return size < left ? size : left;
}

static bool copy_stretch(dfl__decode *in, const uint8_t *at, size_t n) {
    size_t size = next_stretch(in, at, n);
    char *texts = take(in, size + 1, 1);
    if (!texts)
        return false;
    memmove(texts, at, size); /* memcpy of a size with a limit becomes a slow loop in place */
    in->from = at;
    in->copied = at + size;
    in->texts = texts;
    in->stretch = size;
    return true;
}

static const uint8_t *read_long_str(dfl__decode *in, const uint8_t *at, size_t n, dfl_str *v) {
    char *text = take(in, n + 1, 1);
    if (!text)
        return NULL;
    memcpy(text, at, n);
    text[n] = '\0';
    *v = (dfl_str){text, n};
    return at + n;
}

/* Of the n bytes from `at` on there is a copy, and room for a NUL behind it. */
static inline bool is_copied(const dfl__decode *in, const uint8_t *at, size_t n) {
    return at < in->copied && n <= (size_t)(in->copied - at);
}

static inline const uint8_t *use_copy(dfl__decode *in, const uint8_t *at, size_t n, dfl_str *v) {
    char *text = in->texts + (at - in->from);
    text[n] = '\0';
    *v = (dfl_str){text, n};
    return at + n;
}

static DFL__APART const uint8_t *read_any_str(dfl__decode *in, const uint8_t *at, dfl_str *v) {
    uint64_t length;
    size_t n;
    at = dfl__read_length(in, at, &length);
    if (!at || length > (size_t)(in->end - at))
        return NULL;
    n = (size_t)length;
    if (n >= LONG_STRING)
        return read_long_str(in, at, n, v);
    if (!is_copied(in, at, n) && !copy_stretch(in, at, n))
        return NULL;
    return use_copy(in, at, n, v);
}

/* The call comes last: what needs none costs no registers. */
const uint8_t *dfl__read_other_str(dfl__decode *in, const uint8_t *at, dfl_str *v) {
    if (is_short_length(in, at) && is_copied(in, at + 2, short_length(at)))
        return use_copy(in, at + 2, short_length(at), v);
    return read_any_str(in, at, v);
}

const uint8_t *dfl__read_bytes(dfl__decode *in, const uint8_t *at, dfl_bytes *v) {
    uint64_t n;
    uint8_t *copy;
    *v = (dfl_bytes){NULL, 0};
    at = dfl__read_length(in, at, &n);
    if (!at || n > (size_t)(in->end - at))
        return NULL;
    if (n == 0)
        return at;
    copy = dfl__new_items(in, 1, (size_t)n);
    if (!copy)
        return NULL;
    memcpy(copy, at, (size_t)n);
    *v = (dfl_bytes){copy, (size_t)n};
    return at + n;
}

void *dfl__new_items(dfl__decode *in, uint32_t n, size_t item) {
    void *items;
    if (n == 0)
        return NULL;
    items = item <= SIZE_MAX / n ? dfl__mem_alloc(in->mem, n * item) : NULL;
    if (!items)
        in->status = DFL_ENOMEM;
    return items;
}

void *dfl__new_entries(dfl__decode *in, uint32_t n, size_t entry, void **index) {
    size_t bytes = dfl__map_bytes(n, entry);
    dfl__head *block;
    *index = NULL;
    if (n == 0)
        return NULL;
    if (bytes > SIZE_MAX - sizeof *block || n >= DFL__TAIL) {
        in->status = DFL_ENOMEM;
        return NULL;
    }
    block = take(in, sizeof *block + bytes, DFL__ALIGN);
    if (!block)
        return NULL;
    dfl__buffer_init(block, in->mem, NULL, n, n);
    *index = dfl__map_index(dfl__items_of(block), n, entry);
    if (*index)
        dfl__key_index_clear(*index, n);
    return dfl__items_of(block);
}

/* ---- a whole state ---- */

/* Values take more room than their encoding: a string of a few bytes 16 more. */
enum { ROOM_FOR_A_BYTE = 3, MUCH = 1 << 16 /* no first chunk is larger */ };

/* Field by field: compilers clear a struct of this size by an instruction that takes longer to begin than
 * a small state to be read. */
static bool begin(dfl__decode *in, const void *bytes, size_t n) {
    const uint8_t *at = bytes;
    in->at = in->from = in->copied = at;
    in->end = at ? at + n : at;
    in->status = DFL_ECORRUPT;
    in->texts = NULL;
    in->stretch = 0;
    return at != NULL;
}

static size_t first_stretch(size_t n, size_t texts_at) {
    size_t left = n > texts_at ? n - texts_at : 0;
    return left < FIRST_STRETCH ? left : FIRST_STRETCH;
}

static void copy_first(dfl__decode *in, size_t texts_at, size_t stretch, char *texts) {
    in->from = in->at + texts_at;
    in->copied = in->from + stretch;
    in->texts = memmove(texts, in->from, stretch);
    in->stretch = stretch;
}

static inline void *room_for_state(dfl__decode *in, dfl__mem *mem, size_t state_bytes,
                                   size_t texts_at) {
    size_t n = (size_t)(in->end - in->at), stretch = first_stretch(n, texts_at);
    size_t expected = state_bytes + (n < MUCH ? n : MUCH) * ROOM_FOR_A_BYTE;
    char *room = NULL;
    in->mem = mem;
    if (dfl__mem_begin(mem, &in->old, expected)) {
        room = dfl__bump(mem, state_bytes + stretch + 1, DFL__ALIGN);
        if (!room)
            dfl__mem_back(mem, &in->old);
    }
    if (!room)
        in->status = DFL_ENOMEM;
    else if (stretch > 0)
        copy_first(in, texts_at, stretch, room + state_bytes);
    return room;
}

void *dfl__decode_begin(dfl__decode *in, dfl__mem *mem, const void *bytes, size_t n,
                        uint64_t schema, size_t state_bytes, size_t texts_at) {
    if (!begin(in, bytes, n) || n < DFL__HEADER_BYTES || in->at[0] != DFL__ENCODING)
        return NULL;
    if (dfl__get_u64(in->at + 1) != schema) {
        in->status = DFL_ESCHEMA;
        return NULL;
    }
    in->at += DFL__HEADER_BYTES;
    return room_for_state(in, mem, state_bytes, texts_at);
}

void *dfl__restore_begin(dfl__decode *in, dfl__mem *mem, const void *bytes, size_t n,
                         size_t state_bytes, size_t texts_at) {
    static const uint8_t nothing; /* pointers into it can be compared */
    (void)begin(in, bytes ? bytes : &nothing, bytes ? n : 0);
    return room_for_state(in, mem, state_bytes, texts_at);
}

int dfl__decode_failed(dfl__decode *in, const uint8_t *at) {
    dfl__mem_back(in->mem, &in->old);
    return at ? DFL_ECORRUPT : in->status;
}

int dfl__decode_commit(dfl__decode *in) {
    dfl__mem_forget(in->mem, &in->old);
    return DFL_OK;
}
