// A log whose records say anything, with checksums that fit, or any bytes as one: read, verified, compacted.
// corpus: tests/fuzz/store/*
// in memory; quick: 300; full: 2000000
#define _GNU_SOURCE
#include "fuzz.h"

#include <unistd.h>

#include "dfl.h"
#include "log_record.h"

#include "../unit/scratch.h"

enum { MOST_BYTES = 1 << 20, RECORDS = 64 };

typedef struct Log {
    uint8_t *bytes;
    size_t n;
} Log;

static const char *name(Taker *taker, uint16_t *n) {
    static const char *const names[] = {"a", "b", "thread", "start", "all", "end", "", "x/y"};
    const char *text = names[take_number(taker, 1) % 8];
    *n = (uint16_t)strlen(text);
    return text;
}

/* One record, of which everything but the checksums is said by the input. */
static void add_record(Log *log, Taker *taker, uint64_t salt) {
    dfl__log_record record = {.type = (uint8_t)(take_number(taker, 1) % 7)};
    size_t body_n = take_number(taker, 2) % 2048;
    const uint8_t *body;
    record.flags = (uint8_t)take_number(taker, 1);
    record.thread = name(taker, &record.thread_n);
    record.next = name(taker, &record.next_n);
    record.graph = name(taker, &record.graph_n);
    record.id = take_number(taker, record.flags & 2 ? 8 : 1);
    record.previous = take_number(taker, record.flags & 2 ? 8 : 1);
    record.durable_end = take_number(taker, record.flags & 4 ? 8 : 1);
    record.bytes = take_number(taker, 2);
    record.schema = take_number(taker, 1);
    record.step = take_number(taker, 1);
    body = take_bytes(taker, &body_n);
    record.body_n = (uint32_t)body_n;
    dfl__record_put(log->bytes + log->n, salt, log->n, &record, body);
    log->n += dfl__record_bytes(&record);
}

static void make_log(Log *log, Taker *taker) {
    dfl__segment_head head = {.version = DFL__LOG_VERSION, .number = 1, .salt = 7};
    log->n = DFL__SEGMENT_HEAD;
    if (take_number(taker, 1) % 4 == 0)
        head.previous_end = take_number(taker, 8), head.ids_above = take_number(taker, 8);
    dfl__segment_put(log->bytes, &head);
    for (int i = 0; i < RECORDS && taker->at < taker->end; i++)
        add_record(log, taker, head.salt);
}

static void write_log(const Log *log) {
    FILE *out = fopen(scratch_path("store/00000001.log"), "wb");
    MUST(out && fwrite(log->bytes, 1, log->n, out) == log->n);
    MUST(fclose(out) == 0);
}

static void damaged(void *user, const dfl_damage *damage) {
    (void)user;
    MUST(damage->what && damage->what[0]);
}

static int look(void *user, const char *thread) {
    dfl_store *store = user;
    dfl_checkpoint latest;
    dfl_buf json = {0};
    if (dfl_store_latest(store, thread, &latest) == DFL_OK)
        (void)dfl_store_get(store, thread, latest.id, &json);
    dfl_buf_free(&json);
    return 0;
}

static bool use(bool change) {
    static const dfl_store_options small = {.segment_bytes = 64 * 1024}; /* nothing is written ahead for long */
    dfl_store *store = NULL;
    if (dfl_store_open(scratch_path("store"), &small, &store) != DFL_OK)
        return false;
    (void)dfl_store_verify(store, damaged, NULL);
    (void)dfl_store_threads(store, look, store);
    if (change) {
        (void)dfl_store_prune(store, "a", 1);
        (void)dfl_store_delete_thread(store, "b");
        (void)dfl_store_compact(store);
        (void)dfl_store_threads(store, look, store);
    }
    dfl_store_close(store);
    return true;
}

static void fuzz_one(const uint8_t *data, size_t n) {
    Taker taker = {data, data + n};
    Log log = {.bytes = calloc(1, MOST_BYTES)};
    MUST(log.bytes);
    scratch_begin();
    MUST(scratch_dir[0] && mkdir(scratch_path("store"), 0700) == 0);
    if (take_number(&taker, 1) % 8) {
        make_log(&log, &taker);
    } else {
        log.n = (size_t)(taker.end - taker.at) < MOST_BYTES ? (size_t)(taker.end - taker.at) : MOST_BYTES;
        memcpy(log.bytes, taker.at, log.n);
    }
    write_log(&log);
    if (use(true))
        MUST(use(false)); /* what opened once, and was changed, opens again */
    scratch_end();
    free(log.bytes);
}
