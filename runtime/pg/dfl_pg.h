/* Checkpoints and a work queue in PostgreSQL: an optional library, for programs that outgrow one machine.
 *
 *     -ldflrt-pg -ldflrt -lpq -lpthread
 *
 * README.md beside this file says what is promised when a machine dies, and when to choose what. */
#ifndef DFL_PG_H
#define DFL_PG_H

#include <dfl.h>

#ifdef __cplusplus
extern "C" {
#endif

/* All zero are the defaults. */
typedef struct dfl_pg_options {
    /* Told in words of every failure of the server or of the way to it, by the thread that met it; store
     * operations themselves return a status and errno. The handle must not be used within. May be NULL. */
    void (*on_error)(void *user, const char *message);
    void *user;
    dfl_error *error; /* filled when opening fails */
} dfl_pg_options;

/* ---- a store ---- */

/* Connects as `conninfo` says (libpq's "host=... dbname=..." or a postgresql:// address; "" for what the
 * environment says), and makes or migrates the tables, all called dfl_*, in the first schema of the search
 * path; other tables are left alone. Any number of processes on any machines may have it open. options: may
 * be NULL. One handle is one connection, which the threads of the process take in turn; after fork() only
 * one of the two processes may go on using it.
 *
 * Under DFL_SYNC a save is committed with the server's synchronous_commit as the connection has it (it must
 * not be off for the promise of dfl.h to hold); under DFL_ASYNC it is committed without waiting for the disk.
 * A connection that was cut is made again: operations that read are simply repeated, and a save is repeated
 * where the server does not have it, so none is there twice. Where no connection is to be had for some seconds the
 * operation fails, and of a save then nobody can say whether it is there.
 *
 * DFL_OK; DFL_ESTORE (errno is ECONNREFUSED, ECONNRESET, EACCES, ENOSPC, EBUSY or EIO); DFL_ESCHEMA: a newer
 * version made the tables; DFL_ENOMEM; DFL_EINVAL. dfl_store_close closes it. */
int dfl_pg_open(const char *conninfo, const dfl_pg_options *options, dfl_store **store);

/* ---- a work queue ----
 *
 * Programs submit runs; workers, on any machines, take those of graphs that they were compiled with, and run
 * them. The queue holds the latest checkpoint of each run: every save of a run, its pause and its end commit
 * in one transaction with what the queue says of it, and only while the run is still that worker's. So a state
 * is advanced exactly once, whatever dies, and a worker that was given up for dead can change nothing any
 * more. What nodes do elsewhere may happen again after a crash, as with every store: dfl_effect_key (dfl.h)
 * makes that harmless where the other side remembers keys. */

/* What a queue is told of a graph. Made by DFL_WORK_GRAPH, and constant. */
typedef struct dfl_work_graph {
    const dfl_graph *graph;
    void (*init)(void *state);
    void (*free)(void *state);
    int (*run)(void *state, const dfl_run *run);
    int (*resume)(void *state, const dfl_run *run);
    int (*load)(void *state, const dfl_run *run);
    int (*update)(const dfl_run *run, const void *state, bool at_end);
    int (*from_json)(void *state, const char *text, size_t n, dfl_error *error);
    size_t (*questions)(const void *state, const dfl_question **questions);
} dfl_work_graph;

/* Stands at file level in a program that includes the header generated for graph NAME, and defines
 * `static const dfl_work_graph NAME_work`. No semicolon behind it. */
#define DFL_WORK_GRAPH(NAME) DFL__WORK_GRAPH(NAME##_, NAME##_work)
/* The same under another name: where a node of the graph is called `work`, NAME_work is its function. */
#define DFL_WORK_GRAPH_AS(NAME, IT) DFL__WORK_GRAPH(NAME##_, IT)
#define DFL__WORK_GRAPH(NAME_, IT)                                                                 \
    static void NAME_##_work_init(void *state)                                                     \
    {                                                                                              \
        NAME_##state_init((NAME_##state *)state);                                                  \
    }                                                                                              \
    static void NAME_##_work_free(void *state)                                                     \
    {                                                                                              \
        NAME_##state_free((NAME_##state *)state);                                                  \
    }                                                                                              \
    static int NAME_##_work_run(void *state, const dfl_run *run)                                   \
    {                                                                                              \
        return NAME_##run((NAME_##state *)state, run);                                             \
    }                                                                                              \
    static int NAME_##_work_resume(void *state, const dfl_run *run)                                \
    {                                                                                              \
        return NAME_##resume((NAME_##state *)state, run);                                          \
    }                                                                                              \
    static int NAME_##_work_load(void *state, const dfl_run *run)                                  \
    {                                                                                              \
        return NAME_##load((NAME_##state *)state, NULL, run);                                      \
    }                                                                                              \
    static int NAME_##_work_update(const dfl_run *run, const void *state, bool at_end)             \
    {                                                                                              \
        return NAME_##update(run, (const NAME_##state *)state,                                     \
                             at_end ? NAME_##at_end : NAME_##at_start);                            \
    }                                                                                              \
    static int NAME_##_work_from_json(void *state, const char *text, size_t n, dfl_error *error)   \
    {                                                                                              \
        return NAME_##from_json((NAME_##state *)state, text, n, error);                            \
    }                                                                                              \
    static size_t NAME_##_work_questions(const void *state, const dfl_question **questions)        \
    {                                                                                              \
        return NAME_##questions((const NAME_##state *)state, questions);                           \
    }                                                                                              \
    static const dfl_work_graph IT = {                                                             \
        &NAME_##graph,        NAME_##_work_init,   NAME_##_work_free,      NAME_##_work_run,       \
        NAME_##_work_resume,  NAME_##_work_load,   NAME_##_work_update,    NAME_##_work_from_json, \
        NAME_##_work_questions};

typedef struct dfl_work dfl_work;

/* Connects and makes the tables, as dfl_pg_open, with its results. A handle is one connection, which the
 * threads of the process take in turn; it connects again after a cut. */
int dfl_work_open(const char *conninfo, const dfl_pg_options *options, dfl_work **work);
void dfl_work_close(dfl_work *work);
/* What failed last on this handle, in words; "" when nothing has. Valid until its next call. */
const char *dfl_work_error(const dfl_work *work);

/* A run to be submitted. All zero but for what says which graph, and its inputs. */
typedef struct dfl_submission {
    /* Either the graph, and a state whose inputs are set: it is only read, and saved as a checkpoint, so a
     * worker compiled with a later version of the graph can read it. */
    const dfl_work_graph *graph;
    const void *state;      /* NULL: the defaults */
    /* or its name and a JSON object of inputs (NULL: the defaults), which the worker reads: from_json. */
    const char *name, *json;
    const char *key;        /* a second run of this key is not taken; also its thread_id. NULL: it has none, and
                             * its thread_id is its number */
    int32_t priority;       /* higher ones are taken first, of those that came a tenth of a second ago or earlier */
    int64_t due_ns;         /* CLOCK_REALTIME; not before. 0: at once */
    /* Filled by dfl_work_submit. */
    uint64_t id;            /* of the run, or of the one that had the key before */
    bool is_new;
} dfl_submission;

/* Submits n runs, all or none, and durably. A submission that was cut is repeated, and none is there twice.
 * DFL_OK; DFL_EINVAL: neither graph nor name, an empty key, or a graph compiled with -fno-checkpoints; DFL_ENOMEM;
 * DFL_ESTORE with errno: EFBIG when they are more than 512 MiB together; and where the connection was lost for good, nobody can say whether they are there. */
int dfl_work_submit(dfl_work *work, dfl_submission *runs, size_t n);

typedef enum dfl_work_state {
    DFL_WORK_READY = 0,     /* to be taken by the next worker */
    DFL_WORK_SUSPECT = 1,   /* the same, but a worker has crashed with it: it is taken alone */
    DFL_WORK_RUNNING = 2,
    DFL_WORK_WAITING = 3,   /* for its time: it is due later, or failed and will be tried again */
    DFL_WORK_PAUSED = 4,    /* for answers */
    DFL_WORK_DEAD = 5,      /* failed or crashed too often; dfl_work_retry */
    DFL_WORK_DONE = 6,
    DFL_WORK_CANCELLED = 7
} dfl_work_state;

/* "ready", ... ; "" when it is none. */
const char *dfl_work_state_name(dfl_work_state state);

/* Strings are valid during the callback that is given it. */
typedef struct dfl_work_status {
    uint64_t id;
    const char *key;        /* NULL: none */
    const char *graph;
    dfl_work_state state;
    int32_t priority;
    int64_t submitted_ns, due_ns, finished_ns;  /* CLOCK_REALTIME of the server; finished 0: not yet. INT64_MIN, INT64_MAX:
                             * before 1677, behind 2262, or an infinite one */
    uint32_t attempts;      /* that failed, since it last got further */
    uint32_t crashes;       /* of workers that had it, since then */
    uint64_t step;          /* node executions that are saved */
    const char *next;       /* the node to run next; "end"; "" where it has inputs in JSON and has not begun */
    const char *error;      /* of the last failure; NULL: none */
    uint32_t failures;      /* of both kinds, since it was submitted, or retried by dfl_work_retry */
    uint64_t worker;        /* that has it; 0: none */
} dfl_work_status;

/* One run, finished ones too. DFL_OK, DFL_ENOTFOUND, DFL_ESTORE. */
int dfl_work_look(dfl_work *work, uint64_t id, void (*each)(void *user, const dfl_work_status *),
                  void *user);
/* Its number by its key. DFL_OK, DFL_ENOTFOUND, DFL_ESTORE. */
int dfl_work_find(dfl_work *work, const char *key, uint64_t *id);

/* All zero: everything that is not finished. */
typedef struct dfl_work_filter {
    uint32_t states;        /* bits 1u << DFL_WORK_...; 0: all that is not finished */
    const char *graph;      /* NULL: any */
    uint64_t above;         /* runs with higher numbers than this */
    size_t limit;           /* at most so many; 0: all */
} dfl_work_filter;

/* By number, ascending; `each` returns nonzero to stop. filter: may be NULL. */
int dfl_work_list(dfl_work *work, const dfl_work_filter *filter,
                  int (*each)(void *user, const dfl_work_status *), void *user);

/* What a paused run asks. `answer` is what was given since; NULL: nothing. */
int dfl_work_questions(dfl_work *work, uint64_t id,
                       void (*each)(void *user, const dfl_question *, const char *answer), void *user);
/* Answers a question of a paused run, which then goes on: what else it asked it asks again. question: its id;
 * NULL: the only one. The text is UTF-8. DFL_OK; DFL_ENOTFOUND: no such run, or it is finished; DFL_EINVAL: it asks
 * no such thing, or several and `question` is NULL; DFL_EBUSY: it runs at the moment; DFL_ESTORE. */
int dfl_work_answer(dfl_work *work, uint64_t id, const char *question, const char *text);
/* A run that is dead or waits is tried again at once, its failures forgotten. DFL_OK, DFL_ENOTFOUND, DFL_EINVAL: it is
 * neither; DFL_ESTORE. */
int dfl_work_retry(dfl_work *work, uint64_t id);
/* Ends a run that is not finished; its state is kept as it is. A worker that runs it is told by its next save, or
 * within its lease. DFL_OK, DFL_ENOTFOUND, DFL_ESTORE. */
int dfl_work_cancel(dfl_work *work, uint64_t id);
/* Removes finished runs that ended before, at most `limit` (0: all), and their keys. *n: how many. */
int dfl_work_forget(dfl_work *work, int64_t before_ns, size_t limit, size_t *n);

/* The state of a run, the final one of a finished one; *state must be initialised. DFL_OK; DFL_ENOTFOUND;
 * DFL_ESCHEMA: of another graph, or of a version that cannot be read; DFL_ESTORE, DFL_ECORRUPT, DFL_ENOMEM. error:
 * may be NULL. */
int dfl_work_load(dfl_work *work, uint64_t id, const dfl_work_graph *graph, void *state,
                  dfl_error *error);
/* The same as JSON, appended in one line, whatever program the graph is in, as dfl_store_get; of a run with inputs
 * in JSON that has not begun, these. */
int dfl_work_json(dfl_work *work, uint64_t id, dfl_buf *json);

/* Of one graph. */
typedef struct dfl_work_stats {
    const char *graph;
    uint64_t runs[DFL_WORK_CANCELLED + 1];      /* by state */
    int64_t oldest_ns;      /* how long the oldest has been ready; 0: none is */
} dfl_work_stats;

int dfl_work_count(dfl_work *work, void (*each)(void *user, const dfl_work_stats *), void *user);

/* ---- workers ---- */

typedef struct dfl_worker dfl_worker;

/* All zero are the defaults. */
typedef struct dfl_worker_options {
    const dfl_run *run;     /* hooks, pool, user, timeout_ns and durability of each run; the rest is the worker's. It
                             * outlives the worker. DFL_ON_EXIT: a run saves at its end, a pause or a failure only */
    unsigned threads;       /* that take runs, each with a connection; 0: 1 */
    unsigned batch;         /* runs that a thread takes at once, where they are quick; 0: 500 */
    int64_t lease_ns;       /* a worker not heard of for so long is given up, and its runs go to others; 0: 30 s */
    int64_t poll_ns;        /* between looks into an empty queue, more or less; 0: 0.2 s */
    unsigned max_attempts;  /* a run that failed so often, and got no further, is dead; 0: 5 */
    unsigned max_crashes;   /* the same of one with which so many workers crashed; 0: 3 */
    unsigned max_failures;  /* or that failed or crashed so often in all, however far it got in between; 0: 1000 */
    int64_t backoff_ns;     /* before the second attempt, about; doubled for each further, up to an hour; 0: 1 s */
    int64_t drain_ns;       /* after dfl_worker_stop a run may go on so long before it is stopped at its next node, and
                             * left to others; 0: 10 s */
    bool until_empty;       /* dfl_worker_run returns when nothing for these graphs is ready, runs or waits for its
                             * time */
    void (*on_error)(void *user, const char *message);  /* as in dfl_pg_options; from any thread of the worker */
    void *user;
    dfl_error *error;       /* filled when opening fails */
} dfl_worker_options;

/* Connects and makes the tables. The graphs outlive the worker. options: may be NULL. As dfl_pg_open, and
 * DFL_EINVAL: no graph, two of one name, or one compiled with -fno-checkpoints. */
int dfl_worker_open(const char *conninfo, const dfl_work_graph *const *graphs, size_t n_graphs,
                    const dfl_worker_options *options, dfl_worker **worker);
/* Takes runs and runs them, on the calling thread and options->threads - 1 more, until it is stopped. A server that
 * cannot be reached is waited for. DFL_OK; DFL_ENOMEM or DFL_ESTORE (errno EAGAIN) when its threads cannot be
 * started; DFL_ESTORE when it was stopped and the server could not be reached: what it had is then
 * left to others when its lease is over. */
int dfl_worker_run(dfl_worker *worker);
/* From any thread, or a signal handler: dfl_worker_run takes no more runs, ends those under way (drain_ns), gives the
 * others back, and returns. */
void dfl_worker_stop(dfl_worker *worker);
/* How many runs it has run to their end so far, with those that were no longer its own by then. From any thread. */
uint64_t dfl_worker_finished(const dfl_worker *worker);
/* dfl_worker_run must have returned. NULL does nothing. */
void dfl_worker_close(dfl_worker *worker);

#ifdef __cplusplus
}
#endif

#endif
