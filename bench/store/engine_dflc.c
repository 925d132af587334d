/* dflc's file store, and the least that any store must do: a pwrite into zero-filled space, and an
 * fdatasync where a save is to be durable. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine.h"
#include "store.h"

typedef struct Dflc {
    dfl_store *store;
    bool synced;
} Dflc;

static void *dflc_open(const char *dir, bool synced) {
    Dflc *d = malloc(sizeof *d);
    if (!d || dfl_store_open(dir, NULL, &d->store) != DFL_OK)
        return NULL;
    d->synced = synced;
    return d;
}

static bool dflc_save(void *self, uint32_t thread, const void *p, size_t n) {
    Dflc *d = self;
    char name[16];
    uint64_t id;
    dfl_record record = {.graph = "bench", .layout = 1, .body = p, .n = n};
    snprintf(name, sizeof name, "%u", (unsigned)thread);
    record.about.thread = name;
    record.about.next = "node";
    record.about.bytes = n;
    return d->store->ops->put(d->store->self, &record, d->synced ? DFL_SYNC : DFL_ASYNC, &id) ==
           DFL_OK;
}

static size_t dflc_latest(void *self, uint32_t thread) {
    Dflc *d = self;
    char name[16];
    dfl_checkpoint about;
    snprintf(name, sizeof name, "%u", (unsigned)thread);
    return dfl_store_latest(d->store, name, &about) == DFL_OK ? about.bytes : 0;
}

static void dflc_close(void *self) {
    Dflc *d = self;
    dfl_store_close(d->store);
    free(d);
}

const Engine engine_dflc = {"dflc", dflc_open, dflc_save, dflc_latest, dflc_close, true};

/* ---- the limit ---- */

enum { AHEAD = 64 << 20 };

typedef struct Bare {
    int fd;
    bool synced;
    off_t at;
} Bare;

static void *bare_open(const char *dir, bool synced) {
    char path[512];
    static char zeroes[1 << 20];
    Bare *b = malloc(sizeof *b);
    snprintf(path, sizeof path, "%s/bare", dir);
    if (!b || (b->fd = open(path, O_RDWR | O_CREAT, 0666)) < 0)
        return NULL;
    for (off_t at = 0; at < AHEAD; at += (off_t)sizeof zeroes)
        if (pwrite(b->fd, zeroes, sizeof zeroes, at) != (ssize_t)sizeof zeroes)
            return NULL;
    (void)fsync(b->fd);
    b->synced = synced;
    b->at = 0;
    return b;
}

static bool bare_save(void *self, uint32_t thread, const void *p, size_t n) {
    Bare *b = self;
    (void)thread;
    if (b->at + (off_t)n > AHEAD)
        b->at = 0;
    if (pwrite(b->fd, p, n, b->at) != (ssize_t)n)
        return false;
    b->at += (off_t)n;
    return !b->synced || fdatasync(b->fd) == 0;
}

static size_t bare_latest(void *self, uint32_t thread) {
    (void)self, (void)thread;
    return 0;
}

static void bare_close(void *self) {
    close(((Bare *)self)->fd);
    free(self);
}

const Engine engine_pwrite = {"pwrite", bare_open, bare_save, bare_latest, bare_close, false};
