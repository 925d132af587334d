/* A dfl_work, for its files: one connection under one lock. */
#ifndef DFL_PG_WORK_H
#define DFL_PG_WORK_H

#include "queue.h"

#include <pthread.h>

struct dfl_work {
    Queue queue;
    pthread_mutex_t lock; /* guards all of it, but for `said` and what is the user's */
    char said[256];       /* dfl_work_error */
};

void dfl__work_lock(dfl_work *work);
/* Keeps what was said of a failure, and returns the status, with errno as it was. */
int dfl__work_unlock(dfl_work *work, int status);
/* The same with words of its own. */
int dfl__work_refuse(dfl_work *work, int status, const char *why);

#endif
