/* dfl_sqlite.h. One connection under one lock; statements are prepared once. Nothing but dfl.h of the
 * library is used: this is also the example of a store of one's own. */
#define _POSIX_C_SOURCE 200809L

#include "dfl_sqlite.h"

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BUSY_MS = 60 * 1000 };

typedef enum Query {
    BEGIN,
    COMMIT,
    ROLLBACK,
    PUT,
    LATEST,
    READ,
    LIST,
    THREADS,
    DELETE,
    PRUNE,
    PUT_LAYOUT,
    LAYOUT,
    N_QUERIES
} Query;

static const char tables[] =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
    "CREATE TABLE IF NOT EXISTS dfl_checkpoint("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT, thread TEXT NOT NULL, previous INTEGER NOT NULL,"
    "  graph TEXT NOT NULL, next TEXT NOT NULL, step INTEGER NOT NULL, time_ns INTEGER NOT NULL,"
    "  bytes INTEGER NOT NULL, layout INTEGER NOT NULL, body BLOB NOT NULL);"
    "CREATE INDEX IF NOT EXISTS dfl_checkpoint_thread ON dfl_checkpoint(thread, id);"
    "CREATE TABLE IF NOT EXISTS dfl_layout("
    "  mark INTEGER PRIMARY KEY, graph TEXT NOT NULL, text TEXT NOT NULL);";

#define COLUMNS "id, previous, next, step, time_ns, bytes, graph, layout, body"

static const char *const queries[N_QUERIES] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
    [PUT] =
        "INSERT INTO dfl_checkpoint(thread, previous, graph, next, step, time_ns, bytes, layout,"
        " body) VALUES(?1, CASE WHEN ?2 THEN ?2 ELSE coalesce((SELECT max(id) FROM"
        " dfl_checkpoint WHERE thread = ?1), 0) END, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [LATEST] = "SELECT id, previous, next, step, time_ns, bytes FROM dfl_checkpoint"
               " WHERE thread = ?1 ORDER BY id DESC LIMIT 1",
    [READ] = "SELECT " COLUMNS " FROM dfl_checkpoint"
             " WHERE thread = ?1 AND (?2 = 0 OR id = ?2) ORDER BY id DESC LIMIT 1",
    [LIST] = "SELECT id, previous, next, step, time_ns, bytes FROM dfl_checkpoint"
             " WHERE thread = ?1 AND (?2 = 0 OR id < ?2) ORDER BY id DESC LIMIT 1",
    [THREADS] = "SELECT thread FROM dfl_checkpoint GROUP BY thread ORDER BY min(id)",
    [DELETE] = "DELETE FROM dfl_checkpoint WHERE thread = ?1",
    [PRUNE] = "DELETE FROM dfl_checkpoint WHERE thread = ?1 AND id NOT IN (SELECT id FROM"
              " dfl_checkpoint WHERE thread = ?1 ORDER BY id DESC LIMIT ?2)",
    [PUT_LAYOUT] = "INSERT OR IGNORE INTO dfl_layout(mark, graph, text) VALUES(?1, ?2, ?3)",
    [LAYOUT] = "SELECT text FROM dfl_layout WHERE mark = ?1",
};

/* Names of nodes that `latest` has given away: as many as the graphs have nodes. */
typedef struct Name {
    struct Name *next;
    char text[];
} Name;

typedef struct Sqlite {
    sqlite3 *db;
    pthread_mutex_t lock;
    sqlite3_stmt *statements[N_QUERIES];
    Name *names;
} Sqlite;

/* ---- statements; lock held ---- */

static int failure(Sqlite *s) {
    switch (sqlite3_errcode(s->db) & 0xff) {
    case SQLITE_NOMEM:
        errno = ENOMEM;
        return DFL_ESTORE;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return DFL_ECORRUPT;
    case SQLITE_FULL:
        errno = ENOSPC;
        return DFL_ESTORE;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        errno = EBUSY;
        return DFL_ESTORE;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
        errno = EACCES;
        return DFL_ESTORE;
    default:
        errno = EIO;
        return DFL_ESTORE;
    }
}

/* NULL after a failure, which sqlite3_errcode tells. */
static sqlite3_stmt *statement(Sqlite *s, Query query) {
    if (!s->statements[query])
        (void)sqlite3_prepare_v3(s->db, queries[query], -1, SQLITE_PREPARE_PERSISTENT,
                                 &s->statements[query], NULL);
    return s->statements[query];
}

/* A statement about a thread. */
static sqlite3_stmt *about_thread(Sqlite *s, Query query, const char *thread) {
    sqlite3_stmt *st = statement(s, query);
    return st && sqlite3_bind_text(st, 1, thread, -1, SQLITE_TRANSIENT) == SQLITE_OK ? st : NULL;
}

/* Ends a statement that was stepped to `code`: DFL_OK when that was its row or its end. */
static int end(Sqlite *s, sqlite3_stmt *st, int code) {
    int status = code == SQLITE_DONE || code == SQLITE_ROW ? DFL_OK : failure(s);
    int why = errno;
    if (st) {
        (void)sqlite3_reset(st);
        (void)sqlite3_clear_bindings(st);
    }
    errno = why;
    return status;
}

static int run(Sqlite *s, Query query) {
    sqlite3_stmt *st = statement(s, query);
    return end(s, st, st ? sqlite3_step(st) : SQLITE_ERROR);
}

static int64_t number(sqlite3_stmt *st, int column) {
    return sqlite3_column_int64(st, column);
}

/* The first columns of LATEST, READ and LIST, but for the names. */
static dfl_checkpoint checkpoint_of(sqlite3_stmt *st, const char *thread) {
    return (dfl_checkpoint){.id = (uint64_t)number(st, 0),
                            .previous = (uint64_t)number(st, 1),
                            .thread = thread,
                            .next = (const char *)sqlite3_column_text(st, 2),
                            .step = (uint64_t)number(st, 3),
                            .time_ns = number(st, 4),
                            .bytes = (size_t)number(st, 5)};
}

/* ---- saving ---- */

static int64_t wall_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int insert(Sqlite *s, const dfl_record *record, uint64_t *id) {
    static const uint8_t nothing;
    sqlite3_stmt *st = about_thread(s, PUT, record->about.thread);
    int code = SQLITE_ERROR, status;
    if (st && sqlite3_bind_int64(st, 2, (int64_t)record->about.previous) == SQLITE_OK &&
        sqlite3_bind_text(st, 3, record->graph, -1, SQLITE_STATIC) == SQLITE_OK &&
        sqlite3_bind_text(st, 4, record->about.next, -1, SQLITE_STATIC) == SQLITE_OK &&
        sqlite3_bind_int64(st, 5, (int64_t)record->about.step) == SQLITE_OK &&
        sqlite3_bind_int64(st, 6, wall_clock()) == SQLITE_OK &&
        sqlite3_bind_int64(st, 7, (int64_t)record->about.bytes) == SQLITE_OK &&
        sqlite3_bind_int64(st, 8, (int64_t)record->layout) == SQLITE_OK &&
        sqlite3_bind_blob64(st, 9, record->n ? record->body : &nothing, record->n, SQLITE_STATIC) ==
            SQLITE_OK)
        code = sqlite3_step(st);
    status = end(s, st, code);
    if (status == DFL_OK)
        *id = (uint64_t)sqlite3_last_insert_rowid(s->db);
    return status;
}

static int sqlite_put(void *self, const dfl_record *record, dfl_durability durability,
                      uint64_t *id) {
    Sqlite *s = self;
    int status;
    (void)durability;
    pthread_mutex_lock(&s->lock);
    status = insert(s, record, id);
    pthread_mutex_unlock(&s->lock);
    return status;
}

/* ---- reading ---- */

/* A text of SQLite's ends with the statement. NULL: no memory. */
static const char *keep_name(Sqlite *s, const char *text) {
    size_t n = strlen(text) + 1;
    Name *name = s->names;
    while (name && strcmp(name->text, text) != 0)
        name = name->next;
    if (name)
        return name->text;
    name = malloc(sizeof *name + n);
    if (!name)
        return NULL;
    memcpy(name->text, text, n);
    name->next = s->names;
    s->names = name;
    return name->text;
}

static int sqlite_latest(void *self, const char *thread, dfl_checkpoint *out) {
    Sqlite *s = self;
    sqlite3_stmt *st;
    int code, status;
    pthread_mutex_lock(&s->lock);
    st = about_thread(s, LATEST, thread);
    code = st ? sqlite3_step(st) : SQLITE_ERROR;
    if (code == SQLITE_ROW) {
        *out = checkpoint_of(st, thread);
        out->next = out->next ? keep_name(s, out->next) : NULL;
    }
    status = end(s, st, code);
    pthread_mutex_unlock(&s->lock);
    if (status == DFL_OK && code == SQLITE_DONE)
        return DFL_ENOTFOUND;
    return status == DFL_OK && !out->next ? DFL_ENOMEM : status;
}

/* Body, then the names with their NULs. */
static int copy_out(sqlite3_stmt *st, const char *thread, dfl_record *out, dfl_buf *hold) {
    const void *body = sqlite3_column_blob(st, 8);
    const char *next = (const char *)sqlite3_column_text(st, 2);
    const char *graph = (const char *)sqlite3_column_text(st, 6);
    size_t n = (size_t)sqlite3_column_bytes(st, 8), next_n, graph_n;
    uint8_t *to;
    if (!next || !graph)
        return DFL_ECORRUPT;
    next_n = strlen(next) + 1;
    graph_n = strlen(graph) + 1;
    hold->n = 0;
    to = dfl_buf_room(hold, n + next_n + graph_n);
    if (!to)
        return DFL_ENOMEM;
    if (n > 0)
        memcpy(to, body, n);
    memcpy(to + n, next, next_n);
    memcpy(to + n + next_n, graph, graph_n);
    *out = (dfl_record){.about = checkpoint_of(st, thread),
                        .graph = (const char *)to + n + next_n,
                        .layout = (uint64_t)number(st, 7),
                        .body = to,
                        .n = n};
    out->about.next = (const char *)to + n;
    return DFL_OK;
}

static int sqlite_read(void *self, const char *thread, uint64_t id, dfl_record *out,
                       dfl_buf *hold) {
    Sqlite *s = self;
    sqlite3_stmt *st;
    int code = SQLITE_ERROR, status = DFL_ENOTFOUND, ended;
    pthread_mutex_lock(&s->lock);
    st = about_thread(s, READ, thread);
    if (st && sqlite3_bind_int64(st, 2, (int64_t)id) == SQLITE_OK)
        code = sqlite3_step(st);
    if (code == SQLITE_ROW)
        status = copy_out(st, thread, out, hold);
    ended = end(s, st, code);
    pthread_mutex_unlock(&s->lock);
    return ended == DFL_OK ? status : ended;
}

/* The newest below an id, 0: of all; *next is a copy, to be freed. */
static int older(Sqlite *s, const char *thread, uint64_t below, dfl_checkpoint *out, char **next) {
    sqlite3_stmt *st;
    int code = SQLITE_ERROR, status;
    *next = NULL;
    pthread_mutex_lock(&s->lock);
    st = about_thread(s, LIST, thread);
    if (st && sqlite3_bind_int64(st, 2, (int64_t)below) == SQLITE_OK)
        code = sqlite3_step(st);
    if (code == SQLITE_ROW) {
        *out = checkpoint_of(st, thread);
        out->next = *next = out->next ? strdup(out->next) : NULL;
    }
    status = end(s, st, code);
    pthread_mutex_unlock(&s->lock);
    if (status == DFL_OK && code == SQLITE_DONE)
        return DFL_ENOTFOUND;
    return status == DFL_OK && !*next ? DFL_ENOMEM : status;
}

static int sqlite_history(void *self, const char *thread, size_t limit,
                          int (*each)(void *user, const dfl_checkpoint *), void *user) {
    dfl_checkpoint about = {0};
    int status = DFL_OK, stop = 0;
    size_t n = 0;
    while (status == DFL_OK && !stop && (limit == 0 || n < limit)) {
        char *next;
        status = older(self, thread, about.id, &about, &next);
        if (status == DFL_OK) {
            n++;
            stop = each(user, &about);
        }
        free(next);
    }
    return status == DFL_ENOTFOUND && n > 0 ? DFL_OK : status;
}

/* All names, each with its NUL, in *out. */
static int list_threads(Sqlite *s, dfl_buf *out) {
    sqlite3_stmt *st;
    int code, status = DFL_OK, ended;
    pthread_mutex_lock(&s->lock);
    st = statement(s, THREADS);
    while ((code = st ? sqlite3_step(st) : SQLITE_ERROR) == SQLITE_ROW && status == DFL_OK) {
        const char *thread = (const char *)sqlite3_column_text(st, 0);
        size_t n = thread ? strlen(thread) + 1 : 0;
        uint8_t *to = thread ? dfl_buf_room(out, n) : NULL;
        if (to)
            memcpy(to, thread, n);
        else
            status = DFL_ENOMEM;
    }
    ended = end(s, st, code);
    pthread_mutex_unlock(&s->lock);
    return ended == DFL_OK ? status : ended;
}

static int sqlite_threads(void *self, int (*each)(void *user, const char *thread), void *user) {
    dfl_buf names = {0};
    int status = list_threads(self, &names);
    const char *name = (const char *)names.p;
    for (size_t at = 0; status == DFL_OK && at < names.n; at += strlen(name + at) + 1)
        if (each(user, name + at))
            break;
    dfl_buf_free(&names);
    return status;
}

/* ---- removing ---- */

static bool has_thread(Sqlite *s, const char *thread, int *status) {
    sqlite3_stmt *st = about_thread(s, LATEST, thread);
    int code = st ? sqlite3_step(st) : SQLITE_ERROR;
    *status = end(s, st, code);
    return *status == DFL_OK && code == SQLITE_ROW;
}

static int removal(Sqlite *s, Query query, const char *thread, size_t keep) {
    sqlite3_stmt *st = about_thread(s, query, thread);
    int code = SQLITE_ERROR;
    if (st && (query == DELETE || sqlite3_bind_int64(st, 2, (int64_t)keep) == SQLITE_OK))
        code = sqlite3_step(st);
    return end(s, st, code);
}

static int remove_some(Sqlite *s, Query query, const char *thread, size_t keep) {
    int status;
    pthread_mutex_lock(&s->lock);
    status = run(s, BEGIN);
    if (status == DFL_OK) {
        if (has_thread(s, thread, &status))
            status = removal(s, query, thread, keep);
        else if (status == DFL_OK)
            status = DFL_ENOTFOUND;
        if (status == DFL_OK)
            status = run(s, COMMIT);
        if (status != DFL_OK) {
            int why = errno;
            (void)run(s, ROLLBACK);
            errno = why;
        }
    }
    pthread_mutex_unlock(&s->lock);
    return status;
}

static int sqlite_delete_thread(void *self, const char *thread) {
    return remove_some(self, DELETE, thread, 0);
}

static int sqlite_prune(void *self, const char *thread, size_t keep) {
    return remove_some(self, PRUNE, thread, keep);
}

/* ---- layouts ---- */

static int sqlite_put_layout(void *self, const char *graph, uint64_t mark, const char *text,
                             size_t n) {
    Sqlite *s = self;
    sqlite3_stmt *st;
    int code = SQLITE_ERROR, status;
    pthread_mutex_lock(&s->lock);
    st = statement(s, PUT_LAYOUT);
    if (st && sqlite3_bind_int64(st, 1, (int64_t)mark) == SQLITE_OK &&
        sqlite3_bind_text(st, 2, graph, -1, SQLITE_STATIC) == SQLITE_OK &&
        sqlite3_bind_text64(st, 3, text, n, SQLITE_STATIC, SQLITE_UTF8) == SQLITE_OK)
        code = sqlite3_step(st);
    status = end(s, st, code);
    pthread_mutex_unlock(&s->lock);
    return status;
}

static int sqlite_layout(void *self, uint64_t mark, dfl_buf *out) {
    Sqlite *s = self;
    sqlite3_stmt *st;
    int code = SQLITE_ERROR, status = DFL_OK, ended;
    pthread_mutex_lock(&s->lock);
    st = statement(s, LAYOUT);
    if (st && sqlite3_bind_int64(st, 1, (int64_t)mark) == SQLITE_OK)
        code = sqlite3_step(st);
    if (code == SQLITE_ROW && out) {
        const void *text = sqlite3_column_text(st, 0);
        size_t n = (size_t)sqlite3_column_bytes(st, 0);
        uint8_t *to = text ? dfl_buf_room(out, n) : NULL;
        if (to && n > 0)
            memcpy(to, text, n);
        status = to ? DFL_OK : DFL_ENOMEM;
    }
    ended = end(s, st, code);
    pthread_mutex_unlock(&s->lock);
    if (ended != DFL_OK)
        return ended;
    return code == SQLITE_DONE ? DFL_ENOTFOUND : status;
}

/* ---- opening, checking, closing ---- */

/* SQLite's own check; it knows no threads. */
static int sqlite_verify(void *self, void (*on_damage)(void *user, const dfl_damage *damage),
                         void *user) {
    Sqlite *s = self;
    sqlite3_stmt *st = NULL;
    int code, status = DFL_OK, ended;
    pthread_mutex_lock(&s->lock);
    if (sqlite3_prepare_v2(s->db, "PRAGMA integrity_check", -1, &st, NULL) != SQLITE_OK)
        st = NULL;
    while ((code = st ? sqlite3_step(st) : SQLITE_ERROR) == SQLITE_ROW) {
        const char *what = (const char *)sqlite3_column_text(st, 0);
        dfl_damage damage = {.thread = "", .what = what ? what : "damage"};
        if (what && strcmp(what, "ok") == 0)
            continue;
        status = DFL_ECORRUPT;
        if (on_damage)
            on_damage(user, &damage);
    }
    ended = code == SQLITE_DONE ? DFL_OK : failure(s);
    sqlite3_finalize(st);
    pthread_mutex_unlock(&s->lock);
    return ended == DFL_OK ? status : ended;
}

static void sqlite_close(void *self) {
    Sqlite *s = self;
    for (int i = 0; i < N_QUERIES; i++)
        sqlite3_finalize(s->statements[i]);
    sqlite3_close(s->db);
    while (s->names) {
        Name *name = s->names;
        s->names = name->next;
        free(name);
    }
    pthread_mutex_destroy(&s->lock);
    free(s);
}

static const dfl_store_ops sqlite_ops = {
    .put = sqlite_put,
    .latest = sqlite_latest,
    .read = sqlite_read,
    .history = sqlite_history,
    .threads = sqlite_threads,
    .delete_thread = sqlite_delete_thread,
    .prune = sqlite_prune,
    .close = sqlite_close,
    .verify = sqlite_verify,
    .put_layout = sqlite_put_layout,
    .layout = sqlite_layout,
};

static int refuse(Sqlite *s, const char *path, int status, dfl_error *error) {
    int why = errno;
    if (error) {
        memset(error, 0, sizeof *error);
        error->status = status;
        error->index = -1;
        error->code = sqlite3_extended_errcode(s->db);
        snprintf(error->message, sizeof error->message,
                 "the store '%.80s' cannot be opened: %.120s", path,
                 s->db ? sqlite3_errmsg(s->db) : "out of memory");
    }
    sqlite_close(s);
    errno = why;
    return status;
}

/* To go to WAL mode SQLite wants the file for itself, and does not wait for that as it does elsewhere: another
 * process may just be opening or closing it. */
static int make_tables(Sqlite *s) {
    enum { AGAIN_MS = 2 };
    for (int waited = 0;; waited += AGAIN_MS) {
        int rc = sqlite3_exec(s->db, tables, NULL, NULL, NULL);
        if ((rc & 0xff) != SQLITE_BUSY || waited >= BUSY_MS)
            return rc;
        sqlite3_sleep(AGAIN_MS);
    }
}

int dfl_sqlite_open(const char *path, dfl_error *error, dfl_store **store) {
    Sqlite *s;
    if (!path || !store)
        return DFL_EINVAL;
    s = calloc(1, sizeof *s);
    if (!s)
        return DFL_ENOMEM;
    pthread_mutex_init(&s->lock, NULL);
    if (sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) !=
            SQLITE_OK ||
        sqlite3_busy_timeout(s->db, BUSY_MS) != SQLITE_OK ||
        make_tables(s) != SQLITE_OK)
        return refuse(s, path, s->db ? failure(s) : DFL_ENOMEM, error);
    *store = dfl_store_custom(&sqlite_ops, s);
    if (*store)
        return DFL_OK;
    sqlite_close(s);
    return DFL_ENOMEM;
}
