/* The store of dfl_pg.h: one connection under one lock. */
#define _POSIX_C_SOURCE 200809L

#include "conn.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef enum Query {
    PUT,
    FIND_PUT,
    LATEST,
    READ,
    LIST,
    THREADS,
    LOCK_THREAD,
    DELETE,
    DELETE_THREAD,
    PRUNE,
    PRUNE_THREAD,
    SYNC,
    PUT_LAYOUT,
    LAYOUT,
    CHECK_THREADS,
    CHECK_BODIES,
    N_QUERIES
} Query;

#define ABOUT "c.id, c.previous, c.step, c.time_ns, c.bytes, c.next"

/* Whoever saves locks the row of the thread, and only then is it decided which id comes next: one that was
 * drawn before is thrown away when somebody else has passed it meanwhile. */
static const PgStatement queries[N_QUERIES] = {
    [PUT] = {"dfl_put",
             "WITH t AS (INSERT INTO dfl_thread AS d(thread, first, latest, previous)"
             " SELECT $1::bytea, id, id, 0 FROM nextval('dfl_checkpoint_id') AS id"
             " ON CONFLICT (thread) DO UPDATE SET previous = d.latest, latest ="
             " CASE WHEN excluded.latest > d.latest THEN excluded.latest"
             " ELSE nextval('dfl_checkpoint_id') END RETURNING latest, previous)"
             " INSERT INTO dfl_checkpoint(thread, id, previous, step, time_ns, bytes, layout, "
             "token, graph,"
             " next, body) SELECT $1, latest, CASE WHEN $2::bigint <> 0 THEN $2 ELSE previous END,"
             " $3::bigint, $4::bigint, $5::bigint, $6::bigint, $7::bigint, $8::text, $9::text, "
             "$10::bytea"
             " FROM t RETURNING id"},
    [FIND_PUT] = {"dfl_find_put",
                  "SELECT id FROM dfl_checkpoint WHERE thread = $1::bytea AND token ="
                  " $2::bigint ORDER BY id DESC LIMIT 1"},
    [LATEST] = {"dfl_latest",
                "SELECT " ABOUT " FROM dfl_thread t JOIN dfl_checkpoint c ON c.thread ="
                " t.thread AND c.id = t.latest WHERE t.thread = $1::bytea"},
    [READ] = {"dfl_read",
              "SELECT " ABOUT ", c.graph, c.layout, c.body FROM dfl_checkpoint c WHERE c.thread ="
              " $1::bytea AND c.id = CASE WHEN $2::bigint <> 0 THEN $2 ELSE"
              " (SELECT latest FROM dfl_thread t WHERE t.thread = $1) END"},
    [LIST] = {"dfl_list",
              "SELECT " ABOUT " FROM dfl_checkpoint c WHERE c.thread = $1::bytea AND c.id <"
              " $2::bigint ORDER BY c.id DESC LIMIT $3::bigint"},
    [THREADS] = {"dfl_threads", "SELECT thread, first FROM dfl_thread WHERE first > $1::bigint"
                                " ORDER BY first LIMIT $2::bigint"},
    [LOCK_THREAD] = {"dfl_lock", "SELECT FROM dfl_thread WHERE thread = $1::bytea FOR UPDATE"},
    [DELETE] = {"dfl_delete", "DELETE FROM dfl_checkpoint WHERE thread = $1::bytea"},
    [DELETE_THREAD] = {"dfl_delete_thread", "DELETE FROM dfl_thread WHERE thread = $1::bytea"},
    [PRUNE] = {"dfl_prune",
               "DELETE FROM dfl_checkpoint WHERE thread = $1::bytea AND id < (SELECT min(id) FROM"
               " (SELECT id FROM dfl_checkpoint WHERE thread = $1 ORDER BY id DESC"
               " LIMIT $2::bigint) AS kept)"},
    [PRUNE_THREAD] = {"dfl_prune_thread",
                      "UPDATE dfl_thread SET first = (SELECT min(id) FROM dfl_checkpoint"
                      " WHERE thread = $1::bytea) WHERE thread = $1"},
    [SYNC] = {"dfl_sync", "UPDATE dfl_version SET version = version"},
    [PUT_LAYOUT] = {"dfl_put_layout",
                    "INSERT INTO dfl_layout(mark, graph, text) VALUES($1::bigint, $2::text,"
                    " $3::bytea) ON CONFLICT DO NOTHING"},
    [LAYOUT] = {"dfl_layout", "SELECT text FROM dfl_layout WHERE mark = $1::bigint"},
    [CHECK_THREADS] =
        {"dfl_check_threads",
         "SELECT thread, 'its latest checkpoint is missing' FROM dfl_thread t WHERE NOT EXISTS"
         " (SELECT FROM dfl_checkpoint c WHERE c.thread = t.thread AND c.id = t.latest)"
         " UNION ALL SELECT DISTINCT thread, 'a checkpoint of a thread that is not there' FROM"
         " dfl_checkpoint c WHERE NOT EXISTS (SELECT FROM dfl_thread t WHERE t.thread = c.thread)"},
    [CHECK_BODIES] = {"dfl_check_bodies", "SELECT count(sha256(body)) FROM dfl_checkpoint"},
};

/* Names of nodes that `latest` has given away: as many as the graphs have nodes. */
typedef struct Name {
    struct Name *next;
    char text[];
} Name;

typedef struct Store {
    Pg pg;
    pthread_mutex_t lock;
    Name *names;
    bool waits; /* this connection's commits wait for the disk */
    uint64_t tokens;
} Store;

enum { PAGE = 100, RECONNECT_MS = 10000 };

/* ---- calls; lock held ---- */

static int reconnect(Store *s) {
    int status = dfl__pg_reconnect_within(&s->pg, RECONNECT_MS);
    s->waits = true;
    return status;
}

static bool was_cut(const Store *s, int status) {
    return dfl__pg_was_cut(&s->pg, status);
}

/* What changes nothing, or may be done twice. */
static int ask(Store *s, Query query, const PgArgs *args, PGresult **result) {
    int status = dfl__pg_run(&s->pg, query, args, result);
    if (was_cut(s, status) && reconnect(s) == DFL_OK)
        status = dfl__pg_run(&s->pg, query, args, result);
    return status;
}

static int change(Store *s, Query query, const PgArgs *args) {
    PGresult *result;
    int status = dfl__pg_run(&s->pg, query, args, &result);
    if (status == DFL_OK)
        PQclear(result);
    return status;
}

static PgArgs about_thread(const char *thread) {
    PgArgs args = {0};
    dfl__pg_bytes(&args, thread, strlen(thread));
    return args;
}

static int begin(Store *s) {
    int status = dfl__pg_exec(&s->pg, "BEGIN");
    if (was_cut(s, status) && reconnect(s) == DFL_OK)
        status = dfl__pg_exec(&s->pg, "BEGIN");
    return status;
}

/* ---- saving ---- */

static int wait_for_disk(Store *s, bool waits) {
    int status = DFL_OK;
    if (s->waits != waits)
        status = dfl__pg_exec(&s->pg,
                              waits ? "RESET synchronous_commit" : "SET synchronous_commit = off");
    if (status == DFL_OK)
        s->waits = waits;
    return status;
}

static int put_once(Store *s, const PgArgs *args, bool waits, uint64_t *id) {
    PGresult *result;
    int status = wait_for_disk(s, waits);
    if (status == DFL_OK)
        status = dfl__pg_run(&s->pg, PUT, args, &result);
    if (status != DFL_OK)
        return status;
    *id = (uint64_t)dfl__pg_get_i64(result, 0, 0);
    PQclear(result);
    return DFL_OK;
}

/* Nobody can say whether what was cut off is done, or being done still by a server process that has not
 * noticed. The lock waits for such a one; then the token tells. */
static int put_again(Store *s, const PgArgs *args, bool waits, uint64_t token, uint64_t *id) {
    PgArgs find = {0};
    PGresult *result = NULL;
    int status = begin(s);
    if (status != DFL_OK)
        return status;
    status = dfl__pg_exec(&s->pg, "LOCK TABLE dfl_thread IN SHARE ROW EXCLUSIVE MODE");
    dfl__pg_bytes(&find, args->values[0], (size_t)args->lengths[0]);
    dfl__pg_i64(&find, (int64_t)token);
    if (status == DFL_OK)
        status = dfl__pg_run(&s->pg, FIND_PUT, &find, &result);
    if (status == DFL_OK && PQntuples(result) > 0)
        *id = (uint64_t)dfl__pg_get_i64(result, 0, 0);
    else if (status == DFL_OK)
        status = put_once(s, args, waits, id);
    PQclear(result);
    return dfl__pg_finish(&s->pg, status);
}

static int pg_put(void *self, const dfl_record *record, dfl_durability durability, uint64_t *id) {
    enum { TRIES = 5 };
    Store *s = self;
    bool waits = durability != DFL_ASYNC;
    PgArgs args = about_thread(record->about.thread);
    uint64_t token;
    int status;
    if (record->n > INT32_MAX / 2) { /* a bytea has at most 1 GiB */
        errno = EFBIG;
        return DFL_ESTORE;
    }
    pthread_mutex_lock(&s->lock);
    token = s->tokens++;
    dfl__pg_i64(&args, (int64_t)record->about.previous);
    dfl__pg_i64(&args, (int64_t)record->about.step);
    dfl__pg_i64(&args, dfl__pg_wall_clock());
    dfl__pg_i64(&args, (int64_t)record->about.bytes);
    dfl__pg_i64(&args, (int64_t)record->layout);
    dfl__pg_i64(&args, (int64_t)token);
    dfl__pg_text(&args, record->graph);
    dfl__pg_text(&args, record->about.next);
    dfl__pg_bytes(&args, record->n ? (const void *)record->body : "", record->n);
    status = put_once(s, &args, waits, id);
    for (int i = 0; i < TRIES && was_cut(s, status); i++) {
        status = reconnect(s);
        if (status == DFL_OK)
            status = put_again(s, &args, waits, token, id);
    }
    pthread_mutex_unlock(&s->lock);
    return status;
}

static int pg_sync(void *self) {
    Store *s = self;
    PgArgs none = {0};
    PGresult *result = NULL;
    int status;
    pthread_mutex_lock(&s->lock);
    status = wait_for_disk(s, true);
    if (status == DFL_OK || was_cut(s, status))
        status = ask(s, SYNC, &none, &result);
    PQclear(result);
    pthread_mutex_unlock(&s->lock);
    return status;
}

/* ---- reading ---- */

/* NULL: no memory. */
static const char *keep_name(Store *s, const char *text) {
    size_t n = strlen(text) + 1;
    Name *name = s->names;
    while (name && strcmp(name->text, text) != 0)
        name = name->next;
    if (name)
        return name->text;
    name = malloc(sizeof *name + n);
    if (!name)
        return NULL;
    memcpy(name->text, text, n);
    name->next = s->names;
    s->names = name;
    return name->text;
}

/* The columns ABOUT; its strings end with the result. */
static dfl_checkpoint checkpoint_of(const PGresult *result, int row, const char *thread) {
    return (dfl_checkpoint){.id = (uint64_t)dfl__pg_get_i64(result, row, 0),
                            .previous = (uint64_t)dfl__pg_get_i64(result, row, 1),
                            .thread = thread,
                            .next = PQgetvalue(result, row, 5),
                            .step = (uint64_t)dfl__pg_get_i64(result, row, 2),
                            .time_ns = dfl__pg_get_i64(result, row, 3),
                            .bytes = (size_t)dfl__pg_get_i64(result, row, 4)};
}

static int pg_latest(void *self, const char *thread, dfl_checkpoint *out) {
    Store *s = self;
    PgArgs args = about_thread(thread);
    PGresult *result = NULL;
    int status;
    pthread_mutex_lock(&s->lock);
    status = ask(s, LATEST, &args, &result);
    if (status == DFL_OK && PQntuples(result) == 0)
        status = DFL_ENOTFOUND;
    if (status == DFL_OK) {
        *out = checkpoint_of(result, 0, thread);
        out->next = keep_name(s, out->next);
        status = out->next ? DFL_OK : DFL_ENOMEM;
    }
    PQclear(result);
    pthread_mutex_unlock(&s->lock);
    return status;
}

/* Body, then the names with their NULs. */
static int copy_out(const PGresult *result, const char *thread, dfl_record *out, dfl_buf *hold) {
    size_t n = (size_t)PQgetlength(result, 0, 8);
    const char *next = PQgetvalue(result, 0, 5), *graph = PQgetvalue(result, 0, 6);
    size_t next_n = strlen(next) + 1, graph_n = strlen(graph) + 1;
    uint8_t *to;
    hold->n = 0;
    to = dfl_buf_room(hold, n + next_n + graph_n);
    if (!to)
        return DFL_ENOMEM;
    memcpy(to, PQgetvalue(result, 0, 8), n);
    memcpy(to + n, next, next_n);
    memcpy(to + n + next_n, graph, graph_n);
    *out = (dfl_record){.about = checkpoint_of(result, 0, thread),
                        .graph = (const char *)to + n + next_n,
                        .layout = (uint64_t)dfl__pg_get_i64(result, 0, 7),
                        .body = to,
                        .n = n};
    out->about.next = (const char *)to + n;
    return DFL_OK;
}

static int pg_read(void *self, const char *thread, uint64_t id, dfl_record *out, dfl_buf *hold) {
    Store *s = self;
    PgArgs args = about_thread(thread);
    PGresult *result = NULL;
    int status;
    dfl__pg_i64(&args, (int64_t)id);
    pthread_mutex_lock(&s->lock);
    status = ask(s, READ, &args, &result);
    pthread_mutex_unlock(&s->lock);
    if (status == DFL_OK)
        status = PQntuples(result) > 0 ? copy_out(result, thread, out, hold) : DFL_ENOTFOUND;
    PQclear(result);
    return status;
}

/* At most `most` that are older than `below`. */
static int page(Store *s, const char *thread, uint64_t below, size_t most, PGresult **result) {
    PgArgs args = about_thread(thread);
    int status;
    dfl__pg_i64(&args, (int64_t)below);
    dfl__pg_i64(&args, most < PAGE ? (int64_t)most : PAGE);
    pthread_mutex_lock(&s->lock);
    status = ask(s, LIST, &args, result);
    pthread_mutex_unlock(&s->lock);
    return status;
}

static int pg_history(void *self, const char *thread, size_t limit,
                      int (*each)(void *user, const dfl_checkpoint *), void *user) {
    uint64_t below = INT64_MAX;
    size_t left = limit ? limit : SIZE_MAX, n = 0;
    bool stop = false;
    while (left > 0 && !stop) {
        PGresult *result = NULL;
        int status = page(self, thread, below, left, &result), rows = PQntuples(result);
        if (status != DFL_OK)
            return status;
        for (int row = 0; row < rows && !stop; row++, n++, left--) {
            dfl_checkpoint about = checkpoint_of(result, row, thread);
            below = about.id;
            stop = each(user, &about) != 0;
        }
        PQclear(result);
        if (rows < PAGE)
            break;
    }
    return n > 0 ? DFL_OK : DFL_ENOTFOUND;
}

static int page_of_threads(Store *s, int64_t above, PGresult **result) {
    PgArgs args = {0};
    int status;
    dfl__pg_i64(&args, above);
    dfl__pg_i64(&args, PAGE);
    pthread_mutex_lock(&s->lock);
    status = ask(s, THREADS, &args, result);
    pthread_mutex_unlock(&s->lock);
    return status;
}

static int pg_threads(void *self, int (*each)(void *user, const char *thread), void *user) {
    int64_t above = 0;
    bool stop = false;
    while (!stop) {
        PGresult *result = NULL;
        int status = page_of_threads(self, above, &result), rows = PQntuples(result);
        if (status != DFL_OK)
            return status;
        for (int row = 0; row < rows && !stop; row++) {
            above = dfl__pg_get_i64(result, row, 1);
            stop = each(user, PQgetvalue(result, row, 0)) != 0; /* libpq ends values with a NUL */
        }
        PQclear(result);
        if (rows < PAGE)
            break;
    }
    return DFL_OK;
}

/* ---- removing ---- */

/* Locks the thread first: what saves meanwhile comes before all of it, or after. */
static int remove_some(Store *s, Query some, const PgArgs *some_args, Query then,
                       const char *thread) {
    PgArgs args = about_thread(thread);
    PGresult *result = NULL;
    int status;
    status = begin(s);
    if (status != DFL_OK)
        return status;
    status = dfl__pg_run(&s->pg, LOCK_THREAD, &args, &result);
    if (status == DFL_OK && PQntuples(result) == 0)
        status = DFL_ENOTFOUND;
    PQclear(result);
    if (status == DFL_OK)
        status = change(s, some, some_args);
    if (status == DFL_OK)
        status = change(s, then, &args);
    return dfl__pg_finish(&s->pg, status);
}

/* Twice after a cut, which does no harm; but what the first had done is then not found. */
static int removal(Store *s, Query some, const PgArgs *some_args, Query then, const char *thread) {
    int status;
    pthread_mutex_lock(&s->lock);
    status = remove_some(s, some, some_args, then, thread);
    if (was_cut(s, status)) {
        status = remove_some(s, some, some_args, then, thread);
        status = status == DFL_ENOTFOUND ? DFL_OK : status;
    }
    pthread_mutex_unlock(&s->lock);
    return status;
}

static int pg_delete_thread(void *self, const char *thread) {
    PgArgs args = about_thread(thread);
    return removal(self, DELETE, &args, DELETE_THREAD, thread);
}

static int pg_prune(void *self, const char *thread, size_t keep) {
    PgArgs args = about_thread(thread);
    dfl__pg_i64(&args, keep < INT64_MAX ? (int64_t)keep : INT64_MAX);
    return removal(self, PRUNE, &args, PRUNE_THREAD, thread);
}

/* ---- layouts ---- */

static int pg_put_layout(void *self, const char *graph, uint64_t mark, const char *text, size_t n) {
    Store *s = self;
    PgArgs args = {0};
    PGresult *result = NULL;
    int status;
    dfl__pg_i64(&args, (int64_t)mark);
    dfl__pg_text(&args, graph);
    dfl__pg_bytes(&args, text, n);
    pthread_mutex_lock(&s->lock);
    status = ask(s, PUT_LAYOUT, &args, &result);
    PQclear(result);
    pthread_mutex_unlock(&s->lock);
    return status;
}

static int pg_layout(void *self, uint64_t mark, dfl_buf *out) {
    Store *s = self;
    PgArgs args = {0};
    PGresult *result = NULL;
    int status;
    dfl__pg_i64(&args, (int64_t)mark);
    pthread_mutex_lock(&s->lock);
    status = ask(s, LAYOUT, &args, &result);
    pthread_mutex_unlock(&s->lock);
    if (status == DFL_OK && PQntuples(result) == 0)
        status = DFL_ENOTFOUND;
    if (status == DFL_OK && out) {
        size_t n = (size_t)PQgetlength(result, 0, 0);
        uint8_t *to = dfl_buf_room(out, n);
        if (to)
            memcpy(to, PQgetvalue(result, 0, 0), n);
        status = to ? DFL_OK : DFL_ENOMEM;
    }
    PQclear(result);
    return status;
}

/* ---- checking, opening, closing ---- */

/* That the tables fit together, and that every body can be read: a page that the server finds damaged fails
 * the second. */
static int pg_verify(void *self, void (*on_damage)(void *user, const dfl_damage *damage),
                     void *user) {
    Store *s = self;
    PgArgs none = {0};
    PGresult *threads = NULL, *bodies = NULL;
    int status;
    pthread_mutex_lock(&s->lock);
    status = ask(s, CHECK_THREADS, &none, &threads);
    if (status == DFL_OK)
        status = ask(s, CHECK_BODIES, &none, &bodies);
    pthread_mutex_unlock(&s->lock);
    for (int row = 0; row < PQntuples(threads); row++) {
        dfl_damage damage = {.thread = PQgetvalue(threads, row, 0),
                             .what = PQgetvalue(threads, row, 1)};
        status = status == DFL_OK ? DFL_ECORRUPT : status;
        if (on_damage)
            on_damage(user, &damage);
    }
    PQclear(threads);
    PQclear(bodies);
    return status;
}

/* Room is given back by the server's own vacuum; this asks it to do so now. */
static int pg_compact(void *self) {
    Store *s = self;
    int status;
    pthread_mutex_lock(&s->lock);
    status = dfl__pg_exec(&s->pg, "VACUUM dfl_checkpoint, dfl_thread");
    if (was_cut(s, status) && reconnect(s) == DFL_OK)
        status = dfl__pg_exec(&s->pg, "VACUUM dfl_checkpoint, dfl_thread");
    pthread_mutex_unlock(&s->lock);
    return status;
}

static void pg_close(void *self) {
    Store *s = self;
    dfl__pg_end(&s->pg);
    while (s->names) {
        Name *name = s->names;
        s->names = name->next;
        free(name);
    }
    pthread_mutex_destroy(&s->lock);
    free(s);
}

static const dfl_store_ops pg_ops = {
    .put = pg_put,
    .latest = pg_latest,
    .read = pg_read,
    .history = pg_history,
    .threads = pg_threads,
    .delete_thread = pg_delete_thread,
    .prune = pg_prune,
    .close = pg_close,
    .sync = pg_sync,
    .verify = pg_verify,
    .compact = pg_compact,
    .put_layout = pg_put_layout,
    .layout = pg_layout,
};

/* Of this handle alone: the server process that serves it, the time, and a count. */
static uint64_t first_token(const Store *s) {
    return (uint64_t)dfl__pg_wall_clock() * 1000003 + ((uint64_t)PQbackendPID(s->pg.db) << 40);
}

int dfl_pg_open(const char *conninfo, const dfl_pg_options *options, dfl_store **store) {
    Store *s;
    int status, why;
    if (!conninfo || !store)
        return DFL_EINVAL;
    s = calloc(1, sizeof *s);
    if (!s)
        return DFL_ENOMEM;
    pthread_mutex_init(&s->lock, NULL);
    s->waits = true;
    s->pg.statements = queries;
    s->pg.n_statements = N_QUERIES;
    status = dfl__pg_begin(&s->pg, conninfo, options);
    if (status == DFL_OK) {
        s->tokens = first_token(s);
        *store = dfl_store_custom(&pg_ops, s);
        if (*store)
            return DFL_OK;
        status = DFL_ENOMEM;
    }
    if (options)
        (void)dfl__pg_error(&s->pg, status, "the store cannot be opened", options->error);
    why = errno;
    pg_close(s);
    errno = why;
    return status;
}
