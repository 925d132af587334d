// A write that fails half-way leaves nothing behind the end of the log: not when zeroes can be written over it at once, and
// not when only the next record can.
// link: -Wl,--wrap=pwrite,--wrap=pwritev
#include "rt.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "scratch.h"
#include "store.h"

enum { LEFT = 0xee, LONG = 20000, SHORT = 64 };

static bool disk_is_full;   /* of long records only the first half is written */
static bool even_of_zeroes; /* and nothing is overwritten with zeroes */

static bool is_zero(const void *p, size_t n) {
    const char *bytes = p;
    return n > 0 && bytes[0] == 0 && memcmp(bytes, bytes + 1, n - 1) == 0;
}

ssize_t __real_pwrite(int fd, const void *p, size_t n, off_t offset);
ssize_t __wrap_pwrite(int fd, const void *p, size_t n, off_t offset);
ssize_t __wrap_pwrite(int fd, const void *p, size_t n, off_t offset) {
    if (!even_of_zeroes || !is_zero(p, n))
        return __real_pwrite(fd, p, n, offset);
    errno = ENOSPC;
    return -1;
}

ssize_t __real_pwritev(int fd, const struct iovec *parts, int n_parts, off_t offset);
ssize_t __wrap_pwritev(int fd, const struct iovec *parts, int n_parts, off_t offset);
ssize_t __wrap_pwritev(int fd, const struct iovec *parts, int n_parts, off_t offset) {
    size_t head = parts[0].iov_len;
    if (!disk_is_full)
        return __real_pwritev(fd, parts, n_parts, offset);
    assert_true(n_parts > 1);
    (void)!__real_pwrite(fd, parts[0].iov_base, head, offset);
    (void)!__real_pwrite(fd, parts[1].iov_base, LONG / 2, offset + (off_t)head);
    errno = ENOSPC;
    return -1;
}

static int put(dfl_store *store, int byte, size_t n) {
    static uint8_t body[LONG];
    dfl_record record = {.graph = "g", .layout = 1, .body = body, .n = n};
    uint64_t id = 0;
    memset(body, byte, n);
    record.about.thread = "t";
    record.about.next = "node";
    return store->ops->put(store->self, &record, DFL_ASYNC, &id);
}

/* How much of what the failed write wrote is in the only segment; a checksum may have such bytes, but few in a row. */
static size_t left(void) {
    FILE *f = fopen(scratch_path("store/00000001.log"), "rb");
    size_t n = 0, most = 0;
    assert_non_null(f);
    for (int c = getc(f); c != EOF; c = getc(f)) {
        n = c == LEFT ? n + 1 : 0;
        most = n > most ? n : most;
    }
    fclose(f);
    return most < 8 ? 0 : most;
}

static void no_damage(void *user, const dfl_damage *damage) {
    (void)user;
    fail_msg("damage is told: %s", damage->what);
}

static dfl_store *open_it(void) {
    dfl_store_options options = {.on_damage = no_damage};
    dfl_store *store = NULL;
    assert_int_equal(dfl_store_open(scratch_path("store"), &options, &store), DFL_OK);
    return store;
}

static void fail_one(dfl_store *store, bool zeroes_too) {
    assert_int_equal(put(store, 1, SHORT), DFL_OK);
    assert_int_equal(left(), 0);
    disk_is_full = true, even_of_zeroes = zeroes_too;
    assert_int_equal(put(store, LEFT, LONG), DFL_ESTORE);
    assert_int_equal(errno, ENOSPC);
    disk_is_full = even_of_zeroes = false;
}

static void ends_well(dfl_store *store) {
    dfl_checkpoint latest;
    dfl_store_close(store);
    store = open_it();
    assert_int_equal(store->ops->latest(store->self, "t", &latest), DFL_OK);
    assert_int_equal(latest.bytes, 0);
    assert_int_equal(latest.id, 2);
    dfl_store_close(store);
}

static void it_is_overwritten_at_once(void **state) {
    dfl_store *store = open_it();
    (void)state;
    fail_one(store, false);
    assert_int_equal(left(), 0);
    assert_int_equal(put(store, 2, SHORT), DFL_OK);
    ends_well(store);
}

static void else_behind_the_next_record(void **state) {
    dfl_store *store = open_it();
    (void)state;
    fail_one(store, true);
    assert_in_range(left(), LONG / 2, LONG / 2 + 8);
    assert_int_equal(put(store, 2, SHORT), DFL_OK);
    assert_int_equal(left(), 0);
    ends_well(store);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_is_overwritten_at_once, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(else_behind_the_next_record, scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
