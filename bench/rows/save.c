/* Rows that save after each node. Beside them, by hand: the state encoded by the same encoder and kept in
 * memory, or appended to a file, after each node and once before the first, as dflc does; and a row of a table of
 * SQLite for each. Nothing is synced (DashFlow does not either). */
#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef HAVE_SQLITE
#include <sqlite3.h>
#endif

#include "state.h"

static dfl_store *in_memory, *in_file;

/* ---- dflc ---- */

#define SAVED(NAME, GRAPH, STORE, END)                                                             \
    static void dflc_##NAME(void) {                                                                \
        GRAPH##_state s;                                                                           \
        dfl_run run = {.store = STORE, .thread_id = "bench", .durability = DFL_ASYNC};             \
        GRAPH##_state_init(&s);                                                                    \
        MESSAGES(GRAPH);                                                                           \
        must(GRAPH##_run(&s, &run) == DFL_OK, #NAME ": the run failed");                           \
        END;                                                                                       \
        GRAPH##_state_free(&s);                                                                    \
        if (run.store == in_memory)                                                                \
            must(dfl_store_delete_thread(run.store, "bench") == DFL_OK, #NAME ": delete");         \
    }

#define MESSAGES(GRAPH) begin_messages(GRAPH##_state_ctx(&s), &s.messages, &s.metadata)

#define AT_END_3 EXPECT(4, 15 + 3 * 16, 2, 32)
#define AT_END_5 EXPECT(6, 15 + 5 * 16, 52, 32 + 50 * 16)
#define AT_END_LOOP EXPECT(6, 70, 2, 32)

SAVED(memory3, saved3, in_memory, AT_END_3)
SAVED(memory5, saved5, in_memory, AT_END_5)
SAVED(memory_loop, loop, in_memory, AT_END_LOOP)
SAVED(file3, saved3, in_file, AT_END_3)
SAVED(file5, saved5, in_file, AT_END_5)

/* A run fails at its last node; it is resumed, and does not. */
static void dflc_resume(void) {
    resumed_state s;
    int code = 7;
    dfl_run run = {.store = in_memory, .thread_id = "bench", .user = &code};
    resumed_state_init(&s);
    begin_messages(resumed_state_ctx(&s), &s.messages, &s.metadata);
    must(resumed_run(&s, &run) == DFL_ENODE, "resume: the run did not fail");
    resumed_state_free(&s);
    resumed_state_init(&s);
    code = 0;
    must(resumed_resume(&s, &run) == DFL_OK, "resume: it failed again");
    must(s.counter == 2, "resume: another counter");
    expect_messages(&s.messages, 2, 32);
    resumed_state_free(&s);
    must(dfl_store_delete_thread(in_memory, "bench") == DFL_OK, "resume: delete");
}

static void dflc_latest(void) {
    saved5_state s;
    saved5_node next;
    dfl_run run = {.store = in_file, .thread_id = "latest"};
    saved5_state_init(&s);
    must(saved5_load(&s, &next, &run) == DFL_OK && next == saved5_at_end, "latest: no checkpoint");
    AT_END_5;
    saved5_state_free(&s);
}

/* ---- by hand ---- */

typedef struct Keeper {
    void (*keep)(const dfl_buf *state);
    void (*done)(void);
} Keeper;

static dfl_buf encoded;

#define KEEP(GRAPH)                                                                                \
    do {                                                                                           \
        encoded.n = 0;                                                                             \
        must(GRAPH##_encode(&s, &encoded) == DFL_OK, "encode");                                    \
        keeper->keep(&encoded);                                                                    \
    } while (0)

static void hand3(const Keeper *keeper) {
    static int (*const nodes[])(dfl_ctx *, uint32_t *, dfl_str_list *) = {saved3_node1, saved3_node2, saved3_node3};
    saved3_state s;
    dfl_ctx *ctx;
    saved3_state_init(&s);
    ctx = hand_ctx(&s.dfl_mem);
    begin_messages(ctx, &s.messages, &s.metadata);
    KEEP(saved3);
    for (int i = 0; i < 3; i++) {
        must(nodes[i](ctx, &s.counter, &s.messages) == 0, "a node");
        KEEP(saved3);
    }
    keeper->done();
    AT_END_3;
    saved3_state_free(&s);
}

static void hand5(const Keeper *keeper) {
    static int (*const nodes[])(dfl_ctx *, uint32_t *, dfl_str_list *, dfl_str_map *) = {
        saved5_node1, saved5_node2, saved5_node3, saved5_node4, saved5_node5};
    saved5_state s;
    dfl_ctx *ctx;
    saved5_state_init(&s);
    ctx = hand_ctx(&s.dfl_mem);
    begin_messages(ctx, &s.messages, &s.metadata);
    KEEP(saved5);
    for (int i = 0; i < 5; i++) {
        must(nodes[i](ctx, &s.counter, &s.messages, &s.metadata) == 0, "a node");
        KEEP(saved5);
    }
    keeper->done();
    AT_END_5;
    saved5_state_free(&s);
}

static void hand_loop5(const Keeper *keeper) {
    loop_state s;
    dfl_ctx *ctx;
    loop_state_init(&s);
    ctx = hand_ctx(&s.dfl_mem);
    begin_messages(ctx, &s.messages, &s.metadata);
    KEEP(loop);
    do {
        must(loop_step(ctx, &s.counter, &s.messages) == 0, "step");
        KEEP(loop);
    } while (s.counter < s.times);
    keeper->done();
    AT_END_LOOP;
    loop_state_free(&s);
}

/* ---- where it is kept ---- */

enum { MAX_KEPT = 16 };

static void *kept[MAX_KEPT];
static int n_kept;

static void keep_in_memory(const dfl_buf *state) {
    void *copy = malloc(state->n);
    must(copy && n_kept < MAX_KEPT, "out of memory");
    kept[n_kept++] = memcpy(copy, state->p, state->n);
}

static void free_kept(void) {
    while (n_kept > 0)
        free(kept[--n_kept]);
}

static int file = -1;

static void keep_in_file(const dfl_buf *state) {
    must(write(file, state->p, state->n) == (ssize_t)state->n, "write");
}

static void nothing(void) {
}

static const Keeper memory = {keep_in_memory, free_kept}, appended = {keep_in_file, nothing};

static void byhand_memory3(void) { hand3(&memory); }
static void byhand_memory5(void) { hand5(&memory); }
static void byhand_memory_loop(void) { hand_loop5(&memory); }
static void byhand_file3(void) { hand3(&appended); }
static void byhand_file5(void) { hand5(&appended); }

#ifdef HAVE_SQLITE
static sqlite3 *db;
static sqlite3_stmt *insert;

static void sqlite_begin(const char *path) {
    must(sqlite3_open(path, &db) == SQLITE_OK, "sqlite: open");
    must(sqlite3_exec(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
                          "CREATE TABLE IF NOT EXISTS c(id INTEGER PRIMARY KEY, thread TEXT, state BLOB);"
                          "CREATE INDEX IF NOT EXISTS ct ON c(thread, id)", NULL, NULL, NULL) == SQLITE_OK,
         "sqlite: create");
    must(sqlite3_prepare_v2(db, "INSERT INTO c(thread, state) VALUES('bench', ?)", -1, &insert,
                            NULL) == SQLITE_OK, "sqlite: prepare");
}

static void sqlite_end(void) {
    sqlite3_finalize(insert);
    sqlite3_close(db);
}

static void keep_in_sqlite(const dfl_buf *state) {
    sqlite3_bind_blob64(insert, 1, state->p, state->n, SQLITE_STATIC);
    must(sqlite3_step(insert) == SQLITE_DONE && sqlite3_reset(insert) == SQLITE_OK, "sqlite: insert");
}

static const Keeper table = {keep_in_sqlite, nothing};

static void sqlite_file3(void) { hand3(&table); }
static void sqlite_file5(void) { hand5(&table); }
#define SQLITE_SIDE(RUN) {"sqlite", RUN},
#else
#define sqlite_begin(PATH) ((void)0)
#define sqlite_end() ((void)0)
#define SQLITE_SIDE(RUN)
#endif

/* ---- the table ---- */

void save_begin(const char *dir) {
    char path[4096];
    dfl_run run = {.thread_id = "latest", .durability = DFL_ASYNC};
    saved5_state s;
    in_memory = dfl_store_memory();
    must(in_memory != NULL, "out of memory");
    snprintf(path, sizeof path, "%s/store", dir);
    must(dfl_store_open(path, NULL, &in_file) == DFL_OK, "the store does not open");
    snprintf(path, sizeof path, "%s/appended", dir);
    file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    must(file >= 0, "the file does not open");
    snprintf(path, sizeof path, "%s/db", dir);
    sqlite_begin(path);
    run.store = in_file;
    saved5_state_init(&s);
    MESSAGES(saved5);
    must(saved5_run(&s, &run) == DFL_OK, "the run to look up failed");
    saved5_state_free(&s);
}

void save_end(void) {
    dfl_store_close(in_memory);
    dfl_store_close(in_file);
    close(file);
    sqlite_end();
    dfl_buf_free(&encoded);
}

const Row rows_save[] = {
    {"memory checkpoint 3", KIND_SAVE, 3, 3320, ROW_SIDES(memory3)},
    {"memory checkpoint 5", KIND_SAVE, 5, 17300, ROW_SIDES(memory5)},
    {"memory checkpoint loop", KIND_SAVE, 5, 11500, ROW_SIDES(memory_loop)},
    {"file checkpoint 3", KIND_SAVE, 3, 478000,
     {{"dflc", dflc_file3}, {"byhand", byhand_file3}, SQLITE_SIDE(sqlite_file3)}},
    {"file checkpoint 5", KIND_SAVE, 5, 801000,
     {{"dflc", dflc_file5}, {"byhand", byhand_file5}, SQLITE_SIDE(sqlite_file5)}},
    {"fail and resume", KIND_SAVE, 3, 0, {{"dflc", dflc_resume}}},
    {"latest and load", KIND_SAVE, 0, 0, {{"dflc", dflc_latest}}},
    {.name = NULL},
};
