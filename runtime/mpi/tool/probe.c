/* dflc-ranks ROUNDS MS: measures ranks for `dflc calibrate --mpi`, which starts it by mpirun and reads what it prints:
 *
 *     dflc-ranks 1             the version
 *     ranks 15                 that serve
 *     chunk 2400               ns of a chunk besides its work, one line a sample
 *     kib 190                  ns of each KiB that goes to a rank
 *     round                    the end of each of ROUNDS rounds of MS milliseconds
 *
 * Asked is one rank at a time, each in its turn: it is the way there and back that counts, not how many chunks a second
 * all of them do. */
#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "dfl_mpi.h"
#include "probe.h"

enum { POINTS = 64, CHUNKS = 4, BLOCK_KIB = 256, RUNS = 8, BLOCK_RUNS = 2 };

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- one of the ranks ---- */

typedef struct One {
    dfl_ranks ranks; /* of which there is one */
    const dfl_ranks *all;
    unsigned which;
} One;

static int send_to_one(void *self, unsigned rank, const void *task, size_t n) {
    const One *one = self;
    (void)rank;
    return one->all->send(one->all->self, one->which, task, n);
}

static int receive_from_one(void *self, int64_t wait_ns, unsigned *rank, dfl_buf *answer) {
    const One *one = self;
    int status = one->all->receive(one->all->self, wait_ns, rank, answer);
    *rank = 0;
    return status;
}

static void cancel_one(void *self, unsigned rank) {
    const One *one = self;
    (void)rank;
    one->all->cancel(one->all->self, one->which);
}

/* ---- samples ---- */

typedef struct Probe {
    One one;
    probe_state state;
    uint8_t *block;
} Probe;

/* ns of a run; -1: it failed. */
static int64_t time_run(Probe *probe, size_t block_bytes) {
    dfl_run run = {.ranks = &probe->one.ranks};
    int64_t began = now_ns();
    probe->state.block = (dfl_bytes){probe->block, block_bytes};
    return probe_run(&probe->state, &run) == DFL_OK ? now_ns() - began : -1;
}

/* The least of some runs: what comes between only adds. */
static int64_t least_of(Probe *probe, size_t block_bytes, int runs) {
    int64_t least = INT64_MAX;
    for (int i = 0; i < runs; i++) {
        int64_t ns = time_run(probe, block_bytes);
        if (ns < 0)
            return -1;
        least = ns < least ? ns : least;
    }
    return least;
}

static bool sample(Probe *probe) {
    int64_t small = least_of(probe, 1, RUNS), large = least_of(probe, BLOCK_KIB * 1024, BLOCK_RUNS);
    if (small < 0 || large < 0)
        return false;
    printf("chunk %" PRId64 "\nkib %" PRId64 "\n", small / CHUNKS, large > small ? (large - small) / BLOCK_KIB : 0);
    return true;
}

static bool measure(Probe *probe, int rounds, int64_t round_ns) {
    for (int round = 0; round < rounds; round++) {
        int64_t until = now_ns() + round_ns;
        do {
            if (!sample(probe))
                return false;
            probe->one.which = (probe->one.which + 1) % probe->one.all->n;
        } while (now_ns() < until);
        puts("round");
    }
    return true;
}

static int measure_ranks(const dfl_ranks *all, int rounds, int64_t round_ns) {
    static int64_t points[POINTS];
    static uint8_t block[BLOCK_KIB * 1024];
    Probe probe = {.block = block};
    bool measured;
    probe.one = (One){.ranks = {&probe.one, 1, send_to_one, receive_from_one, cancel_one}, .all = all};
    printf("dflc-ranks 1\nranks %u\n", all->n);
    if (all->n == 0)
        return 0;
    probe_state_init(&probe.state);
    probe.state.points = (dfl_i64_list){points, POINTS, 0};
    for (size_t i = 0; i < sizeof block; i++)
        block[i] = (uint8_t)(i * 31);
    measured = time_run(&probe, 1) >= 0 && measure(&probe, rounds, round_ns); /* the first run opens the way */
    probe_state_free(&probe.state);
    return measured && fflush(stdout) == 0 ? 0 : 1;
}

int main(int argc, char **argv) {
    static const dfl_graph *const graphs[] = {&probe_graph};
    int level, rank, failed;
    if (MPI_Init_thread(&argc, &argv, MPI_THREAD_SERIALIZED, &level) != MPI_SUCCESS)
        return 1;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (argc != 3) {
        if (rank == 0)
            fputs("dflc-ranks: it measures for 'dflc calibrate --mpi', which starts it\n", stderr);
        failed = 2;
    } else if (rank == 0) {
        dfl_ranks *ranks = dfl_mpi_open(MPI_COMM_WORLD);
        failed = ranks ? measure_ranks(ranks, atoi(argv[1]), (int64_t)atoi(argv[2]) * 1000000) : 1;
        dfl_mpi_close(ranks);
    } else {
        failed = dfl_mpi_serve(MPI_COMM_WORLD, graphs, 1, NULL) != DFL_OK;
    }
    MPI_Finalize();
    return failed;
}
