// Scanning a log that another handle appends to: each record is visited once, wherever a scan was told to end.
#include "rt.h"

#include <fcntl.h>
#include <unistd.h>

#include "log.h"
#include "scratch.h"

typedef struct Visited {
    uint64_t ids[8];
    size_t n;
} Visited;

static int visit(void *user, uint64_t position, const dfl__log_record *record) {
    Visited *visited = user;
    (void)position;
    assert_true(visited->n < sizeof visited->ids / sizeof *visited->ids);
    visited->ids[visited->n++] = record->id;
    return DFL_OK;
}

static void open_log(dfl__log *log) {
    uint32_t what;
    int dir = open(scratch_path("."), O_RDONLY | O_DIRECTORY);
    assert_true(dir >= 0);
    assert_int_equal(dfl__log_open(log, dir, 65536, &what), DFL_OK);
}

static void close_log(dfl__log *log) {
    int dir = log->dir;
    dfl__log_close(log);
    close(dir);
}

static void append(dfl__log *log, uint64_t id) {
    dfl__log_record record = {.type = DFL__LOG_CHECKPOINT,
                              .thread_n = 1,
                              .next_n = 1,
                              .graph_n = 1,
                              .body_n = 4,
                              .id = id,
                              .thread = "t",
                              .next = "n",
                              .graph = "g"};
    uint64_t position;
    assert_int_equal(dfl__log_append(log, &record, "body", id - 1, &position), DFL_OK);
}

static uint64_t scan(dfl__log *log, uint64_t from, uint64_t to, Visited *visited) {
    dfl__log_visitor visitor = {visit, NULL, visited, false};
    uint64_t end;
    assert_int_equal(dfl__log_scan(log, from, to, &visitor, &end), DFL_OK);
    return end;
}

/* An end that was asked for before more was appended and the next segment begun. */
static void an_end_before_that_of_its_segment(void **state) {
    dfl__log writer, reader;
    Visited visited = {{0}, 0};
    uint64_t told, end;
    (void)state;
    scratch_begin();
    open_log(&writer);
    append(&writer, 1);
    told = writer.end;
    append(&writer, 2);
    assert_int_equal(dfl__log_begin(&writer, 2), DFL_OK);
    append(&writer, 3);
    open_log(&reader);
    end = scan(&reader, 0, told, &visited);
    assert_int_equal(end, told);
    assert_int_equal(visited.n, 1);
    end = scan(&reader, end, writer.end, &visited);
    assert_int_equal(end, writer.end);
    assert_int_equal(visited.n, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(visited.ids[i], i + 1);
    close_log(&reader);
    close_log(&writer);
    scratch_end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_end_before_that_of_its_segment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
