/* What is done beside the runs: leases are renewed, what is due becomes ready, and runs whose worker was not heard of
 * for too long go to others. Every worker does that for all; what another does at the moment is passed over. */
#define _POSIX_C_SOURCE 200809L

#include "worker.h"

#include <poll.h>

enum { AT_ONCE = 1000, LANES_NS = 100000000 };

/* ---- its own takers ---- */

/* Lock held. */
static void take_from(Taker *taker, bool all) {
    taker->lost = taker->lost || all;
    dfl_cancel_now(&taker->cancel);
}

static bool is_among(const PGresult *result, uint64_t number) {
    for (int row = 0; row < PQntuples(result); row++)
        if ((uint64_t)dfl__pg_get_i64(result, row, 0) == number)
            return true;
    return false;
}

/* Those that had a number when they were asked for, and it is not renewed. */
static void note_lost(dfl_worker *w, const uint64_t *asked, const PGresult *renewed) {
    pthread_mutex_lock(&w->lock);
    for (unsigned i = 0; i < w->options.threads; i++) {
        Taker *taker = &w->takers[i];
        if (asked[i] && taker->number == asked[i] && !is_among(renewed, asked[i]))
            take_from(taker, true);
    }
    pthread_mutex_unlock(&w->lock);
}

static int beat(dfl_worker *w, uint64_t *asked) {
    PgArray numbers = {0};
    PgArgs args = {0};
    PGresult *result = NULL;
    int status = DFL_ENOMEM;
    dfl__pg_array_begin(&numbers, PG_INT8);
    pthread_mutex_lock(&w->lock);
    for (unsigned i = 0; i < w->options.threads; i++) {
        asked[i] = w->takers[i].number;
        if (asked[i])
            dfl__pg_array_i64(&numbers, (int64_t)asked[i]);
    }
    pthread_mutex_unlock(&w->lock);
    if (dfl__pg_array(&args, &numbers)) {
        dfl__pg_i64(&args, w->options.lease_ns / 1000);
        status = dfl__pg_run(&w->tending.pg, Q_BEAT, &args, &result);
    }
    if (status == DFL_OK)
        note_lost(w, asked, result);
    PQclear(result);
    dfl__pg_array_free(&numbers);
    return status;
}

typedef struct Running {
    PgArray slots, runs, epochs;
} Running;

static void running_now(dfl_worker *w, Running *running) {
    dfl__pg_array_begin(&running->slots, PG_INT4);
    dfl__pg_array_begin(&running->runs, PG_INT8);
    dfl__pg_array_begin(&running->epochs, PG_INT4);
    pthread_mutex_lock(&w->lock);
    for (unsigned i = 0; i < w->options.threads; i++) {
        if (!w->takers[i].run)
            continue;
        dfl__pg_array_i32(&running->slots, (int32_t)i);
        dfl__pg_array_i64(&running->runs, (int64_t)w->takers[i].run);
        dfl__pg_array_i32(&running->epochs, w->takers[i].run_epoch);
    }
    pthread_mutex_unlock(&w->lock);
}

/* A run that a person has cancelled, say, need not go on to its next save. One that has ended meanwhile is a stray too,
 * and no longer the taker's. */
static void cancel_stray(dfl_worker *w, const PGresult *result, int row) {
    Taker *taker = &w->takers[dfl__pg_get_i64(result, row, 0)];
    pthread_mutex_lock(&w->lock);
    if (taker->run == (uint64_t)dfl__pg_get_i64(result, row, 1) &&
        taker->run_epoch == (int32_t)dfl__pg_get_i64(result, row, 2))
        take_from(taker, false);
    pthread_mutex_unlock(&w->lock);
}

static int cancel_strays(dfl_worker *w) {
    Running running = {0};
    PgArgs args = {0};
    PGresult *result = NULL;
    int status = DFL_ENOMEM;
    running_now(w, &running);
    if (dfl__pg_array(&args, &running.slots) && dfl__pg_array(&args, &running.runs) &&
        dfl__pg_array(&args, &running.epochs))
        status = running.slots.n ? dfl__pg_run(&w->tending.pg, Q_STRAYS, &args, &result) : DFL_OK;
    for (int row = 0; row < PQntuples(result); row++)
        cancel_stray(w, result, row);
    PQclear(result);
    dfl__pg_array_free(&running.slots);
    dfl__pg_array_free(&running.runs);
    dfl__pg_array_free(&running.epochs);
    return status;
}

static void cancel_all(dfl_worker *w) {
    pthread_mutex_lock(&w->lock);
    for (unsigned i = 0; i < w->options.threads; i++)
        take_from(&w->takers[i], false);
    pthread_mutex_unlock(&w->lock);
}

/* ---- the queue ---- */

static int promote(dfl_worker *w) {
    int64_t rows = AT_ONCE;
    int status = DFL_OK;
    while (status == DFL_OK && rows == AT_ONCE) {
        PgArgs args = {0};
        dfl__pg_i64(&args, AT_ONCE);
        status = dfl__queue_change_once(&w->tending, Q_PROMOTE, &args, &rows);
    }
    return status;
}

static int reap(dfl_worker *w) {
    int64_t rows = AT_ONCE;
    int status = DFL_OK;
    while (status == DFL_OK && rows == AT_ONCE) {
        PgArgs args = {0};
        dfl__pg_i32(&args, (int32_t)w->options.max_crashes);
        dfl__pg_i64(&args, w->options.backoff_ns / 1000);
        dfl__pg_i64(&args, AT_ONCE);
        dfl__pg_i32(&args, (int32_t)w->options.max_failures);
        status = dfl__queue_change_once(&w->tending, Q_REAP, &args, &rows);
    }
    return status;
}

/* Locked first: then no claim of theirs is under way, and each that was is seen. */
static int bury_locked(dfl_worker *w) {
    PgArray numbers = {0};
    PgArgs args = {0};
    PGresult *result = NULL;
    int status = dfl__pg_run(&w->tending.pg, Q_LOCK_ENDED, NULL, &result);
    dfl__pg_array_begin(&numbers, PG_INT8);
    for (int row = 0; row < PQntuples(result); row++)
        dfl__pg_array_i64(&numbers, dfl__pg_get_i64(result, row, 0));
    if (status == DFL_OK && !dfl__pg_array(&args, &numbers))
        status = DFL_ENOMEM;
    if (status == DFL_OK)
        status = dfl__queue_change_once(&w->tending, Q_BURY, &args, NULL);
    PQclear(result);
    dfl__pg_array_free(&numbers);
    return status;
}

static int bury(dfl_worker *w) {
    int status = dfl__pg_exec(&w->tending.pg, "BEGIN");
    if (status == DFL_OK)
        status = bury_locked(w);
    return dfl__pg_finish(&w->tending.pg, status);
}

static int look_after_others(dfl_worker *w) {
    PGresult *result = NULL;
    int status = dfl__pg_run(&w->tending.pg, Q_IS_ANY_LOST, NULL, &result);
    bool any = status == DFL_OK && dfl__pg_get_i64(result, 0, 0) > 0;
    PQclear(result);
    if (any)
        status = dfl__queue_change_once(&w->tending, Q_EXPIRE, NULL, NULL);
    if (any && status == DFL_OK)
        status = reap(w);
    return any && status == DFL_OK ? bury(w) : status;
}

/* ---- tending ---- */

typedef struct Tending {
    dfl_worker *worker;
    uint64_t *asked; /* by taker */
    int64_t next_beat, next_look, next_lanes, drain_ends;
    uint64_t chance;
} Tending;

static int renew(Tending *t, int64_t now) {
    int status;
    if (now < t->next_beat)
        return DFL_OK;
    status = beat(t->worker, t->asked);
    if (status == DFL_OK)
        status = cancel_strays(t->worker);
    if (status == DFL_OK)
        t->next_beat = now + t->worker->options.lease_ns / 3;
    return status;
}

static int look(Tending *t, int64_t now) {
    int status;
    if (now < t->next_look)
        return DFL_OK;
    status = look_after_others(t->worker);
    t->next_look = now + t->worker->options.lease_ns / 4;
    return status;
}

/* A lane is new once in the life of a version of a graph: it need not be looked for as often as runs are. */
static int find_lanes(Tending *t, int64_t now) {
    int status;
    if (now < t->next_lanes)
        return DFL_OK;
    status = dfl__worker_find_lanes(t->worker, &t->worker->tending);
    if (status == DFL_OK)
        t->next_lanes = now + LANES_NS;
    return status;
}

/* What fails is done again the next time. */
static void tend_once(Tending *t) {
    dfl_worker *w = t->worker;
    int64_t now = dfl__worker_now();
    int status = DFL_OK;
    if (dfl__pg_is_cut(&w->tending.pg))
        status = dfl__queue_reconnect(&w->tending, 0);
    if (status == DFL_OK)
        status = renew(t, now);
    if (status == DFL_OK)
        status = promote(w);
    if (status == DFL_OK)
        status = look(t, now);
    if (status == DFL_OK)
        (void)find_lanes(t, now);
}

static void drain(Tending *t) {
    dfl_worker *w = t->worker;
    int64_t now = dfl__worker_now();
    if (!dfl__worker_is_stopped(w))
        return;
    if (!t->drain_ends)
        t->drain_ends = now + w->options.drain_ns;
    if (now >= t->drain_ends)
        cancel_all(w);
}

/* In ms, to the next time; by chance half of it more or less, but no later than leases want it. */
static int until_next(Tending *t) {
    const dfl_worker_options *o = &t->worker->options;
    int64_t ns = o->poll_ns < o->lease_ns / 6 ? o->poll_ns : o->lease_ns / 6;
    t->chance = t->chance * 6364136223846793005u + 1442695040888963407u;
    ns = ns / 2 + (int64_t)((t->chance >> 33) % (uint64_t)(ns + 1));
    if (t->drain_ends && ns > o->drain_ns / 4)
        ns = o->drain_ns / 4;
    return (int)(ns / 1000000) + 1;
}

/* A stop wakes it, once. */
static bool wait(Tending *t) {
    dfl_worker *w = t->worker;
    struct pollfd ends[2] = {{.fd = w->done_pipe[0], .events = POLLIN},
                             {.fd = w->stop_pipe[0], .events = POLLIN}};
    (void)poll(ends, t->drain_ends ? 1 : 2, until_next(t));
    return !(ends[0].revents & POLLIN);
}

void dfl__worker_tend(dfl_worker *worker) {
    Tending t = {.worker = worker, .chance = (uint64_t)dfl__pg_wall_clock()};
    t.asked = worker->asked;
    do {
        drain(&t);
        tend_once(&t);
    } while (wait(&t));
}
