/* Shared by the files of this directory only: one graph and what is known of it. */
#ifndef DFLC_WARN_INTERNAL_H
#define DFLC_WARN_INTERNAL_H

#include "../analysis/access.h"
#include "../analysis/dominators.h"
#include "../analysis/fieldflow.h"
#include "../analysis/reached.h"
#include "../analysis/ways.h"
#include "../copies.h"
#include "../cost.h"
#include "../liveness.h"
#include "../saves.h"
#include "warn.h"

typedef struct Warn {
    Compilation *comp;
    Arena *arena;             /* of this graph's warnings alone */
    const Program *program;
    const Graph *graph;
    SectionMode sections;
    const Machine *machine;
    SaveTerms save_terms;
    const Accesses *accesses;
    const Ways *ways;
    const Liveness *uses;
    const Reached *reached;
    const Dominators *dominators;
    const Costs *costs;
    bool runs_inside;         /* a node of some graph runs this one */
    bool *bound_in, *bound_out; /* Field.index: set by such a node, read by it */
    bool *unread;             /* Field.index: unused-field was said of it, for nobody reads it */
    size_t steps;             /* that may still be spent on looking for what a note points to */
    uint32_t *via;            /* scratch of trace.c, by position: how a place was come to ... */
    uint32_t *seen, round;    /* ... if seen[position] is the round */
} Warn;

/* ---- warn.c ---- */

/* "'a'", "section [a, b]", "'start'", "this choice": how a place is called in a message. */
const char *warn_place(const Warn *w, const Place *place);
/* "12 us", "1.5 ms"; "64 KiB", "1.5 MiB". */
const char *warn_duration(const Warn *w, int64_t ns);
const char *warn_bytes(const Warn *w, uint64_t bytes);
/* "'a'", "'a' and 'b'", "'a', 'b' and 3 more". */
const char *warn_names(const Warn *w, const char *const *names, size_t n);
/* "= 0", an example of a default; NULL: its type has none. */
const char *warn_default(const Warn *w, const Type *type);
bool warn_is_reached(const Warn *w, const Place *place);
/* The first access of a field that reads it, or one that does not; NULL: none. */
const Access *warn_first(const Warn *w, const Field *field, bool reads);

/* ---- one family of warnings a file ---- */

void warn_fields(Warn *w);                                  /* unused-field; sets `unread` */
void warn_dead_writes(Warn *w, const FieldFlow *flow);      /* dead-write, of one block */
void warn_unset_reads(Warn *w, const FieldFlow *flow);      /* unset-read, of one block */
void warn_loops(Warn *w);                                   /* unbounded-loop */
void warn_arms(Warn *w);                                    /* unreachable-arm */
void warn_sections(Warn *w);    /* missing-cost, small-parallel, unbalanced-parallel */
void warn_chains(Warn *w);      /* could-parallel */
void warn_copies(Warn *w);      /* large-copy */
void warn_saves(Warn *w);       /* cheap-checkpoint, effect-unsaved */

/* A branch that has this share of the work, in percent, leaves the others nothing to win. */
enum { MOST_OF_WORK = 75 };

/* ---- trace.c ---- */

/* Where a search has been led: to `place`, by the way number `way` of `from` (NULL: the start). */
typedef struct Step {
    const Place *place, *from;
    size_t way;
} Step;

/* A search forwards within one region, along the ways that a run can take. `enter` says whether to
 * go on through a place (and over which kind of way); `found` whether it is what was looked for. */
typedef enum Through { THROUGH_NOT, THROUGH_FAILURES, THROUGH_ALL } Through;
typedef struct Search {
    const void *context;
    bool (*found)(const void *context, const Place *place);
    Through (*through)(const void *context, const Place *place);
} Search;

/* The nearest place that is found from `from` on, the places before it with warn_came_from; NULL
 * when there is none, or too much to look at. from_itself: `from` is looked at too, else only what
 * follows its work. */
const Place *warn_search(Warn *w, const Search *search, const Place *from, bool from_itself);
/* How the last search came to a place. */
Step warn_came_from(const Warn *w, const Place *place);

#endif
