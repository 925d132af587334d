/* The memory store: threads by name, each with its checkpoints in order of their ids.
 *
 * One lock guards all of it but the layouts. It is held for lookups and copies only, never during a callback. */
#include <errno.h>
#include <stdlib.h>

#include "internal.h"
#include "mem.h"
#include "store.h"
#include "thread_table.h"

typedef struct Checkpoint {
    dfl_checkpoint about; /* thread and next point into the Thread and into `bytes` */
    const char *graph;
    uint64_t layout;
    size_t n;
    uint8_t bytes[]; /* body, then next and graph with their NULs */
} Checkpoint;

enum { FEW = 6 };

typedef struct Thread {
    dfl__thread base;
    Checkpoint **all; /* oldest first; never empty once linked */
    size_t n, cap;
    Checkpoint *few[FEW]; /* what `all` is at first */
} Thread;

typedef struct Layout {
    struct Layout *next;
    uint64_t mark;
    size_t n;
    char text[];
} Layout;

typedef struct Memory {
    dfl_store store;
    uint32_t lock;
    dfl__thread_table threads;
    uint64_t last_id;
    Layout *layouts; /* one for each version of a graph: few; put at the front, and there for good */
} Memory;

/* ---- threads ---- */

static Thread *find_thread(const Memory *memory, const char *name) {
    return dfl__thread_find(&memory->threads, name, strlen(name));
}

static void free_thread(Thread *thread) {
    for (size_t i = 0; i < thread->n; i++)
        dfl__free(thread->all[i]);
    if (thread->all != thread->few)
        dfl__free(thread->all);
    dfl__thread_free(&thread->base);
}

/* ---- checkpoints ---- */

static Checkpoint *new_checkpoint(const dfl_record *record) {
    size_t next_n = strlen(record->about.next) + 1, graph_n = strlen(record->graph) + 1;
    Checkpoint *checkpoint = dfl__malloc(sizeof *checkpoint + record->n + next_n + graph_n);
    char *next, *graph;
    if (!checkpoint)
        return NULL;
    next = (char *)checkpoint->bytes + record->n;
    graph = next + next_n;
    memcpy(checkpoint->bytes, record->body, record->n);
    dfl__copy_bytes((uint8_t *)next, record->about.next, next_n);
    dfl__copy_bytes((uint8_t *)graph, record->graph, graph_n);
    checkpoint->about = record->about;
    checkpoint->about.next = next;
    checkpoint->graph = graph;
    checkpoint->layout = record->layout;
    checkpoint->n = record->n;
    return checkpoint;
}

static bool grow(Thread *thread) {
    bool is_first = thread->all == thread->few;
    size_t cap = thread->cap * 2;
    Checkpoint **all = dfl__realloc(is_first ? NULL : thread->all, cap * sizeof *all);
    if (!all)
        return false;
    if (is_first)
        memcpy(all, thread->few, sizeof thread->few);
    thread->all = all;
    thread->cap = cap;
    return true;
}

static bool room_for_one(Thread *thread) {
    return thread->n < thread->cap || grow(thread);
}

static Thread *new_thread(const char *name) {
    Thread *thread = dfl__thread_new(sizeof *thread, name, strlen(name));
    if (thread) {
        thread->all = thread->few;
        thread->cap = FEW;
    }
    return thread;
}

/* By binary search: ids rise. NULL when the thread has no such checkpoint. */
static const Checkpoint *find_checkpoint(const Thread *thread, uint64_t id) {
    size_t low = 0, high = thread->n;
    if (id == 0)
        return thread->all[thread->n - 1];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (thread->all[middle]->about.id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < thread->n && thread->all[low]->about.id == id ? thread->all[low] : NULL;
}

static void append(Memory *memory, Thread *thread, Checkpoint *checkpoint) {
    dfl_checkpoint *about = &checkpoint->about;
    about->id = ++memory->last_id;
    about->time_ns = dfl__wall_tick();
    about->thread = thread->base.name;
    if (about->previous == 0 && thread->n > 0)
        about->previous = thread->all[thread->n - 1]->about.id;
    thread->all[thread->n++] = checkpoint;
}

/* ---- operations ---- */

static int out_of_memory(void) {
    errno = ENOMEM;
    return DFL_ESTORE;
}

static int put_locked(Memory *memory, Checkpoint *checkpoint, const char *name) {
    Thread *thread = find_thread(memory, name);
    if (!thread) {
        thread = new_thread(name);
        if (!thread)
            return out_of_memory();
        dfl__thread_link(&memory->threads, &thread->base);
    }
    if (!room_for_one(thread))
        return out_of_memory();
    append(memory, thread, checkpoint);
    return DFL_OK;
}

static int memory_put(void *self, const dfl_record *record, dfl_durability durability,
                      uint64_t *id) {
    Memory *memory = self;
    Checkpoint *checkpoint = new_checkpoint(record);
    int status;
    (void)durability;
    if (!checkpoint)
        return out_of_memory();
    dfl__lock(&memory->lock);
    status = put_locked(memory, checkpoint, record->about.thread);
    *id = memory->last_id;
    dfl__unlock(&memory->lock);
    if (status != DFL_OK)
        dfl__free(checkpoint);
    return status;
}

static int memory_latest(void *self, const char *name, dfl_checkpoint *out) {
    Memory *memory = self;
    const Thread *thread;
    dfl__lock(&memory->lock);
    thread = find_thread(memory, name);
    if (thread)
        *out = thread->all[thread->n - 1]->about;
    dfl__unlock(&memory->lock);
    return thread ? DFL_OK : DFL_ENOTFOUND;
}

/* Copies the checkpoint's bytes, and moves what points into them along. */
static int copy_out(const Checkpoint *from, const char *name, dfl_record *out, dfl_buf *hold) {
    const char *bytes = (const char *)from->bytes;
    size_t next_at = (size_t)(from->about.next - bytes), graph_at = (size_t)(from->graph - bytes);
    size_t n = graph_at + strlen(from->graph) + 1;
    uint8_t *copy;
    hold->n = 0;
    copy = dfl__buf_room(hold, n);
    if (!copy)
        return DFL_ENOMEM;
    memcpy(copy, from->bytes, n);
    out->about = from->about;
    out->about.thread = name;
    out->about.next = (char *)copy + next_at;
    out->graph = (char *)copy + graph_at;
    out->layout = from->layout;
    out->body = copy;
    out->n = from->n;
    return DFL_OK;
}

static int memory_read(void *self, const char *name, uint64_t id, dfl_record *out, dfl_buf *hold) {
    Memory *memory = self;
    const Thread *thread;
    const Checkpoint *checkpoint;
    int status = DFL_ENOTFOUND;
    dfl__lock(&memory->lock);
    thread = find_thread(memory, name);
    checkpoint = thread ? find_checkpoint(thread, id) : NULL;
    if (checkpoint)
        status = copy_out(checkpoint, name, out, hold);
    dfl__unlock(&memory->lock);
    return status;
}

/* The newest `limit` (0: all) checkpoints, newest first, in one block that ends with the names. */
static dfl_checkpoint *snapshot(const Thread *thread, size_t limit, const char *name, size_t *n) {
    size_t names_n = 0;
    dfl_checkpoint *list;
    char *names;
    *n = limit && limit < thread->n ? limit : thread->n;
    for (size_t i = 0; i < *n; i++)
        names_n += strlen(thread->all[thread->n - 1 - i]->about.next) + 1;
    list = dfl__malloc(*n * sizeof *list + names_n);
    if (!list)
        return NULL;
    names = (char *)(list + *n);
    for (size_t i = 0; i < *n; i++) {
        const dfl_checkpoint *from = &thread->all[thread->n - 1 - i]->about;
        size_t name_n = strlen(from->next) + 1;
        list[i] = *from;
        list[i].thread = name;
        list[i].next = memcpy(names, from->next, name_n);
        names += name_n;
    }
    return list;
}

static int memory_history(void *self, const char *name, size_t limit,
                          int (*each)(void *user, const dfl_checkpoint *), void *user) {
    Memory *memory = self;
    const Thread *thread;
    dfl_checkpoint *list = NULL;
    size_t n = 0;
    dfl__lock(&memory->lock);
    thread = find_thread(memory, name);
    if (thread)
        list = snapshot(thread, limit, name, &n);
    dfl__unlock(&memory->lock);
    if (!thread)
        return DFL_ENOTFOUND;
    if (!list)
        return DFL_ENOMEM;
    for (size_t i = 0; i < n && !each(user, &list[i]); i++)
        ;
    dfl__free(list);
    return DFL_OK;
}

static int by_first_id(const void *a, const void *b) {
    uint64_t x = (*(const Thread *const *)a)->all[0]->about.id,
             y = (*(const Thread *const *)b)->all[0]->about.id;
    return (x > y) - (x < y);
}

/* All threads in order of the first checkpoint that each has; a NULL ends them. */
static const Thread **threads_in_order(const Memory *memory) {
    const Thread **threads = dfl__malloc((memory->threads.n + 1) * sizeof *threads);
    size_t n = 0;
    if (!threads)
        return NULL;
    for (const dfl__thread *thread = memory->threads.first; thread; thread = thread->after)
        threads[n++] = (const Thread *)thread;
    if (n > 0)
        qsort(threads, n, sizeof *threads, by_first_id);
    threads[n] = NULL;
    return threads;
}

/* Their names, each with its NUL, one after the other; an empty one ends them. */
static char *names_of(const Thread *const *threads) {
    size_t n = 1;
    char *names, *to;
    for (const Thread *const *thread = threads; *thread; thread++)
        n += strlen((*thread)->base.name) + 1;
    names = to = dfl__malloc(n);
    if (!names)
        return NULL;
    for (const Thread *const *thread = threads; *thread; thread++) {
        size_t name_n = strlen((*thread)->base.name) + 1;
        memcpy(to, (*thread)->base.name, name_n);
        to += name_n;
    }
    *to = '\0';
    return names;
}

static int memory_threads(void *self, int (*each)(void *user, const char *thread), void *user) {
    Memory *memory = self;
    const Thread **threads;
    char *names;
    dfl__lock(&memory->lock);
    threads = threads_in_order(memory);
    names = threads ? names_of(threads) : NULL;
    dfl__unlock(&memory->lock);
    dfl__free(threads);
    if (!names)
        return DFL_ENOMEM;
    for (const char *name = names; *name && !each(user, name); name += strlen(name) + 1)
        ;
    dfl__free(names);
    return DFL_OK;
}

static int memory_delete_thread(void *self, const char *name) {
    Memory *memory = self;
    Thread *thread;
    dfl__lock(&memory->lock);
    thread = find_thread(memory, name);
    if (thread)
        dfl__thread_unlink(&memory->threads, &thread->base);
    dfl__unlock(&memory->lock);
    if (!thread)
        return DFL_ENOTFOUND;
    free_thread(thread);
    return DFL_OK;
}

static void drop_oldest(Thread *thread, size_t n) {
    for (size_t i = 0; i < n; i++)
        dfl__free(thread->all[i]);
    thread->n -= n;
    memmove(thread->all, thread->all + n, thread->n * sizeof *thread->all);
}

static int memory_prune(void *self, const char *name, size_t keep) {
    Memory *memory = self;
    Thread *thread;
    dfl__lock(&memory->lock);
    thread = find_thread(memory, name);
    if (thread && thread->n > keep)
        drop_oldest(thread, thread->n - keep);
    dfl__unlock(&memory->lock);
    return thread ? DFL_OK : DFL_ENOTFOUND;
}

/* ---- layouts ---- */

/* Without the lock: every run asks once. */
static const Layout *find_layout(const Memory *memory, uint64_t mark) {
    const Layout *layout = __atomic_load_n(&memory->layouts, __ATOMIC_ACQUIRE);
    while (layout && layout->mark != mark)
        layout = layout->next;
    return layout;
}

static int memory_put_layout(void *self, const char *graph, uint64_t mark, const char *text,
                             size_t n) {
    Memory *memory = self;
    Layout *layout = dfl__malloc(sizeof *layout + n);
    (void)graph;
    if (!layout)
        return out_of_memory();
    layout->mark = mark;
    layout->n = n;
    memcpy(layout->text, text, n);
    dfl__lock(&memory->lock);
    if (!find_layout(memory, mark)) {
        layout->next = memory->layouts;
        __atomic_store_n(&memory->layouts, layout, __ATOMIC_RELEASE);
        layout = NULL;
    }
    dfl__unlock(&memory->lock);
    dfl__free(layout);
    return DFL_OK;
}

static int memory_layout(void *self, uint64_t mark, dfl_buf *out) {
    const Layout *layout = find_layout(self, mark);
    uint8_t *to;
    if (!layout)
        return DFL_ENOTFOUND;
    to = out ? dfl__buf_room(out, layout->n) : NULL;
    if (to)
        memcpy(to, layout->text, layout->n);
    return !out || to ? DFL_OK : DFL_ENOMEM;
}

static void memory_close(void *self) {
    Memory *memory = self;
    dfl__thread *thread = memory->threads.first, *after;
    Layout *layout = memory->layouts, *next;
    for (; layout; layout = next) {
        next = layout->next;
        dfl__free(layout);
    }
    for (; thread; thread = after) {
        after = thread->after;
        free_thread((Thread *)thread);
    }
    dfl__thread_table_free(&memory->threads);
    dfl__free(memory);
}

static const dfl_store_ops memory_ops = {
    .put = memory_put,
    .latest = memory_latest,
    .read = memory_read,
    .history = memory_history,
    .threads = memory_threads,
    .delete_thread = memory_delete_thread,
    .prune = memory_prune,
    .close = memory_close,
    .put_layout = memory_put_layout,
    .layout = memory_layout,
};

dfl_store *dfl_store_memory(void) {
    Memory *memory = dfl__malloc(sizeof *memory);
    if (!memory)
        return NULL;
    *memory = (Memory){.store = {.ops = &memory_ops, .self = memory}};
    if (dfl__thread_table_init(&memory->threads))
        return &memory->store;
    dfl__free(memory);
    return NULL;
}
