/* What goes between rank 0 and the others. */
#ifndef DFL_MPI_MESSAGES_H
#define DFL_MPI_MESSAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "dfl_mpi.h"

/* Tags. A task and a cancel begin with the task's number, so that one that comes late stops nobody else. */
enum { DFL__MPI_TASK = 1, DFL__MPI_ANSWER, DFL__MPI_CANCEL, DFL__MPI_END };

/* note [waiting]
 * Within MPI_Recv most implementations spin, for as long as it takes: on a machine with fewer CPUs than ranks that takes
 * the time of those who work. So messages are looked for with MPI_Iprobe: without a pause at first, then giving the CPU
 * away, and after some milliseconds asleep in between. */
typedef struct dfl__mpi_wait {
    unsigned looks;
    int64_t began;
} dfl__mpi_wait;
void dfl__mpi_pause(dfl__mpi_wait *wait);
int64_t dfl__mpi_now(void); /* ns */

/* Receives what was probed into *bytes, from its begin; false: no memory. */
bool dfl__mpi_take(MPI_Comm comm, MPI_Status *probed, dfl_buf *bytes);

#endif
