/* conn.h. */
#define _POSIX_C_SOURCE 200809L

#include "conn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- arguments and results ---- */

static void argument(PgArgs *args, const void *value, size_t n, int format) {
    args->values[args->n] = value;
    args->lengths[args->n] = (int)n;
    args->formats[args->n++] = format;
}

static void number(PgArgs *args, uint64_t value, int bytes) {
    char *to = args->room[args->n];
    for (int i = 0; i < bytes; i++)
        to[i] = (char)(value >> 8 * (bytes - 1 - i));
    argument(args, to, (size_t)bytes, 1);
}

void dfl__pg_i64(PgArgs *args, int64_t value) {
    number(args, (uint64_t)value, 8);
}

void dfl__pg_i32(PgArgs *args, int32_t value) {
    number(args, (uint32_t)value, 4);
}

void dfl__pg_text(PgArgs *args, const char *text) {
    argument(args, text, text ? strlen(text) : 0, 1);
}

void dfl__pg_bytes(PgArgs *args, const void *bytes, size_t n) {
    argument(args, bytes, n, 1);
}

int64_t dfl__pg_get_i64(const PGresult *result, int row, int column) {
    const char *from = PQgetvalue(result, row, column);
    int n = PQgetlength(result, row, column);
    uint64_t value = 0;
    for (int i = 0; i < n; i++)
        value = value << 8 | (uint8_t)from[i];
    return (int64_t)value;
}

const char *dfl__pg_get_text(const PGresult *result, int row, int column) {
    return PQgetisnull(result, row, column) ? NULL : PQgetvalue(result, row, column);
}

/* Between 1970 and 2000. */
#define EPOCH_US (INT64_C(946684800) * 1000000)

int64_t dfl__pg_time(int64_t ns) {
    return ns / 1000 - EPOCH_US;
}

/* Infinite ones, and those outside of 1677 to 2262, are the ends. */
int64_t dfl__pg_ns(int64_t time) {
    if (time > INT64_MAX / 1000 - EPOCH_US)
        return INT64_MAX;
    if (time < INT64_MIN / 1000 - EPOCH_US)
        return INT64_MIN;
    return (time + EPOCH_US) * 1000;
}

int64_t dfl__pg_wall_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* ---- failures ---- */

/* By SQLSTATE: a class of two letters, or all five. */
static const struct {
    const char *state;
    int status, why;
} failures[] = {
    {"08", DFL_ESTORE, ECONNRESET}, {"57P", DFL_ESTORE, ECONNRESET}, {"53100", DFL_ESTORE, ENOSPC},
    {"53200", DFL_ESTORE, ENOMEM},  {"53300", DFL_ESTORE, EBUSY},    {"42501", DFL_ESTORE, EACCES},
    {"28", DFL_ESTORE, EACCES},     {"25006", DFL_ESTORE, EROFS},    {"55P03", DFL_ESTORE, EBUSY},
    {"40", DFL_ESTORE, EBUSY},      {"54", DFL_ESTORE, EFBIG},       {"22021", DFL_EINVAL, EILSEQ},
    {"XX001", DFL_ECORRUPT, EIO},   {"XX002", DFL_ECORRUPT, EIO},
};

/* Its first line: what the server or libpq says ends with one. */
static void keep_message(Pg *pg, const char *message) {
    size_t n = strcspn(message, "\n");
    if (n >= sizeof pg->message)
        n = sizeof pg->message - 1;
    memcpy(pg->message, message, n);
    pg->message[n] = '\0';
}

static int status_of(const Pg *pg) {
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++)
        if (strncmp(pg->state, failures[i].state, strlen(failures[i].state)) == 0) {
            errno = failures[i].why;
            return failures[i].status;
        }
    errno = dfl__pg_is_cut(pg) ? ECONNRESET : EIO;
    return DFL_ESTORE;
}

int dfl__pg_failure(Pg *pg, const PGresult *result) {
    const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    const char *message = result ? PQresultErrorMessage(result) : PQerrorMessage(pg->db);
    int status, why;
    snprintf(pg->state, sizeof pg->state, "%s", state ? state : "");
    keep_message(pg, message && *message ? message : "out of memory");
    pg->cut =
        !pg->state[0] || strncmp(pg->state, "08", 2) == 0 || strncmp(pg->state, "57P", 3) == 0;
    status = status_of(pg);
    why = errno;
    if (pg->options.on_error)
        pg->options.on_error(pg->options.user, pg->message);
    errno = why;
    return status;
}

int dfl__pg_error(const Pg *pg, int status, const char *what, dfl_error *error) {
    int why = errno;
    if (error) {
        memset(error, 0, sizeof *error);
        error->status = status;
        error->index = -1;
        error->code = status == DFL_ESTORE ? why : 0;
        snprintf(error->message, sizeof error->message, "%s: %.200s", what, pg->message);
    }
    errno = why;
    return status;
}

bool dfl__pg_is_cut(const Pg *pg) {
    return pg->cut || !pg->db || PQstatus(pg->db) != CONNECTION_OK;
}

bool dfl__pg_was_cut(const Pg *pg, int status) {
    return status == DFL_ESTORE && dfl__pg_is_cut(pg);
}

/* ---- statements ---- */

int dfl__pg_exec(Pg *pg, const char *sql) {
    PGresult *result = PQexec(pg->db, sql);
    ExecStatusType is = PQresultStatus(result);
    int status =
        is == PGRES_COMMAND_OK || is == PGRES_TUPLES_OK ? DFL_OK : dfl__pg_failure(pg, result);
    int why = errno;
    PQclear(result);
    errno = why;
    return status;
}

int dfl__pg_finish(Pg *pg, int status) {
    int why = errno;
    if (status == DFL_OK)
        return dfl__pg_exec(pg, "COMMIT");
    if (!dfl__pg_is_cut(pg))
        PQclear(PQexec(pg->db, "ROLLBACK"));
    errno = why;
    return status;
}

static int prepare(Pg *pg, int statement) {
    const PgStatement *what = &pg->statements[statement];
    PGresult *result;
    int status = DFL_OK, why;
    if (pg->prepared[statement])
        return DFL_OK;
    result = PQprepare(pg->db, what->name, what->sql, 0, NULL);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        status = dfl__pg_failure(pg, result);
    pg->prepared[statement] = status == DFL_OK;
    why = errno;
    PQclear(result);
    errno = why;
    return status;
}

int dfl__pg_run(Pg *pg, int statement, const PgArgs *args, PGresult **result) {
    int status = prepare(pg, statement), why;
    ExecStatusType is;
    *result = NULL;
    if (status != DFL_OK)
        return status;
    *result = PQexecPrepared(pg->db, pg->statements[statement].name, args ? args->n : 0,
                             args ? args->values : NULL, args ? args->lengths : NULL,
                             args ? args->formats : NULL, 1);
    is = PQresultStatus(*result);
    if (is == PGRES_COMMAND_OK || is == PGRES_TUPLES_OK)
        return DFL_OK;
    status = dfl__pg_failure(pg, *result);
    why = errno;
    PQclear(*result);
    *result = NULL;
    errno = why;
    return status;
}

/* ---- connecting ---- */

/* Sizes of arrays in statements are not known when they are planned, and tables grow after that: what is
 * right for many rows is never far off for few, so plans are made once and by index. */
static const char every_connection[] =
    "SET client_encoding = 'UTF8'; SET client_min_messages = warning; SET bytea_output = hex;"
    "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET "
    "enable_bitmapscan = off;"
    "SET jit = off; SET plan_cache_mode = force_generic_plan; SET default_transaction_isolation = "
    "'read committed'";

/* Unasked, libpq writes what the server remarks to stderr. */
static void say_nothing(void *user, const char *message) {
    (void)user;
    (void)message;
}

static int set_up(Pg *pg) {
    int status;
    pg->cut = false;
    PQsetNoticeProcessor(pg->db, say_nothing, NULL);
    memset(pg->prepared, 0, (size_t)pg->n_statements * sizeof *pg->prepared);
    if (dfl__pg_is_cut(pg)) {
        int refused = dfl__pg_failure(pg, NULL);
        errno = pg->state[0] ? errno : ECONNREFUSED;
        return pg->db ? refused : DFL_ENOMEM;
    }
    status = dfl__pg_exec(pg, every_connection);
    return status == DFL_OK && pg->setup ? dfl__pg_exec(pg, pg->setup) : status;
}

int dfl__pg_reconnect(Pg *pg) {
    PQreset(pg->db);
    return set_up(pg);
}

int dfl__pg_reconnect_within(Pg *pg, int ms) {
    enum { EVERY_MS = 50 };
    struct timespec pause = {0, EVERY_MS * 1000000};
    int status = dfl__pg_reconnect(pg);
    for (int waited = 0; status != DFL_OK && waited < ms; waited += EVERY_MS) {
        nanosleep(&pause, NULL);
        status = dfl__pg_reconnect(pg);
    }
    return status;
}

int dfl__pg_begin(Pg *pg, const char *conninfo, const dfl_pg_options *options) {
    int status = DFL_ENOMEM, why;
    if (options)
        pg->options = *options;
    pg->options.error = NULL;
    pg->conninfo = strdup(conninfo);
    pg->prepared = calloc((size_t)pg->n_statements, sizeof *pg->prepared);
    if (pg->conninfo && pg->prepared) {
        pg->db = PQconnectdb(conninfo);
        status = set_up(pg);
    } else {
        keep_message(pg, "out of memory");
    }
    if (status == DFL_OK)
        status = dfl__pg_tables(pg);
    why = errno;
    if (status != DFL_OK)
        dfl__pg_end(pg);
    errno = why;
    return status;
}

void dfl__pg_end(Pg *pg) {
    PQfinish(pg->db);
    free(pg->conninfo);
    free(pg->prepared);
    pg->db = NULL;
    pg->conninfo = NULL;
    pg->prepared = NULL;
}
