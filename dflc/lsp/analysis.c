#include "analysis.h"

#include <errno.h>
#include <string.h>

#include "dflc/profile.h"
#include "dflc/sema/sema.h"
#include "dflc/warn/warn.h"

static Compilation begin(Arena *arena, const Options *options) {
    Compilation comp = {arena, interner_new(arena), diags_new(arena)};
    for (size_t i = 0; i < options->n_warnings; i++)
        diags_warning_switch(comp.diags, options->warnings[i].name, options->warnings[i].mode);
    return comp;
}

/* What runs have measured, held against the program; NULL: none, or a file that
 * cannot be used. */
static const Profile *profile_of(Analysis *a, const Options *options) {
    ProfileFile file = {0};
    if (!options->profile)
        return NULL;
    Source *source = source_read(a->arena, options->profile);
    if (!source) {
        diag_error(a->comp.diags, (Span){0}, "cannot read '%s': %s", options->profile,
                   strerror(errno));
        return NULL;
    }
    profile_file_read(&a->comp, source, &file);
    return diags_errors(a->comp.diags) ? NULL : profile_fit(&a->comp, &file, a->program);
}

/* Each stage begins only where those before it found no error, as in main.c. */
static void look(Analysis *a, const Options *options, const Machine *machine) {
    a->file = ast_parse(&a->comp, a->source);
    a->parses = diags_errors(a->comp.diags) == 0;
    if (!a->parses)
        return;
    a->program = sema_program(&a->comp, a->file, options->include_dirs, options->n_include_dirs);
    if (!a->program)
        return;
    graph_check(a->program);
    const Profile *profile = profile_of(a, options);
    if (diags_errors(a->comp.diags))
        return;
    CostOptions cost_by = {.sections = options->sections,
                           .machine = machine,
                           .profile = profile,
                           .mtbf_ns = options->mtbf_ns,
                           .save_price_ns = options->save_price_ns};
    a->costs = cost_program(&a->comp, a->program, cost_by);
    warn_program(&a->comp, a->program, a->costs);
}

Analysis *analysis_new(const Options *options, const Machine *machine, const FileView *view,
                       const char *path, const char *text, size_t n) {
    Arena *arena = arena_new();
    Analysis *a = ARENA_NEW(arena, Analysis);
    a->arena = arena;
    a->comp = begin(arena, options);
    a->source = source_from_text(arena, path, text, n);
    a->source->view = view;
    look(a, options, machine);
    a->diags = diags_take(a->comp.diags, &a->n_diags);
    return a;
}

void analysis_free(Analysis *analysis) {
    if (analysis)
        arena_free(analysis->arena);
}
