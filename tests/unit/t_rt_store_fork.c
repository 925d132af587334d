// A file store across fork(): a child that has a handle of its parent may go on with it, and holds nobody up if it
// does not.
// link: -Wl,--wrap=pwrite
#include "rt.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scratch.h"
#include "store.h"

/* What takes longer hangs. */
enum { PATIENCE_S = 60 };

static bool die_writing; /* once a record is written */

ssize_t __real_pwrite(int fd, const void *p, size_t n, off_t offset);
ssize_t __wrap_pwrite(int fd, const void *p, size_t n, off_t offset) {
    ssize_t rc = __real_pwrite(fd, p, n, offset);
    if (die_writing && n > 4 && memcmp(p, "dflr", 4) == 0)
        raise(SIGKILL);
    return rc;
}

static dfl_store *open_with(dfl_store_options options) {
    dfl_store *store = NULL;
    assert_int_equal(dfl_store_open(scratch_path("store"), &options, &store), DFL_OK);
    return store;
}

static dfl_store *open_store(void) {
    return open_with((dfl_store_options){0});
}

static int put(dfl_store *store, const char *thread, uint64_t step, dfl_durability durability) {
    static const uint8_t body[64];
    dfl_record record = {.graph = "g", .layout = 1, .body = body, .n = sizeof body};
    uint64_t id;
    record.about.thread = thread;
    record.about.next = "node";
    record.about.step = step;
    return store->ops->put(store->self, &record, durability, &id);
}

static int count_one(void *user, const dfl_checkpoint *about) {
    (void)about;
    ++*(int *)user;
    return 0;
}

static int count(dfl_store *store, const char *thread) {
    int n = 0, status = dfl_store_history(store, thread, 0, count_one, &n);
    assert_true(status == DFL_OK || status == DFL_ENOTFOUND);
    return n;
}

static void ends_well(pid_t child) {
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- a child that does nothing ---- */

/* In a child: its own child has the handle, and outlives it. That one tells that it is there, and waits. */
static void die_with_the_lock(int told, int wait) {
    dfl_store *store = open_store();
    char byte = 0;
    if (put(store, "t", 1, DFL_SYNC) != DFL_OK)
        _exit(1);
    if (fork() == 0) {
        (void)!write(told, &byte, 1);
        (void)!read(wait, &byte, 1);
        _exit(0);
    }
    die_writing = true;
    (void)put(store, "t", 2, DFL_SYNC);
    _exit(1);
}

static void a_child_that_outlives_its_parent(void **state) {
    int told[2], wait[2], status;
    dfl_store *store;
    pid_t child;
    char byte;
    (void)state;
    scratch_begin();
    assert_int_equal(pipe(told) | pipe(wait), 0);
    child = fork();
    if (child == 0) {
        close(wait[1]);
        die_with_the_lock(told[1], wait[0]);
    }
    assert_int_equal(read(told[0], &byte, 1), 1);
    waitpid(child, &status, 0);
    assert_true(WIFSIGNALED(status));
    alarm(PATIENCE_S);
    store = open_store();
    assert_int_equal(put(store, "t", 3, DFL_SYNC), DFL_OK);
    assert_int_equal(count(store, "t"), 3);
    dfl_store_close(store);
    alarm(0);
    for (int i = 0; i < 2; i++) {
        close(told[i]);
        close(wait[i]);
    }
    scratch_end();
}

/* ---- a child that goes on ---- */

typedef struct Busy {
    dfl_store *store;
    pthread_t id;
    int number;
    atomic_bool stop, failed;
    atomic_int saved;
} Busy;

static void *save_on(void *arg) {
    Busy *busy = arg;
    char thread[16];
    snprintf(thread, sizeof thread, "busy%d", busy->number);
    while (!busy->stop) {
        dfl_durability durability = (dfl_durability)(busy->saved % 2);
        if (put(busy->store, thread, (uint64_t)busy->saved, durability) != DFL_OK)
            busy->failed = true;
        busy->saved++;
    }
    return NULL;
}

static void save_as_a_child(dfl_store *store, int number) {
    char thread[16];
    alarm(PATIENCE_S);
    snprintf(thread, sizeof thread, "child%d", number);
    for (int i = 0; i < 8; i++)
        if (put(store, thread, (uint64_t)i, (dfl_durability)(i % 3)) != DFL_OK)
            _exit(1);
    if (count(store, thread) != 8 || dfl_store_sync(store) != DFL_OK)
        _exit(2);
    if (number % 2)
        dfl_store_close(store);
    _exit(0);
}

/* Other threads of the parent are at anything: syncs, the thread for DFL_ASYNC, a segment. */
static void children_that_go_on(void **state) {
    enum { THREADS = 3, CHILDREN = 12 };
    static Busy busy[THREADS];
    dfl_store *store;
    (void)state;
    scratch_begin();
    store = open_with((dfl_store_options){.segment_bytes = 65536});
    for (int i = 0; i < THREADS; i++) {
        busy[i] = (Busy){.store = store, .number = i};
        assert_int_equal(pthread_create(&busy[i].id, NULL, save_on, &busy[i]), 0);
    }
    for (int i = 0; i < CHILDREN; i++) {
        int before = busy[0].saved;
        pid_t child = fork();
        if (child == 0)
            save_as_a_child(store, i);
        ends_well(child);
        while (busy[0].saved < before + 2)
            usleep(100);
    }
    for (int i = 0; i < THREADS; i++) {
        busy[i].stop = true;
        pthread_join(busy[i].id, NULL);
        assert_false(busy[i].failed);
    }
    for (int again = 0; again < 2; again++) {
        char thread[16];
        for (int i = 0; i < CHILDREN; i++) {
            snprintf(thread, sizeof thread, "child%d", i);
            assert_int_equal(count(store, thread), 8);
        }
        for (int i = 0; i < THREADS; i++) {
            snprintf(thread, sizeof thread, "busy%d", i);
            assert_int_equal(count(store, thread), busy[i].saved);
        }
        assert_int_equal(dfl_store_verify(store, NULL, NULL), DFL_OK);
        dfl_store_close(store);
        store = again ? NULL : open_store();
    }
    scratch_end();
}

/* ---- a fork() within a call ---- */

static pid_t forked;

/* The store is locked meanwhile, so that the child does not know what state it is in. */
static void fork_on_damage(void *user, const dfl_damage *damage) {
    (void)user, (void)damage;
    if (forked < 0)
        forked = fork();
}

/* A byte of the first record. */
static void damage_byte(off_t at) {
    int fd = open(scratch_path("store/00000001.log"), O_WRONLY);
    assert_int_equal(pwrite(fd, "x", 1, 64 + at), 1);
    close(fd);
}

static void a_child_of_a_callback(void **state) {
    dfl_store *store;
    (void)state;
    scratch_begin();
    store = open_with((dfl_store_options){.on_damage = fork_on_damage});
    for (uint64_t i = 0; i < 3; i++)
        assert_int_equal(put(store, "t", i, DFL_SYNC), DFL_OK);
    damage_byte(100); /* of its body */
    forked = -1;
    assert_int_equal(dfl_store_verify(store, fork_on_damage, NULL), DFL_ECORRUPT);
    if (forked == 0) {
        dfl_checkpoint latest;
        alarm(PATIENCE_S);
        if (put(store, "t", 9, DFL_SYNC) != DFL_ESTORE || errno != EBUSY)
            _exit(1);
        if (dfl_store_latest(store, "t", &latest) != DFL_ESTORE || errno != EBUSY)
            _exit(2);
        dfl_store_close(store);
        _exit(0);
    }
    ends_well(forked);
    assert_int_equal(put(store, "t", 3, DFL_SYNC), DFL_OK);
    dfl_store_close(store);
    scratch_end();
}

/* The child does not go on with what it was about to save: it has not the lock that its parent has. */
static void a_child_of_a_callback_of_a_save(void **state) {
    dfl_store *store, *other;
    int status;
    (void)state;
    scratch_begin();
    store = open_with((dfl_store_options){.on_damage = fork_on_damage});
    other = open_store();
    for (uint64_t i = 0; i < 3; i++)
        assert_int_equal(put(other, "t", i, DFL_SYNC), DFL_OK);
    damage_byte(24); /* of its header */
    forked = -1;
    status = put(store, "t", 3, DFL_SYNC);
    if (forked == 0) {
        if (status != DFL_ESTORE || errno != EBUSY)
            _exit(1);
        dfl_store_close(store);
        _exit(0);
    }
    assert_int_equal(status, DFL_OK);
    ends_well(forked);
    assert_int_equal(count(other, "t"), 3); /* one is damaged */
    dfl_store_close(store);
    dfl_store_close(other);
    store = open_store();
    assert_int_equal(count(store, "t"), 3);
    assert_int_equal(put(store, "t", 4, DFL_SYNC), DFL_OK);
    dfl_store_close(store);
    scratch_end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_that_outlives_its_parent),
        cmocka_unit_test(children_that_go_on),
        cmocka_unit_test(a_child_of_a_callback),
        cmocka_unit_test(a_child_of_a_callback_of_a_save),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
