/* LMDB: a transaction a save; unsynced: MDB_NOSYNC. Keys are thread and number, big-endian. */
#include "engine.h"

#include <lmdb.h>
#include <stdlib.h>
#include <string.h>

typedef struct Lm {
    MDB_env *env;
    MDB_dbi dbi;
    uint64_t id;
} Lm;

static void put_key(unsigned char key[12], uint32_t thread, uint64_t id) {
    for (int i = 0; i < 4; i++)
        key[i] = (unsigned char)(thread >> (24 - 8 * i));
    for (int i = 0; i < 8; i++)
        key[4 + i] = (unsigned char)(id >> (56 - 8 * i));
}

static void *lm_open(const char *dir, bool synced) {
    Lm *l = calloc(1, sizeof *l);
    MDB_txn *txn;
    MDB_stat stat;
    if (!l || mdb_env_create(&l->env) || mdb_env_set_mapsize(l->env, (size_t)8 << 30) ||
        mdb_env_open(l->env, dir, synced ? 0 : MDB_NOSYNC, 0666) ||
        mdb_txn_begin(l->env, NULL, 0, &txn) || mdb_dbi_open(txn, NULL, 0, &l->dbi) ||
        mdb_stat(txn, l->dbi, &stat) || mdb_txn_commit(txn))
        return NULL;
    l->id = stat.ms_entries;
    return l;
}

static bool lm_save(void *self, uint32_t thread, const void *p, size_t n) {
    Lm *l = self;
    MDB_txn *txn;
    unsigned char bytes[12];
    MDB_val key = {sizeof bytes, bytes}, value = {n, (void *)(uintptr_t)p};
    put_key(bytes, thread, ++l->id);
    return mdb_txn_begin(l->env, NULL, 0, &txn) == 0 && mdb_put(txn, l->dbi, &key, &value, 0) == 0 &&
           mdb_txn_commit(txn) == 0;
}

/* The entry before the first of the next thread. */
static size_t lm_latest(void *self, uint32_t thread) {
    Lm *l = self;
    MDB_txn *txn;
    MDB_cursor *cursor;
    unsigned char bytes[12];
    MDB_val key = {sizeof bytes, bytes}, value = {0, NULL};
    size_t n = 0;
    put_key(bytes, thread + 1, 0);
    if (mdb_txn_begin(l->env, NULL, MDB_RDONLY, &txn) || mdb_cursor_open(txn, l->dbi, &cursor))
        return 0;
    if (mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE) == 0
            ? mdb_cursor_get(cursor, &key, &value, MDB_PREV) == 0
            : mdb_cursor_get(cursor, &key, &value, MDB_LAST) == 0)
        n = value.mv_size;
    mdb_cursor_close(cursor);
    mdb_txn_abort(txn);
    return n;
}

static void lm_close(void *self) {
    Lm *l = self;
    mdb_env_close(l->env);
    free(l);
}

const Engine engine_lmdb = {"lmdb", lm_open, lm_save, lm_latest, lm_close, false};
