/* A thread that writes zeroes ahead of the log's end (log.h, note [zeroes ahead]), so that a save finds space
 * that is its file's already, and its sync has nothing to tell of but the record.
 *
 * How far ahead follows from the records: room for ROOM_FOR of the longest of late, within bounds. When half
 * of it is used the thread begins, at the next time that nobody saves for a moment; when little is left, at
 * once, if the records are long: zeroes for short ones are sooner written than waited for. What it does not
 * come to, or cannot do (there is no thread, or no space left), whoever saves does for itself, for the next
 * records only, and is the first to tell of it.
 *
 * It holds no lock and no file that others use: a fork() at any moment leaves nothing taken in the child,
 * which begins a thread of its own. */
#ifndef DFL_STORE_FILL_H
#define DFL_STORE_FILL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

#include "log.h"

typedef struct dfl__filler {
    int dir;
    uint64_t segment_bytes;
    atomic_uint state;      /* what the thread sleeps on */
    _Atomic uint64_t end;   /* position: of the log, as it was told last */
    _Atomic uint64_t ahead; /* bytes to be there behind it */
    atomic_bool is_synced;  /* so is all but the last few records */
    /* Of whoever appends; under its lock. */
    uint64_t longest;  /* bytes of the longest record of late */
    uint64_t woken_at; /* position of the last zero when the thread was woken last */
    bool has_thread;
    pid_t process; /* that the thread is in */
    pthread_t thread;
} dfl__filler;

void dfl__filler_init(dfl__filler *filler, int dir, uint64_t segment_bytes);
/* After a record of n bytes was appended; whoever may append calls it. synced: position. */
void dfl__filler_note(dfl__filler *filler, dfl__log *log, uint64_t n, uint64_t synced);
/* Ends the thread. */
void dfl__filler_stop(dfl__filler *filler);

#endif
