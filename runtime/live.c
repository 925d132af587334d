/* Hooks that tell what each run does now, in a file that `dflc top` reads; see live.h.
 *
 * note [slots]
 *
 * A run has a slot from its start to its end, and leaves it as it is, so that one sees how it ended. Who
 * has a slot is in `owners`: the number of the run, FREE, or KEPT for one that failed or paused, which is
 * given away only where no other is left. The search begins where the run's number says, so slots are
 * taken in turn, and most runs find theirs at once. Runs for which there is none are counted.
 *
 * Events of a run come one at a time, each seeing what the one before wrote, so a slot has one writer. The next
 * owner's comes after the last one's by `owners`. Viewers see whether they have read a slot while it was written
 * by its `changes`: odd, or not the same before and after. */
#define _GNU_SOURCE
#include "live.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "event_pair.h"
#include "internal.h"
#include "mem.h"

#define FREE UINT64_C(0)
#define KEPT UINT64_MAX

enum {
    FILE_BYTES = DFL__LIVE_HEAD_BYTES + DFL__LIVE_RUNS * (int)sizeof(dfl__live_run),
    TRIES = 10
};

typedef struct Live {
    dfl_hooks hooks;
    dfl__live_head *head; /* mapped: FILE_BYTES */
    dfl__live_run *runs;
    int dir, fd;
    char name[64];
    unsigned forks; /* of the process, when it was opened */
    _Atomic uint64_t owners[DFL__LIVE_RUNS];
} Live;

/* ---- fork ---- */

/* The file is the parent's: of a child nothing is told. */
static atomic_uint *forks(void) {
    static atomic_uint n;
    return &n;
}

static void count_fork(void) {
    atomic_fetch_add_explicit(forks(), 1, memory_order_relaxed);
}

static void watch_for_fork(void) {
    pthread_atfork(NULL, NULL, count_fork);
}

static bool is_child(const Live *live) {
    return live->forks != atomic_load_explicit(forks(), memory_order_relaxed);
}

/* ---- slots ---- */

static dfl__live_run *slot_of(Live *live, uint64_t run) {
    for (uint64_t i = 0; i < DFL__LIVE_RUNS; i++) {
        uint64_t at = (run + i) % DFL__LIVE_RUNS;
        if (atomic_load_explicit(&live->owners[at], memory_order_relaxed) == run)
            return &live->runs[at];
    }
    return NULL;
}

static dfl__live_run *take_slot(Live *live, uint64_t run, uint64_t from) {
    for (uint64_t i = 0; i < DFL__LIVE_RUNS; i++) {
        uint64_t at = (run + i) % DFL__LIVE_RUNS, owner = from;
        if (atomic_load_explicit(&live->owners[at], memory_order_relaxed) == from &&
            atomic_compare_exchange_strong_explicit(&live->owners[at], &owner, run,
                                                    memory_order_acquire, memory_order_relaxed))
            return &live->runs[at];
    }
    return NULL;
}

static void leave_slot(Live *live, const dfl__live_run *run) {
    uint64_t next = run->state == DFL__LIVE_DONE ? FREE : KEPT;
    atomic_store_explicit(&live->owners[run - live->runs], next, memory_order_release);
}

/* ---- writing ---- */

/* What is written to a slot comes behind `changes`. Nobody in this process reads it, so gcc's thread sanitizer,
 * which knows no fences, does not need this one. */
static void begin_change(dfl__live_run *run) {
    __atomic_store_n(&run->changes, run->changes + 1, __ATOMIC_RELAXED);
#ifndef __SANITIZE_THREAD__
    atomic_thread_fence(memory_order_release);
#endif
}

static void end_change(dfl__live_run *run) {
    __atomic_store_n(&run->changes, run->changes + 1, __ATOMIC_RELEASE);
}

/* Not within a UTF-8 character. */
static void put_text(char *to, size_t cap, const char *text, size_t n) {
    if (n >= cap) {
        n = cap - 1;
        while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
            n--;
    }
    if (n > 0)
        memcpy(to, text, n);
    to[n] = '\0';
}

static void put_name(char *to, size_t cap, const char *text) {
    put_text(to, cap, text, strlen(text));
}

/* Of a long path the end says more. */
static void put_path(char *to, size_t cap, const char *path) {
    size_t n = strlen(path);
    if (n < cap) {
        memcpy(to, path, n + 1);
        return;
    }
    memcpy(to, "...", 3);
    memcpy(to + 3, path + n - (cap - 4), cap - 3);
}

static void begin_run(Live *live, const dfl_event *event) {
    dfl__live_run *run = take_slot(live, event->run, FREE);
    if (!run)
        run = take_slot(live, event->run, KEPT);
    if (!run) {
        __atomic_add_fetch(&live->head->unseen, 1, __ATOMIC_RELAXED);
        return;
    }
    begin_change(run);
    run->number = event->run;
    run->began_ns = run->last_ns = event->ns;
    run->ended_ns = 0;
    run->steps = run->errors = 0;
    run->state = DFL__LIVE_RUNNING;
    run->status = run->code = 0;
    run->n_open = run->asks = 0;
    run->all_runs++;
    put_name(run->graph, sizeof run->graph, event->graph->name);
    put_name(run->thread, sizeof run->thread, event->thread_id ? event->thread_id : "");
    run->node[0] = run->text[0] = '\0';
    for (int i = 0; i < DFL__LIVE_NODES; i++)
        run->nodes[i].since_ns = 0;
    end_change(run);
}

static void tell_failure(dfl__live_run *run, const dfl_error *error) {
    run->code = error->code;
    put_path(run->node, sizeof run->node, error->node);
    put_name(run->text, sizeof run->text, error->message);
}

static void end_run(dfl__live_run *run, const dfl_event *event) {
    run->ended_ns = event->ns;
    run->status = event->status;
    run->n_open = 0;
    for (int i = 0; i < DFL__LIVE_NODES; i++)
        run->nodes[i].since_ns = 0;
    run->state = event->status == DFL_OK       ? DFL__LIVE_DONE
                 : event->status == DFL_PAUSED ? DFL__LIVE_PAUSED
                                               : DFL__LIVE_FAILED;
    run->all_done += run->state == DFL__LIVE_DONE;
    run->all_failed += run->state == DFL__LIVE_FAILED;
    run->all_paused += run->state == DFL__LIVE_PAUSED;
    if (event->error)
        tell_failure(run, event->error);
}

/* Its attempt; without room for it NULL. */
static dfl__live_node *put_node(dfl__live_run *run, const dfl_event *event, uint64_t span) {
    for (int i = 0; i < DFL__LIVE_NODES; i++) {
        dfl__live_node *node = &run->nodes[i];
        if (node->since_ns)
            continue;
        node->since_ns = event->ns;
        node->span = span;
        node->index = event->index;
        node->place = event->place;
        node->worker = event->worker;
        node->attempt = event->attempt;
        put_path(node->path, sizeof node->path, event->path);
        return node;
    }
    return NULL;
}

static void remove_node(dfl__live_run *run, const dfl_event *event, uint64_t span) {
    for (int i = 0; i < DFL__LIVE_NODES; i++) {
        dfl__live_node *node = &run->nodes[i];
        if (node->since_ns && node->span == span && node->place == event->place &&
            node->index == event->index) {
            node->since_ns = 0;
            return;
        }
    }
}

static void begin_node(dfl__live_run *run, const dfl_event *event) {
    if (event->attempt > 1)
        remove_node(run, event, 0);
    run->n_open++;
    (void)put_node(run, event, event->span);
}

static void end_node(dfl__live_run *run, const dfl_event *event) {
    bool ended = event->kind == DFL_EVENT_NODE_END;
    run->n_open -= run->n_open > 0;
    remove_node(run, event, event->span);
    run->steps += ended;
    run->all_steps += ended;
    run->errors += event->kind == DFL_EVENT_NODE_ERROR;
    put_path(run->node, sizeof run->node, event->path);
}

/* A pause before a node is told of without a start. */
static void pause_node(dfl__live_run *run, const dfl_event *event) {
    if (dfl__ended_by(event) != DFL__PAIR_NONE)
        end_node(run, event);
    if (run->asks++ == 0)
        put_text(run->text, sizeof run->text, (const char *)event->data.p, event->data.n);
    put_path(run->node, sizeof run->node, event->path);
}

static void change(dfl__live_run *run, const dfl_event *event) {
    run->last_ns = event->ns;
    switch (event->kind) {
    case DFL_EVENT_RUN_END:
        end_run(run, event);
        break;
    case DFL_EVENT_NODE_START:
        begin_node(run, event);
        break;
    case DFL_EVENT_NODE_END:
    case DFL_EVENT_NODE_ERROR:
        end_node(run, event);
        break;
    case DFL_EVENT_RETRY:
        (void)put_node(run, event, 0);
        break;
    case DFL_EVENT_PAUSED:
        pause_node(run, event);
        break;
    default:
        break;
    }
}

static void on_event(void *user, const dfl_event *event) {
    Live *live = user;
    dfl__live_run *run;
    if (is_child(live))
        return;
    if (event->kind == DFL_EVENT_RUN_START) {
        begin_run(live, event);
        return;
    }
    run = slot_of(live, event->run);
    if (!run)
        return;
    begin_change(run);
    change(run, event);
    end_change(run);
    if (event->kind == DFL_EVENT_RUN_END)
        leave_slot(live, run);
}

/* ---- its life ---- */

static const char *program_name(void) {
#if defined(__linux__)
    return program_invocation_short_name;
#elif defined(__APPLE__) || defined(__FreeBSD__) || defined(__NetBSD__) || defined(__OpenBSD__)
    return getprogname();
#else
    return "";
#endif
}

static void write_head(dfl__live_head *head) {
    memcpy(head->magic, DFL__LIVE_MAGIC, sizeof head->magic);
    head->version = DFL__LIVE_VERSION;
    head->run_bytes = sizeof(dfl__live_run);
    head->n_runs = DFL__LIVE_RUNS;
    head->pid = getpid();
    head->opened_ns = dfl__now();
    head->wall_ns = dfl__wall_clock();
    put_name(head->program, sizeof head->program, program_name());
}

/* Maps the file that live->dir, fd and name tell of, and shows it; false with errno. */
static bool begin_file(Live *live) {
    void *p = mmap(NULL, FILE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, live->fd, 0);
    if (p == MAP_FAILED)
        return false;
    live->head = p;
    live->runs = (dfl__live_run *)(void *)((char *)p + DFL__LIVE_HEAD_BYTES);
    write_head(live->head);
    if (dfl__live_publish(live->dir, live->name))
        return true;
    munmap(p, FILE_BYTES);
    return false;
}

/* Removed before the lock goes, so nobody takes it for one that a dead program has left. */
static void end_file(Live *live) {
    (void)unlinkat(live->dir, live->name, 0);
    close(live->fd);
    close(live->dir);
}

/* False with errno. */
static bool make_file(Live *live, const char *directory) {
    int why;
    live->fd = dfl__live_make(directory, FILE_BYTES, &live->dir, live->name);
    if (live->fd < 0)
        return false;
    if (begin_file(live))
        return true;
    why = errno;
    end_file(live);
    errno = why;
    return false;
}

dfl_hooks *dfl_live_open(const char *directory) {
    static pthread_once_t watching = PTHREAD_ONCE_INIT;
    Live *live = dfl__zalloc(sizeof *live);
    bool is_made = false;
    int why = ENOMEM;
    if (live) {
        pthread_once(&watching, watch_for_fork);
        live->forks = atomic_load_explicit(forks(), memory_order_relaxed);
        live->hooks = (dfl_hooks){.mask = DFL_EV_RUN | DFL_EV_NODE | DFL_EV_RETRY | DFL_EV_PAUSE,
                                  .on_event = on_event,
                                  .user = live,
                                  .quick = true};
        /* Another program that opens one may have removed this before it was locked. */
        for (int i = 0; i < TRIES && !is_made && (i == 0 || errno == ENOENT); i++)
            is_made = make_file(live, directory);
        why = errno;
    }
    if (is_made)
        return &live->hooks;
    dfl__free(live);
    errno = why;
    return NULL;
}

void dfl_live_close(dfl_hooks *hooks) {
    Live *live = (Live *)hooks;
    if (!live)
        return;
    if (is_child(live)) {
        close(live->fd);
        close(live->dir);
    } else {
        live->head->closed = 1;
        end_file(live);
    }
    munmap(live->head, FILE_BYTES);
    dfl__free(live);
}
