/* What other files of the runtime need of the pool. */
#ifndef DFL_POOL_H
#define DFL_POOL_H

#include <pthread.h>

#include "dfl.h"

/* The pool of runs that name none. It is never freed; its workers end at exit. */
dfl_pool *dfl__shared_pool(void);

#endif
