// Layouts: the text of a graph's checkpoints and the types that are made of it; hostile texts; values and
// types held against each other.
#include "rt.h"

#include "internal.h"
#include "layout.h"

static const char text[] = "state\n"
                           "  a: i32\n"
                           "  quotes: map<string, quote[]>\n"
                           "  grid: i8[2][3]\n"
                           "  tree: node?\n"
                           "  m: mood\n"
                           "struct quote\n"
                           "  symbol: string\n"
                           "  price: f64\n"
                           "struct node\n"
                           "  inner: node[]\n"
                           "  raw: bytes\n"
                           "enum mood\n"
                           "  calm = 0\n"
                           "  angry = -7\n"
                           "counters\n"
                           "  steps\n"
                           "  b -> a\n";

static void a_text_becomes_types(void **state) {
    dfl__layout layout;
    const dfl_type *type;
    (void)state;
    assert_int_equal(dfl__layout_parse(text, strlen(text), &layout), DFL_OK);
    type = layout.state;
    assert_int_equal(type->n, 5);
    assert_string_equal(type->members[0].name, "a");
    assert_ptr_equal(type->members[0].type, &dfl_type_i32);
    assert_int_equal(type->members[1].type->kind, DFL_KIND_MAP);
    assert_int_equal(type->members[1].type->elem->kind, DFL_KIND_LIST);
    assert_string_equal(type->members[1].type->elem->elem->members[1].name, "price");
    assert_int_equal(type->members[2].type->n, 3);
    assert_int_equal(type->members[2].type->size, 6);
    assert_int_equal(type->members[3].type->elem->members[0].type->elem->n, 2);
    assert_int_equal(type->members[4].type->values[1].value, -7);
    assert_int_equal(layout.n_counters, 2);
    assert_string_equal(layout.counters[1], "b -> a");
    dfl__layout_free(&layout);
}

static void what_is_no_layout_is_refused(void **state) {
    static const char *const bad[] = {
        "",
        "state",
        "state\n  a\n",
        "state\n  a: unknown\n",
        "state\n  a: i32[0]\n",
        "state\n  a: i32[99999999999999999999]\n",
        "state\n  a: i32[4294967295][4294967295]\n",
        "state\n  a: s\nstruct s\n  s: s\n",
        "state\n  a: s\nstruct s\n  b: t[2]\nstruct t\n  b: s?\n",
        "state\n  a: e\nenum e\n  x = 9999999999\n",
        "state\n  a: e\nenum e\n  x = 1e3\n",
        "state\n  a: map<string, >\n",
        "state\nstate\n",
        "state\nstruct i32\n  a: i32\n",
        "state\nstruct s\nstruct s\n",
        "  a: i32\n",
        "nonsense\n",
    };
    dfl__layout layout;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(dfl__layout_parse(bad[i], strlen(bad[i]), &layout), DFL_ECORRUPT);
    assert_int_equal(dfl__layout_parse("state\n\0\n", 8, &layout), DFL_ECORRUPT);
}

/* Whatever the bytes: refused, or types that can be used. */
static void try_text(const char *p, size_t n) {
    static const uint8_t zeroes[4096];
    dfl__layout layout;
    dfl__mem mem = {0};
    dfl_ctx ctx;
    dfl__in in = {zeroes, zeroes + sizeof zeroes};
    dfl_buf json = {0};
    uint8_t live[64];
    int status = dfl__layout_parse(p, n, &layout);
    if (status != DFL_OK) {
        assert_int_equal(status, DFL_ECORRUPT);
        return;
    }
    dfl__ctx_init(&ctx, &mem);
    memset(live, 0xff, sizeof live);
    if (layout.state->n <= 8 * sizeof live) {
        void *value = dfl_alloc(&ctx, layout.state->size);
        assert_non_null(value);
        dfl__set_zero(layout.state, value);
        (void)dfl__layout_read(&ctx, &layout, live, &in, value);
        (void)dfl__to_json(layout.state, value, &json);
        dfl_buf_free(&json);
    }
    dfl__mem_free(&mem);
    dfl__layout_free(&layout);
}

static void damaged_texts_are_safe(void **state) {
    static const char with[] = "\n :=?[]<>0aquotenode-";
    char copy[sizeof text];
    size_t n = strlen(text);
    (void)state;
    for (size_t i = 0; i <= n; i++)
        try_text(text, i);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < sizeof with; k++) {
            memcpy(copy, text, n);
            copy[i] = with[k];
            try_text(copy, n);
            memmove(copy + i, text + i + 1, n - i - 1);
            try_text(copy, n - 1);
        }
}

static void a_failing_allocation_leaves_nothing(void **state) {
    dfl__layout layout;
    int status = DFL_ENOMEM;
    (void)state;
    for (long i = 0; status != DFL_OK; i++) {
        dfl__fail_after(i);
        status = dfl__layout_parse(text, strlen(text), &layout);
        dfl__fail_after(-1);
        assert_true(status == DFL_OK || status == DFL_ENOMEM);
    }
    dfl__layout_free(&layout);
}

/* What numbers hold others: the whole table. */
static void numbers_are_widened_only(void **state) {
    static const dfl_type *const types[] = {&dfl_type_i8,  &dfl_type_i16, &dfl_type_i32,
                                            &dfl_type_i64, &dfl_type_u8,  &dfl_type_u16,
                                            &dfl_type_u32, &dfl_type_u64, &dfl_type_f32,
                                            &dfl_type_f64};
    static const char *const holds[] = {"i8 i16 i32 i64 f32 f64 ",
                                        "i16 i32 i64 f32 f64 ",
                                        "i32 i64 f64 ",
                                        "i64 ",
                                        "i16 i32 i64 u8 u16 u32 u64 f32 f64 ",
                                        "i32 i64 u16 u32 u64 f32 f64 ",
                                        "i64 u32 u64 f64 ",
                                        "u64 ",
                                        "f32 f64 ",
                                        "f64 "};
    dfl__misfit misfit;
    (void)state;
    for (size_t i = 0; i < 10; i++) {
        char into[64] = "";
        for (size_t k = 0; k < 10; k++)
            if (dfl__converts("x", types[i], types[k], &misfit))
                snprintf(into + strlen(into), sizeof into - strlen(into), "%s ", types[k]->name);
        assert_string_equal(into, holds[i]);
    }
}

static void types_that_hold_themselves_are_compared(void **state) {
    dfl__layout layout;
    dfl__misfit misfit;
    (void)state;
    assert_int_equal(dfl__layout_parse(text, strlen(text), &layout), DFL_OK);
    assert_true(dfl__converts("s", layout.state, layout.state, &misfit));
    assert_false(dfl__converts("s", &dfl_type_bool, layout.state, &misfit));
    assert_string_equal(misfit.field, "s");
    dfl__layout_free(&layout);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_becomes_types),
        cmocka_unit_test(what_is_no_layout_is_refused),
        cmocka_unit_test(damaged_texts_are_safe),
        cmocka_unit_test(a_failing_allocation_leaves_nothing),
        cmocka_unit_test(numbers_are_widened_only),
        cmocka_unit_test(types_that_hold_themselves_are_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
