// needs: tsan
// Progress on a terminal: what the line says, that it fits, its colours, and where nothing is shown.
// tests/exec/progress_of_runs draws that of whole runs.
#define _GNU_SOURCE
#include "rt_run.h"

#include <errno.h>
#include <pthread.h>
#include <sys/wait.h>

#include "../exec/terminal.h"

static Terminal terminal;

static dfl_hooks *open_progress(unsigned short columns) {
    dfl_hooks *hooks;
    setenv("TERM", "xterm", 1);
    terminal_open(&terminal, columns);
    hooks = dfl_progress_open(terminal.file);
    assert_non_null(hooks);
    assert_int_not_equal(hooks->mask, 0);
    return hooks;
}

static void give(dfl_hooks *hooks, dfl_event_kind kind, uint64_t run, const char *path,
                 int64_t ago_s) {
    dfl_event event = {
        .kind = kind, .run = run, .graph = &small_graph, .path = path, .place = 1, .branch = -1};
    event.ns = dfl__now() - ago_s * 1000000000;
    event.attempt = 1;
    hooks->on_event(hooks->user, &event);
}

static void end_run(dfl_hooks *hooks, uint64_t run, int status) {
    hooks->on_event(hooks->user, &(dfl_event){.kind = DFL_EVENT_RUN_END,
                                              .run = run,
                                              .graph = &small_graph,
                                              .status = status});
}

static void close_progress(dfl_hooks *hooks) {
    assert_int_equal(dfl_progress_close(hooks), DFL_OK);
    while (terminal_take(&terminal, 0))
        continue;
}

/* The last line, without what the clock says: "3.2 s", "1:02:03". */
static void check_last(const char *expected) {
    char line[1024];
    terminal_line(&terminal, 1, line);
    if (strrchr(line, ','))
        strcpy(strrchr(line, ',') + 1, " TIME");
    assert_string_equal(line, expected);
}

/* ---- the line ---- */

static void a_run_is_shown_while_it_is_under_way(void **state) {
    dfl_hooks *hooks = open_progress(80);
    (void)state;
    give(hooks, DFL_EVENT_RUN_START, 7, "small", 3601);
    terminal_wait(&terminal, ": step 0, 1:00:");
    give(hooks, DFL_EVENT_NODE_START, 7, "a", 0);
    give(hooks, DFL_EVENT_NODE_END, 7, "a", 0);
    terminal_wait(&terminal, ": a, step 1, 1:00:");
    give(hooks, DFL_EVENT_NODE_START, 7, "b", 0);
    terminal_wait(&terminal, ": b, step 2, 1:00:");
    end_run(hooks, 7, DFL_OK);
    close_progress(hooks);
    check_last("small: success, 2 steps, TIME");
    assert_null(strstr(terminal.text, "left"));
    terminal_close(&terminal);
}

static void attempts_are_no_steps(void **state) {
    dfl_hooks *hooks = open_progress(80);
    dfl_event again = {
        .kind = DFL_EVENT_NODE_START, .run = 1, .graph = &small_graph, .path = "a", .attempt = 2};
    (void)state;
    give(hooks, DFL_EVENT_RUN_START, 1, "small", 61);
    give(hooks, DFL_EVENT_NODE_START, 1, "a", 0);
    hooks->on_event(hooks->user, &again);
    terminal_wait(&terminal, ": a, step 1, 1:0");
    end_run(hooks, 1, DFL_ENODE);
    close_progress(hooks);
    check_last("small: a node failed, 1 step, TIME");
    terminal_close(&terminal);
}

/* The oldest is shown, and what became of the others. */
static void many_runs_are_counted(void **state) {
    dfl_hooks *hooks = open_progress(120);
    (void)state;
    for (uint64_t run = 1; run <= 100; run++) {
        give(hooks, DFL_EVENT_RUN_START, run, "small", 0);
        give(hooks, DFL_EVENT_NODE_START, run, run == 3 ? "c" : "a", 0);
    }
    end_run(hooks, 1, DFL_OK);
    end_run(hooks, 2, DFL_ECANCELLED);
    end_run(hooks, 100, DFL_OK);
    terminal_wait(&terminal, "(97 under way, 3 ended, 1 failed)");
    assert_non_null(strstr(terminal.text, ": c, step 1, "));
    for (uint64_t run = 3; run < 100; run++)
        end_run(hooks, run, DFL_OK);
    close_progress(hooks);
    check_last("small: 100 runs, 1 failed, 100 steps, TIME");
    terminal_close(&terminal);
}

static void a_line_never_wraps(void **state) {
    char longest[3000], line[1024];
    (void)state;
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    memcpy(longest, "\xc3\xa4\x1b[2J", 6);
    for (unsigned short columns = 1; columns < 200; columns = (unsigned short)(columns * 2)) {
        dfl_hooks *hooks = open_progress(columns);
        char shown[64];
        give(hooks, DFL_EVENT_RUN_START, 1, "small", 0);
        give(hooks, DFL_EVENT_NODE_START, 1, longest, 0);
        snprintf(shown, sizeof shown, "%.*s", columns > 5 ? 5 : columns - 1, "small");
        terminal_wait(&terminal, columns > 1 ? shown : "\033[K");
        terminal_line(&terminal, 0, line);
        assert_true(strlen(line) < columns + (columns > 7));
        assert_null(strstr(terminal.text, "\033[2J"));
        end_run(hooks, 1, DFL_OK);
        close_progress(hooks);
        terminal_close(&terminal);
    }
}

static void colours_can_be_refused(void **state) {
    (void)state;
    for (int refused = 0; refused < 3; refused++) {
        dfl_hooks *hooks;
        if (refused)
            setenv("NO_COLOR", refused == 1 ? "" : "1", 1);
        hooks = open_progress(80);
        give(hooks, DFL_EVENT_RUN_START, 1, "small", 0);
        terminal_wait(&terminal, "step 0");
        end_run(hooks, 1, DFL_ENODE);
        close_progress(hooks);
        assert_int_equal(strstr(terminal.text, "\033[1msmall\033[0m: step 0") != NULL, refused < 2);
        assert_int_equal(strstr(terminal.text, "\033[1;31msmall\033[0m: a node") != NULL,
                         refused < 2);
        assert_int_equal(strstr(terminal.text, "\r\033[Ksmall: a node failed, 0 steps, ") != NULL,
                         refused == 2);
        unsetenv("NO_COLOR");
        terminal_close(&terminal);
    }
}

static void nothing_to_tell_is_no_line(void **state) {
    dfl_hooks *hooks = open_progress(80);
    (void)state;
    close_progress(hooks);
    assert_int_equal(terminal.n, 0);
    terminal_close(&terminal);
}

static void *run_many(void *arg) {
    for (int i = 0; i < 200; i++) {
        small s = {0};
        assert_int_equal(small_run(&s, &(dfl_run){.hooks = arg, .user = &(Script){0}}), DFL_OK);
        dfl__mem_free(&s.mem);
    }
    return NULL;
}

static void threads_may_use_it_at_once(void **state) {
    dfl_hooks *hooks = open_progress(80);
    pthread_t threads[4];
    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run_many, hooks), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    close_progress(hooks);
    check_last("small: 800 runs, 0 failed, 1600 steps, TIME");
    terminal_close(&terminal);
}

/* ---- where nothing is shown ---- */

static void check_silent(FILE *file) {
    dfl_hooks *hooks = dfl_progress_open(file);
    assert_non_null(hooks);
    assert_int_equal(hooks->mask, 0);
    run_many(hooks);
    assert_int_equal(dfl_progress_close(hooks), DFL_OK);
}

static void elsewhere_nothing_is_shown(void **state) {
    static const char *const terms[] = {"dumb", "", NULL};
    char *text = NULL;
    size_t n = 0;
    FILE *file = tmpfile(), *memory = open_memstream(&text, &n);
    (void)state;
    setenv("TERM", "xterm", 1);
    check_silent(file);
    check_silent(memory);
    assert_int_equal(ftell(file), 0);
    fclose(file);
    fclose(memory);
    assert_int_equal(n, 0);
    free(text);
    for (size_t i = 0; i < COUNT(terms); i++) {
        terminal_open(&terminal, 80);
        if (terms[i])
            setenv("TERM", terms[i], 1);
        else
            unsetenv("TERM");
        check_silent(terminal.file);
        assert_false(terminal_take(&terminal, 0));
        terminal_close(&terminal);
    }
}

/* A child has no thread that draws; it can close the hooks all the same, and says nothing. */
static void a_child_closes_them_too(void **state) {
    dfl_hooks *hooks = open_progress(80);
    pid_t child;
    int status;
    (void)state;
    give(hooks, DFL_EVENT_RUN_START, 1, "small", 0);
    terminal_wait(&terminal, "step 0");
    child = fork();
    if (child == 0) {
        end_run(hooks, 1, DFL_OK);
        _exit(dfl_progress_close(hooks) == DFL_OK ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    end_run(hooks, 1, DFL_OK);
    close_progress(hooks);
    check_last("small: success, 0 steps, TIME");
    assert_ptr_equal(strstr(terminal.text, "success"), strrchr(terminal.text, 'u') - 1);
    terminal_close(&terminal);
}

/* ---- failures ---- */

static void a_terminal_that_is_gone_is_told_at_the_end(void **state) {
    dfl_hooks *hooks = open_progress(80);
    (void)state;
    close(terminal.master);
    give(hooks, DFL_EVENT_RUN_START, 1, "small", 0);
    end_run(hooks, 1, DFL_OK);
    errno = 0;
    assert_int_equal(dfl_progress_close(hooks), DFL_ESTORE);
    assert_int_equal(errno, EIO);
    fclose(terminal.file);
}

static void failures_are_told(void **state) {
    dfl_hooks *hooks;
    (void)state;
    errno = 0;
    assert_null(dfl_progress_open(NULL));
    assert_int_equal(errno, EINVAL);
    dfl__fail_after(0);
    assert_null(dfl_progress_open(stderr));
    dfl__fail_after(-1);
    assert_int_equal(errno, ENOMEM);
    assert_int_equal(dfl_progress_close(NULL), DFL_OK);
    hooks = open_progress(80);
    dfl__fail_after(0);
    give(hooks, DFL_EVENT_RUN_START, 1, "small", 0);
    dfl__fail_after(-1);
    give(hooks, DFL_EVENT_NODE_START, 1, "a", 0);
    end_run(hooks, 1, DFL_OK);
    assert_int_equal(dfl_progress_close(hooks), DFL_ENOMEM);
    terminal_close(&terminal);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_is_shown_while_it_is_under_way),
        cmocka_unit_test(attempts_are_no_steps),
        cmocka_unit_test(many_runs_are_counted),
        cmocka_unit_test(a_line_never_wraps),
        cmocka_unit_test(colours_can_be_refused),
        cmocka_unit_test(nothing_to_tell_is_no_line),
        cmocka_unit_test(threads_may_use_it_at_once),
        cmocka_unit_test(elsewhere_nothing_is_shown),
        cmocka_unit_test(a_child_closes_them_too),
        cmocka_unit_test(a_terminal_that_is_gone_is_told_at_the_end),
        cmocka_unit_test(failures_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
