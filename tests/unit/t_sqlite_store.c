// needs: sqlite
// The SQLite store: the suite that every store passes, a run that is resumed from it, several connections,
// and files that are no database.
#include "store_suite.h"

#include <sys/wait.h>
#include <unistd.h>

#include "sqlite/dfl_sqlite.h"

static dfl_store *new_sqlite(void) {
    dfl_store *store = NULL;
    scratch_begin();
    return dfl_sqlite_open(scratch_path("checkpoints.db"), NULL, &store) == DFL_OK ? store : NULL;
}

static void what_is_no_database_is_refused(void **state) {
    dfl_store *store = NULL;
    dfl_error error = {0};
    FILE *file;
    (void)state;
    scratch_begin();
    file = fopen(scratch_path("text"), "w");
    for (int i = 0; i < 1000; i++)
        fputs("this is no database\n", file);
    fclose(file);
    assert_int_equal(dfl_sqlite_open(scratch_path("text"), &error, &store), DFL_ECORRUPT);
    assert_non_null(strstr(error.message, "cannot be opened: file is not a database"));
    assert_int_equal(dfl_sqlite_open(scratch_path("none/there"), &error, &store), DFL_ESTORE);
    assert_int_equal(error.status, DFL_ESTORE);
    assert_int_equal(dfl_sqlite_open(NULL, NULL, &store), DFL_EINVAL);
}

/* What one process saves another finds, and ids stay unique; also after all was deleted. */
static void processes_share_it(void **state) {
    enum { EACH = 50 };
    dfl_store *store = new_sqlite();
    dfl_checkpoint latest;
    uint64_t id;
    int status;
    (void)state;
    dfl_store_close(store);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            int failed = dfl_sqlite_open(scratch_path("checkpoints.db"), NULL, &store) != DFL_OK;
            for (int k = 0; !failed && k < EACH; k++)
                failed = put(store, "t", "a", "body", 0, &id) != DFL_OK;
            if (!failed)
                dfl_store_close(store);
            _exit(failed);
        }
    for (int i = 0; i < 2; i++)
        assert_true(wait(&status) > 0 && status == 0);
    assert_int_equal(dfl_sqlite_open(scratch_path("checkpoints.db"), NULL, &store), DFL_OK);
    assert_int_equal(dfl_store_latest(store, "t", &latest), DFL_OK);
    assert_int_equal(latest.id, 2 * EACH);
    assert_int_equal(latest.previous, 2 * EACH - 1);
    assert_int_equal(dfl_store_delete_thread(store, "t"), DFL_OK);
    assert_int_equal(must_put(store, "t", "a", "x"), 2 * EACH + 1);
    assert_int_equal(dfl_store_verify(store, NULL, NULL), DFL_OK);
    dfl_store_close(store);
}

int main(void) {
    const struct CMUnitTest own[] = {TEST(what_is_no_database_is_refused),
                                     TEST(processes_share_it)};
    int failed = cmocka_run_group_tests_name("sqlite's own", own, NULL, NULL);
    new_store = new_sqlite;
    return failed + store_suite("sqlite");
}
