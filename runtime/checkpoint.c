/* Checkpoints of a run: where it stands and its state to a store's record, and back.
 *
 * The record names the place, and its body is:
 *
 *     u8                       2, the version of this form
 *     u8                       what of the place, and what follows: AFTER, PASSED, INNER, ERROR, ASKS
 *     varint n, n varints      steps and `max` counters of the outermost region
 *     INNER   u64              fingerprint of the graph's places
 *             block            packed frames (position.c)
 *     ERROR   varints          status, code, attempt, index (the bits of an i64 each)
 *             blocks           node, at, message
 *     ASKS    varint n, then of each
 *             block            the node's name
 *             varint n, varints    the elements around it
 *             varint, u8, block    its number, whether it is an answer, the text
 *     varint n, n bits         which of the saved fields follow: those that are live there
 *     these fields             as in NAME_encode, to the end
 *
 * A graph without a layout has n = 0 and all of NAME_encode. The layout's text is stored beside, once
 * (layout.h); by it a checkpoint of another version of the graph is read: counters and fields by their
 * names, the state by migrate.c.
 *
 * A block is a varint length and the bytes. */
#include <errno.h>

#include "internal.h"
#include "layout.h"
#include "mem.h"
#include "store.h"

enum { BODY_VERSION = 2 };

enum { HAS_AFTER = 1, HAS_PASSED = 2, HAS_INNER = 4, HAS_ERROR = 8, HAS_ASKS = 16, HAS_MAX = 31 };

/* Packed frames hold places by number, so they are read by no graph that numbers them otherwise. */
static uint64_t mark_place(uint64_t hash, const dfl_place *place, const char *name) {
    uint8_t around[8];
    dfl__put_i32(around, place->section);
    dfl__put_i32(around + 4, place->branch);
    hash = dfl__fnv(hash, name, strlen(name) + 1);
    return dfl__fnv(hash, around, sizeof around);
}

static uint64_t places_mark(const dfl_graph *graph) {
    uint64_t hash = DFL__FNV;
    for (uint32_t i = 0; i < graph->n_places; i++)
        hash = mark_place(hash, &graph->places[i], graph->places[i].name);
    return hash;
}

/* Names that places were saved under before, one after another: of each place today's, or an older one. Which of
 * them belong together nobody tells, so all are tried, as far as that does not take long. */
typedef struct Renamed {
    const dfl_graph *graph;
    uint64_t wanted;
    uint32_t left; /* places to be looked at */
} Renamed;

enum { MOST_RENAMED = 1 << 20 };

static bool is_marked(Renamed *renamed, uint64_t hash, uint32_t first) {
    const dfl_graph *graph = renamed->graph;
    for (uint32_t i = first; i < graph->n_places; i++) {
        const dfl_place *place = &graph->places[i];
        if (renamed->left == 0)
            return false;
        renamed->left--;
        for (uint32_t k = 0; k < graph->layout->n_nodes_was; k++) {
            const dfl__was *was = &graph->layout->nodes_was[k];
            if (strcmp(was->now, place->name) == 0 &&
                is_marked(renamed, mark_place(hash, place, was->before), i + 1))
                return true;
            if (renamed->left == 0)
                return false;
        }
        hash = mark_place(hash, place, place->name);
    }
    return hash == renamed->wanted;
}

static bool has_places_of(const dfl_graph *graph, uint64_t mark) {
    Renamed renamed = {graph, mark, MOST_RENAMED};
    return graph->layout ? is_marked(&renamed, DFL__FNV, 0) : mark == places_mark(graph);
}

static const dfl__saved *saved_of(const dfl_graph *graph) {
    return graph->layout ? graph->layout->saved : NULL;
}

static uint64_t layout_mark(const dfl_graph *graph) {
    return graph->layout ? graph->layout->mark : graph->schema;
}

/* ---- saving ---- */

/* What is to be saved besides the state, and the first failure of writing it. */
typedef struct Saving {
    dfl__run *run;
    dfl_buf *buf;
    int status;
} Saving;

static void put_varint(Saving *saving, uint64_t v) {
    if (saving->status == DFL_OK)
        saving->status = dfl__pack_varint(saving->buf, v);
}

static void put_block(Saving *saving, const void *p, size_t n) {
    if (saving->status == DFL_OK)
        saving->status = dfl__pack_block(saving->buf, p, n);
}

static void put_text(Saving *saving, const char *text) {
    put_block(saving, text, strlen(text));
}

static void put_byte(Saving *saving, unsigned byte) {
    uint8_t *at = saving->status == DFL_OK ? dfl__buf_room(saving->buf, 1) : NULL;
    if (at)
        *at = (uint8_t)byte;
    else
        saving->status = DFL_ENOMEM;
}

/* What every body begins with. */
static void put_begin(Saving *saving, unsigned what) {
    const dfl__run *run = saving->run;
    dfl_buf *buf = saving->buf;
    uint8_t *at = dfl__buf_room(buf, 2 + DFL__VARINT_MAX * (1 + (size_t)run->n_counts));
    if (!at) {
        saving->status = DFL_ENOMEM;
        return;
    }
    *at++ = BODY_VERSION;
    *at++ = (uint8_t)what;
    at = dfl__put_varint(at, run->n_counts);
    for (uint32_t i = 0; i < run->n_counts; i++)
        at = dfl__put_varint(at, run->counts[i]);
    buf->n = (size_t)(at - buf->p);
}

static void put_inner(Saving *saving) {
    const dfl__run *run = saving->run;
    uint8_t *mark = saving->status == DFL_OK ? dfl__buf_room(saving->buf, 8) : NULL;
    if (!mark) {
        saving->status = DFL_ENOMEM;
        return;
    }
    dfl__put_u64(mark, places_mark(run->graph));
    put_block(saving, run->inner.p, run->inner.n);
}

static void put_error(Saving *saving, const dfl_error *error) {
    if (saving->status == DFL_OK)
        saving->status = dfl__pack_error(saving->buf, error);
}

static void put_ask(Saving *saving, const dfl__ask *ask) {
    put_text(saving, saving->run->graph->places[ask->place].name);
    put_varint(saving, ask->depth);
    for (uint32_t i = 0; i < ask->depth; i++)
        put_varint(saving, (uint64_t)ask->path[i]);
    put_varint(saving, ask->number);
    put_byte(saving, ask->answered);
    put_block(saving, ask->text.p, ask->text.n);
}

/* Other branches may ask meanwhile. */
static void put_asks(Saving *saving) {
    dfl__run *run = saving->run;
    dfl__lock(&run->lock);
    put_varint(saving, run->asks->n);
    for (size_t i = 0; i < run->asks->n; i++)
        put_ask(saving, run->asks->all[i]);
    dfl__unlock(&run->lock);
}

/* A table that has come to be stays until the run's end. */
static bool has_asks(dfl__run *run) {
    bool any;
    if (!__atomic_load_n(&run->asks, __ATOMIC_RELAXED))
        return false;
    dfl__lock(&run->lock);
    any = run->asks->n > 0;
    dfl__unlock(&run->lock);
    return any;
}

/* What the run itself caught last, also while branches on its line have caught more; NULL: nothing. */
static const dfl_error *last_error(const dfl__run *run) {
    const dfl__outer *outer = run->ctx.outer;
    while (outer && outer->out)
        outer = outer->out;
    if (!outer)
        return run->ctx.last_error;
    return outer->error.status == DFL_OK ? NULL : &outer->error;
}

static unsigned what_follows(dfl__run *run, uint32_t position) {
    unsigned what = 0;
    what |= position & DFL__AFTER ? HAS_AFTER : 0;
    what |= position & DFL__PASSED ? HAS_PASSED : 0;
    what |= run->inner.n > 0 ? HAS_INNER : 0;
    what |= last_error(run) ? HAS_ERROR : 0;
    what |= has_asks(run) ? HAS_ASKS : 0;
    return what;
}

/* ---- what is live ---- */

static size_t live_bytes(const dfl__saved *saved) {
    return saved ? (saved->n + 7) / 8 : 0;
}

/* How many of a field's changes are not behind a slot of the flow. */
static uint32_t changes_before(const uint32_t *slots, uint32_t n, uint32_t slot) {
    uint32_t low = 0, high = n;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (slots[mid] <= slot)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* Most fields are live from some place on, or up to the end. */
static inline bool is_live_among(const uint32_t *slots, uint32_t n, uint32_t slot) {
    return n == 1 ? slots[0] <= slot : changes_before(slots, n, slot) % 2 == 1;
}

static bool is_live(const dfl__saved *saved, uint32_t field, uint32_t slot) {
    uint32_t first = saved->first[field];
    return is_live_among(saved->slots + first, saved->first[field + 1] - first, slot);
}

static uint8_t live_byte(const dfl__saved *saved, uint32_t first, uint32_t slot) {
    uint32_t n = saved->n - first < 8 ? saved->n - first : 8, begin = saved->first[first];
    unsigned byte = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t end = saved->first[first + i + 1];
        byte |= (unsigned)is_live_among(saved->slots + begin, end - begin, slot) << i;
        begin = end;
    }
    return (uint8_t)byte;
}

static uint32_t slot_of(const dfl_graph *graph, uint32_t position) {
    if (!graph->layout)
        return 0;
    return 2 * graph->layout->saved->order[position & DFL__PLACE] + (position & DFL__AFTER ? 1 : 0);
}

static void put_live(Saving *saving, uint32_t position) {
    const dfl_graph *graph = saving->run->graph;
    const dfl__saved *saved = saved_of(graph);
    uint32_t slot = slot_of(graph, position), fields = saved ? saved->n : 0;
    size_t n = live_bytes(saved);
    uint8_t *at =
        saving->status == DFL_OK ? dfl__buf_room(saving->buf, dfl__varint_size(fields) + n) : NULL;
    if (!at) {
        saving->status = DFL_ENOMEM;
        return;
    }
    at = dfl__put_varint(at, fields);
    for (uint32_t i = 0; i < fields; i += 8)
        *at++ = live_byte(saved, i, slot);
}

static int encode_body(dfl__run *run, uint32_t position, size_t *head_n) {
    unsigned what = what_follows(run, position);
    const dfl__saved *saved = saved_of(run->graph);
    Saving saving = {run, &run->scratch, DFL_OK};
    run->scratch.n = 0;
    put_begin(&saving, what);
    if (what & HAS_INNER)
        put_inner(&saving);
    if (what & HAS_ERROR)
        put_error(&saving, last_error(run));
    if (what & HAS_ASKS)
        put_asks(&saving);
    put_live(&saving, position);
    *head_n = run->scratch.n;
    if (saving.status != DFL_OK)
        return saving.status;
    if (saved)
        return saved->save(run->state, run->scratch.n - live_bytes(saved), &run->scratch);
    return run->graph->encode(run->state, &run->scratch);
}

static int put_record(dfl__run *run, uint32_t position, size_t head_n, uint64_t nodes,
                      uint64_t *id) {
    const dfl_run *options = run->options;
    const dfl_record record = {
        .about = {.previous = run->saved,
                  .thread = options->thread_id,
                  .next = run->graph->places[position & DFL__PLACE].name,
                  .step = nodes,
                  .bytes = run->scratch.n - head_n},
        .graph = run->graph->name,
        .layout = layout_mark(run->graph),
        .body = run->scratch.p,
        .n = run->scratch.n,
    };
    return options->store->ops->put(options->store->self, &record, options->durability, id);
}

static int not_saved(dfl_ctx *ctx, int status) {
    const char *why = status == DFL_ESTORE   ? "the store failed to save a checkpoint"
                      : status == DFL_EINVAL ? "the state is too deep to be saved"
                                             : "no memory to save a checkpoint";
    return dfl__failed(ctx, status, status == DFL_ESTORE ? errno : 0, DFL__NOWHERE, "%s", why);
}

/* Before the first checkpoint of a run: what it is to be read by. The store has it but for the first
 * time that any run of this version of the graph saves there. */
static int put_layout(dfl__run *run) {
    dfl_store *store = run->options->store;
    uint64_t mark = layout_mark(run->graph);
    dfl_buf text = {0};
    int status;
    if (run->layout_is_put || !run->graph->layout || !dfl__store_keeps_layouts(store))
        return DFL_OK;
    status = dfl__store_layout(store, mark, NULL);
    run->layout_is_put = status == DFL_OK;
    if (status != DFL_ENOTFOUND)
        return status;
    status = dfl__layout_text(run->graph, &text);
    if (status == DFL_OK)
        status = store->ops->put_layout(store->self, run->graph->name, mark, (const char *)text.p,
                                        text.n);
    dfl_buf_free(&text);
    return status;
}

static int save(dfl_ctx *ctx, uint32_t position, uint64_t nodes) {
    dfl__run *run = ctx->run;
    size_t head_n = 0;
    uint64_t id = 0;
    int status = put_layout(run);
    if (status == DFL_OK)
        status = encode_body(run, position, &head_n);
    if (status == DFL_OK)
        status = put_record(run, position, head_n, nodes, &id);
    if (status != DFL_OK)
        return not_saved(ctx, status);
    run->saved = id;
    if (run->graph->saved_one)
        run->graph->saved_one(run->graph->places[position & DFL__PLACE].name, id);
    if (ctx->flags & DFL__WATCH)
        dfl__event_checkpoint(ctx, DFL_EVENT_SAVED, id, position & DFL__PLACE);
    return DFL_OK;
}

int dfl__save(dfl__run *run, uint32_t position) {
    int status = save(&run->ctx, position, run->ctx.nodes);
    if (status != DFL_OK)
        return status;
    run->ctx.flags &= ~DFL__SAVE;
    run->saved_at = position;
    run->saved_nodes = run->ctx.nodes;
    run->saved_inner = dfl__mark_of(run->inner);
    run->ctx.at_risk_ns = 0;
    return DFL_OK;
}

/* Nobody else sets run->inner while the section runs. What the run saved last by itself stays as it
 * is: at the join more has been done since, and that is to be saved. */
int dfl__save_from(dfl_ctx *ctx, uint32_t position, dfl_bytes inner, uint64_t nodes) {
    dfl__run *run = ctx->run;
    int status;
    run->inner = inner;
    status = save(ctx, position, nodes);
    run->inner = (dfl_bytes){NULL, 0};
    return status;
}

/* ---- loading ---- */

/* A load in progress: who is told of a failure, and what has been read. */
typedef struct Load {
    dfl_ctx *ctx;
    const dfl_graph *graph;
    const dfl_run *options;
    dfl__loaded *out;
    dfl_record record;
    dfl__in in;
    uint32_t place;
} Load;

#define FAIL(LOAD, STATUS, CODE, ...)                                                              \
    dfl__failed((LOAD)->ctx, STATUS, CODE, DFL__NOWHERE, __VA_ARGS__)

/* A decimal number above 0, and nothing else. */
static bool parse_id(const char *text, uint64_t *id) {
    *id = 0;
    for (; *text >= '0' && *text <= '9'; text++) {
        uint64_t digit = (uint64_t)(*text - '0');
        if (*id > (UINT64_MAX - digit) / 10)
            return false;
        *id = *id * 10 + digit;
    }
    return *text == '\0' && *id > 0;
}

static int not_read(Load *load, int status) {
    const char *checkpoint = load->options->checkpoint, *thread = load->options->thread_id;
    if (status == DFL_ENOTFOUND && checkpoint)
        return FAIL(load, status, 0, "thread '%s' has no checkpoint %s", thread, checkpoint);
    if (status == DFL_ENOTFOUND)
        return FAIL(load, status, 0, "the store has no thread '%s'", thread);
    return FAIL(load, status, status == DFL_ESTORE ? errno : 0,
                "the checkpoint of thread '%s' cannot be read", thread);
}

static int read_record(Load *load) {
    const dfl_run *options = load->options;
    dfl_store *store = options->store;
    uint64_t id = 0;
    int status;
    if (!store || !options->thread_id || !options->thread_id[0])
        return FAIL(load, DFL_EINVAL, 0, "to load a checkpoint takes a store and a thread_id");
    if (options->checkpoint && !parse_id(options->checkpoint, &id))
        return FAIL(load, DFL_EINVAL, 0, "checkpoint '%s' is not a number", options->checkpoint);
    status = store->ops->read(store->self, options->thread_id, id, &load->record, &load->out->hold);
    return status == DFL_OK ? DFL_OK : not_read(load, status);
}

static int damaged(Load *load) {
    return FAIL(load, DFL_ECORRUPT, 0, "the checkpoint is damaged");
}

static int no_memory(Load *load) {
    return FAIL(load, DFL_ENOMEM, 0, "no memory to load a checkpoint");
}

static int parse_layout(Load *load, const dfl_buf *text) {
    dfl__layout *layout = load->out->layout = dfl__zalloc(sizeof *layout);
    int status = layout ? dfl__layout_parse((const char *)text->p, text->n, layout) : DFL_ENOMEM;
    if (status == DFL_ENOMEM)
        return no_memory(load);
    return status == DFL_OK ? DFL_OK
                            : FAIL(load, status, 0,
                                   "what the store tells of the checkpoint's fields is damaged");
}

/* The checkpoint is of another version of the graph: its layout says what is in it. */
static int read_layout(Load *load) {
    dfl_buf text = {0};
    int status = load->graph->layout
                     ? dfl__store_layout(load->options->store, load->record.layout, &text)
                     : DFL_ENOTFOUND;
    if (status == DFL_ENOTFOUND)
        status =
            FAIL(load, DFL_ESCHEMA, 0,
                 "the checkpoint has other fields than graph '%s', and the store does not tell "
                 "which",
                 load->graph->name);
    else
        status = status == DFL_OK ? parse_layout(load, &text) : not_read(load, status);
    dfl_buf_free(&text);
    return status;
}

static int check_schema(Load *load) {
    const dfl_graph *graph = load->graph;
    if (strcmp(load->record.graph, graph->name) != 0)
        return FAIL(load, DFL_ESCHEMA, 0, "the checkpoint is one of graph '%s', not of '%s'",
                    load->record.graph, graph->name);
    return load->record.layout == layout_mark(graph) ? DFL_OK : read_layout(load);
}

static bool is_called(const char *text, dfl_bytes name) {
    return strlen(text) == name.n && memcmp(text, name.p, name.n) == 0;
}

static dfl_bytes bytes_of(const char *text) {
    return (dfl_bytes){(const uint8_t *)text, strlen(text)};
}

/* What a place is called that was saved under a name: `was` says so, unless there is one of that name
 * again. */
static dfl_bytes name_today(const dfl_graph *graph, dfl_bytes name) {
    const dfl__layout_of *layout = graph->layout;
    for (uint32_t i = 0; i < graph->n_places; i++)
        if (is_called(graph->places[i].name, name))
            return name;
    for (uint32_t i = 0; layout && i < layout->n_nodes_was; i++)
        if (is_called(layout->nodes_was[i].before, name))
            return bytes_of(layout->nodes_was[i].now);
    return name;
}

/* A run stands at places of the outermost region only. */
static int find_place(Load *load) {
    const dfl_graph *graph = load->graph;
    dfl_bytes name = name_today(graph, bytes_of(load->record.about.next));
    for (uint32_t i = 0; i < graph->n_places; i++)
        if (graph->places[i].section < 0 && is_called(graph->places[i].name, name)) {
            load->place = i;
            return DFL_OK;
        }
    return FAIL(load, DFL_ESCHEMA, 0, "the checkpoint goes on at '%s', which graph '%s' has not",
                load->record.about.next, graph->name);
}

/* ---- the body ---- */

/* What it should be at most, so that nothing is cut. */
static bool get_number(Load *load, uint64_t most, uint64_t *v) {
    return dfl__get_varint(&load->in, v) && *v <= most;
}

static bool get_byte(Load *load, unsigned most, unsigned *byte) {
    if (dfl__left(&load->in) < 1)
        return false;
    *byte = *load->in.at++;
    return *byte <= most;
}

static uint64_t n_counters(const Load *load) {
    if (load->out->layout)
        return load->out->layout->n_counters;
    return load->graph->layout->n_counters;
}

/* Counters are found by their names; one that is gone is forgotten, a new one begins at 0. */
static void put_count(Load *load, uint32_t i, uint64_t count) {
    const dfl__layout *old = load->out->layout;
    const dfl__layout_of *layout = load->graph->layout;
    if (!old)
        load->out->stand->counts[i] = count;
    for (uint32_t k = 0; old && k < layout->n_counters; k++) {
        const dfl__counter *counter = &layout->counters[k];
        if (strcmp(counter->now, old->counters[i]) == 0 ||
            (counter->before && strcmp(counter->before, old->counters[i]) == 0))
            load->out->stand->counts[k] = count;
    }
}

static int get_counts(Load *load) {
    dfl__stand *stand;
    uint64_t n;
    /* Each takes at least one byte. */
    if (!get_number(load, dfl__left(&load->in), &n) || n > UINT32_MAX)
        return damaged(load);
    if (load->graph->layout && n != n_counters(load))
        return damaged(load);
    stand = load->out->stand =
        dfl__stand_new(load->ctx->mem->heap, load->graph,
                       load->out->layout ? load->graph->layout->n_counters : (uint32_t)n);
    if (!stand)
        return no_memory(load);
    memset(stand->counts, 0, stand->n_counts * sizeof *stand->counts);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t count;
        if (!dfl__get_varint(&load->in, &count))
            return damaged(load);
        put_count(load, i, count);
    }
    return DFL_OK;
}

static int get_inner(Load *load) {
    dfl_bytes inner;
    uint8_t *copy;
    uint64_t mark;
    if (dfl__left(&load->in) < 8)
        return damaged(load);
    mark = dfl__get_u64(load->in.at);
    load->in.at += 8;
    if (!dfl__get_block(&load->in, &inner) || inner.n == 0)
        return damaged(load);
    if (!dfl__is_attempt(inner) && !has_places_of(load->graph, mark))
        return FAIL(load, DFL_ESCHEMA, 0,
                    "the checkpoint stands within '%s', and the graph has other nodes since",
                    load->graph->places[load->place].name);
    copy = dfl__block_new(load->ctx->mem->heap, inner.n);
    if (!copy)
        return no_memory(load);
    memcpy(copy, inner.p, inner.n);
    load->out->stand->inner = (dfl_bytes){copy, inner.n};
    return DFL_OK;
}

static int get_error(Load *load) {
    return dfl__unpack_error(&load->in, &load->out->stand->error) ? DFL_OK : damaged(load);
}

/* The node that asked, wherever in the graph it is. */
static int find_node(Load *load, dfl_bytes name, uint32_t *place) {
    const dfl_graph *graph = load->graph;
    dfl_bytes today = name_today(graph, name);
    for (uint32_t i = 0; i < graph->n_nodes; i++)
        if (graph->places[i].kind == DFL_PLACE_NODE && is_called(graph->places[i].name, today)) {
            *place = i;
            return DFL_OK;
        }
    return FAIL(load, DFL_ESCHEMA, 0,
                "the checkpoint has a question of '%.*s', which graph '%s' has not", (int)name.n,
                (const char *)name.p, graph->name);
}

static bool get_path(Load *load, int64_t *path, uint64_t depth) {
    uint64_t index;
    for (uint64_t i = 0; i < depth; i++) {
        if (!get_number(load, INT64_MAX, &index))
            return false;
        path[i] = (int64_t)index;
    }
    return true;
}

/* Skips a path, whose room is not known yet; false when it is none. */
static bool skip_path(Load *load, uint64_t *depth) {
    uint64_t index;
    if (!get_number(load, dfl__left(&load->in), depth) || *depth > UINT16_MAX)
        return false;
    for (uint64_t i = 0; i < *depth; i++)
        if (!dfl__get_varint(&load->in, &index))
            return false;
    return true;
}

static int get_ask(Load *load, dfl__asks *asks) {
    uint32_t place = 0;
    uint64_t depth, number;
    unsigned answered;
    dfl_bytes name, text;
    dfl__in path, rest;
    dfl__ask *ask;
    size_t n = asks->n;
    int status;
    if (!dfl__get_block(&load->in, &name))
        return damaged(load);
    status = find_node(load, name, &place);
    if (status != DFL_OK)
        return status;
    path = load->in;
    if (!skip_path(load, &depth) || !get_number(load, UINT32_MAX, &number) ||
        !get_byte(load, 1, &answered) || !dfl__get_block(&load->in, &text))
        return damaged(load);
    ask = dfl__ask_new(asks->heap, place, (uint32_t)number, NULL, (uint32_t)depth,
                       (dfl_str){(const char *)text.p, text.n});
    if (!ask)
        return no_memory(load);
    ask->answered = answered;
    rest = load->in;
    load->in = path;
    (void)dfl__get_varint(&load->in, &depth);
    if (!get_path(load, ask->path, depth)) {
        dfl__ask_free(ask);
        return damaged(load);
    }
    load->in = rest;
    if (!dfl__asks_put(asks, ask)) {
        dfl__ask_free(ask);
        return no_memory(load);
    }
    return asks->n == n ? damaged(load) : DFL_OK; /* one of them twice */
}

static int get_asks(Load *load) {
    dfl__asks *asks = dfl__asks_new(load->out->stand->heap);
    uint64_t n;
    int status = DFL_OK;
    if (!asks)
        return no_memory(load);
    load->out->stand->asks = asks;
    if (!get_number(load, dfl__left(&load->in), &n))
        return damaged(load);
    for (uint64_t i = 0; status == DFL_OK && i < n; i++)
        status = get_ask(load, asks);
    if (status == DFL_OK && dfl__stand_list(load->out->stand) != DFL_OK)
        return no_memory(load);
    return status;
}

/* The bits of the fields of today. */
static int translate_live(Load *load) {
    const dfl_graph *graph = load->graph;
    const dfl__saved *saved = graph->layout->saved;
    uint8_t *live = load->out->own_live = dfl__zalloc(live_bytes(saved) + 1);
    if (!live)
        return no_memory(load);
    for (uint32_t i = 0; i < saved->n; i++) {
        const char *name = graph->state->members[saved->members[i]].name;
        uint32_t k = dfl__old_field(graph, load->out->layout, name);
        if (k != UINT32_MAX && dfl__bit(load->out->saved_live, k))
            live[i / 8] |= (uint8_t)(1u << (i % 8));
    }
    load->out->live = live;
    return DFL_OK;
}

static int get_live(Load *load) {
    const dfl__saved *saved = saved_of(load->graph);
    const dfl__layout *old = load->out->layout;
    uint64_t n, is = old ? old->state->n : saved ? saved->n : 0;
    if (!get_number(load, UINT32_MAX, &n) || n != is || (n + 7) / 8 > dfl__left(&load->in))
        return damaged(load);
    load->out->saved_live = load->out->live = load->in.at;
    load->in.at += (n + 7) / 8;
    return old ? translate_live(load) : DFL_OK;
}

/* A field that is needed where the run goes on, and that the graph had already when it saved: it was
 * not needed then, so its value is lost. */
static int check_needed(Load *load) {
    const dfl_graph *graph = load->graph;
    const dfl__saved *saved = saved_of(graph);
    uint32_t slot = saved ? slot_of(graph, load->out->stand->at) : 0;
    for (uint32_t i = 0; saved && i < saved->n; i++) {
        const char *name = graph->state->members[saved->members[i]].name;
        if (dfl__bit(load->out->live, i) || !is_live(saved, i, slot) ||
            (load->out->layout && dfl__old_field(graph, load->out->layout, name) == UINT32_MAX))
            continue;
        return FAIL(load, DFL_ESCHEMA, 0,
                    "field '%s' is needed from '%s' on, and was not when the checkpoint was saved",
                    name, graph->places[load->place].name);
    }
    return DFL_OK;
}

static uint32_t flags_of(unsigned what) {
    return (what & HAS_AFTER ? DFL__AFTER : 0) | (what & HAS_PASSED ? DFL__PASSED : 0);
}

/* A position that no run stops at. */
static bool is_senseless(const Load *load, unsigned what) {
    dfl_place_kind kind = load->graph->places[load->place].kind;
    if ((what & HAS_PASSED) && kind != DFL_PLACE_NODE)
        return true;
    return (what & HAS_AFTER) && kind != DFL_PLACE_NODE && kind != DFL_PLACE_SECTION;
}

static int read_body(Load *load) {
    unsigned version, what;
    int status;
    load->in = (dfl__in){load->record.body, load->record.body + load->record.n};
    if (!get_byte(load, UINT8_MAX, &version))
        return damaged(load);
    if (version != BODY_VERSION)
        return FAIL(load, DFL_ESCHEMA, 0, "the checkpoint is of form %u, and this reads form %d",
                    version, BODY_VERSION);
    if (!get_byte(load, HAS_MAX, &what) || is_senseless(load, what))
        return damaged(load);
    status = get_counts(load);
    if (status == DFL_OK && (what & HAS_INNER))
        status = get_inner(load);
    if (status == DFL_OK && (what & HAS_ERROR))
        status = get_error(load);
    if (status == DFL_OK && (what & HAS_ASKS))
        status = get_asks(load);
    if (status == DFL_OK)
        status = get_live(load);
    if (status != DFL_OK)
        return status;
    load->out->stand->at = load->place | flags_of(what);
    load->out->stand->nodes = load->record.about.step;
    load->out->state = load->in;
    return check_needed(load);
}

int dfl__read_checkpoint(dfl_ctx *ctx, const dfl_graph *graph, const dfl_run *options,
                         dfl__loaded *out) {
    Load load = {.ctx = ctx, .graph = graph, .options = options, .out = out};
    int status;
    *out = (dfl__loaded){0};
    status = read_record(&load);
    if (status == DFL_OK)
        status = check_schema(&load);
    if (status == DFL_OK)
        status = find_place(&load);
    if (status == DFL_OK)
        status = read_body(&load);
    out->id = load.record.about.id;
    return status;
}

int dfl__decode_checkpoint(dfl_ctx *ctx, const dfl_graph *graph, const dfl__loaded *loaded,
                           void *state) {
    const uint8_t *bytes = loaded->state.at;
    size_t n = dfl__left(&loaded->state);
    const dfl__saved *saved = saved_of(graph);
    int status;
    if (loaded->layout)
        return dfl__migrate(ctx, graph, loaded, state);
    status = saved ? saved->restore(state, loaded->live, bytes, n) : graph->decode(state, bytes, n);
    if (status == DFL_OK)
        return DFL_OK;
    return dfl__failed(ctx, status, 0, DFL__NOWHERE, "the checkpoint's state cannot be decoded");
}

void dfl__loaded_free(dfl__loaded *loaded) {
    dfl__stand_free(loaded->stand);
    loaded->stand = NULL;
    if (loaded->layout)
        dfl__layout_free(loaded->layout);
    dfl__free(loaded->layout);
    dfl__free(loaded->own_live);
    loaded->layout = NULL;
    loaded->own_live = NULL;
    dfl_buf_free(&loaded->hold);
}

/* ---- updating ---- */

/* Whether two values of a type are packed to the same bytes; what cannot be packed is no default. */
static bool is_same(const dfl_type *type, const void *a, const void *b) {
    dfl_buf first = {0}, second = {0};
    bool same = dfl__pack(type, a, &first) == DFL_OK && dfl__pack(type, b, &second) == DFL_OK &&
                first.n == second.n && (first.n == 0 || memcmp(first.p, second.p, first.n) == 0);
    dfl_buf_free(&first);
    dfl_buf_free(&second);
    return same;
}

int dfl__check_live(dfl_ctx *ctx, const dfl_graph *graph, const dfl__loaded *loaded,
                    const void *state, uint32_t position) {
    const dfl__saved *saved = saved_of(graph);
    char *initial = saved ? dfl__malloc(graph->state->size) : NULL;
    int status = DFL_OK;
    if (!saved)
        return DFL_OK;
    if (!initial)
        return dfl__failed(ctx, DFL_ENOMEM, 0, DFL__NOWHERE, "no memory to update a checkpoint");
    saved->init(initial);
    for (uint32_t i = 0; status == DFL_OK && i < saved->n; i++) {
        const dfl_member *member = &graph->state->members[saved->members[i]];
        if (dfl__bit(loaded->live, i) || !is_live(saved, i, slot_of(graph, position)) ||
            !is_same(member->type, (const char *)state + member->offset, initial + member->offset))
            continue;
        status = dfl__failed(ctx, DFL_EINVAL, 0, position & DFL__PLACE,
                             "'%s' is needed behind '%s', and was neither saved nor set",
                             member->name, graph->places[position & DFL__PLACE].name);
    }
    dfl__free(initial);
    return status;
}
