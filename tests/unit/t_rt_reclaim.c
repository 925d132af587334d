/* Reclaiming: what the roots reach stays as it is, the rest goes, and the bound holds. */
#include "rt.h"

static void reclaim(own_state *own) {
    assert_int_equal(dfl__mem_reclaim(&own->s.mem, own->ctx.roots), DFL_OK);
    own->ctx.flags &= ~DFL__RECLAIM;
}

/* A safe point, as between two nodes. */
static void safe_point(own_state *own) {
    if (own->ctx.flags & DFL__RECLAIM)
        reclaim(own);
    dfl__new_epoch(&own->ctx);
}

static void every_kind_of_value_survives(void **state) {
    (void)state;
    for (int n = 0; n <= 1000; n = n * 10 + 1) {
        own_state *own = own_state_new();
        assert_int_equal(fill_every(&own->ctx, &own->s, n), 0);
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 1000; i++)
                dfl_printf(&own->ctx, "garbage %d", i);
            reclaim(own);
            check_every(&own->s, n);
        }
        own_state_free(own);
    }
}

static void lists_can_be_changed_afterwards(void **state) {
    (void)state;
    own_state *own = own_state_new();
    assert_int_equal(fill_every(&own->ctx, &own->s, 20), 0);
    reclaim(own);
    every *s = &own->s;
    dfl_f64_list before = s->numbers;
    dfl_i32_map counts = s->counts;
    assert_int_equal(dfl_f64_list_set(&own->ctx, &s->numbers, 0, 9), 0);
    assert_int_equal(dfl_f64_list_push(&own->ctx, &s->numbers, 8), 0);
    assert_true(before.items[0] == 0);
    assert_int_equal(dfl_i32_map_put(&own->ctx, &s->counts, DFL_STR("count 3"), 33), 0);
    assert_int_equal(dfl_i32_map_put(&own->ctx, &s->counts, DFL_STR("new"), 44), 0);
    assert_int_equal(*dfl_i32_map_get(&counts, DFL_STR("count 3")), 3);
    assert_int_equal(*dfl_i32_map_get(&s->counts, DFL_STR("count 3")), 33);
    reclaim(own);
    assert_true(s->numbers.items[0] == 9 && s->numbers.items[20] == 8);
    assert_int_equal(*dfl_i32_map_get(&s->counts, DFL_STR("new")), 44);
    own_state_free(own);
}

/* ---- the bound ---- */

static void a_million_strings_need_little_memory(void **state) {
    (void)state;
    own_state *own = own_state_new();
    size_t most = 0;
    for (int i = 0; i < 1000000; i++) {
        own->s.text = dfl_printf(&own->ctx, "message number %d of many", i);
        safe_point(own);
        most = own->s.mem.bytes > most ? own->s.mem.bytes : most;
    }
    assert_true(says(own->s.text, "message number 999999 of many"));
    assert_true(most <= 256 * 1024);
    own_state_free(own);
}

static void a_live_list_that_changes_stays_within_the_bound(void **state) {
    (void)state;
    own_state *own = own_state_new();
    enum { LIVE = 10000, STEPS = 100000 };
    const size_t live = LIVE * (sizeof(dfl_str) + sizeof "text 123456") + 4096;
    size_t most = 0;
    for (int i = 0; i < LIVE; i++)
        dfl_str_list_push(&own->ctx, &own->s.words, dfl_printf(&own->ctx, "text %06d", i));
    for (int i = 0; i < STEPS; i++) {
        dfl_str_list words = own->s.words;
        dfl_str text = dfl_printf(&own->ctx, "text %06d", i);
        /* Every 1000th step by _set, which copies the list; the others in what is theirs. */
        if (i % 1000 == 0) {
            assert_int_equal(
                dfl_str_list_set(&own->ctx, &own->s.words, (uint32_t)(i * 7 % LIVE), text), 0);
        } else {
            words.len--;
            own->s.words = words;
            assert_int_equal(dfl_str_list_push(&own->ctx, &own->s.words, text), 0);
        }
        if (i % 100 == 0)
            safe_point(own);
        most = own->s.mem.bytes > most ? own->s.mem.bytes : most;
    }
    assert_int_equal(own->s.words.len, LIVE);
    /* Twice what is live, 192 KiB, and what 100 steps of 160 KB copies make by themselves. */
    assert_true(most <= 2 * live + 192 * 1024 + 2 * 20 * LIVE * sizeof(dfl_str));
    own_state_free(own);
}

static void memory_falls_when_live_data_does(void **state) {
    (void)state;
    own_state *own = own_state_new();
    for (int i = 0; i < 200000; i++)
        dfl_str_list_push(&own->ctx, &own->s.words, dfl_printf(&own->ctx, "text %d", i));
    assert_true(own->s.mem.bytes > 4u << 20);
    own->s.words.len = 3;
    reclaim(own);
    assert_true(own->s.mem.bytes <= 1024);
    assert_true(says(own->s.words.items[2], "text 2"));
    own_state_free(own);
}

static void bytes_that_grow_forever_cost_what_they_hold(void **state) {
    (void)state;
    own_state *own = own_state_new();
    for (int i = 0; i < 20000; i++) {
        dfl_bytes update = {(const uint8_t *)"0123456789", 10};
        assert_int_equal(dfl__append_bytes(&own->ctx, &own->s.data, update), 0);
        safe_point(own);
        assert_true(own->s.mem.bytes <= 2 * own->s.data.n + own->s.data.n + 256 * 1024);
    }
    for (size_t i = 0; i < own->s.data.n; i++)
        assert_int_equal(own->s.data.p[i], '0' + i % 10);
    own_state_free(own);
}

/* ---- sharing ---- */

static void what_was_shared_is_shared_afterwards(void **state) {
    (void)state;
    own_state *own = own_state_new();
    char big[5000];
    memset(big, 'b', sizeof big);
    dfl_str text = dfl_copy(&own->ctx, big, sizeof big);
    dfl_str_list line = {0};
    for (int i = 0; i < 500; i++)
        dfl_str_list_push(&own->ctx, &line, text);
    for (int i = 0; i < 500; i++)
        dfl_str_list_list_push(&own->ctx, &own->s.lines, line);
    reclaim(own);
    assert_true(own->s.mem.bytes < 64 * 1024);
    assert_int_equal(own->s.lines.items[499].items[499].n, sizeof big);
    assert_memory_equal(own->s.lines.items[499].items[499].p, big, sizeof big);
    assert_ptr_equal(own->s.lines.items[0].items, own->s.lines.items[499].items);
    own_state_free(own);
}

/* lines[i] is words as it was after i + 1 pushes: all of them views of one buffer. */
static void a_history_of_a_growing_list_is_not_multiplied(void **state) {
    (void)state;
    own_state *own = own_state_new();
    enum { N = 2000 };
    for (int i = 0; i < N; i++) {
        dfl_str_list_push(&own->ctx, &own->s.words, dfl_printf(&own->ctx, "%d", i));
        dfl_str_list_list_push(&own->ctx, &own->s.lines, own->s.words);
    }
    for (int round = 0; round < 2; round++) {
        reclaim(own);
        assert_true(own->s.mem.bytes < 512 * 1024);
        for (uint32_t i = 0; i < N; i++) {
            dfl_str_list line = own->s.lines.items[i];
            assert_int_equal(line.len, i + 1);
            assert_int_equal(atoi(line.items[i].p), i);
            assert_int_equal(atoi(line.items[i / 2].p), i / 2);
        }
    }
    own_state_free(own);
}

static void two_fields_may_show_different_parts(void **state) {
    (void)state;
    for (int n = 5; n <= 5000; n *= 10) { /* in a small chunk, and in one of its own */
        own_state *own = own_state_new();
        every *s = &own->s;
        for (int i = 0; i < n; i++)
            tree_list_push(&own->ctx, &s->tree.kids,
                           (tree){dfl_printf(&own->ctx, "kid %d", i), {0}});
        tree_list whole = s->tree.kids;
        s->tree.kids.len = 2;
        s->tree.kids.cap = whole.cap;
        dfl__root second = {&whole, &type_trees, NULL};
        own->root.next = &second;
        for (int round = 0; round < 3; round++)
            reclaim(own);
        assert_int_equal(whole.len, n);
        for (int i = 0; i < n; i++)
            assert_int_equal(atoi(whole.items[i].name.p + 4), i);
        assert_true(s->tree.kids.len == 2 && says(s->tree.kids.items[1].name, "kid 1"));
        own_state_free(own);
    }
}

/* ---- large allocations, foreign memory ---- */

static void large_allocations_stay_where_they_are(void **state) {
    (void)state;
    own_state *own = own_state_new();
    char *large = dfl_alloc(&own->ctx, 100000);
    char *unused = dfl_alloc(&own->ctx, 100000);
    memset(large, 'x', 100000);
    memset(unused, 'y', 100000);
    own->s.data = (dfl_bytes){(const uint8_t *)large + 5, 90000};
    reclaim(own);
    assert_ptr_equal(own->s.data.p, large + 5);
    assert_true(own->s.mem.bytes < 110000);
    assert_false(dfl__mem_holds(&own->s.mem, unused));
    own->s.data.n = 10; /* so little of it does not keep it */
    reclaim(own);
    assert_true(own->s.mem.bytes <= 1024);
    assert_memory_equal(own->s.data.p, "xxxxxxxxxx", 10);
    own->s.data.n = 0;
    reclaim(own);
    assert_int_equal(own->s.mem.bytes, 0);
    own_state_free(own);
}

static void bytes_keep_their_alignment(void **state) {
    (void)state;
    own_state *own = own_state_new();
    double *numbers = dfl_alloc(&own->ctx, 4 * sizeof *numbers);
    for (int i = 0; i < 4; i++)
        numbers[i] = i;
    own->s.text = dfl_strdup(&own->ctx, "a");
    own->s.data = (dfl_bytes){(const uint8_t *)numbers, 4 * sizeof *numbers};
    reclaim(own);
    assert_int_equal((uintptr_t)own->s.data.p % 16, 0);
    assert_true(((const double *)(const void *)own->s.data.p)[3] == 3);
    own_state_free(own);
}

static void foreign_memory_is_left_alone(void **state) {
    (void)state;
    static const dfl_str constants[] = {{"one", 3}, {"two", 3}};
    own_state *own = own_state_new();
    dfl_ctx *parent = dfl_ctx_new(NULL);
    dfl_f64_list numbers = {0};
    dfl_f64_list_push(parent, &numbers, 7);
    own->s.words = (dfl_str_list){constants, 2, 0};
    own->s.text = DFL_STR("constant");
    own->s.numbers = numbers;
    const char *text = own->s.text.p;
    reclaim(own);
    assert_ptr_equal(own->s.words.items, constants);
    assert_ptr_equal(own->s.text.p, text);
    assert_ptr_equal(own->s.numbers.items, numbers.items);
    dfl_ctx_free(parent);
    own_state_free(own);
}

/* The frame of a large inline section lies in the arena that is reclaimed while it is in use. */
static void a_root_in_the_arena_stays_where_it_is(void **state) {
    (void)state;
    own_state *own = own_state_new();
    dfl_str *frame = dfl_alloc(&own->ctx, 2 * sizeof *frame);
    int64_t *plain = dfl_alloc(&own->ctx, 20 * sizeof *plain);
    char *large = dfl_alloc(&own->ctx, 20000);
    dfl__root third = {large, NULL, own->ctx.roots}, second = {plain, NULL, &third};
    dfl__root first = {frame, &type_pair, &second};
    frame[0] = dfl_printf(&own->ctx, "left"), frame[1] = dfl_printf(&own->ctx, "right");
    plain[19] = 19, large[19999] = 'x';
    own->ctx.roots = &first;
    for (int round = 0; round < 5; round++) {
        for (int i = 0; i < 3000; i++)
            dfl_printf(&own->ctx, "garbage %d", i);
        frame[round % 2] = dfl_printf(&own->ctx, "new");
        reclaim(own);
        assert_true(says(frame[round % 2], "new"));
        assert_true(plain[19] == 19 && large[19999] == 'x');
        assert_true(own->s.mem.bytes < 32 * 1024);
    }
    own->ctx.roots = NULL;
    reclaim(own);
    assert_int_equal(own->s.mem.bytes, 0);
    own_state_free(own);
}

/* ---- depth ---- */

static void values_may_nest_without_end(void **state) {
    (void)state;
    own_state *own = own_state_new();
    enum { DEPTH = 1000000 };
    tree_list kids = {0};
    for (int i = 0; i < DEPTH; i++) {
        tree_list one = {0};
        tree node = {DFL_STR("deep"), kids};
        assert_int_equal(tree_list_push(&own->ctx, &one, node), 0);
        kids = one;
    }
    own->s.tree.kids = kids;
    reclaim(own);
    every copy = {0};
    dfl_ctx ctx;
    dfl__ctx_init(&ctx, &copy.mem);
    assert_int_equal(dfl__copy_value(&ctx, &type_every, &copy, &own->s), DFL_OK);
    own_state_free(own);
    int depth = 0;
    for (const tree_list *at = &copy.tree.kids; at->len; at = &at->items[0].kids)
        depth++;
    assert_int_equal(depth, DEPTH);
    dfl__mem_free(&copy.mem);
}

/* ---- running out ---- */

static void without_memory_nothing_is_lost(void **state) {
    (void)state;
    enum { N = 200 };
    int failures = 0;
    for (int n = 0;; n++) {
        own_state *own = own_state_new();
        assert_int_equal(fill_every(&own->ctx, &own->s, N), 0);
        char big[20000] = "big";
        own->s.text = dfl_copy(&own->ctx, big, sizeof big);
        dfl__fail_after(n);
        int status = dfl__mem_reclaim(&own->s.mem, own->ctx.roots);
        dfl__fail_after(-1);
        own->s.text = dfl_printf(&own->ctx, "text of %d", N);
        check_every(&own->s, N);
        assert_false(dfl__mem_due(&own->s.mem));
        assert_int_equal(dfl__mem_reclaim(&own->s.mem, own->ctx.roots), DFL_OK);
        check_every(&own->s, N);
        own_state_free(own);
        if (status == DFL_OK && n > 20)
            break;
        failures += status == DFL_ENOMEM;
    }
    assert_true(failures > 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_value_survives),
        cmocka_unit_test(lists_can_be_changed_afterwards),
        cmocka_unit_test(a_million_strings_need_little_memory),
        cmocka_unit_test(a_live_list_that_changes_stays_within_the_bound),
        cmocka_unit_test(memory_falls_when_live_data_does),
        cmocka_unit_test(bytes_that_grow_forever_cost_what_they_hold),
        cmocka_unit_test(what_was_shared_is_shared_afterwards),
        cmocka_unit_test(a_history_of_a_growing_list_is_not_multiplied),
        cmocka_unit_test(two_fields_may_show_different_parts),
        cmocka_unit_test(large_allocations_stay_where_they_are),
        cmocka_unit_test(bytes_keep_their_alignment),
        cmocka_unit_test(foreign_memory_is_left_alone),
        cmocka_unit_test(a_root_in_the_arena_stays_where_it_is),
        cmocka_unit_test(values_may_nest_without_end),
        cmocka_unit_test(without_memory_nothing_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
