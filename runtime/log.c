/* Segments on disk; FORMAT.md has their form. */
#define _GNU_SOURCE

#include "log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"
#include "log_io.h"
#include "mem.h"
#include "system.h"

/* Zeroes are written this far ahead at a time: a save between two such steps changes no metadata of
 * the file, which is what makes its sync fast. */
enum { FILL_BYTES = 1 << 20 };

/* A name of a segment: "00000001.log". */
enum { NAME_BYTES = 16 };

static void name_of(char name[NAME_BYTES], uint32_t number) {
    snprintf(name, NAME_BYTES, "%08u.log", number);
}

static int failed(void) {
    return DFL_ESTORE;
}

/* ---- syncing ---- */

/* EINTR leaves open how much was synced; so does asking again, which syncs all. */
static int sync_fd(dfl__log *log, int fd, bool metadata) {
    int rc;
    do
        rc = metadata ? fsync(fd) : fdatasync(fd);
    while (rc != 0 && errno == EINTR);
    if (rc == 0)
        return DFL_OK;
    log->failed_sync = errno;
    return failed();
}

/* ---- the list of segments ---- */

dfl__segment *dfl__log_segment(const dfl__log *log, uint32_t number) {
    for (size_t i = log->n; i-- > 0;)
        if (log->segments[i].number == number)
            return &log->segments[i];
    return NULL;
}

static dfl__segment *last_segment(const dfl__log *log) {
    return log->n > 0 ? &log->segments[log->n - 1] : NULL;
}

/* The same, for who knows that there is one. */
static dfl__segment *end_segment(const dfl__log *log) {
    return &log->segments[log->n - 1];
}

static bool room_for_one(dfl__log *log) {
    size_t cap = log->cap ? log->cap * 2 : 8;
    dfl__segment *segments;
    if (log->n < log->cap)
        return true;
    segments = dfl__realloc(log->segments, cap * sizeof *segments);
    if (!segments) {
        errno = ENOMEM;
        return false;
    }
    log->segments = segments;
    log->cap = cap;
    return true;
}

/* Where there is no memory to put it off, it is closed at once. */
static void close_later(dfl__log *log, int fd) {
    if (log->n_removed == log->cap_removed) {
        size_t cap = log->cap_removed ? log->cap_removed * 2 : 8;
        int *all = dfl__realloc(log->removed, cap * sizeof *all);
        if (!all) {
            close(fd);
            return;
        }
        log->removed = all;
        log->cap_removed = cap;
    }
    log->removed[log->n_removed++] = fd;
}

void dfl__log_close_removed(dfl__log *log) {
    while (log->n_removed > 0)
        close(log->removed[--log->n_removed]);
}

/* "00000012.log" to 12; 0: another file. */
static uint32_t number_of(const char *name) {
    uint64_t number = 0;
    size_t i = 0;
    for (; i < 8 && name[i] >= '0' && name[i] <= '9'; i++)
        number = number * 10 + (uint64_t)(name[i] - '0');
    return i == 8 && strcmp(name + 8, ".log") == 0 ? (uint32_t)number : 0;
}

static int read_head(int fd, dfl__segment_head *head) {
    uint8_t bytes[DFL__SEGMENT_HEAD];
    size_t n = sizeof bytes;
    int status = dfl__read_all(fd, bytes, &n, 0);
    if (status != DFL_OK)
        return status;
    if (n == sizeof bytes && (dfl__segment_get(bytes, head) || dfl__segment_mend(bytes, head)))
        return DFL_OK;
    return DFL_ECORRUPT;
}

static int check_head(const dfl__segment_head *head, uint32_t number, uint32_t *what) {
    if (head->version > DFL__LOG_VERSION) {
        *what = head->version;
        return DFL_ESCHEMA;
    }
    return head->number == number ? DFL_OK : DFL_ECORRUPT;
}

/* The one at `i` has its end told by the one behind it. */
static void seal(dfl__log *log, size_t i) {
    uint64_t end = i + 1 < log->n ? log->segments[i + 1].previous_end : 0;
    if (dfl__position_segment(end) == log->segments[i].number)
        log->segments[i].sealed = dfl__position_offset(end);
}

/* Room for it is there. */
static void insert_segment(dfl__log *log, const dfl__segment *segment) {
    size_t i = log->n++;
    for (; i > 0 && log->segments[i - 1].number > segment->number; i--)
        log->segments[i] = log->segments[i - 1];
    log->segments[i] = *segment;
    seal(log, i);
    if (i > 0)
        seal(log, i - 1);
}

/* Room for the segment is there. */
static int open_segment(dfl__log *log, uint32_t number, uint32_t *what) {
    dfl__segment_head head;
    dfl__segment segment = {.number = number};
    struct stat about;
    char name[NAME_BYTES];
    int status;
    *what = number;
    name_of(name, number);
    segment.fd = dfl__open_inside(log->dir, name, O_RDWR);
    if (segment.fd < 0)
        return failed();
    status = fstat(segment.fd, &about) == 0 ? read_head(segment.fd, &head) : failed();
    if (status == DFL_OK)
        status = check_head(&head, number, what);
    if (status != DFL_OK) {
        close(segment.fd);
        return status;
    }
    segment.filled = (uint64_t)about.st_size;
    segment.salt = head.salt;
    segment.previous_end = head.previous_end;
    if (head.ids_above > log->ids_above)
        log->ids_above = head.ids_above;
    insert_segment(log, &segment);
    return DFL_OK;
}

typedef struct Numbers {
    uint32_t *all;
    size_t n, cap;
} Numbers;

static int add_number(Numbers *numbers, uint32_t number) {
    if (numbers->n == numbers->cap) {
        size_t cap = numbers->cap ? numbers->cap * 2 : 16;
        uint32_t *all = dfl__realloc(numbers->all, cap * sizeof *all);
        if (!all) {
            errno = ENOMEM;
            return failed();
        }
        numbers->all = all;
        numbers->cap = cap;
    }
    numbers->all[numbers->n++] = number;
    return DFL_OK;
}

static int by_number(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* A list that breaks off must not pass for a short one. */
static int read_numbers(DIR *dir, Numbers *numbers) {
    const struct dirent *entry;
    int status = DFL_OK;
    while (status == DFL_OK && (errno = 0, entry = readdir(dir)) != NULL)
        if (number_of(entry->d_name) > 0)
            status = add_number(numbers, number_of(entry->d_name));
    return status == DFL_OK && errno != 0 ? failed() : status;
}

/* The numbers of the segments in the directory, ascending. */
static int list_numbers(const dfl__log *log, Numbers *numbers) {
    int fd = dfl__open_at(log->dir, ".", O_RDONLY | O_DIRECTORY), status, why;
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (!dir) {
        if (fd >= 0)
            close(fd);
        return failed();
    }
    status = read_numbers(dir, numbers);
    why = errno;
    closedir(dir);
    errno = why;
    if (status == DFL_OK && numbers->n > 0)
        qsort(numbers->all, numbers->n, sizeof *numbers->all, by_number);
    return status;
}

static bool is_listed(const Numbers *numbers, uint32_t number) {
    return numbers->n > 0 &&
           bsearch(&number, numbers->all, numbers->n, sizeof number, by_number) != NULL;
}

static void forget_removed(dfl__log *log, const Numbers *numbers, bool *removed) {
    size_t kept = 0;
    for (size_t i = 0; i < log->n; i++) {
        if (is_listed(numbers, log->segments[i].number))
            log->segments[kept++] = log->segments[i];
        else
            close_later(log, log->segments[i].fd);
    }
    *removed = *removed || kept < log->n;
    log->n = kept;
}

int dfl__log_look_at_size(dfl__log *log) {
    dfl__segment *last = last_segment(log);
    struct stat about;
    if (!last)
        return DFL_OK;
    if (fstat(last->fd, &about) != 0)
        return failed();
    last->filled = (uint64_t)about.st_size;
    return DFL_OK;
}

/* One that is gone since it was listed was removed. */
static int open_listed(dfl__log *log, const Numbers *numbers, uint32_t last, uint32_t *what,
                       bool *removed) {
    for (size_t i = 0; i < numbers->n && numbers->all[i] <= last; i++) {
        int status = DFL_OK;
        if (dfl__log_segment(log, numbers->all[i]))
            continue;
        status = room_for_one(log) ? open_segment(log, numbers->all[i], what) : failed();
        if (status == DFL_ESTORE && errno == ENOENT)
            *removed = true;
        else if (status != DFL_OK)
            return status;
    }
    return DFL_OK;
}

/* note [listing while others append] */
int dfl__log_refresh(dfl__log *log, uint32_t last, uint32_t *what, bool *removed) {
    Numbers numbers = {0};
    bool knew_none = log->n == 0;
    int status = dfl__log_look_at_size(log);
    if (status == DFL_OK)
        status = list_numbers(log, &numbers);
    if (status == DFL_OK) {
        forget_removed(log, &numbers, removed);
        status = open_listed(log, &numbers, last, what, removed);
    }
    *removed = *removed || (knew_none && log->n > 0);
    dfl__free(numbers.all);
    return status;
}

void dfl__log_init(dfl__log *log, int dir, uint64_t segment_bytes) {
    *log = (dfl__log){.dir = dir, .segment_bytes = segment_bytes};
}

int dfl__log_open(dfl__log *log, int dir, uint64_t segment_bytes, uint32_t *what) {
    bool removed = false;
    dfl__log_init(log, dir, segment_bytes);
    return dfl__log_refresh(log, DFL__ALL_SEGMENTS, what, &removed);
}

void dfl__log_close(dfl__log *log) {
    for (size_t i = 0; i < log->n; i++)
        close(log->segments[i].fd);
    dfl__log_close_removed(log);
    dfl__free(log->removed);
    dfl__free(log->segments);
    log->segments = NULL;
    log->n = log->cap = 0;
}

/* ---- growing ---- */

/* Where zeroes are to end so that they reach `to`, and as far ahead as is usual. */
static uint64_t fill_end(const dfl__log *log, uint64_t to) {
    uint64_t ahead = to + FILL_BYTES;
    if (ahead > log->segment_bytes)
        ahead = to > log->segment_bytes ? to : log->segment_bytes;
    return ahead;
}

int dfl__log_open_to_fill(int dir, uint32_t number) {
    char name[NAME_BYTES];
    name_of(name, number);
    return dfl__open_inside(dir, name, O_WRONLY | O_APPEND);
}

/* Zeroes up to `to` at least, where others have not been as far; note [zeroes ahead]. */
static int fill(dfl__log *log, dfl__segment *segment, uint64_t to) {
    uint64_t ahead = fill_end(log, to);
    int status;
    if (to <= segment->filled)
        return DFL_OK;
    status = dfl__log_look_at_size(log);
    if (status != DFL_OK || to <= segment->filled)
        return status;
    status = dfl__write_zeroes(segment->fd, segment->filled, ahead);
    if (status == DFL_OK)
        segment->filled = ahead;
    return status;
}

static uint64_t new_salt(uint32_t number) {
    uint64_t salt;
    if (getrandom(&salt, sizeof salt, GRND_NONBLOCK) == (ssize_t)sizeof salt)
        return salt;
    return (uint64_t)dfl__wall_clock() * UINT64_C(0x9e3779b97f4a7c15) ^ (uint64_t)getpid() << 32 ^
           number;
}

/* Where that cannot be told the log is not settled. */
static bool is_called(dfl__log *log, const dfl__segment *segment, const char *name) {
    struct stat named, opened;
    if (fstatat(log->dir, name, &named, 0) == 0 && fstat(segment->fd, &opened) == 0)
        return named.st_dev == opened.st_dev && named.st_ino == opened.st_ino;
    log->unsettled = errno != ENOENT;
    return false;
}

/* Some file systems tell of an error when it is done all the same: a segment that is there, but not known,
 * would end the log for whoever reads it. */
static int give_name(dfl__log *log, const dfl__segment *segment, const char *name) {
    int why;
    if (renameat(log->dir, "new", log->dir, name) == 0)
        return DFL_OK;
    why = errno;
    if (is_called(log, segment, name))
        return DFL_OK;
    errno = why;
    return failed();
}

/* Under another name until it is whole: a segment that is there can be relied on, but for its name. */
static int write_new(dfl__log *log, dfl__segment *segment, const dfl__segment_head *head,
                     uint64_t first_bytes) {
    uint8_t bytes[DFL__SEGMENT_HEAD];
    char name[NAME_BYTES];
    int status;
    segment->fd = dfl__open_inside(log->dir, "new", O_RDWR | O_CREAT | O_TRUNC);
    if (segment->fd < 0)
        return failed();
    dfl__segment_put(bytes, head);
    name_of(name, segment->number);
    status = dfl__write_all(segment->fd, bytes, sizeof bytes, 0);
    segment->filled = fill_end(log, sizeof bytes + first_bytes);
    if (status == DFL_OK)
        status = dfl__write_zeroes(segment->fd, sizeof bytes, segment->filled);
    if (status == DFL_OK)
        status = sync_fd(log, segment->fd, true);
    return status == DFL_OK ? give_name(log, segment, name) : status;
}

#ifdef __linux__
static int sync_all(dfl__log *log) {
    int rc;
    do
        rc = syncfs(log->dir);
    while (rc != 0 && errno == EINTR);
    if (rc == 0)
        return DFL_OK;
    log->failed_sync = errno;
    return failed();
}
#else
static int sync_all(dfl__log *log) {
    (void)log;
    sync();
    return DFL_OK;
}
#endif

/* The name of the store itself is in the directory around it. Who may not read that cannot sync it alone. */
static int sync_parent(dfl__log *log) {
    int fd = dfl__open_at(log->dir, "..", O_RDONLY | O_DIRECTORY), status, why;
    if (fd < 0)
        return errno == EACCES ? sync_all(log) : failed();
    status = sync_fd(log, fd, true);
    why = errno;
    close(fd);
    errno = why;
    return status;
}

/* Before the first record of a segment is written. Whoever began it may have died, or failed, before the
 * directory was synced; with the first one, whoever made the store. */
static int sync_name(dfl__log *log, dfl__segment *segment) {
    int status = segment->named ? DFL_OK : dfl__log_sync_dir(log);
    if (status == DFL_OK && !segment->named && segment->number == 1)
        status = sync_parent(log);
    segment->named = status == DFL_OK;
    return status;
}

/* Before a segment is begun behind it. */
static int sync_last(dfl__log *log) {
    int status;
    log->syncing = true;
    status = dfl__log_sync(log);
    log->syncing = false;
    return status;
}

static int begin_segment(dfl__log *log, uint64_t first_bytes, uint64_t last_id) {
    const dfl__segment *last = last_segment(log);
    dfl__segment segment = {
        .number = last ? last->number + 1 : 1, .fd = -1, .previous_end = last ? log->end : 0};
    dfl__segment_head head = {.version = DFL__LOG_VERSION,
                              .number = segment.number,
                              .salt = segment.salt = new_salt(segment.number),
                              .previous_end = segment.previous_end,
                              .ids_above = last_id};
    int status = room_for_one(log) ? DFL_OK : failed();
    if (status == DFL_OK && log->n > 0)
        status = sync_last(log);
    if (status == DFL_OK)
        status = write_new(log, &segment, &head, first_bytes);
    if (status != DFL_OK) {
        int why = errno;
        if (segment.fd >= 0)
            close(segment.fd);
        errno = why;
        return status;
    }
    insert_segment(log, &segment);
    log->end = dfl__position(segment.number, DFL__SEGMENT_HEAD);
    log->dirty = 0;
    if (last_id > log->ids_above)
        log->ids_above = last_id;
    return sync_name(log, last_segment(log));
}

int dfl__log_begin(dfl__log *log, uint64_t last_id) {
    bool is_empty = log->n > 0 && dfl__position_offset(log->end) == DFL__SEGMENT_HEAD;
    return is_empty ? DFL_OK : begin_segment(log, 0, last_id);
}

static bool has_room(const dfl__log *log, size_t n) {
    uint64_t offset = dfl__position_offset(log->end);
    if (log->n == 0)
        return false;
    /* A record that is longer than a segment has one to itself. */
    return offset + n <= log->segment_bytes || offset == DFL__SEGMENT_HEAD;
}

/* A record on its way to the disk: its header with the names, and, where it is short, all of it; the rest
 * is written from where it is. */
typedef struct Outgoing {
    uint8_t bytes[DFL__RECORD_HEAD_MAX];
    size_t n; /* of all of it */
    struct iovec parts[3];
    int n_parts;
} Outgoing;

static void prepare(Outgoing *out, uint64_t salt, uint64_t offset, dfl__log_record *record,
                    const void *body) {
    static const uint8_t padding[DFL__RECORD_ALIGN];
    size_t head_n = dfl__record_head_bytes(record);
    out->n = dfl__record_bytes(record);
    if (out->n <= sizeof out->bytes) {
        dfl__record_put(out->bytes, salt, offset, record, body);
        out->parts[0] = (struct iovec){out->bytes, out->n};
        out->n_parts = 1;
        return;
    }
    dfl__record_put_head(out->bytes, salt, offset, record, body);
    out->parts[0] = (struct iovec){out->bytes, head_n};
    out->parts[1] = (struct iovec){(void *)(uintptr_t)body, record->body_n};
    out->parts[2] = (struct iovec){(void *)(uintptr_t)padding, out->n - head_n - record->body_n};
    out->n_parts = 3;
}

static int write_parts(int fd, struct iovec *parts, int n_parts, uint64_t offset) {
    return n_parts == 1 ? dfl__write_all(fd, parts[0].iov_base, parts[0].iov_len, offset)
                        : dfl__write_parts(fd, parts, n_parts, offset);
}

/* n bytes at the end of the log. What a failed write has left is overwritten with zeroes, now or behind
 * the next record. */
static int write_at_end(dfl__log *log, struct iovec *parts, int n_parts, size_t n) {
    dfl__segment *segment = end_segment(log);
    uint64_t offset = dfl__position_offset(log->end), end = offset + n;
    int status = offset == DFL__SEGMENT_HEAD ? sync_name(log, segment) : DFL_OK, why;
    if (status == DFL_OK)
        status = fill(log, segment, end);
    if (status == DFL_OK)
        status = write_parts(segment->fd, parts, n_parts, offset);
    if (status == DFL_OK && log->dirty > end)
        status = dfl__write_zeroes(segment->fd, end, log->dirty);
    if (status == DFL_OK) {
        log->dirty = 0;
        log->end += n;
        return DFL_OK;
    }
    why = errno;
    if (log->dirty < end)
        log->dirty = end;
    if (log->dirty > segment->filled)
        log->dirty = segment->filled;
    if (dfl__write_zeroes(segment->fd, offset, log->dirty) == DFL_OK)
        log->dirty = 0;
    errno = why;
    return status;
}

int dfl__log_append(dfl__log *log, dfl__log_record *record, const void *body, uint64_t last_id,
                    uint64_t *position) {
    Outgoing out;
    size_t n = dfl__record_bytes(record);
    int status = has_room(log, n) ? DFL_OK : begin_segment(log, n, last_id);
    if (status != DFL_OK)
        return status;
    *position = log->end;
    prepare(&out, end_segment(log)->salt, dfl__position_offset(log->end), record, body);
    return write_at_end(log, out.parts, out.n_parts, out.n);
}

/* ---- groups ---- */

bool dfl__log_fits(const dfl__log *log, const dfl__log_group *group, size_t n) {
    uint64_t offset = dfl__position_offset(log->end) + group->n;
    return log->n > 0 && n <= group->cap - group->n && offset + n <= log->segment_bytes;
}

uint64_t dfl__log_stage(const dfl__log *log, dfl__log_group *group, dfl__log_record *record,
                        const void *body) {
    uint64_t position = log->end + group->n;
    dfl__record_put(group->bytes + group->n, end_segment(log)->salt,
                    dfl__position_offset(position), record, body);
    group->n += dfl__record_bytes(record);
    return position;
}

int dfl__log_append_group(dfl__log *log, dfl__log_group *group) {
    struct iovec all = {group->bytes, group->n};
    group->n = 0;
    return write_at_end(log, &all, 1, all.iov_len);
}

/* ---- syncing, reading ---- */

int dfl__log_sync_file(dfl__log *log, int fd) {
    return sync_fd(log, fd, false);
}

int dfl__log_sync(dfl__log *log) {
    const dfl__segment *last = last_segment(log);
    return last ? sync_fd(log, last->fd, false) : DFL_OK;
}

int dfl__log_read(const dfl__log *log, uint64_t position, void *out, size_t n) {
    const dfl__segment *segment = dfl__log_segment(log, dfl__position_segment(position));
    size_t got = n;
    int status;
    if (!segment)
        return DFL_ECORRUPT;
    status = dfl__read_all(segment->fd, out, &got, dfl__position_offset(position));
    return status == DFL_OK && got < n ? DFL_ECORRUPT : status;
}

/* ---- clearing and dropping ---- */

/* Where the bytes that are not zero end, from `from` on. */
static int find_nonzero_end(const dfl__segment *segment, uint64_t from, uint64_t *end) {
    uint8_t bytes[4096];
    *end = from;
    for (uint64_t at = from; at < segment->filled; at += sizeof bytes) {
        size_t n = sizeof bytes;
        int status = dfl__read_all(segment->fd, bytes, &n, at);
        if (status != DFL_OK)
            return status;
        for (size_t i = 0; i < n; i++)
            if (bytes[i] != 0)
                *end = at + i + 1;
    }
    return DFL_OK;
}

int dfl__log_clear_tail(dfl__log *log, uint64_t *cleared) {
    dfl__segment *segment = last_segment(log);
    uint64_t from = dfl__position_offset(log->end), end = from;
    int status;
    *cleared = 0;
    log->dirty = 0;
    if (!segment || dfl__position_segment(log->end) != segment->number)
        return DFL_OK;
    status = find_nonzero_end(segment, from, &end);
    if (status != DFL_OK || end == from)
        return status;
    *cleared = end - from;
    status = dfl__write_zeroes(segment->fd, from, end);
    return status == DFL_OK ? sync_fd(log, segment->fd, false) : status;
}

static int remove_file(const dfl__log *log, const dfl__segment *segment) {
    char name[NAME_BYTES], kept[NAME_BYTES + 8];
    int rc;
    name_of(name, segment->number);
    snprintf(kept, sizeof kept, "%08u.damaged", segment->number);
    rc = segment->damaged ? renameat(log->dir, name, log->dir, kept) : unlinkat(log->dir, name, 0);
    return rc == 0 || errno == ENOENT ? DFL_OK : failed();
}

int dfl__log_drop_oldest(dfl__log *log) {
    int status = dfl__log_sync_dir(log);
    if (status == DFL_OK)
        status = remove_file(log, &log->segments[0]);
    if (status != DFL_OK)
        return status;
    close_later(log, log->segments[0].fd);
    memmove(log->segments, log->segments + 1, --log->n * sizeof *log->segments);
    return DFL_OK;
}

int dfl__log_sync_dir(dfl__log *log) {
    return sync_fd(log, log->dir, true);
}
