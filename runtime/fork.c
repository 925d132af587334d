/* A threaded section: its branches as chunks of a job, and what they leave behind.
 *
 * A branch runs on a ctx and memory of its own, both on the stack of the thread that runs it, where
 * they are warm. Most leave nothing but their frame: then nobody looks at them again, and the join of
 * fifty branches reads no more than their results. One that allocated, failed, paused or held events
 * back leaves a record in its own memory, at `ended`; the caller adopts it.
 *
 * note [rent or buy]
 * While workers sleep, a section that would only gain with workers that are awake runs inline, and
 * what it would have gained is added up. When that has come to the price of a wake-up, one is paid.
 * So many small sections in a row do get their workers, and never lose more than about as much
 * again. The section runs inline all the same, so the price is what the caller pays, not how long the
 * workers are on their way.
 *
 * The next section cannot begin before this one has ended, so what was woken looks for work until then, and as long
 * as ever after. Where sections come too seldom for that, a wake-up is bought in vain, and the next one costs twice as
 * much, until a section has found workers awake. What takes LONG_NS inline is not waited for: it would gain with
 * workers that it has to wake, or there is little to gain. */
#define _GNU_SOURCE

#include "event.h"
#include "fork.h"
#include "kept.h"
#include "mem.h"
#include "pool.h"

/* What a wake-up costs the caller, and what is lost until the worker is there (POOL: 7 to 11 us, and
 * 29 to 44 us of a worker's time): what a wake-up must promise to be paid for in advance. */
enum { WAKE_NS = 20 * 1000 };
/* What it costs the caller alone: 6 to 10 us, 8 to 21 after 2 ms. */
enum { RING_NS = 10 * 1000, MOST_IN_VAIN = 6 };
enum { LONG_NS = 200 * 1000 };

enum { CHUNKS_PER_THREAD = 4, LEAST_CHUNK_NS = 1500 };

/* ---- one branch ---- */

void dfl__fork_begin_line(const Fork *fork, Line *line, uint32_t i, void *frame, const dfl_type *type) {
    const dfl_ctx *parent = fork->ctx;
    dfl_ctx *ctx = &line->ctx;
    dfl__mem_init(&line->mem);
    line->root.base = frame;
    line->root.type = type;
    line->root.next = NULL;
    ctx->flags = parent->flags & (DFL__WATCH | DFL__CLOCK | DFL__POLL | DFL__COUNT | DFL__ASKS);
    ctx->attempt = 1;
    ctx->cancel = parent->cancel;
    ctx->mem = &line->mem;
    ctx->run = parent->run;
    ctx->roots = &line->root; /* also without pointers: then nothing of its memory is alive */
    ctx->deadline = parent->deadline;
    ctx->index = parent->index;
    ctx->last = parent->last;
    ctx->last_index = parent->last_index;
    ctx->nodes = ctx->at_risk_ns = 0;
    ctx->user = parent->user;
    ctx->last_error = parent->last_error;
    ctx->outer = NULL;
    /* One by one, as where a run begins. */
    ctx->inner.p = NULL, ctx->inner.n = 0;
    ctx->resume.p = NULL, ctx->resume.n = 0;
    ctx->passed = DFL__NOWHERE;
    ctx->pending = NULL;
    ctx->kept = fork->keeping ? &fork->keeping->branches[i] : NULL;
    ctx->around = parent->around;
    ctx->closed = 0;
    ctx->reentered = false;
    dfl__held_begin(parent, ctx);
}

/* A pause is none: the other branches run on. */
static bool is_failure(const Fork *fork, int status) {
    return status != DFL_OK && status != DFL_PAUSED && !(fork->settle && status == DFL_ENODE);
}

static void lower(atomic_uint *word, unsigned to) {
    unsigned seen = atomic_load_explicit(word, memory_order_relaxed);
    while (to < seen && !atomic_compare_exchange_weak_explicit(
                            word, &seen, to, memory_order_relaxed, memory_order_relaxed))
        ;
}

static bool leaves_nothing(const Line *line, int status) {
    return status == DFL_OK && !line->mem.chunks && !line->ctx.held;
}

/* Where there is no memory for a record, what the branch allocated goes to fork->spare, for its frame
 * may point there. Nothing else is to be told of a branch that succeeded, and of one that paused just
 * that; but one that failed has failed for want of memory now. */
static dfl__ended only_paused = {.status = DFL_PAUSED};
static dfl__ended lost = {.status = DFL_ENOMEM,
                          .ctx.failure = {.status = DFL_ENOMEM,
                                          .place = DFL__NOWHERE,
                                          .attempt = 1,
                                          .index = -1,
                                          .message = "no memory for what a branch has left"}};

/* Bytes of a ctx that are told: all, but of a branch that went well, and caught nothing, not even half of them. */
static size_t told_by(const dfl_ctx *ctx, int status) {
    return status != DFL_OK || ctx->last_error == &ctx->caught ? sizeof *ctx : offsetof(dfl_ctx, failure);
}

/* The record lies in the memory that it is about: who adopts that has it, too. */
static dfl__ended *record_of(Fork *fork, Line *line, int status) {
    size_t told = told_by(&line->ctx, status);
    dfl__ended *ended = dfl__mem_alloc(&line->mem, offsetof(dfl__ended, ctx) + told);
    if (!ended) {
        dfl__held_release(&line->ctx);
        dfl__lock(&fork->spare_lock);
        dfl__mem_adopt(&fork->spare, &line->mem);
        dfl__unlock(&fork->spare_lock);
        return status == DFL_OK ? NULL : status == DFL_PAUSED ? &only_paused : &lost;
    }
    ended->status = status;
    ended->mem = line->mem;
    memcpy(&ended->ctx, &line->ctx, told);
    ended->ctx.mem = &ended->mem;
    if (line->ctx.last_error == &line->ctx.caught)
        ended->ctx.last_error = &ended->ctx.caught;
    if (status < 0)
        dfl__asks_joined(&ended->ctx, &line->ctx);
    return ended;
}

static void leave_record(Fork *fork, uint32_t i, Line *line, int status) {
    dfl__ended *ended = record_of(fork, line, status);
    if (ended == &lost || is_failure(fork, status))
        lower(&fork->failed, i);
    fork->ended[i] = ended;
    atomic_store_explicit(&fork->left, true, memory_order_relaxed);
}

const dfl__task *dfl__fork_task(const Fork *fork, uint32_t i) {
    return fork->section ? &fork->section->tasks[i] : &fork->each->chunk;
}

/* As numbers: tests give addresses, from no frames at all. */
void *dfl__fork_frame(const Fork *fork, uint32_t i) {
    size_t offset = fork->section ? fork->section->tasks[i].frame : i * fork->each->size;
    return (void *)((uintptr_t)fork->frames + offset);
}

/* A branch that saves by itself comes back each time that it does. */
static int run_saving(dfl_ctx *ctx, const dfl__task *task, void *frame) {
    int status = task->body(ctx, frame);
    while (status == DFL__SAVING) {
        status = dfl__kept_save(ctx, task->type, frame);
        if (status == DFL_OK)
            status = task->body(ctx, frame);
    }
    if (status == DFL_OK || status == DFL_PAUSED)
        status = dfl__kept_ended(ctx, task->type, frame, status);
    return status;
}

static int run_body(const Fork *fork, uint32_t i, Line *line, void *frame) {
    const dfl__task *task = dfl__fork_task(fork, i);
    bool tells = !fork->section && (line->ctx.flags & DFL__WATCH);
    int status;
    if (DFL__RARELY(tells))
        dfl__event_chunk_begin(&line->ctx, fork->each->place, i);
    status = line->ctx.kept ? run_saving(&line->ctx, task, frame) : task->body(&line->ctx, frame);
    if (DFL__RARELY(tells))
        dfl__event_chunk_end(&line->ctx, fork->each->place, i, status);
    if (line->ctx.flags & DFL__WATCH)
        dfl__spans_free(&line->ctx);
    return status;
}

/* In the order in which branches are dealt out, one above the lowest failed one may be skipped, and
 * none below it ever is: which one is lowest does not depend on timing. */
bool dfl__fork_skips(const Fork *fork, uint32_t i) {
    return i > atomic_load_explicit(&fork->failed, memory_order_relaxed);
}

void dfl__fork_end_line(Fork *fork, uint32_t i, Line *line, int status) {
    if (line->ctx.nodes)
        atomic_fetch_add_explicit(&fork->nodes, line->ctx.nodes, memory_order_relaxed);
    if (line->ctx.at_risk_ns)
        atomic_fetch_add_explicit(&fork->at_risk_ns, line->ctx.at_risk_ns, memory_order_relaxed);
    if (line->ctx.flags & DFL__SAVE)
        atomic_fetch_or_explicit(&fork->flags, DFL__SAVE, memory_order_relaxed);
    if (!leaves_nothing(line, status))
        leave_record(fork, i, line, status);
}

/* A task that has not begun, or not on this side of a fork(). */
static void fork_frames_of(const Fork *fork, uint32_t i) {
    if (fork->section && fork->section->forks)
        fork->section->forks[i](fork->frames);
}

void dfl__fork_branch(Fork *fork, uint32_t i) {
    const dfl__task *task = dfl__fork_task(fork, i);
    void *frame = dfl__fork_frame(fork, i);
    Line line;
    if (dfl__fork_skips(fork, i)) {
        fork_frames_of(fork, i);
        return;
    }
    dfl__fork_begin_line(fork, &line, i, frame, task->type);
    dfl__fork_end_line(fork, i, &line, run_body(fork, i, &line, frame));
}

static void run_chunk(dfl__job *job, uint32_t k) {
    Fork *fork = (Fork *)job;
    const dfl__section *section = fork->section;
    if (!section) {
        dfl__fork_branch(fork, k);
        return;
    }
    for (uint32_t at = k ? section->chunk_end[k - 1] : 0; at < section->chunk_end[k]; at++)
        dfl__fork_branch(fork, section->order[at]);
}

/* ---- the join ---- */

static bool join_branch(dfl_ctx *ctx, dfl__ended *ended) {
    if (!ended || ended == &lost || ended == &only_paused)
        return ended == &only_paused;
    dfl__mem_adopt(ctx->mem, &ended->mem);
    dfl__held_join(ctx, &ended->ctx);
    if (ended->status < 0)
        dfl__asks_joined(ctx, &ended->ctx);
    return ended->status == DFL_PAUSED;
}

/* Whether a branch has paused before the lowest one that failed. */
static bool join_all(Fork *fork) {
    dfl_ctx *ctx = fork->ctx;
    unsigned failed = atomic_load_explicit(&fork->failed, memory_order_relaxed);
    bool paused = false;
    uint64_t nodes = atomic_load_explicit(&fork->nodes, memory_order_relaxed);
    uint64_t at_risk_ns = atomic_load_explicit(&fork->at_risk_ns, memory_order_relaxed);
    uint32_t flags = atomic_load_explicit(&fork->flags, memory_order_relaxed);
    /* Written only where there is something: workers have the lines of ctx at hand. */
    if (nodes)
        ctx->nodes += nodes;
    if (at_risk_ns)
        ctx->at_risk_ns += at_risk_ns;
    if (flags)
        ctx->flags |= flags;
    if (!atomic_load_explicit(&fork->left, memory_order_relaxed))
        return false;
    for (uint32_t i = 0; i < fork->n; i++)
        paused |= join_branch(ctx, fork->ended[i]) && i < failed;
    if (fork->spare.chunks)
        dfl__mem_adopt(ctx->mem, &fork->spare);
    if (dfl__mem_due(ctx->mem))
        ctx->flags |= DFL__RECLAIM;
    return paused;
}

/* Only after a fork() within the section: threads that had begun branches are in the parent process. */
static int lose_branches(const Fork *fork) {
    for (uint32_t i = 0; i < fork->n; i++)
        fork_frames_of(fork, i);
    return dfl__failed(fork->ctx, DFL_ECANCELLED, 0, DFL__NOWHERE,
                       "the process was forked within a section");
}

static int failure_of(dfl_ctx *ctx, const dfl__ended *ended) {
    ctx->failure = ended->ctx.failure;
    return ended->status;
}

static dfl_pool *pool_of(const dfl_ctx *ctx) {
    dfl_pool *pool = ctx->run ? ctx->run->options->pool : NULL;
    return pool ? pool : dfl__shared_pool();
}

static bool run_chunks_of(Fork *fork) {
    const void *const near[] = {fork->frames, fork->ctx->run ? fork->ctx->run->state : NULL};
    return dfl__pool_run(pool_of(fork->ctx), &fork->job, near);
}

static int run_fork(Fork *fork) {
    const dfl__spread *spread = dfl__spread_of(fork);
    bool whole = true, tells = dfl__events_forked(fork->ctx), paused;
    int broken = DFL_OK;
    unsigned failed;
    fork->job.chunk = run_chunk;
    atomic_init(&fork->failed, fork->n);
    atomic_init(&fork->nodes, 0);
    atomic_init(&fork->at_risk_ns, 0);
    atomic_init(&fork->flags, 0);
    atomic_init(&fork->left, false);
    if (spread)
        broken = dfl__spread_run(fork, spread);
    else
        whole = run_chunks_of(fork);
    if (tells)
        dfl__events_joined(fork->ctx);
    paused = join_all(fork);
    if (broken != DFL_OK)
        return broken;
    if (!whole)
        return lose_branches(fork);
    failed = atomic_load_explicit(&fork->failed, memory_order_relaxed);
    return dfl__joined(
        fork->ctx, failed < fork->n ? failure_of(fork->ctx, fork->ended[failed]) : DFL_OK, paused);
}

static bool keep_frames(const Fork *fork, dfl__keeping *keeping) {
    bool all = true;
    for (uint32_t i = 0; all && i < fork->n; i++)
        all = dfl__keeping_frame(keeping, i, dfl__fork_task(fork, i)->type, dfl__fork_frame(fork, i));
    return all;
}

/* Branches that can save before the join get what that takes. */
static int run_keeping(Fork *fork) {
    uint32_t place = dfl__fork_place(fork);
    dfl__keeping keeping;
    int status;
    if (!dfl__keeping_begin(&keeping, fork->ctx, place, !fork->section, fork->n))
        return run_fork(fork);
    if (keep_frames(fork, &keeping))
        fork->keeping = &keeping;
    status = run_fork(fork);
    dfl__keeping_end(&keeping);
    return status;
}

static int run(Fork *fork, bool saves) {
    if (fork->n == 0)
        return DFL_OK;
    return DFL__RARELY(saves && dfl__may_keep(fork->ctx)) ? run_keeping(fork) : run_fork(fork);
}

/* What a branch that was done before a resume had failed with is beside the branches' frames, which is all that a
 * branch saves: then saves wait for the section's end. */
static bool may_hold_faults(const dfl__section *section, const void *frames, bool settle) {
    for (uint32_t k = 0; settle && k < section->n; k++) {
        const dfl__task *task = &section->tasks[k];
        if (task->type && dfl__has_ended(task->type, (const char *)frames + task->frame))
            return true;
    }
    return false;
}

static int run_branches(dfl_ctx *ctx, const dfl__section *section, void *frames, bool settle,
                        bool spread, dfl__ended **ended) {
    Fork fork = {.job = {.n = section->n_chunks, .share = section->even ? DFL__SHARE : DFL__ONE_CHUNK},
                 .ctx = ctx,
                 .section = section,
                 .frames = frames,
                 .n = section->n,
                 .settle = settle,
                 .spread = spread,
                 .ended = ended};
    return run(&fork, section->saves && !may_hold_faults(section, frames, settle));
}

int dfl__threads(dfl_ctx *ctx, const dfl__section *section, void *frames, bool settle,
                 dfl__ended **ended) {
    return run_branches(ctx, section, frames, settle, false, ended);
}

int dfl__on_ranks(dfl_ctx *ctx, const dfl__section *section, void *frames, bool settle,
                  dfl__ended **ended) {
    return run_branches(ctx, section, frames, settle, true, ended);
}

static int run_chunks(dfl_ctx *ctx, const dfl__each *each, void *chunks, uint32_t n, bool spread,
                      dfl__ended **ended) {
    Fork fork = {.job = {.n = n, .share = DFL__HALF_SHARE},
                 .ctx = ctx,
                 .each = each,
                 .frames = chunks,
                 .n = n,
                 .spread = spread,
                 .ended = ended};
    return run(&fork, each->saves);
}

int dfl__thread_chunks(dfl_ctx *ctx, const dfl__each *each, void *chunks, uint32_t n,
                       dfl__ended **ended) {
    return run_chunks(ctx, each, chunks, n, false, ended);
}

int dfl__chunks_on_ranks(dfl_ctx *ctx, const dfl__each *each, void *chunks, uint32_t n,
                         dfl__ended **ended) {
    return run_chunks(ctx, each, chunks, n, true, ended);
}

/* ---- when threads pay ---- */

/* Index for a number of threads; -1: too few. */
static int cpu_count(unsigned threads) {
    return threads >= 16 ? 3 : threads >= 8 ? 2 : threads >= 4 ? 1 : threads >= 2 ? 0 : -1;
}

static bool is_shy(dfl_pool *pool) {
    int64_t until = atomic_load_explicit(&pool->shy_until, memory_order_relaxed);
    if (until == 0)
        return false;
    if (dfl__now() < until)
        return true;
    atomic_store_explicit(&pool->shy_until, 0, memory_order_relaxed);
    return false;
}

/* note [rent or buy] */
static void miss(dfl_pool *pool, int64_t gain, int64_t work_ns) {
    unsigned in_vain = atomic_load_explicit(&pool->in_vain, memory_order_relaxed);
    int64_t missed;
    if (work_ns > LONG_NS)
        return;
    missed = atomic_fetch_add_explicit(&pool->missed_ns, gain, memory_order_relaxed) + gain;
    if (missed < (int64_t)RING_NS << in_vain)
        return;
    atomic_store_explicit(&pool->missed_ns, 0, memory_order_relaxed);
    if (in_vain < MOST_IN_VAIN)
        atomic_store_explicit(&pool->in_vain, in_vain + 1, memory_order_relaxed);
    atomic_store_explicit(&pool->look_until, dfl__now() + work_ns + pool->spin_ns,
                          memory_order_relaxed);
    dfl__pool_start(pool);
    dfl__pool_wake(pool, pool->threads - 1);
}

static void found_awake(dfl_pool *pool) {
    if (atomic_load_explicit(&pool->in_vain, memory_order_relaxed) > 0)
        atomic_store_explicit(&pool->in_vain, 0, memory_order_relaxed);
}

/* Workers that are awake; while they have not been started they count as asleep. */
static unsigned awake(const dfl_pool *pool) {
    unsigned n = atomic_load_explicit(&pool->n_workers, memory_order_relaxed);
    unsigned sleeping = atomic_load_explicit(&pool->sleeping, memory_order_relaxed);
    return n > sleeping ? n - sleeping : 0;
}

/* Not on the way back to what a save has parked: its branches have begun on this thread, and are told of as
 * open there. */
bool dfl__pays(dfl_ctx *ctx, const dfl__gain gain[DFL__CPU_COUNTS], int64_t work_ns) {
    dfl_pool *pool = pool_of(ctx);
    int all = cpu_count(pool->threads), now = cpu_count(awake(pool) + 1);
    if (all < 0 || ctx->reentered || is_shy(pool))
        return false;
    if (now >= 0 && gain[now].hot > 0) {
        found_awake(pool);
        return true;
    }
    if (gain[all].cold > 0)
        return true;
    if (gain[all].hot > 0)
        miss(pool, gain[all].hot, work_ns);
    return false;
}

bool dfl__pays_each(dfl_ctx *ctx, const dfl__pays_from from[DFL__CPU_COUNTS], uint64_t n,
                    int64_t work_ns) {
    dfl_pool *pool = pool_of(ctx);
    int all = cpu_count(pool->threads), now = cpu_count(awake(pool) + 1);
    if (all < 0 || is_shy(pool))
        return false;
    if (now >= 0 && n >= from[now].hot) {
        found_awake(pool);
        return true;
    }
    if (n >= from[all].cold)
        return true;
    /* Half of the work is what two would share; there is not so much of it that this overflows. */
    if (n >= from[all].hot)
        miss(pool, (int64_t)n * work_ns / 2, (int64_t)n * work_ns);
    return false;
}

void dfl__expect(dfl_ctx *ctx, const dfl__gain gain[DFL__CPU_COUNTS], int64_t ns) {
    dfl_pool *pool = pool_of(ctx);
    int all = cpu_count(pool->threads);
    int64_t cold;
    if (all < 0 || is_shy(pool))
        return;
    atomic_store_explicit(&pool->expected_at, dfl__now() + ns, memory_order_relaxed);
    if (awake(pool) > 0)
        return;
    /* A wake-up now is paid by what the section gains more than with workers that it has to wake. */
    cold = gain[all].cold > 0 ? gain[all].cold : 0;
    if (gain[all].hot - cold < WAKE_NS)
        return;
    dfl__pool_start(pool);
    dfl__pool_wake(pool, pool->threads - 1);
}

uint32_t dfl__chunks(dfl_ctx *ctx, uint64_t n, int64_t work_ns) {
    unsigned threads = pool_of(ctx)->threads;
    uint64_t most = threads < 2 ? 1 : (uint64_t)threads * CHUNKS_PER_THREAD;
    uint64_t worth = work_ns <= 0                         ? most
                     : n > UINT64_MAX / (uint64_t)work_ns ? most
                                                          : n * (uint64_t)work_ns / LEAST_CHUNK_NS;
    if (worth < most)
        most = worth < threads ? threads : worth;
    if (most > DFL__MAX_CHUNKS)
        most = DFL__MAX_CHUNKS;
    if (n < most)
        most = n;
    return most < 1 ? 1 : (uint32_t)most;
}
