/* The formats that nodes mostly use: %s, %.*s, %c, and integers, with widths, in about a quarter of the
 * instructions of vsnprintf. */
#include "format.h"

#include <stdint.h>
#include <string.h>

#include "dfl.h"

typedef struct Out {
    char *to;
    size_t room, n; /* n: of all, also of what had no room */
} Out;

typedef enum Length { LENGTH_INT, LENGTH_LONG, LENGTH_LONG_LONG, LENGTH_SIZE, LENGTH_MAX } Length;

typedef struct Spec {
    bool left, zero;
    size_t width, precision; /* SIZE_MAX: none */
    Length length;
} Spec;

enum { MOST_DIGITS = 24, WIDEST = 4096, SHORT = 8 };

static void put(Out *out, const char *p, size_t n) {
    if (out->n < out->room) {
        size_t rest = out->room - out->n;
        memcpy(out->to + out->n, p, n < rest ? n : rest);
    }
    out->n += n;
}

/* A few bytes: less than it takes to call memcpy. */
static void put_few(Out *out, const char *p, size_t n) {
    char *to = out->to; /* not by *out: what is written might be that, for all the compiler knows */
    size_t at = out->n, rest = at < out->room ? out->room - at : 0, some = n < rest ? n : rest;
    for (size_t i = 0; i < some; i++)
        to[at + i] = p[i];
    out->n = at + n;
}

static void put_pad(Out *out, char c, size_t n) {
    for (; n > 0; n--)
        put_few(out, &c, 1);
}

/* As far as the next %; what stands between conversions is mostly short. Where that is. */
static const char *put_literal(Out *out, const char *fmt) {
    size_t n = 0;
    while (n < SHORT && fmt[n] != '\0' && fmt[n] != '%')
        n++;
    if (n < SHORT) {
        put_few(out, fmt, n);
        return fmt + n;
    }
    const char *percent = strchr(fmt + n, '%');
    n = percent ? (size_t)(percent - fmt) : n + strlen(fmt + n);
    put(out, fmt, n);
    return fmt + n;
}

static void put_padded(Out *out, const char *p, size_t n, const Spec *spec) {
    size_t pad = spec->width > n ? spec->width - n : 0;
    if (!spec->left)
        put_pad(out, ' ', pad);
    put(out, p, n);
    if (spec->left)
        put_pad(out, ' ', pad);
}

/* ---- integers ---- */

static char *decimal(char *end, uint64_t v) {
    do
        *--end = (char)('0' + v % 10);
    while ((v /= 10) != 0);
    return end;
}

static char *hexadecimal(char *end, uint64_t v, const char *digits) {
    do
        *--end = digits[v & 15];
    while ((v >>= 4) != 0);
    return end;
}

/* Zeroes come between the sign and the digits, and only where nothing is padded on the right. */
static void put_number(Out *out, char *digits, char *end, bool negative, const Spec *spec) {
    size_t n = (size_t)(end - digits) + negative;
    if (spec->zero && !spec->left && spec->width > n) {
        put(out, "-", negative);
        put_pad(out, '0', spec->width - n);
        put(out, digits, (size_t)(end - digits));
        return;
    }
    if (negative)
        *--digits = '-';
    if (spec->width > n)
        put_padded(out, digits, n, spec);
    else
        put(out, digits, n);
}

static int64_t signed_arg(va_list *args, Length length) {
    switch (length) {
    case LENGTH_LONG:
        return va_arg(*args, long);
    case LENGTH_LONG_LONG:
        return va_arg(*args, long long);
    case LENGTH_SIZE:
        return va_arg(*args, ptrdiff_t);
    case LENGTH_MAX:
        return va_arg(*args, intmax_t);
    default:
        return va_arg(*args, int);
    }
}

static uint64_t unsigned_arg(va_list *args, Length length) {
    switch (length) {
    case LENGTH_LONG:
        return va_arg(*args, unsigned long);
    case LENGTH_LONG_LONG:
        return va_arg(*args, unsigned long long);
    case LENGTH_SIZE:
        return va_arg(*args, size_t);
    case LENGTH_MAX:
        return va_arg(*args, uintmax_t);
    default:
        return va_arg(*args, unsigned);
    }
}

static void put_signed(Out *out, int64_t v, const Spec *spec) {
    char digits[MOST_DIGITS], *end = digits + sizeof digits;
    put_number(out, decimal(end, v < 0 ? 0 - (uint64_t)v : (uint64_t)v), end, v < 0, spec);
}

static void put_unsigned(Out *out, uint64_t v, char conversion, const Spec *spec) {
    char digits[MOST_DIGITS], *end = digits + sizeof digits;
    char *begin = conversion == 'u'   ? decimal(end, v)
                  : conversion == 'x' ? hexadecimal(end, v, "0123456789abcdef")
                                      : hexadecimal(end, v, "0123456789ABCDEF");
    put_number(out, begin, end, false, spec);
}

/* ---- strings ---- */

static bool put_string(Out *out, const char *p, const Spec *spec) {
    size_t n;
    if (!p)
        return false;
    if (spec->precision == SIZE_MAX) {
        n = strlen(p);
    } else {
        const char *end = memchr(p, '\0', spec->precision);
        n = end ? (size_t)(end - p) : spec->precision;
    }
    put_padded(out, p, n, spec);
    return true;
}

/* ---- what stands behind a % ---- */

static const char *read_number(const char *at, size_t *n) {
    for (*n = 0; *at >= '0' && *at <= '9' && *n < WIDEST; at++)
        *n = *n * 10 + (size_t)(*at - '0');
    return at;
}

/* A negative precision is none; a negative width is one to the left. */
static const char *read_precision(const char *at, va_list *args, Spec *spec) {
    if (*at != '*')
        return read_number(at, &spec->precision);
    int n = va_arg(*args, int);
    spec->precision = n < 0 ? SIZE_MAX : (size_t)n;
    return at + 1;
}

static const char *read_width(const char *at, va_list *args, Spec *spec) {
    if (*at != '*')
        return read_number(at, &spec->width);
    int n = va_arg(*args, int);
    if (n < 0)
        spec->left = true;
    spec->width = n < 0 ? 0 - (size_t)n : (size_t)n;
    return at + 1;
}

static const char *read_length(const char *at, Length *length) {
    switch (*at) {
    case 'l':
        *length = at[1] == 'l' ? LENGTH_LONG_LONG : LENGTH_LONG;
        return at + (at[1] == 'l' ? 2 : 1);
    case 'z':
    case 't':
        *length = LENGTH_SIZE;
        return at + 1;
    case 'j':
        *length = LENGTH_MAX;
        return at + 1;
    default:
        return at;
    }
}

static const char *read_spec(const char *at, va_list *args, Spec *spec) {
    for (; *at == '-' || *at == '0'; at++)
        *(*at == '-' ? &spec->left : &spec->zero) = true;
    at = read_width(at, args, spec);
    if (*at == '.')
        at = read_precision(at + 1, args, spec);
    return read_length(at, &spec->length);
}

/* One conversion, `at` behind its %. Where the next text begins; NULL: not one of those here. */
static const char *convert(Out *out, const char *at, va_list *args) {
    Spec spec = {.precision = SIZE_MAX};
    bool whole;
    at = read_spec(at, args, &spec);
    whole = spec.precision == SIZE_MAX && spec.width < WIDEST;
    switch (*at) {
    case 'd':
    case 'i':
        if (!whole)
            return NULL;
        put_signed(out, signed_arg(args, spec.length), &spec);
        return at + 1;
    case 'u':
    case 'x':
    case 'X':
        if (!whole)
            return NULL;
        put_unsigned(out, unsigned_arg(args, spec.length), *at, &spec);
        return at + 1;
    case 's':
        if (spec.length != LENGTH_INT || spec.zero || spec.width >= WIDEST ||
            !put_string(out, va_arg(*args, const char *), &spec))
            return NULL;
        return at + 1;
    case 'c': {
        if (!whole || spec.length != LENGTH_INT || spec.zero)
            return NULL;
        char c = (char)va_arg(*args, int);
        put_padded(out, &c, 1, &spec);
        return at + 1;
    }
    case '%':
        if (at[-1] != '%')
            return NULL;
        put_few(out, at, 1);
        return at + 1;
    default:
        return NULL;
    }
}

bool dfl__format(char *to, size_t room, size_t *n, const char *fmt, va_list args) {
    Out out = {to, room, 0};
    va_list
        rest; /* a parameter that is a va_list may be a pointer, whose address is of another type */
    va_copy(rest, args);
    while (fmt && *fmt)
        fmt = *fmt == '%' ? convert(&out, fmt + 1, &rest) : put_literal(&out, fmt);
    va_end(rest);
    if (room > 0)
        to[out.n < room ? out.n : room - 1] = '\0';
    *n = out.n;
    return fmt != NULL;
}

/* ---- where nothing stands between the % and its letter, and all fits ---- */

static char *put_decimal(char *at, uint64_t v) {
    char digits[MOST_DIGITS], *end = digits + sizeof digits, *begin;
    if (v < 10) {
        *at = (char)('0' + v);
        return at + 1;
    }
    begin = decimal(end, v);
    dfl__copy_bytes((uint8_t *)at, begin, (size_t)(end - begin));
    return at + (end - begin);
}

static char *put_int(char *at, int v) {
    if (v < 0)
        *at++ = '-';
    return put_decimal(at, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

static char *put_plain_text(char *at, const char *end, const char *p) {
    size_t n = p ? strlen(p) : SIZE_MAX;
    if (n >= (size_t)(end - at))
        return NULL;
    dfl__copy_bytes((uint8_t *)at, p, n);
    return at + n;
}

static char *put_plain(char *at, const char *end, char conversion, va_list *args) {
    bool fits = (size_t)(end - at) > MOST_DIGITS;
    switch (conversion) {
    case 'd':
        return fits ? put_int(at, va_arg(*args, int)) : NULL;
    case 'u':
        return fits ? put_decimal(at, va_arg(*args, unsigned)) : NULL;
    case 's':
        return put_plain_text(at, end, va_arg(*args, const char *));
    case '%':
        *at = '%';
        return at + 1;
    default:
        return NULL;
    }
}

char *dfl__format_plain(char *at, const char *end, const char *fmt, va_list *args) {
    for (; at && at < end; fmt++) {
        if (*fmt == '%') {
            at = put_plain(at, end, *++fmt, args);
            continue;
        }
        *at = *fmt;
        if (*fmt == '\0')
            return at;
        at++;
    }
    return NULL;
}
