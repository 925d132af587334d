/* Workers that help the callers of threaded sections, and how work is handed to them. fork.c knows
 * what a branch is, pool.c and worker.c do not.
 *
 * note [lanes]
 * A pool has a few lanes. A caller that opens a section takes a lane for itself, publishes its job
 * there, and gives the lane back when all chunks have ended. Who finds every lane taken (nested
 * sections, other runs) does the work alone; nobody ever waits for a lane.
 *
 *     ticket   epoch:30  share:2  n:16  next:16      open while next < n
 *
 * Chunk 0 is the caller's. Every other chunk is claimed by one fetch_add on the ticket, by workers
 * and by the caller alike, so what no worker has begun the caller does itself. The value that
 * fetch_add returns says all: a next below n is a claim on the job of that epoch, whatever was seen
 * before. Where all chunks take about the same, a claim is of several, fewer towards the end (guided
 * self-scheduling: Polychronopoulos and Kuck, 1987): neighbours stay together, whose results share
 * cache lines, and the ticket is fought over less. Of what is left that is a thread's share where they are known to
 * be alike, and half of one where they are only taken for it. A claim keeps the job alive, for the caller waits until
 * all n chunks are reported.
 *
 * note [what is read first]
 * A worker that sees an open ticket reads the job, what that leads to, and so on, and each is in the caller's cache: as
 * long as four or five lines there and back, one after another. So their addresses stand beside the ticket, and are
 * fetched while the claim is on its way. They may be another job's by then, which does no harm.
 *
 * note [memory orders]
 * Publishing is a store of the ticket, claiming a fetch_add with acquire: what the caller wrote
 * before is seen by who claims (fetch_adds between them continue the release sequence). Reports are
 * fetch_adds with release on `done`, which the caller reads with acquire: so it sees what workers
 * wrote. What `near` says no one relies on. Two pairs of words are written by one side and read by the other on both sides, and need
 * sequential consistency, so that not both miss: the ticket and `sleeping` (a worker counts itself
 * and looks at the tickets once more before it sleeps; a caller publishes and then looks whether
 * somebody sleeps), and `done` and `waits` (the same with caller and worker in each other's place). */
#ifndef DFL_POOL_H
#define DFL_POOL_H

#include <pthread.h>
#include <sched.h>
#include <stdalign.h>
#include <stdatomic.h>

#include "dfl.h"

/* Twice a cache line: the prefetcher of x86 fetches lines in pairs. */
enum { DFL__LINE = 128, DFL__MAX_LANES = 8, DFL__MAX_CHUNKS = 0x7fff, DFL__NEAR = 3 };

/* How much of what is left one claim is. */
typedef enum dfl__share { DFL__ONE_CHUNK, DFL__HALF_SHARE, DFL__SHARE } dfl__share;

typedef struct dfl__job {
    /* Runs chunk k; the same for all threads. */
    void (*chunk)(struct dfl__job *job, uint32_t k);
    uint32_t n;
    dfl__share share;
} dfl__job;

typedef struct dfl__lane {
    alignas(DFL__LINE) _Atomic uint64_t ticket;
    atomic_uint taken;       /* by a caller. Beside the ticket, as who takes a lane then writes that: one line to wait
                              * for. No bool: riscv64 exchanges no single byte */
    dfl__job *job;           /* written before the ticket, read after a claim */
    /* note [what is read first] */
    _Atomic(const void *) near[DFL__NEAR];
    alignas(DFL__LINE) atomic_uint done; /* chunks that workers have ended, of all jobs */
    atomic_uint waits;       /* the caller sleeps on `done` */
    /* The owner's: what it knows without waiting for a line that a worker wrote last. */
    alignas(DFL__LINE) unsigned done_before;    /* `done` when the job was opened, which is never set to 0 */
    uint64_t epoch;          /* of the last job */
} dfl__lane;

struct dfl_pool {
    /* Read on every section, written rarely. */
    alignas(DFL__LINE) atomic_uint n_workers; /* that have been started */
    unsigned threads;        /* the caller included */
    unsigned n_lanes;
    int64_t spin_ns;
    unsigned generation;     /* of forked processes; written in the child alone */

    alignas(DFL__LINE) atomic_uint sleeping;  /* workers that sleep, or are about to */
    atomic_uint wake;        /* what they sleep on: counts wake-ups */
    _Atomic int64_t shy_until;   /* note [a busy neighbour], worker.c; 0: not shy */
    atomic_uint interrupted;     /* a worker was, while a caller slept for it */
    /* note [rent or buy], fork.c */
    _Atomic int64_t missed_ns, look_until;
    atomic_uint in_vain;         /* wake-ups since a section last found workers awake */
    _Atomic int64_t expected_at; /* note [sections that are expected] */
    atomic_int kept_off;     /* the CPU that workers are kept off; -1: none */

    alignas(DFL__LINE) pthread_mutex_t lock; /* starting, stopping, fork() */
    atomic_bool stopping;
    bool started;
    pthread_t *workers;      /* room for threads - 1 */
#ifdef __linux__
    cpu_set_t allowed;       /* the CPUs of whoever started the workers, and so theirs */
#endif
    struct dfl_pool *next_pool;

    dfl__lane lanes[DFL__MAX_LANES];
};

/* The pool of runs that name none. It is never freed; its workers end at exit. */
dfl_pool *dfl__shared_pool(void);

/* ---- pool.c ---- */

/* Runs job->n chunks on this thread and whoever helps; at most DFL__MAX_CHUNKS. near: what chunks read first besides
 * the job. False: the process was forked meanwhile, this is the child, and what other threads had begun is lost. */
bool dfl__pool_run(dfl_pool *pool, dfl__job *job, const void *const near[DFL__NEAR - 1]);
/* Starts the workers where that has not been done. */
void dfl__pool_start(dfl_pool *pool);
/* Wakes up to n workers. */
void dfl__pool_wake(dfl_pool *pool, unsigned n);

/* ---- worker.c ---- */

void *dfl__worker(void *pool);
/* A hint to the CPU that this is a loop that waits. */
void dfl__relax(void);
enum { DFL__TICKET_SHARE = 32, DFL__TICKET_EPOCH = 34 };   /* the lowest bit of each */
/* Whether a ticket has a chunk that nobody has claimed. */
static inline bool dfl__ticket_is_open(uint64_t ticket)
{
    return (ticket & 0xffff) < (ticket >> 16 & 0xffff);
}
/* Claims and runs chunks of a lane until there are none; returns how many. size: of the first claim, for who need not
 * look before whether there is anything left; 0: looks. */
unsigned dfl__take_chunks(const dfl_pool *pool, dfl__lane *lane, uint32_t size);
/* How much the next claim is, of a job with so many chunks left. */
uint32_t dfl__claim_size(const dfl_pool *pool, dfl__share share, uint32_t left);
/* Whether a job is open in some lane. */
bool dfl__pool_is_busy(const dfl_pool *pool);

#endif
