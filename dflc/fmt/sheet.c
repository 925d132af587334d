#include "sheet.h"

#include <stdlib.h>
#include <string.h>

/* Comments are aligned last, when the widths of their lines are known. */
enum { COMMENT_COLUMN = 1000, COMMENT_GAP = 4, WIDEST_GAP = 40 };

typedef enum MarkKind {
    COLUMN,  /* blanks go here */
    COMMENT, /* a comment of several lines begins here */
} MarkKind;

struct Mark {
    MarkKind kind;
    size_t offset; /* into the text */
    uint32_t line, group;
    unsigned column, gap, narrow;
    uint32_t at;   /* column of the line, with narrow gaps, before the gap */
    uint32_t rest; /* columns that follow on the line, comments apart */
    uint32_t pad;  /* the answer */
    size_t n;      /* COMMENT: its length */
    bool moves;    /* COMMENT: it begins a line, */
    uint32_t from; /* ... in this column of the source */
};

Sheet *sheet_new(Arena *arena) {
    Sheet *sheet = ARENA_NEW(arena, Sheet);
    sheet->arena = arena;
    sheet->comment_group = 1;
    return sheet;
}

/* ---- writing ---- */

static void put_bytes(Sheet *sheet, const char *text, size_t n) {
    if (n == 0)
        return;
    while (sheet->n + n > sheet->cap)
        sheet->text = arena_grow(sheet->arena, sheet->text, 1, sheet->n, &sheet->cap);
    memcpy(sheet->text + sheet->n, text, n);
    sheet->n += n;
}

static void put_blanks(Sheet *sheet, uint32_t n) {
    static const char blanks[] = "                                ";
    for (uint32_t part; n > 0; n -= part) {
        part = n < sizeof blanks - 1 ? n : (uint32_t)sizeof blanks - 1;
        put_bytes(sheet, blanks, part);
    }
}

void sheet_indent(Sheet *sheet, uint32_t indent) {
    if (indent != sheet->indent)
        sheet->comment_group++;
    sheet->indent = sheet->column = indent;
    put_blanks(sheet, indent);
}

/* What follows the marks of this line is known at its end, or where its comment begins. */
static void end_code(Sheet *sheet) {
    for (; sheet->line_marks < sheet->n_marks; sheet->line_marks++) {
        Mark *mark = &sheet->marks[sheet->line_marks];
        mark->rest = sheet->column - mark->at - mark->narrow;
    }
}

/* A C body may have several lines; only its first is aligned. */
void sheet_put(Sheet *sheet, const char *text, size_t n) {
    size_t last = n;
    put_bytes(sheet, text, n);
    sheet->column += columns_of(text, n);
    while (last > 0 && text[last - 1] != '\n')
        last--;
    if (last == 0)
        return;
    end_code(sheet);
    sheet->line++;
    sheet->column = columns_of(text + last, n - last);
}

void sheet_newline(Sheet *sheet) {
    end_code(sheet);
    put_bytes(sheet, "\n", 1);
    sheet->line++;
    sheet->column = 0;
}

void sheet_blank_line(Sheet *sheet) {
    put_bytes(sheet, "\n", 1);
    sheet->line++;
    sheet->comment_group++;
}

static void add_mark(Sheet *sheet, Mark mark) {
    mark.offset = sheet->n;
    mark.line = sheet->line;
    mark.at = sheet->column;
    ARENA_PUSH(sheet->arena, sheet->marks, sheet->n_marks, sheet->cap_marks, mark);
}

void sheet_mark(Sheet *sheet, uint32_t group, unsigned column, unsigned gap, unsigned narrow) {
    add_mark(sheet, (Mark){.group = group, .column = column, .gap = gap, .narrow = narrow});
    sheet->column += narrow;
}

static void add_comment(Sheet *sheet, const char *text, size_t n, bool moves, uint32_t from) {
    if (memchr(text, '\n', n))
        add_mark(sheet, (Mark){.kind = COMMENT, .n = n, .moves = moves, .from = from});
    sheet->line_marks = sheet->n_marks;
    put_bytes(sheet, text, n);
}

void sheet_comment(Sheet *sheet, const char *text, size_t n, uint32_t from) {
    add_comment(sheet, text, n, true, from);
}

void sheet_trailing(Sheet *sheet, const char *text, size_t n) {
    end_code(sheet);
    sheet_mark(sheet, sheet->comment_group, COMMENT_COLUMN, COMMENT_GAP, COMMENT_GAP);
    sheet->marks[sheet->n_marks - 1].rest = columns_of(text, n);
    add_comment(sheet, text, n, false, 0);
}

void sheet_further(Sheet *sheet, const char *text, size_t n) {
    put_bytes(sheet, " ", 1);
    add_comment(sheet, text, n, false, 0);
}

/* ---- aligning ---- */

/* Comments after all else; then by group, and column after column, as each moves the next. */
static int by_column(const void *a, const void *b) {
    const Mark *x = *(Mark *const *)a, *y = *(Mark *const *)b;
    bool x_last = x->column == COMMENT_COLUMN, y_last = y->column == COMMENT_COLUMN;
    if (x_last != y_last)
        return x_last ? 1 : -1;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    if (x->column != y->column)
        return x->column < y->column ? -1 : 1;
    return x->offset < y->offset ? -1 : 1;
}

static bool same_column(const Mark *a, const Mark *b) {
    return a->group == b->group && a->column == b->column;
}

/* The ends of cells that a mark can be aligned to: from where its own cell ends (low) to high; none
 * when low > high. */
static void range_of(const Mark *mark, uint32_t shift, uint32_t *low, uint32_t *high) {
    uint32_t end = mark->at + shift, need = mark->gap + mark->rest;
    *low = end;
    *high = need < FMT_COLUMNS ? FMT_COLUMNS - need : 0;
    if (mark->column == COMMENT_COLUMN && *high < end)
        *high = end; /* a comment cannot be made to fit */
    if (*high > end + WIDEST_GAP)
        *high = end + WIDEST_GAP;
    if (*high > FMT_COLUMNS)
        *high = FMT_COLUMNS;
}

/* The end of cells that most marks can be aligned to, the leftmost of these; 0: fewer than two. */
static uint32_t best_end(Mark *const *marks, size_t n, const uint32_t *shift) {
    int change[FMT_COLUMNS + 2] = {0}, count = 0, most = 1;
    uint32_t best = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t low, high;
        range_of(marks[i], shift[marks[i]->line], &low, &high);
        if (low <= high) {
            change[low]++;
            change[high + 1]--;
        }
    }
    for (uint32_t end = 0; end <= FMT_COLUMNS; end++) {
        count += change[end];
        if (count > most) {
            most = count;
            best = end;
        }
    }
    return best;
}

static void align(Mark *const *marks, size_t n, uint32_t *shift) {
    uint32_t best = best_end(marks, n, shift);
    for (size_t i = 0; i < n; i++) {
        Mark *mark = marks[i];
        uint32_t low, high;
        range_of(mark, shift[mark->line], &low, &high);
        bool fits = best > 0 && low <= best && best <= high;
        mark->pad = fits ? best - low + mark->gap : mark->narrow;
        shift[mark->line] += mark->pad - mark->narrow;
    }
}

/* shift: by line, how much wider than with narrow gaps it has become. */
static void align_all(Sheet *sheet, uint32_t *shift) {
    Mark **marks = ARENA_ARRAY(sheet->arena, Mark *, sheet->n_marks + 1);
    size_t n = 0;
    for (size_t i = 0; i < sheet->n_marks; i++)
        if (sheet->marks[i].kind == COLUMN)
            marks[n++] = &sheet->marks[i];
    if (n > 0)
        qsort(marks, n, sizeof *marks, by_column);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && same_column(marks[i], marks[end]);)
            end++;
        align(marks + i, end - i, shift);
    }
}

/* ---- the result ---- */

/* One line of a comment, moved by `move` columns as far as there are blanks. */
static void put_moved(Sheet *out, const char *line, size_t n, int64_t move) {
    int64_t indent = 0;
    size_t i = 0;
    for (; i < n && (line[i] == ' ' || line[i] == '\t'); i++)
        indent = line[i] == '\t' ? indent / 8 * 8 + 8 : indent + 1;
    while (n > i && (line[n - 1] == ' ' || line[n - 1] == '\t' || line[n - 1] == '\r'))
        n--;
    if (n == i)
        return;
    put_blanks(out, indent + move > 0 ? (uint32_t)(indent + move) : 0);
    put_bytes(out, line + i, n - i);
}

static void put_comment(Sheet *out, const char *text, size_t n, int64_t move) {
    const char *end = text + n, *newline = memchr(text, '\n', n);
    size_t first = newline ? (size_t)(newline - text) : n;
    while (first > 0 && (text[first - 1] == ' ' || text[first - 1] == '\r'))
        first--;
    put_bytes(out, text, first);
    while (newline) {
        const char *line = newline + 1;
        newline = memchr(line, '\n', (size_t)(end - line));
        put_bytes(out, "\n", 1);
        put_moved(out, line, (size_t)((newline ? newline : end) - line), move);
    }
}

FmtText sheet_finish(Sheet *sheet) {
    Sheet *out = sheet_new(sheet->arena);
    uint32_t *shift = ARENA_ARRAY(sheet->arena, uint32_t, (size_t)sheet->line + 1);
    size_t done = 0;
    align_all(sheet, shift);
    for (size_t i = 0; i < sheet->n_marks; i++) {
        const Mark *mark = &sheet->marks[i];
        put_bytes(out, sheet->text + done, mark->offset - done);
        done = mark->offset;
        if (mark->kind == COLUMN) {
            put_blanks(out, mark->pad);
        } else {
            int64_t move = (int64_t)mark->at - mark->from;
            put_comment(out, sheet->text + done, mark->n, mark->moves ? move : 0);
            done += mark->n;
        }
    }
    if (done < sheet->n)
        put_bytes(out, sheet->text + done, sheet->n - done);
    return (FmtText){out->n > 0 ? out->text : "", out->n};
}
