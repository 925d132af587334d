// The command line: what is read, and what each misuse is told.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "dflc/options.h"

enum { MOST_WORDS = 8 };

static int setup(void **state) {
    *state = arena_new();
    return 0;
}

static int teardown(void **state) {
    arena_free(*state);
    return 0;
}

/* Reads "dflc" and the words; what was printed on `fd` meanwhile is kept in `printed`. */
static int run(Arena *arena, const char *const *words, Options *options, int fd, char *printed,
               size_t size) {
    char *argv[MOST_WORDS + 2] = {(char[]){"dflc"}};
    int argc = 1;
    for (; argc <= MOST_WORDS && words[argc - 1]; argc++)
        argv[argc] = arena_strndup(arena, words[argc - 1], strlen(words[argc - 1]));
    FILE *file = tmpfile();
    fflush(NULL);
    int kept = dup(fd);
    dup2(fileno(file), fd);
    int status = options_parse(arena, argc, argv, options);
    fflush(NULL);
    dup2(kept, fd);
    close(kept);
    rewind(file);
    printed[fread(printed, 1, size - 1, file)] = '\0';
    fclose(file);
    return status;
}

static void misuse_is_explained(void **state) {
    static const struct {
        const char *words[MOST_WORDS], *message;
    } cases[] = {
        {{NULL}, "no input file"},
        {{"-x", NULL}, "unknown option '-x'"},
        {{"--colr=auto", "a.dfl", NULL}, "unknown option '--colr=auto', did you mean '--color='?"},
        {{"--no-line", "a.dfl", NULL}, "unknown option '--no-line', did you mean '--no-lines'?"},
        {{"--color", "auto", NULL}, "unknown option '--color', did you mean '--color=WHEN'?"},
        {{"--color=red", NULL}, "unknown value 'red' of --color; it is one of auto, always, never"},
        {{"--dump=c", NULL}, "unknown value 'c' of --dump; it is one of ast, graph, plan"},
        {{"-fsections=x", NULL},
         "unknown value 'x' of -fsections; it is one of auto, inline, threads"},
        {{"a.dfl", "-o", NULL}, "-o needs a value: -o FILE.c"},
        {{"a.dfl", "-o", "a.o", NULL}, "-o names the C file, so 'a.o' should end in .c"},
        {{"-Wno-dead-wite", "a.dfl", NULL},
         "no warning is called 'dead-wite' (in -Wno-dead-wite), did you mean 'dead-write'?"},
        {{"-Werror=xyz", "a.dfl", NULL}, "no warning is called 'xyz' (in -Werror=xyz)"},
        {{"-Wall", "a.dfl", NULL}, "no warning is called 'all' (in -Wall)"},
        {{"a.dfl", "b.dfl", NULL}, "one file at a time; 'b.dfl' is a second one"},
        {{"a.txt", NULL}, "'a.txt' does not end in .dfl; say with -o what to write"},
        {{"-", NULL}, "standard input has no name; say with -o what to write"},
        {{"-o", "a.c", "-d", "x", "a.dfl", NULL}, "-o already says where; -d has no use"},
        {{"--dump=ast", "-o", "a.c", "a.dfl", NULL}, "nothing is written here; -o has no use"},
        {{"--dump=ast", "-d", "x", "a.dfl", NULL}, "nothing is written here; -d has no use"},
        {{"--dump=ast", "-MD", "a.dfl", NULL}, "nothing is written here; -MD has no use"},
        {{"-MF", "x.d", "a.dfl", NULL}, "-MF has no use without -MD"},
        {{"-MT", "x", "a.dfl", NULL}, "-MT has no use without -MD"},
        {{"-MP", "a.dfl", NULL}, "-MP has no use without -MD"},
        {{"--check", "a.dfl", NULL}, "--check has no use in compiling; it belongs to 'dflc fmt'"},
        {{"chekc", "a.dfl", NULL}, "unknown command 'chekc', did you mean 'check'?"},
        {{"--diagnostics=xml", "a.dfl", NULL},
         "unknown value 'xml' of --diagnostics; it is one of text, json, sarif"},
        {{"--dump=ast", "--diagnostics=sarif", "a.dfl", NULL},
         "sarif goes to standard output, which is taken here; 'dflc check' can write it"},
        {{"--mtbf", NULL}, "--mtbf needs a value: --mtbf TIME"},
        {{"--mtbf=", "a.dfl", NULL}, "'' of --mtbf is no duration above 0, such as 24h or 100us"},
        {{"--mtbf=0h", "a.dfl", NULL},
         "'0h' of --mtbf is no duration above 0, such as 24h or 100us"},
        {{"--mtbf", "24", "a.dfl", NULL},
         "'24' of --mtbf is no duration above 0, such as 24h or 100us"},
        {{"--mtbf=1 h", "a.dfl", NULL},
         "'1 h' of --mtbf is no duration above 0, such as 24h or 100us"},
        {{"--mtbf=9999999h", "a.dfl", NULL},
         "'9999999h' of --mtbf is no duration above 0, such as 24h or 100us"},
        {{"--save-price=-1us", "a.dfl", NULL},
         "'-1us' of --save-price is no duration above 0, such as 24h or 100us"},
        {{"--save-prise=1us", "a.dfl", NULL},
         "unknown option '--save-prise=1us', did you mean '--save-price'?"},
        {{"-x", "-y", NULL}, "unknown option '-x'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Options options = {0};
        char printed[300];
        int status = run(*state, cases[i].words, &options, STDERR_FILENO, printed, sizeof printed);
        assert_int_equal(status, 2);
        assert_string_equal(printed,
                            arena_printf(*state, "dflc: %s (see dflc --help)\n", cases[i].message));
    }
}

/* The hint names the command that was meant. */
static void misuse_of_a_command_is_explained(void **state) {
    static const struct {
        const char *words[MOST_WORDS], *message;
    } cases[] = {
        {{"check", NULL}, "no input file (see dflc check --help)"},
        {{"check", "-o", "a.c", "a.dfl", NULL},
         "-o has no use in 'dflc check'; it belongs to compiling (see dflc check --help)"},
        {{"check", "--diagnostics=", NULL},
         "unknown option '--diagnostics=' (see dflc check --help)"},
        {{"fmt", NULL}, "no input file (see dflc fmt --help)"},
        {{"fmt", "-i", "--check", "a.dfl", NULL},
         "-i writes the files and --check does not; give one of them (see dflc fmt --help)"},
        {{"fmt", "-i", "-", NULL},
         "standard input has no place to write to; leave out -i (see dflc fmt --help)"},
        {{"fmt", "-Werror", "a.dfl", NULL},
         "-Werror has no use in 'dflc fmt'; it belongs to compiling (see dflc fmt --help)"},
        {{"fmt", "--diagnostics=sarif", "a.dfl", NULL},
         "sarif goes to standard output, which is taken here; 'dflc check' can write it (see dflc "
         "fmt --help)"},
        {{"graph", "--format", NULL},
         "--format needs a value: --format FORMAT (see dflc graph --help)"},
        {{"graph", "--format", "png", "a.dfl", NULL},
         "unknown value 'png' of --format; it is one of dot, mermaid, json, svg, html (see dflc "
         "graph --help)"},
        {{"graph", "--trace", "t.json", "a.dfl", NULL},
         "--trace is laid over a picture; say --format svg or --format html (see dflc graph "
         "--help)"},
        {{"graph", "--format=svg", "--trace=-", "-", NULL},
         "standard input cannot be the graph and the trace (see dflc graph --help)"},
        {{"graph", "--store", "s", "--thread=t", "a.dfl", NULL},
         "--store is laid over a picture; say --format svg or --format html (see dflc graph "
         "--help)"},
        {{"graph", "--format=svg", "--store=s", "a.dfl", NULL},
         "--store needs a thread: --thread ID (see dflc graph --help)"},
        {{"graph", "--format=svg", "--thread", "t", "a.dfl", NULL},
         "--thread has no use without --store (see dflc graph --help)"},
        {{"graph", "--format=svg", "--store=s", "--thread=t", "--trace=t.json", "a.dfl", NULL},
         "--trace and --store tell of different runs; give one of them (see dflc graph --help)"},
        {{"graph", "--run", "2", "a.dfl", NULL},
         "--run has no use without --trace (see dflc graph --help)"},
        {{"graph", "--run", "-2", "a.dfl", NULL},
         "'-2' of --run is no number above 0 (see dflc graph --help)"},
        {{"explain", "--costs", "a.dfl", NULL},
         "--costs has no use in 'dflc explain'; it belongs to 'dflc graph' (see dflc explain "
         "--help)"},
        {{"graph", "a.dfl", "b.dfl", NULL},
         "one file at a time; 'b.dfl' is a second one (see dflc graph --help)"},
        {{"new", NULL}, "no directory: dflc new DIR (see dflc new --help)"},
        {{"new", "a", "b", NULL},
         "one directory at a time; 'b' is a second one (see dflc new --help)"},
        {{"new", "--color=never", "a", NULL},
         "--color has no use in 'dflc new'; it belongs to compiling (see dflc new --help)"},
        {{"calibrate", "a.dfl", NULL},
         "'dflc calibrate' reads no file; to write 'a.dfl', say -o (see dflc calibrate --help)"},
        {{"calibrate", "-o", NULL}, "-o needs a value: -o FILE (see dflc calibrate --help)"},
        {{"calibrate", "--machine", "m", NULL},
         "--machine has no use in 'dflc calibrate'; it belongs to compiling (see dflc calibrate "
         "--help)"},
        {{"fmt", "--machine", "m", "a.dfl", NULL},
         "--machine has no use in 'dflc fmt'; it belongs to compiling (see dflc fmt --help)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Options options = {0};
        char printed[300];
        int status = run(*state, cases[i].words, &options, STDERR_FILENO, printed, sizeof printed);
        assert_int_equal(status, 2);
        assert_string_equal(printed, arena_printf(*state, "dflc: %s\n", cases[i].message));
    }
}

static Options good(Arena *arena, const char *const *words) {
    Options options = {0};
    char printed[300];
    assert_int_equal(run(arena, words, &options, STDERR_FILENO, printed, sizeof printed), -1);
    assert_string_equal(printed, "");
    return options;
}

static void options_stand_before_and_after(void **state) {
    Options o = good(*state, (const char *const[]){"-dout", "a.dfl", "-I", "x", "-Iy", "--no-lines",
                                                   "-fsections=threads", "--color=never", NULL});
    assert_int_equal(o.command, CMD_COMPILE);
    assert_string_equal(o.directory, "out");
    assert_null(o.output);
    assert_int_equal(o.n_files, 1);
    assert_string_equal(o.files[0], "a.dfl");
    assert_int_equal(o.n_include_dirs, 2);
    assert_string_equal(o.include_dirs[0], "x");
    assert_string_equal(o.include_dirs[1], "y");
    assert_true(o.no_lines);
    assert_int_equal(o.sections, SECTION_THREADS);
    assert_int_equal(o.color, COLOR_NEVER);
    assert_int_equal(o.dump, DUMP_NOTHING);
}

static void check_takes_many_files(void **state) {
    Options o = good(*state, (const char *const[]){"check", "a.txt", "check", "-", NULL});
    assert_int_equal(o.command, CMD_CHECK);
    assert_int_equal(o.n_files, 3);
    assert_string_equal(o.files[1], "check");
    assert_string_equal(o.files[2], "-");
}

static void commands_have_their_own_options(void **state) {
    Options o = good(*state, (const char *const[]){"graph", "--format", "json", "--graph=g",
                                                   "-fsections=inline", "a.dfl", NULL});
    assert_int_equal(o.command, CMD_GRAPH);
    assert_int_equal(o.draw, DRAW_JSON);
    assert_string_equal(o.graph, "g");
    o = good(*state, (const char *const[]){"fmt", "-i", "a.dfl", "b.dfl", NULL});
    assert_int_equal(o.command, CMD_FMT);
    assert_int_equal(o.fmt, FMT_IN_PLACE);
    assert_int_equal(o.n_files, 2);
    o = good(*state, (const char *const[]){"-MD", "-MP", "-MFx.d", "-MT", "t1", "-MTt2",
                                           "--diagnostics=json", "a.dfl", NULL});
    assert_true(o.depfile);
    assert_true(o.dep_phony);
    assert_string_equal(o.dep_output, "x.d");
    assert_int_equal(o.n_dep_targets, 2);
    assert_string_equal(o.dep_targets[1], "t2");
    assert_int_equal(o.diagnostics, DIAG_JSON);
}

static void an_option_means_what_its_command_says(void **state) {
    static const char *const orders[][5] = {{"calibrate", "--noisy", "-o", "m", NULL},
                                            {"-om", "--noisy", "calibrate", NULL}};
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        Options o = good(*state, orders[i]);
        assert_int_equal(o.command, CMD_CALIBRATE);
        assert_string_equal(o.output, "m");
        assert_true(o.noisy);
        assert_false(o.quick);
    }
    Options o = good(*state, (const char *const[]){"--machine=m", "a.dfl", NULL});
    assert_string_equal(o.machine, "m");
    o = good(*state, (const char *const[]){"check", "--machine", "m", "a.dfl", NULL});
    assert_string_equal(o.machine, "m");
    assert_true(o.mtbf_ns == 0 && o.save_price_ns == 0);
    o = good(*state, (const char *const[]){"explain", "--mtbf", "1.5h", "--save-price=100us",
                                           "a.dfl", NULL});
    assert_int_equal(o.mtbf_ns, INT64_C(5400000000000));
    assert_int_equal(o.save_price_ns, 100000);
}

static void two_hyphens_end_the_options(void **state) {
    Options o = good(*state, (const char *const[]){"-o", "x.c", "--", "-w", NULL});
    assert_string_equal(o.files[0], "-w");
    assert_int_equal(o.n_warnings, 0);
}

static void warnings_keep_their_order(void **state) {
    Options o = good(*state, (const char *const[]){"-w", "-Wdead-write", "-Werror", "a.dfl",
                                                   "-Werror=large-copy", "-Wno-error=unset-read",
                                                   "-Wno-unused-field", "-Wno-error"});
    static const struct {
        const char *name;
        WarnMode mode;
    } expected[] = {
        {NULL, WARN_OFF},           {"dead-write", WARN_ON},        {NULL, WARN_ERROR},
        {"large-copy", WARN_ERROR}, {"unset-read", WARN_NOT_ERROR}, {"unused-field", WARN_OFF},
        {NULL, WARN_NOT_ERROR},
    };
    assert_int_equal(o.n_warnings, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < o.n_warnings; i++) {
        assert_int_equal(o.warnings[i].mode, expected[i].mode);
        if (expected[i].name)
            assert_string_equal(o.warnings[i].name, expected[i].name);
        else
            assert_null(o.warnings[i].name);
    }
}

static void help_names_every_option(void **state) {
    static const char *const expected[] = {
        "-o FILE.c",       "-d DIR",    "-I DIR",       "--no-lines",
        "-fsections=MODE", "-Wno-NAME", "-Werror=NAME", "--color=WHEN",
        "--help",          "--version", "dead-write",   "dflc check [options] FILE...",
    };
    Options options = {0};
    char printed[6000];
    const char *words[] = {"--help", NULL};
    assert_int_equal(run(*state, words, &options, STDOUT_FILENO, printed, sizeof printed), 0);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_non_null(strstr(printed, expected[i]));
}

static void the_version(void **state) {
    Options options = {0};
    char printed[100];
    const char *words[] = {"--version", NULL};
    assert_int_equal(run(*state, words, &options, STDOUT_FILENO, printed, sizeof printed), 0);
    assert_string_equal(printed, "dflc 0.1.0\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(misuse_is_explained, setup, teardown),
        cmocka_unit_test_setup_teardown(misuse_of_a_command_is_explained, setup, teardown),
        cmocka_unit_test_setup_teardown(commands_have_their_own_options, setup, teardown),
        cmocka_unit_test_setup_teardown(options_stand_before_and_after, setup, teardown),
        cmocka_unit_test_setup_teardown(check_takes_many_files, setup, teardown),
        cmocka_unit_test_setup_teardown(an_option_means_what_its_command_says, setup, teardown),
        cmocka_unit_test_setup_teardown(two_hyphens_end_the_options, setup, teardown),
        cmocka_unit_test_setup_teardown(warnings_keep_their_order, setup, teardown),
        cmocka_unit_test_setup_teardown(help_names_every_option, setup, teardown),
        cmocka_unit_test_setup_teardown(the_version, setup, teardown),
    };
    return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
