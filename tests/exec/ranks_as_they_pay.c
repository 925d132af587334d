#include "ranks_as_they_pay.h"

static const dfl_graph *const graphs[] = {&pays_graph, &part_graph};

#include "fake_ranks.h"

int part_weigh_part(dfl_ctx *ctx, int64_t x, int64_t *sum) {
    (void)ctx;
    *sum = x;
    return 0;
}

int pays_weigh(dfl_ctx *ctx, int64_t x, int64_t i, int64_t add, int64_t *sum, dfl_str_list *words) {
    *sum = x * add;
    return dfl_str_list_push(ctx, words, dfl_printf(ctx, "%d:%d", (int)i, (int)x));
}

int pays_left(dfl_ctx *ctx, int64_t add, int64_t *left_x) {
    (void)ctx;
    *left_x = add;
    return 0;
}

int pays_mid(dfl_ctx *ctx, int64_t add, int64_t *mid_x) {
    *mid_x = 2 * add;
    return add == 7 ? dfl_fail(ctx, 3, "seven") : 0;
}

int pays_right(dfl_ctx *ctx, int64_t add, int64_t *right_x) {
    (void)ctx;
    *right_x = 3 * add;
    return 0;
}

int pays_a(dfl_ctx *ctx, int64_t add, dfl_str_list *words) {
    return dfl_str_list_push(ctx, words, dfl_printf(ctx, "a%d", (int)add));
}

int pays_b(dfl_ctx *ctx, int64_t add, dfl_str_list *words) {
    return dfl_str_list_push(ctx, words, dfl_printf(ctx, "b%d", (int)add));
}

int pays_tell(dfl_ctx *ctx, int64_t sum, int64_t left_x, int64_t mid_x, int64_t right_x, int64_t *total) {
    (void)ctx;
    *total = sum + left_x + mid_x + right_x;
    return 0;
}

static void run_with(const dfl_ranks *ranks, uint32_t n, int64_t add, dfl_buf *json) {
    static int64_t xs[100];
    dfl_run run = {.ranks = ranks};
    pays_state s;
    for (int i = 0; i < 100; i++)
        xs[i] = i;
    pays_state_init(&s);
    s.xs = (dfl_i64_list){xs, n, 0};
    s.add = add;
    CHECK_INT(pays_run(&s, &run), DFL_OK);
    json->n = 0;
    CHECK_INT(pays_to_json(&s, json), DFL_OK);
    pays_state_free(&s);
}

/* The sends of a run with so many elements on so many ranks; what it comes to is what it comes to here. */
static int sends(unsigned n_ranks, uint32_t n, int64_t add) {
    dfl_buf here = {0}, there = {0};
    Fake fake;
    int sent;
    fake_begin(&fake, n_ranks);
    run_with(NULL, n, add, &here);
    run_with(&fake.ranks, n, add, &there);
    CHECK(here.n == there.n && memcmp(here.p, there.p, here.n) == 0);
    sent = fake.sends;
    fake_end(&fake);
    dfl_buf_free(&here);
    dfl_buf_free(&there);
    return sent;
}

int main(void) {
    bool may = pays_graph.n_spreads > 0;
    CHECK(!may || pays_graph.n_spreads == 2); /* [a, b] is too short, and what `inner` runs stays here */
    /* An each in four chunks for each rank, and three branches. */
    CHECK_INT(sends(4, 100, 1), may ? 16 + 3 : 0);
    CHECK_INT(sends(4, 100, 7), may ? 16 + 3 : 0);
    /* More ranks than the machine was said to have, and numbers in between. */
    CHECK_INT(sends(5, 100, 1), may ? 20 + 3 : 0);
    CHECK_INT(sends(3, 1, 1), 0); /* as on two, on which three branches do not pay */
    /* One rank computes what rank 0 would compute by itself: two CPUs here are more. */
    CHECK_INT(sends(1, 100, 1), 0);
    CHECK_INT(sends(0, 100, 1), 0); /* a job of one: mpirun -n 1 */
    /* Few elements are not worth it. */
    CHECK_INT(sends(4, 1, 1), may ? 3 : 0);
    return 0;
}
