/* Following values by the descriptors of their types, and copying what they lead to. */
#include "move.h"

#include "map.h"

/* A string up to this size is copied once for each place that refers to it: that is cheaper than
 * remembering it, and each such place has 16 bytes of its own already. */
enum { FORGETTABLE = 64 };

/* What is seen of a buffer or chunk must be at least this part of it, or is copied out of it. */
enum { WORTH_KEEPING = 4 };

void dfl__mover_begin(dfl__mover *m, dfl__mem *into, const dfl__mem *only) {
    m->into = into;
    m->only = only;
    m->failed = false;
    m->moved = m->moved_inline;
    m->n_moved = 0;
    m->moved_mask = DFL__MOVED_INLINE - 1;
    memset(m->moved_inline, 0, sizeof m->moved_inline);
    m->todo = m->todo_inline;
    m->n_todo = 0;
    m->todo_cap = DFL__TODO_INLINE;
}

void dfl__mover_end(dfl__mover *m) {
    if (m->moved != m->moved_inline)
        dfl__free(m->moved);
    if (m->todo != m->todo_inline)
        dfl__free(m->todo);
}

static void *take(dfl__mover *m, size_t n, size_t align) {
    void *p = dfl__bump(m->into, n, align);
    if (!p)
        m->failed = true;
    return p;
}

/* ---- what was moved ---- */

static size_t home_of(const void *from, size_t mask) {
    return (size_t)(((uint64_t)(uintptr_t)from * 0x9e3779b97f4a7c15u) >> 32) & mask;
}

/* The entry of a list or map, or of a string of n bytes (n 0: any); or the free slot for it. */
static dfl__moved *lookup(dfl__mover *m, const void *from, const dfl_type *type, size_t n) {
    size_t i = home_of(from, m->moved_mask);
    for (; m->moved[i].from; i = (i + 1) & m->moved_mask)
        if (m->moved[i].from == from && m->moved[i].type == type &&
            (n == 0 || m->moved[i].done == n))
            break;
    return &m->moved[i];
}

static bool grow_moved(dfl__mover *m) {
    size_t n = (m->moved_mask + 1) * 2;
    dfl__moved *old = m->moved, *bigger = dfl__malloc(n * sizeof *bigger);
    if (!bigger)
        return false;
    memset(bigger, 0, n * sizeof *bigger);
    for (size_t i = 0; i <= m->moved_mask; i++) {
        if (!old[i].from)
            continue;
        size_t at = home_of(old[i].from, n - 1);
        while (bigger[at].from)
            at = (at + 1) & (n - 1);
        bigger[at] = old[i];
    }
    if (old != m->moved_inline)
        dfl__free(old);
    m->moved = bigger;
    m->moved_mask = n - 1;
    return true;
}

/* Remembers a copy. Without memory for that the values would still be right, but might grow without
 * bound by being shared no more: so it counts as a failure. */
static void remember(dfl__mover *m, dfl__moved entry, size_t n) {
    if ((m->n_moved + 1) * 2 > m->moved_mask + 1 && !grow_moved(m)) {
        m->failed = true;
        return;
    }
    *lookup(m, entry.from, entry.type, n) = entry;
    m->n_moved++;
}

/* ---- what is still to be followed ---- */

static bool push_todo(dfl__mover *m, dfl__todo todo) {
    if (m->n_todo == m->todo_cap) {
        size_t cap = m->todo_cap * 2;
        dfl__todo *old = m->todo, *bigger = dfl__malloc(cap * sizeof *bigger);
        if (!bigger) {
            m->failed = true;
            return false;
        }
        memcpy(bigger, old, m->n_todo * sizeof *bigger);
        if (old != m->todo_inline)
            dfl__free(old);
        m->todo = bigger;
        m->todo_cap = cap;
    }
    m->todo[m->n_todo++] = todo;
    return true;
}

static size_t stride_of(const dfl_type *container) {
    return container->kind == DFL_KIND_MAP ? container->entry : container->elem->size;
}

/* Items [from, to) of a list or map of `type`. */
static void follow_items(dfl__mover *m, const dfl_type *type, void *items, size_t from, size_t to) {
    bool pointers = type->kind == DFL_KIND_MAP || !type->elem->flat;
    if (pointers && to > from)
        push_todo(m, (dfl__todo){(char *)items + from * stride_of(type), to - from, type});
}

/* ---- where a pointer leads ---- */

typedef enum Place {
    ELSEWHERE, /* not ours to touch */
    STAYS,     /* in a chunk of its own: followed where it is */
    MOVES
} Place;

static Place place_of(const dfl__mover *m, const void *p, size_t n) {
    if (!m->only)
        return MOVES;
    dfl__chunk *chunk = dfl__mem_chunk(m->only, p);
    if (!chunk)
        return ELSEWHERE;
    /* A small part of a large chunk shall not keep the whole of it. */
    if (!chunk->large || n < (size_t)(chunk->end - (char *)chunk) / WORTH_KEEPING)
        return MOVES;
    chunk->kept = true;
    return STAYS;
}

/* ---- strings ---- */

/* Bytes may hold anything, so they keep the alignment they had. */
static size_t align_of_bytes(const void *p) {
    uintptr_t lowest = (uintptr_t)p & -(uintptr_t)p;
    return lowest < DFL__ALIGN ? (size_t)lowest : DFL__ALIGN;
}

/* The n bytes at p, and a NUL behind them, where they will be; NULL when out of memory. */
static const char *moved_bytes(dfl__mover *m, const dfl_type *type, const char *p, size_t n) {
    if (n == 0)
        return "";
    if (place_of(m, p, n) != MOVES)
        return p;
    if (n > FORGETTABLE) {
        dfl__moved *known = lookup(m, p, type, n);
        if (known->from)
            return known->to;
    }
    char *to = take(m, n + 1, type->kind == DFL_KIND_BYTES ? align_of_bytes(p) : 1);
    if (!to)
        return NULL;
    memcpy(to, p, n);
    to[n] = '\0';
    if (n > FORGETTABLE)
        remember(m, (dfl__moved){p, type, to, n, 0}, n);
    return to;
}

static void move_string(dfl__mover *m, const dfl_type *type, dfl_str *s) {
    const char *p = moved_bytes(m, type, s->p, s->n);
    if (p)
        s->p = p;
}

static void move_bytes(dfl__mover *m, const dfl_type *type, dfl_bytes *b) {
    const char *p = moved_bytes(m, type, (const char *)b->p, b->n);
    if (p)
        b->p = (const uint8_t *)p;
}

/* ---- lists and maps ---- */

/* The type-blind view of both; `index` is of maps only. */
typedef struct View {
    const void *items;
    uint32_t len, cap;
    const void *index;
} View;

_Static_assert(offsetof(dfl__map, cap) == offsetof(dfl__list, cap) &&
                   sizeof(View) == sizeof(dfl__map),
               "a list is a map without an index");

static size_t view_bytes(const dfl_type *type) {
    return type->kind == DFL_KIND_MAP ? sizeof(dfl__map) : sizeof(dfl__list);
}

/* Follows what a longer view of the same items shows, once for each item. */
static void follow_more(dfl__mover *m, const dfl_type *type, dfl__moved *known, uint32_t len) {
    size_t done = known->done;
    if (len <= done)
        return;
    known->done = len;
    follow_items(m, type, known->to, done, len);
}

/* Remembered without a type, apart from copies that shorter views of the same items had made. */
static void follow_in_place(dfl__mover *m, const dfl_type *type, const View *view) {
    dfl__moved *known = lookup(m, view->items, NULL, 0);
    if (!known->from) {
        /* Writable: a node built it in this arena; the list only promises not to change it. */
        void *items = (void *)(uintptr_t)view->items;
        remember(m, (dfl__moved){view->items, NULL, items, view->len, 0}, 0);
        follow_items(m, type, items, 0, view->len);
        return;
    }
    follow_more(m, type, known, view->len);
}

/* Copies items [from, view->len) behind those that the copy has. */
static void copy_items(const dfl_type *type, dfl__head *head, const View *view, uint32_t from) {
    size_t stride = stride_of(type);
    char *to = dfl__items_of(head);
    memcpy(to + from * stride, (const char *)view->items + from * stride,
           (view->len - from) * stride);
    head->used = view->len;
    if (type->kind != DFL_KIND_MAP)
        return;
    dfl__key_index *index = dfl__map_index(to, head->cap, stride);
    if (index)
        dfl__key_index_add(index, dfl__offset(view->cap) ? NULL : view->index, to, stride, from,
                           view->len);
}

/* Room for what longer views of the same buffer may show, so that they can share the copy; when it
 * proved too small, twice as much. */
static uint32_t cap_for(const dfl__mover *m, const dfl_type *type, const View *view, bool again) {
    const dfl__head *head =
        m->only ? dfl__buffer_of(m->only, view->items, view->len, view->cap, stride_of(type)) : NULL;
    if (!head || dfl__offset(view->cap))
        return view->len;
    if (head->used / WORTH_KEEPING <= view->len)
        return head->used;
    return again ? view->len * 2 : view->len;
}

static dfl__head *new_buffer(dfl__mover *m, const dfl_type *type, uint32_t cap) {
    size_t stride = stride_of(type);
    bool is_map = type->kind == DFL_KIND_MAP;
    size_t bytes = is_map ? dfl__map_bytes(cap, stride) : dfl__bytes_of(cap, stride);
    if (bytes > SIZE_MAX - sizeof(dfl__head)) {
        m->failed = true;
        return NULL;
    }
    dfl__head *block = take(m, sizeof(dfl__head) + bytes, DFL__ALIGN);
    if (!block)
        return NULL;
    dfl__buffer_init(block, m->into, NULL, 0, cap);
    dfl__key_index *index = is_map ? dfl__map_index(block + 1, cap, stride) : NULL;
    if (index)
        dfl__key_index_clear(index, cap);
    return block;
}

static void show_copy(const dfl_type *type, View *view, void *items, uint32_t cap) {
    view->items = items;
    view->cap = dfl__shown_cap(cap);
    view->index = type->kind == DFL_KIND_MAP ? dfl__map_index(items, cap, stride_of(type)) : NULL;
}

static void copy_view(dfl__mover *m, const dfl_type *type, View *view) {
    dfl__moved *known = lookup(m, view->items, type, 0);
    if (known->from && view->len <= known->cap) {
        if (view->len > known->done)
            copy_items(type, dfl__head_before(known->to), view, (uint32_t)known->done);
        follow_more(m, type, known, view->len);
        show_copy(type, view, known->to, known->cap);
        return;
    }
    uint32_t cap = cap_for(m, type, view, known->from != NULL);
    dfl__head *head = new_buffer(m, type, cap);
    if (!head)
        return;
    void *to = dfl__items_of(head);
    copy_items(type, head, view, 0);
    dfl__moved entry = {view->items, type, to, view->len, cap};
    if (known->from)
        *known = entry;
    else
        remember(m, entry, 0);
    follow_items(m, type, to, 0, view->len);
    show_copy(type, view, to, cap);
}

static void move_view(dfl__mover *m, const dfl_type *type, void *value) {
    View view = {NULL, 0, 0, NULL};
    memcpy(&view, value, view_bytes(type));
    if (view.len == 0)
        view = (View){NULL, 0, 0, NULL};
    else {
        Place place = place_of(m, view.items, view.len * stride_of(type));
        if (place == ELSEWHERE)
            return;
        if (place == STAYS)
            follow_in_place(m, type, &view);
        else
            copy_view(m, type, &view);
    }
    memcpy(value, &view, view_bytes(type));
}

/* ---- any value ---- */

static void visit(dfl__mover *m, const dfl_type *type, void *value);

static void visit_members(dfl__mover *m, const dfl_type *type, char *value) {
    for (uint32_t i = 0; i < type->n; i++)
        visit(m, type->members[i].type, value + type->members[i].offset);
}

static void visit_array(dfl__mover *m, const dfl_type *type, char *value) {
    for (uint32_t i = 0; i < type->n; i++)
        visit(m, type->elem, value + i * type->elem->size);
}

static void visit_opt(dfl__mover *m, const dfl_type *type, char *value) {
    bool has;
    memcpy(&has, value, sizeof has);
    if (has)
        visit(m, type->elem, value + type->offset);
}

static void visit(dfl__mover *m, const dfl_type *type, void *value) {
    if (type->flat)
        return;
    switch (type->kind) {
    case DFL_KIND_STRING:
        move_string(m, type, value);
        break;
    case DFL_KIND_BYTES:
        move_bytes(m, type, value);
        break;
    case DFL_KIND_STRUCT:
        visit_members(m, type, value);
        break;
    case DFL_KIND_ARRAY:
        visit_array(m, type, value);
        break;
    case DFL_KIND_OPT:
        visit_opt(m, type, value);
        break;
    case DFL_KIND_LIST:
    case DFL_KIND_MAP:
        move_view(m, type, value);
        break;
    default:
        break;
    }
}

static void visit_item(dfl__mover *m, const dfl_type *container, char *item) {
    if (container->kind != DFL_KIND_MAP) {
        visit(m, container->elem, item);
        return;
    }
    visit(m, &dfl_type_string, item);
    visit(m, container->elem, item + container->offset);
}

/* The last item of a level leaves the stack before it is followed, so that a chain of lists of one,
 * however deep, needs no room. */
void dfl__mover_value(dfl__mover *m, const dfl_type *type, void *value) {
    visit(m, type, value);
    while (m->n_todo > 0 && !m->failed) {
        dfl__todo *top = &m->todo[m->n_todo - 1];
        const dfl_type *container = top->type;
        char *item = top->at;
        top->at += stride_of(container);
        if (--top->left == 0)
            m->n_todo--;
        visit_item(m, container, item);
    }
}
