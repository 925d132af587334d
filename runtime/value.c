/* Lists: who may write to a buffer is said in buffer.h. */
#include "buffer.h"

enum { FIRST_BYTES = 64, FIRST_ITEMS = 4 };

static uint32_t first_cap(size_t item) {
    return item * FIRST_ITEMS < FIRST_BYTES ? (uint32_t)(FIRST_BYTES / item) : FIRST_ITEMS;
}

/* A buffer at the end of the newest chunk grows where it is. Takes more than `want` if there is. */
static bool extend(dfl__mem *mem, dfl__head *head, uint32_t want, size_t item) {
    char *items = dfl__items_of(head);
    if (items + head->cap * item != mem->at)
        return false;
    uint32_t cap = dfl__grown(head->cap, want);
    uint32_t fits = head->cap + (uint32_t)((size_t)(mem->end - mem->at) / item);
    if (cap > fits)
        cap = fits;
    if (cap < want)
        return false;
    mem->at = items + cap * item;
    head->cap = cap;
    return true;
}

/* Makes [len, want) of the buffer writable where it is, if the list at self may. */
static inline bool room_in_place(dfl_ctx *ctx, const void *self, dfl__head *head, uint32_t len,
                                 uint32_t want, size_t item) {
    bool owner = dfl__is_owner(head, ctx->mem, self);
    if (len != head->used && !(owner && len >= head->shared))
        return false;
    if (want > head->cap && !extend(ctx->mem, head, want, item))
        return false;
    if (!owner)
        dfl__buffer_claim(head, ctx->mem, self, len);
    head->used = want;
    return true;
}

/* The list's items in a fresh buffer, with `along` of those before it; the first `used` of `cap` count as
 * seen. */
static void *move_to_new(dfl_ctx *ctx, const void *self, dfl__list *list, uint32_t along,
                         uint32_t used, uint32_t cap, size_t item) {
    dfl__head *head = dfl__buffer_new(ctx, self, along + used, cap, dfl__bytes_of(cap, item));
    if (!head)
        return NULL;
    char *items = (char *)dfl__items_of(head) + along * item;
    if (along + list->len)
        memcpy(dfl__items_of(head), (const char *)list->items - along * item,
               (along + list->len) * item);
    list->items = items;
    list->cap = along ? DFL__TAIL | along : dfl__shown_cap(cap);
    return items;
}

/* head: of the buffer where the list is, or NULL. */
static DFL__APART void *more_room(dfl_ctx *ctx, const void *self, dfl__list *list,
                                  const dfl__head *head, uint32_t extra, size_t item) {
    uint32_t along = dfl__taken_along(head, list->len, list->cap, item);
    uint32_t first = first_cap(item), want = list->len + extra;
    if (want < extra) {
        ctx->flags |= DFL__NOMEM;
        return NULL;
    }
    if (want > UINT32_MAX - along)
        along = 0;
    return move_to_new(ctx, self, list, along, want,
                       dfl__grown(along + list->len, along + want > first ? along + want : first),
                       item);
}

void *dfl__list_room(dfl_ctx *ctx, const void *self, dfl__list *list, uint32_t extra, size_t item) {
    if (list->cap == 0 || !list->items)
        return more_room(ctx, self, list, NULL, extra, item);
    uint32_t before = dfl__offset(list->cap), len = before + list->len, want = len + extra;
    dfl__head *head = dfl__buffer_at(ctx->mem, (uintptr_t)list->items - before * item, len);
    if (!head || want < len || !room_in_place(ctx, self, head, len, want, item))
        return more_room(ctx, self, list, head, extra, item);
    if (want > list->cap) /* never of a tail */
        list->cap = dfl__shown_cap(head->cap);
    return (void *)(uintptr_t)list->items;
}

static DFL__APART void *add_anywhere(dfl_ctx *ctx, dfl__list *list, uint32_t extra, size_t item) {
    char *items = dfl__list_room(ctx, list, list, extra, item);
    if (!items)
        return NULL;
    items += list->len * item;
    DFL__PUT_LEN_CAP(dfl__list, list, list->len + extra, list->cap);
    return items;
}

/* Here is what happens mostly, without a call, so that no register has to be saved: the list ends its buffer, in
 * which there is room. */
void *dfl__list_add(dfl_ctx *ctx, void *list, uint32_t extra, size_t item) {
    dfl__list *own = list;
    dfl__mem *mem = ctx->mem;
    uint32_t cap = own->cap, before = dfl__offset(cap), len = before + own->len;
    const char *items = own->items;
    dfl__head *head = dfl__newest_buffer(mem, (uintptr_t)items - before * item);
    if (!head || len != head->used || extra > head->cap - len || cap == 0)
        return add_anywhere(ctx, own, extra, item);
    if (!dfl__is_owner(head, mem, list))
        dfl__buffer_claim(head, mem, list, len);
    head->used = len + extra;
    if (len + extra > cap) /* never of a tail */
        cap = dfl__shown_cap(head->cap);
    DFL__PUT_LEN_CAP(dfl__list, own, len - before + extra, cap);
    return (void *)(uintptr_t)(items + (len - before) * item);
}

void *dfl__list_own(dfl_ctx *ctx, const void *self, dfl__list *list, size_t item) {
    dfl__head *head = dfl__buffer_of(ctx->mem, list->items, list->len, list->cap, item);
    if (head && dfl__is_owner(head, ctx->mem, self) && head->shared <= dfl__offset(list->cap))
        return (void *)(uintptr_t)list->items;
    return move_to_new(ctx, self, list, 0, list->len, list->len ? list->len : 1, item);
}

int dfl__list_resize(dfl_ctx *ctx, const void *self, dfl__list *list, uint32_t len, size_t item) {
    if (len > list->len) {
        uint32_t extra = len - list->len;
        char *items = dfl__list_room(ctx, self, list, extra, item);
        if (!items)
            return DFL_ENOMEM;
        memset(items + list->len * item, 0, extra * item);
    }
    list->len = len;
    return DFL_OK;
}

int dfl__list_reserve(dfl_ctx *ctx, const void *self, dfl__list *list, uint32_t cap, size_t item) {
    if (cap <= list->len)
        return DFL_OK;
    dfl__head *head = dfl__buffer_of(ctx->mem, list->items, list->len, list->cap, item);
    uint32_t before = dfl__offset(list->cap), used = head ? head->used : 0;
    if (head && cap <= UINT32_MAX - before &&
        room_in_place(ctx, self, head, before + list->len, before + cap, item)) {
        head->used = used;
        if (cap > list->cap)
            list->cap = dfl__shown_cap(head->cap);
        return DFL_OK;
    }
    return move_to_new(ctx, self, list, 0, list->len, cap, item) ? DFL_OK : DFL_ENOMEM;
}

static int join(dfl_ctx *ctx, const void *self, dfl__list *list, const dfl__list *more, size_t item) {
    dfl__head *head;
    if (more->len == 0)
        return DFL_OK;
    if (list->len == 0) {
        *list = *more;
        return DFL_OK;
    }
    head = dfl__continuing(ctx->mem, list, more, item);
    if (head) {
        uint32_t before = dfl__offset(list->cap);
        list->items = (const char *)dfl__items_of(head) + before * item;
        list->cap = before ? DFL__TAIL | before : dfl__shown_cap(head->cap);
        list->len += more->len;
        return DFL_OK;
    }
    char *items = dfl__list_room(ctx, self, list, more->len, item);
    if (!items)
        return DFL_ENOMEM;
    memmove(items + list->len * item, more->items, more->len * item);
    list->len += more->len;
    return DFL_OK;
}

/* Member by member: both have just been written, and what was written in parts is quicker to read in these parts. */
static inline dfl__list view_of(const dfl__list *list) {
    dfl__list view;
    view.items = list->items;
    view.len = list->len;
    view.cap = list->cap;
    return view;
}

void dfl__list_expect(dfl_ctx *ctx, void *list, uint32_t n, size_t item) {
    dfl__list own = view_of(list);
    dfl__head *head = dfl__buffer_of(ctx->mem, own.items, own.len, own.cap, item);
    uint32_t flags = ctx->flags;
    if (!dfl__may_move(head, own.len, n, item))
        return;
    if (head->cap - own.len >= n || extend(ctx->mem, head, own.len + n, item))
        own.cap = dfl__shown_cap(head->cap);
    else if (!move_to_new(ctx, list, &own, 0, own.len, dfl__grown(head->cap, own.len + n), item))
        ctx->flags = flags; /* the tail may yet find room */
    memcpy(list, &own, sizeof own);
}

int dfl__list_join(dfl_ctx *ctx, void *list, const void *more, size_t item) {
    dfl__list all = view_of(list), tail = view_of(more);
    int status = join(ctx, list, &all, &tail, item);
    memcpy(list, &all, sizeof all);
    return status;
}

/* What the list wrote in this attempt, and nobody else can see. */
void dfl__list_drop(const dfl_ctx *ctx, const void *list, size_t item) {
    dfl__list own;
    memcpy(&own, list, sizeof own);
    dfl__head *head = dfl__buffer_of(ctx->mem, own.items, own.len, own.cap, item);
    if (head && (own.cap & DFL__TAIL) && dfl__is_owner(head, ctx->mem, list))
        head->used = head->shared;
}
