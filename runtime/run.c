/* A run: how it begins, what happens between its places when anything is to be done there, and how
 * it ends.
 *
 * A plain run passes through dfl__run_begin and dfl__run_end only: its generated code finds
 * ctx->flags zero and never calls the slow paths. Whatever is asked for (a deadline, hooks, a
 * store) is a flag that sends it here, before and after every place. */
#include <errno.h>

#include "kept.h"
#include "mem.h"

static const dfl_run plain_run;

static dfl__mem *mem_of(const dfl_graph *graph, void *state) {
    return (dfl__mem *)(void *)((char *)state + graph->mem_offset);
}

static bool is_outermost(const dfl_ctx *ctx, uint32_t place) {
    return ctx == &ctx->run->ctx && ctx->run->graph->places[place].section < 0;
}

static uint32_t end_of(const dfl_graph *graph) {
    return graph->n_nodes - 1;
}

/* With DFL_ESTORE errno is the caller's to read, whatever was called since. */
static void leave_errno(int status, const dfl__failure *failure) {
    if (status == DFL_ESTORE)
        errno = failure->code;
}

/* ---- begin ---- */

/* Sets what every run needs, member by member: clearing the whole of it would cost more than the
 * rest of a small run. What belongs to hooks or a store is set where those are begun. */
static void begin_plain(dfl__run *run, const dfl_graph *graph, void *state, const dfl_run *options,
                        uint64_t *counts, uint32_t n_counts) {
    dfl_ctx *ctx = &run->ctx;
    ctx->flags = 0;
    ctx->attempt = 1;
    ctx->cancel = options->cancel ? &options->cancel->requested : &dfl__never;
    ctx->mem = mem_of(graph, state);
    ctx->run = run;
    ctx->roots = &run->root;
    ctx->user = options->user;
    ctx->index = -1;
    ctx->passed = DFL__NOWHERE;
    ctx->last_error = NULL;
    ctx->pending = NULL;
    ctx->around = NULL;
    ctx->held = NULL;
    ctx->kept = NULL;
    /* One by one: assigning one to the other would read back what has just been written in halves. */
    ctx->inner.p = NULL, ctx->inner.n = 0;
    ctx->resume.p = NULL, ctx->resume.n = 0;
    ctx->nodes = 0;
    ctx->closed = 0;
    ctx->reentered = false;
    run->graph = graph;
    run->state = state;
    run->options = options;
    run->counts = counts;
    run->n_counts = n_counts;
    run->root.base = state;
    run->root.type = graph->state;
    run->root.next = NULL;
    memset(&run->inner, 0, offsetof(dfl__run, saves) - offsetof(dfl__run, inner));
    run->saves = false;
}

/* The state is another run's from now on: where an earlier one paused means nothing any more. */
static void forget_stand(dfl__mem *mem) {
    dfl__stand_free(mem->stand);
    mem->stand = NULL;
}

static int invalid(dfl__run *run, const char *why) {
    return dfl__failed(&run->ctx, DFL_EINVAL, 0, DFL__NOWHERE, "%s", why);
}

static int check_compiled(dfl_ctx *ctx, const dfl_graph *graph, const dfl_run *options) {
    const char *why = options->hooks && graph->no_events ? "-fno-events: it takes no hooks"
                      : options->store && graph->no_checkpoints
                          ? "-fno-checkpoints: it takes no store"
                          : NULL;
    return why ? dfl__failed(ctx, DFL_EINVAL, 0, DFL__NOWHERE, "the graph was compiled with %s", why)
               : DFL_OK;
}

static int check_options(dfl__run *run) {
    const dfl_run *options = run->options;
    if (run->graph->abi != DFL_ABI_VERSION)
        return invalid(run, "the graph was compiled for another version of the runtime");
    if (options->timeout_ns < 0)
        return invalid(run, "timeout_ns is negative");
    if (options->durability < DFL_SYNC || options->durability > DFL_ON_EXIT)
        return invalid(run, "durability is none of its values");
    if (options->store && (!options->thread_id || !options->thread_id[0]))
        return invalid(run, "a store takes a thread_id");
    return check_compiled(&run->ctx, run->graph, options);
}

static void begin_clock(dfl__run *run) {
    int64_t timeout = run->options->timeout_ns, now;
    if (timeout == 0)
        return;
    now = dfl__now();
    run->ctx.deadline = timeout > INT64_MAX - now ? INT64_MAX : now + timeout;
    run->ctx.flags |= DFL__CLOCK;
}

bool dfl__saves_on_the_way(const dfl__run *run) {
    return run->saves && run->options->durability != DFL_ON_EXIT;
}

static void begin_saving(dfl__run *run) {
    if (!run->options->store)
        return;
    run->saves = !run->graph->never_saves;
    run->layout_is_put = false;
    run->saved = 0;
    run->ctx.at_risk_ns = 0;
    run->ctx.outer = NULL;
    run->scratch = run->packing[0] = run->packing[1] = (dfl_buf){0};
    run->ctx.flags |= DFL__COUNT;
}

/* What both kinds of begin share when the run is more than a plain one. */
static int begin_options(dfl__run *run) {
    int status;
    if (!run->graph->no_events)
        dfl__events_begin(run);
    status = check_options(run);
    if (status == DFL_OK)
        begin_clock(run);
    if (run->options->cancel)
        run->ctx.flags |= DFL__POLL;
    return status;
}

/* Nothing that would have to be checked, begun or ended. */
static DFL__APART bool asks_nothing(const dfl_run *options) {
    return !options->store && !options->hooks && !options->cancel &&
           options->timeout_ns == 0 && options->durability == DFL_SYNC && !options->answer.p &&
           options->n_answers == 0;
}

static inline bool asks_for_nothing(const dfl_graph *graph, const dfl_run *options) {
    return !graph->instrument && (options == &plain_run || asks_nothing(options));
}

static DFL__APART int begin_more(dfl__run *run) {
    int status;
    forget_stand(run->ctx.mem);
    if (run->graph->abi == DFL_ABI_VERSION && asks_for_nothing(run->graph, run->options))
        return DFL_OK;
    status = begin_options(run);
    if (status == DFL_OK)
        status = dfl__give_answers(&run->ctx, NULL, run->options);
    if (status != DFL_OK)
        return status;
    begin_saving(run);
    /* The input is saved before the first place. */
    if (dfl__saves_on_the_way(run))
        run->ctx.flags |= DFL__SAVE;
    return DFL_OK;
}

int dfl__run_begin(dfl__run *run, const dfl_graph *graph, void *state, const dfl_run *options,
                   uint64_t *counts, uint32_t n_counts) {
    begin_plain(run, graph, state, options ? options : &plain_run, counts, n_counts);
    if (graph->abi == DFL_ABI_VERSION && !run->ctx.mem->stand &&
        asks_for_nothing(graph, run->options))
        return DFL_OK;
    return begin_more(run);
}

/* ---- resume ---- */

/* The block becomes the run's. */
static dfl_bytes take_inner(dfl__run *run, dfl__stand *stand) {
    dfl_bytes inner = stand->inner;
    stand->inner = (dfl_bytes){NULL, 0};
    if (inner.p)
        dfl__block_attach(run, inner.p);
    return inner;
}

/* The run goes on from where `stand` says, which is freed: nothing is to be saved before something
 * happens, and no edge is taken to its first place. */
static void begin_at(dfl__run *run, dfl__stand *stand) {
    dfl_ctx *ctx = &run->ctx;
    run->at = stand->at;
    ctx->last = DFL__NOWHERE;
    ctx->nodes = stand->nodes;
    if (stand->at & DFL__PASSED)
        ctx->passed = stand->at & DFL__PLACE;
    if (stand->n_counts)
        memcpy(run->counts, stand->counts, stand->n_counts * sizeof *run->counts);
    ctx->resume = take_inner(run, stand);
    if (stand->error.status != DFL_OK)
        dfl__set_last_error(ctx, &stand->error);
    run->asks = stand->asks;
    stand->asks = NULL;
    if (run->asks && run->asks->n > 0)
        ctx->flags |= DFL__ASKS;
    dfl__stand_free(stand);
}

static int check_counts(dfl__run *run, const dfl__stand *stand) {
    if (stand->n_counts == run->n_counts)
        return DFL_OK;
    return dfl__failed(&run->ctx, DFL_ESCHEMA, 0, DFL__NOWHERE,
                       "the checkpoint counts other loops than graph '%s'", run->graph->name);
}

/* A checkpoint to go on from, made the state; its stand is the caller's. */
static int load_stand(dfl__run *run, dfl__loaded *loaded, dfl__stand **stand) {
    dfl_ctx *ctx = &run->ctx;
    int status = dfl__read_checkpoint(ctx, run->graph, run->options, loaded);
    if (status == DFL_OK)
        status = check_counts(run, loaded->stand);
    if (status == DFL_OK)
        status = dfl__give_answers(ctx, loaded->stand, run->options);
    if (status == DFL_OK)
        status = dfl__decode_checkpoint(ctx, run->graph, loaded, run->state);
    if (status != DFL_OK)
        return status;
    forget_stand(ctx->mem);
    *stand = loaded->stand;
    loaded->stand = NULL;
    return DFL_OK;
}

/* Whether the run has more to save than where it stood, before it does anything. */
static bool has_answers(const dfl_run *options) {
    return options->answer.p || options->n_answers > 0;
}

static int resume_loaded(dfl__run *run) {
    dfl__loaded loaded = {0};
    dfl__stand *stand = NULL;
    int status = load_stand(run, &loaded, &stand);
    dfl__loaded_free(&loaded);
    if (status != DFL_OK)
        return status;
    begin_saving(run);
    begin_at(run, stand);
    run->saved = loaded.id;
    run->saved_at = run->at;
    run->saved_nodes = has_answers(run->options) ? UINT64_MAX : run->ctx.nodes;
    run->saved_inner = dfl__mark_of(run->ctx.resume);
    if (run->ctx.flags & DFL__WATCH)
        dfl__event_checkpoint(&run->ctx, DFL_EVENT_LOADED, loaded.id, run->at & DFL__PLACE);
    return DFL_OK;
}

/* From where a run paused that had no store. */
static int resume_state(dfl__run *run) {
    dfl_ctx *ctx = &run->ctx;
    dfl__stand *stand = ctx->mem->stand;
    int status;
    if (run->options->checkpoint)
        return invalid(run, "a checkpoint takes a store");
    if (!stand || stand->graph != run->graph)
        return dfl__failed(ctx, DFL_ENOTFOUND, 0, DFL__NOWHERE,
                           "the state has not paused, and there is no store to resume from");
    status = dfl__give_answers(ctx, stand, run->options);
    if (status != DFL_OK)
        return status;
    ctx->mem->stand = NULL;
    begin_at(run, stand);
    return DFL_OK;
}

int dfl__resume_begin(dfl__run *run, const dfl_graph *graph, void *state, const dfl_run *options,
                      uint64_t *counts, uint32_t n_counts, uint32_t *at) {
    int status;
    begin_plain(run, graph, state, options ? options : &plain_run, counts, n_counts);
    status = begin_options(run);
    if (status == DFL_OK)
        status = run->options->store ? resume_loaded(run) : resume_state(run);
    if (status != DFL_OK)
        return status;
    if ((run->ctx.flags & DFL__WATCH) && (run->at & DFL__PLACE) != end_of(graph))
        dfl__event_resumed(run, run->at & DFL__PLACE);
    *at = run->at;
    return DFL_OK;
}

/* ---- without running ---- */

/* The end of a call that did not come to a run: the error is told, or there is none. */
static int ended(const dfl_graph *graph, const dfl_run *options, const dfl_ctx *ctx, int status) {
    if (status != DFL_OK && options->error)
        dfl__error_from(options->error, graph, &ctx->failure);
    leave_errno(status, &ctx->failure);
    return status;
}

/* The first node that is not done: of what was packed, else what waits for an answer. */
static uint32_t next_of(const dfl_graph *graph, const dfl__stand *stand) {
    uint32_t place = dfl__first_unfinished(stand->inner);
    if (place >= graph->n_nodes && stand->asks && stand->asks->n > 0)
        place = stand->asks->all[0]->place;
    return place < graph->n_nodes ? place : stand->at & DFL__PLACE;
}

int dfl__load(const dfl_graph *graph, void *state, const dfl_run *options, uint32_t *next) {
    dfl__mem *mem = mem_of(graph, state), none = {0};
    dfl__loaded loaded = {0};
    dfl_ctx ctx;
    int status;
    dfl__ctx_init(&ctx, &none);
    if (!options)
        options = &plain_run;
    status = check_compiled(&ctx, graph, options);
    if (status == DFL_OK)
        status = dfl__read_checkpoint(&ctx, graph, options, &loaded);
    if (status == DFL_OK)
        status = dfl__decode_checkpoint(&ctx, graph, &loaded, state);
    if (status == DFL_OK) {
        forget_stand(mem);
        mem->stand = loaded.stand;
        loaded.stand = NULL;
        if (next)
            *next = next_of(graph, mem->stand);
    }
    dfl__loaded_free(&loaded);
    return ended(graph, options, &ctx, status);
}

int dfl__latest(const dfl_graph *graph, const dfl_run *options) {
    dfl_checkpoint latest;
    dfl_ctx ctx;
    dfl__mem none = {0};
    int status;
    dfl__ctx_init(&ctx, &none);
    if (!options)
        options = &plain_run;
    if (!options->store || !options->thread_id || !options->thread_id[0])
        return ended(graph, options, &ctx,
                     dfl__failed(&ctx, DFL_EINVAL, 0, DFL__NOWHERE,
                                 "to continue takes a store and a thread_id"));
    status = check_compiled(&ctx, graph, options);
    if (status != DFL_OK)
        return ended(graph, options, &ctx, status);
    status = dfl_store_latest(options->store, options->thread_id, &latest);
    if (status == DFL_OK || status == DFL_ENOTFOUND)
        return status;
    return ended(graph, options, &ctx,
                 dfl__failed(&ctx, status, status == DFL_ESTORE ? errno : 0, DFL__NOWHERE,
                             "the store cannot be asked for thread '%s'", options->thread_id));
}

/* ---- update ---- */

static int check_update(dfl__run *run, uint32_t place) {
    const dfl_run *options = run->options;
    const dfl_graph *graph = run->graph;
    if (!options->store)
        return invalid(run, "to update takes a store and a thread_id");
    if (place >= graph->n_nodes)
        return invalid(run, "as_node is no node of the graph");
    if (graph->places[place].section >= 0)
        return dfl__failed(&run->ctx, DFL_EINVAL, 0, place,
                           "'%s' is inside a section or subgraph: a run cannot stand behind it",
                           graph->places[place].name);
    return DFL_OK;
}

/* The counters go on from the checkpoint that is updated; a new thread begins with zeroes, and with
 * the state that it is given. */
static int follow_checkpoint(dfl__run *run, uint32_t position) {
    dfl__loaded loaded = {0};
    int status = dfl__read_checkpoint(&run->ctx, run->graph, run->options, &loaded);
    if (status == DFL_OK)
        status = check_counts(run, loaded.stand);
    if (status == DFL_OK)
        status = dfl__check_live(&run->ctx, run->graph, &loaded, run->state, position);
    if (status == DFL_OK) {
        run->saved = loaded.id;
        run->ctx.nodes = loaded.stand->nodes;
        if (run->n_counts)
            memcpy(run->counts, loaded.stand->counts, run->n_counts * sizeof *run->counts);
        if (loaded.stand->error.status != DFL_OK)
            dfl__set_last_error(&run->ctx, &loaded.stand->error);
    }
    dfl__loaded_free(&loaded);
    return status == DFL_ENOTFOUND && !run->options->checkpoint ? DFL_OK : status;
}

int dfl__update(const dfl_graph *graph, const void *state, const dfl_run *options, uint32_t place,
                uint64_t *counts, uint32_t n_counts) {
    bool is_edge_chosen = place == 0 || place == end_of(graph);
    uint32_t position = is_edge_chosen ? place : place | DFL__AFTER;
    dfl__run run;
    int status;
    /* The state is only read: it is encoded. */
    begin_plain(&run, graph, (void *)(uintptr_t)state, options ? options : &plain_run, counts,
                n_counts);
    status = check_options(&run);
    if (status == DFL_OK)
        status = check_update(&run, place);
    if (status == DFL_OK) {
        begin_saving(&run);
        status = follow_checkpoint(&run, position);
        if (status == DFL_OK)
            status = dfl__save(&run, position);
        dfl_buf_free(&run.scratch);
    }
    return ended(graph, run.options, &run.ctx, status);
}

/* ---- before a place ---- */

/* Memory that ran out between two places (in a guard, or in a merge that nobody checked). */
static int out_of_memory_before(dfl_ctx *ctx, uint32_t place) {
    ctx->flags &= ~DFL__NOMEM;
    return dfl__failed(ctx, DFL_ENOMEM, 0, DFL__NOWHERE, "out of memory before '%s'",
                       ctx->run->graph->places[place].name);
}

/* One relaxed load: nothing that the asking thread wrote is read because of it. */
static bool asked_to_stop(const dfl_ctx *ctx) {
    return __atomic_load_n(ctx->cancel, __ATOMIC_RELAXED) != 0;
}

static bool past_deadline(const dfl_ctx *ctx) {
    return (ctx->flags & DFL__CLOCK) && dfl__now() >= ctx->deadline;
}

/* Nothing stops a run that has only its end to reach. */
static int stopped(dfl_ctx *ctx, uint32_t place) {
    const dfl_graph *graph = ctx->run->graph;
    const char *name = graph->places[place].name;
    if (ctx->flags & DFL__NOMEM)
        return out_of_memory_before(ctx, place);
    if (place == end_of(graph))
        return DFL_OK;
    if (asked_to_stop(ctx))
        return dfl__failed(ctx, DFL_ECANCELLED, 0, DFL__NOWHERE, "cancelled before '%s'", name);
    if (!past_deadline(ctx))
        return DFL_OK;
    if (ctx->flags & DFL__WATCH)
        dfl__event_timeout(ctx, place);
    return dfl__failed(ctx, DFL_ETIMEOUT, 0, DFL__NOWHERE, "the run's time was over before '%s'",
                       name);
}

static bool is_in_section(const dfl_graph *graph, uint32_t place) {
    for (; graph->places[place].section >= 0; place = (uint32_t)graph->places[place].section)
        if (graph->places[place].branch >= 0)
            return true;
    return false;
}

/* note [saves in an each]
 * `checkpoint every node` saves behind each node, of branches too. In an each that would write what its
 * elements have collected once for each of them. So there a save is due behind as many more elements as
 * are an eighth to a sixteenth of those that are done: what all saves write is at most some sixteen
 * times what the last one does, and what a crash can lose, an eighth of the work.
 *
 * `checkpoint every N nodes` counts outside of sections alone, so that there are as many checkpoints
 * whether branches run inline or on threads. What is marked is saved as soon as can be, everywhere. */
static bool saves_every_node(const dfl__run *run) {
    return run->graph->save_every == 1 && dfl__saves_on_the_way(run);
}

static bool every_node_counts(const dfl_ctx *ctx) {
    return saves_every_node(ctx->run) && !ctx->around;
}

void dfl__element_done(dfl_ctx *ctx, uint64_t done) {
    uint64_t step = 1;
    if (!saves_every_node(ctx->run))
        return;
    while (step <= done / 16)
        step *= 2;
    if (done % step == 0)
        ctx->flags |= DFL__SAVE;
}

/* note [work at risk]
 * With `checkpoint auto` a run counts the work that a crash would lose: what its nodes take, or, where
 * nobody says that, took. The compiler tells for each place how much of it pays for a save before that
 * place (dflc/saves.h, note [automatic saves]). A resume begins with nothing at risk, so no checkpoint
 * has to hold the count. A branch on threads counts for itself: what it saves is its own work, and, the
 * first time, what was done before the fork. The join adds up what is left. */
static bool work_is_at_risk(const dfl_ctx *ctx, uint32_t place) {
    const dfl__risk *risks = ctx->run->graph->risks;
    return risks && ctx->at_risk_ns >= risks[place].save_from_ns && dfl__saves_on_the_way(ctx->run);
}

static void begin_work(dfl_ctx *ctx, uint32_t place) {
    const dfl__risk *risks = ctx->run->graph->risks;
    if (risks && risks[place].work_ns < 0)
        ctx->timed = dfl__now();
}

static void count_work(dfl_ctx *ctx, uint32_t place) {
    const dfl__risk *risks = ctx->run->graph->risks;
    if (!risks)
        return;
    ctx->at_risk_ns +=
        (uint64_t)(risks[place].work_ns < 0 ? dfl__now() - ctx->timed : risks[place].work_ns);
}

bool dfl__branch_save_is_due(const dfl_ctx *ctx, uint32_t place) {
    return (ctx->flags & DFL__SAVE) || work_is_at_risk(ctx, place) ||
           (every_node_counts(ctx) && ctx->nodes > ctx->kept->nodes);
}

static bool save_is_due(const dfl_ctx *ctx, uint32_t place) {
    const dfl__run *run = ctx->run;
    uint64_t every = run->graph->save_every;
    if (ctx->kept)
        return dfl__branch_save_is_due(ctx, place);
    if ((ctx->flags & DFL__SAVE) || work_is_at_risk(ctx, place) ||
        (every_node_counts(ctx) && ctx->nodes != run->saved_nodes))
        return true;
    return every && dfl__saves_on_the_way(run) && ctx->nodes - run->saved_nodes >= every &&
           !is_in_section(run->graph, place);
}

/* Where it cannot be done, a save that falls due waits, as a flag or a count, for the next place that
 * can; on threads, for the join. */
static bool can_save_inside(const dfl_ctx *ctx) {
    return (ctx == &ctx->run->ctx || ctx->kept) && !ctx->closed;
}

/* Where a resume has come back to a section or subgraph, what that had done is yet to be taken by it. */
static int save_before(dfl_ctx *ctx, uint32_t position) {
    dfl__run *run = ctx->run;
    int status;
    run->inner = ctx->resume;
    status = dfl__save(run, position);
    run->inner = (dfl_bytes){NULL, 0};
    return status;
}

static int save_if_due(dfl_ctx *ctx, uint32_t position) {
    uint32_t place = position & DFL__PLACE;
    if (!(ctx->flags & DFL__COUNT) || !save_is_due(ctx, place))
        return DFL_OK;
    if (is_outermost(ctx, place))
        return save_before(ctx, position);
    return can_save_inside(ctx) ? DFL__SAVING : DFL_OK;
}

/* What the run saved is parked: on the way back to it, the sections and subgraphs around have begun
 * long since. */
static bool is_begun(dfl_ctx *ctx) {
    ctx->reentered = ctx->reentered && ctx->resume.n > 0 && !dfl__is_attempt(ctx->resume);
    return ctx->reentered;
}

int dfl__save_inside(dfl__run *run, uint32_t *at) {
    dfl_ctx *ctx = &run->ctx;
    int status = dfl__save(run, run->at);
    if (status != DFL_OK)
        return status;
    dfl__blocks_keep(run, run->inner.p);
    ctx->resume = run->inner;
    run->inner = (dfl_bytes){NULL, 0};
    ctx->reentered = true;
    if (run->at & DFL__PASSED)
        ctx->passed = run->at & DFL__PLACE;
    *at = run->at;
    return DFL_OK;
}

static void reclaim(dfl_ctx *ctx) {
    /* Packed frames that a section is yet to take may have been unpacked from others, to here. */
    dfl__root resume = {&ctx->resume, &dfl_type_bytes, ctx->roots};
    ctx->flags &= ~DFL__RECLAIM;
    /* Without roots nothing says what is alive. Out of memory just means later. */
    if (ctx->roots)
        (void)dfl__mem_reclaim(ctx->mem, &resume);
}

int dfl__before(dfl_ctx *ctx, uint32_t position) {
    uint32_t place = position & DFL__PLACE;
    int status;
    if (DFL__RARELY(ctx->resume.n))
        dfl__drop_attempt(ctx, place);
    status = is_begun(ctx) ? DFL_OK : stopped(ctx, place);
    if (ctx->reentered)
        return DFL_OK;
    if (status == DFL_OK)
        status = save_if_due(ctx, position);
    if (status != DFL_OK)
        return status;
    ctx->flags &= ~(DFL__MESSAGE | DFL__FATAL | DFL__LATE | DFL__ASKED);
    dfl__withdraw(ctx); /* what a guard asked: nobody could answer */
    if (ctx->flags & DFL__RECLAIM)
        reclaim(ctx);
    ctx->place = place;
    if (ctx->flags & DFL__COUNT)
        begin_work(ctx, place);
    if (ctx->flags & DFL__WATCH)
        dfl__event_enter(ctx, place);
    return DFL_OK;
}

/* ---- after a place ---- */

/* The questions and answers of a node that has returned with `status`. */
static int settle_asks(dfl_ctx *ctx, uint32_t place, int status, uint32_t seen) {
    bool has_asks = (seen & (DFL__ASKED | DFL__ASKS)) != 0;
    if (status == DFL_PAUSED) {
        dfl__asks_sure(ctx, place);
        return dfl__asked(ctx, place);
    }
    dfl__withdraw(ctx);
    if (has_asks && status == DFL_OK)
        dfl__asks_served(ctx, place);
    else if (has_asks)
        dfl__asks_failed(ctx, place, DFL__FAILED);
    return status;
}

/* DFL_OK, DFL_PAUSED, or a status with ctx->failure filled; clears what was flagged in this
 * attempt. */
static int outcome(dfl_ctx *ctx, uint32_t place, int rc) {
    uint32_t seen = ctx->flags;
    int status = DFL_OK;
    ctx->flags &= ~DFL__ATTEMPT;
    if (seen & DFL__NOMEM)
        status = dfl__failed(ctx, DFL_ENOMEM, rc, place, "out of memory");
    else if (rc == DFL_PAUSED && ctx->pending)
        status = DFL_PAUSED;
    else if (rc != 0)
        status = dfl__node_failed(ctx, place, rc, seen);
    return ctx->run ? settle_asks(ctx, place, status, seen) : status;
}

/* A deadline that passed meanwhile is the next dfl__before's: the node's work stands. */
int dfl__after(dfl_ctx *ctx, uint32_t place, int rc) {
    int status = outcome(ctx, place, rc);
    if (status == DFL_OK && (ctx->flags & DFL__COUNT)) {
        ctx->nodes++;
        count_work(ctx, place);
    }
    if (ctx->flags & DFL__WATCH)
        dfl__event_leave(ctx, place, status);
    return status;
}

/* A merge does not know its section: its failures come with no place. */
static int section_outcome(dfl_ctx *ctx, uint32_t place, int rc) {
    uint32_t seen = ctx->flags;
    ctx->flags &= ~DFL__ATTEMPT;
    if (rc == DFL_OK && (seen & DFL__NOMEM))
        return dfl__failed(ctx, DFL_ENOMEM, 0, place, "out of memory");
    if (rc == DFL_ENODE && ctx->failure.place == DFL__NOWHERE)
        ctx->failure.place = place;
    return rc;
}

int dfl__after_section(dfl_ctx *ctx, uint32_t place, int rc) {
    int status = rc == DFL__SAVING ? rc : section_outcome(ctx, place, rc);
    if (status == DFL__SAVING)
        return status;
    if (status < 0)
        dfl__asks_failed(ctx, place, DFL__FAILED_AROUND);
    if (!(ctx->flags & DFL__WATCH))
        return status;
    if (ctx->run->graph->places[place].kind == DFL_PLACE_SECTION)
        dfl__event_join(ctx, place, status);
    else
        dfl__event_leave(ctx, place, status);
    return status;
}

/* In a branch the flag waits for the join: dfl__threads hands it to the ctx around the section. */
uint32_t dfl__mark(dfl_ctx *ctx) {
    if (dfl__saves_on_the_way(ctx->run))
        ctx->flags |= DFL__SAVE;
    return ctx->flags;
}

int dfl__limit(dfl_ctx *ctx, uint32_t place, uint64_t limit) {
    dfl__failed(ctx, DFL_ELIMIT, 0, place, "limit of %llu steps reached",
                (unsigned long long)limit);
    if (ctx->flags & DFL__WATCH)
        dfl__event_limit(ctx, place);
    return DFL_ELIMIT;
}

int dfl__guard_failed(dfl_ctx *ctx, uint32_t place, const char *at, const char *why) {
    dfl__failed(ctx, DFL_EGUARD, 0, place, "%s", why);
    ctx->failure.at = at;
    return DFL_EGUARD;
}

/* ---- settled sections ---- */

static dfl_str constant(const char *text) {
    return (dfl_str){text, strlen(text)};
}

int dfl__add_fault(dfl_ctx *ctx, dfl_fault_list *faults, const dfl__failure *failure,
                   const char *branch) {
    const dfl_graph *graph = ctx->run ? ctx->run->graph : NULL;
    dfl_fault fault;
    fault.branch = constant(branch);
    fault.node = constant("");
    if (graph && failure->place < graph->n_places)
        fault.node = constant(graph->places[failure->place].name);
    fault.message = dfl_strdup(ctx, failure->message);
    fault.index = failure->index;
    fault.code = failure->code;
    fault.attempt = failure->attempt;
    if (ctx->flags & DFL__NOMEM)
        return DFL_ENOMEM;
    return dfl_fault_list_push(ctx, faults, fault);
}

int dfl__too_few(dfl_ctx *ctx, uint32_t place, uint64_t good, uint64_t need) {
    return dfl__failed(ctx, DFL_ENODE, 1, place, "%llu succeeded, %llu were needed",
                       (unsigned long long)good, (unsigned long long)need);
}

/* ---- end ---- */

/* Nothing is saved where it would lose or repeat something:
 * a guard that failed leads away from a place whose node is done, and a resume from there would
 * run that node again on a state that has its updates; the checkpoint before is the better one. */
static bool may_save_at(const dfl__run *run, int status) {
    return status != DFL_EGUARD || run->at == 0 || (run->at & DFL__AFTER) ||
           run->ctx.failure.place != (run->at & DFL__PLACE);
}

/* Attempts that have failed are no nodes that were done: what is packed of a place may tell of them alone. */
static bool changed_since_save(const dfl__run *run, int status) {
    return status == DFL_PAUSED || run->saved == 0 || run->saved_at != run->at ||
           run->saved_nodes != run->ctx.nodes ||
           run->saved_inner != dfl__mark_of(run->inner);
}

/* What ended the run with an error matters more than a save that failed after it. */
static int save_after_failure(dfl__run *run, int status) {
    dfl__failure failure = run->ctx.failure;
    (void)dfl__save(run, run->at);
    run->ctx.failure = failure;
    return status;
}

static int last_save(dfl__run *run, int status) {
    int saved;
    if (!may_save_at(run, status) || !changed_since_save(run, status))
        return status;
    if (status < 0)
        return save_after_failure(run, status);
    saved = dfl__save(run, run->at);
    return saved == DFL_OK ? status : saved;
}

static void free_buffers(dfl__run *run) {
    dfl_buf_free(&run->scratch);
    dfl_buf_free(&run->packing[0]);
    dfl_buf_free(&run->packing[1]);
}

/* A pause is saved where there is a store, whatever the policy: somebody will answer it. */
static int end_saving(dfl__run *run, int status) {
    if (run->saves || status == DFL_PAUSED)
        status = last_save(run, status);
    free_buffers(run);
    return status;
}

/* What the state keeps of a run that paused. */
static dfl__stand *new_stand(dfl__run *run) {
    dfl__stand *stand = dfl__stand_new(run->ctx.mem->heap, run->graph, run->n_counts);
    if (!stand)
        return NULL;
    stand->at = run->at;
    stand->nodes = run->ctx.nodes;
    stand->error = *dfl_last_error(&run->ctx);
    if (run->n_counts)
        memcpy(stand->counts, run->counts, run->n_counts * sizeof *run->counts);
    stand->asks = run->asks;
    run->asks = NULL;
    if (run->inner.n) {
        stand->inner = run->inner;
        (void)dfl__block_detach(run, run->inner.p);
    }
    return stand;
}

static int keep_stand(dfl__run *run) {
    dfl__stand *stand = new_stand(run);
    int status = stand ? dfl__stand_list(stand) : DFL_ENOMEM;
    if (status == DFL_OK) {
        run->ctx.mem->stand = stand;
        return DFL_PAUSED;
    }
    dfl__stand_free(stand);
    return dfl__failed(&run->ctx, status, 0, DFL__NOWHERE,
                       "no memory to keep where the run paused");
}

int dfl__run_end_more(dfl__run *run, int status) {
    if (status == DFL_OK)
        run->at = end_of(run->graph);
    if (run->options->store && (run->ctx.flags & DFL__COUNT))
        status = end_saving(run, status);
    if (status == DFL_PAUSED)
        status = keep_stand(run);
    if (status < 0 && run->options->error)
        dfl__error_from(run->options->error, run->graph, &run->ctx.failure);
    if (run->ctx.flags & DFL__WATCH)
        dfl__events_end(run, status);
    dfl__asks_free(run->asks);
    dfl__blocks_free(run);
    run->ctx.flags = 0;
    leave_errno(status, &run->ctx.failure);
    return status;
}

/* ---- what a node may ask ---- */

void *dfl_user(dfl_ctx *ctx) {
    return ctx->user;
}

const char *dfl_thread_id(dfl_ctx *ctx) {
    const char *id = ctx->run ? ctx->run->options->thread_id : NULL;
    return id ? id : "";
}

unsigned dfl_attempt(dfl_ctx *ctx) {
    return ctx->attempt;
}

bool dfl_cancelled(dfl_ctx *ctx) {
    return asked_to_stop(ctx) || past_deadline(ctx);
}

int64_t dfl_time_left(dfl_ctx *ctx) {
    int64_t now;
    if (!(ctx->flags & DFL__CLOCK))
        return INT64_MAX;
    now = dfl__now();
    return now < ctx->deadline ? ctx->deadline - now : 0;
}

/* Relaxed: the word carries nothing but itself. Lock-free, so a signal handler may do it. */
void dfl_cancel_now(dfl_cancel *cancel) {
    __atomic_store_n(&cancel->requested, 1, __ATOMIC_RELAXED);
}
