// The grammar: what each construct builds, which words stay free, and what hostile input does.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dflc/ast.h"
#include "words.h"

typedef struct Parsed {
    Arena *arena;
    Compilation comp;
    AstFile *file;
    const char *dump, *messages;
} Parsed;

static const char *memory_text(Arena *arena, FILE *out, char **text, size_t *n) {
    fclose(out);
    const char *copy = arena_strndup(arena, *text, *n);
    free(*text);
    return copy;
}

static Parsed parse_bytes(const char *text, size_t n) {
    Parsed p = {.arena = arena_new()};
    p.comp = (Compilation){p.arena, interner_new(p.arena), diags_new(p.arena)};
    p.file = ast_parse(&p.comp, source_from_text(p.arena, "x.dfl", text, n));
    char *out = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&out, &length);
    diags_print(p.comp.diags, stream, false);
    p.messages = memory_text(p.arena, stream, &out, &length);
    return p;
}

static Parsed parse(const char *text) {
    return parse_bytes(text, strlen(text));
}

static void release(Parsed *p) {
    arena_free(p->arena);
}

/* Parses what has no error, and dumps it. */
static Parsed parse_good(const char *text) {
    Parsed p = parse(text);
    if (diags_errors(p.comp.diags) > 0)
        fail_msg("%s\n%s", text, p.messages);
    char *out = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&out, &length);
    ast_dump(p.file, stream);
    p.dump = memory_text(p.arena, stream, &out, &length);
    return p;
}

static void assert_dump(const char *text, const char *expected) {
    Parsed p = parse_good(text);
    assert_string_equal(p.dump, expected);
    release(&p);
}

/* ---- words ---- */

static const char *const reserved_words[] = {
    "in",   "out",   "inout", "start", "end",  "join",   "else",  "none", "true",   "false",
    "when", "match", "each",  "state", "bool", "i8",     "i16",   "i32",  "i64",    "u8",
    "u16",  "u32",   "u64",   "f32",   "f64",  "string", "bytes", "map",  "handle", "fault",
};

static void contextual_words_are_names_everywhere(void **state) {
    (void)state;
    Arena *arena = arena_new();
    for (size_t i = 0; i < sizeof positions / sizeof *positions; i++) {
        Parsed plain = parse_good(replace(arena, positions[i], "@", "ZZZ"));
        for (size_t k = 0; k < sizeof free_words / sizeof *free_words; k++) {
            Parsed p = parse_good(replace(arena, positions[i], "@", free_words[k]));
            assert_string_equal(p.dump, replace(p.arena, plain.dump, "ZZZ", free_words[k]));
            release(&p);
        }
        release(&plain);
    }
    arena_free(arena);
}

static void any_word_but_with_is_a_reducer(void **state) {
    (void)state;
    Arena *arena = arena_new();
    for (size_t k = 0; k < sizeof free_words / sizeof *free_words; k++) {
        bool is_with = strcmp(free_words[k], "with") == 0;
        Parsed p = parse(arena_printf(arena, "graph g { state { a : i32 merge %s transient; } }",
                                      free_words[k]));
        assert_int_equal(diags_errors(p.comp.diags), 0);
        const AstField *field = p.file->items[0].graph->fields;
        assert_string_equal(field->merge.text, free_words[k]);
        assert_int_equal(field->transient, !is_with);
        if (is_with)
            assert_string_equal(field->merge_with.text, "transient");
        release(&p);
    }
    arena_free(arena);
}

static void reserved_words_name_nothing(void **state) {
    (void)state;
    static const char *const places[] = {
        "enum %s { a }", "struct s { %s : i32; }", "graph g { node %s (in x); }",
        "const %s = 3;", "graph %s { }",           "graph g { a -> [%s.x] -> b; }",
    };
    Arena *arena = arena_new();
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        for (size_t k = 0; k < sizeof reserved_words / sizeof *reserved_words; k++) {
            Parsed p = parse(replace(arena, places[i], "%s", reserved_words[k]));
            assert_true(diags_errors(p.comp.diags) > 0);
            release(&p);
        }
    arena_free(arena);
}

/* ---- what is built ---- */

static void top_level(void **state) {
    (void)state;
    assert_dump("\xef\xbb\xbfinclude \"a.h\"; include <b/c.h>; import \"d\\x2edfl\"; ;\n"
                "const TRIES = 3; const WAIT = 1.5ms; const NAME = \"a\\n\";\n"
                "prefix acme; enum e { a, b = -1, c, } ; struct s { } struct t { x: s[2]?; }",
                "include \"a.h\"\n"
                "include <b/c.h>\n"
                "import d.dfl\n"
                "const TRIES = 3\n"
                "const WAIT = 1500000ns\n"
                "const NAME = \"a\\x0a\"\n"
                "prefix acme\n"
                "enum e\n"
                "  a\n"
                "  b = (-1)\n"
                "  c\n"
                "struct s\n"
                "struct t\n"
                "  x : s[2]?\n");
}

static void fields(void **state) {
    (void)state;
    assert_dump("graph g { state { in a : i32; out b : string[] merge append; ; }\n"
                "state { c : map<string, quote[]>? = none transient was d merge with f local;\n"
                "h : handle \"struct model *\"; i : fault[]; j : u8[N][4]; } }",
                "graph g\n"
                "  field in a : i32\n"
                "  field out b : string[] merge append\n"
                "  field c : map<string, quote[]>? = none merge with f transient local was d\n"
                "  field h : handle \"struct model *\"\n"
                "  field i : fault[]\n"
                "  field j : u8[N][4]\n");
}

static void nodes(void **state) {
    (void)state;
    assert_dump(
        "graph g { node a (in x, y, out z, inout w, v);\n"
        "node b (in state, doc : string[], out state) pause before pause after;\n"
        "node c (x); node d () {% return 1; %} ;\n"
        "node e runs r (in q = t, in p = 3, out s = u) retry 2;\n"
        "node f (in x) timeout 1h was o calls h effect checkpoint cost 2us retry T every 3ms "
        "up to 1s {% %}\n"
        "predicate p (in x) {% return true; %} router r (in x) -> a | join | start; }",
        "graph g\n"
        "  node a\n"
        "    in x\n"
        "    in y\n"
        "    out z\n"
        "    inout w\n"
        "    inout v\n"
        "  node b\n"
        "    in whole state\n"
        "    in doc : string[]\n"
        "    out whole state\n"
        "    pause before\n"
        "    pause after\n"
        "  node c\n"
        "    ? x\n"
        "  node d\n"
        "    body \" return 1; \"\n"
        "  node e runs r\n"
        "    in q = t\n"
        "    in p = 3\n"
        "    out s = u\n"
        "    retry 2\n"
        "  node f\n"
        "    in x\n"
        "    timeout 3600000000000ns\n"
        "    was o\n"
        "    calls h\n"
        "    effect\n"
        "    checkpoint\n"
        "    cost 2000ns\n"
        "    retry T every 3000000ns up to 1000000000ns\n"
        "    body \" \"\n"
        "  predicate p\n"
        "    in x\n"
        "    body \" return true; \"\n"
        "  router r\n"
        "    in x\n"
        "    to a\n"
        "    to join\n"
        "    to start\n");
}

static void settings(void **state) {
    (void)state;
    assert_dump("graph g { limit steps 3; limit none; checkpoint marked; checkpoint every node;\n"
                "checkpoint every 3 nodes; checkpoint auto; checkpoint never; }",
                "graph g\n"
                "  limit steps 3\n"
                "  limit none\n"
                "  checkpoint marked\n"
                "  checkpoint every node\n"
                "  checkpoint every node 3\n"
                "  checkpoint auto\n"
                "  checkpoint never\n");
}

static void chains(void **state) {
    (void)state;
    assert_dump("graph g { start -> a -> end; x, y -> z when s < 1 max 5; a -> b max N on error;\n"
                "a -> [b -> c, join -> [d]] inline -> fan: [e] settle f need 1; }",
                "graph g\n"
                "  edges\n"
                "    from start\n"
                "    -> a\n"
                "    -> end\n"
                "  edges\n"
                "    from x\n"
                "    from y\n"
                "    -> z when (s < 1) max 5\n"
                "  edges\n"
                "    from a\n"
                "    -> b max N on error\n"
                "  edges\n"
                "    from a\n"
                "    -> section inline\n"
                "      branch\n"
                "        b\n"
                "        -> c\n"
                "      branch\n"
                "        join\n"
                "        -> section\n"
                "          branch\n"
                "            d\n"
                "    -> section fan settle f need 1\n"
                "      branch\n"
                "        e\n");
}

static void blocks_and_their_semicolons(void **state) {
    (void)state;
    static const char expected[] = "graph g\n"
                                   "  edges\n"
                                   "    from a\n"
                                   "    -> when\n"
                                   "      case when x\n"
                                   "        -> b\n"
                                   "      case when y\n"
                                   "        -> match on z\n"
                                   "          case is 1 or (-2)\n"
                                   "            -> c\n"
                                   "          case is \"s\" or true\n"
                                   "            -> d\n"
                                   "      else\n"
                                   "        -> d max 2\n"
                                   "  edges\n"
                                   "    from d\n"
                                   "    -> e\n";
    assert_dump("graph g { a -> when { x -> b; y -> match z { 1, -2 -> c; \"s\", true -> d; };\n"
                "else -> d max 2; }; d -> e; }",
                expected);
    assert_dump("graph g { a -> when { x -> b; y -> match z { 1, -2 -> c; \"s\", true -> d }\n"
                "else -> d max 2 } d -> e; }",
                expected);
}

static void sections_over_elements(void **state) {
    (void)state;
    assert_dump("graph g { a -> each d in ds [b -> when { x -> c; else -> join }] threads -> e;\n"
                "a -> f: each d, i in q.ds [b] settle faults -> e; }",
                "graph g\n"
                "  edges\n"
                "    from a\n"
                "    -> section each d in ds threads\n"
                "      branch\n"
                "        b\n"
                "        -> when\n"
                "          case when x\n"
                "            -> c\n"
                "          else\n"
                "            -> join\n"
                "    -> e\n"
                "  edges\n"
                "    from a\n"
                "    -> section f each d, i in q.ds settle faults\n"
                "      branch\n"
                "        b\n"
                "    -> e\n");
}

static void expressions(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"a + b * c - d", "((a + (b * c)) - d)"},
        {"a - b - c", "((a - b) - c)"},
        {"a / b % c", "((a / b) % c)"},
        {"-a * -b", "((-a) * (-b))"},
        {"!a && !!b", "((!a) && (!(!b)))"},
        {"a || b && c || d", "((a || (b && c)) || d)"},
        {"a == b < c", "(a == (b < c))"},
        {"(a == b) == c", "((a == b) == c)"},
        {"(a < b) < c", "((a < b) < c)"},
        {"a < b && b <= c && c > d && d >= e && e != f",
         "(((((a < b) && (b <= c)) && (c > d)) && (d >= e)) && (e != f))"},
        {"\"x\" in list && y", "((\"x\" in list) && y)"},
        {"a + b in c", "((a + b) in c)"},
        {"a in b == c", "((a in b) == c)"},
        {"a.b.c is none || d is some", "((a.b.c is none) || (d is some))"},
        {"len(a.b) > 3 + len(c)", "(len(a.b) > (3 + len(c)))"},
        {"0xff + 1_000 + 0b11", "((255 + 1000) + 3)"},
        {"18446744073709551615", "18446744073709551615"},
        {"1.5 + 1e3", "(1.5 + 1000)"},
        {"5us < 1h", "(5000ns < 3600000000000ns)"},
        {"true != false", "(true != false)"},
        {"x == \"a\\\"b\\u20ac\"", "(x == \"a\\\"b\xe2\x82\xac\")"},
        {"/* a */ x // b\n + y", "(x + y)"},
    };
    Arena *arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_dump(arena_printf(arena, "const c = %s;", cases[i][0]),
                    arena_printf(arena, "const c = %s\n", cases[i][1]));
    arena_free(arena);
}

static void bodies_are_kept_byte_for_byte(void **state) {
    (void)state;
    static const char *const bodies[] = {
        "",
        " ",
        " if (x) { y(); } ",
        " \"%}\" ",
        " \"\\\"%}\" ",
        " '\"' '%' '\\'' L'\"' ",
        " /* %} ' \" */ ",
        " // it's %} here\n ",
        " // and \\\n %} too\n ",
        " 1'000'000 + 0xff'ff ",
        " \"a\\\n%}\" ",
        " x = 5 % {1}; ",
        " %{ % } %% ",
        " / * /",
        "\n\n\t\xc3\xa9\n",
        " #error don't\n ",
        " '%' ? u8'\"' : u'\"' ",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        Arena *arena = arena_new();
        Parsed p = parse_good(arena_printf(
            arena, "graph g { node a (in x) {%%%s%%} start -> a -> end; }", bodies[i]));
        const AstGraph *graph = p.file->items[0].graph;
        assert_int_equal(graph->nodes[0].body_n, strlen(bodies[i]));
        assert_memory_equal(graph->nodes[0].body, bodies[i], strlen(bodies[i]));
        assert_int_equal(graph->nodes[0].body_span.begin, 26);
        assert_int_equal(graph->n_edges, 1);
        release(&p);
        arena_free(arena);
    }
}

/* ---- spans ---- */

static void assert_span(const Parsed *p, Span span, const char *text) {
    assert_ptr_equal(span.source, p->file->source);
    assert_int_equal(span.end - span.begin, strlen(text));
    assert_memory_equal(span.source->text + span.begin, text, strlen(text));
}

static void spans(void **state) {
    (void)state;
    Parsed p =
        parse_good("// one\ngraph g { state { in f : map<string, i8[]>[3] merge max local; }\n"
                   "node n (in f, d : u8) cost 3us /* two */ retry 2 every 1s;\n"
                   "n -> [a, b -> c] threads -> d when (x + 1) < len(y) max 5;\n"
                   "n -> match q { 1, -2 -> k } }");
    const AstGraph *graph = p.file->items[0].graph;
    assert_span(&p, graph->name.span, "g");
    assert_span(&p, graph->close, "}");
    assert_int_equal(graph->close.end, p.file->source->n);
    const AstField *field = &graph->fields[0];
    assert_span(&p, field->name.span, "f");
    assert_span(&p, field->type->span, "map<string, i8[]>[3]");
    assert_span(&p, field->type->elem->elem->span, "i8[]");
    assert_span(&p, field->merge.span, "max");
    assert_span(&p, field->local_span, "local");
    const AstNode *node = &graph->nodes[0];
    assert_span(&p, node->params[1].type->span, "u8");
    assert_span(&p, node->attrs[0].span, "cost 3us");
    assert_span(&p, node->attrs[1].span, "retry 2 every 1s");
    const AstEdges *edges = &graph->edges[0];
    assert_span(&p, edges->span, "n -> [a, b -> c] threads -> d when (x + 1) < len(y) max 5");
    const AstHop *hops = edges->chain->hops;
    assert_span(&p, hops[0].arrow, "->");
    assert_span(&p, hops[0].place->span, "[a, b -> c]");
    assert_span(&p, hops[0].place->mode_span, "threads");
    assert_span(&p, hops[0].place->branches[1]->span, "b -> c");
    assert_null(hops[0].place->branches[1]->hops[0].arrow.source);
    assert_span(&p, hops[1].guard->span, "(x + 1) < len(y)");
    assert_span(&p, hops[1].guard->op, "<");
    assert_span(&p, hops[1].guard->left->span, "(x + 1)");
    assert_span(&p, hops[1].max->span, "5");
    const AstPlace *match = graph->edges[1].chain->hops[0].place;
    assert_span(&p, match->span, "match");
    assert_span(&p, match->arms[0].span, "1, -2");
    assert_int_equal(p.file->n_comments, 2);
    assert_span(&p, p.file->comments[0], "// one");
    assert_span(&p, p.file->comments[1], "/* two */");
    release(&p);
}

/* ---- recovery ---- */

static void independent_errors_are_all_found(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t errors;
    } cases[] = {
        {"graph g { a b; c d; e -> f; g h; }", 3},
        {"graph g { a -> [b, c; d -> ; e -> f; }", 2},
        {"graph g { state { x; y : ; z : i32 } a -> ; } graph h { b c; }", 5},
        {"graph g { a -> when { x b; y -> ; else -> d; } e f; }", 3},
        {"graph g { a -> whn { x -> b; y -> c; } e -> f; }", 1},
        {"graph g { a -> [b c -> when { x -> b; y -> c; }, d] -> e; e f; }", 2},
        {"graph g { node n (in x y) {% { ; %} a b; }", 2},
        {"graph g { node n (in x) cost {% a; %} a b; }", 2},
        {"enum e { a b } struct s { x y; z : ; } const = 3; graph { }", 5},
        {"graph g { a -> b when \"x; c d; }\n e f; }", 1},
        {"} graph g { } } } graph h { a; }", 3},
        {"graph g { } } node a (in x); a -> b; } graph h { a; }", 2},
        {"graph g { a -> b when (x; c d; e -> f; }", 2},
        {"graph g { a -> match x { 1 b; 2 -> c; 3 d } e f; }", 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Parsed p = parse(cases[i].text);
        if (diags_errors(p.comp.diags) != cases[i].errors)
            fail_msg("%s\n%s", cases[i].text, p.messages);
        release(&p);
    }
}

/* Whatever is cut off or left out, the parser comes to its end. */
static void broken_pieces_of_a_good_file(void **state) {
    (void)state;
    static const char text[] =
        "const A = 3; enum e { a, b } struct s { x : i32; }\n"
        "graph g { state { in x : map<string, i8>[] = none merge max; }\n"
        "node n (in x, out y) cost 3us {% if (a) { \"%}\"; } %}\n"
        "router r (in x) -> a | end; start -> f: [a -> b, c] inline -> when { x > 3 -> d;\n"
        "else -> match y { 1, 2 -> e; else -> each x in y [b] } } a -> b when len(x) max 3; }";
    size_t n = strlen(text);
    char copy[sizeof text];
    for (size_t i = 0; i <= n; i++) {
        Parsed p = parse_bytes(text, i);
        release(&p);
        memcpy(copy, text, i);
        memcpy(copy + i, text + (i < n ? i + 1 : n), n - (i < n ? i + 1 : n));
        p = parse_bytes(copy, n - (i < n));
        release(&p);
        memcpy(copy, text, n);
        static const char noise[] = "{}()[];,\"/%-\x80\x01'";
        for (size_t k = 0; i < n && k < sizeof noise; k++) {
            copy[i] = noise[k];
            p = parse_bytes(copy, n);
            release(&p);
        }
    }
}

/* ---- size and depth ---- */

static char *repeat(Arena *arena, const char *before, const char *part, size_t times,
                    const char *after) {
    size_t n = strlen(before), m = strlen(part), k = strlen(after);
    char *text = arena_alloc(arena, n + m * times + k + 1);
    memcpy(text, before, n);
    for (size_t i = 0; i < times; i++)
        memcpy(text + n + i * m, part, m);
    memcpy(text + n + m * times, after, k);
    return text;
}

static void deep_nesting_is_refused(void **state) {
    (void)state;
    enum { MIB = 1 << 20 };
    static const struct {
        const char *before, *part;
        size_t times;
        const char *after, *expected;
    } cases[] = {
        {"", "[", 10 * MIB, "", "brackets nested deeper than 1000 levels"},
        {"graph g { a -> ", "[", 10 * MIB, "", "brackets nested deeper than 1000 levels"},
        {"const c = ", "(", 10 * MIB, "", "brackets nested deeper than 1000 levels"},
        {"graph g ", "{", 10 * MIB, "", "brackets nested deeper than 1000 levels"},
        {"graph g { a -> ", "[b -> when { x -> ", 100000, "", "brackets nested deeper than 1000"},
        {"struct s { a : ", "map<string, ", 100000, "", "brackets nested deeper than 1000"},
        {"struct s { a : i32", "[]", 100000, "; }", "type nested deeper than 1000 levels"},
        {"const c = ", "!", 100000, "x;", "expression nested deeper than 1000 levels"},
        {"const c = x", " + x", 100000, ";", "expression nested deeper than 1000 levels"},
        {"const c = x", ".x", 100000, ";", "expression nested deeper than 1000 levels"},
        {"", "/*", 5 * MIB, "", "this comment has no end"},
        {"const c = \"", "\\\\", 5 * MIB, "", "this string has no closing"},
        {"graph g { node a (in x) {%", "'", 10 * MIB, "", "this C body has no end"},
        {"graph g { node a (in x) {%", "'\\'", 3 * MIB, "", "this C body has no end"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Arena *arena = arena_new();
        Parsed p =
            parse(repeat(arena, cases[i].before, cases[i].part, cases[i].times, cases[i].after));
        if (!strstr(p.messages, cases[i].expected))
            fail_msg("expected: %s\n%s", cases[i].expected, p.messages);
        assert_true(diags_errors(p.comp.diags) <= 2);
        release(&p);
        arena_free(arena);
    }
}

static void what_is_long_but_flat_is_accepted(void **state) {
    (void)state;
    static const struct {
        const char *before, *part;
        size_t times;
        const char *after;
    } cases[] = {
        {"graph g { start", " -> a", 300000, "; }"},
        {"graph g { ", "a, ", 300000, "a -> b; }"},
        {"graph g { a -> [b", ", c", 300000, "]; }"},
        {"graph g { node n (in a", ", b", 300000, "); }"},
        {"graph g { a -> when { ", "x -> b; ", 100000, "else -> c } }"},
        {"graph g { a -> match x { 1", ", 1", 300000, " -> c } }"},
        {"graph g { ", "node n (in a); ", 100000, "}"},
        {"graph g { router r (in x) -> a", " | b", 300000, "; }"},
        {"enum e { a", ", b", 300000, " }"},
        {"", ";", 1000000, ""},
        {"", "/**/", 1000000, ""},
        {"const c = x", " + x", 999, ";"},
        {"const c = ", "(", 1000, "x"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Arena *arena = arena_new();
        bool is_parens = cases[i].part[0] == '(';
        const char *after = is_parens ? repeat(arena, "x", ")", 1000, ";") : cases[i].after;
        Parsed p = parse(repeat(arena, cases[i].before, cases[i].part, cases[i].times, after));
        assert_string_equal(p.messages, "");
        release(&p);
        arena_free(arena);
    }
}

static void a_thousand_errors_are_enough(void **state) {
    (void)state;
    Arena *arena = arena_new();
    Parsed p = parse(repeat(arena, "graph g { ", "a b; ", 100000, "}"));
    assert_int_equal(diags_errors(p.comp.diags), 1000);
    release(&p);
    arena_free(arena);
}

static void every_byte_alone(void **state) {
    (void)state;
    for (int c = 0; c < 256; c++) {
        char text[2] = {(char)c, '\0'};
        Parsed p = parse_bytes(text, 1);
        assert_int_equal(diags_errors(p.comp.diags), c && strchr(" \t\n\r\f\v;", c) ? 0 : 1);
        release(&p);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contextual_words_are_names_everywhere),
        cmocka_unit_test(any_word_but_with_is_a_reducer),
        cmocka_unit_test(reserved_words_name_nothing),
        cmocka_unit_test(top_level),
        cmocka_unit_test(fields),
        cmocka_unit_test(nodes),
        cmocka_unit_test(settings),
        cmocka_unit_test(chains),
        cmocka_unit_test(blocks_and_their_semicolons),
        cmocka_unit_test(sections_over_elements),
        cmocka_unit_test(expressions),
        cmocka_unit_test(bodies_are_kept_byte_for_byte),
        cmocka_unit_test(spans),
        cmocka_unit_test(independent_errors_are_all_found),
        cmocka_unit_test(broken_pieces_of_a_good_file),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(what_is_long_but_flat_is_accepted),
        cmocka_unit_test(a_thousand_errors_are_enough),
        cmocka_unit_test(every_byte_alone),
    };
    return cmocka_run_group_tests_name("parse", tests, NULL, NULL);
}
