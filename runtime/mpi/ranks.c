/* Rank 0: hands tasks out, and takes the answers. Rank r of the run is rank r + 1 of the communicator. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "messages.h"

enum { TASKS = 2, ANSWERS = 16 };

/* Of one rank: its slots in turn, as it has that many tasks at most. */
typedef struct Out {
    dfl__mpi_slot slots[TASKS];
    dfl__mpi_large large[TASKS];
    unsigned next, tasks; /* tasks: that it has not answered */
    uint64_t last; /* the number of the task that it was sent last */
} Out;

typedef struct Ranks {
    dfl_ranks ranks;
    MPI_Comm comm;
    dfl__mpi_inbox answers;
    uint64_t number; /* of the task that was sent last */
    Out out[];       /* by rank */
} Ranks;

static int send_task(void *self, unsigned rank, const void *task, size_t n) {
    Ranks *r = self;
    Out *out = &r->out[rank];
    dfl__mpi_slot *slot = &out->slots[out->next];
    dfl__mpi_large *large = &out->large[out->next];
    dfl__mpi_settle(slot);
    dfl__mpi_settle_large(large);
    out->next = (out->next + 1) % TASKS;
    out->last = ++r->number;
    /* Who has a task may be about to send a large answer, which waits for rank 0. */
    return dfl__mpi_send(r->comm, (int)rank + 1, DFL__MPI_TASK, out->last, task, n, slot,
                         out->tasks++ > 0 ? large : NULL);
}

static int receive_answer(void *self, int64_t wait_ns, unsigned *rank, dfl_buf *answer) {
    Ranks *r = self;
    dfl__mpi_wait wait = {0, 0};
    int64_t until = wait_ns < 0 ? INT64_MAX : dfl__mpi_now() + wait_ns;
    dfl__mpi_head head;
    bool no_memory;
    int from;
    while (!dfl__mpi_inbox_look(&r->answers, &head, &from, answer, &no_memory)) {
        if (wait_ns >= 0 && dfl__mpi_now() >= until)
            return DFL_ENOTFOUND;
        dfl__mpi_pause(&wait);
    }
    *rank = (unsigned)from - 1;
    r->out[*rank].tasks--;
    return no_memory ? DFL_ENOMEM : DFL_OK;
}

static void cancel_tasks(void *self, unsigned rank) {
    Ranks *r = self;
    MPI_Send(&r->out[rank].last, sizeof r->out[rank].last, MPI_BYTE, (int)rank + 1, DFL__MPI_CANCEL, r->comm);
}

static Ranks *new_ranks(int size) {
    Ranks *r = malloc(sizeof *r + (size_t)size * sizeof *r->out);
    if (!r)
        return NULL;
    *r = (Ranks){.ranks = {r, (unsigned)size - 1, send_task, receive_answer, cancel_tasks}};
    for (int i = 0; i + 1 < size; i++) {
        r->out[i].next = r->out[i].tasks = 0;
        r->out[i].last = 0;
        for (int k = 0; k < TASKS; k++) {
            r->out[i].slots[k].request = MPI_REQUEST_NULL;
            r->out[i].large[k] = (dfl__mpi_large){MPI_REQUEST_NULL, NULL};
        }
    }
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
    if (dfl__mpi_inbox_open(&r->answers, r->comm, MPI_ANY_SOURCE, DFL__MPI_ANSWER, ANSWERS))
        return &r->ranks;
    dfl_mpi_close(&r->ranks);
    errno = ENOMEM;
    return NULL;
}

static void settle_all(Out *out) {
    for (int k = 0; k < TASKS; k++) {
        dfl__mpi_settle(&out->slots[k]);
        dfl__mpi_settle_large(&out->large[k]);
    }
}

void dfl_mpi_close(dfl_ranks *ranks) {
    Ranks *r = (Ranks *)ranks;
    if (!r)
        return;
    for (unsigned i = 0; i < ranks->n; i++) {
        dfl__mpi_slot *slot = &r->out[i].slots[r->out[i].next];
        dfl__mpi_settle(slot);
        dfl__mpi_send(r->comm, (int)i + 1, DFL__MPI_TASK, 0, NULL, 0, slot, NULL);
    }
    for (unsigned i = 0; i < ranks->n; i++)
        settle_all(&r->out[i]);
    dfl__mpi_inbox_close(&r->answers);
    MPI_Comm_free(&r->comm);
    free(r);
}
