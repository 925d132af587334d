/* What the queue of events costs a run: ns an event, for whoever puts it.
 *
 * puts       calls of on_event alone, start and end of a node in turn, in bursts that the queue holds;
 *            it is emptied between them, which is not counted
 * run        the same events in a run of ring.dfl, less the run with hooks that ignore them: the clock
 *            and the event itself are in both
 *
 * bench/queue.sh builds and runs it. */
#define _POSIX_C_SOURCE 200809L
#include "ring.h"

#include <stdlib.h>
#include <time.h>

enum { TURNS = 2000, EVENTS = 6 * TURNS, ROUNDS = 201 };

static double now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void empty(dfl_hooks *queue, unsigned expected) {
    dfl_event event;
    unsigned n = 0;
    while (dfl_queue_take(queue, &event))
        n++;
    if (n != expected || dfl_queue_dropped(queue) != 0) {
        fprintf(stderr, "queue: %u events, not %u\n", n, expected);
        exit(1);
    }
}

static double time_puts(dfl_hooks *queue) {
    dfl_event event = {.run = 1, .graph = &ring_graph, .path = "first", .branch = -1, .index = -1};
    double began = now_ns();
    for (unsigned i = 0; i < EVENTS; i++) {
        event.kind = i % 2 ? DFL_EVENT_NODE_END : DFL_EVENT_NODE_START;
        event.place = 1;
        event.sequence++;
        queue->on_event(queue->user, &event);
    }
    began = now_ns() - began;
    empty(queue, EVENTS);
    return began / EVENTS;
}

static double time_run(const dfl_hooks *hooks) {
    ring_state s;
    double began;
    ring_state_init(&s);
    s.turns = TURNS;
    began = now_ns();
    if (ring_run(&s, &(dfl_run){.hooks = hooks}) != DFL_OK)
        exit(1);
    began = now_ns() - began;
    ring_state_free(&s);
    return began / EVENTS;
}

static void ignore(void *user, const dfl_event *event) {
    (void)user, (void)event;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print(const char *name, double *values) {
    qsort(values, ROUNDS, sizeof *values, by_value);
    printf("%-28s %6.1f ns an event   (5 %%: %.1f, 95 %%: %.1f)\n", name, values[ROUNDS / 2],
           values[ROUNDS / 20], values[ROUNDS - 1 - ROUNDS / 20]);
}

int main(void) {
    static double puts_[ROUNDS], ignored[ROUNDS], queued[ROUNDS], less[ROUNDS];
    dfl_hooks *queue = dfl_queue_new(EVENTS + 8);
    dfl_hooks deaf = {.mask = DFL_EV_NODE, .on_event = ignore};
    if (!queue)
        return 1;
    queue->mask = DFL_EV_NODE;
    for (int i = 0; i < ROUNDS; i++) {
        puts_[i] = time_puts(queue);
        ignored[i] = time_run(&deaf);
        queued[i] = time_run(queue);
        empty(queue, EVENTS);
        less[i] = queued[i] - ignored[i];
    }
    print("puts", puts_);
    print("run, events ignored", ignored);
    print("run, events queued", queued);
    print("difference, pair by pair", less);
    dfl_queue_free(queue);
    return 0;
}
