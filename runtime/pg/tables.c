/* The tables, by version. A migration brings them from the version before it to its own; what has been
 * released is never changed, only followed by another. They run in one transaction, one process at a time. */
#define _POSIX_C_SOURCE 200809L

#include "conn.h"

#include <errno.h>
#include <stdio.h>

static const char *const migrations[] = {
    /* 1: checkpoints. Thread ids are any bytes. dfl_thread has a row for each thread that has checkpoints:
     * it is locked by whoever adds one, so ids rise within a thread and no lineage is broken. */
    "CREATE SEQUENCE dfl_checkpoint_id;"
    "CREATE TABLE dfl_thread("
    "  thread bytea PRIMARY KEY, first bigint NOT NULL, latest bigint NOT NULL, previous bigint "
    "NOT NULL)"
    "  WITH (fillfactor = 70);"
    "CREATE INDEX dfl_thread_first ON dfl_thread(first);"
    "CREATE TABLE dfl_checkpoint("
    "  id bigint NOT NULL, previous bigint NOT NULL, step bigint NOT NULL, time_ns bigint NOT NULL,"
    "  bytes bigint NOT NULL, layout bigint NOT NULL, token bigint NOT NULL, thread bytea NOT NULL,"
    "  graph text NOT NULL, next text NOT NULL, body bytea NOT NULL, PRIMARY KEY (thread, id));"
    "ALTER TABLE dfl_checkpoint ALTER body SET STORAGE EXTERNAL;" /* not compressed */
    "CREATE TABLE dfl_layout(mark bigint PRIMARY KEY, graph text NOT NULL, text bytea NOT NULL);",
    /* 2: the work queue (queue.h). A run is in dfl_queue until it is finished, and in dfl_finished from then
     * on; body is its state, a checkpoint as above, which dfl_lane says how to read. State is that of
     * dfl_work_state. Rows change often: they have room to do so, and are swept often. */
    "CREATE SEQUENCE dfl_run_id;"
    "CREATE SEQUENCE dfl_worker_id;"
    "CREATE TABLE dfl_lane("
    "  lane integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, graph text NOT NULL,"
    "  mark bigint NOT NULL, UNIQUE (graph, mark));"
    "CREATE TABLE dfl_key(key bytea PRIMARY KEY, run bigint NOT NULL);"
    "CREATE TABLE dfl_queue("
    "  run bigint PRIMARY KEY, submitted timestamptz NOT NULL, due timestamptz NOT NULL,"
    "  worker bigint, step bigint NOT NULL, state integer NOT NULL, lane integer NOT NULL,"
    "  priority integer NOT NULL, epoch integer NOT NULL, saves integer NOT NULL,"
    "  attempts integer NOT NULL, crashes integer NOT NULL, asks integer NOT NULL,"
    "  asked boolean NOT NULL, key bytea, next text NOT NULL, error text, body bytea NOT NULL)"
    "  WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = "
    "10000, autovacuum_vacuum_cost_delay = 0, autovacuum_vacuum_insert_scale_factor = 0.2);"
    "ALTER TABLE dfl_queue ALTER body SET STORAGE EXTERNAL;"
    "CREATE INDEX dfl_queue_ready ON dfl_queue(state, lane, (-priority::bigint), run) WHERE state "
    "< 2;"
    "CREATE INDEX dfl_queue_running ON dfl_queue(worker) WHERE state = 2;"
    "CREATE INDEX dfl_queue_waiting ON dfl_queue(due) WHERE state = 3;"
    "CREATE TABLE dfl_question("
    "  run bigint NOT NULL, question text NOT NULL, node text NOT NULL, element bigint NOT NULL,"
    "  asked text NOT NULL, answer text, PRIMARY KEY (run, question));"
    "CREATE TABLE dfl_finished("
    "  run bigint PRIMARY KEY, submitted timestamptz NOT NULL, finished timestamptz NOT NULL,"
    "  step bigint NOT NULL, state integer NOT NULL, lane integer NOT NULL, priority integer NOT "
    "NULL,"
    "  epoch integer NOT NULL, saves integer NOT NULL, attempts integer NOT NULL, crashes integer "
    "NOT NULL, key bytea, next text NOT NULL, error text, body bytea NOT NULL);"
    "ALTER TABLE dfl_finished ALTER body SET STORAGE EXTERNAL;"
    "CREATE TABLE dfl_worker("
    "  worker bigint PRIMARY KEY, name text NOT NULL, began timestamptz NOT NULL, until "
    "timestamptz "
    "NOT NULL, ended boolean NOT NULL) WITH (fillfactor = 50);",
    /* 3: a run may save more than 2^31 times; and how often it has failed in all, its workers' crashes with it. The tables
     * are written anew, as the change of a type would do too, so that what has a fixed size stands before what has not:
     * the server finds it sooner. */
    "ALTER TABLE dfl_queue RENAME TO dfl_queue_2;"
    "CREATE TABLE dfl_queue("
    "  run bigint NOT NULL, submitted timestamptz NOT NULL, due timestamptz NOT NULL,"
    "  worker bigint, step bigint NOT NULL, saves bigint NOT NULL, state integer NOT NULL, lane integer NOT NULL,"
    "  priority integer NOT NULL, epoch integer NOT NULL, attempts integer NOT NULL, crashes integer NOT NULL,"
    "  failures integer NOT NULL DEFAULT 0, asks integer NOT NULL, asked boolean NOT NULL,"
    "  key bytea, next text NOT NULL, error text, body bytea NOT NULL)"
    "  WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = "
    "10000, autovacuum_vacuum_cost_delay = 0, autovacuum_vacuum_insert_scale_factor = 0.2);"
    "ALTER TABLE dfl_queue ALTER body SET STORAGE EXTERNAL;"
    "INSERT INTO dfl_queue(run, submitted, due, worker, step, saves, state, lane, priority, epoch, attempts, crashes,"
    "  asks, asked, key, next, error, body) SELECT run, submitted, due, worker, step, saves, state, lane, priority,"
    "  epoch, attempts, crashes, asks, asked, key, next, error, body FROM dfl_queue_2;"
    "DROP TABLE dfl_queue_2;"
    "ALTER TABLE dfl_queue ADD PRIMARY KEY (run);"
    "CREATE INDEX dfl_queue_ready ON dfl_queue(state, lane, (-priority::bigint), run) WHERE state "
    "< 2;"
    "CREATE INDEX dfl_queue_running ON dfl_queue(worker) WHERE state = 2;"
    "CREATE INDEX dfl_queue_waiting ON dfl_queue(due) WHERE state = 3;"
    "ALTER TABLE dfl_finished RENAME TO dfl_finished_2;"
    "CREATE TABLE dfl_finished("
    "  run bigint NOT NULL, submitted timestamptz NOT NULL, finished timestamptz NOT NULL,"
    "  step bigint NOT NULL, saves bigint NOT NULL, state integer NOT NULL, lane integer NOT NULL, priority integer NOT "
    "NULL,"
    "  epoch integer NOT NULL, attempts integer NOT NULL, crashes integer NOT NULL, failures integer NOT NULL DEFAULT 0,"
    "  key bytea, next text NOT NULL, error text, body bytea NOT NULL);"
    "ALTER TABLE dfl_finished ALTER body SET STORAGE EXTERNAL;"
    "INSERT INTO dfl_finished(run, submitted, finished, step, saves, state, lane, priority, epoch, attempts, crashes,"
    "  key, next, error, body) SELECT run, submitted, finished, step, saves, state, lane, priority, epoch, attempts,"
    "  crashes, key, next, error, body FROM dfl_finished_2;"
    "DROP TABLE dfl_finished_2;"
    "ALTER TABLE dfl_finished ADD PRIMARY KEY (run);",
    /* 4: what a worker has is found by a row that lists what it took last, instead of by an index that every run is
     * entered in when it is taken. A worker of an older version would note nothing there: the column whose name
     * changes stops it. */
    "ALTER TABLE dfl_worker RENAME ended TO given_up;"
    "CREATE TABLE dfl_taken(worker bigint PRIMARY KEY, runs bigint[] NOT NULL) WITH (fillfactor = 50,"
    "  toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 10000,"
    "  toast.autovacuum_vacuum_cost_delay = 0);"
    "ALTER TABLE dfl_taken ALTER runs SET STORAGE EXTERNAL;" /* compressing takes ten times as long as writing it */
    "INSERT INTO dfl_taken SELECT w.worker, ARRAY(SELECT q.run FROM dfl_queue q WHERE q.worker = w.worker AND q.state = 2)"
    "  FROM dfl_worker w;"
    "DROP INDEX dfl_queue_running;",
};

enum { VERSION = sizeof migrations / sizeof *migrations };

/* Any number that nobody else is likely to lock. */
#define LOCK "SELECT pg_advisory_xact_lock(6432077341)"

/* The number that a query gives. */
static int number_of(Pg *pg, const char *sql, int *number) {
    PGresult *result = PQexecParams(pg->db, sql, 0, NULL, NULL, NULL, NULL, 1);
    int status = DFL_OK, why;
    if (PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1)
        *number = (int)dfl__pg_get_i64(result, 0, 0);
    else
        status = dfl__pg_failure(pg, result);
    why = errno;
    PQclear(result);
    errno = why;
    return status;
}

/* 0: there are none. It is the catalog that is asked: what to_regclass says may be as old as the transaction. */
static int version_of(Pg *pg, int *version) {
    int exists = 0;
    int status = number_of(pg,
                           "SELECT count(*) FROM pg_catalog.pg_class WHERE relname = 'dfl_version'"
                           " AND relnamespace = quote_ident(current_schema())::regnamespace",
                           &exists);
    *version = 0;
    if (status != DFL_OK || !exists)
        return status;
    return number_of(pg, "SELECT version FROM dfl_version", version);
}

static int migrate(Pg *pg, int from) {
    char sql[96];
    int status = DFL_OK;
    if (from == 0)
        status = dfl__pg_exec(pg, "CREATE TABLE dfl_version(version bigint NOT NULL);"
                                  "INSERT INTO dfl_version VALUES(0)");
    for (int i = from; status == DFL_OK && i < VERSION; i++)
        status = dfl__pg_exec(pg, migrations[i]);
    snprintf(sql, sizeof sql, "UPDATE dfl_version SET version = %d", VERSION);
    return status == DFL_OK ? dfl__pg_exec(pg, sql) : status;
}

static int newer(Pg *pg, int version) {
    snprintf(pg->message, sizeof pg->message,
             "the tables are of version %d, and this library knows them up to %d", version,
             VERSION);
    return DFL_ESCHEMA;
}

int dfl__pg_tables(Pg *pg) {
    int version = 0, status = version_of(pg, &version), why;
    if (status != DFL_OK || version == VERSION)
        return status;
    if (version > VERSION)
        return newer(pg, version);
    status = dfl__pg_exec(pg, "BEGIN");
    if (status == DFL_OK)
        status = dfl__pg_exec(pg, LOCK);
    if (status == DFL_OK)
        status = version_of(pg, &version);
    if (status == DFL_OK)
        status = version > VERSION ? newer(pg, version) : migrate(pg, version);
    why = errno;
    if (status == DFL_OK)
        return dfl__pg_exec(pg, "COMMIT");
    if (!dfl__pg_is_cut(pg))
        PQclear(PQexec(pg->db, "ROLLBACK"));
    errno = why;
    return status;
}
