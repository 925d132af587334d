// The thread that writes zeroes ahead of the log: it follows the log to the next segment, and what it cannot do costs
// nobody a record: whoever appends does without it.
// link: -Wl,--wrap=pthread_create,--wrap=fstat,--wrap=write
#include "rt.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch_log.h"
#include "store_fill.h"

enum { MIB = 1 << 20, LONG = 20000, LONGER = 200000 };

/* ---- what the system does ---- */

static pthread_t main_thread;
static bool no_threads;
static atomic_bool no_fstat; /* in other threads */
static atomic_int fstats_failed, writes;
static atomic_int hold_at; /* this many writes are done before the thread is held; 0: it is not */
static sem_t is_held, may_go_on;

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *),
                          void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *),
                          void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *),
                          void *arg) {
    return no_threads ? EAGAIN : __real_pthread_create(thread, attr, run, arg);
}

int __real_fstat(int fd, struct stat *about);
int __wrap_fstat(int fd, struct stat *about);
int __wrap_fstat(int fd, struct stat *about) {
    if (!no_fstat || pthread_equal(pthread_self(), main_thread))
        return __real_fstat(fd, about);
    fstats_failed++;
    errno = EIO;
    return -1;
}

ssize_t __real_write(int fd, const void *p, size_t n);
ssize_t __wrap_write(int fd, const void *p, size_t n);
ssize_t __wrap_write(int fd, const void *p, size_t n) {
    if (!pthread_equal(pthread_self(), main_thread) && ++writes == hold_at) {
        sem_post(&is_held);
        sem_wait(&may_go_on);
    }
    return __real_write(fd, p, n);
}

/* ---- a log with its filler ---- */

typedef struct Filled {
    dfl__log log;
    dfl__filler filler;
    uint64_t last_id;
} Filled;

static void begin_log(Filled *filled, uint64_t segment_bytes) {
    uint32_t what;
    int dir = open(scratch_path("."), O_RDONLY | O_DIRECTORY);
    assert_true(dir >= 0);
    filled->last_id = 0;
    assert_int_equal(dfl__log_open(&filled->log, dir, segment_bytes, &what), DFL_OK);
    dfl__filler_init(&filled->filler, dir, segment_bytes);
}

static void append_and_note(Filled *filled, uint32_t n) {
    static uint8_t body[LONGER];
    assert_int_equal(append_bytes(&filled->log, ++filled->last_id, body, n), DFL_OK);
    dfl__filler_note(&filled->filler, &filled->log, n, filled->log.end);
}

static off_t bytes_of(int segment) {
    char name[32];
    struct stat about;
    snprintf(name, sizeof name, "%08d.log", segment);
    assert_int_equal(stat(scratch_path(name), &about), 0);
    return about.st_size;
}

/* As long as it takes: whoever waits in vain is ended by the runner. */
static void wait_for_bytes(int segment, off_t n) {
    while (bytes_of(segment) < n)
        usleep(1000);
}

/* All records are there, and behind them nothing but zeroes. */
static void end_log(Filled *filled) {
    Visited visited = {{0}, 0};
    uint64_t end, cleared = 1;
    dfl__filler_stop(&filled->filler);
    end = scan(&filled->log, 0, 0, &visited);
    assert_int_equal(end, filled->log.end);
    has_ids_up_to(&visited, filled->last_id);
    assert_int_equal(dfl__log_look_at_size(&filled->log), DFL_OK);
    assert_int_equal(dfl__log_clear_tail(&filled->log, &cleared), DFL_OK);
    assert_int_equal(cleared, 0);
    close_log(&filled->log);
}

/* ---- tests ---- */

static void it_goes_on_in_the_next_segment(void **state) {
    Filled filled;
    (void)state;
    begin_log(&filled, 4 * MIB);
    for (int segment = 1; segment <= 3; segment++) {
        append_and_note(&filled, LONG);
        wait_for_bytes(segment, 128 * LONG);
        assert_in_range(bytes_of(segment), 128 * LONG, 4 * MIB);
        assert_int_equal(dfl__log_begin(&filled.log, filled.last_id), DFL_OK);
    }
    end_log(&filled);
}

/* It is asked for again once the log has got further. */
static void without_a_thread(void **state) {
    Filled filled;
    off_t begun;
    (void)state;
    begin_log(&filled, 4 * MIB);
    no_threads = true;
    append_and_note(&filled, LONG);
    begun = bytes_of(1);
    append_and_note(&filled, LONG);
    assert_false(filled.filler.has_thread);
    assert_int_equal(bytes_of(1), begun);
    no_threads = false;
    append_and_note(&filled, LONG); /* where it could not be had it is not tried again */
    assert_false(filled.filler.has_thread);
    assert_int_equal(truncate(scratch_path("00000001.log"), begun + 4096), 0);
    assert_int_equal(dfl__log_look_at_size(&filled.log), DFL_OK);
    append_and_note(&filled, LONG);
    assert_true(filled.filler.has_thread);
    wait_for_bytes(1, 128 * LONG);
    end_log(&filled);
}

static void a_file_that_it_cannot_look_at(void **state) {
    Filled filled;
    off_t begun;
    (void)state;
    begin_log(&filled, 4 * MIB);
    no_fstat = true;
    append_and_note(&filled, LONG);
    begun = bytes_of(1);
    while (fstats_failed == 0)
        usleep(1000);
    usleep(20000);
    assert_int_equal(fstats_failed, 1); /* it waits to be asked again */
    assert_int_equal(bytes_of(1), begun);
    no_fstat = false;
    assert_int_equal(truncate(scratch_path("00000001.log"), begun + 4096), 0);
    assert_int_equal(dfl__log_look_at_size(&filled.log), DFL_OK);
    append_and_note(&filled, LONG);
    wait_for_bytes(1, 128 * LONG);
    end_log(&filled);
}

/* Records come to what it has just written: it is at it, and nobody wakes it again. */
static void it_is_left_alone_while_it_fills(void **state) {
    Filled filled;
    uint64_t woken_at;
    (void)state;
    begin_log(&filled, 64 * MIB);
    writes = 0;
    hold_at = 20; /* of 64 KiB each: in its second MiB */
    append_and_note(&filled, LONGER);
    sem_wait(&is_held);
    woken_at = filled.filler.woken_at;
    while (filled.filler.woken_at == woken_at) {
        assert_true(filled.last_id < 8);
        append_and_note(&filled, LONGER);
    }
    assert_int_equal(dfl__position_offset(filled.filler.woken_at), filled.log.segments[0].filled);
    assert_int_equal(writes, 20);
    hold_at = 0;
    sem_post(&may_go_on);
    wait_for_bytes(1, 16 * MIB);
    end_log(&filled);
}

static int begin(void **state) {
    (void)state;
    scratch_begin();
    main_thread = pthread_self();
    sem_init(&is_held, 0, 0);
    sem_init(&may_go_on, 0, 0);
    return 0;
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, begin, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(it_goes_on_in_the_next_segment),
        TEST(without_a_thread),
        TEST(a_file_that_it_cannot_look_at),
        TEST(it_is_left_alone_while_it_fills),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
