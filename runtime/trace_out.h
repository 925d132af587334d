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

#include "json_out.h"

typedef struct dfl__trace_out {
    int fd;
    int failed;       /* errno of the first write that failed; nothing is written after it */
    bool lost;        /* some line found no memory */
    size_t line;      /* where the one at hand begins in json.buf */
    uint64_t written; /* bytes of whole lines in the file */
    int64_t flushed;  /* when, on the clock of the events */
    dfl__json_out json;
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

#endif
