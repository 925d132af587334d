/* Branches of a section on threads, as an array: what a test wants to say and see of each. */
#ifndef BRANCHES_H
#define BRANCHES_H

#include "internal.h"
#include "mem.h"

typedef struct Branch {
    int (*body)(dfl_ctx *ctx, void *frame);
    void *frame;
    const dfl_type *type;
    int status;             /* DFL_OK also where it was skipped */
    dfl__ended *ended;      /* what it left; NULL: nothing */
} Branch;

enum { MOST_BRANCHES = 64 };

/* A chunk for each branch, in written order. */
static inline int run_branches(dfl_ctx *ctx, Branch *branches, uint32_t n, bool settle) {
    dfl__task tasks[MOST_BRANCHES];
    uint32_t order[MOST_BRANCHES], chunk_end[MOST_BRANCHES];
    dfl__ended *ended[MOST_BRANCHES] = {NULL};
    dfl__section section = {tasks, n, order, chunk_end, n, .even = false};
    int status;
    for (uint32_t i = 0; i < n; i++) {
        tasks[i] = (dfl__task){branches[i].body, branches[i].type, (uintptr_t)branches[i].frame};
        order[i] = i;
        chunk_end[i] = i + 1;
    }
    status = dfl__threads(ctx, &section, NULL, settle, ended);
    for (uint32_t i = 0; i < n; i++) {
        branches[i].ended = ended[i];
        branches[i].status = dfl__ended_status(ended[i]);
    }
    return status;
}

#endif
