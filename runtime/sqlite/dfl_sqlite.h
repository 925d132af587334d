/* Checkpoints in an SQLite database: an optional library, for programs that keep one already.
 *
 *     -ldflrt-sqlite -ldflrt -lsqlite3 -lpthread */
#ifndef DFL_SQLITE_H
#define DFL_SQLITE_H

#include <dfl.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Opens the database at `path`, makes it where there is none, and in it the tables dfl_checkpoint and
 * dfl_layout; other tables are left alone. Journal: WAL, synchronous=FULL, so every save is durable,
 * whatever was asked for. Several processes may have it open. error: filled on failure; may be NULL.
 * DFL_OK; DFL_ESTORE (errno is EIO, ENOSPC, EACCES or EBUSY; error->code is SQLite's); DFL_ECORRUPT: no
 * database; DFL_ENOMEM; DFL_EINVAL. dfl_store_close closes it. */
int dfl_sqlite_open(const char *path, dfl_error *error, dfl_store **store);

#ifdef __cplusplus
}
#endif

#endif
