/* The table by which a run of `checkpoint auto` saves: a line a place. */
#include "emit.h"

#include <inttypes.h>

#include "../units.h"

static const char *risk_line(Emit *e, const char *name, int64_t work_ns, const AutoSave *save) {
    const char *takes = work_ns < 0    ? ", timed"
                        : work_ns == 0 ? ""
                                       : say(e, " %s", text_of_ns(e->arena, work_ns));
    if (save->from_ns == SAVE_NEVER)
        return say(e, "{%" PRId64 ", UINT64_MAX},   /* %s%s: no save before it */", work_ns, name,
                   takes);
    return say(e, "{%" PRId64 ", %" PRId64 "},   /* %s%s: saved before from %s on */", work_ns,
               save->from_ns, name, takes, text_of_ns(e->arena, save->from_ns));
}

/* The places in order of their numbers. */
static void fill_lines(Emit *e, const GraphPlan *plan, const char **lines) {
    const AutoSaves *saves = plan->auto_saves;
    for (size_t i = 0; i < plan->graph->n_nodes; i++) {
        const Node *node = plan->graph->nodes[i];
        if (node->kind == NODE_CALL && node->place)
            lines[place_id(plan, node->place)] =
                risk_line(e, say(e, "%s%s", plan->path, node->name), auto_work_ns(saves, node),
                          &saves->before[node->place->index]);
        if (plan->inner[i])
            fill_lines(e, plan->inner[i], lines);
    }
    for (size_t i = 0; i < plan->graph->n_sections; i++) {
        const Section *section = plan->graph->sections[i];
        lines[place_id(plan, section->place)] =
            risk_line(e, say(e, "%s%s", plan->path, section->label), 0,
                      &saves->before[section->place->index]);
    }
}

void emit_risks(Emit *e) {
    const GraphPlan *plan = e->graph;
    const SaveTerms *terms = &e->plan->save_terms;
    const char **lines;
    if (!plan->auto_saves)
        return;
    lines = ARENA_ARRAY(e->arena, const char *, plan->n_places);
    fill_lines(e, plan, lines);
    cw_line(e->w,
            "/* checkpoint auto: what each place adds to the work at risk, and from how much on a");
    cw_line(e->w, " * save before it pays. A failure is expected every %s (%s);",
            text_of_duration(e->arena, terms->mtbf_ns), said_by_text(terms->mtbf_by));
    cw_line(e->w, " * a save takes %s (%s). */", text_of_ns(e->arena, terms->save_ns),
            said_by_text(terms->save_by));
    cw_open(e->w, "static const dfl__risk %s__risks[] = {", plan->graph->c_name);
    for (uint32_t i = 0; i < plan->n_places; i++)
        cw_line(e->w, "%s", lines[i] ? lines[i] : "{0, UINT64_MAX},");
    cw_close(e->w, "};");
    cw_blank(e->w);
}
