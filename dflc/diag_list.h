/* What diagnostics are made of, for the writers of their formats alone. */
#ifndef DFLC_DIAG_LIST_H
#define DFLC_DIAG_LIST_H

#include "diag.h"

typedef struct Note {
    Span at; /* zero: without a place */
    const char *text;
} Note;

struct Diag {
    Arena *arena;
    const char *severity; /* "error", "warning" */
    const char *warning;  /* the warning's name; NULL for plain errors */
    const char *text;
    Span at, also;      /* source NULL: without a place */
    bool is_error;      /* a warning may be one, too: -Werror */
    size_t source_rank; /* sources are numbered by first use */
    size_t number;      /* keeps the order of arrival within one place */
    Note *notes;
    size_t n_notes, cap_notes;
};

/* All that were collected since the last call, in the order in which they are shown. The array
 * lives in the arena; the collection forgets them, but not how many errors there were. */
Diag *const *diags_take(Diags *diags, size_t *n);

#endif
