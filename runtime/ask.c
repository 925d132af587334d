/* The questions and answers of a run: which there are, and when they are over.
 *
 * A question is known by its node, the elements around it, and its number among the calls of one
 * attempt; the answer takes its place in the table. It is over when the node succeeds.
 *
 * note [doubt]
 * It is over too when the node, or what is around it, fails and the run goes on elsewhere: by an
 * error edge, a fault in a settled section, or a new attempt of the subgraph around it. But when the
 * failure ends the run, a resume will call the node again, and its answers must be there. Which of
 * the two it is, is known only later. So a failure first puts them in doubt, naming the line of
 * execution that it is on, and whoever catches a failure on that line forgets them. A new attempt of
 * the node itself keeps them. */
#include <stdio.h>

#include "internal.h"
#include "mem.h"

/* ---- one ---- */

static uint32_t depth_of(const dfl_ctx *ctx) {
    const dfl__around *around = ctx->around;
    uint32_t depth = 0;
    if (ctx->index < 0)
        return 0;
    for (depth = 1; around && around->index >= 0; around = around->out)
        depth++;
    return depth;
}

/* path: of ctx, outermost first. */
static void fill_path(const dfl_ctx *ctx, int64_t *path, uint32_t depth) {
    const dfl__around *around = ctx->around;
    if (depth == 0)
        return;
    path[--depth] = ctx->index;
    for (; depth > 0; around = around->out)
        path[--depth] = around->index;
}

dfl__ask *dfl__ask_new(dfl__heap *heap, uint32_t place, uint32_t number, const int64_t *path,
                       uint32_t depth, dfl_str text) {
    size_t head = sizeof(dfl__ask) + depth * sizeof *path;
    dfl__ask *ask =
        text.n > SIZE_MAX - head - 1 ? NULL : dfl__heap_alloc(heap, head + text.n + 1);
    char *to;
    if (!ask)
        return NULL;
    memset(ask, 0, sizeof *ask);
    ask->heap = heap;
    ask->place = place;
    ask->number = number;
    ask->depth = depth;
    if (path && depth)
        memcpy(ask->path, path, depth * sizeof *path);
    to = (char *)ask + head;
    if (text.n)
        memcpy(to, text.p, text.n);
    to[text.n] = '\0';
    ask->text = (dfl_str){to, text.n};
    return ask;
}

dfl__ask *dfl__ask_here(const dfl_ctx *ctx, uint32_t number, dfl_str text) {
    dfl__ask *ask =
        dfl__ask_new(ctx->mem->heap, DFL__NOWHERE, number, NULL, depth_of(ctx), text);
    if (ask)
        fill_path(ctx, ask->path, ask->depth);
    return ask;
}

void dfl__ask_free(dfl__ask *ask) {
    if (ask)
        dfl__heap_free(ask->heap, ask);
}

char *dfl__ask_id(dfl__heap *heap, const dfl_graph *graph, const dfl__ask *ask) {
    const char *name = graph->places[ask->place].name;
    size_t cap = strlen(name) + (size_t)ask->depth * 24 + 16;
    char *id = dfl__heap_alloc(heap, cap);
    size_t n;
    if (!id)
        return NULL;
    n = (size_t)snprintf(id, cap, "%s", name);
    for (uint32_t i = 0; i < ask->depth; i++)
        n += (size_t)snprintf(id + n, cap - n, "[%lld]", (long long)ask->path[i]);
    if (ask->number > 0)
        snprintf(id + n, cap - n, "#%lu", (unsigned long)ask->number + 1);
    return id;
}

/* ---- order ---- */

static int compare(uint64_t a, uint64_t b) {
    return (a > b) - (a < b);
}

static int compare_asks(const dfl__ask *a, const dfl__ask *b) {
    int order = compare(a->place, b->place);
    if (order == 0)
        order = compare(a->depth, b->depth);
    for (uint32_t i = 0; order == 0 && i < a->depth; i++)
        order = compare((uint64_t)a->path[i], (uint64_t)b->path[i]);
    return order ? order : compare(a->number, b->number);
}

/* How the ask's first `depth` elements compare with those where ctx stands, as many. */
static int compare_path(const dfl__ask *ask, const dfl_ctx *ctx, uint32_t depth) {
    const dfl__around *around = ctx->around;
    int64_t index = ctx->index;
    int order = 0;
    /* From the inside out: what differs outermost decides. */
    for (uint32_t i = depth; i > 0; i--) {
        int here = compare((uint64_t)ask->path[i - 1], (uint64_t)index);
        if (here)
            order = here;
        if (i > 1) {
            index = around->index;
            around = around->out;
        }
    }
    return order;
}

static int compare_here(const dfl__ask *ask, const dfl_ctx *ctx, uint32_t place, uint32_t number) {
    uint32_t depth = depth_of(ctx);
    int order = compare(ask->place, place);
    if (order == 0)
        order = compare(ask->depth, depth);
    if (order == 0)
        order = compare_path(ask, ctx, depth);
    return order ? order : compare(ask->number, number);
}

/* ---- the table ---- */

dfl__ask *dfl__asks_find(const dfl__asks *asks, const dfl_ctx *ctx, uint32_t place,
                         uint32_t number) {
    size_t low = 0, high = asks->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_here(asks->all[middle], ctx, place, number);
        if (order == 0)
            return asks->all[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* The first that is not below. */
static size_t position_of(const dfl__asks *asks, const dfl__ask *ask) {
    size_t low = 0, high = asks->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_asks(asks->all[middle], ask) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* All of them, with room for one more; NULL: no memory. */
static dfl__ask **room_for_one(dfl__asks *asks) {
    size_t cap = asks->cap ? asks->cap * 2 : 4;
    dfl__ask **all;
    if (asks->n < asks->cap)
        return asks->all;
    all = dfl__heap_realloc(asks->heap, asks->all, cap * sizeof(dfl__ask *));
    if (!all)
        return NULL;
    asks->all = all;
    asks->cap = cap;
    return all;
}

bool dfl__asks_put(dfl__asks *asks, dfl__ask *ask) {
    size_t i = position_of(asks, ask);
    dfl__ask **all;
    if (i < asks->n && compare_asks(asks->all[i], ask) == 0) {
        dfl__ask_free(asks->all[i]);
        asks->all[i] = ask;
        return true;
    }
    all = room_for_one(asks);
    if (!all)
        return false;
    memmove(&all[i + 1], &all[i], (asks->n - i) * sizeof(dfl__ask *));
    all[i] = ask;
    asks->n++;
    return true;
}

dfl__asks *dfl__asks_new(dfl__heap *heap) {
    dfl__asks *asks = dfl__heap_alloc(heap, sizeof *asks);
    if (asks)
        *asks = (dfl__asks){.heap = heap};
    return asks;
}

void dfl__asks_free(dfl__asks *asks) {
    if (!asks)
        return;
    for (size_t i = 0; i < asks->n; i++)
        dfl__ask_free(asks->all[i]);
    dfl__heap_free(asks->heap, asks->all);
    dfl__heap_free(asks->heap, asks);
}

/* ---- what becomes of them ---- */

/* Is it a question or answer of the node at `place`, in the element where ctx stands? */
static bool is_of(const dfl__ask *ask, const dfl_ctx *ctx, uint32_t place) {
    return compare_here(ask, ctx, place, ask->number) == 0;
}

/* Is it one of a node within the section or subgraph at `place`, in the element where ctx stands? */
static bool is_within(const dfl__ask *ask, const dfl_ctx *ctx, uint32_t place) {
    const dfl_place *places = ctx->run->graph->places;
    uint32_t depth = depth_of(ctx);
    int32_t at = (int32_t)ask->place;
    while (at >= 0 && at != (int32_t)place)
        at = places[at].section;
    return at >= 0 && ask->depth >= depth && compare_path(ask, ctx, depth) == 0;
}

typedef struct Change {
    const dfl_ctx *ctx, *branch;
    uint32_t place;
    dfl__doubt doubt;
} Change;

/* Calls `keep` for every ask, and frees those that it returns false for. */
static void for_all(dfl_ctx *ctx, bool (*keep)(dfl__ask *ask, const Change *change),
                    Change change) {
    dfl__run *run = ctx->run;
    dfl__asks *asks;
    size_t n = 0;
    change.ctx = ctx;
    dfl__lock(&run->lock);
    asks = run->asks;
    for (size_t i = 0; asks && i < asks->n; i++) {
        if (keep(asks->all[i], &change))
            asks->all[n++] = asks->all[i];
        else
            dfl__ask_free(asks->all[i]);
    }
    if (asks)
        asks->n = n;
    dfl__unlock(&run->lock);
}

dfl_str dfl__asks_question(dfl_ctx *ctx, uint32_t place) {
    dfl__run *run = ctx->run;
    dfl__ask *ask = NULL;
    uint32_t number = 0;
    dfl__lock(&run->lock);
    if (run->asks)
        do
            ask = dfl__asks_find(run->asks, ctx, place, number++);
        while (ask && ask->answered);
    dfl__unlock(&run->lock);
    return ask ? ask->text : (dfl_str){NULL, 0};
}

static bool serve(dfl__ask *ask, const Change *change) {
    return !is_of(ask, change->ctx, change->place);
}

void dfl__asks_served(dfl_ctx *ctx, uint32_t place) {
    for_all(ctx, serve, (Change){.place = place});
}

static bool doubt(dfl__ask *ask, const Change *change) {
    bool hit = change->doubt == DFL__FAILED ? is_of(ask, change->ctx, change->place)
                                            : is_within(ask, change->ctx, change->place);
    if (hit) {
        ask->doubt = change->doubt;
        ask->line = change->ctx;
    }
    return true;
}

void dfl__asks_failed(dfl_ctx *ctx, uint32_t place, dfl__doubt much) {
    for_all(ctx, doubt, (Change){.place = place, .doubt = much});
}

static bool be_sure(dfl__ask *ask, const Change *change) {
    if (is_of(ask, change->ctx, change->place))
        ask->doubt = DFL__SURE;
    return true;
}

void dfl__asks_sure(dfl_ctx *ctx, uint32_t place) {
    for_all(ctx, be_sure, (Change){.place = place});
}

static bool forget(dfl__ask *ask, const Change *change) {
    return ask->doubt == DFL__SURE || ask->line != change->ctx || ask->doubt < change->doubt;
}

void dfl__asks_caught(dfl_ctx *ctx, dfl__doubt least) {
    for_all(ctx, forget, (Change){.doubt = least});
}

static bool hand_on(dfl__ask *ask, const Change *change) {
    if (ask->line == change->branch)
        ask->line = change->ctx;
    return true;
}

static bool be_sure_again(dfl__ask *ask, const Change *change) {
    if (ask->line == change->ctx)
        ask->doubt = DFL__SURE;
    return true;
}

/* Nobody will catch that failure: its node is called again. */
int dfl__join_parked(dfl_ctx *ctx, int rc) {
    if (rc != DFL_OK && !dfl__fails_again(rc))
        return rc;
    if (rc != DFL_OK)
        for_all(ctx, be_sure_again, (Change){.ctx = ctx});
    return DFL_PAUSED;
}

void dfl__asks_joined(dfl_ctx *ctx, const dfl_ctx *branch) {
    for_all(ctx, hand_on, (Change){.branch = branch});
}
