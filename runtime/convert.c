/* layout.h: values of one type as values of another. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "internal.h"
#include "layout.h"
#include "mem.h"

/* One conversion. ctx NULL: only the types are held against each other, values are not looked at, and `to`
 * is NULL. */
typedef struct Convert {
    dfl_ctx *ctx;
    dfl__misfit *misfit;
    uint32_t depth; /* of structs, lists and maps within each other */
    /* Without ctx: the pairs of structs that were begun, each of which is compared once. */
    struct Pair {
        const dfl_type *from, *type;
    } * met;
    size_t n_met, met_cap;
} Convert;

/* Where in the field: written out only for a misfit. */
typedef struct Path {
    const char *name;
    const struct Path *up;
} Path;

static int convert(Convert *c, const Path *path, const dfl_type *from, const char *value,
                   const dfl_type *type, char *to);

/* ---- misfits ---- */

static size_t write_path(const Path *path, char *out, size_t room) {
    size_t n = path->up ? write_path(path->up, out, room) : 0;
    int more = snprintf(out + n, room - n, "%s%s", n > 0 ? "." : "", path->name);
    return n + (size_t)more < room ? n + (size_t)more : room - 1;
}

static int misfit(Convert *c, const Path *path, const char *fmt, ...) DFL__PRINTF(3, 4);
static int misfit(Convert *c, const Path *path, const char *fmt, ...) {
    va_list args;
    write_path(path, c->misfit->field, sizeof c->misfit->field);
    va_start(args, fmt);
    vsnprintf(c->misfit->why, sizeof c->misfit->why, fmt, args);
    va_end(args);
    return DFL_ESCHEMA;
}

static int other_type(Convert *c, const Path *path, const dfl_type *from, const dfl_type *type) {
    return misfit(c, path, "was saved as %s, which %s cannot hold", from->name, type->name);
}

/* ---- numbers ---- */

/* Bits of an integer without its sign, and of the integers that a float holds exactly. */
static unsigned bits_of(dfl_kind kind) {
    static const unsigned bits[] = {
        [DFL_KIND_I8] = 7,   [DFL_KIND_I16] = 15, [DFL_KIND_I32] = 31, [DFL_KIND_I64] = 63,
        [DFL_KIND_U8] = 8,   [DFL_KIND_U16] = 16, [DFL_KIND_U32] = 32, [DFL_KIND_U64] = 64,
        [DFL_KIND_F32] = 24, [DFL_KIND_F64] = 53,
    };
    return bits[kind];
}

static bool is_number(dfl_kind kind) {
    return kind >= DFL_KIND_I8 && kind <= DFL_KIND_F64;
}

static bool is_float(dfl_kind kind) {
    return kind == DFL_KIND_F32 || kind == DFL_KIND_F64;
}

static bool is_unsigned(dfl_kind kind) {
    return kind >= DFL_KIND_U8 && kind <= DFL_KIND_U64;
}

static bool holds(dfl_kind wide, dfl_kind narrow) {
    if (is_float(narrow) && !is_float(wide))
        return false;
    if (is_unsigned(wide) && !is_unsigned(narrow))
        return false;
    return bits_of(narrow) <= bits_of(wide);
}

static int64_t integer_of(dfl_kind kind, const char *value) {
    int64_t v = 0;
    switch (kind) {
#define READ(KIND, T)                                                                              \
    case KIND: {                                                                                   \
        T number;                                                                                  \
        memcpy(&number, value, sizeof number);                                                     \
        v = (int64_t)number;                                                                       \
        break;                                                                                     \
    }
        READ(DFL_KIND_I8, int8_t)
        READ(DFL_KIND_I16, int16_t)
        READ(DFL_KIND_I32, int32_t)
        READ(DFL_KIND_I64, int64_t)
        READ(DFL_KIND_U8, uint8_t)
        READ(DFL_KIND_U16, uint16_t)
        READ(DFL_KIND_U32, uint32_t)
        READ(DFL_KIND_U64, uint64_t)
#undef READ
    default:
        break;
    }
    return v;
}

/* Of a kind that holds it, so no case below loses anything. */
static void put_number(dfl_kind from, const char *value, dfl_kind kind, char *to) {
    int64_t integer = integer_of(from, value);
    double real = (double)integer;
    float single;
    if (from == DFL_KIND_F32) {
        memcpy(&single, value, sizeof single);
        real = (double)single;
    } else if (from == DFL_KIND_F64) {
        memcpy(&real, value, sizeof real);
    }
    switch (kind) {
#define WRITE(KIND, T, V)                                                                          \
    case KIND: {                                                                                   \
        T number = (T)(V);                                                                         \
        memcpy(to, &number, sizeof number);                                                        \
        break;                                                                                     \
    }
        WRITE(DFL_KIND_I8, int8_t, integer)
        WRITE(DFL_KIND_I16, int16_t, integer)
        WRITE(DFL_KIND_I32, int32_t, integer)
        WRITE(DFL_KIND_I64, int64_t, integer)
        WRITE(DFL_KIND_U8, uint8_t, integer)
        WRITE(DFL_KIND_U16, uint16_t, integer)
        WRITE(DFL_KIND_U32, uint32_t, integer)
        WRITE(DFL_KIND_U64, uint64_t, integer)
        WRITE(DFL_KIND_F32, float, real)
        WRITE(DFL_KIND_F64, double, real)
#undef WRITE
    default:
        break;
    }
}

static int convert_number(Convert *c, const Path *path, const dfl_type *from, const char *value,
                          const dfl_type *type, char *to) {
    if (!is_number(from->kind) || !holds(type->kind, from->kind))
        return other_type(c, path, from, type);
    if (c->ctx)
        put_number(from->kind, value, type->kind, to);
    return DFL_OK;
}

/* ---- enums: by name ---- */

static const dfl_enumerator *by_value(const dfl_type *type, int32_t value) {
    for (uint32_t i = 0; i < type->n; i++)
        if (type->values[i].value == value)
            return &type->values[i];
    return NULL;
}

static const dfl_enumerator *by_name(const dfl_type *type, const char *name) {
    for (uint32_t i = 0; i < type->n; i++)
        if (strcmp(type->values[i].name, name) == 0)
            return &type->values[i];
    return NULL;
}

static int gone(Convert *c, const Path *path, const char *value, const dfl_type *type) {
    return misfit(c, path, "was saved as '%s', which enum %s has not", value, type->name);
}

static int convert_enum(Convert *c, const Path *path, const dfl_type *from, const char *value,
                        const dfl_type *type, char *to) {
    const dfl_enumerator *was, *is;
    int32_t number;
    for (uint32_t i = 0; !c->ctx && i < from->n; i++)
        if (!by_name(type, from->values[i].name))
            return gone(c, path, from->values[i].name, type);
    if (!c->ctx)
        return DFL_OK;
    memcpy(&number, value, sizeof number);
    was = by_value(from, number);
    is = was ? by_name(type, was->name) : NULL;
    if (!is)
        return gone(c, path, was ? was->name : "?", type);
    memcpy(to, &is->value, sizeof is->value);
    return DFL_OK;
}

/* ---- what holds others ---- */

static int convert_struct(Convert *c, const Path *path, const dfl_type *from, const char *value,
                          const dfl_type *type, char *to) {
    int rc = DFL_OK;
    if (c->ctx)
        dfl__set_zero(type, to);
    for (uint32_t i = 0; rc == DFL_OK && i < type->n; i++) {
        const dfl_member *member = &type->members[i];
        Path inner = {member->name, path};
        for (uint32_t k = 0; rc == DFL_OK && k < from->n; k++)
            if (strcmp(from->members[k].name, member->name) == 0)
                rc = convert(c, &inner, from->members[k].type,
                             c->ctx ? value + from->members[k].offset : value, member->type,
                             c->ctx ? to + member->offset : to);
    }
    return rc;
}

static int convert_items(Convert *c, const Path *path, const dfl_type *from, const char *items,
                         const dfl_type *type, char *to, uint32_t n) {
    int rc = DFL_OK;
    if (!c->ctx)
        return convert(c, path, from, items, type, to);
    for (uint32_t i = 0; rc == DFL_OK && i < n; i++)
        rc = convert(c, path, from, items + i * from->size, type, to + i * type->size);
    return rc;
}

static int convert_list(Convert *c, const Path *path, const dfl_type *from, const char *value,
                        const dfl_type *type, char *to) {
    dfl__list list = {NULL, 0, 0};
    const char *items;
    char *made = NULL;
    int rc;
    if (c->ctx)
        memcpy(&list, value, sizeof list);
    items = list.items;
    if (list.len > 0) {
        made = dfl__items(c->ctx, list.len, type->elem->size);
        if (!made)
            return DFL_ENOMEM;
        for (uint32_t i = 0; i < list.len; i++)
            dfl__set_zero(type->elem, made + i * type->elem->size);
    }
    rc = convert_items(c, path, from->elem, items, type->elem, made, list.len);
    list.items = made;
    list.cap = 0;
    if (rc == DFL_OK && to)
        memcpy(to, &list, sizeof list);
    return rc;
}

static int convert_map(Convert *c, const Path *path, const dfl_type *from, const char *value,
                       const dfl_type *type, char *to) {
    dfl__map old = {NULL, 0, 0, NULL}, made = {NULL, 0, 0, NULL};
    int rc = DFL_OK;
    if (!c->ctx)
        return convert(c, path, from->elem, value, type->elem, to);
    memcpy(&old, value, sizeof old);
    for (uint32_t i = 0; rc == DFL_OK && i < old.len; i++) {
        const char *entry = (const char *)old.entries + i * from->entry;
        char *slot;
        dfl_str key;
        memcpy(&key, entry, sizeof key);
        slot = dfl__map_slot(c->ctx, &made, &made, key, type->entry);
        if (!slot)
            return DFL_ENOMEM;
        dfl__set_zero(type->elem, slot + type->offset);
        rc = convert(c, path, from->elem, entry + from->offset, type->elem, slot + type->offset);
    }
    if (rc == DFL_OK)
        memcpy(to, &made, sizeof made);
    return rc;
}

static int convert_opt(Convert *c, const Path *path, const dfl_type *from, const char *value,
                       const dfl_type *type, char *to) {
    bool has = true, was_opt = from->kind == DFL_KIND_OPT;
    const dfl_type *elem = was_opt ? from->elem : from;
    int rc;
    if (c->ctx && was_opt)
        memcpy(&has, value, sizeof has);
    if (!has) {
        memset(to, 0, type->size);
        return DFL_OK;
    }
    if (c->ctx)
        dfl__set_zero(type->elem, to + type->offset);
    rc = convert(c, path, elem, c->ctx && was_opt ? value + from->offset : value, type->elem,
                 to ? to + type->offset : NULL);
    if (rc == DFL_OK && to)
        memcpy(to, &has, sizeof has);
    return rc;
}

static int no_memory(Convert *c, const Path *path) {
    return misfit(c, path, "cannot be compared: out of memory");
}

/* Structs may hold themselves, in a list: a pair is begun once. */
static int begin_pair(Convert *c, const Path *path, const dfl_type *from, const dfl_type *type,
                      bool *done) {
    *done = false;
    for (size_t i = 0; i < c->n_met; i++)
        if (c->met[i].from == from && c->met[i].type == type)
            *done = true;
    if (*done)
        return DFL_OK;
    if (c->n_met == c->met_cap) {
        size_t cap = c->met_cap ? 2 * c->met_cap : 16;
        struct Pair *met = dfl__realloc(c->met, cap * sizeof *met);
        if (!met)
            return no_memory(c, path);
        c->met = met;
        c->met_cap = cap;
    }
    c->met[c->n_met++] = (struct Pair){from, type};
    return DFL_OK;
}

static int convert_nested(Convert *c, const Path *path, const dfl_type *from, const char *value,
                          const dfl_type *type, char *to) {
    bool done = false;
    int rc = c->depth < 2 * DFL__MAX_DEPTH ? DFL_OK : misfit(c, path, "nests too deep");
    if (rc == DFL_OK && !c->ctx && type->kind == DFL_KIND_STRUCT)
        rc = begin_pair(c, path, from, type, &done);
    if (rc != DFL_OK || done)
        return rc;
    c->depth++;
    switch (type->kind) {
    case DFL_KIND_STRUCT:
        rc = convert_struct(c, path, from, value, type, to);
        break;
    case DFL_KIND_LIST:
        rc = convert_list(c, path, from, value, type, to);
        break;
    case DFL_KIND_MAP:
        rc = convert_map(c, path, from, value, type, to);
        break;
    default:
        rc = convert_items(c, path, from->elem, value, type->elem, to, type->n);
        break;
    }
    c->depth--;
    return rc;
}

static int convert(Convert *c, const Path *path, const dfl_type *from, const char *value,
                   const dfl_type *type, char *to) {
    if (type->kind == DFL_KIND_OPT)
        return convert_opt(c, path, from, value, type, to);
    if (is_number(type->kind))
        return convert_number(c, path, from, value, type, to);
    if (from->kind != type->kind || (type->kind == DFL_KIND_ARRAY && from->n != type->n))
        return other_type(c, path, from, type);
    switch (type->kind) {
    case DFL_KIND_ENUM:
        return convert_enum(c, path, from, value, type, to);
    case DFL_KIND_STRUCT:
    case DFL_KIND_LIST:
    case DFL_KIND_MAP:
    case DFL_KIND_ARRAY:
        return convert_nested(c, path, from, value, type, to);
    default: /* bool, string, bytes */
        if (to)
            memcpy(to, value, type->size);
        return DFL_OK;
    }
}

int dfl__convert(dfl_ctx *ctx, const char *field, const dfl_type *from, const void *value,
                 const dfl_type *type, void *to, dfl__misfit *misfit_out) {
    Convert c = {.ctx = ctx, .misfit = misfit_out};
    Path path = {field, NULL};
    return convert(&c, &path, from, value, type, to);
}

bool dfl__converts(const char *field, const dfl_type *from, const dfl_type *type,
                   dfl__misfit *misfit_out) {
    static const char nothing;
    Convert c = {.misfit = misfit_out};
    Path path = {field, NULL};
    int rc = convert(&c, &path, from, &nothing, type, NULL);
    dfl__free(c.met);
    return rc == DFL_OK;
}
