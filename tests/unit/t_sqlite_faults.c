// Each call of SQLite, and each allocation, that an operation of the SQLite store makes fails in turn: the operation tells of
// it, has done nothing, and can be done again.
// link: -Wl,--wrap=sqlite3_step,--wrap=sqlite3_bind_int64,--wrap=sqlite3_bind_text,--wrap=sqlite3_bind_text64,--wrap=sqlite3_bind_blob64,--wrap=sqlite3_prepare_v2,--wrap=sqlite3_prepare_v3,--wrap=sqlite3_open_v2,--wrap=sqlite3_busy_timeout,--wrap=sqlite3_exec,--wrap=sqlite3_column_text,--wrap=sqlite3_errcode,--wrap=sqlite3_sleep,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup
#include "rt.h"

#include <errno.h>
#include <sqlite3.h>
#include <string.h>

#include "scratch.h"
#include "sqlite/dfl_sqlite.h"
#include "store.h"

/* ---- what fails ---- */

static long left = -1;          /* calls before one that fails; less than 0: none does */
static long lasting = 1;        /* as many as fail then */
static int code = SQLITE_IOERR; /* of those that do */
static bool has_failed;
static int slept;
static const char *finding; /* what a check of the file finds */

static bool fails(void) {
    if (left < 0 || left-- > 0)
        return false;
    if (--lasting > 0)
        left = 0;
    return has_failed = true;
}

#define FAILS(CALL) return fails() ? code : (CALL)

int __real_sqlite3_step(sqlite3_stmt *st);
int __wrap_sqlite3_step(sqlite3_stmt *st);
int __wrap_sqlite3_step(sqlite3_stmt *st) {
    FAILS(__real_sqlite3_step(st));
}

int __real_sqlite3_bind_int64(sqlite3_stmt *st, int at, sqlite3_int64 v);
int __wrap_sqlite3_bind_int64(sqlite3_stmt *st, int at, sqlite3_int64 v);
int __wrap_sqlite3_bind_int64(sqlite3_stmt *st, int at, sqlite3_int64 v) {
    FAILS(__real_sqlite3_bind_int64(st, at, v));
}

typedef void Destroy(void *);

int __real_sqlite3_bind_text(sqlite3_stmt *st, int at, const char *p, int n, Destroy *end);
int __wrap_sqlite3_bind_text(sqlite3_stmt *st, int at, const char *p, int n, Destroy *end);
int __wrap_sqlite3_bind_text(sqlite3_stmt *st, int at, const char *p, int n, Destroy *end) {
    FAILS(__real_sqlite3_bind_text(st, at, p, n, end));
}

int __real_sqlite3_bind_text64(sqlite3_stmt *st, int at, const char *p, sqlite3_uint64 n,
                               Destroy *end, unsigned char how);
int __wrap_sqlite3_bind_text64(sqlite3_stmt *st, int at, const char *p, sqlite3_uint64 n,
                               Destroy *end, unsigned char how);
int __wrap_sqlite3_bind_text64(sqlite3_stmt *st, int at, const char *p, sqlite3_uint64 n,
                               Destroy *end, unsigned char how) {
    FAILS(__real_sqlite3_bind_text64(st, at, p, n, end, how));
}

int __real_sqlite3_bind_blob64(sqlite3_stmt *st, int at, const void *p, sqlite3_uint64 n,
                               Destroy *end);
int __wrap_sqlite3_bind_blob64(sqlite3_stmt *st, int at, const void *p, sqlite3_uint64 n,
                               Destroy *end);
int __wrap_sqlite3_bind_blob64(sqlite3_stmt *st, int at, const void *p, sqlite3_uint64 n,
                               Destroy *end) {
    FAILS(__real_sqlite3_bind_blob64(st, at, p, n, end));
}

int __real_sqlite3_prepare_v2(sqlite3 *db, const char *sql, int n, sqlite3_stmt **st,
                              const char **tail);
int __wrap_sqlite3_prepare_v2(sqlite3 *db, const char *sql, int n, sqlite3_stmt **st,
                              const char **tail);
int __wrap_sqlite3_prepare_v2(sqlite3 *db, const char *sql, int n, sqlite3_stmt **st,
                              const char **tail) {
    FAILS(__real_sqlite3_prepare_v2(db, sql, n, st, tail));
}

int __real_sqlite3_prepare_v3(sqlite3 *db, const char *sql, int n, unsigned how, sqlite3_stmt **st,
                              const char **tail);
int __wrap_sqlite3_prepare_v3(sqlite3 *db, const char *sql, int n, unsigned how, sqlite3_stmt **st,
                              const char **tail);
int __wrap_sqlite3_prepare_v3(sqlite3 *db, const char *sql, int n, unsigned how, sqlite3_stmt **st,
                              const char **tail) {
    FAILS(__real_sqlite3_prepare_v3(db, sql, n, how, st, tail));
}

int __real_sqlite3_open_v2(const char *path, sqlite3 **db, int flags, const char *vfs);
int __wrap_sqlite3_open_v2(const char *path, sqlite3 **db, int flags, const char *vfs);
int __wrap_sqlite3_open_v2(const char *path, sqlite3 **db, int flags, const char *vfs) {
    FAILS(__real_sqlite3_open_v2(path, db, flags, vfs)); /* without memory it leaves no handle */
}

int __real_sqlite3_busy_timeout(sqlite3 *db, int ms);
int __wrap_sqlite3_busy_timeout(sqlite3 *db, int ms);
int __wrap_sqlite3_busy_timeout(sqlite3 *db, int ms) {
    FAILS(__real_sqlite3_busy_timeout(db, ms));
}

typedef int Row(void *, int, char **, char **);

int __real_sqlite3_exec(sqlite3 *db, const char *sql, Row *row, void *user, char **message);
int __wrap_sqlite3_exec(sqlite3 *db, const char *sql, Row *row, void *user, char **message);
int __wrap_sqlite3_exec(sqlite3 *db, const char *sql, Row *row, void *user, char **message) {
    FAILS(__real_sqlite3_exec(db, sql, row, user, message));
}

const unsigned char *__real_sqlite3_column_text(sqlite3_stmt *st, int at);
const unsigned char *__wrap_sqlite3_column_text(sqlite3_stmt *st, int at);
const unsigned char *__wrap_sqlite3_column_text(sqlite3_stmt *st, int at) {
    if (fails()) /* without memory for it */
        return NULL;
    return finding ? (const unsigned char *)finding : __real_sqlite3_column_text(st, at);
}

int __real_sqlite3_errcode(sqlite3 *db);
int __wrap_sqlite3_errcode(sqlite3 *db);
int __wrap_sqlite3_errcode(sqlite3 *db) {
    return has_failed ? code : __real_sqlite3_errcode(db);
}

int __wrap_sqlite3_sleep(int ms);
int __wrap_sqlite3_sleep(int ms) {
    slept += ms;
    return ms;
}

void *__real_malloc(size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_malloc(size_t n) {
    return fails() ? NULL : __real_malloc(n);
}

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size) {
    return fails() ? NULL : __real_calloc(n, size);
}

void *__real_realloc(void *p, size_t n);
void *__wrap_realloc(void *p, size_t n);
void *__wrap_realloc(void *p, size_t n) {
    return fails() ? NULL : __real_realloc(p, n);
}

char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);
char *__wrap_strdup(const char *text) {
    return fails() ? NULL : __real_strdup(text);
}

/* ---- operations ---- */

static dfl_store *store;

static dfl_store *open_store(void) {
    dfl_store *opened = NULL;
    assert_int_equal(dfl_sqlite_open(scratch_path("checkpoints.db"), NULL, &opened), DFL_OK);
    return opened;
}

static int put(const char *thread) {
    dfl_record record = {.graph = "g", .layout = 7, .body = (const uint8_t *)"body", .n = 4};
    uint64_t id;
    record.about.thread = thread;
    record.about.next = "node";
    return store->ops->put(store->self, &record, DFL_SYNC, &id);
}

static int put_one(void) {
    return put("u");
}

static int latest(void) {
    dfl_checkpoint about;
    int status = dfl_store_latest(store, "t", &about);
    if (status == DFL_OK)
        assert_string_equal(about.next, "node");
    return status;
}

static int read_one(void) {
    dfl_record record;
    dfl_buf hold = {0};
    int status = store->ops->read(store->self, "t", 0, &record, &hold);
    if (status == DFL_OK)
        assert_memory_equal(record.body, "body", 4);
    dfl_buf_free(&hold);
    return status;
}

static int count_checkpoint(void *user, const dfl_checkpoint *about) {
    assert_string_equal(about->next, "node");
    ++*(int *)user;
    return 0;
}

static int history(void) {
    int n = 0, status = dfl_store_history(store, "t", 0, count_checkpoint, &n);
    assert_true(status != DFL_OK || n == 3);
    return status;
}

static int count_thread(void *user, const char *thread) {
    assert_true(thread[0] == 't' || thread[0] == 'v');
    ++*(int *)user;
    return 0;
}

static int threads(void) {
    int n = 0, status = dfl_store_threads(store, count_thread, &n);
    assert_int_equal(n, status == DFL_OK ? 2 : 0);
    return status;
}

static int delete_one(void) {
    return dfl_store_delete_thread(store, "v");
}
static int prune(void) {
    return dfl_store_prune(store, "t", 2);
}
static int verify(void) {
    return dfl_store_verify(store, NULL, NULL);
}
static int put_layout(void) {
    return store->ops->put_layout(store->self, "g", 8, "eight", 5);
}

static int layout(void) {
    dfl_buf text = {0};
    int status = store->ops->layout(store->self, 7, &text);
    assert_true(status != DFL_OK || (text.n == 5 && memcmp(text.p, "seven", 5) == 0));
    dfl_buf_free(&text);
    return status;
}

/* How many checkpoints there are, of all threads: 3 of "t", 1 of "v"; and of "u", where it has been put. */
static void has(const char *thread, int n) {
    int found = 0;
    int status = dfl_store_history(store, thread, 0, count_checkpoint, &found);
    assert_int_equal(status, n ? DFL_OK : DFL_ENOTFOUND);
    assert_int_equal(found, n);
}

static void nothing_is_done(void) {
    has("t", 3);
    has("u", 0);
    has("v", 1);
    assert_int_equal(store->ops->layout(store->self, 7, NULL), DFL_OK);
    assert_int_equal(store->ops->layout(store->self, 8, NULL), DFL_ENOTFOUND);
}

/* With statements that are prepared, and with a handle that has prepared none. */
static void fails_in_turn(int (*operation)(void), bool is_fresh) {
    int n = 0;
    for (bool done = false; !done; n++) {
        int status;
        assert_true(n < 100);
        if (is_fresh) {
            dfl_store_close(store);
            store = open_store();
        } else {
            nothing_is_done();
        }
        left = n, lasting = 1, has_failed = false;
        status = operation();
        left = -1;
        done = !has_failed;
        has_failed = false;
        /* What is read asks for a name twice, and needs it once. */
        assert_true(done ? status == DFL_OK : status != DFL_OK || operation == read_one);
        if (status == DFL_ESTORE)
            assert_int_equal(errno, EIO);
        else if (status != DFL_OK)
            assert_true(status == DFL_ENOMEM || status == DFL_ECORRUPT);
        if (!done)
            nothing_is_done();
    }
    assert_true(n > 1);
}

static void each_call_of_each_operation(void **state) {
    static int (*const operations[])(void) = {put_one,    latest, read_one, history, threads,
                                              delete_one, prune,  verify,   layout,  put_layout};
    (void)state;
    for (size_t i = 0; i < COUNT(operations); i++)
        for (int fresh = 0; fresh < 2; fresh++) {
            scratch_begin();
            store = open_store();
            for (int k = 0; k < 3; k++)
                assert_int_equal(put("t"), DFL_OK);
            assert_int_equal(put("v"), DFL_OK);
            assert_int_equal(store->ops->put_layout(store->self, "g", 7, "seven", 5), DFL_OK);
            fails_in_turn(operations[i], fresh);
            dfl_store_close(store);
            scratch_end();
        }
}

static void opening(void **state) {
    dfl_error error;
    int n = 0;
    (void)state;
    scratch_begin();
    for (store = NULL; !store; n++) {
        int status;
        left = n, lasting = 1, has_failed = false;
        status = dfl_sqlite_open(scratch_path("checkpoints.db"), n % 2 ? NULL : &error, &store);
        left = -1;
        assert_int_equal(status != DFL_OK, has_failed);
        assert_true(!has_failed || (status == DFL_ENOMEM && !store) || status == DFL_ESTORE);
        has_failed = false;
    }
    assert_true(n > 4);
    dfl_store_close(store);
    scratch_end();
}

/* To go to WAL mode it wants the file for itself, and asks again for as long as another one has it. */
static void opening_waits_for_others(void **state) {
    (void)state;
    scratch_begin();
    store = NULL;
    code = SQLITE_BUSY;
    left = 3, lasting = 5, has_failed = false; /* behind calloc, open and busy_timeout */
    assert_int_equal(dfl_sqlite_open(scratch_path("checkpoints.db"), NULL, &store), DFL_OK);
    assert_true(has_failed && slept > 0);
    left = -1, has_failed = false;
    dfl_store_close(store);
    store = NULL;
    left = 3, lasting = 1000000;
    assert_int_equal(dfl_sqlite_open(scratch_path("checkpoints.db"), NULL, &store), DFL_ESTORE);
    assert_int_equal(errno, EBUSY);
    left = -1, has_failed = false;
    code = SQLITE_IOERR;
    scratch_end();
}

static void reasons_are_told(void **state) {
    static const struct {
        int code, status, why;
    } cases[] = {{SQLITE_NOMEM, DFL_ESTORE, ENOMEM},    {SQLITE_CORRUPT, DFL_ECORRUPT, 0},
                 {SQLITE_NOTADB, DFL_ECORRUPT, 0},      {SQLITE_FULL, DFL_ESTORE, ENOSPC},
                 {SQLITE_BUSY, DFL_ESTORE, EBUSY},      {SQLITE_LOCKED, DFL_ESTORE, EBUSY},
                 {SQLITE_READONLY, DFL_ESTORE, EACCES}, {SQLITE_PERM, DFL_ESTORE, EACCES},
                 {SQLITE_CANTOPEN, DFL_ESTORE, EACCES}, {SQLITE_IOERR, DFL_ESTORE, EIO}};
    (void)state;
    scratch_begin();
    store = open_store();
    for (size_t i = 0; i < COUNT(cases); i++) {
        code = cases[i].code;
        errno = 0;
        left = 1, lasting = 1;
        assert_int_equal(put("t"), cases[i].status);
        assert_true(has_failed);
        if (cases[i].why)
            assert_int_equal(errno, cases[i].why);
        left = -1, has_failed = false;
        has("t", 0);
    }
    code = SQLITE_IOERR;
    dfl_store_close(store);
    scratch_end();
}

static void see_damage(void *user, const dfl_damage *damage) {
    assert_string_equal(damage->what, finding);
    ++*(int *)user;
}

static void damage_is_told(void **state) {
    int told = 0;
    (void)state;
    scratch_begin();
    store = open_store();
    finding = "row 1 missing from index";
    assert_int_equal(dfl_store_verify(store, see_damage, &told), DFL_ECORRUPT);
    assert_int_equal(told, 1);
    assert_int_equal(dfl_store_verify(store, NULL, NULL), DFL_ECORRUPT);
    finding = NULL;
    assert_int_equal(dfl_store_verify(store, see_damage, &told), DFL_OK);
    dfl_store_close(store);
    scratch_end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_call_of_each_operation),
        cmocka_unit_test(opening),
        cmocka_unit_test(opening_waits_for_others),
        cmocka_unit_test(reasons_are_told),
        cmocka_unit_test(damage_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
