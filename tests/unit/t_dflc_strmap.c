// Interned names, and maps keyed by them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dflc/strmap.h"

static int setup(void **state) {
    *state = arena_new();
    return 0;
}

static int teardown(void **state) {
    arena_free(*state);
    return 0;
}

static void equal_names_are_one_pointer(void **state) {
    Interner *names = interner_new(*state);
    const char *node = intern(names, "node", 4);
    assert_string_equal(node, "node");
    assert_ptr_equal(node, intern_cstr(names, "node"));
    assert_ptr_equal(node, intern(names, "node_x", 4));
    assert_ptr_not_equal(node, intern_cstr(names, "Node"));
    assert_ptr_not_equal(node, intern_cstr(names, "nod"));
    assert_ptr_equal(intern(names, "", 0), intern_cstr(names, ""));
    assert_ptr_not_equal(intern(names, "a\0b", 3), intern(names, "a", 1));
}

static void many_names(void **state) {
    enum { N = 200000 };
    Interner *names = interner_new(*state);
    const char **first = ARENA_ARRAY(*state, const char *, N);
    for (int i = 0; i < N; i++)
        first[i] = intern_cstr(names, arena_printf(*state, "name%d", i));
    for (int i = 0; i < N; i++)
        assert_ptr_equal(first[i], intern_cstr(names, arena_printf(*state, "name%d", i)));
}

static void an_empty_map_has_nothing(void **state) {
    StrMap map = {0};
    assert_null(strmap_get(&map, intern_cstr(interner_new(*state), "x")));
}

static void put_replaces_and_returns_the_old(void **state) {
    Interner *names = interner_new(*state);
    const char *x = intern_cstr(names, "x"), *y = intern_cstr(names, "y");
    int one = 1, two = 2;
    StrMap map = {0};
    assert_null(strmap_put(&map, *state, x, &one));
    assert_ptr_equal(strmap_put(&map, *state, x, &two), &one);
    assert_ptr_equal(strmap_get(&map, x), &two);
    assert_null(strmap_get(&map, y));
    assert_int_equal(map.n, 1);
}

static void iteration_is_in_order_of_insertion(void **state) {
    enum { N = 50000 };
    Interner *names = interner_new(*state);
    StrMap map = {0};
    for (intptr_t i = 0; i < N; i++) {
        const char *name = intern_cstr(names, arena_printf(*state, "n%d", (int)(i * 7919 % N)));
        assert_null(strmap_put(&map, *state, name, (void *)(i + 1)));
    }
    assert_int_equal(map.n, N);
    for (intptr_t i = 0; i < N; i++) {
        assert_ptr_equal(map.entries[i].value, (void *)(i + 1));
        assert_ptr_equal(strmap_get(&map, map.entries[i].name), (void *)(i + 1));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(equal_names_are_one_pointer, setup, teardown),
        cmocka_unit_test_setup_teardown(many_names, setup, teardown),
        cmocka_unit_test_setup_teardown(an_empty_map_has_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(put_replaces_and_returns_the_old, setup, teardown),
        cmocka_unit_test_setup_teardown(iteration_is_in_order_of_insertion, setup, teardown),
    };
    return cmocka_run_group_tests_name("strmap", tests, NULL, NULL);
}
