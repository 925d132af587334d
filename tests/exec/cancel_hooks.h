/* What the nodes of cancel_ends_the_run.dfl tell its main. */
#ifndef CANCEL_HOOKS_H
#define CANCEL_HOOKS_H

#include <dfl.h>

enum { BY_THREAD, BY_SIGNAL };

/* After some rounds: cancel in the way that `stop` says. */
void cancel_at(uint64_t round, int32_t stop);
/* A node has begun to wait for the cancel. */
void wait_begins(void);

#endif
