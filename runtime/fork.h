/* A section whose branches run beside each other, shared by fork.c (on threads) and spread.c (on ranks). */
#ifndef DFL_FORK_H
#define DFL_FORK_H

#include <stdalign.h>
#include <stdatomic.h>

#include "kept.h"
#include "mem.h"
#include "pool.h"

typedef struct Fork {
    /* One line of what every branch needs to know. */
    alignas(64) dfl__job job;
    dfl_ctx *ctx;                /* of the caller; nobody writes it until the join */
    const dfl__section *section; /* NULL: chunks of an each */
    char *frames;
    const dfl__each *each; /* then */
    dfl__keeping *keeping; /* NULL: nothing is saved before the join */
    atomic_uint failed;    /* the lowest branch that failed so far; n: none */
    bool settle, spread;   /* spread: over the ranks of the run, if there are any */
    uint32_t n;
    dfl__ended **ended;
    /* Of branches that left no record. */
    _Atomic uint64_t nodes, at_risk_ns;
    atomic_uint flags;
    atomic_bool left; /* some branch has left one */
    dfl__mem spare;   /* of branches that found no memory for theirs; guarded by spare_lock */
    uint32_t spare_lock;
} Fork;

/* A branch while it runs. */
typedef struct Line {
    dfl__root root;
    dfl__mem mem;
    dfl_ctx ctx;
} Line;

/* Of the section. */
static inline uint32_t dfl__fork_place(const Fork *fork)
{
    return fork->section ? fork->section->place : fork->each->place;
}
const dfl__task *dfl__fork_task(const Fork *fork, uint32_t i);
void *dfl__fork_frame(const Fork *fork, uint32_t i);
/* A failure below it: branch i, and those above, need not begin any more. */
bool dfl__fork_skips(const Fork *fork, uint32_t i);
void dfl__fork_begin_line(const Fork *fork, Line *line, uint32_t i, void *frame, const dfl_type *type);
/* What the branch leaves is counted, and noted where it is more than its frame. */
void dfl__fork_end_line(Fork *fork, uint32_t i, Line *line, int status);

/* Runs it here. */
void dfl__fork_branch(Fork *fork, uint32_t i);

/* ---- spread.c ---- */

/* How it is spread over ranks; NULL: there are none, or it is no section for that. */
const dfl__spread *dfl__spread_of(const Fork *fork);
/* Runs the branches on ranks, and returns when all that have begun there have ended. DFL_OK; else the status that the
 * section fails with whatever branches did, with the failure in fork->ctx. */
int dfl__spread_run(Fork *fork, const dfl__spread *spread);

#endif
