/* How much work can be at risk where, with `checkpoint auto`, as far as that can be told before a run.
 * See dflc/saves.h for the rule. */
#ifndef DFLC_EXPLAIN_RISK_H
#define DFLC_EXPLAIN_RISK_H

#include "../analysis/ways.h"
#include "../saves.h"

/* Work since the last save, over all ways; as costs tell, and loops as often as they like. */
#define RISK_UNKNOWN INT64_MAX
typedef struct AtRisk {
    int64_t least_ns, most_ns; /* most: RISK_UNKNOWN */
    bool reached;
} AtRisk;

/* By position, of the graph's own region. */
typedef struct Risk {
    const AutoSaves *saves;
    const Ways *ways;
    AtRisk *coming;        /* to a place, before it could be saved */
    AtRisk *done;          /* its work is done, before it saves */
    AtRisk *left, *failed; /* it is left by an edge, or by a failure */
} Risk;

/* requires: the graph says `checkpoint auto`. */
Risk *risk_of(Arena *arena, const ProgramCosts *all, const Ways *ways, const Graph *graph);

/* How a save before a place is made. */
typedef enum SaveHow { SAVE_NOT, SAVE_SOMETIMES, SAVE_EACH_TIME } SaveHow;
SaveHow risk_how(const AutoSave *save, const AtRisk *coming);
/* On coming to any place within what a section or a subgraph holds. */
AtRisk risk_within(const Risk *risk, const Place *place);

#endif
