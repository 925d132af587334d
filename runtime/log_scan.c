/* Reading the log: which bytes are records, where it ends, and what is damaged.
 *
 * note [the end and damage]
 * Records that were not synced when the machine stopped may be on the disk or not, each by itself and
 * in part. So behind the synced part of the log the first thing that is no whole record is its end;
 * before it, whatever is no record is damage. How far the log was synced is told by the records
 * themselves: the greatest durable end among all that can be found, and the segment that follows,
 * which is only begun when all before it is synced. */
#define _POSIX_C_SOURCE 200809L

#include <sys/mman.h>
#include <sys/stat.h>

#include "internal.h"
#include "log.h"

/* One segment in memory. */
typedef struct View {
    const dfl__segment *segment;
    const uint8_t *bytes;
    uint64_t n;      /* of the file */
    uint64_t synced; /* offset: before it everything was synced */
} View;

static int open_view(const dfl__segment *segment, View *view) {
    struct stat about;
    void *p;
    if (fstat(segment->fd, &about) != 0)
        return DFL_ESTORE;
    *view = (View){.segment = segment, .n = (uint64_t)about.st_size};
    if (view->n < DFL__SEGMENT_HEAD)
        return DFL_ECORRUPT;
    p = mmap(NULL, (size_t)view->n, PROT_READ, MAP_SHARED, segment->fd, 0);
    if (p == MAP_FAILED)
        return DFL_ESTORE;
    view->bytes = p;
    return DFL_OK;
}

static void close_view(View *view) {
    munmap((void *)(uintptr_t)view->bytes, (size_t)view->n);
}

/* A whole record at an offset, by its header. */
static bool record_at(const View *view, uint64_t at, dfl__log_record *record) {
    if (at >= view->n)
        return false;
    return dfl__record_get(view->bytes + at, (size_t)(view->n - at), view->segment->salt, at,
                           record) &&
           dfl__record_bytes(record) <= view->n - at;
}

#define NO_RECORD UINT64_MAX

/* The next valid header from an offset on, or NO_RECORD: behind any end, also one that a file which was
 * cut short does not reach. */
static uint64_t find_record(const View *view, uint64_t at, dfl__log_record *record) {
    for (; at + DFL__RECORD_HEAD <= view->n; at += DFL__RECORD_ALIGN)
        if (record_at(view, at, record))
            return at;
    return NO_RECORD;
}

/* note [the end and damage] */
static void find_synced(View *view) {
    uint64_t at = DFL__SEGMENT_HEAD;
    dfl__log_record record;
    if (view->segment->sealed > 0) {
        view->synced = view->segment->sealed;
        return;
    }
    while ((at = find_record(view, at, &record)) != NO_RECORD) {
        if (dfl__position_segment(record.durable_end) == view->segment->number &&
            dfl__position_offset(record.durable_end) > view->synced)
            view->synced = dfl__position_offset(record.durable_end);
        at += dfl__record_bytes(&record);
    }
}

static bool body_is_intact(const View *view, uint64_t at, const dfl__log_record *record) {
    return dfl__record_body_is_intact(record, view->bytes + at + dfl__record_head_bytes(record));
}

static void tell_damage(const View *view, const dfl__log_visitor *visitor, uint64_t at,
                        uint64_t to) {
    if (visitor->damage && to > at)
        visitor->damage(visitor->user, dfl__position(view->segment->number, at), to - at);
}

/* What to do with a record whose body may have to be looked at. */
static bool is_usable(const View *view, const dfl__log_visitor *visitor, uint64_t at,
                      const dfl__log_record *record) {
    bool is_synced = at + dfl__record_bytes(record) <= view->synced;
    if (is_synced && !visitor->bodies)
        return true;
    return body_is_intact(view, at, record);
}

/* From `at` up to `to`, or to the end; *end is an offset. A record that the visitor fails at is visited again
 * by whoever goes on there. */
static int scan_view(const View *view, uint64_t at, uint64_t to, const dfl__log_visitor *visitor,
                     uint64_t *end) {
    uint64_t limit = to ? to : view->segment->sealed ? view->segment->sealed : view->n;
    int status = DFL_OK;
    while (status == DFL_OK && at < limit) {
        dfl__log_record record;
        bool is_record = record_at(view, at, &record);
        uint64_t next = is_record ? at + dfl__record_bytes(&record)
                                  : find_record(view, at + DFL__RECORD_ALIGN, &record);
        if (is_record && is_usable(view, visitor, at, &record)) {
            status =
                visitor->record(visitor->user, dfl__position(view->segment->number, at), &record);
            if (status < DFL_OK) {
                *end = at;
                return status;
            }
        } else if (at >= view->synced && !to) {
            break;
        } else {
            next = next < limit                               ? next
                   : is_record || view->segment->sealed || to ? limit
                                                              : view->synced;
            tell_damage(view, visitor, at, next);
        }
        at = next;
    }
    /* A damaged segment may end before where it was sealed. */
    *end = at < limit || to || !view->segment->sealed ? at : view->segment->sealed;
    return status;
}

static void check_head(const View *view, const dfl__log_visitor *visitor) {
    dfl__segment_head head;
    if (!dfl__segment_get(view->bytes, &head))
        tell_damage(view, visitor, 0, DFL__SEGMENT_HEAD);
}

static int scan_segment(const dfl__segment *segment, uint64_t from, uint64_t to,
                        const dfl__log_visitor *visitor, uint64_t *end) {
    View view;
    int status = open_view(segment, &view);
    if (status != DFL_OK)
        return status;
    if (!to)
        find_synced(&view);
    else
        view.synced = to;
    if (from == DFL__SEGMENT_HEAD)
        check_head(&view, visitor);
    status = scan_view(&view, from, to, visitor, end);
    close_view(&view);
    return status;
}

/* The part of a segment that lies between two positions; false: none of it. */
static bool part_of(const dfl__segment *segment, uint64_t from, uint64_t to, uint64_t *first,
                    uint64_t *limit) {
    *first = DFL__SEGMENT_HEAD;
    *limit = 0;
    if (segment->number < dfl__position_segment(from))
        return false;
    if (segment->number == dfl__position_segment(from))
        *first = dfl__position_offset(from);
    if (!to)
        return true;
    if (segment->number == dfl__position_segment(to))
        *limit = dfl__position_offset(to);
    return segment->number <= dfl__position_segment(to);
}

int dfl__log_scan(const dfl__log *log, uint64_t from, uint64_t to, const dfl__log_visitor *visitor,
                  uint64_t *end) {
    int status = DFL_OK;
    *end = from;
    for (size_t i = 0; status == DFL_OK && i < log->n; i++) {
        const dfl__segment *segment = &log->segments[i];
        uint64_t first, limit, offset;
        if (!part_of(segment, from, to, &first, &limit))
            continue;
        offset = first;
        status = scan_segment(segment, first, limit, visitor, &offset);
        *end = dfl__position(segment->number, offset);
    }
    return status;
}
