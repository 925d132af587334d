// What tree-sitter makes of texts, held against what dflc makes of them:
//
//   treesitter messages FILE...                  what asks `dflc lsp` for the semantic tokens of each
//   treesitter colors QUERIES ANSWERS FILE...    each file by QUERIES/highlights.scm, against the answers to that
//   treesitter agrees FILE...                    what dflc parses has no error in its tree, with the same C bodies;
//                                                also when the file is changed at a few places, and again is
//                                                read from there on alone
//   treesitter refuses FILE...                   the tree has an error
//   treesitter words QUERIES                     words that are keywords elsewhere, wherever a name can stand
//   treesitter bodies                            where C bodies end
//   treesitter hostile                           what nests without end comes to one
#define _GNU_SOURCE
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tree_sitter/api.h>

#include "../unit/chance.h"
#include "../unit/words.h"
#include "dflc/ast.h"

const TSLanguage *tree_sitter_dfl(void);

static int wrong, looked_at;

static const char *at_place; // of what is looked at: a file, or the text itself

#define WRONG(...)                                                                                                     \
    do {                                                                                                               \
        if (++wrong < 20) {                                                                                            \
            printf("%s", at_place);                                                                                    \
            printf(__VA_ARGS__);                                                                                       \
            putchar('\n');                                                                                             \
        }                                                                                                              \
    } while (0)

static void die(const char *what, const char *name) {
    fprintf(stderr, "treesitter: %s: %s\n", what, name);
    exit(2);
}

// NUL-terminated.
static char *read_file(const char *path, size_t *n) {
    FILE *in = fopen(path, "rb");
    char *text = NULL;
    size_t room = 0;
    if (!in)
        die("cannot read", path);
    ssize_t got = getdelim(&text, &room, EOF, in);
    fclose(in);
    if (got < 0)
        text[0] = '\0';
    *n = got < 0 ? 0 : (size_t)got;
    return text;
}

static TSParser *the_parser(void) {
    static TSParser *parser;
    if (!parser) {
        parser = ts_parser_new();
        if (!ts_parser_set_language(parser, tree_sitter_dfl()))
            die("the library does not take this version", "parser.c");
    }
    return parser;
}

static TSTree *parse(const char *text, size_t n) {
    return ts_parser_parse_string(the_parser(), NULL, text, (uint32_t)n);
}

static TSNode first_error(TSNode node) {
    for (uint32_t i = 0; i < ts_node_child_count(node); i++) {
        TSNode child = ts_node_child(node, i);
        if (ts_node_has_error(child) || ts_node_is_missing(child))
            return first_error(child);
    }
    return node;
}

static void report_error(TSTree *tree, const char *text) {
    TSNode node = first_error(ts_tree_root_node(tree));
    TSPoint at = ts_node_start_point(node);
    uint32_t begin = ts_node_start_byte(node), n = ts_node_end_byte(node) - begin;
    WRONG(":%u:%u: %s %s: %.*s", at.row + 1, at.column + 1, ts_node_is_missing(node) ? "missing" : "error in",
          ts_node_type(node), n < 60 ? (int)n : 60, text + begin);
}

static bool has_error(TSTree *tree) {
    return ts_node_has_error(ts_tree_root_node(tree));
}

// ---- colors ----

static TSQuery *read_query(const char *directory, const char *name) {
    char *path, *text;
    size_t n;
    uint32_t at;
    TSQueryError error;
    if (asprintf(&path, "%s/%s", directory, name) < 0)
        die("no memory for", name);
    text = read_file(path, &n);
    TSQuery *query = ts_query_new(tree_sitter_dfl(), text, (uint32_t)n, &at, &error);
    if (!query) {
        fprintf(stderr, "%s: error %d at byte %u: %.40s\n", path, (int)error, at, text + at);
        exit(1);
    }
    free(text);
    free(path);
    return query;
}

// The capture of each byte; the inner one, where one stands in another.
static const char **colors_of(TSTree *tree, TSQuery *query, size_t n) {
    const char **colors = calloc(n + 1, sizeof *colors);
    TSQueryCursor *cursor = ts_query_cursor_new();
    TSQueryMatch match;
    TSNode last = {0};
    uint32_t i;
    if (!colors)
        die("no memory for", at_place);
    ts_query_cursor_exec(cursor, query, ts_tree_root_node(tree));
    while (ts_query_cursor_next_capture(cursor, &match, &i)) {
        uint32_t length;
        TSNode node = match.captures[i].node;
        const char *name = ts_query_capture_name_for_id(query, match.captures[i].index, &length);
        TSPoint at = ts_node_start_point(node);
        if (last.id && ts_node_eq(node, last))
            WRONG(":%u:%u: captured twice, as %s and %s", at.row + 1, at.column + 1, colors[ts_node_start_byte(node)], name);
        for (uint32_t k = ts_node_start_byte(node); k < ts_node_end_byte(node); k++)
            colors[k] = name;
        last = node;
    }
    ts_query_cursor_delete(cursor);
    return colors;
}

// By the number of the token: the captures that it may have.
static const char *const color_of_kind[][4] = {
    {"type"},                            // a graph
    {"variable.member", "variable"},     // a field or member; in an expression it may be other things
    {"function", "label", "variable"},   // a node, a section, a predicate in a guard
    {"variable", "variable.parameter", "variable.member", "constant"}, // of each, also bound by its name; a constant
    {"type"},                            // an enum
    {"constant", "variable"},            // its value
    {"type"},                            // a struct
    {"type.builtin"},
    {"keyword", "constant.builtin", "function.builtin"}, // the last: `merge max`
    {"number"},
    {"string"},
    {"comment"},
};

static bool may_have(json_int_t kind, const char *color) {
    if (kind < 0 || (size_t)kind >= sizeof color_of_kind / sizeof *color_of_kind || !color)
        return false;
    for (size_t i = 0; i < 4 && color_of_kind[kind][i]; i++)
        if (strcmp(color_of_kind[kind][i], color) == 0)
            return true;
    return false;
}

static json_int_t number_at(json_t *data, size_t i) {
    return json_integer_value(json_array_get(data, i));
}

static void compare_colors(const char *text, const char **colors, json_t *data) {
    const char *line = text;
    json_int_t row = 0, column = 0;
    for (size_t i = 0; i + 4 < json_array_size(data); i += 5, looked_at++) {
        json_int_t rows = number_at(data, i), n = number_at(data, i + 2), kind = number_at(data, i + 3);
        column = rows ? number_at(data, i + 1) : column + number_at(data, i + 1);
        row += rows;
        while (rows-- > 0)
            line = strchr(line, '\n') + 1;
        const char **first = colors + (line - text) + column;
        for (json_int_t k = 0; k < n; k += n > 1 ? n - 1 : 1)
            if (!may_have(kind, first[k]))
                WRONG(":%d:%d: %s, and the token is a %d: %.*s", (int)row + 1, (int)(column + k + 1),
                      first[k] ? first[k] : "no color", (int)kind, (int)n, line + column);
    }
}

// The bodies of the messages behind their headers, by id.
static json_t *read_answers(const char *path) {
    size_t n;
    char *text = read_file(path, &n), *at = text;
    json_t *answers = json_object();
    while ((at = strstr(at, "Content-Length: "))) {
        size_t length = strtoul(at + strlen("Content-Length: "), NULL, 10);
        at = strstr(at, "\r\n\r\n") + 4;
        json_t *message = json_loadb(at, length, 0, NULL);
        char id[32];
        snprintf(id, sizeof id, "%d", (int)json_integer_value(json_object_get(message, "id")));
        json_object_set_new(answers, id, message);
        at += length;
    }
    free(text);
    return answers;
}

// The other queries name nothing that the grammar does not have.
static void check_queries(const char *queries) {
    static const char *const names[] = {"folds.scm", "indents.scm", "injections.scm"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ts_query_delete(read_query(queries, names[i]));
}

static void check_colors(const char *queries, const char *answers_path, char **files) {
    TSQuery *query = read_query(queries, "highlights.scm");
    json_t *answers = read_answers(answers_path);
    for (int i = 0; files[i]; i++) {
        size_t n;
        char id[32], *text = read_file(files[i], &n);
        TSTree *tree = parse(text, n);
        at_place = files[i];
        snprintf(id, sizeof id, "%d", i + 1);
        json_t *data = json_object_get(json_object_get(json_object_get(answers, id), "result"), "data");
        const char **colors = colors_of(tree, query, n);
        if (has_error(tree))
            report_error(tree, text);
        if (json_array_size(data) == 0)
            WRONG(": no tokens");
        compare_colors(text, colors, data);
        free(colors);
        ts_tree_delete(tree);
        free(text);
    }
    json_decref(answers);
    ts_query_delete(query);
}

static void say(json_t *message) {
    json_object_set_new(message, "jsonrpc", json_string("2.0"));
    char *text = json_dumps(message, JSON_COMPACT);
    printf("Content-Length: %zu\r\n\r\n%s", strlen(text), text);
    free(text);
    json_decref(message);
}

// Columns are in bytes, as tree-sitter's.
static void write_messages(char **files) {
    say(json_pack("{s:i, s:s, s:{s:{s:{s:[s]}}}}", "id", 0, "method", "initialize", "params", "capabilities", "general",
                  "positionEncodings", "utf-8"));
    for (int i = 0; files[i]; i++) {
        size_t n;
        char *uri, *text = read_file(files[i], &n);
        if (asprintf(&uri, "file://%s", files[i]) < 0)
            die("no memory for", files[i]);
        say(json_pack("{s:s, s:{s:{s:s, s:i, s:s}}}", "method", "textDocument/didOpen", "params", "textDocument", "uri",
                      uri, "version", 1, "text", text));
        say(json_pack("{s:i, s:s, s:{s:{s:s}}}", "id", i + 1, "method", "textDocument/semanticTokens/full", "params",
                      "textDocument", "uri", uri));
        free(uri);
        free(text);
    }
    say(json_pack("{s:i, s:s}", "id", 1 << 20, "method", "shutdown"));
    say(json_pack("{s:s}", "method", "exit"));
}

// ---- the same texts are right ----

// The next C body behind the node, in the order of the text; begins with a null node.
static bool next_body(TSTreeCursor *cursor, TSNode *body) {
    for (;;) {
        if (!ts_tree_cursor_goto_first_child(cursor))
            while (!ts_tree_cursor_goto_next_sibling(cursor))
                if (!ts_tree_cursor_goto_parent(cursor))
                    return false;
        *body = ts_tree_cursor_current_node(cursor);
        if (strcmp(ts_node_type(*body), "c_code") == 0)
            return true;
    }
}

static void compare_bodies(TSTree *tree, const AstFile *file) {
    TSTreeCursor cursor = ts_tree_cursor_new(ts_tree_root_node(tree));
    TSNode body;
    for (size_t i = 0; i < file->n_items; i++) {
        const AstGraph *graph = file->items[i].kind == AI_GRAPH ? file->items[i].graph : NULL;
        for (size_t k = 0; graph && k < graph->n_nodes; k++) {
            Span span = graph->nodes[k].body_span;
            if (span.end <= span.begin)
                continue;
            if (!next_body(&cursor, &body) || ts_node_start_byte(body) != span.begin || ts_node_end_byte(body) != span.end)
                WRONG(": the body of %s ends elsewhere", graph->nodes[k].name.text);
        }
    }
    ts_tree_cursor_delete(&cursor);
}

// As a parser that sees the text for the first time takes it.
static TSTree *check_agrees(const char *text, size_t n) {
    Arena *arena = arena_new();
    Compilation comp = {arena, interner_new(arena), diags_new(arena)};
    AstFile *file = ast_parse(&comp, source_from_text(arena, "x.dfl", text, n));
    TSTree *tree = parse(text, n);
    looked_at++;
    if (diags_errors(comp.diags) == 0 && has_error(tree))
        report_error(tree, text);
    else if (diags_errors(comp.diags) == 0)
        compare_bodies(tree, file);
    arena_free(arena);
    return tree;
}

static TSPoint point_of(const char *text, uint32_t offset) {
    TSPoint point = {0};
    for (uint32_t i = 0; i < offset; i++) {
        point.column = text[i] == '\n' ? 0 : point.column + 1;
        point.row += text[i] == '\n';
    }
    return point;
}

// A piece of at most 16 bytes is blank, or is another one of the text.
static TSInputEdit change(const char *text, char *changed, uint32_t n, Chance *chance) {
    uint32_t length = 1 + (uint32_t)chance_below(chance, n < 16 ? n : 16);
    uint32_t from = (uint32_t)chance_below(chance, n - length + 1), to = (uint32_t)chance_below(chance, n - length + 1);
    memcpy(changed, text, n);
    if (chance_below(chance, 2))
        memset(changed + to, ' ', length);
    else
        memcpy(changed + to, text + from, length);
    return (TSInputEdit){to, to + length, to + length, point_of(text, to), point_of(text, to + length),
                         point_of(changed, to + length)};
}

// What an editor has after a change is what it would have after reading the file.
static void check_edit(const TSTree *before, TSInputEdit edit, TSTree *fresh, const char *text, size_t n) {
    TSTree *old = ts_tree_copy(before);
    ts_tree_edit(old, &edit);
    TSTree *edited = ts_parser_parse_string(the_parser(), old, text, (uint32_t)n);
    char *expected = ts_node_string(ts_tree_root_node(fresh)), *is = ts_node_string(ts_tree_root_node(edited));
    if (!has_error(fresh) && strcmp(expected, is) != 0)
        WRONG(":%u:%u: a change leaves another tree: %s", edit.start_point.row + 1, edit.start_point.column + 1, is);
    free(expected);
    free(is);
    ts_tree_delete(old);
    ts_tree_delete(edited);
}

static void check_files(char **files, unsigned changes) {
    Chance chance = {1};
    for (int i = 0; files[i]; i++) {
        size_t n;
        char *text = read_file(files[i], &n), *changed = malloc(n + 1);
        at_place = files[i];
        TSTree *tree = check_agrees(text, n);
        for (unsigned k = 0; n > 0 && k < changes; k++) {
            TSInputEdit edit = change(text, changed, (uint32_t)n, &chance);
            TSTree *fresh = check_agrees(changed, n);
            check_edit(tree, edit, fresh, changed, n);
            ts_tree_delete(fresh);
        }
        ts_tree_delete(tree);
        free(changed);
        free(text);
    }
}

static void check_refused(char **files) {
    for (int i = 0; files[i]; i++, looked_at++) {
        size_t n;
        char *text = read_file(files[i], &n);
        TSTree *tree = parse(text, n);
        at_place = files[i];
        if (!has_error(tree))
            WRONG(": is taken");
        ts_tree_delete(tree);
        free(text);
    }
}

// ---- words, bodies, and what is made to break it ----

// A name has the color that any other name has there.
static void check_words(const char *queries) {
    TSQuery *query = read_query(queries, "highlights.scm");
    Arena *arena = arena_new();
    for (size_t i = 0; i < sizeof positions / sizeof *positions; i++)
        for (size_t k = 0; k < sizeof free_words / sizeof *free_words; k++, looked_at++) {
            const char *plain = at_place = replace(arena, positions[i], "@", "ZZZ"), *other = plain;
            TSTree *tree = parse(plain, strlen(plain));
            const char **expected = colors_of(tree, query, strlen(plain));
            ts_tree_delete(tree);
            const char *text = at_place = replace(arena, positions[i], "@", free_words[k]), *at = text;
            tree = parse(text, strlen(text));
            const char **colors = colors_of(tree, query, strlen(text));
            if (has_error(tree))
                report_error(tree, text);
            for (const char *hole = positions[i]; *hole; hole++) {
                bool name = *hole == '@';
                const char *want = expected[other - plain], *is = colors[at - text];
                if ((want || is) && (!want || !is || strcmp(want, is) != 0))
                    WRONG(":%d: %s, not %s", (int)(at - text + 1), is ? is : "no color", want ? want : "none");
                other += name ? 3 : 1;
                at += name ? strlen(free_words[k]) : 1;
            }
            free(expected);
            free(colors);
            ts_tree_delete(tree);
        }
    arena_free(arena);
    ts_query_delete(query);
}

static void check_bodies(void) {
    static const char *const bodies[] = {
        "", " ", "x = a % b;", "}", "{", "%", "%%", " % }", "x %= 3", "\"%}\"", "\"\\\"%}\"", "'%}'", "'\\'%}'", "'\"'",
        "L'%}'", "u8'%}'", "1'000 '%}'", "x'%}'", "isn't", "a' b", "a'\n\"%}\"", "u' ", "// %}\n", "// \\\n %}\n", "/* %} */",
        "/* ** %} **/", "a / b", "a /", "\"a\n", "\\'", "#error isn't\n'%}'", "'", "'a", "\"\\\n%}\"", "%'%}'%",
        "' \"%}\"", "'\"%}\n", "' // %}\n", "' /* %} */", "' /*\n %} */", "' /*/ %} */ / 2", "' \"//\" ",
    };
    Arena *arena = arena_new();
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        const char *text = at_place = replace(arena, "graph g { node a () {%@%} node b () {%@%} }", "@", bodies[i]);
        Compilation comp = {arena, interner_new(arena), diags_new(arena)};
        ast_parse(&comp, source_from_text(arena, "x.dfl", text, strlen(text)));
        if (diags_errors(comp.diags) > 0)
            WRONG(": dflc does not take it");
        ts_tree_delete(check_agrees(text, strlen(text)));
    }
    arena_free(arena);
}

static void check_hostile(void) {
    static const char *const pieces[] = {"[", "(", "{", "{%", "a -> [", "x?", "-", "!", "\"", "/*", "<", "a -> when {", "}", "graph g {",
                                         "start -> a when (", "\\", "'", "node a (in x", "include <"};
    enum { TIMES = 4000 }; // 0.20 of the library frees wrongly what has more than 65535 children
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++, looked_at++) {
        size_t n = strlen(pieces[i]);
        char *text = malloc(TIMES * n + 64);
        size_t at = (size_t)sprintf(text, "graph g { a -> b when ");
        for (int k = 0; k < TIMES; k++, at += n)
            memcpy(text + at, pieces[i], n + 1);
        TSTree *tree = parse(text, at);
        at_place = pieces[i];
        if (!has_error(tree))
            WRONG(": is taken, %d times", TIMES);
        ts_tree_delete(tree);
        free(text);
    }
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "messages") == 0 && argc > 2) {
        write_messages(argv + 2);
        return 0;
    }
    if (strcmp(what, "colors") == 0 && argc > 4) {
        check_queries(argv[2]);
        check_colors(argv[2], argv[3], argv + 4);
    } else if (strcmp(what, "agrees") == 0 && argc > 2)
        check_files(argv + 2, 6);
    else if (strcmp(what, "refuses") == 0 && argc > 2)
        check_refused(argv + 2);
    else if (strcmp(what, "words") == 0 && argc > 2)
        check_words(argv[2]);
    else if (strcmp(what, "bodies") == 0)
        check_bodies();
    else if (strcmp(what, "hostile") == 0)
        check_hostile();
    else
        die("unknown", what);
    ts_parser_delete(the_parser());
    printf("%s: %d looked at, %d wrong\n", what, looked_at, wrong);
    return wrong ? 1 : 0;
}
