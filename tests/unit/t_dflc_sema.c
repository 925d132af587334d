// Sema: what correct programs mean, read off graph_dump. tests/reject/ has what it refuses.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "dflc/sema/sema.h"

typedef struct Compiled {
    Arena *arena;
    Program *program;
    char *dump;
} Compiled;

/* dir: where imports are looked for besides; NULL: nowhere. */
static Compiled compile_at(const char *path, const char *text, const char *dir) {
    Arena *arena = arena_new();
    Compilation comp = {arena, interner_new(arena), diags_new(arena)};
    Compiled c = {.arena = arena};
    AstFile *file = ast_parse(&comp, source_from_text(arena, path, text, strlen(text)));
    if (diags_errors(comp.diags) == 0)
        c.program = sema_program(&comp, file, &dir, dir ? 1 : 0);
    diags_print(comp.diags, stderr, false);
    if (!c.program)
        fail_msg("refused: %.200s", text);
    graph_check(c.program);
    size_t n;
    FILE *out = open_memstream(&c.dump, &n);
    graph_dump(c.program, out);
    fclose(out);
    return c;
}

static Compiled compile(const char *text) {
    return compile_at("x.dfl", text, NULL);
}

static void release(Compiled *c) {
    free(c->dump);
    arena_free(c->arena);
}

static void assert_has(const char *dump, const char *line) {
    if (!strstr(dump, line))
        fail_msg("no '%s' in\n%s", line, dump);
}

static void assert_has_not(const char *dump, const char *line) {
    if (strstr(dump, line))
        fail_msg("'%s' is in\n%s", line, dump);
}

/* Compiles `text`; its dump has all of `lines`, up to a NULL. */
static void check(const char *text, const char *const *lines) {
    Compiled c = compile(text);
    for (; *lines; lines++)
        assert_has(c.dump, *lines);
    release(&c);
}

#define CHECK(text, ...) check(text, (const char *const[]){__VA_ARGS__, NULL})

/* ---- declarations ---- */

static void an_empty_file_is_a_program(void **unused) {
    (void)unused;
    Compiled c = compile("// nothing\n");
    assert_string_equal(c.dump, "");
    release(&c);
}

static void types_have_names_in_c(void **unused) {
    (void)unused;
    CHECK("enum intent { billing }\n"
          "struct quote { price: f64; }\n"
          "struct all { a: f64[][]; b: map<string, quote>; c: quote?[]; d: i32[3]; e: intent[];\n"
          " f: map<string, string>; g: bytes; h: f32; i: bool?; j: map<string, u8[]>; }",
          "type f64[][] as dfl_f64_list_list\n", "type map<string, quote> as quote_map\n",
          "type quote?[] as quote_opt_list\n", "type i32[3] as int32_t flat\n",
          "type intent[] as intent_list\n", "type map<string, string> as dfl_str_map\n",
          "type bytes as dfl_bytes\n", "type f32 as float flat\n",
          "type bool? as dfl_bool_opt flat\n", "type map<string, u8[]> as dfl_u8_list_map\n",
          "type quote? as quote_opt flat\n");
}

static void structs_follow_what_they_hold(void **unused) {
    (void)unused;
    CHECK("struct a { b: b?; }\n"
          "struct b { c: c[2]; later: a[]; }\n"
          "struct c { n: i32; self: map<string, c>; }",
          "struct c as c { n: i32; self: map<string, c>; }\n"
          "struct b as b { c: c[2]; later: a[]; }\n"
          "struct a as a { b: b?; }\n",
          "type c[2] as c\ntype a[] as a_list\ntype b as b\ntype b? as b_opt\ntype a as a\n");
}

static void enum_values_count_on(void **unused) {
    (void)unused;
    CHECK("const START = 5;\nenum e { a, b, c = START, d, e = -2, f }",
          "enum e as e { a = 0, b = 1, c = 5, d = 6, e = -2, f = -1 }\n");
}

static void constants_stand_for_literals(void **unused) {
    (void)unused;
    CHECK("const A = -B;\nconst B = 3;\nconst T = \"x\\n\";\nconst F = A;\nconst YES = true;\n"
          "graph g { limit steps B; state { a: i8 = A; b: string = T; c: f32 = F; d: i32[B];\n"
          "e: bool = YES; }\n"
          "node n (in a, b, c, d, e); start -> n when a > A && a < 100; start -> n max B;\n"
          "start -> n; n -> end; }",
          "limit 3\n", "field a: i8 = -3\n", "field b: string = \"x\\012\"\n",
          "field c: f32 = -3\n", "field d: i32[3]\n", "field e: bool = true\n",
          "-> n when ((a > -3) && (a < 100))\n", "-> n max 3 #0\n");
}

static void fields_keep_what_is_said(void **unused) {
    (void)unused;
    CHECK("enum e { x, y }\n"
          "graph g { state { in a: string = \"q\"; out b: e = y; c: i32 merge with fold;\n"
          "d: f64[] merge append transient; t: i32 local; o: i64? = -4; p: string? = none;\n"
          "h: handle \"FILE *\"; f: fault[]; u: u64 = 18446744073709551615; r: f64 = 0.1; }\n"
          "node n (in a, h, out b, c, d, o, p, f, u, r); node m (inout t);\n"
          "start -> n -> [m] -> end; }",
          "field in a: string = \"q\"\n", "field out b: e = y\n", "merge with fold\n",
          "merge append transient\n", "field t: i32 local\n", "field o: i64? = -4\n",
          "field p: string? = none\n", "field h: handle \"FILE *\"\n", "field f: fault[]\n",
          "field u: u64 = 18446744073709551615\n", "field r: f64 = 0.10000000000000001\n");
}

static void reducers_that_fit_are_taken(void **unused) {
    (void)unused;
    static const char *const fitting[] = {
        "i8 merge sum",
        "f32 merge min",
        "u64 merge max",
        "bool merge and",
        "bool merge or",
        "i32[] merge append",
        "string merge append",
        "bytes merge append",
        "map<string, i32> merge union",
        "i32[3] merge last",
        "fault[] merge append",
        "i32? merge last",
        "map<string, i32> merge with f",
    };
    for (size_t i = 0; i < sizeof fitting / sizeof *fitting; i++) {
        char text[200];
        snprintf(text, sizeof text,
                 "graph g { state { x: %s; } node a (out x); node b (out x);"
                 "start -> [a, b] -> end; }",
                 fitting[i]);
        Compiled c = compile(text);
        release(&c);
    }
}

/* ---- nodes ---- */

static void nodes_have_names_in_c(void **unused) {
    (void)unused;
    CHECK("graph g { state { a: i32; }\n"
          "node run (in a, out a) cost 2us checkpoint; node x (in state) effect;\n"
          "node class (inout a) {% *a += 1; %} node y (inout a) calls g_class;\n"
          "node z (inout a) calls theirs; predicate load (in a);\n"
          "start -> run -> x -> class -> y -> z -> end when load; z -> end; }",
          "node run as g_run_node (in a, out a_out) cost 2000ns checkpoint\n",
          "node x as g_x (in state) effect\n", "node class as g_class (inout a) body\n",
          "node y as g_class (inout a) calls\n", "node z as theirs (inout a) calls\n",
          "predicate load as g_load_node (in a)\n");
}

static void typed_parameters_are_each_variables(void **unused) {
    (void)unused;
    CHECK("struct page { lines: string[]; }\n"
          "graph g { state { pages: page[]; m: map<string, i32>; n: i32 merge sum; }\n"
          "node a (in page: page, i: i64, out n); node b (in line: string, page: page, out n);\n"
          "node c (in v: i32, k: string, out n); predicate long (in line: string);\n"
          "start -> each page, i in pages [a -> each line in page.lines\n"
          "    [b -> when { long -> b max 2; }]]\n"
          "-> each v, k in m [c] -> end; }",
          "in page: page of section 0, in i: i64 of section 0", "in line: string of section 1",
          "in v: i32 of section 2, in k: string of section 2",
          "each line in page.lines [b] over page.lines item line: string",
          "-> b when long() max 2");
}

/* ---- expressions ---- */

/* Fields of every kind, a guard, and how the dump shows it. */
static void check_guard(const char *guard, const char *shown) {
    char text[1200], line[300];
    snprintf(text, sizeof text,
             "enum kind { red, green }\nenum tone { calm, upset }\n"
             "struct quote { price: f64; at: i64?; kind: kind; }\nconst FIVE = 5;\n"
             "graph g { state { i8f: i8; i32f: i32; i64f: i64; u8f: u8; u32f: u32; u64f: u64;\n"
             "f: f64; s: string; b: bool; k: kind; o: i32?; q: quote?; docs: string[];\n"
             "ks: kind[]; arr: u8[4]; m: map<string, i32>; raw: bytes; calm: bool; }\n"
             "node n (in state); predicate p (in s);\n"
             "start -> n; n -> end when %s; n -> end when p; n -> end; }",
             guard);
    snprintf(line, sizeof line, "-> end when %s\n", shown);
    Compiled c = compile(text);
    assert_has(c.dump, line);
    release(&c);
}

static void arithmetic_fails_only_where_it_can(void **unused) {
    (void)unused;
    static const char *const cases[][2] = {
        {"i32f + i32f > 0", "((i32f +{i64} i32f) > 0)"},
        {"i32f * i32f > 0", "((i32f *{i64} i32f) > 0)"},
        {"i32f * i32f * 2 > 0", "(((i32f *{i64} i32f) *{i64!} 2) > 0) may fail"},
        {"i64f + 1 > 0", "((i64f +{i64!} 1) > 0) may fail"},
        {"i64f - i64f == 0", "((i64f -{i64!} i64f) == 0) may fail"},
        {"u8f * u8f * u8f > 0", "(((u8f *{i64} u8f) *{i64} u8f) > 0)"},
        {"u64f + 1 > 0", "((u64f +{u64!} 1) > 0) may fail"},
        {"u64f / 2 > 0", "((u64f /{u64} 2) > 0)"},
        {"u64f + i8f > 0", "((u64f +{u64!} i8f) > 0) may fail"},
        {"i64f / 2 > 0", "((i64f /{i64} 2) > 0)"},
        {"i64f / -1 > 0", "((i64f /{i64!} -1) > 0) may fail"},
        {"i32f / -1 > 0", "((i32f /{i64} -1) > 0)"},
        {"i32f / i32f > 0", "((i32f /{i64!} i32f) > 0) may fail"},
        {"i32f % 7 == 0", "((i32f %{i64} 7) == 0)"},
        {"i64f % 7 + 9 == 0", "(((i64f %{i64} 7) +{i64!} 9) == 0) may fail"},
        {"i32f % u8f == 0", "((i32f %{i64!} u8f) == 0) may fail"},
        {"-i32f > 0", "(neg(i32f) > 0)"},
        {"-i64f > 0", "(neg!(i64f) > 0) may fail"},
        {"-u64f < 0", "(neg!(u64f) < 0) may fail"},
        {"-u32f < 0", "(neg(u32f) < 0)"},
        {"len(docs) + 1 > 0", "((len(docs) +{i64} 1) > 0)"},
        {"f + i32f > 0.5", "((f +{f64} i32f) > 0.5)"},
        {"f / 0 > 1", "((f /{f64} 0) > 1)"},
        {"i64f > -9223372036854775808", "(i64f > -9223372036854775808)"},
        {"u64f > 18446744073709551615", "(u64f > 18446744073709551615)"},
        {"i64f < FIVE", "(i64f < 5)"},
        {"i32f / 2 / i32f > 0", "(((i32f /{i64} 2) /{i64!} i32f) > 0) may fail"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_guard(cases[i][0], cases[i][1]);
}

static void guards_are_typed(void **unused) {
    (void)unused;
    static const char *const cases[][2] = {
        {"i8f == u64f", "(i8f == u64f)"},
        {"s < \"m\"", "(s < \"m\")"},
        {"b != true", "(b != true)"},
        {"k == green", "(k == green)"},
        {"red != k", "(red != k)"},
        {"calm", "calm"},
        {"p && !b || f >= 1", "((p() && not(b)) || (f >= 1))"},
        {"\"x\" in docs", "(\"x\" in docs)"},
        {"s in docs", "(s in docs)"},
        {"green in ks", "(green in ks)"},
        {"i64f in arr", "(i64f in arr)"},
        {"len(s) == len(m)", "(len(s) == len(m))"},
        {"len(raw) > len(arr)", "(len(raw) > len(arr))"},
        {"o is some && o > 3", "(some(o) && (o? > 3))"},
        {"o is none || o > 3", "(none(o) || (o? > 3))"},
        {"!(o is none) && o > 3", "(not(none(o)) && (o? > 3))"},
        {"!(q is none || b) && q.price > 1", "(not((none(q) || b)) && (q?.price > 1))"},
        {"q is some && q.at is some && q.at > 1", "((some(q) && some(q?.at)) && (q?.at? > 1))"},
        {"q is some && q.kind == red", "(some(q) && (q?.kind == red))"},
        {"(o is some && b) && o > 3", "((some(o) && b) && (o? > 3))"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_guard(cases[i][0], cases[i][1]);
}

static void earlier_guards_tell_later_ones(void **unused) {
    (void)unused;
    CHECK("graph g { state { o: i32?; p: i32?; } node a (out o, p);\n"
          "start -> a -> when {\n"
          "  p is some -> when { p > 1 -> end; o is none -> end;\n"
          "                      else -> when { o > 2 -> end; else -> end; } }\n"
          "  o is none -> end;\n"
          "  o > 3     -> match o { 1 -> end; else -> end; }\n"
          "  else      -> end;\n"
          "}\n}",
          "-> end when (p? > 1)\n", "-> end when (o? > 2)\n", "when (o? > 3)\n", "over o?\n");
}

/* ---- flow ---- */

static void arms_are_edges_of_their_place(void **unused) {
    (void)unused;
    CHECK("graph g { state { x: i32; } node a (inout x); node b (inout x); node c (inout x);\n"
          "start -> a -> when { x > 3 -> b; else -> when { x > 2 -> c; else -> b; } }\n"
          "a -> c when x < 0 max 2;\n"
          "b -> c; c -> end when x > 1; c -> end; }",
          "    a\n      -> b when (x > 3)\n      -> c when (x < 0) max 2 #0\n      -> choice 3\n",
          "    choice 3\n      -> c when (x > 2)\n      -> b\n");
}

static void the_else_comes_last(void **unused) {
    (void)unused;
    CHECK("graph g { state { x: i32; } node a (inout x); node b (inout x);\n"
          "start -> a -> end; a -> b when x > 1; a -> a max 3; b -> end; }",
          "    a\n      -> b when (x > 1)\n      -> a max 3 #0\n      -> end\n");
}

static void several_sources_share_what_follows(void **unused) {
    (void)unused;
    CHECK("graph g { state { x: i32; } node a (inout x); node b (inout x); node c (inout x);\n"
          "start -> a when x > 0; start -> b; a, b -> when { x > 1 -> c -> end; else -> end; } }",
          "    a\n      -> c when (x > 1)\n      -> end\n",
          "    b\n      -> c when (x > 1)\n      -> end\n", "    c\n      -> end\n");
}

static void a_match_is_a_place(void **unused) {
    (void)unused;
    CHECK("enum e { p, q, r }\n"
          "graph g { state { x: e; n: i32; s: string; }\n"
          "node a (in x); node b (in n); node c (in s);\n"
          "start -> match x { p, r -> a; q -> b; }\n"
          "a -> match n { 1, -2 -> b; else -> c; }\n"
          "b -> match s { \"x\", \"\" -> c; else -> end; }\n"
          "c -> match n > 3 { true -> end; false -> end; } }",
          "-> a of p, r\n      -> b of q\n", "-> b of 1, -2\n      -> c\n", "-> c of \"x\", \"\"\n",
          "over (n > 3)\n      -> end of true\n      -> end of false\n");
}

static void branches_are_regions(void **unused) {
    (void)unused;
    CHECK("graph g { state { x: i32 merge sum; } node a (out x); node b (out x); node c (out x);\n"
          "node d (out x); node e (out x); node f (out x);\n"
          "start -> fan: [a -> b, c] threads -> [d -> [e] inline] -> f -> end;\n"
          "b -> a when x > 3; c -> when { x > 1 -> join; else -> c; }\n"
          "f -> fan max 2; }",
          "section 0 fan threads, regions 1 2\n", "section 1 [d], regions 3\n",
          "region 1 a, branch 0 of section 0 in region 0, with a cycle\n",
          "region 2 c, branch 1 of section 0 in region 0, with a cycle\n",
          "    b\n      -> a when (x > 3)\n      -> join\n",
          "    c\n      -> join when (x > 1)\n      -> c\n",
          "section 2 [e] inline, regions 4\n      -> join\n",
          "region 4 e, branch 0 of section 2 in region 3\n",
          "    f\n      -> section 0 max 2 #0\n      -> end\n");
}

static void a_branch_reaches_beyond_its_brackets(void **unused) {
    (void)unused;
    CHECK("graph g { state { x: i32 merge sum; } node a (out x); node b (out x); node c (out x);\n"
          "b -> c;\n"
          "start -> [a, b] -> end;\n"
          "c -> b when x < 3; }",
          "region 2 b, branch 1 of section 0 in region 0, with a cycle\n    b\n      -> c\n"
          "    c\n      -> b when (x < 3)\n      -> join\n");
}

static void a_section_can_be_named_before_it_is_written(void **unused) {
    (void)unused;
    CHECK("graph g { state { x: i32 merge sum; f: fault[]; } node a (out x); node b (out x);\n"
          "start -> a -> fan; fan: [b] settle f need 1 -> end; }",
          "    a\n      -> section 0\n",
          "section 0 fan settle f need 1, regions 1\n      -> end\n");
}

static void long_labels_are_cut(void **unused) {
    (void)unused;
    CHECK("graph g { state { x: i32 merge sum; } node a (out x); node b (out x); node c (out x);\n"
          "node d (out x); node e (out x); node f (out x); node h (out x); node i (out x);\n"
          "node j (out x); start -> [a, b, c, d, e, f, h, i, j] -> end; }",
          "section 0 [a, b, c, d, e, f, h, i, ...], regions 1 2 3 4 5 6 7 8 9\n");
}

static void routers_lead_to_their_targets(void **unused) {
    (void)unused;
    CHECK("graph g { state { x: i32; s: i32 merge sum; } node a (inout x); node b (inout x);\n"
          "node c (out s); node d (out s);\n"
          "router pick (in x) -> b | fan | again | end; router again (in x) -> pick;\n"
          "router inner (in x) -> d | join {% return g_inner_join; %}\n"
          "start -> a -> pick; fan: [c -> inner] -> a; b -> fan; d -> inner; }",
          "router pick as g_pick (in x) -> g_pick_b, g_pick_fan, g_pick_again, g_pick_end\n",
          "router inner as g_inner (in x) -> g_inner_d, g_inner_join body\n",
          "    pick\n      -> b\n      -> section 0\n      -> again\n      -> end\n",
          "    again\n      -> pick\n", "    inner\n      -> d\n      -> join\n",
          "region 0 g, with a cycle\n", "section 0 in region 0, with a cycle\n");
    CHECK("graph g { state { x: i32; s: i32 merge sum; } router run (in x) -> p | join;\n"
          "router p (in x) -> join; node b (out s); start -> [run, b] -> end; }",
          "router run as g_run_node (in x) -> g_run_node_p, g_run_node_join\n",
          "section 0 [run, b], regions 1 2\n");
}

static void failures_have_edges(void **unused) {
    (void)unused;
    CHECK("graph g { state { x: i32; s: i32 merge sum; } node a (inout x) timeout 1s;\n"
          "node b (out s); node c (out s); node h (in x); node i (in x); node j (out s);\n"
          "start -> a -> fan: [b -> c, j] -> end; a -> h on error; a -> i on timeout;\n"
          "fan -> h on error; b -> join on error; c -> b on error; h, i -> end; }",
          "    a\n      -> section 0\n      -> h on error\n      -> i on timeout\n",
          "section 0 fan, regions 1 2\n      -> end\n      -> h on error\n",
          "    b\n      -> c\n      -> join on error\n",
          "    c\n      -> join\n      -> b on error\n",
          "region 1 b, branch 0 of section 0 in region 0, with a cycle\n", "region 0 g\n",
          "limit 10000\n");
}

/* ---- graphs that run graphs ---- */

static void bindings_go_in_and_out(void **unused) {
    (void)unused;
    CHECK("enum kind { red, green }\nconst FOUR = 4;\n"
          "graph outer { state { t: string; n: u8; k: kind; o: i32?; h: handle \"FILE *\"; big: "
          "f64;\n"
          "sum: i64 merge sum; docs: string[]; text: string; }\n"
          "node a runs team (in text = t, in n = n + FOUR, in h, in k = green, in o, in real = n,\n"
          "  out sum = count, out big = real) retry 1 cost 2ms;\n"
          "node b runs team (in text, in h, in o = FOUR, in k = k, out t = text);\n"
          "node c runs team (in text = doc, in h, out sum = count);\n"
          "start -> a -> b -> each doc in docs [c] -> end; a -> b on error; }\n"
          "graph team { state { text: string; n: i32; h: handle \"FILE *\"; k: kind; o: i32?;\n"
          "real: f32; count: i32; } node w (in text, n, h, k, o, out count, inout real);\n"
          "start -> w -> end; }",
          "node a runs team (in text = t, in n = (n +{i64} 4), in h = h, in k = green, in o = o, "
          "in real = n, out sum = count, out big = real) cost 2000000ns retry 1 every 0ns\n",
          "node b runs team (in text = text, in h = h, in o = 4, in k = k, out t = text)\n",
          "node c runs team (in text = doc, in h = h, out sum = count)\n");
}

static void numbers_widen_where_nothing_is_lost(void **unused) {
    (void)unused;
    static const struct {
        const char *from, *to;
    } fitting[] = {
        {"i8", "i16"},  {"u8", "i16"},  {"u32", "i64"}, {"u32", "u64"},   {"i32", "f64"},
        {"u16", "f32"}, {"f32", "f64"}, {"i16", "f32"}, {"bool", "bool"}, {"u8[4]", "u8[4]"},
    };
    for (size_t i = 0; i < sizeof fitting / sizeof *fitting; i++) {
        char text[400];
        snprintf(text, sizeof text,
                 "graph t { state { in a: %s; out b: %s; } node n (in a, out b);\n"
                 "start -> n -> end; } graph g { state { x: %s; y: %s; }\n"
                 "node r runs t (in a = x, out y = b); start -> r -> end; }",
                 fitting[i].to, fitting[i].from, fitting[i].from, fitting[i].to);
        Compiled c = compile(text);
        release(&c);
    }
}

/* ---- attributes ---- */

static void attempts_and_pauses_are_kept(void **unused) {
    (void)unused;
    CHECK(
        "const N = 2; const D = 5ms;\n"
        "graph g { state { x: i32 was y; } node a (inout x) retry N every D up to 1s timeout 2s;\n"
        "node b (inout x) retry 3 pause before pause after effect checkpoint was c;\n"
        "start -> a -> b -> end; }",
        "field x: i32 was y\n", "retry 2 every 5000000ns up to 1000000000ns timeout 2000000000ns\n",
        "retry 3 every 0ns checkpoint effect pause before pause after was c\n");
}

/* ---- prefix and import ---- */

static void a_prefix_begins_every_name(void **unused) {
    (void)unused;
    CHECK("prefix acme;\nenum long { a }\nstruct printf { k: long[]; o: printf[]; }\n"
          "graph g { state { p: printf?; } node n (in p); router run (in p) -> n | end;\n"
          "start -> run; n -> end; }",
          "enum long as acme_long { a = 0 }\n", "struct printf as acme_printf {",
          "type long[] as acme_long_list\n", "type printf? as acme_printf_opt\n",
          "graph g as acme_g,", "node n as acme_g_n (in p)\n",
          "router run as acme_g_run_node (in p) -> acme_g_run_node_n, acme_g_run_node_end\n");
}

/* A directory with files, for imports. */
typedef struct Files {
    char dir[40];
} Files;

static void write_file(const Files *files, const char *name, const char *text) {
    char path[100];
    snprintf(path, sizeof path, "%s/%s", files->dir, name);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs(text, out);
    assert_int_equal(fclose(out), 0);
}

static Files files_new(void) {
    Files files = {"/tmp/dflc_sema_XXXXXX"};
    char path[100];
    assert_non_null(mkdtemp(files.dir));
    snprintf(path, sizeof path, "%s/lib", files.dir);
    assert_int_equal(mkdir(path, 0777), 0);
    write_file(&files, "base.dfl",
               "include \"base.h\";\nconst TWO = 2;\nenum color { red, green }\n"
               "graph team { state { in q: i32; out r: i32; }\n"
               "node w (in q, out r); start -> w -> end; }");
    write_file(&files, "mid.dfl",
               "import \"base.dfl\";\nprefix mid;\ninclude \"base.h\";\n"
               "struct paint { c: color = green; n: i32 = TWO; }");
    write_file(&files, "lib/other.dfl", "prefix other;\nenum tone { red, blue }");
    return files;
}

static void files_free(const Files *files) {
    static const char *const names[] = {"base.dfl", "mid.dfl", "lib/other.dfl", "lib", ""};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[100];
        snprintf(path, sizeof path, "%s/%s", files->dir, names[i]);
        assert_int_equal(remove(path), 0);
    }
}

static void check_import(const char *text, const char *const *lines) {
    Files files = files_new();
    char path[100], lib[100];
    snprintf(path, sizeof path, "%s/main.dfl", files.dir);
    snprintf(lib, sizeof lib, "%s/lib", files.dir);
    Compiled c = compile_at(path, text, lib);
    for (; *lines; lines++)
        assert_has(c.dump, *lines);
    release(&c);
    files_free(&files);
}

#define CHECK_IMPORT(text, ...) check_import(text, (const char *const[]){__VA_ARGS__, NULL})

static void an_import_carries_its_own_prefix(void **unused) {
    (void)unused;
    CHECK_IMPORT("import \"mid.dfl\";\nprefix acme;\n"
                 "graph g { state { p: paint; x: i32; } node t runs team (in q = TWO, out x = r);\n"
                 "node n (in p, x); start -> t -> n -> end; }",
                 "enum color as color {", "struct paint as mid_paint {",
                 "imported graph team as team,", "graph g as acme_g,", "imported enum color",
                 "imported struct paint", "c: color = green; n: i32 = 2;",
                 "node t runs team (in q = 2, out x = r)\n");
}

static void a_file_is_read_once(void **unused) {
    (void)unused;
    CHECK_IMPORT("import \"mid.dfl\";\nimport \"base.dfl\";\nimport \"./lib/../mid.dfl\";\n"
                 "import \"mid.dfl\";\n",
                 "/mid.dfl\nimport /tmp/", "/base.dfl\ninclude \"base.h\"\nimported enum");
}

static void import_directories_come_second(void **unused) {
    (void)unused;
    CHECK_IMPORT(
        "import \"other.dfl\";\nimport \"base.dfl\";\n"
        "graph g { state { t: tone; c: color; } node n (in t, c);\n"
        "start -> n -> end when t == red && c == red; n -> end when t == blue; n -> end; }",
        "/lib/other.dfl\n", "enum tone as other_tone {",
        "-> end when ((t == red) && (c == red))\n");
}

/* What a file means does not depend on who else is compiled with it. */
static void unseen_values_are_not_ambiguous(void **unused) {
    (void)unused;
    Files files = files_new();
    char path[100];
    write_file(&files, "mid.dfl",
               "import \"base.dfl\";\n"
               "graph seen { state { c: color; } node n (out c);\n"
               "start -> n -> end when red == c; n -> end when red in cs; n -> end;\n"
               "state { cs: color[]; } }");
    snprintf(path, sizeof path, "%s/main.dfl", files.dir);
    Compiled c = compile_at(path, "import \"lib/other.dfl\"; import \"mid.dfl\";", NULL);
    assert_has(c.dump, "-> end when (red == c)\n");
    assert_int_equal(c.program->n_imports, 3);
    assert_true(c.program->graphs[0]->imported);
    release(&c);
    files_free(&files);
}

/* Whether a chain of `n` files is accepted, each of which imports the next. */
static bool chain_compiles(int n) {
    char dir[] = "/tmp/dflc_sema_XXXXXX", path[100];
    assert_non_null(mkdtemp(dir));
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof path, "%s/f%d.dfl", dir, i);
        FILE *out = fopen(path, "w");
        assert_non_null(out);
        if (i + 1 < n)
            fprintf(out, "import \"f%d.dfl\";", i + 1);
        assert_int_equal(fclose(out), 0);
    }
    Arena *arena = arena_new();
    Compilation comp = {arena, interner_new(arena), diags_new(arena)};
    snprintf(path, sizeof path, "%s/f0.dfl", dir);
    AstFile *file = ast_parse(&comp, source_read(arena, path));
    bool accepted = sema_program(&comp, file, NULL, 0) != NULL;
    assert_int_equal(diags_errors(comp.diags), accepted ? 0 : 1);
    arena_free(arena);
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof path, "%s/f%d.dfl", dir, i);
        assert_int_equal(remove(path), 0);
    }
    assert_int_equal(remove(dir), 0);
    return accepted;
}

static void imports_nest_a_hundred_deep(void **unused) {
    (void)unused;
    assert_true(chain_compiles(100));
    assert_false(chain_compiles(101));
}

/* ---- limits and policies ---- */

#define LOOP "state { x: i32; } node a (inout x); start -> a -> a when x < 3; a -> end; }"

static void a_cycle_has_a_limit(void **unused) {
    (void)unused;
    CHECK("graph g { " LOOP, ", limit 10000\n");
    CHECK("graph g { limit steps 7; " LOOP, ", limit 7\n");
    CHECK("graph g { state { x: i32 merge sum; } node a (out x);\n"
          "start -> [a -> when { x < 3 -> a; }] -> end; }",
          ", limit 10000\n");
    Compiled c = compile("graph g { limit none; " LOOP);
    assert_has_not(c.dump, "limit");
    release(&c);
    c = compile("graph g { state { d: i32[]; n: i32 merge sum; } node a (in x: i32, out n);\n"
                "start -> each x in d [a] -> end; }");
    assert_has_not(c.dump, "limit");
    release(&c);
    CHECK("graph g { limit none; state { x: i32; } node a (inout x); start -> a -> a; }",
          "    a\n      -> a\n");
}

static void checkpoint_policies_are_kept(void **unused) {
    (void)unused;
#define REST " state { x: i32; } node a (inout x); start -> a -> end; }"
    CHECK("graph g {" REST, "checkpoint marked\n");
    CHECK("graph g { checkpoint every node;" REST, "checkpoint every 1\n");
    CHECK("graph g { checkpoint every 5 nodes;" REST, "checkpoint every 5\n");
    CHECK("graph g { checkpoint auto;" REST, "checkpoint auto\n");
    CHECK("graph g { checkpoint never;" REST, "checkpoint never\n");
}

static void includes_are_kept_once(void **unused) {
    (void)unused;
    CHECK("include \"a.h\";\ninclude <math.h>;\ninclude \"a.h\";",
          "include \"a.h\"\ninclude <math.h>\n");
}

/* ---- size ---- */

/* Deep where a recursion over the flow would end the stack. */
static void a_long_graph_compiles(void **unused) {
    (void)unused;
    enum { N = 20000 };
    char *text;
    size_t n;
    FILE *out = open_memstream(&text, &n);
    fputs("graph g { state { x: i32; }\n", out);
    for (int i = 0; i < N; i++)
        fprintf(out, "node n%d (inout x);\n", i);
    fputs("start", out);
    for (int i = 0; i < N; i++)
        fprintf(out, " -> n%d", i);
    fputs(" -> end;\n", out);
    for (int i = 1; i < N; i++)
        fprintf(out, "n%d -> n%d when x == %d max 3;\n", i, i - 1, i);
    fputs("}\n", out);
    fclose(out);
    Compiled c = compile(text);
    const Graph *graph = c.program->graphs[0];
    assert_int_equal(graph->n_places, N + 2);
    assert_int_equal(graph->regions[0]->n_max, N - 1);
    assert_true(graph->regions[0]->has_cycle);
    release(&c);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_file_is_a_program),
        cmocka_unit_test(types_have_names_in_c),
        cmocka_unit_test(structs_follow_what_they_hold),
        cmocka_unit_test(enum_values_count_on),
        cmocka_unit_test(constants_stand_for_literals),
        cmocka_unit_test(fields_keep_what_is_said),
        cmocka_unit_test(reducers_that_fit_are_taken),
        cmocka_unit_test(nodes_have_names_in_c),
        cmocka_unit_test(typed_parameters_are_each_variables),
        cmocka_unit_test(arithmetic_fails_only_where_it_can),
        cmocka_unit_test(guards_are_typed),
        cmocka_unit_test(earlier_guards_tell_later_ones),
        cmocka_unit_test(arms_are_edges_of_their_place),
        cmocka_unit_test(the_else_comes_last),
        cmocka_unit_test(several_sources_share_what_follows),
        cmocka_unit_test(a_match_is_a_place),
        cmocka_unit_test(branches_are_regions),
        cmocka_unit_test(a_branch_reaches_beyond_its_brackets),
        cmocka_unit_test(a_section_can_be_named_before_it_is_written),
        cmocka_unit_test(long_labels_are_cut),
        cmocka_unit_test(routers_lead_to_their_targets),
        cmocka_unit_test(failures_have_edges),
        cmocka_unit_test(bindings_go_in_and_out),
        cmocka_unit_test(numbers_widen_where_nothing_is_lost),
        cmocka_unit_test(attempts_and_pauses_are_kept),
        cmocka_unit_test(a_prefix_begins_every_name),
        cmocka_unit_test(an_import_carries_its_own_prefix),
        cmocka_unit_test(a_file_is_read_once),
        cmocka_unit_test(import_directories_come_second),
        cmocka_unit_test(unseen_values_are_not_ambiguous),
        cmocka_unit_test(imports_nest_a_hundred_deep),
        cmocka_unit_test(a_cycle_has_a_limit),
        cmocka_unit_test(checkpoint_policies_are_kept),
        cmocka_unit_test(includes_are_kept_once),
        cmocka_unit_test(a_long_graph_compiles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
