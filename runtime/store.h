/* What a checkpoint store must be able to do. Every kind of store is a table of these operations;
 * runs and the public functions know no more.
 *
 * All operations are thread-safe. A failing store returns DFL_ESTORE and leaves the reason in
 * errno; what was stored before stays as it was. */
#ifndef DFL_STORE_H
#define DFL_STORE_H

#include "dfl.h"

/* One checkpoint as it is stored. */
typedef struct dfl__record {
    dfl_checkpoint about;
    const char *graph;
    uint64_t layout; /* its mark */
    const uint8_t *body; /* for the store: bytes; their form is checkpoint.c's */
    size_t n;
} dfl__record;

typedef struct dfl__store_ops {
    /* Stores a copy. about.id and about.time_ns are the store's to choose, and about.previous too
     * when it is 0: then it is the thread's latest. *id is the new one. */
    int (*put)(void *self, const dfl__record *record, dfl_durability durability, uint64_t *id);
    /* Strings in *out are valid until the thread is changed. */
    int (*latest)(void *self, const char *thread, dfl_checkpoint *out);
    /* The checkpoint `id` of the thread, 0: its latest. What *out points to is in `hold` (which is
     * replaced) or is `thread`, so it survives whatever happens to the store. */
    int (*read)(void *self, const char *thread, uint64_t id, dfl__record *out, dfl_buf *hold);
    /* The callbacks are called without a lock: they may use the store. */
    int (*history)(void *self, const char *thread, size_t limit,
                   int (*each)(void *user, const dfl_checkpoint *), void *user);
    int (*threads)(void *self, int (*each)(void *user, const char *thread), void *user);
    int (*delete_thread)(void *self, const char *thread);
    int (*prune)(void *self, const char *thread, size_t keep);
    void (*close)(void *self);
    /* NULL: nothing is to be done, and nothing can be damaged. */
    int (*sync)(void *self);
    int (*verify)(void *self, void (*on_damage)(void *user, const dfl_damage *damage), void *user);
    /* The text of a layout (layout.h), by its mark: stored once, and as durable as the checkpoints
     * that are put after it; and read back into *out (NULL: only to know whether it is there).
     * DFL_ENOTFOUND. */
    int (*put_layout)(void *self, const char *graph, uint64_t mark, const char *text, size_t n);
    int (*layout)(void *self, uint64_t mark, dfl_buf *out);
    int (*compact)(void *self); /* NULL: what is removed takes no room */
} dfl__store_ops;

struct dfl_store {
    const dfl__store_ops *ops;
    void *self;
};

#endif
