#define _POSIX_C_SOURCE 200809L
#include "source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Offsets are 32 bits; the limit leaves room for sums of two of them. */
static const size_t MAX_SOURCE_BYTES = (size_t)1 << 30;

static size_t count_lines(const char *text, size_t n) {
    size_t lines = 1;
    for (const char *p = text; (p = memchr(p, '\n', n - (size_t)(p - text))); p++)
        lines++;
    return lines;
}

static Source *source_of(Arena *arena, const char *path, const char *text, size_t n) {
    Source *source = ARENA_NEW(arena, Source);
    source->path = path;
    source->text = text;
    source->n = n;
    source->lines = ARENA_ARRAY(arena, uint32_t, count_lines(text, n));
    source->lines[source->n_lines++] = 0;
    for (const char *p = text; (p = memchr(p, '\n', n - (size_t)(p - text))); p++)
        source->lines[source->n_lines++] = (uint32_t)(p - text) + 1;
    return source;
}

Source *source_from_text(Arena *arena, const char *path, const char *text, size_t n) {
    const char *copy = arena_strndup(arena, text, n);
    return source_of(arena, arena_strndup(arena, path, strlen(path)), copy, n);
}

/* What fstat says of a file, for a pipe some beginning. */
static size_t expected_bytes(FILE *in) {
    struct stat st;
    bool known = fstat(fileno(in), &st) == 0 && S_ISREG(st.st_mode) && st.st_size >= 0;
    return known ? (size_t)st.st_size : 64 * 1024;
}

/* Reads to the end; a pipe, or a file that grows meanwhile, is read to its end too. */
static char *read_all(Arena *arena, FILE *in, size_t *n) {
    size_t cap = expected_bytes(in) + 2, got;
    if (cap - 2 > MAX_SOURCE_BYTES) {
        errno = EFBIG;
        return NULL;
    }
    char *text = arena_alloc(arena, cap);
    *n = 0;
    while ((got = fread(text + *n, 1, cap - *n - 1, in)) > 0) {
        *n += got;
        if (*n > MAX_SOURCE_BYTES) {
            errno = EFBIG;
            return NULL;
        }
        if (cap - *n < 2)
            text = arena_grow(arena, text, 1, *n, &cap);
    }
    if (ferror(in))
        return NULL;
    text[*n] = '\0';
    return text;
}

Source *source_read(Arena *arena, const char *path) {
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *in = is_stdin ? stdin : fopen(path, "rb");
    if (!in)
        return NULL;
    size_t n;
    char *text = read_all(arena, in, &n);
    int error = errno;
    if (!is_stdin)
        fclose(in);
    errno = error;
    if (!text)
        return NULL;
    path = is_stdin ? "<stdin>" : arena_strndup(arena, path, strlen(path));
    return source_of(arena, path, text, n);
}

/* Nobody has named it to dflc but what dflc reads: a pipe, or a terminal, would be waited for. */
static bool is_waited_for(const char *path) {
    struct stat st;
    if (stat(path, &st) != 0 || S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))
        return false;
    errno = ENOTSUP;
    return true;
}

Source *source_read_found(Arena *arena, const char *path) {
    return is_waited_for(path) ? NULL : source_read(arena, path);
}

Source *source_read_through(const FileView *view, Arena *arena, const char *path) {
    Source *source = view ? view->read(view, arena, path) : NULL;
    source = source ? source : source_read_found(arena, path);
    if (source)
        source->view = view;
    return source;
}

size_t line_holding(const uint32_t *lines, size_t n, uint32_t offset) {
    size_t low = 0, high = n;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (lines[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

void source_position(const Source *source, uint32_t offset, uint32_t *line, uint32_t *column) {
    size_t i = line_holding(source->lines, source->n_lines, offset);
    *line = (uint32_t)i + 1;
    *column = offset - source->lines[i] + 1;
}

uint32_t span_line(Span span) {
    return span.source ? (uint32_t)line_holding(span.source->lines, span.source->n_lines, span.begin) + 1 : 0;
}

Span span_join(Span a, Span b) {
    return (Span){a.source, a.begin, b.end};
}
