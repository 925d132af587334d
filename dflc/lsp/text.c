#include "text.h"

#include "dflc/source.h"

static bool ends_line(const char *p, size_t n, size_t i) {
    return p[i] == '\n' || (p[i] == '\r' && !(i + 1 < n && p[i + 1] == '\n'));
}

/* Counted at the first byte of a character; one beyond U+FFFF has two units. */
static uint32_t units_at(const Text *text, uint32_t offset) {
    unsigned char c = (unsigned char)text->p[offset];
    if (text->in_bytes)
        return 1;
    return (c & 0xc0) == 0x80 ? 0 : c >= 0xf0 ? 2 : 1;
}

static void count_units(Arena *arena, Text *text) {
    uint32_t units = 0;
    text->units = ARENA_ARRAY(arena, uint32_t, text->n / TEXT_BLOCK + 1);
    for (uint32_t i = 0; i < text->n; i++) {
        if (i % TEXT_BLOCK == 0)
            text->units[i / TEXT_BLOCK] = units;
        units += units_at(text, i);
    }
    if (text->n % TEXT_BLOCK == 0)
        text->units[text->n / TEXT_BLOCK] = units;
}

static uint32_t units_before(const Text *text, uint32_t offset) {
    uint32_t units = text->units[offset / TEXT_BLOCK];
    for (uint32_t i = offset - offset % TEXT_BLOCK; i < offset; i++)
        units += units_at(text, i);
    return units;
}

uint32_t text_units(const Text *text, uint32_t begin, uint32_t end) {
    return units_before(text, end) - units_before(text, begin);
}

Text text_of(Arena *arena, const char *p, size_t n, bool in_bytes) {
    Text text = {.p = p, .n = n, .in_bytes = in_bytes};
    size_t count = 1;
    for (size_t i = 0; i < n; i++)
        count += ends_line(p, n, i);
    text.lines = ARENA_ARRAY(arena, uint32_t, count);
    text.lines[text.n_lines++] = 0;
    for (size_t i = 0; i < n; i++)
        if (ends_line(p, n, i))
            text.lines[text.n_lines++] = (uint32_t)i + 1;
    count_units(arena, &text);
    return text;
}

uint32_t text_line_end(const Text *text, size_t line) {
    uint32_t begin = text->lines[line];
    uint32_t end = line + 1 < text->n_lines ? text->lines[line + 1] : (uint32_t)text->n;
    while (end > begin && (text->p[end - 1] == '\n' || text->p[end - 1] == '\r'))
        end--;
    return end;
}

Position text_position(const Text *text, uint32_t offset) {
    if (offset > text->n)
        offset = (uint32_t)text->n;
    size_t line = line_holding(text->lines, text->n_lines, offset);
    uint32_t end = text_line_end(text, line);
    return (Position){(uint32_t)line,
                      text_units(text, text->lines[line], offset < end ? offset : end)};
}

uint32_t text_offset(const Text *text, Position at) {
    if (at.line >= text->n_lines)
        return (uint32_t)text->n;
    uint32_t offset = text->lines[at.line], end = text_line_end(text, at.line), units = 0;
    while (offset < end && units < at.character) {
        uint32_t next = offset + 1;
        while (next < end && !text->in_bytes && units_at(text, next) == 0)
            next++;
        units += units_at(text, offset);
        if (units > at.character)
            break;
        offset = next;
    }
    return offset;
}
