/* For a terminal: a block a graph, in it one a section, and what there is to change at the end. */
#include <inttypes.h>
#include <string.h>

#include "../units.h"
#include "explain.h"
#include "table.h"

enum { WIDTH = 96, SHOWN_NAMES = 6 };

static const char *where(const Out *o, Span at) {
    uint32_t line, column;
    source_position(at.source, at.begin, &line, &column);
    return arena_printf(o->arena, "%s:%" PRIu32, at.source->path, line);
}

static const char *ns(const Out *o, int64_t value) {
    return text_of_ns(o->arena, value);
}

static const char *percent(const Out *o, int64_t part, int64_t whole) {
    if (whole <= 0)
        return "-";
    int64_t value = part < INT64_MAX / 100 ? part * 100 / whole : part / (whole / 100);
    return arena_printf(o->arena, "%" PRId64 " %%", value);
}

/* "3", "0.5", "1.25"; two decimals are enough. */
static const char *times(const Out *o, Visits visits) {
    uint64_t whole = visits / VISIT_ONCE;
    uint64_t hundredths = (visits % VISIT_ONCE * 100 + VISIT_ONCE / 2) / VISIT_ONCE;
    if (hundredths == 100) {
        whole++;
        hundredths = 0;
    }
    if (hundredths == 0)
        return arena_printf(o->arena, "%" PRIu64, whole);
    if (hundredths % 10 == 0)
        return arena_printf(o->arena, "%" PRIu64 ".%" PRIu64, whole, hundredths / 10);
    return arena_printf(o->arena, "%" PRIu64 ".%02" PRIu64, whole, hundredths);
}

/* ---- paths ---- */

const char *explain_place_name(const Place *place) {
    switch (place->kind) {
    case PL_START:
        return "start";
    case PL_END:
        return "end";
    case PL_SECTION:
        return place->section->name ? place->section->name : place->section->label;
    case PL_NODE:
    case PL_ROUTER:
        break;
    default:
        return NULL;
    }
    return place->node->name;
}

/* Whether a loop that begins there turns. */
static const char *with_turns(const Out *o, const Place *place, const char *name) {
    Visits turns = o->e->costs->turns[place->index];
    return turns <= VISIT_ONCE
               ? name
               : arena_printf(o->arena, "%s (turns %s times)", name, times(o, turns));
}

/* Broken before an arrow, where the line would be too long. */
static void print_path(const Out *o, const Path *path, bool turns) {
    enum { INDENT = 4, MOST = 60 };
    size_t column = INDENT;
    fprintf(o->file, "%*s", INDENT, "");
    for (size_t i = 0; i < path->n; i++) {
        const char *name = explain_place_name(path->places[i]);
        if (!name)
            continue;
        if (i > MOST && i + 1 < path->n)
            continue;
        if (turns)
            name = with_turns(o, path->places[i], name);
        if (i == MOST && i + 1 < path->n)
            name = arena_printf(o->arena, "%zu more", path->n - i - 1);
        if (column + strlen(name) + 4 > WIDTH) {
            fprintf(o->file, "\n%*s", INDENT + 2, "");
            column = INDENT + 2;
        }
        int n = fprintf(o->file, "%s%s", i == 0 ? "" : column == INDENT + 2 ? "-> " : " -> ", name);
        column += n > 0 ? (size_t)n : 0;
    }
    fputc('\n', o->file);
}

static bool same_path(const Path *a, const Path *b) {
    return a->n == b->n && memcmp(a->places, b->places, a->n * sizeof *a->places) == 0;
}

static bool has_loop(const Out *o, const Path *path) {
    for (size_t i = 0; i < path->n; i++)
        if (o->e->costs->turns[path->places[i]->index] > VISIT_ONCE)
            return true;
    return false;
}

static void print_paths(const Out *o) {
    const Path *shortest = &o->e->shortest, *likely = &o->e->likely;
    bool same = same_path(shortest, likely) && shortest->ns == likely->ns && !has_loop(o, likely);
    fprintf(o->file, "  shortest path%s: %s inline\n", same ? ", and the likely one" : "",
            ns(o, shortest->ns));
    print_path(o, shortest, false);
    if (same)
        return;
    fprintf(o->file, "  likely: %s inline, all ways taken as often as they are expected\n",
            ns(o, likely->ns));
    print_path(o, likely, true);
}

/* ---- times by CPUs ---- */

static void add_heads(const Out *o, Table *table) {
    table_cell(table, "");
    table_cell(table, "inline");
    for (size_t i = 0; i < COST_CPUS; i++)
        table_cell(table, arena_printf(o->arena, "%" PRIu32 " CPUs", cost_cpus[i]));
    table_end_row(table);
}

static void add_times(const Out *o, Table *table, const char *name, int64_t inline_ns,
                      const int64_t *by_cpus) {
    table_cell(table, name);
    table_cell(table, ns(o, inline_ns));
    for (size_t i = 0; i < COST_CPUS; i++)
        table_cell(table, ns(o, by_cpus[i]));
    table_end_row(table);
}

static void print_expected(const Out *o) {
    Table table = {.arena = o->arena};
    const int64_t *all = o->e->expected.ns;
    bool same = true;
    for (size_t i = 1; i < RUN_KINDS; i++)
        same = same && all[i] == all[0];
    if (same)
        return;
    add_heads(o, &table);
    add_times(o, &table, "workers awake", all[0], all + FIRST_AWAKE);
    add_times(o, &table, "workers asleep", all[0], all + FIRST_ASLEEP);
    table_print(&table, 4, "lrrrrr", o->file);
}

/* Said only where it is not simply what nodes say. */
static void print_basis(const Out *o) {
    unsigned basis = o->e->costs->regions[0].basis;
    if (basis & ~(unsigned)BASIS_ANNOTATED)
        fprintf(o->file, "  rests on: %s%s\n", explain_basis(o->arena, basis),
                basis & BASIS_MISSING ? " (a node without a cost counts as nothing)" : "");
}

/* ---- sections ---- */

static const char *choice(const Section *section, const SectionCost *cost) {
    if (cost->run == RUN_INLINE)
        return "inline";
    if (section->ranks)
        return "ranks, or threads where a run has none";
    if (cost->run == RUN_THREADS)
        return "threads";
    if (cost->ranks.chosen)
        return section->over ? "ranks, else threads, for as many elements as pay"
                             : "ranks, else threads, where they pay";
    return section->over ? "threads, for as many elements as pay" : "threads, where they pay";
}

/* What threads take, whether they are chosen or not. */
static void print_model(const Out *o, const Section *section, const SectionCost *cost) {
    Table table = {.arena = o->arena};
    int64_t awake[COST_CPUS], asleep[COST_CPUS];
    for (size_t i = 0; i < COST_CPUS; i++) {
        awake[i] = cost->total_ns - cost->gain[i].hot_ns;
        asleep[i] = cost->total_ns - cost->gain[i].cold_ns;
    }
    add_heads(o, &table);
    add_times(o, &table, "on threads, awake", cost->total_ns, awake);
    add_times(o, &table, "on threads, asleep", cost->total_ns, asleep);
    for (int cold = 0; cold < 2; cold++) {
        table_cell(&table, cold ? "saves, asleep" : "saves, awake");
        table_cell(&table, "");
        for (size_t i = 0; i < COST_CPUS; i++)
            table_cell(&table, percent(o, cold ? cost->gain[i].cold_ns : cost->gain[i].hot_ns,
                                       cost->total_ns));
        table_end_row(&table);
    }
    for (int cold = 0; section->over && cold < 2; cold++) {
        table_cell(&table, cold ? "pays from, asleep" : "pays from, awake");
        table_cell(&table, "");
        for (size_t i = 0; i < COST_CPUS; i++) {
            uint64_t from = cold ? cost->from[i].cold : cost->from[i].hot;
            table_cell(&table,
                       from == UINT64_MAX ? "never" : arena_printf(o->arena, "%" PRIu64, from));
        }
        table_end_row(&table);
    }
    table_print(&table, 4, "lrrrrr", o->file);
}

/* What ranks take, whether they are chosen or not. */
static void print_ranks(const Out *o, const Section *section, const SectionCost *cost) {
    const RanksCost *ranks = &cost->ranks;
    uint32_t n = cost_options(o->e->all->costs)->machine->ranks;
    if (!ranks->reckoned)
        return;
    if (ranks->why_not) {
        fprintf(o->file, "    not on ranks: %s\n", ranks->why_not);
        return;
    }
    fprintf(o->file, "    on %" PRIu32 " rank%s: %s, saves %s of the %s here", n, n == 1 ? "" : "s",
            ns(o, ranks->ns), percent(o, ranks->here_ns - ranks->ns, ranks->here_ns), ns(o, ranks->here_ns));
    if (section->over && ranks->pays_from != UINT64_MAX)
        fprintf(o->file, "; pays from %" PRIu64 " elements on", ranks->pays_from);
    else if (ranks->pays_from == UINT64_MAX)
        fprintf(o->file, "; that is not the %d %% that messages have to save", LEAST_RANKS_PERCENT);
    fprintf(o->file, "\n      to each rank: %s; with each %s: %s there, %s back\n",
            text_of_bytes(o->arena, ranks->state_bytes), section->over ? "element" : "branch",
            text_of_bytes(o->arena, section->over ? ranks->task_bytes : ranks->task_bytes / section->n_branches),
            text_of_bytes(o->arena, section->over ? ranks->answer_bytes : ranks->answer_bytes / section->n_branches));
}

static const char *node_text(const Out *o, const NodeFact *fact) {
    const char *text = fact->node->name;
    if (fact->cost.basis & BASIS_MISSING && fact->cost.ns == 0)
        text = arena_printf(o->arena, "%s (no cost)", text);
    else
        text = arena_printf(o->arena, "%s %s", text, ns(o, fact->cost.ns));
    if (fact->cost.basis == BASIS_PROFILED)
        text = arena_printf(o->arena, "%s (profiled)", text);
    if (fact->visits != VISIT_ONCE)
        text = arena_printf(o->arena, "%s x %s", text, times(o, fact->visits));
    return text;
}

static const char *made_of(const Out *o, const Region *branch) {
    NodeFacts nodes = {0};
    const char *text = "";
    explain_nodes(o->e, branch, &nodes);
    for (size_t i = 0; i < nodes.n && i < SHOWN_NAMES; i++)
        text = arena_printf(o->arena, "%s%s%s", text, i ? ", " : "", node_text(o, &nodes.all[i]));
    if (nodes.n > SHOWN_NAMES)
        text = arena_printf(o->arena, "%s, %zu more", text, nodes.n - SHOWN_NAMES);
    return text;
}

/* The chunk of each branch, from 1. */
static uint32_t *chunks_of(const Out *o, const Section *section, const SectionCost *cost) {
    uint32_t *chunk_of = ARENA_ARRAY(o->arena, uint32_t, section->n_branches);
    for (uint32_t k = 0, i = 0; k < cost->n_chunks; k++)
        for (; i < cost->chunk_end[k]; i++)
            chunk_of[cost->order[i]] = k + 1;
    return chunk_of;
}

static void print_branches(const Out *o, const Section *section, const SectionCost *cost) {
    Table table = {.arena = o->arena};
    const uint32_t *chunk_of = chunks_of(o, section, cost);
    table_cell(&table, section->over ? "each element" : "branch");
    table_cell(&table, "work");
    if (!section->over)
        table_cell(&table, "chunk");
    table_cell(&table, "rests on");
    table_cell(&table, "made of");
    table_end_row(&table);
    for (size_t i = 0; i < section->n_branches; i++) {
        const Region *branch = section->branches[i];
        const RegionCost *work = &o->e->costs->regions[branch->index];
        table_cell(&table, branch->label);
        table_cell(&table, ns(o, work->work_ns));
        if (!section->over)
            table_cell(&table, arena_printf(o->arena, "%" PRIu32, chunk_of[i]));
        table_cell(&table, explain_basis(o->arena, work->basis));
        table_cell(&table, made_of(o, branch));
        table_end_row(&table);
    }
    table_print(&table, 4, section->over ? "lrll" : "lrrll", o->file);
}

static const char *copy_reason(const Out *o, const CopyFact *fact) {
    static const char *const reasons[] = {
        [ACCESS_READ] = "reads it before all of it is written",
        [ACCESS_WRITE] = "writes it, but not on every way",
        [ACCESS_UPDATE] = "updates what was there",
        [ACCESS_PAUSE] = "may change it while the run is paused",
    };
    const char *who = fact->why ? explain_place_name(fact->why->place) : NULL;
    if (!fact->why)
        return "";
    return arena_printf(o->arena, "%s %s", who ? who : "a guard", reasons[fact->why->kind]);
}

static void print_copies(const Out *o, const Section *section) {
    Table table = {.arena = o->arena};
    CopyFacts copies = {0};
    explain_copies(o->e, section, &copies);
    if (copies.n == 0) {
        fputs("    the fork copies nothing\n", o->file);
        return;
    }
    fprintf(o->file, "    the fork copies %s%s:\n", text_of_bytes(o->arena, copies.bytes),
            section->over ? " for each element" : "");
    for (size_t i = 0; i < copies.n; i++) {
        table_cell(&table, copies.all[i].field->name);
        table_cell(&table, text_of_bytes(o->arena, copies.all[i].bytes));
        table_cell(&table, arena_printf(o->arena, "for %s:", copies.all[i].branch->label));
        table_cell(&table, copy_reason(o, &copies.all[i]));
        table_end_row(&table);
    }
    table_print(&table, 6, "lrll", o->file);
}

static const char *branch_names(const Out *o, const MergeFact *fact) {
    const char *text = "";
    for (size_t i = 0; i < fact->n && i < SHOWN_NAMES; i++)
        text = arena_printf(o->arena, "%s%s%s", text, i ? ", " : "", fact->branches[i]->label);
    if (fact->n > SHOWN_NAMES)
        text = arena_printf(o->arena, "%s, %zu more", text, fact->n - SHOWN_NAMES);
    return text;
}

static void print_merges(const Out *o, const Section *section) {
    Table table = {.arena = o->arena};
    MergeFacts merges = {0};
    explain_merges(o->e, section, &merges);
    if (merges.n == 0) {
        fputs("    the join merges nothing\n", o->file);
        return;
    }
    fputs("    the join merges:\n", o->file);
    for (size_t i = 0; i < merges.n; i++) {
        table_cell(&table, merges.all[i].field->name);
        table_cell(&table, explain_reducer(o->arena, merges.all[i].field));
        table_cell(&table, branch_names(o, &merges.all[i]));
        table_end_row(&table);
    }
    table_print(&table, 6, "lll", o->file);
}

static void print_section(const Out *o, const Section *section) {
    const SectionCost *cost = &o->e->costs->sections[section->index];
    const char *name = section->name ? section->name : section->label;
    fprintf(o->file, "\n  %s: section %s\n", where(o, section->span), name);
    fprintf(o->file, "    choice:   %s\n", choice(section, cost));
    fprintf(o->file, "    because:  %s\n", cost->reason);
    if (section->over)
        fprintf(o->file, "    work:     %s for %s elements%s, %s each\n", ns(o, cost->total_ns),
                times(o, cost->elements), cost->guesses_elements ? " (assumed)" : "",
                ns(o, cost->work_ns));
    else
        fprintf(o->file, "    work:     %s; span, the longest branch: %s (%s)\n",
                ns(o, cost->work_ns), ns(o, cost->span_ns),
                percent(o, cost->span_ns, cost->work_ns));
    fprintf(o->file, "    rests on: %s\n", explain_basis(o->arena, cost->basis));
    if (cost->threads && cost->whole_chunks)
        fprintf(o->file, "    chunks:   %" PRIu32 ", each of neighbours, which run one after another on a thread\n",
                cost->n_chunks);
    if (cost->total_ns > 0)
        print_model(o, section, cost);
    print_ranks(o, section, cost);
    print_branches(o, section, cost);
    if (!section->over && cost->n_arenas > 0 && cost->total_ns > 0)
        fprintf(o->file,
                "    on threads, %" PRIu32 " %s an arena for strings, lists and maps: %s each\n",
                cost->n_arenas, cost->n_arenas == 1 ? "branch makes" : "branches make",
                ns(o, ARENA_NS));
    if (!section->over && cost->n_unions > 0 && cost->total_ns > 0)
        fprintf(o->file, "    on threads, the join puts the entries of %" PRIu32 " %s again: %s each, for %d (assumed)\n",
                cost->n_unions, cost->n_unions == 1 ? "update" : "updates", ns(o, UNION_NS), EACH_ELEMENTS);
    print_copies(o, section);
    print_merges(o, section);
}

/* ---- the whole ---- */

static void print_advice(const Explain *all, Arena *arena, FILE *out) {
    Out o = {NULL, arena, out};
    if (all->n_advice == 0)
        return;
    fputs("\nadvice\n", out);
    for (size_t i = 0; i < all->n_advice; i++) {
        const Diag *diag = all->advice[i];
        fprintf(out, "  %s: %s [%s]\n", where(&o, diag->at), diag->text, diag->warning);
        for (size_t k = 0; k < diag->n_notes; k++)
            fprintf(out, "    %s\n", diag->notes[k].text);
    }
}

static void print_graph(const Explained *e, Arena *arena, FILE *out) {
    Out o = {e, arena, out};
    fprintf(out, "%s: graph %s\n", where(&o, e->graph->span), e->graph->name);
    print_paths(&o);
    print_expected(&o);
    print_basis(&o);
    for (size_t i = 0; i < e->graph->n_sections; i++)
        print_section(&o, e->graph->sections[i]);
    print_saves(&o);
}

/* The description that everything rests on, where it is not the usual one. */
static void print_machine(const Explain *all, FILE *out) {
    const Machine *machine = cost_options(all->costs)->machine;
    if (machine == machine_default())
        return;
    fprintf(out, "\nfor machine '%s'", machine->name);
    if (machine->cpus > 0)
        fprintf(out, ", %" PRIu32 " CPU%s", machine->cpus, machine->cpus == 1 ? "" : "s");
    if (machine->ranks > 0)
        fprintf(out, ", %" PRIu32 " rank%s that serve%s", machine->ranks, machine->ranks == 1 ? "" : "s",
                machine->ranks == 1 ? "s" : "");
    fprintf(out, "%s\n", machine->noisy ? "; its figures were noisy when they were measured" : "");
}

void explain_text(const Explain *all, Explained *const *graphs, size_t n, FILE *out) {
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            fputc('\n', out);
        print_graph(graphs[i], all->comp->arena, out);
    }
    print_advice(all, all->comp->arena, out);
    print_machine(all, out);
}
