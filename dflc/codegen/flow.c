/* The control flow of a region: labels, guards, jumps. */
#include "emit.h"
#include "usdt.h"

#include <inttypes.h>
#include <string.h>

/* "research_plan_" for the path "research/plan/". */
static const char *joined_path(Emit *e) {
    char *text = arena_strndup(e->arena, e->graph->path, strlen(e->graph->path)), *p;
    for (p = text; *p; p++)
        if (*p == '/')
            *p = '_';
    return text;
}

const char *place_name(Emit *e, const Place *place) {
    const char *graph = e->graph->outermost->graph->c_name;
    switch (place->kind) {
    case PL_START:
        return say(e, "%s_at_start", graph);
    case PL_END:
        return say(e, "%s_at_end", graph);
    case PL_NODE:
        return say(e, "%s_at_%s%s", graph, joined_path(e), place->node->name);
    case PL_SECTION:
    case PL_ROUTER:
        return say(e, "%" PRIu32 "u", place_id(e->graph, place));
    default:
        break;
    }
    return say(e, "%s_at_start", graph);
}

const char *place_label(Emit *e, const Place *place) {
    switch (place->kind) {
    case PL_NODE:
    case PL_ROUTER:
        return place->node->c_label;
    case PL_SECTION:
        if (place->section->name)
            return place->section->c_label;
        return say(e, "dfl_s%" PRIu32, place->section->index + 1);
    case PL_CHOICE:
        return say(e, "dfl_choice%" PRIu32, place->index);
    case PL_START:
        return "dfl_start";
    case PL_END:
    case PL_JOIN:
        break;
    }
    return "end";
}

const char *leave(Emit *e, const char *id, const char *rc) {
    e->used_frame |= !in_run(e);
    if (in_run(e))
        return say(e, "return dfl__stop(ctx, %s, %s)", id, rc);
    return say(e, "return %s(ctx, &f->at, &f->inner, %s, %s)",
               e->region->region->section && e->region->catches_errors ? "dfl__park_branch" : "dfl__park",
               id, rc);
}

void open_if_due(Emit *e) {
    e->used_due = true;
    cw_line(e->w, "due = dfl__due(ctx, rc);");
    cw_open(e->w, "if (DFL__RARELY(due)) {");
}

void emit_pending(Emit *e, const char *position) {
    e->used_due = true;
    cw_line(e->w, "if (DFL__RARELY(due) && (rc = dfl__before(ctx, %s)) != DFL_OK)", position);
    cw_line(e->w, "    %s;", leave(e, position, "rc"));
}

const char *region_arguments(Emit *e) {
    if (!in_run(e)) {
        e->used_frame = true;
        return "ctx, f";
    }
    e->used_state = true;
    if (!e->region->n_counts)
        return "ctx, s";
    e->used_count = true;
    return "ctx, s, count";
}

/* ---- jumps ---- */

const char *jump(Emit *e, const Place *to) {
    if (to->kind == PL_JOIN || (to->kind == PL_END && !in_run(e)))
        return "goto end";
    return usdt_jump(e, to, say(e, "goto %s", place_label(e, to)));
}

/* Taking an edge with `max` counts it. */
static void emit_take(Emit *e, const Edge *edge) {
    if (edge->has_max)
        cw_line(e->w, "%s++;",
                count_lvalue(e, edge->max_index + (e->graph->graph->has_limit ? 1 : 0)));
    cw_line(e->w, "%s;", jump(e, edge->to));
}

static const char *max_test(Emit *e, const Edge *edge) {
    return say(e, "%s < %" PRIu64,
               count_lvalue(e, edge->max_index + (e->graph->graph->has_limit ? 1 : 0)), edge->max);
}

/* The outermost parentheses of a guard are those of the `if`. */
static const char *bare(Emit *e, const char *text) {
    size_t i, n, depth = 0;
    for (n = 0; text[n]; n++)
        ;
    if (n < 2 || text[0] != '(' || text[n - 1] != ')')
        return text;
    for (i = 0; i < n; i++) {
        if (text[i] == '"') /* a string in the guard: leave it alone */
            return text;
        depth += text[i] == '(';
        depth -= text[i] == ')';
        if (depth == 0 && i + 1 < n)
            return text;
    }
    return say(e, "%.*s", (int)(n - 2), text + 1);
}

static const char *guard_condition(Emit *e, const Edge *edge) {
    const char *guard = edge->guard ? c_expr(e, edge->guard) : NULL;
    if (!edge->has_max)
        return bare(e, guard);
    if (!guard)
        return max_test(e, edge);
    return say(e, "%s && %s", guard, max_test(e, edge));
}

static const Edge *else_edge(const Place *place) {
    const Edge *last = place->n_edges ? place->edges[place->n_edges - 1] : NULL;
    return last && !last->n_values ? last : NULL;
}

/* note [where a guard fails]
 * The place that the guard leads away from is done: a resume evaluates its guards again, and does
 * not run it again. A choice is no position; what leads to one that may fail notes in `from` where
 * it came from. */

static bool may_fail(const Place *place) {
    size_t i;
    for (i = 0; i < place->n_edges; i++)
        if (place->edges[i]->guard && place->edges[i]->guard->can_fail)
            return true;
    return place->subject && (place->subject->type->kind == TY_ENUM || !else_edge(place));
}

/* Also by way of others: they nest as they are written. */
static bool leads_to_failing_choice(const Place *place) {
    size_t i;
    for (i = 0; i < place->n_edges; i++) {
        const Place *to = place->edges[i]->to;
        if (to->kind == PL_CHOICE && (may_fail(to) || leads_to_failing_choice(to)))
            return true;
    }
    return false;
}

static bool has_failing_choice(const RegionPlan *region) {
    size_t i;
    for (i = 0; i < region->n_order; i++)
        if (region->order[i]->kind == PL_CHOICE && may_fail(region->order[i]))
            return true;
    return false;
}

/* The position behind a place. */
static const char *position_after(Emit *e, const Place *place) {
    if (place->kind == PL_CHOICE)
        return "from";
    if (place->kind == PL_NODE || place->kind == PL_SECTION)
        return say(e, "%s | DFL__AFTER", place_name(e, place));
    return place_name(e, place);
}

/* The begin of a graph that a node runs is no place: the node is to blame. */
static const char *blamed_for(Emit *e, const Place *place) {
    const char *start = place_name(e, e->graph->graph->regions[0]->entry);
    uint32_t runs = e->graph->outer ? place_id(e->graph->outer, e->graph->at) : 0;
    if (place->kind != PL_CHOICE)
        return place->kind == PL_START && e->graph->outer ? say(e, "%" PRIu32 "u", runs) : place_name(e, place);
    if (!e->graph->outer || e->region->region->section)
        return "from & DFL__PLACE";
    return say(e, "(from & DFL__PLACE) == %s ? %" PRIu32 "u : from & DFL__PLACE", start, runs);
}

static const char *guard_failed(Emit *e, const Place *place, Span span, const char *why) {
    const char *blamed = blamed_for(e, place);
    return leave(e, position_after(e, place),
                 say(e, "dfl__guard_failed(ctx, %s, %s, %s)", blamed, where_string(e, span), why));
}

/* A guard whose arithmetic may fail is evaluated first, and asked why afterwards. */
static void emit_checked_guard(Emit *e, const Place *place, const Edge *edge) {
    cw_open(e->w, "{");
    cw_line(e->w, "const char *why = NULL;");
    cw_line(e->w, "const bool taken = %s;", guard_condition(e, edge));
    cw_line(e->w, "if (why)");
    cw_line(e->w, "    %s;", guard_failed(e, place, edge->guard->span, "why"));
    cw_open(e->w, "if (taken) {");
    emit_take(e, edge);
    cw_close(e->w, "}");
    cw_close(e->w, "}");
}

static void emit_guarded(Emit *e, const Place *place, const Edge *edge) {
    if (edge->guard && edge->guard->can_fail) {
        emit_checked_guard(e, place, edge);
        return;
    }
    if (!edge->has_max) {
        cw_line(e->w, "if (%s)", guard_condition(e, edge));
        cw_line(e->w, "    %s;", jump(e, edge->to));
        return;
    }
    cw_open(e->w, "if (%s) {", guard_condition(e, edge));
    emit_take(e, edge);
    cw_close(e->w, "}");
}

/* ---- match ---- */

static void emit_arm(Emit *e, const Edge *edge) {
    if (!edge->has_max) {
        cw_line(e->w, "    %s;", jump(e, edge->to));
        return;
    }
    cw_open(e->w, "    if (%s) {", max_test(e, edge));
    e->w->depth++;
    emit_take(e, edge);
    e->w->depth--;
    cw_close(e->w, "    }");
    cw_line(e->w, "    break;");
}

static const char *guard_error(Emit *e, const Place *place, const char *why) {
    return guard_failed(e, place, place->span, say(e, "\"%s\"", why));
}

/* Values of the enum that no arm names go to the else; numbers that are none of them, nowhere. */
static void emit_other_values(Emit *e, const Place *place, const Edge *otherwise) {
    const Enum *def = place->subject->type->enum_;
    bool *named = ARENA_ARRAY(e->arena, bool, def->n_values);
    size_t i, k, others = 0;
    for (i = 0; i < place->n_edges; i++)
        for (k = 0; k < place->edges[i]->n_values; k++)
            named[place->edges[i]->values[k]->u.enumerator - def->values] = true;
    for (i = 0; i < def->n_values; i++) {
        if (named[i])
            continue;
        cw_line(e->w, "case %s:", def->values[i].c_name);
        others++;
    }
    if (others && otherwise)
        emit_arm(e, otherwise);
    cw_line(e->w, "default:");
    cw_line(e->w, "    %s;", guard_error(e, place, "the value is none of its enum"));
}

static void emit_switch(Emit *e, const Place *place) {
    const Edge *otherwise = else_edge(place);
    bool arms_break = false;
    size_t i, k;
    cw_line(e->w, "switch (%s) {", bare(e, c_expr(e, place->subject)));
    for (i = 0; i < place->n_edges; i++) {
        const Edge *edge = place->edges[i];
        if (edge == otherwise)
            continue;
        for (k = 0; k < edge->n_values; k++)
            cw_line(e->w, "case %s:", c_const(e, edge->values[k]));
        emit_arm(e, edge);
        arms_break |= edge->has_max;
    }
    if (place->subject->type->kind == TY_ENUM) {
        emit_other_values(e, place, otherwise);
    } else {
        cw_line(e->w, "default:");
        cw_line(e->w, "    break;");
        arms_break = true;
    }
    cw_line(e->w, "}");
    if (arms_break && otherwise)
        cw_line(e->w, "%s;", jump(e, otherwise->to));
    else if (arms_break)
        cw_line(e->w, "%s;", guard_error(e, place, "no arm is left"));
}

static const char *equals(Emit *e, const Place *place, const Const *value) {
    const char *subject = c_expr(e, place->subject);
    if (place->subject->type->kind == TY_STRING)
        return say(e, "dfl_str_eq(%s, %s)", subject, c_const(e, value));
    return say(e, "%s%s", value->u.boolean ? "" : "!", subject);
}

static void emit_comparisons(Emit *e, const Place *place) {
    const Edge *otherwise = else_edge(place);
    size_t i, k;
    for (i = 0; i < place->n_edges; i++) {
        const Edge *edge = place->edges[i];
        const char *test = "";
        if (edge == otherwise)
            continue;
        for (k = 0; k < edge->n_values; k++)
            test = say(e, "%s%s%s", test, k ? " || " : "", equals(e, place, edge->values[k]));
        if (edge->has_max)
            test = say(e, "(%s) && %s", test, max_test(e, edge));
        cw_open(e->w, "if (%s) {", test);
        emit_take(e, edge);
        cw_close(e->w, "}");
    }
    cw_line(e->w, "%s;",
            otherwise ? jump(e, otherwise->to) : guard_error(e, place, "no arm is left"));
}

/* ---- routers ---- */

bool resumes_after(Emit *e, const Place *place) {
    if (place->kind != PL_NODE && place->kind != PL_SECTION)
        return false;
    if (place->kind == PL_NODE && (in_run(e) || place->node->pause_after))
        return true;
    return may_fail(place) || leads_to_failing_choice(place);
}

const char *after_label(Emit *e, const Place *place) {
    return say(e, "dfl_after_%s", place_label(e, place));
}

/* A router is asked before a save that is due: the edge is chosen first. */
static void emit_router(Emit *e, const Place *place) {
    const Node *node = place->node;
    const char *id = place_name(e, place);
    size_t i;
    if (leads_to_failing_choice(place))
        cw_line(e->w, "from = %s;", id);
    if (!e->plan->no_events) {
        cw_line(e->w, "if (DFL__RARELY(ctx->flags & DFL__WATCH))");
        cw_line(e->w, "    dfl__route(ctx, %s);", id);
    }
    cw_open(e->w, "{");
    cw_line(e->w, "const %s_to to = %s;", node->c_name, call_text(e, node));
    cw_line(e->w, "rc = dfl__routed(ctx, %s, (unsigned)to < %zu);", id, node->n_targets);
    cw_line(e->w, "if (rc != DFL_OK)");
    cw_line(e->w, "    %s;", leave(e, id, "rc"));
    cw_line(e->w, "due = dfl__due(ctx, 0);");
    cw_line(e->w, "switch (to) {");
    for (i = 0; i < place->n_edges; i++) {
        cw_line(e->w, "case %s:", node->targets[i].c_name);
        cw_line(e->w, "    %s;", jump(e, place->edges[i]->to));
    }
    cw_line(e->w, "}");
    cw_line(e->w, "%s;", leave(e, id, "DFL_EGUARD"));
    cw_close(e->w, "}");
}

/* ---- edges of a place ---- */

void emit_edges(Emit *e, const Place *place, size_t position) {
    const RegionPlan *region = e->region;
    size_t i;
    if (place->kind == PL_SECTION && resumes_after(e, place))
        cw_label(e->w, "%s:", after_label(e, place));
    if (place->kind == PL_ROUTER)
        return;
    if (place->kind != PL_CHOICE && leads_to_failing_choice(place))
        cw_line(e->w, "from = %s;", position_after(e, place));
    if (place->subject) {
        if (place->subject->type->kind == TY_STRING || place->subject->type->kind == TY_BOOL)
            emit_comparisons(e, place);
        else
            emit_switch(e, place);
        return;
    }
    for (i = 0; i < place->n_edges; i++) {
        const Edge *edge = place->edges[i];
        bool last = position + 1 == region->n_order;
        const Place *next = last ? region->region->exit : region->order[position + 1];
        if (edge->guard || edge->has_max)
            emit_guarded(e, place, edge);
        else if (edge->to != next)
            cw_line(e->w, "%s;", jump(e, edge->to));
        else
            usdt_fall(e, edge->to);
    }
}

/* ---- a region's function ---- */

static void emit_place(Emit *e, size_t position) {
    const Place *place = e->region->order[position];
    e->leaving = place;
    if (e->region->labelled[position])
        cw_label(e->w, "%s: /* %s */", place_label(e, place), where(e, place->span));
    else if (place->kind == PL_NODE || place->kind == PL_SECTION)
        cw_line(e->w, "/* %s: %s */", where(e, place->span),
                place->node ? place->node->name : place->section->label);
    if (place->kind == PL_NODE && place->node->runs)
        emit_subgraph_call(e, place);
    else if (place->kind == PL_NODE)
        emit_node_call(e, place);
    else if (place->kind == PL_ROUTER)
        emit_router(e, place);
    else if (place->kind == PL_SECTION)
        emit_section_call(e, &e->graph->sections[place->section->index]);
    emit_edges(e, place, position);
}

static bool uses_rc(const RegionPlan *region) {
    size_t i;
    for (i = 0; i < region->n_order; i++)
        if (region->order[i]->kind != PL_CHOICE)
            return true;
    return region->frame == NULL;
}

static bool is_position(const Place *place) {
    return place->kind != PL_CHOICE && place->kind != PL_START;
}

static void emit_entries(Emit *e) {
    size_t i;
    for (i = 0; i < e->region->n_order; i++) {
        const Place *place = e->region->order[i];
        if (!is_position(place))
            continue;
        cw_line(e->w, "case %s:", place_name(e, place));
        cw_line(e->w, "    goto %s;", place_label(e, place));
        if (!resumes_after(e, place))
            continue;
        cw_line(e->w, "case %s | DFL__AFTER:", place_name(e, place));
        cw_line(e->w, "    goto %s;", after_label(e, place));
    }
}

/* Where a resumed run goes on. */
static void emit_run_entry(Emit *e) {
    const char *graph = e->graph->graph->c_name;
    cw_open(e->w, "if (DFL__RARELY(at != %s_at_start)) {", graph);
    cw_line(e->w, "switch (at & ~DFL__PASSED) {");
    cw_line(e->w, "case %s_at_start:", graph);
    cw_line(e->w, "    break;");
    emit_entries(e);
    cw_line(e->w, "case %s_at_end:", graph);
    cw_line(e->w, "    goto end;");
    cw_line(e->w, "default:");
    cw_line(e->w, "    return dfl__no_place(ctx);");
    cw_line(e->w, "}");
    cw_close(e->w, "}");
    cw_blank(e->w);
}

/* A branch that is watched tells of its begin and its end. */
static bool is_told_of(Emit *e) {
    return !e->plan->no_events && e->region->region->section && uses_rc(e->region);
}

static size_t branch_number(const Region *region) {
    size_t k = 0;
    while (region->section->branches[k] != region)
        k++;
    return k;
}

static const char *branch_arguments(Emit *e) {
    const Region *region = e->region->region;
    return say(e, "ctx, %s, %zu", place_name(e, region->section->place), branch_number(region));
}

/* Where a frame that was kept goes on. */
static void emit_frame_entry(Emit *e) {
    if (is_told_of(e)) {
        e->used_due = true;
        cw_open(e->w, "if (DFL__RARELY(due || f->at != DFL__FRESH)) {");
        cw_line(e->w, "switch (dfl__begin_branch(%s, f->at, &f->inner)) {", branch_arguments(e));
        cw_line(e->w, "case DFL__FRESH:");
        cw_line(e->w, "    break;");
    } else {
        cw_open(e->w, "if (DFL__RARELY(f->at != DFL__FRESH)) {");
        cw_line(e->w, "switch (dfl__enter(ctx, f->at, &f->inner)) {");
    }
    emit_entries(e);
    cw_line(e->w, "case DFL__DONE:");
    cw_line(e->w, "    return DFL_OK;");
    cw_line(e->w, "default:");
    cw_line(e->w, "    return dfl__no_place(ctx);");
    cw_line(e->w, "}");
    cw_close(e->w, "}");
    e->used_frame = true;
}

static void emit_exit(Emit *e) {
    const char *id = say(e, "%s_at_end", e->graph->graph->c_name);
    if (in_run(e)) {
        cw_label(e->w, "end:");
        emit_pending(e, id);
        cw_line(e->w, "return DFL_OK;");
        return;
    }
    if (e->region->exit_labelled)
        cw_label(e->w, "end:");
    cw_line(e->w, "f->at = DFL__DONE;");
    if (is_told_of(e)) {
        e->used_due = true;
        cw_line(e->w, "if (DFL__RARELY(due))");
        cw_line(e->w, "    dfl__end_branch(%s);", branch_arguments(e));
    }
    cw_line(e->w, "return DFL_OK;");
    e->used_frame = true;
}

static void emit_from(Emit *e) {
    const Region *region = e->region->region;
    if (has_failing_choice(e->region))
        cw_line(e->w, "uint32_t from = %s;   /* what led to the choice at hand */",
                place_name(e, region->section ? region->section->place : region->entry));
}

static void emit_flow_head(Emit *e) {
    const Graph *graph = e->graph->graph;
    cw_line(e->w, "/* graph %s: one label for each place that a run can be resumed at. */",
            graph->name);
    cw_open(e->w, "static int %s(dfl_ctx *ctx, %s_state *s%s, uint32_t at) {", e->region->fn,
            graph->c_name, e->region->n_counts ? ", uint64_t *count" : "");
    cw_line(e->w, "uint32_t due = dfl__due(ctx, 0);   /* anything to do but go on? */");
    emit_from(e);
    usdt_from(e);
    cw_line(e->w, "int rc;");
    cw_blank(e->w);
    usdt_use_from(e);
    if (!e->used_state)
        cw_line(e->w, "(void)s;");
    if (!e->used_count && e->region->n_counts)
        cw_line(e->w, "(void)count;");
}

static void emit_branch_head(Emit *e) {
    const Section *section = e->region->region->section;
    if (section)
        cw_line(e->w, "/* %s: %s '%s' */", where(e, section->span),
                section->over ? "one element, from" : "branch", e->region->region->label);
    else
        cw_line(e->w, "/* %s: node '%s' runs %s */", where(e, e->graph->at->span),
                e->graph->at->node->name, e->graph->graph->name);
    cw_open(e->w, "static int %s(dfl_ctx *ctx, void *frame) {", e->region->fn);
    if (e->used_frame)
        cw_line(e->w, "struct %s *f = (struct %s *)frame;", e->region->frame, e->region->frame);
    if (uses_rc(e->region)) {
        cw_line(e->w, "uint32_t due = dfl__due(ctx, 0);");
        cw_line(e->w, "int rc;");
    }
    emit_from(e);
    usdt_from(e);
    cw_blank(e->w);
    usdt_use_from(e);
    if (!e->used_frame)
        cw_line(e->w, "(void)frame;");
    if (!uses_rc(e->region))
        cw_line(e->w, "(void)ctx;");
    else if (!e->used_due)
        cw_line(e->w, "(void)due;");
}

CWriter *begin_apart(Emit *e) {
    CWriter *out = e->w;
    e->used_state = e->used_count = e->used_frame = e->used_due = false;
    e->w = cwriter_new(e->arena);
    e->w->depth = 1;
    return out;
}

CWriter *end_apart(Emit *e, CWriter *out) {
    CWriter *body = e->w;
    e->w = out;
    return body;
}

void emit_region(Emit *e, const RegionPlan *region) {
    CWriter *out, *body;
    e->region = region;
    out = begin_apart(e);
    if (in_run(e))
        emit_run_entry(e);
    else
        emit_frame_entry(e);
    for (size_t i = 0; i < region->n_order; i++)
        emit_place(e, i);
    emit_exit(e);
    cw_close(e->w, "}");
    cw_blank(e->w);
    body = end_apart(e, out);
    if (!in_run(e))
        emit_branch_head(e);
    else
        emit_flow_head(e);
    e->w->depth--;
    cw_verbatim(e->w, body->text, body->n);
}
