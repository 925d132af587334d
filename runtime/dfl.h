/* dfl.h: the runtime of programs that dflc compiled.
 *
 * A .dfl file becomes a .c and a .h; the .h includes this header, and nothing else is public.
 * Link with -ldflrt -lpthread. C11, or C++17 and later.
 *
 * This header is the manual. It goes from what every node function uses to what a program uses
 * around a run; the last part, "For generated code", is shared with the C that dflc writes and is
 * no interface for people: names with two underscores (dfl__) may change with any version.
 *
 * The rules that hold throughout:
 *
 *   Memory    What a node writes into the state lives in the arena of the run (dfl_alloc and the
 *             helpers below), in static storage, or is a value that the node was handed. Nothing
 *             is freed by hand. Pointers that a node was handed end with the node's call.
 *   Errors    A function that can fail returns DFL_OK (0) or one of the negative codes below. A
 *             failed allocation inside a node is also remembered by its dfl_ctx, so that the node
 *             fails with DFL_ENOMEM even if it ignores the return value.
 *   Threads   A dfl_ctx belongs to the node call that was given it. A state belongs to one run at
 *             a time. Runs of one graph may go on at once on many threads; they share nothing but
 *             the pool and the store, which are thread-safe.
 *   Silence   The library never prints, exits, aborts, or touches a signal.
 */
#ifndef DFL_H
#define DFL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The shared library shows what is declared here, and nothing else. */
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/* Generated code stops at compile time when this differs from the one it was written for. */
#define DFL_ABI_VERSION 1

/* ------------------------------------------------------------------------------------------ */
/* Status codes                                                                               */
/* ------------------------------------------------------------------------------------------ */

enum {
    DFL_OK = 0,
    DFL_PAUSED = 1,          /* a person is waited for; resume continues */
    DFL_ENODE = -1,          /* a node failed: dfl_error has node, code, message, attempt */
    DFL_ENOMEM = -2,
    DFL_ELIMIT = -3,         /* `limit steps` was passed */
    DFL_ETIMEOUT = -4,       /* dfl_run.timeout_ns was passed */
    DFL_ECANCELLED = -5,     /* dfl_cancel_now() was called */
    DFL_EGUARD = -6,         /* overflow or division by zero in a guard, or a value outside its enum */
    DFL_ESTORE = -7,         /* the store failed; errno tells why */
    DFL_ECORRUPT = -8,       /* bytes that are no encoding, or a damaged record */
    DFL_ESCHEMA = -9,        /* an encoding of another schema that cannot be read as this one */
    DFL_ENOTFOUND = -10,     /* no such thread or checkpoint */
    DFL_EBUSY = -11,
    DFL_EINVAL = -12         /* arguments that make no sense together */
};

/* A short English text for a status code; never NULL. */
const char *dfl_strerror(int status);

/* ------------------------------------------------------------------------------------------ */
/* Values                                                                                     */
/* ------------------------------------------------------------------------------------------ */

typedef struct dfl_ctx dfl_ctx;

/* UTF-8, NUL after p[n - 1]; p is "" when empty (a zeroed dfl_str is read as empty too). */
typedef struct dfl_str { const char *p; size_t n; } dfl_str;
typedef struct dfl_bytes { const uint8_t *p; size_t n; } dfl_bytes;

/* A growing buffer on the heap, owned by the caller. Starts as {0}; ends with dfl_buf_free(). */
typedef struct dfl_buf { uint8_t *p; size_t n, cap; } dfl_buf;
void dfl_buf_free(dfl_buf *buf);

/* A constant dfl_str from a string literal. */
#ifdef __cplusplus
#define DFL_STR(literal) (dfl_str{"" literal, sizeof(literal) - 1})
#else
#define DFL_STR(literal) ((dfl_str){"" literal, sizeof(literal) - 1})
#endif
/* For printf's "%.*s". */
#define DFL_ARG(s) ((int)(s).n), ((s).p ? (s).p : "")

bool dfl_str_eq(dfl_str a, dfl_str b);
int dfl_str_cmp(dfl_str a, dfl_str b);     /* by bytes; <0, 0, >0 */

/* n bytes of the ctx's arena, aligned for anything, contents undefined. NULL when out of memory. */
void *dfl_alloc(dfl_ctx *ctx, size_t n);
/* Strings in the arena, NUL-terminated. {"" , 0} when out of memory. */
dfl_str dfl_copy(dfl_ctx *ctx, const void *p, size_t n);
dfl_str dfl_strdup(dfl_ctx *ctx, const char *cstr);
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
dfl_str dfl_printf(dfl_ctx *ctx, const char *fmt, ...);

/* Lists. A list is {items, len, cap}; items are read-only to C, len may be lowered by hand, and a
 * list made by hand over static storage ({array, 3, 0}) is a value like any other. The helpers
 * copy a buffer before they change what another field, a branch or a failed attempt could see:
 *
 *   int NAME_push   (dfl_ctx *, NAME *list, T value)              amortised O(1)
 *   int NAME_set    (dfl_ctx *, NAME *list, uint32_t i, T value)  DFL_EINVAL when i >= len
 *   int NAME_resize (dfl_ctx *, NAME *list, uint32_t len)         new items are zero
 *   int NAME_reserve(dfl_ctx *, NAME *list, uint32_t cap)
 *   int NAME_clear  (dfl_ctx *, NAME *list)
 *   int NAME_append (dfl_ctx *, NAME *list, const NAME *tail)
 *
 * Each returns 0 or DFL_ENOMEM (also when a length would pass UINT32_MAX), the list unchanged. The cap is
 * theirs: of an update that is to be merged it says where that lies, as do the items of one that is still empty.
 *
 * One thing they cannot see is an assignment: after `*other = *list` both show the same items. A
 * _push to either leaves the other alone. But a list that this call of the node has given items of
 * its own (by _set, or above the length it came with) changes those in place, and what was assigned
 * from it meanwhile in this call shows the change: to keep such a snapshot, _append it to an empty
 * list. The same holds for maps. */

/* Maps. Keys are strings; entries are in order of insertion, also after _del; a put of a key that
 * is there keeps its place. The hash is keyed at random, so chosen keys do no harm.
 *
 *   int      NAME_put  (dfl_ctx *, NAME *map, dfl_str key, T value)   average O(1)
 *   int      NAME_del  (dfl_ctx *, NAME *map, dfl_str key)            0 also when absent; O(len)
 *   const T *NAME_get  (const NAME *map, dfl_str key)                 NULL when absent
 *   int      NAME_union(dfl_ctx *, NAME *map, const NAME *update)     a key of update wins
 *
 * Iterate: for (uint32_t i = 0; i < map.len; i++) map.entries[i].key, map.entries[i].value.
 * The key's bytes are kept by pointer: they follow the memory rule like any value. */

/* Options: {has, value}; value means nothing when has is false. */

#define DFL_LIST_TYPE(NAME, T)                                                                     \
    typedef struct NAME { const T *items; uint32_t len, cap; } NAME;

/* Keeps what rarely happens out of the straight line of the code. */
#if defined(__GNUC__)
#define DFL__RARELY(x) __builtin_expect((x) != 0, 0)
#else
#define DFL__RARELY(x) ((x) != 0)
#endif

/* What a cap says of a list or map that is a tail: how many items the buffer has before it, and whether one of
 * those has a key that the tail has too. See note [tails] in buffer.h. */
#define DFL__TAIL     0x80000000u
#define DFL__OVERLAPS 0x40000000u
#define DFL__OFFSET   0x3fffffffu
/* P + N of items of type T, also of a list that has no items yet: in C no number may be added to NULL, not even 0. */
#define DFL__AT(T, P, N) ((const T *)((uintptr_t)(P) + (size_t)(N) * sizeof(T)))
static inline uint32_t dfl__offset(uint32_t cap)
{
    return cap & DFL__TAIL ? cap & DFL__OFFSET : 0;
}
/* The cap of a tail behind a list or map; 0: there is none, as that is too long. */
static inline uint32_t dfl__cap_behind(uint32_t cap, uint32_t len)
{
    uint32_t n = dfl__offset(cap) + len;
    return (len | n) <= DFL__OFFSET ? DFL__TAIL | n : 0;
}
/* Of which one can be what is before it, too, with another length. */
static inline bool dfl__is_tail(uint32_t cap)
{
    return (cap & (DFL__TAIL | DFL__OVERLAPS)) == DFL__TAIL;
}
/* Whether n items more will not fit; never of a tail, nor of one that has no buffer. */
static inline bool dfl__is_short(uint32_t len, uint32_t cap, uint32_t n)
{
    return cap != 0 && cap - len < n;
}
/* note [len and cap in one]
 * Both are stored at once, to where `len` is: compilers read them at once where both are wanted, and what was stored
 * in two parts a moment ago processors cannot give to such a read until it has come to the cache (an update's begin
 * and its first push: 7 ns of 16; AMD EPYC, families 25 and 26). */
static inline void dfl__put_len_cap(void *at, uint32_t len, uint32_t cap)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint64_t both = (uint64_t)cap << 32 | len;
#else
    uint64_t both = (uint64_t)len << 32 | cap;
#endif
    memcpy(at, &both, sizeof both);
}
#define DFL__PUT_LEN_CAP(NAME, L, LEN, CAP) dfl__put_len_cap((char *)(L) + offsetof(NAME, len), LEN, CAP)

/* The type-blind view of a list and of a map, which a pointer to one of any type may be taken for. */
#if defined(__GNUC__)
#define DFL__ANY __attribute__((may_alias))
#else
#define DFL__ANY
#endif
typedef struct DFL__ANY dfl__list { const void *items; uint32_t len, cap; } dfl__list;
typedef struct DFL__ANY dfl__map { const void *entries; uint32_t len, cap; const void *index; } dfl__map;

/* What _push, _append and _put do: `extra` items more, and an entry of `key`, counted already. Where they are, the items
 * uninitialised and the value of a new key zeroed; or NULL, with DFL_ENOMEM remembered by ctx, or when a length would
 * pass UINT32_MAX. */
void *dfl__list_add(dfl_ctx *ctx, void *list, uint32_t extra, size_t item);
void *dfl__map_add(dfl_ctx *ctx, void *map, dfl_str key, size_t entry);

/* `self` is the address of the caller's list or map: the one that may change its own buffer in
 * place within one node attempt. Each returns a writable pointer, or NULL with DFL_ENOMEM
 * remembered by ctx, or when a length would pass UINT32_MAX.
 * room: the items, with [len, len + extra) writable and uninitialised; own: all [0, len) writable;
 * slot: the entry of `key`, new ones with a zeroed value and map->len already counted. */
void *dfl__list_room(dfl_ctx *ctx, const void *self, dfl__list *list, uint32_t extra, size_t item);
void *dfl__list_own(dfl_ctx *ctx, const void *self, dfl__list *list, size_t item);
int dfl__list_resize(dfl_ctx *ctx, const void *self, dfl__list *list, uint32_t len, size_t item);
int dfl__list_reserve(dfl_ctx *ctx, const void *self, dfl__list *list, uint32_t cap, size_t item);
void *dfl__map_slot(dfl_ctx *ctx, const void *self, dfl__map *map, dfl_str key, size_t entry);
int dfl__map_del(dfl_ctx *ctx, const void *self, dfl__map *map, dfl_str key, size_t entry);
/* Index of the key, or UINT32_MAX. */
uint32_t dfl__map_find(const dfl__map *map, dfl_str key, size_t entry);
/* Of each list and map, for generated code (note [tails] in buffer.h):
 *
 *   void NAME__expect(dfl_ctx *, NAME *l, uint32_t n)    some n items are about to be made behind *l: where its buffer
 *                    is full and small, *l moves to one with room now, as that is less work than for a tail to
 *                    outgrow it and be joined. Out of memory it stays
 *   NAME NAME__behind(const NAME *l)         empty, and behind *l in its buffer where it has one
 *   int  NAME__join  (dfl_ctx *, NAME *l, const NAME *more)     as _append and _union; what was made by
 *                    __behind is not copied. `more` is not changed after that: *l may have taken it over
 *   void NAME__drop  (const dfl_ctx *, const NAME *l)    an attempt failed in which *l was made behind another: its room is free
 *
 * What join does where `more` does not lie behind the list or map. On DFL_ENOMEM that is unchanged. They are given
 * lists and maps of any type, which they copy into views and back. */
void dfl__list_expect(dfl_ctx *ctx, void *list, uint32_t n, size_t item);
void dfl__map_expect(dfl_ctx *ctx, void *map, uint32_t n, size_t entry);
int dfl__list_join(dfl_ctx *ctx, void *list, const void *more, size_t item);
int dfl__map_join(dfl_ctx *ctx, void *map, const void *more, size_t entry);
void dfl__list_drop(const dfl_ctx *ctx, const void *list, size_t item);
void dfl__map_drop(const dfl_ctx *ctx, const void *map, size_t entry);

#define DFL_LIST_OPS(NAME, T)                                                                      \
    static inline dfl__list NAME##__view(const NAME *dfl_l)                                        \
    {                                                                                              \
        dfl__list dfl_v;                                                                           \
        dfl_v.items = dfl_l->items, dfl_v.len = dfl_l->len, dfl_v.cap = dfl_l->cap;                \
        return dfl_v;                                                                              \
    }                                                                                              \
    static inline void NAME##__take(NAME *dfl_l, dfl__list dfl_v)                                  \
    {                                                                                              \
        dfl_l->items = (const T *)dfl_v.items, dfl_l->len = dfl_v.len, dfl_l->cap = dfl_v.cap;     \
    }                                                                                              \
    static inline int NAME##_push(dfl_ctx *ctx, NAME *dfl_l, T dfl_x)                              \
    {                                                                                              \
        T *dfl_p = (T *)dfl__list_add(ctx, dfl_l, 1, sizeof(T));                                   \
        if (!dfl_p)                                                                                \
            return DFL_ENOMEM;                                                                     \
        *dfl_p = dfl_x;                                                                            \
        return DFL_OK;                                                                             \
    }                                                                                              \
    static inline int NAME##_append(dfl_ctx *ctx, NAME *dfl_l, const NAME *dfl_t)                  \
    {                                                                                              \
        uint32_t dfl_k = dfl_t->len;                                                               \
        const T *dfl_f = dfl_t->items;                                                             \
        T *dfl_p;                                                                                  \
        if (dfl_k == 0)                                                                            \
            return DFL_OK;                                                                         \
        dfl_p = (T *)dfl__list_add(ctx, dfl_l, dfl_k, sizeof(T));                                  \
        if (!dfl_p)                                                                                \
            return DFL_ENOMEM;                                                                     \
        memmove(dfl_p, dfl_f, (size_t)dfl_k * sizeof(T));                                          \
        return DFL_OK;                                                                             \
    }                                                                                              \
    static inline int NAME##_set(dfl_ctx *ctx, NAME *dfl_l, uint32_t dfl_i, T dfl_x)               \
    {                                                                                              \
        dfl__list dfl_v = NAME##__view(dfl_l);                                                     \
        T *dfl_p;                                                                                  \
        if (dfl_i >= dfl_v.len)                                                                    \
            return DFL_EINVAL;                                                                     \
        dfl_p = (T *)dfl__list_own(ctx, dfl_l, &dfl_v, sizeof(T));                                 \
        if (!dfl_p)                                                                                \
            return DFL_ENOMEM;                                                                     \
        dfl_p[dfl_i] = dfl_x;                                                                      \
        NAME##__take(dfl_l, dfl_v);                                                                \
        return DFL_OK;                                                                             \
    }                                                                                              \
    static inline int NAME##_resize(dfl_ctx *ctx, NAME *dfl_l, uint32_t dfl_n)                     \
    {                                                                                              \
        dfl__list dfl_v = NAME##__view(dfl_l);                                                     \
        int dfl_s = dfl__list_resize(ctx, dfl_l, &dfl_v, dfl_n, sizeof(T));                        \
        NAME##__take(dfl_l, dfl_v);                                                                \
        return dfl_s;                                                                              \
    }                                                                                              \
    static inline int NAME##_reserve(dfl_ctx *ctx, NAME *dfl_l, uint32_t dfl_c)                    \
    {                                                                                              \
        dfl__list dfl_v = NAME##__view(dfl_l);                                                     \
        int dfl_s = dfl__list_reserve(ctx, dfl_l, &dfl_v, dfl_c, sizeof(T));                       \
        NAME##__take(dfl_l, dfl_v);                                                                \
        return dfl_s;                                                                              \
    }                                                                                              \
    static inline int NAME##_clear(dfl_ctx *ctx, NAME *dfl_l)                                      \
    {                                                                                              \
        (void)ctx;                                                                                 \
        dfl_l->len = 0;                                                                            \
        return DFL_OK;                                                                             \
    }                                                                                              \
    static inline void NAME##__expect(dfl_ctx *ctx, NAME *dfl_l, uint32_t dfl_n)                   \
    {                                                                                              \
        if (DFL__RARELY(dfl__is_short(dfl_l->len, dfl_l->cap, dfl_n)))                             \
            dfl__list_expect(ctx, dfl_l, dfl_n, sizeof(T));                                        \
    }                                                                                              \
    static inline NAME NAME##__behind(const NAME *dfl_l)                                           \
    {                                                                                              \
        uint32_t dfl_c = dfl__cap_behind(dfl_l->cap, dfl_l->len);                                  \
        NAME dfl_t = {0, 0, 0};                                                                    \
        if (dfl_c) {                                                                               \
            dfl_t.items = DFL__AT(T, dfl_l->items, dfl_l->len);                                    \
            DFL__PUT_LEN_CAP(NAME, &dfl_t, 0, dfl_c);                                              \
        }                                                                                          \
        return dfl_t;                                                                              \
    }                                                                                              \
    static inline int NAME##__join(dfl_ctx *ctx, NAME *dfl_l, const NAME *dfl_t)                   \
    {                                                                                              \
        if (dfl__is_tail(dfl_t->cap) && dfl_t->items == DFL__AT(T, dfl_l->items, dfl_l->len)) {    \
            DFL__PUT_LEN_CAP(NAME, dfl_l, dfl_l->len + dfl_t->len, dfl_l->cap);                    \
            return DFL_OK;                                                                         \
        }                                                                                          \
        return dfl__list_join(ctx, dfl_l, dfl_t, sizeof(T));                                       \
    }                                                                                              \
    static inline void NAME##__drop(const dfl_ctx *ctx, const NAME *dfl_l)                         \
    {                                                                                              \
        dfl__list_drop(ctx, dfl_l, sizeof(T));                                                     \
    }

#define DFL_MAP_TYPE(NAME)                                                                         \
    typedef struct NAME {                                                                          \
        const struct NAME##_entry *entries;                                                        \
        uint32_t len, cap;                                                                         \
        const void *index_; /* private */                                                          \
    } NAME;

#define DFL_MAP_OPS(NAME, T)                                                                       \
    typedef struct NAME##_entry { dfl_str key; T value; } NAME##_entry;                            \
    static inline dfl__map NAME##__view(const NAME *dfl_m)                                         \
    {                                                                                              \
        dfl__map dfl_v;                                                                            \
        dfl_v.entries = dfl_m->entries, dfl_v.len = dfl_m->len;                                    \
        dfl_v.cap = dfl_m->cap, dfl_v.index = dfl_m->index_;                                       \
        return dfl_v;                                                                              \
    }                                                                                              \
    static inline void NAME##__take(NAME *dfl_m, dfl__map dfl_v)                                   \
    {                                                                                              \
        dfl_m->entries = (const NAME##_entry *)dfl_v.entries, dfl_m->len = dfl_v.len;              \
        dfl_m->cap = dfl_v.cap, dfl_m->index_ = dfl_v.index;                                       \
    }                                                                                              \
    static inline int NAME##_put(dfl_ctx *ctx, NAME *dfl_m, dfl_str dfl_k, T dfl_x)                \
    {                                                                                              \
        NAME##_entry *dfl_e =                                                                      \
            (NAME##_entry *)dfl__map_add(ctx, dfl_m, dfl_k, sizeof(NAME##_entry));                 \
        if (!dfl_e)                                                                                \
            return DFL_ENOMEM;                                                                     \
        dfl_e->value = dfl_x;                                                                      \
        return DFL_OK;                                                                             \
    }                                                                                              \
    static inline int NAME##_del(dfl_ctx *ctx, NAME *dfl_m, dfl_str dfl_k)                         \
    {                                                                                              \
        dfl__map dfl_v = NAME##__view(dfl_m);                                                      \
        int dfl_s = dfl__map_del(ctx, dfl_m, &dfl_v, dfl_k, sizeof(NAME##_entry));                 \
        NAME##__take(dfl_m, dfl_v);                                                                \
        return dfl_s;                                                                              \
    }                                                                                              \
    static inline const T *NAME##_get(const NAME *dfl_m, dfl_str dfl_k)                            \
    {                                                                                              \
        dfl__map dfl_v = NAME##__view(dfl_m);                                                      \
        uint32_t dfl_i = dfl__map_find(&dfl_v, dfl_k, sizeof(NAME##_entry));                       \
        return dfl_i == UINT32_MAX ? (const T *)0 : &dfl_m->entries[dfl_i].value;                  \
    }                                                                                              \
    static inline int NAME##_union(dfl_ctx *ctx, NAME *dfl_m, const NAME *dfl_u)                   \
    {                                                                                              \
        NAME dfl_g = *dfl_m;                                                                       \
        uint32_t dfl_i;                                                                            \
        for (dfl_i = 0; dfl_i < dfl_u->len; dfl_i++)                                               \
            if (NAME##_put(ctx, &dfl_g, dfl_u->entries[dfl_i].key, dfl_u->entries[dfl_i].value))   \
                return DFL_ENOMEM;                                                                 \
        *dfl_m = dfl_g;                                                                            \
        return DFL_OK;                                                                             \
    }                                                                                              \
    static inline void NAME##__expect(dfl_ctx *ctx, NAME *dfl_m, uint32_t dfl_n)                   \
    {                                                                                              \
        if (DFL__RARELY(dfl__is_short(dfl_m->len, dfl_m->cap, dfl_n)))                             \
            dfl__map_expect(ctx, dfl_m, dfl_n, sizeof(NAME##_entry));                              \
    }                                                                                              \
    static inline NAME NAME##__behind(const NAME *dfl_m)                                           \
    {                                                                                              \
        uint32_t dfl_c = dfl__cap_behind(dfl_m->cap, dfl_m->len);                                  \
        NAME dfl_t = {0, 0, 0, 0};                                                                 \
        if (dfl_c) {                                                                               \
            dfl_t.entries = DFL__AT(NAME##_entry, dfl_m->entries, dfl_m->len);                     \
            DFL__PUT_LEN_CAP(NAME, &dfl_t, 0, dfl_c);                                              \
            dfl_t.index_ = dfl_m->index_;                                                          \
        }                                                                                          \
        return dfl_t;                                                                              \
    }                                                                                              \
    static inline int NAME##__join(dfl_ctx *ctx, NAME *dfl_m, const NAME *dfl_t)                   \
    {                                                                                              \
        if (dfl__is_tail(dfl_t->cap) &&                                                            \
            dfl_t->entries == DFL__AT(NAME##_entry, dfl_m->entries, dfl_m->len)) {                 \
            DFL__PUT_LEN_CAP(NAME, dfl_m, dfl_m->len + dfl_t->len, dfl_m->cap);                    \
            return DFL_OK;                                                                         \
        }                                                                                          \
        return dfl__map_join(ctx, dfl_m, dfl_t, sizeof(NAME##_entry));                             \
    }                                                                                              \
    static inline void NAME##__drop(const dfl_ctx *ctx, const NAME *dfl_m)                         \
    {                                                                                              \
        dfl__map_drop(ctx, dfl_m, sizeof(NAME##_entry));                                           \
    }

#define DFL_OPT_TYPE(NAME, T) typedef struct NAME { bool has; T value; } NAME;

#define DFL__BUILTIN(STEM, T)                                                                      \
    DFL_LIST_TYPE(STEM##_list, T)                                                                  \
    DFL_LIST_OPS(STEM##_list, T)                                                                   \
    DFL_MAP_TYPE(STEM##_map)                                                                       \
    DFL_MAP_OPS(STEM##_map, T)

DFL__BUILTIN(dfl_bool, bool)
DFL__BUILTIN(dfl_i8, int8_t)
DFL__BUILTIN(dfl_i16, int16_t)
DFL__BUILTIN(dfl_i32, int32_t)
DFL__BUILTIN(dfl_i64, int64_t)
DFL__BUILTIN(dfl_u8, uint8_t)
DFL__BUILTIN(dfl_u16, uint16_t)
DFL__BUILTIN(dfl_u32, uint32_t)
DFL__BUILTIN(dfl_u64, uint64_t)
DFL__BUILTIN(dfl_f32, float)
DFL__BUILTIN(dfl_f64, double)
DFL__BUILTIN(dfl_str, dfl_str)
DFL__BUILTIN(dfl_bytes, dfl_bytes)

DFL_OPT_TYPE(dfl_bool_opt, bool)
DFL_OPT_TYPE(dfl_i8_opt, int8_t)
DFL_OPT_TYPE(dfl_i16_opt, int16_t)
DFL_OPT_TYPE(dfl_i32_opt, int32_t)
DFL_OPT_TYPE(dfl_i64_opt, int64_t)
DFL_OPT_TYPE(dfl_u8_opt, uint8_t)
DFL_OPT_TYPE(dfl_u16_opt, uint16_t)
DFL_OPT_TYPE(dfl_u32_opt, uint32_t)
DFL_OPT_TYPE(dfl_u64_opt, uint64_t)
DFL_OPT_TYPE(dfl_f32_opt, float)
DFL_OPT_TYPE(dfl_f64_opt, double)
DFL_OPT_TYPE(dfl_str_opt, dfl_str)

/* A failed branch of a section that says `settle`. index: the element of an each, or -1. */
typedef struct dfl_fault {
    dfl_str branch, node, message;
    int64_t index;
    int32_t code;        /* what the node returned */
    uint32_t attempt;    /* from 1 */
} dfl_fault;
DFL__BUILTIN(dfl_fault, dfl_fault)

/* ------------------------------------------------------------------------------------------ */
/* Inside a node                                                                              */
/* ------------------------------------------------------------------------------------------ */

/* What failed. Self-contained: it may be copied and outlives the run. */
typedef struct dfl_error {
    int status;          /* DFL_ENODE ... */
    int code;            /* what the node returned (DFL_ENODE), or errno (DFL_ESTORE) */
    unsigned attempt;    /* from 1 */
    int64_t index;       /* the element of the innermost each around it, or -1 */
    char node[128];      /* "classify", "research/plan"; "" when no node is to blame */
    char at[128];        /* "support.dfl:12" */
    char message[256];   /* of dfl_fail, or of the runtime; "" when there is none */
} dfl_error;

#if defined(__GNUC__)
#define DFL__PRINTF(F, A) __attribute__((format(printf, F, A)))
#else
#define DFL__PRINTF(F, A)
#endif

/* Records a message and returns `code` (1 when it is 0), for `return dfl_fail(ctx, 3, "...")`.
 * The message is cut at 255 bytes, never within a UTF-8 character. */
int dfl_fail(dfl_ctx *ctx, int code, const char *fmt, ...) DFL__PRINTF(3, 4);
/* The same for a failure that no further attempt can mend: `retry` does not try again. */
int dfl_fatal(dfl_ctx *ctx, int code, const char *fmt, ...) DFL__PRINTF(3, 4);
/* What failed, in a node that an error edge led to; its status is DFL_OK where nothing did. Never
 * NULL; valid during the node's call. */
const dfl_error *dfl_last_error(dfl_ctx *ctx);
/* Asks a person. DFL_OK with the answer in *answer (in the arena) when one was given; else
 * DFL_PAUSED, for the node to return: the run then stops here with DFL_PAUSED, and the node runs
 * again from its start once it is resumed. A node may ask several times, also before it returns:
 * answers go to the calls by their order, and are kept until the node succeeds. A node that returns
 * something else withdraws what it asked. Only in nodes; in a ctx of one's own nobody answers. */
int dfl_interrupt(dfl_ctx *ctx, dfl_str question, dfl_str *answer);
/* A custom event; name and data are only read during the call. */
void dfl_emit(dfl_ctx *ctx, const char *name, dfl_bytes data);
void *dfl_user(dfl_ctx *ctx);                 /* dfl_run.user */
const char *dfl_thread_id(dfl_ctx *ctx);      /* dfl_run.thread_id, or "" */
unsigned dfl_attempt(dfl_ctx *ctx);           /* 1 for the first */
/* A key for what this call of the node does outside, "RUN:NODE:STEP" with the run's thread_id: the same when the
 * node is tried again, or is run again after a crash or by another process, and that of no other call. Whoever
 * remembers the keys that it was given can so do each effect once. In the arena. Empty without a store; and for
 * a node in a section or subgraph to which a loop leads back there, or around it under `limit none`: which
 * of its calls it is, cannot be told then. Only in nodes. */
dfl_str dfl_effect_key(dfl_ctx *ctx);
bool dfl_cancelled(dfl_ctx *ctx);             /* cancelled, or past the run's deadline */
int64_t dfl_time_left(dfl_ctx *ctx);          /* ns until the nearest deadline; INT64_MAX: none */

/* A ctx of one's own, to unit-test a node function; freed with what was allocated in it. */
dfl_ctx *dfl_ctx_new(void *user);
void dfl_ctx_free(dfl_ctx *ctx);

/* ------------------------------------------------------------------------------------------ */
/* Running                                                                                    */
/* ------------------------------------------------------------------------------------------ */

typedef struct dfl_store dfl_store;
typedef struct dfl_pool dfl_pool;
typedef struct dfl_type dfl_type;
typedef struct dfl_graph dfl_graph;

/* Zero it; one may be shared by many runs, and outlives them. */
typedef struct dfl_cancel { uint32_t requested; } dfl_cancel;
/* From any thread, or a signal handler. The runs end at their next node with DFL_ECANCELLED. */
void dfl_cancel_now(dfl_cancel *cancel);

typedef enum dfl_durability { DFL_SYNC = 0, DFL_ASYNC = 1, DFL_ON_EXIT = 2 } dfl_durability;

/* ---- events ---- */

typedef enum dfl_event_kind {
    DFL_EVENT_RUN_START, DFL_EVENT_RUN_END,
    DFL_EVENT_NODE_START, DFL_EVENT_NODE_END, DFL_EVENT_NODE_ERROR,
    DFL_EVENT_EDGE,
    DFL_EVENT_FORK, DFL_EVENT_JOIN,
    DFL_EVENT_SAVED, DFL_EVENT_LOADED,
    DFL_EVENT_LIMIT, DFL_EVENT_RETRY,
    DFL_EVENT_CUSTOM,
    DFL_EVENT_PAUSED, DFL_EVENT_RESUMED,
    DFL_EVENT_BRANCH_START, DFL_EVENT_BRANCH_END,   /* of an each: for every element */
    DFL_EVENT_CHUNK_START, DFL_EVENT_CHUNK_END,     /* elements that one thread takes together */
    DFL_EVENT_MERGE,                                /* what the branches wrote is in the state */
    DFL_EVENT_TIMEOUT,                              /* of a node, or of the run */
    DFL_EVENT_UPDATES, DFL_EVENT_VALUES
} dfl_event_kind;

/* dfl_hooks.mask */
#define DFL_EV_RUN        (1u << 0)    /* run start and end */
#define DFL_EV_NODE       (1u << 1)    /* node start, end and error */
#define DFL_EV_EDGE       (1u << 2)    /* edge taken */
#define DFL_EV_SECTION    (1u << 3)    /* fork, merge and join */
#define DFL_EV_CHECKPOINT (1u << 4)    /* saved and loaded */
#define DFL_EV_LIMIT      (1u << 5)    /* limit reached */
#define DFL_EV_CUSTOM     (1u << 6)    /* dfl_emit */
#define DFL_EV_RETRY      (1u << 7)    /* a failed node is about to be tried again */
#define DFL_EV_PAUSE      (1u << 8)    /* paused and resumed */
#define DFL_EV_BRANCH     (1u << 9)    /* branch start and end */
#define DFL_EV_CHUNK      (1u << 10)   /* chunk start and end */
#define DFL_EV_TIMEOUT    (1u << 11)   /* a time that was over */
#define DFL_EV_ALL        0xfffu

/* Streams, in any combination. UPDATES: after each node that succeeded, wherever it is, the fields that
 * it may write, with the value that it gave (where a field merges, before it is merged). VALUES: the
 * state after each node and section that is in no other. */
#define DFL_STREAM_EVENTS      DFL_EV_ALL
#define DFL_STREAM_CUSTOM      DFL_EV_CUSTOM
#define DFL_STREAM_CHECKPOINTS DFL_EV_CHECKPOINT
#define DFL_STREAM_UPDATES     (1u << 16)
#define DFL_STREAM_VALUES      (1u << 17)

/* A value and what it is. */
typedef struct dfl_value {
    const char *name;         /* of the field */
    const dfl_type *type;
    const void *value;        /* of the C type that belongs to it */
} dfl_value;

/* Valid during the call of on_event. */
typedef struct dfl_event {
    dfl_event_kind kind;
    uint64_t run;             /* number of the run in this process, from 1 */
    uint64_t sequence;        /* within the run, from 1, without gaps for those delivered */
    int64_t ns;               /* CLOCK_MONOTONIC */
    int64_t since_ns;         /* since the run began */
    /* What begins or ends with the event, as a number within the run, the same at its start and its end:
     * the run itself is 1. Of other events, what they happened in. parent: what it is in, 0: nothing.
     * Where there was no memory to note a start, its end has what is around. */
    uint64_t span, parent;
    const dfl_graph *graph;
    uint32_t place, to_place; /* in graph->places, of `path` and of an edge's `to`; else UINT32_MAX */
    const char *path;         /* node, or section label; the graph's name for run events */
    const char *to;           /* edge: the place it leads to; custom: its name; else NULL */
    int32_t branch;           /* number of the branch around it in its own graph, or -1; of a chunk event, of the
                               * chunk */
    int64_t index;            /* element of the innermost each around it, or -1 */
    unsigned attempt;         /* node events, from 1 */
    int status;               /* end and error events */
    int64_t duration_ns;      /* of what has ended; for JOIN since the fork */
    const dfl_error *error;   /* NODE_ERROR, and RUN_END of a failed run; else NULL */
    uint64_t checkpoint;      /* SAVED, LOADED: its id */
    dfl_bytes data;           /* CUSTOM; PAUSED: the node's first question, if it asked */
    uint32_t worker;          /* a thread of a pool: its number, from 1; any other: 0 */
    const dfl_value *values;  /* UPDATES: n_values of them */
    uint32_t n_values;
    const void *state;        /* VALUES: the NAME_state of `graph` */
    const char *thread_id;    /* RUN_START: that of the run; else NULL */
} dfl_event;

typedef struct dfl_hooks {
    uint32_t mask;            /* DFL_EV_... ; 0 costs nothing */
    void (*on_event)(void *user, const dfl_event *event);   /* one at a time within a run */
    void *user;
    bool ordered;             /* hold events of branches back to written order until the join */
    bool quick;               /* on_event takes so little time that it may count as the node's: the
                               * clock is read once less */
    bool untimed;             /* ns, since_ns and duration_ns are 0: reading the clock is a third of what an
                               * event costs */
} dfl_hooks;

/* "node_end"; "" when it is none. */
const char *dfl_event_name(dfl_event_kind kind);
/* Appends a value as JSON, as NAME_to_json does. DFL_OK or DFL_ENOMEM. */
int dfl_value_json(const dfl_type *type, const void *value, dfl_buf *out);

/* Hooks that hand each event to all of these, in this order, as far as the mask of each asks for
 * it; NULLs are left out. Events are held back if any of them is ordered; `sequence` counts what
 * any of them is given. Masks must be set before. They stay the caller's, and live longer. NULL
 * when out of memory. */
dfl_hooks *dfl_hooks_all(dfl_hooks *const *hooks, size_t n);
/* No run may use it any more. NULL does nothing. */
void dfl_hooks_all_free(dfl_hooks *all);

/* Hooks that measure: how often and how long nodes run, which edges are taken. Any number of runs, of
 * any graphs and on any threads, may use them at once. NULL when out of memory. */
dfl_hooks *dfl_profile_open(const char *path);
/* Writes what was measured to `path`, for `dflc profile` and `dflc --profile`, and frees the hooks; no
 * run may use them any more. A file that is there is replaced, in one step. DFL_OK; DFL_ESTORE with
 * errno when it cannot be written; DFL_ENOMEM when something was not counted. NULL is DFL_OK. */
int dfl_profile_close(dfl_hooks *hooks);

/* Hooks that write a Chrome trace: JSON that Perfetto, chrome://tracing and speedscope open, and that
 * `dflc graph --trace` lays over a graph. A track for each thread of a pool, and for the callers of runs;
 * slices for runs, sections, branches, chunks and each attempt of a node; arrows from forks to branches
 * and from there to joins; the rest as moments, and with each node the fields that it wrote (of one field
 * at most 1 KiB of JSON; without them: `hooks->mask &= ~DFL_STREAM_UPDATES` before the first run; the
 * mask may be narrowed like that of a queue). Any number of runs, of any graphs and on any threads, may
 * use them at once. A file that is there is replaced. What happened is in the file a tenth of a
 * millisecond later, or when no run is under way: after a kill it lacks the end of the array, and viewers
 * open it as it is. NULL with errno when it cannot be made. */
dfl_hooks *dfl_trace_open(const char *path);
/* Ends the file and frees the hooks; no run may use them any more. DFL_OK; DFL_ESTORE with errno, of
 * this or the first write that failed: the trace ends there; DFL_ENOMEM when something is missing in it.
 * In each case the file is valid JSON, where it could be written to at all. NULL is DFL_OK. */
int dfl_trace_close(dfl_hooks *hooks);

/* Hooks that add up where time went, as folded stacks for flame graphs (flamegraph.pl, inferno, speedscope): a
 * line `graph;section;node MICROSECONDS` for each, of the time of a thread in it but in nothing within. Any
 * number of runs, of any graphs and on any threads, may use them at once. NULL when out of memory. */
dfl_hooks *dfl_folded_open(const char *path);
/* Writes them to `path` and frees the hooks, as dfl_profile_close. */
int dfl_folded_close(dfl_hooks *hooks);

/* Hooks that write a line for each event, for people:
 *
 *     2026-03-01T09:30:00.000412Z run 1 node_end     classify, 289 us
 *
 * or, with dfl_log_open_json, a JSON object: the time, and what is in dfl_event under the same names.
 * Text that nodes give is in quotes and escaped; the first form shows at most 1 KiB of each. For what
 * nodes wrote, or the state: `hooks->mask |= DFL_STREAM_UPDATES` or `DFL_STREAM_VALUES` before the first
 * run; the mask may be narrowed likewise. Any number of runs, of any graphs and on any threads, may use
 * them at once. A line is given to `file` in one piece, and flushed a tenth of a millisecond later or when
 * a run ends. The file stays the caller's. NULL with errno: ENOMEM, or EINVAL when `file` is NULL. */
dfl_hooks *dfl_log_open(FILE *file);
dfl_hooks *dfl_log_open_json(FILE *file);
/* Flushes the file and frees the hooks; no run may use them any more. DFL_OK; DFL_ESTORE with errno, of
 * this or the first write that failed: the log ends there; DFL_ENOMEM when lines are missing. NULL is
 * DFL_OK. */
int dfl_log_close(dfl_hooks *hooks);

/* Hooks that tell `dflc top` what each run does now: its nodes and since when, on which threads, how it ended.
 * They write into a file of 260 KiB in `directory`, which is made where there is none; NULL:
 * $XDG_RUNTIME_DIR/dfl-live or else /tmp/dfl-live-UID, where `dflc top` looks. It is to be on a file system in
 * memory: elsewhere a run may wait for a disk. Nothing ever waits for who looks, and nothing grows: the file tells
 * of up to 256 runs at once, and of the last ones that ended; what else goes on is counted. A program
 * that ends without closing leaves its file, so that one sees where it was; of those the next call removes
 * all but the newest four. Any number of runs, of any graphs and on any threads, may use the hooks at once. A child
 * that was forked may call dfl_live_close, and tells nothing. NULL with errno when there can be no file. */
dfl_hooks *dfl_live_open(const char *directory);
/* Removes the file and frees the hooks; no run may use them any more. NULL does nothing. */
void dfl_live_close(dfl_hooks *hooks);

/* Hooks that show on a terminal how far the run is that has been under way longest, in one line:
 * node, steps, time, and where the compiler knows the costs of all nodes, what is left. A thread of
 * theirs draws it, ten times a second. In the end the line says what all runs came to. Any number
 * of runs, of any graphs and on any threads, may use them at once. Where `file` is no terminal, or
 * TERM is "dumb", nothing is shown, and runs take no notice (the mask is 0). With NO_COLOR in the
 * environment there are no colours. The file stays the caller's. NULL with errno: ENOMEM, EAGAIN
 * (no thread), or EINVAL when `file` is NULL. */
dfl_hooks *dfl_progress_open(FILE *file);
/* Ends the line and frees the hooks; no run may use them any more. DFL_OK; DFL_ESTORE with errno
 * when the terminal could not be written to; DFL_ENOMEM when some run was not counted. NULL is
 * DFL_OK. */
int dfl_progress_close(dfl_hooks *hooks);

/* Hooks that count for a monitoring system: runs by outcome, durations of runs, nodes and sections
 * as histograms, failures, retries, edges, checkpoints, each by graph, node and so on. Any number
 * of runs, of any graphs and on any threads, may use them at once; they take no lock. NULL when out
 * of memory. */
dfl_hooks *dfl_metrics_new(void);
/* Appends what was counted so far in the text format of Prometheus (text/plain; version=0.0.4), to
 * be given to whoever scrapes. From any thread, while runs go on. DFL_OK; DFL_ENOMEM when there is
 * no memory for the text, of which then nothing is appended, or when there was none to count some
 * graph, which is all that is missing. */
int dfl_metrics_text(const dfl_hooks *metrics, dfl_buf *out);
/* Writes it to a file that is replaced in one step, as collectors of text files want it. DFL_OK;
 * DFL_ESTORE with errno; DFL_ENOMEM as above. */
int dfl_metrics_write(const dfl_hooks *metrics, const char *path);
/* No run may use them any more. NULL does nothing. */
void dfl_metrics_free(dfl_hooks *metrics);

/* Hooks that write spans for OpenTelemetry: lines of OTLP as JSON, for the file receiver
 * (otlpjsonfile) of a collector. A run is a trace; runs, sections, branches, chunks and attempts of
 * nodes are its spans, with their source, attempt, element, failure; checkpoints, retries, pauses
 * and what nodes emit are events of these, at most 128 of a span. service.name is
 * $OTEL_SERVICE_NAME. The mask may be narrowed. Any number of runs, of any graphs and on any
 * threads, may use them at once. The file is appended to; what has ended is in it a second later,
 * or when no run is under way. NULL with errno when it cannot be opened. */
dfl_hooks *dfl_otlp_open(const char *path);
/* Ends the file and frees the hooks; no run may use them any more. DFL_OK; DFL_ESTORE with errno,
 * of this or the first write that failed: the file ends there; DFL_ENOMEM when something is missing
 * in it. NULL is DFL_OK. */
int dfl_otlp_close(dfl_hooks *hooks);

/* Hooks that queue events for a thread of the program: any number of runs put, one thread takes. Putting
 * takes no lock and never waits; when the queue is full, events are dropped and counted. A start and its
 * end come both or not at all: room for the end is kept from the start on. (Of nodes only with
 * DFL_EV_PAUSE or DFL_EV_RUN in the mask, for a pause is such an end.) Events are numbered before they
 * are put, so gaps in `sequence` show where some were dropped.
 *
 * capacity: events that it holds, at least 2; about 300 bytes each, and for those with data, values, a
 * state or an error a copy of these besides. `mask` of the hooks may be set until the first run begins;
 * it is DFL_EV_ALL. NULL when out of memory. */
dfl_hooks *dfl_queue_new(uint32_t capacity);
/* Takes the oldest event into *event; false when there is none. What it points to is valid until the
 * next call of either. An event that there was no memory to copy was dropped; but an end comes, without
 * its data, and with an `error` that says so (DFL_ENOMEM), and the start of a run without its thread_id. */
bool dfl_queue_take(dfl_hooks *queue, dfl_event *event);
/* The same, but waits for one for up to timeout_ns; negative: without limit. */
bool dfl_queue_wait(dfl_hooks *queue, dfl_event *event, int64_t timeout_ns);
/* Events that were dropped so far. From any thread. */
uint64_t dfl_queue_dropped(const dfl_hooks *queue);
/* No run may use it any more. NULL does nothing. */
void dfl_queue_free(dfl_hooks *queue);

/* ---- a run ---- */

/* What a paused run waits for (NAME_questions). id: the node's path, "outer/ask"; with its element,
 * "ask[3]", of each each around it when there are several, "ask[1][3]"; and from the second question
 * of one call of the node on with its number, "ask#2". The same after every resume. */
typedef struct dfl_question {
    const char *id, *node;
    int64_t index;                 /* the element of the innermost each around it, or -1 */
    dfl_str text;
} dfl_question;

typedef struct dfl_answer { const char *id; dfl_str text; } dfl_answer;

/* All zero is a plain run. */
typedef struct dfl_run {
    const char *thread_id;         /* needed with a store */
    dfl_store *store;
    const char *checkpoint;        /* resume or load this one (its id in decimal), not the latest */
    dfl_durability durability;
    const dfl_hooks *hooks;
    dfl_pool *pool;                /* NULL: one shared pool, started at the first threaded section */
    void *user;
    int64_t timeout_ns;            /* 0: none */
    const dfl_cancel *cancel;
    dfl_str answer;                /* on resume, when exactly one question waits; .p NULL: none */
    const dfl_answer *answers;     /* or several; each is used up by the resume that is given it */
    size_t n_answers;
    dfl_error *error;              /* filled on failure */
    const struct dfl_ranks *ranks; /* where branches of sections with `ranks` run; NULL: on threads, as with `threads` */
} dfl_run;

/* ---- ranks ---- */

/* Other processes of the same program, which run the branches of sections that go to ranks (dfl_mpi.h makes those of an
 * MPI job). What goes to and fro is bytes. A rank is given a second task while it is at one, and never a third; it does them,
 * and its answers come, in the order in which they were sent. For one run at a time. */
typedef struct dfl_ranks {
    void *self;
    unsigned n;                    /* numbered from 0 */
    /* DFL_OK, or a status that the section fails with. */
    int (*send)(void *self, unsigned rank, const void *task, size_t n);
    /* Puts the answer of whichever rank into *answer, from its begin. Waits for up to wait_ns, negative: for as long
     * as it takes. DFL_OK; DFL_ENOTFOUND when none has come; else a status that the section fails with. */
    int (*receive)(void *self, int64_t wait_ns, unsigned *rank, dfl_buf *answer);
    /* The nodes of all tasks that a rank was given are to see dfl_cancelled. */
    void (*cancel)(void *self, unsigned rank);
} dfl_ranks;

/* On a rank: does what dfl_ranks.send was given. options: as of a run, but for store, thread_id, answers, timeout and
 * cancel; `hooks` see each task as a run of its own; NULL: a plain one. Options and graphs must stay. NULL: no memory. */
typedef struct dfl_rank dfl_rank;
dfl_rank *dfl_rank_new(const dfl_graph *const graphs[], size_t n, const dfl_run *options);
/* Appends the answer, which also tells of a failure. DFL_OK; DFL_EINVAL: it is no task for these graphs, DFL_ENOMEM:
 * then there is no answer. */
int dfl_rank_do(dfl_rank *rank, const void *task, size_t n, dfl_buf *answer);
/* The task at hand, if there is one: its nodes see dfl_cancelled. From any thread, or a signal handler. */
void dfl_rank_cancel(dfl_rank *rank);
void dfl_rank_free(dfl_rank *rank); /* NULL does nothing */

/* ---- threads ---- */

/* A pool of `threads` threads, the caller of a section included; 0: as many as the CPUs that this
 * process may use. Workers start at the first threaded section. NULL when out of memory.
 * Free it when no run uses it. Thread-safe. */
dfl_pool *dfl_pool_new(unsigned threads);
void dfl_pool_free(dfl_pool *pool);

/* ---- checkpoint stores ---- */

/* Keeps checkpoints in memory until dfl_store_close(). Thread-safe. NULL when out of memory. */
dfl_store *dfl_store_memory(void);
/* Ends the store; no run may use it any more. A file store is synced. */
void dfl_store_close(dfl_store *store);

/* What a file store has found damaged, in words and by the thread that it belongs to ("" when that
 * cannot be told); `bytes` from `offset` of `file` on. */
typedef struct dfl_damage {
    const char *thread, *what;
    uint32_t file;
    uint64_t offset, bytes;
} dfl_damage;

/* All zero are the defaults. */
typedef struct dfl_store_options {
    bool must_exist;          /* a directory that is not there is DFL_ENOTFOUND, not made */
    size_t keep_last;         /* checkpoints of a thread that are kept when one is saved; 0: all */
    uint64_t segment_bytes;   /* of each file of the log; 0: 64 MiB; at least 64 KiB */
    /* Called for damage that is found, at once and also later; by any thread that uses the store, or by
     * one of its own; it is locked meanwhile. May be NULL: damage is then told by dfl_store_verify. */
    void (*on_damage)(void *user, const dfl_damage *damage);
    void *user;
    dfl_error *error;         /* filled when opening fails */
} dfl_store_options;

/* Opens the file store in a directory; makes it where there is none. Several processes, and several
 * handles of one, may have it open at once; it has to be on a file system of this machine. After
 * fork() only one of the two processes may go on using a handle. options: may be NULL.
 * DFL_OK; DFL_ESTORE with errno; DFL_ECORRUPT: this is no store; DFL_ESCHEMA: a newer version wrote
 * it; DFL_ENOTFOUND; DFL_EBUSY: too many handles; DFL_EINVAL; DFL_ENOMEM. */
int dfl_store_open(const char *path, const dfl_store_options *options, dfl_store **store);
/* Makes everything durable that was saved before the call. DFL_OK, or DFL_ESTORE with errno: then
 * the handle saves no more, and what was not durable before may be lost. */
int dfl_store_sync(dfl_store *store);
/* Reads all of the store; tells what is damaged. DFL_OK, or DFL_ECORRUPT when there was anything. */
int dfl_store_verify(dfl_store *store, void (*on_damage)(void *user, const dfl_damage *damage),
                     void *user);

/* One checkpoint, without its state. `thread` is valid during the callback that is given it. */
typedef struct dfl_checkpoint {
    uint64_t id;              /* rising within the store, from 1 */
    uint64_t previous;        /* of the thread; 0: the first */
    const char *thread;
    const char *next;         /* the node to run next; "end" when finished */
    uint64_t step;            /* node executions so far */
    int64_t time_ns;          /* CLOCK_REALTIME at the save; of a store in memory: at the system's tick before it */
    size_t bytes;             /* of the encoded state */
} dfl_checkpoint;

/* The newest checkpoint of a thread. DFL_ENOTFOUND. *out's strings are valid until the thread is
 * changed in the store. */
int dfl_store_latest(dfl_store *store, const char *thread, dfl_checkpoint *out);
/* Appends the checkpoint `id` of a thread (0: its latest), its state included, to *json: in one line, by
 * what the store itself knows of it, so whatever program saved it. DFL_OK; DFL_ENOTFOUND; DFL_ESCHEMA: a
 * newer version saved it; DFL_ECORRUPT; DFL_ESTORE; DFL_ENOMEM. On an error nothing is appended. */
int dfl_store_get(dfl_store *store, const char *thread, uint64_t id, dfl_buf *json);
/* Newest first, at most `limit` (0: all); each returns nonzero to stop. */
int dfl_store_history(dfl_store *store, const char *thread, size_t limit,
                      int (*each)(void *user, const dfl_checkpoint *), void *user);
/* All thread ids, in order of the first checkpoint that each has. */
int dfl_store_threads(dfl_store *store, int (*each)(void *user, const char *thread), void *user);
int dfl_store_delete_thread(dfl_store *store, const char *thread);
/* Keeps the newest `keep` checkpoints of the thread (at least 1). */
int dfl_store_prune(dfl_store *store, const char *thread, size_t keep);
/* Gives back the room of what was deleted, pruned, or dropped by this handle's keep_last. It takes room
 * for a copy of the rest, and time; other threads and processes go on using the store meanwhile, and
 * the process may be killed at any moment.
 * DFL_OK; DFL_ECORRUPT: done, but damage was found, and told to on_damage: the files that it is in are
 * kept beside the log, as NUMBER.damaged; DFL_ESTORE with errno, DFL_ENOMEM: not done, nothing is lost,
 * and it may be tried again. */
int dfl_store_compact(dfl_store *store);

/* ---- a store of one's own ---- */

/* One checkpoint as it is stored. */
typedef struct dfl_record {
    dfl_checkpoint about;
    const char *graph;
    uint64_t layout;          /* mark of the layout that the body has */
    const uint8_t *body;      /* for a store: bytes; their form is the library's */
    size_t n;
} dfl_record;

/* What a store must be able to do. All of it is called by any thread, also at once. A failing store
 * returns DFL_ESTORE with the reason in errno; what was stored before stays as it was. What is not said
 * to be optional must be there. tests/unit/store_suite.h holds what every store is tested for. */
typedef struct dfl_store_ops {
    /* Stores a copy. about.id (rising in the store, from 1) and about.time_ns are the store's to
     * choose, and about.previous too when it is 0: then it is the thread's latest. *id is the new one.
     * Under DFL_SYNC it survives a loss of power once this has returned. */
    int (*put)(void *self, const dfl_record *record, dfl_durability durability, uint64_t *id);
    /* The newest of a thread, or DFL_ENOTFOUND. Strings in *out are valid until the thread is changed;
     * out->thread may be `thread`. */
    int (*latest)(void *self, const char *thread, dfl_checkpoint *out);
    /* The checkpoint `id` of the thread, 0: its latest. What *out points to is in `hold` (which is
     * replaced) or is `thread`, so it survives whatever happens to the store. */
    int (*read)(void *self, const char *thread, uint64_t id, dfl_record *out, dfl_buf *hold);
    /* As dfl_store_history and dfl_store_threads. The callbacks may use the store. */
    int (*history)(void *self, const char *thread, size_t limit,
                   int (*each)(void *user, const dfl_checkpoint *), void *user);
    int (*threads)(void *self, int (*each)(void *user, const char *thread), void *user);
    int (*delete_thread)(void *self, const char *thread);     /* DFL_ENOTFOUND */
    int (*prune)(void *self, const char *thread, size_t keep);  /* DFL_ENOTFOUND */
    void (*close)(void *self);
    /* Optional: NULL when nothing is to be done, and nothing can be damaged. */
    int (*sync)(void *self);
    int (*verify)(void *self, void (*on_damage)(void *user, const dfl_damage *damage), void *user);
    int (*compact)(void *self);     /* as dfl_store_compact */
    /* Optional, both or none: a text by its mark, stored once, and as durable as the checkpoints that
     * are put after it; and read back: appended to *out (NULL: only to know whether it is there), or
     * DFL_ENOTFOUND. By it checkpoints are read by a later version of the graph, and by tools. */
    int (*put_layout)(void *self, const char *graph, uint64_t mark, const char *text, size_t n);
    int (*layout)(void *self, uint64_t mark, dfl_buf *out);
} dfl_store_ops;

/* A store of these operations, which outlive it. dfl_store_close calls ops->close. NULL when out of
 * memory, or when an operation that is not optional is missing. */
dfl_store *dfl_store_custom(const dfl_store_ops *ops, void *self);
/* Appends n bytes' room to buf and returns it; NULL when out of memory. */
uint8_t *dfl_buf_room(dfl_buf *buf, size_t n);

/* ------------------------------------------------------------------------------------------ */
/* What a compiled graph tells of itself                                                      */
/* ------------------------------------------------------------------------------------------ */

/* Static data for hooks and tools; nothing on the path of a run reads it. */

typedef enum dfl_kind {
    DFL_KIND_BOOL,
    DFL_KIND_I8, DFL_KIND_I16, DFL_KIND_I32, DFL_KIND_I64,
    DFL_KIND_U8, DFL_KIND_U16, DFL_KIND_U32, DFL_KIND_U64,
    DFL_KIND_F32, DFL_KIND_F64,
    DFL_KIND_STRING, DFL_KIND_BYTES,
    DFL_KIND_ENUM,      /* values, n: its enumerators */
    DFL_KIND_STRUCT,    /* members, n */
    DFL_KIND_LIST,      /* elem */
    DFL_KIND_ARRAY,     /* elem, n: its length */
    DFL_KIND_MAP,       /* elem; offset: of the value in an entry; entry: size of an entry */
    DFL_KIND_OPT,       /* elem; offset: of the value */
    DFL_KIND_HANDLE
} dfl_kind;

typedef struct dfl_enumerator { const char *name; int32_t value; } dfl_enumerator;

/* dfl_member.flags, for the fields of a state */
#define DFL_FIELD_IN        1u
#define DFL_FIELD_OUT       2u
#define DFL_FIELD_LOCAL     4u
#define DFL_FIELD_TRANSIENT 8u

typedef struct dfl_member {
    const char *name;
    const dfl_type *type;
    size_t offset;
    uint32_t flags;
} dfl_member;

struct dfl_type {
    dfl_kind kind;
    bool flat;              /* holds no pointer: may be copied bytewise */
    bool is_frame;          /* of a section, a branch, a chunk or a subgraph: holds positions */
    const char *name;       /* as in the .dfl: "quote[]" */
    size_t size;            /* sizeof the C type */
    const dfl_type *elem;
    size_t offset, entry;
    uint32_t n;
    const dfl_member *members;
    const dfl_enumerator *values;
    void (*begin)(void *value);     /* a struct whose members have defaults: sets them; else NULL */
};

extern const dfl_type dfl_type_bool, dfl_type_i8, dfl_type_i16, dfl_type_i32, dfl_type_i64,
    dfl_type_u8, dfl_type_u16, dfl_type_u32, dfl_type_u64, dfl_type_f32, dfl_type_f64,
    dfl_type_string, dfl_type_bytes, dfl_type_handle, dfl_type_fault,
    dfl_type_wide;              /* dfl__wide, in packed frames */

typedef enum dfl_place_kind {
    DFL_PLACE_START, DFL_PLACE_NODE, DFL_PLACE_END, DFL_PLACE_SECTION, DFL_PLACE_ROUTER
} dfl_place_kind; /* routers stand after the sections */

/* A node, or another place that a run can stand at. */
typedef struct dfl_place {
    dfl_place_kind kind;
    const char *name;       /* "start", "classify", "end", "fan", "[a, b]" */
    const char *at;         /* "support.dfl:12"; "" for start and end */
    int32_t section;        /* the place of the section around it, or -1 */
    int32_t branch;         /* its branch there, or -1 */
    int64_t cost_ns;        /* -1: not said */
} dfl_place;

/* `checkpoint auto`, of a place: what it adds to the work that a crash would lose, and how much of
 * that there must be for a save before the place to be worth its price. */
typedef struct dfl__risk {
    int64_t work_ns;        /* a call of the node; -1: nobody said, so its calls are timed */
    uint64_t save_from_ns;  /* UINT64_MAX: never */
} dfl__risk;

/* Of a place of the outermost region: what the compiler expects of a run, where all costs are known. */
typedef struct dfl__outlook {
    double visits;
    int64_t ns[5];          /* of one visit: inline, and on 2, 4, 8 and 16 CPUs */
} dfl__outlook;

typedef struct dfl_edge {
    uint32_t from, to;      /* places; a choice between them is skipped */
    const char *guard;      /* as in the source; "" when unguarded */
} dfl_edge;

struct dfl_graph {
    uint32_t abi;           /* DFL_ABI_VERSION */
    const char *name;
    const dfl_place *places;    /* start, the nodes as in enum NAME_node, end, then sections */
    uint32_t n_places, n_nodes; /* n_nodes: start, nodes and end */
    const dfl_edge *edges;
    uint32_t n_edges;
    const dfl_type *state;      /* DFL_KIND_STRUCT of the fields */
    uint64_t schema;            /* fingerprint of the names and types of the fields */
    /* private */
    size_t mem_offset;          /* of the dfl__mem in the state */
    int (*encode)(const void *state, dfl_buf *out);
    int (*decode)(void *state, const void *p, size_t n);
    const struct dfl__layout_of *layout;    /* NULL: checkpoints hold what encode writes */
    uint64_t save_every;        /* checkpoint every N nodes; 0: where marked */
    const dfl__risk *risks;     /* checkpoint auto: by place; NULL: another policy */
    bool never_saves;
    bool no_events;             /* -fno-events: runs take no hooks */
    bool no_checkpoints;        /* -fno-checkpoints: runs take no store */
    void (*instrument)(const dfl_event *event);   /* -finstrument: told of all that a profile counts */
    const dfl__outlook *outlooks;   /* by place; NULL: not known */
    void (*saved_one)(const char *next, uint64_t id);   /* -fusdt: told of each checkpoint */
    const struct dfl__spread *const *spreads;   /* sections that can go to ranks */
    uint32_t n_spreads;
};

/* ------------------------------------------------------------------------------------------ */
/* For generated code                                                                         */
/* ------------------------------------------------------------------------------------------ */

/* Bytes of a dfl_ctx that a state has room for; see there. */
#define DFL__CTX_BEGIN (24 + 8 * sizeof(void *))

/* Memory of a state, or of a branch that runs on another thread: bump allocation in chunks. All
 * zero is empty. When `bytes` passes `reclaim_at` the next safe point between two nodes copies what
 * the roots still reach and frees the rest, so memory stays within a small multiple of live data. */
typedef struct dfl__mem {
    char *at, *end;         /* room in the newest chunk */
    size_t bytes;           /* of all chunks */
    size_t reclaim_at;      /* 0: the first threshold */
    uint64_t epoch;         /* node attempts that could change a list or map; see value.c */
    void *chunks;           /* private to arena.c */
    void *table;
    struct dfl__stand *stand;   /* of a state: where its run paused, or NULL */
    void *spare;            /* an empty chunk, for what is decoded next; or NULL */
    struct dfl__heap *heap; /* NULL: malloc; else a caller's buffer */
    union {                 /* that of NAME_state_ctx(): the begin of a dfl_ctx, made when it is asked for */
        void *aligned;
        unsigned char room[DFL__CTX_BEGIN];
    } ctx;
} dfl__mem;

/* Empty. Member by member: memset of so few bytes becomes an instruction that takes longer to begin than
 * these stores do. */
static inline void dfl__mem_init(dfl__mem *mem)
{
    mem->at = mem->end = NULL;
    mem->bytes = mem->reclaim_at = 0;
    mem->epoch = 0;
    mem->chunks = mem->table = mem->spare = NULL;
    mem->stand = NULL;
    mem->heap = NULL;
}

/* -fstatic-memory: the heap of a state that lies in the n bytes at `buffer`; one in which nothing has
 * room, when they are too few or NULL. */
typedef struct dfl__heap dfl__heap;
dfl__heap *dfl__heap_in(void *buffer, size_t n);
/* A buf that has no bytes yet is to grow in this heap (NULL: as ever). False: no memory. */
bool dfl__buf_begin(dfl_buf *buf, dfl__heap *heap);
/* How many of its bytes were in use at once, at most. */
size_t dfl__heap_peak(const dfl__heap *heap);
/* What a state of a graph with small frames needs at least: a little to begin with, and for where it pauses. */
#define DFL__STATIC_MIN (sizeof(dfl_ctx) + 1024u)

/* What reclaiming starts from: values of one type at one place, then the next root. The place itself
 * is not moved; when it was allocated in the arena, being a root is what keeps it: also with a NULL
 * type, for what holds no pointer. */
typedef struct dfl__root {
    void *base;
    const dfl_type *type;
    const struct dfl__root *next;
} dfl__root;

/* dfl_ctx.flags: anything that takes the slow path before or after a node. */
#define DFL__WATCH   1u     /* hooks want events */
#define DFL__CLOCK   2u     /* there is a deadline */
#define DFL__NOMEM   4u     /* an allocation failed in this attempt */
#define DFL__RECLAIM 8u     /* memory passed its threshold */
#define DFL__SAVE    16u    /* a save is due before the next place */
#define DFL__COUNT   32u    /* nodes are counted: the run saves */
#define DFL__MESSAGE 64u    /* dfl_fail was called in this attempt */
#define DFL__FATAL   256u   /* dfl_fatal was called in this attempt */
#define DFL__LATE    512u   /* the node passed its timeout in this attempt */
#define DFL__ASKED   1024u  /* dfl_interrupt was called in this attempt */
#define DFL__ASKS    2048u  /* answers wait for their nodes: these have to be noted */
#define DFL__BEGIN   4096u  /* a state's ctx, which has no more than DFL__CTX_BEGIN bytes: no failure */
/* All that one attempt leaves behind. */
#define DFL__ATTEMPT (DFL__NOMEM | DFL__MESSAGE | DFL__FATAL | DFL__LATE | DFL__ASKED)
#define DFL__POLL    128u   /* the run can be cancelled: ask before each place */

/* No place: after a resume the edge that led to the first place was taken by an earlier run. */
#define DFL__NOWHERE UINT32_MAX

struct dfl__run;
typedef struct dfl__in { const uint8_t *at, *end; } dfl__in;   /* bytes to be decoded */

/* Of a node that failed; becomes a dfl_error, or a dfl_fault. */
typedef struct dfl__failure {
    int status, code;
    uint32_t place;
    uint32_t attempt;
    int64_t index;
    const char *at;         /* "x.dfl:12" of a guard; NULL: where the place is */
    bool fatal, late;
    char message[256];
} dfl__failure;

/* The elements of the eaches around the one that ctx->index is of. */
typedef struct dfl__around {
    int64_t index;              /* -1: no more */
    const struct dfl__around *out;
} dfl__around;

/* What was caught last around an inline section in which more may be caught; `root`: of its frames. */
typedef struct dfl__outer {
    dfl_error error;            /* status DFL_OK: nothing */
    const dfl__root *root;
    const struct dfl__outer *out;
} dfl__outer;

/* A place that has begun and not ended, a branch or a chunk; see spans.c. */
typedef struct dfl__span {
    int64_t began;
    uint64_t number;            /* dfl_event.span */
    uint32_t place;             /* of a branch or chunk: its section */
    int32_t branch;             /* -1: a place; or DFL__CHUNK_SPAN */
} dfl__span;
#define DFL__CHUNK_SPAN (-2)
#define DFL__FEW_SPANS 6

/* One line of execution: the run itself, or a branch on another thread. The ctx of a state before its run
 * (DFL__BEGIN) ends with `around`: what values are made with, and nothing else happens there. What begins as
 * zero lies together. */
struct dfl_ctx {
    uint32_t flags;
    uint32_t attempt;
    int64_t index;              /* element of the innermost each, or -1 */
    uint32_t asked;             /* with DFL__ASKED: calls of dfl_interrupt in this attempt */
    uint32_t passed;            /* the place whose pause a resume has passed, or DFL__NOWHERE */
    const uint32_t *cancel;     /* never NULL */
    dfl__mem *mem;
    struct dfl__run *run;       /* NULL for a ctx of one's own */
    const dfl__root *roots;
    void *user;                 /* of a ctx of one's own */
    const dfl_error *last_error;    /* NULL: none */
    struct dfl__ask *pending;   /* calls of dfl_interrupt without an answer, the last first */
    const dfl__around *around;  /* of `index`, or NULL */
    /* a state's ends here */
    struct dfl__held *held;     /* ordered events of a branch, private to event.c */
    struct dfl__kept *kept;     /* of a branch on threads that saves by itself, or NULL */
    dfl_bytes inner, resume;    /* packed frames: of where this line stopped; to go on with */
    uint64_t nodes;             /* with DFL__COUNT: nodes that succeeded */
    uint32_t closed;            /* not 0: no save within what runs now, see DFL__SAVING */
    bool reentered;             /* on the way back in after one */
    /* up to here a run begins with values; what is behind means something with a flag only */
    int64_t deadline;           /* CLOCK_MONOTONIC ns; meaningful with DFL__CLOCK */
    dfl__span *spans;           /* with DFL__WATCH: what has begun, the innermost last */
    uint32_t depth, room;       /* and how many that are; how many can be */
    dfl__span few[DFL__FEW_SPANS];
    uint64_t within;            /* and the number of what is around them */
    int64_t event_ns;           /* what the clock said for the events at hand; 0: not asked yet */
    uint32_t last;              /* with DFL__WATCH: the place begun last, or DFL__NOWHERE */
    int64_t last_index;         /* and its element */
    uint64_t at_risk_ns;        /* with DFL__COUNT: what of the nodes' work is not saved, as dfl__risk says */
    const dfl__outer *outer;    /* likewise: of the innermost section of this line that has one, or NULL */
    int64_t timed;              /* when a node began whose work is not said */
    uint32_t place;             /* with DFL__ASKS: the place begun last */
    dfl__failure failure;       /* meaningful after a call that failed */
    dfl_error caught;           /* where last_error points after an error edge of this line; last */
};

/* A run in progress; on the stack of NAME_run(). */
typedef struct dfl__run {
    dfl_ctx ctx;
    const dfl_graph *graph;
    void *state;
    const dfl_run *options;     /* never NULL */
    uint64_t *counts;           /* steps and `max` counters of the outermost region */
    uint32_t n_counts;
    dfl__root root;
    /* what begins as zero, but for the flags behind it */
    dfl_bytes inner;            /* the packed frames where the run stopped */
    void *blocks;               /* memory of the run, under `lock` */
    struct dfl__asks *asks;     /* questions and answers, under `lock`; NULL: none */
    uint32_t lock;
    uint32_t save_lock;         /* held while a branch on threads saves */
    uint32_t at;                /* where the run stopped, once it has with anything but DFL_OK */
    bool saves;                 /* has a store and a policy that saves */
    bool layout_is_put;         /* the store is known to have the graph's layout */
    /* with a store */
    uint32_t saved_at;          /* place of the last checkpoint */
    uint64_t saved;             /* its id, 0: none */
    uint64_t saved_nodes;       /* ctx.nodes at that time */
    uint32_t saved_inner;       /* checksum of the packed frames in it */
    dfl_buf scratch;            /* what is saved, encoded */
    dfl_buf packing[2];         /* frames on their way there, of branches on threads */
    /* with DFL__WATCH */
    uint32_t event_lock;
    bool forked;                /* branches are on threads: they tell events, too */
    bool untimed;
    uint32_t wanted;            /* DFL_EV_..., by the hooks or -finstrument */
    uint64_t number, sequence;
    uint64_t spans;             /* that have begun */
    int64_t began;
    bool has_values;            /* of ctx.last, not told yet */
} dfl__run;

/* -finstrument: counts an event; writes what was counted of a graph, as dfl_profile_close. */
void dfl__instrument(const dfl_event *event);
int dfl__instrument_write(const dfl_graph *graph, const char *path);

/* Begin a run of `state`. counts: n_counts counters, zeroed by the caller; [0] counts steps.
 * On an error nothing ran, and dfl__run_end must still be called with it. */
int dfl__run_begin(dfl__run *run, const dfl_graph *graph, void *state, const dfl_run *options,
                   uint64_t *counts, uint32_t n_counts);
/* The same from a checkpoint: replaces the state, fills counts, and tells the place. */
int dfl__resume_begin(dfl__run *run, const dfl_graph *graph, void *state, const dfl_run *options,
                      uint64_t *counts, uint32_t n_counts, uint32_t *at);
/* NAME_load: replaces the state by a saved one. *next (may be NULL) is the place to run next; within
 * a section or subgraph the first node that is not done; a node that is done, but whose edge is not
 * chosen yet, is given itself. */
int dfl__load(const dfl_graph *graph, void *state, const dfl_run *options, uint32_t *next);
/* NAME_continue: whether the thread has a checkpoint. DFL_OK, DFL_ENOTFOUND, or what failed. */
int dfl__latest(const dfl_graph *graph, const dfl_run *options);
/* NAME_update. counts: n_counts, zeroed by the caller; the checkpoint before tells what they are. */
int dfl__update(const dfl_graph *graph, const void *state, const dfl_run *options, uint32_t place,
                uint64_t *counts, uint32_t n_counts);
/* NAME_questions. */
size_t dfl__questions(const dfl__mem *mem, const dfl_question **questions);

/* The index of an element of an array, which is below n. Said once more, so that compilers do not warn of what a
 * guard like `i == 7` would lead to in an array of two. */
#define DFL__WITHIN(i, n) ((i) < (n) ? (i) : 0)

/* Saves where the run stood, fills options->error, ends events; returns `status`, or DFL_ESTORE
 * when everything went well but the last save. Nothing of that is to be done after most plain runs. */
int dfl__run_end_more(dfl__run *run, int status);
static inline int dfl__run_end(dfl__run *run, int status)
{
    if (DFL__RARELY(status != DFL_OK || run->ctx.flags || run->blocks || run->asks))
        return dfl__run_end_more(run, status);
    return DFL_OK;
}

/* Whether anything is to be done but go on to the next place: a failed node, or flags. */
static inline uint32_t dfl__due(const dfl_ctx *ctx, int rc)
{
    return (uint32_t)rc | ctx->flags;
}
/* note [nothing, in the way of an update]
 * A node that adds to a field gets a local variable that holds nothing, writes to it through its address, and the
 * variable is read. Where the code around stores that nothing as it reads what came of it, at an offset from the
 * stack pointer, some processors take what was stored there last for what is read, and have to begin again: a section
 * of 50 nodes that add up a number took 0.67 us, of which 0.43 were that (AMD EPYC, family 26; gcc 12.2). So that
 * store goes through an address that compilers do not know to be the variable's. */
static inline void *dfl__apart(void *p)
{
#if defined(__GNUC__)
    __asm__("" : "+r"(p));
#endif
    return p;
}
/* A new attempt of a node that may change lists or maps in place. */
static inline void dfl__new_epoch(dfl_ctx *ctx)
{
    ctx->mem->epoch++;
}
/* After lists or maps were joined, which returned rc: what a node wrote through a list of its own may be
 * another's now, and is not to be changed in place any more. */
static inline int dfl__handed_over(dfl_ctx *ctx, int rc)
{
    ctx->mem->epoch++;
    return rc;
}
/* After a node whose end must be saved; what dfl__due is from now on. */
uint32_t dfl__mark(dfl_ctx *ctx);

/* A position is a place, and with one of these where at it. */
#define DFL__AFTER  0x80000000u     /* done; its edge is not chosen yet */
#define DFL__PASSED 0x40000000u     /* its `pause before` is over */
#define DFL__PLACE  0x3fffffffu
/* Instead of a status: a save is due within a section or subgraph. The run parks as at a pause, saves
 * in NAME_run, and goes on where it was. A branch on threads parks by itself, and is saved by the
 * thread that runs it, while the others go on. Not in what is retried or timed as a whole, nor beside
 * an inline branch that has paused: there the save waits for what is around. */
#define DFL__SAVING 2
/* A frame's position besides: not begun, and ended. */
#define DFL__FRESH  0u
#define DFL__DONE   0x3fffffffu

/* Where a run stands is a tree: the place in the outermost region, and for a section or subgraph
 * there the packed frames of its branches, each with a position and packed frames of its own.
 *
 * A region's function that ends with anything but DFL_OK parks: it notes its position in its frame,
 * and takes over what the section or subgraph inside it packed (ctx->inner). The section's function
 * packs its frames into ctx->inner when the run keeps them. On the way back, ctx->resume holds the
 * packed frames for the section or subgraph that the region goes on with. */
int dfl__park(dfl_ctx *ctx, uint32_t *at, dfl_bytes *inner, uint32_t position, int rc);
/* The same of a branch that catches failures: what it caught last is kept with it. */
int dfl__park_branch(dfl_ctx *ctx, uint32_t *at, dfl_bytes *inner, uint32_t position, int rc);
/* A frame that was kept goes on: what to take, the last error, and which pause is over; the position, to switch
 * on. */
uint32_t dfl__enter(dfl_ctx *ctx, uint32_t at, dfl_bytes *inner);
/* A branch begins, or goes on: as dfl__enter; DFL__FRESH at first. Where nothing is watched, nothing but
 * a frame that was kept need call it. end_branch: it has done all that it had to. */
uint32_t dfl__begin_branch(dfl_ctx *ctx, uint32_t section, int32_t branch, uint32_t at,
                           dfl_bytes *inner);
void dfl__end_branch(dfl_ctx *ctx, uint32_t section, int32_t branch);
/* A run or a branch was to go on where nothing can: DFL_ECORRUPT. */
int dfl__no_place(dfl_ctx *ctx);
/* With DFL__WATCH: what a node that succeeded has written. */
void dfl__wrote(dfl_ctx *ctx, uint32_t place, const dfl_value *values, uint32_t n);
/* A section or subgraph ended with rc: packs its frame when the run keeps it. rc, or DFL_ENOMEM. */
int dfl__keep(dfl_ctx *ctx, int rc, const dfl_type *type, const void *frame);
/* Unpacks ctx->resume over a frame that a fork has begun, and clears it. DFL_OK, DFL_ECORRUPT, or
 * DFL_ENOMEM. */
int dfl__take(dfl_ctx *ctx, const dfl_type *type, void *frame);
/* note [a failure beside a pause]
 * A branch that paused does not end the section, and neither does the failure of one behind it: branches before
 * that go to their end, and which one has failed is known then. So the section pauses, and keeps where the failed
 * branch stood; a resume calls the node again that failed there, as after a failed run.
 *
 * Whatever it failed with: a limit or a guard would be the lower branch's too. What would not come again (a cancel, a
 * deadline, no memory, a store that fails) ends the run at once.
 *
 * Of a branch that paused: DFL_OK, and *parked is set. */
static inline int dfl__parked(int rc, bool *parked)
{
    if (DFL__RARELY(rc == DFL_PAUSED)) {
        *parked = true;
        return DFL_OK;
    }
    return rc;
}

/* What a section has come to: parked says that a branch has paused, before the one that failed if any has. */
static inline bool dfl__fails_again(int rc)
{
    return rc == DFL_ENODE || rc == DFL_ELIMIT || rc == DFL_EGUARD;
}
int dfl__join_parked(dfl_ctx *ctx, int rc);
static inline int dfl__joined(dfl_ctx *ctx, int rc, bool parked)
{
    return DFL__RARELY(parked) ? dfl__join_parked(ctx, rc) : rc;
}

/* The elements of an each are kept as a list of items, packed chunks with their lengths: those that
 * are done, each parked element alone, and those still to do, in order of the elements. */
bool dfl__keeps(const dfl_ctx *ctx, int rc);
/* What could not be kept, by `status`: rc, where that is a failure anyway, else one that says so. */
int dfl__not_kept(dfl_ctx *ctx, int rc, int status);
/* Appends one chunk. DFL_OK or DFL_ENOMEM. */
int dfl__keep_item(dfl_ctx *ctx, dfl_buf *items, const dfl_type *type, const void *chunk);
/* Moves what a chunk's function kept (`kept`, freed) behind `items`, then the chunk itself: what
 * followed its last parked element, or all of it. rc, or DFL_ENOMEM where rc was DFL_PAUSED; does
 * nothing but free when the run does not keep rc. */
int dfl__keep_chunk(dfl_ctx *ctx, int rc, dfl_buf *items, dfl_buf *kept, const dfl_type *type,
                    const void *chunk);
/* All items of a section into ctx->inner: rc, or DFL_ENOMEM. Frees the items. */
int dfl__keep_items(dfl_ctx *ctx, int rc, dfl_buf *items);
/* ctx->resume (which is cleared) as items, to be taken one after the other over chunks that a fork
 * has begun; n: how many. DFL_OK or DFL_ECORRUPT (also for none). */
int dfl__take_items(dfl_ctx *ctx, dfl__in *in, uint32_t *n);
int dfl__take_item(dfl_ctx *ctx, dfl__in *in, const dfl_type *type, void *chunk);
/* Do the elements [from, to) of a chunk that was taken, of which those before `next` are done, begin where the
 * chunk before it ends, and the last chunk's end at n? Else DFL_ECORRUPT. */
int dfl__taken_range(dfl_ctx *ctx, uint64_t before, uint64_t from, uint64_t next, uint64_t to, bool more,
                     uint64_t n);
/* `checkpoint every node` in an each: a chunk has done so many elements, of which most need no save of
 * their own (note [saves in an each]). */
void dfl__element_done(dfl_ctx *ctx, uint64_t done);
/* n zeroed bytes until the run ends; NULL when out of memory, which the ctx remembers. */
void *dfl__run_alloc(dfl_ctx *ctx, size_t n);

/* `pause before`: whether to stop here; not when the run was resumed from this very pause. */
bool dfl__pause_before(dfl_ctx *ctx, uint32_t place);

/* The slow path before a place (node, section or end), with DFL__PASSED where its `pause before` is over: cancel,
 * deadline, a save that is due, reclaiming, edge and start events. DFL_OK to go on, else the status to end with. */
int dfl__before(dfl_ctx *ctx, uint32_t position);
/* The slow path after a node: DFL_OK when the node succeeded, else its status (DFL_ENODE,
 * DFL_ENOMEM) with ctx->failure filled. Emits its end or error event. */
int dfl__after(dfl_ctx *ctx, uint32_t place, int rc);
/* The same after a section: rc is already a status. */
int dfl__after_section(dfl_ctx *ctx, uint32_t place, int rc);

/* ---- attempts ---- */

/* A node that retries failed with *rc: waits and returns true to try again (ctx->attempt counts),
 * or returns false with *rc as it is, or DFL_ECANCELLED or DFL_ETIMEOUT when the wait was ended.
 * The waits double from every_ns up to cap_ns, less up to a quarter of jitter. */
bool dfl__retry(dfl_ctx *ctx, int *rc, uint64_t attempts, int64_t every_ns, int64_t cap_ns);
/* Where a resume has come to a node that retries: which attempt it goes on with (ctx->attempt). */
void dfl__tried(dfl_ctx *ctx, uint32_t place);
/* A node's timeout begins; returns what dfl__timed ends it with. */
typedef struct dfl__timer { int64_t mine, outer; } dfl__timer;   /* outer INT64_MAX: none */
dfl__timer dfl__time(dfl_ctx *ctx, int64_t timeout_ns);
/* A node's timeout ends: its return code, or DFL_ETIMEOUT as one when 0 came too late. */
int dfl__timed(dfl_ctx *ctx, dfl__timer timer, int rc);
/* The same around a subgraph, whose rc is a status. */
int dfl__timed_graph(dfl_ctx *ctx, dfl__timer timer, uint32_t place, int rc);
/* An error edge is taken: keeps the failure for dfl_last_error. True; caught_late: only after a
 * timeout. */
bool dfl__caught(dfl_ctx *ctx);
bool dfl__caught_late(dfl_ctx *ctx);
/* Gives a branch that runs inline the last error that stood at the fork. */
void dfl__set_last_error(dfl_ctx *ctx, const dfl_error *error);
/* Before a router, where somebody watches: tells of the edge to it. What it emits stands behind. */
void dfl__route(dfl_ctx *ctx, uint32_t place);
/* After a router: DFL_OK, or DFL_ENODE when it called dfl_fail, or DFL_EGUARD
 * when its answer is none of its targets. */
int dfl__routed(dfl_ctx *ctx, uint32_t place, bool known);
/* Ends of a run in its outermost region: note the place, return rc. */
int dfl__stop(dfl_ctx *ctx, uint32_t place, int rc);
/* Saves after DFL__SAVING: DFL_OK and where to go on, or the status that ends the run. */
int dfl__save_inside(dfl__run *run, uint32_t *at);
/* `limit steps` passed before `place`: DFL_ELIMIT. */
int dfl__limit(dfl_ctx *ctx, uint32_t place, uint64_t limit);
/* A guard failed at `at` ("x.dfl:12"), with the place it leads away from: DFL_EGUARD. */
int dfl__guard_failed(dfl_ctx *ctx, uint32_t place, const char *at, const char *why);

/* Memory of a state. */
void dfl__mem_free(dfl__mem *mem);
dfl_ctx *dfl__mem_ctx(dfl__mem *mem);     /* never NULL; made anew by each call */
/* Deep copy of one value of `type` into the ctx's arena: DFL_OK or DFL_ENOMEM (then *to is not
 * to be used). Handles are copied as pointers. */
int dfl__copy_value(dfl_ctx *ctx, const dfl_type *type, void *to, const void *from);
/* JSON of any value; to the end of out. from_json parses into the ctx's arena. */
int dfl__to_json(const dfl_type *type, const void *value, dfl_buf *out);
int dfl__from_json(dfl_ctx *ctx, const dfl_type *type, void *value, const char *text, size_t n,
                   dfl_error *error);

/* ---- reducers ---- */

/* Node updates: *total = *total (+) update. sum fails the node on overflow (dfl_fail names the
 * field). */
int dfl__sum_signed(dfl_ctx *ctx, int64_t *total, int64_t update, int64_t min, int64_t max,
                    const char *field);
int dfl__sum_unsigned(dfl_ctx *ctx, uint64_t *total, uint64_t update, uint64_t max,
                      const char *field);
int dfl__append_str(dfl_ctx *ctx, dfl_str *total, dfl_str update);
int dfl__append_bytes(dfl_ctx *ctx, dfl_bytes *total, dfl_bytes update);

/* What the branches of a section added to an integer, exactly: two's complement, 128 bits. */
typedef struct dfl__wide { uint64_t low; int64_t high; } dfl__wide;
static inline void dfl__wide_add(dfl__wide *sum, dfl__wide other)
{
    /* Unsigned: a stranger's checkpoint may say that it is at the edge, and wraps then. */
    uint64_t high = (uint64_t)sum->high + (uint64_t)other.high;
    sum->low += other.low;
    sum->high = (int64_t)(high + (sum->low < other.low));
}
/* The difference of two numbers fits in 65 bits: its sign is the high half. */
static inline void dfl__wide_add_signed(dfl__wide *sum, int64_t after, int64_t before)
{
    dfl__wide more = {(uint64_t)after - (uint64_t)before, after < before ? -1 : 0};
    dfl__wide_add(sum, more);
}
static inline void dfl__wide_add_unsigned(dfl__wide *sum, uint64_t after, uint64_t before)
{
    dfl__wide more = {after - before, after < before ? -1 : 0};
    dfl__wide_add(sum, more);
}
/* *total += sum; like dfl__sum_signed when it leaves [min, max]. */
int dfl__wide_signed(dfl_ctx *ctx, int64_t *total, dfl__wide sum, int64_t min, int64_t max,
                     const char *field);
int dfl__wide_unsigned(dfl_ctx *ctx, uint64_t *total, dfl__wide sum, uint64_t max,
                       const char *field);

static inline bool dfl__fits_signed(int64_t total, int64_t update, int64_t min, int64_t max)
{
    return update > 0 ? total <= max - update : total >= min - update;
}
static inline bool dfl__fits_unsigned(uint64_t total, uint64_t update, uint64_t max)
{
    return update <= max - total;
}
static inline bool dfl__is_signed(dfl__wide sum)
{
    return sum.high == ((int64_t)sum.low < 0 ? -1 : 0);
}
static inline bool dfl__is_unsigned(dfl__wide sum)
{
    return sum.high == 0;
}

/* The same for each width: dfl__sum_i32 (a node's update), dfl__join_i32 (those of branches). What
 * fits is added here, as a call would take longer; what does not is told by the functions above. */
#define DFL__SUMS(STEM, T, WIDE, SIGN, ...)                                                        \
    static inline int dfl__sum_##STEM(dfl_ctx *ctx, T *total, T update, const char *field)         \
    {                                                                                              \
        WIDE wide = *total;                                                                        \
        if (DFL__RARELY(!dfl__fits_##SIGN(wide, update, __VA_ARGS__)))                             \
            return dfl__sum_##SIGN(ctx, &wide, update, __VA_ARGS__, field);                        \
        *total = (T)(wide + update);                                                               \
        return DFL_OK;                                                                             \
    }                                                                                              \
    static inline int dfl__join_##STEM(dfl_ctx *ctx, T *total, dfl__wide sum, const char *field)   \
    {                                                                                              \
        WIDE wide = *total, more = (WIDE)sum.low;                                                  \
        int code;                                                                                  \
        if (dfl__is_##SIGN(sum) && dfl__fits_##SIGN(wide, more, __VA_ARGS__)) {                    \
            *total = (T)(wide + more);                                                             \
            return DFL_OK;                                                                         \
        }                                                                                          \
        code = dfl__wide_##SIGN(ctx, &wide, sum, __VA_ARGS__, field);                              \
        if (code == DFL_OK)                                                                        \
            *total = (T)wide;                                                                      \
        return code;                                                                               \
    }
DFL__SUMS(i8, int8_t, int64_t, signed, INT8_MIN, INT8_MAX)
DFL__SUMS(i16, int16_t, int64_t, signed, INT16_MIN, INT16_MAX)
DFL__SUMS(i32, int32_t, int64_t, signed, INT32_MIN, INT32_MAX)
DFL__SUMS(i64, int64_t, int64_t, signed, INT64_MIN, INT64_MAX)
DFL__SUMS(u8, uint8_t, uint64_t, unsigned, UINT8_MAX)
DFL__SUMS(u16, uint16_t, uint64_t, unsigned, UINT16_MAX)
DFL__SUMS(u32, uint32_t, uint64_t, unsigned, UINT32_MAX)
DFL__SUMS(u64, uint64_t, uint64_t, unsigned, UINT64_MAX)

/* ---- guards ---- */

/* Checked arithmetic: sets *failed to why ("overflow", "division by zero") and returns 0. */
int64_t dfl__add_i64(const char **failed, int64_t a, int64_t b);
int64_t dfl__sub_i64(const char **failed, int64_t a, int64_t b);
int64_t dfl__mul_i64(const char **failed, int64_t a, int64_t b);
int64_t dfl__div_i64(const char **failed, int64_t a, int64_t b);
int64_t dfl__mod_i64(const char **failed, int64_t a, int64_t b);
int64_t dfl__neg_i64(const char **failed, int64_t a);
uint64_t dfl__add_u64(const char **failed, uint64_t a, uint64_t b);
uint64_t dfl__sub_u64(const char **failed, uint64_t a, uint64_t b);
uint64_t dfl__mul_u64(const char **failed, uint64_t a, uint64_t b);
uint64_t dfl__div_u64(const char **failed, uint64_t a, uint64_t b);
uint64_t dfl__mod_u64(const char **failed, uint64_t a, uint64_t b);
int64_t dfl__u64_to_i64(const char **failed, uint64_t a);
uint64_t dfl__i64_to_u64(const char **failed, int64_t a);
/* Three-way comparisons of what the numbers are, not of their representations: -1, 0, 1. The ones
 * with a float return 2 when it is NaN. */
static inline int dfl__cmp_i64(int64_t a, int64_t b) { return (a > b) - (a < b); }
static inline int dfl__cmp_u64(uint64_t a, uint64_t b) { return (a > b) - (a < b); }
int dfl__cmp_i64_u64(int64_t a, uint64_t b);
int dfl__cmp_i64_f64(int64_t a, double b);
int dfl__cmp_u64_f64(uint64_t a, double b);

/* `value in list`: whether one of n items equals it; floats compare as IEEE does. */
#define DFL__IN(STEM, T, WIDE)                                                                     \
    static inline bool dfl__##STEM##_in(WIDE value, const T *items, uint32_t n)                    \
    {                                                                                              \
        for (uint32_t i = 0; i < n; i++)                                                           \
            if ((WIDE)items[i] == value)                                                           \
                return true;                                                                       \
        return false;                                                                              \
    }
DFL__IN(bool, bool, bool)
DFL__IN(i8, int8_t, int64_t)
DFL__IN(i16, int16_t, int64_t)
DFL__IN(i32, int32_t, int64_t)
DFL__IN(i64, int64_t, int64_t)
DFL__IN(u8, uint8_t, uint64_t)
DFL__IN(u16, uint16_t, uint64_t)
DFL__IN(u32, uint32_t, uint64_t)
DFL__IN(u64, uint64_t, uint64_t)
DFL__IN(f32, float, double)
DFL__IN(f64, double, double)
bool dfl__str_in(dfl_str value, const dfl_str *items, uint32_t n);

/* ---- sections ---- */

/* A branch of a section that may run on threads. */
typedef struct dfl__task {
    int (*body)(dfl_ctx *ctx, void *frame);
    const dfl_type *type;       /* of the frame, for reclaiming; NULL: holds no pointer */
    size_t frame;               /* where it is among the section's frames */
} dfl__task;

/* What threads save by the model, in ns: with workers that are awake, and with ones that sleep. It
 * pays above 0. An each has, instead, the least number of elements that pays. */
typedef struct dfl__gain { int64_t hot, cold; } dfl__gain;
typedef struct dfl__pays_from { uint64_t hot, cold; } dfl__pays_from;
enum { DFL__CPU_COUNTS = 4 };   /* 2, 4, 8, 16 */

/* A section of branches. They are handed out in chunks, the largest first: chunk k is
 * order[chunk_end[k - 1]] up to order[chunk_end[k] - 1]. Where chunks of small branches are functions, each of
 * those is a task, alone in its chunk. */
typedef struct dfl__section {
    const dfl__task *tasks;
    uint32_t n;
    const uint32_t *order, *chunk_end;
    uint32_t n_chunks;
    bool even;                  /* the chunks take about the same */
    uint32_t place;
    bool saves;                 /* a save can fall due in a branch */
    void (*const *forks)(void *frames);     /* of tasks that fork their frames by themselves, for one that is not
                                               begun: what is kept of the section has its frames, too; or NULL */
} dfl__section;

/* An each that may run on threads. */
typedef struct dfl__each {
    dfl__task chunk;
    size_t size;                /* of a chunk's frame */
    uint32_t place;
    bool saves;                 /* a save can fall due in a chunk */
} dfl__each;

/* A section that can go to ranks: what its branches need on another rank. */
typedef struct dfl__spread {
    const dfl__section *section;    /* or NULL: */
    const dfl__each *each;
    const uint8_t *needs;           /* saved fields that they read of the state: a bit each, as dfl__saved has them */
    const size_t *state_at;         /* by branch (each: one): where in its frame the pointer to the state is */
    uint64_t frames;                /* what the frames of its graph are made of: no other program's are taken for them */
    /* Of an each whose chunks take their elements along: its list, which then is none of those that are needed; where it is
     * in the state; and where in a chunk it says which elements are still to do. NULL: no such. */
    const dfl_type *list;
    size_t list_at, next_at, to_at;
} dfl__spread;
/* A chunk that came to a rank has elements beyond those that the state has there: DFL_ECORRUPT. */
int dfl__no_elements(dfl_ctx *ctx);
/* For an each on ranks over n elements: some for each rank; without ranks as dfl__chunks. */
uint32_t dfl__rank_chunks(dfl_ctx *ctx, uint64_t n, int64_t work_ns);
/* Whether the ranks of the run pay: from[k] is the least n with 2^k of them, UINT64_MAX for never; those of the last are
 * taken for more. Never without ranks, and in a branch. */
bool dfl__pays_on_ranks(const dfl_ctx *ctx, const uint64_t *from, uint32_t n_from, uint64_t n);

/* What a branch on threads left behind; NULL where that is nothing and the branch succeeded, or was
 * skipped. It lies in the memory that ctx has adopted. */
typedef struct dfl__ended {
    int status;
    dfl__mem mem;
    dfl_ctx ctx;
} dfl__ended;

/* Whether threads pay now: by the state of the pool, and by what was missed since it went to sleep. work_ns: what the
 * section takes inline. */
bool dfl__pays(dfl_ctx *ctx, const dfl__gain gain[DFL__CPU_COUNTS], int64_t work_ns);
/* The same of an each over n elements of which one takes work_ns. */
bool dfl__pays_each(dfl_ctx *ctx, const dfl__pays_from from[DFL__CPU_COUNTS], uint64_t n,
                    int64_t work_ns);
/* A section is expected in about `ns`, which would gain so much: workers that sleep are to be awake
 * by then. */
void dfl__expect(dfl_ctx *ctx, const dfl__gain gain[DFL__CPU_COUNTS], int64_t ns);
/* Runs the branches on the caller and the pool; returns when all have ended. A failure in branch k
 * skips those after k that have not begun (with `settle` a failure is one that ends the run: all
 * but DFL_ENODE). Returns DFL_OK, DFL_PAUSED, or the status of the lowest failed branch, whose
 * failure is then ctx->failure. ended: section->n of them, zeroed. What the branches allocated is
 * adopted by ctx (all of it, also after a failure). */
int dfl__threads(dfl_ctx *ctx, const dfl__section *section, void *frames, bool settle,
                 dfl__ended **ended);
/* Between two chunks of an each, whose threads write to them with each element: what processors move between them at
 * once, pairs of lines of 64 bytes. */
#define DFL__CACHE_LINES 128
/* The same for n chunks of an each. */
int dfl__thread_chunks(dfl_ctx *ctx, const dfl__each *each, void *chunks, uint32_t n,
                       dfl__ended **ended);
/* Both on the ranks of the run, where it has some and this is no branch; else on threads. */
int dfl__on_ranks(dfl_ctx *ctx, const dfl__section *section, void *frames, bool settle,
                  dfl__ended **ended);
int dfl__chunks_on_ranks(dfl_ctx *ctx, const dfl__each *each, void *chunks, uint32_t n,
                         dfl__ended **ended);
/* Number of chunks that an each of n elements is cut into, at least 1; an element takes work_ns. */
uint32_t dfl__chunks(dfl_ctx *ctx, uint64_t n, int64_t work_ns);

static inline int dfl__ended_status(const dfl__ended *ended)
{
    return ended ? ended->status : DFL_OK;
}
static inline const dfl__failure *dfl__ended_failure(const dfl_ctx *ctx, const dfl__ended *ended)
{
    return ended ? &ended->ctx.failure : &ctx->failure;
}
/* What became of a branch of a section that settles. DFL_OK: *good is true (unless a resume brought
 * its fault). A node failure becomes a fault in *faults, *at DFL__DONE, and DFL_OK. Anything else ends the run: status, *failure copied to ctx. */
int dfl__settle(dfl_ctx *ctx, int status, const dfl__failure *failure, const char *branch,
                dfl_fault_list *faults, uint32_t *at, bool *good);
/* After merging what branches did: DFL_OK, or DFL_ENOMEM when an allocation failed, or DFL_ENODE
 * for `code`, what a reducer returned; ctx->failure is filled. */
int dfl__merge_failed(dfl_ctx *ctx, uint32_t place, int code);
static inline int dfl__merged(dfl_ctx *ctx, uint32_t place, int code)
{
    return DFL__RARELY(code != 0 || (ctx->flags & DFL__ATTEMPT)) ? dfl__merge_failed(ctx, place, code)
                                                                 : DFL_OK;
}
/* After a chunk of elements: `status`, or DFL_ENOMEM when collecting their updates failed. */
int dfl__folded(dfl_ctx *ctx, uint32_t place, int status);
/* Adds a fault for ctx->failure (or that of a branch) to *faults. DFL_OK or DFL_ENOMEM. */
int dfl__add_fault(dfl_ctx *ctx, dfl_fault_list *faults, const dfl__failure *failure,
                   const char *branch);
/* settle FIELD need K: the section's failure when fewer than K branches succeeded: DFL_ENODE. */
int dfl__too_few(dfl_ctx *ctx, uint32_t place, uint64_t good, uint64_t need);

/* ---- encoding ---- */

/* Appends n bytes' room to buf and returns it; NULL when out of memory. */
uint8_t *dfl__buf_room(dfl_buf *buf, size_t n);

/* An encoding is a version byte and the schema's fingerprint, then a record: first the members of
 * fixed size, at known offsets, then the others in order.
 *
 *     bool                 one byte, 0 or 1
 *     numbers, enums       little-endian; an enum is an i32
 *     struct               a record within the record
 *     array                its items
 *     string, bytes        varint length, the bytes
 *     list                 varint length, the items
 *     map                  varint length, then key and value of each entry
 *     option               one byte, 0 or 1, and the value after a 1
 */
#define DFL__ENCODING 1         /* the version byte */
#define DFL__HEADER_BYTES 9
#define DFL__MAX_DEPTH 1000     /* of structs within structs, where a type allows any depth */

/* Both directions: between the machine's n numbers of `size` bytes and little-endian ones. */
static inline void dfl__copy_numbers(void *to, const void *from, size_t n, size_t size)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    if (n > 0)
        memcpy(to, from, n * size);
#else
    uint8_t *out = (uint8_t *)to;
    const uint8_t *in = (const uint8_t *)from;
    size_t i, k;
    for (i = 0; i < n; i++)
        for (k = 0; k < size; k++)
            out[i * size + k] = in[i * size + size - 1 - k];
#endif
}

#define DFL__NUMBER(STEM, T)                                                                       \
    static inline void dfl__put_##STEM(uint8_t *at, T v)                                           \
    {                                                                                              \
        dfl__copy_numbers(at, &v, 1, sizeof v);                                                    \
    }                                                                                              \
    static inline T dfl__get_##STEM(const uint8_t *at)                                             \
    {                                                                                              \
        T v;                                                                                       \
        dfl__copy_numbers(&v, at, 1, sizeof v);                                                    \
        return v;                                                                                  \
    }
DFL__NUMBER(i8, int8_t)
DFL__NUMBER(i16, int16_t)
DFL__NUMBER(i32, int32_t)
DFL__NUMBER(i64, int64_t)
DFL__NUMBER(u8, uint8_t)
DFL__NUMBER(u16, uint16_t)
DFL__NUMBER(u32, uint32_t)
DFL__NUMBER(u64, uint64_t)
DFL__NUMBER(f32, float)
DFL__NUMBER(f64, double)

/* False for a byte that is no bool. */
static inline bool dfl__get_bool(const uint8_t *at, bool *v)
{
    *v = *at != 0;
    return *at <= 1;
}

/* Lengths are varints: seven bits a byte, low bits first, the high bit says "more"; the shortest
 * form is the only valid one. */
#define DFL__VARINT_MAX 10
static inline size_t dfl__varint_size(uint64_t v)
{
    size_t n = 1;
    while (v >= 128)
        v >>= 7, n++;
    return n;
}
static inline uint8_t *dfl__put_varint(uint8_t *at, uint64_t v)
{
    while (v >= 128)
        *at++ = (uint8_t)(v | 128), v >>= 7;
    *at++ = (uint8_t)v;
    return at;
}

/* n bytes, few or many; most strings are so short that a call of memcpy would cost more than the copy.
 * What is copied twice, where the halves overlap, is the same both times. */
static inline void dfl__copy_bytes(uint8_t *to, const void *bytes, size_t n)
{
    const uint8_t *from = (const uint8_t *)bytes;
    if (n > 32) {
        memcpy(to, from, n);
    } else if (n >= 16) {
        memcpy(to, from, 16);
        memcpy(to + n - 16, from + n - 16, 16);
    } else if (n >= 8) {
        memcpy(to, from, 8);
        memcpy(to + n - 8, from + n - 8, 8);
    } else if (n >= 4) {
        memcpy(to, from, 4);
        memcpy(to + n - 4, from + n - 4, 4);
    } else if (n > 0) {
        to[0] = from[0];
        to[n / 2] = from[n / 2];
        to[n - 1] = from[n - 1];
    }
}

/* What dfl_str, dfl_bytes and lists of numbers take, and how they are put. */
static inline size_t dfl__size_block(uint64_t n, size_t item)
{
    return dfl__varint_size(n) + (size_t)n * item;
}
static inline uint8_t *dfl__put_block(uint8_t *at, const void *items, size_t n, size_t item)
{
    at = dfl__put_varint(at, n);
    if (item == 1)
        dfl__copy_bytes(at, items, n);
    else
        dfl__copy_numbers(at, items, n, item);
    return at + n * item;
}

static inline uint8_t *dfl__put_header(uint8_t *at, uint64_t schema)
{
    *at = DFL__ENCODING;
    dfl__put_u64(at + 1, schema);
    return at + DFL__HEADER_BYTES;
}

/* Values by their descriptors (pack.c): what reads moves `at`. After a failure `at` means nothing. */

static inline size_t dfl__left(const dfl__in *in)
{
    return (size_t)(in->end - in->at);
}
static inline bool dfl__get_varint(dfl__in *in, uint64_t *v)
{
    unsigned shift;
    *v = 0;
    for (shift = 0; shift < 64 && in->at < in->end; shift += 7) {
        uint8_t byte = *in->at++;
        *v |= (uint64_t)(byte & 127) << shift;
        if (byte < 128)
            return (byte != 0 || shift == 0) && (shift < 63 || byte == 1);
    }
    return false;
}

/* DFL_OK, DFL_ECORRUPT, or DFL_ENOMEM. */
int dfl__get_str(dfl__in *in, dfl_ctx *ctx, dfl_str *v);
int dfl__get_bytes(dfl__in *in, dfl_ctx *ctx, dfl_bytes *v);
/* A number of items, each of at least `least` bytes (at least 1), that can follow. */
int dfl__get_count(dfl__in *in, size_t least, uint32_t *n);
/* Room for n items in the arena; NULL when out of memory, or when n is 0. */
void *dfl__items(dfl_ctx *ctx, uint32_t n, size_t item);

/* What the checkpoints of a graph hold: the fields that are live where the run goes on. Saved fields
 * are numbered in order of the state; a set of them is a bit each, the first the lowest of the first
 * byte. A place of the outermost region has two slots: 2 * order[place] before it, and the next one
 * behind it, where its edge is not chosen yet. */
typedef struct dfl__saved {
    uint32_t n;                     /* fields that are saved somewhere */
    const uint32_t *members;        /* which of graph->state->members they are */
    const uint32_t *first;          /* n + 1: where in `slots` those of a field begin */
    const uint32_t *order;          /* by place; of those of the outermost region */
    const uint32_t *slots;          /* ascending: live from, not from, live from, ... */
    void (*init)(void *state);
    /* Appends the fields whose bits are set in the bytes at out->p + live: DFL_OK, DFL_ENOMEM, or
     * DFL_EINVAL when one nests too deep. */
    int (*save)(const void *state, size_t live, dfl_buf *out);
    /* Replaces the state: what is not in `live` gets its default, handles stay. On an error the
     * state is as before: DFL_ECORRUPT, DFL_ENOMEM. */
    int (*restore)(void *state, const uint8_t *live, const void *bytes, size_t n);
} dfl__saved;

/* What a checkpoint was called that another version of the graph has written. */
typedef struct dfl__was { const char *now, *before; } dfl__was;
typedef struct dfl__counter { const char *now, *before; } dfl__counter;     /* before: or NULL */

/* What stands in a checkpoint, and under which names it is looked for in older ones (layout.h). */
typedef struct dfl__layout_of {
    uint64_t mark;          /* fingerprint of the fields and the counters */
    const dfl__counter *counters;
    uint32_t n_counters;
    const dfl__was *fields_was, *nodes_was;
    uint32_t n_fields_was, n_nodes_was;
    const dfl__saved *saved;
} dfl__layout_of;

static inline bool dfl__bit(const uint8_t *bits, uint32_t i)
{
    return bits[i / 8] >> (i % 8) & 1;
}

/* ---- decoding ---- */

/* What memory held before what is being decoded (mem.h). */
typedef struct dfl__aside {
    char *at, *end;
    size_t bytes;
    void *chunks, *table;
} dfl__aside;

/* What is decoded lies in chunks of its own, so that a failure leaves the old state as it was, and a
 * success leaves nothing of it.
 *
 * Every function that reads is given where a value begins, and returns where the next one does; or NULL
 * when the bytes are no encoding, or with in->status set when memory is short. Strings are copied in
 * stretches, many at a time: of the bytes in [from, copied) there is a copy at `texts`. */
typedef struct dfl__decode {
    const uint8_t *at;              /* where the state begins */
    const uint8_t *end;             /* of the bytes */
    int status;                     /* why a reader returned NULL */
    const uint8_t *from, *copied;
    char *texts;
    size_t stretch;                 /* bytes of the last one */
    dfl__mem *mem;                  /* of the state; holds what was read */
    dfl__aside old;
} dfl__decode;

/* begin    checks the header (restore: there is none); returns room for what the state was, or NULL with
 *          in->status set. mem: of that state; texts_at: so many bytes into it strings may begin, of which
 *          the first are then copied at once
 * commit   reading ended at in->end: what was read takes the place of what `mem` held. DFL_OK
 * failed   it ended elsewhere (NULL: with in->status): frees all that was read, and the room; `mem` holds
 *          again what it held. DFL_ECORRUPT or DFL_ENOMEM */
#define DFL__NO_TEXTS SIZE_MAX
void *dfl__decode_begin(dfl__decode *in, dfl__mem *mem, const void *bytes, size_t n, uint64_t schema,
                        size_t state_bytes, size_t texts_at);
void *dfl__restore_begin(dfl__decode *in, dfl__mem *mem, const void *bytes, size_t n,
                         size_t state_bytes, size_t texts_at);
int dfl__decode_commit(dfl__decode *in);
int dfl__decode_failed(dfl__decode *in, const uint8_t *at);

/* Whether n more bytes are there. */
static inline bool dfl__has(const dfl__decode *in, const uint8_t *at, size_t n)
{
    return (size_t)(in->end - at) >= n;
}

const uint8_t *dfl__read_long_length(const dfl__decode *in, const uint8_t *at, uint64_t *v);
static inline const uint8_t *dfl__read_length(const dfl__decode *in, const uint8_t *at, uint64_t *v)
{
    if (at == in->end || *at >= 128)
        return dfl__read_long_length(in, at, v);
    *v = *at;
    return at + 1;
}

/* A number of items, each of at least `least` bytes (at least 1): more than can follow is refused, so no
 * length makes the reader allocate what the bytes do not pay for. */
static inline const uint8_t *dfl__read_count(const dfl__decode *in, const uint8_t *at, size_t least,
                                             uint32_t *n)
{
    uint64_t count = 0;
    *n = 0;
    at = dfl__read_length(in, at, &count);
    if (!at || count > UINT32_MAX || count > (size_t)(in->end - at) / least)
        return NULL;
    *n = (uint32_t)count;
    return at;
}

/* Within the stretch that is copied, a string needs only its NUL: it goes where the length behind it was. */
const uint8_t *dfl__read_other_str(dfl__decode *in, const uint8_t *at, dfl_str *v);
static inline const uint8_t *dfl__read_str(dfl__decode *in, const uint8_t *at, dfl_str *v)
{
    if (at < in->copied && *at < 128 && (size_t)(in->copied - at) > *at) {
        size_t n = *at++;
        char *text = in->texts + (at - in->from);
        text[n] = '\0';
        v->p = text, v->n = n;
        return at + n;
    }
    return dfl__read_other_str(in, at, v);
}
const uint8_t *dfl__read_bytes(dfl__decode *in, const uint8_t *at, dfl_bytes *v);

/* Room for n items of a list that are about to be read; NULL when n is 0, or with in->status set. */
void *dfl__new_items(dfl__decode *in, uint32_t n, size_t item);
/* The same for n entries of a map, and for their index, which few go without: then it is NULL. Each entry
 * is entered there when its key has been read: false when that is a key of an earlier one. */
void *dfl__new_entries(dfl__decode *in, uint32_t n, size_t entry, void **index);
bool dfl__index_new(void *index, const void *entries, uint32_t i, size_t entry);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif

#endif
