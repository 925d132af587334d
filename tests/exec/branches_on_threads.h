#include "dfl.h"

/* Counts that a node has run, and adds `word` to its words, if it has any. */
int said(dfl_ctx *ctx, const char *word, dfl_str_list *words);
