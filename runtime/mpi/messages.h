/* What goes between rank 0 and the others.
 *
 * note [messages]
 * A task and an answer are one message each, of a head and what it is about; receives for them are posted before they
 * come, so that they go where they belong at once. What does not fit into a slot follows its head as a message by itself.
 * A cancel says up to which task; it stops nobody who comes after.
 *
 *     task, answer    u64 number of the task, u64 bytes, the bytes; or of more than fit none, and then LARGE: the bytes
 *     the end         a task with the number 0
 *     cancel          u64 number of the last task that is not wanted any more */
#ifndef DFL_MPI_MESSAGES_H
#define DFL_MPI_MESSAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "dfl_mpi.h"

enum { DFL__MPI_TASK = 1, DFL__MPI_ANSWER, DFL__MPI_CANCEL, DFL__MPI_LARGE };

typedef struct dfl__mpi_head {
    uint64_t number, n;
} dfl__mpi_head;

/* As much as goes through shared memory without being asked for, in both implementations. */
enum { DFL__MPI_SLOT = 2048, DFL__MPI_FITS = DFL__MPI_SLOT - sizeof(dfl__mpi_head) };

typedef struct dfl__mpi_slot {
    MPI_Request request; /* MPI_REQUEST_NULL, or it is under way */
    uint8_t bytes[DFL__MPI_SLOT];
} dfl__mpi_slot;

/* What did not fit, while it is under way. */
typedef struct dfl__mpi_large {
    MPI_Request request;
    void *bytes;
} dfl__mpi_large;

/* Sends, from the slot, which must be free: DFL_OK when it is on its way; DFL_EINVAL: more than MPI can count.
 * large: NULL where the other one is known to receive, so that waiting for it ends; else what does not fit is copied, and
 * DFL_ENOMEM is possible. */
int dfl__mpi_send(MPI_Comm comm, int to, int tag, uint64_t number, const void *bytes, size_t n, dfl__mpi_slot *slot,
                  dfl__mpi_large *large);
/* Wait until they are free. */
void dfl__mpi_settle(dfl__mpi_slot *slot);
void dfl__mpi_settle_large(dfl__mpi_large *large);

/* Receives that are posted, in the order in which messages will come. */
typedef struct dfl__mpi_inbox {
    MPI_Comm comm;
    dfl__mpi_slot *slots;
    unsigned n, next;
    dfl__mpi_slot *taken; /* to be posted again; or NULL */
} dfl__mpi_inbox;

/* from: a rank, or MPI_ANY_SOURCE. False: no memory. */
bool dfl__mpi_inbox_open(dfl__mpi_inbox *inbox, MPI_Comm comm, int from, int tag, unsigned n);
void dfl__mpi_inbox_close(dfl__mpi_inbox *inbox);
/* Whether a message has come: its head, and who sent it; bytes hold what it is about. *no_memory: there was none for them, and
 * then there is nothing to go on with. */
bool dfl__mpi_inbox_look(dfl__mpi_inbox *inbox, dfl__mpi_head *head, int *from, dfl_buf *bytes, bool *no_memory);

/* note [waiting]
 * Within MPI_Recv most implementations spin, for as long as it takes: on a machine with fewer CPUs than ranks that takes
 * the time of those who work. So messages are looked for: without a pause at first, then giving the CPU away, and after
 * some milliseconds asleep in between. */
typedef struct dfl__mpi_wait {
    unsigned looks;
    int64_t began;
} dfl__mpi_wait;
void dfl__mpi_pause(dfl__mpi_wait *wait);
int64_t dfl__mpi_now(void); /* ns */

#endif
