/* What the scanner, the grammar and the builders share while one file is read. */
#ifndef DFLC_PARSE_H
#define DFLC_PARSE_H

#include "ast.h"

/* The kind of name that could stand somewhere. */
typedef enum ExpectedName {
    EXPECT_NO_NAME,     /* none, or a new one */
    EXPECT_ITEM,        /* in a graph: a declaration, or the place that an edge begins with */
    EXPECT_TYPE, EXPECT_PARAM, EXPECT_PLACE, EXPECT_EXPRESSION,
    EXPECT_VALUE,       /* of an arm of a match */
    EXPECT_COUNT,       /* a constant */
    EXPECT_GRAPH, EXPECT_FIELD, EXPECT_REDUCER, EXPECT_MEMBER,
} ExpectedName;

/* What the grammar would take behind the end of a text. */
typedef struct Expectation {
    bool known;              /* false: a syntax error before it has the parser skip what is there */
    ExpectedName name;
    const char *words[128];  /* keywords, but for those that are there as names only */
    size_t n_words;
} Expectation;

/* One bracket that is still open. */
typedef struct OpenBracket {
    char kind;          /* ( [ {, and the < of map<> */
    uint32_t offset;
} OpenBracket;

typedef struct Parse {
    Compilation *comp;
    Source *source;
    AstFile *file;
    AstGraph *graph;            /* the graph being read; NULL outside */

    /* scanner */
    void *scanner;
    uint32_t offset;            /* of the next character */
    uint32_t body_begin;        /* of the text of an inline C body, behind its {% */
    int token, before;          /* the last two tokens */
    Span token_span, before_span;
    OpenBracket open[AST_MAX_DEPTH];
    size_t n_open, n_braces;    /* n_braces: how many of them are { */
    size_t n_prefixes;          /* how many ! and - stand before the next token */
    OpenBracket innermost;      /* of those that were open before the last token; kind 0: none */

    /* After a syntax error the parser drops tokens up to the ';' or '}' that ends the statement;
     * parse_lex hands it only that one, so that a ';' inside a nested block does not count. */
    bool recovering;
    size_t recover_braces;      /* n_braces of the broken statement */
    bool semicolon_next;        /* the broken statement ended with the last token */
    size_t n_errors;
    bool unclosed_state;        /* it was said that a state lacks its '}' */
    size_t n_reports;           /* syntax errors, with those that say nothing new */
    Span last_error;            /* where the last one was */
    bool unclosed;              /* a missing '}' has been reported: it will be missing at the end */
    bool outside;               /* something outside of all graphs has been reported, and no
                                   declaration read since */
    bool stopped;               /* nothing more is read or said */
    Expectation *expectation;   /* to be filled where the source ends; NULL: nobody asks */
} Parse;

/* For who completes a text. What it says of errors is in comp->diags. */
void ast_expect(Compilation *comp, const Source *source, Expectation *expectation);

/* Begins to read a source; `scanner` stays NULL when it is not UTF-8, which is then reported. */
Parse *parse_open(Compilation *comp, Source *source);
void parse_close(Parse *p);

/* The message for a mistake that the grammar itself recognized. */
Diag *parse_error(Parse *p, Span at, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* To be called once for every syntax error: what follows is skipped to the end of the statement. */
void parse_recover(Parse *p);
/* Whether the token at `at` has been reported as wrong in itself (a number too large...). */
bool parse_is_wrong(const Parse *p, Span at);
/* "to match this '('": the bracket that was open when the last token came, unless it closes it. */
void parse_note_open(Parse *p, Diag *diag);

Span parse_span(const Parse *p, uint32_t begin, uint32_t end);
const char *parse_text(const Parse *p, Span span);
size_t span_bytes(Span span);

#endif
