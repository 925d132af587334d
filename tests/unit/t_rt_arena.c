/* Arenas: allocation, strings, and knowing what lies where. */
#include "rt.h"

static void a_small_state_costs_a_kilobyte(void **state) {
    (void)state;
    dfl__mem mem = {0};
    assert_non_null(dfl__mem_alloc(&mem, 200));
    assert_non_null(dfl__mem_alloc(&mem, 200));
    assert_true(mem.bytes <= 1024);
    dfl__mem_free(&mem);
    assert_int_equal(mem.bytes, 0);
    dfl__mem_free(&mem);
}

static size_t size_of_round(size_t i) {
    static const size_t sizes[] = {0, 1, 7, 16, 100, 1000, 5000, 8192, 8193, 20000, 70000, 200000};
    return sizes[i % COUNT(sizes)];
}

static void memory_is_aligned_and_apart(void **state) {
    (void)state;
    dfl_ctx *ctx = dfl_ctx_new(NULL);
    enum { N = 400 };
    unsigned char *blocks[N];
    for (size_t i = 0; i < N; i++) {
        blocks[i] = dfl_alloc(ctx, size_of_round(i));
        assert_non_null(blocks[i]);
        assert_int_equal((uintptr_t)blocks[i] % 16, 0);
        memset(blocks[i], (int)i, size_of_round(i));
        dfl_copy(ctx, "abcd", i % 5);
    }
    for (size_t i = 0; i < N; i++) {
        for (size_t at = 0; at < size_of_round(i); at++)
            assert_int_equal(blocks[i][at], i & 255);
        if (size_of_round(i) > 0) {
            assert_true(dfl__mem_holds(ctx->mem, blocks[i]));
            assert_true(dfl__mem_holds(ctx->mem, blocks[i] + size_of_round(i) - 1));
        }
    }
    dfl_ctx_free(ctx);
}

/* Also where malloc aligns to less: else a long list would take its own buffer for none, and copy it for each push. */
static void a_long_list_is_pushed_to_in_place(void **state) {
    (void)state;
    dfl_ctx *ctx = dfl_ctx_new(NULL);
    dfl_i64_list list = {0};
    const int64_t *items = NULL;
    int moves = 0;
    for (int i = 0; i < 100000; i++) {
        assert_int_equal(dfl_i64_list_push(ctx, &list, i), DFL_OK);
        moves += list.items != items;
        items = list.items;
    }
    assert_int_equal((uintptr_t)items % 16, 0);
    assert_true(moves < 20);
    dfl_ctx_free(ctx);
}

static void foreign_addresses_are_not_held(void **state) {
    (void)state;
    dfl__mem mine = {0}, other = {0};
    int local;
    char *before = malloc(100);
    for (int i = 0; i < 300; i++) {
        assert_true(dfl__mem_holds(&mine, dfl__mem_alloc(&mine, 1000)));
        void *foreign = dfl__mem_alloc(&other, 1000);
        assert_true(dfl__mem_holds(&other, foreign));
        assert_false(dfl__mem_holds(&mine, foreign));
    }
    assert_false(dfl__mem_holds(&mine, NULL));
    assert_false(dfl__mem_holds(&mine, &local));
    assert_false(dfl__mem_holds(&mine, before));
    assert_false(dfl__mem_holds(&mine, "constant"));
    assert_false(dfl__mem_holds(&mine, (void *)UINTPTR_MAX));
    dfl__mem_free(&mine);
    dfl__mem_free(&other);
    free(before);
}

static void adopted_memory_is_held(void **state) {
    (void)state;
    dfl__mem into = {0}, from = {0};
    void *blocks[64];
    from.epoch = 7, into.epoch = 3;
    for (size_t i = 0; i < COUNT(blocks); i++)
        blocks[i] = dfl__mem_alloc(i % 2 ? &into : &from, 3000);
    size_t bytes = into.bytes + from.bytes;
    dfl__mem_adopt(&into, &from);
    assert_int_equal(into.bytes, bytes);
    assert_true(into.epoch > 7);
    assert_int_equal(from.bytes, 0);
    for (size_t i = 0; i < COUNT(blocks); i++)
        assert_true(dfl__mem_holds(&into, blocks[i]));
    assert_non_null(dfl__mem_alloc(&from, 10)); /* from may be used again */
    dfl__mem_adopt(&into, &from);
    dfl__mem_free(&into);
    dfl__mem_free(&from);
}

/* The table of pages is only a shortcut: without memory for it everything is still found. */
static void adopting_cannot_fail(void **state) {
    (void)state;
    dfl__mem into = {0}, from = {0};
    void *blocks[40];
    for (size_t i = 0; i < COUNT(blocks); i++)
        blocks[i] = dfl__mem_alloc(i % 2 ? &into : &from, 9000);
    for (int n = 0; n < 50; n++) {
        dfl__mem mem = {0};
        dfl__fail_after(n % 3);
        dfl__mem_adopt(&mem, n % 2 ? &into : &from);
        dfl__fail_after(0);
        dfl__mem_adopt(n % 2 ? &into : &from, &mem);
        dfl__fail_after(-1);
    }
    dfl__fail_after(0);
    dfl__mem_adopt(&into, &from);
    dfl__fail_after(-1);
    for (size_t i = 0; i < COUNT(blocks); i++)
        assert_true(dfl__mem_holds(&into, blocks[i]));
    dfl__mem_free(&into);
}

/* ---- strings ---- */

static void strings_end_with_a_nul(void **state) {
    (void)state;
    dfl_ctx *ctx = dfl_ctx_new(NULL);
    assert_true(says(dfl_copy(ctx, "abcdef", 3), "abc"));
    assert_true(says(dfl_strdup(ctx, "abc"), "abc"));
    assert_true(says(dfl_printf(ctx, "%d-%s", 12, "x"), "12-x"));
    assert_true(says(dfl_copy(ctx, NULL, 0), ""));
    assert_true(says(dfl_strdup(ctx, ""), ""));
    assert_true(says(dfl_strdup(ctx, NULL), ""));
    assert_true(says(dfl_printf(ctx, "%s", ""), ""));
    dfl_str zero = {0};
    assert_true(says(dfl_copy(ctx, zero.p, zero.n), ""));
    assert_int_equal(ctx->flags, 0);
    dfl_ctx_free(ctx);
}

static void printf_of_any_length(void **state) {
    (void)state;
    dfl_ctx *ctx = dfl_ctx_new(NULL);
    for (int width = 1; width < 30000; width = width * 3 / 2 + 1) {
        dfl_str text = dfl_printf(ctx, "%*d|", width, 7);
        assert_int_equal(text.n, width + 1);
        assert_memory_equal(text.p + width - 1, "7|", 3);
    }
    /* Every fill of a chunk, so that texts end on and around its end. */
    for (int i = 0; i < 3000; i++) {
        dfl_str text = dfl_printf(ctx, "%05d", i);
        assert_int_equal(text.n, 5);
        assert_int_equal(atoi(text.p), i);
    }
    dfl_ctx_free(ctx);
}

static void strings_compare_by_bytes(void **state) {
    (void)state;
    static const dfl_str zero = {0};
    assert_true(dfl_str_eq(zero, DFL_STR("")));
    assert_true(dfl_str_eq(DFL_STR("ab"), DFL_STR("ab")));
    assert_false(dfl_str_eq(DFL_STR("ab"), DFL_STR("ac")));
    assert_false(dfl_str_eq(DFL_STR("ab"), DFL_STR("a")));
    assert_int_equal(dfl_str_cmp(zero, DFL_STR("")), 0);
    assert_true(dfl_str_cmp(zero, DFL_STR("a")) < 0);
    assert_true(dfl_str_cmp(DFL_STR("b"), DFL_STR("ab")) > 0);
    assert_true(dfl_str_cmp(DFL_STR("ab"), DFL_STR("abc")) < 0);
    assert_true(dfl_str_cmp(DFL_STR("\x80"), DFL_STR("a")) > 0);
}

/* ---- running out ---- */

static void a_failed_allocation_is_remembered(void **state) {
    (void)state;
    dfl_ctx *ctx = dfl_ctx_new(NULL);
    dfl__fail_after(0);
    assert_null(dfl_alloc(ctx, 10));
    assert_true(ctx->flags & DFL__NOMEM);
    ctx->flags = 0;
    dfl__fail_after(0);
    assert_true(says(dfl_copy(ctx, "abc", 3), ""));
    assert_true(ctx->flags & DFL__NOMEM);
    ctx->flags = 0;
    dfl__fail_after(0);
    assert_true(says(dfl_printf(ctx, "%d", 1), ""));
    assert_true(ctx->flags & DFL__NOMEM);
    ctx->flags = 0;
    assert_null(dfl_alloc(ctx, SIZE_MAX));
    assert_null(dfl_alloc(ctx, SIZE_MAX - 20));
    assert_true(ctx->flags & DFL__NOMEM);
    dfl__fail_after(-1);
    dfl_ctx_free(ctx);
    dfl__fail_after(0);
    assert_null(dfl_ctx_new(NULL));
    dfl_ctx_free(NULL);
}

static void the_ctx_of_a_state_takes_no_allocation(void **state) {
    (void)state;
    dfl__mem mem = {0};
    dfl__fail_after(0);
    dfl_ctx *ctx = dfl__mem_ctx(&mem);
    dfl__fail_after(-1);
    assert_ptr_equal(dfl__mem_ctx(&mem), ctx);
    assert_true((char *)ctx >= (char *)&mem && (char *)ctx + DFL__CTX_BEGIN <= (char *)(&mem + 1));
    assert_true(says(dfl_strdup(ctx, "x"), "x"));
    assert_true(*ctx->cancel == 0 && ctx->index == -1 && ctx->attempt == 1);
    dfl__mem_free(&mem);
}

/* It lies in the state, and ends before what others have to tell of failures: valgrind and ASan see to that. */
static void the_ctx_of_a_state_has_nobody_to_tell_of_a_failure(void **state) {
    (void)state;
    dfl__mem *mem = calloc(1, sizeof *mem);
    dfl_ctx *ctx = dfl__mem_ctx(mem);
    dfl_str answer = DFL_STR("x");
    assert_int_equal(dfl_fail(ctx, 7, "no %d", 1), 7);
    assert_int_equal(dfl_fail(ctx, 0, "no"), 1);
    assert_int_equal(dfl_fatal(ctx, 8, "no"), 8);
    assert_int_equal(dfl_last_error(ctx)->status, DFL_OK);
    assert_int_equal(dfl_interrupt(ctx, DFL_STR("which?"), &answer), DFL_PAUSED);
    assert_int_equal(answer.n, 0);
    dfl_emit(ctx, "seen", (dfl_bytes){NULL, 0});
    assert_null(dfl_user(ctx));
    assert_string_equal(dfl_thread_id(ctx), "");
    assert_int_equal(dfl_attempt(ctx), 1);
    assert_false(dfl_cancelled(ctx));
    assert_true(dfl_time_left(ctx) == INT64_MAX);
    dfl__mem_free(mem);
    free(mem);
}

static void a_ctx_of_ones_own_has_its_user(void **state) {
    (void)state;
    int user;
    dfl_ctx *ctx = dfl_ctx_new(&user);
    assert_ptr_equal(ctx->user, &user);
    assert_null(ctx->run);
    dfl_ctx_free(ctx);
}

static void buffers_grow_and_keep_their_bytes(void **state) {
    (void)state;
    dfl_buf buf = {0};
    for (int i = 0; i < 10000; i++)
        *dfl__buf_room(&buf, 1) = (uint8_t)i;
    for (int i = 0; i < 10000; i++)
        assert_int_equal(buf.p[i], i & 255);
    assert_null(dfl__buf_room(&buf, SIZE_MAX - 5));
    dfl__fail_after(0);
    assert_null(dfl__buf_room(&buf, 1000000));
    assert_int_equal(buf.n, 10000);
    dfl__fail_after(-1);
    dfl_buf_free(&buf);
    assert_null(buf.p);
    dfl_buf_free(&buf);
}

static void every_status_has_a_text(void **state) {
    (void)state;
    for (int status = DFL_EINVAL; status <= DFL_PAUSED; status++)
        assert_string_not_equal(dfl_strerror(status), dfl_strerror(-1000));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_state_costs_a_kilobyte),
        cmocka_unit_test(memory_is_aligned_and_apart),
        cmocka_unit_test(a_long_list_is_pushed_to_in_place),
        cmocka_unit_test(foreign_addresses_are_not_held),
        cmocka_unit_test(adopted_memory_is_held),
        cmocka_unit_test(adopting_cannot_fail),
        cmocka_unit_test(strings_end_with_a_nul),
        cmocka_unit_test(printf_of_any_length),
        cmocka_unit_test(strings_compare_by_bytes),
        cmocka_unit_test(a_failed_allocation_is_remembered),
        cmocka_unit_test(the_ctx_of_a_state_takes_no_allocation),
        cmocka_unit_test(the_ctx_of_a_state_has_nobody_to_tell_of_a_failure),
        cmocka_unit_test(a_ctx_of_ones_own_has_its_user),
        cmocka_unit_test(buffers_grow_and_keep_their_bytes),
        cmocka_unit_test(every_status_has_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
