/* What identifies the parts of a checkpoint that have no name of their own, and what the parts were
 * called before:
 *
 *     static const dfl__counter saved__counters[] = {
 *         {"steps", NULL},
 *         {"b -> a", "old_b -> a"},
 *     };
 *     static const dfl__was saved__fields_was[] = {{"amount", "total"}};
 *     static const dfl__was saved__nodes_was[] = {{"b", "old_b"}};
 */
#include <inttypes.h>
#include <string.h>

#include "../fnv.h"
#include "codec.h"
#include "emit.h"

/* ---- names ---- */

static const char *name_of(Arena *arena, const Place *place, bool before);

/* "[a, b]", "each x in xs [a]": with the names that the heads of its branches had before. */
static const char *section_before(Arena *arena, const Section *section) {
    const char *now = section->label, *names = strchr(now, '['), *more = strstr(now, ", ...]");
    const char *before = "";
    if (section->name || !names)
        return now;
    for (size_t i = 0; i < section->n_branches && (!more || i < LABEL_BRANCHES); i++) {
        const Region *branch = section->branches[i];
        const char *head = branch->entry ? name_of(arena, branch->entry, true) : NULL;
        before =
            arena_printf(arena, "%s%s%s", before, i > 0 ? ", " : "", head ? head : branch->label);
    }
    return arena_printf(arena, "%.*s[%s%s", (int)(names - now), now, before, more ? more : "]");
}

/* NULL: it has none. */
static const char *name_of(Arena *arena, const Place *place, bool before) {
    if (place->node)
        return before && place->node->was ? place->node->was : place->node->name;
    if (place->section)
        return before ? section_before(arena, place->section) : place->section->label;
    return NULL;
}

/* ---- counters ---- */

static const char *label_of(Arena *arena, const Place *place, bool before) {
    const char *name = name_of(arena, place, before);
    return name                      ? name
           : place->kind == PL_START ? "start"
           : place->kind == PL_END   ? "end"
                                     : "(choice)";
}

/* The counters are named before the names of several that go the same way are told apart. */
typedef struct Counters {
    Arena *arena;
    const char **now, **before;
    uint32_t n;
} Counters;

static void name_edges(Counters *counters, const Region *region, uint32_t first, const Place *named,
                       const Place *place) {
    for (size_t i = 0; i < place->n_edges; i++) {
        const Edge *edge = place->edges[i];
        if (edge->has_max) {
            uint32_t k = first + edge->max_index;
            counters->now[k] =
                arena_printf(counters->arena, "%s -> %s", label_of(counters->arena, named, false),
                             label_of(counters->arena, edge->to, false));
            counters->before[k] =
                arena_printf(counters->arena, "%s -> %s", label_of(counters->arena, named, true),
                             label_of(counters->arena, edge->to, true));
        }
        if (edge->to->kind == PL_CHOICE)
            name_edges(counters, region, first, named, edge->to);
    }
}

/* "a -> b", "a -> b #2", ... in the order of the file. */
static void tell_apart(Counters *counters, const char **names) {
    StrMap seen = {0};
    for (uint32_t i = 0; i < counters->n; i++) {
        uintptr_t times = (uintptr_t)strmap_get(&seen, names[i]) + 1;
        strmap_put(&seen, counters->arena, names[i], (void *)times);
        if (times > 1)
            names[i] = arena_printf(counters->arena, "%s #%" PRIuPTR, names[i], times);
    }
}

static Counters name_counters(Arena *arena, const Graph *graph) {
    const Region *region = graph->regions[0];
    uint32_t first = graph->has_limit ? 1 : 0;
    Counters counters = {.arena = arena, .n = region->n_max + first};
    counters.now = ARENA_ARRAY(arena, const char *, counters.n + 1);
    counters.before = ARENA_ARRAY(arena, const char *, counters.n + 1);
    if (first)
        counters.now[0] = counters.before[0] = "steps";
    for (size_t i = 0; i < region->n_places; i++)
        if (region->places[i]->kind != PL_CHOICE)
            name_edges(&counters, region, first, region->places[i], region->places[i]);
    /* Only equal pointers are one name to a StrMap of pointers: names are compared as texts. */
    Interner *names = interner_new(arena);
    for (uint32_t i = 0; i < counters.n; i++) {
        counters.now[i] = intern_cstr(names, counters.now[i]);
        counters.before[i] = intern_cstr(names, counters.before[i]);
    }
    tell_apart(&counters, counters.now);
    tell_apart(&counters, counters.before);
    return counters;
}

uint64_t layout_fingerprint(const Program *program, const Graph *graph) {
    Arena *arena = arena_new();
    Counters counters = name_counters(arena, graph);
    uint64_t hash = schema_fingerprint(program, graph);
    for (uint32_t i = 0; i < counters.n; i++)
        hash = fnv_text(hash, counters.now[i]);
    arena_free(arena);
    return hash;
}

static bool emit_counters(Emit *e, const Graph *graph) {
    Counters counters = name_counters(e->arena, graph);
    if (counters.n == 0)
        return false;
    cw_open(e->w, "static const dfl__counter %s__counters[] = {", graph->c_name);
    for (uint32_t i = 0; i < counters.n; i++) {
        bool was = strcmp(counters.now[i], counters.before[i]) != 0;
        cw_line(e->w, "{%s, %s},", c_string(e->arena, counters.now[i], strlen(counters.now[i])),
                was ? c_string(e->arena, counters.before[i], strlen(counters.before[i])) : "NULL");
    }
    cw_close(e->w, "};");
    return true;
}

/* ---- old names ---- */

static size_t emit_fields_was(Emit *e, const Graph *graph) {
    size_t n = 0;
    for (size_t i = 0; i < graph->n_fields; i++) {
        const Field *field = graph->fields[i];
        if (!field->was)
            continue;
        if (n++ == 0)
            cw_open(e->w, "static const dfl__was %s__fields_was[] = {", graph->c_name);
        cw_line(e->w, "{\"%s\", \"%s\"},", field->name, field->was);
    }
    if (n > 0)
        cw_close(e->w, "};");
    return n;
}

/* What a place is called, by its path: today's name, then each that it may have been saved under. */
typedef struct Paths {
    const char **all;
    size_t n, cap;
} Paths;

static Paths paths_of(Emit *e, const Paths *around, const char *now, const char *was,
                      const char *behind) {
    Paths paths = {0};
    const char *names[] = {now, was};
    for (size_t k = 0; k < 2 && names[k] && (k == 0 || strcmp(now, was) != 0); k++)
        for (size_t i = 0; i < around->n; i++)
            ARENA_PUSH(e->arena, paths.all, paths.n, paths.cap,
                       arena_printf(e->arena, "%s%s%s", around->all[i], names[k], behind));
    return paths;
}

static void emit_was(Emit *e, const Paths *paths, size_t *n) {
    for (size_t i = 1; i < paths->n; i++) {
        if ((*n)++ == 0)
            cw_open(e->w, "static const dfl__was %s__nodes_was[] = {", e->graph->graph->c_name);
        cw_line(e->w, "{%s, %s},", c_string(e->arena, paths->all[0], strlen(paths->all[0])),
                c_string(e->arena, paths->all[i], strlen(paths->all[i])));
    }
}

static void emit_places_was(Emit *e, const GraphPlan *plan, const Paths *around, size_t *n) {
    const Graph *graph = plan->graph;
    for (size_t i = 0; i < graph->n_nodes; i++) {
        const Node *node = graph->nodes[i];
        Paths paths = paths_of(e, around, node->name, node->was, "");
        emit_was(e, &paths, n);
        if (!plan->inner[i])
            continue;
        Paths within = paths_of(e, around, node->name, node->was, "/");
        emit_places_was(e, plan->inner[i], &within, n);
    }
    for (size_t i = 0; i < graph->n_sections; i++) {
        const Section *section = graph->sections[i];
        Paths paths = paths_of(e, around, section->label, section_before(e->arena, section), "");
        emit_was(e, &paths, n);
    }
}

static size_t emit_nodes_was(Emit *e) {
    const char *outermost = "";
    Paths around = {&outermost, 1, 1};
    size_t n = 0;
    emit_places_was(e, e->graph, &around, &n);
    if (n > 0)
        cw_close(e->w, "};");
    return n;
}

void emit_layout(Emit *e) {
    const Graph *graph = e->graph->graph;
    const char *name = graph->c_name;
    uint64_t mark = layout_fingerprint(e->plan->program, graph);
    bool counters = emit_counters(e, graph);
    size_t fields = emit_fields_was(e, graph), nodes = emit_nodes_was(e);
    cw_open(e->w, "static const dfl__layout_of %s__layout = {", name);
    cw_line(e->w, ".mark = UINT64_C(0x%016" PRIx64 "),", mark);
    if (counters)
        cw_line(e->w, ".counters = %s__counters, .n_counters = %" PRIu32 ",", name,
                e->graph->regions[0].n_counts);
    if (fields)
        cw_line(e->w, ".fields_was = %s__fields_was, .n_fields_was = %zu,", name, fields);
    if (nodes)
        cw_line(e->w, ".nodes_was = %s__nodes_was, .n_nodes_was = %zu,", name, nodes);
    cw_line(e->w, ".saved = &%s__saved};", name);
    e->w->depth--;
    cw_blank(e->w);
}
