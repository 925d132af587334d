/* A text as the tokens of the scanner, whether it parses or not. */
#ifndef DFLC_LSP_TOKENS_H
#define DFLC_LSP_TOKENS_H

#include "dfl.tab.h"
#include "dflc/ast.h"

typedef struct LspToken {
    int kind;            /* the grammar's */
    uint32_t begin, end; /* of a body: from {% to %} */
} LspToken;

typedef struct TokenList {
    const Source *source;
    LspToken *all; /* the last has kind 0, and lies where the text ends */
    size_t n, cap;
    const Span *comments;
    size_t n_comments;
    uint32_t unclosed; /* where a comment or body begins that has no end; UINT32_MAX: none does */
} TokenList;

TokenList tokens_of(Arena *arena, Source *source);
/* The first that ends behind the offset. */
size_t token_at(const TokenList *tokens, uint32_t offset);
bool token_is(const TokenList *tokens, size_t i, const char *word);

/* The first on its line. */
bool token_begins_line(const TokenList *tokens, size_t i);
/* A word that begins what stands outside of all braces. */
bool kind_is_outer(int kind);

/* What the token i belongs to, from the first token of a declaration or
 * statement to its last one: a ';', the '}' of its block, a body; for what
 * stands in an enum, up to the ','. */
Span statement_around(const TokenList *tokens, size_t i);

/* The comment that tells of a statement: right above it, or behind it on its
 * last line; without the signs that make it one. NULL: none. */
const char *comment_of(Arena *arena, const TokenList *tokens, Span statement);

#endif
