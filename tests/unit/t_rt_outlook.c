// What is left of a run, by what the compiler expects: in a chain, behind a choice, in and behind a loop, and in a
// section, whatever lies within it.
#include "rt.h"

#include "outlook.h"

/* start -> a -> (b or c) -> d -> (d again or s) -> end; s is a section of x and y. */
enum { START, A, B, C, D, X, Y, END, S, N };

static const dfl_place places[N] = {
    [START] = {DFL_PLACE_START, "start", "", -1, -1, -1},
    [A] = {DFL_PLACE_NODE, "a", "", -1, -1, 10},
    [B] = {DFL_PLACE_NODE, "b", "", -1, -1, 100},
    [C] = {DFL_PLACE_NODE, "c", "", -1, -1, 300},
    [D] = {DFL_PLACE_NODE, "d", "", -1, -1, 1000},
    [X] = {DFL_PLACE_NODE, "x", "", S, 0, 30000},
    [Y] = {DFL_PLACE_NODE, "y", "", S, 1, 20000},
    [END] = {DFL_PLACE_END, "end", "", -1, -1, -1},
    [S] = {DFL_PLACE_SECTION, "s", "", -1, -1, -1},
};
static const dfl_edge edges[] = {{START, A, ""}, {A, B, "n > 1"}, {A, C, "else"}, {B, D, ""},
                                 {C, D, ""},     {D, D, "more"},  {D, S, "else"}, {S, X, ""},
                                 {X, S, ""},     {S, Y, ""},      {Y, S, ""},     {S, END, ""}};
static const dfl__outlook outlooks[N] = {
    [A] = {1, {10, 10, 10, 10, 10}},
    [B] = {0.5, {100, 100, 100, 100, 100}},
    [C] = {0.5, {300, 300, 300, 300, 300}},
    [D] = {3, {1000, 1000, 1000, 1000, 1000}},
    [S] = {1, {50000, 40000, 30000, 20000, 10000}},
};
static const dfl_graph graph = {.name = "g",
                                .places = places,
                                .n_places = N,
                                .edges = edges,
                                .n_edges = COUNT(edges),
                                .outlooks = outlooks};

static dfl__way begin(void) {
    dfl__way way;
    assert_true(dfl__way_begin(&way, &graph));
    return way;
}

static void tell(dfl__way *way, dfl_event_kind kind, uint32_t place, int64_t ns) {
    dfl__way_event(way, &(dfl_event){.kind = kind, .place = place, .ns = ns, .graph = &graph});
}

static void pass(dfl__way *way, uint32_t place) {
    tell(way, DFL_EVENT_NODE_START, place, 0);
    tell(way, DFL_EVENT_NODE_END, place, 0);
}

static void all_is_left_at_the_start(void **state) {
    static const int64_t section[] = {50000, 50000, 40000, 40000, 30000,
                                      30000, 30000, 30000, 20000};
    dfl__way way = begin();
    (void)state;
    for (unsigned cpus = 0; cpus < COUNT(section); cpus++)
        assert_int_equal(dfl__way_left(&way, 0, cpus), 10 + 50 + 150 + 3000 + section[cpus]);
    assert_int_equal(dfl__way_left(&way, 0, 64), 10 + 50 + 150 + 3000 + 10000);
    dfl__way_free(&way);
}

static void time_passes_in_a_node_but_no_more_than_it_takes(void **state) {
    dfl__way way = begin();
    (void)state;
    tell(&way, DFL_EVENT_NODE_START, A, 1000000);
    assert_int_equal(dfl__way_left(&way, 1000004, 1), 6 + 200 + 3000 + 50000);
    assert_int_equal(dfl__way_left(&way, 1000999, 1), 0 + 200 + 3000 + 50000);
    tell(&way, DFL_EVENT_NODE_ERROR, A, 1001000);
    tell(&way, DFL_EVENT_NODE_START, A, 1002000); /* again */
    assert_int_equal(dfl__way_left(&way, 1002000, 1), 10 + 200 + 3000 + 50000);
    dfl__way_free(&way);
}

static void ways_that_were_not_taken_are_not_left(void **state) {
    dfl__way way = begin();
    (void)state;
    pass(&way, A);
    assert_int_equal(dfl__way_left(&way, 0, 1), 50 + 150 + 3000 + 50000);
    tell(&way, DFL_EVENT_NODE_START, C, 0);
    assert_int_equal(dfl__way_left(&way, 100, 1), 200 + 3000 + 50000);
    dfl__way_free(&way);
}

static void turns_of_a_loop_are_counted(void **state) {
    dfl__way way = begin();
    (void)state;
    pass(&way, A);
    pass(&way, B);
    for (int64_t turn = 0; turn < 5; turn++) {
        tell(&way, DFL_EVENT_NODE_START, D, 0);
        assert_int_equal(dfl__way_left(&way, 0, 1),
                         1000 + (turn < 3 ? 2 - turn : 0) * 1000 + 50000);
        tell(&way, DFL_EVENT_NODE_END, D, 0);
    }
    tell(&way, DFL_EVENT_FORK, S, 0);
    assert_int_equal(dfl__way_left(&way, 0, 1), 50000);
    dfl__way_free(&way);
}

static void what_is_in_a_section_is_part_of_it(void **state) {
    dfl__way way = begin();
    (void)state;
    tell(&way, DFL_EVENT_FORK, S, 0);
    pass(&way, X);
    tell(&way, DFL_EVENT_NODE_START, Y, 30000);
    assert_int_equal(dfl__way_left(&way, 35000, 1), 15000);
    tell(&way, DFL_EVENT_JOIN, S, 50000);
    assert_int_equal(dfl__way_left(&way, 50000, 1), 0);
    dfl__way_free(&way);
}

static void without_costs_nothing_is_known(void **state) {
    dfl_graph bare = graph;
    dfl__way way;
    (void)state;
    bare.outlooks = NULL;
    dfl__fail_after(0);
    assert_true(dfl__way_begin(&way, &bare));
    assert_int_equal(dfl__way_left(&way, 0, 1), -1);
    dfl__way_free(&way);
    assert_false(dfl__way_begin(&way, &graph));
    dfl__fail_after(-1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_is_left_at_the_start),
        cmocka_unit_test(time_passes_in_a_node_but_no_more_than_it_takes),
        cmocka_unit_test(ways_that_were_not_taken_are_not_left),
        cmocka_unit_test(turns_of_a_loop_are_counted),
        cmocka_unit_test(what_is_in_a_section_is_part_of_it),
        cmocka_unit_test(without_costs_nothing_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
