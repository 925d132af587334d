/* -fusdt: probes for bpftrace, SystemTap, perf and gdb, by <sys/sdt.h>.
 *
 *     run__start     graph                            run__end      graph, status
 *     node__start    graph, node, element, attempt    node__end     graph, node, element, result
 *     section__start graph, section, element          section__end  graph, section, element, status
 *     edge           graph, from, to                  checkpoint    graph, next, id
 *
 * A probe is a nop and a note of where its arguments are; names are addresses of strings. An edge is told of
 * where it is taken, which may be by falling through. What leads to a choice notes its name in
 * `dfl_from`: a choice has none, and may be come to from several places. */
#include "usdt.h"

#include <string.h>

void usdt_include(Emit *e) {
    if (!e->plan->usdt)
        return;
    cw_margin(e->w, "#ifdef __has_include");
    cw_margin(e->w, "#if !__has_include(<sys/sdt.h>)");
    cw_margin(e->w, "#error \"-fusdt: there is no <sys/sdt.h>; it is in systemtap-sdt-dev (Debian, "
                    "Ubuntu), systemtap-sdt-devel (Fedora), or systemtap (Arch)\"");
    for (int n = 1; n <= 4; n++) /* nothing else to complain of */
        cw_margin(e->w, "#define DTRACE_PROBE%d(...) ((void)0)", n);
    cw_margin(e->w, "#endif");
    cw_margin(e->w, "#endif");
    cw_margin(e->w, "#include <sys/sdt.h>");
    cw_margin(e->w, "#ifdef __clang__   /* the macros of that header are not pedantic */");
    cw_margin(e->w, "#pragma clang diagnostic ignored \"-Wgnu-zero-variadic-macro-arguments\"");
    cw_margin(e->w, "#endif");
    cw_blank(e->w);
}

static const char *quoted(Emit *e, const char *text) {
    return c_string(e->arena, text, strlen(text));
}

static const char *graph_name(Emit *e) {
    return quoted(e, e->graph->outermost->graph->name);
}

/* As in NAME_graph.places; NULL: a place that events do not name either. */
static const char *name_of(Emit *e, const Place *place) {
    bool inside = !in_run(e);
    switch (place->kind) {
    case PL_START:
        return inside ? NULL : "\"start\"";
    case PL_END:
        return inside ? NULL : "\"end\"";
    case PL_NODE:
    case PL_ROUTER:
        return quoted(e, say(e, "%s%s", e->graph->path, place->node->name));
    case PL_SECTION:
        return quoted(e, say(e, "%s%s", e->graph->path, place->section->label));
    default:
        return NULL;
    }
}

/* ---- edges ---- */

/* NULL: nothing is told. */
static const char *edge_text(Emit *e, const Place *to) {
    const Place *from = e->leaving;
    const char *name = from->kind == PL_CHOICE ? "dfl_from" : name_of(e, from);
    if (!e->plan->usdt)
        return NULL;
    if (to->kind == PL_CHOICE)
        return from->kind == PL_CHOICE ? NULL : say(e, "dfl_from = %s", name ? name : "\"\"");
    if (!name || !name_of(e, to))
        return NULL;
    return say(e, "DTRACE_PROBE3(dflc, edge, %s, %s, %s)", graph_name(e), name, name_of(e, to));
}

const char *usdt_jump(Emit *e, const Place *to, const char *go) {
    const char *edge = edge_text(e, to);
    return edge ? say(e, "do { %s; %s; } while (0)", edge, go) : go;
}

void usdt_fall(Emit *e, const Place *to) {
    const char *edge = edge_text(e, to);
    if (edge)
        cw_line(e->w, "%s;", edge);
}

void usdt_from(Emit *e) {
    size_t i;
    for (i = 0; e->plan->usdt && i < e->region->n_order; i++) {
        if (e->region->order[i]->kind != PL_CHOICE)
            continue;
        cw_line(e->w, "const char *dfl_from = \"\";   /* the place before the choice at hand */");
        return;
    }
}

void usdt_use_from(Emit *e) {
    size_t i;
    for (i = 0; e->plan->usdt && i < e->region->n_order; i++) {
        if (e->region->order[i]->kind != PL_CHOICE)
            continue;
        cw_line(e->w, "(void)dfl_from;");
        return;
    }
}

/* ---- runs, places, checkpoints ---- */

void usdt_run_start(Emit *e) {
    if (e->plan->usdt)
        cw_line(e->w, "DTRACE_PROBE1(dflc, run__start, %s);", graph_name(e));
}

void usdt_run_end(Emit *e) {
    if (!e->plan->usdt) {
        cw_line(e->w, "return dfl__run_end(&self, rc);");
        return;
    }
    cw_line(e->w, "rc = dfl__run_end(&self, rc);");
    cw_line(e->w, "DTRACE_PROBE2(dflc, run__end, %s, rc);", graph_name(e));
    cw_line(e->w, "return rc;");
}

void usdt_start(Emit *e, const Place *place) {
    if (!e->plan->usdt)
        return;
    if (place->kind == PL_SECTION)
        cw_line(e->w, "DTRACE_PROBE3(dflc, section__start, %s, %s, ctx->index);", graph_name(e),
                name_of(e, place));
    else
        cw_line(e->w, "DTRACE_PROBE4(dflc, node__start, %s, %s, ctx->index, ctx->attempt);",
                graph_name(e), name_of(e, place));
}

void usdt_end(Emit *e, const Place *place) {
    if (e->plan->usdt)
        cw_line(e->w, "DTRACE_PROBE4(dflc, %s__end, %s, %s, ctx->index, rc);",
                place->kind == PL_SECTION ? "section" : "node", graph_name(e), name_of(e, place));
}

/* Saving is the runtime's, which has no probes: it calls this. */
void usdt_checkpoint(Emit *e) {
    if (!e->plan->usdt || e->plan->no_checkpoints)
        return;
    cw_open(e->w, "static void %s__saved_one(const char *next, uint64_t id) {",
            e->graph->graph->c_name);
    cw_line(e->w, "DTRACE_PROBE3(dflc, checkpoint, %s, next, id);", graph_name(e));
    cw_close(e->w, "}");
    cw_blank(e->w);
}

void usdt_checkpoint_member(Emit *e) {
    if (e->plan->usdt && !e->plan->no_checkpoints)
        cw_line(e->w, ".saved_one = %s__saved_one,", e->graph->graph->c_name);
}
