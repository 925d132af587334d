// needs: tsan
// Live files: what a viewer sees of runs at any moment, how little it takes, and what becomes of the files of programs
// that are gone.
#include "rt_run.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>

#include "live.h"
#include "scratch.h"

/* ---- a viewer ---- */

/* Files in a directory that end as live files do; the name of one. */
static int count_files(const char *path, char name[256]) {
    DIR *dir = opendir(path);
    const struct dirent *entry;
    int n = 0;
    while (dir && (entry = readdir(dir)) != NULL) {
        const char *dot = strrchr(entry->d_name, '.');
        if (!dot || strcmp(dot, DFL__LIVE_SUFFIX) != 0)
            continue;
        snprintf(name, 256, "%s", entry->d_name);
        n++;
    }
    if (dir)
        closedir(dir);
    return n;
}

typedef struct Viewer {
    dfl_hooks *hooks;
    int fd;
    const void *file;
    dfl__live_run run;
} Viewer;

static Viewer new_viewer(void) {
    Viewer viewer = {0};
    char name[256];
    scratch_begin();
    viewer.hooks = dfl_live_open(scratch_dir);
    assert_non_null(viewer.hooks);
    assert_int_equal(count_files(scratch_dir, name), 1);
    viewer.fd = open(scratch_path(name), O_RDONLY);
    viewer.file = dfl__live_map(viewer.fd);
    assert_non_null(viewer.file);
    return viewer;
}

static void end_viewer(Viewer *viewer) {
    char name[256];
    dfl_live_close(viewer->hooks);
    assert_int_equal(count_files(scratch_dir, name), 0);
    dfl__live_unmap(viewer->file);
    close(viewer->fd);
    scratch_end();
}

static const dfl__live_run *look(Viewer *viewer, uint64_t number) {
    for (uint32_t i = 0; i < DFL__LIVE_RUNS; i++)
        if (dfl__live_read_run(viewer->file, i, false, &viewer->run) &&
            viewer->run.number == number)
            return &viewer->run;
    return NULL;
}

static uint64_t unseen(const Viewer *viewer) {
    dfl__live_head head;
    assert_int_equal(dfl__live_read_head(viewer->file, &head), DFL_OK);
    return head.unseen;
}

/* ---- real runs ---- */

static Viewer *of_nodes; /* the one that a node looks with */

static int look_from_a(dfl_ctx *ctx, int64_t *n) {
    uint64_t number = ctx->run->number;
    const dfl__live_run *run = look(of_nodes, number);
    (void)n;
    assert_non_null(run);
    assert_int_equal(run->state, DFL__LIVE_RUNNING);
    assert_string_equal(run->graph, "small");
    assert_string_equal(run->thread, "anna");
    assert_int_equal(run->n_open, 1);
    assert_string_equal(run->nodes[0].path, "a");
    assert_true(run->nodes[0].since_ns >= run->began_ns && run->nodes[0].attempt == 1);
    assert_true(run->nodes[0].index == -1 && run->nodes[0].worker == 0);
    assert_int_equal(run->steps, 0);
    return 0;
}

static int look_from_b(dfl_ctx *ctx, int64_t *n) {
    const dfl__live_run *run = look(of_nodes, ctx->run->number);
    (void)n;
    assert_string_equal(run->nodes[0].path, "b");
    assert_string_equal(run->node, "a");
    assert_int_equal(run->steps, 1);
    assert_int_equal(run->nodes[1].since_ns, 0);
    return dfl_fail(ctx, 7, "no b today");
}

static void a_run_is_seen_while_it_goes_on(void **state) {
    Viewer viewer = new_viewer();
    Script script = {.a = look_from_a, .b = look_from_b};
    dfl_run run = {.hooks = viewer.hooks, .user = &script, .thread_id = "anna"};
    dfl__live_head head;
    dfl__live_run seen;
    small s = {0};
    (void)state;
    of_nodes = &viewer;
    assert_int_equal(small_run(&s, &run), DFL_ENODE);
    assert_int_equal(script.runs_of_b, 1);
    for (uint32_t i = 0; i < DFL__LIVE_RUNS; i++)
        if (dfl__live_read_run(viewer.file, i, false, &seen) && seen.number)
            break;
    assert_int_equal(seen.state, DFL__LIVE_FAILED);
    assert_int_equal(seen.status, DFL_ENODE);
    assert_int_equal(seen.code, 7);
    assert_string_equal(seen.node, "b");
    assert_string_equal(seen.text, "no b today");
    assert_true(seen.ended_ns >= seen.began_ns && seen.n_open == 0 && seen.errors == 1);
    assert_true(seen.all_runs == 1 && seen.all_failed == 1 && seen.all_steps == 1);
    assert_int_equal(dfl__live_read_head(viewer.file, &head), DFL_OK);
    assert_int_equal(head.pid, getpid());
    assert_true(head.program[0]);
    assert_non_null(strstr("t_rt_live program memcheck-amd64-linux", head.program));
    assert_true(head.closed == 0 && head.wall_ns > 0);
    dfl__mem_free(&s.mem);
    end_viewer(&viewer);
}

static int ask(dfl_ctx *ctx, int64_t *n) {
    dfl_str answer;
    (void)n;
    return dfl_interrupt(ctx, DFL_STR("Is it \xc3\xa4?"), &answer);
}

static void a_question_is_told(void **state) {
    Viewer viewer = new_viewer();
    Script script = {.a = ask};
    small s = {0};
    (void)state;
    assert_int_equal(small_run(&s, &(dfl_run){.hooks = viewer.hooks, .user = &script}), DFL_PAUSED);
    for (uint32_t i = 0; i < DFL__LIVE_RUNS; i++)
        if (dfl__live_read_run(viewer.file, i, false, &viewer.run) && viewer.run.number)
            break;
    assert_int_equal(viewer.run.state, DFL__LIVE_PAUSED);
    assert_string_equal(viewer.run.node, "a");
    assert_string_equal(viewer.run.text, "Is it \xc3\xa4?");
    assert_string_equal(viewer.run.thread, "");
    assert_true(viewer.run.asks == 1 && viewer.run.errors == 0 && viewer.run.all_paused == 1);
    dfl__mem_free(&s.mem);
    end_viewer(&viewer);
}

/* Whatever went on, the file is as large as before. */
static void nothing_grows(void **state) {
    Viewer viewer = new_viewer();
    struct stat before, after;
    uint64_t runs = 0, steps = 0;
    (void)state;
    assert_int_equal(fstat(viewer.fd, &before), 0);
    for (int i = 0; i < 3000; i++) {
        Script script = {0};
        small s = {0};
        assert_int_equal(small_run(&s, &(dfl_run){.hooks = viewer.hooks, .user = &script}), DFL_OK);
        dfl__mem_free(&s.mem);
    }
    assert_int_equal(fstat(viewer.fd, &after), 0);
    assert_int_equal(before.st_size, after.st_size);
    assert_int_equal(before.st_size, 4096 + 256 * 1024);
    for (uint32_t i = 0; i < DFL__LIVE_RUNS; i++) {
        assert_true(dfl__live_read_run(viewer.file, i, false, &viewer.run));
        assert_int_equal(viewer.run.state, DFL__LIVE_DONE);
        runs += viewer.run.all_done;
        steps += viewer.run.all_steps;
    }
    assert_int_equal(runs, 3000);
    assert_int_equal(steps, 6000);
    assert_int_equal(unseen(&viewer), 0);
    end_viewer(&viewer);
}

/* ---- events by hand ---- */

static dfl_event event_of(dfl_event_kind kind, uint64_t run) {
    return (dfl_event){.kind = kind,
                       .run = run,
                       .span = 1,
                       .ns = 1000,
                       .graph = &small_graph,
                       .place = UINT32_MAX,
                       .path = "small",
                       .branch = -1,
                       .index = -1};
}

static void tell_run(dfl_hooks *hooks, dfl_event_kind kind, uint64_t run, int status) {
    dfl_event event = event_of(kind, run);
    event.status = status;
    hooks->on_event(hooks->user, &event);
}

static void tell_node(dfl_hooks *hooks, dfl_event_kind kind, const char *path, uint64_t span,
                      int64_t index, unsigned attempt) {
    dfl_event event = event_of(kind, 1);
    event.span = span;
    event.parent = 1;
    event.path = path;
    event.place = 1;
    event.index = index;
    event.attempt = attempt;
    event.worker = (uint32_t)span;
    event.ns = (int64_t)span * 100;
    hooks->on_event(hooks->user, &event);
}

/* "path[index]@since worker" of each node that is seen, and how many are under way. */
static const char *nodes_of(const dfl__live_run *run) {
    static char text[512];
    size_t n = 0;
    text[0] = '\0';
    for (int i = 0; i < DFL__LIVE_NODES; i++) {
        const dfl__live_node *node = &run->nodes[i];
        if (node->since_ns)
            n += (size_t)snprintf(text + n, sizeof text - n, "%s[%d]%s%d ", node->path,
                                  (int)node->index, node->span ? "@" : "?", (int)node->attempt);
    }
    snprintf(text + n, sizeof text - n, "of %u", run->n_open);
    return text;
}

static void nodes_beyond_the_room_are_counted(void **state) {
    Viewer viewer = new_viewer();
    (void)state;
    tell_run(viewer.hooks, DFL_EVENT_RUN_START, 1, 0);
    for (unsigned i = 0; i < 8; i++)
        tell_node(viewer.hooks, DFL_EVENT_NODE_START, "n", 2 + i, i, 1);
    assert_string_equal(nodes_of(look(&viewer, 1)),
                        "n[0]@1 n[1]@1 n[2]@1 n[3]@1 n[4]@1 n[5]@1 of 8");
    tell_node(viewer.hooks, DFL_EVENT_NODE_END, "n", 3, 1, 1);
    assert_string_equal(nodes_of(look(&viewer, 1)), "n[0]@1 n[2]@1 n[3]@1 n[4]@1 n[5]@1 of 7");
    tell_node(viewer.hooks, DFL_EVENT_NODE_END, "n", 9, 7, 1); /* one of those that are not seen */
    tell_node(viewer.hooks, DFL_EVENT_NODE_START, "n", 20, 20, 1);
    assert_string_equal(nodes_of(look(&viewer, 1)),
                        "n[0]@1 n[20]@1 n[2]@1 n[3]@1 n[4]@1 n[5]@1 of 7");
    assert_int_equal(viewer.run.nodes[1].worker, 20);
    assert_int_equal(viewer.run.nodes[1].since_ns, 2000);
    assert_int_equal(viewer.run.steps, 2);
    tell_run(viewer.hooks, DFL_EVENT_RUN_END, 1, DFL_OK);
    assert_string_equal(nodes_of(look(&viewer, 1)), "of 0");
    end_viewer(&viewer);
}

static void what_waits_to_be_tried_again_is_seen(void **state) {
    Viewer viewer = new_viewer();
    (void)state;
    tell_run(viewer.hooks, DFL_EVENT_RUN_START, 1, 0);
    tell_node(viewer.hooks, DFL_EVENT_NODE_START, "n", 2, -1, 1);
    tell_node(viewer.hooks, DFL_EVENT_NODE_START, "n", 3, 4, 1); /* another element */
    tell_node(viewer.hooks, DFL_EVENT_NODE_ERROR, "n", 2, -1, 1);
    tell_node(viewer.hooks, DFL_EVENT_RETRY, "n", 1, -1, 2);
    assert_string_equal(nodes_of(look(&viewer, 1)), "n[-1]?2 n[4]@1 of 1");
    tell_node(viewer.hooks, DFL_EVENT_NODE_START, "n", 4, -1, 2);
    assert_string_equal(nodes_of(look(&viewer, 1)), "n[-1]@2 n[4]@1 of 2");
    assert_int_equal(viewer.run.errors, 1);
    end_viewer(&viewer);
}

/* A pause before a node ends none. */
static void a_pause_without_a_start_ends_nothing(void **state) {
    Viewer viewer = new_viewer();
    dfl_event bare = event_of(DFL_EVENT_PAUSED, 1);
    (void)state;
    tell_run(viewer.hooks, DFL_EVENT_RUN_START, 1, 0);
    tell_node(viewer.hooks, DFL_EVENT_NODE_START, "n", 2, -1, 1);
    bare.path = "later";
    viewer.hooks->on_event(viewer.hooks->user, &bare);
    assert_string_equal(nodes_of(look(&viewer, 1)), "n[-1]@1 of 1");
    assert_string_equal(viewer.run.node, "later");
    assert_string_equal(viewer.run.text, "");
    end_viewer(&viewer);
}

static void long_texts_are_cut(void **state) {
    Viewer viewer = new_viewer();
    char path[100], thread[100], message[256];
    dfl_error why = {.status = DFL_ENODE, .code = 5};
    dfl_event start = event_of(DFL_EVENT_RUN_START, 1), end = event_of(DFL_EVENT_RUN_END, 1);
    (void)state;
    memset(thread, 'x', sizeof thread);
    memcpy(thread + 62, "\xe2\x82\xac", 3); /* the 63rd byte would be within it */
    thread[99] = '\0';
    start.thread_id = thread;
    viewer.hooks->on_event(viewer.hooks->user, &start);
    assert_int_equal(strlen(look(&viewer, 1)->thread), 62);
    for (size_t i = 0; i < sizeof path - 1; i++)
        path[i] = (char)('a' + i % 26);
    path[99] = '\0';
    tell_node(viewer.hooks, DFL_EVENT_NODE_START, path, 2, -1, 1);
    assert_int_equal(strncmp(look(&viewer, 1)->nodes[0].path, "...", 3), 0);
    assert_string_equal(viewer.run.nodes[0].path + 3, path + 99 - 52);
    path[55] = '\0';
    tell_node(viewer.hooks, DFL_EVENT_NODE_START, path, 3, -1, 1);
    assert_string_equal(look(&viewer, 1)->nodes[1].path, path);
    memset(message, 'm', sizeof message);
    message[255] = '\0';
    snprintf(why.message, sizeof why.message, "%s", message);
    end.status = DFL_ENODE;
    end.error = &why;
    viewer.hooks->on_event(viewer.hooks->user, &end);
    assert_int_equal(strlen(look(&viewer, 1)->text), 159);
    end_viewer(&viewer);
}

/* Runs that failed or wait for an answer stay as long as there is another slot. */
static void what_is_worth_a_look_stays(void **state) {
    Viewer viewer = new_viewer();
    (void)state;
    tell_run(viewer.hooks, DFL_EVENT_RUN_START, 1, 0);
    tell_run(viewer.hooks, DFL_EVENT_RUN_END, 1, DFL_ENODE);
    tell_run(viewer.hooks, DFL_EVENT_RUN_START, 2, 0);
    tell_run(viewer.hooks, DFL_EVENT_RUN_END, 2, DFL_PAUSED);
    for (uint64_t run = 3; run < 2000; run++) {
        tell_run(viewer.hooks, DFL_EVENT_RUN_START, run, 0);
        tell_run(viewer.hooks, DFL_EVENT_RUN_END, run, DFL_OK);
    }
    assert_int_equal(look(&viewer, 1)->state, DFL__LIVE_FAILED);
    assert_int_equal(look(&viewer, 2)->state, DFL__LIVE_PAUSED);
    /* 254 at once take the other slots, two more these, and one has none. */
    for (uint64_t run = 2000; run < 2254; run++)
        tell_run(viewer.hooks, DFL_EVENT_RUN_START, run, 0);
    assert_true(look(&viewer, 1) && look(&viewer, 2));
    tell_run(viewer.hooks, DFL_EVENT_RUN_START, 2254, 0);
    tell_run(viewer.hooks, DFL_EVENT_RUN_START, 2255, 0);
    assert_true(!look(&viewer, 1) && !look(&viewer, 2) && look(&viewer, 2255));
    assert_int_equal(unseen(&viewer), 0);
    tell_run(viewer.hooks, DFL_EVENT_RUN_START, 2256, 0);
    assert_int_equal(unseen(&viewer), 1);
    tell_run(viewer.hooks, DFL_EVENT_NODE_START, 2256, 0);
    tell_run(viewer.hooks, DFL_EVENT_RUN_END, 2256, DFL_OK);
    assert_null(look(&viewer, 2256));
    tell_run(viewer.hooks, DFL_EVENT_RUN_END, 2000, DFL_OK);
    tell_run(viewer.hooks, DFL_EVENT_RUN_START, 2257, 0);
    assert_true(look(&viewer, 2257) && !look(&viewer, 2000));
    end_viewer(&viewer);
}

/* ---- many at once ---- */

enum { THREADS = 4, RUNS = 1500 };

typedef struct Many {
    dfl_hooks *hooks;
    int letter;
    atomic_int *running;
} Many;

static void *many_runs(void *user) {
    const Many *many = user;
    char thread[60];
    memset(thread, many->letter, sizeof thread - 1);
    thread[sizeof thread - 1] = '\0';
    for (int i = 0; i < RUNS; i++) {
        Script script = {0};
        small s = {0};
        dfl_run run = {.hooks = many->hooks, .user = &script, .thread_id = thread};
        if (small_run(&s, &run) != DFL_OK)
            abort();
        dfl__mem_free(&s.mem);
    }
    atomic_fetch_sub(many->running, 1);
    return NULL;
}

/* What is read belongs together. */
static void check_whole(const dfl__live_run *run) {
    for (size_t i = 0; run->thread[i]; i++)
        assert_int_equal(run->thread[i], run->thread[0]);
    assert_true(strlen(run->thread) == 59 || run->changes == 0);
    assert_true(run->n_open <= 1 && run->steps <= 2);
    assert_int_equal(run->changes,
                     2 * (6 * run->all_done) + 2 * (run->state == DFL__LIVE_RUNNING) *
                                                   (1 + 2 * run->steps + run->n_open));
    if (run->n_open)
        assert_string_equal(run->nodes[0].path, run->steps ? "b" : "a");
}

static void a_viewer_sees_whole_slots_of_many_threads(void **state) {
    Viewer viewer = new_viewer();
    pthread_t threads[THREADS];
    Many many[THREADS];
    atomic_int running;
    uint64_t done = 0;
    (void)state;
    atomic_init(&running, THREADS);
    for (int i = 0; i < THREADS; i++) {
        many[i] = (Many){viewer.hooks, 'a' + i, &running};
        assert_int_equal(pthread_create(&threads[i], NULL, many_runs, &many[i]), 0);
    }
    while (atomic_load(&running) > 0)
        for (uint32_t i = 0; i < DFL__LIVE_RUNS; i++)
            if (dfl__live_read_run(viewer.file, i, false, &viewer.run))
                check_whole(&viewer.run);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (uint32_t i = 0; i < DFL__LIVE_RUNS; i++) {
        assert_true(dfl__live_read_run(viewer.file, i, false, &viewer.run));
        done += viewer.run.all_done;
    }
    assert_int_equal(done, THREADS * RUNS);
    end_viewer(&viewer);
}

/* ---- processes ---- */

/* A process that has a file in the scratch directory; with `closes` it ends well. */
static pid_t start_program(bool stays, bool closes) {
    int ready[2];
    char byte;
    pid_t pid;
    assert_int_equal(pipe(ready), 0);
    pid = fork();
    if (pid == 0) {
        dfl_hooks *hooks = dfl_live_open(scratch_dir);
        if (!hooks || write(ready[1], "x", 1) != 1)
            _exit(1);
        tell_run(hooks, DFL_EVENT_RUN_START, 1, 0);
        while (stays)
            pause();
        if (closes)
            dfl_live_close(hooks);
        _exit(0);
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    if (!stays)
        assert_int_equal(waitpid(pid, NULL, 0), pid);
    return pid;
}

static void stop_program(pid_t pid) {
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void add_file(const char *name) {
    FILE *file = fopen(scratch_path(name), "w");
    assert_non_null(file);
    assert_true(fputs("something of somebody's", file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void what_the_dead_have_left_is_removed(void **state) {
    /* What only looks like it stays, whatever it is. */
    static const char *const others[] = {"notes.txt",    "concert.live", "1-2-3.live",
                                         ".1-2-3-.live", "1-x-3.live",   "1-2-.live"};
    enum { OTHERS = sizeof others / sizeof *others };
    char name[256];
    pid_t stays;
    dfl_hooks *hooks;
    (void)state;
    scratch_begin();
    for (int i = 0; i < OTHERS; i++)
        add_file(others[i]);
    add_file(".1-2a-3.live"); /* one that was about to be made */
    assert_int_equal(mkdir(scratch_path("7-7-7.live"), 0700), 0);
    (void)start_program(false, true);
    assert_int_equal(access(scratch_path(".1-2a-3.live"), F_OK), -1);
    assert_int_equal(count_files(scratch_dir, name), OTHERS);
    stays = start_program(true, false);
    for (int i = 1; i <= 10; i++) {
        (void)start_program(false, false);
        assert_int_equal(count_files(scratch_dir, name), OTHERS + 1 + (i < 5 ? i : 5));
    }
    hooks = dfl_live_open(scratch_dir); /* the last of them makes room for this one */
    assert_int_equal(count_files(scratch_dir, name), OTHERS + 1 + 4 + 1);
    dfl_live_close(hooks);
    stop_program(stays);
    assert_int_equal(count_files(scratch_dir, name), OTHERS + 1 + 4);
    for (int i = 0; i < OTHERS; i++)
        assert_int_equal(access(scratch_path(others[i]), F_OK), 0);
    scratch_end();
}

static void a_program_that_is_killed_is_seen_as_that(void **state) {
    char name[256];
    dfl__live_run run;
    const void *file;
    pid_t pid;
    int fd;
    (void)state;
    scratch_begin();
    pid = start_program(true, false);
    assert_int_equal(count_files(scratch_dir, name), 1);
    fd = open(scratch_path(name), O_RDONLY);
    file = dfl__live_map(fd);
    assert_true(dfl__live_held(fd));
    /* False: the program was put aside in the middle of a change. */
    while (!dfl__live_read_run(file, 1, false, &run) || run.state != DFL__LIVE_RUNNING)
        usleep(1000);
    stop_program(pid);
    assert_false(dfl__live_held(fd));
    assert_true(dfl__live_read_run(file, 1, true, &run));
    assert_int_equal(run.state, DFL__LIVE_RUNNING);
    dfl__live_unmap(file);
    close(fd);
    scratch_end();
}

/* Killed in the middle of a change: what is there is told all the same, and is safe to read. */
static void half_a_change_is_read_of_the_dead_alone(void **state) {
    static struct {
        dfl__live_head head;
        char rest[DFL__LIVE_HEAD_BYTES - sizeof(dfl__live_head)];
        dfl__live_run runs[DFL__LIVE_RUNS];
    } file;
    dfl__live_run run = {.number = 77};
    dfl__live_head head;
    (void)state;
    memset(&file.runs[3], 'z', sizeof file.runs[3]);
    file.runs[3].changes = 5;
    assert_false(dfl__live_read_run(&file, 3, false, &run));
    assert_int_equal(run.number, 77);
    assert_true(dfl__live_read_run(&file, 3, true, &run));
    assert_int_equal(run.state, DFL__LIVE_NONE);
    assert_int_equal(strlen(run.thread), sizeof run.thread - 1);
    assert_int_equal(strlen(run.nodes[5].path), sizeof run.nodes[5].path - 1);
    assert_int_equal(dfl__live_read_head(&file, &head), DFL_ECORRUPT);
    memcpy(file.head.magic, DFL__LIVE_MAGIC, 8);
    assert_int_equal(dfl__live_read_head(&file, &head), DFL_ESCHEMA);
    file.head.version = DFL__LIVE_VERSION;
    file.head.run_bytes = sizeof(dfl__live_run);
    file.head.n_runs = DFL__LIVE_RUNS;
    memset(file.head.program, 'p', sizeof file.head.program);
    assert_int_equal(dfl__live_read_head(&file, &head), DFL_OK);
    assert_int_equal(strlen(head.program), sizeof head.program - 1);
}

static void a_child_tells_nothing(void **state) {
    Viewer viewer = new_viewer();
    char name[256];
    int status;
    pid_t pid;
    (void)state;
    pid = fork();
    if (pid == 0) {
        tell_run(viewer.hooks, DFL_EVENT_RUN_START, 1, 0);
        dfl_live_close(viewer.hooks);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_null(look(&viewer, 1));
    assert_int_equal(count_files(scratch_dir, name), 1);
    tell_run(viewer.hooks, DFL_EVENT_RUN_START, 1, 0);
    assert_non_null(look(&viewer, 1));
    /* And the parent still holds it. */
    pid = fork();
    if (pid == 0)
        _exit(dfl__live_held(viewer.fd) ? 0 : 1);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    end_viewer(&viewer);
}

/* ---- where there can be no file ---- */

static void check_refused(const char *directory, int why) {
    errno = 0;
    assert_null(dfl_live_open(directory));
    assert_int_equal(errno, why);
}

static void refusals_say_why(void **state) {
    char before[512] = "";
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    dfl_hooks *hooks;
    FILE *file;
    (void)state;
    scratch_begin();
    snprintf(before, sizeof before, "%s", runtime ? runtime : "");
    dfl_live_close(NULL);
    check_refused("/no/such/place", ENOENT);
    file = fopen(scratch_path("file"), "w");
    assert_non_null(file);
    fclose(file);
    check_refused(scratch_path("file"), ENOTDIR);
    dfl__fail_after(0);
    check_refused(scratch_dir, ENOMEM);
    dfl__fail_after(-1);

    /* Without a directory: it is made, and must be this user's. */
    setenv("XDG_RUNTIME_DIR", scratch_dir, 1);
    hooks = dfl_live_open(NULL);
    assert_non_null(hooks);
    dfl_live_close(hooks);
    assert_int_equal(rmdir(scratch_path("dfl-live")), 0);
    assert_int_equal(symlink(scratch_dir, scratch_path("dfl-live")), 0);
    check_refused(NULL, ENOTDIR);
    assert_int_equal(unlink(scratch_path("dfl-live")), 0);
    if (geteuid() == 0) {
        assert_int_equal(mkdir(scratch_path("dfl-live"), 0777), 0);
        assert_int_equal(chown(scratch_path("dfl-live"), 12345, 12345), 0);
        check_refused(NULL, EPERM);
    }
    if (before[0])
        setenv("XDG_RUNTIME_DIR", before, 1);
    else
        unsetenv("XDG_RUNTIME_DIR");
    scratch_end();
}

static void the_place_is_the_users(void **state) {
    char path[64], expected[64];
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    char before[512];
    (void)state;
    snprintf(before, sizeof before, "%s", runtime ? runtime : "");
    unsetenv("XDG_RUNTIME_DIR");
    snprintf(expected, sizeof expected, "/tmp/dfl-live-%lu", (unsigned long)geteuid());
    assert_true(dfl__live_directory(path, sizeof path));
    assert_string_equal(path, expected);
    setenv("XDG_RUNTIME_DIR", "/run/user/7", 1);
    assert_true(dfl__live_directory(path, sizeof path));
    assert_string_equal(path, "/run/user/7/dfl-live");
    assert_false(dfl__live_directory(path, 12));
    if (before[0])
        setenv("XDG_RUNTIME_DIR", before, 1);
    else
        unsetenv("XDG_RUNTIME_DIR");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_is_seen_while_it_goes_on),
        cmocka_unit_test(a_question_is_told),
        cmocka_unit_test(nothing_grows),
        cmocka_unit_test(nodes_beyond_the_room_are_counted),
        cmocka_unit_test(what_waits_to_be_tried_again_is_seen),
        cmocka_unit_test(a_pause_without_a_start_ends_nothing),
        cmocka_unit_test(long_texts_are_cut),
        cmocka_unit_test(what_is_worth_a_look_stays),
        cmocka_unit_test(a_viewer_sees_whole_slots_of_many_threads),
        cmocka_unit_test(what_the_dead_have_left_is_removed),
        cmocka_unit_test(a_program_that_is_killed_is_seen_as_that),
        cmocka_unit_test(half_a_change_is_read_of_the_dead_alone),
        cmocka_unit_test(a_child_tells_nothing),
        cmocka_unit_test(refusals_say_why),
        cmocka_unit_test(the_place_is_the_users),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
