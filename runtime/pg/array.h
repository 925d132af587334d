/* Arrays as arguments of a statement: one-dimensional, without nulls but where said, in PostgreSQL's binary
 * form:
 *
 *     i32  1, the number of dimensions
 *     i32  1 if there may be nulls
 *     i32  the type of the items
 *     i32  how many
 *     i32  1, the number of the first
 *     then of each an i32 length (-1: null) and its bytes; numbers are big-endian
 */
#ifndef DFL_PG_ARRAY_H
#define DFL_PG_ARRAY_H

#include "conn.h"

typedef struct PgArray {
    dfl_buf bytes;
    int32_t n;
    bool failed; /* there was no memory for an item */
} PgArray;

/* The types that the statements use, by their number in the server. */
enum { PG_BYTEA = 17, PG_INT8 = 20, PG_INT4 = 23, PG_TEXT = 25, PG_TIME = 1184 };

/* Empties it; its memory is kept until dfl__pg_array_free. */
void dfl__pg_array_begin(PgArray *array, int type);
void dfl__pg_array_i64(PgArray *array, int64_t value);
void dfl__pg_array_i32(PgArray *array, int32_t value);
void dfl__pg_array_bytes(PgArray *array, const void *bytes, size_t n); /* NULL: null */
void dfl__pg_array_text(PgArray *array, const char *text);             /* NULL: null */
/* Gives it to a statement, for which it must be kept. False when out of memory, then or before. */
bool dfl__pg_array(PgArgs *args, PgArray *array);
void dfl__pg_array_free(PgArray *array);

#endif
