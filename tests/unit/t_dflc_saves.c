// How often it pays to save, and where: the numbers by themselves, then runs against the best there is.
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dflc/saves.h"

#define US   INT64_C(1000)
#define MS   INT64_C(1000000)
#define S    INT64_C(1000000000)
#define HOUR (3600 * S)

/* 73 years; what is longer counts as this. */
#define LONGEST (INT64_MAX / 4)

/* ---- the interval ---- */

static int64_t daly(double c, double m) {
    double r = c / (2 * m);
    return (int64_t)(c < 2 * m ? sqrt(2 * c * m) * (1 + sqrt(r) / 3 + r / 9) - c : m);
}

static void the_interval_is_dalys(void **state) {
    static const int64_t cs[] = {1, 100, US, 100 * US, 3 * MS, S, 100 * S, HOUR, 100 * HOUR};
    static const int64_t ms[] = {1000, MS, S, 60 * S, HOUR, 24 * HOUR, 20000 * HOUR, 600000 * HOUR};
    (void)state;
    for (size_t i = 0; i < sizeof cs / sizeof *cs; i++)
        for (size_t k = 0; k < sizeof ms / sizeof *ms; k++) {
            int64_t is = save_interval(cs[i], ms[k]), want = daly((double)cs[i], (double)ms[k]);
            int64_t off = is > want ? is - want : want - is;
            want = want < 1 ? 1 : want;
            if (is < 1 || off > want / 1000000 + 2)
                fail_msg("T(%" PRId64 ", %" PRId64 ") is %" PRId64 ", not %" PRId64, cs[i], ms[k],
                         is, want);
        }
    assert_int_equal(save_interval(INT64_MAX, INT64_MAX), save_interval(LONGEST, LONGEST));
    assert_int_equal(save_interval(1, 1), 1);
}

/* ---- from how much on ---- */

__extension__ typedef __int128 Wide128;

static bool pays(Wide128 t, Wide128 at_risk, Wide128 next, bool known, Wide128 ahead) {
    bool near_enough = at_risk * (at_risk + next) >= t * t || 2 * at_risk * next >= t * t;
    return near_enough && (!known || 2 * at_risk * ahead >= t * t);
}

/* It pays from there on, and not from one nanosecond less. */
static void from_is_the_least_that_pays(void **state) {
    static const int64_t ns[] = {0, 1, 2, 999, US, 7 * US, 900 * US, MS, 50 * MS, S, 5 * HOUR};
    enum { N = sizeof ns / sizeof *ns };
    (void)state;
    for (size_t t = 1; t < N; t++)
        for (size_t w = 0; w < N; w++)
            for (size_t r = 0; r <= N; r++) {
                bool known = r < N;
                int64_t ahead = known ? ns[r] : AHEAD_UNKNOWN;
                int64_t from = save_pays_from(ns[t], ns[w], ahead);
                if (ahead == 0) {
                    assert_int_equal(from, SAVE_NEVER);
                    continue;
                }
                assert_true(from >= 1);
                assert_true(pays(ns[t], from, ns[w], known, ahead) || from == LONGEST);
                assert_true(from == 1 || !pays(ns[t], from - 1, ns[w], known, ahead));
            }
    assert_true(save_pays_from(LONGEST, INT64_MAX, INT64_MAX - 1) >= 1);
    assert_true(save_pays_from(LONGEST, 0, 1) >= 1);
}

/* ---- what is said ---- */

static void flags_go_before_files_and_files_before_defaults(void **state) {
    Machine quiet = *machine_default(), said;
    CostOptions options = {.machine = machine_default()};
    (void)state;
    SaveTerms terms = save_terms(&options);
    assert_int_equal(terms.mtbf_ns, 24 * HOUR);
    assert_int_equal(terms.save_ns, 100 * US);
    assert_int_equal(terms.save_ns_per_kib, 3 * US);
    assert_int_equal(terms.mtbf_by, SAID_BY_DEFAULT);
    assert_int_equal(terms.save_by, SAID_BY_DEFAULT);
    quiet.mtbf_ns = 0;
    quiet.save_ns = 5 * MS;
    options.machine = &quiet;
    terms = save_terms(&options);
    assert_int_equal(terms.mtbf_ns, 24 * HOUR);
    assert_int_equal(terms.save_ns, 5 * MS);
    assert_int_equal(terms.mtbf_by, SAID_BY_DEFAULT);
    assert_int_equal(terms.save_by, SAID_BY_MACHINE);
    said = quiet;
    said.mtbf_ns = 24 * HOUR;
    options.machine = &said;
    assert_int_equal(save_terms(&options).mtbf_by, SAID_BY_MACHINE);
    options.mtbf_ns = HOUR;
    options.save_price_ns = 7;
    terms = save_terms(&options);
    assert_int_equal(terms.mtbf_ns, HOUR);
    assert_int_equal(terms.save_ns, 7);
    assert_int_equal(terms.save_ns_per_kib, 0);
    assert_int_equal(terms.mtbf_by, SAID_BY_FLAG);
    assert_int_equal(terms.save_by, SAID_BY_FLAG);
}

static void a_save_has_its_price_by_the_kib(void **state) {
    SaveTerms terms = {.save_ns = 100, .save_ns_per_kib = 7};
    (void)state;
    assert_int_equal(save_price(&terms, 0), 100);
    assert_int_equal(save_price(&terms, 1023), 100);
    assert_int_equal(save_price(&terms, 10 * 1024), 170);
    assert_int_equal(save_price(&terms, UINT64_MAX), 100 + 7 * (INT64_C(1) << 54) - 7);
    terms.save_ns_per_kib = S;
    assert_int_equal(save_price(&terms, UINT64_MAX), LONGEST);
}

/* ---- lines of nodes, against the best of all ways to save ---- */

enum { LENGTH = 40, ROUNDS = 2000 };

static uint32_t dice(uint32_t *seed) {
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* What a stretch of work without a save is expected to lose; in units of ns^2 / 2 M. */
static double lost(double ns, double m) {
    return ns * ns / (2 * m);
}

/* Saves before nodes 1..n-1, or not; the run saves at its end. */
static double best(const int64_t *ns, size_t n, double c, double m) {
    double to[LENGTH + 1] = {0};
    for (size_t end = 1; end <= n; end++) {
        double stretch = 0;
        to[end] = INFINITY;
        for (size_t begin = end; begin-- > 0;) {
            stretch += (double)ns[begin];
            double cost = to[begin] + (begin > 0 ? c : 0) + lost(stretch, m);
            to[end] = cost < to[end] ? cost : to[end];
        }
    }
    return to[n];
}

static double by_rule(const int64_t *ns, size_t n, int64_t c, int64_t m) {
    int64_t interval = save_interval(c, m), at_risk = 0, ahead = 0;
    double cost = 0;
    for (size_t i = 0; i < n; i++)
        ahead += ns[i];
    for (size_t i = 0; i < n; i++) {
        int64_t from = save_pays_from(interval, ns[i], ahead);
        if (from != SAVE_NEVER && at_risk >= from) {
            cost += (double)c + lost((double)at_risk, (double)m);
            at_risk = 0;
        }
        at_risk += ns[i];
        ahead -= ns[i];
    }
    return cost + lost((double)at_risk, (double)m);
}

/* The rule sees one node ahead, and how much there is in all: with that it stays near the best. */
static void lines_are_saved_nearly_as_well_as_can_be(void **state) {
    const int64_t c = 100 * US, m = 24 * HOUR; /* T is 4.2 s */
    uint32_t seed = 1;
    double sum = 0, worst = 1;
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        int64_t ns[LENGTH], scale = (int64_t)1 << (20 + dice(&seed) % 16); /* 1 ms to 34 s */
        size_t n = 1 + dice(&seed) % LENGTH;
        for (size_t i = 0; i < n; i++)
            ns[i] =
                dice(&seed) % 5 == 0 ? 10 * scale : (int64_t)(dice(&seed) % 1000) * scale / 1000;
        double rule = by_rule(ns, n, c, m), least = best(ns, n, (double)c, (double)m);
        sum += rule / least;
        worst = rule / least > worst ? rule / least : worst;
    }
    if (sum / ROUNDS > 1.003 || worst > 1.12)
        fail_msg("%.4f times the least on average, %.4f at worst", sum / ROUNDS, worst);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_interval_is_dalys),
        cmocka_unit_test(from_is_the_least_that_pays),
        cmocka_unit_test(flags_go_before_files_and_files_before_defaults),
        cmocka_unit_test(a_save_has_its_price_by_the_kib),
        cmocka_unit_test(lines_are_saved_nearly_as_well_as_can_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
