// file: URIs of editors and the paths that they name: each path comes back from its URI, and what names no file is told.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dflc/lsp/uri.h"

static Arena *arena;

static void is_path(const char *uri, const char *path) {
    const char *found = uri_path(arena, uri);
    assert_non_null(found);
    assert_string_equal(found, path);
}

static void paths_of_uris(void **state) {
    (void)state;
    is_path("file:///a.dfl", "/a.dfl");
    is_path("file://localhost/a/b.dfl", "/a/b.dfl");
    is_path("file:///a%20b%2Fc%c3%A4.dfl", "/a b/c\xc3\xa4.dfl");
    is_path("file:///a//b/./c/../d.dfl", "/a/b/d.dfl");
}

/* What is no escape is taken as it stands, also at the end. */
static void percents_that_escape_nothing(void **state) {
    (void)state;
    is_path("file:///a%zz", "/a%zz");
    is_path("file:///a%4", "/a%4");
    is_path("file:///a%4g", "/a%4g");
    is_path("file:///a%", "/a%");
    is_path("file:///%:1%@1%G1%`1%g1%/1", "/%:1%@1%G1%`1%g1%/1");
}

static void what_names_no_file(void **state) {
    (void)state;
    assert_null(uri_path(arena, "untitled:Untitled-1"));
    assert_null(uri_path(arena, "http://x/a.dfl"));
    assert_null(uri_path(arena, "file://"));
    assert_null(uri_path(arena, "file://host"));
    assert_null(uri_path(arena, "file:///a%00.dfl"));
    assert_null(uri_path(arena, ""));
}

static void uris_of_paths(void **state) {
    char all[257] = "/";
    size_t n = 1;
    (void)state;
    assert_string_equal(uri_of(arena, "/Az09-._~/b.dfl"), "file:///Az09-._~/b.dfl");
    assert_string_equal(uri_of(arena, "/a b\xff:%"), "file:///a%20b%FF%3A%25");
    for (int c = 1; c < 256; c++)
        if (c != '/')
            all[n++] = (char)c;
    is_path(uri_of(arena, all), all);
}

static void is_clean(const char *path, const char *clean) {
    assert_string_equal(path_clean(arena, path), clean);
}

static void paths_are_cleaned(void **state) {
    (void)state;
    is_clean("/", "/");
    is_clean("//a", "/a");
    is_clean("/a/./b", "/a/b");
    is_clean("/a/b/..", "/a/");
    is_clean("/a/b/../../c", "/c");
    is_clean("/../../a", "/a");
    is_clean("/a/..b/.c/d..", "/a/..b/.c/d..");
    is_clean("a/./b", "a/b");
    is_clean("../a", "../a"); /* of what it is beside nobody knows */
    is_clean("", "");
}

static void paths_beside_others(void **state) {
    (void)state;
    assert_string_equal(path_beside(arena, "lib/a.dfl", "b.dfl"), "lib/b.dfl");
    assert_string_equal(path_beside(arena, "a.dfl", "b.dfl"), "b.dfl");
    assert_string_equal(path_beside(arena, "lib/a.dfl", "/b.dfl"), "/b.dfl");
    assert_string_equal(path_directory(arena, "/a/b.dfl"), "/a/");
    assert_string_equal(path_directory(arena, "b.dfl"), "");
    assert_true(path_ends_in("a.dfl", ".dfl"));
    assert_false(path_ends_in("a.c", ".dfl"));
    assert_false(path_ends_in("dfl", ".dfl"));
}

static void real_paths(void **state) {
    (void)state;
    assert_string_equal(path_real(arena, "/dev/../dev/./null"), "/dev/null");
    assert_string_equal(path_real(arena, "/dev/none/./there"), "/dev/none/there");
}

static int begin(void **state) {
    (void)state;
    arena = arena_new();
    return arena == NULL;
}

static int end(void **state) {
    (void)state;
    arena_free(arena);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_of_uris),      cmocka_unit_test(percents_that_escape_nothing),
        cmocka_unit_test(what_names_no_file), cmocka_unit_test(uris_of_paths),
        cmocka_unit_test(paths_are_cleaned),  cmocka_unit_test(paths_beside_others),
        cmocka_unit_test(real_paths),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
