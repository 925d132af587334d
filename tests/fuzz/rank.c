// A task for a rank whose parts say anything, or any bytes as one: refused, or answered. And any bytes as what a rank
// has answered: the run comes to an end.
// corpus: tests/fuzz/rank/*
// quick: 2000; full: 20000000
#include "fuzz.h"

#include "nodes.h"

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
    const dfl_buf *whole = &sent[take_number(taker, 1) % n_sent];
    dfl__in in = {whole->p, whole->p + whole->n};
    MUST(dfl__get_errand(&in, &errand));
    switch (take_number(taker, 1) % 6) {
    case 0: errand.place = (uint32_t)take_number(taker, 1); break;
    case 1: errand.branch = (uint32_t)take_number(taker, 1); break;
    case 2: errand.state = taken(taker); break;
    case 3: errand.rest = taken(taker); break;
    case 4: errand.has_state = take_number(taker, 1) & 1, errand.epoch = take_number(taker, 1); break;
    default: break;
    }
    MUST(dfl__put_errand(task, &errand) == DFL_OK);
    if (errand.rest.n) {
        uint8_t *room = dfl_buf_room(task, errand.rest.n);
        MUST(room);
        memcpy(room, errand.rest.p, errand.rest.n);
    }
    for (uint64_t flips = take_number(taker, 1) % 4; flips > 0; flips--)
        task->p[take_number(taker, 2) % task->n] ^= (uint8_t)take_number(taker, 1);
}

/* What is read is written to the same, in both directions. */
static void round_trip(const void *p, size_t n) {
    dfl__in in = {p, (const uint8_t *)p + n}, same = in;
    dfl_buf out = {0};
    dfl__errand errand;
    dfl__outcome outcome;
    if (dfl__get_errand(&in, &errand)) {
        MUST(dfl__put_errand(&out, &errand) == DFL_OK);
        MUST(out.n + errand.rest.n == n && memcmp(out.p, p, out.n) == 0);
    }
    out.n = 0;
    if (dfl__get_outcome(&same, &outcome)) {
        MUST(outcome.status <= DFL_OK);
        MUST(dfl__put_outcome(&out, &outcome) == DFL_OK);
        MUST(out.n + outcome.frame.n == n && memcmp(out.p, p, out.n) == 0);
    }
    dfl_buf_free(&out);
}

static void do_task(dfl_rank *rank, const void *p, size_t n) {
    dfl_buf answer = {0};
    int status = dfl_rank_do(rank, p, n, &answer);
    round_trip(p, n);
    MUST(status == DFL_OK || status == DFL_EINVAL || status == DFL_ENOMEM);
    MUST((status == DFL_OK) == (answer.n > 0));
    dfl_buf_free(&answer);
}

/* ---- a run whose one rank answers what the input says ---- */

typedef struct Liar {
    dfl_rank *rank;
    Taker *taker; /* NULL: it does not lie, and its tasks are kept */
    dfl_buf answers[2]; /* the oldest first */
    unsigned n;
} Liar;

static int send(void *self, unsigned to, const void *task, size_t n) {
    Liar *liar = self;
    (void)to;
    MUST(liar->n < 2);
    liar->answers[liar->n].n = 0;
    MUST(dfl_rank_do(liar->rank, task, n, &liar->answers[liar->n++]) == DFL_OK);
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
    dfl_buf was = *answer, *oldest = &liar->answers[0];
    (void)wait_ns;
    MUST(liar->n > 0);
    *from = 0;
    if (liar->taker && oldest->n && take_number(liar->taker, 1) % 4 == 0)
        oldest->p[take_number(liar->taker, 2) % oldest->n] ^= (uint8_t)take_number(liar->taker, 1);
    else if (liar->taker && take_number(liar->taker, 1) % 8 == 0)
        oldest->n = take_number(liar->taker, 2) % (oldest->n + 1);
    *answer = liar->answers[0];
    liar->answers[0] = liar->answers[1];
    liar->answers[1] = was;
    liar->n--;
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
    dfl_buf_free(&liar.answers[0]);
    dfl_buf_free(&liar.answers[1]);
    dfl_rank_free(liar.rank);
}
