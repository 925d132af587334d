/* The work queue, for the files that submit, look and work: a connection with the statements of queue_sql.c,
 * and what it need not ask twice. No lock: whoever has one serialises its use.
 *
 * note [who may change a run]
 * A run that is taken has its epoch raised, and whoever took it changes it only where state and epoch are still
 * those: in the same statement that does the change. Whatever takes it away (a lease that is over, a person)
 * raises the epoch again. So of all who believe that a run is theirs, one can change it.
 *
 * note [a claim that was cut]
 * When the connection is cut while runs are being taken, nobody can say which were. A claim locks the row of its
 * worker against being deleted; so who deletes that row has waited for the claim, and later ones find no worker.
 * A thread whose claim was cut gives back what is running under its number and takes a new one.
 *
 * note [what a worker has]
 * dfl_taken lists the runs that a worker took last, so that those of one that crashed are found. An index of the runs by
 * worker would do the same at the price of an entry for each. A claim writes the list anew, in the same statement: by
 * then all that was on it has ended (that statement says so), or the queue was told what became of it. A worker that could not
 * tell gives back what it has, and goes on under another number. What is on the list may be another's by now: of each
 * run its row decides. */
#ifndef DFL_PG_QUEUE_H
#define DFL_PG_QUEUE_H

#include "array.h"

enum { RECONNECT_MS = 10000 };

typedef enum QueueStatement {
    Q_LANE_PUT,
    Q_LANE_GET,
    Q_LANES,
    Q_PUT_LAYOUT,
    Q_LAYOUT,
    Q_NUMBERS,
    Q_SUBMIT_KEYS,
    Q_SUBMIT,
    Q_SUBMITTED,
    Q_LOOK,
    Q_FIND,
    Q_LIST,
    Q_LOAD,
    Q_COUNT,
    Q_QUESTIONS,
    Q_ANSWER,
    Q_RETRY,
    Q_CANCEL,
    Q_FORGET,
    Q_REGISTER,
    Q_BEAT,
    Q_STRAYS,
    Q_TURN,
    Q_SAVE,
    Q_PAUSE,
    Q_FAIL,
    Q_RELEASE,
    Q_ANSWERS,
    Q_UNREGISTER,
    Q_GIVE_BACK,
    Q_PROMOTE,
    Q_IS_ANY_LOST,
    Q_EXPIRE,
    Q_REAP,
    Q_LOCK_ENDED,
    Q_BURY,
    Q_IS_ANY_LEFT,
    Q_STATEMENTS
} QueueStatement;

extern const PgStatement dfl__queue_statements[Q_STATEMENTS];

/* The columns of Q_LOOK and Q_LIST. */
enum {
    COL_RUN,
    COL_KEY,
    COL_GRAPH,
    COL_STATE,
    COL_PRIORITY,
    COL_SUBMITTED,
    COL_DUE,
    COL_FINISHED,
    COL_ATTEMPTS,
    COL_CRASHES,
    COL_STEP,
    COL_NEXT,
    COL_ERROR,
    COL_FAILURES,
    COL_WORKER
};

/* Those of Q_TURN, which has a row for each run that was taken, and of Q_LOAD. */
enum {
    TURN_RUN,
    TURN_EPOCH,
    TURN_LANE,
    TURN_PRIORITY,
    TURN_STEP,
    TURN_SAVES,
    TURN_ASKS,
    TURN_KEY,
    TURN_NEXT,
    TURN_BODY
};
enum { LOAD_GRAPH, LOAD_MARK, LOAD_STEP, LOAD_SAVES, LOAD_NEXT, LOAD_BODY };

/* A lane holds runs that are read alike: those of one graph whose checkpoints have one layout. Mark 0: runs that
 * have not begun, with inputs in JSON. */
typedef struct Lane {
    struct Lane *next;
    int32_t lane;
    uint64_t mark;
    char graph[];
} Lane;

/* A text of dfl_layout that was put or read. */
typedef struct Layout {
    struct Layout *next;
    uint64_t mark;
    size_t n;
    char text[];
} Layout;

typedef struct Queue {
    Pg pg;
    Lane *lanes;
    Layout *layouts;
    bool waits; /* this connection's commits wait for the disk */
} Queue;

/* Connects; on a failure *queue is as after dfl__queue_end. */
int dfl__queue_begin(Queue *queue, const char *conninfo, const dfl_pg_options *options);
void dfl__queue_end(Queue *queue);
int dfl__queue_reconnect(Queue *queue, int ms);

/* A statement that may be done twice: after a cut it is repeated. */
int dfl__queue_ask(Queue *queue, QueueStatement statement, const PgArgs *args, PGresult **result);
/* The same without a result but how many rows it changed (rows: may be NULL). */
int dfl__queue_change(Queue *queue, QueueStatement statement, const PgArgs *args, int64_t *rows);
/* The same once: after a cut it fails. */
int dfl__queue_change_once(Queue *queue, QueueStatement statement, const PgArgs *args,
                           int64_t *rows);
int dfl__queue_wait_for_disk(Queue *queue, bool waits);

/* The lane of a graph and a mark, made where there is none. */
int dfl__queue_lane(Queue *queue, const char *graph, uint64_t mark, int32_t *lane);
/* As in dfl_store_ops. */
int dfl__queue_put_layout(Queue *queue, const char *graph, uint64_t mark, const char *text,
                          size_t n);
int dfl__queue_layout(Queue *queue, uint64_t mark, dfl_buf *out);

/* Replaces what is no UTF-8 by '?', in place: the server takes nothing else as text. */
void dfl__queue_only_utf8(char *text);

#endif
