/* Copies of events. What names of the graph they hold is static and stays as it is. */
#include "event_copy.h"

#include "internal.h"
#include "mem.h"

static void *copy_bytes(dfl__mem *mem, const void *from, size_t n) {
    void *to = dfl__mem_alloc(mem, n);
    if (to)
        memcpy(to, from, n);
    return to;
}

static bool copy_custom(dfl__event_copy *copy) {
    dfl_event *event = &copy->event;
    if (event->kind == DFL_EVENT_CUSTOM)
        event->to = copy_bytes(&copy->mem, event->to, strlen(event->to) + 1);
    if (event->data.n)
        event->data.p = copy_bytes(&copy->mem, event->data.p, event->data.n);
    return (event->to || event->kind != DFL_EVENT_CUSTOM) && (event->data.p || !event->data.n);
}

/* A value of `type`, and what it leads to; NULL when out of memory. */
static const void *copy_value(dfl_ctx *ctx, const dfl_type *type, const void *from) {
    void *to = dfl__mem_alloc(ctx->mem, type->size);
    if (!to)
        return NULL;
    memset(to, 0, type->size);
    return dfl__copy_value(ctx, type, to, from) == DFL_OK ? to : NULL;
}

static bool copy_values(dfl_ctx *ctx, dfl_event *event) {
    dfl_value *values =
        copy_bytes(ctx->mem, event->values, event->n_values * sizeof *event->values);
    if (!values)
        return false;
    event->values = values;
    for (uint32_t i = 0; i < event->n_values; i++) {
        values[i].value = copy_value(ctx, values[i].type, values[i].value);
        if (!values[i].value)
            return false;
    }
    return true;
}

static bool copy_state(dfl__event_copy *copy) {
    dfl_event *event = &copy->event;
    dfl_ctx ctx;
    dfl__ctx_init(&ctx, &copy->mem);
    if (event->n_values && !copy_values(&ctx, event))
        return false;
    if (event->state)
        event->state = copy_value(&ctx, event->graph->state, event->state);
    return event->state || event->kind != DFL_EVENT_VALUES;
}

bool dfl__event_copy_init(dfl__event_copy *copy, const dfl_event *event) {
    bool whole = true;
    copy->event = *event;
    memset(&copy->mem, 0, sizeof copy->mem);
    if (event->error) {
        copy->error = *event->error;
        copy->event.error = &copy->error;
    }
    if (event->kind == DFL_EVENT_CUSTOM || event->data.n)
        whole = copy_custom(copy);
    if (whole && event->thread_id) {
        copy->event.thread_id =
            copy_bytes(&copy->mem, event->thread_id, strlen(event->thread_id) + 1);
        whole = copy->event.thread_id != NULL;
    }
    if (whole && (event->n_values || event->state))
        whole = copy_state(copy);
    if (!whole)
        dfl__event_copy_drop(copy);
    return whole;
}

void dfl__event_copy_drop(dfl__event_copy *copy) {
    if (copy->mem.chunks)
        dfl__mem_free(&copy->mem);
}
