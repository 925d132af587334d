/* json.h: what writing and reading JSON (RFC 8259) have in common. */
#ifndef DFL_JSON_H
#define DFL_JSON_H

#include "mem.h"

enum { DFL__JSON_DEPTH = 1000 }; /* of arrays and objects, both ways */

/* ---- json_write.c ---- */

/* As dfl_value_json, but no more than the first `limit` bytes of it: then *cut is set, and what was
 * appended is no JSON by itself. The time goes with what is written, not with the value. */
int dfl__json_start(const dfl_type *type, const void *value, dfl_buf *out, size_t limit, bool *cut);
/* Appends a text as a string. DFL_OK or DFL_ENOMEM. */
int dfl__json_text(const char *text, size_t n, dfl_buf *out);

/* ---- json_number.c: text of numbers, whatever the locale ---- */

enum { DFL__NUMBER_MAX = 32 };

/* The text with the fewest digits, from those that every value of the type keeps (15 and 6) up, that
 * reads back as the same finite value; returns its length. */
size_t dfl__format_f64(char out[DFL__NUMBER_MAX], double v);
size_t dfl__format_f32(char out[DFL__NUMBER_MAX], float v);
/* The nearest value of text[n], a JSON number; infinite when it is too large. DFL_ENOMEM. */
int dfl__parse_f64(const char *text, size_t n, double *out);
int dfl__parse_f32(const char *text, size_t n, float *out);

/* ---- json_string.c ---- */

/* Bytes of the UTF-8 character at p, of n bytes; 0 when it is none (RFC 3629). */
size_t dfl__utf8_char(const uint8_t *p, size_t n);

/* A string in quotes, of which p[0] is the first. Returns NULL and fills these, or what is wrong. */
typedef struct dfl__quoted {
    size_t raw;     /* bytes between the quotes; on an error, up to where it is */
    size_t decoded; /* bytes of what they mean */
} dfl__quoted;
const char *dfl__scan_string(const char *p, size_t n, dfl__quoted *out);
/* Writes quoted.decoded bytes; p is behind the opening quote, and was scanned without an error. */
void dfl__decode_string(const char *p, dfl__quoted quoted, char *out);

/* ---- base64.c (RFC 4648, with padding) ---- */

size_t dfl__base64_size(size_t n);
void dfl__base64_encode(const uint8_t *p, size_t n, char *out);
/* Bytes written to out (at most n / 4 * 3), or SIZE_MAX when text is no base64. */
size_t dfl__base64_decode(const char *text, size_t n, uint8_t *out);

#endif
