/* The work queue of libdflrt-pg beside loops over SKIP LOCKED written by hand, on the same server in the same minutes.
 *
 *     queue CONNINFO ROUNDS RUNS THREADS [MOST]
 *
 * lease   a loop that takes a batch by an UPDATE which says that it is taken and until when, works, and then moves what is
 *         done to another table: two statements, two commits. Whoever crashes is found out by the time
 * turn    the same in one statement and one commit: it moves what is done and takes the next batch, as the library does
 * held    a loop that keeps its batch locked in a transaction while it works, so that nothing has to be written to take it.
 *         Nobody sees what runs, nothing can be saved on the way, and who hangs has it for ever
 *
 * A run takes a number and gives the next one; a batch is 500. Each round fills each queue with RUNS runs, and times from
 * the first claim to the last commit, the sides in turn. Then the library alone, by how many are queued: 1,000 to MOST. */
#define _POSIX_C_SOURCE 200809L

#include <libpq-fe.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dfl_pg.h"
#include "queue.h"

DFL_WORK_GRAPH(add)

static const dfl_work_graph *const graphs[] = {&add_work};

enum { BATCH = 500, MOST_THREADS = 16, MOST_ROUNDS = 101 };

static const char *conninfo;
static unsigned n_threads;

static double now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void die(const char *what, const char *why) {
    fprintf(stderr, "%s: %s\n", what, why);
    exit(1);
}

static PGconn *connect_it(void) {
    PGconn *db = PQconnectdb(conninfo);
    if (PQstatus(db) != CONNECTION_OK)
        die("connect", PQerrorMessage(db));
    return db;
}

static PGresult *must(PGconn *db, PGresult *result) {
    ExecStatusType is = PQresultStatus(result);
    if (is != PGRES_COMMAND_OK && is != PGRES_TUPLES_OK)
        die("server", PQerrorMessage(db));
    return result;
}

static void sql(PGconn *db, const char *text) {
    PQclear(must(db, PQexec(db, text)));
}

static long count(PGconn *db, const char *query) {
    PGresult *result = must(db, PQexec(db, query));
    long n = atol(PQgetvalue(result, 0, 0));
    PQclear(result);
    return n;
}

/* What the server's processes for this program have worked so far: less shaken by what else goes on than
 * the clock is. */
static double server_s(PGconn *db) {
    PGresult *pids =
        must(db, PQexec(db, "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND"
                            " backend_type = 'client backend'"));
    double all = 0;
    for (int i = 0; i < PQntuples(pids); i++) {
        char path[64];
        unsigned long long ns = 0;
        FILE *file;
        snprintf(path, sizeof path, "/proc/%s/schedstat", PQgetvalue(pids, i, 0));
        file = fopen(path, "r");
        if (file && fscanf(file, "%llu", &ns) == 1)
            all += (double)ns / 1e9;
        if (file)
            fclose(file);
    }
    PQclear(pids);
    return all;
}

/* ---- by hand ---- */

/* The payload is as long as the library's checkpoint of this graph. */
static const char hand_tables[] =
    "SET client_min_messages = error; DROP TABLE IF EXISTS hand, hand_done;"
    "CREATE TABLE hand(id bigint PRIMARY KEY, submitted timestamptz NOT NULL, locked_until "
    "timestamptz, state"
    " integer NOT NULL, priority integer NOT NULL, payload bytea NOT NULL) WITH (fillfactor = 70);"
    "CREATE INDEX hand_ready ON hand(priority DESC, id) WHERE state = 0;"
    "CREATE TABLE hand_done(id bigint PRIMARY KEY, submitted timestamptz NOT NULL, finished "
    "timestamptz NOT NULL,"
    " result bytea NOT NULL)";

static void hand_fill(PGconn *db, long n) {
    char query[256];
    sql(db, "TRUNCATE hand, hand_done");
    snprintf(query, sizeof query,
             "INSERT INTO hand SELECT i, now(), NULL, 0, 0, int8send(i) || int8send(0) FROM"
             " generate_series(1, %ld) AS i",
             n);
    sql(db, query);
    sql(db, "CHECKPOINT");
}

#define PICK                                                                                       \
    "SELECT ctid FROM hand WHERE state = 0 ORDER BY priority DESC, id LIMIT $1 FOR UPDATE SKIP "   \
    "LOCKED"
#define MOVE                                                                                       \
    " gone AS (DELETE FROM hand USING unnest($2::bigint[], $3::bytea[]) AS f(run, result)"         \
    " WHERE id = run AND state = 1 RETURNING id, submitted, result),"                              \
    " done AS (INSERT INTO hand_done SELECT id, submitted, now(), result FROM gone)"

#define TAKE                                                                                       \
    " UPDATE hand SET state = 1, locked_until = now() + interval '30 s' WHERE ctid ="              \
    " ANY (ARRAY(SELECT ctid FROM picked)) RETURNING id, payload"

static const char turn[] = "WITH" MOVE ", picked AS MATERIALIZED (" PICK ")" TAKE;
static const char take[] = "WITH picked AS MATERIALIZED (" PICK ")" TAKE;
static const char move[] =
    "WITH gone AS (DELETE FROM hand USING unnest($1::bigint[], $2::bytea[]) AS f(run, result)"
    " WHERE id = run AND state = 1 RETURNING id, submitted, result)"
    " INSERT INTO hand_done SELECT id, submitted, now(), result FROM gone";

static const char held_pick[] = "SELECT id, payload FROM hand WHERE state = 0 ORDER BY priority "
                                "DESC, id LIMIT $1 FOR UPDATE SKIP "
                                "LOCKED";
static const char held_done[] =
    "WITH gone AS (DELETE FROM hand USING unnest($1::bigint[], $2::bytea[]) AS f(run, result) "
    "WHERE id ="
    " run RETURNING id, submitted, result) INSERT INTO hand_done SELECT id, submitted, now(), "
    "result FROM gone";

static void put(char *at, uint64_t value, int bytes) {
    for (int i = 0; i < bytes; i++)
        at[i] = (char)(value >> 8 * (bytes - 1 - i));
}

static uint64_t get(const char *at) {
    uint64_t value = 0;
    for (int i = 0; i < 8; i++)
        value = value << 8 | (unsigned char)at[i];
    return value;
}

/* Binary arrays of the numbers and the results. */
typedef struct Results {
    char ids[20 + BATCH * 12], bodies[20 + BATCH * 20];
    int n;
} Results;

static void work_by_hand(Results *to, PGresult *rows) {
    to->n = PQntuples(rows);
    for (int k = 0; k < 2; k++) {
        char *head = k ? to->bodies : to->ids;
        put(head, 1, 4);
        put(head + 4, 0, 4);
        put(head + 8, k ? 17 : 20, 4);
        put(head + 12, (uint64_t)to->n, 4);
        put(head + 16, 1, 4);
    }
    for (int i = 0; i < to->n; i++) {
        const char *payload = PQgetvalue(rows, i, 1);
        char *id = to->ids + 20 + i * 12, *body = to->bodies + 20 + i * 20;
        put(id, 8, 4);
        memcpy(id + 4, PQgetvalue(rows, i, 0), 8);
        put(body, 16, 4);
        memcpy(body + 4, payload, 8);
        put(body + 12, get(payload) + 1, 8);
    }
}

static void prepare(PGconn *db, const char *name, const char *text) {
    PQclear(must(db, PQprepare(db, name, text, 0, NULL)));
}

static PGconn *hand_connect(void) {
    PGconn *db = connect_it();
    sql(db,
        "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit ="
        " off; SET plan_cache_mode = force_generic_plan");
    return db;
}

static PGresult *execute(PGconn *db, const char *name, const Results *results, bool limit) {
    char most[8];
    const char *values[3] = {most, results->ids, results->bodies};
    int lengths[3] = {8, 20 + results->n * 12, 20 + results->n * 20}, formats[3] = {1, 1, 1};
    int from = limit ? 0 : 1, n = results->n < 0 ? 1 : 3 - from;
    put(most, BATCH, 8);
    return must(db, PQexecPrepared(db, name, n, values + from, lengths + from, formats + from, 1));
}

static Results *new_results(void) {
    Results *results = malloc(sizeof *results);
    if (!results)
        die("results", "no memory");
    return results;
}

static void *lease_loop(void *user) {
    PGconn *db = *(PGconn **)user;
    Results *results = new_results();
    prepare(db, "take", take);
    prepare(db, "move", move);
    do {
        PGresult *rows;
        results->n = -1;
        rows = execute(db, "take", results, true);
        work_by_hand(results, rows);
        PQclear(rows);
        PQclear(execute(db, "move", results, false));
    } while (results->n > 0);
    free(results);
    return NULL;
}

static void *turn_loop(void *user) {
    PGconn *db = *(PGconn **)user;
    Results *results = new_results();
    PGresult *rows = PQmakeEmptyPGresult(db, PGRES_TUPLES_OK);
    prepare(db, "turn", turn);
    do {
        work_by_hand(results, rows);
        PQclear(rows);
        rows = execute(db, "turn", results, true);
    } while (PQntuples(rows) > 0);
    PQclear(rows);
    free(results);
    return NULL;
}

static void *held_loop(void *user) {
    PGconn *db = *(PGconn **)user;
    Results *results = new_results();
    prepare(db, "pick", held_pick);
    prepare(db, "done", held_done);
    do {
        PGresult *rows;
        results->n = -1;
        sql(db, "BEGIN");
        rows = execute(db, "pick", results, true);
        work_by_hand(results, rows);
        PQclear(rows);
        PQclear(execute(db, "done", results, false));
        sql(db, "COMMIT");
    } while (results->n > 0);
    free(results);
    return NULL;
}

/* By the clock, and of the server. */
typedef struct Took {
    double clock, server;
} Took;

static Took hand(PGconn *db, long n, void *(*loop)(void *)) {
    pthread_t threads[MOST_THREADS];
    PGconn *connections[MOST_THREADS];
    double began;
    Took took;
    hand_fill(db, n);
    for (unsigned i = 0; i < n_threads; i++)
        connections[i] = hand_connect();
    began = now_s();
    took.server = server_s(db);
    for (unsigned i = 0; i < n_threads; i++)
        pthread_create(&threads[i], NULL, loop, &connections[i]);
    for (unsigned i = 0; i < n_threads; i++)
        pthread_join(threads[i], NULL);
    took.clock = now_s() - began;
    took.server = server_s(db) - took.server;
    for (unsigned i = 0; i < n_threads; i++)
        PQfinish(connections[i]);
    if (count(db, "SELECT count(*) FROM hand_done") != n)
        die("by hand", "not all are done");
    return took;
}

/* ---- the library ---- */

static double submit(dfl_work *work, long n) {
    enum { AT_ONCE = 10000 };
    static dfl_submission runs[AT_ONCE];
    static add_state states[AT_ONCE];
    double began = now_s();
    for (long from = 0; from < n; from += AT_ONCE) {
        size_t some = n - from < AT_ONCE ? (size_t)(n - from) : AT_ONCE;
        for (size_t i = 0; i < some; i++) {
            add_state_init(&states[i]);
            states[i].n = from + (long)i;
            runs[i] = (dfl_submission){.graph = &add_work, .state = &states[i]};
        }
        if (dfl_work_submit(work, runs, some) != DFL_OK)
            die("submit", dfl_work_error(work));
    }
    return now_s() - began;
}

/* *filling: how long it took to submit them. */
static Took library(PGconn *db, long n, double *filling) {
    dfl_worker_options options = {
        .threads = n_threads, .batch = BATCH, .poll_ns = 2000000, .until_empty = true};
    dfl_work *work;
    dfl_worker *worker;
    double began;
    Took took;
    if (dfl_work_open(conninfo, NULL, &work) != DFL_OK)
        die("open", "no queue");
    sql(db, "TRUNCATE dfl_queue, dfl_finished");
    *filling = submit(work, n);
    dfl_work_close(work);
    sql(db, "CHECKPOINT");
    if (dfl_worker_open(conninfo, graphs, 1, &options, &worker) != DFL_OK)
        die("work", "a worker cannot be opened");
    took.server = server_s(db);
    began = now_s();
    if (dfl_worker_run(worker) != DFL_OK)
        die("work", "a worker fails");
    took.clock = now_s() - began;
    took.server = server_s(db) - took.server;
    dfl_worker_close(worker);
    if (count(db, "SELECT count(*) FROM dfl_finished WHERE state = 6") != n)
        die("work", "not all are finished");
    return took;
}

/* ---- rounds ---- */

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int n) {
    qsort(values, (size_t)n, sizeof *values, by_size);
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

typedef struct Side {
    const char *name;
    double rate[MOST_ROUNDS], server_us[MOST_ROUNDS], ratio[MOST_ROUNDS];
} Side;

enum { OURS, LEASE, TURN, HELD, N_SIDES };

static void note(Side *side, int round, long n, Took took) {
    side->rate[round] = (double)n / took.clock;
    side->server_us[round] = took.server / (double)n * 1e6;
}

static void beside_each_other(PGconn *db, int rounds, long n) {
    static Side sides[N_SIDES] = {{.name = "dfl_worker"},
                                  {.name = "by hand, lease"},
                                  {.name = "by hand, turn"},
                                  {.name = "by hand, held"}};
    static double filling[MOST_ROUNDS];
    (void)library(db, n / 10, &filling[0]); /* the files are there, and warm */
    (void)hand(db, n / 10, lease_loop);
    for (int i = 0; i < rounds; i++) {
        note(&sides[OURS], i, n, library(db, n, &filling[i]));
        note(&sides[LEASE], i, n, hand(db, n, lease_loop));
        note(&sides[TURN], i, n, hand(db, n, turn_loop));
        note(&sides[HELD], i, n, hand(db, n, held_loop));
        filling[i] = (double)n / filling[i];
        for (int k = 0; k < N_SIDES; k++)
            sides[k].ratio[i] = sides[OURS].rate[i] / sides[k].rate[i];
    }
    printf("%ld runs, %u threads, batches of %d; medians of %d rounds\n", n, n_threads, BATCH,
           rounds);
    printf("                    runs a second   CPU of the server   rate of dfl_worker to it\n");
    for (int k = 0; k < N_SIDES; k++)
        printf("  %-18s %12.0f %13.1f us a run %16.2f\n", sides[k].name,
               median(sides[k].rate, rounds), median(sides[k].server_us, rounds),
               median(sides[k].ratio, rounds));
    printf("  dfl_work_submit    %12.0f\n", median(filling, rounds));
}

static void by_length(PGconn *db, long most) {
    printf("by how many are queued, us a run\n");
    for (long n = 1000; n <= most; n *= 10) {
        double filling;
        Took took = library(db, n, &filling);
        printf("  %8ld  submit %6.1f, claim to finished %6.1f, of the server's CPU %6.1f\n", n,
               filling / (double)n * 1e6, took.clock / (double)n * 1e6,
               took.server / (double)n * 1e6);
        fflush(stdout);
    }
}

int main(int argc, char **argv) {
    PGconn *db;
    if (argc < 5)
        return 2;
    conninfo = argv[1];
    n_threads = (unsigned)atoi(argv[4]);
    if (n_threads == 0 || n_threads > MOST_THREADS || atoi(argv[2]) > MOST_ROUNDS)
        return 2;
    db = connect_it();
    sql(db, hand_tables);
    beside_each_other(db, atoi(argv[2]), atol(argv[3]));
    by_length(db, argc > 5 ? atol(argv[5]) : 1000000);
    PQfinish(db);
    return 0;
}
