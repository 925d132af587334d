/* Arithmetic and comparisons of guards: exact, or a reason why not; never undefined. */
#include "dfl.h"

static const char overflow[] = "overflow";
static const char by_zero[] = "division by zero";

static int64_t fail_i64(const char **failed, const char *why) {
    *failed = why;
    return 0;
}

static uint64_t fail_u64(const char **failed, const char *why) {
    *failed = why;
    return 0;
}

/* ---- signed ---- */

int64_t dfl__add_i64(const char **failed, int64_t a, int64_t b) {
    if (b > 0 ? a > INT64_MAX - b : a < INT64_MIN - b)
        return fail_i64(failed, overflow);
    return a + b;
}

int64_t dfl__sub_i64(const char **failed, int64_t a, int64_t b) {
    if (b < 0 ? a > INT64_MAX + b : a < INT64_MIN + b)
        return fail_i64(failed, overflow);
    return a - b;
}

static bool product_fits(int64_t a, int64_t b) {
    if (a > 0)
        return b > 0 ? a <= INT64_MAX / b : b >= INT64_MIN / a;
    if (b > 0)
        return a >= INT64_MIN / b;
    return a == 0 || b >= INT64_MAX / a;
}

int64_t dfl__mul_i64(const char **failed, int64_t a, int64_t b) {
    return product_fits(a, b) ? a * b : fail_i64(failed, overflow);
}

int64_t dfl__div_i64(const char **failed, int64_t a, int64_t b) {
    if (b == 0)
        return fail_i64(failed, by_zero);
    if (a == INT64_MIN && b == -1)
        return fail_i64(failed, overflow);
    return a / b;
}

/* INT64_MIN % -1 is 0, though the machine's division that would tell traps. */
int64_t dfl__mod_i64(const char **failed, int64_t a, int64_t b) {
    if (b == 0)
        return fail_i64(failed, by_zero);
    return b == -1 ? 0 : a % b;
}

int64_t dfl__neg_i64(const char **failed, int64_t a) {
    return a == INT64_MIN ? fail_i64(failed, overflow) : -a;
}

/* ---- unsigned ---- */

uint64_t dfl__add_u64(const char **failed, uint64_t a, uint64_t b) {
    return a > UINT64_MAX - b ? fail_u64(failed, overflow) : a + b;
}

uint64_t dfl__sub_u64(const char **failed, uint64_t a, uint64_t b) {
    return a < b ? fail_u64(failed, overflow) : a - b;
}

uint64_t dfl__mul_u64(const char **failed, uint64_t a, uint64_t b) {
    return b != 0 && a > UINT64_MAX / b ? fail_u64(failed, overflow) : a * b;
}

uint64_t dfl__div_u64(const char **failed, uint64_t a, uint64_t b) {
    return b == 0 ? fail_u64(failed, by_zero) : a / b;
}

uint64_t dfl__mod_u64(const char **failed, uint64_t a, uint64_t b) {
    return b == 0 ? fail_u64(failed, by_zero) : a % b;
}

int64_t dfl__u64_to_i64(const char **failed, uint64_t a) {
    return a > INT64_MAX ? fail_i64(failed, overflow) : (int64_t)a;
}

uint64_t dfl__i64_to_u64(const char **failed, int64_t a) {
    return a < 0 ? fail_u64(failed, overflow) : (uint64_t)a;
}

/* ---- comparisons ---- */

enum { UNORDERED = 2 };

static const double two_63 = 9223372036854775808.0;
static const double two_64 = 18446744073709551616.0;

int dfl__cmp_i64_u64(int64_t a, uint64_t b) {
    if (a < 0)
        return -1;
    return ((uint64_t)a > b) - ((uint64_t)a < b);
}

/* Within the range of the integers, a double is an integer and a rest below 1: the integers decide,
 * and between equal ones the rest does. */
int dfl__cmp_i64_f64(int64_t a, double b) {
    if (b != b)
        return UNORDERED;
    if (b >= two_63)
        return -1;
    if (b < -two_63)
        return 1;
    int64_t whole = (int64_t)b;
    if (a != whole)
        return a < whole ? -1 : 1;
    double rest = b - (double)whole;
    return (rest < 0) - (rest > 0);
}

int dfl__cmp_u64_f64(uint64_t a, double b) {
    if (b != b)
        return UNORDERED;
    if (b >= two_64)
        return -1;
    if (b < 0)
        return 1;
    uint64_t whole = (uint64_t)b;
    if (a != whole)
        return a < whole ? -1 : 1;
    return -(b - (double)whole > 0);
}

/* ---- membership ---- */

bool dfl__str_in(dfl_str value, const dfl_str *items, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (dfl_str_eq(items[i], value))
            return true;
    return false;
}
