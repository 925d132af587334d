/* What an overlay says in the picture. */
#include "overlay.h"

#include <inttypes.h>

const char *rough_duration(Arena *arena, int64_t ns) {
    static const struct {
        double ns;
        const char *name;
    } units[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}};
    if (ns < 1000)
        return arena_printf(arena, "%" PRId64 "ns", ns);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        double n = (double)ns / units[i].ns;
        if (n >= 0.9995)
            return arena_printf(arena, "%.*f%s",
                                n < 9.995   ? 2
                                : n < 99.95 ? 1
                                            : 0,
                                n, units[i].name);
    }
    return arena_printf(arena, "%.0fus", (double)ns / 1e3);
}

static const char *times(Arena *arena, uint64_t n) {
    return n == 1 ? "once" : arena_printf(arena, "%" PRIu64 " times", n);
}

const char *ran_text(Arena *arena, const Ran *ran) {
    Text t = {.arena = arena};
    if (ran->n > 0)
        text_add(&t, "", times(arena, ran->n));
    if (ran->timed)
        text_add(&t, ", ", rough_duration(arena, ran->ns));
    if (ran->failed > 0)
        text_add(&t, ", ", arena_printf(arena, "%" PRIu64 " failed", ran->failed));
    if (ran->open > 0)
        text_add(&t, ", ", arena_printf(arena, "%" PRIu64 " without an end", ran->open));
    if (ran->next)
        text_add(&t, ", ", "is next");
    return text_end(&t);
}

const char *taken_text(Arena *arena, const Taken *taken) {
    if (taken->n == 0)
        return "";
    return taken->unsure ? arena_printf(arena, "at most %s", times(arena, taken->n))
                         : times(arena, taken->n);
}

int overlay_heat(const Overlay *overlay, const Ran *ran) {
    if (ran->n == 0 || overlay->most_n == 0)
        return 0;
    uint64_t percent = overlay->most_ns > 0 ? (uint64_t)(ran->ns / (overlay->most_ns / 100 + 1))
                                            : ran->n * 100 / overlay->most_n;
    return percent >= 75 ? 5 : percent >= 40 ? 4 : percent >= 15 ? 3 : percent >= 4 ? 2 : 1;
}

static const char *history_text(Arena *arena, const Trace *trace) {
    return arena_printf(arena, "thread %s of %s, %zu checkpoint%s%s", trace->thread, trace->path,
                        trace->n_checkpoints, trace->n_checkpoints == 1 ? "" : "s",
                        trace->left_out ? "; older ones are left out" : "");
}

const char *overlay_text(Arena *arena, const Overlay *overlay) {
    Text t = {.arena = arena};
    if (overlay->trace->thread)
        return history_text(arena, overlay->trace);
    text_add(&t, "",
             arena_printf(arena, "%zu run%s in %s", overlay->n_runs,
                          overlay->n_runs == 1 ? "" : "s", overlay->trace->path));
    if (overlay->n_failed > 0)
        text_add(&t, ", ", arena_printf(arena, "%" PRIu64 " of them failed", overlay->n_failed));
    text_add(&t, ", ", arena_printf(arena, "%s together", rough_duration(arena, overlay->ns)));
    if (overlay->critical)
        text_add(&t, "; ",
                 arena_printf(arena, "critical path: run %" PRIu64 ", %s",
                              overlay->critical->number,
                              rough_duration(arena, overlay->critical->part->ns)));
    if (overlay->trace->cut)
        text_add(&t, "; ", "the trace ends in the midst of it");
    return text_end(&t);
}
