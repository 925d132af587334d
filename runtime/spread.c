/* A section on ranks, seen from the one that runs the graph: hands its branches out, and puts together what comes back.
 *
 * note [ranks]
 * A rank holds the same program, so all that it needs to run a branch is the branch's frame and the fields that
 * branches of the section read of the state. The fields go once to each rank for each time that the section is come to,
 * with the first branch that the rank is given: nobody changes the state until the join. Frames go there and back packed.
 * Branches are handed out one at a time, the largest first, to whoever is free (self-scheduling; note [ahead]), and
 * merged by the generated code as after threads, so that it is not to be seen who has run what.
 *
 * A branch that fails skips those behind it that have not begun, as on threads (fork.c); what is under way is waited for. */
#define _GNU_SOURCE

#include "fork.h"
#include "spread.h"

enum {
    CHUNKS_PER_RANK = 4,
    LOOK_NS = 1000 * 1000 /* how often a run that can be cancelled looks whether it was */
};

const dfl__spread *dfl__spread_at(const dfl_graph *graph, uint32_t place) {
    for (uint32_t i = 0; i < graph->n_spreads; i++) {
        const dfl__spread *spread = graph->spreads[i];
        if ((spread->section ? spread->section->place : spread->each->place) == place)
            return spread;
    }
    return NULL;
}

/* Those that a section of this ctx can go to, at least one; NULL: it stays here. One within a branch runs where its branch
 * does. */
static const dfl_ranks *ranks_for(const dfl_ctx *ctx) {
    const dfl_ranks *ranks = ctx->run && ctx == &ctx->run->ctx ? ctx->run->options->ranks : NULL;
    return ranks && ranks->n > 0 ? ranks : NULL;
}

const dfl__spread *dfl__spread_of(const Fork *fork) {
    if (!fork->spread || !ranks_for(fork->ctx))
        return NULL;
    return dfl__spread_at(fork->ctx->run->graph, dfl__fork_place(fork));
}

uint32_t dfl__rank_chunks(dfl_ctx *ctx, uint64_t n, int64_t work_ns) {
    const dfl_ranks *ranks = ranks_for(ctx);
    uint64_t most;
    if (!ranks)
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
    const dfl_ranks *ranks = ranks_for(ctx);
    uint64_t least;
    uint32_t power;
    if (!ranks || ctx->reentered)
        return false;
    power = power_of(ranks->n);
    least = from[power < n_from ? power : n_from - 1];
    return least != UINT64_MAX && n >= least;
}

/* ---- handing out ---- */

/* A branch that is under way. */
typedef struct Away {
    Line line;
    uint32_t branch;
} Away;

/* note [ahead]
 * A rank whose last branch took less than AHEAD_NS, with the way there and back, is given two at a time, so that it finds
 * the next one when it has done one. With longer ones that gains nothing, and the second could have gone to whoever is free
 * first. Answers come in the order of the tasks. */
enum { AHEAD = 2, AHEAD_NS = 100 * 1000 };

typedef struct Rank {
    Away away[AHEAD]; /* `first`, and behind it as many as `n` says */
    unsigned first, n;
    bool has_state, cancelled, is_quick;
    int64_t since;    /* when it was first given one, or has answered the last */
} Rank;

typedef struct Spread {
    Fork *fork;
    const dfl__spread *spread;
    const dfl_ranks *ranks;
    Rank *all;
    uint32_t next, out;   /* branches that were looked at; that are under way */
    uint64_t epoch;
    dfl_buf state, message;
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
static int pack_state(Spread *s) {
    const dfl__run *run = s->fork->ctx->run;
    size_t n = dfl__needs_bytes(run->graph);
    uint8_t *needs = dfl__buf_room(&s->state, n);
    if (!needs)
        return DFL_ENOMEM;
    memcpy(needs, s->spread->needs, n);
    return run->graph->layout->saved->save(run->state, 0, &s->state);
}

static dfl__elements list_of(const Spread *s) {
    return dfl__spread_list(s->spread, s->fork->ctx->run->state);
}

/* Those that the chunk has still to do. */
static int pack_elements(Spread *s, uint32_t i) {
    const dfl__spread *spread = s->spread;
    const void *frame = dfl__fork_frame(s->fork, i);
    dfl__elements list = list_of(s), slice = {list.items, 0, 0};
    uint64_t next = dfl__number_in(frame, spread->next_at), to = dfl__number_in(frame, spread->to_at);
    if (next < to && to <= list.len) {
        slice.items = (const char *)list.items + next * spread->list->elem->size;
        slice.len = (uint32_t)(to - next);
    }
    return dfl__pack(spread->list, &slice, &s->message);
}

static void add_state(const Spread *s, dfl__errand *errand) {
    const dfl__run *run = s->fork->ctx->run;
    const char *thread = run->options->thread_id;
    errand->has_state = true;
    errand->place = dfl__fork_place(s->fork);
    errand->n_list = s->spread->list ? list_of(s).len : 0;
    errand->graph = (dfl_str){run->graph->name, strlen(run->graph->name)};
    errand->schema = run->graph->schema;
    errand->frames = s->spread->frames;
    if (thread)
        errand->thread_id = (dfl_str){thread, strlen(thread)};
    errand->state = (dfl_bytes){s->state.p, s->state.n};
}

static int pack_errand(Spread *s, const Rank *rank, uint32_t i) {
    const dfl_ctx *ctx = s->fork->ctx;
    const dfl__run *run = ctx->run;
    dfl__errand errand = {.branch = s->fork->section ? i : 0,
                          .epoch = s->epoch,
                          .has_deadline = (ctx->flags & DFL__CLOCK) != 0,
                          .index = ctx->index,
                          .counts = (ctx->flags & DFL__COUNT) != 0,
                          .steps = run->n_counts ? run->counts[0] : 0};
    int status;
    if (errand.has_deadline)
        errand.time_left = ctx->deadline - dfl__now();
    if (!rank->has_state)
        add_state(s, &errand);
    s->message.n = 0;
    status = dfl__put_errand(&s->message, &errand);
    if (status == DFL_OK && s->spread->list)
        status = pack_elements(s, i);
    return status == DFL_OK ? dfl__pack(dfl__fork_task(s->fork, i)->type, dfl__fork_frame(s->fork, i), &s->message)
                            : status;
}

static int send(Spread *s, unsigned r, uint32_t i) {
    Rank *rank = &s->all[r];
    int status = pack_errand(s, rank, i);
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

/* Of a run that is to stop the branches that have not begun stop here, at their first node. False: it has got none. */
static bool give_one(Spread *s, unsigned r) {
    Rank *rank = &s->all[r];
    Away *away = &rank->away[(rank->first + rank->n) % AHEAD];
    uint32_t i;
    while (dfl_cancelled(s->fork->ctx) && take_next(s, &i))
        dfl__fork_branch(s->fork, i);
    if (s->broken || !take_next(s, &i) || send(s, r, i) != DFL_OK)
        return false;
    dfl__fork_begin_line(s->fork, &away->line, i, dfl__fork_frame(s->fork, i), dfl__fork_task(s->fork, i)->type);
    away->branch = i;
    rank->n++;
    rank->cancelled = false;
    s->out++;
    return true;
}

static void give(Spread *s, unsigned r) {
    const Rank *rank = &s->all[r];
    while (rank->n < (rank->is_quick ? AHEAD : 1) && give_one(s, r))
        continue;
}

/* ---- what comes back ---- */

static void set_failure(dfl_ctx *ctx, const dfl__outcome *outcome) {
    dfl__failure *failure = &ctx->failure;
    dfl_str at = outcome->at.n ? dfl_copy(ctx, outcome->at.p, outcome->at.n) : outcome->at;
    *failure = (dfl__failure){.status = outcome->status,
                              .code = outcome->code,
                              .place = outcome->place,
                              .attempt = outcome->attempt,
                              .index = outcome->index,
                              .at = at.n ? at.p : NULL,
                              .fatal = outcome->fatal,
                              .late = outcome->late};
    snprintf(failure->message, sizeof failure->message, "%.*s", DFL_ARG(outcome->message));
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
    int status = DFL_ECORRUPT;
    if (dfl__get_outcome(&in, &outcome) && can_be(ctx->run->graph, &outcome))
        status = dfl__take_packed(ctx, task->type, outcome.frame, frame);
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

/* The oldest of the rank's branches is the one that has been answered. */
static void take_answer(Spread *s, Rank *rank) {
    Away *away = &rank->away[rank->first];
    int64_t now = dfl__now();
    rank->is_quick = now - rank->since < AHEAD_NS;
    rank->since = now;
    rank->first = (rank->first + 1) % AHEAD;
    rank->n--;
    s->out--;
    dfl__fork_end_line(s->fork, away->branch, &away->line, take_outcome(s, &away->line, away->branch));
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
    if (status != DFL_OK || r >= s->ranks->n || s->all[r].n == 0) {
        break_off(s, status == DFL_OK ? DFL_EINVAL : status, "a rank does not answer");
        s->out = 0;
        return;
    }
    take_answer(s, &s->all[r]);
    give(s, r);
}

/* Each rank once for all that it has. Of a deadline they know themselves. */
static void pass_cancel_on(Spread *s) {
    for (unsigned r = 0; r < s->ranks->n; r++)
        if (s->all[r].n > 0 && !s->all[r].cancelled) {
            s->all[r].cancelled = true;
            s->ranks->cancel(s->ranks->self, r);
        }
}

/* Lines of branches that will not be heard of. */
static void forget_lines(Spread *s) {
    for (unsigned r = 0; r < s->ranks->n; r++)
        for (Rank *rank = &s->all[r]; rank->n > 0; rank->n--)
            dfl__held_release(&rank->away[(rank->first + rank->n - 1) % AHEAD].line.ctx);
}

static void begin_ranks(Spread *s) {
    for (unsigned r = 0; r < s->ranks->n; r++) {
        Rank *rank = &s->all[r];
        rank->first = rank->n = 0;
        rank->has_state = rank->cancelled = rank->is_quick = false;
    }
}

static void hand_out(Spread *s) {
    begin_ranks(s);
    for (unsigned r = 0; r < s->ranks->n; r++) {
        s->all[r].since = dfl__now();
        give(s, r);
    }
    while (s->out > 0) {
        receive(s);
        if (is_cancelled(s->fork->ctx))
            pass_cancel_on(s);
    }
    forget_lines(s);
}

int dfl__spread_run(Fork *fork, const dfl__spread *spread) {
    static _Atomic uint64_t epochs;
    Spread s = {
        .fork = fork, .spread = spread, .ranks = ranks_for(fork->ctx), .epoch = atomic_fetch_add(&epochs, 1) + 1};
    int status = pack_state(&s);
    s.all = dfl__malloc(s.ranks->n * sizeof *s.all);
    if (status != DFL_OK || !s.all)
        break_off(&s, s.all ? status : DFL_ENOMEM, "no memory for what goes to ranks");
    else
        hand_out(&s);
    dfl__free(s.all);
    dfl_buf_free(&s.state);
    dfl_buf_free(&s.message);
    return s.broken ? s.why : DFL_OK;
}
