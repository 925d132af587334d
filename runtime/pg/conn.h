/* One connection to PostgreSQL, for the files of this library: prepared statements with binary arguments and
 * results, and failures as statuses. No lock: whoever has one serialises its use. */
#ifndef DFL_PG_CONN_H
#define DFL_PG_CONN_H

#include "dfl_pg.h"

#include <libpq-fe.h>

typedef struct PgStatement {
    const char *name, *sql;
} PgStatement;

typedef struct Pg {
    PGconn *db;
    char *conninfo;
    const char *setup; /* SQL for every new connection, or NULL */
    const PgStatement *statements;
    bool *prepared; /* by statement, on this connection */
    int n_statements;
    dfl_pg_options options;
    bool cut;      /* what failed last says that the connection has gone; libpq may know later */
    char state[6]; /* SQLSTATE of the last failure, "" where there was none or it has none */
    char message[256]; /* and what it said */
} Pg;

enum { PG_MAX_ARGS = 12 };

/* What a statement is given, in order. */
typedef struct PgArgs {
    int n;
    const char *values[PG_MAX_ARGS];
    int lengths[PG_MAX_ARGS], formats[PG_MAX_ARGS];
    char room[PG_MAX_ARGS][8];
} PgArgs;

void dfl__pg_i64(PgArgs *args, int64_t value);
void dfl__pg_i32(PgArgs *args, int32_t value);
void dfl__pg_text(PgArgs *args, const char *text);             /* NULL: null */
void dfl__pg_bytes(PgArgs *args, const void *bytes, size_t n); /* NULL: null */

/* Connects and makes or migrates the tables. On a failure pg is as after dfl__pg_end. */
int dfl__pg_begin(Pg *pg, const char *conninfo, const dfl_pg_options *options);
void dfl__pg_end(Pg *pg);
/* Again, after a cut; DFL_OK or DFL_ESTORE with errno. */
int dfl__pg_reconnect(Pg *pg);
/* The same, tried for about so long: a server that restarts takes a while. */
int dfl__pg_reconnect_within(Pg *pg, int ms);
/* Whether the connection is of no use any more. */
bool dfl__pg_is_cut(const Pg *pg);

/* After a cut that is worth another try: the statement failed because the way was cut. */
bool dfl__pg_was_cut(const Pg *pg, int status);

/* A statement by its number. *result is to be cleared, and NULL after a failure. */
int dfl__pg_run(Pg *pg, int statement, const PgArgs *args, PGresult **result);
/* Runs SQL without arguments or results, such as BEGIN. */
int dfl__pg_exec(Pg *pg, const char *sql);
/* What went wrong, told to on_error; errno is set. result: may be NULL. */
int dfl__pg_failure(Pg *pg, const PGresult *result);
/* Ends a transaction that "BEGIN" began: commits it when status is DFL_OK, whose outcome is then returned. */
int dfl__pg_finish(Pg *pg, int status);
/* Fills an error (which may be NULL) by the last failure; returns `status`, errno as it was. */
int dfl__pg_error(const Pg *pg, int status, const char *what, dfl_error *error);

/* Of a row of a result. */
int64_t dfl__pg_get_i64(const PGresult *result, int row, int column);
/* NULL for a null; else valid as long as the result. */
const char *dfl__pg_get_text(const PGresult *result, int row, int column);

/* Times are nanoseconds of CLOCK_REALTIME here, and microseconds of another epoch there. */
int64_t dfl__pg_time(int64_t ns);
int64_t dfl__pg_ns(int64_t time);
int64_t dfl__pg_wall_clock(void);

/* tables.c: makes or migrates the tables. */
int dfl__pg_tables(Pg *pg);

#endif
