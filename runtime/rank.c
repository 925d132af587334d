/* What a rank does: an errand at a time, in the state that came with an earlier one.
 *
 * An errand is a run of its own here, of one branch instead of a graph: so all that a node may ask of its ctx works as
 * elsewhere, but for a store. Its memory is the state's, and is given back when the next state takes that one's place. */
#define _GNU_SOURCE

#include "arena.h"
#include "spread.h"

/* A list that is no larger stays for the next one. */
enum { SMALL_LIST = 64 * 1024 };

struct dfl_rank {
    const dfl_graph *const *graphs;
    size_t n;
    dfl_run options;
    dfl_cancel cancel;
    /* The state that came last, and the section that it is for. */
    const dfl_graph *graph; /* NULL: none */
    const dfl__spread *spread;
    void *state;
    uint64_t epoch;
    dfl_buf thread_id;      /* of the run, with its NUL; empty: it has none */
    /* Where elements go along: the list of the state, of which only those of the task at hand are there, and what they
     * lead to. Neither is in the state's memory, so that no reclaiming follows them. */
    void *list;
    size_t list_room;
    dfl__mem elements;
    uint64_t first, n_there;
    /* The frame of the task that came last. */
    char *frame;
    size_t room;
};

dfl_rank *dfl_rank_new(const dfl_graph *const graphs[], size_t n, const dfl_run *options) {
    dfl_rank *rank = dfl__zalloc(sizeof *rank);
    if (!rank)
        return NULL;
    rank->graphs = graphs;
    rank->n = n;
    if (options)
        rank->options = (dfl_run){.hooks = options->hooks, .pool = options->pool, .user = options->user};
    rank->options.cancel = &rank->cancel;
    dfl__mem_init(&rank->elements);
    return rank;
}

static void forget_list(dfl_rank *rank) {
    dfl__free(rank->list);
    rank->list = NULL;
    rank->list_room = 0;
    rank->first = rank->n_there = 0;
}

static void forget_state(dfl_rank *rank) {
    if (!rank->graph)
        return;
    dfl__mem_free((dfl__mem *)(void *)((char *)rank->state + rank->graph->mem_offset));
    dfl__free(rank->state);
    forget_list(rank);
    rank->graph = NULL;
    rank->state = NULL;
}

void dfl_rank_free(dfl_rank *rank) {
    if (!rank)
        return;
    forget_state(rank);
    dfl__mem_free(&rank->elements);
    dfl__free(rank->frame);
    dfl_buf_free(&rank->thread_id);
    dfl__free(rank);
}

void dfl_rank_cancel(dfl_rank *rank) {
    dfl_cancel_now(&rank->cancel);
}

int dfl__no_elements(dfl_ctx *ctx) {
    return dfl__failed(ctx, DFL_ECORRUPT, 0, DFL__NOWHERE, "a chunk has elements that the state does not have");
}

/* The list of the state is of zeroes again. */
static void forget_elements(dfl_rank *rank) {
    if (rank->n_there == 0)
        return;
    size_t size = rank->spread->list->elem->size;
    memset((char *)rank->list + rank->first * size, 0, (size_t)rank->n_there * size);
    rank->n_there = 0;
}

/* ---- the state ---- */

static const dfl_graph *graph_of(const dfl_rank *rank, const dfl__errand *errand) {
    for (size_t i = 0; i < rank->n; i++) {
        const dfl_graph *graph = rank->graphs[i];
        if (graph->abi == DFL_ABI_VERSION && graph->schema == errand->schema &&
            dfl_str_eq(errand->graph, (dfl_str){graph->name, strlen(graph->name)}))
            return graph;
    }
    return NULL;
}

static int take_thread_id(dfl_rank *rank, dfl_str id) {
    rank->thread_id.n = 0;
    if (id.n == 0)
        return DFL_OK;
    uint8_t *room = dfl__buf_room(&rank->thread_id, id.n + 1);
    if (!room)
        return DFL_ENOMEM;
    memcpy(room, id.p, id.n + 1);
    return DFL_OK;
}

/* One of the graph, whatever is in it. */
static int begin_state(dfl_rank *rank, const dfl_graph *graph) {
    if (rank->graph == graph)
        return DFL_OK;
    forget_state(rank);
    rank->state = dfl__zalloc(graph->state->size);
    if (!rank->state)
        return DFL_ENOMEM;
    rank->graph = graph;
    graph->layout->saved->init(rank->state);
    return DFL_OK;
}

/* The bytes of `needs` and what dfl__saved.save has made, in place of all that the state before had. */
static int restore(dfl_rank *rank, const dfl_graph *graph, dfl_bytes bytes) {
    size_t n = dfl__needs_bytes(graph);
    int status = begin_state(rank, graph);
    if (status == DFL_OK)
        status = graph->layout->saved->restore(rank->state, bytes.p, bytes.p + n, bytes.n - n);
    if (status != DFL_OK)
        forget_state(rank);
    return status == DFL_ECORRUPT ? DFL_EINVAL : status;
}

/* Zeroes, which the system provides as they are touched: of a long list a rank sees some. */
static int begin_list(dfl_rank *rank, uint32_t n) {
    const dfl__spread *spread = rank->spread;
    dfl__elements list = {NULL, n, 0};
    size_t size = spread->list->elem->size;
    if (n > SIZE_MAX / size)
        return DFL_ENOMEM;
    if (n * size > rank->list_room) {
        forget_list(rank);
        rank->list = dfl__zalloc(n * size);
        if (!rank->list) {
            forget_state(rank);
            return DFL_ENOMEM;
        }
        rank->list_room = n * size;
    }
    list.items = rank->list;
    memcpy((char *)rank->state + spread->list_at, &list, sizeof list);
    return DFL_OK;
}

static int take_state(dfl_rank *rank, const dfl__errand *errand) {
    const dfl_graph *graph = graph_of(rank, errand);
    const dfl__spread *spread = graph ? dfl__spread_at(graph, errand->place) : NULL;
    int status;
    if (!spread || spread->frames != errand->frames || errand->state.n < dfl__needs_bytes(graph))
        return DFL_EINVAL;
    status = take_thread_id(rank, errand->thread_id);
    if (status != DFL_OK)
        return status;
    forget_elements(rank);
    if (rank->list_room > SMALL_LIST)
        forget_list(rank);
    rank->spread = spread;
    rank->epoch = errand->epoch;
    status = restore(rank, graph, errand->state);
    return status == DFL_OK && spread->list ? begin_list(rank, errand->n_list) : status;
}

/* ---- an errand ---- */

static dfl_str text_of(const char *text) {
    return (dfl_str){text, strlen(text)};
}

/* A question would have to be asked where the run is. */
static int refuse_pause(dfl_ctx *ctx) {
    return dfl__failed(ctx, DFL_EINVAL, 0, DFL__NOWHERE, "a node that runs on another rank cannot pause the run");
}

static int answer_with(const dfl_rank *rank, const dfl_type *type, const dfl_ctx *ctx, int status, dfl_buf *answer) {
    const dfl__failure *failure = &ctx->failure;
    dfl__outcome outcome = {.status = status, .nodes = ctx->nodes, .saves = (ctx->flags & DFL__SAVE) != 0};
    int rc;
    if (status != DFL_OK) {
        outcome.code = failure->code;
        outcome.place = failure->place;
        outcome.attempt = failure->attempt;
        outcome.index = failure->index;
        outcome.at = text_of(failure->at ? failure->at : "");
        outcome.fatal = failure->fatal;
        outcome.late = failure->late;
        outcome.message = text_of(failure->message);
    }
    rc = dfl__put_outcome(answer, &outcome);
    if (rc == DFL_OK)
        rc = dfl__pack(type, rank->frame, answer);
    return rc == DFL_EINVAL ? DFL_ENOMEM : rc;
}

/* ---- elements ---- */

/* Reads them into a list by themselves, in place of those of the task before, whose memory serves again; moves *in
 * behind them. */
static int read_elements(dfl_rank *rank, dfl__in *in, dfl__elements *slice) {
    dfl__aside before;
    dfl_ctx ctx;
    forget_elements(rank);
    if (!dfl__mem_begin(&rank->elements, &before, dfl__left(in)))
        return DFL_ENOMEM;
    dfl__mem_forget(&rank->elements, &before);
    dfl__ctx_init(&ctx, &rank->elements);
    memset(slice, 0, sizeof *slice);
    return dfl__unpack(&ctx, rank->spread->list, slice, in);
}

/* Where the frame says that its elements are, all of them and no others. DFL_OK or DFL_ECORRUPT. */
static int place_elements(dfl_rank *rank, const dfl__elements *slice) {
    const dfl__spread *spread = rank->spread;
    uint64_t next = dfl__number_in(rank->frame, spread->next_at), to = dfl__number_in(rank->frame, spread->to_at);
    dfl__elements list = dfl__spread_list(spread, rank->state);
    size_t size = spread->list->elem->size;
    if (next > to || to > list.len || to - next != slice->len)
        return DFL_ECORRUPT;
    rank->first = next;
    rank->n_there = slice->len;
    if (slice->len > 0)
        memcpy((char *)rank->list + next * size, slice->items, slice->len * size);
    return DFL_OK;
}

/* What came with the errand, over the frame that was begun. */
static int take_rest(dfl_rank *rank, dfl_ctx *ctx, const dfl__errand *errand, const dfl_type *type) {
    dfl__in in = {errand->rest.p, errand->rest.p + errand->rest.n};
    dfl__elements slice = {NULL, 0, 0};
    int status = rank->spread->list ? read_elements(rank, &in, &slice) : DFL_OK;
    if (status == DFL_OK)
        status = dfl__take_packed(ctx, type, (dfl_bytes){in.at, dfl__left(&in)}, rank->frame);
    return status == DFL_OK && rank->spread->list ? place_elements(rank, &slice) : status;
}

static int run_task(dfl_rank *rank, const dfl__errand *errand, const dfl__task *task, dfl_buf *answer) {
    dfl_run options = rank->options;
    dfl__root root = {rank->frame, task->type, NULL};
    uint64_t steps = errand->steps;
    dfl__run run;
    dfl_ctx *ctx = &run.ctx;
    int status, rc;
    if (errand->has_deadline)
        options.timeout_ns = errand->time_left > 0 ? errand->time_left : 1;
    options.thread_id = rank->thread_id.n ? (const char *)rank->thread_id.p : NULL;
    status = dfl__run_begin(&run, rank->graph, rank->state, &options, &steps, 1);
    if (errand->counts)
        ctx->flags |= DFL__COUNT;
    ctx->index = errand->index;
    root.next = ctx->roots;
    ctx->roots = &root;
    if (status == DFL_OK)
        status = take_rest(rank, ctx, errand, task->type);
    if (status == DFL_ECORRUPT)
        status = dfl__failed(ctx, DFL_EINVAL, 0, DFL__NOWHERE, "what came from rank 0 is none of this section's");
    if (status == DFL_OK)
        status = task->body(ctx, rank->frame);
    if (status == DFL_PAUSED)
        status = refuse_pause(ctx);
    ctx->roots = root.next;
    rc = answer_with(rank, task->type, ctx, status, answer);
    (void)dfl__run_end(&run, status);
    return rc;
}

/* Zeroed, and as large as the task wants. */
static bool begin_frame(dfl_rank *rank, size_t size) {
    if (rank->room < size) {
        dfl__free(rank->frame);
        rank->frame = dfl__malloc(size);
        rank->room = rank->frame ? size : 0;
    }
    if (rank->frame)
        memset(rank->frame, 0, size);
    return rank->frame != NULL;
}

static int run_errand(dfl_rank *rank, const dfl__errand *errand, dfl_buf *answer) {
    const dfl__section *section = rank->spread->section;
    const dfl__each *each = rank->spread->each;
    const dfl__task *task;
    if (errand->branch >= (section ? section->n : 1))
        return DFL_EINVAL;
    task = section ? &section->tasks[errand->branch] : &each->chunk;
    if (!begin_frame(rank, section ? task->type->size : each->size))
        return DFL_ENOMEM;
    memcpy(rank->frame + rank->spread->state_at[errand->branch], &rank->state, sizeof rank->state);
    return run_task(rank, errand, task, answer);
}

int dfl_rank_do(dfl_rank *rank, const void *task, size_t n, dfl_buf *answer) {
    const uint8_t *p = task;
    dfl__in in = {p, p + n};
    dfl__errand errand;
    int status;
    __atomic_store_n(&rank->cancel.requested, 0, __ATOMIC_RELAXED);
    if (!dfl__get_errand(&in, &errand))
        return DFL_EINVAL;
    status = errand.has_state ? take_state(rank, &errand) : DFL_OK;
    if (status == DFL_OK && (!rank->graph || rank->epoch != errand.epoch))
        status = DFL_EINVAL;
    return status == DFL_OK ? run_errand(rank, &errand, answer) : status;
}
