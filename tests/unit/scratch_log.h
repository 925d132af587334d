/* A log in the directory of scratch.h, by itself, without a store above it. */
#ifndef SCRATCH_LOG_H
#define SCRATCH_LOG_H

#include <fcntl.h>
#include <unistd.h>

#include "log.h"
#include "scratch.h"

enum { SCRATCH_SEGMENT = 65536 };

static inline void open_log(dfl__log *log) {
    uint32_t what;
    int dir = open(scratch_path("."), O_RDONLY | O_DIRECTORY);
    assert_true(dir >= 0);
    assert_int_equal(dfl__log_open(log, dir, SCRATCH_SEGMENT, &what), DFL_OK);
}

static inline void close_log(dfl__log *log) {
    int dir = log->dir;
    dfl__log_close(log);
    close(dir);
}

/* A checkpoint of n bytes. */
static inline int append_bytes(dfl__log *log, uint64_t id, const void *body, uint32_t n) {
    dfl__log_record record = {.type = DFL__LOG_CHECKPOINT,
                              .thread_n = 1,
                              .next_n = 1,
                              .graph_n = 1,
                              .body_n = n,
                              .id = id,
                              .thread = "t",
                              .next = "n",
                              .graph = "g"};
    uint64_t position;
    return dfl__log_append(log, &record, body, id - 1, &position);
}

static inline void append(dfl__log *log, uint64_t id) {
    assert_int_equal(append_bytes(log, id, "body", 4), DFL_OK);
}

typedef struct Visited {
    uint64_t ids[8];
    size_t n;
} Visited;

static inline int visit(void *user, uint64_t position, const dfl__log_record *record) {
    Visited *visited = user;
    (void)position;
    assert_true(visited->n < sizeof visited->ids / sizeof *visited->ids);
    visited->ids[visited->n++] = record->id;
    return DFL_OK;
}

static inline uint64_t scan(dfl__log *log, uint64_t from, uint64_t to, Visited *visited) {
    dfl__log_visitor visitor = {visit, NULL, visited, false};
    uint64_t end;
    assert_int_equal(dfl__log_scan(log, from, to, &visitor, &end), DFL_OK);
    return end;
}

/* All that is visited, from its begin, is 1 to n. */
static inline void has_ids_up_to(const Visited *visited, size_t n) {
    assert_int_equal(visited->n, n);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(visited->ids[i], i + 1);
}

#endif
