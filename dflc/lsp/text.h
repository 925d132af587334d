/* Lines and characters of a text as editors count them: a line ends with \n,
 * \r\n or \r, and characters are units of UTF-16 (or bytes, with an editor that
 * takes them). */
#ifndef DFLC_LSP_TEXT_H
#define DFLC_LSP_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "dflc/arena.h"

enum { TEXT_BLOCK = 256 };

typedef struct Text {
    const char *p; /* NUL behind p[n - 1] */
    size_t n;
    uint32_t *lines; /* where each begins */
    size_t n_lines;
    uint32_t *units; /* of all before each block of TEXT_BLOCK bytes: a line may
                      be all of the text */
    bool in_bytes;   /* characters are bytes */
} Text;

typedef struct Position {
    uint32_t line, character; /* from 0 */
} Position;

/* p: stays the caller's. */
Text text_of(Arena *arena, const char *p, size_t n, bool in_bytes);
Position text_position(const Text *text, uint32_t offset);
/* Behind the end of a line: its end; behind the last line: the end of the text;
 * within a character of two units: its beginning. */
uint32_t text_offset(const Text *text, Position at);
/* Of the line, without what ends it. */
uint32_t text_line_end(const Text *text, size_t line);
/* Units of the characters between two offsets. */
uint32_t text_units(const Text *text, uint32_t begin, uint32_t end);

#endif
