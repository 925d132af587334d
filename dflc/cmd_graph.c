/* dflc graph: the program as a picture, or as JSON for those who draw themselves. */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "draw.h"
#include "draw/html.h"
#include "draw/svg.h"
#include "printable.h"
#include "trace/overlay.h"

static bool find_graph(Arena *arena, const Program *program, const char *name, GraphList *out) {
    Nearest nearest = nearest_to(name);
    for (size_t i = 0; i < program->n_graphs; i++) {
        const Graph *graph = program->graphs[i];
        if (strcmp(graph->name, name) == 0) {
            ARENA_PUSH(arena, out->all, out->n, out->cap, graph);
            return true;
        }
        nearest_try(&nearest, graph->name);
    }
    fprintf(stderr, "dflc: '%s' has no graph '%s'%s\n", program->source->path, name,
            nearest_hint(&nearest, arena));
    return false;
}

/* Of what the file imports, what its graphs run is shown inside of them. */
bool choose_graphs(Arena *arena, const Options *options, const Program *program, GraphList *out) {
    if (options->graph)
        return find_graph(arena, program, options->graph, out);
    for (size_t i = 0; i < program->n_graphs; i++)
        if (!program->graphs[i]->imported)
            ARENA_PUSH(arena, out->all, out->n, out->cap, program->graphs[i]);
    return true;
}

/* False after a line on stderr. */
static bool lay_trace(Drawing *d) {
    const Options *options = d->options;
    const char *why, *path = options->store ? options->store : options->trace;
    Trace *trace = options->store ? history_read(d, path, options->thread, &why)
                   : path         ? trace_read(d->comp->arena, path, &why)
                                  : NULL;
    if (trace)
        d->overlay = overlay_lay(d, trace, d->options->run, &why);
    if (path && !d->overlay)
        fprintf(stderr, "dflc: cannot lay '%s' over '%s': %s\n", path, d->program->source->path,
                printable(d->comp->arena, why));
    return !path || d->overlay;
}

static int draw_scene(Drawing *d) {
    if (!lay_trace(d))
        return BAD_USE;
    const Scene *scene = scene_of(d);
    if (d->options->draw == DRAW_SVG) {
        svg_write(scene, false, stdout);
    } else if (!html_write(scene, stdout)) {
        fputs("dflc: out of memory\n", stderr);
        return BAD_USE;
    }
    return end_of_output();
}

int cmd_graph(Compilation *comp, const Options *options, const Program *program,
              const ProgramCosts *costs) {
    Drawing d = {.comp = comp, .options = options, .program = program, .costs = costs};
    GraphList graphs = {0};
    if (!choose_graphs(comp->arena, options, program, &graphs))
        return BAD_USE;
    d.graphs = graphs.all;
    d.n_graphs = graphs.n;
    if (options->draw == DRAW_JSON) {
        draw_json(&d, stdout);
        return end_of_output();
    }
    drawing_expand(&d);
    if (options->draw == DRAW_SVG || options->draw == DRAW_HTML)
        return draw_scene(&d);
    d.out = cwriter_new(comp->arena);
    if (options->draw == DRAW_DOT)
        draw_dot(&d);
    else
        draw_mermaid(&d);
    fwrite(d.out->text, 1, d.out->n, stdout);
    return end_of_output();
}
