/* Events for a consumer thread: a bounded ring, filled by any number of runs, emptied by one thread.
 *
 * note [room]
 * `room` is how many events may still be put. Who puts one takes its room first, then a ticket, which
 * says where in the ring it goes; then it publishes the slot by writing the ticket there. The consumer
 * takes slots in order, and gives the room of each back.
 *
 * A slot that a ticket leads to is free: tickets are drawn by those who have taken room, so whoever
 * draws ticket t is one of t + 1 who have, and at the last of these at least t + 1 - slots events had
 * been taken away, the slot's last among them. That it is seen, too: every step is a read-modify-write,
 * giving room back is a release, taking it an acquire, and drawing a ticket both, so that the consumer's
 * reading of the slot happens before.
 *
 * note [ends]
 * A start takes room for its end as well, and is dropped where there is none for both: so the end of
 * what was kept always finds room. Whose start was kept is in `open`, by what an event and its end have
 * in common; an end that is not there is dropped too. Starts and ends come both, or not at all. (A pause
 * that is not there is one of no attempt; it comes if there is room.)
 *
 * Entries of `open` are claimed by the number of their run, and looked for within WINDOW places from
 * where the hash says. A run's events come one at a time, so no other thread reads the rest of an entry
 * while the run has it. What the window has no room for counts as a full queue: with at most as many
 * entries in use as there are events in the ring, and twice as many in all, that is rare.
 *
 * Some starts have no end: of nodes that pause, where pauses are not in the mask; and where memory was
 * so short that a run does not know what is open (spans.c). The end of the run gives back what these
 * have kept; without run ends in the mask, the second kind keeps it until the queue is freed. */
#define _GNU_SOURCE

#include <stdatomic.h>

#include "event_copy.h"
#include "event_pair.h"
#include "internal.h"
#include "mem.h"
#include "park.h"
#include "pool.h"

enum { WINDOW = 16, LEAST_ROOM = 2 };

typedef struct Slot {
    _Atomic uint64_t published; /* the ticket + 1 */
    dfl__event_copy *copy;      /* of what was only lent; or NULL */
    dfl_event event;
} Slot;

/* What was kept and has not ended. */
typedef struct Open {
    _Atomic uint64_t run; /* 0: free */
    dfl__pair_key key;
    uint32_t inside; /* of a run: its other entries */
} Open;

typedef struct Queue {
    dfl_hooks hooks;
    Slot *slots; /* mask + 1 */
    uint64_t mask;
    Open *open; /* open_mask + 1 */
    uint64_t open_mask;
    alignas(DFL__LINE) _Atomic int64_t room;
    _Atomic uint64_t tickets;
    _Atomic uint64_t dropped;
    /* The consumer's. */
    alignas(DFL__LINE) uint64_t head;
    dfl__event_copy *taken; /* what the event that it has leads to */
    /* Read by whoever puts, written rarely. */
    alignas(DFL__LINE) atomic_uint sleeping;
    atomic_uint wakes;
    void *block; /* the queue is aligned within it */
} Queue;

/* ---- what is open ---- */

static uint64_t hash_of(uint64_t run, dfl__pair_key key) {
    uint64_t hash = run * UINT64_C(0x9e3779b97f4a7c15) ^ (uint64_t)key.index;
    hash = (hash ^ hash >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
    hash ^= (uint64_t)key.place << 32 | (uint32_t)key.branch << 3 | key.pair;
    hash *= UINT64_C(0x94d049bb133111eb);
    return hash ^ hash >> 31;
}

static Open *find_open(Queue *queue, uint64_t run, dfl__pair_key key) {
    uint64_t at = hash_of(run, key);
    for (uint64_t i = 0; i < WINDOW; i++) {
        Open *open = &queue->open[(at + i) & queue->open_mask];
        if (atomic_load_explicit(&open->run, memory_order_relaxed) == run &&
            dfl__same_key(open->key, key))
            return open;
    }
    return NULL;
}

static Open *add_open(Queue *queue, uint64_t run, dfl__pair_key key) {
    uint64_t at = hash_of(run, key);
    for (uint64_t i = 0; i < WINDOW; i++) {
        Open *open = &queue->open[(at + i) & queue->open_mask];
        uint64_t nobody = 0;
        if (atomic_load_explicit(&open->run, memory_order_relaxed) == 0 &&
            atomic_compare_exchange_strong_explicit(&open->run, &nobody, run, memory_order_acquire,
                                                    memory_order_relaxed)) {
            open->key = key;
            open->inside = 0;
            return open;
        }
    }
    return NULL;
}

static void remove_open(Open *open) {
    atomic_store_explicit(&open->run, 0, memory_order_release);
}

static Open *run_of(Queue *queue, uint64_t run) {
    return find_open(queue, run, (dfl__pair_key){DFL__PAIR_RUN, UINT32_MAX, -1, -1});
}

/* ---- room ---- */

static bool take_room(Queue *queue, int64_t n) {
    int64_t room = atomic_load_explicit(&queue->room, memory_order_relaxed);
    do
        if (room < n)
            return false;
    while (!atomic_compare_exchange_weak_explicit(&queue->room, &room, room - n,
                                                  memory_order_acq_rel, memory_order_relaxed));
    return true;
}

static void give_room(Queue *queue, int64_t n) {
    atomic_fetch_add_explicit(&queue->room, n, memory_order_acq_rel);
}

/* The run has ended: what was kept for ends that never came. */
static void forget_run(Queue *queue, uint64_t run) {
    int64_t n = 0;
    for (uint64_t i = 0; i <= queue->open_mask; i++) {
        Open *open = &queue->open[i];
        if (atomic_load_explicit(&open->run, memory_order_relaxed) == run) {
            remove_open(open);
            n++;
        }
    }
    give_room(queue, n);
}

/* ---- putting ---- */

static void wake(Queue *queue) {
    if (!atomic_load_explicit(&queue->sleeping, memory_order_seq_cst))
        return;
    atomic_fetch_add_explicit(&queue->wakes, 1, memory_order_seq_cst);
    dfl__park_wake(&queue->wakes, 1);
}

/* Room was taken. */
static void put(Queue *queue, const dfl_event *event, dfl__event_copy *copy) {
    uint64_t ticket = atomic_fetch_add_explicit(&queue->tickets, 1, memory_order_acq_rel);
    Slot *slot = &queue->slots[ticket & queue->mask];
    slot->event = *event;
    slot->copy = copy;
    /* Sequentially consistent with `sleeping`: either the consumer sees the event before it sleeps, or
     * this thread sees that it does. */
    atomic_store_explicit(&slot->published, ticket + 1, memory_order_seq_cst);
    wake(queue);
}

static bool is_plain(const dfl_event *event) {
    return !event->error && !event->data.n && !event->n_values && !event->state &&
           !event->thread_id && event->kind != DFL_EVENT_CUSTOM;
}

static dfl__event_copy *copy_of(const dfl_event *event) {
    dfl__event_copy *copy = dfl__malloc(sizeof *copy);
    if (copy && dfl__event_copy_init(copy, event))
        return copy;
    dfl__free(copy);
    return NULL;
}

/* Where there is no memory to copy what a start or an end tells of, it comes without. */
static void put_poor(Queue *queue, const dfl_event *event) {
    static const dfl_error unknown = {.status = DFL_ENOMEM,
                                      .attempt = 1,
                                      .index = -1,
                                      .message = "no memory to tell what failed"};
    dfl_event poor = *event;
    poor.data = (dfl_bytes){NULL, 0};
    poor.thread_id = NULL;
    if (poor.error)
        poor.error = &unknown;
    put(queue, &poor, NULL);
}

static void put_paired(Queue *queue, const dfl_event *event) {
    dfl__event_copy *copy = is_plain(event) ? NULL : copy_of(event);
    if (copy)
        put(queue, &copy->event, copy);
    else
        put_poor(queue, event);
}

/* ---- on_event ---- */

static void drop(Queue *queue) {
    atomic_fetch_add_explicit(&queue->dropped, 1, memory_order_relaxed);
}

static void on_single(Queue *queue, const dfl_event *event) {
    dfl__event_copy *copy = NULL;
    if (!take_room(queue, 1)) {
        drop(queue);
        return;
    }
    if (!is_plain(event)) {
        copy = copy_of(event);
        if (!copy) {
            give_room(queue, 1);
            drop(queue);
            return;
        }
        event = &copy->event;
    }
    put(queue, event, copy);
}

static void on_start(Queue *queue, const dfl_event *event, dfl__pair pair) {
    bool fits = take_room(queue, 2);
    Open *open = fits ? add_open(queue, event->run, dfl__key_of(pair, event)) : NULL;
    Open *run;
    if (fits && !open)
        give_room(queue, 2);
    if (!open) {
        drop(queue);
        return;
    }
    run = pair == DFL__PAIR_RUN ? NULL : run_of(queue, event->run);
    if (run)
        run->inside++;
    put_paired(queue, event);
}

static void on_end(Queue *queue, const dfl_event *event, dfl__pair pair) {
    Open *open = find_open(queue, event->run, dfl__key_of(pair, event));
    Open *run;
    bool more;
    if (!open && event->kind == DFL_EVENT_PAUSED) {
        on_single(queue, event);
        return;
    }
    if (!open) {
        drop(queue);
        if (pair == DFL__PAIR_RUN)
            forget_run(queue, event->run);
        return;
    }
    more = pair == DFL__PAIR_RUN && open->inside > 0;
    remove_open(open);
    run = pair == DFL__PAIR_RUN ? NULL : run_of(queue, event->run);
    if (run)
        run->inside--;
    put_paired(queue, event);
    if (more)
        forget_run(queue, event->run);
}

/* Without the ends of runs nobody would give back the room of a node that paused. */
static bool has_sure_end(const Queue *queue, dfl__pair pair) {
    return pair != DFL__PAIR_NODE || (queue->hooks.mask & (DFL_EV_PAUSE | DFL_EV_RUN)) != 0;
}

static void on_event(void *user, const dfl_event *event) {
    Queue *queue = user;
    dfl__pair begins = dfl__begins(event->kind), ends = dfl__ends(event->kind);
    if (begins && has_sure_end(queue, begins))
        on_start(queue, event, begins);
    else if (ends && has_sure_end(queue, ends))
        on_end(queue, event, ends);
    else
        on_single(queue, event);
}

/* ---- taking ---- */

static void drop_copy(dfl__event_copy *copy) {
    if (copy)
        dfl__event_copy_drop(copy);
    dfl__free(copy);
}

static bool is_published(const Queue *queue, memory_order order) {
    const Slot *slot = &queue->slots[queue->head & queue->mask];
    return atomic_load_explicit(&slot->published, order) == queue->head + 1;
}

static bool take(Queue *queue, dfl_event *event) {
    Slot *slot = &queue->slots[queue->head & queue->mask];
    if (!is_published(queue, memory_order_acquire))
        return false;
    drop_copy(queue->taken);
    *event = slot->event;
    queue->taken = slot->copy;
    queue->head++;
    give_room(queue, 1);
    return true;
}

bool dfl_queue_take(dfl_hooks *hooks, dfl_event *event) {
    return take((Queue *)hooks, event);
}

static void sleep_for(Queue *queue, int64_t ns) {
    unsigned seen = atomic_load_explicit(&queue->wakes, memory_order_seq_cst);
    atomic_store_explicit(&queue->sleeping, 1, memory_order_seq_cst);
    if (!is_published(queue, memory_order_seq_cst))
        dfl__park_wait(&queue->wakes, seen, ns);
    atomic_store_explicit(&queue->sleeping, 0, memory_order_relaxed);
}

bool dfl_queue_wait(dfl_hooks *hooks, dfl_event *event, int64_t timeout_ns) {
    Queue *queue = (Queue *)hooks;
    int64_t began = 0, left = timeout_ns;
    while (!take(queue, event)) {
        if (timeout_ns > 0) {
            int64_t now = dfl__now();
            began = began ? began : now;
            left = timeout_ns - (now - began);
        }
        if (timeout_ns >= 0 && left <= 0)
            return false;
        sleep_for(queue, left);
    }
    return true;
}

uint64_t dfl_queue_dropped(const dfl_hooks *hooks) {
    const Queue *queue = (const Queue *)hooks;
    return atomic_load_explicit(&queue->dropped, memory_order_relaxed);
}

/* ---- its life ---- */

/* On lines of its own, which malloc does not promise. */
static Queue *new_queue(void) {
    char *block = dfl__zalloc(sizeof(Queue) + DFL__LINE);
    Queue *queue;
    if (!block)
        return NULL;
    queue = (Queue *)(void *)(block + (DFL__LINE - (uintptr_t)block % DFL__LINE));
    queue->block = block;
    return queue;
}

static void free_queue(Queue *queue) {
    dfl__free(queue->slots);
    dfl__free(queue->open);
    dfl__free(queue->block);
}

dfl_hooks *dfl_queue_new(uint32_t capacity) {
    uint64_t room = capacity < LEAST_ROOM ? LEAST_ROOM : capacity, n = LEAST_ROOM, n_open;
    Queue *queue;
    while (n < room)
        n *= 2;
    n_open = 2 * n < WINDOW ? WINDOW : 2 * n;
    if (n > SIZE_MAX / sizeof(Slot) || n_open > SIZE_MAX / sizeof(Open) || !(queue = new_queue()))
        return NULL;
    queue->slots = dfl__zalloc((size_t)n * sizeof *queue->slots);
    queue->open = dfl__zalloc((size_t)n_open * sizeof *queue->open);
    if (!queue->slots || !queue->open) {
        free_queue(queue);
        return NULL;
    }
    queue->mask = n - 1;
    queue->open_mask = n_open - 1;
    atomic_init(&queue->room, (int64_t)room);
    queue->hooks = (dfl_hooks){.mask = DFL_EV_ALL, .on_event = on_event, .user = queue};
    return &queue->hooks;
}

void dfl_queue_free(dfl_hooks *hooks) {
    Queue *queue = (Queue *)hooks;
    dfl_event event;
    if (!queue)
        return;
    while (take(queue, &event))
        ;
    drop_copy(queue->taken);
    free_queue(queue);
}
