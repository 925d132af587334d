// What programs are expected to cost: the model of threads by itself, then visits, work and
// decisions of whole programs.
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dflc/cost/internal.h"
#include "dflc/sema/sema.h"

enum { US = 1000, MS = 1000000 };

/* The default machine, but that a branch costs what it did in the pool whose figures are checked here:
 * it had no frame of its own. */
static const Machine *pool_prototype(void) {
    static Machine machine;
    machine = *machine_default();
    machine.branch_ns = 5;
    return &machine;
}

/* ---- chunks ---- */

typedef struct Packed {
    const char *name;
    size_t n;
    int64_t ns[12];
    const char *chunks; /* "0 2|1" */
} Packed;

static const char *packing_text(Arena *arena, const Packing *p) {
    const char *text = "";
    for (uint32_t k = 0, i = 0; k < p->n_chunks; k++) {
        text = arena_printf(arena, "%s%s", text, k ? "|" : "");
        for (uint32_t first = i; i < p->chunk_end[k]; i++)
            text = arena_printf(arena, "%s%s%" PRIu32, text, i > first ? " " : "", p->order[i]);
    }
    return text;
}

static void the_largest_chunk_comes_first(void **unused) {
    static const Packed cases[] = {
        {"alone", 1, {5 * US}, "0"},
        {"as written", 3, {3 * US, 2 * US, 1 * US}, "0|1|2"},
        {"the longest first", 3, {1 * US, 3 * US, 2 * US}, "1|2|0"},
        {"equals as written", 3, {2 * US, 2 * US, 2 * US}, "0|1|2"},
        {"small neighbours together", 4, {100, 200, 300, 400}, "0 1 2|3"},
        {"of no work at the end", 5, {100, 0, 200, 300, 0}, "0 1 2|3 4"},
        {"small ones together, where one is not", 4, {100, 200, 300, 800}, "3|0 1 2"},
        {"small ones beside a large one", 4, {100, 5 * US, 200, 300}, "1|0 2 3"},
        {"two at least", 2, {100, 100}, "0|1"},
        {"of nothing", 3, {0, 0, 0}, "0 1|2"},
        {"neighbours together, of equals", 6, {500, 500, 500, 500, 500, 500}, "0 1|2 3|4 5"},
        {"as many for one as for the other", 12, {500, 500, 500, 500, 500, 500, 500, 500, 250, 250, 250, 250},
         "0 1|3 4|5 6|7 8|9 10 11|2"},
        {"shared out evenly", 5, {1 * US, 4 * US, 600, 600, 800}, "1|2 3|0|4"},
    };
    (void)unused;
    Arena *arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Packing p = pack_branches(arena, arena, cases[i].ns, cases[i].n);
        if (strcmp(packing_text(arena, &p), cases[i].chunks) != 0)
            fail_msg("%s: %s", cases[i].name, packing_text(arena, &p));
    }
    arena_free(arena);
}

/* Every branch is in one chunk, none has much less than it should, and there are not too many. */
static void many_branches_make_few_chunks(void **unused) {
    enum { N = 1000 };
    static int64_t ns[N];
    (void)unused;
    for (size_t i = 0; i < N; i++)
        ns[i] = 200 + (int64_t)(i * 37 % 100);
    Arena *arena = arena_new();
    Packing p = pack_branches(arena, arena, ns, N);
    static bool seen[N];
    assert_int_equal(p.n_chunks, MAX_CHUNKS);
    assert_int_equal(p.chunk_end[p.n_chunks - 1], N);
    for (size_t i = 0; i < N; i++) {
        assert_false(seen[p.order[i]]);
        seen[p.order[i]] = true;
    }
    for (uint32_t k = 1; k < p.n_chunks; k++)
        assert_true(p.chunk_ns[k] <= p.chunk_ns[k - 1]);
    /* Of neighbours: by one of them on either side. */
    assert_true(p.whole);
    assert_true(p.chunk_ns[0] - p.chunk_ns[p.n_chunks - 1] <= 2 * 300);
    for (uint32_t k = 0, i = 0; k < p.n_chunks; k++, i++)
        for (; i + 1 < p.chunk_end[k]; i++)
            assert_int_equal(p.order[i + 1], p.order[i] + 1);
    arena_free(arena);
}

/* ---- makespans ---- */

/* The default machine: p 40, h 150, d 20, q 60, j 100; asleep s 11000, L 44000. */
static void chunks_go_to_whoever_is_free(void **unused) {
    static const struct {
        const char *name;
        bool asleep;
        uint32_t cpus;
        size_t n;
        int64_t ns[8], makespan;
    } cases[] = {
        {"alone", false, 2, 1, {1000}, 1040},
        {"two", false, 2, 2, {1000, 1000}, 150 + 1000 + 60 + 100},
        {"the caller's is longer", false, 2, 2, {3000, 1000}, 3040},
        {"three on two: the worker first", false, 2, 3, {1000, 1000, 1000}, 40 + 1000 + 1060},
        {"three on four", false, 4, 3, {1000, 1000, 1000}, 170 + 1060 + 100},
        {"asleep, the caller does it all", true, 2, 2, {5000, 5000}, 11000 + 5000 + 5060},
        {"asleep, both work", true, 2, 2, {90000, 90000}, 44000 + 90060 + 100},
        {"asleep, four", true, 4, 4, {90000, 90000, 90000, 90000}, 44040 + 90060 + 100},
        {"more than one can count", false, 2, 2, {INT64_MAX, INT64_MAX}, INT64_MAX},
    };
    (void)unused;
    const Machine *m = pool_prototype();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t ns = makespan(m, cases[i].asleep ? asleep(m) : awake(m), cases[i].ns, cases[i].n,
                              cases[i].cpus);
        if (ns != cases[i].makespan)
            fail_msg("%s: %" PRId64, cases[i].name, ns);
    }
}

/* Two branches of b pay when b > L + j, but for what taking a chunk and forking costs. */
static void two_branches_pay_above_two_latencies(void **unused) {
    const Machine *m = pool_prototype();
    int64_t even = asleep(m).first_ns + m->join_ns + m->claim_ns + 2 * m->branch_ns;
    (void)unused;
    Arena *arena = arena_new();
    for (int64_t more = -2000; more <= 2000; more += 400) {
        int64_t ns[] = {even + more, even + more};
        assert_int_equal(cost_gain(arena, m, ns, 2, 2).cold_ns, more);
        assert_int_equal(cost_gain(arena, m, ns, 2, 16).cold_ns, more);
    }
    arena_free(arena);
}

/* Many small branches pay above L + s / (P - 1) in all, the closed form for what can be divided at
 * will: it was never more than a tenth off with 60 chunks. */
static void many_branches_pay_above_one_latency(void **unused) {
    const Machine *m = pool_prototype();
    (void)unused;
    Arena *arena = arena_new();
    for (uint32_t cpus = 2; cpus <= 16; cpus *= 2) {
        double even = 44000.0 + 11000.0 / (cpus - 1);
        for (int side = -1; side <= 1; side += 2) {
            int64_t ns[60];
            for (size_t i = 0; i < 60; i++)
                ns[i] = (int64_t)(even * (1 + 0.1 * side) / 60);
            assert_true(side * cost_gain(arena, m, ns, 60, cpus).cold_ns > 0);
        }
    }
    arena_free(arena);
}

/* The cells of the measurement that the model was made from, us: N branches x b. */
static void the_model_is_near_what_was_measured(void **unused) {
    static const struct {
        size_t n;
        int64_t ns;
        bool asleep;
        double measured_us, off;
    } cases[] = {
        {2, 1 * US, false, 1.14, 0.2},  {2, 20 * US, false, 20.1, 0.05},
        {8, 5 * US, false, 20.6, 0.05}, {50, 1 * US, false, 25.7, 0.08},
        {8, 20 * US, true, 109, 0.05},
    };
    (void)unused;
    Arena *arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t ns[64];
        for (size_t k = 0; k < cases[i].n; k++)
            ns[k] = cases[i].ns;
        Gain gain = cost_gain(arena, pool_prototype(), ns, cases[i].n, 2);
        double inline_us = (double)cases[i].ns * (double)cases[i].n / US;
        double us = inline_us - (double)(cases[i].asleep ? gain.cold_ns : gain.hot_ns) / US;
        if (us < cases[i].measured_us * (1 - cases[i].off) ||
            us > cases[i].measured_us * (1 + cases[i].off))
            fail_msg("%zu: %g us, measured %g", i, us, cases[i].measured_us);
    }
    arena_free(arena);
}

static void a_gain_must_be_told_from_noise(void **unused) {
    (void)unused;
    assert_false(cost_pays(500, 1000));
    assert_true(cost_pays(501, 1000));
    assert_false(cost_pays(600, 12000));
    assert_true(cost_pays(700, 12000));
    assert_false(cost_pays(-5000, 1000));
}

/* ---- programs ---- */

typedef struct Costed {
    Arena *arena;
    Program *program;
    const Graph *graph; /* the last one */
    const Costs *costs;
} Costed;

static Costed costed_on(const char *text, SectionMode mode, const Machine *machine) {
    Arena *arena = arena_new();
    Compilation *comp = ARENA_NEW(arena, Compilation);
    *comp = (Compilation){arena, interner_new(arena), diags_new(arena)};
    AstFile *file = ast_parse(comp, source_from_text(arena, "x.dfl", text, strlen(text)));
    if (diags_errors(comp->diags) == 0) {
        Program *program = sema_program(comp, file, NULL, 0);
        if (diags_errors(comp->diags) == 0) {
            CostOptions options = {.sections = mode, .machine = machine};
            const Graph *graph = program->graphs[program->n_graphs - 1];
            const Costs *costs = costs_of(cost_program(comp, program, options), graph);
            return (Costed){arena, program, graph, costs};
        }
    }
    diags_print(comp->diags, stderr, false);
    fail_msg("refused: %.300s", text);
    return (Costed){0};
}

static Costed costed_as(const char *text, SectionMode mode) {
    return costed_on(text, mode, pool_prototype());
}

static Costed costed(const char *text) {
    return costed_as(text, SECTION_AUTO);
}

static const Node *find_node(const Costed *c, const char *name) {
    for (size_t i = 0; i < c->graph->n_nodes; i++)
        if (strcmp(c->graph->nodes[i]->name, name) == 0)
            return c->graph->nodes[i];
    fail_msg("no node '%s'", name);
    return NULL;
}

/* "a 3 b 1.5": each node with how often it runs. */
static void check_visits(const char *body, const char *expected) {
    char text[4096], seen[64], word[64];
    double times, is;
    int used;
    snprintf(text, sizeof text, "graph g { state { in n : i32; in k : u8; } %s }", body);
    Costed c = costed(text);
    for (const char *p = expected; sscanf(p, "%63s %lf%n", word, &times, &used) == 2; p += used) {
        const Node *node = find_node(&c, word);
        is = (double)c.costs->visits[node->place->index] / (double)VISIT_ONCE;
        snprintf(seen, sizeof seen, "%.3f", is);
        if (is < times - 0.002 || is > times + 0.002)
            fail_msg("%s: %s runs %s times, not %g", body, word, seen, times);
    }
    arena_free(c.arena);
}

#define NODES "node a(in n); node b(in n); node c(in n); node d(in n); node e(in n);"

static void visits_follow_the_ways(void **unused) {
    (void)unused;
    check_visits(NODES "start -> a -> b -> c -> d -> e -> end;", "a 1 b 1 c 1 d 1 e 1");
    /* Choices: evenly, an arm as much as another; what constants decide is decided. */
    check_visits(NODES "start -> a -> b when n > 0; a -> c; b, c -> d -> e -> end;",
                 "a 1 b 0.5 c 0.5 d 1 e 1");
    check_visits(NODES "start -> a -> when { n > 3 -> b; n > 2 -> c; else -> d; }"
                       "b, c, d -> e -> end;",
                 "a 1 b 0.333 c 0.333 d 0.333 e 1");
    check_visits(NODES "start -> a -> match n { 1, 2 -> b; 3 -> c; 4 -> d; else -> e; }"
                       "b, c, d, e -> end;",
                 "b 0.25 c 0.25 d 0.25 e 0.25");
    check_visits(NODES "start -> a -> b when k > 255; a -> c; b, c -> d -> e -> end;",
                 "b 0 c 1 d 1");
    /* Nobody expects failures. */
    check_visits(NODES "start -> a -> b -> end; a -> c on error; c -> d -> e -> end;",
                 "a 1 b 1 c 0 d 0 e 0");
}

static void loops_turn_some_times(void **unused) {
    (void)unused;
    /* Around one node, around several, left at their end and in their midst. */
    check_visits(NODES "start -> a -> a when n > 1 max 9; a -> b -> c -> d -> e -> end;",
                 "a 3 b 1 e 1");
    check_visits(NODES "start -> a -> b -> c -> b when n > 1; c -> d -> e -> end;",
                 "a 1 b 3 c 3 d 1");
    check_visits(NODES "start -> a -> b when n > 1; a -> d; b -> c -> a; d -> e -> end;",
                 "a 3 b 2 c 2 d 1 e 1");
    /* `max` and `limit` bound them. */
    check_visits(NODES "start -> a -> a when n > 1 max 1; a -> b -> c -> d -> e -> end;",
                 "a 2 b 1");
    check_visits(NODES "limit steps 2; start -> a -> a when n > 1; a -> b -> c -> d -> e -> end;",
                 "a 2 b 1");
    /* One in another turns each time that the other one does. */
    check_visits(NODES "start -> a -> b -> c -> c when n > 1 max 5; c -> d -> b when n > 2 max 5;"
                       "d -> e -> end;",
                 "a 1 b 3 c 9 d 3 e 1");
    /* A way from the inner one out of both. */
    check_visits(NODES
                 "start -> a -> b -> c -> b when n > 3; c -> d -> a when n > 2; b -> e when n > 1;"
                 "d -> e -> end;",
                 "e 1");
    /* One that only a failure closes does not turn; one without a way on turns all the same. */
    check_visits(NODES "start -> a -> b -> c -> d -> end; a -> e on error; e -> a;", "a 1 b 1 e 0");
    check_visits("limit none; " NODES "start -> a -> b -> c -> a; b -> d on error; d -> e -> end;",
                 "a 3 b 3 c 3 d 1 e 1");
}

static void loops_may_be_entered_anywhere(void **unused) {
    (void)unused;
    check_visits(NODES "start -> a -> b when n > 5; a -> c; b -> c when n > 1; b -> d; c -> b;"
                       "d -> e -> end;",
                 "a 1 d 1 e 1");
    check_visits(NODES "start -> a -> d when n > 4; a -> b; d -> c; b -> c when n > 6; b -> e;"
                       "c -> b when n > 4; c -> e; e -> a when n > 7 max 2; e -> end;",
                 "a 3 e 3");
}

/* ---- work and decisions ---- */

#define STATE                                                                                      \
    "state { in n : i32; in docs : string[]; in few : string[4]; x : f64 = 0; y : f64 = 0;"        \
    " z : f64 merge sum; words : string[] merge append; }"

typedef struct Decided {
    const char *text; /* of the last graph's body */
    int64_t work_ns, span_ns, total_ns;
    unsigned basis;
    SectionRun run;
    const char *reason;
} Decided;

static void check_decision(const Decided *d) {
    char text[4096];
    snprintf(text, sizeof text,
             "graph child { state { in q : i32; out r : f64; } node one (in q, out r) cost 3us;"
             " start -> one -> one when q > 3 max 4; one -> end; }"
             "graph silent { state { in q : i32; out r : f64; } node one (in q, out r);"
             " start -> one -> end; }"
             "graph g { " STATE " %s }",
             d->text);
    Costed c = costed(text);
    const SectionCost *cost = &c.costs->sections[0];
    if (cost->work_ns != d->work_ns || cost->span_ns != d->span_ns || cost->basis != d->basis ||
        cost->total_ns != d->total_ns || cost->run != d->run ||
        strcmp(cost->reason, d->reason) != 0)
        fail_msg("%s: work %" PRId64 ", span %" PRId64 ", total %" PRId64 ", basis %u, run %d, %s",
                 d->text, cost->work_ns, cost->span_ns, cost->total_ns, cost->basis, (int)cost->run,
                 cost->reason);
    arena_free(c.arena);
}

static void sections_are_decided(void **unused) {
    static const Decided cases[] = {
        {"node a (in n, out x) cost 1us; node b (in n, out y) cost 1us; start -> [a, b] -> end;",
         2000, 1000, 2000, BASIS_ANNOTATED, RUN_EITHER,
         "threads as they pay: 2000 ns inline; on 2 CPUs 1320 awake, 13070 asleep"},
        {"node a (in n, out x) cost 100ns; node b (in n, out y) cost 1us; start -> [a, b] -> end;",
         1100, 1000, 1100, BASIS_ANNOTATED, RUN_INLINE,
         "inline: of 1100 ns threads would save only 50"},
        {"node a (in n, out x) cost 10ns; node b (in n, out y) cost 10ns; start -> [a, b] -> end;",
         20, 10, 20, BASIS_ANNOTATED, RUN_INLINE,
         "inline: 20 ns of work is too little for threads"},
        {"node a (in n, out x) cost 10us; node b (in n, out y); start -> [a, b] -> end;", 10000,
         10000, 10000, BASIS_ANNOTATED | BASIS_MISSING, RUN_INLINE,
         "inline: not every node in it says its cost"},
        /* What is known is a bound from below, and enough. */
        {"node a (in n, out x) cost 10us; node b (in n, out y); node c (in n) cost 9us;"
         "start -> [a, b, c] -> end;",
         19000, 10000, 19000, BASIS_ANNOTATED | BASIS_MISSING, RUN_EITHER,
         "threads as they pay: 19000 ns inline; on 2 CPUs 10055 awake, 30135 asleep"},
        {"node a (in n, out x) cost 1us; node b (in n, out y) cost 1us;"
         "start -> [a, b] threads -> end;",
         2000, 1000, 2000, BASIS_ANNOTATED, RUN_THREADS, "threads: the source says so"},
        /* Each branch that writes strings, lists or maps has an arena to make. */
        {"node a (in n, out words) cost 1us; node b (in n, out y) cost 1us; start -> [a, b] -> "
         "end;",
         2000, 1000, 2000, BASIS_ANNOTATED, RUN_INLINE,
         "inline: of 2000 ns threads would save only 380"},
        {"node a (in n, out words) cost 2us; node b (in n, out words) cost 2us; start -> [a, b] -> "
         "end;",
         4000, 2000, 4000, BASIS_ANNOTATED, RUN_EITHER,
         "threads as they pay: 4000 ns inline; on 2 CPUs 2920 awake, 15670 asleep"},
        /* A graph that a node runs; its own `cost` wins. */
        {"node a runs child (in q = n, out x = r); node b (in n, out y) cost 9us;"
         "start -> [a, b] -> end;",
         18000, 9000, 18000, BASIS_ANNOTATED | BASIS_ASSUMED, RUN_EITHER,
         "threads as they pay: 18000 ns inline; on 2 CPUs 9320 awake, 29070 asleep (annotated, "
         "assumed)"},
        {"node a runs silent (in q = n, out x = r) cost 2us; node b (in n, out y) cost 1us;"
         "start -> [a, b] -> end;",
         3000, 2000, 3000, BASIS_ANNOTATED, RUN_EITHER,
         "threads as they pay: 3000 ns inline; on 2 CPUs 2050 awake, 14070 asleep"},
        /* Elements. */
        {"node a (in doc : string, out z) cost 100ns; start -> each doc in docs [a] -> end;", 100,
         100, 800, BASIS_ANNOTATED, RUN_EITHER,
         "threads as they pay: with 2 CPUs from 20 elements on, asleep from 589; 100 ns each"},
        {"node a (in doc : string, out z) cost 0us; start -> each doc in docs [a] -> end;", 0, 0, 0,
         BASIS_ANNOTATED, RUN_INLINE, "inline: an element takes no time"},
        /* Around others, an each has as many elements as its array, or a few. */
        {"node a (in doc : string, out z) cost 1us; node b (in n, out y) cost 4us;"
         "start -> [e: each doc in few [a] inline, b] -> end;",
         8000, 4000, 8000, BASIS_ANNOTATED, RUN_EITHER,
         "threads as they pay: 8000 ns inline; on 2 CPUs 4320 awake, 19070 asleep"},
        {"node a (in doc : string, out z) cost 1us; node b (in n, out y) cost 4us;"
         "start -> [e: each doc in docs [a] inline, b] -> end;",
         12000, 8000, 12000, BASIS_ANNOTATED | BASIS_ASSUMED, RUN_EITHER,
         "threads as they pay: 12000 ns inline; on 2 CPUs 8050 awake, 23070 asleep (annotated, "
         "assumed)"},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_decision(&cases[i]);
}

/* Thresholds fit the gains that they come from. */
static void counts_pay_from_where_the_gain_begins(void **unused) {
    static const char *const costs[] = {"3ns", "100ns", "1us", "7us", "40us", "3ms"};
    static const int64_t ns[] = {3, 100, 1 * US, 7 * US, 40 * US, 3 * MS};
    const Machine *m = pool_prototype();
    (void)unused;
    for (size_t i = 0; i < sizeof ns / sizeof *ns; i++) {
        char text[512];
        snprintf(text, sizeof text,
                 "graph g { " STATE " node a (in doc : string, out z) cost %s;"
                 " start -> each doc in docs [a] -> end; }",
                 costs[i]);
        Costed c = costed(text);
        for (size_t k = 0; k < COST_CPUS; k++) {
            PaysFrom from = c.costs->sections[0].from[k];
            int64_t n = (int64_t)from.hot, before = n - 1;
            int64_t with = n * ns[i] - makespan_of_each(m, awake(m), ns[i], from.hot, cost_cpus[k]);
            assert_true(cost_pays(with, n * ns[i]));
            with = before * ns[i] -
                   makespan_of_each(m, awake(m), ns[i], (uint64_t)before, cost_cpus[k]);
            assert_true(n == 2 || !cost_pays(with, before * ns[i]));
            n = (int64_t)from.cold;
            assert_true(n * ns[i] > makespan_of_each(m, asleep(m), ns[i], from.cold, cost_cpus[k]));
            assert_true(from.cold >= from.hot);
            assert_true(k == 0 || from.hot <= c.costs->sections[0].from[k - 1].hot);
        }
        arena_free(c.arena);
    }
}

static void a_large_copy_is_paid_for(void **unused) {
    static const char text[] =
        "graph g { state { in n : i32; big : f64[100000]; y : f64 = 0; out r : f64; }"
        " node fill (in n, out big) cost 1us;"
        " node a (inout big) cost 12us; node b (in n, out y) cost 12us;"
        " node d (in big, y, out r) cost 1us; start -> fill -> [a, b] -> d -> end; }";
    (void)unused;
    Costed c = costed(text);
    const SectionCost *cost = &c.costs->sections[0];
    assert_int_equal(cost->copied_bytes, 800000);
    assert_int_equal(cost->gain[0].hot_ns, 24000 - (12000 + 60 + 150 + 100 + 10) - 15625);
    assert_int_equal(cost->run, RUN_INLINE);
    arena_free(c.arena);
}

static void flags_and_graphs(void **unused) {
    static const char text[] =
        "graph child { state { in q : i32; out r : f64; } node one (in q, out r) cost 3us;"
        " start -> one -> end; }"
        "graph g { " STATE " node a runs child (in q = n, out x = r); node b (in n) cost 1us;"
        " start -> [a, b] -> end; }";
    (void)unused;
    Costed c = costed_as(text, SECTION_THREADS);
    assert_int_equal(c.costs->sections[0].run, RUN_THREADS);
    assert_string_equal(c.costs->sections[0].reason, "threads: -fsections says so");
    assert_int_equal(c.costs->regions[0].work_ns, 4000);
    assert_int_equal(c.costs->nodes[find_node(&c, "a")->index].ns, 3000);
    arena_free(c.arena);
}

/* ---- ranks ---- */

/* One CPU, so that what is here is inline. */
static Machine with_ranks(uint32_t ranks) {
    Machine machine = *pool_prototype();
    machine.cpus = 1;
    machine.ranks = ranks;
    machine.rank_chunk_ns = 2420;
    machine.rank_ns_per_kib = 200;
    return machine;
}

/* note [rank 0] of cost/ranks.c, by hand. */
static void what_ranks_take(void **unused) {
    static const struct {
        uint32_t ranks;
        const char *body;
        int64_t ns;
    } cases[] = {
        /* One after the other, and rank 0 is busy only between them. */
        {1, "node a (in f : string, out z) cost 1ms; start -> each f in few [a] -> end;",
         4 * (1000000 + 2420) + 272 * 200 / 1024 + 4 * (8 * 200 / 1024)},
        /* All at once, but that rank 0 begins one after the other: 272 bytes to each. */
        {4, "node a (in f : string, out z) cost 1ms; start -> each f in few [a] -> end;",
         3 * 1210 + 4 * (272 * 200 / 1024) + 2420 + 1000000 + 8 * 200 / 1024},
        {64, "node a (in f : string, out z) cost 1ms; start -> each f in few [a] -> end;",
         3 * 1210 + 4 * (272 * 200 / 1024) + 2420 + 1000000 + 8 * 200 / 1024},
        /* The longest branch goes first. */
        {2, "node a (in n, out x) cost 1ms; node b (in n, out y) cost 1ms; node d (in n, out z) cost 2ms;"
            " start -> [a, b, d] -> end;",
         5 * 1210 + 2 * 1000000},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Machine machine = with_ranks(cases[i].ranks);
        char text[1024];
        snprintf(text, sizeof text, "graph g { " STATE " %s }", cases[i].body);
        Costed c = costed_on(text, SECTION_AUTO, &machine);
        const RanksCost *ranks = &c.costs->sections[0].ranks;
        if (ranks->ns < cases[i].ns - 50 || ranks->ns > cases[i].ns + 50)
            fail_msg("%" PRIu32 " ranks, %s: %" PRId64 ", not %" PRId64, cases[i].ranks, cases[i].body, ranks->ns,
                     cases[i].ns);
        arena_free(c.arena);
    }
}

/* 448 points of 1.06 ms on the ranks of a VM: bench/README.md, Ranks. */
static void ranks_take_about_what_was_measured(void **unused) {
    static const struct {
        uint32_t ranks;
        int64_t measured_us;
    } cases[] = {{1, 486900}, {3, 161400}, {7, 70000}};
    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Machine machine = with_ranks(cases[i].ranks);
        Costed c = costed_on("graph g { state { points : f64[448]; z : f64 merge sum; }"
                             " node a (in p : f64, out z) cost 1060us; start -> each p in points [a] -> end; }",
                             SECTION_AUTO, &machine);
        int64_t ns = c.costs->sections[0].ranks.ns, measured_ns = cases[i].measured_us * US;
        assert_true(ns > measured_ns / 100 * 95 && ns < measured_ns / 100 * 105);
        arena_free(c.arena);
    }
}

/* Thresholds fit the times that they come from; of work that is not small more ranks do not pay later, and one never does. */
static void ranks_pay_from_where_the_gain_begins(void **unused) {
    Machine machine = with_ranks(100);
    (void)unused;
    for (int64_t us = 1; us <= 10000; us *= 10) {
        char text[512];
        snprintf(text, sizeof text,
                 "graph g { " STATE " node a (in doc : string, out z) cost %dus; start -> each doc in docs [a] -> end; }",
                 (int)us);
        Costed c = costed_on(text, SECTION_AUTO, &machine);
        const RanksCost *ranks = &c.costs->sections[0].ranks;
        assert_int_equal(ranks->n_from, 7); /* 1 to 64 */
        assert_int_equal(ranks->from[0], UINT64_MAX);
        for (uint32_t k = 2; us >= 100 && k < ranks->n_from; k++)
            assert_true(ranks->from[k] <= ranks->from[k - 1]);
        assert_true(us == 1 || ranks->chosen);
        arena_free(c.arena);
    }
}

static void what_keeps_a_section_here(void **unused) {
    static const struct {
        const char *state, *nodes, *why;
    } cases[] = {
        {"", "node a (in n, out x) cost 1s pause after; node b (in n, out y) cost 1s;", "'a' pauses the run"},
        {"h : handle \"int\";", "node a (in h, out x) cost 1s; node b (in n, out y) cost 1s;", "'h' is a handle"},
        {"t : i32 = 0 transient;", "node a (in t, out x) cost 1s; node b (in n, out y) cost 1s;", "'t' is transient"},
        {"", "node a runs child (in q = n, out x = r); node b (in n, out y) cost 1s;", "'one' pauses the run"},
    };
    Machine machine = with_ranks(8);
    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[1024];
        snprintf(text, sizeof text,
                 "graph child { state { in q : i32; out r : f64; } node one (in q, out r) cost 3s pause before;"
                 " start -> one -> end; }"
                 "graph g { state { in n : i32; x : f64 = 0; y : f64 = 0; %s } %s start -> [a, b] -> end; }",
                 cases[i].state, cases[i].nodes);
        Costed c = costed_on(text, SECTION_AUTO, &machine);
        assert_string_equal(c.costs->sections[0].ranks.why_not, cases[i].why);
        assert_false(c.costs->sections[0].ranks.chosen);
        assert_int_equal(c.costs->sections[0].run, RUN_INLINE);
        arena_free(c.arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_largest_chunk_comes_first),
        cmocka_unit_test(many_branches_make_few_chunks),
        cmocka_unit_test(chunks_go_to_whoever_is_free),
        cmocka_unit_test(two_branches_pay_above_two_latencies),
        cmocka_unit_test(many_branches_pay_above_one_latency),
        cmocka_unit_test(the_model_is_near_what_was_measured),
        cmocka_unit_test(a_gain_must_be_told_from_noise),
        cmocka_unit_test(visits_follow_the_ways),
        cmocka_unit_test(loops_turn_some_times),
        cmocka_unit_test(loops_may_be_entered_anywhere),
        cmocka_unit_test(sections_are_decided),
        cmocka_unit_test(counts_pay_from_where_the_gain_begins),
        cmocka_unit_test(a_large_copy_is_paid_for),
        cmocka_unit_test(flags_and_graphs),
        cmocka_unit_test(what_ranks_take),
        cmocka_unit_test(ranks_take_about_what_was_measured),
        cmocka_unit_test(ranks_pay_from_where_the_gain_begins),
        cmocka_unit_test(what_keeps_a_section_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
