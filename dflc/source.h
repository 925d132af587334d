/* The text of one .dfl file, and where an offset stands in it. */
#ifndef DFLC_SOURCE_H
#define DFLC_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

struct FileView;

typedef struct Source {
    const char *path;     /* as given on the command line; "<stdin>" for "-" */
    const char *text;     /* NUL after text[n - 1] */
    size_t n;
    uint32_t *lines;      /* offset at which line i + 1 begins */
    size_t n_lines;
    const struct FileView *view;   /* where the files that it imports are read; NULL: on the disk alone */
} Source;

/* Files that stand before those of the disk: what an editor has open. */
typedef struct FileView {
    /* NULL: it holds no such file. */
    Source *(*read)(const struct FileView *view, Arena *arena, const char *path);
} FileView;

/* Half-open byte range in a source. A zero Span means "nowhere" (built-in things). */
typedef struct Span {
    const Source *source;
    uint32_t begin, end;
} Span;

/* Reads a file ("-": standard input). NULL with errno set when it cannot be read, or EFBIG
 * above 1 GiB. */
Source *source_read(Arena *arena, const char *path);
/* The same of a path that a file, or a directory, has told: NULL with ENOTSUP of what is no plain file. */
Source *source_read_found(Arena *arena, const char *path);
/* The same, but of what the view holds of it, if there is one and it does. */
Source *source_read_through(const FileView *view, Arena *arena, const char *path);
Source *source_from_text(Arena *arena, const char *path, const char *text, size_t n);

/* The last of n > 0 lines, counted from 0, that begins at or before the offset; O(log n). */
size_t line_holding(const uint32_t *lines, size_t n, uint32_t offset);
/* 1-based line and column (in bytes) of an offset; O(log lines). */
void source_position(const Source *source, uint32_t offset, uint32_t *line, uint32_t *column);
uint32_t span_line(Span span);
/* From the beginning of a to the end of b (same source). */
Span span_join(Span a, Span b);

#endif
