/* What is measured: rows, each of several sides that do the same job and come to the same end. */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One run: builds the initial state, runs, asserts the end state, frees it. Ends the process with a message where
 * the end state is wrong. */
typedef void Run(void);

typedef struct Side {
    const char *name; /* "dflc", "byhand", "openmp", ... */
    Run *run;
} Side;

enum { MAX_SIDES = 5 };

typedef enum Kind {
    KIND_SEQUENCE, /* sequential, route and loop rows: at most 1.05 of the hand-written one */
    KIND_SECTION,  /* at most 1.10 */
    KIND_SAVE,
    KIND_STREAM,
    KIND_CODEC,
    KIND_OTHER /* no bar */
} Kind;

typedef struct Row {
    const char *name;
    Kind kind;
    unsigned nodes;      /* node calls of a run */
    double published_ns; /* DashFlow's figure, 0: it has none */
    Side sides[MAX_SIDES]; /* the first is dflc, the second byhand where there is one; ends with a NULL name */
} Row;

/* The tables: flow.c, many.c, parallel.c, save.c, stream.c, codec.c. Each ends with a NULL name. */
extern const Row rows_flow[], rows_many[], rows_parallel[], rows_save[], rows_stream[], rows_codec[];

/* ok, or a message and the end of the process. */
void must(bool ok, const char *what);

/* Before rows_save: makes what it needs in directory `dir`. */
void save_begin(const char *dir);
void save_end(void);

/* Rounds of work_us() for a microsecond here; set before anything runs. */
extern double rounds_per_us;
int64_t work_us(int us);

#endif
