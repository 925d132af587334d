/* The file of a trace: an array of JSON objects, one a line, whole at every moment.
 *
 *     [
 *     {"ph":"M",...},
 *     {"ph":"B",...}
 *     ]
 *
 * A comma stands before a line, not behind it: a file of a process that was killed lacks the last line
 * and nothing else. One thread at a time. */
#ifndef DFL_TRACE_OUT_H
#define DFL_TRACE_OUT_H

#include "dfl.h"

typedef struct dfl__trace_out {
    int fd;
    int failed;       /* errno of the first write that failed; nothing is written after it */
    bool lost;        /* some line found no memory */
    bool whole;       /* the line at hand has found some so far */
    bool comma;       /* in it, one stands before the next member */
    size_t line;      /* where it begins in buf */
    uint64_t written; /* bytes of whole lines in the file */
    int64_t flushed;  /* when, on the clock of the events */
    dfl_buf buf;
} dfl__trace_out;

/* Makes the file, or empties it. DFL_OK; DFL_ESTORE with errno; DFL_ENOMEM. */
int dfl__trace_out_open(dfl__trace_out *out, const char *path);
/* Ends the array. DFL_OK; DFL_ESTORE with errno: the array ends early; or DFL_ENOMEM: lines are missing. */
int dfl__trace_out_close(dfl__trace_out *out);

/* A line: begin, members and objects in it, end. `ns`: of what it tells; lines of the last tenth of a
 * millisecond may wait in memory, all others are in the file (note [what a kill loses]). */
void dfl__line_begin(dfl__trace_out *out);
void dfl__line_end(dfl__trace_out *out, int64_t ns);
/* Writes what waits. */
void dfl__trace_out_flush(dfl__trace_out *out, int64_t ns);

/* Members; the name is a literal, or NULL for an item of a list. */
void dfl__put_object(dfl__trace_out *out, const char *name, char open);
void dfl__put_close(dfl__trace_out *out, char close);
void dfl__put_literal(dfl__trace_out *out, const char *name,
                      const char *text); /* needs no escapes */
void dfl__put_number(dfl__trace_out *out, const char *name, int64_t value);
void dfl__put_us(dfl__trace_out *out, const char *name, int64_t ns); /* in us, to three places */
/* Any text: at most the first 1 KiB of it, between characters, and then "...". */
void dfl__put_text(dfl__trace_out *out, const char *name, const char *p, size_t n);
/* The name is text too. Of the value's JSON at most 1 KiB: more becomes a string, the start of it; true. */
bool dfl__put_value(dfl__trace_out *out, const dfl_value *value);
/* Bytes: as text, or where that is no UTF-8, in base64 under the name "base64". */
void dfl__put_data(dfl__trace_out *out, const char *name, dfl_bytes data);

#endif
