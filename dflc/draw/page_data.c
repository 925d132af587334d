#include "page_data.h"

#include <inttypes.h>
#include <string.h>

#include "../analysis/access.h"
#include "../analysis/fieldflow.h"
#include "../units.h"
#include "svg.h"

typedef struct Page {
    Json *j;
    const Scene *scene;
    Arena *arena;
} Page;

/* ---- where it stands ---- */

static void at(const Page *p, Span span) {
    if (span.source)
        json_string(p->j, "at",
                    arena_printf(p->arena, "%s:%" PRIu32, span.source->path, span_line(span)));
}

/* The line, without the blanks around it. */
static void source_line(const Page *p, Span span) {
    if (!span.source)
        return;
    const char *text = span.source->text;
    uint32_t begin = span.begin, end = span.begin;
    while (begin > 0 && text[begin - 1] != '\n')
        begin--;
    while (end < span.source->n && text[end] != '\n')
        end++;
    while (begin < end && (text[begin] == ' ' || text[begin] == '\t'))
        begin++;
    while (end > begin && (text[end - 1] == ' ' || text[end - 1] == '\t' || text[end - 1] == '\r'))
        end--;
    json_string_n(p->j, "source", text + begin, end - begin);
}

/* ---- fields ---- */

static const char *merge_text(Arena *arena, const Field *field) {
    static const char *const names[] = {
        [RD_SUM] = "merge sum",     [RD_MIN] = "merge min",   [RD_MAX] = "merge max",
        [RD_AND] = "merge and",     [RD_OR] = "merge or",     [RD_APPEND] = "merge append",
        [RD_UNION] = "merge union", [RD_LAST] = "merge last",
    };
    if (field->reducer == RD_CUSTOM)
        return arena_printf(arena, "merge with %s", field->reducer_fn);
    return names[field->reducer];
}

static void note(const Page *p, const char *text) {
    if (text)
        json_string(p->j, NULL, text);
}

static void field(const Page *p, const Graph *graph, const Field *f) {
    json_open(p->j, NULL, '{');
    json_string(p->j, "name", f->name);
    json_string(p->j, "type", f->type->name);
    json_open(p->j, "notes", '[');
    note(p, f->is_in ? "in" : NULL);
    note(p, f->is_out ? "out" : NULL);
    note(p, merge_text(p->arena, f));
    note(p, f->init ? arena_printf(p->arena, "= %s", const_text(p->arena, f->init)) : NULL);
    note(p, f->transient ? "transient" : NULL);
    note(p, f->local ? "local" : NULL);
    json_close(p->j);
    json_bool(p->j, "starts", f->is_in || f->init || !graph->marks_io);
    json_bool(p->j, "out", field_is_output(graph, f));
    at(p, f->span);
    json_close(p->j);
}

static void graph(const Page *p, const Drawn *g) {
    json_open(p->j, NULL, '{');
    json_string(p->j, "path", g->path);
    json_string(p->j, "name", g->graph->name);
    if (g->outer)
        json_string(p->j, "node", id_of_place(p->arena, g->outer, g->at));
    at(p, g->graph->span);
    json_open(p->j, "fields", '[');
    for (size_t i = 0; i < g->graph->n_fields; i++)
        field(p, g->graph, g->graph->fields[i]);
    json_close(p->j);
    json_close(p->j);
}

/* ---- reads and writes ---- */

typedef enum Use { USE_READS, USE_WRITES, USE_UPDATES, USE_LATE, N_USES } Use;

typedef struct Uses {
    const Page *page;
    const Field **of[N_USES];
    size_t n[N_USES], cap[N_USES];
    bool all; /* reads the whole state */
} Uses;

static void add_use(Uses *u, Use use, const Field *field) {
    for (size_t i = 0; i < u->n[use]; i++)
        if (u->of[use][i] == field)
            return;
    ARENA_PUSH(u->page->arena, u->of[use], u->n[use], u->cap[use], field);
}

static void visit_access(void *context, const Access *access) {
    Uses *u = context;
    if (access->kind == ACCESS_PAUSE)
        return;
    if (!access->field)
        u->all = true;
    else if (access->kind == ACCESS_READ)
        add_use(u, access->late ? USE_LATE : USE_READS, access->field);
    else
        add_use(u, access->kind == ACCESS_WRITE ? USE_WRITES : USE_UPDATES, access->field);
}

static void uses(const Page *p, const Place *place) {
    static const char *const names[] = {"reads", "writes", "updates", "late"};
    Uses u = {.page = p};
    access_each((Place *)place, visit_access, &u);
    for (int use = 0; use < N_USES; use++) {
        if (u.n[use] == 0)
            continue;
        json_open(p->j, names[use], '[');
        for (size_t i = 0; i < u.n[use]; i++)
            json_string(p->j, NULL, u.of[use][i]->name);
        json_close(p->j);
    }
    if (u.all)
        json_bool(p->j, "all", true);
}

/* ---- places ---- */

static const char *param_text(Arena *arena, const Param *param) {
    static const char *const modes[] = {"in", "out", "inout"};
    if (param->whole_state)
        return arena_printf(arena, "%s state", modes[param->mode]);
    return arena_printf(arena, "%s %s : %s", modes[param->mode],
                        param->field ? param->field->name : param->name, param->type->name);
}

static const char *binding_text(Arena *arena, const Binding *b) {
    return b->value ? arena_printf(arena, "in %s = %s", b->child->name,
                                   source_text(arena, b->value->span))
                    : arena_printf(arena, "out %s = %s", b->parent->name, b->child->name);
}

static void signature(const Page *p, const Node *node) {
    static const char *const kinds[] = {"node", "predicate", "router"};
    Text t = {.arena = p->arena};
    text_add(&t, "",
             arena_printf(p->arena, "%s %s%s%s (", kinds[node->kind], node->name,
                          node->runs ? " runs " : "", node->runs ? node->runs->name : ""));
    for (size_t i = 0; i < node->n_params; i++)
        text_add(&t, i ? ", " : "", param_text(p->arena, &node->params[i]));
    for (size_t i = 0; i < node->n_bindings; i++)
        text_add(&t, i ? ", " : "", binding_text(p->arena, &node->bindings[i]));
    text_add(&t, "", ")");
    json_string(p->j, "signature", text_end(&t));
    if (!node->runs)
        json_string(p->j, "function", node->c_name);
}

/* The fields that an expression reads. Depth is bounded by the parser. */
static void fields_of(const Page *p, const Expr *expr) {
    if (!expr)
        return;
    if (expr->kind == EX_FIELD)
        json_string(p->j, NULL, expr->field->name);
    fields_of(p, expr->left);
    fields_of(p, expr->right);
}

static void bindings(const Page *p, const Node *node) {
    json_open(p->j, "bindings", '[');
    for (size_t i = 0; i < node->n_bindings; i++) {
        const Binding *b = &node->bindings[i];
        json_open(p->j, NULL, '{');
        json_string(p->j, "child", b->child->name);
        json_open(p->j, "fields", '[');
        if (b->value)
            fields_of(p, b->value);
        else
            json_string(p->j, NULL, b->parent->name);
        json_close(p->j);
        json_close(p->j);
    }
    json_close(p->j);
}

static void node_facts(const Page *p, const Drawn *g, const Node *node) {
    const NodeCost *cost = &g->facts->costs->nodes[node->index];
    json_open(p->j, "facts", '[');
    note(p, cost_text(p->arena, cost));
    note(p, node->pause_before ? "pause before" : NULL);
    note(p, node->retries > 0 ? retry_text(p->arena, node) : NULL);
    if (node->timeout_ns > 0)
        note(p, arena_printf(p->arena, "timeout %s", text_of_duration(p->arena, node->timeout_ns)));
    note(p, node->effect ? "effect" : NULL);
    note(p, node->checkpoint ? "checkpoint" : NULL);
    note(p, node->pause_after ? "pause after" : NULL);
    json_close(p->j);
}

static void section_facts(const Page *p, const Drawn *g, const Section *section) {
    const SectionCost *cost = &g->facts->costs->sections[section->index];
    json_open(p->j, "facts", '[');
    note(p, cost->reason);
    note(p, cost->known ? section_work_text(p->arena, section, cost) : NULL);
    note(p, section->settle ? settle_text(p->arena, section) : NULL);
    json_close(p->j);
}

static const char *kind_of(const Place *place) {
    static const char *const kinds[] = {
        [PL_START] = "start",   [PL_END] = "end",         [PL_JOIN] = "join",
        [PL_NODE] = "node",     [PL_SECTION] = "section", [PL_CHOICE] = "choice",
        [PL_ROUTER] = "router",
    };
    return kinds[place->kind];
}

static void place(const Page *p, const Drawn *g, const Place *place) {
    const Node *node = place->node;
    Span span = node ? node->span : place->span;
    json_open(p->j, NULL, '{');
    json_string(p->j, "id", id_of_place(p->arena, g, place));
    json_uint(p->j, "graph", g->number);
    json_uint(p->j, "region", g->first_region + place->region->index);
    json_string(p->j, "kind", kind_of(place));
    json_string(p->j, "title", place_title(p->arena, place));
    if (place->kind != PL_START && place->kind != PL_END && place->kind != PL_JOIN) {
        at(p, span);
        source_line(p, span);
    }
    if (node) {
        signature(p, node);
        node_facts(p, g, node);
    }
    if (node && node->runs)
        bindings(p, node);
    if (place->section)
        section_facts(p, g, place->section);
    uses(p, place);
    json_close(p->j);
}

/* ---- links ---- */

static void edge(const Page *p, const Drawn *g, const Link *link) {
    static const char *const kinds[] = {"normal", "error", "timeout"};
    json_open(p->j, NULL, '{');
    json_string(p->j, "id", id_of_link(p->arena, g, link));
    json_string(p->j, "from", id_of_place(p->arena, g, link->edge->from));
    json_string(p->j, "to", id_of_place(p->arena, g, link->edge->to));
    json_string(p->j, "kind", kinds[link->kind]);
    json_string(p->j, "text", edge_text(p->arena, link->edge, link->kind));
    at(p, link->edge->span);
    json_close(p->j);
}

static void fork(const Page *p, const Flow *flow, const Link *link) {
    const Region *region = flow->region;
    json_open(p->j, NULL, '{');
    json_string(p->j, "id", id_of_link(p->arena, flow->g, link));
    json_string(p->j, "section", id_of_place(p->arena, flow->g, region->section->place));
    json_uint(p->j, "region", flow->g->first_region + region->index);
    json_string(p->j, "to", id_of_place(p->arena, flow->g, region->entry));
    json_string(p->j, "join", id_of_place(p->arena, flow->g, region->exit));
    json_close(p->j);
}

static void links(const Page *p, bool forks) {
    json_open(p->j, forks ? "forks" : "edges", '[');
    for (size_t i = 0; i < p->scene->d->n_regions; i++) {
        const Flow *flow = p->scene->flows[i];
        for (size_t k = 0; k < flow->n_links; k++) {
            const Link *link = &flow->links[k];
            if (forks && !link->edge)
                fork(p, flow, link);
            else if (!forks && link->edge)
                edge(p, flow->g, link);
        }
    }
    json_close(p->j);
}

/* ---- all of it ---- */

void page_data(Json *j, const Scene *scene) {
    const Page p = {j, scene, scene->arena};
    const Drawing *d = scene->d;
    json_string(j, "file", d->program->source->path);
    json_open(j, "graphs", '[');
    for (size_t i = 0; i < d->n_drawn; i++)
        graph(&p, d->drawn[i]);
    json_close(j);
    json_open(j, "places", '[');
    for (size_t i = 0; i < d->n_drawn; i++)
        for (size_t k = 0; k < d->drawn[i]->graph->n_places; k++)
            place(&p, d->drawn[i], d->drawn[i]->graph->places[k]);
    json_close(j);
    links(&p, false);
    links(&p, true);
}
