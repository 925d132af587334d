// needs: tsan
// Compaction of the file store: it gives back room and changes nothing else, whoever uses the store
// meanwhile and whatever becomes of the process.
#include "rt.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crc32c.h"
#include "scratch.h"
#include "store.h"

enum { BODY = 1000 };

static dfl_store *open_with(dfl_store_options options) {
    dfl_store *store = NULL;
    options.segment_bytes = 65536;
    return dfl_store_open(scratch_path("store"), &options, &store) == DFL_OK ? store : NULL;
}

static dfl_store *open_store(void) {
    dfl_store *store = open_with((dfl_store_options){0});
    assert_non_null(store);
    return store;
}

static int put_bytes(dfl_store *store, const char *thread, uint64_t step, size_t n,
                     dfl_durability durability, uint64_t *id) {
    uint8_t *body = malloc(n);
    dfl_record record = {.graph = "g", .layout = 7, .body = body, .n = n};
    int status;
    for (size_t i = 0; i < n; i++)
        body[i] = (uint8_t)(step * 31 + i * 7);
    record.about.thread = thread;
    record.about.next = step % 2 ? "odd" : "even";
    record.about.step = step;
    record.about.bytes = n;
    status = store->ops->put(store->self, &record, durability, id);
    free(body);
    return status;
}

static int put(dfl_store *store, const char *thread, uint64_t step) {
    uint64_t id;
    return put_bytes(store, thread, step, BODY, DFL_ASYNC, &id);
}

static bool is_right(const dfl_record *record) {
    for (size_t i = 0; i < record->n; i++)
        if (record->body[i] != (uint8_t)(record->about.step * 31 + i * 7))
            return false;
    return record->layout == 7 && record->about.bytes == record->n &&
           !strcmp(record->about.next, record->about.step % 2 ? "odd" : "even");
}

/* ---- all that a store tells ---- */

typedef struct Sum {
    dfl_store *store;
    const char *only; /* NULL: all threads */
    char thread[64];
    uint32_t crc;
    int n, wrong;
} Sum;

static void fold(Sum *sum, const void *p, size_t n) {
    sum->crc = dfl__crc32c(sum->crc, p, n);
}

static int sum_checkpoint(void *user, const dfl_checkpoint *about) {
    Sum *sum = user;
    dfl_record record;
    dfl_buf hold = {0};
    if (sum->store->ops->read(sum->store->self, sum->thread, about->id, &record, &hold) != DFL_OK ||
        !is_right(&record) || record.about.previous != about->previous) {
        sum->wrong++;
    } else {
        uint64_t numbers[] = {about->id, about->previous, about->step, (uint64_t)about->time_ns};
        fold(sum, numbers, sizeof numbers);
        fold(sum, record.body, record.n);
    }
    sum->n++;
    dfl_buf_free(&hold);
    return 0;
}

static int sum_thread(void *user, const char *thread) {
    Sum *sum = user;
    if (sum->only && strcmp(thread, sum->only) != 0)
        return 0;
    snprintf(sum->thread, sizeof sum->thread, "%s", thread);
    fold(sum, thread, strlen(thread));
    if (dfl_store_history(sum->store, sum->thread, 0, sum_checkpoint, sum) != DFL_OK)
        sum->wrong++;
    return 0;
}

static Sum sum_of(dfl_store *store, const char *only) {
    Sum sum = {.store = store, .only = only};
    assert_int_equal(dfl_store_threads(store, sum_thread, &sum), DFL_OK);
    assert_int_equal(sum.wrong, 0);
    return sum;
}

static void check_same(dfl_store *store, const char *only, Sum before) {
    Sum after = sum_of(store, only);
    assert_int_equal(after.n, before.n);
    assert_int_equal(after.crc, before.crc);
}

static void check_compact(dfl_store *store) {
    Sum before = sum_of(store, NULL);
    assert_int_equal(dfl_store_compact(store), DFL_OK);
    check_same(store, NULL, before);
    assert_int_equal(dfl_store_verify(store, NULL, NULL), DFL_OK);
}

static dfl_store *reopen(dfl_store *store) {
    Sum before = sum_of(store, NULL);
    dfl_store_close(store);
    store = open_store();
    check_same(store, NULL, before);
    return store;
}

/* Files of the store whose name ends so, and their bytes. */
static int count_files(const char *suffix, uint64_t *bytes) {
    DIR *dir = opendir(scratch_path("store"));
    const struct dirent *entry;
    int n = 0;
    *bytes = 0;
    while ((entry = readdir(dir)) != NULL) {
        const char *dot = strrchr(entry->d_name, '.');
        struct stat about;
        char name[300];
        snprintf(name, sizeof name, "store/%s", entry->d_name);
        if (!dot || strcmp(dot, suffix) != 0 || stat(scratch_path(name), &about) != 0)
            continue;
        n++;
        *bytes += (uint64_t)about.st_size;
    }
    closedir(dir);
    return n;
}

static uint64_t log_bytes(void) {
    uint64_t bytes;
    (void)count_files(".log", &bytes);
    return bytes;
}

/* ---- room, and nothing else ---- */

/* Threads t0 to t9, in turn. */
static void put_many(dfl_store *store, int n) {
    for (int i = 0; i < n; i++) {
        char thread[16];
        snprintf(thread, sizeof thread, "t%d", i % 10);
        assert_int_equal(put(store, thread, (uint64_t)i), DFL_OK);
    }
}

static void delete_most(dfl_store *store) {
    for (int i = 0; i < 8; i++) {
        char thread[16];
        snprintf(thread, sizeof thread, "t%d", i);
        assert_int_equal(dfl_store_delete_thread(store, thread), DFL_OK);
    }
}

static void prune_all(dfl_store *store) {
    for (int i = 0; i < 10; i++) {
        char thread[16];
        snprintf(thread, sizeof thread, "t%d", i);
        assert_int_equal(dfl_store_prune(store, thread, 5), DFL_OK);
    }
}

static void nothing(dfl_store *store) {
    (void)store;
}

static void check_room(size_t keep_last, void (*remove)(dfl_store *), int live) {
    dfl_store *store;
    uint64_t before;
    scratch_begin();
    store = open_with((dfl_store_options){.keep_last = keep_last});
    put_many(store, 600);
    remove(store);
    before = log_bytes();
    check_compact(store);
    assert_true(log_bytes() < before / 4);
    /* Also what was dropped only in memory stays so. */
    store = reopen(store);
    assert_int_equal(sum_of(store, NULL).n, live);
    put_many(store, 10);
    check_compact(store);
    assert_int_equal(sum_of(store, NULL).n, live + 10);
    dfl_store_close(store);
}

static void what_was_removed_takes_no_room(void **state) {
    (void)state;
    check_room(0, delete_most, 120);
    check_room(0, prune_all, 50);
    check_room(3, nothing, 30);
}

static void what_is_live_stays(void **state) {
    dfl_store *store;
    dfl_checkpoint latest;
    uint64_t bytes;
    (void)state;
    scratch_begin();
    store = open_store();
    put_many(store, 200);
    assert_int_equal(dfl_store_latest(store, "t9", &latest), DFL_OK);
    for (int i = 0; i < 3; i++)
        check_compact(store);
    /* What was asked for is valid until the thread is changed. */
    assert_true(!strcmp(latest.thread, "t9") && !strcmp(latest.next, "odd") && latest.id == 200);
    assert_true(count_files(".log", &bytes) <= 6);
    store = reopen(store);
    assert_int_equal(sum_of(store, NULL).n, 200);
    dfl_store_close(store);
}

static void ids_are_not_given_again(void **state) {
    dfl_store *store;
    uint64_t id;
    (void)state;
    scratch_begin();
    store = open_store();
    for (int i = 0; i < 5; i++)
        assert_int_equal(put(store, "t", 1), DFL_OK);
    assert_int_equal(dfl_store_delete_thread(store, "t"), DFL_OK);
    for (int i = 0; i < 3; i++) {
        check_compact(store);
        store = reopen(store);
    }
    assert_int_equal(put_bytes(store, "t", 1, 10, DFL_SYNC, &id), DFL_OK);
    assert_int_equal(id, 6);
    dfl_store_close(store);
}

static void layouts_stay(void **state) {
    dfl_store *store;
    dfl_buf text = {0};
    (void)state;
    scratch_begin();
    store = open_store();
    assert_int_equal(store->ops->put_layout(store->self, "g", 7, "seven", 5), DFL_OK);
    assert_int_equal(store->ops->put_layout(store->self, "g", 8, "eight", 5), DFL_OK);
    put_many(store, 100);
    check_compact(store);
    check_compact(store);
    store = reopen(store);
    assert_int_equal(store->ops->layout(store->self, 7, &text), DFL_OK);
    assert_int_equal(store->ops->layout(store->self, 8, &text), DFL_OK);
    assert_true(text.n == 10 && !memcmp(text.p, "seveneight", 10));
    dfl_buf_free(&text);
    dfl_store_close(store);
}

static void little_to_do(void **state) {
    dfl_store *store = dfl_store_memory();
    uint64_t bytes;
    (void)state;
    assert_int_equal(dfl_store_compact(store), DFL_OK);
    assert_int_equal(dfl_store_compact(NULL), DFL_EINVAL);
    dfl_store_close(store);
    scratch_begin();
    store = open_store();
    assert_int_equal(dfl_store_compact(store), DFL_OK);
    assert_int_equal(count_files(".log", &bytes), 0);
    put_many(store, 1);
    for (int i = 0; i < 3; i++)
        check_compact(store);
    assert_int_equal(count_files(".log", &bytes), 1);
    dfl_store_close(store);
}

/* ---- other handles ---- */

static void other_handles_see_the_same(void **state) {
    dfl_store *a, *b;
    dfl_checkpoint latest;
    Sum before;
    (void)state;
    scratch_begin();
    a = open_store();
    put_many(a, 300);
    b = open_store();
    put_many(b, 100);
    delete_most(b);
    before = sum_of(b, NULL);
    assert_int_equal(dfl_store_latest(a, "t9", &latest), DFL_OK);
    assert_int_equal(dfl_store_compact(b), DFL_OK);
    check_same(a, NULL, before);
    assert_true(!strcmp(latest.thread, "t9") && !strcmp(latest.next, "odd"));
    for (int round = 0; round < 5; round++) {
        put_many(a, 10);
        before = sum_of(a, NULL);
        assert_int_equal(dfl_store_compact(round % 2 ? a : b), DFL_OK);
        check_same(b, NULL, before);
        check_same(a, NULL, before);
    }
    dfl_store_close(a);
    b = reopen(b);
    dfl_store_close(b);
}

/* A handle that has not looked since, over two compactions, and what came and went between. */
static void a_handle_far_behind(void **state) {
    dfl_store *a, *b;
    (void)state;
    scratch_begin();
    a = open_store();
    put_many(a, 200);
    b = open_store();
    put_many(b, 100);
    assert_int_equal(dfl_store_compact(b), DFL_OK);
    delete_most(b);
    put_many(b, 5);
    assert_int_equal(dfl_store_prune(b, "t9", 3), DFL_OK);
    assert_int_equal(dfl_store_compact(b), DFL_OK);
    check_same(a, NULL, sum_of(b, NULL));
    dfl_store_close(a);
    dfl_store_close(b);
}

/* ---- other processes ---- */

/* In a child: nothing is asserted, its exit status tells. Its own thread keeps all but what it prunes. */
static void write_and_read(int number, int rounds) {
    dfl_store *store = open_with((dfl_store_options){0});
    char mine[16], passing[16];
    snprintf(mine, sizeof mine, "w%d", number);
    snprintf(passing, sizeof passing, "p%d", number);
    for (int i = 1; i <= rounds && store; i++) {
        Sum sum = {.store = store};
        if (put(store, mine, (uint64_t)i) || put(store, passing, (uint64_t)i))
            _exit(2);
        if (i % 20 == 0 && dfl_store_delete_thread(store, passing))
            _exit(3);
        snprintf(sum.thread, sizeof sum.thread, "%s", mine);
        if (i % 10 == 0 &&
            (dfl_store_history(store, mine, 0, sum_checkpoint, &sum) || sum.wrong || sum.n != i))
            _exit(4);
    }
    dfl_store_close(store);
    _exit(store ? 0 : 5);
}

static void processes_write_meanwhile(void **state) {
    enum { PROCESSES = 3, ROUNDS = 200 };
    pid_t children[PROCESSES];
    dfl_store *store;
    int left = PROCESSES, status;
    (void)state;
    scratch_begin();
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i] == 0)
            write_and_read(i, ROUNDS);
    }
    store = open_store();
    while (left > 0) {
        assert_int_equal(dfl_store_compact(store), DFL_OK);
        if (waitpid(-1, &status, WNOHANG) <= 0)
            continue;
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
        left--;
    }
    check_compact(store);
    store = reopen(store);
    assert_int_equal(sum_of(store, NULL).n, PROCESSES * ROUNDS);
    dfl_store_close(store);
}

/* In a child: a store that is opened while segments come and go has all of `before`. */
static void open_and_read(Sum before, int rounds) {
    for (int i = 0; i < rounds; i++) {
        dfl_store *store = open_with((dfl_store_options){0});
        Sum sum = {.store = store, .only = before.only};
        if (!store)
            _exit(2);
        if (dfl_store_threads(store, sum_thread, &sum) || sum.wrong)
            _exit(3);
        if (sum.n != before.n || sum.crc != before.crc)
            _exit(4);
        dfl_store_close(store);
    }
    _exit(0);
}

static void processes_open_it_meanwhile(void **state) {
    enum { PROCESSES = 2, ROUNDS = 40 };
    dfl_store *store;
    int left = PROCESSES, status;
    Sum before;
    (void)state;
    scratch_begin();
    store = open_store();
    put_many(store, 400);
    before = sum_of(store, "t9");
    dfl_store_close(store);
    for (int i = 0; i < PROCESSES; i++)
        if (fork() == 0)
            open_and_read(before, ROUNDS);
    store = open_store();
    while (left > 0) {
        assert_int_equal(put(store, "passing", 1), DFL_OK);
        assert_int_equal(dfl_store_compact(store), DFL_OK);
        if (waitpid(-1, &status, WNOHANG) <= 0)
            continue;
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
        left--;
    }
    dfl_store_close(store);
}

static void compact_until_killed(void) {
    dfl_store *store = open_with((dfl_store_options){0});
    for (uint64_t i = 0; store; i++) {
        if (put(store, "passing", i) || (i % 3 == 0 && dfl_store_delete_thread(store, "passing")) ||
            dfl_store_compact(store))
            _exit(2);
    }
    _exit(3);
}

static void killed_at_any_moment(void **state) {
    enum { ROUNDS = 50 };
    dfl_store *store;
    Sum before;
    uint64_t bytes;
    (void)state;
    scratch_begin();
    store = open_store();
    put_many(store, 300);
    prune_all(store);
    for (int i = 0; i < 200; i++)
        assert_int_equal(put(store, "kept", (uint64_t)i), DFL_OK);
    before = sum_of(store, "kept");
    dfl_store_close(store);
    for (int round = 0; round < ROUNDS; round++) {
        int status;
        pid_t child = fork();
        if (child == 0)
            compact_until_killed();
        usleep(3000 + (unsigned)(round * 7919 % 30000));
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
        assert_true(WIFSIGNALED(status));
        store = open_store();
        check_same(store, "kept", before);
        assert_int_equal(sum_of(store, "t3").n, 5);
        assert_int_equal(dfl_store_verify(store, NULL, NULL), DFL_OK);
        dfl_store_close(store);
    }
    store = open_store();
    check_compact(store);
    assert_true(count_files(".log", &bytes) <= 8);
    dfl_store_close(store);
}

/* ---- threads ---- */

typedef struct Beside {
    pthread_t id;
    dfl_store *store;
    int number, wrong;
} Beside;

/* Whatever is deleted while others compact stays so; what is pruned, too. */
static void *save_and_delete(void *arg) {
    Beside *beside = arg;
    char mine[16], gone[32];
    snprintf(mine, sizeof mine, "m%d", beside->number);
    for (int i = 0; i < 60; i++) {
        dfl_checkpoint latest;
        snprintf(gone, sizeof gone, "gone %d %d", beside->number, i);
        for (uint64_t step = 0; step < 5; step++)
            beside->wrong += put(beside->store, gone, step) || put(beside->store, mine, step);
        beside->wrong += dfl_store_prune(beside->store, mine, 4) != DFL_OK;
        beside->wrong += dfl_store_delete_thread(beside->store, gone) != DFL_OK;
        beside->wrong += dfl_store_latest(beside->store, gone, &latest) != DFL_ENOTFOUND;
        beside->wrong += dfl_store_latest(beside->store, mine, &latest) != DFL_OK;
    }
    return NULL;
}

static void *compact_some(void *arg) {
    Beside *beside = arg;
    for (int i = 0; i < 30; i++)
        beside->wrong += dfl_store_compact(beside->store) != DFL_OK;
    return NULL;
}

static void threads_remove_meanwhile(void **state) {
    Beside all[4];
    dfl_store *a, *b;
    (void)state;
    scratch_begin();
    a = open_store();
    b = open_store();
    put_many(a, 200);
    for (int i = 0; i < 4; i++) {
        all[i] = (Beside){.store = i % 2 ? a : b, .number = i};
        pthread_create(&all[i].id, NULL, i < 2 ? save_and_delete : compact_some, &all[i]);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(all[i].id, NULL);
        assert_int_equal(all[i].wrong, 0);
    }
    check_same(a, NULL, sum_of(b, NULL));
    dfl_store_close(b);
    a = reopen(a);
    assert_int_equal(sum_of(a, NULL).n, 208);
    dfl_store_close(a);
}

/* ---- failures ---- */

static void no_room_loses_nothing(void **state) {
    struct rlimit before, less;
    dfl_store *store;
    uint64_t id;
    Sum sum;
    (void)state;
    scratch_begin();
    store = open_store();
    put_many(store, 100);
    /* The one that cannot be copied has a segment to itself. */
    assert_int_equal(put_bytes(store, "long", 1, 200000, DFL_SYNC, &id), DFL_OK);
    put_many(store, 100);
    sum = sum_of(store, NULL);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    for (rlim_t most = 1000; most <= 100000; most *= 10) {
        less = (struct rlimit){most, before.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &less), 0);
        errno = 0;
        assert_int_equal(dfl_store_compact(store), DFL_ESTORE);
        assert_int_equal(errno, EFBIG);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        check_same(store, NULL, sum);
        store = reopen(store);
    }
    put_many(store, 10);
    check_compact(store);
    store = reopen(store);
    assert_int_equal(sum_of(store, NULL).n, 211);
    dfl_store_close(store);
}

static void no_memory_loses_nothing(void **state) {
    dfl_store *store;
    int rc = DFL_ENOMEM;
    (void)state;
    scratch_begin();
    store = open_store();
    put_many(store, 40);
    assert_int_equal(put(store, "long", 1), DFL_OK);
    for (long n = 0; rc != DFL_OK; n++) {
        Sum before = sum_of(store, NULL);
        dfl__fail_after(n);
        rc = dfl_store_compact(store);
        dfl__fail_after(-1);
        assert_true(rc == DFL_OK || rc == DFL_ENOMEM || rc == DFL_ESTORE);
        check_same(store, NULL, before);
    }
    store = reopen(store);
    dfl_store_close(store);
}

/* ---- damage ---- */

static void count_damage(void *user, const dfl_damage *damage) {
    int *n = user;
    (void)damage;
    ++*n;
}

/* Changes a byte of the first segment. */
static void flip(off_t at) {
    int fd = open(scratch_path("store/00000001.log"), O_RDWR);
    uint8_t byte;
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= 0x40;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

/* `at` is in the first record, whose checkpoint alone is lost. */
static void check_damage(off_t at) {
    dfl_store *store;
    uint64_t bytes;
    int told = 0;
    scratch_begin();
    store = open_store();
    put_many(store, 200);
    dfl_store_close(store);
    flip(at);
    store = open_with((dfl_store_options){.on_damage = count_damage, .user = &told});
    assert_int_equal(dfl_store_compact(store), DFL_ECORRUPT);
    assert_true(told > 0);
    assert_int_equal(sum_of(store, NULL).n, 199);
    assert_int_equal(count_files(".damaged", &bytes), 1);
    check_compact(store);
    store = reopen(store);
    assert_int_equal(sum_of(store, NULL).n, 199);
    assert_int_equal(count_files(".damaged", &bytes), 1);
    dfl_store_close(store);
}

static void damage_is_left_out_and_kept(void **state) {
    (void)state;
    check_damage(64 + 30);
    check_damage(64 + 200);
}

/* Behind the back of a handle that has read it whole: what its index has, and the log shows no more, is found to be
 * damaged. The layout is the first record, of 88 bytes. */
static void damage_is_done_meanwhile(void **state) {
    dfl_store *store;
    int told = 0;
    (void)state;
    scratch_begin();
    store = open_with((dfl_store_options){.on_damage = count_damage, .user = &told});
    assert_non_null(store);
    assert_int_equal(store->ops->put_layout(store->self, "g", 7, "seven", 5), DFL_OK);
    put_many(store, 200);
    assert_int_equal(store->ops->layout(store->self, 7, NULL), DFL_OK);
    flip(64 + 30);
    flip(64 + 88 + 30);
    assert_int_equal(dfl_store_compact(store), DFL_ECORRUPT);
    assert_true(told > 0);
    assert_int_equal(store->ops->layout(store->self, 7, NULL), DFL_ENOTFOUND);
    assert_int_equal(sum_of(store, NULL).n, 199);
    store = reopen(store);
    assert_int_equal(sum_of(store, NULL).n, 199);
    assert_int_equal(store->ops->layout(store->self, 7, NULL), DFL_ENOTFOUND);
    dfl_store_close(store);
}

#define TEST(NAME) cmocka_unit_test_teardown(NAME, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_was_removed_takes_no_room),
        TEST(what_is_live_stays),
        TEST(ids_are_not_given_again),
        TEST(layouts_stay),
        TEST(little_to_do),
        TEST(other_handles_see_the_same),
        TEST(a_handle_far_behind),
        TEST(processes_write_meanwhile),
        TEST(processes_open_it_meanwhile),
        TEST(killed_at_any_moment),
        TEST(no_room_loses_nothing),
        TEST(no_memory_loses_nothing),
        TEST(damage_is_left_out_and_kept),
        TEST(damage_is_done_meanwhile),
        TEST(threads_remove_meanwhile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
