/* JSON to a value: RFC 8259 to the letter, any bytes, into a ctx's arena. json_write.c shows which
 * text belongs to which type.
 *
 * The value is built in a copy that replaces it only when all of the text was good. Members that
 * are absent keep what is there; unknown and repeated ones are errors; lists and maps are replaced
 * as wholes, and what is new in them, as in an option that had nothing, begins with the defaults of its
 * type. What is open stands on a stack of its own. */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "internal.h"
#include "json.h"
#include "layout.h"
#include "move.h"

/* An array or object that is open. */
typedef struct Level {
    const dfl_type *type;
    char *value;      /* the list, map, array or struct that is filled */
    uint32_t n;       /* children so far */
    uint32_t seen_at; /* of a struct: its members' flags in Reader.seen */
} Level;

typedef struct Reader {
    dfl_ctx *ctx;
    const char *text;
    size_t n, at;
    int status;
    size_t wrong_at; /* where the error is, with its message */
    char message[256];
    Level *levels;
    size_t depth, levels_cap;
    bool *seen; /* members that came already, of all open structs */
    size_t n_seen, seen_cap;
} Reader;

/* ---- errors ---- */

static void vformat(char message[256], const char *fmt, ...) DFL__PRINTF(2, 3);

static void vformat(char message[256], const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    dfl__message(message, fmt, args);
    va_end(args);
}

static bool wrong(Reader *r, size_t at, const char *fmt, ...) DFL__PRINTF(3, 4);

/* Notes the first error; always false. */
static bool wrong(Reader *r, size_t at, const char *fmt, ...) {
    va_list args;
    if (r->status)
        return false;
    r->status = DFL_EINVAL;
    r->wrong_at = at;
    va_start(args, fmt);
    dfl__message(r->message, fmt, args);
    va_end(args);
    return false;
}

static bool no_memory(Reader *r) {
    r->ctx->flags |= DFL__NOMEM;
    r->status = DFL_ENOMEM;
    return false;
}

/* What stands at the reader, in words. */
static const char *seen_here(const Reader *r, char room[8]) {
    if (r->at >= r->n)
        return "the end";
    char c = r->text[r->at];
    if (c == '"')
        return "a string";
    if (c == '{')
        return "an object";
    if (c == '[')
        return "an array";
    if (c == '-' || (c >= '0' && c <= '9'))
        return "a number";
    if (c == 'n')
        return "null";
    if (c == 't' || c == 'f')
        return "a bool";
    if (c <= ' ' || c > '~')
        return "another character";
    snprintf(room, 8, "'%c'", c);
    return room;
}

static bool expected(Reader *r, const char *what) {
    char room[8];
    return wrong(r, r->at, "expected %s, saw %s", what, seen_here(r, room));
}

static void report(const Reader *r, dfl_error *error) {
    size_t line = 1, column = 1;
    memset(error, 0, sizeof *error);
    error->status = r->status;
    error->index = -1;
    if (r->status == DFL_ENOMEM) {
        vformat(error->message, "%s", dfl_strerror(DFL_ENOMEM));
        return;
    }
    for (size_t i = 0; i < r->wrong_at; i++) {
        column++;
        if (r->text[i] == '\n')
            line++, column = 1;
    }
    vformat(error->message, "%zu:%zu: %s", line, column, r->message);
}

/* ---- tokens ---- */

static void skip_space(Reader *r) {
    while (r->at < r->n && (r->text[r->at] == ' ' || r->text[r->at] == '\n' ||
                            r->text[r->at] == '\t' || r->text[r->at] == '\r'))
        r->at++;
}

static bool next_is(const Reader *r, char c) {
    return r->at < r->n && r->text[r->at] == c;
}

static bool accept_char(Reader *r, char c) {
    bool is = next_is(r, c);
    r->at += is;
    return is;
}

static bool accept_word(Reader *r, const char *word) {
    size_t n = strlen(word);
    if (r->n - r->at < n || memcmp(r->text + r->at, word, n) != 0)
        return false;
    r->at += n;
    return true;
}

/* The string at the reader: where it lies if it has no escapes, else in the arena. */
static bool read_string(Reader *r, const char *what, dfl_str *out) {
    dfl__quoted quoted;
    if (!next_is(r, '"'))
        return expected(r, what);
    const char *error = dfl__scan_string(r->text + r->at, r->n - r->at, &quoted);
    if (error)
        return wrong(r, r->at + 1 + quoted.raw, "%s", error);
    const char *p = r->text + r->at + 1;
    r->at += quoted.raw + 2;
    *out = (dfl_str){p, quoted.decoded};
    if (quoted.decoded == quoted.raw)
        return true;
    char *decoded = dfl_alloc(r->ctx, quoted.decoded + 1);
    if (!decoded)
        return no_memory(r);
    dfl__decode_string(p, quoted, decoded);
    decoded[quoted.decoded] = '\0';
    out->p = decoded;
    return true;
}

static bool in_arena(Reader *r, dfl_str *s) {
    bool lies_in_text = (uintptr_t)s->p - (uintptr_t)r->text < r->n;
    if (!lies_in_text && s->n > 0)
        return true;
    size_t n = s->n;
    *s = dfl_copy(r->ctx, s->p, n);
    return s->n == n ? true : no_memory(r);
}

static size_t digits_at(const Reader *r, size_t at) {
    size_t i = at;
    while (i < r->n && r->text[i] >= '0' && r->text[i] <= '9')
        i++;
    return i - at;
}

/* A number: how long it is, and whether it has neither fraction nor exponent. */
typedef struct Number {
    const char *p;
    size_t n;
    bool integer;
} Number;

static bool read_number(Reader *r, const char *what, Number *out) {
    size_t start = r->at, i = start + next_is(r, '-');
    size_t digits = digits_at(r, i);
    if (digits == 0)
        return i == start ? expected(r, what) : wrong(r, i, "a number without digits");
    if (digits > 1 && r->text[i] == '0')
        return wrong(r, start, "a number with a leading zero");
    i += digits;
    out->integer = true;
    if (i < r->n && r->text[i] == '.') {
        out->integer = false;
        digits = digits_at(r, ++i);
        if (digits == 0)
            return wrong(r, i, "a point without digits behind it");
        i += digits;
    }
    if (i < r->n && (r->text[i] == 'e' || r->text[i] == 'E')) {
        out->integer = false;
        i++;
        if (i < r->n && (r->text[i] == '+' || r->text[i] == '-'))
            i++;
        digits = digits_at(r, i);
        if (digits == 0)
            return wrong(r, i, "an exponent without digits");
        i += digits;
    }
    out->p = r->text + start;
    out->n = i - start;
    r->at = i;
    return true;
}

/* ---- scalars ---- */

static bool out_of_range(Reader *r, size_t at, Number number, const dfl_type *type) {
    int shown = number.n > 40 ? 40 : (int)number.n;
    return wrong(r, at, "%.*s%s is out of range for %s", shown, number.p,
                 number.n > 40 ? "..." : "", type->name);
}

/* The digits of an integer as a magnitude; false beyond uint64_t. */
static bool magnitude_of(Number number, uint64_t *out) {
    *out = 0;
    for (size_t i = number.p[0] == '-'; i < number.n; i++) {
        uint64_t digit = (uint64_t)(number.p[i] - '0');
        if (*out > (UINT64_MAX - digit) / 10)
            return false;
        *out = *out * 10 + digit;
    }
    return true;
}

static bool read_integer(Reader *r, Number *number) {
    size_t at = r->at;
    if (!read_number(r, "an integer", number))
        return false;
    if (!number->integer)
        return wrong(r, at, "expected an integer, saw a fraction or an exponent");
    return true;
}

static bool read_signed(Reader *r, const dfl_type *type, int64_t min, int64_t max, int64_t *out) {
    size_t at = r->at;
    Number number;
    uint64_t magnitude;
    if (!read_integer(r, &number))
        return false;
    bool negative = number.p[0] == '-';
    uint64_t limit = negative ? (uint64_t)0 - (uint64_t)min : (uint64_t)max;
    if (!magnitude_of(number, &magnitude) || magnitude > limit)
        return out_of_range(r, at, number, type);
    /* -(m - 1) - 1, so that the smallest value is not negated as a positive one. */
    *out = !negative ? (int64_t)magnitude : magnitude == 0 ? 0 : -(int64_t)(magnitude - 1) - 1;
    return true;
}

static bool read_unsigned(Reader *r, const dfl_type *type, uint64_t max, uint64_t *out) {
    size_t at = r->at;
    Number number;
    if (!read_integer(r, &number))
        return false;
    bool fits = magnitude_of(number, out) && *out <= max;
    if (!fits || (number.p[0] == '-' && *out != 0))
        return out_of_range(r, at, number, type);
    return true;
}

/* "NaN", "Infinity" and "-Infinity", as they are written. */
static bool read_not_finite(Reader *r, double *out) {
    size_t at = r->at;
    dfl_str text;
    if (!read_string(r, "a number", &text))
        return false;
    if (dfl_str_eq(text, DFL_STR("NaN")))
        *out = (double)NAN;
    else if (dfl_str_eq(text, DFL_STR("Infinity")))
        *out = (double)INFINITY;
    else if (dfl_str_eq(text, DFL_STR("-Infinity")))
        *out = -(double)INFINITY;
    else
        return wrong(r, at, "expected a number, saw a string");
    return true;
}

static bool read_f64(Reader *r, const dfl_type *type, char *value) {
    size_t at = r->at;
    Number number;
    double v;
    if (next_is(r, '"')) {
        if (!read_not_finite(r, &v))
            return false;
    } else {
        if (!read_number(r, "a number", &number))
            return false;
        if (dfl__parse_f64(number.p, number.n, &v))
            return no_memory(r);
        if (isinf(v))
            return out_of_range(r, at, number, type);
    }
    memcpy(value, &v, sizeof v);
    return true;
}

static bool read_f32(Reader *r, const dfl_type *type, char *value) {
    size_t at = r->at;
    Number number;
    float v;
    if (next_is(r, '"')) {
        double wide;
        if (!read_not_finite(r, &wide))
            return false;
        v = (float)wide;
    } else {
        if (!read_number(r, "a number", &number))
            return false;
        if (dfl__parse_f32(number.p, number.n, &v))
            return no_memory(r);
        if (isinf(v))
            return out_of_range(r, at, number, type);
    }
    memcpy(value, &v, sizeof v);
    return true;
}

static bool read_bool(Reader *r, char *value) {
    bool v = accept_word(r, "true");
    if (!v && !accept_word(r, "false"))
        return expected(r, "true or false");
    memcpy(value, &v, sizeof v);
    return true;
}

static bool read_text(Reader *r, char *value) {
    dfl_str v;
    if (!read_string(r, "a string", &v) || !in_arena(r, &v))
        return false;
    memcpy(value, &v, sizeof v);
    return true;
}

static bool read_bytes(Reader *r, char *value) {
    size_t at = r->at;
    dfl_str text;
    if (!read_string(r, "a string of base64", &text))
        return false;
    dfl_bytes v = {(const uint8_t *)"", 0};
    if (text.n > 0) {
        uint8_t *room = dfl_alloc(r->ctx, text.n / 4 * 3 + 1);
        if (!room)
            return no_memory(r);
        v = (dfl_bytes){room, dfl__base64_decode(text.p, text.n, room)};
        if (v.n == SIZE_MAX)
            return wrong(r, at, "not base64");
    }
    memcpy(value, &v, sizeof v);
    return true;
}

static bool read_enum_name(Reader *r, const dfl_type *type, int32_t *out) {
    size_t at = r->at;
    dfl_str name;
    if (!read_string(r, "a string", &name))
        return false;
    for (uint32_t i = 0; i < type->n; i++) {
        const char *known = type->values[i].name;
        if (dfl_str_eq(name, (dfl_str){known, strlen(known)})) {
            *out = type->values[i].value;
            return true;
        }
    }
    return wrong(r, at, "'%.*s' is no value of %s", name.n > 80 ? 80 : (int)name.n, name.p,
                 type->name);
}

static bool read_enum(Reader *r, const dfl_type *type, char *value) {
    int32_t v = 0;
    if (next_is(r, '"')) {
        if (!read_enum_name(r, type, &v))
            return false;
    } else {
        int64_t number;
        if (!read_signed(r, type, INT32_MIN, INT32_MAX, &number))
            return false;
        v = (int32_t)number;
    }
    memcpy(value, &v, sizeof v);
    return true;
}

#define READ_INTO(T, WIDE, CALL)                                                                   \
    do {                                                                                           \
        WIDE wide = 0;                                                                             \
        if (!(CALL))                                                                               \
            return false;                                                                          \
        T narrow = (T)wide;                                                                        \
        memcpy(value, &narrow, sizeof narrow);                                                     \
        return true;                                                                               \
    } while (0)
#define READ_SIGNED(T, MIN, MAX) READ_INTO(T, int64_t, read_signed(r, type, MIN, MAX, &wide))
#define READ_UNSIGNED(T, MAX)    READ_INTO(T, uint64_t, read_unsigned(r, type, MAX, &wide))

static bool read_scalar(Reader *r, const dfl_type *type, char *value) {
    switch (type->kind) {
    case DFL_KIND_BOOL:
        return read_bool(r, value);
    case DFL_KIND_I8:
        READ_SIGNED(int8_t, INT8_MIN, INT8_MAX);
    case DFL_KIND_I16:
        READ_SIGNED(int16_t, INT16_MIN, INT16_MAX);
    case DFL_KIND_I32:
        READ_SIGNED(int32_t, INT32_MIN, INT32_MAX);
    case DFL_KIND_I64:
        READ_SIGNED(int64_t, INT64_MIN, INT64_MAX);
    case DFL_KIND_U8:
        READ_UNSIGNED(uint8_t, UINT8_MAX);
    case DFL_KIND_U16:
        READ_UNSIGNED(uint16_t, UINT16_MAX);
    case DFL_KIND_U32:
        READ_UNSIGNED(uint32_t, UINT32_MAX);
    case DFL_KIND_U64:
        READ_UNSIGNED(uint64_t, UINT64_MAX);
    case DFL_KIND_F32:
        return read_f32(r, type, value);
    case DFL_KIND_F64:
        return read_f64(r, type, value);
    case DFL_KIND_STRING:
        return read_text(r, value);
    case DFL_KIND_BYTES:
        return read_bytes(r, value);
    case DFL_KIND_ENUM:
        return read_enum(r, type, value);
    default: /* a handle is what the program has set, whatever the text says */
        return accept_word(r, "null") || expected(r, "null");
    }
}

/* ---- arrays and objects ---- */

static bool is_object(const dfl_type *type) {
    return type->kind == DFL_KIND_STRUCT || type->kind == DFL_KIND_MAP;
}

/* Room for one more of `size` bytes in a stack of n that may be moved. */
static void *grown_stack(void *p, size_t n, size_t *cap, size_t more, size_t size) {
    if (more <= *cap - n)
        return p;
    size_t want = *cap * 2 > n + more ? *cap * 2 : n + more + 16;
    void *bigger = dfl__realloc(p, want * size);
    if (bigger)
        *cap = want;
    return bigger;
}

static bool push_level(Reader *r, const dfl_type *type, char *value) {
    Level *levels = grown_stack(r->levels, r->depth, &r->levels_cap, 1, sizeof *r->levels);
    if (!levels)
        return no_memory(r);
    r->levels = levels;
    levels[r->depth++] = (Level){type, value, 0, (uint32_t)r->n_seen};
    return true;
}

static bool push_seen(Reader *r, uint32_t members) {
    bool *seen = grown_stack(r->seen, r->n_seen, &r->seen_cap, members, sizeof *r->seen);
    if (!seen)
        return members == 0 || no_memory(r);
    r->seen = seen;
    memset(seen + r->n_seen, 0, members * sizeof *seen);
    r->n_seen += members;
    return true;
}

static bool open_level(Reader *r, const dfl_type *type, char *value) {
    if (r->depth == DFL__JSON_DEPTH)
        return wrong(r, r->at, "nested deeper than %d", DFL__JSON_DEPTH);
    if (!accept_char(r, is_object(type) ? '{' : '['))
        return expected(r, is_object(type) ? "an object" : "an array");
    if (!push_level(r, type, value))
        return false;
    if (type->kind == DFL_KIND_STRUCT)
        return push_seen(r, type->n);
    if (type->kind == DFL_KIND_LIST || type->kind == DFL_KIND_MAP)
        memset(value, 0, type->size);
    return true;
}

/* An option that had nothing begins as a new item of a list does. */
static bool read_option(Reader *r, const dfl_type **type, char **value) {
    bool has;
    memcpy(&has, *value, sizeof has);
    if (accept_word(r, "null")) {
        memset(*value, 0, (*type)->size);
        return false;
    }
    if (!has)
        dfl__set_zero((*type)->elem, *value + (*type)->offset);
    has = true;
    memcpy(*value, &has, sizeof has);
    *value += (*type)->offset;
    *type = (*type)->elem;
    return true;
}

/* Reads a scalar, or opens what is none. */
static bool read_value(Reader *r, const dfl_type *type, char *value) {
    skip_space(r);
    if (type->kind == DFL_KIND_OPT && !read_option(r, &type, &value))
        return true;
    if (is_object(type) || type->kind == DFL_KIND_LIST || type->kind == DFL_KIND_ARRAY)
        return open_level(r, type, value);
    return read_scalar(r, type, value);
}

/* Most texts have their members in declared order, so the search begins where that would be. */
static uint32_t find_member(const dfl_type *type, dfl_str name, uint32_t guess) {
    for (uint32_t tried = 0; tried < type->n; tried++) {
        uint32_t i = (guess + tried) % type->n;
        const char *known = type->members[i].name;
        if (strlen(known) == name.n && memcmp(known, name.p, name.n) == 0)
            return i;
    }
    return UINT32_MAX;
}

static bool read_key(Reader *r, dfl_str *key) {
    if (!read_string(r, "a name in quotes", key))
        return false;
    skip_space(r);
    return accept_char(r, ':') || expected(r, "':'");
}

static bool read_member(Reader *r, Level *level) {
    const dfl_type *type = level->type;
    char *value = level->value;
    size_t at = r->at;
    dfl_str name;
    if (!read_key(r, &name))
        return false;
    uint32_t i = find_member(type, name, level->n - 1);
    int shown = name.n > 80 ? 80 : (int)name.n;
    if (i == UINT32_MAX)
        return wrong(r, at, "unknown field '%.*s'", shown, name.p);
    if (r->seen[level->seen_at + i])
        return wrong(r, at, "field '%.*s' is there twice", shown, name.p);
    r->seen[level->seen_at + i] = true;
    return read_value(r, type->members[i].type, value + type->members[i].offset);
}

static bool read_entry(Reader *r, Level *level) {
    const dfl_type *type = level->type;
    size_t at = r->at;
    dfl_str key;
    dfl__map map;
    if (!read_key(r, &key) || !in_arena(r, &key))
        return false;
    memcpy(&map, level->value, sizeof map);
    uint32_t before = map.len;
    char *entry = dfl__map_slot(r->ctx, level->value, &map, key, type->entry);
    if (!entry)
        return no_memory(r);
    if (map.len == before)
        return wrong(r, at, "key '%.*s' is there twice", key.n > 80 ? 80 : (int)key.n, key.p);
    memcpy(level->value, &map, sizeof map);
    dfl__set_zero(type->elem, entry + type->offset);
    return read_value(r, type->elem, entry + type->offset);
}

static bool read_item(Reader *r, Level *level) {
    size_t size = level->type->elem->size;
    dfl__list list;
    memcpy(&list, level->value, sizeof list);
    char *items = dfl__list_room(r->ctx, level->value, &list, 1, size);
    if (!items)
        return no_memory(r);
    char *item = items + list.len * size;
    dfl__set_zero(level->type->elem, item);
    list.len++;
    memcpy(level->value, &list, sizeof list);
    return read_value(r, level->type->elem, item);
}

static bool read_place(Reader *r, Level *level) {
    const dfl_type *type = level->type;
    if (level->n > type->n)
        return wrong(r, r->at, "more than the %" PRIu32 " items of %s", type->n, type->name);
    return read_value(r, type->elem, level->value + (level->n - 1) * type->elem->size);
}

static bool read_child(Reader *r, Level *level) {
    level->n++;
    switch (level->type->kind) {
    case DFL_KIND_STRUCT:
        return read_member(r, level);
    case DFL_KIND_MAP:
        return read_entry(r, level);
    case DFL_KIND_LIST:
        return read_item(r, level);
    default:
        return read_place(r, level);
    }
}

static bool close_level(Reader *r, const Level *level) {
    const dfl_type *type = level->type;
    if (type->kind == DFL_KIND_ARRAY && level->n != type->n)
        return wrong(r, r->at - 1, "%" PRIu32 " of the %" PRIu32 " items of %s", level->n, type->n,
                     type->name);
    r->n_seen = level->seen_at;
    r->depth--;
    return true;
}

/* The next child of the innermost open level, or its end. */
static bool step(Reader *r) {
    Level *level = &r->levels[r->depth - 1];
    bool object = is_object(level->type);
    skip_space(r);
    if (accept_char(r, object ? '}' : ']'))
        return close_level(r, level);
    if (level->n > 0) {
        if (!accept_char(r, ','))
            return expected(r, object ? "',' or '}'" : "',' or ']'");
        skip_space(r);
    }
    return read_child(r, level);
}

static bool read_all(Reader *r, const dfl_type *type, char *value) {
    bool ok = read_value(r, type, value);
    while (ok && r->depth > 0)
        ok = step(r);
    if (!ok)
        return false;
    skip_space(r);
    return r->at == r->n || wrong(r, r->at, "more text behind the value");
}

int dfl__from_json(dfl_ctx *ctx, const dfl_type *type, void *value, const char *text, size_t n,
                   dfl_error *error) {
    Reader r;
    memset(&r, 0, sizeof r);
    r.ctx = ctx;
    r.text = text;
    r.n = n;
    char *copy = dfl__malloc(type->size);
    if (!copy) {
        no_memory(&r);
    } else {
        dfl__assign(type, copy, value);
        if (read_all(&r, type, copy))
            dfl__assign(type, value, copy);
    }
    dfl__free(copy);
    dfl__free(r.levels);
    dfl__free(r.seen);
    if (r.status && error)
        report(&r, error);
    return r.status;
}
