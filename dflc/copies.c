#include "copies.h"

uint64_t fork_copies(const Sizes *sizes, const Live *live, const Region *branch,
                     const FieldUse *use) {
    if (!use->writes || use->field->local ||
        (live && !branch_needs_value(live, branch, use->field)))
        return 0;
    return size_bytes(sizes, use->field->type);
}
