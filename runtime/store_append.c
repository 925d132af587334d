/* Appending to the log of a file store: one record, or all that wait for a round of syncs.
 *
 * note [appending together]
 * Whoever saves durably has nothing to do until its record is on the disk, so it need not write it itself: who
 * leads the round that it waits for (store_sync.c, note [group commit]) does so, for all of them. So each of
 * them sleeps once, nobody waits for a lock, and short records that stand one behind the other are written at
 * once, as a group. A group ends where its room does, or the segment; at a long record, which is written from
 * where it is; and at the second one of a thread of checkpoints, which has to find the first in the index.
 * A group that cannot be written is written record by record: each is told what became of its own. The index
 * knows a record when it is written, as always. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <time.h>

#include "mem.h"
#include "store_file.h"

enum {
    GROUP_BYTES = 64 << 10, /* room for a group */
    LONG_BYTES = 8 << 10,   /* a record that is copied for no group */
    TURN_BYTES = 1 << 20,   /* about as many are written before the locks are let go */
    PAUSE_NS = 100 * 1000
};

/* ---- one record; append lock held ---- */

int dfl__file_append(File *file, dfl__log_record *record, const void *body, uint64_t *position) {
    uint64_t last_id = dfl__share_last_id(&file->share);
    int status;
    record->durable_end = dfl__share_synced(&file->share);
    status = dfl__log_append(&file->log, record, body, last_id, position);
    if (status == DFL_OK && record->type == DFL__LOG_CHECKPOINT && record->id > last_id)
        last_id = record->id;
    dfl__share_set_end(&file->share, file->log.end, last_id);
    if (status == DFL_OK)
        dfl__filler_note(&file->filler, &file->log, dfl__record_bytes(record), record->durable_end);
    return status;
}

static void give_id(dfl__log_record *record, const dfl__indexed *thread, uint64_t id) {
    record->id = id;
    if (record->previous == 0 && thread->n > 0)
        record->previous = thread->all[thread->n - 1].id;
}

static void commit(File *file, dfl__indexed *thread, uint64_t position,
                   const dfl__log_record *record) {
    dfl__index_commit(&file->index, thread, position, record);
    if (file->options.keep_last > 0)
        dfl__index_prune(&file->index, thread, file->options.keep_last);
}

static int append_checkpoint(File *file, dfl__log_record *record, const void *body) {
    dfl__indexed *thread = dfl__index_prepare(&file->index, record);
    uint64_t position;
    int status;
    if (!thread) {
        errno = ENOMEM;
        return DFL_ESTORE;
    }
    give_id(record, thread, dfl__share_last_id(&file->share) + 1);
    status = dfl__file_append(file, record, body, &position);
    if (status == DFL_OK)
        commit(file, thread, position, record);
    else
        dfl__index_abandon(thread);
    return status;
}

/* A removal, or a layout. */
static int append_other(File *file, dfl__log_record *record, const void *body) {
    uint64_t position;
    int status = dfl__file_append(file, record, body, &position);
    return status == DFL_OK ? dfl__index_add(&file->index, position, record) : status;
}

int dfl__file_append_one(File *file, dfl__log_record *record, const void *body, uint64_t *end) {
    int status = dfl__file_begin_append(file);
    if (status != DFL_OK)
        return status;
    if (record->type == DFL__LOG_CHECKPOINT)
        status = append_checkpoint(file, record, body);
    else
        status = append_other(file, record, body);
    *end = file->log.end;
    dfl__file_end_append(file);
    return status;
}

/* ---- groups; append lock held ---- */

/* Those from `first` on are in it, up to `behind`. */
typedef struct Group {
    dfl__put *first, *behind;
    uint64_t last_id, durable_end;
    size_t longest; /* of its records, in bytes */
} Group;

static void tell(dfl__put *put, int status, uint64_t end) {
    put->status = status;
    put->why = errno;
    put->end = status == DFL_OK ? end : 0;
}

/* Whether the group has a record of this thread, which may be one that is new to the index. */
static bool has_thread(const Group *group, const dfl__indexed *thread) {
    if (thread->n > 0)
        return thread->is_staged;
    for (const dfl__put *put = group->first; put != group->behind; put = put->next)
        if (put->thread->n == 0 && strcmp(put->thread->base.name, thread->base.name) == 0)
            return true;
    return false;
}

/* False: it is not for this group. */
static bool stage(File *file, Group *group, dfl__put *put) {
    size_t n = dfl__record_bytes(&put->record);
    dfl__indexed *thread = n < LONG_BYTES && dfl__log_fits(&file->log, &file->group, n)
                               ? dfl__index_prepare(&file->index, &put->record)
                               : NULL;
    if (thread && has_thread(group, thread)) {
        dfl__index_abandon(thread);
        thread = NULL;
    }
    if (!thread)
        return false;
    give_id(&put->record, thread, ++group->last_id);
    put->record.durable_end = group->durable_end;
    put->position = dfl__log_stage(&file->log, &file->group, &put->record, put->body);
    put->thread = thread;
    thread->is_staged = true;
    if (n > group->longest)
        group->longest = n;
    return true;
}

static void append_alone(File *file, dfl__put *put) {
    int status = append_checkpoint(file, &put->record, put->body);
    tell(put, status, file->log.end);
}

/* The records of a group that could not be written. */
static void append_each(File *file, const Group *group) {
    for (dfl__put *put = group->first; put != group->behind; put = put->next) {
        put->thread->is_staged = false;
        dfl__index_abandon(put->thread);
    }
    for (dfl__put *put = group->first; put != group->behind; put = put->next)
        append_alone(file, put);
}

static void append_group(File *file, const Group *group) {
    if (dfl__log_append_group(&file->log, &file->group) != DFL_OK) {
        append_each(file, group);
        return;
    }
    dfl__share_set_end(&file->share, file->log.end, group->last_id);
    for (dfl__put *put = group->first; put != group->behind; put = put->next) {
        put->thread->is_staged = false;
        commit(file, put->thread, put->position, &put->record);
        tell(put, DFL_OK, file->log.end);
    }
    dfl__filler_note(&file->filler, &file->log, group->longest, group->durable_end);
}

/* Without memory for groups each record is written alone. */
static void make_room(dfl__log_group *group) {
    if (group->cap > 0)
        return;
    group->bytes = dfl__malloc(GROUP_BYTES);
    group->cap = group->bytes ? GROUP_BYTES : 0;
}

/* One group, or one record; returns the one behind. */
static dfl__put *append_some(File *file, dfl__put *first) {
    Group group = {.first = first,
                   .behind = first,
                   .last_id = dfl__share_last_id(&file->share),
                   .durable_end = dfl__share_synced(&file->share)};
    if (first->next) {
        make_room(&file->group);
        while (group.behind && stage(file, &group, group.behind))
            group.behind = group.behind->next;
    }
    if (group.behind != first) {
        append_group(file, &group);
        return group.behind;
    }
    append_alone(file, first);
    return first->next;
}

/* ---- turns ---- */

static void tell_all(dfl__put *puts, int status) {
    for (dfl__put *put = puts; put; put = put->next)
        tell(put, status, 0);
}

void dfl__file_let_others_in(void) {
    struct timespec pause = {0, PAUSE_NS};
    (void)nanosleep(&pause, NULL);
}

/* Lock held. Returns those that are left to the next turn, for which there was no time (a segment that was
 * begun ends a turn, too), or that follow on one after which the log has to be looked at. */
static dfl__put *append_turn(File *file, dfl__put *puts) {
    uint64_t begin, end;
    int status = dfl__file_begin_append(file);
    if (status != DFL_OK) {
        tell_all(puts, status);
        return NULL;
    }
    begin = end = file->log.end;
    while (puts && !file->log.unsettled && end - begin < TURN_BYTES) {
        puts = append_some(file, puts);
        end = file->log.end;
    }
    dfl__file_end_append(file);
    return puts;
}

static void append_in_turns(File *file, dfl__put *puts) {
    for (;;) {
        pthread_mutex_lock(&file->lock);
        puts = append_turn(file, puts);
        pthread_mutex_unlock(&file->lock);
        if (!puts)
            return;
        dfl__file_let_others_in();
    }
}

uint64_t dfl__file_append_all(File *file, dfl__put *puts) {
    uint64_t end = 0;
    int status = dfl__file_check_poison(file);
    if (status == DFL_OK)
        append_in_turns(file, puts);
    else
        tell_all(puts, status);
    for (const dfl__put *put = puts; put; put = put->next)
        if (put->end > end)
            end = put->end;
    return end;
}
