// Diagnostics: their exact form, their order, the switches of warnings, suggestions.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dflc/diag.h"

typedef struct Fixture {
    Arena *arena;
    Diags *diags;
    Source *source;
} Fixture;

static int setup(void **state) {
    Fixture *f = calloc(1, sizeof *f);
    f->arena = arena_new();
    f->diags = diags_new(f->arena);
    *state = f;
    return 0;
}

static int teardown(void **state) {
    Fixture *f = *state;
    arena_free(f->arena);
    free(f);
    return 0;
}

static void use_text(Fixture *f, const char *text) {
    f->source = source_from_text(f->arena, "review.dfl", text, strlen(text));
}

/* The span of the n-th occurrence (from 0) of a word. */
static Span span_of(const Fixture *f, const char *word, int n) {
    const char *p = strstr(f->source->text, word);
    while (n-- > 0)
        p = strstr(p + 1, word);
    uint32_t begin = (uint32_t)(p - f->source->text);
    return (Span){f->source, begin, begin + (uint32_t)strlen(word)};
}

static const char *printed(Fixture *f, bool color) {
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    diags_print(f->diags, out, color);
    fclose(out);
    const char *copy = arena_strndup(f->arena, text, n);
    free(text);
    return copy;
}

static void the_form_of_the_style_guide(void **state) {
    Fixture *f = *state;
    use_text(f, "graph review {\n"
                "    state {\n"
                "        notes : string;\n"
                "    }\n"
                "    draft -> [facts, tone] -> merge;\n"
                "}\n");
    Diag *diag = diag_error(f->diags, span_of(f, "facts", 0), "branches '%s' and '%s' both write",
                            "facts", "tone");
    diag_also(diag, span_of(f, "tone", 0));
    diag_note(diag, span_of(f, "notes", 0), "'notes' is declared here");
    diag_note(diag, (Span){0}, "nothing more");
    assert_string_equal(printed(f, false),
                        "review.dfl:5:15: error: branches 'facts' and 'tone' both write\n"
                        "    5 |     draft -> [facts, tone] -> merge;\n"
                        "      |               ^~~~~  ~~~~\n"
                        "review.dfl:3:9: note: 'notes' is declared here\n"
                        "dflc: note: nothing more\n");
}

static void the_second_span_may_stand_before(void **state) {
    Fixture *f = *state;
    use_text(f, "a < b < c\n");
    diag_also(diag_error(f->diags, span_of(f, "<", 1), "x"), span_of(f, "<", 0));
    assert_string_equal(printed(f, false), "review.dfl:1:7: error: x\n"
                                           "    1 | a < b < c\n"
                                           "      |   ~   ^\n");
}

static void the_second_span_on_another_line_is_left_out(void **state) {
    Fixture *f = *state;
    use_text(f, "abc\ndef\n");
    diag_also(diag_error(f->diags, span_of(f, "abc", 0), "x"), span_of(f, "def", 0));
    assert_string_equal(printed(f, false), "review.dfl:1:1: error: x\n"
                                           "    1 | abc\n"
                                           "      | ^~~\n");
}

static void excerpts(void **state) {
    static const struct {
        const char *text, *word, *expected;
    } cases[] = {
        {"\tab\tcd;\n", "cd",
         "review.dfl:1:5: error: x\n    1 |         ab      cd;\n      |                 ^~\n"},
        {"\xc3\xa9\xe2\x82\xac x\n", "x",
         "review.dfl:1:7: error: x\n    1 | \xc3\xa9\xe2\x82\xac x\n      |    ^\n"},
        {"a\x01\x1b[31mb c\r\n", "c",
         "review.dfl:1:10: error: x\n    1 | a??[31mb c\n      |          ^\n"},
        {"a\xff\xc3 b\n", "b", "review.dfl:1:5: error: x\n    1 | a?? b\n      |     ^\n"},
        {"first {\nsecond }\n", "{\nsecond",
         "review.dfl:1:7: error: x\n    1 | first {\n      |       ^\n"},
        {"no newline", "newline",
         "review.dfl:1:4: error: x\n    1 | no newline\n      |    ^~~~~~~\n"},
        {"one\n\n", "\n", "review.dfl:1:4: error: x\n    1 | one\n      |    ^\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Fixture *f = *state;
        use_text(f, cases[i].text);
        diag_error(f->diags, span_of(f, cases[i].word, 0), "x");
        assert_string_equal(printed(f, false), cases[i].expected);
    }
}

static void an_empty_file_can_be_wrong(void **state) {
    Fixture *f = *state;
    use_text(f, "");
    diag_error(f->diags, (Span){f->source, 0, 0}, "x");
    assert_string_equal(printed(f, false), "review.dfl:1:1: error: x\n    1 | \n      | ^\n");
}

static void long_lines_are_cut_around_the_span(void **state) {
    Fixture *f = *state;
    char text[2001];
    memset(text, '-', 2000);
    text[2000] = '\0';
    memcpy(text + 1000, "here", 4);
    use_text(f, text);
    diag_error(f->diags, span_of(f, "here", 0), "x");
    const char *out = printed(f, false), *line = strchr(out, '\n') + 1;
    const char *marks = strchr(line, '\n') + 1;
    assert_true(marks - line < 180);
    assert_memory_equal(line, "    1 | ...---", 14);
    assert_memory_equal(marks - 7, "---...\n", 7);
    assert_int_equal(strchr(marks, '^') - marks, strstr(line, "here") - line);
    assert_non_null(strstr(marks, " ^~~~\n"));
}

static void a_span_beyond_the_cut_ends_there(void **state) {
    Fixture *f = *state;
    char text[1001];
    memset(text, 'x', 1000);
    text[1000] = '\0';
    use_text(f, text);
    diag_error(f->diags, (Span){f->source, 0, 1000}, "x");
    const char *marks = strrchr(printed(f, false), '^');
    assert_true(strlen(marks) < 180);
}

static void errors_come_in_order_of_the_source(void **state) {
    Fixture *f = *state;
    use_text(f, "a b c\n");
    Source *first = f->source;
    diag_error(f->diags, span_of(f, "c", 0), "third");
    use_text(f, "a b c\n");
    diag_error(f->diags, span_of(f, "a", 0), "other file");
    diag_error(f->diags, (Span){first, 0, 1}, "first");
    diag_error(f->diags, (Span){first, 2, 3}, "second, said before");
    diag_error(f->diags, (Span){first, 2, 3}, "second, said after");
    diag_error(f->diags, (Span){0}, "nowhere");
    static const char *const order[] = {"nowhere",    "first", "said before",
                                        "said after", "third", "other file"};
    const char *p = printed(f, false);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        assert_non_null(p = strstr(p, order[i]));
}

static void printing_forgets_but_counts(void **state) {
    Fixture *f = *state;
    use_text(f, "a\n");
    diag_error(f->diags, span_of(f, "a", 0), "x");
    assert_true(strlen(printed(f, false)) > 0);
    assert_string_equal(printed(f, false), "");
    assert_int_equal(diags_errors(f->diags), 1);
}

static void fifty_errors_are_enough(void **state) {
    Fixture *f = *state;
    use_text(f, "a\n");
    for (int i = 0; i < 52; i++)
        diag_error(f->diags, span_of(f, "a", 0), "number %d.", i);
    const char *out = printed(f, false);
    assert_non_null(strstr(out, "number 49."));
    assert_null(strstr(out, "number 50."));
    assert_non_null(strstr(out, "\ndflc: 2 more errors not shown\n"));
    assert_int_equal(diags_errors(f->diags), 52);
}

static void fifty_warnings_as_well(void **state) {
    Fixture *f = *state;
    use_text(f, "a\n");
    for (int i = 0; i < 51; i++)
        diag_warning(f->diags, span_of(f, "a", 0), "dead-write", "number %d.", i);
    diag_error(f->diags, span_of(f, "a", 0), "all the same");
    const char *out = printed(f, false);
    assert_non_null(strstr(out, "number 49."));
    assert_null(strstr(out, "number 50."));
    assert_non_null(strstr(out, "error: all the same\n"));
    assert_non_null(strstr(out, "\ndflc: 1 more warning not shown\n"));
}

static void warnings_carry_their_switch(void **state) {
    Fixture *f = *state;
    use_text(f, "a b\n");
    Diag *diag = diag_warning(f->diags, span_of(f, "a", 0), "dead-write", "never read");
    diag_note(diag, span_of(f, "b", 0), "because");
    assert_string_equal(printed(f, false), "review.dfl:1:1: warning: never read [-Wdead-write]\n"
                                           "    1 | a b\n"
                                           "      | ^\n"
                                           "review.dfl:1:3: note: because\n");
    assert_int_equal(diags_errors(f->diags), 0);
}

static void switches(void **state) {
    enum { NONE = -1 };
    static const struct {
        const char *first_name;
        int first;
        const char *second_name;
        int second;
        const char *expected; /* of a warning called dead-write; NULL: silence */
    } cases[] = {
        {NULL, NONE, NULL, NONE, "warning: x [-Wdead-write]"},
        {"dead-write", WARN_OFF, NULL, NONE, NULL},
        {"unused-field", WARN_OFF, NULL, NONE, "warning: x [-Wdead-write]"},
        {NULL, WARN_OFF, NULL, NONE, NULL},
        {NULL, WARN_OFF, "dead-write", WARN_ON, "warning: x [-Wdead-write]"},
        {"dead-write", WARN_ON, NULL, WARN_OFF, "warning: x [-Wdead-write]"},
        {NULL, WARN_ERROR, NULL, NONE, "error: x [-Werror=dead-write]"},
        {"dead-write", WARN_ERROR, NULL, NONE, "error: x [-Werror=dead-write]"},
        {NULL, WARN_ERROR, "dead-write", WARN_NOT_ERROR, "warning: x [-Wdead-write]"},
        {NULL, WARN_ERROR, "dead-write", WARN_OFF, NULL},
        {NULL, WARN_ERROR, NULL, WARN_NOT_ERROR, "warning: x [-Wdead-write]"},
        {NULL, WARN_OFF, "dead-write", WARN_ERROR, "error: x [-Werror=dead-write]"},
        {"dead-write", WARN_ERROR, "dead-write", WARN_OFF, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Fixture *f = *state;
        f->diags = diags_new(f->arena);
        use_text(f, "a\n");
        if (cases[i].first != NONE)
            diags_warning_switch(f->diags, cases[i].first_name, (WarnMode)cases[i].first);
        if (cases[i].second != NONE)
            diags_warning_switch(f->diags, cases[i].second_name, (WarnMode)cases[i].second);
        Diag *diag = diag_warning(f->diags, span_of(f, "a", 0), "dead-write", "x");
        diag_note(diag, span_of(f, "a", 0), "a note to nothing is ignored");
        diag_also(diag, span_of(f, "a", 0));
        const char *out = printed(f, false);
        if (cases[i].expected)
            assert_non_null(strstr(out, cases[i].expected));
        else
            assert_string_equal(out, "");
        bool is_error = cases[i].expected && cases[i].expected[0] == 'e';
        assert_int_equal(diags_errors(f->diags), is_error);
    }
}

static void colors(void **state) {
    Fixture *f = *state;
    use_text(f, "a\n");
    diag_note(diag_error(f->diags, span_of(f, "a", 0), "x"), (Span){0}, "y");
    assert_string_equal(printed(f, true), "\33[1mreview.dfl:1:1:\33[m \33[1;31merror:\33[m x\n"
                                          "    1 | a\n"
                                          "      | \33[1;31m^\33[m\n"
                                          "\33[1mdflc:\33[m \33[1;36mnote:\33[m y\n");
}

static void the_nearest_name(void **state) {
    static const struct {
        const char *name, *candidates[4], *expected;
    } cases[] = {
        {"clasify", {"clarify_x", "classify", "class"}, ", did you mean 'classify'?"},
        {"calssify", {"classify"}, ", did you mean 'classify'?"},
        {"classsify", {"classify"}, ", did you mean 'classify'?"},
        {"xxx", {"classify", "xyz"}, ""},
        {"ab", {"abcd"}, ""},
        {"same", {"same"}, ""},
        {"grade", {"grape", "grades"}, ", did you mean 'grape'?"},
        {"", {"a"}, ""},
    };
    Fixture *f = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Nearest nearest = nearest_to(cases[i].name);
        for (size_t k = 0; k < 4 && cases[i].candidates[k]; k++)
            nearest_try(&nearest, cases[i].candidates[k]);
        assert_string_equal(nearest_hint(&nearest, f->arena), cases[i].expected);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_form_of_the_style_guide, setup, teardown),
        cmocka_unit_test_setup_teardown(the_second_span_may_stand_before, setup, teardown),
        cmocka_unit_test_setup_teardown(the_second_span_on_another_line_is_left_out, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(excerpts, setup, teardown),
        cmocka_unit_test_setup_teardown(an_empty_file_can_be_wrong, setup, teardown),
        cmocka_unit_test_setup_teardown(long_lines_are_cut_around_the_span, setup, teardown),
        cmocka_unit_test_setup_teardown(a_span_beyond_the_cut_ends_there, setup, teardown),
        cmocka_unit_test_setup_teardown(errors_come_in_order_of_the_source, setup, teardown),
        cmocka_unit_test_setup_teardown(printing_forgets_but_counts, setup, teardown),
        cmocka_unit_test_setup_teardown(fifty_errors_are_enough, setup, teardown),
        cmocka_unit_test_setup_teardown(fifty_warnings_as_well, setup, teardown),
        cmocka_unit_test_setup_teardown(warnings_carry_their_switch, setup, teardown),
        cmocka_unit_test_setup_teardown(switches, setup, teardown),
        cmocka_unit_test_setup_teardown(colors, setup, teardown),
        cmocka_unit_test_setup_teardown(the_nearest_name, setup, teardown),
    };
    return cmocka_run_group_tests_name("diag", tests, NULL, NULL);
}
