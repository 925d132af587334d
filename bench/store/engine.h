/* A key-value engine as a store of checkpoints: each save is a new record under (thread, id), and the
 * thread's latest has to be found again. Every engine does that much, in its own way. */
#ifndef ENGINE_H
#define ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Engine {
    const char *name;
    /* In a directory that is empty or holds its files. synced: a save is on the disk when it returns. */
    void *(*open)(const char *dir, bool synced);
    bool (*save)(void *self, uint32_t thread, const void *p, size_t n);
    /* The bytes of the newest record, 0: none. */
    size_t (*latest)(void *self, uint32_t thread);
    void (*close)(void *self);
    bool threads; /* many threads may save at once */
} Engine;

extern const Engine engine_dflc, engine_pwrite;
#ifdef HAVE_SQLITE
extern const Engine engine_sqlite;
#endif
#ifdef HAVE_LMDB
extern const Engine engine_lmdb;
#endif
#ifdef HAVE_ROCKSDB
extern const Engine engine_rocksdb;
#endif

#endif
