#include "cwriter.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

CWriter *cwriter_new(Arena *arena) {
    CWriter *w = ARENA_NEW(arena, CWriter);
    w->arena = arena;
    w->line = 1;
    w->cap = 256; /* lists of arguments are written with it too */
    w->text = arena_alloc(arena, w->cap);
    return w;
}

static void put(CWriter *w, const char *p, size_t n) {
    if (w->n + n + 1 > w->cap) {
        size_t cap = w->cap;
        char *text;
        while (w->n + n + 1 > cap)
            cap *= 2;
        text = arena_alloc(w->arena, cap);
        memcpy(text, w->text, w->n);
        w->text = text;
        w->cap = cap;
    }
    memcpy(w->text + w->n, p, n);
    w->n += n;
    w->text[w->n] = '\0';
}

static void put_indent(CWriter *w, unsigned depth) {
    static const char spaces[] = "                                ";
    size_t n = (size_t)depth * 4;
    for (; n > sizeof spaces - 1; n -= sizeof spaces - 1)
        put(w, spaces, sizeof spaces - 1);
    put(w, spaces, n);
}

static void put_format(CWriter *w, const char *fmt, va_list args) {
    char small[256];
    va_list again;
    int n;
    va_copy(again, args);
    n = vsnprintf(small, sizeof small, fmt, args);
    if (n >= 0 && (size_t)n < sizeof small) {
        put(w, small, (size_t)n);
    } else if (n >= 0) {
        char *large = arena_alloc(w->arena, (size_t)n + 1);
        vsnprintf(large, (size_t)n + 1, fmt, again);
        put(w, large, (size_t)n);
    }
    va_end(again);
}

static void put_line(CWriter *w, unsigned depth, const char *fmt, va_list args) {
    put_indent(w, depth);
    put_format(w, fmt, args);
    put(w, "\n", 1);
    w->line++;
}

void cw_line(CWriter *w, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    put_line(w, w->depth, fmt, args);
    va_end(args);
}

void cw_open(CWriter *w, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    put_line(w, w->depth, fmt, args);
    va_end(args);
    w->depth++;
}

void cw_close(CWriter *w, const char *fmt, ...) {
    va_list args;
    w->depth--;
    va_start(args, fmt);
    put_line(w, w->depth, fmt, args);
    va_end(args);
}

void cw_margin(CWriter *w, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    put_line(w, 0, fmt, args);
    va_end(args);
}

void cw_label(CWriter *w, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    put_line(w, w->depth ? w->depth - 1 : 0, fmt, args);
    va_end(args);
}

void cw_blank(CWriter *w) {
    put(w, "\n", 1);
    w->line++;
}

void cw_verbatim(CWriter *w, const char *text, size_t n) {
    size_t i;
    put(w, text, n);
    for (i = 0; i < n; i++)
        w->line += text[i] == '\n';
}

const char *c_string(Arena *arena, const char *p, size_t n) {
    char *out = arena_alloc(arena, n * 4 + 3), *o = out;
    size_t i;
    *o++ = '"';
    for (i = 0; i < n; i++) {
        unsigned char c = (unsigned char)p[i];
        if (c == '"' || c == '\\') {
            *o++ = '\\';
            *o++ = (char)c;
        } else if (c == '\n') {
            *o++ = '\\';
            *o++ = 'n';
        } else if (c < 32 || c > 126 || (c == '?' && i && p[i - 1] == '?')) {
            *o++ = '\\';
            *o++ = (char)('0' + (c >> 6));
            *o++ = (char)('0' + ((c >> 3) & 7));
            *o++ = (char)('0' + (c & 7));
        } else {
            *o++ = (char)c;
        }
    }
    *o++ = '"';
    *o = '\0';
    return out;
}
