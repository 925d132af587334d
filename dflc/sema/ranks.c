/* Sections with `ranks`: what their branches do must mean the same in another process.
 * requires: a finished graph. Sections in subgraphs of others run on threads (codegen/spread.c). */
#include "../travel.h"
#include "internal.h"

static void refuse_nested(GraphSema *g, const Section *section) {
    Diag *diag = diag_error(g->sema->diags, section->ranks_span,
                            "a section in a branch runs where its branch does, not on ranks of its own");
    diag_note(diag, section->place->region->section->span, "this is the section that it is in");
}

static void refuse_pause(GraphSema *g, const Section *section, const Node *node, const Node *pausing) {
    Diag *diag = diag_error(g->sema->diags, pausing->span,
                            "'%s' pauses the run, which a branch on another rank cannot", pausing->name);
    if (pausing != node)
        diag_note(diag, node->span, "it is in what '%s' runs", node->name);
    diag_note(diag, section->ranks_span, "'ranks' is said here; 'threads' may pause");
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

static void check_section(GraphSema *g, const Section *section, const Liveness *uses) {
    Obstacles obstacles = {0};
    travel_obstacles(g->sema->arena, g->graph, section, uses, &obstacles);
    for (size_t i = 0; i < obstacles.n; i++) {
        const Obstacle *obstacle = &obstacles.all[i];
        if (obstacle->kind == OB_NESTED)
            refuse_nested(g, section);
        else if (obstacle->kind == OB_PAUSE)
            refuse_pause(g, section, obstacle->node, obstacle->pausing);
        else
            refuse_field(g, section, obstacle->field);
    }
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
