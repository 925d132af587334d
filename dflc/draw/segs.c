/* Which items edges join, layer by layer. */
#include "scene.h"

uint32_t *flow_links_of(Arena *arena, const Flow *flow) {
    uint32_t *first = ARENA_ARRAY(arena, uint32_t, flow->n + 1);
    for (size_t i = 0; i < flow->n_links; i++)
        first[flow->links[i].from->index + 1]++;
    for (size_t i = 0; i < flow->n; i++)
        first[i + 1] += first[i];
    return first;
}

typedef struct Pairs {
    Arena *arena;
    Segs *segs;
    Turns *turns;
} Pairs;

static void add_pair(Pairs *p, Item *a, Item *b, Link *link) {
    if (a->layer == b->layer) {
        bool below = b->kind == ITEM_BEND;
        Turn turn = {below ? b : a, below ? a : b, link, below};
        if (p->turns)
            ARENA_PUSH(p->arena, p->turns->all, p->turns->n, p->turns->cap, turn);
    } else if (p->segs) {
        bool down = a->layer < b->layer;
        Seg seg = {down ? a : b, down ? b : a, link, false};
        ARENA_PUSH(p->arena, p->segs->all, p->segs->n, p->segs->cap, seg);
    }
}

static void all_pairs(Pairs *p, const Flow *flow) {
    for (size_t i = 0; i < flow->n_links; i++)
        add_pair(p, flow->links[i].from, flow->links[i].first, &flow->links[i]);
    for (size_t i = 0; i < flow->n; i++) {
        Item *item = flow->items[i];
        if (item->next && !item->gone)
            add_pair(p, item, item->next, item->link);
    }
}

Usual flow_usual(Arena *arena, const Flow *flow) {
    Usual u = {ARENA_ARRAY(arena, bool, flow->n + 1), ARENA_ARRAY(arena, bool, flow->n + 1)};
    for (size_t i = 0; i < flow->n_links; i++) {
        const Link *link = &flow->links[i];
        if (link->loop || link->kind != EDGE_NORMAL)
            continue;
        u.leaves[link->from->index] = true;
        u.arrives[link->to->index] = true;
    }
    return u;
}

static void mark_weak(Arena *arena, const Flow *flow, Segs *segs) {
    Usual usual = flow_usual(arena, flow);
    for (size_t i = 0; i < segs->n; i++) {
        Seg *seg = &segs->all[i];
        if (seg->link->loop || seg->link->kind != EDGE_NORMAL)
            seg->weak = usual.leaves[seg->upper->index] || usual.arrives[seg->lower->index];
    }
}

/* Numbers of the segs, sorted by an end of theirs. */
static void sort_by_end(Arena *arena, const Flow *flow, const Segs *segs, bool upper,
                        uint32_t **first, uint32_t **numbers) {
    uint32_t *at = ARENA_ARRAY(arena, uint32_t, flow->n + 2);
    *numbers = ARENA_ARRAY(arena, uint32_t, segs->n + 1);
    *first = at;
    for (size_t i = 0; i < segs->n; i++)
        at[(upper ? segs->all[i].upper : segs->all[i].lower)->index + 2]++;
    for (size_t i = 0; i < flow->n; i++)
        at[i + 2] += at[i + 1];
    for (size_t i = 0; i < segs->n; i++)
        (*numbers)[at[(upper ? segs->all[i].upper : segs->all[i].lower)->index + 1]++] =
            (uint32_t)i;
}

static void find_inner(Arena *arena, const Flow *flow, Segs *segs) {
    segs->inner_up = ARENA_ARRAY(arena, const Seg *, flow->n + 1);
    segs->inner_down = ARENA_ARRAY(arena, const Seg *, flow->n + 1);
    for (size_t i = 0; i < segs->n; i++) {
        const Seg *seg = &segs->all[i];
        if (seg->upper->kind != ITEM_BEND || seg->lower->kind != ITEM_BEND ||
            seg->upper->link != seg->lower->link)
            continue;
        segs->inner_up[seg->lower->index] = seg;
        segs->inner_down[seg->upper->index] = seg;
    }
}

Segs flow_segs(Arena *arena, const Flow *flow) {
    Segs segs = {0};
    Pairs pairs = {.arena = arena, .segs = &segs};
    all_pairs(&pairs, flow);
    mark_weak(arena, flow, &segs);
    find_inner(arena, flow, &segs);
    sort_by_end(arena, flow, &segs, true, &segs.first_down, &segs.down);
    sort_by_end(arena, flow, &segs, false, &segs.first_up, &segs.up);
    return segs;
}

Turns flow_turns(Arena *arena, const Flow *flow) {
    Turns turns = {0};
    Pairs pairs = {.arena = arena, .turns = &turns};
    all_pairs(&pairs, flow);
    return turns;
}
