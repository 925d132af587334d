/* Checkpoints of a run: from state and counters to a store's record, and back.
 *
 * The body of a record:
 *
 *     varint n_counts, n_counts varints        steps and `max` counters of the outermost region
 *     NAME_encode(state)                       to the end
 */
#include <errno.h>

#include "internal.h"
#include "store.h"

/* ---- saving ---- */

static bool encode_counts(dfl_buf *buf, const uint64_t *counts, uint32_t n) {
    size_t most = ((size_t)n + 1) * DFL__VARINT_MAX;
    uint8_t *at = dfl__buf_room(buf, most);
    uint8_t *end = at ? dfl__put_varint(at, n) : NULL;
    if (!at)
        return false;
    for (uint32_t i = 0; i < n; i++)
        end = dfl__put_varint(end, counts[i]);
    buf->n -= most - (size_t)(end - at);
    return true;
}

static int encode_body(dfl__run *run, size_t *counts_n) {
    dfl_buf *buf = &run->scratch;
    buf->n = 0;
    if (!encode_counts(buf, run->counts, run->n_counts))
        return DFL_ENOMEM;
    *counts_n = buf->n;
    return run->graph->encode(run->state, buf);
}

static int put_record(dfl__run *run, uint32_t place, size_t counts_n, uint64_t *id) {
    const dfl_run *options = run->options;
    dfl__record record = {0};
    record.about.previous = run->saved;
    record.about.thread = options->thread_id;
    record.about.next = run->graph->places[place].name;
    record.about.step = run->ctx.nodes;
    record.about.bytes = run->scratch.n - counts_n;
    record.graph = run->graph->name;
    record.schema = run->graph->schema;
    record.body = run->scratch.p;
    record.n = run->scratch.n;
    return options->store->ops->put(options->store->self, &record, options->durability, id);
}

static int not_saved(dfl__run *run, int status) {
    const char *why = status == DFL_ESTORE   ? "the store failed to save a checkpoint"
                      : status == DFL_EINVAL ? "the state is too deep to be saved"
                                             : "no memory to save a checkpoint";
    return dfl__failed(&run->ctx, status, status == DFL_ESTORE ? errno : 0, DFL__NOWHERE, "%s",
                       why);
}

int dfl__save(dfl__run *run, uint32_t place) {
    size_t counts_n = 0;
    uint64_t id = 0;
    int status = encode_body(run, &counts_n);
    if (status == DFL_OK)
        status = put_record(run, place, counts_n, &id);
    if (status != DFL_OK)
        return not_saved(run, status);
    run->ctx.flags &= ~DFL__SAVE;
    run->saved = id;
    run->saved_at = place;
    run->saved_nodes = run->ctx.nodes;
    if (run->ctx.flags & DFL__WATCH)
        dfl__event_checkpoint(run, DFL_EVENT_SAVED, id, place);
    return DFL_OK;
}

/* ---- loading ---- */

/* A load in progress: who is told of a failure, and what has been read. */
typedef struct Load {
    dfl_ctx *ctx;
    const dfl_graph *graph;
    const dfl_run *options;
    dfl_buf hold;
    dfl__record record;
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
    status = store->ops->read(store->self, options->thread_id, id, &load->record, &load->hold);
    return status == DFL_OK ? DFL_OK : not_read(load, status);
}

static int check_schema(Load *load) {
    const dfl_graph *graph = load->graph;
    if (strcmp(load->record.graph, graph->name) != 0)
        return FAIL(load, DFL_ESCHEMA, 0, "the checkpoint is one of graph '%s', not of '%s'",
                    load->record.graph, graph->name);
    if (load->record.schema != graph->schema)
        return FAIL(load, DFL_ESCHEMA, 0, "the checkpoint has other fields than graph '%s'",
                    graph->name);
    return DFL_OK;
}

/* A run stands at places of the outermost region only. */
static int find_place(Load *load, uint32_t *place) {
    const dfl_graph *graph = load->graph;
    const char *name = load->record.about.next;
    for (uint32_t i = 0; i < graph->n_places; i++)
        if (graph->places[i].section < 0 && strcmp(graph->places[i].name, name) == 0) {
            *place = i;
            return DFL_OK;
        }
    return FAIL(load, DFL_ESCHEMA, 0, "the checkpoint goes on at '%s', which graph '%s' has not",
                name, graph->name);
}

static bool skip_counts(dfl__in *in, uint64_t *n) {
    uint64_t count;
    if (!dfl__get_varint(in, n) || *n > dfl__left(in))
        return false;
    for (uint64_t i = 0; i < *n; i++)
        if (!dfl__get_varint(in, &count))
            return false;
    return true;
}

static void decode_counts(dfl__in in, uint64_t *counts) {
    uint64_t n = 0;
    dfl__get_varint(&in, &n);
    for (uint64_t i = 0; i < n; i++)
        dfl__get_varint(&in, &counts[i]);
}

static int decode_body(Load *load, void *state, uint64_t *counts, uint32_t n_counts) {
    const dfl__in body = {load->record.body, load->record.body + load->record.n};
    dfl__in in = body;
    uint64_t n;
    int status;
    if (!skip_counts(&in, &n))
        return FAIL(load, DFL_ECORRUPT, 0, "the checkpoint is damaged");
    if (counts && n != n_counts)
        return FAIL(load, DFL_ESCHEMA, 0, "the checkpoint counts other loops than graph '%s'",
                    load->graph->name);
    status = load->graph->decode(state, in.at, dfl__left(&in));
    if (status != DFL_OK)
        return FAIL(load, status, 0, "the checkpoint's state cannot be decoded");
    if (counts)
        decode_counts(body, counts);
    return DFL_OK;
}

int dfl__load_checkpoint(dfl_ctx *ctx, const dfl_graph *graph, void *state, const dfl_run *options,
                         uint64_t *counts, uint32_t n_counts, dfl__loaded *out) {
    Load load = {.ctx = ctx, .graph = graph, .options = options};
    int status = read_record(&load);
    if (status == DFL_OK)
        status = check_schema(&load);
    if (status == DFL_OK)
        status = find_place(&load, &out->place);
    if (status == DFL_OK)
        status = decode_body(&load, state, counts, n_counts);
    if (status == DFL_OK) {
        out->id = load.record.about.id;
        out->step = load.record.about.step;
    }
    dfl_buf_free(&load.hold);
    return status;
}
