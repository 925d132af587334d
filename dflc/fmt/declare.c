/* Everything but edges: what a file and a graph declare. */
#include "dfl.tab.h"
#include "layout.h"

/* Blanks before an aligned column. */
enum { TO_NAME = 1, TO_PARAMS = 1, TO_ATTRIBUTE = 2, TO_COLON = 1, TO_EXTRA = 2, TO_BRACE = 1 };

/* `include`, `prefix`, `limit` and so on: words with blanks between them, up to the ';'. */
static void lay_words(Layout *l, uint32_t indent) {
    begin_statement(l, indent, indent + FMT_INDENT);
    begin_row(l, ROW_NONE);
    while (peek(l)->kind != ';')
        emit(l, 1);
    emit_separator(l);
}

static void lay_const(Layout *l) {
    begin_statement(l, 0, FMT_INDENT);
    begin_row(l, ROW_NONE);
    for (int i = 0; i < 3; i++)
        emit(l, 1);
    lay_expr(l, 1);
    emit_separator(l);
}

static void lay_type(Layout *l, unsigned gap) {
    int kind = peek(l)->kind;
    emit(l, gap);
    if (kind == T_HANDLE) {
        emit(l, 1);
    } else if (kind == T_MAP) {
        emit(l, 0);
        lay_type(l, 0);
        emit_separator(l);
        lay_type(l, 1);
        emit(l, 0);
    }
    while (peek(l)->kind == '[' || peek(l)->kind == '?') {
        bool array = peek(l)->kind == '[' && kind_at(l, 1) != ']';
        bool brackets = peek(l)->kind == '[';
        emit(l, 0);
        if (array)
            emit(l, 0);
        if (brackets)
            emit(l, 0);
    }
}

/* ---- braces: enum, struct, state ---- */

/* Whether nothing stands behind a '{' but what is dropped. */
static bool is_empty(const Token *open) {
    do
        open++;
    while (open->kind == ';');
    return open->kind == '}';
}

/* Whether the next thing, whose '{' is at `open`, is to stay on one line: it was, and it fits. */
static bool stays_on_line(const Layout *l, uint32_t open) {
    const Token *items = l->t->items;
    uint32_t close = items[open].match;
    return l->sheet && !is_empty(&items[open]) && fits(l, l->at, close + 1, 1) &&
           !has_newline(l->t->source, items[open].begin, items[close].begin);
}

/* What stands between braces: `inner` lays out one thing, `one_line` says how. */
static void lay_braces(Layout *l, uint32_t outer, bool one_line,
                       void (*inner)(Layout *l, uint32_t indent, bool one_line)) {
    uint32_t open = l->at;
    emit(l, !(one_line && l->row == ROW_TYPE));
    l->no_blank = true;
    while (peek(l)->kind != '}')
        if (peek(l)->kind == ';')
            drop(l);
        else
            inner(l, outer + FMT_INDENT, one_line);
    if (!l->sheet)
        l->t->items[open].match = l->at;
    if (!one_line)
        close_line(l, outer + FMT_INDENT, outer);
    emit(l, 1);
    l->no_blank = false;
    if (!one_line)
        l->row = ROW_NONE;
}

static void lay_enumerator(Layout *l, uint32_t indent, bool one_line) {
    if (!one_line) {
        begin_statement(l, indent, indent + FMT_INDENT);
        begin_row(l, ROW_ENUMERATOR);
    }
    emit(l, 1);
    if (peek(l)->kind == '=') {
        bool aligned = l->sheet && !one_line;
        if (aligned)
            mark(l, 0, 1, 1);
        emit(l, !aligned);
        lay_expr(l, 1);
    }
    if (peek(l)->kind == '}')
        insert(l, one_line ? "" : ",");
    else if (kind_at(l, 1) == '}' && (one_line || !l->sheet))
        drop(l);
    else
        emit_separator(l);
}

/* An aligned ':' where fields stand below each other. */
static void lay_colon(Layout *l, bool aligned, unsigned gap) {
    if (l->sheet && aligned) {
        mark(l, 0, TO_COLON, 1);
        gap = 0;
    }
    emit(l, gap);
    lay_type(l, 1);
}

static void lay_init(Layout *l) {
    emit(l, 1);
    lay_expr(l, 1);
}

static void lay_member(Layout *l, uint32_t indent, bool one_line) {
    if (!one_line) {
        begin_statement(l, indent, indent + FMT_INDENT);
        begin_row(l, ROW_FIELD);
    }
    emit(l, 1);
    lay_colon(l, !one_line, 0);
    if (peek(l)->kind == '=')
        lay_init(l);
    emit_separator(l);
}

/* merge sum, transient, was OLD: the first of a field is a column. */
static void lay_extra(Layout *l, bool aligned) {
    int word = peek(l)->kind;
    if (aligned)
        mark(l, 1, TO_EXTRA, TO_EXTRA);
    emit(l, !aligned);
    if (word == T_MERGE) {
        bool with = peek(l)->kind == T_WITH;
        emit(l, 1);
        if (with)
            emit(l, 1);
    } else if (word == T_WAS) {
        emit(l, 1);
    }
}

static void lay_field(Layout *l, uint32_t indent, bool one_line) {
    bool first = true;
    if (!one_line) {
        begin_statement(l, indent, indent + FMT_INDENT);
        begin_row(l, ROW_FIELD);
    }
    if (peek(l)->kind == T_IN || peek(l)->kind == T_OUT)
        emit(l, 1);
    emit(l, 1);
    lay_colon(l, !one_line, 1);
    while (peek(l)->kind != ';')
        if (peek(l)->kind == '=') {
            lay_init(l);
        } else {
            lay_extra(l, first && l->sheet && !one_line);
            first = false;
        }
    emit_separator(l);
}

static void lay_enum(Layout *l) {
    begin_statement(l, 0, FMT_INDENT);
    begin_row(l, ROW_TYPE);
    bool is_enum = peek(l)->kind == T_ENUM;
    bool one_line = stays_on_line(l, l->at + 2);
    emit(l, 1);
    emit(l, 1);
    if (one_line)
        mark(l, 0, TO_BRACE, 1);
    lay_braces(l, 0, one_line, is_enum ? lay_enumerator : lay_member);
}

static void lay_state(Layout *l, uint32_t indent) {
    begin_statement(l, indent, indent + FMT_INDENT);
    begin_row(l, ROW_NONE);
    bool one_line = stays_on_line(l, l->at + 1);
    emit(l, 1);
    lay_braces(l, indent, one_line, lay_field);
}

/* ---- nodes, predicates, routers ---- */

static void lay_param(Layout *l, unsigned gap) {
    int kind = peek(l)->kind;
    if (kind == T_IN || kind == T_OUT || kind == T_INOUT) {
        emit(l, gap);
        gap = 1;
    }
    emit(l, gap);
    if (peek(l)->kind == ':') {
        emit(l, 0);
        lay_type(l, 1);
    } else if (peek(l)->kind == '=') {
        lay_init(l);
    }
}

static void lay_params(Layout *l, unsigned gap) {
    uint32_t open = l->at;
    emit(l, gap);
    for (gap = 0; peek(l)->kind != ')'; gap = 1) {
        if (peek(l)->kind == ',')
            emit_separator(l);
        uint32_t param = l->at;
        if (gap)
            begin_stretch(l);
        lay_param(l, gap);
        end_stretch(l, param);
    }
    if (!l->sheet)
        l->t->items[open].match = l->at;
    emit(l, 0);
}

static unsigned words_of_attribute(const Layout *l) {
    switch (peek(l)->kind) {
    case T_CHECKPOINT:
    case T_EFFECT:
        return 1;
    case T_RETRY:
        if (kind_at(l, 2) != T_EVERY)
            return 2;
        return kind_at(l, 4) == T_UP ? 7 : 4;
    default:
        return 2;
    }
}

/* The first two of a row are columns. */
static void lay_attribute(Layout *l, bool aligned, unsigned number) {
    uint32_t word = l->at;
    unsigned words = words_of_attribute(l);
    if (!aligned)
        begin_stretch(l);
    else if (number < 2)
        mark(l, 2 + number, TO_ATTRIBUTE, number == 0 ? 1 : TO_ATTRIBUTE);
    emit(l, !aligned ? 1 : number < 2 ? 0 : TO_ATTRIBUTE);
    while (--words > 0)
        emit(l, 1);
    end_stretch(l, word);
}

static void lay_targets(Layout *l) {
    uint32_t target = l->at;
    do {
        target = l->at;
        begin_stretch(l);
        emit(l, 1);
        emit(l, 1);
        end_stretch(l, target);
    } while (peek(l)->kind == '|');
}

/* Where the parameters go on when they are too many for a line. */
static uint32_t wrap_of_params(const Layout *l, uint32_t indent) {
    uint32_t behind = l->sheet->column + 2;
    return behind <= FMT_COLUMNS / 2 ? behind : indent + 2 * FMT_INDENT;
}

/* node NAME [runs GRAPH] */
static void lay_node_name(Layout *l, bool aligned) {
    emit(l, 1);
    if (aligned)
        mark(l, 0, TO_NAME, 1);
    emit(l, !aligned);
    while (peek(l)->kind != '(')
        emit(l, 1);
}

static bool at_end_of_head(const Layout *l) {
    return peek(l)->kind == ';' || peek(l)->kind == T_BODY;
}

/* What does not fit behind the parameters as a whole goes below them. */
static void lay_attributes(Layout *l, uint32_t end, bool aligned) {
    if (l->sheet && !at_end_of_head(l) && !fits(l, l->at, end, 1))
        begin_line(l, l->wrap);
    for (unsigned i = 0; !at_end_of_head(l); i++)
        if (peek(l)->kind == T_ARROW)
            lay_targets(l);
        else
            lay_attribute(l, aligned, i);
}

static uint32_t params_of(const Layout *l) {
    uint32_t at = l->at + 2;
    while (l->t->items[at].kind != '(')
        at++;
    return at;
}

static void lay_node(Layout *l, uint32_t indent) {
    uint32_t first = l->at, end = peek(l)->stop, wrap = indent + 2 * FMT_INDENT;
    bool wet = l->sheet != NULL;
    begin_statement(l, indent, wrap);
    begin_row(l, peek(l)->kind == T_NODE ? ROW_NODE : ROW_CHOOSER);
    bool all = wet && fits(l, first, end, 1);
    bool params = wet && fits(l, first, l->t->items[params_of(l)].match + 1, 1);
    lay_node_name(l, params);
    if (params)
        mark(l, 1, TO_PARAMS, 1);
    else if (wet)
        l->wrap = wrap_of_params(l, indent);
    lay_params(l, !params);
    l->wrap = wrap;
    lay_attributes(l, end, all);
    end_stretch(l, first);
    if (peek(l)->kind == ';')
        emit_separator(l);
    else
        emit(l, 1);
}

/* ---- graphs and files ---- */

/* `limit -> a`: a place that has the name of a keyword. */
static bool is_place(const Layout *l) {
    int next = kind_at(l, 1);
    return next == T_ARROW || next == ',' || next == ':';
}

static void lay_graph_item(Layout *l, uint32_t indent) {
    switch (is_place(l) ? 0 : peek(l)->kind) {
    case ';':
        drop(l);
        break;
    case T_STATE:
        lay_state(l, indent);
        break;
    case T_NODE:
    case T_PREDICATE:
    case T_ROUTER:
        lay_node(l, indent);
        break;
    case T_LIMIT:
    case T_CHECKPOINT:
        lay_words(l, indent);
        break;
    default:
        lay_edges(l, indent);
        break;
    }
}

static void lay_graph(Layout *l) {
    begin_statement(l, 0, FMT_INDENT);
    begin_row(l, ROW_NONE);
    for (int i = 0; i < 3; i++)
        emit(l, 1);
    while (peek(l)->kind != '}')
        lay_graph_item(l, FMT_INDENT);
    close_line(l, FMT_INDENT, 0);
    emit(l, 1);
    l->no_blank = false;
}

void lay_item(Layout *l) {
    switch (peek(l)->kind) {
    case ';':
        drop(l);
        break;
    case T_CONST:
        lay_const(l);
        break;
    case T_ENUM:
    case T_STRUCT:
        lay_enum(l);
        break;
    case T_GRAPH:
        lay_graph(l);
        break;
    default:
        lay_words(l, 0);
        break;
    }
}
