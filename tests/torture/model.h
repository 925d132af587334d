/* A store beside a model of it: random operations, of which each must tell what the model tells. Of a list
 * that fails as many as possible are left out, and the rest is printed.
 *
 * Whoever includes this says how a handle is opened, and runs model_main(). */
#ifndef MODEL_H
#define MODEL_H

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "content.h"
#include "crc32c.h"

/* The kind of store that is tested. */
static struct {
    dfl_store *(*open)(size_t keep_last); /* NULL: it failed */
    int handles;                          /* 1; 2: in this process; 3: and one in another */
    bool can_reopen;
    bool never_keeps; /* it has no keep_last */
} tested;

enum { OPS = 500, THREADS = 7, LINE = OPS, MARKS = 4, LEAST_KEPT = 3 };

/* ---- operations ---- */

typedef enum OpKind {
    SAVE,
    LATEST,
    READ,
    HISTORY,
    LIST_THREADS,
    DELETE,
    PRUNE,
    PUT_LAYOUT,
    GET_LAYOUT,
    SYNC,
    VERIFY,
    COMPACT,
    REOPEN,
    OP_KINDS
} OpKind;

static const struct {
    const char *name;
    unsigned often;
} op_kinds[OP_KINDS] = {
    {"save", 300},  {"latest", 60},  {"read", 100},      {"history", 60}, {"threads", 30},
    {"delete", 25}, {"prune", 35},   {"put layout", 15}, {"layout", 15},  {"sync", 10},
    {"verify", 10}, {"compact", 12}, {"reopen", 20},
};

typedef struct Op {
    OpKind kind;
    int handle, thread;
    uint64_t number; /* of what is saved; a mark */
    uint32_t
        n; /* READ: how far from the newest, 0: the latest; else a limit, or how many to keep */
    uint32_t most; /* callbacks before the listing is stopped; 0: all */
    bool follows;  /* SAVE: not the latest, but the n-th newest */
    dfl_durability durability;
} Op;

static const char *thread_name(int thread) {
    static char longest[4097];
    static const char *const names[THREADS] = {
        "a", "a b", "\xc3\xa4\xf0\x9f\x8c\x8a", "\x01\x7f\xff\xfe/..\\", "../x", "a\tb\n", longest};
    if (!longest[0])
        memset(longest, 'l', sizeof longest - 1);
    return names[thread];
}

static Content content_for(const Op *op) {
    return content_of(thread_name(op->thread), op->number, 30, CONTENT_MOST);
}

static OpKind any_kind(Chance *chance) {
    unsigned all = 0, at;
    for (int i = 0; i < OP_KINDS; i++)
        all += op_kinds[i].often;
    at = (unsigned)chance_below(chance, all);
    for (int i = 0;; i++) {
        if (at < op_kinds[i].often)
            return (OpKind)i;
        at -= op_kinds[i].often;
    }
}

static Op any_op(Chance *chance, uint64_t number) {
    Op op = {.kind = any_kind(chance), .number = number};
    op.handle = (int)chance_below(chance, (uint64_t)tested.handles);
    op.thread = (int)chance_below(chance, chance_one_in(chance, 2) ? 2 : THREADS);
    op.n = (uint32_t)chance_below(chance, chance_one_in(chance, 3) ? 20 : 4);
    op.most = (uint32_t)chance_below(chance, chance_one_in(chance, 3) ? 4 : 1);
    op.follows = op.kind == SAVE && op.n > 0 && chance_one_in(chance, 8);
    op.durability = (dfl_durability)chance_below(chance, 3);
    if (op.kind == PRUNE)
        op.n++;
    if (op.kind == PUT_LAYOUT || op.kind == GET_LAYOUT)
        op.number = 1 + chance_below(chance, MARKS);
    return op;
}

static void print_op(const Op *op) {
    static const char *const durabilities[] = {"sync", "async", "on exit"};
    fprintf(stderr, "  %-10s handle %d", op_kinds[op->kind].name, op->handle);
    if (op->kind == SAVE)
        fprintf(stderr, " thread %d number %llu, %zu bytes, %s%s", op->thread,
                (unsigned long long)op->number, content_for(op).n, durabilities[op->durability],
                op->follows ? ", follows another" : "");
    else if (op->kind == PUT_LAYOUT || op->kind == GET_LAYOUT)
        fprintf(stderr, " mark %llu", (unsigned long long)op->number);
    else if (op->kind <= PRUNE && op->kind != LIST_THREADS)
        fprintf(stderr, " thread %d", op->thread);
    if (op->follows || op->kind == READ || op->kind == HISTORY || op->kind == PRUNE)
        fprintf(stderr, " n %u", (unsigned)op->n);
    if (op->most)
        fprintf(stderr, " most %u", (unsigned)op->most);
    fprintf(stderr, "\n");
}

/* ---- what an operation tells ---- */

/* The same from a store, in whatever process, and from the model. */
typedef struct Told {
    int status;
    uint32_t n;      /* callbacks */
    uint64_t id;     /* of what was saved or read; 0: none */
    uint32_t digest; /* of all else */
    uint32_t stopped;
} Told;

static void tell(Told *told, const void *p, size_t n) {
    told->digest = dfl__crc32c(told->digest, p, n);
}

static void tell_text(Told *told, const char *text) {
    tell(told, text, strlen(text) + 1);
}

static void tell_about(Told *told, const dfl_checkpoint *about) {
    uint64_t numbers[] = {about->id, about->previous, about->step, about->bytes};
    tell(told, numbers, sizeof numbers);
    tell_text(told, about->thread);
    tell_text(told, about->next);
}

static void tell_record(Told *told, const dfl_record *record) {
    tell_about(told, &record->about);
    tell_text(told, record->graph);
    tell(told, &record->layout, sizeof record->layout);
    tell(told, record->body, record->n);
}

/* ---- by a store ---- */

static int tell_checkpoint(void *user, const dfl_checkpoint *about) {
    Told *told = user;
    tell_about(told, about);
    return ++told->n == told->stopped;
}

static int tell_thread(void *user, const char *thread) {
    Told *told = user;
    tell_text(told, thread);
    return ++told->n == told->stopped;
}

static int save(dfl_store *store, const Op *op, uint64_t previous, Told *told) {
    Content content = content_for(op);
    uint8_t *body = malloc(content.n + 1);
    dfl_record record = {
        .graph = content.graph, .layout = content.layout, .body = body, .n = content.n};
    int status;
    MUST(body, "no memory");
    content_fill(&content, body);
    record.about = (dfl_checkpoint){.previous = previous,
                                    .thread = thread_name(op->thread),
                                    .next = content.next,
                                    .step = op->number,
                                    .bytes = content.n};
    status = store->ops->put(store->self, &record, op->durability, &told->id);
    free(body);
    return status;
}

static int read_one(dfl_store *store, const char *thread, uint64_t id, Told *told) {
    dfl_record record;
    dfl_buf hold = {0};
    int status = store->ops->read(store->self, thread, id, &record, &hold);
    if (status == DFL_OK) {
        tell_record(told, &record);
        told->id = record.about.id;
    }
    dfl_buf_free(&hold);
    return status;
}

static int read_latest(dfl_store *store, const char *thread, Told *told) {
    dfl_checkpoint about;
    int status = dfl_store_latest(store, thread, &about);
    if (status == DFL_OK) {
        tell_about(told, &about);
        told->id = about.id;
    }
    return status;
}

static int read_layout(dfl_store *store, uint64_t mark, Told *told) {
    dfl_buf text = {0};
    int status = store->ops->layout(store->self, mark, &text);
    tell(told, text.p, text.n);
    dfl_buf_free(&text);
    return status;
}

static void layout_text(uint64_t mark, char text[32]) {
    snprintf(text, 32, "the layout %llu", (unsigned long long)mark);
}

static int put_layout(dfl_store *store, uint64_t mark) {
    char text[32];
    layout_text(mark, text);
    return store->ops->put_layout(store->self, "g", mark, text, strlen(text));
}

/* id: what is to be read, or followed. *store may become another. */
static Told told_by_store(dfl_store **at, const Op *op, uint64_t id, size_t keep_last) {
    Told told = {.stopped = op->most};
    dfl_store *store = *at;
    const char *thread = thread_name(op->thread);
    switch (op->kind) {
    case SAVE:
        told.status = save(store, op, id, &told);
        break;
    case LATEST:
        told.status = read_latest(store, thread, &told);
        break;
    case READ:
        told.status = read_one(store, thread, id, &told);
        break;
    case HISTORY:
        told.status = dfl_store_history(store, thread, op->n, tell_checkpoint, &told);
        break;
    case LIST_THREADS:
        told.status = dfl_store_threads(store, tell_thread, &told);
        break;
    case DELETE:
        told.status = dfl_store_delete_thread(store, thread);
        break;
    case PRUNE:
        told.status = dfl_store_prune(store, thread, op->n);
        break;
    case PUT_LAYOUT:
        told.status = put_layout(store, op->number);
        break;
    case GET_LAYOUT:
        told.status = read_layout(store, op->number, &told);
        break;
    case SYNC:
        told.status = dfl_store_sync(store);
        break;
    case VERIFY:
        told.status = dfl_store_verify(store, NULL, NULL);
        break;
    case COMPACT:
        told.status = dfl_store_compact(store);
        break;
    case REOPEN:
        if (tested.can_reopen) {
            dfl_store_close(store);
            *at = tested.open(keep_last);
            told.status = *at ? DFL_OK : DFL_ESTORE;
        }
        break;
    default:
        break;
    }
    told.stopped = 0;
    return told;
}

/* ---- by the model ---- */

typedef struct Known {
    Op op; /* that saved it */
    uint64_t id, previous;
} Known;

typedef struct Model {
    struct ModelThread {
        Known all[LINE]; /* oldest first */
        size_t n;
    } threads[THREADS];
    bool layouts[MARKS + 1];
    uint64_t last_id;
    size_t keep_last;
} Model;

typedef struct ModelThread ModelThread;

static dfl_checkpoint about_known(const Known *known, Content *content) {
    *content = content_for(&known->op);
    return (dfl_checkpoint){.id = known->id,
                            .previous = known->previous,
                            .thread = thread_name(known->op.thread),
                            .next = content->next,
                            .step = known->op.number,
                            .bytes = content->n};
}

static void keep_newest(ModelThread *thread, size_t keep) {
    if (keep == 0 || thread->n <= keep)
        return;
    memmove(thread->all, thread->all + thread->n - keep, keep * sizeof *thread->all);
    thread->n = keep;
}

/* The n-th newest, 1: the newest; NULL: there are not so many. */
static const Known *nth_newest(const ModelThread *thread, size_t n) {
    return n > 0 && n <= thread->n ? &thread->all[thread->n - n] : NULL;
}

/* The id that an operation is about; one that was never given, where there are not so many. */
static uint64_t id_for(const Model *model, const Op *op) {
    const Known *known = nth_newest(&model->threads[op->thread], op->n);
    if (op->kind == SAVE)
        return op->follows && known ? known->id : 0;
    return op->n == 0 ? 0 : known ? known->id : model->last_id + 1 + op->n;
}

static void model_save(Model *model, const Op *op, uint64_t previous, Told *told) {
    ModelThread *thread = &model->threads[op->thread];
    Known known = {*op, ++model->last_id, previous};
    if (previous == 0 && thread->n > 0)
        known.previous = thread->all[thread->n - 1].id;
    MUST(thread->n < LINE, "too many checkpoints");
    thread->all[thread->n++] = known;
    keep_newest(thread, model->keep_last);
    told->id = known.id;
}

static void model_read(const Known *known, bool with_body, Told *told) {
    Content content;
    dfl_record record = {.about = about_known(known, &content)};
    uint8_t *body = malloc(content.n + 1);
    MUST(body, "no memory");
    told->id = known->id;
    if (with_body) {
        content_fill(&content, body);
        record.graph = content.graph;
        record.layout = content.layout;
        record.body = body;
        record.n = content.n;
        tell_record(told, &record);
    } else {
        tell_about(told, &record.about);
    }
    free(body);
}

static void model_history(const ModelThread *thread, const Op *op, Told *told) {
    for (size_t n = 1; n <= thread->n && (op->n == 0 || n <= op->n); n++) {
        Content content;
        dfl_checkpoint about = about_known(nth_newest(thread, n), &content);
        if (tell_checkpoint(told, &about))
            break;
    }
}

/* In order of the first checkpoint that each has. */
static void model_threads(const Model *model, Told *told) {
    uint64_t last = 0;
    for (;;) {
        int first = -1;
        for (int i = 0; i < THREADS; i++) {
            const ModelThread *thread = &model->threads[i];
            if (thread->n > 0 && thread->all[0].id > last &&
                (first < 0 || thread->all[0].id < model->threads[first].all[0].id))
                first = i;
        }
        if (first < 0 || tell_thread(told, thread_name(first)))
            return;
        last = model->threads[first].all[0].id;
    }
}

static Told told_by_model(Model *model, const Op *op, uint64_t id) {
    Told told = {.stopped = op->most};
    ModelThread *thread = &model->threads[op->thread];
    const Known *known = nth_newest(thread, op->kind == LATEST || op->n == 0 ? 1 : op->n);
    char text[32];
    bool needs_thread =
        op->kind == LATEST || op->kind == HISTORY || op->kind == DELETE || op->kind == PRUNE;
    if ((needs_thread && thread->n == 0) || (op->kind == READ && !known) ||
        (op->kind == GET_LAYOUT && !model->layouts[op->number]))
        return (Told){.status = DFL_ENOTFOUND};
    switch (op->kind) {
    case SAVE:
        model_save(model, op, id, &told);
        break;
    case LATEST:
        model_read(known, false, &told);
        break;
    case READ:
        model_read(known, true, &told);
        break;
    case HISTORY:
        model_history(thread, op, &told);
        break;
    case LIST_THREADS:
        model_threads(model, &told);
        break;
    case DELETE:
        thread->n = 0;
        break;
    case PRUNE:
        keep_newest(thread, op->n);
        break;
    case PUT_LAYOUT:
        model->layouts[op->number] = true;
        break;
    case GET_LAYOUT:
        layout_text(op->number, text);
        tell(&told, text, strlen(text));
        break;
    default:
        break;
    }
    told.stopped = 0;
    return told;
}

/* ---- a handle in another process ---- */

typedef struct Request {
    Op op;
    uint64_t id;
} Request;

static void must_move(ssize_t n, size_t expected) {
    MUST(n == (ssize_t)expected, "the other process is gone");
}

static void serve(int socket, size_t keep_last) {
    dfl_store *store = tested.open(keep_last);
    Request request;
    while (read(socket, &request, sizeof request) == (ssize_t)sizeof request) {
        Told told = {.status = DFL_EINVAL};
        if (store)
            told = told_by_store(&store, &request.op, request.id, keep_last);
        must_move(write(socket, &told, sizeof told), sizeof told);
    }
    if (store)
        dfl_store_close(store);
    _exit(0);
}

static int start_server(size_t keep_last) {
    int sockets[2];
    pid_t child;
    if (tested.handles < 3)
        return -1;
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) == 0, "no sockets");
    child = fork();
    MUST(child >= 0, "no process");
    if (child == 0) {
        close(sockets[0]);
        serve(sockets[1], keep_last);
    }
    close(sockets[1]);
    return sockets[0];
}

static Told told_by_server(int server, const Op *op, uint64_t id) {
    Request request;
    Told told;
    memset(&request, 0, sizeof request);
    request.op = *op;
    request.id = id;
    must_move(write(server, &request, sizeof request), sizeof request);
    must_move(read(server, &told, sizeof told), sizeof told);
    return told;
}

/* ---- a list of operations ---- */

static void must_be_same(const Op *op, const Told *told, const Told *expected) {
    MUST(told->status == expected->status, "%s: status %d, not %d", op_kinds[op->kind].name,
         told->status, expected->status);
    MUST(told->id == expected->id, "%s: id %llu, not %llu", op_kinds[op->kind].name,
         (unsigned long long)told->id, (unsigned long long)expected->id);
    MUST(told->n == expected->n, "%s: %u are listed, not %u", op_kinds[op->kind].name,
         (unsigned)told->n, (unsigned)expected->n);
    MUST(told->digest == expected->digest, "%s: what it tells is wrong", op_kinds[op->kind].name);
}

static void run_ops(const Op *ops, size_t n, size_t keep_last) {
    Model *model = calloc(1, sizeof *model);
    dfl_store *stores[2] = {NULL, NULL};
    int server = start_server(keep_last);
    MUST(model, "no memory");
    model->keep_last = keep_last;
    for (int i = 0; i < 2 && i < tested.handles; i++) {
        stores[i] = tested.open(keep_last);
        MUST(stores[i], "cannot be opened");
    }
    for (size_t i = 0; i < n; i++) {
        const Op *op = &ops[i];
        uint64_t id = id_for(model, op);
        Told expected = told_by_model(model, op, id);
        Told told = op->handle < 2 ? told_by_store(&stores[op->handle], op, id, keep_last)
                                   : told_by_server(server, op, id);
        must_be_same(op, &told, &expected);
    }
    for (int i = 0; i < 2; i++)
        dfl_store_close(stores[i]);
    if (server >= 0)
        close(server);
    while (wait(NULL) > 0)
        ;
    free(model);
}

/* In a child with a store of its own, so that one may fail and others still be tried. */
static bool ops_pass(const Op *ops, size_t n, size_t keep_last, bool is_quiet) {
    int status;
    pid_t child;
    scratch_begin();
    child = fork();
    MUST(child >= 0, "no process");
    if (child == 0) {
        if (is_quiet && !freopen("/dev/null", "w", stderr))
            _exit(3);
        torture_within(120);
        run_ops(ops, n, keep_last);
        _exit(0);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Leaves out all of a list that it fails without: first large parts, then single ones. */
static size_t shrink(Op *ops, size_t n, size_t keep_last) {
    Op *fewer = malloc(n * sizeof *fewer);
    MUST(fewer, "no memory");
    for (size_t part = n / 2; part > 0; part /= 2) {
        for (size_t at = 0; at < n;) {
            size_t left_out = part < n - at ? part : n - at;
            memcpy(fewer, ops, at * sizeof *ops);
            memcpy(fewer + at, ops + at + left_out, (n - at - left_out) * sizeof *ops);
            if (ops_pass(fewer, n - left_out, keep_last, true)) {
                at += part;
                continue;
            }
            n -= left_out;
            memcpy(ops, fewer, n * sizeof *ops);
        }
    }
    free(fewer);
    return n;
}

static void one_round(Chance *chance) {
    Op ops[OPS];
    size_t n = OPS, keep_last = chance_one_in(chance, 4) && !tested.never_keeps ? LEAST_KEPT : 0;
    for (size_t i = 0; i < n; i++)
        ops[i] = any_op(chance, i + 1);
    if (ops_pass(ops, n, keep_last, false))
        return;
    n = shrink(ops, n, keep_last);
    fprintf(stderr, "it fails with these %zu, keep_last %zu:\n", n, keep_last);
    for (size_t i = 0; i < n; i++)
        print_op(&ops[i]);
    (void)ops_pass(ops, n, keep_last, false);
    MUST(false, "the store is not as the model");
}

static int model_main(int argc, char **argv) {
    signal(SIGPIPE, SIG_IGN);
    return torture_run(argc, argv, "times 500 operations as in the model", one_round);
}

#endif
