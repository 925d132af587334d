#include "live.h"

#include "fieldflow.h"

/* What one block has in one segment that touches it. */
typedef struct Piece {
    uint32_t segment;
    FieldBits *before; /* by position, from the segment's first */
    FieldBits *after;  /* the same when the place has done its work */
} Piece;

/* What one block has in one region that touches it. */
typedef struct RegionPiece {
    uint32_t region;
    FieldBits needs; /* see branch_needs_value */
    FieldBits at_exit;
} RegionPiece;

typedef struct BlockLive {
    Piece *pieces; /* ascending */
    size_t n_pieces;
    RegionPiece *regions; /* ascending */
    size_t n_regions, cap_regions;
} BlockLive;

struct Live {
    const Graph *graph;
    const Ways *ways;
    const uint32_t *slot; /* by Field.index */
    Field **order;        /* by slot */
    BlockLive *blocks;
    size_t n_blocks;
};

/* ---- keeping ---- */

static Piece keep_piece(Arena *arena, const FieldFlow *flow, uint32_t number) {
    const Segment *segment = &flow->ways->segments[number];
    Piece piece = {number, ARENA_ARRAY(arena, FieldBits, segment->end - segment->first),
                   ARENA_ARRAY(arena, FieldBits, segment->end - segment->first)};
    for (uint32_t at = segment->first; at < segment->end; at++) {
        piece.before[at - segment->first] = flow->live[at];
        piece.after[at - segment->first] = fieldflow_live_behind(flow, at);
    }
    return piece;
}

static void keep_region(Arena *arena, const FieldFlow *flow, BlockLive *out, const Segment *last) {
    const RegionFlow *own = &flow->regions[last->region->index];
    RegionPiece piece = {.region = last->region->index, .at_exit = flow->live[last->end]};
    piece.needs = own->exposed | (own->writes & ~own->killed);
    ARENA_PUSH(arena, out->regions, out->n_regions, out->cap_regions, piece);
}

/* Ends of segments were written last by the segment itself, so the last one of a region tells
 * what holds at the exit. */
static void keep_block(Arena *arena, const FieldFlow *flow, BlockLive *out) {
    out->pieces = ARENA_ARRAY(arena, Piece, flow->n_touched + 1);
    for (size_t i = 0; i < flow->n_touched; i++) {
        const Segment *segment = &flow->ways->segments[flow->touched[i]];
        bool last = i + 1 == flow->n_touched ||
                    flow->ways->segments[flow->touched[i + 1]].region != segment->region;
        out->pieces[out->n_pieces++] = keep_piece(arena, flow, flow->touched[i]);
        if (last)
            keep_region(arena, flow, out, segment);
    }
}

/* What it keeps lives as long as the compilation, the analysis itself does not. */
Live *live_of(Compilation *comp, const Graph *graph) {
    Arena *scratch = arena_new();
    Live *live = ARENA_NEW(comp->arena, Live);
    live->graph = graph;
    live->ways = ways_of(comp->arena, graph);
    FieldFlow *flow = fieldflow_new(scratch, live->ways, accesses_of(scratch, graph),
                                    (FieldFlowOptions){.people = true, .updates = true});
    uint32_t *slot = ARENA_ARRAY(comp->arena, uint32_t, graph->n_fields + 1);
    live->order = ARENA_ARRAY(comp->arena, Field *, graph->n_fields + 1);
    for (size_t i = 0; i < graph->n_fields; i++) {
        slot[i] = flow->slot[i];
        live->order[i] = flow->order[i];
    }
    live->slot = slot;
    live->n_blocks = flow->n_blocks;
    live->blocks = ARENA_ARRAY(comp->arena, BlockLive, flow->n_blocks + 1);
    for (size_t i = 0; i < flow->n_blocks; i++) {
        fieldflow_load(flow, i);
        keep_block(comp->arena, flow, &live->blocks[i]);
    }
    arena_free(scratch);
    return live;
}

/* ---- asking ---- */

static bool has(const Live *live, FieldBits bits, const Field *field) {
    uint32_t bit = live->slot[field->index] % BLOCK_FIELDS;
    return bits >> bit & 1;
}

static const BlockLive *block_of(const Live *live, const Field *field) {
    return &live->blocks[live->slot[field->index] / BLOCK_FIELDS];
}

/* The first piece of this segment or a later one. */
static const Piece *find_piece(const BlockLive *block, uint32_t segment) {
    size_t low = 0, high = block->n_pieces;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (block->pieces[mid].segment < segment)
            low = mid + 1;
        else
            high = mid;
    }
    return low < block->n_pieces ? &block->pieces[low] : NULL;
}

static const RegionPiece *find_region(const BlockLive *block, uint32_t region) {
    size_t low = 0, high = block->n_regions;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (block->regions[mid].region < region)
            low = mid + 1;
        else
            high = mid;
    }
    bool found = low < block->n_regions && block->regions[low].region == region;
    return found ? &block->regions[low] : NULL;
}

/* Between segments that touch a field nothing happens to it; behind the last one of a region what
 * holds is what holds at the exit. */
bool field_live_before(const Live *live, const Place *place, const Field *field) {
    const Ways *ways = live->ways;
    const BlockLive *block = block_of(live, field);
    uint32_t at = ways->position[place->index], number = ways->segment_of[at];
    const Piece *piece = find_piece(block, number);
    const RegionPiece *region = find_region(block, place->region->index);
    if (piece && piece->segment == number)
        return has(live, piece->before[at - ways->segments[number].first], field);
    if (piece && ways->segments[piece->segment].region == place->region)
        return has(live, piece->before[0], field);
    if (region)
        return has(live, region->at_exit, field);
    return !place->region->section && field_is_output(live->graph, field);
}

bool field_live_after(const Live *live, const Place *place, const Field *field) {
    const Ways *ways = live->ways;
    uint32_t at = ways->position[place->index], number = ways->segment_of[at];
    const Piece *piece = find_piece(block_of(live, field), number);
    if (piece && piece->segment == number)
        return has(live, piece->after[at - ways->segments[number].first], field);
    return field_live_before(live, place, field);
}

bool branch_needs_value(const Live *live, const Region *branch, const Field *field) {
    const RegionPiece *piece = find_region(block_of(live, field), branch->index);
    return piece && has(live, piece->needs, field);
}

/* ---- stretches ---- */

typedef struct Changes {
    const Live *live;
    size_t block;
    FieldBits now;
    LiveChange *change;
    void *context;
} Changes;

/* What is live at the end of the graph. */
static FieldBits exit_bits(const Live *live, size_t number, const BlockLive *block) {
    const RegionPiece *own = find_region(block, 0);
    FieldBits bits = 0;
    if (own)
        return own->at_exit;
    for (size_t i = number * BLOCK_FIELDS;
         i < live->graph->n_fields && i < (number + 1) * BLOCK_FIELDS; i++)
        if (field_is_output(live->graph, live->order[i]))
            bits |= (FieldBits)1 << (i % BLOCK_FIELDS);
    return bits;
}

static void change_to(Changes *c, uint32_t slot, FieldBits bits) {
    for (FieldBits changed = c->now ^ bits; changed; changed &= changed - 1) {
        unsigned bit = (unsigned)__builtin_ctzll(changed);
        c->change(c->context, c->live->order[c->block * BLOCK_FIELDS + bit], slot, bits >> bit & 1);
    }
    c->now = bits;
}

/* Of the graph's own region, whose segments come first. */
static void block_changes(Changes *c, const BlockLive *block) {
    const Segment *segments = c->live->ways->segments;
    uint32_t behind = 0;
    c->now = 0;
    for (size_t i = 0; i < block->n_pieces; i++) {
        const Piece *piece = &block->pieces[i];
        const Segment *segment = &segments[piece->segment];
        if (segment->region->section)
            break;
        change_to(c, 2 * behind, piece->before[0]);
        for (uint32_t at = segment->first; at < segment->end; at++) {
            change_to(c, 2 * at, piece->before[at - segment->first]);
            change_to(c, 2 * at + 1, piece->after[at - segment->first]);
        }
        behind = segment->end;
    }
    change_to(c, 2 * behind, exit_bits(c->live, c->block, block));
}

void live_changes(const Live *live, LiveChange *change, void *context) {
    Changes c = {.live = live, .change = change, .context = context};
    for (c.block = 0; c.block < live->n_blocks; c.block++)
        block_changes(&c, &live->blocks[c.block]);
}

uint32_t live_position(const Live *live, const Place *place) {
    return live->ways->position[place->index];
}
