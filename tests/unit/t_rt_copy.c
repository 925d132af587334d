/* Deep copies: equal, apart from the original, sharing kept, handles as they are. */
#include "rt.h"

static void every_kind_of_value_is_copied(void **state) {
    (void)state;
    for (int n = 0; n <= 100; n = n * 10 + 1) {
        own_state *from = own_state_new(), *to = own_state_new();
        assert_int_equal(fill_every(&from->ctx, &from->s, n), 0);
        assert_int_equal(dfl__copy_value(&to->ctx, &type_every, &to->s, &from->s), DFL_OK);
        assert_ptr_equal(to->s.handle, &from->s);
        own_state_free(from);
        check_every(&to->s, n);
        own_state_free(to);
    }
}

static void constants_are_copied_too(void **state) {
    (void)state;
    dfl_ctx *ctx = dfl_ctx_new(NULL);
    static const double fixed[] = {1, 2, 3};
    dfl_f64_list from = {fixed, 3, 0}, to;
    assert_int_equal(dfl__copy_value(ctx, &type_f64s, &to, &from), DFL_OK);
    assert_ptr_not_equal(to.items, fixed);
    assert_memory_equal(to.items, fixed, sizeof fixed);
    assert_int_equal(to.cap, 3);
    dfl_ctx_free(ctx);
}

static void empty_values_are_empty(void **state) {
    (void)state;
    dfl_ctx *ctx = dfl_ctx_new(NULL);
    dfl_str from = {0}, to;
    assert_int_equal(dfl__copy_value(ctx, &dfl_type_string, &to, &from), DFL_OK);
    assert_true(says(to, ""));
    dfl_f64_list none = {0}, copy;
    assert_int_equal(dfl__copy_value(ctx, &type_f64s, &copy, &none), DFL_OK);
    assert_int_equal(copy.len, 0);
    int32_t number = 7, other;
    assert_int_equal(dfl__copy_value(ctx, &dfl_type_i32, &other, &number), DFL_OK);
    assert_int_equal(other, 7);
    assert_int_equal(ctx->mem->bytes, 0);
    dfl_ctx_free(ctx);
}

static void a_none_is_not_followed(void **state) {
    (void)state;
    dfl_ctx *ctx = dfl_ctx_new(NULL);
    leaf_opt from, to;
    memset(&from, 0xa5, sizeof from);
    from.has = false;
    assert_int_equal(dfl__copy_value(ctx, &type_maybe_leaf, &to, &from), DFL_OK);
    assert_false(to.has);
    dfl_ctx_free(ctx);
}

/* 2^60 strings when each reference is followed by itself. */
static void shared_values_are_copied_once(void **state) {
    (void)state;
    dfl_ctx *ctx = dfl_ctx_new(NULL), *other = dfl_ctx_new(NULL);
    tree top = {DFL_STR("leaf"), {0}}, copy;
    for (int i = 0; i < 60; i++) {
        tree_list two = {0};
        tree_list_push(ctx, &two, top);
        tree_list_push(ctx, &two, top);
        top = (tree){DFL_STR("node"), two};
    }
    assert_int_equal(dfl__copy_value(other, &type_tree, &copy, &top), DFL_OK);
    assert_true(other->mem->bytes < 64 * 1024);
    assert_ptr_equal(copy.kids.items[0].kids.items, copy.kids.items[1].kids.items);
    dfl_ctx_free(ctx);
    for (int i = 0; i < 60; i++)
        copy = copy.kids.items[i % 2];
    assert_true(says(copy.name, "leaf"));
    dfl_ctx_free(other);
}

static void views_of_one_buffer_are_each_copied(void **state) {
    (void)state;
    own_state *from = own_state_new(), *to = own_state_new();
    for (int i = 0; i < 100; i++) {
        dfl_str_list_push(&from->ctx, &from->s.words, dfl_printf(&from->ctx, "%d", i));
        dfl_str_list_list_push(&from->ctx, &from->s.lines, from->s.words);
    }
    assert_int_equal(dfl__copy_value(&to->ctx, &type_every, &to->s, &from->s), DFL_OK);
    own_state_free(from);
    for (uint32_t i = 0; i < 100; i++)
        for (uint32_t k = 0; k <= i; k++)
            assert_int_equal(atoi(to->s.lines.items[i].items[k].p), k);
    own_state_free(to);
}

static void without_memory_a_copy_fails(void **state) {
    (void)state;
    own_state *from = own_state_new();
    assert_int_equal(fill_every(&from->ctx, &from->s, 300), 0);
    int status = DFL_ENOMEM;
    for (int n = 0; status == DFL_ENOMEM; n++) {
        own_state *to = own_state_new();
        dfl__fail_after(n);
        status = dfl__copy_value(&to->ctx, &type_every, &to->s, &from->s);
        dfl__fail_after(-1);
        assert_int_equal(status == DFL_ENOMEM, (to->ctx.flags & DFL__NOMEM) != 0);
        if (status == DFL_OK)
            check_every(&to->s, 300);
        own_state_free(to);
    }
    check_every(&from->s, 300);
    own_state_free(from);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_value_is_copied),
        cmocka_unit_test(constants_are_copied_too),
        cmocka_unit_test(empty_values_are_empty),
        cmocka_unit_test(a_none_is_not_followed),
        cmocka_unit_test(shared_values_are_copied_once),
        cmocka_unit_test(views_of_one_buffer_are_each_copied),
        cmocka_unit_test(without_memory_a_copy_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
