// needs: tsan
// Profiles: what is counted of which event, the buckets of durations at their edges, many threads at once, and what
// becomes of failures. A whole file by a real run: exec/profile_counts.
#include "rt_run.h"

#include <errno.h>
#include <pthread.h>

#include "scratch.h"

/* start -> a -> b -> end; a runs a graph of its own, [x, y] is a section. */
enum { START, A, B, END, SECTION, INNER };
static const dfl_place places[] = {
    {DFL_PLACE_START, "start", "", -1, -1, -1},    {DFL_PLACE_NODE, "a", "", -1, -1, -1},
    {DFL_PLACE_NODE, "b", "", -1, -1, -1},         {DFL_PLACE_END, "end", "", -1, -1, -1},
    {DFL_PLACE_SECTION, "[x, y]", "", -1, -1, -1}, {DFL_PLACE_NODE, "a/x", "", -1, -1, -1}};
static const dfl_edge edges[] = {{B, END, ""}, {START, A, ""}, {A, B, "again"}, {A, END, ""}};
static const dfl_graph graph = {
    .name = "z", .places = places, .n_places = 6, .edges = edges, .n_edges = 4};
static const dfl_graph other = {.name = "b", .places = places, .n_places = 4};

static dfl_hooks *open_profile(void) {
    dfl_hooks *hooks;
    scratch_begin();
    hooks = dfl_profile_open(scratch_path("a.prof"));
    assert_non_null(hooks);
    return hooks;
}

static void close_profile(dfl_hooks *hooks, const char *expected) {
    char text[8192];
    FILE *in;
    assert_int_equal(dfl_profile_close(hooks), DFL_OK);
    in = fopen(scratch_path("a.prof"), "r");
    assert_non_null(in);
    text[fread(text, 1, sizeof text - 1, in)] = '\0';
    fclose(in);
    assert_string_equal(text, expected);
    scratch_end();
}

static void tell(dfl_hooks *hooks, const dfl_graph *of, dfl_event event) {
    event.graph = of;
    hooks->on_event(hooks->user, &event);
}

static void tell_node(dfl_hooks *hooks, uint32_t place, unsigned attempt, dfl_event_kind end,
                      int64_t ns) {
    tell(hooks, &graph,
         (dfl_event){.kind = DFL_EVENT_NODE_START, .place = place, .attempt = attempt});
    tell(hooks, &graph,
         (dfl_event){.kind = end, .place = place, .attempt = attempt, .duration_ns = ns});
}

static void tell_edge(dfl_hooks *hooks, uint32_t from, uint32_t to) {
    tell(hooks, &graph, (dfl_event){.kind = DFL_EVENT_EDGE, .place = from, .to_place = to});
}

/* Two attempts of a node are one time that it was begun, and two calls. Edges stand by their ends; those that were
 * never taken are left out, nodes that never ran are not. */
static void counts_what_happened(void **state) {
    dfl_hooks *hooks = open_profile();
    (void)state;
    tell(hooks, &other, (dfl_event){.kind = DFL_EVENT_RUN_START, .place = UINT32_MAX});
    tell(hooks, &graph, (dfl_event){.kind = DFL_EVENT_RUN_START, .place = UINT32_MAX});
    tell_edge(hooks, START, A);
    tell_node(hooks, A, 1, DFL_EVENT_NODE_ERROR, 5);
    tell_node(hooks, A, 2, DFL_EVENT_NODE_END, 100);
    tell_node(hooks, INNER, 1, DFL_EVENT_NODE_END, 7);
    tell(hooks, &graph, (dfl_event){.kind = DFL_EVENT_FORK, .place = SECTION});
    tell(hooks, &graph, (dfl_event){.kind = DFL_EVENT_JOIN, .place = SECTION, .duration_ns = 9});
    tell_edge(hooks, A, END);
    tell_edge(hooks, A, SECTION); /* no edge of the graph: not counted */
    tell(hooks, &graph,
         (dfl_event){.kind = DFL_EVENT_RUN_END, .place = UINT32_MAX, .duration_ns = 500});
    close_profile(hooks, "dflc profile 1\n"
                         "graph\tb\t1\n"
                         "node\ta\t0\t0\t0\t0\n"
                         "node\tb\t0\t0\t0\t0\n"
                         "graph\tz\t1\n"
                         "node\ta\t1\t1\t2\t105\t5:1\t36:1\n"
                         "node\tb\t0\t0\t0\t0\n"
                         "section\t[x, y]\t1\n"
                         "node\ta/x\t1\t1\t1\t7\t7:1\n"
                         "edge\tstart\ta\t1\n"
                         "edge\ta\tend\t1\n");
}

/* Eight to a power of two: bucket (s + 1) * 8 + m has (8 + m) << s up to (9 + m) << s. */
static void durations_go_into_their_buckets(void **state) {
    static const int64_t ns[] = {-1, 0, 7, 8, 15, 16, 17, 18, 31, 32, 1000, INT64_MAX};
    dfl_hooks *hooks = open_profile();
    uint64_t sum = 0;
    (void)state;
    for (size_t i = 0; i < sizeof ns / sizeof *ns; i++) {
        tell(hooks, &graph,
             (dfl_event){.kind = DFL_EVENT_NODE_END, .place = A, .duration_ns = ns[i]});
        sum += ns[i] > 0 ? (uint64_t)ns[i] : 0;
    }
    char expected[1024];
    snprintf(expected, sizeof expected,
             "dflc profile 1\n"
             "graph\tz\t0\n"
             "node\ta\t0\t12\t12\t%llu\t0:2\t7:1\t8:1\t15:1\t16:2\t17:1\t23:1\t24:1\t63:1\t487:1\n"
             "node\tb\t0\t0\t0\t0\n"
             "section\t[x, y]\t0\n"
             "node\ta/x\t0\t0\t0\t0\n",
             (unsigned long long)sum);
    close_profile(hooks, expected);
}

enum { THREADS = 4, ROUNDS = 500 };

static void *tell_rounds(void *hooks) {
    for (int i = 0; i < ROUNDS; i++) {
        tell(hooks, &graph, (dfl_event){.kind = DFL_EVENT_RUN_START, .place = UINT32_MAX});
        tell_edge(hooks, START, A);
        tell_node(hooks, A, 1, DFL_EVENT_NODE_END, 3);
    }
    return NULL;
}

static void threads_count_into_one(void **state) {
    dfl_hooks *hooks = open_profile();
    pthread_t threads[THREADS];
    (void)state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, tell_rounds, hooks), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    close_profile(hooks, "dflc profile 1\n"
                         "graph\tz\t2000\n"
                         "node\ta\t2000\t2000\t2000\t6000\t3:2000\n"
                         "node\tb\t0\t0\t0\t0\n"
                         "section\t[x, y]\t0\n"
                         "node\ta/x\t0\t0\t0\t0\n"
                         "edge\tstart\ta\t2000\n");
}

/* A file that is there stays whole until the new one is. */
static void a_file_is_replaced(void **state) {
    dfl_hooks *hooks = open_profile();
    FILE *old = fopen(scratch_path("a.prof"), "w");
    (void)state;
    assert_non_null(old);
    for (int i = 0; i < 10000; i++)
        fputs("something much longer\n", old);
    fclose(old);
    close_profile(hooks, "dflc profile 1\n");
}

static void failures_are_told(void **state) {
    (void)state;
    assert_null(dfl_profile_open(NULL));
    assert_int_equal(dfl_profile_close(NULL), DFL_OK);
    errno = 0;
    assert_int_equal(dfl_profile_close(dfl_profile_open("/no/such/place")), DFL_ESTORE);
    assert_int_equal(errno, ENOENT);
    for (int n = 0; n < 2; n++) {
        dfl__fail_after(n);
        assert_null(dfl_profile_open("x"));
        dfl__fail_after(-1);
    }
}

/* A graph that found no memory is missing, and that is said. */
static void without_memory_something_is_missing(void **state) {
    int status = DFL_ENOMEM, tries = 0;
    (void)state;
    for (; status == DFL_ENOMEM; tries++) {
        dfl_hooks *hooks = open_profile();
        dfl__fail_after(tries);
        tell_node(hooks, A, 1, DFL_EVENT_NODE_END, 3);
        status = dfl_profile_close(hooks);
        dfl__fail_after(-1);
        scratch_end();
    }
    assert_int_equal(status, DFL_OK);
    assert_true(tries > 4);
}

/* -finstrument counts into one profile of the process, each graph for itself; one that never ran has no table. */
static void the_built_in_one_tells_graphs_apart(void **state) {
    char text[1024];
    FILE *in;
    (void)state;
    scratch_begin();
    dfl__instrument(
        &(dfl_event){.kind = DFL_EVENT_RUN_START, .graph = &other, .place = UINT32_MAX});
    assert_int_equal(dfl__instrument_write(&other, NULL), DFL_EINVAL);
    assert_int_equal(dfl__instrument_write(&graph, scratch_path("none")), DFL_OK);
    assert_int_equal(dfl__instrument_write(&other, scratch_path("one")), DFL_OK);
    in = fopen(scratch_path("one"), "r");
    assert_non_null(in);
    text[fread(text, 1, sizeof text - 1, in)] = '\0';
    fclose(in);
    assert_string_equal(text,
                        "dflc profile 1\ngraph\tb\t1\nnode\ta\t0\t0\t0\t0\nnode\tb\t0\t0\t0\t0\n");
    in = fopen(scratch_path("none"), "r");
    assert_non_null(in);
    text[fread(text, 1, sizeof text - 1, in)] = '\0';
    fclose(in);
    assert_string_equal(text, "dflc profile 1\n");
    scratch_end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_what_happened),
        cmocka_unit_test(durations_go_into_their_buckets),
        cmocka_unit_test(threads_count_into_one),
        cmocka_unit_test(a_file_is_replaced),
        cmocka_unit_test(failures_are_told),
        cmocka_unit_test(without_memory_something_is_missing),
        cmocka_unit_test(the_built_in_one_tells_graphs_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
