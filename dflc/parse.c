#include "parse.h"

#include <stdarg.h>
#include <string.h>

#include "dfl.tab.h"

enum { MOST_SYNTAX_ERRORS = 1000 };

int scan_lex_init_extra(Parse *p, void **scanner);
int scan_lex(GRAMMAR_STYPE *value, Span *at, void *scanner);
int scan_lex_destroy(void *scanner);
void *scan__scan_bytes(const char *text, int n, void *scanner);
int parse_lex(GRAMMAR_STYPE *value, Span *at, Parse *p);

Span parse_span(const Parse *p, uint32_t begin, uint32_t end) {
    return (Span){p->source, begin, end};
}

const char *parse_text(const Parse *p, Span span) {
    return p->source->text + span.begin;
}

size_t span_bytes(Span span) {
    return span.end - span.begin;
}

/* ---- errors ---- */

Diag *parse_error(Parse *p, Span at, const char *fmt, ...) {
    if (++p->n_errors > MOST_SYNTAX_ERRORS)
        p->stopped = true;
    if (p->stopped)
        return NULL;
    p->last_error = at;
    va_list args;
    va_start(args, fmt);
    const char *text = arena_vprintf(p->comp->arena, fmt, args);
    va_end(args);
    return diag_error(p->comp->diags, at, "%s", text);
}

bool parse_is_wrong(const Parse *p, Span at) {
    return p->last_error.source && at.begin <= p->last_error.begin && p->last_error.begin < at.end;
}

/* ---- brackets ---- */

static char closer_of(char kind) {
    return kind == '(' ? ')' : kind == '[' ? ']' : kind == '<' ? '>' : '}';
}

void parse_note_open(Parse *p, Diag *diag) {
    OpenBracket open = p->innermost;
    bool ends = p->token == T_END_OF_FILE || p->token == ';' || p->token == '}' ||
                p->token == ']' || p->token == ')';
    if (open.kind && (ends || open.kind == '{') && p->token != closer_of(open.kind))
        diag_note(diag, parse_span(p, open.offset, open.offset + 1), "to match this '%c'",
                  open.kind);
}

static void pop_bracket(Parse *p) {
    p->n_open--;
    p->n_braces -= p->open[p->n_open].kind == '{';
}

/* A ';' or '}' ends what was left open inside its statement. */
static void pop_to_brace(Parse *p) {
    while (p->n_open > 0 && p->open[p->n_open - 1].kind != '{')
        pop_bracket(p);
}

static bool too_deep(Parse *p, const char *what, uint32_t offset) {
    parse_error(p, parse_span(p, offset, offset + 1), "%s nested deeper than %d levels", what,
                AST_MAX_DEPTH);
    p->stopped = true;
    return false;
}

static bool open_bracket(Parse *p, char kind, uint32_t offset) {
    if (p->n_open == AST_MAX_DEPTH)
        return too_deep(p, "brackets", offset);
    p->open[p->n_open++] = (OpenBracket){kind, offset};
    p->n_braces += kind == '{';
    return true;
}

static void close_bracket(Parse *p, char kind) {
    if (kind == '}')
        pop_to_brace(p);
    if (p->n_open > 0 && closer_of(p->open[p->n_open - 1].kind) == kind)
        pop_bracket(p);
}

/* Follows the nesting, before the parser's stack does; false when it became too deep. */
static bool track(Parse *p, int token, uint32_t offset) {
    p->innermost = p->n_open ? p->open[p->n_open - 1] : (OpenBracket){0, 0};
    bool is_prefix = token == '!' || token == '-';
    p->n_prefixes = is_prefix ? p->n_prefixes + 1 : 0;
    if (p->n_prefixes > AST_MAX_DEPTH)
        return too_deep(p, "expression", offset);
    switch (token) {
    case '<':
        return p->token != T_MAP || open_bracket(p, '<', offset);
    case '(':
    case '[':
    case '{':
        return open_bracket(p, (char)token, offset);
    case ')':
    case ']':
    case '>':
    case '}':
        close_bracket(p, (char)token);
        return true;
    case ';':
        pop_to_brace(p);
        return true;
    default:
        return true;
    }
}

/* ---- tokens ---- */

static int next_token(GRAMMAR_STYPE *value, Span *at, Parse *p) {
    int token = p->stopped ? T_END_OF_FILE : scan_lex(value, at, p->scanner);
    if (p->stopped || !track(p, token, at->begin))
        token = T_END_OF_FILE;
    if (token == T_END_OF_FILE)
        *at = parse_span(p, p->token_span.end, p->token_span.end);
    p->before = p->token;
    p->before_span = p->token_span;
    p->token = token;
    p->token_span = *at;
    return token;
}

void parse_recover(Parse *p) {
    if (p->token == ';' || p->token == '}')
        return;
    if (p->token == T_BODY)
        p->semicolon_next = true;
    p->recovering = p->token != T_BODY;
    p->recover_braces = p->n_braces - (p->token == '{');
}

static bool is_statement_level(const Parse *p) {
    return p->n_braces == p->recover_braces &&
           (p->n_open == 0 || p->open[p->n_open - 1].kind == '{');
}

/* Drops tokens to the end of the broken statement: its ';', the '}' around it, the '}' of a block
 * in it, or an inline C body. The last two stand for a ';'. */
static int skip_statement(GRAMMAR_STYPE *value, Span *at, Parse *p) {
    for (;;) {
        int token = next_token(value, at, p);
        if (token == T_END_OF_FILE || p->n_braces < p->recover_braces)
            return token;
        if (token == '}' && p->recover_braces == 0 && p->n_braces == 0)
            return ';';
        if (token == ';' && p->n_braces == p->recover_braces)
            return token;
        if ((token == '}' || token == T_BODY) && is_statement_level(p))
            return ';';
    }
}

/* What the parser reads: the scanner's tokens, but after an error only the end of the statement. */
int parse_lex(GRAMMAR_STYPE *value, Span *at, Parse *p) {
    if (p->semicolon_next) {
        p->semicolon_next = false;
        *at = p->token_span;
        return ';';
    }
    if (!p->recovering)
        return next_token(value, at, p);
    int token = skip_statement(value, at, p);
    p->recovering = false;
    return token;
}

/* ---- encoding ---- */

/* Bytes of the UTF-8 character at s (RFC 3629: shortest form, no surrogates), 0 if it is none. */
static size_t utf8_bytes(const unsigned char *s, size_t left) {
    static const struct {
        unsigned char lead_low, lead_high, low, high, bytes;
    } forms[] = {
        {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
        {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
        {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (s[0] < forms[i].lead_low || s[0] > forms[i].lead_high || left < forms[i].bytes)
            continue;
        if (s[1] < forms[i].low || s[1] > forms[i].high)
            return 0;
        for (size_t k = 2; k < forms[i].bytes; k++)
            if ((s[k] & 0xc0) != 0x80)
                return 0;
        return forms[i].bytes;
    }
    return 0;
}

/* Only the first bad byte is reported: a file that is no text has thousands. */
static bool check_encoding(Parse *p) {
    const unsigned char *s = (const unsigned char *)p->source->text;
    for (size_t i = 0, n; i < p->source->n; i += n) {
        n = s[i] < 0x80 ? s[i] != 0 : utf8_bytes(s + i, p->source->n - i);
        if (n > 0)
            continue;
        Span at = parse_span(p, (uint32_t)i, (uint32_t)i + 1);
        if (s[i] == 0)
            parse_error(p, at, "a NUL byte; a .dfl file is UTF-8 text");
        else
            parse_error(p, at, "byte 0x%02x is not UTF-8; a .dfl file is UTF-8 text",
                        (unsigned)s[i]);
        return false;
    }
    return true;
}

static uint32_t bom_bytes(const Source *source) {
    return source->n >= 3 && memcmp(source->text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

Parse *parse_open(Compilation *comp, Source *source) {
    Parse *p = ARENA_NEW(comp->arena, Parse);
    p->comp = comp;
    p->source = source;
    p->file = ARENA_NEW(comp->arena, AstFile);
    p->file->source = source;
    p->offset = bom_bytes(source);
    p->token_span = parse_span(p, p->offset, p->offset);
    if (!check_encoding(p))
        return p;
    scan_lex_init_extra(p, &p->scanner);
    scan__scan_bytes(source->text + p->offset, (int)(source->n - p->offset), p->scanner);
    return p;
}

void parse_close(Parse *p) {
    if (p->scanner)
        scan_lex_destroy(p->scanner);
    p->scanner = NULL;
}

AstFile *ast_parse(Compilation *comp, Source *source) {
    Parse *p = parse_open(comp, source);
    if (p->scanner)
        grammar_parse(p);
    parse_close(p);
    return p->file;
}

/* A character that no token begins with stands at the end: where it is a syntax error, the grammar tells what could
 * stand there. */
void ast_expect(Compilation *comp, const Source *source, Expectation *expectation) {
    char *text = arena_alloc(comp->arena, source->n + 3);
    memcpy(text, source->text, source->n);
    memcpy(text + source->n, " \001", 2);
    Parse *p = parse_open(comp, source_from_text(comp->arena, source->path, text, source->n + 2));
    p->expectation = expectation;
    if (p->scanner)
        grammar_parse(p);
    parse_close(p);
}
