/* A file store watched: what has changed since the last look. For tools.
 *
 * A look reads on in the log from where the one before it ended, and tells of the threads that have
 * changed, so it costs what has happened meanwhile, however many threads there are; where nothing has,
 * two loads. Writers and compaction are not held up: a look takes no lock but the handle's own. */
#ifndef DFL_STORE_WATCH_H
#define DFL_STORE_WATCH_H

#include "dfl.h"

typedef struct dfl__change {
    const char *thread;
    const dfl_checkpoint *latest; /* NULL: the thread was removed; all below is zero, but for `mark` */
    size_t checkpoints;           /* that it has */
    uint64_t bytes;               /* of these in the log */
    uint64_t saves;               /* since the last look; those seen at the first look are none */
    void **mark;                  /* the caller's, NULL at first: kept until the removal was told */
} dfl__change;

typedef struct dfl__sums {
    size_t threads, segments;
    uint64_t checkpoints, bytes; /* of all threads, and theirs in the log */
    uint64_t log_bytes;          /* of the log; what is more than `bytes`, compaction mostly gives back */
    uint64_t saves;              /* since the last look, also of what nobody can see any more */
} dfl__sums;

/* Tells of each thread that has changed since the last look at this handle, once, in the order of the first
 * change of each; at the first look, of all. A thread that was removed and made again is told of twice.
 * What `each` is given is valid during the call, in which the store must not be used. Then fills *sums.
 * DFL_OK; DFL_EINVAL: not a file store; DFL_ESTORE with errno, DFL_ENOMEM: what was not told comes
 * with the next look. Thread-safe; a handle is for one that watches. */
int dfl__store_changes(dfl_store *store, void (*each)(void *user, const dfl__change *change),
                       void *user, dfl__sums *sums);

#endif
