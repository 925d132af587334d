/* Strings: comparing them, and making them in an arena. */
#include <stdarg.h>
#include <stdio.h>

#include "arena.h"
#include "format.h"

bool dfl_str_eq(dfl_str a, dfl_str b) {
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

int dfl_str_cmp(dfl_str a, dfl_str b) {
    size_t common = a.n < b.n ? a.n : b.n;
    int order = common ? memcmp(a.p, b.p, common) : 0;
    if (order != 0)
        return order;
    return (a.n > b.n) - (a.n < b.n);
}

static const dfl_str empty = {"", 0};

dfl_str dfl_copy(dfl_ctx *ctx, const void *p, size_t n) {
    if (n == 0)
        return empty;
    char *copy = n < SIZE_MAX ? dfl__ctx_alloc(ctx, n + 1, 1) : NULL;
    if (!copy) {
        ctx->flags |= DFL__NOMEM;
        return empty;
    }
    memcpy(copy, p, n);
    copy[n] = '\0';
    return (dfl_str){copy, n};
}

dfl_str dfl_strdup(dfl_ctx *ctx, const char *cstr) {
    return cstr ? dfl_copy(ctx, cstr, strlen(cstr)) : empty;
}

/* As vsnprintf; negative when that fails. */
static ptrdiff_t format(char *to, size_t room, const char *fmt, va_list args) {
    va_list again;
    size_t n;
    int length;
    if (dfl__format(to, room, &n, fmt, args))
        return (ptrdiff_t)n;
    va_copy(again, args);
    length = vsnprintf(to, room, fmt, again);
    va_end(again);
    return length;
}

/* Into the room that the newest chunk has left; a text that does not fit is formatted again. */
static dfl_str format_new(dfl_ctx *ctx, const char *fmt, va_list args) {
    dfl__mem *mem = ctx->mem;
    size_t room = (size_t)(mem->end - mem->at);
    ptrdiff_t length = format(mem->at, room, fmt, args);
    size_t n = length > 0 ? (size_t)length : 0;
    char *p = n ? dfl__ctx_alloc(ctx, n + 1, 1) : NULL;
    if (p && n >= room)
        format(p, n + 1, fmt, args);
    if (length < 0)
        ctx->flags |= DFL__NOMEM;
    return p ? (dfl_str){p, n} : empty;
}

dfl_str dfl_printf(dfl_ctx *ctx, const char *fmt, ...) {
    dfl__mem *mem = ctx->mem;
    char *begin = mem->at, *end;
    va_list args;
    va_start(args, fmt);
    end = dfl__format_plain(begin, mem->end, fmt, &args);
    va_end(args);
    if (end && end != begin) {
        mem->at = end + 1;
        return (dfl_str){begin, (size_t)(end - begin)};
    }
    va_start(args, fmt);
    dfl_str text = format_new(ctx, fmt, args);
    va_end(args);
    return text;
}
