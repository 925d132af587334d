// Workers of the queue in PostgreSQL that are killed and stopped, a server that crashes, connections that are cut: each
// run is finished once, with the right state.
// quick: 1; full: 60
#include "torture.h"

#include <libpq-fe.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "../unit/pg_server.h"
#include "pg/dfl_pg.h"
#include "queue_pg.h"

DFL_WORK_GRAPH(walk)

static const dfl_work_graph *const graphs[] = {&walk_work};

#define MS INT64_C(1000000)
enum { LEASE_MS = 400, MOST_WORKERS = 8, AT_ONCE = 500 };

/* The first round is small; the others are what the queue is for. */
static int n_runs, n_workers;

static char conninfo[400];

/* What children find wrong. */
static volatile sig_atomic_t *violations;

/* ---- the graph ---- */

static uint64_t mix(uint64_t sum, uint64_t left) {
    return (sum ^ left) * 0x9e3779b97f4a7c15u + 1;
}

static uint64_t expected(uint64_t n) {
    uint64_t sum = n;
    for (uint64_t left = n % 6; left > 0; left--)
        sum = mix(sum, left);
    return sum;
}

/* Most nodes take no time, some a little, and some fail. */
static int act(dfl_ctx *ctx, uint64_t *left, uint64_t *sum) {
    long chance = random() % 1000;
    if (chance < 3)
        usleep(3000);
    if (chance == 999)
        return dfl_fail(ctx, 1, "by chance");
    *sum = mix(*sum, *left);
    --*left;
    return 0;
}

int walk_begin(dfl_ctx *ctx, uint64_t n, uint64_t *left, uint64_t *sum) {
    (void)ctx;
    *left = n % 6;
    *sum = n;
    return 0;
}

int walk_mark(dfl_ctx *ctx, uint64_t *left, uint64_t *sum) {
    return act(ctx, left, sum);
}

int walk_plain(dfl_ctx *ctx, uint64_t *left, uint64_t *sum) {
    return act(ctx, left, sum);
}

/* ---- workers ---- */

static void see_error(void *user, const char *message) {
    (void)user;
    if (strstr(message, "duplicate key") || strstr(message, "goes back"))
        ++*violations;
}

static dfl_worker *volatile the_worker;

/* It may not have begun. */
static void stop_it(int signal) {
    (void)signal;
    if (!the_worker)
        _exit(0);
    dfl_worker_stop(the_worker);
}

/* Started in the middle of a crash it has to try several times. */
static pid_t start_worker(unsigned seed) {
    dfl_worker_options options = {.threads = 1 + seed % 2,
                                  .lease_ns = LEASE_MS * MS,
                                  .poll_ns = 10 * MS,
                                  .backoff_ns = 5 * MS,
                                  .max_attempts = 1000000,
                                  .max_crashes = 1000000,
                                  .max_failures = 1000000,
                                  .drain_ns = 20 * MS,
                                  .on_error = see_error};
    char own[sizeof conninfo + 40];
    dfl_worker *worker;
    pid_t pid = fork(); /* with the handler of its parent, which stops nothing yet */
    if (pid != 0)
        return pid;
    srandom(seed);
    snprintf(own, sizeof own, "%s application_name=%ld", conninfo, (long)getpid());
    while (dfl_worker_open(own, graphs, 1, &options, &worker) != DFL_OK)
        usleep(20000);
    the_worker = worker;
    _exit(dfl_worker_run(worker) != DFL_OK);
}

typedef struct Worker {
    pid_t pid;
    int stopped_for; /* turns of the loop; 0: it runs */
} Worker;

static Worker workers[MOST_WORKERS];

static void start_all(Chance *chance) {
    for (int i = 0; i < n_workers; i++)
        workers[i] = (Worker){.pid = start_worker((unsigned)chance_below(chance, 1 << 30))};
}

static void kill_one(Worker *worker, Chance *chance) {
    kill(worker->pid, SIGKILL);
    (void)waitpid(worker->pid, NULL, 0);
    *worker = (Worker){.pid = start_worker((unsigned)chance_below(chance, 1 << 30))};
}

static void let_go_on(void) {
    for (int i = 0; i < n_workers; i++)
        if (workers[i].stopped_for > 0 && --workers[i].stopped_for == 0)
            kill(workers[i].pid, SIGCONT);
}

static void end_all(void) {
    for (int i = 0; i < n_workers; i++) {
        kill(workers[i].pid, SIGCONT);
        kill(workers[i].pid, SIGTERM);
    }
    for (int i = 0; i < n_workers; i++) {
        int status = 0;
        MUST(waitpid(workers[i].pid, &status, 0) == workers[i].pid && status == 0,
             "a worker ends with %d", status);
    }
}

/* ---- the server ---- */

static PGconn *admin;

static long number(const char *query) {
    for (;;) {
        PGresult *result = PQexec(admin, query);
        long n = PQntuples(result) == 1 ? atol(PQgetvalue(result, 0, 0)) : -1;
        PQclear(result);
        if (n >= 0)
            return n;
        PQreset(admin);
        usleep(10000);
    }
}

static void sql(const char *text) {
    PGresult *result = PQexec(admin, text);
    ExecStatusType is = PQresultStatus(result);
    MUST(is == PGRES_COMMAND_OK || is == PGRES_TUPLES_OK, "%s: %s", text, PQerrorMessage(admin));
    PQclear(result);
}

/* A save may only go forward, and it and the end are only for the process that took the run last. */
static const char watch[] =
    "CREATE TABLE taken(run bigint PRIMARY KEY, by text);"
    "CREATE FUNCTION by_taker(which bigint) RETURNS boolean LANGUAGE sql AS $$ SELECT by ="
    " current_setting('application_name') FROM taken WHERE run = which $$;"
    "CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " IF NEW.state = 2 AND OLD.state <> 2 THEN INSERT INTO taken VALUES(NEW.run,"
    " current_setting('application_name')) ON CONFLICT (run) DO UPDATE SET by = excluded.by; END "
    "IF;"
    " IF NEW.saves <> OLD.saves AND (NEW.step < OLD.step OR OLD.state <> 2 OR NEW.state <> 2"
    " OR NEW.epoch <> OLD.epoch OR NOT by_taker(OLD.run)) THEN RAISE 'run % goes back', OLD.run; "
    "END IF;"
    " RETURN NEW; END $$;"
    "CREATE TRIGGER watch BEFORE UPDATE ON dfl_queue FOR EACH ROW EXECUTE FUNCTION watch();"
    "CREATE FUNCTION watch_end() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " IF OLD.state <> 2 OR NOT by_taker(OLD.run) THEN RAISE 'run % goes back', OLD.run; END IF;"
    " RETURN OLD; END $$;"
    "CREATE TRIGGER watch_end BEFORE DELETE ON dfl_queue FOR EACH ROW EXECUTE FUNCTION watch_end()";

#define CUT(WHICH)                                                                                 \
    "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity WHERE"         \
    " pid <> pg_backend_pid() AND backend_type = 'client backend'" WHICH ") AS b"

/* ---- a round ---- */

static void submit_some(dfl_work *work, int from, int n) {
    static dfl_submission runs[AT_ONCE];
    static walk_state states[AT_ONCE];
    static char keys[AT_ONCE][16];
    for (int i = 0; i < n; i++) {
        walk_state_init(&states[i]);
        states[i].n = (uint64_t)(from + i);
        snprintf(keys[i], sizeof keys[i], "%d", from + i);
        runs[i] = (dfl_submission){
            .graph = &walk_work, .state = &states[i], .key = i % 3 ? keys[i] : NULL};
    }
    /* Without a key it is not repeated by the caller: the library must do it. */
    MUST(dfl_work_submit(work, runs, (size_t)n) == DFL_OK, "%s", dfl_work_error(work));
    for (int i = 0; i < n; i++)
        walk_state_free(&states[i]);
}

static void do_harm(Chance *chance) {
    Worker *worker = &workers[chance_below(chance, (uint64_t)n_workers)];
    switch (chance_below(chance, 12)) {
    case 0:
    case 1:
        if (!worker->stopped_for)
            kill_one(worker, chance);
        break;
    case 2:
    case 3:
        if (!worker->stopped_for) {
            kill(worker->pid, SIGSTOP);
            worker->stopped_for = 1 + (int)chance_below(chance, 40);
        }
        break;
    case 4:
        (void)number(CUT(" ORDER BY random() LIMIT 2"));
        break;
    case 5:
        if (chance_below(chance, 4) == 0)
            (void)number(CUT(""));
        break;
    case 6:
        if (chance_below(chance, 12) == 0)
            MUST(pg_do("restart") == 0, "the server does not start");
        break;
    default:
        break;
    }
    let_go_on();
    usleep((useconds_t)(1000 * (5 + chance_below(chance, 40))));
}

/* They were submitted one after another, so their numbers rise as their inputs do. */
static void check_states(dfl_work *work, long n) {
    PGresult *ids = PQexec(admin, "SELECT run FROM dfl_finished ORDER BY run");
    MUST(PQntuples(ids) == n, "%d of %ld runs are finished", PQntuples(ids), n);
    for (int i = 0; i < n; i++) {
        walk_state state;
        walk_state_init(&state);
        MUST(dfl_work_load(work, strtoull(PQgetvalue(ids, i, 0), NULL, 10), &walk_work, &state,
                           NULL) == DFL_OK,
             "%s", dfl_work_error(work));
        MUST(state.sum == expected((uint64_t)i), "the run of %d has another state", i);
        walk_state_free(&state);
    }
    PQclear(ids);
}

static void one_round(Chance *chance) {
    dfl_work *work;
    int submitted = 0, quiet = 0;
    n_runs = torture.round == 0 ? 600 : 100000;
    n_workers = torture.round == 0 ? 3 : MOST_WORKERS;
    torture_within(torture.round == 0 ? 60 : 1200);
    *violations = 0;
    sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT ALL ON SCHEMA public TO PUBLIC");
    MUST(dfl_work_open(conninfo, NULL, &work) == DFL_OK, "cannot open");
    sql(watch);
    signal(SIGTERM, stop_it); /* the workers' */
    start_all(chance);
    while (quiet < 2) {
        int n = n_runs - submitted < AT_ONCE ? n_runs - submitted : AT_ONCE;
        submit_some(work, submitted, n);
        submitted += n;
        do_harm(chance);
        if (submitted == n_runs)
            quiet += number("SELECT count(*) FROM dfl_queue") == 0;
    }
    end_all();
    MUST(*violations == 0, "a run was finished twice, or a save went back");
    MUST(number("SELECT count(*) FROM dfl_queue") == 0, "something is in the queue again");
    check_states(work, n_runs);
    dfl_work_close(work);
}

int main(int argc, char **argv) {
    char as_admin[300];
    int status;
    violations =
        mmap(NULL, sizeof *violations, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (violations == MAP_FAILED || pg_start("") != 0)
        return 2;
    snprintf(conninfo, sizeof conninfo, "%s", pg_conninfo);
    snprintf(as_admin, sizeof as_admin, "%s options='-c client_min_messages=error'", pg_conninfo);
    admin = PQconnectdb(as_admin);
    status = torture_run(argc, argv, "rounds", one_round);
    PQfinish(admin);
    return pg_do("stop") != 0 ? 2 : status;
}
