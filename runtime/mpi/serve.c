/* The other ranks: a task at a time, and a thread that listens meanwhile whether it is to be cancelled.
 *
 * MPI is called by one thread at a time (MPI_THREAD_SERIALIZED): by the listener while a task runs, by the other one else.
 * `lock` sees to that. */
#define _POSIX_C_SOURCE 200809L
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "messages.h"

/* note [the listener]
 * Waking it for each task would take longer than most messages. So it looks by itself, every millisecond, and sleeps for
 * good only when nothing has run for IDLE_LOOKS of them; then the next task wakes it. */
enum { LISTEN_NS = 1000 * 1000, IDLE_LOOKS = 50 };

typedef struct Server {
    MPI_Comm comm;
    dfl_rank *rank;
    dfl_buf message, answer;
    pthread_t listener;
    bool listens;
    pthread_mutex_t lock; /* guards MPI and what follows */
    pthread_cond_t changed;
    uint64_t at;          /* the number of the task that runs; 0: none */
    bool sleeps, ending;  /* the listener, for good; is to end */
} Server;

/* ---- the listener ---- */

static void take_cancel(Server *s, MPI_Status *status) {
    uint64_t number = 0;
    MPI_Recv(&number, sizeof number, MPI_BYTE, status->MPI_SOURCE, DFL__MPI_CANCEL, s->comm, MPI_STATUS_IGNORE);
    if (number == s->at && number != 0)
        dfl_rank_cancel(s->rank);
}

static void look_for_cancel(Server *s) {
    MPI_Status status;
    int there;
    MPI_Iprobe(0, DFL__MPI_CANCEL, s->comm, &there, &status);
    if (there)
        take_cancel(s, &status);
}

static void sleep_until_wanted(Server *s) {
    s->sleeps = true;
    while (s->at == 0 && !s->ending)
        pthread_cond_wait(&s->changed, &s->lock);
    s->sleeps = false;
}

static void *listen_for_cancel(void *arg) {
    Server *s = arg;
    static const struct timespec nap = {0, LISTEN_NS};
    unsigned idle = 0;
    pthread_mutex_lock(&s->lock);
    while (!s->ending) {
        if (s->at != 0) {
            idle = 0;
            look_for_cancel(s);
        } else if (++idle > IDLE_LOOKS) {
            idle = 0;
            sleep_until_wanted(s);
        }
        pthread_mutex_unlock(&s->lock);
        nanosleep(&nap, NULL);
        pthread_mutex_lock(&s->lock);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

static void set_at(Server *s, uint64_t number) {
    pthread_mutex_lock(&s->lock);
    s->at = number;
    if (number != 0 && s->sleeps)
        pthread_cond_signal(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

static void begin_listening(Server *s) {
    int level;
    MPI_Query_thread(&level);
    s->listens = level >= MPI_THREAD_SERIALIZED && pthread_create(&s->listener, NULL, listen_for_cancel, s) == 0;
}

static void end_listening(Server *s) {
    if (!s->listens)
        return;
    pthread_mutex_lock(&s->lock);
    s->ending = true;
    pthread_cond_signal(&s->changed);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->listener, NULL);
}

/* ---- tasks ---- */

/* Nobody listens while nothing runs: this thread takes what comes. */
static void wait_for_message(const Server *s, MPI_Status *status) {
    dfl__mpi_wait wait = {0, 0};
    int there = 0;
    for (;;) {
        MPI_Iprobe(0, MPI_ANY_TAG, s->comm, &there, status);
        if (there)
            return;
        dfl__mpi_pause(&wait);
    }
}

static void answer_task(Server *s, MPI_Status *status) {
    uint64_t number;
    int rc;
    if (!dfl__mpi_take(s->comm, status, &s->message) || s->message.n < sizeof number)
        MPI_Abort(s->comm, 1);
    memcpy(&number, s->message.p, sizeof number);
    s->answer.n = 0;
    set_at(s, number);
    rc = dfl_rank_do(s->rank, s->message.p + sizeof number, s->message.n - sizeof number, &s->answer);
    set_at(s, 0);
    /* Without an answer rank 0 would wait for ever. */
    if (rc != DFL_OK || s->answer.n > INT_MAX)
        MPI_Abort(s->comm, 1);
    MPI_Send(s->answer.p, (int)s->answer.n, MPI_BYTE, 0, DFL__MPI_ANSWER, s->comm);
}

static void serve(Server *s) {
    MPI_Status status;
    for (;;) {
        wait_for_message(s, &status);
        switch (status.MPI_TAG) {
        case DFL__MPI_TASK:
            answer_task(s, &status);
            break;
        case DFL__MPI_CANCEL: /* of a task that has ended meanwhile */
            take_cancel(s, &status);
            break;
        default:
            MPI_Recv(NULL, 0, MPI_BYTE, 0, status.MPI_TAG, s->comm, MPI_STATUS_IGNORE);
            return;
        }
    }
}

int dfl_mpi_serve(MPI_Comm comm, const dfl_graph *const graphs[], size_t n, const dfl_run *options) {
    Server s = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    int rank;
    MPI_Comm_rank(comm, &rank);
    if (rank == 0)
        return DFL_EINVAL;
    s.rank = dfl_rank_new(graphs, n, options);
    if (!s.rank)
        return DFL_ENOMEM;
    MPI_Comm_dup(comm, &s.comm);
    begin_listening(&s);
    serve(&s);
    end_listening(&s);
    MPI_Comm_free(&s.comm);
    dfl_rank_free(s.rank);
    dfl_buf_free(&s.message);
    dfl_buf_free(&s.answer);
    return DFL_OK;
}
