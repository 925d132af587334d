// Scanning a log that another handle appends to: each record is visited once, wherever a scan was told to end.
#include "rt.h"

#include "scratch_log.h"

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
    has_ids_up_to(&visited, 3);
    close_log(&reader);
    close_log(&writer);
    scratch_end();
}

/* One that is cut off below its head while it is open is damaged; it is not read beyond its end. */
static void a_segment_without_a_head(void **state) {
    Visited visited = {{0}, 0};
    dfl__log_visitor visitor = {visit, NULL, &visited, false};
    dfl__log log;
    uint64_t end;
    (void)state;
    scratch_begin();
    open_log(&log);
    append(&log, 1);
    assert_int_equal(truncate(scratch_path("00000001.log"), DFL__SEGMENT_HEAD - 1), 0);
    assert_int_equal(dfl__log_scan(&log, 0, 0, &visitor, &end), DFL_ECORRUPT);
    assert_int_equal(visited.n, 0);
    close_log(&log);
    scratch_end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_end_before_that_of_its_segment),
        cmocka_unit_test(a_segment_without_a_head),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
