/* Lists: amortised growth, and who sees which change. */
#include "rt.h"

static bool is(dfl_i64_list list, uint32_t n, const int64_t *items) {
    return list.len == n && (n == 0 || memcmp(list.items, items, n * sizeof *items) == 0);
}
#define IS(list, ...) is(list, COUNT(((int64_t[]){__VA_ARGS__})), (const int64_t[]){__VA_ARGS__})

static dfl_i64_list of(dfl_ctx *ctx, dfl_i64_list *list, int64_t n) {
    for (int64_t i = 1; i <= n; i++)
        assert_int_equal(dfl_i64_list_push(ctx, list, i), 0);
    return *list;
}

static int setup(void **state) {
    *state = dfl_ctx_new(NULL);
    return *state ? 0 : -1;
}

static int teardown(void **state) {
    dfl_ctx_free(*state);
    return 0;
}

static void pushes_keep_their_order(void **state) {
    dfl_ctx *ctx = *state;
    dfl_i64_list list = {0};
    dfl_str_list noise = {0};
    for (int64_t i = 0; i < 100000; i++) {
        assert_int_equal(dfl_i64_list_push(ctx, &list, i), 0);
        if (i % 3 == 0)
            assert_int_equal(dfl_str_list_push(ctx, &noise, DFL_STR("x")), 0);
    }
    assert_int_equal(list.len, 100000);
    for (int64_t i = 0; i < 100000; i++)
        assert_int_equal(list.items[i], i);
    assert_true(ctx->mem->bytes < 8u << 20);
}

static void a_lone_list_grows_where_it_is(void **state) {
    dfl_ctx *ctx = *state;
    dfl_i64_list list = {0};
    of(ctx, &list, 20);
    const int64_t *before = list.items;
    of(ctx, &list, 40);
    assert_ptr_equal(list.items, before);
    assert_true(list.cap >= 60);
}

static void set_changes_one_item(void **state) {
    dfl_ctx *ctx = *state;
    dfl_i64_list list = {0};
    of(ctx, &list, 3);
    assert_int_equal(dfl_i64_list_set(ctx, &list, 1, 9), 0);
    assert_true(IS(list, 1, 9, 3));
    assert_int_equal(dfl_i64_list_set(ctx, &list, 3, 9), DFL_EINVAL);
    assert_true(IS(list, 1, 9, 3));
}

static void resize_gives_zeroes(void **state) {
    dfl_ctx *ctx = *state;
    dfl_i64_list list = {0};
    of(ctx, &list, 3);
    list.len = 1;
    assert_int_equal(dfl_i64_list_resize(ctx, &list, 3), 0);
    assert_true(IS(list, 1, 0, 0));
    assert_int_equal(dfl_i64_list_resize(ctx, &list, 2), 0);
    assert_true(IS(list, 1, 0));
}

static void reserve_makes_later_pushes_cheap(void **state) {
    dfl_ctx *ctx = *state;
    dfl_i64_list list = {0};
    assert_int_equal(dfl_i64_list_reserve(ctx, &list, 5000), 0);
    assert_int_equal(list.len, 0);
    const int64_t *before = list.items;
    of(ctx, &list, 5000);
    assert_ptr_equal(list.items, before);
    assert_int_equal(dfl_i64_list_reserve(ctx, &list, 10), 0);
    assert_int_equal(list.len, 5000);
}

static void clear_and_append(void **state) {
    dfl_ctx *ctx = *state;
    dfl_i64_list list = {0}, none = {0};
    of(ctx, &list, 2);
    assert_int_equal(dfl_i64_list_append(ctx, &list, &none), 0);
    assert_int_equal(dfl_i64_list_append(ctx, &list, &list), 0);
    assert_true(IS(list, 1, 2, 1, 2));
    assert_int_equal(dfl_i64_list_clear(ctx, &list), 0);
    assert_int_equal(list.len, 0);
    of(ctx, &list, 1);
    assert_true(IS(list, 1));
}

/* ---- nobody sees what another does ---- */

static const int64_t fixed[] = {1, 2, 3};

static void constants_are_never_written(void **state) {
    dfl_ctx *ctx = *state;
    for (uint32_t cap = 0; cap <= 3; cap += 3) {
        dfl_i64_list list = {fixed, 3, cap};
        assert_int_equal(dfl_i64_list_push(ctx, &list, 4), 0);
        assert_true(IS(list, 1, 2, 3, 4));
        list = (dfl_i64_list){fixed, 3, cap};
        assert_int_equal(dfl_i64_list_set(ctx, &list, 0, 9), 0);
        assert_true(IS(list, 9, 2, 3));
        list = (dfl_i64_list){fixed, 2, cap};
        assert_int_equal(dfl_i64_list_push(ctx, &list, 7), 0);
        assert_true(IS(list, 1, 2, 7));
    }
    assert_true(fixed[0] == 1 && fixed[2] == 3);
}

static void hand_made_arrays_are_never_written(void **state) {
    dfl_ctx *ctx = *state;
    int64_t *items = dfl_alloc(ctx, 4 * sizeof *items);
    memcpy(items, fixed, sizeof fixed);
    items[3] = 77;
    dfl_i64_list list = {items, 3, 4};
    assert_int_equal(dfl_i64_list_push(ctx, &list, 4), 0);
    assert_true(IS(list, 1, 2, 3, 4));
    assert_int_equal(items[3], 77);
}

static void slices_are_never_written(void **state) {
    dfl_ctx *ctx = *state;
    dfl_i64_list list = {0};
    of(ctx, &list, 8);
    for (uint32_t from = 0; from < 8; from++) {
        dfl_i64_list slice = {list.items + from, 8 - from, from};
        assert_int_equal(dfl_i64_list_push(ctx, &slice, 9), 0);
        assert_int_equal(dfl_i64_list_set(ctx, &slice, 0, 0), 0);
        assert_true(IS(list, 1, 2, 3, 4, 5, 6, 7, 8));
    }
}

static void two_lists_that_share_part_at_a_push(void **state) {
    dfl_ctx *ctx = *state;
    dfl_i64_list a = {0}, b;
    b = of(ctx, &a, 2);
    assert_int_equal(dfl_i64_list_push(ctx, &a, 10), 0);
    assert_int_equal(dfl_i64_list_push(ctx, &b, 20), 0);
    assert_true(IS(a, 1, 2, 10));
    assert_true(IS(b, 1, 2, 20));
    /* And the other way round: the copy pushes first, then the list that owned the buffer. */
    b = a;
    assert_int_equal(dfl_i64_list_push(ctx, &b, 30), 0);
    a.len = 3;
    assert_int_equal(dfl_i64_list_push(ctx, &a, 40), 0);
    assert_true(IS(a, 1, 2, 10, 40));
    assert_true(IS(b, 1, 2, 10, 30));
}

static void a_copy_sees_no_later_set(void **state) {
    dfl_ctx *ctx = *state;
    dfl_i64_list a = {0}, b;
    of(ctx, &a, 3);
    dfl__new_epoch(ctx);
    b = a;
    assert_int_equal(dfl_i64_list_set(ctx, &b, 0, 9), 0);
    assert_true(IS(a, 1, 2, 3));
    assert_int_equal(dfl_i64_list_set(ctx, &a, 2, 8), 0);
    assert_true(IS(a, 1, 2, 8));
    assert_true(IS(b, 9, 2, 3));
}

static void a_lowered_length_hides_nothing_of_others(void **state) {
    dfl_ctx *ctx = *state;
    dfl_i64_list past = {0}, list;
    of(ctx, &past, 4);
    dfl__new_epoch(ctx);
    list = past;
    list.len = 2;
    assert_int_equal(dfl_i64_list_push(ctx, &list, 9), 0);
    assert_true(IS(list, 1, 2, 9));
    assert_true(IS(past, 1, 2, 3, 4));
}

/* What a caller does around a failing node: put the old struct back, begin a new epoch. */
static void a_failed_attempt_leaves_no_trace(void **state) {
    dfl_ctx *ctx = *state;
    dfl_i64_list field = {0};
    of(ctx, &field, 3);
    for (int attempt = 0; attempt < 5; attempt++) {
        dfl_i64_list before = field;
        dfl__new_epoch(ctx);
        assert_int_equal(dfl_i64_list_push(ctx, &field, 100 + attempt), 0);
        assert_int_equal(dfl_i64_list_set(ctx, &field, 0, -1), 0);
        field.len = 1;
        assert_int_equal(dfl_i64_list_push(ctx, &field, -2), 0);
        assert_int_equal(dfl_i64_list_clear(ctx, &field), 0);
        assert_int_equal(dfl_i64_list_push(ctx, &field, -3), 0);
        assert_int_equal(dfl_i64_list_resize(ctx, &field, 50), 0);
        field = before;
        assert_true(IS(field, 1, 2, 3));
    }
    dfl__new_epoch(ctx);
    assert_int_equal(dfl_i64_list_push(ctx, &field, 4), 0);
    assert_true(IS(field, 1, 2, 3, 4));
}

static void the_own_pushes_of_an_attempt_can_be_taken_back(void **state) {
    dfl_ctx *ctx = *state;
    dfl_i64_list field = {0}, before;
    of(ctx, &field, 3);
    dfl__new_epoch(ctx);
    before = field;
    assert_int_equal(dfl_i64_list_push(ctx, &field, 4), 0);
    const int64_t *items = field.items;
    for (int64_t i = 0; i < 100; i++) { /* a stack: no copy for each push */
        field.len--;
        assert_int_equal(dfl_i64_list_push(ctx, &field, i), 0);
    }
    assert_ptr_equal(field.items, items);
    assert_true(IS(field, 1, 2, 3, 99));
    assert_true(IS(before, 1, 2, 3));
}

static void a_branch_never_writes_to_its_parents_buffer(void **state) {
    dfl_ctx *parent = *state, *branch = dfl_ctx_new(NULL);
    dfl_i64_list field = {0}, in_branch;
    in_branch = of(parent, &field, 3);
    branch->mem->epoch = parent->mem->epoch;
    assert_int_equal(dfl_i64_list_push(branch, &in_branch, 4), 0);
    assert_int_equal(dfl_i64_list_push(parent, &field, 5), 0);
    assert_true(IS(in_branch, 1, 2, 3, 4));
    assert_true(IS(field, 1, 2, 3, 5));
    dfl__mem_adopt(parent->mem, branch->mem);
    dfl_ctx_free(branch);
    dfl_i64_list before = in_branch;
    assert_int_equal(dfl_i64_list_set(parent, &in_branch, 0, 9), 0);
    assert_true(IS(before, 1, 2, 3, 4));
    assert_true(IS(in_branch, 9, 2, 3, 4));
}

/* ---- tails: note [tails] in buffer.h ---- */

static void a_tail_is_joined_where_it_is(void **state) {
    dfl_ctx *ctx = *state;
    dfl_i64_list list = {0};
    of(ctx, &list, 3);
    dfl__new_epoch(ctx);
    dfl_i64_list tail = dfl_i64_list__behind(&list), before = list;
    assert_int_equal(tail.len, 0);
    assert_int_equal(dfl_i64_list_push(ctx, &tail, 4), 0);
    assert_int_equal(dfl_i64_list_push(ctx, &tail, 5), 0);
    assert_int_equal(dfl_i64_list_set(ctx, &tail, 0, 6), 0);
    assert_true(IS(list, 1, 2, 3) && IS(tail, 6, 5));
    dfl_i64_list more = dfl_i64_list__behind(&tail);
    assert_int_equal(dfl_i64_list_push(ctx, &more, 7), 0);
    assert_int_equal(dfl_i64_list__join(ctx, &tail, &more), 0);
    assert_int_equal(dfl_i64_list__join(ctx, &list, &tail), 0);
    assert_true(IS(list, 1, 2, 3, 6, 5, 7) && IS(before, 1, 2, 3));
    assert_ptr_equal(list.items, before.items);
}

/* Through all sizes around that of the buffer, so that a tail outgrows it at each of its items. */
static void a_tail_that_grows_takes_its_list_along(void **state) {
    dfl_ctx *ctx = *state;
    for (int64_t n = 0; n < 40; n++)
        for (int64_t m = 0; m < 40; m++) {
            dfl_i64_list list = {0};
            of(ctx, &list, n);
            assert_non_null(dfl_alloc(ctx, 1));
            dfl__new_epoch(ctx);
            dfl_i64_list tail = dfl_i64_list__behind(&list);
            for (int64_t i = 1; i <= m; i++)
                assert_int_equal(dfl_i64_list_push(ctx, &tail, n + i), 0);
            assert_int_equal(list.len, n);
            assert_int_equal(dfl_i64_list__join(ctx, &list, &tail), 0);
            assert_int_equal(list.len, n + m);
            assert_true(list.cap >= list.len && !(list.cap & DFL__TAIL));
            for (int64_t i = 0; i < n + m; i++)
                assert_int_equal(list.items[i], i + 1);
        }
}

/* Were its room not free again, the second attempt would be copied, and the list with it. */
static void a_failed_tail_leaves_its_room(void **state) {
    dfl_ctx *ctx = *state;
    dfl_i64_list list = {0}, tail;
    of(ctx, &list, 3);
    const int64_t *items = list.items;
    for (int64_t i = 0; i < 3; i++) {
        dfl__new_epoch(ctx);
        tail = dfl_i64_list__behind(&list);
        of(ctx, &tail, 2);
        if (i < 2)
            dfl_i64_list__drop(ctx, &tail);
    }
    assert_int_equal(dfl_i64_list__join(ctx, &list, &tail), 0);
    assert_true(IS(list, 1, 2, 3, 1, 2));
    assert_ptr_equal(list.items, items);
}

/* What is joined is what the tail shows, wherever it was taken from. */
static void a_tail_of_another_list_is_copied(void **state) {
    dfl_ctx *ctx = *state;
    dfl_i64_list list = {0}, other = {0};
    of(ctx, &list, 3);
    of(ctx, &other, 3);
    other.len = 2;
    assert_int_equal(dfl_i64_list_push(ctx, &other, 9), 0);
    dfl__new_epoch(ctx);
    dfl_i64_list tail = dfl_i64_list__behind(&other);
    assert_int_equal(dfl_i64_list_push(ctx, &tail, 4), 0);
    assert_int_equal(dfl_i64_list__join(ctx, &list, &tail), 0);
    assert_true(IS(list, 1, 2, 3, 4) && IS(other, 1, 2, 9));
    dfl_i64_list skipped = dfl_i64_list__behind(&list), behind;
    assert_int_equal(dfl_i64_list_push(ctx, &skipped, 5), 0);
    behind = dfl_i64_list__behind(&skipped);
    assert_int_equal(dfl_i64_list_push(ctx, &behind, 6), 0);
    assert_int_equal(dfl_i64_list__join(ctx, &list, &behind), 0);
    assert_true(IS(list, 1, 2, 3, 4, 6));
}

/* Nobody has been there before, or nothing is to be seen: constants, and lists made by hand. */
static void tails_of_constants(void **state) {
    dfl_ctx *ctx = *state;
    static const int64_t constant[] = {1, 2, 3};
    for (uint32_t cap = 0; cap <= 3; cap += 3) {
        dfl_i64_list list = {constant, 2, cap}, tail = dfl_i64_list__behind(&list);
        assert_int_equal(dfl_i64_list_push(ctx, &tail, 4), 0);
        assert_int_equal(dfl_i64_list__join(ctx, &list, &tail), 0);
        assert_true(IS(list, 1, 2, 4));
        assert_int_equal(constant[2], 3);
    }
}

/* Room is made before: then no tail outgrows the buffer, and the list shows in its cap what it has. */
static void what_is_expected_finds_room(void **state) {
    dfl_ctx *ctx = *state;
    for (int64_t n = 1; n < 40; n++)
        for (uint32_t m = 1; m < 40; m++) {
            dfl_i64_list list = {0};
            of(ctx, &list, n);
            assert_non_null(dfl_alloc(ctx, 1));
            dfl_i64_list before = list;
            dfl_i64_list__expect(ctx, &list, m);
            assert_true(list.len == n && list.cap >= list.len + m);
            assert_true((list.items == before.items) == (before.cap - before.len >= m));
            dfl__new_epoch(ctx);
            dfl_i64_list tail = dfl_i64_list__behind(&list);
            const int64_t *items = list.items;
            for (uint32_t i = 1; i <= m; i++)
                assert_int_equal(dfl_i64_list_push(ctx, &tail, n + i), 0);
            assert_ptr_equal(tail.items, items + n);
            assert_int_equal(dfl_i64_list__join(ctx, &list, &tail), 0);
            assert_ptr_equal(list.items, items);
            for (int64_t i = 0; i < n + m; i++)
                assert_int_equal(list.items[i], i + 1);
            for (int64_t i = 0; i < n; i++)
                assert_int_equal(before.items[i], i + 1);
        }
}

/* At the end of its chunk a buffer grows where it is; before that another list may have grown it. */
static void what_is_expected_may_be_there(void **state) {
    dfl_ctx *ctx = *state;
    dfl_i64_list list = {0};
    of(ctx, &list, 2);
    while (list.len < list.cap)
        assert_int_equal(dfl_i64_list_push(ctx, &list, 3), 0);
    dfl_i64_list other = list, before = list;
    dfl_i64_list__expect(ctx, &list, 4);
    assert_ptr_equal(list.items, before.items);
    assert_true(list.cap >= list.len + 4);
    dfl_i64_list__expect(ctx, &other, 4);
    assert_ptr_equal(other.items, before.items);
    assert_int_equal(other.cap, list.cap);
}

/* Not in one's own memory, part of what another shows, or large: these stay where they are. */
static void who_is_not_moved_for_what_is_expected(void **state) {
    dfl_ctx *ctx = *state;
    static const int64_t constant[] = {1, 2, 3};
    dfl_i64_list none = {0}, shown = {constant, 3, 3}, part = {0}, large = {0};
    dfl_i64_list__expect(ctx, &none, 9);
    assert_true(!none.items && none.cap == 0);
    dfl_i64_list__expect(ctx, &shown, 9);
    assert_true(shown.items == constant && shown.cap == 3);
    of(ctx, &part, 6);
    part.len = 5;
    dfl_i64_list whole = part, tail = dfl_i64_list__behind(&part), same = tail;
    dfl_i64_list__expect(ctx, &part, 1000);
    assert_memory_equal(&part, &whole, sizeof part);
    dfl_i64_list__expect(ctx, &tail, 1000);
    assert_memory_equal(&tail, &same, sizeof tail);
    of(ctx, &large, 5000);
    large.cap = large.len;
    whole = large;
    assert_non_null(dfl_alloc(ctx, 1));
    dfl_i64_list__expect(ctx, &large, 1 << 20);
    assert_memory_equal(&large, &whole, sizeof large);
}

static uint32_t next_random(uint32_t *random) {
    *random = *random * 1664525 + 1013904223;
    return *random >> 16;
}

enum { MODEL = 300 };
typedef struct Model {
    dfl_i64_list list;
    int64_t items[MODEL];
} Model;

static void model_push(dfl_ctx *ctx, Model *m, int64_t x) {
    m->items[m->list.len] = x;
    assert_int_equal(dfl_i64_list_push(ctx, &m->list, x), 0);
}

static void model_check(const Model *m) {
    assert_memory_equal(m->list.items ? m->list.items : m->items, m->items,
                        m->list.len * sizeof *m->items);
}

/* One node's update of `to`: what a node may do with it; joined, or given up. */
static void random_update(dfl_ctx *ctx, Model *to, const Model *other, uint32_t *random) {
    Model update = {.list = dfl_i64_list__behind(&to->list)};
    dfl__new_epoch(ctx);
    for (uint32_t n = next_random(random) % 6; n > 0; n--) {
        uint32_t what = next_random(random) % 16;
        if (what == 0 && other->list.len < 20)
            update = *other;
        else if (what == 1 && update.list.len)
            update.list.len--;
        else if (what == 2)
            update.list.len = 0;
        else if (what < 5 && update.list.len) {
            uint32_t i = next_random(random) % update.list.len;
            update.items[i] = *random;
            assert_int_equal(dfl_i64_list_set(ctx, &update.list, i, *random), 0);
        } else
            model_push(ctx, &update, *random);
    }
    model_check(&update);
    model_check(to);
    if (next_random(random) % 5 == 0) {
        if (*random >> 31)
            dfl_i64_list__drop(ctx, &update.list);
        return;
    }
    memcpy(to->items + to->list.len, update.items, update.list.len * sizeof *update.items);
    assert_int_equal(dfl_i64_list__join(ctx, &to->list, &update.list), 0);
    dfl__new_epoch(ctx);
    model_check(to);
}

/* Sections of branches that collect behind each other, as generated code does it, beside lists that were the
 * same once, and with reclaiming in between: everybody sees what an array says. */
static void random_sections_agree_with_arrays(void **state) {
    dfl_ctx *ctx = *state;
    static Model all[5]; /* the state's, three branches', and a copy that somebody has kept */
    static const dfl_type lists = {.kind = DFL_KIND_LIST, .size = sizeof(dfl__list), .elem = &dfl_type_i64};
    Model *const list = &all[0], *const kept = &all[4];
    uint32_t random = 7;
    for (int round = 0; round < 3000; round++) {
        const dfl_i64_list *last = &list->list;
        if (round % 50 == 0 || list->list.len > MODEL / 2)
            list->list = (dfl_i64_list){0};
        if (next_random(&random) % 4 == 0)
            *kept = *list;
        for (int k = 1; k <= 3; k++) {
            all[k].list = dfl_i64_list__behind(last);
            while (next_random(&random) % 3)
                if (all[k].list.len < 20)
                    random_update(ctx, &all[k], kept, &random);
            if (all[k].list.len && next_random(&random) % 4)
                last = &all[k].list;
            if (next_random(&random) % 16 == 0) {
                dfl__root roots[5];
                for (int i = 0; i < 5; i++)
                    roots[i] = (dfl__root){&all[i].list, &lists, i < 4 ? &roots[i + 1] : NULL};
                for (int i = k + 1; i <= 3; i++)
                    all[i].list = (dfl_i64_list){0};
                assert_int_equal(dfl__mem_reclaim(ctx->mem, roots), DFL_OK);
            }
        }
        for (int k = 1; k <= 3; k++) {
            memcpy(list->items + list->list.len, all[k].items, all[k].list.len * sizeof(int64_t));
            assert_int_equal(dfl_i64_list__join(ctx, &list->list, &all[k].list), 0);
        }
        dfl__new_epoch(ctx);
        for (int i = 0; i < 5; i++)
            model_check(&all[i]);
    }
}

/* ---- limits ---- */

static void lengths_beyond_uint32_are_refused(void **state) {
    dfl_ctx *ctx = *state;
    dfl_u8_list list = {(const uint8_t *)"abc", UINT32_MAX, 0};
    assert_int_equal(dfl_u8_list_push(ctx, &list, 1), DFL_ENOMEM);
    assert_int_equal(list.len, UINT32_MAX);
    assert_true(ctx->flags & DFL__NOMEM);
}

static void without_memory_a_list_stays_as_it_was(void **state) {
    dfl_ctx *ctx = *state;
    dfl_i64_list list = {0};
    of(ctx, &list, 3);
    dfl_i64_list before = list;
    dfl__fail_after(0);
    assert_int_equal(dfl_i64_list_reserve(ctx, &list, 100000), DFL_ENOMEM);
    dfl__fail_after(0);
    assert_int_equal(dfl_i64_list_resize(ctx, &list, 100000), DFL_ENOMEM);
    dfl__fail_after(-1);
    assert_memory_equal(&list, &before, sizeof list);
    assert_true(ctx->flags & DFL__NOMEM);
    assert_true(IS(list, 1, 2, 3));
    ctx->flags = 0; /* what is expected may yet not come */
    dfl__fail_after(0);
    dfl_i64_list__expect(ctx, &list, 100000);
    dfl__fail_after(-1);
    assert_memory_equal(&list, &before, sizeof list);
    assert_false(ctx->flags & DFL__NOMEM);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pushes_keep_their_order, setup, teardown),
        cmocka_unit_test_setup_teardown(a_lone_list_grows_where_it_is, setup, teardown),
        cmocka_unit_test_setup_teardown(set_changes_one_item, setup, teardown),
        cmocka_unit_test_setup_teardown(resize_gives_zeroes, setup, teardown),
        cmocka_unit_test_setup_teardown(reserve_makes_later_pushes_cheap, setup, teardown),
        cmocka_unit_test_setup_teardown(clear_and_append, setup, teardown),
        cmocka_unit_test_setup_teardown(constants_are_never_written, setup, teardown),
        cmocka_unit_test_setup_teardown(hand_made_arrays_are_never_written, setup, teardown),
        cmocka_unit_test_setup_teardown(slices_are_never_written, setup, teardown),
        cmocka_unit_test_setup_teardown(two_lists_that_share_part_at_a_push, setup, teardown),
        cmocka_unit_test_setup_teardown(a_copy_sees_no_later_set, setup, teardown),
        cmocka_unit_test_setup_teardown(a_lowered_length_hides_nothing_of_others, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failed_attempt_leaves_no_trace, setup, teardown),
        cmocka_unit_test_setup_teardown(the_own_pushes_of_an_attempt_can_be_taken_back, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_branch_never_writes_to_its_parents_buffer, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_tail_is_joined_where_it_is, setup, teardown),
        cmocka_unit_test_setup_teardown(a_tail_that_grows_takes_its_list_along, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failed_tail_leaves_its_room, setup, teardown),
        cmocka_unit_test_setup_teardown(a_tail_of_another_list_is_copied, setup, teardown),
        cmocka_unit_test_setup_teardown(tails_of_constants, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_expected_finds_room, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_expected_may_be_there, setup, teardown),
        cmocka_unit_test_setup_teardown(who_is_not_moved_for_what_is_expected, setup, teardown),
        cmocka_unit_test_setup_teardown(random_sections_agree_with_arrays, setup, teardown),
        cmocka_unit_test_setup_teardown(lengths_beyond_uint32_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(without_memory_a_list_stays_as_it_was, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
