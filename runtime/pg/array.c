/* array.h. */
#include "array.h"

#include <string.h>

enum { HEAD_BYTES = 20, N_AT = 12 };

static void put_i32(uint8_t *at, uint32_t value) {
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

void dfl__pg_array_begin(PgArray *array, int type) {
    uint8_t *head;
    array->bytes.n = 0;
    array->n = 0;
    head = dfl_buf_room(&array->bytes, HEAD_BYTES);
    array->failed = !head;
    if (!head)
        return;
    put_i32(head, 1);
    put_i32(head + 4, 1);
    put_i32(head + 8, (uint32_t)type);
    put_i32(head + 16, 1);
}

/* Room for an item of n bytes; NULL when out of memory. */
static uint8_t *item(PgArray *array, size_t n) {
    uint8_t *at = array->failed ? NULL : dfl_buf_room(&array->bytes, 4 + n);
    array->failed = !at;
    if (!at)
        return NULL;
    array->n++;
    put_i32(at, (uint32_t)n);
    return at + 4;
}

void dfl__pg_array_i64(PgArray *array, int64_t value) {
    uint8_t *at = item(array, 8);
    if (!at)
        return;
    put_i32(at, (uint32_t)((uint64_t)value >> 32));
    put_i32(at + 4, (uint32_t)(uint64_t)value);
}

void dfl__pg_array_i32(PgArray *array, int32_t value) {
    uint8_t *at = item(array, 4);
    if (at)
        put_i32(at, (uint32_t)value);
}

void dfl__pg_array_bytes(PgArray *array, const void *bytes, size_t n) {
    uint8_t *at = item(array, bytes ? n : 0);
    if (at && bytes && n > 0)
        memcpy(at, bytes, n);
    if (at && !bytes)
        put_i32(at - 4, UINT32_MAX);
}

void dfl__pg_array_text(PgArray *array, const char *text) {
    dfl__pg_array_bytes(array, text, text ? strlen(text) : 0);
}

bool dfl__pg_array(PgArgs *args, PgArray *array) {
    if (array->failed)
        return false;
    put_i32(array->bytes.p + N_AT, (uint32_t)array->n);
    dfl__pg_bytes(args, array->bytes.p, array->bytes.n);
    return true;
}

void dfl__pg_array_free(PgArray *array) {
    dfl_buf_free(&array->bytes);
}
