// The table of a store's threads: each is found by its name, also where there is no memory for it to grow, and in the
// order of their coming.
#include "rt.h"

#include <stdio.h>
#include <string.h>

#include "thread_table.h"

enum { MANY = 500 };

static dfl__thread *new_thread(int i) {
    char name[16];
    int n = snprintf(name, sizeof name, "t%d", i);
    dfl__thread *thread = dfl__thread_new(sizeof *thread, name, (size_t)n);
    assert_non_null(thread);
    return thread;
}

static void has_all(const dfl__thread_table *table, dfl__thread *const *all) {
    const dfl__thread *at = table->first;
    assert_int_equal(table->n, MANY);
    for (int i = 0; i < MANY; i++, at = at->after) {
        assert_ptr_equal(at, all[i]);
        assert_ptr_equal(dfl__thread_find(table, all[i]->name, all[i]->n), all[i]);
    }
    assert_null(at);
    assert_null(dfl__thread_find(table, "t", 1));
    assert_null(dfl__thread_find(table, "t500", 4));
}

static void fill_and_empty(bool has_memory) {
    dfl__thread_table table;
    dfl__thread *all[MANY];
    size_t begun;
    assert_true(dfl__thread_table_init(&table));
    begun = table.n_buckets;
    for (int i = 0; i < MANY; i++) {
        all[i] = new_thread(i);
        dfl__fail_after(has_memory ? -1 : 0);
        dfl__thread_link(&table, all[i]);
        dfl__fail_after(-1);
    }
    assert_int_equal(table.n_buckets > begun, has_memory);
    has_all(&table, all);
    for (int i = 0; i < MANY; i++) {
        dfl__thread_unlink(&table, all[i]);
        assert_null(dfl__thread_find(&table, all[i]->name, all[i]->n));
        dfl__thread_free(all[i]);
    }
    assert_true(table.n == 0 && !table.first && !table.last);
    dfl__thread_table_free(&table);
}

static void all_are_found(void **state) {
    (void)state;
    fill_and_empty(true);
}

static void also_without_memory_to_grow(void **state) {
    (void)state;
    fill_and_empty(false);
}

static void none_without_memory(void **state) {
    dfl__thread_table table;
    (void)state;
    dfl__fail_after(0);
    assert_false(dfl__thread_table_init(&table));
    dfl__fail_after(0);
    assert_null(dfl__thread_new(sizeof(dfl__thread), "t", 1));
    dfl__fail_after(-1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_are_found),
        cmocka_unit_test(also_without_memory_to_grow),
        cmocka_unit_test(none_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
