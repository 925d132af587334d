/* Reducers: sums that notice overflow, appending, and exact sums of branches. */
#include "rt.h"

static int setup(void **state) {
    *state = dfl_ctx_new(NULL);
    return *state ? 0 : -1;
}

static int teardown(void **state) {
    dfl_ctx_free(*state);
    return 0;
}

static void sums_fail_instead_of_wrapping(void **state) {
    dfl_ctx *ctx = *state;
    static const struct {
        int64_t total, update, min, max, after;
        bool fails;
    } cases[] = {
        {1, 2, INT8_MIN, INT8_MAX, 3, false},
        {127, 1, INT8_MIN, INT8_MAX, 127, true},
        {127, 0, INT8_MIN, INT8_MAX, 127, false},
        {-128, -1, INT8_MIN, INT8_MAX, -128, true},
        {127, -128, INT8_MIN, INT8_MAX, -1, false},
        {INT64_MAX, 1, INT64_MIN, INT64_MAX, INT64_MAX, true},
        {INT64_MIN, -1, INT64_MIN, INT64_MAX, INT64_MIN, true},
        {INT64_MIN, INT64_MAX, INT64_MIN, INT64_MAX, -1, false},
        {-1, INT64_MIN, INT64_MIN, INT64_MAX, -1, true},
        {0, INT64_MIN, INT64_MIN, INT64_MAX, INT64_MIN, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t total = cases[i].total;
        int rc = dfl__sum_signed(ctx, &total, cases[i].update, cases[i].min, cases[i].max, "n");
        assert_int_equal(rc != 0, cases[i].fails);
        assert_int_equal(total, cases[i].after);
    }
    assert_non_null(strstr(ctx->failure.message, "'n'"));
}

static void unsigned_sums_too(void **state) {
    dfl_ctx *ctx = *state;
    uint64_t total = 250;
    assert_int_equal(dfl__sum_unsigned(ctx, &total, 5, UINT8_MAX, "n"), 0);
    assert_true(dfl__sum_unsigned(ctx, &total, 1, UINT8_MAX, "n") != 0);
    assert_int_equal(total, 255);
    total = UINT64_MAX;
    assert_true(dfl__sum_unsigned(ctx, &total, 1, UINT64_MAX, "n") != 0);
    assert_true(dfl__sum_unsigned(ctx, &total, UINT64_MAX, UINT64_MAX, "n") != 0);
    assert_int_equal(dfl__sum_unsigned(ctx, &total, 0, UINT64_MAX, "n"), 0);
}

static void strings_are_appended(void **state) {
    dfl_ctx *ctx = *state;
    dfl_str total = {0}, before;
    assert_int_equal(dfl__append_str(ctx, &total, (dfl_str){0}), 0);
    assert_int_equal(dfl__append_str(ctx, &total, DFL_STR("ab")), 0);
    before = total;
    assert_int_equal(dfl__append_str(ctx, &total, DFL_STR("cd")), 0);
    assert_int_equal(dfl__append_str(ctx, &total, total), 0);
    assert_true(says(total, "abcdabcd"));
    assert_true(says(before, "ab"));
}

static void bytes_are_appended_and_others_see_nothing(void **state) {
    dfl_ctx *ctx = *state;
    static const dfl_bytes ab = {(const uint8_t *)"ab", 2}, xy = {(const uint8_t *)"xy", 2};
    dfl_bytes one = {0}, two;
    assert_int_equal(dfl__append_bytes(ctx, &one, (dfl_bytes){0}), 0);
    assert_int_equal(dfl__append_bytes(ctx, &one, ab), 0);
    two = one;
    assert_int_equal(dfl__append_bytes(ctx, &one, xy), 0);
    assert_int_equal(dfl__append_bytes(ctx, &two, ab), 0);
    assert_true(one.n == 4 && two.n == 4);
    assert_memory_equal(one.p, "abxy", 4);
    assert_memory_equal(two.p, "abab", 4);
}

static void appending_notices_what_cannot_be(void **state) {
    dfl_ctx *ctx = *state;
    dfl_str text = {"x", 1};
    dfl_bytes bytes = {(const uint8_t *)"x", 1};
    assert_int_equal(dfl__append_str(ctx, &text, (dfl_str){"y", SIZE_MAX - 1}), DFL_ENOMEM);
    assert_int_equal(
        dfl__append_bytes(ctx, &bytes, (dfl_bytes){(const uint8_t *)"y", SIZE_MAX - 1}),
        DFL_ENOMEM);
    assert_true(says(text, "x") && bytes.n == 1);
    assert_true(ctx->flags & DFL__NOMEM);
}

/* ---- what branches add ---- */

/* Branches that take the total far beyond its type and back are no overflow. */
static void branches_may_cancel_each_other(void **state) {
    dfl_ctx *ctx = *state;
    dfl__wide sum = {0};
    for (int i = 0; i < 1000; i++)
        dfl__wide_add_signed(&sum, INT64_MAX, INT64_MIN);
    for (int i = 0; i < 1000; i++)
        dfl__wide_add_signed(&sum, INT64_MIN, INT64_MAX);
    dfl__wide_add_signed(&sum, -5, 0);
    int64_t total = 3;
    assert_int_equal(dfl__wide_signed(ctx, &total, sum, INT8_MIN, INT8_MAX, "n"), DFL_OK);
    assert_int_equal(total, -2);
}

static void the_joined_sum_is_checked(void **state) {
    dfl_ctx *ctx = *state;
    for (int step = -1; step <= 1; step += 2) {
        dfl__wide sum = {0};
        dfl__wide_add_signed(&sum, step, 0);
        int64_t total = step < 0 ? INT64_MIN : INT64_MAX, before = total;
        assert_int_equal(dfl__wide_signed(ctx, &total, sum, INT64_MIN, INT64_MAX, "n"), 1);
        assert_int_equal(total, before);
        assert_string_equal(ctx->failure.message,
                            "'n' would overflow when its branches are joined");
        total -= step;
        assert_int_equal(dfl__wide_signed(ctx, &total, sum, INT64_MIN, INT64_MAX, "n"), DFL_OK);
        assert_int_equal(total, before);
    }
    dfl__wide sum = {0};
    int64_t total = 100;
    dfl__wide_add_signed(&sum, 28, 0);
    assert_int_equal(dfl__wide_signed(ctx, &total, sum, INT8_MIN, INT8_MAX, "n"), 1);
}

static void unsigned_branches(void **state) {
    dfl_ctx *ctx = *state;
    dfl__wide sum = {0}, other = {0};
    dfl__wide_add_unsigned(&sum, UINT64_MAX, 0);
    dfl__wide_add_unsigned(&other, UINT64_MAX, 0);
    dfl__wide_add(&sum, other);
    uint64_t total = 0;
    assert_int_equal(dfl__wide_unsigned(ctx, &total, sum, UINT64_MAX, "n"), 1);
    dfl__wide_add_unsigned(&sum, 0, UINT64_MAX); /* a branch that lowered its value */
    assert_int_equal(dfl__wide_unsigned(ctx, &total, sum, UINT64_MAX, "n"), DFL_OK);
    assert_true(total == UINT64_MAX);
    sum = (dfl__wide){0};
    dfl__wide_add_unsigned(&sum, 0, 1);
    total = 0;
    assert_int_equal(dfl__wide_unsigned(ctx, &total, sum, UINT64_MAX, "n"), 1);
    total = 1;
    assert_int_equal(dfl__wide_unsigned(ctx, &total, sum, UINT64_MAX, "n"), DFL_OK);
    assert_int_equal(total, 0);
}

/* What is added without a call agrees with the function that it saves, wherever a range ends. */
#define AGREES(STEM, T, WIDE, SIGN, ...)                                                           \
    static void check_##STEM(dfl_ctx *ctx, T total, T update)                                      \
    {                                                                                              \
        T sum = total, joined = total;                                                             \
        WIDE wide = total, both = total;                                                           \
        dfl__wide more = {0};                                                                      \
        assert_int_equal(dfl__sum_##STEM(ctx, &sum, update, "n"),                                  \
                         dfl__sum_##SIGN(ctx, &wide, update, __VA_ARGS__, "n"));                   \
        assert_true(sum == (T)wide);                                                               \
        dfl__wide_add_##SIGN(&more, update, 0);                                                    \
        dfl__wide_add_##SIGN(&more, 0, 1);                                                         \
        assert_int_equal(dfl__join_##STEM(ctx, &joined, more, "n"),                                \
                         dfl__wide_##SIGN(ctx, &both, more, __VA_ARGS__, "n"));                    \
        assert_true(joined == (T)both);                                                            \
        dfl__wide_add_##SIGN(&more, update, 0);                                                    \
        dfl__wide_add_##SIGN(&more, update, 0);                                                    \
        assert_int_equal(dfl__join_##STEM(ctx, &joined, more, "n"),                                \
                         dfl__wide_##SIGN(ctx, &both, more, __VA_ARGS__, "n"));                    \
        assert_true(joined == (T)both);                                                            \
    }
AGREES(i8, int8_t, int64_t, signed, INT8_MIN, INT8_MAX)
AGREES(i64, int64_t, int64_t, signed, INT64_MIN, INT64_MAX)
AGREES(u8, uint8_t, uint64_t, unsigned, UINT8_MAX)
AGREES(u64, uint64_t, uint64_t, unsigned, UINT64_MAX)

static void quick_sums_agree(void **state) {
    static const int64_t at[] = {INT64_MIN, INT64_MIN + 1, -129, -128, -127, -1,       0,
                                 1,         127,           128,  254,  255,  INT64_MAX};
    for (size_t i = 0; i < COUNT(at); i++)
        for (size_t k = 0; k < COUNT(at); k++) {
            check_i8(*state, (int8_t)at[i], (int8_t)at[k]);
            check_i64(*state, at[i], at[k]);
            check_u8(*state, (uint8_t)at[i], (uint8_t)at[k]);
            check_u64(*state, (uint64_t)at[i], (uint64_t)at[k]);
        }
}

/* Differences that only 65 bits can hold. */
static void differences_are_whole(void **state) {
    static const struct {
        int64_t after, before;
        dfl__wide sum;
    } cases[] = {
        {5, 3, {2, 0}},
        {3, 5, {UINT64_MAX - 1, -1}},
        {INT64_MAX, INT64_MIN, {UINT64_MAX, 0}},
        {INT64_MIN, INT64_MAX, {1, -1}},
        {-1, -1, {0, 0}},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        dfl__wide sum = {0};
        dfl__wide_add_signed(&sum, cases[i].after, cases[i].before);
        assert_true(sum.low == cases[i].sum.low && sum.high == cases[i].sum.high);
    }
}

/* What a checkpoint of a stranger says may be at either edge: the sanitizers must find nothing in it. */
static void sums_of_a_stranger_wrap(void **state) {
    dfl__wide low = {0, INT64_MIN}, high = {UINT64_MAX, INT64_MAX};
    (void)state;
    dfl__wide_add_signed(&low, 0, 1);
    assert_true(low.low == UINT64_MAX && low.high == INT64_MAX);
    dfl__wide_add_unsigned(&high, 1, 0);
    assert_true(high.low == 0 && high.high == INT64_MIN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(quick_sums_agree, setup, teardown),
        cmocka_unit_test(differences_are_whole),
        cmocka_unit_test(sums_of_a_stranger_wrap),
        cmocka_unit_test_setup_teardown(sums_fail_instead_of_wrapping, setup, teardown),
        cmocka_unit_test_setup_teardown(unsigned_sums_too, setup, teardown),
        cmocka_unit_test_setup_teardown(strings_are_appended, setup, teardown),
        cmocka_unit_test_setup_teardown(bytes_are_appended_and_others_see_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(appending_notices_what_cannot_be, setup, teardown),
        cmocka_unit_test_setup_teardown(branches_may_cancel_each_other, setup, teardown),
        cmocka_unit_test_setup_teardown(the_joined_sum_is_checked, setup, teardown),
        cmocka_unit_test_setup_teardown(unsigned_branches, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
