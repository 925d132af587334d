/* JSON: the graphs as they are, none expanded into another. formats.md names every
 * member. */
#include <string.h>

#include "draw.h"
#include "json.h"

static void write_at(Json *j, Span at) {
    uint32_t line, column;
    if (!at.source)
        return;
    source_position(at.source, at.begin, &line, &column);
    json_string(j, "file", at.source->path);
    json_uint(j, "line", line);
    json_uint(j, "column", column);
}

/* A member that is there only when it says something. */
static void write_true(Json *j, const char *name, bool value) {
    if (value)
        json_bool(j, name, true);
}

static void write_some(Json *j, const char *name, const char *text) {
    if (text)
        json_string(j, name, text);
}

/* ---- types ---- */

static void write_enums(Json *j, const Program *program) {
    json_open(j, "enums", '[');
    for (size_t i = 0; i < program->n_enums; i++) {
        const Enum *enum_ = program->enums[i];
        json_open_flat(j, NULL, '{');
        json_string(j, "name", enum_->name);
        json_open(j, "values", '[');
        for (size_t k = 0; k < enum_->n_values; k++) {
            json_open(j, NULL, '{');
            json_string(j, "name", enum_->values[k].name);
            json_int(j, "value", enum_->values[k].value);
            json_close(j);
        }
        json_close(j);
        json_close(j);
    }
    json_close(j);
}

static void write_structs(Json *j, Arena *arena, const Program *program) {
    json_open(j, "structs", '[');
    for (size_t i = 0; i < program->n_structs; i++) {
        const Struct *struct_ = program->structs[i];
        if (struct_->builtin)
            continue;
        json_open_flat(j, NULL, '{');
        json_string(j, "name", struct_->name);
        json_open(j, "members", '[');
        for (size_t k = 0; k < struct_->n_members; k++) {
            const Member *member = &struct_->members[k];
            json_open(j, NULL, '{');
            json_string(j, "name", member->name);
            json_string(j, "type", member->type->name);
            if (member->init)
                json_string(j, "default", const_text(arena, member->init));
            json_close(j);
        }
        json_close(j);
        json_close(j);
    }
    json_close(j);
}

/* ---- fields ---- */

static const char *reducer_name(const Field *field) {
    static const char *const names[] = {
        [RD_SUM] = "sum",     [RD_MIN] = "min",   [RD_MAX] = "max",
        [RD_AND] = "and",     [RD_OR] = "or",     [RD_APPEND] = "append",
        [RD_UNION] = "union", [RD_LAST] = "last", [RD_CUSTOM] = "with",
    };
    return names[field->reducer];
}

static void write_field(Json *j, Arena *arena, const Field *field) {
    json_open_flat(j, NULL, '{');
    json_string(j, "name", field->name);
    json_string(j, "type", field->type->name);
    write_true(j, "in", field->is_in);
    write_true(j, "out", field->is_out);
    write_some(j, "merge", reducer_name(field));
    write_some(j, "with", field->reducer_fn);
    if (field->init)
        json_string(j, "default", const_text(arena, field->init));
    write_true(j, "transient", field->transient);
    write_true(j, "local", field->local);
    write_some(j, "was", field->was);
    write_at(j, field->span);
    json_close(j);
}

/* ---- nodes ---- */

static void write_params(Json *j, const Node *node) {
    static const char *const modes[] = {"in", "out", "inout"};
    json_open_flat(j, "params", '[');
    for (size_t i = 0; i < node->n_params; i++) {
        const Param *param = &node->params[i];
        json_open(j, NULL, '{');
        json_string(j, "mode", modes[param->mode]);
        json_string(j, "name", param->name);
        write_some(j, "field", param->field ? param->field->name : NULL);
        write_true(j, "state", param->whole_state);
        write_some(j, "type", param->type ? param->type->name : NULL);
        json_close(j);
    }
    json_close(j);
}

/* The fields that a node reads (except: MODE_OUT) or writes (except: MODE_IN), each once. */
static void write_access(Json *j, const char *name, const Node *node, Mode except) {
    json_open_flat(j, name, '[');
    for (size_t i = 0; i < node->n_params; i++)
        if (node->params[i].field && node->params[i].mode != except)
            json_string(j, NULL, node->params[i].field->name);
    json_close(j);
}

static void write_bindings(Json *j, Arena *arena, const Node *node) {
    json_open_flat(j, "bindings", '[');
    for (size_t i = 0; i < node->n_bindings; i++) {
        const Binding *binding = &node->bindings[i];
        json_open(j, NULL, '{');
        json_string(j, "mode", binding->value ? "in" : "out");
        json_string(j, "child", binding->child->name);
        if (binding->value)
            json_string(j, "value", source_text(arena, binding->value->span));
        else
            json_string(j, "parent", binding->parent->name);
        json_close(j);
    }
    json_close(j);
}

static void write_retry(Json *j, const Node *node) {
    json_open_flat(j, "retry", '{');
    json_uint(j, "attempts", node->retries);
    if (node->retry_ns > 0)
        json_int(j, "everyNs", node->retry_ns);
    if (node->retry_ns > 0 && node->retry_cap_ns < INT64_MAX)
        json_int(j, "upToNs", node->retry_cap_ns);
    json_close(j);
}

static void write_attributes(Json *j, const Node *node) {
    if (node->has_cost)
        json_int(j, "costNs", node->cost_ns);
    if (node->retries > 0)
        write_retry(j, node);
    if (node->timeout_ns > 0)
        json_int(j, "timeoutNs", node->timeout_ns);
    write_true(j, "checkpoint", node->checkpoint);
    write_true(j, "effect", node->effect);
    write_true(j, "pauseBefore", node->pause_before);
    write_true(j, "pauseAfter", node->pause_after);
    write_true(j, "body", node->body != NULL);
    write_some(j, "was", node->was);
}

static void write_node(Json *j, Arena *arena, const Node *node) {
    static const char *const kinds[] = {"node", "predicate", "router"};
    json_open(j, NULL, '{');
    json_string(j, "name", node->name);
    json_string(j, "kind", kinds[node->kind]);
    if (node->runs) {
        json_string(j, "runs", node->runs->name);
        write_bindings(j, arena, node);
    } else {
        write_some(j, "function", node->c_name);
        write_params(j, node);
    }
    write_access(j, "reads", node, MODE_OUT);
    write_access(j, "writes", node, MODE_IN);
    write_attributes(j, node);
    if (node->kind == NODE_ROUTER) {
        json_open_flat(j, "targets", '[');
        for (size_t i = 0; i < node->n_targets; i++)
            json_string(j, NULL, node->targets[i].name);
        json_close(j);
    }
    write_at(j, node->span);
    json_close(j);
}

/* ---- flow ---- */

static void write_place(Json *j, Arena *arena, const Place *place) {
    static const char *const kinds[] = {
        [PL_START] = "start",   [PL_END] = "end",         [PL_JOIN] = "join",
        [PL_NODE] = "node",     [PL_SECTION] = "section", [PL_CHOICE] = "choice",
        [PL_ROUTER] = "router",
    };
    json_open_flat(j, NULL, '{');
    json_uint(j, "id", place->index);
    json_string(j, "kind", kinds[place->kind]);
    json_uint(j, "region", place->region->index);
    write_some(j, "node", place->node ? place->node->name : NULL);
    if (place->section)
        json_uint(j, "section", place->section->index);
    if (place->subject)
        json_string(j, "subject", source_text(arena, place->subject->span));
    write_at(j, place->span);
    json_close(j);
}

static void write_edge(Json *j, Arena *arena, const DrawnFacts *facts, const Edge *edge,
                       EdgeKind kind) {
    static const char *const kinds[] = {"normal", "error", "timeout"};
    json_open_flat(j, NULL, '{');
    json_uint(j, "from", edge->from->index);
    json_uint(j, "to", edge->to->index);
    json_string(j, "kind", kinds[kind]);
    if (edge->guard)
        json_string(j, "guard", source_text(arena, edge->guard->span));
    if (edge->n_values > 0) {
        json_open(j, "values", '[');
        for (size_t i = 0; i < edge->n_values; i++)
            json_string(j, NULL, const_text(arena, edge->values[i]));
        json_close(j);
    }
    write_true(j, "else", strcmp(edge_text(arena, edge, kind), "else") == 0);
    if (edge->has_max)
        json_uint(j, "max", edge->max);
    write_true(j, "loop", edge_is_loop(facts, edge));
    write_at(j, edge->span);
    json_close(j);
}

static void write_edges(Json *j, Arena *arena, const DrawnFacts *facts, const Place *from) {
    EdgeKind kind;
    const Edge *edge;
    for (size_t i = 0; (edge = place_edge(from, i, &kind)); i++)
        write_edge(j, arena, facts, edge, kind);
}

static void write_each(Json *j, Arena *arena, const Section *section) {
    json_open_flat(j, "each", '{');
    json_string(j, "item", section->item->name);
    write_some(j, "index", section->key ? section->key->name : NULL);
    json_string(j, "over", source_text(arena, section->over->span));
    json_close(j);
}

static void write_decision(Json *j, const Section *section, const SectionCost *cost) {
    static const char *const modes[] = {"auto", "inline", "threads"};
    json_string(j, "mode", modes[section->mode]);
    json_bool(j, "threads", cost->threads);
    if (cost->threads && section->over)
        json_uint(j, "threadsFrom", cost->threads_from);
    json_string(j, "reason", cost->reason);
    json_bool(j, "costKnown", cost->known);
    json_int(j, "workNs", cost->work_ns);
    json_int(j, "spanNs", cost->span_ns);
}

static void write_section(Json *j, Arena *arena, const DrawnFacts *facts, const Section *section) {
    json_open(j, NULL, '{');
    json_uint(j, "id", section->index);
    write_some(j, "name", section->name);
    json_string(j, "label", section->label);
    json_uint(j, "place", section->place->index);
    json_open_flat(j, "branches", '[');
    for (size_t i = 0; i < section->n_branches; i++)
        json_uint(j, NULL, section->branches[i]->index);
    json_close(j);
    if (section->over)
        write_each(j, arena, section);
    write_decision(j, section, &facts->costs->sections[section->index]);
    write_some(j, "settle", section->settle ? section->settle->name : NULL);
    if (section->has_need)
        json_uint(j, "need", section->need);
    write_at(j, section->span);
    json_close(j);
}

static void write_region(Json *j, const Region *region) {
    json_open_flat(j, NULL, '{');
    json_uint(j, "id", region->index);
    if (region->section) {
        json_string(j, "label", region->label);
        json_uint(j, "section", region->section->index);
        json_uint(j, "branch", region->branch);
        json_uint(j, "parent", region->parent->index);
    }
    json_uint(j, "entry", region->entry->index);
    json_uint(j, "exit", region->exit->index);
    json_close(j);
}

/* ---- graphs ---- */

static void write_policy(Json *j, const Graph *graph) {
    static const char *const policies[] = {"marked", "every", "auto", "never"};
    json_string(j, "checkpoint", policies[graph->policy]);
    if (graph->policy == CP_EVERY)
        json_uint(j, "checkpointEvery", graph->checkpoint_every);
    if (graph->has_limit)
        json_uint(j, "limitSteps", graph->limit);
}

static void write_flow(Json *j, Arena *arena, const Graph *graph, const DrawnFacts *facts) {
    json_open(j, "places", '[');
    for (size_t i = 0; i < graph->n_places; i++)
        write_place(j, arena, graph->places[i]);
    json_close(j);
    json_open(j, "edges", '[');
    for (size_t i = 0; i < graph->n_places; i++)
        write_edges(j, arena, facts, graph->places[i]);
    json_close(j);
    json_open(j, "sections", '[');
    for (size_t i = 0; i < graph->n_sections; i++)
        write_section(j, arena, facts, graph->sections[i]);
    json_close(j);
    json_open(j, "regions", '[');
    for (size_t i = 0; i < graph->n_regions; i++)
        write_region(j, graph->regions[i]);
    json_close(j);
}

static void write_graph(Json *j, Drawing *d, const Graph *graph) {
    Arena *arena = d->comp->arena;
    json_open(j, NULL, '{');
    json_string(j, "name", graph->name);
    write_at(j, graph->span);
    write_policy(j, graph);
    json_open(j, "fields", '[');
    for (size_t i = 0; i < graph->n_fields; i++)
        write_field(j, arena, graph->fields[i]);
    json_close(j);
    json_open(j, "nodes", '[');
    for (size_t i = 0; i < graph->n_nodes; i++)
        write_node(j, arena, graph->nodes[i]);
    json_close(j);
    write_flow(j, arena, graph, drawing_facts(d, graph));
    json_close(j);
}

/* Those asked for, and behind them those that they run, each once. */
static void add_graphs_that_run(Drawing *d) {
    StrMap seen = {0};
    for (size_t i = 0; i < d->n_graphs; i++)
        strmap_put(&seen, d->comp->arena, d->graphs[i]->name, d);
    for (size_t i = 0; i < d->n_graphs; i++)
        for (size_t k = 0; k < d->graphs[i]->n_nodes; k++) {
            const Graph *runs = d->graphs[i]->nodes[k]->runs;
            if (runs && !strmap_put(&seen, d->comp->arena, runs->name, d))
                ARENA_PUSH(d->comp->arena, d->graphs, d->n_graphs, d->cap_graphs, runs);
        }
}

void draw_json(Drawing *d, FILE *out) {
    Json j = {.out = out, .lines = true};
    add_graphs_that_run(d);
    json_open(&j, NULL, '{');
    json_string(&j, "format", "dflc-graph");
    json_uint(&j, "version", 1);
    json_string(&j, "file", d->program->source->path);
    write_enums(&j, d->program);
    write_structs(&j, d->comp->arena, d->program);
    json_open(&j, "graphs", '[');
    for (size_t i = 0; i < d->n_graphs; i++)
        write_graph(&j, d, d->graphs[i]);
    json_close(&j);
    json_close(&j);
    fputc('\n', out);
}
