/* What a store does to its files, written down while it does it, and put on a fresh directory as a loss of
 * power could have left it.
 *
 * note [what a loss of power leaves]
 * Whatever was done to a file or a directory before a sync of it began is on the disk when that has returned.
 * Of all else that was begun by then, each sector may be as it was before, as it was after any of the writes
 * to it, or, where the disk works in smaller pieces, torn within. A file may have any of the lengths that it
 * had; where it is longer than what was written, there are zeroes, or what stood on the disk before. A name
 * may be there or not, each by itself: only a rename is done or not. This is more than any file system does,
 * and less than what the store relies on.
 *
 * `lock` and `shared` are no part of what is kept: of them, anything may be left. */
#ifndef TRACE_H
#define TRACE_H

#include "calls.h"
#include "torture.h"

enum { TRACE_FILES = 400, TRACE_DONE = 60000, TRACE_NAME = 24 };
enum {
    PARENT,
    DIRECTORY,
    FIRST_FILE
}; /* of the traced files; the first is what the store's directory is in */

typedef enum DoneKind {
    DONE_NOTHING,
    DONE_WRITE,
    DONE_RESIZE,
    DONE_LINK, /* a file was made, or renamed */
    DONE_UNLINK,
    DONE_MKDIR, /* of the store itself */
    DONE_SYNC
} DoneKind;

/* Times are ticks of the trace. */
typedef struct Done {
    DoneKind kind;
    int file;   /* that it changes: a directory, where it is about names */
    int target; /* the file that a name is given to */
    char name[TRACE_NAME], from[TRACE_NAME];
    uint8_t *bytes; /* owned */
    uint64_t offset, n;
    uint64_t begun, over;
    uint64_t safe; /* from here on it is on the disk; UINT64_MAX: never */
} Done;

typedef struct TracedFile {
    ino_t number;   /* the last file of this number */
    uint8_t *bytes; /* as it was when the trace began; owned */
    size_t n;
    char name[TRACE_NAME]; /* as it was called then; "": it was not */
} TracedFile;

typedef struct Trace {
    pthread_mutex_t lock;
    char store[600];
    bool had_store; /* the directory was there when the trace began */
    uint64_t ticks;
    TracedFile files[TRACE_FILES];
    int n_files;
    Done done[TRACE_DONE];
    size_t n;
} Trace;

static Trace *tracing;

/* A tick between all that was done before and all that is done later. */
static inline uint64_t trace_tick(void) {
    uint64_t tick;
    pthread_mutex_lock(&tracing->lock);
    tick = tracing->ticks++;
    pthread_mutex_unlock(&tracing->lock);
    return tick;
}

/* ---- writing down ---- */

static inline ino_t trace_number(int fd) {
    struct stat about;
    MUST(__real_fstat(fd, &about) == 0, "no number of a file");
    return about.st_ino;
}

static inline ino_t trace_number_of(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 ? about.st_ino : 0;
}

/* Lock held. */
static inline int trace_file(int fd) {
    ino_t number = trace_number(fd);
    for (int i = tracing->n_files; i-- > 0;)
        if (tracing->files[i].number == number)
            return i;
    MUST(false, "a file that the trace has not seen made");
    return -1;
}

static inline int trace_add_file(Trace *trace, ino_t number) {
    MUST(trace->n_files < TRACE_FILES, "too many files");
    trace->files[trace->n_files] = (TracedFile){.number = number};
    return trace->n_files++;
}

static inline void trace_name(char to[TRACE_NAME], const char *name) {
    MUST(strlen(name) < TRACE_NAME, "'%s' is too long a name", name);
    snprintf(to, TRACE_NAME, "%s", name);
}

/* Lock held. The file that has this name now; -1: none. */
static inline int trace_named(const char *name) {
    for (size_t i = tracing->n; i-- > 0;) {
        const Done *done = &tracing->done[i];
        if (done->kind == DONE_LINK && strcmp(done->name, name) == 0)
            return done->target;
        if ((done->kind == DONE_UNLINK && strcmp(done->name, name) == 0) ||
            (done->kind == DONE_LINK && strcmp(done->from, name) == 0))
            return -1;
    }
    for (int i = FIRST_FILE; i < tracing->n_files; i++)
        if (strcmp(tracing->files[i].name, name) == 0)
            return i;
    return -1;
}

static inline void trace_note_write(Done *done, const Made *made) {
    uint8_t *to = done->bytes = malloc(made->n + 1);
    MUST(to, "no memory");
    done->kind = DONE_WRITE;
    done->file = trace_file(made->fd);
    done->offset = (uint64_t)made->offset;
    done->n = made->n;
    for (int i = 0; i < made->n_parts && made->n > 0; i++) {
        size_t left = (size_t)(done->bytes + made->n - to),
               n = made->parts[i].iov_len < left ? made->parts[i].iov_len : left;
        memcpy(to, made->parts[i].iov_base, n);
        to += n;
    }
}

static inline void trace_note(Done *done, const Made *made) {
    switch (made->call) {
    case CALL_WRITE:
        trace_note_write(done, made);
        break;
    case CALL_TRUNCATE:
        done->kind = DONE_RESIZE;
        done->file = trace_file(made->fd);
        done->n = (uint64_t)made->offset;
        break;
    case CALL_SYNC:
        done->kind = DONE_SYNC;
        done->file = trace_file(made->fd);
        break;
    case CALL_RENAME:
        done->kind = DONE_LINK;
        done->file = DIRECTORY;
        done->target = trace_named(made->name);
        trace_name(done->name, made->to);
        trace_name(done->from, made->name);
        break;
    case CALL_UNLINK:
        done->kind = DONE_UNLINK;
        done->file = DIRECTORY;
        trace_name(done->name, made->name);
        break;
    case CALL_MKDIR:
        done->kind = DONE_MKDIR;
        done->file = PARENT;
        break;
    default:
        break;
    }
}

/* The ticket is a number in the trace, and one more. */
static inline uint64_t trace_begin_call(const Made *made) {
    Done *done;
    uint64_t ticket;
    if (made->call == CALL_STAT)
        return 0;
    MUST(made->call != CALL_ALLOCATE, "what allocating leaves is not known here");
    pthread_mutex_lock(&tracing->lock);
    MUST(tracing->n < TRACE_DONE, "the trace is too long");
    done = &tracing->done[tracing->n];
    *done = (Done){.begun = tracing->ticks++, .over = UINT64_MAX, .safe = UINT64_MAX};
    trace_note(done, made);
    ticket = ++tracing->n;
    pthread_mutex_unlock(&tracing->lock);
    return ticket;
}

/* Lock held. Whether a file is made or emptied is known only now. */
static inline void trace_note_open(Done *done, const Made *made, int fd) {
    if (made->has_created) {
        done->kind = DONE_LINK;
        done->file = DIRECTORY;
        done->target = trace_add_file(tracing, trace_number(fd));
        trace_name(done->name, made->name);
    } else if (made->has_emptied) {
        done->kind = DONE_RESIZE;
        done->file = trace_file(fd);
    }
}

static inline void trace_end_call(uint64_t ticket, const Made *made, long rc, bool failed) {
    Done *done;
    if (ticket == 0)
        return;
    MUST(!failed, "nothing is to fail here");
    done = &tracing->done[ticket - 1];
    pthread_mutex_lock(&tracing->lock);
    if (rc < 0)
        done->kind = DONE_NOTHING;
    else if (made->call == CALL_OPEN)
        trace_note_open(done, made, (int)rc);
    else if (made->call == CALL_MKDIR)
        tracing->files[DIRECTORY].number = trace_number_of(tracing->store);
    done->over = tracing->ticks++;
    pthread_mutex_unlock(&tracing->lock);
}

/* ---- a trace from begin to end ---- */

static inline void trace_read_file(Trace *trace, const char *name) {
    char path[700];
    struct stat about;
    TracedFile *file;
    int fd;
    snprintf(path, sizeof path, "%s/%s", trace->store, name);
    MUST(stat(path, &about) == 0, "%s is gone", path);
    file = &trace->files[trace_add_file(trace, about.st_ino)];
    trace_name(file->name, name);
    file->n = (size_t)about.st_size;
    file->bytes = malloc(file->n + 1);
    fd = open(path, O_RDONLY);
    MUST(file->bytes && fd >= 0 && pread(fd, file->bytes, file->n, 0) == (ssize_t)file->n,
         "%s cannot be read", path);
    close(fd);
}

/* What is there now is on the disk. */
static inline void trace_read_store(Trace *trace) {
    DIR *dir = opendir(trace->store);
    const struct dirent *entry;
    trace->had_store = dir != NULL;
    while (dir && (entry = readdir(dir)) != NULL)
        if (entry->d_name[0] != '.')
            trace_read_file(trace, entry->d_name);
    if (dir)
        closedir(dir);
}

/* `name` is in the scratch directory; there may be a store or nothing. One trace at a time is written. */
static inline Trace *trace_begin(const char *name) {
    Trace *trace = malloc(sizeof *trace);
    MUST(trace, "no memory");
    pthread_mutex_init(&trace->lock, NULL);
    trace->n = 0;
    trace->n_files = 0;
    trace->ticks = 1;
    snprintf(trace->store, sizeof trace->store, "%s", scratch_path(name));
    trace_add_file(trace, trace_number_of(scratch_dir));
    trace_add_file(trace, trace_number_of(trace->store));
    trace_read_store(trace);
    tracing = trace;
    calls.begin = trace_begin_call;
    calls.end = trace_end_call;
    calls.on = true;
    return trace;
}

static inline bool is_lost_without(const Done *done, const Done *sync) {
    return sync->kind == DONE_SYNC && sync->file == done->file && sync->begun > done->over;
}

static inline void trace_end(Trace *trace) {
    calls.on = false;
    calls.begin = NULL;
    calls.end = NULL;
    for (size_t i = 0; i < trace->n; i++) {
        Done *done = &trace->done[i];
        if (done->kind == DONE_NOTHING || done->kind == DONE_SYNC)
            continue;
        for (size_t k = i + 1; k < trace->n; k++)
            if (is_lost_without(done, &trace->done[k]) && trace->done[k].over < done->safe)
                done->safe = trace->done[k].over;
    }
}

static inline void trace_free(Trace *trace) {
    for (size_t i = 0; i < trace->n; i++)
        free(trace->done[i].bytes);
    for (int i = 0; i < trace->n_files; i++)
        free(trace->files[i].bytes);
    pthread_mutex_destroy(&trace->lock);
    free(trace);
}
#endif
