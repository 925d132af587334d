#include "log_record.h"

#include <string.h>

#include "crc32c.h"

static const char record_magic[4] = {'d', 'f', 'l', 'r'};
static const char segment_magic[8] = {'d', 'f', 'l', 'c', 'l', 'o', 'g', '\n'};

/* ---- numbers ---- */

/* Little-endian. `bytes` is a constant in all calls, so that each is one instruction where it can be:
 * opening a store reads all headers. */
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
static inline void put(uint8_t *to, uint64_t v, unsigned bytes) {
    memcpy(to, &v, bytes);
}

static inline uint64_t get(const uint8_t *from, unsigned bytes) {
    uint64_t v = 0;
    memcpy(&v, from, bytes);
    return v;
}
#else
static inline void put(uint8_t *to, uint64_t v, unsigned bytes) {
    for (unsigned i = 0; i < bytes; i++, v >>= 8)
        to[i] = (uint8_t)v;
}

static inline uint64_t get(const uint8_t *from, unsigned bytes) {
    uint64_t v = 0;
    for (unsigned i = bytes; i-- > 0;)
        v = v << 8 | from[i];
    return v;
}
#endif

/* ---- records ---- */

size_t dfl__record_head_bytes(const dfl__log_record *record) {
    return DFL__RECORD_HEAD + (size_t)record->thread_n + record->next_n + record->graph_n;
}

size_t dfl__record_bytes(const dfl__log_record *record) {
    size_t n = dfl__record_head_bytes(record) + record->body_n;
    return (n + DFL__RECORD_ALIGN - 1) / DFL__RECORD_ALIGN * DFL__RECORD_ALIGN;
}

static uint32_t head_crc(const uint8_t *p, size_t head_n, uint64_t salt, uint64_t offset) {
    uint8_t place[16];
    put(place, salt, 8);
    put(place + 8, offset, 8);
    return dfl__crc32c(dfl__crc32c(0, place, sizeof place), p + 8, head_n - 8);
}

static void put_fields(uint8_t *to, const dfl__log_record *record) {
    to[8] = record->type;
    to[9] = record->flags;
    put(to + 10, record->thread_n, 2);
    put(to + 12, record->next_n, 2);
    put(to + 14, record->graph_n, 2);
    put(to + 16, record->body_n, 4);
    put(to + 20, record->body_crc, 4);
    put(to + 24, record->id, 8);
    put(to + 32, record->previous, 8);
    put(to + 40, (uint64_t)record->time_ns, 8);
    put(to + 48, record->schema, 8);
    put(to + 56, record->step, 8);
    put(to + 64, record->durable_end, 8);
    put(to + 72, record->bytes, 8);
}

static uint8_t *put_bytes(uint8_t *to, const void *p, size_t n) {
    if (n > 0)
        memcpy(to, p, n);
    return to + n;
}

void dfl__record_put_head(uint8_t *to, uint64_t salt, uint64_t offset, dfl__log_record *record,
                          const void *body) {
    uint8_t *at = to + DFL__RECORD_HEAD;
    record->body_crc = dfl__crc32c(0, body, record->body_n);
    memcpy(to, record_magic, sizeof record_magic);
    put_fields(to, record);
    at = put_bytes(at, record->thread, record->thread_n);
    at = put_bytes(at, record->next, record->next_n);
    at = put_bytes(at, record->graph, record->graph_n);
    put(to + 4, head_crc(to, (size_t)(at - to), salt, offset), 4);
}

void dfl__record_put(uint8_t *to, uint64_t salt, uint64_t offset, dfl__log_record *record,
                     const void *body) {
    uint8_t *end = to + dfl__record_bytes(record), *at;
    dfl__record_put_head(to, salt, offset, record, body);
    at = put_bytes(to + dfl__record_head_bytes(record), body, record->body_n);
    memset(at, 0, (size_t)(end - at));
}

static void get_fields(const uint8_t *p, dfl__log_record *record) {
    record->type = p[8];
    record->flags = p[9];
    record->thread_n = (uint16_t)get(p + 10, 2);
    record->next_n = (uint16_t)get(p + 12, 2);
    record->graph_n = (uint16_t)get(p + 14, 2);
    record->body_n = (uint32_t)get(p + 16, 4);
    record->body_crc = (uint32_t)get(p + 20, 4);
    record->id = get(p + 24, 8);
    record->previous = get(p + 32, 8);
    record->time_ns = (int64_t)get(p + 40, 8);
    record->schema = get(p + 48, 8);
    record->step = get(p + 56, 8);
    record->durable_end = get(p + 64, 8);
    record->bytes = get(p + 72, 8);
    record->thread = (const char *)p + DFL__RECORD_HEAD;
    record->next = record->thread + record->thread_n;
    record->graph = record->next + record->next_n;
}

/* A name with a NUL could not be told from a shorter one. */
static bool is_text(const char *p, size_t n) {
    return n == 0 || !memchr(p, '\0', n);
}

static bool is_sensible(const dfl__log_record *record) {
    bool has_thread = record->thread_n > 0, has_names = record->next_n > 0 && record->graph_n > 0;
    if (record->thread_n > DFL__THREAD_MAX || record->next_n > DFL__NAME_MAX ||
        record->graph_n > DFL__NAME_MAX)
        return false;
    switch (record->type) {
    case DFL__LOG_CHECKPOINT:
        return has_thread && has_names && record->id > 0;
    case DFL__LOG_DELETED:
    case DFL__LOG_PRUNED:
        return has_thread && record->body_n == 0;
    case DFL__LOG_CLOSED:
        return record->body_n == 0;
    case DFL__LOG_LAYOUT:
        return !has_thread && record->next_n == 0 && record->graph_n > 0;
    default:
        return false;
    }
}

bool dfl__record_get(const uint8_t *p, size_t n, uint64_t salt, uint64_t offset,
                     dfl__log_record *record) {
    size_t head_n;
    if (n < DFL__RECORD_HEAD || memcmp(p, record_magic, sizeof record_magic) != 0)
        return false;
    get_fields(p, record);
    head_n = dfl__record_head_bytes(record);
    if (!is_sensible(record) || head_n > n)
        return false;
    if (get(p + 4, 4) != head_crc(p, head_n, salt, offset))
        return false;
    return is_text(record->thread, head_n - DFL__RECORD_HEAD);
}

bool dfl__record_body_is_intact(const dfl__log_record *record, const uint8_t *body) {
    return dfl__crc32c(0, body, record->body_n) == record->body_crc;
}

/* ---- segments ---- */

void dfl__segment_put(uint8_t to[DFL__SEGMENT_HEAD], const dfl__segment_head *head) {
    memset(to, 0, DFL__SEGMENT_HEAD);
    memcpy(to, segment_magic, sizeof segment_magic);
    put(to + 8, head->version, 4);
    put(to + 12, head->number, 4);
    put(to + 16, head->salt, 8);
    put(to + 24, head->previous_end, 8);
    put(to + 32, head->ids_above, 8);
    put(to + 60, dfl__crc32c(0, to, 60), 4);
}

bool dfl__segment_get(const uint8_t from[DFL__SEGMENT_HEAD], dfl__segment_head *head) {
    if (memcmp(from, segment_magic, sizeof segment_magic) != 0)
        return false;
    if (get(from + 60, 4) != dfl__crc32c(0, from, 60))
        return false;
    head->version = (uint32_t)get(from + 8, 4);
    head->number = (uint32_t)get(from + 12, 4);
    head->salt = get(from + 16, 8);
    head->previous_end = get(from + 24, 8);
    head->ids_above = get(from + 32, 8);
    return true;
}

bool dfl__segment_mend(const uint8_t from[DFL__SEGMENT_HEAD], dfl__segment_head *head) {
    uint8_t bytes[DFL__SEGMENT_HEAD];
    memcpy(bytes, from, sizeof bytes);
    for (size_t bit = 0; bit < sizeof bytes * 8; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (dfl__segment_get(bytes, head))
            return true;
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    return false;
}
