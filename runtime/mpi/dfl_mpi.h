/* The ranks of an MPI job as those that run branches: an optional library.
 *
 *     mpicc ... -ldflrt-mpi -ldflrt -lpthread
 *
 * README.md beside this file has a whole program, and says what is promised when a rank is lost. */
#ifndef DFL_MPI_H
#define DFL_MPI_H

#include <dfl.h>
#include <mpi.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Rank 0 of `comm` calls dfl_mpi_open, and gives its runs what that returns as dfl_run.ranks; all others call
 * dfl_mpi_serve, which returns when rank 0 has called dfl_mpi_close. Both are collective. MPI is the caller's to
 * initialize and to finalize, with MPI_THREAD_FUNNELED for rank 0, and with MPI_THREAD_SERIALIZED or more for those that
 * serve: with less their nodes do not see that a run was cancelled, and it waits for them.
 *
 * The handle is for one thread and one run at a time; runs follow each other as they like. With one rank in `comm` there is
 * nobody to serve, and sections run on threads. NULL with errno: ENOMEM; EINVAL when this is not rank 0. */
dfl_ranks *dfl_mpi_open(MPI_Comm comm);
/* Ends the others' dfl_mpi_serve. NULL does nothing. */
void dfl_mpi_close(dfl_ranks *ranks);

/* Serves: graphs are those that rank 0 runs, of the same program; options as dfl_rank_new takes them. DFL_OK; DFL_EINVAL
 * on rank 0; DFL_ENOMEM. What cannot be gone on with (a message that is none, an answer without memory) is told on stderr
 * by MPI itself, as it ends the job: MPI_Abort. */
int dfl_mpi_serve(MPI_Comm comm, const dfl_graph *const graphs[], size_t n, const dfl_run *options);

#ifdef __cplusplus
}
#endif

#endif
