/* The memory store: a hash table of threads, each with its checkpoints in order of their ids.
 *
 *     table[hash] -> Thread "t-1": [1, 2, 5] -> Thread "t-9": [4]      (chained by `chain`)
 *     first -> "t-1" -> "t-9" -> ...                                   (in order of creation)
 *
 * One lock guards all of it. It is held for lookups and copies only, never during a callback. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <pthread.h>

#include "hash.h"
#include "internal.h"
#include "mem.h"
#include "store.h"

typedef struct Checkpoint {
    dfl_checkpoint about; /* thread and next point into the Thread and into `bytes` */
    const char *graph;
    uint64_t schema;
    size_t n;
    uint8_t bytes[]; /* body, then next and graph with their NULs */
} Checkpoint;

typedef struct Thread {
    struct Thread *chain;
    struct Thread *before, *after;
    Checkpoint **all; /* oldest first; never empty once linked */
    size_t n, cap;
    uint64_t hash;
    char name[];
} Thread;

typedef struct Memory {
    dfl_store store;
    pthread_mutex_t lock;
    Thread **table;
    size_t n_buckets; /* a power of two */
    size_t n_threads;
    Thread *first, *last;
    uint64_t last_id;
} Memory;

static void *zeroed(size_t n) {
    void *p = dfl__malloc(n);
    return p ? memset(p, 0, n) : NULL;
}

/* ---- threads ---- */

static Thread *find_thread(const Memory *memory, const char *name) {
    uint64_t hash = dfl__hash(name, strlen(name));
    Thread *thread = memory->table[hash & (memory->n_buckets - 1)];
    while (thread && (thread->hash != hash || strcmp(thread->name, name) != 0))
        thread = thread->chain;
    return thread;
}

/* Doubles the table; when out of memory the chains just get longer. */
static void grow_table(Memory *memory) {
    size_t n_buckets = memory->n_buckets * 2;
    Thread **table = zeroed(n_buckets * sizeof *table);
    if (!table)
        return;
    for (Thread *thread = memory->first; thread; thread = thread->after) {
        Thread **bucket = &table[thread->hash & (n_buckets - 1)];
        thread->chain = *bucket;
        *bucket = thread;
    }
    dfl__free(memory->table);
    memory->table = table;
    memory->n_buckets = n_buckets;
}

static Thread *new_thread(const char *name) {
    size_t n = strlen(name) + 1;
    Thread *thread = zeroed(sizeof *thread + n);
    if (!thread)
        return NULL;
    memcpy(thread->name, name, n);
    thread->hash = dfl__hash(name, n - 1);
    return thread;
}

static void link_thread(Memory *memory, Thread *thread) {
    Thread **bucket;
    if (memory->n_threads >= memory->n_buckets)
        grow_table(memory);
    bucket = &memory->table[thread->hash & (memory->n_buckets - 1)];
    thread->chain = *bucket;
    *bucket = thread;
    thread->before = memory->last;
    *(memory->last ? &memory->last->after : &memory->first) = thread;
    memory->last = thread;
    memory->n_threads++;
}

static void unlink_thread(Memory *memory, Thread *thread) {
    Thread **at = &memory->table[thread->hash & (memory->n_buckets - 1)];
    while (*at != thread)
        at = &(*at)->chain;
    *at = thread->chain;
    *(thread->before ? &thread->before->after : &memory->first) = thread->after;
    *(thread->after ? &thread->after->before : &memory->last) = thread->before;
    memory->n_threads--;
}

static void free_thread(Thread *thread) {
    for (size_t i = 0; i < thread->n; i++)
        dfl__free(thread->all[i]);
    dfl__free(thread->all);
    dfl__free(thread);
}

/* ---- checkpoints ---- */

static Checkpoint *new_checkpoint(const dfl__record *record) {
    size_t next_n = strlen(record->about.next) + 1, graph_n = strlen(record->graph) + 1;
    Checkpoint *checkpoint = dfl__malloc(sizeof *checkpoint + record->n + next_n + graph_n);
    char *next, *graph;
    if (!checkpoint)
        return NULL;
    next = (char *)checkpoint->bytes + record->n;
    graph = next + next_n;
    memcpy(checkpoint->bytes, record->body, record->n);
    memcpy(next, record->about.next, next_n);
    memcpy(graph, record->graph, graph_n);
    checkpoint->about = record->about;
    checkpoint->about.next = next;
    checkpoint->graph = graph;
    checkpoint->schema = record->schema;
    checkpoint->n = record->n;
    return checkpoint;
}

static bool room_for_one(Thread *thread) {
    size_t cap = thread->cap ? thread->cap * 2 : 4;
    Checkpoint **all;
    if (thread->n < thread->cap)
        return true;
    all = dfl__realloc(thread->all, cap * sizeof *all);
    if (!all)
        return false;
    thread->all = all;
    thread->cap = cap;
    return true;
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
    about->time_ns = dfl__wall_clock();
    about->thread = thread->name;
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
    bool is_new = !thread;
    if (is_new)
        thread = new_thread(name);
    if (!thread)
        return out_of_memory();
    if (!room_for_one(thread)) {
        if (is_new)
            free_thread(thread);
        return out_of_memory();
    }
    if (is_new)
        link_thread(memory, thread);
    append(memory, thread, checkpoint);
    return DFL_OK;
}

static int memory_put(void *self, const dfl__record *record, dfl_durability durability,
                      uint64_t *id) {
    Memory *memory = self;
    Checkpoint *checkpoint = new_checkpoint(record);
    int status;
    (void)durability;
    if (!checkpoint)
        return out_of_memory();
    pthread_mutex_lock(&memory->lock);
    status = put_locked(memory, checkpoint, record->about.thread);
    *id = memory->last_id;
    pthread_mutex_unlock(&memory->lock);
    if (status != DFL_OK)
        dfl__free(checkpoint);
    return status;
}

static int memory_latest(void *self, const char *name, dfl_checkpoint *out) {
    Memory *memory = self;
    const Thread *thread;
    pthread_mutex_lock(&memory->lock);
    thread = find_thread(memory, name);
    if (thread)
        *out = thread->all[thread->n - 1]->about;
    pthread_mutex_unlock(&memory->lock);
    return thread ? DFL_OK : DFL_ENOTFOUND;
}

/* Copies the checkpoint's bytes, and moves what points into them along. */
static int copy_out(const Checkpoint *from, const char *name, dfl__record *out, dfl_buf *hold) {
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
    out->schema = from->schema;
    out->body = copy;
    out->n = from->n;
    return DFL_OK;
}

static int memory_read(void *self, const char *name, uint64_t id, dfl__record *out, dfl_buf *hold) {
    Memory *memory = self;
    const Thread *thread;
    const Checkpoint *checkpoint;
    int status = DFL_ENOTFOUND;
    pthread_mutex_lock(&memory->lock);
    thread = find_thread(memory, name);
    checkpoint = thread ? find_checkpoint(thread, id) : NULL;
    if (checkpoint)
        status = copy_out(checkpoint, name, out, hold);
    pthread_mutex_unlock(&memory->lock);
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
    pthread_mutex_lock(&memory->lock);
    thread = find_thread(memory, name);
    if (thread)
        list = snapshot(thread, limit, name, &n);
    pthread_mutex_unlock(&memory->lock);
    if (!thread)
        return DFL_ENOTFOUND;
    if (!list)
        return DFL_ENOMEM;
    for (size_t i = 0; i < n && !each(user, &list[i]); i++)
        ;
    dfl__free(list);
    return DFL_OK;
}

/* All names, each with its NUL, one after the other; an empty one ends them. */
static char *thread_names(const Memory *memory) {
    size_t n = 1;
    char *names, *to;
    for (const Thread *thread = memory->first; thread; thread = thread->after)
        n += strlen(thread->name) + 1;
    names = to = dfl__malloc(n);
    if (!names)
        return NULL;
    for (const Thread *thread = memory->first; thread; thread = thread->after) {
        size_t name_n = strlen(thread->name) + 1;
        memcpy(to, thread->name, name_n);
        to += name_n;
    }
    *to = '\0';
    return names;
}

static int memory_threads(void *self, int (*each)(void *user, const char *thread), void *user) {
    Memory *memory = self;
    char *names;
    pthread_mutex_lock(&memory->lock);
    names = thread_names(memory);
    pthread_mutex_unlock(&memory->lock);
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
    pthread_mutex_lock(&memory->lock);
    thread = find_thread(memory, name);
    if (thread)
        unlink_thread(memory, thread);
    pthread_mutex_unlock(&memory->lock);
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
    pthread_mutex_lock(&memory->lock);
    thread = find_thread(memory, name);
    if (thread && thread->n > keep)
        drop_oldest(thread, thread->n - keep);
    pthread_mutex_unlock(&memory->lock);
    return thread ? DFL_OK : DFL_ENOTFOUND;
}

static void memory_close(void *self) {
    Memory *memory = self;
    Thread *thread = memory->first, *after;
    for (; thread; thread = after) {
        after = thread->after;
        free_thread(thread);
    }
    dfl__free(memory->table);
    pthread_mutex_destroy(&memory->lock);
    dfl__free(memory);
}

static const dfl__store_ops memory_ops = {
    memory_put,     memory_latest,        memory_read,  memory_history,
    memory_threads, memory_delete_thread, memory_prune, memory_close,
};

dfl_store *dfl_store_memory(void) {
    Memory *memory = zeroed(sizeof *memory);
    if (!memory)
        return NULL;
    memory->n_buckets = 16;
    memory->table = zeroed(memory->n_buckets * sizeof(Thread *));
    if (!memory->table || pthread_mutex_init(&memory->lock, NULL) != 0) {
        dfl__free(memory->table);
        dfl__free(memory);
        return NULL;
    }
    memory->store.ops = &memory_ops;
    memory->store.self = memory;
    return &memory->store;
}
