/* Attempts of a node: retries with their waits, timeouts, and what error edges keep. */
#define _POSIX_C_SOURCE 200809L
#include <time.h>

#include "internal.h"

/* ---- retry ---- */

/* A wait is cut into pieces of at most this, between which cancel and deadline are looked at: a
 * signal handler can set the word of a dfl_cancel, but wake nobody. */
#define SLICE_NS INT64_C(5000000)

static bool cancelled(const dfl_ctx *ctx) {
    return __atomic_load_n(ctx->cancel, __ATOMIC_RELAXED) != 0;
}

static bool past_deadline(const dfl_ctx *ctx, int64_t now) {
    return (ctx->flags & DFL__CLOCK) && now >= ctx->deadline;
}

static void sleep_ns(int64_t ns) {
    struct timespec t = {(time_t)(ns / 1000000000), (long)(ns % 1000000000)};
    nanosleep(&t, NULL); /* a signal ends it early: the loop around looks at the clock */
}

/* DFL_OK when the time has passed, else why the wait was ended. */
static int wait_ns(dfl_ctx *ctx, int64_t ns) {
    int64_t now = dfl__now(), until = ns > INT64_MAX - now ? INT64_MAX : now + ns;
    for (;;) {
        if (cancelled(ctx))
            return dfl__failed(ctx, DFL_ECANCELLED, 0, DFL__NOWHERE, "cancelled in a retry's wait");
        if (past_deadline(ctx, now))
            return dfl__failed(ctx, DFL_ETIMEOUT, 0, DFL__NOWHERE,
                               "the run's time was over in a retry's wait");
        if (now >= until)
            return DFL_OK;
        sleep_ns(until - now < SLICE_NS ? until - now : SLICE_NS);
        now = dfl__now();
    }
}

/* every, 2 every, 4 every .. cap; a retry is the attempt-th when `attempt` attempts have failed. */
static int64_t backoff(uint32_t attempt, int64_t every_ns, int64_t cap_ns) {
    int64_t wait = every_ns;
    uint32_t i;
    for (i = 1; i < attempt && wait < cap_ns; i++)
        wait = wait > cap_ns / 2 ? cap_ns : wait * 2;
    return wait < cap_ns ? wait : cap_ns;
}

/* Up to a quarter less, so that runs that failed together do not come back together. The bits need
 * only differ between runs: the clock's low ones, mixed by splitmix64's finalizer (Steele, Lea,
 * Flood 2014). */
static int64_t with_jitter(int64_t wait) {
    uint64_t z = (uint64_t)dfl__now();
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    z ^= z >> 31;
    return wait - (int64_t)((uint64_t)(wait / 4) * (z >> 48) >> 16);
}

/* What was kept, and asked, within a subgraph was of the attempt that is over. */
static void next_attempt(dfl_ctx *ctx) {
    ctx->attempt++;
    dfl__drop_inner(ctx);
    dfl__asks_caught(ctx, DFL__FAILED_AROUND);
}

/* note [attempts of a run that stops]
 * A node that pauses goes on with the attempt that it paused in, and one that is stopped in a wait with the next one:
 * ctx->attempt says which, and is kept with the place where the run stands (position.c). With any other failure the
 * node has failed: whoever comes to it again has all its attempts. */
bool dfl__retry(dfl_ctx *ctx, int *rc, uint64_t attempts, int64_t every_ns, int64_t cap_ns) {
    dfl__failure failure;
    int status;
    if (*rc != DFL_ENODE || ctx->failure.fatal || ctx->attempt > attempts) {
        if (*rc < 0)
            ctx->attempt = 1;
        return false;
    }
    if (ctx->flags & DFL__WATCH)
        dfl__event_retry(ctx);
    failure = ctx->failure;
    status = every_ns > 0 ? wait_ns(ctx, with_jitter(backoff(ctx->attempt, every_ns, cap_ns)))
                          : wait_ns(ctx, 0);
    if (status != DFL_OK) {
        if (status == DFL_ETIMEOUT && (ctx->flags & DFL__WATCH))
            dfl__event_timeout(ctx, ctx->last);
        ctx->failure.place = failure.place;
        ctx->failure.attempt = failure.attempt;
        next_attempt(ctx);
        *rc = status;
        return false;
    }
    next_attempt(ctx);
    if (ctx->flags & DFL__WATCH)
        dfl__event_again(ctx);
    return true;
}

/* ---- timeout ---- */

dfl__timer dfl__time(dfl_ctx *ctx, int64_t timeout_ns) {
    int64_t now = dfl__now();
    dfl__timer timer = {timeout_ns > INT64_MAX - now ? INT64_MAX : now + timeout_ns,
                        (ctx->flags & DFL__CLOCK) ? ctx->deadline : INT64_MAX};
    ctx->deadline = timer.mine < timer.outer ? timer.mine : timer.outer;
    ctx->flags |= DFL__CLOCK;
    return timer;
}

/* Puts the outer deadline back; whether the node's own has passed. */
static bool end_timeout(dfl_ctx *ctx, dfl__timer timer) {
    ctx->deadline = timer.outer;
    if (timer.outer == INT64_MAX)
        ctx->flags &= ~DFL__CLOCK;
    return dfl__now() >= timer.mine;
}

int dfl__timed(dfl_ctx *ctx, dfl__timer timer, int rc) {
    if (!end_timeout(ctx, timer))
        return rc;
    ctx->flags |= DFL__LATE;
    if (ctx->flags & DFL__WATCH)
        dfl__event_timeout(ctx, ctx->last);
    return rc ? rc : dfl_fail(ctx, DFL_ETIMEOUT, "it returned after its timeout");
}

/* Within the subgraph its timeout was the run's deadline: here it becomes the node's failure, and where the subgraph
 * stood then is no place to go on from. A node in there that was late does not make this one late. */
int dfl__timed_graph(dfl_ctx *ctx, dfl__timer timer, uint32_t place, int rc) {
    bool late = end_timeout(ctx, timer);
    if (rc == DFL_ENODE)
        ctx->failure.late = late;
    if (!late || (rc != DFL_OK && rc != DFL_ENODE && rc != DFL_ETIMEOUT))
        return rc;
    if (ctx->flags & DFL__WATCH)
        dfl__event_timeout(ctx, place);
    if (rc == DFL_ENODE)
        return rc;
    dfl__drop_inner(ctx);
    dfl__asks_caught(ctx, DFL__FAILED_AROUND);
    (void)dfl__failed(ctx, DFL_ENODE, DFL_ETIMEOUT, place, "it ended after its timeout");
    ctx->failure.late = true;
    return DFL_ENODE;
}

/* ---- error edges ---- */

static const dfl_error no_error;

const dfl_error *dfl_last_error(dfl_ctx *ctx) {
    return ctx->last_error ? ctx->last_error : &no_error;
}

bool dfl__caught(dfl_ctx *ctx) {
    dfl__error_from(&ctx->caught, ctx->run->graph, &ctx->failure);
    ctx->last_error = &ctx->caught;
    dfl__drop_inner(ctx);
    dfl__asks_caught(ctx, DFL__FAILED);
    return true;
}

bool dfl__caught_late(dfl_ctx *ctx) {
    return ctx->failure.late && dfl__caught(ctx);
}

void dfl__set_last_error(dfl_ctx *ctx, const dfl_error *error) {
    ctx->caught = *error;
    ctx->last_error = error->status == DFL_OK ? NULL : &ctx->caught;
}

/* ---- routers ---- */

void dfl__route(dfl_ctx *ctx, uint32_t place) {
    dfl__event_pass(ctx, place);
}

int dfl__routed(dfl_ctx *ctx, uint32_t place, bool known) {
    uint32_t seen = ctx->flags;
    ctx->flags &= ~DFL__ATTEMPT;
    if (seen & DFL__NOMEM)
        return dfl__failed(ctx, DFL_ENOMEM, 0, place, "out of memory");
    if (seen & DFL__MESSAGE)
        return dfl__node_failed(ctx, place, ctx->failure.code, seen);
    if (!known)
        return dfl__failed(ctx, DFL_EGUARD, 0, place, "the router's answer is none of its targets");
    return DFL_OK;
}
