/* Ranks in this process: whoever was asked last answers first, each in the order in which it was asked. The includer says which graphs they know:
 *
 *     static const dfl_graph *const graphs[] = {&spread_graph};
 *     #include "fake_ranks.h" */
#ifndef DFL_TEST_FAKE_RANKS_H
#define DFL_TEST_FAKE_RANKS_H

#include "check.h"

enum { MOST = 5, TASKS = 2 };

typedef struct Fake {
    dfl_ranks ranks;
    dfl_rank *rank[MOST];
    dfl_buf answers[MOST][TASKS]; /* the oldest first */
    unsigned n_answers[MOST];
    unsigned waiting[MOST * TASKS], n_waiting; /* ranks */
    size_t sent;
    int sends, break_at; /* the send that fails; -1 */
} Fake;

static int send_now(void *self, unsigned rank, const void *task, size_t n) {
    Fake *fake = self;
    dfl_buf *answer = &fake->answers[rank][fake->n_answers[rank]];
    CHECK(fake->n_answers[rank] < TASKS);
    if (fake->sends++ == fake->break_at)
        return DFL_ESTORE;
    fake->sent += n;
    answer->n = 0;
    CHECK_INT(dfl_rank_do(fake->rank[rank], task, n, answer), DFL_OK);
    fake->n_answers[rank]++;
    fake->waiting[fake->n_waiting++] = rank;
    return DFL_OK;
}

static int receive_last(void *self, int64_t wait_ns, unsigned *rank, dfl_buf *answer) {
    Fake *fake = self;
    (void)wait_ns;
    CHECK(fake->n_waiting > 0);
    *rank = fake->waiting[--fake->n_waiting];
    dfl_buf *answers = fake->answers[*rank], was = *answer;
    *answer = answers[0];
    answers[0] = answers[1];
    answers[1] = was;
    fake->n_answers[*rank]--;
    return DFL_OK;
}

static void cancel_none(void *self, unsigned rank) {
    Fake *fake = self;
    dfl_rank_cancel(fake->rank[rank]);
}

static void fake_begin(Fake *fake, unsigned n) {
    *fake = (Fake){.ranks = {fake, n, send_now, receive_last, cancel_none}, .break_at = -1};
    for (unsigned i = 0; i < n; i++)
        CHECK((fake->rank[i] = dfl_rank_new(graphs, sizeof graphs / sizeof *graphs, NULL)) != NULL);
}

static void fake_end(Fake *fake) {
    for (unsigned i = 0; i < fake->ranks.n; i++) {
        dfl_rank_free(fake->rank[i]);
        for (unsigned k = 0; k < TASKS; k++)
            dfl_buf_free(&fake->answers[i][k]);
    }
}

#endif
