/* A store taken apart: the bytes of its log, the records in them, and what must still be found when some
 * of them are harmed. That is worked out here from runtime/FORMAT.md, not by the store's own recovery. */
#ifndef TAKEN_H
#define TAKEN_H

#include <fcntl.h>
#include <sys/stat.h>

#include "content.h"
#include "log_record.h"

enum { TAKEN_FILES = 12, TAKEN_PIECES = 300, TAKEN_THREADS = 8, TAKEN_KNOWN = 100 };

typedef struct Taken {
    struct LogFile {
        uint32_t number;
        uint64_t salt;
        uint8_t *bytes;
        size_t n;
        size_t end; /* of its records */
    } files[TAKEN_FILES];
    size_t n_files;
    struct Piece {
        size_t file;
        size_t at, n; /* padded */
        size_t head_n;
        dfl__log_record record; /* its names are in the bytes of the file */
        char thread[16];
    } pieces[TAKEN_PIECES];
    size_t n;
} Taken;

typedef struct LogFile LogFile;
typedef struct Piece Piece;

/* ---- taking apart, and writing ---- */

static inline const char *taken_name(const char *dir, uint32_t number) {
    static char name[300];
    snprintf(name, sizeof name, "%s/%08u.log", dir, (unsigned)number);
    return scratch_path(name);
}

static inline void taken_load(LogFile *file, const char *path) {
    struct stat about;
    int fd = open(path, O_RDONLY);
    MUST(fd >= 0 && fstat(fd, &about) == 0, "%s cannot be read", path);
    file->n = (size_t)about.st_size;
    file->bytes = malloc(file->n);
    MUST(file->bytes && read(fd, file->bytes, file->n) == (ssize_t)file->n, "%s is short", path);
    close(fd);
}

static inline void taken_parse(Taken *taken, size_t f) {
    LogFile *file = &taken->files[f];
    dfl__segment_head head;
    MUST(dfl__segment_get(file->bytes, &head), "segment %u has no head", (unsigned)file->number);
    MUST(head.number == file->number, "segment %u says %u", (unsigned)file->number,
         (unsigned)head.number);
    file->salt = head.salt;
    for (file->end = DFL__SEGMENT_HEAD; taken->n < TAKEN_PIECES;) {
        Piece piece = {.file = f, .at = file->end};
        if (!dfl__record_get(file->bytes + piece.at, file->n - piece.at, file->salt, piece.at,
                             &piece.record))
            break;
        piece.n = dfl__record_bytes(&piece.record);
        piece.head_n = dfl__record_head_bytes(&piece.record);
        snprintf(piece.thread, sizeof piece.thread, "%.*s", (int)piece.record.thread_n,
                 piece.record.thread);
        taken->pieces[taken->n++] = piece;
        file->end += piece.n;
    }
    MUST(taken->n < TAKEN_PIECES, "too many records");
}

/* `dir` is a store in the scratch directory. */
static inline void taken_read(Taken *taken, const char *dir) {
    taken->n = taken->n_files = 0;
    for (uint32_t number = 1; number < 100; number++) {
        LogFile file = {.number = number};
        if (access(taken_name(dir, number), F_OK) != 0)
            continue;
        MUST(taken->n_files < TAKEN_FILES, "too many segments");
        taken_load(&file, taken_name(dir, number));
        taken->files[taken->n_files++] = file;
        taken_parse(taken, taken->n_files - 1);
    }
}

static inline void taken_write(const Taken *taken, const char *dir) {
    scratch_remove(scratch_path(dir));
    MUST(mkdir(scratch_path(dir), 0777) == 0, "%s cannot be made", dir);
    for (size_t i = 0; i < taken->n_files; i++) {
        const LogFile *file = &taken->files[i];
        int fd = open(taken_name(dir, file->number), O_WRONLY | O_CREAT, 0666);
        MUST(fd >= 0 && write(fd, file->bytes, file->n) == (ssize_t)file->n, "cannot write");
        close(fd);
    }
}

/* As if that segment had never been; its bytes are not freed. */
static inline void taken_drop_file(Taken *taken, size_t f) {
    size_t kept = 0;
    for (size_t i = 0; i < taken->n; i++) {
        Piece piece = taken->pieces[i];
        if (piece.file == f)
            continue;
        piece.file -= piece.file > f;
        taken->pieces[kept++] = piece;
    }
    taken->n = kept;
    taken->n_files--;
    memmove(taken->files + f, taken->files + f + 1, (taken->n_files - f) * sizeof *taken->files);
}

static inline void taken_free(Taken *taken) {
    for (size_t i = 0; i < taken->n_files; i++)
        free(taken->files[i].bytes);
}

/* ---- what must be found ---- */

typedef enum Harm {
    INTACT,
    BODY_HARMED,
    GONE /* no header */
} Harm;

typedef struct Expected {
    struct ExpectedThread {
        char name[16];
        struct Known {
            uint64_t id, previous, number;
            bool is_intact;
        } known[TAKEN_KNOWN]; /* by id, rising */
        size_t n;
    } threads[TAKEN_THREADS];
    size_t n;
    Harm layouts[6];  /* by their mark; GONE: there is none */
    bool is_reported; /* something is damage, to be told by verifying */
    uint64_t last_id;
} Expected;

typedef struct ExpectedThread ExpectedThread;
typedef struct Known Known;

static inline ExpectedThread *expected_thread(Expected *expected, const char *name) {
    ExpectedThread *thread = expected->threads;
    for (; thread < expected->threads + expected->n; thread++)
        if (strcmp(thread->name, name) == 0)
            return thread;
    MUST(expected->n < TAKEN_THREADS, "too many threads");
    expected->n++;
    *thread = (ExpectedThread){.n = 0};
    snprintf(thread->name, sizeof thread->name, "%s", name);
    return thread;
}

static inline void expect_checkpoint(Expected *expected, const Piece *piece, Harm harm) {
    ExpectedThread *thread = expected_thread(expected, piece->thread);
    Known known = {piece->record.id, piece->record.previous, piece->record.step, harm == INTACT};
    size_t i = thread->n;
    while (i > 0 && thread->known[i - 1].id >= known.id)
        i--;
    if (i == thread->n || thread->known[i].id != known.id) {
        MUST(thread->n < TAKEN_KNOWN, "too many checkpoints");
        memmove(thread->known + i + 1, thread->known + i, (thread->n - i) * sizeof *thread->known);
        thread->n++;
    }
    thread->known[i] = known;
    if (known.id > expected->last_id)
        expected->last_id = known.id;
}

static inline void expect_pruned(Expected *expected, const Piece *piece) {
    ExpectedThread *thread = expected_thread(expected, piece->thread);
    size_t void_n = 0;
    while (void_n < thread->n && thread->known[void_n].id < piece->record.id)
        void_n++;
    thread->n -= void_n;
    memmove(thread->known, thread->known + void_n, thread->n * sizeof *thread->known);
}

static inline void expect_piece(Expected *expected, const Piece *piece, Harm harm) {
    if (harm == GONE)
        return;
    switch (piece->record.type) {
    case DFL__LOG_CHECKPOINT:
        expect_checkpoint(expected, piece, harm);
        break;
    case DFL__LOG_DELETED:
        expected_thread(expected, piece->thread)->n = 0;
        break;
    case DFL__LOG_PRUNED:
        expect_pruned(expected, piece);
        break;
    case DFL__LOG_LAYOUT:
        expected->layouts[piece->record.schema] = harm;
        break;
    default:
        break;
    }
}

/* Up to where the last segment is known to be synced: by the records that still have a header. */
static inline size_t taken_synced(const Taken *taken, const Harm *harm) {
    size_t last = taken->n_files - 1, synced = DFL__SEGMENT_HEAD;
    for (size_t i = 0; i < taken->n; i++) {
        const Piece *piece = &taken->pieces[i];
        uint64_t end = piece->record.durable_end;
        if (piece->file == last && harm[i] != GONE &&
            dfl__position_segment(end) == taken->files[last].number &&
            dfl__position_offset(end) > synced)
            synced = dfl__position_offset(end);
    }
    return synced;
}

/* harm: of each piece. */
static inline Expected *taken_expect(const Taken *taken, const Harm *harm) {
    Expected *expected = calloc(1, sizeof *expected);
    size_t synced = taken_synced(taken, harm);
    MUST(expected, "no memory");
    for (int mark = 0; mark < 6; mark++)
        expected->layouts[mark] = GONE;
    for (size_t i = 0; i < taken->n; i++) {
        const Piece *piece = &taken->pieces[i];
        bool may_be_tail = piece->file == taken->n_files - 1 && piece->at >= synced;
        if (harm[i] != INTACT && may_be_tail)
            break;
        expected->is_reported = expected->is_reported || harm[i] != INTACT;
        expect_piece(expected, piece, harm[i]);
    }
    return expected;
}

/* ---- looking at a store ---- */

typedef struct Looked {
    dfl_store *store;
    const Expected *expected;
    const ExpectedThread *thread;
    size_t at; /* how many were seen */
    int told;  /* damage */
    uint64_t last_first;
} Looked;

static inline void look_told(void *user, const dfl_damage *damage) {
    Looked *looked = user;
    MUST(damage->bytes > 0, "damage of no bytes");
    looked->told++;
}

static inline const ExpectedThread *look_for(const Expected *expected, const char *name) {
    for (size_t i = 0; i < expected->n; i++)
        if (expected->threads[i].n > 0 && strcmp(expected->threads[i].name, name) == 0)
            return &expected->threads[i];
    return NULL;
}

static inline int look_at_thread(void *user, const char *name) {
    Looked *looked = user;
    const ExpectedThread *thread = look_for(looked->expected, name);
    MUST(thread, "there should be no thread '%s'", name);
    MUST(thread->known[0].id > looked->last_first, "thread '%s' is out of order", name);
    looked->last_first = thread->known[0].id;
    looked->at++;
    return 0;
}

static inline int look_at_checkpoint(void *user, const dfl_checkpoint *about) {
    Looked *looked = user;
    const ExpectedThread *thread = looked->thread;
    const Known *known;
    MUST(looked->at < thread->n, "'%s' has more than %zu checkpoints, also %llu", thread->name,
         thread->n, (unsigned long long)about->id);
    known = &thread->known[thread->n - 1 - looked->at++];
    MUST(about->id == known->id && about->previous == known->previous &&
             about->step == known->number,
         "'%s': checkpoint %llu (number %llu), not %llu (number %llu)", thread->name,
         (unsigned long long)about->id, (unsigned long long)about->step,
         (unsigned long long)known->id, (unsigned long long)known->number);
    return 0;
}

/* NULL: none. */
static inline const Known *newest_intact(const ExpectedThread *thread) {
    for (size_t i = thread->n; i-- > 0;)
        if (thread->known[i].is_intact)
            return &thread->known[i];
    return NULL;
}

static inline void look_at_record(dfl_store *store, const char *name, uint64_t id,
                                  const Known *known) {
    dfl_record record;
    dfl_buf hold = {0};
    int status = store->ops->read(store->self, name, id, &record, &hold);
    if (known && known->is_intact) {
        Content content = content_of(name, known->number, 0, 0);
        MUST(status == DFL_OK, "'%s' %llu: status %d", name, (unsigned long long)id, status);
        content.n = record.about.bytes; /* some are as long as a segment */
        MUST(record.about.id == known->id && record.about.step == known->number &&
                 content_is_right(name, &record, &content),
             "'%s' %llu is wrong", name, (unsigned long long)id);
    } else {
        MUST(status == (known && id ? DFL_ECORRUPT : DFL_ENOTFOUND), "'%s' %llu: status %d", name,
             (unsigned long long)id, status);
    }
    dfl_buf_free(&hold);
}

/* The latest first: it must be found behind any that are damaged, which are forgotten then. */
static inline void look_at_records(dfl_store *store, const ExpectedThread *thread) {
    const Known *newest = newest_intact(thread);
    dfl_checkpoint latest;
    int status;
    look_at_record(store, thread->name, 0, newest);
    status = dfl_store_latest(store, thread->name, &latest);
    MUST(status == (newest ? DFL_OK : DFL_ENOTFOUND) && (!newest || latest.id == newest->id),
         "the latest of '%s': status %d", thread->name, status);
    for (size_t i = thread->n; i-- > 0;) {
        const Known *known = &thread->known[i];
        bool is_forgotten = !newest || known->id > newest->id;
        look_at_record(store, thread->name, known->id, is_forgotten ? NULL : known);
    }
}

static inline void look_at_layouts(dfl_store *store, const Expected *expected) {
    for (uint64_t mark = 1; mark < 6; mark++) {
        dfl_buf text = {0};
        int status = store->ops->layout(store->self, mark, &text);
        Harm harm = expected->layouts[mark];
        MUST(status == (harm == INTACT        ? DFL_OK
                        : harm == BODY_HARMED ? DFL_ECORRUPT
                                              : DFL_ENOTFOUND),
             "layout %d: status %d", (int)mark, status);
        MUST(status != DFL_OK || (text.n == mark && !memcmp(text.p, "layout", text.n)),
             "layout %d is wrong", (int)mark);
        dfl_buf_free(&text);
    }
}

/* All that the store tells is as expected. It must just have been opened: what is damaged is still
 * listed then. */
static inline void look_at_all(dfl_store *store, const Expected *expected) {
    Looked looked = {.store = store, .expected = expected};
    size_t n_threads = 0;
    MUST(dfl_store_threads(store, look_at_thread, &looked) == DFL_OK, "no threads");
    for (size_t i = 0; i < expected->n; i++)
        n_threads += expected->threads[i].n > 0;
    MUST(looked.at == n_threads, "%zu threads, not %zu", looked.at, n_threads);
    for (size_t i = 0; i < expected->n; i++) {
        const ExpectedThread *thread = &expected->threads[i];
        int status;
        looked.thread = thread;
        looked.at = 0;
        status = dfl_store_history(store, thread->name, 0, look_at_checkpoint, &looked);
        MUST(status == (thread->n > 0 ? DFL_OK : DFL_ENOTFOUND), "history of '%s': status %d",
             thread->name, status);
        MUST(looked.at == thread->n, "'%s' has %zu checkpoints, not %zu", thread->name, looked.at,
             thread->n);
        if (thread->n > 0)
            look_at_records(store, thread);
    }
    look_at_layouts(store, expected);
}

static inline void look_at_damage(dfl_store *store, const Expected *expected) {
    Looked looked = {0};
    int status = dfl_store_verify(store, look_told, &looked);
    MUST(status == (expected->is_reported ? DFL_ECORRUPT : DFL_OK), "verifying: status %d", status);
    MUST((looked.told > 0) == expected->is_reported, "%d damages told", looked.told);
}

#endif
