/* What the verbs of 'dflc queue' share: the open queue, and how a failure is told. */
#ifndef DFLC_QUEUE_TOOL_H
#define DFLC_QUEUE_TOOL_H

#include "../arena.h"
#include "../options.h"
#include "pg/dfl_pg.h"

typedef struct QueueTool {
    Arena *arena;
    dfl_work *work;
    const Options *options;
    const char **words; /* behind the verb and the queue */
    size_t n_words;
} QueueTool;

/* One line on standard error, about a run (NULL: none) and a status of the library; the exit status. */
int queue_failed(const QueueTool *tool, const char *run, int status);
/* The run that a word names: by its number, or by its key. DONE, or the exit status after a line on standard error. */
int queue_run_of(const QueueTool *tool, const char *word, uint64_t *id);

/* Each returns the exit status. */
int queue_ls(QueueTool *tool);
int queue_show(QueueTool *tool);
int queue_stats(QueueTool *tool);
int queue_submit(QueueTool *tool);
int queue_answer(QueueTool *tool);
int queue_retry(QueueTool *tool);
int queue_cancel(QueueTool *tool);
int queue_forget(QueueTool *tool);

#endif
