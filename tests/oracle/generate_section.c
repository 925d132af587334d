/* Sections by chance. */
#include "generate.h"

/* A field for the faults of a section in `region`. In a branch it merges or is the branch's own. */
static const Field *generate_faults(Generate *g, Region *region) {
    Field *field = add_field(g, fault_list_type());
    unsigned kind = pick(g->choices, 3);
    field->faults = true;
    field->local = kind == 2 && region->section;
    region->holds[field->index] = field->local;
    if (kind == 0 || (region->section && !field->local))
        field->reducer = R_APPEND;
    return field;
}

static bool has_elements(const Type *type) {
    return type->kind == K_LIST || type->kind == K_MAP || type->kind == K_ARRAY;
}

static bool is_fault(const Expr *e) {
    return e->kind == E_FIELD && e->field->faults;
}

static bool has_many(const Expr *e) {
    return e->kind == E_FIELD && e->field->many;
}

/* Something to go over; NULL where there is nothing. Rather what has many elements, but not in a branch: that would
 * be many times many. */
static const Expr *generate_over(Generate *g, const Region *region, const Scope *scope) {
    Reads reads = readable(g, region, scope);
    bool crowded = g->in_branch || region->section;
    const Expr *fit[64], *many = NULL;
    unsigned n = 0;
    for (unsigned i = 0; i < reads.n && n < 64; i++) {
        if (!has_elements(reads.all[i]->type) || is_fault(reads.all[i]))
            continue;
        if (!has_many(reads.all[i]) || !crowded)
            fit[n++] = reads.all[i];
        if (has_many(reads.all[i]) && !crowded)
            many = reads.all[i];
    }
    if (many && pick(g->choices, 3) > 0)
        return many;
    return n ? fit[pick(g->choices, n)] : NULL;
}

enum { MOST_BRANCHES = 6 }; /* as two chunks, or three, of two or three */

static void generate_each(Generate *g, const Region *region, Section *section, const Scope *scope,
                          unsigned depth) {
    const Type *list = section->over->type;
    Scope element = {&section->element, scope}, index = {&section->index, &element};
    Own none = {{false}};
    section->element = (Var){text("x%u", g->graph->n_names), list->elem, section, false};
    if (pick(g->choices, 2))
        section->index = (Var){text("at%u", g->graph->n_names),
                               builtin_type(list->kind == K_MAP ? K_STRING : K_I64), section, true};
    g->graph->n_names++;
    section->branches = room(sizeof *section->branches);
    section->n_branches = 1;
    section->branches[0] = generate_region(
        g, region, section, 0, section->index.name ? &index : &element, &none, depth + 1);
}

static void generate_branches(Generate *g, const Region *region, Section *section,
                              const Scope *scope, const Own *own, unsigned depth) {
    unsigned n = pick_from(g->choices, 1, g->graph->is_cheap ? MOST_BRANCHES : 3);
    Own parts[MOST_BRANCHES] = {{{false}}};
    for (unsigned i = 0; i < g->graph->n_fields; i++)
        if (own->field[i] && !g->graph->fields[i]->faults) {
            unsigned k = pick(g->choices, n > 3 ? n + 1 : 4);
            if (k < n)
                parts[k].field[i] = true;
        }
    section->branches = room(n * sizeof *section->branches);
    for (unsigned k = 0; k < n; k++) {
        section->branches[k] = generate_region(g, region, section, k, scope, &parts[k], depth + 1);
        section->n_branches++;
    }
}

static void generate_settle(Generate *g, Region *region, Section *section) {
    section->settle = generate_faults(g, region);
    if (rarely(g->choices, 3))
        section->need = pick_from(g->choices, 1, section->over ? 3 : section->n_branches);
}

Section *generate_section(Generate *g, Region *region, const Scope *scope, const Own *own,
                          unsigned depth) {
    static const int how[] = {AS_DECIDED, AS_DECIDED, AS_DECIDED, INLINE, THREADS};
    Section *section = room(sizeof *section);
    section->name = text("s%u", g->graph->n_names++);
    if (rarely(g->choices, 2))
        section->over = generate_over(g, region, scope);
    if (section->over)
        generate_each(g, region, section, scope, depth);
    else
        generate_branches(g, region, section, scope, own, depth);
    if (rarely(g->choices, 4))
        generate_settle(g, region, section);
    section->how = how[pick(g->choices, 5)];
    g->graph->has_threads |= section->how == THREADS;
    return section;
}
