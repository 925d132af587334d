#include "thread_table.h"

#include "hash.h"
#include "mem.h"

bool dfl__thread_table_init(dfl__thread_table *threads) {
    *threads = (dfl__thread_table){.n_buckets = 16};
    threads->table = dfl__zalloc(threads->n_buckets * sizeof(dfl__thread *));
    return threads->table != NULL;
}

void dfl__thread_table_free(dfl__thread_table *threads) {
    dfl__free(threads->table);
    *threads = (dfl__thread_table){0};
}

static bool is_called(const dfl__thread *thread, const char *name, size_t n) {
    return thread->n == n && memcmp(thread->name, name, n) == 0;
}

/* The newest is asked for most. */
void *dfl__thread_find(const dfl__thread_table *threads, const char *name, size_t n) {
    dfl__thread *thread = threads->last;
    uint64_t hash;
    if (!thread || is_called(thread, name, n))
        return thread;
    hash = dfl__hash(name, n);
    thread = threads->table[hash & (threads->n_buckets - 1)];
    while (thread && (thread->hash != hash || !is_called(thread, name, n)))
        thread = thread->chain;
    return thread;
}

void *dfl__thread_find_next(dfl__thread_table *threads, const char *name, size_t n) {
    dfl__thread *thread = threads->found;
    if (thread && thread->after && is_called(thread->after, name, n))
        return threads->found = thread->after;
    if (!thread || !is_called(thread, name, n)) {
        thread = dfl__thread_find(threads, name, n);
        threads->found = thread ? thread : threads->found;
    }
    return thread;
}

/* Doubles the table; when out of memory the chains just get longer. */
static void grow_table(dfl__thread_table *threads) {
    size_t n_buckets = threads->n_buckets * 2;
    dfl__thread **table = dfl__zalloc(n_buckets * sizeof *table);
    if (!table)
        return;
    for (dfl__thread *thread = threads->first; thread; thread = thread->after) {
        dfl__thread **bucket = &table[thread->hash & (n_buckets - 1)];
        thread->chain = *bucket;
        *bucket = thread;
    }
    dfl__free(threads->table);
    threads->table = table;
    threads->n_buckets = n_buckets;
}

void *dfl__thread_new(size_t size, const char *name, size_t n) {
    dfl__thread *thread = dfl__malloc(size + n + 1);
    if (!thread)
        return NULL;
    memset(thread, 0, size); /* not calloc, which some C libraries serve from no cache */
    thread->name = (char *)thread + size;
    memcpy(thread->name, name, n);
    thread->name[n] = '\0';
    thread->n = n;
    thread->hash = dfl__hash(name, n);
    return thread;
}

void dfl__thread_free(dfl__thread *thread) {
    dfl__free(thread);
}

void dfl__thread_link(dfl__thread_table *threads, dfl__thread *thread) {
    dfl__thread **bucket;
    if (threads->n >= threads->n_buckets)
        grow_table(threads);
    bucket = &threads->table[thread->hash & (threads->n_buckets - 1)];
    thread->chain = *bucket;
    *bucket = thread;
    thread->before = threads->last;
    *(threads->last ? &threads->last->after : &threads->first) = thread;
    threads->last = thread;
    threads->n++;
}

void dfl__thread_unlink(dfl__thread_table *threads, dfl__thread *thread) {
    dfl__thread **at = &threads->table[thread->hash & (threads->n_buckets - 1)];
    while (*at != thread)
        at = &(*at)->chain;
    *at = thread->chain;
    if (threads->found == thread)
        threads->found = thread->before;
    *(thread->before ? &thread->before->after : &threads->first) = thread->after;
    *(thread->after ? &thread->after->before : &threads->last) = thread->before;
    threads->n--;
}
