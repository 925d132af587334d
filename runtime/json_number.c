/* Text of floating-point numbers. printf and strtod do the hard part, correctly rounded in every
 * libc we know, but with the decimal separator of the program's locale: it is put in and taken out
 * here. */
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "json.h"

/* ---- to text ---- */

/* The locale's separator, whatever its bytes, becomes one point. */
static size_t with_point(char *text) {
    char *to = text;
    bool in_separator = false;
    for (const char *from = text; *from; from++) {
        bool plain = (*from >= '0' && *from <= '9') || *from == '-' || *from == '+' || *from == 'e';
        if (plain)
            *to++ = *from;
        else if (!in_separator)
            *to++ = '.';
        in_separator = !plain;
    }
    *to = '\0';
    return (size_t)(to - text);
}

/* Integers that every digit count below shows in full. */
static size_t format_whole(char out[DFL__NUMBER_MAX], double v) {
    return (size_t)snprintf(out, DFL__NUMBER_MAX, "%s%lld", signbit(v) && v == 0 ? "-" : "",
                            (long long)v);
}

size_t dfl__format_f64(char out[DFL__NUMBER_MAX], double v) {
    if (fabs(v) < 1e15 && v == (double)(int64_t)v)
        return format_whole(out, v);
    for (int digits = DBL_DIG; digits <= DBL_DIG + 2; digits++) {
        snprintf(out, DFL__NUMBER_MAX, "%.*g", digits, v);
        if (strtod(out, NULL) == v)
            break;
    }
    return with_point(out);
}

size_t dfl__format_f32(char out[DFL__NUMBER_MAX], float v) {
    if (fabsf(v) < 1e6f && v == (float)(int32_t)v)
        return format_whole(out, (double)v);
    for (int digits = FLT_DIG; digits <= FLT_DIG + 3; digits++) {
        snprintf(out, DFL__NUMBER_MAX, "%.*g", digits, (double)v);
        if (strtof(out, NULL) == v)
            break;
    }
    return with_point(out);
}

/* ---- from text ---- */

/* A number of few digits: mantissa * 10^exponent. */
typedef struct Decimal {
    uint64_t mantissa;
    long exponent;
} Decimal;

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* The exponent behind 'e', which ends the text; false when it is beyond all use here. */
static bool small_exponent(const char *p, const char *end, long *out) {
    bool negative = *p == '-';
    long e = 0;
    for (p += *p == '-' || *p == '+'; p < end; p++) {
        e = e * 10 + (*p - '0');
        if (e > 999)
            return false;
    }
    *out = negative ? -e : e;
    return true;
}

/* text without its sign; false when it has too many digits. */
static bool to_decimal(const char *p, const char *end, Decimal *out) {
    long exponent = 0;
    bool fraction = false;
    *out = (Decimal){0, 0};
    for (; p < end && (is_digit(*p) || *p == '.'); p++) {
        if (*p == '.') {
            fraction = true;
            continue;
        }
        if (out->mantissa >= UINT64_MAX / 10 - 1)
            return false;
        out->mantissa = out->mantissa * 10 + (uint64_t)(*p - '0');
        out->exponent -= fraction;
    }
    if (p < end && !small_exponent(p + 1, end, &exponent))
        return false;
    out->exponent += exponent;
    return true;
}

/* Mantissa and power are both exact in a double, so the one rounding of * or / is the right one
 * (Clinger, "How to Read Floating Point Numbers Accurately", 1990). */
static bool exact_f64(const char *text, size_t n, double *out) {
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    bool negative = text[0] == '-';
    Decimal d;
    if (FLT_EVAL_METHOD != 0 || !to_decimal(text + negative, text + n, &d) ||
        d.mantissa > UINT64_C(1) << 53 || d.exponent < -22 || d.exponent > 22)
        return false;
    double v = (double)d.mantissa;
    v = d.exponent < 0 ? v / powers[-d.exponent] : v * powers[d.exponent];
    *out = negative ? -v : v;
    return true;
}

/* What printf writes between the digits of 0.5. */
static size_t separator(char out[16]) {
    char half[32];
    int n = snprintf(half, sizeof half, "%.1f", 0.5);
    size_t length = n > 2 && n < 16 ? (size_t)n - 2 : 0;
    memcpy(out, half + 1, length);
    return length;
}

/* text as strtod wants it, in `room` or on the heap. */
static char *localized(const char *text, size_t n, char room[64]) {
    char mark[16];
    size_t length = separator(mark);
    const char *point = memchr(text, '.', n);
    size_t before = point ? (size_t)(point - text) : n;
    char *copy = n + length < 64 ? room : dfl__malloc(n + length + 1);
    if (!copy)
        return NULL;
    memcpy(copy, text, before);
    char *to = copy + before;
    if (point) {
        memcpy(to, mark, length);
        memcpy(to + length, point + 1, n - before - 1);
        to += length + n - before - 1;
    }
    *to = '\0';
    return copy;
}

int dfl__parse_f64(const char *text, size_t n, double *out) {
    char room[64];
    if (exact_f64(text, n, out))
        return DFL_OK;
    int saved = errno;
    char *copy = localized(text, n, room);
    if (!copy)
        return DFL_ENOMEM;
    *out = strtod(copy, NULL);
    errno = saved;
    if (copy != room)
        dfl__free(copy);
    return DFL_OK;
}

/* By strtof: a double on the way would round twice. */
int dfl__parse_f32(const char *text, size_t n, float *out) {
    char room[64];
    int saved = errno;
    char *copy = localized(text, n, room);
    if (!copy)
        return DFL_ENOMEM;
    *out = strtof(copy, NULL);
    errno = saved;
    if (copy != room)
        dfl__free(copy);
    return DFL_OK;
}
