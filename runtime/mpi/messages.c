#define _POSIX_C_SOURCE 200809L
#include "messages.h"

#include <sched.h>
#include <time.h>

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

bool dfl__mpi_take(MPI_Comm comm, MPI_Status *probed, dfl_buf *bytes) {
    uint8_t *room;
    int n;
    MPI_Get_count(probed, MPI_BYTE, &n);
    bytes->n = 0;
    room = dfl_buf_room(bytes, (size_t)n);
    if (!room)
        return false;
    MPI_Recv(room, n, MPI_BYTE, probed->MPI_SOURCE, probed->MPI_TAG, comm, MPI_STATUS_IGNORE);
    return true;
}
