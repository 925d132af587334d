/* What is left of a run: what may still be come to from where it stands, as often as the compiler expects,
 * less what was done. That is never more than a guess: of a choice that was made, the way not taken drops out; of
 * a loop that turns more often than expected, nothing is left. */
#include "outlook.h"

#include "event_pair.h"
#include "mem.h"

bool dfl__way_begin(dfl__way *way, const dfl_graph *graph) {
    *way = (dfl__way){.graph = graph, .since = -1};
    if (!graph->outlooks)
        return true;
    way->done = dfl__zalloc(2 * (size_t)graph->n_places * sizeof *way->done);
    return way->done != NULL;
}

void dfl__way_free(dfl__way *way) {
    dfl__free(way->done);
    way->done = NULL;
}

void dfl__way_event(dfl__way *way, const dfl_event *event) {
    if (!way->done || event->place >= way->graph->n_places ||
        way->graph->places[event->place].section >= 0)
        return;
    if (dfl__begins(event->kind)) {
        way->at = event->place;
        way->since = event->ns;
    } else if (event->kind == DFL_EVENT_NODE_END || event->kind == DFL_EVENT_JOIN) {
        way->done[event->place]++;
        way->since = -1;
    }
}

static int64_t visit_ns(const dfl__way *way, uint32_t place, unsigned cpus) {
    const dfl__outlook *outlook = &way->graph->outlooks[place];
    return outlook->ns[cpus >= 16 ? 4 : cpus >= 8 ? 3 : cpus >= 4 ? 2 : cpus >= 2 ? 1 : 0];
}

/* Marks what is behind `at`, itself only where a loop leads back to it. Edges stand in the order of the source,
 * so that few passes are needed. */
static const uint32_t *mark_ahead(const dfl__way *way) {
    const dfl_graph *graph = way->graph;
    uint32_t *ahead = way->done + graph->n_places;
    bool more = true;
    memset(ahead, 0, graph->n_places * sizeof *ahead);
    while (more) {
        more = false;
        for (uint32_t i = 0; i < graph->n_edges; i++) {
            const dfl_edge *edge = &graph->edges[i];
            bool leads = (edge->from == way->at || ahead[edge->from]) &&
                         graph->places[edge->from].section < 0 &&
                         graph->places[edge->to].section < 0;
            if (leads && !ahead[edge->to])
                ahead[edge->to] = more = true;
        }
    }
    return ahead;
}

/* Where the run is that was not sure to come there, what is behind is surer than it was. */
static double visits_left(const dfl__way *way, uint32_t place) {
    const dfl__outlook *all = way->graph->outlooks;
    double here = all[way->at].visits, visits = all[place].visits;
    double sure = visits > 1 ? visits : 1, done = way->done[place];
    if (here > 0 && here < 1)
        visits = visits / here < sure ? visits / here : sure;
    if (place == way->at && way->since >= 0)
        done++;
    return visits > done ? visits - done : 0;
}

int64_t dfl__way_left(const dfl__way *way, int64_t now, unsigned cpus) {
    const uint32_t *ahead;
    double left = 0;
    if (!way->done)
        return -1;
    ahead = mark_ahead(way);
    if (way->since >= 0 && visit_ns(way, way->at, cpus) > now - way->since)
        left = (double)(visit_ns(way, way->at, cpus) - (now - way->since));
    for (uint32_t i = 0; i < way->graph->n_places; i++)
        if (ahead[i])
            left += visits_left(way, i) * (double)visit_ns(way, i, cpus);
    return left < 9e18 ? (int64_t)left : INT64_MAX;
}
