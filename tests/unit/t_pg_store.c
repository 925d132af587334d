// needs: tsan
// The PostgreSQL store: the suite that every store passes, several connections, cut ones, a server that is
// restarted, tables of another version.
#include "store_suite.h"

#include <sys/wait.h>

#include "pg/dfl_pg.h"
#include "pg_admin.h"

static dfl_store *open_it(void) {
    dfl_store *store = NULL;
    dfl_error error = {0};
    dfl_pg_options options = {.error = &error};
    if (dfl_pg_open(pg_conninfo, &options, &store) != DFL_OK)
        fail_msg("%s", error.message);
    return store;
}

/* Of an empty schema: the tables are made by the store. */
static dfl_store *new_pg(void) {
    scratch_begin();
    sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT ALL ON SCHEMA public TO PUBLIC");
    return open_it();
}

static void where_nobody_listens_it_says_so(void **state) {
    dfl_store *store = NULL;
    dfl_error error = {0};
    dfl_pg_options options = {.error = &error};
    (void)state;
    assert_int_equal(dfl_pg_open("host=/nowhere/at/all", &options, &store), DFL_ESTORE);
    assert_int_equal(error.status, DFL_ESTORE);
    assert_non_null(strstr(error.message, "the store cannot be opened: connection to server"));
    assert_int_equal(dfl_pg_open("no = such = thing", &options, &store), DFL_ESTORE);
    assert_int_equal(dfl_pg_open(NULL, NULL, &store), DFL_EINVAL);
}

static void tables_of_a_newer_version_are_refused(void **state) {
    dfl_store *store = new_pg();
    dfl_error error = {0};
    dfl_pg_options options = {.error = &error};
    (void)state;
    must_put(store, "t", "a", "x");
    dfl_store_close(store);
    sql("UPDATE dfl_version SET version = version + 1");
    assert_int_equal(dfl_pg_open(pg_conninfo, &options, &store), DFL_ESCHEMA);
    assert_non_null(strstr(error.message, "this library knows them up to"));
    sql("UPDATE dfl_version SET version = version - 1");
    store = open_it();
    assert_int_equal(must_put(store, "t", "a", "x"), 2);
    dfl_store_close(store);
}

/* What several processes save in one thread is one line, and all of them make the tables. */
static void processes_share_it(void **state) {
    enum { WRITERS = 4, EACH = 50 };
    dfl_store *store;
    dfl_checkpoint latest;
    uint64_t id;
    int status;
    (void)state;
    sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    for (int i = 0; i < WRITERS; i++)
        if (fork() == 0) {
            int failed = dfl_pg_open(pg_conninfo, NULL, &store) != DFL_OK;
            for (int k = 0; !failed && k < EACH; k++)
                failed = put(store, "t", "a", "body", 0, &id) != DFL_OK;
            if (!failed)
                dfl_store_close(store);
            _exit(failed);
        }
    for (int i = 0; i < WRITERS; i++)
        assert_true(wait(&status) > 0 && status == 0);
    assert_int_equal(number("SELECT count(*) FROM dfl_checkpoint"), WRITERS * EACH);
    assert_int_equal(
        number(
            "SELECT count(*) FROM dfl_checkpoint c WHERE previous = coalesce((SELECT max(id) FROM"
            " dfl_checkpoint o WHERE o.id < c.id), 0)"),
        WRITERS * EACH);
    store = open_it();
    assert_int_equal(dfl_store_latest(store, "t", &latest), DFL_OK);
    assert_int_equal(dfl_store_verify(store, NULL, NULL), DFL_OK);
    assert_int_equal(number("SELECT max(id) FROM dfl_checkpoint"), latest.id);
    dfl_store_close(store);
}

static void any_bytes_are_a_thread_id(void **state) {
    dfl_store *store = new_pg();
    Seen seen = {store, "", -1};
    (void)state;
    must_put(store, "\xff\xfe'\\x41", "a", "\x01\xff");
    must_put(store, "", "a", "");
    assert_int_equal(dfl_store_threads(store, see_thread, &seen), DFL_OK);
    assert_string_equal(seen.text, "\xff\xfe'\\x41  ");
    dfl_store_close(store);
}

#define CUT                                                                                        \
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND "    \
    "usename = 'dflc'"

static int errors;

static void count_error(void *user, const char *message) {
    (void)user;
    errors += message[0] != '\0';
}

static void what_is_cut_is_connected_again(void **state) {
    dfl_pg_options options = {.on_error = count_error};
    dfl_store *store = new_pg();
    dfl_checkpoint latest;
    (void)state;
    dfl_store_close(store);
    assert_int_equal(dfl_pg_open(pg_conninfo, &options, &store), DFL_OK);
    for (uint64_t i = 1; i <= 5; i++) {
        errors = 0;
        sql(CUT);
        assert_int_equal(must_put(store, "t", "a", "x"), i);
        assert_true(errors > 0);
        sql(CUT);
        assert_int_equal(dfl_store_latest(store, "t", &latest), DFL_OK);
        assert_int_equal(latest.id, i);
    }
    sql(CUT);
    assert_int_equal(dfl_store_prune(store, "t", 2), DFL_OK);
    sql(CUT);
    check_history(store, 0, -1, "5:a 4:a ");
    sql(CUT);
    assert_int_equal(dfl_store_sync(store), DFL_OK);
    sql(CUT);
    assert_int_equal(dfl_store_compact(store), DFL_OK);
    dfl_store_close(store);
}

static bool is_there(const char *body) {
    char query[128];
    snprintf(query, sizeof query, "SELECT count(*) FROM dfl_checkpoint WHERE body = '%s'", body);
    return number(query) == 1;
}

/* Cut at any moment, also while it commits: nothing is lost, nothing is there twice. */
static void a_save_is_there_once_whenever_it_was_cut(void **state) {
    enum { SAVES = 200 };
    dfl_store *store = new_pg();
    uint64_t id;
    pid_t cutter;
    (void)state;
    dfl_store_close(store);
    cutter = fork();
    if (cutter == 0) {
        PGconn *db = PQconnectdb(pg_conninfo);
        for (int i = 0;;) {
            PQclear(PQexec(db,
                           "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> "
                           "pg_backend_pid()"
                           " AND backend_type = 'client backend' AND application_name = 'saves'"));
            usleep(5000 + i++ * 7919 % 20000);
        }
    }
    store = NULL;
    for (int tries = 0; !store && tries < 50; tries++) {
        char conninfo[300];
        snprintf(conninfo, sizeof conninfo, "%s application_name=saves", pg_conninfo);
        if (dfl_pg_open(conninfo, NULL, &store) != DFL_OK)
            store = NULL;
    }
    for (int i = 0; i < SAVES; i++) {
        char body[16];
        snprintf(body, sizeof body, "%d", i);
        /* A thread of its own is new each time, the shared one is not. */
        while (put(store, i % 2 ? "t" : body, "a", body, 0, &id) != DFL_OK && !is_there(body))
            ;
    }
    kill(cutter, SIGKILL);
    assert_true(waitpid(cutter, NULL, 0) == cutter);
    assert_int_equal(number("SELECT count(*) FROM dfl_checkpoint"), SAVES);
    assert_int_equal(number("SELECT count(DISTINCT body) FROM dfl_checkpoint"), SAVES);
    dfl_store_close(store);
}

static void a_server_that_is_restarted_has_all_of_it(void **state) {
    dfl_store *store = new_pg();
    (void)state;
    must_put(store, "t", "a", "one");
    assert_int_equal(dfl_store_sync(store), DFL_OK);
    assert_int_equal(pg_do("restart"), 0);
    PQreset(admin);
    sql("SET client_min_messages = error");
    assert_true(must_put(store, "t", "b", "two") > 1);
    assert_int_equal(number("SELECT count(*) FROM dfl_checkpoint"), 2);
    assert_int_equal(dfl_store_verify(store, NULL, NULL), DFL_OK);
    dfl_store_close(store);
}

static void see_damage(void *user, const dfl_damage *damage) {
    Seen *seen = user;
    snprintf(seen->text, sizeof seen->text, "%s: %s", damage->thread, damage->what);
}

static void what_does_not_fit_together_is_told(void **state) {
    dfl_store *store = new_pg();
    Seen seen = {store, "", -1};
    (void)state;
    must_put(store, "t", "a", "one");
    sql("DELETE FROM dfl_checkpoint");
    assert_int_equal(dfl_store_verify(store, see_damage, &seen), DFL_ECORRUPT);
    assert_string_equal(seen.text, "t: its latest checkpoint is missing");
    dfl_store_close(store);
}

int main(void) {
    const struct CMUnitTest own[] = {
        TEST(where_nobody_listens_it_says_so),
        TEST(tables_of_a_newer_version_are_refused),
        TEST(processes_share_it),
        TEST(any_bytes_are_a_thread_id),
        TEST(what_is_cut_is_connected_again),
        TEST(a_save_is_there_once_whenever_it_was_cut),
        TEST(a_server_that_is_restarted_has_all_of_it),
        TEST(what_does_not_fit_together_is_told),
    };
    int failed;
    if (pg_start("") != 0)
        return 1;
    admin = PQconnectdb(pg_conninfo);
    sql("SET client_min_messages = error");
    new_store = new_pg;
    failed =
        store_suite("postgres") + cmocka_run_group_tests_name("postgres's own", own, NULL, NULL);
    PQfinish(admin);
    return pg_do("stop") != 0 || failed;
}
