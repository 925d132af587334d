/* A handle of a file store, for the files that make up the store; no others include this.
 *
 * note [the locks of a file store]
 * `lock` guards the log and the index of this handle; the append lock (log_share.h) is taken within
 * it, to append. That of `syncs` is never held together with `lock`, but
 * by whoever forks.
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

/* A checkpoint that is to be appended, and what has become of it. It is whoever appends it that uses it while
 * whoever saves it waits; store_append.c, note [appending together]. */
typedef struct dfl__put {
    dfl__log_record record;
    const void *body;
    uint64_t end;    /* position behind it; it may lie behind others, too */
    int status, why; /* why: errno */
    struct dfl__put *next;
    /* Until its group is written. */
    dfl__indexed *thread;
    uint64_t position;
} dfl__put;

/* store_sync.c; note [group commit]. What lies before `lock` may be read without it. */
typedef struct dfl__file_syncs {
    _Atomic uint64_t synced; /* position up to which the log is on the disk */
    atomic_uint over;        /* number of the round that has ended last */
    atomic_uint changes[2];  /* of the even and the odd rounds: how often one of them has ended, or might begin */
    atomic_uint may_begin;   /* whoever waits for the next round and takes this back leads it */
    pthread_mutex_t lock;
    uint64_t wanted;  /* position that the next round is to reach */
    dfl__put *puts, **puts_end; /* that it is to append before; it is the last `next` of them */
    unsigned round;   /* that has begun last */
    bool has_leader;  /* or is to have one at once */
    unsigned joined;  /* threads that the next round is for: its leader, if it has one, and those that wait */
    unsigned expected;     /* of them */
    bool is_gathering;     /* the leader waits for them */
    /* Of the leader. */
    unsigned to_skip, skipped; /* rounds that are not to be waited for, now and the last time */
    int64_t sync_ns;           /* that a sync takes, of late */
    int fd; /* of the segment `number`, -1: none yet */
    uint32_t number;
    /* For DFL_ASYNC. */
    bool has_syncer, closing;
    uint64_t wanted_soon; /* position */
    pthread_cond_t is_wanted;
    pthread_t syncer;
} dfl__file_syncs;

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
    dfl__log_group group; /* store_append.c */
    bool is_lost;      /* note [a store and fork()] */
    uint64_t watched_id; /* store_watch.c: the last id at the last look */
    dfl__filler filler;
    /* note [a store and fork()]; under the lock of that list. */
    struct File *next_open, *previous_open;
    bool is_held;

    dfl__file_syncs syncs;
} File;

/* NULL: a store of another kind. */
File *dfl__store_file(const dfl_store *store);

/* ---- lock held ---- */

/* Reads what others have appended. The append lock is not held. */
int dfl__file_read_on(File *file);
/* Takes the append lock, and reads on. On an error it is not held. */
int dfl__file_begin_append(File *file);
void dfl__file_end_append(File *file);
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

/* ---- store_append.c ---- */

/* Lock and append lock held. Appends a record, of which the index is not told. */
int dfl__file_append(File *file, dfl__log_record *record, const void *body, uint64_t *position);
/* Lock held. Appends a record of any type; *end is the position behind it. */
int dfl__file_append_one(File *file, dfl__log_record *record, const void *body, uint64_t *end);
/* No lock held. Appends them, and tells each what has become of it; returns the position behind all that are
 * written, 0: none is. */
uint64_t dfl__file_append_all(File *file, dfl__put *puts);
/* Between two times that the locks are held, which are not handed out in turn. */
void dfl__file_let_others_in(void);

/* ---- store_sync.c ---- */

void dfl__file_init_sync(File *file);
void dfl__file_free_sync(File *file);
/* DFL_ESTORE: note [a failed sync] (log.h). */
int dfl__file_check_poison(const File *file);
uint64_t dfl__file_synced(const File *file); /* position */
/* Waits until the log is on the disk up to a position, behind a record that was written. No lock held. */
int dfl__file_sync_to(File *file, uint64_t position);
/* Appends a checkpoint, and waits until it is on the disk. No lock held. */
int dfl__file_put_durably(File *file, dfl__put *put);
/* As dfl__file_sync_to, for DFL_ASYNC: it does not wait, but where there is no thread to sync. */
int dfl__file_sync_soon(File *file, uint64_t position);
void dfl__file_stop_syncer(File *file);

/* In the child of a fork(): nobody leads, waits or syncs any more. */
void dfl__file_forget_syncers(File *file);

/* ---- store_fork.c ---- */

/* Between these a fork() finds the handle. */
void dfl__file_expect_fork(File *file);
void dfl__file_expect_no_fork(File *file);

/* ---- store_compact.c ---- */

int dfl__file_compact(void *self);

#endif
