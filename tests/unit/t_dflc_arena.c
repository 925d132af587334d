// Memory of one compilation: zeroed, aligned, never moved.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dflc/arena.h"

static int setup(void **state) {
    *state = arena_new();
    return 0;
}

static int teardown(void **state) {
    arena_free(*state);
    return 0;
}

static void memory_is_zeroed_and_aligned(void **state) {
    static const size_t sizes[] = {0, 1, 7, 16, 17, 4000, 65535, 65536, 65537, 5000000};
    for (int round = 0; round < 20; round++) {
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            unsigned char *p = arena_alloc(*state, sizes[i]);
            assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
            for (size_t k = 0; k < sizes[i]; k += 61)
                assert_int_equal(p[k], 0);
            memset(p, 0xff, sizes[i]);
        }
    }
}

static void allocations_do_not_overlap(void **state) {
    enum { N = 3000 };
    unsigned char *p[N];
    for (int i = 0; i < N; i++)
        memset(p[i] = arena_alloc(*state, (size_t)(i % 97) + 1), i % 251, (size_t)(i % 97) + 1);
    for (int i = 0; i < N; i++)
        for (int k = 0; k <= i % 97; k++)
            assert_int_equal(p[i][k], i % 251);
}

static void strings_end_in_nul(void **state) {
    char *s = arena_strndup(*state, "a\0bc", 3);
    assert_memory_equal(s, "a\0b", 4);
    assert_string_equal(arena_strndup(*state, NULL, 0), "");
    assert_string_equal(arena_printf(*state, "%s is %d", "x", 7), "x is 7");
    char *wide = arena_printf(*state, "%200000d", 1);
    assert_int_equal(strlen(wide), 200000);
}

static void arrays_grow(void **state) {
    size_t *items = NULL, n = 0, cap = 0;
    for (size_t i = 0; i < 100000; i++)
        ARENA_PUSH(*state, items, n, cap, i * 3);
    assert_int_equal(n, 100000);
    assert_true(cap >= n);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(items[i], i * 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(memory_is_zeroed_and_aligned, setup, teardown),
        cmocka_unit_test_setup_teardown(allocations_do_not_overlap, setup, teardown),
        cmocka_unit_test_setup_teardown(strings_end_in_nul, setup, teardown),
        cmocka_unit_test_setup_teardown(arrays_grow, setup, teardown),
    };
    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
