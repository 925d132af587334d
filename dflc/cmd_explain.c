/* dflc explain: every decision with its numbers. */
#include <stdio.h>

#include "cmd.h"
#include "explain/explain.h"

/* The graphs that some node runs, by Graph.c_name. */
static StrMap find_inner(Arena *arena, const Program *program) {
    StrMap inner = {0};
    for (size_t i = 0; i < program->n_graphs; i++)
        for (size_t k = 0; k < program->graphs[i]->n_nodes; k++) {
            Node *node = program->graphs[i]->nodes[k];
            if (node->runs)
                strmap_put(&inner, arena, node->runs->c_name, node);
        }
    return inner;
}

static Explained *explained(Explain *all, const StrMap *inner, const Graph *graph) {
    Explained *e = ARENA_NEW(all->comp->arena, Explained);
    e->all = all;
    e->graph = graph;
    e->costs = costs_of(all->costs, graph);
    e->ways = ways_of(all->comp->arena, graph);
    e->accesses = accesses_of(all->comp->arena, graph);
    e->uses = liveness_of(all->comp, graph);
    e->live = live_of(all->comp, graph);
    e->runs_inside = strmap_get(inner, graph->c_name) != NULL;
    if (graph->policy == CP_AUTO)
        e->risk = risk_of(all->comp->arena, all->costs, e->ways, graph);
    explain_paths(e);
    return e;
}

Diags *explain_advice(Diags *diags) {
    static const char *const names[] = {"missing-cost",
                                        "small-parallel",
                                        "unbalanced-parallel",
                                        "large-copy",
                                        "cheap-checkpoint",
                                        "could-parallel",
                                        NULL};
    return diags_split(diags, names);
}

int cmd_explain(Compilation *comp, const Options *options, const Program *program,
                const ProgramCosts *costs, Diags *advice) {
    Explain all = {.comp = comp, .program = program, .costs = costs};
    StrMap inner = find_inner(comp->arena, program);
    GraphList graphs = {0};
    if (!choose_graphs(comp->arena, options, program, &graphs))
        return BAD_USE;
    Explained **facts = ARENA_ARRAY(comp->arena, Explained *, graphs.n);
    all.sizes = sizes_of(comp->arena, program);
    all.advice = diags_take(advice, &all.n_advice);
    for (size_t i = 0; i < graphs.n; i++)
        facts[i] = explained(&all, &inner, graphs.all[i]);
    if (options->json)
        explain_json(&all, facts, graphs.n, stdout);
    else
        explain_text(&all, facts, graphs.n, stdout);
    return end_of_output();
}
