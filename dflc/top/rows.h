/* What is shown of runs: a row each, in an order. */
#ifndef DFLC_TOP_ROWS_H
#define DFLC_TOP_ROWS_H

#include "../arena.h"
#include "programs.h"

/* In the order in which they are shown. */
typedef enum TopState { TOP_RUNNING, TOP_GONE, TOP_FAILED, TOP_WAITING, TOP_DONE } TopState;

typedef struct TopRow {
    const TopProgram *program;
    const dfl__live_run *run;
    TopState state;
    /* What runs now, the longest first: no node that only waits for one of a graph within it. */
    const dfl__live_node *nodes[DFL__LIVE_NODES];
    int n_nodes;
    uint32_t more;    /* that run besides, and are not known */
    int64_t since_ns; /* it is in the node, or has ended, for so long; -1: nobody knows */
    int64_t time_ns;  /* that the run takes, or took; -1 likewise */
    /* Its place in the order, by the first that differs; texts come before numbers. */
    const char *text;
    int64_t keys[2];
} TopRow;

/* By what rows are sorted. */
typedef enum TopSort {
    TOP_BY_STATE,
    TOP_BY_RUN,
    TOP_BY_THREAD,
    TOP_BY_GRAPH,
    TOP_BY_SINCE,
    TOP_BY_STEPS,
    TOP_BY_TIME,
    TOP_BY_PROGRAM
} TopSort;

typedef struct TopRows {
    TopRow *all;
    size_t n, cap;
    size_t running, waiting, failed; /* runs, also those that are not among the rows */
} TopRows;

/* with_done: also runs that ended well long ago. A run that failed or waits is left out where a later one has the
 * same thread. In the order of sort; `now` is live_now(). */
TopRows top_rows(Arena *arena, const TopPrograms *programs, int64_t now, bool with_done,
                 TopSort sort, bool is_reversed);

/* "running", "failed 7": for people. */
const char *top_state(Arena *arena, const TopRow *row);
/* "running", "retrying", "gone", "failed", "waiting", "done": for programs. */
const char *top_state_name(const TopRow *row);
/* "classify[3] (try 2)"; the node with which it ended; "after draft" between two. */
const char *top_node(Arena *arena, const TopRow *row, int i);
/* Why it failed, or what it asks; "" when there is nothing to say. */
const char *top_why(const TopRow *row);

#endif
