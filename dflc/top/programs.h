/* The programs that tell of their runs in live files (runtime/live.h), as they were at the last look. */
#ifndef DFLC_TOP_PROGRAMS_H
#define DFLC_TOP_PROGRAMS_H

#include "../live/rate.h"
#include "live.h"

typedef struct TopProgram {
    struct TopProgram *next;
    char *path; /* owned, as all of it */
    uint64_t device, inode;
    int fd;
    const void *file;
    dfl__live_head head;
    bool is_gone;                               /* it has ended, and left its file */
    bool is_seen;                               /* at this look */
    uint64_t runs, done, failed, paused, steps; /* so far */
    Rate rate;                                  /* of steps */
    dfl__live_run slots[DFL__LIVE_RUNS];
    uint64_t told[DFL__LIVE_RUNS]; /* what the lines have told of each slot */
} TopProgram;

typedef struct TopPrograms {
    const char **directories;
    size_t n_directories;
    TopProgram *first; /* in the order in which they were seen first */
    size_t n;
    size_t unread;  /* files that cannot be read, or are of another version */
    int64_t looked; /* live_now(); 0: never */
} TopPrograms;

/* Looks at all directories; one that is not there has no programs. */
void top_look(TopPrograms *programs);
/* Removes the files that programs which are gone have left. */
void top_forget(const TopPrograms *programs);
void top_programs_free(TopPrograms *programs);

#endif
