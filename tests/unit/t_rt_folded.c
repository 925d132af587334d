// needs: tsan
// Folded stacks: whose time is counted where, to the microsecond, and the form of the lines.
#include "rt_run.h"

#include <errno.h>
#include <pthread.h>

#include "scratch.h"

/* start -> [a, [b; c]] -> sub, which runs a/b; 1: a, 2: b, 4: the section, 5: one in it, 6: sub, 7: sub/a */
static const dfl_place places[] = {{DFL_PLACE_START, "start", "", -1, -1, -1},
                                   {DFL_PLACE_NODE, "a", "", 4, 0, -1},
                                   {DFL_PLACE_NODE, "b", "", 5, 0, -1},
                                   {DFL_PLACE_END, "end", "", -1, -1, -1},
                                   {DFL_PLACE_SECTION, "[a, [b; c]]", "", -1, -1, -1},
                                   {DFL_PLACE_SECTION, "inner", "", 4, 1, -1},
                                   {DFL_PLACE_NODE, "sub", "", -1, -1, -1},
                                   {DFL_PLACE_NODE, "sub/a", "", -1, -1, -1}};
static const dfl_graph graph = {.name = "z", .places = places, .n_places = 8};
static const dfl_graph other = {.name = "g", .places = places, .n_places = 8};

static const char *file_path(void) {
    return scratch_path("folded.txt");
}

static dfl_hooks *open_folded(void) {
    dfl_hooks *hooks;
    scratch_begin();
    hooks = dfl_folded_open(file_path());
    assert_non_null(hooks);
    return hooks;
}

static void check_file(const char *expected) {
    char text[4096];
    FILE *in = fopen(file_path(), "r");
    assert_non_null(in);
    text[fread(text, 1, sizeof text - 1, in)] = '\0';
    fclose(in);
    assert_string_equal(text, expected);
}

static void close_folded(dfl_hooks *hooks, const char *expected) {
    assert_int_equal(dfl_folded_close(hooks), DFL_OK);
    check_file(expected);
    scratch_end();
}

/* ---- events by hand ---- */

static void give(dfl_hooks *hooks, const dfl_graph *of, dfl_event_kind kind, uint64_t run,
                 uint64_t span, uint64_t parent, uint32_t place, uint32_t worker, int64_t us) {
    dfl_event event = {.kind = kind,
                       .run = run,
                       .span = span,
                       .parent = parent,
                       .graph = of,
                       .place = place,
                       .path = place == UINT32_MAX ? of->name : of->places[place].name,
                       .branch = -1,
                       .index = -1,
                       .worker = worker,
                       .duration_ns = us * 1000};
    hooks->on_event(hooks->user, &event);
}

enum { WHOLE = 0xffffffff };

/* A run of 1000 us: a section of 600, in which a takes 200 on the caller's thread, and b 500 of the 550
 * that inner takes on another; then sub, 300, of which sub/a takes 290, in two attempts. */
static void tell_run(dfl_hooks *hooks, const dfl_graph *of, uint64_t run) {
    give(hooks, of, DFL_EVENT_RUN_START, run, 1, 0, WHOLE, 0, 0);
    give(hooks, of, DFL_EVENT_FORK, run, 2, 1, 4, 0, 0);
    give(hooks, of, DFL_EVENT_BRANCH_START, run, 3, 2, 4, 0, 0);
    give(hooks, of, DFL_EVENT_BRANCH_START, run, 4, 2, 4, 1, 0);
    give(hooks, of, DFL_EVENT_NODE_START, run, 5, 3, 1, 0, 0);
    give(hooks, of, DFL_EVENT_FORK, run, 6, 4, 5, 1, 0);
    give(hooks, of, DFL_EVENT_NODE_END, run, 5, 3, 1, 0, 200);
    give(hooks, of, DFL_EVENT_BRANCH_END, run, 3, 2, 4, 0, 210);
    give(hooks, of, DFL_EVENT_CHUNK_START, run, 7, 6, 5, 1, 0);
    give(hooks, of, DFL_EVENT_NODE_START, run, 8, 7, 2, 1, 0);
    give(hooks, of, DFL_EVENT_NODE_END, run, 8, 7, 2, 1, 500);
    give(hooks, of, DFL_EVENT_CHUNK_END, run, 7, 6, 5, 1, 505);
    give(hooks, of, DFL_EVENT_JOIN, run, 6, 4, 5, 1, 550);
    give(hooks, of, DFL_EVENT_BRANCH_END, run, 4, 2, 4, 1, 551);
    give(hooks, of, DFL_EVENT_JOIN, run, 2, 1, 4, 0, 600);
    give(hooks, of, DFL_EVENT_NODE_START, run, 9, 1, 6, 0, 0);
    give(hooks, of, DFL_EVENT_NODE_START, run, 10, 9, 7, 0, 0);
    give(hooks, of, DFL_EVENT_NODE_ERROR, run, 10, 9, 7, 0, 90);
    give(hooks, of, DFL_EVENT_NODE_START, run, 11, 9, 7, 0, 0);
    give(hooks, of, DFL_EVENT_PAUSED, run, 11, 9, 7, 0, 200);
    give(hooks, of, DFL_EVENT_NODE_END, run, 9, 1, 6, 0, 300);
    give(hooks, of, DFL_EVENT_PAUSED, run, 1, 0, 1, 0, 0); /* before a node */
    give(hooks, of, DFL_EVENT_RUN_END, run, 1, 0, WHOLE, 0, 1000);
}

/* Of the section: 600 - 210 that its caller waited, 10 around a in its branch, 1 around inner. */
#define LINES(NAME)                                                                                \
    NAME " 100\n" NAME ";[a, [b, c]];a 200\n" NAME ";[a, [b, c]];inner;b 500\n" NAME               \
         ";[a, [b, c]] 401\n" NAME ";[a, [b, c]];inner 50\n" NAME ";sub 10\n" NAME                 \
         ";sub;sub/a 290\n"

static void time_is_counted_once_on_each_thread(void **state) {
    dfl_hooks *hooks = open_folded();
    (void)state;
    tell_run(hooks, &graph, 1);
    close_folded(hooks, LINES("z"));
}

static void graphs_are_in_order_of_their_names(void **state) {
    dfl_hooks *hooks = open_folded();
    (void)state;
    tell_run(hooks, &graph, 1);
    tell_run(hooks, &other, 2);
    close_folded(hooks, LINES("g") LINES("z"));
}

/* Runs add up, and what is little is not nothing. */
static void runs_are_merged(void **state) {
    dfl_hooks *hooks = open_folded();
    (void)state;
    for (uint64_t run = 1; run <= 1000; run++) {
        give(hooks, &other, DFL_EVENT_RUN_START, run, 1, 0, WHOLE, 0, 0);
        give(hooks, &other, DFL_EVENT_NODE_START, run, 2, 1, 1, 0, 0);
        give(hooks, &other, DFL_EVENT_NODE_END, run, 2, 1, 1, 0, 3);
    }
    for (uint64_t run = 1; run <= 1000; run++)
        give(hooks, &other, DFL_EVENT_RUN_END, run, 1, 0, WHOLE, 0, 4);
    hooks->on_event(
        hooks->user,
        &(dfl_event){
            .kind = DFL_EVENT_RUN_START, .run = 1, .span = 1, .graph = &graph, .place = WHOLE});
    hooks->on_event(
        hooks->user,
        &(dfl_event){
            .kind = DFL_EVENT_RUN_END, .run = 1, .span = 1, .graph = &graph, .duration_ns = 1});
    close_folded(hooks, "g 1000\ng;a 3000\nz 1\n");
}

static void nothing_seen_is_an_empty_file(void **state) {
    (void)state;
    close_folded(open_folded(), "");
}

typedef struct Teller {
    dfl_hooks *hooks;
    uint64_t run;
} Teller;

static void *tell_many(void *arg) {
    const Teller *teller = arg;
    for (uint64_t i = 0; i < 50; i++)
        tell_run(teller->hooks, &graph, teller->run + i);
    return NULL;
}

static void threads_may_use_it_at_once(void **state) {
    dfl_hooks *hooks = open_folded();
    pthread_t threads[4];
    Teller tellers[4];
    (void)state;
    for (uint64_t i = 0; i < 4; i++) {
        tellers[i] = (Teller){hooks, 1 + i * 1000};
        assert_int_equal(pthread_create(&threads[i], NULL, tell_many, &tellers[i]), 0);
    }
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    close_folded(hooks, "z 20000\nz;[a, [b, c]];a 40000\nz;[a, [b, c]];inner;b 100000\n"
                        "z;[a, [b, c]] 80200\nz;[a, [b, c]];inner 10000\nz;sub 2000\n"
                        "z;sub;sub/a 58000\n");
}

/* ---- failures ---- */

static void failures_are_told(void **state) {
    (void)state;
    assert_null(dfl_folded_open(NULL));
    assert_int_equal(dfl_folded_close(NULL), DFL_OK);
    errno = 0;
    assert_int_equal(dfl_folded_close(dfl_folded_open("/no/such/place")), DFL_ESTORE);
    assert_int_equal(errno, ENOENT);
    for (int n = 0; n < 2; n++) {
        dfl__fail_after(n);
        assert_null(dfl_folded_open("x"));
        dfl__fail_after(-1);
    }
}

/* What found no memory is missing, and that is said. */
static void without_memory_something_is_missing(void **state) {
    int status = DFL_ENOMEM;
    (void)state;
    for (long n = 0; status == DFL_ENOMEM; n++) {
        dfl_hooks *hooks = open_folded();
        dfl__fail_after(n);
        tell_run(hooks, &graph, 1);
        tell_run(hooks, &graph, 2);
        dfl__fail_after(-1);
        status = dfl_folded_close(hooks);
        assert_true(n > 0 || status == DFL_ENOMEM);
    }
    assert_int_equal(status, DFL_OK);
    scratch_end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_is_counted_once_on_each_thread),
        cmocka_unit_test(graphs_are_in_order_of_their_names),
        cmocka_unit_test(runs_are_merged),
        cmocka_unit_test(nothing_seen_is_an_empty_file),
        cmocka_unit_test(threads_may_use_it_at_once),
        cmocka_unit_test(failures_are_told),
        cmocka_unit_test(without_memory_something_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
