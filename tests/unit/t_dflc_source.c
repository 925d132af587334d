// Source text: reading it, and where an offset stands.
#include <errno.h>
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

#include "dflc/source.h"

static int setup(void **state) {
    *state = arena_new();
    return 0;
}

static int teardown(void **state) {
    arena_free(*state);
    return 0;
}

static void offsets_have_lines_and_columns(void **state) {
    static const struct {
        const char *text;
        uint32_t offset, line, column;
    } cases[] = {
        {"", 0, 1, 1},       {"abc", 0, 1, 1},       {"abc", 3, 1, 4},    {"a\nb", 1, 1, 2},
        {"a\nb", 2, 2, 1},   {"a\nb\n", 4, 3, 1},    {"\n\n\n", 0, 1, 1}, {"\n\n\n", 2, 3, 1},
        {"a\r\nb", 3, 2, 1}, {"\xc3\xa9x", 2, 1, 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Source *source = source_from_text(*state, "x.dfl", cases[i].text, strlen(cases[i].text));
        uint32_t line, column;
        source_position(source, cases[i].offset, &line, &column);
        assert_int_equal(line, cases[i].line);
        assert_int_equal(column, cases[i].column);
        assert_int_equal(span_line((Span){source, cases[i].offset, cases[i].offset}),
                         cases[i].line);
    }
}

static void every_offset_of_many_lines(void **state) {
    char text[3000];
    uint32_t lines[3000], columns[3000], line = 1, column = 1;
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = i % 7 == 0 || i % 11 == 0 ? '\n' : 'x';
        lines[i] = line;
        columns[i] = column++;
        if (text[i] == '\n') {
            line++;
            column = 1;
        }
    }
    Source *source = source_from_text(*state, "x.dfl", text, sizeof text);
    for (uint32_t i = 0; i < sizeof text; i++) {
        source_position(source, i, &line, &column);
        assert_int_equal(line, lines[i]);
        assert_int_equal(column, columns[i]);
    }
}

static void nowhere_has_no_line(void **state) {
    (void)state;
    assert_int_equal(span_line((Span){NULL, 0, 0}), 0);
}

static void spans_join(void **state) {
    Source *source = source_from_text(*state, "x.dfl", "abcdef", 6);
    Span joined = span_join((Span){source, 1, 2}, (Span){source, 4, 5});
    assert_ptr_equal(joined.source, source);
    assert_int_equal(joined.begin, 1);
    assert_int_equal(joined.end, 5);
}

static const char *temporary_file(Arena *arena, const char *text, size_t n) {
    char *path = arena_printf(arena, "/tmp/dflc-source-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, n), (ssize_t)n);
    close(fd);
    return path;
}

static void files_are_read_whole(void **state) {
    static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 300000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *text = arena_alloc(*state, sizes[i] + 1);
        memset(text, 'x', sizes[i]);
        const char *path = temporary_file(*state, text, sizes[i]);
        Source *source = source_read(*state, path);
        unlink(path);
        assert_non_null(source);
        assert_string_equal(source->path, path);
        assert_int_equal(source->n, sizes[i]);
        assert_memory_equal(source->text, text, sizes[i] + 1);
    }
}

static void pipes_are_read_whole(void **state) {
    char *path = arena_printf(*state, "/tmp/dflc-fifo-%ld", (long)getpid());
    assert_int_equal(mkfifo(path, 0600), 0);
    char *command = arena_printf(*state, "head -c 200000 /dev/zero | tr '\\0' y > %s &", path);
    assert_int_equal(system(command), 0);
    Source *source = source_read(*state, path);
    unlink(path);
    assert_non_null(source);
    assert_int_equal(source->n, 200000);
    assert_int_equal(source->text[199999], 'y');
}

static void unreadable_files_say_why(void **state) {
    assert_null(source_read(*state, "/tmp/dflc-no-such-file.dfl"));
    assert_int_equal(errno, ENOENT);
    assert_null(source_read(*state, "/tmp"));
    assert_int_equal(errno, EISDIR);
}

static void a_gibibyte_is_the_limit(void **state) {
    const char *path = temporary_file(*state, "", 0);
    assert_int_equal(truncate(path, ((off_t)1 << 30) + 1), 0);
    assert_null(source_read(*state, path));
    assert_int_equal(errno, EFBIG);
    unlink(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(offsets_have_lines_and_columns, setup, teardown),
        cmocka_unit_test_setup_teardown(every_offset_of_many_lines, setup, teardown),
        cmocka_unit_test_setup_teardown(nowhere_has_no_line, setup, teardown),
        cmocka_unit_test_setup_teardown(spans_join, setup, teardown),
        cmocka_unit_test_setup_teardown(files_are_read_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(pipes_are_read_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(unreadable_files_say_why, setup, teardown),
        cmocka_unit_test_setup_teardown(a_gibibyte_is_the_limit, setup, teardown),
    };
    return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}
