#include "sizes.h"

typedef struct Size {
    uint64_t bytes, align;
} Size;

static uint64_t rounded(uint64_t bytes, uint64_t align) {
    return (bytes + align - 1) / align * align;
}

static Size size_of(const StrMap *structs, const Type *type);

/* requires: the sizes of the structs that it holds by value. */
static Size size_of_struct(const StrMap *structs, const Struct *of) {
    Size all = {0, 1};
    for (size_t i = 0; i < of->n_members; i++) {
        Size member = size_of(structs, of->members[i].type);
        all.align = member.align > all.align ? member.align : all.align;
        all.bytes = rounded(all.bytes, member.align) + member.bytes;
    }
    all.bytes = rounded(all.bytes, all.align);
    return all;
}

/* Arrays and optionals nest as deep as sema allows, and structs are known. */
static Size size_of(const StrMap *structs, const Type *type) {
    const Size *known;
    Size elem;
    switch (type->kind) {
    case TY_BOOL:
    case TY_I8:
    case TY_U8:
        return (Size){1, 1};
    case TY_I16:
    case TY_U16:
        return (Size){2, 2};
    case TY_I32:
    case TY_U32:
    case TY_F32:
    case TY_ENUM:
        return (Size){4, 4};
    case TY_STRUCT:
        known = strmap_get(structs, type->struct_->c_name);
        return known ? *known : size_of_struct(structs, type->struct_);
    case TY_ARRAY:
        elem = size_of(structs, type->elem);
        return (Size){elem.bytes * type->count, elem.align};
    case TY_OPT:
        elem = size_of(structs, type->elem);
        return (Size){rounded(elem.bytes + 1, elem.align), elem.align};
    case TY_STRING:
    case TY_BYTES:
    case TY_LIST:
    case TY_MAP:
        return (Size){16, 8};
    default:
        return (Size){8, 8};
    }
}

/* The program's structs are in an order in which each comes after those that it holds. */
Sizes sizes_of(Arena *arena, const Program *program) {
    Sizes sizes = {0};
    for (size_t i = 0; i < program->n_structs; i++) {
        const Struct *of = program->structs[i];
        Size *size = ARENA_NEW(arena, Size);
        *size = size_of_struct(&sizes.structs, of);
        strmap_put(&sizes.structs, arena, of->c_name, size);
    }
    return sizes;
}

uint64_t size_bytes(const Sizes *sizes, const Type *type) {
    return size_of(&sizes->structs, type).bytes;
}

/* ---- contents ---- */

enum { KEY_BYTES = 16 }; /* of a key itself */

typedef struct Around {
    const Struct *of;
    const struct Around *out;
} Around;

typedef struct Contents {
    const Sizes *sizes;
    Assumed assumed;
} Contents;

static uint64_t at_most(uint64_t bytes) {
    return bytes < SIZE_MOST ? bytes : SIZE_MOST;
}

/* Neither is more than SIZE_MOST. */
static uint64_t times(uint64_t n, uint64_t bytes) {
    return bytes > 0 && n > SIZE_MOST / bytes ? SIZE_MOST : n * bytes;
}

static uint64_t contents_of(const Contents *c, const Type *type, const Around *out);

static uint64_t whole(const Contents *c, const Type *type, const Around *out) {
    return at_most(at_most(size_bytes(c->sizes, type)) + contents_of(c, type, out));
}

static uint64_t contents_of_struct(const Contents *c, const Struct *of, const Around *out) {
    Around here = {of, out};
    uint64_t bytes = 0;
    for (; out; out = out->out)
        if (out->of == of)
            return 0;
    for (size_t i = 0; i < of->n_members; i++)
        bytes = at_most(bytes + contents_of(c, of->members[i].type, &here));
    return bytes;
}

/* What lies outside of the value itself. */
static uint64_t contents_of(const Contents *c, const Type *type, const Around *out) {
    switch (type->kind) {
    case TY_STRING:
    case TY_BYTES:
        return c->assumed.text_bytes;
    case TY_LIST:
        return times(c->assumed.elements, whole(c, type->elem, out));
    case TY_MAP: /* its keys are strings */
        return times(c->assumed.elements,
                     at_most(KEY_BYTES + c->assumed.text_bytes + whole(c, type->elem, out)));
    case TY_ARRAY:
        return times(at_most(type->count), contents_of(c, type->elem, out));
    case TY_OPT:
        return contents_of(c, type->elem, out);
    case TY_STRUCT:
        return contents_of_struct(c, type->struct_, out);
    default:
        return 0;
    }
}

uint64_t size_with_contents(const Sizes *sizes, const Type *type, Assumed assumed) {
    Contents contents = {sizes, assumed};
    return whole(&contents, type, NULL);
}
