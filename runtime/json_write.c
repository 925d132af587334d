/* A value as JSON: compact, fields in declared order.
 *
 *     string  "text", bytes that are no UTF-8 as U+FFFD     bytes   "base64"
 *     f32/64  1.5, and "NaN", "Infinity", "-Infinity"       enum    "name", or the number
 *     T[] [N] [1,2]      struct, map  {"key":1}             T?      null or T
 *     handle  null
 *
 * What is open stands on a stack of its own, so that a small thread can write a deep value. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "json.h"

/* An array or object that is open: `next` of `n` children is to be written. */
typedef struct Level {
    const dfl_type *type;
    const char *at; /* a struct, or the first item or entry */
    uint32_t next, n;
} Level;

enum { LEVELS_INLINE = 32, FULL = 1 };

typedef struct Writer {
    dfl_buf *out;
    size_t limit; /* out->n when it is full */
    int status;   /* or FULL */
    Level *levels;
    size_t depth, cap;
    Level levels_inline[LEVELS_INLINE];
} Writer;

/* ---- text ---- */

static size_t room_left(const Writer *w) {
    return w->limit - w->out->n;
}

static void put(Writer *w, const char *p, size_t n) {
    size_t fits = n < room_left(w) ? n : room_left(w);
    uint8_t *room = w->status ? NULL : dfl__buf_room(w->out, fits);
    if (room)
        memcpy(room, p, fits);
    if (!w->status)
        w->status = !room ? DFL_ENOMEM : fits < n ? FULL : DFL_OK;
}

static void put_char(Writer *w, char c) {
    put(w, &c, 1);
}

static void put_text(Writer *w, const char *text) {
    put(w, text, strlen(text));
}

static void put_control(Writer *w, uint8_t c) {
    static const char named[] = "\b\f\n\r\t", names[] = "bfnrt";
    const char *found = c ? strchr(named, c) : NULL;
    char text[8];
    if (found)
        snprintf(text, sizeof text, "\\%c", names[found - named]);
    else
        snprintf(text, sizeof text, "\\u%04x", c);
    put_text(w, text);
}

/* Bytes from p that may stand as they are. */
static size_t plain_run(const uint8_t *p, size_t n) {
    size_t i = 0;
    while (i < n && p[i] >= 0x20 && p[i] != '"' && p[i] != '\\') {
        size_t length = dfl__utf8_char(p + i, n - i);
        if (length == 0)
            break;
        i += length;
    }
    return i;
}

static void put_special(Writer *w, uint8_t c) {
    if (c == '"' || c == '\\') {
        put_char(w, '\\');
        put_char(w, (char)c);
    } else if (c < 0x20) {
        put_control(w, c);
    } else {
        put_text(w, "\xef\xbf\xbd");
    }
}

static void put_string(Writer *w, const char *text, size_t n) {
    const uint8_t *p = (const uint8_t *)text;
    put_char(w, '"');
    /* What cannot fit is not looked at; then there is no room for the end either. */
    n = n < room_left(w) ? n : room_left(w);
    for (size_t i = 0; i < n && !w->status; i++) {
        size_t run = plain_run(p + i, n - i);
        put(w, text + i, run);
        i += run;
        if (i < n)
            put_special(w, p[i]);
    }
    put_char(w, '"');
}

/* ---- scalars ---- */

static void put_signed(Writer *w, int64_t v) {
    char text[DFL__NUMBER_MAX];
    put(w, text, (size_t)snprintf(text, sizeof text, "%" PRId64, v));
}

static void put_unsigned(Writer *w, uint64_t v) {
    char text[DFL__NUMBER_MAX];
    put(w, text, (size_t)snprintf(text, sizeof text, "%" PRIu64, v));
}

static void put_not_finite(Writer *w, double v) {
    put_text(w, isnan(v) ? "\"NaN\"" : v > 0 ? "\"Infinity\"" : "\"-Infinity\"");
}

static void put_f64(Writer *w, double v) {
    char text[DFL__NUMBER_MAX];
    if (isfinite(v))
        put(w, text, dfl__format_f64(text, v));
    else
        put_not_finite(w, v);
}

static void put_f32(Writer *w, float v) {
    char text[DFL__NUMBER_MAX];
    if (isfinite(v))
        put(w, text, dfl__format_f32(text, v));
    else
        put_not_finite(w, (double)v);
}

/* Whole groups of three bytes, as many as fit. */
static void put_bytes(Writer *w, dfl_bytes bytes) {
    put_char(w, '"');
    size_t fits = room_left(w) / 4 * 3;
    size_t n = bytes.n < fits ? bytes.n : fits;
    uint8_t *room = w->status ? NULL : dfl__buf_room(w->out, dfl__base64_size(n));
    if (room)
        dfl__base64_encode(bytes.p, n, (char *)room);
    if (!w->status)
        w->status = !room ? DFL_ENOMEM : n < bytes.n ? FULL : DFL_OK;
    put_char(w, '"');
}

static void put_enum(Writer *w, const dfl_type *type, int32_t v) {
    for (uint32_t i = 0; i < type->n; i++) {
        if (type->values[i].value == v) {
            put_string(w, type->values[i].name, strlen(type->values[i].name));
            return;
        }
    }
    put_signed(w, v);
}

/* Values are read by memcpy: at their own type each, whatever the C type of the enum. */
#define PUT_AS(T, CALL)                                                                            \
    do {                                                                                           \
        T v;                                                                                       \
        memcpy(&v, at, sizeof v);                                                                  \
        CALL;                                                                                      \
    } while (0)

static void put_scalar(Writer *w, const dfl_type *type, const char *at) {
    switch (type->kind) {
    case DFL_KIND_BOOL:
        PUT_AS(bool, put_text(w, v ? "true" : "false"));
        break;
    case DFL_KIND_I8:
        PUT_AS(int8_t, put_signed(w, v));
        break;
    case DFL_KIND_I16:
        PUT_AS(int16_t, put_signed(w, v));
        break;
    case DFL_KIND_I32:
        PUT_AS(int32_t, put_signed(w, v));
        break;
    case DFL_KIND_I64:
        PUT_AS(int64_t, put_signed(w, v));
        break;
    case DFL_KIND_U8:
        PUT_AS(uint8_t, put_unsigned(w, v));
        break;
    case DFL_KIND_U16:
        PUT_AS(uint16_t, put_unsigned(w, v));
        break;
    case DFL_KIND_U32:
        PUT_AS(uint32_t, put_unsigned(w, v));
        break;
    case DFL_KIND_U64:
        PUT_AS(uint64_t, put_unsigned(w, v));
        break;
    case DFL_KIND_F32:
        PUT_AS(float, put_f32(w, v));
        break;
    case DFL_KIND_F64:
        PUT_AS(double, put_f64(w, v));
        break;
    case DFL_KIND_STRING:
        PUT_AS(dfl_str, put_string(w, v.p, v.n));
        break;
    case DFL_KIND_BYTES:
        PUT_AS(dfl_bytes, put_bytes(w, v));
        break;
    case DFL_KIND_ENUM:
        PUT_AS(int32_t, put_enum(w, type, v));
        break;
    default:
        put_text(w, "null");
        break;
    }
}

/* ---- arrays and objects ---- */

static bool is_object(const dfl_type *type) {
    return type->kind == DFL_KIND_STRUCT || type->kind == DFL_KIND_MAP;
}

static bool grow_levels(Writer *w) {
    Level *bigger = dfl__malloc(w->cap * 2 * sizeof *bigger);
    if (!bigger)
        return false;
    memcpy(bigger, w->levels, w->depth * sizeof *bigger);
    if (w->levels != w->levels_inline)
        dfl__free(w->levels);
    w->levels = bigger;
    w->cap *= 2;
    return true;
}

static void open_level(Writer *w, const dfl_type *type, const char *at, uint32_t n) {
    put_char(w, is_object(type) ? '{' : '[');
    if (w->depth == DFL__JSON_DEPTH)
        w->status = DFL_EINVAL;
    else if (w->depth == w->cap && !grow_levels(w))
        w->status = DFL_ENOMEM;
    else
        w->levels[w->depth++] = (Level){type, at, 0, n};
}

static void open_list(Writer *w, const dfl_type *type, const char *at) {
    dfl__list list;
    memcpy(&list, at, sizeof list);
    open_level(w, type, list.items, list.len);
}

static void open_map(Writer *w, const dfl_type *type, const char *at) {
    dfl__map map;
    memcpy(&map, at, sizeof map);
    open_level(w, type, map.entries, map.len);
}

/* What an option holds, through to what is no option. */
static void put_value(Writer *w, const dfl_type *type, const char *at) {
    if (type->kind == DFL_KIND_OPT) {
        bool has;
        memcpy(&has, at, sizeof has);
        at += type->offset;
        type = has ? type->elem : &dfl_type_handle;
    }
    if (type->kind == DFL_KIND_LIST)
        open_list(w, type, at);
    else if (type->kind == DFL_KIND_MAP)
        open_map(w, type, at);
    else if (type->kind == DFL_KIND_STRUCT || type->kind == DFL_KIND_ARRAY)
        open_level(w, type, at, type->n);
    else
        put_scalar(w, type, at);
}

static void put_member(Writer *w, const dfl_member *member, const char *at) {
    put_string(w, member->name, strlen(member->name));
    put_char(w, ':');
    put_value(w, member->type, at + member->offset);
}

static void put_entry(Writer *w, const dfl_type *type, const char *entry) {
    dfl_str key;
    memcpy(&key, entry, sizeof key);
    put_string(w, key.p, key.n);
    put_char(w, ':');
    put_value(w, type->elem, entry + type->offset);
}

/* The next child of the innermost open level, or its end. */
static void step(Writer *w) {
    Level *level = &w->levels[w->depth - 1];
    const dfl_type *type = level->type;
    const char *at = level->at;
    uint32_t i = level->next++;
    if (i == level->n) {
        w->depth--;
        put_char(w, is_object(type) ? '}' : ']');
        return;
    }
    if (i > 0)
        put_char(w, ',');
    if (type->kind == DFL_KIND_STRUCT)
        put_member(w, &type->members[i], at);
    else if (type->kind == DFL_KIND_MAP)
        put_entry(w, type, at + i * type->entry);
    else
        put_value(w, type->elem, at + i * type->elem->size);
}

int dfl_value_json(const dfl_type *type, const void *value, dfl_buf *out) {
    return dfl__to_json(type, value, out);
}

static void begin(Writer *w, dfl_buf *out, size_t limit) {
    w->out = out;
    w->limit = limit < SIZE_MAX - out->n ? out->n + limit : SIZE_MAX;
    w->status = DFL_OK;
    w->levels = w->levels_inline;
    w->depth = 0;
    w->cap = LEVELS_INLINE;
}

static int write_value(const dfl_type *type, const void *value, dfl_buf *out, size_t limit) {
    size_t before = out->n;
    Writer w;
    begin(&w, out, limit);
    put_value(&w, type, value);
    while (w.depth > 0 && !w.status)
        step(&w);
    if (w.levels != w.levels_inline)
        dfl__free(w.levels);
    if (w.status < 0)
        out->n = before;
    return w.status;
}

int dfl__to_json(const dfl_type *type, const void *value, dfl_buf *out) {
    return write_value(type, value, out, SIZE_MAX);
}

int dfl__json_start(const dfl_type *type, const void *value, dfl_buf *out, size_t limit,
                    bool *cut) {
    int status = write_value(type, value, out, limit);
    *cut = status == FULL;
    return *cut ? DFL_OK : status;
}

int dfl__json_text(const char *text, size_t n, dfl_buf *out) {
    size_t before = out->n;
    Writer w;
    begin(&w, out, SIZE_MAX);
    put_string(&w, text, n);
    if (w.status)
        out->n = before;
    return w.status;
}
