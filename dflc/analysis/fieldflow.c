#include "fieldflow.h"

#include <stdlib.h>

/* The bit of a field that is number i of its block. */
static FieldBits bit_at(size_t i) {
    return (FieldBits)1 << i;
}

static FieldBits bit_of(const FieldFlow *flow, const Field *field) {
    return bit_at(flow->slot[field->index] % BLOCK_FIELDS);
}

/* ---- fields ---- */

bool field_is_output(const Graph *graph, const Field *field) {
    if (field->local || field->type->kind == TY_HANDLE)
        return false;
    return field->is_out || !graph->marks_out;
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

/* What comes after a place, then, by counting, what leads to it. */
static void find_next(FieldFlow *flow) {
    const Ways *ways = flow->ways;
    size_t n = ways->graph->n_places, n_next = 0;
    flow->next_of = ARENA_ARRAY(flow->arena, uint32_t, n + 1);
    flow->failures_of = ARENA_ARRAY(flow->arena, uint32_t, n);
    flow->next = ARENA_ARRAY(flow->arena, uint32_t, ways->first_way[n]);
    for (uint32_t at = 0; at < n; at++) {
        const Place *place = ways->order[at];
        flow->failures_of[at] = UINT32_MAX;
        for (size_t k = 0; k < ways_count(place); k++) {
            if (ways_is_failure(place, k) && flow->failures_of[at] == UINT32_MAX)
                flow->failures_of[at] = (uint32_t)n_next;
            if (fieldflow_counts(flow, place, k))
                flow->next[n_next++] = ways->position[ways_get(place, k)->to->index];
        }
        flow->next_of[at + 1] = (uint32_t)n_next;
    }
}

static void find_from(FieldFlow *flow) {
    size_t n = flow->ways->graph->n_places, n_next = flow->next_of[n];
    uint32_t *free_slot = ARENA_ARRAY(flow->arena, uint32_t, n);
    flow->from_of = ARENA_ARRAY(flow->arena, uint32_t, n + 2);
    flow->from = ARENA_ARRAY(flow->arena, uint32_t, n_next);
    for (size_t i = 0; i < n_next; i++)
        flow->from_of[flow->next[i] + 1]++;
    for (size_t at = 0; at < n; at++) {
        flow->from_of[at + 1] += flow->from_of[at];
        free_slot[at] = flow->from_of[at];
    }
    for (uint32_t at = 0; at < n; at++)
        for (uint32_t i = flow->next_of[at]; i < flow->next_of[at + 1]; i++)
            flow->from[free_slot[flow->next[i]]++] = at;
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
    flow->live = ARENA_ARRAY(arena, FieldBits, n);
    flow->sure = ARENA_ARRAY(arena, Sure, n);
    flow->unset = ARENA_ARRAY(arena, FieldBits, n);
    flow->regions = ARENA_ARRAY(arena, RegionFlow, ways->graph->n_regions);
    flow->touched = ARENA_ARRAY(arena, uint32_t, ways->n_segments);
    flow->is_touched = ARENA_ARRAY(arena, bool, ways->n_segments);
    flow->agenda = agenda_new(arena, n);
    order_fields(flow);
    find_next(flow);
    find_from(flow);
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

/* Whether it does is for what is there to say: a sum that overflows, a function of the program's. */
static bool update_may_fail(const Access *access) {
    const Field *field = access->field;
    return access->kind == ACCESS_UPDATE &&
           (field->reducer == RD_CUSTOM ||
            (field->reducer == RD_SUM && type_is_integer(field->type)));
}

static void note_access(FieldFlow *flow, const Access *access) {
    Effect *effect = &flow->effects[position_of(flow, access->place)];
    RegionFlow *region = &flow->regions[access->place->region->index];
    FieldBits bit = bit_of(flow, access->field);
    touch(flow, access->place);
    if (access->field->local)
        region->used |= bit;
    if (access->kind == ACCESS_READ) {
        *(access->late ? &effect->late_reads : &effect->reads) |= bit;
        return;
    }
    if (flow->options.updates && update_may_fail(access))
        effect->reads |= bit;
    region->writes |= bit;
    effect->sets |= bit;
    if (access->kind == ACCESS_WRITE)
        effect->kills |= bit;
}

static void note_whole(FieldFlow *flow, const Access *access) {
    Effect *effect = &flow->effects[position_of(flow, access->place)];
    bool pause = access->kind == ACCESS_PAUSE;
    touch(flow, access->place);
    if (!pause || flow->options.people)
        *(access->late ? &effect->late_reads : &effect->reads) |= flow->others;
    if (pause && access->late)
        effect->sets |= flow->others;
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
    flow->locals = flow->others = 0;
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
        *(fields[i]->local ? &flow->locals : &flow->others) |= bit_at(i);
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
        own->known |= own->used;
        if (region->parent)
            own->known |= flow->regions[region->parent->index].known;
    }
}

/* ---- backwards ---- */

FieldBits fieldflow_live_behind(const FieldFlow *flow, uint32_t at) {
    FieldBits live = flow->effects[at].late_reads;
    for (uint32_t i = flow->next_of[at]; i < flow->failures_of[at]; i++)
        live |= flow->live[flow->next[i]];
    return live;
}

static bool update_live(FieldFlow *flow, uint32_t at) {
    const Effect *effect = &flow->effects[at];
    FieldBits live = (fieldflow_live_behind(flow, at) & ~effect->kills) | effect->reads;
    for (uint32_t i = flow->failures_of[at]; i < flow->next_of[at + 1]; i++)
        live |= flow->live[flow->next[i]];
    bool changed = live != flow->live[at];
    flow->live[at] = live;
    return changed;
}

static void keep_sure(Sure *to, const Sure *only) {
    to->killed &= only->killed;
    to->set &= only->set;
}

static bool update_sure(FieldFlow *flow, uint32_t at) {
    const Effect *effect = &flow->effects[at];
    Sure sure = {UINT64_MAX, UINT64_MAX};
    for (uint32_t i = flow->next_of[at]; i < flow->failures_of[at]; i++)
        keep_sure(&sure, &flow->sure[flow->next[i]]);
    sure.killed |= effect->kills;
    sure.set |= effect->sets;
    for (uint32_t i = flow->failures_of[at]; i < flow->next_of[at + 1]; i++)
        keep_sure(&sure, &flow->sure[flow->next[i]]);
    const Sure *before = &flow->sure[at];
    bool changed = sure.killed != before->killed || sure.set != before->set;
    flow->sure[at] = sure;
    return changed;
}

typedef bool Update(FieldFlow *flow, uint32_t at);

/* Numbers on the agenda count down from the last position: what comes later is looked at first. */
static uint32_t mirrored(const FieldFlow *flow, uint32_t at) {
    return (uint32_t)flow->ways->graph->n_places - 1 - at;
}

/* Updates one place, and puts those that lead to it on the agenda, from `least` on. */
static void go_back(FieldFlow *flow, const Segment *segment, uint32_t at, uint32_t least,
                    Update *update) {
    if (!update(flow, at) || !segment->loops)
        return;
    for (uint32_t i = flow->from_of[at]; i < flow->from_of[at + 1]; i++) {
        uint32_t from = flow->from[i];
        if (from >= least && from >= segment->first && from < segment->end)
            agenda_add(&flow->agenda, mirrored(flow, from));
    }
}

/* requires: what holds behind the segment; within it, where it loops, the start of the iteration. */
static void segment_back(FieldFlow *flow, const Segment *segment, Update *update) {
    uint32_t number;
    for (uint32_t at = segment->end; at-- > segment->first;)
        go_back(flow, segment, at, at, update);
    while (agenda_take(&flow->agenda, &number))
        go_back(flow, segment, mirrored(flow, number), 0, update);
}

/* The touched segments of one region, numbered `first` to `end`, the last one first; what is live
 * at the exit is given. Returns what is live at the entry. */
static FieldBits live_back(FieldFlow *flow, size_t first, size_t end, FieldBits exit) {
    for (size_t i = end; i-- > first;) {
        const Segment *segment = segment_at(flow, i);
        for (uint32_t at = segment->first; segment->loops && at < segment->end; at++)
            flow->live[at] = 0;
        flow->live[segment->end] = exit;
        segment_back(flow, segment, update_live);
        exit = flow->live[segment->first];
    }
    return exit;
}

static Sure sure_back(FieldFlow *flow, size_t first, size_t end) {
    Sure exit = {0};
    for (size_t i = end; i-- > first;) {
        const Segment *segment = segment_at(flow, i);
        for (uint32_t at = segment->first; segment->loops && at < segment->end; at++)
            flow->sure[at] = (Sure){UINT64_MAX, UINT64_MAX};
        flow->sure[segment->end] = exit;
        segment_back(flow, segment, update_sure);
        exit = flow->sure[segment->first];
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
    return bits & (flow->others | flow->regions[branch->parent->index].known);
}

/* Adds a branch to what its section does, the last one first. */
static void add_branch(FieldFlow *flow, const Region *branch) {
    const Section *section = branch->section;
    RegionFlow *own = &flow->regions[branch->index];
    Effect *effect = &flow->effects[position_of(flow, section->place)];
    effect->reads |= leaving(flow, branch, own->exposed);
    flow->regions[branch->parent->index].writes |= leaving(flow, branch, own->writes);
    if (section->settle || section->over)
        return;
    own->later = effect->kills;
    effect->kills |= leaving(flow, branch, own->killed);
    effect->sets |= leaving(flow, branch, own->set);
}

/* Branches as a whole, inner ones first. */
static void summarize(FieldFlow *flow) {
    for (size_t end = flow->n_touched; end > 0;) {
        size_t first = region_begin(flow, end);
        const Region *region = segment_at(flow, first)->region;
        if (!region->section)
            return;
        RegionFlow *own = &flow->regions[region->index];
        Sure sure = sure_back(flow, first, end);
        own->exposed = live_back(flow, first, end, 0);
        own->killed = sure.killed;
        own->set = sure.set;
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
            bits &= ~bit_at(i);
    return bits;
}

static FieldBits live_at_join(const FieldFlow *flow, const Region *branch) {
    const RegionFlow *own = &flow->regions[branch->index];
    FieldBits live = fieldflow_live_behind(flow, position_of(flow, branch->section->place));
    return leaving(flow, branch, live) & own->writes & ~own->later;
}

/* Outer regions first: what is live behind a section is live at its joins. */
static void find_live(FieldFlow *flow) {
    for (size_t first = 0; first < flow->n_touched;) {
        const Region *region = segment_at(flow, first)->region;
        size_t end = first;
        while (end < flow->n_touched && segment_at(flow, end)->region == region)
            end++;
        FieldBits exit = region->section ? live_at_join(flow, region) : live_at_end(flow);
        if (flow->options.all_at_end)
            exit |= flow->locals;
        live_back(flow, first, end, exit);
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

static void arrive(FieldFlow *flow, const Segment *segment, uint32_t at, FieldBits bits,
                   uint32_t done) {
    if (!(bits & ~flow->unset[at]))
        return;
    flow->unset[at] |= bits;
    if (at <= done && at >= segment->first && at < segment->end)
        agenda_add(&flow->agenda, at);
}

/* done: places up to this one were looked at already. */
static void go_on(FieldFlow *flow, const Segment *segment, uint32_t at, uint32_t done) {
    const Effect *effect = &flow->effects[at];
    FieldBits before = effect->pauses_before ? 0 : flow->unset[at];
    FieldBits after = before & ~effect->sets;
    for (uint32_t i = flow->next_of[at]; i < flow->next_of[at + 1]; i++)
        arrive(flow, segment, flow->next[i], i < flow->failures_of[at] ? after : before, done);
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
    FieldBits bits = 0;
    for (size_t i = 0; i < block_size(flow); i++)
        if (field_begins_unset(graph, flow->order[flow->block * BLOCK_FIELDS + i]))
            bits |= bit_at(i);
    if (!region->section)
        return bits & flow->others;
    FieldBits own = flow->regions[region->index].used & ~flow->regions[region->parent->index].known;
    return flow->unset[position_of(flow, region->section->place)] | (bits & own);
}

void fieldflow_find_unset(FieldFlow *flow) {
    const Region *region = NULL;
    FieldBits bits = 0;
    for (size_t i = 0; i < flow->n_touched; i++) {
        const Segment *segment = segment_at(flow, i);
        for (uint32_t at = segment->first; at <= segment->end; at++)
            flow->unset[at] = 0;
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
    FieldBits live = fieldflow_live_behind(flow, position_of(flow, place));
    return (live & bit_of(flow, field)) != 0;
}

bool fieldflow_is_unset(const FieldFlow *flow, const Access *read) {
    uint32_t at = position_of(flow, read->place);
    const Effect *effect = &flow->effects[at];
    FieldBits bit = bit_of(flow, read->field);
    if (!(flow->unset[at] & bit) || effect->pauses_before || !wants_value(read))
        return false;
    return !read->late || !(effect->sets & bit);
}

bool fieldflow_kills(const FieldFlow *flow, const Place *place, const Field *field) {
    return (flow->effects[position_of(flow, place)].kills & bit_of(flow, field)) != 0;
}

bool fieldflow_sets(const FieldFlow *flow, const Place *place, const Field *field) {
    return (flow->effects[position_of(flow, place)].sets & bit_of(flow, field)) != 0;
}

bool fieldflow_region_kills(const FieldFlow *flow, const Region *region, const Field *field) {
    return (flow->regions[region->index].killed & bit_of(flow, field)) != 0;
}
