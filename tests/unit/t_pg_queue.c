// needs: tsan; no-valgrind (the address sanitizer looks for leaks)
// The work queue in PostgreSQL: what is submitted is run once, by whoever has it, in spite of failures, crashes, lost
// leases and cut connections; and what people see and do.
#define _GNU_SOURCE
#include "rt.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <time.h>

#include "pg/dfl_pg.h"
#include "pg_admin.h"
#include "t_pg_queue.h"

DFL_WORK_GRAPH(add)
DFL_WORK_GRAPH(job)
DFL_WORK_GRAPH(ask)
DFL_WORK_GRAPH(nowhere)
DFL_WORK_GRAPH_AS(shop, shop_queued)

static const dfl_work_graph *const graphs[] = {&add_work, &job_work, &ask_work, &nowhere_work, &shop_queued};

#define MS         INT64_C(1000000)
#define TEST(NAME) cmocka_unit_test(NAME)

/* ---- the server ---- */

static dfl_work *work;

static int begin(void **state) {
    (void)state;
    sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT ALL ON SCHEMA public TO PUBLIC");
    return dfl_work_open(pg_conninfo, NULL, &work) != DFL_OK;
}

static int end(void **state) {
    (void)state;
    dfl_work_close(work);
    return 0;
}

/* ---- submitting and working ---- */

static uint64_t submit(dfl_submission run) {
    if (dfl_work_submit(work, &run, 1) != DFL_OK)
        fail_msg("%s", dfl_work_error(work));
    return run.id;
}

static uint64_t submit_add(int64_t n, int32_t priority, const char *key) {
    add_state state;
    uint64_t id;
    add_state_init(&state);
    state.n = n;
    id = submit(
        (dfl_submission){.graph = &add_work, .state = &state, .priority = priority, .key = key});
    add_state_free(&state);
    return id;
}

static uint64_t submit_job(const char *how) {
    job_state state;
    uint64_t id;
    job_state_init(&state);
    state.how = (dfl_str){how, strlen(how)};
    state.n = 10;
    id = submit((dfl_submission){.graph = &job_work, .state = &state});
    job_state_free(&state);
    return id;
}

static dfl_worker_options quick(void) {
    return (dfl_worker_options){.poll_ns = 4 * MS,
                                .lease_ns = 2000 * MS,
                                .backoff_ns = MS,
                                .max_attempts = 3,
                                .until_empty = true};
}

static dfl_worker *worker;

static void work_with(dfl_worker_options options) {
    dfl_error error = {0};
    options.error = &error;
    if (dfl_worker_open(pg_conninfo, graphs, COUNT(graphs), &options, &worker) != DFL_OK)
        fail_msg("%s", error.message);
    assert_int_equal(dfl_worker_run(worker), DFL_OK);
    dfl_worker_close(worker);
}

static int64_t sum_of(uint64_t id) {
    add_state add;
    job_state job;
    int64_t sum;
    int status;
    add_state_init(&add);
    job_state_init(&job);
    status = dfl_work_load(work, id, &add_work, &add, NULL);
    sum = add.sum;
    if (status == DFL_ESCHEMA) {
        status = dfl_work_load(work, id, &job_work, &job, NULL);
        sum = job.sum;
    }
    assert_int_equal(status, DFL_OK);
    add_state_free(&add);
    job_state_free(&job);
    return sum;
}

/* ---- what the middle of a job does ---- */

static atomic_int acts, acting;
static atomic_bool may_end;

static void pause_ms(int ms) {
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * MS}, NULL);
}

/* What others do that hold this worker for dead: "state = 0, worker = NULL", or one takes the run. */
static void take_away(dfl_ctx *ctx, const char *change) {
    char query[160];
    PGconn *db = PQconnectdb(pg_conninfo);
    snprintf(query, sizeof query, "UPDATE dfl_queue SET epoch = epoch + 1, %s WHERE run = %s",
             change, dfl_thread_id(ctx));
    PQclear(PQexec(db, query));
    PQfinish(db);
}

static void cut_all(void) {
    PGconn *db = PQconnectdb(pg_conninfo);
    PQclear(PQexec(db,
                   "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <>"
                   " pg_backend_pid() AND backend_type = 'client backend' AND application_name <> "
                   "'admin'"));
    PQfinish(db);
}

int job_act(dfl_ctx *ctx, dfl_str how, int64_t *sum) {
    int nth = ++acts;
    *sum += 100;
    if (dfl_str_eq(how, DFL_STR("fail once")) && nth == 1)
        return dfl_fail(ctx, 7, "not yet\xff");
    if (dfl_str_eq(how, DFL_STR("fail twice everywhere")) && nth < 3)
        return dfl_fail(ctx, 7, "not yet");
    if (dfl_str_eq(how, DFL_STR("fail")))
        return dfl_fail(ctx, 7, "never");
    if (dfl_str_eq(how, DFL_STR("lose once")) && nth == 1)
        take_away(ctx, "state = 0, worker = NULL");
    if (strncmp(how.p, "usurped", 7) == 0)
        take_away(ctx, "worker = 99");
    if (dfl_str_eq(how, DFL_STR("usurped, and fails")))
        return dfl_fail(ctx, 7, "too late");
    if (dfl_str_eq(how, DFL_STR("cut once")) && nth == 1)
        cut_all();
    if (dfl_str_eq(how, DFL_STR("die")))
        _exit(3);
    if (dfl_str_eq(how, DFL_STR("wait")))
        for (acting = 1; !may_end && !dfl_cancelled(ctx);)
            pause_ms(1);
    return 0;
}

static atomic_int lasts;

int job_last(dfl_ctx *ctx, dfl_str how, int64_t *sum) {
    *sum += 1;
    return dfl_str_eq(how, DFL_STR("fail twice everywhere")) && ++lasts < 3
               ? dfl_fail(ctx, 8, "not here either")
               : 0;
}

/* ---- what is submitted is run ---- */

static void runs_end_once_with_their_states(void **state) {
    enum { RUNS = 700 };
    uint64_t first = 0;
    (void)state;
    for (int i = 0; i < RUNS; i++) {
        uint64_t id = submit_add(i, 0, NULL);
        first = first ? first : id;
    }
    work_with(quick());
    assert_int_equal(number("SELECT count(*) FROM dfl_finished WHERE state = 6"), RUNS);
    assert_int_equal(number("SELECT count(*) FROM dfl_queue"), 0);
    assert_int_equal(number("SELECT count(*) FROM dfl_worker"), 0);
    for (int i = 0; i < RUNS; i += 69)
        assert_int_equal(sum_of(first + (uint64_t)i), i + 1);
}

static void many_are_submitted_at_once_and_run_by_many(void **state) {
    enum { RUNS = 3000 };
    static dfl_submission runs[RUNS];
    static add_state states[RUNS];
    dfl_worker_options options = quick();
    (void)state;
    for (int i = 0; i < RUNS; i++) {
        add_state_init(&states[i]);
        states[i].n = i;
        runs[i] = (dfl_submission){.graph = &add_work, .state = &states[i]};
    }
    assert_int_equal(dfl_work_submit(work, runs, RUNS), DFL_OK);
    options.threads = 3;
    options.batch = 50;
    work_with(options);
    assert_int_equal(number("SELECT count(*) FROM dfl_finished WHERE state = 6"), RUNS);
    for (int i = 0; i < RUNS; i += 299)
        assert_int_equal(sum_of(runs[i].id), i + 1);
    for (int i = 0; i < RUNS; i++)
        add_state_free(&states[i]);
}

/* What the indexes of runs have given so far; the server says so when a connection has ended. */
static int index_entries_read(void) {
    return number("SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE indexrelname IN"
                  " ('dfl_queue_pkey', 'dfl_finished_pkey')");
}

/* Statements that were planned while there was nothing find their rows by an index when there is much. */
static void what_was_planned_for_short_tables_does_for_long_ones(void **state) {
    enum { RUNS = 3000, TIMES = 2 };
    static dfl_submission runs[RUNS];
    dfl_worker_options options = quick();
    (void)state;
    options.batch = 50;
    sql("VACUUM ANALYZE");
    assert_int_equal(dfl_worker_open(pg_conninfo, graphs, COUNT(graphs), &options, &worker), DFL_OK);
    assert_int_equal(dfl_worker_run(worker), DFL_OK);
    for (int k = 0; k < TIMES; k++) {
        for (int i = 0; i < RUNS; i += 100) {
            for (int j = 0; j < 100; j++)
                runs[i + j] = (dfl_submission){.graph = &add_work};
            assert_int_equal(dfl_work_submit(work, &runs[i], 100), DFL_OK);
        }
        assert_int_equal(dfl_worker_run(worker), DFL_OK);
    }
    dfl_worker_close(worker);
    dfl_work_close(work);
    work = NULL;
    assert_int_equal(number("SELECT count(*) FROM dfl_finished"), TIMES * RUNS);
    while (index_entries_read() < TIMES * RUNS)
        pause_ms(10);
    pause_ms(100);
    assert_in_range(index_entries_read(), TIMES * RUNS, TIMES * RUNS * 6);
}

static void a_key_is_taken_once(void **state) {
    dfl_submission runs[3] = {{.graph = &add_work, .key = "a"},
                              {.graph = &add_work, .key = "b"},
                              {.graph = &add_work, .key = "a"}};
    uint64_t id, found;
    (void)state;
    id = submit_add(1, 0, "a");
    assert_int_equal(dfl_work_submit(work, runs, 3), DFL_OK);
    assert_int_equal(runs[0].id, id);
    assert_false(runs[0].is_new);
    assert_true(runs[1].is_new);
    assert_int_equal(runs[2].id, id);
    work_with(quick());
    assert_int_equal(submit_add(5, 0, "a"), id);
    assert_int_equal(dfl_work_find(work, "b", &found), DFL_OK);
    assert_int_equal(found, runs[1].id);
    assert_int_equal(dfl_work_find(work, "c", &found), DFL_ENOTFOUND);
    assert_int_equal(number("SELECT count(*) FROM dfl_finished"), 2);
    assert_int_equal(sum_of(id), 2);
}

static char seen[256];

static void see_end(void *user, const dfl_event *event) {
    (void)user;
    if (event->thread_id)
        snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "%s ", event->thread_id);
}

static void urgent_ones_come_first_and_early_ones_not(void **state) {
    dfl_hooks hooks = {.mask = DFL_EV_RUN, .on_event = see_end};
    dfl_run run = {.hooks = &hooks};
    dfl_worker_options options = quick();
    struct timespec now;
    (void)state;
    seen[0] = '\0';
    options.run = &run;
    clock_gettime(CLOCK_REALTIME, &now);
    submit((dfl_submission){.graph = &add_work,
                            .key = "later",
                            .priority = 9,
                            .due_ns = (int64_t)now.tv_sec * 1000 * MS + now.tv_nsec + 250 * MS});
    submit_add(1, 0, "first");
    submit_add(1, 0, "second");
    submit_add(1, 5, "urgent");
    submit_add(1, -5, "idle");
    work_with(options);
    assert_string_equal(seen, "urgent first second idle later ");
}

static void inputs_may_be_json(void **state) {
    dfl_buf json = {0};
    uint64_t good, bad;
    (void)state;
    good = submit((dfl_submission){.name = "add", .json = "{\"n\": 41}"});
    bad = submit((dfl_submission){.name = "add", .json = "{\"n\": \"many\"}"});
    assert_int_equal(dfl_work_json(work, good, &json), DFL_OK);
    assert_int_equal(json.n, strlen("{\"n\": 41}"));
    work_with(quick());
    assert_int_equal(sum_of(good), 42);
    json.n = 0;
    assert_int_equal(dfl_work_json(work, good, &json), DFL_OK);
    assert_non_null(memmem(json.p, json.n, "\"sum\":42", 8));
    dfl_buf_free(&json);
    assert_int_equal(number("SELECT count(*) FROM dfl_queue WHERE state = 5 AND attempts = 1"), 1);
    assert_int_equal(dfl_work_cancel(work, bad), DFL_OK);
}

static void a_graph_that_saves_nowhere_has_an_end(void **state) {
    nowhere_state s;
    uint64_t id, asks;
    (void)state;
    nowhere_state_init(&s);
    s.n = 21;
    id = submit((dfl_submission){.graph = &nowhere_work, .state = &s});
    s.asks = true;
    asks = submit((dfl_submission){.graph = &nowhere_work, .state = &s});
    work_with(quick());
    assert_int_equal(dfl_work_load(work, id, &nowhere_work, &s, NULL), DFL_OK);
    assert_int_equal(s.sum, 42);
    nowhere_state_free(&s);
    assert_int_equal(number("SELECT count(*) FROM dfl_queue WHERE state = 5 AND error ="
                            " 'the graph saves nowhere, so it cannot wait for an answer'"),
                     1);
    assert_int_equal(dfl_work_cancel(work, asks), DFL_OK);
}

static void a_node_may_be_called_work(void **state) {
    shop_state s;
    uint64_t id;
    (void)state;
    shop_state_init(&s);
    s.n = 7;
    id = submit((dfl_submission){.graph = &shop_queued, .state = &s});
    work_with(quick());
    assert_int_equal(dfl_work_load(work, id, &shop_queued, &s, NULL), DFL_OK);
    assert_int_equal(s.sum, 21);
    shop_state_free(&s);
}

/* ---- failures ---- */

static dfl_work_status looked;
static char looked_error[700];

static void see(void *user, const dfl_work_status *run) {
    (void)user;
    looked = *run;
    snprintf(looked_error, sizeof looked_error, "%s", run->error ? run->error : "");
}

static void check(uint64_t id, dfl_work_state is, unsigned attempts, unsigned crashes) {
    assert_int_equal(dfl_work_look(work, id, see, NULL), DFL_OK);
    assert_string_equal(dfl_work_state_name(looked.state), dfl_work_state_name(is));
    assert_int_equal(looked.attempts, attempts);
    assert_int_equal(looked.crashes, crashes);
}

static void what_fails_is_tried_again_from_where_it_was(void **state) {
    uint64_t once = submit_job("fail once"), always;
    (void)state;
    acts = 0;
    work_with(quick());
    check(once, DFL_WORK_DONE, 1, 0);
    assert_int_equal(sum_of(once), 111);
    assert_string_equal(looked_error, "act (t_pg_queue.dfl:22): not yet?");
    acts = lasts = 0;
    once = submit_job("fail twice everywhere");
    work_with(quick());
    check(once, DFL_WORK_DONE, 2, 0); /* four times, but never three in one place */
    assert_int_equal(sum_of(once), 111);
    always = submit_job("fail");
    acts = 0;
    work_with(quick());
    check(always, DFL_WORK_DEAD, 3, 0);
    assert_int_equal(acts, 3);
    assert_string_equal(looked_error, "act (t_pg_queue.dfl:22): never");
    assert_int_equal(sum_of(always), 10);
    assert_int_equal(dfl_work_retry(work, always), DFL_OK);
    check(always, DFL_WORK_READY, 0, 0);
    work_with(quick());
    check(always, DFL_WORK_DEAD, 3, 0);
}

/* Each save puts the other counts back to nothing. */
static void what_gets_further_fails_so_often_at_most(void **state) {
    dfl_worker_options options = quick();
    uint64_t id = submit_job("fail twice everywhere");
    (void)state;
    options.max_failures = 4;
    acts = lasts = 0;
    work_with(options);
    check(id, DFL_WORK_DEAD, 2, 0);
    assert_int_equal(looked.failures, 4);
    assert_int_equal(dfl_work_retry(work, id), DFL_OK);
    check(id, DFL_WORK_READY, 0, 0);
    assert_int_equal(looked.failures, 0);
    work_with(options);
    check(id, DFL_WORK_DONE, 0, 0);
}

/* In a process of its own. */
static pid_t start_worker(dfl_worker_options options) {
    pid_t pid = fork();
    if (pid == 0) {
        int failed =
            dfl_worker_open(pg_conninfo, graphs, COUNT(graphs), &options, &worker) != DFL_OK;
        if (!failed)
            failed = dfl_worker_run(worker) != DFL_OK;
        if (!failed)
            dfl_worker_close(worker);
        _exit(failed);
    }
    return pid;
}

static int end_of(pid_t pid) {
    int status = 0;
    assert_true(waitpid(pid, &status, 0) == pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* Those that were taken with it are run in the end; it is not. */
static void what_crashes_its_workers_is_put_aside(void **state) {
    dfl_worker_options options = quick();
    uint64_t bad;
    (void)state;
    options.lease_ns = 150 * MS;
    for (int i = 0; i < 20; i++)
        submit_add(i, 0, NULL);
    bad = submit_job("die");
    for (int i = 0; i < 20; i++)
        submit_add(i, 0, NULL);
    for (int crashes = 0; crashes < 3; crashes++)
        assert_int_equal(end_of(start_worker(options)), 3);
    assert_int_equal(end_of(start_worker(options)), 0);
    check(bad, DFL_WORK_DEAD, 0, 3);
    assert_string_equal(looked_error, "its worker crashed, or was not heard of for too long");
    assert_int_equal(number("SELECT count(*) FROM dfl_finished WHERE crashes < 2"), 40);
    assert_int_equal(number("SELECT count(*) FROM dfl_worker"), 0);
}

static void crashes_are_failures(void **state) {
    dfl_worker_options options = quick();
    uint64_t bad = submit_job("die");
    (void)state;
    options.lease_ns = 150 * MS;
    options.max_failures = 2;
    for (int crashes = 0; crashes < 2; crashes++)
        assert_int_equal(end_of(start_worker(options)), 3);
    assert_int_equal(end_of(start_worker(options)), 0);
    check(bad, DFL_WORK_DEAD, 0, 2);
    assert_int_equal(looked.failures, 2);
}

static void a_late_save_is_refused(void **state) {
    uint64_t id = submit_job("lose once");
    (void)state;
    acts = 0;
    work_with(quick());
    assert_int_equal(acts, 2);
    check(id, DFL_WORK_DONE, 0, 0);
    assert_int_equal(sum_of(id), 111);
}

static void *run_worker(void *status) {
    *(int *)status = dfl_worker_run(worker);
    return NULL;
}

/* Neither its end, nor its save, nor its failure is taken while another has the run. */
static void what_another_runs_is_left_alone(void **state) {
    dfl_worker_options options = quick();
    int status = DFL_EINVAL;
    pthread_t thread;
    (void)state;
    submit_job("usurped");
    submit_job("usurped, and fails");
    acts = 0;
    options.until_empty = false;
    assert_int_equal(dfl_worker_open(pg_conninfo, graphs, COUNT(graphs), &options, &worker),
                     DFL_OK);
    pthread_create(&thread, NULL, run_worker, &status);
    while (acts < 2)
        pause_ms(1);
    dfl_worker_stop(worker);
    pthread_join(thread, NULL);
    dfl_worker_close(worker);
    assert_int_equal(status, DFL_OK);
    assert_int_equal(number("SELECT count(*) FROM dfl_queue WHERE state = 2 AND worker = 99 AND"
                            " epoch = 2 AND saves = 1 AND attempts = 0"),
                     2);
}

/* The server refuses to put the failure down, once. Neither is the run forgotten, nor what has ended beside it. */
static void what_cannot_be_told_is_given_back(void **state) {
    uint64_t id = submit_job("fail once");
    (void)state;
    for (int i = 0; i < 20; i++)
        submit_add(i, 0, NULL);
    sql("CREATE SEQUENCE refused;"
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF nextval('refused') = 1 THEN RAISE 'not now'; END IF; RETURN NEW; END $$;"
        "CREATE TRIGGER refuse BEFORE UPDATE ON dfl_queue FOR EACH ROW WHEN (NEW.state = 3) EXECUTE FUNCTION refuse()");
    acts = 0;
    work_with(quick());
    sql("DROP TRIGGER refuse ON dfl_queue; DROP FUNCTION refuse; DROP SEQUENCE refused");
    check(id, DFL_WORK_DONE, 0, 0);
    assert_int_equal(looked.failures, 0);
    assert_int_equal(sum_of(id), 111);
    assert_int_equal(number("SELECT count(*) FROM dfl_finished"), 21);
    assert_int_equal(number("SELECT count(*) FROM dfl_finished WHERE epoch > 1"), 1);
}

/* Stopped for longer than its lease: another has run them by then, and what it had is refused. */
static void a_worker_that_was_stopped_changes_nothing(void **state) {
    dfl_worker_options options = quick(), other = quick();
    uint64_t id = submit_job("wait");
    pid_t pid;
    (void)state;
    options.lease_ns = 150 * MS;
    pid = start_worker(options);
    while (number("SELECT count(*) FROM dfl_queue WHERE state = 2 AND saves = 1") != 1)
        pause_ms(2);
    kill(pid, SIGSTOP);
    other.lease_ns = 150 * MS;
    may_end = true;
    work_with(other);
    may_end = false;
    check(id, DFL_WORK_DONE, 0, 1);
    kill(pid, SIGCONT);
    assert_int_equal(end_of(pid), 0);
    check(id, DFL_WORK_DONE, 0, 1);
    assert_int_equal(sum_of(id), 111);
    assert_int_equal(number("SELECT epoch FROM dfl_finished"), 3);
}

static void cut_connections_are_made_again(void **state) {
    uint64_t id = submit_job("cut once");
    (void)state;
    for (int i = 0; i < 50; i++)
        submit_add(i, 0, NULL);
    acts = 0;
    work_with(quick());
    check(id, DFL_WORK_DONE, 0, 0);
    assert_int_equal(sum_of(id), 111);
    assert_int_equal(number("SELECT count(*) FROM dfl_finished WHERE crashes = 0"), 51);
    cut_all();
    assert_int_equal(sum_of(submit_add(7, 0, "x")), 0);
    assert_int_equal(submit_add(8, 0, "x"), id + 51);
}

/* Whoever commits waits for a standby server that is not there: whose connection is cut meanwhile has committed, and is
 * not told. */
static void let_commits_hang(void) {
    PGconn *db = PQconnectdb(pg_conninfo);
    sql("SET synchronous_commit = local");
    sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    sql("SELECT pg_reload_conf()");
    /* It takes the server a moment. */
    while (number("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'") == 0) {
        if (!PQisBusy(db))
            PQsendQuery(db, "UPDATE dfl_version SET version = version");
        pause_ms(2);
        PQconsumeInput(db);
        while (!PQisBusy(db)) {
            PGresult *result = PQgetResult(db);
            if (!result)
                break;
            PQclear(result);
        }
    }
    PQfinish(db);
}

static void let_commits_end(void) {
    sql("ALTER SYSTEM RESET synchronous_standby_names");
    sql("SELECT pg_reload_conf()");
}

static void a_claim_whose_answer_was_lost_is_given_back(void **state) {
    dfl_worker_options options = quick();
    uint64_t id;
    pid_t pid;
    (void)state;
    options.until_empty = false;
    submit_add(1, 0, NULL);
    pid = start_worker(options);
    while (number("SELECT count(*) FROM dfl_finished") != 1)
        pause_ms(2);
    kill(pid, SIGSTOP);
    /* What it asked for before it was stopped must not find the next one. */
    do
        pause_ms(50);
    while (number("SELECT count(*) FROM pg_stat_activity WHERE state <> 'idle' AND pid <>"
                  " pg_backend_pid() AND backend_type = 'client backend'") != 0);
    id = submit_add(2, 0, NULL);
    let_commits_hang();
    kill(pid, SIGCONT);
    /* Others of its connections may hang first. */
    while (number("SELECT count(*) FROM dfl_queue WHERE state = 2") != 1)
        sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
    let_commits_end();
    while (number("SELECT count(*) FROM dfl_finished") != 2)
        pause_ms(2);
    kill(pid, SIGKILL);
    assert_int_equal(end_of(pid), -SIGKILL);
    check(id, DFL_WORK_DONE, 0, 0);
    assert_int_equal(number("SELECT max(epoch) FROM dfl_finished"), 3);
}

/* ---- stopping ---- */

static void stop_it(int signal) {
    (void)signal;
    dfl_worker_stop(worker);
}

/* The run that goes on for too long is left to others, as far as it has come. */
static void a_stop_drains(void **state) {
    dfl_worker_options options = quick();
    uint64_t id = submit_job("wait");
    pid_t pid = fork();
    (void)state;
    if (pid == 0) {
        options.until_empty = false;
        options.drain_ns = 50 * MS;
        if (dfl_worker_open(pg_conninfo, graphs, COUNT(graphs), &options, &worker) != DFL_OK)
            _exit(1);
        signal(SIGTERM, stop_it);
        if (dfl_worker_run(worker) != DFL_OK)
            _exit(2);
        dfl_worker_close(worker);
        _exit(0);
    }
    while (number("SELECT count(*) FROM dfl_queue WHERE state = 2 AND saves = 1") != 1)
        pause_ms(2);
    kill(pid, SIGTERM);
    assert_int_equal(end_of(pid), 0);
    check(id, DFL_WORK_READY, 0, 0);
    assert_int_equal(number("SELECT count(*) FROM dfl_worker"), 0);
    may_end = true;
    work_with(quick());
    may_end = false;
    check(id, DFL_WORK_DONE, 0, 0);
    assert_int_equal(sum_of(id), 111);
}

static void what_is_cancelled_is_stopped(void **state) {
    dfl_worker_options options = quick();
    uint64_t running = submit_job("wait"), queued;
    int status = DFL_EINVAL;
    pthread_t thread;
    (void)state;
    acting = 0;
    options.lease_ns = 60 * MS;
    assert_int_equal(dfl_worker_open(pg_conninfo, graphs, COUNT(graphs), &options, &worker),
                     DFL_OK);
    pthread_create(&thread, NULL, run_worker, &status);
    while (!acting)
        pause_ms(1);
    queued =
        submit((dfl_submission){.graph = &add_work, .due_ns = INT64_C(4000000000) * 1000 * MS});
    assert_int_equal(dfl_work_cancel(work, queued), DFL_OK);
    assert_int_equal(dfl_work_cancel(work, running), DFL_OK);
    assert_int_equal(dfl_work_cancel(work, running), DFL_ENOTFOUND);
    pthread_join(thread, NULL);
    dfl_worker_close(worker);
    assert_int_equal(status, DFL_OK);
    check(running, DFL_WORK_CANCELLED, 0, 0);
    assert_int_equal(sum_of(running), 10);
    check(queued, DFL_WORK_CANCELLED, 0, 0);
}

/* ---- people ---- */

static char questions[512];

static void see_question(void *user, const dfl_question *question, const char *answer) {
    (void)user;
    snprintf(questions + strlen(questions), sizeof questions - strlen(questions), "%s:%s%s%s;",
             question->id, question->text.p, answer ? "=" : "", answer ? answer : "");
}

static const char *asked(uint64_t id) {
    questions[0] = '\0';
    assert_int_equal(dfl_work_questions(work, id, see_question, NULL), DFL_OK);
    return questions;
}

static void what_asks_waits_for_its_answers(void **state) {
    ask_state s;
    uint64_t id;
    (void)state;
    ask_state_init(&s);
    s.what = DFL_STR("lamp");
    id = submit((dfl_submission){.graph = &ask_work, .state = &s});
    work_with(quick());
    check(id, DFL_WORK_PAUSED, 0, 0);
    assert_string_equal(asked(id), "left:lamp, left?;right:lamp, right?;");
    assert_int_equal(dfl_work_answer(work, id, NULL, "yes"), DFL_EINVAL);
    assert_int_equal(dfl_work_answer(work, id, "middle", "yes"), DFL_EINVAL);
    assert_int_equal(dfl_work_answer(work, id, "right", "no\xff"), DFL_EINVAL);
    assert_int_equal(dfl_work_answer(work, id, "right", "no"), DFL_OK);
    assert_string_equal(asked(id), "left:lamp, left?;right:lamp, right?=no;");
    work_with(quick());
    check(id, DFL_WORK_PAUSED, 0, 0);
    assert_string_equal(asked(id), "left:lamp, left?;");
    assert_int_equal(dfl_work_answer(work, id, NULL, "yes"), DFL_OK);
    work_with(quick());
    check(id, DFL_WORK_DONE, 0, 0);
    assert_string_equal(asked(id), "");
    assert_int_equal(dfl_work_answer(work, id, NULL, "yes"), DFL_ENOTFOUND);
    assert_int_equal(dfl_work_load(work, id, &ask_work, &s, NULL), DFL_OK);
    assert_string_equal(s.log.p, "left yes. right no. ");
    ask_state_free(&s);
}

static char listed[512];

static int list_one(void *user, const dfl_work_status *run) {
    (void)user;
    snprintf(listed + strlen(listed), sizeof listed - strlen(listed), "%s:%s ",
             run->key ? run->key : run->graph, dfl_work_state_name(run->state));
    return 0;
}

static const char *list(dfl_work_filter filter) {
    listed[0] = '\0';
    assert_int_equal(dfl_work_list(work, &filter, list_one, NULL), DFL_OK);
    return listed;
}

static void count_one(void *user, const dfl_work_stats *stats) {
    (void)user;
    snprintf(listed + strlen(listed), sizeof listed - strlen(listed), "%s %d %d %d;", stats->graph,
             (int)stats->runs[DFL_WORK_READY], (int)stats->runs[DFL_WORK_DEAD],
             (int)stats->runs[DFL_WORK_DONE]);
    assert_int_equal(stats->oldest_ns > 0, stats->runs[DFL_WORK_READY] > 0);
}

static void runs_are_listed_counted_and_forgotten(void **state) {
    size_t n = 0;
    (void)state;
    submit_add(1, 0, "a");
    submit_add(2, 0, "b");
    submit_job("fail");
    work_with(quick());
    submit_add(3, 0, "c");
    assert_string_equal(list((dfl_work_filter){0}), "job:dead c:ready ");
    assert_string_equal(list((dfl_work_filter){.states = ~0u}), "a:done b:done job:dead c:ready ");
    assert_string_equal(list((dfl_work_filter){.states = ~0u, .limit = 3, .above = 1}),
                        "b:done job:dead c:ready ");
    assert_string_equal(list((dfl_work_filter){.states = 1u << DFL_WORK_DONE, .graph = "add"}),
                        "a:done b:done ");
    listed[0] = '\0';
    assert_int_equal(dfl_work_count(work, count_one, NULL), DFL_OK);
    assert_string_equal(listed, "add 1 0 2;job 0 1 0;");
    assert_int_equal(dfl_work_forget(work, 0, 0, &n), DFL_OK);
    assert_int_equal(n, 0);
    assert_int_equal(dfl_work_forget(work, INT64_C(4000000000) * 1000 * MS, 1, &n), DFL_OK);
    assert_int_equal(n, 1);
    assert_string_equal(list((dfl_work_filter){.states = 1u << DFL_WORK_DONE}), "b:done ");
    assert_int_equal(number("SELECT count(*) FROM dfl_key"), 2);
}

/* ---- versions ---- */

/* As an older program would have put it: another layout, and its mark. */
static void as_of_another_version(const char *layout) {
    char query[512];
    snprintf(query, sizeof query,
             "INSERT INTO dfl_lane(graph, mark) VALUES('add', 4711);"
             "INSERT INTO dfl_layout VALUES(4711, 'add', '%s');"
             "UPDATE dfl_queue SET lane = (SELECT lane FROM dfl_lane WHERE mark = 4711)",
             layout);
    sql(query);
}

static void an_older_version_is_read_where_it_can_be(void **state) {
    uint64_t id = submit_add(5, 0, NULL);
    (void)state;
    as_of_another_version("state\n  n: i64\n  sum: i64\ncounters\n");
    work_with(quick());
    assert_int_equal(sum_of(id), 6);
}

static void what_cannot_be_read_is_left_to_others(void **state) {
    uint64_t id = submit_add(5, 0, NULL), other;
    add_state s;
    dfl_error error;
    (void)state;
    as_of_another_version("state\n  n: f64\n  sum: i64\ncounters\n");
    other = submit_add(6, 0, NULL);
    work_with(quick());
    check(id, DFL_WORK_READY, 0, 0);
    assert_int_equal(sum_of(other), 7);
    add_state_init(&s);
    assert_int_equal(dfl_work_load(work, id, &add_work, &s, &error), DFL_ESCHEMA);
    assert_int_equal(dfl_work_load(work, other, &job_work, &s, &error), DFL_ESCHEMA);
    assert_string_equal(error.message, "the run is one of graph 'add', not of 'job'");
    add_state_free(&s);
}

/* ---- rows of a stranger ---- */

static void numbers_at_their_end_stop_no_other_run(void **state) {
    uint64_t good, failing, cancelled;
    (void)state;
    failing = submit_job("fail");
    cancelled = submit_job("fail");
    good = submit_add(5, 0, NULL);
    sql("UPDATE dfl_queue SET epoch = 2147483647, attempts = 2147483647, crashes = 2147483647,"
        " failures = 2147483647");
    assert_int_equal(dfl_work_cancel(work, cancelled), DFL_OK);
    work_with(quick());
    assert_int_equal(sum_of(good), 6);
    check(failing, DFL_WORK_DEAD, 1, 0); /* it saved, so these counts begin again, but not that of all failures */
}

static void count_any(void *user, const dfl_work_stats *stats) {
    (void)stats;
    ++*(int *)user;
}

static void times_that_no_clock_comes_to_are_told(void **state) {
    static const char *const times[] = {"infinity", "-infinity", "4713-01-01 BC", "294276-01-01"};
    uint64_t id = submit_add(5, 0, NULL);
    char query[128];
    (void)state;
    for (size_t i = 0; i < COUNT(times); i++) {
        int graphs_told = 0;
        snprintf(query, sizeof query, "UPDATE dfl_queue SET due = '%s', submitted = '%s'", times[i], times[i]);
        sql(query);
        if (dfl_work_count(work, count_any, &graphs_told) != DFL_OK)
            fail_msg("%s", dfl_work_error(work));
        assert_int_equal(graphs_told, 1);
        check(id, DFL_WORK_READY, 0, 0);
        assert_true(looked.due_ns == (i % 3 ? INT64_MIN : INT64_MAX));
        assert_true(looked.submitted_ns == looked.due_ns);
    }
    sql("UPDATE dfl_queue SET due = now() - interval '1 minute'");
    listed[0] = '\0';
    assert_int_equal(dfl_work_count(work, count_one, NULL), DFL_OK);
    assert_string_equal(listed, "add 1 0 0;");
    work_with(quick());
    assert_int_equal(sum_of(id), 6);
}

/* ---- tables of versions before ---- */

static void open_again(void) {
    dfl_work_close(work);
    work = NULL;
    assert_int_equal(dfl_work_open(pg_conninfo, NULL, &work), DFL_OK);
}

static void as_of_version_3(void) {
    sql("DROP TABLE dfl_taken; ALTER TABLE dfl_worker RENAME given_up TO ended;"
        "CREATE INDEX dfl_queue_running ON dfl_queue(worker) WHERE state = 2;"
        "UPDATE dfl_version SET version = 3");
}

static void runs_in_tables_of_a_version_before_go_on(void **state) {
    uint64_t done = submit_add(1, 0, NULL), id;
    (void)state;
    work_with(quick());
    id = submit_job("fail once");
    as_of_version_3();
    sql("ALTER TABLE dfl_queue ALTER saves TYPE integer, DROP failures;"
        "ALTER TABLE dfl_finished ALTER saves TYPE integer, DROP failures;"
        "UPDATE dfl_queue SET saves = 2147483647;"
        "UPDATE dfl_version SET version = 2");
    open_again();
    assert_int_equal(number("SELECT version FROM dfl_version"), 4);
    acts = 0;
    work_with(quick());
    check(id, DFL_WORK_DONE, 1, 0);
    assert_int_equal(looked.failures, 1);
    assert_int_equal(sum_of(id), 111);
    assert_int_equal(sum_of(done), 2);
    assert_int_equal(number("SELECT count(*) FROM dfl_finished WHERE saves > 2147483647"), 1);
}

/* One had crashed; and the statements of others that still run name a column that is no more. */
static void workers_of_a_version_before_are_found_and_stopped(void **state) {
    uint64_t id = submit_add(1, 0, NULL);
    pid_t pid;
    (void)state;
    pid = start_worker((dfl_worker_options){.poll_ns = 5 * MS});
    while (number("SELECT count(*) FROM dfl_finished") != 1)
        pause_ms(2);
    kill(pid, SIGKILL);
    assert_int_equal(end_of(pid), -SIGKILL);
    check(id, DFL_WORK_DONE, 0, 0);
    id = submit_add(5, 0, NULL);
    submit_add(6, 0, NULL);
    as_of_version_3();
    sql("UPDATE dfl_worker SET until = now() - interval '1 s'");
    sql("UPDATE dfl_queue SET state = 2, epoch = 1, worker = (SELECT min(worker) FROM dfl_worker)");
    open_again();
    assert_int_equal(number("SELECT cardinality(runs) FROM dfl_taken ORDER BY worker LIMIT 1"), 2);
    work_with(quick());
    check(id, DFL_WORK_DONE, 0, 1);
    assert_int_equal(sum_of(id), 6);
    assert_int_equal(number("SELECT count(*) FROM dfl_finished WHERE crashes = 1"), 2);
    assert_int_equal(number("SELECT count(*) FROM dfl_worker, dfl_taken"), 0);
    assert_int_equal(number("SELECT count(*) FROM pg_attribute WHERE attrelid = 'dfl_worker'::regclass AND attname ="
                            " 'ended'"),
                     0);
}

static void tables_of_the_store_alone_become_those_of_a_queue(void **state) {
    (void)state;
    sql("DROP TABLE dfl_queue, dfl_finished, dfl_lane, dfl_key, dfl_question, dfl_worker, dfl_taken;"
        "DROP SEQUENCE dfl_run_id, dfl_worker_id; UPDATE dfl_version SET version = 1");
    open_again();
    uint64_t id = submit_add(5, 0, NULL);
    work_with(quick());
    assert_int_equal(sum_of(id), 6);
}

/* ---- what is refused ---- */

static void what_makes_no_sense_is_refused(void **state) {
    static dfl_graph without;
    dfl_work_graph stranger = add_work;
    const dfl_work_graph *twice[] = {&add_work, &add_work}, *bare[] = {&stranger};
    dfl_submission run = {0};
    dfl_error error = {0};
    dfl_worker_options options = {.error = &error};
    dfl_worker *w;
    (void)state;
    without = add_graph;
    without.no_checkpoints = true;
    stranger.graph = &without;
    assert_int_equal(dfl_work_submit(work, &run, 1), DFL_EINVAL);
    assert_string_equal(dfl_work_error(work), "a run to be submitted names no graph");
    run = (dfl_submission){.name = "add", .key = ""};
    assert_int_equal(dfl_work_submit(work, &run, 1), DFL_EINVAL);
    assert_string_equal(dfl_work_error(work), "a run to be submitted has an empty key");
    run = (dfl_submission){.graph = &stranger};
    assert_int_equal(dfl_work_submit(work, &run, 1), DFL_EINVAL);
    assert_string_equal(dfl_work_error(work), "the graph was compiled with -fno-checkpoints: no "
                                              "queue can hold its runs");
    assert_int_equal(dfl_work_submit(work, NULL, 0), DFL_OK);
    assert_int_equal(dfl_worker_open(pg_conninfo, NULL, 0, &options, &w), DFL_EINVAL);
    assert_string_equal(error.message, "a worker needs a graph");
    assert_int_equal(dfl_worker_open(pg_conninfo, twice, 2, &options, &w), DFL_EINVAL);
    assert_string_equal(error.message, "a worker has two graphs called 'add'");
    assert_int_equal(dfl_worker_open(pg_conninfo, bare, 1, &options, &w), DFL_EINVAL);
    assert_string_equal(error.message, "no queue can hold runs of a graph compiled with "
                                       "-fno-checkpoints: 'add'");
    assert_int_equal(dfl_worker_open("host=/nowhere/at/all", graphs, 1, &options, &w), DFL_ESTORE);
    assert_non_null(strstr(error.message, "the worker cannot be opened: connection to server"));
    assert_int_equal(dfl_work_retry(work, 99), DFL_ENOTFOUND);
    assert_int_equal(dfl_work_retry(work, submit_add(1, 0, NULL)), DFL_EINVAL);
    assert_string_equal(dfl_work_state_name((dfl_work_state)99), "");
}

#define QUEUE_TEST(NAME) cmocka_unit_test_setup_teardown(NAME, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        QUEUE_TEST(runs_end_once_with_their_states),
        QUEUE_TEST(many_are_submitted_at_once_and_run_by_many),
        QUEUE_TEST(what_was_planned_for_short_tables_does_for_long_ones),
        QUEUE_TEST(a_key_is_taken_once),
        QUEUE_TEST(urgent_ones_come_first_and_early_ones_not),
        QUEUE_TEST(inputs_may_be_json),
        QUEUE_TEST(a_graph_that_saves_nowhere_has_an_end),
        QUEUE_TEST(a_node_may_be_called_work),
        QUEUE_TEST(what_fails_is_tried_again_from_where_it_was),
        QUEUE_TEST(what_crashes_its_workers_is_put_aside),
        QUEUE_TEST(what_gets_further_fails_so_often_at_most),
        QUEUE_TEST(crashes_are_failures),
        QUEUE_TEST(a_late_save_is_refused),
        QUEUE_TEST(what_another_runs_is_left_alone),
        QUEUE_TEST(what_cannot_be_told_is_given_back),
        QUEUE_TEST(a_worker_that_was_stopped_changes_nothing),
        QUEUE_TEST(cut_connections_are_made_again),
        QUEUE_TEST(a_claim_whose_answer_was_lost_is_given_back),
        QUEUE_TEST(a_stop_drains),
        QUEUE_TEST(what_is_cancelled_is_stopped),
        QUEUE_TEST(what_asks_waits_for_its_answers),
        QUEUE_TEST(runs_are_listed_counted_and_forgotten),
        QUEUE_TEST(an_older_version_is_read_where_it_can_be),
        QUEUE_TEST(what_cannot_be_read_is_left_to_others),
        QUEUE_TEST(numbers_at_their_end_stop_no_other_run),
        QUEUE_TEST(times_that_no_clock_comes_to_are_told),
        QUEUE_TEST(runs_in_tables_of_a_version_before_go_on),
        QUEUE_TEST(workers_of_a_version_before_are_found_and_stopped),
        QUEUE_TEST(tables_of_the_store_alone_become_those_of_a_queue),
        QUEUE_TEST(what_makes_no_sense_is_refused),
    };
    char as_admin[300];
    int failed;
    if (pg_start("") != 0)
        return 1;
    snprintf(as_admin, sizeof as_admin, "%s application_name=admin", pg_conninfo);
    admin = PQconnectdb(as_admin);
    sql("SET client_min_messages = error");
    failed = cmocka_run_group_tests_name("queue", tests, NULL, NULL);
    PQfinish(admin);
    return pg_do("stop") != 0 || failed;
}
