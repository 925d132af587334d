// Liveness: where fields are live, and that the stretches that a checkpoint is built on say the same
// as the questions about single places.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dflc/analysis/live.h"
#include "dflc/sema/sema.h"

typedef struct Compiled {
    Compilation comp;
    const Graph *graph;
    Live *live;
} Compiled;

static Compiled compile(const char *text) {
    Arena *arena = arena_new();
    Compiled c = {.comp = {arena, interner_new(arena), diags_new(arena)}};
    AstFile *file = ast_parse(&c.comp, source_from_text(arena, "x.dfl", text, strlen(text)));
    Program *program = sema_program(&c.comp, file, NULL, 0);
    diags_print(c.comp.diags, stderr, false);
    assert_non_null(program);
    c.graph = program->graphs[program->n_graphs - 1];
    c.live = live_of(&c.comp, c.graph);
    return c;
}

/* "ticker prices" before or after the node NAME (or "start", "end"). */
static void assert_live(const Compiled *c, const char *name, bool after, const char *expected) {
    char is[256] = "";
    for (size_t i = 0; i < c->graph->n_places; i++) {
        const Place *place = c->graph->places[i];
        const char *is_called = place->node                 ? place->node->name
                                : place->kind == PL_START   ? "start"
                                : place->kind == PL_END     ? "end"
                                : place->kind == PL_SECTION ? place->section->label
                                                            : "";
        if (strcmp(is_called, name) != 0)
            continue;
        for (size_t k = 0; k < c->graph->n_fields; k++) {
            const Field *field = c->graph->fields[k];
            if (after ? field_live_after(c->live, place, field)
                      : field_live_before(c->live, place, field)) {
                strcat(is, *is ? " " : "");
                strcat(is, field->name);
            }
        }
        assert_string_equal(is, expected);
        return;
    }
    fail_msg("no place '%s'", name);
}

/* What live_changes has told up to a slot. */
typedef struct Told {
    bool live[128][4096]; /* by Field.index and slot */
    uint32_t n_slots;
} Told;

static void note(void *context, const Field *field, uint32_t slot, bool is_live) {
    Told *told = context;
    assert_true(slot <= told->n_slots && field->index < 128);
    for (uint32_t i = slot; i < told->n_slots; i++)
        told->live[field->index][i] = is_live;
}

static Told told;

static void assert_changes_agree(const Compiled *c) {
    const Region *region = c->graph->regions[0];
    memset(&told, 0, sizeof told);
    told.n_slots = 2 * (uint32_t)region->n_places;
    live_changes(c->live, note, &told);
    for (size_t i = 0; i < region->n_places; i++)
        for (size_t k = 0; k < c->graph->n_fields; k++) {
            const Place *place = region->places[i];
            const Field *field = c->graph->fields[k];
            uint32_t slot = 2 * live_position(c->live, place);
            assert_int_equal(told.live[k][slot], field_live_before(c->live, place, field));
            assert_int_equal(told.live[k][slot + 1], field_live_after(c->live, place, field));
        }
}

static void a_chain(void **state) {
    Compiled c = compile("graph g { state { in a : i64; b : i64; out c : i64; }\n"
                         "node x (in a, out b); node y (in b, out c); node z (inout c);\n"
                         "start -> x -> y -> z -> end; }");
    (void)state;
    assert_live(&c, "start", false, "a");
    assert_live(&c, "x", false, "a");
    assert_live(&c, "x", true, "b");
    assert_live(&c, "y", false, "b");
    assert_live(&c, "z", false, "c");
    assert_live(&c, "end", false, "c");
    assert_changes_agree(&c);
    arena_free(c.comp.arena);
}

/* After a place the guards are still to be asked; before its target they are not. */
static void guards_read_late(void **state) {
    Compiled c = compile("graph g { state { in a : i64; n : i64; out c : i64; }\n"
                         "node x (in a, out n, c); node y (out c); limit steps 9;\n"
                         "start -> x -> y when n > 3; x -> end; y -> x when a < 2; y -> end; }");
    (void)state;
    assert_live(&c, "x", true, "a n c");
    assert_live(&c, "y", false, "a");
    assert_live(&c, "y", true, "a c");
    assert_live(&c, "end", false, "c");
    assert_changes_agree(&c);
    arena_free(c.comp.arena);
}

/* Whether an update fails may lie with what it is merged into, though nobody reads that. */
static void updates_that_may_fail(void **state) {
    Compiled c = compile("graph g { state { i : i64 merge sum; f : f64 merge sum; m : i64 merge max;\n"
                         "                  w : i64 merge with add; out c : i64; }\n"
                         "node x (out c); node y (out i, f, m, w);\n"
                         "start -> x -> y -> end; }");
    (void)state;
    assert_live(&c, "x", false, "i w");
    assert_live(&c, "y", false, "i w c");
    assert_live(&c, "end", false, "c");
    assert_changes_agree(&c);
    arena_free(c.comp.arena);
}

static void failures_lead_on_from_before(void **state) {
    Compiled c = compile("graph g { state { in a : i64; b : i64; out c : i64; }\n"
                         "node x (in a, out b); node y (in b, out c); node help (in a, b, out c);\n"
                         "start -> x -> y -> end; x -> help on error; help -> end; }");
    (void)state;
    assert_live(&c, "x", false, "a b");
    assert_live(&c, "x", true, "b");
    assert_changes_agree(&c);
    arena_free(c.comp.arena);
}

static void a_person_reads_all(void **state) {
    Compiled c =
        compile("graph g { state { in a : i64; b : i64; out c : i64; }\n"
                "node x (in a, out b); node y (in a, out c) pause before; node z (inout c);\n"
                "start -> x -> y -> z -> end; }");
    (void)state;
    assert_live(&c, "y", false, "a b c");
    assert_live(&c, "z", false, "c");
    assert_changes_agree(&c);
    arena_free(c.comp.arena);
}

static void sections_and_what_their_branches_need(void **state) {
    Compiled c = compile(
        "graph g { state { in a : i64; b : i64; d : i64 merge last; e : i64; sum : i64 merge sum;\n"
        "                  out c : i64; }\n"
        "node x (in a, out b); node y (in b, out d); node z (inout e, out sum);\n"
        "node w (in a); node maybe (out d); node t (in d, e, sum, out c);\n"
        "start -> x -> [y, z, w] inline -> t -> end; w -> maybe when a > 3; }");
    const Section *section = c.graph->sections[0];
    const Field *d = c.graph->fields[2], *e = c.graph->fields[3];
    (void)state;
    assert_live(&c, "[y, z, w]", false, "a b e sum");
    assert_live(&c, "t", false, "d e sum");
    assert_false(branch_needs_value(c.live, section->branches[0], d));
    assert_true(branch_needs_value(c.live, section->branches[1], e));
    assert_true(branch_needs_value(c.live, section->branches[2], d));
    assert_changes_agree(&c);
    arena_free(c.comp.arena);
}

static void without_outputs_all_is_live_at_the_end(void **state) {
    Compiled c = compile("graph g { state { in a : i64; b : i64; h : handle \"void *\"; }\n"
                         "node x (in a, out b); node y (in h); start -> x -> y -> end; }");
    (void)state;
    assert_live(&c, "end", false, "a b");
    assert_live(&c, "x", false, "a h");
    assert_changes_agree(&c);
    arena_free(c.comp.arena);
}

/* The last place of a loop is on every way, but what its first one reads is live before it. */
static void a_loop_to_the_place_before(void **state) {
    Compiled c = compile("graph g { state { n : i64; k : i64; out c : i64; }\n"
                         "node x (inout n, k, in c); node y (in n, out c); limit steps 9;\n"
                         "start -> x -> y -> end; y -> x when c > 3; }");
    (void)state;
    assert_live(&c, "x", true, "n k");
    assert_live(&c, "y", false, "n k");
    assert_live(&c, "y", true, "n k c");
    assert_live(&c, "end", false, "c");
    assert_changes_agree(&c);
    arena_free(c.comp.arena);
}

/* More fields than a block holds, in a loop of many segments. */
static void many_fields(void **state) {
    char text[16384];
    size_t n = 0;
    (void)state;
    n += (size_t)snprintf(text + n, sizeof text - n, "graph g { state { out z : i64;");
    for (int i = 0; i < 100; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, " v%d : i64;", i);
    n += (size_t)snprintf(text + n, sizeof text - n,
                          "}\nnode last (in v0, out z); limit steps 9;\n"
                          "node first (out v0);\n");
    for (int i = 1; i < 100; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "node n%d (in v%d, out v%d);\n", i, i - 1,
                              i);
    n += (size_t)snprintf(text + n, sizeof text - n, "start -> first");
    for (int i = 1; i < 100; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, " -> n%d", i);
    snprintf(text + n, sizeof text - n, " -> last; last -> n20 when z < 3; last -> end; }");
    Compiled c = compile(text);
    assert_live(&c, "n20", false, "v0 v19");
    assert_live(&c, "n10", false, "v0 v9");
    assert_live(&c, "last", false, "v0 v19");
    assert_live(&c, "last", true, "z v0 v19");
    assert_changes_agree(&c);
    arena_free(c.comp.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain),
        cmocka_unit_test(guards_read_late),
        cmocka_unit_test(updates_that_may_fail),
        cmocka_unit_test(failures_lead_on_from_before),
        cmocka_unit_test(a_person_reads_all),
        cmocka_unit_test(sections_and_what_their_branches_need),
        cmocka_unit_test(without_outputs_all_is_live_at_the_end),
        cmocka_unit_test(a_loop_to_the_place_before),
        cmocka_unit_test(many_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
