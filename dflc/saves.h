/* What saves cost, what they protect, and where `checkpoint auto` makes them.
 *
 * note [how often to save]
 * A run fails now and then, on average once in M (the mean time between failures), at a moment that
 * depends on nothing. Then what it has done since its last save is lost, and done again. A save costs
 * C. When a run saves after each s of work, a unit of work costs, besides itself,
 *
 *     f(s) = C / s  +  s / (2 M)           saving, and half a stretch lost in each M
 *
 * which is least at s = sqrt(2 C M) (Young, "A first order approximation to the optimum checkpoint
 * interval", 1974). Where C is not small beside M, more than one failure in a stretch and failures
 * while saving count (Daly, "A higher order estimate of the optimum checkpoint interval for restart
 * dumps", 2006): the interval is
 *
 *     T = sqrt(2 C M) * (1 + sqrt(C / 2 M) / 3 + (C / 2 M) / 9) - C     for C < 2 M, else M
 *       = r + r C / (18 M) - 2 C / 3,   r = sqrt(2 C M)
 *
 * and that is taken everywhere. Around its least value f is flat: with half of T, or twice as much,
 * saving and losing together cost a quarter more. So C and M need not be known well.
 *
 * note [automatic saves]
 * A graph does not save wherever it likes, but before a place. Let L be the work at risk there: done
 * since the last save. Up to the next place that could be saved before it takes w; until the run
 * saves anyway (behind a mark, an effect, at a pause or its end) it takes R. A save is made there when
 * it is better than what else could be done:
 *
 *     2 L R >= T^2        than no save until the one that is made anyway: this one costs C = T^2 / 2 M,
 *                         and saves L R / M, for a failure ahead, (R / M), no longer costs L
 *     L (L + w) >= T^2    and, where stretches of L and of L + w go on for ever, f(L) <= f(L + w):
 *                         f is the same at s and T^2 / s, so the nearer one of two is the better one
 *     or 2 L w >= T^2     or w is so long that it is worth a save by itself, as above
 *
 * All three say how large L has to be: a number for each place, which the compiler finds. L is not
 * known to it, as it depends on the way that a run takes and how often loops turn. So the run counts L
 * (note [work at risk] in runtime/run.c), and saves where L has come to that number. A loop whose turn
 * takes t is saved every k-th turn, k = T / t rounded up, wherever it is left, and however many turns,
 * elements or subgraphs it is. What is lost at most is T and one place's work, or, shortly before a save
 * that is made anyway, half of T more.
 *
 * R is infinite where a loop or a node without a cost is ahead. Such a node counts as short in w, and
 * its calls are timed by the run.
 *
 * Branches and elements have places of their own; on threads each branch counts, and saves, by itself.
 * So have subgraphs, but for one that its node tries again, or times, as a whole: that is one place's
 * work. */
#ifndef DFLC_SAVES_H
#define DFLC_SAVES_H

#include "cost.h"

/* Where a number comes from. */
typedef enum SaidBy { SAID_BY_DEFAULT, SAID_BY_MACHINE, SAID_BY_FLAG } SaidBy;

typedef struct SaveTerms {
    int64_t mtbf_ns;         /* M */
    int64_t save_ns;         /* a save of less than a KiB, until it is durable */
    int64_t save_ns_per_kib; /* and of each KiB */
    SaidBy mtbf_by, save_by;
} SaveTerms;

const char *said_by_text(SaidBy by); /* "the default", "the machine file" */
SaveTerms save_terms(const CostOptions *options);
/* C, of so many bytes. */
int64_t save_price(const SaveTerms *terms, uint64_t bytes);

enum { SAVE_NEVER = -1 }; /* instead of a number of ns */
#define AHEAD_UNKNOWN INT64_MAX

/* T: between 1 ns and what is longer than any run. */
int64_t save_interval(int64_t price_ns, int64_t mtbf_ns);
/* The least L that pays for a save, at least 1; SAVE_NEVER where nothing is ahead. */
int64_t save_pays_from(int64_t interval_ns, int64_t next_ns, int64_t ahead_ns);

/* Before a place: a node, a section, or the end. */
typedef struct AutoSave {
    int64_t next_ns, ahead_ns; /* w, and R: AHEAD_UNKNOWN */
    int64_t price_ns, interval_ns;
    int64_t from_ns; /* as save_pays_from */
    bool is_near;    /* with more ahead of it, a save would pay from less on */
} AutoSave;

/* Of a graph at one place: by itself, or as what a node runs. */
typedef struct AutoSaves {
    const Graph *graph;
    const Costs *costs;
    AutoSave *before;         /* by Place.index */
    struct AutoSaves **inner; /* by Node.index; NULL: runs no graph */
} AutoSaves;

/* requires: the graph says `checkpoint auto`. Linear in all that is compiled in place. */
const AutoSaves *auto_saves_of(Arena *arena, const ProgramCosts *all, const Graph *graph);

/* What a call adds to the work at risk; -1: nobody says. 0 for what is counted within. */
int64_t auto_work_ns(const AutoSaves *saves, const Node *node);
/* Whether no run does more: what a loop or an each is expected to come to is no bound. */
bool work_is_sure(unsigned basis);
bool section_is_sure(const SectionCost *cost);
/* Whether a branch of it, on a thread, can come to so much that it saves by itself. */
bool section_may_save(const AutoSaves *saves, const Section *section);
/* A node that runs a graph, and tries it as a whole: no save within. */
bool node_is_whole(const Node *node);
/* Whether a run that saves always does so behind a call of the node; before it, for a pause. */
bool node_saves_behind(const Node *node);

#endif
