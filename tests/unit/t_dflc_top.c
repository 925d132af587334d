// dflc top without a terminal: which programs it finds, what of their runs it shows, in which order and words.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "dflc/top/rows.h"
#include "runtime/live.h"
#include "scratch.h"

#define SECOND INT64_C(1000000000)

/* ---- rows ---- */

static TopProgram program;
static TopPrograms programs = {.first = &program, .n = 1};
static Arena *arena;

static int begin(void **state) {
    (void)state;
    memset(&program, 0, sizeof program);
    snprintf(program.head.program, sizeof program.head.program, "depot");
    program.head.pid = 7;
    arena = arena_new();
    return 0;
}

static int end(void **state) {
    (void)state;
    arena_free(arena);
    return 0;
}

/* A run in the slot of its number, that began `number` seconds after 100. */
static dfl__live_run *add_run(uint64_t number, dfl__live_state run_state, const char *thread) {
    dfl__live_run *run = &program.slots[number];
    run->number = number;
    run->state = run_state;
    run->began_ns = run->last_ns = (100 + (int64_t)number) * SECOND;
    snprintf(run->graph, sizeof run->graph, "g%d", (int)number % 3);
    snprintf(run->thread, sizeof run->thread, "%s", thread);
    if (run_state != DFL__LIVE_RUNNING)
        run->ended_ns = (200 + (int64_t)number) * SECOND;
    return run;
}

static void add_node(dfl__live_run *run, const char *path, int64_t since_s, uint64_t span,
                     int64_t index, uint32_t attempt) {
    for (int i = 0; i < DFL__LIVE_NODES; i++)
        if (run->nodes[i].since_ns == 0) {
            run->nodes[i] = (dfl__live_node){
                .since_ns = since_s * SECOND, .span = span, .index = index, .attempt = attempt};
            snprintf(run->nodes[i].path, sizeof run->nodes[i].path, "%s", path);
            run->n_open += span != 0;
            return;
        }
    fail();
}

static TopRows rows_at(int64_t now_s, bool with_done, TopSort sort, bool is_reversed) {
    return top_rows(arena, &programs, now_s * SECOND, with_done, sort, is_reversed);
}

static const char *numbers(TopRows rows) {
    static char text[256];
    text[0] = '\0';
    for (size_t i = 0; i < rows.n; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%d", i ? " " : "",
                 (int)rows.all[i].run->number);
    return text;
}

static void rows_come_in_the_order_asked_for(void **state) {
    static const struct {
        TopSort sort;
        const char *order;
    } cases[] = {{TOP_BY_STATE, "1 2 5 3 4"},  {TOP_BY_RUN, "5 4 3 2 1"},
                 {TOP_BY_THREAD, "5 4 3 2 1"}, {TOP_BY_GRAPH, "3 1 4 2 5"},
                 {TOP_BY_STEPS, "2 5 4 3 1"},  {TOP_BY_TIME, "1 2 3 4 5"}};
    (void)state;
    add_run(1, DFL__LIVE_RUNNING, "e")->steps = 1;
    add_run(2, DFL__LIVE_RUNNING, "d")->steps = 9;
    add_run(3, DFL__LIVE_PAUSED, "c")->steps = 3;
    add_run(4, DFL__LIVE_DONE, "b")->steps = 4;
    add_run(5, DFL__LIVE_FAILED, "a")->steps = 5;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(numbers(rows_at(300, true, cases[i].sort, false)), cases[i].order);
    assert_string_equal(numbers(rows_at(300, true, TOP_BY_RUN, true)), "1 2 3 4 5");
    /* The longest in their nodes. */
    add_node(&program.slots[2], "n", 110, 2, -1, 1);
    add_node(&program.slots[1], "n", 120, 2, -1, 1);
    assert_string_equal(numbers(rows_at(300, false, TOP_BY_SINCE, false)), "2 1 3 5");
    assert_string_equal(numbers(rows_at(300, false, TOP_BY_STATE, false)), "2 1 5 3");
}

static void what_ended_well_goes_after_a_while(void **state) {
    TopRows rows;
    (void)state;
    add_run(1, DFL__LIVE_DONE, "");
    assert_string_equal(numbers(rows_at(202, false, TOP_BY_RUN, false)), "1");
    assert_string_equal(numbers(rows_at(204, false, TOP_BY_RUN, false)), "");
    rows = rows_at(204, true, TOP_BY_RUN, false);
    assert_true(rows.n == 1 && rows.all[0].since_ns == 3 * SECOND &&
                rows.all[0].time_ns == 100 * SECOND);
    assert_string_equal(top_state(arena, &rows.all[0]), "done");
    assert_string_equal(top_node(arena, &rows.all[0], 0), "");
}

/* Of the runs of a thread that failed or paused the last tells where it stands. */
static void later_runs_of_a_thread_supersede(void **state) {
    (void)state;
    add_run(1, DFL__LIVE_PAUSED, "anna");
    add_run(2, DFL__LIVE_FAILED, "anna");
    add_run(3, DFL__LIVE_FAILED, "");
    add_run(4, DFL__LIVE_FAILED, "");
    assert_string_equal(numbers(rows_at(300, false, TOP_BY_RUN, true)), "2 3 4");
    add_run(5, DFL__LIVE_DONE, "anna");
    assert_string_equal(numbers(rows_at(300, false, TOP_BY_RUN, true)), "3 4");
}

static void words_say_what_is_going_on(void **state) {
    dfl__live_run *run = add_run(1, DFL__LIVE_RUNNING, "anna");
    TopRows rows = rows_at(300, false, TOP_BY_RUN, false);
    (void)state;
    assert_string_equal(top_node(arena, &rows.all[0], 0), "");
    snprintf(run->node, sizeof run->node, "draft");
    rows = rows_at(300, false, TOP_BY_RUN, false);
    assert_string_equal(top_node(arena, &rows.all[0], 0), "after draft");
    add_node(run, "sub", 150, 2, -1, 1);
    add_node(run, "sub/a", 160, 3, 12, 2);
    add_node(run, "submarine", 155, 4, -1, 1);
    run->n_open = 5;
    rows = rows_at(300, false, TOP_BY_RUN, false);
    assert_int_equal(rows.all[0].n_nodes, 2);
    assert_string_equal(top_node(arena, &rows.all[0], 0), "submarine");
    assert_string_equal(top_node(arena, &rows.all[0], 1), "sub/a[12] (try 2)");
    assert_int_equal(rows.all[0].more, 2);
    assert_int_equal(rows.all[0].since_ns, 145 * SECOND);
    assert_int_equal(rows.all[0].time_ns, 199 * SECOND);
    assert_string_equal(top_state(arena, &rows.all[0]), "running");
    assert_string_equal(top_why(&rows.all[0]), "");
    assert_true(rows.running == 1 && rows.waiting == 0 && rows.failed == 0);
}

static void a_run_that_only_waits_to_try_again_is_retrying(void **state) {
    dfl__live_run *run = add_run(1, DFL__LIVE_RUNNING, "");
    TopRows rows;
    (void)state;
    add_node(run, "fetch", 150, 0, -1, 3);
    rows = rows_at(300, false, TOP_BY_RUN, false);
    assert_string_equal(top_state(arena, &rows.all[0]), "retrying");
    assert_string_equal(top_node(arena, &rows.all[0], 0), "fetch (try 3)");
    add_node(run, "other", 150, 2, -1, 1);
    rows = rows_at(300, false, TOP_BY_RUN, false);
    assert_string_equal(top_state(arena, &rows.all[0]), "running");
}

static void ends_say_why(void **state) {
    dfl__live_run *failed = add_run(1, DFL__LIVE_FAILED, "");
    dfl__live_run *late = add_run(2, DFL__LIVE_FAILED, "");
    dfl__live_run *waits = add_run(3, DFL__LIVE_PAUSED, "");
    TopRows rows;
    (void)state;
    failed->status = DFL_ENODE, failed->code = 7;
    snprintf(failed->node, sizeof failed->node, "fetch");
    snprintf(failed->text, sizeof failed->text, "no answer");
    late->status = DFL_ETIMEOUT;
    snprintf(waits->text, sizeof waits->text, "May it?");
    snprintf(waits->node, sizeof waits->node, "ask");
    rows = rows_at(300, false, TOP_BY_RUN, true);
    assert_string_equal(top_state(arena, &rows.all[0]), "failed 7");
    assert_string_equal(top_node(arena, &rows.all[0], 0), "fetch");
    assert_string_equal(top_why(&rows.all[0]), "no answer");
    assert_string_equal(top_state(arena, &rows.all[1]), "failed");
    assert_string_equal(top_why(&rows.all[1]), dfl_strerror(DFL_ETIMEOUT));
    assert_string_equal(top_state(arena, &rows.all[2]), "waiting");
    assert_string_equal(top_node(arena, &rows.all[2], 0), "ask");
    assert_string_equal(top_why(&rows.all[2]), "May it?");
    assert_int_equal(rows.all[2].since_ns, 97 * SECOND);
}

/* Nobody knows since when, as nobody knows when its program ended. */
static void what_a_dead_program_was_at_is_gone(void **state) {
    dfl__live_run *run = add_run(1, DFL__LIVE_RUNNING, "");
    TopRows rows;
    (void)state;
    add_run(2, DFL__LIVE_DONE, "");
    add_node(run, "fetch", 150, 2, -1, 1);
    program.is_gone = true;
    rows = rows_at(202, false, TOP_BY_RUN, false);
    assert_int_equal(rows.n, 1);
    assert_string_equal(top_state(arena, &rows.all[0]), "gone");
    assert_string_equal(top_node(arena, &rows.all[0], 0), "fetch");
    assert_true(rows.all[0].since_ns == -1 && rows.all[0].time_ns == -1);
}

/* ---- programs ---- */

/* A process that has a run under way, in the scratch directory, until it is told to end. */
typedef struct Other {
    pid_t pid;
    int in, out;
} Other;

static void tell(dfl_hooks *hooks, dfl_event_kind kind, uint64_t run) {
    static const dfl_graph graph = {.name = "g"};
    dfl_event event = {.kind = kind, .run = run, .span = 1, .ns = 1, .graph = &graph, .path = "g"};
    hooks->on_event(hooks->user, &event);
}

static Other start_other(void) {
    Other other;
    char byte;
    int to[2], from[2];
    assert_true(pipe(to) == 0 && pipe(from) == 0);
    other = (Other){.pid = fork(), .in = to[1], .out = from[0]};
    if (other.pid == 0) {
        dfl_hooks *hooks = dfl_live_open(scratch_dir);
        close(to[1]);
        tell(hooks, DFL_EVENT_RUN_START, 3);
        if (write(from[1], "x", 1) != 1 || read(to[0], &byte, 1) != 1)
            _exit(1);
        dfl_live_close(hooks);
        _exit(0);
    }
    close(to[0]);
    close(from[1]);
    assert_int_equal(read(other.out, &byte, 1), 1);
    return other;
}

static void end_other(Other *other, bool kills) {
    int status;
    if (kills)
        assert_int_equal(kill(other->pid, SIGKILL), 0);
    else
        assert_int_equal(write(other->in, "x", 1), 1);
    assert_int_equal(waitpid(other->pid, &status, 0), other->pid);
    assert_int_equal(status, kills ? SIGKILL : 0);
    close(other->in);
    close(other->out);
}

static void programs_come_and_go(void **state) {
    const char *directories[] = {scratch_dir, "/no/such/place"};
    TopPrograms seen = {.directories = directories, .n_directories = 2};
    Other one, two;
    int file;
    (void)state;
    scratch_begin();
    top_look(&seen);
    assert_true(seen.n == 0 && seen.unread == 0);
    one = start_other();
    top_look(&seen);
    assert_int_equal(seen.n, 1);
    assert_true(seen.first->head.pid == one.pid && seen.first->runs == 1 && !seen.first->is_gone);
    two = start_other();
    top_look(&seen);
    assert_int_equal(seen.n, 2);
    assert_int_equal(seen.first->next->head.pid, two.pid);
    end_other(&one, true);
    top_look(&seen);
    assert_true(seen.n == 2 && seen.first->is_gone && !seen.first->next->is_gone);
    end_other(&two, false);
    top_look(&seen);
    assert_true(seen.n == 1 && seen.first->is_gone && seen.first->slots[3].number == 3);
    /* Files of others, and of other versions. */
    file = open(scratch_path("1-1-1.live"), O_CREAT | O_WRONLY, 0600);
    assert_int_equal(write(file, "dfllive", 8), 8);
    close(file);
    file = open(scratch_path("notes.txt"), O_CREAT | O_WRONLY, 0600);
    close(file);
    top_look(&seen);
    assert_true(seen.n == 1 && seen.unread == 1);
    /* A file that is cut short under the eyes of the viewer. */
    assert_int_equal(truncate(seen.first->path, 10), 0);
    top_look(&seen);
    assert_true(seen.n == 0);
    top_programs_free(&seen);
    scratch_end();
}

static void the_gone_are_forgotten(void **state) {
    const char *directories[] = {scratch_dir};
    TopPrograms seen = {.directories = directories, .n_directories = 1};
    Other one, two;
    (void)state;
    scratch_begin();
    one = start_other();
    two = start_other();
    end_other(&one, true);
    top_look(&seen);
    assert_int_equal(seen.n, 2);
    top_forget(&seen);
    top_look(&seen);
    assert_int_equal(seen.n, 1);
    assert_int_equal(seen.first->head.pid, two.pid);
    end_other(&two, false);
    top_look(&seen);
    assert_int_equal(seen.n, 0);
    top_programs_free(&seen);
    scratch_end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_come_in_the_order_asked_for, begin, end),
        cmocka_unit_test_setup_teardown(what_ended_well_goes_after_a_while, begin, end),
        cmocka_unit_test_setup_teardown(later_runs_of_a_thread_supersede, begin, end),
        cmocka_unit_test_setup_teardown(words_say_what_is_going_on, begin, end),
        cmocka_unit_test_setup_teardown(a_run_that_only_waits_to_try_again_is_retrying, begin, end),
        cmocka_unit_test_setup_teardown(ends_say_why, begin, end),
        cmocka_unit_test_setup_teardown(what_a_dead_program_was_at_is_gone, begin, end),
        cmocka_unit_test(programs_come_and_go),
        cmocka_unit_test(the_gone_are_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
