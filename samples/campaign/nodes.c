/* nodes.c: site percolation on a square grid. Above a threshold of open sites, about 0.5927, there is a way from top to
 * bottom through nearly every grid; the campaign looks where half of them have one.
 *
 *     campaign [STORE]              with -DWITH_MPI: mpirun -n RANKS campaign [STORE] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "campaign.h"
#ifdef WITH_MPI
#include <dfl_mpi.h>
#endif

enum { POINTS = 21, SIZE = 96, TRIALS = 120 };

/* ---- one grid ---- */

/* SplitMix64 (Steele, Lea, Flood 2014): the same numbers for a point wherever it is simulated. */
static uint64_t next_random(uint64_t *seed) {
    uint64_t z = *seed += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* Floods from the open sites of the first row. */
static bool spans(char *open, int *stack, int size) {
    int n = 0;
    for (int x = 0; x < size; x++)
        if (open[x])
            open[x] = 0, stack[n++] = x;
    while (n > 0) {
        int at = stack[--n], x = at % size;
        int around[] = {at - size, at + size, x > 0 ? at - 1 : -1, x + 1 < size ? at + 1 : -1};
        if (at >= size * (size - 1))
            return true;
        for (int k = 0; k < 4; k++)
            if (around[k] >= 0 && around[k] < size * size && open[around[k]])
                open[around[k]] = 0, stack[n++] = around[k];
    }
    return false;
}

int campaign_percolate(dfl_ctx *ctx, double p, int64_t i, int64_t size, int64_t trials, row_list *curve) {
    size_t sites = (size_t)(size * size);
    char *open = dfl_alloc(ctx, sites);
    int *stack = dfl_alloc(ctx, sites * sizeof *stack);
    uint64_t seed = (uint64_t)i * 1000003u;
    int64_t spanning = 0;
    if (!open || !stack)
        return dfl_fail(ctx, 1, "no memory for a grid");
    for (int64_t trial = 0; trial < trials && !dfl_cancelled(ctx); trial++) {
        for (size_t site = 0; site < sites; site++)
            open[site] = (double)(next_random(&seed) >> 11) * 0x1p-53 < p;
        spanning += spans(open, stack, (int)size);
    }
    return row_list_push(ctx, curve, (row){p, (double)spanning / (double)trials});
}

/* Between the two points where it passes one half. */
int campaign_cross(dfl_ctx *ctx, row_list curve, dfl_fault_list failed, double *threshold, int64_t *missing) {
    (void)ctx;
    *missing = failed.len;
    for (uint32_t k = 1; k < curve.len; k++) {
        const row *a = &curve.items[k - 1], *b = &curve.items[k];
        if (a->spans < 0.5 && b->spans >= 0.5)
            *threshold = a->p + (b->p - a->p) * (0.5 - a->spans) / (b->spans - a->spans);
    }
    return 0;
}

/* ---- the program ---- */

static int run_campaign(const dfl_ranks *ranks, const char *store) {
    double points[POINTS];
    campaign_state s;
    dfl_error error = {0};
    dfl_run run = {.ranks = ranks, .thread_id = "campaign", .error = &error};
    int status = store ? dfl_store_open(store, NULL, &run.store) : DFL_OK;
    for (int k = 0; k < POINTS; k++)
        points[k] = 0.55 + 0.005 * k;
    campaign_state_init(&s);
    s.points = (dfl_f64_list){points, POINTS, 0};
    s.size = SIZE;
    s.trials = TRIALS;
    if (status == DFL_OK)
        status = store ? campaign_continue(&s, &run) : campaign_run(&s, &run);
    if (status != DFL_OK)
        fprintf(stderr, "campaign: %s: %s\n", error.node, error.message[0] ? error.message : dfl_strerror(status));
    for (uint32_t k = 0; status == DFL_OK && k < s.curve.len; k++)
        printf("%.3f  %.2f  %.*s\n", s.curve.items[k].p, s.curve.items[k].spans, (int)(s.curve.items[k].spans * 50),
               "##################################################");
    if (status == DFL_OK)
        printf("half of them at %.4f, %lld points missing\n", s.threshold, (long long)s.missing);
    campaign_state_free(&s);
    dfl_store_close(run.store);
    return status != DFL_OK;
}

#ifdef WITH_MPI
int main(int argc, char **argv) {
    static const dfl_graph *const graphs[] = {&campaign_graph};
    int level, rank, failed;
    MPI_Init_thread(&argc, &argv, MPI_THREAD_SERIALIZED, &level);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (rank == 0) {
        dfl_ranks *ranks = dfl_mpi_open(MPI_COMM_WORLD);
        failed = ranks ? run_campaign(ranks, argc > 1 ? argv[1] : NULL) : 1;
        dfl_mpi_close(ranks);
    } else {
        failed = dfl_mpi_serve(MPI_COMM_WORLD, graphs, 1, NULL) != DFL_OK;
    }
    MPI_Finalize();
    return failed;
}
#else
int main(int argc, char **argv) {
    return run_campaign(NULL, argc > 1 ? argv[1] : NULL);
}
#endif
