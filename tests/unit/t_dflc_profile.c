// Profiles in the compiler: files are added up and written again, percentiles come from the buckets, and what was
// measured is found again at the places of a graph, also in graphs that nodes run. Messages: cmd/profile.
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dflc/profile.h"
#include "dflc/sema/sema.h"

static Compilation *begin(void) {
    Arena *arena = arena_new();
    Compilation *comp = ARENA_NEW(arena, Compilation);
    *comp = (Compilation){arena, interner_new(arena), diags_new(arena)};
    return comp;
}

static void end(Compilation *comp) {
    arena_free(comp->arena);
}

static void read_into(Compilation *comp, ProfileFile *file, const char *rows) {
    const char *text = arena_printf(comp->arena, "dflc profile 1\n%s", rows);
    profile_file_read(comp, source_from_text(comp->arena, "p", text, strlen(text)), file);
}

static void check_said(Compilation *comp, const char *expected) {
    char *said = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&said, &n);
    diags_print(comp->diags, out, false);
    fclose(out);
    assert_string_equal(said, expected);
    free(said);
}

static void check_written(const ProfileFile *file, const char *expected) {
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    profile_file_write(file, out);
    fclose(out);
    assert_string_equal(text, expected);
    free(text);
}

static void files_are_added_up(void **state) {
    Compilation *comp = begin();
    ProfileFile file = {0};
    (void)state;
    read_into(comp, &file,
              "graph\tz\t2\nnode\ta\t3\t2\t4\t500\t9:3\t20:1\nsection\ts\t7\nedge\ta\tb\t1\n");
    read_into(comp, &file,
              "graph\ty\t1\n\ngraph\tz\t5\nnode\tb\t1\t1\t1\t8\t8:1\n"
              "node\ta\t1\t1\t1\t60\t20:1\nsection\ts\t1\nedge\ta\tb\t9\nedge\tb\ta\t4\n");
    check_said(comp, "");
    check_written(&file, "dflc profile 1\n"
                         "graph\tz\t7\nnode\ta\t4\t3\t5\t560\t9:3\t20:2\nnode\tb\t1\t1\t1\t8\t8:1\n"
                         "section\ts\t8\nedge\ta\tb\t10\nedge\tb\ta\t4\n"
                         "graph\ty\t1\n");
    end(comp);
}

/* A sum that would run over stays at the most there is. */
static void sums_stay_at_their_most(void **state) {
    Compilation *comp = begin();
    ProfileFile file = {0};
    (void)state;
    for (int i = 0; i < 2; i++)
        read_into(comp, &file,
                  "graph\tz\t18446744073709551615\n"
                  "node\ta\t18446744073709551615\t0\t0\t18446744073709551614\t5:4294967295\t5:1\n");
    check_said(comp, "");
    check_written(&file,
                  "dflc profile 1\ngraph\tz\t18446744073709551615\n"
                  "node\ta\t18446744073709551615\t0\t0\t18446744073709551615\t5:4294967295\n");
    end(comp);
}

/* No more than 20 errors are told of a file that is none. */
static void errors_are_told_up_to_twenty(void **state) {
    Compilation *comp = begin();
    ProfileFile file = {0};
    char rows[1000] = "";
    (void)state;
    for (int i = 0; i < 30; i++)
        strcat(rows, "what\n");
    read_into(comp, &file, rows);
    assert_int_equal(diags_errors(comp->diags), 20);
    end(comp);
}

static ProfiledNode with_buckets(uint32_t *buckets) {
    memset(buckets, 0, PROFILE_BUCKETS * sizeof *buckets);
    return (ProfiledNode){.buckets = buckets};
}

/* The middle of the bucket that the call lies in; a bucket below 8 ns is one number. */
static void percentiles_are_middles_of_buckets(void **state) {
    uint32_t buckets[PROFILE_BUCKETS];
    ProfiledNode node = with_buckets(buckets);
    (void)state;
    assert_int_equal(profiled_percentile(&node, 50), 0);
    buckets[3] = 1;
    assert_int_equal(profiled_percentile(&node, 1), 3);
    assert_int_equal(profiled_percentile(&node, 100), 3);
    buckets[8 * 4 + 2] = 98; /* (8 + 2) << 3 = 80 up to 88 */
    buckets[PROFILE_BUCKETS - 1] = 1;
    assert_int_equal(profiled_percentile(&node, 1), 3);
    assert_int_equal(profiled_percentile(&node, 2), 84);
    assert_int_equal(profiled_percentile(&node, 99), 84);
    assert_int_equal(profiled_percentile(&node, 100), INT64_MAX); /* beyond what an int64_t holds */
}

/* ---- held against a program ---- */

static Program *program_of(Compilation *comp, const char *text) {
    AstFile *file = ast_parse(comp, source_from_text(comp->arena, "x.dfl", text, strlen(text)));
    Program *program = diags_errors(comp->diags) ? NULL : sema_program(comp, file, NULL, 0);
    check_said(comp, "");
    return program;
}

static const Graph *graph_named(const Program *program, const char *name) {
    for (size_t i = 0; i < program->n_graphs; i++)
        if (strcmp(program->graphs[i]->name, name) == 0)
            return program->graphs[i];
    fail_msg("no graph '%s'", name);
    return NULL;
}

static const Place *place_named(const Graph *graph, const char *name) {
    for (size_t i = 0; i < graph->n_nodes; i++)
        if (strcmp(graph->nodes[i]->name, name) == 0)
            return graph->nodes[i]->place;
    fail_msg("no node '%s'", name);
    return NULL;
}

static const char two_graphs[] = "graph inner { state { in n : i64; out m : i64; }\n"
                                 "  node work (in n, out m); start -> work -> end; }\n"
                                 "graph outer { state { in n : i64; out m : i64; }\n"
                                 "  node first (in n, out m);\n"
                                 "  node one runs inner (in n, out m);\n"
                                 "  node two runs inner (in n, out m);\n"
                                 "  start -> first -> when { n > 0 -> one; else -> two; };\n"
                                 "  one -> end; two -> end; }\n";

/* A graph that two nodes run has been entered by its own runs and by both of them; what its nodes took is added up. */
static void inner_graphs_collect_what_all_callers_measured(void **state) {
    Compilation *comp = begin();
    Program *program = program_of(comp, two_graphs);
    const Graph *outer = graph_named(program, "outer"), *inner = graph_named(program, "inner");
    ProfileFile file = {0};
    (void)state;
    read_into(comp, &file,
              "graph\touter\t10\nnode\tfirst\t10\t10\t10\t100\nnode\tone\t7\t7\t7\t70\n"
              "node\ttwo\t3\t3\t3\t30\nnode\tone/work\t7\t6\t8\t64\nnode\ttwo/work\t3\t3\t3\t27\n"
              "edge\tfirst\tone\t7\nedge\tfirst\ttwo\t3\nedge\tone/work\tone/end\t7\n"
              "graph\tinner\t5\nnode\twork\t5\t5\t5\t9\nedge\twork\tend\t5\n"
              "graph\tof_another_file\t1\nnode\tx\t1\t1\t1\t1\n");
    Profile *profile = profile_fit(comp, &file, program);
    check_said(comp, "");
    Measured work = profile_place(profile, inner, place_named(inner, "work"));
    assert_true(work.known);
    assert_int_equal(work.begun, 15);
    assert_int_equal(work.succeeded, 14);
    assert_int_equal(work.calls, 16);
    assert_int_equal(work.ns, 100);
    assert_int_equal(profile_entries(profile, outer), 10);
    assert_int_equal(profile_entries(profile, inner), 15);
    assert_int_equal(
        profile_taken(profile, outer, place_named(outer, "first"), place_named(outer, "one")), 7);
    assert_int_equal(
        profile_taken(profile, outer, place_named(outer, "one"), place_named(outer, "first")), 0);
    assert_int_equal(
        profile_taken(profile, inner, place_named(inner, "work"), inner->regions[0]->exit), 12);
    end(comp);
}

static void nothing_is_known_without_a_profile(void **state) {
    Compilation *comp = begin();
    Program *program = program_of(comp, two_graphs);
    const Graph *outer = graph_named(program, "outer");
    (void)state;
    assert_false(profile_place(NULL, outer, place_named(outer, "first")).known);
    assert_int_equal(profile_entries(NULL, outer), 0);
    assert_int_equal(
        profile_taken(NULL, outer, place_named(outer, "first"), place_named(outer, "one")), 0);
    end(comp);
}

/* What is there no more is told of at its line: the first as a warning, the others as notes to it. */
static void what_does_not_fit_is_named(void **state) {
    Compilation *comp = begin();
    Program *program = program_of(comp, two_graphs);
    ProfileFile file = {0};
    (void)state;
    read_into(comp, &file,
              "graph\touter\t1\nnode\tgone\t1\t1\t1\t1\nnode\tfirst/work\t1\t1\t1\t1\n"
              "node\tone/gone\t1\t1\t1\t1\nsection\t[a, "
              "b]\t1\nedge\tfirst\tgone\t1\nedge\tone\ttwo/work\t1\n");
    (void)profile_fit(comp, &file, program);
    check_said(comp, "p:3:6: warning: graph 'outer' has no such node 'gone' any more: what was "
                     "measured of it is left out, "
                     "all else is used [-Wstale-profile]\n"
                     "    3 | node    gone    1       1       1       1\n"
                     "      |         ^~~~\n"
                     "p:4:6: note: graph 'outer' has no such node 'first/work' any more\n"
                     "p:5:6: note: graph 'outer' has no such node 'one/gone' any more\n"
                     "p:6:9: note: graph 'outer' has no such section '[a, b]' any more\n"
                     "p:7:1: note: graph 'outer' has no such edge 'first -> gone' any more\n"
                     "p:8:1: note: graph 'outer' has no such edge 'one -> two/work' any more\n");
    end(comp);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_added_up),
        cmocka_unit_test(sums_stay_at_their_most),
        cmocka_unit_test(errors_are_told_up_to_twenty),
        cmocka_unit_test(percentiles_are_middles_of_buckets),
        cmocka_unit_test(inner_graphs_collect_what_all_callers_measured),
        cmocka_unit_test(nothing_is_known_without_a_profile),
        cmocka_unit_test(what_does_not_fit_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
