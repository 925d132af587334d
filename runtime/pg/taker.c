/* A thread that takes runs: turn by turn, it tells the queue what has ended and takes what is next, in one
 * transaction.
 *
 * note [how many at once]
 * A round trip and a commit for each run would be most of what a short one costs, and many at once would keep long
 * ones from other workers. So a taker takes as many as it can run in TURN_NS, by how long the last ones took; and
 * when a turn takes LONG_TURN_NS all the same, or its states are many bytes, it tells what has ended and gives back what it has not begun. */
#define _POSIX_C_SOURCE 200809L

#include "worker.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#define MS              INT64_C(1000000)
#define TURN_NS         (25 * MS)
#define LONG_TURN_NS    (250 * MS)
#define FROM_NS         (100 * MS)
/* Of states that are to be told at once; the server takes at most 1 GiB. */
#define LONG_TURN_BYTES (32u << 20)

/* ---- its number ---- */

static int enlist(Taker *t) {
    char name[192];
    PgArgs args = {0};
    PGresult *result = NULL;
    int status;
    dfl__worker_name(name, sizeof name);
    dfl__pg_text(&args, name);
    dfl__pg_i64(&args, t->worker->options.lease_ns / 1000);
    status = dfl__queue_ask(&t->queue, Q_REGISTER, &args, &result);
    if (status == DFL_OK) {
        pthread_mutex_lock(&t->worker->lock);
        t->number = (uint64_t)dfl__pg_get_i64(result, 0, 0);
        t->lost = false;
        pthread_mutex_unlock(&t->worker->lock);
    }
    PQclear(result);
    return status;
}

/* What still runs under its number is given back; see note [a claim that was cut]. */
static int resign(Taker *t) {
    PgArgs args = {0};
    int status;
    if (!t->number)
        return DFL_OK;
    dfl__pg_i64(&args, (int64_t)t->number);
    status = dfl__pg_exec(&t->queue.pg, "BEGIN");
    if (status == DFL_OK)
        status = dfl__queue_change_once(&t->queue, Q_UNREGISTER, &args, NULL);
    if (status == DFL_OK)
        status = dfl__queue_change_once(&t->queue, Q_GIVE_BACK, &args, NULL);
    status = dfl__pg_finish(&t->queue.pg, status);
    if (status != DFL_OK)
        return status;
    pthread_mutex_lock(&t->worker->lock);
    t->number = 0;
    pthread_mutex_unlock(&t->worker->lock);
    return DFL_OK;
}

static bool is_lost(Taker *t) {
    bool lost;
    pthread_mutex_lock(&t->worker->lock);
    lost = t->lost;
    pthread_mutex_unlock(&t->worker->lock);
    return lost;
}

/* ---- what has ended ---- */

static void begin_ended(Ended *ended) {
    dfl__pg_array_begin(&ended->runs, PG_INT8);
    dfl__pg_array_begin(&ended->epochs, PG_INT4);
    dfl__pg_array_begin(&ended->lanes, PG_INT4);
    dfl__pg_array_begin(&ended->steps, PG_INT8);
    dfl__pg_array_begin(&ended->bodies, PG_BYTEA);
}

static bool put_ended(PgArgs *args, Ended *ended) {
    return dfl__pg_array(args, &ended->runs) && dfl__pg_array(args, &ended->epochs) &&
           dfl__pg_array(args, &ended->lanes) && dfl__pg_array(args, &ended->steps) &&
           dfl__pg_array(args, &ended->bodies);
}

static void count_ended(Taker *t) {
    __atomic_fetch_add(&t->worker->finished, (uint64_t)t->ended.runs.n, __ATOMIC_RELAXED);
    begin_ended(&t->ended);
}

/* ---- a turn ---- */

/* note [from where on]
 * The index of ready runs keeps an entry for each that was taken, until it is swept. Who looked from the beginning each
 * time would pass all of them again and again: the more runs there were, the longer. So a taker goes on where it found
 * the last ones, for FROM_NS or until it finds nothing; then it looks from the beginning, where there may be runs
 * that are more urgent, or were given back. */
static From *from_of(const Taker *t, int32_t lane) {
    for (int i = 0; i < t->n_from; i++)
        if (t->from[i].lane == lane)
            return &t->from[i];
    return NULL;
}

/* Without memory it looks from the beginning. */
static void note_from(Taker *t, const Claim *first) {
    From *known = from_of(t, first->lane);
    if (!known && t->n_from == t->cap_from) {
        int cap = t->cap_from * 2 + 4;
        From *more = realloc(t->from, (size_t)cap * sizeof *more);
        if (!more)
            return;
        t->from = more;
        t->cap_from = cap;
    }
    if (t->n_from == 0)
        t->from_until = dfl__worker_now() + FROM_NS;
    if (!known)
        known = &t->from[t->n_from++];
    *known = (From){first->lane, -(int64_t)first->priority, first->run};
}

/* The lanes to take from, and from where on. */
typedef struct Where {
    PgArray lanes, ranks, runs;
} Where;

static void put_lane(const Taker *t, Where *where, int32_t lane) {
    const From *from = from_of(t, lane);
    dfl__pg_array_i32(&where->lanes, lane);
    dfl__pg_array_i64(&where->ranks, from ? from->rank : INT64_MIN);
    dfl__pg_array_i64(&where->runs, from ? (int64_t)from->run : 0);
}

static void where_begin(Taker *t, Where *where) {
    dfl_worker *worker = t->worker;
    if (t->n_from > 0 && dfl__worker_now() > t->from_until)
        t->n_from = 0;
    *where = (Where){0};
    dfl__pg_array_begin(&where->lanes, PG_INT4);
    dfl__pg_array_begin(&where->ranks, PG_INT8);
    dfl__pg_array_begin(&where->runs, PG_INT8);
    pthread_mutex_lock(&worker->lock);
    for (int i = 0; i < worker->n_lanes; i++)
        if (!worker->lanes[i].unreadable)
            put_lane(t, where, worker->lanes[i].lane);
    pthread_mutex_unlock(&worker->lock);
}

static void where_end(Where *where) {
    dfl__pg_array_free(&where->lanes);
    dfl__pg_array_free(&where->ranks);
    dfl__pg_array_free(&where->runs);
}

/* Priority, then age: rows come in any order. */
static int by_order(const void *a, const void *b) {
    const Claim *x = a, *y = b;
    if (x->priority != y->priority)
        return x->priority > y->priority ? -1 : 1;
    return (x->run > y->run) - (x->run < y->run);
}

/* They often come in order. */
static void sort_claims(Claim *claims, int n) {
    int sorted = 1;
    while (sorted < n && by_order(&claims[sorted - 1], &claims[sorted]) < 0)
        sorted++;
    if (sorted < n)
        qsort(claims, (size_t)n, sizeof *claims, by_order);
}

static int read_claims(Taker *t) {
    const PGresult *rows = t->taken;
    int n = PQntuples(rows);
    Claim *claims;
    t->n_claims = 0;
    if (n == 0)
        return DFL_OK;
    claims = realloc(t->claims, (size_t)n * sizeof *claims);
    if (!claims)
        return DFL_ENOMEM;
    t->claims = claims;
    for (int row = 0; row < n; row++)
        claims[row] = (Claim){.run = (uint64_t)dfl__pg_get_i64(rows, row, TURN_RUN),
                              .epoch = (int32_t)dfl__pg_get_i64(rows, row, TURN_EPOCH),
                              .lane = (int32_t)dfl__pg_get_i64(rows, row, TURN_LANE),
                              .priority = (int32_t)dfl__pg_get_i64(rows, row, TURN_PRIORITY),
                              .asks = (int32_t)dfl__pg_get_i64(rows, row, TURN_ASKS),
                              .row = row};
    t->n_claims = n;
    sort_claims(claims, n);
    note_from(t, &claims[0]);
    return DFL_OK;
}

/* Tells what has ended, and takes up to `want`. Not repeated when it is cut. */
static int turn(Taker *t, unsigned want) {
    Where where;
    PgArgs args = {0};
    int status = dfl__queue_wait_for_disk(&t->queue, true);
    PQclear(t->taken);
    t->taken = NULL;
    t->n_claims = 0;
    where_begin(t, &where);
    dfl__pg_i64(&args, (int64_t)t->number);
    if (status == DFL_OK && !dfl__pg_array(&args, &where.lanes))
        status = DFL_ENOMEM;
    dfl__pg_i64(&args, want);
    if (status == DFL_OK && (!put_ended(&args, &t->ended) || !dfl__pg_array(&args, &where.ranks) ||
                             !dfl__pg_array(&args, &where.runs)))
        status = DFL_ENOMEM;
    if (status == DFL_OK)
        status = dfl__pg_run(&t->queue.pg, Q_TURN, &args, &t->taken);
    where_end(&where);
    if (status != DFL_OK)
        return status;
    count_ended(t);
    return read_claims(t);
}

/* Gives back what is taken and not begun. */
static int give_back(Taker *t, int from) {
    PgArray runs = {0}, epochs = {0};
    PgArgs args = {0};
    int status = DFL_ENOMEM;
    if (from >= t->n_claims)
        return DFL_OK;
    dfl__pg_array_begin(&runs, PG_INT8);
    dfl__pg_array_begin(&epochs, PG_INT4);
    for (int i = from; i < t->n_claims; i++) {
        dfl__pg_array_i64(&runs, (int64_t)t->claims[i].run);
        dfl__pg_array_i32(&epochs, t->claims[i].epoch);
    }
    if (dfl__pg_array(&args, &runs) && dfl__pg_array(&args, &epochs))
        status = dfl__queue_change_once(&t->queue, Q_RELEASE, &args, NULL);
    dfl__pg_array_free(&runs);
    dfl__pg_array_free(&epochs);
    if (status == DFL_OK)
        t->n_claims = from;
    return status;
}

/* ---- after a cut ---- */

/* What had ended is told again: rows that the turn that was cut has moved are not there any more, and one that is still
 * under way is waited for. */
static int tell_again(Taker *t) {
    return t->ended.runs.n > 0 ? turn(t, 0) : DFL_OK;
}

/* The connection has gone. Whatever it takes, unless the worker is stopped: then what it had waits for the lease to
 * be over. */
static int recover(Taker *t) {
    int status = DFL_ESTORE;
    t->n_claims = 0;
    while (status != DFL_OK) {
        status = dfl__queue_reconnect(&t->queue, 0);
        if (status == DFL_OK)
            status = tell_again(t);
        if (status == DFL_OK)
            status = resign(t);
        if (status == DFL_OK && !dfl__worker_is_stopped(t->worker))
            status = enlist(t);
        if (status == DFL_ENOMEM || (status != DFL_OK && dfl__worker_is_stopped(t->worker)))
            return status;
        if (status != DFL_OK)
            dfl__worker_sleep(t->worker, t->worker->options.poll_ns);
    }
    return DFL_OK;
}

/* ---- working ---- */

/* 2^64 / the golden ratio; any spread will do. */
static uint64_t draw(Taker *t) {
    t->chance += 0x9e3779b97f4a7c15u;
    return (t->chance ^ (t->chance >> 29)) * 0xbf58476d1ce4e5b9u >> 32;
}

/* From half of it to one and a half: many workers do not come at once. */
static int64_t about(Taker *t, int64_t ns) {
    return ns / 2 + (int64_t)(draw(t) % (uint64_t)(ns + 1));
}

static unsigned next_want(const Taker *t, int n, int64_t took) {
    int64_t each = took / n + 1, want = TURN_NS / each, most = (int64_t)t->want * 4;
    want = want < 1 ? 1 : want > most ? most : want;
    return want > t->worker->options.batch ? t->worker->options.batch : (unsigned)want;
}

/* Runs what was taken. */
static int run_claims(Taker *t) {
    int64_t began = dfl__worker_now(), took = 0;
    int n = 0;
    while (n < t->n_claims && took <= LONG_TURN_NS && t->ended.bodies.bytes.n < LONG_TURN_BYTES &&
           !dfl__worker_is_stopped(t->worker)) {
        if (dfl__taker_run(t, &t->claims[n]) == RUN_CUT)
            return DFL_ESTORE;
        n++;
        took = dfl__worker_now() - began;
    }
    if (n > 0)
        t->want = next_want(t, n, took);
    return give_back(t, n);
}

static int is_any_left(Taker *t, bool *left) {
    Where where;
    PgArgs args = {0};
    PGresult *result = NULL;
    int status = dfl__worker_find_lanes(t->worker, &t->queue);
    where_begin(t, &where);
    if (status == DFL_OK && !dfl__pg_array(&args, &where.lanes))
        status = DFL_ENOMEM;
    if (status == DFL_OK)
        status = dfl__queue_ask(&t->queue, Q_IS_ANY_LEFT, &args, &result);
    if (status == DFL_OK)
        *left = PQgetvalue(result, 0, 0)[0] != 0;
    PQclear(result);
    where_end(&where);
    return status;
}

/* Nothing was there to be taken. */
static int idle(Taker *t, bool *over) {
    bool left = true;
    int status = DFL_OK;
    if (t->worker->options.until_empty)
        status = is_any_left(t, &left);
    *over = status == DFL_OK && !left;
    if (status == DFL_OK && left)
        dfl__worker_sleep(t->worker, about(t, t->worker->options.poll_ns));
    return status;
}

/* Under another number from here on. */
static int renumber(Taker *t) {
    int status = resign(t);
    return status == DFL_OK ? enlist(t) : status;
}

/* See note [what a worker has] in queue.h. */
static int let_go(Taker *t) {
    int status = turn(t, 0);
    if (status == DFL_OK)
        status = renumber(t);
    if (status == DFL_OK)
        t->keeps_one = false;
    return status;
}

/* One turn, and what it brought. */
static int step(Taker *t, bool *over) {
    int status = DFL_OK;
    if (is_lost(t)) { /* what had ended was no longer its own, and is run again by others */
        begin_ended(&t->ended);
        status = renumber(t);
    } else if (t->keeps_one) {
        status = let_go(t);
    }
    if (status == DFL_OK)
        status = turn(t, t->want);
    if (status == DFL_OK && t->n_claims == 0 && t->n_from > 0) {
        t->n_from = 0;
        return DFL_OK;
    }
    if (status == DFL_OK && t->n_claims == 0)
        return idle(t, over);
    return status == DFL_OK ? run_claims(t) : status;
}

static int leave(Taker *t) {
    int status = turn(t, 0);
    if (status == DFL_OK)
        status = resign(t);
    if (dfl__pg_was_cut(&t->queue.pg, status))
        status = recover(t);
    return status;
}

/* Anything but a cut and no memory is the server's refusal (a disk that is full), which may pass. */
int dfl__taker_work(Taker *t) {
    bool over = false;
    int status = t->number ? DFL_OK : enlist(t);
    while (status == DFL_OK && !over && !dfl__worker_is_stopped(t->worker)) {
        status = step(t, &over);
        if (status == DFL_ESTORE)
            status = recover(t);
    }
    return status == DFL_OK ? leave(t) : status;
}

/* ---- beginning and ending ---- */

int dfl__taker_begin(Taker *t) {
    const dfl_worker_options *o = &t->worker->options;
    dfl_pg_options options = {.on_error = o->on_error, .user = o->user};
    int status;
    t->want = 1;
    t->chance = (uint64_t)dfl__pg_wall_clock() ^ (uint64_t)(uintptr_t)t;
    begin_ended(&t->ended);
    status = dfl__queue_begin(&t->queue, t->worker->conninfo, &options);
    t->is_connected = status == DFL_OK;
    return status == DFL_OK ? dfl__taking_begin(t) : status;
}

void dfl__taker_end(Taker *t) {
    PgArray *all[] = {&t->ended.runs, &t->ended.epochs, &t->ended.lanes, &t->ended.steps,
                      &t->ended.bodies};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        dfl__pg_array_free(all[i]);
    dfl__taking_end(t);
    PQclear(t->taken);
    free(t->claims);
    free(t->from);
    dfl__queue_end(&t->queue);
}
