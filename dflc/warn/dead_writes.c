/* dead-write: written, and overwritten on every path before it is read.
 *
 * What is still there at end counts as read, whether or not the program looks at it: then nothing
 * was overwritten. A node that fails has not overwritten anything: its error edges are paths, too. */
#include "internal.h"

static const char warning[] = "dead-write";

typedef struct Target {
    const FieldFlow *flow;
    const Field *field;
} Target;

static bool overwrites(const void *context, const Place *place) {
    const Target *target = context;
    return fieldflow_kills(target->flow, place, target->field);
}

static Through go_on(const void *context, const Place *place) {
    (void)context;
    (void)place;
    return THROUGH_ALL;
}

/* A later branch of a section of which `branch` is one, which writes on all its ways. */
static const Region *later_branch(const Target *target, const Region *branch) {
    const Section *section = branch->section;
    for (size_t i = branch->branch + 1; i < section->n_branches; i++)
        if (fieldflow_region_kills(target->flow, section->branches[i], target->field))
            return section->branches[i];
    return NULL;
}

/* The place that overwrites, or the section of a later branch that does; from branches outwards. */
static const Place *find_overwriter(Warn *w, const Target *target, const Place *from) {
    Search search = {target, overwrites, go_on};
    for (;;) {
        const Place *found = warn_search(w, &search, from, false);
        const Region *region = from->region;
        if (found || !region->section)
            return found;
        const Region *later = later_branch(target, region);
        if (later)
            return later->section->place;
        from = region->section->place;
    }
}

/* The write of a place, or the last one within its section. */
static const Access *write_of(const Warn *w, const Place *place, const Field *field) {
    const Accesses *a = w->accesses;
    for (uint32_t i = a->of_field[field->index + 1]; i-- > a->of_field[field->index];) {
        const Access *access = &a->all[a->by_field[i]];
        bool here = access->place == place ||
                    (place->section && branch_around(place->section, access->place->region));
        if (here && access->kind == ACCESS_WRITE)
            return access;
    }
    return NULL;
}

static void report(Warn *w, const FieldFlow *flow, const Access *dead) {
    Target target = {flow, dead->field};
    const Place *place = find_overwriter(w, &target, dead->place);
    const Access *over = place ? write_of(w, place, dead->field) : NULL;
    const char *name = dead->field->name;
    Diag *diag =
        diag_warning(w->comp->diags, dead->span, warning,
                     "what %s writes to '%s' is overwritten before anything reads it; %s",
                     warn_place(w, dead->place), name,
                     dead->inout ? arena_printf(w->comp->arena, "'in %s' would do", name)
                                 : arena_printf(w->comp->arena,
                                                "leave '%s' out of its outputs, or read it", name));
    if (over)
        diag_note(diag, over->span, "%s overwrites it%s", warn_place(w, over->place),
                  over->place == dead->place ? " the next time" : "");
}

void warn_dead_writes(Warn *w, const FieldFlow *flow) {
    const Accesses *a = w->accesses;
    for (size_t i = flow->block * BLOCK_FIELDS;
         i < (flow->block + 1) * BLOCK_FIELDS && i < w->graph->n_fields; i++) {
        const Field *field = flow->order[i];
        if (w->unread[field->index])
            continue;
        for (uint32_t k = a->of_field[field->index]; k < a->of_field[field->index + 1]; k++) {
            const Access *access = &a->all[a->by_field[k]];
            if (access->kind == ACCESS_WRITE && warn_is_reached(w, access->place) &&
                !fieldflow_live_after(flow, access->place, field))
                report(w, flow, access);
        }
    }
}
