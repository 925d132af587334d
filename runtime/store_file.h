/* A handle of a file store, for the files that make up the store; no others include this.
 *
 * note [the locks of a file store]
 * `lock` guards the log and the index of this handle; the append lock (log_share.h) is taken within
 * it, to append. `sync_lock` guards the members below it and is never held together with `lock`.
 * What another process has appended is read on when an end in `shared` is found that is not ours:
 * before an append, and before anything is looked up. */
#ifndef DFL_STORE_FILE_H
#define DFL_STORE_FILE_H

#include <pthread.h>

#include "log.h"
#include "log_share.h"
#include "store.h"
#include "store_fill.h"
#include "store_index.h"

typedef struct File {
    dfl_store store;
    dfl_store_options options;
    int dir;
    dfl__share share;
    pthread_mutex_t lock;
    dfl__log log;
    dfl__index index;
    uint64_t removals; /* how often segments were removed, as of `share`, when they were last listed */
    uint32_t first;    /* the index has nothing that stands before this segment */
    dfl_buf scratch;
    uint64_t watched_id; /* store_watch.c: the last id at the last look */
    dfl__filler filler;

    pthread_mutex_t sync_lock;
    pthread_cond_t sync_changed;
    uint64_t synced; /* position */
    bool syncing;    /* somebody is at it */
    bool has_syncer, closing;
    uint64_t wanted; /* position that the syncer is to sync */
    pthread_t syncer;
} File;

/* NULL: a store of another kind. */
File *dfl__store_file(const dfl_store *store);
/* DFL_ESTORE: note [a failed sync] (log.h). */
int dfl__file_check_poison(const File *file);
/* Waits until the log is on the disk up to a position. No lock held. */
int dfl__file_sync_to(File *file, uint64_t position);

/* ---- lock held ---- */

/* Reads what others have appended. The append lock is not held. */
int dfl__file_read_on(File *file);
/* Takes the append lock, and reads on. On an error it is not held. */
int dfl__file_begin_append(File *file);
void dfl__file_end_append(File *file);
/* Append lock held. Appends a record, of which the index is not told. */
int dfl__file_append(File *file, dfl__log_record *record, const void *body, uint64_t *position);
/* Header and names of an entry, in `buf`, with room for more behind them; then the body. DFL_ECORRUPT. */
int dfl__file_read_entry(const File *file, const dfl__entry *entry, bool with_body, dfl_buf *buf,
                         dfl__log_record *record);
/* The same for a checkpoint; one that is damaged is told, and forgotten. */
int dfl__file_read_or_forget(File *file, dfl__indexed *thread, uint64_t id, bool with_body,
                             dfl_buf *buf, dfl__log_record *record);
/* Tells of damage, and notes it at its segment. */
void dfl__file_damaged(File *file, const char *thread, const char *what, uint64_t position,
                       uint64_t bytes);
/* The same, as a visitor of the log. */
void dfl__file_no_record(void *file, uint64_t position, uint64_t n);

/* ---- store_compact.c ---- */

int dfl__file_compact(void *self);

#endif
