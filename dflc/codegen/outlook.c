/* What a run is expected to do, for whoever shows how far it is: a line for each place of the graph that takes
 * time, sections with what is in them. */
#include "emit.h"

#include <inttypes.h>

#include "../units.h"

/* Inline, and on cost_cpus[] CPUs. */
enum { KINDS = 1 + COST_CPUS };

static int64_t graph_ns(const GraphPlan *plan, size_t kind);

static int64_t place_ns(const GraphPlan *plan, const Place *place, size_t kind) {
    const SectionCost *section =
        place->section ? &plan->costs->sections[place->section->index] : NULL;
    if (section)
        return kind == 0 ? section->total_ns
                         : cost_section_ns(section, section->gain[kind - 1].hot_ns);
    if (!place->node)
        return 0;
    return plan->inner[place->node->index] ? graph_ns(plan->inner[place->node->index], kind)
                                           : plan->costs->nodes[place->node->index].ns;
}

/* Depth: sema bounds how deep graphs run each other. */
static int64_t graph_ns(const GraphPlan *plan, size_t kind) {
    const Region *region = plan->graph->regions[0];
    int64_t sum = 0;
    for (size_t i = 0; i < region->n_places; i++) {
        const Place *place = region->places[i];
        int64_t ns = cost_times(plan->costs->visits[place->index], place_ns(plan, place, kind));
        sum = ns > INT64_MAX - sum ? INT64_MAX : sum + ns;
    }
    return sum;
}

static bool is_known(const Emit *e) {
    return !e->plan->no_events && e->graph->costs->regions[0].known && graph_ns(e->graph, 0) > 0;
}

/* To three places. */
static const char *visits_text(Emit *e, Visits visits) {
    uint64_t whole = visits / VISIT_ONCE;
    uint64_t rest = (visits % VISIT_ONCE * 1000 + VISIT_ONCE / 2) / VISIT_ONCE;
    return say(e, "%" PRIu64 ".%03" PRIu64, whole + rest / 1000, rest % 1000);
}

static void emit_line(Emit *e, const Place *place) {
    const char *name = place->section ? place->section->label : place->node->name;
    const char *text = "";
    for (size_t kind = 0; kind < KINDS; kind++)
        text = say(e, "%s%s%" PRId64, text, kind ? ", " : "", place_ns(e->graph, place, kind));
    cw_line(e->w, "[%" PRIu32 "] = {%s, {%s}},   /* %s */", place_id(e->graph, place),
            visits_text(e, e->graph->costs->visits[place->index]), text, name);
}

void emit_outlooks(Emit *e) {
    const Region *region = e->graph->graph->regions[0];
    if (!is_known(e))
        return;
    cw_line(e->w, "/* How often each place is expected to be come to, and the ns that it then "
                  "takes: inline,");
    cw_line(e->w, " * and on 2, 4, 8 and 16 CPUs. */");
    cw_open(e->w, "static const dfl__outlook %s__outlooks[%" PRIu32 "] = {",
            e->graph->graph->c_name, e->graph->n_places);
    for (size_t i = 0; i < region->n_places; i++)
        if (place_ns(e->graph, region->places[i], 0) > 0)
            emit_line(e, region->places[i]);
    cw_close(e->w, "};");
    cw_blank(e->w);
}

void emit_outlooks_member(Emit *e) {
    if (is_known(e))
        cw_line(e->w, ".outlooks = %s__outlooks,", e->graph->graph->c_name);
}
