/* Compaction of a file store: what is live in the older segments of the log is copied to its end, under
 * the same ids; then the older segments are removed.
 *
 * note [compaction]
 * A segment is begun, and all before it is emptied, in steps: each copies a batch under the append
 * lock, which is then free until the batch is on the disk. So others append between the copies, also
 * records that make others void.
 * - A record is copied only if the index, which has read all of the log, has it where it stands. So a
 *   copy never stands behind what makes it void, and reading the log in its order is enough.
 * - What was left out may have been so because of a record that is not on the disk yet (keep_last). So
 *   the log is synced between the last step that looks at records and the removal.
 * - At any moment each live checkpoint is in an older segment, or its copy is on the disk, or both;
 *   both are one, having one id. An older segment is removed only when all before it are: what it makes
 *   void is gone by then.
 * Two that compact at once only do work twice. */
#include "mem.h"
#include "store_file.h"

/* Of a batch: bytes of the log, and records. */
enum { BATCH_BYTES = 1 << 20, BATCH_RECORDS = 4096 };

enum { BATCH_IS_FULL = 1 }; /* ends a scan; no status */

typedef struct Copy {
    dfl__entry entry;
    dfl__indexed *thread; /* NULL: a layout */
} Copy;

typedef struct Compaction {
    File *file;
    uint32_t first;  /* the segments before this one are emptied */
    uint64_t cursor; /* up to this position they have been looked at */
    uint64_t end;    /* of the log, behind what was copied */
    bool damaged;
    bool is_empty; /* nothing in the older segments is live */
    bool is_done;
    size_t n;
    uint64_t bytes;
    Copy batch[BATCH_RECORDS];
} Compaction;

/* ---- which records ---- */

static int add(Compaction *compaction, dfl__indexed *thread, const dfl__entry *entry) {
    compaction->batch[compaction->n++] = (Copy){*entry, thread};
    compaction->bytes += (uint64_t)entry->head_n + entry->body_n;
    return compaction->n == BATCH_RECORDS || compaction->bytes >= BATCH_BYTES ? BATCH_IS_FULL
                                                                              : DFL_OK;
}

static int visit(void *user, uint64_t position, const dfl__log_record *record) {
    Compaction *compaction = user;
    const dfl__index *index = &compaction->file->index;
    const dfl__entry *entry = dfl__index_find(index, record);
    if (entry && entry->position == position)
        return add(compaction, dfl__thread_find(&index->threads, record->thread, record->thread_n),
                   entry);
    /* What is void counts too, so that a step does not take long. */
    compaction->bytes += dfl__record_bytes(record);
    return compaction->bytes >= BATCH_BYTES ? BATCH_IS_FULL : DFL_OK;
}

static void no_record(void *user, uint64_t position, uint64_t n) {
    Compaction *compaction = user;
    compaction->damaged = true;
    dfl__file_no_record(compaction->file, position, n);
}

/* Where the older segments are at their end. */
static uint64_t older_end(const Compaction *compaction) {
    return dfl__position(compaction->first, DFL__SEGMENT_HEAD);
}

static int scan(Compaction *compaction) {
    dfl__log_visitor visitor = {visit, no_record, compaction, false};
    int status = dfl__log_scan(&compaction->file->log, compaction->cursor, older_end(compaction),
                               &visitor, &compaction->cursor);
    if (status == DFL_OK)
        compaction->cursor = older_end(compaction);
    return status == BATCH_IS_FULL ? DFL_OK : status;
}

static bool is_older(const Compaction *compaction, const dfl__entry *entry) {
    return dfl__position_segment(entry->position) < compaction->first;
}

/* What the index still has in older segments, where the scan has come to their end: only where damage
 * was done to the log meanwhile. */
static void find_left(Compaction *compaction) {
    const dfl__index *index = &compaction->file->index;
    int status = DFL_OK;
    for (dfl__thread *at = index->threads.first; at && status == DFL_OK; at = at->after) {
        dfl__indexed *thread = (dfl__indexed *)at;
        for (size_t i = 0; i < thread->n && status == DFL_OK; i++)
            if (is_older(compaction, &thread->all[i]))
                status = add(compaction, thread, &thread->all[i]);
    }
    for (size_t i = 0; i < index->n_layouts && status == DFL_OK; i++)
        if (is_older(compaction, &index->layouts[i].entry))
            status = add(compaction, NULL, &index->layouts[i].entry);
}

/* ---- copying ---- */

static int read_layout(File *file, const dfl__entry *entry, dfl__log_record *record) {
    int status = dfl__file_read_entry(file, entry, true, &file->scratch, record);
    if (status == DFL_ECORRUPT) {
        dfl__file_damaged(file, "", "a layout", entry->position,
                          (uint64_t)entry->head_n + entry->body_n);
        dfl__index_remove_layout(&file->index, entry->position);
    }
    return status;
}

/* One that is damaged is left out. */
static int copy(Compaction *compaction, const Copy *from) {
    File *file = compaction->file;
    dfl__log_record record;
    uint64_t position;
    int status = from->thread ? dfl__file_read_or_forget(file, from->thread, from->entry.id, true,
                                                         &file->scratch, &record)
                              : read_layout(file, &from->entry, &record);
    if (status == DFL_ECORRUPT) {
        compaction->damaged = true;
        return DFL_OK;
    }
    if (status != DFL_OK)
        return status;
    record.flags |= DFL__LOG_COPIED;
    status = dfl__file_append(file, &record, file->scratch.p + from->entry.head_n, &position);
    if (status == DFL_OK)
        dfl__index_find(&file->index, &record)->position = position;
    return status;
}

static int copy_batch(Compaction *compaction) {
    int status = DFL_OK;
    for (size_t i = 0; i < compaction->n && status == DFL_OK; i++)
        status = copy(compaction, &compaction->batch[i]);
    return status;
}

/* ---- steps ---- */

/* Lock and append lock held. What was copied or left out before this step is on the disk. */
static int copy_some(Compaction *compaction) {
    bool is_at_end = compaction->cursor == older_end(compaction);
    int status = DFL_OK;
    compaction->n = 0;
    compaction->bytes = 0;
    if (is_at_end)
        find_left(compaction);
    else
        status = scan(compaction);
    if (status == DFL_OK)
        status = copy_batch(compaction);
    compaction->end = compaction->file->log.end;
    compaction->is_empty = status == DFL_OK && is_at_end && compaction->n == 0;
    return status;
}

static bool has_older(const Compaction *compaction) {
    const dfl__log *log = &compaction->file->log;
    return log->n > 0 && log->segments[0].number < compaction->first;
}

/* Lock and append lock held. One at a time: it may take the system a while. */
static int drop_oldest(Compaction *compaction) {
    File *file = compaction->file;
    int status = DFL_OK;
    if (has_older(compaction)) {
        compaction->damaged = compaction->damaged || file->log.segments[0].damaged;
        status = dfl__log_drop_oldest(&file->log);
        if (status == DFL_OK)
            dfl__share_count_removal(&file->share);
    }
    compaction->is_done = !has_older(compaction);
    return status;
}

/* Lock and append lock held. Done at once where there is nothing before the segment that is begun. */
static int begin(Compaction *compaction) {
    File *file = compaction->file;
    uint64_t last_id = dfl__share_last_id(&file->share);
    int status = file->log.n > 0 ? dfl__log_begin(&file->log, last_id) : DFL_OK;
    dfl__share_set_end(&file->share, file->log.end, last_id);
    if (status != DFL_OK)
        return status;
    compaction->first = dfl__position_segment(compaction->end = file->log.end);
    compaction->is_empty = compaction->is_done = !has_older(compaction);
    return DFL_OK;
}

static int under_locks(Compaction *compaction, int (*step)(Compaction *)) {
    File *file = compaction->file;
    int status;
    pthread_mutex_lock(&file->lock);
    status = dfl__file_begin_append(file);
    if (status == DFL_OK) {
        status = step(compaction);
        dfl__file_end_append(file);
    }
    pthread_mutex_unlock(&file->lock);
    return status;
}

static int compact(Compaction *compaction) {
    int status = under_locks(compaction, begin);
    while (status == DFL_OK && !compaction->is_empty) {
        dfl__file_let_others_in();
        status = under_locks(compaction, copy_some);
        if (status == DFL_OK)
            status = dfl__file_sync_to(compaction->file, compaction->end);
    }
    while (status == DFL_OK && !compaction->is_done) {
        dfl__file_let_others_in();
        status = under_locks(compaction, drop_oldest);
        if (status == DFL_OK)
            status = dfl__log_sync_dir(&compaction->file->log);
    }
    return status == DFL_OK && compaction->damaged ? DFL_ECORRUPT : status;
}

int dfl__file_compact(void *self) {
    File *file = self;
    Compaction *compaction;
    int status = dfl__file_check_poison(file);
    if (status != DFL_OK)
        return status;
    compaction = dfl__malloc(sizeof *compaction);
    if (!compaction)
        return DFL_ENOMEM;
    compaction->file = file;
    compaction->cursor = 0;
    compaction->damaged = false;
    status = compact(compaction);
    dfl__free(compaction);
    return status;
}
