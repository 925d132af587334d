/* The functions that a program calls: state, run, resume, load, JSON. */
#include "emit.h"
#include "section.h"
#include "usdt.h"

#include <inttypes.h>

static void begin(Emit *e, const char *prototype) {
    cw_open(e->w, "%s {", prototype);
}

static void end(Emit *e) {
    cw_close(e->w, "}");
    cw_blank(e->w);
}

static void emit_init(Emit *e, const Graph *graph) {
    size_t i;
    begin(e, say(e, "void %s_state_init(%s_state *s)", graph->c_name, graph->c_name));
    for (i = 0; i < graph->n_fields; i++) {
        const Field *field = graph->fields[i];
        const char *to = say(e, "s->%s", field->name);
        if (field->local)
            continue;
        if (field->type->kind == TY_HANDLE)
            cw_line(e->w, "memset(&%s, 0, sizeof %s);", to, to);
        else if (field->type->kind == TY_ARRAY)
            set_zero(e, field->type, to);
        else
            cw_line(e->w, "%s = %s;", to, c_initial(e, field));
    }
    cw_line(e->w, "dfl__mem_init(&s->dfl_mem);");
    if (e->plan->static_bytes)
        cw_line(e->w, "s->dfl_mem.heap = dfl__heap_in(NULL, 0);");
    end(e);
}

/* -fstatic-memory: the state lies in a buffer of the caller's. */
static void emit_init_in(Emit *e, const Graph *graph) {
    const char *n = graph->c_name;
    cw_line(e->w, "_Static_assert(%s_STATE_MIN <= %s_STATE_BYTES, \"-fstatic-memory=%" PRIu64
            " is less than a state of graph '%s' takes\");",
            upper(e, n), upper(e, n), e->plan->static_bytes, graph->name);
    cw_blank(e->w);
    begin(e, say(e, "void %s_state_init_in(%s_state *s, void *buf, size_t n)", n, n));
    cw_line(e->w, "%s_state_init(s);", n);
    cw_line(e->w, "s->dfl_mem.heap = dfl__heap_in(buf, n);");
    end(e);
    begin(e, say(e, "size_t %s_state_peak(const %s_state *s)", n, n));
    cw_line(e->w, "return dfl__heap_peak(s->dfl_mem.heap);");
    end(e);
}

/* A state above this many bytes (estimated) is not copied over the stack. */
enum { STACK_STATE_BYTES = 16384 };

static bool is_large(const Graph *graph) {
    uint64_t sum = 0;
    size_t i;
    for (i = 0; i < graph->n_fields; i++)
        sum += size_estimate(graph->fields[i]->type);
    return sum > STACK_STATE_BYTES;
}

static void emit_state_copy(Emit *e, const Graph *graph) {
    const char *n = graph->c_name;
    bool large = is_large(graph);
    begin(e, say(e, "int %s_state_copy(%s_state *to, const %s_state *from)", n, n, n));
    if (large) {
        cw_line(e->w, "dfl_buf room = {0};");
        cw_line(e->w, "%s_state *copy;", n);
    } else {
        cw_line(e->w, "%s_state fresh, *copy = &fresh;", n);
    }
    cw_line(e->w, "dfl_ctx *ctx;");
    cw_line(e->w, "int rc;");
    cw_blank(e->w);
    cw_line(e->w, "if (to == from)");
    cw_line(e->w, "    return DFL_OK;");
    if (large) {
        if (e->plan->static_bytes)
            cw_line(e->w, "if (!dfl__buf_begin(&room, to->dfl_mem.heap))");
        if (e->plan->static_bytes)
            cw_line(e->w, "    return DFL_ENOMEM;");
        cw_line(e->w, "copy = (%s_state *)(void *)dfl__buf_room(&room, sizeof *copy);", n);
        cw_line(e->w, "if (!copy)");
        cw_line(e->w, "    return DFL_ENOMEM;");
    }
    cw_line(e->w, "%s_state_init(copy);", n);
    if (e->plan->static_bytes)
        cw_line(e->w, "copy->dfl_mem.heap = to->dfl_mem.heap;");
    cw_line(e->w, "ctx = %s_state_ctx(copy);", n);
    cw_line(e->w, "rc = ctx ? dfl__copy_value(ctx, &%s__state_type, copy, from) : DFL_ENOMEM;", n);
    cw_open(e->w, "if (rc == DFL_OK) {");
    cw_line(e->w, "%s_state_free(to);", n);
    cw_line(e->w, "*to = *copy;");
    e->w->depth--;
    cw_open(e->w, "} else {");
    cw_line(e->w, "%s_state_free(copy);", n);
    cw_close(e->w, "}");
    if (large)
        cw_line(e->w, "dfl_buf_free(&room);");
    cw_line(e->w, "return rc;");
    end(e);
}

static void emit_reset(Emit *e, const char *n) {
    bool in_buffer = e->plan->static_bytes > 0;
    begin(e, say(e, "void %s_state_reset(%s_state *s)", n, n));
    if (in_buffer) {
        cw_line(e->w, "dfl__heap *heap = s->dfl_mem.heap;");
        cw_blank(e->w);
    }
    cw_line(e->w, "%s_state_free(s);", n);
    cw_line(e->w, "%s_state_init(s);", n);
    if (in_buffer)
        cw_line(e->w, "s->dfl_mem.heap = heap;");
    end(e);
}

static void emit_state_functions(Emit *e, const Graph *graph) {
    const char *n = graph->c_name;
    emit_init(e, graph);
    if (e->plan->static_bytes)
        emit_init_in(e, graph);
    begin(e, say(e, "void %s_state_free(%s_state *s)", n, n));
    cw_line(e->w, "dfl__mem_free(&s->dfl_mem);");
    end(e);
    emit_reset(e, n);
    begin(e, say(e, "dfl_ctx *%s_state_ctx(%s_state *s)", n, n));
    cw_line(e->w, "return dfl__mem_ctx(&s->dfl_mem);");
    end(e);
    emit_state_copy(e, graph);
}

/* ---- run, resume, load ---- */

static const char *counts_argument(Emit *e) {
    uint32_t n = e->graph->regions[0].n_counts;
    return n ? say(e, "count, %" PRIu32, n) : "NULL, 0";
}

/* Whether a save can fall due within a section or subgraph. */
static bool can_save_inside(const Emit *e) {
    const GraphPlan *plan = e->graph;
    size_t i;
    if (never_saves(e))
        return false;
    for (i = 0; i < plan->graph->n_nodes; i++)
        if (plan->inner[i])
            return true;
    return plan->graph->n_sections > 0;
}

static void emit_flow_call(Emit *e, const char *at) {
    usdt_run_start(e);
    cw_line(e->w, "if (rc == DFL_OK)");
    cw_line(e->w, "    rc = %s(&self.ctx, s%s, %s);", e->graph->regions[0].fn,
            e->graph->regions[0].n_counts ? ", count" : "", at);
    if (can_save_inside(e)) {
        cw_line(e->w, "while (DFL__RARELY(rc == DFL__SAVING)) {");
        cw_line(e->w, "    rc = dfl__save_inside(&self, &at);");
        cw_line(e->w, "    if (rc == DFL_OK)");
        cw_line(e->w, "        rc = %s(&self.ctx, s%s, at);", e->graph->regions[0].fn,
                e->graph->regions[0].n_counts ? ", count" : "");
        cw_line(e->w, "}");
    }
    usdt_run_end(e);
}

static void emit_run(Emit *e, const Graph *graph) {
    const char *n = graph->c_name;
    uint32_t counts = e->graph->regions[0].n_counts;
    begin(e, say(e, "int %s_run(%s_state *s, const dfl_run *run)", n, n));
    cw_line(e->w, "dfl__run self;");
    if (counts)
        cw_line(e->w, "uint64_t count[%" PRIu32 "] = {0};", counts);
    if (can_save_inside(e))
        cw_line(e->w, "uint32_t at = %s_at_start;", n);
    cw_line(e->w, "int rc = dfl__run_begin(&self, &%s_graph, s, run, %s);", n, counts_argument(e));
    cw_blank(e->w);
    emit_flow_call(e, can_save_inside(e) ? "at" : say(e, "%s_at_start", n));
    end(e);
    begin(e, say(e, "int %s_resume(%s_state *s, const dfl_run *run)", n, n));
    cw_line(e->w, "dfl__run self;");
    if (counts)
        cw_line(e->w, "uint64_t count[%" PRIu32 "] = {0};", counts);
    cw_line(e->w, "uint32_t at = %s_at_start;", n);
    cw_line(e->w, "int rc = dfl__resume_begin(&self, &%s_graph, s, run, %s, &at);", n,
            counts_argument(e));
    cw_blank(e->w);
    emit_flow_call(e, "at");
    end(e);
}

static void emit_continue(Emit *e, const Graph *graph) {
    const char *n = graph->c_name;
    begin(e, say(e, "int %s_continue(%s_state *s, const dfl_run *run)", n, n));
    cw_line(e->w, "int rc = dfl__latest(&%s_graph, run);", n);
    cw_blank(e->w);
    cw_line(e->w, "if (rc == DFL_ENOTFOUND)");
    cw_line(e->w, "    return %s_run(s, run);", n);
    cw_line(e->w, "return rc == DFL_OK ? %s_resume(s, run) : rc;", n);
    end(e);
}

static void emit_update(Emit *e, const Graph *graph) {
    const char *n = graph->c_name;
    uint32_t counts = e->graph->regions[0].n_counts;
    begin(e,
          say(e, "int %s_update(const dfl_run *run, const %s_state *s, %s_node as_node)", n, n, n));
    if (counts) {
        cw_line(e->w, "uint64_t count[%" PRIu32 "] = {0};", counts);
        cw_blank(e->w);
    }
    cw_line(e->w, "return dfl__update(&%s_graph, s, run, (uint32_t)as_node, %s);", n,
            counts_argument(e));
    end(e);
}

static void emit_questions(Emit *e, const Graph *graph) {
    const char *n = graph->c_name;
    begin(e,
          say(e, "size_t %s_questions(const %s_state *s, const dfl_question **questions)", n, n));
    cw_line(e->w, "return dfl__questions(&s->dfl_mem, questions);");
    end(e);
}

/* The first node of a section in written order. */
static const Place *first_node(const Section *section) {
    const Place *entry = section->branches[0]->entry;
    while (entry->kind == PL_SECTION)
        entry = entry->section->branches[0]->entry;
    return entry;
}

static void emit_load(Emit *e, const Graph *graph) {
    const char *n = graph->c_name;
    size_t i;
    begin(e, say(e, "int %s_load(%s_state *s, %s_node *next, const dfl_run *run)", n, n, n));
    cw_line(e->w, "uint32_t at = %s_at_start;", n);
    cw_line(e->w, "int rc = dfl__load(&%s_graph, s, run, &at);", n);
    cw_blank(e->w);
    cw_line(e->w, "if (rc != DFL_OK || !next)");
    cw_line(e->w, "    return rc;");
    cw_line(e->w, "switch (at) {");
    for (i = 0; i < graph->n_sections; i++) {
        const Section *section = graph->sections[i];
        const Place *first = first_node(section);
        if (section->place->region->section || first->kind != PL_NODE)
            continue;
        cw_line(e->w, "case %" PRIu32 ":   /* %s */", place_id(e->graph, section->place),
                where(e, section->span));
        cw_line(e->w, "    *next = %s_at_%s;", n, first->node->name);
        cw_line(e->w, "    break;");
    }
    cw_line(e->w, "default:");
    cw_line(e->w, "    *next = (%s_node)at;", n);
    cw_line(e->w, "}");
    cw_line(e->w, "return rc;");
    end(e);
}

static void emit_json(Emit *e, const Graph *graph) {
    const char *n = graph->c_name;
    begin(e, say(e, "int %s_to_json(const %s_state *s, dfl_buf *out)", n, n));
    cw_line(e->w, "return dfl__to_json(&%s__state_type, s, out);", n);
    end(e);
    begin(e, say(e, "int %s_from_json(%s_state *s, const char *text, size_t n, dfl_error *error)",
                 n, n));
    cw_line(e->w, "dfl_ctx *ctx = %s_state_ctx(s);", n);
    cw_blank(e->w);
    cw_line(e->w, "if (!ctx)");
    cw_line(e->w, "    return DFL_ENOMEM;");
    cw_line(e->w, "return dfl__from_json(ctx, &%s__state_type, s, text, n, error);", n);
    end(e);
}

static void emit_profile(Emit *e, const Graph *graph) {
    begin(e, say(e, "int %s_profile_write(const char *path)", graph->c_name));
    cw_line(e->w, "return dfl__instrument_write(&%s_graph, path);", graph->c_name);
    end(e);
}

void emit_api(Emit *e) {
    const Graph *graph = e->graph->graph;
    emit_state_functions(e, graph);
    emit_run(e, graph);
    emit_continue(e, graph);
    emit_update(e, graph);
    emit_load(e, graph);
    emit_questions(e, graph);
    emit_json(e, graph);
    if (e->plan->instrument)
        emit_profile(e, graph);
}
