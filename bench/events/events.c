/* What events cost: the same graph with -fno-events, with no hooks, and with each stream, in turn.
 *
 *   events ROUNDS            a table; each figure the median of ROUNDS, with the 5th and 95th percentile;
 *                            ratios are of pairs of one round
 *   events once CELL         runs the cell once, in `counted`: for callgrind
 *
 * A run builds the state, runs, checks what came of it, counts the items that were delivered, and frees
 * the state. DashFlow's figures are those of MEASURED (its own machine and method: a reference, no pair). */
#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "counted.h"
#include "plain.h"
#include "silent.h"

enum { RUNS = 2000, MAX_ROUNDS = 1001 };

static uint64_t items;

static void count(void *user, const dfl_event *event) {
    (void)user, (void)event;
    items++;
}

static void must(int ok, const char *what) {
    if (ok)
        return;
    fprintf(stderr, "events: %s\n", what);
    exit(1);
}

#define CELL(NAME, GRAPH, COUNTER, MESSAGES)                                                       \
    static void NAME(const dfl_run *run) {                                                         \
        GRAPH##_state s;                                                                           \
        GRAPH##_state_init(&s);                                                                    \
        must(GRAPH##_run(&s, run) == DFL_OK, #GRAPH " failed");                                    \
        must(s.counter == (COUNTER) && (MESSAGES), #GRAPH " came to something else");              \
        GRAPH##_state_free(&s);                                                                    \
    }

CELL(five_plain, five_plain, 5, s.messages.len == 5)
CELL(five_silent, five_silent, 5, s.messages.len == 5)
CELL(three_plain, three_plain, 3, s.messages.len == 3)
CELL(wide_plain, wide_plain, 2, s.messages.len == 3)
CELL(bare_plain, bare_plain, 5, 1)
CELL(bare_silent, bare_silent, 5, 1)
CELL(five_counted, five_counted, 5, s.messages.len == 5)
CELL(bare_counted, bare_counted, 5, 1)

/* LIVE: hooks of dfl_live_open, at which nobody looks. PROFILE: of dfl_profile_open. */
enum Hooks { COUNTING, LIVE, PROFILE, HOOKS };

typedef struct Cell {
    const char *name;
    void (*run)(const dfl_run *run);
    uint32_t mask;      /* 0: no hooks */
    uint64_t items;     /* that a run delivers */
    double dashflow_ns; /* 0: has no such row */
    int pair;           /* the cell that it is held against */
    int hooks;          /* of Hooks; of others than COUNTING nothing is counted here */
} Cell;

static const Cell cells[] = {
    {"bare, -fno-events", bare_silent, 0, 0, 0, 0, COUNTING},
    {"bare, no hooks", bare_plain, 0, 0, 0, 0, COUNTING},
    {"bare, events of nodes", bare_plain, DFL_EV_NODE, 10, 0, 1, COUNTING},
    {"bare, values", bare_plain, DFL_STREAM_VALUES, 5, 3150, 1, COUNTING},
    {"bare, all events", bare_plain, DFL_STREAM_EVENTS, 18, 3330, 1, COUNTING},
    {"bare, updates", bare_plain, DFL_STREAM_UPDATES, 5, 7560, 1, COUNTING},
    {"5 nodes, -fno-events", five_silent, 0, 0, 0, 6, COUNTING},
    {"5 nodes, no hooks", five_plain, 0, 0, 0, 6, COUNTING},
    {"5 nodes, values", five_plain, DFL_STREAM_VALUES, 5, 3150, 7, COUNTING},
    {"5 nodes, events", five_plain, DFL_STREAM_EVENTS, 18, 3330, 7, COUNTING},
    {"3 nodes, updates", three_plain, DFL_STREAM_UPDATES, 3, 7560, 7, COUNTING},
    {"3 + 2 nodes, values", wide_plain, DFL_STREAM_VALUES, 3, 2850, 7, COUNTING},
    {"bare, runs and nodes", bare_plain, DFL_EV_RUN | DFL_EV_NODE, 12, 0, 1, COUNTING},
    {"bare, live", bare_plain, DFL_EV_RUN | DFL_EV_NODE, 12, 0, 12, LIVE},
    {"bare, profile", bare_plain, DFL_EV_RUN | DFL_EV_NODE, 0, 0, 1, PROFILE},
    {"bare, -finstrument", bare_counted, 0, 0, 0, 1, COUNTING},
    {"5 nodes, profile", five_plain, DFL_EV_RUN | DFL_EV_NODE, 0, 0, 7, PROFILE},
    {"5 nodes, -finstrument", five_counted, 0, 0, 0, 7, COUNTING},
};
enum { CELLS = sizeof cells / sizeof cells[0] };

static double now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* ns a run */
static double measure(const Cell *cell, dfl_hooks *const opened[HOOKS], int runs) {
    dfl_hooks hooks = {.mask = cell->mask, .on_event = count, .quick = true};
    dfl_run run = {.hooks = cell->hooks ? opened[cell->hooks] : cell->mask ? &hooks : NULL};
    double began = now_ns();
    items = 0;
    for (int i = 0; i < runs; i++)
        cell->run(&run);
    began = now_ns() - began;
    must(cell->hooks || items == cell->items * (uint64_t)runs, "another number of items");
    return began / runs;
}

__attribute__((noinline)) static void counted(const Cell *cell) {
    dfl_hooks *const opened[HOOKS] = {NULL};
    measure(cell, opened, 1);
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double ns[CELLS][MAX_ROUNDS], ratio[CELLS][MAX_ROUNDS];

static void print_row(int c, int rounds) {
    double *r = ratio[c];
    double median;
    qsort(r, (size_t)rounds, sizeof *r, by_value);
    qsort(ns[c], (size_t)rounds, sizeof *ns[c], by_value);
    median = ns[c][rounds / 2];
    printf("| %-22s | %8.1f | %6.2f (%.2f to %.2f) |", cells[c].name, median, r[rounds / 2],
           r[rounds / 20], r[rounds - 1 - rounds / 20]);
    if (cells[c].items)
        printf(" %6.1f |",
               (median - ns[cells[c].pair][rounds / 2]) / (double)cells[c].items);
    else
        printf("        |");
    if (cells[c].dashflow_ns > 0)
        printf(" %6.0f | %5.1f |\n", cells[c].dashflow_ns, cells[c].dashflow_ns / median);
    else
        printf("        |       |\n");
}

int main(int argc, char **argv) {
    int rounds = argc > 1 ? atoi(argv[1]) : 0;
    dfl_hooks *opened[HOOKS] = {NULL};
    if (argc == 3 && strcmp(argv[1], "once") == 0) {
        counted(&cells[atoi(argv[2])]);
        return 0;
    }
    must(rounds > 0 && rounds <= MAX_ROUNDS, "events ROUNDS | events once CELL");
    opened[LIVE] = dfl_live_open(NULL);
    opened[PROFILE] = dfl_profile_open("events.prof");
    must(opened[LIVE] && opened[PROFILE], "no live file, or no profile");
    for (int r = -1; r < rounds; r++) {
        for (int c = 0; c < CELLS; c++) {
            double t = measure(&cells[c], opened, RUNS);
            if (r >= 0)
                ns[c][r] = t;
        }
        for (int c = 0; r >= 0 && c < CELLS; c++)
            ratio[c][r] = ns[c][r] / ns[cells[c].pair][r];
    }
    printf("| cell | ns a run | ratio | ns an item | DashFlow ns | DashFlow / dflc |\n"
           "| --- | --: | --: | --: | --: | --: |\n");
    /* What an item costs needs its pair sorted first: the pairs stand before. */
    for (int c = 0; c < CELLS; c++)
        print_row(c, rounds);
    dfl_live_close(opened[LIVE]);
    must(dfl_profile_close(opened[PROFILE]) == DFL_OK, "no profile");
    return 0;
}
