#include "store_index.h"

#include "mem.h"

bool dfl__index_init(dfl__index *index) {
    index->last_id = 0;
    index->layouts = NULL;
    index->n_layouts = index->cap_layouts = 0;
    index->n_entries = index->bytes = 0;
    index->is_watched = false;
    index->changed_first = index->changed_last = NULL;
    return dfl__thread_table_init(&index->threads);
}

static void free_thread(dfl__indexed *thread) {
    dfl__free(thread->all);
    dfl__free(thread->next);
    dfl__thread_free(&thread->base);
}

/* ---- watching ---- */

/* note [a watched index] */
static void note_change(dfl__index *index, dfl__indexed *thread) {
    if (!index->is_watched || thread->is_changed)
        return;
    thread->is_changed = true;
    thread->changed_after = NULL;
    *(index->changed_last ? &index->changed_last->changed_after : &index->changed_first) = thread;
    index->changed_last = thread;
}

void dfl__index_watch(dfl__index *index) {
    index->is_watched = true;
    for (dfl__thread *at = index->threads.first; at; at = at->after) {
        ((dfl__indexed *)at)->saves = 0;
        note_change(index, (dfl__indexed *)at);
    }
}

void dfl__index_take_change(dfl__index *index) {
    dfl__indexed *thread = index->changed_first;
    index->changed_first = thread->changed_after;
    if (!index->changed_first)
        index->changed_last = NULL;
    thread->is_changed = false;
    thread->saves = 0;
    if (thread->is_gone)
        free_thread(thread);
}

/* ---- threads ---- */

static uint64_t bytes_of(const dfl__entry *entry) {
    return (uint64_t)entry->head_n + entry->body_n;
}

static void count_in(dfl__index *index, dfl__indexed *thread, const dfl__entry *entry) {
    thread->bytes += bytes_of(entry);
    index->bytes += bytes_of(entry);
    index->n_entries++;
}

/* `n` entries from `all` on are no more. */
static void count_out(dfl__index *index, dfl__indexed *thread, const dfl__entry *all, size_t n) {
    uint64_t bytes = 0;
    for (size_t i = 0; i < n; i++)
        bytes += bytes_of(&all[i]);
    thread->bytes -= bytes;
    index->bytes -= bytes;
    index->n_entries -= n;
    if (n > 0)
        note_change(index, thread);
}

void dfl__index_delete(dfl__index *index, dfl__indexed *thread) {
    count_out(index, thread, thread->all, thread->n);
    thread->n = 0;
    dfl__thread_unlink(&index->threads, &thread->base);
    if (thread->is_changed)
        thread->is_gone = true;
    else
        free_thread(thread);
}

void dfl__index_clear(dfl__index *index) {
    while (index->changed_first)
        dfl__index_take_change(index);
    index->is_watched = false;
    while (index->threads.first)
        dfl__index_delete(index, (dfl__indexed *)index->threads.first);
    index->last_id = 0;
    index->n_layouts = 0;
}

void dfl__index_free(dfl__index *index) {
    dfl__index_clear(index);
    dfl__free(index->layouts);
    dfl__thread_table_free(&index->threads);
}

dfl__indexed *dfl__index_thread(const dfl__index *index, const char *name) {
    return dfl__thread_find(&index->threads, name, strlen(name));
}

/* ---- layouts ---- */

const dfl__layout_entry *dfl__index_layout(const dfl__index *index, uint64_t mark) {
    for (size_t i = 0; i < index->n_layouts; i++)
        if (index->layouts[i].mark == mark)
            return &index->layouts[i];
    return NULL;
}

/* The newest takes the place of an older copy. */
static int add_layout(dfl__index *index, uint64_t position, const dfl__log_record *record) {
    dfl__layout_entry *layout =
        (dfl__layout_entry *)(uintptr_t)dfl__index_layout(index, record->schema);
    if (!layout && index->n_layouts == index->cap_layouts) {
        size_t cap = index->cap_layouts ? 2 * index->cap_layouts : 4;
        dfl__layout_entry *all = dfl__realloc(index->layouts, cap * sizeof *all);
        if (!all)
            return DFL_ENOMEM;
        index->layouts = all;
        index->cap_layouts = cap;
    }
    if (!layout)
        layout = &index->layouts[index->n_layouts++];
    layout->mark = record->schema;
    layout->entry = (dfl__entry){record->id, position, (uint32_t)dfl__record_head_bytes(record),
                                 record->body_n};
    return DFL_OK;
}

void dfl__index_remove_layout(dfl__index *index, uint64_t position) {
    for (size_t i = index->n_layouts; i-- > 0;)
        if (index->layouts[i].entry.position == position)
            index->layouts[i] = index->layouts[--index->n_layouts];
}

/* ---- entries ---- */

/* The first entry whose id is not less. */
static size_t lower_bound(const dfl__indexed *thread, uint64_t id) {
    size_t low = 0, high = thread->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (thread->all[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const dfl__entry *dfl__index_entry(const dfl__indexed *thread, uint64_t id) {
    size_t i = id ? lower_bound(thread, id) : thread->n - 1;
    return i < thread->n && (id == 0 || thread->all[i].id == id) ? &thread->all[i] : NULL;
}

static bool room_for_one(dfl__indexed *thread) {
    size_t cap = thread->cap ? thread->cap * 2 : 4;
    dfl__entry *all;
    if (thread->n < thread->cap)
        return true;
    all = dfl__realloc(thread->all, cap * sizeof *all);
    if (!all)
        return false;
    thread->all = all;
    thread->cap = cap;
    return true;
}

/* Ids rise, but a record that was copied forward comes again. */
static void insert(dfl__index *index, dfl__indexed *thread, const dfl__entry *entry) {
    size_t i = thread->n > 0 && thread->all[thread->n - 1].id < entry->id
                   ? thread->n
                   : lower_bound(thread, entry->id);
    if (i < thread->n && thread->all[i].id == entry->id) {
        thread->all[i] = *entry;
        return;
    }
    thread->saves += i == thread->n && entry->id > thread->latest.id;
    memmove(thread->all + i + 1, thread->all + i, (thread->n - i) * sizeof *entry);
    thread->all[i] = *entry;
    thread->n++;
    count_in(index, thread, entry);
    note_change(index, thread);
}

static void drop_before(dfl__index *index, dfl__indexed *thread, size_t n) {
    count_out(index, thread, thread->all, n);
    thread->n -= n;
    memmove(thread->all, thread->all + n, thread->n * sizeof *thread->all);
}

void dfl__index_remove(dfl__index *index, dfl__indexed *thread, uint64_t id) {
    size_t i = lower_bound(thread, id);
    if (i == thread->n || thread->all[i].id != id)
        return;
    count_out(index, thread, &thread->all[i], 1);
    memmove(thread->all + i, thread->all + i + 1, (thread->n - i - 1) * sizeof *thread->all);
    if (--thread->n == 0)
        dfl__index_delete(index, thread);
}

static void remove_before(dfl__index *index, dfl__indexed *thread, uint64_t position) {
    size_t kept = 0;
    for (size_t i = 0; i < thread->n; i++)
        if (thread->all[i].position >= position)
            thread->all[kept++] = thread->all[i];
        else
            count_out(index, thread, &thread->all[i], 1);
    thread->n = kept;
}

void dfl__index_remove_before(dfl__index *index, uint64_t position) {
    dfl__thread *at = index->threads.first, *after;
    for (; at; at = after) {
        dfl__indexed *thread = (dfl__indexed *)at;
        after = at->after;
        remove_before(index, thread, position);
        if (thread->n == 0)
            dfl__index_delete(index, thread);
    }
    for (size_t i = index->n_layouts; i-- > 0;)
        if (index->layouts[i].entry.position < position)
            index->layouts[i] = index->layouts[--index->n_layouts];
}

void dfl__index_prune(dfl__index *index, dfl__indexed *thread, size_t keep) {
    if (thread->n > keep)
        drop_before(index, thread, thread->n - keep);
}

/* ---- the latest ---- */

bool dfl__index_knows_latest(const dfl__indexed *thread) {
    return thread->latest.id == thread->all[thread->n - 1].id;
}

/* The longest name has room, so that nothing is allocated when the latest changes. */
static bool room_for_next(dfl__indexed *thread, size_t n) {
    size_t cap = n + 1 < 64 ? 64 : DFL__NAME_MAX + 1;
    char *next;
    if (n < thread->next_cap)
        return true;
    next = dfl__realloc(thread->next, cap);
    if (!next)
        return false;
    thread->next = next;
    thread->next_cap = cap;
    return true;
}

void dfl__index_note_latest(dfl__indexed *thread, const dfl__log_record *record) {
    if (!room_for_next(thread, record->next_n))
        return; /* it is read again when it is asked for */
    memcpy(thread->next, record->next, record->next_n);
    thread->next[record->next_n] = '\0';
    thread->latest = (dfl_checkpoint){.id = record->id,
                                      .previous = record->previous,
                                      .thread = thread->base.name,
                                      .next = thread->next,
                                      .step = record->step,
                                      .time_ns = record->time_ns,
                                      .bytes = (size_t)record->bytes};
}

/* ---- records ---- */

static dfl__indexed *find(const dfl__index *index, const dfl__log_record *record) {
    return dfl__thread_find(&index->threads, record->thread, record->thread_n);
}

dfl__entry *dfl__index_find(const dfl__index *index, const dfl__log_record *record) {
    const dfl__layout_entry *layout = NULL;
    const dfl__indexed *thread = NULL;
    if (record->type == DFL__LOG_LAYOUT)
        layout = dfl__index_layout(index, record->schema);
    if (layout)
        return &index->layouts[layout - index->layouts].entry;
    if (record->type == DFL__LOG_CHECKPOINT)
        thread = find(index, record);
    return thread ? (dfl__entry *)(uintptr_t)dfl__index_entry(thread, record->id) : NULL;
}

dfl__indexed *dfl__index_prepare(dfl__index *index, const dfl__log_record *record) {
    dfl__indexed *thread = dfl__thread_find_next(&index->threads, record->thread, record->thread_n),
                 *fresh = NULL;
    if (!thread)
        thread = fresh = dfl__thread_new(sizeof *thread, record->thread, record->thread_n);
    if (thread && room_for_one(thread) && room_for_next(thread, record->next_n))
        return thread;
    if (fresh)
        free_thread(fresh);
    return NULL;
}

void dfl__index_commit(dfl__index *index, dfl__indexed *thread, uint64_t position,
                       const dfl__log_record *record) {
    dfl__entry entry = {record->id, position, (uint32_t)dfl__record_head_bytes(record),
                        record->body_n};
    if (thread->n == 0)
        dfl__thread_link(&index->threads, &thread->base);
    insert(index, thread, &entry);
    /* A copy changes nothing: who has asked for the latest may be reading it. */
    if (thread->all[thread->n - 1].id == record->id && thread->latest.id != record->id)
        dfl__index_note_latest(thread, record);
    if (record->id > index->last_id)
        index->last_id = record->id;
}

void dfl__index_abandon(dfl__indexed *thread) {
    if (thread->n == 0)
        free_thread(thread);
}

static int add_checkpoint(dfl__index *index, uint64_t position, const dfl__log_record *record) {
    dfl__indexed *thread = dfl__index_prepare(index, record);
    if (!thread)
        return DFL_ENOMEM;
    dfl__index_commit(index, thread, position, record);
    return DFL_OK;
}

int dfl__index_add(dfl__index *index, uint64_t position, const dfl__log_record *record) {
    dfl__indexed *thread;
    if (record->type == DFL__LOG_CHECKPOINT)
        return add_checkpoint(index, position, record);
    if (record->type == DFL__LOG_LAYOUT)
        return add_layout(index, position, record);
    thread = record->thread_n > 0 ? find(index, record) : NULL;
    if (!thread)
        return DFL_OK;
    if (record->type == DFL__LOG_PRUNED)
        drop_before(index, thread, lower_bound(thread, record->id));
    if (record->type == DFL__LOG_DELETED || thread->n == 0)
        dfl__index_delete(index, thread);
    return DFL_OK;
}
