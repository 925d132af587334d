/* Strings of JSON: UTF-8, escapes, and surrogate pairs. */
#include "json.h"

static bool is_continuation(uint8_t byte) {
    return (byte & 0xc0) == 0x80;
}

/* The second byte excludes overlong forms, surrogates, and what is beyond U+10FFFF. */
static bool second_byte_fits(uint8_t lead, uint8_t second) {
    switch (lead) {
    case 0xe0:
        return second >= 0xa0;
    case 0xed:
        return second < 0xa0;
    case 0xf0:
        return second >= 0x90;
    case 0xf4:
        return second < 0x90;
    default:
        return true;
    }
}

size_t dfl__utf8_char(const uint8_t *p, size_t n) {
    size_t length = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    if (p[0] > 0xf4 || length > n)
        return 0;
    for (size_t i = 1; i < length; i++)
        if (!is_continuation(p[i]))
            return 0;
    return length < 3 || second_byte_fits(p[0], p[1]) ? length : 0;
}

/* ---- escapes ---- */

static int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The four digits at p, of n bytes; -1 when they are not there. */
static int32_t hex4(const char *p, size_t n) {
    int32_t v = 0;
    if (n < 4)
        return -1;
    for (size_t i = 0; i < 4; i++) {
        int digit = hex_digit(p[i]);
        if (digit < 0)
            return -1;
        v = v * 16 + digit;
    }
    return v;
}

/* An escape at p (the backslash), of n bytes: how long it is and what it means. */
typedef struct Escape {
    size_t length;
    uint32_t code;
} Escape;

static const char *low_surrogate(const char *p, size_t n, Escape *escape) {
    int32_t low = n >= 12 && p[6] == '\\' && p[7] == 'u' ? hex4(p + 8, n - 8) : -1;
    if (low < 0xdc00 || low > 0xdfff)
        return "half a surrogate pair";
    escape->length = 12;
    escape->code = 0x10000 + ((escape->code - 0xd800) << 10) + ((uint32_t)low - 0xdc00);
    return NULL;
}

static const char *unicode_escape(const char *p, size_t n, Escape *escape) {
    int32_t code = hex4(p + 2, n - 2);
    if (code < 0)
        return "\\u without four hexadecimal digits";
    *escape = (Escape){6, (uint32_t)code};
    if (code >= 0xdc00 && code <= 0xdfff)
        return "half a surrogate pair";
    return code >= 0xd800 && code <= 0xdbff ? low_surrogate(p, n, escape) : NULL;
}

static const char *read_escape(const char *p, size_t n, Escape *escape) {
    static const char names[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    if (n < 2)
        return "a string without its end";
    if (p[1] == 'u')
        return unicode_escape(p, n, escape);
    const char *name = p[1] ? strchr(names, p[1]) : NULL;
    if (!name)
        return "an unknown escape";
    *escape = (Escape){2, (uint8_t)meanings[name - names]};
    return NULL;
}

static size_t put_utf8(uint32_t code, char *out) {
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--, code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)((0xf00u >> length & 0xf0u) | code);
    return length;
}

/* ---- whole strings ---- */

const char *dfl__scan_string(const char *p, size_t n, dfl__quoted *out) {
    char utf8[4];
    size_t i = 1;
    *out = (dfl__quoted){0, 0};
    for (; i < n && p[i] != '"'; out->raw = i - 1) {
        Escape escape;
        if (p[i] == '\\') {
            const char *wrong = read_escape(p + i, n - i, &escape);
            if (wrong)
                return wrong;
            i += escape.length;
            out->decoded += put_utf8(escape.code, utf8);
            continue;
        }
        size_t length = dfl__utf8_char((const uint8_t *)p + i, n - i);
        if (length == 0)
            return "invalid UTF-8";
        if ((uint8_t)p[i] < 0x20)
            return "a control character in a string";
        i += length;
        out->decoded += length;
    }
    return i < n ? NULL : "a string without its end";
}

void dfl__decode_string(const char *p, dfl__quoted quoted, char *out) {
    const char *end = p + quoted.raw;
    while (p < end) {
        Escape escape;
        if (*p != '\\') {
            *out++ = *p++;
            continue;
        }
        read_escape(p, (size_t)(end - p), &escape);
        p += escape.length;
        out += put_utf8(escape.code, out);
    }
}
