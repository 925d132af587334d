/* Rank 0: hands tasks out, and takes the answers. Rank r of the run is rank r + 1 of the communicator. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "messages.h"

typedef struct Ranks {
    dfl_ranks ranks;
    MPI_Comm comm;
    dfl_buf task;
    uint64_t number;  /* of the task that was sent last */
    uint64_t at[];    /* by rank: the one that it is at */
} Ranks;

static int send_task(void *self, unsigned rank, const void *task, size_t n) {
    Ranks *r = self;
    uint8_t *room;
    if (n > INT_MAX - sizeof r->number)
        return DFL_EINVAL;
    r->task.n = 0;
    room = dfl_buf_room(&r->task, sizeof r->number + n);
    if (!room)
        return DFL_ENOMEM;
    r->at[rank] = ++r->number;
    memcpy(room, &r->number, sizeof r->number);
    memcpy(room + sizeof r->number, task, n);
    MPI_Send(r->task.p, (int)r->task.n, MPI_BYTE, (int)rank + 1, DFL__MPI_TASK, r->comm);
    return DFL_OK;
}

static int receive_answer(void *self, int64_t wait_ns, unsigned *rank, dfl_buf *answer) {
    const Ranks *r = self;
    dfl__mpi_wait wait = {0, 0};
    int64_t until = wait_ns < 0 ? INT64_MAX : dfl__mpi_now() + wait_ns;
    MPI_Status status;
    for (int there = 0;;) {
        MPI_Iprobe(MPI_ANY_SOURCE, DFL__MPI_ANSWER, r->comm, &there, &status);
        if (there)
            break;
        if (wait_ns >= 0 && dfl__mpi_now() >= until)
            return DFL_ENOTFOUND;
        dfl__mpi_pause(&wait);
    }
    *rank = (unsigned)status.MPI_SOURCE - 1;
    return dfl__mpi_take(r->comm, &status, answer) ? DFL_OK : DFL_ENOMEM;
}

static void cancel_task(void *self, unsigned rank) {
    Ranks *r = self;
    MPI_Send(&r->at[rank], sizeof r->at[rank], MPI_BYTE, (int)rank + 1, DFL__MPI_CANCEL, r->comm);
}

static Ranks *new_ranks(int size) {
    Ranks *r = calloc(1, sizeof *r + (size_t)size * sizeof *r->at);
    if (r)
        r->ranks = (dfl_ranks){r, (unsigned)size - 1, send_task, receive_answer, cancel_task};
    return r;
}

dfl_ranks *dfl_mpi_open(MPI_Comm comm) {
    Ranks *r;
    int rank, size;
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &size);
    r = rank == 0 ? new_ranks(size) : NULL;
    if (!r) {
        errno = rank == 0 ? ENOMEM : EINVAL;
        return NULL;
    }
    MPI_Comm_dup(comm, &r->comm);
    return &r->ranks;
}

void dfl_mpi_close(dfl_ranks *ranks) {
    Ranks *r = (Ranks *)ranks;
    if (!r)
        return;
    for (unsigned i = 0; i < ranks->n; i++)
        MPI_Send(NULL, 0, MPI_BYTE, (int)i + 1, DFL__MPI_END, r->comm);
    MPI_Comm_free(&r->comm);
    dfl_buf_free(&r->task);
    free(r);
}
