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
    for (long n = 0; n < 2; n++) { /* the list, and a name in it */
        dfl__fail_after(n);
        assert_int_equal(dfl_store_threads(store, delete_it, store), DFL_ENOMEM);
    }
    dfl__fail_after(-1);
    check_history(store, 0, -1, "1:a ");
    dfl_store_close(store);
}

enum { MANY = 20 };

/* A thread that has many: one more fails at each of its allocations, and those before stay. */
static void no_memory_for_one_more(void **state) {
    dfl_store *store = new_store();
    uint64_t id, last = 0;
    (void)state;
    for (int i = 0; i < MANY; i++) {
        int rc = DFL_ESTORE;
        for (long n = 0; rc != DFL_OK; n++) {
            dfl_checkpoint latest;
            dfl__fail_after(n);
            rc = put_with(store, DFL_ASYNC, "t", "a", "body", 0, &id);
            dfl__fail_after(-1);
            assert_int_equal(dfl_store_latest(store, "t", &latest),
                             rc || last ? (last ? DFL_OK : DFL_ENOTFOUND) : DFL_OK);
            if (rc && last)
                assert_int_equal(latest.id, last);
        }
        assert_true(id > last);
        last = id;
    }
    dfl_store_close(store);
}

/* What is read, and the layout that it was saved in. */
static void no_memory_to_read(void **state) {
    dfl_store *store = new_store();
    char next[600];
    dfl_record record;
    dfl_buf hold = {0};
    int rc = DFL_ENOMEM;
    (void)state;
    memset(next, 'x', sizeof next - 1);
    next[sizeof next - 1] = '\0';
    must_put(store, "t", next, "body");
    for (long n = 0; rc != DFL_OK; n++) {
        assert_int_equal(rc, DFL_ENOMEM);
        dfl_buf_free(&hold);
        dfl__fail_after(n);
        rc = store->ops->read(store->self, "t", 0, &record, &hold);
        dfl__fail_after(-1);
    }
    assert_memory_equal(record.body, "body", record.n);
    assert_string_equal(record.about.next, next);
    dfl_buf_free(&hold);
    dfl_store_close(store);
}

static void no_memory_for_a_layout(void **state) {
    dfl_store *store = new_store();
    dfl_buf text = {0};
    int rc = DFL_ESTORE;
    (void)state;
    for (long n = 0; rc != DFL_OK; n++) {
        assert_int_equal(store->ops->layout(store->self, 7, NULL), DFL_ENOTFOUND);
        dfl__fail_after(n);
        rc = store->ops->put_layout(store->self, "g", 7, "text", 4);
        dfl__fail_after(-1);
    }
    dfl__fail_after(0);
    assert_int_equal(store->ops->layout(store->self, 7, &text), DFL_ENOMEM);
    dfl__fail_after(-1);
    dfl_buf_free(&text);
    text = (dfl_buf){0};
    assert_int_equal(store->ops->layout(store->self, 7, &text), DFL_OK);
    assert_memory_equal(text.p, "text", 4);
    dfl_buf_free(&text);
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
    const struct CMUnitTest memory[] = {
        TEST(no_memory_loses_nothing), TEST(no_memory_for_one_more),
        TEST(no_memory_to_read), TEST(no_memory_for_a_layout)};
    new_store = new_memory;
    failed += store_suite("memory") + cmocka_run_group_tests_name("memory", memory, NULL, NULL);
    new_store = new_file;
    failed += store_suite("file") + cmocka_run_group_tests_name("file", memory, NULL, NULL);
    new_store = new_custom;
    return failed + store_suite("custom");
}
