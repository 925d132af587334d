/* Semantic tokens: names by what they mean, and the words that are keywords
 * where they stand. */
#include <string.h>

#include "names.h"

/* In the order of the legend. */
typedef enum Color {
    COLOR_CLASS,
    COLOR_PROPERTY,
    COLOR_FUNCTION,
    COLOR_VARIABLE,
    COLOR_ENUM,
    COLOR_ENUM_MEMBER,
    COLOR_STRUCT,
    COLOR_TYPE,
    COLOR_KEYWORD,
    COLOR_NUMBER,
    COLOR_STRING,
    COLOR_COMMENT,
} Color;
static const char *const color_names[] = {"class",   "property",   "function", "variable",
                                          "enum",    "enumMember", "struct",   "type",
                                          "keyword", "number",     "string",   "comment"};
enum { DECLARATION = 1, READONLY = 2 };

json_t *coloring_legend(void) {
    json_t *types = json_array();
    for (size_t i = 0; i < sizeof color_names / sizeof *color_names; i++)
        json_array_append_new(types, json_stringn(color_names[i], strlen(color_names[i])));
    return json_pack("{s:o, s:[s, s]}", "tokenTypes", types, "tokenModifiers", "declaration",
                     "readonly");
}

typedef struct Painter {
    const Text *text;
    json_t *data;
    Position last;
} Painter;

/* One that goes over several lines is one on each. */
static void paint(Painter *p, uint32_t begin, uint32_t end, Color color, unsigned modifiers) {
    while (begin < end) {
        Position at = text_position(p->text, begin);
        uint32_t line_end = text_line_end(p->text, at.line), stop = line_end < end ? line_end : end;
        if (stop > begin) {
            uint32_t numbers[] = {at.line - p->last.line,
                                  at.line == p->last.line ? at.character - p->last.character
                                                          : at.character,
                                  text_units(p->text, begin, stop), color, modifiers};
            for (size_t i = 0; i < 5; i++)
                json_array_append_new(p->data, json_integer(numbers[i]));
            p->last = at;
        }
        if (at.line + 1 >= p->text->n_lines)
            return;
        begin = p->text->lines[at.line + 1];
    }
}

static Color color_of(const Symbol *symbol) {
    static const Color colors[] = {
        [SYM_GRAPH] = COLOR_CLASS,       [SYM_FIELD] = COLOR_PROPERTY,
        [SYM_NODE] = COLOR_FUNCTION,     [SYM_PREDICATE] = COLOR_FUNCTION,
        [SYM_ROUTER] = COLOR_FUNCTION,   [SYM_SECTION] = COLOR_FUNCTION,
        [SYM_VAR] = COLOR_VARIABLE,      [SYM_ENUM] = COLOR_ENUM,
        [SYM_VALUE] = COLOR_ENUM_MEMBER, [SYM_STRUCT] = COLOR_STRUCT,
        [SYM_MEMBER] = COLOR_PROPERTY,   [SYM_CONST] = COLOR_VARIABLE,
        [SYM_FILE] = COLOR_STRING,       [SYM_C] = COLOR_FUNCTION,
    };
    return colors[symbol->kind];
}

/* What a token is that names nothing; false: it has no color. */
static bool color_of_token(const LspToken *token, Color *color) {
    int kind = token->kind;
    if (kind == T_INT || kind == T_FLOAT || kind == T_DURATION)
        *color = COLOR_NUMBER;
    else if (kind == T_STRING || kind == T_HEADER)
        *color = COLOR_STRING;
    else if (kind >= T_BOOL && kind <= T_FAULT)
        *color = COLOR_TYPE;
    else if (kind > T_OR && kind != T_IDENT)
        *color = COLOR_KEYWORD;
    else
        return false;
    return true;
}

static void paint_all(Painter *p, const Index *index) {
    const TokenList *tokens = &index->tokens;
    size_t o = 0, c = 0;
    for (size_t i = 0; i < tokens->n; i++) {
        const LspToken *token = &tokens->all[i];
        for (; c < tokens->n_comments && tokens->comments[c].begin < token->begin; c++)
            paint(p, tokens->comments[c].begin, tokens->comments[c].end, COLOR_COMMENT, 0);
        while (o < index->n && index->all[o].span.begin < token->begin)
            o++;
        Color color;
        if (token->kind == T_END_OF_FILE)
            break;
        if (o < index->n && index->all[o].span.begin == token->begin) {
            const Occurrence *one = &index->all[o];
            paint(p, token->begin, token->end, color_of(one->symbol),
                  (one->declares ? DECLARATION : 0u) |
                      (one->symbol->kind == SYM_CONST ? READONLY : 0u));
        } else if (color_of_token(token, &color)) {
            paint(p, token->begin, token->end, color, 0);
        }
    }
}

json_t *answer_coloring(Request *r) {
    Document *document = request_document(r);
    const Index *index = document ? request_index(r, document) : NULL;
    if (!index)
        return NULL;
    Painter p = {.text = &document->text, .data = json_array()};
    paint_all(&p, index);
    return json_pack("{s:o}", "data", p.data);
}
