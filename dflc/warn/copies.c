/* large-copy: a fork must copy more than 64 KiB. */
#include "internal.h"

static const char warning[] = "large-copy";

enum { LARGE_BYTES = 64 * 1024 };

/* ---- forks ---- */

typedef struct Copies {
    Warn *w;
    Sizes sizes;
    const Live *live; /* NULL: not needed so far */
    uint64_t bytes;   /* of one fork */
    uint64_t largest; /* of one field for one branch */
    const Field *field;
    const Region *branch;
} Copies;

static void add_field(Copies *c, const Region *branch, const FieldUse *use) {
    uint64_t bytes = fork_copies(&c->sizes, c->live, branch, use);
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

static void note_reason(Copies *c, Diag *diag) {
    const Access *why = fork_copy_reason(c->w->arena, c->w->accesses, c->branch, c->field);
    if (why)
        diag_note(diag, why->span, "%s %s", warn_place(c->w, why->place),
                  why->kind == ACCESS_READ ? "reads it before the branch has written all of it"
                                           : "writes it, but not on every way through the branch");
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
    Copies c = {.w = w, .sizes = sizes_of(w->arena, w->program)};
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
