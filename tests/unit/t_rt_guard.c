/* Guards: checked arithmetic and comparisons of what the numbers are. */
#include <math.h>

#include "rt.h"

static const int64_t edges[] = {INT64_MIN,
                                INT64_MIN + 1,
                                INT64_MIN / 2,
                                -4294967296,
                                -3037000500,
                                -3037000499,
                                -2147483649,
                                -7,
                                -2,
                                -1,
                                0,
                                1,
                                2,
                                7,
                                2147483648,
                                3037000499,
                                3037000500,
                                4294967296,
                                INT64_MAX / 2,
                                INT64_MAX - 1,
                                INT64_MAX};

/* The compiler's own checked arithmetic is the reference. */
static void signed_arithmetic_is_exact_or_fails(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(edges); i++) {
        for (size_t k = 0; k < COUNT(edges); k++) {
            int64_t a = edges[i], b = edges[k], sum, difference, product;
            const char *add = NULL, *sub = NULL, *mul = NULL;
            int64_t r1 = dfl__add_i64(&add, a, b), r2 = dfl__sub_i64(&sub, a, b),
                    r3 = dfl__mul_i64(&mul, a, b);
            assert_int_equal(add != NULL, __builtin_add_overflow(a, b, &sum));
            assert_int_equal(sub != NULL, __builtin_sub_overflow(a, b, &difference));
            assert_int_equal(mul != NULL, __builtin_mul_overflow(a, b, &product));
            assert_true(r1 == (add ? 0 : sum) && r2 == (sub ? 0 : difference));
            assert_true(r3 == (mul ? 0 : product));
            if (mul)
                assert_string_equal(mul, "overflow");
        }
    }
}

static void unsigned_arithmetic_is_exact_or_fails(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(edges); i++) {
        for (size_t k = 0; k < COUNT(edges); k++) {
            uint64_t a = (uint64_t)edges[i], b = (uint64_t)edges[k], sum, difference, product;
            const char *add = NULL, *sub = NULL, *mul = NULL;
            uint64_t r1 = dfl__add_u64(&add, a, b), r2 = dfl__sub_u64(&sub, a, b),
                     r3 = dfl__mul_u64(&mul, a, b);
            assert_int_equal(add != NULL, __builtin_add_overflow(a, b, &sum));
            assert_int_equal(sub != NULL, __builtin_sub_overflow(a, b, &difference));
            assert_int_equal(mul != NULL, __builtin_mul_overflow(a, b, &product));
            assert_true(r1 == (add ? 0 : sum) && r2 == (sub ? 0 : difference));
            assert_true(r3 == (mul ? 0 : product));
        }
    }
}

static void division_is_never_undefined(void **state) {
    (void)state;
    const char *why = NULL;
    assert_int_equal(dfl__div_i64(&why, -7, 2), -3);
    assert_int_equal(dfl__mod_i64(&why, -7, 2), -1);
    assert_int_equal(dfl__div_u64(&why, 7, 2), 3);
    assert_int_equal(dfl__mod_u64(&why, 7, 2), 1);
    assert_int_equal(dfl__mod_i64(&why, INT64_MIN, -1), 0);
    assert_null(why);
    assert_int_equal(dfl__div_i64(&why, INT64_MIN, -1), 0);
    assert_string_equal(why, "overflow");
    assert_int_equal(dfl__div_i64(&why, 1, 0), 0);
    assert_string_equal(why, "division by zero");
    why = NULL;
    assert_int_equal(dfl__mod_i64(&why, 1, 0), 0);
    assert_string_equal(why, "division by zero");
    why = NULL;
    assert_int_equal(dfl__div_u64(&why, 1, 0), 0);
    assert_string_equal(why, "division by zero");
    why = NULL;
    assert_int_equal(dfl__mod_u64(&why, 1, 0), 0);
    assert_string_equal(why, "division by zero");
}

static void negation_and_conversion(void **state) {
    (void)state;
    const char *why = NULL;
    assert_int_equal(dfl__neg_i64(&why, INT64_MAX), -INT64_MAX);
    assert_int_equal(dfl__u64_to_i64(&why, INT64_MAX), INT64_MAX);
    assert_int_equal(dfl__i64_to_u64(&why, INT64_MAX), INT64_MAX);
    assert_null(why);
    assert_int_equal(dfl__neg_i64(&why, INT64_MIN), 0);
    assert_string_equal(why, "overflow");
    why = NULL;
    assert_int_equal(dfl__u64_to_i64(&why, UINT64_C(1) << 63), 0);
    assert_string_equal(why, "overflow");
    why = NULL;
    assert_int_equal(dfl__i64_to_u64(&why, -1), 0);
    assert_string_equal(why, "overflow");
}

static void success_leaves_an_earlier_reason(void **state) {
    (void)state;
    const char *why = "earlier";
    dfl__add_i64(&why, 1, 1);
    assert_string_equal(why, "earlier");
}

static void integers_of_both_signs_compare(void **state) {
    (void)state;
    assert_int_equal(dfl__cmp_i64_u64(-1, 0), -1);
    assert_int_equal(dfl__cmp_i64_u64(-1, UINT64_MAX), -1);
    assert_int_equal(dfl__cmp_i64_u64(INT64_MIN, UINT64_C(1) << 63), -1);
    assert_int_equal(dfl__cmp_i64_u64(0, 0), 0);
    assert_int_equal(dfl__cmp_i64_u64(INT64_MAX, INT64_MAX), 0);
    assert_int_equal(dfl__cmp_i64_u64(INT64_MAX, UINT64_C(1) << 63), -1);
    assert_int_equal(dfl__cmp_i64_u64(5, 4), 1);
}

static void integers_compare_with_floats(void **state) {
    (void)state;
    static const struct {
        int64_t a;
        double b;
        int order;
    } cases[] = {
        {0, 0.0, 0},
        {0, -0.0, 0},
        {1, 0.5, 1},
        {0, 0.5, -1},
        {-1, -0.5, -1},
        {0, -0.5, 1},
        {-1, -1.5, 1},
        {0, 5e-324, -1},
        {0, -5e-324, 1},
        {(INT64_C(1) << 53) + 1, 9007199254740992.0, 1},
        {(INT64_C(1) << 53) - 1, 9007199254740992.0, -1},
        {INT64_MAX, 9223372036854775808.0, -1},
        {INT64_MAX, 9223372036854774784.0, 1},
        {INT64_MIN, -9223372036854775808.0, 0},
        {INT64_MIN, -9223372036854777856.0, 1},
        {INT64_MIN + 1, -9223372036854775808.0, 1},
        {INT64_MAX, (double)INFINITY, -1},
        {INT64_MIN, -(double)INFINITY, 1},
        {0, (double)NAN, 2},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(dfl__cmp_i64_f64(cases[i].a, cases[i].b), cases[i].order);
        if (cases[i].a >= 0)
            assert_int_equal(dfl__cmp_u64_f64((uint64_t)cases[i].a, cases[i].b), cases[i].order);
    }
    assert_int_equal(dfl__cmp_u64_f64(UINT64_MAX, 18446744073709551616.0), -1);
    assert_int_equal(dfl__cmp_u64_f64(UINT64_MAX, 18446744073709549568.0), 1);
    assert_int_equal(dfl__cmp_u64_f64(0, -0.0), 0);
    assert_int_equal(dfl__cmp_u64_f64(UINT64_C(1) << 63, 9223372036854775808.0), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signed_arithmetic_is_exact_or_fails),
        cmocka_unit_test(unsigned_arithmetic_is_exact_or_fails),
        cmocka_unit_test(division_is_never_undefined),
        cmocka_unit_test(negation_and_conversion),
        cmocka_unit_test(success_leaves_an_earlier_reason),
        cmocka_unit_test(integers_of_both_signs_compare),
        cmocka_unit_test(integers_compare_with_floats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
