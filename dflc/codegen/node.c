/* One call of a node: its bodies given in place, the call with its atomic commit. */
#include "emit.h"
#include "usdt.h"

#include <inttypes.h>
#include <string.h>

/* Arrays above this many bytes are saved in the arena, not on the stack. */
enum { STACK_ARRAY_BYTES = 4096 };

/* ---- bodies ---- */

/* What falling off the end of a body means: success, false, none of a router's targets. */
static const char *fallen_out(Emit *e, const Node *node) {
    if (node->kind == NODE_ROUTER)
        return say(e, "(%s_to)%zu", node->c_name, node->n_targets);
    return node->kind == NODE_PREDICATE ? "false" : "0";
}

/* The functions that `calls F` names: F may be that of a node whose body is given here. */
static StrMap called_functions(Emit *e) {
    StrMap called = {0};
    size_t g, i;
    for (g = 0; g < e->plan->n_used; g++)
        for (i = 0; i < e->plan->used[g]->n_nodes; i++) {
            Node *node = e->plan->used[g]->nodes[i];
            if (node->calls)
                strmap_put(&called, e->arena, intern_cstr(e->comp->names, node->c_name), node);
        }
    return called;
}

static void emit_line(Emit *e, unsigned line, const char *path) {
    if (e->plan->lines)
        cw_margin(e->w, "#line %u %s", line, c_string(e->arena, path, strlen(path)));
}

/* A parameter called like a type is what the source asks for: -Wshadow has nothing to tell. */
static void emit_body(Emit *e, const Graph *graph, const Node *node, bool called) {
    bool shadows = false;
    size_t i;
    for (i = 0; i < node->n_params; i++)
        shadows |= is_type_name(e, node->params[i].name);
    if (shadows) {
        cw_margin(e->w, "#pragma GCC diagnostic push");
        cw_margin(e->w, "#pragma GCC diagnostic ignored \"-Wshadow\"");
    }
    cw_line(e->w, "/* %s: %s */", where(e, node->span), node->name);
    cw_open(e->w, "%s%s {", called ? "" : "static ", node_prototype(e, graph, node));
    cw_line(e->w, "(void)ctx;");
    for (i = 0; i < node->n_params; i++)
        cw_line(e->w, "(void)%s;", node->params[i].name);
    emit_line(e, span_line(node->body_span), file_name(e, node->body_span.source));
    cw_verbatim(e->w, node->body, node->body_n);
    if (!node->body_n || node->body[node->body_n - 1] != '\n')
        cw_blank(e->w);
    emit_line(e, e->w->line + 1, e->plan->c_path);
    cw_line(e->w, "return %s;", fallen_out(e, node));
    cw_close(e->w, "}");
    if (shadows)
        cw_margin(e->w, "#pragma GCC diagnostic pop");
    cw_blank(e->w);
}

void emit_node_bodies(Emit *e) {
    StrMap called = called_functions(e);
    size_t g, i;
    for (g = 0; g < e->plan->n_used; g++)
        for (i = 0; i < e->plan->used[g]->n_nodes; i++) {
            const Node *node = e->plan->used[g]->nodes[i];
            const char *name = intern_cstr(e->comp->names, node->c_name);
            if (node->body)
                emit_body(e, e->plan->used[g], node, strmap_get(&called, name) != NULL);
        }
}

/* ---- the call ---- */

/* A field that the node is handed by address: what it was is kept, and put back on failure. */
static bool is_direct(const Param *param) {
    return param->mode == MODE_INOUT || (param->mode == MODE_OUT && !field_merges(param->field));
}

static bool is_update(const Param *param) {
    return param->mode == MODE_OUT && field_merges(param->field);
}

static bool comes_again(const Place *place) {
    bool again = (place->on_error && place->on_error->to == place) ||
                 (place->on_timeout && place->on_timeout->to == place);
    for (size_t i = 0; i < place->n_edges; i++)
        again |= place->edges[i]->to == place;
    return again;
}

/* Whether the branch's updates of a field are this one: where it is nothing but this node, which runs once. Then
 * they are what the node is handed. */
static bool is_all_added(Emit *e, const Node *node, const Param *param) {
    const Slot *slot;
    if (in_run(e) || !is_update(param) || e->region->n_order != 1 || comes_again(node->place))
        return false;
    slot = region_slot(e->region, param->field);
    return slot && slot->added && !slot->own && collects(param->field->type, slot->merge);
}

/* After its only attempt it is enough that no length tells of what has been added. Another one is to find the place
 * behind what others have added. */
static bool is_emptied(Emit *e, const Node *node, const Param *param) {
    return !node->retries && is_all_added(e, node, param);
}

/* By name: those of the node. */
static StrMap direct_fields(Emit *e, const Node *node) {
    StrMap direct = {0};
    size_t i;
    for (i = 0; i < node->n_params; i++)
        if (node->params[i].field && is_direct(&node->params[i]))
            strmap_put(&direct, e->arena, node->params[i].field->name, &node->params[i]);
    return direct;
}

static bool holds_container(const Type *type) {
    size_t i;
    switch (type->kind) {
    case TY_LIST:
    case TY_MAP:
        return true;
    case TY_ARRAY:
    case TY_OPT:
        return holds_container(type->elem);
    case TY_STRUCT:
        for (i = 0; i < type->struct_->n_members; i++)
            if (holds_container(type->struct_->members[i].type))
                return true;
        return false;
    default:
        return false;
    }
}

static bool is_large(const Type *type) {
    return type->kind == TY_ARRAY && size_estimate(type) > STACK_ARRAY_BYTES;
}

static void save_direct(Emit *e, const Param *param, const char *id) {
    const Type *type = param->type;
    const char *name = say(e, "%s_was", param->field->name), *from = lvalue(e, param->field);
    if (is_large(type)) {
        cw_line(e->w, "%s *const %s = (%s *)dfl_alloc(ctx, sizeof %s);", type->elem->c_name, name,
                type->elem->c_name, from);
        cw_line(e->w, "if (!%s)", name);
        cw_line(e->w, "    %s;", leave(e, id, say(e, "dfl__after(ctx, %s, 0)", id)));
        cw_line(e->w, "memcpy(%s, %s, sizeof %s);", name, from, from);
    } else if (type->kind == TY_ARRAY) {
        cw_line(e->w, "%s;", c_declare(e, type, name));
        cw_line(e->w, "memcpy(%s, %s, sizeof %s);", name, from, from);
    } else {
        cw_line(e->w, "const %s %s = %s;", type->c_name, name, from);
    }
}

static void restore_direct(Emit *e, const Param *param) {
    const char *to = lvalue(e, param->field);
    if (param->type->kind == TY_ARRAY)
        cw_line(e->w, "memcpy(%s, %s_was, sizeof %s);", to, param->field->name, to);
    else
        cw_line(e->w, "%s = %s_was;", to, param->field->name);
}

/* `in state` in a branch, or beside fields that the node is about to change: a copy of the struct
 * (not of what its values point to). */
static bool needs_view(Emit *e, const Node *node) {
    bool whole = false, direct = false;
    size_t i;
    for (i = 0; i < node->n_params; i++) {
        whole |= node->params[i].whole_state;
        direct |=
            !node->params[i].whole_state && node->params[i].field && is_direct(&node->params[i]);
    }
    return whole && (direct || !in_run(e));
}

static void emit_view(Emit *e) {
    const Graph *graph = e->graph->graph;
    size_t i;
    if (e->region->in_state)
        cw_line(e->w, "%s_state view = *%s;", graph->c_name, in_run(e) ? "s" : "f->s");
    else
        cw_line(e->w, "%s_state view = {0};", graph->c_name);
    e->used_frame |= !in_run(e);
    e->used_state |= in_run(e);
    for (i = 0; !in_run(e) && i < graph->n_fields; i++) {
        const Field *field = graph->fields[i];
        const char *from;
        if (field->local)
            continue;
        from = lvalue(e, field);
        if (strncmp(from, "f->s->", 6) != 0)
            set_value(e, field->type, say(e, "view.%s", field->name), from);
    }
}

static const char *update_value(Emit *e, const Node *node, const Param *param) {
    return is_all_added(e, node, param) ? added_lvalue(e, param->field)
                                        : say(e, "%s_update", param->field->name);
}

static const char *argument(Emit *e, const Node *node, const StrMap *direct, const Param *param) {
    const char *value;
    if (param->whole_state) {
        e->used_state |= !needs_view(e, node);
        return needs_view(e, node) ? "&view" : "s";
    }
    if (param->var)
        return in_argument(e, param->type, var_value(e, param->var));
    if (param->mode == MODE_IN) {
        value = strmap_get(direct, param->field->name) ? say(e, "%s_was", param->field->name)
                                                       : lvalue(e, param->field);
        return in_argument(e, param->type, value);
    }
    value = is_update(param) ? update_value(e, node, param) : lvalue(e, param->field);
    return param->type->kind == TY_ARRAY ? value : say(e, "&%s", value);
}

const char *call_text(Emit *e, const Node *node) {
    CWriter *list = list_open(e, say(e, "%s(ctx", node->c_name));
    StrMap direct = direct_fields(e, node);
    size_t i;
    for (i = 0; i < node->n_params; i++)
        list_add(list, argument(e, node, &direct, &node->params[i]));
    return list_close(list);
}

static Update update_of(Emit *e, const Param *param) {
    Update update = {param->field, merge_of(param->field, false),
                     say(e, "%s_update", param->field->name), NULL, false};
    return update;
}

/* What an update begins at: nothing, and where it will stand if it counts. */
static const char *no_update(Emit *e, const Field *field) {
    if (!collects(field->type, merge_of(field, false)))
        return c_identity(e, field);
    return say(e, "%s__behind(&%s)", field->type->c_name, merge_target(e, field));
}

/* dfl.h, note [nothing, in the way of an update] */
static void empty_update(Emit *e, const Param *param) {
    cw_line(e->w, "*(%s *)dfl__apart(&%s_update) = %s;", param->type->c_name, param->field->name,
            no_update(e, param->field));
}

/* What is collected behind a field of the state is mostly one item a node. */
static void expect_updates(Emit *e, const Node *node) {
    for (size_t i = 0; i < node->n_params; i++) {
        const Param *param = &node->params[i];
        if (is_update(param) && !is_all_added(e, node, param))
            emit_expect(e, param->field, merge_of(param->field, false), 1);
    }
}

/* Saved values, and updates. */
static void emit_declarations(Emit *e, const Node *node, const char *id) {
    size_t i;
    if (needs_view(e, node))
        emit_view(e);
    expect_updates(e, node);
    for (i = 0; i < node->n_params; i++) {
        const Param *param = &node->params[i];
        if (param->mode == MODE_IN)
            continue;
        if (is_direct(param))
            save_direct(e, param, id);
        else if (merge_can_fail(e, merge_of(param->field, false)) && !is_emptied(e, node, param))
            save_target(e, param->field);
        if (is_update(param) && !is_all_added(e, node, param))
            cw_line(e->w, "%s %s_update;", param->type->c_name, param->field->name);
    }
}

/* What every attempt begins with. */
static void emit_attempt(Emit *e, const Node *node) {
    bool containers = false;
    size_t i;
    for (i = 0; i < node->n_params; i++) {
        const Param *param = &node->params[i];
        if (param->mode == MODE_IN)
            continue;
        containers |= holds_container(param->type);
        if (param->mode == MODE_OUT && is_direct(param))
            set_zero(e, param->type, lvalue(e, param->field));
        if (!is_update(param))
            continue;
        if (!is_all_added(e, node, param))
            empty_update(e, param);
        else if (node->retries)
            restore_target(e, param->field);
    }
    if (containers)
        cw_line(e->w, "dfl__new_epoch(ctx);");
}

/* What a failed attempt has made behind others makes room. */
static void drop_update(Emit *e, const Node *node, const Param *param) {
    if (is_update(param) && collects(param->field->type, merge_of(param->field, false)))
        cw_line(e->w, "%s__drop(ctx, &%s);", param->type->c_name, update_value(e, node, param));
}

static void restore_all(Emit *e, const Node *node) {
    size_t i;
    for (i = 0; i < node->n_params; i++) {
        const Param *param = &node->params[i];
        if (param->mode == MODE_IN)
            continue;
        drop_update(e, node, param);
        if (is_direct(param))
            restore_direct(e, param);
        else if (is_emptied(e, node, param))
            cw_line(e->w, "%s.len = 0;", added_lvalue(e, param->field));
        else if (merge_can_fail(e, merge_of(param->field, false)))
            restore_target(e, param->field);
    }
}

/* What branches used is not charged when one has failed, so that it costs the same inline and on
 * threads. The error edge is a step instead: a loop through it comes to its limit, too. */
static void emit_handler(Emit *e, const Place *place, const char *caught, const Edge *edge) {
    if (!edge)
        return;
    if (place->kind != PL_SECTION || !e->graph->graph->has_limit) {
        cw_line(e->w, "if (rc == DFL_ENODE && %s(ctx))", caught);
        cw_line(e->w, "    %s;", jump(e, edge->to));
        return;
    }
    cw_line(e->w, "if (rc == DFL_ENODE && %s >= %" PRIu64 ")", count_lvalue(e, 0),
            e->graph->graph->limit);
    cw_line(e->w, "    rc = dfl__limit(ctx, %s, %" PRIu64 ");", place_name(e, place),
            e->graph->graph->limit);
    cw_open(e->w, "if (rc == DFL_ENODE && %s(ctx)) {", caught);
    cw_line(e->w, "%s++;", count_lvalue(e, 0));
    cw_line(e->w, "%s;", jump(e, edge->to));
    cw_close(e->w, "}");
}

/* A step that fails or pauses for the whole run is none yet: a resume takes it again. A subgraph that pauses is
 * not counted. */
static void emit_uncount(Emit *e, const Place *place) {
    if (place->kind != PL_NODE || !e->graph->graph->has_limit)
        return;
    if (place->node->runs)
        cw_line(e->w, "if (rc <= 0)");
    cw_line(e->w, "%s%s--;", place->node->runs ? "    " : "", count_lvalue(e, 0));
}

void emit_handlers(Emit *e, const Place *place, const char *position) {
    emit_handler(e, place, "dfl__caught_late", place->on_timeout);
    emit_handler(e, place, "dfl__caught", place->on_error);
    emit_uncount(e, place);
    cw_line(e->w, "%s;", leave(e, position, "rc"));
}

void open_attempts(Emit *e, const Node *node, const char *id) {
    if (node->retries) {
        cw_line(e->w, "if (DFL__RARELY(ctx->resume.n))");
        cw_line(e->w, "    dfl__tried(ctx, %s);", id);
        cw_open(e->w, "do {");
    }
    if (node->timeout_ns)
        cw_line(e->w, "const dfl__timer timer = dfl__time(ctx, INT64_C(%" PRId64 "));",
                node->timeout_ns);
}

static void close_attempts(Emit *e, const Node *node) {
    cw_close(e->w,
             "} while (rc != DFL_OK && dfl__retry(ctx, &rc, %" PRIu64 ", INT64_C(%" PRId64
             "), INT64_C(%" PRId64 ")));",
             node->retries, node->retry_ns, node->retry_cap_ns);
}

void emit_retry(Emit *e, const Place *place, const char *position) {
    if (!place->node->retries)
        return;
    close_attempts(e, place->node);
    cw_open(e->w, "if (rc != DFL_OK) {");
    emit_handlers(e, place, position);
    cw_close(e->w, "}");
    cw_line(e->w, "ctx->attempt = 1;");
}

/* ---- what a node has written, for events ---- */

WrittenList written_open(Emit *e, const Node *node, const char *id) {
    WrittenList list = {e, node, id, NULL, 0, 0};
    return list;
}

void written_add(WrittenList *list, const Field *field, const Type *type, const char *value) {
    Emit *e = list->e;
    const char *item = say(e, "{\"%s\", &%s, &%s},", field->name, type_descriptor(e, type), value);
    ARENA_PUSH(e->arena, list->items, list->n, list->cap, item);
}

/* Before the updates are merged: behind, some of them are moved. */
void written_close(const WrittenList *list) {
    Emit *e = list->e;
    if (e->plan->no_events || list->n == 0)
        return;
    cw_open(e->w, "if (%sctx->flags & DFL__WATCH%s) {",
            list->node->retries ? "rc == DFL_OK && (" : "", list->node->retries ? ")" : "");
    cw_line(e->w, "const dfl_value wrote[] = {");
    for (size_t i = 0; i < list->n; i++)
        cw_line(e->w, "    %s", list->items[i]);
    cw_line(e->w, "};");
    cw_line(e->w, "dfl__wrote(ctx, %s, wrote, %zu);", list->id, list->n);
    cw_close(e->w, "}");
}

static void emit_wrote(Emit *e, const Node *node, const char *id) {
    WrittenList list = written_open(e, node, id);
    for (size_t i = 0; i < node->n_params; i++) {
        const Param *param = &node->params[i];
        if (param->mode != MODE_IN)
            written_add(&list, param->field, param->type,
                        is_update(param) ? update_value(e, node, param)
                                         : lvalue(e, param->field));
    }
    written_close(&list);
}

static void emit_failure(Emit *e, const Place *place, const char *id) {
    const Node *node = place->node;
    const char *position = node->pause_before ? say(e, "%s | DFL__PASSED", id) : id;
    open_if_due(e);
    cw_line(e->w, "rc = dfl__after(ctx, %s, rc);", id);
    cw_open(e->w, "if (rc != DFL_OK) {");
    restore_all(e, node);
    if (!node->retries)
        emit_handlers(e, place, position);
    cw_close(e->w, "}");
    emit_wrote(e, node, id);
    cw_close(e->w, "}");
    emit_retry(e, place, position);
}

static void emit_commit(Emit *e, const Node *node) {
    size_t i;
    for (i = 0; i < node->n_params; i++) {
        const Param *param = &node->params[i];
        Update update;
        if (param->mode == MODE_IN)
            continue;
        update = update_of(e, param);
        if (is_update(param))
            merge_plain(e, &update);
        else if (notes_writes(e, param->field))
            cw_line(e->w, "%s = true;", wrote_lvalue(e, param->field));
    }
}

void emit_limit(Emit *e, const char *id) {
    const Graph *graph = e->graph->graph;
    const char *steps;
    if (!graph->has_limit)
        return;
    steps = count_lvalue(e, 0);
    cw_line(e->w, "if (%s >= %" PRIu64 ")", steps, graph->limit);
    cw_line(e->w, "    %s;",
            leave(e, id, say(e, "dfl__limit(ctx, %s, %" PRIu64 ")", id, graph->limit)));
}

/* A section is coming: workers that sleep are to be awake by then. */
static void emit_expected(Emit *e, const Node *node) {
    const Expected *expected = &e->graph->expected[node->place->index];
    if (expected->section)
        cw_line(e->w, "dfl__expect(ctx, %s_gain, INT64_C(%" PRId64 "));   /* %s */",
                expected->section->fn, expected->ns, expected->section->section->label);
}

/* The step is counted after a save that is due: a resume counts it again. */
void emit_begin(Emit *e, const Node *node, const char *id) {
    const char *position = node->pause_before ? say(e, "%s | DFL__PASSED", id) : id;
    emit_limit(e, id);
    if (node->pause_before) {
        cw_line(e->w, "if (dfl__pause_before(ctx, %s))", id);
        cw_line(e->w, "    %s;", leave(e, position, "DFL_PAUSED"));
    }
    emit_pending(e, position);
    if (e->graph->graph->has_limit)
        cw_line(e->w, "%s++;", count_lvalue(e, 0));
    emit_expected(e, node);
}

void emit_end(Emit *e, const Place *place, const char *id) {
    const Node *node = place->node;
    if ((node->checkpoint || node->effect) && !e->plan->no_checkpoints)
        cw_line(e->w, "due |= dfl__mark(ctx);");
    if (node->pause_after)
        cw_line(e->w, "%s;", leave(e, say(e, "%s | DFL__AFTER", id), "DFL_PAUSED"));
    if (resumes_after(e, place))
        cw_label(e->w, "%s:", after_label(e, place));
}

static bool has_outputs(const Node *node) {
    size_t i;
    for (i = 0; i < node->n_params; i++)
        if (node->params[i].mode != MODE_IN)
            return true;
    return false;
}

void emit_node_call(Emit *e, const Place *place) {
    const Node *node = place->node;
    const char *id = place_name(e, place);
    bool block = has_outputs(node) || needs_view(e, node) || node->timeout_ns;
    size_t i;
    emit_begin(e, node, id);
    if (block)
        cw_open(e->w, "{");
    emit_declarations(e, node, id);
    open_attempts(e, node, id);
    emit_attempt(e, node);
    usdt_start(e, place);
    cw_line(e->w, "rc = %s;", call_text(e, node));
    if (node->timeout_ns)
        cw_line(e->w, "rc = dfl__timed(ctx, timer, rc);");
    usdt_end(e, place);
    for (i = 0; i < node->n_params; i++)
        if (is_update(&node->params[i]) && !is_all_added(e, node, &node->params[i])) {
            Update update = update_of(e, &node->params[i]);
            if (merge_can_fail(e, update.merge))
                merge_fallible(e, &update);
        }
    emit_failure(e, place, id);
    emit_commit(e, node);
    if (block)
        cw_close(e->w, "}");
    emit_end(e, place, id);
}
