#include "fieldflow.h"

#include <stdlib.h>

/* ---- bits ---- */

static void add_bits(FieldBits *to, const FieldBits *more) {
    for (int i = 0; i < BITS_WORDS; i++)
        to->word[i] |= more->word[i];
}

static void keep_bits(FieldBits *to, const FieldBits *only) {
    for (int i = 0; i < BITS_WORDS; i++)
        to->word[i] &= only->word[i];
}

static void drop_bits(FieldBits *to, const FieldBits *less) {
    for (int i = 0; i < BITS_WORDS; i++)
        to->word[i] &= ~less->word[i];
}

static bool same_bits(const FieldBits *a, const FieldBits *b) {
    uint64_t differ = 0;
    for (int i = 0; i < BITS_WORDS; i++)
        differ |= a->word[i] ^ b->word[i];
    return differ == 0;
}

static const FieldBits all_bits = {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};

static void set_bit(FieldBits *bits, uint32_t bit) {
    bits->word[bit / 64] |= (uint64_t)1 << bit % 64;
}

static uint32_t bit_of(const FieldFlow *flow, const Field *field) {
    return flow->slot[field->index] % BLOCK_FIELDS;
}

static bool has_bit(const FieldFlow *flow, const FieldBits *bits, const Field *field) {
    uint32_t bit = bit_of(flow, field);
    return bits->word[bit / 64] >> bit % 64 & 1;
}

/* ---- fields ---- */

bool field_is_output(const Graph *graph, const Field *field) {
    if (field->local || field->type->kind == TY_HANDLE)
        return false;
    return field->is_out || !graph->marks_io;
}

/* An optional is none until then, which guards can ask; a merging field has its identity. */
bool field_begins_unset(const Graph *graph, const Field *field) {
    if (field->is_in || field->init || field_merges(field) || field->type->kind == TY_HANDLE ||
        field->type->kind == TY_OPT)
        return false;
    return field->local || graph->marks_io;
}

/* What can have no default begins empty, and inout adds to it. */
static bool wants_value(const Access *read) {
    switch (read->field->type->kind) {
    case TY_LIST:
    case TY_MAP:
    case TY_ARRAY:
    case TY_STRUCT:
    case TY_BYTES:
        return !read->inout;
    default:
        return true;
    }
}

/* ---- setting up ---- */

static void order_fields(FieldFlow *flow) {
    const Graph *graph = flow->ways->graph;
    const Accesses *accesses = flow->accesses;
    size_t n = 0;
    bool *placed = ARENA_ARRAY(flow->arena, bool, graph->n_fields + 1);
    flow->order = ARENA_ARRAY(flow->arena, Field *, graph->n_fields + 1);
    flow->slot = ARENA_ARRAY(flow->arena, uint32_t, graph->n_fields + 1);
    for (size_t i = 0; i < accesses->n + graph->n_fields; i++) {
        Field *field = i < accesses->n ? accesses->all[i].field : graph->fields[i - accesses->n];
        if (placed[field->index])
            continue;
        placed[field->index] = true;
        flow->slot[field->index] = (uint32_t)n;
        flow->order[n++] = field;
    }
    flow->n_blocks = (n + BLOCK_FIELDS - 1) / BLOCK_FIELDS;
}

FieldFlow *fieldflow_new(Arena *arena, const Ways *ways, const Accesses *accesses,
                         FieldFlowOptions options) {
    size_t n = ways->graph->n_places;
    FieldFlow *flow = ARENA_NEW(arena, FieldFlow);
    flow->arena = arena;
    flow->ways = ways;
    flow->accesses = accesses;
    flow->options = options;
    flow->effects = ARENA_ARRAY(arena, Effect, n);
    flow->before = ARENA_ARRAY(arena, Before, n);
    flow->unset = ARENA_ARRAY(arena, FieldBits, n);
    flow->regions = ARENA_ARRAY(arena, RegionFlow, ways->graph->n_regions);
    flow->touched = ARENA_ARRAY(arena, uint32_t, ways->n_segments);
    flow->is_touched = ARENA_ARRAY(arena, bool, ways->n_segments);
    flow->agenda = agenda_new(arena, n);
    order_fields(flow);
    return flow;
}

static const Segment *segment_at(const FieldFlow *flow, size_t i) {
    return &flow->ways->segments[flow->touched[i]];
}

static uint32_t position_of(const FieldFlow *flow, const Place *place) {
    return flow->ways->position[place->index];
}

bool fieldflow_counts(const FieldFlow *flow, const Place *place, size_t way) {
    return ways_get(place, way) &&
           (!flow->options.way || flow->options.way[flow->ways->first_way[place->index] + way]);
}

/* ---- what the places do ---- */

/* A place, and so the sections around it. */
static void touch(FieldFlow *flow, const Place *place) {
    while (place) {
        uint32_t segment = flow->ways->segment_of[position_of(flow, place)];
        RegionFlow *region = &flow->regions[place->region->index];
        if (!flow->is_touched[segment]) {
            flow->is_touched[segment] = true;
            flow->touched[flow->n_touched++] = segment;
        }
        if (region->touched)
            return;
        region->touched = true;
        place = place->region->section ? place->region->section->place : NULL;
    }
}

static void note_access(FieldFlow *flow, const Access *access) {
    Effect *effect = &flow->effects[position_of(flow, access->place)];
    RegionFlow *region = &flow->regions[access->place->region->index];
    uint32_t bit = bit_of(flow, access->field);
    touch(flow, access->place);
    if (access->field->local)
        set_bit(&region->used, bit);
    if (access->kind == ACCESS_READ) {
        set_bit(access->late ? &effect->late_reads : &effect->reads, bit);
        return;
    }
    set_bit(&region->writes, bit);
    set_bit(&effect->sets, bit);
    if (access->kind == ACCESS_WRITE)
        set_bit(&effect->kills, bit);
}

static void note_whole(FieldFlow *flow, const Access *access) {
    Effect *effect = &flow->effects[position_of(flow, access->place)];
    bool pause = access->kind == ACCESS_PAUSE;
    touch(flow, access->place);
    if (!pause || flow->options.people)
        add_bits(access->late ? &effect->late_reads : &effect->reads, &flow->others);
    if (pause && access->late)
        add_bits(&effect->sets, &flow->others);
    effect->pauses_before = effect->pauses_before || (pause && !access->late);
}

static void forget_block(FieldFlow *flow) {
    for (size_t i = 0; i < flow->n_touched; i++) {
        const Segment *segment = segment_at(flow, i);
        flow->is_touched[flow->touched[i]] = false;
        flow->regions[segment->region->index] = (RegionFlow){0};
        for (uint32_t at = segment->first; at < segment->end; at++)
            flow->effects[at] = (Effect){0};
    }
    flow->n_touched = 0;
    flow->locals = flow->others = (FieldBits){0};
}

static int by_number(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static size_t block_size(const FieldFlow *flow) {
    size_t rest = flow->ways->graph->n_fields - flow->block * BLOCK_FIELDS;
    return rest < BLOCK_FIELDS ? rest : BLOCK_FIELDS;
}

static void note_block(FieldFlow *flow) {
    const Accesses *accesses = flow->accesses;
    Field *const *fields = flow->order + flow->block * BLOCK_FIELDS;
    for (size_t i = 0; i < block_size(flow); i++) {
        uint32_t index = fields[i]->index;
        set_bit(fields[i]->local ? &flow->locals : &flow->others, (uint32_t)i);
        for (uint32_t k = accesses->of_field[index]; k < accesses->of_field[index + 1]; k++)
            note_access(flow, &accesses->all[accesses->by_field[k]]);
    }
    for (size_t i = 0; i < accesses->n_whole; i++)
        note_whole(flow, &accesses->whole[i]);
    if (flow->n_touched)
        qsort(flow->touched, flow->n_touched, sizeof *flow->touched, by_number);
}

/* See note [regions of local fields]. Parents come first. */
static void find_known(FieldFlow *flow) {
    for (size_t i = 0; i < flow->n_touched; i++) {
        const Region *region = segment_at(flow, i)->region;
        RegionFlow *own = &flow->regions[region->index];
        add_bits(&own->known, &own->used);
        if (region->parent)
            add_bits(&own->known, &flow->regions[region->parent->index].known);
    }
}

/* ---- backwards ---- */

static Before follow(const FieldFlow *flow, uint32_t at) {
    const Place *place = flow->ways->order[at];
    Before after = {flow->effects[at].late_reads, all_bits, all_bits};
    for (size_t k = 0; k < place->n_edges; k++) {
        if (!fieldflow_counts(flow, place, k))
            continue;
        const Before *next = &flow->before[position_of(flow, place->edges[k]->to)];
        add_bits(&after.live, &next->live);
        keep_bits(&after.killed, &next->killed);
        keep_bits(&after.set, &next->set);
    }
    return after;
}

static Before step_back(const FieldFlow *flow, uint32_t at) {
    const Place *place = flow->ways->order[at];
    const Effect *effect = &flow->effects[at];
    Before out = follow(flow, at);
    drop_bits(&out.live, &effect->kills);
    add_bits(&out.live, &effect->reads);
    add_bits(&out.killed, &effect->kills);
    add_bits(&out.set, &effect->sets);
    for (size_t k = place->n_edges; k < ways_count(place); k++) {
        if (!fieldflow_counts(flow, place, k))
            continue;
        const Before *next = &flow->before[position_of(flow, ways_get(place, k)->to)];
        add_bits(&out.live, &next->live);
        keep_bits(&out.killed, &next->killed);
        keep_bits(&out.set, &next->set);
    }
    return out;
}

static bool same_before(const Before *a, const Before *b) {
    return same_bits(&a->live, &b->live) && same_bits(&a->killed, &b->killed) &&
           same_bits(&a->set, &b->set);
}

/* Numbers on the agenda count down from the last position: what comes later is looked at first. */
static uint32_t mirrored(const FieldFlow *flow, uint32_t at) {
    return (uint32_t)flow->ways->graph->n_places - 1 - at;
}

/* Those that lead to `at`, from `least` on. */
static void recall(FieldFlow *flow, const Segment *segment, uint32_t at, uint32_t least) {
    const Place *place = flow->ways->order[at];
    for (size_t i = 0; i < place->n_in; i++) {
        uint32_t from = position_of(flow, place->in[i]->from);
        if (from >= least && from >= segment->first && from < segment->end)
            agenda_add(&flow->agenda, mirrored(flow, from));
    }
}

static void go_back(FieldFlow *flow, const Segment *segment, uint32_t at, uint32_t least) {
    Before now = step_back(flow, at);
    if (same_before(&now, &flow->before[at]))
        return;
    flow->before[at] = now;
    if (segment->loops)
        recall(flow, segment, at, least);
}

/* requires: `before` of what follows the segment. */
static void segment_back(FieldFlow *flow, const Segment *segment) {
    uint32_t number;
    for (uint32_t at = segment->first; segment->loops && at < segment->end; at++)
        flow->before[at] = (Before){{{0}}, all_bits, all_bits};
    for (uint32_t at = segment->end; at-- > segment->first;)
        go_back(flow, segment, at, at);
    while (agenda_take(&flow->agenda, &number))
        go_back(flow, segment, mirrored(flow, number), 0);
}

/* The touched segments of one region, numbered `first` to `end`, the last one first; what holds at
 * the exit is given. */
static Before region_back(FieldFlow *flow, size_t first, size_t end, Before exit) {
    for (size_t i = end; i-- > first;) {
        const Segment *segment = segment_at(flow, i);
        flow->before[segment->end] = exit;
        segment_back(flow, segment);
        exit = flow->before[segment->first];
    }
    return exit;
}

/* The first of the touched segments that are of the same region as number `end` - 1. */
static size_t region_begin(const FieldFlow *flow, size_t end) {
    size_t i = end - 1;
    while (i > 0 && segment_at(flow, i - 1)->region == segment_at(flow, end - 1)->region)
        i--;
    return i;
}

/* ---- sections ---- */

/* What leaves a branch: not the local fields that the region around does not have. */
static FieldBits leaving(const FieldFlow *flow, const Region *branch, FieldBits bits) {
    FieldBits own = flow->locals;
    drop_bits(&own, &flow->regions[branch->parent->index].known);
    drop_bits(&bits, &own);
    return bits;
}

/* Adds a branch to what its section does. */
static void add_branch(FieldFlow *flow, const Region *branch) {
    const Section *section = branch->section;
    const RegionFlow *own = &flow->regions[branch->index];
    Effect *effect = &flow->effects[position_of(flow, section->place)];
    FieldBits exposed = leaving(flow, branch, own->exposed);
    FieldBits killed = leaving(flow, branch, own->killed);
    FieldBits set = leaving(flow, branch, own->set);
    FieldBits writes = leaving(flow, branch, own->writes);
    add_bits(&effect->reads, &exposed);
    add_bits(&flow->regions[branch->parent->index].writes, &writes);
    if (section->settle || section->over)
        return;
    add_bits(&effect->kills, &killed);
    add_bits(&effect->sets, &set);
}

/* Regions as a whole, inner ones first. */
static void summarize(FieldFlow *flow) {
    for (size_t end = flow->n_touched; end > 0;) {
        size_t first = region_begin(flow, end);
        const Region *region = segment_at(flow, first)->region;
        RegionFlow *own = &flow->regions[region->index];
        Before entry = region_back(flow, first, end, (Before){0});
        own->exposed = entry.live;
        own->killed = entry.killed;
        own->set = entry.set;
        if (region->section)
            add_branch(flow, region);
        end = first;
    }
}

static FieldBits live_at_end(const FieldFlow *flow) {
    const Graph *graph = flow->ways->graph;
    FieldBits bits = flow->others;
    if (flow->options.all_at_end)
        return bits;
    for (size_t i = 0; i < block_size(flow); i++)
        if (!field_is_output(graph, flow->order[flow->block * BLOCK_FIELDS + i]))
            bits.word[i / 64] &= ~((uint64_t)1 << i % 64);
    return bits;
}

static FieldBits live_at_join(const FieldFlow *flow, const Region *branch) {
    const Section *section = branch->section;
    FieldBits live = follow(flow, position_of(flow, section->place)).live;
    live = leaving(flow, branch, live);
    keep_bits(&live, &flow->regions[branch->index].writes);
    for (size_t i = branch->branch + 1; !section->settle && i < section->n_branches; i++)
        drop_bits(&live, &flow->regions[section->branches[i]->index].killed);
    return live;
}

/* Outer regions first: what is live behind a section is live at its joins. */
static void find_live(FieldFlow *flow) {
    for (size_t first = 0; first < flow->n_touched;) {
        const Region *region = segment_at(flow, first)->region;
        size_t end = first;
        while (end < flow->n_touched && segment_at(flow, end)->region == region)
            end++;
        Before exit = {0};
        exit.live = region->section ? live_at_join(flow, region) : live_at_end(flow);
        region_back(flow, first, end, exit);
        first = end;
    }
}

void fieldflow_load(FieldFlow *flow, size_t block) {
    forget_block(flow);
    flow->block = block;
    note_block(flow);
    find_known(flow);
    summarize(flow);
    find_live(flow);
}

/* ---- forwards ---- */

static void arrive(FieldFlow *flow, const Segment *segment, uint32_t at, const FieldBits *bits,
                   uint32_t done) {
    FieldBits now = flow->unset[at];
    add_bits(&now, bits);
    if (same_bits(&now, &flow->unset[at]))
        return;
    flow->unset[at] = now;
    if (at <= done && at >= segment->first && at < segment->end)
        agenda_add(&flow->agenda, at);
}

/* done: places up to this one were looked at already. */
static void go_on(FieldFlow *flow, const Segment *segment, uint32_t at, uint32_t done) {
    const Place *place = flow->ways->order[at];
    const Effect *effect = &flow->effects[at];
    FieldBits before = effect->pauses_before ? (FieldBits){0} : flow->unset[at], after = before;
    drop_bits(&after, &effect->sets);
    for (size_t k = 0; k < ways_count(place); k++)
        if (fieldflow_counts(flow, place, k))
            arrive(flow, segment, position_of(flow, ways_get(place, k)->to),
                   ways_is_failure(place, k) ? &before : &after, done);
}

static void segment_on(FieldFlow *flow, const Segment *segment) {
    uint32_t at;
    for (at = segment->first; at < segment->end; at++)
        go_on(flow, segment, at, at);
    while (agenda_take(&flow->agenda, &at))
        go_on(flow, segment, at, UINT32_MAX);
}

static FieldBits unset_at_entry(const FieldFlow *flow, const Region *region) {
    const Graph *graph = flow->ways->graph;
    FieldBits bits = {0}, own = flow->regions[region->index].used;
    for (size_t i = 0; i < block_size(flow); i++)
        if (field_begins_unset(graph, flow->order[flow->block * BLOCK_FIELDS + i]))
            set_bit(&bits, (uint32_t)i);
    keep_bits(&own, &bits);
    if (!region->section) {
        keep_bits(&bits, &flow->others);
        return bits;
    }
    drop_bits(&own, &flow->regions[region->parent->index].known);
    bits = flow->unset[position_of(flow, region->section->place)];
    add_bits(&bits, &own);
    return bits;
}

void fieldflow_find_unset(FieldFlow *flow) {
    const Region *region = NULL;
    FieldBits bits = {0};
    for (size_t i = 0; i < flow->n_touched; i++) {
        const Segment *segment = segment_at(flow, i);
        for (uint32_t at = segment->first; at <= segment->end; at++)
            flow->unset[at] = (FieldBits){0};
        if (segment->region != region)
            bits = unset_at_entry(flow, segment->region);
        region = segment->region;
        flow->unset[segment->first] = bits;
        segment_on(flow, segment);
        bits = flow->unset[segment->end];
    }
}

/* ---- questions ---- */

bool fieldflow_live_after(const FieldFlow *flow, const Place *place, const Field *field) {
    Before after = follow(flow, position_of(flow, place));
    return has_bit(flow, &after.live, field);
}

bool fieldflow_is_unset(const FieldFlow *flow, const Access *read) {
    uint32_t at = position_of(flow, read->place);
    const Effect *effect = &flow->effects[at];
    if (!has_bit(flow, &flow->unset[at], read->field) || effect->pauses_before ||
        !wants_value(read))
        return false;
    return !read->late || !has_bit(flow, &effect->sets, read->field);
}

bool fieldflow_kills(const FieldFlow *flow, const Place *place, const Field *field) {
    return has_bit(flow, &flow->effects[position_of(flow, place)].kills, field);
}

bool fieldflow_sets(const FieldFlow *flow, const Place *place, const Field *field) {
    return has_bit(flow, &flow->effects[position_of(flow, place)].sets, field);
}

bool fieldflow_region_kills(const FieldFlow *flow, const Region *region, const Field *field) {
    return has_bit(flow, &flow->regions[region->index].killed, field);
}
