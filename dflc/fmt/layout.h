/* Going through the tokens of a file, writing them one after another.
 *
 * The functions of declare.c and edges.c know the grammar, and say before each token how many
 * blanks it wants, or that it begins a line. They go through the file twice: a first, dry pass only
 * takes notes in the tokens (the gaps, where a stretch ends), so that the second can ask how wide a
 * stretch is before it begins it. */
#ifndef DFLC_FMT_LAYOUT_H
#define DFLC_FMT_LAYOUT_H

#include "sheet.h"
#include "tokens.h"

/* Rows that are aligned with the rows of the same kind around them. */
typedef enum RowKind {
    ROW_NONE,
    ROW_TYPE,          /* an enum or a struct on one line */
    ROW_FIELD,
    ROW_ENUMERATOR,
    ROW_NODE,
    ROW_CHOOSER,       /* a predicate or a router */
} RowKind;

typedef struct Layout {
    Tokens *t;
    Sheet *sheet;             /* NULL: the dry pass */
    uint32_t at, comment;     /* the next token, and the next comment */
    uint32_t *width;          /* by token: columns of all before it, laid end to end */
    uint32_t *breaks;         /* by token: how many lines must end before it, from the beginning */
    uint32_t indent;          /* of the line that the next token begins, if it begins one */
    uint32_t wrap;            /* of further lines of a statement */
    bool in_line;             /* something stands on the line */
    bool must_end;            /* ... and nothing but a comment may follow on it */
    bool behind_comment;      /* ... and a comment stands there already: */
    bool behind_whole;        /* ... one that no other can follow */
    bool fresh;               /* at the beginning of a statement: a blank line may be kept */
    bool no_blank;            /* but not here */
    RowKind row;
    uint32_t group, groups;   /* of the row; how many there are */
    bool row_apart;           /* a blank line stands before it */
    bool arm;                 /* the next arrow is the one behind a guard: */
    uint32_t arm_group;       /* ... and aligned in this group */
} Layout;

/* ---- looking ---- */

const Token *peek(const Layout *l);
int kind_at(const Layout *l, uint32_t ahead);
/* Whether tokens [from, to) fit behind what stands on the line, `gap` blanks apart; one column is
 * kept for the ';' or ',' behind them. Not in the dry pass. */
bool fits(const Layout *l, uint32_t from, uint32_t to, uint32_t gap);
bool fits_at(const Layout *l, uint32_t from, uint32_t to, uint32_t column);
/* Whether a comment that ends a line stands before the next token. */
bool has_line_comment(const Layout *l);

/* ---- writing ---- */

void emit(Layout *l, unsigned gap);
/* A ';' or ',': a comment before it that ends a line is written behind it. */
void emit_separator(Layout *l);
/* Leaves a token out; a comment before it stands before the next. */
void drop(Layout *l);
/* Text that the file lacks. */
void insert(Layout *l, const char *text);
void mark(Layout *l, unsigned column, unsigned gap, unsigned narrow);
/* The next token begins a line. */
void begin_line(Layout *l, uint32_t indent);
void begin_statement(Layout *l, uint32_t indent, uint32_t wrap);
/* The next token closes a block: what stands before it belongs to the inside. */
void close_line(Layout *l, uint32_t inner, uint32_t outer);
/* The next token begins a stretch that should not be broken (up to its `stop`). */
void begin_stretch(Layout *l);
/* In the dry pass: the stretch that began at `from` ends here. */
void end_stretch(Layout *l, uint32_t from);
/* The row of the next token is aligned with those of its kind. */
void begin_row(Layout *l, RowKind kind);

/* ---- the grammar ---- */

/* An expression. Returns the token behind its first operand, where it may be broken. */
uint32_t lay_expr(Layout *l, unsigned gap);
void lay_path(Layout *l, unsigned gap);
void lay_edges(Layout *l, uint32_t indent);
void lay_item(Layout *l);

#endif
