/* run_store.h. */
#include "run_store.h"

#include <errno.h>

static int run_put(void *self, const dfl_record *record, dfl_durability durability, uint64_t *id) {
    RunStore *s = self;
    int status = s->save(s->user, record, durability);
    if (status == DFL_OK)
        *id = ++s->now.about.id;
    return status;
}

static int run_latest(void *self, const char *thread, dfl_checkpoint *out) {
    const RunStore *s = self;
    *out = s->now.about;
    out->thread = thread;
    return s->now.graph ? DFL_OK : DFL_ENOTFOUND;
}

/* What it points to outlives the run, so nothing has to be copied. */
static int run_read(void *self, const char *thread, uint64_t id, dfl_record *out, dfl_buf *hold) {
    const RunStore *s = self;
    (void)hold;
    if (!s->now.graph || (id && id != s->now.about.id))
        return DFL_ENOTFOUND;
    *out = s->now;
    out->about.thread = thread;
    return DFL_OK;
}

static int run_history(void *self, const char *thread, size_t limit,
                       int (*each)(void *user, const dfl_checkpoint *), void *user) {
    dfl_checkpoint about;
    int status = run_latest(self, thread, &about);
    (void)limit;
    if (status == DFL_OK)
        (void)each(user, &about);
    return status;
}

static int run_threads(void *self, int (*each)(void *user, const char *thread), void *user) {
    const RunStore *s = self;
    if (s->now.graph)
        (void)each(user, s->now.about.thread);
    return DFL_OK;
}

/* The queue's to do. */
static int run_delete(void *self, const char *thread) {
    (void)self, (void)thread;
    errno = EPERM;
    return DFL_ESTORE;
}

static int run_prune(void *self, const char *thread, size_t keep) {
    (void)self, (void)thread, (void)keep;
    return DFL_OK;
}

static int run_put_layout(void *self, const char *graph, uint64_t mark, const char *text,
                          size_t n) {
    const RunStore *s = self;
    return dfl__queue_put_layout(s->queue, graph, mark, text, n);
}

static int run_layout(void *self, uint64_t mark, dfl_buf *out) {
    const RunStore *s = self;
    return dfl__queue_layout(s->queue, mark, out);
}

static void run_close(void *self) {
    (void)self;
}

static const dfl_store_ops run_ops = {
    .put = run_put,
    .latest = run_latest,
    .read = run_read,
    .history = run_history,
    .threads = run_threads,
    .delete_thread = run_delete,
    .prune = run_prune,
    .close = run_close,
    .put_layout = run_put_layout,
    .layout = run_layout,
};

int dfl__run_store_begin(RunStore *store) {
    store->store = dfl_store_custom(&run_ops, store);
    return store->store ? DFL_OK : DFL_ENOMEM;
}

void dfl__run_store_end(RunStore *store) {
    dfl_store_close(store->store);
    store->store = NULL;
}
