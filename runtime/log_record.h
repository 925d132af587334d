/* Records and segment headers of the log, in memory and on disk (FORMAT.md). */
#ifndef DFL_LOG_RECORD_H
#define DFL_LOG_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DFL__LOG_VERSION = 1,
    DFL__SEGMENT_HEAD = 64,
    DFL__RECORD_HEAD = 80,
    DFL__RECORD_ALIGN = 8,
    DFL__THREAD_MAX = 4096, /* bytes of a thread id; bounds what a search in a damaged log costs */
    DFL__NAME_MAX = 1024,   /* of the names of a node and a graph */
    DFL__RECORD_HEAD_MAX = DFL__RECORD_HEAD + DFL__THREAD_MAX + 2 * DFL__NAME_MAX
};

typedef enum dfl__record_type {
    DFL__LOG_CHECKPOINT = 1,
    DFL__LOG_DELETED = 2,
    DFL__LOG_PRUNED = 3,
    DFL__LOG_CLOSED = 4,
    DFL__LOG_LAYOUT = 5
} dfl__record_type;

enum { DFL__LOG_COPIED = 1 };

/* Of a record that was read, the names point into the bytes that it was read from, without NULs. */
typedef struct dfl__log_record {
    uint8_t type, flags;
    uint16_t thread_n, next_n, graph_n;
    uint32_t body_n, body_crc;
    uint64_t id, previous;
    int64_t time_ns;
    uint64_t schema, step, durable_end, bytes;
    const char *thread, *next, *graph;
} dfl__log_record;

/* Bytes of header and names; of all of it, padded. */
size_t dfl__record_head_bytes(const dfl__log_record *record);
size_t dfl__record_bytes(const dfl__log_record *record);

/* Writes a whole record of dfl__record_bytes() for `offset` of a segment with this salt; sets the
 * checksum of the body in *record. _head: only header and names, of dfl__record_head_bytes(). */
void dfl__record_put_head(uint8_t *to, uint64_t salt, uint64_t offset, dfl__log_record *record,
                          const void *body);
void dfl__record_put(uint8_t *to, uint64_t salt, uint64_t offset, dfl__log_record *record,
                     const void *body);
/* Whether the n bytes at p begin with a valid header of a record (its body is not looked at, and may
 * be longer than what is there). Safe on any bytes. */
bool dfl__record_get(const uint8_t *p, size_t n, uint64_t salt, uint64_t offset,
                     dfl__log_record *record);
bool dfl__record_body_is_intact(const dfl__log_record *record, const uint8_t *body);

typedef struct dfl__segment_head {
    uint32_t version, number;
    uint64_t salt, previous_end, ids_above;
} dfl__segment_head;

void dfl__segment_put(uint8_t to[DFL__SEGMENT_HEAD], const dfl__segment_head *head);
/* False: no segment's header, or a damaged one. The version is the reader's to judge. */
bool dfl__segment_get(const uint8_t from[DFL__SEGMENT_HEAD], dfl__segment_head *head);
/* The same for one in which a single bit is wrong: its checksum tells which. Without the head no record
 * of a segment could be told from garbage. False: more is wrong. */
bool dfl__segment_mend(const uint8_t from[DFL__SEGMENT_HEAD], dfl__segment_head *head);

/* ---- positions ---- */

static inline uint64_t dfl__position(uint32_t segment, uint64_t offset)
{
    return (uint64_t)segment << 40 | offset;
}
static inline uint32_t dfl__position_segment(uint64_t position)
{
    return (uint32_t)(position >> 40);
}
static inline uint64_t dfl__position_offset(uint64_t position)
{
    return position & ((UINT64_C(1) << 40) - 1);
}

#endif
