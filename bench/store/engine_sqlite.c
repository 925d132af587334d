/* SQLite in WAL mode; synced: synchronous=FULL, else NORMAL, which does not sync a commit. */
#include "engine.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct Db {
    sqlite3 *db;
    sqlite3_stmt *save, *latest;
} Db;

static void *db_open(const char *dir, bool synced) {
    char path[512];
    Db *d = calloc(1, sizeof *d);
    snprintf(path, sizeof path, "%s/db", dir);
    if (!d || sqlite3_open(path, &d->db) != SQLITE_OK)
        return NULL;
    sqlite3_exec(d->db, "PRAGMA journal_mode=WAL", NULL, NULL, NULL);
    sqlite3_exec(d->db, synced ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL", NULL, NULL,
                 NULL);
    sqlite3_exec(d->db,
                 "CREATE TABLE IF NOT EXISTS c(id INTEGER PRIMARY KEY, t INTEGER, b BLOB);"
                 "CREATE INDEX IF NOT EXISTS ct ON c(t, id)",
                 NULL, NULL, NULL);
    sqlite3_prepare_v2(d->db, "INSERT INTO c(t, b) VALUES(?, ?)", -1, &d->save, NULL);
    sqlite3_prepare_v2(d->db,
                       "SELECT length(b) FROM c WHERE t = ? ORDER BY id DESC LIMIT 1", -1,
                       &d->latest, NULL);
    return d->save && d->latest ? d : NULL;
}

static bool db_save(void *self, uint32_t thread, const void *p, size_t n) {
    Db *d = self;
    sqlite3_bind_int64(d->save, 1, thread);
    sqlite3_bind_blob64(d->save, 2, p, n, SQLITE_STATIC);
    (void)sqlite3_step(d->save);
    return sqlite3_reset(d->save) == SQLITE_OK;
}

static size_t db_latest(void *self, uint32_t thread) {
    Db *d = self;
    size_t n = 0;
    sqlite3_bind_int64(d->latest, 1, thread);
    if (sqlite3_step(d->latest) == SQLITE_ROW)
        n = (size_t)sqlite3_column_int64(d->latest, 0);
    sqlite3_reset(d->latest);
    return n;
}

static void db_close(void *self) {
    Db *d = self;
    sqlite3_finalize(d->save);
    sqlite3_finalize(d->latest);
    sqlite3_close(d->db);
    free(d);
}

const Engine engine_sqlite = {"sqlite", db_open, db_save, db_latest, db_close, false};
