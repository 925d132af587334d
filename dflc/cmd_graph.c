/* dflc graph: the program as a picture, or as JSON for those who draw themselves. */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "draw.h"

static void add_graph(Drawing *d, const Graph *graph) {
    ARENA_PUSH(d->comp->arena, d->graphs, d->n_graphs, d->cap_graphs, graph);
}

/* The graph called for, imported ones included. */
static bool find_graph(Drawing *d, const char *name) {
    Nearest nearest = nearest_to(name);
    for (size_t i = 0; i < d->program->n_graphs; i++) {
        const Graph *graph = d->program->graphs[i];
        if (strcmp(graph->name, name) == 0) {
            add_graph(d, graph);
            return true;
        }
        nearest_try(&nearest, graph->name);
    }
    fprintf(stderr, "dflc: '%s' has no graph '%s'%s\n", d->program->source->path, name,
            nearest_hint(&nearest, d->comp->arena));
    return false;
}

/* All of the file; of what it imports, what its graphs run is shown inside of them. */
static void add_all(Drawing *d) {
    for (size_t i = 0; i < d->program->n_graphs; i++)
        if (!d->program->graphs[i]->imported)
            add_graph(d, d->program->graphs[i]);
}

int cmd_graph(Compilation *comp, const Options *options, const Program *program,
              const ProgramCosts *costs) {
    Drawing d = {.comp = comp, .options = options, .program = program, .costs = costs};
    if (!options->graph)
        add_all(&d);
    else if (!find_graph(&d, options->graph))
        return BAD_USE;
    if (options->draw == DRAW_JSON) {
        draw_json(&d, stdout);
        return end_of_output();
    }
    d.out = cwriter_new(comp->arena);
    drawing_expand(&d);
    if (options->draw == DRAW_DOT)
        draw_dot(&d);
    else
        draw_mermaid(&d);
    fwrite(d.out->text, 1, d.out->n, stdout);
    return end_of_output();
}
