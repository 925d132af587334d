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
