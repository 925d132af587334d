#include "excerpt.h"

enum { TAB = 8, WIDTH = 160, LEAD = 60 };

/* One line of a source as it is shown: `column` counts characters, tabs being several. */
typedef struct Line {
    const Source *source;
    uint32_t number, begin, end; /* bytes, without the newline */
} Line;

/* The columns that are printed; what lies outside is cut, and "..." stands for it. */
typedef struct Window {
    size_t begin, end;
} Window;

static Line line_at(Span at) {
    Line line = {.source = at.source, .number = span_line(at)};
    line.begin = at.source->lines[line.number - 1];
    line.end = line.number < at.source->n_lines ? at.source->lines[line.number] - 1
                                                : (uint32_t)at.source->n;
    if (line.end > line.begin && at.source->text[line.end - 1] == '\r')
        line.end--;
    return line;
}

/* Bytes of the UTF-8 character at p, or 0 where there is none that could be shown. */
static size_t character_bytes(const char *p, size_t left) {
    unsigned char c = (unsigned char)*p;
    if (c < 0x80)
        return c >= 0x20 && c != 0x7f;
    size_t n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc2 ? 2 : 0;
    if (n > left || c > 0xf4)
        return 0;
    for (size_t i = 1; i < n; i++)
        if (((unsigned char)p[i] & 0xc0) != 0x80)
            return 0;
    return n;
}

/* The column after the character at p, which has `column`; *n is its size in bytes. */
static size_t step(const char *p, size_t left, size_t column, size_t *n) {
    *n = character_bytes(p, left);
    if (*n == 0)
        *n = 1;
    return *p == '\t' ? column + TAB - column % TAB : column + 1;
}

static size_t column_of(const Line *line, uint32_t offset) {
    size_t column = 0, n;
    for (uint32_t at = line->begin; at < offset && at < line->end; at += (uint32_t)n)
        column = step(line->source->text + at, line->end - at, column, &n);
    return column;
}

static Window window_around(const Line *line, size_t caret) {
    size_t width = column_of(line, line->end);
    if (width <= WIDTH)
        return (Window){0, width};
    size_t begin = caret > LEAD ? caret - LEAD : 0;
    size_t end = begin + WIDTH < width ? begin + WIDTH : width;
    return (Window){begin, end};
}

/* n: bytes of the character, 0 if it cannot be shown; columns: more than one for a tab. */
static void print_character(FILE *out, const char *p, size_t n, size_t columns) {
    if (*p == '\t')
        fprintf(out, "%*s", (int)columns, "");
    else if (n)
        fwrite(p, 1, n, out);
    else
        fputc('?', out);
}

static void print_text(FILE *out, const Line *line, Window window) {
    size_t column = 0, n;
    for (uint32_t at = line->begin; at < line->end && column < window.end; at += (uint32_t)n) {
        const char *p = line->source->text + at;
        size_t next = step(p, line->end - at, column, &n);
        if (column >= window.begin)
            print_character(out, p, character_bytes(p, line->end - at), next - column);
        column = next;
    }
}

/* Columns that a span covers on the line: at least one, so that nothing at all has a caret too. */
static Window columns_of(const Line *line, Span span) {
    Window columns = {column_of(line, span.begin), column_of(line, span.end)};
    if (columns.end <= columns.begin)
        columns.end = columns.begin + 1;
    return columns;
}

static bool on_line(const Line *line, Span span) {
    return span.source == line->source && span.begin >= line->begin && span.begin <= line->end;
}

static bool within(Window columns, size_t column) {
    return column >= columns.begin && column < columns.end;
}

static void print_marks(FILE *out, Window at, Window also, Window window) {
    size_t last = at.end > also.end ? at.end : also.end;
    for (size_t column = window.begin; column < last && column <= window.end; column++) {
        if (column == at.begin)
            fputc('^', out);
        else
            fputc(within(at, column) || within(also, column) ? '~' : ' ', out);
    }
}

void excerpt_print(FILE *out, Span at, Span also, const char *color, const char *off) {
    Line line = line_at(at);
    Window caret = columns_of(&line, at), second = {0, 0};
    if (on_line(&line, also))
        second = columns_of(&line, also);
    Window window = window_around(&line, caret.begin);
    bool cut = window.begin > 0;

    fprintf(out, "%5u | %s", (unsigned)line.number, cut ? "..." : "");
    print_text(out, &line, window);
    fprintf(out, "%s\n      | %s%s", column_of(&line, line.end) > window.end ? "..." : "",
            cut ? "   " : "", color);
    print_marks(out, caret, second, window);
    fprintf(out, "%s\n", off);
}
