// A task for a rank whose parts say anything, or any bytes as one: refused, or answered. And any bytes as what a rank
// has answered: the run comes to an end.
// corpus: tests/fuzz/rank/*
// quick: 2000; full: 20000000
#include "fuzz.h"

#include "nodes.h"

#include "mem.h"
#include "spread.h"

static const dfl_graph *const graphs[] = {&wide_graph};

/* ---- a task ---- */

static dfl_bytes taken(Taker *taker) {
    size_t n = take_number(taker, 1);
    const uint8_t *p = take_bytes(taker, &n);
    return (dfl_bytes){p, n};
}

/* What a section has sent: the input replaces one part of it. */
static dfl_buf sent[8];
static size_t n_sent;

static void change(Taker *taker, dfl_buf *task) {
    dfl__errand errand;
    dfl__mem mem = {0};
    dfl_ctx ctx;
    const dfl_buf *whole = &sent[take_number(taker, 1) % n_sent];
    dfl__in in = {whole->p, whole->p + whole->n};
    memset(&errand, 0, sizeof errand);
    dfl__ctx_init(&ctx, &mem);
    MUST(dfl__unpack(&ctx, &dfl__errand_type, &errand, &in) == DFL_OK);
    switch (take_number(taker, 1) % 6) {
    case 0: errand.place = (uint32_t)take_number(taker, 1); break;
    case 1: errand.branch = (uint32_t)take_number(taker, 1); break;
    case 2: errand.state = taken(taker); break;
    case 3: errand.frame = taken(taker); break;
    case 4: errand.has_state = take_number(taker, 1) & 1, errand.epoch = take_number(taker, 1); break;
    default:
        if (errand.frame.n)
            ((uint8_t *)(uintptr_t)errand.frame.p)[take_number(taker, 2) % errand.frame.n] ^= (uint8_t)take_number(taker, 1);
        if (errand.state.n)
            ((uint8_t *)(uintptr_t)errand.state.p)[take_number(taker, 2) % errand.state.n] ^= (uint8_t)take_number(taker, 1);
    }
    MUST(dfl__pack(&dfl__errand_type, &errand, task) == DFL_OK);
    dfl__mem_free(&mem);
}

static void do_task(dfl_rank *rank, const void *p, size_t n) {
    dfl_buf answer = {0};
    int status = dfl_rank_do(rank, p, n, &answer);
    MUST(status == DFL_OK || status == DFL_EINVAL || status == DFL_ENOMEM);
    MUST((status == DFL_OK) == (answer.n > 0));
    dfl_buf_free(&answer);
}

/* ---- a run whose one rank answers what the input says ---- */

typedef struct Liar {
    dfl_rank *rank;
    Taker *taker; /* NULL: it does not lie, and its tasks are kept */
    dfl_buf answer;
} Liar;

static int send(void *self, unsigned to, const void *task, size_t n) {
    Liar *liar = self;
    (void)to;
    liar->answer.n = 0;
    MUST(dfl_rank_do(liar->rank, task, n, &liar->answer) == DFL_OK);
    if (!liar->taker && n_sent < sizeof sent / sizeof *sent) {
        sent[n_sent].p = malloc(n);
        MUST(sent[n_sent].p);
        memcpy(sent[n_sent].p, task, n);
        sent[n_sent++].n = n;
    }
    return DFL_OK;
}

static int receive(void *self, int64_t wait_ns, unsigned *from, dfl_buf *answer) {
    Liar *liar = self;
    dfl_buf was = *answer;
    (void)wait_ns;
    *from = 0;
    if (liar->taker && liar->answer.n && take_number(liar->taker, 1) % 4 == 0)
        liar->answer.p[take_number(liar->taker, 2) % liar->answer.n] ^= (uint8_t)take_number(liar->taker, 1);
    else if (liar->taker && take_number(liar->taker, 1) % 8 == 0)
        liar->answer.n = take_number(liar->taker, 2) % (liar->answer.n + 1);
    *answer = liar->answer;
    liar->answer = was;
    return DFL_OK;
}

static void cancel(void *self, unsigned rank) {
    (void)self, (void)rank;
}

static void run_with(Liar *liar) {
    dfl_ranks ranks = {liar, 1, send, receive, cancel};
    dfl_run run = {.ranks = &ranks};
    int32_t xs[] = {1, 2, 7, 4, 5};
    dfl_str tag = DFL_STR("tag");
    wide_state s;
    wide_state_init(&s);
    s.xs = (dfl_i32_list){xs, 5, 0};
    s.who.name = DFL_STR("who");
    s.who.tags = (dfl_str_list){&tag, 1, 0};
    s.e = 1;
    int status = wide_run(&s, &run);
    MUST(liar->taker || status == DFL_OK);
    wide_state_free(&s);
}

static void fuzz_one(const uint8_t *data, size_t n) {
    Taker taker = {data, data + n};
    Liar liar = {.rank = dfl_rank_new(graphs, 1, NULL)};
    dfl_buf task = {0};
    MUST(liar.rank);
    if (n_sent == 0)
        run_with(&liar);
    switch (take_number(&taker, 1) % 3) {
    case 0:
        do_task(liar.rank, taker.at, (size_t)(taker.end - taker.at));
        break;
    case 1:
        do_task(liar.rank, sent[0].p, sent[0].n);
        change(&taker, &task);
        do_task(liar.rank, task.p, task.n);
        break;
    default:
        liar.taker = &taker;
        run_with(&liar);
    }
    dfl_buf_free(&task);
    dfl_buf_free(&liar.answer);
    dfl_rank_free(liar.rank);
}
