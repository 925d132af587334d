/* Values as JSON, the way RUNTIME.md has it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "value.h"

typedef struct Out {
    char *p;
    size_t n, room;
} Out;

static void put(Out *out, const char *p, size_t n) {
    if (out->n + n + 1 > out->room) {
        size_t more = 2 * (out->n + n + 1);
        out->p = room_grow(out->p, out->n, more);
        out->room = more;
    }
    memcpy(out->p + out->n, p, n);
    out->n += n;
    out->p[out->n] = '\0';
}

static void put_text(Out *out, const char *p) {
    put(out, p, strlen(p));
}

static void put_char(Out *out, unsigned char c) {
    if (c == '"' || c == '\\')
        put_text(out, text("\\%c", c));
    else if (c == '\n')
        put_text(out, "\\n");
    else if (c == '\t')
        put_text(out, "\\t");
    else
        put(out, (const char *)&c, 1);
}

static void put_string(Out *out, const char *p, size_t n) {
    put_text(out, "\"");
    for (size_t i = 0; i < n; i++)
        put_char(out, (unsigned char)p[i]);
    put_text(out, "\"");
}

static void put_base64(Out *out, const char *p, size_t n) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    put_text(out, "\"");
    for (size_t i = 0; i < n; i += 3) {
        uint32_t three = 0;
        for (size_t k = 0; k < 3; k++)
            three = three << 8 | (i + k < n ? (unsigned char)p[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            put(out, i + k > n ? "=" : &digits[three >> (18 - 6 * k) & 63], 1);
    }
    put_text(out, "\"");
}

/* The fewest digits that read back as the same number; whole numbers in full. */
static void put_real(Out *out, const Value *value) {
    double v = value->real;
    bool single = value->type->kind == K_F32;
    int digits = single ? 6 : 15;
    char *number;
    if (isinf(v)) {
        put_text(out, v < 0 ? "\"-Infinity\"" : "\"Infinity\"");
        return;
    }
    if (fabs(v) < (single ? 1e6 : 1e15) && v == (double)(int64_t)v) {
        put_text(out, text("%s%lld", signbit(v) && v == 0 ? "-" : "", (long long)v));
        return;
    }
    do
        number = text("%.*g", digits++, v);
    while (single ? strtof(number, NULL) != (float)v : strtod(number, NULL) != v);
    put_text(out, number);
}

static void put_value(Out *out, const Value *value);

static void put_items(Out *out, const Value *value, const char *brackets) {
    put(out, brackets, 1);
    for (size_t i = 0; i < value->len; i++) {
        const char *name = value->keys                      ? value->keys[i]
                           : value->type->kind == K_STRUCT ? value->type->members[i].name
                                                           : NULL;
        if (i)
            put_text(out, ",");
        if (name) {
            put_string(out, name, strlen(name));
            put_text(out, ":");
        }
        put_value(out, value->items[i]);
    }
    put(out, brackets + 1, 1);
}

static void put_enum(Out *out, const Value *value) {
    const Type *type = value->type;
    for (unsigned i = 0; i < type->n; i++)
        if (type->values[i] == (int64_t)value->n)
            put_text(out, text("\"%s\"", type->members[i].name));
}

static void put_value(Out *out, const Value *value) {
    switch (value->type->kind) {
    case K_BOOL:
        put_text(out, value->n ? "true" : "false");
        break;
    case K_F32:
    case K_F64:
        put_real(out, value);
        break;
    case K_STRING:
        put_string(out, value->p, value->len);
        break;
    case K_BYTES:
        put_base64(out, value->p, value->len);
        break;
    case K_ENUM:
        put_enum(out, value);
        break;
    case K_STRUCT:
    case K_MAP:
        put_items(out, value, "{}");
        break;
    case K_LIST:
    case K_ARRAY:
        put_items(out, value, "[]");
        break;
    case K_OPT:
        if (value->len)
            put_value(out, value->items[0]);
        else
            put_text(out, "null");
        break;
    default:
        put_text(out, is_signed(value->type) ? text("%lld", (long long)value->n)
                                             : text("%llu", (unsigned long long)value->n));
    }
}

const char *value_json(const Value *value) {
    Out out = {0};
    put_value(&out, value);
    return out.p;
}
