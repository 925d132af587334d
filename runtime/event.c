/* Event hooks: what happens in a run, told to the program one event at a time.
 *
 * Everything here is off the path of a run without hooks: it is reached from the slow paths of
 * run.c, behind DFL__WATCH. */
#define _POSIX_C_SOURCE 200809L

#include <sched.h>
#include <time.h>

#include "internal.h"
#include "mem.h"
#include "profile.h"

/* An event that waits for the join, with copies of what was only lent. */
typedef struct Held {
    struct Held *next;
    dfl_event event;
    dfl_error error;
    char lent[]; /* a custom event's name and NUL, then data */
} Held;

struct dfl__held {
    Held *first;
    Held **last;
};

static const dfl_hooks *hooks_of(const dfl_ctx *ctx) {
    return ctx->run->options->hooks;
}

static bool hooks_want(const dfl__run *run, uint32_t bit) {
    const dfl_hooks *hooks = run->options->hooks;
    return hooks && hooks->on_event && (hooks->mask & bit) != 0;
}

static bool wanted(const dfl_ctx *ctx, uint32_t bit) {
    const dfl_graph *graph = ctx->run->graph;
    return hooks_want(ctx->run, bit) || (graph->instrument && (DFL__PROFILE_MASK & bit));
}

/* ---- one at a time ---- */

/* note [the event lock]
 *
 * Branches of one run emit from several threads; on_event is called by one at a time. The lock
 * (run->event_lock, 0 or 1) guards run->sequence and the call. It lives in generated frames, so it
 * is one word that needs no initialising call. A callback may be slow: whoever finds the lock taken
 * spins a little, then yields, then sleeps for ever longer up to a millisecond.
 *
 * The exchange is an acquire and the store a release, so what one call of on_event wrote is seen
 * by the next. */
static void wait_a_little(unsigned round) {
    if (round < 64)
        return;
    if (round < 128) {
        sched_yield();
        return;
    }
    struct timespec nap = {0, round < 256 ? 20000 : 1000000};
    nanosleep(&nap, NULL);
}

void dfl__lock(uint32_t *word) {
    unsigned round = 0;
    while (__atomic_exchange_n(word, 1, __ATOMIC_ACQUIRE))
        wait_a_little(round++);
}

void dfl__unlock(uint32_t *word) {
    __atomic_store_n(word, 0, __ATOMIC_RELEASE);
}

static uint32_t bit_of(dfl_event_kind kind) {
    static const uint32_t bits[] = {
        [DFL_EVENT_RUN_START] = DFL_EV_RUN,    [DFL_EVENT_RUN_END] = DFL_EV_RUN,
        [DFL_EVENT_NODE_START] = DFL_EV_NODE,  [DFL_EVENT_NODE_END] = DFL_EV_NODE,
        [DFL_EVENT_NODE_ERROR] = DFL_EV_NODE,  [DFL_EVENT_EDGE] = DFL_EV_EDGE,
        [DFL_EVENT_FORK] = DFL_EV_SECTION,     [DFL_EVENT_JOIN] = DFL_EV_SECTION,
        [DFL_EVENT_SAVED] = DFL_EV_CHECKPOINT, [DFL_EVENT_LOADED] = DFL_EV_CHECKPOINT,
        [DFL_EVENT_LIMIT] = DFL_EV_LIMIT,      [DFL_EVENT_RETRY] = DFL_EV_RETRY,
        [DFL_EVENT_CUSTOM] = DFL_EV_CUSTOM,    [DFL_EVENT_PAUSED] = DFL_EV_PAUSE,
        [DFL_EVENT_RESUMED] = DFL_EV_PAUSE,
    };
    return bits[kind];
}

static void deliver(dfl__run *run, dfl_event *event) {
    const dfl_hooks *hooks = run->options->hooks;
    if (!hooks_want(run, bit_of(event->kind)))
        return;
    dfl__lock(&run->event_lock);
    event->sequence = ++run->sequence;
    hooks->on_event(hooks->user, event);
    dfl__unlock(&run->event_lock);
}

/* ---- held back to written order ---- */

/* Of a custom event's name; what other events name is static. */
static size_t name_bytes(const dfl_event *event) {
    return event->kind == DFL_EVENT_CUSTOM ? strlen(event->to) + 1 : 0;
}

static void keep_lent(Held *held) {
    dfl_event *event = &held->event;
    size_t name_n = name_bytes(event);
    if (name_n) {
        memcpy(held->lent, event->to, name_n);
        event->to = held->lent;
    }
    if (event->data.n) {
        memcpy(held->lent + name_n, event->data.p, event->data.n);
        event->data.p = (const uint8_t *)held->lent + name_n;
    }
}

/* False when out of memory. */
static bool hold(struct dfl__held *list, const dfl_event *event) {
    Held *held = dfl__malloc(sizeof *held + name_bytes(event) + event->data.n);
    if (!held)
        return false;
    held->next = NULL;
    held->event = *event;
    keep_lent(held);
    if (event->error) {
        held->error = *event->error;
        held->event.error = &held->error;
    }
    *list->last = held;
    list->last = &held->next;
    return true;
}

void dfl__held_begin(dfl_ctx *branch) {
    struct dfl__held *list;
    branch->held = NULL;
    if (!(branch->flags & DFL__WATCH) || !hooks_of(branch) || !hooks_of(branch)->ordered)
        return;
    /* Out of memory: the events of this branch come at once, out of order but not lost. */
    list = dfl__malloc(sizeof *list);
    if (!list)
        return;
    list->first = NULL;
    list->last = &list->first;
    branch->held = list;
}

static void hand_on(dfl_ctx *parent, struct dfl__held *list) {
    if (!list->first)
        return;
    *parent->held->last = list->first;
    parent->held->last = list->last;
}

static void deliver_all(dfl__run *run, struct dfl__held *list) {
    Held *held = list->first, *next;
    for (; held; held = next) {
        next = held->next;
        deliver(run, &held->event);
        dfl__free(held);
    }
}

void dfl__held_join(dfl_ctx *parent, dfl_ctx *branch) {
    struct dfl__held *list = branch->held;
    if (!list)
        return;
    if (parent->held)
        hand_on(parent, list);
    else
        deliver_all(parent->run, list);
    dfl__free(list);
    branch->held = NULL;
}

void dfl__held_release(dfl_ctx *branch) {
    struct dfl__held *list = branch->held;
    if (!list)
        return;
    deliver_all(branch->run, list);
    dfl__free(list);
    branch->held = NULL;
}

/* ---- events ---- */

/* What all events share; the rest is zero. */
static dfl_event new_event(const dfl_ctx *ctx, dfl_event_kind kind, uint32_t place) {
    const dfl_graph *graph = ctx->run->graph;
    dfl_event event = {0};
    event.kind = kind;
    event.run = ctx->run->number;
    event.ns = dfl__now();
    event.graph = graph;
    event.place = place == DFL__NOWHERE ? UINT32_MAX : place;
    event.to_place = UINT32_MAX;
    event.path = place == DFL__NOWHERE ? graph->name : graph->places[place].name;
    event.branch = place == DFL__NOWHERE ? -1 : graph->places[place].branch;
    event.index = ctx->index;
    return event;
}

static void emit(dfl_ctx *ctx, dfl_event *event) {
    const dfl_graph *graph = ctx->run->graph;
    if (graph->instrument)
        graph->instrument(event);
    if (!ctx->held || !hold(ctx->held, event))
        deliver(ctx->run, event);
}

/* Drawn only by runs with hooks; relaxed, since all that matters is that no two are the same. */
static uint64_t next_run_number(void) {
    static uint64_t last;
    return __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED);
}

void dfl__events_begin(dfl__run *run) {
    dfl_event event;
    if (!hooks_want(run, DFL_EV_ALL) && !run->graph->instrument)
        return;
    run->ctx.flags |= DFL__WATCH;
    run->ctx.last = 0;
    run->ctx.last_index = -1;
    run->event_lock = 0;
    run->number = next_run_number();
    run->sequence = 0;
    event = new_event(&run->ctx, DFL_EVENT_RUN_START, DFL__NOWHERE);
    run->began = event.ns;
    if (wanted(&run->ctx, DFL_EV_RUN))
        emit(&run->ctx, &event);
}

void dfl__events_end(dfl__run *run, int status) {
    dfl_event event;
    dfl_error error;
    if (!wanted(&run->ctx, DFL_EV_RUN))
        return;
    event = new_event(&run->ctx, DFL_EVENT_RUN_END, DFL__NOWHERE);
    event.status = status;
    event.duration_ns = event.ns - run->began;
    if (status < 0) {
        dfl__error_from(&error, run->graph, &run->ctx.failure);
        event.error = &error;
    }
    deliver(run, &event);
}

/* An edge joins two places of one region and one element; a branch begins without one (its fork
 * has been told), and so does the first place after a resume. */
static bool came_by_edge(const dfl_ctx *ctx, uint32_t place) {
    const dfl_place *places = ctx->run->graph->places;
    uint32_t last = ctx->last;
    return last != DFL__NOWHERE && ctx->last_index == ctx->index &&
           places[last].section == places[place].section &&
           places[last].branch == places[place].branch;
}

static void edge_event(dfl_ctx *ctx, uint32_t place) {
    dfl_event event;
    if (!wanted(ctx, DFL_EV_EDGE) || !came_by_edge(ctx, place))
        return;
    event = new_event(ctx, DFL_EVENT_EDGE, ctx->last);
    event.to = ctx->run->graph->places[place].name;
    event.to_place = place;
    emit(ctx, &event);
}

static void node_start_event(dfl_ctx *ctx, uint32_t place) {
    dfl_event event;
    if (!wanted(ctx, DFL_EV_NODE))
        return;
    event = new_event(ctx, DFL_EVENT_NODE_START, place);
    event.attempt = ctx->attempt;
    emit(ctx, &event);
    /* After the callback, so that a slow one is not counted as the node's time. */
    ctx->began = dfl__now();
}

static void fork_event(dfl_ctx *ctx, uint32_t place) {
    dfl_event event;
    if (!wanted(ctx, DFL_EV_SECTION))
        return;
    event = new_event(ctx, DFL_EVENT_FORK, place);
    emit(ctx, &event);
}

static void note_last(dfl_ctx *ctx, uint32_t place) {
    ctx->last = place;
    ctx->last_index = ctx->index;
}

void dfl__event_enter(dfl_ctx *ctx, uint32_t place) {
    dfl_place_kind kind = ctx->run->graph->places[place].kind;
    edge_event(ctx, place);
    note_last(ctx, place);
    if (kind == DFL_PLACE_NODE)
        node_start_event(ctx, place);
    else if (kind == DFL_PLACE_SECTION)
        fork_event(ctx, place);
}

void dfl__event_leave(dfl_ctx *ctx, uint32_t place, int status) {
    int64_t ended = dfl__now();
    dfl_event event;
    dfl_error error;
    if (status == DFL_PAUSED) {
        dfl__event_paused(ctx, place, dfl__asks_question(ctx, place));
        return;
    }
    if (!wanted(ctx, DFL_EV_NODE))
        return;
    event = new_event(ctx, status ? DFL_EVENT_NODE_ERROR : DFL_EVENT_NODE_END, place);
    event.ns = ended;
    event.duration_ns = ended - ctx->began;
    event.attempt = ctx->attempt;
    event.status = status;
    if (status) {
        dfl__error_from(&error, ctx->run->graph, &ctx->failure);
        event.error = &error;
    }
    emit(ctx, &event);
}

void dfl__event_join(dfl_ctx *ctx, uint32_t place, int status) {
    dfl_event event;
    note_last(ctx, place);
    if (!wanted(ctx, DFL_EV_SECTION))
        return;
    event = new_event(ctx, DFL_EVENT_JOIN, place);
    event.status = status;
    emit(ctx, &event);
}

void dfl__event_limit(dfl_ctx *ctx, uint32_t place) {
    dfl_event event;
    if (!wanted(ctx, DFL_EV_LIMIT))
        return;
    event = new_event(ctx, DFL_EVENT_LIMIT, place);
    event.status = DFL_ELIMIT;
    emit(ctx, &event);
}

void dfl__event_retry(dfl_ctx *ctx, uint32_t place) {
    dfl_event event;
    if (!wanted(ctx, DFL_EV_RETRY))
        return;
    event = new_event(ctx, DFL_EVENT_RETRY, place);
    event.attempt = ctx->attempt + 1;
    event.status = DFL_ENODE;
    emit(ctx, &event);
}

void dfl__event_checkpoint(dfl_ctx *ctx, dfl_event_kind kind, uint64_t id, uint32_t place) {
    dfl_event event;
    if (!wanted(ctx, DFL_EV_CHECKPOINT))
        return;
    event = new_event(ctx, kind, place);
    event.checkpoint = id;
    emit(ctx, &event);
}

void dfl__event_paused(dfl_ctx *ctx, uint32_t place, dfl_str question) {
    dfl_event event;
    if (!wanted(ctx, DFL_EV_PAUSE))
        return;
    event = new_event(ctx, DFL_EVENT_PAUSED, place);
    event.attempt = ctx->attempt;
    event.status = DFL_PAUSED;
    event.data = (dfl_bytes){(const uint8_t *)question.p, question.n};
    emit(ctx, &event);
}

void dfl__event_resumed(dfl__run *run, uint32_t place) {
    dfl_event event;
    if (!wanted(&run->ctx, DFL_EV_PAUSE))
        return;
    event = new_event(&run->ctx, DFL_EVENT_RESUMED, place);
    deliver(run, &event);
}

/* The node that emits is the place begun last: with DFL__WATCH every place notes itself. */
void dfl_emit(dfl_ctx *ctx, const char *name, dfl_bytes data) {
    dfl_event event;
    if (!(ctx->flags & DFL__WATCH) || !wanted(ctx, DFL_EV_CUSTOM))
        return;
    event = new_event(ctx, DFL_EVENT_CUSTOM, ctx->last);
    event.to = name ? name : "";
    event.data = data;
    emit(ctx, &event);
}
