// needs: tsan
// Metrics: that the text keeps the rules of its format whatever names there are, which bucket a duration is in, what
// is counted where, and that graphs of one name are one. tests/exec/metrics_of_runs counts whole runs.
#include "rt_run.h"

#include <errno.h>
#include <pthread.h>

#include "../exec/metrics_check.h"
#include "scratch.h"

static char *text_of(const dfl_hooks *hooks) {
    dfl_buf buf = {0};
    assert_int_equal(dfl_metrics_text(hooks, &buf), DFL_OK);
    assert_non_null(dfl_buf_room(&buf, 1));
    buf.p[buf.n - 1] = '\0';
    metrics_check((char *)buf.p);
    return (char *)buf.p;
}

static void free_text(char *text) {
    dfl_buf buf = {.p = (uint8_t *)text};
    dfl_buf_free(&buf);
}

static dfl_hooks *open_metrics(void) {
    dfl_hooks *hooks = dfl_metrics_new();
    assert_non_null(hooks);
    return hooks;
}

static void give(dfl_hooks *hooks, const dfl_graph *graph, dfl_event_kind kind, uint32_t place,
                 int status, int64_t ns) {
    dfl_event event = {
        .kind = kind, .graph = graph, .place = place, .status = status, .duration_ns = ns};
    event.to_place = AT_B, event.parent = 1;
    hooks->on_event(hooks->user, &event);
}

/* ---- the format ---- */

static void nothing_seen_is_a_text_without_samples(void **state) {
    dfl_hooks *hooks = open_metrics();
    char *text = text_of(hooks);
    (void)state;
    assert_non_null(strstr(text, "# TYPE dfl_runs_active gauge\n"));
    for (const char *p = text; *p; p = strchr(p, '\n') + 1)
        assert_int_equal(*p, '#');
    free_text(text);
    dfl_metrics_free(hooks);
}

static void names_are_escaped(void **state) {
    static const dfl_place places[] = {{DFL_PLACE_NODE, "a\"b\\c\nd", "", -1, -1, -1},
                                       {DFL_PLACE_NODE, "\xc3\xa4{},= #", "", -1, -1, -1},
                                       {DFL_PLACE_SECTION, "each x in \"y\" [z]", "", -1, -1, -1}};
    static const dfl_edge edges[] = {{0, 1, ""}, {1, 0, "x"}, {1, 0, "y"}};
    static const dfl_graph graph = {
        .name = "g\\", .places = places, .n_places = 3, .edges = edges, .n_edges = 3};
    dfl_hooks *hooks = open_metrics();
    char *text;
    (void)state;
    give(hooks, &graph, DFL_EVENT_NODE_ERROR, 0, DFL_ENODE, 5);
    text = text_of(hooks);
    assert_true(metrics_value(
                    text, "dfl_node_errors_total{graph=\"g\\\\\",node=\"a\\\"b\\\\c\\nd\"}") == 1);
    assert_true(
        metrics_value(text, "dfl_node_errors_total{graph=\"g\\\\\",node=\"\xc3\xa4{},= #\"}") == 0);
    free_text(text);
    dfl_metrics_free(hooks);
}

static void a_bound_belongs_to_its_bucket(void **state) {
    static const struct {
        int64_t ns;
        const char *le, *below; /* the first bucket that has it, the one before */
    } cases[] = {{-5, "0.000001", NULL},         {0, "0.000001", NULL},
                 {1000, "0.000001", NULL},       {1001, "0.000003", "0.000001"},
                 {3000, "0.000003", "0.000001"}, {999999999, "1", "0.3"},
                 {1000000001, "3", "1"},         {100000000000, "100", "30"},
                 {100000000001, "+Inf", "100"},  {INT64_MAX, "+Inf", "100"}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        dfl_hooks *hooks = open_metrics();
        char series[200], *text;
        give(hooks, &small_graph, DFL_EVENT_NODE_END, AT_A, DFL_OK, cases[i].ns);
        text = text_of(hooks);
        for (int below = 0; below < 2; below++) {
            const char *le = below ? cases[i].below : cases[i].le;
            snprintf(series, sizeof series,
                     "dfl_node_duration_seconds_bucket{graph=\"small\",node=\"a\",le=\"%s\"}",
                     le ? le : "");
            assert_true(!le || metrics_value(text, series) == !below);
        }
        free_text(text);
        dfl_metrics_free(hooks);
    }
}

static void sums_are_exact(void **state) {
    dfl_hooks *hooks = open_metrics();
    char *text;
    (void)state;
    give(hooks, &small_graph, DFL_EVENT_NODE_END, AT_A, DFL_OK, INT64_C(12345678901234567));
    give(hooks, &small_graph, DFL_EVENT_NODE_END, AT_A, DFL_OK, 1);
    text = text_of(hooks);
    assert_non_null(strstr(
        text, "\ndfl_node_duration_seconds_sum{graph=\"small\",node=\"a\"} 12345678.901234568\n"));
    free_text(text);
    dfl_metrics_free(hooks);
}

/* ---- what is counted ---- */

static void each_event_is_counted_where_it_belongs(void **state) {
    static const struct {
        dfl_event_kind kind;
        const char *series;
    } cases[] = {
        {DFL_EVENT_RUN_START, "dfl_runs_started_total{graph=\"small\"}"},
        {DFL_EVENT_RUN_START, "dfl_runs_active{graph=\"small\"}"},
        {DFL_EVENT_RESUMED, "dfl_runs_resumed_total{graph=\"small\"}"},
        {DFL_EVENT_SAVED, "dfl_checkpoints_saved_total{graph=\"small\"}"},
        {DFL_EVENT_LOADED, "dfl_checkpoints_loaded_total{graph=\"small\"}"},
        {DFL_EVENT_LIMIT, "dfl_limits_reached_total{graph=\"small\"}"},
        {DFL_EVENT_RUN_END, "dfl_runs_ended_total{graph=\"small\",status=\"DFL_OK\"}"},
        {DFL_EVENT_RUN_END, "dfl_run_duration_seconds_count{graph=\"small\"}"},
        {DFL_EVENT_NODE_END, "dfl_node_duration_seconds_count{graph=\"small\",node=\"a\"}"},
        {DFL_EVENT_NODE_ERROR, "dfl_node_duration_seconds_count{graph=\"small\",node=\"a\"}"},
        {DFL_EVENT_NODE_ERROR, "dfl_node_errors_total{graph=\"small\",node=\"a\"}"},
        {DFL_EVENT_RETRY, "dfl_node_retries_total{graph=\"small\",node=\"a\"}"},
        {DFL_EVENT_TIMEOUT, "dfl_node_timeouts_total{graph=\"small\",node=\"a\"}"},
        {DFL_EVENT_PAUSED, "dfl_node_pauses_total{graph=\"small\",node=\"a\"}"},
        {DFL_EVENT_PAUSED, "dfl_node_duration_seconds_count{graph=\"small\",node=\"a\"}"},
        {DFL_EVENT_CUSTOM, "dfl_node_custom_events_total{graph=\"small\",node=\"a\"}"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        dfl_hooks *hooks = open_metrics();
        char *text;
        for (int n = 0; n < 3; n++)
            give(hooks, &small_graph, cases[i].kind, AT_A, DFL_OK, 7);
        text = text_of(hooks);
        assert_true(metrics_value(text, cases[i].series) == 3);
        free_text(text);
        dfl_metrics_free(hooks);
    }
}

static void every_status_has_a_name(void **state) {
    static const char *const names[] = {"ENODE",      "ENOMEM",    "ELIMIT", "ETIMEOUT",
                                        "ECANCELLED", "EGUARD",    "ESTORE", "ECORRUPT",
                                        "ESCHEMA",    "ENOTFOUND", "EBUSY",  "EINVAL"};
    static const int statuses[] = {DFL_ENODE,      DFL_ENOMEM,    DFL_ELIMIT, DFL_ETIMEOUT,
                                   DFL_ECANCELLED, DFL_EGUARD,    DFL_ESTORE, DFL_ECORRUPT,
                                   DFL_ESCHEMA,    DFL_ENOTFOUND, DFL_EBUSY,  DFL_EINVAL};
    dfl_hooks *hooks = open_metrics();
    char *text;
    (void)state;
    for (size_t i = 0; i < COUNT(statuses); i++)
        for (size_t n = 0; n <= i; n++)
            give(hooks, &small_graph, DFL_EVENT_RUN_END, UINT32_MAX, statuses[i], 7);
    give(hooks, &small_graph, DFL_EVENT_RUN_END, UINT32_MAX, -99, 7);
    text = text_of(hooks);
    for (size_t i = 0; i < COUNT(statuses); i++) {
        char series[100];
        snprintf(series, sizeof series, "dfl_runs_ended_total{graph=\"small\",status=\"DFL_%s\"}",
                 names[i]);
        assert_true(metrics_value(text, series) == (double)i + 1);
    }
    assert_true(metrics_value(text, "dfl_runs_ended_total{graph=\"small\",status=\"other\"}") == 1);
    free_text(text);
    dfl_metrics_free(hooks);
}

/* Two programs' graphs of one name would be samples that come twice. */
static void graphs_of_one_name_are_one(void **state) {
    static const dfl_edge edges[] = {
        {AT_START, AT_A, ""}, {AT_A, AT_B, "x"}, {AT_A, AT_B, "y"}, {AT_B, AT_END, ""}};
    dfl_graph one = small_graph, two = small_graph, other = small_graph;
    dfl_hooks *hooks = open_metrics();
    char *text;
    (void)state;
    other.name = "other";
    one.edges = two.edges = edges, one.n_edges = two.n_edges = COUNT(edges);
    give(hooks, &one, DFL_EVENT_RUN_START, UINT32_MAX, 0, 0);
    give(hooks, &two, DFL_EVENT_RUN_START, UINT32_MAX, 0, 0);
    give(hooks, &other, DFL_EVENT_RUN_START, UINT32_MAX, 0, 0);
    give(hooks, &one, DFL_EVENT_NODE_END, AT_A, 0, 500);
    give(hooks, &two, DFL_EVENT_NODE_END, AT_A, 0, 500);
    give(hooks, &one, DFL_EVENT_EDGE, AT_A, 0, 0);
    give(hooks, &two, DFL_EVENT_EDGE, AT_A, 0, 0);
    give(hooks, &two, DFL_EVENT_EDGE, AT_A, 0, 0);
    text = text_of(hooks);
    assert_true(metrics_value(text, "dfl_runs_active{graph=\"small\"}") == 2);
    assert_true(metrics_value(text, "dfl_runs_active{graph=\"other\"}") == 1);
    assert_true(metrics_value(text, "dfl_node_duration_seconds_sum{graph=\"small\",node=\"a\"}") ==
                0.000001);
    assert_true(metrics_value(text, "dfl_edges_taken_total{graph=\"small\",from=\"a\",to=\"b\"}") ==
                3);
    free_text(text);
    dfl_metrics_free(hooks);
}

enum { RUNS = 200 };

static void *run_many(void *arg) {
    for (int i = 0; i < RUNS; i++) {
        small s = {0};
        assert_int_equal(small_run(&s, &(dfl_run){.hooks = arg, .user = &(Script){0}}), DFL_OK);
        dfl__mem_free(&s.mem);
    }
    return NULL;
}

/* Read while it is counted: never more ends than starts, and in the end all of it. */
static void threads_may_use_it_at_once(void **state) {
    dfl_hooks *hooks = open_metrics();
    pthread_t threads[4];
    char *text;
    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run_many, hooks), 0);
    for (int i = 0; i < 50; i++)
        free_text(text_of(hooks));
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    text = text_of(hooks);
    assert_true(metrics_value(text, "dfl_runs_started_total{graph=\"small\"}") == 4 * RUNS);
    assert_true(metrics_value(text, "dfl_runs_active{graph=\"small\"}") == 0);
    assert_true(
        metrics_value(text, "dfl_node_duration_seconds_count{graph=\"small\",node=\"b\"}") ==
        4 * RUNS);
    free_text(text);
    dfl_metrics_free(hooks);
}

/* ---- files and failures ---- */

static void a_file_is_replaced_by_the_text(void **state) {
    dfl_hooks *hooks = open_metrics();
    char *text, *file;
    FILE *in;
    (void)state;
    scratch_begin();
    give(hooks, &small_graph, DFL_EVENT_RUN_START, UINT32_MAX, 0, 0);
    assert_int_equal(dfl_metrics_write(hooks, scratch_path("dfl.prom")), DFL_OK);
    assert_int_equal(dfl_metrics_write(hooks, scratch_path("dfl.prom")), DFL_OK);
    text = text_of(hooks);
    file = calloc(1, 100000);
    in = fopen(scratch_path("dfl.prom"), "r");
    assert_non_null(in);
    assert_int_equal(fread(file, 1, 99999, in), strlen(text));
    fclose(in);
    assert_string_equal(file, text);
    free(file);
    free_text(text);
    errno = 0;
    assert_int_equal(dfl_metrics_write(hooks, "/no/such/place"), DFL_ESTORE);
    assert_int_equal(errno, ENOENT);
    dfl_metrics_free(hooks);
    scratch_end();
}

static void without_memory_it_is_said(void **state) {
    dfl_hooks *hooks;
    dfl_buf buf = {0};
    int status = DFL_ENOMEM;
    (void)state;
    dfl__fail_after(0);
    assert_null(dfl_metrics_new());
    dfl__fail_after(-1);
    dfl_metrics_free(NULL);
    hooks = open_metrics();
    give(hooks, &small_graph, DFL_EVENT_RUN_START, UINT32_MAX, 0, 0);
    for (long n = 0; status == DFL_ENOMEM; n++) {
        dfl__fail_after(n);
        status = dfl_metrics_text(hooks, &buf);
        dfl__fail_after(-1);
        assert_int_equal(buf.n > 0, status == DFL_OK);
        assert_true(n >= 3 || status == DFL_ENOMEM);
    }
    assert_int_equal(status, DFL_OK);
    dfl_buf_free(&buf);
    dfl_metrics_free(hooks);
}

/* A graph that there was no memory for is missing, which is told; the others are there. */
static void what_was_not_counted_is_told(void **state) {
    dfl_graph other = small_graph;
    (void)state;
    other.name = "other";
    for (long n = 0; n < 4; n++) {
        dfl_hooks *hooks = open_metrics();
        dfl_buf buf = {0};
        give(hooks, &small_graph, DFL_EVENT_RUN_START, UINT32_MAX, 0, 0);
        dfl__fail_after(n);
        give(hooks, &other, DFL_EVENT_RUN_START, UINT32_MAX, 0, 0);
        dfl__fail_after(-1);
        assert_int_equal(dfl_metrics_text(hooks, &buf), DFL_ENOMEM);
        assert_non_null(dfl_buf_room(&buf, 1));
        buf.p[buf.n - 1] = '\0';
        metrics_check((char *)buf.p);
        assert_true(metrics_value((char *)buf.p, "dfl_runs_started_total{graph=\"small\"}") == 1);
        assert_null(strstr((char *)buf.p, "graph=\"other\""));
        dfl_buf_free(&buf);
        dfl_metrics_free(hooks);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_seen_is_a_text_without_samples),
        cmocka_unit_test(names_are_escaped),
        cmocka_unit_test(a_bound_belongs_to_its_bucket),
        cmocka_unit_test(sums_are_exact),
        cmocka_unit_test(each_event_is_counted_where_it_belongs),
        cmocka_unit_test(every_status_has_a_name),
        cmocka_unit_test(graphs_of_one_name_are_one),
        cmocka_unit_test(threads_may_use_it_at_once),
        cmocka_unit_test(a_file_is_replaced_by_the_text),
        cmocka_unit_test(without_memory_it_is_said),
        cmocka_unit_test(what_was_not_counted_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
