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
        {{"check", NULL}, "no input file"},
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
        {{"check", "-o", "a.c", "a.dfl", NULL}, "nothing is written here; -o has no use"},
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
        "-o FILE.c",    "-d DIR",       "-I DIR", "--no-lines", "-fsections=MODE", "-Wno-NAME",
        "-Werror=NAME", "--color=WHEN", "--help", "--version",  "dead-write",      "check FILE...",
    };
    Options options = {0};
    char printed[4000];
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
        cmocka_unit_test_setup_teardown(options_stand_before_and_after, setup, teardown),
        cmocka_unit_test_setup_teardown(check_takes_many_files, setup, teardown),
        cmocka_unit_test_setup_teardown(two_hyphens_end_the_options, setup, teardown),
        cmocka_unit_test_setup_teardown(warnings_keep_their_order, setup, teardown),
        cmocka_unit_test_setup_teardown(help_names_every_option, setup, teardown),
        cmocka_unit_test_setup_teardown(the_version, setup, teardown),
    };
    return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
