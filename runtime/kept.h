/* What branches on threads have had saved, for the checkpoints that they make while others run. */
#ifndef DFL_KEPT_H
#define DFL_KEPT_H

#include "internal.h"

struct dfl__keeping;

/* Of one branch, or one chunk of an each. */
typedef struct dfl__kept {
    struct dfl__keeping *all;
    dfl_buf packed; /* its frame as it was saved last; n 0: as at the fork */
    uint64_t nodes; /* that it had executed then */
} dfl__kept;

/* Of a section that runs on threads, for as long as it does. What changes is guarded by
 * run->save_lock. */
typedef struct dfl__keeping {
    dfl_ctx *ctx; /* of the line that the section is in */
    uint32_t place, n;
    bool is_each;
    uint32_t running; /* branches that have not ended */
    uint64_t nodes;   /* those of all branches */
    uint64_t at_risk_ns; /* the work of branches that have ended, since the last save */
    dfl__kept *branches;
} dfl__keeping;

/* Whether what is in a section on this line can be saved before the section has ended. */
bool dfl__may_keep(const dfl_ctx *ctx);
/* False when out of memory: then nothing is saved until the join, and there is nothing to end. */
bool dfl__keeping_begin(dfl__keeping *all, dfl_ctx *ctx, uint32_t place, bool is_each, uint32_t n);
/* Branch k begins with this frame, which a resume may have filled. False when out of memory. */
bool dfl__keeping_frame(dfl__keeping *all, uint32_t k, const dfl_type *type, const void *frame);
/* What is still at risk of the branches is added to the ctx. */
void dfl__keeping_end(dfl__keeping *all);

/* The branch of ctx->kept has returned DFL__SAVING, parked in its frame: saves the whole run as it
 * stands. DFL_OK: call the branch again; else the status that ends it, with the failure in ctx. */
int dfl__kept_save(dfl_ctx *ctx, const dfl_type *type, void *frame);
/* The branch has ended with DFL_OK or DFL_PAUSED: what it leaves becomes part of what its siblings
 * save, and is saved now if a save is due and it is not the last. Its status, or that of the save. */
int dfl__kept_ended(dfl_ctx *ctx, const dfl_type *type, void *frame, int status);

#endif
