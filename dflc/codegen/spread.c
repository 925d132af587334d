/* Sections that can go to ranks, as the source says or as it pays: what another rank needs to run a branch. In a graph
 * that a node of another runs they stay here: there the state is a frame of the other's.
 *
 *     static const uint8_t m__s1_needs[] = {0x05};
 *     static const size_t m__s1_state_at[] = {offsetof(struct m__s1_a, s), offsetof(struct m__s1_b, s)};
 *     static const dfl__spread m__s1_spread = {
 *         .section = &m__s1_section,
 *         .needs = m__s1_needs, .state_at = m__s1_state_at,
 *         .frames = UINT64_C(0x0123456789abcdef),
 *         .list = &dfl_i64_list__type, .list_at = offsetof(m_state, points),      where elements go with their chunks
 *         .next_at = offsetof(struct m__s1, next), .to_at = offsetof(struct m__s1, to),
 *     };
 *
 * and where it depends on the ranks that a run has, and on how many elements there are, whether it goes to them:
 *
 *     static const uint64_t m__s1_pays[] = {UINT64_MAX, 12, 6};   // on 1, 2, 4 ranks */
#include <inttypes.h>

#include "../fnv.h"
#include "../travel.h"
#include "../version.h"
#include "save.h"
#include "section.h"

bool section_is_spread(const Emit *e, const Section *section) {
    const SectionCost *cost = e->graph->sections[section->index].cost;
    return (section->ranks || cost->ranks.chosen) && !e->graph->outer && !e->plan->no_checkpoints;
}

bool section_asks_ranks(const Emit *e, const Section *section) {
    return section_is_spread(e, section) && !section->ranks;
}

const char *section_runner(Emit *e, const Section *section) {
    const char *threads = section->over ? "dfl__thread_chunks" : "dfl__threads";
    const char *ranks = section->over ? "dfl__chunks_on_ranks" : "dfl__on_ranks";
    if (section_asks_ranks(e, section))
        return say(e, "(spread ? %s : %s)", ranks, threads);
    return section_is_spread(e, section) ? ranks : threads;
}

/* ---- what frames are made of ---- */

static uint64_t print_slot(uint64_t hash, const Slot *slot) {
    const char bits[] = {(char)('a' + slot->merge), slot->own ? 'o' : '-', slot->added ? 'a' : '-',
                         slot->wrote ? 'w' : '-', '\0'};
    return fnv_text(fnv_text(fnv_text(hash, slot->field->name), slot->field->type->name), bits);
}

static uint64_t print_structs(uint64_t hash, const Program *program) {
    for (size_t i = 0; i < program->n_structs; i++) {
        hash = fnv_text(hash, program->structs[i]->name);
        for (size_t k = 0; k < program->structs[i]->n_members; k++)
            hash = fnv_text(fnv_text(hash, program->structs[i]->members[k].name),
                            program->structs[i]->members[k].type->name);
    }
    return hash;
}

/* Depth: sema bounds how deep graphs run each other. */
static uint64_t print_graph(uint64_t hash, const GraphPlan *graph) {
    for (size_t i = 0; i < graph->graph->n_fields; i++)
        hash = fnv_text(fnv_text(hash, graph->graph->fields[i]->name), graph->graph->fields[i]->type->name);
    for (size_t i = 0; i < graph->graph->n_regions; i++) {
        const RegionPlan *region = &graph->regions[i];
        hash = fnv_text(hash, region->fn) ^ region->n_counts;
        for (size_t k = 0; k < region->n_slots; k++)
            hash = print_slot(hash, &region->slots[k]);
    }
    for (size_t i = 0; i < graph->graph->n_nodes; i++)
        if (graph->inner[i])
            hash = print_graph(hash, graph->inner[i]);
    return hash;
}

/* Over all that frames of the graph hold, so that a rank that runs another version of the program is found out. */
static uint64_t frames_fingerprint(const Emit *e) {
    uint64_t hash = fnv_text(FNV_BEGIN, DFLC_VERSION);
    return print_graph(print_structs(hash, e->plan->program), e->graph);
}

/* ---- all of a graph ---- */

static size_t count_spread(const Emit *e) {
    size_t n = 0;
    for (size_t i = 0; i < e->graph->graph->n_sections; i++)
        n += section_is_spread(e, e->graph->graph->sections[i]);
    return n;
}

/* They are defined behind the functions of their branches. */
void emit_spread_list(Emit *e) {
    const Graph *graph = e->graph->graph;
    if (count_spread(e) == 0)
        return;
    e->frames_print = frames_fingerprint(e);
    for (size_t i = 0; i < graph->n_sections; i++)
        if (section_is_spread(e, graph->sections[i]))
            cw_line(e->w, "static const dfl__spread %s_spread;", e->graph->sections[i].fn);
    cw_open(e->w, "static const dfl__spread *const %s__spreads[] = {", graph->c_name);
    for (size_t i = 0; i < graph->n_sections; i++)
        if (section_is_spread(e, graph->sections[i]))
            cw_line(e->w, "&%s_spread,", e->graph->sections[i].fn);
    cw_close(e->w, "};");
    cw_blank(e->w);
}

void emit_spread_members(Emit *e) {
    size_t n = count_spread(e);
    if (n > 0)
        cw_line(e->w, ".spreads = %s__spreads, .n_spreads = %zu,", e->graph->graph->c_name, n);
}

/* ---- a section ---- */

static void emit_needs(Emit *e, const SectionPlan *plan) {
    const Graph *graph = e->graph->graph;
    const Liveness *uses = liveness_of(e->comp, graph);
    const Field *pieces = travel_in_pieces(uses, plan->section);
    const char *line = "";
    unsigned byte = 0, n = 0;
    for (size_t i = 0; i < graph->n_fields; i++) {
        if (!field_is_saved(graph->fields[i]))
            continue;
        if (n > 0 && n % 8 == 0) {
            line = say(e, "%s0x%02x, ", line, byte);
            byte = 0;
        }
        byte |= (unsigned)(graph->fields[i] != pieces && travel_needs(uses, plan->section, graph->fields[i])) << n++ % 8;
    }
    cw_line(e->w, "static const uint8_t %s_needs[] = {%s0x%02x};", plan->fn, line, byte);
}

static void emit_pays(Emit *e, const SectionPlan *plan) {
    const RanksCost *ranks = &plan->cost->ranks;
    cw_line(e->w, "/* On 1, 2, 4, ... ranks it pays %s. */",
            plan->section->over ? "from so many elements on" : "where there is a 0");
    cw_open(e->w, "static const uint64_t %s_pays[] = {", plan->fn);
    for (uint32_t i = 0; i < ranks->n_from; i++)
        cw_line(e->w, ranks->from[i] == UINT64_MAX ? "UINT64_MAX," : "%" PRIu64 ",", ranks->from[i]);
    cw_close(e->w, "};");
}

const char *section_pays_on_ranks(Emit *e, const SectionPlan *plan, const char *n) {
    return say(e, "dfl__pays_on_ranks(ctx, %s_pays, %" PRIu32 ", %s)", plan->fn, plan->cost->ranks.n_from, n);
}

static void emit_pieces(Emit *e, const SectionPlan *plan) {
    const Field *field = travel_in_pieces(liveness_of(e->comp, e->graph->graph), plan->section);
    if (!field)
        return;
    cw_line(e->w, ".list = &%s, .list_at = offsetof(%s_state, %s),", type_descriptor(e, field->type),
            e->graph->graph->c_name, field->name);
    cw_line(e->w, ".next_at = offsetof(struct %s, next), .to_at = offsetof(struct %s, to),", plan->frame, plan->frame);
}

void emit_spread(Emit *e, const SectionPlan *plan) {
    const Section *section = plan->section;
    if (!section_is_spread(e, section))
        return;
    if (section_asks_ranks(e, section))
        emit_pays(e, plan);
    emit_needs(e, plan);
    cw_open(e->w, "static const size_t %s_state_at[] = {", plan->fn);
    if (section->over)
        cw_line(e->w, "offsetof(struct %s, s),", plan->frame);
    for (size_t k = 0; !section->over && k < section->n_branches; k++)
        cw_line(e->w, "offsetof(struct %s, s),", section_branch(e, section, k)->frame);
    cw_close(e->w, "};");
    cw_open(e->w, "static const dfl__spread %s_spread = {", plan->fn);
    if (section->over)
        cw_line(e->w, ".each = &%s_each,", plan->fn);
    else
        cw_line(e->w, ".section = &%s_section,", plan->fn);
    cw_line(e->w, ".needs = %s_needs, .state_at = %s_state_at,", plan->fn, plan->fn);
    cw_line(e->w, ".frames = UINT64_C(0x%016" PRIx64 "),", e->frames_print);
    emit_pieces(e, plan);
    cw_close(e->w, "};");
}
