// needs: tsan
// The queue of events: what is put comes out in order, overflow is counted and never waits, and no end
// is lost whose start was kept.
#include "rt_run.h"

#include <pthread.h>
#include <stdatomic.h>

static int fail_3(dfl_ctx *ctx, int64_t *n) {
    (void)n;
    return dfl_fail(ctx, 3, "no way");
}

static int speak(dfl_ctx *ctx, int64_t *n) {
    char name[8] = "said", text[8] = "abc";
    (void)n;
    dfl_emit(ctx, name, (dfl_bytes){(const uint8_t *)text, 3});
    memset(name, 'x', sizeof name), memset(text, 'x', sizeof text);
    return 0;
}

static int ask(dfl_ctx *ctx, int64_t *n) {
    dfl_str answer;
    (void)n;
    return dfl_interrupt(ctx, DFL_STR("why?"), &answer);
}

static int run_small(dfl_hooks *hooks, Script script) {
    small s = {0};
    int rc = small_run(&s, &(dfl_run){.hooks = hooks, .user = &script});
    dfl__mem_free(&s.mem);
    return rc;
}

static void take_named(dfl_hooks *queue, const char *expected) {
    char text[1024] = "";
    dfl_event event;
    while (dfl_queue_take(queue, &event)) {
        size_t n = strlen(text);
        snprintf(text + n, sizeof text - n, "%s %s,", dfl_event_name(event.kind), event.path);
    }
    assert_string_equal(text, expected);
}

static void events_come_in_order(void **state) {
    dfl_hooks *queue = dfl_queue_new(100);
    dfl_event event;
    (void)state;
    assert_false(dfl_queue_take(queue, &event));
    /* More than the ring holds, so that it goes round. */
    for (int i = 0; i < 50; i++) {
        assert_int_equal(run_small(queue, (Script){0}), DFL_OK);
        take_named(queue, "run_start small,edge start,node_start a,node_end a,edge a,node_start b,"
                          "node_end b,edge b,run_end small,");
    }
    assert_int_equal(dfl_queue_dropped(queue), 0);
    dfl_queue_free(queue);
    dfl_queue_free(NULL);
}

static void the_mask_is_the_callers(void **state) {
    dfl_hooks *queue = dfl_queue_new(8);
    (void)state;
    assert_int_equal(queue->mask, DFL_EV_ALL);
    queue->mask = DFL_EV_NODE;
    assert_int_equal(run_small(queue, (Script){0}), DFL_OK);
    take_named(queue, "node_start a,node_end a,node_start b,node_end b,");
    queue->mask = DFL_EV_RUN;
    assert_int_equal(run_small(queue, (Script){0}), DFL_OK);
    take_named(queue, "run_start small,run_end small,");
    dfl_queue_free(queue);
}

/* What an event points to, until the next is taken; the queue may be full of such events. */
static void what_was_lent_is_copied(void **state) {
    dfl_hooks *queue = dfl_queue_new(20);
    dfl_event event;
    (void)state;
    queue->mask = DFL_EV_NODE | DFL_EV_CUSTOM | DFL_STREAM_VALUES;
    assert_int_equal(run_small(queue, (Script){.a = speak, .b = fail_3}), DFL_ENODE);
    assert_true(dfl_queue_take(queue, &event) && event.kind == DFL_EVENT_NODE_START);
    assert_true(dfl_queue_take(queue, &event) && event.kind == DFL_EVENT_CUSTOM);
    assert_string_equal(event.to, "said");
    assert_true(event.data.n == 3 && memcmp(event.data.p, "abc", 3) == 0);
    assert_true(dfl_queue_take(queue, &event) && event.kind == DFL_EVENT_NODE_END);
    assert_true(dfl_queue_take(queue, &event) && event.kind == DFL_EVENT_VALUES);
    assert_int_equal(((const small *)event.state)->n, 0);
    assert_true(dfl_queue_take(queue, &event) && event.kind == DFL_EVENT_NODE_START);
    assert_true(dfl_queue_take(queue, &event) && event.kind == DFL_EVENT_NODE_ERROR);
    assert_string_equal(event.error->message, "no way");
    assert_false(dfl_queue_take(queue, &event));
    /* Freed with events in it. */
    assert_int_equal(run_small(queue, (Script){.a = speak, .b = fail_3}), DFL_ENODE);
    dfl_queue_free(queue);
}

static void the_thread_of_a_run_is_copied(void **state) {
    dfl_hooks *queue = dfl_queue_new(8);
    char thread[] = "anna";
    small s = {0};
    Script script = {0};
    dfl_event event;
    (void)state;
    queue->mask = DFL_EV_RUN;
    assert_int_equal(
        small_run(&s, &(dfl_run){.hooks = queue, .user = &script, .thread_id = thread}), DFL_OK);
    memset(thread, 'x', sizeof thread - 1);
    assert_true(dfl_queue_take(queue, &event) && event.kind == DFL_EVENT_RUN_START);
    assert_string_equal(event.thread_id, "anna");
    assert_true(dfl_queue_take(queue, &event) && event.kind == DFL_EVENT_RUN_END);
    assert_null(event.thread_id);
    dfl__mem_free(&s.mem);
    dfl_queue_free(queue);
}

/* ---- too small a queue ---- */

static dfl_event event_of(dfl_event_kind kind, uint64_t run, uint32_t place) {
    return (dfl_event){
        .kind = kind, .run = run, .graph = &small_graph, .path = "p", .place = place, .branch = -1};
}

static void tell(dfl_hooks *hooks, dfl_event_kind kind, uint64_t run, uint32_t place) {
    dfl_event event = event_of(kind, run, place);
    hooks->on_event(hooks->user, &event);
}

/* Two starts fill it, for their ends have room already. */
static void ends_find_room(void **state) {
    dfl_hooks *queue = dfl_queue_new(4);
    dfl_event event;
    (void)state;
    tell(queue, DFL_EVENT_RUN_START, 1, UINT32_MAX);
    tell(queue, DFL_EVENT_NODE_START, 1, AT_A);
    tell(queue, DFL_EVENT_EDGE, 1, AT_A);
    tell(queue, DFL_EVENT_NODE_START, 2, AT_A);
    assert_int_equal(dfl_queue_dropped(queue), 2);
    /* The end of what was dropped does not take the room of the other's. */
    tell(queue, DFL_EVENT_NODE_END, 2, AT_A);
    assert_int_equal(dfl_queue_dropped(queue), 3);
    tell(queue, DFL_EVENT_NODE_END, 1, AT_A);
    tell(queue, DFL_EVENT_RUN_END, 1, UINT32_MAX);
    assert_int_equal(dfl_queue_dropped(queue), 3);
    take_named(queue, "run_start p,node_start p,node_end p,run_end p,");
    /* Its start was dropped, so it is, though there is room. */
    tell(queue, DFL_EVENT_JOIN, 2, AT_B);
    assert_false(dfl_queue_take(queue, &event));
    dfl_queue_free(queue);
}

/* A start takes room for two; when one is left, other events still find it. */
static void the_last_place_is_for_single_events(void **state) {
    dfl_hooks *queue = dfl_queue_new(3);
    (void)state;
    tell(queue, DFL_EVENT_NODE_START, 1, AT_A);
    tell(queue, DFL_EVENT_FORK, 1, AT_B);
    tell(queue, DFL_EVENT_SAVED, 1, AT_A);
    tell(queue, DFL_EVENT_NODE_END, 1, AT_A);
    take_named(queue, "node_start p,saved p,node_end p,");
    assert_int_equal(dfl_queue_dropped(queue), 1);
    dfl_queue_free(queue);
}

/* Elements of eaches within each other can look the same. */
static void what_looks_the_same_is_counted(void **state) {
    dfl_hooks *queue = dfl_queue_new(6);
    (void)state;
    for (int i = 0; i < 4; i++)
        tell(queue, DFL_EVENT_NODE_START, 1, AT_A);
    for (int i = 0; i < 4; i++)
        tell(queue, DFL_EVENT_NODE_END, 1, AT_A);
    take_named(queue, "node_start p,node_start p,node_start p,node_end p,node_end p,node_end p,");
    assert_int_equal(dfl_queue_dropped(queue), 2);
    dfl_queue_free(queue);
}

static void a_queue_of_nothing_holds_two(void **state) {
    dfl_hooks *queue = dfl_queue_new(0);
    (void)state;
    tell(queue, DFL_EVENT_NODE_START, 1, AT_A);
    tell(queue, DFL_EVENT_NODE_END, 1, AT_A);
    tell(queue, DFL_EVENT_EDGE, 1, AT_A);
    take_named(queue, "node_start p,node_end p,");
    assert_int_equal(dfl_queue_dropped(queue), 1);
    dfl_queue_free(queue);
}

/* Where pauses are not asked for, a node that pauses has no end; its room comes back with the run's. */
static void pauses_leave_no_room_behind(void **state) {
    static const uint32_t masks[] = {DFL_EV_RUN | DFL_EV_NODE, DFL_EV_NODE, DFL_EV_ALL,
                                     DFL_EV_NODE | DFL_EV_PAUSE};
    (void)state;
    for (size_t i = 0; i < COUNT(masks); i++) {
        dfl_hooks *queue = dfl_queue_new(9);
        dfl_event event;
        queue->mask = masks[i];
        for (int round = 0; round < 20; round++) {
            assert_int_equal(run_small(queue, (Script){.b = ask}), DFL_PAUSED);
            while (dfl_queue_take(queue, &event))
                ;
        }
        assert_int_equal(dfl_queue_dropped(queue), 0);
        dfl_queue_free(queue);
    }
}

/* A pause before a node ends nothing. */
static void a_pause_without_a_start_comes(void **state) {
    dfl_hooks *queue = dfl_queue_new(4);
    (void)state;
    tell(queue, DFL_EVENT_PAUSED, 1, AT_A);
    tell(queue, DFL_EVENT_NODE_START, 1, AT_A);
    tell(queue, DFL_EVENT_PAUSED, 1, AT_A);
    take_named(queue, "paused p,node_start p,paused p,");
    dfl_queue_free(queue);
}

/* ---- without memory ---- */

static void no_memory_for_a_queue(void **state) {
    dfl_hooks *queue = NULL;
    long n = 0;
    (void)state;
    for (; !queue; n++) {
        dfl__fail_after(n);
        queue = dfl_queue_new(16);
        dfl__fail_after(-1);
    }
    assert_int_equal(n, 4);
    dfl_queue_free(queue);
}

static void no_memory_for_what_is_lent(void **state) {
    dfl_hooks *queue = dfl_queue_new(16);
    dfl_error why = {.status = DFL_ENODE, .message = "why"};
    dfl_event error = event_of(DFL_EVENT_NODE_ERROR, 1, AT_A), custom = error, event;
    (void)state;
    error.error = &why;
    error.status = DFL_ENODE;
    custom.kind = DFL_EVENT_CUSTOM;
    custom.to = "said";
    custom.data = (dfl_bytes){(const uint8_t *)"abc", 3};
    for (long n = 0; n < 2; n++) {
        tell(queue, DFL_EVENT_NODE_START, 1, AT_A);
        dfl__fail_after(n);
        queue->on_event(queue->user, &custom);
        dfl__fail_after(-1);
        assert_int_equal(dfl_queue_dropped(queue), n + 1);
        dfl__fail_after(0);
        queue->on_event(queue->user, &error);
        dfl__fail_after(-1);
        assert_true(dfl_queue_take(queue, &event) && event.kind == DFL_EVENT_NODE_START);
        assert_true(dfl_queue_take(queue, &event) && event.kind == DFL_EVENT_NODE_ERROR);
        assert_int_equal(event.status, DFL_ENODE);
        assert_int_equal(event.error->status, DFL_ENOMEM);
        assert_string_equal(event.error->message, "no memory to tell what failed");
        assert_false(dfl_queue_take(queue, &event));
    }
    dfl_event start = event_of(DFL_EVENT_RUN_START, 2, UINT32_MAX);
    start.thread_id = "anna";
    for (long n = 0; n < 2; n++) {
        dfl__fail_after(n);
        queue->on_event(queue->user, &start);
        dfl__fail_after(-1);
        assert_true(dfl_queue_take(queue, &event) && event.kind == DFL_EVENT_RUN_START);
        assert_null(event.thread_id);
        tell(queue, DFL_EVENT_RUN_END, 2, UINT32_MAX);
        assert_true(dfl_queue_take(queue, &event) && event.kind == DFL_EVENT_RUN_END);
    }
    /* What was dropped has left its room. */
    for (int i = 0; i < 16; i++)
        tell(queue, DFL_EVENT_EDGE, 1, AT_A);
    assert_int_equal(dfl_queue_dropped(queue), 2);
    dfl_queue_free(queue);
}

/* A run whose spans find no memory does not know all that ends; the queue is none the smaller for it. */
static void runs_without_memory_leave_no_room_behind(void **state) {
    dfl_hooks *queue = dfl_queue_new(12);
    dfl_event event;
    (void)state;
    for (long n = 0; n < 12; n++) {
        dfl__fail_after(n);
        (void)run_small(queue, (Script){.a = speak, .b = fail_3});
        dfl__fail_after(-1);
        while (dfl_queue_take(queue, &event))
            ;
    }
    for (uint64_t i = 0, before = dfl_queue_dropped(queue); i < 6; i++) {
        tell(queue, DFL_EVENT_NODE_START, UINT64_MAX, AT_A);
        assert_int_equal(dfl_queue_dropped(queue), before);
    }
    dfl_queue_free(queue);
}

/* ---- waiting ---- */

static void *run_later(void *queue) {
    nanosleep(&(struct timespec){0, 2000000}, NULL);
    run_small(queue, (Script){0});
    return NULL;
}

static void waiting_ends_with_an_event(void **state) {
    dfl_hooks *queue = dfl_queue_new(64);
    dfl_event event;
    (void)state;
    assert_false(dfl_queue_wait(queue, &event, 0));
    assert_false(dfl_queue_wait(queue, &event, 1000000));
    for (int round = 0; round < 20; round++) {
        pthread_t thread;
        int64_t timeout = round % 2 ? -1 : INT64_C(60) * 1000000000;
        assert_int_equal(pthread_create(&thread, NULL, run_later, queue), 0);
        do
            assert_true(dfl_queue_wait(queue, &event, timeout));
        while (event.kind != DFL_EVENT_RUN_END);
        pthread_join(thread, NULL);
    }
    dfl_queue_free(queue);
}

/* ---- many runs at once ---- */

enum { THREADS = 4, RUNS = 400, MOST_RUNS = THREADS * RUNS };

typedef struct Stress {
    dfl_hooks *queue;
    atomic_ulong put;
    dfl_hooks counting; /* before the queue */
    atomic_int running;
} Stress;

static void count_and_put(void *user, const dfl_event *event) {
    Stress *stress = user;
    atomic_fetch_add(&stress->put, 1);
    stress->queue->on_event(stress->queue->user, event);
}

static void *many_runs(void *user) {
    Stress *stress = user;
    for (int i = 0; i < RUNS; i++)
        run_small(&stress->counting,
                  (Script){.a = i % 3 ? speak : NULL, .b = i % 5 ? NULL : fail_3});
    atomic_fetch_sub(&stress->running, 1);
    return NULL;
}

/* Of one run: what a consumer knows. */
typedef struct Seen {
    uint64_t sequence;
    int open[3]; /* the run, a, b */
} Seen;

static void see(Seen *seen, const dfl_event *event) {
    static const int steps[] = {[DFL_EVENT_RUN_START] = 1,
                                [DFL_EVENT_NODE_START] = 1,
                                [DFL_EVENT_NODE_END] = -1,
                                [DFL_EVENT_NODE_ERROR] = -1,
                                [DFL_EVENT_RUN_END] = -1};
    int *open = &seen->open[event->place == UINT32_MAX ? 0 : event->place];
    assert_true(event->sequence > seen->sequence);
    seen->sequence = event->sequence;
    if (event->kind == DFL_EVENT_CUSTOM)
        assert_true(strcmp(event->to, "said") == 0 && memcmp(event->data.p, "abc", 3) == 0);
    if (event->kind == DFL_EVENT_NODE_ERROR)
        assert_string_equal(event->error->message, "no way");
    if (event->kind == DFL_EVENT_EDGE || event->kind == DFL_EVENT_CUSTOM)
        return;
    *open += steps[event->kind];
    assert_true(*open == 0 || *open == 1);
}

static void stress(uint32_t capacity, long nap_ns) {
    static Seen seen[MOST_RUNS];
    Stress stress = {.queue = dfl_queue_new(capacity)};
    uint64_t first, taken = 0;
    pthread_t threads[THREADS];
    dfl_event event;
    memset(seen, 0, sizeof seen);
    stress.counting = (dfl_hooks){.mask = DFL_EV_ALL, .on_event = count_and_put, .user = &stress};
    atomic_init(&stress.running, THREADS);
    /* The next number of a run. */
    run_small(stress.queue, (Script){0});
    assert_true(dfl_queue_take(stress.queue, &event));
    first = event.run + 1;
    while (dfl_queue_take(stress.queue, &event))
        ;
    uint64_t dropped = dfl_queue_dropped(stress.queue);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, many_runs, &stress), 0);
    for (;;) {
        bool over = atomic_load(&stress.running) == 0;
        while (dfl_queue_wait(stress.queue, &event, 100000)) {
            taken++;
            see(&seen[event.run - first], &event);
            if (nap_ns && taken % 16 == 0)
                nanosleep(&(struct timespec){0, nap_ns}, NULL);
        }
        if (over)
            break;
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(taken + dfl_queue_dropped(stress.queue) - dropped, atomic_load(&stress.put));
    for (size_t i = 0; i < MOST_RUNS; i++)
        for (int k = 0; k < 3; k++)
            assert_int_equal(seen[i].open[k], 0);
    if (capacity > MOST_RUNS * 16)
        assert_int_equal(dfl_queue_dropped(stress.queue), 0);
    dfl_queue_free(stress.queue);
}

static void many_threads_put_and_one_takes(void **state) {
    (void)state;
    stress(MOST_RUNS * 20, 0);
    stress(64, 0);
    stress(7, 0);
    stress(2, 0);
    stress(32, 100000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_come_in_order),
        cmocka_unit_test(the_mask_is_the_callers),
        cmocka_unit_test(what_was_lent_is_copied),
        cmocka_unit_test(the_thread_of_a_run_is_copied),
        cmocka_unit_test(ends_find_room),
        cmocka_unit_test(the_last_place_is_for_single_events),
        cmocka_unit_test(what_looks_the_same_is_counted),
        cmocka_unit_test(a_queue_of_nothing_holds_two),
        cmocka_unit_test(pauses_leave_no_room_behind),
        cmocka_unit_test(a_pause_without_a_start_comes),
        cmocka_unit_test(no_memory_for_a_queue),
        cmocka_unit_test(no_memory_for_what_is_lent),
        cmocka_unit_test(runs_without_memory_leave_no_room_behind),
        cmocka_unit_test(waiting_ends_with_an_event),
        cmocka_unit_test(many_threads_put_and_one_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
