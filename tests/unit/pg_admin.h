/* What tests of PostgreSQL say to the server behind the library's back. */
#ifndef PG_ADMIN_H
#define PG_ADMIN_H

#include <libpq-fe.h>

#include "pg_server.h"

static PGconn *admin; /* the test's to open and to finish */

static inline void sql(const char *text) {
    PGresult *result = PQexec(admin, text);
    ExecStatusType is = PQresultStatus(result);
    if (is != PGRES_COMMAND_OK && is != PGRES_TUPLES_OK)
        fail_msg("%s: %s", text, PQerrorMessage(admin));
    PQclear(result);
}

/* The one value that the query tells, or -1. */
static inline int number(const char *query) {
    PGresult *result = PQexec(admin, query);
    int n = PQntuples(result) == 1 ? atoi(PQgetvalue(result, 0, 0)) : -1;
    PQclear(result);
    return n;
}

#endif
