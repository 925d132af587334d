/* What a program tells of its runs while they go on, in a file that viewers read (`dflc top`).
 *
 *     head      one block: who tells
 *     slots     a run each; the file never grows, and neither does what the program keeps beside it
 *
 * note [live files]
 *
 * The program has the file mapped and writes to it as things happen; it does not know who reads. A viewer
 * reads with system calls and writes nothing, so whatever it does, no run waits for it. That a program is
 * there is told by a lock on the file, which the kernel drops however the process ends. A program that
 * closes its file removes it; what others have left is removed by the next one that opens one, but for a
 * few, so that one can still see where they were. */
#ifndef DFL_LIVE_H
#define DFL_LIVE_H

#include <sys/types.h>

#include "dfl.h"

enum {
    DFL__LIVE_VERSION = 1,
    DFL__LIVE_HEAD_BYTES = 4096,
    DFL__LIVE_RUNS = 256, /* slots */
    DFL__LIVE_NODES = 6,  /* of a run, that are told of at once */
    DFL__LIVE_LEFT = 4    /* files of programs that are gone which are kept */
};
#define DFL__LIVE_MAGIC  "dfllive"
#define DFL__LIVE_SUFFIX ".live"

/* All texts end with a NUL, and are cut where they are longer. Times are CLOCK_MONOTONIC, ns, but for
 * `wall_ns`. */
typedef struct dfl__live_head {
    char magic[8];
    uint32_t version, run_bytes, n_runs, closed;
    int64_t pid;
    int64_t opened_ns, wall_ns; /* at the same moment */
    uint64_t unseen;            /* runs for which there was no slot */
    char program[64];
} dfl__live_head;

/* A node that has begun and not ended; or one that waits to be tried again. */
typedef struct dfl__live_node {
    int64_t since_ns; /* 0: nothing stands here */
    uint64_t span;    /* 0: it waits */
    int64_t index;    /* its element, or -1 */
    uint32_t place, worker, attempt, unused;
    char path[56]; /* of a longer one its end, behind "..." */
} dfl__live_node;

typedef enum dfl__live_state {
    DFL__LIVE_NONE,
    DFL__LIVE_RUNNING,
    DFL__LIVE_DONE,
    DFL__LIVE_FAILED,
    DFL__LIVE_PAUSED
} dfl__live_state;

/* A slot: what the last run in it does, or has done. `changes` is odd while it is being written. */
typedef struct dfl__live_run {
    uint64_t changes;
    uint64_t number; /* dfl_event.run */
    int64_t began_ns, ended_ns, last_ns;
    uint64_t steps, errors; /* nodes that ended, and attempts that failed */
    uint32_t state;         /* dfl__live_state */
    int32_t status, code;   /* of one that has ended */
    uint32_t n_open;        /* nodes that are under way, also those without room in `nodes` */
    uint32_t asks;          /* nodes that paused */
    uint32_t unused;
    uint64_t all_runs, all_done, all_failed, all_paused,
        all_steps; /* of all runs that were in it */
    char graph[48], thread[64];
    char node[56];  /* what has ended last; what failed or paused */
    char text[160]; /* why it failed; the first question */
    dfl__live_node nodes[DFL__LIVE_NODES];
} dfl__live_run;

/* The same in every program and viewer of a version. */
_Static_assert(sizeof(dfl__live_head) <= DFL__LIVE_HEAD_BYTES, "it has one block");
_Static_assert(sizeof(dfl__live_node) == 96 && sizeof(dfl__live_run) == 1024, "no holes");

/* ---- live_file.c ---- */

/* Where programs and viewers meet that were given no directory: $XDG_RUNTIME_DIR/dfl-live, where that is
 * set, else /tmp/dfl-live-UID. False: it does not fit. */
bool dfl__live_directory(char *path, size_t cap);
/* Makes the directory where there is none, removes what is left in it (but for the newest DFL__LIVE_LEFT), and
 * makes a file of n zero bytes there that is locked by this process. *dir and the file (which is
 * returned) are the caller's; `name` of 64 bytes is its own. -1 with errno. */
int dfl__live_make(const char *directory, size_t n, int *dir, char *name);
/* Makes it seen, under its name without the first byte. False with errno. */
bool dfl__live_publish(int dir, char *name);
/* Whether another process holds the file, or nobody knows. */
bool dfl__live_held(int fd);

/* ---- live_read.c: for viewers ---- */

/* The file, to be read; NULL: it is too short for one, or errno. */
const void *dfl__live_map(int fd);
void dfl__live_unmap(const void *file);
/* DFL_OK; DFL_ECORRUPT: this is no such file; DFL_ESCHEMA: one of another version. */
int dfl__live_read_head(const void *file, dfl__live_head *head);
/* A slot, as it was at one moment. False: it was being written each time; *run is left alone. is_gone: nobody
 * writes any more, and may have been killed while it did; then what is there has to do. */
bool dfl__live_read_run(const void *file, uint32_t slot, bool is_gone, dfl__live_run *run);

#endif
