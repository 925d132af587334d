#include "tokens.h"

#include <string.h>

#include "dfl.tab.h"
#include "dflc/parse.h"

int parse_lex(GRAMMAR_STYPE *value, Span *at, Parse *p);

uint32_t columns_of(const char *text, size_t n) {
    uint32_t columns = 0;
    for (size_t i = 0; i < n && text[i] != '\n'; i++)
        columns += ((unsigned char)text[i] & 0xc0) != 0x80;
    return columns;
}

bool has_newline(const Source *source, uint32_t begin, uint32_t end) {
    return memchr(source->text + begin, '\n', end - begin) != NULL;
}

uint32_t comments_end(const Tokens *t, uint32_t token) {
    return token + 1 < t->n ? t->items[token + 1].comment : (uint32_t)t->n_comments;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

/* Whether at least one empty line lies between two offsets that have only blanks between them. */
static bool has_blank_line(const Source *source, uint32_t begin, uint32_t end) {
    const char *first = memchr(source->text + begin, '\n', end - begin);
    return first && memchr(first + 1, '\n', end - (size_t)(first + 1 - source->text));
}

/* ---- comments ---- */

static Comment *copy_comments(Arena *arena, const AstFile *file) {
    Comment *comments = ARENA_ARRAY(arena, Comment, file->n_comments + 1);
    for (size_t i = 0; i < file->n_comments; i++) {
        Span at = file->comments[i];
        while (is_blank(file->source->text[at.end - 1]))
            at.end--;
        comments[i] = (Comment){.begin = at.begin, .end = at.end};
    }
    return comments;
}

/* Says of the comments before a token where they stand. `before`: the end of the token before, or
 * UINT32_MAX at the beginning of the file. */
static void place_comments(const Source *source, Comment *comments, size_t n, uint32_t before,
                           const Token *token) {
    uint32_t from = before == UINT32_MAX ? 0 : before;
    bool behind = before != UINT32_MAX; /* still on the line of the token before */
    for (size_t i = 0; i < n; i++) {
        Comment *c = &comments[i];
        c->blank_before = has_blank_line(source, from, c->begin);
        behind = behind && !has_newline(source, from, c->begin);
        c->place = behind ? TRAILING : OWN;
        behind = behind && !has_newline(source, c->begin, c->end);
        from = c->end;
    }
    /* Back from the token, as long as nothing ends the line. */
    uint32_t to = token->begin;
    for (size_t i = n; i > 0 && token->kind != 0; i--) {
        Comment *c = &comments[i - 1];
        if (has_newline(source, c->begin, to))
            break;
        c->place = INSIDE;
        to = c->begin;
    }
}

/* ---- tokens ---- */

static Token next_token(Parse *p) {
    GRAMMAR_STYPE value;
    Span at = p->token_span;
    int kind = parse_lex(&value, &at, p);
    Token token = {.kind = kind, .begin = at.begin, .end = at.end};
    if (kind == T_BODY) {
        token.begin -= 2;
        token.end += 2;
    } else if (kind == 0) {
        token.begin = token.end = (uint32_t)p->source->n;
    }
    token.width = columns_of(p->source->text + token.begin, token.end - token.begin);
    return token;
}

static void add_token(Arena *arena, Tokens *t, Comment *comments, Token token) {
    const Token *before = t->n ? &t->items[t->n - 1] : NULL;
    size_t first = t->n_comments, n = first;
    while (comments[n].end > 0 && comments[n].begin < token.begin)
        n++;
    place_comments(t->source, comments + first, n - first, before ? before->end : UINT32_MAX,
                   &token);
    uint32_t from = n > first ? comments[n - 1].end : before ? before->end : 0;
    token.blank_before = has_blank_line(t->source, from, token.begin);
    token.comment = (uint32_t)first;
    t->n_comments = n;
    ARENA_PUSH(arena, t->items, t->n, t->cap, token);
}

/* Those before a token are counted while it is added; the array ends with an empty one. */
Tokens fmt_tokens(Compilation *comp, const AstFile *file) {
    Tokens t = {.source = file->source};
    Comment *comments = copy_comments(comp->arena, file);
    Parse *p = parse_open(comp, file->source);
    t.comments = comments;
    do
        add_token(comp->arena, &t, comments, next_token(p));
    while (t.items[t.n - 1].kind != 0);
    parse_close(p);
    return t;
}

/* ---- comparison ---- */

static bool is_separator(int kind) {
    return kind == ';' || kind == ',';
}

static bool same_text(const Tokens *a, const Token *x, const Tokens *b, const Token *y) {
    size_t n = x->end - x->begin;
    return x->kind == y->kind && n == y->end - y->begin &&
           memcmp(a->source->text + x->begin, b->source->text + y->begin, n) == 0;
}

static uint32_t skip_blanks(const char *text, uint32_t at, uint32_t end) {
    while (at < end && (is_blank(text[at]) || text[at] == '\n'))
        at++;
    return at;
}

static bool same_comment(const Tokens *a, const Comment *x, const Tokens *b, const Comment *y) {
    const char *s = a->source->text, *t = b->source->text;
    uint32_t i = x->begin, j = y->begin;
    for (;; i++, j++) {
        i = skip_blanks(s, i, x->end);
        j = skip_blanks(t, j, y->end);
        if (i == x->end || j == y->end)
            return i == x->end && j == y->end;
        if (s[i] != t[j])
            return false;
    }
}

bool same_tokens(const Tokens *a, const Tokens *b) {
    size_t i = 0, j = 0;
    if (a->n_comments != b->n_comments)
        return false;
    for (size_t c = 0; c < a->n_comments; c++)
        if (!same_comment(a, &a->comments[c], b, &b->comments[c]))
            return false;
    for (;; i++, j++) {
        while (is_separator(a->items[i].kind))
            i++;
        while (is_separator(b->items[j].kind))
            j++;
        if (!same_text(a, &a->items[i], b, &b->items[j]))
            return false;
        if (a->items[i].kind == 0)
            return true;
    }
}
