// The power fails at any moment: what was reported durable is there, and of the rest what the disk has kept
// in order; nothing else is different, nothing is told as damage, and the store goes on.
// in memory; quick: 2; full: 200; link: -Wl,--wrap=open,--wrap=openat,--wrap=close,--wrap=pread,--wrap=write,--wrap=pwrite,--wrap=pwritev,--wrap=fsync,--wrap=fdatasync,--wrap=syncfs,--wrap=ftruncate,--wrap=fallocate,--wrap=posix_fallocate,--wrap=fstat,--wrap=fstatat,--wrap=fcntl,--wrap=mmap,--wrap=munmap,--wrap=mkdir,--wrap=renameat,--wrap=unlinkat,--wrap=fdopendir,--wrap=readdir,--wrap=closedir,--wrap=getrandom,--wrap=pthread_create
#include "content.h"
#include "disk.h"

enum { WORKERS = 3, OPS = 400, STATES = 100, NESTED = 6, SYNCS = 400, LISTED = 400 };

/* ---- what was done, and when ---- */

typedef enum OpKind { SAVE, REMOVE, PRUNE } OpKind;

/* Ticks of the trace. */
typedef struct Op {
    OpKind kind;
    uint64_t number, id;
    size_t keep;
    bool is_async;
    uint64_t begun, over;
} Op;

/* One thread id, whose ops come one after another. */
typedef struct Line {
    char name[16];
    Op ops[OPS];
    size_t n;
    size_t found; /* how many of them a store was found to have */
} Line;

typedef struct Sync {
    uint64_t begun, over;
} Sync;

static struct {
    Line lines[WORKERS + 1]; /* the last is of what is saved after a loss */
    Sync syncs[SYNCS];
    size_t n_syncs;
    pthread_mutex_t lock;
    dfl_store_options options;
    size_t most;  /* bytes of the longest bodies */
    bool is_even; /* all records are of one length: what is saved ends where something else began */
} model = {.lock = PTHREAD_MUTEX_INITIALIZER};

static Line *const after = &model.lines[WORKERS];

static Content content_for(const char *thread, uint64_t number) {
    Content content = content_of(thread, number, 10, model.most);
    if (model.is_even) {
        content.n = 64;
        snprintf(content.next, sizeof content.next, "node");
    }
    return content;
}

static Op *begin_op(Line *line, OpKind kind) {
    Op *op = &line->ops[line->n];
    MUST(line->n < OPS, "too many operations");
    *op = (Op){.kind = kind, .number = line->n + 1, .begun = trace_tick()};
    line->n++;
    return op;
}

/* ---- what a line has ---- */

typedef struct Seen {
    uint64_t id, previous, number;
} Seen;

typedef struct List { /* oldest first */
    Seen all[LISTED];
    size_t n;
} List;

static void list_apply(List *list, const Op *op) {
    size_t keep = op->kind == PRUNE ? op->keep : 0;
    if (op->kind == SAVE) {
        MUST(list->n < LISTED, "too many checkpoints");
        list->all[list->n] =
            (Seen){op->id, list->n > 0 ? list->all[list->n - 1].id : 0, op->number};
        list->n++;
    } else if (list->n > keep) {
        memmove(list->all, list->all + list->n - keep, keep * sizeof *list->all);
        list->n = keep;
    }
}

static size_t count_saved(const Line *line) {
    List list = {.n = 0};
    for (size_t i = 0; i < line->n; i++)
        list_apply(&list, &line->ops[i]);
    return list.n;
}

/* ---- what is done ---- */

static dfl_store *open_store(const char *name) {
    dfl_store *store = NULL;
    int status = dfl_store_open(scratch_path(name), &model.options, &store);
    MUST(status == DFL_OK, "opening: status %d", status);
    return store;
}

static void save(dfl_store *store, Line *line, dfl_durability durability) {
    Op *op = begin_op(line, SAVE);
    Content content = content_for(line->name, op->number);
    int status = store->ops->put_layout(store->self, content.graph, content.layout, "layout",
                                        content.layout);
    MUST(status == DFL_OK, "layout: status %d", status);
    op->is_async = durability == DFL_ASYNC;
    status = content_put(store, line->name, op->number, &content, durability, &op->id);
    MUST(status == DFL_OK, "saving: status %d", status);
    op->over = trace_tick();
}

/* Pruning what has no more is no reason to sync. */
static void remove_some(dfl_store *store, Line *line, OpKind kind, size_t keep) {
    bool is_void = kind == PRUNE && count_saved(line) <= keep;
    Op *op = begin_op(line, kind);
    int status = kind == REMOVE ? dfl_store_delete_thread(store, line->name)
                                : dfl_store_prune(store, line->name, op->keep = keep);
    op->is_async = is_void;
    MUST(status == DFL_OK || status == DFL_ENOTFOUND, "removing: status %d", status);
    op->over = trace_tick();
}

static void sync_store(dfl_store *store) {
    uint64_t begun = trace_tick();
    int status = dfl_store_sync(store);
    MUST(status == DFL_OK, "syncing: status %d", status);
    pthread_mutex_lock(&model.lock);
    MUST(model.n_syncs < SYNCS, "too many syncs");
    model.syncs[model.n_syncs++] = (Sync){begun, trace_tick()};
    pthread_mutex_unlock(&model.lock);
}

typedef struct Worker {
    pthread_t thread;
    dfl_store *store;
    Line *line;
    Chance chance;
    int n;
} Worker;

static void do_one(Worker *worker) {
    uint64_t what = chance_below(&worker->chance, 100);
    int status = DFL_OK;
    if (what < 50)
        save(worker->store, worker->line, DFL_SYNC);
    else if (what < 80)
        save(worker->store, worker->line, DFL_ASYNC);
    else if (what < 84)
        remove_some(worker->store, worker->line, REMOVE, 0);
    else if (what < 90)
        remove_some(worker->store, worker->line, PRUNE, 1 + chance_below(&worker->chance, 4));
    else if (what < 96)
        sync_store(worker->store);
    else
        status = dfl_store_compact(worker->store);
    MUST(status == DFL_OK, "compacting: status %d", status);
}

static void *work(void *arg) {
    Worker *worker = arg;
    for (int i = 0; i < worker->n; i++)
        do_one(worker);
    return NULL;
}

/* Two handles, as of two processes; one has two workers. */
static void use_store(const char *name, Chance *chance) {
    dfl_store *stores[2] = {open_store(name), open_store(name)};
    Worker workers[WORKERS];
    for (int i = 0; i < WORKERS; i++) {
        workers[i] = (Worker){.store = stores[i % 2],
                              .line = &model.lines[i],
                              .chance = {chance_next(chance)},
                              .n = 10 + (int)chance_below(chance, 20)};
        MUST(pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0, "no thread");
    }
    for (int i = 0; i < WORKERS; i++)
        pthread_join(workers[i].thread, NULL);
    dfl_store_close(stores[0]);
    dfl_store_close(stores[1]);
}

static void begin_model(Chance *chance) {
    bool is_large = chance_one_in(chance, 8);
    for (int i = 0; i <= WORKERS; i++) {
        model.lines[i].n = 0;
        snprintf(model.lines[i].name, sizeof model.lines[i].name, i < WORKERS ? "line%d" : "after",
                 i);
    }
    model.n_syncs = 0;
    model.is_even = chance_one_in(chance, 3);
    model.most = is_large ? CONTENT_MOST : 30000;
    model.options = (dfl_store_options){.segment_bytes = is_large ? 3 << 20 : 65536};
}

/* ---- what must be there ---- */

/* What is saved after a loss is in another trace than the syncs. */
static bool is_durable(const Line *line, const Op *op, uint64_t when) {
    if (!op->is_async)
        return op->over < when;
    for (size_t i = 0; line != after && i < model.n_syncs; i++)
        if (model.syncs[i].begun > op->over && model.syncs[i].over < when)
            return true;
    return false;
}

/* The first `least` ops of a line are there, and perhaps more, up to `most`. */
typedef struct Bounds {
    size_t least, most;
} Bounds;

static Bounds bounds_of(const Line *line, uint64_t when) {
    Bounds bounds = {0, 0};
    for (size_t i = 0; i < line->n; i++) {
        if (line->ops[i].begun < when)
            bounds.most = i + 1;
        if (is_durable(line, &line->ops[i], when))
            bounds.least = i + 1;
    }
    return bounds;
}

static bool is_same(const List *a, const List *b) {
    return a->n == b->n && (a->n == 0 || memcmp(a->all, b->all, a->n * sizeof *a->all) == 0);
}

/* ---- what is there ---- */

static char state_text[200]; /* which one is looked at, for messages */

static void describe(const char *level, long state, const Loss *loss) {
    snprintf(state_text, sizeof state_text,
             "%s %ld: tick %llu, %s of files, %s of names, sector %d", level, state,
             (unsigned long long)loss->when, style_names[loss->files], style_names[loss->names],
             (int)loss->sector);
}

static int add_seen(void *user, const dfl_checkpoint *about) {
    List *list = user;
    MUST(list->n < LISTED, "%s: too many checkpoints", state_text);
    list->all[list->n++] = (Seen){about->id, about->previous, about->step};
    return 0;
}

static void look_at_layout(dfl_store *store, uint64_t mark) {
    dfl_buf text = {0};
    int status = store->ops->layout(store->self, mark, &text);
    MUST(status == DFL_OK && text.n == mark && memcmp(text.p, "layout", text.n) == 0,
         "%s: layout %d: status %d", state_text, (int)mark, status);
    dfl_buf_free(&text);
}

static void look_at_one(dfl_store *store, const char *thread, const Seen *seen) {
    Content content = content_for(thread, seen->number);
    dfl_record record;
    dfl_buf hold = {0};
    int status = store->ops->read(store->self, thread, seen->id, &record, &hold);
    MUST(status == DFL_OK, "%s: '%s' %llu: status %d", state_text, thread,
         (unsigned long long)seen->id, status);
    MUST(content_is_right(thread, &record, &content), "%s: '%s' %llu reads wrong", state_text,
         thread, (unsigned long long)seen->id);
    look_at_layout(store, content.layout);
    dfl_buf_free(&hold);
}

static void list_line(dfl_store *store, const Line *line, List *list) {
    dfl_checkpoint latest = {0};
    int status = dfl_store_history(store, line->name, 0, add_seen, list);
    for (size_t i = 0; i < list->n / 2; i++) {
        Seen seen = list->all[i];
        list->all[i] = list->all[list->n - 1 - i];
        list->all[list->n - 1 - i] = seen;
    }
    MUST(status == (list->n > 0 ? DFL_OK : DFL_ENOTFOUND), "%s: history of '%s': status %d",
         state_text, line->name, status);
    status = dfl_store_latest(store, line->name, &latest);
    MUST(status == (list->n > 0 ? DFL_OK : DFL_ENOTFOUND), "%s: latest of '%s': status %d",
         state_text, line->name, status);
    MUST(list->n == 0 || latest.id == list->all[list->n - 1].id, "%s: not the latest of '%s'",
         state_text, line->name);
    for (size_t i = 0; i < list->n; i++)
        look_at_one(store, line->name, &list->all[i]);
}

static const char *text_of(const List *list) {
    static char text[500];
    size_t at = 0;
    text[0] = '\0';
    for (size_t i = 0; i < list->n && at < sizeof text - 60; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, " %llu(id %llu behind %llu)",
                               (unsigned long long)list->all[i].number,
                               (unsigned long long)list->all[i].id,
                               (unsigned long long)list->all[i].previous);
    return text;
}

/* It is as after some number of its ops. */
static void look_at_line(dfl_store *store, Line *line, Bounds bounds) {
    List seen = {.n = 0}, expected = {.n = 0};
    bool is_found = false;
    list_line(store, line, &seen);
    for (size_t n = 0; n <= bounds.most; n++) {
        if (n > 0)
            list_apply(&expected, &line->ops[n - 1]);
        if (n < bounds.least || !is_same(&expected, &seen))
            continue;
        is_found = true;
        line->found = n;
    }
    MUST(is_found, "%s: '%s' is as after none of its ops %zu to %zu; it has%s", state_text,
         line->name, bounds.least, bounds.most, text_of(&seen));
}

static int is_known_thread(void *user, const char *name) {
    (void)user;
    for (int i = 0; i <= WORKERS; i++)
        if (strcmp(model.lines[i].name, name) == 0)
            return 0;
    MUST(false, "%s: a thread '%s'", state_text, name);
    return 1;
}

static void told(void *user, const dfl_damage *damage) {
    (void)user;
    MUST(false, "%s: damage is told: %s, segment %u, %llu", state_text, damage->what,
         (unsigned)damage->file, (unsigned long long)damage->offset);
}

static void look_at_all(dfl_store *store, const Bounds bounds[WORKERS + 1]) {
    int status = dfl_store_verify(store, told, NULL);
    MUST(status == DFL_OK, "%s: verifying: status %d", state_text, status);
    status = dfl_store_threads(store, is_known_thread, NULL);
    MUST(status == DFL_OK, "%s: threads: status %d", state_text, status);
    for (int i = 0; i <= WORKERS; i++)
        look_at_line(store, &model.lines[i], bounds[i]);
}

static dfl_store *open_left(const char *name) {
    dfl_store *store = NULL;
    dfl_store_options options = model.options;
    dfl_error error = {0};
    int status;
    options.on_damage = told;
    options.error = &error;
    status = dfl_store_open(scratch_path(name), &options, &store);
    MUST(status == DFL_OK, "%s: opening: status %d: %s", state_text, status, error.message);
    return store;
}

/* What was found once is there for good. */
static void found_bounds(Bounds bounds[WORKERS + 1]) {
    for (int i = 0; i <= WORKERS; i++)
        bounds[i] = (Bounds){model.lines[i].found, model.lines[i].found};
    bounds[WORKERS] = (Bounds){after->n, after->n};
}

static void go_on(const char *name, Chance *chance) {
    Bounds bounds[WORKERS + 1];
    dfl_store *store = open_left(name);
    save(store, after, DFL_SYNC);
    if (chance_one_in(chance, 4))
        save(store, after, DFL_ASYNC);
    if (chance_one_in(chance, 10))
        MUST(dfl_store_compact(store) == DFL_OK, "%s: compacting", state_text);
    found_bounds(bounds);
    look_at_all(store, bounds);
    dfl_store_close(store);
    store = open_left(name);
    look_at_all(store, bounds);
    dfl_store_close(store);
}

/* ---- states ---- */

static long states; /* all that were looked at */

static void look_at_left(const char *name, const Bounds bounds[WORKERS + 1]) {
    dfl_store *store = open_left(name);
    look_at_all(store, bounds);
    dfl_store_close(store);
}

/* The power fails again, while the store recovers and goes on. */
static void fail_again(Chance *chance) {
    Bounds bounds[WORKERS + 1];
    Trace *trace;
    after->n = 0;
    trace = trace_begin("left");
    go_on("left", chance);
    trace_end(trace);
    for (int i = 0; i < NESTED; i++) {
        Loss loss = loss_of(trace, chance);
        loss_pick_one(trace, &loss, chance);
        describe("again", i, &loss);
        disk_leave(trace, &loss, chance, "again");
        found_bounds(bounds);
        bounds[WORKERS] = bounds_of(after, loss.when);
        look_at_left("again", bounds);
        states++;
    }
    trace_free(trace);
}

static void look_at_state(const Trace *trace, long state, Chance *chance) {
    Bounds bounds[WORKERS + 1];
    Loss loss = loss_of(trace, chance);
    Chance same;
    loss_pick_one(trace, &loss, chance);
    describe("state", state, &loss);
    same = *chance;
    disk_leave(trace, &loss, chance, "left");
    after->n = 0;
    for (int i = 0; i <= WORKERS; i++)
        bounds[i] = bounds_of(&model.lines[i], loss.when);
    look_at_left("left", bounds);
    states++;
    if (chance_one_in(chance, 2))
        return;
    disk_leave(trace, &loss, &same, "left");
    fail_again(chance);
}

static void one_round(Chance *chance) {
    Trace *trace;
    begin_model(chance);
    trace = trace_begin("store");
    for (int i = 0; i < 2; i++)
        use_store("store", chance);
    trace_end(trace);
    for (long state = 0; state < STATES; state++)
        look_at_state(trace, state, chance);
    trace_free(trace);
}

int main(int argc, char **argv) {
    int status = torture_run(argc, argv, "runs", one_round);
    printf("%ld states\n", states);
    return status;
}
