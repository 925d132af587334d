/* msgpack-c: packing into an sbuffer that is kept; unpacking to objects in a zone that is kept, and from
 * there, every type checked, to a C struct (Content), whose texts and lists lie in the same zone. Structs
 * are arrays without names: the least that msgpack can write. */
#include <stdlib.h>
#include <string.h>

#include <msgpack.h>

#include "codec.h"

enum { ZONE_CHUNK = 64 << 10 };

typedef struct Msgpack {
    const Content *value;
    Content decoded;
    msgpack_sbuffer bytes;
    msgpack_packer packer;
    msgpack_zone zone;
} Msgpack;

/* ---- packing ---- */

static void pack_text(msgpack_packer *pk, Text text) {
    msgpack_pack_str_with_body(pk, text.p, text.n);
}

static void pack_texts(msgpack_packer *pk, const Text *texts, size_t n) {
    msgpack_pack_array(pk, n);
    for (size_t i = 0; i < n; i++)
        pack_text(pk, texts[i]);
}

static void pack_pairs(msgpack_packer *pk, const Content *c) {
    msgpack_pack_map(pk, c->n_pairs);
    for (size_t i = 0; i < c->n_pairs; i++) {
        pack_text(pk, c->keys[i]);
        pack_text(pk, c->values[i]);
    }
}

static void pack_small(msgpack_packer *pk, const Content *c) {
    msgpack_pack_array(pk, 3);
    msgpack_pack_uint32(pk, c->counter);
    pack_text(pk, c->status);
    pack_text(pk, c->value);
}

static void pack_medium(msgpack_packer *pk, const Content *c) {
    msgpack_pack_array(pk, 3);
    pack_texts(pk, c->texts, c->n_texts);
    pack_pairs(pk, c);
    msgpack_pack_array(pk, c->n_numbers);
    for (size_t i = 0; i < c->n_numbers; i++)
        msgpack_pack_uint32(pk, c->numbers[i]);
}

static void pack_large(msgpack_packer *pk, const Content *c) {
    msgpack_pack_array(pk, 3);
    pack_texts(pk, c->texts, c->n_texts);
    pack_pairs(pk, c);
    msgpack_pack_array(pk, c->n_blocks);
    for (size_t i = 0; i < c->n_blocks; i++)
        msgpack_pack_bin_with_body(pk, c->blocks[i].p, c->blocks[i].n);
}

static void pack_records(msgpack_packer *pk, const Content *c) {
    msgpack_pack_array(pk, 3);
    msgpack_pack_uint32(pk, c->counter);
    msgpack_pack_array(pk, c->n_lines);
    for (size_t i = 0; i < c->n_lines; i++) {
        const Line *line = &c->lines[i];
        msgpack_pack_array(pk, 5);
        pack_text(pk, line->symbol);
        msgpack_pack_double(pk, line->price);
        msgpack_pack_uint64(pk, line->volume);
        line->open ? msgpack_pack_true(pk) : msgpack_pack_false(pk);
        pack_texts(pk, line->tags, N_TAGS);
    }
    msgpack_pack_array(pk, c->n_series);
    for (size_t i = 0; i < c->n_series; i++)
        msgpack_pack_double(pk, c->series[i]);
}

/* ---- objects to structs ---- */

static void *room(msgpack_zone *zone, size_t n) {
    void *p = msgpack_zone_malloc(zone, n ? n : 1);
    must(p, "msgpack-c is out of memory");
    return p;
}

static const msgpack_object_array *items(const msgpack_object *o) {
    must(o->type == MSGPACK_OBJECT_ARRAY, "msgpack: no array");
    return &o->via.array;
}

static const msgpack_object *members(const msgpack_object *o, uint32_t n) {
    const msgpack_object_array *array = items(o);
    must(array->size == n, "msgpack: an array of another length");
    return array->ptr;
}

static uint64_t number(const msgpack_object *o, uint64_t most) {
    must(o->type == MSGPACK_OBJECT_POSITIVE_INTEGER && o->via.u64 <= most, "msgpack: no such number");
    return o->via.u64;
}

static double real(const msgpack_object *o) {
    must(o->type == MSGPACK_OBJECT_FLOAT64, "msgpack: no double");
    return o->via.f64;
}

static Text copy(msgpack_zone *zone, const char *p, size_t n) {
    char *to = msgpack_zone_malloc_no_align(zone, n + 1);
    must(to, "msgpack-c is out of memory");
    memcpy(to, p, n);
    to[n] = '\0';
    return (Text){to, n};
}

static Text text(msgpack_zone *zone, const msgpack_object *o) {
    must(o->type == MSGPACK_OBJECT_STR, "msgpack: no string");
    return copy(zone, o->via.str.ptr, o->via.str.size);
}

static size_t texts(msgpack_zone *zone, const msgpack_object *o, Text **all) {
    const msgpack_object_array *array = items(o);
    *all = room(zone, array->size * sizeof **all);
    for (size_t i = 0; i < array->size; i++)
        (*all)[i] = text(zone, &array->ptr[i]);
    return array->size;
}

static void pairs(msgpack_zone *zone, const msgpack_object *o, Content *c) {
    must(o->type == MSGPACK_OBJECT_MAP, "msgpack: no map");
    c->n_pairs = o->via.map.size;
    c->keys = room(zone, c->n_pairs * sizeof *c->keys);
    c->values = room(zone, c->n_pairs * sizeof *c->values);
    for (size_t i = 0; i < c->n_pairs; i++) {
        c->keys[i] = text(zone, &o->via.map.ptr[i].key);
        c->values[i] = text(zone, &o->via.map.ptr[i].val);
    }
}

static void unpack_small(msgpack_zone *zone, const msgpack_object *o, Content *c) {
    const msgpack_object *m = members(o, 3);
    c->counter = (uint32_t)number(&m[0], UINT32_MAX);
    c->status = text(zone, &m[1]);
    c->value = text(zone, &m[2]);
}

static void unpack_medium(msgpack_zone *zone, const msgpack_object *o, Content *c) {
    const msgpack_object *m = members(o, 3);
    const msgpack_object_array *numbers = items(&m[2]);
    c->n_texts = texts(zone, &m[0], &c->texts);
    pairs(zone, &m[1], c);
    c->n_numbers = numbers->size;
    c->numbers = room(zone, c->n_numbers * sizeof *c->numbers);
    for (size_t i = 0; i < c->n_numbers; i++)
        c->numbers[i] = (uint32_t)number(&numbers->ptr[i], UINT32_MAX);
}

static void unpack_large(msgpack_zone *zone, const msgpack_object *o, Content *c) {
    const msgpack_object *m = members(o, 3);
    const msgpack_object_array *blocks = items(&m[2]);
    c->n_texts = texts(zone, &m[0], &c->texts);
    pairs(zone, &m[1], c);
    c->n_blocks = blocks->size;
    c->blocks = room(zone, c->n_blocks * sizeof *c->blocks);
    for (size_t i = 0; i < c->n_blocks; i++) {
        must(blocks->ptr[i].type == MSGPACK_OBJECT_BIN, "msgpack: no bytes");
        c->blocks[i] = copy(zone, blocks->ptr[i].via.bin.ptr, blocks->ptr[i].via.bin.size);
    }
}

static void unpack_line(msgpack_zone *zone, const msgpack_object *o, Line *line) {
    const msgpack_object *m = members(o, 5), *tags = members(&m[4], N_TAGS);
    line->symbol = text(zone, &m[0]);
    line->price = real(&m[1]);
    line->volume = number(&m[2], UINT64_MAX);
    must(m[3].type == MSGPACK_OBJECT_BOOLEAN, "msgpack: no bool");
    line->open = m[3].via.boolean;
    for (size_t i = 0; i < N_TAGS; i++)
        line->tags[i] = text(zone, &tags[i]);
}

static void unpack_records(msgpack_zone *zone, const msgpack_object *o, Content *c) {
    const msgpack_object *m = members(o, 3);
    const msgpack_object_array *lines = items(&m[1]), *series = items(&m[2]);
    c->counter = (uint32_t)number(&m[0], UINT32_MAX);
    c->n_lines = lines->size;
    c->lines = room(zone, c->n_lines * sizeof *c->lines);
    for (size_t i = 0; i < c->n_lines; i++)
        unpack_line(zone, &lines->ptr[i], &c->lines[i]);
    c->n_series = series->size;
    c->series = room(zone, c->n_series * sizeof *c->series);
    for (size_t i = 0; i < c->n_series; i++)
        c->series[i] = real(&series->ptr[i]);
}

/* ---- comparing ---- */

static bool same_texts(const Text *a, const Text *b, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!same_text(a[i], b[i].p, b[i].n) || b[i].p[b[i].n] != '\0')
            return false;
    return true;
}

static bool same_lines(const Line *a, const Line *b, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!same_texts(&a[i].symbol, &b[i].symbol, 1) || a[i].price != b[i].price ||
            a[i].volume != b[i].volume || a[i].open != b[i].open ||
            !same_texts(a[i].tags, b[i].tags, N_TAGS))
            return false;
    return true;
}

static bool same_numbers(const void *a, const void *b, size_t n) {
    return n == 0 || memcmp(a, b, n) == 0;
}

static bool same(const void *self) {
    const Msgpack *m = self;
    const Content *a = m->value, *b = &m->decoded;
    return a->counter == b->counter && a->n_texts == b->n_texts && a->n_pairs == b->n_pairs &&
           a->n_numbers == b->n_numbers && a->n_blocks == b->n_blocks && a->n_lines == b->n_lines &&
           a->n_series == b->n_series && (!a->status.p || same_texts(&a->status, &b->status, 1)) &&
           (!a->value.p || same_texts(&a->value, &b->value, 1)) &&
           same_texts(a->texts, b->texts, a->n_texts) && same_texts(a->keys, b->keys, a->n_pairs) &&
           same_texts(a->values, b->values, a->n_pairs) &&
           same_texts(a->blocks, b->blocks, a->n_blocks) && same_lines(a->lines, b->lines, a->n_lines) &&
           same_numbers(a->numbers, b->numbers, a->n_numbers * sizeof *a->numbers) &&
           same_numbers(a->series, b->series, a->n_series * sizeof *a->series);
}

/* ---- measured ---- */

#define BOTH_WAYS(NAME)                                                                            \
    static size_t encode_##NAME(void *self) {                                                      \
        Msgpack *m = self;                                                                         \
        msgpack_sbuffer_clear(&m->bytes);                                                          \
        pack_##NAME(&m->packer, m->value);                                                         \
        return m->bytes.size;                                                                      \
    }                                                                                              \
    static void decode_##NAME(void *self) {                                                        \
        Msgpack *m = self;                                                                         \
        msgpack_object object;                                                                     \
        size_t off = 0;                                                                            \
        msgpack_zone_clear(&m->zone);                                                              \
        must(msgpack_unpack(m->bytes.data, m->bytes.size, &off, &m->zone, &object) ==              \
                 MSGPACK_UNPACK_SUCCESS,                                                           \
             "msgpack-c failed");                                                                  \
        unpack_##NAME(&m->zone, &object, &m->decoded);                                             \
    }

BOTH_WAYS(small)
BOTH_WAYS(medium)
BOTH_WAYS(large)
BOTH_WAYS(records)

static void *open(Kind kind) {
    Msgpack *m = calloc(1, sizeof *m);
    must(m && msgpack_zone_init(&m->zone, ZONE_CHUNK), "out of memory");
    m->value = content_of(kind);
    msgpack_sbuffer_init(&m->bytes);
    msgpack_packer_init(&m->packer, &m->bytes, msgpack_sbuffer_write);
    return m;
}

static void close(void *self) {
    Msgpack *m = self;
    msgpack_sbuffer_destroy(&m->bytes);
    msgpack_zone_destroy(&m->zone);
    free(m);
}

const Codec codec_msgpack = {
    .name = "msgpack-c",
    .open = open,
    .encode = {encode_small, encode_medium, encode_large, encode_records},
    .decode = {decode_small, decode_medium, decode_large, decode_records},
    .same = same,
    .close = close,
};
