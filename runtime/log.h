/* The segments of the log on disk: one directory, files that only grow at the end.
 *
 * No call here locks: the store above it does. Failures of the system are DFL_ESTORE, with errno. */
#ifndef DFL_LOG_H
#define DFL_LOG_H

#include <stdatomic.h>

#include "dfl.h"
#include "log_record.h"

typedef struct dfl__segment {
    uint32_t number;
    int fd;
    uint64_t salt;
    uint64_t filled;  /* bytes of the file: records, then zeroes */
    uint64_t sealed;  /* offset at which its records end; 0: the last one, it still grows */
    uint64_t previous_end; /* position: of the records of the segment before, by its head */
    bool damaged;     /* as this handle has found: the file is kept when the segment is dropped */
    bool named;       /* the directory was synced since it has its name */
} dfl__segment;

typedef struct dfl__log {
    int dir;
    uint64_t segment_bytes;
    dfl__segment *segments; /* ascending */
    size_t n, cap;
    int *removed;           /* files of segments that are no more, to be closed */
    size_t n_removed, cap_removed;
    uint64_t end;           /* position behind the last record */
    uint64_t ids_above;     /* greatest that a segment's head tells */
    uint64_t dirty;         /* offset in the last segment up to which there may be no zeroes */
    bool unsettled;         /* nobody can tell what was done to the end: it is to be looked at as after a death */
    /* note [a failed sync]: errno, 0: none has failed; and whether one is made under the append lock. */
    atomic_int failed_sync, syncing;
} dfl__log;

/* note [a failed sync]
 * The system tells of it once. What it could not write may then be taken for written, so that the next
 * sync succeeds, and it is lost all the same. So a log of which a sync has failed, of whatever file, is not
 * to be appended to any more, nor anything in it reported durable. A sync that goes on beside another may
 * be the one that is not told: it is good only if the other was. */

/* note [listing while others append]
 * A directory that is read while files are made in it may show a file and not the one that was made before it.
 * What was there before is shown. So whoever lists while others may append opens no segment behind the one
 * that the log was known to end in before. A file that is gone again was among the oldest. So whoever knew a
 * file before finds that out, by the oldest one being gone; whoever knew none lists twice. */
#define DFL__ALL_SEGMENTS UINT32_MAX

/* Begins with no segment. */
void dfl__log_init(dfl__log *log, int dir, uint64_t segment_bytes);
/* The same with all segments, which nobody adds to; log->end is set by whoever scans it. DFL_OK, DFL_ESTORE,
 * DFL_ECORRUPT (a file that is no segment, or has a damaged head: *what is its number), DFL_ESCHEMA (a
 * newer version: *what). */
int dfl__log_open(dfl__log *log, int dir, uint64_t segment_bytes, uint32_t *what);
void dfl__log_close(dfl__log *log);
/* Opens what others have added since, up to the segment `last`, and drops what they have removed. *removed is
 * set where that is anything, or where nothing was known before; it may go on while this looks. */
int dfl__log_refresh(dfl__log *log, uint32_t last, uint32_t *what, bool *removed);
/* Closes the files of removed segments. Whoever is the last to do so waits for the system to free them:
 * 30 ms for 64 MiB; so not under the append lock. */
void dfl__log_close_removed(dfl__log *log);

dfl__segment *dfl__log_segment(const dfl__log *log, uint32_t number); /* NULL: none */

/* note [zeroes ahead]
 * Records are only written over zeroes, within the end of the file. Whoever appends writes more of them where
 * there are too few: behind the end of the log, where nobody else writes records meanwhile. Whoever does not
 * (store_fill.h) adds them by a write to a file opened with O_APPEND, which the system puts at the end of the
 * file, wherever that is by then: so they cannot come to lie on a record, under no lock, of whatever thread or
 * process. At worst there are more than wanted. */

/* The last segment's `filled` becomes what others have made of it. */
int dfl__log_look_at_size(dfl__log *log);
/* The file of a segment, to be given more zeroes; -1: errno. The directory alone is used: no lock is needed. */
int dfl__log_open_to_fill(int dir, uint32_t number);

/* Appends one record at log->end, which moves on. body: record->body_n bytes. Begins a segment where
 * there is none, or no room; all before it is then synced. On an error nothing is appended, but log->end
 * may have come to the begin of a new segment. */
int dfl__log_append(dfl__log *log, dfl__log_record *record, const void *body, uint64_t last_id,
                    uint64_t *position);

/* Records that are to be appended in one write. */
typedef struct dfl__log_group {
    uint8_t *bytes; /* with room for `cap` */
    size_t n, cap;
} dfl__log_group;

/* Whether one more, of n bytes, has room in the group and in the last segment. */
bool dfl__log_fits(const dfl__log *log, const dfl__log_group *group, size_t n);
/* Puts it behind the others, for the place that is returned. Nothing else is appended until the group is. */
uint64_t dfl__log_stage(const dfl__log *log, dfl__log_group *group, dfl__log_record *record,
                        const void *body);
/* Appends them all, or, on an error, none. The group is empty then. */
int dfl__log_append_group(dfl__log *log, dfl__log_group *group);

/* Begins a segment, where the last one has any record. The same on an error. */
int dfl__log_begin(dfl__log *log, uint64_t last_id);
/* Syncs the last segment; or the file `fd` of it, for which no lock is needed. */
int dfl__log_sync(dfl__log *log);
int dfl__log_sync_file(dfl__log *log, int fd);
/* Fills *out with the n bytes at a position. DFL_ECORRUPT: they are not all there. */
int dfl__log_read(const dfl__log *log, uint64_t position, void *out, size_t n);
/* Clears what stands behind log->end in the last segment. */
int dfl__log_clear_tail(dfl__log *log, uint64_t *cleared);
/* Removes the oldest segment; what was removed before is then on the disk, so that a record goes before
 * what makes it void, whenever this is cut off. The file of a damaged one is renamed, to NUMBER.damaged. */
int dfl__log_drop_oldest(dfl__log *log);
/* Makes removals durable. The directory alone is used: no lock is needed. */
int dfl__log_sync_dir(dfl__log *log);

/* ---- log_scan.c ---- */

typedef struct dfl__log_visitor {
    /* Each valid record; anything but DFL_OK ends the scan with it. */
    int (*record)(void *user, uint64_t position, const dfl__log_record *record);
    /* n bytes from `position` on are damaged: they had been synced, and are no records. May be NULL. */
    void (*damage)(void *user, uint64_t position, uint64_t n);
    void *user;
    bool bodies; /* check all bodies: a damaged one is damage, too */
} dfl__log_visitor;

/* Visits the records from position `from` (0: the first) up to `to` (0: to the end, as the log itself
 * tells it); *end is the position behind the last. */
int dfl__log_scan(const dfl__log *log, uint64_t from, uint64_t to,
                  const dfl__log_visitor *visitor, uint64_t *end);

#endif
