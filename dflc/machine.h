/* What a machine's threads and disk cost, as far as decisions rest on it: measured by `dflc
 * calibrate`, read from a file with --machine, or the description below.
 *
 * All times are whole nanoseconds, and so is all that is computed from them: a decision must not
 * depend on the floating point of the machine that compiles. */
#ifndef DFLC_MACHINE_H
#define DFLC_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

/* What waking sleeping workers takes: the caller until it has rung, the first of them until it runs. */
typedef struct WakeUp {
    int64_t caller_ns, latency_ns;
} WakeUp;

typedef struct Machine {
    const char *name;          /* "default", or what the file calls it */
    uint32_t cpus;             /* that a pool there has; 0: not known */
    /* A section whose workers are awake, see cost/pack.c, note [list scheduling with late machines] */
    int64_t publish_ns;        /* p: the caller hands out a section */
    int64_t hand_over_ns;      /* h: until the first worker has seen it */
    int64_t stagger_ns;        /* d: until the next one has, and the next */
    int64_t claim_ns;          /* q: taking a chunk */
    int64_t join_ns;           /* j: until the caller sees that a worker is done */
    int64_t branch_ns;         /* what each branch takes besides: its frame, its status, its merge */
    /* A section whose workers sleep, for as long as one caller's work was in between */
    WakeUp after_100us, after_2ms;
    int64_t copy_ns_per_kib;   /* of a field that a branch gets its own copy of */
    int64_t save_ns;           /* a checkpoint to a file, until it is durable */
    int64_t save_ns_per_kib;   /* and of each KiB */
    int64_t mtbf_ns;           /* between two failures that end a run, on average; 0: not said */
    /* Other processes that sections can go to; see cost/ranks.c, note [rank 0] */
    uint32_t ranks;            /* that serve; 0: there are none, and the two below are nothing */
    int64_t rank_chunk_ns;     /* what a chunk takes besides its work, there and back */
    int64_t rank_ns_per_kib;   /* and each KiB that travels */
    bool noisy;                /* what was measured there did not agree with itself */
} Machine;

/* A common server; never freed. */
const Machine *machine_default(void);

#endif
