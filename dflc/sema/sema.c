/* The order of sema's phases. */
#include "internal.h"

enum { DEFAULT_LIMIT = 10000 };

/* ---- the file ---- */

/* Of all files: a handle of an imported graph needs its C type, too. */
static void collect_includes(Sema *s, StrMap *seen, const AstFile *file) {
    Program *program = s->program;
    for (size_t i = 0; i < file->n_items; i++) {
        const AstItem *item = &file->items[i];
        if (item->kind != AI_INCLUDE)
            continue;
        const char *text = intern_cstr(s->comp->names, item->text);
        if (strmap_put(seen, s->arena, text, s))
            continue;
        Include include = {.text = text, .span = item->span};
        ARENA_PUSH(s->arena, program->includes, program->n_includes, program->cap_includes,
                   include);
    }
}

/* prefix acme: every name of the C that comes of this file begins with acme_. */
static void resolve_prefix(Sema *s, FileSema *file) {
    const AstItem *first = NULL;
    for (size_t i = 0; i < file->ast->n_items; i++) {
        const AstItem *item = &file->ast->items[i];
        if (item->kind != AI_PREFIX)
            continue;
        if (first) {
            Diag *diag = diag_error(s->diags, item->name.span, "a file has one prefix");
            diag_note(diag, first->name.span, "the first one is here");
            continue;
        }
        first = item;
        name_check(s, item->name, NAME_GRAPH);
        file->prefix = arena_printf(s->arena, "%s_", item->name.text);
    }
}

/* ---- settings ---- */

static void resolve_limit(GraphSema *g, const AstSetting *setting) {
    Graph *graph = g->graph;
    if (setting->kind == AS_LIMIT_NONE)
        g->limit_none = true;
    else if (count_of(g->sema, setting->value, "a step limit", UINT64_MAX, &graph->limit))
        graph->has_limit = true;
}

static void resolve_policy(GraphSema *g, const AstSetting *setting) {
    Graph *graph = g->graph;
    switch (setting->kind) {
    case AS_CHECKPOINT_EVERY:
        graph->policy = CP_EVERY;
        graph->checkpoint_every = 1;
        if (setting->value)
            count_of(g->sema, setting->value, "the number of nodes", UINT64_MAX,
                     &graph->checkpoint_every);
        break;
    case AS_CHECKPOINT_AUTO:
        graph->policy = CP_AUTO;
        break;
    case AS_CHECKPOINT_NEVER:
        graph->policy = CP_NEVER;
        break;
    case AS_CHECKPOINT_MARKED:
    case AS_LIMIT:
    case AS_LIMIT_NONE:
        graph->policy = CP_MARKED;
        break;
    }
}

static void resolve_settings(GraphSema *g) {
    const AstSetting *limit = NULL, *policy = NULL;
    for (size_t i = 0; i < g->ast->n_settings; i++) {
        const AstSetting *setting = &g->ast->settings[i];
        bool is_limit = setting->kind == AS_LIMIT || setting->kind == AS_LIMIT_NONE;
        const AstSetting **first = is_limit ? &limit : &policy;
        if (*first) {
            Diag *diag = diag_error(g->sema->diags, setting->span, "%s is set twice",
                                    is_limit ? "the limit" : "the checkpoint policy");
            diag_note(diag, (*first)->span, "first set here");
            continue;
        }
        *first = setting;
        if (is_limit)
            resolve_limit(g, setting);
        else
            resolve_policy(g, setting);
    }
}

/* A loop that nobody thought about ends; `limit none` is for the one that serves for ever. */
static void default_limit(GraphSema *g) {
    Graph *graph = g->graph;
    bool has_cycle = false;
    for (size_t i = 0; i < graph->n_regions; i++)
        has_cycle = has_cycle || graph->regions[i]->has_cycle;
    if (graph->has_limit || g->limit_none || !has_cycle)
        return;
    graph->has_limit = graph->limit_is_default = true;
    graph->limit = DEFAULT_LIMIT;
}

/* ---- the finished graph ---- */

static void add_place(GraphSema *g, Place *place) {
    Graph *graph = g->graph;
    place->index = (uint32_t)graph->n_places;
    ARENA_PUSH(g->sema->arena, graph->places, graph->n_places, graph->cap_places, place);
}

/* start, all that the source names in its order, the joins, end. */
static void number_places(GraphSema *g) {
    for (size_t i = 0; i < g->n_places; i++)
        if (g->places[i] != g->end)
            add_place(g, &g->places[i]->place);
    for (size_t i = 1; i < g->graph->n_regions; i++)
        add_place(g, g->graph->regions[i]->exit);
    add_place(g, &g->end->place);
}

static void number_max(Region *region) {
    for (size_t i = 0; i < region->n_places; i++)
        for (size_t k = 0; k < region->places[i]->n_edges; k++)
            if (region->places[i]->edges[k]->has_max)
                region->places[i]->edges[k]->max_index = region->n_max++;
}

static void finish_graph(GraphSema *g) {
    Graph *graph = g->graph;
    number_places(g);
    graph->sections = g->all_sections;
    graph->n_sections = g->n_all_sections;
    graph->cap_sections = g->cap_all_sections;
    for (size_t i = 0; i < graph->n_regions; i++)
        number_max(graph->regions[i]);
    default_limit(g);
}

/* ---- one graph ---- */

/* What other graphs may ask of this one. */
static void declare_graph(GraphSema *g) {
    g->words.start = intern_cstr(g->sema->comp->names, "start");
    g->words.end = intern_cstr(g->sema->comp->names, "end");
    g->words.join = intern_cstr(g->sema->comp->names, "join");
    fields_resolve(g);
}

static void resolve_graph(GraphSema *g) {
    size_t errors = diags_errors(g->sema->diags);
    resolve_settings(g);
    nodes_collect(g);
    flow_build(g);
    nodes_resolve(g);
    regions_assign(g);
    each_resolve(g);
    runs_resolve(g);
    guards_resolve(g);
    reach_check(g);
    writes_check(g);
    if (diags_errors(g->sema->diags) == errors) {
        finish_graph(g);
        ranks_check(g);
    }
}

static void add_graph(Sema *s, const AstItem *item) {
    const GraphSema *first = strmap_get(&s->graphs, item->name.text);
    if (first) {
        imports_refuse_twice(s, "graph", item->name, first->graph->span, first->file);
        return;
    }
    name_check(s, item->name, NAME_GRAPH);
    GraphSema *g = ARENA_NEW(s->arena, GraphSema);
    g->sema = s;
    g->file = s->file;
    g->ast = item->graph;
    g->graph = ARENA_NEW(s->arena, Graph);
    g->graph->name = item->name.text;
    g->graph->c_name = arena_printf(s->arena, "%s%s", s->file->prefix, item->name.text);
    g->graph->span = item->name.span;
    g->graph->imported = s->file->imported;
    ARENA_PUSH(s->arena, s->program->graphs, s->program->n_graphs, s->program->cap_graphs,
               g->graph);
    strmap_put(&s->graphs, s->arena, g->graph->name, g);
}

static void declare(Sema *s, const AstFile *file) {
    consts_collect(s, file);
    decls_collect(s, file);
    decls_resolve(s, file);
    for (size_t i = 0; i < file->n_items; i++)
        if (file->items[i].kind == AI_GRAPH)
            add_graph(s, &file->items[i]);
}

/* A graph may run one that is declared further down. */
static void resolve_graphs(Sema *s) {
    for (size_t i = 0; i < s->graphs.n; i++) {
        GraphSema *g = s->graphs.entries[i].value;
        imports_enter(s, g->file);
        declare_graph(g);
    }
    for (size_t i = 0; i < s->graphs.n; i++) {
        GraphSema *g = s->graphs.entries[i].value;
        imports_enter(s, g->file);
        resolve_graph(g);
    }
    nesting_check(s);
}

/* ---- the program ---- */

static void resolve_program(Sema *s) {
    size_t errors = diags_errors(s->diags);
    StrMap includes = {0};
    for (size_t i = 0; i < s->n_files; i++) {
        imports_enter(s, s->files[i]);
        resolve_prefix(s, s->files[i]);
        collect_includes(s, &includes, s->files[i]->ast);
        declare(s, s->files[i]->ast);
    }
    s->program->prefix = s->file->prefix;
    resolve_graphs(s);
    types_order(s);
    cnames_program(s, diags_errors(s->diags) == errors);
    cnames_calls(s);
}

Program *sema_program(Compilation *comp, AstFile *file, const char **import_dirs,
                      size_t n_import_dirs) {
    size_t errors = diags_errors(comp->diags);
    Sema *s = ARENA_NEW(comp->arena, Sema);
    s->comp = comp;
    s->arena = comp->arena;
    s->diags = comp->diags;
    s->program = ARENA_NEW(comp->arena, Program);
    s->program->source = file->source;
    names_init(s);
    types_init(s);
    if (imports_load(s, file, import_dirs, n_import_dirs))
        resolve_program(s);
    return diags_errors(comp->diags) == errors ? s->program : NULL;
}
