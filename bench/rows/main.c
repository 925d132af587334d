/* Every row, each side in turn, in rounds.
 *
 *   rows measure ROUNDS MS DIR [ROW]   prints one line a row and side, fields set apart by tabs:
 *       row, kind, nodes, published ns, side, ns (median of the rounds), its 95 % interval (low, high), p99 of
 *       single runs, ratio to byhand (median of pairs of one round), its 95 % interval (low, high)
 *   rows once DIR [ROW]                runs each side of each row once: for profilers
 *   rows count DIR [ROW]               runs each side of each row once, after some that warm up; for callgrind, which
 *                                      dumps what it counted under "row/side"
 *
 * A round runs each side for about MS milliseconds. The interval of a median is that of the order statistics:
 * its ends are the values at n/2 -+ 0.98 sqrt(n), which the median of a sample of n is between in 95 % of all
 * samples, whatever the distribution (the normal approximation to the binomial; 1.96/2 = 0.98). */
#define _POSIX_C_SOURCE 200809L
#include "bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__has_include)
#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#endif
#endif

enum { MAX_ROUNDS = 1001, SINGLE_RUNS = 400, SINGLE_NS = 20000000 };

void must(bool ok, const char *what) {
    if (ok)
        return;
    fprintf(stderr, "rows: %s\n", what);
    exit(1);
}

static double now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

typedef struct Median {
    double value, low, high;
} Median;

static Median median_of(double *values, int n) {
    int reach = (int)ceil(0.98 * sqrt(n)), low = n / 2 - reach, high = n / 2 + reach;
    qsort(values, (size_t)n, sizeof *values, by_value);
    return (Median){values[n / 2], values[low < 0 ? 0 : low], values[high >= n ? n - 1 : high]};
}

static double time_runs(Run *run, long n) {
    double began = now_ns();
    for (long i = 0; i < n; i++)
        run();
    return (now_ns() - began) / (double)n;
}

/* note [spinning peers]
 * What waits for work by spinning goes on with that for some milliseconds after its last section (libgomp: about
 * ten), and has the CPU that the next side's threads are to run on. So where sides have threads of their own, each
 * of them begins when that is over, with as much untimed as is timed: its own threads are then as they are while
 * it works. */
static void begin_alone(Run *run, long n) {
    const struct timespec until_asleep = {0, 20000000};
    nanosleep(&until_asleep, NULL);
    time_runs(run, n);
}

/* Runs that take about `ms` together. */
static long runs_for(Run *run, double ms) {
    long n = 1;
    double took;
    run();
    while ((took = time_runs(run, n) * (double)n) < ms * 1e6 / 4 && n < 1000000000)
        n *= 2;
    n = (long)((double)n * ms * 1e6 / took);
    return n < 1 ? 1 : n;
}

/* The clock is read twice a run, which is in it. */
static double p99_of(Run *run) {
    static double ns[SINGLE_RUNS];
    double until = now_ns() + SINGLE_NS;
    int n = 0;
    while (n < SINGLE_RUNS && (n < 100 || now_ns() < until))
        ns[n++] = time_runs(run, 1);
    qsort(ns, (size_t)n, sizeof *ns, by_value);
    return ns[(int)(0.99 * (n - 1) + 0.5)];
}

static const char *const kinds[] = {"sequence", "section", "save", "stream", "codec", "other"};

static void print_side(const Row *row, int side, double *ns, double *ratio, int rounds) {
    Median time = median_of(ns, rounds), to_hand = median_of(ratio, rounds);
    printf("%s\t%s\t%u\t%.0f\t%s\t%.1f\t%.1f\t%.1f\t%.1f\t%.3f\t%.3f\t%.3f\n", row->name,
           kinds[row->kind], row->nodes, row->published_ns, row->sides[side].name, time.value,
           time.low, time.high, p99_of(row->sides[side].run), to_hand.value, to_hand.low,
           to_hand.high);
    fflush(stdout);
}

static int sides_of(const Row *row) {
    int n = 0;
    while (n < MAX_SIDES && row->sides[n].name)
        n++;
    return n;
}

/* The side that others are held against: the hand-written one, or none. */
static int hand_of(const Row *row) {
    return sides_of(row) > 1 && strcmp(row->sides[1].name, "byhand") == 0 ? 1 : 0;
}

/* Of their own: all that is beside dflc and byhand. */
static bool have_threads(const Row *row) {
    return row->kind == KIND_SECTION && sides_of(row) > 2;
}

static void measure_row(const Row *row, int rounds, double ms) {
    static double ns[MAX_SIDES][MAX_ROUNDS], ratio[MAX_SIDES][MAX_ROUNDS];
    int n = sides_of(row), hand = hand_of(row);
    long runs[MAX_SIDES];
    for (int i = 0; i < n; i++)
        runs[i] = runs_for(row->sides[i].run, ms);
    for (int r = 0; r < rounds; r++) {
        for (int i = 0; i < n; i++) {
            int side = (i + r) % n; /* nobody is always first */
            if (have_threads(row))
                begin_alone(row->sides[side].run, runs[side]);
            ns[side][r] = time_runs(row->sides[side].run, runs[side]);
        }
        for (int i = 0; i < n; i++)
            ratio[i][r] = ns[i][r] / ns[hand][r];
    }
    for (int i = 0; i < n; i++)
        print_side(row, i, ns[i], ratio[i], rounds);
}

static void count_row(const Row *row) {
    for (int i = 0; i < sides_of(row); i++) {
        char name[128];
        snprintf(name, sizeof name, "%s/%s", row->name, row->sides[i].name);
        for (int k = 0; k < 3; k++)
            row->sides[i].run();
#if defined(CALLGRIND_ZERO_STATS)
        CALLGRIND_ZERO_STATS;
        row->sides[i].run();
        CALLGRIND_DUMP_STATS_AT(name);
#endif
    }
}

/* The least of ten times is what the work takes when nothing comes in between. */
static void calibrate(void) {
    double least = INFINITY;
    rounds_per_us = 1000;
    for (int i = 0; i < 10; i++) {
        volatile int64_t sink;
        double began = now_ns(), took;
        sink = work_us(100);
        (void)sink;
        took = now_ns() - began;
        least = took < least ? took : least;
    }
    rounds_per_us = 1000 * 100e3 / least;
}

static void run_row(const Row *row) {
    for (int i = 0; i < sides_of(row); i++)
        row->sides[i].run();
}

/* CORE: what tests/cmd/instructions.sh counts, which is built in a few seconds. */
static const Row *const tables[] = {
    rows_flow,   rows_parallel, rows_save,
#ifndef CORE
    rows_stream, rows_codec,    rows_many,
#endif
};

typedef struct Task {
    bool measure, count;
    int rounds;
    double ms;
    const char *dir, *only; /* only: a row; NULL: all */
} Task;

static Task read_arguments(int argc, char **argv) {
    Task task = {.count = argc >= 3 && strcmp(argv[1], "count") == 0,
                 .measure = argc >= 5 && strcmp(argv[1], "measure") == 0};
    bool once = argc >= 3 && strcmp(argv[1], "once") == 0;
    int first = task.measure ? 4 : 2;
    must(task.count || task.measure || once,
         "rows measure ROUNDS MS DIR [ROW] | rows count DIR [ROW] | rows once DIR [ROW]");
    task.rounds = task.measure ? atoi(argv[2]) : 1;
    task.ms = task.measure ? atof(argv[3]) : 0;
    must(task.rounds > 0 && task.rounds <= MAX_ROUNDS && task.ms >= 0, "no such number of rounds or ms");
    task.dir = argv[first];
    task.only = argc > first + 1 ? argv[first + 1] : NULL;
    return task;
}

static void do_row(const Task *task, const Row *row) {
    if (task->only && strcmp(task->only, row->name) != 0)
        return;
    if (task->measure)
        measure_row(row, task->rounds, task->ms);
    else if (task->count)
        count_row(row);
    else
        run_row(row);
}

int main(int argc, char **argv) {
    Task task = read_arguments(argc, argv);
    calibrate();
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++) {
        if (tables[t] == rows_save)
            save_begin(task.dir); /* not before: a store has a thread, which is counted too */
        for (const Row *row = tables[t]; row->name; row++)
            do_row(&task, row);
        if (tables[t] == rows_save)
            save_end();
    }
    return 0;
}
