// The segments of a log: those that others add, fill and remove meanwhile are known by the next look, and what the
// system refuses leaves all that was there.
// link: -Wl,--wrap=openat,--wrap=closedir,--wrap=syncfs,--wrap=pwrite
#define _GNU_SOURCE /* syncfs */
#include "rt.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include "scratch_log.h"

/* ---- what the system does ---- */

static void (*when_listed)(void); /* once, behind a list */
static int fail_parent;           /* errno of an open of `..` */
static int fail_syncfs[2];        /* of the next calls; 0: they are done */
static int syncs;                 /* of the whole file system */
static bool no_zeroes;            /* the disk is full, but for what was filled */

int __real_openat(int dir, const char *name, int flags, ...);
int __wrap_openat(int dir, const char *name, int flags, ...);
int __wrap_openat(int dir, const char *name, int flags, ...) {
    va_list args;
    int mode;
    va_start(args, flags);
    mode = va_arg(args, int);
    va_end(args);
    if (!fail_parent || strcmp(name, "..") != 0)
        return __real_openat(dir, name, flags, mode);
    errno = fail_parent;
    return -1;
}

int __real_closedir(DIR *dir);
int __wrap_closedir(DIR *dir);
int __wrap_closedir(DIR *dir) {
    void (*then)(void) = when_listed;
    when_listed = NULL;
    if (then)
        then();
    return __real_closedir(dir);
}

int __wrap_syncfs(int fd);
int __wrap_syncfs(int fd) {
    int why = syncs < 2 ? fail_syncfs[syncs] : 0;
    assert_true(fd >= 0);
    syncs++;
    errno = why;
    return why ? -1 : 0;
}

ssize_t __real_pwrite(int fd, const void *p, size_t n, off_t offset);
ssize_t __wrap_pwrite(int fd, const void *p, size_t n, off_t offset);
ssize_t __wrap_pwrite(int fd, const void *p, size_t n, off_t offset) {
    const char *bytes = p;
    if (!no_zeroes || bytes[0] != 0 || memcmp(bytes, bytes + 1, n - 1) != 0)
        return __real_pwrite(fd, p, n, offset);
    errno = ENOSPC;
    return -1;
}

/* ---- segments of others ---- */

static void rename_to(const char *from, const char *to) {
    char path[512];
    snprintf(path, sizeof path, "%s", scratch_path(from));
    assert_int_equal(rename(path, scratch_path(to)), 0);
}

/* A list of a directory in which others make files may leave one out; it is put in its place later. */
static void one_that_a_list_has_missed(void **state) {
    Visited visited = {{0}, 0};
    dfl__log writer, reader;
    bool removed = false;
    uint32_t what;
    (void)state;
    open_log(&writer);
    for (uint64_t id = 1; id <= 3; id++) {
        append(&writer, id);
        assert_int_equal(dfl__log_begin(&writer, id), DFL_OK);
    }
    rename_to("00000002.log", "hidden");
    open_log(&reader);
    assert_int_equal(reader.n, 3);
    rename_to("hidden", "00000002.log");
    assert_int_equal(dfl__log_refresh(&reader, DFL__ALL_SEGMENTS, &what, &removed), DFL_OK);
    assert_false(removed);
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(reader.segments[i].number, i + 1);
    scan(&reader, 0, 0, &visited);
    has_ids_up_to(&visited, 3);
    close_log(&reader);
    close_log(&writer);
}

static void remove_oldest(void) {
    assert_int_equal(unlink(scratch_path("00000001.log")), 0);
}

/* Compaction by another handle: that one is gone is told, and is no failure. */
static void one_that_goes_behind_the_list(void **state) {
    dfl__log writer, reader;
    bool removed = false;
    uint32_t what;
    (void)state;
    open_log(&writer);
    append(&writer, 1);
    assert_int_equal(dfl__log_begin(&writer, 1), DFL_OK);
    dfl__log_init(&reader, dup(writer.dir), SCRATCH_SEGMENT);
    when_listed = remove_oldest;
    assert_int_equal(dfl__log_refresh(&reader, DFL__ALL_SEGMENTS, &what, &removed), DFL_OK);
    assert_true(removed);
    assert_true(reader.n == 1 && reader.segments[0].number == 2);
    close_log(&reader);
    close_log(&writer);
}

/* As by a handle of a program that was told of longer segments: no zeroes are written over them again. */
static void zeroes_that_others_have_written(void **state) {
    static uint8_t body[SCRATCH_SEGMENT];
    struct stat about;
    dfl__log log;
    (void)state;
    memset(body, 1, sizeof body);
    open_log(&log);
    append(&log, 1);
    log.segments[0].filled = 1000; /* as if it had not looked since */
    no_zeroes = true;
    assert_int_equal(append_bytes(&log, 2, body, 2000), DFL_OK);
    no_zeroes = false;
    assert_int_equal(stat(scratch_path("00000001.log"), &about), 0);
    assert_int_equal(about.st_size, SCRATCH_SEGMENT);
    assert_int_equal(log.segments[0].filled, SCRATCH_SEGMENT);
    close_log(&log);
}

static void what_lies_in_none(void **state) {
    uint8_t bytes[8];
    dfl__log log;
    (void)state;
    open_log(&log);
    append(&log, 1);
    assert_int_equal(dfl__log_read(&log, dfl__position(1, DFL__SEGMENT_HEAD), bytes, 8), DFL_OK);
    assert_int_equal(dfl__log_read(&log, dfl__position(7, DFL__SEGMENT_HEAD), bytes, 8),
                     DFL_ECORRUPT);
    close_log(&log);
}

/* ---- what the system refuses ---- */

/* Beyond what was filled there is nothing to be overwritten when the filling has failed. */
static void no_room_for_zeroes(void **state) {
    static uint8_t body[SCRATCH_SEGMENT];
    Visited visited = {{0}, 0};
    dfl__log log;
    uint64_t end;
    (void)state;
    memset(body, 1, sizeof body);
    open_log(&log);
    append(&log, 1);
    assert_int_equal(truncate(scratch_path("00000001.log"), 1000), 0);
    log.segments[0].filled = 1000;
    end = log.end;
    no_zeroes = true;
    assert_int_equal(append_bytes(&log, 2, body, 20000), DFL_ESTORE);
    assert_int_equal(errno, ENOSPC);
    no_zeroes = false;
    assert_int_equal(log.end, end);
    assert_int_equal(log.dirty, 1000);
    append(&log, 2);
    assert_int_equal(log.dirty, 0);
    scan(&log, 0, 0, &visited);
    has_ids_up_to(&visited, 2);
    close_log(&log);
}

/* The name of the store is in a directory that this program may not open: all of the file system is synced. */
static void a_directory_around_it_that_may_not_be_read(void **state) {
    dfl__log log;
    (void)state;
    open_log(&log);
    fail_parent = EACCES;
    fail_syncfs[0] = EINTR;
    append(&log, 1);
    assert_int_equal(syncs, 2);
    assert_int_equal(log.failed_sync, 0);
    append(&log, 2);
    assert_int_equal(syncs, 2);
    close_log(&log);
}

static void nor_synced_with_all(void **state) {
    dfl__log log;
    (void)state;
    open_log(&log);
    fail_parent = EACCES;
    fail_syncfs[0] = EIO;
    assert_int_equal(append_bytes(&log, 1, "body", 4), DFL_ESTORE);
    assert_int_equal(errno, EIO);
    assert_int_equal(log.failed_sync, EIO);
    close_log(&log);
}

static void nor_opened_for_another_reason(void **state) {
    dfl__log log;
    (void)state;
    open_log(&log);
    fail_parent = EMFILE;
    assert_int_equal(append_bytes(&log, 1, "body", 4), DFL_ESTORE);
    assert_int_equal(errno, EMFILE);
    assert_int_equal(syncs + log.failed_sync, 0);
    fail_parent = 0;
    append(&log, 1);
    close_log(&log);
}

static int begin(void **state) {
    (void)state;
    scratch_begin();
    fail_parent = syncs = fail_syncfs[0] = fail_syncfs[1] = 0;
    return 0;
}

static int end(void **state) {
    (void)state;
    fail_parent = 0;
    scratch_end();
    return 0;
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(one_that_a_list_has_missed),
        TEST(one_that_goes_behind_the_list),
        TEST(zeroes_that_others_have_written),
        TEST(what_lies_in_none),
        TEST(no_room_for_zeroes),
        TEST(a_directory_around_it_that_may_not_be_read),
        TEST(nor_synced_with_all),
        TEST(nor_opened_for_another_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
