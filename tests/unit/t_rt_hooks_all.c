// Several hooks on one run: each is given what its mask asks for and nothing else, in order, and each is told of every end.
// link: -Wl,--wrap=clock_gettime
#include "rt_run.h"

typedef struct Seen {
    dfl_hooks hooks;
    uint32_t kinds; /* a bit each */
    size_t n;
    uint64_t last;             /* sequence */
    const struct Seen *before; /* has been given the event already, if it wants it */
} Seen;

static void note(void *user, const dfl_event *event) {
    Seen *seen = user;
    seen->kinds |= UINT32_C(1) << event->kind;
    seen->n++;
    assert_true(event->sequence > seen->last);
    seen->last = event->sequence;
    assert_true(!seen->before || seen->before->last == event->sequence);
}

static Seen seeing(uint32_t mask) {
    return (Seen){.hooks = {.mask = mask, .on_event = note, .quick = true}};
}

static int run_with(dfl_hooks *hooks, Script script) {
    small s = {0};
    int rc = small_run(&s, &(dfl_run){.hooks = hooks, .user = &script});
    dfl__mem_free(&s.mem);
    return rc;
}

#define BIT(KIND) (UINT32_C(1) << DFL_EVENT_##KIND)

static void each_is_given_what_it_asks_for(void **state) {
    Seen all = seeing(DFL_EV_ALL), runs = seeing(DFL_EV_RUN), values = seeing(DFL_STREAM_VALUES),
         nothing = seeing(0);
    dfl_hooks *hooks[] = {&all.hooks, &runs.hooks, NULL, &values.hooks, &nothing.hooks}, *together;
    (void)state;
    all.hooks.user = &all, runs.hooks.user = &runs, values.hooks.user = &values;
    nothing.hooks.user = &nothing;
    runs.before = &all;
    together = dfl_hooks_all(hooks, COUNT(hooks));
    assert_non_null(together);
    assert_int_equal(together->mask, DFL_EV_ALL | DFL_STREAM_VALUES);
    assert_int_equal(run_with(together, (Script){0}), DFL_OK);
    dfl_hooks_all_free(together);
    assert_int_equal(all.n, 9);
    assert_int_equal(runs.n, 2);
    assert_int_equal(runs.kinds, BIT(RUN_START) | BIT(RUN_END));
    assert_int_equal(values.n, 2);
    assert_int_equal(values.kinds, BIT(VALUES));
    assert_int_equal(nothing.n, 0);
}

static int fail_3(dfl_ctx *ctx, int64_t *n) {
    (void)n;
    return dfl_fail(ctx, 3, "no way");
}

static void a_failure_is_told_to_each_once(void **state) {
    Seen seen[5];
    dfl_hooks *hooks[5], *together;
    (void)state;
    for (size_t i = 0; i < 5; i++) {
        seen[i] = seeing(DFL_EV_NODE | DFL_EV_RUN);
        seen[i].hooks.user = &seen[i];
        seen[i].before = i ? &seen[i - 1] : NULL;
        hooks[i] = &seen[i].hooks;
    }
    together = dfl_hooks_all(hooks, 5);
    assert_int_equal(run_with(together, (Script){.b = fail_3}), DFL_ENODE);
    dfl_hooks_all_free(together);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(seen[i].n, 6);
        assert_true(seen[i].kinds & BIT(NODE_ERROR));
    }
}

static void wishes_are_put_together(void **state) {
    Seen a = seeing(DFL_EV_RUN), b = seeing(DFL_EV_NODE);
    dfl_hooks *hooks[] = {&a.hooks, &b.hooks}, *together;
    (void)state;
    for (int i = 0; i < 8; i++) {
        a.hooks.ordered = i & 1, b.hooks.quick = i & 2;
        a.hooks.untimed = true, b.hooks.untimed = i & 4;
        together = dfl_hooks_all(hooks, 2);
        assert_int_equal(together->ordered, (i & 1) != 0);
        assert_int_equal(together->quick, (i & 2) != 0);
        assert_int_equal(together->untimed, (i & 4) != 0);
        dfl_hooks_all_free(together);
    }
}

static uint64_t readings;
int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now) {
    readings++;
    return __real_clock_gettime(clock, now);
}

static uint64_t readings_of_a_run(bool untimed) {
    Seen all = seeing(DFL_EV_ALL);
    all.hooks.user = &all;
    all.hooks.untimed = untimed;
    readings = 0;
    assert_int_equal(run_with(&all.hooks, (Script){0}), DFL_OK);
    assert_int_equal(all.n, 9);
    return readings;
}

static void without_times_no_clock_is_read(void **state) {
    (void)state;
    assert_true(readings_of_a_run(false) > 0);
    assert_int_equal(readings_of_a_run(true), 0);
}

static void none_is_a_run_without_hooks(void **state) {
    dfl_hooks *nobody = NULL, *together = dfl_hooks_all(&nobody, 1);
    (void)state;
    assert_non_null(together);
    assert_int_equal(together->mask, 0);
    assert_int_equal(run_with(together, (Script){0}), DFL_OK);
    dfl_hooks_all_free(together);
    together = dfl_hooks_all(NULL, 0);
    assert_non_null(together);
    dfl_hooks_all_free(together);
    dfl_hooks_all_free(NULL);
    dfl__fail_after(0);
    assert_null(dfl_hooks_all(&nobody, 1));
    dfl__fail_after(-1);
    assert_null(dfl_hooks_all(&nobody, SIZE_MAX / sizeof nobody));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_given_what_it_asks_for),
        cmocka_unit_test(a_failure_is_told_to_each_once),
        cmocka_unit_test(wishes_are_put_together),
        cmocka_unit_test(without_times_no_clock_is_read),
        cmocka_unit_test(none_is_a_run_without_hooks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
