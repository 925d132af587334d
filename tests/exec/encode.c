#include "encode.h"

#include <stdlib.h>

static int failures;

#define CHECK(CONDITION)                                                                           \
    do {                                                                                           \
        if (!(CONDITION)) {                                                                        \
            printf("%s:%d: %s\n", __FILE__, __LINE__, #CONDITION);                                 \
            failures++;                                                                            \
        }                                                                                          \
    } while (0)

/* Of the runtime's tests: let n more allocations succeed, then fail one. */
void dfl__fail_after(long n);

/* ---- a state with something in every field ---- */

static quote some_quote(dfl_ctx *ctx, const char *symbol, double price) {
    quote q = {.symbol = dfl_strdup(ctx, symbol), .price = price, .felt = mood_sad};
    dfl_str_list_push(ctx, &q.tags, DFL_STR("tech"));
    dfl_str_list_push(ctx, &q.tags, DFL_STR(""));
    q.at = (point){price, -price, true};
    return q;
}

static tree leaf(dfl_ctx *ctx, int i) {
    return (tree){.label = dfl_printf(ctx, "leaf %d", i)};
}

static void fill_numbers(all_state *s) {
    s->flag = true, s->n8 = -8, s->n16 = -1600, s->n32 = INT32_MIN, s->n64 = INT64_MIN;
    s->m8 = 255, s->m16 = 65535, s->m32 = UINT32_MAX, s->m64 = UINT64_MAX;
    s->f = 1.5F, s->d = -0.1;
    s->now = mood_angry, s->spot = (point){1, 2, true};
    s->grid[3] = 4.5, s->lamps[1] = true, s->mood2[0] = mood_sad;
    s->triangle[1] = (point){0, 3, true};
    s->o32 = (dfl_i32_opt){true, -32}, s->oflag = (dfl_bool_opt){true, true};
    s->omood = (mood_opt){true, mood_angry}, s->opoint = (point_opt){true, {7, 8, false}};
}

static void fill_lists(dfl_ctx *ctx, all_state *s) {
    dfl_f64_list inner = {0};
    for (int i = 0; i < 3; i++) {
        dfl_bool_list_push(ctx, &s->flags, i == 1);
        dfl_f32_list_push(ctx, &s->floats, (float)i / 2);
        dfl_f64_list_push(ctx, &s->doubles, i * 0.1);
        dfl_i8_list_push(ctx, &s->small, (int8_t)-i);
        dfl_u64_list_push(ctx, &s->large, UINT64_MAX - (unsigned)i);
        dfl_str_list_push(ctx, &s->texts, dfl_printf(ctx, "text %d", i));
        dfl_bytes_list_push(ctx, &s->raws, (dfl_bytes){(const uint8_t *)"\0\1\2", (size_t)i});
        mood_list_push(ctx, &s->moods, i ? mood_angry : mood_sad);
        point_list_push(ctx, &s->points, (point){i, i, i == 0});
        quote_list_push(ctx, &s->quotes, some_quote(ctx, "AAPL", i));
        dfl_f64_list_push(ctx, &inner, i);
        dfl_f64_list_list_push(ctx, &s->nested, inner);
        dfl_i32_opt_list_push(ctx, &s->maybes, (dfl_i32_opt){i == 2, i});
    }
    dfl_fault_list_push(ctx, &s->faults,
                        (dfl_fault){DFL_STR("b"), DFL_STR("n"), DFL_STR("why"), -1, 3, 1});
}

static void fill_maps(dfl_ctx *ctx, all_state *s) {
    for (int i = 0; i < 20; i++) {
        dfl_str key = dfl_printf(ctx, "key %d", i);
        dfl_str_map_put(ctx, &s->by_text, key, key);
        dfl_f64_map_put(ctx, &s->by_number, key, i);
        if (i < 3) {
            quote_map_put(ctx, &s->by_quote, key, some_quote(ctx, "MSFT", i));
            dfl_f64_list_map_put(ctx, &s->by_list, key, s->doubles);
        }
    }
}

static void fill_structs(dfl_ctx *ctx, all_state *s) {
    s->text = dfl_strdup(ctx, "gr\xc3\xbc\xc3\x9f dich");
    s->raw = (dfl_bytes){(const uint8_t *)"a\0b", 3};
    s->words[1] = DFL_STR("second");
    s->otext = (dfl_str_opt){true, DFL_STR("maybe")};
    s->oquote = (quote_opt){true, some_quote(ctx, "IBM", 3)};
    s->last = some_quote(ctx, "GOOG", 5);
    s->fixed.a[2] = -3, s->fixed.b[0] = true, s->fixed.p[1].x = 1;
    s->fixed.q[0] = some_quote(ctx, "AMZN", 6);
    s->fixed.names[0] = DFL_STR("first");
    s->root = leaf(ctx, 0);
    for (int i = 1; i < 4; i++) {
        tree_list_push(ctx, &s->root.children, leaf(ctx, i));
        tree_map_put(ctx, &s->root.named, dfl_printf(ctx, "%d", i), s->root);
    }
}

static void fill(all_state *s) {
    dfl_ctx *ctx = all_state_ctx(s);
    fill_numbers(s);
    fill_lists(ctx, s);
    fill_maps(ctx, s);
    fill_structs(ctx, s);
}

/* ---- comparing ---- */

static bool same_bytes(const dfl_buf *a, const void *p, size_t n) {
    return a->n == n && (n == 0 || memcmp(a->p, p, n) == 0);
}

static bool encodes_as(const all_state *s, const void *p, size_t n) {
    dfl_buf again = {0};
    bool same = all_encode(s, &again) == DFL_OK && same_bytes(&again, p, n);
    dfl_buf_free(&again);
    return same;
}

static bool same_json(const all_state *a, const all_state *b) {
    dfl_buf ja = {0}, jb = {0};
    bool same = all_to_json(a, &ja) == DFL_OK && all_to_json(b, &jb) == DFL_OK &&
                same_bytes(&ja, jb.p, jb.n);
    dfl_buf_free(&ja);
    dfl_buf_free(&jb);
    return same;
}

/* ---- the tests ---- */

static void what_goes_in_comes_back(const all_state *s, const dfl_buf *bytes) {
    all_state back;
    int handle;
    all_state_init(&back);
    back.file = &handle;
    back.text = DFL_STR("old");
    CHECK(all_decode(&back, bytes->p, bytes->n) == DFL_OK);
    CHECK(back.file == (void *)&handle);
    CHECK(encodes_as(&back, bytes->p, bytes->n));
    CHECK(same_json(s, &back));
    CHECK(back.m64 == UINT64_MAX && back.n64 == INT64_MIN && back.d == -0.1);
    CHECK(*dfl_f64_map_get(&back.by_number, DFL_STR("key 17")) == 17);
    CHECK(back.text.p[back.text.n] == '\0' && dfl_str_eq(back.text, s->text));
    /* What was decoded can be changed as any value. */
    CHECK(dfl_f64_list_push(all_state_ctx(&back), &back.doubles, 9) == DFL_OK);
    CHECK(back.doubles.len == 4 && back.doubles.items[1] == 0.1);
    CHECK(all_decode(&back, bytes->p, bytes->n) == DFL_OK && back.doubles.len == 3);
    all_state_free(&back);
}

static void encoding_appends(const all_state *s, const dfl_buf *bytes) {
    dfl_buf twice = {0};
    CHECK(all_encode(s, &twice) == DFL_OK && all_encode(s, &twice) == DFL_OK);
    CHECK(twice.n == 2 * bytes->n && memcmp(twice.p + bytes->n, bytes->p, bytes->n) == 0);
    dfl_buf_free(&twice);
}

/* Decodes exactly the n bytes (a reader beyond them is seen by the sanitizers): refused with `old`
 * untouched, or accepted and encoded as the very same bytes. */
static int try_bytes(const uint8_t *p, size_t n, const dfl_buf *old) {
    uint8_t *exact = malloc(n ? n : 1);
    all_state s;
    int rc;
    if (n)
        memcpy(exact, p, n);
    all_state_init(&s);
    CHECK(all_decode(&s, old->p, old->n) == DFL_OK);
    rc = all_decode(&s, exact, n);
    if (rc == DFL_OK)
        CHECK(encodes_as(&s, p, n));
    else
        CHECK(encodes_as(&s, old->p, old->n));
    CHECK(rc == DFL_OK || rc == DFL_ECORRUPT || rc == DFL_ESCHEMA);
    all_state_free(&s);
    free(exact);
    return rc;
}

static void nothing_shorter_is_accepted(const dfl_buf *bytes, const dfl_buf *old) {
    for (size_t n = 0; n < bytes->n; n++)
        CHECK(try_bytes(bytes->p, n, old) == DFL_ECORRUPT);
    CHECK(all_decode(&(all_state){0}, NULL, 0) == DFL_ECORRUPT);
}

static void nothing_longer_is_accepted(const dfl_buf *bytes, const dfl_buf *old) {
    uint8_t *longer = malloc(bytes->n + 1);
    memcpy(longer, bytes->p, bytes->n);
    longer[bytes->n] = 0;
    CHECK(try_bytes(longer, bytes->n + 1, old) == DFL_ECORRUPT);
    free(longer);
}

static uint32_t random_u32(void) {
    static uint64_t x = 88172645463325252u;
    x ^= x << 13, x ^= x >> 7, x ^= x << 17;
    return (uint32_t)(x >> 32);
}

static void every_byte_changed(const dfl_buf *bytes, const dfl_buf *old) {
    static const uint8_t with[] = {0x01, 0x80, 0xff};
    uint8_t *changed = malloc(bytes->n);
    memcpy(changed, bytes->p, bytes->n);
    for (size_t i = 0; i < bytes->n; i++)
        for (size_t k = 0; k < sizeof with; k++) {
            int rc;
            changed[i] = bytes->p[i] ^ with[k];
            rc = try_bytes(changed, bytes->n, old);
            CHECK(i != 0 || rc == DFL_ECORRUPT);
            CHECK(i < 1 || i > 8 || rc == DFL_ESCHEMA);
            changed[i] = bytes->p[i];
        }
    free(changed);
}

static void random_bytes_changed(const dfl_buf *bytes, const dfl_buf *old) {
    uint8_t *changed = malloc(bytes->n);
    for (int round = 0; round < 3000; round++) {
        size_t n = bytes->n;
        memcpy(changed, bytes->p, n);
        for (uint32_t k = random_u32() % 8; k < 8; k++)
            changed[9 + random_u32() % (n - 9)] = (uint8_t)random_u32();
        if (round % 4 == 0)
            n -= random_u32() % (n / 2);
        try_bytes(changed, n, old);
    }
    free(changed);
}

/* A length that the bytes cannot pay for is refused before anything is allocated for it. */
static void no_memory_bomb(const dfl_buf *bytes, const dfl_buf *old) {
    static const uint8_t most[] = {0xff, 0xff, 0xff, 0xff, 0x0f};
    uint8_t *changed = malloc(bytes->n);
    for (size_t i = 9; i + sizeof most <= bytes->n; i++) {
        memcpy(changed, bytes->p, bytes->n);
        memcpy(changed + i, most, sizeof most);
        try_bytes(changed, bytes->n, old);
    }
    free(changed);
}

static void out_of_memory(const all_state *s, const dfl_buf *bytes, const dfl_buf *old) {
    all_state back;
    int rc = DFL_ENOMEM;
    all_state_init(&back);
    CHECK(all_decode(&back, old->p, old->n) == DFL_OK);
    for (long n = 0; rc == DFL_ENOMEM && n < 1000; n++) {
        dfl__fail_after(n);
        rc = all_decode(&back, bytes->p, bytes->n);
        dfl__fail_after(-1);
        CHECK(rc == DFL_OK || (rc == DFL_ENOMEM && encodes_as(&back, old->p, old->n)));
    }
    CHECK(rc == DFL_OK && encodes_as(&back, bytes->p, bytes->n));
    all_state_free(&back);
    dfl__fail_after(0);
    CHECK(all_encode(s, &(dfl_buf){0}) == DFL_ENOMEM);
    dfl__fail_after(-1);
}

/* A chain of `depth` trees, each in the one before. */
static tree chain(dfl_ctx *ctx, int depth) {
    tree t = leaf(ctx, 0);
    for (int i = 1; i < depth; i++) {
        tree around = leaf(ctx, i);
        tree_list_push(ctx, &around.children, t);
        t = around;
    }
    return t;
}

static void depth_has_a_limit(void) {
    all_state s, back;
    dfl_buf bytes = {0};
    all_state_init(&s);
    all_state_init(&back);
    s.root = chain(all_state_ctx(&s), 1000);
    CHECK(all_encode(&s, &bytes) == DFL_OK);
    CHECK(all_decode(&back, bytes.p, bytes.n) == DFL_OK);
    s.root = chain(all_state_ctx(&s), 1001);
    CHECK(all_encode(&s, &bytes) == DFL_EINVAL);
    all_state_free(&s);
    all_state_free(&back);
    dfl_buf_free(&bytes);
}

static void another_schema_is_refused(void) {
    other_state a;
    another_state b;
    dfl_buf bytes = {0};
    other_state_init(&a);
    another_state_init(&b);
    a.flag = true;
    CHECK(other_encode(&a, &bytes) == DFL_OK && bytes.n == 10);
    CHECK(another_decode(&b, bytes.p, bytes.n) == DFL_ESCHEMA && !b.flog);
    bytes.p[9] = 2;
    CHECK(other_decode(&a, bytes.p, bytes.n) == DFL_ECORRUPT && a.flag);
    other_state_free(&a);
    another_state_free(&b);
    dfl_buf_free(&bytes);
}

/* A number that is none of the enum's is kept. */
static void unknown_enum_values_stay(void) {
    all_state s;
    dfl_buf bytes = {0};
    all_state_init(&s);
    s.now = (mood)77;
    CHECK(all_encode(&s, &bytes) == DFL_OK);
    s.now = mood_calm;
    CHECK(all_decode(&s, bytes.p, bytes.n) == DFL_OK && (int)s.now == 77);
    all_state_free(&s);
    dfl_buf_free(&bytes);
}

int main(void) {
    all_state s, empty;
    dfl_buf bytes = {0}, old = {0};
    all_state_init(&s);
    all_state_init(&empty);
    empty.d = 2.5;
    fill(&s);
    CHECK(all_encode(&s, &bytes) == DFL_OK && all_encode(&empty, &old) == DFL_OK);
    what_goes_in_comes_back(&s, &bytes);
    what_goes_in_comes_back(&s, &bytes);
    encoding_appends(&s, &bytes);
    nothing_shorter_is_accepted(&bytes, &old);
    nothing_longer_is_accepted(&bytes, &old);
    every_byte_changed(&bytes, &old);
    random_bytes_changed(&bytes, &old);
    no_memory_bomb(&bytes, &old);
    out_of_memory(&s, &bytes, &old);
    depth_has_a_limit();
    another_schema_is_refused();
    unknown_enum_values_stay();
    all_state_free(&s);
    all_state_free(&empty);
    dfl_buf_free(&bytes);
    dfl_buf_free(&old);
    return failures != 0;
}
