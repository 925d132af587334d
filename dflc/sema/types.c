/* Types: each one once, named as in the source and as in C, in an order that C can declare. */
#define _POSIX_C_SOURCE 200809L
#include "internal.h"

#include <string.h>
#include <strings.h>

static const struct {
    TypeKind kind;
    const char *name, *c_name, *stem;
} builtins[] = {
    {TY_BOOL, "bool", "bool", "dfl_bool"},         {TY_I8, "i8", "int8_t", "dfl_i8"},
    {TY_I16, "i16", "int16_t", "dfl_i16"},         {TY_I32, "i32", "int32_t", "dfl_i32"},
    {TY_I64, "i64", "int64_t", "dfl_i64"},         {TY_U8, "u8", "uint8_t", "dfl_u8"},
    {TY_U16, "u16", "uint16_t", "dfl_u16"},        {TY_U32, "u32", "uint32_t", "dfl_u32"},
    {TY_U64, "u64", "uint64_t", "dfl_u64"},        {TY_F32, "f32", "float", "dfl_f32"},
    {TY_F64, "f64", "double", "dfl_f64"},          {TY_STRING, "string", "dfl_str", "dfl_str"},
    {TY_BYTES, "bytes", "dfl_bytes", "dfl_bytes"},
};

static Type *new_type(Sema *s, TypeKind kind, const char *name, const char *c_name,
                      const char *stem) {
    Type *type = ARENA_NEW(s->arena, Type);
    type->kind = kind;
    type->name = intern_cstr(s->comp->names, name);
    type->c_name = c_name;
    type->stem = stem;
    strmap_put(&s->types, s->arena, type->name, type);
    return type;
}

Type *type_new_named(Sema *s, TypeKind kind, const char *name, const char *c_name) {
    Type *type = new_type(s, kind, name, c_name, c_name);
    strmap_put(&s->named_types, s->arena, type->name, type);
    return type;
}

static void add_fault_member(Sema *s, Struct *fault, const char *name, TypeKind kind) {
    Member member = {.name = intern_cstr(s->comp->names, name), .type = s->builtin[kind]};
    ARENA_PUSH(s->arena, fault->members, fault->n_members, fault->cap_members, member);
}

/* dfl_fault of dfl.h: one failed branch of a settled section. */
static void new_fault(Sema *s) {
    Struct *fault = ARENA_NEW(s->arena, Struct);
    fault->name = intern_cstr(s->comp->names, "fault");
    fault->c_name = "dfl_fault";
    fault->builtin = true;
    add_fault_member(s, fault, "branch", TY_STRING);
    add_fault_member(s, fault, "node", TY_STRING);
    add_fault_member(s, fault, "message", TY_STRING);
    add_fault_member(s, fault, "index", TY_I64);
    add_fault_member(s, fault, "code", TY_I32);
    add_fault_member(s, fault, "attempt", TY_U32);
    s->fault = type_new_named(s, TY_STRUCT, "fault", "dfl_fault");
    s->fault->struct_ = fault;
    fault->type = s->fault;
    struct_note_members(s, fault);
}

void types_init(Sema *s) {
    s->error = ARENA_NEW(s->arena, Type);
    *s->error = (Type){.kind = TY_ERROR, .name = "an error", .c_name = "int", .stem = "int"};
    s->builtin[TY_ERROR] = s->error;
    for (size_t i = 0; i < sizeof builtins / sizeof *builtins; i++)
        s->builtin[builtins[i].kind] =
            new_type(s, builtins[i].kind, builtins[i].name, builtins[i].c_name, builtins[i].stem);
    new_fault(s);
}

const char *type_text(const Type *type) {
    return type->name;
}

/* ---- what is written -> a type ---- */

static Type *resolve(Sema *s, const AstType *ast, TypeUse use, unsigned depth);

static Type *composite(Sema *s, TypeKind kind, Type *elem, const char *name, const char *suffix) {
    Type *known = strmap_get(&s->types, intern_cstr(s->comp->names, name));
    if (known)
        return known;
    const char *c_name = arena_printf(s->arena, "%s%s", elem->stem, suffix);
    Type *type = new_type(s, kind, name, c_name, c_name);
    type->elem = elem;
    return type;
}

/* What a type of another language is called here, or "". */
static const char *foreign_hint(Sema *s, const char *name) {
    static const struct {
        const char *there, *here;
    } types[] = {
        {"int", "i64"},
        {"integer", "i64"},
        {"long", "i64"},
        {"short", "i16"},
        {"char", "i8"},
        {"byte", "u8"},
        {"unsigned", "u64"},
        {"uint", "u64"},
        {"usize", "u64"},
        {"size_t", "u64"},
        {"float", "f64"},
        {"double", "f64"},
        {"number", "f64"},
        {"real", "f64"},
        {"str", "string"},
        {"text", "string"},
        {"boolean", "bool"},
        {"blob", "bytes"},
        {"dict", "map<string, T>"},
        {"list", "T[]"},
        {"array", "T[]"},
        {"vector", "T[]"},
        {"datetime", "i64"},
        {"int8_t", "i8"},
        {"int16_t", "i16"},
        {"int32_t", "i32"},
        {"int64_t", "i64"},
        {"uint8_t", "u8"},
        {"uint16_t", "u16"},
        {"uint32_t", "u32"},
        {"uint64_t", "u64"},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcasecmp(name, types[i].there) == 0)
            return arena_printf(s->arena, ", did you mean '%s'?", types[i].here);
    return "";
}

static Type *resolve_name(Sema *s, const AstType *ast) {
    Type *type = strmap_get(&s->types, ast->name);
    const FileSema *file = strmap_get(&s->type_files, ast->name);
    if (type && imports_see(s, file))
        return type;
    const char *near = type ? "" : hint_from(s, ast->name, &s->named_types, &s->types, NULL);
    diag_error(s->diags, ast->span, "unknown type '%s'%s", ast->name,
               type    ? imports_hint(s, file)
               : *near ? near
                       : foreign_hint(s, ast->name));
    return s->error;
}

/* An array has no C type that could be an element: a list of arrays would not compile. */
static bool refuse_array_element(Sema *s, const AstType *ast, const Type *elem, const char *of) {
    if (elem->kind != TY_ARRAY)
        return false;
    diag_error(s->diags, ast->elem->span,
               "a fixed array cannot be the element of %s; wrap it in a struct: "
               "'struct row { items: %s; }'",
               of, type_text(elem));
    return true;
}

static Type *resolve_list(Sema *s, const AstType *ast, unsigned depth) {
    Type *elem = resolve(s, ast->elem, TYPE_ELEMENT, depth);
    if (elem->kind == TY_ERROR || refuse_array_element(s, ast, elem, "a list"))
        return s->error;
    return composite(s, TY_LIST, elem, arena_printf(s->arena, "%s[]", elem->name), "_list");
}

static Type *resolve_array(Sema *s, const AstType *ast, unsigned depth) {
    Type *elem = resolve(s, ast->elem, TYPE_ELEMENT, depth);
    uint64_t count = 0;
    bool ok = count_of(s, ast->count, "the number of items of an array", UINT64_C(1) << 31, &count);
    if (!ok || elem->kind == TY_ERROR || refuse_array_element(s, ast, elem, "an array"))
        return s->error;
    const char *name = arena_printf(s->arena, "%s[%llu]", elem->name, (unsigned long long)count);
    Type *known = strmap_get(&s->types, intern_cstr(s->comp->names, name));
    if (known)
        return known;
    Type *type = new_type(s, TY_ARRAY, name, elem->c_name, elem->stem);
    type->elem = elem;
    type->count = (uint32_t)count;
    return type;
}

static Type *resolve_map(Sema *s, const AstType *ast, unsigned depth) {
    Type *elem = resolve(s, ast->elem, TYPE_ELEMENT, depth);
    Type *key = resolve(s, ast->key, TYPE_ELEMENT, depth);
    if (key->kind != TY_ERROR && key->kind != TY_STRING) {
        diag_error(s->diags, ast->key->span, "the key of a map is a string, not %s",
                   type_text(key));
        return s->error;
    }
    if (key->kind == TY_ERROR || elem->kind == TY_ERROR ||
        refuse_array_element(s, ast, elem, "a map"))
        return s->error;
    return composite(s, TY_MAP, elem, arena_printf(s->arena, "map<string, %s>", elem->name),
                     "_map");
}

static Type *resolve_opt(Sema *s, const AstType *ast, unsigned depth) {
    Type *elem = resolve(s, ast->elem, TYPE_ELEMENT, depth);
    switch (elem->kind) {
    case TY_ERROR:
        return s->error;
    case TY_OPT:
        diag_error(s->diags, ast->span, "'%s?' says '?' twice; one is enough", elem->name);
        return s->error;
    case TY_LIST:
    case TY_MAP:
    case TY_BYTES:
        diag_error(s->diags, ast->span,
                   "'%s' cannot be none; leave out the '?' and test it with len()", elem->name);
        return s->error;
    default:
        break;
    }
    if (refuse_array_element(s, ast, elem, "an optional"))
        return s->error;
    return composite(s, TY_OPT, elem, arena_printf(s->arena, "%s?", elem->name), "_opt");
}

/* handle "FILE *": the C type is taken as it is written. */
static Type *resolve_handle(Sema *s, const AstType *ast, TypeUse use) {
    if (use != TYPE_FIELD) {
        diag_error(s->diags, ast->span, "a handle can only be a field of the state");
        return s->error;
    }
    const char *c_type = ast->c_type;
    if (c_type[strspn(c_type, " \t")] == '\0') {
        diag_error(s->diags, ast->span, "a handle needs its C type, such as handle \"FILE *\"");
        return s->error;
    }
    const char *name = arena_printf(s->arena, "handle \"%s\"", c_type);
    Type *known = strmap_get(&s->types, intern_cstr(s->comp->names, name));
    return known ? known : new_type(s, TY_HANDLE, name, c_type, c_type);
}

static Type *resolve(Sema *s, const AstType *ast, TypeUse use, unsigned depth) {
    if (depth == MAX_TYPE_NESTING) {
        diag_error(s->diags, ast->span, "this type is nested more than %d deep", MAX_TYPE_NESTING);
        return s->error;
    }
    switch (ast->kind) {
    case AT_NAME:
        return resolve_name(s, ast);
    case AT_LIST:
        return resolve_list(s, ast, depth + 1);
    case AT_ARRAY:
        return resolve_array(s, ast, depth + 1);
    case AT_MAP:
        return resolve_map(s, ast, depth + 1);
    case AT_OPT:
        return resolve_opt(s, ast, depth + 1);
    case AT_HANDLE:
        return resolve_handle(s, ast, use);
    }
    return s->error;
}

Type *type_resolve(Sema *s, const AstType *ast, TypeUse use) {
    Type *type = resolve(s, ast, use, 0);
    if (type->kind != TY_ERROR)
        type_list(s, type, ast->span);
    return type;
}

void type_list(Sema *s, Type *type, Span at) {
    if (strmap_get(&s->listed, type->name))
        return;
    if (type->elem)
        type_list(s, type->elem, at);
    Span *where = ARENA_NEW(s->arena, Span);
    *where = at;
    strmap_put(&s->listed, s->arena, type->name, type);
    strmap_put(&s->use_spans, s->arena, type->name, where);
}

/* ---- the order of declaration ----
 *
 * A depth-first walk from every type in use, to what must be declared before it: a struct needs
 * its members, an array and an optional their elements. A list or map only points to its
 * elements, so that a struct, or an optional of one, need not come first: a struct may hold a
 * list of itself. Whoever is met again on the way down holds itself by value. */

typedef enum VisitState { VISIT_NONE, VISIT_OPEN, VISIT_DONE } VisitState;

typedef struct Visit {
    Type *type;
    uint64_t bytes;  /* what a value takes by itself; known when the visit is done */
    unsigned levels; /* of structs that hold each other by value; likewise */
    VisitState state;
    size_t next;  /* the next part to look at */
    size_t depth; /* its position on the stack */
    Span span;    /* the member through which it was reached */
} Visit;

typedef struct Order {
    Sema *s;
    StrMap visits; /* Type.name -> Visit */
    Visit **stack;
    size_t n, cap;
    bool too_deep; /* it was said */
} Order;

enum { MAX_CYCLE_NOTES = 8 };

static bool is_pointed_to(const Type *elem) {
    return elem->kind == TY_STRUCT || (elem->kind == TY_OPT && elem->elem->kind == TY_STRUCT);
}

/* The i-th type that `type` needs before it; NULL after the last. */
static Type *part_of(const Type *type, size_t i, Span *span) {
    if (type->kind != TY_STRUCT) {
        bool by_value = type->kind == TY_ARRAY || type->kind == TY_OPT;
        return i == 0 && type->elem && (by_value || !is_pointed_to(type->elem)) ? type->elem : NULL;
    }
    if (i >= type->struct_->n_members)
        return NULL;
    *span = type->struct_->members[i].span;
    return type->struct_->members[i].type;
}

static bool parts_are_flat(const Type *type) {
    Span span = {0};
    const Type *part;
    for (size_t i = 0; (part = part_of(type, i, &span)); i++)
        if (!part->flat)
            return false;
    return true;
}

static void set_flat(Type *type) {
    switch (type->kind) {
    case TY_STRING:
    case TY_BYTES:
    case TY_LIST:
    case TY_MAP:
    case TY_HANDLE:
    case TY_ERROR:
        type->flat = false;
        break;
    default:
        type->flat = parts_are_flat(type);
    }
}

/* stack[from] .. stack[n - 1] hold each other by value, the last one the first, through `last`. */
static void report_self(Order *order, size_t from, Span last) {
    Sema *s = order->s;
    const Type *first = order->stack[from]->type;
    Diag *diag = diag_error(s->diags, first->struct_->span,
                            "struct '%s' holds itself; hold it in a list, '%s[]', or in a map",
                            first->name, first->name);
    size_t i = from;
    for (int notes = 0; i < order->n && notes < MAX_CYCLE_NOTES; notes++) {
        size_t held = i + 1;
        while (held < order->n && order->stack[held]->type->kind != TY_STRUCT)
            held++;
        diag_note(diag, i + 1 < order->n ? order->stack[i + 1]->span : last, "'%s' holds '%s' here",
                  order->stack[i]->type->name,
                  held < order->n ? order->stack[held]->type->name : first->name);
        i = held;
    }
    if (i < order->n)
        diag_note(diag, (Span){0}, "and so on, through %zu more", order->n - i);
}

static void push_visit(Order *order, Type *type, Span span) {
    Visit *visit = strmap_get(&order->visits, type->name);
    Arena *arena = order->s->arena;
    if (!visit) {
        visit = ARENA_NEW(arena, Visit);
        visit->type = type;
        strmap_put(&order->visits, arena, type->name, visit);
    }
    if (visit->state == VISIT_NONE) {
        visit->state = VISIT_OPEN;
        visit->span = span;
        visit->depth = order->n;
        ARENA_PUSH(arena, order->stack, order->n, order->cap, visit);
    } else if (visit->state == VISIT_OPEN && type->kind == TY_STRUCT) {
        report_self(order, visit->depth, span);
    }
}

/* ---- sizes ----
 *
 * Of 64-bit C, without padding: enough to refuse what could never be allocated, or would overflow
 * the arithmetic of sizes somewhere. */

static const uint64_t MAX_BYTES = UINT64_C(1) << 31;

static uint64_t scalar_bytes(const Type *type) {
    switch (type->kind) {
    case TY_BOOL:
    case TY_I8:
    case TY_U8:
        return 1;
    case TY_I16:
    case TY_U16:
        return 2;
    case TY_I32:
    case TY_U32:
    case TY_F32:
    case TY_ENUM:
        return 4;
    case TY_STRING:
    case TY_BYTES:
    case TY_LIST:
        return 16;
    case TY_MAP:
        return 24;
    default:
        return 8;
    }
}

static uint64_t bytes_of(const Order *order, const Type *type) {
    const Visit *visit = strmap_get(&order->visits, type->name);
    return visit ? visit->bytes : 0;
}

/* No sum overflows: what is larger than the limit counts as nothing. */
static uint64_t sum_of_members(const Order *order, const Struct *struct_) {
    uint64_t bytes = 0;
    for (size_t i = 0; i < struct_->n_members; i++)
        bytes += bytes_of(order, struct_->members[i].type);
    return bytes;
}

/* What is nested by value is copied, emptied and compared by functions that call themselves, here and
 * in the runtime. */
static void set_levels(Order *order, Visit *visit) {
    enum { MAX_LEVELS = 200 };
    const Type *type = visit->type, *part;
    Span span = {0};
    for (size_t i = 0; (part = part_of(type, i, &span)); i++) {
        const Visit *inner = strmap_get(&order->visits, part->name);
        if (inner && inner->levels > visit->levels)
            visit->levels = inner->levels;
    }
    visit->levels += type->kind == TY_STRUCT;
    if (visit->levels <= MAX_LEVELS)
        return;
    visit->levels = 0;
    if (order->too_deep)
        return;
    order->too_deep = true;
    Diag *diag =
        diag_error(order->s->diags, type->struct_->span,
                   "with '%s' structs are nested more than %d deep", type->name, MAX_LEVELS);
    diag_note(diag, (Span){0}, "hold one of them in a list");
}

static void set_bytes(Order *order, Visit *visit) {
    const Type *type = visit->type;
    uint64_t elem = type->elem ? bytes_of(order, type->elem) : 0, bytes;
    if (type->kind == TY_ARRAY)
        bytes = elem * type->count;
    else if (type->kind == TY_OPT)
        bytes = elem + 8;
    else if (type->kind == TY_STRUCT)
        bytes = sum_of_members(order, type->struct_);
    else
        bytes = scalar_bytes(type);
    visit->bytes = bytes;
    if (bytes <= MAX_BYTES)
        return;
    /* What holds it is as large; one message is enough. */
    visit->bytes = 0;
    Span at = type->kind == TY_STRUCT ? type->struct_->span
                                      : *(const Span *)strmap_get(&order->s->use_spans, type->name);
    diag_error(order->s->diags, at,
               "a value of type '%s' takes %llu bytes, and the most is 2 GiB; a list grows to what "
               "it needs",
               type->name, (unsigned long long)bytes);
}

static void check_states(const Order *order) {
    const Program *program = order->s->program;
    for (size_t i = 0; i < program->n_graphs; i++) {
        const Graph *graph = program->graphs[i];
        uint64_t bytes = 0;
        for (size_t k = 0; k < graph->n_fields; k++)
            bytes += bytes_of(order, graph->fields[k]->type);
        if (bytes > MAX_BYTES)
            diag_error(order->s->diags, graph->span,
                       "the state of graph '%s' takes %llu bytes, and the most is 2 GiB",
                       graph->name, (unsigned long long)bytes);
    }
}

static void leave_type(Sema *s, Type *type) {
    Program *program = s->program;
    set_flat(type);
    ARENA_PUSH(s->arena, program->types, program->n_types, program->cap_types, type);
    if (type->kind == TY_STRUCT && !type->struct_->builtin)
        ARENA_PUSH(s->arena, program->structs, program->n_structs, program->cap_structs,
                   type->struct_);
}

void types_order(Sema *s) {
    Order order = {.s = s};
    for (size_t i = 0; i < s->listed.n; i++) {
        push_visit(&order, s->listed.entries[i].value, (Span){0});
        while (order.n > 0) {
            Visit *top = order.stack[order.n - 1];
            Span span = top->span;
            Type *part = part_of(top->type, top->next++, &span);
            if (part && part->kind != TY_ERROR) {
                push_visit(&order, part, span);
            } else if (!part) {
                order.n--;
                top->state = VISIT_DONE;
                set_bytes(&order, top);
                set_levels(&order, top);
                leave_type(s, top->type);
            }
        }
    }
    check_states(&order);
}
