/* rt.h: what the unit tests of the runtime share: cmocka, a ctx, and some types of a graph. */
#ifndef RT_H
#define RT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mem.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* enum mood { calm, angry = 5 } */
typedef enum mood { mood_calm = 0, mood_angry = 5 } mood;

/* struct leaf { name: string; data: bytes; at: i64; } */
typedef struct leaf {
    dfl_str name;
    dfl_bytes data;
    int64_t at;
} leaf;
DFL__BUILTIN(leaf, leaf)
DFL_OPT_TYPE(leaf_opt, leaf)

/* struct tree { name: string; kids: tree[]; } */
DFL_LIST_TYPE(tree_list, struct tree)
typedef struct tree {
    dfl_str name;
    tree_list kids;
} tree;
DFL_LIST_OPS(tree_list, tree)

DFL__BUILTIN(dfl_str_list, dfl_str_list)

/* A state with a field of every kind; the memory lies first, as a reminder that it is no field. */
typedef struct every {
    dfl__mem mem;
    bool flag;
    int8_t i8;
    int64_t i64;
    uint64_t u64;
    float f32;
    double f64;
    dfl_str text;
    dfl_bytes data;
    mood mood;
    leaf leaf;
    dfl_f64_list numbers;
    dfl_str_list words;
    leaf_list leaves;
    dfl_str_list_list lines;
    tree tree;
    dfl_str pair[2];
    dfl_i32_map counts;
    leaf_map by_name;
    dfl_i32_opt maybe;
    leaf_opt maybe_leaf;
    void *handle;
} every;

static const dfl_enumerator mood_values[] = {{"calm", 0}, {"angry", 5}};
static const dfl_type type_mood = {.kind = DFL_KIND_ENUM,
                                   .flat = true,
                                   .name = "mood",
                                   .size = sizeof(mood),
                                   .n = 2,
                                   .values = mood_values};
static const dfl_member leaf_members[] = {
    {"name", &dfl_type_string, offsetof(leaf, name), 0},
    {"data", &dfl_type_bytes, offsetof(leaf, data), 0},
    {"at", &dfl_type_i64, offsetof(leaf, at), 0},
};
static const dfl_type type_leaf = {
    .kind = DFL_KIND_STRUCT, .name = "leaf", .size = sizeof(leaf), .n = 3, .members = leaf_members};
#define LIST_OF(TEXT, ELEM)                                                                        \
    { .kind = DFL_KIND_LIST, .name = TEXT, .size = sizeof(dfl__list), .elem = &ELEM }
static const dfl_type type_f64s = LIST_OF("f64[]", dfl_type_f64);
static const dfl_type type_words = LIST_OF("string[]", dfl_type_string);
static const dfl_type type_leaves = LIST_OF("leaf[]", type_leaf);
static const dfl_type type_lines = LIST_OF("string[][]", type_words);
static const dfl_type type_tree;
static const dfl_type type_trees = LIST_OF("tree[]", type_tree);
static const dfl_member tree_members[] = {
    {"name", &dfl_type_string, offsetof(tree, name), 0},
    {"kids", &type_trees, offsetof(tree, kids), 0},
};
static const dfl_type type_tree = {
    .kind = DFL_KIND_STRUCT, .name = "tree", .size = sizeof(tree), .n = 2, .members = tree_members};
static const dfl_type type_pair = {.kind = DFL_KIND_ARRAY,
                                   .name = "string[2]",
                                   .size = 2 * sizeof(dfl_str),
                                   .elem = &dfl_type_string,
                                   .n = 2};
static const dfl_type type_counts = {.kind = DFL_KIND_MAP,
                                     .name = "map<string, i32>",
                                     .size = sizeof(dfl_i32_map),
                                     .elem = &dfl_type_i32,
                                     .offset = offsetof(dfl_i32_map_entry, value),
                                     .entry = sizeof(dfl_i32_map_entry)};
static const dfl_type type_by_name = {.kind = DFL_KIND_MAP,
                                      .name = "map<string, leaf>",
                                      .size = sizeof(leaf_map),
                                      .elem = &type_leaf,
                                      .offset = offsetof(leaf_map_entry, value),
                                      .entry = sizeof(leaf_map_entry)};
static const dfl_type type_maybe = {.kind = DFL_KIND_OPT,
                                    .flat = true,
                                    .name = "i32?",
                                    .size = sizeof(dfl_i32_opt),
                                    .elem = &dfl_type_i32,
                                    .offset = offsetof(dfl_i32_opt, value)};
static const dfl_type type_maybe_leaf = {.kind = DFL_KIND_OPT,
                                         .name = "leaf?",
                                         .size = sizeof(leaf_opt),
                                         .elem = &type_leaf,
                                         .offset = offsetof(leaf_opt, value)};
static const dfl_member every_members[] = {
    {"flag", &dfl_type_bool, offsetof(every, flag), 0},
    {"i8", &dfl_type_i8, offsetof(every, i8), 0},
    {"i64", &dfl_type_i64, offsetof(every, i64), 0},
    {"u64", &dfl_type_u64, offsetof(every, u64), 0},
    {"f32", &dfl_type_f32, offsetof(every, f32), 0},
    {"f64", &dfl_type_f64, offsetof(every, f64), 0},
    {"text", &dfl_type_string, offsetof(every, text), 0},
    {"data", &dfl_type_bytes, offsetof(every, data), 0},
    {"mood", &type_mood, offsetof(every, mood), 0},
    {"leaf", &type_leaf, offsetof(every, leaf), 0},
    {"numbers", &type_f64s, offsetof(every, numbers), 0},
    {"words", &type_words, offsetof(every, words), 0},
    {"leaves", &type_leaves, offsetof(every, leaves), 0},
    {"lines", &type_lines, offsetof(every, lines), 0},
    {"tree", &type_tree, offsetof(every, tree), 0},
    {"pair", &type_pair, offsetof(every, pair), 0},
    {"counts", &type_counts, offsetof(every, counts), 0},
    {"by_name", &type_by_name, offsetof(every, by_name), 0},
    {"maybe", &type_maybe, offsetof(every, maybe), 0},
    {"maybe_leaf", &type_maybe_leaf, offsetof(every, maybe_leaf), 0},
    {"handle", &dfl_type_handle, offsetof(every, handle), 0},
};
static const dfl_type type_every = {.kind = DFL_KIND_STRUCT,
                                    .name = "every",
                                    .size = sizeof(every),
                                    .n = COUNT(every_members),
                                    .members = every_members};

static inline bool says(dfl_str s, const char *text) {
    return s.n == strlen(text) && memcmp(s.p, text, s.n) == 0 && s.p[s.n] == '\0';
}

/* One leaf whose strings say `i`. */
static inline leaf leaf_of(dfl_ctx *ctx, int i) {
    dfl_str data = dfl_printf(ctx, "<%d>", i);
    return (leaf){dfl_printf(ctx, "leaf %d", i), {(const uint8_t *)data.p, data.n}, i};
}

/* Fills every field with n of what it holds, all in the arena of ctx; 0 on success. */
static inline int fill_every(dfl_ctx *ctx, every *s, int n) {
    int failed = 0;
    s->flag = true, s->i8 = -8, s->i64 = INT64_MIN, s->u64 = UINT64_MAX;
    s->f32 = 0.1f, s->f64 = -0.1, s->mood = mood_angry, s->handle = s;
    s->text = dfl_printf(ctx, "text of %d", n);
    s->leaf = leaf_of(ctx, n);
    s->data = s->leaf.data;
    for (int i = 0; i < n; i++) {
        dfl_str_list line = {0};
        tree kid = {dfl_printf(ctx, "kid %d", i), {0}};
        failed |= dfl_f64_list_push(ctx, &s->numbers, i);
        failed |= dfl_str_list_push(ctx, &s->words, dfl_printf(ctx, "word %d", i));
        failed |= leaf_list_push(ctx, &s->leaves, leaf_of(ctx, i));
        failed |= dfl_str_list_push(ctx, &line, dfl_printf(ctx, "line %d", i));
        failed |= dfl_str_list_list_push(ctx, &s->lines, line);
        failed |= tree_list_push(ctx, &s->tree.kids, kid);
        failed |= dfl_i32_map_put(ctx, &s->counts, dfl_printf(ctx, "count %d", i), i);
        failed |= leaf_map_put(ctx, &s->by_name, dfl_printf(ctx, "name %d", i), leaf_of(ctx, i));
    }
    s->tree.name = dfl_printf(ctx, "root");
    s->pair[0] = dfl_printf(ctx, "left"), s->pair[1] = dfl_printf(ctx, "right");
    s->maybe = (dfl_i32_opt){true, n};
    s->maybe_leaf = (leaf_opt){true, leaf_of(ctx, n)};
    return failed | (int)(ctx->flags & DFL__NOMEM);
}

static inline bool is_leaf(leaf l, int i) {
    char name[32], data[32];
    snprintf(name, sizeof name, "leaf %d", i);
    snprintf(data, sizeof data, "<%d>", i);
    return says(l.name, name) && l.data.n == strlen(data) &&
           memcmp(l.data.p, data, l.data.n) == 0 && l.at == i;
}

/* Is s what fill_every(.., n) makes? Asserts what is not. */
static inline void check_every(const every *s, int n) {
    char text[32];
    assert_true(s->flag && s->i8 == -8 && s->i64 == INT64_MIN && s->u64 == UINT64_MAX);
    assert_true(s->f32 == 0.1f && s->f64 == -0.1 && s->mood == mood_angry);
    snprintf(text, sizeof text, "text of %d", n);
    assert_true(says(s->text, text));
    assert_true(is_leaf(s->leaf, n));
    assert_int_equal(s->data.n, s->leaf.data.n);
    assert_memory_equal(s->data.p, s->leaf.data.p, s->data.n);
    assert_true(s->numbers.len == (uint32_t)n && s->words.len == (uint32_t)n);
    assert_true(s->leaves.len == (uint32_t)n && s->lines.len == (uint32_t)n);
    assert_true(s->counts.len == (uint32_t)n && s->by_name.len == (uint32_t)n);
    assert_true(s->tree.kids.len == (uint32_t)n);
    for (int i = 0; i < n; i++) {
        assert_true(s->numbers.items[i] == i);
        snprintf(text, sizeof text, "word %d", i);
        assert_true(says(s->words.items[i], text));
        assert_true(is_leaf(s->leaves.items[i], i));
        snprintf(text, sizeof text, "line %d", i);
        assert_true(s->lines.items[i].len == 1 && says(s->lines.items[i].items[0], text));
        snprintf(text, sizeof text, "kid %d", i);
        assert_true(says(s->tree.kids.items[i].name, text));
        snprintf(text, sizeof text, "count %d", i);
        assert_true(says(s->counts.entries[i].key, text) && s->counts.entries[i].value == i);
        const int32_t *found = dfl_i32_map_get(&s->counts, (dfl_str){text, strlen(text)});
        assert_true(found && *found == i);
        snprintf(text, sizeof text, "name %d", i);
        const leaf *named = leaf_map_get(&s->by_name, (dfl_str){text, strlen(text)});
        assert_true(named && is_leaf(*named, i));
    }
    assert_true(says(s->tree.name, "root"));
    assert_true(says(s->pair[0], "left") && says(s->pair[1], "right"));
    assert_true(s->maybe.has && s->maybe.value == n);
    assert_true(s->maybe_leaf.has && is_leaf(s->maybe_leaf.value, n));
}

/* A state of its own with a ctx over its memory. */
typedef struct own_state {
    every s;
    dfl_ctx ctx;
    dfl__root root;
} own_state;

static inline own_state *own_state_new(void) {
    own_state *own = calloc(1, sizeof *own);
    assert_non_null(own);
    dfl__ctx_init(&own->ctx, &own->s.mem);
    own->root = (dfl__root){&own->s, &type_every, NULL};
    own->ctx.roots = &own->root;
    return own;
}

static inline void own_state_free(own_state *own) {
    dfl__mem_free(&own->s.mem);
    free(own);
}

#endif
