/* The worker of dfl_pg.h: opening, starting and stopping. */
#define _POSIX_C_SOURCE 200809L

#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void dfl__worker_name(char *name, size_t n) {
    char host[128] = "";
    (void)gethostname(host, sizeof host - 1);
    snprintf(name, n, "%s %ld", host, (long)getpid());
    dfl__queue_only_utf8(name);
}

int64_t dfl__worker_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

bool dfl__worker_is_stopped(const dfl_worker *worker) {
    return __atomic_load_n(&worker->stopped, __ATOMIC_ACQUIRE);
}

void dfl__worker_sleep(const dfl_worker *worker, int64_t ns) {
    struct pollfd stop = {.fd = worker->stop_pipe[0], .events = POLLIN};
    (void)poll(&stop, 1, (int)(ns / 1000000) + 1);
}

/* Only what a signal handler may do. */
void dfl_worker_stop(dfl_worker *worker) {
    int why = errno;
    ssize_t written;
    __atomic_store_n(&worker->stopped, true, __ATOMIC_RELEASE);
    written = write(worker->stop_pipe[1], "", 1); /* full: it has been written to often enough */
    (void)written;
    errno = why;
}

uint64_t dfl_worker_finished(const dfl_worker *worker) {
    return __atomic_load_n(&worker->finished, __ATOMIC_RELAXED);
}

/* ---- lanes ---- */

static const dfl_work_graph *graph_called(const dfl_worker *worker, const char *name) {
    for (size_t i = 0; i < worker->n_graphs; i++)
        if (strcmp(worker->graphs[i]->graph->name, name) == 0)
            return worker->graphs[i];
    return NULL;
}

/* Lock held. Lanes are never forgotten. */
static bool knows_lane(const dfl_worker *worker, int32_t lane) {
    for (int i = 0; i < worker->n_lanes; i++)
        if (worker->lanes[i].lane == lane)
            return true;
    return false;
}

static int add_lane(dfl_worker *worker, const PGresult *result, int row) {
    Known known = {.lane = (int32_t)dfl__pg_get_i64(result, row, 0),
                   .mark = (uint64_t)dfl__pg_get_i64(result, row, 2),
                   .graph = graph_called(worker, PQgetvalue(result, row, 1))};
    Known *more;
    if (knows_lane(worker, known.lane) || !known.graph)
        return DFL_OK;
    more = realloc(worker->lanes, (size_t)(worker->n_lanes + 1) * sizeof *more);
    if (!more)
        return DFL_ENOMEM;
    worker->lanes = more;
    worker->lanes[worker->n_lanes++] = known;
    return DFL_OK;
}

int dfl__worker_find_lanes(dfl_worker *worker, Queue *queue) {
    PgArray names = {0};
    PgArgs args = {0};
    PGresult *result = NULL;
    int status = DFL_ENOMEM;
    dfl__pg_array_begin(&names, PG_TEXT);
    for (size_t i = 0; i < worker->n_graphs; i++)
        dfl__pg_array_text(&names, worker->graphs[i]->graph->name);
    if (dfl__pg_array(&args, &names))
        status = dfl__pg_run(&queue->pg, Q_LANES, &args, &result);
    pthread_mutex_lock(&worker->lock);
    for (int row = 0; status == DFL_OK && row < PQntuples(result); row++)
        status = add_lane(worker, result, row);
    pthread_mutex_unlock(&worker->lock);
    PQclear(result);
    dfl__pg_array_free(&names);
    return status;
}

/* ---- opening ---- */

#define MS INT64_C(1000000)

/* As the server counts. */
static unsigned most(unsigned given, unsigned otherwise) {
    return !given ? otherwise : given < INT32_MAX ? given : INT32_MAX;
}

static dfl_worker_options with_defaults(const dfl_worker_options *given) {
    dfl_worker_options o = given ? *given : (dfl_worker_options){0};
    o.threads = o.threads ? o.threads : 1;
    o.batch = o.batch ? o.batch : 500;
    o.lease_ns = o.lease_ns ? o.lease_ns : 30000 * MS;
    o.poll_ns = o.poll_ns ? o.poll_ns : 200 * MS;
    o.max_attempts = most(o.max_attempts, 5);
    o.max_crashes = most(o.max_crashes, 3);
    o.max_failures = most(o.max_failures, 1000);
    o.backoff_ns = o.backoff_ns ? o.backoff_ns : 1000 * MS;
    o.drain_ns = o.drain_ns ? o.drain_ns : 10000 * MS;
    return o;
}

static int refuse(dfl_error *error, int status, const char *why, const char *graph) {
    if (error) {
        memset(error, 0, sizeof *error);
        error->status = status;
        error->index = -1;
        snprintf(error->message, sizeof error->message, "%s%.80s%s", why, graph, *graph ? "'" : "");
    }
    return status;
}

static int check_graphs(const dfl_work_graph *const *graphs, size_t n, dfl_error *error) {
    if (n == 0)
        return refuse(error, DFL_EINVAL, "a worker needs a graph", "");
    for (size_t i = 0; i < n; i++) {
        const char *name = graphs[i]->graph->name;
        if (graphs[i]->graph->no_checkpoints)
            return refuse(error, DFL_EINVAL,
                          "no queue can hold runs of a graph compiled with -fno-checkpoints: '",
                          name);
        for (size_t k = 0; k < i; k++)
            if (strcmp(graphs[k]->graph->name, name) == 0)
                return refuse(error, DFL_EINVAL, "a worker has two graphs called '", name);
    }
    return DFL_OK;
}

static bool open_pipe(int ends[2]) {
    if (pipe(ends) != 0) {
        ends[0] = ends[1] = -1;
        return false;
    }
    for (int i = 0; i < 2; i++) {
        (void)fcntl(ends[i], F_SETFD, FD_CLOEXEC);
        (void)fcntl(ends[i], F_SETFL, O_NONBLOCK);
    }
    return true;
}

/* The lanes of its own graphs are there before the first run is submitted. */
static int connect_all(dfl_worker *w) {
    dfl_pg_options options = {.on_error = w->options.on_error, .user = w->options.user};
    int status = dfl__queue_begin(&w->tending, w->conninfo, &options);
    if (status == DFL_OK)
        status = dfl__worker_find_lanes(w, &w->tending);
    for (unsigned i = 0; status == DFL_OK && i < w->options.threads; i++)
        status = dfl__taker_begin(&w->takers[i]);
    return status;
}

/* The message of whichever connection failed. */
static const Pg *failed_of(const dfl_worker *w) {
    for (unsigned i = 0; w->takers && i < w->options.threads; i++)
        if (w->takers[i].queue.pg.message[0])
            return &w->takers[i].queue.pg;
    return &w->tending.pg;
}

static int worker_new(const char *conninfo, const dfl_work_graph *const *graphs, size_t n,
                      const dfl_worker_options *options, dfl_worker **worker) {
    dfl_worker *w = calloc(1, sizeof *w);
    if (!w)
        return DFL_ENOMEM;
    *worker = w;
    w->options = with_defaults(options);
    pthread_mutex_init(&w->lock, NULL);
    w->stop_pipe[0] = w->stop_pipe[1] = w->done_pipe[0] = w->done_pipe[1] = -1;
    if (w->options.run)
        w->run = *w->options.run;
    w->conninfo = strdup(conninfo);
    w->graphs = malloc(n * sizeof *w->graphs);
    w->takers = calloc(w->options.threads, sizeof *w->takers);
    w->asked = calloc(w->options.threads, sizeof *w->asked);
    if (!w->conninfo || !w->graphs || !w->takers || !w->asked)
        return DFL_ENOMEM;
    for (unsigned i = 0; i < w->options.threads; i++)
        w->takers[i].worker = w;
    memcpy(w->graphs, graphs, n * sizeof *w->graphs);
    w->n_graphs = n;
    if (!open_pipe(w->stop_pipe) || !open_pipe(w->done_pipe))
        return DFL_ESTORE;
    return connect_all(w);
}

int dfl_worker_open(const char *conninfo, const dfl_work_graph *const *graphs, size_t n_graphs,
                    const dfl_worker_options *options, dfl_worker **worker) {
    dfl_error *error = options ? options->error : NULL;
    dfl_worker *w = NULL;
    int status, why;
    if (!conninfo || !worker || (!graphs && n_graphs > 0))
        return DFL_EINVAL;
    status = check_graphs(graphs, n_graphs, error);
    if (status != DFL_OK)
        return status;
    status = worker_new(conninfo, graphs, n_graphs, options, &w);
    if (status == DFL_OK) {
        *worker = w;
        return DFL_OK;
    }
    why = errno;
    if (w)
        (void)dfl__pg_error(failed_of(w), status, "the worker cannot be opened", error);
    dfl_worker_close(w);
    errno = why;
    return status;
}

static void close_pipe(const int ends[2]) {
    for (int i = 0; i < 2; i++)
        if (ends[i] >= 0)
            (void)close(ends[i]);
}

void dfl_worker_close(dfl_worker *worker) {
    if (!worker)
        return;
    for (unsigned i = 0; worker->takers && i < worker->options.threads; i++)
        dfl__taker_end(&worker->takers[i]);
    dfl__queue_end(&worker->tending);
    close_pipe(worker->stop_pipe);
    close_pipe(worker->done_pipe);
    pthread_mutex_destroy(&worker->lock);
    free(worker->takers);
    free(worker->asked);
    free(worker->lanes);
    free(worker->graphs);
    free(worker->conninfo);
    free(worker);
}

/* ---- running ---- */

/* The last one lets the tender go. */
static void *take(void *user) {
    Taker *taker = user;
    dfl_worker *worker = taker->worker;
    bool last;
    taker->status = dfl__taker_work(taker);
    pthread_mutex_lock(&worker->lock);
    last = --worker->working == 0;
    pthread_mutex_unlock(&worker->lock);
    if (last) {
        ssize_t written = write(worker->done_pipe[1], "", 1);
        (void)written;
    }
    return NULL;
}

static void *tend(void *user) {
    dfl__worker_tend(user);
    return NULL;
}

/* What is not started is not waited for. */
static void start_takers(dfl_worker *worker) {
    for (unsigned i = 1; i < worker->options.threads; i++) {
        Taker *taker = &worker->takers[i];
        pthread_mutex_lock(&worker->lock);
        taker->is_started = pthread_create(&taker->thread, NULL, take, taker) == 0;
        if (!taker->is_started)
            worker->working--;
        pthread_mutex_unlock(&worker->lock);
    }
}

static int join_takers(dfl_worker *worker) {
    int status = worker->takers[0].status;
    for (unsigned i = 1; i < worker->options.threads; i++) {
        Taker *taker = &worker->takers[i];
        if (taker->is_started)
            (void)pthread_join(taker->thread, NULL);
        taker->is_started = false;
        if (status == DFL_OK)
            status = taker->status;
    }
    return status;
}

static void empty_pipe(int from) {
    char bytes[16];
    while (read(from, bytes, sizeof bytes) > 0)
        ;
}

int dfl_worker_run(dfl_worker *worker) {
    pthread_t tender;
    int status;
    empty_pipe(worker->done_pipe[0]);
    worker->working = worker->options.threads;
    if (pthread_create(&tender, NULL, tend, worker) != 0) {
        errno = EAGAIN;
        return DFL_ESTORE;
    }
    start_takers(worker);
    (void)take(&worker->takers[0]);
    status = join_takers(worker);
    (void)pthread_join(tender, NULL);
    return status;
}
