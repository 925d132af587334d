/* Checkpoints, for a terminal. */
#include <inttypes.h>

#include "../pending.h"
#include "../units.h"
#include "explain.h"
#include "table.h"

enum { SHOWN_NAMES = 6 };

static const char *ns(const Out *o, int64_t value) {
    return text_of_ns(o->arena, value);
}

static const char *policy_text(const Out *o) {
    const Graph *graph = o->e->graph;
    switch (graph->policy) {
    case CP_MARKED:
        return "marked";
    case CP_AUTO:
        return "auto";
    case CP_NEVER:
        return "never";
    case CP_EVERY:
        break;
    }
    return graph->checkpoint_every == 1
               ? "every node"
               : arena_printf(o->arena, "every %" PRIu64 " nodes", graph->checkpoint_every);
}

const char *explain_live_names(Arena *arena, const SaveFact *fact) {
    const char *text = "";
    for (size_t i = 0; i < fact->n_live && i < SHOWN_NAMES; i++)
        text = arena_printf(arena, "%s%s%s", text, i ? ", " : "", fact->live[i]->name);
    if (fact->n_live > SHOWN_NAMES)
        text = arena_printf(arena, "%s, %zu more", text, fact->n_live - SHOWN_NAMES);
    return text;
}

static const char *protects(const Out *o, const SaveFact *fact) {
    const char *since = fact->since ? explain_place_name(fact->since) : NULL;
    if (fact->protects_ns == PENDING_UNKNOWN)
        return "what has no cost";
    return since ? arena_printf(o->arena, "%s since %s", ns(o, fact->protects_ns), since)
                 : arena_printf(o->arena, "%s", ns(o, fact->protects_ns));
}

static SaveTerms terms_of(const Out *o) {
    return save_terms(cost_options(o->e->all->costs));
}

static void add_heads(Table *table, const char *const *heads) {
    for (size_t i = 0; heads[i]; i++)
        table_cell(table, heads[i]);
    table_end_row(table);
}

/* Where a run saves whatever it has done. */
static void print_sure(const Out *o, const SaveFacts *saves) {
    static const char *const heads[] = {"after", "why", "a save takes", "protects", "live", NULL};
    const SaveTerms terms = terms_of(o);
    Table table = {.arena = o->arena};
    if (saves->n == 0)
        return;
    add_heads(&table, heads);
    for (size_t i = 0; i < saves->n; i++) {
        const SaveFact *fact = &saves->all[i];
        table_cell(&table, fact->node->name);
        table_cell(&table, explain_why_saved(fact->node));
        table_cell(&table, ns(o, save_price(&terms, fact->bytes)));
        table_cell(&table, protects(o, fact));
        table_cell(&table, text_of_bytes(o->arena, fact->bytes));
        table_cell(&table, explain_live_names(o->arena, fact));
        table_end_row(&table);
    }
    table_print(&table, 4, "llrlrl", o->file);
}

/* ---- checkpoint auto ---- */

static void print_terms(const Out *o) {
    const SaveTerms terms = terms_of(o);
    const char *mtbf = text_of_duration(o->arena, terms.mtbf_ns);
    const char *each_kib = terms.save_ns_per_kib > 0 ? arena_printf(o->arena, " and %s a KiB",
                                                                    ns(o, terms.save_ns_per_kib))
                                                     : "";
    fprintf(o->file, "    a failure is expected every %s (%s), a save takes %s%s (%s):\n", mtbf,
            said_by_text(terms.mtbf_by), ns(o, terms.save_ns), each_kib,
            said_by_text(terms.save_by));
    fprintf(o->file, "    a save for each %s of work loses least, about sqrt(2 * %s * %s)\n",
            ns(o, save_interval(terms.save_ns, terms.mtbf_ns)), mtbf, ns(o, terms.save_ns));
}

static const char *at_risk(const Out *o, const AtRisk *at) {
    if (!at->reached)
        return "-";
    if (at->most_ns == RISK_UNKNOWN)
        return at->least_ns > 0 ? arena_printf(o->arena, "%s or more", ns(o, at->least_ns)) : "any";
    if (at->most_ns == 0)
        return "nothing";
    if (at->least_ns == at->most_ns)
        return ns(o, at->most_ns);
    return at->least_ns == 0
               ? arena_printf(o->arena, "up to %s", ns(o, at->most_ns))
               : arena_printf(o->arena, "%s to %s", ns(o, at->least_ns), ns(o, at->most_ns));
}

static const char *pays_from(const Out *o, const AutoFact *fact) {
    return !fact->save || fact->save->from_ns == SAVE_NEVER ? "-" : ns(o, fact->save->from_ns);
}

static void add_live(const Out *o, Table *table, const AutoFact *fact) {
    SaveFact live = {0};
    if (!fact->live_at)
        return;
    explain_live_before(o->e, fact->live_at, &live);
    table_cell(table, text_of_bytes(o->arena, live.bytes));
    table_cell(table, explain_live_names(o->arena, &live));
}

static void print_auto(const Out *o, const AutoFacts *facts) {
    static const char *const heads[] = {"before",   "saves",        "at risk", "pays from",
                                        "interval", "a save takes", "live",    NULL};
    Table table = {.arena = o->arena};
    add_heads(&table, heads);
    for (size_t i = 0; i < facts->n; i++) {
        const AutoFact *fact = &facts->all[i];
        if (fact->how == SAVE_NOT)
            continue;
        table_cell(&table, fact->name);
        table_cell(&table, fact->why);
        table_cell(&table, at_risk(o, &fact->coming));
        table_cell(&table, pays_from(o, fact));
        table_cell(&table, ns(o, fact->save->interval_ns));
        table_cell(&table, ns(o, fact->save->price_ns));
        add_live(o, &table, fact);
        table_end_row(&table);
    }
    if (table.n > 1)
        table_print(&table, 4, "lllrrrrl", o->file);
}

static void print_not(const Out *o, const AutoFacts *facts) {
    static const char *const heads[] = {"not before", "because", "at risk", "pays from", NULL};
    Table table = {.arena = o->arena};
    add_heads(&table, heads);
    for (size_t i = 0; i < facts->n; i++) {
        const AutoFact *fact = &facts->all[i];
        if (fact->how != SAVE_NOT)
            continue;
        table_cell(&table, fact->name);
        table_cell(&table, fact->why);
        if (fact->save) {
            table_cell(&table, at_risk(o, &fact->coming));
            table_cell(&table, pays_from(o, fact));
        }
        table_end_row(&table);
    }
    table_print(&table, 4, "lllr", o->file);
}

static void print_policy_auto(const Out *o) {
    AutoFacts facts = {0};
    explain_auto(o->e, &facts);
    print_auto(o, &facts);
    print_not(o, &facts);
}

void print_saves(const Out *o) {
    SaveFacts saves = {0};
    explain_saves(o->e, &saves);
    if (saves.n == 0 && o->e->graph->policy == CP_MARKED)
        return;
    fprintf(o->file, "\n  checkpoints: %s\n", policy_text(o));
    if (o->e->risk)
        print_terms(o);
    print_sure(o, &saves);
    if (o->e->risk)
        print_policy_auto(o);
}
