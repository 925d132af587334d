/* How long a section takes on the ranks of the machine, and from when that pays.
 *
 * note [rank 0]
 * Rank 0 hands branches out, the largest first, and merges; it computes none of them. Whoever is free gets the next one
 * (runtime/spread.c). Of what a chunk takes besides its work rank 0 is busy for half; the rest is on the way and on the
 * rank. What travels takes its time too: the fields that branches read go once to each rank that is used, the frame of
 * a branch there and back.
 *
 *     now = 0
 *     for the first chunk of rank r:  now += state + task + busy;          answer[r] = now + rest + work
 *     for each further one:           now = max(now, least answer) + busy + task + back;
 *                                                                          answer[r] = now + rest + work
 *     T   = the greatest answer + back
 *
 * bench/mpi/model.awk is the same, beside what was measured. Chunks of an each are alike but for one element, so that
 * answers come in the order in which they were asked for. */
#include "../travel.h"
#include "internal.h"

enum { CHUNKS_PER_RANK = 4, MOST_CHUNKS = 0x7fff };

typedef struct Model {
    const Machine *machine;
    const SectionCost *cost;
    int64_t busy_ns, rest_ns; /* of a chunk besides its work */
    int64_t state_ns;
    int64_t *answer_ns; /* by rank: when it has answered; room for MACHINE_MOST_RANKS of those that can be used */
} Model;

static int64_t travel_ns(const Model *m, uint64_t bytes) {
    return bytes_ns(m->machine->rank_ns_per_kib, bytes);
}

/* ---- elements ---- */

typedef struct Chunks {
    uint64_t n, elements, more; /* the first `more` have one element above `elements` */
} Chunks;

static Chunks chunks_of(uint64_t n, uint64_t ranks) {
    uint64_t chunks = ranks * CHUNKS_PER_RANK;
    chunks = chunks > MOST_CHUNKS ? MOST_CHUNKS : chunks;
    chunks = n < chunks ? n : chunks;
    return (Chunks){chunks, n / chunks, n % chunks};
}

static uint64_t times_bytes(uint64_t bytes, uint64_t n) {
    return bytes > 0 && n > SIZE_MOST / bytes ? SIZE_MOST : bytes * n;
}

/* n > 0 */
static int64_t ns_of_each(const Model *m, uint64_t n, uint64_t ranks) {
    const RanksCost *cost = &m->cost->ranks;
    Chunks chunks = chunks_of(n, ranks);
    int64_t now = 0, last = 0, back_ns = 0;
    for (uint64_t k = 0; k < chunks.n; k++) {
        uint64_t elements = chunks.elements + (k < chunks.more);
        int64_t *answer = &m->answer_ns[k % ranks];
        int64_t task_ns = travel_ns(m, times_bytes(cost->task_bytes, elements));
        if (k < ranks)
            now = add_ns(now, m->state_ns);
        else
            now = add_ns(*answer > now ? *answer : now, back_ns);
        now = add_ns(now, add_ns(m->busy_ns, task_ns));
        *answer = add_ns(add_ns(now, m->rest_ns), times_ns(m->cost->work_ns, elements));
        last = *answer > last ? *answer : last;
        back_ns = travel_ns(m, times_bytes(cost->answer_bytes, elements));
    }
    return add_ns(last, back_ns);
}

static bool pays(int64_t here_ns, int64_t ranks_ns) {
    return ranks_ns < here_ns - LEAST_GAIN_NS && ranks_ns < here_ns - here_ns / 100 * LEAST_RANKS_PERCENT;
}

typedef struct Each {
    const Model *model;
    uint64_t ranks;
} Each;

static bool each_pays(const void *context, uint64_t n) {
    const Each *each = context;
    const Model *m = each->model;
    return pays(here_ns_of_each(m->machine, m->cost, n), ns_of_each(m, n, each->ranks));
}

/* One alone stays here: it is no chunk that others could share. */
static uint64_t pays_from(const Model *m, uint64_t ranks) {
    return least_that_pays(each_pays, &(Each){m, ranks}, m->cost->work_ns);
}

static void reckon_each(const Model *m, RanksCost *out) {
    uint64_t n = whole_elements(m->cost), ranks = m->machine->ranks;
    out->pays_from = UINT64_MAX;
    out->here_ns = here_ns_of_each(m->machine, m->cost, n);
    out->ns = n > 0 ? ns_of_each(m, n, ranks) : 0;
    if (m->cost->work_ns == 0)
        return;
    out->pays_from = pays_from(m, ranks);
    for (uint32_t i = 0; i < out->n_from; i++)
        out->from[i] = pays_from(m, (uint64_t)1 << i);
}

/* ---- branches ---- */

static size_t least(const int64_t *ns, size_t n) {
    size_t at = 0;
    for (size_t i = 1; i < n; i++)
        at = ns[i] < ns[at] ? i : at;
    return at;
}

static int64_t ns_of_branches(const CostWork *w, const Model *m, const Section *section, size_t ranks) {
    const RanksCost *cost = &m->cost->ranks;
    size_t n = section->n_branches, used = ranks < n ? ranks : n;
    int64_t now = 0, last = 0;
    /* What travels is known of all branches together. */
    int64_t task_ns = travel_ns(m, cost->task_bytes / n), back_ns = travel_ns(m, cost->answer_bytes / n);
    for (size_t k = 0; k < n; k++) {
        const Region *branch = section->branches[m->cost->order[k]];
        size_t r = k < used ? k : least(m->answer_ns, used);
        if (k < used)
            now = add_ns(now, m->state_ns);
        else
            now = add_ns(m->answer_ns[r] > now ? m->answer_ns[r] : now, back_ns);
        now = add_ns(now, add_ns(m->busy_ns, task_ns));
        m->answer_ns[r] = add_ns(add_ns(now, m->rest_ns), w->costs->regions[branch->index].work_ns);
        last = m->answer_ns[r] > last ? m->answer_ns[r] : last;
    }
    return add_ns(last, back_ns);
}

static void reckon_branches(const CostWork *w, const Model *m, const Section *section, RanksCost *out) {
    int64_t saved = cost_best_gain(m->machine, m->cost);
    out->here_ns = m->cost->work_ns - saved;
    out->ns = ns_of_branches(w, m, section, m->machine->ranks);
    out->pays_from = pays(out->here_ns, out->ns) ? 0 : UINT64_MAX;
    for (uint32_t i = 0; i < out->n_from; i++)
        out->from[i] = pays(out->here_ns, ns_of_branches(w, m, section, (size_t)1 << i)) ? 0 : UINT64_MAX;
}

/* ---- what travels ---- */

static uint64_t bytes_of(const CostWork *w, const Type *type) {
    static const Assumed assumed = {EACH_ELEMENTS, TEXT_BYTES};
    return size_with_contents(w->sizes, type, assumed);
}

/* What an each runs over goes in pieces, with its chunks, where nothing else reads it. */
static void find_state_bytes(const CostWork *w, const Section *section, RanksCost *out) {
    for (size_t i = 0; i < w->graph->n_fields; i++) {
        const Field *field = w->graph->fields[i];
        if (!field_is_saved(field) || !travel_needs(w->all_uses, section, field))
            continue;
        if (travel_in_pieces(w->all_uses, section) == field)
            out->task_bytes += bytes_of(w, field->type->elem);
        else
            out->state_bytes += bytes_of(w, field->type);
    }
}

/* A branch has values of its own of what it writes: they go there where it reads them too, and come back. */
static void find_frame_bytes(const CostWork *w, const Section *section, RanksCost *out) {
    for (size_t k = 0; k < section->n_branches; k++) {
        const RegionUse *uses = &w->all_uses->regions[section->branches[k]->index];
        for (size_t i = 0; i < uses->n; i++) {
            const FieldUse *use = &uses->uses[i];
            uint64_t bytes = use->writes ? bytes_of(w, use->field->type) : 0;
            out->task_bytes += use->reads ? bytes : 0;
            out->answer_bytes += bytes;
        }
    }
}

/* ---- the whole ---- */

static const char *why_not(CostWork *w, const Section *section) {
    Obstacles obstacles = {0};
    if (w->options->no_threads)
        return "-fstatic-memory has no heap for what goes there";
    if (w->options->no_checkpoints)
        return "with -fno-checkpoints nothing can go there";
    travel_obstacles(w->arena, w->graph, section, w->all_uses, &obstacles);
    return obstacles.n > 0 ? travel_obstacle_text(w->comp->arena, &obstacles.all[0]) : NULL;
}

static void find_uses(CostWork *w) {
    Compilation local = *w->comp;
    local.arena = w->arena;
    if (!w->all_uses)
        w->all_uses = w->uses ? w->uses : liveness_of(&local, w->graph);
}

void find_ranks(CostWork *w, const Section *section) {
    SectionCost *cost = &w->costs->sections[section->index];
    const Machine *machine = w->options->machine;
    RanksCost *out = &cost->ranks;
    if (machine->ranks == 0)
        return;
    find_uses(w);
    out->reckoned = true;
    out->why_not = why_not(w, section);
    if (out->why_not)
        return;
    find_state_bytes(w, section, out);
    find_frame_bytes(w, section, out);
    while (out->n_from < RANK_COUNTS && (uint64_t)1 << out->n_from <= machine->ranks)
        out->n_from++;
    Model model = {.machine = machine, .cost = cost, .busy_ns = machine->rank_chunk_ns / 2};
    model.rest_ns = machine->rank_chunk_ns - model.busy_ns;
    model.state_ns = travel_ns(&model, out->state_bytes);
    model.answer_ns = ARENA_ARRAY(w->arena, int64_t, machine->ranks);
    if (section->over)
        reckon_each(&model, out);
    else
        reckon_branches(w, &model, section, out);
}
