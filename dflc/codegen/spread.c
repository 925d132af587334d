/* Sections with `ranks`: what another rank needs to run a branch. In a graph that a node of another runs, they are
 * sections on threads: there the state is a frame of the other's.
 *
 *     static const uint8_t m__s1_needs[] = {0x05};
 *     static const size_t m__s1_state_at[] = {offsetof(struct m__s1_a, s), offsetof(struct m__s1_b, s)};
 *     static const dfl__spread m__s1_spread = {&m__s1_section, NULL, m__s1_needs, m__s1_state_at}; */
#include <inttypes.h>

#include "save.h"
#include "section.h"

bool section_is_spread(const Emit *e, const Section *section) {
    return section->ranks && !e->graph->outer && !e->plan->no_checkpoints;
}

static size_t count_spread(const Emit *e) {
    size_t n = 0;
    for (size_t i = 0; i < e->graph->graph->n_sections; i++)
        n += section_is_spread(e, e->graph->graph->sections[i]);
    return n;
}

/* They are defined behind the functions of their branches. */
void emit_spread_list(Emit *e) {
    const Graph *graph = e->graph->graph;
    if (count_spread(e) == 0)
        return;
    for (size_t i = 0; i < graph->n_sections; i++)
        if (section_is_spread(e, graph->sections[i]))
            cw_line(e->w, "static const dfl__spread %s_spread;", e->graph->sections[i].fn);
    cw_open(e->w, "static const dfl__spread *const %s__spreads[] = {", graph->c_name);
    for (size_t i = 0; i < graph->n_sections; i++)
        if (section_is_spread(e, graph->sections[i]))
            cw_line(e->w, "&%s_spread,", e->graph->sections[i].fn);
    cw_close(e->w, "};");
    cw_blank(e->w);
}

void emit_spread_members(Emit *e) {
    size_t n = count_spread(e);
    if (n > 0)
        cw_line(e->w, ".spreads = %s__spreads, .n_spreads = %zu,", e->graph->graph->c_name, n);
}

/* What an each runs over lies in a field. */
static bool lies_in(const Expr *over, const Field *field) {
    while (over->kind != EX_FIELD && over->left)
        over = over->left;
    return over->kind == EX_FIELD && over->field == field;
}

static bool is_needed(const Liveness *uses, const Section *section, const Field *field) {
    if (section->over && lies_in(section->over, field))
        return true;
    for (size_t k = 0; k < section->n_branches; k++) {
        const Region *branch = section->branches[k];
        const FieldUse *use = region_use(uses, branch, field);
        if (uses->regions[branch->index].whole_state || (use && use->reads))
            return true;
    }
    return false;
}

static void emit_needs(Emit *e, const SectionPlan *plan) {
    const Graph *graph = e->graph->graph;
    const Liveness *uses = liveness_of(e->comp, graph);
    const char *line = "";
    unsigned byte = 0, n = 0;
    for (size_t i = 0; i < graph->n_fields; i++) {
        if (!field_is_saved(graph->fields[i]))
            continue;
        if (n > 0 && n % 8 == 0) {
            line = say(e, "%s0x%02x, ", line, byte);
            byte = 0;
        }
        byte |= (unsigned)is_needed(uses, plan->section, graph->fields[i]) << n++ % 8;
    }
    cw_line(e->w, "static const uint8_t %s_needs[] = {%s0x%02x};", plan->fn, line, byte);
}

void emit_spread(Emit *e, const SectionPlan *plan) {
    const Section *section = plan->section;
    if (!section_is_spread(e, section))
        return;
    emit_needs(e, plan);
    cw_open(e->w, "static const size_t %s_state_at[] = {", plan->fn);
    if (section->over)
        cw_line(e->w, "offsetof(struct %s, s),", plan->frame);
    for (size_t k = 0; !section->over && k < section->n_branches; k++)
        cw_line(e->w, "offsetof(struct %s, s),", section_branch(e, section, k)->frame);
    cw_close(e->w, "};");
    cw_line(e->w, "static const dfl__spread %s_spread = {", plan->fn);
    if (section->over)
        cw_line(e->w, "    NULL, &%s_each, %s_needs, %s_state_at};", plan->fn, plan->fn, plan->fn);
    else
        cw_line(e->w, "    &%s_section, NULL, %s_needs, %s_state_at};", plan->fn, plan->fn, plan->fn);
}
