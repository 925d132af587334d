/* What the verbs of 'dflc store' share: the open store, and how a failure is told. */
#ifndef DFLC_STORE_TOOL_H
#define DFLC_STORE_TOOL_H

#include "../arena.h"
#include "dfl.h"
#include "inspect.h"

typedef struct Tool {
    Arena *arena;
    dfl_store *store;
    const char *path;
    bool json;
    const char **words; /* behind the verb and the store */
    size_t n_words;
    int64_t interval_ns; /* of watch */
    uint64_t count;      /* 0: without end */
    bool holds_damage;   /* what is damaged is told with the next tool_tell_held, not at once */
    const char **held;
    size_t n_held, cap_held, n_untold;
} Tool;

/* One line on standard error about a thread, or NULL, and a status of the runtime; the exit status. */
int tool_failed(const Tool *tool, const char *thread, int status);
/* A number above 0, of the word i; false after a line on standard error. */
bool tool_number(const Tool *tool, size_t i, uint64_t *number);
void tool_tell_held(Tool *tool);

/* Of a checkpoint, the value of the field i as JSON; NULL when it was not saved, or there is no memory. */
const char *checkpoint_value(Arena *arena, const dfl__seen *seen, uint32_t i);

/* Each returns the exit status. */
int store_ls(Tool *tool);
int store_history(Tool *tool);
int store_verify(Tool *tool);
int store_show(Tool *tool);
int store_diff(Tool *tool);
int store_fork(Tool *tool);
int store_rm(Tool *tool);
int store_prune(Tool *tool);
int store_compact(Tool *tool);
int store_export(Tool *tool);
int store_import(Tool *tool);
int store_watch(Tool *tool);

#endif
