/* Failures: what a node says of its own, and how it reaches the caller's dfl_error. */
#include <stdio.h>

#include "internal.h"
#include "mem.h"

/* Bytes of a whole UTF-8 character that begins with `lead`. */
static size_t utf8_bytes(unsigned char lead) {
    if (lead >= 0xf0)
        return 4;
    if (lead >= 0xe0)
        return 3;
    return lead >= 0xc0 ? 2 : 1;
}

/* Ends `text` before its last character if that was cut in two. */
static void drop_partial_character(char *text, size_t n) {
    size_t back;
    for (back = 1; back <= 4 && back <= n; back++) {
        unsigned char byte = (unsigned char)text[n - back];
        if ((byte & 0xc0) == 0x80)
            continue;
        if (utf8_bytes(byte) > back)
            text[n - back] = '\0';
        return;
    }
}

void dfl__message(char message[256], const char *fmt, va_list args) {
    int n = vsnprintf(message, 256, fmt, args);
    if (n < 0)
        message[0] = '\0';
    else if (n > 255)
        drop_partial_character(message, 255);
}

/* ---- errors as bytes ---- */

static int pack_text(dfl_buf *out, const char *text) {
    return dfl__pack_block(out, text, strlen(text));
}

int dfl__pack_error(dfl_buf *out, const dfl_error *error) {
    const uint64_t numbers[] = {(uint64_t)error->status, (uint64_t)error->code, error->attempt,
                                (uint64_t)error->index};
    const char *texts[] = {error->node, error->at, error->message};
    int status = DFL_OK;
    for (size_t i = 0; status == DFL_OK && i < sizeof numbers / sizeof *numbers; i++)
        status = dfl__pack_varint(out, numbers[i]);
    for (size_t i = 0; status == DFL_OK && i < sizeof texts / sizeof *texts; i++)
        status = pack_text(out, texts[i]);
    return status;
}

static bool get_text(dfl__in *in, char *to, size_t cap) {
    dfl_bytes text;
    if (!dfl__get_block(in, &text) || text.n >= cap)
        return false;
    memcpy(to, text.p, text.n);
    to[text.n] = '\0';
    return true;
}

bool dfl__unpack_error(dfl__in *in, dfl_error *error) {
    uint64_t status, code, attempt, index;
    if (!dfl__get_varint(in, &status) || !dfl__get_varint(in, &code) ||
        !dfl__get_varint(in, &attempt) || attempt > UINT32_MAX || !dfl__get_varint(in, &index) ||
        !get_text(in, error->node, sizeof error->node) ||
        !get_text(in, error->at, sizeof error->at) ||
        !get_text(in, error->message, sizeof error->message))
        return false;
    error->status = (int)(int64_t)status;
    error->code = (int)(int64_t)code;
    error->attempt = (unsigned)attempt;
    error->index = (int64_t)index;
    return true;
}

/* ---- failures ---- */

/* The ctx of a state has nobody to tell. */
static bool has_failure(const dfl_ctx *ctx) {
    return !(ctx->flags & DFL__BEGIN);
}

static int fail(dfl_ctx *ctx, uint32_t flags, int code, const char *fmt, va_list args) {
    int failed = code ? code : 1; /* for a router, which returns no code */
    if (!has_failure(ctx))
        return failed;
    dfl__message(ctx->failure.message, fmt, args);
    ctx->failure.code = failed;
    /* The flag, not the text, says that the message is of this attempt: dfl__after clears it. */
    ctx->flags |= flags;
    return failed;
}

int dfl_fail(dfl_ctx *ctx, int code, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    code = fail(ctx, DFL__MESSAGE, code, fmt, args);
    va_end(args);
    return code;
}

int dfl_fatal(dfl_ctx *ctx, int code, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    code = fail(ctx, DFL__MESSAGE | DFL__FATAL, code, fmt, args);
    va_end(args);
    return code;
}

int dfl__node_failed(dfl_ctx *ctx, uint32_t place, int code, uint32_t seen) {
    dfl__failure *failure = &ctx->failure;
    failure->status = DFL_ENODE;
    failure->code = code;
    failure->place = place;
    failure->attempt = ctx->attempt;
    failure->index = ctx->index;
    failure->at = NULL;
    failure->fatal = (seen & DFL__FATAL) != 0;
    failure->late = (seen & DFL__LATE) != 0;
    if (!(seen & DFL__MESSAGE))
        failure->message[0] = '\0';
    return DFL_ENODE;
}

/* Of a state in a caller's buffer: which memory it was that ran out. */
static void tell_buffer(const dfl__mem *mem, char message[256]) {
    size_t n = strlen(message);
    if (!mem || !mem->heap)
        return;
    if (mem->heap->bytes == 0)
        snprintf(message + n, 256 - n, ": the state has no buffer");
    else
        snprintf(message + n, 256 - n, ": the %zu bytes of the state's buffer are full",
                 mem->heap->bytes);
}

int dfl__failed(dfl_ctx *ctx, int status, int code, uint32_t place, const char *fmt, ...) {
    dfl__failure *failure = &ctx->failure;
    va_list args;
    if (!has_failure(ctx))
        return status;
    failure->status = status;
    failure->code = code;
    failure->place = place;
    failure->attempt = ctx->attempt;
    failure->index = ctx->index;
    failure->at = NULL;
    failure->fatal = failure->late = false;
    va_start(args, fmt);
    dfl__message(failure->message, fmt, args);
    va_end(args);
    if (status == DFL_ENOMEM)
        tell_buffer(ctx->mem, failure->message);
    return status;
}

static void copy_text(char *to, size_t cap, const char *from) {
    size_t n = strlen(from);
    if (n < cap) {
        memcpy(to, from, n + 1);
        return;
    }
    memcpy(to, from, cap - 1);
    to[cap - 1] = '\0';
    drop_partial_character(to, cap - 1);
}

void dfl__error_from(dfl_error *error, const dfl_graph *graph, const dfl__failure *failure) {
    const dfl_place *place =
        failure->place < graph->n_places ? &graph->places[failure->place] : NULL;
    const char *at = failure->at ? failure->at : place ? place->at : "";
    error->status = failure->status;
    error->code = failure->code;
    error->attempt = failure->attempt;
    error->index = failure->index;
    copy_text(error->node, sizeof error->node, place ? place->name : "");
    copy_text(error->at, sizeof error->at, at);
    copy_text(error->message, sizeof error->message, failure->message);
}
