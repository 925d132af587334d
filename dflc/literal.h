/* Literals: from their spelling to their value. Each reader returns NULL, or what is wrong, as the
 * end of a message ("number '0b12' ..."); *value is then some harmless value. */
#ifndef DFLC_LITERAL_H
#define DFLC_LITERAL_H

#include <stddef.h>
#include <stdint.h>

#include "arena.h"

/* 10  1_000  0xff  0b101, up to UINT64_MAX */
const char *literal_integer(const char *s, size_t n, uint64_t *value);
/* 0.8  1e9  1_000.5e-3 */
const char *literal_float(const char *s, size_t n, double *value);
/* 150ns  5us  1.5ms  2s  1m  1h: in nanoseconds, up to INT64_MAX */
const char *literal_duration(const char *s, size_t n, uint64_t *value);

/* The same of a text that may be anything. */
const char *literal_any_duration(const char *s, size_t n, uint64_t *value);

typedef struct LiteralString {
    const char *p;       /* in the arena; NUL after p[n - 1] */
    size_t n;
    size_t wrong_at;     /* where the wrong escape stands, counted from s */
    size_t wrong_n;
} LiteralString;

/* s, n: the text between the quotes. */
const char *literal_string(Arena *arena, const char *s, size_t n, LiteralString *value);

#endif
