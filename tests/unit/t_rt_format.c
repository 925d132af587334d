// Formatting without the C library: whatever it does not leave to vsnprintf comes out as vsnprintf has it.
#include "rt.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

#include "format.h"

enum { ROOM = 9000 };

static bool ours(char *to, size_t room, size_t *n, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    bool known = dfl__format(to, room, n, fmt, args);
    va_end(args);
    return known;
}

static char *plain(char *to, size_t room, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    char *end = dfl__format_plain(to, to + room, fmt, &args);
    va_end(args);
    return end;
}

/* In every room that is too small, and in one that is not. */
#define SAME(...)                                                                                  \
    do {                                                                                           \
        static char a[ROOM], b[ROOM];                                                              \
        int wanted = snprintf(b, ROOM, __VA_ARGS__);                                               \
        for (size_t room = 0; room <= (size_t)wanted + 2; room++) {                                \
            size_t n;                                                                              \
            memset(a, 'x', sizeof a);                                                              \
            memset(b, 'x', sizeof b);                                                              \
            snprintf(b, room, __VA_ARGS__);                                                        \
            assert_true(ours(a, room, &n, __VA_ARGS__));                                           \
            assert_int_equal(n, wanted);                                                           \
            assert_memory_equal(a, b, sizeof a);                                                   \
            PLAIN_IN(room, wanted, __VA_ARGS__);                                                   \
        }                                                                                          \
    } while (0)

/* What knows plain conversions alone has the same text or none, and never writes beyond the room. */
#define PLAIN_IN(SIZE, WANTED, ...)                                                                \
    do {                                                                                           \
        static char c[ROOM], untouched[ROOM];                                                      \
        memset(c, 'x', sizeof c);                                                                  \
        memset(untouched, 'x', sizeof untouched);                                                  \
        char *end = plain(c, SIZE, __VA_ARGS__);                                                   \
        assert_memory_equal(c + (SIZE), untouched, sizeof c - (SIZE));                             \
        if (end) {                                                                                 \
            assert_true((size_t)(WANTED) < (SIZE) && end == c + (WANTED));                         \
            assert_memory_equal(c, b, (size_t)(WANTED) + 1);                                       \
        }                                                                                          \
    } while (0)

#define IS_PLAIN(TEXT, ...)                                                                        \
    do {                                                                                           \
        char to[64];                                                                               \
        assert_ptr_equal(plain(to, sizeof to, __VA_ARGS__), to + strlen(TEXT));                    \
        assert_string_equal(to, TEXT);                                                             \
    } while (0)

#define LEFT_ALONE(...)                                                                            \
    do {                                                                                           \
        char a[ROOM];                                                                              \
        size_t n;                                                                                  \
        assert_false(ours(a, sizeof a, &n, __VA_ARGS__));                                          \
    } while (0)

/* The compiler would look into these formats, which are what is tried here. */
#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
#pragma GCC diagnostic ignored "-Wformat-truncation"
#endif

static void texts(void **state) {
    (void)state;
    SAME("%s", "");
    SAME("");
    SAME("plain");
    SAME("100 %% and %%");
    SAME("%s", "whole");
    SAME("a %s b %s c", "one", "");
    SAME("%.3s|%.0s|%.9s", "abcdef", "abc", "abc");
    SAME("%.*s|%.*s", 2, "abcdef", -1, "abcdef");
    SAME("%8s|%-8s|%2s|%-2s|", "abc", "abc", "abc", "abc");
    SAME("%*s|%*s|%-*s|%*.*s", 6, "ab", -6, "ab", 6, "ab", 5, 1, "ab");
    SAME("%c%c%3c%-3c|", 'a', '\0', 'b', 'c');
}

static void integers(void **state) {
    static const int values[] = {0, 1, -1, 9, 10, 99, 100, 12345, -12345, INT_MAX, INT_MIN};
    (void)state;
    for (size_t i = 0; i < COUNT(values); i++) {
        int v = values[i];
        SAME("%d", v);
        SAME("node %d of %i", v, v);
        SAME("%5d|%-5d|%05d|%-05d|%0*d", v, v, v, v, 7, v);
        SAME("%u %x %X", (unsigned)v, (unsigned)v, (unsigned)v);
        SAME("%12u|%-12x|%012X", (unsigned)v, (unsigned)v, (unsigned)v);
        SAME("%ld %lld %jd %td", (long)v, (long long)v, (intmax_t)v, (ptrdiff_t)v);
        SAME("%lu %llu %ju %zu %zx", (unsigned long)v, (unsigned long long)v, (uintmax_t)v, (size_t)v,
             (size_t)v);
    }
    SAME("%" PRId64 " %" PRId64 " %" PRIu64, INT64_MIN, INT64_MAX, UINT64_MAX);
    SAME("%021" PRId64 "|%30" PRIu64, INT64_MIN, UINT64_MAX);
}

static void what_is_plain(void **state) {
    (void)state;
    IS_PLAIN("", "");
    IS_PLAIN("node 7, 10 of 100%", "node %d, %u of %d%%", 7, 10u, 100);
    IS_PLAIN("-2147483648 4294967295 0", "%d %u %d", INT_MIN, UINT_MAX, 0);
    IS_PLAIN("a, , a text of more than thirty-two bytes", "%s, %s, %s", "a", "",
             "a text of more than thirty-two bytes");
    char to[64];
    assert_null(plain(to, sizeof to, "%ld", 1L));
    assert_null(plain(to, sizeof to, "%3d", 1));
    assert_null(plain(to, sizeof to, "%s", (char *)NULL));
    assert_null(plain(to, sizeof to, "%"));
    assert_null(plain(NULL, 0, "text"));
}

static void what_is_left_alone(void **state) {
    (void)state;
    LEFT_ALONE("%f", 1.0);
    LEFT_ALONE("an int %d, then %g", 1, 1.0);
    LEFT_ALONE("%.3d", 1);
    LEFT_ALONE("%+d", 1);
    LEFT_ALONE("% d", 1);
    LEFT_ALONE("%#x", 1);
    LEFT_ALONE("%hd", 1);
    LEFT_ALONE("%o", 8);
    LEFT_ALONE("%p", (void *)state);
    LEFT_ALONE("%ls", L"wide");
    LEFT_ALONE("%lc", 1);
    LEFT_ALONE("%s", (char *)NULL);
    LEFT_ALONE("%9999d", 1);
    LEFT_ALONE("%5%");
    LEFT_ALONE("%");
    LEFT_ALONE("%l");
    LEFT_ALONE("%-");
    LEFT_ALONE("%99999999999999999999d", 1);
}

/* Either way, the program sees one printf. */
static void both_ways_make_strings(void **state) {
    dfl_ctx *ctx = dfl_ctx_new(NULL);
    (void)state;
    assert_string_equal(dfl_printf(ctx, "%s %d", "node", 3).p, "node 3");
    assert_string_equal(dfl_printf(ctx, "%.2f of %s", 0.5, "it").p, "0.50 of it");
    assert_int_equal(dfl_printf(ctx, "%4000d", 3).n, 4000);
    assert_int_equal(dfl_printf(ctx, "%s%3999.1f", "a", 1.0).n, 4000);
    assert_int_equal(dfl_printf(ctx, "%s", "").n, 0);
    assert_string_equal(dfl_printf(ctx, "%s", "").p, "");
    dfl_ctx_free(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),
        cmocka_unit_test(integers),
        cmocka_unit_test(what_is_plain),
        cmocka_unit_test(what_is_left_alone),
        cmocka_unit_test(both_ways_make_strings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
