// Packing: every kind of value both ways, any bytes without harm, and what a type's mark tells apart.
#include "rt.h"

#include "internal.h"

static int unpack_all(dfl_ctx *ctx, const dfl_type *type, void *value, const dfl_buf *buf) {
    dfl__in in = {buf->p, buf->p + buf->n};
    int rc = dfl__unpack(ctx, type, value, &in);
    if (rc == DFL_OK)
        assert_ptr_equal(in.at, in.end);
    return rc;
}

static void every_kind_of_value_comes_back(void **state) {
    (void)state;
    for (int n = 0; n <= 1000; n = n * 10 + 1) {
        own_state *from = own_state_new(), *to = own_state_new();
        dfl_buf buf = {0};
        int mine;
        assert_int_equal(fill_every(&from->ctx, &from->s, n), 0);
        assert_int_equal(dfl__pack(&type_every, &from->s, &buf), DFL_OK);
        own_state_free(from);
        to->s.handle = &mine;
        assert_int_equal(unpack_all(&to->ctx, &type_every, &to->s, &buf), DFL_OK);
        check_every(&to->s, n);
        assert_ptr_equal(to->s.handle, &mine);
        dfl_buf_free(&buf);
        own_state_free(to);
    }
}

static void what_is_unset_comes_back_empty(void **state) {
    own_state *from = own_state_new(), *to = own_state_new();
    dfl_buf buf = {0};
    (void)state;
    assert_int_equal(dfl__pack(&type_every, &from->s, &buf), DFL_OK);
    assert_int_equal(fill_every(&to->ctx, &to->s, 3), 0);
    assert_int_equal(unpack_all(&to->ctx, &type_every, &to->s, &buf), DFL_OK);
    assert_true(says(to->s.text, "") && to->s.words.len == 0 && to->s.counts.len == 0);
    assert_false(to->s.maybe.has || to->s.maybe_leaf.has || to->s.flag);
    assert_int_equal(to->s.data.n, 0);
    dfl_buf_free(&buf);
    own_state_free(from);
    own_state_free(to);
}

static void wide_sums_come_back(void **state) {
    dfl__wide sum = {UINT64_MAX - 1, -2}, back = {0, 0};
    dfl_buf buf = {0};
    (void)state;
    assert_int_equal(dfl__pack(&dfl_type_wide, &sum, &buf), DFL_OK);
    assert_int_equal(buf.n, 16);
    assert_int_equal(unpack_all(NULL, &dfl_type_wide, &back, &buf), DFL_OK);
    assert_true(back.low == sum.low && back.high == sum.high);
    dfl_buf_free(&buf);
}

/* The form is the same on every machine. */
static void the_form_is_little_endian(void **state) {
    static const uint8_t expected[] = {2,    'a',  'b',  1,    0xff, 0xfe, 0xff,
                                       0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    leaf value = {DFL_STR("ab"), {(const uint8_t *)"\xff", 1}, -2};
    dfl_buf buf = {0};
    (void)state;
    assert_int_equal(dfl__pack(&type_leaf, &value, &buf), DFL_OK);
    assert_int_equal(buf.n, sizeof expected);
    assert_memory_equal(buf.p, expected, sizeof expected);
    dfl_buf_free(&buf);
}

/* ---- depth ---- */

static tree nested(dfl_ctx *ctx, int depth) {
    tree top = {DFL_STR("leaf"), {0}};
    for (int i = 0; i < depth; i++) {
        tree around = {DFL_STR(""), {0}};
        tree_list_push(ctx, &around.kids, top);
        top = around;
    }
    return top;
}

static void depth_has_a_limit_on_both_sides(void **state) {
    dfl_ctx *ctx = dfl_ctx_new(NULL);
    tree fits = nested(ctx, DFL__MAX_DEPTH - 1), deeper = nested(ctx, DFL__MAX_DEPTH), back;
    dfl_buf buf = {0};
    uint8_t *more;
    (void)state;
    assert_int_equal(dfl__pack(&type_tree, &fits, &buf), DFL_OK);
    assert_int_equal(unpack_all(ctx, &type_tree, &back, &buf), DFL_OK);
    for (int i = 0; i < DFL__MAX_DEPTH - 1; i++) {
        assert_int_equal(back.kids.len, 1);
        back = back.kids.items[0];
    }
    assert_true(says(back.name, "leaf"));
    buf.n = 0;
    assert_int_equal(dfl__pack(&type_tree, &deeper, &buf), DFL_EINVAL);
    /* name "", one kid: as deep as there are bytes */
    buf.n = 0;
    more = dfl__buf_room(&buf, 2000000);
    for (size_t i = 0; i < buf.n; i++)
        more[i] = i % 2;
    assert_int_equal(unpack_all(ctx, &type_tree, &back, &buf), DFL_ECORRUPT);
    dfl_buf_free(&buf);
    dfl_ctx_free(ctx);
}

/* ---- hostile bytes ---- */

static void a_part_is_corrupt(void **state) {
    own_state *from = own_state_new(), *to = own_state_new();
    dfl_buf buf = {0};
    (void)state;
    assert_int_equal(fill_every(&from->ctx, &from->s, 10), 0);
    assert_int_equal(dfl__pack(&type_every, &from->s, &buf), DFL_OK);
    for (size_t n = 0; n < buf.n; n++) {
        /* A copy of its own, so that reading past its end is seen. */
        uint8_t *part = malloc(n ? n : 1);
        dfl_buf cut = {part, n, n};
        memcpy(part, buf.p, n);
        assert_int_equal(unpack_all(&to->ctx, &type_every, &to->s, &cut), DFL_ECORRUPT);
        free(part);
    }
    dfl_buf_free(&buf);
    own_state_free(from);
    own_state_free(to);
}

static void flipped_bits_do_no_harm(void **state) {
    own_state *from = own_state_new();
    dfl_buf buf = {0};
    (void)state;
    assert_int_equal(fill_every(&from->ctx, &from->s, 3), 0);
    assert_int_equal(dfl__pack(&type_every, &from->s, &buf), DFL_OK);
    for (size_t bit = 0; bit < buf.n * 8; bit++) {
        own_state *to = own_state_new();
        dfl__in in = {buf.p, buf.p + buf.n};
        int rc;
        buf.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
        rc = dfl__unpack(&to->ctx, &type_every, &to->s, &in);
        assert_true(rc == DFL_OK || rc == DFL_ECORRUPT);
        assert_true(to->s.mem.bytes < 1000000);
        buf.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
        own_state_free(to);
    }
    dfl_buf_free(&buf);
    own_state_free(from);
}

static void check_corrupt(const dfl_type *type, const char *bytes, size_t n) {
    dfl_ctx *ctx = dfl_ctx_new(NULL);
    union {
        void *align;
        char bytes[256];
    } value;
    dfl_buf buf = {(uint8_t *)(uintptr_t)bytes, n, n};
    assert_true(type->size <= sizeof value);
    assert_int_equal(unpack_all(ctx, type, &value, &buf), DFL_ECORRUPT);
    assert_true(ctx->mem->bytes < 100000);
    dfl_ctx_free(ctx);
}

#define CORRUPT(TYPE, BYTES) check_corrupt(&TYPE, BYTES, sizeof(BYTES) - 1)

static void what_no_packing_makes_is_corrupt(void **state) {
    (void)state;
    CORRUPT(dfl_type_bool, "\x02");
    CORRUPT(type_mood, "\x01\x00\x00\x00");
    CORRUPT(type_maybe, "\x02\x00\x00\x00\x00");
    CORRUPT(dfl_type_string, "\x05"
                             "abcd");
    CORRUPT(dfl_type_string, "\x80\x00");                                /* not the shortest */
    CORRUPT(dfl_type_bytes, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"); /* 2^64 - 1 bytes */
    CORRUPT(type_f64s, "\xff\xff\xff\xff\x0f");                          /* 2^32 - 1 items */
    CORRUPT(type_f64s, "\x02"
                       "1234567");
    CORRUPT(type_words, "\xff\xff\xff\xff\x0f\x00\x00\x00");
    CORRUPT(type_counts, "\x02\x01"
                         "a\x01\x00\x00\x00\x01"
                         "a\x02\x00\x00\x00"); /* a twice */
}

static void memory_may_run_out_anywhere(void **state) {
    own_state *from = own_state_new();
    dfl_buf buf = {0};
    long left;
    int rc = DFL_ENOMEM;
    (void)state;
    assert_int_equal(fill_every(&from->ctx, &from->s, 100), 0);
    for (left = 0; rc != DFL_OK; left++) {
        dfl_buf_free(&buf);
        dfl__fail_after(left);
        rc = dfl__pack(&type_every, &from->s, &buf);
        dfl__fail_after(-1);
        assert_true(rc == DFL_OK || rc == DFL_ENOMEM);
    }
    for (rc = DFL_ENOMEM, left = 0; rc != DFL_OK; left++) {
        own_state *to = own_state_new();
        dfl__fail_after(left);
        rc = unpack_all(&to->ctx, &type_every, &to->s, &buf);
        dfl__fail_after(-1);
        assert_true(rc == DFL_OK || rc == DFL_ENOMEM);
        own_state_free(to);
    }
    assert_true(left > 3);
    dfl_buf_free(&buf);
    own_state_free(from);
}

/* ---- marks ---- */

static void marks_tell_types_apart(void **state) {
    static const dfl_type *const types[] = {
        &dfl_type_bool, &dfl_type_i32,  &dfl_type_u32,  &dfl_type_string, &dfl_type_bytes,
        &type_mood,     &type_leaf,     &type_f64s,     &type_words,      &type_lines,
        &type_tree,     &type_pair,     &type_counts,   &type_by_name,    &type_maybe,
        &type_every,    &dfl_type_wide, &dfl_type_fault};
    dfl_member renamed[COUNT(leaf_members)];
    dfl_type other = type_leaf;
    (void)state;
    for (size_t i = 0; i < COUNT(types); i++) {
        assert_true(dfl__type_mark(types[i]) == dfl__type_mark(types[i]));
        for (size_t k = 0; k < i; k++)
            assert_true(dfl__type_mark(types[i]) != dfl__type_mark(types[k]));
    }
    memcpy(renamed, leaf_members, sizeof renamed);
    other.members = renamed;
    other.name = "elsewhere"; /* what it is called makes no difference, nor where members lie */
    renamed[1].offset += 8;
    assert_true(dfl__type_mark(&other) == dfl__type_mark(&type_leaf));
    renamed[1].name = "date";
    assert_true(dfl__type_mark(&other) != dfl__type_mark(&type_leaf));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_value_comes_back),
        cmocka_unit_test(what_is_unset_comes_back_empty),
        cmocka_unit_test(wide_sums_come_back),
        cmocka_unit_test(the_form_is_little_endian),
        cmocka_unit_test(depth_has_a_limit_on_both_sides),
        cmocka_unit_test(a_part_is_corrupt),
        cmocka_unit_test(flipped_bits_do_no_harm),
        cmocka_unit_test(what_no_packing_makes_is_corrupt),
        cmocka_unit_test(memory_may_run_out_anywhere),
        cmocka_unit_test(marks_tell_types_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
