/* hooks->ordered: events of branches, held back to written order until the join. */
#include "event.h"
#include "event_copy.h"
#include "mem.h"

typedef struct Held {
    struct Held *next;
    dfl__event_copy copy;
} Held;

struct dfl__held {
    Held *first;
    Held **last;
};

bool dfl__held_back(dfl_ctx *ctx, const dfl_event *event) {
    struct dfl__held *list = ctx->held;
    Held *held = list ? dfl__malloc(sizeof *held) : NULL;
    if (!held)
        return false;
    if (!dfl__event_copy_init(&held->copy, event)) {
        dfl__free(held);
        return false;
    }
    held->next = NULL;
    *list->last = held;
    list->last = &held->next;
    return true;
}

void dfl__held_begin(const dfl_ctx *parent, dfl_ctx *branch) {
    struct dfl__held *list;
    branch->held = NULL;
    if (!(branch->flags & DFL__WATCH))
        return;
    dfl__spans_begin(branch, dfl__span_now(parent));
    branch->event_ns = 0;
    if (!dfl__hooks_of(branch) || !dfl__hooks_of(branch)->ordered)
        return;
    /* Out of memory: the events of this branch come at once, out of order but not lost. */
    list = dfl__malloc(sizeof *list);
    if (!list)
        return;
    list->first = NULL;
    list->last = &list->first;
    branch->held = list;
}

static void hand_on(dfl_ctx *parent, struct dfl__held *list) {
    if (!list->first)
        return;
    *parent->held->last = list->first;
    parent->held->last = list->last;
}

static void deliver_all(dfl__run *run, struct dfl__held *list) {
    Held *held = list->first, *next;
    for (; held; held = next) {
        next = held->next;
        dfl__deliver(run, &held->copy.event);
        dfl__event_copy_drop(&held->copy);
        dfl__free(held);
    }
}

void dfl__held_join(dfl_ctx *parent, dfl_ctx *branch) {
    struct dfl__held *list = branch->held;
    if (!list)
        return;
    if (parent->held)
        hand_on(parent, list);
    else
        deliver_all(parent->run, list);
    dfl__free(list);
    branch->held = NULL;
}

void dfl__held_release(dfl_ctx *branch) {
    struct dfl__held *list = branch->held;
    if (!list)
        return;
    deliver_all(branch->run, list);
    dfl__free(list);
    branch->held = NULL;
}
