/* Where items stand from left to right.
 *
 * The method is that of Brandes and Köpf, "Fast and simple horizontal coordinate assignment", 2001.
 * Items are aligned with the median of their neighbours, first come first served, into blocks that
 * stand on one vertical line; then the blocks are packed. That is done four times, downwards and
 * upwards, from the left and from the right, and the middle of the four is taken. Here packing is by
 * longest paths, as items are of different widths. Afterwards each block moves towards the median of what it
 * is joined with, as far as it can, since packing leaves what is aligned with nothing at the border. */
#include <stdlib.h>

#include "scene.h"

enum { PLACE_GAP = 32, LABEL_GAP = 14, BEND_GAP = 14, PULLS = 6 };

typedef struct Columns {
    Arena *arena;
    Flow *flow;
    Segs segs; /* sorted by where their ends stand */
    Turns turns;
    bool *conflict;    /* by seg: nothing is aligned by it */
    Item **root;       /* by Item.index: the first of its block */
    Item **align;      /* the next one in it, the last one is followed by the first */
    int32_t *x;        /* by Item.index of roots */
    uint32_t *waiting; /* likewise: how many blocks to the left are not placed yet */
    Item **queue;      /* roots, in an order from left to right */
    size_t n_roots;
    int32_t *runs[4]; /* x by Item.index */
    bool down, left;  /* of this run */
} Columns;

static int32_t gap_between(const Item *a, const Item *b) {
    if (a->kind == ITEM_BEND || b->kind == ITEM_BEND)
        return BEND_GAP;
    return a->kind == ITEM_LABEL || b->kind == ITEM_LABEL ? LABEL_GAP : PLACE_GAP;
}

static int32_t apart(const Item *a, const Item *b) {
    return (a->w + b->w) / 2 + gap_between(a, b);
}

/* ---- neighbours from left to right ---- */

static int by_number(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void sort_ends(Columns *c, uint32_t *numbers, const uint32_t *first, bool up) {
    uint64_t *keys = ARENA_ARRAY(c->arena, uint64_t, c->segs.n + 1);
    for (size_t i = 0; i < c->flow->n; i++) {
        uint32_t begin = first[i], end = first[i + 1];
        for (uint32_t k = begin; k < end; k++) {
            const Seg *seg = &c->segs.all[numbers[k]];
            keys[k] = (uint64_t)(up ? seg->upper : seg->lower)->pos << 32 | numbers[k];
        }
        qsort(keys + begin, end - begin, sizeof *keys, by_number);
        for (uint32_t k = begin; k < end; k++)
            numbers[k] = (uint32_t)keys[k];
    }
}

/* ---- conflicts ---- */

/* The segs on one side of an item: numbers[first[index]] up to numbers[first[index + 1] - 1]. */
typedef struct Side {
    const uint32_t *first, *numbers;
} Side;

static Side side_of(const Columns *c, bool up) {
    return up ? (Side){c->segs.first_up, c->segs.up} : (Side){c->segs.first_down, c->segs.down};
}

/* What joins a long edge at a bend gives way too. */
static void mark_joining(Columns *c) {
    for (size_t i = 0; i < c->segs.n; i++) {
        const Seg *seg = &c->segs.all[i], *up = c->segs.inner_up[seg->lower->index],
                  *down = c->segs.inner_down[seg->upper->index];
        c->conflict[i] = (up && up != seg) || (down && down != seg);
    }
}

static void mark_outside(Columns *c, const Item *item, uint32_t low, uint32_t high) {
    for (uint32_t k = c->segs.first_up[item->index]; k < c->segs.first_up[item->index + 1]; k++) {
        const Seg *seg = &c->segs.all[c->segs.up[k]];
        if ((seg->upper->pos < low || seg->upper->pos > high) &&
            c->segs.inner_up[item->index] != seg)
            c->conflict[c->segs.up[k]] = true;
    }
}

/* Long edges stay straight: what crosses one of them gives way. */
static void mark_conflicts(Columns *c, const Layer *layer) {
    uint32_t low = 0;
    size_t done = 0;
    for (size_t i = 0; i < layer->n; i++) {
        const Seg *inner = c->segs.inner_up[layer->items[i]->index];
        if (!inner && i + 1 < layer->n)
            continue;
        uint32_t high = inner ? inner->upper->pos : UINT32_MAX;
        for (; done <= i; done++)
            mark_outside(c, layer->items[done], low, high);
        low = high;
    }
}

/* ---- blocks ---- */

static Item *item_at(const Columns *c, const Layer *layer, size_t i) {
    return layer->items[c->left ? i : layer->n - 1 - i];
}

/* The segs of an item on the side where the run comes from that it may be aligned by: the one or two in
 * the middle of those that are strong, or the part of a long edge. Returns how many. */
static size_t medians(const Columns *c, const Item *item, uint32_t middle[2]) {
    Side side = side_of(c, c->down);
    const Seg *inner = (c->down ? c->segs.inner_up : c->segs.inner_down)[item->index];
    uint32_t begin = side.first[item->index], end = side.first[item->index + 1];
    size_t n = 0, seen = 0, found = 0;
    if (inner) {
        middle[0] = (uint32_t)(inner - c->segs.all);
        return 1;
    }
    for (uint32_t k = begin; k < end; k++)
        n += !c->segs.all[side.numbers[k]].weak;
    for (uint32_t k = begin; k < end; k++) {
        if (c->segs.all[side.numbers[k]].weak)
            continue;
        seen++;
        if (seen == (n + 1) / 2 || seen == n / 2 + 1)
            middle[found++] = side.numbers[k];
    }
    return found;
}

/* The neighbours that are aligned already end at `*last`, counted from where the run begins. */
static void align_item(Columns *c, Item *item, size_t n_before, int64_t *last) {
    uint32_t middle[2];
    size_t n = medians(c, item, middle);
    for (size_t i = 0; i < n; i++) {
        uint32_t number = middle[c->left ? i : n - 1 - i];
        const Seg *seg = &c->segs.all[number];
        Item *to = c->down ? seg->upper : seg->lower;
        int64_t pos = c->left ? to->pos : (int64_t)n_before - 1 - to->pos;
        if (c->align[item->index] != item || c->conflict[number] || pos <= *last)
            continue;
        c->align[to->index] = item;
        c->root[item->index] = c->root[to->index];
        c->align[item->index] = c->root[item->index];
        *last = pos;
    }
}

static void align_all(Columns *c) {
    size_t n = c->flow->n_layers;
    for (size_t i = 0; i < c->flow->n; i++)
        c->root[i] = c->align[i] = c->flow->items[i];
    for (size_t i = 1; i < n; i++) {
        const Layer *layer = &c->flow->layers[c->down ? i : n - 1 - i];
        const Layer *before = c->down ? layer - 1 : layer + 1;
        int64_t last = -1;
        for (size_t k = 0; k < layer->n; k++)
            align_item(c, item_at(c, layer, k), before->n, &last);
    }
}

/* ---- packing ---- */

/* The item beside another one, on the side that the run goes to (1) or comes from (-1); NULL: none. */
static Item *beside(const Columns *c, const Item *item, int side) {
    const Layer *layer = &c->flow->layers[item->layer];
    size_t pos = (size_t)((int64_t)item->pos + (c->left ? side : -side));
    return pos < layer->n ? layer->items[pos] : NULL;
}

static void count_waiting(Columns *c) {
    c->n_roots = 0;
    for (size_t i = 0; i < c->flow->n; i++)
        c->waiting[i] = 0;
    for (size_t i = 0; i < c->flow->n; i++) {
        const Item *item = c->flow->items[i];
        if (!item->gone && beside(c, item, -1))
            c->waiting[c->root[i]->index]++;
    }
    for (size_t i = 0; i < c->flow->n; i++) {
        Item *item = c->flow->items[i];
        c->x[i] = 0;
        if (!item->gone && c->root[i] == item && c->waiting[i] == 0)
            c->queue[c->n_roots++] = item;
    }
}

/* As far to the front as what stands in front of it allows. */
static void pack_forward(Columns *c) {
    count_waiting(c);
    for (size_t i = 0; i < c->n_roots; i++) {
        Item *root = c->queue[i], *item = root;
        do {
            const Item *next = beside(c, item, 1);
            if (next) {
                Item *other = c->root[next->index];
                int32_t least = c->x[root->index] + apart(item, next);
                if (c->x[other->index] < least)
                    c->x[other->index] = least;
                if (--c->waiting[other->index] == 0)
                    c->queue[c->n_roots++] = other;
            }
            item = c->align[item->index];
        } while (item != root);
    }
}

/* Then back, up to what stands behind it. */
static void pack_back(Columns *c) {
    for (size_t i = c->n_roots; i-- > 0;) {
        Item *root = c->queue[i], *item = root;
        int32_t most = INT32_MAX;
        do {
            const Item *next = beside(c, item, 1);
            int32_t room = next ? c->x[c->root[next->index]->index] - apart(item, next) : INT32_MAX;
            if (room < most)
                most = room;
            item = c->align[item->index];
        } while (item != root);
        if (most < INT32_MAX && most > c->x[root->index])
            c->x[root->index] = most;
    }
}

static void run(Columns *c, int number) {
    c->down = number < 2;
    c->left = number % 2 == 0;
    c->runs[number] = ARENA_ARRAY(c->arena, int32_t, c->flow->n + 1);
    align_all(c);
    pack_forward(c);
    pack_back(c);
    for (size_t i = 0; i < c->flow->n; i++) {
        int32_t x = c->x[c->root[i]->index];
        c->runs[number][i] = c->left ? x : -x;
    }
}

/* ---- the middle of four ---- */

typedef struct Extent {
    int32_t low, high;
} Extent;

static Extent extent(const Columns *c, const int32_t *x) {
    Extent e = {INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < c->flow->n; i++) {
        const Item *item = c->flow->items[i];
        if (item->gone)
            continue;
        if (x[i] - item->w / 2 < e.low)
            e.low = x[i] - item->w / 2;
        if (x[i] + item->w / 2 > e.high)
            e.high = x[i] + item->w / 2;
    }
    return e;
}

static int32_t middle_of_four(const int32_t v[4]) {
    int32_t low = v[0], high = v[0], sum = 0;
    for (int i = 0; i < 4; i++) {
        low = v[i] < low ? v[i] : low;
        high = v[i] > high ? v[i] : high;
        sum += v[i];
    }
    return (sum - low - high) / 2;
}

/* The four are laid over the narrowest one, at the side where they were packed to. */
static void balance(Columns *c) {
    Extent extents[4];
    int best = 0;
    for (int k = 0; k < 4; k++) {
        extents[k] = extent(c, c->runs[k]);
        if (extents[k].high - extents[k].low < extents[best].high - extents[best].low)
            best = k;
    }
    for (size_t i = 0; i < c->flow->n; i++) {
        int32_t v[4];
        for (int k = 0; k < 4; k++)
            v[k] = c->runs[k][i] + (k % 2 == 0 ? extents[best].low - extents[k].low
                                               : extents[best].high - extents[k].high);
        c->flow->items[i]->x = middle_of_four(v);
    }
}

/* ---- pulling ---- */

/* Blocks now are what edges join straight on. */
static Item *block_of(Columns *c, Item *item) {
    Item *root = item;
    while (c->root[root->index] != root)
        root = c->root[root->index];
    while (c->root[item->index] != root) {
        Item *next = c->root[item->index];
        c->root[item->index] = root;
        item = next;
    }
    return root;
}

static void find_blocks(Columns *c) {
    for (size_t i = 0; i < c->flow->n; i++)
        c->root[i] = c->align[i] = c->flow->items[i];
    for (size_t i = 0; i < c->segs.n; i++) {
        const Seg *seg = &c->segs.all[i];
        Item *a = block_of(c, seg->upper), *b = block_of(c, seg->lower);
        if (seg->weak || a == b || seg->upper->x != seg->lower->x)
            continue;
        Item *next = c->align[a->index];
        c->align[a->index] = c->align[b->index];
        c->align[b->index] = next;
        c->root[b->index] = a;
    }
}

typedef struct Pull {
    int32_t *x; /* of what the block is joined with */
    size_t n, cap;
    int32_t low, high; /* where it can stand, of its first item's x */
} Pull;

static void pull_to(Columns *c, Pull *p, Item *root, Item *other) {
    if (block_of(c, other) != root)
        ARENA_PUSH(c->arena, p->x, p->n, p->cap, other->x);
}

static void pulls_of(Columns *c, Pull *p, Item *root, Item *item) {
    const Segs *segs = &c->segs;
    const Item *left = beside(c, item, -1), *right = beside(c, item, 1);
    for (uint32_t k = segs->first_up[item->index]; k < segs->first_up[item->index + 1]; k++)
        pull_to(c, p, root, segs->all[segs->up[k]].upper);
    for (uint32_t k = segs->first_down[item->index]; k < segs->first_down[item->index + 1]; k++)
        pull_to(c, p, root, segs->all[segs->down[k]].lower);
    if (left && left->x + apart(left, item) > p->low)
        p->low = left->x + apart(left, item);
    if (right && right->x - apart(item, right) < p->high)
        p->high = right->x - apart(item, right);
}

static int by_x(const void *a, const void *b) {
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

static int32_t clamp(int32_t x, int32_t low, int32_t high) {
    return x < low ? low : x > high ? high : x;
}

/* Joined with an even number, anywhere between the two in the middle is as good. */
static void pull_block(Columns *c, Pull *p, Item *root) {
    Item *item = root;
    p->n = 0;
    p->low = INT32_MIN;
    p->high = INT32_MAX;
    do {
        pulls_of(c, p, root, item);
        item = c->align[item->index];
    } while (item != root);
    if (p->n == 0)
        return;
    qsort(p->x, p->n, sizeof *p->x, by_x);
    int32_t x = clamp(root->x, p->x[(p->n - 1) / 2], p->x[p->n / 2]);
    x = clamp(x, p->low, p->high);
    do {
        item->x = x;
        item = c->align[item->index];
    } while (item != root);
}

static void pull_all(Columns *c, Pull *p, bool down) {
    size_t n = c->flow->n_layers;
    find_blocks(c);
    for (size_t i = 0; i < n; i++) {
        const Layer *layer = &c->flow->layers[down ? i : n - 1 - i];
        for (size_t k = 0; k < layer->n; k++)
            if (block_of(c, layer->items[k]) == layer->items[k])
                pull_block(c, p, layer->items[k]);
    }
}

/* ---- all of it ---- */

static void move_to_border(Columns *c) {
    int32_t *x = c->x;
    for (size_t i = 0; i < c->flow->n; i++)
        x[i] = c->flow->items[i]->x;
    Extent e = extent(c, x);
    for (size_t i = 0; i < c->flow->n; i++)
        c->flow->items[i]->x -= e.low;
    c->flow->w = (e.high - e.low + 1) & ~1;
}

static void columns_new(Columns *c) {
    size_t n = c->flow->n + 1;
    c->segs = flow_segs(c->arena, c->flow);
    sort_ends(c, c->segs.up, c->segs.first_up, true);
    sort_ends(c, c->segs.down, c->segs.first_down, false);
    c->conflict = ARENA_ARRAY(c->arena, bool, c->segs.n + 1);
    c->root = ARENA_ARRAY(c->arena, Item *, n);
    c->align = ARENA_ARRAY(c->arena, Item *, n);
    c->x = ARENA_ARRAY(c->arena, int32_t, n);
    c->waiting = ARENA_ARRAY(c->arena, uint32_t, n);
    c->queue = ARENA_ARRAY(c->arena, Item *, n);
}

void flow_columns(Arena *arena, Flow *flow) {
    Columns c = {.arena = arena, .flow = flow};
    Pull pull = {0};
    columns_new(&c);
    mark_joining(&c);
    for (size_t i = 1; i < flow->n_layers; i++)
        mark_conflicts(&c, &flow->layers[i]);
    for (int i = 0; i < 4; i++)
        run(&c, i);
    balance(&c);
    c.left = true;
    for (int i = 0; i < PULLS; i++)
        pull_all(&c, &pull, i % 2 == 0);
    move_to_border(&c);
}
