// Checkpoints that several threads save durably at the same time: one of the threads appends and syncs them all, and
// each is told what became of its own.
// needs: tsan; link: -Wl,--wrap=pwrite,--wrap=fdatasync
#include "rt.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scratch.h"
#include "store_file.h"

/* What takes longer hangs. */
enum { PATIENCE_S = 60, MANY = 8, BODY = 64 };

/* ---- the system ---- */

static atomic_bool hold;     /* syncs do not end */
static atomic_bool is_held;  /* one of them */
static atomic_int fail_sync; /* 1: the next one, 2: the one behind it */
static atomic_int writes;    /* of records, which begin one of them */
static atomic_int fail_writes;
static const char *unwritable; /* a thread of checkpoints: nothing of it can be written */

static bool holds(const char *p, size_t n, const char *text) {
    for (size_t i = 0; i + strlen(text) <= n; i++)
        if (memcmp(p + i, text, strlen(text)) == 0)
            return true;
    return false;
}

ssize_t __real_pwrite(int fd, const void *p, size_t n, off_t offset);
ssize_t __wrap_pwrite(int fd, const void *p, size_t n, off_t offset) {
    if (n < 4 || memcmp(p, "dflr", 4) != 0)
        return __real_pwrite(fd, p, n, offset);
    writes++;
    if (fail_writes == 0 && !(unwritable && holds(p, n, unwritable)))
        return __real_pwrite(fd, p, n, offset);
    if (fail_writes > 0)
        fail_writes--;
    (void)!__real_pwrite(fd, p, n / 2, offset);
    errno = ENOSPC;
    return -1;
}

int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd) {
    while (hold) {
        is_held = true;
        usleep(100);
    }
    if (fail_sync == 0 || --fail_sync > 0)
        return __real_fdatasync(fd);
    errno = EIO;
    return -1;
}

/* ---- those that save ---- */

typedef struct Writer {
    pthread_t id;
    dfl_store *store;
    char thread[16];
    size_t n; /* of its body */
    int status, why;
    uint64_t saved; /* id */
} Writer;

static Writer first, all[MANY];

static int put(dfl_store *store, const char *thread, size_t n, uint64_t *id) {
    static const uint8_t body[100 << 10];
    dfl_record record = {.graph = "g", .layout = 1, .body = body, .n = n};
    record.about.thread = thread;
    record.about.next = "node";
    return store->ops->put(store->self, &record, DFL_SYNC, id);
}

static void *save(void *arg) {
    Writer *writer = arg;
    writer->status = put(writer->store, writer->thread, writer->n, &writer->saved);
    writer->why = errno;
    return NULL;
}

static void start(Writer *writer, dfl_store *store) {
    writer->store = store;
    writer->status = -1;
    assert_int_equal(pthread_create(&writer->id, NULL, save, writer), 0);
}

static unsigned joined(dfl_store *store) {
    dfl__file_syncs *syncs = &dfl__store_file(store)->syncs;
    unsigned n;
    pthread_mutex_lock(&syncs->lock);
    n = syncs->joined;
    pthread_mutex_unlock(&syncs->lock);
    return n;
}

/* All wait for one round, in this order, while the sync of another checkpoint goes on. */
static void wait_together(dfl_store *store) {
    alarm(PATIENCE_S);
    first = (Writer){.thread = "first", .n = BODY};
    is_held = false;
    hold = true;
    start(&first, store);
    while (!is_held)
        usleep(100);
    for (unsigned i = 0; i < MANY; i++) {
        start(&all[i], store);
        while (joined(store) <= i)
            usleep(100);
    }
    writes = 0;
}

static void let_go(void) {
    hold = false;
    pthread_join(first.id, NULL);
    for (unsigned i = 0; i < MANY; i++)
        pthread_join(all[i].id, NULL);
    alarm(0);
}

static void go_on(void) {
    let_go();
    assert_int_equal(first.status, DFL_OK);
}

static void save_together(dfl_store *store) {
    wait_together(store);
    go_on();
}

/* Each in its own thread of checkpoints. */
static void each_its_own(void) {
    for (unsigned i = 0; i < MANY; i++) {
        all[i] = (Writer){.n = BODY};
        snprintf(all[i].thread, sizeof all[i].thread, "writer%u", i);
    }
}

/* ---- what there is then ---- */

static dfl_store *open_with(dfl_store_options options) {
    dfl_store *store = NULL;
    assert_int_equal(dfl_store_open(scratch_path("store"), &options, &store), DFL_OK);
    return store;
}

static dfl_store *open_store(void) {
    return open_with((dfl_store_options){0});
}

static dfl_store *open_again(dfl_store *store) {
    dfl_store_close(store);
    return open_store();
}

static void is_saved(dfl_store *store, const Writer *writer) {
    dfl_buf hold_ = {0};
    dfl_record record;
    assert_int_equal(writer->status, DFL_OK);
    assert_int_equal(store->ops->read(store->self, writer->thread, writer->saved, &record, &hold_),
                     DFL_OK);
    assert_int_equal(record.n, writer->n);
    dfl_buf_free(&hold_);
}

static void all_are_saved(dfl_store *store) {
    for (unsigned i = 0; i < MANY; i++) {
        is_saved(store, &all[i]);
        assert_int_equal(all[i].saved, first.saved + 1 + i);
    }
}

static void is_not_there(dfl_store *store, const char *thread) {
    dfl_checkpoint about;
    assert_int_equal(dfl_store_latest(store, thread, &about), DFL_ENOTFOUND);
}

/* ---- the tests ---- */

static void in_one_write(void **state) {
    dfl_store *store;
    (void)state;
    scratch_begin();
    store = open_store();
    each_its_own();
    for (int again = 0; again < 2;
         again++) { /* threads that are new to the store, and that are not */
        save_together(store);
        assert_int_equal(writes, 1);
        all_are_saved(store);
    }
    store = open_again(store);
    all_are_saved(store);
    dfl_store_close(store);
    scratch_end();
}

static int check_lineage(void *user, const dfl_checkpoint *about) {
    uint64_t *expected = user;
    assert_true(*expected == 0 || about->id == *expected);
    *expected = about->previous;
    return 0;
}

/* The second one of a thread of checkpoints follows on the first. */
static void in_one_thread(void **state) {
    dfl_store *store;
    (void)state;
    scratch_begin();
    store = open_store();
    for (int again = 0; again < 2; again++) { /* as above */
        uint64_t expected = 0;
        for (unsigned i = 0; i < MANY; i++)
            all[i] = (Writer){.thread = "one", .n = BODY};
        save_together(store);
        all_are_saved(store);
        assert_int_equal(dfl_store_history(store, "one", 0, check_lineage, &expected), DFL_OK);
        assert_int_equal(expected, 0);
    }
    dfl_store_close(store);
    scratch_end();
}

static void newest_are_kept(void **state) {
    dfl_checkpoint about;
    dfl_store *store;
    uint64_t id;
    (void)state;
    scratch_begin();
    store = open_with((dfl_store_options){.keep_last = 1});
    each_its_own();
    for (unsigned i = 0; i < MANY; i++)
        assert_int_equal(put(store, all[i].thread, BODY, &id), DFL_OK);
    save_together(store);
    all_are_saved(store);
    for (unsigned i = 0; i < MANY; i++) {
        dfl_record record;
        dfl_buf bytes = {0};
        assert_int_equal(dfl_store_latest(store, all[i].thread, &about), DFL_OK);
        assert_int_equal(
            store->ops->read(store->self, all[i].thread, about.previous, &record, &bytes),
            DFL_ENOTFOUND);
        dfl_buf_free(&bytes);
    }
    dfl_store_close(store);
    scratch_end();
}

/* Long records are written from where they are, by a call that takes several parts. */
static void long_ones_between(void **state) {
    dfl_store *store;
    (void)state;
    scratch_begin();
    store = open_store();
    each_its_own();
    all[2].n = 20000;
    all[5].n = 100 << 10;
    save_together(store);
    assert_int_equal(writes, 3);
    all_are_saved(store);
    for (unsigned i = 0; i < MANY; i++)
        all[i].n = 100 << 10;
    all[0].n = (100 << 10) - 4096;
    for (int again = 0; again < 2; again++) { /* more than is written while the locks are held */
        save_together(store);
        all_are_saved(store);
    }
    store = open_again(store);
    all_are_saved(store);
    dfl_store_close(store);
    scratch_end();
}

static void where_a_segment_ends(void **state) {
    dfl_store *store;
    (void)state;
    scratch_begin();
    store = open_with((dfl_store_options){.segment_bytes = 65536});
    each_its_own();
    for (unsigned i = 0; i < MANY; i++)
        all[i].n = 5000;
    for (int again = 0; again < 3; again++) {
        save_together(store);
        all_are_saved(store);
    }
    assert_int_equal(dfl__store_file(store)->log.n, 2);
    store = open_again(store);
    all_are_saved(store);
    dfl_store_close(store);
    scratch_end();
}

static void that_cannot_be_written(void **state) {
    dfl_store *store;
    uint64_t id;
    (void)state;
    scratch_begin();
    store = open_store();
    each_its_own();
    wait_together(store);
    fail_writes = 1;
    go_on();
    assert_int_equal(writes, 1 + MANY);
    all_are_saved(store);

    for (unsigned i = 0; i < MANY; i++)
        snprintf(all[i].thread, sizeof all[i].thread, "other%u", i);
    wait_together(store);
    fail_writes = -1;
    go_on();
    fail_writes = 0;
    for (unsigned i = 0; i < MANY; i++) {
        assert_int_equal(all[i].status, DFL_ESTORE);
        assert_int_equal(all[i].why, ENOSPC);
        is_not_there(store, all[i].thread);
    }
    assert_int_equal(put(store, "then", BODY, &id), DFL_OK);
    assert_int_equal(id, first.saved + 1);
    store = open_again(store);
    is_not_there(store, "other0");
    dfl_store_close(store);
    scratch_end();
}

static void of_which_one_cannot_be_written(void **state) {
    dfl_store *store;
    (void)state;
    scratch_begin();
    store = open_store();
    each_its_own();
    wait_together(store);
    unwritable = all[3].thread;
    go_on();
    unwritable = NULL;
    for (unsigned i = 0; i < MANY; i++)
        if (i != 3)
            is_saved(store, &all[i]);
    assert_int_equal(all[3].status, DFL_ESTORE);
    assert_int_equal(all[3].why, ENOSPC);
    is_not_there(store, all[3].thread);
    store = open_again(store);
    is_saved(store, &all[2]);
    is_saved(store, &all[4]);
    is_not_there(store, all[3].thread);
    dfl_store_close(store);
    scratch_end();
}

static void without_memory(void **state) {
    dfl_store *store;
    (void)state;
    for (long n = 0; n <= 1; n++) { /* for the group; for a thread of checkpoints */
        scratch_begin();
        store = open_store();
        each_its_own();
        wait_together(store);
        dfl__fail_after(n);
        go_on();
        dfl__fail_after(-1);
        assert_int_equal(writes, 2); /* the first one alone */
        all_are_saved(store);
        dfl_store_close(store);
        scratch_end();
    }
}

/* note [a failed sync] in log.h: theirs, or the one before it, after which nothing is appended any more. */
static void whose_sync_fails(void **state) {
    (void)state;
    for (int which = 1; which <= 2; which++) {
        dfl_store *store;
        uint64_t id;
        scratch_begin();
        store = open_store();
        each_its_own();
        wait_together(store);
        fail_sync = which;
        let_go();
        assert_int_equal(first.status, which == 1 ? DFL_ESTORE : DFL_OK);
        assert_int_equal(writes, which == 1 ? 0 : 1);
        for (unsigned i = 0; i < MANY; i++) {
            assert_int_equal(all[i].status, DFL_ESTORE);
            assert_int_equal(all[i].why, EIO);
        }
        assert_int_equal(put(store, "then", BODY, &id), DFL_ESTORE);
        assert_int_equal(errno, EIO);
        dfl_store_close(store);
        scratch_end();
    }
}

/* The child has none of those that wait. */
static void beside_a_fork(void **state) {
    dfl_store *store;
    int status;
    pid_t child;
    (void)state;
    scratch_begin();
    store = open_store();
    each_its_own();
    wait_together(store);
    child = fork();
    if (child == 0) {
        uint64_t id;
        alarm(PATIENCE_S);
        hold = false;
        for (unsigned i = 0; i < 3; i++)
            if (put(store, "child", BODY, &id) != DFL_OK)
                _exit(1);
        _exit(writes == 3 ? 0 : 2);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    go_on();
    for (int again = 0; again < 2; again++) {
        for (unsigned i = 0; i < MANY; i++)
            is_saved(store, &all[i]);
        assert_int_equal(all[0].saved, first.saved + 4);
        store = again ? store : open_again(store);
    }
    dfl_store_close(store);
    scratch_end();
}

/* ---- many rounds ---- */

enum { ROUNDS = 200 };

static void *save_many(void *arg) {
    Writer *writer = arg;
    uint64_t before = 0;
    for (int i = 0; i < ROUNDS; i++) {
        writer->status = put(writer->store, writer->thread, writer->n, &writer->saved);
        if (writer->status != DFL_OK || writer->saved <= before)
            break;
        before = writer->saved;
    }
    return NULL;
}

static int count_one(void *user, const dfl_checkpoint *about) {
    (void)about;
    ++*(int *)user;
    return 0;
}

/* Whoever comes last leads the round. */
static void round_after_round(void **state) {
    dfl_store *store;
    (void)state;
    scratch_begin();
    store = open_with((dfl_store_options){.segment_bytes = 65536});
    each_its_own();
    alarm(PATIENCE_S);
    for (unsigned i = 0; i < MANY; i++) {
        all[i].store = store;
        all[i].n = i * 40;
        assert_int_equal(pthread_create(&all[i].id, NULL, save_many, &all[i]), 0);
    }
    for (unsigned i = 0; i < MANY; i++)
        pthread_join(all[i].id, NULL);
    alarm(0);
    store = open_again(store);
    for (unsigned i = 0; i < MANY; i++) {
        int n = 0;
        is_saved(store, &all[i]);
        assert_int_equal(dfl_store_history(store, all[i].thread, 0, count_one, &n), DFL_OK);
        assert_int_equal(n, ROUNDS);
    }
    assert_int_equal(dfl_store_verify(store, NULL, NULL), DFL_OK);
    dfl_store_close(store);
    scratch_end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_one_write),
        cmocka_unit_test(in_one_thread),
        cmocka_unit_test(newest_are_kept),
        cmocka_unit_test(long_ones_between),
        cmocka_unit_test(where_a_segment_ends),
        cmocka_unit_test(that_cannot_be_written),
        cmocka_unit_test(of_which_one_cannot_be_written),
        cmocka_unit_test(without_memory),
        cmocka_unit_test(whose_sync_fails),
        cmocka_unit_test(beside_a_fork),
        cmocka_unit_test(round_after_round),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
