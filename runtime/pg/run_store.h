/* The store that one run of the queue sees: its latest checkpoint is what was read with it, and what it saves
 * goes to whoever has taken it. */
#ifndef DFL_PG_RUN_STORE_H
#define DFL_PG_RUN_STORE_H

#include "queue.h"

typedef struct RunStore {
    dfl_store *store; /* of this */
    Queue *queue;     /* for layouts */
    /* The latest checkpoint; graph NULL: there is none. Its strings and body outlive the run. */
    dfl_record now;
    /* Saves one; the id is chosen already. As dfl_store_ops.put. */
    int (*save)(void *user, const dfl_record *record, dfl_durability durability);
    void *user;
} RunStore;

/* queue and save are set already. DFL_OK or DFL_ENOMEM. */
int dfl__run_store_begin(RunStore *store);
void dfl__run_store_end(RunStore *store);

#endif
