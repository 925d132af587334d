#include "literal.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static int digit_value(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 99;
}

static bool add_digit(uint64_t *value, unsigned base, unsigned digit) {
    if (*value > (UINT64_MAX - digit) / base)
        return false;
    *value = *value * base + digit;
    return true;
}

/* An underscore stands between two digits. */
static bool misplaced_underscore(const char *s, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (s[i] == '_' &&
            (i == 0 || i + 1 == n || digit_value(s[i - 1]) == 99 || digit_value(s[i + 1]) == 99))
            return true;
    return false;
}

static const char *digits(const char *s, size_t n, unsigned base, uint64_t *value) {
    if (n == 0)
        return "has no digits";
    if (misplaced_underscore(s, n))
        return "has a '_' that is not between two digits";
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '_')
            continue;
        if (digit_value(s[i]) >= (int)base)
            return base == 2 ? "has a digit that is not 0 or 1" : "has a letter in it";
        if (!add_digit(value, base, (unsigned)digit_value(s[i])))
            return "is larger than 18446744073709551615, the largest u64";
    }
    return NULL;
}

const char *literal_integer(const char *s, size_t n, uint64_t *value) {
    *value = 0;
    if (n >= 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
        return digits(s + 2, n - 2, 16, value);
    if (n >= 2 && s[0] == '0' && (s[1] == 'b' || s[1] == 'B'))
        return digits(s + 2, n - 2, 2, value);
    if (n >= 2 && s[0] == '0')
        return "begins with 0; octal numbers are not part of the language";
    return digits(s, n, 10, value);
}

const char *literal_float(const char *s, size_t n, double *value) {
    char fixed[128], *end, *plain = n < sizeof fixed ? fixed : malloc(n + 1);
    size_t length = 0;
    *value = 0;
    if (!plain)
        return "is too long";
    for (size_t i = 0; i < n; i++)
        if (s[i] != '_')
            plain[length++] = s[i];
    plain[length] = '\0';
    *value = strtod(plain, &end);
    if (plain != fixed)
        free(plain);
    if (misplaced_underscore(s, n))
        return "has a '_' that is not between two digits";
    return isinf(*value) ? "is too large for f64" : NULL;
}

static uint64_t unit_ns(const char *unit, size_t n) {
    static const struct {
        const char *name;
        uint64_t ns;
    } units[] = {
        {"ns", 1},         {"us", 1000},       {"ms", 1000000},
        {"s", 1000000000}, {"m", 60000000000}, {"h", 3600000000000},
    };
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strlen(units[i].name) == n && memcmp(units[i].name, unit, n) == 0)
            return units[i].ns;
    return 0;
}

/* The part after the point: digit by digit, each worth a tenth of the one before. */
static const char *fraction(const char *s, size_t n, uint64_t unit, uint64_t *value) {
    for (size_t i = 0; i < n; i++) {
        if ((unit == 0 || unit % 10 != 0) && s[i] != '0')
            return "is not a whole number of nanoseconds";
        unit /= 10;
        *value += (uint64_t)(s[i] - '0') * unit;
    }
    return NULL;
}

const char *literal_duration(const char *s, size_t n, uint64_t *value) {
    size_t whole = strspn(s, "0123456789_"), point = whole < n && s[whole] == '.';
    size_t decimals = point ? strspn(s + whole + 1, "0123456789") : 0;
    size_t unit_at = whole + point + decimals;
    uint64_t unit = unit_ns(s + unit_at, n - unit_at), count = 0;
    *value = 0;
    const char *wrong = digits(s, whole, 10, &count);
    if (wrong)
        return wrong;
    if (count > (uint64_t)INT64_MAX / unit)
        return "is longer than 292 years";
    *value = count * unit;
    wrong = fraction(s + whole + 1, decimals, unit, value);
    return !wrong && *value > INT64_MAX ? "is longer than 292 years" : wrong;
}

static size_t count_digits(const char *s, size_t n, bool underscores) {
    size_t i = 0;
    while (i < n && ((s[i] >= '0' && s[i] <= '9') || (underscores && i > 0 && s[i] == '_')))
        i++;
    return i;
}

const char *literal_any_duration(const char *s, size_t n, uint64_t *value) {
    size_t whole = count_digits(s, n, true), unit_at = whole;
    bool point = whole < n && s[whole] == '.';
    if (point)
        unit_at += 1 + count_digits(s + whole + 1, n - whole - 1, false);
    *value = 0;
    if (whole == 0 || (point && unit_at == whole + 1) || unit_ns(s + unit_at, n - unit_at) == 0)
        return "is no duration";
    return literal_duration(s, n, value);
}

/* ---- strings ---- */

typedef struct Unescape {
    const char *s;
    size_t n, at;
    char *out;
    size_t length;
} Unescape;

static void put_utf8(Unescape *u, uint32_t c) {
    char *out = u->out + u->length;
    if (c < 0x80) {
        out[0] = (char)c;
        u->length += 1;
    } else if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        u->length += 2;
    } else if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        u->length += 3;
    } else {
        out[0] = (char)(0xf0 | c >> 18);
        out[1] = (char)(0x80 | (c >> 12 & 0x3f));
        out[2] = (char)(0x80 | (c >> 6 & 0x3f));
        out[3] = (char)(0x80 | (c & 0x3f));
        u->length += 4;
    }
}

/* Up to `most` digits; returns how many there were. */
static size_t read_digits(Unescape *u, unsigned base, size_t most, uint32_t *value) {
    size_t count = 0;
    *value = 0;
    while (count < most && u->at < u->n && digit_value(u->s[u->at]) < (int)base) {
        *value = *value * base + (uint32_t)digit_value(u->s[u->at++]);
        count++;
    }
    return count;
}

static const char *hex_byte(Unescape *u) {
    uint32_t value;
    if (read_digits(u, 16, 2, &value) == 0)
        return "needs one or two hex digits: \\x1b";
    u->out[u->length++] = (char)value;
    return NULL;
}

static const char *octal_byte(Unescape *u) {
    uint32_t value;
    read_digits(u, 8, 3, &value);
    if (value > 255)
        return "is no byte: the largest is \\377";
    u->out[u->length++] = (char)value;
    return NULL;
}

static const char *code_point(Unescape *u, size_t n_digits) {
    uint32_t value;
    if (read_digits(u, 16, n_digits, &value) < n_digits)
        return n_digits == 4 ? "needs four hex digits: \\u20ac"
                             : "needs eight hex digits: \\U0001f600";
    if (value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return "is no Unicode character";
    put_utf8(u, value);
    return NULL;
}

/* u->at stands behind the backslash. */
static const char *escape(Unescape *u) {
    static const char names[] = "abfnrtv\"\\'?", values[] = "\a\b\f\n\r\t\v\"\\'?";
    char c = u->s[u->at];
    const char *simple = c ? strchr(names, c) : NULL;
    if (simple) {
        u->out[u->length++] = values[simple - names];
        u->at++;
        return NULL;
    }
    if (c >= '0' && c <= '7')
        return octal_byte(u);
    u->at++;
    switch (c) {
    case 'x':
        return hex_byte(u);
    case 'u':
        return code_point(u, 4);
    case 'U':
        return code_point(u, 8);
    default:
        while (u->at < u->n && ((unsigned char)u->s[u->at] & 0xc0) == 0x80)
            u->at++; /* the rest of a character that is longer than a byte */
        return "is unknown; write \\\\ for a backslash";
    }
}

const char *literal_string(Arena *arena, const char *s, size_t n, LiteralString *value) {
    Unescape u = {.s = s, .n = n, .out = arena_alloc(arena, n + 1)};
    const char *wrong = NULL;
    while (u.at < n && !wrong) {
        size_t begin = u.at;
        if (s[u.at] != '\\') {
            u.out[u.length++] = s[u.at++];
            continue;
        }
        u.at++;
        wrong = escape(&u);
        value->wrong_at = begin;
        value->wrong_n = u.at - begin;
    }
    u.out[u.length] = '\0';
    value->p = u.out;
    value->n = u.length;
    return wrong;
}
