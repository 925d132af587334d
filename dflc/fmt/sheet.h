/* Lines of text whose columns are aligned at the end.
 *
 * Where a column may begin the writer leaves a mark instead of blanks. Marks of one group and
 * column, one a line, are brought to one position:
 *
 *     node gather |(in ticker, out prices) |cost 12us;      columns 0 and 1
 *     node assess |(in signals)            |cost 4us;
 *
 * as far as the lines stay within FMT_COLUMNS; a line that would not keeps the narrow gap. */
#ifndef DFLC_FMT_SHEET_H
#define DFLC_FMT_SHEET_H

#include "dflc/arena.h"
#include "fmt.h"
#include "tokens.h"

enum { FMT_COLUMNS = 100, FMT_INDENT = 4 };

typedef struct Mark Mark;

typedef struct Sheet {
    Arena *arena;
    char *text;
    size_t n, cap;
    Mark *marks;
    size_t n_marks, cap_marks;
    size_t line_marks;        /* the first mark of this line */
    uint32_t line;
    uint32_t column;          /* with narrow gaps */
    uint32_t indent;          /* of this line */
    uint32_t comment_group;
} Sheet;

Sheet *sheet_new(Arena *arena);
/* Begins a line (the one before must have been ended). */
void sheet_indent(Sheet *sheet, uint32_t indent);
void sheet_put(Sheet *sheet, const char *text, size_t n);
void sheet_newline(Sheet *sheet);
void sheet_blank_line(Sheet *sheet);
/* gap: blanks before the column; narrow: where it is not aligned. Groups are numbered from 1. */
void sheet_mark(Sheet *sheet, uint32_t group, unsigned column, unsigned gap, unsigned narrow);
/* A comment that begins a line; of several lines those after the first move with it. `from`: its
 * column in the source. */
void sheet_comment(Sheet *sheet, const char *text, size_t n, uint32_t from);
/* The first one behind the code of a line, and a further one: they do not move. */
void sheet_trailing(Sheet *sheet, const char *text, size_t n);
void sheet_further(Sheet *sheet, const char *text, size_t n);

/* Everything, aligned. */
FmtText sheet_finish(Sheet *sheet);

#endif
