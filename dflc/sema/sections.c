/* Sections: branches, labels, `inline` and `threads`, `settle`, the variables of `each`. */
#include "internal.h"

#include <string.h>

/* ---- each ---- */

static EachVar *new_var(GraphSema *g, Section *section, AstName name, bool is_index) {
    EachVar *var = ARENA_NEW(g->sema->arena, EachVar);
    var->name = name.text;
    var->span = name.span;
    var->type = g->sema->error;
    var->is_index = is_index;
    var->section = section;
    name_check(g->sema, name, NAME_FIELD);
    strmap_put(&g->each_names, g->sema->arena, name.text, var);
    return var;
}

static void add_vars(GraphSema *g, Section *section, const AstPlace *ast) {
    section->item = new_var(g, section, ast->item, false);
    if (!ast->index.text)
        return;
    if (ast->index.text == ast->item.text) {
        Diag *diag = diag_error(g->sema->diags, ast->index.span, "'%s' names two things here",
                                ast->index.text);
        diag_note(diag, ast->item.span, "the element is called '%s' already", ast->item.text);
        return;
    }
    section->key = new_var(g, section, ast->index, true);
}

/* ---- settle ---- */

static void resolve_settle(GraphSema *g, Section *section, const AstPlace *ast) {
    Sema *s = g->sema;
    if (!ast->settle.text)
        return;
    FieldInfo *field = strmap_get(&g->fields, ast->settle.text);
    if (!field) {
        diag_error(s->diags, ast->settle.span, "unknown field '%s'%s", ast->settle.text,
                   hint_from(s, ast->settle.text, &g->fields, NULL, NULL));
        return;
    }
    const Type *type = field->field.type;
    if (type->kind != TY_ERROR && !(type->kind == TY_LIST && type->elem == s->fault)) {
        Diag *diag = diag_error(s->diags, ast->settle.span,
                                "'settle' needs a field of type fault[], and '%s' is %s",
                                ast->settle.text, type_text(type));
        diag_note(diag, field->field.span, "'%s' is declared here", ast->settle.text);
        return;
    }
    section->settle = &field->field;
    if (!ast->need)
        return;
    uint64_t need;
    uint64_t most = ast->is_each ? UINT64_MAX : ast->n_branches;
    const char *what = ast->is_each ? "'need'" : "'need' of this section";
    section->has_need = count_of(s, ast->need, what, most, &need);
    section->need = need;
}

static void resolve_mode(Section *section, const AstPlace *ast) {
    switch (ast->mode) {
    case AM_AUTO:
        section->mode = SECTION_AUTO;
        break;
    case AM_INLINE:
        section->mode = SECTION_INLINE;
        break;
    case AM_THREADS:
        section->mode = SECTION_THREADS;
        break;
    case AM_RANKS:
        section->mode = SECTION_THREADS;
        section->ranks = true;
        section->ranks_span = ast->mode_span;
        break;
    }
}

/* ---- branches ---- */

static bool same_text(Span a, Span b) {
    return a.source == b.source && a.end - a.begin == b.end - b.begin &&
           memcmp(a.source->text + a.begin, b.source->text + b.begin, a.end - a.begin) == 0;
}

/* Who writes a section a second time means the first one; that is said once, and not of each branch. */
static bool refuse_second_time(GraphSema *g, const Section *second, const Section *first) {
    Diag *diag;
    if (!same_text(second->span, first->span))
        return false;
    if (second->n_branches > 1)
        return true;
    diag = diag_error(g->sema->diags, second->span,
                      "this would be a second section of the same branches; give the first one a "
                      "name, '-> NAME: [...]', and go on with 'NAME -> ...'");
    diag_note(diag, first->span, "the first one is here");
    return true;
}

static void refuse_head(GraphSema *g, const FlowPlace *place, const FlowPlace *head,
                        Span head_span) {
    const char *text = place_text(g, &head->place);
    Diag *diag;
    if (head->home->section != place->place.section &&
        refuse_second_time(g, place->place.section, head->home->section))
        return;
    if (head->home->section == place->place.section)
        diag =
            diag_error(g->sema->diags, head_span, "%s begins two branches of this section", text);
    else
        diag = diag_error(g->sema->diags, head_span,
                          "%s begins branches of two sections; a node has one place: reuse its "
                          "code with a node that says 'calls'",
                          text);
    diag_also(diag, head->home_span);
    diag_note(diag, head->home_span, "the other branch is here");
}

bool section_add_branch(GraphSema *g, FlowPlace *place, FlowPlace *head, Span head_span) {
    Section *section = place->place.section;
    Region *region = ARENA_NEW(g->sema->arena, Region);
    region->section = section;
    region->branch = (uint32_t)section->n_branches;
    region->label = head ? place_spelling(&head->place) : "?";
    ARENA_PUSH(g->sema->arena, section->branches, section->n_branches, section->cap_branches,
               region);
    if (head && !head->home) {
        head->home = region;
        head->home_span = head_span;
        region->entry = &head->place;
        return true;
    }
    if (head)
        refuse_head(g, place, head, head_span);
    return false;
}

/* ---- the section ---- */

void section_begin(GraphSema *g, FlowPlace *place, const AstPlace *ast) {
    Section *section = place->place.section;
    place->built = true;
    section->index = (uint32_t)g->n_all_sections;
    section->span = ast->span;
    ARENA_PUSH(g->sema->arena, g->all_sections, g->n_all_sections, g->cap_all_sections, section);
    if (ast->is_each)
        add_vars(g, section, ast);
    resolve_settle(g, section, ast);
    resolve_mode(section, ast);
}

static const char *branches_label(GraphSema *g, const Section *section) {
    const char *label = "";
    for (size_t i = 0; i < section->n_branches && i < LABEL_BRANCHES; i++)
        label = arena_printf(g->sema->arena, "%s%s%s", label, i > 0 ? ", " : "",
                             section->branches[i]->label);
    bool all = section->n_branches <= LABEL_BRANCHES;
    return arena_printf(g->sema->arena, all ? "[%s]" : "[%s, ...]", label);
}

void section_end(GraphSema *g, FlowPlace *place, const AstPlace *ast) {
    Section *section = place->place.section;
    if (section->name)
        return;
    section->label = branches_label(g, section);
    if (ast->is_each)
        section->label = arena_printf(g->sema->arena, "each %s in %s %s", section->item->name,
                                      literal_text(g->sema, ast->over), section->label);
}
