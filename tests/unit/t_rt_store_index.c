// The index of a file store by itself: what is removed is not found, what is not there cannot be removed, and without
// memory it knows less, but nothing wrong.
#include "rt.h"

#include <string.h>

#include "store_index.h"

static dfl__log_record record_of(dfl__record_type type, uint64_t id) {
    return (dfl__log_record){.type = (uint8_t)type,
                             .thread_n = type == DFL__LOG_CHECKPOINT ? 1 : 0,
                             .next_n = 4,
                             .body_n = 8,
                             .id = id,
                             .schema = id,
                             .thread = "t",
                             .next = "node"};
}

static void add(dfl__index *index, dfl__record_type type, uint64_t id, uint64_t position) {
    dfl__log_record record = record_of(type, id);
    assert_int_equal(dfl__index_add(index, position, &record), DFL_OK);
}

static void an_entry_that_is_not_there(void **state) {
    dfl__index index;
    dfl__indexed *thread;
    (void)state;
    assert_true(dfl__index_init(&index));
    add(&index, DFL__LOG_CHECKPOINT, 2, 100);
    add(&index, DFL__LOG_CHECKPOINT, 4, 200);
    thread = dfl__index_thread(&index, "t");
    assert_non_null(thread);
    for (uint64_t id = 1; id <= 5; id += 2)
        dfl__index_remove(&index, thread, id);
    assert_true(thread->n == 2 && index.n_entries == 2);
    dfl__index_remove(&index, thread, 2);
    assert_true(thread->n == 1 && thread->all[0].id == 4);
    dfl__index_remove(&index, thread, 4);
    assert_null(dfl__index_thread(&index, "t"));
    assert_true(index.n_entries == 0 && index.bytes == 0);
    dfl__index_free(&index);
}

/* Of segments that are gone: layouts are as much removed as checkpoints are. */
static void what_stands_before_a_position(void **state) {
    dfl__index index;
    (void)state;
    assert_true(dfl__index_init(&index));
    for (uint64_t id = 1; id <= 5; id++)
        add(&index, DFL__LOG_LAYOUT, id, 100 * (id % 3));
    add(&index, DFL__LOG_CHECKPOINT, 6, 100);
    add(&index, DFL__LOG_CHECKPOINT, 7, 200);
    dfl__index_remove_before(&index, 200);
    for (uint64_t id = 1; id <= 5; id++)
        assert_int_equal(dfl__index_layout(&index, id) != NULL, id % 3 == 2);
    assert_int_equal(index.n_layouts, 2);
    assert_int_equal(dfl__index_thread(&index, "t")->n, 1);
    dfl__index_remove_before(&index, 201);
    assert_int_equal(index.n_layouts, 0);
    assert_null(dfl__index_thread(&index, "t"));
    dfl__index_free(&index);
}

/* The name of its next node has no room: it is not known, and asked for again. */
static void the_latest_without_memory(void **state) {
    char next[DFL__NAME_MAX];
    dfl__log_record record = record_of(DFL__LOG_CHECKPOINT, 2);
    dfl__index index;
    dfl__indexed *thread;
    (void)state;
    memset(next, 'x', sizeof next);
    assert_true(dfl__index_init(&index));
    add(&index, DFL__LOG_CHECKPOINT, 1, 100);
    add(&index, DFL__LOG_CHECKPOINT, 2, 200);
    thread = dfl__index_thread(&index, "t");
    thread->latest.id = 1; /* as when the newest has been removed */
    record.next = next;
    record.next_n = sizeof next;
    dfl__fail_after(0);
    dfl__index_note_latest(thread, &record);
    dfl__fail_after(-1);
    assert_false(dfl__index_knows_latest(thread));
    assert_string_equal(thread->latest.next, "node");
    dfl__index_note_latest(thread, &record);
    assert_true(dfl__index_knows_latest(thread));
    assert_int_equal(strlen(thread->latest.next), sizeof next);
    dfl__index_free(&index);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_that_is_not_there),
        cmocka_unit_test(what_stands_before_a_position),
        cmocka_unit_test(the_latest_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
