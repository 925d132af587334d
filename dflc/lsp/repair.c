/* The parser goes on after an error behind the next ';', which is that of the
 * statement that follows one that lacks its own. So what is broken is blanked
 * out, from where its statement begins to where the next one does or the line
 * ends, a '}' that is missing is put in, and the text is read anew, until it
 * has no errors or enough was tried. What had the most in it is taken. */
#include "repair.h"

#include <string.h>

#include "dflc/diag_list.h"
#include "tokens.h"

enum { MOST_ROUNDS = 12 };

static size_t declared(const AstFile *file) {
    size_t n = file->n_items;
    for (size_t i = 0; i < file->n_items; i++) {
        const AstGraph *graph = file->items[i].graph;
        n += file->items[i].n_members + file->items[i].n_enumerators;
        if (graph)
            n += graph->n_fields + graph->n_nodes + graph->n_edges;
    }
    return n;
}

/* Blanks stand for all but line ends and braces, which hold together what is
 * around. */
static void blank(char *text, uint32_t begin, uint32_t end) {
    for (uint32_t i = begin; i < end; i++)
        if (text[i] != '\n' && text[i] != '\r' && text[i] != '{' && text[i] != '}')
            text[i] = ' ';
}

static bool is_declaration(int kind) {
    return kind_is_outer(kind) || kind == T_NODE || kind == T_PREDICATE || kind == T_ROUTER ||
           kind == T_STATE || kind == T_START || kind == T_LIMIT;
}

static size_t braces_open(const TokenList *tokens, size_t to) {
    size_t n = 0;
    for (size_t i = 0; i < to; i++)
        if (tokens->all[i].kind == '{')
            n++;
        else if (tokens->all[i].kind == '}' && n > 0)
            n--;
    return n;
}

/* A declaration at the beginning of a line, where a block around it should have
 * ended: its '}' are put into what stands before it, blanks and line ends. */
static bool close_before(char *text, const TokenList *tokens, size_t i) {
    int kind = tokens->all[i].kind;
    size_t within = kind_is_outer(kind) ? 0 : 1, open = braces_open(tokens, i);
    if (!is_declaration(kind) || !token_begins_line(tokens, i) || open <= within)
        return false;
    for (uint32_t at = tokens->all[i].begin; at > 0 && open > within; open--) {
        if (!strchr(" \t\r\n", text[--at]))
            return false;
        text[at] = '}';
    }
    return true;
}

/* Where the next statement begins, at or before the error: the last declaration
 * that begins a line. */
static size_t next_statement(const TokenList *tokens, size_t first, size_t at) {
    for (size_t i = at; i > first; i--)
        if (is_declaration(tokens->all[i].kind) && token_begins_line(tokens, i))
            return i;
    return first;
}

/* Up to where the error's line ends, or the file where that is the error. */
static uint32_t end_of_broken(const char *text, const TokenList *tokens, size_t at) {
    uint32_t end = tokens->all[at].end, n = (uint32_t)tokens->source->n;
    while (end < n && text[end] != '\n')
        end++;
    return tokens->all[at].kind == T_END_OF_FILE ? n : end;
}

/* False: there is nothing to blank. */
static bool blank_statement(char *text, const TokenList *tokens, size_t at) {
    size_t first = at;
    while (first > 0 && tokens->all[first - 1].kind != ';' && tokens->all[first - 1].kind != '{' &&
           tokens->all[first - 1].kind != '}' && tokens->all[first - 1].kind != T_BODY)
        first--;
    size_t next = next_statement(tokens, first, at);
    bool new_line = first < at && token_begins_line(tokens, at);
    uint32_t begin = tokens->all[first].begin;
    uint32_t end = next > first ? tokens->all[next].begin
                   : new_line   ? tokens->all[at].begin
                                : end_of_broken(text, tokens, at);
    bool holds = false;
    for (uint32_t i = begin; i < end && !holds; i++)
        holds = !strchr(" \t\r\n{}", text[i]);
    blank(text, begin, end);
    return holds;
}

static bool mend(char *text, const TokenList *tokens, uint32_t error) {
    size_t at = token_at(tokens, error);
    return close_before(text, tokens, at) || (at > 0 && close_before(text, tokens, at - 1)) ||
           blank_statement(text, tokens, at);
}

static AstFile *parse_once(Arena *arena, Interner *names, Source *source, uint32_t *error) {
    Compilation comp = {arena, names, diags_new(arena)};
    size_t n;
    AstFile *file = ast_parse(&comp, source);
    Diag *const *diags = diags_take(comp.diags, &n);
    *error = n ? diags[0]->at.begin : UINT32_MAX;
    return file;
}

AstFile *parse_tolerant(Arena *arena, Interner *names, Source *source) {
    const char *kept = source->text;
    uint32_t error;
    AstFile *best = parse_once(arena, names, source, &error), *file;
    if (error == UINT32_MAX)
        return best;
    char *text = arena_strndup(arena, source->text, source->n);
    for (int i = 0; i < MOST_ROUNDS && error != UINT32_MAX; i++) {
        TokenList tokens = tokens_of(arena, source);
        if (!mend(text, &tokens, error))
            break;
        source->text = text;
        file = parse_once(arena, names, source, &error);
        if (declared(file) > declared(best))
            best = file;
    }
    source->text = kept;
    return best;
}
