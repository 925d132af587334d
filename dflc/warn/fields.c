/* unused-field: never read, or never written and without a default.
 *
 * Where some field says `in` or `out`, the program reads what is `out` and sets what is `in`, and
 * nothing else. Where none does, a field that is only read is an input, and one that no node reads
 * an output; local fields are neither. */
#include "internal.h"

static const char warning[] = "unused-field";

typedef struct Use {
    const Access *read, *write; /* the first; NULL: none */
    bool is_read, is_written;
} Use;

static bool has_whole_reader(const Warn *w) {
    for (size_t i = 0; i < w->accesses->n_whole; i++)
        if (w->accesses->whole[i].kind == ACCESS_READ)
            return true;
    return false;
}

static bool has_pause(const Warn *w) {
    for (size_t i = 0; i < w->accesses->n_whole; i++)
        if (w->accesses->whole[i].kind == ACCESS_PAUSE)
            return true;
    return false;
}

static Use use_of(const Warn *w, const Field *field, bool all_read, bool all_written) {
    Use use = {.read = warn_first(w, field, true), .write = warn_first(w, field, false)};
    bool is_set = field->is_in || field->type->kind == TY_HANDLE || w->bound_in[field->index];
    use.is_read = use.read || all_read || field->is_out || w->bound_out[field->index];
    use.is_written = use.write || all_written || is_set;
    return use;
}

static void report_untouched(Warn *w, const Field *field) {
    diag_warning(w->comp->diags, field->span, warning, "field '%s' is never used", field->name);
}

static void report_unread(Warn *w, const Field *field, const Use *use) {
    if (!use->write) {
        diag_warning(w->comp->diags, field->span, warning,
                     "field '%s' is set by the program and never read", field->name);
        return;
    }
    Diag *diag =
        diag_warning(w->comp->diags, field->span, warning, "field '%s' is written and never read%s",
                     field->name, field->local ? "" : "; is it meant to be 'out'?");
    diag_note(diag, use->write->span, "%s writes it here", warn_place(w, use->write->place));
}

static void report_unwritten(Warn *w, const Field *field, const Use *use) {
    const char *example = warn_default(w, field->type);
    Diag *diag;
    example = example ? arena_printf(w->comp->arena, "%s give it a default, '%s'",
                                     field->local ? ";" : ", or", example)
                      : "";
    if (field->is_out && !use->read)
        diag = diag_warning(w->comp->diags, field->span, warning,
                            "field '%s' is 'out', but nothing writes it", field->name);
    else
        diag = diag_warning(w->comp->diags, field->span, warning,
                            "field '%s' is read, but nothing writes it%s%s", field->name,
                            field->local ? "" : "; mark it 'in' if the program sets it", example);
    if (use->read)
        diag_note(diag, use->read->span, "it is read here");
}

void warn_fields(Warn *w) {
    bool all_read = has_whole_reader(w), all_written = has_pause(w);
    for (size_t i = 0; i < w->graph->n_fields; i++) {
        const Field *field = w->graph->fields[i];
        Use use = use_of(w, field, all_read && !field->local, all_written && !field->local);
        if (!w->graph->marks_io && !field->local)
            continue;
        w->unread[i] = !use.is_read;
        if (!use.is_read && !use.is_written)
            report_untouched(w, field);
        else if (!use.is_read)
            report_unread(w, field, &use);
        else if (!use.is_written && !field->init)
            report_unwritten(w, field, &use);
    }
}
