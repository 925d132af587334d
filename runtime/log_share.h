/* What the processes that have one store open share: who may append, and how far the log reaches.
 *
 * Two files in the store's directory. `lock` has a byte range lock for each handle, which the system
 * drops when the handle's process dies: that is how others know. `shared` is mapped by all, and holds
 * nothing that could not be found by reading the log; whoever opens a store that nobody has open
 * begins it anew.
 *
 * note [the append lock]
 * A word in `shared`: 0, or the number of the handle that holds it, and a bit that says that somebody
 * waits. It costs one compare-and-swap where nobody else wants it. A handle that waits for long asks
 * the system whether the owner's byte is still locked; if not the owner has died, and the lock passes
 * to the one that asks, who has to look at what the owner left behind. */
#ifndef DFL_LOG_SHARE_H
#define DFL_LOG_SHARE_H

#include "dfl.h"

typedef struct dfl__shared dfl__shared;

typedef struct dfl__share {
    int fd;              /* of `lock` */
    uint32_t slot;       /* this handle's number, from 1 */
    dfl__shared *shared; /* mapped */
} dfl__share;

/* Begins to open: no other handle opens or closes until dfl__share_opened, or _close. *alone: nobody else has
 * the store open, so `shared` is all zero. DFL_OK, DFL_ESTORE, DFL_EBUSY (too many handles, or a
 * system without such locks on which somebody else has it). */
int dfl__share_open(dfl__share *share, int dir, bool *alone);
int dfl__share_opened(dfl__share *share);
/* Begins to close, likewise; *alone: no other handle is left. */
int dfl__share_closing(dfl__share *share, bool *alone);
void dfl__share_close(dfl__share *share);

/* note [the append lock]. *died: the last owner has died with the lock. DFL_ESTORE: that cannot be told. */
int dfl__share_lock(dfl__share *share, bool *died);
void dfl__share_unlock(dfl__share *share);

/* The end of the log, the last id, how far it is synced, and how often segments were removed. The
 * first two are written under the append lock, after what they tell of. */
uint64_t dfl__share_end(const dfl__share *share);
uint64_t dfl__share_last_id(const dfl__share *share);
void dfl__share_set_end(dfl__share *share, uint64_t end, uint64_t last_id);
uint64_t dfl__share_synced(const dfl__share *share);
void dfl__share_raise_synced(dfl__share *share, uint64_t synced);
uint64_t dfl__share_removals(const dfl__share *share);
void dfl__share_count_removal(dfl__share *share);

#endif
