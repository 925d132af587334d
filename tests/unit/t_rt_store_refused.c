// What a file store refuses: to be opened with what is no store, too often or without memory, and records that have no
// room in the log's form; each with its reason, and with nothing written.
// link: -Wl,--wrap=fcntl,--wrap=fdatasync
#define _GNU_SOURCE /* F_OFD_SETLK */
#include "rt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "log_record.h"
#include "scratch.h"
#include "store.h"

static bool all_are_taken; /* numbers of handles, by others */
static int fail_sync;      /* errno */

int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...) {
    va_list args;
    void *arg;
    va_start(args, command);
    arg = va_arg(args, void *);
    va_end(args);
    if (!all_are_taken || command != F_OFD_SETLK || ((struct flock *)arg)->l_type != F_WRLCK)
        return __real_fcntl(fd, command, arg);
    errno = EAGAIN;
    return -1;
}

int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
int __wrap_fdatasync(int fd) {
    if (fail_sync == 0)
        return __real_fdatasync(fd);
    errno = fail_sync;
    return -1;
}

/* ---- opening ---- */

static void refuses(dfl_store_options options, int status, const char *message) {
    dfl_store *store = NULL;
    dfl_error error = {0};
    char expected[1024];
    options.error = &error;
    assert_int_equal(dfl_store_open(scratch_path("store"), &options, &store), status);
    assert_null(store);
    snprintf(expected, sizeof expected, message, scratch_path("store"));
    assert_int_equal(error.status, status);
    assert_string_equal(error.message, expected);
}

static dfl_store *open_store(void) {
    dfl_store *store = NULL;
    assert_int_equal(dfl_store_open(scratch_path("store"), NULL, &store), DFL_OK);
    return store;
}

static void no_place_to_open_or_to_put_it(void **state) {
    dfl_store *store = NULL;
    (void)state;
    assert_int_equal(dfl_store_open(NULL, NULL, &store), DFL_EINVAL);
    assert_null(store);
    assert_int_equal(dfl_store_open(scratch_path("store"), NULL, NULL), DFL_EINVAL);
    assert_int_not_equal(access(scratch_path("store"), F_OK), 0);
}

static void segments_that_are_too_short(void **state) {
    (void)state;
    refuses((dfl_store_options){.segment_bytes = 65535}, DFL_EINVAL,
            "segment_bytes is less than 65536");
    assert_int_not_equal(access(scratch_path("store"), F_OK), 0);
}

static void one_that_is_open_too_often(void **state) {
    (void)state;
    all_are_taken = true;
    refuses((dfl_store_options){0}, DFL_EBUSY, "the store '%s' is open too often");
    all_are_taken = false;
    dfl_store_close(open_store());
}

static void what_must_exist(void **state) {
    (void)state;
    refuses((dfl_store_options){.must_exist = true}, DFL_ENOTFOUND, "there is no store '%s'");
    assert_int_not_equal(access(scratch_path("store"), F_OK), 0);
}

static void a_file(void **state) {
    (void)state;
    close(open(scratch_path("store"), O_CREAT | O_WRONLY, 0666));
    refuses((dfl_store_options){0}, DFL_ESTORE, "the store '%s' cannot be opened: Not a directory");
}

static void without_memory(void **state) {
    (void)state;
    dfl__fail_after(0);
    refuses((dfl_store_options){0}, DFL_ENOMEM, "no memory to open the store '%s'");
    dfl__fail_after(-1);
}

/* ---- saving ---- */

static char *name_of(size_t n) {
    static char name[DFL__THREAD_MAX + 2];
    memset(name, 'x', n);
    name[n] = '\0';
    return name;
}

static int put(dfl_store *store, const char *thread, const char *next, const char *graph,
               size_t n) {
    dfl_record record = {.graph = graph, .layout = 1, .body = (const uint8_t *)"body", .n = n};
    uint64_t id;
    record.about.thread = thread;
    record.about.next = next;
    return store->ops->put(store->self, &record, DFL_ASYNC, &id);
}

static void is_too_long(int status) {
    assert_int_equal(status, DFL_ESTORE);
    assert_int_equal(errno, ENAMETOOLONG);
    errno = 0;
}

static void names_and_bodies_that_are_too_long(void **state) {
    dfl_store *store = open_store();
    dfl_checkpoint latest;
    (void)state;
    is_too_long(put(store, name_of(DFL__THREAD_MAX + 1), "n", "g", 4));
    is_too_long(put(store, "t", name_of(DFL__NAME_MAX + 1), "g", 4));
    is_too_long(put(store, "t", "n", name_of(DFL__NAME_MAX + 1), 4));
    is_too_long(put(store, "t", "n", "g", UINT32_MAX));
    is_too_long(store->ops->put_layout(store->self, name_of(DFL__NAME_MAX + 1), 7, "text", 4));
    is_too_long(store->ops->put_layout(store->self, "g", 7, "text", UINT32_MAX));
    assert_int_equal(dfl_store_latest(store, "t", &latest), DFL_ENOTFOUND);
    assert_int_equal(store->ops->layout(store->self, 7, NULL), DFL_ENOTFOUND);
    assert_int_equal(put(store, name_of(DFL__THREAD_MAX), "n", "g", 4), DFL_OK);
    assert_int_equal(put(store, "t", name_of(DFL__NAME_MAX), "g", 4), DFL_OK);
    assert_int_equal(dfl_store_latest(store, "t", &latest), DFL_OK);
    assert_int_equal(strlen(latest.next), DFL__NAME_MAX);
    dfl_store_close(store);
}

/* A sync that has failed is the end of the handle, also for what others would only read. */
static void anything_behind_a_failed_sync(void **state) {
    dfl_store *store = open_store();
    (void)state;
    assert_int_equal(put(store, "t", "n", "g", 4), DFL_OK);
    fail_sync = EIO;
    assert_int_equal(dfl_store_sync(store), DFL_ESTORE);
    fail_sync = 0;
    errno = 0;
    assert_int_equal(store->ops->put_layout(store->self, "g", 7, "text", 4), DFL_ESTORE);
    assert_int_equal(errno, EIO);
    assert_int_equal(put(store, "t", "n", "g", 4), DFL_ESTORE);
    assert_int_equal(dfl_store_delete_thread(store, "t"), DFL_ESTORE);
    assert_int_equal(dfl_store_compact(store), DFL_ESTORE);
    assert_int_equal(dfl_store_sync(store), DFL_ESTORE);
    dfl_store_close(store);
    store = open_store();
    assert_int_equal(put(store, "t", "n", "g", 4), DFL_OK);
    dfl_store_close(store);
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(no_place_to_open_or_to_put_it),
        TEST(segments_that_are_too_short),
        TEST(one_that_is_open_too_often),
        TEST(what_must_exist),
        TEST(a_file),
        TEST(without_memory),
        TEST(names_and_bodies_that_are_too_long),
        TEST(anything_behind_a_failed_sync),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
