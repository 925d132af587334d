#include "tokens.h"

#include <string.h>

#include "dflc/parse.h"

int parse_lex(GRAMMAR_STYPE *value, Span *at, Parse *p);

static LspToken next_token(Parse *p) {
    GRAMMAR_STYPE value;
    Span at = p->token_span;
    LspToken token = {.kind = parse_lex(&value, &at, p)};
    token.begin = at.begin;
    token.end = at.end;
    if (token.kind == T_BODY) {
        token.begin -= 2;
        token.end += 2;
    } else if (token.kind == T_END_OF_FILE) {
        token.begin = token.end = (uint32_t)p->source->n;
    }
    return token;
}

/* What the scanner says of the text is said elsewhere, and is dropped here. */
TokenList tokens_of(Arena *arena, Source *source) {
    Compilation comp = {arena, interner_new(arena), diags_new(arena)};
    TokenList list = {.source = source};
    Parse *p = parse_open(&comp, source);
    do {
        LspToken token = {0, (uint32_t)source->n, (uint32_t)source->n};
        if (p->scanner)
            token = next_token(p);
        ARENA_PUSH(arena, list.all, list.n, list.cap, token);
    } while (list.all[list.n - 1].kind != T_END_OF_FILE);
    parse_close(p);
    list.comments = p->file->comments;
    list.n_comments = p->file->n_comments;
    list.unclosed = p->stopped ? p->body_begin : UINT32_MAX;
    return list;
}

size_t token_at(const TokenList *tokens, uint32_t offset) {
    size_t low = 0, high = tokens->n - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (tokens->all[middle].end > offset)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

bool token_is(const TokenList *tokens, size_t i, const char *word) {
    const LspToken *token = &tokens->all[i];
    size_t n = strlen(word);
    return token->end - token->begin == n &&
           memcmp(tokens->source->text + token->begin, word, n) == 0;
}

bool token_begins_line(const TokenList *tokens, size_t i) {
    uint32_t at = tokens->all[i].begin;
    const char *text = tokens->source->text;
    while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t'))
        at--;
    return at == 0 || text[at - 1] == '\n' || text[at - 1] == '\r';
}

bool kind_is_outer(int kind) {
    return kind == T_GRAPH || kind == T_STRUCT || kind == T_ENUM || kind == T_CONST ||
           kind == T_IMPORT || kind == T_INCLUDE;
}

/* ---- statements ---- */

static bool ends_before(int kind) {
    return kind == ';' || kind == '{' || kind == '}' || kind == T_BODY;
}

static bool declares(int kind) {
    return kind == T_NODE || kind == T_PREDICATE || kind == T_ROUTER || kind == T_GRAPH ||
           kind == T_STRUCT || kind == T_ENUM || kind == T_CONST;
}

/* The word before a declared name; else what follows the last ';' or brace. */
static size_t first_of(const TokenList *tokens, size_t i) {
    if (i > 0 && declares(tokens->all[i - 1].kind))
        return i - 1;
    while (i > 0 && !ends_before(tokens->all[i - 1].kind))
        i--;
    return i;
}

static bool opens(int kind) {
    return kind == '{' || kind == '(' || kind == '[';
}

static bool closes(int kind) {
    return kind == '}' || kind == ')' || kind == ']';
}

/* The last token of what begins at i: where brackets do not close, that before
 * what cannot be part of it. */
static size_t last_of(const TokenList *tokens, size_t i) {
    size_t depth = 0, from = i;
    for (; i + 1 < tokens->n; i++) {
        int kind = tokens->all[i].kind;
        if (opens(kind)) {
            depth++;
        } else if (closes(kind)) {
            if (depth == 0)
                return i > from ? i - 1 : i;
            if (--depth == 0 && kind == '}')
                return i;
        } else if (depth == 0 && (kind == ';' || kind == T_BODY)) {
            return i;
        } else if (i > from && kind_is_outer(kind) && tokens->all[i + 1].kind == T_IDENT &&
                   token_begins_line(tokens, i)) {
            return i - 1; /* a '}' is missing before it */
        }
    }
    return i > from ? i - 1 : i;
}

static bool is_in_enum(const TokenList *tokens, size_t first) {
    return first >= 3 && tokens->all[first - 1].kind == '{' &&
           tokens->all[first - 3].kind == T_ENUM;
}

Span statement_around(const TokenList *tokens, size_t i) {
    size_t first = first_of(tokens, i), last;
    if (is_in_enum(tokens, first)) {
        first = i;
        last = i;
        while (last + 1 < tokens->n && tokens->all[last + 1].kind != ',' &&
               tokens->all[last + 1].kind != '}' && tokens->all[last + 1].kind != T_END_OF_FILE)
            last++;
    } else {
        last = last_of(tokens, first);
    }
    if (last < i)
        last = i;
    return (Span){tokens->source, tokens->all[first].begin, tokens->all[last].end};
}

/* ---- comments ---- */

static size_t newlines(const char *text, uint32_t begin, uint32_t end) {
    size_t n = 0;
    for (uint32_t i = begin; i < end; i++)
        n += text[i] == '\n';
    return n;
}

static bool is_blank_text(const char *text, uint32_t begin, uint32_t end) {
    for (uint32_t i = begin; i < end; i++)
        if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r' && text[i] != '\n')
            return false;
    return true;
}

/* Without the signs; of a block, without the column of asterisks. */
static const char *text_of_comment(Arena *arena, const Source *source, Span at) {
    bool block = source->text[at.begin + 1] == '*';
    uint32_t end = block ? at.end - 2 : at.end, i = at.begin + 2;
    char *text = arena_alloc(arena, end - at.begin + 1), *to = text;
    for (bool begins = true; i < end; i++) {
        char c = source->text[i];
        if (begins && (c == ' ' || c == '\t' || (block && c == '*')))
            continue;
        begins = c == '\n';
        if (c != '\r')
            *to++ = c;
    }
    while (to > text && (to[-1] == ' ' || to[-1] == '\n' || to[-1] == '\t'))
        to--;
    *to = '\0';
    return text;
}

/* The first comment that begins behind the offset. */
static size_t comment_behind(const TokenList *tokens, uint32_t offset) {
    size_t low = 0, high = tokens->n_comments;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (tokens->comments[middle].begin >= offset)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* Whether the comment stands on lines of its own. */
static bool is_alone(const Source *source, Span comment) {
    uint32_t i = comment.begin;
    while (i > 0 && (source->text[i - 1] == ' ' || source->text[i - 1] == '\t'))
        i--;
    return i == 0 || source->text[i - 1] == '\n';
}

const char *comment_of(Arena *arena, const TokenList *tokens, Span statement) {
    const Source *source = tokens->source;
    size_t behind = comment_behind(tokens, statement.end), above = behind;
    if (behind < tokens->n_comments) {
        Span comment = tokens->comments[behind];
        uint32_t from = statement.end;
        while (from < comment.begin && (source->text[from] == ',' || source->text[from] == ';'))
            from++;
        if (newlines(source->text, statement.end, comment.begin) == 0 &&
            is_blank_text(source->text, from, comment.begin))
            return text_of_comment(arena, source, comment);
    }
    const char *text = NULL;
    uint32_t to = statement.begin;
    for (above = comment_behind(tokens, statement.begin); above > 0; above--) {
        Span comment = tokens->comments[above - 1];
        if (comment.end > to || !is_blank_text(source->text, comment.end, to) ||
            newlines(source->text, comment.end, to) != 1 || !is_alone(source, comment))
            break;
        const char *one = text_of_comment(arena, source, comment);
        text = text ? arena_printf(arena, "%s\n%s", one, text) : one;
        to = comment.begin;
    }
    return text;
}
