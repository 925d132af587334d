/* One run of the queue: from what was taken to what the queue is told of it. */
#define _POSIX_C_SOURCE 200809L

#include "worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRIES = 5 };

/* ---- saving ---- */

static bool is_end(const dfl_record *record) {
    return strcmp(record->about.next, "end") == 0;
}

/* The last one is told together with the end of the run. */
static int keep_final(Taker *t, const dfl_record *record) {
    uint8_t *to;
    t->final.n = 0;
    to = dfl_buf_room(&t->final, record->n);
    if (!to)
        return DFL_ENOMEM;
    memcpy(to, record->body, record->n);
    t->last = *record;
    return DFL_OK;
}

/* What was cut may be done, or being done still: then the row is waited for, and saved the same once more. */
static int save_row(Taker *t, const PgArgs *args, bool waits) {
    int64_t rows = 0;
    int status = dfl__queue_wait_for_disk(&t->queue, waits);
    if (status == DFL_OK)
        status = dfl__queue_change_once(&t->queue, Q_SAVE, args, &rows);
    for (int i = 0; i < TRIES && dfl__pg_was_cut(&t->queue.pg, status); i++) {
        status = dfl__queue_reconnect(&t->queue, RECONNECT_MS);
        if (status == DFL_OK)
            status = dfl__queue_wait_for_disk(&t->queue, waits);
        if (status == DFL_OK)
            status = dfl__queue_change_once(&t->queue, Q_SAVE, args, &rows);
    }
    if (status != DFL_OK || rows > 0)
        return status;
    t->is_refused = true;
    errno = ESTALE;
    return DFL_ESTORE;
}

static int save(void *user, const dfl_record *record, dfl_durability durability) {
    Taker *t = user;
    PgArgs args = {0};
    int32_t lane = 0;
    int status;
    if (is_end(record))
        return keep_final(t, record);
    if (record->n > INT32_MAX / 2) { /* a bytea has at most 1 GiB */
        errno = EFBIG;
        return DFL_ESTORE;
    }
    status = dfl__queue_lane(&t->queue, record->graph, record->layout, &lane);
    if (status != DFL_OK)
        return status;
    dfl__pg_i64(&args, (int64_t)t->claim->run);
    dfl__pg_i32(&args, t->claim->epoch);
    dfl__pg_i32(&args, lane);
    dfl__pg_i64(&args, (int64_t)record->about.step);
    dfl__pg_text(&args, record->about.next);
    dfl__pg_bytes(&args, record->n ? (const void *)record->body : "", record->n);
    return save_row(t, &args, durability != DFL_ASYNC);
}

/* ---- what the queue is told ---- */

static void about_claim(PgArgs *args, const Claim *claim) {
    *args = (PgArgs){0};
    dfl__pg_i64(args, (int64_t)claim->run);
    dfl__pg_i32(args, claim->epoch);
}

static Outcome told(Taker *t, int status, int64_t rows) {
    if (status == DFL_OK)
        return rows > 0 ? RUN_SETTLED : RUN_LOST;
    if (dfl__pg_was_cut(&t->queue.pg, status))
        return RUN_CUT;
    t->keeps_one = true; /* no memory, or a server that refuses */
    return RUN_LOST;
}

static Outcome give_back(Taker *t) {
    PgArray runs = {0}, epochs = {0};
    PgArgs args = {0};
    int64_t rows = 0;
    int status = DFL_ENOMEM;
    dfl__pg_array_begin(&runs, PG_INT8);
    dfl__pg_array_begin(&epochs, PG_INT4);
    dfl__pg_array_i64(&runs, (int64_t)t->claim->run);
    dfl__pg_array_i32(&epochs, t->claim->epoch);
    if (dfl__pg_array(&args, &runs) && dfl__pg_array(&args, &epochs))
        status = dfl__queue_change(&t->queue, Q_RELEASE, &args, &rows);
    dfl__pg_array_free(&runs);
    dfl__pg_array_free(&epochs);
    return told(t, status, rows);
}

static void describe(char *text, size_t n, int status, const dfl_error *error) {
    const char *what = error->message[0] ? error->message : dfl_strerror(status);
    if (error->node[0])
        snprintf(text, n, "%s (%s): %s", error->node, error->at, what);
    else
        snprintf(text, n, "%s", what);
    dfl__queue_only_utf8(text);
}

/* What no further attempt can mend. */
static bool is_hopeless(int status) {
    return status == DFL_EINVAL || status == DFL_ECORRUPT;
}

static Outcome fail(Taker *t, int status, const dfl_error *error) {
    const dfl_worker_options *o = &t->worker->options;
    char text[640];
    PgArgs args;
    int64_t rows = 0;
    describe(text, sizeof text, status, error);
    about_claim(&args, t->claim);
    dfl__pg_i32(&args, is_hopeless(status) ? 0 : (int32_t)o->max_attempts);
    dfl__pg_i64(&args, o->backoff_ns / 1000);
    dfl__pg_text(&args, text);
    dfl__pg_i32(&args, (int32_t)o->max_failures);
    status = dfl__queue_change(&t->queue, Q_FAIL, &args, &rows);
    return told(t, status, rows);
}

/* A text of the server has no NUL. */
static void put_text(PgArray *array, dfl_str text, dfl_buf *copy) {
    char *to;
    copy->n = 0;
    to = (char *)dfl_buf_room(copy, text.n + 1);
    if (!to) {
        array->failed = true;
        return;
    }
    for (size_t i = 0; i < text.n; i++)
        to[i] = text.p[i] ? text.p[i] : '?';
    to[text.n] = '\0';
    dfl__queue_only_utf8(to);
    dfl__pg_array_text(array, to);
}

static Outcome pause_run(Taker *t, const dfl_work_graph *graph, const void *state) {
    PgArray ids = {0}, nodes = {0}, elements = {0}, texts = {0};
    const dfl_question *questions;
    size_t n = graph->questions(state, &questions);
    dfl_buf copy = {0};
    PgArgs args;
    int64_t rows = 0;
    int status = DFL_ENOMEM;
    about_claim(&args, t->claim);
    dfl__pg_array_begin(&ids, PG_TEXT);
    dfl__pg_array_begin(&nodes, PG_TEXT);
    dfl__pg_array_begin(&elements, PG_INT8);
    dfl__pg_array_begin(&texts, PG_TEXT);
    for (size_t i = 0; i < n; i++) {
        dfl__pg_array_text(&ids, questions[i].id);
        dfl__pg_array_text(&nodes, questions[i].node);
        dfl__pg_array_i64(&elements, questions[i].index);
        put_text(&texts, questions[i].text, &copy);
    }
    if (dfl__pg_array(&args, &ids) && dfl__pg_array(&args, &nodes) &&
        dfl__pg_array(&args, &elements) && dfl__pg_array(&args, &texts))
        status = dfl__queue_change(&t->queue, Q_PAUSE, &args, &rows);
    dfl__pg_array_free(&ids);
    dfl__pg_array_free(&nodes);
    dfl__pg_array_free(&elements);
    dfl__pg_array_free(&texts);
    dfl_buf_free(&copy);
    return told(t, status, rows);
}

/* A graph that saves nowhere has no last checkpoint: it is made. */
static int make_final(const Taker *t, const dfl_work_graph *graph, const void *state,
                      const dfl_run *run) {
    dfl_run last = {.thread_id = run->thread_id, .store = run->store, .error = run->error};
    return t->last.graph ? DFL_OK : graph->update(&last, state, true);
}

static int end(Taker *t) {
    Ended *ended = &t->ended;
    int32_t lane;
    int status = dfl__queue_lane(&t->queue, t->last.graph, t->last.layout, &lane);
    if (status != DFL_OK)
        return status;
    dfl__pg_array_i64(&ended->runs, (int64_t)t->claim->run);
    dfl__pg_array_i32(&ended->epochs, t->claim->epoch);
    dfl__pg_array_i32(&ended->lanes, lane);
    dfl__pg_array_i64(&ended->steps, (int64_t)t->last.about.step);
    dfl__pg_array_bytes(&ended->bodies, t->final.p, t->final.n);
    return ended->bodies.failed ? DFL_ENOMEM : DFL_OK;
}

/* ---- running ---- */

/* The tender sees it from now on, and may cancel it. False where nothing that was taken is its own any more. */
static bool show(Taker *t, const Claim *claim) {
    bool lost;
    pthread_mutex_lock(&t->worker->lock);
    lost = t->lost;
    t->run = claim ? claim->run : 0;
    t->run_epoch = claim ? claim->epoch : 0;
    t->cancel.requested = 0;
    pthread_mutex_unlock(&t->worker->lock);
    return !lost;
}

static Known lane_of(const Taker *t, int32_t number) {
    dfl_worker *worker = t->worker;
    Known known = {0};
    pthread_mutex_lock(&worker->lock);
    for (int i = 0; i < worker->n_lanes; i++)
        if (worker->lanes[i].lane == number)
            known = worker->lanes[i];
    pthread_mutex_unlock(&worker->lock);
    return known;
}

/* Its other runs are left to those who can read them. */
static void leave_lane(const Taker *t, int32_t number) {
    dfl_worker *worker = t->worker;
    pthread_mutex_lock(&worker->lock);
    for (int i = 0; i < worker->n_lanes; i++)
        if (worker->lanes[i].lane == number)
            worker->lanes[i].unreadable = true;
    pthread_mutex_unlock(&worker->lock);
}

static void set_now(Taker *t, const Known *lane) {
    const PGresult *taken = t->taken;
    int row = t->claim->row;
    t->store.now =
        (dfl_record){.about = {.id = (uint64_t)dfl__pg_get_i64(taken, row, TURN_SAVES) + 1,
                               .thread = t->id,
                               .step = (uint64_t)dfl__pg_get_i64(taken, row, TURN_STEP),
                               .next = PQgetvalue(taken, row, TURN_NEXT)},
                     .graph = lane->mark ? lane->graph->graph->name : NULL,
                     .layout = lane->mark,
                     .body = (const uint8_t *)PQgetvalue(taken, row, TURN_BODY),
                     .n = (size_t)PQgetlength(taken, row, TURN_BODY)};
}

/* Answers that were given and are in no checkpoint yet; their texts are those of *result. */
static int get_answers(Taker *t, PGresult **result, dfl_answer **answers, size_t *n) {
    PgArgs args = {0};
    int status;
    *n = 0;
    dfl__pg_i64(&args, (int64_t)t->claim->run);
    status = dfl__queue_ask(&t->queue, Q_ANSWERS, &args, result);
    if (status != DFL_OK)
        return status;
    *answers = calloc((size_t)PQntuples(*result) + 1, sizeof **answers);
    if (!*answers)
        return DFL_ENOMEM;
    for (*n = 0; *n < (size_t)PQntuples(*result); ++*n) {
        int row = (int)*n;
        (*answers)[*n] =
            (dfl_answer){PQgetvalue(*result, row, 0),
                         {PQgetvalue(*result, row, 1), (size_t)PQgetlength(*result, row, 1)}};
    }
    return DFL_OK;
}

/* From inputs in JSON the run begins, from a checkpoint it goes on. */
static int run_graph(Taker *t, const Known *lane, void *state, dfl_run *run) {
    const dfl_record *now = &t->store.now;
    PGresult *result = NULL;
    dfl_answer *answers = NULL;
    int status = DFL_OK;
    if (!lane->mark) {
        status = lane->graph->from_json(state, (const char *)now->body, now->n, run->error);
        return status == DFL_OK ? lane->graph->run(state, run) : status;
    }
    if (t->claim->asks > 0)
        status = get_answers(t, &result, &answers, &run->n_answers);
    run->answers = answers;
    if (status == DFL_OK)
        status = lane->graph->resume(state, run);
    run->answers = NULL;
    run->n_answers = 0;
    PQclear(result);
    free(answers);
    return status;
}

/* Before its first node: then it says of all the lane what it says of the run. */
static bool is_of_a_lane_it_cannot_read(const Taker *t, int status) {
    return status == DFL_ESCHEMA && t->store.now.about.step == 0 &&
           strcmp(t->store.now.about.next, "start") == 0;
}

static Outcome settle(Taker *t, const Known *lane, const void *state, const dfl_run *run,
                      int status) {
    if (status == DFL_OK)
        status = make_final(t, lane->graph, state, run);
    if (status == DFL_OK)
        status = end(t);
    if (status == DFL_OK)
        return RUN_ENDED;
    if (t->is_refused)
        return RUN_LOST;
    if (dfl__pg_was_cut(&t->queue.pg, status))
        return RUN_CUT;
    if (status == DFL_PAUSED && !lane->graph->graph->never_saves)
        return pause_run(t, lane->graph, state);
    if (status == DFL_PAUSED) {
        snprintf(run->error->message, sizeof run->error->message,
                 "the graph saves nowhere, so it cannot wait for an answer");
        return fail(t, DFL_EINVAL, run->error);
    }
    if (status == DFL_ECANCELLED) /* by the tender: it is lost, or this worker ends */
        return give_back(t);
    if (is_of_a_lane_it_cannot_read(t, status)) {
        leave_lane(t, t->claim->lane);
        return give_back(t);
    }
    return fail(t, status, run->error);
}

static void forget_run(Taker *t) {
    t->claim = NULL;
    t->last = (dfl_record){0};
    t->is_refused = false;
}

/* As "%llu" does, but for each of many short runs. */
static void put_id(Taker *t, uint64_t run) {
    char digits[sizeof t->id];
    size_t from = sizeof digits;
    digits[--from] = '\0';
    do
        digits[--from] = (char)('0' + run % 10);
    while (run /= 10);
    memcpy(t->id, digits + from, sizeof digits - from);
}

Outcome dfl__taker_run(Taker *t, const Claim *claim) {
    const char *key = dfl__pg_get_text(t->taken, claim->row, TURN_KEY);
    Known lane = lane_of(t, claim->lane);
    dfl_error error = {0};
    dfl_run run = t->worker->run;
    void *state;
    Outcome outcome;
    forget_run(t);
    t->claim = claim;
    put_id(t, claim->run);
    set_now(t, &lane);
    run.thread_id = key ? key : t->id;
    run.store = t->store.store;
    run.checkpoint = NULL;
    run.cancel = &t->cancel;
    run.answer = (dfl_str){NULL, 0};
    run.answers = NULL;
    run.n_answers = 0;
    run.error = &error;
    state = lane.graph ? malloc(lane.graph->graph->state->size) : NULL;
    if (!state)
        return give_back(t);
    lane.graph->init(state);
    outcome =
        show(t, claim) ? settle(t, &lane, state, &run, run_graph(t, &lane, state, &run)) : RUN_LOST;
    (void)show(t, NULL);
    lane.graph->free(state);
    free(state);
    return outcome;
}

int dfl__taking_begin(Taker *t) {
    t->store.queue = &t->queue;
    t->store.save = save;
    t->store.user = t;
    return dfl__run_store_begin(&t->store);
}

void dfl__taking_end(Taker *t) {
    if (t->store.store)
        dfl__run_store_end(&t->store);
    dfl_buf_free(&t->final);
}
