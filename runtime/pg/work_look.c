/* Looking into the work queue, and what people do to runs. */
#define _POSIX_C_SOURCE 200809L

#include "run_store.h"
#include "work.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const char *dfl_work_state_name(dfl_work_state state) {
    static const char *const names[] = {"ready",  "suspect", "running", "waiting",
                                        "paused", "dead",    "done",    "cancelled"};
    return state >= DFL_WORK_READY && state <= DFL_WORK_CANCELLED ? names[state] : "";
}

static void about(PgArgs *args, uint64_t id) {
    *args = (PgArgs){0};
    dfl__pg_i64(args, (int64_t)id);
}

/* ---- one run, and many ---- */

static int64_t time_of(const PGresult *result, int row, int column) {
    return PQgetisnull(result, row, column) ? 0 : dfl__pg_ns(dfl__pg_get_i64(result, row, column));
}

static dfl_work_status status_of(const PGresult *result, int row) {
    return (dfl_work_status){
        .id = (uint64_t)dfl__pg_get_i64(result, row, COL_RUN),
        .key = dfl__pg_get_text(result, row, COL_KEY),
        .graph = PQgetvalue(result, row, COL_GRAPH),
        .state = (dfl_work_state)dfl__pg_get_i64(result, row, COL_STATE),
        .priority = (int32_t)dfl__pg_get_i64(result, row, COL_PRIORITY),
        .submitted_ns = time_of(result, row, COL_SUBMITTED),
        .due_ns = time_of(result, row, COL_DUE),
        .finished_ns = time_of(result, row, COL_FINISHED),
        .attempts = (uint32_t)dfl__pg_get_i64(result, row, COL_ATTEMPTS),
        .crashes = (uint32_t)dfl__pg_get_i64(result, row, COL_CRASHES),
        .step = (uint64_t)dfl__pg_get_i64(result, row, COL_STEP),
        .next = PQgetvalue(result, row, COL_NEXT),
        .error = dfl__pg_get_text(result, row, COL_ERROR),
        .failures = (uint32_t)dfl__pg_get_i64(result, row, COL_FAILURES),
        .worker = (uint64_t)dfl__pg_get_i64(result, row, COL_WORKER),
    };
}

/* Of a statement that finds at most one row. */
static int ask_one(dfl_work *work, QueueStatement statement, const PgArgs *args,
                   PGresult **result) {
    int status;
    dfl__work_lock(work);
    status = dfl__queue_ask(&work->queue, statement, args, result);
    if (status == DFL_OK && PQntuples(*result) == 0)
        status = DFL_ENOTFOUND;
    return dfl__work_unlock(work, status);
}

int dfl_work_look(dfl_work *work, uint64_t id, void (*each)(void *user, const dfl_work_status *),
                  void *user) {
    PgArgs args;
    PGresult *result = NULL;
    int status;
    about(&args, id);
    status = ask_one(work, Q_LOOK, &args, &result);
    if (status == DFL_OK) {
        dfl_work_status run = status_of(result, 0);
        each(user, &run);
    }
    PQclear(result);
    return status;
}

int dfl_work_find(dfl_work *work, const char *key, uint64_t *id) {
    PgArgs args = {0};
    PGresult *result = NULL;
    int status;
    dfl__pg_bytes(&args, key, strlen(key));
    status = ask_one(work, Q_FIND, &args, &result);
    if (status == DFL_OK)
        *id = (uint64_t)dfl__pg_get_i64(result, 0, 0);
    PQclear(result);
    return status;
}

enum { PAGE = 500, NOT_FINISHED = (1 << DFL_WORK_DONE) - 1 };

static int page(dfl_work *work, const dfl_work_filter *filter, uint64_t above, size_t most,
                PGresult **result) {
    PgArgs args;
    int status;
    about(&args, above);
    dfl__pg_i32(&args, (int32_t)(filter->states ? filter->states : NOT_FINISHED));
    dfl__pg_text(&args, filter->graph);
    dfl__pg_i64(&args, most < PAGE ? (int64_t)most : PAGE);
    dfl__work_lock(work);
    status = dfl__queue_ask(&work->queue, Q_LIST, &args, result);
    return dfl__work_unlock(work, status);
}

int dfl_work_list(dfl_work *work, const dfl_work_filter *filter,
                  int (*each)(void *user, const dfl_work_status *), void *user) {
    static const dfl_work_filter everything;
    const dfl_work_filter *f = filter ? filter : &everything;
    size_t left = f->limit ? f->limit : SIZE_MAX;
    uint64_t above = f->above;
    bool stop = false;
    while (left > 0 && !stop) {
        PGresult *result = NULL;
        int status = page(work, f, above, left, &result), rows = PQntuples(result);
        if (status != DFL_OK)
            return status;
        for (int row = 0; row < rows && !stop; row++, left--) {
            dfl_work_status run = status_of(result, row);
            above = run.id;
            stop = each(user, &run) != 0;
        }
        PQclear(result);
        if (rows < PAGE)
            break;
    }
    return DFL_OK;
}

int dfl_work_questions(dfl_work *work, uint64_t id,
                       void (*each)(void *user, const dfl_question *, const char *answer),
                       void *user) {
    PgArgs args;
    PGresult *result = NULL;
    int status;
    about(&args, id);
    dfl__work_lock(work);
    status = dfl__work_unlock(work, dfl__queue_ask(&work->queue, Q_QUESTIONS, &args, &result));
    for (int row = 0; status == DFL_OK && row < PQntuples(result); row++) {
        dfl_question question = {
            .id = PQgetvalue(result, row, 0),
            .node = PQgetvalue(result, row, 1),
            .index = dfl__pg_get_i64(result, row, 2),
            .text = {PQgetvalue(result, row, 3), (size_t)PQgetlength(result, row, 3)}};
        each(user, &question, dfl__pg_get_text(result, row, 4));
    }
    PQclear(result);
    return status;
}

int dfl_work_count(dfl_work *work, void (*each)(void *user, const dfl_work_stats *), void *user) {
    PgArgs none = {0};
    PGresult *result = NULL;
    dfl_work_stats stats = {0};
    int status;
    dfl__work_lock(work);
    status = dfl__work_unlock(work, dfl__queue_ask(&work->queue, Q_COUNT, &none, &result));
    for (int row = 0; status == DFL_OK && row < PQntuples(result); row++) {
        const char *graph = PQgetvalue(result, row, 0);
        int64_t state = dfl__pg_get_i64(result, row, 1), age = dfl__pg_get_i64(result, row, 3);
        if (stats.graph && strcmp(stats.graph, graph) != 0) {
            each(user, &stats);
            stats = (dfl_work_stats){0};
        }
        stats.graph = graph;
        if (state >= DFL_WORK_READY && state <= DFL_WORK_CANCELLED)
            stats.runs[state] = (uint64_t)dfl__pg_get_i64(result, row, 2);
        stats.oldest_ns = age > stats.oldest_ns ? age : stats.oldest_ns;
    }
    if (stats.graph)
        each(user, &stats);
    PQclear(result);
    return status;
}

/* ---- states ---- */

/* A run as a store with one thread, which is only read. */
typedef struct Loaded {
    PGresult *result;
    RunStore store;
} Loaded;

static const char a_run[] = "run";

static int save_nothing(void *user, const dfl_record *record, dfl_durability durability) {
    (void)user, (void)record, (void)durability;
    errno = EROFS;
    return DFL_ESTORE;
}

static int load_begin(dfl_work *work, uint64_t id, Loaded *loaded) {
    PgArgs args;
    const PGresult *result;
    int status;
    about(&args, id);
    *loaded = (Loaded){.store = {.queue = &work->queue, .save = save_nothing}};
    status = dfl__queue_ask(&work->queue, Q_LOAD, &args, &loaded->result);
    result = loaded->result;
    if (status == DFL_OK && PQntuples(result) == 0)
        status = DFL_ENOTFOUND;
    if (status != DFL_OK)
        return status;
    loaded->store.now =
        (dfl_record){.about = {.id = (uint64_t)dfl__pg_get_i64(result, 0, LOAD_SAVES) + 1,
                               .thread = a_run,
                               .step = (uint64_t)dfl__pg_get_i64(result, 0, LOAD_STEP),
                               .next = PQgetvalue(result, 0, LOAD_NEXT)},
                     .graph = PQgetvalue(result, 0, LOAD_GRAPH),
                     .layout = (uint64_t)dfl__pg_get_i64(result, 0, LOAD_MARK),
                     .body = (const uint8_t *)PQgetvalue(result, 0, LOAD_BODY),
                     .n = (size_t)PQgetlength(result, 0, LOAD_BODY)};
    return dfl__run_store_begin(&loaded->store);
}

static void load_end(Loaded *loaded) {
    int why = errno;
    if (loaded->store.store)
        dfl__run_store_end(&loaded->store);
    PQclear(loaded->result);
    errno = why;
}

static bool is_json(const dfl_record *record) {
    return record->layout == 0 && record->about.next[0] == '\0';
}

static int not_its_graph(const Loaded *loaded, const dfl_work_graph *graph, dfl_error *error) {
    if (error) {
        memset(error, 0, sizeof *error);
        error->status = DFL_ESCHEMA;
        error->index = -1;
        snprintf(error->message, sizeof error->message,
                 "the run is one of graph '%.80s', not of '%.80s'", loaded->store.now.graph,
                 graph->graph->name);
    }
    return DFL_ESCHEMA;
}

static int load(const Loaded *loaded, const dfl_work_graph *graph, void *state, dfl_error *error) {
    const dfl_record *now = &loaded->store.now;
    dfl_run run = {.thread_id = a_run, .store = loaded->store.store, .error = error};
    if (strcmp(now->graph, graph->graph->name) != 0)
        return not_its_graph(loaded, graph, error);
    if (is_json(now))
        return graph->from_json(state, (const char *)now->body, now->n, error);
    return graph->load(state, &run);
}

int dfl_work_load(dfl_work *work, uint64_t id, const dfl_work_graph *graph, void *state,
                  dfl_error *error) {
    Loaded loaded;
    int status;
    dfl__work_lock(work);
    status = load_begin(work, id, &loaded);
    if (status == DFL_OK)
        status = load(&loaded, graph, state, error);
    else
        (void)dfl__pg_error(&work->queue.pg, status, "the run cannot be loaded", error);
    load_end(&loaded);
    return dfl__work_unlock(work, status);
}

static int json_of(const Loaded *loaded, dfl_buf *json) {
    const dfl_record *now = &loaded->store.now;
    uint8_t *to;
    if (!is_json(now))
        return dfl_store_get(loaded->store.store, a_run, 0, json);
    to = dfl_buf_room(json, now->n);
    if (!to)
        return DFL_ENOMEM;
    memcpy(to, now->body, now->n);
    return DFL_OK;
}

int dfl_work_json(dfl_work *work, uint64_t id, dfl_buf *json) {
    Loaded loaded;
    int status;
    dfl__work_lock(work);
    status = load_begin(work, id, &loaded);
    if (status == DFL_OK)
        status = json_of(&loaded, json);
    load_end(&loaded);
    return dfl__work_unlock(work, status);
}

/* ---- what people do ---- */

static int found(int status, int64_t rows) {
    return status == DFL_OK && rows == 0 ? DFL_ENOTFOUND : status;
}

static int answer(Queue *queue, uint64_t id, const char *question, const char *text) {
    PgArgs args;
    PGresult *result = NULL;
    int status;
    about(&args, id);
    dfl__pg_text(&args, question);
    dfl__pg_text(&args, text);
    status = dfl__queue_ask(queue, Q_ANSWER, &args, &result);
    if (status == DFL_OK && PQgetisnull(result, 0, 0))
        status = DFL_ENOTFOUND;
    else if (status == DFL_OK && dfl__pg_get_i64(result, 0, 0) == DFL_WORK_RUNNING)
        status = DFL_EBUSY;
    else if (status == DFL_OK && dfl__pg_get_i64(result, 0, 1) == 0)
        status = DFL_EINVAL;
    PQclear(result);
    return status;
}

int dfl_work_answer(dfl_work *work, uint64_t id, const char *question, const char *text) {
    if (!work || !text)
        return DFL_EINVAL;
    dfl__work_lock(work);
    return dfl__work_unlock(work, answer(&work->queue, id, question, text));
}

/* DFL_ENOTFOUND where the run is not there at all; `otherwise` where it is in another state. */
static int state_allows(Queue *queue, uint64_t id, int otherwise) {
    PgArgs args;
    PGresult *result = NULL;
    int status;
    about(&args, id);
    status = dfl__queue_ask(queue, Q_LOOK, &args, &result);
    if (status == DFL_OK)
        status = PQntuples(result) > 0 ? otherwise : DFL_ENOTFOUND;
    PQclear(result);
    return status;
}

int dfl_work_retry(dfl_work *work, uint64_t id) {
    PgArgs args;
    int64_t rows;
    int status;
    about(&args, id);
    dfl__work_lock(work);
    status = dfl__queue_change(&work->queue, Q_RETRY, &args, &rows);
    status = found(status, rows);
    if (status == DFL_ENOTFOUND)
        status = state_allows(&work->queue, id, DFL_EINVAL);
    return dfl__work_unlock(work, status);
}

/* After a cut the first attempt may have done it. */
int dfl_work_cancel(dfl_work *work, uint64_t id) {
    PgArgs args;
    int64_t rows = 0;
    bool again = false;
    int status;
    about(&args, id);
    dfl__work_lock(work);
    status = dfl__queue_change_once(&work->queue, Q_CANCEL, &args, &rows);
    if (dfl__pg_was_cut(&work->queue.pg, status) &&
        dfl__queue_reconnect(&work->queue, RECONNECT_MS) == DFL_OK) {
        again = true;
        status = dfl__queue_change_once(&work->queue, Q_CANCEL, &args, &rows);
    }
    status = found(status, rows);
    if (status == DFL_ENOTFOUND && again)
        status = state_allows(&work->queue, id, DFL_OK);
    return dfl__work_unlock(work, status);
}

int dfl_work_forget(dfl_work *work, int64_t before_ns, size_t limit, size_t *n) {
    PgArgs args = {0};
    PGresult *result = NULL;
    int status;
    dfl__pg_i64(&args, dfl__pg_time(before_ns));
    dfl__pg_i64(&args, limit && limit < INT64_MAX ? (int64_t)limit : INT64_MAX);
    dfl__work_lock(work);
    status = dfl__queue_ask(&work->queue, Q_FORGET, &args, &result);
    if (n)
        *n = status == DFL_OK ? (size_t)dfl__pg_get_i64(result, 0, 0) : 0;
    PQclear(result);
    return dfl__work_unlock(work, status);
}
