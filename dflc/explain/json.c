/* One object; formats.md names every member. */
#include "../json.h"

#include "../pending.h"
#include "explain.h"

static void write_at(Json *j, Span at) {
    uint32_t line, column;
    source_position(at.source, at.begin, &line, &column);
    json_string(j, "file", at.source->path);
    json_uint(j, "line", line);
    json_uint(j, "column", column);
}

static void write_basis(Json *j, Arena *arena, unsigned basis) {
    json_open_flat(j, "basis", '[');
    for (unsigned bit = 1; bit <= BASIS_MISSING; bit <<= 1)
        if (basis & bit)
            json_string(j, NULL, cost_basis_text(arena, bit));
    json_close(j);
}

/* In thousandths: no floating point is needed to read them all. */
static void write_times(Json *j, Arena *arena, const char *name, Visits visits) {
    uint64_t whole = visits / VISIT_ONCE;
    uint64_t rest = (visits % VISIT_ONCE * 1000 + VISIT_ONCE / 2) / VISIT_ONCE;
    json_raw(j, name,
             arena_printf(arena, "%llu.%03llu", (unsigned long long)(whole + rest / 1000),
                          (unsigned long long)(rest % 1000)));
}

/* ---- graphs ---- */

static void write_path(Json *j, const char *name, const Path *path) {
    json_open_flat(j, name, '{');
    json_int(j, "inlineNs", path->ns);
    json_open(j, "places", '[');
    for (size_t i = 0; i < path->n; i++)
        json_uint(j, NULL, path->places[i]->index);
    json_close(j);
    json_close(j);
}

static void write_expected(Json *j, const Times *times) {
    json_open_flat(j, "expected", '{');
    json_int(j, "inlineNs", times->ns[0]);
    json_open(j, "cpus", '[');
    for (size_t i = 0; i < COST_CPUS; i++) {
        json_open(j, NULL, '{');
        json_uint(j, "cpus", cost_cpus[i]);
        json_int(j, "awakeNs", times->ns[FIRST_AWAKE + i]);
        json_int(j, "asleepNs", times->ns[FIRST_ASLEEP + i]);
        json_close(j);
    }
    json_close(j);
    json_close(j);
}

/* ---- sections ---- */

static void write_from(Json *j, const char *name, uint64_t from) {
    if (from != UINT64_MAX)
        json_uint(j, name, from);
}

static void write_model(Json *j, const Section *section, const SectionCost *cost) {
    json_open(j, "cpus", '[');
    for (size_t i = 0; i < COST_CPUS; i++) {
        const Gain *gain = &cost->gain[i];
        json_open_flat(j, NULL, '{');
        json_uint(j, "cpus", cost_cpus[i]);
        json_int(j, "awakeNs", cost->total_ns - gain->hot_ns);
        json_int(j, "asleepNs", cost->total_ns - gain->cold_ns);
        json_int(j, "gainAwakeNs", gain->hot_ns);
        json_int(j, "gainAsleepNs", gain->cold_ns);
        if (section->over) {
            write_from(j, "paysFromAwake", cost->from[i].hot);
            write_from(j, "paysFromAsleep", cost->from[i].cold);
        }
        json_close(j);
    }
    json_close(j);
}

static void write_ranks(Json *j, const Explained *e, const Section *section, const SectionCost *cost) {
    const RanksCost *ranks = &cost->ranks;
    if (!ranks->reckoned)
        return;
    json_open_flat(j, "ranks", '{');
    json_uint(j, "ranks", cost_options(e->all->costs)->machine->ranks);
    if (ranks->why_not) {
        json_string(j, "whyNot", ranks->why_not);
    } else {
        json_int(j, "ns", ranks->ns);
        json_int(j, "hereNs", ranks->here_ns);
        if (section->over)
            write_from(j, "paysFrom", ranks->pays_from);
        json_uint(j, "stateBytes", ranks->state_bytes);
        json_uint(j, "taskBytes", ranks->task_bytes);
        json_uint(j, "answerBytes", ranks->answer_bytes);
    }
    json_bool(j, "chosen", section->ranks || ranks->chosen);
    json_close(j);
}

static void write_nodes(Json *j, const Explained *e, const Region *branch) {
    Arena *arena = e->all->comp->arena;
    NodeFacts nodes = {0};
    explain_nodes(e, branch, &nodes);
    json_open(j, "nodes", '[');
    for (size_t i = 0; i < nodes.n; i++) {
        json_open(j, NULL, '{');
        json_string(j, "name", nodes.all[i].node->name);
        json_int(j, "ns", nodes.all[i].cost.ns);
        write_times(j, arena, "times", nodes.all[i].visits);
        write_basis(j, arena, nodes.all[i].cost.basis);
        json_close(j);
    }
    json_close(j);
}

static void write_branches(Json *j, const Explained *e, const Section *section) {
    json_open(j, "branches", '[');
    for (size_t i = 0; i < section->n_branches; i++) {
        const Region *branch = section->branches[i];
        const RegionCost *work = &e->costs->regions[branch->index];
        json_open_flat(j, NULL, '{');
        json_string(j, "label", branch->label);
        json_int(j, "workNs", work->work_ns);
        write_basis(j, e->all->comp->arena, work->basis);
        write_nodes(j, e, branch);
        json_close(j);
    }
    json_close(j);
}

static void write_chunks(Json *j, const SectionCost *cost) {
    if (cost->threads && cost->whole_chunks)
        json_bool(j, "wholeChunks", true);
    json_open_flat(j, "chunks", '[');
    for (uint32_t k = 0, i = 0; k < cost->n_chunks; k++) {
        json_open(j, NULL, '[');
        for (; i < cost->chunk_end[k]; i++)
            json_uint(j, NULL, cost->order[i]);
        json_close(j);
    }
    json_close(j);
}

static void write_copies(Json *j, const Explained *e, const Section *section) {
    static const char *const reasons[] = {[ACCESS_READ] = "read",
                                          [ACCESS_WRITE] = "sometimes-written",
                                          [ACCESS_UPDATE] = "updated",
                                          [ACCESS_PAUSE] = "paused"};
    CopyFacts copies = {0};
    explain_copies(e, section, &copies);
    json_uint(j, "copiedBytes", copies.bytes);
    json_open(j, "copies", '[');
    for (size_t i = 0; i < copies.n; i++) {
        const CopyFact *fact = &copies.all[i];
        json_open_flat(j, NULL, '{');
        json_string(j, "field", fact->field->name);
        json_uint(j, "branch", fact->branch->branch);
        json_uint(j, "bytes", fact->bytes);
        if (fact->why) {
            json_string(j, "why", reasons[fact->why->kind]);
            write_at(j, fact->why->span);
        }
        json_close(j);
    }
    json_close(j);
}

static void write_merges(Json *j, const Explained *e, const Section *section) {
    MergeFacts merges = {0};
    explain_merges(e, section, &merges);
    json_open(j, "merges", '[');
    for (size_t i = 0; i < merges.n; i++) {
        json_open_flat(j, NULL, '{');
        json_string(j, "field", merges.all[i].field->name);
        json_string(j, "merge", explain_reducer(e->all->comp->arena, merges.all[i].field));
        json_open(j, "branches", '[');
        for (size_t k = 0; k < merges.all[i].n; k++)
            json_uint(j, NULL, merges.all[i].branches[k]->branch);
        json_close(j);
        json_close(j);
    }
    json_close(j);
}

static void write_section(Json *j, const Explained *e, const Section *section) {
    static const char *const runs[] = {
        [RUN_INLINE] = "inline", [RUN_THREADS] = "threads", [RUN_EITHER] = "either"};
    const SectionCost *cost = &e->costs->sections[section->index];
    json_open(j, NULL, '{');
    json_uint(j, "id", section->index);
    json_string(j, "label", section->label);
    if (section->name)
        json_string(j, "name", section->name);
    write_at(j, section->span);
    json_string(j, "run", runs[cost->run]);
    json_string(j, "reason", cost->reason);
    json_int(j, "workNs", cost->work_ns);
    json_int(j, "spanNs", cost->span_ns);
    json_int(j, "inlineNs", cost->total_ns);
    if (section->over) {
        write_times(j, e->all->comp->arena, "elements", cost->elements);
        json_bool(j, "elementsAssumed", cost->guesses_elements);
    }
    write_basis(j, e->all->comp->arena, cost->basis);
    write_model(j, section, cost);
    write_ranks(j, e, section, cost);
    write_branches(j, e, section);
    if (!section->over) {
        write_chunks(j, cost);
        json_uint(j, "arenas", cost->n_arenas);
        json_uint(j, "unions", cost->n_unions);
    }
    write_copies(j, e, section);
    write_merges(j, e, section);
    json_close(j);
}

/* ---- checkpoints ---- */

static void write_save(Json *j, const SaveTerms *terms, const SaveFact *fact) {
    json_open_flat(j, NULL, '{');
    json_string(j, "node", fact->node->name);
    json_string(j, "why", explain_why_saved(fact->node));
    json_int(j, "saveNs", save_price(terms, fact->bytes));
    if (fact->protects_ns != PENDING_UNKNOWN)
        json_int(j, "protectsNs", fact->protects_ns);
    if (fact->since)
        json_string(j, "since", fact->since->node->name);
    json_uint(j, "liveBytes", fact->bytes);
    json_open(j, "live", '[');
    for (size_t i = 0; i < fact->n_live; i++)
        json_string(j, NULL, fact->live[i]->name);
    json_close(j);
    json_close(j);
}

static void write_saves(Json *j, const Explained *e) {
    SaveFacts saves = {0};
    const SaveTerms terms = save_terms(cost_options(e->all->costs));
    explain_saves(e, &saves);
    json_open(j, "checkpoints", '[');
    for (size_t i = 0; i < saves.n; i++)
        write_save(j, &terms, &saves.all[i]);
    json_close(j);
}

static void write_auto_live(Json *j, const Explained *e, const Place *place) {
    SaveFact live = {0};
    explain_live_before(e, place, &live);
    json_uint(j, "liveBytes", live.bytes);
    json_open(j, "live", '[');
    for (size_t i = 0; i < live.n_live; i++)
        json_string(j, NULL, live.live[i]->name);
    json_close(j);
}

/* The figures of the rule; what is absent has no bound. */
static void write_rule(Json *j, const AutoFact *fact) {
    const AutoSave *save = fact->save;
    if (fact->coming.reached) {
        json_int(j, "leastNs", fact->coming.least_ns);
        if (fact->coming.most_ns != RISK_UNKNOWN)
            json_int(j, "mostNs", fact->coming.most_ns);
    }
    json_int(j, "nextNs", save->next_ns);
    if (save->ahead_ns != AHEAD_UNKNOWN)
        json_int(j, "aheadNs", save->ahead_ns);
    json_int(j, "saveNs", save->price_ns);
    json_int(j, "intervalNs", save->interval_ns);
    if (save->from_ns != SAVE_NEVER)
        json_int(j, "fromNs", save->from_ns);
}

static void write_auto_fact(Json *j, const Explained *e, const AutoFact *fact) {
    static const char *const hows[] = {
        [SAVE_NOT] = "never", [SAVE_SOMETIMES] = "sometimes", [SAVE_EACH_TIME] = "always"};
    json_open_flat(j, NULL, '{');
    json_string(j, "before", fact->name);
    json_string(j, "saves", hows[fact->how]);
    json_string(j, "why", fact->why);
    if (fact->turns > 0)
        json_uint(j, "turns", fact->turns);
    if (fact->save)
        write_rule(j, fact);
    if (fact->live_at && fact->how != SAVE_NOT)
        write_auto_live(j, e, fact->live_at);
    json_close(j);
}

static void write_auto(Json *j, const Explained *e) {
    const SaveTerms terms = save_terms(cost_options(e->all->costs));
    AutoFacts facts = {0};
    if (!e->risk)
        return;
    explain_auto(e, &facts);
    json_open(j, "auto", '{');
    json_int(j, "mtbfNs", terms.mtbf_ns);
    json_string(j, "mtbfFrom", explain_said_by(terms.mtbf_by));
    json_int(j, "saveNs", terms.save_ns);
    json_int(j, "saveNsPerKib", terms.save_ns_per_kib);
    json_string(j, "saveFrom", explain_said_by(terms.save_by));
    json_open(j, "places", '[');
    for (size_t i = 0; i < facts.n; i++)
        write_auto_fact(j, e, &facts.all[i]);
    json_close(j);
    json_close(j);
}

/* ---- the whole ---- */

static void write_graph(Json *j, const Explained *e) {
    json_open(j, NULL, '{');
    json_string(j, "name", e->graph->name);
    write_at(j, e->graph->span);
    write_path(j, "shortest", &e->shortest);
    write_path(j, "likely", &e->likely);
    write_expected(j, &e->expected);
    write_basis(j, e->all->comp->arena, e->costs->regions[0].basis);
    json_open(j, "sections", '[');
    for (size_t i = 0; i < e->graph->n_sections; i++)
        write_section(j, e, e->graph->sections[i]);
    json_close(j);
    write_saves(j, e);
    write_auto(j, e);
    json_close(j);
}

static void write_advice(Json *j, const Explain *all) {
    json_open(j, "advice", '[');
    for (size_t i = 0; i < all->n_advice; i++) {
        const Diag *diag = all->advice[i];
        json_open_flat(j, NULL, '{');
        json_string(j, "warning", diag->warning);
        json_string(j, "message", diag->text);
        write_at(j, diag->at);
        json_open(j, "notes", '[');
        for (size_t k = 0; k < diag->n_notes; k++)
            json_string(j, NULL, diag->notes[k].text);
        json_close(j);
        json_close(j);
    }
    json_close(j);
}

static void write_machine(Json *j, const Machine *machine) {
    json_open_flat(j, "machine", '{');
    json_string(j, "name", machine->name);
    if (machine->cpus > 0)
        json_uint(j, "cpus", machine->cpus);
    if (machine->ranks > 0)
        json_uint(j, "ranks", machine->ranks);
    if (machine->noisy)
        json_bool(j, "noisy", true);
    json_close(j);
}

void explain_json(const Explain *all, Explained *const *graphs, size_t n, FILE *out) {
    Json j = {.out = out, .lines = true};
    json_open(&j, NULL, '{');
    json_string(&j, "format", "dflc-explain");
    json_int(&j, "version", 1);
    json_string(&j, "file", all->program->source->path);
    write_machine(&j, cost_options(all->costs)->machine);
    json_open(&j, "graphs", '[');
    for (size_t i = 0; i < n; i++)
        write_graph(&j, graphs[i]);
    json_close(&j);
    write_advice(&j, all);
    json_close(&j);
    fputc('\n', out);
}
