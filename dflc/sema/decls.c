/* Enums and structs: their names first, so that they can use each other, then what is in them. */
#include "internal.h"

#include <inttypes.h>

static bool is_declared_twice(Sema *s, const AstItem *item) {
    const Type *first = strmap_get(&s->types, item->name.text);
    if (!first)
        return false;
    if (first == s->fault) {
        diag_error(s->diags, item->name.span, "'fault' is a built-in type");
        return true;
    }
    imports_refuse_twice(s, "type", item->name,
                         first->kind == TY_ENUM ? first->enum_->span : first->struct_->span,
                         strmap_get(&s->type_files, item->name.text));
    return true;
}

static const char *prefixed(Sema *s, const char *name) {
    return arena_printf(s->arena, "%s%s", s->file->prefix, name);
}

static void collect_enum(Sema *s, const AstItem *item) {
    Enum *enum_ = ARENA_NEW(s->arena, Enum);
    enum_->name = item->name.text;
    enum_->c_name = prefixed(s, enum_->name);
    enum_->span = item->name.span;
    enum_->imported = s->file->imported;
    enum_->type = type_new_named(s, TY_ENUM, enum_->name, enum_->c_name);
    enum_->type->enum_ = enum_;
    ARENA_PUSH(s->arena, s->program->enums, s->program->n_enums, s->program->cap_enums, enum_);
    type_list(s, enum_->type, item->name.span);
}

/* They can lead to one another through lists, and the functions that follow them there, one in the
 * other, are as deep as there are structs. */
static void count_struct(Sema *s, const AstItem *item) {
    enum { MOST_STRUCTS = 10000 };
    if (s->n_structs++ == MOST_STRUCTS)
        diag_error(s->diags, item->name.span, "a program has at most %d structs", MOST_STRUCTS);
}

static void collect_struct(Sema *s, const AstItem *item) {
    count_struct(s, item);
    Struct *struct_ = ARENA_NEW(s->arena, Struct);
    struct_->name = item->name.text;
    struct_->c_name = prefixed(s, struct_->name);
    struct_->span = item->name.span;
    struct_->imported = s->file->imported;
    struct_->type = type_new_named(s, TY_STRUCT, struct_->name, struct_->c_name);
    struct_->type->struct_ = struct_;
    type_list(s, struct_->type, item->name.span);
}

void decls_collect(Sema *s, const AstFile *file) {
    for (size_t i = 0; i < file->n_items; i++) {
        const AstItem *item = &file->items[i];
        if ((item->kind != AI_ENUM && item->kind != AI_STRUCT) || is_declared_twice(s, item))
            continue;
        name_check(s, item->name, NAME_TYPE);
        strmap_put(&s->type_files, s->arena, item->name.text, s->file);
        if (item->kind == AI_ENUM)
            collect_enum(s, item);
        else
            collect_struct(s, item);
    }
}

/* ---- enums ---- */

/* The value of an enumerator that says one; int32, as C's enum constants are. */
static bool explicit_value(Sema *s, const AstEnumerator *ast, int64_t *value) {
    Const *constant = const_of(s, ast->value, s->builtin[TY_I32]);
    if (!constant)
        return false;
    *value = constant->u.i;
    return true;
}

static void note_value_name(Sema *s, Enum *enum_, Enumerator *value) {
    EnumValues *first = strmap_get(&s->enum_values, value->name);
    EnumValues *known = ARENA_NEW(s->arena, EnumValues);
    known->enum_ = enum_;
    known->value = value;
    known->file = s->file;
    if (first)
        first->last->next = known;
    else
        strmap_put(&s->enum_values, s->arena, value->name, first = known);
    first->last = known;
}

const EnumValues *enum_values_find(const Sema *s, const char *name, const Enum **other) {
    const EnumValues *values = strmap_get(&s->enum_values, name), *found = NULL;
    *other = NULL;
    for (; values && !*other; values = values->next) {
        if (!imports_see(s, values->file))
            continue;
        if (found)
            *other = values->enum_;
        else
            found = values;
    }
    return found;
}

typedef struct EnumSeen {
    StrMap names;  /* enumerators by name -> Span */
    StrMap values; /* and by value, in decimal -> AstEnumerator */
} EnumSeen;

static bool is_value_taken(Sema *s, EnumSeen *seen, const AstEnumerator *ast, int64_t value) {
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%" PRId64, value);
    const char *key = intern(s->comp->names, digits, (size_t)n);
    const AstEnumerator *first = strmap_get(&seen->values, key);
    if (!first) {
        strmap_put(&seen->values, s->arena, key, (void *)(uintptr_t)ast);
        return false;
    }
    Diag *diag = diag_error(s->diags, ast->name.span, "'%s' has the value %s, as '%s' has",
                            ast->name.text, key, first->name.text);
    diag_note(diag, first->name.span, "'%s' is here", first->name.text);
    return true;
}

static bool is_name_taken(Sema *s, EnumSeen *seen, const AstEnumerator *ast) {
    const AstEnumerator *first = strmap_get(&seen->names, ast->name.text);
    if (!first) {
        strmap_put(&seen->names, s->arena, ast->name.text, (void *)(uintptr_t)ast);
        return false;
    }
    Diag *diag =
        diag_error(s->diags, ast->name.span, "value '%s' is declared twice", ast->name.text);
    diag_note(diag, first->name.span, "first declared here");
    return true;
}

static void add_enumerator(Sema *s, Enum *enum_, const AstEnumerator *ast, int64_t value) {
    Enumerator enumerator = {
        .name = ast->name.text,
        .c_name = arena_printf(s->arena, "%s_%s", enum_->c_name, ast->name.text),
        .value = (int32_t)value,
        .span = ast->name.span,
    };
    ARENA_PUSH(s->arena, enum_->values, enum_->n_values, enum_->cap_values, enumerator);
}

static void resolve_enum(Sema *s, Enum *enum_, const AstItem *item) {
    EnumSeen seen = {0};
    int64_t next = 0;
    bool known = true; /* `next` follows from what is written */
    for (size_t i = 0; i < item->n_enumerators; i++) {
        const AstEnumerator *ast = &item->enumerators[i];
        name_check(s, ast->name, NAME_PART);
        if (ast->value)
            known = explicit_value(s, ast, &next);
        if (known && next > INT32_MAX) {
            diag_error(s->diags, ast->name.span,
                       "'%s' would have the value %" PRId64 ", which does not fit an i32",
                       ast->name.text, next);
            known = false;
        }
        bool taken = is_name_taken(s, &seen, ast);
        if (!taken && known)
            is_value_taken(s, &seen, ast, next);
        if (!taken)
            add_enumerator(s, enum_, ast, known ? next : 0);
        next++;
    }
    if (item->n_enumerators == 0)
        diag_error(s->diags, item->name.span, "enum '%s' has no values", enum_->name);
    for (size_t i = 0; i < enum_->n_values; i++)
        note_value_name(s, enum_, &enum_->values[i]);
}

/* ---- structs ---- */

static void resolve_member(Sema *s, Struct *struct_, StrMap *seen, const AstMember *ast) {
    name_check(s, ast->name, NAME_MEMBER);
    const AstMember *first = strmap_get(seen, ast->name.text);
    if (first) {
        Diag *diag =
            diag_error(s->diags, ast->name.span, "member '%s' is declared twice", ast->name.text);
        diag_note(diag, first->name.span, "first declared here");
        return;
    }
    strmap_put(seen, s->arena, ast->name.text, (void *)(uintptr_t)ast);
    Type *type = type_resolve(s, ast->type, TYPE_MEMBER);
    Member member = {.name = ast->name.text, .span = ast->name.span, .type = type};
    if (ast->init)
        member.init = const_of(s, ast->init, type);
    ARENA_PUSH(s->arena, struct_->members, struct_->n_members, struct_->cap_members, member);
}

static const char *member_key(Sema *s, const Struct *struct_, const char *name) {
    return intern_cstr(s->comp->names, arena_printf(s->arena, "%s.%s", struct_->name, name));
}

void struct_note_members(Sema *s, Struct *struct_) {
    for (size_t i = 0; i < struct_->n_members; i++)
        strmap_put(&s->members, s->arena, member_key(s, struct_, struct_->members[i].name),
                   &struct_->members[i]);
}

Member *struct_member(Sema *s, const Struct *struct_, const char *name) {
    return strmap_get(&s->members, member_key(s, struct_, name));
}

static void resolve_struct(Sema *s, Struct *struct_, const AstItem *item) {
    StrMap seen = {0};
    for (size_t i = 0; i < item->n_members; i++)
        resolve_member(s, struct_, &seen, &item->members[i]);
    if (item->n_members == 0)
        diag_error(s->diags, item->name.span, "struct '%s' has no members", struct_->name);
    struct_note_members(s, struct_);
}

void decls_resolve(Sema *s, const AstFile *file) {
    /* Enums first: a member's default may name a value. */
    for (size_t i = 0; i < file->n_items; i++) {
        const AstItem *item = &file->items[i];
        const Type *type = strmap_get(&s->named_types, item->name.text);
        if (item->kind == AI_ENUM && type->kind == TY_ENUM && type->enum_->n_values == 0)
            resolve_enum(s, type->enum_, item);
    }
    for (size_t i = 0; i < file->n_items; i++) {
        const AstItem *item = &file->items[i];
        const Type *type = strmap_get(&s->named_types, item->name.text);
        if (item->kind == AI_STRUCT && type->kind == TY_STRUCT && !type->struct_->builtin &&
            type->struct_->n_members == 0)
            resolve_struct(s, type->struct_, item);
    }
}
