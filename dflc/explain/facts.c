#include "explain.h"

#include "../pending.h"

/* ---- nodes ---- */

/* Regions with how often they are entered, still to be looked at. */
typedef struct Entered {
    const Region *region;
    Visits visits;
} Entered;

void explain_nodes(const Explained *e, const Region *branch, NodeFacts *out) {
    Arena *arena = e->all->comp->arena;
    Entered *work = NULL;
    size_t n = 0, cap = 0;
    ARENA_PUSH(arena, work, n, cap, ((Entered){branch, VISIT_ONCE}));
    while (n > 0) {
        Entered now = work[--n];
        for (size_t i = 0; i < now.region->n_places; i++) {
            const Place *place = now.region->places[i];
            Visits visits = visits_times(now.visits, e->costs->visits[place->index]);
            if (place->node)
                ARENA_PUSH(arena, out->all, out->n, out->cap,
                           ((NodeFact){place->node, e->costs->nodes[place->node->index], visits}));
            if (!place->section)
                continue;
            const SectionCost *inner = &e->costs->sections[place->section->index];
            for (size_t k = place->section->n_branches; k-- > 0;)
                ARENA_PUSH(arena, work, n, cap,
                           ((Entered){place->section->branches[k],
                                      visits_times(visits, inner->elements)}));
        }
    }
}

/* ---- copies and merges ---- */

void explain_copies(const Explained *e, const Section *section, CopyFacts *out) {
    for (size_t i = 0; i < section->n_branches; i++) {
        const Region *branch = section->branches[i];
        const RegionUse *uses = &e->uses->regions[branch->index];
        for (size_t k = 0; k < uses->n; k++) {
            const Field *field = uses->uses[k].field;
            CopyFact fact = {.field = field, .branch = branch};
            fact.bytes = fork_copies(&e->all->sizes, e->live, branch, &uses->uses[k]);
            if (fact.bytes == 0)
                continue;
            fact.why = fork_copy_reason(e->all->comp->arena, e->accesses, branch, field);
            out->bytes += fact.bytes;
            ARENA_PUSH(e->all->comp->arena, out->all, out->n, out->cap, fact);
        }
    }
}

static MergeFact *merge_for(const Explained *e, MergeFacts *out, uint32_t *at, const Field *field) {
    if (at[field->index] == 0) {
        ARENA_PUSH(e->all->comp->arena, out->all, out->n, out->cap, ((MergeFact){.field = field}));
        at[field->index] = (uint32_t)out->n;
    }
    return &out->all[at[field->index] - 1];
}

void explain_merges(const Explained *e, const Section *section, MergeFacts *out) {
    Arena *scratch = arena_new();
    uint32_t *at = ARENA_ARRAY(scratch, uint32_t, e->graph->n_fields + 1);
    for (size_t i = 0; i < section->n_branches; i++) {
        const RegionUse *uses = &e->uses->regions[section->branches[i]->index];
        for (size_t k = 0; k < uses->n; k++) {
            if (!uses->uses[k].writes || uses->uses[k].field->local)
                continue;
            MergeFact *fact = merge_for(e, out, at, uses->uses[k].field);
            ARENA_PUSH(e->all->comp->arena, fact->branches, fact->n, fact->cap,
                       section->branches[i]);
        }
    }
    arena_free(scratch);
}

const char *explain_reducer(Arena *arena, const Field *field) {
    static const char *const names[] = {
        [RD_NONE] = "replace",  [RD_SUM] = "sum",     [RD_MIN] = "min",
        [RD_MAX] = "max",       [RD_AND] = "and",     [RD_OR] = "or",
        [RD_APPEND] = "append", [RD_UNION] = "union", [RD_LAST] = "last",
    };
    if (field->reducer == RD_CUSTOM)
        return arena_printf(arena, "with %s", field->reducer_fn);
    return names[field->reducer];
}

/* ---- saves ---- */

/* Which edge is chosen is not known here: all that is live on some. */
static void find_saved_fields(const Explained *e, const Place *place, bool before, SaveFact *fact) {
    for (size_t i = 0; i < e->graph->n_fields; i++) {
        const Field *field = e->graph->fields[i];
        if (!field_is_saved(field) || !(before ? field_live_before(e->live, place, field)
                                               : field_live_after(e->live, place, field)))
            continue;
        ARENA_PUSH(e->all->comp->arena, fact->live, fact->n_live, fact->cap_live, field);
        fact->bytes += size_bytes(&e->all->sizes, field->type);
    }
}

/* With saves between, where the last one was is not known. */
static void take_risk(const AtRisk *at, SaveFact *fact) {
    fact->protects_ns = at->most_ns == RISK_UNKNOWN ? PENDING_UNKNOWN : at->most_ns;
    fact->since = NULL;
}

void explain_live_before(const Explained *e, const Place *place, SaveFact *fact) {
    find_saved_fields(e, place, true, fact);
}

void explain_saves(const Explained *e, SaveFacts *out) {
    PendingOptions options = {e->graph, e->ways, e->costs, e->runs_inside, true};
    Arena *scratch = arena_new();
    const Pending *pending = pending_of(scratch, &options);
    for (uint32_t at = 0; at < e->ways->region_first[1]; at++) {
        const Place *place = e->ways->order[at];
        if (place->kind != PL_NODE || !node_saves(e->graph, place->node))
            continue;
        SaveFact fact = {.node = place->node, .since = pending[at].save};
        bool before = place->node->pause_before && !place->node->pause_after &&
                      !place->node->checkpoint && !place->node->effect;
        fact.protects_ns = before ? pending[at].ns : pending_at(&options, place, &pending[at]);
        if (e->risk)
            take_risk(before ? &e->risk->coming[at] : &e->risk->done[at], &fact);
        find_saved_fields(e, place, before, &fact);
        ARENA_PUSH(e->all->comp->arena, out->all, out->n, out->cap, fact);
    }
    arena_free(scratch);
}

const char *explain_why_saved(const Node *node) {
    if (node->pause_before || node->pause_after)
        return node->pause_before ? "pause before" : "pause after";
    return node->effect ? "effect" : node->checkpoint ? "checkpoint" : "every node";
}

const char *explain_basis(Arena *arena, unsigned basis) {
    return basis == 0 ? "nothing" : cost_basis_text(arena, basis);
}
