/* How many bytes a checkpoint holds: of the fields that are live where it is made. How long lists, maps and
 * strings are is not known, so that is assumed (cost.h). */
#include "internal.h"

/* With less, a save takes as long as any. */
enum { KIB = 1024 };

typedef struct Kept {
    const Sizes *sizes;
    uint64_t *sum; /* by slot: what begins there, less what ends; in two's complement */
} Kept;

static uint64_t bytes_of(const Sizes *sizes, const Field *field) {
    static const Assumed assumed = {EACH_ELEMENTS, TEXT_BYTES};
    return field_is_saved(field) ? size_with_contents(sizes, field->type, assumed) : 0;
}

static void add_change(void *context, const Field *field, uint32_t slot, bool is_live) {
    Kept *kept = context;
    uint64_t bytes = bytes_of(kept->sizes, field);
    kept->sum[slot] += is_live ? bytes : 0 - bytes;
}

static bool is_small(const CostWork *w) {
    uint64_t sum = 0;
    for (size_t i = 0; i < w->graph->n_fields; i++)
        sum += bytes_of(w->sizes, w->graph->fields[i]);
    return sum < KIB;
}

void find_live_bytes(CostWork *w) {
    uint32_t n = w->ways->region_first[1];
    Compilation local = *w->comp;
    local.arena = w->arena;
    if (w->graph->policy == CP_NEVER || is_small(w))
        return;
    Kept kept = {w->sizes, ARENA_ARRAY(w->arena, uint64_t, 2 * (size_t)n + 2)};
    live_changes(w->live ? w->live : live_of(&local, w->graph), add_change, &kept);
    w->costs->live_bytes = ARENA_ARRAY(w->comp->arena, LiveBytes, w->graph->n_places);
    uint64_t bytes = 0;
    for (uint32_t at = 0; at < n; at++) {
        LiveBytes *live = &w->costs->live_bytes[w->ways->order[at]->index];
        live->before = bytes += kept.sum[2 * at];
        live->behind = bytes += kept.sum[2 * at + 1];
    }
}
