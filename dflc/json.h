/* JSON text, written piece by piece: the writer puts the commas and the layout.
 *
 *     json_open(&j, NULL, '{');  json_string(&j, "name", "a");  json_close(&j);    {"name": "a"}
 *
 * A name is given inside an object, NULL inside an array and for the outermost value. */
#ifndef DFLC_JSON_H
#define DFLC_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* jansson has functions of these names: who calls those must not meet these. */
#define json_string dflc_json_string
#define json_null   dflc_json_null

enum { JSON_MAX_DEPTH = 24 };

typedef struct Json {
    FILE *out;
    bool lines; /* each member on a line of its own, except in `flat` ones */
    unsigned depth;
    char closers[JSON_MAX_DEPTH];
    bool filled[JSON_MAX_DEPTH]; /* the value open at this depth has a member */
    bool flat[JSON_MAX_DEPTH];   /* it stays on one line */
} Json;

/* kind: '{' or '['. A flat one, and all inside of it, stays on one line. */
void json_open(Json *j, const char *name, char kind);
void json_open_flat(Json *j, const char *name, char kind);
void json_close(Json *j);

/* What is not UTF-8 becomes U+FFFD. */
void json_string(Json *j, const char *name, const char *s);
void json_string_n(Json *j, const char *name, const char *s, size_t n);
void json_int(Json *j, const char *name, int64_t value);
void json_uint(Json *j, const char *name, uint64_t value);
void json_bool(Json *j, const char *name, bool value);
void json_null(Json *j, const char *name);
/* Text that is JSON already. */
void json_raw(Json *j, const char *name, const char *text);

#endif
