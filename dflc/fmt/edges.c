/* Expressions and edges. */
#include "dfl.tab.h"
#include "layout.h"

/* ---- expressions ---- */

static bool is_binary(int kind) {
    switch (kind) {
    case '*':
    case '/':
    case '%':
    case '+':
    case '-':
    case '<':
    case '>':
    case T_LE:
    case T_GE:
    case T_EQ:
    case T_NE:
    case T_AND:
    case T_OR:
    case T_IN:
        return true;
    default:
        return false;
    }
}

void lay_path(Layout *l, unsigned gap) {
    emit(l, gap);
    while (peek(l)->kind == '.') {
        emit(l, 0);
        emit(l, 0);
    }
}

static void lay_parens(Layout *l, unsigned gap) {
    emit(l, gap);
    lay_expr(l, 0);
    emit(l, 0);
}

static void lay_operand(Layout *l, unsigned gap) {
    for (; peek(l)->kind == '-' || peek(l)->kind == '!'; gap = 0)
        emit(l, gap);
    if (peek(l)->kind == T_LEN && kind_at(l, 1) == '(') {
        emit(l, gap);
        lay_parens(l, 0);
    } else if (peek(l)->kind == '(') {
        lay_parens(l, gap);
    } else {
        lay_path(l, gap);
    }
    while (peek(l)->kind == T_IS) {
        emit(l, 1);
        emit(l, 1);
    }
}

/* Broken before && and ||, if anywhere. */
uint32_t lay_expr(Layout *l, unsigned gap) {
    uint32_t head = 0, stretch = 0;
    lay_operand(l, gap);
    while (is_binary(peek(l)->kind)) {
        if (peek(l)->kind == T_AND || peek(l)->kind == T_OR) {
            if (stretch)
                end_stretch(l, stretch);
            stretch = l->at;
            head = head ? head : l->at;
            begin_stretch(l);
        }
        emit(l, 1);
        lay_operand(l, 1);
    }
    if (stretch)
        end_stretch(l, stretch);
    return head ? head : l->at;
}

/* ---- sections ---- */

static void lay_hops(Layout *l);
static void lay_place(Layout *l, unsigned gap);

static void lay_branch(Layout *l, unsigned gap) {
    lay_place(l, gap);
    lay_hops(l);
}

static void flat_branches(Layout *l) {
    uint32_t open = l->at;
    emit(l, l->t->items[open].gap);
    for (unsigned gap = 0; peek(l)->kind != ']'; gap = 1) {
        if (peek(l)->kind == ',')
            emit_separator(l);
        lay_branch(l, gap);
    }
    if (!l->sheet)
        l->t->items[open].match = l->at;
    emit(l, 0);
}

/* [a, b, c]: nothing but names, so that many of them share a line. */
static bool only_names(const Layout *l) {
    for (uint32_t i = l->at + 2; l->t->items[i].kind != ']'; i += 2)
        if (l->t->items[i].kind != ',')
            return false;
    return true;
}

static void broken_branches(Layout *l) {
    uint32_t outer = l->sheet->indent, inner = outer + FMT_INDENT, wrap = l->wrap;
    bool names = only_names(l);
    emit(l, peek(l)->gap);
    begin_line(l, inner);
    while (peek(l)->kind != ']') {
        l->wrap = inner + FMT_INDENT;
        lay_branch(l, 1);
        if (peek(l)->kind != ',')
            break;
        emit_separator(l);
        if (!names || has_line_comment(l) || !fits(l, l->at, l->at + 1, 1))
            begin_line(l, inner);
    }
    close_line(l, inner, outer);
    emit(l, 0);
    l->wrap = wrap;
}

static void lay_branches(Layout *l, unsigned gap) {
    if (!l->sheet)
        l->t->items[l->at].gap = (uint8_t)gap;
    if (!l->sheet || fits(l, l->at, peek(l)->match + 1, gap))
        flat_branches(l);
    else
        broken_branches(l);
}

static void lay_suffix(Layout *l) {
    for (;;) {
        switch (peek(l)->kind) {
        case T_INLINE:
        case T_THREADS:
        case T_RANKS:
            emit(l, 1);
            break;
        case T_SETTLE:
        case T_NEED:
            emit(l, 1);
            emit(l, 1);
            break;
        default:
            return;
        }
    }
}

static void lay_section(Layout *l, unsigned gap) {
    if (peek(l)->kind == T_EACH) {
        emit(l, gap);
        emit(l, 1);
        if (peek(l)->kind == ',') {
            emit_separator(l);
            emit(l, 1);
        }
        emit(l, 1);
        lay_path(l, 1);
        gap = 1;
    }
    lay_branches(l, gap);
    lay_suffix(l);
}

static void lay_place(Layout *l, unsigned gap) {
    if (peek(l)->kind == '[' || peek(l)->kind == T_EACH) {
        lay_section(l, gap);
        return;
    }
    emit(l, gap);
    if (peek(l)->kind == ':') {
        emit(l, 0);
        lay_section(l, 1);
    }
}

/* ---- when and match ---- */

static bool ends_in_block(const Layout *l) {
    return l->t->items[l->at - 1].kind == '}';
}

static void lay_arm(Layout *l, uint32_t indent, uint32_t group) {
    begin_statement(l, indent, indent + FMT_INDENT);
    if (peek(l)->kind == T_ELSE) {
        emit(l, 1);
    } else {
        lay_expr(l, 1);
        while (peek(l)->kind == ',') {
            emit_separator(l);
            uint32_t value = l->at;
            begin_stretch(l);
            lay_expr(l, 1);
            end_stretch(l, value);
        }
    }
    l->arm = true;
    l->arm_group = group;
    lay_hops(l);
    if (peek(l)->kind == ';')
        ends_in_block(l) ? drop(l) : emit_separator(l);
    else if (!ends_in_block(l))
        insert(l, ";");
}

static void lay_block(Layout *l) {
    uint32_t outer = l->sheet ? l->sheet->indent : 0, wrap = l->wrap, group = ++l->groups;
    bool match = peek(l)->kind == T_MATCH;
    emit(l, 1);
    if (match)
        lay_expr(l, 1);
    if (!l->sheet)
        l->t->items[l->at].breaks = true;
    emit(l, 1);
    l->no_blank = true;
    while (peek(l)->kind != '}')
        if (peek(l)->kind == ';')
            drop(l);
        else
            lay_arm(l, outer + FMT_INDENT, group);
    close_line(l, outer + FMT_INDENT, outer);
    emit(l, 0);
    l->wrap = wrap;
}

/* ---- chains ---- */

/* The brackets of a section that is too long stay behind its arrow. */
static uint32_t head_of_place(const Layout *l, uint32_t place) {
    const Token *items = l->t->items;
    if (items[place].kind == T_EACH || items[place + 1].kind == ':')
        while (items[place].kind != '[')
            place++;
    return items[place].kind == '[' ? place + 1 : 0;
}

static void lay_arrow(Layout *l) {
    bool aligned = l->arm && l->sheet && l->in_line && !l->must_end;
    l->arm = false;
    if (!aligned) {
        emit(l, 1);
        return;
    }
    sheet_mark(l->sheet, l->arm_group, 0, 4, 1);
    emit(l, 0);
}

static void lay_target(Layout *l) {
    uint32_t arrow = l->at;
    begin_stretch(l);
    lay_arrow(l);
    if (peek(l)->kind == T_WHEN || peek(l)->kind == T_MATCH) {
        uint32_t block = l->at;
        lay_block(l);
        if (!l->sheet) {
            while (!l->t->items[block].breaks)
                block++;
            l->t->items[arrow].stop = block + 1;
        }
        return;
    }
    uint32_t place = l->at;
    lay_place(l, 1);
    end_stretch(l, arrow);
    l->t->items[arrow].head = head_of_place(l, place);
}

static void lay_guard(Layout *l) {
    uint32_t word = l->at;
    begin_stretch(l);
    emit(l, 1);
    uint32_t head = lay_expr(l, 1);
    end_stretch(l, word);
    if (!l->sheet)
        l->t->items[word].head = head;
}

static void lay_two_words(Layout *l) {
    uint32_t word = l->at;
    begin_stretch(l);
    emit(l, 1);
    emit(l, 1);
    end_stretch(l, word);
}

static void lay_hops(Layout *l) {
    for (;;) {
        switch (peek(l)->kind) {
        case T_ARROW:
            lay_target(l);
            break;
        case T_WHEN:
            lay_guard(l);
            break;
        case T_MAX:
        case T_ON:
            lay_two_words(l);
            break;
        default:
            return;
        }
    }
}

void lay_edges(Layout *l, uint32_t indent) {
    begin_statement(l, indent, indent + FMT_INDENT);
    begin_row(l, ROW_NONE);
    lay_place(l, 1);
    while (peek(l)->kind == ',') {
        emit_separator(l);
        uint32_t place = l->at;
        begin_stretch(l);
        lay_place(l, 1);
        end_stretch(l, place);
    }
    lay_hops(l);
    if (!ends_in_block(l))
        emit_separator(l);
}
