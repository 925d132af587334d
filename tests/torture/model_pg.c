// The PostgreSQL store beside the same model: so the stores agree.
// quick: 2; full: 60
#include "model.h"

#include <libpq-fe.h>

#include "../unit/pg_server.h"
#include "pg/dfl_pg.h"

/* Each list of operations has a schema of its own, by the directory that model.h gives it. */
static dfl_store *open_pg(size_t keep_last) {
    const char *schema = strrchr(scratch_dir, '/') + 1;
    char text[512];
    dfl_store *store = NULL;
    PGconn *db = PQconnectdb(pg_conninfo);
    (void)keep_last;
    snprintf(text, sizeof text,
             "SET client_min_messages = error; CREATE SCHEMA IF NOT EXISTS \"%s\"", schema);
    PQclear(PQexec(db, text));
    PQfinish(db);
    snprintf(text, sizeof text, "%s options='-c search_path=\"%s\"'", pg_conninfo, schema);
    return dfl_pg_open(text, NULL, &store) == DFL_OK ? store : NULL;
}

int main(int argc, char **argv) {
    int status;
    if (pg_start("") != 0)
        return 2;
    tested.open = open_pg;
    tested.handles = 3;
    tested.can_reopen = tested.never_keeps = true;
    status = model_main(argc, argv);
    return pg_do("stop") != 0 ? 2 : status;
}
