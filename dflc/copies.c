#include "copies.h"

/* See note [three-way merge] in codegen/section.c. */
static bool keeps_updates_apart(const Field *field) {
    return field->reducer == RD_APPEND || field->reducer == RD_UNION ||
           (field->reducer == RD_SUM && !type_is_integer(field->type));
}

uint64_t fork_copies(const Sizes *sizes, const Live *live, const Region *branch,
                     const FieldUse *use) {
    if (!use->writes || use->field->local || (!use->reads && keeps_updates_apart(use->field)) ||
        (live && !branch_needs_value(live, branch, use->field)))
        return 0;
    return size_bytes(sizes, use->field->type);
}

const Region *branch_around(const Section *section, const Region *region) {
    while (region && region->section != section)
        region = region->parent;
    return region;
}

/* The first read of a place, or else what `found` already was or its first write. */
static const Access *look_at_place(const Accesses *a, const Place *place, const Field *field,
                                   const Access *found) {
    for (uint32_t i = a->of_place[place->index]; i < a->of_place[place->index + 1]; i++) {
        const Access *access = &a->all[i];
        if (access->field != field)
            continue;
        if (access->kind == ACCESS_READ)
            return access;
        found = found ? found : access;
    }
    return found;
}

const Access *fork_copy_reason(Arena *arena, const Accesses *a, const Region *branch,
                               const Field *field) {
    const Region **work = NULL;
    const Access *found = NULL;
    size_t n = 0, cap = 0;
    ARENA_PUSH(arena, work, n, cap, branch);
    while (n > 0) {
        const Region *region = work[--n];
        for (size_t i = 0; i < region->n_places; i++) {
            const Place *place = region->places[i];
            found = look_at_place(a, place, field, found);
            if (found && found->kind == ACCESS_READ)
                return found;
            for (size_t k = place->section ? place->section->n_branches : 0; k-- > 0;)
                ARENA_PUSH(arena, work, n, cap, place->section->branches[k]);
        }
    }
    return found;
}
