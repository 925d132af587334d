/* Shared by cost.c and the files of this directory only.
 *
 *     visits.c     how often each place is come to
 *     work.c       what nodes, regions and sections take, one thing after another
 *     pack.c       which branches make a chunk
 *     gain.c       how long chunks take on some CPUs, and what that saves
 *     ranks.c      how long they take on other ranks, and from when that pays
 *     kept.c       how many bytes of the state a checkpoint holds
 *     interval.c   how often to save (saves.h)
 *     saves.c      where `checkpoint auto` saves (saves.h)
 *     measured.c   what a profile says of all this */
#ifndef DFLC_COST_INTERNAL_H
#define DFLC_COST_INTERNAL_H

#include "../analysis/ways.h"
#include "../copies.h"
#include "../cost.h"
#include "../wide.h"

/* One graph, while its costs are found. */
typedef struct CostWork {
    Compilation *comp;        /* its arena is for what stays */
    Arena *arena;             /* for what does not */
    const CostOptions *options;
    const ProgramCosts *all;  /* of graphs that this one runs */
    const Sizes *sizes;
    const Graph *graph;
    const Ways *ways;
    Costs *costs;
    uint32_t *outer_loop;     /* by Place.index: as costs->loop, but around what begins a loop itself */
    bool *guessed;            /* by Region.index: a choice or a loop in it rests on assumptions */
    const Liveness *uses;     /* with `live`: NULL when no field is so large that its copies count */
    const Live *live;
    const Liveness *all_uses; /* of every graph whose sections may go to ranks; NULL: not yet */
} CostWork;

/* ---- visits.c ---- */

/* Fills costs->visits, costs->turns, costs->loop and `guessed`. */
void find_visits(CostWork *w);

/* ---- work.c ---- */

/* Fills costs->nodes. requires: the costs of the graphs that nodes run. */
void find_node_costs(CostWork *w);
/* requires: visits, nodes, and the sections within the region. */
RegionCost region_cost(const CostWork *w, const Region *region);
/* Fills work, span, total, elements, basis and copies; also costs->regions of its branches. */
void find_section_work(CostWork *w, const Section *section);
int64_t add_ns(int64_t a, int64_t b);    /* INT64_MAX at most */
/* Fills costs->turn_ns. requires: visits, nodes, sections. */
void find_turns(CostWork *w);
/* Fills `uses` and `live`, where some field is large. */
void find_live(CostWork *w);

/* ---- pack.c ---- */

/* Lists of branches that make a chunk each; see pack.c, note [chunks]. */
typedef struct Packing {
    uint32_t *order, *chunk_end, n_chunks;
    int64_t *chunk_ns;        /* the work of each, descending */
    bool even;                /* they take about the same: the last has three quarters of the first */
    bool whole;               /* each is of neighbours, and has two or more on average */
} Packing;
/* weights: of the branches in written order; order and chunk_end live in `keep`. */
Packing pack_branches(Arena *keep, Arena *arena, const int64_t *weights, size_t n);
enum { CHUNK_NS = 1000, MAX_CHUNKS = 64 };

/* ---- gain.c ---- */

/* What the workers are found in: awake, or asleep for some time. */
typedef struct Awakening {
    int64_t caller_ns;        /* a[0] begins there */
    int64_t first_ns;         /* a[1] does */
} Awakening;
Awakening awake(const Machine *machine);
Awakening asleep(const Machine *machine);

/* The time of chunks on some CPUs, and of n elements, each chunk having as many as another. */
int64_t makespan(const Machine *machine, Awakening from, const int64_t *chunk_ns, size_t n_chunks,
                 uint32_t cpus);
int64_t makespan_of_each(const Machine *machine, Awakening from, int64_t element_ns, uint64_t n,
                         uint32_t cpus);
/* Fills gain, from, order, chunk_end. */
void find_gains(CostWork *w, const Section *section);

/* What awake threads take at best on the CPUs of the machine, or inline if that is less. */
int64_t here_ns_of_each(const Machine *machine, const SectionCost *cost, uint64_t n);
int64_t times_ns(int64_t ns, uint64_t n);    /* INT64_MAX at most */
/* What bytes take, at a price for each KiB. */
int64_t bytes_ns(int64_t ns_per_kib, uint64_t bytes);
/* The least count of elements that pays, two or more, as far as more never pay less; UINT64_MAX: none does.
 * work_ns: of one of them, above 0. */
typedef bool EachPays(const void *context, uint64_t n);
uint64_t least_that_pays(EachPays *pays, const void *context, int64_t work_ns);
/* How many elements an each is expected to have, rounded. */
uint64_t whole_elements(const SectionCost *cost);

/* ---- ranks.c ---- */

/* Fills cost->ranks. requires: the gains of threads. */
void find_ranks(CostWork *w, const Section *section);

/* ---- kept.c ---- */

/* Fills costs->live_bytes, where they count. */
void find_live_bytes(CostWork *w);

/* ---- measured.c: each returns false where the profile says nothing ---- */

bool measured_node(const CostWork *w, const Node *node, int64_t *mean_ns);
bool measured_visits(const CostWork *w, const Place *place, Visits *visits);
bool measured_elements(const CostWork *w, const Section *section, Visits *elements);
/* How often the ways of a place were taken, as numbered by ways_get; total 0: never. */
bool measured_ways(const CostWork *w, const Place *place, uint64_t *counts, uint64_t *total);

#endif
