/* Event hooks: what happens in a run, told to the program one event at a time.
 *
 * Everything here is off the path of a run without hooks: it is reached from the slow paths of
 * run.c, behind DFL__WATCH. */
#define _POSIX_C_SOURCE 200809L

#include <sched.h>
#include <time.h>

#include "event.h"
#include "mem.h"
#include "profile.h"

static bool hooks_want(const dfl__run *run, uint32_t bit) {
    const dfl_hooks *hooks = run->options->hooks;
    return hooks && hooks->on_event && (hooks->mask & bit) != 0;
}

static uint32_t all_wanted(const dfl__run *run) {
    const dfl_hooks *hooks = run->options->hooks;
    uint32_t bits = hooks && hooks->on_event ? hooks->mask : 0;
    return bits | (run->graph->instrument ? DFL__PROFILE_MASK : 0);
}

/* What -finstrument counts is times. */
static bool is_untimed(const dfl__run *run) {
    const dfl_hooks *hooks = run->options->hooks;
    return hooks && hooks->untimed && !run->graph->instrument;
}

static bool wanted(const dfl_ctx *ctx, uint32_t bit) {
    return (ctx->run->wanted & bit) != 0;
}

/* ---- one at a time ---- */

/* note [the event lock]
 *
 * Branches of one run emit from several threads; on_event is called by one at a time. The lock
 * (run->event_lock, 0 or 1) guards run->sequence and the call. It lives in generated frames, so it
 * is one word that needs no initialising call. A callback may be slow: whoever finds the lock taken
 * spins a little, then yields, then sleeps for ever longer up to a millisecond.
 *
 * While the run has no branches on threads (run->forked) there is nobody to lock out: the line that
 * sets it before it hands branches over, and takes it back when all have ended, is the only one.
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

static DFL__APART void lock_taken(uint32_t *word) {
    for (unsigned round = 0; __atomic_exchange_n(word, 1, __ATOMIC_ACQUIRE); round++)
        wait_a_little(round);
}

void dfl__lock(uint32_t *word) {
    if (DFL__RARELY(__atomic_exchange_n(word, 1, __ATOMIC_ACQUIRE)))
        lock_taken(word);
}

void dfl__unlock(uint32_t *word) {
    __atomic_store_n(word, 0, __ATOMIC_RELEASE);
}

const char *dfl_event_name(dfl_event_kind kind) {
    static const char *const names[] = {
        [DFL_EVENT_RUN_START] = "run_start",
        [DFL_EVENT_RUN_END] = "run_end",
        [DFL_EVENT_NODE_START] = "node_start",
        [DFL_EVENT_NODE_END] = "node_end",
        [DFL_EVENT_NODE_ERROR] = "node_error",
        [DFL_EVENT_EDGE] = "edge",
        [DFL_EVENT_FORK] = "fork",
        [DFL_EVENT_JOIN] = "join",
        [DFL_EVENT_SAVED] = "saved",
        [DFL_EVENT_LOADED] = "loaded",
        [DFL_EVENT_LIMIT] = "limit",
        [DFL_EVENT_RETRY] = "retry",
        [DFL_EVENT_CUSTOM] = "custom",
        [DFL_EVENT_PAUSED] = "paused",
        [DFL_EVENT_RESUMED] = "resumed",
        [DFL_EVENT_BRANCH_START] = "branch_start",
        [DFL_EVENT_BRANCH_END] = "branch_end",
        [DFL_EVENT_CHUNK_START] = "chunk_start",
        [DFL_EVENT_CHUNK_END] = "chunk_end",
        [DFL_EVENT_MERGE] = "merge",
        [DFL_EVENT_TIMEOUT] = "timeout",
        [DFL_EVENT_UPDATES] = "updates",
        [DFL_EVENT_VALUES] = "values",
    };
    return (size_t)kind < sizeof names / sizeof names[0] ? names[kind] : "";
}

uint32_t dfl__event_bit(dfl_event_kind kind) {
    static const uint32_t bits[] = {
        [DFL_EVENT_RUN_START] = DFL_EV_RUN,     [DFL_EVENT_RUN_END] = DFL_EV_RUN,
        [DFL_EVENT_NODE_START] = DFL_EV_NODE,   [DFL_EVENT_NODE_END] = DFL_EV_NODE,
        [DFL_EVENT_NODE_ERROR] = DFL_EV_NODE,   [DFL_EVENT_EDGE] = DFL_EV_EDGE,
        [DFL_EVENT_FORK] = DFL_EV_SECTION,      [DFL_EVENT_JOIN] = DFL_EV_SECTION,
        [DFL_EVENT_SAVED] = DFL_EV_CHECKPOINT,  [DFL_EVENT_LOADED] = DFL_EV_CHECKPOINT,
        [DFL_EVENT_LIMIT] = DFL_EV_LIMIT,       [DFL_EVENT_RETRY] = DFL_EV_RETRY,
        [DFL_EVENT_CUSTOM] = DFL_EV_CUSTOM,     [DFL_EVENT_PAUSED] = DFL_EV_PAUSE,
        [DFL_EVENT_RESUMED] = DFL_EV_PAUSE,     [DFL_EVENT_BRANCH_START] = DFL_EV_BRANCH,
        [DFL_EVENT_BRANCH_END] = DFL_EV_BRANCH, [DFL_EVENT_CHUNK_START] = DFL_EV_CHUNK,
        [DFL_EVENT_CHUNK_END] = DFL_EV_CHUNK,   [DFL_EVENT_MERGE] = DFL_EV_SECTION,
        [DFL_EVENT_TIMEOUT] = DFL_EV_TIMEOUT,   [DFL_EVENT_UPDATES] = DFL_STREAM_UPDATES,
        [DFL_EVENT_VALUES] = DFL_STREAM_VALUES,
    };
    return bits[kind];
}

void dfl__deliver(dfl__run *run, dfl_event *event) {
    const dfl_hooks *hooks = run->options->hooks;
    if (!hooks_want(run, dfl__event_bit(event->kind)))
        return;
    if (run->forked)
        dfl__lock(&run->event_lock);
    event->sequence = ++run->sequence;
    hooks->on_event(hooks->user, event);
    if (run->forked)
        dfl__unlock(&run->event_lock);
}

bool dfl__events_forked(dfl_ctx *ctx) {
    bool first = (ctx->flags & DFL__WATCH) && ctx == &ctx->run->ctx;
    if (first)
        ctx->run->forked = true;
    return first;
}

void dfl__events_joined(dfl_ctx *ctx) {
    ctx->run->forked = false;
}

/* ---- which thread ---- */

static _Thread_local uint32_t worker;

void dfl__event_worker(void) {
    static uint32_t last;
    worker = __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED);
}

/* ---- events ---- */

/* What is told at one moment has one time. A new moment begins at each place, and where it is left. */
static void new_moment(dfl_ctx *ctx) {
    ctx->event_ns = 0;
}

static int64_t moment(dfl_ctx *ctx) {
    if (ctx->event_ns == 0 && !ctx->run->untimed)
        ctx->event_ns = dfl__now();
    return ctx->event_ns;
}

/* What all events share. Member by member: to clear the whole and copy it takes longer than the rest. */
static void event_init(dfl_event *event, dfl_ctx *ctx, dfl_event_kind kind, uint32_t place) {
    const dfl_graph *graph = ctx->run->graph;
    const dfl_place *at = place == DFL__NOWHERE ? NULL : &graph->places[place];
    event->kind = kind;
    event->run = ctx->run->number;
    event->sequence = 0;
    event->ns = moment(ctx);
    event->since_ns = event->ns - ctx->run->began;
    event->span = dfl__span_now(ctx);
    event->parent = 0;
    event->graph = graph;
    event->place = place; /* DFL__NOWHERE is UINT32_MAX */
    event->to_place = UINT32_MAX;
    event->path = at ? at->name : graph->name;
    event->to = NULL;
    event->branch = at ? at->branch : -1;
    event->index = ctx->index;
    event->attempt = 0;
    event->status = 0;
    event->duration_ns = 0;
    event->error = NULL;
    event->checkpoint = 0;
    event->data.p = NULL;
    event->data.n = 0;
    event->worker = worker;
    event->values = NULL;
    event->n_values = 0;
    event->state = NULL;
    event->thread_id = NULL;
}

/* Of something that begins. */
static void start_init(dfl_event *event, dfl_ctx *ctx, dfl_event_kind kind, uint32_t place,
                       uint64_t span) {
    event_init(event, ctx, kind, place);
    event->parent = event->span;
    event->span = span;
}

static void emit(dfl_ctx *ctx, dfl_event *event) {
    const dfl_graph *graph = ctx->run->graph;
    if (graph->instrument)
        graph->instrument(event);
    if (!dfl__held_back(ctx, event))
        dfl__deliver(ctx->run, event);
}

/* Drawn only by runs with hooks; relaxed, since all that matters is that no two are the same. */
static uint64_t next_run_number(void) {
    static uint64_t last;
    return __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED);
}

void dfl__events_begin(dfl__run *run) {
    dfl_event event;
    run->wanted = all_wanted(run) & (DFL_EV_ALL | DFL_STREAM_UPDATES | DFL_STREAM_VALUES);
    if (!run->wanted)
        return;
    run->ctx.flags |= DFL__WATCH;
    dfl__spans_begin(&run->ctx, 1);
    run->has_values = false;
    run->ctx.last = 0;
    run->ctx.last_index = -1;
    run->event_lock = 0;
    run->forked = false;
    run->untimed = is_untimed(run);
    run->number = next_run_number();
    run->sequence = 0;
    run->spans = 1;
    new_moment(&run->ctx);
    run->began = moment(&run->ctx);
    if (!wanted(&run->ctx, DFL_EV_RUN))
        return;
    event_init(&event, &run->ctx, DFL_EVENT_RUN_START, DFL__NOWHERE);
    event.thread_id = run->options->thread_id;
    emit(&run->ctx, &event);
}

/* The state after a place of the outermost region: when its edge is taken, or the run ends. Until then
 * its updates may not all be there. */
static void tell_values(dfl_ctx *ctx) {
    dfl__run *run = ctx->run;
    dfl_event event;
    if (ctx != &run->ctx || !run->has_values)
        return;
    run->has_values = false;
    event_init(&event, ctx, DFL_EVENT_VALUES, ctx->last);
    event.state = run->state;
    emit(ctx, &event);
}

static void note_values(dfl_ctx *ctx, uint32_t place, int status) {
    if (status == DFL_OK && wanted(ctx, DFL_STREAM_VALUES) && ctx == &ctx->run->ctx &&
        ctx->run->graph->places[place].section < 0)
        ctx->run->has_values = true;
}

void dfl__events_end(dfl__run *run, int status) {
    dfl_event event;
    dfl_error error;
    new_moment(&run->ctx);
    tell_values(&run->ctx);
    dfl__spans_free(&run->ctx);
    if (!wanted(&run->ctx, DFL_EV_RUN))
        return;
    event_init(&event, &run->ctx, DFL_EVENT_RUN_END, DFL__NOWHERE);
    event.status = status;
    event.duration_ns = event.since_ns;
    if (status < 0) {
        dfl__error_from(&error, run->graph, &run->ctx.failure);
        event.error = &error;
    }
    dfl__deliver(run, &event);
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
    event_init(&event, ctx, DFL_EVENT_EDGE, ctx->last);
    event.to = ctx->run->graph->places[place].name;
    event.to_place = place;
    emit(ctx, &event);
}

/* A slow callback is not counted as the time of what it was told of. */
static int64_t begins_at(dfl_ctx *ctx) {
    const dfl_hooks *hooks = dfl__hooks_of(ctx);
    if (!wanted(ctx, DFL_EV_NODE | DFL_EV_SECTION | DFL_EV_BRANCH | DFL_EV_CHUNK | DFL_EV_PAUSE))
        return 0;
    return hooks && !hooks->quick && !ctx->run->untimed ? dfl__now() : moment(ctx);
}

static void push(dfl_ctx *ctx, uint64_t span, uint32_t place, int32_t branch) {
    dfl__span_push(ctx, begins_at(ctx), span, place, branch);
}

static void begin_node(dfl_ctx *ctx, uint32_t place) {
    uint64_t span = dfl__span_new(ctx);
    if (wanted(ctx, DFL_EV_NODE)) {
        dfl_event event;
        start_init(&event, ctx, DFL_EVENT_NODE_START, place, span);
        event.attempt = ctx->attempt;
        emit(ctx, &event);
    }
    push(ctx, span, place, -1);
}

static void begin_section(dfl_ctx *ctx, uint32_t place) {
    uint64_t span = dfl__span_new(ctx);
    if (wanted(ctx, DFL_EV_SECTION)) {
        dfl_event event;
        start_init(&event, ctx, DFL_EVENT_FORK, place, span);
        emit(ctx, &event);
    }
    push(ctx, span, place, -1);
}

static void note_last(dfl_ctx *ctx, uint32_t place) {
    ctx->last = place;
    ctx->last_index = ctx->index;
}

void dfl__event_enter(dfl_ctx *ctx, uint32_t place) {
    dfl_place_kind kind = ctx->run->graph->places[place].kind;
    new_moment(ctx);
    tell_values(ctx);
    edge_event(ctx, place);
    note_last(ctx, place);
    if (kind == DFL_PLACE_NODE)
        begin_node(ctx, place);
    else if (kind == DFL_PLACE_SECTION)
        begin_section(ctx, place);
}

/* A router has no start and no end, but edges lead to it and on. */
void dfl__event_pass(dfl_ctx *ctx, uint32_t place) {
    new_moment(ctx);
    tell_values(ctx);
    edge_event(ctx, place);
    note_last(ctx, place);
}

static void emit_end(dfl_ctx *ctx, dfl_event *event, int status) {
    dfl_error error;
    event->duration_ns = event->ns - dfl__span_pop(ctx, event->ns);
    event->parent = dfl__span_now(ctx);
    event->status = status;
    if (event->kind == DFL_EVENT_NODE_ERROR) {
        dfl__error_from(&error, ctx->run->graph, &ctx->failure);
        event->error = &error;
    }
    emit(ctx, event);
}

static void end_node(dfl_ctx *ctx, uint32_t place, int status) {
    dfl_event event;
    event_init(&event, ctx,
               status == DFL_PAUSED ? DFL_EVENT_PAUSED
               : status             ? DFL_EVENT_NODE_ERROR
                                    : DFL_EVENT_NODE_END,
               place);
    event.attempt = ctx->attempt;
    if (status == DFL_PAUSED) {
        dfl_str question = dfl__asks_question(ctx, place);
        event.data = (dfl_bytes){(const uint8_t *)question.p, question.n};
    }
    emit_end(ctx, &event, status);
}

void dfl__event_leave(dfl_ctx *ctx, uint32_t place, int status) {
    new_moment(ctx);
    note_last(ctx, place);
    note_values(ctx, place, status);
    if (wanted(ctx, status == DFL_PAUSED ? DFL_EV_PAUSE : DFL_EV_NODE))
        end_node(ctx, place, status);
    else
        dfl__span_pop(ctx, 0);
}

void dfl__event_join(dfl_ctx *ctx, uint32_t place, int status) {
    dfl_event event;
    new_moment(ctx);
    note_last(ctx, place);
    note_values(ctx, place, status);
    if (!wanted(ctx, DFL_EV_SECTION)) {
        dfl__span_pop(ctx, 0);
        return;
    }
    if (status == DFL_OK) {
        event_init(&event, ctx, DFL_EVENT_MERGE, place);
        emit(ctx, &event);
    }
    event_init(&event, ctx, DFL_EVENT_JOIN, place);
    emit_end(ctx, &event, status);
}

/* ---- branches ---- */

static void begin_branch(dfl_ctx *ctx, uint32_t section, int32_t branch) {
    uint64_t span = dfl__span_new(ctx);
    new_moment(ctx);
    if (wanted(ctx, DFL_EV_BRANCH)) {
        dfl_event event;
        start_init(&event, ctx, DFL_EVENT_BRANCH_START, section, span);
        event.branch = branch;
        emit(ctx, &event);
    }
    push(ctx, span, section, branch);
}

static void end_branch(dfl_ctx *ctx, uint32_t section, int32_t branch, int status) {
    dfl_event event;
    new_moment(ctx);
    if (!wanted(ctx, DFL_EV_BRANCH)) {
        dfl__span_pop(ctx, 0);
        return;
    }
    event_init(&event, ctx, DFL_EVENT_BRANCH_END, section);
    event.branch = branch;
    emit_end(ctx, &event, status);
}

/* One that goes on after a save has begun long since; see run.c, is_begun. */
uint32_t dfl__begin_branch(dfl_ctx *ctx, uint32_t section, int32_t branch, uint32_t at,
                           dfl_bytes *inner) {
    bool begins = at == DFL__FRESH || (at != DFL__DONE && !ctx->reentered);
    if ((ctx->flags & DFL__WATCH) && begins)
        begin_branch(ctx, section, branch);
    return at == DFL__FRESH ? at : dfl__enter(ctx, at, inner);
}

void dfl__end_branch(dfl_ctx *ctx, uint32_t section, int32_t branch) {
    if (ctx->flags & DFL__WATCH)
        end_branch(ctx, section, branch, DFL_OK);
}

/* What stands at `place` may have begun and ended without a call that tells so: where an input of a
 * subgraph cannot be computed, say. A region that stops takes its branch with it. */
void dfl__event_stop(dfl_ctx *ctx, uint32_t place, int status) {
    dfl__span span;
    if (dfl__span_top(ctx, &span) && span.branch == -1 && span.place == place) {
        if (ctx->run->graph->places[place].kind == DFL_PLACE_SECTION)
            dfl__event_join(ctx, place, status);
        else
            dfl__event_leave(ctx, place, status);
    }
    if (dfl__span_top(ctx, &span) && span.branch >= 0)
        end_branch(ctx, span.place, span.branch, status);
}

void dfl__event_chunk_begin(dfl_ctx *ctx, uint32_t place, uint32_t chunk) {
    uint64_t span = dfl__span_new(ctx);
    new_moment(ctx);
    if (wanted(ctx, DFL_EV_CHUNK)) {
        dfl_event event;
        start_init(&event, ctx, DFL_EVENT_CHUNK_START, place, span);
        event.branch = (int32_t)chunk;
        emit(ctx, &event);
    }
    push(ctx, span, place, DFL__CHUNK_SPAN);
}

void dfl__event_chunk_end(dfl_ctx *ctx, uint32_t place, uint32_t chunk, int status) {
    dfl_event event;
    new_moment(ctx);
    if (!wanted(ctx, DFL_EV_CHUNK)) {
        dfl__span_pop(ctx, 0);
        return;
    }
    event_init(&event, ctx, DFL_EVENT_CHUNK_END, place);
    event.branch = (int32_t)chunk;
    emit_end(ctx, &event, status);
}

void dfl__wrote(dfl_ctx *ctx, uint32_t place, const dfl_value *values, uint32_t n) {
    dfl_event event;
    if (!(ctx->flags & DFL__WATCH) || !wanted(ctx, DFL_STREAM_UPDATES))
        return;
    event_init(&event, ctx, DFL_EVENT_UPDATES, place);
    event.values = values;
    event.n_values = n;
    emit(ctx, &event);
}

/* A node is not entered any more, but the edge to it was taken. */
void dfl__event_limit(dfl_ctx *ctx, uint32_t place) {
    dfl_event event;
    new_moment(ctx);
    if (ctx->run->graph->places[place].kind == DFL_PLACE_NODE) {
        tell_values(ctx);
        edge_event(ctx, place);
    }
    if (!wanted(ctx, DFL_EV_LIMIT))
        return;
    event_init(&event, ctx, DFL_EVENT_LIMIT, place);
    event.status = DFL_ELIMIT;
    emit(ctx, &event);
}

void dfl__event_retry(dfl_ctx *ctx) {
    dfl_event event;
    new_moment(ctx);
    if (!wanted(ctx, DFL_EV_RETRY))
        return;
    event_init(&event, ctx, DFL_EVENT_RETRY, ctx->last);
    event.attempt = ctx->attempt + 1;
    event.status = DFL_ENODE;
    emit(ctx, &event);
}

void dfl__event_again(dfl_ctx *ctx) {
    new_moment(ctx);
    begin_node(ctx, ctx->last);
}

void dfl__event_timeout(dfl_ctx *ctx, uint32_t place) {
    dfl_event event;
    new_moment(ctx);
    if (!wanted(ctx, DFL_EV_TIMEOUT))
        return;
    event_init(&event, ctx, DFL_EVENT_TIMEOUT, place);
    event.attempt = ctx->attempt;
    event.status = DFL_ETIMEOUT;
    emit(ctx, &event);
}

void dfl__event_checkpoint(dfl_ctx *ctx, dfl_event_kind kind, uint64_t id, uint32_t place) {
    dfl_event event;
    new_moment(ctx);
    if (!wanted(ctx, DFL_EV_CHECKPOINT))
        return;
    event_init(&event, ctx, kind, place);
    event.checkpoint = id;
    emit(ctx, &event);
}

void dfl__event_paused(dfl_ctx *ctx, uint32_t place) {
    dfl_event event;
    new_moment(ctx);
    if (!wanted(ctx, DFL_EV_PAUSE))
        return;
    event_init(&event, ctx, DFL_EVENT_PAUSED, place);
    event.attempt = ctx->attempt;
    event.status = DFL_PAUSED;
    emit(ctx, &event);
}

void dfl__event_resumed(dfl__run *run, uint32_t place) {
    dfl_event event;
    if (!wanted(&run->ctx, DFL_EV_PAUSE))
        return;
    new_moment(&run->ctx);
    event_init(&event, &run->ctx, DFL_EVENT_RESUMED, place);
    dfl__deliver(run, &event);
}

/* The node that emits is the place begun last: with DFL__WATCH every place notes itself. */
void dfl_emit(dfl_ctx *ctx, const char *name, dfl_bytes data) {
    dfl_event event;
    if (!(ctx->flags & DFL__WATCH) || !wanted(ctx, DFL_EV_CUSTOM))
        return;
    new_moment(ctx);
    event_init(&event, ctx, DFL_EVENT_CUSTOM, ctx->last);
    event.to = name ? name : "";
    event.data = data;
    emit(ctx, &event);
}
