/* The fields of the state: their types, defaults and reducers, and what may go together. */
#include "internal.h"

#include <string.h>

static const struct {
    const char *name;
    Reducer reducer;
} reducers[] = {
    {"sum", RD_SUM}, {"min", RD_MIN},       {"max", RD_MAX},     {"and", RD_AND},
    {"or", RD_OR},   {"append", RD_APPEND}, {"union", RD_UNION}, {"last", RD_LAST},
};

/* ---- reducers ---- */

static bool reducer_fits(Reducer reducer, const Type *type) {
    switch (reducer) {
    case RD_SUM:
    case RD_MIN:
    case RD_MAX:
        return type_is_number(type);
    case RD_AND:
    case RD_OR:
        return type->kind == TY_BOOL;
    case RD_APPEND:
        return type->kind == TY_LIST || type->kind == TY_STRING || type->kind == TY_BYTES;
    case RD_UNION:
        return type->kind == TY_MAP;
    case RD_LAST:
        return type->kind != TY_HANDLE;
    case RD_CUSTOM:
        return type->kind != TY_HANDLE && type->kind != TY_ARRAY;
    case RD_NONE:
        break;
    }
    return true;
}

/* The reducers that fit a type, as a sentence's end. */
static const char *fitting_reducers(const Type *type) {
    if (type_is_number(type))
        return "'sum', 'min', 'max', 'last', or 'with' a function of your own";
    switch (type->kind) {
    case TY_BOOL:
        return "'and', 'or', 'last', or 'with' a function of your own";
    case TY_LIST:
    case TY_STRING:
    case TY_BYTES:
        return "'append', 'last', or 'with' a function of your own";
    case TY_MAP:
        return "'union', 'last', or 'with' a function of your own";
    case TY_ARRAY:
        return "'last'; in a struct, it could be 'with' a function of your own";
    default:
        return "'last', or 'with' a function of your own";
    }
}

/* What others call it, or "". */
static const char *foreign_reducer(const char *name) {
    static const struct {
        const char *there, *hint;
    } words[] = {
        {"add", "; numbers merge by 'sum', lists by 'append'"}, {"plus", ", did you mean 'sum'?"},
        {"concat", ", did you mean 'append'?"},     {"extend", ", did you mean 'append'?"},
        {"push", ", did you mean 'append'?"},       {"any", ", did you mean 'or'?"},
        {"all", ", did you mean 'and'?"},           {"update", ", did you mean 'union'?"},
        {"replace", ", did you mean 'last'?"},      {"overwrite", ", did you mean 'last'?"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(name, words[i].there) == 0)
            return words[i].hint;
    return "";
}

static bool reducer_named(Sema *s, AstName name, Reducer *reducer) {
    StrMap known = {0};
    for (size_t i = 0; i < sizeof reducers / sizeof *reducers; i++) {
        if (strcmp(reducers[i].name, name.text) == 0) {
            *reducer = reducers[i].reducer;
            return true;
        }
        const char *interned = intern_cstr(s->comp->names, reducers[i].name);
        strmap_put(&known, s->arena, interned, &known);
    }
    const char *hint = foreign_reducer(name.text);
    if (!*hint)
        hint = hint_from(s, name.text, &known, NULL, NULL);
    diag_error(s->diags, name.span, "unknown reducer '%s'%s", name.text,
               *hint ? hint
                     : "; there are sum, min, max, and, or, append, union, last, and "
                       "'with FUNCTION'");
    return false;
}

static void resolve_reducer(Sema *s, Field *field, const AstField *ast) {
    if (!ast->merge.text)
        return;
    if (ast->merge_with.text) {
        if (!name_check(s, ast->merge_with, NAME_FUNCTION))
            return;
        field->reducer = RD_CUSTOM;
        field->reducer_fn = ast->merge_with.text;
    } else if (!reducer_named(s, ast->merge, &field->reducer)) {
        /* Reported; as if the branches may write it, so that no second error comes of it. */
        field->reducer = RD_LAST;
        return;
    }
    if (field->type->kind == TY_ERROR || reducer_fits(field->reducer, field->type))
        return;
    if (field->type->kind == TY_HANDLE)
        diag_error(s->diags, ast->merge.span, "a handle cannot be merged: no node writes it");
    else
        diag_error(s->diags, ast->merge.span, "'%s' does not merge %s; what does is %s",
                   ast->merge.text, type_text(field->type), fitting_reducers(field->type));
    field->reducer = RD_LAST;
}

/* ---- what may go together ---- */

static void check_local(Sema *s, const AstField *ast) {
    const char *other = NULL;
    if (ast->direction != AD_NONE)
        other = ast->direction == AD_IN ? "cannot be 'in'" : "cannot be 'out'";
    else if (ast->merge.text)
        other = "takes no reducer";
    else if (ast->transient)
        other = "need not be 'transient'";
    if (other)
        diag_error(s->diags, ast->local_span,
                   "'%s' is local, so it %s: each branch has a value of its own, which ends at the "
                   "join",
                   ast->name.text, other);
}

static void check_handle(Sema *s, const AstField *ast) {
    if (ast->direction == AD_OUT)
        diag_error(s->diags, ast->name.span,
                   "handle '%s' cannot be 'out': the program sets it, and no node writes it",
                   ast->name.text);
    else if (ast->local)
        diag_error(s->diags, ast->local_span,
                   "handle '%s' cannot be local: the program sets it before a run", ast->name.text);
}

static bool is_taken(GraphSema *g, const AstField *ast) {
    const FieldInfo *first = strmap_get(&g->fields, ast->name.text);
    if (!first)
        return false;
    Diag *diag =
        diag_error(g->sema->diags, ast->name.span, "field '%s' is declared twice", ast->name.text);
    diag_note(diag, first->field.span, "first declared here");
    return true;
}

static void resolve_field(GraphSema *g, const AstField *ast) {
    Sema *s = g->sema;
    Graph *graph = g->graph;
    name_check(s, ast->name, NAME_FIELD);
    if (is_taken(g, ast))
        return;
    FieldInfo *info = ARENA_NEW(s->arena, FieldInfo);
    Field *field = &info->field;
    field->name = ast->name.text;
    field->span = ast->name.span;
    field->type_span = ast->type->span;
    field->index = (uint32_t)graph->n_fields;
    field->type = type_resolve(s, ast->type, TYPE_FIELD);
    field->is_in = ast->direction == AD_IN;
    field->is_out = ast->direction == AD_OUT;
    field->transient = ast->transient;
    field->local = ast->local;
    graph->marks_io = graph->marks_io || ast->direction != AD_NONE;
    graph->marks_out = graph->marks_out || field->is_out;
    resolve_reducer(s, field, ast);
    if (ast->init)
        field->init = const_of(s, ast->init, field->type);
    if (field->type->kind == TY_HANDLE)
        check_handle(s, ast);
    else if (ast->local)
        check_local(s, ast);
    ARENA_PUSH(s->arena, graph->fields, graph->n_fields, graph->cap_fields, field);
    strmap_put(&g->fields, s->arena, field->name, info);
}

void fields_resolve(GraphSema *g) {
    for (size_t i = 0; i < g->ast->n_fields; i++)
        resolve_field(g, &g->ast->fields[i]);
    attrs_resolve_field_was(g);
}
