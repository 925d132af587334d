// What every store must do: the newest of every thread, history, pruning, layouts, and threads that share
// it. Whoever includes this sets new_store, and runs store_suite(name).
#ifndef STORE_SUITE_H
#define STORE_SUITE_H

#include "rt.h"

#include <pthread.h>
#include <stdio.h>

#include "scratch.h"
#include "store.h"

/* Of the kind that is being tested; NULL when out of memory. Files lie in scratch_path(). */
static dfl_store *(*new_store)(void);

static int put_with(dfl_store *store, dfl_durability durability, const char *thread, const char *next,
                    const char *body, uint64_t previous, uint64_t *id) {
    dfl_record record = {
        .graph = "g", .layout = 9, .body = (const uint8_t *)body, .n = strlen(body)};
    record.about.thread = thread;
    record.about.next = next;
    record.about.previous = previous;
    record.about.step = 5;
    record.about.bytes = strlen(body);
    return store->ops->put(store->self, &record, durability, id);
}

static int put(dfl_store *store, const char *thread, const char *next, const char *body,
               uint64_t previous, uint64_t *id) {
    return put_with(store, DFL_SYNC, thread, next, body, previous, id);
}

static uint64_t must_put(dfl_store *store, const char *thread, const char *next, const char *body) {
    uint64_t id = 0;
    assert_int_equal(put(store, thread, next, body, 0, &id), DFL_OK);
    return id;
}

static void what_is_put_is_read(void **state) {
    dfl_store *store = new_store();
    dfl_record record;
    dfl_buf hold = {0};
    dfl_checkpoint latest;
    (void)state;
    assert_int_equal(must_put(store, "t", "a", "one"), 1);
    assert_int_equal(must_put(store, "t", "b", ""), 2);
    assert_int_equal(dfl_store_latest(store, "t", &latest), DFL_OK);
    assert_true(latest.id == 2 && latest.previous == 1 && latest.step == 5 && latest.bytes == 0);
    assert_true(!strcmp(latest.thread, "t") && !strcmp(latest.next, "b") && latest.time_ns > 0);
    assert_int_equal(store->ops->read(store->self, "t", 1, &record, &hold), DFL_OK);
    assert_int_equal(dfl_store_delete_thread(store, "t"), DFL_OK);
    /* What was read is the reader's. */
    assert_true(record.n == 3 && !memcmp(record.body, "one", 3) && record.layout == 9);
    assert_true(!strcmp(record.graph, "g") && !strcmp(record.about.next, "a"));
    assert_int_equal(store->ops->read(store->self, "t", 0, &record, &hold), DFL_ENOTFOUND);
    dfl_buf_free(&hold);
    dfl_store_close(store);
}

static void only_a_thread_s_own_checkpoints_are_read(void **state) {
    dfl_store *store = new_store();
    dfl_record record;
    dfl_buf hold = {0};
    (void)state;
    for (int i = 0; i < 100; i++)
        must_put(store, i % 3 ? "t" : "u", "a", "x");
    for (uint64_t id = 1; id <= 101; id++) {
        bool is_t = id <= 100 && (id - 1) % 3;
        int rc = store->ops->read(store->self, "t", id, &record, &hold);
        assert_int_equal(rc, is_t ? DFL_OK : DFL_ENOTFOUND);
        if (is_t)
            assert_int_equal(record.about.id, id);
    }
    dfl_buf_free(&hold);
    dfl_store_close(store);
}

/* ---- listing ---- */

typedef struct Seen {
    dfl_store *store;
    char text[512];
    int most;
} Seen;

static int see_checkpoint(void *user, const dfl_checkpoint *about) {
    Seen *seen = user;
    size_t n = strlen(seen->text);
    snprintf(seen->text + n, sizeof seen->text - n, "%d:%s ", (int)about->id, about->next);
    return --seen->most == 0;
}

static int see_thread(void *user, const char *thread) {
    Seen *seen = user;
    size_t n = strlen(seen->text);
    snprintf(seen->text + n, sizeof seen->text - n, "%s ", thread);
    return --seen->most == 0;
}

static void check_history(dfl_store *store, size_t limit, int most, const char *expected) {
    Seen seen = {store, "", most};
    assert_int_equal(dfl_store_history(store, "t", limit, see_checkpoint, &seen), DFL_OK);
    assert_string_equal(seen.text, expected);
}

static void history_is_newest_first(void **state) {
    dfl_store *store = new_store();
    (void)state;
    must_put(store, "t", "a", "");
    must_put(store, "u", "other", "");
    must_put(store, "t", "b", "");
    must_put(store, "t", "end", "");
    check_history(store, 0, -1, "4:end 3:b 1:a ");
    check_history(store, 2, -1, "4:end 3:b ");
    check_history(store, 9, -1, "4:end 3:b 1:a ");
    check_history(store, 0, 1, "4:end ");
    assert_int_equal(dfl_store_prune(store, "t", 2), DFL_OK);
    check_history(store, 0, -1, "4:end 3:b ");
    assert_int_equal(dfl_store_prune(store, "t", 5), DFL_OK);
    assert_int_equal(must_put(store, "t", "c", ""), 5);
    check_history(store, 0, -1, "5:c 4:end 3:b ");
    dfl_store_close(store);
}

static void threads_are_in_order_of_their_first_checkpoint(void **state) {
    dfl_store *store = new_store();
    Seen seen = {store, "", -1};
    (void)state;
    must_put(store, "z", "a", "");
    must_put(store, "m", "a", "");
    must_put(store, "a", "a", "");
    must_put(store, "z", "b", "");
    assert_int_equal(dfl_store_delete_thread(store, "m"), DFL_OK);
    must_put(store, "m", "a", "");
    assert_int_equal(dfl_store_threads(store, see_thread, &seen), DFL_OK);
    assert_string_equal(seen.text, "z a m ");
    seen = (Seen){store, "", 2};
    assert_int_equal(dfl_store_threads(store, see_thread, &seen), DFL_OK);
    assert_string_equal(seen.text, "z a ");
    dfl_store_close(store);
}

static int delete_it(void *user, const char *thread) {
    return dfl_store_delete_thread(user, thread);
}

static int prune_it(void *user, const dfl_checkpoint *about) {
    return dfl_store_prune(user, about->thread, 1);
}

static void callbacks_may_use_the_store(void **state) {
    dfl_store *store = new_store();
    dfl_checkpoint latest;
    (void)state;
    for (int i = 0; i < 10; i++)
        must_put(store, i % 2 ? "t" : "u", "a", "");
    assert_int_equal(dfl_store_history(store, "t", 0, prune_it, store), DFL_OK);
    check_history(store, 0, -1, "10:a ");
    assert_int_equal(dfl_store_threads(store, delete_it, store), DFL_OK);
    assert_int_equal(dfl_store_latest(store, "t", &latest), DFL_ENOTFOUND);
    dfl_store_close(store);
}

/* ---- misuse, many threads, no memory ---- */

static void misuse_is_refused(void **state) {
    dfl_store *store = new_store();
    dfl_checkpoint latest;
    (void)state;
    assert_int_equal(dfl_store_latest(store, "nobody", &latest), DFL_ENOTFOUND);
    assert_int_equal(dfl_store_history(store, "nobody", 0, prune_it, store), DFL_ENOTFOUND);
    assert_int_equal(dfl_store_delete_thread(store, "nobody"), DFL_ENOTFOUND);
    assert_int_equal(dfl_store_prune(store, "nobody", 1), DFL_ENOTFOUND);
    assert_int_equal(dfl_store_prune(store, "nobody", 0), DFL_EINVAL);
    assert_int_equal(dfl_store_latest(store, NULL, &latest), DFL_EINVAL);
    assert_int_equal(dfl_store_latest(NULL, "t", &latest), DFL_EINVAL);
    assert_int_equal(dfl_store_history(store, "t", 0, NULL, NULL), DFL_EINVAL);
    assert_int_equal(dfl_store_threads(store, NULL, NULL), DFL_EINVAL);
    assert_int_equal(dfl_store_delete_thread(store, NULL), DFL_EINVAL);
    assert_int_equal(dfl_store_sync(NULL), DFL_EINVAL);
    assert_int_equal(dfl_store_verify(NULL, NULL, NULL), DFL_EINVAL);
    assert_int_equal(dfl_store_sync(store), DFL_OK);
    assert_int_equal(dfl_store_verify(store, NULL, NULL), DFL_OK);
    dfl_store_close(store);
    dfl_store_close(NULL);
}

/* Most of it without waiting for a disk that may be slow. */
static void ten_thousand_thread_ids(void **state) {
    dfl_store *store = new_store();
    char name[32];
    uint64_t id;
    (void)state;
    for (int i = 0; i < 10000; i++) {
        snprintf(name, sizeof name, "customer %d", i);
        assert_int_equal(put_with(store, DFL_ASYNC, name, "a", name, 0, &id), DFL_OK);
    }
    for (int i = 0; i < 10000; i++) {
        dfl_checkpoint latest;
        snprintf(name, sizeof name, "customer %d", i);
        assert_int_equal(dfl_store_latest(store, name, &latest), DFL_OK);
        assert_int_equal(latest.id, i + 1);
        if (i % 20 == 1)
            assert_int_equal(dfl_store_delete_thread(store, name), DFL_OK);
    }
    dfl_store_close(store);
}

typedef struct Writer {
    pthread_t id;
    dfl_store *store;
    int number, wrong;
} Writer;

static void *write_and_read(void *arg) {
    Writer *writer = arg;
    char mine[16];
    dfl_buf hold = {0};
    snprintf(mine, sizeof mine, "t%d", writer->number);
    for (int i = 0; i < 300; i++) {
        dfl_record record;
        uint64_t id = 0, ours;
        if (put(writer->store, mine, "a", mine, 0, &id) ||
            put(writer->store, "shared", "b", mine, 0, &ours) ||
            writer->store->ops->read(writer->store->self, mine, 0, &record, &hold) ||
            record.about.id != id || record.n != strlen(mine))
            writer->wrong++;
        if (i % 50 == 0)
            dfl_store_prune(writer->store, "shared", 3);
    }
    dfl_buf_free(&hold);
    return NULL;
}

static void many_threads_share_a_store(void **state) {
    dfl_store *store = new_store();
    Writer writers[4];
    dfl_checkpoint latest;
    (void)state;
    for (int i = 0; i < 4; i++) {
        writers[i] = (Writer){.store = store, .number = i};
        pthread_create(&writers[i].id, NULL, write_and_read, &writers[i]);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(writers[i].id, NULL);
        assert_int_equal(writers[i].wrong, 0);
    }
    assert_int_equal(dfl_store_latest(store, "shared", &latest), DFL_OK);
    assert_true(latest.id <= 2400 && latest.id > 2390);
    dfl_store_close(store);
}

static void layouts_are_kept_once(void **state) {
    dfl_store *store = new_store();
    dfl_buf text = {0};
    (void)state;
    assert_int_equal(store->ops->layout(store->self, 7, NULL), DFL_ENOTFOUND);
    assert_int_equal(store->ops->put_layout(store->self, "g", 7, "state\n", 6), DFL_OK);
    assert_int_equal(store->ops->put_layout(store->self, "g", UINT64_MAX, "state\n  a: i8\n", 14),
                     DFL_OK);
    assert_int_equal(store->ops->put_layout(store->self, "g", 7, "other\n", 6), DFL_OK);
    assert_int_equal(store->ops->layout(store->self, 7, NULL), DFL_OK);
    assert_int_equal(store->ops->layout(store->self, 7, &text), DFL_OK);
    assert_int_equal(store->ops->layout(store->self, UINT64_MAX, &text), DFL_OK);
    assert_true(text.n == 20 && !memcmp(text.p, "state\nstate\n  a: i8\n", 20));
    assert_int_equal(store->ops->layout(store->self, 8, &text), DFL_ENOTFOUND);
    dfl_buf_free(&text);
    dfl_store_close(store);
}

static int clean(void **state) {
    (void)state;
    scratch_end();
    return 0;
}

#define TEST(NAME) cmocka_unit_test_teardown(NAME, clean)

static int store_suite(const char *name) {
    const struct CMUnitTest tests[] = {
        TEST(what_is_put_is_read),         TEST(only_a_thread_s_own_checkpoints_are_read),
        TEST(history_is_newest_first),     TEST(threads_are_in_order_of_their_first_checkpoint),
        TEST(callbacks_may_use_the_store), TEST(misuse_is_refused),
        TEST(ten_thousand_thread_ids),     TEST(many_threads_share_a_store),
        TEST(layouts_are_kept_once),
    };
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

#endif
