#define _GNU_SOURCE
#include "work.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static Cell cell;
static const char *runtime_name;
static uint64_t branch_rounds, gap_rounds;
static double *times;
static int64_t n_times;
static double begun;

uint64_t work_burn(uint64_t rounds) {
    uint64_t x = rounds;
    for (uint64_t i = 0; i < rounds; i++)
        x = x * UINT64_C(6364136223846793005) + 1442695040888963407;
    return x;
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* ns for 1000 rounds: the best of many short tries, for the others were disturbed. */
static double calibrate(void) {
    double best = 1e18;
    for (int i = 0; i < 300; i++) {
        double from = now();
        volatile uint64_t x = work_burn(100000);
        double took = now() - from;
        (void)x;
        if (took < best)
            best = took;
    }
    return best / 100;
}

Cell work_begin(int argc, char **argv) {
    double per_1000, each;
    if (argc == 2 && strcmp(argv[1], "calibrate") == 0) {
        printf("%.3f\n", calibrate());
        exit(0);
    }
    if (argc != 6)
        exit(2);
    runtime_name = argv[1];
    per_1000 = atof(argv[2]);
    cell = (Cell){atoi(argv[3]), atof(argv[4]), atof(argv[5]), 0};
    branch_rounds = (uint64_t)(cell.cost_ns * 1000 / per_1000);
    gap_rounds = (uint64_t)(cell.gap_ns * 1000 / per_1000);
    each = cell.gap_ns + cell.n * cell.cost_ns + 1000;
    cell.repetitions = (int64_t)(20e6 / each);
    if (cell.repetitions < 60)
        cell.repetitions = 60;
    if (cell.repetitions > 4000)
        cell.repetitions = 4000;
    times = calloc((size_t)cell.repetitions + 1, sizeof *times);
    return cell;
}

void work_gap(void) {
    if (gap_rounds) {
        volatile uint64_t x = work_burn(gap_rounds);
        (void)x;
    }
    begun = now();
}

int64_t work_branch(void) {
    uint64_t x = work_burn(branch_rounds);
    return x == 1 ? 2 : 1;
}

void work_done(void) {
    times[n_times++] = now() - begun;
}

/* The first fifth is for warming up. */
void work_end(int64_t sum) {
    int64_t skip = n_times / 5, n = n_times - skip;
    if (sum != cell.n * n_times) {
        fprintf(stderr, "%s: the sum is %lld, not %lld\n", runtime_name, (long long)sum,
                (long long)(cell.n * n_times));
        exit(1);
    }
    qsort(times + skip, (size_t)n, sizeof *times, by_value);
    printf("%s %d %.0f %.0f %.0f %.0f %.0f %.0f\n", runtime_name, cell.n, cell.cost_ns, cell.gap_ns,
           times[skip + n / 2], times[skip + n * 99 / 100], times[skip + n / 20],
           times[skip + n * 19 / 20]);
}
