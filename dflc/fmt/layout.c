#include "layout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- looking ---- */

const Token *peek(const Layout *l) {
    return &l->t->items[l->at];
}

int kind_at(const Layout *l, uint32_t ahead) {
    uint32_t at = l->at + ahead;
    return at < l->t->n ? l->t->items[at].kind : 0;
}

bool fits_at(const Layout *l, uint32_t from, uint32_t to, uint32_t column) {
    uint32_t width = l->width[to] - l->width[from] - l->t->items[from].gap;
    return l->breaks[to] == l->breaks[from + 1] && column + width < FMT_COLUMNS;
}

bool fits(const Layout *l, uint32_t from, uint32_t to, uint32_t gap) {
    return fits_at(l, from, to, l->in_line && !l->must_end ? l->sheet->column + gap : l->indent);
}

/* ---- comments ---- */

static void end_line(Layout *l) {
    if (l->in_line)
        sheet_newline(l->sheet);
    l->in_line = l->must_end = l->behind_comment = l->behind_whole = false;
}

/* Begins a line if none is begun; before it a blank one, where the author left one. */
static void start_line(Layout *l, bool blank_before, uint32_t indent) {
    if (l->in_line)
        return;
    if (blank_before && l->fresh && !l->no_blank)
        sheet_blank_line(l->sheet);
    sheet_indent(l->sheet, indent);
    l->no_blank = false;
    l->in_line = true;
}

/* From 0, with tabs at multiples of 8. */
static uint32_t column_in_source(const Source *source, uint32_t offset) {
    uint32_t begin = offset, column = 0;
    while (begin > 0 && source->text[begin - 1] != '\n')
        begin--;
    for (; begin < offset; begin++)
        if (source->text[begin] == '\t')
            column = column / 8 * 8 + 8;
        else
            column += ((unsigned char)source->text[begin] & 0xc0) != 0x80;
    return column;
}

static void put_own(Layout *l, const Comment *c, uint32_t indent) {
    const Source *source = l->t->source;
    bool lines = has_newline(source, c->begin, c->end);
    end_line(l);
    start_line(l, c->blank_before, indent);
    sheet_comment(l->sheet, source->text + c->begin, c->end - c->begin,
                  lines ? column_in_source(source, c->begin) : 0);
    l->behind_whole = true;
}

static void put_behind(Layout *l, const Comment *c) {
    const char *text = l->t->source->text + c->begin;
    size_t n = c->end - c->begin;
    if (l->behind_comment)
        sheet_further(l->sheet, text, n);
    else
        sheet_trailing(l->sheet, text, n);
    l->behind_whole = text[1] == '/' || has_newline(l->t->source, c->begin, c->end);
}

static void put_comment(Layout *l, const Comment *c, uint32_t indent) {
    l->row_apart = l->row_apart || c->blank_before;
    if (c->place != OWN && l->in_line && !l->behind_whole)
        put_behind(l, c);
    else
        put_own(l, c, indent);
    l->must_end = l->behind_comment = true;
}

/* One that stands on the line of the token that follows. */
static void put_inside(Layout *l, const Comment *c) {
    if (l->must_end)
        end_line(l);
    bool begins = !l->in_line;
    start_line(l, c->blank_before, l->indent);
    char before = l->sheet->text[l->sheet->n - 1];
    if (!begins && before != '(' && before != '[')
        sheet_put(l->sheet, " ", 1);
    sheet_put(l->sheet, l->t->source->text + c->begin, c->end - c->begin);
    l->fresh = false;
}

/* The first of those before the next token that stay on its line. A comment before a token that was
 * left out counts as one before the next. */
static uint32_t first_inside(const Layout *l) {
    uint32_t i = comments_end(l->t, l->at);
    while (i > l->comment && l->t->comments[i - 1].place == INSIDE)
        i--;
    return i;
}

bool has_line_comment(const Layout *l) {
    return first_inside(l) > l->comment;
}

/* Those before the next token that end a line. A comment within a statement makes the rest of it
 * go on below, further in. */
static void put_comments(Layout *l, uint32_t indent) {
    for (uint32_t end = first_inside(l); l->comment < end; l->comment++) {
        if (l->in_line && !l->fresh && !l->must_end)
            l->indent = indent = l->wrap;
        put_comment(l, &l->t->comments[l->comment], indent);
    }
}

/* ---- tokens ---- */

static bool clings(int kind) {
    return kind == ';' || kind == ',' || kind == ')' || kind == ']';
}

static void put_token(Layout *l, unsigned gap) {
    const Token *token = peek(l);
    uint32_t first = l->comment;
    if (l->must_end)
        end_line(l);
    bool begins = !l->in_line;
    for (uint32_t end = comments_end(l->t, l->at); l->comment < end; l->comment++)
        put_inside(l, &l->t->comments[l->comment]);
    start_line(l, token->blank_before, l->indent);
    if (l->comment > first)
        gap = !clings(token->kind);
    else if (begins)
        gap = 0;
    sheet_put(l->sheet, "  ", gap);
    sheet_put(l->sheet, l->t->source->text + token->begin, token->end - token->begin);
    l->fresh = false;
    l->at++;
}

void emit(Layout *l, unsigned gap) {
    if (!l->sheet) {
        l->t->items[l->at++].gap = (uint8_t)gap;
        return;
    }
    put_comments(l, l->indent);
    put_token(l, gap);
}

void emit_separator(Layout *l) {
    if (!l->sheet || !has_line_comment(l)) {
        emit(l, 0);
        return;
    }
    sheet_put(l->sheet, l->t->source->text + peek(l)->begin, 1);
    l->at++;
}

void drop(Layout *l) {
    if (!l->sheet)
        l->t->items[l->at].width = 0;
    l->at++;
}

void insert(Layout *l, const char *text) {
    if (l->sheet)
        sheet_put(l->sheet, text, strlen(text));
}

void mark(Layout *l, unsigned column, unsigned gap, unsigned narrow) {
    sheet_mark(l->sheet, l->group, column, gap, narrow);
}

/* ---- lines ---- */

void begin_line(Layout *l, uint32_t indent) {
    if (!l->sheet)
        return;
    l->indent = indent;
    l->must_end = l->in_line;
}

void begin_statement(Layout *l, uint32_t indent, uint32_t wrap) {
    begin_line(l, indent);
    l->wrap = wrap;
    l->fresh = true;
}

void close_line(Layout *l, uint32_t inner, uint32_t outer) {
    if (!l->sheet)
        return;
    begin_line(l, inner);
    l->fresh = true;
    put_comments(l, inner);
    l->no_blank = true;
    begin_line(l, outer);
}

void end_stretch(Layout *l, uint32_t from) {
    if (!l->sheet)
        l->t->items[from].stop = l->at;
}

/* A stretch that does not fit begins a line, unless it would not fit there either: then it stays,
 * and is broken inside, if what cannot be broken of it fits. */
void begin_stretch(Layout *l) {
    const Token *token = peek(l);
    if (!l->sheet || !l->in_line || l->must_end || fits(l, l->at, token->stop, 1))
        return;
    bool inside =
        token->head && !fits_at(l, l->at, token->stop, l->wrap) && fits(l, l->at, token->head, 1);
    if (!inside && l->sheet->column > l->wrap)
        begin_line(l, l->wrap);
}

void begin_row(Layout *l, RowKind kind) {
    if (!l->sheet)
        return;
    put_comments(l, l->indent);
    bool blank = peek(l)->blank_before && !l->no_blank;
    if (kind == ROW_NONE || l->row != kind || l->row_apart || blank)
        l->group = ++l->groups;
    l->row = kind;
    l->row_apart = false;
}

/* ---- both passes ---- */

static void lay_file(Layout *l) {
    l->no_blank = true;
    while (peek(l)->kind != 0)
        lay_item(l);
    if (!l->sheet)
        return;
    begin_statement(l, 0, 0);
    put_comments(l, 0);
    end_line(l);
}

static uint32_t comment_columns(const Tokens *t, const Comment *c) {
    return columns_of(t->source->text + c->begin, c->end - c->begin) + 2; /* blanks around it */
}

/* From what the dry pass noted: how wide the tokens are, and between which a line must end. */
static void measure(Arena *arena, Layout *l) {
    const Tokens *t = l->t;
    l->width = ARENA_ARRAY(arena, uint32_t, t->n + 1);
    l->breaks = ARENA_ARRAY(arena, uint32_t, t->n + 2);
    for (uint32_t i = 0; i < t->n; i++) {
        const Token *token = &t->items[i];
        l->width[i + 1] = l->width[i] + token->gap + token->width;
        l->breaks[i + 1] += l->breaks[i];
        for (uint32_t c = token->comment; c < comments_end(t, i); c++)
            if (t->comments[c].place == INSIDE)
                l->width[i + 1] += comment_columns(t, &t->comments[c]);
            else
                l->breaks[i + 1] = l->breaks[i] + 1;
        if (token->breaks)
            l->breaks[i + 2] = 1;
    }
}

static bool is_same(Compilation *comp, const AstFile *file, const Tokens *before, FmtText text) {
    size_t errors = diags_errors(comp->diags);
    Source *source = source_from_text(comp->arena, file->source->path, text.text, text.n);
    AstFile *again = ast_parse(comp, source);
    Tokens after = fmt_tokens(comp, again);
    return diags_errors(comp->diags) == errors && same_tokens(before, &after);
}

bool fmt_lay(Compilation *comp, const AstFile *file, FmtText *text) {
    Tokens t = fmt_tokens(comp, file);
    Layout dry = {.t = &t}, wet = {.t = &t, .sheet = sheet_new(comp->arena)};
    lay_file(&dry);
    measure(comp->arena, &wet);
    lay_file(&wet);
    *text = sheet_finish(wet.sheet);
    return is_same(comp, file, &t, *text);
}

FmtText fmt_file(Compilation *comp, const AstFile *file) {
    FmtText text;
    if (fmt_lay(comp, file, &text))
        return text;
    fprintf(stderr, "dflc: internal error: the layout of '%s' loses something; it is left alone\n",
            file->source->path);
    abort();
}
