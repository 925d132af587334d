// What is sent to PostgreSQL as text is UTF-8: each byte that begins no character of it becomes a '?', and the others stay.
#include "rt.h"

#include <string.h>

#include "pg/queue.h"

static void becomes(const char *text, const char *expected) {
    char at[64];
    snprintf(at, sizeof at, "%s", text);
    dfl__queue_only_utf8(at);
    assert_string_equal(at, expected);
}

static void stays(const char *text) {
    becomes(text, text);
}

static void characters_stay(void **state) {
    (void)state;
    stays("");
    stays("a\x01\x7f");
    stays("\xc2\x80\xdf\xbf");
    stays("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf");
    stays("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf!");
}

static void other_bytes_do_not(void **state) {
    (void)state;
    becomes("a\x80\xbf z", "a?? z");
    becomes("\xc0\x80\xc1\xbf", "????"); /* longer than it needs to be */
    becomes("\xe0\x9f\xbf", "???");
    becomes("\xf0\x8f\xbf\xbf", "????");
    becomes("\xed\xa0\x80\xed\xbf\xbf", "??????");           /* surrogates */
    becomes("\xf4\x90\x80\x80\xf7\xbf\xbf\xbf", "????????"); /* beyond the last */
    becomes("\xf8\x88\x80\x80\x80\xff", "??????");
}

static void characters_that_break_off(void **state) {
    (void)state;
    becomes("\xc3", "?");
    becomes("\xc3(", "?(");
    becomes("\xe2\x82", "??");
    becomes("\xe2(\x82", "?(?");
    becomes("\xf0\x9d\x84", "???");
    becomes("\xf0\x9d(\x84\xc3\xa4", "??(?\xc3\xa4");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters_stay),
        cmocka_unit_test(other_bytes_do_not),
        cmocka_unit_test(characters_that_break_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
