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

const Access *fork_copy_reason(const Accesses *a, const Region *branch, const Field *field) {
    const Access *write = NULL;
    for (uint32_t i = a->of_field[field->index]; i < a->of_field[field->index + 1]; i++) {
        const Access *access = &a->all[a->by_field[i]];
        if (branch_around(branch->section, access->place->region) != branch)
            continue;
        if (access->kind == ACCESS_READ)
            return access;
        write = write ? write : access;
    }
    return write;
}
