/* RocksDB: a put a save; synced: with WriteOptions.sync. Numbers count down, so that the newest of a
 * thread comes first. */
#include "engine.h"

#include <rocksdb/c.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

typedef struct Rocks {
    rocksdb_t *db;
    rocksdb_options_t *options;
    rocksdb_writeoptions_t *writes;
    rocksdb_readoptions_t *reads;
    _Atomic uint64_t id;
} Rocks;

static void put_key(char key[12], uint32_t thread, uint64_t id) {
    uint64_t down = ~id;
    for (int i = 0; i < 4; i++)
        key[i] = (char)(unsigned char)(thread >> (24 - 8 * i));
    for (int i = 0; i < 8; i++)
        key[4 + i] = (char)(unsigned char)(down >> (56 - 8 * i));
}

static void *rocks_open(const char *dir, bool synced) {
    Rocks *r = calloc(1, sizeof *r);
    char *error = NULL;
    if (!r)
        return NULL;
    r->options = rocksdb_options_create();
    rocksdb_options_set_create_if_missing(r->options, 1);
    r->db = rocksdb_open(r->options, dir, &error);
    r->writes = rocksdb_writeoptions_create();
    r->reads = rocksdb_readoptions_create();
    rocksdb_writeoptions_set_sync(r->writes, synced);
    return error ? NULL : r;
}

static bool rocks_save(void *self, uint32_t thread, const void *p, size_t n) {
    Rocks *r = self;
    char key[12], *error = NULL;
    put_key(key, thread, atomic_fetch_add(&r->id, 1) + 1);
    rocksdb_put(r->db, r->writes, key, sizeof key, p, n, &error);
    return !error;
}

static size_t rocks_latest(void *self, uint32_t thread) {
    Rocks *r = self;
    char key[12];
    size_t n = 0;
    rocksdb_iterator_t *it = rocksdb_create_iterator(r->db, r->reads);
    put_key(key, thread, UINT64_MAX);
    rocksdb_iter_seek(it, key, sizeof key);
    if (rocksdb_iter_valid(it))
        (void)rocksdb_iter_value(it, &n);
    rocksdb_iter_destroy(it);
    return n;
}

static void rocks_close(void *self) {
    Rocks *r = self;
    rocksdb_readoptions_destroy(r->reads);
    rocksdb_writeoptions_destroy(r->writes);
    rocksdb_close(r->db);
    rocksdb_options_destroy(r->options);
    free(r);
}

const Engine engine_rocksdb = {"rocksdb", rocks_open, rocks_save, rocks_latest, rocks_close, true};
