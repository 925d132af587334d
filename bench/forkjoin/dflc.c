/* The graphs of graphs.awk, as dflc compiles them. */
#include "cells.h"
#include "work.h"

#include <stdlib.h>

int bench_gap(dfl_ctx *ctx, int64_t *i) {
    (void)ctx;
    ++*i;
    work_gap();
    return 0;
}

int bench_branch(dfl_ctx *ctx, int64_t i, int64_t *sum) {
    (void)ctx, (void)i;
    *sum = work_branch();
    return 0;
}

int bench_done(dfl_ctx *ctx, int64_t i) {
    (void)ctx, (void)i;
    work_done();
    return 0;
}

#define CELL(NAME, N, COST, GAP)                                                                   \
    static int64_t run_##NAME(int64_t rounds) {                                                    \
        NAME##_state s;                                                                            \
        int64_t sum;                                                                               \
        NAME##_state_init(&s);                                                                     \
        s.rounds = rounds;                                                                         \
        if (NAME##_run(&s, NULL) != DFL_OK)                                                        \
            exit(1);                                                                               \
        sum = s.sum;                                                                               \
        NAME##_state_free(&s);                                                                     \
        return sum;                                                                                \
    }
#include "cells.inc"
#undef CELL

static const struct {
    int n;
    double cost, gap;
    int64_t (*run)(int64_t rounds);
} cells[] = {
#define CELL(NAME, N, COST, GAP) {N, COST, GAP, run_##NAME},
#include "cells.inc"
#undef CELL
};

int main(int argc, char **argv) {
    Cell cell = work_begin(argc, argv);
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        if (cells[i].n == cell.n && cells[i].cost == cell.cost_ns && cells[i].gap == cell.gap_ns) {
            work_end(cells[i].run(cell.repetitions));
            return 0;
        }
    return 2;
}
