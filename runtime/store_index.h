/* What a file store knows of its threads: where each checkpoint stands in the log. Derived from the
 * log alone. No call here locks. */
#ifndef DFL_STORE_INDEX_H
#define DFL_STORE_INDEX_H

#include "log_record.h"
#include "thread_table.h"

typedef struct dfl__entry {
    uint64_t id, position;
    uint32_t head_n, body_n;
} dfl__entry;

typedef struct dfl__indexed {
    dfl__thread base;
    dfl__entry *all; /* by id, rising; never empty once linked */
    size_t n, cap;
    dfl_checkpoint latest; /* of the last entry; thread and next are owned here */
    char *next;
    size_t next_cap;
    uint64_t bytes; /* of the records in `all` */
    bool is_staged; /* store_append.c: a record of it is prepared for, and not written yet */
    /* note [a watched index] */
    struct dfl__indexed *changed_after;
    uint64_t saves;
    void *mark;
    bool is_changed, is_told, is_gone;
} dfl__indexed;

typedef struct dfl__layout_entry {
    uint64_t mark;
    dfl__entry entry;
} dfl__layout_entry;

typedef struct dfl__index {
    dfl__thread_table threads;
    dfl__layout_entry *layouts; /* one for each version of each graph: few */
    size_t n_layouts, cap_layouts;
    uint64_t last_id;
    uint64_t n_entries, bytes; /* of all threads */
    bool is_watched;
    dfl__indexed *changed_first, *changed_last;
} dfl__index;

bool dfl__index_init(dfl__index *index); /* false: out of memory */
void dfl__index_clear(dfl__index *index);
void dfl__index_free(dfl__index *index);

/* Takes a record of any type into account. DFL_OK or DFL_ENOMEM. */
int dfl__index_add(dfl__index *index, uint64_t position, const dfl__log_record *record);
/* The same for a checkpoint, in two steps, so that it cannot fail once the record is written: its
 * thread with all the room it needs, NULL: no memory; then either of the others, whatever happens. */
dfl__indexed *dfl__index_prepare(dfl__index *index, const dfl__log_record *record);
void dfl__index_commit(dfl__index *index, dfl__indexed *thread, uint64_t position,
                       const dfl__log_record *record);
void dfl__index_abandon(dfl__indexed *thread);
/* NULL: no layout with this mark. Valid until something is added. */
const dfl__layout_entry *dfl__index_layout(const dfl__index *index, uint64_t mark);
/* NULL: no such thread. */
dfl__indexed *dfl__index_thread(const dfl__index *index, const char *name);
/* The checkpoint with this id, 0: the latest; NULL: none. */
const dfl__entry *dfl__index_entry(const dfl__indexed *thread, uint64_t id);
/* The entry of a checkpoint or a layout; NULL: there is none, or the record is of another kind. A record
 * is live where its entry has its position. Valid until anything is added or removed. */
dfl__entry *dfl__index_find(const dfl__index *index, const dfl__log_record *record);
/* Removes one entry that turned out to be damaged; the thread with its last one. */
void dfl__index_remove(dfl__index *index, dfl__indexed *thread, uint64_t id);
void dfl__index_remove_layout(dfl__index *index, uint64_t position);
/* Removes what stands before a position of the log; threads with their last entry. */
void dfl__index_remove_before(dfl__index *index, uint64_t position);
/* Keeps the newest `keep`. */
void dfl__index_prune(dfl__index *index, dfl__indexed *thread, size_t keep);
void dfl__index_delete(dfl__index *index, dfl__indexed *thread);
/* Whether thread->latest is about its last entry; else it has to be read. */
bool dfl__index_knows_latest(const dfl__indexed *thread);
void dfl__index_note_latest(dfl__indexed *thread, const dfl__log_record *record);

/* ---- watching ---- */

/* note [a watched index]
 * Threads that have changed stand in a list, each once and in the order of their first change, from
 * `changed_first` by `changed_after`, until they are taken from it. One that was removed is out of the table,
 * and freed when it is taken: then `is_gone`, and it has no entries. `saves` counts the checkpoints that
 * came since it was taken, also those that are gone; copies count once. `is_told` and `mark` are whoever
 * watches' own. Nothing of this happens in an index that is not watched. */

/* From now on; every thread counts as changed. */
void dfl__index_watch(dfl__index *index);
/* Takes the first changed thread from the list. One that is gone is freed. */
void dfl__index_take_change(dfl__index *index);

#endif
