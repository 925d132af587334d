/* unset-read: read on some path before anything wrote it, and it has no default.
 *
 * Said once a field, at its first reader. Not for what has a value from the start: `in`, a default,
 * a merging field, a handle; nor for an optional, which is none until then. */
#include "internal.h"

static const char warning[] = "unset-read";

typedef struct Target {
    const FieldFlow *flow;
    const Field *field;
    const Place *reader;
} Target;

static bool is_reader(const void *context, const Place *place) {
    return place == ((const Target *)context)->reader;
}

/* A place that fails has set nothing. */
static Through unless_set(const void *context, const Place *place) {
    const Target *target = context;
    return fieldflow_sets(target->flow, place, target->field) ? THROUGH_FAILURES : THROUGH_ALL;
}

/* ---- why ---- */

static bool writes(const Warn *w, const Place *place, const Field *field) {
    const Section *section = place->section;
    for (size_t i = 0; section && i < section->n_branches; i++) {
        const FieldUse *use = region_use(w->uses, section->branches[i], field);
        if (use && use->writes)
            return true;
    }
    return false;
}

static void note_section(Warn *w, Diag *diag, const Section *section) {
    const char *text = warn_place(w, section->place);
    if (section->over)
        diag_note(diag, section->span, "%s writes it, but there may be no element", text);
    else if (section->settle)
        diag_note(diag, section->span, "%s writes it, but a branch of it may fail", text);
    else
        diag_note(diag, section->span, "not every way through %s writes it", text);
}

/* A place that writes the field, in the same region, and only behind `from`. */
static const Access *writer_behind(Warn *w, const Field *field, const Place *from) {
    const Accesses *a = w->accesses;
    uint32_t end = a->of_field[field->index + 1];
    for (uint32_t i = a->of_field[field->index]; i < end && w->steps > 0; i++, w->steps--) {
        const Access *access = &a->all[a->by_field[i]];
        if (access->kind != ACCESS_READ && access->place != from &&
            dominates(w->dominators, from, access->place))
            return access;
    }
    return NULL;
}

static size_t count_ways(const Warn *w, const Place *place) {
    size_t n = 0;
    for (size_t k = 0; k < ways_count(place); k++)
        n += w->reached->way[w->ways->first_way[place->index] + k];
    return n;
}

/* One step of the way to the reader that could have been another; false: it tells nothing. */
static bool note_step(Warn *w, Diag *diag, const Target *target, const Step *step) {
    const Edge *edge = ways_get(step->from, step->way);
    if (ways_is_failure(step->from, step->way)) {
        diag_note(diag, edge->span, "when %s has failed, it has written nothing",
                  warn_place(w, step->from));
        return true;
    }
    if (writes(w, step->from, target->field)) {
        note_section(w, diag, step->from->section);
        return true;
    }
    if (count_ways(w, step->from) < 2)
        return false;
    const Access *other = writer_behind(w, target->field, step->from);
    if (!other || other->place == target->reader)
        return false;
    diag_note(diag, edge->span, "this way leads there past %s, which writes it",
              warn_place(w, other->place));
    return true;
}

/* A branch sees its own writes and what was there at the fork. */
static bool note_sibling(Warn *w, Diag *diag, const Target *target, const Region *branch) {
    const Section *section = branch->section;
    const Accesses *a = w->accesses;
    const Field *field = target->field;
    for (uint32_t i = a->of_field[field->index]; i < a->of_field[field->index + 1]; i++) {
        const Access *access = &a->all[a->by_field[i]];
        const Region *region = branch_around(section, access->place->region);
        if (access->kind == ACCESS_READ || !region || region == branch)
            continue;
        diag_note(diag, access->span,
                  "%s writes it in another branch, and no branch sees what another one writes",
                  warn_place(w, access->place));
        return true;
    }
    return false;
}

/* Follows the way on which nothing writes the field, from the reader back and out of its
 * branches, to the last point at which it could have been otherwise. */
static bool note_path(Warn *w, Diag *diag, Target target) {
    Search search = {&target, is_reader, unless_set};
    for (;;) {
        const Region *region = target.reader->region;
        const Place *at = warn_search(w, &search, region->entry, true);
        for (; at;) {
            Step step = warn_came_from(w, at);
            if (step.from && note_step(w, diag, &target, &step))
                return true;
            at = step.from;
        }
        if (!region->section)
            return false;
        if (note_sibling(w, diag, &target, region))
            return true;
        target.reader = region->section->place;
    }
}

static void note_declaration(Warn *w, Diag *diag, const Field *field) {
    const char *example = warn_default(w, field->type);
    const char *what = field->local ? "each branch begins with one of its own"
                                    : "mark it 'in' if the program sets it";
    example = example ? arena_printf(w->comp->arena, "%s give it a default, '%s'",
                                     field->local ? ";" : ", or", example)
                      : "";
    diag_note(diag, field->span, "'%s' is declared here; %s%s", field->name, what, example);
}

/* ---- who ---- */

static const char *reader_text(const Warn *w, const Access *read) {
    if (read->late || read->place->kind == PL_CHOICE)
        return read->place->subject ? "this match" : "this guard";
    if (read->place->section)
        return "this 'each'";
    return warn_place(w, read->place);
}

/* The first write that is not the reader's own. */
static const Access *other_write(const Warn *w, const Access *read) {
    const Accesses *a = w->accesses;
    uint32_t index = read->field->index;
    for (uint32_t i = a->of_field[index]; i < a->of_field[index + 1]; i++) {
        const Access *access = &a->all[a->by_field[i]];
        if (access->kind != ACCESS_READ && access->place != read->place)
            return access;
    }
    return NULL;
}

/* At the second of them; how many more there are. */
static void note_others(Warn *w, Diag *diag, const Access *second, size_t n) {
    if (n > 1)
        diag_note(diag, second->span, "so may %s, and %zu other place%s", reader_text(w, second), n - 1,
                  n > 2 ? "s" : "");
    else
        diag_note(diag, second->span, "so may %s", reader_text(w, second));
}

/* `second`: of the places that may read it, too, the first; NULL: there is none. */
static void report(Warn *w, const FieldFlow *flow, const Access *read, const Access *second,
                   size_t others) {
    Diag *diag = diag_warning(w->comp->diags, read->span, warning,
                              "%s may read '%s' before anything has written it",
                              reader_text(w, read), read->field->name);
    if (!diag)
        return;
    if (!note_path(w, diag, (Target){flow, read->field, read->place})) {
        const Access *write = other_write(w, read);
        if (write)
            diag_note(diag, write->span, "%s writes it, and comes later",
                      warn_place(w, write->place));
    }
    if (second)
        note_others(w, diag, second, others);
    note_declaration(w, diag, read->field);
}

static bool sets_field(const void *context, const Place *place) {
    const Target *target = context;
    return fieldflow_sets(target->flow, place, target->field);
}

/* Facts that hold on every way may hide a decision that goes with the one about the writer: what is
 * reached past the writers is found once more, with the facts of those ways alone. NULL: that is
 * too much to look at, and all ways are taken to be possible. */
static const bool *reached_unset(Warn *w, Arena *arena, const Target *target) {
    enum { WEIGHT = 16 }; /* of a place looked at with its facts */
    size_t n = WEIGHT * w->graph->n_places;
    if (w->steps < n)
        return NULL;
    w->steps -= n;
    return reached_past(arena, w->reached, sets_field, target)->place;
}

/* All readers that may come before the writers; the first one is reported. */
static void warn_readers(Warn *w, const FieldFlow *flow, const Field *field, const bool *reached) {
    const Accesses *a = w->accesses;
    const Access *first = NULL, *second = NULL;
    const Place *last = NULL;
    size_t n = 0;
    for (uint32_t i = a->of_field[field->index]; i < a->of_field[field->index + 1]; i++) {
        const Access *access = &a->all[a->by_field[i]];
        if (access->kind != ACCESS_READ || !fieldflow_is_unset(flow, access) ||
            !warn_is_reached(w, access->place) || (reached && !reached[access->place->index]))
            continue;
        n += access->place != last;
        last = access->place;
        first = first ? first : access;
        second = second || access->place == first->place ? second : access;
    }
    if (first)
        report(w, flow, first, second, n - 1);
}

static bool any_unset(const Warn *w, const FieldFlow *flow, const Field *field) {
    const Accesses *a = w->accesses;
    for (uint32_t i = a->of_field[field->index]; i < a->of_field[field->index + 1]; i++) {
        const Access *access = &a->all[a->by_field[i]];
        if (access->kind == ACCESS_READ && fieldflow_is_unset(flow, access))
            return true;
    }
    return false;
}

/* That nothing writes it at all is said by unused-field. */
static void warn_field(Warn *w, const FieldFlow *flow, const Field *field) {
    Target target = {flow, field, NULL};
    if (!any_unset(w, flow, field) || !warn_first(w, field, false))
        return;
    Arena *arena = arena_new();
    warn_readers(w, flow, field, reached_unset(w, arena, &target));
    arena_free(arena);
}

void warn_unset_reads(Warn *w, const FieldFlow *flow) {
    for (size_t i = flow->block * BLOCK_FIELDS;
         i < (flow->block + 1) * BLOCK_FIELDS && i < w->graph->n_fields; i++)
        if (field_begins_unset(w->graph, flow->order[i]))
            warn_field(w, flow, flow->order[i]);
}
