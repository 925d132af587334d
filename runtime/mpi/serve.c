/* The other ranks: a task at a time, and a thread that listens meanwhile whether it is to be cancelled.
 *
 * MPI is called by one thread at a time (MPI_THREAD_SERIALIZED): whoever has `mpi`. The serving thread has it but while a
 * task runs, and the listener never waits for it. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "messages.h"

/* note [the listener]
 * Waking it for each task would take longer than most messages. So it looks by itself, every millisecond, and sleeps for
 * good only when nothing has run for IDLE_LOOKS of them; then the next task wakes it. */
enum { LISTEN_NS = 1000 * 1000, IDLE_LOOKS = 50, TASKS = 2 };

typedef struct Server {
    MPI_Comm comm;
    dfl_rank *rank;
    dfl__mpi_inbox tasks;
    dfl__mpi_slot answer_slot;
    dfl_buf message, answer;
    pthread_t listener;
    bool listens;
    pthread_mutex_t mpi;
    uint64_t at;         /* guarded by mpi: the number of the task that runs; 0: none */
    uint64_t unwanted;   /* likewise: tasks up to this one are cancelled */
    atomic_uint begun;   /* tasks so far, as far as they can be counted */
    atomic_bool sleeps;  /* the listener, for good */
    pthread_mutex_t bed; /* guards what follows, and the sleeping */
    pthread_cond_t wake;
    bool ending;
} Server;

/* ---- the listener ---- */

static void take_cancels(Server *s) {
    MPI_Status status;
    int there;
    for (;;) {
        uint64_t number = 0;
        MPI_Iprobe(0, DFL__MPI_CANCEL, s->comm, &there, &status);
        if (!there)
            return;
        MPI_Recv(&number, sizeof number, MPI_BYTE, 0, DFL__MPI_CANCEL, s->comm, MPI_STATUS_IGNORE);
        s->unwanted = number > s->unwanted ? number : s->unwanted;
    }
}

/* A task that was on its way when its cancel came is met at the next look. */
static void look_for_cancel(Server *s) {
    if (pthread_mutex_trylock(&s->mpi) != 0)
        return;
    take_cancels(s);
    if (s->at != 0 && s->at <= s->unwanted)
        dfl_rank_cancel(s->rank);
    pthread_mutex_unlock(&s->mpi);
}

/* A task that begins while this is about to sleep is seen in `begun`, or sees `sleeps`: both are in one order for all. */
static void sleep_until_task(Server *s, unsigned begun) {
    pthread_mutex_lock(&s->bed);
    atomic_store(&s->sleeps, true);
    while (!s->ending && atomic_load(&s->begun) == begun)
        pthread_cond_wait(&s->wake, &s->bed);
    atomic_store(&s->sleeps, false);
    pthread_mutex_unlock(&s->bed);
}

static bool is_ending(Server *s) {
    bool ending;
    pthread_mutex_lock(&s->bed);
    ending = s->ending;
    pthread_mutex_unlock(&s->bed);
    return ending;
}

/* With one task for long. */
static bool is_busy(Server *s) {
    if (pthread_mutex_trylock(&s->mpi) != 0)
        return false;
    pthread_mutex_unlock(&s->mpi);
    return true;
}

static void *listen_for_cancel(void *arg) {
    static const struct timespec nap = {0, LISTEN_NS};
    Server *s = arg;
    unsigned seen = 0, looks = 0;
    while (!is_ending(s)) {
        unsigned begun = atomic_load(&s->begun);
        looks = begun == seen ? looks + 1 : 0;
        seen = begun;
        look_for_cancel(s);
        if (looks > IDLE_LOOKS) {
            if (!is_busy(s))
                sleep_until_task(s, begun);
            looks = 0;
        }
        nanosleep(&nap, NULL);
    }
    return NULL;
}

static void tell_listener(Server *s) {
    atomic_fetch_add(&s->begun, 1);
    if (!atomic_load(&s->sleeps))
        return;
    pthread_mutex_lock(&s->bed);
    pthread_cond_signal(&s->wake);
    pthread_mutex_unlock(&s->bed);
}

static void begin_listening(Server *s) {
    int level;
    MPI_Query_thread(&level);
    s->listens = level >= MPI_THREAD_SERIALIZED && pthread_create(&s->listener, NULL, listen_for_cancel, s) == 0;
}

static void end_listening(Server *s) {
    if (!s->listens)
        return;
    pthread_mutex_lock(&s->bed);
    s->ending = true;
    pthread_cond_signal(&s->wake);
    pthread_mutex_unlock(&s->bed);
    pthread_join(s->listener, NULL);
}

/* ---- tasks ---- */

static int do_task(Server *s, uint64_t number) {
    int rc;
    s->at = number;
    s->answer.n = 0;
    pthread_mutex_unlock(&s->mpi);
    if (s->listens)
        tell_listener(s);
    rc = dfl_rank_do(s->rank, s->message.p, s->message.n, &s->answer);
    pthread_mutex_lock(&s->mpi);
    s->at = 0;
    return rc;
}

/* False: that was the end. Without an answer rank 0 would wait for ever. */
static bool serve_one(Server *s) {
    dfl__mpi_wait wait = {0, 0};
    dfl__mpi_head head;
    bool no_memory;
    int from;
    while (!dfl__mpi_inbox_look(&s->tasks, &head, &from, &s->message, &no_memory))
        dfl__mpi_pause(&wait);
    if (head.number == 0)
        return false;
    if (no_memory || do_task(s, head.number) != DFL_OK)
        MPI_Abort(s->comm, 1);
    dfl__mpi_settle(&s->answer_slot);
    if (dfl__mpi_send(s->comm, 0, DFL__MPI_ANSWER, head.number, s->answer.p, s->answer.n, &s->answer_slot, NULL) !=
        DFL_OK)
        MPI_Abort(s->comm, 1);
    return true;
}

static void serve(Server *s) {
    begin_listening(s);
    pthread_mutex_lock(&s->mpi);
    while (serve_one(s))
        continue;
    dfl__mpi_settle(&s->answer_slot);
    pthread_mutex_unlock(&s->mpi);
    end_listening(s);
    take_cancels(s);
}

int dfl_mpi_serve(MPI_Comm comm, const dfl_graph *const graphs[], size_t n, const dfl_run *options) {
    Server s = {.mpi = PTHREAD_MUTEX_INITIALIZER, .bed = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER};
    int rank;
    MPI_Comm_rank(comm, &rank);
    if (rank == 0)
        return DFL_EINVAL;
    s.answer_slot.request = MPI_REQUEST_NULL;
    s.rank = dfl_rank_new(graphs, n, options);
    if (!s.rank)
        return DFL_ENOMEM;
    MPI_Comm_dup(comm, &s.comm);
    if (!dfl__mpi_inbox_open(&s.tasks, s.comm, 0, DFL__MPI_TASK, TASKS))
        MPI_Abort(s.comm, 1); /* rank 0 would wait for it */
    serve(&s);
    dfl__mpi_inbox_close(&s.tasks);
    MPI_Comm_free(&s.comm);
    dfl_rank_free(s.rank);
    dfl_buf_free(&s.message);
    dfl_buf_free(&s.answer);
    return DFL_OK;
}
