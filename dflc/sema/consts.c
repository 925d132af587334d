/* Constants: `const X = literal`, and every place where a literal stands for a value. */
#include "internal.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

/* ---- literals ---- */

static Literal literal_error(void) {
    return (Literal){.kind = LIT_ERROR};
}

/* What an expression without names and signs is. */
static Literal plain_literal(Sema *s, const AstExpr *ast) {
    switch (ast->kind) {
    case AE_INT:
        return (Literal){.kind = LIT_INT, .magnitude = ast->u.integer};
    case AE_DURATION:
        return (Literal){.kind = LIT_DURATION, .magnitude = ast->u.integer};
    case AE_FLOAT:
        return (Literal){.kind = LIT_REAL, .real = ast->u.real};
    case AE_STRING:
        return (Literal){.kind = LIT_STRING, .p = ast->u.string.p, .n = ast->u.string.n};
    case AE_BOOL:
        return (Literal){.kind = LIT_BOOL, .boolean = ast->u.boolean};
    case AE_NONE:
        return (Literal){.kind = LIT_NONE};
    case AE_NAME:
        return (Literal){.kind = LIT_NAME, .name = ast->u.name};
    default:
        diag_error(s->diags, ast->span,
                   "a constant is needed here: a literal, or the name of a 'const'");
        return literal_error();
    }
}

static Literal negated(Sema *s, const AstExpr *ast, Literal literal) {
    switch (literal.kind) {
    case LIT_INT:
    case LIT_DURATION:
        literal.negative = !literal.negative && literal.magnitude != 0;
        return literal;
    case LIT_REAL:
        literal.real = -literal.real;
        return literal;
    case LIT_ERROR:
        return literal;
    default:
        diag_error(s->diags, ast->op, "'-' needs a number");
        return literal_error();
    }
}

/* ---- const declarations ---- */

/* The constants behind `first` in the chain, from the last one back; the first few are enough. */
static void note_circle(Diag *diag, ConstDecl **chain, size_t n, const ConstDecl *first) {
    enum { MAX_NOTES = 10 };
    size_t i = n;
    for (size_t notes = 0; notes < MAX_NOTES && chain[i - 1] != first; notes++) {
        i--;
        diag_note(diag, chain[i]->name.span, "through '%s'", chain[i]->name.text);
    }
    size_t more = 0;
    while (chain[i - 1 - more] != first)
        more++;
    if (more > 0)
        diag_note(diag, (Span){0}, "and so on, through %zu more", more);
}

/* `const A = B; const B = -C; const C = 3;`: the chain is followed to its literal, then back. */
static void resolve_const(Sema *s, ConstDecl *decl) {
    ConstDecl **chain = NULL;
    size_t n = 0, cap = 0;
    Literal literal = literal_error();
    while (decl->state == CONST_UNSEEN) {
        decl->state = CONST_OPEN;
        ARENA_PUSH(s->arena, chain, n, cap, decl);
        const AstExpr *value = decl->value;
        while (value->kind == AE_NEG)
            value = value->left;
        literal = plain_literal(s, value);
        if (literal.kind != LIT_NAME)
            break;
        ConstDecl *next = (ConstDecl *)(uintptr_t)const_find(s, literal.name);
        if (!next) {
            const_refuse_unknown(s, value->span, literal.name);
            literal = literal_error();
            break;
        }
        if (next->state == CONST_OPEN) {
            Diag *diag = diag_error(s->diags, next->name.span, "constant '%s' is defined by itself",
                                    next->name.text);
            note_circle(diag, chain, n, next);
            literal = literal_error();
            break;
        }
        decl = next;
        literal = next->literal;
    }
    while (n-- > 0) {
        for (const AstExpr *value = chain[n]->value; value->kind == AE_NEG; value = value->left)
            literal = negated(s, value, literal);
        if (literal.kind == LIT_NONE) {
            diag_error(s->diags, chain[n]->value->span,
                       "'none' is no constant: write it where it is meant");
            literal = literal_error();
        }
        chain[n]->literal = literal;
        chain[n]->state = CONST_DONE;
    }
}

const ConstDecl *const_find(const Sema *s, const char *name) {
    const ConstDecl *decl = strmap_get(&s->consts, name);
    return decl && imports_see(s, decl->file) ? decl : NULL;
}

void const_refuse_unknown(Sema *s, Span at, const char *name) {
    const ConstDecl *decl = strmap_get(&s->consts, name);
    diag_error(s->diags, at, "unknown constant '%s'%s", name,
               decl ? imports_hint(s, decl->file) : hint_from(s, name, &s->consts, NULL, NULL));
}

void consts_collect(Sema *s, const AstFile *file) {
    size_t before = s->consts.n;
    for (size_t i = 0; i < file->n_items; i++) {
        const AstItem *item = &file->items[i];
        if (item->kind != AI_CONST)
            continue;
        ConstDecl *first = strmap_get(&s->consts, item->name.text);
        if (first) {
            imports_refuse_twice(s, "constant", item->name, first->name.span, first->file);
            continue;
        }
        ConstDecl *decl = ARENA_NEW(s->arena, ConstDecl);
        decl->name = item->name;
        decl->file = s->file;
        decl->value = item->value;
        strmap_put(&s->consts, s->arena, item->name.text, decl);
    }
    for (size_t i = before; i < s->consts.n; i++)
        resolve_const(s, s->consts.entries[i].value);
}

Literal literal_of(Sema *s, const AstExpr *ast) {
    bool negative = false;
    const AstExpr *inner = ast;
    for (; inner->kind == AE_NEG; inner = inner->left)
        negative = !negative;
    Literal literal = plain_literal(s, inner);
    if (literal.kind == LIT_NAME) {
        const ConstDecl *decl = const_find(s, literal.name);
        if (decl)
            literal = decl->literal;
    }
    return negative && literal.kind != LIT_NAME ? negated(s, ast, literal) : literal;
}

/* ---- literals that must fit a type ---- */

const char *literal_text(Sema *s, const AstExpr *ast) {
    Span span = ast->span;
    if (!span.source)
        return "this";
    uint32_t n = span.end - span.begin;
    const char *text = span.source->text + span.begin;
    if (n > 40 || memchr(text, '\n', n))
        return "this";
    return arena_printf(s->arena, "%.*s", (int)n, text);
}

Enumerator *enum_find(Sema *s, const Enum *enum_, const char *name) {
    const EnumValues *values = strmap_get(&s->enum_values, name);
    if (!values || values->enum_ == enum_)
        return values ? values->value : NULL;
    for (size_t i = 0; i < enum_->n_values; i++)
        if (enum_->values[i].name == name)
            return &enum_->values[i];
    return NULL;
}

const char *quoted_text(Sema *s, const AstExpr *ast) {
    const char *text = literal_text(s, ast);
    bool is_name = ast->kind == AE_NAME || ast->kind == AE_MEMBER;
    return is_name ? arena_printf(s->arena, "'%s'", text) : text;
}

/* "an i32", "a string", "bytes". */
static const char *a_type(Sema *s, const Type *type) {
    if (type->kind == TY_BYTES)
        return type->name;
    bool vowel = type->name[0] == 'i' || type->name[0] == 'f';
    return arena_printf(s->arena, "%s %s", vowel ? "an" : "a", type->name);
}

static Const *misfit(Sema *s, const AstExpr *ast, const Type *type) {
    diag_error(s->diags, ast->span, "%s is not %s", quoted_text(s, ast), a_type(s, type));
    return NULL;
}

static Const *new_const(Sema *s, const Type *type) {
    Const *constant = ARENA_NEW(s->arena, Const);
    constant->type = type;
    return constant;
}

/* The largest magnitude of an integer type, on either side of zero. */
static uint64_t magnitude_limit(const Type *type, bool negative) {
    static const unsigned bits[] = {[TY_I8] = 8, [TY_I16] = 16, [TY_I32] = 32, [TY_I64] = 64,
                                    [TY_U8] = 8, [TY_U16] = 16, [TY_U32] = 32, [TY_U64] = 64};
    unsigned n = bits[type->kind];
    if (type_is_unsigned(type))
        return negative ? 0 : UINT64_MAX >> (64 - n);
    uint64_t half = UINT64_C(1) << (n - 1);
    return negative ? half : half - 1;
}

static Const *integer_const(Sema *s, const AstExpr *ast, Literal literal, const Type *type) {
    if (literal.kind == LIT_REAL) {
        diag_error(s->diags, ast->span, "%s is a float, and the type here is %s",
                   quoted_text(s, ast), type_text(type));
        return NULL;
    }
    if (literal.kind != LIT_INT)
        return misfit(s, ast, type);
    if (literal.magnitude > magnitude_limit(type, literal.negative)) {
        diag_error(s->diags, ast->span, "%s does not fit %s", quoted_text(s, ast), type_text(type));
        return NULL;
    }
    Const *constant = new_const(s, type);
    if (type_is_unsigned(type))
        constant->u.u = literal.magnitude;
    else
        constant->u.i =
            literal.negative ? -(int64_t)(literal.magnitude - 1) - 1 : (int64_t)literal.magnitude;
    return constant;
}

static Const *real_const(Sema *s, const AstExpr *ast, Literal literal, const Type *type) {
    double value = literal.real;
    if (literal.kind == LIT_INT)
        value = literal.negative ? -(double)literal.magnitude : (double)literal.magnitude;
    else if (literal.kind != LIT_REAL)
        return misfit(s, ast, type);
    if (!isfinite(value) || (type->kind == TY_F32 && fabs(value) > (double)FLT_MAX)) {
        diag_error(s->diags, ast->span, "%s does not fit %s", quoted_text(s, ast), type_text(type));
        return NULL;
    }
    Const *constant = new_const(s, type);
    constant->u.real = type->kind == TY_F32 ? (double)(float)value : value;
    return constant;
}

/* Bytes that follow the first one of a UTF-8 character; -1 where none begins. */
static int utf8_tail(unsigned char first) {
    if (first < 0x80)
        return 0;
    if (first >= 0xc2 && first <= 0xdf)
        return 1;
    if (first >= 0xe0 && first <= 0xef)
        return 2;
    return first >= 0xf0 && first <= 0xf4 ? 3 : -1;
}

static bool is_utf8(const char *p, size_t n) {
    const unsigned char *at = (const unsigned char *)p, *end = at + n;
    while (at < end) {
        int tail = utf8_tail(*at);
        if (tail < 0 || end - at <= tail)
            return false;
        /* Overlong forms, surrogates, and what lies above U+10FFFF. */
        if ((*at == 0xe0 && at[1] < 0xa0) || (*at == 0xed && at[1] > 0x9f) ||
            (*at == 0xf0 && at[1] < 0x90) || (*at == 0xf4 && at[1] > 0x8f))
            return false;
        for (at++; tail > 0; tail--, at++)
            if ((*at & 0xc0) != 0x80)
                return false;
    }
    return true;
}

static Const *string_const(Sema *s, const AstExpr *ast, Literal literal, const Type *type) {
    if (literal.kind != LIT_STRING)
        return misfit(s, ast, type);
    if (type->kind == TY_STRING && !is_utf8(literal.p, literal.n)) {
        diag_error(s->diags, ast->span, "this string is not UTF-8; raw bytes have the type bytes");
        return NULL;
    }
    Const *constant = new_const(s, type);
    constant->u.string.p = literal.p;
    constant->u.string.n = literal.n;
    return constant;
}

static const char *unknown_value_hint(Sema *s, const Enum *enum_, const char *name) {
    StrMap values = {0};
    for (size_t i = 0; hints_are_shown(s) && i < enum_->n_values; i++)
        strmap_put(&values, s->arena, enum_->values[i].name, &enum_->values[i]);
    return hint_from(s, name, &values, NULL, NULL);
}

static Const *enum_const(Sema *s, const AstExpr *ast, const Type *type) {
    const Enum *enum_ = type->enum_;
    if (ast->kind != AE_NAME) {
        Diag *diag = diag_error(s->diags, ast->span, "%s is no value of enum '%s'",
                                quoted_text(s, ast), enum_->name);
        diag_note(diag, enum_->span, "enum '%s' is declared here", enum_->name);
        return NULL;
    }
    const Enumerator *value = enum_find(s, enum_, ast->u.name);
    if (!value) {
        Diag *diag = diag_error(s->diags, ast->span, "enum '%s' has no value '%s'%s", enum_->name,
                                ast->u.name, unknown_value_hint(s, enum_, ast->u.name));
        diag_note(diag, enum_->span, "enum '%s' is declared here", enum_->name);
        return NULL;
    }
    Const *constant = new_const(s, type);
    constant->u.enumerator = value;
    return constant;
}

static Const *optional_const(Sema *s, const AstExpr *ast, const Type *type) {
    Const *constant = new_const(s, type);
    if (ast->kind == AE_NONE) {
        constant->is_none = true;
        return constant;
    }
    const Const *value = const_of(s, ast, type->elem);
    if (!value)
        return NULL;
    constant->u = value->u;
    return constant;
}

static Const *no_const(Sema *s, const AstExpr *ast, const Type *type) {
    diag_error(s->diags, ast->span,
               type->kind == TY_HANDLE
                   ? "a handle has no default: the program sets it before a run"
                   : "%s has no default but empty; set it in a node, or before a run",
               type_text(type));
    return NULL;
}

/* A literal of a scalar type; an unknown name has been looked up as a constant. */
static Const *scalar_const(Sema *s, const AstExpr *ast, const Type *type) {
    Literal literal = literal_of(s, ast);
    switch (literal.kind) {
    case LIT_ERROR:
        return NULL;
    case LIT_NAME:
        const_refuse_unknown(s, ast->span, literal.name);
        return NULL;
    case LIT_NONE:
        diag_error(s->diags, ast->span, "%s cannot be none; its type would be '%s?'",
                   type_text(type), type_text(type));
        return NULL;
    case LIT_DURATION:
        diag_error(s->diags, ast->span, "a duration is not %s", a_type(s, type));
        return NULL;
    default:
        break;
    }
    if (type_is_integer(type))
        return integer_const(s, ast, literal, type);
    if (type_is_number(type))
        return real_const(s, ast, literal, type);
    if (type->kind == TY_STRING || type->kind == TY_BYTES)
        return string_const(s, ast, literal, type);
    if (literal.kind != LIT_BOOL)
        return misfit(s, ast, type);
    Const *constant = new_const(s, type);
    constant->u.boolean = literal.boolean;
    return constant;
}

Const *const_of(Sema *s, const AstExpr *ast, const Type *type) {
    switch (type->kind) {
    case TY_ERROR:
        return NULL;
    case TY_ENUM:
        return enum_const(s, ast, type);
    case TY_OPT:
        return optional_const(s, ast, type);
    case TY_LIST:
    case TY_MAP:
    case TY_ARRAY:
    case TY_STRUCT:
    case TY_HANDLE:
        return no_const(s, ast, type);
    default:
        return scalar_const(s, ast, type);
    }
}

bool count_of(Sema *s, const AstExpr *ast, const char *what, uint64_t max, uint64_t *out) {
    Literal literal = literal_of(s, ast);
    *out = 1;
    if (literal.kind == LIT_ERROR)
        return false;
    if (literal.kind == LIT_NAME) {
        const_refuse_unknown(s, ast->span, literal.name);
        return false;
    }
    if (literal.kind != LIT_INT) {
        diag_error(s->diags, ast->span, "%s is a whole number, not %s", what, quoted_text(s, ast));
        return false;
    }
    if (literal.negative || literal.magnitude == 0 || literal.magnitude > max) {
        if (max == UINT64_MAX || literal.negative || literal.magnitude == 0)
            diag_error(s->diags, ast->span, "%s is at least 1", what);
        else
            diag_error(s->diags, ast->span, "%s is at most %" PRIu64, what, max);
        return false;
    }
    *out = literal.magnitude;
    return true;
}

bool duration_of(Sema *s, const AstExpr *ast, const char *what, int64_t *out) {
    Literal literal = literal_of(s, ast);
    *out = 0;
    if (literal.kind == LIT_ERROR)
        return false;
    if (literal.kind == LIT_NAME) {
        const_refuse_unknown(s, ast->span, literal.name);
        return false;
    }
    if (literal.kind != LIT_DURATION) {
        diag_error(s->diags, ast->span, "%s is a duration, such as 20us or 1s", what);
        return false;
    }
    if (literal.negative || literal.magnitude > INT64_MAX) {
        diag_error(s->diags, ast->span, "%s cannot be %s", what,
                   literal.negative ? "negative" : "as long as this");
        return false;
    }
    *out = (int64_t)literal.magnitude;
    return true;
}
