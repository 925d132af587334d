// needs: tsan
// Where a run stands: parking, keeping and taking frames, the items of an each, memory of a run.
#include "rt_pause.h"

#include <pthread.h>

/* A run of talk_graph that does nothing by itself. */
typedef struct Standing {
    talk s;
    dfl_run options;
    dfl__run run;
    dfl_ctx *ctx;
    uint64_t count[1];
} Standing;

static void stand(Standing *standing, bool store) {
    memset(standing, 0, sizeof *standing);
    standing->options.thread_id = "t";
    standing->options.store = store ? dfl_store_memory() : NULL;
    standing->ctx = &standing->run.ctx;
    assert_int_equal(dfl__run_begin(&standing->run, &talk_graph, &standing->s, &standing->options,
                                    standing->count, 1),
                     DFL_OK);
}

static void end_standing(Standing *standing) {
    (void)dfl__run_end(&standing->run, DFL_EINVAL);
    talk_free(&standing->s);
    dfl_store_close(standing->options.store);
}

static struct talk_fan three_branches(dfl_ctx *ctx) {
    struct talk_fan fan;
    memset(&fan, 0, sizeof fan);
    for (int i = 0; i < BRANCHES; i++) {
        fan.b[i].i = i;
        dfl_str_list_push(ctx, &fan.b[i].added, dfl_printf(ctx, "branch %d", i));
    }
    fan.b[0].at = DFL__DONE;
    fan.b[1].at = AT_TELL;
    return fan;
}

/* ---- keep and take ---- */

static void what_is_kept_when(void **state) {
    Standing plain, saves;
    (void)state;
    stand(&plain, false);
    stand(&saves, true);
    assert_false(dfl__keeps(plain.ctx, DFL_OK));
    assert_true(dfl__keeps(plain.ctx, DFL_PAUSED));
    assert_false(dfl__keeps(plain.ctx, DFL_ENODE));
    assert_false(dfl__keeps(saves.ctx, DFL_OK));
    assert_true(dfl__keeps(saves.ctx, DFL_PAUSED));
    assert_true(dfl__keeps(saves.ctx, DFL_ENODE));
    assert_true(dfl__keeps(saves.ctx, DFL_ECANCELLED));
    assert_true(dfl__keeps(saves.ctx, DFL_EGUARD)); /* it stands behind its node */
    end_standing(&plain);
    end_standing(&saves);
}

static void frames_are_kept_and_taken(void **state) {
    Standing a;
    struct talk_fan fan, back;
    uint32_t at = 0;
    dfl_bytes inner = {NULL, 0};
    (void)state;
    stand(&a, false);
    fan = three_branches(a.ctx);
    assert_int_equal(dfl__keep(a.ctx, DFL_PAUSED, &talk_fan_type, &fan), DFL_PAUSED);
    assert_true(a.ctx->inner.n > 0);
    assert_int_equal(dfl__park(a.ctx, &at, &inner, AT_FAN, DFL_PAUSED), DFL_PAUSED);
    assert_int_equal(at, AT_FAN);
    assert_int_equal(a.ctx->inner.n, 0);
    assert_int_equal(dfl__first_unfinished(inner), AT_TELL);
    assert_int_equal(dfl__enter(a.ctx, at, &inner), AT_FAN);
    memset(&back, 0, sizeof back);
    assert_int_equal(dfl__take(a.ctx, &talk_fan_type, &back), DFL_OK);
    assert_int_equal(a.ctx->resume.n, 0);
    for (int i = 0; i < BRANCHES; i++) {
        assert_int_equal(back.b[i].at, fan.b[i].at);
        assert_string_equal(back.b[i].added.items[0].p, fan.b[i].added.items[0].p);
    }
    end_standing(&a);
}

/* What a branch caught is kept with what it stands in, or alone; cut off, it is nothing that a branch can go on
 * with. */
static void the_last_error_of_a_branch_is_kept(void **state) {
    static const dfl_error caught = {
        .node = "tell", .message = "no", .status = DFL_ENODE, .code = 7, .attempt = 2};
    Standing a;
    struct talk_fan fan;
    (void)state;
    stand(&a, false);
    for (int with = 0; with < 2; with++) {
        uint32_t at = 0;
        dfl_bytes inner = {NULL, 0}, cut;
        fan = three_branches(a.ctx);
        dfl__set_last_error(a.ctx, &caught);
        if (with)
            dfl__keep(a.ctx, DFL_PAUSED, &talk_fan_type, &fan);
        assert_int_equal(dfl__park_branch(a.ctx, &at, &inner, AT_FAN, DFL_PAUSED), DFL_PAUSED);
        assert_int_equal(dfl__first_unfinished(inner), with ? AT_TELL : DFL__NOWHERE);
        for (size_t n = 1; n < 20; n++) {
            cut = (dfl_bytes){inner.p, n};
            assert_int_equal(dfl__enter(a.ctx, at, &cut), DFL__NOWHERE & ~DFL__PASSED);
        }
        a.ctx->last_error = NULL;
        assert_int_equal(dfl__enter(a.ctx, at, &inner), AT_FAN);
        assert_int_equal(dfl_last_error(a.ctx)->code, 7);
        assert_string_equal(dfl_last_error(a.ctx)->node, "tell");
        assert_int_equal(a.ctx->resume.n > 0, with);
        a.ctx->resume = (dfl_bytes){NULL, 0};
    }
    end_standing(&a);
}

static void a_failure_without_a_store_is_not_kept(void **state) {
    Standing a;
    struct talk_fan fan;
    (void)state;
    stand(&a, false);
    fan = three_branches(a.ctx);
    assert_int_equal(dfl__keep(a.ctx, DFL_ENODE, &talk_fan_type, &fan), DFL_ENODE);
    assert_int_equal(a.ctx->inner.n, 0);
    end_standing(&a);
}

/* Two levels: the first place is that of the innermost. */
static void frames_within_frames(void **state) {
    Standing a;
    struct talk_fan fan, outer, back;
    (void)state;
    stand(&a, false);
    fan = three_branches(a.ctx);
    dfl__keep(a.ctx, DFL_PAUSED, &talk_fan_type, &fan);
    outer = three_branches(a.ctx);
    dfl__park(a.ctx, &outer.b[1].at, &outer.b[1].inner, AT_FAN, DFL_PAUSED);
    dfl__keep(a.ctx, DFL_PAUSED, &talk_fan_type, &outer);
    assert_int_equal(dfl__first_unfinished(a.ctx->inner), AT_TELL);
    a.ctx->resume = a.ctx->inner;
    assert_int_equal(dfl__take(a.ctx, &talk_fan_type, &back), DFL_OK);
    assert_int_equal(dfl__enter(a.ctx, back.b[1].at, &back.b[1].inner), AT_FAN);
    assert_int_equal(dfl__take(a.ctx, &talk_fan_type, &back), DFL_OK);
    assert_int_equal(back.b[1].at, AT_TELL);
    end_standing(&a);
}

static void foreign_and_damaged_frames_are_refused(void **state) {
    Standing a;
    struct talk_fan fan, back;
    dfl_bytes inner;
    uint8_t bytes[512];
    (void)state;
    stand(&a, false);
    fan = three_branches(a.ctx);
    dfl__keep(a.ctx, DFL_PAUSED, &talk_fan_type, &fan);
    inner = a.ctx->resume = a.ctx->inner;
    assert_int_equal(dfl__take(a.ctx, &talk_branch_type, &back.b[0]), DFL_ESCHEMA);
    assert_int_equal(a.ctx->failure.status, DFL_ESCHEMA);
    assert_true(inner.n < sizeof bytes);
    for (size_t n = 1; n < inner.n; n++) {
        a.ctx->resume.n = n;
        assert_int_equal(dfl__take(a.ctx, &talk_fan_type, &back), DFL_ECORRUPT);
    }
    memcpy(bytes, inner.p, inner.n);
    a.ctx->resume = (dfl_bytes){bytes, inner.n + 1}; /* one too many */
    assert_int_equal(dfl__take(a.ctx, &talk_fan_type, &back), DFL_ECORRUPT);
    assert_int_equal(a.ctx->resume.n, inner.n + 1); /* still to be taken */
    end_standing(&a);
}

/* ---- parking ---- */

static void what_was_not_taken_is_parked_again(void **state) {
    Standing a;
    uint32_t at = 0;
    dfl_bytes inner = {NULL, 0};
    (void)state;
    stand(&a, true);
    a.ctx->resume = (dfl_bytes){(const uint8_t *)"kept", 4};
    dfl__park(a.ctx, &at, &inner, AT_FAN, DFL_ECANCELLED);
    assert_memory_equal(inner.p, "kept", 4);
    assert_int_equal(a.ctx->resume.n, 0);
    end_standing(&a);
}

static void a_pause_that_is_over_stays_over(void **state) {
    Standing a;
    uint32_t at = 0;
    dfl_bytes inner = {NULL, 0};
    (void)state;
    stand(&a, true);
    assert_int_equal(dfl__enter(a.ctx, AT_LAST | DFL__PASSED, &inner), AT_LAST);
    dfl__park(a.ctx, &at, &inner, AT_LAST, DFL_ECANCELLED);
    assert_int_equal(at, AT_LAST | DFL__PASSED);
    dfl__enter(a.ctx, at, &inner);
    assert_false(dfl__pause_before(a.ctx, AT_LAST));
    assert_true(dfl__pause_before(a.ctx, AT_LAST)); /* the next time it pauses again */
    end_standing(&a);
}

static void a_caught_failure_drops_what_was_kept(void **state) {
    Standing a;
    struct talk_fan fan;
    (void)state;
    stand(&a, true);
    fan = three_branches(a.ctx);
    for (int i = 0; i < 3; i++) {
        dfl__failed(a.ctx, DFL_ENODE, 1, AT_TELL, "no");
        assert_int_equal(dfl__keep(a.ctx, DFL_ENODE, &talk_fan_type, &fan), DFL_ENODE);
        assert_true(dfl__caught(a.ctx));
        assert_int_equal(a.ctx->inner.n, 0);
        assert_null(a.run.blocks);
    }
    end_standing(&a);
}

/* ---- items ---- */

static void items_are_kept_in_order(void **state) {
    Standing a;
    struct talk_fan fan;
    struct talk_branch back;
    dfl_buf items = {0}, kept = {0};
    dfl__in in;
    uint32_t n = 0;
    (void)state;
    stand(&a, false);
    fan = three_branches(a.ctx);
    assert_int_equal(dfl__keep_item(a.ctx, &kept, &talk_branch_type, &fan.b[0]), DFL_OK);
    assert_int_equal(dfl__keep_item(a.ctx, &kept, &talk_branch_type, &fan.b[1]), DFL_OK);
    assert_int_equal(
        dfl__keep_chunk(a.ctx, DFL_PAUSED, &items, &kept, &talk_branch_type, &fan.b[2]),
        DFL_PAUSED);
    assert_null(kept.p);
    assert_int_equal(dfl__keep_items(a.ctx, DFL_PAUSED, &items), DFL_PAUSED);
    assert_null(items.p);
    assert_int_equal(dfl__first_unfinished(a.ctx->inner), AT_TELL);
    a.ctx->resume = a.ctx->inner;
    assert_int_equal(dfl__take_items(a.ctx, &in, &n), DFL_OK);
    assert_int_equal(n, 3);
    for (uint32_t i = 0; i < n; i++) {
        assert_int_equal(dfl__take_item(a.ctx, &in, &talk_branch_type, &back), DFL_OK);
        assert_true(back.i == i);
    }
    assert_int_equal(dfl__take_item(a.ctx, &in, &talk_branch_type, &back), DFL_ECORRUPT);
    end_standing(&a);
}

static void items_that_are_not_kept_are_freed(void **state) {
    Standing a;
    struct talk_fan fan;
    dfl_buf items = {0}, kept = {0};
    (void)state;
    stand(&a, false);
    fan = three_branches(a.ctx);
    dfl__keep_item(a.ctx, &kept, &talk_branch_type, &fan.b[0]);
    assert_int_equal(dfl__keep_chunk(a.ctx, DFL_ENODE, &items, &kept, &talk_branch_type, &fan.b[1]),
                     DFL_ENODE);
    assert_null(kept.p);
    assert_int_equal(dfl__keep_items(a.ctx, DFL_ENODE, &items), DFL_ENODE);
    assert_int_equal(a.ctx->inner.n, 0);
    end_standing(&a);
}

static void bytes_that_are_no_items_are_refused(void **state) {
    static const char *const bad[] = {"", "E",
                                      "E\x05"
                                      "abc",
                                      "F\x01"
                                      "a",
                                      "E\x80"};
    Standing a;
    dfl__in in;
    uint32_t n;
    (void)state;
    stand(&a, false);
    for (size_t i = 0; i < COUNT(bad); i++) {
        a.ctx->resume = (dfl_bytes){(const uint8_t *)bad[i], strlen(bad[i])};
        assert_int_equal(dfl__take_items(a.ctx, &in, &n), DFL_ECORRUPT);
    }
    end_standing(&a);
}

/* ---- out of memory ---- */

static void a_pause_that_cannot_be_kept_fails(void **state) {
    (void)state;
    for (long left = 0; left < 4; left++) {
        Standing a;
        struct talk_fan fan;
        dfl_buf items = {0}, kept = {0};
        int rc;
        stand(&a, true);
        fan = three_branches(a.ctx);
        dfl__fail_after(left);
        rc = dfl__keep(a.ctx, DFL_PAUSED, &talk_fan_type, &fan);
        dfl__fail_after(-1);
        assert_true(rc == DFL_PAUSED ? a.ctx->inner.n > 0 : rc == DFL_ENOMEM && !a.ctx->inner.n);
        /* A failure stays the one that it is. */
        dfl__fail_after(left);
        rc = dfl__keep(a.ctx, DFL_ENODE, &talk_fan_type, &fan);
        dfl__fail_after(-1);
        assert_int_equal(rc, DFL_ENODE);
        dfl__fail_after(left);
        rc = dfl__keep_item(a.ctx, &kept, &talk_branch_type, &fan.b[0]);
        if (rc == DFL_OK)
            rc = dfl__keep_chunk(a.ctx, DFL_PAUSED, &items, &kept, &talk_branch_type, &fan.b[1]);
        rc = dfl__keep_items(a.ctx, rc ? rc : DFL_PAUSED, &items);
        dfl__fail_after(-1);
        assert_true(rc == DFL_PAUSED || rc == DFL_ENOMEM);
        assert_null(items.p);
        dfl_buf_free(&kept);
        end_standing(&a);
    }
}

/* ---- memory of the run ---- */

static void *allocate(void *arg) {
    dfl_ctx *ctx = arg;
    for (size_t n = 1; n < 200; n++) {
        uint8_t *p = dfl__run_alloc(ctx, n);
        assert_non_null(p);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xff, n);
    }
    return NULL;
}

static void memory_of_a_run_from_many_threads(void **state) {
    Standing a;
    pthread_t threads[4];
    dfl_ctx branches[4];
    (void)state;
    stand(&a, false);
    for (int i = 0; i < 4; i++) {
        branches[i] = *a.ctx;
        pthread_create(&threads[i], NULL, allocate, &branches[i]);
    }
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    dfl__fail_after(0);
    assert_null(dfl__run_alloc(a.ctx, 8));
    dfl__fail_after(-1);
    assert_true(a.ctx->flags & DFL__NOMEM);
    assert_null(dfl__run_alloc(a.ctx, SIZE_MAX));
    end_standing(&a);
    assert_null(a.run.blocks);
}

/* ---- threads ---- */

static int end_with(dfl_ctx *ctx, void *frame) {
    int status = *(int *)frame;
    return status < 0 ? dfl__failed(ctx, status, 0, AT_TELL, "%d", status) : status;
}

static void check_threads(dfl_pool *pool, const int statuses[3], bool settle, int expected) {
    Standing a;
    int frames[3];
    Branch b[3];
    stand(&a, false);
    a.options.pool = pool;
    for (int i = 0; i < 3; i++) {
        frames[i] = statuses[i];
        b[i].body = end_with;
        b[i].frame = &frames[i];
        b[i].type = NULL;
    }
    assert_int_equal(run_branches(a.ctx, b, 3, settle), expected);
    /* A pause skips nobody. */
    if (statuses[0] >= 0 && statuses[1] >= 0)
        assert_int_equal(b[2].status, statuses[2]);
    end_standing(&a);
}

static void a_pause_is_no_failure_of_a_branch(void **state) {
    (void)state;
    for (unsigned threads = 1; threads < 4; threads++) {
        dfl_pool *pool = dfl_pool_new(threads);
        check_threads(pool, (const int[]){0, 0, 0}, false, DFL_OK);
        check_threads(pool, (const int[]){DFL_PAUSED, 0, 0}, false, DFL_PAUSED);
        check_threads(pool, (const int[]){0, DFL_PAUSED, DFL_PAUSED}, false, DFL_PAUSED);
        /* What would fail again waits for the pause before it; what says that the run cannot go on does not. */
        check_threads(pool, (const int[]){DFL_PAUSED, 0, DFL_ENODE}, false, DFL_PAUSED);
        check_threads(pool, (const int[]){DFL_PAUSED, DFL_EGUARD, DFL_ENODE}, false, DFL_PAUSED);
        check_threads(pool, (const int[]){0, DFL_EGUARD, DFL_PAUSED}, false, DFL_EGUARD);
        check_threads(pool, (const int[]){DFL_PAUSED, 0, DFL_ENOMEM}, false, DFL_ENOMEM);
        check_threads(pool, (const int[]){DFL_PAUSED, 0, DFL_ENODE}, true, DFL_PAUSED);
        check_threads(pool, (const int[]){0, DFL_PAUSED, DFL_ENOMEM}, true, DFL_ENOMEM);
        dfl_pool_free(pool);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_kept_when),
        cmocka_unit_test(frames_are_kept_and_taken),
        cmocka_unit_test(the_last_error_of_a_branch_is_kept),
        cmocka_unit_test(a_failure_without_a_store_is_not_kept),
        cmocka_unit_test(frames_within_frames),
        cmocka_unit_test(foreign_and_damaged_frames_are_refused),
        cmocka_unit_test(what_was_not_taken_is_parked_again),
        cmocka_unit_test(a_pause_that_is_over_stays_over),
        cmocka_unit_test(a_caught_failure_drops_what_was_kept),
        cmocka_unit_test(items_are_kept_in_order),
        cmocka_unit_test(items_that_are_not_kept_are_freed),
        cmocka_unit_test(bytes_that_are_no_items_are_refused),
        cmocka_unit_test(a_pause_that_cannot_be_kept_fails),
        cmocka_unit_test(memory_of_a_run_from_many_threads),
        cmocka_unit_test(a_pause_is_no_failure_of_a_branch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
