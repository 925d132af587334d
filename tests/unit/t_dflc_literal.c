// Literals: their values, and what is wrong with those that have none.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dflc/literal.h"

typedef const char *Reader(const char *s, size_t n, uint64_t *value);

typedef struct Case {
    const char *text;
    uint64_t value;
    const char *wrong; /* how the complaint begins; NULL: none */
} Case;

static void check(Reader *read, const Case *cases, size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint64_t value = 99;
        const char *wrong = read(cases[i].text, strlen(cases[i].text), &value);
        if (cases[i].wrong) {
            assert_non_null(wrong);
            assert_memory_equal(wrong, cases[i].wrong, strlen(cases[i].wrong));
        } else {
            assert_null(wrong);
            assert_int_equal(value, cases[i].value);
        }
    }
}

static void integers(void **state) {
    (void)state;
    static const Case cases[] = {
        {"0", 0, NULL},
        {"10", 10, NULL},
        {"1_000", 1000, NULL},
        {"1_0_0", 100, NULL},
        {"0xff", 255, NULL},
        {"0XFF_ff", 65535, NULL},
        {"0b101", 5, NULL},
        {"0b1111_0000", 240, NULL},
        {"18446744073709551615", UINT64_MAX, NULL},
        {"0xffffffffffffffff", UINT64_MAX, NULL},
        {"18446744073709551616", 0, "is larger than"},
        {"99999999999999999999999999", 0, "is larger than"},
        {"0x1_0000_0000_0000_0000", 0, "is larger than"},
        {"1_", 0, "has a '_'"},
        {"1__0", 0, "has a '_'"},
        {"0x_f", 0, "has a '_'"},
        {"0x", 0, "has no digits"},
        {"0b", 0, "has no digits"},
        {"0b2", 0, "has a digit"},
        {"007", 0, "begins with 0"},
        {"00", 0, "begins with 0"},
    };
    check(literal_integer, cases, sizeof cases / sizeof *cases);
}

static void durations(void **state) {
    (void)state;
    static const Case cases[] = {
        {"150ns", 150, NULL},
        {"5us", 5000, NULL},
        {"20ms", 20000000, NULL},
        {"2s", 2000000000, NULL},
        {"1m", 60000000000, NULL},
        {"1h", 3600000000000, NULL},
        {"0ns", 0, NULL},
        {"1_000us", 1000000, NULL},
        {"1.5ms", 1500000, NULL},
        {"0.001us", 1, NULL},
        {"1.000000001s", 1000000001, NULL},
        {"0.5m", 30000000000, NULL},
        {"1.0ns", 1, NULL},
        {"1.00ns", 1, NULL},
        {"9223372036s", 9223372036000000000, NULL},
        {"9223372036854775807ns", INT64_MAX, NULL},
        {"9223372036.854775807s", INT64_MAX, NULL},
        {"9223372036.854775808s", 0, "is longer than"},
        {"9223372036854775808ns", 0, "is longer than"},
        {"9223372037s", 0, "is longer than"},
        {"99999999999999999999h", 0, "is larger than"},
        {"1.5ns", 0, "is not a whole number"},
        {"1.05ns", 0, "is not a whole number"},
        {"0.0001us", 0, "is not a whole number"},
    };
    check(literal_duration, cases, sizeof cases / sizeof *cases);
    check(literal_any_duration, cases, sizeof cases / sizeof *cases);
}

static void what_is_no_duration(void **state) {
    (void)state;
    static const char *const texts[] = {"",     "h",    "24",     "1.h", ".5h",  "-1h", "+1h",
                                        " 1h",  "1h ",  "1 h",    "1d",  "1H",   "1hh", "1h1m",
                                        "0x1h", "1e3s", "1.2.3s", "_1h", "1._5s"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        uint64_t value = 99;
        /* Behind its end stands what would make one of it. */
        char text[16];
        size_t n = strlen(texts[i]);
        memcpy(text, texts[i], n);
        memcpy(text + n, "0ns", 4);
        assert_string_equal(literal_any_duration(text, n, &value), "is no duration");
        assert_int_equal(value, 0);
    }
}

static void floats(void **state) {
    (void)state;
    static const struct {
        const char *text;
        double value;
    } cases[] = {
        {"1.5", 1.5},           {"0.0", 0},    {"1e9", 1e9},
        {"1_000.5e-3", 1.0005}, {"2E+2", 200}, {"1e-400", 0},
    };
    double value;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_null(literal_float(cases[i].text, strlen(cases[i].text), &value));
        assert_true(value == cases[i].value);
    }
    assert_non_null(literal_float("1e999", 5, &value));
    assert_non_null(literal_float("1_.5", 4, &value));
    char text[301];
    memset(text, '1', 300);
    text[150] = '.';
    text[300] = '\0';
    assert_null(literal_float(text, 300, &value));
    assert_true(value > 1e149 && value < 1e150);
}

static void strings(void **state) {
    static const struct {
        const char *text, *value;
        size_t n;
    } cases[] = {
        {"", "", 0},
        {"abc", "abc", 3},
        {"\\n\\t\\\"\\\\\\'\\?", "\n\t\"\\'?", 6},
        {"\\a\\b\\f\\r\\v", "\a\b\f\r\v", 5},
        {"a\\0b", "a\0b", 3},
        {"\\x41\\x4A\\x9", "AJ\t", 3},
        {"\\x414", "A4", 2},
        {"\\101\\7\\1234", "A\aS4", 4},
        {"\\u20ac", "\xe2\x82\xac", 3},
        {"\\u00e9\\u0041",
         "\xc3\xa9"
         "A",
         3},
        {"\\U0001f600", "\xf0\x9f\x98\x80", 4},
        {"\\xff", "\xff", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        LiteralString value = {0};
        assert_null(literal_string(*state, cases[i].text, strlen(cases[i].text), &value));
        assert_int_equal(value.n, cases[i].n);
        assert_memory_equal(value.p, cases[i].value, cases[i].n + 1);
    }
}

static void wrong_escapes(void **state) {
    static const struct {
        const char *text;
        size_t at, n;
    } cases[] = {
        {"ab\\q", 2, 2},        {"\\x", 0, 2},        {"\\xg", 0, 2},
        {"a\\400", 1, 4},       {"\\u12", 0, 4},      {"\\ud800", 0, 6},
        {"\\U00110000", 0, 10}, {"\\\xc3\xa9", 0, 3}, {"\\u123g", 0, 5},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        LiteralString value = {0};
        assert_non_null(literal_string(*state, cases[i].text, strlen(cases[i].text), &value));
        assert_int_equal(value.wrong_at, cases[i].at);
        assert_int_equal(value.wrong_n, cases[i].n);
    }
}

static int setup(void **state) {
    *state = arena_new();
    return 0;
}

static int teardown(void **state) {
    arena_free(*state);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers),
        cmocka_unit_test(durations),
        cmocka_unit_test(what_is_no_duration),
        cmocka_unit_test(floats),
        cmocka_unit_test_setup_teardown(strings, setup, teardown),
        cmocka_unit_test_setup_teardown(wrong_escapes, setup, teardown),
    };
    return cmocka_run_group_tests_name("literal", tests, NULL, NULL);
}
