/* Types by chance. Each has one Type in the program, or for structs and enums in its graph. */
#include "generate.h"

#include <string.h>

#include "value.h"

static const Type builtins[] = {
    {.kind = K_BOOL, .dfl = "bool", .stem = "dfl_bool", .c = "bool"},
    {.kind = K_I8, .dfl = "i8", .stem = "dfl_i8", .c = "int8_t"},
    {.kind = K_I16, .dfl = "i16", .stem = "dfl_i16", .c = "int16_t"},
    {.kind = K_I32, .dfl = "i32", .stem = "dfl_i32", .c = "int32_t"},
    {.kind = K_I64, .dfl = "i64", .stem = "dfl_i64", .c = "int64_t"},
    {.kind = K_U8, .dfl = "u8", .stem = "dfl_u8", .c = "uint8_t"},
    {.kind = K_U16, .dfl = "u16", .stem = "dfl_u16", .c = "uint16_t"},
    {.kind = K_U32, .dfl = "u32", .stem = "dfl_u32", .c = "uint32_t"},
    {.kind = K_U64, .dfl = "u64", .stem = "dfl_u64", .c = "uint64_t"},
    {.kind = K_F32, .dfl = "f32", .stem = "dfl_f32", .c = "float"},
    {.kind = K_F64, .dfl = "f64", .stem = "dfl_f64", .c = "double"},
    {.kind = K_STRING, .dfl = "string", .stem = "dfl_str", .c = "dfl_str"},
    {.kind = K_BYTES, .dfl = "bytes", .stem = "dfl_bytes", .c = "dfl_bytes"},
};

const Type *builtin_type(Kind kind) {
    return &builtins[kind];
}

const Type *fault_list_type(void) {
    static const Member members[] = {
        {"branch", &builtins[K_STRING], NULL},  {"node", &builtins[K_STRING], NULL},
        {"message", &builtins[K_STRING], NULL}, {"index", &builtins[K_I64], NULL},
        {"code", &builtins[K_I32], NULL},       {"attempt", &builtins[K_U32], NULL}};
    static const Type fault = {.kind = K_STRUCT, .dfl = "fault", .stem = "dfl_fault",
                               .c = "dfl_fault", .n = 6, .members = (Member *)members};
    static const Type list = {.kind = K_LIST, .dfl = "fault[]", .stem = "dfl_fault_list",
                              .c = "dfl_fault_list", .elem = &fault};
    return &list;
}

static Type *add_type(Generate *g, Kind kind, const char *dfl, const char *stem, const char *c) {
    Type *type = room(sizeof *type);
    type->kind = kind;
    type->dfl = dfl, type->stem = stem, type->c = c;
    PUSH(g->file->types, g->file->n_types, type);
    return type;
}

static const char *composite_name(Kind kind, const Type *elem, unsigned n) {
    switch (kind) {
    case K_LIST:
        return text("%s[]", elem->dfl);
    case K_ARRAY:
        return text("%s[%u]", elem->dfl, n);
    case K_MAP:
        return text("map<string, %s>", elem->dfl);
    default:
        return text("%s?", elem->dfl);
    }
}

const Type *type_of(Generate *g, Kind kind, const Type *elem, unsigned n) {
    const char *dfl = composite_name(kind, elem, n);
    const char *suffix = kind == K_LIST ? "list" : kind == K_MAP ? "map" : "opt";
    for (unsigned i = 0; i < g->file->n_types; i++)
        if (strcmp(g->file->types[i]->dfl, dfl) == 0)
            return g->file->types[i];
    const char *stem = kind == K_ARRAY ? text("%s_x%u", elem->stem, n)
                                       : text("%s_%s", elem->stem, suffix);
    Type *type = add_type(g, kind, dfl, stem, kind == K_ARRAY ? elem->c : stem);
    type->elem = elem;
    type->n = n;
    return type;
}

static const Type *generate_enum(Generate *g) {
    const char *name = text("E%u_%u", g->number, g->graph->n_names++);
    Type *type = add_type(g, K_ENUM, name, name, name);
    int32_t value = 0;
    type->n = pick_from(g->choices, 2, 4);
    type->members = room(type->n * sizeof *type->members);
    type->values = room(type->n * sizeof *type->values);
    for (unsigned i = 0; i < type->n; i++) {
        type->members[i].name = text("v%u_%u_%u", g->number, g->graph->n_names, i);
        value += i ? (int32_t)pick(g->choices, 3) * 5 : 0;
        type->values[i] = value++;
    }
    g->graph->n_names++;
    return type;
}

static bool can_have_default(const Type *type) {
    if (type->kind == K_OPT)
        return type->elem->kind != K_STRUCT;
    return type->kind != K_STRUCT && type->kind != K_LIST && type->kind != K_ARRAY &&
           type->kind != K_MAP;
}

const Value *generate_initial(Generate *g, const Type *type) {
    if (!can_have_default(type) || !rarely(g->choices, 5))
        return NULL;
    Dice dice = {pick(g->choices, 1000)};
    return value_made(type, &dice);
}

static const Type *generate_struct(Generate *g, unsigned depth) {
    const char *name = text("S%u_%u", g->number, g->graph->n_names++);
    unsigned n = pick_from(g->choices, 1, 3);
    Member *members = room(n * sizeof *members);
    for (unsigned i = 0; i < n; i++) {
        const Type *member = generate_type(g, depth + 1);
        members[i] = (Member){text("m%u", i), member, generate_initial(g, member)};
    }
    Type *type = add_type(g, K_STRUCT, name, name, name);
    type->n = n;
    type->members = members;
    return type;
}

static const Type *generate_scalar(Generate *g) {
    static const Kind kinds[] = {K_I32, K_I64, K_BOOL, K_STRING, K_F64, K_U8, K_I8, K_U64,
                                 K_U32, K_I16, K_U16,  K_F32,    K_STRING, K_I64, K_I32};
    unsigned n = pick(g->choices, sizeof kinds / sizeof *kinds + 1);
    return n < sizeof kinds / sizeof *kinds ? &builtins[kinds[n]] : generate_enum(g);
}

/* T? of a scalar, an enum, a string or a struct. */
static const Type *generate_opt(Generate *g, unsigned depth) {
    const Type *elem = rarely(g->choices, 3) ? generate_struct(g, depth + 1) : generate_scalar(g);
    return type_of(g, K_OPT, elem, 0);
}

/* An array is no element. */
static const Type *generate_element(Generate *g, unsigned depth) {
    const Type *type = generate_type(g, depth + 1);
    return type->kind == K_ARRAY ? type->elem : type;
}

const Type *generate_type(Generate *g, unsigned depth) {
    unsigned n = depth > 2 ? 0 : pick(g->choices, 14);
    switch (n) {
    case 6:
    case 7:
    case 8:
        return type_of(g, K_LIST, generate_element(g, depth), 0);
    case 9:
        return type_of(g, K_MAP, generate_element(g, depth), 0);
    case 10:
        return generate_struct(g, depth);
    case 11:
        return generate_opt(g, depth);
    case 12:
        return type_of(g, K_ARRAY, generate_element(g, depth), pick_from(g->choices, 1, 3));
    case 13:
        return &builtins[K_BYTES];
    default:
        return generate_scalar(g);
    }
}
