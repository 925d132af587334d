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

/* Makes [len, want) of the list's own buffer writable where it is, if that may be. */
static bool room_in_place(dfl_ctx *ctx, const void *self, dfl__head *head, uint32_t len,
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

/* The list's items in a fresh buffer; the first `used` of `cap` count as seen. */
static void *move_to_new(dfl_ctx *ctx, const void *self, dfl__list *list, uint32_t used,
                         uint32_t cap, size_t item) {
    dfl__head *head = dfl__buffer_new(ctx, self, used, cap, dfl__bytes_of(cap, item));
    if (!head)
        return NULL;
    void *items = dfl__items_of(head);
    if (list->len)
        memcpy(items, list->items, list->len * item);
    list->items = items;
    list->cap = cap;
    return items;
}

void *dfl__list_room(dfl_ctx *ctx, const void *self, dfl__list *list, uint32_t extra, size_t item) {
    if (extra > UINT32_MAX - list->len) {
        ctx->flags |= DFL__NOMEM;
        return NULL;
    }
    uint32_t want = list->len + extra;
    dfl__head *head = dfl__buffer_of(ctx->mem, list->items, list->len, list->cap);
    if (head && room_in_place(ctx, self, head, list->len, want, item)) {
        list->cap = head->cap;
        return dfl__items_of(head);
    }
    uint32_t first = first_cap(item);
    return move_to_new(ctx, self, list, want, dfl__grown(list->len, want > first ? want : first),
                       item);
}

void *dfl__list_own(dfl_ctx *ctx, const void *self, dfl__list *list, size_t item) {
    dfl__head *head = dfl__buffer_of(ctx->mem, list->items, list->len, list->cap);
    if (head && dfl__is_owner(head, ctx->mem, self) && head->shared == 0)
        return dfl__items_of(head);
    return move_to_new(ctx, self, list, list->len, list->len ? list->len : 1, item);
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
    dfl__head *head = dfl__buffer_of(ctx->mem, list->items, list->len, list->cap);
    uint32_t used = head ? head->used : 0;
    if (head && room_in_place(ctx, self, head, list->len, cap, item)) {
        head->used = used;
        list->cap = head->cap;
        return DFL_OK;
    }
    return move_to_new(ctx, self, list, list->len, cap, item) ? DFL_OK : DFL_ENOMEM;
}
