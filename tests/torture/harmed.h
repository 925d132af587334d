/* A small store whose bytes are changed, one way after the other: what is intact is found, what is not is
 * reported, and the handle goes on. Whoever includes this changes the bytes. */
#ifndef HARMED_H
#define HARMED_H

#include "taken.h"

/* ---- a store with all there is in its log ---- */

typedef struct Making {
    dfl_store *store;
    Chance *chance;
    uint64_t number;
} Making;

static inline dfl_store *open_small(const char *dir, Looked *looked) {
    dfl_store *store = NULL;
    dfl_store_options options = {.segment_bytes = 65536};
    if (looked) {
        options.on_damage = look_told;
        options.user = looked;
    }
    int status = dfl_store_open(scratch_path(dir), &options, &store);
    MUST(status == DFL_OK, "opening: status %d", status);
    return store;
}

static inline void make_layout(Making *making) {
    uint64_t mark = 1 + chance_below(making->chance, 5);
    int status = making->store->ops->put_layout(making->store->self, "g", mark, "layout", mark);
    MUST(status == DFL_OK, "layout: status %d", status);
}

static inline void make_one(Making *making, const char *thread, size_t bytes) {
    uint64_t id, number = ++making->number;
    Content content = content_of(thread, number, 0, 0);
    dfl_durability durability = chance_one_in(making->chance, 2) ? DFL_SYNC : DFL_ASYNC;
    int status;
    content.n = bytes ? bytes : content.n % 90;
    status = content_put(making->store, thread, number, &content, durability, &id);
    MUST(status == DFL_OK, "saving: status %d", status);
}

static inline void make_some(Making *making, int n) {
    static const char *const threads[] = {"a", "bb", "a thread"};
    for (int i = 0; i < n; i++) {
        const char *thread = threads[chance_below(making->chance, 3)];
        uint64_t what = chance_below(making->chance, 12);
        int status = DFL_OK;
        if (what == 0)
            status = dfl_store_delete_thread(making->store, thread);
        else if (what == 1)
            status = dfl_store_prune(making->store, thread, 2);
        else if (what == 2)
            make_layout(making);
        else
            make_one(making, thread, 0);
        MUST(status == DFL_OK || status == DFL_ENOTFOUND, "removing: status %d", status);
    }
}

/* A record that has a segment to itself, so that the one before is sealed while it is short. */
static inline void make_long(Making *making) {
    make_one(making, "long", 65536);
}

/* Zeroes behind the records belong to a store, but need not be there; and writing few is quicker. */
static inline void trim(Taken *taken) {
    for (size_t i = 0; i < taken->n_files; i++)
        if (taken->files[i].n > taken->files[i].end + 200)
            taken->files[i].n = taken->files[i].end + 200;
}

/* Copies of older records, a sealed segment, a long one, and the last; closed well, or as it is while it
 * is used. */
static inline void make_small(Taken *taken, Chance *chance, int n) {
    Making making = {open_small("made", NULL), chance, 0};
    bool is_closed = !chance_one_in(chance, 4);
    make_some(&making, n / 2);
    MUST(dfl_store_compact(making.store) == DFL_OK, "compacting");
    if (chance_one_in(chance, 2)) {
        dfl_store_close(making.store);
        making.store = open_small("made", NULL);
    }
    make_some(&making, n / 2);
    make_long(&making);
    make_some(&making, n);
    if (is_closed)
        dfl_store_close(making.store);
    taken_read(taken, "made");
    if (!is_closed)
        dfl_store_close(making.store);
    if (!chance_one_in(chance, 4))
        trim(taken);
}

/* ---- what it is like when it is changed ---- */

/* A save beside what is there; it must be found in a handle that is opened anew, too. */
static inline void go_on(dfl_store *store, Expected *expected) {
    Content content = content_of("a", 1000000, 0, 0);
    ExpectedThread *thread = expected_thread(expected, "a");
    Known known = {.number = 1000000, .is_intact = true};
    dfl_checkpoint latest;
    MUST(content_put(store, "a", known.number, &content, DFL_ASYNC, &known.id) == DFL_OK, "saving");
    MUST(known.id > expected->last_id, "id %llu is given again", (unsigned long long)known.id);
    MUST(dfl_store_latest(store, "a", &latest) == DFL_OK && latest.id == known.id,
         "not the latest");
    look_at_record(store, "a", 0, &known);
    known.previous = latest.previous;
    thread->known[thread->n++] = known;
}

static inline void look_at_it_compacted(Expected *expected) {
    dfl_store *store = open_small("changed", NULL);
    int status = dfl_store_compact(store);
    MUST(status == DFL_OK || (status == DFL_ECORRUPT && expected->is_reported),
         "compacting: status %d", status);
    dfl_store_close(store);
    for (size_t i = 0; i < expected->n; i++) {
        ExpectedThread *thread = &expected->threads[i];
        size_t kept = 0;
        for (size_t k = 0; k < thread->n; k++)
            if (thread->known[k].is_intact)
                thread->known[kept++] = thread->known[k];
        thread->n = kept;
    }
    for (int mark = 1; mark < 6; mark++)
        if (expected->layouts[mark] == BODY_HARMED)
            expected->layouts[mark] = GONE;
    expected->is_reported = false;
    store = open_small("changed", NULL);
    look_at_all(store, expected);
    look_at_damage(store, expected);
    dfl_store_close(store);
}

/* `taken` has the changed bytes; *expected is what must be found, and is freed. */
static inline void look_at_changed(const Taken *taken, Expected *expected, bool also_compacted) {
    Looked looked = {0};
    dfl_store *store;
    taken_write(taken, "changed");
    store = open_small("changed", &looked);
    look_at_all(store, expected);
    look_at_damage(store, expected);
    MUST(looked.told == 0 || expected->is_reported, "damage is told where there is none");
    go_on(store, expected);
    dfl_store_close(store);
    store = open_small("changed", NULL);
    look_at_all(store, expected);
    look_at_damage(store, expected);
    dfl_store_close(store);
    if (also_compacted)
        look_at_it_compacted(expected);
    free(expected);
}

#endif
