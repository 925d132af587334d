/* Packing: any value as bytes, by the descriptor of its type, for the frames of a run that stands
 * still (position.c). The form is that of an encoding (dfl.h), in the order of the members:
 *
 *     numbers, enums       little-endian, in their size
 *     bool                 one byte, 0 or 1
 *     string, bytes        varint length, the bytes
 *     list                 varint length, the items
 *     map                  varint length, then key and value of each entry
 *     option               one byte, 0 or 1, and the value after a 1
 *     struct, array        what they consist of
 *     handle               nothing: unpacking leaves it as it is
 *
 * Both directions recurse where values nest: through types, which end, and through lists and maps,
 * at most DFL__MAX_DEPTH of these within each other. */
#include "internal.h"
#include "mem.h"

/* ---- numbers ---- */

/* One of a size that compilers know: frames consist of these. */
static inline void copy_number(void *to, const void *from, size_t size) {
    switch (size) {
    case 8:
        dfl__copy_numbers(to, from, 1, 8);
        break;
    case 4:
        dfl__copy_numbers(to, from, 1, 4);
        break;
    default:
        dfl__copy_numbers(to, from, 1, size);
    }
}

/* Whether n items are packed as they lie in memory, but for the order of their bytes. */
static bool is_number(const dfl_type *type) {
    return type->kind >= DFL_KIND_I8 && type->kind <= DFL_KIND_F64;
}

/* ---- packing ---- */

enum { ROOM_AHEAD = 64 };

/* What is packed goes into room that is taken from `out` some values ahead; what is left of that is given back. */
typedef struct Pack {
    dfl_buf *out;
    uint8_t *at, *end;
} Pack;

static void give_back(Pack *to) {
    to->out->n -= (size_t)(to->end - to->at);
    to->end = to->at;
}

static DFL__APART bool take_room(Pack *to, size_t n) {
    size_t ahead = ROOM_AHEAD;
    uint8_t *room;
    give_back(to);
    room = n < SIZE_MAX - ahead ? dfl__buf_room(to->out, n + ahead) : NULL;
    if (!room) {
        ahead = 0;
        room = dfl__buf_room(to->out, n);
    }
    if (!room)
        return false;
    to->at = room;
    to->end = room + n + ahead;
    return true;
}

static inline uint8_t *room_for(Pack *to, size_t n) {
    uint8_t *room;
    if ((size_t)(to->end - to->at) < n && !take_room(to, n))
        return NULL;
    room = to->at;
    to->at += n;
    return room;
}

static int pack(Pack *to, const dfl_type *type, const char *value, uint32_t depth);

static inline int pack_number(Pack *to, const char *value, size_t size) {
    uint8_t *at = room_for(to, size);
    if (!at)
        return DFL_ENOMEM;
    copy_number(at, value, size);
    return DFL_OK;
}

static int pack_numbers(Pack *to, const char *values, size_t n, size_t size) {
    uint8_t *at;
    if (n == 0)
        return DFL_OK;
    at = room_for(to, n * size);
    if (!at)
        return DFL_ENOMEM;
    dfl__copy_numbers(at, values, n, size);
    return DFL_OK;
}

static inline int pack_length(Pack *to, uint64_t n) {
    uint8_t *at = room_for(to, n < 128 ? 1 : dfl__varint_size(n));
    if (!at)
        return DFL_ENOMEM;
    if (n < 128)
        *at = (uint8_t)n;
    else
        dfl__put_varint(at, n);
    return DFL_OK;
}

static int pack_block(Pack *to, const void *p, size_t n) {
    int rc = pack_length(to, n);
    return rc == DFL_OK ? pack_numbers(to, p, n, 1) : rc;
}

static int pack_string(Pack *to, const char *value) {
    dfl_str s;
    memcpy(&s, value, sizeof s);
    return pack_block(to, s.p, s.n);
}

static int pack_bytes(Pack *to, const char *value) {
    dfl_bytes b;
    memcpy(&b, value, sizeof b);
    return pack_block(to, b.p, b.n);
}

/* Numbers, which most members are, without a call. */
static DFL__APART int pack_struct(Pack *to, const dfl_type *type, const char *value, uint32_t depth) {
    int rc = DFL_OK;
    for (uint32_t i = 0; rc == DFL_OK && i < type->n; i++) {
        const dfl_member *member = &type->members[i];
        const char *from = value + member->offset;
        rc = is_number(member->type) ? pack_number(to, from, member->type->size) : pack(to, member->type, from, depth);
    }
    return rc;
}

static DFL__APART int pack_items(Pack *to, const dfl_type *elem, const char *items, size_t n, uint32_t depth) {
    int rc = DFL_OK;
    if (is_number(elem))
        return pack_numbers(to, items, n, elem->size);
    for (size_t i = 0; rc == DFL_OK && i < n; i++)
        rc = pack(to, elem, items + i * elem->size, depth);
    return rc;
}

static DFL__APART int pack_list(Pack *to, const dfl_type *type, const char *value, uint32_t depth) {
    dfl__list list;
    int rc;
    if (depth == 0)
        return DFL_EINVAL;
    memcpy(&list, value, sizeof list);
    rc = pack_length(to, list.len);
    return rc == DFL_OK ? pack_items(to, type->elem, list.items, list.len, depth - 1) : rc;
}

static DFL__APART int pack_map(Pack *to, const dfl_type *type, const char *value, uint32_t depth) {
    dfl__map map;
    int rc;
    if (depth == 0)
        return DFL_EINVAL;
    memcpy(&map, value, sizeof map);
    rc = pack_length(to, map.len);
    for (uint32_t i = 0; rc == DFL_OK && i < map.len; i++) {
        const char *entry = (const char *)map.entries + i * type->entry;
        rc = pack_string(to, entry);
        if (rc == DFL_OK)
            rc = pack(to, type->elem, entry + type->offset, depth - 1);
    }
    return rc;
}

static DFL__APART int pack_bool(Pack *to, const char *value, bool *was) {
    uint8_t *at = room_for(to, 1);
    if (!at)
        return DFL_ENOMEM;
    memcpy(was, value, sizeof *was);
    *at = *was;
    return DFL_OK;
}

static DFL__APART int pack_opt(Pack *to, const dfl_type *type, const char *value, uint32_t depth) {
    bool has = false;
    int rc = pack_bool(to, value, &has);
    return rc == DFL_OK && has ? pack(to, type->elem, value + type->offset, depth) : rc;
}

static int pack(Pack *to, const dfl_type *type, const char *value, uint32_t depth) {
    bool was;
    switch (type->kind) {
    case DFL_KIND_BOOL:
        return pack_bool(to, value, &was);
    case DFL_KIND_STRING:
        return pack_string(to, value);
    case DFL_KIND_BYTES:
        return pack_bytes(to, value);
    case DFL_KIND_STRUCT:
        return pack_struct(to, type, value, depth);
    case DFL_KIND_LIST:
        return pack_list(to, type, value, depth);
    case DFL_KIND_ARRAY:
        return pack_items(to, type->elem, value, type->n, depth);
    case DFL_KIND_MAP:
        return pack_map(to, type, value, depth);
    case DFL_KIND_OPT:
        return pack_opt(to, type, value, depth);
    case DFL_KIND_HANDLE:
        return DFL_OK;
    default:
        return pack_number(to, value, type->size);
    }
}

int dfl__pack(const dfl_type *type, const void *value, dfl_buf *out) {
    Pack to = {out, NULL, NULL};
    int rc = pack(&to, type, value, DFL__MAX_DEPTH);
    give_back(&to);
    return rc;
}

int dfl__pack_varint(dfl_buf *out, uint64_t v) {
    uint8_t *at = dfl__buf_room(out, dfl__varint_size(v));
    if (!at)
        return DFL_ENOMEM;
    dfl__put_varint(at, v);
    return DFL_OK;
}

int dfl__pack_block(dfl_buf *out, const void *p, size_t n) {
    uint8_t *at = dfl__buf_room(out, dfl__size_block(n, 1));
    if (!at)
        return DFL_ENOMEM;
    dfl__put_block(at, p, n, 1);
    return DFL_OK;
}

/* ---- unpacking ---- */

/* Where from; `fixed_first`: the members of fixed size come before the others, as in an encoding. */
typedef struct Unpack {
    dfl_ctx *ctx;
    dfl__in *in;
    bool fixed_first;
} Unpack;

static int unpack(const Unpack *from, const dfl_type *type, char *value, uint32_t depth);

static inline int unpack_number(char *value, size_t size, dfl__in *in) {
    if (dfl__left(in) < size)
        return DFL_ECORRUPT;
    copy_number(value, in->at, size);
    in->at += size;
    return DFL_OK;
}

static int unpack_numbers(char *values, size_t n, size_t size, dfl__in *in) {
    if (dfl__left(in) / size < n)
        return DFL_ECORRUPT;
    dfl__copy_numbers(values, in->at, n, size);
    in->at += n * size;
    return DFL_OK;
}

static DFL__APART int unpack_enum(const dfl_type *type, char *value, dfl__in *in) {
    int32_t number;
    if (dfl__left(in) < sizeof number)
        return DFL_ECORRUPT;
    number = dfl__get_i32(in->at);
    in->at += sizeof number;
    for (uint32_t i = 0; i < type->n; i++)
        if (type->values[i].value == number) {
            memcpy(value, &number, sizeof number);
            return DFL_OK;
        }
    return DFL_ECORRUPT;
}

static int unpack_bool(char *value, dfl__in *in, bool *was) {
    if (dfl__left(in) < 1 || !dfl__get_bool(in->at, was))
        return DFL_ECORRUPT;
    in->at++;
    memcpy(value, was, sizeof *was);
    return DFL_OK;
}

static int unpack_string(dfl_ctx *ctx, char *value, dfl__in *in) {
    dfl_str s;
    int rc = dfl__get_str(in, ctx, &s);
    if (rc == DFL_OK)
        memcpy(value, &s, sizeof s);
    return rc;
}

static int unpack_bytes(dfl_ctx *ctx, char *value, dfl__in *in) {
    dfl_bytes b;
    int rc = dfl__get_bytes(in, ctx, &b);
    if (rc == DFL_OK)
        memcpy(value, &b, sizeof b);
    return rc;
}

static bool is_fixed(const dfl_type *type) {
    switch (type->kind) {
    case DFL_KIND_STRUCT:
        for (uint32_t i = 0; i < type->n; i++)
            if (!is_fixed(type->members[i].type))
                return false;
        return true;
    case DFL_KIND_ARRAY:
        return is_fixed(type->elem);
    default:
        return type->kind <= DFL_KIND_F64 || type->kind == DFL_KIND_ENUM;
    }
}

/* The members of fixed size, or the others. */
static DFL__APART int unpack_members(const Unpack *from, const dfl_type *type, char *value, uint32_t depth,
                          bool fixed) {
    int rc = DFL_OK;
    for (uint32_t i = 0; rc == DFL_OK && i < type->n; i++)
        if (is_fixed(type->members[i].type) == fixed)
            rc = unpack(from, type->members[i].type, value + type->members[i].offset, depth);
    return rc;
}

static DFL__APART int unpack_struct(const Unpack *from, const dfl_type *type, char *value, uint32_t depth) {
    int rc = DFL_OK;
    if (from->fixed_first) {
        rc = unpack_members(from, type, value, depth, true);
        return rc == DFL_OK ? unpack_members(from, type, value, depth, false) : rc;
    }
    for (uint32_t i = 0; rc == DFL_OK && i < type->n; i++) {
        const dfl_member *member = &type->members[i];
        char *to = value + member->offset;
        rc = is_number(member->type) ? unpack_number(to, member->type->size, from->in)
                                     : unpack(from, member->type, to, depth);
    }
    return rc;
}

static DFL__APART int unpack_items(const Unpack *from, const dfl_type *elem, char *items, size_t n,
                        uint32_t depth) {
    int rc = DFL_OK;
    if (is_number(elem))
        return unpack_numbers(items, n, elem->size, from->in);
    for (size_t i = 0; rc == DFL_OK && i < n; i++)
        rc = unpack(from, elem, items + i * elem->size, depth);
    return rc;
}

/* The fewest bytes that a value takes; at least 1, so that a length is always paid for. What would
 * take none (a struct without members) is no item of a list. */
static size_t least_bytes(const dfl_type *type) {
    size_t n = 0;
    switch (type->kind) {
    case DFL_KIND_STRUCT:
        for (uint32_t i = 0; i < type->n; i++)
            n += least_bytes(type->members[i].type);
        return n;
    case DFL_KIND_ARRAY:
        return type->n * least_bytes(type->elem);
    case DFL_KIND_ENUM:
        return sizeof(int32_t);
    case DFL_KIND_HANDLE:
        return 0;
    default:
        return is_number(type) ? type->size : 1;
    }
}

static bool is_none(dfl__in *in) {
    if (dfl__left(in) == 0 || *in->at != 0)
        return false;
    in->at++;
    return true;
}

/* As most are none, that is asked before anything else. */
static int get_count(const dfl_type *elem, dfl__in *in, size_t more, uint32_t *n) {
    size_t least;
    *n = 0;
    if (is_none(in))
        return DFL_OK;
    least = least_bytes(elem) + more;
    return dfl__get_count(in, least ? least : 1, n);
}

static DFL__APART int unpack_list(const Unpack *from, const dfl_type *type, char *value, uint32_t depth) {
    dfl__list list = {NULL, 0, 0};
    char *items;
    int rc;
    if (depth == 0 || get_count(type->elem, from->in, 0, &list.len) != DFL_OK)
        return DFL_ECORRUPT;
    if (list.len == 0) {
        memcpy(value, &list, sizeof list);
        return DFL_OK;
    }
    items = dfl__items(from->ctx, list.len, type->elem->size);
    if (!items)
        return DFL_ENOMEM;
    memset(items, 0, list.len * type->elem->size);
    rc = unpack_items(from, type->elem, items, list.len, depth - 1);
    list.items = items;
    if (rc == DFL_OK)
        memcpy(value, &list, sizeof list);
    return rc;
}

static int unpack_entry(const Unpack *from, const dfl_type *type, dfl__map *map, uint32_t depth) {
    uint32_t len = map->len;
    dfl_str key;
    char *entry;
    int rc = dfl__get_str(from->in, from->ctx, &key);
    if (rc != DFL_OK)
        return rc;
    entry = dfl__map_slot(from->ctx, map, map, key, type->entry);
    if (!entry)
        return DFL_ENOMEM;
    if (map->len == len) /* a key twice */
        return DFL_ECORRUPT;
    return unpack(from, type->elem, entry + type->offset, depth);
}

static DFL__APART int unpack_map(const Unpack *from, const dfl_type *type, char *value, uint32_t depth) {
    dfl__map map = {NULL, 0, 0, NULL};
    uint32_t n;
    int rc = DFL_OK;
    if (depth == 0 || get_count(type->elem, from->in, 1, &n) != DFL_OK)
        return DFL_ECORRUPT;
    for (uint32_t i = 0; rc == DFL_OK && i < n; i++)
        rc = unpack_entry(from, type, &map, depth - 1);
    if (rc == DFL_OK)
        memcpy(value, &map, sizeof map);
    return rc;
}

static DFL__APART int unpack_opt(const Unpack *from, const dfl_type *type, char *value, uint32_t depth) {
    bool has = false;
    int rc = unpack_bool(value, from->in, &has);
    return rc == DFL_OK && has ? unpack(from, type->elem, value + type->offset, depth) : rc;
}

static int unpack(const Unpack *from, const dfl_type *type, char *value, uint32_t depth) {
    bool was;
    switch (type->kind) {
    case DFL_KIND_BOOL:
        return unpack_bool(value, from->in, &was);
    case DFL_KIND_ENUM:
        return unpack_enum(type, value, from->in);
    case DFL_KIND_STRING:
        return unpack_string(from->ctx, value, from->in);
    case DFL_KIND_BYTES:
        return unpack_bytes(from->ctx, value, from->in);
    case DFL_KIND_STRUCT:
        return unpack_struct(from, type, value, depth);
    case DFL_KIND_LIST:
        return unpack_list(from, type, value, depth);
    case DFL_KIND_ARRAY:
        return unpack_items(from, type->elem, value, type->n, depth);
    case DFL_KIND_MAP:
        return unpack_map(from, type, value, depth);
    case DFL_KIND_OPT:
        return unpack_opt(from, type, value, depth);
    case DFL_KIND_HANDLE:
        return DFL_OK;
    default:
        return unpack_number(value, type->size, from->in);
    }
}

int dfl__unpack(dfl_ctx *ctx, const dfl_type *type, void *value, dfl__in *in) {
    const Unpack from = {ctx, in, false};
    return unpack(&from, type, value, DFL__MAX_DEPTH);
}

int dfl__unpack_encoded(dfl_ctx *ctx, const dfl_type *type, void *value, dfl__in *in) {
    const Unpack from = {ctx, in, true};
    return unpack(&from, type, value, DFL__MAX_DEPTH);
}

/* ---- fingerprints ---- */

/* FNV-1a, 64 bits (Fowler, Noll, Vo). */
uint64_t dfl__fnv(uint64_t hash, const void *p, size_t n) {
    const uint8_t *bytes = p;
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static uint64_t mark_text(uint64_t hash, const char *text) {
    return dfl__fnv(hash, text, strlen(text) + 1);
}

static uint64_t mark_number(uint64_t hash, uint64_t v) {
    uint8_t bytes[8];
    dfl__put_u64(bytes, v);
    return dfl__fnv(hash, bytes, sizeof bytes);
}

/* The structs that are being looked at: one that holds itself, through a list, ends there. */
typedef struct Around {
    const dfl_type *type;
    const struct Around *out;
} Around;

/* Branches are called as their first nodes. */
static const char *member_name(const dfl_type *type, uint32_t i, const dfl__renames *renames) {
    const char *name = type->members[i].name;
    if (!renames || !type->is_frame || !type->members[i].type->is_frame)
        return name;
    for (uint32_t k = 0; k < renames->n; k++)
        if ((renames->which >> k & 1) && strcmp(renames->all[k].now, name) == 0)
            return renames->all[k].before;
    return name;
}

static uint64_t mark_type(uint64_t hash, const dfl_type *type, const Around *out,
                          const dfl__renames *renames) {
    Around here = {type, out};
    hash = mark_number(hash, (uint64_t)type->kind);
    hash = mark_number(hash, type->n);
    if (type->kind == DFL_KIND_ENUM)
        for (uint32_t i = 0; i < type->n; i++)
            hash =
                mark_number(mark_text(hash, type->values[i].name), (uint64_t)type->values[i].value);
    if (type->kind == DFL_KIND_STRUCT) {
        for (; out; out = out->out)
            if (out->type == type)
                return hash;
        for (uint32_t i = 0; i < type->n; i++)
            hash = mark_type(mark_text(hash, member_name(type, i, renames)), type->members[i].type,
                             &here, renames);
    }
    return type->elem ? mark_type(hash, type->elem, &here, renames) : hash;
}

uint64_t dfl__type_mark(const dfl_type *type) {
    return mark_type(DFL__FNV, type, NULL, NULL);
}

uint64_t dfl__type_mark_before(const dfl_type *type, const dfl__renames *renames) {
    return mark_type(DFL__FNV, type, NULL, renames);
}
