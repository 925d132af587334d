/* Sections with `ranks`: what their branches do must mean the same in another process.
 * requires: a finished graph. Sections in subgraphs of others run on threads (codegen/spread.c). */
#include "../liveness.h"
#include "internal.h"

static const Node *pausing_in(const Graph *graph) {
    for (size_t i = 0; i < graph->n_nodes; i++) {
        const Node *node = graph->nodes[i];
        if (node->pause_before || node->pause_after)
            return node;
        if (node->runs && pausing_in(node->runs))
            return pausing_in(node->runs);
    }
    return NULL;
}

static void refuse_pause(GraphSema *g, const Section *section, const Node *node, const Node *pausing) {
    Diag *diag = diag_error(g->sema->diags, pausing->span,
                            "'%s' pauses the run, which a branch on another rank cannot", pausing->name);
    if (pausing != node)
        diag_note(diag, node->span, "it is in what '%s' runs", node->name);
    diag_note(diag, section->ranks_span, "'ranks' is said here; 'threads' may pause");
}

static void check_pauses(GraphSema *g, const Section *section, const Region *region) {
    for (size_t i = 0; i < region->n_places; i++) {
        const Place *place = region->places[i];
        const Node *node = place->node;
        if (node && (node->pause_before || node->pause_after))
            refuse_pause(g, section, node, node);
        else if (node && node->runs && pausing_in(node->runs))
            refuse_pause(g, section, node, pausing_in(node->runs));
        for (size_t k = 0; place->kind == PL_SECTION && k < place->section->n_branches; k++)
            check_pauses(g, section, place->section->branches[k]);
    }
}

static void refuse_field(GraphSema *g, const Section *section, const Field *field) {
    bool is_handle = field->type->kind == TY_HANDLE;
    Diag *diag = diag_error(g->sema->diags, section->ranks_span,
                            is_handle ? "'%s' is a handle, which means nothing on another rank"
                                      : "'%s' is transient: it does not leave its process",
                            field->name);
    diag_note(diag, field->span, "a branch uses it, and it is declared here%s",
              is_handle ? "; dfl_user gives nodes what each rank has of its own" : "");
}

static void check_fields(GraphSema *g, const Section *section, const Liveness *uses) {
    bool *told = ARENA_ARRAY(g->sema->arena, bool, g->graph->n_fields + 1);
    for (size_t k = 0; k < section->n_branches; k++) {
        const RegionUse *use = &uses->regions[section->branches[k]->index];
        for (size_t i = 0; i < use->n; i++) {
            const Field *field = use->uses[i].field;
            if (field->local || field_is_saved(field) || told[field->index])
                continue;
            told[field->index] = true;
            refuse_field(g, section, field);
        }
    }
}

static void check_section(GraphSema *g, const Section *section, const Liveness *uses) {
    if (section->place->region->section) {
        Diag *diag = diag_error(g->sema->diags, section->ranks_span,
                                "a section in a branch runs where its branch does, not on ranks of its own");
        diag_note(diag, section->place->region->section->span, "this is the section that it is in");
        return;
    }
    for (size_t k = 0; k < section->n_branches; k++)
        check_pauses(g, section, section->branches[k]);
    check_fields(g, section, uses);
}

void ranks_check(GraphSema *g) {
    const Graph *graph = g->graph;
    const Liveness *uses = NULL;
    for (size_t i = 0; i < graph->n_sections; i++) {
        if (!graph->sections[i]->ranks)
            continue;
        if (!uses)
            uses = liveness_of(g->sema->comp, graph);
        check_section(g, graph->sections[i], uses);
    }
}

void ranks_refuse(Compilation *comp, const Program *program, const char *option, const char *why) {
    for (size_t g = 0; g < program->n_graphs; g++)
        for (size_t i = 0; i < program->graphs[g]->n_sections; i++)
            if (program->graphs[g]->sections[i]->ranks)
                diag_error(comp->diags, program->graphs[g]->sections[i]->ranks_span, "'ranks' with %s: %s", option,
                           why);
}
