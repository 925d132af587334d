/* The tokens of dfl that tree-sitter's regular expressions cannot tell: where a C body ends, and the <FILE> of an
 * include, which would be a map's <TYPE, TYPE> elsewhere. */
#include "tree_sitter/parser.h"

enum Token { BODY_BEGIN, C_CODE, BODY_END, HEADER };

/* What is kept between two tokens: whether the last one stands in a body. Text is C then whatever the parser expects,
 * which after an error is anything. */
typedef struct Scanner {
    bool in_body;
} Scanner;

void *tree_sitter_dfl_external_scanner_create(void);
void tree_sitter_dfl_external_scanner_destroy(void *payload);
unsigned tree_sitter_dfl_external_scanner_serialize(void *payload, char *buffer);
void tree_sitter_dfl_external_scanner_deserialize(void *payload, const char *buffer, unsigned length);
bool tree_sitter_dfl_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid);

void *tree_sitter_dfl_external_scanner_create(void) {
    return calloc(1, sizeof(Scanner));
}

void tree_sitter_dfl_external_scanner_destroy(void *payload) {
    free(payload);
}

unsigned tree_sitter_dfl_external_scanner_serialize(void *payload, char *buffer) {
    const Scanner *scanner = payload;
    buffer[0] = scanner && scanner->in_body;
    return 1;
}

void tree_sitter_dfl_external_scanner_deserialize(void *payload, const char *buffer, unsigned length) {
    Scanner *scanner = payload;
    if (scanner)
        scanner->in_body = length == 1 && buffer[0];
}

static void next(TSLexer *lexer) {
    lexer->advance(lexer, false);
}

static bool is_space(int32_t c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_word(int32_t c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

static bool found(Scanner *scanner, TSLexer *lexer, enum Token token) {
    lexer->result_symbol = (TSSymbol)token;
    scanner->in_body = token == BODY_BEGIN || token == C_CODE;
    return true;
}

/* ---- C, as far as it says where %} is none ---- */

static void pass_character(TSLexer *lexer) {
    if (lexer->lookahead == '\\')
        next(lexer);
    next(lexer);
}

/* Behind the '"' that opens it. */
static void pass_string(TSLexer *lexer) {
    while (!lexer->eof(lexer) && lexer->lookahead != '"' && lexer->lookahead != '\n')
        pass_character(lexer);
    if (lexer->lookahead == '"')
        next(lexer);
}

static void pass_line_comment(TSLexer *lexer) {
    while (!lexer->eof(lexer) && lexer->lookahead != '\n')
        pass_character(lexer);
}

static void pass_block_comment(TSLexer *lexer) {
    for (int32_t before = 0; !lexer->eof(lexer);) {
        int32_t c = lexer->lookahead;
        next(lexer);
        if (before == '*' && c == '/')
            return;
        before = c;
    }
}

typedef enum Within { CODE, STRING, LINE_COMMENT, BLOCK_COMMENT } Within;

/* Behind what has just been passed. */
static Within within_next(Within within, TSLexer *lexer, int32_t passed) {
    if (within == STRING)
        return passed == '"' ? CODE : STRING;
    if (within == CODE && passed == '"')
        return STRING;
    bool opens = within == CODE && passed == '/' && (lexer->lookahead == '/' || lexer->lookahead == '*');
    bool closes = within == BLOCK_COMMENT && passed == '*' && lexer->lookahead == '/';
    if (!opens && !closes)
        return within;
    within = closes ? CODE : lexer->lookahead == '/' ? LINE_COMMENT : BLOCK_COMMENT;
    next(lexer);
    return within;
}

/* Behind an apostrophe. When another one follows on the line, the two are a character with what is between them. When
 * none does it is a sign like any other: then a %} that was passed in the search ends the body, and this is true. */
static bool ends_in_constant(TSLexer *lexer) {
    Within within = CODE;
    bool passed_end = false;
    while (!lexer->eof(lexer) && lexer->lookahead != '\'' && lexer->lookahead != '\n') {
        int32_t c = lexer->lookahead;
        if (c == '%' && within == CODE && !passed_end)
            lexer->mark_end(lexer);
        pass_character(lexer);
        passed_end |= c == '%' && within == CODE && lexer->lookahead == '}';
        within = within_next(within, lexer, c);
    }
    if (lexer->lookahead == '\'') {
        next(lexer);
        return false;
    }
    if (within == BLOCK_COMMENT && !passed_end)
        pass_block_comment(lexer);
    return passed_end;
}

/* A word or number, in which an apostrophe may stand between others. */
static bool ends_in_word(TSLexer *lexer) {
    int32_t first = lexer->lookahead, last = first;
    unsigned length = 0;
    for (;;) {
        for (; is_word(lexer->lookahead); length++) {
            last = lexer->lookahead;
            next(lexer);
        }
        if (lexer->lookahead != '\'')
            return false;
        next(lexer);
        bool opens = (length == 1 && (first == 'L' || first == 'u' || first == 'U')) ||
                     (length == 2 && first == 'u' && last == '8');
        if (opens || !is_word(lexer->lookahead))
            return ends_in_constant(lexer);
    }
}

static void pass_slash(TSLexer *lexer) {
    next(lexer);
    int32_t c = lexer->lookahead;
    if (c != '/' && c != '*')
        return;
    next(lexer);
    if (c == '/')
        pass_line_comment(lexer);
    else
        pass_block_comment(lexer);
}

/* Passes what is at hand. True: the end of the body is marked, and was seen to be one. */
static bool ends_in_next(TSLexer *lexer) {
    int32_t c = lexer->lookahead;
    if (is_word(c))
        return ends_in_word(lexer);
    if (c == '/') {
        pass_slash(lexer);
        return false;
    }
    if (c == '%')
        lexer->mark_end(lexer);
    pass_character(lexer);
    if (c == '\'')
        return ends_in_constant(lexer);
    if (c == '"')
        pass_string(lexer);
    return c == '%' && lexer->lookahead == '}';
}

/* The %} of a body, or C up to it; where there is none all the rest, and the parser says what is missing. */
static bool scan_body(Scanner *scanner, TSLexer *lexer) {
    if (lexer->eof(lexer))
        return false;
    if (lexer->lookahead == '%') {
        next(lexer);
        if (lexer->lookahead == '}') {
            next(lexer);
            lexer->mark_end(lexer);
            return found(scanner, lexer, BODY_END);
        }
    }
    while (!lexer->eof(lexer))
        if (ends_in_next(lexer))
            return found(scanner, lexer, C_CODE);
    lexer->mark_end(lexer);
    return found(scanner, lexer, C_CODE);
}

/* ---- the rest ---- */

static bool scan_body_begin(Scanner *scanner, TSLexer *lexer) {
    next(lexer);
    if (lexer->lookahead != '%')
        return false;
    next(lexer);
    lexer->mark_end(lexer);
    return found(scanner, lexer, BODY_BEGIN);
}

static bool scan_header(Scanner *scanner, TSLexer *lexer) {
    do
        next(lexer);
    while (!lexer->eof(lexer) && lexer->lookahead != '<' && lexer->lookahead != '>' && lexer->lookahead != '\n');
    if (lexer->lookahead != '>')
        return false;
    next(lexer);
    lexer->mark_end(lexer);
    return found(scanner, lexer, HEADER);
}

bool tree_sitter_dfl_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid) {
    Scanner *scanner = payload;
    if (!scanner)
        return false; /* there was no memory */
    if (scanner->in_body)
        return scan_body(scanner, lexer);
    while (is_space(lexer->lookahead))
        lexer->advance(lexer, true);
    if (lexer->lookahead == '{' && valid[BODY_BEGIN])
        return scan_body_begin(scanner, lexer);
    /* Behind an error all are valid, and what is between < and > is unknown. */
    if (lexer->lookahead == '<' && valid[HEADER] && !valid[BODY_BEGIN])
        return scan_header(scanner, lexer);
    return false;
}
