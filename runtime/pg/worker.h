/* A dfl_worker, for its files: threads that take runs (taker.c) and run them (taking.c), and one that tends the
 * queue for them (tender.c).
 *
 * Each taker has a connection and a number of its own in dfl_worker, for whose lease the tender sees. What both
 * touch is under worker->lock. */
#ifndef DFL_PG_WORKER_H
#define DFL_PG_WORKER_H

#include "run_store.h"

#include <pthread.h>

/* A lane whose runs this worker can read. */
typedef struct Known {
    int32_t lane;
    uint64_t mark;
    const dfl_work_graph *graph;
    bool unreadable; /* it turned out */
} Known;

/* What has ended and is to be told to the queue with the next turn. */
typedef struct Ended {
    PgArray runs, epochs, lanes, steps, bodies;
} Ended;

/* A run that was taken; strings and body are those of the result of Q_TURN. */
typedef struct Claim {
    uint64_t run;
    int32_t epoch, lane, priority, asks;
    int row; /* of that result */
} Claim;

/* From where on a taker looks in a lane. */
typedef struct From {
    int32_t lane;
    int64_t rank; /* the priority, negated */
    uint64_t run;
} From;

typedef struct Taker {
    struct dfl_worker *worker;
    pthread_t thread;
    Queue queue;
    bool is_connected, is_started;
    int status; /* of dfl_worker_run, of this taker */

    /* Under worker->lock: the tender reads and sets them. */
    uint64_t number; /* in dfl_worker; 0: it has none */
    bool lost;       /* given up by others: what it has is no longer its own */
    uint64_t run;    /* that it runs; 0: none */
    int32_t run_epoch;
    dfl_cancel cancel; /* of that run */

    /* Its own. */
    PGresult *taken;
    Claim *claims;
    int n_claims;
    Ended ended;
    char id[24]; /* the number of the run at hand, as text */
    From *from;  /* a lane that is not there is looked at from its beginning */
    int n_from, cap_from;
    int64_t from_until;
    bool keeps_one;  /* a run that it gave up is its own by the tables: of that the next turn must not forget it */
    unsigned want;   /* runs to take next */
    uint64_t chance; /* state of a generator */

    /* Of the run at hand. */
    const Claim *claim;
    RunStore store;
    dfl_buf final;   /* body of its last checkpoint, when it has ended */
    dfl_record last; /* the rest of that; graph NULL: it has not */
    bool is_refused; /* a save was: the run is no longer its own */
} Taker;

struct dfl_worker {
    dfl_worker_options options; /* with the defaults filled in */
    dfl_run run;                /* the options of every run */
    char *conninfo;
    const dfl_work_graph **graphs;
    size_t n_graphs;
    Taker *takers;
    Queue tending;
    uint64_t *asked; /* the tender's: by taker, the number that was to be renewed */

    pthread_mutex_t lock; /* guards what follows, and what a Taker says */
    Known *lanes;
    int n_lanes;
    unsigned working; /* takers that have not returned */

    int stop_pipe[2];  /* readable once it was stopped; never read */
    int done_pipe[2];  /* readable once all takers have returned */
    bool stopped;      /* __atomic */
    uint64_t finished; /* __atomic */
};

/* What the server is told of this process: "host 4711". */
void dfl__worker_name(char *name, size_t n);
bool dfl__worker_is_stopped(const dfl_worker *worker);
/* Until then, or until it is stopped. */
void dfl__worker_sleep(const dfl_worker *worker, int64_t ns);
/* Looks which lanes there are. `queue`: the caller's connection. */
int dfl__worker_find_lanes(dfl_worker *worker, Queue *queue);
int64_t dfl__worker_now(void); /* CLOCK_MONOTONIC, ns */

/* taker.c: returns when stopped, or when the queue is empty and that was asked for. */
int dfl__taker_begin(Taker *taker);
int dfl__taker_work(Taker *taker);
void dfl__taker_end(Taker *taker);

/* taking.c */
typedef enum Outcome {
    RUN_ENDED,   /* and is in taker->ended */
    RUN_SETTLED, /* the queue knows what became of it: it paused, failed, or was given back */
    RUN_LOST,    /* is no longer its own */
    RUN_CUT      /* nobody knows: the connection has gone */
} Outcome;
Outcome dfl__taker_run(Taker *taker, const Claim *claim);
int dfl__taking_begin(Taker *taker);
void dfl__taking_end(Taker *taker);

/* tender.c: until done_pipe is readable. */
void dfl__worker_tend(dfl_worker *worker);

#endif
