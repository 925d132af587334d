// JSON as it is written: strings of any bytes, commas and lines.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dflc/json.h"

static char text[1000];
static FILE *file;

static Json begin(bool lines) {
    memset(text, 0, sizeof text);
    file = fmemopen(text, sizeof text, "w");
    return (Json){.out = file, .lines = lines};
}

static void says(const char *expected) {
    fclose(file);
    assert_string_equal(text, expected);
}

static void strings_of_any_bytes(void **state) {
    static const struct {
        const char *bytes;
        size_t n;
        const char *json;
    } cases[] = {
        {"plain", 5, "\"plain\""},
        {"\"\\/", 3, "\"\\\"\\\\/\""},
        {"\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\""},
        {"\0\x01\x1f\x7f", 4, "\"\\u0000\\u0001\\u001f\\u007f\""},
        {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 9, "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\""},
        {"a\xff"
         "b",
         3,
         "\"a\xef\xbf\xbd"
         "b\""},
        {"\xc3", 1, "\"\xef\xbf\xbd\""},                                 /* cut off */
        {"\xc0\x80", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\""},                 /* longer than needed */
        {"\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""}, /* a surrogate */
        {"\xe0\x80\xaf", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
        {"\xf4\x90\x80\x80", 4, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Json j = begin(false);
        json_string_n(&j, NULL, cases[i].bytes, cases[i].n);
        says(cases[i].json);
    }
}

static void members(Json *j) {
    json_open(j, NULL, '{');
    json_int(j, "least", INT64_MIN);
    json_uint(j, "most", UINT64_MAX);
    json_open_flat(j, "flat", '[');
    json_bool(j, NULL, true);
    json_open(j, NULL, '{');
    json_null(j, "n");
    json_close(j);
    json_close(j);
    json_open(j, "empty", '[');
    json_close(j);
    json_open(j, "list", '[');
    json_raw(j, NULL, "1e3");
    json_close(j);
    json_close(j);
}

static void on_one_line(void **state) {
    (void)state;
    Json j = begin(false);
    members(&j);
    says("{\"least\": -9223372036854775808, \"most\": 18446744073709551615, "
         "\"flat\": [true, {\"n\": null}], \"empty\": [], \"list\": [1e3]}");
}

static void on_many_lines(void **state) {
    (void)state;
    Json j = begin(true);
    members(&j);
    says("{\n"
         "  \"least\": -9223372036854775808,\n"
         "  \"most\": 18446744073709551615,\n"
         "  \"flat\": [true, {\"n\": null}],\n"
         "  \"empty\": [],\n"
         "  \"list\": [\n"
         "    1e3\n"
         "  ]\n"
         "}");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_of_any_bytes),
        cmocka_unit_test(on_one_line),
        cmocka_unit_test(on_many_lines),
    };
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
