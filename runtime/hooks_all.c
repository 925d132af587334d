/* Several hooks on one run. */
#include "event.h"
#include "mem.h"

typedef struct All {
    dfl_hooks hooks;
    size_t n;
    dfl_hooks *of[];
} All;

static void on_event(void *user, const dfl_event *event) {
    const All *all = user;
    uint32_t bit = dfl__event_bit(event->kind);
    for (size_t i = 0; i < all->n; i++)
        if (all->of[i]->mask & bit)
            all->of[i]->on_event(all->of[i]->user, event);
}

dfl_hooks *dfl_hooks_all(dfl_hooks *const *hooks, size_t n) {
    All *all = n <= (SIZE_MAX - sizeof *all) / sizeof all->of[0]
                   ? dfl__zalloc(sizeof *all + n * sizeof all->of[0])
                   : NULL;
    if (!all)
        return NULL;
    all->hooks = (dfl_hooks){.on_event = on_event, .user = all, .quick = true, .untimed = true};
    for (size_t i = 0; i < n; i++) {
        if (!hooks[i])
            continue;
        all->of[all->n++] = hooks[i];
        all->hooks.mask |= hooks[i]->mask;
        all->hooks.ordered |= hooks[i]->ordered;
        all->hooks.quick &= hooks[i]->quick;
        all->hooks.untimed &= hooks[i]->untimed;
    }
    return &all->hooks;
}

void dfl_hooks_all_free(dfl_hooks *all) {
    dfl__free(all);
}
