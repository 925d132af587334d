// The machine file: what is written is read back, and nothing else is believed.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dflc/machine_file.h"

static int setup(void **state) {
    *state = arena_new();
    return 0;
}

static int teardown(void **state) {
    arena_free(*state);
    return 0;
}

typedef struct Result {
    const Machine *machine;
    const char *said;
} Result;

static Result read_n(Arena *arena, const char *text, size_t n) {
    Compilation comp = {arena, interner_new(arena), diags_new(arena)};
    Result result;
    char *said = NULL;
    size_t n_said = 0;
    result.machine = machine_read(&comp, source_from_text(arena, "m", text, n));
    FILE *out = open_memstream(&said, &n_said);
    diags_print(comp.diags, out, false);
    fclose(out);
    result.said = arena_strndup(arena, said, n_said);
    free(said);
    return result;
}

static Result read_text(Arena *arena, const char *text) {
    return read_n(arena, text, strlen(text));
}

/* A complete file with lines in front. */
static const char *file_behind(Arena *arena, const char *lines) {
    CWriter *w = cwriter_new(arena);
    Machine machine = *machine_default();
    cw_verbatim(w, lines, strlen(lines));
    machine_write(w, &machine, NULL);
    return w->text;
}

/* The same without the line of one key. */
static const char *file_without(Arena *arena, const char *key) {
    const char *text = file_behind(arena, "");
    const char *line = strstr(text, key), *rest = strchr(line + 1, '\n');
    return arena_printf(arena, "%.*s%s", (int)(line - text), text, rest);
}

static void assert_same(const Machine *a, const Machine *b) {
    Machine x = *a, y = *b;
    assert_string_equal(x.name, y.name);
    assert_int_equal(x.cpus, y.cpus);
    assert_int_equal(x.noisy, y.noisy);
    assert_int_equal(x.mtbf_ns, y.mtbf_ns);
    assert_int_equal(x.ranks, y.ranks);
    for (Figure figure = 0; figure < N_FIGURES; figure++)
        assert_int_equal(*figure_of(&x, figure), *figure_of(&y, figure));
}

static void what_is_written_is_read(void **state) {
    Machine machine = {.name = "build-server.3", .cpus = MACHINE_MOST_CPUS, .ranks = MACHINE_MOST_RANKS, .noisy = true};
    Spread spreads[N_FIGURES] = {{0}};
    for (Figure figure = 0; figure < N_FIGURES; figure++) {
        *figure_of(&machine, figure) = figure == FIG_SAVE ? MACHINE_MOST_NS : figure * 1001;
        spreads[figure] = (Spread){figure, figure * 2000, figure % 3};
    }
    for (int with = 0; with < 2; with++) {
        CWriter *w = cwriter_new(*state);
        machine.mtbf_ns = with ? INT64_MAX : 0; /* 0: a comment */
        machine_write(w, &machine, with ? spreads : NULL);
        Result result = read_text(*state, w->text);
        assert_string_equal(result.said, "");
        assert_same(result.machine, &machine);
    }
}

/* What is said of ranks is all said, or nothing. */
static void ranks_come_with_their_figures(void **state) {
    static const struct {
        const char *lines, *said;
    } cases[] = {
        {"ranks = 3", "m:1:1: error: this machine file lacks 'rank_chunk_ns', 'rank_ns_per_kib'"},
        {"rank_chunk_ns = 3", "m:1:1: error: this machine file lacks 'rank_ns_per_kib', 'ranks'"},
        {"ranks = 3\nrank_ns_per_kib = 1", "m:1:1: error: this machine file lacks 'rank_chunk_ns'"},
        {"ranks = 65536", "m:1:9: error: 'ranks' is at most 65535"},
        {"ranks = many", "m:1:9: error: 'ranks' is a whole number"},
        {"rank_chunk_ns = 2.4us", "m:1:17: error: 'rank_chunk_ns' is a whole number, in nanoseconds"},
        {"ranks = 15\nrank_chunk_ns = 2400\nrank_ns_per_kib = 200", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Result result = read_text(*state, file_behind(*state, arena_printf(*state, "%s\n", cases[i].lines)));
        assert_string_equal(arena_strndup(*state, result.said, strcspn(result.said, "\n")), cases[i].said);
        assert_int_equal(result.machine ? result.machine->ranks : 15, 15);
    }
    assert_int_equal(read_text(*state, file_behind(*state, "")).machine->ranks, 0);
}

static void the_default_is_a_file(void **state) {
    Result result = read_text(*state, file_behind(*state, ""));
    assert_string_equal(result.said, "");
    assert_same(result.machine, machine_default());
}

static void layout_is_free(void **state) {
    static const char *const lines[] = {
        "# what it is\n", "\n\n", " \t \r\n", "#", "# save_ns = 3\n", "\xef\xbb\xbf",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        const char *text = file_behind(*state, arena_printf(*state, "%s\n", lines[i]));
        assert_string_equal(read_text(*state, text).said, "");
    }
    /* No spaces, ends of lines as on Windows, and none at the end. */
    char *text = arena_alloc(*state, 4096), *out = text;
    for (const char *p = file_behind(*state, ""); *p; p++) {
        if (*p == '\n')
            *out++ = '\r';
        if (*p != ' ')
            *out++ = *p;
    }
    assert_string_equal(read_n(*state, text, (size_t)(out - text) - 2).said, "");
}

static void each_key_is_needed(void **state) {
    for (Figure figure = 0; figure < FIG_RANK_CHUNK; figure++) {
        const char *key = arena_printf(*state, "\n%s ", figure_key(figure));
        Result result = read_text(*state, file_without(*state, key));
        if (figure == FIG_SAVE_PER_KIB) /* files may be older */
            continue;
        assert_null(result.machine);
        assert_string_equal(result.said, arena_printf(*state,
                                                      "m:1:1: error: this machine file lacks '%s'\n"
                                                      "    1 | format                = 1\n"
                                                      "      | ^\n",
                                                      figure_key(figure)));
    }
    Result result = read_text(*state, file_without(*state, "\nnoisy "));
    assert_false(result.machine->noisy);
}

static void what_is_left_out_is_that_of_the_default(void **state) {
    Result result = read_text(*state, file_without(*state, "\nsave_ns_per_kib "));
    assert_string_equal(result.said, "");
    assert_int_equal(result.machine->save_ns_per_kib, machine_default()->save_ns_per_kib);
    result = read_text(*state, file_without(*state, "\nmtbf "));
    assert_string_equal(result.said, "");
    assert_int_equal(result.machine->mtbf_ns, 0); /* it is not said there */
}

static void durations_are_those_of_the_language(void **state) {
    static const struct {
        const char *text;
        int64_t ns;
    } cases[] = {{"24h", INT64_C(86400000000000)},
                 {"1.5s", 1500000000},
                 {"90m # a comment", INT64_C(5400000000000)},
                 {"1_000us", 1000000},
                 {"1ns", 1},
                 {"2562047h", INT64_C(9223369200000000000)}};
    const char *rest = file_without(*state, "\nmtbf ");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Result result =
            read_text(*state, arena_printf(*state, "mtbf = %s\n%s", cases[i].text, rest));
        assert_string_equal(result.said, "");
        assert_int_equal(result.machine->mtbf_ns, cases[i].ns);
    }
}

/* Lines that are put in front of a good file, and the first line of what is said. */
static void mistakes_are_explained(void **state) {
    static const struct {
        const char *lines, *said;
    } cases[] = {
        {"hello", "m:1:1: error: expected 'key = value'"},
        {"  = 3", "m:1:3: error: expected 'key = value'"},
        {"=", "m:1:1: error: expected 'key = value'"},
        {"a b = 3", "m:1:1: error: expected 'key = value'"},
        {"{\"save_ns\": 3}", "m:1:1: error: expected 'key = value'"},
        {"\xff\xfe = 3", "m:1:1: error: expected 'key = value'"},
        {"sav\xc3\xa9 = 3", "m:1:1: error: expected 'key = value'"},
        {"publih_ns = 3", "m:1:1: error: a machine has no 'publih_ns', did you mean 'publish_ns'?"},
        {"CPUS = 3", "m:1:1: error: a machine has no 'CPUS', did you mean 'cpus'?"},
        {"\n\n\tcolour = red", "m:3:2: error: a machine has no 'colour'"},
        {"cpus =", "m:1:7: error: 'cpus' has no value"},
        {"cpus = # 3", "m:1:7: error: 'cpus' has no value"},
        {"cpus = 4097", "m:1:8: error: 'cpus' is at most 4096"},
        {"cpus = -1", "m:1:8: error: 'cpus' is a whole number"},
        {"save_ns = 1.5", "m:1:11: error: 'save_ns' is a whole number, in nanoseconds"},
        {"save_ns = 40ns", "m:1:11: error: 'save_ns' is a whole number, in nanoseconds"},
        {"save_ns = 1 2", "m:1:11: error: 'save_ns' is a whole number, in nanoseconds"},
        {"save_ns = 0x10", "m:1:11: error: 'save_ns' is a whole number, in nanoseconds"},
        {"save_ns = = 1", "m:1:11: error: 'save_ns' is a whole number, in nanoseconds"},
        {"save_ns = 1000000001", "m:1:11: error: 'save_ns' is at most 1000000000"},
        {"save_ns = 99999999999999999999999999999999",
         "m:1:11: error: 'save_ns' is at most 1000000000"},
        {"mtbf =", "m:1:7: error: 'mtbf' has no value"},
        {"mtbf = 0h", "m:1:8: error: 'mtbf' is a duration above 0, such as 24h or 90m"},
        {"mtbf = 24", "m:1:8: error: 'mtbf' is a duration above 0, such as 24h or 90m"},
        {"mtbf = 1d", "m:1:8: error: 'mtbf' is a duration above 0, such as 24h or 90m"},
        {"mtbf = -3h", "m:1:8: error: 'mtbf' is a duration above 0, such as 24h or 90m"},
        {"mtbf = h", "m:1:8: error: 'mtbf' is a duration above 0, such as 24h or 90m"},
        {"mtbf = 1.h", "m:1:8: error: 'mtbf' is a duration above 0, such as 24h or 90m"},
        {"mtbf = 1 h", "m:1:8: error: 'mtbf' is a duration above 0, such as 24h or 90m"},
        {"mtbf = 0.3ns", "m:1:8: error: 'mtbf' is a duration above 0, such as 24h or 90m"},
        {"mtbf = 9999999h", "m:1:8: error: 'mtbf' is a duration above 0, such as 24h or 90m"},
        {"mtbf = 1h\nmtbf = 1h", "m:2:1: error: 'mtbf' is given twice"},
        {"save_ns_per_kib = 3us",
         "m:1:19: error: 'save_ns_per_kib' is a whole number, in nanoseconds"},
        {"noisy = maybe", "m:1:9: error: 'noisy' is yes or no"},
        {"name = */ evil /*",
         "m:1:8: error: a name has letters, digits, '.', '_' and '-', at most 64"},
        {"name = 0123456789012345678901234567890123456789012345678901234567890123x",
         "m:1:8: error: a name has letters, digits, '.', '_' and '-', at most 64"},
        {"cpus = 1\ncpus = 1", "m:2:1: error: 'cpus' is given twice"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *lines = arena_printf(*state, "%s\n", cases[i].lines);
        Result result = read_text(*state, file_behind(*state, lines));
        size_t n = strcspn(result.said, "\n");
        assert_null(result.machine);
        assert_string_equal(arena_strndup(*state, result.said, n), cases[i].said);
    }
}

static void another_format_draws_one_error(void **state) {
    Result result = read_text(*state, "format = 2\nwho knows\n\xff\n");
    assert_null(result.machine);
    assert_string_equal(result.said,
                        "m:1:10: error: this dflc reads format 1; 'dflc calibrate' writes it anew\n"
                        "    1 | format = 2\n"
                        "      |          ^\n");
}

static void a_nul_byte_is_no_end(void **state) {
    static const char text[] = "save_ns = 1\0 2\n\0\0\n";
    Result result = read_n(*state, text, sizeof text - 1);
    assert_null(result.machine);
    assert_non_null(strstr(result.said, "m:1:11: error: 'save_ns' is a whole number"));
    assert_non_null(strstr(result.said, "m:2:1: error: expected 'key = value'"));
}

static void what_is_too_big_is_not_read(void **state) {
    size_t n = 1 << 20;
    char *text = arena_alloc(*state, n);
    memset(text, '=', n);
    Result result = read_n(*state, text, n);
    assert_null(result.machine);
    assert_non_null(
        strstr(result.said, "m:1:1: error: this is no machine file: it is above 64 KiB"));
}

static void nothing_at_all_lacks_everything(void **state) {
    Result result = read_text(*state, "");
    assert_null(result.machine);
    assert_non_null(strstr(result.said, "lacks 'publish_ns', 'hand_over_ns'"));
    assert_non_null(strstr(result.said, "'format', 'name', 'cpus'\n"));
}

/* Every byte of a good file, changed or cut off: no crash, and a machine only without a message. */
static void damage_is_survived(void **state) {
    const char *good = file_behind(*state, "");
    size_t n = strlen(good);
    static const char bytes[] = {'\0', '\n', '=', '#', '9', (char)0xff};
    for (size_t i = 0; i < n; i++) {
        for (size_t b = 0; b < sizeof bytes; b++) {
            Arena *arena = arena_new();
            char *text = arena_strndup(arena, good, n);
            text[i] = bytes[b];
            Result result = read_n(arena, text, n);
            assert_int_equal(result.machine != NULL, result.said[0] == '\0');
            arena_free(arena);
        }
        Arena *arena = arena_new();
        Result result = read_n(arena, good, i);
        assert_int_equal(result.machine != NULL, result.said[0] == '\0');
        arena_free(arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_written_is_read, setup, teardown),
        cmocka_unit_test_setup_teardown(ranks_come_with_their_figures, setup, teardown),
        cmocka_unit_test_setup_teardown(the_default_is_a_file, setup, teardown),
        cmocka_unit_test_setup_teardown(layout_is_free, setup, teardown),
        cmocka_unit_test_setup_teardown(each_key_is_needed, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_left_out_is_that_of_the_default, setup, teardown),
        cmocka_unit_test_setup_teardown(durations_are_those_of_the_language, setup, teardown),
        cmocka_unit_test_setup_teardown(mistakes_are_explained, setup, teardown),
        cmocka_unit_test_setup_teardown(another_format_draws_one_error, setup, teardown),
        cmocka_unit_test_setup_teardown(a_nul_byte_is_no_end, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_too_big_is_not_read, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_at_all_lacks_everything, setup, teardown),
        cmocka_unit_test_setup_teardown(damage_is_survived, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
