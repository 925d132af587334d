/* Submitting to the work queue. */
#define _POSIX_C_SOURCE 200809L

#include "work.h"
#include "run_store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the handle ---- */

void dfl__work_lock(dfl_work *work) {
    pthread_mutex_lock(&work->lock);
    work->queue.pg.message[0] = '\0';
}

int dfl__work_unlock(dfl_work *work, int status) {
    int why = errno;
    const char *message = work->queue.pg.message;
    if (status != DFL_OK)
        snprintf(work->said, sizeof work->said, "%s", *message ? message : dfl_strerror(status));
    pthread_mutex_unlock(&work->lock);
    errno = why;
    return status;
}

int dfl__work_refuse(dfl_work *work, int status, const char *why) {
    snprintf(work->said, sizeof work->said, "%s", why);
    return status;
}

const char *dfl_work_error(const dfl_work *work) {
    return work->said;
}

int dfl_work_open(const char *conninfo, const dfl_pg_options *options, dfl_work **work) {
    dfl_work *w;
    int status, why;
    if (!conninfo || !work)
        return DFL_EINVAL;
    w = calloc(1, sizeof *w);
    if (!w)
        return DFL_ENOMEM;
    pthread_mutex_init(&w->lock, NULL);
    status = dfl__queue_begin(&w->queue, conninfo, options);
    if (status == DFL_OK) {
        *work = w;
        return DFL_OK;
    }
    if (options)
        (void)dfl__pg_error(&w->queue.pg, status, "the queue cannot be opened", options->error);
    why = errno;
    dfl_work_close(w);
    errno = why;
    return status;
}

void dfl_work_close(dfl_work *work) {
    if (!work)
        return;
    dfl__queue_end(&work->queue);
    pthread_mutex_destroy(&work->lock);
    free(work);
}

/* ---- what is submitted, as arrays ---- */

typedef struct Batch {
    Queue *queue;
    PgArray keys, numbers, lanes, priorities, due, next, bodies;
    bool has_keys;
    /* Of the run at hand: what its store was given. */
    RunStore store;
    int32_t lane;
} Batch;

static int take_checkpoint(void *user, const dfl_record *record, dfl_durability durability) {
    Batch *batch = user;
    (void)durability;
    dfl__pg_array_bytes(&batch->bodies, record->body, record->n);
    dfl__pg_array_text(&batch->next, record->about.next);
    return dfl__queue_lane(batch->queue, record->graph, record->layout, &batch->lane);
}

/* A checkpoint before the first node. */
static int put_state(Batch *batch, const dfl_work_graph *graph, const void *state) {
    dfl_error error;
    dfl_run run = {
        .thread_id = "a run to be submitted", .store = batch->store.store, .error = &error};
    void *initial;
    int status;
    if (state)
        return graph->update(&run, state, false);
    initial = malloc(graph->graph->state->size);
    if (!initial)
        return DFL_ENOMEM;
    graph->init(initial);
    status = graph->update(&run, initial, false);
    graph->free(initial);
    free(initial);
    return status;
}

static int put_json(Batch *batch, const char *name, const char *json) {
    const char *text = json ? json : "{}";
    dfl__pg_array_bytes(&batch->bodies, text, strlen(text));
    dfl__pg_array_text(&batch->next, "");
    return dfl__queue_lane(batch->queue, name, 0, &batch->lane);
}

static int put_run(Batch *batch, const dfl_submission *run) {
    int status = run->graph ? put_state(batch, run->graph, run->state)
                            : put_json(batch, run->name, run->json);
    dfl__pg_array_bytes(&batch->keys, run->key, run->key ? strlen(run->key) : 0);
    dfl__pg_array_i64(&batch->numbers, (int64_t)run->id);
    dfl__pg_array_i32(&batch->lanes, batch->lane);
    dfl__pg_array_i32(&batch->priorities, run->priority);
    if (run->due_ns)
        dfl__pg_array_i64(&batch->due, dfl__pg_time(run->due_ns));
    else
        dfl__pg_array_bytes(&batch->due, NULL, 0);
    batch->has_keys = batch->has_keys || run->key;
    return status;
}

static int batch_begin(Batch *batch, Queue *queue) {
    *batch = (Batch){.queue = queue, .store = {.queue = queue, .save = take_checkpoint}};
    batch->store.user = batch;
    dfl__pg_array_begin(&batch->keys, PG_BYTEA);
    dfl__pg_array_begin(&batch->numbers, PG_INT8);
    dfl__pg_array_begin(&batch->lanes, PG_INT4);
    dfl__pg_array_begin(&batch->priorities, PG_INT4);
    dfl__pg_array_begin(&batch->due, PG_TIME);
    dfl__pg_array_begin(&batch->next, PG_TEXT);
    dfl__pg_array_begin(&batch->bodies, PG_BYTEA);
    return dfl__run_store_begin(&batch->store);
}

static void batch_end(Batch *batch) {
    PgArray *all[] = {&batch->keys, &batch->numbers, &batch->lanes, &batch->priorities,
                      &batch->due,  &batch->next,    &batch->bodies};
    int why = errno;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        dfl__pg_array_free(all[i]);
    if (batch->store.store)
        dfl__run_store_end(&batch->store);
    errno = why;
}

/* ---- submitting ---- */

/* Numbers are drawn first, so that what was cut can be repeated under the same. */
static int draw_numbers(Queue *queue, dfl_submission *runs, size_t n) {
    PgArgs args = {0};
    PGresult *result = NULL;
    int status;
    dfl__pg_i64(&args, (int64_t)n);
    status = dfl__queue_ask(queue, Q_NUMBERS, &args, &result);
    for (size_t i = 0; status == DFL_OK && i < n; i++)
        runs[i].id = (uint64_t)dfl__pg_get_i64(result, (int)i, 0);
    PQclear(result);
    return status;
}

static int put_keys(Queue *queue, Batch *batch) {
    PgArgs args = {0};
    if (!batch->has_keys)
        return DFL_OK;
    if (!dfl__pg_array(&args, &batch->keys) || !dfl__pg_array(&args, &batch->numbers))
        return DFL_ENOMEM;
    return dfl__queue_change_once(queue, Q_SUBMIT_KEYS, &args, NULL);
}

static int put_runs(Queue *queue, Batch *batch) {
    PgArgs args = {0};
    if (!dfl__pg_array(&args, &batch->keys) || !dfl__pg_array(&args, &batch->numbers) ||
        !dfl__pg_array(&args, &batch->lanes) || !dfl__pg_array(&args, &batch->priorities) ||
        !dfl__pg_array(&args, &batch->due) || !dfl__pg_array(&args, &batch->next) ||
        !dfl__pg_array(&args, &batch->bodies))
        return DFL_ENOMEM;
    if (batch->bodies.bytes.n > INT32_MAX / 2) { /* what the server takes at once */
        errno = EFBIG;
        return DFL_ESTORE;
    }
    return dfl__queue_change_once(queue, Q_SUBMIT, &args, NULL);
}

/* again: an earlier attempt was cut. Nobody can say whether it is done, or being done still by a server process that
 * has not noticed: the lock waits for that one, and for workers that have moved what it did. */
static int submit_once(Queue *queue, Batch *batch, bool again) {
    int status = dfl__pg_exec(&queue->pg, "BEGIN");
    if (status == DFL_OK && again)
        status = dfl__pg_exec(&queue->pg, "LOCK TABLE dfl_queue IN SHARE ROW EXCLUSIVE MODE");
    if (status == DFL_OK)
        status = put_keys(queue, batch);
    if (status == DFL_OK)
        status = put_runs(queue, batch);
    return dfl__pg_finish(&queue->pg, status);
}

static int submit_all(Queue *queue, Batch *batch) {
    enum { TRIES = 5 };
    int status = submit_once(queue, batch, false);
    for (int i = 0; i < TRIES && dfl__pg_was_cut(&queue->pg, status); i++) {
        status = dfl__queue_reconnect(queue, RECONNECT_MS);
        if (status == DFL_OK)
            status = submit_once(queue, batch, true);
    }
    return status;
}

/* Whose the keys are. */
static int tell(Queue *queue, Batch *batch, dfl_submission *runs, size_t n) {
    PgArgs args = {0};
    PGresult *result = NULL;
    int status;
    for (size_t i = 0; i < n; i++)
        runs[i].is_new = true;
    if (!batch->has_keys)
        return DFL_OK;
    if (!dfl__pg_array(&args, &batch->keys))
        return DFL_ENOMEM;
    status = dfl__queue_ask(queue, Q_SUBMITTED, &args, &result);
    for (size_t i = 0; status == DFL_OK && i < n; i++) {
        uint64_t id = (uint64_t)dfl__pg_get_i64(result, (int)i, 0);
        if (PQgetisnull(result, (int)i, 0))
            continue;
        runs[i].is_new = id == runs[i].id;
        runs[i].id = id;
    }
    PQclear(result);
    return status;
}

static const char *why_not(const dfl_submission *runs, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (!runs[i].graph && (!runs[i].name || !runs[i].name[0]))
            return "a run to be submitted names no graph";
        if (runs[i].graph && runs[i].graph->graph->no_checkpoints)
            return "the graph was compiled with -fno-checkpoints: no queue can hold its runs";
        if (runs[i].key && !runs[i].key[0])
            return "a run to be submitted has an empty key";
    }
    return NULL;
}

static int submit(Queue *queue, dfl_submission *runs, size_t n) {
    Batch batch;
    int status = batch_begin(&batch, queue);
    if (status == DFL_OK)
        status = draw_numbers(queue, runs, n);
    for (size_t i = 0; status == DFL_OK && i < n; i++)
        status = put_run(&batch, &runs[i]);
    if (status == DFL_OK)
        status = submit_all(queue, &batch);
    if (status == DFL_OK)
        status = tell(queue, &batch, runs, n);
    batch_end(&batch);
    return status;
}

int dfl_work_submit(dfl_work *work, dfl_submission *runs, size_t n) {
    const char *why;
    if (!work || (!runs && n > 0))
        return DFL_EINVAL;
    why = why_not(runs, n);
    if (why)
        return dfl__work_refuse(work, DFL_EINVAL, why);
    if (n == 0)
        return DFL_OK;
    dfl__work_lock(work);
    return dfl__work_unlock(work, submit(&work->queue, runs, n));
}
