/* large-copy: a fork must copy more than 64 KiB.
 *
 * A branch has a value of its own of each field that it writes. Copied is what lies in the state
 * struct itself: arrays, and structs that hold them; lists, maps and strings are shared until they
 * are changed. A value that a branch always writes before it reads it need not be copied. */
#include "internal.h"

#include "../analysis/live.h"

static const char warning[] = "large-copy";

enum { LARGE_BYTES = 64 * 1024 };

/* ---- sizes ---- */

/* As on 64-bit machines. */
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
static StrMap sizes_of_structs(Warn *w) {
    StrMap sizes = {0};
    for (size_t i = 0; i < w->program->n_structs; i++) {
        const Struct *of = w->program->structs[i];
        Size *size = ARENA_NEW(w->arena, Size);
        *size = size_of_struct(&sizes, of);
        strmap_put(&sizes, w->arena, of->c_name, size);
    }
    return sizes;
}

/* ---- forks ---- */

typedef struct Copies {
    Warn *w;
    StrMap structs;
    const Live *live; /* NULL: not needed so far */
    uint64_t bytes;   /* of one fork */
    uint64_t largest; /* of one field for one branch */
    const Field *field;
    const Region *branch;
} Copies;

static void add_field(Copies *c, const Region *branch, const FieldUse *use) {
    if (!use->writes || use->field->local ||
        (c->live && !branch_needs_value(c->live, branch, use->field)))
        return;
    uint64_t bytes = size_of(&c->structs, use->field->type).bytes;
    c->bytes += bytes;
    if (bytes <= c->largest)
        return;
    c->largest = bytes;
    c->field = use->field;
    c->branch = branch;
}

static void add_fork(Copies *c, const Section *section) {
    c->bytes = c->largest = 0;
    for (size_t i = 0; i < section->n_branches; i++) {
        const Region *branch = section->branches[i];
        const RegionUse *uses = &c->w->uses->regions[branch->index];
        for (size_t k = 0; k < uses->n; k++)
            add_field(c, branch, &uses->uses[k]);
    }
}

/* The reason: who in the branch reads the old value, or else who writes and not always. */
static void note_reason(Copies *c, Diag *diag) {
    const Accesses *a = c->w->accesses;
    const Access *read = NULL, *write = NULL;
    uint32_t index = c->field->index;
    for (uint32_t i = a->of_field[index]; i < a->of_field[index + 1]; i++) {
        const Access *access = &a->all[a->by_field[i]];
        const Access **kind = access->kind == ACCESS_READ ? &read : &write;
        if (!*kind && warn_branch_of(c->branch->section, access->place->region) == c->branch)
            *kind = access;
    }
    if (read)
        diag_note(diag, read->span, "%s reads it before the branch has written all of it",
                  warn_place(c->w, read->place));
    else if (write)
        diag_note(diag, write->span, "%s writes it, but not on every way through the branch",
                  warn_place(c->w, write->place));
}

static void report(Copies *c, const Section *section) {
    Warn *w = c->w;
    const char *share = c->bytes == c->largest
                            ? ":"
                            : arena_printf(w->comp->arena, ", %s of it", warn_bytes(w, c->largest));
    Diag *diag =
        diag_warning(w->comp->diags, section->span, warning,
                     "%s copies %s %s%s '%s' for branch '%s'", warn_place(w, section->place),
                     warn_bytes(w, c->bytes), section->over ? "for each element" : "at its fork",
                     share, c->field->name, c->branch->label);
    note_reason(c, diag);
    diag_note(diag, c->field->span, "'%s' is %s here; a list is shared until somebody changes it",
              c->field->name, c->field->type->name);
}

void warn_copies(Warn *w) {
    Copies c = {.w = w, .structs = sizes_of_structs(w)};
    Compilation local = *w->comp;
    local.arena = w->arena;
    for (size_t i = 0; i < w->graph->n_sections; i++) {
        const Section *section = w->graph->sections[i];
        if (!warn_is_reached(w, section->place))
            continue;
        add_fork(&c, section);
        if (c.bytes > LARGE_BYTES && !c.live) {
            c.live = live_of(&local, w->graph);
            add_fork(&c, section);
        }
        if (c.bytes > LARGE_BYTES)
            report(&c, section);
    }
}
