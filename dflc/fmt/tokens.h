/* A file as a row of tokens, with the comments that stand between them. */
#ifndef DFLC_FMT_TOKENS_H
#define DFLC_FMT_TOKENS_H

#include "dflc/ast.h"

typedef enum CommentPlace {
    OWN,         /* on a line of its own */
    TRAILING,    /* the last thing on the line of the token before it */
    INSIDE,      /* a token follows on its line */
} CommentPlace;

typedef struct Comment {
    uint32_t begin, end;      /* without blanks at its end */
    CommentPlace place;
    bool blank_before;        /* a blank line stands before it */
} Comment;

typedef struct Token {
    int kind;                 /* the grammar's; 0 at the end of the file */
    uint32_t begin, end;      /* a body: from {% to %} */
    uint32_t comment;         /* the first before it; they go on to the next token's */
    uint32_t width;           /* columns; of a body: to the end of its first line */
    bool blank_before;
    /* Found out by the first pass of layout.c: */
    uint8_t gap;              /* blanks before it where it follows on the same line */
    bool breaks;              /* what follows it begins a line */
    uint32_t match;           /* the bracket that closes this one */
    uint32_t stop;            /* the token behind the stretch that this one begins */
    uint32_t head;            /* behind the part that cannot be broken; 0: that is all of it */
} Token;

typedef struct Tokens {
    const Source *source;
    Token *items;             /* the last one has kind 0 */
    size_t n, cap;
    const Comment *comments;
    size_t n_comments;
} Tokens;

/* The file has no syntax error. */
Tokens fmt_tokens(Compilation *comp, const AstFile *file);
uint32_t comments_end(const Tokens *t, uint32_t token);
/* Columns of a text, up to its first newline. */
uint32_t columns_of(const char *text, size_t n);
/* Whether a newline stands in the text between two offsets. */
bool has_newline(const Source *source, uint32_t begin, uint32_t end);
/* Whether both hold the same tokens but for ';' and ',', and the same comments but for blanks. */
bool same_tokens(const Tokens *a, const Tokens *b);

#endif
