/* Collect, order and print diagnostics.
 *
 * A stage reports every independent error it finds; main prints them in source order between
 * stages and stops if there was one. A message silences later generic ones by poisoning what it
 * names (error types, error names), never by a counter. */
#ifndef DFLC_DIAG_H
#define DFLC_DIAG_H

#include <stdbool.h>
#include <stdio.h>

#include "source.h"

typedef struct Diags Diags;
typedef struct Diag Diag;   /* one diagnostic, to which notes can be added */

Diags *diags_new(Arena *arena);

/* "file:line:col: error: text", the source line, a caret under the span. */
Diag *diag_error(Diags *diags, Span at, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* A warning with its switch: name is "dead-write" and so on. NULL when it is off. */
Diag *diag_warning(Diags *diags, Span at, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* A second span to underline on the same line as the first (ignored on another line). */
void diag_also(Diag *diag, Span span);
/* A note under a diagnostic; with a zero span, a line without a position. diag may be NULL. */
void diag_note(Diag *diag, Span at, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* How a warning is treated. The last switch for a name decides; a switch without a name is for
 * all the names that have none of their own. */
typedef enum WarnMode {
    WARN_ON,           /* -WNAME          the default */
    WARN_OFF,          /* -Wno-NAME       -w */
    WARN_ERROR,        /* -Werror=NAME    -Werror */
    WARN_NOT_ERROR,    /* -Wno-error=NAME -Wno-error */
} WarnMode;
void diags_warning_switch(Diags *diags, const char *name, WarnMode mode);
/* The warnings by number, in the order of the manual: the name (NULL: there are no more) and what
 * it is for. */
const char *diag_warning_name(size_t i);
const char *diag_warning_help(size_t i);

/* Moves the warnings of these names, but for those that are errors, into a collection of their own.
 * names: ends with NULL. */
Diags *diags_split(Diags *diags, const char *const *names);

size_t diags_errors(const Diags *diags);

/* Writes all, in order of source (files in order of first use), stable within one place, and
 * forgets them (the error count stays). At most 50 errors and 50 warnings are shown, then how
 * many more.
 * Columns are bytes + 1, as in gcc's -fdiagnostics-column-unit=byte; the caret is placed by
 * characters, with tabs at multiples of 8. Lines are cut to about 160 characters. */
void diags_print(Diags *diags, FILE *out, bool color);

/* The same as one JSON object a line (formats.md); every error is there. */
void diags_write_json(Diags *diags, FILE *out);

/* One SARIF 2.1.0 log of everything that a run of dflc finds: add what each stage found, and write
 * the log at the end. Lives in an arena of its own. */
typedef struct Sarif Sarif;
Sarif *sarif_new(Arena *arena);
void sarif_add(Sarif *sarif, Diags *diags);
/* exit_status: of dflc. */
void sarif_write(Sarif *sarif, FILE *out, int exit_status);

/* The candidate nearest to `name` (Damerau-Levenshtein, at most a third of its letters wrong,
 * or all of them in case), or NULL: for "did you mean". Feed candidates one at a time. */
typedef struct Nearest {
    const char *name, *best;
    size_t best_distance;
} Nearest;
Nearest nearest_to(const char *name);
void nearest_try(Nearest *nearest, const char *candidate);
/* ", did you mean 'x'?" or "" (in the arena), to end a message with. */
const char *nearest_hint(const Nearest *nearest, Arena *arena);

#endif
