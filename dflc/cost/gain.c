/* How long a section takes on threads, and what that saves.
 *
 * note [list scheduling with late machines]
 * The caller (worker 0) publishes the section and begins with the largest chunk; worker k begins
 * later, by what it takes to be reached. Whoever is free takes the next chunk. With the chunks
 * c1 >= c2 >= ... and the constants of machine.h:
 *
 *     a[0] = (asleep ? s : p) + c1
 *     a[k] = (asleep ? L : h) + (k - 1) d
 *     the next chunk ci goes to the smallest a, which grows by ci + q
 *     T    = max(a[0], a[k] + j for every k that took a chunk)
 *
 * s and L are what waking takes the caller, and until the first worker runs. Measured beside a
 * prototype this was 3 to 8 % off, and decided right in 103 of 114 cases. Two branches of b then pay
 * when b > L + j; many pay above L + s / (P - 1) in all.
 *
 * To T comes what the caller does for each branch, and what the fork copies: inline the copies are
 * made too, but on threads they must also get into another CPU's cache, which takes about as long
 * as the copy.
 *
 * Asleep is taken for as long as after 2 ms: whoever waits for a disk or a network between sections
 * waits longer than the pool spins. */
#include "internal.h"

enum { MAX_CPUS = 16, CHUNKS_PER_CPU = 4 };

Awakening awake(const Machine *machine) {
    return (Awakening){machine->publish_ns, machine->hand_over_ns};
}

Awakening asleep(const Machine *machine) {
    return (Awakening){machine->after_2ms.caller_ns, machine->after_2ms.latency_ns};
}

/* ---- the model ---- */

typedef struct Workers {
    int64_t free_ns[MAX_CPUS]; /* a */
    bool used[MAX_CPUS];
    uint32_t n;
} Workers;

static Workers begin(const Machine *machine, Awakening from, int64_t first_ns, uint32_t cpus) {
    Workers w = {.n = cpus};
    w.free_ns[0] = add_ns(from.caller_ns, first_ns);
    for (uint32_t k = 1; k < cpus; k++)
        w.free_ns[k] = add_ns(from.first_ns, (k - 1) * machine->stagger_ns);
    return w;
}

static void take(const Machine *machine, Workers *w, int64_t chunk_ns) {
    uint32_t first = 0;
    for (uint32_t k = 1; k < w->n; k++)
        if (w->free_ns[k] < w->free_ns[first])
            first = k;
    w->free_ns[first] = add_ns(w->free_ns[first], add_ns(chunk_ns, machine->claim_ns));
    w->used[first] = true;
}

static int64_t end(const Machine *machine, const Workers *w) {
    int64_t last = w->free_ns[0];
    for (uint32_t k = 1; k < w->n; k++) {
        int64_t joined = add_ns(w->free_ns[k], machine->join_ns);
        if (w->used[k] && joined > last)
            last = joined;
    }
    return last;
}

int64_t makespan(const Machine *machine, Awakening from, const int64_t *chunk_ns, size_t n_chunks,
                 uint32_t cpus) {
    Workers w = begin(machine, from, chunk_ns[0], cpus);
    for (size_t i = 1; i < n_chunks; i++)
        take(machine, &w, chunk_ns[i]);
    return end(machine, &w);
}

int64_t times_ns(int64_t ns, uint64_t n) {
    return ns > 0 && n > (uint64_t)(INT64_MAX / ns) ? INT64_MAX : ns * (int64_t)n;
}

int64_t bytes_ns(int64_t ns_per_kib, uint64_t bytes) {
    return add_ns(times_ns(ns_per_kib, bytes / 1024), ns_per_kib * (int64_t)(bytes % 1024) / 1024);
}

uint64_t least_that_pays(EachPays *pays, const void *context, int64_t work_ns) {
    uint64_t few = 1, many = 2;
    while (!pays(context, many)) {
        if (many > UINT32_MAX || times_ns(work_ns, many) == INT64_MAX)
            return UINT64_MAX;
        few = many;
        many *= 2;
    }
    while (few + 1 < many) {
        uint64_t middle = few + (many - few) / 2;
        if (pays(context, middle))
            many = middle;
        else
            few = middle;
    }
    return many;
}

static uint64_t chunks_of_each(int64_t element_ns, uint64_t n, uint32_t cpus) {
    uint64_t least = element_ns >= CHUNK_NS ? 1 : (uint64_t)((CHUNK_NS - 1) / element_ns + 1);
    uint64_t chunks = n / least, most = (uint64_t)CHUNKS_PER_CPU * cpus;
    return chunks < 1 ? 1 : chunks > most ? most : chunks;
}

/* The first n % chunks have one element more. */
int64_t makespan_of_each(const Machine *machine, Awakening from, int64_t element_ns, uint64_t n,
                         uint32_t cpus) {
    uint64_t chunks = chunks_of_each(element_ns, n, cpus), more = n % chunks;
    int64_t chunk_ns = times_ns(element_ns, n / chunks);
    int64_t large_ns = add_ns(chunk_ns, element_ns);
    Workers w = begin(machine, from, more > 0 ? large_ns : chunk_ns, cpus);
    for (uint64_t i = 1; i < chunks; i++)
        take(machine, &w, i < more ? large_ns : chunk_ns);
    return add_ns(end(machine, &w), (int64_t)chunks * machine->branch_ns);
}

bool cost_is_possible(const Machine *machine, size_t i) {
    return machine->cpus == 0 || cost_cpus[i] <= machine->cpus;
}

bool cost_pays(int64_t gain_ns, int64_t inline_ns) {
    return gain_ns > LEAST_GAIN_NS && gain_ns / LEAST_GAIN_PERCENT > inline_ns / 100;
}

/* ---- branches ---- */

static Gain gain_of(const Machine *machine, const Packing *packing, int64_t inline_ns,
                    int64_t besides_ns, uint32_t cpus) {
    const int64_t *ns = packing->chunk_ns;
    size_t n = packing->n_chunks;
    return (Gain){
        inline_ns - add_ns(makespan(machine, awake(machine), ns, n, cpus), besides_ns),
        inline_ns - add_ns(makespan(machine, asleep(machine), ns, n, cpus), besides_ns),
    };
}

Gain cost_gain(Arena *arena, const Machine *machine, const int64_t *branch_ns, size_t n,
               uint32_t cpus) {
    Packing packing = pack_branches(arena, arena, branch_ns, n);
    int64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum = add_ns(sum, branch_ns[i]);
    return gain_of(machine, &packing, sum, times_ns(machine->branch_ns, n), cpus);
}

/* A branch of which nobody knows how long it takes gets a chunk of its own. */
static void find_gains_of_branches(CostWork *w, const Section *section, SectionCost *cost) {
    size_t n = section->n_branches;
    const Machine *machine = w->options->machine;
    int64_t *weights = ARENA_ARRAY(w->arena, int64_t, n);
    for (size_t i = 0; i < n; i++) {
        const RegionCost *branch = &w->costs->regions[section->branches[i]->index];
        weights[i] = branch->known || branch->work_ns > CHUNK_NS ? branch->work_ns : CHUNK_NS;
    }
    Packing packing = pack_branches(w->comp->arena, w->arena, weights, n);
    cost->order = packing.order;
    cost->chunk_end = packing.chunk_end;
    cost->n_chunks = packing.n_chunks;
    cost->even_chunks = packing.even;
    cost->whole_chunks = packing.whole && !section->settle;
    for (uint32_t k = 0, i = 0; k < packing.n_chunks; k++) {
        packing.chunk_ns[k] = 0;
        for (; i < packing.chunk_end[k]; i++)
            packing.chunk_ns[k] =
                add_ns(packing.chunk_ns[k],
                       w->costs->regions[section->branches[packing.order[i]]->index].work_ns);
    }
    /* In a chunk that is one function a branch takes what it takes inline. */
    int64_t besides = times_ns(machine->branch_ns, cost->whole_chunks ? cost->n_chunks : n);
    besides = add_ns(besides, bytes_ns(machine->copy_ns_per_kib, cost->copied_bytes));
    besides = add_ns(besides, times_ns(ARENA_NS, cost->n_arenas));
    besides = add_ns(besides, times_ns(UNION_NS, cost->n_unions));
    for (size_t i = 0; i < COST_CPUS; i++)
        cost->gain[i] = gain_of(machine, &packing, cost->work_ns, besides, cost_cpus[i]);
}

/* ---- elements ---- */

typedef struct Each {
    const Machine *machine;
    Awakening from;
    int64_t work_ns, element_ns; /* inline; on a thread */
    uint32_t cpus;
    bool any_gain; /* any pays, not only what LEAST_GAIN says */
} Each;

static int64_t gain_of_each(const Each *each, uint64_t n) {
    return times_ns(each->work_ns, n) -
           makespan_of_each(each->machine, each->from, each->element_ns, n, each->cpus);
}

static bool each_pays(const void *context, uint64_t n) {
    const Each *each = context;
    int64_t gain = gain_of_each(each, n);
    return each->any_gain ? gain > 0 : cost_pays(gain, times_ns(each->work_ns, n));
}

uint64_t whole_elements(const SectionCost *cost) {
    return cost->elements / VISIT_ONCE + (cost->elements % VISIT_ONCE >= VISIT_ONCE / 2);
}

int64_t here_ns_of_each(const Machine *machine, const SectionCost *cost, uint64_t n) {
    int64_t element_ns = add_ns(cost->work_ns, bytes_ns(machine->copy_ns_per_kib, cost->copied_bytes));
    int64_t best = times_ns(cost->work_ns, n);
    for (size_t i = 0; n > 0 && cost->work_ns > 0 && i < COST_CPUS && cost_is_possible(machine, i); i++) {
        int64_t ns = makespan_of_each(machine, awake(machine), element_ns, n, cost_cpus[i]);
        best = ns < best ? ns : best;
    }
    return best;
}

static void find_gains_of_each(const CostWork *w, SectionCost *cost) {
    const Machine *machine = w->options->machine;
    uint64_t n = whole_elements(cost);
    Each hot = {.machine = machine, .from = awake(machine), .work_ns = cost->work_ns};
    hot.element_ns = add_ns(cost->work_ns, bytes_ns(machine->copy_ns_per_kib, cost->copied_bytes));
    Each cold = hot;
    cold.from = asleep(machine);
    cold.any_gain = true;
    for (size_t i = 0; i < COST_CPUS; i++) {
        cost->from[i] = (PaysFrom){UINT64_MAX, UINT64_MAX};
        if (cost->work_ns == 0)
            continue;
        hot.cpus = cold.cpus = cost_cpus[i];
        cost->from[i] = (PaysFrom){least_that_pays(each_pays, &hot, cost->work_ns),
                                   least_that_pays(each_pays, &cold, cost->work_ns)};
        if (n > 0)
            cost->gain[i] = (Gain){gain_of_each(&hot, n), gain_of_each(&cold, n)};
    }
}

void find_gains(CostWork *w, const Section *section) {
    SectionCost *cost = &w->costs->sections[section->index];
    if (section->over)
        find_gains_of_each(w, cost);
    else
        find_gains_of_branches(w, section, cost);
}
