/* What a program is expected to cost: work of nodes, branches, sections and graphs, what threads
 * would save, and so whether a section runs inline or on threads.
 *
 * requires: sema. Everything rests on the `cost` attributes, on a profile where there is one, on
 * the description of a machine, and on the assumptions below where nothing else says. Nothing is
 * timed while compiling, and all is computed in whole nanoseconds: the same input gives the same
 * output everywhere. cost/internal.h says which file computes what. */
#ifndef DFLC_COST_H
#define DFLC_COST_H

#include "graph.h"
#include "machine.h"
#include "sizes.h"

/* What is assumed where neither the source nor a profile tells. */
enum {
    LOOP_TURNS = 3,          /* how often a loop turns, where no `max` or `limit` says less */
    EACH_ELEMENTS = 8,       /* how many elements an `each` has in the work of what lies around it, and a list
                                or a map in a checkpoint */
    TEXT_BYTES = 64,         /* of a string, or of bytes, in a checkpoint */
};

/* Threads are chosen when workers that are awake would win more than this, and more than this share
 * of the time inline; less could be noise. */
enum { LEAST_GAIN_NS = 500, LEAST_GAIN_PERCENT = 5 };

/* A branch that writes strings, lists or maps on a thread makes an arena, which is handed over and entered into the
 * caller's: 230 to 590 ns for each of the 50 branches of the row `50 workers` (bench/rows) on threads, beyond their
 * work and the merge. The chunks of an each are too few for it to count. */
enum { ARENA_NS = 300 };
/* What a branch on a thread has put into a map the join looks up and puts again, where an inline branch puts it in its
 * place: 15 to 25 ns an entry (row `fan-out 5 heavy`), for EACH_ELEMENTS of them. Lists are copied as a whole. */
enum { UNION_NS = 20 * EACH_ELEMENTS };

/* What a number rests on, added up over all that it is made of. */
typedef enum Basis {
    BASIS_ANNOTATED = 1,     /* `cost` attributes */
    BASIS_PROFILED = 2,
    BASIS_ASSUMED = 4,       /* loops, choices and elements as above */
    BASIS_MISSING = 8,       /* some node has no cost, and counts as nothing */
} Basis;

typedef struct NodeCost {
    int64_t ns;              /* of one call */
    unsigned basis;          /* of Basis */
    bool of_graph;           /* what the graph that it runs is expected to take */
} NodeCost;

/* How often something is expected to happen, by default each time its region is entered: VISIT_ONCE
 * is once, and UINT64_MAX as often as one can count. */
typedef uint64_t Visits;
#define VISIT_ONCE ((Visits)1 << 32)

/* Of all its places, one after another, sections included. */
typedef struct RegionCost {
    bool known;              /* no BASIS_MISSING */
    unsigned basis;
    int64_t work_ns;
} RegionCost;

/* The numbers of CPUs that a section is decided for. The runtime takes the greatest that is not
 * more than the threads of its pool. */
enum { COST_CPUS = 4 };
extern const uint32_t cost_cpus[COST_CPUS];   /* 2, 4, 8, 16 */

typedef enum SectionRun {
    RUN_INLINE,    /* never on threads */
    RUN_THREADS,   /* always: the author or -fsections says so */
    RUN_EITHER,    /* as the state of the pool is: see Gain */
} SectionRun;

/* What a threaded run of the section saves by the model: its time inline less its time on that many
 * CPUs. hot: the workers are awake; cold: they sleep. It pays where it is above 0. */
typedef struct Gain {
    int64_t hot_ns, cold_ns;
} Gain;

/* each: the smallest count of elements that pays; UINT64_MAX: none does. hot: as LEAST_GAIN says. */
typedef struct PaysFrom {
    uint64_t hot, cold;
} PaysFrom;

/* A section goes to ranks when they take less than the best of inline and awake threads by this share, and by
 * LEAST_GAIN_NS: messages are less even than threads. */
enum { LEAST_RANKS_PERCENT = 20 };

/* Numbers of ranks that are told apart at run time: 1, 2, 4, ... 65536. */
enum { RANK_COUNTS = 17 };

/* On other ranks, where the machine has some and its section is not kept here. */
typedef struct RanksCost {
    bool reckoned;           /* what follows is there */
    const char *why_not;     /* the section has to stay here; else NULL */
    uint64_t state_bytes;    /* that go to each rank; */
    uint64_t task_bytes, answer_bytes;   /* and with each branch, or each element, to and fro */
    int64_t ns;              /* on the ranks of the machine: all of `elements` */
    int64_t here_ns;         /* inline, or on awake threads, whichever is less */
    bool chosen;             /* it goes there where a run has ranks, and it pays */
    /* By the power of two of the ranks that a run has: the least count of elements that pays, of branches 0 where they
     * do; UINT64_MAX: never. Up to the ranks of the machine. */
    uint64_t from[RANK_COUNTS];
    uint32_t n_from;
    uint64_t pays_from;      /* the same on the ranks of the machine */
} RanksCost;

typedef struct SectionCost {
    bool known;              /* every node inside says its cost */
    unsigned basis;
    int64_t work_ns;         /* sum over all branches; of one element in an each */
    int64_t span_ns;         /* the longest branch */
    int64_t total_ns;        /* of the section inline: work_ns, or that of all `elements` */
    Visits elements;         /* each: how many are expected; elsewhere once */
    bool guesses_elements;   /* nothing says how many: EACH_ELEMENTS */
    uint64_t copied_bytes;   /* by the fork: for all branches, or for one element */
    uint32_t n_arenas;       /* branches that make an arena on a thread: they write strings, lists or maps */
    uint32_t n_unions;       /* updates of maps that the join unites with the section's */
    SectionRun run;
    Gain gain[COST_CPUS];    /* of branches; in an each, of `elements`; by index in cost_cpus */
    PaysFrom from[COST_CPUS];   /* of an each */
    /* Branches are handed out in chunks, the largest first: chunk k is order[chunk_end[k - 1]] up to
     * order[chunk_end[k] - 1], in written order. NULL in an each. */
    uint32_t *order, *chunk_end;
    uint32_t n_chunks;
    bool even_chunks;        /* they take about the same */
    bool whole_chunks;       /* each is of several neighbours, and can be one function (codegen/chunks.c) */
    bool threads;            /* run is not RUN_INLINE */
    uint64_t threads_from;   /* each: the first of from[].cold there is, or 2 with RUN_THREADS; else 0 */
    RanksCost ranks;
    const char *reason;      /* for the comment in the generated C */
    const char *reason_here; /* the same in a graph that a node runs, which stays here */
} SectionCost;

/* What a checkpoint holds, before a place and behind it, as far as that can be said. */
typedef struct LiveBytes {
    uint64_t before, behind;
} LiveBytes;

/* Of one graph, wherever it runs. */
typedef struct Costs {
    SectionCost *sections;   /* by Section.index */
    RegionCost *regions;     /* by Region.index; [0] is the graph as a whole */
    NodeCost *nodes;         /* by Node.index */
    Visits *visits;          /* by Place.index: for each time that its region is entered */
    Visits *turns;           /* by Place.index: of a loop's first place, how often it turns; or 0 */
    uint32_t *loop;          /* by Place.index: the first place of the innermost loop around it that
                                turns (itself, where it is that); UINT32_MAX: none */
    int64_t *turn_ns;        /* by Place.index: of such a first place, what one turn takes */
    LiveBytes *live_bytes;   /* by Place.index, in the graph's own region; NULL: below 1 KiB everywhere */
} Costs;

typedef struct Profile Profile;

typedef struct CostOptions {
    SectionMode sections;    /* what -fsections says */
    bool no_threads;         /* -fstatic-memory: whatever is said */
    bool no_checkpoints;     /* -fno-checkpoints: and so no ranks, to which states go as to a store */
    const Machine *machine;
    const Profile *profile;  /* NULL: none */
    int64_t mtbf_ns, save_price_ns;   /* --mtbf, --save-price; 0: not given */
} CostOptions;

typedef struct ProgramCosts ProgramCosts;

/* Of every graph of the program, imported ones included. */
const ProgramCosts *cost_program(Compilation *comp, const Program *program, CostOptions options);
const Costs *costs_of(const ProgramCosts *costs, const Graph *graph);
const CostOptions *cost_options(const ProgramCosts *costs);
const Sizes *cost_sizes(const ProgramCosts *costs);

/* What a section of branches that take so long would save: for what is no section yet. */
Gain cost_gain(Arena *arena, const Machine *machine, const int64_t *branch_ns, size_t n,
               uint32_t cpus);
/* The most that awake workers would save of a section of branches; 0: nothing. */
int64_t cost_best_gain(const Machine *machine, const SectionCost *cost);
/* Whether the machine has as many CPUs as cost_cpus[i], or nobody says how many it has. */
bool cost_is_possible(const Machine *machine, size_t i);
/* What it takes on so many CPUs: with a gain of theirs over inline. Whoever may do either runs inline where
 * threads would lose. */
int64_t cost_section_ns(const SectionCost *cost, int64_t gain_ns);
/* Whether the gain of awake workers is worth threads. */
bool cost_pays(int64_t gain_ns, int64_t inline_ns);

int64_t cost_times(Visits visits, int64_t ns);   /* rounded; INT64_MAX at most */
Visits visits_times(Visits a, Visits b);         /* what happens b times in each of a visits */
const char *cost_basis_text(Arena *arena, unsigned basis);   /* "annotated, assumed" */

#endif
