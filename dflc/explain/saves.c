/* What there is to say of `checkpoint auto`, place by place. */
#include "explain.h"

#include <inttypes.h>

typedef struct Walk {
    const Explained *e;
    Arena *arena;
    AutoFacts *out;
} Walk;

/* A graph at one place. within: NULL in the graph's own region; else what can be at risk anywhere. */
typedef struct Inside {
    const AutoSaves *saves;
    const Ways *ways;
    const char *path; /* "" or "sub/" */
    const AtRisk *within;
} Inside;

const char *explain_said_by(SaidBy by) {
    return by == SAID_BY_FLAG ? "flag" : by == SAID_BY_MACHINE ? "machine" : "default";
}

/* ---- reasons ---- */

/* How many turns of the loop around come to what pays; 0: in no loop. */
static uint64_t turns_of(const Inside *in, const Place *place) {
    const Costs *costs = in->saves->costs;
    uint32_t loop = costs->loop[place->index];
    int64_t turn_ns = loop == UINT32_MAX ? 0 : costs->turn_ns[loop];
    int64_t from_ns = in->saves->before[place->index].from_ns;
    return turn_ns > 0 ? (uint64_t)((from_ns - 1) / turn_ns + 1) : 0;
}

static const char *how_often(const Walk *w, const AutoFact *fact) {
    if (fact->how == SAVE_EACH_TIME)
        return "each time";
    if (fact->turns == 1)
        return "about every turn";
    return fact->turns > 0 ? arena_printf(w->arena, "about every %" PRIu64 " turns", fact->turns)
                           : "when enough is at risk";
}

/* With more ahead it would pay, but a save is made anyway before much can happen. */
static bool is_saved_soon(const AutoFact *fact) {
    const AutoSave *save = fact->save;
    return save->is_near &&
           fact->coming.most_ns >= save_pays_from(save->interval_ns, save->next_ns, AHEAD_UNKNOWN);
}

static const char *why_not(const Place *place, const AutoFact *fact) {
    if (place->kind == PL_END)
        return "the run saves as it ends";
    if (place->node && place->node->pause_before)
        return "the run pauses there, and saves";
    if (!fact->coming.reached)
        return "no run comes there";
    if (fact->coming.most_ns == 0)
        return "nothing is at risk";
    return is_saved_soon(fact) ? "soon after it the run saves anyway" : "too little is at risk";
}

/* ---- places ---- */

static void add(Walk *w, const AutoFact *fact) {
    ARENA_PUSH(w->arena, w->out->all, w->out->n, w->out->cap, *fact);
}

static void add_place(Walk *w, const Inside *in, const Place *place) {
    uint32_t at = in->ways->position[place->index];
    AutoFact fact = {.name = arena_printf(w->arena, "%s%s", in->path, explain_place_name(place)),
                     .save = &in->saves->before[place->index],
                     .coming = in->within ? *in->within : w->e->risk->coming[at],
                     .live_at = in->within ? NULL : place};
    if (!place->node || !place->node->pause_before)
        fact.how = risk_how(fact.save, &fact.coming);
    fact.turns = fact.how == SAVE_SOMETIMES ? turns_of(in, place) : 0;
    fact.why = fact.how == SAVE_NOT ? why_not(place, &fact) : how_often(w, &fact);
    add(w, &fact);
}

static void add_region(Walk *w, const Inside *in, const Region *region);

static void add_inner(Walk *w, const Inside *in, const Node *node, const AtRisk *within) {
    Inside inner = {.saves = in->saves->inner[node->index],
                    .ways = ways_of(w->arena, node->runs),
                    .path = arena_printf(w->arena, "%s%s/", in->path, node->name),
                    .within = within};
    if (!node_is_whole(node)) {
        add_region(w, &inner, node->runs->regions[0]);
        return;
    }
    AutoFact fact = {.name = arena_printf(w->arena, "within %s%s", in->path, node->name),
                     .why =
                         node->retries ? "it is tried again as a whole" : "it is timed as a whole"};
    add(w, &fact);
}

/* What a place holds. */
static void add_within(Walk *w, const Inside *in, const Place *place) {
    AtRisk within = in->within ? *in->within : risk_within(w->e->risk, place);
    Inside branches = {in->saves, in->ways, in->path, &within};
    if (place->node && place->node->runs)
        add_inner(w, in, place->node, &within);
    for (size_t k = 0; place->section && k < place->section->n_branches; k++)
        add_region(w, &branches, place->section->branches[k]);
}

/* The end of the graph's own region is a place, too; those of branches and of inner graphs are none. */
static void add_region(Walk *w, const Inside *in, const Region *region) {
    for (uint32_t at = in->ways->region_first[region->index];
         at < in->ways->region_first[region->index + 1]; at++) {
        const Place *place = in->ways->order[at];
        bool is_end = place->kind == PL_END && !in->within;
        if (place->kind == PL_NODE || place->kind == PL_SECTION || is_end)
            add_place(w, in, place);
        add_within(w, in, place);
    }
}

void explain_auto(const Explained *e, AutoFacts *out) {
    Walk w = {e, e->all->comp->arena, out};
    Inside in = {.saves = e->risk->saves, .ways = e->ways, .path = ""};
    add_region(&w, &in, e->graph->regions[0]);
}
