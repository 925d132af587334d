/* A section on ranks, seen from the one that runs the graph: hands its branches out, and puts together what comes back.
 *
 * note [ranks]
 * A rank holds the same program, so all that it needs to run a branch is the branch's frame and the fields that
 * branches of the section read of the state. The fields go once to each rank for each time that the section is come to,
 * with the first branch that the rank is given: nobody changes the state until the join. Frames go there and back as
 * checkpoints hold them. Branches are handed out one at a time, the largest first, to whoever is free (self-scheduling),
 * and merged by the generated code as after threads, so that it is not to be seen who has run what.
 *
 * A branch that fails skips those behind it that have not begun, as on threads (fork.c); what is under way is waited for. */
#define _GNU_SOURCE

#include "fork.h"
#include "spread.h"

enum {
    CHUNKS_PER_RANK = 4,
    LOOK_NS = 1000 * 1000, /* how often a run that can be cancelled looks whether it was */
    NOTHING = -1
};

static const dfl_member errand_members[] = {
    {"graph", &dfl_type_string, offsetof(dfl__errand, graph), 0},
    {"schema", &dfl_type_u64, offsetof(dfl__errand, schema), 0},
    {"place", &dfl_type_u32, offsetof(dfl__errand, place), 0},
    {"branch", &dfl_type_u32, offsetof(dfl__errand, branch), 0},
    {"epoch", &dfl_type_u64, offsetof(dfl__errand, epoch), 0},
    {"has_state", &dfl_type_bool, offsetof(dfl__errand, has_state), 0},
    {"has_deadline", &dfl_type_bool, offsetof(dfl__errand, has_deadline), 0},
    {"time_left", &dfl_type_i64, offsetof(dfl__errand, time_left), 0},
    {"index", &dfl_type_i64, offsetof(dfl__errand, index), 0},
    {"thread_id", &dfl_type_string, offsetof(dfl__errand, thread_id), 0},
    {"counts", &dfl_type_bool, offsetof(dfl__errand, counts), 0},
    {"steps", &dfl_type_u64, offsetof(dfl__errand, steps), 0},
    {"state", &dfl_type_bytes, offsetof(dfl__errand, state), 0},
    {"frame", &dfl_type_bytes, offsetof(dfl__errand, frame), 0},
};
const dfl_type dfl__errand_type = {.kind = DFL_KIND_STRUCT,
                                   .name = "errand",
                                   .size = sizeof(dfl__errand),
                                   .n = sizeof errand_members / sizeof *errand_members,
                                   .members = errand_members};

static const dfl_member outcome_members[] = {
    {"status", &dfl_type_i32, offsetof(dfl__outcome, status), 0},
    {"code", &dfl_type_i32, offsetof(dfl__outcome, code), 0},
    {"place", &dfl_type_u32, offsetof(dfl__outcome, place), 0},
    {"attempt", &dfl_type_u32, offsetof(dfl__outcome, attempt), 0},
    {"index", &dfl_type_i64, offsetof(dfl__outcome, index), 0},
    {"at", &dfl_type_string, offsetof(dfl__outcome, at), 0},
    {"fatal", &dfl_type_bool, offsetof(dfl__outcome, fatal), 0},
    {"late", &dfl_type_bool, offsetof(dfl__outcome, late), 0},
    {"message", &dfl_type_string, offsetof(dfl__outcome, message), 0},
    {"nodes", &dfl_type_u64, offsetof(dfl__outcome, nodes), 0},
    {"saves", &dfl_type_bool, offsetof(dfl__outcome, saves), 0},
    {"frame", &dfl_type_bytes, offsetof(dfl__outcome, frame), 0},
};
const dfl_type dfl__outcome_type = {.kind = DFL_KIND_STRUCT,
                                    .name = "outcome",
                                    .size = sizeof(dfl__outcome),
                                    .n = sizeof outcome_members / sizeof *outcome_members,
                                    .members = outcome_members};

const dfl__spread *dfl__spread_at(const dfl_graph *graph, uint32_t place) {
    for (uint32_t i = 0; i < graph->n_spreads; i++) {
        const dfl__spread *spread = graph->spreads[i];
        if ((spread->section ? spread->section->place : spread->each->place) == place)
            return spread;
    }
    return NULL;
}

static const dfl_ranks *ranks_of(const dfl_ctx *ctx) {
    return ctx->run ? ctx->run->options->ranks : NULL;
}

/* A section within a branch runs where its branch does. */
const dfl__spread *dfl__spread_of(const Fork *fork) {
    const dfl_ctx *ctx = fork->ctx;
    const dfl_ranks *ranks = ranks_of(ctx);
    if (!fork->spread || !ranks || ranks->n == 0 || ctx != &ctx->run->ctx)
        return NULL;
    return dfl__spread_at(ctx->run->graph, dfl__fork_place(fork));
}

uint32_t dfl__rank_chunks(dfl_ctx *ctx, uint64_t n, int64_t work_ns) {
    const dfl_ranks *ranks = ranks_of(ctx);
    uint64_t most;
    if (!ranks || ranks->n == 0)
        return dfl__chunks(ctx, n, work_ns);
    most = (uint64_t)ranks->n * CHUNKS_PER_RANK;
    if (most > DFL__MAX_CHUNKS)
        most = DFL__MAX_CHUNKS;
    if (n < most)
        most = n;
    return most < 1 ? 1 : (uint32_t)most;
}

/* The power of two below n. */
static uint32_t power_of(unsigned n) {
    uint32_t power = 0;
    while (n >>= 1)
        power++;
    return power;
}

bool dfl__pays_on_ranks(const dfl_ctx *ctx, const uint64_t *from, uint32_t n_from, uint64_t n) {
    const dfl_ranks *ranks = ranks_of(ctx);
    uint64_t least;
    uint32_t power;
    if (!ranks || ranks->n == 0 || ctx != &ctx->run->ctx || ctx->reentered)
        return false;
    power = power_of(ranks->n);
    least = from[power < n_from ? power : n_from - 1];
    return least != UINT64_MAX && n >= least;
}

/* ---- handing out ---- */

typedef struct Rank {
    Line line;      /* of the branch that it runs */
    int64_t branch; /* NOTHING */
    bool has_state, cancelled;
} Rank;

typedef struct Spread {
    Fork *fork;
    const dfl_ranks *ranks;
    Rank *all;
    uint32_t next, out;   /* branches that were looked at; that are under way */
    uint64_t epoch;
    const dfl_type *type; /* whose mark was asked for last: chunks of an each have one */
    uint64_t mark;
    dfl_buf state, frame, message;
    bool broken;          /* a rank cannot be reached: `why` is in the ctx */
    int why;
} Spread;

static int break_off(Spread *s, int status, const char *what) {
    if (!s->broken)
        s->why = dfl__failed(s->fork->ctx, status, 0, DFL__NOWHERE, "%s", what);
    s->broken = true;
    return s->why;
}

static uint32_t branch_at(const Fork *fork, uint32_t k) {
    return fork->section ? fork->section->order[k] : k;
}

/* The fields that all branches together need. */
static int pack_state(Spread *s, const dfl__spread *spread) {
    const dfl__run *run = s->fork->ctx->run;
    size_t n = dfl__needs_bytes(run->graph);
    uint8_t *needs = dfl__buf_room(&s->state, n);
    if (!needs)
        return DFL_ENOMEM;
    memcpy(needs, spread->needs, n);
    return run->graph->layout->saved->save(run->state, 0, &s->state);
}

static uint64_t mark_of(Spread *s, const dfl_type *type) {
    if (type != s->type) {
        s->type = type;
        s->mark = dfl__type_mark(type);
    }
    return s->mark;
}

static int send(Spread *s, unsigned r, uint32_t i) {
    const dfl_ctx *ctx = s->fork->ctx;
    const dfl__run *run = ctx->run;
    const dfl_type *type = dfl__fork_task(s->fork, i)->type;
    Rank *rank = &s->all[r];
    dfl__errand errand = {.graph = {run->graph->name, strlen(run->graph->name)},
                          .schema = run->graph->schema,
                          .place = dfl__fork_place(s->fork),
                          .branch = s->fork->section ? i : 0,
                          .epoch = s->epoch,
                          .has_state = !rank->has_state,
                          .has_deadline = (ctx->flags & DFL__CLOCK) != 0,
                          .index = ctx->index,
                          .counts = (ctx->flags & DFL__COUNT) != 0,
                          .steps = run->n_counts ? run->counts[0] : 0};
    const char *thread = run->options->thread_id;
    int status;
    if (thread)
        errand.thread_id = (dfl_str){thread, strlen(thread)};
    s->frame.n = s->message.n = 0;
    status = dfl__pack_marked(type, mark_of(s, type), dfl__fork_frame(s->fork, i), &s->frame);
    if (errand.has_deadline)
        errand.time_left = ctx->deadline - dfl__now();
    if (errand.has_state)
        errand.state = (dfl_bytes){s->state.p, s->state.n};
    errand.frame = (dfl_bytes){s->frame.p, s->frame.n};
    if (status == DFL_OK)
        status = dfl__pack(&dfl__errand_type, &errand, &s->message);
    if (status != DFL_OK)
        return break_off(s, status, status == DFL_ENOMEM ? "no memory for what goes to a rank"
                                                         : "what goes to a rank nests too deep");
    status = s->ranks->send(s->ranks->self, r, s->message.p, s->message.n);
    if (status != DFL_OK)
        return break_off(s, status, "a rank cannot be reached");
    rank->has_state = true;
    return DFL_OK;
}

/* The next branch that has something to do; false: there is none. */
static bool take_next(Spread *s, uint32_t *i) {
    while (s->next < s->fork->n) {
        *i = branch_at(s->fork, s->next++);
        if (!dfl__fork_skips(s->fork, *i) &&
            !dfl__has_ended(dfl__fork_task(s->fork, *i)->type, dfl__fork_frame(s->fork, *i)))
            return true;
    }
    return false;
}

static bool is_cancelled(const dfl_ctx *ctx) {
    return __atomic_load_n(ctx->cancel, __ATOMIC_RELAXED) != 0;
}

/* Of a run that is to stop the branches that have not begun stop here, at their first node. */
static void give(Spread *s, unsigned r) {
    Rank *rank = &s->all[r];
    uint32_t i;
    while (dfl_cancelled(s->fork->ctx) && take_next(s, &i))
        dfl__fork_branch(s->fork, i);
    if (s->broken || !take_next(s, &i) || send(s, r, i) != DFL_OK)
        return;
    dfl__fork_begin_line(s->fork, &rank->line, i, dfl__fork_frame(s->fork, i), dfl__fork_task(s->fork, i)->type);
    rank->branch = i;
    rank->cancelled = false;
    s->out++;
}

/* ---- what comes back ---- */

static void set_failure(dfl_ctx *ctx, const dfl__outcome *outcome) {
    dfl__failure *failure = &ctx->failure;
    *failure = (dfl__failure){.status = outcome->status,
                              .code = outcome->code,
                              .place = outcome->place,
                              .attempt = outcome->attempt,
                              .index = outcome->index,
                              .at = outcome->at.n ? outcome->at.p : NULL,
                              .fatal = outcome->fatal,
                              .late = outcome->late};
    snprintf(failure->message, sizeof failure->message, "%s", outcome->message.n ? outcome->message.p : "");
}

/* A rank tells of no pause, and of no save. */
static bool can_be(const dfl_graph *graph, const dfl__outcome *outcome) {
    return outcome->status <= DFL_OK && outcome->status >= DFL_EINVAL &&
           (outcome->place < graph->n_places || outcome->place == DFL__NOWHERE);
}

/* Into the branch's frame and its line; the status that the branch has ended with. */
static int take_outcome(Spread *s, Line *line, uint32_t i) {
    dfl_ctx *ctx = &line->ctx;
    const dfl__task *task = dfl__fork_task(s->fork, i);
    void *frame = dfl__fork_frame(s->fork, i);
    dfl__in in = {s->message.p, s->message.p + s->message.n};
    dfl__outcome outcome;
    int status;
    memset(&outcome, 0, sizeof outcome);
    status = dfl__unpack(ctx, &dfl__outcome_type, &outcome, &in);
    if (status == DFL_OK && !can_be(ctx->run->graph, &outcome))
        status = DFL_ECORRUPT;
    if (status == DFL_OK)
        status = dfl__take_marked(ctx, task->type, mark_of(s, task->type), outcome.frame, frame);
    if (status != DFL_OK)
        return dfl__failed(ctx, status, 0, DFL__NOWHERE, "what a rank has answered cannot be read");
    ctx->nodes += outcome.nodes;
    if (outcome.saves && ctx->run->saves)
        ctx->flags |= DFL__SAVE;
    if (outcome.status != DFL_OK)
        set_failure(ctx, &outcome);
    else if (ctx->kept)
        return dfl__kept_ended(ctx, task->type, frame, DFL_OK);
    return outcome.status;
}

static void receive(Spread *s) {
    const dfl_ctx *ctx = s->fork->ctx;
    bool looks = (ctx->flags & DFL__POLL) != 0;
    unsigned r = 0;
    int status;
    s->message.n = 0;
    status = s->ranks->receive(s->ranks->self, looks ? LOOK_NS : -1, &r, &s->message);
    if (status == DFL_ENOTFOUND && looks)
        return;
    if (status != DFL_OK || r >= s->ranks->n || s->all[r].branch == NOTHING) {
        break_off(s, status == DFL_OK ? DFL_EINVAL : status, "a rank does not answer");
        s->out = 0;
        return;
    }
    Rank *rank = &s->all[r];
    uint32_t i = (uint32_t)rank->branch;
    rank->branch = NOTHING;
    s->out--;
    dfl__fork_end_line(s->fork, i, &rank->line, take_outcome(s, &rank->line, i));
    give(s, r);
}

/* Each rank once for each branch. Of a deadline they know themselves. */
static void pass_cancel_on(Spread *s) {
    for (unsigned r = 0; r < s->ranks->n; r++)
        if (s->all[r].branch != NOTHING && !s->all[r].cancelled) {
            s->all[r].cancelled = true;
            s->ranks->cancel(s->ranks->self, r);
        }
}

/* Lines of branches that will not be heard of. */
static void forget_lines(Spread *s) {
    for (unsigned r = 0; r < s->ranks->n; r++)
        if (s->all[r].branch != NOTHING)
            dfl__held_release(&s->all[r].line.ctx);
}

int dfl__spread_run(Fork *fork, const dfl__spread *spread) {
    static _Atomic uint64_t epochs;
    Spread s = {.fork = fork, .ranks = ranks_of(fork->ctx), .epoch = atomic_fetch_add(&epochs, 1) + 1};
    int status = pack_state(&s, spread);
    s.all = dfl__zalloc(s.ranks->n * sizeof *s.all);
    if (status != DFL_OK || !s.all) {
        break_off(&s, s.all ? status : DFL_ENOMEM, "no memory for what goes to ranks");
    } else {
        for (unsigned r = 0; r < s.ranks->n; r++)
            s.all[r].branch = NOTHING;
        for (unsigned r = 0; r < s.ranks->n; r++)
            give(&s, r);
        while (s.out > 0) {
            receive(&s);
            if (is_cancelled(fork->ctx))
                pass_cancel_on(&s);
        }
        forget_lines(&s);
    }
    dfl__free(s.all);
    dfl_buf_free(&s.state);
    dfl_buf_free(&s.frame);
    dfl_buf_free(&s.message);
    return s.broken ? s.why : DFL_OK;
}
