// Whatever PostgreSQL does not answer, before it was done or behind that, and whatever allocation fails: the store and the
// queue tell of it or get over it, and what was saved, submitted and run is there once.
// link: -Wl,--wrap=PQexec,--wrap=PQexecPrepared,--wrap=PQprepare,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup
#include "rt.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>

#include "pg/dfl_pg.h"
#include "pg_admin.h"
#include "store.h"
#include "t_pg_faults.h"

DFL_WORK_GRAPH(asks)

#define MS INT64_C(1000000)

/* ---- what fails ---- */

typedef enum Fault {
    NOT_ASKED, /* the connection is cut before the server knows of it */
    NOT_HEARD, /* and behind that: what it was asked for is done */
    NO_MEMORY
} Fault;

static Fault fault;
static atomic_long left = -1; /* of such calls, before the one that fails; less than 0: none does */
static atomic_bool has_failed;

static bool fails(bool is_memory) {
    if (left < 0 || is_memory != (fault == NO_MEMORY) || atomic_fetch_sub(&left, 1) != 0)
        return false;
    return has_failed = true;
}

/* For good: what was begun on it is undone by the server. */
static void cut(PGconn *db) {
    assert_int_equal(shutdown(PQsocket(db), SHUT_RDWR), 0);
}

/* No result is how libpq tells of a connection that is gone. */
static PGresult *unheard(PGconn *db, PGresult *result) {
    PQclear(result);
    cut(db);
    return NULL;
}

#define ASK(CALL)                                                                                  \
    bool is_lost = fails(false);                                                                   \
    if (is_lost && fault == NOT_ASKED)                                                             \
        cut(db);                                                                                   \
    return is_lost && fault == NOT_HEARD ? unheard(db, CALL) : (CALL)

PGresult *__real_PQexec(PGconn *db, const char *sql_text);
PGresult *__wrap_PQexec(PGconn *db, const char *sql_text);
PGresult *__wrap_PQexec(PGconn *db, const char *sql_text) {
    if (db == admin)
        return __real_PQexec(db, sql_text);
    ASK(__real_PQexec(db, sql_text));
}

PGresult *__real_PQprepare(PGconn *db, const char *name, const char *query, int n,
                           const Oid *types);
PGresult *__wrap_PQprepare(PGconn *db, const char *name, const char *query, int n,
                           const Oid *types);
PGresult *__wrap_PQprepare(PGconn *db, const char *name, const char *query, int n,
                           const Oid *types) {
    ASK(__real_PQprepare(db, name, query, n, types));
}

PGresult *__real_PQexecPrepared(PGconn *db, const char *name, int n, const char *const *values,
                                const int *lengths, const int *formats, int format);
PGresult *__wrap_PQexecPrepared(PGconn *db, const char *name, int n, const char *const *values,
                                const int *lengths, const int *formats, int format);
PGresult *__wrap_PQexecPrepared(PGconn *db, const char *name, int n, const char *const *values,
                                const int *lengths, const int *formats, int format) {
    ASK(__real_PQexecPrepared(db, name, n, values, lengths, formats, format));
}

void *__real_malloc(size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_malloc(size_t n) {
    return fails(true) ? NULL : __real_malloc(n);
}

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size) {
    return fails(true) ? NULL : __real_calloc(n, size);
}

void *__real_realloc(void *p, size_t n);
void *__wrap_realloc(void *p, size_t n);
void *__wrap_realloc(void *p, size_t n) {
    return fails(true) ? NULL : __real_realloc(p, n);
}

char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);
char *__wrap_strdup(const char *text) {
    return fails(true) ? NULL : __real_strdup(text);
}

/* Does it with call after call failing, until none does; behind the first `some` only every third. */
static void in_turn(void (*what)(void), int some) {
    for (int n = 0;; n += n < some ? 1 : 3) {
        bool done;
        assert_true(n < 2000);
        has_failed = false;
        left = n;
        what();
        left = -1;
        done = !has_failed;
        if (done)
            return;
    }
}

/* The outcome of a call of which something may have failed. */
static int judged(int status) {
    if (status == DFL_OK)
        return status;
    assert_true(has_failed);
    assert_true(status == DFL_ENOMEM || status == DFL_ESTORE);
    return status;
}

static void clear(void) {
    sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT ALL ON SCHEMA public TO PUBLIC");
}

/* ---- the store ---- */

static dfl_store *store;

static int put(const char *thread, uint64_t step) {
    dfl_record record = {.graph = "g", .layout = 7, .body = (const uint8_t *)"body", .n = 4};
    uint64_t id;
    record.about.thread = thread;
    record.about.next = "node";
    record.about.step = step;
    return store->ops->put(store->self, &record, DFL_SYNC, &id);
}

typedef struct Steps {
    uint64_t latest;
    int n;
} Steps;

static int note_step(void *user, const dfl_checkpoint *about) {
    Steps *steps = user;
    assert_true(steps->n == 0 || about->step < steps->latest);
    steps->latest = about->step;
    steps->n++;
    return 0;
}

static int note_thread(void *user, const char *thread) {
    assert_string_equal(thread, "t");
    ++*(int *)user;
    return 0;
}

/* Without faults, each of it has an effect or finds something; with one, that may be missing, and is made up for. */
static void use_the_store(void) {
    Steps steps = {0, 0};
    dfl_checkpoint latest;
    dfl_record record;
    dfl_buf hold = {0}, text = {0};
    int n = 0;
    store = NULL;
    if (judged(dfl_pg_open(pg_conninfo, NULL, &store)) != DFL_OK)
        return;
    for (uint64_t step = 1; step <= 3; step++)
        if (judged(put("t", step)) != DFL_OK)
            assert_int_equal(put("t", step), DFL_OK);
    if (judged(dfl_store_latest(store, "t", &latest)) == DFL_OK)
        assert_int_equal(latest.step, 3);
    if (judged(store->ops->read(store->self, "t", 0, &record, &hold)) == DFL_OK)
        assert_true(record.about.step == 3 && memcmp(record.body, "body", 4) == 0);
    if (judged(dfl_store_threads(store, note_thread, &n)) == DFL_OK)
        assert_int_equal(n, 1);
    (void)judged(dfl_store_verify(store, NULL, NULL));
    if (judged(store->ops->put_layout(store->self, "g", 7, "seven", 5)) != DFL_OK)
        assert_int_equal(store->ops->put_layout(store->self, "g", 7, "seven", 5), DFL_OK);
    if (judged(store->ops->layout(store->self, 7, &text)) == DFL_OK)
        assert_true(text.n == 5 && memcmp(text.p, "seven", 5) == 0);
    (void)judged(dfl_store_prune(store, "t", 2));
    if (judged(dfl_store_history(store, "t", 0, note_step, &steps)) == DFL_OK)
        assert_true(steps.latest <= 2 && steps.n >= 2);
    if (judged(dfl_store_delete_thread(store, "t")) != DFL_OK)
        assert_true(dfl_store_delete_thread(store, "t") != DFL_ESTORE);
    assert_int_equal(dfl_store_latest(store, "t", &latest), DFL_ENOTFOUND);
    dfl_buf_free(&hold);
    dfl_buf_free(&text);
    dfl_store_close(store);
}

/* What was told to be saved is there, once. */
static void save_once(void) {
    Steps steps = {0, 0};
    store = NULL;
    if (judged(dfl_pg_open(pg_conninfo, NULL, &store)) != DFL_OK)
        return;
    if (judged(put("once", 1)) == DFL_OK) {
        assert_int_equal(dfl_store_history(store, "once", 0, note_step, &steps), DFL_OK);
        assert_int_equal(steps.n, 1);
    }
    left = -1;
    (void)dfl_store_delete_thread(store, "once");
    dfl_store_close(store);
}

/* ---- the queue ---- */

static dfl_work *work;
static const dfl_work_graph *const graphs[] = {&asks_work};

static int submit(const char *key, int64_t n, uint64_t *id) {
    asks_state state;
    dfl_submission run = {.graph = &asks_work, .state = &state, .key = key};
    int status;
    asks_state_init(&state);
    state.n = n;
    status = dfl_work_submit(work, &run, 1);
    *id = run.id;
    asks_state_free(&state);
    return status;
}

static int run_worker(void) {
    dfl_worker_options options = {.poll_ns = 2 * MS,
                                  .lease_ns = 100 * MS,
                                  .backoff_ns = MS,
                                  .max_attempts = 1000,
                                  .until_empty = true};
    dfl_worker *worker = NULL;
    int status = dfl_worker_open(pg_conninfo, graphs, 1, &options, &worker);
    if (status == DFL_OK)
        status = dfl_worker_run(worker);
    dfl_worker_close(worker);
    return status;
}

static void see_status(void *user, const dfl_work_status *run) {
    *(dfl_work_state *)user = run->state;
}

static int see_any(void *user, const dfl_work_status *run) {
    assert_string_equal(run->graph, "asks");
    ++*(int *)user;
    return 0;
}

static void see_question(void *user, const dfl_question *question, const char *given) {
    assert_string_equal(question->text.p, "more?");
    assert_null(given);
    ++*(int *)user;
}

static void see_count(void *user, const dfl_work_stats *stats) {
    *(int *)user += (int)stats->runs[DFL_WORK_DONE];
}

/* Again without a fault where it has met one. */
#define AT_LAST(CALL)                                                                              \
    do {                                                                                           \
        if (judged(CALL) != DFL_OK)                                                                \
            assert_int_equal(CALL, DFL_OK);                                                        \
    } while (0)

static void is(uint64_t id, dfl_work_state expected) {
    dfl_work_state state = DFL_WORK_READY;
    AT_LAST(dfl_work_look(work, id, see_status, &state));
    assert_string_equal(dfl_work_state_name(state), dfl_work_state_name(expected));
}

static void look_around(uint64_t id) {
    dfl_buf json = {0};
    uint64_t found = 0;
    int n = 0;
    AT_LAST(dfl_work_find(work, "key", &found));
    assert_int_equal(found, id);
    (void)judged(dfl_work_list(work, NULL, see_any, &n));
    assert_true(n <= 1);
    (void)judged(dfl_work_json(work, id, &json));
    n = 0;
    (void)judged(dfl_work_count(work, see_count, &n));
    assert_int_equal(n, 0);
    dfl_buf_free(&json);
}

static void use_the_queue(void) {
    asks_state s;
    uint64_t id = 0;
    size_t forgotten = 0;
    int n = 0, status;
    work = NULL;
    if (judged(dfl_work_open(pg_conninfo, NULL, &work)) != DFL_OK)
        return;
    AT_LAST(submit("key", 40, &id));
    AT_LAST(run_worker());
    is(id, DFL_WORK_PAUSED);
    look_around(id);
    AT_LAST(dfl_work_questions(work, id, see_question, &n));
    assert_true(n > 0);
    status = judged(dfl_work_answer(work, id, NULL, "ok"));
    if (status != DFL_OK) { /* the answer may have come, and only that not be known */
        status = dfl_work_answer(work, id, NULL, "ok");
        assert_true(status == DFL_OK || status == DFL_EINVAL);
    }
    AT_LAST(run_worker());
    is(id, DFL_WORK_DONE);
    asks_state_init(&s);
    AT_LAST(dfl_work_load(work, id, &asks_work, &s, NULL));
    assert_int_equal(s.sum, 42);
    asks_state_free(&s);
    left = -1;
    assert_int_equal(number("SELECT count(*) FROM dfl_finished"), 1);
    assert_int_equal(number("SELECT count(*) FROM dfl_queue"), 0);
    assert_int_equal(dfl_work_forget(work, INT64_MAX, 0, &forgotten), DFL_OK);
    assert_int_equal(forgotten, 1);
    dfl_work_close(work);
}

/* ---- tests ---- */

static void begins_anew(void (*what)(void), Fault with, int some) {
    clear();
    fault = with;
    in_turn(what, some);
}

static void a_store_that_is_cut(void **state) {
    (void)state;
    begins_anew(use_the_store, NOT_ASKED, 1000);
    begins_anew(use_the_store, NOT_HEARD, 1000);
}

static void a_save_that_is_cut(void **state) {
    (void)state;
    begins_anew(save_once, NOT_ASKED, 1000);
    begins_anew(save_once, NOT_HEARD, 1000);
}

static void a_store_without_memory(void **state) {
    (void)state;
    begins_anew(use_the_store, NO_MEMORY, 1000);
}

static void a_queue_that_is_cut(void **state) {
    (void)state;
    begins_anew(use_the_queue, NOT_ASKED, 1000);
    begins_anew(use_the_queue, NOT_HEARD, 1000);
}

static void a_queue_without_memory(void **state) {
    (void)state;
    begins_anew(use_the_queue, NO_MEMORY, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_store_that_is_cut),    cmocka_unit_test(a_save_that_is_cut),
        cmocka_unit_test(a_store_without_memory), cmocka_unit_test(a_queue_that_is_cut),
        cmocka_unit_test(a_queue_without_memory),
    };
    int failed;
    if (pg_start("") != 0)
        return 1;
    admin = PQconnectdb(pg_conninfo);
    sql("SET client_min_messages = error");
    failed = cmocka_run_group_tests_name("faults", tests, NULL, NULL);
    PQfinish(admin);
    return pg_do("stop") != 0 || failed;
}
