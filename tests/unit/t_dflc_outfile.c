// Results are written all or not at all.
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "dflc/outfile.h"

typedef struct Fixture {
    Arena *arena;
    char *dir;
} Fixture;

static int setup(void **state) {
    Fixture *f = calloc(1, sizeof *f);
    f->arena = arena_new();
    f->dir = mkdtemp(arena_printf(f->arena, "/tmp/dflc-out-XXXXXX"));
    *state = f;
    return f->dir ? 0 : -1;
}

static int teardown(void **state) {
    Fixture *f = *state;
    int status = system(arena_printf(f->arena, "rm -rf '%s'", f->dir));
    arena_free(f->arena);
    free(f);
    return status;
}

static const char *in_dir(Fixture *f, const char *name) {
    return arena_printf(f->arena, "%s/%s", f->dir, name);
}

static OutFile file(Fixture *f, const char *name, const char *text) {
    return (OutFile){in_dir(f, name), text, strlen(text)};
}

static void assert_content(const char *path, const char *text) {
    char content[100] = "";
    FILE *in = fopen(path, "rb");
    assert_non_null(in);
    content[fread(content, 1, sizeof content - 1, in)] = '\0';
    fclose(in);
    assert_string_equal(content, text);
}

static int entries(const char *dir) {
    DIR *d = opendir(dir);
    int n = 0;
    while (readdir(d))
        n++;
    closedir(d);
    return n - 2;
}

/* The complaint on stderr is expected; it would only disturb the report. */
static bool quiet_write(Fixture *f, const OutFile *files, size_t n) {
    fflush(stderr);
    int kept = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);
    dup2(null, STDERR_FILENO);
    bool good = outfiles_write(f->arena, files, n);
    dup2(kept, STDERR_FILENO);
    close(kept);
    close(null);
    return good;
}

static void both_are_written(void **state) {
    Fixture *f = *state;
    OutFile files[] = {file(f, "a.c", "int x;\n"), file(f, "a.h", "")};
    assert_true(outfiles_write(f->arena, files, 2));
    assert_content(files[0].path, "int x;\n");
    assert_content(files[1].path, "");
    assert_int_equal(entries(f->dir), 2);
}

static void what_was_there_is_replaced(void **state) {
    Fixture *f = *state;
    OutFile old = file(f, "a.c", "a much longer text\n"), new = file(f, "a.c", "new\n");
    assert_true(outfiles_write(f->arena, &old, 1));
    assert_true(outfiles_write(f->arena, &new, 1));
    assert_content(new.path, "new\n");
}

static void the_mode_is_that_of_any_new_file(void **state) {
    Fixture *f = *state;
    mode_t mask = umask(022);
    OutFile out = file(f, "a.c", "x");
    assert_true(outfiles_write(f->arena, &out, 1));
    umask(mask);
    struct stat st;
    assert_int_equal(stat(out.path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0644);
}

static void one_failure_leaves_all_as_it_was(void **state) {
    Fixture *f = *state;
    OutFile old = file(f, "a.c", "old\n");
    assert_true(outfiles_write(f->arena, &old, 1));
    OutFile missing[] = {file(f, "a.c", "new\n"), file(f, "nowhere/a.h", "new\n")};
    assert_false(quiet_write(f, missing, 2));
    assert_int_equal(mkdir(in_dir(f, "a.h"), 0700), 0);
    OutFile directory[] = {file(f, "a.c", "new\n"), file(f, "a.h", "new\n")};
    assert_false(quiet_write(f, directory, 2));
    assert_content(old.path, "old\n");
    assert_int_equal(entries(f->dir), 2);
}

static void a_link_is_followed(void **state) {
    Fixture *f = *state;
    OutFile real = file(f, "real.c", "old"), linked = file(f, "link.c", "new");
    assert_true(outfiles_write(f->arena, &real, 1));
    assert_int_equal(symlink("real.c", linked.path), 0);
    assert_true(outfiles_write(f->arena, &linked, 1));
    assert_content(real.path, "new");
    struct stat st;
    assert_int_equal(lstat(linked.path, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
}

static void names(void **state) {
    Fixture *f = *state;
    static const struct {
        const char *path, *directory, *ending, *expected;
    } cases[] = {
        {"finance.dfl", NULL, ".c", "finance.c"}, {"a/b.dfl", NULL, ".h", "a/b.h"},
        {"a/b.dfl", "out", ".h", "out/b.h"},      {"a/b.dfl", "out/", ".h", "out/b.h"},
        {"a.b/c", NULL, ".c", "a.b/c.c"},         {"a.b/c", "d", ".c", "d/c.c"},
        {"x.y.dfl", "/", ".c", "/x.y.c"},         {"./x.c", NULL, ".h", "./x.h"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(
            outfile_name(f->arena, cases[i].path, cases[i].directory, cases[i].ending),
            cases[i].expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(both_are_written, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_there_is_replaced, setup, teardown),
        cmocka_unit_test_setup_teardown(the_mode_is_that_of_any_new_file, setup, teardown),
        cmocka_unit_test_setup_teardown(one_failure_leaves_all_as_it_was, setup, teardown),
        cmocka_unit_test_setup_teardown(a_link_is_followed, setup, teardown),
        cmocka_unit_test_setup_teardown(names, setup, teardown),
    };
    return cmocka_run_group_tests_name("outfile", tests, NULL, NULL);
}
