/* How far a run is, by what its compiler expected. */
#ifndef DFL_OUTLOOK_H
#define DFL_OUTLOOK_H

#include "dfl.h"

typedef struct dfl__way {
    const dfl_graph *graph;
    uint32_t at;   /* the place of the outermost region that was begun last */
    int64_t since; /* when; -1: it has ended */
    uint32_t *
        done; /* by place: how often it has ended; and behind them, marks. NULL: nothing is expected */
} dfl__way;

/* False when out of memory. */
bool dfl__way_begin(dfl__way *way, const dfl_graph *graph);
void dfl__way_free(dfl__way *way);
/* An event of the run that begins or ends a node or section. */
void dfl__way_event(dfl__way *way, const dfl_event *event);
/* The ns that are left, on so many CPUs; -1: nobody knows. */
int64_t dfl__way_left(const dfl__way *way, int64_t now, unsigned cpus);

#endif
