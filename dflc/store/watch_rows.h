/* What 'dflc store watch' knows of each thread of a store, and in which order it is shown. */
#ifndef DFLC_STORE_WATCH_ROWS_H
#define DFLC_STORE_WATCH_ROWS_H

#include "../live/rate.h"
#include "../live/view.h"
#include "store_watch.h"

typedef struct WatchRow {
    size_t at;           /* in the rows */
    char *thread, *next; /* owned */
    uint64_t id, step, bytes, log_bytes;
    size_t checkpoints;
    int64_t time_ns;
    uint64_t look; /* number of the one that has last told of it */
    Rate rate;     /* of saves */
} WatchRow;

typedef struct WatchRows {
    WatchRow **all; /* in no order */
    size_t n, cap;
    uint64_t look;          /* the last one */
    int64_t looked, before; /* live_now() of this one and the one before it; 0: there was none */
    Rate rate;
    bool is_out_of_memory;
} WatchRows;

/* The order of the fields is that of the columns. */
typedef enum WatchSort { BY_SAVE, BY_THREAD, BY_NEXT, BY_STEP, BY_BYTES, BY_RATE } WatchSort;

/* A change, as dfl__store_changes tells it. */
void watch_rows_take(WatchRows *rows, const dfl__change *change);
/* Fills `out` with what of the list, as the view has it, is on a page that begins at view->top: those that pass
 * its filter, in its order. Returns how many; *total: how many pass. On no memory none, and it is noted. */
size_t watch_rows_page(WatchRows *rows, const View *view, int64_t now, const WatchRow **out,
                       size_t room, size_t *total);
void watch_rows_free(WatchRows *rows);

#endif
