/* What the verbs of 'dflc store' share: the open store, and how a failure is told. */
#ifndef DFLC_STORE_TOOL_H
#define DFLC_STORE_TOOL_H

#include "../arena.h"
#include "dfl.h"

typedef struct Tool {
    Arena *arena;
    dfl_store *store;
    const char *path;
    bool json;
    const char **words; /* behind the verb and the store */
    size_t n_words;
} Tool;

/* One line on standard error about a thread, or NULL, and a status of the runtime; the exit status. */
int tool_failed(const Tool *tool, const char *thread, int status);
/* A number above 0, of the word i; false after a line on standard error. */
bool tool_number(const Tool *tool, size_t i, uint64_t *number);

/* A copy of a name or text, which are a stranger's: what would move the cursor of a terminal is '?'. */
const char *tool_printable(Arena *arena, const char *text);

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

#endif
