// What generated encoders and decoders share: numbers, lengths, strings, and a state's memory.
#include "runtime/arena.h"
#include "rt.h"

static void numbers_are_little_endian(void **state) {
    uint8_t at[8];
    (void)state;
    dfl__put_u32(at, 0x01020304);
    assert_memory_equal(at, "\x04\x03\x02\x01", 4);
    assert_true(dfl__get_u32(at) == 0x01020304);
    dfl__put_i16(at, -2);
    assert_memory_equal(at, "\xfe\xff", 2);
    assert_true(dfl__get_i16(at) == -2);
    dfl__put_f64(at, 1.0);
    assert_memory_equal(at, "\0\0\0\0\0\0\xf0\x3f", 8);
    assert_true(dfl__get_f64(at) == 1.0);
}

static void check_varint(uint64_t v, size_t size) {
    uint8_t bytes[DFL__VARINT_MAX];
    dfl__in in = {bytes, NULL};
    uint64_t back;
    in.end = dfl__put_varint(bytes, v);
    assert_int_equal(dfl__left(&in), size);
    assert_int_equal(dfl__varint_size(v), size);
    assert_true(dfl__get_varint(&in, &back) && back == v && in.at == in.end);
    for (size_t n = 0; n < size; n++) {
        dfl__in cut = {bytes, bytes + n};
        assert_false(dfl__get_varint(&cut, &back));
    }
}

static void every_length_of_varint(void **state) {
    (void)state;
    check_varint(0, 1);
    for (unsigned bits = 1; bits <= 64; bits++) {
        check_varint(UINT64_MAX >> (64 - bits), (bits + 6) / 7);
        check_varint(UINT64_C(1) << (bits - 1), (bits + 6) / 7);
    }
}

static void only_the_shortest_varint_is_one(void **state) {
    static const struct {
        const char *bytes;
        size_t n;
    } wrong[] = {
        {"\x80\x00", 2},
        {"\xff\x80\x00", 3},
        {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10},
        {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x81\x00", 11},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        const uint8_t *p = (const uint8_t *)wrong[i].bytes;
        dfl__in in = {p, p + wrong[i].n};
        uint64_t v;
        assert_false(dfl__get_varint(&in, &v));
    }
}

static int count_of(const char *bytes, size_t n, size_t least, uint32_t *count) {
    dfl__in in = {(const uint8_t *)bytes, (const uint8_t *)bytes + n};
    return dfl__get_count(&in, least, count);
}

static void a_count_is_paid_for(void **state) {
    uint32_t n;
    (void)state;
    assert_int_equal(count_of("\x02....", 5, 2, &n), DFL_OK);
    assert_int_equal(n, 2);
    assert_int_equal(count_of("\x03....", 5, 2, &n), DFL_ECORRUPT);
    assert_int_equal(count_of("\xff\xff\xff\xff\xff\x7f....", 10, 1, &n), DFL_ECORRUPT);
    assert_int_equal(count_of("", 0, 1, &n), DFL_ECORRUPT);
    assert_int_equal(count_of("\x00", 1, 1, &n), DFL_OK);
}

static void strings_end_with_nul(void **state) {
    dfl_ctx *ctx = dfl_ctx_new(NULL);
    const uint8_t bytes[] = "\x03"
                            "a\0b"
                            "\x00"
                            "\x02"
                            "xy"
                            "\x09"
                            "short";
    dfl__in in = {bytes, bytes + sizeof bytes - 1};
    dfl_str s;
    dfl_bytes raw;
    (void)state;
    assert_int_equal(dfl__get_str(&in, ctx, &s), DFL_OK);
    assert_true(s.n == 3 && memcmp(s.p, "a\0b\0", 4) == 0);
    assert_int_equal(dfl__get_str(&in, ctx, &s), DFL_OK);
    assert_true(s.n == 0 && s.p[0] == '\0');
    assert_int_equal(dfl__get_bytes(&in, ctx, &raw), DFL_OK);
    assert_true(raw.n == 2 && memcmp(raw.p, "xy", 2) == 0);
    assert_int_equal(dfl__get_bytes(&in, ctx, &raw), DFL_ECORRUPT);
    dfl_ctx_free(ctx);
}

static void no_memory_is_told(void **state) {
    dfl_ctx *ctx = dfl_ctx_new(NULL);
    static uint8_t bytes[100000] = {0x90, 0x8d, 0x06}; /* 99984 */
    dfl__in in = {bytes, bytes + sizeof bytes};
    dfl_str s;
    dfl_bytes raw;
    (void)state;
    dfl__fail_after(0);
    assert_int_equal(dfl__get_str(&in, ctx, &s), DFL_ENOMEM);
    in.at = bytes;
    dfl__fail_after(0);
    assert_int_equal(dfl__get_bytes(&in, ctx, &raw), DFL_ENOMEM);
    dfl__fail_after(-1);
    assert_null(dfl__items(ctx, UINT32_MAX, SIZE_MAX / 2));
    assert_null(dfl__items(ctx, 0, 8));
    assert_non_null(dfl__items(ctx, 2, 8));
    dfl_ctx_free(ctx);
}

static int refusal(const void *bytes, size_t n, uint64_t schema) {
    dfl__mem mem = {0};
    dfl__decode in;
    assert_null(dfl__decode_begin(&in, &mem, bytes, n, schema, 8, DFL__NO_TEXTS));
    return in.status;
}

static void headers(void **state) {
    uint8_t bytes[DFL__HEADER_BYTES + 1] = {0};
    dfl__mem mem = {0};
    dfl__decode in;
    (void)state;
    dfl__put_header(bytes, 0x1234);
    for (size_t n = 0; n < DFL__HEADER_BYTES; n++)
        assert_int_equal(refusal(bytes, n, 0x1234), DFL_ECORRUPT);
    assert_int_equal(refusal(NULL, 20, 0x1234), DFL_ECORRUPT);
    assert_int_equal(refusal(bytes, sizeof bytes, 0x1235), DFL_ESCHEMA);
    assert_non_null(dfl__decode_begin(&in, &mem, bytes, sizeof bytes, 0x1234, 8, DFL__NO_TEXTS));
    assert_ptr_equal(in.end, bytes + sizeof bytes);
    assert_int_equal(dfl__decode_failed(&in, in.at), DFL_ECORRUPT); /* a byte is left */
    bytes[0]++;
    assert_int_equal(refusal(bytes, sizeof bytes, 0x1234), DFL_ECORRUPT);
}

enum { MANY = 14 };

/* The strings of these lengths, after `before` other bytes; cut off at `cut` and decoded. */
typedef struct Strings {
    const size_t *lengths;
    size_t n, before;
    uint8_t bytes[DFL__HEADER_BYTES + 32000];
    size_t size;
} Strings;

static void put_strings(Strings *s) {
    uint8_t *end = dfl__put_header(s->bytes, 1);
    memset(end, 0xff, s->before);
    end += s->before;
    for (size_t i = 0; i < s->n; i++) {
        end = dfl__put_varint(end, s->lengths[i]);
        memset(end, 'a' + (int)i, s->lengths[i]);
        end += s->lengths[i];
    }
    s->size = (size_t)(end - s->bytes);
}

static void strings_are(const Strings *s, const dfl_str *all) {
    for (size_t i = 0; i < s->n; i++) {
        assert_int_equal(all[i].n, s->lengths[i]);
        assert_int_equal(strlen(all[i].p), s->lengths[i]);
        assert_true(all[i].n == 0 || all[i].p[all[i].n - 1] == (char)('a' + (int)i));
    }
}

static void read_cut(const Strings *s, size_t cut, size_t texts_at) {
    dfl_str all[MANY];
    dfl__mem mem = {0};
    dfl__decode in;
    const uint8_t *at;
    uint8_t *exact = malloc(cut); /* so that a read behind it is found */
    memcpy(exact, s->bytes, cut);
    assert_non_null(dfl__decode_begin(&in, &mem, exact, cut, 1, 8, texts_at));
    at = dfl__has(&in, in.at, s->before) ? in.at + s->before : NULL;
    for (size_t i = 0; at && i < s->n; i++)
        at = dfl__read_str(&in, at, &all[i]);
    if (cut < s->size) {
        assert_null(at);
        assert_int_equal(dfl__decode_failed(&in, at), DFL_ECORRUPT);
    } else {
        assert_ptr_equal(at, in.end);
        strings_are(s, all);
        assert_int_equal(dfl__decode_commit(&in), DFL_OK);
    }
    dfl__mem_free(&mem);
    free(exact);
}

/* Strings of every length around the limits of a stretch, one after the other, cut off anywhere. */
static void strings_in_stretches(void **state) {
    static const size_t lengths[MANY] = {0,    1,    127,  128, 255, 256,  257,
                                         1023, 1024, 5000, 3,   0,   8191, 2};
    static Strings s = {.lengths = lengths, .n = MANY};
    (void)state;
    put_strings(&s);
    for (size_t cut = s.size - 300; cut <= s.size; cut++)
        read_cut(&s, cut, DFL__NO_TEXTS);
}

/* The first are copied before they are read, as far as they are there. */
static void strings_that_are_copied_at_once(void **state) {
    static const size_t pairs[][2] = {{0, 0},   {5, 190},  {126, 127}, {127, 128},
                                      {128, 3}, {254, 0},  {255, 1},   {256, 2},
                                      {300, 4}, {4, 1023}, {1024, 1}};
    static Strings s = {.n = 2};
    (void)state;
    for (size_t i = 0; i < COUNT(pairs); i++)
        for (s.before = 0; s.before <= 12; s.before += 12) {
            s.lengths = pairs[i];
            put_strings(&s);
            for (size_t cut = DFL__HEADER_BYTES; cut <= s.size; cut++)
                read_cut(&s, cut, s.before);
        }
}

/* What a state held is there again, in as many chunks, and what was read of another is freed. */
static void a_failure_gives_the_memory_back(void **state) {
    static const size_t lengths[] = {40, 6000, 6000, 6000, 6000, 6000};
    static Strings s = {.lengths = lengths, .n = COUNT(lengths)};
    dfl__mem mem = {0};
    dfl_ctx *ctx = dfl__mem_ctx(&mem);
    (void)state;
    for (int round = 0; round < 3;
         round++) { /* the second has a chunk to spare, the third has not */
        dfl_str old, fresh;
        dfl__decode in;
        const uint8_t *at;
        size_t bytes;
        s.n = 1;
        put_strings(&s);
        for (int i = 0; i < 2 && round < 2; i++) {
            assert_non_null(dfl__decode_begin(&in, &mem, s.bytes, s.size, 1, 8, 0));
            assert_ptr_equal(dfl__read_str(&in, in.at, &fresh), in.end);
            assert_int_equal(dfl__decode_commit(&in), DFL_OK);
        }
        for (int i = 0; i < 20; i++) /* more chunks than are found without a table */
            old = dfl_printf(ctx, "%01000d", i);
        bytes = mem.bytes - (mem.spare ? dfl__chunk_size(mem.spare) : 0);
        s.n = COUNT(lengths);
        put_strings(&s);
        assert_non_null(dfl__decode_begin(&in, &mem, s.bytes, s.size - 1, 1, 8, 0));
        for (at = in.at; at;)
            at = dfl__read_str(&in, at, &fresh);
        assert_int_equal(dfl__decode_failed(&in, at), DFL_ECORRUPT);
        assert_int_equal(mem.bytes, bytes + (mem.spare ? dfl__chunk_size(mem.spare) : 0));
        assert_true(dfl__mem_holds(&mem, old.p) && !dfl__mem_holds(&mem, fresh.p));
        assert_true(strlen(old.p) == 1000 && memcmp(old.p + 998, "19", 2) == 0);
    }
    dfl__mem_free(&mem);
}

/* Decoding again and again into one state keeps nothing of what was there. */
static void commit_replaces_the_memory(void **state) {
    uint8_t bytes[DFL__HEADER_BYTES + 2 + 200] = {0};
    dfl__mem mem = {0};
    dfl_ctx *ctx = dfl__mem_ctx(&mem);
    size_t most = 0;
    (void)state;
    dfl__put_varint(dfl__put_header(bytes, 1), 200);
    for (int i = 0; i < 1000; i++) {
        dfl__decode in;
        dfl_str fresh;
        assert_non_null(dfl__decode_begin(&in, &mem, bytes, sizeof bytes, 1, sizeof fresh, 0));
        assert_ptr_equal(dfl__read_str(&in, in.at, &fresh), in.end);
        assert_int_equal(dfl__decode_commit(&in), DFL_OK);
        assert_true(dfl__mem_holds(&mem, fresh.p));
        assert_ptr_equal(dfl__mem_ctx(&mem), ctx);
        most = mem.bytes > most ? mem.bytes : most;
        dfl_strdup(ctx, "more");
    }
    assert_true(most < 8192);
    dfl__mem_free(&mem);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_little_endian),
        cmocka_unit_test(every_length_of_varint),
        cmocka_unit_test(only_the_shortest_varint_is_one),
        cmocka_unit_test(a_count_is_paid_for),
        cmocka_unit_test(strings_end_with_nul),
        cmocka_unit_test(no_memory_is_told),
        cmocka_unit_test(headers),
        cmocka_unit_test(strings_in_stretches),
        cmocka_unit_test(strings_that_are_copied_at_once),
        cmocka_unit_test(a_failure_gives_the_memory_back),
        cmocka_unit_test(commit_replaces_the_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
