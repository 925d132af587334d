/* store_watch.h. Which threads have changed the index notes: note [a watched index]. */
#include "store_watch.h"

#include "store_file.h"

/* The newest that is intact; the thread may be gone with its last one, but is still in the list. */
static int find_latest(File *file, dfl__indexed *thread) {
    int status = DFL_OK;
    while (status == DFL_OK && thread->n > 0 && !dfl__index_knows_latest(thread)) {
        dfl__log_record record;
        status = dfl__file_read_or_forget(file, thread, 0, false, &file->scratch, &record);
        if (status == DFL_OK) {
            dfl__index_note_latest(thread, &record);
            status = dfl__index_knows_latest(thread) ? DFL_OK : DFL_ENOMEM;
        } else if (status == DFL_ECORRUPT) {
            status = DFL_OK;
        }
    }
    return status;
}

/* One that came and went between two looks is not told of. */
static void tell(dfl__indexed *thread, void (*each)(void *user, const dfl__change *change),
                 void *user) {
    dfl__change change = {.thread = thread->base.name, .mark = &thread->mark};
    if (thread->is_gone && !thread->is_told)
        return;
    if (!thread->is_gone) {
        change.latest = &thread->latest;
        change.checkpoints = thread->n;
        change.bytes = thread->bytes;
        change.saves = thread->saves;
    }
    thread->is_told = true;
    each(user, &change);
}

static uint64_t log_bytes(const dfl__log *log) {
    uint64_t bytes = 0;
    for (size_t i = 0; i < log->n; i++) {
        const dfl__segment *segment = &log->segments[i];
        bytes += segment->number == dfl__position_segment(log->end) ? dfl__position_offset(log->end)
                 : segment->sealed                                  ? segment->sealed
                                                                    : segment->filled;
    }
    return bytes;
}

/* Every save takes an id, and nothing else does. */
static void sum_up(File *file, dfl__sums *sums) {
    const dfl__index *index = &file->index;
    uint64_t last_id = dfl__share_last_id(&file->share);
    *sums = (dfl__sums){.threads = index->threads.n,
                        .segments = file->log.n,
                        .checkpoints = index->n_entries,
                        .bytes = index->bytes,
                        .log_bytes = log_bytes(&file->log),
                        .saves = last_id - file->watched_id};
    file->watched_id = last_id;
}

static int look(File *file, void (*each)(void *user, const dfl__change *change), void *user) {
    int status = dfl__file_read_on(file);
    if (status == DFL_OK && !file->index.is_watched) {
        dfl__index_watch(&file->index);
        file->watched_id = dfl__share_last_id(&file->share);
    }
    while (status == DFL_OK && file->index.changed_first) {
        status = find_latest(file, file->index.changed_first);
        if (status != DFL_OK)
            break;
        tell(file->index.changed_first, each, user);
        dfl__index_take_change(&file->index);
    }
    return status;
}

int dfl__store_changes(dfl_store *store, void (*each)(void *user, const dfl__change *change),
                       void *user, dfl__sums *sums) {
    File *file = store && each && sums ? dfl__store_file(store) : NULL;
    int status;
    if (!file)
        return DFL_EINVAL;
    pthread_mutex_lock(&file->lock);
    status = look(file, each, user);
    if (status == DFL_OK)
        sum_up(file, sums);
    pthread_mutex_unlock(&file->lock);
    return status;
}
