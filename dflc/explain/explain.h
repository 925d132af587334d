/* dflc explain: what there is to say of each graph, found once and written as text or JSON.
 *
 *     paths.c     how long a run takes: the shortest way, and what is expected
 *     facts.c     what nodes a section rests on, what forks copy, joins merge, and saves protect
 *     risk.c      how much work is at risk where, with `checkpoint auto`
 *     saves.c     what of that there is to say
 *     text.c      for a terminal, with text_saves.c
 *     json.c      for programs; formats.md names every member */
#ifndef DFLC_EXPLAIN_EXPLAIN_H
#define DFLC_EXPLAIN_EXPLAIN_H

#include "../analysis/access.h"
#include "../analysis/live.h"
#include "../analysis/ways.h"
#include "../copies.h"
#include "../cost.h"
#include "../diag_list.h"
#include "../liveness.h"
#include "../sizes.h"
#include "risk.h"

/* How a program runs: inline, or on so many CPUs with workers awake or asleep. */
enum { RUN_KINDS = 1 + 2 * COST_CPUS, FIRST_AWAKE = 1, FIRST_ASLEEP = 1 + COST_CPUS };

/* By kind of run. */
typedef struct Times {
    int64_t ns[RUN_KINDS];
} Times;

typedef struct Path {
    const Place **places;    /* start first */
    size_t n, cap;
    int64_t ns;              /* inline */
} Path;

/* What all graphs share. */
typedef struct Explain {
    Compilation *comp;
    const Program *program;
    const ProgramCosts *costs;
    Sizes sizes;
    StrMap times;            /* Graph.c_name to Times: what a run is expected to take */
    Diag *const *advice;     /* warnings about what a program costs, in order of the source */
    size_t n_advice;
} Explain;

typedef struct Explained {
    Explain *all;
    const Graph *graph;
    const Costs *costs;
    const Ways *ways;
    const Accesses *accesses;
    const Liveness *uses;
    const Live *live;
    bool runs_inside;        /* a node of some graph runs this one */
    Risk *risk;              /* NULL: its policy is not `auto` */
    Times expected;
    Path shortest, likely;
} Explained;

/* ---- paths.c ---- */

const Times *explain_times(Explain *all, const Graph *graph);
/* Fills the three. */
void explain_paths(Explained *e);

/* ---- facts.c: each appends to a list that the caller begins empty ---- */

typedef struct NodeFact {
    const Node *node;
    NodeCost cost;
    Visits visits;           /* for each time that the branch is entered */
} NodeFact;
typedef struct NodeFacts {
    NodeFact *all;
    size_t n, cap;
} NodeFacts;
/* The nodes of a branch, inner sections included. */
void explain_nodes(const Explained *e, const Region *branch, NodeFacts *out);

typedef struct CopyFact {
    const Field *field;
    const Region *branch;
    uint64_t bytes;
    const Access *why;       /* see fork_copy_reason */
} CopyFact;
typedef struct CopyFacts {
    CopyFact *all;
    size_t n, cap;
    uint64_t bytes;
} CopyFacts;
void explain_copies(const Explained *e, const Section *section, CopyFacts *out);

typedef struct MergeFact {
    const Field *field;
    const Region **branches; /* that write it */
    size_t n, cap;
} MergeFact;
typedef struct MergeFacts {
    MergeFact *all;
    size_t n, cap;
} MergeFacts;
/* In order of the fields. */
void explain_merges(const Explained *e, const Section *section, MergeFacts *out);
/* "append", "with FUNCTION"; "replace" for a field that only one branch writes. */
const char *explain_reducer(Arena *arena, const Field *field);

typedef struct SaveFact {
    const Node *node;
    const Field **live;      /* what is saved */
    size_t n_live, cap_live;
    uint64_t bytes;          /* of them in the state struct */
    int64_t protects_ns;     /* the most work since the last save; PENDING_UNKNOWN */
    const Place *since;      /* where that was; NULL: at start, or at several places */
} SaveFact;
typedef struct SaveFacts {
    SaveFact *all;
    size_t n, cap;
} SaveFacts;
/* The nodes of the graph's own region behind which a run surely saves. */
void explain_saves(const Explained *e, SaveFacts *out);

/* "effect", "pause before", "checkpoint", "every node": why it is saved there. */
const char *explain_why_saved(const Node *node);

/* ---- saves.c: `checkpoint auto` ---- */

/* A place before which a save was thought of, or what could hold such places and does not. */
typedef struct AutoFact {
    const char *name;     /* "sub/plan", "[a, b]", "end" */
    const AutoSave *save; /* NULL: nothing within it is saved */
    AtRisk coming;
    SaveHow how;
    const char *why;      /* "each time", "about every 5 turns"; "the run ends there" */
    uint64_t turns;       /* with SAVE_SOMETIMES in a loop: how many come to what pays; else 0 */
    const Place *live_at; /* the place of the graph's own region that it is, or lies in */
} AutoFact;
typedef struct AutoFacts {
    AutoFact *all;
    size_t n, cap;
} AutoFacts;
/* In order of the flow, what a node runs and a section holds behind the node or section. */
void explain_auto(const Explained *e, AutoFacts *out);
/* "default", "machine", "flag" */
const char *explain_said_by(SaidBy by);
/* What is saved before a place of the graph's own region. */
void explain_live_before(const Explained *e, const Place *place, SaveFact *fact);
/* "annotated"; "nothing" where nothing takes time. */
const char *explain_basis(Arena *arena, unsigned basis);
/* What a section costs in a kind of run. */
int64_t explain_section_ns(const SectionCost *cost, size_t kind);

/* ---- text.c, text_saves.c, json.c ---- */

typedef struct Out {
    const Explained *e;
    Arena *arena;
    FILE *file;
} Out;

/* The name of a place; NULL for choices and joins. */
const char *explain_place_name(const Place *place);
/* "x, y, 3 more" */
const char *explain_live_names(Arena *arena, const SaveFact *fact);
/* What is said of a graph's checkpoints. */
void print_saves(const Out *o);

void explain_text(const Explain *all, Explained *const *graphs, size_t n, FILE *out);
void explain_json(const Explain *all, Explained *const *graphs, size_t n, FILE *out);

#endif
