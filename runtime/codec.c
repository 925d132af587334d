/* Decoding: what the generated decoders share. The form of an encoding is in dfl.h. */
#include "internal.h"
#include "mem.h"

int dfl__get_count(dfl__in *in, size_t least, uint32_t *n) {
    uint64_t count;
    if (!dfl__get_varint(in, &count) || count > UINT32_MAX || count > dfl__left(in) / least)
        return DFL_ECORRUPT;
    *n = (uint32_t)count;
    return DFL_OK;
}

/* The length of a block of bytes that are all there. */
static bool get_length(dfl__in *in, size_t *n) {
    uint64_t length;
    if (!dfl__get_varint(in, &length) || length > dfl__left(in))
        return false;
    *n = (size_t)length;
    return true;
}

int dfl__get_str(dfl__in *in, dfl_ctx *ctx, dfl_str *v) {
    size_t n;
    if (!get_length(in, &n))
        return DFL_ECORRUPT;
    *v = dfl_copy(ctx, in->at, n);
    in->at += n;
    return v->n == n ? DFL_OK : DFL_ENOMEM;
}

int dfl__get_bytes(dfl__in *in, dfl_ctx *ctx, dfl_bytes *v) {
    size_t n;
    uint8_t *copy = NULL;
    if (!get_length(in, &n))
        return DFL_ECORRUPT;
    if (n > 0) {
        copy = dfl_alloc(ctx, n);
        if (!copy)
            return DFL_ENOMEM;
        memcpy(copy, in->at, n);
    }
    *v = (dfl_bytes){copy, n};
    in->at += n;
    return DFL_OK;
}

void *dfl__items(dfl_ctx *ctx, uint32_t n, size_t item) {
    if (n == 0 || item > SIZE_MAX / n)
        return NULL;
    return dfl_alloc(ctx, n * item);
}

/* ---- a whole state ---- */

static int check_header(dfl__in *in, uint64_t schema) {
    if (dfl__left(in) < DFL__HEADER_BYTES || in->at[0] != DFL__ENCODING)
        return DFL_ECORRUPT;
    if (dfl__get_u64(in->at + 1) != schema)
        return DFL_ESCHEMA;
    in->at += DFL__HEADER_BYTES;
    return DFL_OK;
}

static void begin(dfl__decode *decode, const void *bytes, size_t n) {
    static const uint8_t nothing;
    decode->in.at = bytes ? bytes : &nothing;
    decode->in.end = decode->in.at + (bytes ? n : 0);
}

static void *new_state(dfl__decode *decode, size_t state_bytes, int *rc) {
    void *state;
    decode->mem = (dfl__mem){0};
    dfl__ctx_init(&decode->ctx, &decode->mem);
    state = dfl_alloc(&decode->ctx, state_bytes);
    *rc = state ? DFL_OK : DFL_ENOMEM;
    return state;
}

void *dfl__decode_begin(dfl__decode *decode, const void *bytes, size_t n, uint64_t schema,
                        size_t state_bytes, int *rc) {
    begin(decode, bytes, n);
    *rc = check_header(&decode->in, schema);
    return *rc == DFL_OK ? new_state(decode, state_bytes, rc) : NULL;
}

void *dfl__restore_begin(dfl__decode *decode, const void *bytes, size_t n, size_t state_bytes,
                         int *rc) {
    begin(decode, bytes, n);
    return new_state(decode, state_bytes, rc);
}

int dfl__decode_end(dfl__decode *decode, int rc) {
    if (rc == DFL_OK && dfl__left(&decode->in) > 0)
        rc = DFL_ECORRUPT;
    if (rc != DFL_OK)
        dfl__mem_free(&decode->mem);
    return rc;
}

void dfl__decode_commit(dfl__decode *decode, dfl__mem *mem) {
    dfl_ctx *ctx = mem->ctx;
    dfl__stand *stand = mem->stand;
    mem->ctx = NULL;
    mem->stand = NULL;
    dfl__mem_free(mem);
    mem->ctx = ctx;
    mem->stand = stand;
    dfl__mem_adopt(mem, &decode->mem);
}
