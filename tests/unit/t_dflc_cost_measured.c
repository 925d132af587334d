// What a profile would say replaces what is assumed: the four questions of cost/measured.c are answered
// here, by the names of nodes.
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

/* a: 7 us a call, 2.5 calls for each entry of its region. b: its ways were taken 30 and 10 times,
 * and it failed 0 times. Every each has 100.5 elements. */
bool measured_node(const CostWork *w, const Node *node, int64_t *mean_ns) {
    (void)w;
    if (strcmp(node->name, "a") != 0)
        return false;
    *mean_ns = 7000;
    return true;
}

bool measured_visits(const CostWork *w, const Place *place, Visits *visits) {
    (void)w;
    if (!place->node || strcmp(place->node->name, "a") != 0)
        return false;
    *visits = VISIT_ONCE * 5 / 2;
    return true;
}

bool measured_elements(const CostWork *w, const Section *section, Visits *elements) {
    (void)w, (void)section;
    *elements = VISIT_ONCE * 100 + VISIT_ONCE / 2;
    return true;
}

bool measured_ways(const CostWork *w, const Place *place, uint64_t *counts, uint64_t *total) {
    (void)w;
    if (!place->node || strcmp(place->node->name, "b") != 0)
        return false;
    for (size_t i = 0; i < ways_count(place); i++)
        counts[i] = i == 0 ? 30 : i == 1 ? 10 : 0;
    *total = 40;
    return true;
}

typedef struct Costed {
    Arena *arena;
    const Graph *graph;
    const Costs *costs;
} Costed;

static Costed costed(const char *body) {
    Arena *arena = arena_new();
    Compilation *comp = ARENA_NEW(arena, Compilation);
    *comp = (Compilation){arena, interner_new(arena), diags_new(arena)};
    const char *text = arena_printf(
        arena, "graph g { state { in n : i32; in docs : string[]; x : i64 merge sum; } %s }", body);
    AstFile *file = ast_parse(comp, source_from_text(arena, "x.dfl", text, strlen(text)));
    Program *program = diags_errors(comp->diags) ? NULL : sema_program(comp, file, NULL, 0);
    bool refused = diags_errors(comp->diags) > 0;
    diags_print(comp->diags, stderr, false);
    if (refused)
        fail_msg("refused: %s", text);
    CostOptions options = {.sections = SECTION_AUTO, .machine = machine_default()};
    return (Costed){arena, program->graphs[0],
                    costs_of(cost_program(comp, program, options), program->graphs[0])};
}

static double visits_of(const Costed *c, const char *name) {
    for (size_t i = 0; i < c->graph->n_nodes; i++)
        if (strcmp(c->graph->nodes[i]->name, name) == 0)
            return (double)c->costs->visits[c->graph->nodes[i]->place->index] / (double)VISIT_ONCE;
    fail_msg("no node '%s'", name);
    return 0;
}

static void times_and_calls_replace_what_is_written(void **unused) {
    (void)unused;
    Costed c = costed("node a (in n, out x) cost 1us; node c (in n, out x) cost 2us;"
                      "start -> [a, c] -> end;");
    assert_int_equal(c.costs->sections[0].work_ns, 17500 + 2000);
    assert_int_equal(c.costs->sections[0].span_ns, 17500);
    assert_int_equal(c.costs->sections[0].basis, BASIS_PROFILED | BASIS_ANNOTATED);
    assert_non_null(strstr(c.costs->sections[0].reason, "(annotated, profiled)"));
    arena_free(c.arena);
}

static void ways_are_taken_as_they_were(void **unused) {
    (void)unused;
    Costed c = costed("node b (in n); node c (in n) cost 4us; node d (in n) cost 8us;"
                      "start -> b -> c when n > 1; b -> d; c, d -> end;");
    assert_true(visits_of(&c, "c") > 0.749 && visits_of(&c, "c") < 0.751);
    assert_true(visits_of(&c, "d") > 0.249 && visits_of(&c, "d") < 0.251);
    assert_int_equal(c.costs->regions[0].work_ns, 3000 + 2000);
    assert_int_equal(c.costs->regions[0].basis & BASIS_ASSUMED, 0);
    arena_free(c.arena);
}

/* Back 30 times of 40: four turns, whatever `max` could allow. */
static void loops_turn_as_they_did(void **unused) {
    (void)unused;
    Costed c = costed("node b (in n); node c (in n); node d (in n);"
                      "start -> c -> b -> c when n > 1 max 50; b -> d -> end;");
    assert_true(visits_of(&c, "b") > 3.99 && visits_of(&c, "b") < 4.01);
    assert_true(visits_of(&c, "d") > 0.99 && visits_of(&c, "d") < 1.01);
    arena_free(c.arena);
}

static void elements_are_as_many_as_there_were(void **unused) {
    (void)unused;
    Costed c = costed("node e (in doc : string, out x) cost 2us; node c (in n) cost 4us;"
                      "start -> [all: each doc in docs [e], c] -> end;");
    const Section *each = c.graph->sections[0]->over ? c.graph->sections[0] : c.graph->sections[1];
    const SectionCost *cost = &c.costs->sections[each->index];
    assert_int_equal(cost->total_ns, 201000);
    assert_false(cost->guesses_elements);
    assert_int_equal(cost->basis, BASIS_ANNOTATED | BASIS_PROFILED);
    arena_free(c.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_and_calls_replace_what_is_written),
        cmocka_unit_test(ways_are_taken_as_they_were),
        cmocka_unit_test(loops_turn_as_they_did),
        cmocka_unit_test(elements_are_as_many_as_there_were),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
