/* Where `checkpoint auto` saves.
 *
 * note [automatic saves]
 * Behind a node of the graph's own region, when the work that a crash would lose by then is
 * AUTO_SAVE_TIMES the price of a save: saving then takes a run at most so much longer. Work is what can
 * have been done since the last save at most, over all ways, loops as often as they are expected to
 * turn. A save within a loop is paid for at each turn, so there it is the work of one turn. A node
 * without a cost could be anything: that is saved. Behind the last node nothing is left to lose.
 *
 * Marks, effects and pauses save too, and begin the count anew. */
#include "internal.h"

/* By position. */
typedef struct Lost {
    int64_t all_ns, turn_ns;
} Lost;

static int64_t most(int64_t a, int64_t b) {
    return a > b ? a : b;
}

/* Of one visit; what nobody knows is enough for a save. */
static int64_t work_of(const CostWork *w, const Place *place, int64_t enough) {
    if (place->section)
        return w->costs->sections[place->section->index].total_ns;
    if (!place->node)
        return 0;
    const NodeCost *cost = &w->costs->nodes[place->node->index];
    return cost->basis & BASIS_MISSING ? most(cost->ns, enough) : cost->ns;
}

static Lost behind(const CostWork *w, const Place *place, Lost before, int64_t ns) {
    Visits visits = w->costs->visits[place->index];
    int64_t all_ns = visits > VISIT_ONCE ? cost_times(visits, ns) : ns;
    bool begins_turn = w->costs->turns[place->index] > VISIT_ONCE;
    return (Lost){add_ns(before.all_ns, all_ns), add_ns(begins_turn ? 0 : before.turn_ns, ns)};
}

static bool saves_anyway(const Node *node) {
    return node->checkpoint || node->effect || node->pause_before || node->pause_after;
}

static bool ends_run(const Place *place) {
    for (size_t i = 0; i < place->n_edges; i++)
        if (place->edges[i]->to->kind != PL_END)
            return false;
    return true;
}

static void lead_on(const CostWork *w, Lost *lost, uint32_t at, Lost done, Lost failed) {
    const Place *place = w->ways->order[at];
    for (size_t k = 0; k < ways_count(place); k++) {
        const Edge *edge = ways_get(place, k);
        uint32_t to = edge ? w->ways->position[edge->to->index] : 0;
        const Lost *now = ways_is_failure(place, k) ? &failed : &done;
        if (to <= at)
            continue;
        lost[to].all_ns = most(lost[to].all_ns, now->all_ns);
        lost[to].turn_ns = most(lost[to].turn_ns, now->turn_ns);
    }
}

void find_auto_saves(CostWork *w) {
    int64_t price = w->options->machine->save_ns;
    int64_t enough = price > INT64_MAX / AUTO_SAVE_TIMES ? INT64_MAX : price * AUTO_SAVE_TIMES;
    if (w->graph->policy != CP_AUTO)
        return;
    w->costs->auto_saves = ARENA_ARRAY(w->comp->arena, bool, w->graph->n_nodes + 1);
    Lost *lost = ARENA_ARRAY(w->arena, Lost, w->ways->region_first[1]);
    for (uint32_t at = 0; at < w->ways->region_first[1]; at++) {
        const Place *place = w->ways->order[at];
        Lost failed = behind(w, place, lost[at], work_of(w, place, enough)), done = failed;
        if (place->kind == PL_NODE) {
            int64_t ns = w->in_loop[place->index] ? done.turn_ns : done.all_ns;
            bool anyway = saves_anyway(place->node);
            bool pays = !anyway && ns >= enough && !ends_run(place);
            w->costs->auto_saves[place->node->index] = pays;
            if (anyway || pays)
                done = (Lost){0, 0};
        }
        lead_on(w, lost, at, done, failed);
    }
}
