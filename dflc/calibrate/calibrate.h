/* Measuring what a Machine holds (machine.h). Shared by cmd_calibrate.c and the files here only.
 *
 * note [rounds]
 * Every figure is measured in each of several rounds, a few samples at a time, so that what disturbs
 * the machine for a moment disturbs all figures a little and none of them altogether. A figure is the
 * median of all its samples; that of each round is kept beside, and where those do not agree the
 * machine was noisy. All time limits are points of the clock, looked at after each sample. */
#ifndef DFLC_CALIBRATE_H
#define DFLC_CALIBRATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../arena.h"
#include "../machine_file.h"

/* ---- time: clock.c ---- */

/* The monotonic clock. */
int64_t clock_ns(void);
/* What reading the clock adds to a measured time. */
int64_t clock_cost_ns(void);
/* Work of about that long, the same however busy the machine is. */
typedef struct Work {
    uint64_t steps_a_us;
} Work;
Work work_calibrate(void);
void work_ns(Work work, int64_t ns);
/* Lets a spinning CPU's other half run. */
void spin_pause(void);

/* ---- samples: samples.c ---- */

enum { N_ROUNDS = 8 };

typedef struct Samples {
    Arena *arena;
    int64_t *ns;
    size_t n, cap;
    size_t round_ends[N_ROUNDS]; /* samples before the end of each */
    size_t n_rounds;
} Samples;

/* Below 0, as the clock's own cost can make it, counts as 0. */
void samples_add(Samples *samples, int64_t ns);
void samples_end_round(Samples *samples);
/* Below which so many of a hundred are; 0 of no samples. */
int64_t samples_at(const Samples *samples, unsigned percent);
/* How many hundredths the largest median of a round is of the least one: 100 where all agree. The
 * round that is farthest out does not count. */
unsigned samples_disagree(const Samples *samples);

/* ---- a second thread: mate.c ---- */

/* note [lines]: two cache lines each, since processors fetch them in pairs. */
enum { LINE_BYTES = 128 };

/* Answers one request after another: it stamps when it has seen one, and when it is done. */
typedef struct Mate Mate;

/* sleeps: between requests, rather than spin. It keeps off the CPU of the caller, as a worker of the
 * runtime does. NULL with errno set when there is no thread to be had. */
Mate *mate_new(Arena *arena, bool sleeps);
void mate_free(Mate *mate);
/* Waits until it sleeps (or spins) again. */
void mate_settle(Mate *mate);
/* Asks it; mate_wait returns when the caller has seen that it is done. */
void mate_ask(Mate *mate);
void mate_wait(Mate *mate);
/* Of the last request. */
int64_t mate_seen_ns(const Mate *mate);
int64_t mate_done_ns(const Mate *mate);
/* Asks it to call a function, and to be done when that returns. */
void mate_ask_to(Mate *mate, void (*call)(void *), void *with);

/* ---- the figures: a file each ---- */

typedef struct Bench {
    Arena *arena;
    Work work;
    const char *directory; /* where saves go */
    uint32_t cpus;
    Samples figures[N_FIGURES];
    Samples round_trip; /* of a cache line, there and back */
    int save_fd;        /* -1: not open yet */
    size_t n_saves;     /* to it so far */
    char *record;
} Bench;

/* One round each, until a point of the clock; false with errno set when it cannot be measured. */
bool measure_hot(Bench *bench, int64_t until_ns); /* publish, hand-over, join, round trip */
bool measure_stagger(Bench *bench, int64_t until_ns);
bool measure_claim(Bench *bench, int64_t until_ns);
bool measure_branch(Bench *bench, int64_t until_ns);
bool measure_wake_100us(Bench *bench, int64_t until_ns);
bool measure_wake_2ms(Bench *bench, int64_t until_ns);
bool measure_copy(Bench *bench, int64_t until_ns);
bool measure_save(Bench *bench, int64_t until_ns);

/* ---- ranks: ranks.c ---- */

typedef struct RanksBench {
    Arena *arena;
    const char *launch; /* what starts a program on all ranks: "mpirun -n 16" */
    bool quick;
    uint32_t n;         /* that serve; 0: not measured */
} RanksBench;

/* Fills n, and the figures of ranks; false after a message on standard error. */
bool measure_ranks(RanksBench *ranks, Bench *bench);

/* ---- what is there, and what else goes on: cpus.c, noise.c ---- */

/* CPUs that the affinity allows, and that the tightest quota of the control groups pays for, in
 * hundredths; 0: there is none. */
unsigned cpus_allowed(void);
unsigned cpus_quota_percent(void);
/* What a pool has there: as the runtime counts it, see runtime/cpus.c. */
unsigned cpus_usable(void);

/* note [noise]
 * A machine is noisy where other programs (or other machines on the same host) took CPUs that the
 * measurement wanted: time stolen, time of others, switches that nobody asked for. Where the system
 * does not tell, or hides it, the disagreement of the rounds does. */
typedef struct Noise {
    int64_t wall_ns, own_ns;     /* since noise_begin; CPU time of this process */
    int64_t stolen_ns, other_ns; /* -1: the system does not say */
    int64_t switches;            /* involuntary ones */
} Noise;
Noise noise_begin(void);
void noise_end(Noise *noise);

#endif
