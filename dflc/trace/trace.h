/* What happened in runs, as `dfl_trace_open` of the runtime wrote it, or as a store kept it: the tree of what was in what.
 *
 *     run 1 of support
 *         section [classify, hear]
 *             branch 0
 *                 node classify, attempt 1
 *             branch 1
 *                 node hear, attempt 1
 *         node draft, attempt 1
 *
 * lay.c finds where in a drawing each part stands. Times are nanoseconds since the trace was opened. */
#ifndef DFLC_TRACE_TRACE_H
#define DFLC_TRACE_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "../draw.h"

typedef enum PartKind {
    PART_RUN,
    PART_NODE,
    PART_SECTION,
    PART_BRANCH,
    PART_CHUNK,
    PART_GAP, /* of a history: nothing tells what ran here */
} PartKind;

/* A field that a node wrote, with the value as JSON. */
typedef struct Wrote {
    const char *field, *value;
} Wrote;

/* Edges of a drawing, as numbers of overlay.h. */
typedef struct WaysTaken {
    uint32_t *all;
    size_t n, cap;
} WaysTaken;

typedef struct Part {
    PartKind kind;
    const char *at;      /* node, section or graph */
    const char *from;    /* where the edge came from that led here; NULL: none was told */
    struct Part *around; /* NULL: a run */
    struct Part *first, *last, *next; /* what is in it, and what follows it in there */
    int64_t begin_ns, end_ns, ns;     /* ns: how long it took by its own clock */
    int64_t track;                    /* the thread that it began on */
    int64_t branch;                   /* -1: none */
    int64_t element;                  /* likewise */
    int64_t attempt;                  /* of a node, from 1 */
    int64_t status;                   /* of its end */
    uint32_t depth;                   /* of a run 0 */
    bool ended;
    bool closed;       /* of a history: what ran in it is not told */
    bool is_next;      /* likewise: it has not ended, and perhaps not begun */
    const char *error; /* what a failed node said; NULL: nothing */
    Wrote *wrote;
    size_t n_wrote, cap_wrote;
    const char *waiting; /* the last edge told of in here, until something begins */
    /* lay.c fills these. */
    const Drawn *g;
    const Place *place; /* NULL: not drawn; of branches and chunks, the section's */
    WaysTaken in, out;  /* how it was come to; where it left for the end of what is around */
    bool critical;
} Part;

/* A moment of a run: a part begins or ends, or something else is told. */
typedef struct Moment {
    int64_t seq, ns;
    Part *part; /* what is around a note */
    bool ends;
    const char *note;   /* "checkpoint 3 saved"; NULL: a part begins or ends */
    const Wrote *wrote; /* of a checkpoint: what has changed since the one before it */
    size_t n_wrote;
} Moment;

typedef struct RunTold {
    uint64_t number;
    Part *part; /* NULL: nothing is known but what was in it */
    bool resumed;
    Part **spans; /* by number of the span */
    size_t n_spans;
    Moment *moments; /* in their order */
    size_t n, cap;
} RunTold;

typedef struct Trace {
    const char *path;
    RunTold **runs; /* in the order in which they are first told of */
    size_t n_runs, cap_runs;
    bool cut;             /* the file ends in the middle: its process was killed */
    const char *thread;   /* of a history; NULL: a trace */
    size_t n_checkpoints; /* likewise */
    bool left_out;        /* likewise: the oldest, of very many */
} Trace;

/* NULL with *why, a sentence without the path, when the file cannot be read or is no trace. */
Trace *trace_read(Arena *arena, const char *path, const char **why);

/* The history of a thread in the store `path`, as one run without times: from each checkpoint on to the next
 * ran what alone leads from here to there in as many steps. NULL with *why, a sentence. */
Trace *history_read(const Drawing *d, const char *path, const char *thread, const char **why);

#endif
