/* A node that runs a graph: a frame with the subgraph's state, its inputs bound, its flow called in
 * place, its outputs committed as the node's update. */
#include "emit.h"
#include "usdt.h"

#include <inttypes.h>

/* A frame above this many bytes (estimated) lies in the arena, which keeps a root in its place. */
enum { STACK_FRAME_BYTES = 16384 };

static bool is_large(const Node *node) {
    uint64_t sum = 0;
    size_t i;
    for (i = 0; i < node->runs->n_fields; i++)
        sum += size_estimate(node->runs->fields[i]->type);
    return sum > STACK_FRAME_BYTES;
}

static const char *frame_dot(const Node *node) {
    return is_large(node) ? "r->" : "r.";
}

static const char *frame_address(const Node *node) {
    return is_large(node) ? "r" : "&r";
}

static bool holds_pointers(const Graph *graph) {
    for (size_t i = 0; i < graph->n_fields; i++)
        if (!graph->fields[i]->type->flat)
            return true;
    return false;
}

/* Whether reclaiming, or a save within, has to find the frame. What it keeps packed of an earlier run is taken before
 * anything else happens. */
static bool is_root(Emit *e, const Place *place) {
    return is_large(place->node) || holds_pointers(place->node->runs) || may_stand(e, place);
}

static void emit_storage(Emit *e, const Place *place, const RegionPlan *root) {
    const char *id = place_name(e, place);
    if (is_large(place->node)) {
        cw_line(e->w, "struct %s *const r = (struct %s *)dfl_alloc(ctx, sizeof *r);", root->frame,
                root->frame);
        cw_line(e->w, "if (!r)");
        cw_line(e->w, "    %s;", leave(e, id, say(e, "dfl__after(ctx, %s, 0)", id)));
    } else {
        cw_line(e->w, "struct %s r;", root->frame);
    }
    if (is_root(e, place))
        cw_line(e->w, "dfl__root root = {%s, &%s_type, ctx->roots};", frame_address(place->node),
                root->frame);
}

/* ---- inputs ---- */

static const Binding *input_of(const Node *node, const Field *field) {
    size_t i;
    for (i = 0; i < node->n_bindings; i++)
        if (node->bindings[i].child == field && node->bindings[i].value)
            return &node->bindings[i];
    return NULL;
}

static const char *converted(Emit *e, const Type *to, const Expr *value) {
    const char *text = c_expr(e, value);
    if (to == value->type || !type_is_number(to))
        return text;
    return say(e, "(%s)%s", to->c_name, text);
}

static void emit_input(Emit *e, const Place *place, const Field *field, const Binding *binding) {
    const char *to = say(e, "%sown.%s", frame_dot(place->node), field->name),
               *id = place_name(e, place);
    if (!binding->value->can_fail) {
        set_value(e, field->type, to, converted(e, field->type, binding->value));
        return;
    }
    cw_open(e->w, "{");
    cw_line(e->w, "const char *why = NULL;");
    cw_line(e->w, "%s = %s;", to, converted(e, field->type, binding->value));
    cw_line(e->w, "if (why)");
    cw_line(e->w, "    %s;",
            leave(e, id,
                  say(e, "dfl__guard_failed(ctx, %s, %s, why)", id, where_string(e, binding->span))));
    cw_close(e->w, "}");
}

static void emit_field(Emit *e, const Place *place, const Field *field) {
    const Binding *binding = input_of(place->node, field);
    const char *to = say(e, "%sown.%s", frame_dot(place->node), field->name);
    if (field->local)
        return;
    if (binding)
        emit_input(e, place, field, binding);
    else if (field->type->kind == TY_ARRAY)
        set_zero(e, field->type, to);
    else
        cw_line(e->w, "%s = %s;", to, c_initial(e, field));
}

/* ---- outputs ---- */

static Update output_update(Emit *e, const Node *node, const Binding *binding) {
    const char *value = say(e, "%sown.%s", frame_dot(node), binding->child->name);
    Update update = {binding->parent, merge_of(binding->parent, false), value, NULL, false};
    if (type_is_number(binding->parent->type) && binding->parent->type != binding->child->type)
        update.value = say(e, "(%s)%s", binding->parent->type->c_name, value);
    return update;
}

static bool output_can_fail(Emit *e, const Binding *binding) {
    return !binding->value && merge_can_fail(e, merge_of(binding->parent, false));
}

static bool any_output_can_fail(Emit *e, const Node *node) {
    size_t i;
    for (i = 0; i < node->n_bindings; i++)
        if (output_can_fail(e, &node->bindings[i]))
            return true;
    return false;
}

static void save_outputs(Emit *e, const Node *node) {
    size_t i;
    for (i = 0; i < node->n_bindings; i++)
        if (output_can_fail(e, &node->bindings[i]))
            save_target(e, node->bindings[i].parent);
}

static void restore_outputs(Emit *e, const Node *node) {
    size_t i;
    for (i = 0; i < node->n_bindings; i++)
        if (output_can_fail(e, &node->bindings[i]))
            restore_target(e, node->bindings[i].parent);
}

static void merge_outputs(Emit *e, const Node *node, const char *id) {
    size_t i;
    if (!any_output_can_fail(e, node))
        return;
    cw_open(e->w, "if (rc == DFL_OK) {");
    for (i = 0; i < node->n_bindings; i++)
        if (output_can_fail(e, &node->bindings[i])) {
            Update update = output_update(e, node, &node->bindings[i]);
            merge_fallible(e, &update);
        }
    cw_line(e->w, "rc = dfl__merged(ctx, %s, rc);", id);
    cw_close(e->w, "}");
}

static void commit_outputs(Emit *e, const Node *node) {
    size_t i;
    for (i = 0; i < node->n_bindings; i++)
        if (!node->bindings[i].value) {
            Update update = output_update(e, node, &node->bindings[i]);
            merge_plain(e, &update);
        }
}

/* ---- the call ---- */

static void emit_frame(Emit *e, const Place *place, const RegionPlan *root) {
    const Graph *graph = place->node->runs;
    const char *dot = frame_dot(place->node);
    size_t i;
    cw_line(e->w, "%sat = DFL__FRESH;", dot);
    if (place->node->retries)
        cw_line(e->w, "%sattempt = ctx->attempt;", dot);
    cw_line(e->w, "%sinner = (dfl_bytes){0};", dot);
    if (root->n_counts)
        cw_line(e->w, "memset(%scount, 0, sizeof %scount);", dot, dot);
    for (i = 0; i < graph->n_fields; i++)
        emit_field(e, place, graph->fields[i]);
}

static void emit_take(Emit *e, const Place *place, const RegionPlan *root) {
    cw_open(e->w, "if (DFL__RARELY(ctx->resume.n)) {");
    cw_line(e->w, "rc = dfl__take(ctx, &%s_type, %s);", root->frame, frame_address(place->node));
    cw_line(e->w, "if (rc != DFL_OK)");
    cw_line(e->w, "    %s;", leave(e, place_name(e, place), "rc"));
    if (place->node->retries)
        cw_line(e->w, "ctx->attempt = %sattempt;", frame_dot(place->node));
    cw_close(e->w, "}");
}

/* While it runs its step is not counted: whoever goes on within it counts it again. */
static void uncount(Emit *e) {
    if (e->graph->graph->has_limit)
        cw_line(e->w, "%s--;", count_lvalue(e, 0));
}

static void count(Emit *e) {
    if (!e->graph->graph->has_limit)
        return;
    cw_line(e->w, "if (rc <= 0)");
    cw_line(e->w, "    %s++;", count_lvalue(e, 0));
}

static void emit_flow(Emit *e, const Place *place, const RegionPlan *root) {
    bool whole = place->node->timeout_ns || place->node->retries;
    emit_standing(e, place);
    uncount(e);
    if (is_root(e, place))
        cw_line(e->w, "ctx->roots = &root;");
    if (whole)
        cw_line(e->w, "ctx->closed++;   /* tried as a whole: no save inside */");
    usdt_start(e, place);
    if (place->node->retries) { /* its nodes count their own attempts */
        cw_line(e->w, "const unsigned attempt = ctx->attempt;");
        cw_line(e->w, "ctx->attempt = 1;");
    }
    cw_line(e->w, "rc = %s(ctx, %s);", root->fn, frame_address(place->node));
    if (place->node->retries)
        cw_line(e->w, "ctx->attempt = attempt;");
    usdt_end(e, place);
    if (whole)
        cw_line(e->w, "ctx->closed--;");
    if (is_root(e, place))
        cw_line(e->w, "ctx->roots = root.next;");
    cw_line(e->w, "if (rc != DFL_OK)");
    cw_line(e->w, "    rc = dfl__keep(ctx, rc, &%s_type, %s);", root->frame,
            frame_address(place->node));
    count(e);
    if (place->node->timeout_ns)
        cw_line(e->w, "rc = dfl__timed_graph(ctx, timer, %s, rc);", place_name(e, place));
}

/* Of the types of the subgraph, under the names of the graph around. */
static void emit_wrote(Emit *e, const Node *node, const char *id) {
    WrittenList list = written_open(e, node, id);
    for (size_t i = 0; i < node->n_bindings; i++) {
        const Binding *binding = &node->bindings[i];
        if (!binding->value)
            written_add(&list, binding->parent, binding->child->type,
                        say(e, "%sown.%s", frame_dot(node), binding->child->name));
    }
    written_close(&list);
}

static void emit_outcome(Emit *e, const Place *place, const char *id) {
    const Node *node = place->node;
    const char *position = node->pause_before ? say(e, "%s | DFL__PASSED", id) : id;
    open_if_due(e);
    cw_line(e->w, "rc = dfl__after_section(ctx, %s, rc);", id);
    cw_open(e->w, "if (rc != DFL_OK) {");
    restore_outputs(e, node);
    if (!node->retries)
        emit_handlers(e, place, position);
    cw_close(e->w, "}");
    emit_wrote(e, node, id);
    cw_close(e->w, "}");
    emit_retry(e, place, position);
}

void emit_subgraph_call(Emit *e, const Place *place) {
    const Node *node = place->node;
    const RegionPlan *root = &e->graph->inner[node->index]->regions[0];
    const char *id = place_name(e, place);
    emit_begin(e, node, id);
    cw_open(e->w, "{");
    emit_storage(e, place, root);
    open_attempts(e, node, id);
    emit_frame(e, place, root);
    emit_take(e, place, root);
    emit_flow(e, place, root);
    save_outputs(e, node); /* not before: what is reclaimed in the subgraph moves them */
    merge_outputs(e, node, id);
    emit_outcome(e, place, id);
    commit_outputs(e, node);
    cw_close(e->w, "}");
    emit_end(e, place, id);
}
