/* The file store: the log (log.h), an index of it in memory, and what several threads and processes
 * need to share both; note [the locks of a file store] in store_file.h. */
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"
#include "mem.h"
#include "store_file.h"
#include "system.h"

enum { SEGMENT_BYTES = 64 << 20, LEAST_SEGMENT_BYTES = 64 << 10 };

/* ---- damage ---- */

static void tell_damage(const dfl_store_options *options, const char *thread, const char *what,
                        uint64_t position, uint64_t bytes) {
    dfl_damage damage = {thread, what, dfl__position_segment(position),
                         dfl__position_offset(position), bytes};
    if (options->on_damage)
        options->on_damage(options->user, &damage);
}

void dfl__file_damaged(File *file, const char *thread, const char *what, uint64_t position,
                       uint64_t bytes) {
    dfl__segment *segment = dfl__log_segment(&file->log, dfl__position_segment(position));
    if (segment)
        segment->damaged = true;
    tell_damage(&file->options, thread, what, position, bytes);
}

void dfl__file_no_record(void *file, uint64_t position, uint64_t n) {
    dfl__file_damaged(file, "", "no record", position, n);
}

/* ---- reading on ---- */

/* note [a store and fork()] */
static int lost(void) {
    errno = EBUSY;
    return DFL_ESTORE;
}

static int add_record(void *user, uint64_t position, const dfl__log_record *record) {
    File *file = user;
    int status = dfl__index_add(&file->index, position, record);
    if (status == DFL_OK && file->options.keep_last > 0 && record->type == DFL__LOG_CHECKPOINT)
        dfl__index_prune(&file->index,
                         dfl__thread_find(&file->index.threads, record->thread, record->thread_n),
                         file->options.keep_last);
    return status;
}

/* Lock held. Reads on up to `to` (0: to the end, as the log itself tells it). What stood in segments
 * that were removed, and has not come again, is forgotten. */
static int scan(File *file, uint64_t to) {
    dfl__log_visitor visitor = {add_record, dfl__file_no_record, file, false};
    int status = dfl__log_scan(&file->log, file->log.end, to, &visitor, &file->log.end);
    uint32_t first = status == DFL_OK && file->log.n > 0 ? file->log.segments[0].number : 0;
    if (first > file->first) {
        dfl__index_remove_before(&file->index, dfl__position(first, 0));
        file->first = first;
    }
    return status;
}

/* Whether the list of segments has to be looked at: else records have only been added to the last of them. */
static bool has_other_segments(const File *file, uint64_t end, uint64_t removals) {
    const dfl__log *log = &file->log;
    return removals != file->removals || log->n == 0 ||
           log->segments[log->n - 1].number != dfl__position_segment(end);
}

/* Lock held. Opens the segments up to `end`. *again: it may lie before the copies of what stood in segments
 * that were removed meanwhile. */
static int list_up_to(File *file, uint64_t end, uint32_t *what, bool *again) {
    uint32_t last = dfl__position_segment(end);
    int status = dfl__log_refresh(&file->log, last, what, again);
    if (status == DFL_OK && !dfl__log_segment(&file->log, last))
        *again = *again || dfl__share_end(&file->share) != end;
    return status;
}

/* Lock held. An end that was read before segments were removed is read again. */
static int follow(File *file, uint32_t *what) {
    uint64_t end, removals;
    bool again;
    int status;
    do {
        again = false;
        removals = dfl__share_removals(&file->share);
        end = dfl__share_end(&file->share);
        if (end == file->log.end && removals == file->removals)
            return DFL_OK;
        status =
            has_other_segments(file, end, removals) ? list_up_to(file, end, what, &again) : DFL_OK;
        if (status == DFL_OK)
            file->removals = removals;
    } while (status == DFL_OK && again);
    return status == DFL_OK && end > 0 ? scan(file, end) : status;
}

static int read_on(File *file, uint32_t *what) {
    int status = file->is_lost ? lost() : follow(file, what);
    dfl__log_close_removed(&file->log);
    return status;
}

int dfl__file_read_on(File *file) {
    uint32_t what;
    return read_on(file, &what);
}

/* Append lock held, alone or after its owner has died: the log itself tells where it ends. */
static int recover(File *file) {
    uint64_t cleared;
    int status = scan(file, 0);
    if (status == DFL_OK)
        status = dfl__log_clear_tail(&file->log, &cleared);
    if (status == DFL_OK) {
        uint64_t last_id = dfl__share_last_id(&file->share);
        if (file->index.last_id > last_id)
            last_id = file->index.last_id;
        if (file->log.ids_above > last_id)
            last_id = file->log.ids_above;
        dfl__share_set_end(&file->share, file->log.end, last_id);
    }
    return status;
}

int dfl__file_begin_append(File *file) {
    bool died = false, removed = false;
    uint32_t what;
    int status = file->is_lost ? lost() : dfl__share_lock(&file->share, &died);
    if (status != DFL_OK)
        return status;
    status = follow(file, &what);
    if (status == DFL_OK && died)
        status = dfl__log_refresh(&file->log, DFL__ALL_SEGMENTS, &what, &removed);
    if (status == DFL_OK && died)
        status = recover(file);
    if (file->is_lost) /* by a fork() of a callback: the append lock is the parent's */
        return lost();
    file->log.unsettled = status != DFL_OK && died;
    if (status != DFL_OK)
        dfl__file_end_append(file);
    return status;
}

void dfl__file_end_append(File *file) {
    if (file->log.unsettled)
        dfl__share_abandon(&file->share);
    else
        dfl__share_unlock(&file->share);
    dfl__log_close_removed(&file->log);
}

/* ---- syncing ---- */

static int file_sync(void *self) {
    File *file = self;
    uint64_t end;
    int status;
    pthread_mutex_lock(&file->lock);
    status = dfl__file_read_on(file);
    end = file->log.end;
    pthread_mutex_unlock(&file->lock);
    return status == DFL_OK ? dfl__file_sync_to(file, end) : status;
}

/* ---- saving ---- */

static int too_long(void) {
    errno = ENAMETOOLONG;
    return DFL_ESTORE;
}

static int describe(const dfl_record *record, dfl__log_record *out) {
    size_t thread_n = strlen(record->about.thread), next_n = strlen(record->about.next),
           graph_n = strlen(record->graph);
    if (thread_n > DFL__THREAD_MAX || next_n > DFL__NAME_MAX || graph_n > DFL__NAME_MAX ||
        record->n > UINT32_MAX - 65536)
        return too_long();
    *out = (dfl__log_record){.type = DFL__LOG_CHECKPOINT,
                             .thread_n = (uint16_t)thread_n,
                             .next_n = (uint16_t)next_n,
                             .graph_n = (uint16_t)graph_n,
                             .body_n = (uint32_t)record->n,
                             .previous = record->about.previous,
                             .time_ns = dfl__wall_clock(),
                             .schema = record->layout,
                             .step = record->about.step,
                             .bytes = record->about.bytes,
                             .thread = record->about.thread,
                             .next = record->about.next,
                             .graph = record->graph};
    return DFL_OK;
}

static int put_soon(File *file, dfl__put *put) {
    int status;
    pthread_mutex_lock(&file->lock);
    status = dfl__file_append_one(file, &put->record, put->body, &put->end);
    pthread_mutex_unlock(&file->lock);
    return status == DFL_OK ? dfl__file_sync_soon(file, put->end) : status;
}

static int file_put(void *self, const dfl_record *from, dfl_durability durability, uint64_t *id) {
    File *file = self;
    dfl__put put = {.body = from->body};
    int status = describe(from, &put.record);
    if (status == DFL_OK)
        status = dfl__file_check_poison(file);
    if (status != DFL_OK)
        return status;
    status = durability == DFL_ASYNC ? put_soon(file, &put) : dfl__file_put_durably(file, &put);
    *id = put.record.id;
    return status;
}

/* ---- removing ---- */

/* Writes a record that makes others void, durably. */
static int put_removal(File *file, dfl__record_type type, const char *name, size_t keep) {
    dfl__log_record record = {.type = (uint8_t)type, .thread = name, .time_ns = dfl__wall_clock()};
    const dfl__indexed *thread;
    uint64_t end = 0;
    int status = dfl__file_check_poison(file);
    if (status != DFL_OK)
        return status;
    pthread_mutex_lock(&file->lock);
    status = dfl__file_read_on(file);
    thread = status == DFL_OK ? dfl__index_thread(&file->index, name) : NULL;
    if (status == DFL_OK && !thread)
        status = DFL_ENOTFOUND;
    if (status == DFL_OK && (type == DFL__LOG_DELETED || thread->n > keep)) {
        record.thread_n = (uint16_t)strlen(name);
        record.id = type == DFL__LOG_PRUNED ? thread->all[thread->n - keep].id : 0;
        status = dfl__file_append_one(file, &record, NULL, &end);
    }
    pthread_mutex_unlock(&file->lock);
    return status == DFL_OK ? dfl__file_sync_to(file, end) : status;
}

static int file_delete_thread(void *self, const char *name) {
    return put_removal(self, DFL__LOG_DELETED, name, 0);
}

static int file_prune(void *self, const char *name, size_t keep) {
    return put_removal(self, DFL__LOG_PRUNED, name, keep);
}

/* ---- reading ---- */

int dfl__file_read_entry(const File *file, const dfl__entry *entry, bool with_body, dfl_buf *buf,
                         dfl__log_record *record) {
    size_t n = entry->head_n + (with_body ? entry->body_n : 0);
    const dfl__segment *segment =
        dfl__log_segment(&file->log, dfl__position_segment(entry->position));
    uint64_t offset = dfl__position_offset(entry->position);
    int status;
    buf->n = 0;
    if (!dfl__buf_room(buf, n))
        return DFL_ENOMEM;
    status = dfl__log_read(&file->log, entry->position, buf->p, n);
    if (status != DFL_OK)
        return status;
    if (!segment || !dfl__record_get(buf->p, n, segment->salt, offset, record) ||
        record->id != entry->id || dfl__record_head_bytes(record) != entry->head_n ||
        record->body_n != entry->body_n)
        return DFL_ECORRUPT;
    if (with_body && !dfl__record_body_is_intact(record, buf->p + entry->head_n))
        return DFL_ECORRUPT;
    return DFL_OK;
}

int dfl__file_read_or_forget(File *file, dfl__indexed *thread, uint64_t id, bool with_body,
                             dfl_buf *buf, dfl__log_record *record) {
    const dfl__entry entry = *dfl__index_entry(thread, id);
    int status = dfl__file_read_entry(file, &entry, with_body, buf, record);
    if (status != DFL_ECORRUPT)
        return status;
    dfl__file_damaged(file, thread->base.name, "a checkpoint", entry.position,
                      (uint64_t)entry.head_n + entry.body_n);
    dfl__index_remove(&file->index, thread, entry.id);
    return DFL_ECORRUPT;
}

static int file_latest(void *self, const char *name, dfl_checkpoint *out) {
    File *file = self;
    dfl__indexed *thread;
    dfl__log_record record;
    int status;
    pthread_mutex_lock(&file->lock);
    status = dfl__file_read_on(file);
    while (status == DFL_OK || status == DFL_ECORRUPT) {
        thread = dfl__index_thread(&file->index, name);
        if (!thread) {
            status = DFL_ENOTFOUND;
        } else if (dfl__index_knows_latest(thread)) {
            *out = thread->latest;
            status = DFL_OK;
            break;
        } else {
            status = dfl__file_read_or_forget(file, thread, 0, false, &file->scratch, &record);
            if (status == DFL_OK)
                dfl__index_note_latest(thread, &record);
        }
    }
    pthread_mutex_unlock(&file->lock);
    return status;
}

/* Names behind the body, with their NULs. */
static int give(const dfl__log_record *record, const char *name, dfl_record *out, dfl_buf *hold) {
    size_t head_n = dfl__record_head_bytes(record), next_n = record->next_n,
           graph_n = record->graph_n;
    size_t next_at = DFL__RECORD_HEAD + record->thread_n;
    char *names = (char *)dfl__buf_room(hold, next_n + graph_n + 2);
    if (!names)
        return DFL_ENOMEM;
    memcpy(names, hold->p + next_at, next_n);
    names[next_n] = '\0';
    memcpy(names + next_n + 1, hold->p + next_at + next_n, graph_n);
    names[next_n + 1 + graph_n] = '\0';
    *out = (dfl_record){.about = {.id = record->id,
                                  .previous = record->previous,
                                  .thread = name,
                                  .next = names,
                                  .step = record->step,
                                  .time_ns = record->time_ns,
                                  .bytes = (size_t)record->bytes},
                        .graph = names + next_n + 1,
                        .layout = record->schema,
                        .body = hold->p + head_n,
                        .n = record->body_n};
    return DFL_OK;
}

/* The latest is the newest that is intact; one that is asked for by its id is that or none. */
static int file_read(void *self, const char *name, uint64_t id, dfl_record *out, dfl_buf *hold) {
    File *file = self;
    dfl__log_record record;
    int status;
    pthread_mutex_lock(&file->lock);
    status = dfl__file_read_on(file);
    if (status == DFL_OK) {
        do {
            dfl__indexed *thread = dfl__index_thread(&file->index, name);
            status = thread && dfl__index_entry(thread, id)
                         ? dfl__file_read_or_forget(file, thread, id, true, hold, &record)
                         : DFL_ENOTFOUND;
        } while (status == DFL_ECORRUPT && id == 0);
    }
    pthread_mutex_unlock(&file->lock);
    return status == DFL_OK ? give(&record, name, out, hold) : status;
}

/* ---- layouts ---- */

static int file_put_layout(void *self, const char *graph, uint64_t mark, const char *text,
                           size_t n) {
    File *file = self;
    dfl__log_record record = {.type = DFL__LOG_LAYOUT,
                              .graph_n = (uint16_t)strlen(graph),
                              .body_n = (uint32_t)n,
                              .time_ns = dfl__wall_clock(),
                              .schema = mark,
                              .graph = graph};
    uint64_t end;
    int status = dfl__file_check_poison(file);
    if (strlen(graph) > DFL__NAME_MAX || n > UINT32_MAX - 65536)
        return too_long();
    if (status != DFL_OK)
        return status;
    pthread_mutex_lock(&file->lock);
    if (!dfl__index_layout(&file->index, mark))
        status = dfl__file_append_one(file, &record, text, &end);
    pthread_mutex_unlock(&file->lock);
    return status;
}

static int file_layout(void *self, uint64_t mark, dfl_buf *out) {
    File *file = self;
    const dfl__layout_entry *layout;
    dfl__log_record record;
    dfl_buf bytes = {0};
    int status;
    pthread_mutex_lock(&file->lock);
    layout = dfl__index_layout(&file->index, mark);
    status = layout ? DFL_OK : dfl__file_read_on(file);
    layout = status == DFL_OK ? dfl__index_layout(&file->index, mark) : NULL;
    if (status == DFL_OK)
        status = !layout ? DFL_ENOTFOUND
                 : out   ? dfl__file_read_entry(file, &layout->entry, true, &bytes, &record)
                         : DFL_OK;
    pthread_mutex_unlock(&file->lock);
    if (status == DFL_OK && out) {
        uint8_t *to = dfl__buf_room(out, record.body_n);
        if (to)
            memcpy(to, bytes.p + dfl__record_head_bytes(&record), record.body_n);
        else
            status = DFL_ENOMEM;
    }
    dfl_buf_free(&bytes);
    return status;
}

/* ---- listing ---- */

/* Lock held. The newest `limit` ids, newest first. */
static uint64_t *list_ids(const dfl__indexed *thread, size_t limit, size_t *n) {
    uint64_t *ids;
    *n = limit && limit < thread->n ? limit : thread->n;
    ids = dfl__malloc(*n * sizeof *ids);
    for (size_t i = 0; ids && i < *n; i++)
        ids[i] = thread->all[thread->n - 1 - i].id;
    return ids;
}

static int see_checkpoint(File *file, const char *name, uint64_t id, dfl_buf *hold,
                          dfl_record *out) {
    dfl__log_record record;
    dfl__indexed *thread;
    int status;
    pthread_mutex_lock(&file->lock);
    thread = dfl__index_thread(&file->index, name);
    status = thread && dfl__index_entry(thread, id)
                 ? dfl__file_read_or_forget(file, thread, id, false, hold, &record)
                 : DFL_ENOTFOUND;
    pthread_mutex_unlock(&file->lock);
    return status == DFL_OK ? give(&record, name, out, hold) : status;
}

/* What is damaged, or was removed meanwhile, is left out. */
static int file_history(void *self, const char *name, size_t limit,
                        int (*each)(void *user, const dfl_checkpoint *), void *user) {
    File *file = self;
    const dfl__indexed *thread;
    uint64_t *ids = NULL;
    size_t n = 0;
    dfl_buf hold = {0};
    int status;
    pthread_mutex_lock(&file->lock);
    status = dfl__file_read_on(file);
    thread = status == DFL_OK ? dfl__index_thread(&file->index, name) : NULL;
    if (thread)
        ids = list_ids(thread, limit, &n);
    pthread_mutex_unlock(&file->lock);
    if (status == DFL_OK && !ids)
        status = thread ? DFL_ENOMEM : DFL_ENOTFOUND;
    for (size_t i = 0; status == DFL_OK && i < n; i++) {
        dfl_record record;
        int seen = see_checkpoint(file, name, ids[i], &hold, &record);
        if (seen == DFL_OK && each(user, &record.about))
            break;
        if (seen != DFL_OK && seen != DFL_ENOTFOUND && seen != DFL_ECORRUPT)
            status = seen;
    }
    dfl__free(ids);
    dfl_buf_free(&hold);
    return status;
}

typedef struct Named {
    uint64_t first_id;
    char *name; /* owned */
} Named;

static int by_first_id(const void *a, const void *b) {
    const Named *x = a, *y = b;
    return (x->first_id > y->first_id) - (x->first_id < y->first_id);
}

static void free_names(Named *names, size_t n) {
    for (size_t i = 0; i < n; i++)
        dfl__free(names[i].name);
    dfl__free(names);
}

/* Lock held. */
static Named *list_names(const dfl__index *index, size_t *n) {
    Named *names = dfl__malloc((index->threads.n + 1) * sizeof *names);
    *n = 0;
    if (!names)
        return NULL;
    for (const dfl__thread *at = index->threads.first; at; at = at->after) {
        size_t bytes = strlen(at->name) + 1;
        char *copy = dfl__malloc(bytes);
        if (!copy) {
            free_names(names, *n);
            return NULL;
        }
        names[(*n)++] =
            (Named){((const dfl__indexed *)at)->all[0].id, memcpy(copy, at->name, bytes)};
    }
    return names;
}

static int file_threads(void *self, int (*each)(void *user, const char *thread), void *user) {
    File *file = self;
    Named *names = NULL;
    size_t n = 0;
    int status;
    pthread_mutex_lock(&file->lock);
    status = dfl__file_read_on(file);
    if (status == DFL_OK)
        names = list_names(&file->index, &n);
    pthread_mutex_unlock(&file->lock);
    if (status != DFL_OK)
        return status;
    if (!names)
        return DFL_ENOMEM;
    if (n > 0)
        qsort(names, n, sizeof *names, by_first_id);
    for (size_t i = 0; i < n && !each(user, names[i].name); i++)
        ;
    free_names(names, n);
    return DFL_OK;
}

/* ---- verifying ---- */

typedef struct Verify {
    dfl_store_options to; /* whom damage is told */
    bool damaged;
} Verify;

static int ignore_record(void *user, uint64_t position, const dfl__log_record *record) {
    (void)user, (void)position, (void)record;
    return DFL_OK;
}

static void note_damage(void *user, uint64_t position, uint64_t n) {
    Verify *verify = user;
    verify->damaged = true;
    tell_damage(&verify->to, "", "no intact record", position, n);
}

static int file_verify(void *self, void (*tell)(void *user, const dfl_damage *damage), void *user) {
    File *file = self;
    Verify verify = {.to = {.on_damage = tell, .user = user}};
    dfl__log_visitor visitor = {ignore_record, note_damage, &verify, true};
    uint64_t end;
    int status;
    pthread_mutex_lock(&file->lock);
    status = dfl__file_read_on(file);
    if (status == DFL_OK && file->log.end > 0)
        status = dfl__log_scan(&file->log, 0, file->log.end, &visitor, &end);
    pthread_mutex_unlock(&file->lock);
    return status == DFL_OK && verify.damaged ? DFL_ECORRUPT : status;
}

/* ---- closing ---- */

/* A last record that says that all before it was synced, so that damage to it is not taken for a
 * tail that never was. Only where something was written; an error leaves the log as it was. */
static void put_closed(File *file) {
    dfl__log_record record = {.type = DFL__LOG_CLOSED, .time_ns = dfl__wall_clock()};
    uint64_t end = 0;
    bool is_written = file->log.n > 0 && dfl__file_synced(file) > 0 && file_sync(file) == DFL_OK;
    if (is_written && dfl__file_append_one(file, &record, NULL, &end) == DFL_OK)
        (void)dfl__log_sync(&file->log);
}

static void free_file(File *file) {
    dfl__log_close(&file->log);
    dfl__index_free(&file->index);
    dfl__free(file->group.bytes);
    dfl_buf_free(&file->scratch);
    close(file->dir);
    pthread_mutex_destroy(&file->lock);
    dfl__file_free_sync(file);
    dfl__free(file);
}

static void leave(File *file) {
    pthread_mutex_lock(&file->lock);
    dfl__share_close(&file->share);
    pthread_mutex_unlock(&file->lock);
    dfl__file_expect_no_fork(file);
}

static void file_close(void *self) {
    File *file = self;
    bool alone = false;
    dfl__file_stop_syncer(file);
    if (dfl__file_check_poison(file) == DFL_OK) {
        (void)file_sync(file);
        if (dfl__share_closing(&file->share, &alone) == DFL_OK && alone)
            put_closed(file);
    }
    dfl__filler_stop(&file->filler);
    leave(file);
    free_file(file);
}

static const dfl_store_ops file_ops = {
    .put = file_put,
    .latest = file_latest,
    .read = file_read,
    .history = file_history,
    .threads = file_threads,
    .delete_thread = file_delete_thread,
    .prune = file_prune,
    .close = file_close,
    .sync = file_sync,
    .verify = file_verify,
    .put_layout = file_put_layout,
    .layout = file_layout,
    .compact = dfl__file_compact,
};

File *dfl__store_file(const dfl_store *store) {
    return store->ops == &file_ops ? store->self : NULL;
}

/* ---- opening ---- */

static int refuse(const dfl_store_options *options, int status, const char *fmt, ...)
    DFL__PRINTF(3, 4);
static int refuse(const dfl_store_options *options, int status, const char *fmt, ...) {
    int why = errno;
    va_list args;
    if (options->error) {
        *options->error = (dfl_error){.status = status, .index = -1};
        if (status == DFL_ESTORE)
            options->error->code = why;
        va_start(args, fmt);
        vsnprintf(options->error->message, sizeof options->error->message, fmt, args);
        va_end(args);
    }
    errno = why;
    return status;
}

static int open_directory(const char *path, const dfl_store_options *options, int *dir) {
    if (!options->must_exist && mkdir(path, 0777) != 0 && errno != EEXIST)
        return refuse(options, DFL_ESTORE, "the store '%s' cannot be made: %s", path,
                      strerror(errno));
    *dir = dfl__open_at(AT_FDCWD, path, O_RDONLY | O_DIRECTORY);
    if (*dir >= 0)
        return DFL_OK;
    if (options->must_exist && errno == ENOENT)
        return refuse(options, DFL_ENOTFOUND, "there is no store '%s'", path);
    return refuse(options, DFL_ESTORE, "the store '%s' cannot be opened: %s", path,
                  strerror(errno));
}

/* The directory is closed with it, and where there is no memory for it. */
static File *new_file(const dfl_store_options *options, int dir) {
    File *file = dfl__malloc(sizeof *file);
    if (!file) {
        close(dir);
        return NULL;
    }
    memset(file, 0, sizeof *file);
    file->store.ops = &file_ops;
    file->store.self = file;
    file->options = *options;
    file->options.error = NULL;
    file->dir = dir;
    file->share.fd = -1;
    pthread_mutex_init(&file->lock, NULL);
    dfl__file_init_sync(file);
    if (dfl__index_init(&file->index))
        return file;
    free_file(file);
    return NULL;
}

static int why_not(const dfl_store_options *options, const char *path, int status, uint32_t what) {
    if (status == DFL_ESCHEMA)
        return refuse(options, status,
                      "the store '%s' is of version %u, and this reads up to version %d", path,
                      (unsigned)what, DFL__LOG_VERSION);
    if (status == DFL_ECORRUPT)
        return refuse(
            options, status,
            "'%s' cannot be opened: %08u.log is no segment of a store, or its head is damaged",
            path, (unsigned)what);
    if (status == DFL_EBUSY)
        return refuse(options, status, "the store '%s' is open too often", path);
    if (status == DFL_ENOMEM)
        return refuse(options, status, "no memory to open the store '%s'", path);
    return refuse(options, status, "the store '%s' cannot be opened: %s", path, strerror(errno));
}

/* Between dfl__share_open and _opened. */
static int load(File *file, bool alone, uint32_t *what) {
    uint64_t bytes = file->options.segment_bytes ? file->options.segment_bytes : SEGMENT_BYTES;
    int status;
    dfl__filler_init(&file->filler, file->dir, bytes);
    if (!alone) {
        dfl__log_init(&file->log, file->dir, bytes);
        return read_on(file, what);
    }
    status = dfl__log_open(&file->log, file->dir, bytes, what);
    return status == DFL_OK ? recover(file) : status;
}

static int join(File *file, uint32_t *what) {
    bool alone = false;
    int status = dfl__share_open(&file->share, file->dir, &alone);
    if (status == DFL_OK)
        status = load(file, alone, what);
    return status == DFL_OK ? dfl__share_opened(&file->share) : status;
}

/* Others may wait for a handle that died with the append lock and had this one's number. */
static int free_append_lock(File *file) {
    int status = dfl__file_begin_append(file);
    if (status == DFL_OK)
        dfl__file_end_append(file);
    return status;
}

/* The lock is held all the while, so that a fork() finds nothing that is opened half. */
static int begin(File *file, uint32_t *what) {
    int status, why;
    dfl__file_expect_fork(file);
    pthread_mutex_lock(&file->lock);
    status = join(file, what);
    if (status == DFL_OK)
        status = free_append_lock(file);
    pthread_mutex_unlock(&file->lock);
    if (status == DFL_OK)
        return DFL_OK;
    why = errno;
    leave(file);
    errno = why;
    return status;
}

int dfl_store_open(const char *path, const dfl_store_options *given, dfl_store **store) {
    static const dfl_store_options defaults;
    const dfl_store_options *options = given ? given : &defaults;
    uint32_t what = 0;
    int dir = -1, status;
    File *file;
    if (!path || !store)
        return DFL_EINVAL;
    if (options->segment_bytes && options->segment_bytes < LEAST_SEGMENT_BYTES)
        return refuse(options, DFL_EINVAL, "segment_bytes is less than 65536");
    status = open_directory(path, options, &dir);
    if (status != DFL_OK)
        return status;
    file = new_file(options, dir);
    if (!file)
        return why_not(options, path, DFL_ENOMEM, 0);
    status = begin(file, &what);
    if (status != DFL_OK) {
        status = why_not(options, path, status, what);
        free_file(file);
        return status;
    }
    *store = &file->store;
    return DFL_OK;
}
