#include "watch_rows.h"

#include <stdlib.h>
#include <string.h>

/* ---- changes ---- */

static bool replace_text(char **to, const char *text) {
    size_t n = strlen(text) + 1;
    char *copy;
    if (*to && strcmp(*to, text) == 0)
        return true;
    copy = realloc(*to, n);
    if (!copy)
        return false;
    *to = memcpy(copy, text, n);
    return true;
}

static void free_row(WatchRow *row) {
    free(row->thread);
    free(row->next);
    free(row);
}

static WatchRow *add_row(WatchRows *rows, const char *thread) {
    WatchRow *row;
    if (rows->n == rows->cap) {
        size_t cap = rows->cap ? 2 * rows->cap : 64;
        WatchRow **all = realloc((void *)rows->all, cap * sizeof *all);
        if (!all)
            return NULL;
        rows->all = all;
        rows->cap = cap;
    }
    row = calloc(1, sizeof *row);
    if (!row || !replace_text(&row->thread, thread) || !replace_text(&row->next, "")) {
        if (row)
            free_row(row);
        return NULL;
    }
    row->at = rows->n;
    rows->all[rows->n++] = row;
    return row;
}

static void remove_row(WatchRows *rows, WatchRow *row) {
    rows->all[row->at] = rows->all[--rows->n];
    rows->all[row->at]->at = row->at;
    free_row(row);
}

static void fill_row(WatchRows *rows, WatchRow *row, const dfl__change *change) {
    const dfl_checkpoint *latest = change->latest;
    if (!replace_text(&row->next, latest->next))
        rows->is_out_of_memory = true;
    row->id = latest->id;
    row->step = latest->step;
    row->bytes = latest->bytes;
    row->time_ns = latest->time_ns;
    row->checkpoints = change->checkpoints;
    row->log_bytes = change->bytes;
    row->look = rows->look;
    if (rows->before)
        rate_add(&row->rate, rows->before, rows->looked, change->saves);
}

void watch_rows_take(WatchRows *rows, const dfl__change *change) {
    WatchRow *row = *change->mark;
    if (!row && change->latest)
        row = *change->mark = add_row(rows, change->thread);
    if (!row)
        rows->is_out_of_memory = rows->is_out_of_memory || change->latest;
    else if (change->latest)
        fill_row(rows, row, change);
    else
        remove_row(rows, row);
}

void watch_rows_free(WatchRows *rows) {
    for (size_t i = 0; i < rows->n; i++)
        free_row(rows->all[i]);
    free((void *)rows->all);
}

/* ---- a page ---- */

typedef struct Order {
    WatchSort sort;
    bool is_reversed;
    int64_t now;
} Order;

static int compare(uint64_t a, uint64_t b) {
    return (a > b) - (a < b);
}

/* Numbers from the greatest on, names from the least; what is equal by its last save. */
static int by_sort(const Order *order, const WatchRow *a, const WatchRow *b) {
    switch (order->sort) {
    case BY_SAVE:
        break;
    case BY_THREAD:
        return strcmp(a->thread, b->thread);
    case BY_NEXT:
        return strcmp(a->next, b->next);
    case BY_STEP:
        return compare(b->step, a->step);
    case BY_BYTES:
        return compare(b->bytes, a->bytes);
    case BY_RATE: {
        double x = rate_now(&a->rate, order->now), y = rate_now(&b->rate, order->now);
        return (y > x) - (y < x);
    }
    }
    return 0;
}

static bool is_before(const Order *order, const WatchRow *a, const WatchRow *b) {
    int by = by_sort(order, a, b);
    if (by == 0)
        by = compare(b->id, a->id);
    return order->is_reversed ? by > 0 : by < 0;
}

/* heap[0] is the last of all in it. */
static void sift_down(const Order *order, const WatchRow **heap, size_t n) {
    const WatchRow *moved = heap[0];
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && is_before(order, heap[child], heap[child + 1]))
            child++;
        if (!is_before(order, moved, heap[child]))
            break;
        heap[at] = heap[child];
    }
    heap[at] = moved;
}

static void sift_up(const Order *order, const WatchRow **heap, size_t at) {
    const WatchRow *moved = heap[at];
    for (; at > 0 && is_before(order, heap[(at - 1) / 2], moved); at = (at - 1) / 2)
        heap[at] = heap[(at - 1) / 2];
    heap[at] = moved;
}

/* The first `room` of all that pass, as a heap. */
static size_t collect(const WatchRows *rows, const View *view, const Order *order,
                      const WatchRow **heap, size_t room, size_t *total) {
    size_t n = 0;
    *total = 0;
    for (size_t i = 0; i < rows->n; i++) {
        const WatchRow *row = rows->all[i];
        if (!view_passes(view, row->thread) && !view_passes(view, row->next))
            continue;
        ++*total;
        if (n < room) {
            heap[n] = row;
            sift_up(order, heap, n++);
        } else if (is_before(order, row, heap[0])) {
            heap[0] = row;
            sift_down(order, heap, n);
        }
    }
    return n;
}

size_t watch_rows_page(WatchRows *rows, const View *view, int64_t now, const WatchRow **out,
                       size_t room, size_t *total) {
    Order order = {(WatchSort)view->sort, view->is_reversed, now};
    size_t most = view->top + room, n, shown;
    const WatchRow **heap;
    most = most < rows->n ? most : rows->n;
    heap = malloc((most + 1) * sizeof *heap);
    *total = 0;
    if (!heap) {
        rows->is_out_of_memory = true;
        return 0;
    }
    n = collect(rows, view, &order, heap, most, total);
    shown = n > view->top ? n - view->top : 0;
    for (; n > view->top; n--) {
        out[n - 1 - view->top] = heap[0];
        heap[0] = heap[n - 1];
        sift_down(&order, heap, n - 1);
    }
    free((void *)heap);
    return shown;
}
