#define _POSIX_C_SOURCE 200809L
#include "messages.h"

#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- sending ---- */

/* What is asked of MPI takes its time also where there is nothing to wait for. */
void dfl__mpi_settle(dfl__mpi_slot *slot) {
    if (slot->request != MPI_REQUEST_NULL)
        MPI_Wait(&slot->request, MPI_STATUS_IGNORE);
}

void dfl__mpi_settle_large(dfl__mpi_large *large) {
    if (large->request == MPI_REQUEST_NULL)
        return;
    MPI_Wait(&large->request, MPI_STATUS_IGNORE);
    free(large->bytes);
    large->bytes = NULL;
}

int dfl__mpi_send(MPI_Comm comm, int to, int tag, uint64_t number, const void *bytes, size_t n, dfl__mpi_slot *slot,
                  dfl__mpi_large *large) {
    dfl__mpi_head head = {number, n};
    bool fits = n <= DFL__MPI_FITS;
    if (n > INT_MAX)
        return DFL_EINVAL;
    if (!fits && large && !(large->bytes = malloc(n)))
        return DFL_ENOMEM;
    memcpy(slot->bytes, &head, sizeof head);
    if (fits && n > 0)
        memcpy(slot->bytes + sizeof head, bytes, n);
    MPI_Isend(slot->bytes, (int)(sizeof head + (fits ? n : 0)), MPI_BYTE, to, tag, comm, &slot->request);
    if (!fits && !large) {
        MPI_Send(bytes, (int)n, MPI_BYTE, to, DFL__MPI_LARGE, comm);
    } else if (!fits) {
        memcpy(large->bytes, bytes, n);
        MPI_Isend(large->bytes, (int)n, MPI_BYTE, to, DFL__MPI_LARGE, comm, &large->request);
    }
    return DFL_OK;
}

/* ---- receiving ---- */

bool dfl__mpi_inbox_open(dfl__mpi_inbox *inbox, MPI_Comm comm, int from, int tag, unsigned n) {
    *inbox = (dfl__mpi_inbox){.comm = comm, .slots = malloc(n * sizeof *inbox->slots)};
    if (!inbox->slots)
        return false;
    for (inbox->n = 0; inbox->n < n; inbox->n++) {
        dfl__mpi_slot *slot = &inbox->slots[inbox->n];
        MPI_Recv_init(slot->bytes, DFL__MPI_SLOT, MPI_BYTE, from, tag, comm, &slot->request);
        MPI_Start(&slot->request);
    }
    return true;
}

/* The one whose message was taken: not before there is time for it, and the other side has something to do. */
static void post_again(dfl__mpi_inbox *inbox) {
    if (inbox->taken)
        MPI_Start(&inbox->taken->request);
    inbox->taken = NULL;
}

void dfl__mpi_inbox_close(dfl__mpi_inbox *inbox) {
    post_again(inbox);
    for (unsigned i = 0; i < inbox->n; i++) {
        MPI_Cancel(&inbox->slots[i].request);
        MPI_Wait(&inbox->slots[i].request, MPI_STATUS_IGNORE);
        MPI_Request_free(&inbox->slots[i].request);
    }
    free(inbox->slots);
    *inbox = (dfl__mpi_inbox){.n = 0};
}

static bool take_bytes(const dfl__mpi_inbox *inbox, const dfl__mpi_slot *slot, const dfl__mpi_head *head, int from,
                       dfl_buf *bytes) {
    uint8_t *room;
    bytes->n = 0;
    if (head->n == 0)
        return true;
    room = dfl_buf_room(bytes, head->n);
    if (!room)
        return false;
    if (head->n <= DFL__MPI_FITS)
        memcpy(room, slot->bytes + sizeof *head, head->n);
    else
        MPI_Recv(room, (int)head->n, MPI_BYTE, from, DFL__MPI_LARGE, inbox->comm, MPI_STATUS_IGNORE);
    return true;
}

bool dfl__mpi_inbox_look(dfl__mpi_inbox *inbox, dfl__mpi_head *head, int *from, dfl_buf *bytes, bool *no_memory) {
    dfl__mpi_slot *slot = &inbox->slots[inbox->next];
    MPI_Status status;
    int there = 0;
    post_again(inbox);
    MPI_Test(&slot->request, &there, &status);
    if (!there)
        return false;
    memcpy(head, slot->bytes, sizeof *head);
    *from = status.MPI_SOURCE;
    *no_memory = !take_bytes(inbox, slot, head, *from, bytes);
    inbox->taken = slot;
    inbox->next = (inbox->next + 1) % inbox->n;
    return true;
}

/* ---- waiting ---- */

enum { SPINS = 2000, YIELD_NS = 2 * 1000 * 1000, SLEEP_NS = 100 * 1000 };

int64_t dfl__mpi_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void dfl__mpi_pause(dfl__mpi_wait *wait) {
    static const struct timespec nap = {0, SLEEP_NS};
    if (++wait->looks < SPINS)
        return;
    if (wait->began == 0)
        wait->began = dfl__mpi_now();
    if (dfl__mpi_now() - wait->began < YIELD_NS)
        sched_yield();
    else
        nanosleep(&nap, NULL);
}
