/* JSON: what is written, what is read back, and what is refused, where and why. */
#include <locale.h>
#include <math.h>

#include "../../runtime/json.h"
#include "rt.h"

static char *json_of(const dfl_type *type, const void *value) {
    dfl_buf buf = {0};
    assert_int_equal(dfl__to_json(type, value, &buf), DFL_OK);
    *dfl__buf_room(&buf, 1) = '\0';
    return (char *)buf.p;
}

static void check_json(const dfl_type *type, const void *value, const char *expected) {
    char *text = json_of(type, value);
    assert_string_equal(text, expected);
    free(text);
}

#define CHECK(T, type, value, expected)                                                            \
    do {                                                                                           \
        T v = value;                                                                               \
        check_json(&(type), &v, expected);                                                         \
    } while (0)

/* The value of text, in a ctx that is shared by a test. */
static int read_json(dfl_ctx *ctx, const dfl_type *type, void *value, const char *text,
                     dfl_error *error) {
    /* A copy of exactly its size: a read beyond the end is noticed. */
    size_t n = strlen(text);
    char *exact = malloc(n + !n);
    memcpy(exact, text, n);
    int status = dfl__from_json(ctx, type, value, exact, n, error);
    free(exact);
    return status;
}

static int setup(void **state) {
    *state = dfl_ctx_new(NULL);
    return *state ? 0 : -1;
}

static int teardown(void **state) {
    dfl_ctx_free(*state);
    return 0;
}

/* ---- writing ---- */

static void integers_are_written_in_full(void **state) {
    (void)state;
    CHECK(int8_t, dfl_type_i8, INT8_MIN, "-128");
    CHECK(int16_t, dfl_type_i16, INT16_MIN, "-32768");
    CHECK(int32_t, dfl_type_i32, INT32_MIN, "-2147483648");
    CHECK(int64_t, dfl_type_i64, INT64_MIN, "-9223372036854775808");
    CHECK(uint8_t, dfl_type_u8, UINT8_MAX, "255");
    CHECK(uint16_t, dfl_type_u16, UINT16_MAX, "65535");
    CHECK(uint32_t, dfl_type_u32, UINT32_MAX, "4294967295");
    CHECK(uint64_t, dfl_type_u64, UINT64_MAX, "18446744073709551615");
    CHECK(bool, dfl_type_bool, true, "true");
    CHECK(bool, dfl_type_bool, false, "false");
}

static void floats_are_written_with_few_digits(void **state) {
    (void)state;
    static const struct {
        double v;
        const char *text;
    } cases[] = {
        {0.0, "0"},
        {-0.0, "-0"},
        {1.0, "1"},
        {0.1, "0.1"},
        {-1.5, "-1.5"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1e15, "1e+15"},
        {123456789012345.0, "123456789012345"},
        {1e300, "1e+300"},
        {5e-324, "4.94065645841247e-324"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {1.0 / 3, "0.3333333333333333"},
        {(double)NAN, "\"NaN\""},
        {(double)INFINITY, "\"Infinity\""},
        {-(double)INFINITY, "\"-Infinity\""},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        check_json(&dfl_type_f64, &cases[i].v, cases[i].text);
    CHECK(float, dfl_type_f32, 0.1f, "0.1");
    CHECK(float, dfl_type_f32, 16777216.0f, "16777216");
    CHECK(float, dfl_type_f32, 3.4028235e38f, "3.4028235e+38");
}

static void strings_are_escaped(void **state) {
    (void)state;
    CHECK(dfl_str, dfl_type_string, {0}, "\"\"");
    CHECK(dfl_str, dfl_type_string, DFL_STR("a\"b\\c/d"), "\"a\\\"b\\\\c/d\"");
    CHECK(dfl_str, dfl_type_string, DFL_STR("\b\f\n\r\t\x01\x1f"),
          "\"\\b\\f\\n\\r\\t\\u0001\\u001f\"");
    CHECK(dfl_str, dfl_type_string, DFL_STR("a\0b"), "\"a\\u0000b\"");
    CHECK(dfl_str, dfl_type_string, DFL_STR("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"),
          "\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"");
}

#define FFFD "\xef\xbf\xbd"

static void bytes_that_are_no_utf8_are_replaced(void **state) {
    (void)state;
    CHECK(dfl_str, dfl_type_string,
          DFL_STR("a\xff"
                  "b"),
          "\"a" FFFD "b\"");
    CHECK(dfl_str, dfl_type_string, DFL_STR("\xc3"), "\"" FFFD "\"");
    CHECK(dfl_str, dfl_type_string, DFL_STR("\xc0\x80"), "\"" FFFD FFFD "\"");
    CHECK(dfl_str, dfl_type_string, DFL_STR("\xed\xa0\x80"), "\"" FFFD FFFD FFFD "\"");
    CHECK(dfl_str, dfl_type_string, DFL_STR("\xf4\x90\x80\x80"), "\"" FFFD FFFD FFFD FFFD "\"");
}

static void every_kind_has_a_form(void **state) {
    (void)state;
    own_state *own = own_state_new();
    assert_int_equal(fill_every(&own->ctx, &own->s, 2), 0);
    check_json(&type_every, &own->s,
               "{\"flag\":true,\"i8\":-8,\"i64\":-9223372036854775808,"
               "\"u64\":18446744073709551615,\"f32\":0.1,\"f64\":-0.1,\"text\":\"text of 2\","
               "\"data\":\"PDI+\",\"mood\":\"angry\","
               "\"leaf\":{\"name\":\"leaf 2\",\"data\":\"PDI+\",\"at\":2},"
               "\"numbers\":[0,1],\"words\":[\"word 0\",\"word 1\"],"
               "\"leaves\":[{\"name\":\"leaf 0\",\"data\":\"PDA+\",\"at\":0},"
               "{\"name\":\"leaf 1\",\"data\":\"PDE+\",\"at\":1}],"
               "\"lines\":[[\"line 0\"],[\"line 1\"]],"
               "\"tree\":{\"name\":\"root\",\"kids\":[{\"name\":\"kid 0\",\"kids\":[]},"
               "{\"name\":\"kid 1\",\"kids\":[]}]},\"pair\":[\"left\",\"right\"],"
               "\"counts\":{\"count 0\":0,\"count 1\":1},"
               "\"by_name\":{\"name 0\":{\"name\":\"leaf 0\",\"data\":\"PDA+\",\"at\":0},"
               "\"name 1\":{\"name\":\"leaf 1\",\"data\":\"PDE+\",\"at\":1}},"
               "\"maybe\":2,\"maybe_leaf\":{\"name\":\"leaf 2\",\"data\":\"PDI+\",\"at\":2},"
               "\"handle\":null}");
    own->s.maybe.has = own->s.maybe_leaf.has = false;
    check_json(&type_maybe, &own->s.maybe, "null");
    check_json(&type_maybe_leaf, &own->s.maybe_leaf, "null");
    own_state_free(own);
    CHECK(mood, type_mood, (mood)3, "3");
    CHECK(dfl_f64_list, type_f64s, {0}, "[]");
    CHECK(dfl_i32_map, type_counts, {0}, "{}");
}

static tree_list nested(dfl_ctx *ctx, int depth) {
    tree_list kids = {0};
    for (int i = 0; i < depth; i++) {
        tree_list one = {0};
        tree_list_push(ctx, &one, (tree){DFL_STR(""), kids});
        kids = one;
    }
    return kids;
}

static void depth_has_a_limit_both_ways(void **state) {
    dfl_ctx *ctx = *state;
    dfl_buf buf = {0};
    tree_list kids = nested(ctx, DFL__JSON_DEPTH / 2 - 1), back = {0};
    assert_int_equal(dfl__to_json(&type_trees, &kids, &buf), DFL_OK);
    assert_int_equal(dfl__from_json(ctx, &type_trees, &back, (char *)buf.p, buf.n, NULL), DFL_OK);
    size_t n = buf.n;
    kids = nested(ctx, DFL__JSON_DEPTH);
    assert_int_equal(dfl__to_json(&type_trees, &kids, &buf), DFL_EINVAL);
    assert_int_equal(buf.n, n);
    dfl_buf_free(&buf);
    char deep[9 * DFL__JSON_DEPTH + 1];
    for (int i = 0; i < DFL__JSON_DEPTH; i++)
        memcpy(deep + 9 * i, "[{\"kids\":", 10);
    dfl_error error;
    assert_int_equal(read_json(ctx, &type_trees, &back, deep, &error), DFL_EINVAL);
    assert_string_equal(error.message, "1:4501: nested deeper than 1000");
}

/* ---- reading ---- */

static void what_was_written_is_read_back(void **state) {
    (void)state;
    for (int n = 0; n <= 100; n = n * 10 + 1) {
        own_state *own = own_state_new(), *back = own_state_new();
        assert_int_equal(fill_every(&own->ctx, &own->s, n), 0);
        char *text = json_of(&type_every, &own->s);
        back->s.handle = back;
        assert_int_equal(read_json(&back->ctx, &type_every, &back->s, text, NULL), DFL_OK);
        check_every(&back->s, n);
        assert_ptr_equal(back->s.handle, back);
        free(text);
        own_state_free(own);
        own_state_free(back);
    }
}

static void every_float_comes_back(void **state) {
    dfl_ctx *ctx = *state;
    uint64_t bits = 1;
    for (int i = 0; i < 20000; i++) {
        double v, back;
        float f, f_back;
        bits = bits * 6364136223846793005u + 1442695040888963407u;
        memcpy(&v, &bits, sizeof v);
        memcpy(&f, (char *)&bits + 4, sizeof f);
        if (i % 2 && isfinite(v))
            v = round(v * 100) / 100;
        char *text = json_of(&dfl_type_f64, &v);
        assert_int_equal(read_json(ctx, &dfl_type_f64, &back, text, NULL), DFL_OK);
        assert_true(memcmp(&v, &back, sizeof v) == 0 || (isnan(v) && isnan(back)));
        free(text);
        text = json_of(&dfl_type_f32, &f);
        assert_int_equal(read_json(ctx, &dfl_type_f32, &f_back, text, NULL), DFL_OK);
        assert_true(memcmp(&f, &f_back, sizeof f) == 0 || (isnan(f) && isnan(f_back)));
        free(text);
    }
}

/* strtod of the C locale is the reference for what is not read exactly at once. */
static void numbers_of_every_form(void **state) {
    dfl_ctx *ctx = *state;
    static const char *const cases[] = {
        "0",
        "-0",
        "1",
        "1.5",
        "1e3",
        "1E+3",
        "1e-3",
        "0.1",
        "123456789012345678901234567890",
        "9007199254740993",
        "9007199254740992.99999999999999999999",
        "1e22",
        "1e23",
        "1e-22",
        "1e-23",
        "2.2250738585072011e-308",
        "5e-324",
        "1e-400",
        "1.7976931348623157e308",
        "0.00000000000000000000000000000000000000000000000000000000000000000000000000001",
        "1000000000000000000000000000000000000000000000000000000000000000000000000000e-70",
        "8.5e-1",
        "0e999999999",
        "0.5e00000000000000000000000001"};
    for (size_t i = 0; i < COUNT(cases); i++) {
        double v = -1;
        float f = -1;
        assert_int_equal(read_json(ctx, &dfl_type_f64, &v, cases[i], NULL), DFL_OK);
        assert_true(v == strtod(cases[i], NULL));
        if (fabs(strtod(cases[i], NULL)) > 1e38)
            continue;
        assert_int_equal(read_json(ctx, &dfl_type_f32, &f, cases[i], NULL), DFL_OK);
        assert_true(f == strtof(cases[i], NULL));
    }
}

static void the_locale_makes_no_difference(void **state) {
    dfl_ctx *ctx = *state;
    static const char *const commas[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE"};
    bool found = false;
    for (size_t i = 0; i < COUNT(commas) && !found; i++)
        found = setlocale(LC_NUMERIC, commas[i]) != NULL;
    if (!found)
        skip();
    double v = 0.1 + 0.2, back = 0;
    char *text = json_of(&dfl_type_f64, &v);
    int status = read_json(ctx, &dfl_type_f64, &back, text, NULL);
    setlocale(LC_NUMERIC, "C");
    assert_string_equal(text, "0.30000000000000004");
    assert_int_equal(status, DFL_OK);
    assert_true(v == back);
    free(text);
}

static void strings_are_decoded(void **state) {
    dfl_ctx *ctx = *state;
    static const struct {
        const char *text;
        dfl_str value;
    } cases[] = {
        {"\"\"", {"", 0}},
        {" \"a\" ", {"a", 1}},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", {"\"\\/\b\f\n\r\t", 8}},
        {"\"\\u0041\\u00e9\\u20AC\"", {"A\xc3\xa9\xe2\x82\xac", 6}},
        {"\"\\ud83d\\ude00\"", {"\xf0\x9f\x98\x80", 4}},
        {"\"a\\u0000b\"", {"a\0b", 3}},
        {"\"\xc3\xa9\x7f\"", {"\xc3\xa9\x7f", 3}},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        dfl_str v;
        assert_int_equal(read_json(ctx, &dfl_type_string, &v, cases[i].text, NULL), DFL_OK);
        assert_true(dfl_str_eq(v, cases[i].value));
        assert_int_equal(v.p[v.n], 0);
    }
}

static void base64_of_every_length(void **state) {
    dfl_ctx *ctx = *state;
    uint8_t bytes[100];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 37 + 200);
    for (size_t n = 0; n <= sizeof bytes; n++) {
        dfl_bytes v = {bytes, n}, back;
        char *text = json_of(&dfl_type_bytes, &v);
        assert_int_equal(read_json(ctx, &dfl_type_bytes, &back, text, NULL), DFL_OK);
        assert_int_equal(back.n, n);
        assert_memory_equal(back.p, bytes, n);
        free(text);
    }
}

static void space_is_allowed_between_tokens(void **state) {
    dfl_ctx *ctx = *state;
    leaf v = {.at = 7};
    assert_int_equal(
        read_json(ctx, &type_leaf, &v, " {\n\"name\" :\t\"x\" ,\r\"data\": \"\" } ", NULL), DFL_OK);
    assert_true(says(v.name, "x"));
    assert_int_equal(v.at, 7); /* absent: as it was */
}

static void lists_and_maps_are_replaced_as_wholes(void **state) {
    dfl_ctx *ctx = *state;
    static const double numbers[] = {1, 2, 3};
    dfl_f64_list list = {numbers, 3, 0};
    assert_int_equal(read_json(ctx, &type_f64s, &list, "[4]", NULL), DFL_OK);
    assert_true(list.len == 1 && list.items[0] == 4 && numbers[0] == 1);
    dfl_i32_map map = {0};
    dfl_i32_map_put(ctx, &map, DFL_STR("old"), 1);
    assert_int_equal(read_json(ctx, &type_counts, &map, "{\"new\":2}", NULL), DFL_OK);
    assert_true(map.len == 1 && !dfl_i32_map_get(&map, DFL_STR("old")));
}

static void options_take_null_and_values(void **state) {
    dfl_ctx *ctx = *state;
    dfl_i32_opt v = {true, 5};
    assert_int_equal(read_json(ctx, &type_maybe, &v, "null", NULL), DFL_OK);
    assert_false(v.has);
    assert_int_equal(read_json(ctx, &type_maybe, &v, "6", NULL), DFL_OK);
    assert_true(v.has && v.value == 6);
    leaf_opt l;
    memset(&l, 0xa5, sizeof l);
    l.has = false;
    assert_int_equal(read_json(ctx, &type_maybe_leaf, &l, "{\"at\":3}", NULL), DFL_OK);
    assert_true(l.has && l.value.at == 3 && l.value.name.n == 0);
}

static void floats_that_are_no_numbers(void **state) {
    dfl_ctx *ctx = *state;
    double v;
    float f;
    assert_int_equal(read_json(ctx, &dfl_type_f64, &v, "\"NaN\"", NULL), DFL_OK);
    assert_true(isnan(v));
    assert_int_equal(read_json(ctx, &dfl_type_f64, &v, "\"-Infinity\"", NULL), DFL_OK);
    assert_true(isinf(v) && v < 0);
    assert_int_equal(read_json(ctx, &dfl_type_f32, &f, "\"Infinity\"", NULL), DFL_OK);
    assert_true(isinf(f) && f > 0);
}

/* ---- refusing ---- */

static void errors_say_where_and_why(void **state) {
    dfl_ctx *ctx = *state;
    static const struct {
        const dfl_type *type;
        const char *text, *message;
    } cases[] = {
        {&dfl_type_i8, "", "1:1: expected an integer, saw the end"},
        {&dfl_type_i8, "128", "1:1: 128 is out of range for i8"},
        {&dfl_type_i8, "-129", "1:1: -129 is out of range for i8"},
        {&dfl_type_u8, " -1", "1:2: -1 is out of range for u8"},
        {&dfl_type_u64, "18446744073709551616",
         "1:1: 18446744073709551616 is out of range for u64"},
        {&dfl_type_i64, "9223372036854775808", "1:1: 9223372036854775808 is out of range for i64"},
        {&dfl_type_i64, "11111111112222222222333333333344444444445555",
         "1:1: 1111111111222222222233333333334444444444... is out of range for i64"},
        {&dfl_type_i8, "1.0", "1:1: expected an integer, saw a fraction or an exponent"},
        {&dfl_type_i8, "1e1", "1:1: expected an integer, saw a fraction or an exponent"},
        {&dfl_type_i8, "01", "1:1: a number with a leading zero"},
        {&dfl_type_i8, "-", "1:2: a number without digits"},
        {&dfl_type_i8, "+1", "1:1: expected an integer, saw '+'"},
        {&dfl_type_i8, "1 1", "1:3: more text behind the value"},
        {&dfl_type_i8, "\"1\"", "1:1: expected an integer, saw a string"},
        {&dfl_type_f64, "1.", "1:3: a point without digits behind it"},
        {&dfl_type_f64, ".5", "1:1: expected a number, saw '.'"},
        {&dfl_type_f64, "1e", "1:3: an exponent without digits"},
        {&dfl_type_f64, "1e999", "1:1: 1e999 is out of range for f64"},
        {&dfl_type_f32, "1e39", "1:1: 1e39 is out of range for f32"},
        {&dfl_type_f64, "\"nan\"", "1:1: expected a number, saw a string"},
        {&dfl_type_f64, "NaN", "1:1: expected a number, saw 'N'"},
        {&dfl_type_bool, "1", "1:1: expected true or false, saw a number"},
        {&dfl_type_bool, "tru", "1:1: expected true or false, saw a bool"},
        {&dfl_type_string, "null", "1:1: expected a string, saw null"},
        {&dfl_type_string, "\"abc", "1:5: a string without its end"},
        {&dfl_type_string, "\"abc\\", "1:5: a string without its end"},
        {&dfl_type_string, "\"a\nb\"", "1:3: a control character in a string"},
        {&dfl_type_string, "\"\\x\"", "1:2: an unknown escape"},
        {&dfl_type_string, "\"\\u12g4\"", "1:2: \\u without four hexadecimal digits"},
        {&dfl_type_string, "\"\\ud800\"", "1:2: half a surrogate pair"},
        {&dfl_type_string, "\"\\ud800\\u0041\"", "1:2: half a surrogate pair"},
        {&dfl_type_string, "\"\\udc00\"", "1:2: half a surrogate pair"},
        {&dfl_type_string, "\"a\xff\"", "1:3: invalid UTF-8"},
        {&dfl_type_string, "\"\xed\xa0\x80\"", "1:2: invalid UTF-8"},
        {&dfl_type_bytes, "\"abc\"", "1:1: not base64"},
        {&dfl_type_bytes, "\"ab=c\"", "1:1: not base64"},
        {&dfl_type_bytes, "\"====\"", "1:1: not base64"},
        {&dfl_type_bytes, "\"AB==\"", "1:1: not base64"},
        {&type_mood, "\"sad\"", "1:1: 'sad' is no value of mood"},
        {&type_mood, "4294967296", "1:1: 4294967296 is out of range for mood"},
        {&type_leaf, "[]", "1:1: expected an object, saw an array"},
        {&type_leaf, "{\"nam\":1}", "1:2: unknown field 'nam'"},
        {&type_leaf, "{\n \"at\":1,\n \"at\":2}", "3:2: field 'at' is there twice"},
        {&type_leaf, "{\"at\":1,}", "1:9: expected a name in quotes, saw '}'"},
        {&type_leaf, "{\"at\" 1}", "1:7: expected ':', saw a number"},
        {&type_leaf, "{\"at\":1 \"name\":\"\"}", "1:9: expected ',' or '}', saw a string"},
        {&type_leaf, "{at:1}", "1:2: expected a name in quotes, saw 'a'"},
        {&type_leaf, "{", "1:2: expected a name in quotes, saw the end"},
        {&type_f64s, "{}", "1:1: expected an array, saw an object"},
        {&type_f64s, "[1,]", "1:4: expected a number, saw ']'"},
        {&type_f64s, "[1", "1:3: expected ',' or ']', saw the end"},
        {&type_f64s, "[1 2]", "1:4: expected ',' or ']', saw a number"},
        {&type_pair, "[\"a\"]", "1:5: 1 of the 2 items of string[2]"},
        {&type_pair, "[\"a\",\"b\",\"c\"]", "1:10: more than the 2 items of string[2]"},
        {&type_counts, "{\"a\":1,\"a\":2}", "1:8: key 'a' is there twice"},
        {&dfl_type_handle, "1", "1:1: expected null, saw a number"},
        {&dfl_type_i8,
         "\xef\xbb\xbf"
         "1",
         "1:1: expected an integer, saw another character"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        dfl_error error;
        uint64_t value[16], before[16];
        memset(value, 0, sizeof value);
        memset(before, 0, sizeof before);
        assert_int_equal(read_json(ctx, cases[i].type, value, cases[i].text, &error), DFL_EINVAL);
        assert_string_equal(error.message, cases[i].message);
        assert_int_equal(error.status, DFL_EINVAL);
        assert_memory_equal(value, before, sizeof value);
    }
    assert_int_equal(ctx->flags & DFL__NOMEM, 0);
}

/* A good text, cut at every place and with every byte changed in a few ways. */
static void any_bytes_are_safe(void **state) {
    (void)state;
    own_state *own = own_state_new();
    assert_int_equal(fill_every(&own->ctx, &own->s, 2), 0);
    char *text = json_of(&type_every, &own->s);
    size_t n = strlen(text);
    for (size_t i = 0; i < n; i++) {
        own_state *back = own_state_new();
        char *cut = malloc(i + !i);
        memcpy(cut, text, i);
        assert_int_equal(dfl__from_json(&back->ctx, &type_every, &back->s, cut, i, NULL),
                         DFL_EINVAL);
        free(cut);
        static const char bytes[] = "\0\xff\"\\{}[],:x0-\x80";
        for (size_t k = 0; k < sizeof bytes; k++) {
            char old = text[i];
            text[i] = bytes[k];
            dfl__from_json(&back->ctx, &type_every, &back->s, text, n, NULL);
            text[i] = old;
        }
        own_state_free(back);
    }
    free(text);
    own_state_free(own);
}

static void without_memory_the_value_is_as_it_was(void **state) {
    (void)state;
    own_state *own = own_state_new();
    assert_int_equal(fill_every(&own->ctx, &own->s, 60), 0);
    char *text = json_of(&type_every, &own->s);
    dfl_error error;
    int status = DFL_ENOMEM;
    for (int n = 0; status == DFL_ENOMEM; n++) {
        own_state *back = own_state_new();
        back->s.i8 = 9;
        dfl__fail_after(n);
        status = read_json(&back->ctx, &type_every, &back->s, text, &error);
        dfl__fail_after(-1);
        if (status == DFL_OK)
            check_every(&back->s, 60);
        else
            assert_true(back->s.i8 == 9 && back->s.words.len == 0 && error.status == DFL_ENOMEM);
        own_state_free(back);
    }
    dfl_buf buf = {0};
    for (int n = 0; n < 3; n++) {
        dfl__fail_after(n);
        assert_int_equal(dfl__to_json(&type_every, &own->s, &buf), DFL_ENOMEM);
        assert_int_equal(buf.n, 0);
        dfl__fail_after(-1);
        dfl_buf_free(&buf);
    }
    free(text);
    own_state_free(own);
}

/* The start of a value is what the whole begins with, at every length. */
static void a_value_is_cut_where_it_is_to_be(void **state) {
    own_state *own = own_state_new();
    (void)state;
    assert_int_equal(fill_every(&own->ctx, &own->s, 2), 0);
    char *whole = json_of(&type_every, &own->s);
    size_t n = strlen(whole);
    for (size_t limit = 0; limit <= n + 1; limit++) {
        dfl_buf buf = {0};
        bool cut = limit >= n;
        memcpy(dfl__buf_room(&buf, 2), "ab", 2);
        assert_int_equal(dfl__json_start(&type_every, &own->s, &buf, limit, &cut), DFL_OK);
        assert_int_equal(cut, limit < n);
        /* Bytes are cut between their groups of four. */
        assert_true(buf.n - 2 <= limit && (limit >= n || buf.n - 2 + 4 > limit));
        assert_memory_equal(buf.p, "ab", 2);
        assert_memory_equal(buf.p + 2, whole, buf.n - 2);
        dfl_buf_free(&buf);
    }
    free(whole);
    own_state_free(own);
}

static void a_text_is_a_string(void **state) {
    dfl_buf buf = {0};
    (void)state;
    assert_int_equal(dfl__json_text("a\"\n\xff", 4, &buf), DFL_OK);
    assert_int_equal(buf.n, 11 - 1);
    assert_memory_equal(buf.p, "\"a\\\"\\n\xef\xbf\xbd\"", buf.n);
    dfl_buf_free(&buf);
    dfl__fail_after(0);
    assert_int_equal(dfl__json_text("a", 1, &buf), DFL_ENOMEM);
    dfl__fail_after(-1);
    assert_int_equal(buf.n, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_are_written_in_full),
        cmocka_unit_test(floats_are_written_with_few_digits),
        cmocka_unit_test(strings_are_escaped),
        cmocka_unit_test(bytes_that_are_no_utf8_are_replaced),
        cmocka_unit_test(every_kind_has_a_form),
        cmocka_unit_test_setup_teardown(depth_has_a_limit_both_ways, setup, teardown),
        cmocka_unit_test(what_was_written_is_read_back),
        cmocka_unit_test_setup_teardown(every_float_comes_back, setup, teardown),
        cmocka_unit_test_setup_teardown(numbers_of_every_form, setup, teardown),
        cmocka_unit_test_setup_teardown(the_locale_makes_no_difference, setup, teardown),
        cmocka_unit_test_setup_teardown(strings_are_decoded, setup, teardown),
        cmocka_unit_test_setup_teardown(base64_of_every_length, setup, teardown),
        cmocka_unit_test_setup_teardown(space_is_allowed_between_tokens, setup, teardown),
        cmocka_unit_test_setup_teardown(lists_and_maps_are_replaced_as_wholes, setup, teardown),
        cmocka_unit_test_setup_teardown(options_take_null_and_values, setup, teardown),
        cmocka_unit_test_setup_teardown(floats_that_are_no_numbers, setup, teardown),
        cmocka_unit_test_setup_teardown(errors_say_where_and_why, setup, teardown),
        cmocka_unit_test(any_bytes_are_safe),
        cmocka_unit_test(without_memory_the_value_is_as_it_was),
        cmocka_unit_test(a_value_is_cut_where_it_is_to_be),
        cmocka_unit_test(a_text_is_a_string),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
