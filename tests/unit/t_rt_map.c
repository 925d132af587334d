/* Maps: order, lookup, deletion, and who sees which change. */
// needs: tsan
#include <pthread.h>

#include "rt.h"

#include "hash.h"

static dfl_str key_of(dfl_ctx *ctx, int i) {
    return dfl_printf(ctx, "key %d", i);
}

static dfl_i32_map of(dfl_ctx *ctx, int n) {
    dfl_i32_map map = {0};
    for (int i = 0; i < n; i++)
        assert_int_equal(dfl_i32_map_put(ctx, &map, key_of(ctx, i), i), 0);
    return map;
}

static int value_in(dfl_ctx *ctx, const dfl_i32_map *map, int i) {
    const int32_t *found = dfl_i32_map_get(map, key_of(ctx, i));
    return found ? *found : -1;
}

/* Is every entry found, and found at its place? */
static void check(const dfl_i32_map *map) {
    for (uint32_t i = 0; i < map->len; i++)
        assert_ptr_equal(dfl_i32_map_get(map, map->entries[i].key), &map->entries[i].value);
}

static int setup(void **state) {
    *state = dfl_ctx_new(NULL);
    return *state ? 0 : -1;
}

static int teardown(void **state) {
    dfl_ctx_free(*state);
    return 0;
}

static void entries_are_in_order_of_insertion(void **state) {
    dfl_ctx *ctx = *state;
    static const int sizes[] = {0, 1, 8, 9, 12, 13, 100, 20000};
    for (size_t s = 0; s < COUNT(sizes); s++) {
        dfl_i32_map map = of(ctx, sizes[s]);
        assert_int_equal(map.len, sizes[s]);
        for (int i = 0; i < sizes[s]; i++) {
            assert_int_equal(map.entries[i].value, i);
            assert_int_equal(value_in(ctx, &map, i), i);
        }
        assert_null(dfl_i32_map_get(&map, DFL_STR("absent")));
        assert_null(dfl_i32_map_get(&map, (dfl_str){0}));
    }
}

static void a_key_keeps_its_place(void **state) {
    dfl_ctx *ctx = *state;
    for (int n = 3; n <= 300; n *= 10) {
        dfl_i32_map map = of(ctx, n);
        assert_int_equal(dfl_i32_map_put(ctx, &map, key_of(ctx, 1), 77), 0);
        assert_int_equal(map.len, n);
        assert_int_equal(map.entries[1].value, 77);
    }
}

static void the_empty_key_is_a_key(void **state) {
    dfl_ctx *ctx = *state;
    for (int n = 0; n < 20; n += 19) {
        dfl_i32_map map = of(ctx, n);
        assert_int_equal(dfl_i32_map_put(ctx, &map, (dfl_str){0}, 1), 0);
        assert_int_equal(dfl_i32_map_put(ctx, &map, DFL_STR(""), 2), 0);
        assert_int_equal(map.len, n + 1);
        assert_int_equal(*dfl_i32_map_get(&map, DFL_STR("")), 2);
    }
}

static void deleting_keeps_the_order(void **state) {
    dfl_ctx *ctx = *state;
    for (int n = 5; n <= 500; n *= 10) {
        dfl_i32_map map = of(ctx, n);
        assert_int_equal(dfl_i32_map_del(ctx, &map, DFL_STR("absent")), 0);
        for (int i = 0; i < n; i += 3)
            assert_int_equal(dfl_i32_map_del(ctx, &map, key_of(ctx, i)), 0);
        check(&map);
        for (uint32_t i = 1; i < map.len; i++)
            assert_true(map.entries[i - 1].value < map.entries[i].value);
        for (int i = 0; i < n; i++)
            assert_int_equal(value_in(ctx, &map, i), i % 3 ? i : -1);
    }
}

/* Against a plain array, with deletions, through all sizes of the index. */
static void random_changes_agree_with_an_array(void **state) {
    dfl_ctx *ctx = *state;
    enum { KEYS = 200 };
    int order[KEYS], values[KEYS], n = 0;
    dfl_i32_map map = {0};
    uint32_t random = 1;
    for (int step = 0; step < 20000; step++) {
        random = random * 1664525 + 1013904223;
        int key = (int)(random >> 16) % KEYS, at = 0;
        while (at < n && order[at] != key)
            at++;
        if (random >> 28 < 6) {
            assert_int_equal(dfl_i32_map_del(ctx, &map, key_of(ctx, key)), 0);
            if (at < n) {
                memmove(order + at, order + at + 1, (size_t)(n - at - 1) * sizeof *order);
                memmove(values + at, values + at + 1, (size_t)(n - at - 1) * sizeof *values);
                n--;
            }
        } else {
            assert_int_equal(dfl_i32_map_put(ctx, &map, key_of(ctx, key), step), 0);
            order[at] = key, values[at] = step;
            n += at == n;
        }
        if (step % 7 == 0)
            dfl__new_epoch(ctx);
        assert_int_equal(map.len, n);
        if (step % 100 == 0)
            check(&map);
    }
    for (int i = 0; i < n; i++) {
        assert_int_equal(map.entries[i].value, values[i]);
        assert_true(dfl_str_eq(map.entries[i].key, key_of(ctx, order[i])));
    }
}

static void union_lets_the_later_key_win(void **state) {
    dfl_ctx *ctx = *state;
    dfl_i32_map a = of(ctx, 12), b = {0};
    dfl_i32_map_put(ctx, &b, DFL_STR("key 3"), 33);
    dfl_i32_map_put(ctx, &b, DFL_STR("new"), 44);
    dfl_i32_map before = a;
    dfl__new_epoch(ctx);
    assert_int_equal(dfl_i32_map_union(ctx, &a, &b), 0);
    assert_int_equal(a.len, 13);
    assert_int_equal(a.entries[3].value, 33);
    assert_int_equal(a.entries[12].value, 44);
    assert_int_equal(before.entries[3].value, 3);
}

/* ---- nobody sees what another does ---- */

static const dfl_i32_map_entry fixed[] = {{{"key 0", 5}, 0}, {{"key 1", 5}, 1}};

static void constants_are_never_written(void **state) {
    dfl_ctx *ctx = *state;
    for (uint32_t cap = 0; cap <= 2; cap += 2) {
        dfl_i32_map map = {fixed, 2, cap, NULL};
        assert_int_equal(value_in(ctx, &map, 1), 1);
        assert_int_equal(dfl_i32_map_put(ctx, &map, DFL_STR("key 0"), 9), 0);
        assert_int_equal(map.entries[0].value, 9);
        map = (dfl_i32_map){fixed, 2, cap, NULL};
        assert_int_equal(dfl_i32_map_del(ctx, &map, DFL_STR("key 0")), 0);
        assert_int_equal(map.len, 1);
        map = (dfl_i32_map){fixed, 2, cap, NULL};
        for (int i = 2; i < 30; i++)
            assert_int_equal(dfl_i32_map_put(ctx, &map, key_of(ctx, i), i), 0);
        check(&map);
        assert_int_equal(map.len, 30);
    }
    assert_true(fixed[0].value == 0 && fixed[1].value == 1);
}

static void a_failed_attempt_leaves_no_trace(void **state) {
    dfl_ctx *ctx = *state;
    for (int n = 2; n <= 200; n *= 10) {
        dfl_i32_map field = of(ctx, n);
        for (int attempt = 0; attempt < 5; attempt++) {
            dfl_i32_map before = field;
            dfl__new_epoch(ctx);
            dfl_i32_map_put(ctx, &field, DFL_STR("new"), attempt);
            dfl_i32_map_put(ctx, &field, DFL_STR("new"), attempt + 1);
            if (attempt % 2)
                dfl_i32_map_put(ctx, &field, key_of(ctx, 0), -1);
            dfl_i32_map_del(ctx, &field, key_of(ctx, 1));
            dfl_i32_map_put(ctx, &field, DFL_STR("newer"), attempt);
            field = before;
            assert_int_equal(field.len, n);
            assert_null(dfl_i32_map_get(&field, DFL_STR("new")));
            for (int i = 0; i < n; i++)
                assert_int_equal(value_in(ctx, &field, i), i);
        }
        dfl__new_epoch(ctx);
        dfl_i32_map_put(ctx, &field, DFL_STR("new"), 5);
        assert_int_equal(field.len, n + 1);
        check(&field);
    }
}

static void two_maps_that_share_part_at_a_put(void **state) {
    dfl_ctx *ctx = *state;
    for (int n = 2; n <= 200; n *= 10) {
        dfl_i32_map a = of(ctx, n), b = a;
        dfl_i32_map_put(ctx, &a, DFL_STR("a"), 1);
        assert_null(dfl_i32_map_get(&b, DFL_STR("a")));
        dfl_i32_map_put(ctx, &b, DFL_STR("b"), 2);
        assert_null(dfl_i32_map_get(&a, DFL_STR("b")));
        dfl__new_epoch(ctx);
        dfl_i32_map c = a;
        dfl_i32_map_del(ctx, &c, key_of(ctx, 0));
        dfl_i32_map_put(ctx, &a, key_of(ctx, 1), 11);
        assert_int_equal(value_in(ctx, &a, 0), 0);
        assert_int_equal(value_in(ctx, &c, 0), -1);
        assert_int_equal(value_in(ctx, &c, 1), 1);
        check(&a), check(&b), check(&c);
    }
}

static void own_puts_of_an_attempt_are_changed_in_place(void **state) {
    dfl_ctx *ctx = *state;
    dfl_i32_map map = of(ctx, 100);
    dfl_i32_map_put(ctx, &map, DFL_STR("x"), 0);
    const void *entries = map.entries;
    for (int i = 0; i < 100; i++)
        dfl_i32_map_put(ctx, &map, DFL_STR("x"), i);
    assert_ptr_equal(map.entries, entries);
    assert_int_equal(map.entries[100].value, 99);
}

/* ---- tails: note [tails] in buffer.h ---- */

static void a_tail_is_joined_where_it_is(void **state) {
    dfl_ctx *ctx = *state;
    for (int n = 3; n <= 300; n *= 10) {
        dfl_i32_map map = of(ctx, n);
        const void *entries = map.entries;
        dfl__new_epoch(ctx);
        dfl_i32_map tail = dfl_i32_map__behind(&map);
        assert_int_equal(dfl_i32_map_put(ctx, &tail, DFL_STR("new"), 7), 0);
        assert_int_equal(dfl_i32_map_put(ctx, &tail, DFL_STR("new"), 8), 0);
        assert_int_equal(*dfl_i32_map_get(&tail, DFL_STR("new")), 8);
        assert_null(dfl_i32_map_get(&tail, DFL_STR("key 1")));
        assert_null(dfl_i32_map_get(&map, DFL_STR("new")));
        assert_int_equal(dfl_i32_map__join(ctx, &map, &tail), 0);
        assert_int_equal(*dfl_i32_map_get(&map, DFL_STR("new")), 8);
        assert_int_equal(map.len, n + 1);
        assert_ptr_equal(map.entries, entries);
        check(&map);
    }
}

/* A key that is in both is one entry, with the later value in the earlier place. */
static void a_tail_with_a_key_of_its_map_is_put(void **state) {
    dfl_ctx *ctx = *state;
    for (int n = 3; n <= 300; n *= 10)
        for (int k = 1; k <= 40; k++) {
            dfl_i32_map map = of(ctx, n), before = map;
            dfl__new_epoch(ctx);
            dfl_i32_map tail = dfl_i32_map__behind(&map);
            for (int i = 0; i < k; i++)
                assert_int_equal(dfl_i32_map_put(ctx, &tail, key_of(ctx, n + i - 1), i + 1000), 0);
            assert_int_equal(tail.len, k);
            assert_int_equal(value_in(ctx, &tail, n - 1), 1000);
            assert_int_equal(dfl_i32_map__join(ctx, &map, &tail), 0);
            assert_int_equal(map.len, n + k - 1);
            assert_int_equal(map.entries[n - 1].value, 1000);
            assert_int_equal(value_in(ctx, &before, n - 1), n - 1);
            check(&map), check(&before);
        }
}

/* Room is made before: then no tail outgrows the buffer, and the index is there for all. */
static void what_is_expected_finds_room(void **state) {
    dfl_ctx *ctx = *state;
    for (int n = 1; n < 40; n++)
        for (int m = 1; m < 40; m++) {
            dfl_i32_map map = of(ctx, n), before = map;
            dfl_i32_map__expect(ctx, &map, (uint32_t)m);
            assert_true((int)map.len == n && map.cap >= map.len + (uint32_t)m);
            assert_true((map.entries == before.entries) == (before.cap - before.len >= (uint32_t)m));
            dfl__new_epoch(ctx);
            dfl_i32_map tail = dfl_i32_map__behind(&map);
            const void *entries = map.entries;
            for (int i = 0; i < m; i++)
                assert_int_equal(dfl_i32_map_put(ctx, &tail, key_of(ctx, n + i), n + i), 0);
            assert_int_equal(dfl_i32_map__join(ctx, &map, &tail), 0);
            assert_ptr_equal(map.entries, entries);
            assert_int_equal(map.len, n + m);
            for (int i = 0; i < n + m; i++)
                assert_int_equal(value_in(ctx, &map, i), i);
            check(&map), check(&before);
        }
}

/* Not in one's own memory, part of what another shows, or large: these stay where they are. */
static void who_is_not_moved_for_what_is_expected(void **state) {
    dfl_ctx *ctx = *state;
    static const dfl_i32_map_entry constant[] = {{{"a", 1}, 1}};
    dfl_i32_map none = {0}, shown = {constant, 1, 1, NULL}, part = of(ctx, 6), large = of(ctx, 5000), whole;
    dfl_i32_map__expect(ctx, &none, 9);
    assert_true(!none.entries && none.cap == 0);
    dfl_i32_map__expect(ctx, &shown, 9);
    assert_true(shown.entries == constant && shown.cap == 1);
    part.len = 5;
    whole = part;
    dfl_i32_map__expect(ctx, &part, 1000);
    assert_memory_equal(&part, &whole, sizeof part);
    whole = large;
    dfl_i32_map__expect(ctx, &large, 1 << 20);
    assert_memory_equal(&large, &whole, sizeof large);
}

enum { MODEL_KEYS = 60 };
typedef struct Model {
    dfl_i32_map map;
    int n, keys[MODEL_KEYS], values[MODEL_KEYS];
} Model;

static void model_put(Model *m, int key, int value) {
    int at = 0;
    while (at < m->n && m->keys[at] != key)
        at++;
    m->keys[at] = key, m->values[at] = value;
    m->n += at == m->n;
}

static void model_check(dfl_ctx *ctx, const Model *m) {
    assert_int_equal(m->map.len, m->n);
    for (int i = 0; i < m->n; i++) {
        assert_true(dfl_str_eq(m->map.entries[i].key, key_of(ctx, m->keys[i])));
        assert_int_equal(m->map.entries[i].value, m->values[i]);
        assert_int_equal(value_in(ctx, &m->map, m->keys[i]), m->values[i]);
    }
}

static uint32_t next_random(uint32_t *random) {
    *random = *random * 1664525 + 1013904223;
    return *random >> 16;
}

static void random_update(dfl_ctx *ctx, Model *to, uint32_t *random) {
    Model update = {.map = dfl_i32_map__behind(&to->map)};
    dfl__new_epoch(ctx);
    for (uint32_t n = next_random(random) % 6; n > 0; n--) {
        int key = (int)(next_random(random) % MODEL_KEYS), value = (int)(*random >> 8);
        if (next_random(random) % 8) {
            assert_int_equal(dfl_i32_map_put(ctx, &update.map, key_of(ctx, key), value), 0);
            model_put(&update, key, value);
        } else if (update.n) {
            update.n--;
            assert_int_equal(dfl_i32_map_del(ctx, &update.map, key_of(ctx, update.keys[update.n])), 0);
        }
    }
    model_check(ctx, &update);
    model_check(ctx, to);
    if (next_random(random) % 5 == 0) {
        if (*random >> 31)
            dfl_i32_map__drop(ctx, &update.map);
        return;
    }
    for (int i = 0; i < update.n; i++)
        model_put(to, update.keys[i], update.values[i]);
    assert_int_equal(dfl_i32_map__join(ctx, &to->map, &update.map), 0);
    dfl__new_epoch(ctx);
    model_check(ctx, to);
}

/* As in t_rt_value.c; the copy is what a failed attempt or a sibling would see. */
static void random_sections_agree_with_arrays(void **state) {
    dfl_ctx *ctx = *state;
    static Model all[5];
    Model *const map = &all[0], *const kept = &all[4];
    dfl_type maps = {.kind = DFL_KIND_MAP, .size = sizeof(dfl__map), .elem = &dfl_type_i32};
    uint32_t random = 11;
    maps.offset = offsetof(dfl_i32_map_entry, value), maps.entry = sizeof(dfl_i32_map_entry);
    for (int round = 0; round < 1500; round++) {
        const dfl_i32_map *last = &map->map;
        if (round % 10 == 0)
            *map = (Model){.n = 0};
        if (next_random(&random) % 4 == 0)
            *kept = *map;
        for (int k = 1; k <= 3; k++) {
            all[k] = (Model){.map = dfl_i32_map__behind(last)};
            while (next_random(&random) % 3)
                random_update(ctx, &all[k], &random);
            if (all[k].n && next_random(&random) % 4)
                last = &all[k].map;
            if (next_random(&random) % 16 == 0) {
                dfl__root roots[5];
                for (int i = 0; i < 5; i++)
                    roots[i] = (dfl__root){&all[i].map, &maps, i < 4 ? &roots[i + 1] : NULL};
                for (int i = k + 1; i <= 3; i++)
                    all[i] = (Model){.n = 0};
                assert_int_equal(dfl__mem_reclaim(ctx->mem, roots), DFL_OK);
            }
        }
        for (int k = 1; k <= 3; k++) {
            for (int i = 0; i < all[k].n; i++)
                model_put(map, all[k].keys[i], all[k].values[i]);
            assert_int_equal(dfl_i32_map__join(ctx, &map->map, &all[k].map), 0);
        }
        dfl__new_epoch(ctx);
        for (int i = 0; i < 5; i++)
            model_check(ctx, &all[i]);
    }
}

/* ---- limits ---- */

static void without_memory_a_map_stays_as_it_was(void **state) {
    dfl_ctx *ctx = *state;
    dfl_i32_map map = of(ctx, 5000);
    dfl__new_epoch(ctx);
    dfl_i32_map before = map;
    dfl__fail_after(0);
    assert_int_equal(dfl_i32_map_put(ctx, &map, DFL_STR("key 3"), 9), DFL_ENOMEM);
    dfl__fail_after(0);
    assert_int_equal(dfl_i32_map_del(ctx, &map, DFL_STR("key 3")), DFL_ENOMEM);
    dfl__fail_after(-1);
    assert_memory_equal(&map, &before, sizeof map);
    assert_true(ctx->flags & DFL__NOMEM);
    check(&map);
    ctx->flags = 0; /* what is expected may yet not come */
    dfl_i32_map small = of(ctx, 6);
    before = small;
    dfl__fail_after(0);
    dfl_i32_map__expect(ctx, &small, 100000);
    dfl__fail_after(-1);
    assert_memory_equal(&small, &before, sizeof small);
    assert_false(ctx->flags & DFL__NOMEM);
}

/* By a second writing of the algorithm, which gives the paper's value for SipHash-2-4 (appendix A)
 * when it does 2 and 4 rounds. Key 00 01 .. 0f, bytes 00 01 02 .. */
static void the_hash_is_siphash_1_3(void **state) {
    (void)state;
    static const uint64_t key[2] = {0x0706050403020100u, 0x0f0e0d0c0b0a0908u};
    static const struct {
        size_t n;
        uint64_t hash;
    } cases[] = {
        {0, 0xabac0158050fc4dcu},  {1, 0xc9f49bf37d57ca93u},  {7, 0xd3927d989bb11140u},
        {8, 0x369095118d299a8eu},  {9, 0x25a48eb36c063de4u},  {15, 0xd320d86d2a519956u},
        {16, 0xcc4fdd1a7d908b66u}, {63, 0x9d199062b7bbb3a8u},
    };
    uint8_t bytes[64];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_true(dfl__siphash(key, bytes, cases[i].n) == cases[i].hash);
}

static void *hash_in_thread(void *out) {
    *(uint64_t *)out = dfl__hash("abc", 3);
    return NULL;
}

/* Runs first, so that the threads are the first that need the key. */
static void threads_agree_on_the_key(void **state) {
    (void)state;
    pthread_t threads[4];
    uint64_t hashes[4];
    for (size_t i = 0; i < COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, hash_in_thread, &hashes[i]), 0);
    for (size_t i = 0; i < COUNT(threads); i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (size_t i = 0; i < COUNT(threads); i++)
        assert_true(hashes[i] == dfl__hash("abc", 3));
}

static void the_key_stays_for_the_process(void **state) {
    (void)state;
    assert_true(dfl__hash("abc", 3) == dfl__hash("abc", 3));
    assert_true(dfl__hash("abc", 3) != dfl__hash("abd", 3));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_agree_on_the_key),
        cmocka_unit_test_setup_teardown(entries_are_in_order_of_insertion, setup, teardown),
        cmocka_unit_test_setup_teardown(a_key_keeps_its_place, setup, teardown),
        cmocka_unit_test_setup_teardown(the_empty_key_is_a_key, setup, teardown),
        cmocka_unit_test_setup_teardown(deleting_keeps_the_order, setup, teardown),
        cmocka_unit_test_setup_teardown(random_changes_agree_with_an_array, setup, teardown),
        cmocka_unit_test_setup_teardown(union_lets_the_later_key_win, setup, teardown),
        cmocka_unit_test_setup_teardown(constants_are_never_written, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failed_attempt_leaves_no_trace, setup, teardown),
        cmocka_unit_test_setup_teardown(two_maps_that_share_part_at_a_put, setup, teardown),
        cmocka_unit_test_setup_teardown(own_puts_of_an_attempt_are_changed_in_place, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_tail_is_joined_where_it_is, setup, teardown),
        cmocka_unit_test_setup_teardown(a_tail_with_a_key_of_its_map_is_put, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_expected_finds_room, setup, teardown),
        cmocka_unit_test_setup_teardown(who_is_not_moved_for_what_is_expected, setup, teardown),
        cmocka_unit_test_setup_teardown(random_sections_agree_with_arrays, setup, teardown),
        cmocka_unit_test_setup_teardown(without_memory_a_map_stays_as_it_was, setup, teardown),
        cmocka_unit_test(the_hash_is_siphash_1_3),
        cmocka_unit_test(the_key_stays_for_the_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
