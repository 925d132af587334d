/* What the processes that have one store open share: who may append, and how far the log reaches.
 *
 * Two files in the store's directory. `lock` has a byte range lock for each handle, which the system
 * drops when the handle's process dies: that is how others know. `shared` is mapped by all, and holds
 * nothing that could not be found by reading the log; whoever opens a store that nobody has open
 * begins it anew.
 *
 * note [the append lock]
 * A word in `shared`. Its lower half is 0, or the number of the handle that holds the lock, and a bit that
 * says that somebody waits; its upper half counts how often the lock was taken. It costs one
 * compare-and-swap where nobody else wants it. A handle that waits for long asks the system whether the
 * owner's byte is still locked; if not the owner has died, and the lock passes to the one that asks, who
 * has to look at what the owner left behind. If the lock has been taken since it looked at the word, also
 * by one that was given the same number, the count tells, and it begins again. Who cannot look at what was
 * left behind leaves the lock with a number that nobody has, to be taken over by the next one.
 *
 * note [a handle and fork()]
 * The lock on a handle's byte belongs to the open file, which a child of fork() has, too: the parent's byte
 * would outlive it. So the child closes it at once (dfl__share_leave), and takes a byte of its own if it
 * goes on using the handle. */
#ifndef DFL_LOG_SHARE_H
#define DFL_LOG_SHARE_H

#include "dfl.h"

typedef struct dfl__shared dfl__shared;

typedef struct dfl__share {
    int dir;
    int fd;              /* of `lock`; -1: of a parent */
    uint32_t slot;       /* this handle's number, from 1; 0: none yet, note [a handle and fork()] */
    dfl__shared *shared; /* mapped */
} dfl__share;

/* Begins to open: no other handle opens or closes until dfl__share_opened, or _close. *alone: nobody else has
 * the store open, so `shared` is all zero. DFL_OK, DFL_ESTORE, DFL_EBUSY (too many handles, or a
 * system without such locks on which somebody else has it). */
int dfl__share_open(dfl__share *share, int dir, bool *alone);
int dfl__share_opened(dfl__share *share);
/* Begins to close, likewise; *alone: no other handle is left. */
int dfl__share_closing(dfl__share *share, bool *alone);
/* Also what has failed to open. */
void dfl__share_close(dfl__share *share);
/* In the child of a fork(): note [a handle and fork()]. */
void dfl__share_leave(dfl__share *share);

/* note [the append lock]. *died: the last owner has died with the lock, or has abandoned it, or nobody can
 * tell. DFL_ESTORE: that cannot be asked. */
int dfl__share_lock(dfl__share *share, bool *died);
void dfl__share_unlock(dfl__share *share);
/* Instead of _unlock, as if this one had died: for the next owner *died is true. */
void dfl__share_abandon(dfl__share *share);

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
