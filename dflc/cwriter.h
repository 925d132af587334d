/* C text with indentation: the last step of code generation, and the only one that counts lines.
 *
 * The text is kept in memory; main writes it to a file once everything has succeeded. */
#ifndef DFLC_CWRITER_H
#define DFLC_CWRITER_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"

typedef struct CWriter {
    Arena *arena;
    char *text;            /* NUL-terminated */
    size_t n, cap;
    unsigned line;         /* of the next line to be written, from 1 */
    unsigned depth;        /* indentation levels of 4 columns */
} CWriter;

CWriter *cwriter_new(Arena *arena);

/* One line, indented; a text of several lines is not for this. Empty fmt: a blank line. */
void cw_line(CWriter *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A line that opens a block (the caller writes its "{"), and the line that closes it. */
void cw_open(CWriter *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void cw_close(CWriter *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A line at the left margin: preprocessor lines. */
void cw_margin(CWriter *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A label, one level left of the code around it. */
void cw_label(CWriter *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Text as it is, newlines counted: C bodies. */
void cw_verbatim(CWriter *w, const char *text, size_t n);
void cw_blank(CWriter *w);

/* A C string literal with its quotes, in the arena: escapes what C11 needs (also ??, and bytes
 * above 126 as octal). */
const char *c_string(Arena *arena, const char *p, size_t n);

#endif
