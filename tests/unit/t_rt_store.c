// needs: tsan
// The memory store, the file store, and a table of operations of one's own, by the suite that every store
// has to pass.
#include "store_suite.h"

static dfl_store *new_memory(void) {
    return dfl_store_memory();
}

static dfl_store *new_file(void) {
    dfl_store *store = NULL;
    scratch_begin();
    return dfl_store_open(scratch_path("store"), NULL, &store) == DFL_OK ? store : NULL;
}

/* The memory store behind a table that is a program's. */
static dfl_store *new_custom(void) {
    static dfl_store_ops ops;
    dfl_store *memory = dfl_store_memory(), *store;
    if (!memory)
        return NULL;
    ops = *memory->ops;
    store = dfl_store_custom(&ops, memory->self);
    if (!store)
        dfl_store_close(memory);
    return store;
}

/* The lowest number that no file has. */
static int free_descriptor(void) {
    int fd = dup(0);
    close(fd);
    return fd;
}

static void no_memory_loses_nothing(void **state) {
    dfl_store *store = NULL;
    int rc = DFL_ESTORE, fd = free_descriptor();
    (void)state;
    for (long n = 0; !store; n++) {
        dfl__fail_after(n);
        store = new_store();
        dfl__fail_after(-1);
        assert_true(store || free_descriptor() == fd);
    }
    for (long n = 0; rc != DFL_OK; n++) {
        dfl_checkpoint latest;
        uint64_t id;
        dfl__fail_after(n);
        rc = put(store, "t", "a", "body", 0, &id);
        dfl__fail_after(-1);
        assert_int_equal(dfl_store_latest(store, "t", &latest), rc ? DFL_ENOTFOUND : DFL_OK);
    }
    dfl__fail_after(0);
    assert_int_equal(dfl_store_history(store, "t", 0, prune_it, store), DFL_ENOMEM);
    dfl__fail_after(0);
    assert_int_equal(dfl_store_threads(store, delete_it, store), DFL_ENOMEM);
    dfl__fail_after(-1);
    check_history(store, 0, -1, "1:a ");
    dfl_store_close(store);
}

static void a_table_with_holes_is_refused(void **state) {
    dfl_store *memory = dfl_store_memory();
    dfl_store_ops ops = *memory->ops;
    (void)state;
    assert_null(dfl_store_custom(NULL, NULL));
    ops.read = NULL;
    assert_null(dfl_store_custom(&ops, memory->self));
    ops = *memory->ops;
    ops.layout = NULL; /* both or none */
    assert_null(dfl_store_custom(&ops, memory->self));
    dfl_store_close(memory);
}

int main(void) {
    const struct CMUnitTest own[] = {cmocka_unit_test(a_table_with_holes_is_refused)};
    int failed = cmocka_run_group_tests_name("custom", own, NULL, NULL);
    const struct CMUnitTest memory[] = {TEST(no_memory_loses_nothing)};
    new_store = new_memory;
    failed += store_suite("memory") + cmocka_run_group_tests_name("memory", memory, NULL, NULL);
    new_store = new_file;
    failed += store_suite("file") + cmocka_run_group_tests_name("file", memory, NULL, NULL);
    new_store = new_custom;
    return failed + store_suite("custom");
}
