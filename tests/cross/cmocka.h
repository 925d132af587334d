/* Stands in for cmocka where programs are built for processors that this machine has no cmocka for. It has
 * what the units use, and says results in the same form. */
#ifndef CMOCKA_STAND_IN_H
#define CMOCKA_STAND_IN_H

#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct CMUnitTest {
    const char *name;
    void (*test)(void **state);
    int (*setup)(void **state);
    int (*teardown)(void **state);
};

static jmp_buf cm_out; /* 1: failed, 2: skipped */

#define cmocka_unit_test(TEST)                                {#TEST, TEST, NULL, NULL}
#define cmocka_unit_test_setup(TEST, SETUP)                   {#TEST, TEST, SETUP, NULL}
#define cmocka_unit_test_teardown(TEST, TEARDOWN)             {#TEST, TEST, NULL, TEARDOWN}
#define cmocka_unit_test_setup_teardown(TEST, SETUP, TEARDOWN) {#TEST, TEST, SETUP, TEARDOWN}

#define cm_fail(...)                                                                               \
    (fprintf(stderr, "%s:%d: ", __FILE__, __LINE__), fprintf(stderr, __VA_ARGS__), fputc('\n', stderr), \
     longjmp(cm_out, 1))
#define fail_msg(...) cm_fail(__VA_ARGS__)
#define fail()        cm_fail("fail()")
#define skip()        longjmp(cm_out, 2)

#define assert_true(A)  ((A) ? (void)0 : (void)cm_fail("%s is false", #A))
#define assert_false(A) ((A) ? (void)cm_fail("%s is true", #A) : (void)0)
#define assert_null(A)     assert_true((A) == NULL)
#define assert_non_null(A) assert_true((A) != NULL)
#define assert_ptr_equal(A, B)     assert_true((const void *)(A) == (const void *)(B))
#define assert_ptr_not_equal(A, B) assert_true((const void *)(A) != (const void *)(B))
#define assert_int_equal(A, B)                                                                     \
    do {                                                                                           \
        unsigned long long a_ = (unsigned long long)(A), b_ = (unsigned long long)(B);             \
        if (a_ != b_)                                                                              \
            cm_fail("%s is %#llx, not %#llx", #A, a_, b_);                                         \
    } while (0)
#define assert_int_not_equal(A, B) assert_true((unsigned long long)(A) != (unsigned long long)(B))
#define assert_in_range(A, LEAST, MOST)                                                            \
    do {                                                                                           \
        uintmax_t a_ = (uintmax_t)(A);                                                             \
        assert_true(a_ >= (uintmax_t)(LEAST) && a_ <= (uintmax_t)(MOST));                          \
    } while (0)
#define assert_string_equal(A, B)                                                                  \
    do {                                                                                           \
        const char *a_ = (A), *b_ = (B);                                                           \
        if (strcmp(a_, b_) != 0)                                                                   \
            cm_fail("%s is \"%s\", not \"%s\"", #A, a_, b_);                                       \
    } while (0)
#define assert_string_not_equal(A, B) assert_true(strcmp(A, B) != 0)
#define assert_memory_equal(A, B, N)  assert_true(memcmp(A, B, N) == 0)

/* Returns whether it failed. */
static inline int cm_run_test(const struct CMUnitTest *test) {
    static void *state;
    static int how;
    state = NULL;
    how = test->setup && test->setup(&state) != 0 ? 1 : 0;
    if (how == 0 && (how = setjmp(cm_out)) == 0)
        test->test(&state);
    if (test->teardown && test->teardown(&state) != 0)
        how = 1;
    fprintf(stderr, "[  %s  ] %s\n", how == 0 ? "     OK" : how == 1 ? "FAILED" : "SKIPPED", test->name);
    return how == 1;
}

static inline int cm_run(const struct CMUnitTest *tests, size_t n) {
    int failed = 0;
    for (size_t i = 0; i < n; i++)
        failed += cm_run_test(&tests[i]);
    return failed;
}

/* No unit has anything to set up for a group. */
#define cmocka_run_group_tests(TESTS, NONE, NEITHER) cm_run(TESTS, sizeof(TESTS) / sizeof(TESTS)[0])
#define cmocka_run_group_tests_name(NAME, TESTS, NONE, NEITHER) cmocka_run_group_tests(TESTS, NONE, NEITHER)

#endif
