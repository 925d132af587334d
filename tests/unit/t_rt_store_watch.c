// needs: tsan; link: -Wl,--wrap=pread
// Watching a file store: a look tells what has changed since the last one and nothing else, whoever has
// changed it, and whatever compaction has done to the log meanwhile.
#include "rt.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "scratch.h"
#include "store.h"
#include "store_watch.h"

static int fail_read; /* errno */

ssize_t __real_pread(int fd, void *p, size_t n, off_t offset);
ssize_t __wrap_pread(int fd, void *p, size_t n, off_t offset);
ssize_t __wrap_pread(int fd, void *p, size_t n, off_t offset) {
    if (fail_read == 0)
        return __real_pread(fd, p, n, offset);
    errno = fail_read;
    return -1;
}

enum { ROOM = 64 };

/* What a watcher knows, from nothing but what it was told. */
typedef struct Row {
    char thread[16];
    bool is_there;
    uint64_t latest, step, bytes, saves;
    size_t checkpoints;
} Row;

typedef struct Watcher {
    dfl_store *store;
    Row rows[ROOM];
    size_t n, told, removed;
    dfl__sums sums;
    char text[256]; /* of the last look: "a+ b- ", in order */
} Watcher;

static dfl_store *open_store(void) {
    dfl_store *store = NULL;
    dfl_store_options options = {.segment_bytes = 65536};
    assert_int_equal(dfl_store_open(scratch_path("store"), &options, &store), DFL_OK);
    return store;
}

static uint64_t put_body(dfl_store *store, const char *thread, uint64_t step, size_t n) {
    uint8_t body[4096] = {0};
    dfl_record record = {.graph = "g", .layout = 7, .body = body, .n = n};
    uint64_t id = 0;
    record.about.thread = thread;
    record.about.next = "next";
    record.about.step = step;
    record.about.bytes = n;
    assert_int_equal(store->ops->put(store->self, &record, DFL_ASYNC, &id), DFL_OK);
    return id;
}

static uint64_t put(dfl_store *store, const char *thread, uint64_t step) {
    return put_body(store, thread, step, 100);
}

static Row *row_of(Watcher *watcher, const dfl__change *change) {
    Row *row = *change->mark;
    if (!row) {
        assert_true(watcher->n < ROOM);
        row = *change->mark = &watcher->rows[watcher->n++];
        snprintf(row->thread, sizeof row->thread, "%s", change->thread);
    }
    return row;
}

static void see(void *user, const dfl__change *change) {
    Watcher *watcher = user;
    Row *row = row_of(watcher, change);
    size_t n = strlen(watcher->text);
    assert_string_equal(row->thread, change->thread);
    snprintf(watcher->text + n, sizeof watcher->text - n, "%s%s", change->thread,
             change->latest ? "+ " : "- ");
    watcher->told++;
    row->is_there = change->latest != NULL;
    row->saves = change->saves;
    row->checkpoints = change->checkpoints;
    row->bytes = change->bytes;
    if (!change->latest) {
        assert_true(change->checkpoints == 0 && change->bytes == 0 && change->saves == 0);
        watcher->removed++;
        return;
    }
    assert_string_equal(change->latest->thread, change->thread);
    row->latest = change->latest->id;
    row->step = change->latest->step;
}

static const char *look(Watcher *watcher) {
    watcher->told = watcher->removed = 0;
    watcher->text[0] = '\0';
    assert_int_equal(dfl__store_changes(watcher->store, see, watcher, &watcher->sums), DFL_OK);
    return watcher->text;
}

/* ---- what is told ---- */

static void a_look_tells_what_has_changed_since_the_last(void **state) {
    dfl_store *store = open_store();
    Watcher w = {0};
    (void)state;
    put(store, "a", 1);
    put(store, "b", 2);
    put(store, "a", 3);
    w.store = open_store();
    assert_string_equal(look(&w), "a+ b+ ");
    assert_true(w.sums.threads == 2 && w.sums.checkpoints == 3 && w.sums.segments == 1);
    assert_true(w.sums.saves == 0 && w.rows[0].saves == 0 && w.rows[0].checkpoints == 2);
    assert_string_equal(look(&w), "");
    for (uint64_t i = 0; i < 5; i++)
        put(store, "b", 4 + i);
    put(store, "c", 9);
    assert_string_equal(look(&w), "b+ c+ ");
    assert_true(w.rows[1].saves == 5 && w.rows[1].step == 8 && w.rows[1].checkpoints == 6);
    assert_true(w.rows[2].saves == 1 && w.sums.saves == 6 && w.sums.threads == 3);
    assert_string_equal(look(&w), "");
    assert_int_equal(w.sums.saves, 0);
    dfl_store_close(store);
    dfl_store_close(w.store);
}

static void what_the_handle_itself_does_is_told_too(void **state) {
    Watcher w = {.store = open_store()};
    (void)state;
    assert_string_equal(look(&w), "");
    assert_int_equal(w.sums.threads, 0);
    put(w.store, "a", 1);
    assert_string_equal(look(&w), "a+ ");
    assert_int_equal(dfl_store_delete_thread(w.store, "a"), DFL_OK);
    assert_string_equal(look(&w), "a- ");
    dfl_store_close(w.store);
}

static void removals_are_told_once(void **state) {
    dfl_store *store = open_store();
    Watcher w = {.store = open_store()};
    (void)state;
    put(store, "a", 1);
    put(store, "b", 1);
    look(&w);
    assert_int_equal(dfl_store_delete_thread(store, "a"), DFL_OK);
    put(store, "gone", 1);
    assert_int_equal(dfl_store_delete_thread(store, "gone"), DFL_OK);
    assert_string_equal(look(&w), "a- ");
    assert_true(w.sums.saves == 1 && w.sums.threads == 1);
    assert_int_equal(dfl_store_delete_thread(store, "b"), DFL_OK);
    put(store, "b", 7);
    assert_string_equal(look(&w), "b- b+ ");
    assert_true(!w.rows[1].is_there && w.rows[2].is_there && w.rows[2].step == 7);
    assert_string_equal(look(&w), "");
    dfl_store_close(store);
    dfl_store_close(w.store);
}

static void pruning_is_a_change_but_no_save(void **state) {
    dfl_store *store = open_store();
    Watcher w = {.store = open_store()};
    (void)state;
    for (uint64_t i = 0; i < 9; i++)
        put(store, "a", i);
    look(&w);
    assert_int_equal(dfl_store_prune(store, "a", 2), DFL_OK);
    assert_string_equal(look(&w), "a+ ");
    assert_true(w.rows[0].checkpoints == 2 && w.rows[0].saves == 0 && w.rows[0].step == 8);
    assert_true(w.sums.checkpoints == 2 && w.sums.bytes == w.rows[0].bytes);
    dfl_store_close(store);
    dfl_store_close(w.store);
}

/* ---- compaction ---- */

static void compaction_changes_nothing_but_the_log(void **state) {
    dfl_store *store = open_store();
    Watcher w = {.store = open_store()};
    uint64_t before;
    (void)state;
    for (uint64_t i = 0; i < 200; i++)
        put_body(store, i % 2 ? "a" : "b", i, 1000);
    assert_int_equal(dfl_store_prune(store, "a", 1), DFL_OK);
    look(&w);
    before = w.sums.log_bytes;
    assert_true(w.sums.segments > 2);
    assert_int_equal(dfl_store_compact(store), DFL_OK);
    assert_string_equal(look(&w), "");
    assert_true(w.sums.log_bytes < before && w.sums.log_bytes >= w.sums.bytes);
    assert_true(w.sums.checkpoints == 101 && w.sums.saves == 0);
    dfl_store_close(store);
    dfl_store_close(w.store);
}

/* Neither the removal nor the save is in the log any more when the watcher comes to look: the one went
 * with its segment, the other one is a copy. */
static void what_compaction_has_moved_is_not_missed(void **state) {
    dfl_store *store = open_store();
    Watcher w = {.store = open_store()};
    (void)state;
    put(store, "a", 1);
    put(store, "b", 2);
    put(store, "c", 3);
    assert_string_equal(look(&w), "a+ b+ c+ ");
    assert_int_equal(dfl_store_delete_thread(store, "a"), DFL_OK);
    put(store, "b", 4);
    put(store, "d", 5);
    assert_int_equal(dfl_store_compact(store), DFL_OK);
    look(&w);
    assert_int_equal(w.told, 3);
    assert_non_null(strstr(w.text, "a- "));
    assert_non_null(strstr(w.text, "b+ "));
    assert_non_null(strstr(w.text, "d+ "));
    assert_true(w.rows[1].step == 4 && w.rows[1].saves == 1 && w.sums.saves == 2);
    dfl_store_close(store);
    dfl_store_close(w.store);
}

/* Checkpoint i of three, each of 192 bytes of the log, from 1. */
static void damage(int i) {
    int fd = open(scratch_path("store/00000001.log"), O_RDWR);
    off_t at = 64 + 192 * (i - 1) + 40;
    char byte;
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= 0x55;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

/* A reader finds the newest damaged; the look finds that the one before it is, too. */
static void the_newest_intact_is_told(void **state) {
    Watcher w = {.store = open_store()};
    dfl_record record;
    dfl_buf hold = {0};
    (void)state;
    for (uint64_t i = 1; i <= 3; i++)
        put(w.store, "a", i);
    assert_string_equal(look(&w), "a+ ");
    damage(3);
    assert_int_equal(w.store->ops->read(w.store->self, "a", 3, &record, &hold), DFL_ECORRUPT);
    damage(2);
    assert_string_equal(look(&w), "a+ ");
    assert_true(w.rows[0].step == 1 && w.rows[0].checkpoints == 1 && w.rows[0].saves == 0);
    damage(1);
    assert_int_equal(w.store->ops->read(w.store->self, "a", 1, &record, &hold), DFL_ECORRUPT);
    assert_string_equal(look(&w), "a- ");
    dfl_buf_free(&hold);
    dfl_store_close(w.store);
}

/* The disk fails for a moment: nothing is told, and nothing is forgotten. */
static void a_look_that_fails_is_made_again(void **state) {
    Watcher w = {.store = open_store()};
    dfl_record record;
    dfl_buf hold = {0};
    (void)state;
    put(w.store, "a", 1);
    put(w.store, "a", 2);
    put(w.store, "b", 3);
    damage(2);
    assert_int_equal(w.store->ops->read(w.store->self, "a", 2, &record, &hold), DFL_ECORRUPT);
    fail_read = EIO;
    assert_int_equal(dfl__store_changes(w.store, see, &w, &w.sums), DFL_ESTORE);
    assert_int_equal(errno, EIO);
    fail_read = 0;
    assert_int_equal(w.told, 0);
    assert_string_equal(look(&w), "a+ b+ ");
    assert_true(w.rows[0].step == 1 && w.rows[1].step == 3);
    dfl_buf_free(&hold);
    dfl_store_close(w.store);
}

/* It leaves nothing behind, neither of threads that have changed nor of one that is gone. */
static void a_watcher_may_end_without_a_last_look(void **state) {
    Watcher w = {.store = open_store()};
    dfl_checkpoint latest;
    (void)state;
    put(w.store, "a", 1);
    put(w.store, "b", 2);
    look(&w);
    put(w.store, "a", 3);
    assert_int_equal(dfl_store_delete_thread(w.store, "b"), DFL_OK);
    assert_int_equal(dfl_store_delete_thread(w.store, "a"), DFL_OK);
    put(w.store, "a", 4);
    dfl_store_close(w.store);
    w.store = open_store();
    assert_int_equal(dfl_store_latest(w.store, "a", &latest), DFL_OK);
    assert_int_equal(latest.step, 4);
    assert_int_equal(dfl_store_latest(w.store, "b", &latest), DFL_ENOTFOUND);
    dfl_store_close(w.store);
}

/* ---- any order of anything ---- */

static uint64_t chance(uint64_t *seed, uint64_t n) {
    uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (z ^ z >> 31) % n;
}

static int count(void *user, const dfl_checkpoint *about) {
    (void)about;
    ++*(size_t *)user;
    return 0;
}

typedef struct Check {
    dfl_store *store;
    Watcher *watcher;
    size_t threads, checkpoints;
    uint64_t bytes;
} Check;

static int check_thread(void *user, const char *thread) {
    Check *check = user;
    dfl_checkpoint latest;
    const Row *row = NULL;
    size_t n = 0;
    for (size_t i = 0; i < check->watcher->n; i++)
        if (check->watcher->rows[i].is_there && !strcmp(check->watcher->rows[i].thread, thread))
            row = &check->watcher->rows[i];
    assert_non_null(row);
    assert_int_equal(dfl_store_latest(check->store, thread, &latest), DFL_OK);
    assert_int_equal(dfl_store_history(check->store, thread, 0, count, &n), DFL_OK);
    assert_true(row->latest == latest.id && row->step == latest.step && row->checkpoints == n);
    check->threads++;
    check->checkpoints += n;
    check->bytes += row->bytes;
    return 0;
}

/* Rows of threads that are gone are used again, as a watcher would free them. */
static void forget_gone(Watcher *watcher) {
    for (size_t i = 0; i < watcher->n; i++)
        if (!watcher->rows[i].is_there)
            snprintf(watcher->rows[i].thread, sizeof watcher->rows[i].thread, "-");
}

static void check(dfl_store *store, Watcher *watcher) {
    Check found = {.store = store, .watcher = watcher};
    size_t there = 0;
    look(watcher);
    assert_int_equal(dfl_store_threads(store, check_thread, &found), DFL_OK);
    for (size_t i = 0; i < watcher->n; i++)
        there += watcher->rows[i].is_there;
    assert_int_equal(there, found.threads);
    assert_true(watcher->sums.threads == found.threads &&
                watcher->sums.checkpoints == found.checkpoints &&
                watcher->sums.bytes == found.bytes);
    forget_gone(watcher);
}

static void one_step(dfl_store *store, uint64_t *seed, uint64_t *saves) {
    char thread[16];
    snprintf(thread, sizeof thread, "t%d", (int)chance(seed, 6));
    switch (chance(seed, 20)) {
    case 0:
        dfl_store_delete_thread(store, thread);
        break;
    case 1:
    case 2:
        dfl_store_prune(store, thread, 1 + chance(seed, 3));
        break;
    case 3:
        assert_int_equal(dfl_store_compact(store), DFL_OK);
        break;
    default:
        put_body(store, thread, chance(seed, 1000), chance(seed, 4000));
        ++*saves;
    }
}

static void a_watcher_knows_what_a_reader_finds(void **state) {
    (void)state;
    for (uint64_t round = 0; round < 20; round++) {
        uint64_t seed = round, saves = 0, counted = 0;
        dfl_store *store;
        Watcher w = {0};
        scratch_begin();
        store = open_store();
        w.store = open_store();
        look(&w);
        for (int looks = 0; looks < 30 && w.n < ROOM - 12; looks++) {
            for (uint64_t i = chance(&seed, 40); i > 0; i--)
                one_step(store, &seed, &saves);
            check(store, &w);
            counted += w.sums.saves;
        }
        assert_int_equal(counted, saves);
        dfl_store_close(store);
        dfl_store_close(w.store);
    }
}

/* ---- beside others ---- */

enum { SAVES = 400 };

typedef struct Writer {
    pthread_t thread;
    dfl_store *store;
    const char *name;
} Writer;

static void *save_some(void *arg) {
    Writer *writer = arg;
    for (uint64_t i = 1; i <= SAVES; i++) {
        put_body(writer->store, writer->name, i, 900);
        if (i % 100 == 0)
            assert_int_equal(dfl_store_compact(writer->store), DFL_OK);
    }
    return NULL;
}

static void nothing_is_missed_beside_writers(void **state) {
    Writer writers[] = {{.name = "one", .store = open_store()},
                        {.name = "two", .store = open_store()}};
    Watcher w = {.store = open_store()};
    uint64_t saves = 0;
    (void)state;
    look(&w);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&writers[i].thread, NULL, save_some, &writers[i]), 0);
    while (saves < (uint64_t)2 * SAVES) {
        look(&w);
        saves += w.sums.saves;
    }
    for (int i = 0; i < 2; i++)
        pthread_join(writers[i].thread, NULL);
    look(&w);
    assert_int_equal(saves, 2 * SAVES);
    assert_true(w.n == 2 && w.rows[0].step == SAVES && w.rows[1].step == SAVES);
    assert_true(w.rows[0].checkpoints == SAVES && w.rows[1].checkpoints == SAVES);
    for (int i = 0; i < 2; i++)
        dfl_store_close(writers[i].store);
    dfl_store_close(w.store);
}

static void other_stores_are_refused(void **state) {
    dfl_store *store = dfl_store_memory();
    Watcher w = {0};
    (void)state;
    assert_int_equal(dfl__store_changes(store, see, &w, &w.sums), DFL_EINVAL);
    assert_int_equal(dfl__store_changes(NULL, see, &w, &w.sums), DFL_EINVAL);
    dfl_store_close(store);
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_look_tells_what_has_changed_since_the_last),
        TEST(what_the_handle_itself_does_is_told_too),
        TEST(removals_are_told_once),
        TEST(pruning_is_a_change_but_no_save),
        TEST(compaction_changes_nothing_but_the_log),
        TEST(what_compaction_has_moved_is_not_missed),
        TEST(the_newest_intact_is_told),
        TEST(a_look_that_fails_is_made_again),
        TEST(a_watcher_may_end_without_a_last_look),
        TEST(a_watcher_knows_what_a_reader_finds),
        TEST(nothing_is_missed_beside_writers),
        TEST(other_stores_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
