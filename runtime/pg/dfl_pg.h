/* Checkpoints in PostgreSQL: an optional library, for programs that outgrow one machine.
 *
 *     -ldflrt-pg -ldflrt -lpq -lpthread
 *
 * README.md beside this file says what is promised when a machine dies, and when to choose what. */
#ifndef DFL_PG_H
#define DFL_PG_H

#include <dfl.h>

#ifdef __cplusplus
extern "C" {
#endif

/* All zero are the defaults. */
typedef struct dfl_pg_options {
    /* Told in words of every failure of the server or of the way to it, by the thread that met it; store
     * operations themselves return a status and errno. The handle must not be used within. May be NULL. */
    void (*on_error)(void *user, const char *message);
    void *user;
    dfl_error *error; /* filled when opening fails */
} dfl_pg_options;

/* ---- a store ---- */

/* Connects as `conninfo` says (libpq's "host=... dbname=..." or a postgresql:// address; "" for what the
 * environment says), and makes or migrates the tables, all called dfl_*, in the first schema of the search
 * path; other tables are left alone. Any number of processes on any machines may have it open. options: may
 * be NULL. One handle is one connection, which the threads of the process take in turn; after fork() only
 * one of the two processes may go on using it.
 *
 * Under DFL_SYNC a save is committed with the server's synchronous_commit as the connection has it (it must
 * not be off for the promise of dfl.h to hold); under DFL_ASYNC it is committed without waiting for the disk.
 * A connection that was cut is made again: operations that read are simply repeated, and a save is repeated
 * where the server does not have it, so none is there twice. Where no connection is to be had for some seconds the
 * operation fails, and of a save then nobody can say whether it is there.
 *
 * DFL_OK; DFL_ESTORE (errno is ECONNREFUSED, ECONNRESET, EACCES, ENOSPC, EBUSY or EIO); DFL_ESCHEMA: a newer
 * version made the tables; DFL_ENOMEM; DFL_EINVAL. dfl_store_close closes it. */
int dfl_pg_open(const char *conninfo, const dfl_pg_options *options, dfl_store **store);

#ifdef __cplusplus
}
#endif

#endif
