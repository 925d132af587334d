/* The threads of a store, by name: a hash table that no chosen name can make slow, and a list in
 * order of creation. A store's own struct for a thread begins with a dfl__thread.
 *
 *     table[hash] -> "t-1" -> "t-9"           (chained by `chain`)
 *     first -> "t-1" -> "t-4" -> "t-9" ...    (by `after`)
 *
 * No call here locks. */
#ifndef DFL_THREAD_TABLE_H
#define DFL_THREAD_TABLE_H

#include "dfl.h"

typedef struct dfl__thread {
    struct dfl__thread *chain;
    struct dfl__thread *before, *after;
    uint64_t hash;
    size_t n;   /* bytes of the name */
    char *name; /* behind the struct that this begins */
} dfl__thread;

typedef struct dfl__thread_table {
    dfl__thread **table;
    size_t n_buckets; /* a power of two */
    size_t n;
    dfl__thread *first, *last;
    dfl__thread *found; /* by dfl__thread_find_next; NULL: none that is still there */
} dfl__thread_table;

/* False when out of memory. */
bool dfl__thread_table_init(dfl__thread_table *threads);
/* The table alone: the threads are freed before, by whoever made them. */
void dfl__thread_table_free(dfl__thread_table *threads);

/* name: n bytes. NULL when there is none. */
void *dfl__thread_find(const dfl__thread_table *threads, const char *name, size_t n);
/* The same, mostly without a hash: threads that save at the same time take turns, so it is likely the one
 * behind the one that was found last, or that one. */
void *dfl__thread_find_next(dfl__thread_table *threads, const char *name, size_t n);
/* A zeroed struct of `size` bytes that begins with a dfl__thread; not linked yet. NULL when out of
 * memory. */
void *dfl__thread_new(size_t size, const char *name, size_t n);
void dfl__thread_free(dfl__thread *thread);
void dfl__thread_link(dfl__thread_table *threads, dfl__thread *thread);
void dfl__thread_unlink(dfl__thread_table *threads, dfl__thread *thread);

#endif
