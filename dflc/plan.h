/* The program with every decision made: the only input of code generation.
 *
 * requires: sema, liveness, costs.
 * A region becomes one C function. A branch keeps what it writes in a frame of its own and reads
 * everything else in place; the plan says for each field of a region what the frame holds and by
 * which C expression the region's function reaches the field. */
#ifndef DFLC_PLAN_H
#define DFLC_PLAN_H

#include "analysis/live.h"
#include "cost.h"
#include "graph.h"
#include "liveness.h"
#include "pathmap.h"
#include "saves.h"

/* How the updates that a branch made to a field are brought to the region around it. */
typedef enum Merge {
    MERGE_REPLACE,   /* one branch writes: its value replaces */
    MERGE_LAST,      /* the last in written order that wrote */
    MERGE_FOLD,      /* min max and or: idempotent, so the branch's own value is the update */
    MERGE_SUM_INT,   /* exact: own value minus the value at the fork */
    MERGE_SUM_FLOAT, /* the list of its updates, added in order */
    MERGE_APPEND,    /* the items that the branch appended */
    MERGE_UNION,     /* the entries that the branch put */
    MERGE_CUSTOM,    /* the list of its updates, replayed in order */
    MERGE_LOCAL,     /* ends with the branch */
} Merge;

/* A field in the frame of a branch. */
typedef struct Slot {
    Field *field;
    Merge merge;
    bool own;        /* frame.own.FIELD: the value as the branch sees it */
    bool needed;     /* the branch may read the value at the fork, or hand it on: it is copied */
    bool added;      /* frame.added.FIELD: its updates (APPEND, UNION, SUM_FLOAT, CUSTOM) */
    bool wrote;      /* frame.wrote.FIELD: whether it wrote at all (LAST) */
} Slot;

typedef struct RegionPlan {
    const Region *region;
    struct RegionPlan *up;   /* of region->parent */
    bool in_state;           /* the outermost around it is the state of a run, not a subgraph's */
    const char *fn;          /* finance__flow, finance__s1_technical */
    const char *frame;       /* struct tag of the frame; NULL for the region of a run itself */
    const char *member;      /* name in the section's struct */
    Slot *slots;             /* in order of the fields */
    size_t n_slots;
    uint32_t n_counts;       /* counters: steps first when the graph has a limit, then `max` */
    const Place **order;     /* in order of emission; the exit is not in it */
    size_t n_order;
    bool *labelled;          /* by position in `order`: reached by a goto */
    bool exit_labelled;
    bool catches_errors;     /* in it, or in what it holds, an error edge may be taken */
} RegionPlan;

typedef struct SectionPlan {
    const Section *section;
    const SectionCost *cost;
    const char *fn;          /* finance__s1 */
    const char *frame;       /* struct tag of what it holds: all its branches, or one chunk */
    const char *chunk_fn;    /* each */
    bool is_expected;        /* some node tells the pool that it is coming, see Expected */
    const struct Chunks *chunks;   /* its chunks are functions (codegen/chunks.c); NULL: they are not */
} SectionPlan;

/* Told before a node, where that helps: what lies between it and a section that may run on threads
 * takes so long that workers would be asleep, and is known. */
typedef struct Expected {
    SectionPlan *section;    /* NULL: nothing is told */
    int64_t ns;              /* until it begins */
} Expected;

/* A graph at one place: on its own, or as what a node of another graph runs. A subgraph is compiled
 * once for each node that runs it, and its places are numbered among those of the outermost. */
typedef struct GraphPlan {
    const Graph *graph;
    struct GraphPlan *outermost;   /* itself when it is no subgraph */
    struct GraphPlan *outer;       /* the graph whose node runs it; NULL: none */
    const Place *at;               /* that node's place */
    const char *path;              /* "" or "research/" */
    const char *c_path;            /* "support" or "support__research": what C names begin with */
    const Live *live;
    const Costs *costs;
    const AutoSaves *auto_saves;   /* NULL: the policy is another one */
    RegionPlan *regions;           /* by Region.index */
    SectionPlan *sections;         /* by Section.index */
    Expected *expected;            /* by Place.index */
    struct GraphPlan **inner;      /* by Node.index; NULL: runs no graph */
    uint32_t *node_ids;            /* by Node.index; routers too, predicates have none */
    uint32_t *section_ids;         /* by Section.index */
    uint32_t *order_of;            /* Place.index to its position in its region's order */
    uint32_t n_nodes, n_places;    /* of the outermost: start, nodes and end; those, and the rest */
} GraphPlan;

typedef struct Plan {
    const Program *program;
    GraphPlan **graphs;      /* those of the main file */
    size_t n_graphs, cap_graphs;
    const Graph **used;      /* those, and the ones that they run */
    size_t n_used, cap_used;
    const Type **types;      /* program->types, and the lists of updates that joins replay */
    size_t n_types, cap_types;
    const char *stem;        /* of the output files: "finance" */
    bool lines;              /* #line for C bodies */
    bool instrument;         /* -finstrument */
    bool no_events;          /* -fno-events */
    bool no_checkpoints;     /* -fno-checkpoints */
    PathMaps path_maps;      /* -ffile-prefix-map */
    uint64_t static_bytes;   /* -fstatic-memory; 0: states are on the heap */
    bool usdt;               /* -fusdt */
    SaveTerms save_terms;
    const char *c_path;      /* of the C file as given, for #line back to it */
} Plan;

Plan *plan_program(Compilation *comp, const Program *program, const ProgramCosts *costs);

/* Number of the place in NAME_graph.places: start 0, nodes, end, sections and routers. */
uint32_t place_id(const GraphPlan *plan, const Place *place);
/* The frame's slot for a field, or NULL. */
const Slot *region_slot(const RegionPlan *plan, const Field *field);
/* The list of a type; NULL when no program or plan uses it. */
const Type *plan_list_type(const Plan *plan, const Type *elem);
Merge merge_of(const Field *field, bool local);

void plan_dump(const Plan *plan, FILE *out);

#endif
