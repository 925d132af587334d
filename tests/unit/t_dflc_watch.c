// What is shown live, without a terminal: hostile text, rates, keys, and which rows are on a page.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dflc/live/rate.h"
#include "dflc/live/view.h"
#include "dflc/printable.h"
#include "dflc/store/watch_rows.h"
#include "dflc/units.h"
#include "runtime/store_watch.h"

enum { SECOND = 1000000000 };

/* ---- text ---- */

static void what_steers_a_terminal_is_not_printed(void **state) {
    static const struct {
        const char *text, *printed;
    } cases[] = {
        {"plain \xc3\xa4\xe2\x82\xac", "plain \xc3\xa4\xe2\x82\xac"},
        {"", ""},
        {"a\033[2Jb\r\n\t", "a?[2Jb???"},
        {"\x7f", "?"},
        {"\xc2\x9b"
         "2J",
         "?2J"},            /* CSI of C1 */
        {"\x9b\x80", "??"}, /* no UTF-8 */
        {"a\xe2\x80\xae"
         "b\xe2\x81\xa6",
         "a?b?"},                           /* right to left; an isolate */
        {"\xe2\x80\x8b\xef\xbb\xbf", "??"}, /* of no width */
        {"\xc2\xa0", "\xc2\xa0"},
    };
    Arena *arena = arena_new();
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(printable(arena, cases[i].text), cases[i].printed);
    arena_free(arena);
}

static void ages_are_short(void **state) {
    static const struct {
        int64_t ns;
        const char *text;
    } cases[] = {{-5, "0 s"},
                 {0, "0 s"},
                 {400000000, "0.4 s"},
                 {INT64_C(119) * SECOND, "119 s"},
                 {INT64_C(120) * SECOND, "2 min"},
                 {INT64_C(7200) * SECOND, "2 h"},
                 {INT64_C(200000) * SECOND, "2 d"}};
    Arena *arena = arena_new();
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(text_of_age(arena, cases[i].ns), cases[i].text);
    arena_free(arena);
}

/* ---- rates ---- */

static void a_steady_rate_is_told_as_it_is(void **state) {
    Rate rate = {0};
    (void)state;
    for (int64_t i = 0; i < 60; i++)
        rate_add(&rate, i * SECOND, (i + 1) * SECOND, 7);
    assert_true(rate_now(&rate, INT64_C(60) * SECOND) > 6.95);
    assert_true(rate_now(&rate, INT64_C(60) * SECOND) < 7.05);
    /* Half is forgotten in two seconds, all of it before long. */
    assert_true(rate_now(&rate, INT64_C(62) * SECOND) > 3.47);
    assert_true(rate_now(&rate, INT64_C(62) * SECOND) < 3.53);
    assert_true(rate_now(&rate, INT64_C(1000) * SECOND) == 0);
}

static void no_time_has_no_rate(void **state) {
    Rate rate = {0};
    (void)state;
    rate_add(&rate, SECOND, SECOND, 5);
    assert_true(rate_now(&rate, SECOND) == 0);
}

/* ---- keys ---- */

static const SortKey keys[] = {{'s', "saved"}, {'t', "thread"}, {'n', "next"},
                               {'p', "step"},  {'b', "bytes"},  {'r', "rate"}};

static View new_view(void) {
    return (View){.keys = keys, .n_keys = sizeof keys / sizeof *keys, .page = 10, .total = 25};
}

static void type(View *view, const char *text) {
    for (; *text; text++)
        view_key(view, (unsigned char)*text);
}

static void a_key_sorts_and_again_turns_it(void **state) {
    View view = new_view();
    (void)state;
    assert_true(view_key(&view, 'p'));
    assert_true(view.sort == 3 && !view.is_reversed);
    view_key(&view, 'p');
    assert_true(view.sort == 3 && view.is_reversed);
    view_key(&view, 't');
    assert_true(view.sort == 1 && !view.is_reversed);
    assert_false(view_key(&view, 'X'));
}

static void scrolling_stays_within(void **state) {
    View view = new_view();
    (void)state;
    view_key(&view, SCREEN_UP);
    assert_int_equal(view.top, 0);
    view_key(&view, SCREEN_PAGE_DOWN);
    assert_int_equal(view.top, 9);
    view_key(&view, SCREEN_END);
    assert_int_equal(view.top, 15);
    view_key(&view, SCREEN_DOWN);
    assert_int_equal(view.top, 15);
    view_key(&view, SCREEN_PAGE_UP);
    view_key(&view, SCREEN_PAGE_UP);
    assert_int_equal(view.top, 0);
    view.total = 3;
    view_key(&view, SCREEN_END);
    assert_int_equal(view.top, 0);
}

static void a_filter_takes_the_keys(void **state) {
    View view = new_view();
    (void)state;
    type(&view, "/q");
    assert_true(view.is_typing && !view.is_done);
    type(&view, "\xc3\xa4x");
    view_key(&view, SCREEN_BACKSPACE);
    assert_string_equal(view.filter, "q\xc3\xa4");
    view_key(&view, SCREEN_BACKSPACE);
    assert_string_equal(view.filter, "q");
    view_key(&view, SCREEN_ENTER);
    assert_true(!view.is_typing && view_passes(&view, "aQuarium") && !view_passes(&view, "a"));
    view_key(&view, SCREEN_ESCAPE);
    assert_true(view_passes(&view, "a"));
    for (int i = 0; i < 200; i++)
        type(&view, i ? "y" : "/");
    assert_int_equal(strlen(view.filter), sizeof view.filter - 1);
    view_key(&view, SCREEN_ESCAPE);
    assert_true(!view.is_typing && !view.filter[0]);
    view_key(&view, ' ');
    assert_true(view.is_paused);
    view_key(&view, 'q');
    assert_true(view.is_done);
}

/* ---- rows ---- */

static void change(WatchRows *rows, void **mark, const char *thread, uint64_t id, uint64_t step) {
    dfl_checkpoint latest = {
        .id = id, .thread = thread, .next = step % 2 ? "odd" : "even", .step = step};
    dfl__change told = {.thread = thread, .latest = id ? &latest : NULL, .saves = 1, .mark = mark};
    watch_rows_take(rows, &told);
}

static const char *page(WatchRows *rows, const View *view, size_t room) {
    static char text[256];
    const WatchRow *out[16];
    size_t total, n = watch_rows_page(rows, view, 0, out, room, &total);
    text[0] = '\0';
    for (size_t i = 0; i < n; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s ", out[i]->thread);
    snprintf(text + strlen(text), sizeof text - strlen(text), "of %zu", total);
    return text;
}

static void a_page_is_in_the_order_of_the_view(void **state) {
    static void *marks[26];
    WatchRows rows = {0};
    View view = new_view();
    (void)state;
    for (int i = 0; i < 26; i++) {
        char thread[] = {(char)('a' + i * 7 % 26), '\0'};
        change(&rows, &marks[i], thread, (uint64_t)i + 1, (uint64_t)(i * 11 % 26));
    }
    assert_string_equal(page(&rows, &view, 3), "t m f of 26"); /* saved last */
    view.is_reversed = true;
    assert_string_equal(page(&rows, &view, 3), "a h o of 26");
    view.is_reversed = false;
    view.sort = BY_THREAD;
    view.top = 3;
    assert_string_equal(page(&rows, &view, 4), "d e f g of 26");
    view.top = 24;
    assert_string_equal(page(&rows, &view, 4), "y z of 26");
    view.top = 30;
    assert_string_equal(page(&rows, &view, 4), "of 26");
    view.top = 0;
    view.sort = BY_STEP;
    assert_string_equal(page(&rows, &view, 2), "x u of 26");
    snprintf(view.filter, sizeof view.filter, "ODD");
    view.sort = BY_THREAD;
    assert_string_equal(page(&rows, &view, 2), "b d of 13");
    watch_rows_free(&rows);
}

static void a_row_goes_with_its_thread(void **state) {
    void *a = NULL, *b = NULL, *c = NULL;
    WatchRows rows = {0};
    View view = new_view();
    (void)state;
    change(&rows, &a, "a", 1, 1);
    change(&rows, &b, "b", 2, 1);
    change(&rows, &c, "c", 3, 1);
    change(&rows, &a, "a", 0, 0);
    assert_string_equal(page(&rows, &view, 9), "c b of 2");
    change(&rows, &b, "b", 7, 1);
    assert_string_equal(page(&rows, &view, 9), "b c of 2");
    change(&rows, &c, "c", 0, 0);
    change(&rows, &b, "b", 0, 0);
    assert_string_equal(page(&rows, &view, 9), "of 0");
    watch_rows_free(&rows);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_steers_a_terminal_is_not_printed),
        cmocka_unit_test(ages_are_short),
        cmocka_unit_test(a_steady_rate_is_told_as_it_is),
        cmocka_unit_test(no_time_has_no_rate),
        cmocka_unit_test(a_key_sorts_and_again_turns_it),
        cmocka_unit_test(scrolling_stays_within),
        cmocka_unit_test(a_filter_takes_the_keys),
        cmocka_unit_test(a_page_is_in_the_order_of_the_view),
        cmocka_unit_test(a_row_goes_with_its_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
